"""What a column of days or amounts means, decided from all of it, or refused as ambiguous.

A column speaks for itself where one of its values can be read in one way only. Single values that
contradict the rest do not sway it (one in ten at most); they cannot be read afterwards, so their
rows are refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from dunctl import money
from dunctl.errors import Refused
from dunctl.intake.columns import clean, currencies
from dunctl.tuples import NamedTuple
from dunctl.words import t

DateOrder = Literal["dmy", "mdy", "ymd"]
Mark = Literal[".", ","]
Cell = tuple[int, str]
"""A line number and what stands there."""

_NO_DAY = """
    - -- – — / . 0 n/a na none null nil nan #n/a no nein n false nicht open offen 否 无 未付 未付款
    未结清 0000-00-00 00.00.0000 00/00/0000 00000000
"""
_BLANK = frozenset(_NO_DAY.split()) | {""}
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar jän jänner", "feb february februar", "mar march mär märz mrz",
            "apr april", "may mai", "jun june juni", "jul july juli", "aug august",
            "sep sept september", "oct october okt oktober", "nov november",
            "dec december dez dezember",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_TIME = (
    r"(?:(?:T|,?\s)\s*\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:[ap]\.?m\.?)?"
    r"\s*(?:Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?)?"
)
_YEAR_FIRST = re.compile(
    r"(\d{4})(?:\s*[-/.年\s]\s*(\d{1,2})\s*[-/.月\s]\s*(\d{1,2})\s*[日号]?|(\d{2})(\d{2}))" + _TIME,
    re.IGNORECASE,
)
_YEAR_LAST = re.compile(r"(\d{1,2})\s*([-/.\s])\s*(\d{1,2})\s*\2\s*(\d{4})" + _TIME, re.IGNORECASE)
_SHORT = re.compile(
    r"\d{1,2}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*[日号]?" + _TIME, re.IGNORECASE
)
_NAMED = re.compile(
    r"(?:(\d{1,2})(?:st|nd|rd|th)?[\s.-]*([^\W\d_]{3,9})"
    r"|([^\W\d_]{3,9})\.?[\s-]*(\d{1,2})(?:st|nd|rd|th)?)[\s.,-]*(\d{4}|\d{2})" + _TIME,
    re.IGNORECASE,
)
_LONGEST = 60
_SERIAL = re.compile(r"[1-7]\d{4}(?:[.,]\d+)?")


class _Day(NamedTuple):
    """A day as it is written: read already, or with two numbers whose order is open."""

    day: date | None = None
    pair: tuple[int, int] = (0, 0)
    year: int = 0
    wrong: str = ""
    kind: Literal["day", "pair", "serial", "short", "wrong"] = "wrong"


def _cut(text: str) -> str:
    return clean(text, 40)


def is_blank(text: str) -> bool:
    """Tell whether a cell says that there is no day: empty, a dash, ``n/a``, ``0000-00-00``."""
    words = text.strip()
    return not words or (len(words) < 12 and clean(words).casefold() in _BLANK)


@lru_cache(maxsize=8192)
def _shape(text: str) -> _Day:
    words = unicodedata.normalize("NFKC", clean(text, _LONGEST)).strip()
    match = _YEAR_FIRST.fullmatch(words)
    if match:
        year, month, day = int(match[1]), int(match[2] or match[4]), int(match[3] or match[5])
        return _made(text, year, month, day)
    match = _YEAR_LAST.fullmatch(words)
    if match:
        return _Day(pair=(int(match[1]), int(match[3])), year=int(match[4]), kind="pair")
    match = _NAMED.fullmatch(words)
    month = _MONTHS.get((match[2] or match[3]).casefold(), 0) if match else 0
    if match and month and len(match[5]) == 4:
        return _made(text, int(match[5]), month, int(match[1] or match[4]))
    if month or _SHORT.fullmatch(words):
        wrong = t(
            '"{text}" has a year of two digits; write years with four digits', text=_cut(text)
        )
        return _Day(wrong=wrong, kind="short")
    if _SERIAL.fullmatch(words):
        wrong = t(
            '"{text}" is a spreadsheet\'s serial number, not a day; '
            "format the column as a date (yyyy-mm-dd) and export it again",
            text=_cut(text),
        )
        return _Day(wrong=wrong, kind="serial")
    return _Day(wrong=t('"{text}" is not a day; write 2026-11-27', text=_cut(text)))


def _made(text: str, year: int, month: int, day: int) -> _Day:
    if not 1970 <= year <= 2199:
        wrong = t('"{text}" is not a likely day: the year is {year}', text=_cut(text), year=year)
        return _Day(wrong=wrong)
    try:
        return _Day(date(year, month, day), kind="day")
    except ValueError:
        return _Day(wrong=t('"{text}" is a day that does not exist', text=_cut(text)))


def read_day(text: str, order: DateOrder | None) -> date:
    """Read a day in the order of its column; ``ValueError`` with what is wrong with it."""
    shape = _shape(text)
    if shape.day:
        return shape.day
    if shape.kind != "pair":
        raise ValueError(shape.wrong)
    first, second = shape.pair
    if order == "ymd":
        raise ValueError(t('"{text}" does not begin with the year', text=_cut(text)))
    day, month = (second, first) if order == "mdy" else (first, second)
    if not 1 <= month <= 12:
        raise ValueError(
            t('"{text}" is no day when read {order}', text=_cut(text), order=say_order(order))
        )
    made = _made(text, shape.year, month, day)
    if made.day is None:
        raise ValueError(made.wrong)
    return made.day


def say_order(order: DateOrder | None) -> str:
    """Return an order of day, month and year in words."""
    if order is None:
        return t("year first")
    return {"dmy": t("day first"), "mdy": t("month first"), "ymd": t("year first")}[order]


def date_orders(
    dates: Mapping[str, Sequence[Cell]], given: DateOrder | None = None
) -> dict[str, DateOrder | None]:
    """Decide for each column of days whether the day or the month stands first.

    ``None`` is for a column in which it does not matter. A column that does not show it follows
    the others of the file. ``Refused`` when nothing shows it, when a column contradicts itself, and
    when most of it has two-digit years or serial numbers. ``given`` decides without looking.
    """
    for name, cells in dates.items():
        _whole(name, cells)
    if given:
        return dict.fromkeys(dates, given)
    found = {name: _order(name, cells) for name, cells in dates.items()}
    shown = {order for order in found.values() if order}
    orders: dict[str, DateOrder | None] = {}
    for name, cells in dates.items():
        orders[name] = found[name] or (next(iter(shown)) if len(shown) == 1 else None)
        if orders[name] is None:
            _unclear(name, cells)
    return orders


def _whole(name: str, cells: Sequence[Cell]) -> None:
    """Refuse a column that is no column of days at all."""
    for kind in ("serial", "short"):
        bad = [cell for cell in cells if _shape(cell[1]).kind == kind]
        if bad and 2 * len(bad) > len(cells):
            raise Refused(
                t(
                    'column "{column}", line {line}: {what}',
                    column=clean(name, 60),
                    line=bad[0][0],
                    what=_shape(bad[0][1]).wrong,
                )
            )


def _order(name: str, cells: Sequence[Cell]) -> DateOrder | None:
    pairs = [(cell, _shape(cell[1]).pair) for cell in cells]
    days_first = [cell for cell, (a, b) in pairs if 12 < a <= 31 and 1 <= b <= 12]
    months_first = [cell for cell, (a, b) in pairs if 12 < b <= 31 and 1 <= a <= 12]
    if _tied(len(days_first), len(months_first)):
        raise Refused(
            t(
                'column "{column}" has the day first on line {one} ("{first}") and the month first '
                'on line {other} ("{second}"); write --date-order dmy or --date-order mdy',
                column=clean(name, 60),
                one=days_first[0][0],
                first=clean(days_first[0][1], 20),
                other=months_first[0][0],
                second=clean(months_first[0][1], 20),
            )
        )
    if not days_first and not months_first:
        return None
    return "dmy" if len(days_first) > len(months_first) else "mdy"


def _tied(one: int, other: int) -> bool:
    """Tell whether the lesser evidence is more than a slip: over a tenth of all."""
    return min(one, other) * 9 > max(one, other)


def _unclear(name: str, cells: Sequence[Cell]) -> None:
    for line, text in cells:
        first, second = _shape(text).pair
        if first != second and 1 <= first <= 12 and 1 <= second <= 12:
            raise Refused(
                t(
                    'column "{column}" can be read day first or month first '
                    '(line {line}: "{text}"); write --date-order dmy or --date-order mdy',
                    column=clean(name, 60),
                    line=line,
                    text=clean(text, 20),
                )
            )


class _Figure(NamedTuple):
    """An amount taken apart: its sign, its digits with their marks, what stands around them."""

    negative: bool
    core: str
    affixes: tuple[str, ...]


@lru_cache(maxsize=8192)
def _figure(text: str) -> _Figure | None:
    words = unicodedata.normalize("NFKC", clean(text)).replace("\u2019", "'").strip()
    words = re.sub("[\u2212\u2013\u2014]", "-", words)
    inside = re.fullmatch(r"\((.*)\)", words)
    words = inside[1] if inside else words
    words = re.sub(r"(?<=[0-9])([.,])--?(?=[^0-9]*$)", r"\g<1>00", words)
    if len(words) > _LONGEST:
        return None
    match = re.fullmatch(r"([^0-9.,]*)([.,]?[0-9](?:[0-9.,' ]*[0-9])?)([^0-9]*)", words)
    if match is None:
        return None
    before, after = match[1].strip(), match[3].strip()
    signs = (before + after).count("-") + bool(inside)
    if signs > 1 or "-" in before.strip("-+ ") or "-" in after.strip("-+ "):
        return None
    affixes = tuple(part for part in (before.strip("-+ "), after.strip("-+ ")) if part)
    return _Figure(bool(signs), match[2], affixes)


def amount_currencies(text: str) -> tuple[str, ...] | None:
    """Return the currencies that an amount's own sign or code allows, None if it has none.

    ``ValueError`` for words beside the digits that are no currency.
    """
    figure = _figure(text)
    if figure is None or not figure.affixes:
        return None
    named = [code for affix in figure.affixes for code in _named(affix)]
    found = tuple(code for code in dict.fromkeys(named) if named.count(code) == len(figure.affixes))
    if not found:
        raise ValueError(_no_amount(text))
    return found


def _named(affix: str) -> tuple[str, ...]:
    return currencies(affix.replace(" ", ""))


def decimal_mark(
    name: str, cells: Iterable[tuple[int, str, int]], given: Mark | None = None
) -> Mark:
    """Decide whether a column of amounts has a decimal point or a decimal comma.

    ``cells`` are line, text and the digits of the row's currency: a single mark before exactly
    three digits groups thousands, unless the currency has three digits itself. ``Refused`` when
    the column contradicts itself or shows nothing.
    """
    if given:
        return given
    sure: dict[Mark, list[Cell]] = {".": [], ",": []}
    open_: dict[Mark, list[Cell]] = {".": [], ",": []}
    fine = False
    for line, text, digits in cells:
        figure = _figure(text)
        mark, certain = _evidence(figure.core) if figure else (None, False)
        if mark and certain:
            sure[mark].append((line, text))
        elif mark:
            open_[mark].append((line, text))
            fine = fine or digits > 2
    if _tied(len(sure["."]), len(sure[","])) or (
        not any(sure.values()) and open_["."] and open_[","]
    ):
        shown = sure if any(sure.values()) else open_
        raise Refused(
            t(
                'column "{column}" has a decimal point on line {one} ("{first}") and a decimal '
                'comma on line {other} ("{second}"), or the other way round; '
                "write --decimal dot or --decimal comma",
                column=clean(name, 60),
                one=shown["."][0][0],
                first=clean(shown["."][0][1], 20),
                other=shown[","][0][0],
                second=clean(shown[","][0][1], 20),
            )
        )
    if any(sure.values()):
        return "." if len(sure["."]) > len(sure[","]) else ","
    if fine:
        line, text = (open_["."] + open_[","])[0]
        raise Refused(
            t(
                'column "{column}" has a decimal mark or groups of thousands '
                '(line {line}: "{text}"); write --decimal dot or --decimal comma',
                column=clean(name, 60),
                line=line,
                text=clean(text, 20),
            )
        )
    return "," if open_["."] else "."


def _evidence(core: str) -> tuple[Mark | None, bool]:
    """Return the decimal mark that an amount shows, and whether it can be no other.

    A mark that may group thousands as well is returned as uncertain.
    """
    dots, commas = core.count("."), core.count(",")
    if dots and commas:
        last: Mark = "." if core.rfind(".") > core.rfind(",") else ","
        return (last, True) if core.count(last) == 1 else (None, False)
    if not dots and not commas:
        return None, False
    mark: Mark = "." if dots else ","
    other: Mark = "," if dots else "."
    if dots + commas > 1:
        return (
            (other, True) if re.fullmatch(r"[0-9]{1,3}(?:[.,][0-9]{2,3})+", core) else (None, False)
        )
    whole, _, rest = core.partition(mark)
    groups = len(rest) == 3 and re.fullmatch("[1-9][0-9]{0,2}", whole)
    return mark, not groups


def read_amount(text: str, mark: Mark, currency: str) -> Decimal:
    """Read an amount, negative ones too; it has the currency's digits.

    ``ValueError`` for what is no amount, for misplaced groups and for more decimals than the
    currency has. Zeros beyond them, as databases write (``55.9400``), are nothing, except a third
    decimal, which may have been meant to group thousands.
    """
    figure = _figure(text)
    if figure is None:
        raise ValueError(_no_amount(text))
    group = "," if mark == "." else "."
    match = re.fullmatch(
        rf"([0-9]{{1,3}}(?:([{group}' ])[0-9]{{3}}(?:\2[0-9]{{3}})*)"
        rf"|[0-9]{{1,2}}(?:{group}[0-9]{{2}})+{group}[0-9]{{3}}|[0-9]*)(?:[{mark}]([0-9]+))?",
        figure.core,
    )
    if match is None:
        raise ValueError(
            t('"{text}" has its decimal mark or its groups misplaced', text=_cut(text))
        )
    whole, decimals = re.sub("[^0-9]", "", match[1]), match[3] or ""
    digits = money.exponent(currency)
    if len(decimals) > digits and (len(decimals) == 3 or decimals[digits:].strip("0")):
        raise ValueError(
            t(
                '"{text}" has more decimals than {currency} has ({digits})',
                text=_cut(text),
                currency=currency,
                digits=digits,
            )
        )
    if len(whole.lstrip("0")) > 15:
        raise ValueError(t('"{text}" is too large to be an amount of money', text=_cut(text)))
    amount = money.quantize(Decimal(f"{whole or 0}.{decimals or 0}"), currency)
    return -amount if figure.negative else amount


def _no_amount(text: str) -> str:
    if not clean(text):
        return t("the amount is missing")
    return t('"{text}" is not an amount; write digits such as 1250.00', text=_cut(text))
