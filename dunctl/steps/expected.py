"""What money is expected, week by week: promises by how they are kept, the rest by its age.

Each part is money that is open, undisputed and not covered by credit of theirs; nothing is counted
twice, because what was agreed takes what it covers out of the rest. If it is not kept, its money is
expected like any other, from the day on which it broke.

A debtor keeps ``(strength * book + kept) / (strength + judged)`` of what it promises, and the book
``(strength * prior + kept) / (strength + judged)``; ``kept`` counts the share that came in time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from dunctl.case.handles import handles
from dunctl.owed.ledger import ZERO, Receivable
from dunctl.steps import pace as paces
from dunctl.steps import recovery
from dunctl.steps.ladder import hold_words
from dunctl.steps.outlook import Flow, Item, Outlook, Part, Rate, Sheet, Span, units_of
from dunctl.steps.pace import Pace
from dunctl.steps.standing import Standing
from dunctl.tuples import NamedTuple
from dunctl.words import t

LEFT_OUT = ("insolvent", "deceased", "fraud")
"""Holds and reasons of cases from which nothing is counted on: no curve is about them."""


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
    standings: Iterable[Standing], day: date, spans: Sequence[Span], model: Model
) -> Forecast:
    """Return what is expected after ``day`` in each of ``spans``, from all the cases."""
    known = list(standings)
    pace = Pace(model.curve, model.pace)
    tallies = [pace.tally(at) for at in known]
    pace.learn(tally for tally in tallies if tally is not None)
    judged = [_judged(at) for at in known]
    rule = model.kept
    book = _rate([share for row in judged for share in row], rule.prior, rule.book_strength)
    sheet, absent = Sheet(spans), []
    for at, tally, row in zip(known, tallies, judged, strict=True):
        owed = collectable(at)
        why = why_absent(at) if owed else None
        if why is not None:
            amounts = {code: sum((one for _, one in rows), ZERO) for code, rows in owed.items()}
            absent.append(Absent(at.case.id, why, amounts))
            sheet.beside(at.ledger.disputed(), amounts)
            continue
        sheet.beside(at.ledger.disputed(), {})
        by = _By(day, pace, pace.own(tally), _rate(row, book.rate, rule.debtor_strength))
        for currency, rows in owed.items():
            sheet.add(at.case.id, currency, _items(at, currency, rows, by, sheet))
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


def collectable(at: Standing) -> dict[str, list[tuple[Receivable, Decimal]]]:
    """Return what may be collected of each open invoice, oldest due first, by currency.

    Disputed parts are not; credit of theirs is taken off the oldest; what a closed case let go is
    gone.
    """
    credit = dict(at.ledger.unallocated)
    closed = at.closed_on
    found: dict[str, list[tuple[Receivable, Decimal]]] = {}
    for r in at.ledger.receivables:
        if r.undisputed <= 0 or (closed is not None and (r.issued or r.due) < closed):
            continue
        off = min(r.undisputed, max(ZERO, credit.get(r.currency, ZERO)))
        if off:
            credit[r.currency] -= off
        if r.undisputed > off:
            found.setdefault(r.currency, []).append((r, r.undisputed - off))
    return found


def why_absent(at: Standing) -> str | None:
    """Return why nothing is counted on in a case: no curve is about insolvency and the like."""
    for hold in at.holds:
        if hold.kind in LEFT_OUT:
            return hold_words(hold)
    reason = at.case.head.reason or ""
    if reason.split(".")[0] in LEFT_OUT:
        return t("the reason is {reason}", reason=reason)
    return None


def _judged(at: Standing) -> list[float]:
    """Return of each promise that is decided, and each instalment, the share that came in time."""
    found = [
        1.0 if s.status == "kept" else float(min(s.paid / s.promise.amount, Decimal(1)))
        for s in at.promises
        if s.status != "open"
    ]
    for one in at.schedule.instalments if at.schedule else ():
        if one.status == "late":
            found.append(float(one.paid / one.amount))
        elif one.status == "paid" and one.due <= at.today and one.paid:
            found.append(1.0)
    return found


def _rate(shares: Sequence[float], prior: float, strength: float) -> Rate:
    kept = sum(shares)
    return Rate(kept, len(shares), (strength * prior + kept) / (strength + len(shares)))


class _Agreed(NamedTuple):
    """Something agreed that is still to come, until ``breaks``; ``whole`` is about all they owe."""

    item: Item
    breaks: date
    amount: Decimal
    invoice: str | None
    whole: bool = False


def _agreed(at: Standing, currency: str) -> list[_Agreed]:
    """Return what was agreed in a currency and is neither kept nor broken, first due first."""
    coming = [
        state
        for state in at.awaited
        if state.status == "open" and state.missing > 0 and state.currency == currency
    ]
    schedule = at.schedule
    if schedule and (schedule.status != "up_to_date" or schedule.currency != currency):
        schedule = None
    if not coming and not schedule:
        return []
    names = handles(at.case.data)
    found = []
    for state in coming:
        due = state.promise.due
        day = due.astimezone(at.zone).date() if isinstance(due, datetime) else due
        kind, nth = state.entry.kind, state.entry.nth
        found.append(
            _Agreed(
                Item(kind, names[kind, nth], day),
                _last_day(state.breaks_at, at),
                state.missing,
                state.promise.invoice,
                kind == "settlement",
            )
        )
    for one in schedule.instalments if schedule else ():
        if schedule and one.missing > 0:
            item = Item("instalment", names[schedule.entry.kind, schedule.entry.nth], one.due)
            found.append(_Agreed(item, _last_day(one.breaks_at, at), one.missing, None))
    found.sort(key=lambda one: (not one.whole, one.item.due, one.item))
    return found


def _last_day(breaks: datetime, at: Standing) -> date:
    return (breaks.astimezone(at.zone) - timedelta(microseconds=1)).date()


def _items(
    at: Standing,
    currency: str,
    rows: list[tuple[Receivable, Decimal]],
    by: _By,
    sheet: Sheet,
) -> list[tuple[Item, Rate | None, list[Flow], int]]:
    """Return what is expected of a case: what was agreed first, then what that does not cover."""
    left = {r.number: units_of(amount, currency) for r, amount in rows}
    ends = [(span.last - by.day).days for span in sheet.spans]
    found: list[tuple[Item, Rate | None, list[Flow], int]] = []
    for agreed in _agreed(at, currency):
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
    agreed: _Agreed,
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
    agreed: _Agreed, currency: str, pieces: list[tuple[Receivable, int]], by: _By, sheet: Sheet
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
    then: Iterable[Standing], now: Mapping[str, Standing], day: date, today: date, model: Model
) -> list[Tested]:
    """Return what a forecast of ``day`` said of the days up to ``today``, against what came.

    ``then`` are the cases as they stood on that day, ``now`` by id. What came is what was paid
    since then towards the invoices that the forecast was about.
    """
    known = list(then)
    said = expected(known, day, [Span(day, today)], model)
    counted = {(part.case, part.currency) for part in said.parts}
    came: dict[str, Decimal] = {}
    for at in known:
        after = now.get(at.case.id)
        paid = {r.number: r.paid for r in after.ledger.receivables} if after else {}
        for r in at.ledger.receivables:
            if r.open > 0 and (at.case.id, r.currency) in counted:
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
