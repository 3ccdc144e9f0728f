"""``dunctl approve``."""

from __future__ import annotations

import click

from dunctl.case.handles import handles
from dunctl.case.records import Approval, Case, Plan, Record, Settlement, Waiver
from dunctl.cli.concede import authority_of, beyond_me, beyond_of
from dunctl.cli.verb import Seat, instant, say, standing_of, verb, write, zone
from dunctl.cli.void import named
from dunctl.errors import Refused
from dunctl.steps import authority
from dunctl.store.store import Read, user
from dunctl.words import t


@verb("approve")
@click.argument("case")
@click.argument("handle", required=False)
@click.option("--at", metavar="WHEN", help="When; now by default.")
@click.option("-m", "--note", metavar="TEXT")
def command(seat: Seat, case: str, handle: str | None, at: str | None, note: str | None) -> int:
    """Approve a plan, a settlement or a waiver that was beyond a colleague.

    It counts from then on. Without HANDLE it is the only one that waits.

    Example: dunctl approve acme 3f9c2ab
    """

    def make(found: Read, known: Case) -> list[Record]:
        names = handles(known.data)
        pending = {names[e.kind, e.nth]: e for e in standing_of(seat, known).pending}
        if handle:
            entry = named(known, handle, found.id)
        elif not pending:
            raise Refused(t("{id} has nothing that waits for an approval", id=found.id))
        elif len(pending) > 1:
            listed = ", ".join(
                f"{name} ({say(seat, known, e.record)})" for name, e in pending.items()
            )
            raise Refused(t("{id} has several: {listed}; say which", id=found.id, listed=listed))
        else:
            (entry,) = pending.values()
        full = names[entry.kind, entry.nth]
        if not isinstance(entry.record, Plan | Settlement | Waiver) or full not in pending:
            what = say(seat, known, entry.record)
            raise Refused(t("{what} does not wait for an approval", what=what))
        beyond = beyond_of(seat, known, entry)
        mine = beyond_me(seat, known, beyond)
        if mine:
            able = ", ".join(authority.able(authority_of(seat, known), beyond))
            raise Refused(
                t(
                    "this is beyond {user}, too: {what}; {names} can approve it",
                    user=user(seat.store),
                    what=mine,
                    names=able or t("nobody whom the policy names"),
                )
            )
        stamp = instant(seat, at, "--at", zone(seat, known))
        return [Approval(stamp, full, user(seat.store), note)]

    return write(seat, case, make)[1]
