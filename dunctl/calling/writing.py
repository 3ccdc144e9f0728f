"""When a message is due instead of a call or beside it, and how to write it (practice J09-J12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time

from dunctl import dates
from dunctl.case.phones import numbers_of
from dunctl.case.records import Person
from dunctl.case.vocabulary import AGENTS
from dunctl.steps.guard import Asked, verdict
from dunctl.steps.guard_facts import LIVE, channel_of
from dunctl.steps.packs import Pack
from dunctl.steps.standing import Standing, in_vain
from dunctl.words import t

_FORMATS: Mapping[str, str] = {"sms": "sms", "email": "eml"}
"""The channels of messages, and the formats of ``letter`` for them."""


def suggestion(at: Standing, packs: Sequence[Pack], person: Person | None) -> str | None:
    """Return that somebody should be written to, and how: words that hold all day.

    After so many calls in vain since they were last spoken or written to (practice A27, J10, J11);
    from the first with a cold debtor (A39, J12) or a forgetful one (J09), unless a message has
    just gone out. Nothing is suggested that the gate does not let through at noon.
    """
    written = _written(at)
    vain = [call for call in in_vain(at) if written is None or call.at > written]
    if 0 < at.policy.frequency.message_after_calls <= len(vain):
        command = _text(at, packs, person) or _call_back(at, packs, person)
        told = t("{count} calls in vain: write ({command})", count=len(vain), command=command)
    elif _rests(at, written):
        return None
    elif at.case.debtor.manner == "cold":
        command = _text(at, packs, person)
        told = t("cold: rather write ({command})", command=command)
    elif (at.case.head.reason or "").startswith("oversight"):
        command = _text(at, packs, person)
        told = t("forgetful: rather write ({command})", command=command)
    else:
        return None
    return told if command else None


def _written(at: Standing) -> datetime | None:
    """Return when we last wrote to them."""
    found = [letter.at for letter in at.letters]
    found += [
        contact.at
        for contact in at.contacts
        if contact.direction == "out" and channel_of(contact.channel, contact.outcome) not in LIVE
    ]
    return max(found, default=None)


def _rests(at: Standing, written: datetime | None) -> bool:
    """Return whether a message is so recent that the next one waits: the cadence of the stage."""
    if written is None:
        return False
    day = written.astimezone(at.zone).date()
    cadence = max(at.policy.stages[at.stage].cadence_working_days, 1)
    return at.today < dates.add_working_days(day, cadence, at.calendar.working)


def _text(at: Standing, packs: Sequence[Pack], person: Person | None) -> str | None:
    """Return the command for the letter of a stage that sends messages, as one of them."""
    stage = at.policy.stages["courtesy" if at.stage == "upcoming" else at.stage]
    own = [channel for channel in stage.channels if channel in _FORMATS]
    for channel in (*own, *_FORMATS) if own and stage.letter else ():
        if _may(at, packs, person, channel) == "allow":
            return f"dunctl letter {at.case.id} {stage.letter} --format {_FORMATS[channel]}"
    return None


def _call_back(at: Standing, packs: Sequence[Pack], person: Person | None) -> str | None:
    """Return the command for a text message with our name and number, no word of the debt (H22)."""
    if _may(at, packs, person, "sms") == "block":
        return None
    return f"dunctl letter {at.case.id} call-back"


def _may(at: Standing, packs: Sequence[Pack], person: Person | None, channel: str) -> str:
    """Return what the gate says of a message at noon of their day; without an address it blocks."""
    agent = person is not None and person.role in AGENTS
    mail = (person.email if person else None) or (None if agent else at.case.debtor.email)
    if not (mail if channel == "email" else numbers_of(at.case, person)):
        return "block"
    noon = datetime.combine(at.today, time(12), at.zone)
    return verdict(at, packs, Asked(person, channel), noon).verdict
