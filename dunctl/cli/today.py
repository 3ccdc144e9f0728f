"""``dunctl today``."""

from __future__ import annotations

import click

from dunctl.calling.today import day_list
from dunctl.calling.windows import desk_spans
from dunctl.cli.verb import Seat, complain, instant, standing_of, verb
from dunctl.show import today as shown
from dunctl.show.text import as_json
from dunctl.store import store as stores


@verb("today")
@click.option("--at", metavar="WHEN", help="As if it were this time of the day.")
@click.option("--owner", help="Only the cases of this colleague.")
@click.option("--json", "json_", is_flag=True, help="As JSON.")
@click.option("--csv", "csv_", is_flag=True, help="The calls as CSV.")
def command(seat: Seat, at: str | None, owner: str | None, json_: bool, csv_: bool) -> int:
    """Print today's calls in calling order.

    Below them, who is held back and until when. Promises due or broken and call-backs come first;
    then the better weekday, the earlier window, the older debt. A window is on the desk's clock,
    and on the debtor's where that differs.

    Example: dunctl today --as-of 2026-11-24
    """
    if at:
        seat = seat._replace(now=instant(seat, at, "--at", seat.store.config.zone))
    config = seat.store.config
    reads, odd = stores.read_all(seat.store)
    problems = [*odd, *(p for r in reads for p in r.problems if p.level == "error")]
    standings = [
        standing_of(seat, case)
        for case in stores.sound(reads)
        if owner is None or case.head.owner == owner
    ]
    calls, held = day_list(standings, desk_spans(config.hours, seat.now), config.rates)
    if json_:
        click.echo(as_json(shown.data(seat.now, calls, held, problems)))
    elif csv_:
        click.echo(shown.csv(seat.now, calls))
    else:
        click.echo("\n".join(shown.page(seat.now, config.zone_name, calls, held)))
    return complain(problems)
