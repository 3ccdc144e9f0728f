"""``dunctl settle``."""

from __future__ import annotations

import click

from dunctl import dates, money
from dunctl.case.checks import currency_of, day_of
from dunctl.case.records import Case, Record, Settlement
from dunctl.cli.concede import beyond_me, then, told_waiting
from dunctl.cli.verb import (
    Seat,
    amount,
    case_of,
    day,
    instant,
    standing_of,
    verb,
    warn,
    write,
    zone,
)
from dunctl.errors import Refused
from dunctl.owed.ledger import ZERO
from dunctl.owed.settlement import towards
from dunctl.steps import authority
from dunctl.store.store import Read, user
from dunctl.words import t


@verb("settle")
@click.argument("case")
@click.argument("sum_of", metavar="AMOUNT")
@click.option("--until", metavar="DATE", required=True, help="The last day of the offer.")
@click.option("--why", metavar="TEXT", required=True, help="The reason.")
@click.option("--with", "whom", metavar="NAME", help="With whom it was agreed.")
@click.option("--currency", metavar="CUR", help="If it is not the case's.")
@click.option("--at", metavar="WHEN", help="When it was agreed; now by default.")
@click.option("-m", "--note", metavar="TEXT")
def command(
    seat: Seat,
    case: str,
    sum_of: str,
    until: str,
    why: str,
    whom: str | None,
    currency: str | None,
    at: str | None,
    note: str | None,
) -> int:
    """Offer to be content with less, if it comes in time.

    When AMOUNT has arrived by the last day of the offer, the rest of what was invoiced by now is
    let go, disputed or not, with its interest and fees. Otherwise the offer runs out by itself.
    Until then it holds the case as a promise does.

    Example: dunctl settle acme 800 --until "fri" --why "they close the shop"
    """

    def make(_: Read, known: Case) -> list[Record]:
        own = currency.upper() if currency else None
        code = own or known.head.currency
        value = amount(sum_of, code)
        stamp = instant(seat, at, "--at", zone(seat, known))
        last = day(seat, until, "--until", "future")
        offer = Settlement(stamp, value, last, own, whom, why, user(seat.store), None, note)
        if last < day_of(stamp):
            raise Refused(
                t(
                    "the offer would end before it is made: {day}",
                    day=dates.say(last, today=seat.today),
                )
            )
        owed = then(seat, known, offer).ledger.balance().get(code, ZERO)
        if value >= owed:
            raise Refused(
                t(
                    "{id} owes {owed}: with {value} nothing would be let go",
                    id=known.id,
                    owed=money.show(owed, code),
                    value=money.show(value, code),
                )
            )
        beyond = authority.settlement_beyond(value, owed, code)
        return [offer._replace(pending=beyond_me(seat, known, beyond))]

    was, code = write(seat, case, make)
    now = case_of(seat, was.id).case
    if now is not None:
        _tell(seat, now)
    return code


def _tell(seat: Seat, now: Case) -> None:
    at = standing_of(seat, now)
    waiting = next((e for e in reversed(at.pending) if isinstance(e.record, Settlement)), None)
    if waiting:
        told_waiting(seat, now, waiting)
        return
    if not at.offers:
        return
    offer = at.offers[-1]
    record, currency = offer.settlement, currency_of(now, offer.settlement)
    owed = then(seat, now, record).ledger.balance().get(currency, ZERO)
    came = sum((payment.amount for payment in towards(now, record, at.money_day)), ZERO)
    if came:
        warn(
            t(
                "{amount} of the same day counts towards it: void the offer if it is not meant to",
                amount=money.show(came, currency),
            )
        )
    elif owed > record.amount:
        click.echo(
            t(
                "{rest} of {owed} is let go if it comes by {day}",
                rest=money.show(owed - record.amount, currency),
                owed=money.show(owed, currency),
                day=dates.say(record.until, today=at.today),
            )
        )
