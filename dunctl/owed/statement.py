"""A statement of account: what was owed, each movement since, what is owed.

The account has what is claimed: invoices, fees from their day on, and interest once it is claimed.
Interest grows every day; what it came to between the first and the last day stands at the end, one
line an invoice. Opening and movements always add up to the closing balance, and that is what
``owed`` says is claimed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from dunctl.case.checks import currency_of, day_of
from dunctl.case.handles import handles
from dunctl.case.records import (
    Approval,
    Case,
    Credit,
    Fee,
    Invoice,
    Payment,
    Refund,
    Reversal,
    Settlement,
    Waiver,
    of,
    pairs,
)
from dunctl.owed.allocation import book_of
from dunctl.owed.claims import Owed, owed
from dunctl.owed.debts import ZERO
from dunctl.owed.law import Law
from dunctl.tuples import NamedTuple


class Line(NamedTuple):
    """A movement: what it adds to the account, and the balance after it.

    ``kind`` is the name of the entry, or ``settled`` for what was let go, ``fee_less`` for a fee
    that was let go or counted already, ``interest`` for interest that is claimed. ``on`` is
    ``None`` for an invoice without a day of issue, which counts from the beginning. ``ref`` is the
    reference that the debtor knows, ``about`` the invoice, or the day of a payment taken back.
    """

    on: date | None
    kind: str
    about: str | None
    due: date | None
    basis: str | None
    ref: str | None
    amount: Decimal
    balance: Decimal = ZERO


class Account(NamedTuple):
    """The movements in one currency from ``opening`` to ``closing``."""

    currency: str
    opening: Decimal
    lines: tuple[Line, ...]
    closing: Decimal


class Statement(NamedTuple):
    """The accounts by currency from ``first`` to ``last``, and what is owed on ``last``.

    Without ``first`` they begin with the first movement.
    """

    first: date | None
    last: date
    accounts: tuple[Account, ...]
    owed: Owed


def statement(
    case: Case, first: date | None, last: date, law: Law, money_day: date | None = None
) -> Statement:
    """Return the account of a case from ``first`` to ``last``, both with all that happened then.

    Money up to ``money_day`` is on it too.
    """
    now = owed(case, last, law, money_day)
    moved: dict[str, list[Line]] = {currency: [] for currency in now.totals}
    for currency, line in _movements(case, last, law, money_day or last):
        moved.setdefault(currency, []).append(line)
    opening: dict[str, Decimal] = {}
    lines: dict[str, list[Line]] = {}
    for currency, found in moved.items():
        found.sort(key=_turn)
        before = [] if first is None else [one for one in found if _before(one, first)]
        opening[currency] = sum((one.amount for one in before), ZERO)
        lines[currency] = found[len(before) :]
    then = {}
    if first is not None:
        then = _interest(owed(case, first - timedelta(days=1), law))
        for (currency, _), amount in then.items():
            opening[currency] = opening.get(currency, ZERO) + amount
    for (currency, number), amount in _interest(now).items():
        came = amount - then.get((currency, number), ZERO)
        if came:
            line = Line(last, "interest", number, None, None, None, came)
            lines.setdefault(currency, []).append(line)
    accounts = tuple(
        _account(currency, opening.get(currency, ZERO), sorted(lines[currency], key=_turn))
        for currency in sorted(lines)
    )
    return Statement(first, last, accounts, now)


def _account(currency: str, opening: Decimal, lines: list[Line]) -> Account:
    balance = opening
    running = []
    for line in lines:
        balance += line.amount
        running.append(line._replace(balance=balance))
    return Account(currency, opening, tuple(running), balance)


def _before(line: Line, first: date) -> bool:
    return line.on is None or line.on < first


_TURN = (
    *("invoice", "fee", "fee_less", "reversal"),
    *("payment", "credit", "refund", "settled", "interest"),
)


def _turn(line: Line) -> tuple[date, int]:
    """Return where a line stands: money that went on the day it came stands after its coming."""
    same_day = line.kind == "reversal" and line.about == str(line.on)
    return line.on or date.min, _TURN.index("payment" if same_day else line.kind)


def _interest(found: Owed) -> dict[tuple[str, str], Decimal]:
    """Return the interest on each invoice that is on the account: claimed, or paid all the same."""
    return {
        (one.currency, one.number): one.interest.paid
        + (one.interest.open if one.interest.claimed else ZERO)
        for one in found.invoices
    }


def _movements(case: Case, last: date, law: Law, money_day: date) -> Iterator[tuple[str, Line]]:
    """Yield what moved the account by ``last``, with its currency, in no order; no interest yet."""
    taken = {reversal.payment: reversal for reversal in reversed(of(case, Reversal))}
    names = handles(case.data) if taken else {}
    for entry in case.journal:
        record = entry.record
        currency = currency_of(case, record)
        if isinstance(record, Invoice):
            if (record.issued or date.min) <= last:
                yield currency, _invoice(record)
        elif isinstance(record, Payment | Credit | Refund):
            if record.on > money_day:
                continue
            about = None if isinstance(record, Refund) else record.invoice
            amount = record.amount if isinstance(record, Refund) else -record.amount
            yield currency, Line(record.on, entry.kind, about, None, None, record.ref, amount)
            back = taken.get(names.get((entry.kind, entry.nth), ""))
            if back and isinstance(record, Payment) and max(back.on, record.on) <= money_day:
                on = max(back.on, record.on)
                yield (
                    currency,
                    Line(on, "reversal", str(record.on), None, None, back.ref, record.amount),
                )
    yield from _derived(case, last, law, money_day)


def _invoice(record: Invoice) -> Line:
    return Line(
        record.issued, "invoice", record.number, record.due, None, record.ref, record.amount
    )


def _derived(case: Case, last: date, law: Law, money_day: date) -> Iterator[tuple[str, Line]]:
    """Yield fees and what was let go, by comparing the books of the days on which that can change.

    Whether an offer to settle was met, and how much of a fee counts, follows from other entries.
    """
    if not any(entry.kind in ("fee", "settlement") for entry in case.journal):
        return
    kinds = (Fee, Waiver, Approval, Settlement, Payment, Reversal, Invoice, Credit)
    days = {_day(entry.record) for cls in kinds for entry, _ in pairs(case, cls)}
    fees: dict[str, Decimal] = {}
    settled: dict[str, Decimal] = {}
    for day in sorted(day for day in days if day <= money_day):
        book = book_of(case, min(day, last), law, day)
        for charge in book.charges:
            fee = charge.fee
            counts = fee.amount - charge.credited - charge.waived
            was = fees.get(charge.handle)
            if was is None:
                yield (
                    charge.currency,
                    Line(day, "fee", fee.invoice, None, fee.basis, None, fee.amount),
                )
                was = fee.amount
            if counts != was:
                yield (
                    charge.currency,
                    Line(day, "fee_less", fee.invoice, None, fee.basis, None, counts - was),
                )
            fees[charge.handle] = counts
        now: dict[str, Decimal] = {}
        for debt in book.debts:
            now[debt.currency] = now.get(debt.currency, ZERO) + debt.settled
        for currency in now.keys() | settled.keys():
            less = now.get(currency, ZERO) - settled.get(currency, ZERO)
            if less:
                yield currency, Line(day, "settled", None, None, None, None, -less)
        settled = now


def _day(record: object) -> date:
    """Return the day from which an entry counts."""
    when = getattr(record, "at", None) or getattr(record, "on", None)
    if when is None:
        when = getattr(record, "issued", None) or date.min
    return day_of(when)
