"""``dunctl log``."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from dunctl.calling.people import asked_for
from dunctl.case.fields import closest
from dunctl.case.records import Case, Contact, Hold, Promise, Record
from dunctl.case.vocabulary import CHANNELS, OUTCOMES, VIA
from dunctl.cli.verb import (
    Seat,
    amount,
    day,
    instant,
    moment,
    packs_of,
    person,
    standing_of,
    verb,
    warn,
    write,
    zone,
)
from dunctl.errors import WrongUsage
from dunctl.show.verdict import sentence
from dunctl.steps.dialling import dialling_order
from dunctl.steps.guard import Asked, verdict
from dunctl.store.store import Read, user
from dunctl.words import t

NEEDS = {
    "paid_claimed": ("amount", "on", "place"),
    "partial_offer": ("amount",),
    "inconvenient": ("call_back",),
    "referred": ("to",),
}
"""What an outcome cannot do without (practice G20)."""
_BY = {"letter_sent": "letter", "visit_done": "visit"}
"""The channels of outcomes that are not had by telephone."""
_MEANT = {
    **dict.fromkeys(("busy", "engaged", "unreachable", "no_reply"), "no_answer"),
    **dict.fromkeys(("voicemail", "message", "answering_machine"), "left_message"),
    **dict.fromkeys(("paid", "says_paid", "already_paid"), "paid_claimed"),
    **dict.fromkeys(("call_back", "callback", "later"), "inconvenient"),
    **dict.fromkeys(("promised", "will_pay"), "promise"),
    **dict.fromkeys(("bankrupt", "insolvency", "administration"), "insolvent"),
    **dict.fromkeys(("lawyer", "solicitor"), "represented"),
}
"""Words that people type, and the outcomes that they mean."""


@verb("log")
@click.argument("case")
@click.argument("outcome")
@click.option("--with", "whom", help="With whom; a person of the case.")
@click.option("--channel", type=click.Choice(CHANNELS), help="Phone, letter or visit by default.")
@click.option("--at", metavar="WHEN", help="When; now by default.")
@click.option("-m", "--note", metavar="TEXT", help="What was said, in a line.")
@click.option("--theirs", metavar="TEXT", help="What they said.")
@click.option("--ours", metavar="TEXT", help="What we said.")
@click.option("--refusal", metavar="TEXT", help="Why they disagree.")
@click.option("--result", metavar="TEXT", help="What it came to.")
@click.option("--incoming", is_flag=True, help="They called us.")
@click.option("--purpose", type=click.Choice(("collect", "locate", "verify", "service")))
@click.option("--call-back", metavar="WHEN", help="When they asked to be called (inconvenient).")
@click.option("--amount", "sum_of", metavar="AMOUNT", help="Paid, offered or promised.")
@click.option("--on", metavar="DATE", help="When they say they paid (paid_claimed).")
@click.option("--place", metavar="TEXT", help="Where or how they say they paid (paid_claimed).")
@click.option("--due", metavar="WHEN", help="By when they promise to pay (promise).")
@click.option("--via", type=click.Choice(VIA), help="How they promise to pay (promise).")
@click.option("--to", metavar='"NAME;ROLE;PHONE"', help="Whom to ask instead (referred).")
@click.option("--phone", help="Which number was called, if not their first (wrong_number).")
def command(seat: Seat, case: str, outcome: str, **given: Any) -> int:
    """Record a contact: a call, a message, a visit, theirs or ours.

    OUTCOME is paid_claimed, promise, partial_offer, dispute, complaint, hardship, refused,
    inconvenient, no_answer, rejected, wrong_number, left_message, third_party, referred,
    represented, deceased, insolvent, abusive, ended_early, payment_confirmed, data_updated,
    letter_sent or visit_done. What happened is never refused: what a rule dislikes is recorded with
    a warning. With represented, deceased and insolvent the case is put on hold, too.

    Example: dunctl log acme no_answer
    """
    outcome = outcome.replace("-", "_")
    if outcome not in OUTCOMES:
        raise WrongUsage(
            t("there is no outcome {word}", word=outcome)
            + closest(_MEANT.get(outcome, outcome), list(OUTCOMES))
            + t("; one of {words}", words=", ".join(OUTCOMES))
        )
    if given["phone"] and outcome != "wrong_number":
        raise WrongUsage(t("--phone is for wrong_number: which one was called"))
    lacking = [name for name in NEEDS.get(outcome, ()) if not given[_KEY.get(name, name)]]
    if lacking:
        options = ", ".join(f"--{name.replace('_', '-')}" for name in lacking)
        raise WrongUsage(t("{outcome} needs {options}", outcome=outcome, options=options))
    told: list[str] = []

    def make(_: Read, known: Case) -> list[Record]:
        contact = _contact(seat, known, outcome, given)
        told.extend(_warnings(seat, known, contact))
        told.extend(_reminders(known, contact, given))
        records: list[Record] = [contact]
        if outcome == "promise" and contact.amount and given["due"]:
            from dunctl.cli.promise import beside

            due = moment(seat, given["due"], "--due", "future", zone(seat, known))
            records.append(
                Promise(
                    contact.at, contact.amount, due, None, contact.whom, given["via"], by=contact.by
                )
            )
            records[0] = contact._replace(amount=None)
            told.extend(beside(standing_of(seat, known)))
        if outcome in _HOLDING and outcome not in _held(seat, known):
            records.append(Hold(contact.at, outcome, by=contact.by))
        return records

    _, code = write(seat, case, make)
    for warning in told:
        warn(warning)
    return code


_KEY = {"amount": "sum_of"}
_CONTESTING = {
    "dispute": "what they contest is asked for until it is recorded: "
    "dunctl dispute {id} AMOUNT --about WHAT",
    "complaint": "a complaint puts nothing off; a part of the sum that they contest with it does: "
    "dunctl dispute {id} AMOUNT --about WHAT",
}
_HOLDING = ("represented", "deceased", "insolvent")
"""Outcomes after which nobody is called as before, until the hold is released (practice R2)."""
NOTE_LENGTH = 280
"""A note longer than this is hard to read before the next call (practice G06)."""


def _warnings(seat: Seat, case: Case, contact: Contact) -> list[str]:
    """Return a sentence for each rule that a contact of ours went against, and what is odd in it.

    The gate judges it by what was known just before.
    """
    found = []
    people = {person.name: person for person in case.people}
    if contact.direction == "out":
        asked = Asked(people.get(contact.whom or ""), contact.channel, contact.purpose)
        before = standing_of(seat._replace(now=contact.at), case)
        answer = verdict(before, packs_of(seat, case), asked, contact.at)
        found += [sentence(before, finding, contact.at) for finding in answer.findings]
    stranger = contact.whom and contact.whom not in (*people, case.debtor.name)
    if stranger and contact.outcome != "third_party":
        found.append(
            t(
                '{name} is no person of {id}: dunctl set {id} person "{name};ROLE;PHONE"',
                name=contact.whom,
                id=case.id,
            )
        )
    if contact.note and len(contact.note) > NOTE_LENGTH:
        found.append(t("the note is longer than {n} characters", n=NOTE_LENGTH))
    return found


def _contact(seat: Seat, case: Case, outcome: str, given: dict[str, Any]) -> Contact:
    theirs = zone(seat, case)
    back = given["call_back"]
    value = given["sum_of"]
    wrong = outcome == "wrong_number" and not given["incoming"]
    at = instant(seat, given["at"], "--at", theirs)
    return Contact(
        at,
        given["channel"] or _BY.get(outcome, "phone"),
        outcome,
        user(seat.store),
        given["whom"],
        "in" if given["incoming"] else "out",
        given["purpose"] or ("locate" if outcome == "third_party" else "collect"),
        given["ours"],
        given["theirs"],
        given["refusal"],
        given["result"],
        _later(seat, back, case) if back else None,
        amount(value, case.head.currency, "--amount") if value else None,
        on=day(seat, given["on"], "--on", "past") if given["on"] else None,
        place=given["place"],
        referred_to=person(given["to"]).name if given["to"] else None,
        phone=given["phone"] or (_called(seat, case, given["whom"], at) if wrong else None),
        note=given["note"],
    )


def _called(seat: Seat, case: Case, whom: str | None, when: datetime) -> str | None:
    """Return the number that was to be dialled; without a name, of who is asked for first."""
    before = standing_of(seat._replace(now=when), case)
    if whom is None or whom == case.debtor.name:
        return asked_for(before).phone
    people = [one for one in case.people if one.name == whom]
    return next((number for one in people for number in dialling_order(before, one)), None)


def _held(seat: Seat, case: Case) -> set[str]:
    return {hold.kind for hold in standing_of(seat, case).holds}


def _later(seat: Seat, words: str, case: Case) -> datetime:
    when = moment(seat, words, "--call-back", "future", zone(seat, case))
    if not isinstance(when, datetime):
        raise WrongUsage(t("--call-back needs a clock time, such as {words} 15:00", words=words))
    return when


def _reminders(case: Case, contact: Contact, given: dict[str, Any]) -> list[str]:
    """Return what an outcome asks for next (practice G20, F05, E05, E43, B29)."""
    next_step = {
        "represented": 'dunctl set {id} person "NAME;lawyer;PHONE"',
        "deceased": 'dunctl set {id} person "EXECUTOR;agent;PHONE"',
        "payment_confirmed": "dunctl pay {id} AMOUNT",
    }
    outcome = contact.outcome
    if outcome == "promise" and not (given["sum_of"] and given["due"]):
        return [t("a promise needs how much and when: dunctl promise {id} AMOUNT DUE", id=case.id)]
    if outcome in _CONTESTING:
        from dunctl.show.brief import unrecorded

        return [t(_CONTESTING[outcome], id=case.id)] if unrecorded(case, contact) else []
    if outcome == "referred":
        words = given["to"]
        return [t('keep the number: dunctl set {id} person "{words}"', id=case.id, words=words)]
    if outcome in next_step:
        return [t("next: {command}", command=next_step[outcome].format(id=case.id))]
    return []
