"""Amounts in Chinese capitals (大写), as contracts and receipts write them beside the figures."""

from __future__ import annotations

from decimal import Decimal

from dunctl import money

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_UNITS = ((10**8, "亿"), (10**4, "万"), (1000, "仟"), (100, "佰"), (10, "拾"))


def capitals(amount: Decimal, currency: str) -> str | None:
    """Write an amount without its currency: ``壹仟贰佰元伍角整``; ``None`` beyond two decimals."""
    if money.exponent(currency) > 2:
        return None
    cents = int(money.quantize(abs(amount), currency).scaleb(2))
    whole, (tenths, hundredths) = cents // 100, divmod(cents % 100, 10)
    text = _number(whole) + "元" if whole or not cents else ""
    if tenths:
        text += _DIGITS[tenths] + "角"
    elif hundredths and whole:
        text += "零"
    text += _DIGITS[hundredths] + "分" if hundredths else "整"
    return ("负" if amount < 0 else "") + text


def _number(whole: int) -> str:
    for size, unit in _UNITS:
        if whole >= size:
            head, rest = divmod(whole, size)
            gap = "零" if 0 < rest < size // 10 else ""
            return _number(head) + unit + gap + (_number(rest) if rest else "")
    return _DIGITS[whole]
