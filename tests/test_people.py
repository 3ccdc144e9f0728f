"""Whom to ask for (practice B01-B06, B11, B29): those first who may be told of the debt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunctl.calling.people import call_order, callee
from dunctl.case.records import Case
from dunctl.case.vocabulary import ROLES
from tests.casefile import case, entry

SWITCHBOARD = 'phone = "+44 1"'


def staffed(*roles: str, debtor: str = "", phones: bool = True) -> Case:
    """Return a case with a person of each role, named by it."""
    people = []
    for role in roles:
        number = {"phone": f'["{role}-1", "{role}-2"]'} if phones else {}
        people.append(entry("person", name=role, role=role, **number))
    return case(*people, debtor=debtor)


@pytest.mark.parametrize(
    ("debtor", "first"),
    [('size = "large"', "finance"), ('size = "small"', "owner"), ("", "owner")],
    ids=["large: who pays", "small: the owner", "unknown: the owner"],
)
def test_the_size_decides_whom_to_ask_for_first(debtor: str, first: str) -> None:
    """Practice B01, B02, B03, CF08."""
    roles = ("reception", "purchasing", "finance", "owner")
    for order in (roles, roles[::-1]):
        assert callee(staffed(*order, debtor=debtor)).name == first


def test_a_large_debtor_is_asked_through_its_departments() -> None:
    """Practice B01, B04: the initial contact is a fallback."""
    roles = ("initial_contact", "owner", "dept_head", "finance")
    people = call_order(staffed(*roles, debtor='size = "large"'))
    assert [p.role for p in people] == ["finance", "dept_head", "owner", "initial_contact"]


@pytest.mark.parametrize("role", ["agent", "lawyer"])
def test_whoever_stands_for_the_debtor_is_asked_for_instead_of_it(role: str) -> None:
    """Practice B29, O14: no more calls to the debtor, not even about its own promise."""
    known = staffed("owner", "finance", role, debtor=SWITCHBOARD)
    assert [p.role for p in call_order(known)] == [role]
    assert callee(known, "owner").name == role
    assert callee(known, "owner").phone == f"{role}-1"


@pytest.mark.parametrize("role", ["agent", "lawyer"])
def test_an_agent_without_a_number_does_not_send_us_back_to_the_debtor(role: str) -> None:
    """Practice B29."""
    known = staffed("owner", debtor=SWITCHBOARD)
    both = known._replace(people=(*known.people, *staffed(role, phones=False).people))
    assert (callee(both).name, callee(both).phone) == (role, None)


def test_who_promised_or_asked_for_the_call_is_asked_for_first() -> None:
    known = staffed("owner", "finance", "reception")
    assert callee(known, "finance").name == "finance"
    assert callee(known, "reception").name == "reception"
    assert callee(known, "somebody else").name == "owner"


def test_the_first_number_is_the_one_to_dial() -> None:
    """Practice B21, B23."""
    assert callee(staffed("owner")).phone == "owner-1"


def test_without_numbers_it_is_the_switchboard_and_the_first_by_name() -> None:
    known = staffed("reception", "owner", debtor=SWITCHBOARD, phones=False)
    assert (callee(known).name, callee(known).phone) == ("owner", "+44 1")
    nobody = case(debtor=SWITCHBOARD)
    assert (callee(nobody).name, callee(nobody).phone) == ("Acme", "+44 1")
    assert callee(case()).phone is None


def test_somebody_with_a_number_is_asked_for_before_somebody_without() -> None:
    silent = staffed("owner", phones=False)
    known = silent._replace(people=(*silent.people, *staffed("finance").people))
    assert callee(known).name == "finance"


@given(
    st.lists(st.sampled_from(ROLES), min_size=1, max_size=6, unique=True),
    st.sampled_from(("", 'size = "large"', 'size = "small"')),
)
def test_reception_and_strangers_come_last_and_guarantors_after_the_debtor(
    roles: list[str], debtor: str
) -> None:
    """Practice B11, B13, B30: other people are told nothing, so they are no better than none."""
    found = [p.role for p in call_order(staffed(*roles, debtor=debtor))]
    if {"agent", "lawyer"} & set(roles):
        assert set(found) == {"agent", "lawyer"} & set(roles)
        return
    classes = [
        2 if role in ("other", "reception") else 1 if role in PAYERS else 0 for role in found
    ]
    assert sorted(found) == sorted(roles)
    assert classes == sorted(classes)


PAYERS = ("guarantor", "co_obligor", "payer_by_consent")
