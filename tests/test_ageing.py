"""Ageing: every open amount is in one bucket, and the buckets add up to the total."""

from __future__ import annotations

import csv
import json
import os
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from dunctl.cli import main
from dunctl.owed.ageing import EDGES, Ageing, By, ageing
from dunctl.owed.ledger import ledger
from tests.casefile import DAYS, amounts, case, disputed, entry, invoice, journals, paid, text

DUE = date(2026, 3, 31)


def bucket_on(day: date) -> tuple[int | None, int | None]:
    found = ageing([ledger(case(invoice("A", str(DUE), "100.00")), day)], day)
    (only,) = found
    (place,) = [b for b in only.buckets if b.total]
    assert (only.total, only.invoices) == (Decimal("100.00"), 1)
    return place.from_day, place.to_day


@pytest.mark.parametrize(
    ("days", "bucket"),
    [
        (-40, (None, 0)),
        (-1, (None, 0)),
        (0, (None, 0)),
        (1, (1, 30)),
        (30, (1, 30)),
        (31, (31, 60)),
        (60, (31, 60)),
        (61, (61, 90)),
        (90, (61, 90)),
        (91, (91, 180)),
        (180, (91, 180)),
        (181, (181, 365)),
        (365, (181, 365)),
        (366, (366, None)),
        (4000, (366, None)),
    ],
)
def test_an_invoice_is_in_the_bucket_of_its_days_past_due(
    days: int, bucket: tuple[int | None, int | None]
) -> None:
    assert bucket_on(DUE + timedelta(days=days)) == bucket


def test_what_is_not_yet_due_has_a_bucket_of_its_own_and_keeps_its_sign() -> None:
    """Invoice Ninja: "Current" never holds a future due day, and ages lose their sign."""
    known = case(
        invoice("PAST", "2026-03-01", "10.00"),
        invoice("FUTURE", "2026-05-10", "20.00"),
        invoice("TODAY", "2026-03-31", "40.00"),
    )
    (found,) = ageing([ledger(known, DUE)], DUE)
    assert [str(bucket.total) for bucket in found.buckets[:2]] == ["60.00", "10.00"]
    assert found.total == Decimal("70.00")


def test_what_is_disputed_is_open_and_credit_of_theirs_is_shown_apart() -> None:
    known = case(
        invoice("A", "2026-03-01", "100.00"),
        invoice("B", "2026-03-01", "50.00"),
        disputed("2026-03-05T10:00:00Z", "30.00", invoice="A"),
        paid("2026-03-06", "65.00", invoice="B"),
    )
    (found,) = ageing([ledger(known, DUE)], DUE)
    assert (str(found.total), found.invoices, str(found.unallocated)) == ("100.00", 1, "15.00")


def test_currencies_are_aged_apart_and_cases_together() -> None:
    first = case(
        invoice("A", "2026-03-01", "100.00"), invoice("B", "2026-03-01", "9000", currency="JPY")
    )
    second = case(invoice("A", "2026-03-20", "1.00"), case_id="other")
    found = ageing([ledger(first, DUE), ledger(second, DUE)], DUE)
    assert [(a.currency, str(a.total), a.invoices) for a in found] == [
        ("GBP", "101.00", 2),
        ("JPY", "9000", 1),
    ]


def test_nothing_owed_is_nothing_aged() -> None:
    assert ageing([ledger(case(), DUE)], DUE) == []


def where(found: Ageing) -> dict[tuple[int | None, int | None], str]:
    """Return the buckets in which there is anything, with their amounts."""
    return {(b.from_day, b.to_day): str(b.total) for b in found.buckets if b.invoices}


def test_the_age_can_be_counted_from_the_day_of_issue() -> None:
    """OCA account-financial-reporting #396: by invoice date or by due date is a choice."""
    known = case(
        invoice("SHORT", "2026-03-10", "1.00", issued="2026-03-01"),
        invoice("LONG", "2026-03-10", "2.00", issued="2025-12-10"),
        invoice("NOT YET", "2026-05-10", "4.00", issued="2025-12-10"),
        invoice("TODAY", "2026-03-31", "8.00", issued="2026-03-31"),
        invoice("UNKNOWN", "2026-03-10", "16.00"),
    )
    (found,) = ageing([ledger(known, DUE)], DUE, by="issued")
    assert where(found) == {(None, 0): "12.00", (1, 30): "1.00", (91, 180): "2.00"} | {
        (None, None): "16.00"
    }
    assert str(found.total) == "31.00"
    (found,) = ageing([ledger(known, DUE)], DUE)
    assert where(found) == {(None, 0): "12.00", (1, 30): "19.00"}


@pytest.mark.parametrize("edges", [(0,), (0, 1), (0, 10, 20), EDGES, (0, 30, 60, 90)])
def test_the_buckets_part_the_days_at_the_edges(edges: tuple[int, ...]) -> None:
    known = case(*(invoice(f"N{n}", str(DUE - timedelta(days=n)), "1.00") for n in range(-2, 100)))
    (found,) = ageing([ledger(known, DUE)], DUE, edges=edges)
    assert found.buckets[0][:2] == (None, 0)
    assert [(b.from_day, b.to_day) for b in found.buckets[1:]] == [
        *((low + 1, high) for low, high in pairwise(edges)),
        (edges[-1] + 1, None),
    ]
    for bucket in found.buckets:
        low, high = bucket.from_day or -2, 99 if bucket.to_day is None else min(bucket.to_day, 99)
        assert bucket.invoices == max(0, high - low + 1), bucket


def test_what_was_owing_on_a_day_has_what_was_paid_since() -> None:
    """invoiceninja #7121, OCA account-financial-reporting #707: paid-later items are missing."""
    known = case(
        invoice("A", "2026-03-01", "100.00", issued="2026-02-01"),
        invoice("B", "2026-04-10", "70.00", issued="2026-04-01"),
        paid("2026-04-15", "100.00", invoice="A"),
        entry("credit", on="2026-04-20", amount="70.00", invoice="B"),
    )
    (then,) = ageing([ledger(known, DUE)], DUE)
    assert where(then) == {(1, 30): "100.00"}
    (later,) = ageing([ledger(known, date(2026, 4, 15))], date(2026, 4, 15))
    assert where(later) == {(1, 30): "70.00"}
    assert ageing([ledger(known, date(2026, 4, 20))], date(2026, 4, 20)) == []


@pytest.mark.parametrize("by", ["due", "issued"])
def test_an_invoice_that_is_not_yet_due_is_in_the_total_and_in_a_bucket(by: By) -> None:
    """ERPNext #51596: future-due rows are in the total but in no bucket."""
    known = case(
        invoice("A", "2026-03-01", "10.00", issued="2026-02-01"),
        invoice("B", "2027-03-01", "20.00", issued="2026-02-01"),
    )
    (found,) = ageing([ledger(known, DUE)], DUE, by=by)
    assert sum(b.total for b in found.buckets) == found.total == Decimal("30.00")
    assert found.buckets[0] == (None, 0, Decimal("20.00"), 1)


EDGE_LISTS = st.lists(st.integers(1, 120), max_size=5, unique=True).map(lambda e: (0, *sorted(e)))


@given(
    st.lists(journals(), min_size=1, max_size=3),
    DAYS,
    st.sampled_from(("due", "issued")),
    EDGE_LISTS,
)
def test_the_buckets_add_up_to_what_is_open_on_any_day(
    books: list[list[str]], day: date, by: By, edges: tuple[int, ...]
) -> None:
    ledgers = [ledger(case(*entries), day) for entries in books]
    owed: defaultdict[str, Decimal] = defaultdict(Decimal)
    for one in ledgers:
        for currency, amount in one.balance().items():
            owed[currency] += amount
    found = ageing(ledgers, day, by=by, edges=edges)
    for row in found:
        assert sum(bucket.total for bucket in row.buckets) == row.total
        assert sum(bucket.invoices for bucket in row.buckets) == row.invoices
    assert amounts({row.currency: row.balance for row in found if row.balance}) == amounts(
        {c: a for c, a in owed.items() if a}
    )
    late = {row.currency: row.buckets[0].total for row in ageing(ledgers, day)}
    assert {row.currency: row.buckets[0].total for row in found} == late


# The command


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a store with two cases, and stand in it."""
    (tmp_path / "cases").mkdir()
    (tmp_path / "dunctl.toml").write_text("")
    books = {
        "acme": (
            invoice("A", "2026-03-21", "100.00", issued="2026-02-21"),
            invoice("B", "2026-04-10", "40.00", issued="2026-03-10"),
            paid("2026-03-25", "5.00", invoice="A"),
        ),
        "beta": (
            invoice("A", "2026-01-10", "9000", issued="2025-12-10", currency="JPY"),
            invoice("B", "2026-03-01", "7.00", issued="2026-02-01"),
            paid("2026-03-25", "20.00", invoice="B"),
        ),
    }
    for name, entries in books.items():
        (tmp_path / "cases" / f"{name}.toml").write_text(text(*entries))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DUNCTL_NOW", "2026-03-31T12:00:00+00:00")
    return tmp_path


def dunctl(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def test_the_page_shows_each_currency_its_credit_and_what_is_owed(desk: Path) -> None:
    done = dunctl("ageing", "--edges", "30,60")
    assert (done.exit_code, done.stderr) == (0, "")
    assert (
        done.stdout
        == """\
Open receivables as of 2026-03-31, by days past due

GBP             Invoices     Open     %
not past due           1   £40.00  29.6
1-30                   1   £95.00  70.4
31-60                  0    £0.00   0.0
61+                    0    £0.00   0.0
total                  2  £135.00
credit not allocated: £13.00; balance £122.00

JPY             Invoices    Open      %
not past due           0      ¥0    0.0
1-30                   0      ¥0    0.0
31-60                  0      ¥0    0.0
61+                    1  ¥9,000  100.0
total                  1  ¥9,000
"""
    )


def test_the_json_has_every_bucket_and_adds_up(desk: Path) -> None:
    found = json.loads(dunctl("ageing", "--json", "--by", "issued").stdout)
    assert (found["as_of"], found["by"]) == ("2026-03-31", "issued")
    pounds = found["currencies"]["GBP"]
    assert (pounds["total"], pounds["unallocated"], pounds["balance"]) == (
        *("135.00", "13.00"),
        "122.00",
    )
    assert [b["total"] for b in pounds["buckets"]] == [
        *("40.00", "0.00", "95.00", "0.00", "0.00", "0.00", "0.00"),
    ]
    assert [b["to_day"] for b in pounds["buckets"]] == [*EDGES, None]


def test_the_csv_adds_up_to_the_balance_and_its_credit_is_a_number(desk: Path) -> None:
    rows = list(csv.DictReader(dunctl("ageing", "--csv").stdout.splitlines()))
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        sums[row["currency"]] += Decimal(row["open"])
    assert sums == {"GBP": Decimal("122.00"), "JPY": Decimal("9000")}


def test_as_of_today_equals_now(desk: Path) -> None:
    for words in ((), ("--json",), ("--csv",), ("--by", "issued")):
        now = dunctl("ageing", *words).stdout
        assert now
        assert dunctl("ageing", *words, "--as-of", "today").stdout == now


def test_what_was_refunded_beyond_their_credit_is_owed_to_us(desk: Path) -> None:
    refund = entry("refund", on="2026-03-30", amount="50.00")
    (desk / "cases" / "acme.toml").write_text(text(paid("2026-03-25", "20.00"), refund))
    (desk / "cases" / "beta.toml").unlink()
    shown = dunctl("ageing").stdout
    assert shown.endswith("\nrefunded beyond their credit: £30.00; balance £30.00\n")
    (row,) = [r for r in csv.DictReader(dunctl("ageing", "--csv").stdout.splitlines())
              if not r["to_day"] and not r["from_day"]]  # fmt: skip
    assert row["open"] == "30.00"


def test_a_currency_can_be_asked_for_alone(desk: Path) -> None:
    found = json.loads(dunctl("ageing", "--json", "--currency", "jpy").stdout)
    assert list(found["currencies"]) == ["JPY"]
    assert dunctl("ageing", "--currency", "EUR").stdout.endswith("\n\nnothing is open\n")


@pytest.mark.parametrize("edges", ["30,60,90", "0,30,60,90", " 30, 60 ,90"])
def test_the_edge_of_what_is_not_past_due_may_be_left_out(desk: Path, edges: str) -> None:
    found = json.loads(dunctl("ageing", "--json", "--edges", edges).stdout)
    buckets = found["currencies"]["GBP"]["buckets"]
    assert [b["to_day"] for b in buckets] == [0, 30, 60, 90, None]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--edges", "60,30"), "--edges are days in rising order, such as 30,60,90, not 60,30"),
        (("--edges", "0,0"), "--edges are days in rising order, such as 30,60,90, not 0,0"),
        (("--edges=-30,0",), "--edges are days in rising order, such as 30,60,90, not -30,0"),
        (("--edges", "30;60"), "--edges are days in rising order, such as 30,60,90, not 30;60"),
        (("--edges", ""), "--edges are days in rising order, such as 30,60,90, not "),
        (
            ("--currency", "EURO"),
            '--currency: "EURO" is no ISO 4217 currency; did you mean EUR?',
        ),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    desk: Path, words: tuple[str, ...], sentence: str
) -> None:
    done = dunctl("ageing", *words)
    assert (done.exit_code, done.stdout, done.stderr) == (2, "", f"dunctl: {sentence}\n")


# A real file: the ageing against a recount from the very bytes.

SAMPLE = Path(
    os.environ.get("DUNCTL_RECEIVABLES")
    or Path(__file__).parents[2] / "shared/data/receivables/ibm-accounts-receivable.csv"
)


def day_in(text: str) -> date:
    return datetime.strptime(text, "%m/%d/%Y").replace(tzinfo=UTC).date()


@cache
def rows() -> list[tuple[date, date, date, Decimal]]:
    """Return from the file when each invoice was issued, due and settled, and its amount."""
    with SAMPLE.open(encoding="utf-8", newline="") as lines:
        return [
            (
                day_in(row["InvoiceDate"]),
                day_in(row["DueDate"]),
                day_in(row["SettledDate"]),
                Decimal(row["InvoiceAmount"]),
            )
            for row in csv.DictReader(lines)
        ]


def recount(day: date, by: By) -> dict[str, tuple[Decimal, int]]:
    """Count what is open on ``day`` straight from the file, by the last day of each bucket."""
    found: defaultdict[str, tuple[Decimal, int]] = defaultdict(lambda: (Decimal(0), 0))
    for issued, due, settled, amount in rows():
        if not issued <= day < settled:
            continue
        age = (day - (due if by == "due" else issued)).days if due < day else 0
        name = next((str(edge) for edge in EDGES if age <= edge), "more")
        total, count = found[name]
        found[name] = total + amount, count + 1
    return dict(found)


@pytest.mark.skipif(not SAMPLE.is_file(), reason="the sample of receivables is not here")
def test_the_ageing_of_a_public_book_equals_a_recount_of_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DUNCTL_NOW", "2026-11-22T09:00:00+00:00")
    (tmp_path / "dunctl.toml").write_text('[defaults]\ncurrency = "USD"\n')
    (tmp_path / ".dunctl").mkdir()
    (tmp_path / ".dunctl" / "no-git-told").touch()
    done = dunctl("import", "invoices", str(SAMPLE), "--yes")
    assert done.exit_code == 0, done.stderr
    days = [date(2012, 1, 2), date(2012, 3, 31), date(2012, 9, 30), date(2012, 12, 31)]
    days += [date(2013, 1, 1), date(2013, 6, 30), date(2013, 11, 15), date(2014, 1, 31)]
    seen = 0
    for day in days:
        for by in ("due", "issued"):
            shown = dunctl("ageing", "--as-of", str(day), "--by", by, "--json").stdout
            buckets = json.loads(shown)["currencies"].get("USD", {}).get("buckets", [])
            assert {
                str(b["to_day"] if b["to_day"] is not None else "more"): (
                    Decimal(b["total"]),
                    b["count"],
                )
                for b in buckets
                if b["count"]
            } == recount(day, by), (day, by)
            seen += sum(b["count"] for b in buckets)
    assert seen > 1000
