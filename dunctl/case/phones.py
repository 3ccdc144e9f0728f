"""Telephone numbers: which one somebody is called at, and whether two are the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dunctl.case.vocabulary import AGENTS

if TYPE_CHECKING:
    from dunctl.case.records import Case, Person

_LOCAL = 6
"""Digits from which on a number is one without the code of its country or town."""


def number_of(case: Case, person: Person | None) -> str | None:
    """Return the number at which somebody is called: the first of theirs."""
    return next(iter(numbers_of(case, person)), None)


def numbers_of(case: Case, person: Person | None) -> tuple[str, ...]:
    """Return the numbers at which somebody is reached: their own, else the debtor's.

    Never the debtor's where somebody stands for it (practice B29).
    """
    if person is None or not (person.phone or person.role in AGENTS):
        return case.debtor.phone
    return person.phone


def same_number(one: str, other: str) -> bool:
    """Return whether two numbers are one, each written with its codes or without."""
    short, long = sorted((_digits(one), _digits(other)), key=len)
    return one == other or (len(short) >= _LOCAL and long.endswith(short))


def _digits(number: str) -> str:
    return "".join(sign for sign in number.replace("(0)", "") if sign.isdigit()).lstrip("0")
