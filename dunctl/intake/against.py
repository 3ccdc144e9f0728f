"""What of an imported row its case has already, and what it lacks.

What a file says of money that came in is held against what is open in the case, never added to it:
an invoice that is settled in the file gets a payment of what is still open here. Entries that a
void took back stay taken back.

A day of payment before the invoice date is taken as paid in advance, with a notice: advance
payments are usual, and to refuse one would have a debtor chased who has paid.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from dunctl.case.checks import currency_of
from dunctl.case.records import Case, Credit, Dispute, Invoice, Payment, pairs
from dunctl.intake.rows import Item, Outcome
from dunctl.owed.allocation import without_bounced
from dunctl.owed.law import Law
from dunctl.owed.ledger import ZERO, ledger
from dunctl.tuples import NamedTuple
from dunctl.words import t

_SAME_MONEY = timedelta(days=7)


class Known(NamedTuple):
    """What a case has: ``covered`` is paid or credited to an invoice by its number.

    ``loose`` are payments that name no invoice; one that is taken for a row's money leaves it.
    ``bounced`` are payments that were taken back: they cover nothing, and are not recorded anew.
    ``open`` is filled with what is left of each invoice once that is asked for.
    """

    case: Case
    law: Law
    invoices: Mapping[str, Invoice]
    voided: Sequence[object]
    bounced: Sequence[Payment]
    covered: Mapping[str, Decimal]
    disputed: frozenset[str | None]
    loose: list[Payment]
    open: dict[str, Decimal]


def known_in(case: Case, law: Law) -> Known:
    """Return what a case has of invoices, money and disputes."""
    covered: dict[str, Decimal] = {}
    lasting = without_bounced(case, date.max).journal
    kept = {(entry.kind, entry.nth) for entry in lasting}
    records = [entry.record for entry in lasting]
    voided = [entry.record for entry in case.voided]
    for record in records:
        if isinstance(record, Payment | Credit) and record.invoice:
            covered[record.invoice] = covered.get(record.invoice, ZERO) + record.amount
    return Known(
        case,
        law,
        {record.number: record for record in records if isinstance(record, Invoice)},
        voided,
        [payment for entry, payment in pairs(case, Payment) if (entry.kind, entry.nth) not in kept],
        covered,
        frozenset(r.invoice for r in (*records, *voided) if isinstance(r, Dispute)),
        [r for r in records if isinstance(r, Payment) and not r.invoice],
        {},
    )


def state(item: Item, known: Known, found: Outcome) -> Literal["new", "there", "refused"]:
    """Tell whether a case has a row's invoice; a different one of its number is refused."""
    case = known.case
    invoice = known.invoices.get(item.number)
    if invoice is None:
        voided = [r for r in known.voided if isinstance(r, Invoice) and r.number == item.number]
        if not any(_same(item, record, case) for record in voided):
            return "new"
        message = t(
            "invoice {number} was voided in case {case}; it stays so",
            number=item.number,
            case=case.id,
        )
        found.notices.append((item.line, message))
        return "there"
    if _same(item, invoice, case):
        return "there"
    reason = t(
        "invoice {number} is in case {case} with {known}, here with {here}; "
        "correct the file, or void the one in the case",
        number=item.number,
        case=case.id,
        known=_details(invoice.amount, currency_of(case, invoice), invoice.due),
        here=_details(item.amount, item.currency, item.due),
    )
    found.refused.append((item.line, reason))
    return "refused"


def entries(
    item: Item,
    known: Known | None,
    base: str,
    *,
    there: bool,
    now: datetime,
    by: str | None,
    found: Outcome,
) -> Iterator[Invoice | Payment | Dispute]:
    """Yield what a row adds to its case, whose currency is ``base``."""
    own = item.currency if item.currency != base else None
    if not there:
        yield Invoice(item.number, item.due, item.amount, item.issued, own)
    elif known is None or item.number not in known.invoices:
        return
    left = _left(item)
    covered = known.covered.get(item.number, ZERO) if known else ZERO
    if left < item.amount - covered:
        note = None if item.paid else t("paid by the imported file, which does not say when")
        paid = Payment(
            item.paid or now.date(),
            item.amount - covered - left,
            own,
            item.number,
            by=by,
            note=note,
        )
        if known is None or not _recorded(paid, item, known, found):
            if known and there:
                paid = paid._replace(amount=_open(known, item.number) - left)
            if paid.amount > 0:
                _remarkable(paid, item, now.date(), found)
                yield paid
    disputed = known is not None and item.number in known.disputed
    if item.disputed and left and covered < item.amount and not disputed:
        yield Dispute(now, item.amount, currency=own, invoice=item.number, by=by, note=item.why)


def _left(item: Item) -> Decimal:
    """Return what is open of an invoice by the file; a day of payment means nothing is."""
    if item.open is not None:
        return item.open
    return ZERO if item.paid else item.amount


def _same(item: Item, invoice: Invoice, case: Case) -> bool:
    return (invoice.amount, invoice.due, currency_of(case, invoice)) == (
        item.amount,
        item.due,
        item.currency,
    )


def _details(amount: Decimal, currency: str, due: date) -> str:
    return t("{amount} {currency} due {due}", amount=amount, currency=currency, due=due)


def _open(known: Known, number: str) -> Decimal:
    """Return what is left of an invoice when everything in its case has been counted."""
    if not known.open:
        known.open.update(
            (r.number, r.open) for r in ledger(known.case, date.max, known.law).receivables
        )
    return known.open.get(number, ZERO)


def _recorded(paid: Payment, item: Item, known: Known, found: Outcome) -> bool:
    """Tell whether money is in the case already, taken back or for no invoice in particular.

    Money without an invoice's number is the same if its amount is and it came within a week.
    """
    case = known.case
    gone = {
        t("the payment of invoice {number} was voided in case {case}; it stays so"): known.voided,
        t("the payment of invoice {number} bounced in case {case}; it stays so"): known.bounced,
    }
    for sentence, records in gone.items():
        for record in records:
            if (
                isinstance(record, Payment)
                and (record.amount, record.invoice) == (paid.amount, paid.invoice)
                and (record.on == paid.on or not item.paid)
            ):
                message = sentence.format(number=item.number, case=case.id)
                found.notices.append((item.line, message))
                return True
    for record in known.loose:
        if (
            item.paid
            and (record.amount, currency_of(case, record)) == (paid.amount, item.currency)
            and abs(record.on - paid.on) <= _SAME_MONEY
        ):
            known.loose.remove(record)
            message = t(
                "case {case} has a payment of {amount} on {on} for no invoice in particular: "
                "taken as this one, nothing added",
                case=case.id,
                amount=record.amount,
                on=record.on,
            )
            found.notices.append((item.line, message))
            return True
    return False


def _remarkable(paid: Payment, item: Item, today: date, found: Outcome) -> None:
    """Notice days of payment that may be mistakes."""
    if item.issued and paid.on < item.issued:
        message = t(
            "paid {paid}, before issued {issued}: taken as paid in advance",
            paid=paid.on,
            issued=item.issued,
        )
        found.notices.append((item.line, message))
    if paid.on > today:
        message = t("paid {paid} is still to come; it counts from then", paid=paid.on)
        found.notices.append((item.line, message))
