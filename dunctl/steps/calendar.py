"""Working days, holidays and half-days of a debtor's country and subdivision.

The dates come from the library ``holidays``, which is imported only when a year is loaded. What it
does not know is ``unknown``, never silently a working day:

- a country or a year that it does not cover: each day but Saturday and Sunday;
- a year for which the government has not yet moved days off to weekdays by decree (China's make-up
  working days): the weekdays near a holiday, weekends stay weekends;
- a holiday of some subdivisions where the debtor's is not given, or not one of the library's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal, TypeAlias

from dunctl import dates
from dunctl.tuples import NamedTuple
from dunctl.words import t

if TYPE_CHECKING:
    from holidays import HolidayBase

Day: TypeAlias = Literal["working", "weekend", "holiday", "half", "unknown"]
Gap: TypeAlias = Literal["decree", "holidays"]

_DECREED = frozenset({"AZ", "BY", "CN", "HU", "KG", "KZ", "LV", "RU", "UZ", "VN"})
"""Countries whose government moves days off between weekdays and weekends, year by year."""
_DECREED_AHEAD = 6
"""Years after which a country of these has always moved a day again (Vietnam 2015 to 2024)."""
_MOVED_WITHIN = 4
"""Days between a holiday and the day off that a decree joins to it, at most (all ten, 2015-2026;
China 2008-2026)."""
_HALF_FOR_SOME = frozenset({"CN"})
"""Where half-days are for women, the young and soldiers, so that an office works."""
_LANGUAGES = ("en_US", "en_GB")


class Year(NamedTuple):
    """The days of one year that are not what their weekday says.

    ``doubtful`` are weekdays that may be days off: with the name of the holiday that only a part
    of the country keeps, or without a name. ``gap`` is what is missing of the year: the ``decree``
    that moves days off, or some of the ``holidays``.
    """

    country: str
    subdivision: str | None
    year: int
    holidays: Mapping[date, str]
    half_days: Mapping[date, str]
    working_weekends: frozenset[date]
    doubtful: Mapping[date, str]
    weekend: frozenset[int]
    gap: Gap | None

    @property
    def complete(self) -> bool:
        """Whether every day of the year is known."""
        return self.gap is None and not self.doubtful


class Calendar(NamedTuple):
    """The days of one country and subdivision; ``calendar.working`` is a ``dates.Working``.

    ``years`` returns what is known of a year, ``None`` where that is nothing.
    """

    country: str | None
    subdivision: str | None
    years: Callable[[int], Year | None]

    def working(self, day: date) -> bool:
        """Return whether a day counts as a working day.

        A half-day does. So does a day of kind ``unknown``, because counting has to end: ask
        ``doubt`` about the day it ends on.
        """
        known = _year(self, day.year)
        if known is None:
            return day.weekday() < 5
        return day in known.working_weekends or not (
            known.holidays.get(day) or day.weekday() in known.weekend
        )


UNKNOWN = Calendar(None, None, lambda _: None)
"""Where no country is known: every day but Saturday and Sunday may be a working day."""


def kind(calendar: Calendar, day: date) -> tuple[Day, str | None]:
    """Return what a day is there, and its name if it is a holiday, a half-day, or may be a holiday.

    A holiday on a weekend is a ``holiday``; a weekend day that is worked is ``working``.
    """
    known = _year(calendar, day.year)
    if known is None:
        return ("weekend" if day.weekday() >= 5 else "unknown"), None
    if day in known.working_weekends:
        return "working", None
    if name := known.holidays.get(day):
        return "holiday", name
    if day.weekday() in known.weekend:
        return "weekend", None
    if day in known.doubtful or known.gap == "holidays":
        return "unknown", known.doubtful.get(day) or None
    if name := known.half_days.get(day):
        return "half", name
    return "working", None


def settle_days(day_of_month: int, today: date, working: dates.Working) -> list[date]:
    """Return the next days on which a debtor pays its suppliers, today's perhaps among them.

    In a month without such a day it is the last one. Where that is no working day there, it is the
    one before: who comes after it is told that the money is gone (practice A36, A37).
    """
    found = []
    for later in range(3):
        last = dates.month_end(dates.add_months(today.replace(day=1), later))
        day = last.replace(day=min(day_of_month, last.day))
        found.append(dates.add_working_days(day + timedelta(days=1), -1, working))
    return [day for day in found if day >= today]


def next_working_day(calendar: Calendar, day: date) -> date:
    """Return the first working day after ``day``."""
    return dates.add_working_days(day, 1, calendar.working)


def doubt(calendar: Calendar, day: date) -> str | None:
    """Return the sentence why a day is ``unknown``; ``None`` if it is known."""
    what, name = kind(calendar, day)
    if what != "unknown":
        return None
    if name:
        return t(
            "{name} is a holiday only in a part of {country}: see debtor.subdivision",
            name=name,
            country=calendar.country,
        )
    return caveat(calendar, day.year) or t(
        "the weekend is not the same everywhere in {country}: see debtor.subdivision",
        country=calendar.country,
    )


def caveat(calendar: Calendar, year: int) -> str | None:
    """Return the sentence what is not known of a whole year; ``None`` if nothing is missing."""
    if calendar.country is None:
        return t("holidays are not known without a country")
    known = _year(calendar, year)
    if known is None:
        return t(
            "holidays of {country} in {year} are not known", country=calendar.country, year=year
        )
    if known.gap == "holidays":
        return t(
            "some holidays of {country} in {year} are not known",
            country=calendar.country,
            year=year,
        )
    if known.gap == "decree":
        return t(
            "make-up working days of {country} for {year} are not known yet",
            country=calendar.country,
            year=year,
        )
    return None


def _year(calendar: Calendar, year: int) -> Year | None:
    return calendar.years(year) if calendar.country else None


def load(country: str, subdivision: str | None, year: int) -> Year | None:
    """Return a year of a country from the library; ``None`` if it covers the one or other not.

    ``subdivision`` as in ISO 3166-2, with the country or without: ``AU-VIC``, ``VIC``. One that
    the library does not list is taken for one that is not given. Holidays have English names.
    """
    import warnings

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = _load(country, subdivision, year)
    if found and any(warning.category is UserWarning for warning in caught):
        return found._replace(gap="holidays")
    return found


def _load(country: str, subdivision: str | None, year: int) -> Year | None:
    from holidays import country_holidays

    try:
        entity = country_holidays(country)
    except NotImplementedError:
        return None
    if not entity.start_year <= year <= entity.end_year:
        return None
    language = next((x for x in _LANGUAGES if x in entity.supported_languages), None)
    decreed = country in _DECREED
    years = range(year, min(year + _DECREED_AHEAD * decreed, entity.end_year) + 1)

    def book(part: str | None, category: str | None = None) -> HolidayBase:
        return country_holidays(
            country,
            subdiv=part,
            years=years,
            language=language or entity.default_language,
            categories=category,
        )

    code = (subdivision or "").removeprefix(f"{country}-")
    part = code if code in (*entity.subdivisions, *entity.subdivisions_aliases) else None
    here = book(part)
    weekend = _weekend(here, year)
    off = _named(here, year)
    half: dict[date, str] = {}
    if "half_day" in entity.supported_categories and country not in _HALF_FOR_SOME:
        half = _named(book(part, "half_day"), year)
    doubtful: dict[date, str] = {}
    if part is None:
        parts = [book(each) for each in entity.subdivisions]
        everywhere, doubtful = _in_parts(parts, year, weekend)
        off = everywhere | off
    undecided = decreed and not any(day.year >= year for day in here.weekend_workdays)
    if undecided:
        doubtful |= dict.fromkeys(_around(here), "")
    return Year(
        country,
        subdivision,
        year,
        off,
        half,
        frozenset(day for day in here.weekend_workdays if day.year == year),
        {
            day: name
            for day, name in doubtful.items()
            if day.year == year and day not in off and day.weekday() not in weekend
        },
        weekend,
        "decree" if undecided else None,
    )


def _in_parts(
    parts: list[HolidayBase], year: int, weekend: frozenset[int]
) -> tuple[dict[date, str], dict[date, str]]:
    """Return the holidays of all parts of a country, and the days off of only some of them."""
    some: dict[date, str] = {}
    for part in parts:
        theirs = _weekend(part, year) - weekend
        some |= {day: "" for day in _days(year) if day.weekday() in theirs and day not in some}
        some |= _named(part, year)
    everywhere = {day: some.pop(day) for day in list(some) if all(day in part for part in parts)}
    return everywhere, some


def _around(holidays: Iterable[date]) -> set[date]:
    """Return the days so near a holiday that a decree may join them to it."""
    near = range(-_MOVED_WITHIN, _MOVED_WITHIN + 1)
    return {holiday + timedelta(days) for holiday in holidays for days in near}


def _named(book: HolidayBase, year: int) -> dict[date, str]:
    return {day: _clear(name) for day, name in book.items() if day.year == year}


def _days(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(i) for i in range((date(year, 12, 31) - first).days + 1)]


def _weekend(book: HolidayBase, year: int) -> frozenset[int]:
    """Return the weekend's weekdays, Monday = 0, as they were at the end of a year."""
    return frozenset(day.weekday() for day in _days(year)[-7:] if book.is_weekend(day))


def _clear(name: str) -> str:
    """Write the days within a name as ISO does: "substituted from 01/04/2026" is no 1 April."""
    import re

    return re.sub(r"([0-9]{2})/([0-9]{2})/([0-9]{4})", r"\3-\1-\2", name)
