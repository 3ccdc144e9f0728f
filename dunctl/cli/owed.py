"""``dunctl owed``."""

from __future__ import annotations

import click

from dunctl.cli.verb import Seat, days_there, sound_case, verb, warn
from dunctl.owed.claims import owed
from dunctl.show.owed import csv, data, page
from dunctl.show.text import as_json, lines_of


@verb("owed", evening=True)
@click.argument("case")
@click.option("--explain", is_flag=True, help="Show every step, for a pocket calculator.")
@click.option("--json", "json_", is_flag=True, help="As JSON.")
@click.option("--csv", "csv_", is_flag=True, help="As CSV.")
def command(seat: Seat, case: str, explain: bool, json_: bool, csv_: bool) -> int:
    """Print what is owed to the cent: principal, interest, fees.

    Interest runs by a clause or a statute, each period at its own rate on what was open then; money
    counts towards it only once it is claimed. Where a rate is not known that is said, and the exit
    code is 1.

    Example: dunctl owed acme --as-of 2026-10-31 --explain
    """
    known, code = sound_case(seat, case)
    today, money_day = days_there(seat, known)
    found = owed(known, today, seat.law(), money_day)
    if json_:
        click.echo(as_json(data(known, found)))
    elif csv_:
        click.echo(csv(found))
    else:
        click.echo(lines_of(page(known, found, explain=explain)))
    for problem in found.problems:
        warn(problem)
    return 1 if found.problems else code
