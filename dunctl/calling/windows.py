"""When a debtor may be called today: its hours, the house bounds and the desk's own hours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING

from dunctl import dates
from dunctl.tuples import NamedTuple

if TYPE_CHECKING:
    from dunctl.case.records import Case, Person
    from dunctl.steps.policy import Policy

Minutes = list[tuple[int, int]]
Spans = list[tuple[datetime, datetime]]


class Opening(NamedTuple):
    """What a debtor's open minutes depend on, as hours of the week."""

    hours: str
    bounds: str
    closed: tuple[str, ...]


def opening(case: Case, person: Person | None, policy: Policy) -> Opening:
    """Return when a debtor is open: its hours without lunch (practice A03, A04).

    What the person asked us to avoid is closed (A31); never before 08:00 or after 21:00 (A14).
    """
    debtor = case.debtor
    hours = (person.hours if person else None) or debtor.hours or policy.hours[debtor.kind]
    lunch = (person.lunch if person else None) or debtor.lunch
    if lunch is None and debtor.kind != "consumer":
        lunch = policy.hours["lunch"]
    closed = ((lunch,) if lunch else ()) + (person.avoid if person else ())
    return Opening(hours, f"{policy.window.earliest}-{policy.window.latest}", closed)


def local_minutes(when: Opening, day: date) -> Minutes:
    """Return the open minutes of a debtor's ``day``."""
    minutes = dates.intersect(_on(when.hours, day), _on(when.bounds, day))
    for closed in when.closed:
        minutes = dates.subtract(minutes, _on(closed, day))
    return minutes


def preferred_minutes(prefer: Iterable[str], day: date) -> Minutes:
    """Return the minutes of ``day`` at which a person likes to be called (practice A26)."""
    return [span for text in prefer for span in _on(text, day)]


def _on(hours: str, day: date) -> Minutes:
    return [
        (start, end) for weekday, start, end in dates.parse_hours(hours) if weekday == day.weekday()
    ]


def spans(minutes: Minutes, day: date, zone: tzinfo) -> Spans:
    """Return minutes of a local day as instants; a wall time that does not exist is left out."""
    found = []
    for start, end in minutes:
        first, last = dates.at_local(day, start, zone), dates.at_local(day, end, zone)
        if first and last and start < end:
            found.append((first.astimezone(UTC), last.astimezone(UTC)))
    return found


def open_spans(when: Opening, zones: Sequence[tzinfo], desk: Spans) -> Spans:
    """Return when, within the desk's own spans, the debtor may be called, in all its zones.

    Where phone and address point to different zones only what is allowed in all of them is.
    """
    return list(_open_spans(when, tuple(zones), tuple(desk)))


@lru_cache(maxsize=4096)
def _open_spans(
    when: Opening, zones: tuple[tzinfo, ...], desk: tuple[tuple[datetime, datetime], ...]
) -> tuple[tuple[datetime, datetime], ...]:
    found = list(desk)
    for zone in zones:
        theirs: Spans = []
        for day in _days(found, zone):
            theirs += spans(local_minutes(when, day), day, zone)
        found = dates.intersect(found, theirs)
    return tuple(found)


def half_hours(spans: Iterable[tuple[datetime, datetime]]) -> Spans:
    """Return spans cut at the half-hours of the clock; the first and the last may be shorter."""
    found = []
    for first, last in spans:
        start = first
        while start < last:
            since = timedelta(minutes=start.minute % 30, seconds=start.second)
            end = min(start - since + timedelta(minutes=30), last)
            found.append((start, end))
            start = end
    return found


def preferred_spans(prefer: Sequence[str], zone: tzinfo, within: Spans) -> Spans:
    """Return the part of ``within`` at which a person likes to be called."""
    if not prefer:
        return []
    liked: Spans = []
    for day in _days(within, zone):
        liked += spans(preferred_minutes(prefer, day), day, zone)
    return dates.intersect(within, liked)


def desk_spans(hours: str, now: datetime) -> Spans:
    """Return what is left of the desk's day from ``now``, in the zone of ``now``."""
    day = now.date()
    whole = spans(_on(hours, day), day, now.tzinfo or UTC)
    return [(max(start, now.astimezone(UTC)), end) for start, end in whole if end > now]


def _days(desk: Spans, zone: tzinfo) -> list[date]:
    days = {moment.astimezone(zone).date() for span in desk for moment in span}
    if not days:
        return []
    first = min(days)
    return [first + timedelta(days=n) for n in range((max(days) - first).days + 1)]
