"""Who may grant what alone (practice F16, F20-F23, N26, CF11, CF12), and what waits for a yes.

The store names jo.marsh, with some limits, and ann.lee, with none; kim is not named.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from dunctl.case.handles import handles
from dunctl.case.records import Case, Plan, Waiver
from dunctl.cli import main
from dunctl.errors import Refused
from dunctl.owed.approvals import counting
from dunctl.owed.ledger import ledger
from dunctl.steps.authority import (
    Powers,
    able,
    exceeded,
    plan_beyond,
    settlement_beyond,
    waiver_beyond,
)
from dunctl.steps.ladder import freeze
from tests.casefile import POLICY, amounts, at, case, entry, invoice, paid, policy, read, text

NAMED = """[authority]
users."jo.marsh" = { instalments = 4, discount_percent = 10 }
users."ann.lee" = "unlimited"
"""
LIMITS = policy(NAMED).authority
MONDAY = date(2026, 11, 2)


def agreed(*days_and_pounds: tuple[int, int]) -> Plan:
    parts = tuple((MONDAY + timedelta(days=n), Decimal(sum_of)) for n, sum_of in days_and_pounds)
    return Plan(datetime.fromisoformat(f"{MONDAY}T10:00:00+00:00"), parts)


# What is beyond whom


def test_the_house_limits_are_those_of_the_field() -> None:
    """Practice F16: one now and two more; F20: half at once; F21: nothing is let go lightly."""
    own = POLICY.authority.anybody
    assert (own.instalments, own.min_down_percent, own.discount_percent) == (3, 50, 0)
    assert (own.waive_percent, own.stop_supply) == (0, False)
    assert POLICY.authority.users == {}


@pytest.mark.parametrize(
    ("plan", "beyond"),
    [
        (agreed((0, 100), (30, 100), (61, 100)), None),
        (agreed((0, 100), (20, 100), (40, 100), (60, 100)), "4 instalments, 3 at most"),
        (agreed((0, 150), (30, 150)), None),
        (agreed((1, 150), (30, 150)), None),
        (agreed((2, 150), (30, 150)), "£0.00 of £300.00 at once, 50% at least"),
        (agreed((0, 149), (30, 151)), "£149.00 of £300.00 at once, 50% at least"),
        (agreed((30, 300)), "£0.00 of £300.00 at once, 50% at least"),
        (agreed((0, 300)), None),
        (
            agreed((0, 100), (30, 100), (63, 100)),
            "the last instalment is 63 days off, 62 at most",
        ),
        (
            agreed((7, 1), (30, 1), (60, 1), (90, 1)),
            "4 instalments, 3 at most; the last instalment is 90 days off, 62 at most",
        ),
    ],
    ids=[
        *("three in two months", "four", "half today", "half by the next working day"),
        *("half, but later", "a pound less than half", "everything later", "everything now"),
        *("over two months", "both"),
    ],
)
def test_what_of_a_plan_is_beyond_who_has_the_house_limits(plan: Plan, beyond: str | None) -> None:
    """Practice F16, F20; CF10: half and an extension, or else a plan."""
    assert exceeded(LIMITS, "kim", plan_beyond(plan, "GBP", date(2026, 11, 3))) == beyond


def test_each_has_their_own_limits_and_the_rest_of_the_house() -> None:
    four = plan_beyond(agreed((0, 1), (20, 1), (40, 1), (60, 1)), "GBP", MONDAY)
    five = plan_beyond(agreed((0, 1), (10, 1), (20, 1), (40, 1), (60, 1)), "GBP", MONDAY)
    assert [exceeded(LIMITS, who, four) for who in ("jo.marsh", "ann.lee")] == [None, None]
    assert exceeded(LIMITS, "jo.marsh", five) == "5 instalments, 4 at most"
    assert (able(LIMITS, four), able(LIMITS, five)) == (["jo.marsh", "ann.lee"], ["ann.lee"])


def test_without_names_nobody_is_limited() -> None:
    """A firm of one: no friction."""
    many = plan_beyond(agreed(*((30 * n, 1) for n in range(40))), "GBP", MONDAY)
    assert exceeded(POLICY.authority, "kim", many) is None
    assert (
        exceeded(POLICY.authority, "kim", settlement_beyond(Decimal(1), Decimal(9), "GBP")) is None
    )


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.integers(0, 100))
def test_a_share_is_compared_exactly(part: int, whole: int, percent: int) -> None:
    part, whole = sorted((part, whole))
    own = Powers(percent, 3, 50, 62, percent, False)
    over = Decimal(part) / Decimal(whole) * 100 > percent
    let_go, of = Decimal(part) / 100, Decimal(whole) / 100
    assert bool(settlement_beyond(of - let_go, of, "GBP")(own)) is over
    assert bool(waiver_beyond(let_go, of, "GBP")(own)) is over


@pytest.mark.parametrize(
    ("own", "words"),
    [
        ("instalment = 3", "[authority] lacks or does not know instalment"),
        ("instalments = -1", "authority.instalments must be a whole number"),
        ("instalments = true", "authority.instalments must be a whole number"),
        ("discount_percent = 101", "authority.discount_percent must be at most 100"),
        ('stop_supply = "yes"', "authority.stop_supply must be true or false"),
        ("users = 3", "[authority.users] must be a table"),
        ('users."jo" = 3', "authority.users.jo must be a table such as"),
        ('users."jo" = "everything"', 'or "unlimited"'),
        ('users."jo" = { instalmets = 3 }', "(did you mean instalments?)"),
        ('users."jo" = { discount_percent = 5.5 }', "must be a whole number"),
    ],
)
def test_a_bad_limit_is_refused_by_its_name(own: str, words: str) -> None:
    with pytest.raises(Refused) as refused:
        policy(f"[authority]\n{own}\n")
    assert str(refused.value).startswith("policy test: ")
    assert words in str(refused.value)


# What waits counts for nothing

DEBT = invoice("A", due="2026-10-01", amount="1000.00", issued="2026-09-01")
MADE = "2026-11-02T10:00:00Z"
WAITS = "4 instalments, 3 at most"


def with_approval(what: str, when: str = "2026-11-04T09:00:00Z") -> Case:
    """Return a case in which the entry ``what`` was approved."""
    source = text(DEBT, what)
    kind = next(kind for kind in ("plan", "settlement", "waiver") if f"[[{kind}]]" in what)
    handle = handles(read(source).data)[kind, 0]
    return read(source + f'[[approval]]\nat = {when}\nentry = "{handle}"\nby = "ann.lee"\n')


def test_a_pending_plan_does_not_hold_the_ladder_before_it_is_approved() -> None:
    """Practice F22, CF12."""
    parts = "[{ due = 2026-11-20, amount = 500.00 }, { due = 2026-12-18, amount = 500.00 }]"
    plan = entry("plan", at=MADE, instalments=parts, pending=WAITS)
    here = at(case(DEBT, plan), "2026-11-10T09:00")
    assert (here.plan, here.schedule, freeze(here)) == (None, None, None)
    assert amounts(here.ledger.chasable()) == {"GBP": "1000.00"}
    assert [e.record.pending for e in here.pending if isinstance(e.record, Plan)] == [WAITS]
    known = with_approval(plan)
    assert at(known, "2026-11-04T08:59").plan is None
    after = at(known, "2026-11-04T09:00")
    assert (after.plan is not None, after.pending) == (True, ())


def test_a_pending_plan_does_not_replace_the_one_before() -> None:
    parts = "[{ due = 2026-11-20, amount = 1000.00 }]"
    first = entry("plan", at=MADE, instalments=parts)
    second = entry("plan", at="2026-11-03T10:00:00Z", instalments=parts, pending=WAITS)
    here = at(case(DEBT, first, second), "2026-11-10T09:00")
    assert here.plan is not None
    assert here.plan.pending is None


def test_a_pending_settlement_lets_nothing_go_before_it_is_approved() -> None:
    offer = entry("settlement", at=MADE, amount="800.00", until="2026-11-13", pending="20%")
    money = paid("2026-11-03", "800.00")
    waiting, known = (
        case(DEBT, offer, money),
        read(
            text(DEBT, offer, money) + f'[[approval]]\nat = 2026-11-05T09:00:00Z\nby = "ann.lee"\n'
            f'entry = "{handles(case(DEBT, offer).data)["settlement", 0]}"\n'
        ),
    )
    owed = [
        [str(ledger(one, date(2026, 11, day)).balance()["GBP"]) for day in (4, 5, 20)]
        for one in (waiting, known)
    ]
    assert owed == [["200.00", "200.00", "200.00"], ["200.00", "0.00", "0.00"]]
    assert at(waiting, "2026-11-02T12:00").offers == ()
    assert at(waiting, "2026-11-02T12:00").awaited == ()


def test_a_pending_waiver_counts_from_its_approval_on() -> None:
    waiver = entry("waiver", on="2026-11-02", what="interest", why="hardship", pending="all of it")
    known = with_approval(waiver)
    assert counting(known, Waiver, date(2026, 11, 3)) == []
    assert len(counting(known, Waiver, date(2026, 11, 4))) == 1


# The commands


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """Return a store that names jo.marsh and ann.lee, with a case that owes 4,000 (K12)."""
    (tmp_path / "dunctl.toml").write_text(
        '[creditor]\nname = "We"\n[desk]\ntimezone = "Europe/London"\n'
        '[defaults]\ncurrency = "GBP"\ncountry = "GB"\n',
        encoding="utf-8",
    )
    (tmp_path / ".dunctl").mkdir()
    (tmp_path / ".dunctl/no-git-told").touch()
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies/default.toml").write_text(NAMED, encoding="utf-8")
    (tmp_path / "cases").mkdir()
    source = text(
        invoice("A", "2026-11-05", "4000.00", issued="2026-10-05"),
        entry("person", name="Jane Roe", role="owner", phone="020 7946 0001"),
        debtor='country = "GB"',
    )
    (tmp_path / "cases/acme.toml").write_text(source, encoding="utf-8")
    return tmp_path


def run(desk: Path, user: str, *words: str, now: str = "2026-11-24T09:00:00+00:00") -> Result:
    environment = {"DUNCTL_NOW": now, "DUNCTL_USER": user}
    return CliRunner().invoke(main, ["--store", str(desk), *words], env=environment)


def data(desk: Path) -> dict[str, Any]:
    return dict(read((desk / "cases/acme.toml").read_text(encoding="utf-8")).data)


LATER = ("--on", "today", "1000", "--on", "24 dec", "3000")


def test_half_today_counts_at_once_and_less_waits(desk: Path) -> None:
    """Practice F20, K12: 4,000 owed, 2,000 today, then the rest is asked to wait."""
    half = run(desk, "kim", "plan", "acme", "--on", "today", "2000", "--on", "24 dec", "2000")
    assert half.stderr == ""
    assert "pending" not in data(desk)["plan"][0]
    less = run(desk, "kim", "plan", "acme", *LATER)
    handle = handles(data(desk))["plan", 1]
    assert less.exit_code == 0
    assert (
        "waits for the approval of ann.lee, and counts for nothing before: "
        f"£1,000.00 of £4,000.00 at once, 50% at least; dunctl approve acme {handle}"
    ) in less.stderr
    assert data(desk)["plan"][1]["pending"] == "£1,000.00 of £4,000.00 at once, 50% at least"


def test_what_waits_is_said_wherever_the_case_is_looked_at(desk: Path) -> None:
    run(desk, "kim", "plan", "acme", *LATER)
    later = "2026-12-02T10:00:00+00:00"
    words = "plan of 2 instalments, £4,000.00 waits for approval (£1,000.00 of"
    for command in (("today",), ("brief", "acme"), ("show", "acme")):
        shown = " ".join(run(desk, "kim", *command, now=later).stdout.split())
        assert words in shown.lower(), (command, shown)
    assert '"pending": [' in run(desk, "kim", "show", "acme", "--json", now=later).stdout


def test_it_counts_when_somebody_with_the_authority_approves_it(desk: Path) -> None:
    run(desk, "kim", "plan", "acme", *LATER)
    before = (desk / "cases/acme.toml").read_bytes()
    for user in ("kim", "jo.marsh"):
        refused = run(desk, user, "approve", "acme")
        assert (refused.exit_code, refused.stderr) == (
            1,
            f"dunctl: this is beyond {user}, too: £1,000.00 of £4,000.00 at once, 50% at least; "
            "ann.lee can approve it\n",
        )
    assert (desk / "cases/acme.toml").read_bytes() == before
    assert run(desk, "ann.lee", "approve", "acme").exit_code == 0
    assert [row["by"] for row in data(desk)["approval"]] == ["ann.lee"]
    assert '"status": "up_to_date"' in run(desk, "kim", "show", "acme", "--json").stdout
    again = run(desk, "ann.lee", "approve", "acme")
    assert (again.exit_code, again.stderr) == (
        1,
        "dunctl: acme has nothing that waits for an approval\n",
    )


def test_a_discount_within_ones_limit_counts_and_one_beyond_waits(desk: Path) -> None:
    """Practice Q21, I29, CF11."""
    good = run(desk, "jo.marsh", "settle", "acme", "3600", "--until", "fri", "--why", "closing")
    assert good.stderr == ""
    less = run(desk, "jo.marsh", "settle", "acme", "3599", "--until", "fri", "--why", "closing")
    assert "£401.00 of £4,000.00 let go, 10% at most" in less.stderr
    handle = handles(data(desk))["settlement", 1]
    run(desk, "kim", "pay", "acme", "3599", now="2026-11-25T09:00:00+00:00")
    shown = run(desk, "kim", "show", "acme", "--json", now="2026-11-25T10:00:00+00:00").stdout
    assert '"balance": {\n    "GBP": "401.00"' in shown
    approved = run(desk, "ann.lee", "approve", "acme", handle, now="2026-11-26T09:00:00+00:00")
    assert approved.exit_code == 0
    shown = run(desk, "kim", "show", "acme", "--json", now="2026-11-26T10:00:00+00:00").stdout
    assert '"balance": {\n    "GBP": "0.00"' in shown


def test_what_does_not_wait_is_not_approved(desk: Path) -> None:
    run(desk, "ann.lee", "plan", "acme", *LATER)
    handle = handles(data(desk))["plan", 0]
    assert "does not wait for an approval" in run(desk, "ann.lee", "approve", "acme", handle).stderr
    assert "has no entry" in run(desk, "ann.lee", "approve", "acme", "0000000").stderr
    run(desk, "kim", "plan", "acme", *LATER, now="2026-11-24T10:00:00+00:00")
    run(desk, "kim", "settle", "acme", "1", "--until", "fri", "--why", "x")
    several = run(desk, "ann.lee", "approve", "acme", now="2026-11-24T11:00:00+00:00")
    assert (several.exit_code, "several" in several.stderr) == (1, True)


def test_supply_is_stopped_by_who_may(desk: Path) -> None:
    """Practice N26, L08."""
    refused = run(desk, "kim", "set", "acme", "supply.stopped", "today")
    assert (refused.exit_code, refused.stderr) == (
        1,
        "dunctl: kim may not stop supply (authority.stop_supply): ask ann.lee\n",
    )
    assert run(desk, "ann.lee", "set", "acme", "supply.stopped", "today").exit_code == 0
    assert run(desk, "kim", "set", "acme", "supply.stopped", "").exit_code == 0


def test_a_case_with_a_policy_of_its_own_does_not_get_round_the_limits(desk: Path) -> None:
    run(desk, "kim", "set", "acme", "policy", "cn-trade")
    run(desk, "kim", "plan", "acme", *LATER)
    assert "pending" in data(desk)["plan"][0]


def test_in_a_firm_of_one_everything_counts_at_once(desk: Path) -> None:
    """No names, no waiting; what is more than usual is said, no more."""
    (desk / "policies/default.toml").unlink()
    many = run(desk, "kim", "plan", "acme", "--instalments", "12", "--from", "today")
    assert (many.exit_code, "pending" in data(desk)["plan"][0]) == (0, False)
    assert "more than is usual: 12 instalments, 3 at most" in many.stderr
    offer = run(desk, "kim", "settle", "acme", "2000", "--until", "fri", "--why", "closing")
    assert offer.stderr == ""
    assert run(desk, "kim", "set", "acme", "supply.stopped", "today").exit_code == 0


def test_a_waiver_beyond_ones_share_waits(desk: Path) -> None:
    """Practice I15, N02, CF11: interest and fees are not let go lightly."""
    (desk / "policies/default.toml").write_text(
        NAMED + 'users."kim" = { waive_percent = 20 }\n', encoding="utf-8"
    )
    terms = '[terms]\ninterest = { percent = 12, per = "year", clause = "9" }'
    source = text(
        invoice("A", "2026-11-05", "4000.00", issued="2026-10-05"),
        entry("fee", on="2026-11-10", amount="40.00", basis="clause 7"),
        entry("claim", on="2026-11-06"),
        debtor=f'country = "GB"\n{terms}',
    )
    (desk / "cases/acme.toml").write_text(source, encoding="utf-8")
    fee = handles(data(desk))["fee", 0]
    assert run(desk, "kim", "waive", "acme", fee, "8", "--why", "a mistake of ours").stderr == ""
    more = run(desk, "kim", "waive", "acme", fee, "8.01", "--why", "a mistake of ours")
    assert "£8.01 of £40.00 let go, 20% at most" in more.stderr
    interest = run(desk, "kim", "waive", "acme", "interest", "--why", "hardship")
    assert "let go, 20% at most" in interest.stderr
    a_little = run(desk, "kim", "waive", "acme", "interest", "2", "--why", "hardship")
    assert a_little.stderr == ""
    pending = ["pending" in row for row in data(desk)["waiver"]]
    assert pending == [False, True, True, False]
    handle = handles(data(desk))["waiver", 1]
    assert "beyond jo.marsh, too" in run(desk, "jo.marsh", "approve", "acme", handle).stderr
    assert run(desk, "ann.lee", "approve", "acme", handle).exit_code == 0
    owed = run(desk, "kim", "owed", "acme", "--json").stdout
    assert '"fees": "23.99"' in owed


def test_what_waits_is_said_of_a_case_that_is_held_back_too(desk: Path) -> None:
    """Whoever is to approve it sees it in the morning, also of those who are not called."""
    run(desk, "kim", "plan", "acme", *LATER)
    shown = " ".join(run(desk, "ann.lee", "today").stdout.split())
    assert "spoke on Tue 24 Nov; plan of 2 instalments, £4,000.00 waits for approval" in shown
