"""How fast invoices are paid: the chance of each day, from a curve and from what was paid before.

A curve of recovery says what share still comes in at an age. What it loses from one day to the next
is what was paid in between: the chance that an invoice which is open at an age is paid on the next
day is ``(share - share') / (1 - share')``. So with nothing learned, all that still comes adds up to
the curve's share.

What was paid corrects it, for each band of days past due: ``(strength + paid) / (strength +
usual)``, where ``usual`` is how many payments the level above expects of those invoices on those
days; first for the whole book, then for one debtor. Days before a case's first payment or contact
are not counted: an invoice that came into the book late would look as if it had been refused.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from dunctl.owed.ledger import Receivable
from dunctl.steps.prospect import Prospect
from dunctl.steps.recovery import Curve, share
from dunctl.tuples import NamedTuple

FIRST, LAST = -400, 1500
"""Days past due for which chances are worked out; beyond them they are as at the ends."""

_SURE, _MOST = 0.99, 0.9


class Terms(NamedTuple):
    """The parameters ``[pace]`` of ``value.toml``: ``bands`` are last days, in days past due."""

    bands: tuple[int, ...]
    before: float
    book_strength: float
    debtor_strength: float
    basis: str


class Tally(NamedTuple):
    """By band: how many invoices were paid, and how many the curve alone would expect."""

    paid: tuple[int, ...]
    usual: tuple[float, ...]


def read(data: Mapping[str, Any]) -> Terms:
    """Return the parameters from their TOML data."""
    table = data["pace"]
    return Terms(
        tuple(table["bands"]),
        float(table["before"]),
        float(table["book_strength"]),
        float(table["debtor_strength"]),
        table["basis"],
    )


class Pace:
    """The chances of a day under one curve, and what a book has taught about them."""

    def __init__(self, curve: Curve, terms: Terms) -> None:
        """Start with the curve alone; ``learn`` adds a book."""
        self.curve = curve
        self.terms = terms
        self.book = (1.0,) * (len(terms.bands) + 1)
        self.paid = 0
        self.usual = 0.0
        self._bands = [bisect_left(terms.bands, day) for day in range(FIRST, LAST + 1)]
        self._tables: dict[int, tuple[list[float], list[float]]] = {}
        self._sums: dict[int, list[float]] = {}
        self._paths: dict[tuple[object, ...], tuple[float, ...]] = {}

    def tally(self, at: Prospect) -> Tally | None:
        """Return what a case shows: its invoices while they were open and somebody watched."""
        since = at.watched
        if since is None:
            return None
        paid = [0] * len(self.book)
        usual = [0.0] * len(self.book)
        for r in at.ledger.receivables:
            start = max(since, r.issued or since)
            ends = [day for day in (r.closed, at.closed_on, at.today) if day is not None]
            first, last = (start - r.due).days, (min(ends) - r.due).days
            if last <= first:
                continue
            offset = self._offset(r)
            sums = self._cumulated(offset)
            nth, end = self._band(first + 1), self._band(last)
            days = [first, *self.terms.bands[nth:end], last]
            for low, high in pairwise([sums[_place(day)] for day in days]):
                usual[nth] += high - low
                nth += 1
            if r.closed is not None and r.closed == min(ends) and r.paid > r.credited:
                paid[end] += 1
        return Tally(tuple(paid), tuple(usual))

    def learn(self, tallies: Iterable[Tally]) -> None:
        """Take in what all cases show; replaces what was learned before."""
        paid = [0] * len(self.book)
        usual = [0.0] * len(self.book)
        for tally in tallies:
            for nth, count in enumerate(tally.paid):
                paid[nth] += count
                usual[nth] += tally.usual[nth]
        strength = self.terms.book_strength
        self.book = tuple(
            (strength + count) / (strength + expected)
            for count, expected in zip(paid, usual, strict=True)
        )
        self.paid, self.usual = sum(paid), sum(usual)
        self._tables.clear()
        self._paths.clear()

    def own(self, tally: Tally | None) -> tuple[float, ...] | None:
        """Return how much faster than the book a debtor pays, by band; ``None``: nothing known."""
        if tally is None or not any(tally.usual):
            return None
        strength = self.terms.debtor_strength
        return tuple(
            (strength + count) / (strength + factor * expected)
            for count, expected, factor in zip(tally.paid, tally.usual, self.book, strict=True)
        )

    def shares(
        self, r: Receivable, day: date, ends: Sequence[int], own: tuple[float, ...] | None
    ) -> tuple[float, ...]:
        """Return what share of an invoice that is open on ``day`` has come by each of ``ends``.

        ``ends`` are days after ``day``, in their order; the last share is of all that ever comes.
        """
        past = max(FIRST, min(LAST, (day - r.due).days))
        key = (past, self._offset(r), tuple(ends), own)
        if key not in self._paths:
            self._paths[key] = self._path(past, key[1], ends, own)
        return self._paths[key]

    def _path(
        self, past: int, offset: int, ends: Sequence[int], own: tuple[float, ...] | None
    ) -> tuple[float, ...]:
        chances, tails = self._table(offset)
        left, after, found = 1.0, 0, []
        for end in ends:
            for nth in range(_place(past + after) + 1, _place(past + end) + 1):
                chance = chances[nth]
                if own is not None:
                    chance = min(_MOST, chance * own[self._bands[nth]])
                left *= 1.0 - chance
            after = max(after, end)
            found.append(1.0 - left)
        found.append(1.0 - left * (1.0 - tails[_place(past + after)]))
        return tuple(found)

    def _table(self, offset: int) -> tuple[list[float], list[float]]:
        """Return for each day past due the chance of that day, and what still comes after it."""
        if offset not in self._tables:
            chances = [
                min(_MOST, self._chance(day, offset) * self.book[self._bands[day - FIRST]])
                for day in range(FIRST, LAST + 1)
            ]
            tails = [share(self.curve, LAST + offset)] * len(chances)
            for nth in range(len(chances) - 2, -1, -1):
                tails[nth] = chances[nth + 1] + (1.0 - chances[nth + 1]) * tails[nth + 1]
            self._tables[offset] = chances, tails
        return self._tables[offset]

    def _cumulated(self, offset: int) -> list[float]:
        if offset not in self._sums:
            total, sums = 0.0, []
            for day in range(FIRST, LAST + 1):
                total += self._chance(day, offset)
                sums.append(total)
            self._sums[offset] = sums
        return self._sums[offset]

    def _chance(self, day: int, offset: int) -> float:
        """Return the curve's own chance that what is open the day before is paid on ``day``."""
        age = day + offset
        if day <= 0 or age <= self.curve.points[0][0]:
            return self.terms.before
        then, now = (min(_SURE, share(self.curve, past)) for past in (age - 1, age))
        return max(0.0, (then - now) / (1.0 - now))

    def _offset(self, r: Receivable) -> int:
        """Return the days from issue to due where the curve's clock is the age of the credit."""
        if self.curve.clock != "credit_age" or r.issued is None:
            return 0
        return (r.due - r.issued).days

    def _band(self, day: int) -> int:
        return self._bands[_place(day)]


def _place(day: int) -> int:
    return max(FIRST, min(LAST, day)) - FIRST
