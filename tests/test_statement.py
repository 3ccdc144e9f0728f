"""A statement of account: opening and movements are always the closing balance."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from dunctl.case.handles import handles
from dunctl.case.records import Case
from dunctl.cli import main
from dunctl.owed.claims import Owed, owed
from dunctl.owed.ledger import ledger
from dunctl.owed.statement import Statement, statement
from dunctl.store.law import shipped
from tests.casefile import (
    CURRENCIES,
    DAYS,
    case,
    disputed,
    entry,
    invoice,
    journals,
    minor,
    paid,
    read,
    text,
)

LAW = shipped()
D = date.fromisoformat
CLAUSE = '\n[terms]\ncontract = "F-1"\n'
CLAUSE += 'interest = { percent = 10, per = "year", clause = "7" }\nfee_clause = "8"\n'


def account(known: Case, last: str, first: str | None = None) -> list[tuple[str, str, str, str]]:
    """Return the only account of a case: day, kind, amount and balance of each line."""
    (only,) = statement(known, D(first) if first else None, D(last), LAW).accounts
    rows = [(str(x.on or "-"), x.kind, str(x.amount), str(x.balance)) for x in only.lines]
    return [("", "opening", "", str(only.opening)), *rows, ("", "closing", "", str(only.closing))]


def test_each_movement_is_a_line_with_the_balance_after_it() -> None:
    """Dolibarr #10500, InvoiceShelf #633: an account with a running balance."""
    known = case(
        invoice("A", "2026-03-31", "100.00", issued="2026-03-01"),
        invoice("B", "2026-04-30", "50.00", issued="2026-04-01"),
        paid("2026-04-02", "120.00"),
        entry("credit", on="2026-04-10", amount="50.00", invoice="B"),
        entry("refund", on="2026-04-12", amount="20.00"),
    )
    assert account(known, "2026-04-30") == [
        ("", "opening", "", "0"),
        ("2026-03-01", "invoice", "100.00", "100.00"),
        ("2026-04-01", "invoice", "50.00", "150.00"),
        ("2026-04-02", "payment", "-120.00", "30.00"),
        ("2026-04-10", "credit", "-50.00", "-20.00"),
        ("2026-04-12", "refund", "20.00", "0.00"),
        ("", "closing", "", "0.00"),
    ]


def test_what_was_before_the_first_day_is_in_the_opening_balance() -> None:
    known = case(
        invoice("OLD", "2026-01-31", "7.00"),
        invoice("A", "2026-03-31", "100.00", issued="2026-03-01"),
        paid("2026-03-15", "40.00"),
        paid("2026-03-16", "10.00"),
        paid("2026-03-17", "5.00"),
    )
    assert account(known, "2026-03-16", "2026-03-16") == [
        ("", "opening", "", "67.00"),
        ("2026-03-16", "payment", "-10.00", "57.00"),
        ("", "closing", "", "57.00"),
    ]
    assert account(known, "2026-03-02")[1] == ("-", "invoice", "7.00", "7.00")


def test_a_payment_that_bounced_is_there_and_taken_back() -> None:
    entries = [
        invoice("A", "2026-03-31", "100.00", issued="2026-03-01"),
        paid("2026-03-15", "40.00", ref="R-1"),
    ]
    handle = handle_of(case(*entries), "payment")
    known = case(*entries, entry("reversal", on="2026-03-20", payment=handle, ref="RB"))
    assert account(known, "2026-03-19")[-2:] == [
        ("2026-03-15", "payment", "-40.00", "60.00"),
        ("", "closing", "", "60.00"),
    ]
    assert account(known, "2026-03-20")[-2:] == [
        ("2026-03-20", "reversal", "40.00", "100.00"),
        ("", "closing", "", "100.00"),
    ]


def test_a_payment_that_bounced_on_its_day_stands_before_it_is_taken_back() -> None:
    """The balance is never more than was owed: a debtor reads this."""
    entries = [
        invoice("A", "2026-03-31", "100.00", issued="2026-03-01"),
        paid("2026-03-15", "40.00"),
    ]
    handle = handle_of(case(*entries), "payment")
    known = case(*entries, entry("reversal", on="2026-03-15", payment=handle))
    assert account(known, "2026-03-15")[-3:] == [
        ("2026-03-15", "payment", "-40.00", "60.00"),
        ("2026-03-15", "reversal", "40.00", "100.00"),
        ("", "closing", "", "100.00"),
    ]


def handle_of(known: Case, kind: str, nth: int = 0) -> str:
    return handles(known.data)[kind, nth]


def test_a_void_entry_was_never_there() -> None:
    entries = [
        invoice("A", "2026-03-31", "100.00", issued="2026-03-01"),
        paid("2026-03-15", "40.00"),
    ]
    void = entry("void", at="2026-03-20T09:00:00Z", entry=handle_of(case(*entries), "payment"))
    known = case(*entries, void)
    for last in ("2026-03-16", "2026-03-21"):
        assert [row[1] for row in account(known, last)] == ["opening", "invoice", "closing"]


def test_interest_is_on_the_account_once_it_is_claimed_and_stands_at_its_end() -> None:
    known = case(
        invoice("A", "2026-03-31", "36500.00", issued="2026-03-01"),
        entry("claim", on="2026-04-10"),
        paid("2026-04-20", "36500.00", invoice="A"),
        debtor=CLAUSE,
    )
    assert account(known, "2026-04-09")[-1] == ("", "closing", "", "36500.00")
    assert account(known, "2026-04-10")[-2:] == [
        ("2026-04-10", "interest", "100.00", "36600.00"),
        ("", "closing", "", "36600.00"),
    ]
    # What is claimed outlives the principal (ERPNext #58220).
    assert account(known, "2026-05-31", "2026-04-11") == [
        ("", "opening", "", "36600.00"),
        ("2026-04-20", "payment", "-36500.00", "100.00"),
        ("2026-05-31", "interest", "90.00", "190.00"),
        ("", "closing", "", "190.00"),
    ]


def test_a_fee_is_on_the_account_from_its_day_and_what_is_let_go_comes_off() -> None:
    """Adempiere #2359: a fee that never shows on the customer's balance."""
    entries = [
        invoice("A", "2026-03-31", "100.00", issued="2026-03-01"),
        entry("fee", on="2026-04-10", amount="12.00", basis="clause 8"),
    ]
    handle = handle_of(case(*entries), "fee")
    known = case(
        *entries,
        entry("waiver", on="2026-04-15", what=handle, amount="5.00", why="goodwill"),
        paid("2026-04-20", "7.00", to="costs"),
    )
    assert account(known, "2026-04-30")[2:] == [
        ("2026-04-10", "fee", "12.00", "112.00"),
        ("2026-04-15", "fee_less", "-5.00", "107.00"),
        ("2026-04-20", "payment", "-7.00", "100.00"),
        ("", "closing", "", "100.00"),
    ]


def test_what_an_offer_that_was_met_lets_go_is_a_movement() -> None:
    known = case(
        invoice("A", "2026-03-31", "100.00", issued="2026-03-01"),
        entry("settlement", at="2026-04-10T09:00:00Z", amount="80.00", until="2026-04-20"),
        paid("2026-04-15", "80.00"),
    )
    assert account(known, "2026-04-30")[2:] == [
        ("2026-04-15", "payment", "-80.00", "20.00"),
        ("2026-04-15", "settled", "-20.00", "0.00"),
        ("", "closing", "", "0.00"),
    ]


# Any journal


def closing(found: Owed) -> dict[str, Decimal]:
    """Return what is claimed by currency, from what is owed on each invoice."""
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for one in found.invoices:
        sums[one.currency] += one.open + sum((fee.open for fee in one.fees), Decimal(0))
        if one.interest.claimed:
            sums[one.currency] += one.interest.open
    for fee in found.fees:
        sums[fee.currency] += fee.open
    for currency, total in found.totals.items():
        sums[currency] -= total.unallocated
    return {currency: total for currency, total in sums.items() if total}


@st.composite
def books(draw: st.DrawFn) -> Case:
    """Draw a journal of everything that moves an account."""
    entries = draw(journals())
    numbers = [e.split('"')[1] for e in entries if e.startswith("[[invoice]]")]
    for _ in range(draw(st.integers(0, 3))):
        keys = {"invoice": draw(st.sampled_from(numbers))} if draw(st.booleans()) else {}
        currency = {e.split('"')[1]: e.split('currency = "')[1][:3] for e in entries
                    if e.startswith("[[invoice]]")}.get(keys.get("invoice", ""), "GBP")  # fmt: skip
        entries.append(
            entry(
                "fee",
                on=str(draw(DAYS)),
                amount=minor(draw(st.integers(1, 9000)), currency),
                basis="clause 8",
                kind=draw(st.sampled_from(("contract", "fixed_sum", "costs"))),
                currency=currency,
                **keys,
            )
        )
    for _ in range(draw(st.integers(0, 2))):
        keys = {"invoice": draw(st.sampled_from(numbers))} if draw(st.booleans()) else {}
        entries.append(entry("claim", on=str(draw(DAYS)), **keys))
    for _ in range(draw(st.integers(0, 2))):
        currency = draw(st.sampled_from(CURRENCIES))
        amount = minor(draw(st.integers(1, 10**6)), currency)
        entries.append(entry("refund", on=str(draw(DAYS)), amount=amount, currency=currency))
    for part in ("principal", "interest", "costs"):
        if draw(st.booleans()):
            amount = minor(draw(st.integers(1, 10**5)), "GBP")
            entries.append(paid(str(draw(DAYS)), amount, to=part))
    if draw(st.booleans()):
        until = draw(DAYS)
        at = f"{until - timedelta(days=draw(st.integers(0, 40)))}T09:00:00Z"
        amount = minor(draw(st.integers(1, 10**6)), "GBP")
        entries.append(entry("settlement", at=at, amount=amount, until=str(until)))
    names = handles(read(text(*entries, debtor=CLAUSE)).data)
    payments = [name for (kind, _), name in names.items() if kind == "payment"]
    for name in draw(st.lists(st.sampled_from(payments), max_size=2)) if payments else []:
        entries.append(entry("reversal", on=str(draw(DAYS)), payment=name))
    fees = [name for (kind, _), name in names.items() if kind == "fee"]
    for name in draw(st.lists(st.sampled_from(["interest", *fees]), max_size=2)):
        entries.append(entry("waiver", on=str(draw(DAYS)), what=name, why="goodwill"))
    return read(text(*entries, debtor=CLAUSE))


def checked(known: Case, first: date | None, last: date) -> Statement:
    """Return a statement of which every line adds up, and which ends with what is claimed."""
    found = statement(known, first, last, LAW)
    for one in found.accounts:
        balance = one.opening
        for line in one.lines:
            balance += line.amount
            assert line.balance == balance
            assert line.amount
            assert line.on is None or (first or date.min) <= line.on <= last
        assert balance == one.closing
        days = [line.on or date.min for line in one.lines]
        assert days == sorted(days)
    ends = {one.currency: one.closing for one in found.accounts if one.closing}
    assert ends == closing(owed(known, last, LAW))
    return found


@given(books(), DAYS, st.integers(0, 60))
def test_opening_and_movements_are_the_closing_balance_and_that_is_what_is_claimed(
    known: Case, first: date, days: int
) -> None:
    last = first + timedelta(days=days)
    whole = checked(known, None, last)
    assert all(one.opening == 0 for one in whole.accounts)
    part = checked(known, first, last)
    eve = checked(known, None, first - timedelta(days=1))
    opened = {one.currency: one.opening for one in part.accounts if one.opening}
    closed = {one.currency: one.closing for one in eve.accounts if one.closing}
    assert opened == closed


@given(journals(), DAYS)
def test_without_fees_and_claims_it_closes_with_the_balance_of_the_ledger(
    entries: list[str], last: date
) -> None:
    known = case(*entries)
    ends = {one.currency: one.closing for one in checked(known, None, last).accounts}
    balance = ledger(known, last).balance()
    assert {c: a for c, a in ends.items() if a} == {c: a for c, a in balance.items() if a}


# The command


BOOK = (
    invoice("A", "2026-03-31", "1000.00", issued="2026-03-01", ref="PO-77"),
    invoice("B", "2026-04-30", "500.00", issued="2026-04-01", ref="PO-78"),
    invoice("Y", "2026-03-31", "9000", issued="2026-03-01", currency="JPY"),
    paid("2026-04-02", "600.00", ref="THEIRS-9"),
    entry("fee", on="2026-04-05", amount="12.00", basis="clause 8 of the contract F-1 of 2025"),
    entry("credit", on="2026-04-10", amount="500.00", invoice="B", ref="CN-1"),
    entry("claim", on="2026-04-11", invoice="A"),
    disputed("2026-04-11T09:00:00Z", "100.00", invoice="A"),
)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a store with the case acme, and stand in it."""
    (tmp_path / "cases").mkdir()
    (tmp_path / "dunctl.toml").write_text("")
    (tmp_path / "cases" / "acme.toml").write_text(text(*BOOK, debtor=CLAUSE))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DUNCTL_NOW", "2026-04-30T12:00:00+00:00")
    return tmp_path


def dunctl(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def test_the_page_has_their_references_and_what_is_still_open(desk: Path) -> None:
    """Adempiere #1493: the customer's own reference, not our number of the payment."""
    done = dunctl("statement", "acme", "--from", "1 Apr")
    assert (done.exit_code, done.stderr) == (0, "")
    assert (
        done.stdout
        == """\
acme · Acme
Account from 2026-04-01 to 2026-04-30

GBP         What                               Reference      Amount    Balance
2026-04-01  opening                                                   £1,000.00
2026-04-01  invoice B                          PO-78         £500.00  £1,500.00
2026-04-02  payment                            THEIRS-9     -£600.00    £900.00
2026-04-05  fee: clause 8 of the contract F-1                 £12.00    £912.00
            of 2025
2026-04-10  credit note for B                  CN-1         -£500.00    £412.00
2026-04-30  interest on A                                      £2.63    £414.63
2026-04-30  closing                                                     £414.63

Still open     Reference    Due           Days    Amount
A              PO-77        2026-03-31      30   £400.00
interest on A                                      £2.63
fee                                               £12.00

JPY         What     Reference      Amount    Balance
2026-04-01  opening                            ¥9,000
2026-04-30  closing                            ¥9,000

Still open    Reference    Due           Days    Amount
Y                          2026-03-31      30    ¥9,000
not on the account: interest of ¥74, which is not claimed
"""
    )


def test_the_json_adds_up(desk: Path) -> None:
    found = json.loads(dunctl("statement", "acme", "--from", "1 Apr", "--json").stdout)
    assert (found["case"], found["from"], found["to"]) == ("acme", "2026-04-01", "2026-04-30")
    for one in found["currencies"].values():
        moved = sum(Decimal(line["amount"]) for line in one["movements"])
        assert Decimal(one["opening"]) + moved == Decimal(one["closing"])
        assert sum(Decimal(item["amount"]) for item in one["open"]) == Decimal(one["closing"])
    refs = [line["ref"] for line in found["currencies"]["GBP"]["movements"]]
    assert refs == ["PO-78", "THEIRS-9", None, "CN-1", None]
    whole = json.loads(dunctl("statement", "acme", "--json").stdout)
    assert whole["from"] is None
    assert whole["currencies"]["GBP"]["opening"] == "0.00"
    assert whole["currencies"]["GBP"]["closing"] == found["currencies"]["GBP"]["closing"]


def test_the_csv_adds_up_and_its_money_is_numbers(desk: Path) -> None:
    rows = list(csv.DictReader(dunctl("statement", "acme", "--csv").stdout.splitlines()))
    for currency in ("GBP", "JPY"):
        mine = [row for row in rows if row["currency"] == currency]
        assert (mine[0]["kind"], mine[-1]["kind"]) == ("opening", "closing")
        assert sum(Decimal(row["amount"] or 0) for row in mine) == Decimal(mine[-1]["balance"])


def test_what_a_spreadsheet_would_take_for_a_formula_is_text(desk: Path) -> None:
    rest = paid("2026-04-15", "1.00", ref="=1+1") + paid("2026-04-16", "1.00", ref="-1+1")
    (desk / "cases" / "acme.toml").write_text(text(*BOOK, rest, debtor=CLAUSE))
    rows = list(csv.DictReader(dunctl("statement", "acme", "--csv").stdout.splitlines()))
    refs = [row["ref"] for row in rows if row["kind"] == "payment"]
    assert refs == ["THEIRS-9", "'=1+1", "'-1+1"]


def test_a_day_alone_is_that_whole_day(desk: Path) -> None:
    asked = ("statement", "acme", "--from", "2026-04-02", "--to", "2026-04-02", "--json")
    found = json.loads(dunctl(*asked).stdout)["currencies"]["GBP"]
    assert [line["kind"] for line in found["movements"]] == ["payment"]
    assert (found["opening"], found["closing"]) == ("1500.00", "900.00")


def test_the_last_day_is_that_of_as_of(desk: Path) -> None:
    whole = json.loads(dunctl("statement", "acme", "--json", "--as-of", "2026-04-04").stdout)
    assert whole["to"] == "2026-04-04"
    assert whole["currencies"]["GBP"]["closing"] == "900.00"


def test_days_in_the_wrong_order_are_refused_in_a_sentence(desk: Path) -> None:
    done = dunctl("statement", "acme", "--from", "2 Apr", "--to", "1 Apr")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "dunctl: --from Thu 2 Apr comes after --to Wed 1 Apr\n"


def test_where_nothing_moved_it_is_said(desk: Path) -> None:
    (desk / "cases" / "beta.toml").write_text(text())
    assert (
        dunctl("statement", "beta").stdout
        == "beta · Acme\nAccount to 2026-04-30\n\nnothing moved\n"
    )
