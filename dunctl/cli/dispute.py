"""``dunctl dispute``."""

from __future__ import annotations

import click

from dunctl.case.records import Case, Dispute, Record
from dunctl.case.vocabulary import REASONS
from dunctl.cli.verb import (
    Seat,
    amount,
    case_of,
    instant,
    invoice_of,
    standing_of,
    verb,
    write,
    zone,
)
from dunctl.show.text import amounts
from dunctl.store.store import Read, user
from dunctl.words import t


@verb("dispute")
@click.argument("case")
@click.argument("sum_of", metavar="AMOUNT")
@click.option("--invoice", "number", help="The invoice contested; else oldest due first.")
@click.option("--about", type=click.Choice((*REASONS["dispute"], "other")), default="other")
@click.option("--with", "whom", help="Who contests it.")
@click.option("--at", metavar="WHEN", help="When; now by default.")
@click.option("-m", "--note", metavar="TEXT", help="What exactly is contested.")
def command(
    seat: Seat,
    case: str,
    sum_of: str,
    number: str | None,
    about: str,
    whom: str | None,
    at: str | None,
    note: str | None,
) -> int:
    """Record that a part of the debt is contested.

    It stays owed, but is not chased. Answer it with documents, and end it with dunctl release CASE
    dispute.

    Example: dunctl dispute acme 800 --invoice 2026-0412 --about quality -m "two crates broken"
    """

    def make(_: Read, known: Case) -> list[Record]:
        invoice_of(known, number)
        value = amount(sum_of, known.head.currency)
        stamp = instant(seat, at, "--at", zone(seat, known))
        return [Dispute(stamp, value, about, None, number, whom, user(seat.store), note)]

    was, code = write(seat, case, make)
    now = case_of(seat, was.id).case
    if now is not None:
        at_now = standing_of(seat, now)
        click.echo(
            t(
                "{disputed} is disputed; to ask for now: {rest}",
                disputed=amounts(at_now.ledger.disputed()),
                rest=amounts(at_now.ledger.chasable()),
            )
        )
    return code
