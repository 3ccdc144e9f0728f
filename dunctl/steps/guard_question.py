"""One question to the gate: a case, a contact, and which spans of time its rules close."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import tzinfo
from functools import lru_cache

from dunctl import dates
from dunctl.case.lines import Path
from dunctl.case.records import Debtor, Person
from dunctl.steps.guard_because import because
from dunctl.steps.guard_clock import (
    DAY,
    FOREVER,
    Piece,
    Spans,
    cover,
    overlap,
    piece_at,
    pieces,
    shifted,
    without,
)
from dunctl.steps.guard_exceptions import opens, possible
from dunctl.steps.guard_facts import Asked, Facts
from dunctl.steps.guard_gate import Gate, Ruled, gate_of
from dunctl.steps.guard_rules import (
    JOURNAL,
    NEVER,
    pointless,
    wall_closed,
    wall_opens,
)
from dunctl.steps.guard_sort import Calendars, Habits
from dunctl.steps.packs import Pack, Rule, reason
from dunctl.steps.standing import Standing
from dunctl.tuples import NamedTuple

HORIZON = 400
"""Days in which the next allowed time is looked for."""
AHEAD = 3 * DAY
"""Minutes for which rules of the journal are looked at ahead where exceptions come and go."""


class Finding(NamedTuple):
    """A rule that a contact goes against: ``warn`` or ``block``, and where the case says so."""

    level: str
    reason: str
    rule: Rule
    pack: str
    because: Path | None


class Barred(NamedTuple):
    """When rules of the journal block a contact, in minutes, if nothing more is written.

    That is exact until the minute ``exact``. With ``asks``, exceptions of the journal open what
    rules of the clock close, so that only the gate itself can tell.
    """

    spans: Spans
    exact: int
    asks: bool


class _Wall(NamedTuple):
    """What the rules of the clock close of one day, in its minutes: each of them, and in all."""

    each: tuple[Spans, ...]
    blocked: Spans


@lru_cache(maxsize=1 << 14)
def _wall(gate: Gate, habits: Habits, calendars: Calendars, day: int) -> _Wall:
    each = tuple(
        tuple(wall_closed(one.rule.what, one.static, habits, calendars, day)) for one in gate.clock
    )
    blocking = [spans for one, spans in zip(gate.clock, each, strict=True) if one.level == "block"]
    return _Wall(each, tuple(dates.merge(span for spans in blocking for span in spans)))


@lru_cache(maxsize=1 << 14)
def _free(
    gate: Gate,
    habits: Habits,
    calendars: Calendars,
    zone: tzinfo,
    begins: tuple[int, ...],
    minutes: int,
) -> tuple[bool, ...]:
    """Return which spans the rules of the clock leave free in one zone, exceptions apart."""
    closed = [
        span
        for piece in pieces(zone, min(begins), max(begins) + minutes)
        for span in shifted(_wall(gate, habits, calendars, piece.day).blocked, piece)
    ]
    return tuple(not overlap(closed, begin, begin + minutes) for begin in begins)


def clock_closed(
    gate: Gate,
    habits: Habits,
    calendars: Calendars,
    zones: Sequence[tzinfo],
    first: int,
    last: int,
) -> list[tuple[int, int]]:
    """Return when the rules of the clock block a contact between two minutes, exceptions apart."""
    return [
        span
        for zone in _count(gate, zones)
        for piece in pieces(zone, first, last)
        for span in shifted(_wall(gate, habits, calendars, piece.day).blocked, piece)
    ]


def _count(gate: Gate, zones: Sequence[tzinfo]) -> Sequence[tzinfo]:
    """Return the zones whose clocks count."""
    return zones if gate.blocking_zones() else zones[:1]


def first_open(
    zone: tzinfo, first: int, needed: int, closed_in: Callable[[Piece], list[tuple[int, int]]]
) -> int | None:
    """Return the first minute from which so many are open, within ``HORIZON`` days."""
    since: int | None = None
    minute = first
    while minute < first + HORIZON * DAY:
        piece = piece_at(zone, minute)
        for start, end in [*dates.merge(closed_in(piece)), (piece.end, piece.end)]:
            if minute < min(start, piece.end):
                since = minute if since is None else since
                if min(start, piece.end) - since >= needed:
                    return since
                minute = min(start, piece.end)
            if start >= piece.end:
                break
            if end > minute:
                since, minute = None, end
    return None


def habits_of(debtor: Debtor, person: Person | None) -> Habits:
    """Return what rules of the clock look at: the person's times, else the debtor's."""
    if person is None:
        return Habits(debtor.lunch, debtor.hours, (), (), False)
    return Habits(
        person.lunch or debtor.lunch,
        person.hours or debtor.hours,
        person.prefer,
        person.avoid,
        person.no_work_calls,
    )


def _recorded(at: Standing, person: Person | None) -> bool:
    """Return whether the case says what somebody is to it; ``other`` may be for want of a role."""
    if person is None or person.role != "other":
        return True
    tables = at.case.data.get("person", [])
    return any("role" in table for table in tables if table.get("name") == person.name)


class Question:
    """The gate of a contact, and the facts that its rules go by."""

    __slots__ = ("blocking", "facts", "gate", "possible", "zoned")

    def __init__(self, at: Standing, packs: Sequence[Pack], asked: Asked) -> None:
        self.gate = gate = gate_of(packs, asked.channel, asked.purpose)
        self.facts = Facts(at, asked, gate.lookback)
        self.possible: frozenset[str] | None = None
        self.blocking = gate.known_outsider if _recorded(at, asked.person) else gate.blocking
        self.zoned = bool(at.case.debtor.timezone)

    @property
    def habits(self) -> Habits:
        """Return what rules of the clock look at."""
        return habits_of(self.facts.at.case.debtor, self.facts.asked.person)

    @property
    def calendars(self) -> Calendars:
        """Return the calendars that rules of the clock go by."""
        return Calendars(self.facts.at.calendar, self.facts.at.nationwide)

    @property
    def others(self) -> list[tzinfo]:
        """Return the time zones that count beside the first one."""
        more = self.facts.at.case.debtor.timezone[1:] if self.gate.zones else ()
        return [dates.zone(name) for name in more]

    def _opens(self, one: Ruled, clock: bool) -> list[tuple[int, int]]:
        """Return what those exceptions of a rule give free that depend on the journal."""
        if self.possible is None:
            self.possible = possible(self.facts)
        if one.dynamic.isdisjoint(self.possible):
            return []
        return [
            span
            for word in one.dynamic & self.possible
            for span in opens(self.facts, word, clock, one.consent_days)
        ]

    def _journal_closed(self, one: Ruled, piece: Piece) -> Spans:
        """Return when a rule of the journal forbids the contact: in the piece, and surely later."""
        what = one.rule.what
        closed = JOURNAL[type(what)](what, self.facts, piece)
        if not closed:
            return NEVER
        if one.dynamic:
            closed = without(closed, self._opens(one, False))
        if one.static:
            given = wall_opens(one.static, self.habits, self.calendars, piece.day)
            here = dates.intersect(closed, [(piece.start, piece.end)])
            closed = without(here, shifted(given, piece))
        return closed

    def _clock_closed(self, nth: int, here: Iterable[Piece]) -> Spans:
        """Return when the ``nth`` rule of the clock forbids the contact in pieces of time."""
        one, habits, calendars = self.gate.clock[nth], self.habits, self.calendars
        closed = [
            span
            for piece in here
            for span in shifted(_wall(self.gate, habits, calendars, piece.day).each[nth], piece)
        ]
        return without(closed, self._opens(one, True)) if one.dynamic else closed

    def _elsewhere(self, first: int, last: int, level: str) -> list[tuple[int, int]]:
        """Return when rules of the clock, of a level, forbid the contact in another zone."""
        return [
            span
            for zone in self.others
            for nth, one in enumerate(self.gate.clock)
            if one.level == level
            for span in self._clock_closed(nth, pieces(zone, first, last))
        ]

    def _clock_blocked(self, first: int, last: int) -> list[tuple[int, int]]:
        """Return when the rules of the clock block the contact, in every zone that counts."""
        if not self.zoned:
            return []
        here = pieces(self.facts.zone, first, last)
        closed = [
            span
            for nth, one in enumerate(self.gate.clock)
            if one.level == "block"
            for span in self._clock_closed(nth, here)
        ]
        if self.others and self.gate.blocking_zones():
            closed += self._elsewhere(first, last, "block")
        return closed

    def findings(self, first: int, last: int) -> Iterator[Finding]:
        """Yield what the minutes from ``first`` until ``last`` go against, by rank."""
        here = pieces(self.facts.zone, first, last)
        for one in self.gate.zones:
            hits = [
                level
                for level in ("block", "warn")
                if overlap(self._elsewhere(first, last, level), first, last)
            ]
            if hits or not self.zoned:
                level = "block" if one.level == "block" and hits != ["warn"] else "warn"
                yield self._finding(one, first)._replace(level=level)
        for one in self.gate.journal:
            for piece in here:
                if overlap(self._journal_closed(one, piece), first, last):
                    level = "block" if one in self.blocking.rules else "warn"
                    yield self._finding(one, piece.start)._replace(level=level)
                    break
        if self.zoned:
            for nth, one in enumerate(self.gate.clock):
                if overlap(self._clock_closed(nth, here), first, last):
                    yield self._finding(one, first)

    def _finding(self, one: Ruled, minute: int) -> Finding:
        where = because(one.rule.what, self.facts, minute)
        return Finding(one.level, reason(one.pack, one.rule), one.rule, one.pack.id, where)

    def next_open(self, first: int) -> int | None:
        """Return the first minute from which on all minutes of the contact are free of blocks."""
        if not self.zoned and self.gate.blocking_zones():
            return None

        def closed_in(piece: Piece) -> list[tuple[int, int]]:
            closed = self._clock_blocked(piece.start, piece.end)
            for one in self.blocking.rules:
                closed += self._journal_closed(one, piece)
            return closed

        return first_open(self.facts.zone, first, max(self.facts.asked.minutes, 1), closed_in)

    def barred(self) -> Barred:
        """Return when rules of the journal block the contact from now on.

        Attempts and rests only run out: what closes nothing now never will, and one jump from end
        to end is enough; where exceptions come and go, or rules are tied to the wall clock, piece
        by piece, for a while.
        """
        first = self.facts.now
        asks = self._gives(self.gate.clock, True, first)
        nothing = pointless(self.facts)
        now = piece_at(self.facts.zone, first)
        closing = [
            one
            for kind, rules in self.blocking.by_kind.items()
            if kind not in nothing
            for one in rules
            if JOURNAL[kind](one.rule.what, self.facts, now)
        ]
        if self.blocking.walled or self._gives(self.blocking.rules, False, first):
            closed = [
                span
                for piece in pieces(self.facts.zone, first, first + AHEAD)
                for one in closing
                for span in dates.intersect(
                    self._journal_closed(one, piece), [(piece.start, piece.end)]
                )
            ]
            return Barred(tuple(dates.merge(closed)), first + AHEAD, asks)
        minute = first
        while closing and minute < FOREVER:
            piece = piece_at(self.facts.zone, minute)
            ends = [
                end
                for one in closing
                for _, end in self._journal_closed(one, piece)
                if end > minute
            ]
            if not ends:
                break
            minute = max(ends)
        return Barred(((0, minute),) if minute > first else NEVER, FOREVER, asks)

    def _gives(self, rules: Iterable[Ruled], clock: bool, first: int) -> bool:
        """Return whether an exception of rules that block is given at some time from now on."""
        if self.possible is None:
            self.possible = possible(self.facts)
        return bool(self.possible) and any(
            end > first
            for one in rules
            if one.level == "block" and one.dynamic
            for _, end in self._opens(one, clock)
        )

    def slots(self, begins: tuple[int, ...], minutes: int) -> tuple[list[bool], Finding | None]:
        """Return which spans of ``minutes`` from ``begins`` on are free, and why if none is."""
        first, last = min(begins), max(begins) + minutes
        zones = self.gate.blocking_zones()
        if zones and not self.zoned:
            return [False] * len(begins), self._finding(zones, first)
        partly: list[tuple[Ruled, Spans]] = []
        here = pieces(self.facts.zone, first, last)
        for one in self.blocking.rules:
            closed = self._journal_closed(one, here[0])
            if not closed and len(here) == 1:
                continue
            for piece in here[1:]:
                if not cover(closed, piece.start, piece.end):
                    closed = dates.merge([*closed, *self._journal_closed(one, piece)])
            if cover(closed, first, last):
                return [False] * len(begins), self._finding(one, first)
            if closed:
                partly.append((one, closed))
        free = self._clock_free(begins, minutes, first, last)
        for _, closed in partly:
            free = [
                was and not overlap(closed, begin, begin + minutes)
                for was, begin in zip(free, begins, strict=True)
            ]
        return free, None if any(free) else self._most(partly, begins, minutes)

    def _clock_free(
        self, begins: tuple[int, ...], minutes: int, first: int, last: int
    ) -> list[bool]:
        if not self.zoned:
            return [True] * len(begins)
        given = any(one.dynamic and self._opens(one, True) for one in self.gate.clock)
        if given or self.others:
            closed = dates.merge(self._clock_blocked(first, last))
            return [not overlap(closed, begin, begin + minutes) for begin in begins]
        zone = self.facts.zone
        return list(_free(self.gate, self.habits, self.calendars, zone, begins, minutes))

    def _most(
        self, partly: Sequence[tuple[Ruled, Spans]], begins: tuple[int, ...], minutes: int
    ) -> Finding:
        """Return the finding of the rule that closes most of the spans."""
        first, last = min(begins), max(begins) + minutes
        here = pieces(self.facts.zone, first, last)
        rows = [
            *partly,
            *(
                (one, self._clock_closed(nth, here))
                for nth, one in enumerate(self.gate.clock)
                if one.level == "block"
            ),
        ]
        zones = self.gate.blocking_zones()
        if zones and self.others:
            rows.append((zones, self._elsewhere(first, last, "block")))
        counts = [
            sum(overlap(spans, begin, begin + minutes) for begin in begins) for _, spans in rows
        ]
        return self._finding(rows[counts.index(max(counts))][0], first)
