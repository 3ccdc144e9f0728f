"""``dunctl expected``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from math import ceil

import click

from dunctl.calling.journal import NOTHING, wakes
from dunctl.cli.remembered import begins, case_in, noted, today_in
from dunctl.cli.verb import Seat, complain, standing_of, verb
from dunctl.errors import Problem
from dunctl.show import expected as shown
from dunctl.show.text import as_json, lines_of
from dunctl.steps.expected import back_test, expected
from dunctl.steps.outlook import weeks as calendar_weeks
from dunctl.steps.prospect import Prospect, plain, prospect, thawed
from dunctl.steps.standing import Standing
from dunctl.store.index import Note
from dunctl.store.parameters import expected_model
from dunctl.store.store import Read

BACK = 28
"""Days since the forecast that is tested against what came."""
_YEAR = 366 * 86400


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
    now, before, problems = _prospects(seat)
    found = expected(now, seat.today, calendar_weeks(seat.today, weeks), model)
    if csv_:
        click.echo(shown.csv(found))
    else:
        then = seat.today - timedelta(days=BACK)
        tested = back_test(before, now, then, seat.today, model)
        if json_:
            click.echo(as_json(shown.data(found, model, tested, then)))
        else:
            click.echo(lines_of(shown.page(found, model, tested, then)))
    return complain(problems)


def _prospects(seat: Seat) -> tuple[list[Prospect], Iterator[Prospect], list[Problem]]:
    """Return the sound cases as they are, as they were, and what is wrong with the others."""
    make = partial(note, seat)
    known = noted(seat, "money", int(seat.now.timestamp()), make, keeps=not seat.whole_day)
    then = seat.today - timedelta(days=BACK)

    def today(zone: str | None) -> date:
        return seat.today if seat.whole_day else date.fromordinal(today_in(seat, zone))

    heads = known.heads.items()
    now = [thawed(here, case_id, today(zone)) for case_id, (zone, here, _) in heads]
    before = (thawed(was, case_id, then) for case_id, (_, _, was) in heads)
    return now, before, known.problems


def note(seat: Seat, read: Read) -> Note:
    """Return a case as far as expected money goes, as it is and as it was, with its time zone."""
    case = case_in(read)
    then = seat._replace(now=seat.now - timedelta(days=BACK), whole_day=True)
    at, before = standing_of(seat, case), standing_of(then, case)
    zone = str(case.debtor.timezone[0]) if case.debtor.timezone else None
    until = min(wakes(at, NOTHING), _was_until(seat, before))
    head = [zone, plain(prospect(at)), plain(prospect(before))]
    return Note(ceil(at.now.timestamp()), until, head, ())


def _was_until(seat: Seat, before: Standing) -> int:
    """Return the second (of UTC) from which another day is looked back to, if it is another one."""
    changes = min(wakes(before, NOTHING), int(before.now.timestamp()) + _YEAR)
    day = datetime.fromtimestamp(changes, before.zone).date()
    return begins(seat, day + timedelta(days=BACK))
