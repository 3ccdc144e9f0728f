"""What the journal of a case says to the rules: who was contacted when, and what is due when.

Times are minutes (``guard_clock``), days are ordinals in the debtor's zone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import lru_cache

from dunctl.case.records import Contact, Letter, Person, Plan, Promise, Settlement, pairs
from dunctl.case.sendings import sendings
from dunctl.case.vocabulary import UNANSWERED
from dunctl.steps.guard_clock import (
    DAY,
    FOREVER,
    Spans,
    day_start,
    minute_after,
    minute_of,
    piece_at,
)
from dunctl.steps.packs_kinds import COUNTS
from dunctl.steps.promises import due_instant
from dunctl.steps.standing import Standing
from dunctl.tuples import NamedTuple

LIVE = frozenset({"phone", "visit", "chat"})
"""Channels by which one speaks with somebody."""
_AWAY = 2
"""Days by which two places may differ in the date."""
CALL_BACK_BEFORE, CALL_BACK_AFTER = 30, 60
"""Minutes around the time that they named for a call."""

BIT: Mapping[str, int] = {word: 1 << nth for nth, word in enumerate(COUNTS)}
ATTEMPT = sum(
    BIT[word]
    for word in (
        *("unanswered", "voicemail", "third_party", "wrong_number", "conversation"),
        *("visit", "chat"),
    )
)
"""What is an attempt of ours to speak with them."""
_CALLS = {
    "no_answer": BIT["unanswered"],
    "rejected": BIT["unanswered"],
    "left_message": BIT["voicemail"],
    "third_party": BIT["third_party"],
    "wrong_number": BIT["wrong_number"],
}
_MEANT = {"letter_sent": "letter", "visit_done": "visit"}
"""Outcomes that say the channel better than ``phone``, the channel of who names none."""


class Asked(NamedTuple):
    """The contact that is asked about: with whom, how, what for, for how many minutes.

    Without a person it is the debtor's own number; ``minutes`` 0 is an instant.
    """

    person: Person | None = None
    channel: str = "phone"
    purpose: str = "collect"
    minutes: int = 0


class Row(NamedTuple):
    """An entry that caps and rests may count: ``words`` are bits of ``COUNTS``."""

    minute: int
    words: int
    whom: str | None
    channel: str
    record: Contact | Promise | Plan | Settlement | Letter


class CallBack(NamedTuple):
    """A time that they named for a call: asked when, which minute, until the end of that day.

    ``talk`` is the first conversation since they asked, ``attempt`` the first attempt at that time.
    """

    asked: int
    asked_day: int
    moment: int
    day_end: int
    whom: str | None
    channel: str
    talk: int
    attempt: int


@lru_cache(maxsize=2048)
def words_of(direction: str, channel: str, outcome: str, purpose: str) -> tuple[int, str]:
    """Return as what a contact counts, as bits of ``COUNTS``, and its channel.

    0 for service and verification.
    """
    channel = channel_of(channel, outcome)
    talk = channel in LIVE and outcome not in UNANSWERED
    if purpose in ("service", "verify"):
        words = 0
    elif direction == "in":
        words = BIT["incoming"] if talk else 0
    elif channel == "phone":
        words = _CALLS.get(outcome, BIT["conversation"])
    else:
        words = BIT[channel] | (BIT["conversation"] if talk else 0)
    return (words | BIT["locate"] if words and purpose == "locate" else words), channel


def channel_of(channel: str, outcome: str) -> str:
    """Return the channel of a contact: a letter that was sent is none by phone."""
    return _MEANT.get(outcome, channel) if channel == "phone" else channel


def spoken(channel: str, outcome: str) -> bool:
    """Return whether somebody who may decide was spoken with."""
    return channel_of(channel, outcome) in LIVE and outcome not in UNANSWERED


class Facts:
    """The facts of one question; what costs is worked out when a rule wants it, and once.

    Rows older than ``lookback`` days are left out: no cap or rest of the rules reaches back so far.
    """

    __slots__ = (
        *("_back", "_due", "_lookback", "_rows", "asked", "at", "given", "now", "whom", "zone"),
    )

    def __init__(self, at: Standing, asked: Asked, lookback: int) -> None:
        self.at = at
        self.asked = asked
        self.zone = at.zone
        self.now = minute_of(at.now)
        debtor = at.case.debtor
        self.whom = debtor.name if debtor.kind == "consumer" else None
        if asked.person is not None:
            self.whom = asked.person.name
        self._lookback = lookback
        self._rows: list[Row] | None = None
        self._back: list[CallBack] | None = None
        self._due: list[tuple[int, int, int]] | None = None
        self.given: dict[tuple[str, bool, int], Spans] = {}

    def name(self, whom: str | None) -> str | None:
        """Return whom a contact was with; a company's own name says nobody."""
        debtor = self.at.case.debtor
        return None if whom == debtor.name and debtor.kind != "consumer" else whom

    def concerns(self, whom: str | None) -> bool:
        """Return whether a contact with ``whom`` may have been with the person asked about.

        A contact that names nobody may have been with anybody.
        """
        return whom is None or self.whom is None or whom == self.whom

    @property
    def rows(self) -> list[Row]:
        """Return what may be counted, newest first. An agreement without its call is one, too."""
        if self._rows is None:
            self._rows = self._counted()
        return self._rows

    def _counted(self) -> list[Row]:
        at = self.at
        own = None if at.case.debtor.kind == "consumer" else at.case.debtor.name
        since = self.now - self._lookback * DAY
        long_ago = at.now.toordinal() - self._lookback - _AWAY
        rows: list[Row] = []
        known: list[tuple[int, str]] = []
        for c in reversed(at.contacts):
            if c.at.toordinal() < long_ago:
                break
            minute = minute_of(c.at)
            if minute < since:
                break
            words, channel = words_of(c.direction, c.channel, c.outcome, c.purpose)
            known.append((minute, channel))
            if words:
                whom = None if c.whom == own else c.whom
                rows.append(Row(minute, words, whom, channel, c))
        more: list[tuple[datetime, int, str, Promise | Plan | Settlement | Letter]] = [
            (agreed.at, BIT["conversation"], "phone", agreed)
            for agreed in at.agreements
            if agreed.at.toordinal() >= long_ago
        ]
        if at.letters:
            more += [
                (moment, BIT[channel], channel, letter)
                for letter, moment, channel in self._letters()
                if channel not in LIVE
            ]
        if not more:
            return rows
        minutes = {minute for minute, _ in known}
        for moment, words, channel, record in more:
            minute = minute_of(moment)
            told = minute in minutes if channel == "phone" else (minute, channel) in known
            if minute >= since and not told:
                whom = None if record.whom == own else record.whom
                rows.append(Row(minute, words, whom, channel, record))
        rows.sort(key=lambda row: row.minute, reverse=True)
        return rows

    def _letters(self) -> Iterator[tuple[Letter, datetime, str]]:
        """Yield each letter with when it went out and how, as far as that is recorded."""
        case = self.at.case
        out = sendings(case, self.at.now)
        nth_of = {id(letter): entry.nth for entry, letter in pairs(case, Letter)} if out else {}
        for letter in self.at.letters:
            gone = [s for s in out.get(nth_of.get(id(letter), -1), ()) if s.state != "failed"]
            if not gone:
                yield letter, letter.at, letter.channel
            for sending in gone:
                yield letter, sending.at, sending.channel

    def day(self, minute: int) -> int:
        """Return the day of the debtor in which a minute is."""
        return piece_at(self.zone, minute).day

    def counted(
        self, words: tuple[str, ...], consent_days: int | None, person: bool
    ) -> Iterator[Row]:
        """Yield what a cap or a rest counts, newest first; ``person``: only with the one asked."""
        wanted, but = _bits(words)
        asked = "asked" in words or not self.call_backs
        for row in self.rows:
            if (
                row.words & wanted
                and not row.words & but
                and (asked or not self.asked_for(row, consent_days))
                and (not person or self.concerns(row.whom))
            ):
                yield row

    def asked_for(self, row: Row, consent_days: int | None) -> bool:
        """Return whether they had asked for this contact, at most so many days before."""
        return any(
            back.asked < row.minute
            and back.moment - CALL_BACK_BEFORE <= row.minute < back.day_end
            and row.minute <= (back.attempt if consent_days is None else back.talk)
            and row.channel in ("phone", back.channel)
            and (row.whom is None or back.whom is None or row.whom == back.whom)
            and (consent_days is None or self.day(row.minute) - back.asked_day < consent_days)
            for back in self.call_backs
        )

    @property
    def call_backs(self) -> list[CallBack]:
        """Return the times that they named for a call."""
        if self._back is None:
            self._back = [
                self._call_back(c, c.call_back) for c in self.at.contacts if c.call_back is not None
            ]
        return self._back

    def _call_back(self, contact: Contact, moment: datetime) -> CallBack:
        asked, minute = minute_of(contact.at), minute_of(moment)
        talks = [minute_of(c.at) for c in self.at.contacts if spoken(c.channel, c.outcome)]
        talks += [minute_of(agreed.at) for agreed in self.at.agreements]
        talk = min((one for one in talks if one > asked), default=FOREVER)
        tries = [
            minute_of(c.at)
            for c in self.at.contacts
            if words_of(c.direction, c.channel, c.outcome, c.purpose)[0] & ATTEMPT
        ]
        begin = max(minute - CALL_BACK_BEFORE, asked + 1)
        return CallBack(
            asked,
            self.day(asked),
            minute,
            day_start(self.zone, self.day(minute) + 1),
            self.name(contact.whom),
            contact.channel,
            talk,
            min(talk, min((one for one in tries if one >= begin), default=FOREVER)),
        )

    def last_talk(self) -> datetime | None:
        """Return when they were last spoken with."""
        found = [
            next((c.at for c in reversed(self.at.contacts) if spoken(c.channel, c.outcome)), None),
            max((agreed.at for agreed in self.at.agreements), default=None),
        ]
        return max((moment for moment in found if moment is not None), default=None)

    @property
    def promised(self) -> list[tuple[int, int, int]]:
        """Return of all that is awaited and lacks money: index, the minute it is due, its day."""
        if self._due is None:
            self._due = [
                (nth, *self._due_of(state.promise.due))
                for nth, state in enumerate(self.at.awaited)
                if state.status != "kept" and state.missing
            ]
        return self._due

    def _due_of(self, due: date | datetime) -> tuple[int, int]:
        moment = due_instant(due, self.zone)
        last = moment.date() if isinstance(due, datetime) else due
        return minute_after(moment), last.toordinal()

    def plan_end(self) -> int:
        """Return the minute from which the plan is late if nothing more is paid."""
        at = self.at
        if at.plan is None:
            return FOREVER
        coming = at.schedule.next if at.schedule is not None else None
        return minute_after(coming.breaks_at) if coming is not None else FOREVER


@lru_cache(maxsize=256)
def _bits(words: tuple[str, ...]) -> tuple[int, int]:
    """Return the bits of which one must be there, and those that must not."""
    wanted = sum(BIT[word] for word in set(words) - {"asked", "locate"})
    return wanted, 0 if "locate" in words else BIT["locate"]
