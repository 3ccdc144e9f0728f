"""The gate: may this person be contacted in this way at this time, and if not, why and from when.

Every rule closes spans of time; its exceptions open parts of them again. A contact is judged minute
by minute, so that a half-hour is free when each of its minutes is. The gate stands under every
ranking: nothing that is blocked is put on a list, whatever it is worth.

``at`` is the case as it stands at the time in question or before; what is not known yet does not
count. Days, also those that caps and rests count, are the debtor's (the first zone's).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from dunctl import dates
from dunctl.steps.guard_clock import Piece, Spans, instant, minute_of
from dunctl.steps.guard_facts import Asked
from dunctl.steps.guard_gate import gate_of
from dunctl.steps.guard_question import (
    HORIZON,
    Barred,
    Finding,
    Question,
    clock_closed,
    first_open,
    habits_of,
)
from dunctl.steps.guard_sort import Calendars, Habits, Sort
from dunctl.steps.packs import Pack
from dunctl.steps.standing import Standing
from dunctl.tuples import NamedTuple

__all__ = [
    "HORIZON",
    "Asked",
    "Barred",
    "Calendars",
    "Finding",
    "Habits",
    "Sort",
    "Verdict",
    "barred",
    "closed_by_the_clock",
    "habits_of",
    "next_open",
    "open_slots",
    "verdict",
]


class Verdict(NamedTuple):
    """The answer: ``allow``, ``warn`` or ``block``, its findings, the worst first.

    ``next_allowed`` is the moment itself unless it is blocked, else, in UTC, the first minute from
    which nothing blocks the contact; ``None`` if there is none within ``HORIZON`` days.
    """

    verdict: str
    findings: tuple[Finding, ...]
    next_allowed: datetime | None


def verdict(at: Standing, packs: Sequence[Pack], asked: Asked, moment: datetime) -> Verdict:
    """Return whether a contact is allowed at ``moment``, for all of its minutes."""
    question = Question(at, packs, asked)
    minute = minute_of(moment)
    found = list(question.findings(minute, minute + max(asked.minutes, 1)))
    found.sort(key=lambda finding: finding.level != "block")
    if not found or found[0].level != "block":
        return Verdict("warn" if found else "allow", tuple(found), moment)
    following = question.next_open(minute)
    return Verdict("block", tuple(found), instant(following) if following is not None else None)


def open_slots(
    at: Standing,
    packs: Sequence[Pack],
    asked: Asked,
    starts: Sequence[datetime],
    minutes: int = 30,
) -> tuple[list[bool], Finding | None]:
    """Return for each start whether a contact of so many minutes is free of ``block``.

    The second part is, if none is, the finding that explains it best: of the rule that closes them
    all, else of that which closes most. Warnings do not count. Give tuples of packs and of starts,
    the same ones for case after case: what follows from them alone is then worked out once.
    """
    if not starts:
        return [], None
    begins = _minutes(starts) if isinstance(starts, tuple) else tuple(map(minute_of, starts))
    return Question(at, packs, asked).slots(begins, max(minutes, 1))


@lru_cache(maxsize=64)
def _minutes(starts: tuple[datetime, ...]) -> tuple[int, ...]:
    return tuple(map(minute_of, starts))


def barred(at: Standing, packs: Sequence[Pack], asked: Asked) -> Barred:
    """Return when, from ``at.now`` on, rules of the journal block a contact at any hour.

    With ``closed_by_the_clock`` this is what ``open_slots`` says, as long as nothing
    is written.
    """
    return Question(at, packs, asked).barred()


def closed_by_the_clock(sort: Sort, first: int, last: int) -> list[tuple[int, int]]:
    """Return when the rules of the clock forbid a call between two minutes, exceptions apart."""
    gate = gate_of(sort.packs, "phone", "collect")
    zones = [dates.zone(name) for name in sort.zones]
    closed = clock_closed(gate, sort.habits, sort.calendars, zones, first, last)
    return dates.merge(closed)


def next_open(sort: Sort, spans: Spans, moment: datetime, minutes: int) -> int | None:
    """Return the first minute from ``moment`` on from which a call of so many minutes is free.

    By the clock, and outside the ``spans`` that the journal bars.
    """
    gate = gate_of(sort.packs, "phone", "collect")
    zones = [dates.zone(name) for name in sort.zones]

    def closed_in(piece: Piece) -> list[tuple[int, int]]:
        start, end = piece.start, piece.end
        return [*clock_closed(gate, sort.habits, sort.calendars, zones, start, end), *spans]

    return first_open(zones[0], minute_of(moment), max(minutes, 1), closed_in)
