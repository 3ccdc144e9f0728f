from __future__ import annotations

from decimal import Decimal

import pytest
from babel.numbers import format_currency
from hypothesis import given
from hypothesis import strategies as st

from dunctl import money

CURRENCIES = st.sampled_from(("EUR", "CNY", "JPY", "KWD", "CLF", "USD", "CHF"))
ANYTHING = st.text(max_size=30) | st.text("0123456789.,-+eE$€£¥元 ０１２，．NaInf", max_size=30)


@st.composite
def amounts(draw: st.DrawFn) -> tuple[Decimal, str]:
    currency = draw(CURRENCIES)
    cents = draw(st.integers(1, 10**17))
    return Decimal(cents).scaleb(-money.exponent(currency)), currency


@pytest.mark.parametrize(
    ("currency", "digits"),
    [
        ("EUR", 2),
        ("CNY", 2),
        ("JPY", 0),
        ("KRW", 0),
        ("VND", 0),
        ("KWD", 3),
        ("TND", 3),
        ("CLF", 4),
    ],
)
def test_a_currency_has_the_digits_of_iso_4217(currency: str, digits: int) -> None:
    assert money.exponent(currency) == digits
    assert money.is_currency(currency)


@pytest.mark.parametrize("code", ["", "eur", "XXX", "XAU", "BGN", "HRK", "EURO", "€"])
def test_what_is_no_active_currency_is_refused(code: str) -> None:
    assert not money.is_currency(code)
    with pytest.raises(ValueError, match="is no ISO 4217 currency"):
        money.exponent(code)


@pytest.mark.parametrize(
    ("code", "meant"),
    [("eur", "EUR"), ("RMB", "CNY"), ("HRK", "EUR"), ("UDS", "USD"), ("GPB", "GBP"), ("12", None)],
)
def test_the_currency_that_was_meant_is_named(code: str, meant: str | None) -> None:
    assert money.closest(code) == meant


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("2.345", "EUR", "2.35"),
        ("-2.345", "EUR", "-2.35"),
        ("2.5", "JPY", "3"),
        ("1E+3", "EUR", "1000.00"),
        ("-0.001", "EUR", "0.00"),
        ("123456789012345678901234567890.125", "EUR", "123456789012345678901234567890.13"),
    ],
)
def test_amounts_are_rounded_half_up(amount: str, currency: str, rounded: str) -> None:
    assert str(money.quantize(Decimal(amount), currency)) == rounded


@pytest.mark.parametrize("amount", ["NaN", "sNaN", "Infinity", "1e200"])
def test_what_is_no_amount_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match="is not an amount of money"):
        money.quantize(Decimal(amount), "EUR")


@pytest.mark.parametrize(
    ("amount", "currency", "fits"),
    [
        ("12", "EUR", True),
        ("12.5", "EUR", True),
        ("12.50", "EUR", True),
        ("12.500", "EUR", False),
        ("12.5", "JPY", False),
        ("12.500", "KWD", True),
        ("1E+3", "EUR", False),
        ("NaN", "EUR", False),
        ("Infinity", "EUR", False),
    ],
)
def test_an_amount_fits_its_currency_digit_by_digit(amount: str, currency: str, fits: bool) -> None:
    assert money.fits(Decimal(amount), currency) is fits


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        ("2000", "GBP", "£2,000.00"),
        ("1234.5", "EUR", "€1,234.50"),
        ("5", "USD", "$5.00"),
        ("50000", "CNY", "CN¥50,000.00"),
        ("1200", "JPY", "¥1,200"),
        ("-5", "GBP", "-£5.00"),
        ("1200", "CHF", "CHF 1,200.00"),
        ("-1200.5", "KWD", "-KWD 1,200.500"),
        ("-0.001", "GBP", "£0.00"),
    ],
)
def test_amounts_are_shown_for_english_readers(amount: str, currency: str, shown: str) -> None:
    assert money.show(Decimal(amount), currency) == shown


@pytest.mark.parametrize("currency", sorted(money._SIGNS))
def test_the_signs_are_those_of_cldr(currency: str) -> None:
    amount = Decimal("-1234567")
    assert money.show(amount, currency) == format_currency(amount, currency, locale="en")


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("2000", "GBP", "2000.00"),
        ("2,000.00", "GBP", "2000.00"),
        ("2000.5", "GBP", "2000.50"),
        ("£2,000", "GBP", "2000.00"),
        ("2000 GBP", "GBP", "2000.00"),
        ("gbp 2000", "GBP", "2000.00"),
        ("¥2000", "CNY", "2000.00"),
        ("￥2000", "CNY", "2000.00"),
        ("CN¥50,000.00", "CNY", "50000.00"),
        ("2000元", "CNY", "2000.00"),
        ("人民币2000元", "CNY", "2000.00"),
        ("２０００", "CNY", "2000.00"),
        ("２，０００．５０元", "CNY", "2000.50"),
        ("¥2,000", "JPY", "2000"),
        ("$5", "AUD", "5.00"),
        ("1.234", "KWD", "1.234"),
        (" 12,345,678.90 ", "EUR", "12345678.90"),
        ("0.01", "EUR", "0.01"),
    ],
)
def test_amounts_are_read_as_people_type_them(text: str, currency: str, amount: str) -> None:
    assert str(money.parse(text, currency)) == amount


@pytest.mark.parametrize(
    ("text", "currency", "sentence"),
    [
        ("", "EUR", "an amount is missing; write digits such as 2000.00"),
        ("€", "EUR", "an amount is missing; write digits such as 2000.00"),
        ("0", "EUR", '"0" is nothing; write an amount above zero'),
        ("-5", "EUR", '"-5" is negative; write an amount above zero'),
        ("€-5", "EUR", '"€-5" is negative; write an amount above zero'),
        ("-€5", "EUR", '"-€5" is negative; write an amount above zero'),
        ("NaN", "EUR", '"NaN" is not an amount; write digits such as 2000.00'),
        ("inf", "EUR", '"inf" is not an amount; write digits such as 2000.00'),
        ("1e3", "EUR", '"1e3" has an exponent; write all digits, such as 1000'),
        ("12.345", "JPY", "write 12, or 12345 if thousands are meant"),
        ("2000.555", "EUR", "more decimals than EUR has (2); write 2000.55"),
        ("1.234", "EUR", "write 1.23, or 1234 if thousands are meant"),
        ("1.234,50", "EUR", '"1.234,50" has a decimal comma; write 1234.50 with a decimal point'),
        ("1234,5", "EUR", "write 1234.5 with a decimal point"),
        ("1,23", "EUR", "write 1.23 with a decimal point"),
        ("1,2345", "EUR", "has its groups misplaced"),
        ("12,34,567", "INR", "has its groups misplaced"),
        ("1 234.50", "EUR", "has its groups misplaced"),
        ("5 EUR", "GBP", '"5 EUR" is in EUR, but GBP is wanted here'),
        ("€5", "GBP", '"€5" is in EUR, but GBP is wanted here'),
        ("five", "EUR", '"five" is not an amount'),
        ("5万", "CNY", '"5万" is not an amount'),
        ("9" * 19, "EUR", "is too large to be an amount of money"),
    ],
)
def test_an_unclear_amount_is_refused_with_the_remedy(
    text: str, currency: str, sentence: str
) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the whole sentence is checked below
        money.parse(text, currency)
    assert sentence in str(refused.value)


def test_zero_is_read_where_it_may_be_meant() -> None:
    assert money.parse("0", "EUR", allow_zero=True) == 0


@given(amounts())
def test_what_is_written_plainly_is_read_again(given_amount: tuple[Decimal, str]) -> None:
    amount, currency = given_amount
    assert money.parse(money.plain(amount, currency), currency) == amount
    assert money.parse(money.show(amount, currency), currency) == amount
    assert money.fits(Decimal(money.plain(amount, currency)), currency)


@given(ANYTHING, CURRENCIES)
def test_no_text_is_read_as_anything_but_an_amount(text: str, currency: str) -> None:
    try:
        amount = money.parse(text, currency)
    except ValueError as refused:
        assert str(refused)  # noqa: PT017 - a refusal is one of the two right answers
    else:
        assert amount > 0
        assert money.fits(amount, currency)


def test_the_spare_cents_go_to_the_first_parts() -> None:
    assert money.split(Decimal("100"), 3, "EUR") == [
        Decimal("33.34"),
        Decimal("33.33"),
        Decimal("33.33"),
    ]
    assert money.split(Decimal("-0.05"), 2, "EUR") == [Decimal("-0.03"), Decimal("-0.02")]
    assert money.split(Decimal(5), 3, "JPY") == [2, 2, 1]


@given(amounts(), st.integers(1, 60), st.booleans())
def test_a_split_loses_no_cent(given_amount: tuple[Decimal, str], n: int, negative: bool) -> None:
    amount, currency = given_amount
    amount = -amount if negative else amount
    parts = money.split(amount, n, currency)
    assert len(parts) == n
    assert sum(parts) == amount
    assert max(parts) - min(parts) <= Decimal(1).scaleb(-money.exponent(currency))
    assert sorted(parts, key=abs, reverse=True) == parts
    assert all(money.fits(part, currency) for part in parts)


@pytest.mark.parametrize(("amount", "n"), [("1", 0), ("1.005", 2)])
def test_a_split_that_cannot_be_exact_is_refused(amount: str, n: int) -> None:
    with pytest.raises(ValueError, match=r"cannot be split|more digits"):
        money.split(Decimal(amount), n, "EUR")
