"""Whom to ask for (practice B01-B06, B29)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from dunctl.case.vocabulary import AGENTS
from dunctl.tuples import NamedTuple

if TYPE_CHECKING:
    from dunctl.case.records import Case, Person
    from dunctl.steps.standing import Standing

_OUTSIDE = ("guarantor", "co_obligor", "payer_by_consent", "other")
_LAST = (*_OUTSIDE, "reception")


def _ranks(*roles: str) -> Mapping[str, int]:
    return {role: nth for nth, role in enumerate((*roles, *_LAST))}


_HEADS = ("owner", "legal_rep", "dept_head")
"""Who is above the others in a company, the highest first."""
_LARGE = _ranks("finance", "dept_head", "owner", "legal_rep", "initial_contact", "purchasing")
_SMALL = _ranks("owner", "legal_rep", "finance", "dept_head", "initial_contact", "purchasing")


class Callee(NamedTuple):
    """Who is asked for on the line: a person of the case, or the debtor's own number."""

    person: Person | None
    name: str
    phone: str | None
    role: str | None


def call_order(case: Case) -> list[Person]:
    """Return the people who may be told of the debt, in the order of asking for them.

    A large debtor: the payment contact first (B01); a small one, or of unknown size: the owner
    (B02, B03). Somebody who stands for the debtor goes before everybody else (B29); reception and
    people of no known role come last, and are told nothing (B11).
    """
    agents = [p for p in case.people if p.role in AGENTS]
    if agents:
        return agents
    rank = _LARGE if case.debtor.size == "large" else _SMALL
    return sorted(case.people, key=lambda p: rank[p.role])


def callee(case: Case, preferred: str | None = None) -> Callee:
    """Return whom to ask for: the person named by a promise or a call-back, else the order.

    Without a number of theirs it is the debtor's own, but never where somebody stands for it (B29).
    """
    people = call_order(case)
    if preferred:
        people = [p for p in people if p.name == preferred] + people
    for person in people:
        if person.phone:
            return Callee(person, person.name, person.phone[0], person.role)
    from dunctl.case.phones import number_of

    first = people[0] if people else None
    name = first.name if first else case.debtor.name
    return Callee(first, name, number_of(case, first), first.role if first else None)


def asked_for(at: Standing, preferred: str | None = None) -> Callee:
    """Return whom to ask for, as ``callee`` does, with the number that is dialled next (B21)."""
    from dunctl.steps.dialling import dialling_order

    who = callee(at.case, preferred)
    return who._replace(phone=next(iter(dialling_order(at, who.person)), None))


def superior(case: Case, name: str | None) -> Person | None:
    """Return who is above somebody of a company, the highest first (practice B36, I22).

    Without a name it is whoever is asked for first. That is the head of the company, or somebody of
    like role who decides: nobody outside it, and none of it where an agent stands for it (B29).
    """
    named = [p for p in case.people if p.name == name]
    if name in (None, case.debtor.name):
        named = call_order(case)
    if case.debtor.kind == "consumer" or not named or named[0].role in _OUTSIDE:
        return None
    inside = [p for p in call_order(case) if p.role not in _LAST and p.phone]
    above = [p for p in inside if _level(p) < _level(named[0])]
    return min(above, key=_level, default=None)


def _level(person: Person) -> tuple[int, bool]:
    """Return how high somebody is in a company; the highest is the least."""
    level = _HEADS.index(person.role) if person.role in _HEADS else len(_HEADS)
    return level, not person.decides
