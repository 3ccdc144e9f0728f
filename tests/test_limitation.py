"""Until when a debt can be claimed: the clocks, what sets them, and the warnings.

T1 to T11 are the worked examples of the law notes, with the sources that the profiles name.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from dunctl.case.records import Case
from dunctl.case.toml import loads
from dunctl.cli import main
from dunctl.cli.document import KINDS
from dunctl.owed import limitation_profiles as profiles
from dunctl.owed.ledger import ledger
from dunctl.owed.limitation import Clock, Fact, clocks, last_day, limitation
from dunctl.owed.limitation_alarms import alarm, near, over, remedy, watch
from dunctl.owed.limitation_events import COURT, JUDGMENT, SIGNED_PAPERS
from dunctl.owed.limitation_profiles import EVENTS, Limitation, profile_for
from tests.casefile import case, entry, invoice, paid, promise

FOLDER = Path(profiles.__file__).parent.parent / "policies" / "limitation"
TODAY = date(2026, 11, 24)
DAY = timedelta(days=1)


def shipped() -> dict[str, Limitation]:
    found = {}
    for file in sorted(FOLDER.glob("*.toml")):
        profile, problems = profiles.read(loads(file.read_text(encoding="utf-8")), file.stem)
        assert problems == [], file.name
        assert profile is not None
        found[file.stem] = profile
    return found


PROFILES = shipped()
PLACES = {
    "cn": 'country = "CN"',
    "de": 'country = "DE"',
    "gb-ew": 'country = "GB"',
    "gb-sct": 'country = "GB"\nsubdivision = "GB-SCT"',
    "in": 'country = "IN"',
    "us-ny": 'country = "US"\n[terms]\nlimitation = "us-ny"',
    "us-ny-goods": 'country = "US"\nsubdivision = "NY"',
    "us-ny-consumer": 'country = "US"\nsubdivision = "NY"\nkind = "consumer"',
}


def debt(
    profile: str, due: str, *entries: str, issued: str | None = None, terms: str = "days = 30"
) -> Case:
    """Return a case with one invoice of 1,000.00 under a profile."""
    dated = {"issued": issued} if issued else {}
    place = PLACES[profile]
    agreed = terms if "[terms]" in place else f"[terms]\n{terms}"
    return case(invoice("A", due, "1000.00", **dated), *entries, debtor=f"{place}\n{agreed}")


def clock(known: Case, day: date = TODAY, number: str = "A") -> Clock:
    found = clocks(known, ledger(known, day), PROFILES, day)
    assert found.profile is not None, found.why
    (one,) = [c for c in found.clocks if c.invoice == number]
    assert one == limitation(
        known,
        next(r for r in ledger(known, day).receivables if r.number == number),
        found.profile,
        day,
    )
    return one


def last(known: Case, day: date = TODAY) -> str:
    return str(clock(known, day).last)


def effects(one: Clock) -> list[tuple[str, str, str]]:
    return [(str(fact.day), fact.entry.kind, fact.effect) for fact in one.facts]


def fact_of(one: Clock, kind: str) -> Fact:
    (found,) = [fact for fact in one.facts if fact.entry.kind == kind]
    return found


def letter(at: str, **keys: str) -> str:
    return entry("letter", at=f"{at}T10:00:00Z", template="final-demand", amount="1000.00", **keys)


def acknowledged(on: str, form: str = "signed", **keys: str) -> str:
    return entry("acknowledgement", on=on, form=form, **keys)


def paper(on: str, kind: str, **keys: str) -> str:
    return entry("document", on=on, kind=kind, **keys)


def proved(known: Case, kind: str, *more: str, day: str, paper_kind: str = "agreement") -> str:
    """Return a document that proves the only entry of a kind."""
    from dunctl.case.handles import handles

    (handle,) = [name for (k, _), name in handles(known.data).items() if k == kind]
    return paper(day, paper_kind, proves=handle)


@pytest.mark.parametrize(
    ("profile", "arisen", "known", "end"),
    [
        ("de", "2023-03-10", None, "2026-12-31"),  # T1
        ("de", "2020-12-31", "2021-01-01", "2024-12-31"),  # T2
        ("de", "2020-12-31", "2020-12-31", "2023-12-31"),  # T2, a Sunday, not moved
        ("cn", "2014-06-30", None, "2016-06-30"),  # T8: two years, over before 2017-10-01
        ("cn", "2015-12-31", None, "2018-12-31"),  # T8: not over by then, so three
        ("cn", "2015-09-30", None, "2017-09-30"),  # over on the eve
        ("cn", "2015-10-01", None, "2018-10-01"),  # not over on the day
        ("cn", "2024-02-29", None, "2027-02-28"),
        ("gb-ew", "2020-10-30", None, "2026-10-30"),
        ("gb-sct", "2020-10-30", None, "2025-10-30"),
        ("in", "2020-10-30", None, "2023-10-30"),
        ("us-ny", "2020-10-30", None, "2026-10-30"),
        ("us-ny-goods", "2020-10-30", None, "2024-10-30"),
        ("us-ny-consumer", "2020-10-30", None, "2023-10-30"),
    ],
)
def test_a_debt_to_which_nothing_happens_runs_out_on_this_day(
    profile: str, arisen: str, known: str | None, end: str
) -> None:
    found = last_day(
        PROFILES[profile], date.fromisoformat(arisen), date.fromisoformat(known) if known else None
    )
    assert str(found) == end
    if known is None:
        assert last(debt(profile, arisen)) == end


def test_a_reminder_stops_nothing_in_germany() -> None:
    """T4, for the claim of T1."""
    known = debt("de", "2023-03-10", letter("2026-12-01", tracking="RR123456785DE"))
    one = clock(known, date(2026, 12, 2))
    assert (str(one.last), one.later) == ("2026-12-31", None)
    assert effects(one) == [("2026-12-01", "letter", "none")]
    assert "reminder stops nothing" in one.facts[0].why


def test_the_day_of_default_does_not_move_the_end_of_the_year() -> None:
    """T5: in default from 2026-04-02 (test_interest), time-barred by the year of the due day."""
    known = case(
        invoice("A", "2026-03-02", "1000.00", issued="2026-02-27", received="2026-03-02"),
        debtor='country = "DE"\n[terms]\ndays = 3',
    )
    assert last(known) == "2029-12-31"


DEMANDS = ("2024-01-10", "2024-06-01", "2025-02-20")


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_in_china_only_the_last_demand_counts(order: tuple[int, ...]) -> None:
    """T7."""
    letters = [letter(DEMANDS[n], tracking="EMS 1") for n in order]
    one = clock(debt("cn", "2023-12-31", *letters))
    assert str(one.last) == "2028-02-20"
    assert [fact.effect for fact in one.facts] == ["restarts"] * 3
    assert one.set_by == one.facts[-1].entry


@pytest.mark.parametrize(
    ("on", "end", "effect"),
    [
        ("2023-10-30", "2026-10-30", "restarts"),  # its last day
        ("2022-01-15", "2025-01-15", "restarts"),
        ("2023-10-31", "2023-10-30", "none"),  # a day late
    ],
)
def test_in_india_a_signature_within_the_time_restarts_it_and_after_it_does_not(
    on: str, end: str, effect: str
) -> None:
    """T11."""
    one = clock(debt("in", "2020-10-30", acknowledged(on)))
    assert (str(one.last), one.facts[0].effect) == (end, effect)


def test_a_statement_that_was_signed_is_good_for_three_years_in_china_not_for_two() -> None:
    """Practice M02 says two years, which was the law until 2017."""
    assert last(debt("cn", "2024-03-31", acknowledged("2025-06-30"))) == "2028-06-30"
    assert last(debt("cn", "2014-03-31", acknowledged("2015-06-30"))) == "2017-06-30"


def test_a_statement_on_file_is_in_doubt_until_it_is_said_that_they_signed_it() -> None:
    known = debt("cn", "2024-03-31", paper("2025-06-30", "reconciliation"))
    one = clock(known)
    assert (str(one.last), str(one.later)) == ("2027-03-31", "2028-06-30")
    assert "dunctl acknowledge acme --form signed --on 2025-06-30" in one.later_why
    signed = debt(
        "cn", "2024-03-31", paper("2025-06-30", "reconciliation"), acknowledged("2025-06-30")
    )
    assert (last(signed), len(clock(signed).facts)) == ("2028-06-30", 1)


FORMS = {
    "cn": ("restarts", "restarts", "doubtful"),
    "de": ("restarts", "restarts", "doubtful"),
    "gb-ew": ("restarts", "doubtful", "none"),
    "gb-sct": ("doubtful", "doubtful", "none"),
    "in": ("restarts", "doubtful", "none"),
    "us-ny": ("restarts", "doubtful", "none"),
    "us-ny-goods": ("doubtful", "doubtful", "none"),
    "us-ny-consumer": ("doubtful", "doubtful", "doubtful"),
}


@pytest.mark.parametrize("profile", FORMS)
@pytest.mark.parametrize(("nth", "form"), [(0, "signed"), (1, "written"), (2, "oral")])
def test_the_form_of_an_acknowledgement_decides(profile: str, nth: int, form: str) -> None:
    one = clock(debt(profile, "2025-03-31", acknowledged("2026-02-10", form)))
    (found,) = one.facts
    assert found.effect == FORMS[profile][nth]
    assert found.why or found.effect == "restarts"
    years = PROFILES[profile].years
    assert (str(one.last) == f"{2026 + years}-02-10") == (found.effect == "restarts")
    assert (one.later is not None) == (found.effect == "doubtful")


def test_an_oral_acknowledgement_in_england_changes_nothing_and_the_page_says_why() -> None:
    found = fact_of(
        clock(debt("gb-ew", "2025-03-31", acknowledged("2026-02-10", "oral"))), "acknowledgement"
    )
    assert (found.effect, found.last) == ("none", None)
    assert "in writing and signed" in found.why


@pytest.mark.parametrize(
    ("amount", "effect"), [("1000.00", "restarts"), ("1200.00", "restarts"), ("400.00", "doubtful")]
)
def test_who_acknowledges_less_than_is_open_may_not_mean_this_invoice(
    amount: str, effect: str
) -> None:
    one = clock(debt("gb-ew", "2025-03-31", acknowledged("2026-02-10", amount=amount)))
    assert one.facts[0].effect == effect


def test_a_payment_counts_for_the_invoice_that_it_names() -> None:
    known = case(
        invoice("A", "2021-03-31", "1000.00"),
        invoice("B", "2021-04-30", "1000.00"),
        paid("2023-05-05", "100.00", invoice="B"),
        debtor=PLACES["gb-ew"],
    )
    assert (str(clock(known).last), clock(known).facts) == ("2027-03-31", ())
    assert str(clock(known, number="B").last) == "2029-05-05"


def test_a_payment_that_names_none_counts_where_only_one_invoice_was_open() -> None:
    assert last(debt("gb-ew", "2021-03-31", paid("2023-05-05", "100.00"))) == "2029-05-05"
    later = invoice("B", "2024-04-30", "500.00", issued="2024-04-01")
    assert last(debt("gb-ew", "2021-03-31", paid("2023-05-05", "100.00"), later)) == "2029-05-05"


def test_a_payment_that_names_none_of_several_is_in_doubt_for_the_one_it_went_to() -> None:
    known = case(
        invoice("A", "2021-03-31", "1000.00"),
        invoice("B", "2021-04-30", "1000.00"),
        paid("2023-05-05", "100.00"),
        debtor=PLACES["gb-ew"],
    )
    first, second = clock(known), clock(known, number="B")
    assert (str(first.last), str(first.later)) == ("2027-03-31", "2029-05-05")
    assert first.later_why == "it names no invoice, and 2 were open"
    assert (str(second.last), second.later, second.facts) == ("2027-04-30", None, ())


def test_money_that_bounced_and_what_is_void_restart_nothing() -> None:
    money = paid("2025-05-05", "100.00", invoice="A")
    known = debt("gb-ew", "2021-03-31", money)
    assert last(known) == "2031-05-05"
    from dunctl.case.handles import handles

    (handle,) = [name for (kind, _), name in handles(known.data).items() if kind == "payment"]
    bounced = entry("reversal", on="2025-05-12", payment=handle)
    assert last(debt("gb-ew", "2021-03-31", money, bounced)) == "2027-03-31"
    assert last(debt("gb-ew", "2021-03-31", money, bounced), date(2025, 5, 11)) == "2031-05-05"
    void = entry("void", at="2025-06-01T10:00:00Z", entry=handle)
    assert last(debt("gb-ew", "2021-03-31", money, void)) == "2027-03-31"


def test_a_credit_note_and_a_set_off_of_ours_acknowledge_nothing() -> None:
    credit = entry("credit", on="2025-05-05", amount="100.00", invoice="A")
    assert clock(debt("gb-ew", "2021-03-31", credit)).facts == ()
    setoff = paid("2025-05-05", "100.00", invoice="A", via="setoff")
    one = clock(debt("gb-ew", "2021-03-31", setoff))
    assert (str(one.last), one.facts[0].effect) == ("2027-03-31", "doubtful")


def test_interest_that_was_paid_restarts_the_time_too() -> None:
    money = paid("2025-05-05", "5.00", invoice="A", to="interest")
    assert last(debt("de", "2023-03-31", money)) == "2028-05-05"


@pytest.mark.parametrize("channel", ["letter", "email"])
def test_a_demand_counts_once_a_paper_proves_it(channel: str) -> None:
    """Practice M05: a demand without a proof is in doubt, and the page says what is missing."""
    demand = letter("2025-02-20", channel=channel)
    bare = debt("cn", "2023-12-31", demand)
    one = clock(bare)
    assert (str(one.last), str(one.later)) == ("2026-12-31", "2028-02-20")
    assert "dunctl document acme delivery_receipt --proves" in one.later_why
    receipt = proved(bare, "letter", day="2025-02-24", paper_kind="delivery_receipt")
    assert last(debt("cn", "2023-12-31", demand, receipt)) == "2028-02-20"
    before = clock(debt("cn", "2023-12-31", demand, receipt), date(2025, 2, 23))
    assert str(before.last) == "2026-12-31", "the receipt is not there yet"


def test_a_call_is_no_demand_that_can_be_proved() -> None:
    call = entry("contact", at="2025-02-20T10:00:00Z", channel="phone", outcome="refused")
    rung = entry("contact", at="2025-03-20T10:00:00Z", channel="phone", outcome="no_answer")
    one = clock(debt("cn", "2023-12-31", call, rung))
    assert (str(one.last), effects(one)) == ("2026-12-31", [("2025-02-20", "contact", "doubtful")])


def test_a_demand_before_the_due_day_is_none() -> None:
    assert clock(debt("cn", "2023-12-31", letter("2023-12-20", tracking="EMS 1"))).facts == ()


def test_a_promise_in_writing_restarts_the_time_in_china_and_germany_only() -> None:
    said = promise("2025-06-01T10:00:00+08:00", "1000.00", "2025-06-30")
    from dunctl.case.handles import handles

    (handle,) = [
        n for (k, _), n in handles(debt("cn", "2024-03-31", said).data).items() if k == "promise"
    ]
    written = entry("confirmation", at="2025-06-02T10:00:00Z", promise=handle)
    for profile, bare, confirmed in (
        ("cn", "2027-03-31", "2028-06-01"),
        ("de", "2027-12-31", "2028-06-01"),
        ("gb-ew", "2030-03-31", "2030-03-31"),
    ):
        assert last(debt(profile, "2024-03-31", said)) == bare
        assert last(debt(profile, "2024-03-31", said, written)) == confirmed


PLAN = "[{ due = 2025-08-01, amount = 500.00 }, { due = 2026-02-01, amount = 500.00 }]"


@pytest.mark.parametrize(
    ("profile", "clause", "end"),
    [
        ("cn", None, "2029-02-01"),  # 189: from the last instalment
        ("cn", "section 7", "2028-06-01"),  # unless one missed makes the rest due
        ("de", None, "2028-06-01"),
    ],
)
def test_a_plan_on_paper_counts_from_its_last_instalment_in_china(
    profile: str, clause: str | None, end: str
) -> None:
    keys = {"accelerate": clause} if clause else {}
    plan = entry("plan", at="2025-06-01T10:00:00+08:00", instalments=PLAN, **keys)
    bare = debt(profile, "2024-03-31", plan)
    assert clock(bare).facts[0].effect == "doubtful"
    assert last(debt(profile, "2024-03-31", plan, proved(bare, "plan", day="2025-06-01"))) == end


def test_what_restarts_the_time_in_germany_does_so_to_the_day() -> None:
    money = paid("2024-05-05", "100.00", invoice="A")
    assert last(debt("de", "2023-03-10", money)) == "2027-05-05"
    same_year = paid("2023-05-05", "100.00", invoice="A")
    one = clock(debt("de", "2023-03-10", same_year))
    assert (str(one.last), one.facts[0].why) == ("2026-12-31", "the time had not begun")


@pytest.mark.parametrize(
    ("profile", "terms", "end", "later"),
    [
        ("de", "days = 30", "2029-12-31", None),
        ("de", 'contract = "K-7"', "2029-12-31", None),
        ("de", 'note = "none agreed"', "2028-12-31", "2029-12-31"),
        ("in", 'note = "none agreed"', "2028-12-20", "2029-01-20"),
        ("gb-ew", 'note = "none agreed"', "2032-01-20", None),
    ],
)
def test_a_term_that_nobody_agreed_does_not_put_the_time_off(
    profile: str, terms: str, end: str, later: str | None
) -> None:
    """BGB 271 and article 14 of the Indian Schedule: due at once where no credit was agreed."""
    one = clock(debt(profile, "2026-01-20", issued="2025-12-20", terms=terms))
    assert (str(one.last), str(one.later) if one.later else None) == (end, later)
    if later:
        assert "agreed" in one.later_why


def test_an_order_for_payment_suspends_the_time_in_germany() -> None:
    """Until six months after the last step on file: 2027-03-10 to 2027-12-20 does not count."""
    served = paper("2026-11-10", "court_claim")
    assert last(debt("de", "2023-03-10", served)) == str(
        date(2026, 12, 31) + (date(2027, 5, 10) - date(2026, 11, 10))
    )
    step = paper("2027-06-20", "court_paper")
    assert last(debt("de", "2023-03-10", served, step), date(2028, 1, 1)) == str(
        date(2026, 12, 31) + (date(2027, 12, 20) - date(2026, 11, 10))
    )
    late = paper("2027-01-04", "court_claim")
    assert last(debt("de", "2023-03-10", late), date(2027, 2, 1)) == "2026-12-31"


def test_a_claim_in_court_restarts_the_time_in_china_and_stops_it_in_england() -> None:
    served = paper("2026-03-10", "court_claim")
    assert last(debt("cn", "2023-12-31", served)) == "2029-03-10"
    one = clock(debt("gb-ew", "2021-01-31", served))
    assert (str(one.last), str(one.sued)) == ("2027-01-31", "2026-03-10")


def test_with_a_judgment_there_is_no_date() -> None:
    known = debt("gb-ew", "2021-01-31", paper("2026-03-10", "judgment"))
    found = clocks(known, ledger(known, TODAY), PROFILES, TODAY)
    assert (found.clocks, len(found.without)) == ((), 1)
    assert "2026-03-10" in found.why


def test_nothing_makes_it_later_than_the_long_stop() -> None:
    demands = [letter(f"{year}-06-30", tracking="EMS 1") for year in range(2004, 2026, 1)]
    one = clock(debt("cn", "2003-12-31", *demands))
    assert (str(one.last), str(one.long_stop)) == ("2023-12-31", "2023-12-31")


def test_in_new_york_a_signature_revives_a_debt_and_in_china_it_is_in_doubt() -> None:
    signed = acknowledged("2026-02-10")
    assert last(debt("us-ny", "2018-03-31", signed)) == "2032-02-10"
    one = clock(debt("cn", "2020-03-31", signed))
    assert (str(one.last), str(one.later)) == ("2023-03-31", "2029-02-10")
    assert "may have been over" in one.later_why
    assert last(debt("gb-ew", "2018-03-31", signed)) == "2024-03-31"


def test_a_rule_that_nobody_verified_makes_no_date_later() -> None:
    one = clock(debt("gb-sct", "2023-03-31", acknowledged("2025-02-10")))
    assert (str(one.last), str(one.later)) == ("2028-03-31", "2030-02-10")
    assert "nobody compared" in one.later_why
    assert not one.profile.verified


def test_what_happened_before_the_invoice_was_issued_is_not_about_it() -> None:
    known = debt("gb-ew", "2025-03-31", acknowledged("2025-02-10"), issued="2025-03-01")
    assert clock(known).facts == ()


@pytest.mark.parametrize(
    ("debtor", "chosen", "why"),
    [
        ('country = "CN"', "cn", "CN"),
        ('country = "DE"\nsubdivision = "DE-BY"', "de", "DE-BY"),
        ('country = "GB"', "gb-ew", "GB"),
        ('country = "GB"\nsubdivision = "ENG"', "gb-ew", "GB-ENG"),
        ('country = "GB"\nsubdivision = "GB-SCT"', "gb-sct", "GB-SCT"),
        ('country = "GB"\nsubdivision = "GB-NIR"', None, "known for GB-NIR"),
        ('country = "US"\nsubdivision = "NY"', "us-ny-goods", "US-NY"),  # the shortest
        ('country = "US"\nsubdivision = "NY"\nkind = "consumer"', "us-ny-consumer", "US-NY"),
        ('country = "US"', None, "known for US"),
        ('country = "US"\nsubdivision = "US-CA"', None, "known for US-CA"),
        ('country = "FR"', None, "known for FR"),
        ('kind = "company"', None, "neither terms.law nor the debtor's country"),
        ('country = "CN"\n[terms]\nlaw = "GB-SCT"', "gb-sct", "terms.law GB-SCT"),
        ('country = "CN"\n[terms]\nlaw = "FR"', None, "the law FR"),
        ('country = "CN"\n[terms]\nlaw = "FR"\nlimitation = "de"', "de", "terms.limitation"),
        ('country = "US"\n[terms]\nlimitation = "us-ny"', "us-ny", "terms.limitation"),
        ('country = "CN"\n[terms]\nlimitation = "gb-we"', None, "did you mean gb-ew?"),
    ],
)
def test_the_terms_come_before_the_country_and_without_both_there_is_no_date(
    debtor: str, chosen: str | None, why: str
) -> None:
    known = case(invoice("A", "2025-03-31", "1000.00"), debtor=debtor)
    profile, because = profile_for(known, PROFILES)
    assert (profile.id if profile else None) == chosen
    assert why in because
    found = clocks(known, ledger(known, TODAY), PROFILES, TODAY)
    assert bool(found.clocks) == (chosen is not None)
    assert bool(found.without) == (chosen is None)


DAYS = st.integers(0, 4000).map(lambda n: date(2014, 1, 1) + timedelta(days=n))


@st.composite
def happenings(draw: st.DrawFn) -> list[tuple[date, str]]:
    """Draw events that are no money, so that they can be added one by one."""
    found = []
    for day in draw(st.lists(DAYS, max_size=6)):
        kind = draw(st.sampled_from(("signed", "written", "oral", "letter", "court_claim")))
        if kind == "letter":
            text = letter(str(day), tracking="EMS 1")
        elif kind == "court_claim":
            text = paper(str(day), kind)
        else:
            text = acknowledged(str(day), kind)
        found.append((day, text))
    return found


def texts(found: Iterable[tuple[date, str]]) -> list[str]:
    return [text for _, text in found]


END = date(2030, 1, 1)


@given(st.sampled_from(sorted(PLACES)), DAYS, happenings())
def test_no_event_makes_a_last_day_earlier_and_none_counts_before_it_happened(
    profile: str, due: date, found: list[tuple[date, str]]
) -> None:
    whole = clock(debt(profile, str(due), *texts(found)), END)
    assert whole.last >= last_day(PROFILES[profile], due)
    assert whole.later is None or whole.later > whole.last
    for nth in range(len(found)):
        less = clock(debt(profile, str(due), *texts(found[:nth] + found[nth + 1 :])), END)
        assert less.last <= whole.last
    if found:
        eve = min(day for day, _ in found) - DAY
        assert clock(debt(profile, str(due), *texts(found)), eve) == clock(
            debt(profile, str(due)), eve
        )


@given(st.sampled_from(sorted(PLACES)), DAYS, happenings(), DAYS)
def test_an_earlier_event_never_changes_what_a_later_one_restarted(
    profile: str, due: date, found: list[tuple[date, str]], day: date
) -> None:
    before = clock(debt(profile, str(due), *texts(found)), END)
    restarted = [f for f in before.facts if f.entry == before.set_by and f.effect == "restarts"]
    if not restarted or day >= restarted[0].day:
        return
    added = [*found, (day, acknowledged(str(day), "signed"))]
    assert clock(debt(profile, str(due), *texts(added)), END).last == before.last


@given(st.sampled_from(sorted(PLACES)), DAYS, happenings(), st.integers(1, 2000))
def test_nothing_after_the_last_day_revives_a_debt_unless_the_profile_says_so(
    profile: str, due: date, found: list[tuple[date, str]], days: int
) -> None:
    before = clock(debt(profile, str(due), *texts(found)), date(2060, 1, 1))
    late = before.last + timedelta(days=days)
    after = clock(debt(profile, str(due), *texts(found), acknowledged(str(late))), date(2060, 1, 1))
    revives = PROFILES[profile].rules["signed"].after_expiry == "restarts"
    revives = revives and PROFILES[profile].rules["signed"].verified
    assert (after.last > before.last) == revives


@given(st.sampled_from(sorted(PLACES)), DAYS, happenings(), DAYS)
def test_the_quick_look_of_the_morning_misses_nothing(
    profile: str, due: date, found: list[tuple[date, str]], day: date
) -> None:
    known = debt(profile, str(due), *texts(found), issued=str(due - 20 * DAY), terms='note = "n"')
    book = ledger(known, day)
    soon = near(clocks(known, book, PROFILES, day), day, 180)
    one = alarm(known, book, watch(PROFILES, (180, 90, 30)), day)
    assert (one.clocks if one else ()) == soon


@pytest.mark.parametrize(
    ("left", "within"),
    [(181, None), (180, 180), (91, 180), (90, 90), (31, 90), (30, 30), (0, 30), (-1, None)],
)
def test_there_is_an_alarm_from_180_90_and_30_days_before(left: int, within: int | None) -> None:
    known = debt("gb-ew", "2020-10-30")
    day = date(2026, 10, 30) - left * DAY
    one = alarm(known, ledger(known, day), watch(PROFILES, (30, 180, 90)), day)
    assert (one.within if one else None) == within
    if one:
        assert one.days == left
    gone = over(clocks(known, ledger(known, day), PROFILES, day), day)
    assert bool(gone) == (left < 0)


def test_29_february_is_not_forgotten() -> None:
    known, day = debt("gb-ew", "2024-02-29"), date(2030, 2, 28) - 180 * DAY
    assert alarm(known, ledger(known, day), watch(PROFILES, (180,)), day) is not None


def test_what_is_paid_or_in_court_raises_no_alarm() -> None:
    day = date(2026, 10, 1)
    for known in (
        debt("gb-ew", "2020-10-30", paid("2026-09-01", "1000.00")),
        debt("gb-ew", "2020-10-30", paper("2026-09-01", "court_claim")),
    ):
        assert alarm(known, ledger(known, day), watch(PROFILES, (180,)), day) is None


@pytest.mark.parametrize(
    ("profile", "words"),
    [
        ("cn", "dunctl letter acme"),
        ("de", "confirmed in writing (dunctl statement acme)"),
        ("gb-ew", "countersigned (dunctl statement acme)"),
        ("gb-sct", "dunctl statement acme"),
        ("in", "--form signed"),
        ("us-ny", "--form signed"),
        ("us-ny-consumer", "nothing but a claim in court"),
    ],
)
def test_the_cheapest_lawful_way_to_start_it_again_is_named(profile: str, words: str) -> None:
    """Practice H21: a statement to countersign; in China a demand that can be proved is enough."""
    one = clock(debt(profile, "2025-10-30"))
    assert words in remedy(one, "acme", one.last - 90 * DAY)
    assert "claim in court" in remedy(one, "acme", one.last - 30 * DAY)


def test_no_acknowledgement_is_asked_of_a_debt_that_may_be_over() -> None:
    """Practice M07."""
    one = clock(debt("gb-ew", "2020-10-30"))
    assert remedy(one, "acme", TODAY).startswith("ask a lawyer before")


@pytest.mark.parametrize("kind", ["represented", "insolvent", "stop_contact"])
def test_nothing_is_asked_of_the_debtor_where_a_hold_forbids_it(kind: str) -> None:
    one = clock(debt("gb-ew", "2021-03-30"))
    assert "ask a lawyer" in remedy(one, "acme", TODAY, "final", ("pause", kind))
    assert "countersigned" in remedy(one, "acme", TODAY, "final", ("pause",))
    assert "court_claim" in remedy(one, "acme", TODAY, "legal", (kind,))


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_a_shipped_profile_names_its_sources_and_every_event(name: str) -> None:
    profile = PROFILES[name]
    assert set(profile.rules) == set(EVENTS)
    assert all(rule.source for rule in profile.rules.values())
    assert profile.source
    assert profile.as_of <= TODAY
    assert name in PLACES


SOUND = (FOLDER / "gb-ew.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("years = 6", 'years = "6"', "years must be a whole number"),
        ("years = 6\n", "", "years is missing"),
        ('start = "due_next_day"', 'start = "someday"', "start is none of"),
        ('laws = ["GB", "GB-ENG", "GB-WLS"]', 'laws = ["England"]', "ISO 3166"),
        ("[period]", "[perod]", "there is no key perod"),
        ('on = ["oral"]', 'on = ["signed"]', "signed is there twice"),
        ('on = ["oral"]\neffect = "none"', 'on = ["oral"]\neffect = "stops"', "only a suit"),
        ('on = ["oral"]', 'on = ["aloud"]', "aloud"),
        ('why = "a demand starts no new time"\n', "", "why is missing"),
        ('confidence = "verified"', 'confidence = "sure"', "confidence is none of"),
        ("[period]\n", "period = 3\n[x]\n", "[period]"),
    ],
)
def test_what_is_wrong_with_a_profile_is_one_sentence(old: str, new: str, said: str) -> None:
    assert old in SOUND
    profile, problems = profiles.read(loads(SOUND.replace(old, new, 1)), "own")
    assert profile is None
    assert any(said in problem for problem in problems), problems
    assert all(problem.startswith("own") for problem in problems)


def test_a_profile_that_forgets_an_event_is_told_which() -> None:
    text = SOUND[: SOUND.rindex("[[event]]")]
    assert profiles.read(loads(text), "own") == (
        None,
        ["own: does not say what suit does to the time"],
    )


def test_the_kinds_of_document_that_matter_for_the_time_can_be_recorded() -> None:
    assert {*COURT, JUDGMENT, *SIGNED_PAPERS, "agreement", "delivery_receipt"} <= set(KINDS)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a store outside of git with two old cases, and stand in it."""
    root = tmp_path / "desk"
    (root / "cases").mkdir(parents=True)
    (root / ".dunctl").mkdir()
    (root / ".dunctl" / "no-git-told").touch()
    (root / "dunctl.toml").write_text("format = 1\n")
    zone = 'timezone = "Europe/London"'
    for name, country, due in (("acme", "GB", "2020-12-31"), ("globex", "FR", "2020-12-31")):
        (root / "cases" / f"{name}.toml").write_text(
            f'format = 1\ncurrency = "GBP"\n\n[debtor]\nname = "{name.title()}"\n'
            f'country = "{country}"\n{zone}\nlanguage = "en"\n\n'
            f'[[invoice]]\nnumber = "7"\nissued = 2020-12-01\ndue = {due}\namount = 1000.00\n'
        )
    monkeypatch.chdir(root)
    monkeypatch.setenv("DUNCTL_NOW", "2026-11-24T09:00:00+00:00")
    monkeypatch.setenv("DUNCTL_USER", "li.na")
    return root


def dunctl(*words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, words)
    assert "bug of dunctl" not in result.output, Path(result.stderr.split()[-1]).read_text()
    assert result.exit_code == code, result.output
    return result


def test_the_report_has_the_soonest_first_and_says_where_there_is_no_date(desk: Path) -> None:
    dunctl("invoice", "acme", "8", "500", "--due", "2020-11-30", "--issued", "2020-11-01")
    lines = dunctl("limitation").stdout.splitlines()
    assert [line.split()[:4] for line in lines[3:5]] == [
        ["2026-11-30", "6", "acme", "8"],
        ["2026-12-31", "37", "acme", "7"],
    ]
    assert "No date for globex: no limitation profile is known for FR" in lines
    assert "time-barred after" in lines[0]
    whole = " ".join(lines)
    assert "no verdict, and no legal advice" in whole
    assert "is time-barred" not in whole

    data = json.loads(dunctl("limitation", "--json").stdout)
    assert [(c["invoice"], c["last"], c["days_left"]) for c in data["clocks"]] == [
        ("8", "2026-11-30", 6),
        ("7", "2026-12-31", 37),
    ]
    assert data["clocks"][0]["open"] == "500.00"
    assert data["without"][0]["invoices"][0]["invoice"] == "7"
    rows = list(csv.DictReader(io.StringIO(dunctl("limitation", "--csv").stdout)))
    assert [(r["case"], r["invoice"], r["last"]) for r in rows] == [
        ("acme", "8", "2026-11-30"),
        ("acme", "7", "2026-12-31"),
        ("globex", "7", ""),
    ]


def test_a_case_shows_what_set_its_clock_what_did_not_and_what_to_do(desk: Path) -> None:
    dunctl("pay", "acme", "100", "--on", "2021-02-01", "--invoice", "7")
    dunctl("acknowledge", "acme", "--form", "oral", "--on", "2022-02-01")
    text = " ".join(dunctl("limitation", "acme").stdout.split())
    assert "may be time-barred after Mon 1 Feb 2027, in 69 days" in text
    assert "counted from 2021-02-01: payment of £100.00" in text
    assert "nothing: it must be in writing and signed (section 30)" in text
    assert "dunctl acknowledge acme --form signed" in text
    assert "Limitation Act 1980, section 5" in text
    (one,) = json.loads(dunctl("limitation", "acme", "--json").stdout)["clocks"]
    assert [event["effect"] for event in one["events"]] == ["restarts", "none"]
    assert one["set_by"]["kind"] == "payment"


def test_check_names_the_entry_that_set_the_clock_and_finds_no_fault_in_the_file(
    desk: Path,
) -> None:
    result = dunctl("check")
    notice, end = result.stdout.splitlines()
    line = (desk / "cases" / "acme.toml").read_text().splitlines().index("[[invoice]]") + 1
    assert notice.startswith(
        f"cases/acme.toml:{line}: invoice 7 may be time-barred after 2026-12-31"
    )
    assert end == "2 cases, no problem"
    dunctl("pay", "acme", "100", "--on", "2021-02-01", "--invoice", "7")
    line = (desk / "cases" / "acme.toml").read_text().splitlines().index("[[payment]]") + 1
    assert dunctl("check").stdout.startswith(f"cases/acme.toml:{line}: invoice 7 may be")
    assert dunctl("check", "cases/acme.toml").stdout.startswith(f"cases/acme.toml:{line}:")
    assert len(json.loads(dunctl("check", "--json").stdout)) == 1


def test_check_names_a_profile_that_is_not_there(desk: Path) -> None:
    file = desk / "cases" / "acme.toml"
    terms = '[terms]\nlimitation = "gb-we"\n\n[[invoice]]'
    file.write_text(file.read_text().replace("[[invoice]]", terms))
    line = file.read_text().splitlines().index('limitation = "gb-we"') + 1
    said = dunctl("check", code=1).stdout
    expected = "there is no limitation profile gb-we (did you mean gb-ew?)"
    assert said == f"cases/acme.toml:{line}: {expected}\n"


def test_a_store_has_profiles_of_its_own(desk: Path) -> None:
    own = desk / "policies" / "limitation"
    own.mkdir(parents=True)
    french = SOUND.replace('laws = ["GB", "GB-ENG", "GB-WLS"]', 'laws = ["FR"]')
    (own / "fr.toml").write_text(french.replace("years = 6", "years = 5"))
    assert "2025-12-31" in dunctl("limitation").stdout
    assert dunctl("policy", "check").exit_code == 0
    (own / "fr.toml").write_text(french.replace("years = 6\n", ""))
    said = dunctl("policy", "check", code=1).stdout
    assert said.startswith("policies/limitation/fr.toml: fr [period]: years is missing")
    assert "No date for globex" in dunctl("limitation").stdout


def test_the_days_to_warn_are_the_policys(desk: Path) -> None:
    (desk / "policies").mkdir()
    own = desk / "policies" / "calm.toml"
    own.write_text("[limitation]\nwarn_days = [14]\n")
    (desk / "dunctl.toml").write_text('format = 1\n[defaults]\npolicy = "calm"\n')
    assert dunctl("check").stdout == "2 cases, no problem\n"
    own.write_text("[limitation]\nwarn_days = []\n")
    assert "2026-12-31" in dunctl("limitation").stdout


def test_an_acknowledgement_says_what_it_did_to_the_time(desk: Path) -> None:
    said = dunctl("acknowledge", "acme", "--form", "oral").stdout
    assert "still may be time-barred after Thu 31 Dec: it must be in writing" in said
    out = dunctl(
        "acknowledge", "acme", "1000", "--form", "signed", "--how", "statement", "--ref", "S-7"
    ).stdout.splitlines()
    assert out[0] == "acme: signed acknowledgement of £1,000.00: statement"
    assert out[1] == (
        "invoice 7 may be time-barred after Wed 24 Nov 2032, no longer after Thu 31 Dec"
    )
    assert dunctl("check").stdout == "2 cases, no problem\n"


def test_an_acknowledgement_of_what_may_be_over_says_to_ask_a_lawyer(desk: Path) -> None:
    """Practice M07."""
    dunctl("invoice", "acme", "8", "500", "--due", "2019-11-30", "--issued", "2019-11-01")
    out = dunctl("acknowledge", "acme", "--form", "signed").stdout
    assert "invoice 8 may be time-barred since Sun 30 Nov 2025: ask a lawyer" in out


def test_a_document_keeps_the_hash_of_its_file_and_not_the_file(desk: Path) -> None:
    """Practice M01."""
    scan = desk / "scan.pdf"
    scan.write_bytes(b"%PDF signed")
    out = dunctl(
        "document", "acme", "delivery_note", "--ref", "LS-9", "--file", "scan.pdf", "--on", "2 Nov"
    ).stdout
    assert out == "acme: document: delivery_note LS-9\n"
    text = (desk / "cases" / "acme.toml").read_text()
    assert f'sha256 = "{hashlib.sha256(b"%PDF signed").hexdigest()}"' in text
    assert 'file = "scan.pdf"' in text
    again = dunctl("document", "acme", "delivery-note", "--file", str(scan))
    assert "the very same file is recorded already" in again.stderr
    private = dunctl("document", "acme", "id_copy", "--file", "scan.pdf")
    assert "does not belong into the store" in private.stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("delivery_nota",), 2, "did you mean delivery_note?"),
        (("contract", "--file", "gone.pdf"), 1, "gone.pdf"),
        (("delivery_receipt", "--proves", "abcdef0"), 1, "has no entry abcdef0"),
    ],
)
def test_a_document_that_cannot_be_is_one_sentence_and_nothing_is_written(
    desk: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    before = (desk / "cases" / "acme.toml").read_text()
    result = dunctl("document", "acme", *words, code=code)
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert (desk / "cases" / "acme.toml").read_text() == before


def test_a_signed_statement_is_to_be_recorded_as_an_acknowledgement_too(desk: Path) -> None:
    result = dunctl("document", "acme", "reconciliation", "--ref", "S-7")
    assert "dunctl acknowledge acme --form signed" in result.stderr


def test_the_morning_list_names_what_runs_out_whether_it_is_called_or_not(desk: Path) -> None:
    text = dunctl("today").stdout
    lines = text.splitlines()
    row = next(n for n, line in enumerate(lines) if line.startswith("Soon out of time"))
    assert lines[row + 1].split() == ["acme", "Thu", "31", "Dec", "37", "£1,000.00", "gb-ew"]
    assert "countersigned" in lines[row + 2]
    (one,) = json.loads(dunctl("today", "--json").stdout)["limitation"]
    assert (one["case"], one["last"], one["days_left"], one["within"]) == (
        *("acme", "2026-12-31", 37, 90),
    )
    dunctl("hold", "acme", "represented", "--why", "letter of a lawyer")
    text = " ".join(dunctl("today").stdout.split())
    assert "a hold stands (represented): ask a lawyer now" in text
    assert "Soon out of time" not in dunctl("today", "--owner", "ann").stdout


@pytest.mark.parametrize("command", [("brief",), ("why",)])
def test_the_pages_of_a_case_warn_too(desk: Path, command: tuple[str, ...]) -> None:
    text = " ".join(dunctl(*command, "acme").stdout.split())
    assert "Limitation: invoice 7 may be time-barred after Thu 31 Dec, in 37 days:" in text
    dunctl("invoice", "acme", "8", "500", "--due", "2019-11-30", "--issued", "2019-11-01")
    text = " ".join(dunctl(*command, "acme").stdout.split())
    assert "Limitation: invoice 8 may be time-barred since Sun 30 Nov 2025" in text
    assert "ask a lawyer before you ask for an acknowledgement" in text


def test_a_closed_case_is_left_in_peace(desk: Path) -> None:
    file = desk / "cases" / "acme.toml"
    closed = '\n[[step]]\nat = 2026-11-02T10:00:00+00:00\nto = "closed"\nwhy = "written off"\n'
    file.write_text(file.read_text() + closed)
    assert dunctl("check").stdout == "2 cases, no problem\n"
    assert "Limitation" not in dunctl("brief", "acme").stdout
    assert "Thu 31 Dec" in dunctl("limitation", "acme").stdout
