"""The rule packs that are shipped, what `prove` finds wrong with others, and who gets which."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from dunctl import dates
from dunctl.case.vocabulary import CREDITOR_ROLES
from dunctl.errors import Refused
from dunctl.owed.sourced import DEBTOR_KINDS
from dunctl.steps import packs_kinds
from dunctl.steps.packs import Pack, Rule, applying, read, reason
from dunctl.steps.packs_page import as_markdown
from dunctl.steps.packs_prove import prove
from dunctl.store import packs
from dunctl.store.store import open_store

ROOT = Path(__file__).parent.parent
POLICIES = ROOT / "dunctl" / "policies"
DATA = {
    file.stem: tomli.loads(file.read_text("utf-8"))
    for file in sorted((POLICIES / "packs").glob("*.toml"))
}
SHIPPED = [read(data, name) for name, data in DATA.items()]
COUNTRIES = set(tomli.loads((POLICIES / "countries.toml").read_text("utf-8")))
RULES = {reason(pack, rule): rule for pack in SHIPPED for rule in pack.rules}


def ids(found: Sequence[Pack]) -> list[str]:
    return [pack.id for pack in found]


def names(found: Sequence[Pack]) -> set[str]:
    return {reason(pack, rule) for pack in found for rule in pack.rules}


def test_the_shipped_packs_are_well_formed() -> None:
    assert prove(SHIPPED, COUNTRIES) == []
    assert {"house", "us-regf", "us-ma", "au", "ca-on", "ca-qc", "in", "cn", "gb-conc"} <= set(DATA)


def test_every_kind_of_rule_is_used_by_a_shipped_pack() -> None:
    assert {rule.kind for rule in RULES.values()} == set(packs_kinds.KINDS)


@pytest.mark.parametrize("name", RULES)
def test_a_source_is_a_citation_that_one_can_look_up(name: str) -> None:
    source = RULES[name].source
    assert not re.search(r"\[?S\d+\]?(?!\d)\b", source), "a number of a list nobody has"
    assert len(source) > 10
    if RULES[name].authority == "practice":
        assert re.search(r"\b[A-Q]\d\d\b|our own", source)


def test_the_page_of_the_rules_is_up_to_date() -> None:
    page = (ROOT / "docs" / "rules.md").read_text("utf-8")
    assert page == as_markdown(SHIPPED), "docs/rules.md is stale: run `make docs`"


def test_the_page_shows_every_rule_with_level_source_confidence_and_date() -> None:
    rows = [line for line in as_markdown(SHIPPED).splitlines() if line.startswith("| `")]
    for rule in RULES.values():
        wanted = f"| `{rule.id}` | {rule.level} | "
        assert any(
            row.startswith(wanted)
            and row.endswith(f"{rule.source} | {rule.confidence} | {rule.as_of} |")
            for row in rows
        ), rule.id


def test_the_house_rules_have_the_numbers_of_the_house_policy() -> None:
    policy = tomli.loads((POLICIES / "default.toml").read_text("utf-8"))
    window, frequency = policy["window"], policy["frequency"]
    numbers = {
        "house/hours": ("open", f"{window['earliest']}-{window['latest']}"),
        "house/lunch": ("closed", policy["hours"]["lunch"]),
        "house/rest": ("days", frequency["after_conversation_working_days"]),
    }
    found = {name: (key, getattr(RULES[name].what, key)) for name, (key, _) in numbers.items()}
    assert found == numbers


# What the laws say, by the minute and the day


@pytest.mark.parametrize(
    ("name", "weekday", "clock", "allowed"),
    [
        ("us-regf/hours", "Thu", "07:59", False),
        ("us-regf/hours", "Thu", "08:00", True),
        ("us-regf/hours", "Sun", "20:59", True),
        ("us-regf/hours", "Thu", "21:00", False),
        ("au/phone-hours", "Sat", "08:45", False),
        ("au/phone-hours", "Sat", "09:00", True),
        ("au/phone-hours", "Mon", "07:30", True),
        ("au/visit-hours", "Mon", "08:59", False),
        ("ca-on/hours", "Sun", "12:59", False),
        ("ca-on/hours", "Sun", "13:00", True),
        ("ca-on/hours", "Sun", "17:01", False),
        ("ca-on/hours", "Sat", "20:59", True),
        ("ca-qc/hours", "Sun", "15:00", False),
        ("ca-qc/hours", "Sat", "19:59", True),
        ("in/call-hours", "Wed", "07:59", False),
        ("in/call-hours", "Wed", "18:59", True),
        ("in/call-hours", "Wed", "19:01", False),
        ("cn/hours", "Wed", "21:59", True),
        ("cn/hours", "Wed", "22:00", False),
        ("house/hours", "Wed", "21:00", False),
    ],
)
def test_hours_are_open_when_the_source_says_so(
    name: str, weekday: str, clock: str, allowed: bool
) -> None:
    what = RULES[name].what
    assert isinstance(what, packs_kinds.Hours)
    minute = int(clock[:2]) * 60 + int(clock[3:])
    spans = dates.parse_hours(what.open)
    day = dates.WEEKDAYS.index(weekday)
    assert any(d == day and start <= minute < end for d, start, end in spans) == allowed


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        (2026, "01-01 04-03 04-06 05-18 06-24 07-01 09-07 10-12 12-25"),
        (2027, "01-01 03-26 03-29 05-24 06-24 07-01 09-06 10-11 12-25"),
        (2029, "01-01 03-30 04-02 05-21 06-24 07-02 09-03 10-08 12-25"),
    ],
)
def test_the_holidays_of_quebec_fall_on_their_days(year: int, expected: str) -> None:
    what = RULES["ca-qc/holidays"].what
    assert isinstance(what, packs_kinds.Holidays)
    assert [f"{day:%m-%d}" for day in sorted(packs_kinds.days_of_year(what.days, year))] == (
        expected.split()
    )


@given(
    st.integers(1950, 2100), st.integers(1, 12), st.integers(1, 28), st.sampled_from(dates.WEEKDAYS)
)
def test_a_moving_day_is_the_nearest_of_its_weekday(
    year: int, month: int, day: int, weekday: str
) -> None:
    fixed = date(year, month, day)
    for sign, low, high in ((">", 0, 6), ("<", -6, 0)):
        text = f"{weekday.lower()}{sign}={month:02}-{day:02}"
        (found,) = packs_kinds.days_of_year([text], year)
        assert dates.WEEKDAYS[found.weekday()] == weekday
        assert low <= (found - fixed).days <= high


# Who gets which


@pytest.mark.parametrize(
    ("role", "kind", "country", "subdivision", "expected"),
    [
        ("own_debt", "company", "US", "US-MA", ["house"]),
        ("own_debt", "company", "GB", None, ["house"]),
        ("own_debt", "company", "CN", None, ["house"]),
        ("own_debt", "company", "AU", "AU-NSW", ["house"]),
        ("own_debt", "company", None, None, ["house"]),
        ("own_debt", "consumer", "US", "US-NY", ["house"]),
        ("own_debt", "consumer", "US", "US-MA", ["house", "us-ma"]),
        ("own_debt", "consumer", "US", "MA", ["house", "us-ma"]),
        ("own_debt", "consumer", "AU", None, ["au", "house"]),
        ("own_debt", "consumer", "CA", "CA-ON", ["house"]),
        ("own_debt", "consumer", "GB", None, ["house"]),
        ("third_party", "company", "US", "US-NY", ["house"]),
        ("third_party", "consumer", "US", "US-NY", ["house", "us-regf"]),
        ("third_party", "consumer", "US", "US-MA", ["house", "us-ma", "us-regf"]),
        ("debt_buyer", "consumer", "US", None, ["house", "us-regf"]),
        ("third_party", "consumer", "CA", "CA-ON", ["ca-on", "house"]),
        ("third_party", "consumer", "CA", "QC", ["ca-qc", "house"]),
        ("third_party", "consumer", "CA", "CA-BC", ["house"]),
        ("regulated_lender", "consumer", "CN", None, ["cn", "house"]),
        ("regulated_lender", "company", "CN", None, ["house"]),
        ("regulated_lender", "company", "IN", None, ["house", "in"]),
        ("regulated_lender", "consumer", "GB", "GB-SCT", ["gb-conc", "house"]),
        ("regulated_lender", "consumer", "HK", None, ["hk", "house"]),
        ("regulated_lender", "consumer", "JP", None, ["house", "jp"]),
    ],
)
def test_packs_apply_by_role_kind_of_debtor_and_place(
    role: str, kind: str, country: str | None, subdivision: str | None, expected: list[str]
) -> None:
    found = applying(SHIPPED, role, kind, country, subdivision)
    assert ids(found) == expected
    assert not any(pack.advisory for pack in found)


ANYBODY = st.tuples(
    st.sampled_from(sorted(CREDITOR_ROLES)),
    st.sampled_from(DEBTOR_KINDS),
    st.sampled_from([None, "AU", "CA", "CN", "GB", "HK", "IN", "JP", "US"]),
    st.sampled_from([None, "CA-ON", "CA-QC", "US-MA"]),
)


@given(ANYBODY)
def test_the_house_is_for_everybody_and_nothing_unverified_applies_by_itself(
    who: tuple[str, str, str | None, str | None],
) -> None:
    found = applying(SHIPPED, *who)
    assert "house" in ids(found)
    assert {rule.confidence for pack in found for rule in pack.rules} == {"verified"}
    assert all(who[1] in rule.debtors for pack in found for rule in pack.rules)


@given(ANYBODY, st.sampled_from(sorted(DATA)))
def test_a_choice_only_adds_and_what_does_not_bind_only_warns(
    who: tuple[str, str, str | None, str | None], extra: str
) -> None:
    before = applying(SHIPPED, *who)
    after = applying(SHIPPED, *who, ["auto", extra])
    assert names(before) <= names(after)
    assert set(ids(after)) - set(ids(before)) <= {extra}
    for pack in after:
        assert pack.advisory == (pack.id not in ids(before))
        assert not pack.advisory or {rule.level for rule in pack.rules} == {"warn"}


@pytest.mark.parametrize("own", ["", "[scope]\nplaces = [3]\n", "[scope\n"])
@pytest.mark.parametrize("role", CREDITOR_ROLES)
@pytest.mark.parametrize("place", [("GB", None), ("US", "MA"), ("CA", "CA-QC"), (None, None)])
def test_a_store_reads_only_packs_that_bind_and_misses_none(
    tmp_path: Path, place: tuple[str | None, str | None], role: str, own: str
) -> None:
    folder = tmp_path / packs.FOLDER
    folder.mkdir(parents=True)
    (folder / "mine.toml").write_text(own, encoding="utf-8")
    (tmp_path / "dunctl.toml").write_text(f'guard.role = "{role}"\n', encoding="utf-8")
    store = open_store(tmp_path)
    every = packs.all_packs(tmp_path)
    for kind in DEBTOR_KINDS:
        assert outcome(packs.packs_for_kind, store, kind, *place) == outcome(
            applying, every, store.config.role, kind, *place
        )


def outcome(get: Callable[..., Sequence[Pack]], *words: object) -> tuple[Pack, ...] | str:
    try:
        return tuple(get(*words))
    except Refused as error:
        return str(error)


def test_regulation_f_chosen_for_a_debt_between_companies_is_advice() -> None:
    house, regf = applying(SHIPPED, "own_debt", "company", "US", "US-NY", ["auto", "us-regf"])
    assert not house.advisory
    assert regf.advisory
    assert {rule.id for rule in regf.rules} == {rule.id for rule in read_again("us-regf").rules}
    assert {rule.level for rule in regf.rules} == {"warn"}


def read_again(name: str) -> Pack:
    return read(DATA[name], name)


def test_a_pack_of_another_country_does_not_apply_even_if_chosen() -> None:
    assert ids(applying(SHIPPED, "own_debt", "consumer", "DE", None, ["auto", "au"])) == ["house"]


@pytest.mark.parametrize(
    ("chosen", "there", "gone"),
    [
        (["auto", "-house/quiet"], {"house/hours"}, {"house/quiet"}),
        (["-house/quiet"], {"house/hours", "cn/hours"}, {"house/quiet"}),
        (["-cn"], {"house/hours"}, {"cn/hours", "cn/third-party"}),
        (["auto", "cn/six-calls"], {"cn/six-calls", "cn/hours", "house/hours"}, set()),
        (["house", "cn"], {"cn/six-calls", "house/quiet"}, set()),
        (["cn/hours"], {"cn/hours"}, {"house/hours", "cn/third-party"}),
        (["auto", "-house", "house/hours"], {"house/hours"}, {"house/quiet"}),
        ([], set(), set(RULES)),
    ],
)
def test_a_choice_names_packs_and_rules_to_add_and_to_leave_out(
    chosen: list[str], there: set[str], gone: set[str]
) -> None:
    found = names(applying(SHIPPED, "regulated_lender", "consumer", "CN", None, chosen))
    assert there <= found
    assert not gone & found


@pytest.mark.parametrize("word", ["us-regff", "house/lunches", "-hous", "*"])
def test_a_choice_of_what_does_not_exist_is_refused(word: str) -> None:
    with pytest.raises(Refused, match=re.escape(word.removeprefix("-"))):
        applying(SHIPPED, "own_debt", "company", "GB", None, ["auto", word])


def test_a_near_miss_in_a_choice_gets_a_hint() -> None:
    with pytest.raises(Refused, match=r"did you mean us-regf\?"):
        applying(SHIPPED, "own_debt", "company", "GB", None, ["us-regff"])


def test_an_unknown_role_is_refused_with_the_known_ones() -> None:
    with pytest.raises(Refused, match="own_debt, third_party"):
        applying(SHIPPED, "first_party", "company", "GB", None)


def test_a_pack_with_a_problem_is_refused_where_it_would_apply_and_only_there() -> None:
    broken = changed("us-regf", lambda data: data["rule"][8].pop("at_most"))
    others = [pack for pack in SHIPPED if pack.id != "us-regf"]
    with pytest.raises(Refused, match="us-regf/seven-calls: at_most is missing"):
        applying([*others, broken], "third_party", "consumer", "US", None)
    assert ids(applying([*others, broken], "own_debt", "company", "US", None)) == ["house"]
    off = applying([*others, broken], "third_party", "consumer", "US", None, ["-us-regf"])
    assert ids(off) == ["house"]


# What is wrong with a pack

HOURS = {
    "id": "hours",
    "title": "only in the morning",
    "kind": "hours",
    "open": "08:00-12:00",
    "level": "block",
    "channels": ["phone"],
    "authority": "statute",
    "source": "Mornings Act, section 1",
    "as_of": date(2026, 11, 22),
    "confidence": "verified",
}
CAP = {
    **{key: value for key, value in HOURS.items() if key != "open"},
    "id": "cap",
    "kind": "attempts_cap",
    "at_most": 3,
    "days": 7,
    "counts": ["unanswered", "voicemail"],
    "per": ["person", "debt"],
}


def pack(*rules: dict[str, Any], **head: object) -> dict[str, Any]:
    return {
        "format": 1,
        "title": "A pack",
        "default": True,
        "scope": {"kinds": ["consumer"], "places": ["GB"]},
        "rule": list(rules),
        **head,
    }


def changed(name: str, change: Callable[[dict[str, Any]], object]) -> Pack:
    data = deepcopy(DATA[name])
    change(data)
    return read(data, name)


def without(table: dict[str, Any], *gone: str) -> dict[str, Any]:
    return {key: value for key, value in table.items() if key not in gone}


def proved(data: dict[str, Any]) -> list[str]:
    return prove([read(data, "p")], COUNTRIES)


def test_a_sound_pack_has_no_problem() -> None:
    assert proved(pack(HOURS, CAP)) == []


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (pack(without(HOURS, "source")), "p/hours: source is missing"),
        (pack(HOURS | {"source": " "}), "p/hours: source must not be empty"),
        (pack(without(HOURS, "as_of")), "p/hours: as_of is missing, here and in the pack"),
        (pack(HOURS | {"as_of": "2026"}), "p/hours: as_of must be a day"),
        (pack(without(HOURS, "id")), "p/#1: id is missing"),
        (pack(HOURS | {"id": "a/b"}), "p/a/b: id must be a name"),
        (pack(without(HOURS, "level")), "p/hours: level is missing"),
        (pack(HOURS | {"level": "blok"}), "did you mean block?"),
        (pack(HOURS | {"kind": "ours"}), "did you mean hours?"),
        (pack(HOURS | {"channels": ["phone", "pigeon"]}), "p/hours: channels is none of phone"),
        (pack(HOURS | {"channels": []}), "p/hours: channels must not be empty"),
        (pack(HOURS | {"channels": "phone"}), "p/hours: channels must be a list"),
        (pack(HOURS | {"unless": ["rain"]}), "p/hours: unless is none of call_back"),
        (pack(HOURS | {"debtors": ["firm"]}), "p/hours: debtors is none of company"),
        (pack(HOURS | {"authority": "hearsay"}), "p/hours: authority is none of statute"),
        (pack(HOURS | {"confidence": "sure"}), "p/hours: confidence is none of verified"),
        (pack(HOURS | {"open": "8-12"}), 'p/hours: open "8-12" cannot be read as hours'),
        (pack(HOURS | {"open": "mon-sun"}), "p/hours: open all the week, it forbids nothing"),
        (pack(without(HOURS, "open")), "p/hours: open is missing"),
        (pack(HOURS | {"opens": "x"}), "p/hours: there is no key opens (did you mean open?)"),
        (pack(HOURS | {"at_most": 3}), "p/hours: there is no key at_most"),
        (pack(CAP | {"at_most": 0}), "p/cap: at_most must be a whole number from 1"),
        (pack(CAP | {"at_most": -7}), "p/cap: at_most must be a whole number from 1"),
        (pack(CAP | {"at_most": "3"}), "p/cap: at_most must be a whole number from 1"),
        (pack(CAP | {"counts": ["calls"]}), "p/cap: counts is none of unanswered"),
        (pack(CAP | {"per": ["week"]}), "p/cap: per is none of person, debt: week"),
        (pack(without(CAP, "days")), "p/cap: either days or calendar_month"),
        (pack(CAP | {"calendar_month": True}), "p/cap: either days or calendar_month"),
        (
            pack(without(HOURS, "open") | {"kind": "holidays", "calendar": "listed"}),
            "p/hours: days must be given with calendar = listed",
        ),
        (
            pack(
                without(HOURS, "open")
                | {"kind": "holidays", "calendar": "listed", "days": ["May Day"]}
            ),
            'p/hours: days "May Day" is no day of the year',
        ),
        (pack(), "p: has no rules"),
        (pack(HOURS, format=2), "p: format must be a whole number from 1 to 1"),
        (without(pack(HOURS), "title"), "p: title is missing"),
        (without(pack(HOURS), "default"), "p: default is missing"),
        (pack(HOURS, default="yes"), "p: default must be true or false"),
        (pack(HOURS, rules=[]), "p: there is no key rules (did you mean rule?)"),
        (pack(HOURS, scope=[]), "p: scope must be a table"),
        (pack(HOURS, scope={"roles": ["owner"]}), "p [scope]: roles is none of own_debt"),
        (pack(HOURS, scope={"roles": []}), "p [scope]: roles must not be empty"),
        (pack(HOURS, scope={"kinds": ["people"]}), "p [scope]: kinds is none of company"),
        (pack(HOURS, scope={"places": ["Ontario"]}), "p [scope]: places must be countries"),
        (pack(HOURS, scope={"places": []}), "p [scope]: places must be a list such as"),
        (pack(HOURS, scope={"places": ["UK"]}), "never matches: there is no country UK"),
        (pack(HOURS, HOURS | {"open": "09:00-11:00"}), "p/hours: two rules of the pack have"),
        (
            pack(HOURS | {"confidence": "unverified"}),
            "p/hours: an unverified rule must not block",
        ),
        (
            pack(HOURS | {"debtors": ["company"]}),
            "p/hours: never applies: the pack is not about company",
        ),
    ],
)
def test_a_defect_is_named_with_its_pack_and_rule(data: dict[str, Any], sentence: str) -> None:
    found = proved(data)
    assert any(sentence in line for line in found), found


def test_the_date_of_the_pack_is_that_of_its_rules() -> None:
    day = date(2026, 11, 1)
    (rule,) = read(pack(without(HOURS, "as_of"), as_of=day), "p").rules
    assert rule.as_of == day


def test_every_defect_of_a_pack_is_named_and_sound_rules_are_kept() -> None:
    found = read(pack(without(HOURS, "source", "level"), CAP, HOURS | {"kind": "x"}), "p")
    assert [rule.id for rule in found.rules] == ["cap"]
    assert [line.split(":")[1].split()[0] for line in found.problems] == [
        "level",
        "source",
        "kind",
    ]


@pytest.mark.parametrize("junk", [[], ["x"], "x", 3, {"id": 3}, [3], [{"kind": []}], [None]])
def test_rules_that_are_no_tables_are_problems_and_never_an_error(junk: object) -> None:
    assert proved(pack(rule=junk))


def test_two_packs_of_one_name_are_a_problem() -> None:
    twice = [read(pack(HOURS), "p"), read(pack(CAP), "p")]
    assert prove(twice) == ["p: there are two packs of this name"]


WIDE = {"channels": ["phone", "sms"], "id": "wide"}


@pytest.mark.parametrize(
    ("first", "second", "shadowed"),
    [
        (HOURS, HOURS | {"id": "b"}, "b"),
        (HOURS, HOURS | {"id": "b", "open": "08:00-11:00"}, "hours"),
        (HOURS | WIDE, HOURS | {"open": "07:00-13:00"}, "hours"),
        (HOURS | WIDE | {"open": "mon-fri 09:00-10:00"}, HOURS, "hours"),
        (HOURS | WIDE, HOURS | {"open": "07:00-11:00"}, None),
        (HOURS | WIDE | {"level": "warn"}, HOURS, None),
        (HOURS | {"id": "b", "level": "warn"}, HOURS, "b"),
        (HOURS | WIDE | {"unless": ["call_back"]}, HOURS, None),
        (HOURS | {"id": "b", "channels": ["sms"]}, HOURS, None),
        (HOURS | {"id": "b", "level": "warn", "confidence": "unverified"}, HOURS, "b"),
        (
            HOURS | {"id": "b", "level": "warn", "confidence": "unverified"},
            HOURS | {"level": "warn", "open": "07:00-13:00"},
            None,
        ),
        (CAP, CAP | {"id": "b", "at_most": 4}, "b"),
        (CAP, CAP | {"id": "b", "at_most": 1, "days": 1}, None),
        (CAP, CAP | {"id": "b", "at_most": 3, "days": 1}, "b"),
        (CAP, CAP | {"id": "b", "at_most": 4, "per": ["person"]}, None),
        (CAP | {"per": ["person"]}, CAP | {"id": "b", "at_most": 4}, "b"),
        (CAP, CAP | {"id": "b", "counts": ["unanswered", "letter"]}, None),
        (CAP | {"consent_days": 7}, CAP | {"id": "b", "at_most": 4}, None),
        (CAP, CAP | {"id": "b", "at_most": 4, "once_spoken": True}, "b"),
        (CAP, without(CAP, "days") | {"id": "b", "at_most": 10, "calendar_month": True}, None),
        (
            CAP | {"days": 31},
            without(CAP, "days") | {"id": "b", "at_most": 10, "calendar_month": True},
            "b",
        ),
    ],
)
def test_a_rule_that_another_makes_needless_is_named(
    first: dict[str, Any], second: dict[str, Any], shadowed: str | None
) -> None:
    found = proved(pack(first, second))
    if shadowed is None:
        assert found == []
    else:
        (line,) = found
        assert line.startswith(f"p/{shadowed}: never matters: ")


@pytest.mark.parametrize("name", RULES)
def test_a_rule_and_its_copy_are_found_for_every_kind(name: str) -> None:
    pack_id, _, rule_id = name.partition("/")
    rule: Rule = RULES[name]

    def copy(data: dict[str, Any]) -> None:
        (table,) = (table for table in data["rule"] if table["id"] == rule_id)
        data["rule"].append({**table, "id": "the-copy"})

    assert f"{pack_id}/the-copy: never matters: {rule.id} is" in prove([changed(pack_id, copy)])[0]
