"""``dunctl expected``."""

from __future__ import annotations

from datetime import timedelta

import click

from dunctl.cli.verb import Seat, complain, standing_of, verb
from dunctl.show import expected as shown
from dunctl.show.text import as_json, lines_of
from dunctl.steps.expected import back_test, expected
from dunctl.steps.outlook import weeks as calendar_weeks
from dunctl.store import store as stores
from dunctl.store.parameters import expected_model

BACK = 28
"""Days since the forecast that is tested against what came."""


@verb("expected", evening=True)
@click.option(
    "--weeks",
    type=click.IntRange(1, 104),
    default=13,
    metavar="N",
    help="How many weeks; 13 by default.",
)
@click.option("--curve", metavar="NAME", help="Which curve of recovery: ccaa or practitioners.")
@click.option("--json", "json_", is_flag=True, help="As JSON, with every part.")
@click.option("--csv", "csv_", is_flag=True, help="The weeks as CSV.")
def command(seat: Seat, weeks: int, curve: str | None, json_: bool, csv_: bool) -> int:
    """Print how much money is expected each week, with its range, and not the face value.

    Promises and instalments count by how they were kept so far, everything else by its age. At the
    end stands what the forecast of four weeks ago said, and what came.

    Example: dunctl expected --weeks 8
    """
    model = expected_model(curve)
    reads, odd = stores.read_all(seat.store)
    cases = list(stores.sound(reads))
    now = {case.id: standing_of(seat, case) for case in cases}
    found = expected(now.values(), seat.today, calendar_weeks(seat.today, weeks), model)
    if csv_:
        click.echo(shown.csv(found))
    else:
        then = seat._replace(now=seat.now - timedelta(days=BACK), whole_day=True)
        before = (standing_of(then, case) for case in cases)
        tested = back_test(before, now, then.today, seat.today, model)
        if json_:
            click.echo(as_json(shown.data(found, model, tested, then.today)))
        else:
            click.echo(lines_of(shown.page(found, model, tested, then.today)))
    return complain([*odd, *(p for r in reads for p in r.problems if p.level == "error")])
