"""What each entry does to the balance of a case: invoices less what was paid and credited."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from dunctl.case.checks import currency_of
from dunctl.case.handles import handles
from dunctl.case.records import (
    Case,
    Credit,
    Entry,
    Invoice,
    Payment,
    Refund,
    Reversal,
    Waiver,
)

ZERO = Decimal(0)
MONEY = frozenset({Payment, Reversal, Refund, Credit, Waiver})
"""The entries that count as soon as their day has begun either for the desk or for the debtor."""


def money_day(case: Case, today: date, desk: date) -> date:
    """Return the day up to which money counts: the debtor's ``today``, or the ``desk``'s.

    That is the desk's only where it is ahead and there is money in between: what came in today is
    not asked for because it is still yesterday where the debtor is.
    """
    if desk > today:
        for cls in MONEY:
            for entry in reversed(case.journal.by_class.get(cls, ())):
                if entry.record.on <= today:
                    break
                if entry.record.on <= desk:
                    return desk
    return today


def effects(case: Case) -> dict[Entry, tuple[str, Decimal]]:
    """Return what the entries that count add to the balance: entry -> (currency, amount).

    An entry without an effect is not there. A payment that bounced counts twice, once each way.
    """
    found: dict[Entry, tuple[str, Decimal]] = {}
    named: Mapping[str, Entry] = {}
    for entry in case.journal:
        record = entry.record
        if isinstance(record, Invoice | Refund):
            found[entry] = currency_of(case, record), record.amount
        elif isinstance(record, Payment | Credit):
            found[entry] = currency_of(case, record), -record.amount
        elif isinstance(record, Reversal):
            named = named or _by_handle(case)
            payment = named.get(record.payment)
            if payment and isinstance(payment.record, Payment):
                found[entry] = currency_of(case, payment.record), payment.record.amount
    return found


def _by_handle(case: Case) -> dict[str, Entry]:
    names = handles(case.data)
    return {names[entry.kind, entry.nth]: entry for entry in case.journal}


def balance(case: Case | None) -> dict[str, Decimal]:
    """Return the sum of all effects by currency."""
    totals: dict[str, Decimal] = {}
    for currency, amount in effects(case).values() if case else ():
        totals[currency] = totals.get(currency, ZERO) + amount
    return totals
