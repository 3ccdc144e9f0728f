"""Settlements at a discount: the rest is let go when the agreed part came in time (practice Q21).

Nothing is written when that happens: whether an offer was met follows from the payments.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from dunctl.case.checks import currency_of, day_of
from dunctl.case.handles import handles
from dunctl.case.records import Case, Entry, Invoice, Payment, Reversal, Settlement, of, pairs
from dunctl.owed.approvals import approvals, counting
from dunctl.tuples import NamedTuple

ZERO = Decimal(0)


class Met(NamedTuple):
    """A settlement that was met: on ``day`` the rest in ``currency`` is let go.

    That is the rest of every invoice that was issued by the day on which the offer was ``made``.
    """

    entry: Entry
    settlement: Settlement
    currency: str
    made: date
    day: date


def arrived(case: Case, day: date) -> list[Payment]:
    """Return the payments by ``day`` that were not taken back by then, in the order of meaning."""
    found = [(entry, payment) for entry, payment in pairs(case, Payment) if payment.on <= day]
    gone = {reversal.payment for reversal in of(case, Reversal) if reversal.on <= day}
    if gone:
        names = handles(case.data)
        found = [pair for pair in found if names[pair[0].kind, pair[0].nth] not in gone]
    return [payment for _, payment in found]


def towards(case: Case, settlement: Settlement, day: date) -> list[Payment]:
    """Return the payments by ``day`` that count for an offer: made since, up to its last day.

    Money that names an invoice issued after the offer is for that invoice.
    """
    made = day_of(settlement.at)
    later = {i.number for i in of(case, Invoice) if i.issued is not None and i.issued > made}
    currency = currency_of(case, settlement)
    return [
        payment
        for payment in arrived(case, day)
        if made <= payment.on <= settlement.until
        and currency_of(case, payment) == currency
        and payment.invoice not in later
    ]


def met(case: Case, day: date, money_day: date | None = None) -> list[Met]:
    """Return the settlements of ``day`` and before that are met by then, first met first.

    By payments up to ``money_day``, if that is another one.

    An offer is met on the day on which its amount is complete, one that had to be approved not
    before that. A payment that was taken back by ``day`` never met anything.
    """
    if Settlement not in case.journal.by_class:
        return []
    found = []
    for entry, settlement in counting(case, Settlement, day):
        came = ZERO
        for payment in towards(case, settlement, money_day or day):
            came += payment.amount
            if came >= settlement.amount:
                full = payment.on
                if settlement.pending:
                    name = handles(case.data)[entry.kind, entry.nth]
                    full = max(full, day_of(approvals(case, day)[name].at))
                made = day_of(settlement.at)
                found.append(Met(entry, settlement, currency_of(case, settlement), made, full))
                break
    return sorted(found, key=lambda one: one.day)
