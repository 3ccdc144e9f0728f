"""When debtors answer, for people and programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dunctl.calling.hours import Bin, Ratio
from dunctl.show.text import listing
from dunctl.words import t


def page(tables: Sequence[tuple[str, Sequence[Ratio]]], bins: Sequence[Bin]) -> list[str]:
    """Return the report for people: ratios with their counts, then the calibration."""
    if not tables:
        return [t("no call has been recorded yet: nothing can be said")]
    lines = [t("How often calls are answered, against what is usual for those debtors and hours")]
    for title, rows in tables:
        cells = [
            (
                row.name,
                row.learned.answered,
                row.learned.tried,
                f"{row.learned.usual:.1f}",
                _words(row),
            )
            for row in rows
        ]
        headers = (title, t("Answered"), t("Calls"), t("Usual"), t("Says"))
        lines += ["", *listing(headers, cells, (1, 2, 3))]
    predicted = [(f"{b.predicted:.0%}", f"{b.answered / b.tried:.0%}", b.tried, "") for b in bins]
    titles = (t("Predicted"), t("Answered"), t("Calls"), "")
    return [*lines, "", *listing(titles, predicted, (0, 1, 2))]


def _words(row: Ratio) -> str:
    if row.low is None or row.high is None:
        return t("too few calls to say")
    if row.low <= 1.0 <= row.high:
        return t("no difference shown ({low:.2f} to {high:.2f} times)", low=row.low, high=row.high)
    return t(
        "{times:.2f} times as often ({low:.2f} to {high:.2f})",
        times=row.learned.answered / row.learned.usual,
        low=row.low,
        high=row.high,
    )


def data(tables: Sequence[tuple[str, Sequence[Ratio]]], bins: Sequence[Bin]) -> dict[str, Any]:
    """Return the report for programs."""
    return {
        "tables": [
            {
                "title": title,
                "rows": [
                    {
                        "name": row.name,
                        "answered": row.learned.answered,
                        "tried": row.learned.tried,
                        "usual": round(row.learned.usual, 6),
                        "multiplier": round(row.learned.value, 6),
                        "low": row.low and round(row.low, 6),
                        "high": row.high and round(row.high, 6),
                    }
                    for row in rows
                ],
            }
            for title, rows in tables
        ],
        "calibration": [
            {"predicted": round(b.predicted, 6), "answered": b.answered, "tried": b.tried}
            for b in bins
        ],
    }
