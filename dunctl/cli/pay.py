"""``dunctl pay``."""

from __future__ import annotations

import click

from dunctl.case.records import Case, Payment, Record, of
from dunctl.case.vocabulary import VIA
from dunctl.cli import left
from dunctl.cli.billed import own_currency
from dunctl.cli.verb import Seat, amount, day, invoice_of, verb, warn, write
from dunctl.store.store import Read, user
from dunctl.words import t

TO = ("principal", "interest", "costs")


@verb("pay")
@click.argument("case")
@click.argument("sum_of", metavar="AMOUNT")
@click.option("--on", metavar="DATE", help="The day it arrived; today by default.")
@click.option("--ref", help="Reference of the transfer.")
@click.option("--invoice", "number", help="The invoice it is for; else oldest due first.")
@click.option("--via", type=click.Choice(VIA))
@click.option("--to", type=click.Choice(TO), help="What they said it is for.")
@click.option("--currency", metavar="CUR", help="If it is not the case's.")
def command(
    seat: Seat,
    case: str,
    sum_of: str,
    on: str | None,
    ref: str | None,
    number: str | None,
    via: str | None,
    to: str | None,
    currency: str | None,
) -> int:
    """Record money that arrived.

    What names an invoice goes to it, else the oldest due comes first; fees and claimed interest
    have their part by the order of the law, or as --to says. Says what is left to pay and how the
    last promise stands.

    Example: dunctl pay acme 500 --on yesterday --ref 0908-7731
    """

    def make(found: Read, known: Case) -> list[Record]:
        invoice_of(known, number)
        own = own_currency(known, currency, number)
        value = amount(sum_of, own or known.head.currency)
        arrived = day(seat, on, "--on", "past")
        if arrived > seat.today:
            warn(t("{day} is still to come: the money counts from then on", day=arrived))
        payment = Payment(arrived, value, own, number, ref, via, to, user(seat.store))
        if payment in of(known, Payment):
            warn(t("the very same payment is there already: void one of them if it came once"))
        return [payment]

    was, code = write(seat, case, make)
    left.told(seat, was.id)
    return code
