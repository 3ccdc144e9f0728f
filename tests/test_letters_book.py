"""Every template in every language on every case of the sample book: the total is what is owed."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from functools import cache

import pytest
import tomli

from dunctl.case.edit import append, to_table
from dunctl.case.records import Letter
from dunctl.errors import Refused
from dunctl.letters import compose
from dunctl.letters.render import make_sheet
from dunctl.letters.sheet import Table
from dunctl.letters.template import Template
from dunctl.owed.claims import owed
from tests.lettercase import FILES, LAW, ROOT, at, shipped, values, words_of

MORNING = datetime(2026, 11, 24, 9, tzinfo=UTC)
BOOK = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "cases").glob("*.toml")}
CREDITOR = tomli.loads((ROOT / "dunctl.toml").read_text(encoding="utf-8"))["creditor"]
DEMANDS = [name for name in FILES if {"overdue", "due", "interest"} & set(shipped(name).needs)]
POINT = {"de": str.maketrans(",.", ".,")}


def summed(table: Table, template: Template) -> Decimal:
    """Return the last sum of a table of claims, which its rows and the other sums come to."""

    def figure(text: str) -> Decimal:
        plain = text.translate(POINT.get(template.language, {}))
        return Decimal(plain.replace(",", "") or "0")

    gross = words_of(template.language).say("claims.sum")
    rows = sum((figure(row[-1]) for row in table.rows), Decimal(0))
    rows += sum(figure(amount) for label, amount in table.feet[:-1] if label != gross)
    assert rows == figure(table.feet[-1][1])
    return figure(table.feet[-1][1])


@cache
def asked(case_id: str, name: str, currency: str | None) -> dict[str, Decimal] | None:
    """Return what a letter asks for, by currency, which its tables and its record both say.

    ``None`` for one that is refused, or that is about what is not due yet.
    """
    text, template = BOOK[case_id], shipped(name)
    try:
        context = values(text, template, MORNING, CREDITOR, currency=currency)
    except Refused:
        return None
    if not context["overdue"] and "interest" not in template.needs:
        return None
    sheet = make_sheet(template, words_of(template.language), context)
    start = words_of(template.language).texts["claims.title"].partition("{")[0]
    tables = [b for b in sheet.blocks if isinstance(b, Table) and b.title.startswith(start)]
    figures = compose.figures(context)
    if "sums" in figures:
        said = {one.currency: one.amount for one in figures["sums"]}
    else:
        home = figures.get("currency") or at(text, MORNING).case.head.currency
        said = {home: figures["amount"]}
    assert [summed(table, template) for table in tables] == list(said.values())
    return said


def due(text: str, template: Template, currency: str | None) -> dict[str, Decimal]:
    """Return what is overdue, undisputed and claimed, once the letter is recorded."""
    if template.claims:
        kept = compose.figures(values(text, template, MORNING, CREDITOR, currency=currency))
        entry = Letter(MORNING, template.name)._replace(**kept)
        text = append(text, [("letter", to_table(entry))])
    here = at(text, MORNING)
    found = {}
    for code, total in owed(here.case, here.today, LAW).totals.items():
        late = [r.undisputed for r in here.ledger.overdue() if r.currency == code]
        sum_ = sum(late, total.claimed + total.fees - total.unallocated)
        if sum_ > 0 and currency in (None, code):
            found[code] = sum_
    return found


@pytest.mark.parametrize("name", DEMANDS)
def test_on_every_case_the_total_is_the_sum_of_its_rows_and_what_is_owed(name: str) -> None:
    for case_id, text in BOOK.items():
        for currency in (None, "EUR", "USD"):
            said = asked(case_id, name, currency)
            if said is not None:
                assert said == due(text, shipped(name), currency), case_id


def test_most_of_the_book_can_be_written_to() -> None:
    written = [(c, n) for c in BOOK for n in DEMANDS if asked(c, n, None) is not None]
    assert {case_id for case_id, _ in written} >= {
        *("chengdu-jinzhanlou", "delacourt", "lindwurm", "ningbo-yongxilan", "tarnbeck"),
        *("waldmoos", "wexcombe", "xiamen-luyuyao"),
    }
    assert len(written) > 80
