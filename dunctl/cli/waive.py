"""``dunctl waive``."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import click

from dunctl import money
from dunctl.case.checks import currency_of
from dunctl.case.handles import handles
from dunctl.case.records import Case, Entry, Fee, Record, Waiver, pairs
from dunctl.cli import left
from dunctl.cli.concede import authority_of, beyond_of, told_waiting
from dunctl.cli.verb import Seat, amount, case_of, day, invoice_of, verb, write
from dunctl.cli.void import named
from dunctl.errors import Refused, WrongUsage
from dunctl.owed.claims import owed
from dunctl.owed.ledger import ZERO
from dunctl.steps import authority
from dunctl.store.store import Read, user
from dunctl.words import t


@verb("waive")
@click.argument("case")
@click.argument("what", metavar="interest|HANDLE")
@click.argument("sum_of", metavar="[AMOUNT]", required=False)
@click.option("--why", metavar="TEXT", required=True, help="The reason.")
@click.option("--invoice", "number", help="Interest on this invoice only.")
@click.option("--on", metavar="DATE", help="The day it counts from; today by default.")
@click.option("--currency", metavar="CUR", help="Of the interest, if it is not the case's.")
def command(
    seat: Seat,
    case: str,
    what: str,
    sum_of: str | None,
    why: str,
    number: str | None,
    on: str | None,
    currency: str | None,
) -> int:
    """Let go interest or a fee, all of it or AMOUNT.

    Of interest, what has run so far goes; it runs on from there. HANDLE is that of a fee, from
    dunctl show CASE. Where that is beyond whoever does it, it waits for an approval.

    Example: dunctl waive acme interest --why "paid within the week"
    """

    def make(_: Read, known: Case) -> list[Record]:
        counts = day(seat, on, "--on", "past")
        if what == "interest":
            found = _of_interest(seat, known, sum_of, number, counts, currency)
        elif number or currency:
            raise WrongUsage(t("--invoice and --currency are for interest, not for a fee"))
        else:
            found = _of_fee(seat, known, what, sum_of, counts)
        found = found._replace(why=why, by=user(seat.store))
        beyond = beyond_of(seat, known, Entry("waiver", -1, found))
        who = user(seat.store)
        return [found._replace(pending=authority.exceeded(authority_of(seat, known), who, beyond))]

    was, code = write(seat, case, make)
    now = case_of(seat, was.id).case
    if now is not None:
        entry = max((e for e, _ in pairs(now, Waiver)), key=lambda e: e.nth)
        if getattr(entry.record, "pending", None):
            told_waiting(seat, now, entry)
    left.told(seat, was.id)
    return code


def _of_interest(
    seat: Seat,
    case: Case,
    sum_of: str | None,
    number: str | None,
    counts: date,
    currency: str | None,
) -> Waiver:
    invoice_of(case, number)
    own = currency.upper() if currency else None
    code = own or case.head.currency
    found = owed(case, counts, seat.law())
    mine = [one for one in found.invoices if number in (None, one.number)]
    if number is not None and mine:
        code = mine[0].currency
        own = code if code != case.head.currency else None
    if sum_of is not None or own:
        mine = [one for one in mine if one.currency == code]
    unknown = [one.interest.unknown for one in mine if one.interest.unknown]
    left_over = sum((one.interest.open for one in mine), ZERO)
    if sum_of is None:
        if not unknown and not any(i.interest.open or i.interest.suspended for i in mine):
            raise Refused(t("{id} owes no interest to waive", id=case.id))
        return Waiver(counts, "interest", "", None, own, number)
    if unknown:
        raise Refused(str(unknown[0]))
    value = amount(sum_of, code)
    _no_more(value, left_over, code)
    return Waiver(counts, "interest", "", value, own, number)


def _of_fee(seat: Seat, case: Case, handle: str, sum_of: str | None, counts: date) -> Waiver:
    entry = named(case, handle, case.id)
    name = handles(case.data)[entry.kind, entry.nth]
    if not isinstance(entry.record, Fee):
        raise Refused(t("{handle} is a {kind}, not a fee", handle=name, kind=entry.kind))
    found = owed(case, counts, seat.law())
    fees = (*found.fees, *(fee for one in found.invoices for fee in one.fees))
    left_over = next((fee.open for fee in fees if fee.handle == name), ZERO)
    if not left_over:
        raise Refused(t("nothing of fee {handle} is open", handle=name))
    code = currency_of(case, entry.record)
    value = None if sum_of is None else amount(sum_of, code)
    if value is not None:
        _no_more(value, left_over, code)
    return Waiver(counts, name, "", value, code if code != case.head.currency else None)


def _no_more(value: Decimal, left_over: Decimal, currency: str) -> None:
    if value > left_over:
        raise Refused(
            t(
                "only {open} is open: {value} is more",
                open=money.show(left_over, currency),
                value=money.show(value, currency),
            )
        )
