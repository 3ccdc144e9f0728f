"""Whom to ask for (practice B01-B06, B11, B29): those first who may be told of the debt.

And which of their numbers to dial (B21), and who is above them (B36).
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunctl.calling.people import asked_for, call_order, callee, superior
from dunctl.case.records import Case
from dunctl.case.vocabulary import ROLES
from dunctl.steps.guard import Asked, verdict
from tests.casefile import at, called, case, entry, promise
from tests.guardcase import rules

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


# Which number


JANE = entry("person", name="Jane", role="owner", phone='["+44 201", "+44 202", "+44 203"]')
BOB = entry("person", name="Bob", role="finance", phone='["+44 301"]')


def vain(day: int, outcome: str = "no_answer", **keys: str) -> str:
    return called(f"2026-11-{day:02}T10:00:00+00:00", outcome, **keys)


@pytest.mark.parametrize(
    ("entries", "number"),
    [
        ((), "+44 201"),
        ((vain(2),), "+44 202"),
        ((vain(2, with_="Jane"), vain(3, "left_message", with_="Acme")), "+44 203"),
        ((vain(2), vain(3), vain(4)), "+44 201"),
        ((vain(2, with_="Bob"), vain(3, channel="visit"), vain(4, direction="in")), "+44 201"),
        ((vain(2), vain(3, "refused"), vain(4)), "+44 202"),
        ((vain(2), promise("2026-11-03T10:00:00+00:00", "9.00", "2026-11-04")), "+44 201"),
        ((vain(2, "wrong_number", phone="+44 201"),), "+44 202"),
        ((vain(2, "wrong_number", phone="+44 201"), vain(3)), "+44 203"),
        ((vain(2, "wrong_number", phone="+44 202"), vain(3)), "+44 203"),
        ((vain(2), vain(3, "wrong_number", phone="+44 202")), "+44 203"),
    ],
)
def test_after_a_call_in_vain_the_next_number_is_dialled(
    entries: tuple[str, ...], number: str
) -> None:
    """Practice B21, B45: best first again once they were spoken to; never a wrong one."""
    here = at(case(JANE, BOB, *entries), "2026-11-10T09:00")
    assert (asked_for(here).name, asked_for(here).phone) == ("Jane", number)


def test_who_has_one_number_is_dialled_there_again() -> None:
    here = at(case(JANE, BOB, vain(2), vain(3)), "2026-11-10T09:00")
    assert asked_for(here, "Bob").phone == "+44 301"
    assert asked_for(at(case(vain(2), debtor=SWITCHBOARD), "2026-11-10T09:00")).phone == "+44 1"
    assert asked_for(at(case(vain(2)), "2026-11-10T09:00")).phone is None


def test_a_number_that_was_proved_again_has_its_turn_again() -> None:
    proved = JANE.replace("role", "verified = 2026-11-03\nrole")
    wrong = vain(2, "wrong_number", phone="+44 201")
    assert asked_for(at(case(proved, wrong), "2026-11-10T09:00")).phone == "+44 201"


def test_somebody_with_a_wrong_number_may_be_called_at_the_next() -> None:
    """Practice B45: the gate asks about the number that is dialled, a message may go to any."""
    wrong = [vain(day, "wrong_number", phone=f"+44 20{day}") for day in (1, 2, 3)]
    for count, phone, message in ((1, "allow", "block"), (3, "block", "block")):
        here = at(case(JANE, *wrong[:count]), "2026-11-10T09:00")
        moment = here.now
        person = here.case.people[0]
        for channel, said in (("phone", phone), ("sms", message)):
            answer = verdict(here, rules("house"), Asked(person, channel), moment)
            assert answer.verdict == said, (count, channel)


# Who is above


@pytest.mark.parametrize(
    ("roles", "abusive", "above"),
    [
        (("finance", "dept_head", "owner"), "finance", "owner"),
        (("finance", "dept_head"), "finance", "dept_head"),
        (("finance", "legal_rep", "purchasing"), "purchasing", "legal_rep"),
        (("legal_rep", "owner"), "legal_rep", "owner"),
        (("owner", "finance"), "owner", None),
        (("finance", "purchasing"), "finance", None),
        (("reception", "dept_head"), "reception", "dept_head"),
        (("finance", "guarantor", "other", "reception"), "finance", None),
        (("guarantor", "owner"), "guarantor", None),
        (("finance", "owner", "agent"), "finance", None),
        (("agent", "owner"), "agent", None),
        (("finance", "owner"), "somebody else", None),
        (("finance", "owner"), None, None),
    ],
)
def test_the_superior_is_of_the_same_company_and_above(
    roles: tuple[str, ...], abusive: str | None, above: str | None
) -> None:
    """Practice B36, I22, B29: who named nobody was the owner, who is asked for first."""
    for order in (roles, roles[::-1]):
        found = superior(staffed(*order), abusive)
        assert (found.name if found else None) == above


def test_whoever_decides_is_above_others_of_the_same_role() -> None:
    ann = entry("person", name="Ann", role="finance", phone="+44 1")
    bea = entry("person", name="Bea", role="finance", phone="+44 2", decides="true")
    found = superior(case(ann, bea, debtor='size = "large"'), "Acme")
    assert found is not None
    assert found.name == "Bea"
    assert superior(case(ann, bea), "Bea") is None


def test_private_people_have_no_superior() -> None:
    """Practice B11, B16: nobody else of the house is asked for."""
    assert superior(staffed("finance", "owner", debtor='kind = "consumer"'), "finance") is None
    assert superior(staffed("finance", "owner", phones=False), "finance") is None
