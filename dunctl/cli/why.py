"""``dunctl why``."""

from __future__ import annotations

import click

from dunctl.calling.people import callee
from dunctl.calling.plan import Shift, slots_of
from dunctl.calling.today import Call, verdict
from dunctl.calling.weigh import Row, Weigher
from dunctl.calling.windows import desk_spans
from dunctl.cli.today import model_of
from dunctl.cli.verb import Seat, instant, packs_of, sound_case, standing_of, verb
from dunctl.show import verdict as gate_shown
from dunctl.show import why as shown
from dunctl.show.text import as_json, lines_of
from dunctl.steps import guard
from dunctl.store import store as stores


@verb("why")
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
    spans = desk_spans(seat.store.config.hours, seat.now)
    found = verdict(here, spans, packs)
    who = found.callee if isinstance(found, Call) else callee(known)
    moment = found.start if isinstance(found, Call) else seat.now
    asked = guard.Asked(who.person)
    answer = guard.verdict(here, packs, asked, moment)
    read = stores.read(seat.store, known.id)
    source = read.path, read.text
    row = _row(seat, found) if isinstance(found, Call) else None
    if json_:
        gate = gate_shown.data(here, answer, asked, moment, source)
        click.echo(as_json(shown.data(here, found, row, gate)))
    else:
        page = gate_shown.page(here, answer, asked, moment, seat.now, packs, source)
        click.echo(lines_of(shown.page(here, found, row, page, seat.store.config.currency)))
    return code


def _row(seat: Seat, call: Call) -> Row | None:
    """Return the call weighed in its best half-hour, with what the whole book teaches."""
    config = seat.store.config
    reads, _ = stores.read_all(seat.store)
    standings = [standing_of(seat, case) for case in stores.sound(reads)]
    model = model_of(seat, standings)
    spans = desk_spans(config.hours, seat.now)
    slots = slots_of(Shift(spans, config.callers, config.calls_per_half_hour))
    weigher = Weigher(model, slots)
    rows = [weigher.row(call, slot) for slot in weigher.where(call)]
    return max(rows, key=lambda row: row.score, default=None)
