"""``dunctl hours``."""

from __future__ import annotations

import click

from dunctl.calling.book import History
from dunctl.calling.hours import calibration, report
from dunctl.calling.learning import histories
from dunctl.calling.weigh import Model
from dunctl.cli.book import model_of, whole_book
from dunctl.cli.remembered import steadily
from dunctl.cli.verb import Seat, complain, verb
from dunctl.errors import Problem
from dunctl.show import hours as shown
from dunctl.show.text import as_json, lines_of


@verb("hours", evening=True)
@click.option("--json", "json_", is_flag=True, help="As JSON.")
def command(seat: Seat, json_: bool) -> int:
    """Report when debtors answer.

    Answered calls are compared with what is usual for those debtors at those hours: a raw rate
    would only show who was called when. Then what was predicted against what happened.

    Example: dunctl hours
    """
    model, calls, problems = steadily(lambda: _learned(seat))
    tables = report(model.book, model.answers)
    bins = calibration(calls, model.book, model.answers)
    click.echo(as_json(shown.data(tables, bins)) if json_ else lines_of(shown.page(tables, bins)))
    return complain(problems)


def _learned(seat: Seat) -> tuple[Model, dict[str, History], list[Problem]]:
    book = whole_book(seat)
    called = book.dockets(book.seen.where(book.seen.calls))
    calls = histories(called.values(), seat.today.toordinal() + 1)
    return model_of(book, evening=True), calls, book.known.problems
