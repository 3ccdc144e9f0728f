"""What money is expected, week by week: promises by how they are kept, the rest by its age.

Each part is money that is open, undisputed and not covered by credit of theirs; nothing is counted
twice, because what was agreed takes what it covers out of the rest. If it is not kept, its money is
expected like any other, from the day on which it broke.

A debtor keeps ``(strength * book + kept) / (strength + judged)`` of what it promises, and the book
``(strength * prior + kept) / (strength + judged)``; ``kept`` counts the share that came in time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from dunctl.owed.ledger import ZERO, Receivable
from dunctl.steps import pace as paces
from dunctl.steps import recovery
from dunctl.steps.outlook import Flow, Item, Outlook, Part, Rate, Sheet, Span, units_of
from dunctl.steps.pace import Pace
from dunctl.steps.prospect import Agreed, Prospect, collectable
from dunctl.tuples import NamedTuple


class Kept(NamedTuple):
    """How kept promises are learned: the prior and how much it weighs (``[propensity]``)."""

    prior: float
    book_strength: float
    debtor_strength: float
    basis: str


class Model(NamedTuple):
    """The parameters of ``value.toml`` that money is expected by."""

    curve: recovery.Curve
    pace: paces.Terms
    kept: Kept


class Absent(NamedTuple):
    """A case that is not counted on, and why."""

    case: str
    why: str
    amounts: Mapping[str, Decimal]


class Forecast(NamedTuple):
    """What is expected after a day, by currency, with every part that it is made of.

    ``kept`` is how the whole book keeps its promises; ``paid`` and ``usual`` are how many invoices
    the book saw paid, and how many the curve alone would have expected.
    """

    day: date
    outlooks: tuple[Outlook, ...]
    parts: tuple[Part, ...]
    absent: tuple[Absent, ...]
    kept: Rate
    paid: int
    usual: float


class Tested(NamedTuple):
    """What an earlier forecast said of the days since, in one currency, and what came."""

    day: date
    currency: str
    said: Decimal
    low: Decimal
    high: Decimal
    came: Decimal


def read(data: Mapping[str, Any], curve: str | None = None) -> Model:
    """Return the model from the TOML data, by the curve that it selects or the one named."""
    rule = data["propensity"]
    kept = Kept(
        float(rule["prior"]),
        float(rule["book_strength"]),
        float(rule["debtor_strength"]),
        rule["basis"],
    )
    return Model(recovery.read(data, curve), paces.read(data), kept)


def expected(
    prospects: Iterable[Prospect], day: date, spans: Sequence[Span], model: Model
) -> Forecast:
    """Return what is expected after ``day`` in each of ``spans``, from all the cases."""
    known = list(prospects)
    pace = Pace(model.curve, model.pace)
    tallies = [pace.tally(at) for at in known]
    pace.learn(tally for tally in tallies if tally is not None)
    rule = model.kept
    judged = [share for at in known for share in at.judged]
    book = _rate(judged, rule.prior, rule.book_strength)
    sheet, absent = Sheet(spans), []
    for at, tally in zip(known, tallies, strict=True):
        owed = collectable(at)
        if owed and at.absent is not None:
            amounts = {code: sum((one for _, one in rows), ZERO) for code, rows in owed.items()}
            absent.append(Absent(at.id, at.absent, amounts))
            sheet.beside(at.ledger.disputed(), amounts)
            continue
        sheet.beside(at.ledger.disputed(), {})
        by = _By(day, pace, pace.own(tally), _rate(at.judged, book.rate, rule.debtor_strength))
        for currency, rows in owed.items():
            agreed = at.agreed.get(currency, ())
            sheet.add(at.id, currency, _items(agreed, currency, rows, by, sheet))
    return Forecast(
        day,
        tuple(sheet.outlooks()),
        tuple(sheet.parts),
        tuple(absent),
        book,
        pace.paid,
        pace.usual,
    )


class _By(NamedTuple):
    """By what the money of a debtor is expected, after ``day``."""

    day: date
    pace: Pace
    own: tuple[float, ...] | None
    kept: Rate


def _rate(shares: Sequence[float], prior: float, strength: float) -> Rate:
    kept = sum(shares)
    return Rate(kept, len(shares), (strength * prior + kept) / (strength + len(shares)))


def _items(
    agreements: Sequence[Agreed],
    currency: str,
    rows: list[tuple[Receivable, Decimal]],
    by: _By,
    sheet: Sheet,
) -> list[tuple[Item, Rate | None, list[Flow], int]]:
    """Return what is expected of a case: what was agreed first, then what that does not cover."""
    left = {r.number: units_of(amount, currency) for r, amount in rows}
    ends = [(span.last - by.day).days for span in sheet.spans]
    found: list[tuple[Item, Rate | None, list[Flow], int]] = []
    for agreed in agreements:
        pieces = _covered(agreed, rows, left, currency)
        if pieces:
            flows = _if_kept(agreed, currency, pieces, by, sheet)
            found.append((agreed.item, by.kept, flows, sum(units for _, units in pieces)))
    for r, _ in rows:
        if left[r.number]:
            flow = Flow(left[r.number], by.pace.shares(r, by.day, ends, by.own))
            found.append((Item("age", r.number, r.due), None, [flow], flow.units))
    return found


def _covered(
    agreed: Agreed,
    rows: list[tuple[Receivable, Decimal]],
    left: dict[str, int],
    currency: str,
) -> list[tuple[Receivable, int]]:
    """Take what an agreement is about out of what is left: its invoice, or the oldest due first."""
    rest = sum(left.values()) if agreed.whole else units_of(agreed.amount, currency)
    pieces = []
    for r, _ in rows:
        part = min(rest, left[r.number]) if agreed.invoice in (None, r.number) else 0
        if part:
            left[r.number] -= part
            rest -= part
            pieces.append((r, part))
    return pieces


def _if_kept(
    agreed: Agreed, currency: str, pieces: list[tuple[Receivable, int]], by: _By, sheet: Sheet
) -> list[Flow]:
    """Return the flows of what was agreed: kept by its day, or else money like any other."""
    chance = by.kept.rate
    pays = min(sum(units for _, units in pieces), units_of(agreed.amount, currency))
    nth = sheet.promised(currency, agreed.item.due, pays)
    breaks = max(agreed.breaks, by.day)
    ends = [max(0, (span.last - breaks).days) for span in sheet.spans]
    flows = [Flow(pays, [*(chance * (n >= nth) for n in range(len(ends))), chance])]
    for r, units in pieces:
        shares = by.pace.shares(r, breaks, ends, by.own)
        flows.append(Flow(units, [(1.0 - chance) * share for share in shares]))
    return flows


def back_test(
    then: Iterable[Prospect], now: Iterable[Prospect], day: date, today: date, model: Model
) -> list[Tested]:
    """Return what a forecast of ``day`` said of the days up to ``today``, against what came.

    ``then`` are the cases as they stood on that day, ``now`` as they stand. What came is what was
    paid since then towards the invoices that the forecast was about.
    """
    known = list(then)
    said = expected(known, day, [Span(day, today)], model)
    counted = {(part.case, part.currency) for part in said.parts}
    after = {at.id: at.ledger.receivables for at in now}
    came: dict[str, Decimal] = {}
    for at in known:
        paid = {r.number: r.paid for r in after.get(at.id, ())}
        for r in at.ledger.receivables:
            if r.open > 0 and (at.id, r.currency) in counted:
                more = paid.get(r.number, r.paid) - r.paid
                came[r.currency] = came.get(r.currency, ZERO) + more
    return [
        Tested(
            day,
            one.currency,
            one.within.expected,
            one.within.low,
            one.within.high,
            came.get(one.currency, ZERO),
        )
        for one in said.outlooks
        if one.collectable
    ]
