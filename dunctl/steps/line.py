"""A case in one line: how far it is, and what is owed."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from dunctl.steps.standing import Standing
from dunctl.tuples import NamedTuple


class Line(NamedTuple):
    """A case in one line; ``due_now`` is what may be asked for."""

    id: str
    debtor: str
    stage: str
    reason: str | None
    owner: str | None
    balance: Mapping[str, Decimal]
    due_now: Mapping[str, Decimal]
    days_past_due: int


def line(at: Standing) -> Line:
    """Return a case as it stands in one line."""
    return Line(
        at.case.id,
        at.case.debtor.name,
        at.stage,
        at.case.head.reason,
        at.case.head.owner,
        at.ledger.balance(),
        at.ledger.chasable(),
        at.ledger.days_past_due(),
    )
