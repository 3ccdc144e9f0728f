"""``dunctl void``."""

from __future__ import annotations

import click

from dunctl.case.handles import handles
from dunctl.case.records import Case, Entry, Record, Void
from dunctl.cli.verb import Seat, say, verb, write, zone
from dunctl.errors import Refused
from dunctl.store.store import Read, user
from dunctl.words import t


@verb("void")
@click.argument("case")
@click.argument("handle")
@click.option("--why", metavar="TEXT", help="The reason.")
def command(seat: Seat, case: str, handle: str, why: str | None) -> int:
    """Take an entry back.

    It stays in the file and counts for nothing. HANDLE is in dunctl show CASE; a unique start of it
    is enough. Voiding a void brings the entry back.

    Example: dunctl void acme 3f9c2ab --why "typed twice"
    """

    def make(found: Read, known: Case) -> list[Record]:
        entry = named(known, handle, found.id)
        reason = why or say(seat, known, entry.record)
        stamp = seat.now.astimezone(zone(seat, known)).replace(microsecond=0)
        full = handles(known.data)[entry.kind, entry.nth]
        return [Void(stamp, full, reason, user(seat.store))]

    return write(seat, case, make)[1]


def named(case: Case, handle: str, case_id: str) -> Entry:
    """Return the entry that counts and whose handle starts like this; refuses none and several."""
    names = handles(case.data)
    exact = [e for e in case.journal if names[e.kind, e.nth] == handle]
    found = exact or [e for e in case.journal if names[e.kind, e.nth].startswith(handle)]
    if len(found) > 1:
        listed = ", ".join(names[e.kind, e.nth] for e in found)
        raise Refused(t("{handle} could be {listed}: say which", handle=handle, listed=listed))
    if not found:
        if any(names[e.kind, e.nth] == handle for e in case.voided):
            raise Refused(t("{handle} is void already", handle=handle))
        raise Refused(
            t("{id} has no entry {handle}: see dunctl show {id}", id=case_id, handle=handle)
        )
    return found[0]
