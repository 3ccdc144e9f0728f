"""What may be charged for being late, and by which clause or statute (practice D26, N02)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from dunctl import money
from dunctl.case.records import Case, Claim, Entry, Fee, Journal
from dunctl.errors import Refused
from dunctl.owed.accrual import accrued, bears
from dunctl.owed.allocation import Book, book_of, disputed
from dunctl.owed.debts import ZERO, Debt, steps
from dunctl.owed.interest import first_day, fixed_sum
from dunctl.owed.law import Law
from dunctl.owed.profiles import profile_of
from dunctl.words import t

_LENIENT = ("cashflow_short", "cashflow_downstream", "hardship_long", "overcommitted")


def leniency(case: Case) -> str | None:
    """Return a warning where the reason of the debt speaks against claiming interest (N02)."""
    reason = (case.head.reason or "").split(".")[0]
    if reason not in _LENIENT:
        return None
    return t("the reason is {reason}: interest is usually not claimed then", reason=reason)


def refuse_claim(case: Case, claim: Claim, law: Law) -> None:
    """Refuse a claim of interest that would claim nothing.

    There is no clause and no statute, no interest has run, or it is claimed already. Raises
    ``RateUnknown``, which is a refusal too, where the interest cannot be computed.
    """
    book = book_of(case, claim.on, law)
    debts = list(_late(book, claim.on, claim.invoice))
    if not debts:
        raise Refused(_nothing(case, claim.on, claim.invoice))
    known = [(debt, *_rule(case, debt, claim, law)) for debt in debts]
    if not any(bearing for _, bearing, _ in known):
        raise Refused(t("no interest: {why}", why=known[0][2]))
    for debt in debts:
        debt.profile = claim.profile or debt.profile
    if not any(accrued(debt, claim.on, book.rules) for debt in debts):
        raise Refused(
            t("no interest has run on {number} yet", number=", ".join(d.number for d in debts))
        )
    new = with_basis(case, claim, law)
    if not claim.profile and _claimed(case, claim.on, law) == _claimed(case, claim.on, law, *new):
        since = sorted({str(debt.claimed) for debt in debts if debt.claimed})
        raise Refused(t("the interest is claimed already, from {days} on", days=", ".join(since)))


def with_basis(case: Case, claim: Claim, law: Law) -> list[Claim]:
    """Return a claim as it is, or for each invoice that has a clause or a statute one of its own.

    So none is claimed on what has neither, such as an invoice in another currency.
    """
    if claim.invoice is not None:
        return [claim]
    late = [
        (debt.number, _rule(case, debt, claim, law)[0])
        for debt in book_of(case, claim.on, law).debts
        if debt.invoice is not None and debt.due < claim.on and debt.open > 0
    ]
    if all(bearing for _, bearing in late):
        return [claim]
    return [claim._replace(invoice=number) for number, bearing in late if bearing]


def _claimed(case: Case, day: date, law: Law, *more: Claim) -> list[str]:
    """Return the invoices on which interest is claimed by ``day``, with further claims too."""
    added = (Entry("claim", -1, claim) for claim in more)
    book = book_of(case._replace(journal=Journal((*case.journal, *added))), day, law)
    return [debt.number for debt in book.debts if debt.claimed]


def _rule(case: Case, debt: Debt, claim: Claim, law: Law) -> tuple[bool, str]:
    name = claim.profile or debt.profile
    if name:
        case = case._replace(terms=case.terms._replace(profile=name))
    profile, why = profile_of(case, law, debt.currency)
    return profile is not None, why


def _late(book: Book, day: date, number: str | None) -> Iterator[Debt]:
    """Yield the invoice that is named, or those with an open part past due that is not disputed."""
    contested = disputed(book, day)
    for debt in book.debts:
        if debt.invoice is None:
            continue
        if number is not None:
            if debt.number == number:
                yield debt
        elif debt.due < day and debt.open > contested.get(id(debt), ZERO):
            yield debt


def _nothing(case: Case, day: date, number: str | None) -> str:
    if number is not None:
        return t("{number} is not issued by {day}", number=number, day=day)
    return t(
        "nothing undisputed is overdue in {id} on {day}; name an invoice that was paid late "
        "(--invoice)",
        id=case.id,
        day=day,
    )


def fixed_sums(
    case: Case, day: date, number: str | None, profile: str | None, law: Law, by: str | None
) -> list[Fee]:
    """Return the statutory lump sums for the recovery of what is late, one for each invoice.

    The statute is that of ``profile``, or else of the case: where interest is agreed, it depends on
    the law whether the statute's sum is owed beside it, so it must be named. The band is that of
    what was open when interest began to run. An invoice that had one gets no other, also if it was
    waived. Refuses where there is no statute for this debtor, and where nothing is left to charge.
    """
    if profile:
        case = case._replace(terms=case.terms._replace(profile=profile))
    book = book_of(case, day, law)
    debts = list(_late(book, day, number))
    if not debts:
        raise Refused(_nothing(case, day, number))
    found = []
    why_not = ""
    for debt in debts:
        amount, basis = _fixed(book, debt, day)
        if not amount:
            why_not = why_not or basis
        elif any(charge.fee.kind == "fixed_sum" for charge in debt.charges):
            why_not = why_not or t("{number} has its fixed sum already", number=debt.number)
        else:
            own = debt.currency if debt.currency != case.head.currency else None
            found.append(Fee(day, amount, basis, "fixed_sum", own, debt.number, by))
    if not found:
        raise Refused(why_not)
    return found


def _fixed(book: Book, debt: Debt, day: date) -> tuple[Decimal, str]:
    """Return the lump sum for a debt and its statute; or 0, and why there is none."""
    case = book.rules.case
    profile, why = profile_of(case, book.rules.law, debt.currency)
    if case.debtor.kind == "consumer" and not (profile and profile.fixed_sums):
        return ZERO, t("a consumer owes no fixed sum: {why}", why=why)
    if profile is None or debt.invoice is None:
        return ZERO, t("no fixed sum: {why}", why=why)
    first = first_day(debt.invoice, profile)
    if day < first or not bears(debt, first):
        return ZERO, t("{number} was not late by {day}", number=debt.number, day=day)
    late = [amount for since, amount in steps(debt) if since <= first]
    amount = fixed_sum(late[-1] if late else debt.invoice.amount, debt.currency, profile)
    if not amount:
        return ZERO, t("no fixed sum: {why}", why=why)
    return money.quantize(amount, debt.currency), profile.basis


def fee_basis(case: Case, basis: str | None) -> str:
    """Return the clause of a fee: as it was given, or the clause of the contract; else refuse."""
    if basis and basis.strip():
        return basis.strip()
    if case.terms.fee_clause:
        return case.terms.fee_clause
    raise Refused(
        t(
            "a fee needs a clause or a statute: say --basis, or set {id} terms.fee_clause",
            id=case.id,
        )
    )
