"""Rate series: the last rate of each, and all rates of one."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from dunctl.owed.rates import Series
from dunctl.show.text import as_json, lines_of, listing, table
from dunctl.words import t


def as_list(found: Iterable[Series]) -> str:
    """Return the last rate of each series, since when, until when it is known, and its source."""
    headers = (t("Series"), t("Rate"), t("Since"), t("Known until"), t("Source"))
    rows = [
        (
            series.id,
            *(
                (_digits(series.changes[-1][1]), series.changes[-1][0])
                if series.changes
                else ("-", "-")
            ),
            series.published_until,
            series.sources[-1] if series.sources else series.source,
        )
        for series in found
    ]
    return lines_of(listing(headers, rows, (1,)))


def as_page(series: Series) -> str:
    """Return every rate of a series, the latest first, with its source."""
    own = {source for source in series.sources if source != series.source}
    lines = [
        f"{series.id}: {series.title}",
        t(
            "Known until {until}; later rates go into {path}",
            until=series.published_until,
            path=series.path,
        ),
    ]
    if series.source:
        lines.append(t("Source: {source}", source=series.source))
    if series.note:
        lines.append(series.note)
    rows = [
        (day, _digits(rate), source if source in own else "")
        for (day, rate), source in zip(series.changes, series.sources, strict=True)
    ]
    headers = (t("From"), t("Rate"), t("Source") if own else "")
    lines += ["", *table(headers, rows[::-1], (1,))]
    for day, rate in series.unproved:
        lines.append(
            t("Not used, because no source verifies it: {rate} from {day}", rate=rate, day=day)
        )
    return lines_of(lines)


def as_data(found: Iterable[Series]) -> str:
    """Return series as the JSON contract has them."""
    return as_json([_data(series) for series in found])


def _digits(rate: Decimal) -> str:
    """Write a rate with two decimals, or with more where it has more."""
    exponent = rate.as_tuple().exponent
    return f"{rate:.2f}" if isinstance(exponent, int) and exponent > -2 else f"{rate:f}"


def _data(series: Series) -> dict[str, Any]:
    last = series.changes[-1] if series.changes else None
    return {
        "id": series.id,
        "title": series.title,
        "rate": str(last[1]) if last else None,
        "since": str(last[0]) if last else None,
        "published_until": str(series.published_until),
        "source": series.source,
        "as_of": str(series.as_of) if series.as_of else None,
        "confidence": series.confidence,
        "file": series.path,
        "changes": [
            {"from": str(day), "rate": str(rate), "source": source}
            for (day, rate), source in zip(series.changes, series.sources, strict=True)
        ],
    }
