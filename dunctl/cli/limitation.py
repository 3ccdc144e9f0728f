"""``dunctl limitation``."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import partial
from math import ceil

import click

from dunctl.calling.journal import NOTHING, wakes
from dunctl.case.lines import line_of, locate
from dunctl.case.records import Case, Invoice, of
from dunctl.cli.remembered import begins, case_in, noted, steadily
from dunctl.cli.verb import Seat, case_of, complain, sound_case, standing_of, verb
from dunctl.errors import Problem
from dunctl.owed.limitation import clocks
from dunctl.owed.limitation_alarms import (
    Alarm,
    Watch,
    alarm,
    may_run_out,
    near,
    over,
    watch,
)
from dunctl.owed.limitation_profiles import profile_for
from dunctl.show import limitation as shown
from dunctl.show.text import as_json, clean, lines_of
from dunctl.steps.standing import Standing
from dunctl.store import store as stores
from dunctl.store.index import Note
from dunctl.store.store import Read


@verb("limitation", evening=True)
@click.argument("case", required=False)
@click.option("--json", "json_", is_flag=True, help="As JSON, with every event and what it did.")
@click.option("--csv", "csv_", is_flag=True, help="As CSV, a row an open invoice.")
def command(seat: Seat, case: str | None, json_: bool, csv_: bool) -> int:
    """Say after which day each open invoice may be time-barred.

    The soonest first, and the earliest day that could be defended. With CASE: what started the time
    again and what did not, with the reason, and the cheapest lawful thing to do. Where neither the
    law nor the country is known, no date is made up.

    Example: dunctl limitation acme
    """
    if case is None:
        return steadily(lambda: _report(seat, json_=json_, csv_=csv_))
    known, code = sound_case(seat, case)
    at = standing_of(seat, known)
    (found,) = found_of(seat, [at])
    if json_:
        click.echo(as_json(shown.data([shown.told(found, at.today)], at.today)))
    elif csv_:
        click.echo(shown.csv([shown.told(found, at.today)], at.today))
    else:
        click.echo(lines_of(shown.page(found, at.today)))
    return code


def _report(seat: Seat, *, json_: bool, csv_: bool) -> int:
    """Print the report of all cases. Raises ``Moved`` before anything is printed."""
    make = partial(note, seat)
    known = noted(seat, "clock", int(seat.now.timestamp()), make, keeps=not seat.whole_day)
    if json_ or csv_:
        rests = known.rests(known.ids).values()
        told = [shown.Told(*rest) for rest in rests]
        click.echo(as_json(shown.data(told, seat.today)) if json_ else shown.csv(told, seat.today))
    else:
        day = date.fromisoformat
        rows = [
            shown.Row(day(last), case_id, day(due), number, currency, Decimal(left), profile)
            for case_id, (found, _) in known.heads.items()
            for last, due, number, currency, left, profile in found
        ]
        without = [(case_id, why) for case_id, (_, why) in known.heads.items() if why]
        click.echo(lines_of(shown.report(rows, without, seat.today)))
    return complain(known.problems)


def note(seat: Seat, read: Read) -> Note:
    """Return what the report needs of a case: its rows, why it has none, what programs are told."""
    at = standing_of(seat, case_in(read))
    (found,) = found_of(seat, [at])
    why = found.clocks.why if found.clocks.without else ""
    rows = [
        [str(row.last), str(row.due), row.invoice, row.currency, str(row.open), row.profile]
        for row in shown.rows(found)
    ]
    until = min(wakes(at, NOTHING), begins(seat, shown.turns(found, seat.today)))
    return Note(ceil(at.now.timestamp()), until, [rows, why], shown.told(found, seat.today))


def found_of(seat: Seat, standings: Iterable[Standing]) -> list[shown.Found]:
    """Return the clocks of cases with what the remedies depend on."""
    limitations = seat.law().limitations
    return [
        shown.Found(
            at.case,
            clocks(at.case, at.ledger, limitations, at.today),
            at.stage,
            tuple(hold.kind for hold in at.holds),
        )
        for at in standings
    ]


def lines_for(seat: Seat, at: Standing) -> list[str]:
    """Return what the pages of a case say of limitation: what runs out soon, what may be over."""
    if at.stage == "closed":
        return []
    (found,) = found_of(seat, [at])
    ahead = max(at.policy.limitation.warn_days, default=-1)
    soon, gone = near(found.clocks, at.today, ahead), over(found.clocks, at.today)
    return shown.warnings(found, soon, gone, at.today)


def alarms(seat: Seat, standings: Iterable[Standing]) -> list[tuple[Case, Alarm]]:
    """Return the cases in which something runs out within the days to warn of their policy."""
    limitations = seat.law().limitations
    watched: dict[tuple[int, ...], Watch] = {}
    found = []
    for at in standings:
        days = at.policy.limitation.warn_days
        if days not in watched:
            watched[days] = watch(limitations, days)
        if at.stage == "closed":
            continue
        kinds = tuple(hold.kind for hold in at.holds)
        one = alarm(at.case, at.ledger, watched[days], at.today, at.stage, kinds)
        if one:
            found.append((at.case, one))
    return found


def deadlines(seat: Seat, reads: Iterable[Read]) -> list[Problem]:
    """Return a notice at the entry that set each clock which runs out within the days to warn."""
    found = []
    law = seat.law()
    for read in reads:
        if read.case is None or not read.sound:
            continue
        watched = watch(
            law.limitations, stores.policy_of(seat.store, read.case).limitation.warn_days
        )
        if not may_run_out(read.case, of(read.case, Invoice), watched, seat.today):
            continue
        for _, one in alarms(seat, [standing_of(seat, read.case)]):
            lines = locate(read.text)
            for clock in one.clocks:
                line = line_of(lines, (clock.set_by.kind, clock.set_by.nth))
                found.append(Problem(read.path, line, shown.notice(one, clock), "notice"))
    return found


def unknown(seat: Seat, reads: Iterable[Read]) -> list[Problem]:
    """Return a problem for each ``terms.limitation`` that names no profile."""
    known = seat.law().limitations
    found = []
    for read in reads:
        name = read.case.terms.limitation if read.case else None
        if read.case is not None and name is not None and name not in known:
            line = line_of(locate(read.text), ("terms", "limitation"))
            found.append(Problem(read.path, line, profile_for(read.case, known)[1], "notice"))
    return found


def said_of(seat: Seat, was: Read, kind: str) -> None:
    """Say what an entry of a kind that was just written did to the clocks of its case."""
    now = case_of(seat, was.id)
    if was.case is None or now.case is None or now.case.journal == was.case.journal:
        return
    before, after = found_of(seat, [standing_of(seat, c) for c in (was.case, now.case)])
    for line in shown.moved(before.clocks, after.clocks, kind, seat.today):
        click.echo(clean(line))
