"""What a debtor owes on any day: the open principal of each invoice, and unallocated credit.

Interest and fees are no part of it: they never make a case overdue, and never keep one that is paid
on the list. They do take their part of money (``allocation``), so nothing is lost: per currency,
payments less reversals and refunds, plus credits, are always what went to principal, interest and
fees plus the unallocated credit.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from dunctl.case.records import Case
from dunctl.owed.allocation import Book, book_of, disputed
from dunctl.owed.debts import ZERO, interest_paid
from dunctl.owed.law import NO_LAW, Law
from dunctl.tuples import NamedTuple

_NOTHING: Mapping[str, Decimal] = MappingProxyType({})
__all__ = ["ZERO", "Ledger", "Receivable", "ledger", "ledger_of"]


class Receivable(NamedTuple):
    """An invoice on a day: ``open`` is what is left of ``amount``, ``disputed`` a part of that.

    A plan of instalments may have ``deferred`` a part, and given the rest the day ``agreed``.
    ``settled`` is the part of ``credited`` that was let go because an offer was met; ``interest``
    is what was paid towards interest on the invoice, beside the principal. ``closed`` is the day
    from which nothing of it is open.
    """

    number: str
    issued: date | None
    due: date
    currency: str
    amount: Decimal
    paid: Decimal
    credited: Decimal
    disputed: Decimal
    deferred: Decimal = ZERO
    agreed: date | None = None
    settled: Decimal = ZERO
    interest: Decimal = ZERO
    closed: date | None = None

    @property
    def open(self) -> Decimal:
        """Return what is left to pay, disputed or not."""
        return self.amount - self.paid - self.credited

    @property
    def undisputed(self) -> Decimal:
        """Return the part that may be chased once it is overdue."""
        return self.open - self.disputed

    @property
    def asked(self) -> Decimal:
        """Return the part of that which no plan puts off."""
        return self.undisputed - self.deferred

    @property
    def payable(self) -> date:
        """Return the day by which the asked part is to be paid: by the plan, or as printed."""
        return self.agreed or self.due


class Ledger(NamedTuple):
    """What a debtor owes on ``day``: every receivable, oldest due first, and unallocated credit.

    ``unallocated`` is below zero where more was refunded than there was. ``fees`` is what was paid
    towards fees, beside it; ``problems`` are sentences on what could not be computed.
    """

    day: date
    receivables: tuple[Receivable, ...]
    unallocated: Mapping[str, Decimal]
    fees: Mapping[str, Decimal] = _NOTHING
    problems: tuple[str, ...] = ()

    def unpaid(self) -> list[Receivable]:
        """Return the receivables of which something is left to pay, disputed or not."""
        return [r for r in self.receivables if not r.closed and r.open > 0]

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
            totals[receivable.currency] = totals.get(receivable.currency, ZERO) + receivable.asked
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
        """Return the receivables past their day that have a part to ask for, oldest day first."""
        found = [
            r for r in self.receivables if not r.closed and r.payable < self.day and r.asked > 0
        ]
        if any(r.agreed for r in found):
            found.sort(key=lambda r: r.payable)
        return found

    def days_past_due(self) -> int:
        """Return the days past due of the oldest undisputed open invoice; 0 if none is overdue.

        This is the clock of the ladder (practice R2).
        """
        overdue = self.overdue()
        return (self.day - overdue[0].payable).days if overdue else 0

    def credit_age(self) -> int | None:
        """Return the days since the issue of the oldest undisputed open invoice (practice K02)."""
        issued = [
            r.issued for r in self.receivables if r.issued and not r.closed and r.undisputed > 0
        ]
        return (self.day - min(issued)).days if issued else None


def ledger(case: Case, day: date, law: Law = NO_LAW, money_day: date | None = None) -> Ledger:
    """Return what is owed on ``day``, by the entries of that day and before.

    A void counts on every day, also before it was written: the entry was never true. A reversal
    counts from its own day: the money was there until then. Money up to ``money_day``
    counts too.
    """
    return ledger_of(book_of(case, day, law, money_day), day)


def ledger_of(book: Book, day: date) -> Ledger:
    """Return the ledger of a book on ``day``."""
    contested = disputed(book, day)
    receivables = [
        Receivable(
            debt.number,
            invoice.issued,
            debt.due,
            debt.currency,
            invoice.amount,
            invoice.amount - debt.open - debt.credited,
            debt.credited,
            contested.get(id(debt), ZERO),
            ZERO,
            None,
            debt.settled,
            interest_paid(debt) if debt.interest else ZERO,
            debt.principal[-1][0] if debt.principal and not debt.open else None,
        )
        for debt in book.debts
        if (invoice := debt.invoice) is not None
    ]
    return Ledger(day, tuple(receivables), book.unallocated(), _paid(book), tuple(book.problems))


def _paid(book: Book) -> dict[str, Decimal]:
    """Return what was paid towards fees by currency."""
    totals: dict[str, Decimal] = {}
    for charge in book.charges:
        if charge.paid:
            totals[charge.currency] = totals.get(charge.currency, ZERO) + charge.paid
    return totals
