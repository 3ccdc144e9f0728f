"""The day's plan: what it promises, whatever the book looks like."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from functools import lru_cache, partial
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from dunctl.calling.people import callee
from dunctl.calling.plan import Plan, Practice, Shift, Slot, slots_of
from dunctl.calling.told import Told
from dunctl.calling.windows import desk_spans
from dunctl.case.records import Case
from dunctl.cli import main
from dunctl.steps.calendar import Calendar, Year, load
from dunctl.steps.guard import Asked, verdict
from dunctl.steps.packs import applying
from dunctl.steps.standing import standing
from dunctl.store.packs import shipped
from tests.casefile import POLICY, at, called, case, clock, invoice, promise
from tests.deskday import day_list, day_of, no_packs, plan_of

NOW = "2026-11-24T09:00"
DESK = "mon-fri 09:00-17:30"
ZONES = ("Europe/London", "Asia/Shanghai", "America/New_York", "Europe/Berlin")


def planned(
    *cases: Case,
    now: str = NOW,
    callers: int = 1,
    most: int = 8,
    practice: Practice = "bounded",
) -> Plan:
    spans = desk_spans(DESK, clock(now))
    standings = [at(known, now) for known in cases]
    return plan_of(standings, spans, clock(now), callers=callers, most=most, practice=practice)


def shift(now: str, callers: int = 1) -> Shift:
    return Shift(day_of([], desk_spans(DESK, clock(now)), clock(now), no_packs), callers, 8)


def owing(name: str, amount: str = "1000.00", *entries: str, zone: str = ZONES[0]) -> Case:
    return case(invoice(f"{name}-1", "2026-11-02", amount), *entries, case_id=name, zone=zone)


def ids(found: Plan) -> list[str]:
    return [row.call.card.id for row in found.rows]


def minutes(slots: Sequence[Slot]) -> list[tuple[str, str, int]]:
    return [(f"{s.start:%H:%M}", f"{s.end:%H:%M}", s.capacity) for s in slots]


def test_the_desks_day_is_cut_at_the_half_hours_of_the_clock() -> None:
    assert minutes(slots_of(shift("2026-11-24T16:20"))) == [
        ("16:20", "16:30", 2),
        ("16:30", "17:00", 8),
        ("17:00", "17:30", 8),
    ]


def test_with_two_callers_twice_as_many_calls_fit() -> None:
    assert minutes(slots_of(shift("2026-11-24T17:00", 2))) == [("17:00", "17:30", 16)]


def test_what_does_not_fit_is_told_and_is_worth_less_than_what_does() -> None:
    book = [owing(f"c{n}", f"{n}00.00") for n in range(1, 6)]
    found = planned(*book, now="2026-11-24T17:00", most=2)
    assert sorted(ids(found)) == ["c4", "c5"]
    assert [row.call.card.id for row in found.unfitted] == ["c3", "c2", "c1"]
    assert found.prices[-1] == found.rows[-1].score  # without its last call the plan loses that


def test_a_promise_that_was_not_kept_comes_before_any_sum() -> None:
    small = owing("small", "10.00", promise("2026-11-20T10:00:00Z", "10.00", "2026-11-23"))
    found = planned(owing("large", "90000.00"), small, now="2026-11-24T17:00", most=1)
    assert ids(found) == ["small"]
    assert [row.call.card.id for row in found.unfitted] == ["large"]


def test_a_promise_for_a_clock_time_is_reminded_of_half_an_hour_before() -> None:
    """Practice A22: promised for 15:00, called at 14:30."""
    made = promise("2026-11-23T10:00:00Z", "10.00", "2026-11-24T15:00:00Z")
    found = planned(owing("acme", "10.00", made))
    (row,) = found.rows
    assert (f"{row.start:%H:%M}", f"{row.end:%H:%M}") == ("14:30", "15:00")


def test_a_debtor_who_answers_in_the_afternoon_is_called_in_the_afternoon() -> None:
    """Calling.md section 2: what transfers is the person."""
    calls = [called(f"2026-10-{day:02}T15:10:00Z", "refused") for day in (1, 2, 6, 7, 8, 9)]
    calls += [called(f"2026-09-{day:02}T10:10:00Z") for day in (1, 2, 3, 4, 7, 8)]
    found = planned(owing("acme", "1000.00", *calls))
    (row,) = found.rows
    assert f"{row.start:%H:%M}" >= "14:00"
    assert any("6 of 6" in why for why in row.why), row.why


def test_a_debtor_who_never_answers_is_put_behind_one_who_does() -> None:
    silent = [called(f"2026-10-{day:02}T10:10:00Z") for day in range(1, 13)]
    heard = [called(f"2026-10-{day:02}T10:10:00Z", "refused") for day in (1, 2, 6, 7)]
    book = [owing("silent", "1000.00", *silent), owing("heard", "1000.00", *heard)]
    found = planned(*book, now="2026-11-24T17:00", most=1)
    assert ids(found) == ["heard"]


def test_the_strict_order_is_the_practitioners_own() -> None:
    """Practice A01, A05: the better weekday, the earliest window, the largest sum first."""
    book = [owing("a", "10.00"), owing("b", "300.00"), owing("c", "200.00")]
    found = planned(*book, most=2, practice="strict")
    assert [(row.call.card.id, f"{row.start:%H:%M}") for row in found.rows] == [
        ("b", "09:00"),
        ("c", "09:00"),
        ("a", "09:30"),
    ]


def test_currencies_without_a_rate_are_named() -> None:
    found = planned(
        case(invoice("1", "2026-11-02", "10.00"), currency="CHF"),
        case(invoice("1", "2026-11-02", "10.00"), currency="EUR", case_id="other"),
    )
    assert found.unrated == ("CHF",)


@st.composite
def books(draw: st.DrawFn) -> list[Case]:
    cases = []
    for n in range(draw(st.integers(1, 12))):
        days = st.integers(1, 28).map("2026-10-{:02}".format)
        entries = [
            called(f"{draw(days)}T{draw(st.integers(9, 16)):02}:10:00Z", draw(OUTCOMES))
            for _ in range(draw(st.integers(0, 4)))
        ]
        if draw(st.booleans()):
            due = draw(st.integers(20, 30).map("2026-11-{:02}".format))
            entries.append(promise("2026-11-19T10:00:00Z", "5.00", due))
        amount = f"{draw(st.integers(1, 5))}00.00"
        cases.append(owing(f"c{n:02}", amount, *entries, zone=draw(st.sampled_from(ZONES))))
    return cases


OUTCOMES = st.sampled_from(["no_answer", "refused", "hardship", "rejected"])
NOWS = st.sampled_from(["2026-11-24T09:00", "2026-11-24T11:20", "2026-11-24T16:40"])


@given(books(), NOWS, st.integers(1, 2), st.integers(1, 3))
def test_every_call_has_room_is_open_and_the_plan_is_proved(
    book: list[Case], now: str, callers: int, most: int
) -> None:
    found = planned(*book, now=now, callers=callers, most=most)
    assert found.primal == found.dual
    assert found.primal == sum(row.score for row in found.rows if not row.call.pinned)
    used = Counter(row.slot for row in found.rows)
    assert all(used[n] <= slot.capacity for n, slot in enumerate(found.slots))
    calls, held = day_list([at(known, now) for known in book], desk_spans(DESK, clock(now)))
    everybody = [row.call.card.id for row in found.rows]
    everybody += [waiting.call.card.id for waiting in found.unfitted]
    assert sorted(everybody) == [one.card.id for one in calls]
    assert [(one.card.id, one.why) for one in found.held] == [
        (one.card.id, one.why) for one in held
    ]
    for row in found.rows:
        if row.call.card.moment is None:
            assert row.slot in row.call.opened.slots
        assert row.end - row.start <= timedelta(minutes=30)


@given(books(), st.randoms(use_true_random=False))
def test_the_plan_does_not_depend_on_the_order_of_the_files(book: list[Case], mix: object) -> None:
    shuffled = list(book)
    getattr(mix, "shuffle")(shuffled)  # noqa: B009 - the strategy's Random has no public type
    first = planned(*book, most=1)
    again = planned(*shuffled, most=1)
    assert [(r.call.card.id, r.slot, r.score) for r in first.rows] == [
        (r.call.card.id, r.slot, r.score) for r in again.rows
    ]
    assert (first.prices, first.primal) == (again.prices, again.primal)
    for one, other in zip(
        (*first.unfitted, *first.held), (*again.unfitted, *again.held), strict=True
    ):
        assert one == other


def test_the_list_is_the_same_to_the_byte_under_any_hash_seed() -> None:
    root = Path(__file__).parent.parent
    seen = set()
    for seed in ("0", "1", "4711"):
        done = subprocess.run(
            [sys.executable, "-m", "dunctl", "today", "--as-of", "2026-11-24", "--json"],
            cwd=root,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        )
        seen.add(done.stdout)
    assert len(seen) == 1


def test_the_factors_of_a_row_make_its_score() -> None:
    """Every number of the list can be worked out again from what is printed beside it."""
    root = Path(__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-m", "dunctl", "today", "--as-of", "2026-11-24", "--json"],
        cwd=root,
        capture_output=True,
        check=True,
    )
    shown = json.loads(done.stdout)
    assert shown["certificate"]["primal"] == shown["certificate"]["dual"]
    for row in shown["calls"]:
        factors = {one["name"]: one["value"] for one in row["factors"]}
        odds = 1.0
        for name in ANSWER:
            odds *= factors[name]
        assert odds / (1 + odds) == pytest.approx(row["chance"], abs=2e-5)
        worth = float(factors["balance"]) * factors["recovery"] * factors["propensity"]
        worth *= (1 - factors["self_cure"]) * factors["income"]
        assert worth * row["chance"] * 100_000 == pytest.approx(row["score"], rel=1e-4)


ANSWER = (
    *("base", "hour", "practice", "weekday", "book", "book_band", "book_weekday"),
    *("debtor", "debtor_band", "book_repeat", "retry"),
)


PACKS = shipped()
PLACES = (
    ("GB", None, "Europe/London"),
    ("CN", None, "Asia/Shanghai"),
    ("US", "US-MA", "America/New_York"),
    ("AU", "AU-NSW", "Australia/Sydney"),
    ("DE", "DE-BY", "Europe/Berlin"),
    ("IN", None, "Asia/Kolkata"),
)
KINDS = st.sampled_from(["company", "sole_trader", "consumer", "public"])
ROLES = st.sampled_from(["own_debt", "third_party", "regulated_lender"])
MORNINGS = st.sampled_from(
    [
        "2026-02-14T09:00",  # a Saturday, worked in China
        "2026-03-31T09:00",  # the clocks of Europe have just changed
        "2026-10-02T09:00",  # Golden Week
        "2026-11-24T11:20",
        "2026-12-25T09:00",
        "2027-01-26T09:00",  # Australia Day
    ]
)


@given(st.data(), MORNINGS, ROLES)
def test_nothing_that_is_planned_goes_against_the_gate(
    data: st.DataObject, now: str, role: str
) -> None:
    """Calling.md section 3: the gate stands before any score, for the whole half-hour."""
    standings = []
    rules = {}
    for n in range(data.draw(st.integers(1, 5))):
        country, part, zone = data.draw(st.sampled_from(PLACES))
        kind = data.draw(KINDS)
        facts = f'kind = "{kind}"\ncountry = "{country}"\n'
        facts += f'subdivision = "{part}"\n' if part else ""
        days = data.draw(st.lists(st.integers(1, 30), max_size=6))
        entries = [
            called((clock(now) - timedelta(days=back)).isoformat(), data.draw(OUTCOMES))
            for back in days
        ]
        debt = invoice("1", "2026-01-02", "100.00", issued="2025-12-01")
        known = case(debt, *entries, case_id=f"c{n}", zone=zone, debtor=facts)
        calendar = Calendar(country, part, partial(_year, country, part))
        here = standing(known, POLICY, clock(now), calendar, calendar._replace(subdivision=None))
        standings.append(here)
        rules[known.id] = tuple(applying(PACKS, role, kind, country, part))
    spans = desk_spans("mon-sun 06:00-22:00", clock(now))
    found = plan_of(standings, spans, clock(now), packs_of=lambda here: rules[here.case.id])
    assert found.primal == found.dual
    by_id = {here.case.id: here for here in standings}
    for row in found.rows:
        length = int((row.end - row.start).total_seconds()) // 60
        here = by_id[row.call.card.id]
        asked = Asked(callee(here.case, row.call.card.who).person, minutes=length)
        answer = verdict(here, rules[row.call.card.id], asked, row.start)
        assert answer.verdict != "block", (row.start, answer.findings)
    listed = [row.call.card.id for row in found.rows]
    listed += [one.call.card.id for one in found.unfitted]
    listed += [one.card.id for one in found.held]
    assert sorted(listed) == sorted(here.case.id for here in standings)
    assert all(one.why for one in found.held)


@lru_cache
def _year(country: str, part: str | None, year: int) -> Year | None:
    return load(country, part, year)


def shown(*words: str) -> str:
    root = Path(__file__).parent.parent
    done = CliRunner().invoke(
        main, ["--store", str(root), "today", "--as-of", "2026-11-24", *words]
    )
    assert done.exit_code == 0, done.output
    return done.output


def test_the_rounds_of_a_day_are_parts_of_one_plan() -> None:
    """Practice A18-A20: the second round is at 14:30, the third at 16:00."""
    whole = json.loads(shown("--json"))
    rounds = [json.loads(shown("--json", "--round", nth)) for nth in "123"]
    assert [row for one in rounds for row in one["calls"]] == whole["calls"]
    starts = [[row["window"]["from"][11:16] for row in one["calls"]] for one in rounds]
    assert all(start < "14:30" for start in starts[0])
    assert all("14:30" <= start < "16:00" for start in starts[1])
    assert all(start >= "16:00" for start in starts[2])
    for one in rounds:
        assert {**one, "calls": whole["calls"]} == whole


def test_a_round_is_printed_without_those_who_are_held() -> None:
    page = shown("--round", "2").splitlines()
    assert page[0] == "Tue 24 Nov 09:00, Europe/London: round 2, 1 of 7 to call"
    assert page[3].startswith("15:00-15:30  wexcombe")
    assert not any("Held back" in line for line in page)
    assert shown("--round", "3").splitlines() == [
        "Tue 24 Nov 09:00, Europe/London: round 3, 0 of 7 to call"
    ]


def test_programs_see_what_is_blocked_what_did_not_fit_and_the_proof() -> None:
    found = json.loads(shown("--json", "--minutes", "30"))
    assert [set(one) >= {"from", "to", "capacity", "price"} for one in found["slots"]] == [True]
    assert found["certificate"]["primal"] == found["certificate"]["dual"]
    assert isinstance(found["unfitted"], list)
    held = [one["case"] for one in found["held"]]
    assert all(one["rule"] and one["case"] in held for one in found["blocked"])


def test_only_what_is_looked_at_is_told() -> None:
    looked: list[int] = []
    found: list[str] = []

    def every() -> list[int]:
        looked.append(1)
        return [1, 2, 3, 4]

    def tell(key: int) -> str:
        found.append(str(key))
        return str(key)

    told = Told(4, [1, 2], every, tell)
    assert (len(told), told[:2], looked, found) == (4, ["1", "2"], [], ["1", "2"])
    assert (told[-1], list(told), looked) == ("4", ["1", "2", "3", "4"], [1])
    with pytest.raises(IndexError):
        told[4]
