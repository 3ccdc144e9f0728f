"""``dunctl hold``."""

from __future__ import annotations

import click

from dunctl.case.records import Case, Hold, Record
from dunctl.case.vocabulary import HOLDS
from dunctl.cli.verb import Seat, day, instant, verb, write, zone
from dunctl.errors import WrongUsage
from dunctl.store.store import Read, user
from dunctl.words import t


@verb("hold")
@click.argument("case")
@click.argument("kind", type=click.Choice(HOLDS))
@click.option("--until", metavar="DATE", help="The last day on which it holds; a pause needs one.")
@click.option("--why", metavar="TEXT", help="The reason.")
@click.option("--with", "whom", metavar="NAME", help="Whom to speak with instead.")
@click.option("--at", metavar="WHEN", help="From when; now by default.")
def command(
    seat: Seat,
    case: str,
    kind: str,
    until: str | None,
    why: str | None,
    whom: str | None,
    at: str | None,
) -> int:
    """Freeze a case.

    Nobody is called and no step is taken while the hold stands.

    Example: dunctl hold acme represented --with "Smith & Co" --why "letter of 20 Nov"
    """
    if kind == "pause" and not until:
        raise WrongUsage(t("a pause needs its last day: --until DATE"))

    def make(_: Read, known: Case) -> list[Record]:
        stamp = instant(seat, at, "--at", zone(seat, known))
        last = day(seat, until, "--until", "future") if until else None
        return [Hold(stamp, kind, last, whom, why, user(seat.store))]

    return write(seat, case, make)[1]
