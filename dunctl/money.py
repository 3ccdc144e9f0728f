"""Amounts of money: exact decimals with the digits of their ISO 4217 currency, never a float."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from functools import cache

from dunctl.words import t

# ISO 4217 list one: every active code that has a minor unit, so no metals and no test codes.
_CODES = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD
CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP
GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR
KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN
MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD
SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX
USD USN UYI UYU UYW UZS VED VES VND VUV WST XAD XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
"""
_ACTIVE = frozenset(_CODES.split())
_NOT_TWO = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_EXPONENTS = {code: digits for digits, codes in _NOT_TWO.items() for code in codes.split()}
_MEANT = {
    "RMB": "CNY",
    "CNH": "CNY",
    "NTD": "TWD",
    "BGN": "EUR",
    "HRK": "EUR",
    "ANG": "XCG",
    "ZWL": "ZWG",
    "SLL": "SLE",
}
# The signs of CLDR for English; any other currency is shown by its code.
_SIGNS = {
    "AUD": "A$",
    "BRL": "R$",
    "CAD": "CA$",
    "CNY": "CN¥",
    "EUR": "€",
    "GBP": "£",
    "HKD": "HK$",
    "ILS": "₪",
    "INR": "₹",
    "JPY": "¥",
    "KRW": "₩",
    "MXN": "MX$",
    "NZD": "NZ$",
    "TWD": "NT$",
    "USD": "$",
    "VND": "₫",
}
# What people type at home, besides the code and the sign above.
_TYPED = {
    "CNY": ("¥", "元", "圆", "块", "人民币", "RMB"),
    "JPY": ("円", "JP¥"),
    "KRW": ("원",),
    "TWD": ("$", "元"),
    "HKD": ("$", "元"),
    "USD": ("US$", "美元"),
    "EUR": ("欧元",),
    "GBP": ("英镑",),
}
_DOLLARS = "AUD BBD BMD BND BSD BZD CAD FJD GYD JMD MXN NZD SGD TTD XCD"
_LONGEST = 18
_EXACT = Context(prec=100, rounding=ROUND_HALF_UP)


def is_currency(code: str) -> bool:
    """Tell whether ``code`` is an active ISO 4217 currency with a minor unit."""
    return code in _ACTIVE


def exponent(currency: str) -> int:
    """Return how many decimals a currency has (ISO 4217); ``ValueError`` for an unknown code."""
    if currency not in _ACTIVE:
        near = closest(currency)
        if near:
            raise ValueError(
                t(
                    '"{code}" is no ISO 4217 currency; did you mean {near}?',
                    code=currency,
                    near=near,
                )
            )
        raise ValueError(
            t('"{code}" is no ISO 4217 currency; write a code such as EUR', code=currency)
        )
    return _EXPONENTS.get(currency, 2)


def closest(code: str) -> str | None:
    """Return the currency that was probably meant by an unknown code, or None."""
    code = code.strip().upper()
    if code in _ACTIVE:
        return code
    if code in _MEANT:
        return _MEANT[code]
    from difflib import get_close_matches

    swapped = [known for known in sorted(_ACTIVE) if sorted(known) == sorted(code)]
    return next(iter(swapped or get_close_matches(code[:8], sorted(_ACTIVE), n=1)), None)


def quantize(amount: Decimal, currency: str, finer: int = 0) -> Decimal:
    """Round half up to the currency's digits, or ``finer`` ones more; zero is never negative.

    ``ValueError`` for an amount that is not finite or that no book could hold.
    """
    digits = exponent(currency) + finer
    try:
        if not amount.is_finite():
            raise InvalidOperation
        rounded = amount.quantize(Decimal((0, (1,), -digits)), context=_EXACT)
    except InvalidOperation:
        raise ValueError(t("{amount:.40} is not an amount of money", amount=str(amount))) from None
    return rounded or rounded.copy_abs()


def fits(amount: Decimal, currency: str) -> bool:
    """Tell whether an amount is written in digits, and in no more than its currency has."""
    if amount.same_quantum(_smallest(currency)):
        return True
    written = amount.as_tuple().exponent
    return isinstance(written, int) and -exponent(currency) <= written <= 0


@cache
def _smallest(currency: str) -> Decimal:
    return Decimal((0, (1,), -exponent(currency)))


def show(amount: Decimal, currency: str, finer: int = 0) -> str:
    """Write an amount for English readers as CLDR does: ``£2,000.00``, ``-€5.00``, ``CHF 7.50``.

    With ``finer`` that many more decimals are shown.
    """
    rounded = quantize(amount, currency, finer)
    sign = "-" if rounded < 0 else ""
    return f"{sign}{_SIGNS.get(currency, currency + ' ')}{rounded.copy_abs():,f}"


def plain(amount: Decimal, currency: str, finer: int = 0) -> str:
    """Write an amount for JSON, CSV and TOML: all its digits, no grouping."""
    return f"{quantize(amount, currency, finer):f}"


def parse(text: str, currency: str, *, allow_zero: bool = False) -> Decimal:
    """Read an amount as people type it (``2000``, ``2,000.00``, ``£2000``, ``２０００元``).

    The result has the currency's digits. ``ValueError`` with the remedy for anything that could
    mean two amounts, for more decimals than the currency has, for a negative amount and, unless
    ``allow_zero``, for zero.
    """
    import unicodedata

    digits = exponent(currency)
    words = unicodedata.normalize("NFKC", text).strip()
    number = _without_signs(words, currency)
    if not number:
        raise ValueError(t("an amount is missing; write digits such as 2000.00"))
    if not re.fullmatch(r"(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]+)?", number):
        raise ValueError(_not_a_number(words, number))
    number = number.replace(",", "")
    whole, _, decimals = number.partition(".")
    if len(whole.lstrip("0")) > _LONGEST:
        raise ValueError(t('"{text:.40}" is too large to be an amount of money', text=words))
    if len(decimals) > digits:
        raise ValueError(_too_many_decimals(words, whole, decimals, currency))
    amount = quantize(Decimal(number), currency)
    if not amount and not allow_zero:
        raise ValueError(t('"{text:.40}" is nothing; write an amount above zero', text=words))
    return amount


def split(amount: Decimal, n: int, currency: str) -> list[Decimal]:
    """Divide an amount into ``n`` parts that add up to it; earlier parts get the spare cents.

    ``ValueError`` if ``n`` is below 1 or the amount has more digits than its currency.
    """
    if n < 1:
        raise ValueError(t("an amount cannot be split into {n} parts; give at least 1", n=n))
    rounded = quantize(amount, currency)
    if rounded != amount:
        raise ValueError(
            t("{amount} has more digits than {currency} has", amount=amount, currency=currency)
        )
    digits = exponent(currency)
    share, spare = divmod(int(rounded.copy_abs().scaleb(digits, context=_EXACT)), n)
    parts = [Decimal(share + (i < spare)).scaleb(-digits, context=_EXACT) for i in range(n)]
    return [part.copy_negate() if rounded < 0 else part for part in parts]


def _without_signs(words: str, currency: str) -> str:
    """Take the currency's own signs off both ends; refuse those of another one."""
    own = [currency, _SIGNS.get(currency, currency), *_TYPED.get(currency, ())]
    if currency in _DOLLARS:
        own.append("$")
    own.sort(key=len, reverse=True)
    for take, has in ((str.removeprefix, str.startswith), (str.removesuffix, str.endswith)):
        upper = words.upper()
        for sign in own:
            if has(upper, sign):
                words = take(upper, sign).strip()
                break
    foreign = words.strip("0123456789., -+").upper()
    other = next((code for code, sign in _SIGNS.items() if foreign in (code, sign)), foreign)
    if other in _ACTIVE and foreign not in own:
        raise ValueError(
            t(
                '"{text:.40}" is in {other}, but {currency} is wanted here',
                text=words,
                other=other,
                currency=currency,
            )
        )
    return words


def _not_a_number(words: str, number: str) -> str:
    """Say what to write instead of something that is not one clear positive number."""
    if re.fullmatch(r"[-\u2212].*", number):
        return t('"{text:.40}" is negative; write an amount above zero', text=words)
    if re.fullmatch(r"[0-9.,]+e[+-]?[0-9]+", number, re.IGNORECASE):
        return t('"{text:.40}" has an exponent; write all digits, such as 1000', text=words)
    if re.fullmatch(r"[0-9]{1,3}(?:\.[0-9]{3})*,[0-9]{1,2}|[0-9]+,[0-9]{1,2}", number):
        point = number.replace(".", "").replace(",", ".")
        return t(
            '"{text:.40}" has a decimal comma; write {point} with a decimal point',
            text=words,
            point=point,
        )
    if re.fullmatch(r"[0-9.,' \u2019]+", number):
        return t(
            '"{text:.40}" has its groups misplaced; write digits such as 1234.50 or 1,234.50',
            text=words,
        )
    return t('"{text:.40}" is not an amount; write digits such as 2000.00', text=words)


def _too_many_decimals(words: str, whole: str, decimals: str, currency: str) -> str:
    digits = exponent(currency)
    shorter = f"{whole}.{decimals[:digits]}" if digits else whole
    if len(decimals) == 3 and len(whole) <= 3:
        return t(
            '"{text:.40}" has more decimals than {currency} has ({digits}); '
            "write {shorter}, or {thousands} if thousands are meant",
            text=words,
            currency=currency,
            digits=digits,
            shorter=shorter,
            thousands=whole + decimals,
        )
    return t(
        '"{text:.40}" has more decimals than {currency} has ({digits}); write {shorter}',
        text=words,
        currency=currency,
        digits=digits,
        shorter=shorter,
    )
