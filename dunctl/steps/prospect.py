"""A case as far as expected money goes: what is open, what was agreed, and how such was kept.

It stays true while nothing happens, but for the day, and can be kept apart from its case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

from dunctl.case.handles import handles
from dunctl.case.records import Invoice, moment
from dunctl.owed.ledger import ZERO, Ledger, Receivable
from dunctl.steps.ladder import hold_words
from dunctl.steps.outlook import Item
from dunctl.steps.standing import Standing
from dunctl.tuples import NamedTuple
from dunctl.words import t

LEFT_OUT = ("insolvent", "deceased", "fraud")
"""Holds and reasons of cases from which nothing is counted on: no curve is about them."""


class Agreed(NamedTuple):
    """Something agreed that is still to come, until ``breaks``; ``whole`` is about all they owe."""

    item: Item
    breaks: date
    amount: Decimal
    invoice: str | None
    whole: bool = False


class Prospect(NamedTuple):
    """A case on ``today``, the debtor's day.

    ``watched`` is the day from which somebody watched it, ``absent`` says why nothing is counted on
    in it, ``judged`` has of each promise that is decided, and each instalment, the share that came
    in time, ``agreed`` what is neither kept nor broken, by currency, first due first. The ledger
    does not say what a plan puts off.
    """

    id: str
    today: date
    ledger: Ledger
    closed_on: date | None
    watched: date | None
    absent: str | None
    judged: Sequence[float]
    agreed: Mapping[str, Sequence[Agreed]]


class Account(Protocol):
    """What is owed in a case, and on which day it was closed, if it is."""

    @property
    def ledger(self) -> Ledger:
        """Return what is owed."""

    @property
    def closed_on(self) -> date | None:
        """Return the day on which it was closed."""


def prospect(at: Standing) -> Prospect:
    """Return a case as far as expected money goes."""
    return Prospect(
        at.case.id,
        at.today,
        at.ledger,
        at.closed_on,
        _watched(at),
        why_absent(at),
        _judged(at),
        {currency: _agreed(at, currency) for currency in collectable(at)},
    )


def collectable(at: Account) -> dict[str, list[tuple[Receivable, Decimal]]]:
    """Return what may be collected of each open invoice, oldest due first, by currency.

    Disputed parts are not; credit of theirs is taken off the oldest; what a closed case let go is
    gone.
    """
    credit = dict(at.ledger.unallocated)
    closed = at.closed_on
    found: dict[str, list[tuple[Receivable, Decimal]]] = {}
    for r in at.ledger.receivables:
        if r.undisputed <= 0 or (closed is not None and (r.issued or r.due) < closed):
            continue
        off = min(r.undisputed, max(ZERO, credit.get(r.currency, ZERO)))
        if off:
            credit[r.currency] -= off
        if r.undisputed > off:
            found.setdefault(r.currency, []).append((r, r.undisputed - off))
    return found


def why_absent(at: Standing) -> str | None:
    """Return why nothing is counted on in a case: no curve is about insolvency and the like."""
    for hold in at.holds:
        if hold.kind in LEFT_OUT:
            return hold_words(hold)
    reason = at.case.head.reason or ""
    if reason.split(".")[0] in LEFT_OUT:
        return t("the reason is {reason}", reason=reason)
    return None


def _watched(at: Standing) -> date | None:
    """Return the day from which somebody watched a case: its first entry that is no invoice."""
    for entry in at.case.journal:
        if not isinstance(entry.record, Invoice):
            when = moment(entry.record)
            first = when.astimezone(at.zone).date() if isinstance(when, datetime) else when
            return first if first <= at.today else None
    return None


def _judged(at: Standing) -> list[float]:
    found = [
        1.0 if s.status == "kept" else float(min(s.paid / s.promise.amount, Decimal(1)))
        for s in at.promises
        if s.status != "open"
    ]
    for one in at.schedule.instalments if at.schedule else ():
        if one.status == "late":
            found.append(float(one.paid / one.amount))
        elif one.status == "paid" and one.due <= at.today and one.paid:
            found.append(1.0)
    return found


def _agreed(at: Standing, currency: str) -> list[Agreed]:
    coming = [
        state
        for state in at.awaited
        if state.status == "open" and state.missing > 0 and state.currency == currency
    ]
    schedule = at.schedule
    if schedule and (schedule.status != "up_to_date" or schedule.currency != currency):
        schedule = None
    if not coming and not schedule:
        return []
    names = handles(at.case.data)
    found = []
    for state in coming:
        due = state.promise.due
        day = due.astimezone(at.zone).date() if isinstance(due, datetime) else due
        kind, nth = state.entry.kind, state.entry.nth
        found.append(
            Agreed(
                Item(kind, names[kind, nth], day),
                _last_day(state.breaks_at, at),
                state.missing,
                state.promise.invoice,
                kind == "settlement",
            )
        )
    for one in schedule.instalments if schedule else ():
        if schedule and one.missing > 0:
            item = Item("instalment", names[schedule.entry.kind, schedule.entry.nth], one.due)
            found.append(Agreed(item, _last_day(one.breaks_at, at), one.missing, None))
    found.sort(key=lambda one: (not one.whole, one.item.due, one.item))
    return found


def _last_day(breaks: datetime, at: Standing) -> date:
    return (breaks.astimezone(at.zone) - timedelta(microseconds=1)).date()


def plain(found: Prospect) -> list[Any]:
    """Return a prospect so that JSON can hold it, without its id and its day."""
    return [
        [_row(one) for one in found.ledger.receivables],
        {code: str(amount) for code, amount in found.ledger.unallocated.items()},
        _number(found.closed_on),
        _number(found.watched),
        found.absent,
        found.judged,
        {code: [_terms(one) for one in some] for code, some in found.agreed.items() if some},
    ]


def thawed(data: Sequence[Any], case_id: str, today: date) -> Prospect:
    """Return the prospect that ``plain`` was given, on another day."""
    rows, credit, closed_on, watched, absent, judged, agreed = data
    amounts = {code: Decimal(text) for code, text in credit.items()}
    return Prospect(
        case_id,
        today,
        Ledger(today, tuple([_receivable(*row) for row in rows]), amounts),
        _day(closed_on),
        _day(watched),
        absent,
        judged,
        {code: [_agreement(*one) for one in some] for code, some in agreed.items()},
    )


def _number(day: date | None) -> int | None:
    return None if day is None else day.toordinal()


def _day(number: int | None) -> date | None:
    return None if number is None else date.fromordinal(number)


def _row(r: Receivable) -> list[Any]:
    amounts = (r.amount, r.paid, r.credited, r.disputed)
    days = (r.issued, r.due, r.closed)
    return [r.number, r.currency, *map(_number, days), *map(str, amounts)]


def _receivable(
    number: str, currency: str, issued: int | None, due: int, closed: int | None, *texts: str
) -> Receivable:
    amount, paid, credited, disputed = map(Decimal, texts)
    days = _day(issued), date.fromordinal(due)
    found = Receivable(number, *days, currency, amount, paid, credited, disputed)
    return found._replace(closed=_day(closed)) if closed else found


def _terms(one: Agreed) -> list[Any]:
    kind, ref, due = one.item
    breaks = one.breaks.toordinal()
    return [kind, ref, due.toordinal(), breaks, str(one.amount), one.invoice, one.whole]


def _agreement(
    kind: str, ref: str, due: int, breaks: int, amount: str, invoice: str | None, whole: bool
) -> Agreed:
    day = date.fromordinal
    return Agreed(Item(kind, ref, day(due)), day(breaks), Decimal(amount), invoice, whole)
