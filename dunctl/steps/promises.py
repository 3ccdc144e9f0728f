"""Promises to pay: kept, partial, broken or open, derived from what was paid (practice F)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from typing import Any, Literal

from dunctl import dates
from dunctl.case.handles import handles
from dunctl.case.records import (
    Case,
    Confirmation,
    Credit,
    Entry,
    Payment,
    Promise,
    of,
)
from dunctl.owed.allocation import without_bounced
from dunctl.owed.ledger import ZERO, Ledger, ledger
from dunctl.steps.policy import PromiseTerms
from dunctl.tuples import NamedTuple

Status = Literal["open", "kept", "partial", "broken"]

Owed = Callable[[Case, date], Ledger]
"""What is owed in a case on a day."""


class PromiseState(NamedTuple):
    """How a promise stands: ``paid`` came in time, ``later`` after the last day of grace.

    ``breaks_at`` is the instant from which it is broken; ``confirmed`` says it is in writing.
    """

    entry: Entry
    promise: Promise
    currency: str
    status: Status
    paid: Decimal
    later: Decimal
    breaks_at: datetime
    confirmed: bool

    @property
    def missing(self) -> Decimal:
        """Return what was promised and has not come, in time or later."""
        return max(ZERO, self.promise.amount - self.paid - self.later)


class _Made(NamedTuple):
    """A promise: on which ``day`` it was made, when it breaks, and its ``last`` day of grace."""

    entry: Entry
    promise: Promise
    currency: str
    day: date
    ends: datetime
    last: date


_AT = attrgetter("record.at")


def entries_by(case: Case, cls: type[Any], now: datetime) -> Sequence[Any]:
    """Return the entries of a class with instants that were made by ``now``, oldest first."""
    entries: Sequence[Any] = case.journal.by_class.get(cls, ())
    if not entries or entries[-1].record.at <= now:
        return entries
    return entries[: bisect_right(entries, now, key=_AT)]


def due_instant(due: date | datetime, zone: tzinfo) -> datetime:
    """Return the end of a due day in ``zone``, or the clock time that was promised, there."""
    if isinstance(due, datetime):
        return due.astimezone(zone)
    return datetime.combine(due + timedelta(days=1), time.min, zone)


def promise_states(
    case: Case,
    now: datetime,
    zone: tzinfo,
    terms: PromiseTerms,
    working: dates.Working = dates.weekday,
    owed: Owed = ledger,
    money_day: date | None = None,
) -> list[PromiseState]:
    """Return how each promise made by ``now`` stands, first made and then first due first.

    Payments count first in, first out over the promises that were made by their day; those up to
    the last day of grace are in time. Money for a promise made after an older one broke counts for
    both: it keeps the new one, and is no longer missing of the old. A promise is also kept when
    nothing is left to pay. A payment that was taken back by now never came: the promise that it
    kept is broken again. Money counts up to ``money_day``, without it to today.
    """
    entries = entries_by(case, Promise, now)
    if not entries:
        return []
    made = [_made(case, entry, zone, terms, working) for entry in entries]
    if len({one.day for one in made}) < len(made):
        made.sort(key=lambda one: (one.promise.at, _due(one.promise, zone)))
    last = money_day or now.astimezone(zone).date()
    lasting = without_bounced(case, last)
    came = zip(made, *_allocated(lasting, made, last), strict=True)
    confirmed = _confirmed(case, now)
    states = []
    for one, paid, later in came:
        if paid >= one.promise.amount or _settled(lasting, one, last, owed):
            status: Status = "kept"
        elif now < one.ends:
            status = "open"
        else:
            status = "partial" if paid else "broken"
        states.append(
            PromiseState(
                one.entry,
                one.promise,
                one.currency,
                status,
                paid,
                later,
                one.ends,
                one.entry[:2] in confirmed,
            )
        )
    return states


def _due(promise: Promise, zone: tzinfo) -> datetime:
    return due_instant(promise.due, zone).astimezone(UTC)


def _made(
    case: Case, entry: Entry, zone: tzinfo, terms: PromiseTerms, working: dates.Working
) -> _Made:
    promise: Any = entry.record
    ends, last = _grace(promise.due, zone, terms.grace_working_days, working)
    day = promise.at.astimezone(zone).date()
    return _Made(entry, promise, promise.currency or case.head.currency, day, ends, last)


def breaks_at(
    due: date | datetime,
    zone: tzinfo,
    terms: PromiseTerms,
    working: dates.Working = dates.weekday,
) -> datetime:
    """Return the instant from which a promise due then is broken, after the days of grace."""
    return _grace(due, zone, terms.grace_working_days, working)[0]


@lru_cache(maxsize=4096)
def _grace(
    due: date | datetime, zone: tzinfo, days: int, working: dates.Working
) -> tuple[datetime, date]:
    """Return the instant from which a promise is broken, and the last day before that."""
    if not days:
        ends = due_instant(due, zone)
        return ends, (ends - timedelta(microseconds=1)).date()
    day = due.astimezone(zone).date() if isinstance(due, datetime) else due
    last = dates.add_working_days(day, days, working)
    return due_instant(last, zone), last


def reliability(states: Iterable[PromiseState]) -> tuple[int, int]:
    """Return (kept, judged): reliability is the one over the other (practice R1, axis 4).

    A promise of which only a part came counts as not kept; an open one does not count yet.
    """
    judged = [state.status for state in states if state.status != "open"]
    return judged.count("kept"), len(judged)


def _allocated(
    case: Case, made: Sequence[_Made], last: date
) -> tuple[list[Decimal], list[Decimal]]:
    paid = [ZERO] * len(made)
    later = [ZERO] * len(made)
    missing = [one.promise.amount for one in made]
    for payment in of(case, Payment):
        on = payment.on
        if not made[0].day <= on <= last:
            continue
        rest, currency = payment.amount, payment.currency or case.head.currency
        for nth, one in enumerate(made):
            if not rest or one.day > on:
                break
            if not missing[nth] or not _meant_for(payment, currency, one):
                continue
            part = min(rest, missing[nth])
            missing[nth] -= part
            in_time = on <= one.last
            (paid if in_time else later)[nth] += part
            if in_time or not any(
                newer.promise.at >= one.ends
                and newer.promise.invoice in (None, one.promise.invoice)
                and _meant_for(payment, currency, newer)
                for newer in made[nth + 1 :]
            ):
                rest -= part
    return paid, later


def _meant_for(payment: Payment, currency: str, one: _Made) -> bool:
    invoice = one.promise.invoice
    return (
        one.day <= payment.on
        and one.currency == currency
        and (not invoice or not payment.invoice or invoice == payment.invoice)
    )


def _settled(case: Case, one: _Made, last: date, owed: Owed) -> bool:
    """Tell whether on some day from its making to its last nothing was left to pay."""
    until = min(last, one.last)
    days = {p.on for p in of(case, Payment)} | {credit.on for credit in of(case, Credit)} | {until}
    balances = (owed(case, day).balance() for day in days if one.day <= day <= until)
    return any(balance.get(one.currency, 1) <= 0 for balance in balances)


def _confirmed(case: Case, now: datetime) -> set[tuple[str, int]]:
    if Confirmation not in case.journal.by_class:
        return set()
    named = {c.promise for c in of(case, Confirmation) if c.at <= now}
    return {place for place, handle in handles(case.data).items() if handle in named}
