"""The day's list (practice A, D32, F24): who is called, when, why, and who is left in peace.

24 November 2026 is a Tuesday. The desk is in London and open from 09:00 to 17:30.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunctl import dates
from dunctl.calling.income import income_near
from dunctl.calling.today import Call, Held
from dunctl.calling.windows import desk_spans
from dunctl.case.handles import handles
from dunctl.case.records import Case, Income
from dunctl.steps.calendar import settle_days
from dunctl.steps.ladder import freeze
from dunctl.steps.packs import Pack
from dunctl.steps.policy import Policy
from dunctl.steps.standing import Standing, standing
from tests.casefile import (
    LONDON,
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
    step,
)
from tests.deskday import PacksOf, day_list, no_packs, plan_of
from tests.guardcase import rules as packs

NOW = "2026-11-24T09:00"
TODAY = date(2026, 11, 24)
DESK = "mon-fri 09:00-17:30"
MONDAY = invoice("A", "2026-11-16", "1000.00", issued="2026-10-16")


def owing(
    *entries: str, name: str = "acme", zone: str | None = LONDON, head: str = "", debtor: str = ""
) -> Case:
    return case(MONDAY, *entries, case_id=name, zone=zone, head=head, debtor=debtor)


def house(at: Standing) -> tuple[Pack, ...]:
    return packs("house", kind=at.case.debtor.kind)


def listed(
    *cases: Case,
    now: str = NOW,
    desk: str = DESK,
    zone: str = LONDON,
    rules: Policy = POLICY,
    packs_of: PacksOf = no_packs,
) -> tuple[list[Call], list[Held]]:
    standings = [at(known, now, zone, rules) for known in cases]
    return day_list(standings, desk_spans(desk, clock(now, zone)), packs_of, desk)


def call(
    known: Case,
    now: str = NOW,
    desk: str = DESK,
    rules: Policy = POLICY,
    packs_of: PacksOf = no_packs,
) -> Call:
    calls, held = listed(known, now=now, desk=desk, rules=rules, packs_of=packs_of)
    assert [one.why for one in held] == []
    (only,) = calls
    return only


def hours(known: Case, now: str = NOW, desk: str = DESK, packs_of: PacksOf = no_packs) -> str:
    """Return the window of the only call, on the clock of the desk."""
    only = call(known, now, desk, packs_of=packs_of)
    start, end = only.start.astimezone(dates.zone(LONDON)), only.end.astimezone(dates.zone(LONDON))
    return f"{start:%H:%M}-{end:%H:%M}"


def held(
    known: Case, now: str = NOW, desk: str = DESK, packs_of: PacksOf = no_packs
) -> tuple[str, date | None]:
    calls, held_back = listed(known, now=now, desk=desk, packs_of=packs_of)
    assert [one.why for one in calls] == []
    (only,) = held_back
    return only.why, only.until


ONCE = "one attempt a day (house/once-a-day)"
THRICE = "three attempts in seven days (house/three-a-week)"


def person(name: str = "Jane", phone: str = "1", **keys: str) -> str:
    return entry("person", name=name, role="owner", phone=f'["{phone}"]', **keys)


# Who is on the list at all


def test_a_debt_is_called_from_the_first_working_day_after_it_was_due() -> None:
    """Practice A30."""
    known = case(invoice("A", "2026-11-20", "10.00"))
    assert listed(known, now="2026-11-20T09:00") == ([], [])
    assert held(known, "2026-11-21T10:00", desk="mon-sun 09:00-17:30")[0] == "weekend there"
    assert hours(known, "2026-11-23T09:00") == "09:00-11:30"


@pytest.mark.parametrize(
    "entries",
    [
        (paid("2026-11-20", "1000.00"),),
        (paid("2026-11-20", "400.00"), entry("credit", on="2026-11-21", amount="600.00")),
        (step("2026-11-20T09:00:00Z", "closed", why="written off"),),
    ],
    ids=["paid", "paid and credited", "closed"],
)
def test_who_owes_nothing_more_is_not_listed(entries: tuple[str, ...]) -> None:
    assert listed(owing(*entries)) == ([], [])


def test_an_invoice_that_is_not_due_is_not_asked_for() -> None:
    known = case(invoice("A", "2026-11-24", "10.00"), invoice("B", "2026-12-24", "10.00"))
    assert listed(known) == ([], [])


def test_a_customer_closed_long_ago_who_owes_anew_is_named() -> None:
    new = invoice("B", "2026-11-18", "50.00", issued="2026-10-19")
    closed = (paid("2026-08-03", "1000.00"), step("2026-08-04T09:00:00Z", "closed"))
    why, until = held(owing(*closed, new))
    assert "closed, but money is overdue again" in why
    assert "dunctl escalate acme" in why
    assert until is None


def test_only_what_is_overdue_and_undisputed_is_asked_for() -> None:
    """Practice E41."""
    known = owing(
        disputed("2026-11-20T09:00:00Z", "300.00", invoice="A"),
        invoice("B", "2026-12-24", "77.00"),
        invoice("C", "2026-11-16", "20.00", currency="EUR"),
    )
    assert call(known).card.owed == {"GBP": Decimal(700), "EUR": Decimal(20)}


@pytest.mark.parametrize(
    ("entries", "why"),
    [
        ((disputed("2026-11-20T09:00:00Z", "1000.00"),), "everything overdue is disputed"),
        (
            (
                disputed("2026-11-20T09:00:00Z", "1000.00", invoice="A"),
                invoice("B", "2026-12-24", "5.00"),
            ),
            "everything overdue is disputed",
        ),
        (
            (
                invoice("B", "2026-12-24", "5.00"),
                paid("2026-11-20", "1100.00", invoice="B"),
            ),
            "credit of theirs covers it",
        ),
        ((step("2026-11-02T09:00:00Z", "legal"),), "in court"),
    ],
)
def test_what_cannot_be_asked_for_is_held_with_what_to_do(
    entries: tuple[str, ...], why: str
) -> None:
    assert why in held(owing(*entries))[0]


@pytest.mark.parametrize(
    "kind",
    ["represented", "insolvent", "deceased", "fraud", "agency", "stop_contact", "dispute"],
)
def test_a_hold_takes_a_case_off_the_calls_whatever_was_promised(kind: str) -> None:
    """Practice R2, B29, O14."""
    hold = entry("hold", at="2026-11-20T09:00:00Z", kind=kind, with_="Roe & Co")
    due = promise("2026-11-19T09:00:00Z", "10.00", "2026-11-24")
    back = called("2026-11-19T08:00:00Z", "inconvenient", call_back="2026-11-24T10:00:00Z")
    why, until = held(owing(hold, due, back))
    assert ("on hold" in why, "Roe & Co" in why, until) == (True, True, None)


def test_a_pause_ends_by_itself() -> None:
    known = owing(entry("hold", at="2026-11-20T09:00:00Z", kind="pause", until="2026-11-24"))
    assert held(known) == ("on hold: paused", date(2026, 11, 25))
    assert call(known, "2026-11-25T09:00")


def test_a_plan_is_left_in_peace_while_it_is_kept() -> None:
    """Practice O13."""
    plan = entry(
        "plan",
        at="2026-11-17T09:00:00Z",
        instalments="[{ due = 2026-11-20, amount = 500.00 }, { due = 2026-12-18, amount = 500.00}]",
    )
    assert held(owing(plan, paid("2026-11-20", "500.00")))[0].startswith("a plan is up to date")
    assert call(owing(plan, paid("2026-11-20", "499.00")))


# When


def test_the_first_call_of_the_day_is_when_they_open_and_never_over_lunch() -> None:
    """Practice A01, A03, A04: lunch is 11:30-14:00."""
    known = owing()
    assert hours(known, "2026-11-24T07:00", desk="mon-fri 07:00-20:00") == "09:00-11:30"
    assert hours(known, "2026-11-24T11:29") == "11:29-11:30"
    assert hours(known, "2026-11-24T11:30") == "14:00-17:30"
    assert hours(known, "2026-11-24T15:10") == "15:10-17:30"


@pytest.mark.parametrize(
    ("debtor", "window"),
    [
        ('hours = "mon-fri 06:00-23:00"\nlunch = "12:00-12:30"', "08:00-12:00"),
        ('kind = "consumer"', "08:00-21:00"),
        ('kind = "consumer"\nlunch = "12:00-13:00"', "08:00-12:00"),
        ('kind = "public"\nhours = "tue 15:00-23:30"', "15:00-21:00"),
    ],
)
def test_nobody_is_called_before_eight_or_after_nine_in_the_evening(
    debtor: str, window: str
) -> None:
    """Practice A14, A15: 08:00 to 21:00, whatever hours the debtor keeps."""
    assert hours(owing(debtor=debtor), "2026-11-24T00:00", "mon-fri 00:00-24:00") == window


@pytest.mark.parametrize(
    ("keys", "window"),
    [
        ({"prefer": '["tue 15:00-16:00"]'}, "15:00-16:00"),
        ({"prefer": '["tue 12:00-15:00"]'}, "14:00-15:00"),
        ({"prefer": '["thu 15:00-16:00"]'}, "09:00-11:30"),
        ({"avoid": '["mon", "tue 09:00-10:15"]'}, "10:15-11:30"),
        ({"prefer": '["tue 09:00-11:00"]', "avoid": '["tue 09:00-10:00"]'}, "10:00-11:00"),
        ({"hours": "tue 10:00-16:00"}, "10:00-11:30"),
        ({"lunch": "13:00-14:00"}, "09:00-13:00"),
    ],
)
def test_a_persons_own_times_count(keys: dict[str, str], window: str) -> None:
    """Practice A26, A31: what they asked us to avoid is closed; what they like comes first."""
    assert hours(owing(person(**keys))) == window


def test_a_day_they_asked_us_to_avoid_is_no_day_for_calls() -> None:
    """Practice A31."""
    why, until = held(owing(person(avoid='["tue"]')))
    assert ("closed there" in why, until) == (True, date(2026, 11, 25))


def test_the_times_of_somebody_else_there_do_not_matter() -> None:
    clerk = entry("person", name="Clerk", role="reception", phone='["2"]', avoid='["tue"]')
    assert hours(owing(clerk, person())) == "09:00-11:30"


def test_it_is_said_that_they_like_the_time_only_if_it_is_that_time() -> None:
    likes = person(prefer='["tue 15:00-16:00"]')
    due = promise("2026-11-17T09:00:00Z", "10.00", "2026-11-24T11:00:00Z")
    assert "likes to be called then" in call(owing(likes)).why
    assert "likes to be called then" not in call(owing(likes, due)).why


ANY = "mon-sun 00:00-24:00"


@pytest.mark.parametrize(
    ("zone", "day", "window"),
    [
        ("Europe/Berlin", "2026-11-24", "09:00-10:30"),
        ("Europe/Berlin", "2026-06-23", "09:00-10:30"),
        ("Asia/Shanghai", "2026-11-24", "09:00-09:30"),
        ("Asia/Shanghai", "2026-06-23", "09:00-10:30"),
        ("America/New_York", "2026-11-24", "14:00-16:30"),
        ("America/New_York", "2026-06-23", "14:00-16:30"),
        ("America/New_York", "2026-10-27", "13:00-15:30"),
        ("America/New_York", "2026-03-17", "13:00-15:30"),
        ("America/New_York", "2026-03-31", "14:00-16:30"),
    ],
)
def test_a_desk_in_london_calls_in_the_hours_of_the_debtor(
    zone: str, day: str, window: str
) -> None:
    """Practice A17: also in summer, and in the weeks when only one of the two has changed."""
    known = case(invoice("A", "2026-01-16", "1.00"), zone=zone)
    assert hours(known, f"{day}T09:00") == window


@pytest.mark.parametrize(
    ("now", "window"),
    [
        ("2026-11-24T00:00", "00:00-00:30"),
        ("2026-11-24T03:30", "03:30-06:30"),
        ("2026-11-24T21:00", "22:00-00:00"),
        ("2026-06-23T07:00", "07:00-08:30"),
        ("2026-11-22T12:00", "22:00-00:00"),
    ],
)
def test_a_desk_that_never_closes_reaches_sydney_at_night(now: str, window: str) -> None:
    """Sunday evening in London is Monday morning there."""
    known = case(invoice("A", "2026-01-16", "1.00"), zone="Australia/Sydney")
    assert hours(known, now, desk=ANY) == window


@pytest.mark.parametrize(
    ("zone", "now", "desk", "until"),
    [
        ("Australia/Sydney", "2026-11-20T22:00", "mon-sun 09:00-23:00", date(2026, 11, 22)),
        ("America/New_York", "2026-11-22T15:00", "mon-sun 09:00-23:00", date(2026, 11, 23)),
        ("Asia/Shanghai", "2026-11-24T10:00", "mon-fri 09:00-17:30", date(2026, 11, 25)),
        ("Asia/Shanghai", "2026-11-24T10:00", "tue,fri 08:00-17:30", date(2026, 11, 27)),
        ("Asia/Shanghai", "2026-11-20T10:00", "mon-fri 09:00-17:30", date(2026, 11, 23)),
    ],
)
def test_where_they_are_closed_a_case_is_held_until_we_are_both_open(
    zone: str, now: str, desk: str, until: date
) -> None:
    """Days are ours: Monday morning in Sydney is our Sunday evening."""
    known = case(invoice("A", "2026-01-16", "1.00"), zone=zone)
    why, back = held(known, now, desk=desk)
    assert ("there" in why, back) == (True, until)


@pytest.mark.parametrize("hour", range(9, 18))
def test_whose_hours_never_meet_the_desks_is_told_so(hour: int) -> None:
    """Ohio is asleep while Shenzhen works."""
    known = case(invoice("A", "2026-01-16", "1.00"), zone="America/New_York")
    here = at(known, f"2026-11-24T{hour:02}:00", "Asia/Shanghai")
    spans = desk_spans("mon-fri 09:00-18:00", here.now)
    _, (only,) = day_list([here], spans, hours="mon-fri 09:00-18:00")
    assert "do not meet ours: see [desk] hours" in only.why
    assert only.until is None
    _, (only,) = day_list([here], spans, hours="mon-fri 09:00-18:00; thu 09:00-23:00")
    assert "closed there" in only.why
    assert only.until == date(2026, 11, 26)


def test_of_several_zones_only_the_time_they_have_in_common_counts() -> None:
    """Practice A17: phone and address disagree, so both must be open, and neither at lunch."""
    known = owing(zone='["America/New_York", "America/Los_Angeles"]')
    assert hours(known, desk="mon-fri 09:00-21:00") == "19:00-19:30"
    assert "do not meet ours" in held(known)[0]


def test_without_a_time_zone_nobody_is_called_and_the_remedy_is_said() -> None:
    why, until = held(owing(zone=None))
    assert why == "no time zone is known: dunctl set acme debtor.timezone ZONE"
    assert until is None


@pytest.mark.parametrize("now", ["2026-11-24T17:30", "2026-11-24T23:00", "2026-11-22T10:00"])
def test_a_closed_desk_calls_nobody(now: str) -> None:
    assert held(owing(), now)[0] == "the desk is closed"


# Promises and call-backs


def test_a_promise_for_later_is_left_alone_until_its_day() -> None:
    """Practice F38, O13: no call before the promised day except the reminder."""
    known = owing(promise("2026-11-23T09:00:00Z", "1000.00", "2026-11-27"))
    assert held(known) == (
        "promised £1,000.00 for Fri 27 Nov; not in writing yet",
        date(2026, 11, 27),
    )
    on_the_day = call(known, "2026-11-27T09:00")
    assert on_the_day.pinned
    assert on_the_day.why[0] == "promised £1,000.00 for today"


@pytest.mark.parametrize(
    ("made", "due", "reminded"),
    [
        ("2026-11-19", "2026-11-25", True),
        ("2026-11-20", "2026-11-25", True),
        ("2026-11-23", "2026-11-25", False),
        ("2026-11-19", "2026-11-26", False),
    ],
    ids=["a week on", "two working days on", "the day after", "two days before it is due"],
)
def test_a_reminder_comes_the_day_before_if_they_were_left_alone_for_two_working_days(
    made: str, due: str, reminded: bool
) -> None:
    """Practice F10, F11, A41."""
    known = owing(promise(f"{made}T09:00:00Z", "1000.00", due))
    if reminded:
        assert call(known).why[0].startswith("remind: promised £1,000.00")
    else:
        assert held(known)[1] == date.fromisoformat(due)


def test_no_reminder_the_day_after_they_were_spoken_to_about_something_else() -> None:
    """Practice A41: two working days since they were last spoken to, whoever called."""
    made = promise("2026-11-12T09:00:00Z", "1000.00", "2026-11-25")
    spoke = called("2026-11-23T15:00:00Z", "complaint", direction="in")
    assert held(owing(made, spoke))[1] == date(2026, 11, 25)


@pytest.mark.parametrize(
    ("due", "window"),
    [
        ("2026-11-24T15:00:00Z", "14:30-15:00"),
        ("2026-11-24T14:15:00Z", "14:00-14:15"),
        ("2026-11-24T14:00:00Z", "11:00-11:30"),
        ("2026-11-24T12:30:00Z", "11:00-11:30"),
        ("2026-11-24T23:59:00Z", "17:00-17:30"),
        ("2026-11-24T09:10:00Z", "09:00-09:10"),
    ],
    ids=["15:00", "right after lunch", "the end of lunch", "lunch", "midnight", "opening"],
)
def test_a_promise_for_a_clock_time_is_reminded_of_half_an_hour_before(
    due: str, window: str
) -> None:
    """Practice A22: 14:30 for 15:00; where that is closed, the last open time before it."""
    known = owing(promise("2026-11-20T09:00:00Z", "1000.00", due))
    assert hours(known) == window


def test_a_clock_time_is_read_on_the_clock_of_the_debtor() -> None:
    """16:00 in Berlin is 15:00 in London, whichever of the two offsets the file has."""
    for due in ("2026-11-24T16:00:00+01:00", "2026-11-24T15:00:00Z"):
        known = owing(promise("2026-11-20T09:00:00Z", "1.00", due), zone="Europe/Berlin")
        assert hours(known) == "14:30-15:00"
        assert call(known).why[0] == "promised £1.00 for 16:00"


def test_a_promise_of_this_morning_for_this_afternoon_is_reminded_of_once() -> None:
    """Practice A22 is a reminder, A44 the cap: one call a day beside it."""
    made = promise("2026-11-24T09:30:00Z", "1000.00", "2026-11-24T15:00:00Z")
    assert hours(owing(made), "2026-11-24T09:45", packs_of=house) == "14:30-15:00"
    reminded = owing(made, called("2026-11-24T14:32:00Z"))
    assert held(reminded, "2026-11-24T14:40", packs_of=house) == (ONCE, date(2026, 11, 25))


@pytest.mark.parametrize(
    ("now", "desk", "window"),
    [
        ("2026-11-24T09:00", DESK, "15:30-16:00"),
        ("2026-11-24T15:40", DESK, "15:40-16:00"),
        ("2026-11-24T16:30", DESK, "16:30-17:30"),
        ("2026-11-24T09:00", "mon-fri 09:00-12:00", "11:00-11:30"),
    ],
    ids=["the morning", "in it", "too late", "the desk closes at noon"],
)
def test_who_promised_for_today_is_called_before_four(now: str, desk: str, window: str) -> None:
    """Practice A20, F12: the one call of that day (A44) leaves them time, and time to pay."""
    known = owing(promise("2026-11-20T09:00:00Z", "1000.00", "2026-11-24"))
    assert hours(known, now, desk, packs_of=house) == window


def test_four_oclock_is_theirs() -> None:
    known = owing(promise("2026-11-20T09:00:00Z", "1.00", "2026-11-24"), zone="Europe/Berlin")
    assert hours(known) == "14:30-15:00"


def test_where_the_half_hour_before_four_is_full_the_nearest_one_is_taken() -> None:
    """A promise for four o'clock itself has it before any for today."""
    due = [
        owing(promise("2026-11-20T09:00:00Z", "1000.00", "2026-11-24"), name=f"due-{nth}")
        for nth in range(4)
    ]
    exact = owing(promise("2026-11-20T09:00:00Z", "1.00", "2026-11-24T16:00:00Z"), name="exact")
    missed = [
        owing(promise("2026-11-17T09:00:00Z", "1.00", "2026-11-19"), name=f"missed-{nth:02}")
        for nth in range(20)
    ]
    standings = [at(known, NOW) for known in (*due, exact, *missed)]
    now = clock(NOW)
    found = plan_of(standings, desk_spans(DESK, now), now, most=1)
    begins = {
        row.call.card.id: f"{row.start:%H:%M}-{row.end:%H:%M}"
        for row in found.rows
        if not row.call.card.id.startswith("missed")
    }
    assert len(found.rows) == len(found.slots) - 5  # all but those in their lunch break
    assert begins == {
        "exact": "15:30-16:00",
        "due-0": "15:00-15:30",
        "due-1": "16:00-16:30",
        "due-2": "14:30-15:00",
        "due-3": "16:30-17:00",
    }


def test_who_promised_this_morning_to_pay_today_is_not_called_again_at_once() -> None:
    """Practice A44."""
    made = promise("2026-11-24T09:30:00Z", "1000.00", "2026-11-24")
    assert held(owing(made), "2026-11-24T09:45", packs_of=house) == (ONCE, date(2026, 11, 25))
    asked = owing(
        promise("2026-11-20T09:30:00Z", "1000.00", "2026-11-24"), called("2026-11-24T09:10:00Z")
    )
    assert held(asked, "2026-11-24T09:45", packs_of=house)[0] == ONCE


def test_a_broken_promise_is_asked_about_on_the_next_working_day_and_then_once() -> None:
    """Practice F25, D29: same or next working day; A07 does not hide it on a Monday."""
    made = promise("2026-11-18T09:00:00Z", "600.00", "2026-11-20", with_="Jane")
    known = owing(made, paid("2026-11-20", "200.00"))
    first = call(known, "2026-11-23T09:00")
    assert first.pinned
    assert first.why[0] == "promise of £600.00 for Fri 20 Nov: £400.00 has not come"
    spoke = owing(made, called("2026-11-23T09:10:00Z", "refused"))
    assert held(spoke) == ("spoke on Mon 23 Nov", date(2026, 11, 25))
    missed = owing(made, called("2026-11-23T09:10:00Z", "no_answer"))
    assert call(missed).pinned


def test_a_missed_promise_is_asked_about_though_a_later_one_is_not_due() -> None:
    """The house standard lets no chase before a promised day, but this is about another one."""
    parts = (
        promise("2026-11-18T09:00:00Z", "300.00", "2026-11-20", with_="Jane"),
        promise("2026-11-18T09:00:00Z", "300.00", "2026-12-18", with_="Jane"),
    )
    asked = call(owing(*parts), packs_of=house)
    assert asked.why[0] == "promise of £300.00 for Fri 20 Nov: £300.00 has not come"
    spoke = owing(*parts, called("2026-11-23T09:10:00Z", "refused"))
    assert held(spoke, "2026-11-27T09:00", packs_of=house)[1] == date(2026, 12, 18)


def test_a_promise_broken_the_day_after_it_was_made_does_not_wait_for_the_cadence() -> None:
    """Practice F25: the stage would rest for five working days after a conversation."""
    made = promise("2026-11-20T15:00:00Z", "600.00", "2026-11-23")
    assert call(owing(step("2026-11-02T09:00:00Z", "formal"), made)).pinned


def test_who_paid_the_renegotiated_promise_is_not_told_that_nothing_came() -> None:
    known = owing(
        promise("2026-11-10T09:00:00Z", "500.00", "2026-11-12"),
        promise("2026-11-16T09:00:00Z", "500.00", "2026-11-19"),
        paid("2026-11-19", "500.00"),
    )
    assert not [why for why in call(known).why if "not come" in why]


def test_a_call_back_is_made_when_they_asked_for_it() -> None:
    """Practice A24."""
    asked = called(
        "2026-11-23T09:10:00Z", "inconvenient", call_back="2026-11-24T15:00:00Z", with_="Ann"
    )
    ann = entry("person", name="Ann", role="finance", phone='["2"]')
    known = owing(asked, person(), ann)
    assert hours(known) == "15:00-15:30"
    assert (call(known).pinned, call(known).callee.name) == (True, "Ann")
    assert call(known).why[0] == "asked to be called on Tue 24 Nov 15:00"
    assert held(known, "2026-11-23T10:00") == (
        "asked to be called on Tue 24 Nov 15:00",
        TODAY,
    )


def test_a_call_back_that_was_missed_is_made_at_once() -> None:
    asked = called("2026-11-18T09:10:00Z", "inconvenient", call_back="2026-11-23T15:00:00Z")
    assert hours(owing(asked)) == "09:00-11:30"


def test_a_call_back_is_done_when_they_were_called_but_not_by_a_message() -> None:
    asked = called("2026-11-18T09:10:00Z", "inconvenient", call_back="2026-11-24T15:00:00Z")
    written = called("2026-11-23T09:00:00Z", "letter_sent", channel="email")
    assert hours(owing(asked, written)) == "15:00-15:30"
    made = called("2026-11-24T15:01:00Z", "no_answer")
    assert held(owing(asked, made), "2026-11-24T15:05", packs_of=house)[0] == ONCE
    spoke = called("2026-11-23T09:00:00Z", "refused", direction="in")
    assert held(owing(asked, spoke))[0] == "spoke on Mon 23 Nov"
    agreed = promise("2026-11-23T09:00:00Z", "10.00", "2026-11-30")
    assert held(owing(asked, agreed))[1] == date(2026, 11, 30)


@pytest.mark.parametrize("day", ["2026-11-23", "2026-11-25"])
def test_monday_and_wednesday_hide_nothing(day: str) -> None:
    """Practice A07, CF02: the weekday is a weight, never a filter."""
    due = promise("2026-11-17T09:00:00Z", "1.00", day)
    assert call(owing(due), f"{day}T09:00").pinned
    assert call(owing(), f"{day}T09:00")


# How often


@pytest.mark.parametrize(
    ("tries", "why", "until"),
    [
        ([24], ONCE, 25),
        ([18, 19, 20], THRICE, 25),
        ([18, 19, 23], THRICE, 25),
        ([17, 18, 19], None, None),
        ([19, 20], None, None),
    ],
)
def test_nobody_is_tried_more_often_than_the_caps_allow(
    tries: list[int], why: str | None, until: int | None
) -> None:
    """Practice A44, CF27: once a day, three times in seven days."""
    known = owing(*(called(f"2026-11-{day}T08:30:00Z") for day in tries))
    if why is None:
        assert call(known, packs_of=house)
    else:
        assert until
        assert held(known, packs_of=house) == (why, date(2026, 11, until))
        assert call(known, f"2026-11-{until}T09:00", packs_of=house)


def test_a_visit_counts_as_a_try_and_a_letter_or_a_call_of_theirs_does_not() -> None:
    """Practice G25."""
    visited = called("2026-11-24T08:30:00Z", "no_answer", channel="visit")
    assert held(owing(visited), packs_of=house)[0] == ONCE
    for quiet in (
        called("2026-11-24T08:30:00Z", "letter_sent", channel="letter"),
        called("2026-11-24T08:30:00Z", "no_answer", purpose="locate"),
    ):
        assert call(owing(quiet), packs_of=house)


@pytest.mark.parametrize(("stage", "until"), [("remind", 25), ("final", 26), ("formal", 30)])
def test_after_a_conversation_there_is_the_rest_of_the_stage(stage: str, until: int) -> None:
    """Practice A34, A41, CF28: two working days, and longer where the stage says so."""
    known = owing(step("2026-11-02T09:00:00Z", stage), called("2026-11-23T09:00:00Z", "refused"))
    assert held(known) == ("spoke on Mon 23 Nov", date(2026, 11, until))
    assert call(known, f"2026-11-{until}T09:00")


@pytest.mark.parametrize("stage", ["remind", "final", "formal"])
def test_a_call_that_was_cut_short_rests_no_longer_than_the_rules_demand(stage: str) -> None:
    """Practice F28: without a pack that forbids it they are called again at once."""
    begun = step("2026-11-02T09:00:00Z", stage)
    cut = called("2026-11-23T09:00:00Z", "ended_early")
    known = owing(begun, cut)
    assert call(known, "2026-11-23T14:30").why == ("cut short on Mon 23 Nov",)
    why, until = held(known, "2026-11-23T14:30", packs_of=house)
    assert ("house/" in why, until) == (True, date(2026, 11, 25))
    assert call(known, "2026-11-25T09:00", packs_of=house)
    spoke = called("2026-11-23T08:00:00Z", "refused")
    assert held(owing(begun, spoke, cut))[0] == "spoke on Mon 23 Nov"


def test_a_promise_is_missed_until_a_call_about_it_was_not_cut_short() -> None:
    """Practice F25, F28."""
    made = promise("2026-11-16T09:00:00Z", "600.00", "2026-11-18")
    cut = called("2026-11-20T09:00:00Z", "ended_early")
    again = call(owing(made, cut), packs_of=house)
    assert again.pinned
    assert again.why[1] == "cut short on Fri 20 Nov"
    spoke = called("2026-11-20T09:00:00Z", "refused")
    assert not call(owing(made, spoke), packs_of=house).pinned


def test_after_an_abusive_call_the_superior_is_asked_for() -> None:
    """Practice B36, I22: in the next talk, and in each call until there is one."""
    jo = entry("person", name="Jo", role="finance", phone="+44 2")
    abusive = called("2026-11-17T09:00:00Z", "abusive", with_="Jo")
    known = owing(person(), jo, abusive, debtor='size = "large"')
    assert call(known, packs_of=house).callee.name == "Jane"
    assert call(known).why == ("they were abusive on Tue 17 Nov: ask for Jane",)
    tried = called("2026-11-20T09:00:00Z", with_="Jane")
    assert call(owing(person(), jo, abusive, tried, debtor='size = "large"')).callee.name == "Jane"
    spoke = called("2026-11-20T09:00:00Z", "refused", with_="Jane")
    after = call(owing(person(), jo, abusive, spoke, debtor='size = "large"'))
    assert (after.callee.name, after.why) == ("Jo", ("last spoken on Fri 20 Nov",))
    promised = promise("2026-11-16T09:00:00Z", "9.00", "2026-11-24", with_="Jo")
    assert call(owing(person(), jo, promised, abusive)).callee.name == "Jane"


def test_who_has_nobody_above_is_asked_for_again() -> None:
    abusive = called("2026-11-17T09:00:00Z", "abusive")
    found = call(owing(person(), abusive))
    assert (found.callee.name, found.why) == ("Jane", ("last spoken on Tue 17 Nov",))


# When to write


REACHED = 'phone = "+44 1"\nemail = "acme@debtor.example"\nmanner = "{manner}"'
MESSAGE = entry(
    "letter",
    at="2026-11-20T09:00:00Z",
    template="courtesy",
    channel="sms",
    language="en",
    amount="1000.00",
)


def tries(count: int, first: int = 10) -> list[str]:
    return [called(f"2026-11-{first + n:02}T09:00:00Z") for n in range(count)]


def suggested(known: Case, now: str = NOW, packs_of: PacksOf = house) -> str | None:
    """Return the command that a row suggests, the rest of its reasons being others."""
    found = [why for why in call(known, now, packs_of=packs_of).why if "write (" in why]
    return found[0] if found else None


@pytest.mark.parametrize(
    ("stage", "debtor", "said"),
    [
        ("courtesy", 'phone = "+44 1"', "call-back"),
        ("courtesy", 'email = "acme@debtor.example"', "courtesy --format eml"),
        ("remind", REACHED, "reminder --format eml"),
        ("firm", REACHED, "reminder --format eml"),
        ("final", REACHED, "call-back"),
        ("formal", REACHED, "call-back"),
        ("remind", "", None),
    ],
)
def test_after_three_calls_in_vain_a_message_is_suggested(
    stage: str, debtor: str, said: str | None
) -> None:
    """Practice A27, J10, J11: a number that nobody answered yet hears no word of the debt (B45)."""
    begun = step("2026-11-09T09:00:00Z", stage)
    debtor = debtor.format(manner="calm")
    told = suggested(owing(begun, *tries(3), debtor=debtor))
    assert told == (f"3 calls in vain: write (dunctl letter acme {said})" if said else None)
    assert suggested(owing(begun, *tries(2), debtor=debtor)) is None


def test_calls_in_vain_are_counted_since_they_were_spoken_or_written_to() -> None:
    debtor = 'phone = "+44 1"'
    answered = called("2026-11-13T10:00:00Z", "refused")
    assert suggested(owing(*tries(3), answered, debtor=debtor)) is None
    since = suggested(owing(*tries(3, 9), answered, *tries(3, 17), debtor=debtor))
    assert since == "3 calls in vain: write (dunctl letter acme courtesy --format sms)"
    assert suggested(owing(*tries(3), MESSAGE, debtor=debtor)) is None
    noted = called("2026-11-20T09:00:00Z", "letter_sent", channel="email")
    assert suggested(owing(*tries(3), noted, debtor=debtor)) is None
    assert call(owing(*tries(3), MESSAGE, debtor=debtor)).why == ("tried 3 times, nobody reached",)


def test_the_policy_says_after_how_many_calls() -> None:
    known = owing(*tries(5), debtor='phone = "+44 1"')
    for count, found in ((5, True), (6, False), (0, False)):
        own = policy(f"[frequency]\nmessage_after_calls = {count}\n")
        assert any("write (" in why for why in call(known, rules=own).why) == found


@pytest.mark.parametrize(
    ("head", "manner", "said"),
    [
        ("", "cold", "cold: rather write (dunctl letter acme courtesy --format eml)"),
        ('reason = "oversight.forgot"', "calm", "forgetful: rather write (dunctl letter acme "),
        ('reason = "oversight"', "cold", "cold: rather write (dunctl letter acme courtesy "),
        ('reason = "admin"', "calm", None),
    ],
)
def test_some_are_rather_written_to_from_the_first(
    head: str, manner: str, said: str | None
) -> None:
    """Practice A39, J09, J12: unless that was just done; the call stays on the list."""
    known = owing(head=head, debtor=REACHED.format(manner=manner))
    told = suggested(known)
    assert (told or "").startswith(said or "never") == bool(said)
    lately = owing(MESSAGE, head=head, debtor=REACHED.format(manner=manner))
    assert suggested(lately, "2026-11-23T09:00") is None
    assert suggested(lately) == told
    final = step("2026-11-20T09:00:00Z", "final")
    assert suggested(owing(final, head=head, debtor=REACHED.format(manner=manner))) is None


def test_no_message_is_suggested_that_may_not_go_out() -> None:
    """Practice B10, B45: not to somebody outside, and not to a number of somebody else."""
    outside = entry("person", name="Al", role="other", phone="+44 2", email="al@home.example")
    assert suggested(owing(outside, *tries(3), debtor=REACHED.format(manner="cold"))) is None
    wrong = called("2026-11-09T09:00:00Z", "wrong_number", phone="+44 2")
    two = entry("person", name="Jane", role="owner", phone='["+44 1", "+44 2"]')
    assert suggested(owing(two, *tries(3))) is not None
    assert suggested(owing(two, wrong, *tries(3))) is None
    agent = entry("person", name="Roe", role="lawyer")
    assert suggested(owing(agent, debtor='email = "a@b.example"\nmanner = "cold"')) is None

    known = owing(called("2026-11-24T08:30:00Z"))
    void = entry("void", at="2026-11-24T08:40:00Z", entry=handles(known.data)["contact", 0])
    assert call(owing(called("2026-11-24T08:30:00Z"), void), packs_of=house)


# In which order


def test_promises_and_call_backs_come_first() -> None:
    """Practice F24, A37."""
    big = case(invoice("A", "2025-11-16", "99999.00"), case_id="big")
    due = owing(promise("2026-11-17T09:00:00Z", "1.00", "2026-11-24"), name="due")
    broken = owing(promise("2026-11-17T09:00:00Z", "1.00", "2026-11-19"), name="broken")
    asked = owing(
        called("2026-11-20T09:00:00Z", "inconvenient", call_back="2026-11-24T09:00:00Z"),
        name="asked",
    )
    now = clock(NOW)
    standings = [at(known, NOW) for known in (big, due, broken, asked)]
    found = plan_of(standings, desk_spans("tue 09:00-09:30", now), now, most=3)
    assert {row.call.card.id for row in found.rows} == {"due", "broken", "asked"}
    assert [one.call.card.id for one in found.unfitted] == ["big"]


def test_held_cases_are_listed_by_the_day_they_come_back() -> None:
    def paused(name: str, until: str) -> Case:
        keys = {"kind": "pause", "until": until}
        return owing(entry("hold", at="2026-11-20T09:00:00Z", **keys), name=name)

    forever = owing(entry("hold", at="2026-11-20T09:00:00Z", kind="fraud"), name="a")
    _, found = listed(forever, paused("c", "2026-12-01"), paused("b", "2026-12-01"))
    assert [one.card.id for one in found] == ["b", "c", "a"]


@pytest.mark.parametrize(
    ("income", "today", "day"),
    [
        (Income(day_of_month=27), "2026-11-24", "2026-11-27"),
        (Income(day_of_month=27), "2026-11-23", None),
        (Income(day_of_month=27), "2026-11-28", "2026-11-27"),
        (Income(day_of_month=27), "2026-11-29", None),
        (Income(day_of_month=31), "2026-11-27", "2026-11-30"),
        (Income(day_of_month=31), "2027-02-25", "2027-02-28"),
        (Income(day_of_month=1), "2026-11-28", "2026-12-01"),
        (Income(on=date(2026, 11, 26)), "2026-11-24", "2026-11-26"),
        (Income(), "2026-11-24", None),
    ],
)
def test_money_coming_in_is_seen_three_days_before_and_one_after(
    income: Income, today: str, day: str | None
) -> None:
    """Practice A10, A11, CF04: from three days before to one day after; month ends are clamped."""
    found = income_near([income], date.fromisoformat(today))
    assert found == (date.fromisoformat(day) if day else None)


@pytest.mark.parametrize(
    ("day_of_month", "today", "days"),
    [
        (25, "2026-11-24", ["2026-11-25", "2026-12-25", "2027-01-25"]),
        (25, "2026-11-25", ["2026-11-25", "2026-12-25", "2027-01-25"]),
        (25, "2026-11-26", ["2026-12-25", "2027-01-25"]),
        (31, "2026-11-30", ["2026-11-30", "2026-12-31", "2027-01-29"]),
        (1, "2026-10-30", ["2026-10-30", "2026-12-01"]),
        (1, "2026-10-31", ["2026-12-01"]),
    ],
)
def test_the_day_on_which_they_pay_is_never_after_a_day_off(
    day_of_month: int, today: str, days: list[str]
) -> None:
    """1 November 2026 is a Sunday, 31 January 2027 too."""
    found = settle_days(day_of_month, date.fromisoformat(today), dates.weekday)
    assert [str(day) for day in found] == days


def test_on_the_day_on_which_they_pay_they_are_called_until_they_are_spoken_to() -> None:
    """Practice A36: always be there; also where they would have a rest else (A41)."""
    known = owing(called("2026-11-23T09:00:00Z", "refused"), debtor="settle_day = 25")
    assert held(known) == ("spoke on Mon 23 Nov", date(2026, 11, 25))
    there = call(known, "2026-11-25T09:00", packs_of=house)
    assert (there.pinned, there.card.why[0]) == (True, "today they pay their suppliers")
    spoken = owing(called("2026-11-25T09:00:00Z", "refused"), debtor="settle_day = 25")
    assert held(spoken, "2026-11-25T10:00", packs_of=house) == (
        "spoke on Wed 25 Nov",
        date(2026, 11, 27),
    )
    assert not call(known, "2026-11-26T09:00", packs_of=house).pinned


def test_a_promise_for_later_stands_before_the_day_on_which_they_pay() -> None:
    known = owing(promise("2026-11-23T09:00:00Z", "500.00", "2026-12-04"), debtor="settle_day = 25")
    assert held(known, "2026-11-25T09:00")[0].startswith("promised £500.00 for Fri 4 Dec")


# Whatever the book


ZONES = (
    *("Europe/London", "Europe/Berlin", "Asia/Shanghai", "Asia/Kathmandu", "Australia/Sydney"),
    *("Australia/Lord_Howe", "America/New_York", "America/Los_Angeles", "Pacific/Apia"),
    "Pacific/Honolulu",
)
MOMENTS = st.datetimes(datetime(2026, 2, 1), datetime(2026, 12, 20))  # noqa: DTZ001
AVOID = ("wed", "tue 09:00-16:00", "11:00-15:00", "mon-fri 08:00-09:30; fri")


def stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds") + "+00:00"


@st.composite
def happenings(draw: st.DrawFn, now: datetime, most: int) -> str:
    """Draw something that happened lately, as an entry; from 7 on it takes a case off the calls."""
    days = draw(st.sampled_from((5, 3, 8, 2, 1, 0, 12)))
    moment = now - timedelta(days=days, minutes=draw(st.integers(1, 600)))
    soon = now + timedelta(minutes=draw(st.integers(0, 4 * 24 * 60)))
    after = max(moment, now - timedelta(days=3) + (soon - now))
    what = draw(st.integers(0, most))
    when, day = stamp(moment), str(moment.date())
    if what <= 2:
        outcomes = ("no_answer", "refused", "left_message", "ended_early")
        return called(when, draw(st.sampled_from(outcomes)))
    if what == 3:
        return called(when, "inconvenient", call_back=stamp(after))
    if what == 4:
        return promise(when, "400.00", str(after.date() + timedelta(days=1)))
    if what == 5:
        return promise(when, "400.00", stamp(after))
    if what == 6:
        return draw(st.sampled_from((paid(day, "400.00"), disputed(when, "100.00"))))
    if what == 7:
        return draw(st.sampled_from((paid(day, "5000.00"), disputed(when, "5000.00"))))
    if what == 8:
        kind = draw(st.sampled_from(("represented", "insolvent", "stop_contact", "fraud")))
        return entry("hold", at=when, kind=kind)
    if what == 9:
        return entry("release", at=when, what="represented")
    if what == 10:
        due = moment.date() + timedelta(days=draw(st.integers(0, 9)))
        return entry("plan", at=when, instalments=f"[{{ due = {due}, amount = 300.00 }}]")
    return step(when, draw(st.sampled_from(("remind", "firm", "legal", "closed"))))


@st.composite
def cases(draw: st.DrawFn, name: str, now: datetime) -> Case:
    count = draw(st.sampled_from((1, 1, 1, 2, 2, 0)))
    zones = draw(st.lists(st.sampled_from(ZONES), min_size=count, max_size=count, unique=True))
    overdue = draw(st.integers(-1, 40))
    due = now.date() - timedelta(days=overdue)
    entries = [invoice("A", str(due), "1000.00", issued=str(due - timedelta(days=30)))]
    if draw(st.booleans()):
        later = due + timedelta(days=20)
        entries.append(invoice("B", str(later), "5000.00", issued=str(later), currency="EUR"))
    most = draw(st.sampled_from((6, 6, 6, 11)))
    entries += draw(st.lists(happenings(now, most), max_size=4, unique=True))
    if draw(st.booleans()):
        keys = {"prefer": '["tue 10:00-11:00", "fri"]'} if draw(st.booleans()) else {}
        keys["avoid"] = f'["{draw(st.sampled_from(AVOID))}"]'
        entries.append(person(**keys))
    debtor = draw(
        st.sampled_from(
            ("", 'kind = "consumer"', 'hours = "mon-fri 05:00-23:30"\nlunch = "12:00-12:30"')
        )
    )
    zone = "[" + ", ".join(f'"{one}"' for one in zones) + "]" if zones else None
    return case(*entries, case_id=name, zone=zone, debtor=debtor)


@st.composite
def books(draw: st.DrawFn) -> tuple[list[Standing], list[tuple[datetime, datetime]], datetime]:
    """Draw the standings of a book at some instant of 2026, and what is left of the desk's day."""
    utc = draw(MOMENTS).replace(tzinfo=UTC, second=0, microsecond=0)
    now = utc.astimezone(dates.zone(draw(st.sampled_from(ZONES))))
    desk = draw(st.sampled_from((ANY, "mon-sun 07:00-22:00", DESK)))
    naive = utc.replace(tzinfo=None)
    count = draw(st.integers(1, 6))
    book = [draw(cases(f"case-{nth}", naive)) for nth in range(count)]
    return [standing(one, POLICY, now) for one in book], desk_spans(desk, now), now


def moments(one: Call) -> Iterable[datetime]:
    """Return instants of a call's window: every ten minutes, and its last second."""
    moment = one.start.astimezone(UTC)
    while moment < one.end:
        yield moment
        moment += timedelta(minutes=10)
    yield one.end.astimezone(UTC) - timedelta(seconds=1)


def within(hours_: str, local: datetime) -> bool:
    minute = local.hour * 60 + local.minute
    return any(
        day == local.weekday() and start <= minute < end
        for day, start, end in dates.parse_hours(hours_)
    )


@given(books())
def test_no_call_is_ever_at_a_wrong_hour(
    book: tuple[list[Standing], list[tuple[datetime, datetime]], datetime],
) -> None:
    """Practice A14, A17, A31: in every zone where the debtor may be, for the whole window."""
    standings, desk, now = book
    by_id = {at.case.id: at for at in standings}
    for one in day_list(standings, desk)[0]:
        at = by_id[one.card.id]
        assert now.astimezone(UTC) <= one.start < one.end
        assert any(start <= one.start and one.end <= end for start, end in desk)
        assert freeze(at) is None
        assert at.case.debtor.timezone
        for moment in moments(one):
            for name in at.case.debtor.timezone:
                local = moment.astimezone(dates.zone(name))
                assert local.weekday() < 5, (name, local)
                assert 8 <= local.hour < 21, (name, local)
                for avoided in one.callee.person.avoid if one.callee.person else ():
                    assert not within(avoided, local), (avoided, local)


@given(books())
def test_whoever_owes_is_either_called_or_held_and_that_once(
    book: tuple[list[Standing], list[tuple[datetime, datetime]], datetime],
) -> None:
    standings, desk, now = book
    calls, held_back = day_list(standings, desk)
    found = [one.card.id for one in calls] + [one.card.id for one in held_back]
    assert len(found) == len(set(found))
    chased = {s.case.id for s in standings if s.ledger.chasable() and s.stage != "closed"}
    assert chased <= set(found)
    assert {one.card.id for one in calls} <= chased
    for back in held_back:
        day = back.card.day if back.card.state == "held" else now.toordinal()
        assert back.until is None or back.until.toordinal() > day, back.why
        assert back.why
