"""Plans of instalments and settlements (practice F14-F21, Q21): derived from what was paid.

November 2026: the 2nd is a Monday, the 6th a Friday. One working day of grace is the house policy.
The debt is 1,000.00, due on 1 October.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from dunctl import money
from dunctl.calling.journal import answer
from dunctl.case.handles import Content, handles
from dunctl.case.records import Case
from dunctl.cli import main
from dunctl.errors import Refused
from dunctl.owed.ledger import ledger
from dunctl.steps.ladder import fitting_stage, freeze, suggest
from dunctl.steps.plans import Every, due_days, parts
from dunctl.steps.standing import Standing
from tests.casefile import (
    CURRENCIES,
    amounts,
    at,
    called,
    case,
    disputed,
    entry,
    invoice,
    minor,
    paid,
    promise,
    read,
    text,
)

MADE = "2026-11-02T10:00:00Z"
DEBT = invoice("A", due="2026-10-01", amount="1000.00", issued="2026-09-01")
THREE = (("2026-11-06", "400.00"), ("2026-12-04", "300.00"), ("2027-01-04", "300.00"))


def plan(*instalments: tuple[str, str], at: str = MADE, **keys: str) -> str:
    listed = ", ".join(f"{{ due = {due}, amount = {amount} }}" for due, amount in instalments)
    return entry("plan", at=at, instalments=f"[{listed}]", **keys)


def settlement(amount: str, until: str, at: str = MADE, **keys: str) -> str:
    return entry("settlement", at=at, amount=amount, until=until, **keys)


def stands(known: Case, when: str) -> list[str]:
    """Say of each instalment how it stands, and what is missing of it."""
    schedule = at(known, when).schedule
    assert schedule is not None
    return [f"{one.status} {one.missing:.2f}" for one in schedule.instalments]


def asks(here: Standing) -> tuple[str, int]:
    """Return what may be asked for, and for how many days it is past due."""
    return amounts(here.ledger.chasable()).get("GBP", "0"), here.ledger.days_past_due()


# Splitting


@given(
    st.integers(1, 10**9),
    st.integers(1, 40),
    st.sampled_from(CURRENCIES),
    st.integers(1, 10**6) | st.none(),
)
def test_parts_come_to_the_total_and_differ_by_one_smallest_unit(
    units: int, count: int, currency: str, lead: int | None
) -> None:
    total = Decimal(minor(units, currency))
    first = Decimal(minor(lead, currency)) if lead else None
    others = count - bool(lead)
    if units - (lead or 0) < max(1, others) or others < 1:
        with pytest.raises(Refused, match=r"leaves nothing|cannot be paid in"):
            parts(total, currency, count, first)
        return
    found = parts(total, currency, count, first)
    assert len(found) == count
    assert sum(found) == total
    assert all(money.fits(part, currency) and part > 0 for part in found)
    equal = found[1:] if lead else found
    assert found[0] == (first or max(found))
    assert equal == sorted(equal, reverse=True), "the earlier ones bear the odd cents"
    assert max(equal) - min(equal) <= Decimal(1).scaleb(-money.exponent(currency))


@given(st.integers(1, 10**6), st.integers(10**3, 10**6))
def test_so_much_each_takes_as_many_as_it_takes_and_the_last_is_smaller(
    units: int, each: int
) -> None:
    total, size = Decimal(units) / 100, Decimal(each) / 100
    found = parts(total, "GBP", None, None, size)
    assert sum(found) == total
    assert set(found[:-1]) <= {size}
    assert 0 < found[-1] <= size


@pytest.mark.parametrize(
    ("first", "every", "days"),
    [
        ("2027-01-31", Every(months=1), ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]),
        ("2028-01-30", Every(months=1), ["2028-01-30", "2028-02-29", "2028-03-30", "2028-04-30"]),
        ("2026-11-30", Every(months=3), ["2026-11-30", "2027-02-28", "2027-05-30", "2027-08-30"]),
        ("2026-12-25", Every(days=14), ["2026-12-25", "2027-01-08", "2027-01-22", "2027-02-05"]),
    ],
)
def test_due_days_are_counted_from_the_first_one(first: str, every: Every, days: list[str]) -> None:
    """31 January and a month is the last of February, and the one after is 31 March again."""
    assert [str(day) for day in due_days(date.fromisoformat(first), 4, every)] == days


# How a plan stands


@pytest.mark.parametrize(
    ("payments", "when", "expected"),
    [
        ([], "2026-11-05T12:00", "open 400.00"),
        ([], "2026-11-09T23:59", "due 400.00"),
        ([], "2026-11-10T00:00", "late 400.00"),
        ([("2026-11-05", "399.99")], "2026-11-10T00:00", "late 0.01"),
        ([("2026-11-05", "400.00")], "2026-11-10T00:00", "paid 0.00"),
        ([("2026-11-01", "400.00")], "2026-11-10T00:00", "late 400.00"),
        ([("2026-11-20", "400.00")], "2026-11-20T12:00", "paid 0.00"),
        ([("2026-11-20", "400.00")], "2026-11-19T12:00", "late 400.00"),
    ],
    ids=[
        *("before its day", "in its grace", "after it", "a penny short", "in time"),
        *("paid before the plan", "caught up", "not yet come"),
    ],
)
def test_each_instalment_is_its_own_promise(
    payments: list[tuple[str, str]], when: str, expected: str
) -> None:
    """Practice F14, F24."""
    whole = invoice("A", due="2026-10-01", amount="2000.00", issued="2026-09-01")
    partly = plan(("2026-11-06", "400.00"), ("2026-12-04", "600.00"))
    known = case(whole, partly, *(paid(on, amount) for on, amount in payments))
    assert stands(known, when)[0] == expected


def test_money_goes_to_the_oldest_instalment_first() -> None:
    known = case(DEBT, plan(*THREE), paid("2026-11-05", "500.00"), paid("2026-11-20", "100.00"))
    assert stands(known, "2026-11-10T12:00") == ["paid 0.00", "open 200.00", "open 300.00"]
    assert stands(known, "2026-12-09T12:00") == ["paid 0.00", "late 100.00", "open 300.00"]


def test_where_a_case_stands_is_known_without_reading_its_text_a_second_time() -> None:
    """A morning with no index does this to every case of the book."""
    known = case(
        DEBT,
        plan(*THREE),
        settlement("900.00", "2026-11-30"),
        promise("2026-10-05T10:00:00Z", "100.00", "2026-10-09"),
        disputed("2026-10-06T10:00:00Z", "50.00"),
        paid("2026-11-05", "900.00"),
    )
    here = at(known, "2026-11-10T12:00")
    unread = known._replace(data=Content(known.data, lambda: pytest.fail("it was read again")))
    assert at(unread, "2026-11-10T12:00")._replace(case=known) == here


def test_a_plan_up_to_date_holds_and_asks_for_nothing() -> None:
    """Practice O13, F14."""
    here = at(case(DEBT, plan(*THREE)), "2026-11-09T12:00")
    assert here.plan is not None
    assert freeze(here) == ("a plan is up to date, £400.00 is due Fri 6 Nov", None)
    assert asks(here) == ("0", 0)
    assert amounts(here.ledger.balance()) == {"GBP": "1000.00"}


def test_of_a_late_plan_only_what_is_late_is_asked_for_and_its_day_counts() -> None:
    """An instalment late is overdue on its own, and the ladder runs by the oldest of them.

    Others wait for the last one (OCA account_invoice_overdue_reminder; odoo/odoo#210974).
    """
    known = case(DEBT, plan(*THREE))
    here = at(known, "2026-11-10T09:00")
    assert (here.plan, freeze(here)) == (None, None)
    assert asks(here) == ("400.00", 4)
    assert fitting_stage(here) == ("courtesy", "4 days past due")
    assert asks(at(known, "2026-12-08T09:00")) == ("700.00", 32)
    part = case(DEBT, plan(*THREE), paid("2026-12-01", "450.00"))
    assert asks(at(part, "2026-12-08T09:00")) == ("250.00", 4)


@pytest.mark.parametrize(
    "end",
    [
        entry("release", at="2026-11-12T09:00:00Z", what="plan"),
        "HANDLE",
        "VOID",
    ],
)
def test_a_plan_given_up_makes_everything_due_as_the_invoices_say(end: str) -> None:
    source = text(DEBT, plan(*THREE))
    handle = handles(read(source).data)["plan", 0]
    if end == "HANDLE":
        end = entry("release", at="2026-11-12T09:00:00Z", what=handle)
    if end == "VOID":
        end = entry("void", at="2026-11-12T09:00:00Z", entry=handle)
    here = at(read(source + end), "2026-11-12T10:00")
    assert asks(here) == ("1000.00", 42)
    assert here.schedule is None
    if "[[release]]" in end:
        before = at(read(source + end), "2026-11-11T10:00")
        assert asks(before) == ("400.00", 5), "until then it was in force"


def test_a_new_plan_replaces_the_one_before() -> None:
    again = plan(("2026-11-20", "500.00"), ("2026-12-18", "500.00"), at="2026-11-12T09:00:00Z")
    here = at(case(DEBT, plan(*THREE), again), "2026-11-13T09:00")
    assert here.plan is not None
    assert asks(here) == ("0", 0)


def test_the_rest_is_due_at_once_only_by_a_clause() -> None:
    """What a clause made due stays due, also when the missed instalment comes later."""
    clause = plan(*THREE, accelerate="clause 4.2")
    assert asks(at(case(DEBT, clause), "2026-11-09T12:00")) == ("0", 0)
    assert asks(at(case(DEBT, clause), "2026-11-10T12:00")) == ("1000.00", 4)
    later = case(DEBT, clause, paid("2026-11-12", "400.00"))
    here = at(later, "2026-11-13T12:00")
    assert asks(here) == ("600.00", 4)
    assert here.schedule is not None
    assert str(here.schedule.accelerated) == "2026-11-09"
    in_time = case(DEBT, clause, paid("2026-11-09", "400.00"))
    assert asks(at(in_time, "2026-11-13T12:00")) == ("0", 0)
    assert asks(at(case(DEBT, plan(*THREE), paid("2026-11-12", "400.00")), "2026-11-13T12:00")) == (
        "0",
        0,
    )


def test_what_is_overdue_beside_the_plan_is_chased_and_the_plan_left_alone() -> None:
    """A later invoice, or the part that the plan left out (--partial)."""
    later = invoice("B", due="2026-11-20", amount="70.00", issued="2026-11-04")
    good = paid("2026-11-05", "400.00", invoice="A")
    here = at(case(DEBT, plan(*THREE), good, later), "2026-11-24T12:00")
    assert (here.plan, asks(here)) == (None, ("70.00", 4))
    assert suggest(here).to == "courtesy"
    partial = plan(("2026-11-06", "300.00"), ("2026-12-04", "300.00"))
    here = at(case(DEBT, partial, paid("2026-11-06", "300.00")), "2026-11-24T12:00")
    assert (here.plan, asks(here)) == (None, ("400.00", 54))
    assert stands(here.case, "2026-11-24T12:00") == ["paid 0.00", "open 300.00"]


def test_a_part_that_is_not_due_yet_keeps_its_own_day() -> None:
    coming = invoice("B", due="2026-11-30", amount="50.00", issued="2026-10-30")
    known = case(DEBT, coming, plan(*THREE), paid("2026-11-06", "400.00"))
    assert at(known, "2026-11-24T12:00").plan is not None
    assert asks(at(known, "2026-12-02T12:00")) == ("50.00", 2)


def test_a_payment_that_bounced_makes_its_instalment_late_again() -> None:
    source = text(DEBT, plan(*THREE), paid("2026-11-06", "400.00"))
    handle = handles(read(source).data)["payment", 0]
    bounced = read(source + entry("reversal", on="2026-11-16", payment=handle))
    assert asks(at(bounced, "2026-11-15T12:00")) == ("0", 0)
    assert stands(bounced, "2026-11-16T12:00")[0] == "late 400.00"
    assert asks(at(bounced, "2026-11-16T12:00")) == ("400.00", 10)


def test_a_credit_note_or_a_dispute_takes_from_the_last_instalments() -> None:
    credit = case(DEBT, plan(*THREE), entry("credit", on="2026-11-03", amount="350.00"))
    assert stands(credit, "2026-11-10T12:00") == ["late 400.00", "open 250.00", "paid 0.00"]
    contested = case(DEBT, plan(*THREE), disputed("2026-11-03T09:00:00Z", "350.00"))
    assert stands(contested, "2026-11-10T12:00") == ["late 400.00", "open 250.00", "paid 0.00"]
    released = entry("release", at="2026-11-12T09:00:00Z", what="dispute")
    again = case(DEBT, plan(*THREE), disputed("2026-11-03T09:00:00Z", "350.00"), released)
    assert stands(again, "2026-11-13T12:00") == ["late 400.00", "open 300.00", "open 300.00"]


def test_credit_that_was_taken_off_the_plan_is_taken_off_once() -> None:
    credit = entry("credit", on="2026-10-05", amount="1000.00", invoice="B")
    other = invoice("B", due="2026-10-01", amount="900.00", issued="2026-09-01")
    whole = invoice("A", due="2026-10-01", amount="1100.00", issued="2026-09-01")
    known = case(whole, other, credit, plan(*THREE))
    assert asks(at(known, "2026-11-09T12:00")) == ("0", 0)
    assert asks(at(known, "2026-11-10T12:00")) == ("400.00", 4)
    assert asks(at(known, "2027-02-01T12:00")) == ("1000.00", 87)


@pytest.mark.parametrize(
    ("down", "instalments", "first"),
    [
        ("400.00", THREE, "paid 0.00"),
        ("400.00", (("2026-11-06", "300.00"), ("2026-12-04", "300.00")), "open 300.00"),
        ("400.00", (("2026-11-02", "400.00"), ("2026-12-04", "600.00")), "paid 0.00"),
    ],
    ids=["the plan is of the whole", "of what was left", "with a part down that day"],
)
def test_it_does_not_matter_which_was_written_first_on_the_same_day(
    down: str, instalments: tuple[tuple[str, str], ...], first: str
) -> None:
    """Money of the day of the plan counts for it as far as the plan was about it."""
    entries = [plan(*instalments), paid("2026-11-02", down)]
    for order in (entries, entries[::-1]):
        assert stands(case(DEBT, *order), "2026-11-03T12:00")[0] == first


def test_a_plan_paid_to_the_end_is_over() -> None:
    after = invoice("B", due="2026-11-10", amount="70.00", issued="2026-10-10", currency="EUR")
    known = case(DEBT, after, plan(*THREE), paid("2026-11-06", "1000.00"))
    here = at(known, "2026-11-24T12:00")
    assert here.schedule is not None
    assert (here.schedule.status, here.plan) == ("paid", None)
    assert amounts(here.ledger.chasable()) == {"EUR": "70.00"}


def test_a_hold_for_a_plan_lasts_as_long_as_the_plan_is_kept() -> None:
    hold = entry("hold", at=MADE, kind="plan")
    assert freeze(at(case(DEBT, hold), "2026-11-24T12:00"))
    assert freeze(at(case(DEBT, hold, plan(*THREE)), "2026-11-09T12:00"))
    assert freeze(at(case(DEBT, hold, plan(*THREE)), "2026-11-10T12:00")) is None


# What the list makes of it


def says(known: Case, when: str) -> str:
    found = answer(at(known, when))
    return f"{found.state}: {found.words()}" if found.state in ("held", "pinned") else found.state


def test_an_instalment_is_reminded_of_the_day_before_and_pinned_when_it_is_late() -> None:
    """Practice F10, F14, F24; nobody is reminded twice."""
    known = case(DEBT, plan(*THREE, with_="Jane"))
    held = "held: a plan is up to date, £400.00 is due Fri 6 Nov"
    reminder = "pinned: remind: instalment of £400.00 for Fri 6 Nov"
    assert says(known, "2026-11-04T09:00") == held
    assert says(known, "2026-11-05T09:00") == reminder
    assert says(known, "2026-11-06T09:00") == reminder
    assert at(known, "2026-11-05T09:00").asked == {"GBP": Decimal(400)}
    told = case(DEBT, plan(*THREE), called("2026-11-05T09:00:00Z", "payment_confirmed"))
    assert says(told, "2026-11-06T09:00") == held
    assert says(known, "2026-11-09T09:00") == held
    late = "pinned: instalment of £400.00 for Fri 6 Nov: £400.00 has not come"
    assert says(known, "2026-11-10T09:00") == late


def test_a_hold_silences_the_reminder() -> None:
    hold = entry("hold", at="2026-11-04T09:00:00Z", kind="stop_contact")
    assert says(case(DEBT, plan(*THREE), hold), "2026-11-05T09:00").startswith("held: on hold")


# Settlements


def owed_on(known: Case, day: str) -> str:
    return amounts(ledger(known, date.fromisoformat(day)).balance())["GBP"]


def test_when_the_agreed_part_comes_in_time_the_rest_is_let_go() -> None:
    """Practice Q21, CF11: in parts, too; disputed or not."""
    contested = disputed("2026-10-20T09:00:00Z", "100.00")
    known = case(
        DEBT,
        contested,
        settlement("800.00", "2026-11-13"),
        paid("2026-11-05", "300.00"),
        paid("2026-11-13", "500.00"),
    )
    assert owed_on(known, "2026-11-12") == "700.00"
    assert owed_on(known, "2026-11-13") == "0.00"
    here = at(known, "2026-11-20T12:00")
    assert here.settled
    assert [offer.status for offer in here.offers] == ["met"]
    (row,) = here.ledger.receivables
    assert [row.paid, row.credited] == [Decimal(800), Decimal(200)]
    assert suggest(here) == ("closed", "everything is paid or let go", None, None, False)


@pytest.mark.parametrize(
    ("payments", "left"),
    [
        ([("2026-11-13", "799.99")], "200.01"),
        ([("2026-11-14", "800.00")], "200.00"),
        ([("2026-11-01", "800.00")], "200.00"),
        ([("2026-11-10", "900.00")], "0.00"),
    ],
    ids=["a penny short", "a day late", "before the offer", "more than agreed"],
)
def test_otherwise_it_runs_out_by_itself(payments: list[tuple[str, str]], left: str) -> None:
    offer = settlement("800.00", "2026-11-13")
    known = case(DEBT, offer, *(paid(on, amount) for on, amount in payments))
    assert owed_on(known, "2026-12-01") == left


def test_an_open_settlement_holds_like_a_promise_and_an_expired_one_does_not() -> None:
    known = case(DEBT, settlement("800.00", "2026-11-13"), head='reason = "unknown"')
    here = at(known, "2026-11-10T09:00")
    assert suggest(here).obstacle == "a settlement is open until Fri 13 Nov"
    assert says(known, "2026-11-10T09:00") == (
        "held: settlement for £800.00 is open until Fri 13 Nov"
    )
    assert asks(here) == ("1000.00", 40)
    after = at(known, "2026-11-14T00:00")
    assert ([offer.status for offer in after.offers], suggest(after).obstacle) == (
        ["expired"],
        None,
    )
    assert says(known, "2026-11-16T09:00") == "free"


def test_a_payment_that_bounced_takes_the_settlement_with_it() -> None:
    source = text(DEBT, settlement("800.00", "2026-11-13"), paid("2026-11-10", "800.00"))
    handle = handles(read(source).data)["payment", 0]
    known = read(source + entry("reversal", on="2026-11-18", payment=handle))
    assert owed_on(known, "2026-11-17") == "0.00"
    assert owed_on(known, "2026-11-18") == "1000.00"


def test_what_was_invoiced_after_the_offer_is_not_let_go() -> None:
    later = invoice("B", due="2026-12-05", amount="70.00", issued="2026-11-05")
    known = case(DEBT, later, settlement("800.00", "2026-11-13"), paid("2026-11-10", "800.00"))
    assert owed_on(known, "2026-11-20") == "70.00"
    named = case(
        DEBT,
        later,
        settlement("800.00", "2026-11-13"),
        paid("2026-11-10", "740.00"),
        paid("2026-11-11", "60.00", invoice="B"),
    )
    assert owed_on(named, "2026-11-20") == "270.00"


# Worked cases of the field


def test_half_today_and_the_rest_later() -> None:
    """Practice F20, K12: 4,000 owed on the 5th, 2,000 today, then the rest waits."""
    debt = invoice("L-9", due="2026-11-05", amount="4000.00", issued="2026-10-05")
    agreed = plan(("2026-11-10", "2000.00"), ("2026-12-05", "2000.00"), at="2026-11-10T10:00:00Z")
    down = paid("2026-11-10", "2000.00")
    assert asks(at(case(debt, agreed), "2026-11-12T00:00")) == ("2000.00", 2)
    good = case(debt, agreed, down)
    assert at(good, "2026-11-12T12:00").plan is not None
    assert says(good, "2026-12-04T09:00") == "pinned: remind: instalment of £2,000.00 for Sat 5 Dec"
    assert asks(at(good, "2026-12-08T00:00")) == ("2000.00", 3)


def test_a_part_now_and_the_rest_in_two_months() -> None:
    """Practice F16: one now and two more; each is asked for when its day has come."""
    days = due_days(date(2026, 11, 2), 3, Every(months=1))
    sums = parts(Decimal("1000.00"), "GBP", 3)
    agreed = plan(*((str(day), f"{part}") for day, part in zip(days, sums, strict=True)))
    now = paid("2026-11-02", "333.34")
    known = case(DEBT, agreed, now)
    assert stands(known, "2026-12-03T12:00") == ["paid 0.00", "due 333.33", "open 333.33"]
    assert asks(at(known, "2026-12-04T00:00")) == ("333.33", 2)
    whole = case(DEBT, agreed, now, paid("2026-12-02", "333.33"), paid("2027-01-02", "333.33"))
    assert at(whole, "2027-01-02T12:00").settled


# Properties


DAY = st.integers(0, 60).map(lambda n: date(2026, 10, 20) + timedelta(days=n))
CENTS = st.integers(1, 600_00)


def pounds(cents: int) -> str:
    return f"{Decimal(cents) / 100:.2f}"


@st.composite
def agreed_plans(draw: st.DrawFn) -> tuple[str, Decimal]:
    """Draw a plan for the whole debt, made on 2 November."""
    count = draw(st.integers(1, 5))
    first = date(2026, 11, 2) + timedelta(days=draw(st.integers(0, 20)))
    days = due_days(first, count, Every(days=draw(st.integers(1, 20))))
    sums = parts(Decimal("1000.00"), "GBP", count)
    keys = {"accelerate": "clause 4"} if draw(st.booleans()) else {}
    return plan(*((str(d), f"{s}") for d, s in zip(days, sums, strict=True)), **keys), Decimal(1000)


@given(agreed_plans(), st.lists(st.tuples(DAY, CENTS), max_size=4), DAY)
def test_money_towards_a_plan_is_counted_once_and_what_is_late_is_asked_for(
    agreed: tuple[str, Decimal], payments: list[tuple[date, int]], day: date
) -> None:
    since = [(on, cents) for on, cents in payments if on > date(2026, 11, 2)]
    known = case(DEBT, agreed[0], *(paid(str(on), pounds(cents)) for on, cents in since))
    here = at(known, f"{day}T12:00")
    if here.schedule is None:
        assert day < date(2026, 11, 2)
        return
    came = sum((Decimal(cents) / 100 for on, cents in since if on <= day), Decimal(0))
    found = here.schedule.instalments
    assert sum((one.paid for one in found), Decimal(0)) == min(came, agreed[1])
    assert all(one.paid + one.missing == one.amount and one.fallen == 0 for one in found)
    late = sum((one.missing for one in found if one.status == "late"), Decimal(0))
    wanted = here.schedule.missing if here.schedule.accelerated else late
    assert here.ledger.chasable().get("GBP", Decimal(0)) == wanted
    assert (here.plan is None) == (wanted > 0 or here.schedule.status == "paid")
    for row in here.ledger.receivables:
        assert 0 <= row.deferred <= row.undisputed


@given(
    agreed_plans(),
    st.lists(st.tuples(st.sampled_from(("payment", "credit")), DAY, CENTS), max_size=4),
    st.lists(st.tuples(DAY, CENTS), max_size=2),
    DAY,
)
def test_a_plan_puts_off_and_never_changes_what_is_owed(
    agreed: tuple[str, Decimal],
    money_in: list[tuple[str, date, int]],
    contested: list[tuple[date, int]],
    day: date,
) -> None:
    entries = [entry(kind, on=str(on), amount=pounds(cents)) for kind, on, cents in money_in]
    entries += [disputed(f"{on}T09:00:00Z", pounds(cents)) for on, cents in contested]
    entries.append(invoice("B", "2026-11-20", "250.00", issued="2026-11-05"))
    known = case(DEBT, agreed[0], *entries)
    here, bare = at(known, f"{day}T12:00"), ledger(known, day)
    assert here.ledger.balance() == bare.balance()
    assert here.ledger.disputed() == bare.disputed()
    for row, before in zip(here.ledger.receivables, bare.receivables, strict=True):
        assert 0 <= row.deferred <= row.undisputed
        assert row._replace(deferred=before.deferred, agreed=before.agreed) == before
    if here.schedule is None:
        return
    assert all(one.missing >= 0 and one.paid >= 0 for one in here.schedule.instalments)
    left = here.schedule.missing
    made = date(2026, 11, 2)
    if all(on > made for on in [*(on for _, on, _ in money_in), *(on for on, _ in contested)]):
        assert left <= max(Decimal(0), sum((r.open for r in bare.receivables), Decimal(0)))
    if here.schedule.status == "up_to_date":
        outside = [r for r in bare.receivables if r.number == "B" and r.due < day]
        assert here.ledger.chasable().get("GBP", Decimal(0)) <= sum(
            (r.undisputed for r in outside), Decimal(0)
        )


# The commands


NOW = {"DUNCTL_NOW": "2026-11-24T09:00:00+00:00", "DUNCTL_USER": "li.na"}


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """Return a store with one case that owes 1,000.00, 250.00 of which is not due yet."""
    (tmp_path / "dunctl.toml").write_text(
        '[creditor]\nname = "We"\n[desk]\ntimezone = "Europe/London"\n'
        '[defaults]\ncurrency = "GBP"\ncountry = "GB"\n',
        encoding="utf-8",
    )
    (tmp_path / ".dunctl").mkdir()
    (tmp_path / ".dunctl/no-git-told").touch()
    (tmp_path / "cases").mkdir()
    source = text(
        invoice("A", "2026-10-30", "750.00", issued="2026-10-01"),
        invoice("B", "2026-12-30", "250.00", issued="2026-11-01"),
        debtor='country = "GB"',
    )
    (tmp_path / "cases/acme.toml").write_text(source, encoding="utf-8")
    return tmp_path


def run(desk: Path, *words: str, **environment: str) -> Result:
    return CliRunner().invoke(main, ["--store", str(desk), *words], env={**NOW, **environment})


def written(desk: Path) -> Case:
    return read((desk / "cases/acme.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            "--on|27 nov|500|--on|24 dec|400",
            "the instalments come to £900.00 of £1,000.00: say what becomes of £100.00, "
            "--rest DATE or --partial --why …",
        ),
        (
            "--on|27 nov|900|--on|24 dec|200",
            "the instalments come to £1,100.00, but £1,000.00 is open and undisputed",
        ),
        (
            "--on|2026-11-23|500|--on|24 dec|500",
            "an instalment cannot be in the past: Mon 23 Nov",
        ),
        (
            "--on|24 dec|500|--on|24 dec|500",
            "instalments go from day to day: Thu 24 Dec does not come after Thu 24 Dec",
        ),
        (
            "--on|27 nov|1000|--rest|24 dec",
            "the instalments come to all that is open: leave --rest out",
        ),
        (
            "--instalments|3|--from|1 dec|--first|1000",
            "a first instalment of £1,000.00 leaves nothing of £1,000.00 for the others",
        ),
        (
            "--instalments|3|--from|2026-11-20",
            "an instalment cannot be in the past: Fri 20 Nov",
        ),
        (
            "--instalments|3|--from|1 dec|--currency|EUR",
            "acme: nothing is open that is not disputed",
        ),
    ],
)
def test_a_plan_that_cannot_be_is_one_sentence_and_nothing_is_written(
    desk: Path, words: str, sentence: str
) -> None:
    before = (desk / "cases/acme.toml").read_bytes()
    result = run(desk, "plan", "acme", *words.split("|"))
    assert (result.exit_code, result.stderr) == (1, f"dunctl: {sentence}\n")
    assert (desk / "cases/acme.toml").read_bytes() == before


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("", "say how many"),
        ("--instalments|3", "say --from DATE"),
        ("--instalments|3|--on|1 dec|500", "say how many"),
        ("--on|1 dec|1000|--every|week", "go with --instalments or --each"),
        ("--instalments|3|--from|1 dec|--every|fortnight", "--every is such as month"),
        ("--instalments|3|--from|1 dec|--every|0 days", "--every is such as month"),
        ("--on|1 dec|500|--partial", "--partial needs --why"),
        ("--on|1 dec|500|--partial|--rest|2 dec|--why|x", "choose one"),
    ],
)
def test_what_is_typed_wrongly_is_said_and_nothing_is_written(
    desk: Path, words: str, sentence: str
) -> None:
    before = (desk / "cases/acme.toml").read_bytes()
    result = run(desk, "plan", "acme", *filter(None, words.split("|")))
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert (desk / "cases/acme.toml").read_bytes() == before


@pytest.mark.parametrize(
    ("words", "instalments"),
    [
        (
            "--instalments|3|--from|31 jan",
            [("2027-01-31", "333.34"), ("2027-02-28", "333.33"), ("2027-03-31", "333.33")],
        ),
        (
            "--instalments|3|--from|today|--every|2w|--first|500",
            [("2026-11-24", "500.00"), ("2026-12-08", "250.00"), ("2026-12-22", "250.00")],
        ),
        (
            "--each|400|--from|1 dec|--every|10 days",
            [("2026-12-01", "400.00"), ("2026-12-11", "400.00"), ("2026-12-21", "200.00")],
        ),
        (
            "--each|400|--instalments|2|--from|1 dec|--rest|1 mar",
            [("2026-12-01", "400.00"), ("2027-01-01", "400.00"), ("2027-03-01", "200.00")],
        ),
        ("--on|1 dec|750", [("2026-12-01", "750.00")]),
        ("--on|1 dec|600|--partial|--why|the insurer pays the rest", [("2026-12-01", "600.00")]),
    ],
    ids=["by number", "with a part down", "so much each", "with a rest", "the overdue", "a part"],
)
def test_a_plan_is_written_as_it_was_said(
    desk: Path, words: str, instalments: list[tuple[str, str]]
) -> None:
    result = run(desk, "plan", "acme", *words.split("|"))
    assert result.exit_code == 0, result.output
    (row,) = written(desk).data["plan"]
    assert [(str(one["due"]), str(one["amount"])) for one in row["instalments"]] == instalments
    assert at(written(desk), "2026-11-24T09:00").schedule is not None


def test_a_letter_asks_for_the_late_part_only(desk: Path) -> None:
    """Practice E41, F24: no word of asking for a sum that is not due."""
    run(desk, "plan", "acme", "--instalments", "3", "--from", "today")
    later = {"DUNCTL_NOW": "2026-11-30T09:00:00+00:00"}
    result = run(desk, "letter", "acme", "reminder", "--lang", "en", **later)
    assert result.exit_code == 0, result.output
    assert str(written(desk).data["letter"][0]["amount"]) == "333.34"


def test_a_due_day_on_a_holiday_stays_and_is_warned_of(desk: Path) -> None:
    result = run(desk, "plan", "acme", "--on", "today", "500", "--on", "25 dec", "500")
    assert "no working day there: Fri 25 Dec (Christmas Day); due all the same" in result.stderr
    assert str(written(desk).data["plan"][0]["instalments"][1]["due"]) == "2026-12-25"


def test_a_plan_is_given_up_by_a_release(desk: Path) -> None:
    run(desk, "plan", "acme", "--instalments", "2", "--from", "today")
    assert run(desk, "release", "acme", "plan", "--why", "nothing came").exit_code == 0
    assert "no hold, dispute or plan" in run(desk, "release", "acme").stderr
    assert run(desk, "plan", "acme", "--instalments", "2", "--from", "today").exit_code == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("1000|--until|fri", "acme owes £1,000.00: with £1,000.00 nothing would be let go"),
        ("800|--until|2026-11-20", "the offer would end before it is made: Fri 20 Nov"),
    ],
)
def test_an_offer_that_cannot_be_is_one_sentence_and_nothing_is_written(
    desk: Path, words: str, sentence: str
) -> None:
    before = (desk / "cases/acme.toml").read_bytes()
    result = run(desk, "settle", "acme", *words.split("|"), "--why", "they close")
    assert (result.exit_code, result.stderr) == (1, f"dunctl: {sentence}\n")
    assert (desk / "cases/acme.toml").read_bytes() == before


def test_a_settlement_is_offered_paid_and_closed(desk: Path) -> None:
    result = run(desk, "settle", "acme", "800", "--until", "fri", "--why", "they close")
    assert "£200.00 of £1,000.00 is let go if it comes by Fri 27 Nov" in result.stdout
    result = run(desk, "pay", "acme", "800")
    assert "settlement for £800.00: met, the rest is let go" in result.stdout
    assert "stage closed" in run(desk, "escalate", "acme").stdout
    assert '"status": "met"' in run(desk, "show", "acme", "--json").stdout


def test_money_of_the_same_day_that_would_count_for_an_offer_is_said(desk: Path) -> None:
    run(desk, "pay", "acme", "100")
    result = run(desk, "settle", "acme", "700", "--until", "fri", "--why", "they close")
    assert "£100.00 of the same day counts towards it" in result.stderr


def test_the_whole_is_asked_for_before_a_part(desk: Path) -> None:
    """Practice F18, F19, CF10: one notice, and none once the whole was refused."""
    notice = "£750.00 is due: ask for the whole first"
    assert notice not in run(desk, "promise", "acme", "750", "fri").stderr
    run(desk, "undo")
    run(desk, "void", "acme", handles(written(desk).data)["promise", 0])
    assert notice in run(desk, "promise", "acme", "300", "fri").stderr
    run(desk, "void", "acme", handles(written(desk).data)["promise", 1])
    run(desk, "log", "acme", "partial_offer", "--amount", "300")
    assert notice not in run(desk, "promise", "acme", "300", "thu").stderr


def test_a_promise_stands_beside_a_plan() -> None:
    """A promise for the late part holds the case until its day, as any promise."""
    again = promise("2026-11-11T10:00:00Z", "400.00", "2026-11-13")
    known = case(DEBT, plan(*THREE), again)
    assert says(known, "2026-11-11T12:00").startswith("held: promised £400.00 for Fri 13 Nov")
