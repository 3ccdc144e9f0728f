"""Which case a customer of a file belongs to, and what a new case is called."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence

from dunctl.case.records import Case
from dunctl.tuples import NamedTuple
from dunctl.words import t

_RESERVED = re.compile(r"con|prn|aux|nul|conin|conout|(?:com|lpt)[0-9]")
_LONGEST = 48


class Customer(NamedTuple):
    """A customer of a file: its case, if it has one, and what the file calls it."""

    case: Case | None
    number: str | None
    name: str

    @property
    def key(self) -> tuple[str, str]:
        """Return what is the same for all rows of one customer."""
        if self.case:
            return "case", self.case.id
        return ("number", self.number) if self.number else ("name", self.name)


def slug(text: str) -> str:
    """Return a case id: lower-case letters and digits of any script, single ``-`` between them.

    It is never empty and never a name that Windows reserves.
    """
    letters = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).lower())
    joined = "".join(c if c.isalnum() else "-" for c in letters if not unicodedata.combining(c))
    short = re.sub("-+", "-", joined).strip("-")[:_LONGEST].strip("-")
    if not short or _RESERVED.fullmatch(short):
        return f"case-{short}".strip("-")
    return short


def case_id(customer: Customer, taken: Collection[str]) -> str:
    """Return the id of a customer's new case that is not among ``taken`` (case-folded)."""
    first = slug(customer.name)
    if first.casefold() not in taken:
        return first
    base = first
    if customer.number and customer.number != customer.name:
        base = slug(f"{first[: _LONGEST // 2]} {customer.number}")
        if base.casefold() not in taken:
            return base
    n = 2
    while f"{base}-{n}".casefold() in taken:
        n += 1
    return f"{base}-{n}"


def resolve(rows: Iterable[tuple[str, str]], cases: Sequence[Case]) -> list[Customer | str]:
    """Find each row's customer by (number, name), either of which may be empty.

    A case is matched by the debtor's number, then by its exact name if its number is not another
    one. A row without a number is the numbered customer of the same name, if there is one only.
    Instead of a customer there is the reason where it could be two.
    """
    rows = list(rows)
    called: dict[str, str] = {}
    for number, name in rows:
        if number and not called.get(number):
            called[number] = name
    numbers: dict[str, list[str]] = {}
    for number, name in called.items():
        numbers.setdefault(name or number, []).append(number)
    by_number: dict[str, list[Case]] = {}
    by_name: dict[str, list[Case]] = {}
    for case in cases:
        by_name.setdefault(case.debtor.name, []).append(case)
        if case.debtor.number:
            by_number.setdefault(case.debtor.number, []).append(case)
    found: dict[tuple[str, str], Customer | str] = {}
    for number, name in dict.fromkeys(rows):
        mates = numbers.get(name, [])
        if not number and len(mates) > 1:
            found[number, name] = t(
                "{name} could be customer {numbers}; write the customer number in this row",
                name=name,
                numbers=", ".join(mates[:5]),
            )
            continue
        known = number or (mates[0] if mates else "")
        title = called[known] or known if known else name
        found[number, name] = _matched(
            known, title, by_number.get(known, []), by_name.get(title, []), numbers.get(title, [])
        )
    return [found[row] for row in rows]


def _matched(
    number: str, name: str, numbered: list[Case], named: list[Case], mates: list[str]
) -> Customer | str:
    if not number and not name:
        return t("the customer is missing")
    if len(numbered) > 1:
        return t(
            "cases {cases} have the same customer number {number}; change one of them",
            cases=", ".join(sorted(case.id for case in numbered)),
            number=number,
        )
    if numbered:
        return Customer(numbered[0], number, name)
    if number:
        named = [case for case in named if not case.debtor.number]
    if len(named) > 1 or (named and len(mates) > 1):
        return t(
            "{name} could be {cases}; write the customer number in the case as "
            '[debtor] number = "{number}"',
            name=name,
            cases=", ".join(sorted(case.id for case in named)),
            number=number or t("their number"),
        )
    return Customer(named[0] if named else None, number or None, name)
