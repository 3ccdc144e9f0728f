"""``dunctl hours``."""

from __future__ import annotations

import click

from dunctl.calling.docket import histories
from dunctl.calling.hours import calibration, report
from dunctl.cli.today import dockets_of, model_of
from dunctl.cli.verb import Seat, complain, standing_of, verb
from dunctl.show import hours as shown
from dunctl.show.text import as_json, lines_of
from dunctl.store import store as stores


@verb("hours", evening=True)
@click.option("--json", "json_", is_flag=True, help="As JSON.")
def command(seat: Seat, json_: bool) -> int:
    """Report when debtors answer.

    Answered calls are compared with what is usual for those debtors at those hours: a raw rate
    would only show who was called when. Then what was predicted against what happened.

    Example: dunctl hours
    """
    reads, odd = stores.read_all(seat.store)
    dockets = dockets_of(seat, (standing_of(seat, case) for case in stores.sound(reads)))
    model = model_of(seat, dockets, evening=True)
    calls = histories(dockets, seat.today.toordinal() + 1)
    tables = report(model.book, model.answers)
    bins = calibration(calls, model.book, model.answers)
    click.echo(as_json(shown.data(tables, bins)) if json_ else lines_of(shown.page(tables, bins)))
    return complain([*odd, *(p for r in reads for p in r.problems if p.level == "error")])
