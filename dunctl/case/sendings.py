"""How each letter of a case went out: the ``[[sending]]`` entries of each ``[[letter]]``."""

from __future__ import annotations

from datetime import datetime

from dunctl.case.handles import handles
from dunctl.case.records import Case, Letter, Sending, of, pairs


def sendings(case: Case, now: datetime | None = None) -> dict[int, list[Sending]]:
    """Return what was recorded of the sending of letters, by ``now``: by the letter's ``nth``."""
    if Sending not in case.journal.by_class:
        return {}
    names = handles(case.data)
    nth_of = {handle: nth for (kind, nth), handle in names.items() if kind == "letter"}
    found: dict[int, list[Sending]] = {}
    for sending in of(case, Sending):
        if sending.letter in nth_of and (now is None or sending.at <= now):
            found.setdefault(nth_of[sending.letter], []).append(sending)
    return found


def gone_out(case: Case, now: datetime) -> list[Letter]:
    """Return the letters by ``now``, but none of which it is known that no attempt succeeded.

    A letter of which nothing is recorded was posted by hand: it counts.
    """
    if Letter not in case.journal.by_class:
        return []
    tried = sendings(case, now)
    return [
        letter
        for entry, letter in pairs(case, Letter)
        if letter.at <= now
        and not (
            entry.nth in tried and all(sending.state == "failed" for sending in tried[entry.nth])
        )
    ]
