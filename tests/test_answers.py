"""How likely a debtor answers: what the model promises, and how near it comes to the best one."""

from __future__ import annotations

import ast
import copy
import itertools
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunctl.calling import answers, learning, odds
from dunctl.calling import book as books
from dunctl.calling.answers import Attempt, Book, Debtor, History
from dunctl.calling.docket import Docket, packed
from dunctl.calling.learning import book_state, learn
from dunctl.calling.odds import Factor, Learned, Parameters, Profile
from dunctl.case import records
from dunctl.errors import Refused

DATA: Mapping[str, Any] = tomllib.loads(
    Path(odds.__file__).parent.parent.joinpath("policies", "answers.toml").read_text("utf-8")
)
P = odds.read(DATA)
TODAY = date(2026, 11, 24).toordinal()
TUESDAY = (TODAY - 1) % 7
MON, FRI = 0, 4
HOURS = (570, 630, 765, 870, 960, 1050)
"""A minute in each band of the clock."""
NEW = answers.new_book(P)
USUAL = answers.usual_odds(Profile(), NEW, P)
PROFILES = [
    Profile(segment, opening, run)
    for segment in odds.SEGMENTS
    for opening in (None, 510, 540, 600)
    for run in ("owner", "staffed", "unknown")
]
"""Every kind of debtor, opening at 08:30, 09:00, 10:00 or nobody knows when."""


def state(*attempts: Attempt, today: int = TODAY) -> Debtor:
    return answers.debtor_state(attempts, USUAL, P, today)


def chance(found: Debtor, minute: int, day: int = TODAY) -> float:
    return answers.odds_row(found, USUAL, P, day, [minute])[0]


attempts = st.lists(
    st.builds(
        Attempt,
        st.integers(TODAY - 400, TODAY),
        st.integers(0, 1439),
        st.booleans(),
    ),
    max_size=15,
)


# The numbers and where they come from


@pytest.mark.parametrize("segment", odds.SEGMENTS)
def test_the_odds_of_an_hour_are_those_of_its_published_index(segment: str) -> None:
    hours = DATA["hours"]
    rate, table = hours["rate"][segment], hours[segment]

    def of(p: float) -> float:
        return p / (1 - p)

    again = [round(of(rate * i ** hours["power"]) / of(rate), 4) for i in table["index"]]
    assert table["odds"] == again


@pytest.mark.parametrize("segment", odds.SEGMENTS)
def test_debtors_who_differ_answer_on_average_at_the_published_rate(segment: str) -> None:
    apart, shares = np.polynomial.hermite_e.hermegauss(40)
    rates = logistic(np.log(P.odds[segment]) + apart)
    average = rates @ shares / shares.sum()
    assert average == pytest.approx(DATA["hours"]["rate"][segment], abs=0.005)


@pytest.mark.parametrize(("level", "days"), [("debtor", 100), ("book", 180)])
def test_a_weight_halves_in_its_half_life(level: str, days: int) -> None:
    assert P.decay[level] ** days == pytest.approx(0.5, abs=1e-6)


@pytest.mark.parametrize("who", PROFILES, ids=str)
def test_what_is_only_held_moves_no_hour_by_more_than_six_per_cent(who: Profile) -> None:
    for weekday in range(7):
        for half in range(odds.HALF_HOURS):
            known = odds.prior(P, who, weekday, half)
            assert 0.94 <= known.practice <= 1.06
            assert 0.94 <= known.weekday <= 1.06


@pytest.mark.parametrize(
    ("weekday", "clock", "who", "factor"),
    [
        (MON, "10:30", Profile(), 1.06),  # A18
        (MON, "11:00", Profile(), 1.0),
        (MON, "11:30", Profile(), 0.94),  # A04
        (MON, "14:00", Profile(), 1.0),
        (FRI, "16:30", Profile(), 0.94),  # A05
        (FRI, "16:00", Profile(), 1.06 * 0.94),
        (MON, "09:00", Profile(opening=540, run="owner"), 1.06),  # A01
        (MON, "09:30", Profile(opening=540, run="owner"), 1.0),
        (MON, "09:00", Profile(opening=540, run="staffed"), 0.94),  # A02
        (MON, "11:00", Profile(opening=540, run="staffed"), 1.06),
        (MON, "09:00", Profile(opening=540), 1.0),
        (MON, "09:00", Profile(run="owner"), 1.0),
    ],
)
def test_the_first_minutes_are_good_at_an_owners_and_bad_where_staff_settle_in(
    weekday: int, clock: str, who: Profile, factor: float
) -> None:
    hour, minute = clock.split(":")
    half = int(hour) * 2 + int(minute) // 30
    assert odds.prior(P, who, weekday, half).practice == pytest.approx(factor)


def test_an_early_or_late_call_that_was_made_all_the_same_counts_like_the_nearest_hour() -> None:
    assert P.hour["business"][2 * 6] == P.hour["business"][2 * 8]
    assert P.hour["business"][2 * 23] == P.hour["business"][2 * 20]


@pytest.mark.parametrize(
    ("minute", "opening", "words"),
    [
        (595, None, "before 10:00"),
        (600, None, "between 10:00 and 11:30"),
        (1020, None, "after 17:00"),
        (540, 540, "in the first hour of their day"),
        (599, 540, "in the first hour of their day"),
        (600, 540, "between 10:00 and 11:30"),
    ],
)
def test_the_day_is_cut_into_bands(minute: int, opening: int | None, words: str) -> None:
    band = odds.band_of(P, Profile(opening=opening), minute // 30)
    assert odds.say_band(P, band) == words


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        (("odds", "busines"), 0.4, "busines"),
        (("odds", "business"), None, "business"),
        (("odds", "business"), "0.43", "odds.business"),
        (("retry", "factor"), 1.5, "retry.factor"),
        (("retry", "minutes"), 0.5, "retry.minutes"),
        (("repeat", "days"), 0, "repeat.days"),
        (("repeat", "factor"), 1.1, "repeat.factor"),
        (("strength", "repeat"), None, "repeat"),
        (("weekdays", "fri"), 1.07, "weekdays.fri"),
        (("practice", "owner_run_first_half_hour"), 1.2, "owner_run_first_half_hour"),
        (("practice", "staffed_settled"), {"hours": "ten", "factor": 1.0}, "staffed_settled.hours"),
        (("practice", "window"), 1, "practice.window"),
        (("practice", "window"), [{"hours": "10:00-10:15", "factor": 1.0}], "window.hours"),
        (("hours", "business"), {"index": [1.0], "odds": []}, "hours.business.odds"),
        (("bands", "starts"), ["11:00", "10:00"], "bands.starts"),
        (("bands", "starts"), ["noon"], "bands.starts"),
        (("strength", "debtor"), 0, "strength.debtor"),
        (("decay", "book"), 1.1, "decay.book"),
        (("learning", "attempts"), 0, "learning.attempts"),
        (("format",), 2, "format"),
        (("more",), {}, "more"),
    ],
)
def test_numbers_that_cannot_be_right_are_refused_by_name(
    path: Sequence[str], value: object, named: str
) -> None:
    data = copy.deepcopy(dict(DATA))
    table = data
    for key in path[:-1]:
        table = table[key]
    if value is None:
        del table[path[-1]]
    else:
        table[path[-1]] = value
    with pytest.raises(Refused, match=named):
        odds.read(data)


@pytest.mark.parametrize(
    "module", [odds, books, learning, answers], ids=lambda module: module.__name__
)
def test_floats_meet_only_the_four_operations_that_every_machine_rounds_alike(module: Any) -> None:
    tree = ast.parse(Path(module.__file__).read_text("utf-8"))
    for node in ast.walk(tree):
        assert not isinstance(node, ast.Pow), "a power"
        if isinstance(node, ast.Import | ast.ImportFrom):
            assert "math" not in ast.unparse(node)
        if isinstance(node, ast.Call):
            assert ast.unparse(node.func) not in {"sum", "pow", "fsum", "math.fsum"}, node.lineno


# A debtor's own calls


def test_a_debtor_never_called_has_exactly_the_usual_odds() -> None:
    assert state() == answers.STRANGER
    for minute in range(0, 1440, 30):
        known = odds.prior(P, Profile(), TUESDAY, minute // 30)
        value = known.base * known.hour * known.practice * known.weekday
        assert chance(state(), minute) == value / (1.0 + value)
    assert book_state({}, P, TODAY) == NEW


def test_the_multiplier_can_be_worked_out_by_hand() -> None:
    p, q = chance(state(), 630, TODAY - 7), chance(state(), 900, TODAY - 14)
    found = state(Attempt(TODAY - 7, 630, True), Attempt(TODAY - 14, 900, False))
    fresh, old = P.decay["debtor"] ** 7, P.decay["debtor"] ** 14
    assert found.own.value == pytest.approx((1.5 + fresh * (1 - p)) / (1.5 + old * q))
    assert (found.own.answered, found.own.tried) == (1, 2)
    assert found.own.usual == pytest.approx(p + q)


@given(attempts)
def test_multipliers_stay_positive_and_chances_between_nothing_and_certain(
    calls: list[Attempt],
) -> None:
    found = state(*calls)
    assert found.own.value > 0
    assert all(band.value > 0 for band in found.bands.values())
    row = answers.odds_row(found, USUAL, P, TODAY, range(0, 1440, 30))
    assert all(0 < p < 1 for p in row)


@given(attempts.filter(bool), st.data())
def test_an_answer_never_lowers_what_is_thought_of_a_debtor(
    calls: list[Attempt], data: st.DataObject
) -> None:
    which = data.draw(st.integers(0, len(calls) - 1))
    answered = [
        call._replace(answered=True) if n == which else call for n, call in enumerate(calls)
    ]
    missed = [call._replace(answered=False) if n == which else call for n, call in enumerate(calls)]
    assert state(*missed).own.value <= state(*answered).own.value
    hour = calls[which].minute
    assert chance(state(*missed), hour) <= chance(state(*answered), hour)


@given(attempts, st.data())
def test_order_does_not_matter_only_time_does(calls: list[Attempt], data: st.DataObject) -> None:
    assert state(*data.draw(st.permutations(calls))) == state(*calls)


@given(attempts)
def test_what_has_not_happened_yet_does_not_count(calls: list[Attempt]) -> None:
    day = TODAY - 100
    known = [call for call in calls if call.day <= day]
    assert state(*calls, today=day) == state(*known, today=day)


@pytest.mark.parametrize("answered", [True, False])
def test_what_was_learned_fades_to_nothing(answered: bool) -> None:
    call = Attempt(TODAY, 630, answered)
    away = [abs(state(call, today=TODAY + days).own.value - 1) for days in (0, 1, 60, 600, 3000)]
    assert away == sorted(away, reverse=True)
    assert away[-1] > 0
    assert state(call, today=TODAY + 3700).own.value == 1.0


def test_an_answer_at_an_unlikely_hour_counts_more() -> None:
    late, good = state(Attempt(TODAY, 1230, True)), state(Attempt(TODAY, 630, True))
    assert late.own.value > good.own.value
    late, good = state(Attempt(TODAY, 1230, False)), state(Attempt(TODAY, 630, False))
    assert late.own.value > good.own.value


def test_hours_tried_are_not_taken_for_the_debtor() -> None:
    """Two debtors alike, one called at the best hours, one at the worst: about the same T."""
    chosen = np.random.default_rng(1)
    found = []
    for minute in (630, 1230):
        usual = USUAL.odds[TUESDAY][minute // 30]
        p = 2 * usual / (1 + 2 * usual)
        tries = [Attempt(TODAY, minute, bool(chosen.random() < p)) for _ in range(6_000)]
        found.append(answers.debtor_state(tries, USUAL, without_retry(P), TODAY).own)
    raw = [own.answered / own.tried for own in found]
    assert raw[0] > raw[1] + 0.07
    assert [own.value for own in found] == [pytest.approx(2, rel=0.05)] * 2


@pytest.mark.parametrize(
    ("day", "minute", "factor"),
    [(0, 600, 0.5), (0, 600 + 179, 0.5), (0, 600 + 180, 1), (0, 599, 1), (1, 540, 1)],
)
def test_a_miss_halves_the_odds_for_three_hours(day: int, minute: int, factor: float) -> None:
    found = state(Attempt(TODAY, 600, False))
    retry = answers.factors(found, Profile(), NEW, P, TODAY + day, minute)[-1]
    assert retry == Factor("retry", factor)


def test_a_second_miss_within_the_hour_says_less_than_one_the_next_week() -> None:
    hour = state(Attempt(TODAY, 600, False), Attempt(TODAY, 630, False))
    week = state(Attempt(TODAY - 7, 600, False), Attempt(TODAY, 630, False))
    assert hour.own.value > week.own.value


WEARY = NEW._replace(repeat=Learned(0.8, 40, 249, 48.3))


def wearied(*calls: Attempt, minute: int = 630, today: int = TODAY) -> Factor:
    found = answers.debtor_state(calls, answers.usual_odds(Profile(), WEARY, P), P, today)
    *_, worn, _ = answers.factors(found, Profile(), WEARY, P, today, minute)
    assert worn.name == "book_repeat"
    return worn


@pytest.mark.parametrize(
    ("calls", "factor"),
    [
        ([], 1.0),
        ([Attempt(TODAY - 14, 690 - 1, False)], 0.8),
        ([Attempt(TODAY - 15, 630, False)], 1.0),
        ([Attempt(TODAY - 1, 600 - 1, False), Attempt(TODAY - 1, 690, False)], 1.0),
        ([Attempt(TODAY - 1, 630, True)], 1.0),
        ([Attempt(TODAY - 2, 630, False), Attempt(TODAY - 1, 630, True)], 0.8),
        ([Attempt(TODAY, 600, False)], 1.0),
        ([Attempt(TODAY - day, 630, False) for day in (1, 2)], 0.8**2),
        ([Attempt(TODAY - day, 630, False) for day in range(1, 9)], 0.8**3),
    ],
)
def test_calls_in_vain_at_the_same_hours_within_two_weeks_wear_an_hour(
    calls: list[Attempt], factor: float
) -> None:
    assert wearied(*calls).value == pytest.approx(factor)


def test_a_call_in_vain_at_a_worn_hour_says_less_about_the_debtor() -> None:
    calls = [Attempt(TODAY - day, 630, False) for day in (1, 2, 3)]
    weary = answers.usual_odds(Profile(), WEARY, P)
    worn = answers.debtor_state(calls, weary, P, TODAY)
    assert worn.own.value > state(*calls).own.value


@given(attempts, st.sampled_from(PROFILES), st.integers(0, 6), st.sampled_from([NEW, WEARY]))
def test_no_half_hour_beats_the_bound_from_the_number_of_answers(
    calls: list[Attempt], who: Profile, days: int, book: Book
) -> None:
    usual = answers.usual_odds(who, book, P)
    found = answers.debtor_state(calls, usual, P, TODAY)
    day = TODAY + days
    row = answers.odds_row(found, usual, P, day, range(0, 1440, 30))
    bound = answers.p_max(found.own.answered, (day - 1) % 7, usual, P)
    assert max(row) <= bound * (1 + 1e-12)


# Whom the calls go to


@pytest.mark.parametrize(
    ("debtor", "person", "who"),
    [
        ({}, None, Profile()),
        ({"kind": "consumer", "hours": "mon-fri 09:00-17:00"}, None, Profile("consumer")),
        ({"kind": "sole_trader"}, None, Profile(run="owner")),
        ({"size": "large"}, None, Profile(run="staffed")),
        ({}, {"role": "owner"}, Profile(run="owner")),
        (
            {"hours": "mon-fri 08:30-17:00"},
            {"role": "finance"},
            Profile("business", 510, "staffed"),
        ),
        ({"hours": "mon-fri 08:30-17:00"}, {"hours": "mon 09:00-12:00"}, Profile(opening=540)),
    ],
)
def test_the_kind_of_debtor_is_read_from_the_case(
    debtor: dict[str, Any], person: dict[str, Any] | None, who: Profile
) -> None:
    asked_for = records.Person("Ann", **person) if person else None
    assert odds.profile(records.Debtor("Weber", **debtor), asked_for) == who


# What is said about an hour


def told(*calls: Attempt, minute: int = 630, day: int = TODAY) -> str:
    return odds.words(answers.factors(state(*calls), Profile(), NEW, P, day, minute))


def ago(days: int, clock: str, answered: bool) -> Attempt:
    hour, minute = clock.split(":")
    return Attempt(TODAY - days, int(hour) * 60 + int(minute), answered)


MORNINGS = (
    *(ago(10, "10:10", True), ago(8, "10:30", True), ago(6, "10:00", False)),
    *(ago(3, "10:40", True), ago(2, "11:00", False)),
)


@given(attempts, st.sampled_from(PROFILES), st.integers(0, 47))
def test_the_factors_of_an_hour_multiply_to_its_odds_to_the_bit(
    calls: list[Attempt], who: Profile, half: int
) -> None:
    book = book_state({"a": History(who, calls)}, P, TODAY)._replace(repeat=WEARY.repeat)
    usual = answers.usual_odds(who, book, P)
    found = answers.debtor_state(calls, usual, P, TODAY)
    value = 1.0
    for factor in answers.factors(found, who, book, P, TODAY, half * 30):
        value *= factor.value
    assert [value / (1.0 + value)] == answers.odds_row(found, usual, P, TODAY, [half * 30])


@pytest.mark.parametrize(
    ("calls", "minute", "words"),
    [
        (
            (),
            630,
            "calls at 10:30 are answered 7 % more often than usual (published); "
            "calls at 10:30 are answered 4 % more often than usual (in practice)",
        ),
        (
            MORNINGS,
            630,
            "answers you 1.7 times as often as usual between 10:00 and 11:30 "
            "(3 of 5; 1.4 would be usual); "
            "calls after 2 in vain between 10:00 and 11:30 within 14 days are answered "
            "12 % less often than usual (published)",
        ),
        (
            (*MORNINGS, ago(1, "16:30", False)),
            990,
            "answers you 1.4 times as often as usual (3 of 6; 1.6 would be usual); "
            "calls after 1 in vain between 15:30 and 17:00 within 14 days are answered "
            "7 % less often than usual (published)",
        ),
        (
            (ago(0, "09:00", False),),
            690,
            "tried in vain a short while ago: answers 44 % less often than usual; "
            "answers you 14 % less often than usual (0 of 1; 0.3 would be usual)",
        ),
    ],
)
def test_the_one_or_two_strongest_reasons_are_told_with_their_counts(
    calls: tuple[Attempt, ...], minute: int, words: str
) -> None:
    assert told(*calls, minute=minute) == words


def test_what_debtors_in_general_do_is_told_too() -> None:
    chosen = np.random.default_rng(2)
    calls = {
        f"{n}": History(
            Profile(),
            [
                Attempt(
                    TODAY - 7 * week,
                    minute,
                    bool(chosen.random() < (0.7 if minute == 765 else 0.3)),
                )
                for week, minute in enumerate(HOURS * 2)
            ],
        )
        for n in range(60)
    }
    book = book_state(calls, P, TODAY)
    words = odds.words(answers.factors(answers.STRANGER, Profile(), book, P, TODAY, 765))
    assert words.startswith("your calls between 11:30 and 14:00 are answered")
    seen = book.bands["business"][2]
    assert f"({seen.answered} of {seen.tried}; {seen.usual:.1f} would be usual)" in words


def test_hours_tried_in_vain_are_told_with_their_counts() -> None:
    worn = wearied(Attempt(TODAY - 3, 630, False), Attempt(TODAY - 1, 640, False))
    nothing = Factor("debtor", 1.0, Learned()), Factor("debtor_band", 1.0, Learned())
    assert odds.words([Factor("base", 0.43), *nothing, worn]) == (
        "your calls after 2 in vain between 10:00 and 11:30 within 14 days are answered "
        "28 % less often than usual (40 of 249; 48.3 would be usual)"
    )


def test_an_hour_of_which_nothing_is_known_says_so() -> None:
    plain = Factor("debtor", 1.0, Learned()), Factor("debtor_band", 1.0, Learned())
    assert odds.words(plain) == "nothing is known for or against this hour"


# The same floats everywhere


JOURNAL = {
    "weber": History(Profile(opening=540, run="owner"), MORNINGS),
    "yunfan": History(Profile(), [ago(90, "09:05", True), ago(5, "16:20", False)]),
    "miller": History(
        Profile("consumer"),
        [ago(1, "18:30", False), ago(1, "20:00", True), ago(400, "12:00", False)],
    ),
}


RECORDED = {
    "book": [
        "0x1.350bf9cf10cefp+0",
        "0x1.06ba0862b8efbp+0",
        "0x1.0651be9b65644p+0",
        "0x1.c7f96737e4a93p-1",
    ],
    "weber": [
        "0x1.a0dbe8b0fbbdcp+0",
        "0x1.d406620348183p-2",
        "0x1.ce5eaa017c419p-2",
        "0x1.bbddcf6c9bd31p-2",
    ],
    "yunfan": [
        "0x1.062144f002a96p+0",
        "0x1.74eb4101195b1p-2",
        "0x1.6877e0feb04fep-2",
        "0x1.1d69ce7672f50p-2",
    ],
    "miller": [
        "0x1.545d3b4d59f7cp+0",
        "0x1.2f6bb43045e07p-2",
        "0x1.4c586acf7a9a5p-2",
        "0x1.5b9bd475c4295p-2",
    ],
}


def bits(names: Sequence[str]) -> dict[str, list[str]]:
    """Return what the journal comes to, cases in some order, to the last bit."""
    book = book_state({name: JOURNAL[name] for name in names}, P, TODAY)
    found = {
        "book": [
            book.segments["business"].value.hex(),
            book.bands["business"][1].value.hex(),
            book.weekdays[MON].value.hex(),
            book.repeat.value.hex(),
        ]
    }
    for name in names:
        who, calls = JOURNAL[name]
        usual = answers.usual_odds(who, book, P)
        debtor = answers.debtor_state(calls[::-1], usual, P, TODAY)
        row = answers.odds_row(debtor, usual, P, TODAY, (540, 630, 990))
        found[name] = [debtor.own.value.hex(), *(p.hex() for p in row)]
    return found


@pytest.mark.parametrize("names", list(itertools.permutations(JOURNAL)), ids=" ".join)
def test_a_journal_gives_the_same_bits_on_every_machine_and_in_any_order(
    names: tuple[str, ...],
) -> None:
    assert bits(names) == RECORDED


@given(st.permutations(range(12)))
def test_the_book_does_not_depend_on_the_order_of_cases(order: list[int]) -> None:
    chosen = np.random.default_rng(3)
    calls = [
        [Attempt(TODAY - n, 540 + 40 * n, bool(chosen.random() < 0.4)) for n in range(9)]
        for _ in order
    ]
    expected = book_state({f"{n:02}": History(Profile(), calls[n]) for n in range(12)}, P, TODAY)
    found = book_state({f"{n:02}": History(Profile(), calls[n]) for n in order}, P, TODAY)
    assert found == expected


def test_of_very_many_calls_the_book_learns_from_all_those_to_a_part_of_the_debtors() -> None:
    few = P._replace(attempts=100)
    calls = [ago(days, "10:00", days % 2 == 0) for days in (2, 3, 4, 5)]
    desk = {f"{n}": History(Profile(), calls) for n in range(100)}
    gone = {f"x{n}": History(Profile(), [ago(400, "10:00", True)]) for n in range(50)}

    def learned(histories: Mapping[str, History]) -> Learned:
        return book_state(histories, few, TODAY).segments["business"]

    found = learned(desk)
    assert 60 <= found.tried <= 140
    assert found.tried % len(calls) == 0, "of a debtor either all calls or none"
    assert learned(dict(reversed(desk.items()))) == found
    assert learned(desk | gone) == found, "who was not called for a year is left out first"
    more = {f"y{n}": History(Profile("consumer"), calls) for n in range(5)}
    assert abs(learned(desk | more).tried - found.tried) <= 2 * len(calls), "it hardly changes"
    assert learned({f"{n}": History(Profile(), calls) for n in range(25)}).tried == 100


@pytest.mark.parametrize("limit", [100, 10_000])
@pytest.mark.parametrize("evening", [False, True])
def test_what_is_learned_of_dockets_is_what_is_learned_of_all_calls_before_today(
    limit: int, evening: bool
) -> None:
    few = P._replace(attempts=limit)
    chosen = np.random.default_rng(5)
    desk = {
        f"{n}": History(
            PROFILES[n % len(PROFILES)],
            [ago(int(back), "10:00", bool(back % 3)) for back in chosen.integers(0, 500, n % 9)],
        )
        for n in range(120)
    }
    blank: dict[str, Any] = dict.fromkeys(Docket._fields)
    dockets = [
        Docket(**blank | {"id": name, "profile": one.profile, "calls": packed(calls)})
        for name, one in desk.items()
        for calls in [[2 * (1440 * a.day + a.minute) + a.answered for a in one.attempts]]
    ]
    before = TODAY + evening
    told = {
        name: one._replace(attempts=[call for call in one.attempts if call.day < before])
        for name, one in desk.items()
    }
    assert learn(dockets, few, TODAY, evening=evening) == book_state(told, few, TODAY)


# How good it is: simulated books whose truth is known


def without_retry(parameters: Parameters) -> Parameters:
    return parameters._replace(retry_factor=1.0)


def working_days(count: int, last: int = TODAY) -> list[int]:
    """Return the last working days up to one, oldest first."""
    days = [day for day in range(last - 2 * count - 7, last) if (day - 1) % 7 < 5]
    return days[-count:]


def logistic(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


class Bed(NamedTuple):
    """Debtors with habits, the calls made to them, and their true log-odds next Tuesday."""

    prior: Any  # log-odds as the data file has them, by debtor and call
    band: Any
    answered: Any
    histories: dict[str, History]
    truth: Any  # log-odds by debtor and band
    tuesday: Any  # log-odds by band as the data file has them


def bed(seed: int, debtors: int, calls: int, habit: float) -> Bed:
    """Make a book: debtors differ with sd 1, in each band with sd ``habit``, the prior is off."""
    chosen = np.random.default_rng(seed)
    table = np.log([[USUAL.odds[w][minute // 30] for minute in HOURS] for w in range(7)])
    off = -0.2 + 0.25 * chosen.standard_normal(6)
    debtor = chosen.standard_normal((debtors, 1)) + habit * chosen.standard_normal((debtors, 6))
    days = working_days(calls)
    weekday = np.array([(day - 1) % 7 for day in days])
    band = chosen.integers(0, 6, (debtors, calls))
    prior = table[weekday[None, :], band]
    true = prior + off[band] + np.take_along_axis(debtor, band, 1)
    answered = chosen.random((debtors, calls)) < logistic(true)
    histories = {
        f"{i:05}": History(
            Profile(),
            [Attempt(day, HOURS[band[i, j]], bool(answered[i, j])) for j, day in enumerate(days)],
        )
        for i in range(debtors)
    }
    return Bed(prior, band, answered, histories, table[TUESDAY] + off + debtor, table[TUESDAY])


def most_probable(found: Bed, habit: float) -> Any:
    """Return the log-odds next Tuesday by the exact hierarchical MAP that knows the variances.

    Newton on the band effects (sd 1) and the habits (covariance 1 + habit ** 2 on the diagonal).
    """
    member = np.eye(6)[found.band]
    precision = np.linalg.inv(np.ones((6, 6)) + habit**2 * np.eye(6))
    common, own = np.zeros(6), np.zeros((len(found.band), 6))
    for _ in range(30):
        guess = logistic(found.prior + common[found.band] + np.take_along_axis(own, found.band, 1))
        slope = np.einsum("nm,nmb->nb", found.answered - guess, member)
        weight = np.einsum("nm,nmb->nb", guess * (1 - guess), member)
        inverse = np.linalg.inv(precision + weight[:, :, None] * np.eye(6))
        left = slope - own @ precision
        schur = np.diag(weight.sum(0)) + np.eye(6)
        schur -= np.einsum("nb,nbc,nc->bc", weight, inverse, weight)
        right = slope.sum(0) - common - np.einsum("nb,nbc,nc->b", weight, inverse, left)
        step = np.linalg.solve(schur, right)
        move = np.einsum("nbc,nc->nb", inverse, left - weight * step)
        common, own = common + step, own + move
        if max(abs(step).max(), abs(move).max()) < 1e-7:
            return found.tuesday + common + own
    raise AssertionError("the reference did not converge")


def modelled(found: Bed, parameters: Parameters) -> Any:
    book = book_state(found.histories, parameters, TODAY)
    usual = answers.usual_odds(Profile(), book, parameters)
    return np.array(
        [
            answers.odds_row(
                answers.debtor_state(history.attempts, usual, parameters, TODAY),
                usual,
                parameters,
                TODAY,
                HOURS,
            )
            for history in found.histories.values()
        ]
    )


def log_loss(truth: Any, p: Any) -> float:
    """Return the expected log-loss under the true log-odds."""
    right = logistic(truth)
    return float(-(right * np.log(p) + (1 - right) * np.log(1 - p)).mean())


FADELESS = P._replace(decay={"debtor": 1.0, "book": 1.0})


@pytest.mark.parametrize(("calls", "habit"), [(2, 0.3), (5, 0.8), (12, 0.8), (30, 0.8), (30, 0.3)])
def test_the_closed_form_is_as_good_as_the_best_fit_that_knows_the_variances(
    calls: int, habit: float
) -> None:
    found = bed(7, 3000, calls, habit)
    best = log_loss(found.truth, logistic(most_probable(found, habit)))
    tables = log_loss(found.truth, logistic(np.broadcast_to(found.tuesday, found.truth.shape)))
    for name, parameters in (("as shipped", P), ("if nothing fades", FADELESS)):
        ours = log_loss(found.truth, modelled(found, parameters))
        assert ours <= best + 0.0025, f"{name}: {ours:.4f}, best {best:.4f}, tables {tables:.4f}"
        assert ours < tables - 0.015


def planned(seed: int) -> list[tuple[float, float]]:
    """Return predicted and true chances of calls made as a plan would: the likeliest first.

    Sixty days of 90 calls to 600 debtors, each at its likeliest hour, then two days of rest.
    """
    chosen = np.random.default_rng(100 + seed)
    found = bed(seed, 600, 1, 0.5)
    truth = logistic(found.truth - found.tuesday + np.log(P.odds["business"]))
    flat = P._replace(weekdays=(1.0,) * 7)
    calls: list[list[Attempt]] = [[] for _ in truth]
    log = []
    book = NEW
    for n, day in enumerate(working_days(60)):
        if n % 5 == 0:
            histories = {f"{i:04}": History(Profile(), rows) for i, rows in enumerate(calls)}
            book = book_state(histories, flat, day)
        usual = answers.usual_odds(Profile(), book, flat)
        rested = [i for i, row in enumerate(calls) if not row or row[-1].day < day - 2]
        states = [answers.debtor_state(calls[i], usual, flat, day) for i in rested]
        rows = np.array([answers.odds_row(of, usual, flat, day, HOURS) for of in states])
        for nth in np.argsort(-rows.max(1), kind="stable")[:90]:
            i, band = rested[nth], int(rows[nth].argmax())
            log.append((rows[nth, band], truth[i, band]))
            calls[i].append(Attempt(day, HOURS[band], bool(chosen.random() < truth[i, band])))
    return log


def test_planned_calls_are_answered_as_often_as_predicted() -> None:
    predicted, true = np.array([call for seed in range(4) for call in planned(seed)]).T
    error = 0.0
    for tenth in range(10):
        inside = (predicted * 10).astype(int) == tenth
        error += abs(float((predicted - true)[inside].sum())) / len(predicted)
    assert error <= 0.02
    assert true.mean() > 0.42, "it finds those who answer"


def habitual(seed: int, level: float, repeat: float = 1.0) -> dict[str, History]:
    """Return calls to debtors who answer ``level`` times the odds of the data file.

    Each is called at hours of its own, as a rule; each call in vain in the same band within two
    weeks, up to three, multiplies the odds by ``repeat``.
    """
    chosen = np.random.default_rng(seed)
    histories = {}
    for i in range(600):
        habits = chosen.standard_normal() + 0.5 * chosen.standard_normal(6)
        usual = int(chosen.integers(6))
        rows: list[Attempt] = []
        for day in working_days(40)[int(chosen.integers(20)) :: 3]:
            band = int(chosen.integers(6)) if chosen.random() < 0.3 else usual
            worn = [
                row
                for row in rows
                if row.minute == HOURS[band] and not row.answered and day - row.day <= P.repeat_days
            ]
            x = USUAL.odds[(day - 1) % 7][HOURS[band] // 30] * level * repeat ** min(3, len(worn))
            answered = bool(chosen.random() < logistic(np.log(x) + habits[band]))
            rows.append(Attempt(day, HOURS[band], answered))
        histories[f"{i:04}"] = History(Profile(), rows)
    return histories


def looking_back(histories: Mapping[str, History]) -> tuple[float, float]:
    """Return how many calls were answered, and how many by the book each from those before it."""
    book = book_state(histories, P, TODAY)
    usual = answers.usual_odds(Profile(), book, P)
    predicted, answered = [], []
    for history in histories.values():
        for n, call in enumerate(history.attempts):
            before = answers.debtor_state(history.attempts[:n], usual, P, call.day)
            predicted += answers.odds_row(before, usual, P, call.day, [call.minute])
            answered.append(call.answered)
    return sum(answered) / len(answered), sum(predicted) / len(predicted)


@pytest.mark.parametrize("level", [0.5, 0.7, 1.0, 1.6])
def test_the_level_of_the_book_makes_its_past_predictions_come_true(level: float) -> None:
    answered, predicted = looking_back(habitual(31, level))
    assert predicted == pytest.approx(answered, abs=0.01)


@pytest.mark.parametrize("repeat", [1.0, 0.85, 0.7])
def test_how_much_calls_in_vain_wear_an_hour_is_learned(repeat: float) -> None:
    found = book_state(habitual(32, 0.8, repeat), P, TODAY).repeat
    assert found.value == pytest.approx(repeat, abs=0.08)
    assert found.answered / found.usual < (1 + repeat) / 2 + 0.03


def test_before_any_call_an_hour_wears_as_the_published_figures_say() -> None:
    assert NEW.repeat == Learned(0.89)
    fresh = book_state({"a": History(Profile(), [ago(1, "10:00", True)])}, P, TODAY)
    assert fresh.repeat == NEW.repeat
    first, sixth = (rate / (1 - rate) for rate in (0.130, 0.077))
    assert (sixth / first) ** (1 / 5) == pytest.approx(P.repeat_factor, abs=0.001)


def test_no_hour_is_the_better_for_having_been_tried_in_vain() -> None:
    assert book_state(habitual(33, 0.8, 1.3), P, TODAY).repeat.value == 1.0


def band_gap(histories: Mapping[str, History]) -> tuple[float, float]:
    """Return the raw and the modelled gap of 10:30 and 16:00: a difference and an odds ratio."""
    rates = []
    for minute in (HOURS[1], HOURS[4]):
        calls = [
            call.answered
            for history in histories.values()
            for call in history.attempts
            if call.minute == minute
        ]
        rates.append(sum(calls) / len(calls))
    bands = book_state(histories, FADELESS, TODAY).bands["business"]
    return rates[0] - rates[1], bands[1].value / bands[4].value


def simulated(seed: int, debtors: int, calls: int, *, retries: bool) -> dict[str, History]:
    """Return calls to debtors whom no hour suits better than another.

    Either the collector knows the good ones and calls them at 10:30, the others at 16:00, as a
    rule; or it calls everybody at 10:30, and after a miss the next time at 16:00.
    """
    chosen = np.random.default_rng(seed)
    histories = {}
    for i in range(debtors):
        debtor = chosen.standard_normal()
        habits = debtor + 0.5 * chosen.standard_normal(6)
        rows: list[Attempt] = []
        for day in working_days(calls):
            if retries:
                band = 4 if rows and not rows[-1].answered and rows[-1].minute == HOURS[1] else 1
            else:
                band = 1 if debtor > 0 else 4
                if chosen.random() < 0.2:
                    band = int(chosen.integers(6))
            known = odds.prior(P, Profile(), (day - 1) % 7, HOURS[band] // 30)
            base = np.log(known.base * known.hour * known.practice * known.weekday)
            answered = bool(chosen.random() < logistic(base + habits[band]))
            rows.append(Attempt(day, HOURS[band], answered))
            if retries and answered and chosen.random() < 0.5:
                break
        histories[f"{i:04}"] = History(Profile(), rows)
    return histories


def test_good_debtors_called_at_ten_do_not_make_ten_a_good_hour() -> None:
    raw, modelled_gap = band_gap(simulated(21, 800, 12, retries=False))
    assert raw > 0.2
    assert 0.85 < modelled_gap < 1.18


def test_changing_the_hour_after_a_miss_does_not_make_the_second_hour_a_bad_one() -> None:
    raw, modelled_gap = band_gap(simulated(22, 800, 8, retries=True))
    assert raw > 0.05
    assert 0.85 < modelled_gap < 1.18


def test_an_hour_that_is_better_is_found() -> None:
    found = bed(23, 800, 12, 0.5)
    bands = book_state(found.histories, FADELESS, TODAY).bands["business"]
    level = book_state(found.histories, FADELESS, TODAY).segments["business"].value
    off = np.mean(found.truth - found.tuesday, axis=0)
    learned = np.log([level * band.value for band in bands[:6]])
    assert np.corrcoef(off, learned)[0, 1] > 0.9
