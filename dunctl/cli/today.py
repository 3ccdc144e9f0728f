"""``dunctl today``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, timedelta
from typing import NamedTuple, cast

import click

from dunctl import dates
from dunctl.calling.desk import Day, Rules
from dunctl.calling.docket import Docket, docket
from dunctl.calling.plan import Plan, Practice, Shift, plan
from dunctl.calling.weigh import Model, learn, model
from dunctl.calling.windows import desk_spans
from dunctl.case.records import Case
from dunctl.cli.limitation import alarms
from dunctl.cli.verb import Seat, complain, instant, packs_of, standing_of, verb
from dunctl.errors import Problem
from dunctl.owed.limitation_alarms import Alarm
from dunctl.show import today as shown
from dunctl.show.limitation import notes, notes_data
from dunctl.show.text import as_json, lines_of
from dunctl.steps.guard import Calendars
from dunctl.steps.standing import Standing
from dunctl.store import store as stores
from dunctl.store.calendars import calendar_for
from dunctl.store.parameters import answer_model, value_model


@verb("today", reads=True)
@click.option("--at", metavar="WHEN", help="As if it were this time of the day.")
@click.option("--owner", help="Only the cases of this colleague.")
@click.option("--minutes", type=click.IntRange(1), metavar="N", help="What fits into N minutes.")
@click.option(
    "--round", "round_", type=click.IntRange(1, 3), metavar="N", help="Only round 1, 2 or 3."
)
@click.option("--slots", is_flag=True, help="Show the desk's half-hours and what they are worth.")
@click.option("--all", "whole", is_flag=True, help="Show everybody who is held back, too.")
@click.option("--json", "json_", is_flag=True, help="As JSON, with every factor of every row.")
@click.option("--csv", "csv_", is_flag=True, help="The calls as CSV.")
def command(
    seat: Seat,
    at: str | None,
    owner: str | None,
    minutes: int | None,
    round_: int | None,
    slots: bool,
    whole: bool,
    json_: bool,
    csv_: bool,
) -> int:
    """Print today's calls in calling order.

    Promises due or broken and call-backs come first; the other calls are put into the desk's
    half-hours so that the expected money is greatest. Below them, who is held back and until when,
    and what may soon be time-barred.
    A window is on the desk's clock, and on the debtor's where that differs. The second round of the
    day begins at 14:30, the third at 16:00.

    Example: dunctl today --as-of 2026-11-24
    """
    if at:
        seat = seat._replace(now=instant(seat, at, "--at", seat.store.config.zone, coming=True))
    config = seat.store.config
    found = day_plan(seat, owner, minutes)
    calls = found.plan.rows
    if round_:
        calls = tuple(row for row in calls if shown.round_of(row.start, seat.now) == round_)
    chosen = found.plan._replace(rows=calls)
    if json_:
        data = shown.data(seat.now, chosen, found.plan.held, found.problems, config.currency)
        click.echo(as_json({**data, "limitation": notes_data(found.soon)}))
    elif csv_:
        click.echo(shown.csv(seat.now, chosen.rows))
    elif slots:
        click.echo(lines_of(shown.slots_page(seat.now, found.plan, config.currency)))
    elif round_:
        page = shown.round_page(seat.now, config.zone_name, round_, found.plan, calls)
        click.echo(lines_of(page))
    else:
        limits = notes(found.soon, seat.today)
        held = found.plan.held
        page = shown.page(seat.now, config.zone_name, found.plan, held, whole=whole, notes=limits)
        click.echo(lines_of(page))
    return complain(found.problems)


class Found(NamedTuple):
    """The day's plan, what is wrong with the files, and which debts run out of time soon."""

    plan: Plan
    problems: list[Problem]
    soon: Sequence[tuple[Case, Alarm]] = ()


def day_plan(seat: Seat, owner: str | None, minutes: int | None = None) -> Found:
    """Return the plan of the desk's day, or of its next ``minutes``, from all the cases."""
    config = seat.store.config
    reads, odd = stores.read_all(seat.store)
    problems = [*odd, *(p for r in reads for p in r.problems if p.level == "error")]
    standings = {case.id: standing_of(seat, case) for case in stores.sound(reads)}
    dockets = dockets_of(seat, standings.values())
    day = day_of(seat, minutes)
    found = plan(
        [known for known in dockets if owner is None or known.owner == owner],
        Shift(day, config.callers, config.calls_per_half_hour),
        model_of(seat, dockets),
        cast("Practice", config.practice),
        standings.__getitem__,
    )
    mine = [at for at in standings.values() if owner is None or at.case.head.owner == owner]
    return Found(found, problems, alarms(seat, mine))


def day_of(seat: Seat, minutes: int | None = None) -> Day:
    """Return what is left of the desk's day, or its next ``minutes``, and its rules."""
    spans = desk_spans(seat.store.config.hours, seat.now)
    if minutes:
        end = seat.now.astimezone(UTC) + timedelta(minutes=minutes)
        spans = dates.intersect(spans, [(seat.now.astimezone(UTC), end)])
    return Day(seat.now, spans, lambda *debtor: _rules(seat, *debtor))


def _rules(seat: Seat, kind: str, country: str | None, subdivision: str | None) -> Rules:
    from dunctl.store.packs import packs_for_kind

    root = seat.store.root
    return Rules(
        packs_for_kind(seat.store, kind, country, subdivision),
        Calendars(calendar_for(root, country, subdivision), calendar_for(root, country, None)),
    )


def dockets_of(seat: Seat, standings: Iterable[Standing]) -> list[Docket]:
    """Return what the morning needs to know of cases."""
    days = value_model().paid_within_days
    return [docket(at, packs_of(seat, at.case), days) for at in standings]


def model_of(seat: Seat, dockets: Sequence[Docket], *, evening: bool = False) -> Model:
    """Return what the journals teach for the desk's day, or in the evening with that day."""
    config = seat.store.config
    book = learn(dockets, answer_model(), seat.today.toordinal(), evening=evening)
    return model(dockets, book, answer_model(), value_model(), config.currency, config.rates)
