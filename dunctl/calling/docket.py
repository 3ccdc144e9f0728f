"""What the morning needs to know of a case: worked out when the case changes, read every day.

A docket is the standing of a case boiled down to plain words and numbers, so that it can be kept
beside the files. It holds from ``since`` until before ``wakes`` as long as nothing is written.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from struct import pack, unpack
from typing import TYPE_CHECKING, Any

from dunctl.calling.book import Attempt
from dunctl.calling.odds import Profile
from dunctl.calling.windows import Opening
from dunctl.steps.guard_clock import DAY
from dunctl.steps.guard_sort import Habits
from dunctl.tuples import NamedTuple

if TYPE_CHECKING:
    from dunctl.calling.journal import State


class Sort(NamedTuple):
    """What the clock asks of a case, the same for very many: where it is and when it is open.

    ``lead`` is by how many minutes a call comes before a promised time, ``weekdays`` how good each
    day of the week is; ``profile`` is of who is called.
    """

    kind: str
    country: str | None
    subdivision: str | None
    zones: tuple[str, ...]
    opening: Opening
    habits: Habits
    lead: int
    weekdays: tuple[int, ...]
    profile: Profile


class Docket(NamedTuple):
    """A case for the morning; everything in it is plain, so that JSON can hold it.

    ``since`` and ``wakes`` are seconds of UTC, ``until``, ``due`` (of the oldest overdue) and
    ``issued`` (of the oldest open) ordinals of days, 0 for none. What ``journal.answer`` says is in
    ``state``, ``reason``, ``until`` and ``moment`` (in seconds). A case that may be called has its
    sort as JSON (``key``), what of ``owed`` may be asked for in the smallest units, and when rules
    of the journal bar a call, in minutes: exactly until the minute ``exact``; with ``asks`` only
    the gate itself can tell. For learning there are conversations ``held`` and ``paid``, and
    ``calls`` in eight hexadecimal digits each; for weighing the ``answered`` ones of them and the
    ``incomes`` (day of the month, day).
    """

    id: str
    owner: str | None
    since: int
    wakes: int
    state: State
    reason: str
    until: int
    moment: int | None
    key: str
    barred: tuple[tuple[int, int], ...]
    exact: int
    asks: bool
    owed: tuple[tuple[str, int], ...]
    due: int
    issued: int
    held: int
    paid: int
    answered: int
    calls: str
    profile: Profile
    incomes: tuple[tuple[int | None, int | None], ...]


def thawed(columns: Iterable[Sequence[Any]]) -> list[Docket]:
    """Return dockets from what JSON made of them, field by field."""
    fields: list[Sequence[Any]] = list(columns)
    for nth in _PAIRS:
        fields[nth] = [tuple(map(tuple, pairs)) if pairs else () for pairs in fields[nth]]
    fields[_PROFILE] = [_profile(*one) for one in fields[_PROFILE]]
    return [Docket(*values) for values in zip(*fields, strict=True)]


KEY = Docket._fields.index("key")
_PAIRS = [Docket._fields.index(name) for name in ("barred", "owed", "incomes")]
_PROFILE = Docket._fields.index("profile")
_profile = cache(Profile)


@lru_cache(maxsize=1 << 14)
def sort_of(key: str) -> Sort:
    """Return what ``sort_key`` wrote."""
    kind, country, subdivision, zones, when, habits, lead, weekdays, who = json.loads(key)
    hours, bounds, closed = when
    lunch, theirs, prefer, avoid, no_work_calls = habits
    return Sort(
        kind,
        country,
        subdivision,
        tuple(zones),
        Opening(hours, bounds, tuple(closed)),
        Habits(lunch, theirs, tuple(prefer), tuple(avoid), no_work_calls),
        lead,
        tuple(weekdays),
        Profile(*who),
    )


NOBODY = Profile()


def packed(calls: Iterable[int]) -> str:
    """Write calls down in order, in eight hexadecimal digits each.

    A call is twice its minute by the debtor's clock, counted from day 0, and 1 if it was answered.
    """
    numbers = sorted(calls)
    return pack(f">{len(numbers)}I", *numbers).hex()


def calls_of(known: Docket) -> tuple[Attempt, ...]:
    """Return the calls to a debtor."""
    return tuple([Attempt(n // 2 // DAY, n // 2 % DAY, n % 2 == 1) for n in _numbers(known)])


def days_of(known: Docket) -> list[tuple[int, int]]:
    """Return the day (ordinal) of each call, and 1 if it was answered."""
    return [(n // (2 * DAY), n % 2) for n in _numbers(known)]


def _numbers(known: Docket) -> tuple[int, ...]:
    return unpack(f">{len(known.calls) // 8}I", bytes.fromhex(known.calls))


class Called(NamedTuple):
    """How many calls there were to a debtor, and the day (ordinal) of the last one."""

    calls: int
    last: int


def last_called(known: Docket) -> int:
    """Return the day (ordinal) of the last call to a debtor, 0 if there was none."""
    return int(known.calls[-8:] or "0", 16) // (2 * DAY)


def called(known: Docket, before: int) -> Called:
    """Return how many calls there were ``before`` a day (ordinal), and the day of the last."""
    last = last_called(known)
    if last < before:
        return Called(len(known.calls) // 8, last)
    days = [day for day, _ in days_of(known) if day < before]
    return Called(len(days), max(days, default=0))
