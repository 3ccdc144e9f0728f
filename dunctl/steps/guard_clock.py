"""Whole minutes since 1970 in UTC, and which day and wall clock a time zone shows in them.

Spans are half-open, sorted and disjoint. Where clocks are set back a wall time comes twice and its
span is twice as long; where they are set forward it never comes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import TypeAlias

from dunctl import dates
from dunctl.tuples import NamedTuple

Spans: TypeAlias = Sequence[tuple[int, int]]

DAY = 24 * 60
FOREVER = 1 << 40
"""A minute after every other."""
_EPOCH = date(1970, 1, 1).toordinal()
_START, _MINUTE = datetime(1970, 1, 1, tzinfo=UTC), timedelta(minutes=1)


class Piece(NamedTuple):
    """A time in which a zone shows one day (its ordinal) and keeps one offset, in minutes."""

    start: int
    end: int
    day: int
    offset: int


def minute_of(moment: datetime) -> int:
    """Return the minute in which a moment is."""
    return (moment - _START) // _MINUTE


def minute_after(moment: datetime) -> int:
    """Return the first minute that does not begin before a moment."""
    return -((_START - moment) // _MINUTE)


def instant(minute: int) -> datetime:
    """Return the beginning of a minute, in UTC."""
    return _START + timedelta(minutes=minute)


@lru_cache(maxsize=8192)
def pieces(zone: tzinfo, first: int, last: int) -> tuple[Piece, ...]:
    """Return the days and offsets of a zone from minute ``first`` until ``last``."""
    found = []
    while first < last:
        offset = _offset(zone, first)
        day = (first + offset) // DAY
        end = min(last, (day + 1) * DAY - offset)
        if _offset(zone, end - 1) != offset:
            low, high = first, end - 1
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if _offset(zone, middle) == offset else (low, middle)
            end = high
        found.append(Piece(first, end, day + _EPOCH, offset))
        first = end
    return tuple(found)


def _offset(zone: tzinfo, minute: int) -> int:
    offset = instant(minute).astimezone(zone).utcoffset()
    return offset // timedelta(minutes=1) if offset else 0


def piece_at(zone: tzinfo, minute: int) -> Piece:
    """Return the piece of a zone around a minute; it ends with the day of UTC at the latest."""
    start = minute - minute % DAY
    for piece in pieces(zone, start, start + DAY):
        if minute < piece.end:
            return piece
    raise AssertionError("a day has all its minutes")


@lru_cache(maxsize=8192)
def day_start(zone: tzinfo, day: int) -> int:
    """Return the first minute of a day in a zone; of a day that it skips, that of the next."""
    near = (day - _EPOCH) * DAY
    return next(p.start for p in pieces(zone, near - DAY, near + 2 * DAY) if p.day >= day)


@lru_cache(maxsize=4096)
def on(hours: str, weekday: int) -> tuple[tuple[int, int], ...]:
    """Return the minutes of a weekday, Monday = 0, that are within hours."""
    return tuple((start, end) for day, start, end in dates.parse_hours(hours) if day == weekday)


def shifted(spans: Spans, piece: Piece) -> list[tuple[int, int]]:
    """Return wall minutes of the piece's day as minutes of UTC, so far as they are in the piece."""
    by = (piece.day - _EPOCH) * DAY - piece.offset
    return [
        (max(start + by, piece.start), min(end + by, piece.end))
        for start, end in spans
        if start + by < piece.end and end + by > piece.start
    ]


def without(spans: Spans, holes: Spans) -> Spans:
    """Return spans without their holes."""
    return dates.subtract(spans, holes) if spans and holes else spans


def overlap(spans: Spans, first: int, last: int) -> bool:
    """Return whether any of the minutes from ``first`` until ``last`` is in a span."""
    for start, end in spans:  # noqa: SIM110 - asked for every half-hour of every case
        if start < last and first < end:
            return True
    return False


def cover(spans: Iterable[tuple[int, int]], first: int, last: int) -> bool:
    """Return whether every minute from ``first`` until ``last`` is in one of disjoint spans."""
    for start, end in spans:  # noqa: SIM110 - asked for every rule of every case
        if start <= first and last <= end:
            return True
    return False
