"""A table of receivables to what has to be added to which case, so that nothing is there twice."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from dunctl.case.edit import to_table
from dunctl.case.records import Case, Debtor, Dispute, Head, Invoice, Payment
from dunctl.errors import Problem
from dunctl.intake import against
from dunctl.intake.columns import clean
from dunctl.intake.customers import Customer, case_id, slug
from dunctl.intake.guess import DateOrder, Mark, is_blank
from dunctl.intake.places import NOWHERE, Places, located
from dunctl.intake.rows import Item, Outcome, Source, read_rows
from dunctl.intake.table import Table
from dunctl.owed.law import NO_LAW, Law
from dunctl.owed.ledger import ZERO
from dunctl.tuples import NamedTuple
from dunctl.words import t


class Totals(NamedTuple):
    """Amounts of one currency: ``read`` is always ``new`` and ``there`` and ``refused``."""

    read: Decimal = ZERO
    new: Decimal = ZERO
    there: Decimal = ZERO
    refused: Decimal = ZERO


class Reading(NamedTuple):
    """How the file was understood.

    ``columns`` are (role, name of the column), ``ignored`` the names of those that mean nothing
    here, ``date_orders`` the order by role of a column, None where it does not matter.
    """

    encoding: str
    delimiter: str
    header_line: int
    columns: tuple[tuple[str, str], ...]
    ignored: tuple[str, ...]
    date_orders: Mapping[str, DateOrder | None]
    decimal: Mark


class CasePlan(NamedTuple):
    """What one case gets: ``head`` and ``facts`` if it is new, then ``entries`` to append.

    ``there`` counts the rows whose invoice it has.
    """

    case_id: str
    new: bool
    number: str | None
    name: str
    head: Mapping[str, Any]
    facts: tuple[tuple[str, Mapping[str, Any]], ...]
    entries: tuple[tuple[str, Mapping[str, Any]], ...]
    there: int

    def count(self, kind: str) -> int:
        """Return how many entries of a kind are added."""
        return sum(name == kind for name, _ in self.entries)


class Plan(NamedTuple):
    """What an import does; ``cases`` are those that get something.

    ``read`` counts rows and is always ``new`` and ``there`` and the length of ``refused``, which
    has one problem for each row. ``notices`` are worth a look. ``totals`` are by currency, of the
    rows whose amount could be read.
    """

    reading: Reading
    cases: tuple[CasePlan, ...]
    read: int
    new: int
    there: int
    refused: tuple[Problem, ...]
    notices: tuple[Problem, ...]
    totals: Mapping[str, Totals]

    def count(self, kind: str) -> int:
        """Return how many entries of a kind are added to all cases."""
        return sum(case.count(kind) for case in self.cases)


class _Group(NamedTuple):
    """The rows of one customer that count, and what they add to its case."""

    customer: Customer
    currency: str
    items: list[Item]
    records: list[Invoice | Payment | Dispute]


def plan(
    table: Table,
    cases: Sequence[Case],
    *,
    now: datetime,
    currency: str | None = None,
    date_order: DateOrder | None = None,
    decimal: Literal["comma", "dot"] | None = None,
    by: str | None = None,
    taken: Iterable[str] = (),
    path: str = "file",
    law: Law = NO_LAW,
    places: Places = NOWHERE,
) -> Plan:
    """Return what importing ``table`` into the existing ``cases`` adds; nothing is there twice.

    ``now`` is an instant with its offset: disputes begin then, and money that the file counts as
    paid without a day is booked on its day. ``currency`` is that of rows which say none.
    ``taken`` are further case ids not to be used. What is open in a case is so by ``law``, where a
    new customer is by ``places``. Problems carry ``path`` and the row's line. ``Refused`` for a
    file that is ambiguous as a whole.
    """
    source, items, found = read_rows(
        table,
        cases,
        currency=currency,
        date_order=date_order,
        decimal=decimal,
    )
    there: set[int] = set()
    groups = [group for group in _groups(items, there, now, by, law, found) if group.records]
    ids = {case.id.casefold(): case for case in cases}
    used = {*ids, *(name.casefold() for name in taken)}
    plans = tuple(
        _case_plan(group, ids, used, there, source, found, places, now) for group in groups
    )
    _elsewhere(groups, cases, found)
    return Plan(
        _reading(table, source),
        plans,
        len(found.lines),
        sum(case.count("invoice") for case in plans),
        len(there),
        _problems(found.refused, path, "error"),
        _problems(found.notices, path, "notice"),
        _totals(found, there),
    )


def _groups(
    items: Iterable[Item],
    there: set[int],
    now: datetime,
    by: str | None,
    law: Law,
    found: Outcome,
) -> list[_Group]:
    """Hold the rows of each customer against its case; lines it has go to ``there``."""
    rows: dict[tuple[str, str], list[Item]] = {}
    for item in items:
        rows.setdefault(item.customer.key, []).append(item)
    groups = []
    for mine in rows.values():
        case = mine[0].customer.case
        known = against.known_in(case, law) if case else None
        accepted = []
        for item in mine:
            state = against.state(item, known, found) if known else "new"
            if state == "there":
                there.add(item.line)
            if state != "refused":
                accepted.append(item)
        base = case.head.currency if case else _commonest(accepted)
        records = [
            record
            for item in accepted
            for record in against.entries(
                item, known, base, there=item.line in there, now=now, by=by, found=found
            )
        ]
        groups.append(_Group(mine[0].customer, base, accepted, records))
    return groups


def _commonest(items: Sequence[Item]) -> str:
    counted = Counter(item.currency for item in items)
    return max(counted, key=lambda code: counted[code], default="")


def _case_plan(
    group: _Group,
    ids: Mapping[str, Case],
    used: set[str],
    there: set[int],
    source: Source,
    found: Outcome,
    places: Places,
    now: datetime,
) -> CasePlan:
    """Put the tables of a case together; the id of a new one is added to ``used``."""
    customer = group.customer
    entries = tuple((type(r).__name__.lower(), to_table(r)) for r in group.records)
    present = sum(item.line in there for item in group.items)
    if customer.case:
        return CasePlan(
            customer.case.id, False, customer.number, customer.name, {}, (), entries, present
        )
    name = case_id(customer, used)
    used.add(name.casefold())
    near = ids.get(slug(customer.name).casefold())
    if near:
        message = t(
            "{name} becomes case {case}, since {near} is another customer ({other}); if they are "
            "one, write the customer number or the same name in case {near} first",
            name=clean(customer.name, 60),
            case=name,
            near=near.id,
            other=clean(near.debtor.name, 60),
        )
        found.notices.append((group.items[0].line, message))
    debtor = _debtor(group, source, found, places, now)
    return CasePlan(
        name,
        True,
        customer.number,
        customer.name,
        to_table(Head(1, group.currency)),
        (("debtor", to_table(debtor)),),
        entries,
        present,
    )


def _debtor(group: _Group, source: Source, found: Outcome, places: Places, now: datetime) -> Debtor:
    """Return what the file says of a customer; what is no country, number or address is left."""

    def said(role: str) -> list[str]:
        cells = [
            text for item in group.items for text in source.cells(source.rows[item.line], role)
        ]
        return list(dict.fromkeys(text for text in cells if not is_blank(text)))

    customer, countries = group.customer, said("country")
    where = located(places, countries, said("state"), group.currency, now)
    if countries and "country" not in where:
        message = t(
            "{name}: the country {words} is not clear; write its two letters, such as US",
            name=clean(customer.name, 60),
            words=clean(" / ".join(countries), 60),
        )
        found.notices.append((group.items[0].line, message))
    number = r"\+?[0-9 ()/.-]{5,30}(?:[a-z. ]+[0-9]+)?"
    return Debtor(
        customer.name,
        number=customer.number,
        **where,
        phone=tuple(text for text in said("phone") if re.fullmatch(number, text)),
        email=next((e for e in said("email") if re.fullmatch(r"[^\s@<>]+@[^\s@<>]+", e)), None),
    )


def _elsewhere(groups: Iterable[_Group], cases: Iterable[Case], found: Outcome) -> None:
    """Notice a new case whose invoice another case has: it may be the same customer renamed."""
    held = {
        (entry.record.number, entry.record.amount, entry.record.due): case.id
        for case in cases
        for entry in case.journal
        if isinstance(entry.record, Invoice)
    }
    for group in groups:
        twin = next(
            (i for i in group.items if (i.number, i.amount, i.due) in held), None
        )  # fmt: skip
        if twin is None or group.customer.case:
            continue
        message = t(
            "{name} gets a new case, but case {case} has invoice {number}, too; if they are one "
            "customer, write its number or the same name in that case first",
            name=clean(group.customer.name, 60),
            case=held[twin.number, twin.amount, twin.due],
            number=twin.number,
        )
        found.notices.append((twin.line, message))


def _reading(table: Table, source: Source) -> Reading:
    columns = source.columns
    return Reading(
        table.encoding,
        table.delimiter,
        table.header_line,
        tuple(
            (role, clean(table.header[at], 60)) for role, ats in columns.at.items() for at in ats
        ),
        columns.ignored,
        source.orders,
        source.marks["amount"],
    )


def _problems(
    found: Iterable[tuple[int, str]], path: str, level: Literal["error", "notice"]
) -> tuple[Problem, ...]:
    return tuple(Problem(path, line, message, level) for line, message in sorted(found))


def _totals(found: Outcome, there: set[int]) -> dict[str, Totals]:
    refused = {line for line, _ in found.refused}
    totals: dict[str, Totals] = {}
    for line, (currency, amount) in sorted(found.sums.items()):
        where = "refused" if line in refused else "there" if line in there else "new"
        total = totals.get(currency, Totals())
        totals[currency] = total._replace(
            read=total.read + amount, **{where: getattr(total, where) + amount}
        )
    return totals
