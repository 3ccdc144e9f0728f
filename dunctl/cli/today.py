"""``dunctl today``."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import NamedTuple, cast

import click

from dunctl import dates
from dunctl.calling.plan import Plan, Practice, Shift, plan
from dunctl.calling.today import Held, day_list
from dunctl.calling.weigh import Model, learn
from dunctl.calling.windows import desk_spans
from dunctl.cli.verb import Seat, complain, instant, packs_of, standing_of, verb
from dunctl.errors import Problem
from dunctl.show import today as shown
from dunctl.show.text import as_json, lines_of
from dunctl.steps.standing import Standing
from dunctl.store import store as stores
from dunctl.store.parameters import answer_model, value_model


@verb("today")
@click.option("--at", metavar="WHEN", help="As if it were this time of the day.")
@click.option("--owner", help="Only the cases of this colleague.")
@click.option("--minutes", type=click.IntRange(1), metavar="N", help="What fits into N minutes.")
@click.option("--slots", is_flag=True, help="Show the desk's half-hours and what they are worth.")
@click.option("--all", "whole", is_flag=True, help="Show everybody who is held back, too.")
@click.option("--json", "json_", is_flag=True, help="As JSON, with every factor of every row.")
@click.option("--csv", "csv_", is_flag=True, help="The calls as CSV.")
def command(
    seat: Seat,
    at: str | None,
    owner: str | None,
    minutes: int | None,
    slots: bool,
    whole: bool,
    json_: bool,
    csv_: bool,
) -> int:
    """Print today's calls in calling order.

    Promises due or broken and call-backs come first; the other calls are put into the desk's
    half-hours so that the expected money is greatest. Below them, who is held back and until when.
    A window is on the desk's clock, and on the debtor's where that differs.

    Example: dunctl today --as-of 2026-11-24
    """
    if at:
        seat = seat._replace(now=instant(seat, at, "--at", seat.store.config.zone, coming=True))
    config = seat.store.config
    found = day_plan(seat, owner, minutes)
    if json_:
        data = shown.data(seat.now, found.plan, found.held, found.problems, config.currency)
        click.echo(as_json(data))
    elif csv_:
        click.echo(shown.csv(seat.now, found.plan.rows))
    elif slots:
        click.echo(lines_of(shown.slots_page(seat.now, found.plan, config.currency)))
    else:
        page = shown.page(seat.now, config.zone_name, found.plan, found.held, whole=whole)
        click.echo(lines_of(page))
    return complain(found.problems)


class Found(NamedTuple):
    """The day's plan, who is held back, and what is wrong with the files."""

    plan: Plan
    held: list[Held]
    problems: list[Problem]


def day_plan(seat: Seat, owner: str | None, minutes: int | None = None) -> Found:
    """Return the plan of the desk's day, or of its next ``minutes``, from all the cases."""
    config = seat.store.config
    reads, odd = stores.read_all(seat.store)
    problems = [*odd, *(p for r in reads for p in r.problems if p.level == "error")]
    standings = [standing_of(seat, case) for case in stores.sound(reads)]
    spans = desk_spans(config.hours, seat.now)
    if minutes:
        end = seat.now.astimezone(UTC) + timedelta(minutes=minutes)
        spans = dates.intersect(spans, [(seat.now.astimezone(UTC), end)])
    mine = [s for s in standings if owner is None or s.case.head.owner == owner]
    calls, held = day_list(mine, spans, config.rates, lambda at: packs_of(seat, at.case))
    model = model_of(seat, standings)
    shift = Shift(spans, config.callers, config.calls_per_half_hour)
    return Found(plan(calls, shift, model, cast("Practice", config.practice)), held, problems)


def model_of(seat: Seat, standings: list[Standing]) -> Model:
    """Return what the journals teach for weighing the calls of the desk's day."""
    config = seat.store.config
    return learn(
        standings,
        answer_model(),
        value_model(),
        seat.today.toordinal(),
        config.currency,
        config.rates,
    )
