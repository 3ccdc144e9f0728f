"""``dunctl promise``."""

from __future__ import annotations

import click

from dunctl import dates, money
from dunctl.case.checks import currency_of
from dunctl.case.handles import handles
from dunctl.case.records import Case, Promise, Record
from dunctl.case.vocabulary import VIA
from dunctl.cli.billed import own_currency
from dunctl.cli.verb import (
    Seat,
    amount,
    instant,
    invoice_of,
    moment,
    standing_of,
    verb,
    warn,
    write,
    zone,
)
from dunctl.owed.ledger import ZERO
from dunctl.show.spoken import recap
from dunctl.show.text import lines_of, wrap
from dunctl.steps.standing import Standing
from dunctl.store.parameters import phrases
from dunctl.store.store import Read, user
from dunctl.words import t


@verb("promise")
@click.argument("case")
@click.argument("sum_of", metavar="AMOUNT")
@click.argument("due", metavar="DUE")
@click.option("--with", "whom", help="Who promised.")
@click.option("--via", type=click.Choice(VIA), help="By which means they will pay.")
@click.option("--at", metavar="WHEN", help="When it was promised; now by default.")
@click.option("--invoice", "number", help="The invoice it was promised for.")
@click.option("-m", "--note", metavar="TEXT")
def command(
    seat: Seat,
    case: str,
    sum_of: str,
    due: str,
    whom: str | None,
    via: str | None,
    at: str | None,
    number: str | None,
    note: str | None,
) -> int:
    """Record a promise to pay.

    Prints the sentence that closes the call. DUE is in the debtor's time, a day or a day with a
    clock time.

    Example: dunctl promise acme 2000 "fri 15:00" --with "Jane Roe" --via transfer
    """
    made: list[tuple[Case, Promise]] = []

    def make(_: Read, known: Case) -> list[Record]:
        theirs = zone(seat, known)
        invoice_of(known, number)
        own = own_currency(known, None, number)
        value = amount(sum_of, own or known.head.currency)
        when = moment(seat, due, "DUE", "future", theirs)
        stamp = instant(seat, at, "--at", theirs)
        promise = Promise(stamp, value, when, own, whom, via, number, user(seat.store), note)
        made.append((known, promise))
        return [promise]

    was, code = write(seat, case, make)
    known, promise = made[-1]
    closing = recap(
        promise, known, phrases(known.debtor.language or seat.store.config.language), seat.today
    )
    click.echo(lines_of(wrap(closing, 0)))
    if whom and whom not in [person.name for person in known.people]:
        warn(
            t(
                '{name} is no person of {id}: dunctl set {id} person "{name};ROLE;PHONE"',
                name=whom,
                id=was.id,
            )
        )
    at_now = standing_of(seat, known)
    for sentence in beside(at_now):
        warn(sentence)
    _ask_the_whole(promise, at_now)
    _more_than_open(promise, at_now)
    broken = sum(s.status in ("broken", "partial") for s in at_now.promises)
    if broken >= at_now.policy.promise.breaks_for_written:
        warn(
            t(
                "{n} promises were not kept before: get this one in writing (dunctl confirm {id})",
                n=broken,
                id=was.id,
            )
        )
    return code


def beside(at: Standing) -> list[str]:
    """Return a sentence for each promise that is open already, when another one is recorded."""
    names = handles(at.case.data)
    return [
        t(
            "the promise of {amount} for {due} stands beside it; "
            "if this one replaces it: dunctl void {id} {handle}",
            amount=money.show(state.promise.amount, state.currency),
            due=dates.say(state.promise.due, today=at.today),
            id=at.case.id,
            handle=names[state.entry.kind, state.entry.nth],
        )
        for state in at.promises
        if state.status == "open" and state.missing
    ]


_REFUSALS = frozenset({"refused", "partial_offer", "hardship", "dispute", "complaint"})


def _ask_the_whole(promise: Promise, at: Standing) -> None:
    """Say that the whole comes first, unless it was refused before (practice F18, F19, CF10)."""
    currency = currency_of(at.case, promise)
    asked = at.ledger.chasable().get(currency, ZERO)
    refused = any(contact.outcome in _REFUSALS or contact.refusal for contact in at.contacts)
    if promise.invoice or refused or len(at.promises) > 1 or promise.amount >= asked:
        return
    warn(
        t(
            "{asked} is due: ask for the whole first, for a part once that is refused",
            asked=money.show(asked, currency),
        )
    )


def _more_than_open(promise: Promise, at: Standing) -> None:
    """Say that more was promised than is open: an invoice is missing, or the amount is wrong."""
    currency = currency_of(at.case, promise)
    there = at.ledger.balance().get(currency, ZERO)
    if promise.amount > there:
        warn(
            t(
                "{there} is open, less than was promised; if an invoice is missing: "
                "dunctl invoice {id} NUMBER AMOUNT --due DAY; if the amount is wrong: dunctl undo",
                there=money.show(there, currency),
                id=at.case.id,
            )
        )
