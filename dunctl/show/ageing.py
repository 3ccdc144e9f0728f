"""The ageing: as a page with a table a currency, as JSON and as CSV."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from dunctl import money
from dunctl.owed.ageing import Ageing, Bucket, By
from dunctl.show.text import as_csv, table
from dunctl.words import t


def page(ageings: Sequence[Ageing], day: date, by: By) -> list[str]:
    """Return the ageing for people, a table a currency."""
    if by == "due":
        lines = [t("Open receivables as of {day}, by days past due", day=day)]
    else:
        lines = [t("Open receivables as of {day}, by days since issue once past due", day=day)]
    for one in ageings:
        rows = [
            (_span(b), b.invoices, money.show(b.total, one.currency), _share(b, one))
            for b in one.buckets
        ]
        rows.append((t("total"), one.invoices, money.show(one.total, one.currency), ""))
        headers = (one.currency, t("Invoices"), t("Open"), "%")
        lines += ["", *table(headers, rows, (1, 2, 3))]
        if one.unallocated:
            lines.append(
                t(
                    "{credit}: {amount}; balance {balance}",
                    credit=_credit(one),
                    amount=money.show(abs(one.unallocated), one.currency),
                    balance=money.show(one.balance, one.currency),
                )
            )
    return lines if ageings else [*lines, "", t("nothing is open")]


def _credit(one: Ageing) -> str:
    if one.unallocated < 0:
        return t("refunded beyond their credit")
    return t("credit not allocated")


def _span(bucket: Bucket) -> str:
    if bucket.from_day is None:
        return t("not past due") if bucket.to_day is not None else t("day of issue not known")
    return f"{bucket.from_day}-{bucket.to_day}" if bucket.to_day else f"{bucket.from_day}+"


def _share(bucket: Bucket, one: Ageing) -> str:
    return f"{100 * bucket.total / one.total:.1f}" if one.total else ""


def data(ageings: Iterable[Ageing], day: date, by: By) -> dict[str, Any]:
    """Return the ageing as the JSON contract has it; keys are only ever added."""
    return {
        "as_of": day.isoformat(),
        "by": by,
        "currencies": {
            one.currency: {
                "total": money.plain(one.total, one.currency),
                "count": one.invoices,
                "unallocated": money.plain(one.unallocated, one.currency),
                "balance": money.plain(one.balance, one.currency),
                "buckets": [
                    {
                        "from_day": b.from_day,
                        "to_day": b.to_day,
                        "total": money.plain(b.total, one.currency),
                        "count": b.invoices,
                    }
                    for b in one.buckets
                ],
            }
            for one in ageings
        },
    }


def csv(ageings: Iterable[Ageing]) -> str:
    """Return the ageing as CSV, a row a bucket and one for credit, which add up to the balance."""
    headers = ("currency", "bucket", "from_day", "to_day", "invoices", "open")
    rows: list[tuple[object, ...]] = []
    for one in ageings:
        rows += [
            (
                one.currency,
                _span(b),
                "" if b.from_day is None else b.from_day,
                "" if b.to_day is None else b.to_day,
                b.invoices,
                money.plain(b.total, one.currency),
            )
            for b in one.buckets
        ]
        if one.unallocated:
            credit = money.plain(-one.unallocated, one.currency)
            rows.append((one.currency, _credit(one), "", "", "", credit))
    return as_csv(headers, rows)
