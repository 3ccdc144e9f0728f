"""``dunctl dispute``."""

from __future__ import annotations

import click

from dunctl import money
from dunctl.case.checks import currency_of
from dunctl.case.records import Case, Dispute, Record, pairs
from dunctl.case.vocabulary import REASONS
from dunctl.cli.billed import own_currency
from dunctl.cli.verb import (
    Seat,
    amount,
    case_of,
    instant,
    invoice_of,
    standing_of,
    verb,
    warn,
    write,
    zone,
)
from dunctl.owed.holds import released
from dunctl.owed.ledger import ZERO
from dunctl.show.text import amounts
from dunctl.steps.standing import Standing
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
    told: list[str] = []

    def make(_: Read, known: Case) -> list[Record]:
        invoice_of(known, number)
        own = own_currency(known, None, number)
        value = amount(sum_of, own or known.head.currency)
        stamp = instant(seat, at, "--at", zone(seat, known))
        dispute = Dispute(stamp, value, about, own, number, whom, user(seat.store), note)
        told.extend(_remarks(standing_of(seat, known), dispute))
        return [dispute]

    was, code = write(seat, case, make)
    for sentence in told:
        warn(sentence)
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


def _remarks(at: Standing, dispute: Dispute) -> list[str]:
    """Return a sentence if the dispute stands already, and one if it is of more than is open."""
    found = []
    case, ended = at.case, released(at.case, at.today)
    standing = [one for entry, one in pairs(case, Dispute) if entry not in ended]
    if any(one._replace(at=dispute.at, note=dispute.note) == dispute for one in standing):
        found.append(t("the very same dispute stands already: void one of the two"))
    currency = currency_of(case, dispute)
    rows = [row for row in at.ledger.receivables if row.currency == currency]
    most = sum((row.open for row in rows if dispute.invoice in (None, row.number)), ZERO)
    if dispute.amount > most:
        found.append(t("no more than {amount} of it is open", amount=money.show(most, currency)))
    return found
