"""Which number of somebody is dialled next (practice B21)."""

from __future__ import annotations

from dunctl.case.phones import numbers_of, same_number
from dunctl.case.records import Contact, Person
from dunctl.steps.standing import Standing, in_vain


def dialling_order(at: Standing, person: Person | None) -> tuple[str, ...]:
    """Return the numbers at which somebody is reached, in the order of dialling them from now on.

    They are written best first; after each call in vain the next one has its turn (practice B21).
    A number that is somebody else's comes last (B45).
    """
    numbers = numbers_of(at.case, person)
    if len(numbers) < 2:
        return numbers
    wrong = [c for c in at.contacts if c.phone is not None and not _proved_since(at, person, c)]
    others = [n for n in numbers if any(same_number(n, c.phone or "") for c in wrong)]
    theirs = [n for n in numbers if n not in others]
    names = (None, at.case.debtor.name, person.name if person else None)
    calls = [c for c in in_vain(at) if c.phone is None and c.whom in names]
    turn = len(calls) % len(theirs) if theirs else 0
    return (*theirs[turn:], *theirs[:turn], *others)


def _proved_since(at: Standing, person: Person | None, contact: Contact) -> bool:
    """Return whether the numbers of somebody were proved right since a call to a wrong one."""
    if person is None or person.verified is None:
        return False
    return person.verified >= contact.at.astimezone(at.zone).date()
