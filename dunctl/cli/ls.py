"""``dunctl ls``."""

from __future__ import annotations

import click

from dunctl.case.records import STAGES
from dunctl.cli.verb import Seat, complain, standing_of, verb
from dunctl.show.case import listing, listing_data
from dunctl.show.text import as_json, lines_of
from dunctl.store import store as stores


@verb("ls", evening=True)
@click.option("--stage", type=click.Choice(STAGES), help="Only the cases at this stage.")
@click.option("--owner", help="Only the cases of this colleague.")
@click.option("--json", "json_", is_flag=True, help="As JSON.")
def command(seat: Seat, stage: str | None, owner: str | None, json_: bool) -> int:
    """List the cases: stage, balance, days past due.

    Example: dunctl ls --stage final
    """
    reads, odd = stores.read_all(seat.store)
    found = [
        at
        for at in (standing_of(seat, case) for case in stores.sound(reads))
        if (stage is None or at.stage == stage) and (owner is None or at.case.head.owner == owner)
    ]
    click.echo(as_json(listing_data(found)) if json_ else lines_of(listing(found)))
    return complain([*odd, *(p for r in reads for p in r.problems if p.level == "error")])
