"""When money reaches a debtor (practice A10, A11)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

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
