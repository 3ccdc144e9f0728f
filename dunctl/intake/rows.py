"""A table of receivables to rows that are understood, and why each other one is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from dunctl import money
from dunctl.case.records import Case
from dunctl.errors import Refused
from dunctl.intake import guess
from dunctl.intake.columns import Columns, assign, clean, currencies
from dunctl.intake.customers import Customer, resolve
from dunctl.intake.guess import DateOrder, Mark
from dunctl.intake.table import Row, Table
from dunctl.tuples import NamedTuple
from dunctl.words import t

_DAYS = ("issued", "due", "paid")
_AGREED = "yes y true t 1 x ja j wahr 是 有 disputed strittig bestritten 争议 ✓ ✔"
_DENIED = "no n false f 0 nein falsch none null n/a na - -- – — 否 无"
_YES, _NO = frozenset(_AGREED.split()), frozenset(_DENIED.split())
_TOTAL = re.compile(
    r"(?:grand ?|sub)?totals?\b.*|(?:gesamt|end|zwischen)?summe\b.*|gesamt\b.*|sum\b.*"
    r"|(?:合计|总计|小计|累计|共计).*",
    re.IGNORECASE,
)
_LONGEST = 200
_SHORTENED = re.compile(r"[0-9](?:[.,][0-9]+)?E\+[0-9]+", re.IGNORECASE)


class Item(NamedTuple):
    """A row that can be read; ``open`` and ``paid`` are None where the file does not say."""

    line: int
    customer: Customer
    number: str
    currency: str
    amount: Decimal
    issued: date | None
    due: date
    paid: date | None
    open: Decimal | None
    disputed: bool
    why: str | None


class Source(NamedTuple):
    """What every row of a file is read by."""

    columns: Columns
    rows: Mapping[int, Row]
    orders: Mapping[str, DateOrder | None]
    marks: Mapping[str, Mark]

    def cell(self, row: Row, role: str) -> str:
        """Return the text of a role, empty where there is no such column."""
        column = self.columns.first(role)
        return "" if column is None else row.cells[column]

    def cells(self, row: Row, role: str) -> list[str]:
        """Return the texts of a role that may have several columns."""
        return [clean(row.cells[column]) for column in self.columns.at.get(role, ())]


class Outcome(NamedTuple):
    """What becomes of the rows, collected on the way."""

    refused: list[tuple[int, str]]
    notices: list[tuple[int, str]]
    sums: dict[int, tuple[str, Decimal]]
    lines: set[int]


def read_rows(
    table: Table,
    cases: Sequence[Case],
    *,
    currency: str | None,
    date_order: DateOrder | None,
    decimal: Literal["comma", "dot"] | None,
) -> tuple[Source, list[Item], Outcome]:
    """Read the rows of a table; ``Refused`` for a file that is ambiguous as a whole."""
    columns = assign(table.header)
    found = Outcome([], [], {}, set())
    rows = list(_rows(table, columns, found))
    people = [_person(row, columns) for row in rows]
    customers = resolve(people, cases)
    _differing(rows, people, found)
    money_of = _currencies(rows, columns, currency)
    source = _source(table, rows, columns, money_of, date_order, decimal)
    items: list[Item] = []
    for row, customer, code in zip(rows, customers, money_of, strict=True):
        try:
            items.append(_item(row, customer, code, source, found))
        except ValueError as error:
            found.refused.append((row.line, str(error)))
    found.lines.update(row.line for row in rows)
    found.lines.update(line for line, _ in found.refused)
    return source, _unrepeated(items, found), found


def _rows(table: Table, columns: Columns, found: Outcome) -> Iterator[Row]:
    """Yield the rows that have as many cells as the header, without totals and further headers."""
    width = len(table.header)
    number, due = columns.first("number"), columns.first("due")
    for row in table.rows:
        if row.cells == table.header:
            found.notices.append((row.line, t("the header is repeated here; skipped")))
        elif _is_total(row, number, due, width):
            found.notices.append((row.line, t("a line of totals; skipped")))
        elif len(row.cells) != width:
            reason = t(
                "the row has {cells} cells, the header {width}; "
                "look for a missing or an extra {delimiter}",
                cells=len(row.cells),
                width=width,
                delimiter=t("tab") if table.delimiter == "\t" else f'"{table.delimiter}"',
            )
            found.refused.append((row.line, reason))
        else:
            yield row


def _is_total(row: Row, number: int | None, due: int | None, width: int) -> bool:
    """Tell whether a row sums up others: a word for it, and no invoice number or due day."""
    first = next((text for cell in row.cells if (text := clean(cell))), "")
    if not _TOTAL.fullmatch(first):
        return False
    cells = [clean(cell) for cell in row.cells] + [""] * width
    return all(at is None or cells[at] in ("", first) for at in (number, due))


def _person(row: Row, columns: Columns) -> tuple[str, str]:
    number, name = columns.first("customer_id"), columns.first("customer_name")
    return (
        "" if number is None else clean(row.cells[number]),
        "" if name is None else clean(row.cells[name]),
    )


def _differing(rows: Sequence[Row], people: Sequence[tuple[str, str]], found: Outcome) -> None:
    """Notice the first row in which a customer number has another name than before."""
    names: dict[str, list[str]] = {}
    for row, (number, name) in zip(rows, people, strict=True):
        known = names.setdefault(number, [name]) if number and name else [name]
        if name not in known:
            known.append(name)
            message = t(
                'customer {number} is "{name}" here and "{known}" above; the first name counts',
                number=number,
                name=clean(name, 60),
                known=clean(known[0], 60),
            )
            found.notices.append((row.line, message))


def _currencies(rows: Sequence[Row], columns: Columns, usual: str | None) -> list[str | ValueError]:
    """Return each row's currency, ``usual`` where it says none, or what is wrong with it."""
    if usual is not None and not money.is_currency(usual):
        raise Refused(t('"{code}" is no ISO 4217 currency; write such as EUR', code=usual))
    found: list[str | ValueError] = []
    for row in rows:
        try:
            found.append(_currency(row, columns, usual))
        except ValueError as error:
            found.append(error)
    return found


def _currency(row: Row, columns: Columns, usual: str | None) -> str:
    column, amount = columns.first("currency"), columns.at["amount"][0]
    said = clean(row.cells[column]) if column is not None else ""
    possible = currencies(said) if said else None
    if possible == ():
        near = money.closest(said)
        hint = " " + t("(did you mean {word}?)", word=near) if near else ""
        raise ValueError(t('"{code}" is no currency', code=clean(said, 20)) + hint)
    for more in (guess.amount_currencies(row.cells[amount]), columns.currency or None):
        if more is not None:
            both = tuple(code for code in possible or more if code in more)
            if not both:
                raise ValueError(
                    t(
                        "the row says both {one} and {other}; which currency is it?",
                        one="/".join(possible or ()),
                        other="/".join(more),
                    )
                )
            possible = both
    if possible is None or usual in possible:
        if usual is None:
            raise Refused(
                t("nothing in the file says which currency it is in; write --currency EUR")
            )
        return usual
    if len(possible) > 1:
        raise ValueError(
            t("the currency may be {codes}; write --currency", codes=", ".join(possible))
        )
    return possible[0]


def _source(
    table: Table,
    rows: Sequence[Row],
    columns: Columns,
    money_of: Sequence[str | ValueError],
    date_order: DateOrder | None,
    decimal: Literal["comma", "dot"] | None,
) -> Source:
    """Decide from whole columns how days and amounts are written."""
    days = {
        table.header[at]: [
            (row.line, row.cells[at]) for row in rows if not guess.is_blank(row.cells[at])
        ]
        for role in _DAYS
        if (at := columns.first(role)) is not None
    }
    orders = guess.date_orders(days, date_order)
    given: Mark | None = {"comma": ",", "dot": ".", None: None}[decimal]
    marks = {
        role: guess.decimal_mark(
            table.header[at],
            (
                (row.line, row.cells[at], money.exponent(code))
                for row, code in zip(rows, money_of, strict=True)
                if isinstance(code, str)
            ),
            given,
        )
        for role in ("amount", "open")
        if (at := columns.first(role)) is not None
    }
    by_role = {
        role: orders[table.header[at]] for role in _DAYS if (at := columns.first(role)) is not None
    }
    return Source(columns, {row.line: row for row in rows}, by_role, marks)


def _item(
    row: Row,
    customer: Customer | str,
    currency: str | ValueError,
    source: Source,
    found: Outcome,
) -> Item:
    """Read a row; ``ValueError`` with the reason for which it is refused."""
    if isinstance(currency, ValueError):
        raise currency
    amount = guess.read_amount(source.cell(row, "amount"), source.marks["amount"], currency)
    found.sums[row.line] = (currency, amount)
    if isinstance(customer, str):
        raise ValueError(customer)
    number = clean(source.cell(row, "number"))
    if not number:
        raise ValueError(t("the invoice number is missing"))
    for text in (number, customer.number or "", customer.name):
        if len(text) > _LONGEST:
            raise ValueError(
                t('"{text}" is too long; look for a missing quote', text=clean(text, 40))
            )
    for text in (number, customer.number or ""):
        if _SHORTENED.fullmatch(text):
            raise ValueError(
                t(
                    '"{text}" is a number that a spreadsheet has shortened; '
                    "format the column as text and export it again",
                    text=clean(text, 40),
                )
            )
    if amount < 0:
        raise ValueError(
            t("{amount} is a credit note: record it with dunctl credit", amount=amount)
        )
    if not amount:
        raise ValueError(t("the amount is 0: nothing is owed"))
    issued, due, paid = _day(row, "issued", source), _due(row, source), _day(row, "paid", source)
    if issued and due < issued:
        raise ValueError(t("due {due} is before issued {issued}", due=due, issued=issued))
    disputed, why = _flag(clean(source.cell(row, "disputed"), 200))
    return Item(
        row.line,
        customer,
        number,
        currency,
        amount,
        issued,
        due,
        paid,
        _open(row, amount, currency, source),
        disputed,
        why,
    )


def _day(row: Row, role: str, source: Source) -> date | None:
    text = source.cell(row, role)
    return None if guess.is_blank(text) else guess.read_day(text, source.orders[role])


def _due(row: Row, source: Source) -> date:
    """Return the due day, or the day of issue and the days of the terms."""
    due = _day(row, "due", source)
    if due:
        return due
    issued = _day(row, "issued", source)
    terms = clean(source.cell(row, "terms"), 60)
    net = re.search(r"net\D{0,5}([0-9]{1,3})\b", terms, re.IGNORECASE)
    numbers = [net[1]] if net else re.findall("[0-9]+", terms)
    if issued and len(numbers) == 1 and len(numbers[0]) <= 3 and int(numbers[0]) <= 366:
        due = issued + timedelta(days=int(numbers[0]))
        return guess.read_day(due.isoformat(), None)
    if issued and terms:
        raise ValueError(t('no due day, and "{terms}" is no number of days', terms=terms))
    raise ValueError(t("the due day is missing"))


def _open(row: Row, amount: Decimal, currency: str, source: Source) -> Decimal | None:
    """Return what the file says is still open of an amount."""
    if "open" not in source.marks or not clean(source.cell(row, "open")):
        return None
    rest = guess.read_amount(source.cell(row, "open"), source.marks["open"], currency)
    if not 0 <= rest <= amount:
        raise ValueError(
            t("{open} of {amount} cannot be open; correct one of them", open=rest, amount=amount)
        )
    return rest


def _flag(text: str) -> tuple[bool, str | None]:
    """Read a dispute flag: yes or no in several languages; any other words are what it is about."""
    word = text.casefold()
    if not word or word in _NO:
        return False, None
    return True, None if word in _YES else text


def _unrepeated(items: Sequence[Item], found: Outcome) -> list[Item]:
    """Keep one of identical rows, and none of rows that contradict each other."""
    groups: dict[tuple[tuple[str, str], str], list[Item]] = {}
    for item in items:
        groups.setdefault((item.customer.key, item.number), []).append(item)
    kept = []
    for first, *others in groups.values():
        if any(other[2:] != first[2:] for other in others):
            lines = ", ".join(str(item.line) for item in (first, *others))
            reason = t(
                "invoice {number} is on lines {lines} with different details; leave one of them",
                number=first.number,
                lines=clean(lines, 60),
            )
            found.refused.extend((item.line, reason) for item in (first, *others))
            continue
        kept.append(first)
        reason = t("the row is a duplicate of line {line}", line=first.line)
        found.refused.extend((other.line, reason) for other in others)
    return sorted(kept, key=lambda item: item.line)
