"""What the rules of the clock go by, the same for very many cases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dunctl.tuples import NamedTuple

if TYPE_CHECKING:
    from dunctl.steps.calendar import Calendar
    from dunctl.steps.packs import Pack


class Habits(NamedTuple):
    """What is recorded of the person and the debtor that rules of the clock look at."""

    lunch: str | None
    hours: str | None
    prefer: tuple[str, ...]
    avoid: tuple[str, ...]
    no_work_calls: bool


class Calendars(NamedTuple):
    """The calendars of the debtor's subdivision, and of the whole country."""

    here: Calendar
    nationwide: Calendar


class Sort(NamedTuple):
    """What the rules of the clock go by in a call to collect; the same for very many cases."""

    packs: Sequence[Pack]
    habits: Habits
    calendars: Calendars
    zones: tuple[str, ...]
