"""Days, time zones, working days, opening hours and intervals; nothing here reads the clock."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar

from dunctl.words import t

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

Prefer: TypeAlias = Literal["future", "past", "near"]
Working: TypeAlias = Callable[[date], bool]
Hours: TypeAlias = tuple[tuple[int, int, int], ...]
_T = TypeVar("_T", bound=Any)

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY = 24 * 60
_ZONES_MEANT = {"beijing": "Asia/Shanghai", "peking": "Asia/Shanghai", "prc": "Asia/Shanghai"}


def understand(words: str, *, now: datetime, zone: tzinfo, prefer: Prefer) -> date | datetime:
    """Read a day or a moment as people say it, in English or Chinese (see ``datewords``).

    Without a clock time the answer is a date, else an aware datetime in ``zone``. ``prefer`` says
    where to look for a day that has no year, month or week. ``ValueError`` with the remedy for
    words that mean nothing, or more than one day.
    """
    from dunctl.datewords import understand as read

    return read(words, now=now, zone=zone, prefer=prefer)


def say(value: date | datetime, *, today: date) -> str:
    """Write a day or a moment in the words that ``understand`` reads, the year only if it differs.

    ``Fri 27 Nov``, ``Fri 27 Nov 15:00``, ``Thu 27 Nov 2025``; a moment in its own zone.
    """
    text = f"{WEEKDAYS[value.weekday()]} {value.day} {MONTHS[value.month - 1]}"
    if value.year != today.year:
        text += f" {value.year:04}"
    return f"{text} {value:%H:%M}" if isinstance(value, datetime) else text


@cache
def zone(name: str) -> ZoneInfo:
    """Return an IANA time zone; ``ValueError`` with a suggestion for an unknown name."""
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        near = _closest_zone(name)
    if near:
        raise ValueError(
            t('"{name:.60}" is not a time zone; did you mean {near}?', name=name, near=near)
        )
    raise ValueError(
        t('"{name:.60}" is not a time zone; write an IANA name such as Europe/Berlin', name=name)
    )


def _closest_zone(name: str) -> str | None:
    from difflib import get_close_matches
    from zoneinfo import available_timezones

    wanted = name.strip().replace(" ", "_").lower()[:60]
    city = wanted.rpartition("/")[2]
    if city in _ZONES_MEANT:
        return _ZONES_MEANT[city]
    known = {full.lower(): full for full in sorted(available_timezones()) if "/" in full}
    cities = {low.rpartition("/")[2]: full for low, full in known.items()}
    for table, word in ((known, wanted), (cities, city)):
        near = [word] if word in table else get_close_matches(word, table, n=1, cutoff=0.75)
        if near:
            return table[near[0]]
    return None


def at_local(day: date, minute: int, tz: tzinfo) -> datetime | None:
    """Return the moment of a local wall time, ``minute`` counted from the start of ``day``.

    None if the clocks skip it in spring; the first of the two in autumn. 1440 is the next midnight.
    Moments of one zone compare by their wall clocks: turn them into UTC before sorting or adding.
    """
    wall = datetime.combine(day, time.min) + timedelta(minutes=minute)
    return resolve(wall, tz)


def resolve(wall: datetime, tz: tzinfo) -> datetime | None:
    """Give a naive wall time its zone; None if it does not exist, the first if it exists twice."""
    moment = wall.replace(tzinfo=tz, fold=0)
    back = moment.astimezone(UTC).astimezone(tz)
    return moment if back.replace(tzinfo=None) == wall else None


def month_end(day: date) -> date:
    """Return the last day of the month of ``day``."""
    return day.replace(day=_length(day.year, day.month))


def add_months(day: date, n: int) -> date:
    """Return the same day ``n`` months later, or the month's last: 31 Jan + 1 = 28 Feb.

    ``OverflowError`` outside the years 1 to 9999.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    if not 1 <= year <= 9999:
        raise OverflowError(year)
    return date(year, month + 1, min(day.day, _length(year, month + 1)))


def _length(year: int, month: int) -> int:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 28 + leap if month == 2 else 30 if month in (4, 6, 9, 11) else 31


def weekday(day: date) -> bool:
    """Tell whether a day is one of Monday to Friday."""
    return day.weekday() < 5


@lru_cache(maxsize=1 << 13)
def add_working_days(day: date, n: int, working: Working = weekday) -> date:
    """Return the ``n``-th working day after ``day`` (before it if negative); 0 is ``day`` itself.

    The first working day on or after ``day`` is ``add_working_days(day - 1 day, 1)``.
    ``OverflowError`` past the year 9999.
    """
    step = timedelta(days=1 if n > 0 else -1)
    for _ in range(abs(n)):
        day += step
        while not working(day):
            day += step
    return day


def working_days_between(a: date, b: date, working: Working = weekday) -> int:
    """Count the working days after ``a`` up to and with ``b``; negative if ``b`` comes first.

    ``working_days_between(a, add_working_days(a, n)) == n``.
    """
    if b < a:
        return -sum(working(b + timedelta(days=i)) for i in range((a - b).days))
    return sum(working(a + timedelta(days=i + 1)) for i in range((b - a).days))


@lru_cache(maxsize=1024)
def parse_hours(text: str) -> Hours:
    """Read opening hours: ``mon-fri 09:00-18:00; sat 10:00-14:00``, ``wed``, ``11:30-14:00``.

    Returns sorted, disjoint, half-open ``(weekday, start, end)`` in minutes, Monday = 0; a day
    alone is the whole day, a span alone is every day. ``ValueError`` with the remedy otherwise.
    """
    import unicodedata

    plain = unicodedata.normalize("NFKC", text).lower().replace("\u2013", "-").replace("至", "-")
    plain = re.sub(r"\s*-\s*", "-", plain)
    found: list[tuple[int, int, int]] = []
    for part in filter(None, (part.strip() for part in plain.split(";"))):
        days: list[int] = []
        spans: list[tuple[int, int]] = []
        for word in filter(None, re.split(r"[\s,]+", part)):
            if word[0].isdigit():
                spans.append(_span(word, text))
            elif spans:
                raise _bad_hours(text, t('a ";" is missing before "{word:.20}"', word=word))
            else:
                days += _days(word, text)
        found += [
            (day, start, end) for day in days or range(7) for start, end in spans or [(0, _DAY)]
        ]
    if not found:
        raise _bad_hours(text, t("nothing is given"))
    return tuple(
        (day, start, end)
        for day in range(7)
        for start, end in merge((start, end) for d, start, end in found if d == day)
    )


def weekday_number(word: str) -> int | None:
    """Return 0 (Monday) to 6 for a weekday's lower-case name, English or Chinese, else None."""
    if len(word) >= 3 and word.isascii():
        for number, name in enumerate(_WEEKDAY_NAMES):
            if name.startswith(word):
                return number
    if word[:-1] in ("周", "星期", "礼拜"):
        number = "一二三四五六日天".find(word[-1])
        return min(number, 6) if number >= 0 else None
    return None


def _days(word: str, text: str) -> list[int]:
    first, dash, last = word.partition("-")
    start, end = weekday_number(first), weekday_number(last if dash else first)
    if start is None or end is None:
        raise _bad_hours(text, t('"{word:.20}" is no weekday', word=word))
    return [(start + i) % 7 for i in range((end - start) % 7 + 1)]


def _span(word: str, text: str) -> tuple[int, int]:
    clock = "([0-9]{1,2}):([0-9]{2})"
    match = re.fullmatch(f"{clock}-{clock}", word)
    if not match:
        raise _bad_hours(text, t('"{word:.20}" is no span of hours', word=word))
    h1, m1, h2, m2 = (int(number) for number in match.groups())
    start, end = h1 * 60 + m1, h2 * 60 + m2
    if max(m1, m2) > 59 or end > _DAY:
        raise _bad_hours(text, t('"{word:.20}" is not on the clock', word=word))
    if end <= start:
        raise _bad_hours(text, t('in "{word:.20}" the end must be after the start', word=word))
    return start, end


def _bad_hours(text: str, what: str) -> ValueError:
    return ValueError(
        t(
            '"{text:.60}" cannot be read as hours: {what}; '
            'write for example "mon-fri 09:00-18:00; sat 10:00-14:00"',
            text=text,
            what=what,
        )
    )


def merge(intervals: Iterable[tuple[_T, _T]]) -> list[tuple[_T, _T]]:
    """Sort half-open intervals and join those that touch; empty ones vanish."""
    merged: list[tuple[_T, _T]] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        elif start < end:
            merged.append((start, end))
    return merged


def intersect(a: Iterable[tuple[_T, _T]], b: Iterable[tuple[_T, _T]]) -> list[tuple[_T, _T]]:
    """Return what half-open intervals ``a`` and ``b`` have in common, sorted and disjoint."""
    both: list[tuple[_T, _T]] = []
    xs, ys = merge(a), merge(b)
    i = j = 0
    while i < len(xs) and j < len(ys):
        start, end = max(xs[i][0], ys[j][0]), min(xs[i][1], ys[j][1])
        if start < end:
            both.append((start, end))
        if xs[i][1] <= ys[j][1]:
            i += 1
        else:
            j += 1
    return both


def subtract(
    intervals: Iterable[tuple[_T, _T]], holes: Iterable[tuple[_T, _T]]
) -> list[tuple[_T, _T]]:
    """Return the half-open ``intervals`` without the ``holes``, sorted and disjoint."""
    left = merge(intervals)
    for cut_start, cut_end in merge(holes):
        left = [
            (start, end)
            for first, last in left
            for start, end in ((first, min(last, cut_start)), (max(first, cut_end), last))
            if start < end
        ]
    return left
