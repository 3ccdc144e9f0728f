"""From which day on a case is watched for debts that run out of time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from dunctl import dates

if TYPE_CHECKING:
    from dunctl.owed.law import Law
    from dunctl.steps.standing import Standing

_FAR = timedelta(days=365)


def watched_from(at: Standing, law: Callable[[], Law]) -> tuple[date | None, int]:
    """Return the first day on which ``alarms`` may name a case, if nothing is written, if any.

    And the second (of UTC) from which on that must be worked out anew. By every law a debt has a
    year at least, so of a young one none is asked.
    """
    days, later = at.policy.limitation.warn_days, at.today + _FAR
    never, rest = (None, _second(later)), at.ledger.unpaid()
    if at.stage == "closed" or not days or not rest:
        return never
    ahead, oldest = max(days), min([one.issued or one.due for one in rest])
    young = _young(oldest, ahead)
    if at.today < young:
        return None, _second(min(young, later))
    if oldest > _old_enough(law, later, ahead):
        return never
    from dunctl.owed.limitation import clocks
    from dunctl.owed.limitation_alarms import horizon
    from dunctl.owed.limitation_profiles import binding

    limitations = law().limitations
    profile = binding(at.case, limitations)
    if profile is None:
        return never
    change = profile.earlier.over_before if profile.earlier else later
    moments = {at.today, later, min(max(change - timedelta(days=1), at.today), later)}
    if not any(oldest <= horizon(day, ahead, profile.shortest(day)) for day in moments):
        return never
    found = clocks(at.case, at.ledger, limitations, at.today).clocks
    last = min(
        (one.last for one in found if one.sued is None and one.left(at.today) >= 0), default=None
    )
    if last is None:
        return never
    return last - timedelta(days=ahead), _second(min(later, last + timedelta(days=1)))


@lru_cache(maxsize=256)
def _old_enough(law: Callable[[], Law], day: date, ahead: int) -> date:
    """Return the last day of a debt that by any profile may run out within ``ahead`` of a day."""
    from dunctl.owed.limitation_alarms import horizon

    years = min((one.shortest(date.min) for one in law().limitations.values()), default=0)
    return horizon(day, ahead, years)


@lru_cache(maxsize=1024)
def _young(since: date, ahead: int) -> date:
    """Return the day until which no debt since a day can run out within so many days."""
    return dates.add_months(since, 12) - timedelta(days=ahead + 1)


@lru_cache(maxsize=1024)
def _second(day: date) -> int:
    """Return the second in which a day begins where it begins first."""
    return int(datetime.combine(day, time(), UTC).timestamp()) - 14 * 3600
