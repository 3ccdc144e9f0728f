"""``dunctl show``."""

from __future__ import annotations

import click

from dunctl.cli.verb import Seat, sound_case, standing_of, verb, warn
from dunctl.show.case import data, page
from dunctl.show.text import as_json, lines_of


@verb("show", evening=True)
@click.argument("case")
@click.option("--json", "json_", is_flag=True, help="As JSON.")
def command(seat: Seat, case: str, json_: bool) -> int:
    """Print a case: what is owed, the stage and the next one, and every entry with its handle.

    Example: dunctl show acme --as-of 2026-10-31
    """
    known, code = sound_case(seat, case)
    at = standing_of(seat, known)
    click.echo(as_json(data(at)) if json_ else lines_of(page(at)))
    for problem in at.ledger.problems:
        warn(problem)
    return code
