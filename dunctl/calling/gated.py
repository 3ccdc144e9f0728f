"""The gate before the list: only half-hours that no rule blocks are open to calls."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache

from dunctl import dates
from dunctl.calling.windows import Spans, half_hours
from dunctl.case.records import Person
from dunctl.steps.guard import Asked, Finding, open_slots, verdict
from dunctl.steps.packs import Pack
from dunctl.steps.standing import Standing
from dunctl.words import t


def gated(
    at: Standing, person: Person | None, allowed: Spans, desk: Spans, packs: Sequence[Pack]
) -> tuple[Spans, Finding | None]:
    """Return the part of ``allowed`` in whole half-hours that no rule blocks."""
    if not packs:
        return allowed, None
    free: Spans = []
    worst = None
    for minutes, spans in _by_length(tuple(desk)):
        asked = Asked(person, minutes=minutes)
        starts = tuple(start for start, _ in spans)
        opened, finding = open_slots(at, packs, asked, starts, minutes)
        free += [span for span, is_open in zip(spans, opened, strict=True) if is_open]
        worst = finding or worst
    return dates.intersect(allowed, dates.merge(sorted(free))), worst


@lru_cache(maxsize=8)
def _by_length(
    desk: tuple[tuple[datetime, datetime], ...],
) -> tuple[tuple[int, tuple[tuple[datetime, datetime], ...]], ...]:
    """Return the desk's half-hours by their length in minutes: whole ones, and what is left."""
    groups: dict[int, list[tuple[datetime, datetime]]] = {}
    for start, end in half_hours(desk):
        groups.setdefault(int((end - start).total_seconds()) // 60, []).append((start, end))
    return tuple((minutes, tuple(spans)) for minutes, spans in groups.items())


def blocked(
    at: Standing, person: Person | None, finding: Finding, packs: Sequence[Pack]
) -> tuple[str, date | None]:
    """Return in words what blocks a case today, and the first day on which nothing does."""
    found = verdict(at, packs, Asked(person, minutes=30), at.now)
    until = found.next_allowed.astimezone(at.zone).date() if found.next_allowed else None
    return f"{t(finding.rule.title)} ({finding.reason})", until
