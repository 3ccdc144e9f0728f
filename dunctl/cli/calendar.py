"""``dunctl calendar``."""

from __future__ import annotations

from pathlib import Path

import click

from dunctl.cli.remembered import steadily
from dunctl.cli.today import day_plan
from dunctl.cli.verb import Seat, complain, verb
from dunctl.errors import Problem
from dunctl.show.calendar import as_ics
from dunctl.store import files


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

    def answer() -> tuple[str, list[Problem]]:
        found = day_plan(seat, owner)
        return as_ics(found.plan.rows, seat.now), found.problems

    text, problems = steadily(answer)
    if out:
        files.put(Path(out), text.encode())
    else:
        click.echo(text, nl=False)
    return complain(problems)


command.add_command(export)
