"""The closing line of the verbs that move money: what is left, and how the last promise stands."""

from __future__ import annotations

import click

from dunctl import money
from dunctl.case.records import Case
from dunctl.cli.verb import Seat, case_of, standing_of, warn
from dunctl.owed.claims import owed
from dunctl.owed.ledger import ZERO
from dunctl.show.agreed import agreed_parts
from dunctl.words import t


def told(seat: Seat, case_id: str) -> None:
    """Say what is left of a case to pay, as it is in the file now."""
    case = case_of(seat, case_id).case
    if case is not None:
        line = left(seat, case)
        if line:
            click.echo(line)


def left(seat: Seat, case: Case) -> str:
    """Return what is left to pay: principal, claimed interest, fees, credit; and what was agreed.

    Interest that only accrues is no part of it.
    """
    at = standing_of(seat, case)
    found = owed(case, at.today, seat.law(), at.money_day)
    parts = []
    for currency, balance in at.ledger.balance().items():
        parts.append(t("{amount} left to pay", amount=money.show(max(balance, ZERO), currency)))
    for currency, total in found.totals.items():
        if total.claimed:
            parts.append(t("{amount} of interest", amount=money.show(total.claimed, currency)))
        if total.fees:
            parts.append(t("{amount} of fees", amount=money.show(total.fees, currency)))
    for currency, credit in at.ledger.unallocated.items():
        amount = money.show(abs(credit), currency)
        if credit < 0:
            parts.append(t("{amount} of it was refunded too much", amount=amount))
        else:
            parts.append(t("{amount} of credit of theirs, not allocated", amount=amount))
    if at.promises:
        last = at.promises[-1]
        parts.append(
            t(
                "promise of {amount}: {status}",
                amount=money.show(last.promise.amount, last.currency),
                status=last.status,
            )
        )
    parts += agreed_parts(at)
    for problem in at.ledger.problems:
        warn(problem)
    return "; ".join(parts)
