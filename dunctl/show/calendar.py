"""The day's calls as an iCalendar file."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from dunctl.calling.weigh import Row
from dunctl.show.people import who_line
from dunctl.show.text import amounts, clean


def as_ics(rows: Iterable[Row], now: datetime) -> str:
    """Return the rows as events, one a call, each with an id that stays the same."""
    from icalendar import Calendar, Event

    calendar = Calendar()
    calendar.add("prodid", "-//dunctl//EN")
    calendar.add("version", "2.0")
    for row in rows:
        call = row.call
        who = who_line(call.callee, call.card.id)
        event = Event()
        event.add("uid", clean(f"{call.card.id}-{now:%Y%m%d}@dunctl"))
        event.add("dtstamp", now)
        event.add("dtstart", row.start)
        event.add("dtend", row.end)
        event.add("summary", clean(f"{call.card.debtor}: {who}"))
        event.add("description", clean(f"{amounts(call.card.owed)}; {'; '.join(row.why)}"))
        calendar.add_component(event)
    text: str = calendar.to_ical().decode("utf-8")
    return text
