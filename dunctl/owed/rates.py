"""Rate series: which rate stood on a day, and until which day the sources speak.

Beyond that day nothing is known: a rate is asked for, never carried on.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from dunctl.case.fields import DAY, TEXT, Key, choice, whole
from dunctl.errors import Refused
from dunctl.owed.sourced import number, values
from dunctl.tuples import NamedTuple
from dunctl.words import t

FOLDER = "policies/rates"
LEAST, MOST = -10, 100
LONGEST_AHEAD = 366


class RateUnknown(Refused):
    """A rate that the sources do not tell; the text names the file and the command to mend it."""


class Series(NamedTuple):
    """A published rate: per cent a year from each day of ``changes`` on, sorted.

    It is known until ``published_until``. ``path`` is the store's file in which later rates go,
    ``sources`` has a text for each change. ``only_on`` is ``half_year`` for a rate that can change
    on 1 January and 1 July only. ``unproved`` has points that no source verifies; they count for
    nothing. With ``problems`` the series is not to be worked with.
    """

    id: str
    title: str
    source: str
    published_until: date
    changes: tuple[tuple[date, Decimal], ...]
    path: str
    sources: tuple[str, ...] = ()
    as_of: date | None = None
    confidence: str = "verified"
    only_on: str = "any"
    unproved: tuple[tuple[date, Decimal], ...] = ()
    note: str | None = None
    problems: tuple[str, ...] = ()


SERIES_KEYS: Mapping[str, Key] = {
    "format": Key(whole(1, 1), "the format of the file, 1", required=True),
    "id": Key(TEXT, "its name, that of the file"),
    "title": Key(TEXT, "whose rate it is"),
    "source": Key(TEXT, "where it is published"),
    "as_of": Key(DAY, "the day of the last comparison with the source"),
    "published_until": Key(DAY, "the last day for which the source speaks"),
    "confidence": Key(choice("verified", "unverified"), "whether the source was seen to say so"),
    "only_on": Key(choice("any", "half_year"), "the days on which it can change"),
    "note": Key(TEXT, "anything worth knowing"),
}
CHANGE_KEYS: Mapping[str, Key] = {
    "on": Key(DAY, "from which day on", required=True),
    "percent": Key(number(LEAST, MOST), "per cent a year", required=True),
    "until": Key(DAY, "the last day for which the source speaks, if not that day"),
    "source": Key(TEXT, "where it is written, if not in the source of the series"),
    "confidence": Key(choice("verified", "unverified"), "if not that of the series"),
}


class _Point(NamedTuple):
    on: date
    percent: Decimal
    until: date
    source: str
    proved: bool


def read(data: Mapping[str, Any], name: str, path: str, base: Series | None = None) -> Series:
    """Turn the TOML data of a series into the record; ``name`` is the stem of its file.

    With ``base`` the file extends that series: its points come after those of the base and must not
    contradict them. Never raises: what is wrong is a sentence in ``problems``.
    """
    problems: list[str] = []
    head = values(SERIES_KEYS, data, name, problems, {"change"})
    if head.get("id", name) != name:
        problems.append(t("{where}: id must be the name of the file", where=name))
    needed = ("title",) if base is None else ()
    for key in needed:
        if key not in data:
            meaning = SERIES_KEYS[key].meaning
            problems.append(
                t("{where}: {key} is missing: {meaning}", where=name, key=key, meaning=meaning)
            )
    points = _points(data, name, head, base, problems)
    only_on = head.get("only_on", base.only_on if base else "any")
    problems += _faults(name, points, only_on)
    if base:
        problems += _contradictions(base, points)
    proved = [p for p in points if p.proved]
    ends = [p.until for p in proved] + [d for d in (head.get("published_until"),) if d]
    until = max([*ends, *([base.published_until] if base else [])], default=date.min)
    changes, sources = _merged(base, proved)
    return Series(
        name,
        head.get("title", base.title if base else name),
        head.get("source", base.source if base else ""),
        until,
        changes,
        path,
        sources,
        head.get("as_of", base.as_of if base else None),
        head.get("confidence", base.confidence if base else "verified"),
        only_on,
        (*(base.unproved if base else ()), *((p.on, p.percent) for p in points if not p.proved)),
        head.get("note", base.note if base else None),
        (*(base.problems if base else ()), *problems),
    )


def _points(
    data: Mapping[str, Any],
    name: str,
    head: Mapping[str, Any],
    base: Series | None,
    problems: list[str],
) -> list[_Point]:
    tables = data.get("change", [])
    if not isinstance(tables, list) or not (tables or base):
        problems.append(t("{where}: has no rates; write [[change]]", where=name))
        return []
    points = []
    source = head.get("source", base.source if base else None)
    certain = head.get("confidence", "verified")
    for nth, table in enumerate(tables, 1):
        where = f"{name} #{nth}"
        if not isinstance(table, Mapping):
            problems.append(t("{where}: must be a table, [[change]]", where=where))
            continue
        before = len(problems)
        found = values(CHANGE_KEYS, table, where, problems)
        if "source" not in table and ("source" not in data or base):
            problems.append(t("{where}: source is missing", where=where))
        if len(problems) > before:
            continue
        on = found["on"]
        only_on = head.get("only_on", base.only_on if base else "any")
        until = found.get("until") or (half_year(on)[1] if only_on == "half_year" else on)
        proved = found.get("confidence", certain) == "verified"
        points.append(_Point(on, found["percent"], until, found.get("source", source), proved))
    return points


def _faults(name: str, points: list[_Point], only_on: str) -> list[str]:
    found = [
        t("{where}: {day} comes after a later day: sort the rates by day", where=name, day=b.on)
        for a, b in pairwise(points)
        if b.on <= a.on
    ]
    for point in points:
        if only_on == "half_year" and point.on != half_year(point.on)[0]:
            found.append(
                t(
                    "{where}: {day}: this rate changes on 1 January and 1 July only",
                    where=name,
                    day=point.on,
                )
            )
        if not 0 <= (point.until - point.on).days <= LONGEST_AHEAD:
            found.append(
                t(
                    "{where}: until {until} is not within a year of {day}",
                    where=name,
                    until=point.until,
                    day=point.on,
                )
            )
    return found


def _contradictions(base: Series, points: list[_Point]) -> list[str]:
    found = []
    for point in points:
        known = _stood(base, point.on) if point.on <= base.published_until else None
        if known is not None and known != point.percent:
            found.append(
                t(
                    "{where}: {day} is {new} here, but {known} by the shipped rates ({source})",
                    where=base.id,
                    day=point.on,
                    new=point.percent,
                    known=known,
                    source=base.source,
                )
            )
    return found


def _merged(
    base: Series | None, points: list[_Point]
) -> tuple[tuple[tuple[date, Decimal], ...], tuple[str, ...]]:
    """Return all changes with their sources; a point that changes nothing is none."""
    rows = {p.on: (p.percent, p.source) for p in points}
    if base:
        rows |= {
            day: (rate, source)
            for (day, rate), source in zip(base.changes, base.sources, strict=True)
        }
    changes: list[tuple[date, Decimal]] = []
    sources = []
    for day in sorted(rows):
        rate, source = rows[day]
        if not changes or changes[-1][1] != rate:
            changes.append((day, rate))
            sources.append(source)
    return tuple(changes), tuple(sources)


def _stood(series: Series, day: date) -> Decimal | None:
    nth = bisect_right(series.changes, day, key=lambda change: change[0])
    return series.changes[nth - 1][1] if nth else None


def rate_on(series: Series, day: date) -> Decimal:
    """Return the rate that stood on a day, in per cent a year.

    Raises ``RateUnknown`` for a day that the sources do not reach, and for a broken series.
    """
    if series.problems:
        raise RateUnknown(series.problems[0] + "; " + t("see `dunctl policy check`"))
    if day > series.published_until:
        raise RateUnknown(
            t(
                "{id} is known until {until} and not for {day}: add what was published since to "
                "{path} (dunctl rates add {id} DATE RATE --source TEXT)",
                id=series.id,
                until=series.published_until,
                day=day,
                path=series.path,
            )
        )
    rate = _stood(series, day)
    if rate is None:
        raise RateUnknown(
            t(
                "{id} is known from {first} on and not for {day}: write the earlier rate, with its "
                "source, into {path}",
                id=series.id,
                first=series.changes[0][0] if series.changes else series.published_until,
                day=day,
                path=series.path,
            )
        )
    return rate


def half_year(day: date) -> tuple[date, date]:
    """Return the first and the last day of the half-year of a day; 1 July begins the second."""
    if day.month < 7:
        return date(day.year, 1, 1), date(day.year, 6, 30)
    return date(day.year, 7, 1), date(day.year, 12, 31)


def half_year_eve(day: date) -> date:
    """Return the last day before the half-year of a day: 30 June or 31 December."""
    return half_year(day)[0] - timedelta(days=1)


def refusal(series: Series, on: date, percent: Decimal, until: date | None) -> str:
    """Return why a rate cannot be added to what is known, or nothing.

    A rate must come after the last change, must not contradict a day that is known already, and
    must tell something new.
    """
    last = series.changes[-1] if series.changes else None
    if last and on <= last[0]:
        return t(
            "the last rate of {id} is {rate} from {day}: a new one must come after it",
            id=series.id,
            rate=last[1],
            day=last[0],
        )
    if last and on <= series.published_until and percent != last[1]:
        return t(
            "{id} is {rate} until {until}: a rate of {new} on {day} contradicts that; if {path} "
            "said so too early, correct it there",
            id=series.id,
            rate=last[1],
            until=series.published_until,
            new=percent,
            day=on,
            path=series.path,
        )
    if max(until or on, on) <= series.published_until:
        return t(
            "{id} is known until {until} already: nothing to add",
            id=series.id,
            until=series.published_until,
        )
    return ""
