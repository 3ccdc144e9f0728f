"""What the next step costs against what is expected to come (practice K10, C14, M14, N27)."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given

from dunctl.cli import main
from dunctl.owed.claims import owed
from dunctl.steps.next_step import NextStep, Step, Weighed, next_step
from dunctl.steps.policy import Policy
from dunctl.store.law import shipped
from dunctl.store.parameters import next_step_model
from tests.casefile import POLICY, at, case, disputed, entry, invoice, journals, policy, step, text

NOON = "2026-11-24T12:00:00"
THIRTY = invoice("T", "2026-10-25", "1000.00", issued="2026-09-25")
"""30 days past due, where the curve expects 89.9 %."""
MADE = "2026-11-20T09:00:00+00:00"
COSTS = """[costs]
call = { GBP = 4.00 }
letter = { GBP = 2.50 }
agency = { GBP = 30 }
agency_percent = 20
court = { GBP = 455 }
court_percent = 5
margin_percent = 25
"""


def ask(
    *entries: str, rules: Policy = POLICY, head: str = "", terms: str = "", now: str = NOON
) -> NextStep:
    known = case(terms, *entries, head=head)
    stand = at(known, now, rules=rules)
    return next_step(stand, owed(known, stand.today, shipped()), next_step_model())


def pounds(found: NextStep) -> Weighed:
    return next(one for one in found.weighed if one.currency == "GBP")


def steps(found: NextStep) -> dict[str, Step]:
    return {step.kind: step for step in pounds(found).steps}


def test_what_still_comes_in_now_and_after_waiting() -> None:
    found = pounds(ask(THIRTY))
    assert found.collectable == Decimal("1000.00")
    assert {days: str(amount) for days, amount in found.expected.items()} == {
        0: "899.00",
        30: "813.00",
        90: "637.67",
    }


def test_each_invoice_counts_at_its_own_age_and_only_what_is_overdue() -> None:
    found = pounds(
        ask(
            THIRTY,
            invoice("S", "2026-09-25", "100.00"),
            invoice("N", "2026-12-01", "5000.00"),
            disputed(MADE, "200.00", invoice="T"),
        )
    )
    assert found.collectable == Decimal("900.00")
    assert found.expected[0] == Decimal("800") * Decimal("0.899") + Decimal("81.30")


def test_no_cost_is_made_up() -> None:
    """Practice K10: what a step costs is the user's to say; until then it names the key."""
    found = steps(ask(THIRTY))
    assert {step.kind: (step.cost, step.left, step.key) for step in found.values()} == {
        "call": (None, None, "costs.call"),
        "letter": (None, None, "costs.letter"),
        "agency": (None, None, "costs.agency_percent"),
        "court": (None, None, "costs.court"),
    }
    assert pounds(ask(THIRTY)).floor == Decimal("899.00")


def test_the_agency_takes_its_cut_of_what_comes_and_the_court_its_fee_of_what_is_claimed() -> None:
    found = steps(ask(THIRTY, rules=policy(COSTS)))
    assert {s.kind: (str(s.cost), str(s.left), str(s.break_even)) for s in found.values()} == {
        "call": ("4.00", "895.00", "0.4"),
        "letter": ("2.50", "896.50", "0.2"),
        "agency": ("209.80", "689.20", "21.0"),
        "court": ("505.00", "394.00", "50.5"),
    }


def test_a_cost_in_another_currency_is_not_known_here() -> None:
    found = steps(ask(THIRTY, rules=policy("[costs]\ncourt = { EUR = 9 }\ncourt_percent = 5")))
    assert (found["court"].cost, found["court"].key) == (None, "costs.court")


@pytest.mark.parametrize(
    ("stage", "kind", "floor"),
    [
        (None, "call", "895.00"),
        ("remind", "call", "895.00"),
        ("firm", "letter", "896.50"),
        ("formal", "letter", "896.50"),
        ("prelegal", "agency", "689.20"),
        ("legal", "court", "394.00"),
    ],
)
def test_the_least_to_take_is_what_is_expected_less_the_next_step(
    stage: str | None, kind: str, floor: str
) -> None:
    taken = [step("2026-11-02T09:00:00+00:00", stage)] if stage else []
    found = ask(THIRTY, *taken, rules=policy(COSTS))
    assert (found.next, str(pounds(found).floor)) == (kind, floor)


def test_a_step_that_costs_more_than_is_expected_is_not_worth_it() -> None:
    """Practice K10 says to spend 20,000 to recover 10,000: no."""
    old = invoice("T", "2024-10-25", "1000.00")
    found = steps(ask(old, rules=policy(COSTS)))
    assert {kind: step.worth_it for kind, step in found.items()} == {
        "call": True,
        "letter": True,
        "agency": True,
        "court": False,
    }


def test_what_a_loss_takes_to_make_good() -> None:
    """Practice K07: £101 that is not expected, at a margin of a quarter."""
    assert pounds(ask(THIRTY, rules=policy(COSTS))).sales == Decimal("404.00")
    assert pounds(ask(THIRTY)).sales is None


def test_interest_and_fees_count_once_they_are_claimed() -> None:
    terms = '[terms]\ninterest = { percent = 1, per = "month", clause = "9" }\nfee_clause = "9"\n'
    only = pounds(ask(THIRTY, terms=terms))
    assert only.collectable == only.principal == 1000
    fee = entry("fee", on="2026-11-01", amount="40", basis="clause 9")
    claim = entry("claim", on="2026-11-24"), fee
    both = pounds(ask(THIRTY, *claim, terms=terms))
    assert both.fees == Decimal("40.00")
    assert both.interest > 9
    assert both.collectable == 1040 + both.interest
    assert both.expected[0] == (both.collectable * Decimal("0.899")).quantize(Decimal("0.01"))


def test_steps_fit_from_the_day_on_which_the_ladder_has_them() -> None:
    """30 days past due: an agency from day 61, a court from day 181."""
    found = steps(ask(THIRTY))
    assert [str(found[kind].on) for kind in ("letter", "agency", "court")] == [
        "2026-11-24",
        "2026-12-25",
        "2027-04-24",
    ]


def test_a_debt_is_reviewed_after_one_and_two_years() -> None:
    """Practice K03: 26.6 and 13.6 %; beside it what the curve has."""
    found = ask(THIRTY).reviews
    assert [(r.days, str(r.on), r.practice, r.curve) for r in found] == [
        (365, "2027-10-25", 0.266, 0.228),
        (730, "2028-10-24", 0.136, 0.093),
    ]


@pytest.mark.parametrize(
    ("entries", "head", "frozen", "absent"),
    [
        ([entry("hold", at=MADE, kind="represented")], "", "on hold: represented", None),
        ([entry("hold", at=MADE, kind="insolvent")], "", "insolvent", "insolvent"),
        ([], 'reason = "insolvent.closure"', None, "the reason is insolvent.closure"),
    ],
)
def test_a_frozen_case_takes_no_step_and_no_curve_is_about_insolvency(
    entries: list[str], head: str, frozen: str | None, absent: str | None
) -> None:
    found = ask(THIRTY, *entries, head=head)
    assert (frozen or "") in (found.frozen or "")
    assert bool(found.frozen) == bool(frozen)
    assert (absent or "") in (found.absent or "")
    assert bool(found.absent) == bool(absent)
    assert frozen is None or found.next is None


@given(journals())
def test_nothing_is_expected_beyond_the_debt_and_waiting_never_helps(entries: list[str]) -> None:
    for one in ask(*entries, rules=policy(COSTS)).weighed:
        amounts = list(one.expected.values())
        assert amounts == sorted(amounts, reverse=True)
        assert 0 <= one.floor <= amounts[0] <= one.collectable
        for done in one.steps:
            assert done.left is None or done.left <= amounts[0]


def a_store(root: Path, *entries: str, costs: str = "", head: str = "") -> Path:
    (root / "dunctl.toml").write_text(
        'format = 1\n[creditor]\nname = "We"\n[desk]\ntimezone = "Europe/London"\n',
        encoding="utf-8",
    )
    (root / "cases").mkdir()
    source = text(*entries, debtor='country = "GB"', head=head)
    (root / "cases/acme.toml").write_text(source, encoding="utf-8")
    if costs:
        (root / "policies").mkdir()
        (root / "policies/default.toml").write_text(costs, encoding="utf-8")
    return root


def run(root: Path, *words: str) -> Result:
    clock = {"DUNCTL_NOW": f"{NOON}+00:00"}
    return CliRunner().invoke(main, ["--store", str(root), *words], env=clock)


def test_without_costs_it_shows_the_money_and_says_what_to_set(tmp_path: Path) -> None:
    shown = " ".join(run(a_store(tmp_path, THIRTY), "next-step", "acme").output.split())
    for words in (
        "Expected: £899.00 now, £813.00 in 30 days, £637.67 in 90 days",
        "The least to take now: £899.00, less what the call costs",
        "set costs.agency_percent, costs.call, costs.court, costs.letter in policies/default.toml",
        "Expected by curve ccaa: Commercial Collection Agency Association survey of 2004",
        "may be time-barred after Mon 25 Oct 2032 (dunctl limitation acme)",
        "Decide anew on Mon 25 Oct 2027, 365 days past due",
    ):
        assert words in shown, f"{words!r} is not in {shown}"
    assert "not set" not in shown


def test_with_costs_it_weighs_each_step_and_warns(tmp_path: Path) -> None:
    old = invoice("T", "2024-10-25", "1000.00")
    taken = step("2026-10-02T09:00:00+00:00", "legal", why="decided")
    root = a_store(tmp_path, old, taken, costs=COSTS)
    shown = " ".join(run(root, "next-step", "acme").output.split())
    for words in (
        "> court now £505.00",
        "Not worth it: the court costs £505.00, and £93.00 is expected (practice K10)",
        "To make good what is not expected takes sales of £3,628.00 (K07)",
        "A judgment is not money yet (practice K21, M14)",
        "Decide anew now: 730 days past due and more",
    ):
        assert words in shown, f"{words!r} is not in {shown}"


def test_json_has_every_number_and_what_is_not_set(tmp_path: Path) -> None:
    root = a_store(tmp_path, THIRTY, costs="[costs]\nagency_percent = 20\n")
    shown = json.loads(run(root, "next-step", "acme", "--json").output)
    (one,) = shown["currencies"].values()
    assert (one["collectable"], one["expected"][0]) == (
        "1000.00",
        {"days": 0, "amount": "899.00"},
    )
    agency = next(s for s in one["steps"] if s["kind"] == "agency")
    court = next(s for s in one["steps"] if s["kind"] == "court")
    assert (agency["cost"], agency["left"], agency["set"]) == ("179.80", "719.20", None)
    assert (court["cost"], court["set"]) == (None, "costs.court")
    assert shown["limitation"]["last"] == "2032-10-25"
    assert shown["next"] == "call"


def test_nothing_overdue_asks_for_no_step(tmp_path: Path) -> None:
    root = a_store(tmp_path, invoice("N", "2026-12-20", "400.00"))
    found = run(root, "next-step", "acme")
    assert "nothing is overdue that could be asked for" in found.output
    assert found.exit_code == 0
