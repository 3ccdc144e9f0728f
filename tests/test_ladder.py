"""The ladder of stages (practice R2, D): what is suggested, what is in the way, what is refused.

November 2026: the 2nd is a Monday. Each case owes one invoice, due so that the days past due are
those that the test names.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunctl import dates
from dunctl.case.records import Case
from dunctl.case.vocabulary import STAGES
from dunctl.errors import Refused
from dunctl.steps.ladder import fitting_stage, freeze, step, suggest
from tests.casefile import (
    POLICY,
    at,
    called,
    case,
    clock,
    disputed,
    entry,
    invoice,
    paid,
    policy,
    promise,
)
from tests.casefile import step as stepped

NOW = "2026-11-24T09:00"
TODAY = date(2026, 11, 24)
REASON = 'reason = "unknown"'
LETTER = entry("letter", at="2026-10-01T09:00:00Z", template="final-demand")


def owing(days: int, *entries: str, head: str = REASON, debtor: str = "") -> Case:
    """Return a case whose only invoice is so many days past due on 24 November 2026."""
    due = TODAY - timedelta(days=days)
    issued = str(due - timedelta(days=30))
    return case(
        invoice("A", str(due), "1000.00", issued=issued), *entries, head=head, debtor=debtor
    )


def since(day: str, stage: str) -> str:
    return stepped(f"{day}T09:00:00Z", stage)


def hold(kind: str, **keys: str) -> str:
    return entry("hold", at="2026-11-20T09:00:00Z", kind=kind, **keys)


def refusal(known: Case, to: str | None = None, why: str | None = None, now: str = NOW) -> str:
    with pytest.raises(Refused) as refused:
        step(at(known, now), to, why)
    return str(refused.value)


@pytest.mark.parametrize(
    ("days", "stage"),
    [
        *((-30, "upcoming"), (0, "upcoming"), (1, "courtesy"), (5, "courtesy")),
        *((6, "remind"), (10, "remind"), (11, "firm"), (18, "firm"), (19, "final"), (30, "final")),
        *((31, "formal"), (60, "formal"), (61, "prelegal"), (180, "prelegal"), (181, "legal")),
        (2000, "legal"),
    ],
)
def test_the_bands_are_those_of_the_field(days: int, stage: str) -> None:
    """Practice D01, D03-D06, D27, D28 and CF17: 1-5, 6-10, 11-18, 19-30, 31-60, 61-180, 181+."""
    found, why = fitting_stage(at(owing(days), NOW))
    assert found == stage
    assert (why.startswith(f"{days} day")) is (days > 0)


def test_a_policy_may_wait_before_the_first_step() -> None:
    patient = policy(
        '[[stage]]\nname = "upcoming"\nto_day = 3\n[[stage]]\nname = "courtesy"\nfrom_day = 4'
    )
    stages = [suggest(at(owing(days), NOW, rules=patient)).to for days in (1, 3, 4)]
    assert stages == [None, None, "courtesy"]


def test_a_disputed_invoice_does_not_move_the_clock() -> None:
    """Practice R2: the oldest undisputed open invoice."""
    known = owing(
        90,
        disputed("2026-10-01T09:00:00Z", "1000.00", invoice="A"),
        invoice("B", "2026-11-16", "10.00"),
    )
    assert fitting_stage(at(known, NOW))[0] == "remind"


@pytest.mark.parametrize(
    ("days", "stage"), [(0, "upcoming"), (1, "remind"), (11, "final"), (181, "legal")]
)
def test_habitual_late_payers_are_one_stage_further(days: int, stage: str) -> None:
    """Practice D02: from day 1 on, and printed with the reason."""
    known = owing(days, head='reason = "habitual.pays_only_late"')
    found, why = fitting_stage(at(known, NOW))
    assert found == stage
    assert ("habitually late" in why) is (days > 0)


def test_three_broken_promises_are_one_stage_further() -> None:
    """Practice F26: the third counts; a part paid is not kept; an open one is not broken."""
    kept_not = [
        promise(f"2026-10-{day}T09:00:00Z", "100.00", f"2026-10-{day}")
        for day in ("05", "12", "19")
    ]
    some = paid("2026-10-20", "40.00")
    running = promise("2026-11-23T09:00:00Z", "100.00", "2026-11-27")
    assert fitting_stage(at(owing(50, *kept_not[:2], running), NOW))[0] == "formal"
    found, why = fitting_stage(at(owing(50, *kept_not, some), NOW))
    assert (found, "3 promises broken" in why) == ("prelegal", True)


def test_the_first_step_may_go_up_to_remind_however_old_the_debt() -> None:
    """Practice D10: courtesy before force."""
    assert suggest(at(owing(3), NOW)).to == "courtesy"
    assert suggest(at(owing(8), NOW)).to == "remind"
    assert suggest(at(owing(200), NOW)).to == "remind"
    assert step(at(owing(200), NOW), None, None) == ("remind", "200 days past due")


def test_afterwards_it_is_one_stage_at_a_time() -> None:
    """Practice D11: step by step, each logged."""
    known = owing(200, since("2026-11-02", "remind"))
    assert step(at(known, NOW), None, None) == ("firm", "200 days past due")
    assert "skips a stage" in refusal(known, "final")
    assert "skips a stage" in refusal(owing(200), "firm")


def test_nothing_is_skipped_without_a_reason_and_anything_but_a_hold_with_one() -> None:
    """Practice D08, CF22: if it is urgent, straight to court."""
    known = owing(20, since("2026-11-23", "courtesy"))
    assert "skips a stage" in refusal(known, "legal")
    assert step(at(known, NOW), "legal", "they are moving assets") == (
        "legal",
        "they are moving assets",
    )


def test_a_late_command_does_not_climb_the_ladder_on_consecutive_runs() -> None:
    """Tryton raises one level a run: a line 90 days late gets every letter on consecutive runs."""
    entries = [LETTER, called("2026-10-01T09:00:00Z")]
    climbed = []
    for day in (TODAY + timedelta(days=n) for n in range(60)):
        try:
            taken = step(at(owing(90, *entries), f"{day}T09:00"), None, None)
        except Refused:
            continue
        assert taken
        entries.append(since(str(day), taken[0]))
        climbed.append((taken[0], dates.working_days_between(TODAY, day)))
    assert [stage for stage, _ in climbed] == ["remind", "firm", "final", "formal", "prelegal"]
    gaps = {stage: later - day for (stage, day), (_, later) in pairwise(climbed)}
    assert gaps == {"remind": 2, "firm": 2, "final": 3, "formal": 5}


def test_the_cadence_is_refused_by_name_and_day() -> None:
    known = owing(90, since("2026-11-23", "remind"))
    assert refusal(known) == (
        "acme cannot go to firm: the last step was on Mon 23 Nov; from Wed 25 Nov"
    )
    assert step(at(known, "2026-11-25T00:00"), None, None) == ("firm", "91 days past due")


def test_a_missed_day_is_caught_up() -> None:
    """Invoice Ninja compares with today: miss the cron day and the stage never fires."""
    on_the_day, weeks_later = at(owing(11), NOW), at(owing(11), "2026-12-24T09:00")
    assert suggest(on_the_day).to == suggest(weeks_later).to == "remind"
    known = owing(6, since("2026-11-20", "courtesy"))
    assert {suggest(at(known, f"2026-11-{day}T09:00")).to for day in (24, 25, 28)} == {"remind"}


def test_the_step_is_safe_to_take_twice() -> None:
    """Invoice Ninja: a cron job that ran more than once a day doubled fees and reminders."""
    once = owing(8)
    taken = step(at(once, NOW), "remind", None)
    assert taken == ("remind", "8 days past due")
    again = owing(8, since("2026-11-24", "remind"))
    assert step(at(again, "2026-11-24T09:05"), "remind", None) is None
    assert suggest(at(again, "2026-11-24T09:05")).to is None
    assert "stays at remind" in refusal(again, now="2026-11-24T09:05")


def test_paying_the_oldest_invoice_turns_the_clock_back() -> None:
    """Kill Bill does not re-anchor when the oldest invoice is paid, and skips to cancellation."""
    younger = invoice("B", "2026-11-20", "500.00", issued="2026-10-20")
    behind = since("2026-11-10", "final")
    before = owing(40, younger, behind, LETTER, called("2026-11-01T09:00:00Z"))
    after = owing(
        40, younger, behind, LETTER, called("2026-11-01T09:00:00Z"), paid("2026-11-23", "1000.00")
    )
    assert suggest(at(before, NOW)).to == "formal"
    assert fitting_stage(at(after, NOW))[0] == "courtesy"
    assert suggest(at(after, NOW)).to is None
    assert "the stage is ahead of that" in refusal(after)


def test_one_invoice_paid_does_not_close_the_other() -> None:
    """ERPNext: the last row of a dunning decides whether it is resolved."""
    other = invoice("B", "2026-11-10", "500.00")
    for number in ("A", "B"):
        known = owing(14, other, paid("2026-11-20", "1000.00", invoice=number))
        assert not at(known, NOW).settled
        assert suggest(at(known, NOW)).to == "remind"


@pytest.mark.parametrize(
    "kind",
    ["represented", "insolvent", "deceased", "fraud", "agency", "stop_contact", "dispute", "plan"],
)
def test_a_hold_refuses_every_step_whatever_the_reason(kind: str) -> None:
    """Practice R2, O13, O14, B29, B38."""
    known = owing(20, hold(kind), since("2026-11-02", "remind"))
    frozen = suggest(at(known, NOW))
    assert (frozen.to, frozen.frozen) == ("firm", True)
    assert "on hold" in (frozen.obstacle or "")
    for to in (None, "firm", "legal", "courtesy"):
        assert "on hold" in refusal(known, to, "we want to")


def test_a_hold_that_was_released_or_voided_refuses_nothing() -> None:
    gone = entry("release", at="2026-11-23T09:00:00Z", what="insolvent")
    other = entry("release", at="2026-11-23T09:00:00Z", what="fraud")
    before = entry("release", at="2026-11-19T09:00:00Z", what="insolvent")
    assert step(at(owing(8, hold("insolvent"), gone), NOW), None, None)
    assert "on hold" in refusal(owing(8, hold("insolvent"), other))
    assert "on hold" in refusal(owing(8, hold("insolvent"), before))


@pytest.mark.parametrize(
    ("now", "frozen"), [("2026-11-26T23:59", True), ("2026-11-27T00:00", False)]
)
def test_a_pause_ends_after_its_last_day(now: str, frozen: bool) -> None:
    known = owing(20, hold("pause", until="2026-11-26"), since("2026-11-02", "remind"))
    assert suggest(at(known, now)).frozen is frozen
    if frozen:
        assert "from Fri 27 Nov" in refusal(known, "firm", "we want to", now)


def test_of_several_holds_the_longest_says_until_when() -> None:
    paused = hold("pause", until="2026-11-26")
    later = entry("hold", at="2026-11-22T09:00:00Z", kind="pause", until="2026-12-04")
    forever = entry("hold", at="2026-11-23T09:00:00Z", kind="insolvent")
    found = freeze(at(owing(20, paused, later), NOW))
    assert found
    assert found[1] == date(2026, 12, 5)
    found = freeze(at(owing(20, paused, later, forever), NOW))
    assert found
    assert ("insolvent" in found[0], found[1]) == (True, None)


INSTALMENTS = (
    "[{ due = 2026-11-06, amount = 100.00 }, { due = 2026-12-04, amount = 100.00 },"
    " { due = 2027-01-04, amount = 800.00 }]"
)
PLAN = entry("plan", at="2026-11-02T09:00:00Z", instalments=INSTALMENTS)


def test_a_plan_up_to_date_freezes_the_ladder_and_a_broken_one_does_not() -> None:
    """Practice O13, R2."""
    good = owing(60, PLAN, paid("2026-11-06", "100.00"))
    bad = owing(60, PLAN, paid("2026-11-06", "60.00"))
    why = "a plan is up to date, £100.00 is due Fri 4 Dec"
    assert freeze(at(good, NOW)) == (why, None)
    assert "plan" in refusal(good, "remind", "we want to")
    assert freeze(at(bad, NOW)) is None
    assert step(at(bad, NOW), None, None)
    agreed = owing(60, PLAN, hold("plan"), paid("2026-11-06", "60.00"))
    assert freeze(at(agreed, NOW)) is None


def test_a_plan_paid_to_the_end_does_not_freeze_what_came_after_it() -> None:
    after = invoice("B", "2026-11-10", "70.00", issued="2026-10-10")
    known = owing(60, PLAN, paid("2026-11-06", "1000.00"), after)
    assert freeze(at(known, NOW)) is None
    assert suggest(at(known, NOW)).to == "remind"


def test_a_dispute_of_everything_freezes_and_of_a_part_does_not() -> None:
    """Practice E05, E41: the ladder runs on the rest."""
    part = owing(20, disputed("2026-11-20T09:00:00Z", "999.99"))
    whole = owing(20, disputed("2026-11-20T09:00:00Z", "1000.00"))
    assert step(at(part, NOW), None, None) == ("remind", "20 days past due")
    assert "disputed" in refusal(whole, "remind", "we want to")


def test_a_promise_that_is_not_due_is_an_obstacle_until_it_is() -> None:
    """Practice F38, O13; and a person who says why may still go on."""
    known = owing(
        20,
        promise("2026-11-23T09:00:00Z", "1000.00", "2026-11-27"),
        since("2026-11-02", "remind"),
    )
    assert "a promise is not due before Fri 27 Nov" in refusal(known)
    assert step(at(known, NOW), "firm", "the bank says otherwise")
    assert step(at(known, "2026-12-01T00:00"), None, None) == ("firm", "27 days past due")


@pytest.mark.parametrize(
    ("here", "to", "days", "head", "entries", "missing"),
    [
        ("remind", "firm", 15, "", (), "no reason is known"),
        ("firm", "final", 25, "", (called("2026-10-01T09:00:00Z"),), "no reason is known"),
        ("firm", "final", 25, REASON, (), "nobody has been spoken to"),
        ("final", "formal", 40, REASON, (), "no final demand was written"),
        ("formal", "prelegal", 90, REASON, (), "no final demand was written"),
        ("prelegal", "legal", 200, REASON, (LETTER,), "a decision"),
    ],
)
def test_a_stage_is_reached_with_what_it_needs(
    here: str, to: str, days: int, head: str, entries: tuple[str, ...], missing: str
) -> None:
    """Practice C20, H19, N05; ``--why`` overrules."""
    known = owing(days, since("2026-10-05", here), *entries, head=head)
    assert missing in refusal(known)
    assert missing in refusal(known, to)
    assert step(at(known, NOW), None, "as agreed with the owner") == (
        to,
        "as agreed with the owner",
    )


def test_with_everything_there_the_ladder_goes_on_to_the_lawyers_door() -> None:
    whole = (LETTER, called("2026-10-01T09:00:00Z"))
    for here, to in (("remind", "firm"), ("firm", "final"), ("final", "formal")):
        known = owing(120, since("2026-10-05", here), *whole)
        assert step(at(known, NOW), None, None) == (to, "120 days past due")


def test_a_key_account_takes_no_step_without_a_word_from_a_person() -> None:
    """Practice E39, CF23."""
    known = owing(8, debtor="key_account = true")
    assert suggest(at(known, NOW)).obstacle
    assert "a key account" in refusal(known)
    assert "a key account" in refusal(known, "remind")
    assert step(at(known, NOW), None, "spoken about with the owner") == (
        "remind",
        "spoken about with the owner",
    )


def test_what_is_paid_is_closed() -> None:
    """Practice F38: a case closes at balance zero, or when a person says why."""
    known = owing(20, since("2026-11-02", "remind"), paid("2026-11-23", "1000.00"))
    assert step(at(known, NOW), None, None) == ("closed", "everything is paid")
    assert step(at(known, NOW), "closed", None) == ("closed", "everything is paid")
    assert "everything is paid" in refusal(known, "firm")
    open_ = owing(20, since("2026-11-02", "remind"))
    assert "still owes" in refusal(open_, "closed")
    assert step(at(open_, NOW), "closed", "written off") == ("closed", "written off")


def test_a_hold_does_not_keep_a_case_from_being_closed() -> None:
    known = owing(20, hold("insolvent"))
    assert step(at(known, NOW), "closed", "nothing in the estate") == (
        "closed",
        "nothing in the estate",
    )


def test_a_closed_case_stays_closed_until_a_person_says_why() -> None:
    known = owing(20, stepped("2026-11-23T09:00:00Z", "closed"))
    assert suggest(at(known, NOW)).to is None
    assert "money is overdue again" in suggest(at(known, NOW)).why
    assert "stays at closed" in refusal(known)
    assert "--why" in refusal(known, "remind")


def test_a_step_back_needs_a_reason() -> None:
    known = owing(20, since("2026-11-02", "final"))
    assert "say --why it goes back" in refusal(known, "courtesy")
    assert step(at(known, NOW), "courtesy", "new owner") == ("courtesy", "new owner")


@pytest.mark.parametrize("entries", [(), (stepped("2026-11-02T09:00:00Z", "courtesy"),)])
def test_a_step_ahead_of_the_days_needs_a_reason(entries: tuple[str, ...]) -> None:
    known = owing(3, *entries)
    assert "not there yet" in refusal(known, "remind")
    assert step(at(known, NOW), "remind", "they told us they will not pay")


def test_a_first_step_may_be_gentler_than_the_days() -> None:
    assert step(at(owing(20), NOW), "courtesy", None) == ("courtesy", "20 days past due")


def test_a_day_is_the_debtors() -> None:
    """At 20:00 in London it is the next day in Sydney: six days past due there, five here."""
    due = str(TODAY - timedelta(days=5))
    here, there = (
        case(invoice("A", due, "1.00")),
        case(invoice("A", due, "1.00"), zone="Australia/Sydney"),
    )
    assert suggest(at(here, "2026-11-24T20:00")).to == "courtesy"
    assert suggest(at(there, "2026-11-24T20:00")).to == "remind"


def test_a_store_may_start_higher_and_shift_more() -> None:
    rules = policy('ladder = { start_at_most = "firm", habitual_shift = 2 }')
    habitual = owing(6, head='reason = "habitual"')
    assert suggest(at(owing(200), NOW, rules=rules)).to == "firm"
    assert fitting_stage(at(habitual, NOW, rules=rules))[0] == "final"


@given(
    st.integers(-10, 400),
    st.sampled_from(STAGES),
    st.integers(0, 30),
    st.lists(
        st.sampled_from(
            (
                LETTER,
                called("2026-10-01T09:00:00Z"),
                hold("insolvent"),
                promise("2026-11-20T09:00:00Z", "10.00", "2026-11-27"),
                PLAN,
                disputed("2026-11-20T09:00:00Z", "1000.00"),
                paid("2026-11-20", "1000.00"),
            )
        ),
        max_size=3,
        unique=True,
    ),
)
def test_no_step_is_ever_more_than_one_stage_or_against_a_hold(
    days: int, stage: str, ago: int, entries: list[str]
) -> None:
    """Whatever the case, an unexplained step is the next stage, rested, unfrozen, or closing."""
    there = since(str(TODAY - timedelta(days=ago)), stage)
    known = at(owing(days, there, *entries), NOW)
    try:
        taken = step(known, None, None)
    except Refused:
        return
    assert taken
    if taken[0] == "closed":
        assert known.settled
        return
    assert STAGES.index(taken[0]) == STAGES.index(stage) + 1
    assert freeze(known) is None
    rested = dates.add_working_days(
        TODAY - timedelta(days=ago), POLICY.stages[stage].cadence_working_days
    )
    assert rested <= clock(NOW).date()
    assert taken == step(known, taken[0], None)


@given(
    st.lists(st.sampled_from(STAGES[1:]), min_size=1, max_size=4, unique=True),
    st.sampled_from(STAGES[1:]),
    st.randoms(use_true_random=False),
)
def test_of_steps_in_one_second_the_furthest_counts_whatever_their_order(
    together: list[str], before: str, dice: Random
) -> None:
    """Two commands may be that quick, and a merge may put them in any order."""
    entries = [since("2026-11-20", to) for to in together]
    entries.append(since("2026-11-19", before))
    dice.shuffle(entries)
    assert at(owing(40, *entries), NOW).stage == max(together, key=STAGES.index)
