"""How data with a source is read: tables of known keys, and the words of their scopes."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

from dunctl.case.fields import CURRENCY, Key, Kind, choice, closest
from dunctl.case.records import Debtor, keys
from dunctl.words import t


def words_of(cls: type[Any], key: str) -> tuple[str, ...]:
    """Return the words that a key of a case file may have."""
    enum = keys(cls)[key][1].kind.schema["enum"]
    return tuple(enum) if isinstance(enum, list) else ()


DEBTOR_KINDS = words_of(Debtor, "kind")


def several(words: Iterable[str]) -> Kind:
    """Return the kind that is a list of ``words``, without repetition."""
    known = list(words)
    one = choice(*known)

    def read_list(value: object) -> tuple[str, ...]:
        if not isinstance(value, list):
            raise ValueError(t("must be a list of words in quotes"))
        if not value:
            raise ValueError(t("must not be empty: that would never match; leave the key out"))
        return tuple(dict.fromkeys(one.read(item) for item in value))

    items = {"type": "array", "minItems": 1, "items": one.schema}
    return Kind("list of " + ", ".join(f"`{word}`" for word in known), read_list, items)


def _places(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise ValueError(t("must be a list such as {example}", example='["AU", "US-MA"]'))
    for place in value:
        if not isinstance(place, str) or not re.fullmatch("[A-Z]{2}(-[A-Z0-9]{1,3})?", place):
            raise ValueError(
                t(
                    "must be countries or subdivisions of ISO 3166, such as {example}: {place}",
                    example='["AU", "US-MA"]',
                    place=place,
                )
            )
    return tuple(dict.fromkeys(value))


PLACES = Kind(
    "list of countries or subdivisions, ISO 3166",
    _places,
    {"type": "array", "minItems": 1, "items": {"type": "string"}},
)


def _currencies(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise ValueError(t("must be a list such as {example}", example='["EUR"]'))
    return tuple(dict.fromkeys(CURRENCY.read(code) for code in value))


CURRENCIES = Kind(
    "list of currencies, ISO 4217", _currencies, {"type": "array", "items": CURRENCY.schema}
)


def number(least: int, most: int) -> Kind:
    """Return the kind of exact numbers from ``least`` to ``most``."""

    def read(value: object) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise ValueError(t("must be a number without quotes, such as 0.05"))
        found = Decimal(value)
        digits = found.as_tuple().exponent
        if not isinstance(digits, int) or not -8 <= digits <= 0 or not least <= found <= most:
            raise ValueError(
                t(
                    "must be a number from {least} to {most}, written out in digits",
                    least=least,
                    most=most,
                )
            )
        return found

    return Kind("number", read, {"type": "number", "minimum": least, "maximum": most})


def values(
    known: Mapping[str, Key],
    data: Mapping[str, Any],
    where: str,
    problems: list[str],
    others: Collection[str] = (),
) -> dict[str, Any]:
    """Read the known keys of a table; a problem for each that is missing, wrong or neither's."""
    found = {}
    for name, key in known.items():
        if name not in data:
            if key.required:
                problems.append(
                    t(
                        "{where}: {key} is missing: {meaning}",
                        where=where,
                        key=name,
                        meaning=key.meaning,
                    )
                )
            continue
        try:
            found[name] = key.kind.read(data[name])
        except ValueError as error:
            problems.append(f"{where}: {name} {error}")
    for name in data:
        if name not in known and name not in others:
            near = closest(name, [*known, *others])
            problems.append(t("{where}: there is no key {key}", where=where, key=name) + near)
    return found
