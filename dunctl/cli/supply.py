"""``dunctl supply``."""

from __future__ import annotations

import click

from dunctl.cli.verb import Seat, amount, sound_case, standing_of, verb
from dunctl.show import credit as shown
from dunctl.show.text import as_json, lines_of
from dunctl.steps.credit import supply


@verb("supply", evening=True)
@click.argument("case")
@click.option("--ship", metavar="AMOUNT", help="What the delivery is worth.")
@click.option("--prepaid", is_flag=True, help="It is paid in advance: that always may go.")
@click.option("--json", "json_", is_flag=True, help="As JSON.")
def command(seat: Seat, case: str, ship: str | None, prepaid: bool, json_: bool) -> int:
    """Say whether we may still deliver: a light with its reasons; exit 1 on red.

    What is open counts, due or not. The limit, the terms and a stop are facts of the case: set
    supply.limit, supply.grade, supply.method, supply.open_lots, supply.stopped.

    Example: dunctl supply acme --ship 1200 && echo "pack it"
    """
    known, code = sound_case(seat, case)
    at = standing_of(seat, known)
    worth = amount(ship, known.head.currency, "--ship") if ship else None
    answer = supply(at, worth, prepaid=prepaid)
    if json_:
        click.echo(as_json(shown.data(at, answer)))
    else:
        click.echo(lines_of(shown.page(at, answer)))
    return 1 if answer.light == "red" else code
