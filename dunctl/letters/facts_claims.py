"""What a letter asks for: open invoices, interest and fees that are claimed, less credit.

Asked for is the whole overdue part that nobody disputes and no plan puts off (practice F18, E41).
Interest is in the sum only where it is claimed, or where the letter itself is the claim; fees are
entries with their basis. The total of each currency is the sum of the rows of its table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from dunctl import dates
from dunctl.errors import Refused
from dunctl.letters.draft import ZERO, Draft
from dunctl.owed.claims import InvoiceOwed
from dunctl.owed.debts import FeeOwed
from dunctl.owed.ledger import Receivable
from dunctl.tuples import NamedTuple
from dunctl.words import t

_FINER = 2  # digits more in the rows of an interest that is rounded at the end


class Sum(NamedTuple):
    """What is asked for in a currency; ``credit`` of theirs comes off."""

    principal: Decimal = ZERO
    interest: Decimal = ZERO
    fees: Decimal = ZERO
    credit: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        """Return what is to be paid."""
        return self.principal + self.interest + self.fees - self.credit


class Claims(NamedTuple):
    """What a letter asks for: ``rows`` oldest due first, sums by currency, and what is in them.

    ``late`` says that it is overdue, not only due soon.
    """

    rows: tuple[Receivable, ...]
    sums: Mapping[str, Sum]
    interest: tuple[InvoiceOwed, ...]
    fees: tuple[FeeOwed, ...]
    late: bool

    def totals(self) -> dict[str, Decimal]:
        """Return what is to be paid, by currency."""
        return {currency: one.total for currency, one in self.sums.items()}


def asked(draft: Draft) -> Claims:
    """Return what the letter asks for.

    Raises ``Refused`` where its template needs something to ask for and there is nothing, or where
    the interest in it is not known.
    """
    rows, late = _receivables(draft)
    interest: tuple[InvoiceOwed, ...] = ()
    fees: tuple[FeeOwed, ...] = ()
    if late or not rows:
        interest, fees = tuple(_interest(draft)), tuple(_fees(draft))
    if draft.needs("interest") and not interest:
        raise Refused(_no_interest(draft))
    if draft.needs("fees") and not fees:
        raise Refused(_no(draft, t("owes no fee")))
    sums = _sums(draft, rows, interest, fees)
    if not sums and draft.needs("overdue", "due", "upcoming", "interest", "fees"):
        raise Refused(
            t(
                "{id}: credit that is not allocated covers everything that could be asked for: "
                "no letter",
                id=draft.at.case.id,
            )
        )
    new = [one for one in interest if one.currency in sums and not one.interest.claimed]
    if new and len(sums) > 1:
        raise Refused(
            t(
                "{id}: a letter that claims interest is in one currency: one for each of "
                "{currencies}, with --currency",
                id=draft.at.case.id,
                currencies=", ".join(sums),
            )
        )
    return Claims(
        tuple(row for row in rows if row.currency in sums),
        sums,
        tuple(one for one in interest if one.currency in sums),
        tuple(fee for fee in fees if fee.currency in sums),
        late,
    )


def _receivables(draft: Draft) -> tuple[list[Receivable], bool]:
    """Return the receivables to ask for, and whether they are overdue."""
    rows = sorted(
        (r for r in draft.at.ledger.receivables if r.asked > 0 and draft.meant(r.currency)),
        key=lambda r: (r.payable, r.due, r.number),
    )
    overdue = [r for r in rows if r.payable < draft.today]
    if overdue and not draft.needs("upcoming"):
        return overdue, True
    if draft.needs("due", "upcoming"):
        soon = [r for r in rows if 0 <= working_days(draft, r) <= ahead(draft)]
        if soon:
            return soon, False
        owes = t("owes nothing that is overdue or due within {n} working days", n=ahead(draft))
        if draft.needs("upcoming"):
            owes = t("owes nothing that is due within {n} working days", n=ahead(draft))
        raise Refused(_no(draft, owes))
    if draft.needs("overdue"):
        raise Refused(_no(draft, t("owes nothing that is overdue")))
    return [], False


def working_days(draft: Draft, row: Receivable) -> int:
    """Return the working days until a receivable is payable; below 0 if that day is over."""
    if row.payable < draft.today:
        return -1
    return dates.working_days_between(draft.today, row.payable, draft.at.calendar.working)


def ahead(draft: Draft) -> int:
    """Return how many working days before the due day one may be reminded (practice H01, D13)."""
    return max(draft.at.policy.letter.remind_ahead, default=0)


def _no(draft: Draft, owes: str) -> str:
    name = draft.at.case.debtor.name
    if draft.currency:
        owes += " " + t("in {currency}", currency=draft.currency)
    return t("{name} {owes}: no {template}", name=name, owes=owes, template=draft.template.name)


def _interest(draft: Draft) -> Iterable[InvoiceOwed]:
    """Yield the invoices whose interest is in the sum: claimed before, or by this letter.

    A letter claims what is overdue and open, as the ledger reads it from its entry.
    """
    for one in draft.owed.invoices:
        claimed = one.interest.claimed is not None or (
            draft.template.claims and one.due < draft.today and one.open > 0
        )
        if not claimed or not draft.meant(one.currency):
            continue
        if one.interest.unknown and (one.interest.claimed or one.interest.profile):
            raise Refused(
                t(
                    "{id}: the interest on {number} is not known: {why}",
                    id=draft.at.case.id,
                    number=one.number,
                    why=one.interest.unknown,
                )
            )
        if one.interest.open > 0:
            yield one


def _no_interest(draft: Draft) -> str:
    late = [one for one in draft.owed.invoices if draft.meant(one.currency)]
    late = [one for one in late if one.due < draft.today and one.open > 0]
    if late and all(one.interest.profile is None for one in late):
        return t("{id}: no interest: {why}", id=draft.at.case.id, why=late[0].interest.basis)
    return _no(draft, t("owes no interest"))


def _fees(draft: Draft) -> Iterable[FeeOwed]:
    every = [fee for one in draft.owed.invoices for fee in one.fees] + list(draft.owed.fees)
    return sorted(
        (fee for fee in every if fee.open > 0 and draft.meant(fee.currency)),
        key=lambda fee: (fee.on, fee.handle),
    )


def _sums(
    draft: Draft,
    rows: Iterable[Receivable],
    interest: Iterable[InvoiceOwed],
    fees: Iterable[FeeOwed],
) -> dict[str, Sum]:
    """Return the sums by currency that are above zero, the case's own currency first."""
    found: dict[str, Sum] = {}

    def add(currency: str, **more: Decimal) -> None:
        old = found.get(currency, Sum())
        found[currency] = old._replace(**{key: getattr(old, key) + more[key] for key in more})

    for row in rows:
        add(row.currency, principal=row.asked)
    for one in interest:
        add(one.currency, interest=one.interest.open)
    for fee in fees:
        add(fee.currency, fees=fee.open)
    for currency, credit in draft.at.ledger.unallocated.items():
        if currency in found:
            add(currency, credit=credit)
    return {code: found[code] for code in draft.ordered(found) if found[code].total > 0}
