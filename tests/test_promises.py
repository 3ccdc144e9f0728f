"""Promises to pay (practice F): what became of them is derived from what was paid, never written.

November 2026: the 2nd is a Monday, the 6th a Friday. One working day of grace is the house policy.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunctl import dates
from dunctl.case.handles import handles
from dunctl.case.records import Case
from dunctl.steps.promises import (
    PromiseState,
    breaks_at,
    promise_states,
    reliability,
)
from tests.casefile import POLICY, case, clock, entry, invoice, paid, policy, promise, read, text

MADE = "2026-11-02T10:00:00Z"
DEBT = invoice("A", due="2026-10-01", amount="5000.00", issued="2026-09-01")
FRIDAY = promise(MADE, "2000.00", "2026-11-06", with_="Jane")
AT_THREE = promise(MADE, "2000.00", "2026-11-06T15:00:00Z")
NO_GRACE = policy("promise.grace_working_days = 0").promise


def states(
    known: Case, when: str, zone: str = "Europe/London", grace: int = 1
) -> list[PromiseState]:
    terms = POLICY.promise._replace(grace_working_days=grace)
    theirs = dates.zone(known.debtor.timezone[0])
    return promise_states(known, clock(when, zone), theirs, terms)


def became(known: Case, when: str, zone: str = "Europe/London", grace: int = 1) -> list[str]:
    """Say of each promise what became of it, and what is missing of it."""
    return [f"{s.status} {s.missing:.2f}" for s in states(known, when, zone, grace)]


@pytest.mark.parametrize(
    ("payments", "when", "status"),
    [
        ([], "2026-11-06T12:00", "open 2000.00"),
        ([], "2026-11-09T23:59", "open 2000.00"),
        ([], "2026-11-10T00:00", "broken 2000.00"),
        ([("2026-11-06", "2000.00")], "2026-11-06T12:00", "kept 0.00"),
        ([("2026-11-04", "1500.00"), ("2026-11-06", "500.00")], "2026-11-20T12:00", "kept 0.00"),
        ([("2026-11-05", "2500.00")], "2026-11-20T12:00", "kept 0.00"),
        ([("2026-11-09", "2000.00")], "2026-11-20T12:00", "kept 0.00"),
        ([("2026-11-05", "1200.00")], "2026-11-09T12:00", "open 800.00"),
        ([("2026-11-05", "1200.00")], "2026-11-10T00:00", "partial 800.00"),
        ([("2026-11-10", "2000.00")], "2026-11-20T12:00", "broken 0.00"),
        (
            [("2026-11-05", "1200.00"), ("2026-11-11", "300.00")],
            "2026-11-20T12:00",
            "partial 500.00",
        ),
        ([("2026-11-02", "2000.00")], "2026-11-02T12:00", "kept 0.00"),
        ([("2026-11-01", "2000.00")], "2026-11-20T12:00", "broken 2000.00"),
        ([("2026-11-09", "2000.00")], "2026-11-06T12:00", "open 2000.00"),
    ],
    ids=[
        *("due today", "in the grace of one working day", "after it", "on the day", "in two parts"),
        *("more than promised", "on the day of grace", "part of it so far", "a part in time"),
        *("whole, but late", "part in time and part late", "on the day of making"),
        *("the day before it was made", "not yet: the payment is later than now"),
    ],
)
def test_what_became_of_a_promise(payments: list[tuple[str, str]], when: str, status: str) -> None:
    """Practice F05, F13, F25; the grace is the policy's own (README, R6)."""
    known = case(DEBT, FRIDAY, *(paid(on, amount) for on, amount in payments))
    assert became(known, when) == [status]


@pytest.mark.parametrize(
    ("due", "grace", "breaks"),
    [
        ("2026-11-05", 0, "2026-11-06T00:00"),
        ("2026-11-05", 1, "2026-11-07T00:00"),
        ("2026-11-06", 0, "2026-11-07T00:00"),
        ("2026-11-06", 1, "2026-11-10T00:00"),
        ("2026-11-07", 1, "2026-11-10T00:00"),
        ("2026-11-06", 2, "2026-11-11T00:00"),
        ("2026-11-06T15:00:00Z", 0, "2026-11-06T15:00"),
        ("2026-11-06T15:00:00Z", 1, "2026-11-10T00:00"),
    ],
)
def test_a_promise_breaks_after_its_grace_and_never_over_a_weekend(
    due: str, grace: int, breaks: str
) -> None:
    known = case(DEBT, promise(MADE, "2000.00", due))
    last = clock(breaks) - timedelta(microseconds=1)
    zone = dates.zone("Europe/London")
    terms = POLICY.promise._replace(grace_working_days=grace)
    assert [s.status for s in promise_states(known, last, zone, terms)] == ["open"]
    assert [s.status for s in promise_states(known, clock(breaks), zone, terms)] == ["broken"]


@pytest.mark.parametrize(
    ("zone", "london"),
    [
        ("Australia/Sydney", "2026-11-24T13:00"),
        ("Asia/Shanghai", "2026-11-24T16:00"),
        ("Europe/Berlin", "2026-11-24T23:00"),
        ("America/New_York", "2026-11-25T05:00"),
    ],
)
def test_a_day_ends_at_midnight_where_the_debtor_is(zone: str, london: str) -> None:
    """Practice A17: a desk in London counts the debtor's days."""
    known = case(DEBT, promise("2026-11-20T09:00:00Z", "10.00", "2026-11-24"), zone=zone)
    last = clock(london) - timedelta(microseconds=1)
    theirs = dates.zone(zone)
    assert [s.status for s in promise_states(known, last, theirs, NO_GRACE)] == ["open"]
    assert [s.status for s in promise_states(known, clock(london), theirs, NO_GRACE)] == ["broken"]


def test_a_clock_time_written_in_the_offset_of_the_desk_is_a_day_of_the_debtors() -> None:
    """23:30 in London is already the 25th in Sydney; so are the days of grace."""
    known = case(
        DEBT,
        promise("2026-11-20T09:00:00Z", "10.00", "2026-11-24T23:30:00Z"),
        zone="Australia/Sydney",
    )
    assert became(known, "2026-11-26T23:59", "Australia/Sydney") == ["open 10.00"]
    assert became(known, "2026-11-27T00:00", "Australia/Sydney") == ["broken 10.00"]
    (found,) = states(known, "2026-11-24T09:00", grace=0)
    assert (found.breaks_at.hour, found.breaks_at.date()) == (10, date(2026, 11, 25))


def test_a_promise_made_after_midnight_in_shanghai_is_not_paid_by_money_of_the_day_before() -> None:
    """18:30 on the 23rd in London is 02:30 on the 24th in Shanghai."""
    made = promise("2026-11-23T18:30:00+00:00", "100.00", "2026-11-27")
    early = case(DEBT, made, paid("2026-11-23", "100.00"), zone="Asia/Shanghai")
    same = case(DEBT, made, paid("2026-11-24", "100.00"), zone="Asia/Shanghai")
    assert became(early, "2026-11-24T09:00") == ["open 100.00"]
    assert became(same, "2026-11-24T09:00") == ["kept 0.00"]


def test_money_in_another_currency_does_not_keep_a_promise() -> None:
    euros = invoice("E", due="2026-10-01", amount="9000.00", currency="EUR")
    known = case(DEBT, euros, FRIDAY, paid("2026-11-05", "2000.00", currency="EUR"))
    assert became(known, "2026-11-20T12:00") == ["broken 2000.00"]


def test_money_for_another_invoice_does_not_keep_a_promise_for_this_one() -> None:
    other = invoice("B", due="2026-10-01", amount="9000.00")
    mine = promise(MADE, "2000.00", "2026-11-06", invoice="A")
    known = case(DEBT, other, mine, paid("2026-11-05", "2000.00", invoice="B"))
    unnamed = case(DEBT, other, mine, paid("2026-11-05", "2000.00"))
    assert became(known, "2026-11-20T12:00") == ["broken 2000.00"]
    assert became(unnamed, "2026-11-20T12:00") == ["kept 0.00"]


def test_a_voided_payment_breaks_the_promise_again() -> None:
    source = text(DEBT, FRIDAY, paid("2026-11-05", "2000.00"))
    handle = handles(read(source).data)["payment", 0]
    void = entry("void", at="2026-11-25T09:00:00Z", entry=handle, why="the cheque came back")
    assert became(read(source), "2026-11-20T12:00") == ["kept 0.00"]
    assert became(read(source + void), "2026-11-20T12:00") == ["broken 2000.00"]


def test_a_payment_that_bounced_breaks_the_promise_from_the_day_it_came_back() -> None:
    source = text(DEBT, FRIDAY, paid("2026-11-05", "2000.00"))
    handle = handles(read(source).data)["payment", 0]
    back = read(source + entry("reversal", on="2026-11-16", payment=handle, why="no funds"))
    assert became(back, "2026-11-15T23:59") == ["kept 0.00"]
    assert became(back, "2026-11-16T00:00") == ["broken 2000.00"]
    assert reliability(states(back, "2026-11-20T12:00")) == (0, 1)


def test_a_bounced_part_leaves_the_promise_partial_and_a_bounced_rest_leaves_it_open() -> None:
    source = text(DEBT, FRIDAY, paid("2026-11-04", "1500.00"), paid("2026-11-05", "500.00"))
    handle = handles(read(source).data)["payment", 1]
    late = read(source + entry("reversal", on="2026-11-16", payment=handle))
    soon = read(source + entry("reversal", on="2026-11-06", payment=handle))
    assert became(late, "2026-11-20T12:00") == ["partial 500.00"]
    assert became(soon, "2026-11-06T12:00") == ["open 500.00"]


def test_a_promise_kept_because_nothing_was_left_is_broken_when_that_payment_bounces() -> None:
    """Promised in round figures and paid to the penny, by a cheque that came back."""
    debt = invoice("A", due="2026-10-01", amount="1987.40", issued="2026-09-01")
    source = text(debt, FRIDAY, paid("2026-11-04", "1987.40"))
    handle = handles(read(source).data)["payment", 0]
    back = read(source + entry("reversal", on="2026-11-12", payment=handle))
    assert became(back, "2026-11-11T12:00") == ["kept 12.60"]
    assert became(back, "2026-11-12T00:00") == ["broken 2000.00"]


def test_a_new_payment_for_one_that_bounced_is_late() -> None:
    source = text(DEBT, FRIDAY, paid("2026-11-05", "2000.00"), paid("2026-11-18", "2000.00"))
    handle = handles(read(source).data)["payment", 0]
    known = read(source + entry("reversal", on="2026-11-16", payment=handle))
    assert became(known, "2026-11-20T12:00") == ["broken 0.00"]


def test_payments_keep_the_promises_of_one_call_first_in_first_out() -> None:
    second = promise(MADE, "1000.00", "2026-11-13")
    known = case(DEBT, FRIDAY, second, paid("2026-11-05", "2400.00"))
    assert became(known, "2026-11-06T12:00") == ["kept 0.00", "open 600.00"]
    late = case(DEBT, FRIDAY, second, paid("2026-11-11", "2000.00"))
    assert became(late, "2026-11-12T12:00") == ["broken 0.00", "open 1000.00"]


def test_a_promise_renegotiated_after_it_broke_is_kept_by_paying_the_new_one() -> None:
    """A late payment never repairs the first; but nobody who pays as agreed now breaks twice."""
    again = promise("2026-11-10T10:00:00Z", "2000.00", "2026-11-13")
    known = case(DEBT, FRIDAY, again, paid("2026-11-12", "2000.00"))
    assert became(known, "2026-11-11T12:00") == ["broken 2000.00", "open 2000.00"]
    assert became(known, "2026-11-20T12:00") == ["broken 0.00", "kept 0.00"]
    assert reliability(states(known, "2026-11-20T12:00")) == (1, 2)


def test_a_promise_is_kept_when_nothing_is_left_to_pay() -> None:
    early = promise(MADE, "5000.00", "2026-11-06")
    moved = promise("2026-11-05T10:00:00Z", "5000.00", "2026-11-13")
    known = case(DEBT, early, moved, paid("2026-11-12", "5000.00"))
    assert became(known, "2026-11-20T12:00") == ["broken 0.00", "kept 5000.00"]
    credited = case(DEBT, early, entry("credit", on="2026-11-05", amount="5000.00"))
    assert became(credited, "2026-11-20T12:00") == ["kept 5000.00"]


def test_an_invoice_issued_after_everything_was_paid_does_not_break_the_promise() -> None:
    """Promised in round figures, paid to the penny: the next invoice changes nothing of that."""
    debt = invoice("A", due="2026-10-01", amount="1987.40", issued="2026-09-01")
    new = invoice("B", due="2026-12-05", amount="300.00", issued="2026-11-05")
    known = case(debt, FRIDAY, paid("2026-11-04", "1987.40"), new)
    assert became(known, "2026-11-04T12:00") == ["kept 12.60"]
    assert became(known, "2026-11-20T12:00") == ["kept 12.60"]


def test_a_promise_not_yet_made_does_not_count() -> None:
    assert became(case(DEBT, FRIDAY), "2026-11-02T09:59") == []


def test_a_promise_is_confirmed_from_the_moment_it_was_put_in_writing() -> None:
    """Practice F01."""
    source = text(DEBT, FRIDAY)
    handle = handles(read(source).data)["promise", 0]
    known = read(source + entry("confirmation", at="2026-11-03T09:00:00Z", promise=handle))
    assert [s.confirmed for s in states(known, "2026-11-02T12:00")] == [False]
    assert [s.confirmed for s in states(known, "2026-11-03T09:00")] == [True]


def test_reliability_counts_a_part_as_not_kept_and_leaves_open_ones_out() -> None:
    """Practice R1, axis 4; F26."""
    dues = ("2026-09-04", "2026-09-11", "2026-09-18", "2026-11-27")
    known = case(
        DEBT,
        *(promise("2026-09-02T10:00:00Z", "100.00", due) for due in dues),
        paid("2026-09-03", "100.00"),
        paid("2026-09-10", "40.00"),
    )
    found = states(known, "2026-11-20T12:00")
    assert [s.status for s in found] == ["kept", "partial", "broken", "open"]
    assert reliability(found) == (1, 3)
    assert reliability([]) == (0, 0)


DAY = st.integers(0, 40).map(lambda n: date(2026, 10, 20) + timedelta(days=n))
AMOUNT = st.integers(1, 400_00).map(lambda cents: f"{Decimal(cents) / 100:.2f}")


@st.composite
def histories(draw: st.DrawFn) -> Case:
    entries = [invoice("A", "2026-10-01", "1000.00", issued="2026-09-01")]
    if draw(st.booleans()):
        entries.append(invoice("B", "2026-12-01", draw(AMOUNT), issued=str(draw(DAY))))
    for _ in range(draw(st.integers(1, 4))):
        made = draw(DAY)
        due = made + timedelta(days=draw(st.integers(0, 14)))
        hour = draw(st.sampled_from(("", "T23:30:00+00:00")))
        entries.append(promise(f"{made}T09:00:00Z", draw(AMOUNT), f"{due}{hour}"))
    entries += [paid(str(draw(DAY)), draw(AMOUNT)) for _ in range(draw(st.integers(0, 5)))]
    zone = draw(st.sampled_from(("Europe/London", "Australia/Sydney", "America/New_York")))
    return case(*entries, zone=zone)


@given(histories(), DAY, st.integers(0, 30), st.integers(0, 2))
def test_what_is_judged_once_stays_judged(known: Case, day: date, later: int, grace: int) -> None:
    """Nothing that comes later repairs a broken promise or spoils a kept one."""
    first = states(known, f"{day}T12:00", grace=grace)
    then = states(known, f"{day + timedelta(days=later)}T12:00", grace=grace)
    for early, late in zip(first, then, strict=False):
        assert early.status in ("open", late.status)
        assert late.missing <= early.missing


@given(histories(), DAY, st.integers(0, 2))
def test_no_money_is_counted_that_did_not_come(known: Case, day: date, grace: int) -> None:
    found = states(known, f"{day}T12:00", grace=grace)
    came = sum((Decimal(p["amount"]) for p in known.data.get("payment", [])), Decimal(0))
    assert sum((s.paid for s in found), Decimal(0)) <= came
    for state in found:
        assert state.paid >= 0
        assert state.later >= 0
        assert state.paid + state.later + state.missing == state.promise.amount
        ends = breaks_at(
            state.promise.due,
            dates.zone(known.debtor.timezone[0]),
            POLICY.promise._replace(grace_working_days=grace),
        )
        assert (state.status == "open") <= (clock(f"{day}T12:00") < ends)
        assert isinstance(state.breaks_at, datetime)
