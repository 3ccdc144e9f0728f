"""``dunctl escalate``."""

from __future__ import annotations

import click

from dunctl import dates
from dunctl.case.edit import append, to_table
from dunctl.case.records import Case, Record, Step
from dunctl.case.vocabulary import STAGES
from dunctl.cli.verb import Seat, complain, say, standing_of, verb, write, zone
from dunctl.errors import Refused, WrongUsage
from dunctl.show.text import as_json, clean, lines_of, listing
from dunctl.steps.ladder import Suggestion, step, suggest
from dunctl.store import store as stores
from dunctl.store.store import Read, user
from dunctl.words import t


@verb("escalate")
@click.argument("case", required=False)
@click.option("--to", type=click.Choice(STAGES), help="The stage; the suggested one by default.")
@click.option("--why", metavar="TEXT", help="The reason; a skipped stage needs one.")
@click.option("--due", is_flag=True, help="Every case whose step is due: show what would happen.")
@click.option("--yes", is_flag=True, help="With --due: do it.")
@click.option("--json", "json_", is_flag=True, help="With --due: as JSON.")
def command(
    seat: Seat, case: str | None, to: str | None, why: str | None, due: bool, yes: bool, json_: bool
) -> int:
    """Move a case to its next stage.

    One at a time, at the pace of the ladder: refused while a hold stands, before the cadence of the
    stage is over, and while something that the next stage needs is missing; --why overrules the
    last, and a skip. Safe to run twice.

    Example: dunctl escalate --due --yes
    """
    if due == (case is not None):
        raise WrongUsage(t("name a CASE, or say --due for all"))
    if due:
        if to or why:
            raise WrongUsage(t("--to and --why are for one case"))
        return _all_due(seat, yes, json_)
    if case is None:
        raise AssertionError("one of the two is given")

    def make(_: Read, known: Case) -> list[Record]:
        at = standing_of(seat, known)
        taken = step(at, to, why)
        if taken is None:
            raise _There(t("{id} is at {stage} already", id=known.id, stage=at.stage))
        return [_step(seat, known, *taken)]

    try:
        return write(seat, case, make)[1]
    except _There as there:
        click.echo(str(there))
        return 0


class _There(Exception):
    """The case is where it is to go; nothing is written."""


def _step(seat: Seat, case: Case, to: str, why: str | None) -> Step:
    stamp = seat.now.astimezone(zone(seat, case)).replace(microsecond=0)
    return Step(stamp, to, why, user(seat.store))


def _all_due(seat: Seat, yes: bool, json_: bool) -> int:
    reads, odd = stores.read_all(seat.store)
    code = complain([*odd, *(p for r in reads for p in r.problems if p.level == "error")])
    rows = []
    for found in reads:
        if found.case is None or not found.sound:
            continue
        at = standing_of(seat, found.case)
        suggestion = suggest(at)
        if suggestion.to:
            rows.append((found, at, suggestion))
    if json_:
        click.echo(
            as_json(
                [
                    {
                        "case": found.id,
                        "from": at.stage,
                        "to": s.to,
                        "why": s.why,
                        "obstacle": s.obstacle,
                        "until": str(s.until) if s.until else None,
                    }
                    for found, at, s in rows
                ]
            )
        )
    else:
        shown = [(found.id, at.stage, s.to, _reason(seat, s)) for found, at, s in rows]
        headers = (t("Case"), t("Stage"), t("Next"), t("Why, or what stands in the way"))
        click.echo(lines_of(listing(headers, shown)) if shown else t("no step is due"))
    ready = [found for found, _, s in rows if not s.obstacle]
    if yes and ready:
        code = max(code, _take(seat, [found.id for found in ready]))
    elif ready and not json_:
        click.echo(t("{n} steps can be taken: dunctl escalate --due --yes", n=len(ready)))
    return code


def _reason(seat: Seat, suggestion: Suggestion) -> str:
    if not suggestion.obstacle:
        return suggestion.why
    words = t("not yet: {why}", why=suggestion.obstacle)
    until = suggestion.until
    return f"{words}, {dates.say(until, today=seat.today)}" if until else words


def _take(seat: Seat, case_ids: list[str]) -> int:
    """Take each step under the lock, from the file as it is then; one commit for all."""
    taken: list[str] = []

    def edit(found: Read) -> tuple[str, str]:
        if found.case is None:
            raise AssertionError("change_all passes over a file that is no case")
        move = step(standing_of(seat, found.case), None, None)
        if move is None:
            raise Refused(t("{id} is there already", id=found.id))
        record = _step(seat, found.case, *move)
        taken.append(f"{found.id}: {say(seat, found.case, record)}")
        return append(found.text, [("step", to_table(record))]), taken[-1]

    code = stores.change_all(
        seat.store,
        case_ids,
        edit,
        lambda done: f"{len(done)} steps on the ladder\n\n" + "\n".join(done),
    )
    for line in taken:
        click.echo(clean(line))
    return code
