"""Expected money a week, with its range, what it is made of, and how the last forecast did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from dunctl import dates, money
from dunctl.show.text import amount_map, amounts, as_csv, table, wrap
from dunctl.steps.expected import Absent, Forecast, Model, Tested
from dunctl.steps.outlook import Outlook, Part, Rate, Row, Span
from dunctl.words import t


def page(found: Forecast, model: Model, tested: Sequence[Tested], then: date) -> list[str]:
    """Return the forecast for people: a table a currency, then what it goes by."""
    lines = []
    for one in found.outlooks:
        lines += [*_table(one, found.day), ""]
    if not lines:
        lines = [t("nothing is open"), ""]
    for note in _notes(found, model, tested, then):
        lines += wrap(note, 0)
    return lines


def _table(one: Outlook, today: date) -> list[str]:
    rows: list[tuple[str, ...]] = [
        (_span(row.span), *_cells(row, one.currency)) for row in one.rows
    ]
    count = len(one.rows)
    if count > 1:
        rows.append((t("{count} weeks", count=count), *_cells(one.within, one.currency)))
    rows.append((t("later"), "", money.show(one.later, one.currency), ""))
    of_all = t("of {amount}", amount=money.show(one.collectable, one.currency))
    rows.append((t("in all"), "", money.show(one.total, one.currency), of_all))
    headers = (one.currency, t("Promised"), t("Expected"), t("80 % range"))
    lines = table(headers, rows, (1, 2, 3))
    if one.disputed:
        amount = money.show(one.disputed, one.currency)
        lines.append(t("Disputed, not counted: {amount}", amount=amount))
    return lines


def _cells(row: Row, currency: str) -> tuple[str, str, str]:
    low, high = money.show(row.low, currency), money.show(row.high, currency)
    return (
        money.show(row.face, currency) if row.face else "",
        money.show(row.expected, currency),
        f"{low} - {high}",
    )


def _span(span: Span) -> str:
    first, last = span
    month = dates.MONTHS[last.month - 1]
    if first == last:
        return f"{last.day} {month}"
    if first.month == last.month:
        return f"{first.day} - {last.day} {month}"
    return f"{first.day} {dates.MONTHS[first.month - 1]} - {last.day} {month}"


def _notes(found: Forecast, model: Model, tested: Sequence[Tested], then: date) -> Iterator[str]:
    kept = found.kept
    if kept.judged:
        yield t(
            "Promises: this book keeps {rate} of them ({kept:.1f} of {judged} so far, it began at "
            "{prior}); each debtor begins at the book's",
            rate=_share(kept.rate),
            kept=kept.kept,
            judged=kept.judged,
            prior=_share(model.kept.prior),
        )
    else:
        yield t(
            "Promises: {rate} are kept, until this book shows its own; {basis}",
            rate=_share(kept.rate),
            basis=model.kept.basis,
        )
    yield t(
        "The rest by age: curve {name}, {basis}", name=model.curve.name, basis=model.curve.basis
    )
    if found.paid or found.usual:
        yield t(
            "By what was paid so far the pace is corrected: {paid} invoices were paid where the "
            "curve has {usual:.1f}",
            paid=found.paid,
            usual=found.usual,
        )
    yield t(
        "Range: what chance does if these shares are right; each debtor on its own, the invoices "
        "of one debtor together"
    )
    for one in found.absent:
        yield t(
            "Not counted: {case}, {amount}: {why}",
            case=one.case,
            amount=amounts(one.amounts),
            why=one.why,
        )
    day = dates.say(then, today=found.day)
    if not tested:
        yield t("No back-test: nothing was open on {day}", day=day)
    for result in tested:
        yield t(
            "Back-test: on {day} the forecast for the four weeks since was {said} "
            "({low} - {high}); {came} came",
            day=day,
            said=money.show(result.said, result.currency),
            low=money.show(result.low, result.currency),
            high=money.show(result.high, result.currency),
            came=money.show(result.came, result.currency),
        )


def _share(share: float) -> str:
    return f"{100 * share:.0f} %"


def data(found: Forecast, model: Model, tested: Sequence[Tested], then: date) -> dict[str, Any]:
    """Return the forecast as the JSON contract has it; keys are only ever added."""
    return {
        "as_of": found.day.isoformat(),
        "curve": {"name": model.curve.name, "clock": model.curve.clock, "basis": model.curve.basis},
        "promises": {
            **_rate(found.kept),
            "prior": model.kept.prior,
            "book_strength": model.kept.book_strength,
            "debtor_strength": model.kept.debtor_strength,
            "basis": model.kept.basis,
        },
        "pace": {
            "paid": found.paid,
            "usual": round(found.usual, 4),
            "book_strength": model.pace.book_strength,
            "debtor_strength": model.pace.debtor_strength,
            "basis": model.pace.basis,
        },
        "range": {"percent": 80, "debtors": "independent", "invoices_of_a_debtor": "together"},
        "currencies": {one.currency: _outlook(one) for one in found.outlooks},
        "parts": [_part(part) for part in found.parts],
        "absent": [_absent(one) for one in found.absent],
        "back_test": {
            "as_of": then.isoformat(),
            "currencies": {one.currency: _tested(one) for one in tested},
        },
    }


def _outlook(one: Outlook) -> dict[str, Any]:
    def plain(amount: Any) -> str:
        return money.plain(amount, one.currency)

    return {
        "collectable": plain(one.collectable),
        "weeks": [_row(row, one.currency) for row in one.rows],
        "within": _row(one.within, one.currency),
        "later": plain(one.later),
        "total": plain(one.total),
        "disputed": plain(one.disputed),
        "absent": plain(one.left_out),
    }


def _row(row: Row, currency: str) -> dict[str, str]:
    return {
        "from": row.span.first.isoformat(),
        "to": row.span.last.isoformat(),
        "promised": money.plain(row.face, currency),
        "expected": money.plain(row.expected, currency),
        "low": money.plain(row.low, currency),
        "high": money.plain(row.high, currency),
    }


def _part(part: Part) -> dict[str, Any]:
    return {
        "case": part.case,
        "kind": part.item.kind,
        "ref": part.item.ref,
        "due": part.item.due.isoformat(),
        "currency": part.currency,
        "amount": money.plain(part.amount, part.currency),
        "kept": None if part.rate is None else _rate(part.rate),
        "weeks": [money.plain(amount, part.currency) for amount in part.spans],
        "later": money.plain(part.later, part.currency),
        "total": money.plain(part.total, part.currency),
    }


def _rate(rate: Rate) -> dict[str, Any]:
    return {
        "kept": round(rate.kept, 4),
        "judged": rate.judged,
        "rate": round(rate.rate, 6),
    }


def _absent(one: Absent) -> dict[str, Any]:
    return {"case": one.case, "why": one.why, "amounts": amount_map(one.amounts)}


def _tested(one: Tested) -> dict[str, str]:
    return {
        "expected": money.plain(one.said, one.currency),
        "low": money.plain(one.low, one.currency),
        "high": money.plain(one.high, one.currency),
        "came": money.plain(one.came, one.currency),
    }


def csv(found: Forecast) -> str:
    """Return one row a week and currency; the last of each is what comes later."""
    rows: list[tuple[str, ...]] = []
    for one in found.outlooks:
        rows += [(one.currency, *_row(row, one.currency).values()) for row in one.rows]
        later = money.plain(one.later, one.currency)
        rows.append((one.currency, "", "", "", later, "", ""))
    return as_csv(("currency", "from", "to", "promised", "expected", "low", "high"), rows)
