"""What the calls to all debtors show together: how many are answered, when, and how hours wear.

Learned in ``learning``. Like ``odds``, only + - * / on floats.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from dunctl.calling.odds import (
    HALF_HOURS,
    SEGMENTS,
    Learned,
    Parameters,
    Profile,
    Table,
    band_of,
    bands,
    priors,
)
from dunctl.tuples import NamedTuple

UNKNOWN = Learned()
REPEATS = 3
"""Calls in vain that count against an hour at most."""
TEN_YEARS = 3653


class Attempt(NamedTuple):
    """A call: its day (ordinal) and its minute on the debtor's own clock."""

    day: int
    minute: int
    answered: bool


class History(NamedTuple):
    """The calls to one debtor, in any order."""

    profile: Profile
    attempts: Sequence[Attempt]


class Book(NamedTuple):
    """What all debtors together show: by segment, by segment and band, by weekday.

    ``repeat`` is what each call in vain in the same band a short while ago multiplies the odds by.
    """

    segments: Mapping[str, Learned]
    bands: Mapping[str, tuple[Learned, ...]]
    weekdays: tuple[Learned, ...]
    repeat: Learned


class Usual(NamedTuple):
    """The odds of a debtor of a profile of whom nothing is known, and the band of each half-hour.

    ``best`` are the highest odds of each weekday, ``least`` the lowest of all; ``repeats`` is by
    what so many calls in vain in the same band multiply them.
    """

    odds: Table
    band: tuple[int, ...]
    best: tuple[float, ...]
    least: float
    repeats: tuple[float, ...]


def new_book(parameters: Parameters) -> Book:
    """Return the book of a desk that has not called anybody."""
    return Book(
        dict.fromkeys(SEGMENTS, UNKNOWN),
        dict.fromkeys(SEGMENTS, (UNKNOWN,) * bands(parameters)),
        (UNKNOWN,) * 7,
        Learned(parameters.repeat_factor),
    )


def usual_odds(who: Profile, book: Book, parameters: Parameters) -> Usual:
    """Return the odds table of a profile; make it once for all debtors who share the profile."""
    band = tuple(band_of(parameters, who, half) for half in range(HALF_HOURS))
    level, by_band = book.segments[who.segment].value, book.bands[who.segment]
    learned = [by_band[one].value for one in band]
    odds = tuple(
        tuple(
            one * level * of_band * of_day.value for one, of_band in zip(day, learned, strict=True)
        )
        for day, of_day in zip(priors(parameters, who), book.weekdays, strict=True)
    )
    best = tuple(max(day) for day in odds)
    least = min(min(day) for day in odds)
    return Usual(odds, band, best, least, tuple(powers(book.repeat.value)))


def powers(repeat: float) -> list[float]:
    """Return what 0, 1, 2 … calls in vain in the same band multiply the odds by."""
    found = [1.0]
    for _ in range(REPEATS):
        found.append(found[-1] * repeat)
    return found


def repeated(vain: Sequence[int], day: int, days: int) -> int:
    """Return how many of the calls in vain count against a call on a day (all ordinals, in order).

    Those on the ``days`` days before it; the same day's is another matter (``retry``).
    """
    found = 0
    for one in reversed(vain):
        if one < day:
            if found == REPEATS or day - one > days:
                break
            found += 1
    return found


@lru_cache(maxsize=8)
def fading(daily: float) -> tuple[float, ...]:
    """Return the weight of each age in days; what is ten years old counts no longer."""
    weights = [1.0]
    for _ in range(TEN_YEARS - 1):
        weights.append(weights[-1] * daily)
    return (*weights, 0.0)
