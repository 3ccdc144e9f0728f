"""Invoices, payments, credits and disputes to an open balance per invoice, on any day.

Payments and credits go to the invoice they name, else to the oldest due first. What is more than
the named invoice, or than everything open, stays as unallocated credit; of that, money which named
no invoice is put to the next one that is issued. Nothing is lost: per currency, payments and
credits are always the allocated part plus the unallocated one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from dunctl.case.checks import currency_of, day_of
from dunctl.case.records import Case, Credit, Dispute, Invoice, Payment, pairs
from dunctl.owed.holds import released

ZERO = Decimal(0)


class Receivable(NamedTuple):
    """An invoice on a day: ``open`` is what is left of ``amount``, ``disputed`` a part of that."""

    number: str
    issued: date | None
    due: date
    currency: str
    amount: Decimal
    paid: Decimal
    credited: Decimal
    disputed: Decimal

    @property
    def open(self) -> Decimal:
        """Return what is left to pay, disputed or not."""
        return self.amount - self.paid - self.credited

    @property
    def undisputed(self) -> Decimal:
        """Return the part that may be chased once it is overdue."""
        return self.open - self.disputed


class Ledger(NamedTuple):
    """What a debtor owes on ``day``: every receivable, oldest due first, and unallocated credit."""

    day: date
    receivables: tuple[Receivable, ...]
    unallocated: Mapping[str, Decimal]

    def balance(self) -> dict[str, Decimal]:
        """Return what is owed by currency: open receivables less unallocated credit."""
        totals: dict[str, Decimal] = {}
        for receivable in self.receivables:
            totals[receivable.currency] = totals.get(receivable.currency, ZERO) + receivable.open
        for currency, credit in self.unallocated.items():
            totals[currency] = totals.get(currency, ZERO) - credit
        return totals

    def chasable(self) -> dict[str, Decimal]:
        """Return what may be asked for now, by currency: overdue, undisputed, less credit.

        Only amounts above zero are there (practice E41: ask for the undisputed part at once).
        """
        totals: dict[str, Decimal] = {}
        for receivable in self.overdue():
            totals[receivable.currency] = (
                totals.get(receivable.currency, ZERO) + receivable.undisputed
            )
        for currency, credit in self.unallocated.items():
            if currency in totals:
                totals[currency] -= credit
        return {currency: total for currency, total in totals.items() if total > 0}

    def disputed(self) -> dict[str, Decimal]:
        """Return what is owed but contested, by currency."""
        totals: dict[str, Decimal] = {}
        for receivable in self.receivables:
            if receivable.disputed:
                totals[receivable.currency] = (
                    totals.get(receivable.currency, ZERO) + receivable.disputed
                )
        return totals

    def overdue(self) -> list[Receivable]:
        """Return the receivables past their due day that have an undisputed open part."""
        return [r for r in self.receivables if r.due < self.day and r.undisputed > 0]

    def days_past_due(self) -> int:
        """Return the days past due of the oldest undisputed open invoice; 0 if none is overdue.

        This is the clock of the ladder (practice R2).
        """
        overdue = self.overdue()
        return (self.day - overdue[0].due).days if overdue else 0

    def credit_age(self) -> int | None:
        """Return the days since the issue of the oldest undisputed open invoice (practice K02)."""
        issued = [r.issued for r in self.receivables if r.undisputed > 0 and r.issued]
        return (self.day - min(issued)).days if issued else None

    def next_due(self) -> date | None:
        """Return the next due day among what is open and not overdue, if any."""
        return min(
            (r.due for r in self.receivables if r.due >= self.day and r.open > 0), default=None
        )


@dataclass(slots=True)
class _Account:
    invoice: Invoice
    currency: str
    paid: Decimal = ZERO
    credited: Decimal = ZERO

    @property
    def open(self) -> Decimal:
        return self.invoice.amount - self.paid - self.credited


@dataclass(slots=True)
class _Book:
    accounts: list[_Account] = field(default_factory=list)
    named: list[tuple[Payment | Credit, str, Decimal]] = field(default_factory=list)
    unnamed: list[tuple[Payment | Credit, str, Decimal]] = field(default_factory=list)


def ledger(case: Case, day: date) -> Ledger:
    """Return what is owed on ``day``, by the entries of that day and before.

    A void counts on every day, also before it was written: the entry was never true.
    """
    accounts = _allocated(case, day)
    disputed = _disputed(case, day, accounts.accounts)
    receivables = tuple(
        Receivable(
            a.invoice.number,
            a.invoice.issued,
            a.invoice.due,
            a.currency,
            a.invoice.amount,
            a.paid,
            a.credited,
            disputed.get(id(a), ZERO),
        )
        for a in accounts.accounts
    )
    unallocated: dict[str, Decimal] = {}
    for _, currency, rest in (*accounts.named, *accounts.unnamed):
        if rest:
            unallocated[currency] = unallocated.get(currency, ZERO) + rest
    return Ledger(day, receivables, unallocated)


def _allocated(case: Case, day: date) -> _Book:
    """Walk through the days: first what is issued, then what arrives."""
    book = _Book()
    for _, record in _movements(case, day):
        currency = currency_of(case, record)
        if isinstance(record, Invoice):
            account = _Account(record, currency)
            book.accounts.append(account)
            book.accounts.sort(key=lambda a: (a.invoice.due, a.invoice.number))
            book.named = _drawn(book.named, [account], named=True)
            book.unnamed = _drawn(book.unnamed, [account], named=False)
        elif record.invoice:
            book.named += _drawn([(record, currency, record.amount)], book.accounts, named=True)
        else:
            book.unnamed += _drawn([(record, currency, record.amount)], book.accounts, named=False)
    return book


def _movements(case: Case, day: date) -> list[tuple[date, Invoice | Payment | Credit]]:
    found: list[tuple[date, Invoice | Payment | Credit]] = []
    for entry in case.journal:
        record = entry.record
        if isinstance(record, Invoice):
            issued = record.issued or date.min
            if issued <= day:
                found.append((issued, record))
        elif isinstance(record, Payment | Credit) and record.on <= day:
            found.append((record.on, record))
    found.sort(key=_turn)
    return found


def _turn(movement: tuple[date, Invoice | Payment | Credit]) -> tuple[date, bool, date, str]:
    """Order a day: invoices before money, the oldest due first."""
    day, record = movement
    if isinstance(record, Invoice):
        return day, False, record.due, record.number
    return day, True, day, ""


def _drawn(
    sources: Iterable[tuple[Payment | Credit, str, Decimal]],
    accounts: Iterable[_Account],
    *,
    named: bool,
) -> list[tuple[Payment | Credit, str, Decimal]]:
    """Put ``sources`` to ``accounts``; returns what is left of them."""
    left = []
    for record, currency, amount in sources:
        rest = amount
        for account in accounts:
            fits = account.currency == currency and (
                not named or account.invoice.number == record.invoice
            )
            part = min(rest, account.open) if fits else ZERO
            if isinstance(record, Payment):
                account.paid += part
            else:
                account.credited += part
            rest -= part
        if rest:
            left.append((record, currency, rest))
    return left


def _disputed(case: Case, day: date, accounts: list[_Account]) -> dict[int, Decimal]:
    """Spread the disputes that stand over the open parts, the named invoice or oldest due first."""
    if not any(entry.kind == "dispute" for entry in case.journal):
        return {}
    ended = released(case, day)
    parts: dict[int, Decimal] = {}
    for entry, dispute in pairs(case, Dispute):
        if day_of(dispute.at) > day or entry in ended:
            continue
        rest = dispute.amount
        for account in accounts:
            if account.currency != currency_of(case, dispute) or (
                dispute.invoice and dispute.invoice != account.invoice.number
            ):
                continue
            part = min(rest, account.open - parts.get(id(account), ZERO))
            parts[id(account)] = parts.get(id(account), ZERO) + part
            rest -= part
    return parts
