"""``dunctl ls``."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING, Any

import click

from dunctl.calling.journal import answer, wakes
from dunctl.case.vocabulary import STAGES
from dunctl.cli.remembered import amounts_of, case_in, noted, texts, today_in
from dunctl.cli.verb import Seat, complain, standing_of, verb
from dunctl.errors import Problem
from dunctl.show.case import listing, listing_data
from dunctl.show.text import as_json, lines_of
from dunctl.steps.line import Line, line
from dunctl.store.index import Note
from dunctl.store.store import Read

if TYPE_CHECKING:
    from dunctl.steps.standing import Standing


@verb("ls", evening=True)
@click.option("--stage", type=click.Choice(STAGES), help="Only the cases at this stage.")
@click.option("--owner", help="Only the cases of this colleague.")
@click.option("--json", "json_", is_flag=True, help="As JSON.")
def command(seat: Seat, stage: str | None, owner: str | None, json_: bool) -> int:
    """List the cases: stage, balance, days past due.

    Example: dunctl ls --stage final
    """
    lines, problems = _lines(seat)
    found = [
        one
        for one in lines
        if (stage is None or one.stage == stage) and (owner is None or one.owner == owner)
    ]
    click.echo(as_json(listing_data(found)) if json_ else lines_of(listing(found)))
    return complain(problems)


def _lines(seat: Seat) -> tuple[list[Line], list[Problem]]:
    """Return each sound case in one line, by id, and what is wrong with the others."""

    def stand(read: Read) -> Standing:
        return standing_of(seat, case_in(read))

    def note(at: Standing) -> Note:
        found = line(at)
        oldest = at.today.toordinal() - found.days_past_due if found.days_past_due else 0
        zone = str(at.case.debtor.timezone[0]) if at.case.debtor.timezone else None
        head = [*found[1:5], texts(found.balance), texts(found.due_now), oldest, zone]
        return Note(ceil(at.now.timestamp()), wakes(at, answer(at)), head, ())

    def thaw(case_id: str, head: Sequence[Any]) -> Line:
        debtor, stage, reason, owner, balance, due_now, oldest, zone = head
        days = today_in(seat, zone) - oldest if oldest else 0
        sums = amounts_of(balance), amounts_of(due_now)
        return Line(case_id, debtor, stage, reason, owner, *sums, days)

    known = noted(seat, "line", int(seat.now.timestamp()), stand, note, keeps=not seat.whole_day)
    return [thaw(i, head) for i, head in known.heads.items()], known.problems
