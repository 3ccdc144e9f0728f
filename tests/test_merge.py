"""Two people's work on one case file, put together: nothing lost, doubled or guessed."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunctl.case.handles import digest
from dunctl.case.merge import BETWEEN, OURS, THEIRS, merge
from dunctl.case.parse import parse
from dunctl.case.records import ENTRY_CLASSES
from dunctl.case.toml import loads
from dunctl.errors import Refused
from tests.casefile import DAYS, called, entry, invoice, minor, paid, promise, text

BASE = text(
    invoice("A-1", "2026-10-31", "1200.00", issued="2026-10-01"),
    called("2026-11-03T10:00:00Z"),
)
MONDAY = called("2026-11-09T09:30:00Z", "inconvenient")
TUESDAY = paid("2026-11-10", "500.00")


def add(source: str, *entries: str) -> str:
    return source + "".join("\n" + one for one in entries)


def said(source: str) -> Counter[str]:
    """Return every entry of a text as often as it is there."""
    data = loads(source)
    return Counter(
        digest(kind, table) for kind in (*ENTRY_CLASSES, "income") for table in data.get(kind, ())
    )


def facts(source: str) -> dict[str, Any]:
    return {k: v for k, v in loads(source).items() if k not in ENTRY_CLASSES}


def test_calls_and_payments_logged_on_two_machines_are_all_there_in_the_order_of_their_time() -> (
    None
):
    found = merge(BASE, add(BASE, TUESDAY), add(BASE, MONDAY))
    assert found.text == add(BASE, MONDAY, TUESDAY)
    assert found.conflicts == ()


def test_the_same_entry_brought_by_both_sides_is_there_once() -> None:
    both = add(BASE, MONDAY)
    assert merge(BASE, add(both, TUESDAY), both).text == add(both, TUESDAY)


def test_two_equal_entries_stay_two() -> None:
    twice = add(BASE, TUESDAY, TUESDAY)
    assert (
        said(merge(BASE, twice, add(BASE, MONDAY)).text)[
            digest("payment", loads(TUESDAY)["payment"][0])
        ]
        == 2
    )


def test_comments_stay_with_what_they_stand_above() -> None:
    ours = add(BASE, "# rang twice\n" + MONDAY)
    theirs = BASE.replace('name = "Acme"', '# as in the register\nname = "Acme"')
    found = merge(BASE, ours, theirs).text
    assert '# as in the register\nname = "Acme"' in found
    assert "# rang twice\n[[contact]]" in found


def test_each_side_may_set_another_fact() -> None:
    ours = BASE.replace("format = 1\n", 'format = 1\nowner = "jo"\n')
    theirs = BASE.replace('name = "Acme"', 'name = "Acme Ltd"')
    found = merge(BASE, ours, theirs)
    assert facts(found.text)["owner"] == "jo"
    assert facts(found.text)["debtor"]["name"] == "Acme Ltd"
    assert found.conflicts == ()


def test_a_key_that_both_changed_is_marked_alone_and_named() -> None:
    ours = add(BASE.replace('name = "Acme"', 'name = "Acme Ltd"'), MONDAY)
    theirs = add(BASE.replace('name = "Acme"', 'name = "Acme plc"'), TUESDAY)
    found = merge(BASE, ours, theirs)
    assert found.conflicts == ("debtor.name",)
    marked = f'{OURS}\nname = "Acme Ltd"\n{BETWEEN}\nname = "Acme plc"\n{THEIRS}\n'
    assert marked in found.text
    for name in ("Ltd", "plc"):
        chosen = found.text.replace(marked, f'name = "Acme {name}"\n')
        assert said(chosen) == said(add(BASE, MONDAY, TUESDAY))
    case, problems = parse(found.text, "acme", "cases/acme.toml")
    assert case is None
    (problem,) = problems
    assert "both sides" in problem.message
    assert found.text.split("\n")[problem.line - 1] == OURS


def test_an_entry_taken_out_by_hand_on_one_side_stays() -> None:
    ours = BASE[: BASE.index("[[contact]]")]
    assert said(merge(BASE, add(ours, TUESDAY), add(BASE, MONDAY)).text) == said(
        add(BASE, MONDAY, TUESDAY)
    )


def test_an_entry_mended_by_hand_on_one_side_is_not_there_twice() -> None:
    ours = BASE.replace("1200.00", "1250.00")
    found = merge(BASE, ours, add(BASE, TUESDAY))
    assert said(found.text) == said(add(ours, TUESDAY))
    assert found.conflicts == ()


def test_an_entry_mended_differently_by_both_is_marked_in_that_key() -> None:
    found = merge(BASE, BASE.replace("1200.00", "1250.00"), BASE.replace("1200.00", "1300.00"))
    assert found.conflicts == ("invoice A-1 amount",)
    assert f"{OURS}\namount = 1250.00\n{BETWEEN}\namount = 1300.00\n{THEIRS}\n" in found.text


def test_a_person_added_by_each_side_and_a_number_given_by_one() -> None:
    jane = entry("person", name="Jane Roe", role="finance")
    base = add(BASE, jane)
    ours = add(
        base.replace('role = "finance"', 'role = "finance"\nphone = "1"'),
        entry("person", name="Li Na"),
    )
    theirs = add(base, entry("person", name="Ann Bee"))
    people = {p["name"]: p for p in loads(merge(base, ours, theirs).text)["person"]}
    assert set(people) == {"Jane Roe", "Li Na", "Ann Bee"}
    assert people["Jane Roe"]["phone"] == "1"


def test_a_case_opened_on_both_sides_is_one() -> None:
    found = merge("", add(BASE, MONDAY), add(BASE, TUESDAY))
    assert said(found.text) == said(add(BASE, MONDAY, TUESDAY))
    assert found.conflicts == ()


def test_line_ends_are_those_of_our_side() -> None:
    found = merge(BASE, add(BASE, MONDAY).replace("\n", "\r\n"), add(BASE, TUESDAY)).text
    assert "\n" not in found.replace("\r\n", "")


def test_a_table_within_a_table_is_one_of_its_keys() -> None:
    agreed = '[terms]\n[terms.interest]\npercent = 8\nper = "year"\nclause = "9"\n'
    found = merge(BASE, add(BASE, MONDAY), add(BASE, agreed))
    assert facts(found.text)["terms"]["interest"]["clause"] == "9"
    assert said(found.text) == said(add(BASE, MONDAY))


@pytest.mark.parametrize("odd", ["currency = = 1\n", BASE + "\n[debtor.more]\nx = 1\n"])
def test_what_cannot_be_taken_apart_is_left_to_git(odd: str) -> None:
    with pytest.raises(Refused):
        merge(BASE, odd, add(BASE, MONDAY))


ENTRIES = st.one_of(
    st.builds(lambda d, a: paid(str(d), minor(a, "GBP")), DAYS, st.integers(1, 400)),
    st.builds(lambda d: called(f"{d}T09:00:00Z"), DAYS),
    st.builds(
        lambda d, a: promise(f"{d}T09:00:00Z", minor(a, "GBP"), "2026-12-31"),
        DAYS,
        st.integers(1, 99),
    ),
    st.builds(
        lambda d, n: "# see the file\n" + invoice(n, str(d), "10.00"), DAYS, st.uuids().map(str)
    ),
)
ADDED = st.lists(ENTRIES, max_size=5)
OWNERS = st.sampled_from(
    ["", 'owner = "jo"\n', 'owner = "jo"\n# away in May\nreason = "oversight"\n']
)


def version(entries: list[str], head: str = "") -> str:
    return text(*entries, head=head)


@given(ADDED, ADDED, ADDED, OWNERS)
def test_nothing_is_lost_nothing_doubled_and_the_sides_may_be_swapped(
    before: list[str], mine: list[str], other: list[str], head: str
) -> None:
    base = version(before)
    ours, theirs = version(before + mine, head), version(before + other)
    found, swapped = merge(base, ours, theirs), merge(base, theirs, ours)
    assert found.conflicts == swapped.conflicts == ()
    assert said(found.text) == said(swapped.text) == said(ours) | said(theirs)
    assert facts(found.text) == facts(swapped.text) == facts(ours)
    case, problems = parse(found.text, "acme", "cases/acme.toml")
    assert case is not None
    assert [p for p in problems if p.level == "error"] == []
    for line in head.split("\n"):
        assert line in found.text


@given(ADDED, ADDED, ADDED, ADDED)
def test_it_does_not_matter_in_which_order_three_people_meet(
    before: list[str], one: list[str], two: list[str], three: list[str]
) -> None:
    base, a, b, c = (version(before + side) for side in ([], one, two, three))
    left = merge(base, merge(base, a, b).text, c).text
    right = merge(base, a, merge(base, b, c).text).text
    assert said(left) == said(right)
    assert merge(base, left, left).text == left
    assert merge(base, left, a).text == left
