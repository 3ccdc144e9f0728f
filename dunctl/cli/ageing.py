"""``dunctl ageing``."""

from __future__ import annotations

import click

from dunctl.cli.verb import Seat, complain, verb
from dunctl.owed.ageing import ageing
from dunctl.owed.ledger import ledger
from dunctl.show.case import ageing_data, ageing_page
from dunctl.show.text import as_json, lines_of
from dunctl.store import store as stores


@verb("ageing", evening=True)
@click.option("--json", "json_", is_flag=True, help="As JSON.")
def command(seat: Seat, json_: bool) -> int:
    """Print what is open by days past due.

    There is a table a currency, and its buckets add up to the total.

    Example: dunctl ageing --as-of 2026-10-31
    """
    reads, odd = stores.read_all(seat.store)
    found = ageing((ledger(case, seat.today) for case in stores.sound(reads)), seat.today)
    if json_:
        click.echo(as_json(ageing_data(found, seat.today)))
    else:
        click.echo(lines_of(ageing_page(found, seat.today)))
    return complain([*odd, *(p for r in reads for p in r.problems if p.level == "error")])
