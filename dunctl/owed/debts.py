"""A debt while a case is walked through day by day: what went to it, and by which rule."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dunctl.case.handles import handles
from dunctl.case.records import Case, Credit, Fee, Invoice, Payment
from dunctl.owed.law import PARTS, Law
from dunctl.tuples import NamedTuple

if TYPE_CHECKING:
    from dunctl.owed.profiles import Profile

ZERO = Decimal(0)


class FeeOwed(NamedTuple):
    """A fee: ``open`` is ``amount`` less what was paid, waived and credited.

    ``credited`` is the part that costs of recovery and a fixed sum have in common: it is owed once.
    """

    handle: str
    on: date
    kind: str
    basis: str
    invoice: str | None
    currency: str
    amount: Decimal
    credited: Decimal
    waived: Decimal
    paid: Decimal

    @property
    def open(self) -> Decimal:
        """Return what is left to pay."""
        return self.amount - self.credited - self.waived - self.paid


class Charge:
    """A fee on its way: ``matched`` is what of it a fixed sum and costs have in common so far."""

    def __init__(
        self, fee: Fee, key: tuple[str, int], currency: str, data: Mapping[str, Any]
    ) -> None:
        self.fee = fee
        self.key = key
        self.currency = currency
        self.data = data
        self.credited = self.waived = self.paid = self.matched = ZERO

    @property
    def handle(self) -> str:
        """Return the handle of the fee."""
        return handles(self.data)[self.key]

    @property
    def open(self) -> Decimal:
        """Return what is left to pay."""
        return self.fee.amount - self.credited - self.waived - self.paid


class Money:
    """A payment or credit note: ``rest`` is not placed, ``refunded`` went back to them."""

    def __init__(self, record: Payment | Credit, currency: str) -> None:
        self.record = record
        self.currency = currency
        self.rest = record.amount
        self.refunded = ZERO
        self.charges: list[tuple[Charge, Decimal]] = []


class Debt:
    """An invoice with all that went to it, or (``invoice`` is ``None``) a fee that names none.

    ``credited`` is what lowered the principal without money: credit notes, and what was let go
    (``settled``). ``principal`` and ``interest`` are (day, amount, money that paid it), in the
    order of days. ``waivers`` are (day, how much interest); ``None`` is all that had accrued by
    then.
    """

    def __init__(self, number: str, due: date, currency: str, invoice: Invoice | None) -> None:
        self.number = number
        self.due = due
        self.currency = currency
        self.invoice = invoice
        self.open = invoice.amount if invoice else ZERO
        self.credited = self.settled = ZERO
        self.principal: list[tuple[date, Decimal, Money | None]] = []
        self.interest: list[tuple[date, Decimal, Money]] = []
        self.waivers: list[tuple[date, Decimal | None]] = []
        self.charges: list[Charge] = []
        self.claimed: date | None = None
        self.profile: str | None = None


def steps(debt: Debt, less: Decimal = ZERO) -> list[tuple[date, Decimal]]:
    """Return (day, principal from that day on) of an invoice, ``less`` a contested part."""
    if debt.invoice is None:
        return []
    left = debt.invoice.amount
    found = {debt.invoice.issued or date.min: left}
    for day, part, _ in debt.principal:
        left -= part
        found[day] = left
    return [(day, max(ZERO, amount - less)) for day, amount in sorted(found.items())]


def fee_owed(charge: Charge) -> FeeOwed:
    """Return a fee as it stands."""
    fee = charge.fee
    return FeeOwed(
        charge.handle,
        fee.on,
        fee.kind,
        fee.basis,
        fee.invoice,
        charge.currency,
        fee.amount,
        charge.credited,
        charge.waived,
        charge.paid,
    )


class Rules:
    """By which rule each debt of a case bears interest, looked up once."""

    def __init__(self, case: Case, law: Law) -> None:
        self.case = case
        self.law = law
        self.known: dict[tuple[str, str | None], tuple[Profile | None, str]] = {}

    def of(self, debt: Debt) -> tuple[Profile | None, str]:
        """Return the profile of a debt and why, or ``None`` and why there is none."""
        return self.named(debt.currency, debt.profile)

    def named(self, currency: str, name: str | None) -> tuple[Profile | None, str]:
        """Return the profile for a currency; ``name`` is what a claim says, else the terms do."""
        if (currency, name) not in self.known:
            from dunctl.owed.profiles import profile_of

            case = self.case
            if name:
                case = case._replace(terms=case.terms._replace(profile=name))
            self.known[currency, name] = profile_of(case, self.law, currency)
        return self.known[currency, name]

    def order(self, debt: Debt) -> tuple[str, ...]:
        """Return to what money goes first within a debt."""
        if not debt.charges and debt.claimed is None:
            return ("principal",)
        profile, _ = self.of(debt)
        return profile.order if profile else PARTS

    def among(self, currency: str) -> str:
        """Return to which debt money goes first."""
        profile, _ = self.named(currency, None)
        return profile.among if profile else "oldest"


def interest_paid(debt: Debt, before: date = date.max) -> Decimal:
    """Return what was paid of the interest, on days before ``before``."""
    return sum([amount for day, amount, _ in debt.interest if day < before], ZERO)
