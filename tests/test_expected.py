"""Expected money a week: nothing counted twice, nothing lost, each number recomputable by hand."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from dunctl.case.records import Case
from dunctl.cli import main
from dunctl.errors import Refused
from dunctl.owed.ledger import ZERO, Receivable
from dunctl.steps import recovery
from dunctl.steps.expected import Forecast, back_test, expected
from dunctl.steps.outlook import Outlook, Span, weeks
from dunctl.steps.pace import Pace
from dunctl.steps.prospect import prospect
from dunctl.store.parameters import expected_model
from tests.casefile import (
    at,
    called,
    case,
    disputed,
    entry,
    invoice,
    journals,
    paid,
    promise,
    step,
    text,
)

MODEL = expected_model()
TODAY = date(2026, 11, 24)
NOON = "2026-11-24T12:00:00"
WEEK = [Span(TODAY, TODAY + timedelta(days=7))]
THIRTY = invoice("T", "2026-10-25", "1000.00", issued="2026-09-25")
"""30 days past due."""
MADE = "2026-11-20T09:00:00+00:00"


def forecast(
    *cases: Case, spans: Sequence[Span] = WEEK, now: str = NOON, curve: str | None = None
) -> Forecast:
    known = [prospect(at(one, now)) for one in cases]
    return expected(known, known[0].today, spans, expected_model(curve))


def pounds(found: Forecast) -> Outlook:
    return next(one for one in found.outlooks if one.currency == "GBP")


def test_the_curve_says_when_it_comes_by_what_it_loses() -> None:
    """At 30 days past due 89.9 % comes in, a week later 87.893 % of what is still open."""
    later = Decimal("0.899") - Decimal("0.086") * 7 / 30
    week = (Decimal("0.899") - later) / (1 - later)
    found = pounds(forecast(case(THIRTY)))
    assert found.rows[0].expected == (1000 * week).quantize(Decimal("0.01")) == Decimal("165.75")
    assert found.total == Decimal("899.00")
    assert found.collectable == Decimal("1000.00")


@given(st.integers(1, 1400), st.lists(st.integers(0, 300), min_size=1, max_size=6))
def test_with_nothing_learned_all_that_comes_is_the_share_of_the_curve(
    past: int, ends: list[int]
) -> None:
    pace = Pace(MODEL.curve, MODEL.pace)
    due = TODAY - timedelta(days=past)
    one = Receivable("T", None, due, "GBP", Decimal(9), ZERO, ZERO, ZERO)
    shares = pace.shares(one, TODAY, sorted(ends), None)
    assert list(shares) == sorted(shares)
    assert shares[-1] == pytest.approx(recovery.share(MODEL.curve, past))


def test_nothing_learned_expects_next_to_nothing_before_the_due_day() -> None:
    found = pounds(forecast(case(invoice("N", "2026-12-24", "1000.00"))))
    assert found.rows[0].expected < 40
    assert 940 < found.total < 970


def test_a_curve_can_be_chosen_and_names_its_source() -> None:
    """Practice K02 counts from the sale: 60 days after it, four fifths of the way to 80 %."""
    known = case(THIRTY)
    assert pounds(forecast(known, curve="practitioners")).total == Decimal("990.00")
    assert "K02" in expected_model("practitioners").curve.basis
    with pytest.raises(Refused, match="there are ccaa, practitioners"):
        expected_model("gut-feeling")


@pytest.mark.parametrize(
    ("today", "first", "second"),
    [
        ("2026-11-24", "2026-11-24 2026-11-29", "2026-11-30 2026-12-06"),
        ("2026-11-23", "2026-11-23 2026-11-29", "2026-11-30 2026-12-06"),
        ("2026-11-28", "2026-11-28 2026-11-29", "2026-11-30 2026-12-06"),
        ("2026-11-29", "2026-11-29 2026-12-06", "2026-12-07 2026-12-13"),
    ],
)
def test_weeks_end_on_sundays_and_follow_each_other(today: str, first: str, second: str) -> None:
    spans = weeks(date.fromisoformat(today), 2)
    assert [f"{span.first} {span.last}" for span in spans] == [first, second]


PROMISED = promise(MADE, "400.00", "2026-11-27")


def test_a_promise_counts_by_how_promises_are_kept_and_covers_its_money_once() -> None:
    """With nothing known a third is kept; the rest falls back to its age when it broke."""
    found = forecast(case(THIRTY, PROMISED))
    ours, rest = found.parts
    assert (ours.item.kind, ours.amount, rest.item.kind, rest.amount) == (
        "promise",
        Decimal("400.00"),
        "age",
        Decimal("600.00"),
    )
    assert pounds(found).collectable == Decimal("1000.00")
    assert pounds(found).rows[0].face == Decimal("400.00")
    broken = Decimal("0.899") - Decimal("0.086") * 6 / 30  # its last day of grace is Mon 30 Nov
    assert ours.total == (400 * (Decimal("0.33") + Decimal("0.67") * broken)).quantize(
        Decimal("0.01")
    )
    assert ours.spans[0] > 400 * Decimal("0.33")


def test_the_rate_is_the_debtors_own_drawn_to_the_books() -> None:
    """The book (8 x 0.33 + 1) / 10 of two promises; a debtor (3 x book + its kept) / (3 + its)."""
    kept = promise("2026-10-01T09:00:00+01:00", "10.00", "2026-10-05")
    broken = promise("2026-10-12T09:00:00+01:00", "10.00", "2026-10-15")
    one = case(THIRTY, kept, paid("2026-10-02", "10"), broken, PROMISED, case_id="one")
    two = case(THIRTY, PROMISED, case_id="two")
    found = forecast(one, two)
    book = (8 * 0.33 + 1) / 10
    assert (found.kept.kept, found.kept.judged) == (1.0, 2)
    assert found.kept.rate == pytest.approx(book)
    rates = {part.case: part.rate.rate for part in found.parts if part.rate}
    assert rates == pytest.approx({"one": (3 * book + 1) / 5, "two": book})


def test_a_part_that_came_in_time_is_a_part_kept() -> None:
    half = promise("2026-10-26T09:00:00+00:00", "100.00", "2026-10-30")
    found = forecast(case(THIRTY, half, paid("2026-10-29", "50")))
    assert (found.kept.kept, found.kept.judged) == (0.5, 1)


@pytest.mark.parametrize(
    ("entries", "kinds"),
    [
        ([THIRTY, promise(MADE, "5000.00", "2026-11-27")], {"promise": "1000.00"}),
        ([THIRTY, PROMISED, promise(MADE, "900.00", "2026-11-30")], {"promise": "1000.00"}),
        ([THIRTY, promise(MADE, "400.00", "2026-11-27", invoice="B"), invoice("B", "2026-12-01",
          "150.00")], {"promise": "150.00", "age": "1000.00"}),
        ([THIRTY, PROMISED, paid("2026-11-23", "150")], {"promise": "250.00", "age": "600.00"}),
        ([THIRTY, promise(MADE, "400.00", "2026-11-20")], {"age": "1000.00"}),
        ([THIRTY, entry("plan", at=MADE, instalments="[{due = 2026-12-01, amount = 400.00}, "
          "{due = 2027-01-01, amount = 600.00}]")], {"instalment": "1000.00"}),
        ([THIRTY, entry("settlement", at=MADE, amount="700.00", until="2026-11-30")],
         {"settlement": "1000.00"}),
        ([THIRTY, disputed(MADE, "300.00")], {"age": "700.00"}),
        ([THIRTY, invoice("B", "2026-12-01", "50.00"), paid("2026-11-23", "80", invoice="B")],
         {"age": "970.00"}),
        ([THIRTY, step(MADE, "closed", why="gone")], {}),
        ([THIRTY, step(MADE, "closed", why="gone"),
          invoice("B", "2026-12-23", "50.00", issued="2026-11-23")], {"age": "50.00"}),
    ],
    ids=["promised more", "promised twice", "for an invoice", "partly paid", "broken", "plan",
         "settlement", "disputed", "credit of theirs", "closed", "closed, and new business"],
)  # fmt: skip
def test_what_is_owed_is_in_one_part_only(entries: list[str], kinds: dict[str, str]) -> None:
    found: dict[str, Decimal] = {}
    for part in forecast(case(*entries)).parts:
        found[part.item.kind] = found.get(part.item.kind, ZERO) + part.amount
    assert {kind: str(amount) for kind, amount in found.items()} == kinds


def test_a_settlement_brings_its_own_amount_and_else_everything_ages() -> None:
    offer = entry("settlement", at=MADE, amount="700.00", until="2026-11-27")
    (part,) = forecast(case(THIRTY, offer)).parts
    aged = Decimal("0.899") - Decimal("0.086") * 3 / 30
    wanted = 700 * Decimal("0.33") + 1000 * Decimal("0.67") * aged
    assert part.total == pytest.approx(wanted, abs=Decimal("0.01"))


@pytest.mark.parametrize("kind", ["insolvent", "deceased", "fraud"])
def test_no_curve_is_about_insolvency_and_the_like(kind: str) -> None:
    held = case(THIRTY, entry("hold", at=MADE, kind=kind), case_id="held")
    found = forecast(held, case(THIRTY))
    assert [one.case for one in found.absent] == ["held"]
    assert {part.case for part in found.parts} == {"acme"}
    assert (pounds(found).collectable, pounds(found).left_out) == (Decimal(1000), Decimal(1000))


def test_the_range_is_the_variance_of_one_debtor_as_a_whole() -> None:
    """0.33 of £400 in the week: 132 and 1.2816 x 400 x sqrt(0.33 x 0.67) either way."""
    known = case(invoice("T", "2026-12-24", "400.00"), PROMISED)
    spans = [Span(TODAY, TODAY + timedelta(days=4))]
    row = pounds(forecast(known, spans=spans)).rows[0]
    assert (row.expected, row.low, row.high) == (
        Decimal("132.00"),
        Decimal("0.00"),
        Decimal("373.04"),
    )


def test_many_debtors_vary_less_together_than_one_with_all_the_money() -> None:
    """Independent debtors: a hundred of £10 vary a tenth as much as one of £1,000."""
    many = [
        case(invoice("T", "2026-10-25", "10.00"), case_id=f"c{number}") for number in range(100)
    ]
    wide, narrow = pounds(forecast(case(THIRTY))).rows[0], pounds(forecast(*many)).rows[0]
    assert narrow.expected == pytest.approx(wide.expected, abs=Decimal("0.5"))
    assert (narrow.high - narrow.expected) * 10 == pytest.approx(
        wide.high - wide.expected, rel=Decimal("0.01")
    )


def history(lateness: Iterable[int], case_id: str, *more: str) -> Case:
    """A debtor with an invoice each month, each paid so many days after its due day."""
    entries = []
    for nth, late in enumerate(lateness):
        due = date(2025, 1, 31) + timedelta(days=30 * nth)
        issued = due - timedelta(days=30)
        entries.append(invoice(f"H{nth}", str(due), "100.00", issued=str(issued)))
        entries.append(paid(str(due + timedelta(days=late)), "100.00", invoice=f"H{nth}"))
    return case(*entries, *more, case_id=case_id)


def test_a_book_that_pays_at_once_is_expected_to_and_one_that_never_does_is_not() -> None:
    def week_of(*book: Case) -> Decimal:
        new = case(invoice("N", "2026-11-24", "100.00", issued="2026-10-25"), case_id="new")
        found = forecast(new, *book)
        return next(part.spans[0] for part in found.parts if part.case == "new")

    prompt = history([2] * 20, "prompt")
    slow = history([55] * 20, "slow")
    assert week_of(slow) < week_of() / 2 < 2 * week_of() < week_of(prompt)


def test_a_debtor_is_expected_to_do_as_it_did() -> None:
    new = invoice("N", "2026-11-24", "100.00", issued="2026-10-25")
    found = forecast(history([2] * 20, "prompt", new), history([55] * 20, "slow", new))
    week = {part.case: part.spans[0] for part in found.parts}
    assert week["slow"] < 15 < 75 < week["prompt"]


def test_days_on_which_nobody_watched_teach_nothing() -> None:
    """An invoice that comes into the book a year late was not refused every day of that year."""
    old = invoice("T", "2025-10-25", "1000.00", issued="2025-09-25")
    assert forecast(case(old)).usual == 0
    seen = forecast(case(old, called("2026-11-14T10:00:00+00:00"))).usual
    assert 0 < seen < 0.05


@given(st.lists(journals(), min_size=1, max_size=3), st.integers(1, 20))
def test_weeks_and_later_are_the_whole_and_never_more_than_can_be_collected(
    books: list[list[str]], count: int
) -> None:
    agreed = (
        promise("2026-04-10T09:00:00+01:00", "40.00", "2026-04-20"),
        promise("2026-04-01T09:00:00+01:00", "30.00", "2026-04-04"),
    )
    cases = [case(*entries, *agreed, case_id=f"c{n}") for n, entries in enumerate(books)]
    spans = weeks(date(2026, 4, 15), count)
    found = forecast(*cases, spans=spans, now="2026-04-15T12:00:00")
    owed: dict[str, Decimal] = {}
    for part in found.parts:
        assert min(*part.spans, part.later, ZERO) == 0, "money that goes away again"
        assert part.total <= part.amount
        owed[part.currency] = owed.get(part.currency, ZERO) + part.amount
    for one in found.outlooks:
        parts = [part for part in found.parts if part.currency == one.currency]
        assert one.collectable == owed.get(one.currency, ZERO)
        assert sum(row.expected for row in one.rows) == one.within.expected
        assert sum((part.total for part in parts), ZERO) == one.total <= one.collectable
        for n, row in enumerate(one.rows):
            assert sum((part.spans[n] for part in parts), ZERO) == row.expected
            assert 0 <= row.low <= row.expected <= row.high <= one.collectable
    standings = [at(one, "2026-04-15T12:00:00") for one in cases]
    for currency, amount in owed.items():
        balance = sum(
            (
                sum((r.undisputed for r in s.ledger.receivables if r.currency == currency),
                    ZERO)
                for s in standings
            ),
            ZERO,
        )  # fmt: skip
        assert amount <= balance, "more than is open and undisputed"


def test_the_back_test_has_what_was_said_then_and_what_came() -> None:
    """Money for invoices of later is not what the forecast was about."""
    entries = (
        THIRTY,
        paid("2026-10-20", "100"),
        paid("2026-11-02", "300", invoice="T"),
        invoice("N", "2026-11-20", "80.00", issued="2026-11-01"),
        paid("2026-11-21", "80", invoice="N"),
    )
    known = case(*entries)
    day = TODAY - timedelta(days=28)
    then = prospect(at(known, "2026-10-27T23:59:59"))
    now = prospect(at(known, NOON))
    (tested,) = back_test([then], [now], day, TODAY, MODEL)
    assert (tested.day, tested.currency, tested.came) == (day, "GBP", Decimal("300.00"))
    said = expected([then], day, [Span(day, TODAY)], MODEL)
    assert tested.said == pounds(said).within.expected
    assert tested.low <= tested.said <= tested.high <= 900


def a_store(root: Path, **cases: str) -> Path:
    (root / "dunctl.toml").write_text(
        'format = 1\n[creditor]\nname = "We"\n[desk]\ntimezone = "Europe/London"\n',
        encoding="utf-8",
    )
    (root / "cases").mkdir()
    for name, source in cases.items():
        (root / f"cases/{name}.toml").write_text(source, encoding="utf-8")
    return root


def run(root: Path, *words: str) -> Result:
    clock = {"DUNCTL_NOW": f"{NOON}+00:00"}
    return CliRunner().invoke(main, ["--store", str(root), *words], env=clock)


def test_the_command_prints_weeks_sources_and_the_back_test(tmp_path: Path) -> None:
    root = a_store(tmp_path, acme=text(THIRTY, PROMISED, paid("2026-11-02", "250")))
    shown = " ".join(run(root, "expected", "--weeks", "2").output.split())
    for words in (
        "24 - 29 Nov £400.00 £",
        "30 Nov - 6 Dec £",
        "of £750.00",
        "33 % are kept, until this book shows its own; prior and strengths assumed",
        "curve ccaa, Commercial Collection Agency Association survey of 2004",
        "Back-test: on Tue 27 Oct the forecast for the four weeks since was £",
        "£250.00 came",
    ):
        assert words in shown, f"{words!r} is not in {shown}"


def test_without_data_the_back_test_says_so(tmp_path: Path) -> None:
    fresh = invoice("N", "2026-12-20", "400.00", issued="2026-11-20")
    root = a_store(tmp_path, acme=text(fresh))
    assert "No back-test: nothing was open on Tue 27 Oct" in run(root, "expected").output
    assert "nothing is open" in run(root, "expected", "--as-of", "2026-11-01").output


def test_json_has_every_part_and_adds_up(tmp_path: Path) -> None:
    one = text(THIRTY, PROMISED)
    two = text(THIRTY, invoice("D", "2026-11-01", "99.00", currency="USD"))
    root = a_store(tmp_path, one=one, two=two)
    shown = json.loads(run(root, "expected", "--weeks", "5", "--json").output)
    assert sorted(shown["currencies"]) == ["GBP", "USD"]
    for currency, sums in shown["currencies"].items():
        parts = [part for part in shown["parts"] if part["currency"] == currency]
        for n, row in enumerate(sums["weeks"]):
            assert sum(Decimal(p["weeks"][n]) for p in parts) == Decimal(row["expected"])
        assert sum(Decimal(p["total"]) for p in parts) == Decimal(sums["total"])
    (promised,) = (part for part in shown["parts"] if part["kind"] == "promise")
    assert (promised["case"], promised["kept"]["rate"]) == ("one", 0.33)
    assert shown["promises"]["prior"] == 0.33


def test_csv_has_a_row_a_week_and_one_for_later(tmp_path: Path) -> None:
    root = a_store(tmp_path, acme=text(THIRTY))
    rows = list(csv.DictReader(io.StringIO(run(root, "expected", "--weeks", "3", "--csv").output)))
    assert [row["from"] for row in rows] == ["2026-11-24", "2026-11-30", "2026-12-07", ""]
    assert sum(Decimal(row["expected"]) for row in rows) == Decimal("899.00")


def test_a_broken_file_is_named_and_the_others_are_counted(tmp_path: Path) -> None:
    root = a_store(tmp_path, acme=text(THIRTY), bad=text(entry("payment", on="x", amount="1")))
    found = run(root, "expected", "--weeks", "1")
    assert found.exit_code == 1
    assert "£1,000.00" in found.output
    assert "cases/bad.toml:" in found.output
