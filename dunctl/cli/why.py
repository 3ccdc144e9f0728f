"""``dunctl why``."""

from __future__ import annotations

import click

from dunctl.calling.desk import Day
from dunctl.calling.docket import sort_of
from dunctl.calling.gated import verdict
from dunctl.calling.people import callee
from dunctl.calling.today import Call
from dunctl.calling.weigh import Row, Weigher
from dunctl.cli.book import model_of, whole_book
from dunctl.cli.limitation import lines_for
from dunctl.cli.remembered import steadily
from dunctl.cli.today import day_of
from dunctl.cli.verb import Seat, instant, packs_of, sound_case, standing_of, verb
from dunctl.owed.profiles import profile_of
from dunctl.show import verdict as gate_shown
from dunctl.show import why as shown
from dunctl.show.text import as_json, lines_of, wrap
from dunctl.steps import guard
from dunctl.store import store as stores
from dunctl.words import t


@verb("why", reads=True)
@click.argument("case")
@click.option("--at", metavar="WHEN", help="As if it were this time of the desk's day.")
@click.option("--json", "json_", is_flag=True, help="As JSON.")
def command(seat: Seat, case: str, at: str | None, json_: bool) -> int:
    """Prove what the list says of a case.

    Every rule that stands against a call, with the line of the case that it goes by and when it
    ends; the ladder and its obstacle; every factor of the score, to be worked out again.

    Example: dunctl why acme
    """
    if at:
        seat = seat._replace(now=instant(seat, at, "--at", seat.store.config.zone, coming=True))
    known, code = sound_case(seat, case)
    here = standing_of(seat, known)
    packs = packs_of(seat, known)
    day = day_of(seat)
    found = verdict(here, day)
    who = found.callee if isinstance(found, Call) else callee(known)
    moment = found.start if isinstance(found, Call) else seat.now
    asked = guard.Asked(who.person)
    answer = guard.verdict(here, packs, asked, moment)
    read = stores.read(seat.store, known.id)
    source = read.path, read.text
    row = steadily(lambda: _row(seat, found, day)) if isinstance(found, Call) else None
    if json_:
        gate = gate_shown.data(here, answer, asked, moment, source)
        click.echo(as_json(shown.data(here, found, row, gate)))
    else:
        page = gate_shown.page(here, answer, asked, moment, seat.now, packs, source)
        lines = shown.page(here, found, row, page, seat.store.config.currency)
        ground = profile_of(known, seat.law())[1]
        lines += ["", *wrap(t("Interest: {ground}", ground=ground), 0)]
        limits = lines_for(seat, here)
        click.echo(lines_of([*lines, *(["", *limits] if limits else [])]))
    return code


def _row(seat: Seat, call: Call, day: Day) -> Row | None:
    """Return the call weighed in its best half-hour, with what the whole book teaches."""
    case_id, book = call.card.id, whole_book(seat)
    if case_id not in book.seen.ids:
        return None
    known = book.dockets([case_id])[case_id]
    weigher = Weigher(model_of(book), day)
    rows = [weigher.row(known, sort_of(known.key), call, slot) for slot in call.opened.slots]
    return max(rows, key=lambda row: row.score, default=None)
