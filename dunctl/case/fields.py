"""The kinds of value that a key of a case file can have.

A kind reads what the TOML parser gives and returns the value the program works with, or raises
``ValueError`` with half a sentence that says what was expected. It also knows its JSON Schema.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from dunctl import dates, money
from dunctl.tuples import NamedTuple
from dunctl.words import t

JsonSchema = Mapping[str, object]

# ISO 3166-1, and XK for Kosovo, which has none.
_CODES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT
BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH
ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT
HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS
LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI
NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG
SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG
UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
"""
_COUNTRIES = frozenset(_CODES.split())
_COUNTRIES_MEANT = {"UK": "GB", "EN": "GB", "EL": "GR"}

_T = TypeVar("_T")
_D = TypeVar("_D", bound=date)
_NUMBER = (int, Decimal)
_CENT = Decimal("0.01")
_TOO_MUCH = 10**15
_LONGEST = 20
_MOST_WORDS = 200
MOST_GUESSES = 100
_MOST_PERCENT = 1000
_YEARS = range(1970, 2200)
_HANDLE = "[0-9a-f]{7}(~[1-9][0-9]*)?"


class Kind(NamedTuple):
    """How a value reads, and how documents and editors describe it."""

    title: str
    read: Callable[[object], Any]
    schema: JsonSchema


class Key(NamedTuple):
    """One key of a table: its kind, what it means, whether it must be there.

    ``name`` is the key in the file where the attribute must be called otherwise (``with``).
    """

    kind: Kind
    meaning: str
    required: bool = False
    name: str = ""


LIKELY = 0.6
"""How alike two words are, from 0 to 1, of which one may be meant by the other."""


def closest(word: str, words: list[str], least: float = LIKELY) -> str:
    """Return `` (did you mean …?)`` for the nearest of ``words``, or nothing; also of too many."""
    if len(words) > _MOST_WORDS:
        return ""
    from difflib import get_close_matches

    folded = {known.casefold(): known for known in words}
    near = get_close_matches(word.casefold(), folded, n=1, cutoff=least)
    return " " + t("(did you mean {word}?)", word=folded[near[0]]) if near else ""


def guesser(words: list[str]) -> Callable[[str], str]:
    """Return ``closest`` among ``words`` for one file: it answers the first questions only.

    A file that is wrong all over would take its time, and nobody reads that many guesses.
    """
    left = iter(range(MOST_GUESSES))
    return lambda word: closest(word, words) if next(left, None) is not None else ""


def _seen(text: str) -> str:
    """Return text as a message has it: in quotes where a space at its end would not be seen."""
    return text if text == text.strip() else f'"{text}"'


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(t("must be text in quotes"))
    if not value.strip():
        raise ValueError(t("must not be empty: give it a value or delete the line"))
    return value


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(map(_text, value))
    return (_text(value),)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(t("must be true or false, without quotes"))
    return value


def _amount(value: object) -> Decimal:
    if type(value) is Decimal and value.same_quantum(_CENT) and 0 < value < _TOO_MUCH:
        return value
    if isinstance(value, bool) or not isinstance(value, _NUMBER):
        raise ValueError(t("must be a number without quotes, such as 1250.00"))
    amount = Decimal(value)
    if not _written_out(amount):
        raise ValueError(t("must be written out in digits, such as 1250.00"))
    if amount <= 0:
        raise ValueError(t("must be more than 0; what lowers the debt is a payment or a credit"))
    if amount >= _TOO_MUCH:
        raise ValueError(t("is too large to be an amount of money"))
    return amount


def _written_out(number: Decimal) -> bool:
    if number.same_quantum(_CENT):
        return True
    exponent = number.as_tuple().exponent
    return isinstance(exponent, int) and -_LONGEST <= exponent <= 0


def _share(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, _NUMBER):
        raise ValueError(t("must be a number without quotes, such as 0.05"))
    share = Decimal(value)
    if not _written_out(share) or not 0 <= share <= _MOST_PERCENT:
        raise ValueError(
            t("must be a number from 0 to {most}, written out in digits", most=_MOST_PERCENT)
        )
    return share


def _day(value: object) -> date:
    if type(value) is date and value.year in _YEARS:
        return value
    if isinstance(value, datetime) or not isinstance(value, date):
        raise ValueError(t("must be a day alone, without quotes, such as 2026-11-27"))
    return _likely(value)


def _instant(value: object) -> datetime:
    if type(value) is datetime and value.tzinfo is not None and value.year in _YEARS:
        return value
    if not isinstance(value, datetime):
        raise ValueError(
            t("must be a time with its offset, without quotes, such as 2026-11-27T15:00:00+08:00")
        )
    if value.tzinfo is None:
        raise ValueError(t("needs its offset from UTC, such as 2026-11-27T15:00:00+08:00"))
    return _likely(value)


def _likely(value: _D) -> _D:
    if value.year not in _YEARS:
        raise ValueError(t("is not a likely date: the year is {year}", year=value.year))
    return value


def _when(value: object) -> date | datetime:
    if not isinstance(value, date):
        raise ValueError(
            t(
                "must be a day or a time with its offset, without quotes, "
                "such as 2026-11-27 or 2026-11-27T15:00:00+08:00"
            )
        )
    return _instant(value) if isinstance(value, datetime) else _day(value)


def _currency(value: object) -> str:
    code = _text(value)
    if not money.is_currency(code):
        near = money.closest(code)
        hint = t("(did you mean {word}?)", word=near) if near else t("(write a code such as EUR)")
        raise ValueError(t("is no ISO 4217 currency: {code}", code=_seen(code)) + " " + hint)
    return code


def _zones(value: object) -> tuple[str, ...]:
    names = _texts(value)
    for name in names:
        dates.zone(name)
    return names


def _hours(value: object) -> str:
    text = _text(value)
    dates.parse_hours(text)
    return text


def _hours_list(value: object) -> tuple[str, ...]:
    texts = _texts(value)
    for text in texts:
        dates.parse_hours(text)
    return texts


def _country(value: object) -> str:
    code = _text(value)
    if code not in _COUNTRIES:
        near = _COUNTRIES_MEANT.get(code.upper(), code.upper())
        if near in _COUNTRIES:
            hint = t("(did you mean {word}?)", word=near)
        else:
            hint = t("(write two capital letters such as CN)")
        raise ValueError(t("is no ISO 3166 country: {code}", code=_seen(code)) + " " + hint)
    return code


def _handle(value: object) -> str:
    text = _text(value)
    if not re.fullmatch(_HANDLE, text):
        raise ValueError(t("must be a handle, such as 3f9c2ab (see `dunctl show`)"))
    return text


def _instalments(value: object) -> tuple[tuple[date, Decimal], ...]:
    if not isinstance(value, list) or not value:
        raise ValueError(t("must be a list such as [{ due = 2026-12-01, amount = 100.00 }]"))
    parts = []
    for part in value:
        if not isinstance(part, dict) or set(part) != {"due", "amount"}:
            raise ValueError(t("must be a list such as [{ due = 2026-12-01, amount = 100.00 }]"))
        parts.append((inner("due", _day, part["due"]), inner("amount", _amount, part["amount"])))
    return tuple(parts)


def inner(name: str, read: Callable[[object], _T], value: object) -> _T:
    """Read a value inside another one; what is wrong with it is said with its name."""
    try:
        return read(value)
    except ValueError as error:
        raise ValueError(f"{name} {error}") from error


def _format(value: object) -> int:
    if isinstance(value, bool) or value != 1 or not isinstance(value, int):
        raise ValueError(t("must be 1; another format needs another version of dunctl"))
    return value


def whole(least: int, most: int) -> Kind:
    """Return the kind of whole numbers from ``least`` to ``most``."""

    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ValueError(
                t("must be a whole number from {least} to {most}", least=least, most=most)
            )
        return value

    title = f"whole number, {least} to {most}"
    return Kind(title, read, {"type": "integer", "minimum": least, "maximum": most})


def choice(*words: str) -> Kind:
    """Return the kind that is one of ``words``."""
    known = frozenset(words)

    def read(value: object) -> str:
        if isinstance(value, str) and value in known:
            return value
        text = _text(value)
        raise ValueError(
            t("is none of {words}: {text}", words=", ".join(words), text=_seen(text))
            + closest(text, list(words))
        )

    return Kind("one of " + ", ".join(f"`{word}`" for word in words), read, {"enum": list(words)})


def code(families: Mapping[str, tuple[str, ...]]) -> Kind:
    """Return the kind of a code with an optional sub-code, ``dispute`` or ``dispute.quality``."""
    words = [*families] + [f"{f}.{s}" for f, subs in families.items() for s in subs]

    def read(value: object) -> str:
        text = _text(value)
        if text not in words:
            hint = closest(text, words)
            raise ValueError(
                t("is none of {words}: {text}", words=", ".join(families), text=_seen(text)) + hint
            )
        return text

    return Kind("reason code, see below", read, {"enum": words})


FORMAT = Kind("always 1", _format, {"const": 1})
TEXT = Kind("text", _text, {"type": "string", "pattern": r"\S"})
TEXTS = Kind(
    "text, or a list of texts",
    _texts,
    {"anyOf": [TEXT.schema, {"type": "array", "items": TEXT.schema}]},
)
FLAG = Kind("true or false", _flag, {"type": "boolean"})
AMOUNT = Kind(
    "amount, more than 0",
    _amount,
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": _TOO_MUCH},
)
SHARE = Kind("number", _share, {"type": "number", "minimum": 0, "maximum": _MOST_PERCENT})
DAY = Kind("day", _day, {"type": "string", "format": "date"})
INSTANT = Kind("time with offset", _instant, {"type": "string", "format": "date-time"})
WHEN = Kind("day, or time with offset", _when, {"anyOf": [DAY.schema, INSTANT.schema]})
CURRENCY = Kind(
    "code of ISO 4217, such as EUR", _currency, {"type": "string", "pattern": "^[A-Z]{3}$"}
)
COUNTRY = Kind("country, ISO 3166", _country, {"type": "string", "pattern": "^[A-Z]{2}$"})
ZONES = Kind("time zone (IANA), or a list of candidates", _zones, TEXTS.schema)
HOURS = Kind("hours, such as `mon-fri 09:00-18:00`", _hours, TEXT.schema)
HOURS_LIST = Kind("hours, or a list of them", _hours_list, TEXTS.schema)
HANDLE = Kind("handle of an entry", _handle, {"type": "string", "pattern": f"^{_HANDLE}$"})
INSTALMENTS = Kind(
    "list of `{ due, amount }`",
    _instalments,
    {
        "type": "array",
        "minItems": 1,
        "items": {
            "type": "object",
            "properties": {"due": DAY.schema, "amount": AMOUNT.schema},
            "required": ["due", "amount"],
            "additionalProperties": False,
        },
    },
)
