"""``dunctl acknowledge``."""

from __future__ import annotations

import click

from dunctl.case.records import Acknowledgement, Case, Record
from dunctl.cli.limitation import said_of
from dunctl.cli.verb import Seat, amount, day, verb, write
from dunctl.store.store import Read, user


@verb("acknowledge")
@click.argument("case")
@click.argument("sum_of", metavar="[AMOUNT]", required=False)
@click.option(
    "--form",
    type=click.Choice(("signed", "written", "oral")),
    default="written",
    show_default=True,
    help="Only some forms count for limitation.",
)
@click.option("--on", metavar="DATE", help="Its date; today by default.")
@click.option("--how", metavar="TEXT", help="Countersigned statement, e-mail, …")
@click.option("--ref", metavar="TEXT", help="Where the paper is.")
@click.option("--currency", metavar="CUR", help="If it is not the case's.")
def command(
    seat: Seat,
    case: str,
    sum_of: str | None,
    form: str,
    on: str | None,
    how: str | None,
    ref: str | None,
    currency: str | None,
) -> int:
    """Record that the debtor owned up to the debt.

    Without AMOUNT, to all of it. Says what that does to the time in which it can be claimed: in
    many laws it starts again, in some only by a signature.

    Example: dunctl acknowledge acme 1200 --form signed --how "countersigned statement"
    """

    def make(found: Read, known: Case) -> list[Record]:
        own = currency.upper() if currency else None
        value = amount(sum_of, own or known.head.currency) if sum_of else None
        said = day(seat, on, "--on", "past")
        return [Acknowledgement(said, value, own, form, how, ref, user(seat.store))]

    was, code = write(seat, case, make)
    said_of(seat, was, "acknowledgement")
    return code
