"""Expected money as a sheet: what comes in which week, currency by currency, and how far it varies.

Amounts are whole numbers of the smallest unit while they are added up, and decimals outside.

The range is what chance alone does if the shares are right. The variances of the debtors are added,
as if they did not know of each other; what one debtor owes comes together or not at all. 80 % of a
normal distribution around the mean is taken, within what can come at all. That a curve may be wrong
is not in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from math import sqrt

from dunctl import money
from dunctl.tuples import NamedTuple

Z80 = 1.2815515655446004
"""Standard deviations on either side of the mean that hold 80 % of a normal distribution."""

_MILLION = 1_000_000


class Span(NamedTuple):
    """A week, or the part of it that is still to come; both days belong to it."""

    first: date
    last: date


class Rate(NamedTuple):
    """How promises were kept: ``kept`` of the ``judged`` ones, and the share that follows."""

    kept: float
    judged: int
    rate: float


class Item(NamedTuple):
    """What a part is about: ``kind`` is ``promise``, ``instalment``, ``settlement`` or ``age``.

    ``ref`` is the handle of what was agreed, or the number of the invoice.
    """

    kind: str
    ref: str
    due: date


class Flow(NamedTuple):
    """Money in the smallest unit; what share of it has come by the end of each span, and ever."""

    units: int
    shares: Sequence[float]


class Part(NamedTuple):
    """Money that is expected: what of ``amount`` comes in each span, and ``later``.

    ``rate`` is how this debtor keeps what it promises, where that is what it goes by.
    """

    case: str
    item: Item
    currency: str
    amount: Decimal
    rate: Rate | None
    spans: tuple[Decimal, ...]
    later: Decimal

    @property
    def total(self) -> Decimal:
        """Return all that is expected of it, whenever it comes."""
        return sum(self.spans, self.later)


class Row(NamedTuple):
    """What is expected in a span: ``face`` is what was promised for it, in full."""

    span: Span
    face: Decimal
    expected: Decimal
    low: Decimal
    high: Decimal


class Outlook(NamedTuple):
    """What is expected in one currency: in each span, ``within`` all of them, and ``later``.

    ``collectable`` is what is open, undisputed and not covered by credit; ``disputed`` and
    ``left_out`` are beside it.
    """

    currency: str
    collectable: Decimal
    rows: tuple[Row, ...]
    within: Row
    later: Decimal
    disputed: Decimal
    left_out: Decimal

    @property
    def total(self) -> Decimal:
        """Return all that is expected, whenever it comes."""
        return self.within.expected + self.later


def weeks(today: date, count: int) -> list[Span]:
    """Return ``count`` calendar weeks; the first is what is left of the one tomorrow is in."""
    first = today
    monday = today + timedelta(days=1)
    monday -= timedelta(days=monday.weekday())
    spans = []
    for nth in range(count):
        last = monday + timedelta(days=7 * nth + 6)
        spans.append(Span(first, last))
        first = last + timedelta(days=1)
    return spans


def units_of(amount: Decimal, currency: str) -> int:
    """Return an amount in the smallest units of its currency."""
    return int(amount.scaleb(money.exponent(currency)))


def amount_of(units: int, currency: str) -> Decimal:
    """Return the amount of so many of the smallest units."""
    return Decimal(units).scaleb(-money.exponent(currency))


class _Sums:
    """The sums of one currency; the last variance is that of all spans together."""

    def __init__(self, spans: int) -> None:
        self.collectable = self.later = self.disputed = self.left_out = 0
        self.expected = [0] * spans
        self.face = [0] * spans
        self.variance = [0.0] * (spans + 1)


class Sheet:
    """Collects the parts of all cases."""

    def __init__(self, spans: Sequence[Span]) -> None:
        """Start an empty sheet for at least one span."""
        self.spans = tuple(spans)
        self.parts: list[Part] = []
        self._sums: dict[str, _Sums] = {}

    def beside(self, disputed: Mapping[str, Decimal], left_out: Mapping[str, Decimal]) -> None:
        """Add what is owed and not expected."""
        for currency, amount in disputed.items():
            self._of(currency).disputed += units_of(amount, currency)
        for currency, amount in left_out.items():
            self._of(currency).left_out += units_of(amount, currency)

    def promised(self, currency: str, due: date, units: int) -> int:
        """Add what was promised for a day; returns the number of its span, one more if none."""
        nth = next((n for n, span in enumerate(self.spans) if due <= span.last), len(self.spans))
        if nth < len(self.spans):
            self._of(currency).face[nth] += units
        return nth

    def add(
        self,
        case: str,
        currency: str,
        found: Sequence[tuple[Item, Rate | None, Sequence[Flow], int]],
    ) -> None:
        """Add what is expected of a case in a currency: items with their flows and whole units."""
        sums = self._of(currency)
        deviation = [0.0] * len(sums.variance)
        for item, rate, flows, units in found:
            sums.collectable += units
            come = _cumulated(flows, units)
            steps = [now - then for then, now in zip([0, *come], come, strict=False)]
            for n, step in enumerate(steps[:-1]):
                sums.expected[n] += step
                deviation[n] += _deviation(step, units)
            sums.later += steps[-1]
            deviation[-1] += _deviation(come[-2], units)
            self.parts.append(
                Part(
                    case,
                    item,
                    currency,
                    amount_of(units, currency),
                    rate,
                    tuple(amount_of(step, currency) for step in steps[:-1]),
                    amount_of(steps[-1], currency),
                )
            )
        for n, one in enumerate(deviation):
            sums.variance[n] += one * one

    def outlooks(self) -> Iterator[Outlook]:
        """Return the sums of each currency."""
        whole = Span(self.spans[0].first, self.spans[-1].last)
        for currency, sums in sorted(self._sums.items()):
            yield Outlook(
                currency,
                amount_of(sums.collectable, currency),
                tuple(
                    _row(currency, span, sums, (sums.face[n], sums.expected[n], sums.variance[n]))
                    for n, span in enumerate(self.spans)
                ),
                _row(
                    currency,
                    whole,
                    sums,
                    (sum(sums.face), sum(sums.expected), sums.variance[-1]),
                ),
                amount_of(sums.later, currency),
                amount_of(sums.disputed, currency),
                amount_of(sums.left_out, currency),
            )

    def _of(self, currency: str) -> _Sums:
        if currency not in self._sums:
            self._sums[currency] = _Sums(len(self.spans))
        return self._sums[currency]


def _cumulated(flows: Sequence[Flow], most: int) -> list[int]:
    """Return what has come by the end of each span and ever, rounded half up.

    It is rounded as it adds up, so the weeks of a part are together all that is expected of it.
    """
    millionths = [
        sum(flow.units * round(flow.shares[n] * _MILLION) for flow in flows)
        for n in range(len(flows[0].shares))
    ]
    return [min(most, (2 * one + _MILLION) // (2 * _MILLION)) for one in millionths]


def _deviation(mean: int, most: int) -> float:
    """Return the standard deviation of money that comes as a whole or not at all."""
    return sqrt(max(0, mean * (most - mean)))


def _row(currency: str, span: Span, sums: _Sums, found: tuple[int, int, float]) -> Row:
    face, mean, variance = found
    reach = Z80 * sqrt(variance)
    return Row(
        span,
        amount_of(face, currency),
        amount_of(mean, currency),
        amount_of(max(0, round(mean - reach)), currency),
        amount_of(min(sums.collectable, round(mean + reach)), currency),
    )
