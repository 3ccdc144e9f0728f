"""``dunctl next-step``."""

from __future__ import annotations

import click

from dunctl.cli.verb import Seat, sound_case, standing_of, verb, warn
from dunctl.owed.claims import owed
from dunctl.owed.limitation import clocks
from dunctl.show import next_step as shown
from dunctl.show.text import as_json, lines_of
from dunctl.steps.next_step import next_step
from dunctl.store.parameters import next_step_model


@verb("next-step", evening=True)
@click.argument("case")
@click.option("--curve", metavar="NAME", help="Which curve of recovery: ccaa or practitioners.")
@click.option("--json", "json_", is_flag=True, help="As JSON.")
def command(seat: Seat, case: str, curve: str | None, json_: bool) -> int:
    """Weigh what the next step costs against what is expected to come.

    What still comes in at this age, now and after waiting; each step with its cost, as the policy
    says it under [costs]; the least to take now; until when it can be claimed.

    Example: dunctl next-step acme
    """
    known, code = sound_case(seat, case)
    at = standing_of(seat, known)
    law = seat.law()
    claims = owed(known, at.today, law, at.money_day)
    model = next_step_model(curve)
    found = next_step(at, claims, model)
    ends = clocks(known, at.ledger, law.limitations, at.today)
    if json_:
        click.echo(as_json(shown.data(at, found, ends, model)))
    else:
        click.echo(lines_of(shown.page(at, found, ends, model)))
    for problem in claims.problems:
        warn(problem)
    return 1 if claims.problems else code
