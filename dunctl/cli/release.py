"""``dunctl release``."""

from __future__ import annotations

import click

from dunctl.case.handles import handles
from dunctl.case.records import Case, Dispute, Hold, Record, Release, pairs
from dunctl.cli.verb import Seat, days_there, instant, verb, write, zone
from dunctl.errors import Refused
from dunctl.owed.holds import released
from dunctl.steps.plans import in_force
from dunctl.store.store import Read, user
from dunctl.words import t


@verb("release")
@click.argument("case")
@click.argument("what", required=False, metavar="[KIND|HANDLE]")
@click.option("--why", metavar="TEXT", help="The reason.")
@click.option("--at", metavar="WHEN", help="When; now by default.")
def command(seat: Seat, case: str, what: str | None, why: str | None, at: str | None) -> int:
    """End a hold or a dispute, or give up a plan.

    Without KIND or HANDLE it is the only one there is. When a plan is given up, everything is due
    again as the invoices say.

    Example: dunctl release acme dispute --why "credit note CN-7 accepted"
    """
    by_handle: list[str] = []

    def make(found: Read, known: Case) -> list[Record]:
        ended = released(known, days_there(seat, known)[0])
        names = handles(known.data)
        standing = {
            names[entry.kind, entry.nth]: record.kind if isinstance(record, Hold) else "dispute"
            for entry, record in (*pairs(known, Hold), *pairs(known, Dispute))
            if entry not in ended
        }
        plan = in_force(known, seat.now)
        if plan is not None:
            standing[names[plan[0].kind, plan[0].nth]] = "plan"
        if not standing:
            raise Refused(t("{id} has no hold, dispute or plan to release", id=found.id))
        if what is None and len(standing) > 1:
            listed = ", ".join(f"{handle} ({kind})" for handle, kind in standing.items())
            raise Refused(t("{id} has several: {listed}; say which", id=found.id, listed=listed))
        if what and what not in standing and what not in standing.values():
            listed = ", ".join(f"{handle} ({kind})" for handle, kind in standing.items())
            raise Refused(
                t("{id} has no {what}, only {listed}", id=found.id, what=what, listed=listed)
            )
        stamp = instant(seat, at, "--at", zone(seat, known))
        ended_by = what or next(iter(standing))
        by_handle.extend([standing[ended_by]] if ended_by in standing else [])
        return [Release(stamp, ended_by, why, user(seat.store))]

    code = write(seat, case, make)[1]
    for kind in by_handle:
        click.echo(t("ended: {kind}", kind=kind))
    return code
