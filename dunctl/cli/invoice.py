"""``dunctl invoice``."""

from __future__ import annotations

from datetime import date, timedelta

import click

from dunctl import dates
from dunctl.case.records import Case, Invoice, Record, of
from dunctl.cli.verb import Seat, amount, day, verb, write
from dunctl.errors import Refused
from dunctl.store.store import Read
from dunctl.words import in_days, t


@verb("invoice")
@click.argument("case")
@click.argument("number")
@click.argument("sum_of", metavar="AMOUNT")
@click.option("--due", metavar="DATE", help="Last day in time; issue plus the terms by default.")
@click.option("--issued", metavar="DATE", help="Day of issue; due less the terms, at most today.")
@click.option("--currency", metavar="CUR", help="If it is not the case's.")
@click.option("--ref", help="The debtor's own reference, such as an order number.")
def command(
    seat: Seat,
    case: str,
    number: str,
    sum_of: str,
    due: str | None,
    issued: str | None,
    currency: str | None,
    ref: str | None,
) -> int:
    """Record an invoice.

    Example: dunctl invoice acme 2026-0412 5000 --due "30 Oct" --issued "30 Sep"
    """
    guessed: list[str] = []

    def make(found: Read, known: Case) -> list[Record]:
        if any(number == other.number for other in of(known, Invoice)):
            raise Refused(t("{id} has an invoice {number} already", id=found.id, number=number))
        own = currency.upper() if currency else None
        value = amount(sum_of, own or known.head.currency)
        agreed = known.terms.days
        credit = timedelta(days=seat.store.config.days if agreed is None else agreed)
        on, by = _days(seat, due, issued, credit)
        if by < on:
            raise Refused(t("invoice {number} cannot be due before it is issued", number=number))
        if not issued:
            guessed.append(_guess(seat, on, by))
        return [Invoice(number, by, value, on, own, ref=ref)]

    code = write(seat, case, make)[1]
    for words in guessed:
        click.echo(words)
    return code


def _guess(seat: Seat, on: date, by: date) -> str:
    """Say which day of issue is taken, as letters print it and interest may run from it."""
    return t(
        "issued {on}, {days} before: if it was not, dunctl undo and say --issued",
        on=dates.say(on, today=seat.today),
        days=in_days((by - on).days),
    )


def _days(seat: Seat, due: str | None, issued: str | None, credit: timedelta) -> tuple[date, date]:
    on = day(seat, issued, "--issued", "past") if issued else None
    by = day(seat, due, "--due", "near") if due else None
    if by is None:
        on = on or seat.today
        return on, on + credit
    return on or min(seat.today, by - credit), by
