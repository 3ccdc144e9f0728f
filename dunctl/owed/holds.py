"""Which holds and disputes stand on a day: what was set, less what was released or ran out."""

from __future__ import annotations

from datetime import date

from dunctl.case.checks import day_of
from dunctl.case.handles import handles
from dunctl.case.records import Case, Dispute, Entry, Hold, Release, of, pairs


def released(case: Case, day: date) -> set[Entry]:
    """Return the holds and disputes that a release ended by ``day``.

    A release names a kind of hold (``dispute`` ends every dispute too) or a handle; it ends what
    was set before it.
    """
    releases = [release for release in of(case, Release) if day_of(release.at) <= day]
    if not releases:
        return set()
    names = handles(case.data)
    ended = set()
    for entry in case.journal:
        record = entry.record
        if not isinstance(record, Hold | Dispute):
            continue
        kind = record.kind if isinstance(record, Hold) else "dispute"
        if any(
            release.at >= record.at and release.what in (kind, names[entry.kind, entry.nth])
            for release in releases
        ):
            ended.add(entry)
    return ended


def standing(case: Case, day: date) -> list[Hold]:
    """Return the holds that stand on ``day``, oldest first."""
    if Hold not in case.journal.by_class:
        return []
    holds = [
        (entry, hold)
        for entry, hold in pairs(case, Hold)
        if day_of(hold.at) <= day and (hold.until is None or day <= hold.until)
    ]
    ended = released(case, day)
    return [hold for entry, hold in holds if entry not in ended]
