"""When money reaches a debtor, and when it pays (practice A10, A11, A36)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from dunctl import dates

if TYPE_CHECKING:
    from dunctl.case.records import Income

LEAD_DAYS, AFTER_DAYS = 3, 1
"""Days before and after money comes in that are good for asking (practice A10, A11)."""


def income_near(incomes: Sequence[Income], today: date) -> date | None:
    """Return a day on which money reaches the debtor, if today is near it (practice A10, A11)."""
    if not incomes:
        return None
    window = [today + timedelta(days=n) for n in range(-AFTER_DAYS, LEAD_DAYS + 1)]
    for day in window:
        last = (day + timedelta(days=1)).day == 1
        for income in incomes:
            monthly = income.day_of_month
            if day == income.on or (
                monthly and (day.day == monthly or (last and monthly > day.day))
            ):
                return day
    return None


def settlement_days(day_of_month: int, today: date, working: dates.Working) -> list[date]:
    """Return the next days on which a debtor pays its suppliers, today's perhaps among them.

    In a month without such a day it is the last one. Where that is no working day there, it is the
    one before: who comes after it is told that the money is gone (practice A36, A37).
    """
    found = []
    for later in range(3):
        last = dates.month_end(dates.add_months(today.replace(day=1), later))
        day = last.replace(day=min(day_of_month, last.day))
        found.append(dates.add_working_days(day + timedelta(days=1), -1, working))
    return [day for day in found if day >= today]
