"""``dunctl confirm``."""

from __future__ import annotations

import click

from dunctl.case.handles import handles
from dunctl.case.records import Case, Confirmation, Record
from dunctl.case.vocabulary import CHANNELS
from dunctl.cli.verb import Seat, instant, standing_of, verb, write, zone
from dunctl.errors import Refused
from dunctl.store.store import Read, user
from dunctl.words import t


@verb("confirm")
@click.argument("case")
@click.argument("handle", required=False)
@click.option("--channel", type=click.Choice(CHANNELS), default="email", show_default=True)
@click.option("--at", metavar="WHEN", help="When; now by default.")
@click.option("--ref", metavar="TEXT", help="Where the paper is.")
def command(
    seat: Seat, case: str, handle: str | None, channel: str, at: str | None, ref: str | None
) -> int:
    """Record that a promise is in writing.

    It is the newest that is not, unless HANDLE names one.

    Example: dunctl confirm acme --channel email
    """

    def make(found: Read, known: Case) -> list[Record]:
        names = handles(known.data)
        states = standing_of(seat, known).promises
        open_ones = {names[s.entry.kind, s.entry.nth]: s.confirmed for s in states}
        if handle and handle not in open_ones:
            raise Refused(t("{id} has no promise {handle}", id=found.id, handle=handle))
        pending = [name for name, confirmed in open_ones.items() if not confirmed]
        if not handle and not pending:
            raise Refused(t("{id} has no promise that is not in writing", id=found.id))
        stamp = instant(seat, at, "--at", zone(seat, known))
        return [Confirmation(stamp, handle or pending[-1], channel, ref, user(seat.store))]

    return write(seat, case, make)[1]
