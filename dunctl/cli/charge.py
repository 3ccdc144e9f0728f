"""``dunctl charge``."""

from __future__ import annotations

import click

from dunctl.case.records import Case, Claim, Fee, Record, of
from dunctl.cli import left
from dunctl.cli.billed import own_currency
from dunctl.cli.verb import Seat, amount, day, invoice_of, verb, warn, write
from dunctl.errors import Refused, WrongUsage
from dunctl.owed.charging import fee_basis, fixed_sums, leniency, refuse_claim, with_basis
from dunctl.store.store import Read, user
from dunctl.words import t


@verb("charge")
@click.argument("case")
@click.option("--interest", is_flag=True, help="Claim the interest that has run, and what will.")
@click.option("--fixed-sum", "fixed", is_flag=True, help="The lump sum of the statute.")
@click.option("--fee", "sum_of", metavar="AMOUNT", help="A fee, or costs of recovery.")
@click.option("--basis", metavar="TEXT", help="The clause or statute of a fee.")
@click.option(
    "--kind",
    type=click.Choice(("contract", "costs")),
    help="What the fee is; costs count against a fixed sum.",
)
@click.option("--invoice", "number", help="Only for this invoice; else for all that are overdue.")
@click.option("--profile", metavar="ID", help="The interest profile; by clause or statute else.")
@click.option("--on", metavar="DATE", help="The day it counts from; today by default.")
@click.option("--why", metavar="TEXT", help="The reason for claiming interest.")
@click.option("--currency", metavar="CUR", help="Of the fee, if it is not the case's.")
def command(
    seat: Seat,
    case: str,
    interest: bool,
    fixed: bool,
    sum_of: str | None,
    basis: str | None,
    kind: str | None,
    number: str | None,
    profile: str | None,
    on: str | None,
    why: str | None,
    currency: str | None,
) -> int:
    """Charge for being late, where a clause or a statute allows it.

    One of --interest, --fixed-sum and --fee. Interest runs without it; once it is claimed, money
    that comes counts towards it. Nothing is charged twice.

    Example: dunctl charge acme --interest --why "second time late"
    """
    if [interest, fixed, sum_of is not None].count(True) != 1:
        raise WrongUsage(t("say one of --interest, --fixed-sum and --fee AMOUNT"))
    stray = {
        "--basis": basis if sum_of is None else None,
        "--kind": kind if sum_of is None else None,
        "--currency": currency if sum_of is None else None,
        "--profile": profile if sum_of is not None else None,
        "--why": why if not interest else None,
    }
    for option, value in stray.items():
        if value is not None:
            raise WrongUsage(t("{option} does not go with that", option=option))

    def make(_: Read, known: Case) -> list[Record]:
        invoice_of(known, number)
        counts = day(seat, on, "--on", "past")
        by = user(seat.store)
        if interest:
            claim = Claim(counts, profile, number, why, by)
            refuse_claim(known, claim, seat.law())
            caution = leniency(known)
            if caution:
                warn(caution)
            return list(with_basis(known, claim, seat.law()))
        if sum_of is None:
            return list(fixed_sums(known, counts, number, profile, seat.law(), by))
        own = own_currency(known, currency, number)
        value = amount(sum_of, own or known.head.currency, "--fee")
        fee = Fee(counts, value, fee_basis(known, basis), kind or "contract", own, number, by)
        if any(_same(fee, other) for other in of(known, Fee)):
            raise Refused(
                t("the very same fee is there already: see dunctl show {id}", id=known.id)
            )
        return [fee]

    was, code = write(seat, case, make)
    left.told(seat, was.id)
    return code


def _same(fee: Fee, other: Fee) -> bool:
    return fee._replace(by=None) == other._replace(by=None, note=None)
