"""Where a customer is, and which clocks it may keep: never one that is only likely."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from dunctl import dates
from dunctl.intake.columns import COUNTRIES
from dunctl.tuples import NamedTuple

_ALSO = {
    "united states of america": "US",
    "great britain": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "northern ireland": "GB",
    "holland": "NL",
    "czech republic": "CZ",
    "turkey": "TR",
    "hong kong": "HK",
    "hongkong": "HK",
    "macau": "MO",
    "macao": "MO",
    "people's republic of china": "CN",
    "prc": "CN",
    "p.r. china": "CN",
    "china, p.r.": "CN",
    "中华人民共和国": "CN",
    "中国大陆": "CN",
    "香港": "HK",
    "中国香港": "HK",
    "澳门": "MO",
    "中国澳门": "MO",
    "a": "AT",
    "b": "BE",
    "d": "DE",
    "e": "ES",
    "f": "FR",
    "i": "IT",
    "l": "LU",
    "p": "PT",
}
"""What people write, and CLDR does not have; a letter is the sign of its vehicles."""
_LANGUAGES = ("en", "de", "zh")
_NEAR = timedelta(hours=1)
"""Clocks so near each other leave time to call that all of them allow."""


class Places(NamedTuple):
    """What is known of ``countries`` and their ``states``, and where the desk is.

    ``currency`` is that in which it deals at home.
    """

    countries: Mapping[str, Any] = {}
    states: Mapping[str, Any] = {}
    home: str | None = None
    zone: str | None = None
    currency: str | None = None


NOWHERE = Places()


def country(words: str) -> str | None:
    """Return the country that two or three letters of ISO 3166 or a name stand for."""
    code = words.strip().upper()
    if code not in COUNTRIES:
        code = _named().get(words.strip().casefold(), "")
    return code if code in COUNTRIES else None


@cache
def _named() -> Mapping[str, str]:
    from babel import Locale
    from babel.core import get_global

    found = {}
    for language in _LANGUAGES:
        for code, name in Locale(language).territories.items():
            found[name.casefold()] = code
    for alias, codes in get_global("territory_aliases").items():
        if len(codes) == 1 and alias.isalpha():
            found[alias.casefold()] = codes[0]
    return found | _ALSO


def state(words: str, country: str, known: Mapping[str, Any]) -> str | None:
    """Return the code of a state of ``known``, by its code (``NY``, ``US-NY``) or its name."""
    word = words.strip().casefold().removeprefix(f"{country.casefold()}-")
    return next(
        (
            code
            for code, facts in known.items()
            if word in (code.casefold(), facts["name"].casefold())
        ),
        None,
    )


def zones(facts: Mapping[str, Any], now: datetime) -> tuple[str, ...]:
    """Return the clocks that a debtor in a country may keep, to be called when all allow it.

    They are its only one, or all of it if they are an hour apart at most (Spain, Portugal). Of
    clocks further apart none is returned: which one it is has to be found out.
    """
    if "timezone" in facts:
        return (facts["timezone"],)
    several = tuple(facts.get("timezones", ()))
    for month in (1, 7):
        there = [now.replace(month=month, day=1).astimezone(dates.zone(zone)) for zone in several]
        offsets = [moment.utcoffset() or timedelta() for moment in there]
        if offsets and max(offsets) - min(offsets) > _NEAR:
            return ()
    return several


def located(
    places: Places, said: Sequence[str], parts: Sequence[str], currency: str, now: datetime
) -> dict[str, Any]:
    """Return country, subdivision, zones and language of a customer by what its rows say.

    ``said`` are the words for its country, ``parts`` for its state. Without a word the country is
    the desk's, if the customer owes in the desk's ``currency``. Words that are not understood, or
    that contradict each other, leave all of it open.
    """
    ours = not said and currency == places.currency
    codes = {places.home} if ours else {country(words) for words in said}
    code = codes.pop() if len(codes) == 1 else None
    if code is None:
        return {"timezone": (places.zone,)} if ours and places.zone else {}
    facts = places.countries.get(code, {})
    known = places.states.get(code, {})
    within = {state(words, code, known) for words in parts}
    part = within.pop() if len(within) == 1 else None
    return {
        "country": code,
        "subdivision": f"{code}-{part}" if part else None,
        "timezone": tuple(known[part]["timezones"]) if part else zones(facts, now),
        "language": facts.get("language"),
    }
