"""Which letter the ladder calls for: at most one a case, each once, however late one looks.

Before the due day it is asked for again as each of the days of ``letter.remind_ahead`` has come
(practice H01, H04, H06), afterwards once for each stage. Between two letters of whatever kind there
is the cadence of the stage, as between two steps.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from dunctl import dates
from dunctl.steps.ladder import freeze, suggest
from dunctl.steps.promises import due_instant
from dunctl.steps.standing import Standing
from dunctl.tuples import NamedTuple


class LetterDue(NamedTuple):
    """A letter that is to be written: by which template, and since which day."""

    template: str
    since: date


def letter_due(at: Standing) -> LetterDue | None:
    """Return the letter of the case's stage, unless it was written or something speaks against it.

    That is a hold, a plan that is kept, a dispute of everything, a promise that is not due yet, a
    letter of the last days, and in the stage ``upcoming`` something that is overdue already.
    """
    template = at.policy.stages[at.stage].letter
    if template is None or at.stage == "closed" or freeze(at) or _awaited(at):
        return None
    since = _before_due(at) if at.stage == "upcoming" else _of_stage(at)
    if since is None or _lately(at):
        return None
    if any(letter.template == template and letter.at >= since for letter in at.letters):
        return None
    return LetterDue(template, since.astimezone(at.zone).date())


def _before_due(at: Standing) -> datetime | None:
    """Return the start of the last day that has come on which to remind of what will be due."""
    asked = [row.payable for row in at.ledger.receivables if row.asked > 0]
    if any(day < at.today for day in asked):
        return None
    days = (day for due in asked for day in _reminders(at, due))
    last = max((day for day in days if day <= at.today), default=None)
    return datetime.combine(last, time.min, at.zone) if last else None


def _reminders(at: Standing, due: date) -> list[date]:
    """Return the days on which to remind of what is to be paid by a day."""
    working = at.calendar.working
    return [dates.add_working_days(due, -ahead, working) for ahead in at.policy.letter.remind_ahead]


def _of_stage(at: Standing) -> datetime | None:
    """Return when the stage began, if anything is to be asked for in it."""
    late = any(row.asked > 0 and row.payable < at.today for row in at.ledger.receivables)
    return at.stepped.at if late and at.stepped else None


def _awaited(at: Standing) -> bool:
    return any(
        state.missing and due_instant(state.promise.due, at.zone) > at.now for state in at.awaited
    )


def _lately(at: Standing) -> bool:
    return any(_rested(at, letter.at) > at.today for letter in at.letters)


def _rested(at: Standing, written: datetime) -> date:
    """Return the first day on which the next letter may be written."""
    cadence = at.policy.stages[at.stage].cadence_working_days
    day = written.astimezone(at.zone).date()
    return dates.add_working_days(day, max(cadence, 1), at.calendar.working)


def waits_for_step(at: Standing) -> bool:
    """Return whether a case gets no letter because it is overdue and no step was taken yet."""
    if not _unstepped(at):
        return False
    found = suggest(at)
    return found.to is not None and not found.frozen


def comes_on(at: Standing) -> date | None:
    """Return the next day on which a letter may become due, or the wait for a step begin or end.

    If nothing is written, and no day or instant that an entry names has come, nor the day after.
    """
    if _unstepped(at) and not waits_for_step(at):
        return at.today + timedelta(days=1)
    days = [_rested(at, letter.at) for letter in at.letters]
    if at.stage == "upcoming":
        for row in at.ledger.receivables:
            if row.asked > 0:
                days += _reminders(at, row.payable)
    return min((day for day in days if day > at.today), default=None)


def _unstepped(at: Standing) -> bool:
    return at.stage == "upcoming" and bool(at.ledger.overdue())
