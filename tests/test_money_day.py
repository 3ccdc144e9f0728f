"""Money counts from the earlier of two midnights, the desk's and the debtor's; all else is theirs.

A shop in Shanghai has customers in New York: what is on its account this morning came in
yesterday there.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunctl import dates
from dunctl.calling.filing import docket
from dunctl.case.handles import handles
from dunctl.case.records import Case
from dunctl.owed.claims import owed
from dunctl.owed.ledger import ledger
from dunctl.owed.statement import statement
from dunctl.steps.standing import Standing, standing
from tests.casefile import (
    DAYS,
    POLICY,
    START,
    amounts,
    case,
    clock,
    entry,
    invoice,
    minor,
    paid,
    policy,
    promise,
    read,
    text,
)
from tests.test_statement import LAW, books, closing

NEW_YORK, SHANGHAI, SYDNEY = "America/New_York", "Asia/Shanghai", "Australia/Sydney"
ZONES = (NEW_YORK, SHANGHAI, SYDNEY, "Europe/London", "Pacific/Apia", "Pacific/Pago_Pago")
DEBT = invoice("B-1", "2026-10-05", "4200.00", issued="2026-09-05")
MORNING = clock("2026-10-12T09:00", SHANGHAI)
NO_GRACE = policy("[promise]\ngrace_working_days = 0")


def there(*entries: str, zone: str = NEW_YORK) -> Case:
    return case(DEBT, *entries, zone=zone, currency="USD")


def at(known: Case, now: datetime = MORNING) -> Standing:
    return standing(known, POLICY, now)


def taken_back(on: str, *before: str) -> list[str]:
    """Return entries, and a reversal of the payment among them."""
    names = handles(read(text(DEBT, *before, zone=NEW_YORK, currency="USD")).data)
    return [*before, entry("reversal", on=on, payment=names["payment", 0])]


@pytest.mark.parametrize(
    ("entries", "left"),
    [
        ([paid("2026-10-12", "4200.00")], "0.00"),
        ([paid("2026-10-12", "4200.00", invoice="B-1")], "0.00"),
        ([entry("credit", on="2026-10-12", amount="200.00")], "4000.00"),
        (taken_back("2026-10-12", paid("2026-10-12", "4200.00")), "4200.00"),
        (taken_back("2026-10-12", paid("2026-10-01", "4200.00")), "4200.00"),
        ([paid("2026-10-12", "4250.00"), entry("refund", on="2026-10-12", amount="50.00")], "0.00"),
        ([paid("2026-10-13", "4200.00")], "4200.00"),
        ([paid("2026-10-13", "4200.00"), paid("2026-10-12", "200.00")], "4000.00"),
    ],
)
def test_what_the_desk_has_today_is_not_asked_for_where_it_is_still_yesterday(
    entries: list[str], left: str
) -> None:
    """Money of the desk's tomorrow does not count yet."""
    here = at(there(*entries))
    assert here.today == here.ledger.day == date(2026, 10, 11)
    assert amounts(here.ledger.balance()) == {"USD": left}
    assert here.ledger.balance() == ledger(here.case, MORNING.date()).balance()


def test_a_debtor_who_is_ahead_is_not_asked_for_money_of_their_own_day() -> None:
    known = there(paid("2026-10-13", "4200.00"), zone=SYDNEY)
    assert at(known, clock("2026-10-12T18:30", NEW_YORK)).ledger.unpaid() == []
    assert at(known, clock("2026-10-12T08:30", NEW_YORK)).ledger.unpaid() != []


def test_nothing_else_comes_a_day_early() -> None:
    """Not what is due, nor the days past due, nor interest, nor an invoice of the desk's day."""
    due = invoice("B-2", "2026-10-11", "100.00", issued="2026-09-11")
    new = invoice("B-3", "2026-11-12", "50.00", issued="2026-10-12")
    here = at(there(due, new, paid("2026-10-12", "200.00")))
    assert [r.number for r in here.ledger.receivables] == ["B-1", "B-2"]
    assert [r.number for r in here.ledger.overdue()] == ["B-1"]
    assert here.ledger.days_past_due() == 6


@pytest.mark.parametrize("amount", ["4200.00", "200.00"])
def test_a_promise_is_not_kept_by_the_desks_day_and_broken_by_its_own(amount: str) -> None:
    """What a promise comes to does not change when the debtor's midnight passes."""
    known = there(
        promise("2026-10-06T12:00:00-04:00", "4200.00", "2026-10-11"), paid("2026-10-12", amount)
    )
    (before,) = standing(known, NO_GRACE, MORNING).promises
    (after,) = standing(known, NO_GRACE, MORNING + timedelta(hours=4)).promises
    assert (before.missing, before.later) == (after.missing, after.later)
    assert (before.status, after.status) == ("open", "broken")


@pytest.mark.parametrize(("until", "left"), [("2026-10-11", "3200.00"), ("2026-10-12", "0.00")])
def test_a_settlement_is_met_in_time_by_the_day_of_the_money(until: str, left: str) -> None:
    """From the desk's midnight on, and the debtor's changes nothing."""
    offer = entry("settlement", at="2026-10-06T12:00:00-04:00", amount="1000.00", until=until)
    known = there(offer, paid("2026-10-12", "1000.00"))
    for hours in (0, 4):
        here = at(known, MORNING + timedelta(hours=hours))
        assert amounts(here.ledger.balance()) == {"USD": left}


def test_what_was_waived_this_morning_is_not_asked_for() -> None:
    fee = entry("fee", on="2026-10-07", amount="40.00", kind="costs", basis="clause 7")
    names = handles(read(text(DEBT, fee, zone=NEW_YORK, currency="USD")).data)
    waiver = entry("waiver", on="2026-10-12", what=names["fee", 0], why="goodwill")
    here = at(there(fee, waiver))
    fees = [
        owed(here.case, here.today, LAW, day).totals["USD"].fees for day in (None, here.money_day)
    ]
    assert fees == [Decimal(40), Decimal(0)]


def test_an_instalment_that_is_here_is_not_asked_for() -> None:
    parts = "[{ due = 2026-10-09, amount = 2100.00 }, { due = 2026-11-09, amount = 2100.00 }]"
    plan = entry("plan", at="2026-10-01T12:00:00-04:00", instalments=parts)
    late = at(there(plan)).schedule
    here = at(there(plan, paid("2026-10-12", "2100.00"))).schedule
    assert late is not None
    assert here is not None
    assert [one.status for one in late.instalments] == ["due", "open"]
    assert [one.status for one in here.instalments] == ["paid", "open"]


def test_a_docket_wakes_when_money_begins_to_count() -> None:
    """At the desk's midnight, if that comes first; then nothing is left to ask for."""
    known = there(paid("2026-10-12", "4200.00"), paid("2026-10-14", "1.00"))
    night = clock("2026-10-11T22:00", SHANGHAI)
    before = docket(at(known, night), (), 14)
    assert before.state != "nothing"
    assert before.wakes == clock("2026-10-12T00:00", SHANGHAI).timestamp()
    after = docket(at(known, clock("2026-10-12T00:00", SHANGHAI)), (), 14)
    assert after.state == "nothing"
    assert after.wakes == clock("2026-10-12T00:00", NEW_YORK).timestamp()


@st.composite
def movements(draw: st.DrawFn) -> list[str]:
    """Draw undated invoices, and money that comes and goes."""
    entries = [
        invoice(f"N{nth}", str(draw(DAYS)), minor(draw(st.integers(1, 9999)), "USD"))
        for nth in range(draw(st.integers(1, 3)))
    ]
    for kind in draw(st.lists(st.sampled_from(("payment", "credit", "refund")), max_size=6)):
        entries.append(
            entry(kind, on=str(draw(DAYS)), amount=minor(draw(st.integers(1, 9999)), "USD"))
        )
    names = handles(read(text(*entries, currency="USD")).data)
    payments = [name for (kind, _), name in names.items() if kind == "payment"]
    for name in draw(st.lists(st.sampled_from(payments), max_size=2)) if payments else []:
        entries.append(entry("reversal", on=str(draw(DAYS)), payment=name))
    return entries


@given(
    movements(),
    st.sampled_from(ZONES),
    st.sampled_from(ZONES),
    st.integers(0, 150 * 24).map(lambda hours: timedelta(hours=hours)),
)
def test_what_is_open_is_what_the_day_further_ahead_says(
    entries: list[str], one: str, other: str, since: timedelta
) -> None:
    """Whoever of the two is ahead: so it never depends on that once both have passed the day."""
    now = datetime.combine(START, datetime.min.time(), dates.zone("UTC")) + since
    days = [now.astimezone(dates.zone(zone)).date() for zone in (one, other)]
    for desk, debtor in ((one, other), (other, one)):
        known = case(*entries, zone=debtor, currency="USD")
        here = at(known, now.astimezone(dates.zone(desk)))
        assert here.ledger.balance() == ledger(known, max(days)).balance()
        assert here.ledger.day == now.astimezone(dates.zone(debtor)).date()
        if days[0] == days[1]:
            assert here.ledger == ledger(known, days[0])


@given(books(), DAYS, st.integers(0, 1))
def test_the_account_adds_up_on_such_a_morning_too(known: Case, day: date, ahead: int) -> None:
    """With interest, fees, settlements and what was let go: the closing balance is what is owed."""
    money_day = day + timedelta(days=ahead)
    found = statement(known, None, day, LAW, money_day)
    claims = owed(known, day, LAW, money_day)
    ends = {one.currency: one.closing for one in found.accounts if one.closing}
    assert ends == closing(claims)
    for one in found.accounts:
        assert one.opening + sum((line.amount for line in one.lines), Decimal(0)) == one.closing
        days = [line.on or date.min for line in one.lines]
        assert days == sorted(days)
    if not ahead:
        assert claims == owed(known, day, LAW)
