"""What the morning looks at of every case before it looks closer at some, and what was learned."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import compress
from typing import TYPE_CHECKING, Any
from zlib import crc32

from dunctl.calling.book import Book
from dunctl.calling.docket import Docket, days_of, last_called
from dunctl.calling.odds import Learned
from dunctl.tuples import NamedTuple

if TYPE_CHECKING:
    from dunctl.calling.journal import State


class Glance(NamedTuple):
    """A docket at a glance, plain as it is.

    ``watch`` is the first day (ordinal) on which a debt of it may run out of time soon, 0 for none.
    ``taught`` stands for what its calls teach, and changes with them; ``last`` is the day of the
    last one of the ``calls``.
    """

    state: State
    until: int
    owner: str | None
    held: int
    paid: int
    watch: int
    taught: int
    last: int
    calls: int


def glance(known: Docket, watch: date | None) -> Glance:
    """Return the glance of a docket."""
    return Glance(
        known.state,
        known.until,
        known.owner,
        known.held,
        known.paid,
        watch.toordinal() if watch else 0,
        taught(known),
        last_called(known),
        len(known.calls) // 8,
    )


def taught(known: Docket, before: int | None = None) -> int:
    """Return a number that stands for the calls to a debtor, or for those ``before`` a day."""
    calls = known.calls
    if before is not None:
        calls = calls[: 8 * bisect_left(days_of(known), (before, 0))]
    if not calls:
        return 0
    what = repr((known.id, tuple(known.profile), calls)).encode()
    return crc32(what) << 31 ^ crc32(what[::-1])


class Glances(NamedTuple):
    """The glances of all cases, field by field, in order of their ids."""

    ids: Sequence[str]
    state: Sequence[State]
    until: Sequence[int]
    owner: Sequence[str | None]
    held: Sequence[int]
    paid: Sequence[int]
    watch: Sequence[int]
    taught: Sequence[int]
    last: Sequence[int]
    calls: Sequence[int]

    def where(self, chosen: Iterable[object]) -> list[str]:
        """Return the ids of those of which something is true."""
        return list(compress(self.ids, chosen))


def glances(ids: Sequence[str], columns: Sequence[Sequence[Any]]) -> Glances:
    """Return the glances whose fields are in columns, each in the order of the ids."""
    return Glances(ids, *(columns or [()] * len(Glance._fields)))


def lesson(seen: Glances, today: int, closer: Mapping[str, Docket]) -> str:
    """Return what stands for all calls before ``today`` (ordinal): what ``learn`` learns from.

    ``closer`` are the dockets of those who were called today.
    """
    total = sum(seen.taught)
    if closer:
        total -= sum(compress(seen.taught, (case_id in closer for case_id in seen.ids)))
        total += sum(taught(one, today) for one in closer.values())
    return f"{today} {total}"


def called_since(seen: Glances, today: int) -> list[str]:
    """Return the cases that were called today (ordinal), or later."""
    return seen.where(last >= today for last in seen.last)


def resting(seen: Glances, among: Iterable[bool]) -> dict[int, list[str]]:
    """Return the cases among them that are held, by the day (ordinal) until which; 0 for none."""
    found: dict[int, list[str]] = {}
    for case_id, state, until, one in zip(seen.ids, seen.state, seen.until, among, strict=True):
        if state == "held" and one:
            found.setdefault(until, []).append(case_id)
    return found


def book_of(data: list[Any]) -> Book:
    """Return what was learned from what JSON made of it."""
    segments, bands, weekdays, repeat = data
    return Book(
        {name: Learned(*one) for name, one in segments.items()},
        {name: tuple(Learned(*one) for one in each) for name, each in bands.items()},
        tuple(Learned(*one) for one in weekdays),
        Learned(*repeat),
    )
