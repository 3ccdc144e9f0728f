"""``dunctl refund``."""

from __future__ import annotations

import click

from dunctl import dates, money
from dunctl.case.records import Case, Record, Refund
from dunctl.case.vocabulary import VIA
from dunctl.cli import left
from dunctl.cli.verb import Seat, amount, day, verb, write
from dunctl.errors import Refused
from dunctl.owed.ledger import ZERO, ledger
from dunctl.store.store import Read, user
from dunctl.words import t


@verb("refund")
@click.argument("case")
@click.argument("sum_of", metavar="AMOUNT")
@click.option("--on", metavar="DATE", help="The day it went out; today by default.")
@click.option("--ref", help="Reference of the transfer.")
@click.option("--via", type=click.Choice(VIA))
@click.option("--why", metavar="TEXT", help="The reason.")
@click.option("--currency", metavar="CUR", help="If it is not the case's.")
def command(
    seat: Seat,
    case: str,
    sum_of: str,
    on: str | None,
    ref: str | None,
    via: str | None,
    why: str | None,
    currency: str | None,
) -> int:
    """Record that credit of theirs was paid back.

    Only what is not allocated can be: money that went to an invoice is no credit.

    Example: dunctl refund acme 15 --why "paid twice"
    """

    def make(_: Read, known: Case) -> list[Record]:
        own = currency.upper() if currency else None
        code = own or known.head.currency
        value = amount(sum_of, code)
        went = day(seat, on, "--on", "past")
        credit = ledger(known, went, seat.law()).unallocated.get(code, ZERO)
        if value > credit:
            raise Refused(
                t(
                    "{id} had {credit} of credit that is not allocated on {day}: {value} is more",
                    id=known.id,
                    credit=money.show(max(credit, ZERO), code),
                    day=dates.say(went, today=seat.today),
                    value=money.show(value, code),
                )
            )
        return [Refund(went, value, own, ref, via, why, user(seat.store))]

    was, code = write(seat, case, make)
    left.told(seat, was.id)
    return code
