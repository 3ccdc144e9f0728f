"""Interest to the cent and the day, by the worked examples of the sources.

The ids U1, D1, N1 … and the rows of switches are those of law.md, sections 6 and 8b.
"""

from __future__ import annotations

from calendar import isleap
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunctl.case.records import Case, Invoice
from dunctl.money import quantize
from dunctl.owed.interest import (
    Period,
    daily,
    first_day,
    fixed_sum,
    line,
    periods,
    rounded,
)
from dunctl.owed.law import NO_LAW, PARTS, Law
from dunctl.owed.profiles import Profile, at_percent, profile_of, prove, read
from dunctl.owed.rates import RateUnknown, Series, half_year, half_year_eve, rate_on
from dunctl.store import law as laws
from dunctl.store import store as stores
from tests.casefile import case, toml

LAW = laws.shipped()
GB, EU = LAW.profiles["gb-late-payment"], LAW.profiles["eu-late-payment"]
B2B, CONSUMER = LAW.profiles["de-b2b"], LAW.profiles["de-consumer"]
SALE, SME, LOAN = (LAW.profiles[name] for name in ("cn-sale", "cn-sme", "cn-loan"))
CLAUSE = LAW.profiles["contract"]
D = date.fromisoformat


def of(
    amount: str,
    first: str,
    last: str,
    profile: Profile,
    law: Law = LAW,
) -> tuple[Period, ...]:
    """Return the periods of a debt that nobody paid."""
    return periods([(D(first), Decimal(amount))], D(first), D(last), profile, law)


def total(amount: str, first: str, last: str, profile: Profile, law: Law = LAW) -> str:
    return str(rounded(of(amount, first, last, profile, law), profile, "EUR"))


def rows(found: Sequence[Period]) -> list[tuple[str, str, int, str]]:
    return [(f"{p.start:%m-%d}", f"{p.end:%m-%d}", p.days, str(p.rate)) for p in found]


def days_from(first: str, days: int) -> str:
    """Return the last of ``days`` days, the first one counted."""
    return str(D(first) + timedelta(days=days - 1))


# --- the worked examples -------------------------------------------------------------------------


def test_u1_the_example_of_gov_uk_is_the_daily_rate_rounded_and_ours_is_exact() -> None:
    """gov.uk, Charging interest on commercial debt: £1,000 at 8.5 %, 50 days, prints £11.50."""
    first, last = "2015-03-01", days_from("2015-03-01", 50)
    by_day = GB._replace(rounding="daily_rate_rounded")
    assert total("1000", first, last, by_day) == "11.50"
    assert total("1000", first, last, GB) == "11.64"
    assert total("1000", first, days_from(first, 365), GB) == "85.00"
    assert daily(Decimal(1000), D(first), D(last), by_day, LAW, "GBP") == Decimal("0.23")


def test_u2_sixty_days_are_what_the_page_says_and_not_what_its_sum_says() -> None:
    """theukrules.co.uk prints "60 x 0.22 = £13.56"; 60 x 0.22 is 13.20, exact is 13.56."""
    first = "2017-02-01"
    assert of("1000", first, first, GB)[0].rate == Decimal("8.25")
    assert total("1000", first, days_from(first, 60), GB) == "13.56"


def test_u3_the_rate_of_claims_in_court() -> None:
    """businesseastsussex.org.uk: £1,000 at 8 %, 50 days: £11.00 by rounded days, £10.96 exact."""
    court = at_percent(GB, Decimal(8), "year")
    last = days_from("2026-01-10", 50)
    assert total("1000", "2026-01-10", last, court) == "10.96"
    assert total("1000", "2026-01-10", last, court._replace(rounding="daily_rate_rounded")) == (
        "11.00"
    )


def test_u6_the_daily_amount() -> None:
    """usewolfx.com: £10,000 at 11.75 % is £3.22 a day."""
    amount = daily(Decimal(10000), D("2026-07-01"), D("2026-11-24"), GB, LAW, "GBP")
    assert quantize(amount, "GBP") == Decimal("3.22")


@pytest.mark.parametrize(
    ("first", "rate"),
    [
        ("2025-06-30", "12.75"),
        ("2025-07-01", "12.25"),
        ("2026-01-15", "11.75"),
        ("2026-07-01", "11.75"),
        ("2023-07-01", "13.00"),
        ("2023-08-10", "13.00"),
        ("2024-01-02", "13.25"),
        ("2022-07-01", "9.25"),
        ("2020-07-01", "8.10"),
    ],
)
def test_u7_the_rate_is_that_of_the_half_year_in_which_interest_starts(
    first: str, rate: str
) -> None:
    """SI 2002/1675 art. 4; and it stays, whatever Bank Rate does later."""
    assert [str(p.rate) for p in of("1000", first, "2026-08-31", GB)] == [rate]


@pytest.mark.parametrize(
    ("debt", "fixed"),
    [("0.01", 40), ("999.99", 40), ("1000", 70), ("9999.99", 70), ("10000", 100)],
)
def test_u9_the_fixed_sum_goes_by_the_size_of_the_debt(debt: str, fixed: int) -> None:
    """gov.uk: under £1,000 £40, up to £9,999.99 £70, from £10,000 £100."""
    assert fixed_sum(Decimal(debt), "GBP", GB) == fixed


def test_d1_and_r2_a_month_in_germany_counts_its_last_day() -> None:
    """07-20 to 08-20: 32 days, 9.22 at 10.52 % and 5.72 at 6.52 %; the last left out 8.93."""
    assert rows(of("1000", "2026-07-20", "2026-08-20", B2B)) == [("07-20", "08-20", 32, "10.52")]
    assert total("1000", "2026-07-20", "2026-08-20", B2B) == "9.22"
    assert total("1000", "2026-07-20", "2026-08-20", CONSUMER) == "5.72"
    start_in_end_out = B2B._replace(last_day="exclusive")
    assert rows(of("1000", "2026-07-20", "2026-08-20", start_in_end_out))[0][2] == 31
    assert total("1000", "2026-07-20", "2026-08-20", start_in_end_out) == "8.93"


def test_d2_a_leap_year_has_366_days() -> None:
    """February 2024, 29 days at 8.62 %: 6.83 of 366 days, 6.85 of 365."""
    assert total("1000", "2024-02-01", "2024-02-29", CONSUMER) == "6.83"
    assert total("1000", "2024-02-01", "2024-02-29", CONSUMER._replace(day_count="act/365")) == (
        "6.85"
    )


def test_d4_half_a_year_and_the_first_of_july_belongs_to_the_next() -> None:
    """bgb-interest: 181 days at 6.62 % and 10.62 %; it keeps 1 July in the old half, we not."""
    assert total("10000", "2023-01-01", "2023-06-30", CONSUMER) == "328.28"
    assert total("10000", "2023-01-01", "2023-06-30", B2B) == "526.64"
    assert rows(of("10000", "2023-01-01", "2023-07-01", B2B)) == [
        ("01-01", "06-30", 181, "10.62"),
        ("07-01", "07-01", 1, "12.12"),
    ]


def test_d7_months_of_thirty_days() -> None:
    """10,000 at 12.62 %, a month: 105.17 by 30/360, 103.73 for 30 days of 365."""
    assert total("10000", "2024-01-01", "2024-01-31", B2B._replace(day_count="30/360")) == "105.17"
    assert total("10000", "2024-01-01", "2024-01-30", B2B._replace(day_count="act/365")) == "103.73"


def test_d9_a_claim_for_payment_a_consumer_and_a_higher_agreed_rate() -> None:
    """bgbcalc: 1,000, base rate 2 %, half a year: 55; 35; agreed 12 % 60."""
    base = Series("base", "Base", "x", D("2025-12-31"), ((D("2025-01-01"), Decimal(2)),), "x")
    law = LAW._replace(series={"base": base})
    for profile, interest in (
        (B2B._replace(series="base"), "55.00"),
        (CONSUMER._replace(series="base"), "35.00"),
        (at_percent(CLAUSE, Decimal(12), "year"), "60.00"),
    ):
        half = profile._replace(day_count="30/360")
        assert total("1000", "2025-01-01", "2025-06-30", half, law) == interest


def test_d9_interest_bears_no_interest_in_any_shipped_profile() -> None:
    """BGB section 289; the Act, the Directive and Chinese practice have none either."""
    assert {p.id for p in LAW.profiles.values() if p.compound != "never"} == set()
    year, two = (
        of("1000", "2021-01-01", last, at_percent(CLAUSE, Decimal(10), "year"))
        for last in ("2021-12-31", "2022-12-31")
    )
    assert sum(p.interest for p in two) == 2 * sum(p.interest for p in year) == 200


def test_d10_a_consumer_owes_no_lump_sum() -> None:
    assert fixed_sum(Decimal(500), "EUR", CONSUMER) == 0


def test_n1_a_sale_in_china_bears_the_lpr_of_the_breach() -> None:
    """Due 2025-05-10, 100 days, LPR 3.10: 1,104.11 to 1,273.97; the cut of 05-20 does not count."""
    after = "2025-08-19"  # the 101st day, which does not count
    assert total("100000", "2025-05-11", after, SALE) == "1104.11"
    assert total("100000", "2025-05-11", after, SALE._replace(factor=Decimal("1.50"))) == "1273.97"
    assert rows(of("100000", "2025-05-11", after, SALE)) == [("05-11", "08-18", 100, "4.03")]


def test_n2_small_enterprises_in_china_are_owed_half_a_per_mille_a_day() -> None:
    """Order 802 art. 17: 100,000 x 0.05 % x 30 days = 1,500; 18.25 % a year."""
    assert total("100000", "2025-07-01", "2025-07-31", SME) == "1500.00"
    assert of("100000", "2025-07-01", "2025-07-31", SME)[0].rate == Decimal("18.25")


def test_n4_an_old_loan_bears_24_per_cent_until_the_rules_changed() -> None:
    """¥10,000 at 30 % of 2019-09-01: 354 days until 2020-08-19 at 24 % are 2,327.67."""
    loan = at_percent(LOAN, Decimal(30), "year")._replace(contract_on=D("2019-09-01"))
    (before,) = of("10000", "2019-09-01", "2020-08-20", loan)
    assert (before.days, str(before.rate)) == (354, "24.00")
    assert rounded([before], loan, "CNY") == Decimal("2327.67")
    both = of("10000", "2019-09-01", "2026-09-20", loan)
    assert both[0] == before
    assert both[1].start == D("2020-08-20")
    assert both[1].rate == 12  # 4 x 3.00 on the day asked about
    assert loan.cap is not None
    by_contract = loan._replace(cap=loan.cap._replace(then="contract"))
    assert of("10000", "2019-09-01", "2026-09-20", by_contract)[1].rate == 17  # 4 x 4.25


def test_a_loan_of_today_is_capped_at_four_times_the_lpr_of_its_day() -> None:
    loan = LOAN._replace(contract_on=D("2024-10-01"))  # LPR 3.35
    at = {
        rate: of("10000", "2025-01-01", "2025-02-01", at_percent(loan, Decimal(rate), "year"))[0]
        for rate in ("13.40", "13.41")
    }
    assert {rate: str(found.rate) for rate, found in at.items()} == {
        "13.40": "13.40",
        "13.41": "13.40",
    }
    assert at["13.41"].source == "13.41 % a year, at most 4 x LPR 1 year 3.35 % on 2024-10-01"


# --- the switches --------------------------------------------------------------------------------


def test_the_same_debt_has_three_answers_by_how_its_rate_moves() -> None:
    """Law.md 0.4: fixed when it starts, by half-years, or daily."""
    found = {
        mode: rows(of("1000", "2026-06-01", "2026-09-16", EU._replace(rate_mode=mode)))
        for mode in ("fixed_at_start", "floating_half_year", "floating_daily")
    }
    assert found == {
        "fixed_at_start": [("06-01", "09-16", 108, "10.15")],
        "floating_half_year": [("06-01", "06-30", 30, "10.15"), ("07-01", "09-16", 78, "10.40")],
        "floating_daily": [
            ("06-01", "06-16", 16, "10.15"),
            ("06-17", "09-15", 91, "10.40"),
            ("09-16", "09-16", 1, "10.65"),
        ],
    }


def test_each_period_says_what_its_rate_is_made_of() -> None:
    """A period is principal x rate x days over 100 years of its days: a pocket calculator's sum."""
    found = of("2400.00", "2026-06-01", "2026-08-20", B2B)
    assert [p.source for p in found] == [
        "Basiszinssatz 1.27 % on 2026-01-01 + 9",
        "Basiszinssatz 1.52 % on 2026-07-01 + 9",
    ]
    for p in found:
        assert Fraction(p.interest).limit_denominator(36500) == Fraction(p.on * p.rate * p.days) / (
            100 * p.year_days
        )
    (sale,) = of("100", "2025-05-11", "2025-05-12", SALE)
    assert sale.source == "1.30 x LPR 1 year 3.10 % on 2025-05-11"


def test_a_payment_lowers_the_balance_from_its_own_day() -> None:
    """The German tools, and erpnext#49621: on what is left, from the day of the payment."""
    steps = [(D("2026-03-01"), Decimal(1000)), (D("2026-03-11"), Decimal(400))]
    found = periods(steps, D("2026-03-01"), D("2026-03-20"), GB, LAW)
    assert [(p.days, int(p.on)) for p in found] == [(10, 1000), (10, 400)]
    paid = [*steps, (D("2026-03-15"), Decimal(0))]
    found = periods(paid, D("2026-03-01"), D("2026-12-31"), GB, LAW)
    assert [(p.days, int(p.on)) for p in found] == [(10, 1000), (4, 400)]


def test_a_payment_that_bounced_makes_the_balance_rise_again() -> None:
    steps = [(D("2026-03-01"), Decimal(100)), (D("2026-03-05"), Decimal(0))]
    steps += [(D("2026-03-09"), Decimal(100))]
    found = periods(steps, D("2026-03-01"), D("2026-03-10"), GB, LAW)
    assert rows(found) == [("03-01", "03-04", 4, "11.75"), ("03-09", "03-10", 2, "11.75")]


@pytest.mark.parametrize(
    ("count", "days", "year"),
    [("act/365", 59, 365), ("act/act", 59, 365), ("act/360", 59, 360), ("30/360", 60, 360)],
)
def test_days_and_years_are_counted_as_the_profile_says(count: str, days: int, year: int) -> None:
    found = of("1000", "2025-01-01", "2025-02-28", CLAUSE_9._replace(day_count=count))
    assert [(p.days, p.year_days) for p in found] == [(days, year)]


def test_actual_years_are_split_at_new_year() -> None:
    found = of("1000", "2023-12-30", "2024-01-02", CLAUSE_9._replace(day_count="act/act"))
    assert [(p.days, p.year_days) for p in found] == [(2, 365), (2, 366)]


def test_rounding_at_the_end_by_period_and_by_day() -> None:
    found = of("1000", "2026-06-01", "2026-08-20", B2B)
    exact = [line(p, B2B, "EUR") for p in found]
    assert exact == [p.interest for p in found]
    by_period = B2B._replace(rounding="per_segment")
    assert [str(line(p, by_period, "EUR")) for p in found] == ["8.44", "14.70"]
    assert str(rounded(found, by_period, "EUR")) == "23.14"
    assert str(rounded(found, B2B, "EUR")) == "23.14"
    by_day = B2B._replace(rounding="daily_rate_rounded")
    assert str(rounded(found, by_day, "EUR")) == str(30 * Decimal("0.28") + 51 * Decimal("0.29"))


def test_interest_is_in_the_digits_of_its_currency() -> None:
    found = of("100000", "2026-06-01", "2026-06-30", CLAUSE_9)
    assert [str(rounded(found, CLAUSE_9, c)) for c in ("JPY", "EUR", "KWD")] == [
        *("740", "739.73", "739.726"),
    ]


def test_only_a_profile_that_says_so_compounds_and_never_what_was_settled() -> None:
    yearly = at_percent(CLAUSE, Decimal(10), "year")._replace(compound="yearly")
    steps = [(D("2021-01-01"), Decimal(1000))]
    found = periods(steps, D("2021-01-01"), D("2022-12-31"), yearly, LAW)
    assert [p.on for p in found] == [1000, 1100]
    paid = [(D("2021-12-31"), Decimal(100))]
    found = periods(steps, D("2021-01-01"), D("2022-12-31"), yearly, LAW, settled=paid)
    assert rounded(found, yearly, "EUR") == 200
    monthly = at_percent(CLAUSE, Decimal(1), "month")._replace(compound="monthly")
    ends = [p.start for p in of("1000", "2025-01-31", "2025-05-30", monthly)]
    assert ends == [D("2025-01-31"), D("2025-02-28"), D("2025-03-31"), D("2025-04-30")]


@pytest.mark.parametrize(
    ("profile", "received", "first"),
    [
        (GB, None, "2026-03-03"),
        (EU, None, "2026-03-03"),
        (B2B, None, "2026-03-03"),
        (SALE, None, "2026-03-03"),
        (CONSUMER, "2026-03-02", "2026-04-02"),  # T5: 30 days end on 04-01
        (CONSUMER, None, "2026-04-02"),
        (CONSUMER, "2026-03-05", "2026-04-05"),
    ],
)
def test_the_first_day_is_the_one_after_due_or_after_thirty_days(
    profile: Profile, received: str | None, first: str
) -> None:
    invoice = Invoice("1", D("2026-03-02"), Decimal(10), received=D(received) if received else None)
    assert first_day(invoice, profile) == D(first)


def test_nothing_runs_before_the_first_day_or_on_nothing() -> None:
    assert of("1000", "2026-03-02", "2026-03-01", GB) == ()
    assert of("1000", "2026-03-02", "2026-03-02", SALE) == ()
    assert of("0", "2026-03-02", "2026-04-02", GB) == ()
    assert rounded([], GB, "GBP") == 0


def test_a_fixed_sum_is_in_its_currency_and_for_a_debt() -> None:
    assert fixed_sum(Decimal(500), "EUR", GB) == 0
    assert fixed_sum(Decimal(0), "GBP", GB) == 0
    assert fixed_sum(Decimal(500), "EUR", EU) == 40
    assert fixed_sum(Decimal(500), "CNY", SALE) == 0


# --- what is not known ---------------------------------------------------------------------------


def test_in_november_2026_the_fixed_and_the_half_yearly_rates_are_known() -> None:
    """The day of the reference matters, not the day of asking."""
    assert rows(of("1000", "2026-10-01", "2026-11-24", GB)) == [("10-01", "11-24", 55, "11.75")]
    assert rows(of("1000", "2026-10-01", "2026-11-24", B2B)) == [("10-01", "11-24", 55, "10.52")]
    assert rows(of("1000", "2026-10-01", "2026-11-24", EU)) == [("10-01", "11-24", 55, "10.40")]
    of("1000", "2026-08-01", "2027-11-24", GB)


@pytest.mark.parametrize(
    ("profile", "first", "last", "file"),
    [
        (GB, "2027-01-01", "2027-01-10", "boe-bank-rate"),
        (B2B, "2026-12-01", "2027-01-01", "de-basiszinssatz"),
        (EU, "2026-12-01", "2027-01-01", "ecb-main-refinancing"),
        (SALE, "2026-11-13", "2026-11-24", "lpr-1y"),
        (EU._replace(rate_mode="floating_daily"), "2026-09-10", "2026-09-17", "ecb-main-refin"),
        (SALE._replace(series="lpr-9y"), "2026-05-01", "2026-05-10", "lpr-9y"),
    ],
)
def test_a_period_without_a_published_rate_is_refused_and_names_its_file(
    profile: Profile, first: str, last: str, file: str
) -> None:
    with pytest.raises(RateUnknown, match=file):
        of("1000", first, last, profile)


def test_what_was_paid_before_the_unknown_day_needs_no_rate() -> None:
    steps = [(D("2026-12-01"), Decimal(10)), (D("2026-12-20"), Decimal(0))]
    assert len(periods(steps, D("2026-12-01"), D("2027-05-01"), B2B, LAW)) == 1
    with pytest.raises(RateUnknown):
        daily(Decimal(10), D("2026-12-01"), D("2026-12-31"), B2B, LAW, "EUR")


# --- which profile -------------------------------------------------------------------------------


def debtor(country: str, kind: str = "company", terms: str = "", currency: str = "EUR") -> Case:
    facts = f'country = "{country}"\nkind = "{kind}"\n' + (f"[terms]\n{terms}\n" if terms else "")
    return case(debtor=facts, currency=currency, zone=None)


PERCENT = 'interest = { percent = 0.05, per = "day", clause = "9.2" }'


@pytest.mark.parametrize(
    ("who", "name", "why"),
    [
        (debtor("GB", currency="GBP"), "gb-late-payment", "a company under the law of GB"),
        (
            debtor("GB", "public", 'law = "GB-SCT"', "GBP"),
            "gb-late-payment",
            "a public body under the law of GB",
        ),
        (debtor("DE"), "de-b2b", "§ 288 Abs. 2 BGB"),
        (debtor("DE", "sole_trader"), "de-b2b", "a sole trader"),
        (debtor("DE", "consumer"), "de-consumer", "§ 288 Abs. 1 BGB"),
        (debtor("FR"), "eu-late-payment", "Directive 2011/7/EU"),
        (debtor("FR", terms='law = "DE"'), "de-b2b", "under the law of DE"),
        (debtor("CN", currency="CNY"), "cn-sale", "not verified: reference"),
        (debtor("CN", "company", 'profile = "cn-sme"', "CNY"), "cn-sme", "chosen by terms.profile"),
        (debtor("US", "consumer", PERCENT, "USD"), "contract", "contract: clause 9.2"),
        (debtor("GB", "company", PERCENT, "GBP"), "contract", "clause 9.2"),
        (debtor("CN", "company", PERCENT, "CNY"), "contract-cn", "clause 9.2"),
        (
            debtor("GB", "company", f'{PERCENT}\nprofile = "gb-late-payment"', "GBP"),
            "gb-late-payment",
            "chosen by terms.profile",
        ),
    ],
)
def test_a_case_bears_interest_by_what_it_chose_by_its_clause_or_by_its_statute(
    who: Case, name: str, why: str
) -> None:
    profile, said = profile_of(who, LAW)
    assert profile is not None, said
    assert (profile.id, said.startswith(f"{name}: ")) == (name, True)
    assert why in said


@pytest.mark.parametrize(
    ("who", "why"),
    [
        (debtor("GB", "consumer", currency="GBP"), "gb-late-payment does not cover a consumer; "),
        (debtor("FR", "consumer"), "eu-late-payment does not cover a consumer; "),
        (debtor("FR", currency="USD"), "eu-late-payment is known for debts in EUR, not USD; "),
        (debtor("SE", currency="SEK"), "SE: the Directive adds 8 points to the reference rate"),
        (debtor("US", currency="USD"), "no statute that we know covers a company under the law"),
        (case(zone=None), "no clause on interest (terms.interest), and no country"),
        (debtor("GB", "company", 'profile = "gb-late"'), "did you mean gb-late-payment?"),
        (
            debtor("DE", "consumer", 'profile = "de-b2b"'),
            "de-b2b does not cover a consumer",
        ),
        (debtor("DE", "company", 'profile = "cn-sme"'), "cn-sme is of the law of CN, not DE"),
        (debtor("DE", "company", 'profile = "contract"'), "contract counts interest by a clause"),
        (debtor("DE", "company", "margin = 9"), "de-b2b leaves no margin open"),
        (debtor("CN", "company", "margin = 1.6", "CNY"), "leaves it open from 1.30 to 1.50"),
        (debtor("CN", "company", 'profile = "cn-loan"', "CNY"), "set acme terms.signed DAY"),
    ],
)
def test_without_clause_and_statute_there_is_no_interest_and_the_answer_says_why(
    who: Case, why: str
) -> None:
    profile, said = profile_of(who, LAW)
    assert profile is None
    assert why in said


def test_without_any_law_there_is_no_interest() -> None:
    assert profile_of(debtor("GB", currency="GBP"), NO_LAW)[0] is None
    assert profile_of(debtor("GB", "company", PERCENT), NO_LAW)[0] is None


def test_our_role_limits_what_applies_by_itself() -> None:
    law = LAW._replace(role="third_party")
    profile, said = profile_of(debtor("GB", currency="GBP"), law)
    assert profile is None
    assert "choose it" in said
    chosen = debtor("GB", "company", 'profile = "gb-late-payment"', "GBP")
    assert profile_of(chosen, law)[0] is not None


def test_a_profile_that_no_source_verifies_does_not_apply_by_itself() -> None:
    doubtful = GB._replace(confidence="unverified")
    law = LAW._replace(profiles={GB.id: doubtful})
    profile, said = profile_of(debtor("GB", currency="GBP"), law)
    assert profile is None
    assert "gb-late-payment is unverified, so it must be chosen" in said


def bound(who: Case) -> Profile:
    profile, said = profile_of(who, LAW)
    assert profile is not None, said
    return profile


def test_the_clause_gives_the_rate_by_day_month_or_year() -> None:
    rates = {
        per: bound(
            debtor("GB", terms=f'interest = {{ percent = 1.5, per = "{per}", clause = "6" }}')
        ).percent
        for per in ("day", "month", "year")
    }
    assert rates == {"day": Decimal("547.5"), "month": 18, "year": Decimal("1.5")}
    profile = bound(debtor("GB", terms=f'contract = "YXL-2024"\n{PERCENT}'))
    assert profile.basis == "YXL-2024, clause 9.2"
    (period,) = of("100000", "2024-01-01", "2024-01-30", profile)
    assert period.interest == 1500
    assert period.source == "0.05 % a day (clause 9.2)"


def test_the_court_s_range_is_open_between_its_bounds() -> None:
    assert bound(debtor("CN", currency="CNY")).factor == Decimal("1.30")
    assert bound(debtor("CN", "company", "margin = 1.45", "CNY")).factor == Decimal("1.45")


def test_an_agreed_rate_below_the_lpr_at_signing_does_not_bind_a_small_enterprise() -> None:
    """Order 802 art. 17: an agreed rate is no lower than the LPR at signing; else 0.05 % a day."""
    terms = 'profile = "cn-sme"\nsigned = 2025-07-01\ninterest = {{ percent = {}, per = "year", {}'
    clause = 'clause = "9" }'
    low = debtor("CN", "company", terms.format("2.99", clause), "CNY")
    enough = debtor("CN", "company", terms.format("3.00", clause), "CNY")
    assert bound(low).percent == Decimal("18.25")
    assert "the agreed 2.99 % is below lpr-1y at signing" in profile_of(low, LAW)[1]
    assert bound(enough).percent == 3
    late = debtor("CN", "company", terms.format("3", clause).replace("2025-07", "2026-10"), "CNY")
    assert "dunctl rates add lpr-1y" in profile_of(late, LAW)[1]


# --- profiles as data ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(LAW.profiles))
def test_every_shipped_profile_says_what_it_rests_on(name: str) -> None:
    profile = LAW.profiles[name]
    assert profile.problems == ()
    assert profile.basis
    assert profile.source
    assert profile.as_of
    assert sorted(profile.order) == sorted(PARTS)


def test_the_shipped_profiles_fit_together() -> None:
    assert prove(list(LAW.profiles.values()), LAW.series) == []
    assert {"cn-loan", "cn-sme"} == {p.id for p in LAW.profiles.values() if not p.default}


def test_the_six_states_without_the_euro_are_named_as_missing_and_no_state_twice() -> None:
    missing = {law for gap in EU.gaps for law in gap.laws}
    assert missing == {"CZ", "DK", "HU", "PL", "RO", "SE"}
    assert len({*EU.laws, *missing, *B2B.laws}) == 27


WHOLE = """format = 1
title = "A"
basis = "B"
source = "C"
as_of = 2026-11-01
confidence = "verified"
default = true
[scope]
laws = ["GB"]
[interest]
percent = 8
rate_mode = "fixed_at_start"
reference = "same_day"
first_day = "after_due"
last_day = "inclusive"
day_count = "act/365"
rounding = "end"
compound = "never"
order = ["costs", "interest", "principal"]
"""


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('source = "C"\n', "", "a: source is missing: where its switches are written"),
        ("as_of = 2026-11-01\n", "", "a: as_of is missing"),
        ('"end"', '"up"', "a [interest]: rounding is none of end, per_segment"),
        ('"act/365"', '"act/364"', "a [interest]: day_count is none of"),
        ('"fixed_at_start"', '"floating"', "a [interest]: rate_mode is none of"),
        ('"costs", ', "", "a [interest]: order must have each of costs, interest, principal"),
        ("percent = 8\n", "", "a: either series or percent must be given"),
        ("percent = 8\n", 'percent = 8\nseries = "x"\n', "a: series and percent exclude"),
        ("percent = 8\n", 'percent = 8\nagreed = "always"\n', "a: either series or percent"),
        ("percent = 8\n", "percentage = 8\n", "there is no key percentage (did you mean percent"),
        ('["GB"]', '["UKX"]', "a [scope]: laws must be countries or subdivisions"),
        ("[scope]", "[cap]\nfactor = 4\n[scope]", "a [cap]: series is missing"),
        ("[scope]", "fixed_sum = 40\n[scope]", "a: fixed_sum must be a table"),
        (
            "[scope]",
            '[fixed_sum]\ncurrency = "GBP"\ncredited = true\nbands = [{ below = 9, amount = 1 }]\n'
            "[scope]",
            "a [fixed_sum]: bands must rise, and the last one have no below",
        ),
        ("[scope]", 'unverified = ["moon"]\n[scope]', "a: unverified must be a list of its"),
    ],
)
def test_what_is_wrong_with_a_profile_is_a_sentence_and_it_is_not_used(
    old: str, new: str, why: str
) -> None:
    assert read(toml(WHOLE), "a").problems == ()
    assert old in WHOLE
    profile = read(toml(WHOLE.replace(old, new, 1)), "a")
    assert any(why in problem for problem in profile.problems), profile.problems
    law = LAW._replace(profiles={"a": profile})
    found, said = profile_of(debtor("GB", "company", 'profile = "a"', "GBP"), law)
    assert found is None
    assert "dunctl policy check" in said


def test_profiles_that_do_not_fit_together_are_named() -> None:
    one = read(toml(WHOLE), "a")
    assert prove([GB, one], LAW.series) == [
        "a and gb-late-payment apply to the same debts: set default = false in one"
    ]
    lost = one._replace(default=False, percent=None, series="boe-bank-rat")
    assert prove([lost], LAW.series) == [
        "a: there is no rate series boe-bank-rat (did you mean boe-bank-rate?)"
    ]


def store_with(root: Path, **profiles: str) -> stores.Store:
    (root / "dunctl.toml").write_text("format = 1\n", encoding="utf-8")
    (root / "cases").mkdir()
    folder = root / "policies" / "interest"
    folder.mkdir(parents=True)
    for name, text in profiles.items():
        (folder / f"{name.replace('_', '-')}.toml").write_text(text, encoding="utf-8")
    return stores.open_store(root)


def test_a_store_lays_its_keys_over_a_shipped_profile(tmp_path: Path) -> None:
    own = '[interest]\nrounding = "daily_rate_rounded"\n'
    store = store_with(tmp_path, gb_late_payment=own)
    found = laws.law_of(store).profiles["gb-late-payment"]
    assert found == GB._replace(rounding="daily_rate_rounded")
    assert laws.problems(store) == []


def test_a_store_s_own_profile_is_proved_by_policy_check(tmp_path: Path) -> None:
    store = store_with(tmp_path, house=WHOLE.replace("percent = 8", "percent = 8\nmargn = 1"))
    (problem,) = laws.problems(store)
    assert problem == (
        "policies/interest/house.toml: house [interest]: there is no key margn "
        "(did you mean margin?)"
    )


def test_a_profile_that_is_no_toml_stops_interest_where_it_would_apply(tmp_path: Path) -> None:
    law = laws.law_of(store_with(tmp_path, gb_late_payment="[interest\n"))
    found, said = profile_of(debtor("GB", currency="GBP"), law)
    assert found is None
    assert "policies/interest/gb-late-payment.toml:1" in said


# --- properties ----------------------------------------------------------------------------------

CLAUSE_9 = at_percent(CLAUSE, Decimal(9), "year")
PROFILES = (
    *(GB, EU, B2B, CONSUMER, SME, CLAUSE_9, at_percent(LOAN, Decimal(20), "year")),
    EU._replace(rate_mode="floating_daily", day_count="act/360"),
    B2B._replace(day_count="30/360"),
    SALE._replace(rate_mode="floating_daily"),
)
OLDEST, NEWEST = D("2021-01-01"), D("2026-09-01")
DAYS = st.integers(0, (NEWEST - OLDEST).days).map(lambda n: OLDEST + timedelta(days=n))
CENTS = st.integers(0, 10**9).map(lambda n: Decimal(n).scaleb(-2))
SIGNED = D("2021-01-01")


@st.composite
def balances(draw: st.DrawFn) -> list[tuple[date, Decimal]]:
    """Draw a balance that changes on some days."""
    days = sorted(draw(st.sets(DAYS, min_size=1, max_size=6)))
    return [(day, draw(CENTS)) for day in days]


@st.composite
def a_profile(draw: st.DrawFn) -> Profile:
    found = draw(st.sampled_from(PROFILES))._replace(contract_on=SIGNED)
    if found.cap:
        found = found._replace(cap=found.cap._replace(then="contract"))
    return found


def sum_of(found: Sequence[Period]) -> Fraction:
    """Return the sum of periods as a fraction: nothing is lost."""
    return sum(
        (Fraction(p.on) * Fraction(p.rate) * p.days / (100 * p.year_days) for p in found),
        Fraction(0),
    )


@given(balances(), DAYS, DAYS, a_profile())
def test_interest_until_a_day_and_from_there_on_is_the_interest_of_both(
    steps: list[tuple[date, Decimal]], one: date, other: date, profile: Profile
) -> None:
    first, (middle, last) = steps[0][0], sorted((one, other))
    both = periods(steps, first, last, profile, LAW)
    before = periods(steps, first, middle, profile, LAW)
    start = middle + timedelta(days=1) if profile.last_day == "inclusive" else middle
    after = periods(steps, first, last, profile, LAW, since=max(start, first))
    assert sum_of(before) + sum_of(after) == sum_of(both)
    assert rounded([*before, *after], profile, "EUR") == rounded(both, profile, "EUR")


@given(balances(), balances(), DAYS, a_profile())
def test_the_interest_of_two_debts_is_that_of_their_sum(
    one: list[tuple[date, Decimal]],
    other: list[tuple[date, Decimal]],
    last: date,
    profile: Profile,
) -> None:
    first = min(one[0][0], other[0][0])

    def on(steps: list[tuple[date, Decimal]], day: date) -> Decimal:
        return next((amount for start, amount in reversed(steps) if start <= day), Decimal(0))

    days = sorted({day for day, _ in (*one, *other)})
    joined = [(day, on(one, day) + on(other, day)) for day in days]
    apart, together = (
        [sum_of(periods(steps, first, last, profile, LAW)) for steps in parts]
        for parts in ((one, other), (joined,))
    )
    assert sum(apart) == sum(together)


@given(balances(), DAYS, st.sampled_from(PROFILES))
def test_a_rate_of_zero_gives_nothing(
    steps: list[tuple[date, Decimal]], last: date, profile: Profile
) -> None:
    free = at_percent(profile, Decimal(0), "year")._replace(contract_on=SIGNED, cap=None)
    assert rounded(periods(steps, steps[0][0], last, free, LAW), free, "EUR") == 0


@given(balances(), DAYS, st.sampled_from([GB, EU, B2B, CONSUMER, CLAUSE_9, PROFILES[-1]]))
def test_the_periods_are_what_a_count_day_by_day_comes_to(
    steps: list[tuple[date, Decimal]], last: date, profile: Profile
) -> None:
    """An independent recount: each day by itself, its balance, its rate, its year."""
    first, day, recount = steps[0][0], steps[0][0], Fraction(0)
    while day < last or (day == last and profile.last_day == "inclusive"):
        balance = next(amount for start, amount in reversed(steps) if start <= day)
        if profile.series is None:
            rate = profile.percent or Decimal(0)
        else:
            asked = {
                "gb-late-payment": half_year_eve(first),
                "cn-sale": day,
            }.get(profile.id, half_year(day)[0])
            rate = rate_on(LAW.series[profile.series], asked) * profile.factor + profile.margin
        year = 366 if profile.day_count == "act/act" and isleap(day.year) else 365
        recount += Fraction(balance) * Fraction(rate) / (100 * year)
        day += timedelta(days=1)
    found = periods(steps, first, last, profile, LAW)
    assert sum_of(found) == recount
    cents = recount * 100 + Fraction(1, 2)
    assert rounded(found, profile, "EUR") == Decimal(cents.numerator // cents.denominator) / 100


@given(balances(), DAYS, a_profile())
def test_periods_are_in_order_without_overlap_and_within_what_was_asked(
    steps: list[tuple[date, Decimal]], last: date, profile: Profile
) -> None:
    found = periods(steps, steps[0][0], last, profile, LAW)
    ends = [steps[0][0] - timedelta(days=1), *(p.end for p in found)]
    assert all(end < p.start <= p.end for end, p in zip(ends, found, strict=False))
    assert all(p.end <= last and p.on > 0 and p.days > 0 for p in found)
