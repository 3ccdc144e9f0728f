"""``dunctl bounce``."""

from __future__ import annotations

from datetime import date

import click

from dunctl import dates, money
from dunctl.case.checks import currency_of
from dunctl.case.handles import handles
from dunctl.case.records import Case, Entry, Payment, Record, Reversal, of, pairs
from dunctl.cli import left
from dunctl.cli.verb import Seat, day, verb, warn, write
from dunctl.cli.void import named
from dunctl.errors import Refused
from dunctl.store.store import Read, user
from dunctl.words import t


@verb("bounce")
@click.argument("case")
@click.argument("payment", metavar="[PAYMENT]", required=False)
@click.option("--on", metavar="DATE", help="The day it was taken back; today by default.")
@click.option("--ref", help="Reference of the bank.")
@click.option("--why", metavar="TEXT", help="The reason: no funds, account closed, …")
def command(
    seat: Seat, case: str, payment: str | None, on: str | None, ref: str | None, why: str | None
) -> int:
    """Record that a payment was taken back: a cheque or a direct debit that bounced.

    It counts until the day before. From its day on, what it closed is open again and the promise
    that it kept is broken. PAYMENT is a handle from dunctl show CASE; without it, the only payment.

    Example: dunctl bounce acme 3f9c2ab --on yesterday --why "no funds"
    """

    def make(_: Read, known: Case) -> list[Record]:
        back = day(seat, on, "--on", "past")
        entry, paid = _meant(seat, known, payment)
        if back < paid.on:
            raise Refused(
                t(
                    "that payment came on {day}: it cannot bounce before",
                    day=dates.say(paid.on, today=seat.today),
                )
            )
        if back > seat.today:
            warn(t("{day} is still to come: the payment counts until then", day=back))
        handle = handles(known.data)[entry.kind, entry.nth]
        return [Reversal(back, handle, ref, why, user(seat.store))]

    was, code = write(seat, case, make)
    left.told(seat, was.id)
    return code


def _meant(seat: Seat, case: Case, words: str | None) -> tuple[Entry, Payment]:
    """Return the payment that is meant and has not bounced; refuses none, and several."""
    names = handles(case.data)
    gone = {reversal.payment: reversal.on for reversal in of(case, Reversal)}
    if words is not None:
        entry = named(case, words, case.id)
        handle = names[entry.kind, entry.nth]
        if not isinstance(entry.record, Payment):
            raise Refused(t("{handle} is a {kind}, not a payment", handle=handle, kind=entry.kind))
        if handle in gone:
            raise Refused(_again(seat, handle, gone[handle]))
        return entry, entry.record
    counting = [(e, p) for e, p in pairs(case, Payment) if names[e.kind, e.nth] not in gone]
    if not counting:
        raise Refused(t("{id} has no payment that could bounce", id=case.id))
    if len(counting) > 1:
        listed = ", ".join(
            t(
                "{handle} ({amount}, {day})",
                handle=names[entry.kind, entry.nth],
                amount=money.show(paid.amount, currency_of(case, paid)),
                day=dates.say(paid.on, today=seat.today),
            )
            for entry, paid in reversed(counting)
        )
        raise Refused(
            t("{id} has several payments: say which, {listed}", id=case.id, listed=listed)
        )
    return counting[0]


def _again(seat: Seat, handle: str, on: date) -> str:
    day = dates.say(on, today=seat.today)
    return t("payment {handle} was taken back already, on {day}", handle=handle, day=day)
