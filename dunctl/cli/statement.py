"""``dunctl statement``."""

from __future__ import annotations

import click

from dunctl import dates
from dunctl.cli.verb import Seat, day, days_there, sound_case, verb, warn
from dunctl.errors import WrongUsage
from dunctl.owed.statement import statement
from dunctl.show.statement import csv, data, page
from dunctl.show.text import as_json, lines_of
from dunctl.words import t


@verb("statement", evening=True)
@click.argument("case")
@click.option("--from", "since", metavar="DATE", help="The first day; by default the very first.")
@click.option("--to", "until", metavar="DATE", help="The last day; today by default.")
@click.option("--json", "json_", is_flag=True, help="As JSON.")
@click.option("--csv", "csv_", is_flag=True, help="As CSV.")
def command(
    seat: Seat, case: str, since: str | None, until: str | None, json_: bool, csv_: bool
) -> int:
    """Print a statement of account: opening balance, each movement, closing balance.

    A table a currency, with their own references, and below it what is still open. Invoices,
    fees and claimed interest add to the account, money and credit notes lower it.

    Example: dunctl statement acme --from "1 Oct" --to "31 Oct"
    """
    known, code = sound_case(seat, case)
    last, money_day = days_there(seat, known)
    if until:
        last = money_day = day(seat, until, "--to", "past")
    first = day(seat, since, "--from", "past") if since else None
    if first and first > last:
        raise WrongUsage(
            t(
                "--from {first} comes after --to {last}",
                first=dates.say(first, today=seat.today),
                last=dates.say(last, today=seat.today),
            )
        )
    found = statement(known, first, last, seat.law(), money_day)
    if json_:
        click.echo(as_json(data(known, found)))
    elif csv_:
        click.echo(csv(found))
    else:
        click.echo(lines_of(page(known, found)))
    for problem in found.owed.problems:
        warn(problem)
    return 1 if found.owed.problems else code
