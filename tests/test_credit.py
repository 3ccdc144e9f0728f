"""May we still deliver? The light by its reasons (practice L), and the command for scripts."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from dunctl.cli import main
from dunctl.errors import Refused
from dunctl.steps.credit import LIGHTS, Answer, supply
from dunctl.steps.policy import Policy
from tests.casefile import (
    POLICY,
    at,
    case,
    disputed,
    entry,
    invoice,
    journals,
    paid,
    policy,
    promise,
    step,
    text,
)

NOON = "2026-11-24T12:00:00"
NEW = invoice("N", "2026-12-20", "400.00", issued="2026-11-20")
LATE = invoice("L", "2026-11-20", "600.00", issued="2026-10-21")
OLD = invoice("O", "2026-10-30", "1000.00", issued="2026-09-30")
MADE = "2026-11-16T09:00:00+00:00"


def facts(**keys: str) -> str:
    quoted = ("grade", "method")
    lines = [f'{k} = "{v}"' if k in quoted else f"{k} = {v}" for k, v in keys.items()]
    return "\n".join(["[supply]", *lines]) + "\n"


def ask(
    *entries: str,
    ship: str | None = None,
    rules: Policy = POLICY,
    head: str = "",
    now: str = NOON,
) -> Answer:
    known = case(*entries, head=head)
    return supply(at(known, now, rules=rules), Decimal(ship) if ship else None)


def told(answer: Answer) -> tuple[str, list[str]]:
    return answer.light, [f"{reason.light} {reason.row}" for reason in answer.reasons]


REASONS = [
    ("nothing is known", [], None, "green", []),
    ("not due, no limit", [NEW], "900", "green", []),
    ("within the limit", [facts(limit="1000"), NEW], "600", "green", []),
    ("a penny over it", [facts(limit="1000"), NEW], "600.01", "red", ["red L07"]),
    ("the limit is reached", [facts(limit="400"), NEW], None, "red", ["red L07"]),
    ("one penny is free", [facts(limit="400.01"), NEW], None, "green", []),
    ("credit counts against it", [facts(limit="500"), NEW, paid("2026-11-21", "700")], "800",
     "green", []),
    ("cash, nothing open", [facts(method="cash")], "900", "green", []),
    ("cash, not one day", [facts(method="cash"), NEW], "1", "red", ["red L03"]),
    ("the lot before is open", [facts(method="deliver_two_settle_one"), NEW], "9", "red",
     ["red L04"]),
    ("one may be open", [facts(method="deliver_two_settle_one", open_lots="1"), NEW], "9",
     "green", []),
    ("two are open", [facts(method="deliver_two_settle_one", open_lots="1"), NEW,
                      invoice("M", "2026-12-21", "1")], "9", "red", ["red L04"]),
    ("an advance is no lot", [facts(method="deliver_two_settle_one"),
                              invoice("V", "2026-12-20", "400", kind="advance")], "9", "green", []),
    ("a one-off that is paid", [facts(method="one_off"), NEW, paid("2026-11-21", "400")], "9",
     "amber", ["amber L02"]),
    ("a one-off that is open", [facts(method="one_off"), NEW], "9", "red", ["red L02"]),
    ("stopped", [facts(stopped="2026-11-01"), NEW], None, "red", ["red L09"]),
    ("stopped from tomorrow", [facts(stopped="2026-11-25"), NEW], None, "green", []),
    ("stopped, and all paid", [facts(stopped="2026-11-01")], None, "amber", ["amber L09"]),
    ("four days late", [LATE], None, "amber", ["amber L11"]),
    ("late, and credit covers it", [LATE, NEW, paid("2026-11-21", "1000", invoice="N")], None,
     "green", []),
    ("at a stage that nobody took", [OLD], None, "red", ["red N01"]),
    ("at stage firm by decision", [LATE, step("2026-11-23T09:00:00+00:00", "firm")], None, "red",
     ["red N01"]),
    ("stage firm, and it was paid",
     [LATE, step("2026-11-21T09:00:00+00:00", "firm"), paid("2026-11-23", "600"), NEW], None,
     "green", []),
    ("promise still to come", [LATE, promise(MADE, "600", "2026-11-27")], None, "amber",
     ["amber L11"]),
    ("promise due this morning", [NEW, promise(MADE, "400", "2026-11-24T10:00:00+00:00")], None,
     "amber", ["amber F27"]),
    ("broken promise", [NEW, promise(MADE, "400", "2026-11-19")], None, "red", ["red F27"]),
    ("kept promise", [NEW, LATE, promise(MADE, "600", "2026-11-23"), paid("2026-11-23", "600")],
     None, "green", []),
    ("broken, then paid", [NEW, LATE, promise(MADE, "600", "2026-11-18"),
                           paid("2026-11-23", "600")], None, "green", []),
    ("broken, then nothing is owed", [promise(MADE, "600", "2026-11-18")], None, "green", []),
    ("a plan that is kept", [OLD, promise(MADE, "500", "2026-11-18"),
     entry("plan", at="2026-11-20T09:00:00+00:00",
           instalments="[{due = 2026-12-01, amount = 1000.00}]")], None, "amber", ["amber F24"]),
    ("a part is disputed", [NEW, disputed(MADE, "100.00")], None, "amber", ["amber E05"]),
    ("insolvent", [entry("hold", at=MADE, kind="insolvent")], None, "red", ["red E38"]),
    ("with an agency", [NEW, entry("hold", at=MADE, kind="agency")], None, "red", ["red N04"]),
    ("represented", [NEW, entry("hold", at=MADE, kind="represented")], None, "amber",
     ["amber R2"]),
    ("insolvent and released", [NEW, entry("hold", at=MADE, kind="insolvent"),
                                entry("release", at=NOON + "+00:00", what="insolvent")], None,
     "green", []),
    ("closed as lost", [OLD, step(MADE, "closed")], None, "red", ["red N01", "red N25"]),
    ("dollars beside the limit", [facts(limit="1000"),
                                  invoice("D", "2026-12-20", "90", currency="USD")], "900",
     "amber", ["amber L07"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("entries", "ship", "light", "reasons"),
    [row[1:] for row in REASONS],
    ids=[row[0] for row in REASONS],
)
def test_the_light_and_its_reasons(
    entries: list[str], ship: str | None, light: str, reasons: list[str]
) -> None:
    assert told(ask(*entries, ship=ship)) == (light, reasons)


@pytest.mark.parametrize(
    ("reason", "entries", "wanted"),
    [
        ("insolvent.closure", [], ["red E38"]),
        ("fraud", [NEW], ["red E46"]),
        ("unwilling.able_refuses", [NEW], ["red R1"]),
        ("unwilling.able_refuses", [], []),
        ("oversight.forgot", [NEW], []),
    ],
)
def test_who_cannot_or_will_not_pay_gets_nothing_on_credit(
    reason: str, entries: list[str], wanted: list[str]
) -> None:
    assert told(ask(*entries, head=f'reason = "{reason}"'))[1] == wanted


def test_without_a_limit_of_its_own_a_case_has_that_of_its_grade() -> None:
    """Practice L05, L07: the policy's limits are the user's own, and none is shipped."""
    rules = policy("[credit]\nlimits.GBP = { B = 500, D = 0, new = 100 }")
    assert ask(NEW).line.limit is None
    assert told(ask(NEW, ship="100", rules=rules)) == ("red", ["red L07"])
    assert told(ask(facts(grade="B"), NEW, ship="100", rules=rules)) == ("green", [])
    assert told(ask(facts(grade="D"), rules=rules)) == ("red", ["red L07"])
    assert ask(facts(grade="B"), rules=rules).line.by_grade
    assert ask(facts(grade="C"), NEW, rules=rules).line.limit is None
    assert ask(facts(grade="B", limit="50"), NEW, rules=rules).line.limit == 50


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("[credit]\nlimit = 5", "[credit] must be a table (limits)"),
        ("[credit]\nlimits.GBP = 5", "credit.limits must be such as"),
        ("[credit]\nlimits.POUND = { A = 5 }", "credit.limits must be such as"),
        ("[credit]\nlimits.GBP = { E = 5 }", "credit.limits.GBP must be such as"),
        ("[credit]\nlimits.GBP = { A = -5 }", "credit.limits.GBP must be such as"),
        ("[costs]\nagency_percentage = 5", "(did you mean agency_percent?)"),
        ("[costs]\nagency_percent = 101", "costs.agency_percent must be per cent"),
        ("[costs]\ncall = 4", "costs.call must be such as { GBP = 4.00 }"),
        ("[costs]\ncall = { GBP = true }", "costs.call must be such as { GBP = 4.00 }"),
    ],
)
def test_limits_and_costs_that_cannot_be_are_named(source: str, words: str) -> None:
    with pytest.raises(Refused, match="policy test: ") as refused:
        policy(source)
    assert words in str(refused.value)


def test_it_says_what_would_turn_the_light_and_that_does_turn_it() -> None:
    answer = ask(facts(limit="1000"), NEW, ship="800")
    assert [r.remedy for r in answer.reasons] == [
        "£200.00 is paid; or at most £600.00 is delivered; "
        "or the limit is raised: dunctl set acme supply.limit AMOUNT"
    ]
    line = facts(limit="1000"), NEW
    assert ask(*line, paid("2026-11-24", "199.99"), ship="800").light == "red"
    assert ask(*line, paid("2026-11-24", "200.00"), ship="800").light == "green"
    assert ask(*line, ship="600").light == "green"


SPRING = "2026-04-15T12:00:00"
"""A day on which some of the drawn invoices are due and others not."""

AGREED = (
    promise("2026-04-01T09:00:00+01:00", "40.00", "2026-04-10"),
    promise("2026-04-02T09:00:00+01:00", "9000.00", "2026-04-15"),
    entry(
        "plan",
        at="2026-04-03T09:00:00+01:00",
        instalments="[{due = 2026-04-13, amount = 30.00}, {due = 2026-05-13, amount = 30.00}]",
    ),
    entry("hold", at="2026-04-01T09:00:00+01:00", kind="represented"),
    step("2026-04-01T09:00:00+01:00", "firm"),
)
LINES = st.fixed_dictionaries(
    {"limit": st.sampled_from(("10.00", "5000.00", "900000.00"))},
    optional={"method": st.sampled_from(("cash", "one_off", "deliver_two_settle_one"))},
).map(lambda keys: facts(**keys))


@given(LINES, journals(), st.sets(st.sampled_from(AGREED)), st.integers(1, 10**6))
def test_another_overdue_invoice_never_makes_the_light_greener(
    line: str, entries: list[str], agreed: set[str], pence: int
) -> None:
    known = [line, *entries, *sorted(agreed)]
    more = invoice("MORE", "2026-03-01", f"{Decimal(pence).scaleb(-2):f}", issued="2026-02-01")
    before, after = ask(*known, now=SPRING), ask(*known, more, now=SPRING)
    assert LIGHTS.index(after.light) >= LIGHTS.index(before.light), (
        f"{told(before)} became {told(after)}"
    )


@given(LINES, journals(), st.integers(1, 10**7))
def test_a_larger_delivery_never_has_a_greener_light(
    line: str, entries: list[str], pence: int
) -> None:
    ship = Decimal(pence).scaleb(-2)
    known = at(case(line, *entries), SPRING)
    lights = [LIGHTS.index(supply(known, amount).light) for amount in (None, ship, 2 * ship)]
    assert lights == sorted(lights)


@given(LINES, journals(), st.sets(st.sampled_from(AGREED[:3])))
def test_who_has_paid_everything_is_stopped_by_no_debt(
    line: str, entries: list[str], agreed: set[str]
) -> None:
    known = [line, *entries, *sorted(agreed)]
    owed = [
        paid("2026-04-15", f"{amount:f}", currency=currency)
        for currency, amount in at(case(*known), SPRING).ledger.balance().items()
        if amount > 0
    ]
    assert ask(*known, *owed, now=SPRING).light != "red"


def a_store(root: Path, *entries: str, debtor: str = "", head: str = "") -> Path:
    (root / "dunctl.toml").write_text(
        'format = 1\n[creditor]\nname = "We"\n[desk]\ntimezone = "Europe/London"\n',
        encoding="utf-8",
    )
    (root / "cases").mkdir()
    source = text(*entries, debtor=debtor, head=head)
    (root / "cases/acme.toml").write_text(source, encoding="utf-8")
    return root


def run(root: Path, *words: str) -> Result:
    clock = {"DUNCTL_NOW": f"{NOON}+00:00"}
    return CliRunner().invoke(main, ["--store", str(root), *words], env=clock)


def test_a_script_can_ask_before_it_packs(tmp_path: Path) -> None:
    root = a_store(tmp_path, facts(limit="1000"), NEW)
    assert run(root, "supply", "acme", "--ship", "600").exit_code == 0
    assert run(root, "supply", "acme", "--ship", "601").exit_code == 1
    assert run(root, "supply", "acme", "--ship", "six").exit_code == 2
    assert run(root, "supply", "nobody").exit_code == 1


def test_a_file_with_an_error_is_never_a_yes(tmp_path: Path) -> None:
    root = a_store(tmp_path, facts(limit="1000"), entry("payment", on="2026-11-20", amount="x"))
    assert run(root, "supply", "acme").exit_code == 1


def test_paid_in_advance_always_may_go_and_what_went_may_be_invoiced(tmp_path: Path) -> None:
    """A credit stop that also stops prepaid orders and invoices: frappe/erpnext#37888."""
    root = a_store(tmp_path, OLD)
    refused = run(root, "supply", "acme", "--ship", "50")
    assert refused.exit_code == 1
    assert "dunctl supply acme --prepaid" in refused.output
    assert run(root, "supply", "acme", "--ship", "50", "--prepaid").exit_code == 0
    shown = json.loads(run(root, "supply", "acme", "--prepaid", "--json").output)
    assert (shown["light"], shown["on_credit"]) == ("green", "red")
    delivered = run(root, "invoice", "acme", "7", "50", "--due", "2026-12-24")
    assert delivered.exit_code == 0, delivered.output


def test_a_stop_of_what_a_contract_promises_needs_its_clause(tmp_path: Path) -> None:
    """Practice L08; a key account is not refused without asking (E39, CF23)."""
    root = a_store(tmp_path, OLD, debtor="key_account = true", head='owner = "li.na"')
    shown = run(root, "supply", "acme").output
    assert "terms.suspend_clause" in shown
    assert "A key account: ask li.na before refusing (practice E39)" in shown
    assert "No talk of new orders before £1,000.00 is paid (practice L13)" in shown
    run(root, "set", "acme", "terms.suspend_clause", "6.3")
    assert "by its clause 6.3, said in writing" in " ".join(
        run(root, "supply", "acme").output.split()
    )


def test_the_json_has_the_line_and_every_reason(tmp_path: Path) -> None:
    root = a_store(tmp_path, facts(grade="B", limit="1000"), OLD)
    shown = json.loads(run(root, "supply", "acme", "--ship", "9.5", "--json").output)
    assert {k: shown[k] for k in ("light", "grade", "limit", "used", "free", "ship", "lots")} == {
        "light": "red",
        "grade": "B",
        "limit": "1000.00",
        "used": "1000.00",
        "free": "0.00",
        "ship": "9.50",
        "lots": 1,
    }
    assert [(r["light"], r["row"]) for r in shown["reasons"]] == [("red", "L07"), ("red", "N01")]
    assert all(r["why"] and r["remedy"] for r in shown["reasons"])


@pytest.mark.parametrize("verb", ["show", "brief"])
def test_the_pages_of_a_case_carry_one_line(tmp_path: Path, verb: str) -> None:
    root = a_store(tmp_path, facts(limit="1000"), NEW)
    assert "Supply on credit: green, £400.00 of £1,000.00 used" in run(root, verb, "acme").output
    run(root, "set", "acme", "supply.stopped", "2026-11-01")
    shown = run(root, verb, "acme").output
    assert "Supply on credit: red, £400.00 of £1,000.00 used; against cash only since" in shown
    shown = json.loads(run(root, verb, "acme", "--json").output)
    assert shown["supply"]["light"] == "red"


def test_a_case_nobody_asked_credit_for_has_no_line_unless_it_is_red(tmp_path: Path) -> None:
    root = a_store(tmp_path, LATE)
    assert "Supply" not in run(root, "show", "acme").output
    assert "Supply on credit: red" in run(root, "show", "acme", "--as-of", "2026-12-10").output
    brief = run(root, "brief", "acme", "--as-of", "2026-12-10").output
    assert "no talk of new orders before this is paid" in brief


def test_the_answer_is_that_of_the_day_asked_about(tmp_path: Path) -> None:
    root = a_store(tmp_path, OLD, paid("2026-11-20", "1000"))
    assert run(root, "supply", "acme").exit_code == 0
    assert run(root, "supply", "acme", "--as-of", "2026-11-19").exit_code == 1
