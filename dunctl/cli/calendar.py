"""``dunctl calendar``."""

from __future__ import annotations

from pathlib import Path

import click

from dunctl.cli.today import day_plan
from dunctl.cli.verb import Seat, complain, verb
from dunctl.show.calendar import as_ics
from dunctl.store import store as stores


@click.group("calendar")
def command() -> None:
    """Take the plan along."""


@verb("export")
@click.option("--owner", help="Only the cases of this colleague.")
@click.option("--out", metavar="FILE", help="Where to write it; printed by default.")
def export(seat: Seat, owner: str | None, out: str | None) -> int:
    """Write today's calls as a calendar file.

    The same plan gives the same events, so that importing it again changes nothing.

    Example: dunctl calendar export --out today.ics
    """
    found = day_plan(seat, owner)
    text = as_ics(found.plan.rows, seat.now)
    if out:
        stores.put(Path(out), text)
    else:
        click.echo(text, nl=False)
    return complain(found.problems)


command.add_command(export)
