"""Ageing: what is open by how long it is past due, in buckets that add up to the total."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Literal, Protocol, TypeAlias

from dunctl.case.records import Case, Plan, dated, of
from dunctl.owed.ledger import ZERO
from dunctl.tuples import NamedTuple

EDGES = (0, 30, 60, 90, 180, 365)
"""Last days of the buckets; the first is what is not past due."""

By: TypeAlias = Literal["due", "issued"]
"""From which day the age is counted; what is not past due stands apart with both."""


class Bucket(NamedTuple):
    """Open receivables of ``from_day`` to ``to_day`` days of age (``None``: no bound).

    Without both bounds it is what has no day of issue to count from.
    """

    from_day: int | None
    to_day: int | None
    total: Decimal
    invoices: int


class Ageing(NamedTuple):
    """The ageing of one currency: open invoices by bucket, and credit that is not allocated."""

    currency: str
    total: Decimal
    invoices: int
    buckets: tuple[Bucket, ...]
    unallocated: Decimal

    @property
    def balance(self) -> Decimal:
        """Return what is owed: all that is open, less the credit."""
        return self.total - self.unallocated


class Debt(Protocol):
    """What ageing needs of a receivable."""

    @property
    def currency(self) -> str:
        """Return its currency."""

    @property
    def due(self) -> date:
        """Return the day on which it is due."""

    @property
    def issued(self) -> date | None:
        """Return the day of issue, if it is known."""

    @property
    def open(self) -> Decimal:
        """Return what is open of it."""


class Account(Protocol):
    """What ageing needs of a ledger: the receivables, and credit that is put to none of them."""

    @property
    def receivables(self) -> Sequence[Debt]:
        """Return the receivables."""

    @property
    def unallocated(self) -> Mapping[str, Decimal]:
        """Return the credit by currency."""


class Open(NamedTuple):
    """A receivable that is open, as far as ageing goes."""

    currency: str
    due: date
    issued: date | None
    open: Decimal


class Extract(NamedTuple):
    """A ledger as far as ageing goes, so that it can be kept apart from its case."""

    receivables: tuple[Open, ...]
    unallocated: Mapping[str, Decimal]


def extract(account: Account) -> Extract:
    """Return of a ledger what ageing needs."""
    rest = (one for one in account.receivables if one.open > 0)
    return Extract(
        tuple(Open(one.currency, one.due, one.issued, one.open) for one in rest),
        account.unallocated,
    )


def changes_on(case: Case, day: date) -> date:
    """Return the next day on which the ledger may be another than on ``day``, with nothing written.

    Each day in an entry counts, whatever it means there.
    """
    today = day.toordinal()
    days = [
        value.toordinal() + n
        for cls, entries in case.journal.by_class.items()
        for place in dated(cls)
        for entry in entries
        if (value := entry.record[place]) is not None
        for n in (-1, 0, 1, 2)
    ]
    days += [
        due.toordinal() + n
        for plan in of(case, Plan)
        for due, _ in plan.instalments
        for n in (0, 1)
    ]
    return date.fromordinal(min((one for one in days if one > today), default=today + 366))


def ageing(
    ledgers: Iterable[Account], day: date, *, by: By = "due", edges: Sequence[int] = EDGES
) -> list[Ageing]:
    """Return one ageing a currency, by its code; each total is the sum of its buckets.

    The first bucket is what is not past due; the others part the rest by its days past due or since
    issue. ``edges`` are the last days of the buckets, in order, 0 first.
    """
    spans: list[tuple[int | None, int | None]] = [(None, 0)]
    spans += [(low + 1, high) for low, high in pairwise(edges)]
    spans += [(edges[-1] + 1, None), (None, None)]
    rows: dict[str, list[list[Decimal]]] = {}
    credit: dict[str, Decimal] = {}
    for one in ledgers:
        for receivable in one.receivables:
            if receivable.open > 0:
                buckets = rows.setdefault(receivable.currency, [[] for _ in spans])
                buckets[_nth(receivable, day, by, edges)].append(receivable.open)
        for currency, amount in one.unallocated.items():
            credit[currency] = credit.get(currency, ZERO) + amount
    found = []
    for currency in sorted(rows.keys() | credit.keys()):
        amounts = rows.get(currency, [[] for _ in spans])
        parts = [
            Bucket(low, high, sum(part, ZERO), len(part))
            for (low, high), part in zip(spans, amounts, strict=True)
        ]
        if not parts[-1].invoices:
            parts.pop()
        found.append(
            Ageing(
                currency,
                sum((b.total for b in parts), ZERO),
                sum(b.invoices for b in parts),
                tuple(parts),
                credit.get(currency, ZERO),
            )
        )
    return found


def _nth(receivable: Debt, day: date, by: By, edges: Sequence[int]) -> int:
    """Return in which bucket an open receivable is: 0 not past due, the last without an age."""
    if receivable.due >= day:
        return 0
    since = receivable.due if by == "due" else receivable.issued
    if since is None:
        return len(edges) + 1
    return sum((day - since).days > edge for edge in edges)
