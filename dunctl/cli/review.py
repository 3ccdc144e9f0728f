"""``dunctl review``."""

from __future__ import annotations

from datetime import datetime, time

import click

from dunctl.cli.verb import Seat, complain, verb
from dunctl.show.text import as_json, clean, lines_of
from dunctl.words import t


@verb("review")
@click.argument("commits", required=False, metavar="[A..B]")
@click.option("--json", "json_", is_flag=True, help="As JSON.")
def command(seat: Seat, commits: str | None, json_: bool) -> int:
    """Say what commits mean: opening balance, movements, closing balance, case by case.

    A..B are commits as git names them; without them, those of this month. What was edited by hand
    rather than appended, an earlier entry changed or gone, is named in red, and the exit code is 1.

    Example: dunctl review HEAD~20..HEAD
    """
    from dunctl.show import review as shown
    from dunctl.store.history import span
    from dunctl.store.review import review

    root, zone = seat.store.root, seat.store.config.zone
    month = datetime.combine(seat.today.replace(day=1), time.min, zone)
    found = review(root, span(root, commits, month), zone)
    if json_:
        click.echo(as_json(shown.data(found, seat.today)))
    else:
        click.echo(lines_of(shown.page(found, seat.today)))
        lines = shown.rewritten_lines(found.rewritten, seat.today)
        if lines:
            click.echo()
            click.secho(t("Earlier entries that were rewritten:"), fg="red", bold=True)
        for line in lines:
            click.secho(clean(line), fg="red")
    return max(complain(found.problems), 1 if found.rewritten else 0)
