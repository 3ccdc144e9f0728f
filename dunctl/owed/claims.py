"""What a debtor owes on a day, with interest and fees, each with its basis.

Interest runs by clause or statute without anybody's doing and is shown as soon as it runs; it takes
part in the allocation of money only once it is claimed. What was claimed outlives the principal:
an invoice paid late still owes its interest. On a disputed part no interest is demanded while the
dispute stands; it is shown apart (``suspended``) and comes back, for the whole time, when the
dispute is released.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal

from dunctl import money
from dunctl.case.records import Case, Invoice
from dunctl.owed.accrual import accrued, bears, running, waived
from dunctl.owed.allocation import Book, book_of, disputed
from dunctl.owed.debts import ZERO, Debt, FeeOwed, fee_owed, interest_paid
from dunctl.owed.interest import Period, daily, first_day, rounded
from dunctl.owed.law import Law
from dunctl.owed.profiles import Profile
from dunctl.owed.rates import RateUnknown
from dunctl.tuples import NamedTuple
from dunctl.words import t

_DAY = timedelta(days=1)
_NAMED = 5
__all__ = ["FeeOwed", "InterestOwed", "InvoiceOwed", "Owed", "Total", "owed"]


class InterestOwed(NamedTuple):
    """The interest on one invoice by the day asked about.

    ``open`` is ``accrued`` less ``waived`` and ``paid``; ``suspended`` is what runs on a disputed
    part and is in none of them. ``profile`` is ``None`` where there is no interest, and ``basis``
    then says why not. ``claimed`` is the day from which money counts towards it, ``None`` while it
    only accrues. ``daily`` is what tomorrow adds, exact. ``unknown`` says why figures that should
    be there are not: a rate that is not known, or a claim without a basis.
    """

    profile: Profile | None
    basis: str
    claimed: date | None
    periods: tuple[Period, ...]
    accrued: Decimal
    waived: Decimal
    paid: Decimal
    open: Decimal
    suspended: Decimal
    daily: Decimal
    unknown: str | None = None


class InvoiceOwed(NamedTuple):
    """What is owed on one invoice: ``open`` is the principal, ``disputed`` a part of that.

    ``settled`` is the part of ``credited`` that was let go because an offer to settle was met.
    """

    number: str
    ref: str | None
    issued: date | None
    due: date
    currency: str
    amount: Decimal
    paid: Decimal
    credited: Decimal
    settled: Decimal
    open: Decimal
    disputed: Decimal
    interest: InterestOwed
    fees: tuple[FeeOwed, ...]

    @property
    def demanded(self) -> Decimal:
        """Return the interest that is asked for: not what nobody claimed before it was paid."""
        if self.interest.claimed or self.open > 0:
            return self.interest.open
        return ZERO


class Total(NamedTuple):
    """What is owed in one currency: ``total`` is principal, interest and fees less ``unallocated``.

    ``claimed`` is the part of ``interest`` that is claimed. ``suspended`` runs on disputed parts,
    ``unclaimed`` is left of invoices that were paid late and on which nobody claimed interest: both
    are in no other figure. ``daily`` is what tomorrow adds, in the currency's digits;
    ``unallocated`` is credit of theirs.
    """

    currency: str
    principal: Decimal
    interest: Decimal
    claimed: Decimal
    suspended: Decimal
    unclaimed: Decimal
    fees: Decimal
    unallocated: Decimal
    total: Decimal
    daily: Decimal


class Owed(NamedTuple):
    """What a debtor owes on ``day``: invoices oldest due first, and fees that name none of them.

    ``totals`` are by currency. ``problems`` are sentences: a rate that is not known, a claim
    without a basis, a refund of more than there was.
    """

    day: date
    invoices: tuple[InvoiceOwed, ...]
    fees: tuple[FeeOwed, ...]
    totals: Mapping[str, Total]
    problems: tuple[str, ...]


def owed(case: Case, day: date, law: Law, money_day: date | None = None) -> Owed:
    """Return what is owed on ``day``, to the cent.

    Interest is computed to that day as the profile counts it. Where a rate is not known, principal
    and fees are given all the same, and the sentence is in ``problems``. Money up to
    ``money_day`` counts too.
    """
    book = book_of(case, day, law, money_day)
    contested = disputed(book, day)
    problems = list(book.problems)
    invoices = []
    for debt in book.debts:
        if debt.invoice is not None:
            part = contested.get(id(debt), ZERO)
            invoices.append(_invoice(book, debt, debt.invoice, day, part))
    problems += _unknown(invoices)
    numbers = {one.number for one in invoices}
    loose = tuple(fee_owed(c) for c in book.charges if c.fee.invoice not in numbers)
    totals = {
        currency: _total(currency, invoices, loose, book.unallocated().get(currency, ZERO))
        for currency in _currencies(book)
    }
    return Owed(day, tuple(invoices), loose, totals, tuple(problems))


def _unknown(invoices: Iterable[InvoiceOwed]) -> Iterator[str]:
    """Yield what is not known of interest that is asked for, each reason once."""
    numbers: dict[str, list[str]] = {}
    for one in invoices:
        if one.interest.unknown and (one.open > 0 or one.interest.claimed):
            numbers.setdefault(one.interest.unknown, []).append(one.number)
    for why, concerned in numbers.items():
        named = ", ".join(concerned[:_NAMED])
        if len(concerned) > _NAMED:
            named += " " + t("and {n} more", n=len(concerned) - _NAMED)
        yield t("the interest on {numbers} is not known: {why}", numbers=named, why=why)


def _currencies(book: Book) -> list[str]:
    found = {debt.currency for debt in book.debts} | {c.currency for c in book.charges}
    return sorted(found | book.unallocated().keys())


def _invoice(
    book: Book, debt: Debt, invoice: Invoice, day: date, contested: Decimal
) -> InvoiceOwed:
    return InvoiceOwed(
        debt.number,
        invoice.ref,
        invoice.issued,
        debt.due,
        debt.currency,
        invoice.amount,
        invoice.amount - debt.open - debt.credited,
        debt.credited,
        debt.settled,
        debt.open,
        contested,
        _interest(book, debt, invoice, day, contested),
        tuple(fee_owed(charge) for charge in debt.charges),
    )


def _interest(
    book: Book, debt: Debt, invoice: Invoice, day: date, contested: Decimal
) -> InterestOwed:
    profile, basis = book.rules.of(debt)
    paid = interest_paid(debt)
    found = InterestOwed(profile, basis, debt.claimed, (), ZERO, ZERO, paid, ZERO, ZERO, ZERO, None)
    if profile is None:
        if debt.claimed is None:
            return found
        return found._replace(unknown=t("it is claimed, but {why}", why=basis))
    first = first_day(invoice, profile)
    if not bears(debt, first):
        return found
    try:
        ran = running(debt, day, book.rules, less=contested)
        amount = rounded(ran, profile, debt.currency) if ran else ZERO
        gone = waived(debt, book.rules)
        left = max(ZERO, amount - gone - paid)
        whole = accrued(debt, day, book.rules) if contested else amount
        found = found._replace(
            periods=ran,
            accrued=amount,
            waived=min(gone, max(ZERO, amount - paid)),
            open=left,
            suspended=max(ZERO, whole - gone - paid) - left,
        )
    except RateUnknown as error:
        return found._replace(unknown=str(error))
    on = debt.open - contested
    if on <= 0 or day + _DAY < first:
        return found
    if profile.compound != "never" and found.periods:
        on = found.periods[-1].on
    try:
        more = daily(on, first, day, profile, book.rules.law, debt.currency)
    except RateUnknown as error:
        return found._replace(unknown=t("from tomorrow, {why}", why=error))
    return found._replace(daily=more)


def _total(
    currency: str,
    invoices: Iterable[InvoiceOwed],
    loose: Iterable[FeeOwed],
    unallocated: Decimal,
) -> Total:
    mine = [one for one in invoices if one.currency == currency]
    fees = sum((fee.open for one in mine for fee in one.fees), ZERO)
    fees += sum((fee.open for fee in loose if fee.currency == currency), ZERO)
    principal = sum((one.open for one in mine), ZERO)
    interest = sum((one.demanded for one in mine), ZERO)
    return Total(
        currency,
        principal,
        interest,
        sum((one.interest.open for one in mine if one.interest.claimed), ZERO),
        sum((one.interest.suspended for one in mine), ZERO),
        sum((one.interest.open - one.demanded for one in mine), ZERO),
        fees,
        unallocated,
        principal + interest + fees - unallocated,
        money.quantize(sum((one.interest.daily for one in mine), ZERO), currency),
    )
