"""What is owed with interest and fees, and where money goes.

The ids L2, L3, … are the worked examples of law.md, section 8c; "peers" are needs that users of
other programs named.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dunctl.case.handles import handles
from dunctl.case.records import Case
from dunctl.owed.allocation import shares
from dunctl.owed.claims import Owed, Total, owed
from dunctl.owed.debts import ZERO, FeeOwed
from dunctl.owed.law import NO_LAW, Law
from dunctl.owed.ledger import Ledger, ledger
from tests.casefile import (
    DAYS,
    START,
    amounts,
    case,
    disputed,
    entry,
    invoice,
    journals,
    paid,
    read,
    text,
)
from tests.moneycase import AGREED, BRITISH, LAW, book, books, handle

D = date.fromisoformat
GERMAN = 'country = "DE"'
A = invoice("A", due="2026-01-31", amount="1000.00", issued="2026-01-01")
B = invoice("B", due="2026-02-28", amount="500.00", issued="2026-02-01")


def terms(percent: str, per: str = "day", **keys: str) -> str:
    more = "".join(f'\n{key} = "{value}"' for key, value in keys.items())
    clause = f'interest = {{ percent = {percent}, per = "{per}", clause = "9" }}'
    return f"[terms]\n{clause}{more}"


def claim(on: str, **keys: str) -> str:
    return entry("claim", on=on, **keys)


def fee(on: str, amount: str, **keys: str) -> str:
    return entry("fee", on=on, amount=amount, **{"basis": "clause 12", **keys})


def waiver(on: str, what: str = "interest", **keys: str) -> str:
    return entry("waiver", on=on, what=what, why="goodwill", **keys)


def total(known: Case, day: str, law: Law = LAW) -> Total:
    (only,) = owed(known, D(day), law).totals.values()
    return only


def parts(known: Case, day: str, law: Law = LAW) -> tuple[str, str, str]:
    """Return what is owed: principal, claimed interest, fees."""
    found = total(known, day, law)
    return f"{found.principal:.2f}", f"{found.claimed:.2f}", f"{found.fees:.2f}"


def opens(found: Ledger) -> dict[str, str]:
    return {r.number: f"{r.open:.2f}" for r in found.receivables}


def fees_of(found: Owed) -> tuple[FeeOwed, ...]:
    return (*(fee for one in found.invoices for fee in one.fees), *found.fees)


def with_rules(**switches: Any) -> Law:
    """Return the law with another profile, ``own``, by the clause of the contract."""
    own = LAW.profiles["contract"]._replace(id="own", **switches)
    return LAW._replace(profiles={**LAW.profiles, "own": own})


# --- where money goes ----------------------------------------------------------------------------


def lent(amount: str, percent: str, costs: str, debtor: str, *entries: str) -> Case:
    """Return a debt that has run for a hundred days at a clear percentage a day."""
    return case(
        invoice("A", due="2026-01-31", amount=amount, issued="2026-01-01"),
        claim("2026-02-01"),
        fee("2026-02-01", costs, invoice="A"),
        *entries,
        currency="CNY" if "CN" in debtor else "EUR",
        debtor=f"{debtor}\n{terms(percent, profile='own' if 'DE' in debtor else 'contract-cn')}",
    )


LATER = str(D("2026-02-01") + timedelta(days=100))


def test_l2_a_consumer_loan_pays_costs_then_principal_then_default_interest() -> None:
    """BGB 497, reference case of bgbcalc 0.1.0: 20, 100 and 30 are owed, 125 pays 20/100/5."""
    law = with_rules(order=("costs", "principal", "interest"))
    debt = 'kind = "consumer"\ncountry = "DE"'
    before = lent("100.00", "0.3", "20.00", debt)
    yesterday = str(D(LATER) - timedelta(days=1))
    assert parts(before, yesterday, law) == ("100.00", "30.00", "20.00")
    after = lent("100.00", "0.3", "20.00", debt, paid(LATER, "125.00"))
    assert parts(after, LATER, law) == ("0.00", "25.00", "0.00")


def test_l3_costs_then_interest_then_principal() -> None:
    """民法典 561, public rule sheet: 300, 1,200 and 20,000 are owed; 5,000 leaves 16,500."""
    known = lent("20000.00", "0.06", "300.00", 'country = "CN"')
    assert parts(known, LATER) == ("20000.00", "1200.00", "300.00")
    after = lent("20000.00", "0.06", "300.00", 'country = "CN"', paid(LATER, "5000.00"))
    assert parts(after, LATER) == ("16500.00", "0.00", "0.00")


def test_l4_what_is_left_of_interest_is_carried_on_and_bears_none() -> None:
    """民法典 561 and the United States rule: 500 against 1,200 leaves 700, and 20,000 as it was."""
    known = lent("20000.00", "0.06", "0.01", 'country = "CN"', paid(LATER, "500.01"))
    assert parts(known, LATER) == ("20000.00", "700.00", "0.00")
    ten_days_on = str(D(LATER) + timedelta(days=10))
    assert parts(known, ten_days_on) == ("20000.00", "820.00", "0.00")


def test_l6_of_two_debts_alike_the_older_is_paid_first() -> None:
    """BGB 366 II, reference case of bgbcalc 0.1.0: two of 100, B is older, 150 pays B and half."""
    two = (
        invoice("A", due="2026-02-28", amount="100.00", issued="2026-01-01"),
        invoice("B", due="2026-01-31", amount="100.00", issued="2026-01-01"),
    )
    for among in ("oldest", "de366", "cn560"):
        law = with_rules(among=among)
        debtor = f"{GERMAN}\n{terms('0.01', profile='own')}"
        known = case(*two, paid("2026-03-10", "150.00"), debtor=debtor)
        assert opens(ledger(known, D("2026-03-10"), law)) == {"B": "0.00", "A": "50.00"}


@pytest.mark.parametrize(
    ("among", "left"),
    [
        ("oldest", {"A": "0.00", "B": "100.00", "C": "100.00"}),
        ("de366", {"A": "66.66", "B": "66.67", "C": "66.67"}),
        ("cn560", {"A": "66.66", "B": "66.67", "C": "66.67"}),
    ],
)
def test_what_is_due_on_one_day_is_paid_in_proportion_where_the_law_says_so(
    among: str, left: dict[str, str]
) -> None:
    """BGB 366 II, 民法典 560: pro rata at the end, and the odd cent is not lost."""
    three = [invoice(number, due="2026-01-31", amount="100.00") for number in "ABC"]
    debtor = f"{GERMAN}\n{terms('0.01', profile='own')}"
    known = case(*three, paid("2026-03-10", "100.00"), debtor=debtor)
    found = opens(ledger(known, D("2026-03-10"), with_rules(among=among)))
    assert found == left


@given(
    st.lists(st.integers(0, 10**9), min_size=1, max_size=6),
    st.integers(0, 10**10),
    st.sampled_from(("GBP", "JPY", "KWD")),
)
def test_shares_in_proportion_lose_no_cent_and_are_never_more_than_what_is_open(
    cents: list[int], amount: int, currency: str
) -> None:
    digits = {"GBP": 2, "JPY": 0, "KWD": 3}[currency]
    whole = [Decimal(part).scaleb(-digits) for part in cents]
    money = Decimal(amount).scaleb(-digits)
    found = shares(money, whole, currency)
    assert sum(found) == min(money, sum(whole))
    for share, part in zip(found, whole, strict=True):
        assert 0 <= share <= part
        if amount < sum(cents):
            exact = Fraction(amount * int(part.scaleb(digits)), sum(cents))
            assert abs(Fraction(int(share.scaleb(digits))) - exact) < 1


DEBT = (A, B, claim("2026-03-01"), fee("2026-03-01", "40.00", invoice="A"))
"""On 11 March: A 1,000 with 12.82 of interest and 40 of fees, B 500 with 1.81 of interest."""


@pytest.mark.parametrize(
    ("money", "left"),
    [
        ({}, ("1500.00", "14.63", "40.00")),
        ({"amount": "600.00"}, ("952.82", "1.81", "0.00")),
        ({"amount": "1100.00"}, ("454.63", "0.00", "0.00")),
        ({"amount": "1100.00", "invoice": "A"}, ("500.00", "1.81", "0.00")),
        ({"amount": "1020.00", "invoice": "A"}, ("500.00", "14.63", "20.00")),
        ({"amount": "600.00", "invoice": "B"}, ("1000.00", "12.82", "40.00")),
        ({"amount": "600.00", "to": "principal"}, ("900.00", "14.63", "40.00")),
        ({"amount": "14.00", "to": "interest"}, ("1500.00", "0.63", "40.00")),
        ({"amount": "50.00", "to": "costs"}, ("1500.00", "4.63", "0.00")),
        ({"amount": "1510.00", "to": "principal"}, ("0.00", "14.63", "30.00")),
        ({"amount": "20.00", "invoice": "A", "to": "interest"}, ("1492.82", "1.81", "40.00")),
    ],
    ids=[
        *("nothing came", "costs, interest, principal of the oldest", "then the next"),
        *("named: what is over goes to its fees and interest", "named: principal first"),
        *("named: the rest waits", "to principal", "to interest", "to costs, then interest"),
        *("to principal, the rest to costs", "to the interest of an invoice, then the invoice"),
    ],
)
def test_money_goes_where_the_payer_said_or_else_by_the_order_of_the_law(
    money: dict[str, str], left: tuple[str, str, str]
) -> None:
    """Interest of the days before the payment: 39 on A, 11 on B, at 12 % a year."""
    payment = [entry("payment", on="2026-03-12", **money)] if money else []
    known = book(*DEBT, *payment)
    found = owed(known, D("2026-03-11"), LAW)
    assert [f"{i.interest.open:.2f}" for i in found.invoices] == ["12.82", "1.81"]
    after = total(known, "2026-03-12")
    today = {"A": Decimal("0.33"), "B": Decimal("0.16")}  # of the day itself, where it is open
    ran = Decimal(0)
    for one in owed(known, D("2026-03-12"), LAW).invoices:
        before = {"A": Decimal("12.82"), "B": Decimal("1.81")}[one.number]
        ran += one.interest.accrued - before
        assert 0 <= one.interest.accrued - before <= today[one.number] + Decimal("0.01")
    assert (
        f"{after.principal:.2f}",
        f"{after.claimed - ran:.2f}",
        f"{after.fees:.2f}",
    ) == left


def test_money_that_came_before_the_claim_stays_where_it_went() -> None:
    """Nothing is retroactive: what was paid before is principal."""
    early = paid("2026-02-20", "300.00")
    assert parts(book(A, early, claim("2026-03-01")), "2026-03-05")[0] == "700.00"
    assert parts(book(A, early, claim("2026-02-20")), "2026-02-20")[0] == "706.25"


def test_who_pays_five_days_late_in_full_is_settled_and_the_pennies_are_only_shown() -> None:
    known = book(A, paid("2026-02-05", "1000.00"))
    found = owed(known, D("2026-06-30"), LAW)
    (one,) = found.invoices
    assert (one.open, one.interest.claimed) == (ZERO, None)
    assert f"{one.interest.open:.2f}" == "1.32"
    assert (found.totals["GBP"].total, found.totals["GBP"].interest) == (ZERO, ZERO)
    assert f"{found.totals['GBP'].unclaimed:.2f}" == "1.32"
    assert ledger(known, D("2026-06-30"), LAW).chasable() == {}


def test_a_claim_on_all_is_on_what_is_overdue_that_day_and_one_on_an_invoice_on_that() -> None:
    """An invoice that falls due later is not claimed on in advance."""
    early = claim("2026-02-15")
    known = book(A, B, early, paid("2026-02-10", "1000.00", invoice="A"))
    assert [i.interest.claimed for i in owed(known, D("2026-04-01"), LAW).invoices] == [None, None]
    known = book(A, B, early)
    claimed = [i.interest.claimed for i in owed(known, D("2026-04-01"), LAW).invoices]
    assert claimed == [D("2026-02-15"), None]
    named = book(A, B, paid("2026-02-10", "1000.00", invoice="A"), claim("2026-03-01", invoice="A"))
    claimed = [i.interest.claimed for i in owed(named, D("2026-04-01"), LAW).invoices]
    assert claimed == [D("2026-03-01"), None]


def test_a_letter_that_asks_for_interest_claims_it_and_one_that_does_not_does_not() -> None:
    letter = {"at": "2026-02-20T10:00:00Z", "template": "final-demand", "amount": "1000.00"}
    silent = book(A, entry("letter", **letter), paid("2026-03-02", "100.00"))
    asking = book(A, entry("letter", **letter, interest="6.25"), paid("2026-03-02", "100.00"))
    assert parts(silent, "2026-03-02")[0] == "900.00"
    assert parts(asking, "2026-03-02")[0] == "909.53"
    assert owed(asking, D("2026-03-02"), LAW).invoices[0].interest.claimed == D("2026-02-20")


def test_credit_of_theirs_is_never_set_off_against_fees_or_interest_by_itself() -> None:
    known = book(
        A,
        paid("2026-02-05", "1050.00"),
        claim("2026-02-10", invoice="A"),
        fee("2026-02-10", "40.00", invoice="A"),
    )
    found = ledger(known, D("2026-03-01"), LAW)
    assert (opens(found), amounts(found.unallocated)) == ({"A": "0.00"}, {"GBP": "50.00"})


# --- interest ------------------------------------------------------------------------------------


def test_interest_that_is_claimed_outlives_the_paid_principal() -> None:
    """peers 1, frappe/erpnext#58220: it vanished from the next reminder once all was paid."""
    known = book(A, claim("2026-02-11"), paid("2026-02-21", "1000.00", invoice="A"))
    for day in ("2026-02-21", "2026-06-30", "2027-06-30"):
        found = total(known, day)
        assert (found.principal, found.interest, found.daily) == (ZERO, Decimal("6.58"), ZERO)
    paid_too = book(
        A,
        claim("2026-02-11"),
        paid("2026-02-21", "1000.00", invoice="A"),
        paid("2026-03-21", "6.58"),
    )
    assert total(paid_too, "2026-06-30").total == 0
    assert ledger(paid_too, D("2026-06-30"), LAW).unallocated == {}


def test_interest_runs_on_what_is_left_from_the_day_of_each_payment() -> None:
    """peers 2, frappe/erpnext#49621: on the declining balance, not on the whole from the start."""
    known = book(A, paid("2026-02-11", "400.00"), paid("2026-03-03", "300.00"))
    rows = [
        (p.start, p.end, p.days, str(p.on))
        for p in owed(known, D("2026-03-12"), LAW).invoices[0].interest.periods
    ]
    assert rows == [
        (D("2026-02-01"), D("2026-02-10"), 10, "1000.00"),
        (D("2026-02-11"), D("2026-03-02"), 20, "600.00"),
        (D("2026-03-03"), D("2026-03-12"), 10, "300.00"),
    ]
    # 12 % of (10 x 1000 + 20 x 600 + 10 x 300) / 365
    assert f"{total(known, '2026-03-12').interest:.2f}" == "8.22"


def test_each_half_year_has_its_own_rate() -> None:
    """peers 3, frappe/erpnext#37095: 10.62 % to 30 June, another rate after it."""
    known = case(invoice("A", due="2025-01-31", amount="1000.00"), currency="EUR", debtor=GERMAN)
    found = owed(known, D("2026-08-31"), LAW).invoices[0].interest
    assert [(p.start, str(p.rate)) for p in found.periods if p.start.month == 7] == [
        (D("2025-07-01"), "10.27"),
        (D("2026-07-01"), "10.52"),
    ]
    assert found.periods[0].rate == Decimal("11.27")
    assert found.profile is not None
    assert found.profile.id == "de-b2b"
    assert "§ 288" in found.basis


def test_no_interest_is_demanded_on_what_is_disputed_and_it_comes_back_for_the_whole_time() -> None:
    source = text(A, disputed("2026-02-20T10:00:00Z", "400.00", invoice="A"), debtor=AGREED)
    known = read(source + entry("release", at="2026-03-10T10:00:00Z", what="dispute"))
    assert f"{total(known, '2026-02-19').interest:.2f}" == "6.25"
    disputed_now = total(known, "2026-03-02")  # thirty days
    assert (f"{disputed_now.interest:.2f}", f"{disputed_now.suspended:.2f}") == ("5.92", "3.94")
    assert f"{disputed_now.daily:.2f}" == "0.20"
    released = total(known, "2026-03-12")
    assert (released.interest, released.suspended) == (Decimal("13.15"), ZERO)


def test_a_waiver_lets_go_what_has_run_so_far_and_the_rest_runs_on() -> None:
    known = book(A, claim("2026-02-10"), waiver("2026-02-20"))
    assert f"{total(known, '2026-02-19').interest:.2f}" == "6.25"
    assert total(known, "2026-02-20").interest == 0
    assert f"{total(known, '2026-02-28').interest:.2f}" == "2.63"
    one = owed(known, D("2026-02-28"), LAW).invoices[0].interest
    assert (one.accrued, one.waived, one.open) == (
        Decimal("9.21"),
        Decimal("6.58"),
        Decimal("2.63"),
    )


def test_a_waiver_of_a_part_takes_the_oldest_first() -> None:
    known = book(A, B, claim("2026-03-01"), waiver("2026-03-12", amount="13.50"))
    found = owed(known, D("2026-03-12"), LAW)
    assert [(f"{i.interest.waived:.2f}", f"{i.interest.open:.2f}") for i in found.invoices] == [
        ("13.15", "0.00"),
        ("0.35", "1.62"),
    ]


def test_a_waiver_that_waits_for_its_approval_counts_for_nothing() -> None:
    source = text(A, waiver("2026-02-20", pending="all of it"), debtor=AGREED)
    assert f"{total(read(source), '2026-02-28').interest:.2f}" == "9.21"
    name = handle(source, "waiver")
    approved = entry("approval", at="2026-02-25T10:00:00Z", entry=name, by="the boss")
    assert f"{total(read(source + approved), '2026-02-28').interest:.2f}" == "2.63"


def test_interest_paid_before_the_waiver_is_not_let_go_twice() -> None:
    known = book(A, claim("2026-02-10"), paid("2026-02-11", "2.00"), waiver("2026-02-20"))
    one = owed(known, D("2026-02-20"), LAW).invoices[0].interest
    assert (one.paid, one.waived, one.open) == (Decimal("2.00"), Decimal("4.58"), ZERO)


def test_a_rate_that_is_not_known_leaves_principal_and_fees_and_is_said() -> None:
    known = case(
        invoice("A", due="2026-01-31", amount="1000.00"),
        claim("2026-02-15"),
        fee("2026-02-15", "40.00", kind="fixed_sum"),
        paid("2027-09-01", "100.00"),
        currency="EUR",
        debtor=GERMAN,
    )
    found = owed(known, D("2027-08-31"), LAW)
    assert (found.totals["EUR"].principal, found.totals["EUR"].fees) == (Decimal(1000), Decimal(40))
    (problem,) = found.problems
    assert "dunctl rates add de-basiszinssatz" in problem
    later = ledger(known, D("2027-09-01"), LAW)
    assert opens(later) == {"A": "900.00"}  # the fee is a younger debt of its own
    assert any("takes no part" in said for said in later.problems)


def test_what_was_paid_late_long_ago_and_never_claimed_makes_no_noise() -> None:
    """The series begins in 2015: an old invoice that is paid is no reason to complain."""
    known = case(
        invoice("A", due="2011-01-31", amount="1000.00"),
        paid("2011-03-01", "1000.00"),
        currency="EUR",
        debtor=GERMAN,
    )
    found = owed(known, D("2026-08-31"), LAW)
    assert found.problems == ()
    assert found.invoices[0].interest.unknown is not None


def test_without_a_clause_or_a_statute_there_is_no_interest_and_the_reason_is_given() -> None:
    known = case(A, claim("2026-02-15"), debtor='country = "FR"\nkind = "consumer"')
    found = owed(known, D("2026-06-30"), LAW)
    assert found.totals["GBP"].total == 1000
    assert found.invoices[0].interest.profile is None
    assert found.invoices[0].interest.basis in found.problems[0]


def test_without_any_law_principal_and_fees_are_owed() -> None:
    known = case(A, fee("2026-02-15", "40.00"), debtor=BRITISH)
    assert parts(known, "2026-06-30", NO_LAW) == ("1000.00", "0.00", "40.00")


# --- fees ----------------------------------------------------------------------------------------


def test_a_fee_is_on_the_account_from_its_day_and_lowers_nothing_before_it_is_paid() -> None:
    """peers 8, adempiere/adempiere#2359 and frappe/erpnext#27528: visible, and a claim only."""
    known = book(A, fee("2026-03-01", "25.00", invoice="A"), paid("2026-04-01", "1000.00"))
    assert parts(known, "2026-02-28") == ("1000.00", "0.00", "0.00")
    assert parts(known, "2026-03-01") == ("1000.00", "0.00", "25.00")
    assert amounts(ledger(known, D("2026-03-01"), LAW).balance()) == {"GBP": "1000.00"}
    assert parts(known, "2026-04-01") == ("25.00", "0.00", "0.00")


@pytest.mark.parametrize(
    ("costs", "together"),
    [("0", "40.00"), ("15.00", "40.00"), ("40.00", "40.00"), ("100.00", "100.00")],
)
@pytest.mark.parametrize("costs_first", [False, True])
@pytest.mark.parametrize("named", [False, True])
def test_d10_the_fixed_sum_is_credited_against_the_costs_of_recovery(
    costs: str, together: str, *, costs_first: bool, named: bool
) -> None:
    """BGB 288 V, reference case of bgbcalc 0.1.0: costs 0/15/40/100 with 40: 40/40/40/100."""
    days = ("2026-03-02", "2026-03-01") if costs_first else ("2026-03-01", "2026-03-02")
    fees = [fee(days[0], "40.00", kind="fixed_sum", invoice="A")]
    if costs != "0":
        fees.append(fee(days[1], costs, kind="costs", **({"invoice": "A"} if named else {})))
    known = case(A, *fees, currency="EUR", debtor=GERMAN)
    assert parts(known, "2026-03-05")[2] == together
    settled = case(A, *fees, paid("2026-03-05", "1000.00", invoice="A"), currency="EUR")
    assert parts(settled, "2026-03-05")[2] == together


@pytest.mark.parametrize(("credited", "together"), [(True, "40.00"), (False, "55.00")])
def test_costs_come_on_top_of_a_fixed_sum_where_no_law_credits_them(
    together: str, *, credited: bool
) -> None:
    profiles = {name: one._replace(costs_credited=credited) for name, one in LAW.profiles.items()}
    fixed = fee("2026-03-01", "40.00", kind="fixed_sum", invoice="A")
    known = case(A, fixed, fee("2026-03-02", "15.00", kind="costs"), currency="EUR", debtor=GERMAN)
    assert parts(known, "2026-03-05", LAW._replace(profiles=profiles))[2] == together


def test_a_fixed_sum_that_was_paid_before_lowers_the_costs() -> None:
    known = case(
        A,
        fee("2026-03-01", "40.00", kind="fixed_sum", invoice="A"),
        paid("2026-03-02", "40.00", to="costs"),
        fee("2026-03-03", "100.00", kind="costs", invoice="A"),
        currency="EUR",
        debtor=GERMAN,
    )
    assert parts(known, "2026-03-05")[2] == "60.00"


def test_costs_count_against_each_fixed_sum_once() -> None:
    sums = [fee("2026-03-01", "40.00", kind="fixed_sum", invoice=number) for number in "AB"]
    known = case(A, B, *sums, fee("2026-03-02", "60.00", kind="costs"), debtor=BRITISH)
    assert parts(known, "2026-03-05")[2] == "80.00"
    more = case(A, B, *sums, fee("2026-03-02", "100.00", kind="costs"), debtor=BRITISH)
    assert parts(more, "2026-03-05")[2] == "100.00"


def test_a_fee_is_waived_in_part_or_all_and_never_below_nothing() -> None:
    source = text(A, fee("2026-03-01", "40.00", invoice="A"))
    name = handle(source, "fee")
    part = read(source + waiver("2026-03-05", name, amount="15.00"))
    assert parts(part, "2026-03-04")[2] == "40.00"
    assert parts(part, "2026-03-05")[2] == "25.00"
    assert parts(read(source + waiver("2026-03-05", name)), "2026-03-05")[2] == "0.00"
    half = paid("2026-03-02", "30.00", to="costs")
    rest = read(source + half + waiver("2026-03-05", name))
    assert [(str(f.paid), str(f.waived)) for f in fees_of(owed(rest, D("2026-03-05"), LAW))] == [
        ("30.00", "10.00")
    ]


def test_an_offer_that_was_met_lets_go_interest_and_fees_too() -> None:
    known = book(
        *DEBT,
        entry("settlement", at="2026-03-05T10:00:00Z", amount="1200.00", until="2026-03-31"),
        paid("2026-03-20", "1200.00"),
    )
    assert total(known, "2026-03-19").total > 1500
    assert total(known, "2026-03-20").total == 0
    assert total(known, "2026-12-20").total == 0


# --- reversals and voids -------------------------------------------------------------------------


def test_interest_runs_through_a_payment_that_bounced() -> None:
    """It never discharged the debt: from the day it came back, its days bear interest too."""
    source = text(A, paid("2026-02-11", "1000.00"), debtor=AGREED)
    back = entry("reversal", on="2026-02-21", payment=handle(source, "payment"))
    never = book(A)
    known = read(source + back)
    assert f"{total(known, '2026-02-20').unclaimed:.2f}" == "3.29"
    for day in ("2026-02-21", "2026-06-30"):
        assert owed(known, D(day), LAW) == owed(never, D(day), LAW)


def test_interest_and_fees_that_a_bounced_payment_paid_are_open_again() -> None:
    source = text(*DEBT, paid("2026-03-12", "60.00"), debtor=AGREED)
    back = entry("reversal", on="2026-03-20", payment=handle(source, "payment"))
    assert parts(read(source + back), "2026-03-19")[2] == "0.00"
    for day in ("2026-03-20", "2026-05-31"):
        assert owed(read(source + back), D(day), LAW) == owed(book(*DEBT), D(day), LAW)


@given(books(), st.data())
def test_a_void_restores_every_figure_with_interest_and_fees(
    entries: list[str], data: st.DataObject
) -> None:
    """A journal with a voided entry is the journal without it and what refers to it."""
    nth = data.draw(st.integers(0, len(entries) - 1))
    kind = entries[nth][2:].partition("]")[0]
    place = sum(other.startswith(f"[[{kind}]]") for other in entries[:nth])
    name = _handles(entries)[nth]
    refers = [f'"{name}"']
    if kind == "invoice":  # what names it goes with it, and what takes that back
        number = book(*entries).data["invoice"][place]["number"]
        concerned = [e for e in entries if f'invoice = "{number}"' in e]
        refers += [f'"{_handles(entries)[entries.index(e)]}"' for e in concerned]
        refers.append(f'invoice = "{number}"')
    rest = [e for n, e in enumerate(entries) if n != nth and not any(r in e for r in refers)]
    kept = [e for e in entries if e in rest or e is entries[nth]]
    voided = text(*kept, debtor=AGREED) + entry(
        "void", at="2026-12-01T10:00:00Z", entry=name, why="entered twice"
    )
    for day in (START, data.draw(DAYS), D("2027-01-01")):
        assert owed(read(voided), day, LAW) == owed(book(*rest), day, LAW)


def _handles(entries: list[str]) -> list[str]:
    names = handles(book(*entries).data)
    kinds = [one[2:].partition("]")[0] for one in entries]
    return [names[kind, kinds[:n].count(kind)] for n, kind in enumerate(kinds)]


@given(books(), DAYS)
def test_the_totals_are_the_sum_of_what_is_listed(entries: list[str], day: date) -> None:
    found = owed(book(*entries), day, LAW)
    book_ = ledger(book(*entries), day, LAW)
    for currency, one in found.totals.items():
        mine = [i for i in found.invoices if i.currency == currency]
        fees = [f for f in fees_of(found) if f.currency == currency]
        assert one.principal == sum((i.open for i in mine), Decimal(0))
        assert one.principal - one.unallocated == book_.balance().get(currency, Decimal(0))
        assert one.fees == sum((f.open for f in fees), Decimal(0))
        for charged in fees:
            assert min(charged.open, charged.paid, charged.waived, charged.credited) >= 0
        assert one.total == one.principal + one.interest + one.fees - one.unallocated
        assert 0 <= one.claimed <= one.interest
        for line in mine:
            interest = line.interest
            assert min(interest.open, interest.waived, interest.suspended, interest.paid) >= 0
            assert interest.open <= interest.accrued


@settings(max_examples=12)
@given(journals(), DAYS)
def test_interest_is_what_each_day_adds_on_what_was_open_that_day(
    entries: list[str], day: date
) -> None:
    """Counted again day by day, from what the ledger of each day says, at 12 % a year."""
    known = book(*[e for e in entries if not e.startswith("[[dispute]]")])
    sums: dict[str, Decimal] = {}
    for n in range((day - START).days + 1):
        then = START + timedelta(days=n)
        for r in ledger(known, then, LAW).receivables:
            if r.due < then:
                sums[r.number] = sums.get(r.number, Decimal(0)) + r.open
    digits = {"GBP": 2, "JPY": 0, "KWD": 3}
    for one in owed(known, day, LAW).invoices:
        exact = Fraction(sums.get(one.number, Decimal(0))) * 12 / 36500
        scaled = exact * 10 ** digits[one.currency]
        rounded = Decimal(int(scaled + Fraction(1, 2))).scaleb(-digits[one.currency])
        assert one.interest.accrued == rounded, one.number


@given(books(), DAYS)
def test_what_tomorrow_adds_is_what_it_adds(entries: list[str], day: date) -> None:
    """To a minor unit an invoice: each is rounded once, at its end."""
    quiet = max((_last(e) for e in entries), default=day)
    day = max(day, quiet)
    known = book(*entries)
    today, tomorrow = owed(known, day, LAW), owed(known, day + timedelta(days=1), LAW)
    for before, after in zip(today.invoices, tomorrow.invoices, strict=True):
        unit = Decimal(1).scaleb(-{"GBP": 2, "JPY": 0, "KWD": 3}[before.currency])
        grown = after.interest.accrued - before.interest.accrued
        assert abs(grown - before.interest.daily) <= unit, before.number


def _last(source: str) -> date:
    return max(map(D, re.findall(r"20\d\d-\d\d-\d\d", source)))
