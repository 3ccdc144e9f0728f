"""Ageing: what is open by how long it is past due, in buckets that add up to the total."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from dunctl.owed.ledger import ZERO, Ledger

EDGES = (0, 30, 60, 90, 180, 365)
"""Last days of the buckets; the first is what is not past due."""


class Bucket(NamedTuple):
    """Open receivables from ``from_day`` to ``to_day`` days past due (``None``: no bound)."""

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


def ageing(ledgers: Iterable[Ledger], day: date) -> list[Ageing]:
    """Return one ageing a currency, by its code; each total is the sum of its buckets."""
    spans: list[tuple[int | None, int | None]] = [(None, EDGES[0])]
    spans += [(low + 1, high) for low, high in pairwise(EDGES)]
    spans.append((EDGES[-1] + 1, None))
    rows: dict[str, list[list[Decimal]]] = {}
    credit: dict[str, Decimal] = {}
    for one in ledgers:
        for receivable in one.receivables:
            if receivable.open <= 0:
                continue
            past = (day - receivable.due).days
            nth = sum(past > edge for edge in EDGES)
            buckets = rows.setdefault(receivable.currency, [[] for _ in range(len(EDGES) + 1)])
            buckets[nth].append(receivable.open)
        for currency, amount in one.unallocated.items():
            credit[currency] = credit.get(currency, ZERO) + amount
    found = []
    for currency in sorted(rows.keys() | credit.keys()):
        amounts = rows.get(currency, [[] for _ in spans])
        buckets_of = tuple(
            Bucket(low, high, sum(part, ZERO), len(part))
            for (low, high), part in zip(spans, amounts, strict=True)
        )
        found.append(
            Ageing(
                currency,
                sum((b.total for b in buckets_of), ZERO),
                sum(b.invoices for b in buckets_of),
                buckets_of,
                credit.get(currency, ZERO),
            )
        )
    return found
