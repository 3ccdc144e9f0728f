"""``dunctl owed``: to the cent, and every step can be repeated on a pocket calculator."""

from __future__ import annotations

import csv
import json
import re
from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from dunctl import money
from dunctl.case.handles import handles
from dunctl.case.records import Case
from dunctl.cli import main
from dunctl.owed.claims import owed
from dunctl.show.owed import csv as as_csv
from dunctl.show.owed import data, page
from dunctl.store.law import shipped
from tests.casefile import DAYS, case, disputed, entry, invoice, journals, paid, text

ROOT = Path(__file__).parent.parent
LAW = shipped()
D = date.fromisoformat
ENGLISH = 'kind = "company"\ncountry = "GB"'
CLAUSE = '\n[terms]\ncontract = "F-1"\n'
CLAUSE += 'interest = { percent = 10, per = "year", clause = "7" }\nfee_clause = "8"\n'


def dunctl(*words: str) -> Result:
    return CliRunner().invoke(main, words)


# The calculator


SUM = re.compile(
    r"""^\s+(?P<sign>\D*?)(?P<on>[\d,.]+)\ x\ (?P<rate>[\d.]+)\ %\ x\ (?P<days>\d+)
    \ /\ (?P<year>36[0-6])\ =\ \D*(?P<interest>[\d,.]+)$""",
    re.VERBOSE | re.MULTILINE,
)
HEAD = re.compile(r"^(?P<number>\S+), due \S+: ", re.MULTILINE)
ROUNDED = re.compile(r"^  rounded once, half up: \D*(?P<amount>[\d,.]+)", re.MULTILINE)


def number(words: str) -> Decimal:
    return Decimal(words.replace(",", ""))


def worked(shown: str) -> dict[str, Decimal]:
    """Repeat every sum of a page, line by line; returns the interest on each invoice."""
    found = {}
    heads = [*HEAD.finditer(shown)]
    for head, after in zip(heads, [*heads[1:], None], strict=False):
        part = shown[head.start() : after.start() if after else None]
        total = Decimal(0)
        for line in SUM.finditer(part):
            exact = number(line["on"]) * number(line["rate"]) * int(line["days"])
            exact /= 100 * int(line["year"])
            digits = Decimal((0, (1,), -len(line["interest"].partition(".")[2])))
            assert exact.quantize(digits, ROUND_HALF_UP) == number(line["interest"]), line[0]
            total += exact
        rounded = ROUNDED.search(part)
        if rounded:
            amount = number(rounded["amount"])
            digits = Decimal((0, (1,), -len(rounded["amount"].partition(".")[2])))
            assert total.quantize(digits, ROUND_HALF_UP) == amount, part
            found[head["number"]] = amount
    return found


@pytest.mark.parametrize(
    ("debtor", "interest"),
    [
        ("tarnbeck", {"KW-26-0559": "193.88"}),
        ("lindwurm", {"KW-26-0712": "22.20"}),
        ("waldmoos", {"KW-26-0655": "36.45", "KW-26-0738": "2.48"}),
        ("ningbo", {"KW-26-0703": "1462.00"}),
    ],
)
def test_a_british_a_german_and_a_chinese_debtor_can_be_followed_with_a_pocket_calculator(
    monkeypatch: pytest.MonkeyPatch, debtor: str, interest: dict[str, str]
) -> None:
    monkeypatch.chdir(ROOT)
    asked = ("owed", debtor, "--as-of", "2026-11-24")
    done = dunctl(*asked, "--explain")
    assert (done.exit_code, done.stderr) == (0, "")
    assert {k: str(v) for k, v in worked(done.stdout).items()} == interest
    found = json.loads(dunctl(*asked, "--json").stdout)
    assert {i["number"]: i["interest"]["open"] for i in found["invoices"]} | interest == {
        i["number"]: i["interest"]["open"] for i in found["invoices"]
    }
    assert max(map(len, done.stdout.splitlines())) <= 80


@given(journals(), DAYS)
def test_every_page_can_be_worked_through_and_adds_up(entries: list[str], day: date) -> None:
    known = case(*entries, entry("claim", on="2026-02-01"), debtor=CLAUSE)
    found = owed(known, day, LAW)
    shown = worked("\n".join(page(known, found, explain=True)))
    for one in found.invoices:
        if one.number in shown:
            assert shown[one.number] == one.interest.accrued
    told = data(known, found)
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in csv.DictReader(as_csv(found).splitlines()):
        sums[row["currency"]] += Decimal(row["amount"] or 0)
    for currency, one_of in told["currencies"].items():
        amounts = {key: Decimal(one_of[key]) for key in ("principal", "interest", "fees", "total")}
        credit = Decimal(one_of["unallocated"])
        assert amounts["total"] == (
            amounts["principal"] + amounts["interest"] + amounts["fees"] - credit
        )
        assert sums[currency] == amounts["total"]
        assert_periods(one_of["periods"], told, currency)


def assert_periods(periods: list[dict[str, Any]], told: dict[str, Any], currency: str) -> None:
    """Check that periods follow one another, and add up to the interest of their invoices."""
    by_invoice: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for period in periods:
        by_invoice[period["invoice"]].append(period)
    for one in told["invoices"]:
        mine = by_invoice[one["number"]]
        assert mine in ([], [{"invoice": one["number"], **p} for p in one["interest"]["periods"]])
        exact = sum((Decimal(p["interest"]) for p in mine), Decimal(0))
        if mine:
            assert money.plain(exact, currency) == one["interest"]["accrued"]
        for before, after in pairwise(mine):
            assert before["to"] < after["from"]
        for period in mine:
            days = (D(period["to"]) - D(period["from"])).days + 1
            assert days == period["days"]


# What is said


def told(known: Case, day: str, *, explain: bool = True) -> str:
    return "\n".join(page(known, owed(known, D(day), LAW), explain=explain))


def test_each_period_has_its_own_sum_and_a_payment_counts_from_its_own_day() -> None:
    """ERPNext #49621: on the declining balance."""
    known = case(
        invoice("A", "2026-03-31", "1000.00", ref="PO-1"),
        paid("2026-04-11", "400.00"),
        debtor=CLAUSE,
    )
    assert (
        told(known, "2026-04-30")
        == """\
acme · Acme
Owed as of 2026-04-30

GBP    Due           Principal    Interest    Fees    Total
A      2026-03-31      £600.00       £6.03   £0.00  £606.03
total                  £600.00       £6.03   £0.00  £606.03
The interest is not claimed: no money counts towards it.
From tomorrow £0.16 a day.

A, due 2026-03-31: £1,000.00 - £400.00 paid = £600.00
  interest, not claimed: contract: F-1, clause 7
  2026-04-01 to 2026-04-10, 10 days: 10 % a year (clause 7)
    £1,000.00 x 10 % x 10 / 365 = £2.7397
  2026-04-11 to 2026-04-30, 20 days: 10 % a year (clause 7)
    £600.00 x 10 % x 20 / 365 = £3.2877
    so far £6.0274
  rounded once, half up: £6.03
  from tomorrow £0.1644 a day"""
    )


def test_a_new_rate_is_a_period_of_its_own_with_its_source() -> None:
    """ERPNext #37095: each period at its own rate; in a leap year over 366 days."""
    known = case(
        invoice("A", "2023-11-30", "1000.00", currency="EUR"),
        currency="EUR",
        debtor='country = "DE"',
    )
    shown = told(known, "2024-08-31")
    assert worked(shown) == {"A": Decimal("94.00")}
    assert re.findall(r"to (\S+), \d+ days: (.*)\n.* / (\d+) =", shown) == [
        ("2023-12-31", "Basiszinssatz 3.12 % on 2023-07-01 + 9", "365"),
        ("2024-06-30", "Basiszinssatz 3.62 % on 2024-01-01 + 9", "366"),
        ("2024-08-31", "Basiszinssatz 3.37 % on 2024-07-01 + 9", "366"),
    ]


@pytest.mark.parametrize(
    ("debtor", "why"),
    [
        (
            'kind = "consumer"\ncountry = "FR"',
            "eu-late-payment does not cover a consumer; without a clause (terms.interest) "
            "there is no interest",
        ),
        (
            'kind = "consumer"\ncountry = "GB"',
            "gb-late-payment does not cover a consumer; without a clause (terms.interest) "
            "there is no interest",
        ),
    ],
)
def test_where_there_is_no_interest_it_is_said_why(debtor: str, why: str) -> None:
    known = case(invoice("A", "2026-03-31", "1000.00"), debtor=debtor)
    found = data(known, owed(known, D("2026-04-30"), LAW))
    assert found["currencies"]["GBP"]["basis"] == [why]
    assert found["currencies"]["GBP"]["interest"] == "0.00"
    assert found["invoices"][0]["interest"]["profile"] is None
    assert why in " ".join(told(known, "2026-04-30", explain=False).split())


def test_what_was_let_go_paid_and_contested_is_told_apart() -> None:
    entries = [
        invoice("A", "2026-03-31", "36500.00"),
        entry("claim", on="2026-04-05"),
        entry("waiver", on="2026-04-11", what="interest", amount="30.00", why="goodwill"),
        paid("2026-04-21", "100.00", to="interest"),
        disputed("2026-04-25T09:00:00Z", "3650.00", invoice="A"),
        entry("fee", on="2026-04-22", amount="12.00", basis="clause 8", invoice="A"),
        entry("fee", on="2026-04-23", amount="15.00", basis="clause 9"),
        paid("2026-04-24", "5.00", to="costs"),
    ]
    shown = " ".join(told(case(*entries, debtor=CLAUSE), "2026-04-30").split())
    assert "interest, claimed on 2026-04-05: contract: F-1, clause 7" in shown
    assert "rounded once, half up: £270.00; less £30.00 let go; less £100.00 paid" in shown
    assert "left £140.00" in shown
    assert "on £3,650.00 that is disputed £30.00 more" in shown
    assert "fee for A, 2026-04-22: £12.00 - £5.00 paid = £7.00 (clause 8)" in shown
    assert "fee, 2026-04-23: £15.00 (clause 9)" in shown
    assert "for no invoice" in shown


def test_interest_outlives_the_principal_only_where_it_was_claimed() -> None:
    """ERPNext #58220: it vanishes from the next dunning once the principal is paid."""
    late = [invoice("A", "2026-03-31", "36500.00"), paid("2026-04-11", "36500.00", invoice="A")]
    claimed = case(*late, entry("claim", on="2026-04-05"), debtor=CLAUSE)
    (found,) = data(claimed, owed(claimed, D("2026-05-31"), LAW))["currencies"].values()
    assert (found["principal"], found["interest"], found["total"]) == ("0.00", "100.00", "100.00")
    assert found["daily"] == "0.00"
    silent = case(*late, debtor=CLAUSE)
    (found,) = data(silent, owed(silent, D("2026-05-31"), LAW))["currencies"].values()
    assert (found["interest"], found["total"], found["unclaimed"]) == ("0.00", "0.00", "100.00")
    assert "GBP: nothing is owed" in told(silent, "2026-05-31")
    assert "interest of £100.00 on invoices that were paid late" in told(silent, "2026-05-31")


def test_what_is_not_due_is_owed_without_interest() -> None:
    known = case(invoice("A", "2026-03-31", "100.00"), debtor=ENGLISH)
    assert "no interest so far: gb-late-payment" in told(known, "2026-03-31")
    assert "no interest so far" not in told(known, "2026-03-31", explain=False)


def test_credit_of_theirs_comes_off_and_a_refund_beyond_it_comes_on() -> None:
    known = case(
        invoice("A", "2026-03-31", "100.00"),
        invoice("B", "2026-03-31", "50.00"),
        paid("2026-03-20", "130.00", invoice="A"),
        debtor=CLAUSE,
    )
    assert re.search(r"credit not allocated +-£30\.00\n", told(known, "2026-03-31"))
    assert re.search(r"total +£50\.00 +£0\.00 +£0\.00 +£20\.00\n", told(known, "2026-03-31"))
    known = case(
        invoice("A", "2026-03-31", "100.00"),
        entry("refund", on="2026-03-20", amount="30.00"),
        debtor=CLAUSE,
    )
    assert re.search(r"refunded beyond their credit +£30\.00\n", told(known, "2026-03-31"))


# The command


WHY = (
    "lpr-1y is known until 2026-09-20 and not for 2026-11-13: add what was published since to "
    "policies/rates/lpr-1y.toml (dunctl rates add lpr-1y DATE RATE --source TEXT)"
)
UNKNOWN = f"the interest on A is not known: {WHY}"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a store with the case acme, and stand in it."""
    (tmp_path / "cases").mkdir()
    (tmp_path / "dunctl.toml").write_text('[desk]\ntimezone = "Europe/London"\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DUNCTL_NOW", "2026-04-30T12:00:00+00:00")
    put(tmp_path, invoice("A", "2026-03-31", "1000.00"), debtor=CLAUSE)
    return tmp_path


def put(root: Path, *entries: str, name: str = "acme", **facts: Any) -> None:
    (root / "cases" / f"{name}.toml").write_text(text(*entries, **facts), encoding="utf-8")


def test_a_rate_that_is_not_known_is_a_sentence_and_the_principal_is_shown(desk: Path) -> None:
    """j-lawyer #3614: a stale rate gave wrong claims."""
    put(
        desk,
        invoice("A", "2026-11-12", "46800.00"),
        entry("fee", on="2026-11-20", amount="100.00", basis="clause 8"),
        currency="CNY",
        zone="Asia/Shanghai",
        debtor='country = "CN"',
    )
    asked = ("owed", "acme", "--as-of", "2026-11-24")
    for words in ((), ("--explain",), ("--json",), ("--csv",)):
        done = dunctl(*asked, *words)
        assert (done.exit_code, done.stderr) == (1, f"dunctl: {UNKNOWN}\n")
        assert "46,800.00" in done.stdout or "46800.00" in done.stdout
    found = json.loads(dunctl(*asked, "--json").stdout)
    total = found["currencies"]["CNY"]
    assert (total["principal"], total["fees"]) == ("46800.00", "100.00")
    assert (total["interest"], total["total"], total["daily"]) == (None, None, None)
    assert (found["problems"], found["invoices"][0]["interest"]["unknown"]) == ([UNKNOWN], WHY)
    shown = dunctl(*asked).stdout
    assert "not known" in shown
    assert "The total is without the interest that is not known." in shown


def test_where_only_the_rate_of_tomorrow_is_not_known_today_is(desk: Path) -> None:
    put(
        desk,
        invoice("A", "2026-11-30", "36500.00"),
        invoice("B", "2026-12-31", "100.00"),
        currency="EUR",
        debtor='country = "DE"',
    )
    done = dunctl("owed", "acme", "--as-of", "2026-12-31", "--json")
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)
    assert "de-basiszinssatz is known until 2026-12-31 and not for 2027-01-01" in done.stderr
    total = json.loads(done.stdout)["currencies"]["EUR"]
    assert (total["interest"], total["total"], total["daily"]) == ("326.12", "36926.12", None)


def test_a_claim_without_a_basis_is_no_interest(desk: Path) -> None:
    put(desk, invoice("A", "2026-03-31", "100.00"), entry("claim", on="2026-04-05"))
    done = dunctl("owed", "acme", "--json")
    assert done.exit_code == 1
    assert "without a clause" in done.stderr or "no clause" in done.stderr
    assert json.loads(done.stdout)["currencies"]["GBP"]["interest"] == "0.00"


def test_the_day_is_the_debtors(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(desk, invoice("A", "2026-03-31", "1000.00"), zone="Asia/Shanghai", debtor=CLAUSE)
    monkeypatch.setenv("DUNCTL_NOW", "2026-04-30T20:00:00+01:00")
    assert json.loads(dunctl("owed", "acme", "--json").stdout)["as_of"] == "2026-05-01"
    asked = dunctl("owed", "acme", "--json", "--as-of", "2026-04-30")
    assert json.loads(asked.stdout)["as_of"] == "2026-04-30"


def test_as_of_today_equals_now(desk: Path) -> None:
    for words in ((), ("--json",), ("--csv",), ("--explain",)):
        now = dunctl("owed", "acme", *words)
        assert now.exit_code == 0
        assert dunctl("owed", "acme", *words, "--as-of", "today").stdout == now.stdout


@given(journals(), DAYS, st.integers(0, 5))
def test_a_void_restores_every_figure(entries: list[str], day: date, nth: int) -> None:
    known = case(*entries, debtor=CLAUSE)
    added = [
        paid(str(day), "3.00"),
        entry("claim", on=str(day)),
        entry("fee", on=str(day), amount="4.00", basis="clause 8"),
        entry("credit", on=str(day), amount="5.00"),
        entry("refund", on=str(day), amount="6.00"),
        entry("waiver", on=str(day), what="interest", why="goodwill"),
    ][nth]
    more = case(*entries, added, debtor=CLAUSE)
    new = {*handles(more.data).values()} - {*handles(known.data).values()}
    if not new:
        return
    gone = entry("void", at="2026-12-31T09:00:00Z", entry=new.pop())
    again = case(*entries, added, gone, debtor=CLAUSE)
    for on in (day, day + timedelta(days=40)):
        was, now = (data(one, owed(one, on, LAW)) for one in (known, again))
        assert now == was
