"""A payment code says whom to pay, how much and for what, and is refused where that is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import stdnum.iban
import stdnum.iso11649
from hypothesis import assume, given
from hypothesis import strategies as st
from qrbill import QRBill

from dunctl.errors import Refused
from dunctl.letters import iban, qr

BERLIN: Mapping[str, Any] = {
    "name": "Müller & Söhne GmbH",
    "bank": {"iban": "DE89 3704 0044 0532 0130 00", "bic": "COBADEFFXXX"},
}
ZURICH: Mapping[str, Any] = {
    "name": "Müller & Söhne AG",
    "address": ["Bahnhofstrasse 1", "8001 Zürich", "Schweiz"],
    "bank": {"iban": "CH93 0076 2011 6238 5295 7"},
}
COUNTRIES = st.sampled_from(sorted(iban.SEPA))


def bank(number: str, **more: str) -> dict[str, Any]:
    return {"name": "Acme", "bank": {"iban": number, **more}}


def epc(text: str | None) -> dict[str, str]:
    assert text is not None
    lines = [*text.split("\n"), "", "", ""]
    assert lines[:4] == ["BCD", "002", "1", "SCT"]
    names = ("bic", "name", "iban", "amount", "purpose", "reference", "text")
    return dict(zip(names, lines[4:], strict=False))


def test_a_euro_account_is_paid_by_the_code_of_the_european_payments_council() -> None:
    text = qr.payload(BERLIN, "EUR", Decimal("1234.50"), "RE-7, RE-8")
    assert epc(text) == {
        "bic": "COBADEFFXXX",
        "name": "Müller & Söhne GmbH",
        "iban": "DE89370400440532013000",
        "amount": "EUR1234.50",
        "purpose": "",
        "reference": "",
        "text": "RE-7, RE-8",
    }


def test_a_creditor_reference_goes_where_machines_look_for_it() -> None:
    found = epc(qr.payload(BERLIN, "EUR", Decimal(5), "RF18 5390 0754 7034"))
    assert (found["reference"], found["text"]) == ("RF18539007547034", "")
    wrong = epc(qr.payload(BERLIN, "EUR", Decimal(5), "RF19 5390 0754 7034"))
    assert (wrong["reference"], wrong["text"]) == ("", "RF19 5390 0754 7034")


@pytest.mark.parametrize(
    ("number", "bic", "coded"),
    [
        ("DE89370400440532013000", "", True),
        ("NO9386011117947", "", True),
        ("GB33BUKB20201555555555", "", False),
        ("GB33BUKB20201555555555", "BUKBGB22", True),
        ("AE070331234567890123456", "BARBAEAD", False),
    ],
)
def test_the_bank_may_go_unnamed_inside_the_economic_area_only(
    number: str, bic: str, coded: bool
) -> None:
    assert (qr.payload(bank(number, bic=bic), "EUR", Decimal(5), "A-1") is not None) == coded


def test_pounds_are_not_paid_by_the_code_for_euros() -> None:
    assert qr.payload(bank("GB33BUKB20201555555555", bic="BUKBGB22"), "GBP", Decimal(5), "") is None


def test_a_long_list_of_invoices_ends_with_a_whole_number() -> None:
    numbers = [f"2026-{n:04}" for n in range(40)]
    text = epc(qr.payload(BERLIN, "EUR", Decimal(5), ", ".join(numbers)))["text"]
    assert len(text) <= 140
    assert text.split(", ") == numbers[: len(text.split(", "))]


@pytest.mark.parametrize("text", ["a\nb", "a\r\nEUR9.99", "a\u2028b", "a\x00b", "\u202eevil"])
def test_no_value_can_add_a_line_to_a_code(text: str) -> None:
    creditor = {**BERLIN, "name": text}
    coded = qr.payload(creditor, "EUR", Decimal(5), text)
    assert epc(coded)["amount"] == "EUR5.00"
    assert coded is not None
    assert len(coded.splitlines()) == 11


def test_parts_of_a_cent_are_never_rounded() -> None:
    with pytest.raises(ValueError, match=r"1\.005"):
        qr.payload(BERLIN, "EUR", Decimal("1.005"), "A-1")


@pytest.mark.parametrize("amount", ["0", "-1"])
def test_nothing_is_asked_for_by_code_when_nothing_is_owed(amount: str) -> None:
    assert qr.payload(BERLIN, "EUR", Decimal(amount), "A-1") is None


@pytest.mark.parametrize(("currency", "reference"), [("CHF", "RF18539007547034"), ("EUR", "")])
def test_a_swiss_account_has_the_code_of_the_qr_bill(currency: str, reference: str) -> None:
    ours = qr.payload(ZURICH, currency, Decimal("1949.75"), reference)
    theirs = QRBill(
        account="CH9300762011623852957",
        creditor={
            "name": "Müller & Söhne AG",
            "street": "Bahnhofstrasse 1",
            "pcode": "8001",
            "city": "Zürich",
            "country": "CH",
        },
        amount="1949.75",
        currency=currency,
        reference_number=reference or None,
    )
    assert ours == theirs.qr_data().replace("\r\n", "\n")


def test_a_qr_iban_has_no_code_without_the_banks_reference() -> None:
    known = {**ZURICH, "bank": {"iban": "CH44 3199 9123 0008 8901 2"}}
    assert qr.payload(known, "CHF", Decimal(5), "A-1") is None


def test_a_swiss_account_without_a_town_has_no_code_in_francs() -> None:
    assert qr.payload({**ZURICH, "address": []}, "CHF", Decimal(5), "A-1") is None


def test_rupees_are_paid_by_upi() -> None:
    text = qr.payload(
        {"name": "Mehta & Sons", "upi": "mehta@okbank"}, "INR", Decimal("99.5"), "A 1"
    )
    assert text is not None
    link = urlsplit(text)
    assert (link.scheme, link.netloc) == ("upi", "pay")
    assert parse_qs(link.query) == {
        "pa": ["mehta@okbank"],
        "pn": ["Mehta & Sons"],
        "am": ["99.50"],
        "cu": ["INR"],
        "tn": ["A 1"],
    }


def test_what_no_code_is_for_is_paid_on_the_creditors_page() -> None:
    creditor = {"name": "Acme", "payment_url": "https://pay.acme.example/x?y=1"}
    assert qr.payload(creditor, "USD", Decimal(5), "A-1") == "https://pay.acme.example/x?y=1"


@pytest.mark.parametrize(
    ("creditor", "currency", "said"),
    [
        (bank("DE89 3704 0044 0532 0130 01"), "EUR", "creditor.bank.iban has wrong check digits"),
        (bank("DE89 3704 0044 0532 0130"), "EUR", "iban has 20 characters; an IBAN of DE has 22"),
        (bank("4711"), "USD", "creditor.bank.iban must be an IBAN"),
        (bank("DE89370400440532013000", bic="COBA"), "EUR", "bic must have 8 or 11"),
        ({"upi": "me@bank&am=1"}, "INR", "creditor.upi must be such as"),
        ({"payment_url": "http://pay.example"}, "USD", "must begin with https://"),
        ({"payment_url": "https://"}, "USD", "must begin with https://"),
        ({"payment_url": "javascript:alert(1)"}, "USD", "must begin with https://"),
    ],
)
def test_what_cannot_be_right_is_refused(
    creditor: Mapping[str, Any], currency: str, said: str
) -> None:
    with pytest.raises(Refused, match=said):
        qr.payload(creditor, currency, Decimal(5), "A-1")


@given(COUNTRIES, st.data())
def test_every_iban_with_right_check_digits_passes_and_no_slip_of_the_pen(
    country: str, data: st.DataObject
) -> None:
    rest = data.draw(st.text("0123456789", min_size=iban.SEPA[country] - 4, max_size=40))
    rest = rest[: iban.SEPA[country] - 4]
    number = country + stdnum.iban.calc_check_digits(f"{country}00{rest}") + rest
    assert iban.checked(" ".join(number).lower()) == number
    nth = data.draw(st.integers(2, len(number) - 1))
    other = data.draw(st.sampled_from("0123456789"))
    assume(other != number[nth])
    with pytest.raises(ValueError, match="check digits"):
        iban.checked(number[:nth] + other + number[nth + 1 :])


@given(st.text("0123456789ABCXYZ", min_size=1, max_size=21), st.integers(0, 99))
def test_creditor_references_are_judged_as_the_standard_does(body: str, digits: int) -> None:
    reference = f"RF{digits:02}{body}"
    assert iban.is_creditor_reference(reference) == stdnum.iso11649.is_valid(reference)


def test_the_same_code_is_the_same_picture() -> None:
    assert qr.svg("https://pay.example") == qr.svg("https://pay.example")
