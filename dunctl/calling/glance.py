"""What the morning looks at of every case before it looks closer at some, and what was learned."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from dunctl.calling.book import Book
from dunctl.calling.docket import NOBODY, Docket, calls_of
from dunctl.calling.journal import State
from dunctl.calling.odds import Learned
from dunctl.tuples import NamedTuple


class Glance(NamedTuple):
    """A docket at a glance, plain as it is.

    ``watch`` is the first day (ordinal) on which a debt of it may run out of time soon, 0 for none.
    ``taught`` stands for what its calls teach, and changes with them; ``last`` is the day of the
    last one.
    """

    state: State
    until: int
    owner: str | None
    held: int
    paid: int
    watch: int
    taught: int
    last: int


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
        max((call.day for call in calls_of(known)), default=0),
    )


def taught(known: Docket, before: int | None = None) -> int:
    """Return a number that stands for the calls to a debtor, or for those ``before`` a day."""
    from hashlib import blake2b

    calls = [call for call in calls_of(known) if before is None or call.day < before]
    if not calls:
        return 0
    what = repr((known.id, tuple(known.profile), [tuple(call) for call in calls]))
    return int.from_bytes(blake2b(what.encode(), digest_size=6).digest())


def lesson(seen: Mapping[str, Glance], today: int, closer: Mapping[str, Docket]) -> str:
    """Return what stands for all calls before ``today`` (ordinal): what ``learn`` learns from.

    ``closer`` are the dockets of those who were called today.
    """
    total = sum(
        taught(closer[case_id], today) if case_id in closer else one.taught
        for case_id, one in seen.items()
    )
    return f"{today} {total}"


def called_since(seen: Mapping[str, Glance], today: int) -> list[str]:
    """Return the cases that were called today (ordinal), or later."""
    return [case_id for case_id, one in seen.items() if one.last >= today]


def asleep(case_id: str, seen: Glance) -> Docket:
    """Return what there is to know of a case that is not called: that, and until when."""
    return _NOTHING._replace(id=case_id, owner=seen.owner, state=seen.state, until=seen.until)


_NOTHING = Docket(
    *("", None, 0, 0, "nothing", "", 0, None, "", (), 0, False, ()),
    *(0, 0, 0, 0, 0, "", NOBODY, ()),
)


def book_of(data: list[Any]) -> Book:
    """Return what was learned from what JSON made of it."""
    segments, bands, weekdays, repeat = data
    return Book(
        {name: Learned(*one) for name, one in segments.items()},
        {name: tuple(Learned(*one) for one in each) for name, each in bands.items()},
        tuple(Learned(*one) for one in weekdays),
        Learned(*repeat),
    )
