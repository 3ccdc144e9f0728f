"""The gate: worked examples of the rules by the minute and the day, and what holds of every case.

An id such as W1 or F3 is that of an example in the law notes; the source beside it is the rule's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunctl import dates
from dunctl.steps import packs
from dunctl.steps.guard import HORIZON, Asked, open_slots, verdict
from dunctl.steps.guard_clock import day_start, instant, minute_of, piece_at
from dunctl.steps.packs import Pack
from dunctl.steps.standing import Standing, standing
from tests.casefile import POLICY, called, disputed, entry, paid, promise
from tests.guardcase import ZONES, Desk, moment, questions, rules

REGF = rules("us-regf", role="third_party", kind="consumer", country="US")
HOUSE = rules()
CONSUMER = 'kind = "consumer"'
NEW_YORK = "America/New_York"
LONDON = "Europe/London"


def consumer(*entries: str, packs: Sequence[Pack], zone: str = NEW_YORK) -> Desk:
    return Desk(*entries, zone=zone, debtor=CONSUMER, packs=packs)


def person(name: str, role: str = "owner", **keys: str) -> str:
    return entry("person", name=name, role=role, **keys)


def allowed_hours(desk: Desk, day: str, zone: str) -> str:
    """Return from when until when a contact is allowed on a day, on the clock of a zone."""
    open_ = [
        minute
        for minute in range(0, 1440, 15)
        if desk.ask(f"{day} {minute // 60:02}:{minute % 60:02}", zone=zone).verdict == "allow"
    ]
    end = open_[-1] + 15
    assert open_ == list(range(open_[0], end, 15)), "one span"
    return f"{open_[0] // 60:02}:{open_[0] % 60:02}-{end // 60:02}:{end % 60:02}"


# Hours


@pytest.mark.parametrize(
    ("when", "answer", "following"),
    [
        ("2026-04-01 07:59", "block us-regf/hours", "2026-04-01 08:00"),
        ("2026-04-01 08:00", "allow", "2026-04-01 08:00"),
        ("2026-04-01 20:59", "allow", "2026-04-01 20:59"),
        ("2026-04-01 21:01", "block us-regf/hours", "2026-04-02 08:00"),
    ],
)
def test_a_consumer_is_called_from_8_to_21_where_they_are(
    when: str, answer: str, following: str
) -> None:
    """W1; 12 CFR 1006.6(b)(1)(i)."""
    desk = consumer(packs=REGF)
    assert (desk.says(when), desk.following(when)) == (answer, following)


@pytest.mark.parametrize(
    ("zones", "day", "hours"),
    [
        ('["America/New_York", "America/Los_Angeles"]', "2026-04-01", "11:00-21:00"),
        ('["America/New_York", "America/Phoenix"]', "2026-04-01", "11:00-21:00"),
        ('["America/New_York", "America/Phoenix"]', "2026-01-15", "10:00-21:00"),
    ],
)
def test_with_several_zones_only_what_is_allowed_in_all_of_them(
    zones: str, day: str, hours: str
) -> None:
    """W2, W4: Arizona keeps no daylight saving; comment 6(b)(1)(i)-2."""
    assert allowed_hours(consumer(packs=REGF, zone=zones), day, NEW_YORK) == hours


def test_the_hours_of_another_zone_are_named_as_such() -> None:
    """W2."""
    desk = consumer(packs=REGF, zone='["America/New_York", "America/Los_Angeles"]')
    assert desk.says("2026-04-01 08:30") == "block us-regf/zones"
    assert desk.following("2026-04-01 08:30") == "2026-04-01 11:00"
    assert desk.ask("2026-04-01 08:30").findings[0].because == ("debtor", "timezone")


def test_without_a_zone_nobody_is_called_and_nothing_makes_it_right_by_waiting() -> None:
    desk = Desk(zone=None, packs=HOUSE)
    found = desk.ask("2026-04-01 12:00")
    assert [f.reason for f in found.findings] == ["house/zones"]
    assert (found.verdict, found.next_allowed) == ("block", None)
    assert desk.says("2026-04-01 12:00", channel="letter") == "allow"


SHIFT = person("Ann", avoid='["mon-fri 09:00-17:00"]')


def test_a_time_that_they_called_inconvenient_is_not_used() -> None:
    """W6; comment 6(b)(1)-2. 2026-04-01 is a Wednesday."""
    desk = consumer(SHIFT, packs=REGF)
    assert desk.says("2026-04-01 10:00", "Ann") == "block us-regf/inconvenient"
    assert desk.says("2026-04-01 17:30", "Ann") == "allow"
    found = desk.ask("2026-04-01 10:00", "Ann").findings[0]
    assert found.because == ("person", 0, "avoid")


def test_when_they_call_at_such_a_time_one_answer_is_free_and_no_second() -> None:
    """W6; comment 6(b)(1)-2: by the same channel, on the same day."""
    theirs = called("2026-04-01T10:00:00-04:00", "left_message", direction="in", with_="Ann")
    desk = consumer(SHIFT, theirs, packs=REGF)
    assert desk.says("2026-04-01 10:15", "Ann") == "allow"
    assert desk.says("2026-04-01 10:15", "Ann", channel="sms") == "block us-regf/inconvenient"
    assert desk.says("2026-04-02 10:15", "Ann") == "block us-regf/inconvenient"
    ours = called("2026-04-01T10:15:00-04:00", with_="Ann")
    desk = consumer(SHIFT, theirs, ours, packs=REGF)
    assert desk.says("2026-04-01 10:30", "Ann") == "block us-regf/inconvenient"


def test_busy_just_now_is_no_wish_for_later() -> None:
    """W7: nothing stands against the same hour tomorrow but the rests of the rules."""
    desk = consumer(
        person("Ann"), called("2026-04-01T10:00:00-04:00", "no_answer", note="busy"), packs=REGF
    )
    assert desk.says("2026-04-02 10:00", "Ann") == "allow"


@pytest.mark.parametrize(
    ("when", "answer", "following"),
    [
        ("2026-01-24 08:45", "block au/phone-hours", "2026-01-24 09:00"),
        ("2026-01-23 07:30", "allow", "2026-01-23 07:30"),
        ("2026-01-26 12:00", "block au/holidays", "2026-01-27 07:30"),
    ],
)
def test_australian_hours_differ_by_weekday_and_australia_day_is_none(
    when: str, answer: str, following: str
) -> None:
    """A1; ACCC/ASIC guideline, part 2 section 4."""
    au = rules("au", kind="consumer", country="AU", subdivision="AU-NSW")
    zone = "Australia/Sydney"
    desk = Desk(zone=zone, debtor=CONSUMER, packs=au, country="AU", subdivision="AU-NSW")
    assert (desk.says(when), desk.following(when)) == (answer, following)


def test_a_holiday_of_a_state_is_no_national_one() -> None:
    """The guideline means national holidays; the house keeps those of the state too."""
    desk = Desk(
        zone="Australia/Melbourne", debtor=CONSUMER, country="AU", subdivision="AU-VIC",
        packs=rules(kind="consumer", country="AU", subdivision="AU-VIC"),
    )  # fmt: skip
    assert desk.says("2026-11-03 10:00") == "block house/holidays"  # Melbourne Cup


ONTARIO = rules("ca-on", role="third_party", kind="consumer", country="CA", subdivision="CA-ON")


@pytest.mark.parametrize(
    ("when", "answer"),
    [
        ("2026-03-08 12:59", "block ca-on/hours"),
        ("2026-03-08 13:00", "allow"),
        ("2026-03-08 17:01", "block ca-on/hours"),
    ],
)
def test_sunday_afternoons_in_ontario(when: str, answer: str) -> None:
    """O1; R.R.O. 1990, Reg. 74. It is also the day on which the clocks go forward."""
    letter = entry("letter", at="2026-02-02T09:00:00-05:00", template="notice")
    assert consumer(letter, packs=ONTARIO, zone="America/Toronto").says(when) == answer


def test_in_ontario_a_letter_goes_first_and_then_six_days_pass() -> None:
    """O1; R.R.O. 1990, Reg. 74, s. 21, read conservatively."""
    desk = consumer(packs=ONTARIO, zone="America/Toronto")
    assert desk.says("2026-03-02 10:00") == "block ca-on/letter-first"
    assert desk.following("2026-03-02 10:00") is None
    letter = entry("letter", at="2026-03-02T09:00:00-05:00", template="notice")
    desk = consumer(letter, packs=ONTARIO, zone="America/Toronto")
    assert desk.following("2026-03-02 10:00") == "2026-03-09 07:00"
    assert desk.ask("2026-03-02 10:00").findings[0].because == ("letter", 0)


def test_in_ontario_three_contacts_in_seven_days_once_they_were_spoken_with() -> None:
    """R.R.O. 1990, Reg. 74, ss. 20 and 22: unanswered calls and letters are no contacts."""
    letter = entry("letter", at="2026-02-02T09:00:00-05:00", template="notice")
    week = [f"2026-03-{day:02}T10:00:00-05:00" for day in (2, 3, 4, 5)]
    messages = [called(at, "left_message") for at in week]
    desk = consumer(letter, *messages, packs=ONTARIO, zone="America/Toronto")
    assert desk.says("2026-03-06 10:00") == "allow"
    talk = called(week[0], "refused")
    desk = consumer(letter, talk, *messages[1:3], packs=ONTARIO, zone="America/Toronto")
    assert desk.says("2026-03-06 10:00") == "block ca-on/three-contacts"
    assert desk.following("2026-03-06 10:00") == "2026-03-09 07:00"
    missed = [called(at) for at in week[1:3]]
    desk = consumer(letter, talk, *missed, packs=ONTARIO, zone="America/Toronto")
    assert desk.says("2026-03-06 10:00") == "allow"


@pytest.mark.parametrize(
    ("when", "answer"),
    [
        ("2026-04-01 07:59", "block in/call-hours"),
        ("2026-04-01 18:59", "allow"),
        ("2026-04-01 19:01", "block in/call-hours"),
    ],
)
def test_indian_lenders_call_from_8_to_19(when: str, answer: str) -> None:
    """I1; Reserve Bank of India, circular of 2022-08-12."""
    lender = rules("auto", "-house", role="regulated_lender", kind="consumer", country="IN")
    assert consumer(packs=lender, zone="Asia/Kolkata").says(when) == answer


def test_a_colleague_is_only_warned_of_because_the_draft_is_no_law_yet() -> None:
    """I1; draft directions of 2026-02-12: unverified rules never block."""
    draft = rules("in/borrower-only", role="regulated_lender", kind="consumer", country="IN")
    desk = consumer(person("Ravi", "other"), packs=draft, zone="Asia/Kolkata")
    assert desk.says("2026-04-01 10:00", "Ravi") == "warn in/borrower-only"


def test_a_shift_worker_who_asked_for_the_afternoon_is_left_alone_until_then() -> None:
    """G1; CONC 7.9."""
    conc = rules("gb-conc", role="regulated_lender", kind="consumer", country="GB")
    desk = consumer(person("Ann", avoid='["00:00-16:00"]'), packs=conc, zone=LONDON)
    assert desk.says("2026-04-01 15:00", "Ann") == "block gb-conc/wishes"
    assert desk.following("2026-04-01 15:00", "Ann") == "2026-04-01 16:00"


# How often


def test_seven_calls_in_seven_days_are_the_most() -> None:
    """F1; 12 CFR 1006.14(b)(2)(i)(A): a presumption, so it warns."""
    calls = [called(f"2026-04-06T{hour:02}:00:00-04:00") for hour in range(9, 16)]
    desk = consumer(*calls, packs=REGF)
    assert "us-regf/seven-calls" in desk.says("2026-04-06 18:00")
    assert desk.says("2026-04-12 10:00") == "warn us-regf/seven-calls"
    assert desk.says("2026-04-13 10:00") == "allow"
    assert desk.ask("2026-04-12 10:00").findings[0].because == ("contact", 6)


def test_the_seventh_call_is_still_one_of_them() -> None:
    """F5, so far as one case can tell: each debt for itself."""
    calls = [called(f"2026-04-0{day}T10:00:00-04:00") for day in range(1, 7)]
    assert consumer(*calls, packs=REGF).says("2026-04-07 10:00") == "allow"


@pytest.mark.parametrize("direction", ["out", "in"])
def test_after_a_conversation_seven_days_pass_whoever_called(direction: str) -> None:
    """F3, F4; 12 CFR 1006.14(b)(2)(i)(B): the day of the conversation is the first."""
    desk = consumer(called("2026-04-01T10:00:00-04:00", "refused", direction=direction), packs=REGF)
    assert desk.says("2026-04-07 10:00") == "block us-regf/after-conversation"
    assert desk.following("2026-04-01 12:00") == "2026-04-08 08:00"


def test_two_people_of_one_debt_are_counted_apart() -> None:
    """F8; four calls to each."""
    calls = [
        called(f"2026-04-0{day}T{hour}:00:00-04:00", with_=who)
        for day in range(1, 5)
        for hour, who in (("10", "Acme"), ("11", "Bill"))
    ]
    desk = consumer(person("Bill", "payer_by_consent"), *calls, packs=REGF)
    assert desk.says("2026-04-05 10:00") == "allow"
    assert desk.says("2026-04-05 10:00", "Bill") == "allow"
    nameless = [called(f"2026-04-0{day}T15:00:00-04:00") for day in range(1, 5)]
    desk = consumer(person("Bill", "payer_by_consent"), *calls, *nameless, packs=REGF)
    assert desk.says("2026-04-05 10:00", "Bill") == "warn us-regf/seven-calls"


BACK = called("2026-04-06T10:00:00-04:00", "inconvenient", call_back="2026-04-09T15:00:00-04:00")


def test_a_call_they_asked_for_is_free_of_the_rest_and_only_then() -> None:
    """F9; comment 14(b)(3)(i): asked on Monday for Thursday."""
    desk = consumer(BACK, packs=REGF)
    assert desk.says("2026-04-07 15:00") == "block us-regf/after-conversation"
    assert desk.following("2026-04-07 15:00") == "2026-04-09 14:30"
    assert desk.says("2026-04-09 15:00") == "allow"
    assert desk.says("2026-04-10 15:00") == "block us-regf/after-conversation"


@pytest.mark.parametrize(("asked", "answer"), [(BACK, False), (BACK.split("call_back")[0], True)])
def test_a_call_they_asked_for_is_not_counted(asked: str, answer: bool) -> None:
    """F9: with the talk of Monday it would be the seventh."""
    others = [called(f"2026-04-0{day}T09:00:00-04:00") for day in (3, 4, 5, 7, 8)]
    then = called("2026-04-09T15:00:00-04:00")
    if "outcome" not in asked:
        asked += 'outcome = "inconvenient"\n'
    found = consumer(asked, *others, then, packs=REGF).says("2026-04-09 18:00")
    assert ("us-regf/seven-calls" in found) == answer


def test_talking_ends_what_they_asked_for_and_begins_a_new_rest() -> None:
    """F9."""
    talk = called("2026-04-09T15:00:00-04:00", "refused")
    desk = consumer(BACK, talk, packs=REGF)
    assert desk.says("2026-04-09 16:00") == "block us-regf/after-conversation"
    assert desk.following("2026-04-09 16:00") == "2026-04-16 08:00"


@pytest.mark.parametrize(("asked_on", "answer"), [("04", "allow"), ("03", "warn")])
def test_consent_is_over_after_seven_days(asked_on: str, answer: str) -> None:
    """F9; 12 CFR 1006.14(b)(3)(i): the day of asking is the first of them."""
    asked = called(
        f"2026-04-{asked_on}T08:00:00-04:00",
        "left_message",
        direction="in",
        call_back="2026-04-10T15:00:00-04:00",
    )
    calls = [called(f"2026-04-{day:02}T09:00:00-04:00") for day in range(4, 11)]
    desk = consumer(asked, *calls, packs=REGF)
    assert desk.ask("2026-04-10 15:00").verdict == answer


def test_two_calls_a_week_in_massachusetts() -> None:
    """F11; 940 CMR 7.04(1)(f) reaches creditors that collect their own debts."""
    two = rules("us-ma", kind="consumer", country="US", subdivision="US-MA")
    calls = [called(f"2026-04-0{day}T10:00:00-04:00") for day in (1, 3)]
    desk = consumer(*calls, packs=two)
    assert desk.says("2026-04-07 10:00") == "block us-ma/two-calls"
    assert desk.following("2026-04-07 10:00") == "2026-04-08 00:00"


def test_regulation_f_does_not_bind_between_companies_and_chosen_it_only_warns() -> None:
    """F12; 15 USC 1692a: consumer debts, collected for others."""
    found = rules(country="US", subdivision="US-NY")
    assert [pack.id for pack in found] == ["house"]
    talk = called("2026-04-01T10:00:00-04:00", "refused")
    desk = Desk(talk, zone=NEW_YORK, packs=rules("us-regf", country="US"))
    assert desk.says("2026-04-07 10:00") == "warn us-regf/after-conversation"


def test_after_a_cease_notice_neither_call_nor_mail() -> None:
    """F13; 15 USC 1692c. The letter that announces a remedy cannot be told from others yet."""
    desk = consumer(entry("hold", at="2026-04-01T10:00:00-04:00", kind="stop_contact"), packs=REGF)
    for channel in ("phone", "email", "sms"):
        assert desk.says("2026-04-02 10:00", channel=channel) == "block us-regf/cease"
    found = desk.ask("2026-04-02 10:00")
    assert (found.next_allowed, found.findings[0].because) == (None, ("hold", 0))


def test_the_fourth_call_of_a_week_and_the_eleventh_of_a_month_are_warned_of_in_australia() -> None:
    """A3; ACCC/ASIC guideline."""
    au = rules("au", kind="consumer", country="AU")
    zone = "Australia/Sydney"
    week = [called(f"2026-06-{day:02}T10:00:00+10:00") for day in (1, 2, 3)]
    assert consumer(*week, packs=au, zone=zone).says("2026-06-04 10:00") == "warn au/three-a-week"
    month = [called(f"2026-06-{day:02}T10:00:00+10:00") for day in (1, 2, 3, 4, 5, 8, 9, 10, 11)]
    letter = entry("letter", at="2026-06-12T10:00:00+10:00", template="reminder")
    desk = consumer(*month, packs=au, zone=zone)
    assert desk.says("2026-06-22 10:00") == "allow"
    desk = consumer(*month, letter, packs=au, zone=zone)
    assert desk.says("2026-06-22 10:00") == "warn au/ten-a-month"
    assert desk.says("2026-07-01 10:00") == "allow"


def test_service_and_verification_are_neither_counted_nor_limited() -> None:
    """Practice G25."""
    desk = Desk(called("2026-04-01T09:30:00+01:00", "refused", purpose="service"), packs=HOUSE)
    assert desk.says("2026-04-01 14:30") == "allow"
    desk = Desk(called("2026-04-01T09:30:00+01:00", "refused"), packs=HOUSE)
    assert desk.says("2026-04-01 14:30") == "block house/once-a-day house/rest"
    assert desk.says("2026-04-01 14:30", purpose="service") == "allow"


# Days: holidays, weekends, clocks


def test_no_calls_to_china_in_golden_week_but_on_the_saturday_that_makes_up_for_it() -> None:
    """Decree of the State Council for 2026: 1 to 7 October off, Saturday the 10th is worked."""
    desk = Desk(zone="Asia/Shanghai", packs=rules(country="CN"), country="CN")
    assert desk.says("2026-10-02 10:00") == "block house/holidays"
    assert desk.following("2026-10-01 10:00") == "2026-10-08 08:00"
    assert desk.says("2026-10-10 10:00") == "allow"
    assert desk.says("2026-10-17 10:00") == "block house/weekend"


def test_no_calls_at_christmas_in_britain_until_the_bank_holiday_is_over() -> None:
    desk = Desk(packs=HOUSE, country="GB", subdivision="GB-ENG")
    assert desk.says("2026-12-25 10:00") == "block house/holidays"
    assert desk.following("2026-12-24 22:00") == "2026-12-29 08:00"


def test_brisbane_is_an_hour_behind_sydney_in_summer() -> None:
    """Queensland keeps no daylight saving: 08:30 in Sydney is 07:30 there."""
    desk = Desk(zone="Australia/Brisbane", packs=rules(country="AU"))
    sydney = "Australia/Sydney"
    assert desk.says("2026-01-28 08:30", zone=sydney) == "block house/hours"
    assert desk.says("2026-01-28 09:00", zone=sydney) == "allow"
    assert desk.says("2026-06-24 08:30", zone=sydney) == "allow"


def test_arizona_is_two_or_three_hours_behind_new_york() -> None:
    desk = Desk(zone="America/Phoenix", packs=rules(country="US"))
    assert desk.says("2026-07-15 10:30", zone=NEW_YORK) == "block house/hours"
    assert desk.says("2026-07-15 11:00", zone=NEW_YORK) == "allow"
    assert desk.says("2026-01-14 10:00", zone=NEW_YORK) == "allow"


def own(**rule: object) -> tuple[Pack, ...]:
    """Return a pack of one rule that blocks calls."""
    common = {
        "id": "rule", "title": "a rule", "level": "block", "authority": "practice",
        "source": "our own", "confidence": "verified", "as_of": date(2026, 1, 1),
    }  # fmt: skip
    data = {"format": 1, "title": "Own", "default": True, "rule": [{**common, **rule}]}
    pack = packs.read(data, "own")
    assert pack.problems == ()
    return (pack,)


NIGHT = own(kind="hours", open="01:00-02:00")


def test_an_hour_that_the_clocks_skip_is_no_time_to_call() -> None:
    """In Britain 01:00 to 02:00 does not exist on 29 March 2026."""
    desk = Desk(packs=NIGHT)
    assert desk.following("2026-03-28 12:00") == "2026-03-30 01:00"


def test_an_hour_that_comes_twice_is_open_twice() -> None:
    """In Britain 01:00 to 02:00 comes twice on 25 October 2026."""
    desk = Desk(packs=NIGHT)
    first = datetime(2026, 10, 25, 0, 0, tzinfo=UTC)
    starts = tuple(first + timedelta(minutes=30 * n) for n in range(-2, 6))
    open_, _ = open_slots(desk.at(first - timedelta(hours=5)), NIGHT, Asked(), starts)
    assert open_ == [False, False, True, True, True, True, False, False]


def test_a_morning_after_the_clocks_went_forward_begins_at_its_own_8() -> None:
    """W1 over the night of 8 March 2026: eleven hours, not twelve, after 21:00."""
    desk = consumer(packs=REGF)
    found = desk.ask("2026-03-07 21:30")
    assert found.next_allowed == datetime(2026, 3, 8, 12, 0, tzinfo=UTC)


def test_a_day_that_a_country_skipped_is_skipped() -> None:
    """Samoa went from Thursday, 29 December 2011, straight to Saturday the 31st."""
    friday = own(kind="weekday", closed="mon-thu, sat-sun")
    desk = Desk(zone="Pacific/Apia", packs=friday)
    assert desk.following("2011-12-29 12:00") == "2012-01-06 00:00"


# What freezes, and what opens again


def test_a_hold_ends_with_its_last_day() -> None:
    hold = entry("hold", at="2026-04-01T10:00:00+01:00", kind="pause", until="2026-04-08")
    desk = Desk(hold, packs=HOUSE)
    assert desk.says("2026-04-08 10:00") == "block house/set-aside"
    assert desk.following("2026-04-02 10:00") == "2026-04-09 08:00"


def test_only_who_represents_them_is_called() -> None:
    """Practice B29, O14: by role, or by the name in the hold."""
    hold = entry("hold", at="2026-04-01T10:00:00+01:00", kind="represented", with_="Dee")
    desk = Desk(hold, person("Ann"), person("Lee", "lawyer"), person("Dee", "finance"), packs=HOUSE)
    assert desk.says("2026-04-02 10:00", "Ann") == "block house/represented"
    assert desk.says("2026-04-02 10:00", "Lee") == "allow"
    assert desk.says("2026-04-02 10:00", "Dee") == "allow"


def test_a_plan_holds_until_an_instalment_is_late() -> None:
    """Practice O13, with one working day of grace; the reminder of the next one is allowed."""
    parts = "[{ due = 2026-04-10, amount = 400.00 }, { due = 2026-05-11, amount = 600.00 }]"
    plan = entry("plan", at="2026-04-01T10:00:00+01:00", instalments=parts)
    desk = Desk(plan, packs=HOUSE)
    assert desk.says("2026-04-07 10:00") == "block house/plan"
    assert desk.says("2026-04-09 10:00") == "allow", "the day before"
    assert desk.says("2026-04-13 10:00") == "block house/plan", "the day of grace"
    assert desk.following("2026-04-13 10:00") == "2026-04-14 08:00"
    desk = Desk(plan, paid("2026-04-10", "400.00"), packs=HOUSE)
    assert desk.says("2026-04-14 10:00") == "block house/plan"
    assert desk.following("2026-04-14 10:00") == "2026-05-11 08:00", "the 10th is a Sunday"


def test_while_everything_open_is_disputed_only_service_is_allowed() -> None:
    """Practice E05, E41."""
    desk = Desk(disputed("2026-04-01T10:00:00+01:00", "1000.00"), packs=HOUSE)
    assert desk.says("2026-04-07 10:00") == "block house/disputed"
    assert desk.ask("2026-04-07 10:00").findings[0].because == ("dispute", 0)
    assert desk.says("2026-04-07 10:00", purpose="service") == "allow"
    desk = Desk(disputed("2026-04-01T10:00:00+01:00", "400.00"), packs=HOUSE)
    assert desk.says("2026-04-07 10:00") == "allow"


PROMISED = promise("2026-04-01T10:00:00+01:00", "500.00", "2026-04-10")


@pytest.mark.parametrize(
    ("when", "answer"),
    [
        ("2026-04-07 10:00", "block house/promised"),
        ("2026-04-09 10:00", "allow"),  # F10: the reminder of the day before
        ("2026-04-10 10:00", "allow"),
        ("2026-04-13 10:00", "allow"),
    ],
)
def test_a_promise_is_waited_for_but_for_its_reminder(when: str, answer: str) -> None:
    """Practice F10, F38, O13."""
    assert Desk(PROMISED, packs=HOUSE).says(when) == answer


def test_a_kept_promise_is_waited_for_no_more() -> None:
    desk = Desk(PROMISED, paid("2026-04-02", "500.00"), packs=HOUSE)
    assert desk.says("2026-04-07 10:00") == "allow"


def test_on_the_day_of_a_promise_one_more_call_is_free_of_the_caps() -> None:
    """Practice A22: promised in the morning for the afternoon, reminded half an hour before."""
    morning = promise("2026-04-07T09:00:00+01:00", "500.00", "2026-04-07T15:00:00+01:00")
    desk = Desk(morning, packs=HOUSE)
    assert desk.says("2026-04-07 14:30") == "allow"
    desk = Desk(morning, called("2026-04-07T14:30:00+01:00"), packs=HOUSE)
    assert desk.says("2026-04-07 14:45") == "block house/once-a-day"


def test_a_missed_promise_is_spoken_about_at_once() -> None:
    """The rest after a conversation does not stand against it; after the next one it does."""
    words = promise("2026-04-07T09:00:00+01:00", "500.00", "2026-04-07T15:00:00+01:00")
    desk = Desk(words, packs=HOUSE)
    assert desk.says("2026-04-08 10:00") == "allow"
    desk = Desk(words, called("2026-04-07T16:00:00+01:00", "refused"), packs=HOUSE)
    assert desk.says("2026-04-08 10:00") == "block house/rest"


def test_a_call_that_they_asked_for_goes_before_lunch_and_rest() -> None:
    """From half an hour before; of the clock for 90 minutes, of rests for the day."""
    asked = called(
        "2026-04-07T10:00:00+01:00", "inconvenient", call_back="2026-04-08T12:15:00+01:00"
    )
    desk = Desk(asked, packs=HOUSE)
    assert desk.says("2026-04-08 10:00") == "block house/rest"
    assert desk.says("2026-04-08 11:50") == "allow"
    assert desk.says("2026-04-08 13:20") == "block house/lunch"
    assert desk.says("2026-04-08 16:00") == "allow"
    desk = Desk(asked, called("2026-04-08T12:15:00+01:00"), packs=HOUSE)
    assert desk.says("2026-04-08 16:00") == "block house/once-a-day house/rest"


def test_lunch_is_closed_but_to_those_who_like_it() -> None:
    desk = Desk(person("Ann"), person("Bob", prefer='["12:00-13:00"]'), packs=HOUSE)
    assert desk.says("2026-04-07 12:30", "Ann") == "block house/lunch"
    assert desk.following("2026-04-07 12:30", "Ann") == "2026-04-07 14:00"
    assert desk.says("2026-04-07 12:30", "Bob") == "allow"
    recorded = Desk(person("Ann"), debtor='lunch = "12:00-13:00"', packs=HOUSE)
    assert recorded.says("2026-04-07 13:30", "Ann") == "allow"
    assert recorded.ask("2026-04-07 12:30", "Ann").findings[0].because == ("debtor", "lunch")


def test_a_wrong_number_is_not_called_until_it_is_verified_anew() -> None:
    """Practice B45, O11."""
    wrong = called("2026-04-01T10:00:00+01:00", "wrong_number", with_="Ann")
    desk = Desk(person("Ann"), person("Bob"), wrong, packs=HOUSE)
    assert desk.says("2026-04-07 10:00", "Ann") == "block house/wrong-number"
    assert desk.says("2026-04-07 10:00", "Bob") == "allow"
    for day, answer in (("2026-03-31", "block house/wrong-number"), ("2026-04-02", "allow")):
        desk = Desk(person("Ann", verified=day), wrong, packs=HOUSE)
        assert desk.says("2026-04-07 10:00", "Ann") == answer


def test_somebody_outside_hears_nothing_of_the_debt_and_is_asked_once() -> None:
    """Practice B10, B11, O06, O11."""
    outside = person("Uncle", "other")
    desk = Desk(outside, packs=HOUSE)
    assert desk.says("2026-04-07 10:00", "Uncle") == "warn house/third-party"
    assert desk.says("2026-04-07 10:00", "Uncle", purpose="locate") == "allow"
    assert (
        desk.says("2026-04-07 10:00", "Uncle", channel="sms")
        == "block house/third-party-writing house/unproved-number"
    )
    talk = called("2026-04-01T10:00:00+01:00", "third_party", with_="Uncle", purpose="locate")
    desk = Desk(outside, talk, packs=HOUSE)
    assert (
        desk.says("2026-04-07 10:00", "Uncle", purpose="locate") == "block house/third-party-once"
    )


def test_somebody_without_a_role_is_not_taken_for_an_outsider() -> None:
    """What the case does not say warns, even after a talk, and never blocks."""
    talk = called("2026-04-01T10:00:00+01:00", "refused", with_="Ann")
    desk = Desk(entry("person", name="Ann"), talk, packs=HOUSE)
    found = "warn house/third-party-once house/third-party"
    assert sorted(desk.says("2026-04-07 10:00", "Ann").split()) == sorted(found.split())
    desk = Desk(person("Ann", "other"), talk, packs=HOUSE)
    assert desk.says("2026-04-07 10:00", "Ann").startswith("block house/third-party-once")


def test_private_people_are_visited_by_invitation_and_hostile_ones_never() -> None:
    """Practice J17, J18."""
    tried = called("2026-04-01T10:00:00+01:00")
    desk = Desk(tried, debtor=CONSUMER, packs=rules(kind="consumer"))
    assert desk.says("2026-04-07 10:00", channel="visit") == "block house/home"
    invited = called("2026-04-01T10:00:00+01:00", "refused", channel="visit", direction="in")
    desk = Desk(tried, invited, debtor=CONSUMER, packs=rules(kind="consumer"))
    assert desk.says("2026-04-07 10:00", channel="visit") == "allow"
    desk = Desk(tried, debtor='manner = "hostile"', packs=HOUSE)
    assert desk.says("2026-04-07 10:00", channel="visit") == "block house/hostile"
    assert Desk(packs=HOUSE).says("2026-04-07 10:00", channel="visit") == "warn house/visit-last"


def test_what_the_data_cannot_tell_never_blocks() -> None:
    """A number has no place: "not at work" warns, even where the law forbids it."""
    desk = consumer(person("Ann", no_work_calls="true"), packs=REGF)
    assert desk.says("2026-04-07 10:00", "Ann") == "warn us-regf/workplace"


def test_a_pause_of_minutes_is_over_when_they_are() -> None:
    """12 CFR part 1006, comment 14(b)(2)(i)-2: two calls within five minutes."""
    pause = own(kind="spacing", minutes=5, after=["unanswered"], per=["debt"], channels=["phone"])
    desk = Desk(called("2026-04-07T10:00:00+01:00"), packs=pause)
    assert desk.following("2026-04-07 10:04") == "2026-04-07 10:05"


def test_the_worst_and_most_telling_rule_comes_first() -> None:
    hold = entry("hold", at="2026-04-01T10:00:00+01:00", kind="insolvent")
    desk = Desk(
        person("Ann", no_work_calls="true"),
        called("2026-04-04T10:00:00+01:00", "refused"),
        hold,
        packs=HOUSE,
    )
    assert desk.says("2026-04-04 23:00", "Ann") == (
        "block house/insolvent house/once-a-day house/rest house/weekend house/hours house/at-work"
    )


def test_no_rules_allow_everything() -> None:
    assert Desk(zone=None).says("2026-04-05 03:00") == "allow"


# What holds of every case


@given(questions(), st.integers(0, 600), st.sampled_from([0, 30]))
def test_half_hours_of_a_day_are_judged_as_one_by_one(
    question: tuple[Standing, tuple[Pack, ...], Asked], later: int, minutes: int
) -> None:
    at, packs, asked = question
    first = at.now + timedelta(minutes=later)
    starts = tuple(first + timedelta(minutes=30 * n) for n in range(20))
    open_, finding = open_slots(at, packs, asked, starts, minutes)
    answers = [verdict(at, packs, asked._replace(minutes=minutes), start) for start in starts]
    assert open_ == [answer.verdict != "block" for answer in answers]
    assert (finding is None) == any(open_)
    if finding is not None:
        assert finding.level == "block"
        assert finding.reason in {f.reason for answer in answers for f in answer.findings}


@given(questions())
def test_next_allowed_is_the_first_minute_that_is(
    question: tuple[Standing, tuple[Pack, ...], Asked],
) -> None:
    at, packs, asked = question
    found = verdict(at, packs, asked, at.now)
    days = tuple(at.now + timedelta(minutes=n) for n in range(4 * 1440))
    open_, _ = open_slots(at, packs, asked, days, asked.minutes)
    first = next((start for start, is_open in zip(days, open_, strict=True) if is_open), None)
    if first is not None:
        assert found.next_allowed == first
    elif found.next_allowed is not None:
        assert days[-1] < found.next_allowed <= at.now + timedelta(days=HORIZON)
        assert verdict(at, packs, asked, found.next_allowed).verdict != "block"


@given(questions(), st.integers(0, 5 * 1440))
def test_what_is_said_of_later_is_what_is_said_then(
    question: tuple[Standing, tuple[Pack, ...], Asked], later: int
) -> None:
    """If nothing is written meanwhile."""
    at, packs, asked = question
    when = at.now + timedelta(minutes=later)
    now = verdict(at, packs, asked, when)
    there = standing(at.case, POLICY, when, at.calendar, at.nationwide)
    then = verdict(there, packs, asked, when)
    assert [f[:2] for f in now.findings] == [f[:2] for f in then.findings]
    assert now.next_allowed == then.next_allowed


@given(
    st.lists(st.integers(-20 * 1440, -1), max_size=8),
    st.integers(0, 10 * 1440),
    st.integers(1, 3),
    st.integers(1, 9),
    st.sampled_from(ZONES),
)
def test_a_cap_counts_local_days(
    calls: list[int], later: int, most: int, days: int, zone: str
) -> None:
    """By a count of the calendar days on which calls fell, there."""
    cap = own(
        kind="attempts_cap", at_most=most, days=days, counts=["unanswered"], per=["debt"],
        channels=["phone"],
    )  # fmt: skip
    start = datetime(2026, 4, 3, 12, 0, tzinfo=UTC)
    made = [start + timedelta(minutes=n) for n in calls]
    desk = Desk(*(called(at.isoformat()) for at in made), zone=zone, packs=cap)
    there = dates.zone(zone)
    when = start + timedelta(minutes=later)
    today = when.astimezone(there).date()
    window = [today - timedelta(days=n) for n in range(days)]
    counted = sum(at.astimezone(there).date() in window for at in made)
    answer = verdict(desk.at(start), cap, Asked(), when).verdict
    assert answer == ("block" if counted >= most else "allow")


@given(st.sampled_from(ZONES), st.integers(0, 70 * 366 * 1440))
def test_a_minute_shows_the_day_and_the_offset_of_its_zone(zone: str, minute: int) -> None:
    there = dates.zone(zone)
    piece = piece_at(there, minute)
    local = instant(minute).astimezone(there)
    assert piece.start <= minute < piece.end
    assert piece.day == local.date().toordinal()
    assert minute_of(local) == minute
    first = instant(day_start(there, piece.day)).astimezone(there)
    assert first.date() == local.date()
    assert (instant(day_start(there, piece.day) - 1).astimezone(there)).date() < local.date()


def test_the_clock_of_a_question_does_not_matter() -> None:
    desk = Desk(packs=HOUSE)
    when = moment("2026-04-07 09:30", LONDON)
    for zone in ZONES:
        asked = when.astimezone(dates.zone(zone))
        assert verdict(desk.at(when), HOUSE, Asked(), asked).verdict == "allow"
