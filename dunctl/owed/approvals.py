"""What one of us conceded beyond their authority: it waits for an approval (practice F22, N26)."""

from __future__ import annotations

from datetime import date, datetime
from typing import TypeVar

from dunctl.case.checks import day_of
from dunctl.case.handles import handles
from dunctl.case.records import (
    Approval,
    Case,
    Entry,
    Plan,
    Record,
    Settlement,
    Waiver,
    moment,
    of,
    pairs,
)

_R = TypeVar("_R", bound=Plan | Settlement | Waiver)
_CONCEDED = frozenset({Plan, Settlement, Waiver})


def counting(case: Case, cls: type[_R], when: date | datetime) -> list[tuple[Entry, _R]]:
    """Return the plans, settlements or waivers that count at ``when``, in the order of meaning.

    ``when`` is an instant, or a day up to its end. What is marked ``pending`` counts from its
    approval on.
    """
    if cls not in case.journal.by_class:
        return []
    made = [(entry, record) for entry, record in pairs(case, cls) if _by(record, when)]
    if not any(record.pending for _, record in made):
        return made
    approved = approvals(case, when)
    names = handles(case.data)
    return [
        (entry, record)
        for entry, record in made
        if not record.pending or names[entry.kind, entry.nth] in approved
    ]


def waiting(case: Case, when: date | datetime) -> list[Entry]:
    """Return the entries that are pending at ``when``: recorded, and not approved by then."""
    if _CONCEDED.isdisjoint(case.journal.by_class):
        return []
    found = [
        entry
        for entry in case.journal
        if isinstance(entry.record, Plan | Settlement | Waiver)
        and entry.record.pending
        and _by(entry.record, when)
    ]
    if not found:
        return []
    approved = approvals(case, when)
    names = handles(case.data)
    return [entry for entry in found if names[entry.kind, entry.nth] not in approved]


def approvals(case: Case, when: date | datetime) -> dict[str, Approval]:
    """Return the approvals by ``when``, by the handle of what they approve; the first counts."""
    found: dict[str, Approval] = {}
    for approval in of(case, Approval):
        if _by(approval, when):
            found.setdefault(approval.entry, approval)
    return found


def _by(record: Record, when: date | datetime) -> bool:
    made = moment(record)
    if isinstance(when, datetime) and isinstance(made, datetime):
        return made <= when
    return day_of(made) <= day_of(when)
