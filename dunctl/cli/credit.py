"""``dunctl credit``."""

from __future__ import annotations

import click

from dunctl.case.records import Case, Credit, Record, of
from dunctl.cli import left
from dunctl.cli.billed import own_currency
from dunctl.cli.verb import Seat, amount, day, invoice_of, verb, warn, write
from dunctl.store.store import Read, user
from dunctl.words import t


@verb("credit")
@click.argument("case")
@click.argument("sum_of", metavar="AMOUNT")
@click.option("--on", metavar="DATE", help="The day it counts from; today by default.")
@click.option("--invoice", "number", help="The invoice it is for; else oldest due first.")
@click.option("--ref", help="Number of the credit note.")
@click.option("--why", help="The reason: returned goods, a discount, …")
@click.option("--currency", metavar="CUR", help="If it is not the case's.")
def command(
    seat: Seat,
    case: str,
    sum_of: str,
    on: str | None,
    number: str | None,
    ref: str | None,
    why: str | None,
    currency: str | None,
) -> int:
    """Record a credit note: it lowers the debt without money.

    Example: dunctl credit acme 120 --invoice 2026-0412 --why "two broken crates"
    """

    def make(found: Read, known: Case) -> list[Record]:
        invoice_of(known, number)
        own = own_currency(known, currency, number)
        value = amount(sum_of, own or known.head.currency)
        counts = day(seat, on, "--on", "past")
        if counts > seat.today:
            warn(t("{day} is still to come: the credit note counts from then on", day=counts))
        credit = Credit(counts, value, own, number, ref, why, user(seat.store))
        if credit in of(known, Credit):
            warn(t("the very same credit is there already: void one of the two"))
        return [credit]

    was, code = write(seat, case, make)
    left.told(seat, was.id)
    return code
