"""The gate before the list, asked about one case: when it is open, and in words what closes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from dunctl.calling.desk import LEAST, Day, Opened
from dunctl.calling.docket import sort_of
from dunctl.case.records import Person
from dunctl.steps.guard import Asked, Finding, open_slots, verdict
from dunctl.steps.packs import Pack
from dunctl.steps.standing import Standing
from dunctl.words import t


def gated(
    at: Standing, person: Person | None, key: str, day: Day, packs: Sequence[Pack]
) -> tuple[Opened, Finding | None]:
    """Return when the gate itself lets a case be called, and if it does not, why."""
    worst: list[Finding] = []

    def free(starts: tuple[datetime, ...], minutes: int) -> list[bool]:
        opened, finding = open_slots(at, packs, Asked(person, minutes=minutes), starts, minutes)
        worst[:] = [finding] if finding else worst
        return opened

    opened = day.open_if(sort_of(key), lambda: day.asked(free))
    return opened, worst[0] if worst and opened.state == "blocked" else None


def in_words(finding: Finding) -> str:
    """Say what blocks a case."""
    return f"{t(finding.rule.title)} ({finding.reason})"


def back(at: Standing, person: Person | None, packs: Sequence[Pack]) -> date | None:
    """Return the first day on which nothing blocks a case, from the gate itself."""
    found = verdict(at, packs, Asked(person, minutes=LEAST), at.now)
    return found.next_allowed.astimezone(at.zone).date() if found.next_allowed else None
