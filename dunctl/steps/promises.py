"""Promises to pay: kept, partial, broken or open, derived from what was paid (practice F)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Literal

from dunctl import dates
from dunctl.case.checks import currency_of
from dunctl.case.handles import handles
from dunctl.case.records import (
    Case,
    Confirmation,
    Credit,
    Entry,
    Payment,
    Promise,
    of,
    pairs,
)
from dunctl.owed.allocation import without_bounced
from dunctl.owed.law import NO_LAW, Law
from dunctl.owed.ledger import ZERO, ledger
from dunctl.steps.policy import PromiseTerms
from dunctl.tuples import NamedTuple

Status = Literal["open", "kept", "partial", "broken"]


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
    law: Law = NO_LAW,
) -> list[PromiseState]:
    """Return how each promise made by ``now`` stands, first made and then first due first.

    Payments count first in, first out over the promises that were made by their day; those up to
    the last day of grace are in time. Money for a promise made after an older one broke counts for
    both: it keeps the new one, and is no longer missing of the old. A promise is also kept when
    nothing is left to pay. A payment that was taken back by now never came: the promise that it
    kept is broken again.
    """
    made = [(entry, promise) for entry, promise in pairs(case, Promise) if promise.at <= now]
    if not made:
        return []
    made.sort(key=lambda pair: (pair[1].at, due_instant(pair[1].due, zone).astimezone(UTC)))
    today = now.astimezone(zone).date()
    lasting = without_bounced(case, today)
    end_of = [breaks_at(promise.due, zone, terms, working) for _, promise in made]
    paid, later = _allocated(lasting, [promise for _, promise in made], end_of, today, zone)
    confirmed = _confirmed(case, now)
    states = []
    for nth, (entry, promise) in enumerate(made):
        ends = end_of[nth]
        until = min(today, _last_day(ends, zone))
        if paid[nth] >= promise.amount or _settled(lasting, promise, until, zone, law):
            status: Status = "kept"
        elif now < ends:
            status = "open"
        else:
            status = "partial" if paid[nth] else "broken"
        states.append(
            PromiseState(
                entry,
                promise,
                currency_of(case, promise),
                status,
                paid[nth],
                later[nth],
                ends,
                (entry.kind, entry.nth) in confirmed,
            )
        )
    return states


def breaks_at(
    due: date | datetime,
    zone: tzinfo,
    terms: PromiseTerms,
    working: dates.Working = dates.weekday,
) -> datetime:
    """Return the instant from which a promise due then is broken, after the days of grace."""
    if terms.grace_working_days == 0:
        return due_instant(due, zone)
    day = due.astimezone(zone).date() if isinstance(due, datetime) else due
    return due_instant(dates.add_working_days(day, terms.grace_working_days, working), zone)


def reliability(states: Iterable[PromiseState]) -> tuple[int, int]:
    """Return (kept, judged): reliability is the one over the other (practice R1, axis 4).

    A promise of which only a part came counts as not kept; an open one does not count yet.
    """
    judged = [state.status for state in states if state.status != "open"]
    return judged.count("kept"), len(judged)


def _last_day(ends: datetime, zone: tzinfo) -> date:
    return (ends.astimezone(zone) - timedelta(microseconds=1)).date()


def _allocated(
    case: Case, promises: list[Promise], ends: list[datetime], today: date, zone: tzinfo
) -> tuple[list[Decimal], list[Decimal]]:
    paid = [ZERO] * len(promises)
    later = [ZERO] * len(promises)
    for payment in of(case, Payment):
        if payment.on > today:
            continue
        rest = payment.amount
        for nth, promise in enumerate(promises):
            if not rest or not _meant_for(case, payment, promise, zone):
                continue
            part = min(rest, promise.amount - paid[nth] - later[nth])
            in_time = payment.on <= _last_day(ends[nth], zone)
            (paid if in_time else later)[nth] += part
            if in_time or not any(
                newer.at >= ends[nth]
                and newer.invoice in (None, promise.invoice)
                and _meant_for(case, payment, newer, zone)
                for newer in promises[nth + 1 :]
            ):
                rest -= part
    return paid, later


def _meant_for(case: Case, payment: Payment, promise: Promise, zone: tzinfo) -> bool:
    return (
        currency_of(case, payment) == currency_of(case, promise)
        and promise.at.astimezone(zone).date() <= payment.on
        and (not promise.invoice or not payment.invoice or promise.invoice == payment.invoice)
    )


def _settled(case: Case, promise: Promise, until: date, zone: tzinfo, law: Law) -> bool:
    """Tell whether on some day from its making ``until`` nothing was left to pay."""
    currency = currency_of(case, promise)
    made = promise.at.astimezone(zone).date()
    days = {p.on for p in of(case, Payment)} | {credit.on for credit in of(case, Credit)} | {until}
    balances = (ledger(case, day, law).balance() for day in days if made <= day <= until)
    return any(balance.get(currency, 1) <= 0 for balance in balances)


def _confirmed(case: Case, now: datetime) -> set[tuple[str, int]]:
    named = {c.promise for c in of(case, Confirmation) if c.at <= now}
    if not named:
        return set()
    return {place for place, handle in handles(case.data).items() if handle in named}
