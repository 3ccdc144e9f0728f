"""``dunctl ageing``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any, cast

import click

from dunctl import money
from dunctl.cli.remembered import amounts_of, case_in, noted, texts
from dunctl.cli.verb import Seat, complain, verb
from dunctl.errors import Problem, WrongUsage
from dunctl.owed.ageing import EDGES, By, Extract, Open, ageing, changes_on, extract
from dunctl.owed.ledger import ledger
from dunctl.show.ageing import csv, data, page
from dunctl.show.text import as_json, lines_of
from dunctl.store.index import Note
from dunctl.store.store import Read
from dunctl.words import t


@verb("ageing", evening=True)
@click.option(
    "--by",
    type=click.Choice(("due", "issued")),
    default="due",
    show_default=True,
    help="From which day the age is counted.",
)
@click.option("--currency", metavar="CUR", help="Only this currency.")
@click.option(
    "--edges",
    metavar="DAYS",
    default=",".join(map(str, EDGES)),
    show_default=True,
    help="The last day of each bucket.",
)
@click.option("--json", "json_", is_flag=True, help="As JSON.")
@click.option("--csv", "csv_", is_flag=True, help="As CSV.")
def command(seat: Seat, by: str, currency: str | None, edges: str, json_: bool, csv_: bool) -> int:
    """Print what is open by days past due, or by days since issue.

    There is a table a currency, and its buckets add up to the total. What is not past due has a
    bucket of its own; credit that is put to no invoice is named below.

    Example: dunctl ageing --as-of 2026-10-31 --edges 30,60,90
    """
    days, only, from_day = _edges(edges), _currency(currency), cast("By", by)
    extracts, problems = _extracts(seat)
    found = [
        one
        for one in ageing(extracts, seat.today, by=from_day, edges=days)
        if only in (None, one.currency)
    ]
    if json_:
        click.echo(as_json(data(found, seat.today, from_day)))
    elif csv_:
        click.echo(csv(found))
    else:
        click.echo(lines_of(page(found, seat.today, from_day)))
    return complain(problems)


def _extracts(seat: Seat) -> tuple[list[Extract], list[Problem]]:
    """Return what ageing needs of each sound case, and what is wrong with the others."""

    def make(read: Read) -> Note:
        case = case_in(read)
        found = extract(ledger(case, seat.today, seat.law()))
        rest = [
            (
                one.currency,
                one.due.toordinal(),
                one.issued and one.issued.toordinal(),
                str(one.open),
            )
            for one in found.receivables
        ]
        head = [rest, texts(found.unallocated)]
        return Note(_begins(seat.today), _begins(changes_on(case, seat.today)), head, ())

    def thaw(head: Sequence[Any]) -> Extract:
        rows, credit = head
        debts = (
            Open(code, day(due), issued and day(issued), Decimal(text))
            for code, due, issued, text in rows
        )
        return Extract(tuple(debts), amounts_of(credit))

    day = date.fromordinal
    known = noted(seat, "open", _begins(seat.today), make)
    return [thaw(head) for head in known.heads.values()], known.problems


def _begins(day: date) -> int:
    """Return the second (of UTC) that stands for a day."""
    return (day.toordinal() - _EPOCH) * 86400


_EPOCH = date(1970, 1, 1).toordinal()


def _edges(words: str) -> tuple[int, ...]:
    """Read the last days of the buckets; 0, the last day of what is not past due, may be left out.

    >>> _edges("30,60")
    (0, 30, 60)
    """
    try:
        days = [int(word) for word in words.split(",")]
        if days[0] != 0:
            days = [0, *days]
        if any(low >= high for low, high in pairwise(days)):
            raise ValueError(words)
    except ValueError as error:
        raise WrongUsage(
            t("--edges are days in rising order, such as 30,60,90, not {words}", words=words)
        ) from error
    return tuple(days)


def _currency(code: str | None) -> str | None:
    if code is None or money.is_currency(code.upper()):
        return code and code.upper()
    try:
        money.exponent(code)
    except ValueError as error:
        raise WrongUsage(f"--currency: {error}") from error
    return code
