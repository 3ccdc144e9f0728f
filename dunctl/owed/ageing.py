"""Ageing: what is open by how long it is past due, in buckets that add up to the total."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Literal, NamedTuple, TypeAlias

from dunctl.owed.ledger import ZERO, Ledger, Receivable

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


def ageing(
    ledgers: Iterable[Ledger], day: date, *, by: By = "due", edges: Sequence[int] = EDGES
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


def _nth(receivable: Receivable, day: date, by: By, edges: Sequence[int]) -> int:
    """Return in which bucket an open receivable is: 0 not past due, the last without an age."""
    if receivable.due >= day:
        return 0
    since = receivable.due if by == "due" else receivable.issued
    if since is None:
        return len(edges) + 1
    return sum((day - since).days > edge for edge in edges)
