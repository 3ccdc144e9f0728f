"""Days, amounts and lists as a letter's language writes them.

Spaces that must not be broken are no-break spaces here; ``layout.tidy`` makes them ordinary ones.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import TYPE_CHECKING

from dunctl import money
from dunctl.errors import Refused
from dunctl.words import t

if TYPE_CHECKING:
    from babel import Locale

# English letters put the day first and write US$; Chinese ones are in simplified characters.
_LOCALES = {"en": "en_GB", "zh": "zh_CN"}
# Where readers of the same words are used to other days and amounts.
_REGIONS = ("en-US", "de-CH", "de-LI")
# Months of three letters; figures alone, as Chinese tables have them.
_SHORT_DAYS = {"en": ("d MMM y", "en"), "zh": ("y-MM-dd", "zh")}


def regional(language: str, reader: str | None) -> str:
    """Return the tag to write days and amounts by: the reader's, if the language is the same."""
    found = [tag for tag in _REGIONS if tag.casefold() == (reader or "").casefold()]
    return found[0] if found and found[0].startswith(f"{language}-") else language


def day(value: date, language: str, *, short: bool = False) -> str:
    """Write a day in full: ``27 November 2026``, ``2026年11月27日``; ``27 Nov 2026`` if short."""
    from babel.dates import format_date

    if short and language in _SHORT_DAYS:
        return _bound(format_date(value, *_SHORT_DAYS[language]))
    return _bound(format_date(value, "medium" if short else "long", locale=_locale(language)))


def number(amount: Decimal, currency: str, language: str) -> str:
    """Write an amount without its currency, with exactly the currency's digits."""
    return decimal(money.quantize(amount, currency), money.exponent(currency), language)


def decimal(amount: Decimal, digits: int, language: str) -> str:
    """Write a number with so many decimals, half up."""
    from babel.numbers import format_decimal

    exact = amount.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    pattern = "#,##0." + "0" * digits if digits else "#,##0"
    return _bound(format_decimal(exact, pattern, locale=_locale(language)))


def amount(value: Decimal, currency: str, language: str) -> str:
    """Write an amount with its currency: ``£2,000.00``, ``CHF 7.50``, ``人民币2,000.00元``."""
    from babel.numbers import format_currency

    if language == "zh":
        name = unit(currency, language)
        figures = number(value, currency, language)
        return f"人民币{figures}元" if currency == "CNY" else figures + name
    locale = _locale(language)
    pattern = locale.currency_formats["standard"].pattern
    text = format_currency(
        money.quantize(value, currency),
        currency,
        pattern.replace(".00", _decimals(currency)),
        locale=locale,
        currency_digits=False,
    )
    return _bound(re.sub(r"(?<=[^\W\d_])(?=\d)", " ", text))


def unit(currency: str, language: str) -> str:
    """Write the currency of a table of bare numbers: ``GBP``, ``人民币元``, ``英镑``."""
    from babel.numbers import get_currency_name

    if language != "zh":
        return currency
    name = get_currency_name(currency, locale=_locale(language))
    return "人民币元" if currency == "CNY" else name


def percent(rate: Decimal, language: str) -> str:
    """Write a rate with all its digits: ``11.75%``, ``11,75 %``."""
    from babel.numbers import format_decimal

    locale = _locale(language)
    sign = locale.percent_formats[None].pattern.replace("#,##0", "{}")
    figures = format_decimal(rate.normalize(), "#,##0.##########", locale=locale)
    return _bound(sign.format(figures))


def days(count: int, language: str) -> str:
    """Write a number of days with the plural of the language: ``1 day``, ``92 Tage``, ``3天``."""
    from babel.units import format_unit

    unit = "duration-day"
    text = format_unit(count, unit, "long", locale=_locale(language))
    if unit in text:  # CLDR leaves out the long form where it is the short one
        text = format_unit(count, unit, "short", locale=_locale(language))
    return _bound(text)


def listing(words: Sequence[str], language: str) -> str:
    """Join words: ``a, b and c``, ``a、b和c``."""
    from babel.lists import format_list

    return format_list(words, locale=_locale(language))


def _decimals(currency: str) -> str:
    digits = money.exponent(currency)
    return "." + "0" * digits if digits else ""


@cache
def _locale(language: str) -> Locale:
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(_LOCALES.get(language, language.replace("-", "_")))
    except (UnknownLocaleError, ValueError) as error:
        raise Refused(
            t(
                "{language} is no language that dates and amounts can be written in",
                language=language,
            )
        ) from error


def _bound(text: str) -> str:
    return re.sub(r"\s", "\u00a0", re.sub("[\u200e\u200f]", "", text))
