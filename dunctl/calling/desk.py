"""What is left of the desk's day, and when the cases of each sort may be called in it."""

from __future__ import annotations

import json
from collections.abc import Callable, MutableMapping, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, Literal

from dunctl import dates
from dunctl.calling.docket import Sort, sort_of
from dunctl.calling.windows import Spans, desk_spans, half_hours, open_spans, preferred_spans
from dunctl.steps.guard_clock import DAY, instant, minute_of, overlap
from dunctl.steps.guard_clock import Spans as Minutes
from dunctl.tuples import NamedTuple

if TYPE_CHECKING:
    from dunctl.steps.guard_sort import Calendars
    from dunctl.steps.guard_sort import Sort as Ruled
    from dunctl.steps.packs import Pack

_WEEK, _FAR = 7, 60
"""Days after which hours never meet, and in which an office opens again after holidays."""
LEAST = 30
"""Minutes for a call, where it is looked for the day on which one is possible again."""
Kept = MutableMapping[str, list[list[int]]]
"""Spans of minutes by what was asked, as JSON: what ``Day`` keeps of the gate's answers."""


class Rules(NamedTuple):
    """Where to find the packs that apply to a sort of debtor, and the calendars of where it is.

    A debtor's sort is its kind, country and subdivision. ``hours`` are the desk's.
    """

    packs: Callable[[str, str | None, str | None], Sequence[Pack]]
    calendars: Callable[[str | None, str | None], Calendars]
    hours: str


Free = Callable[[tuple[datetime, ...], int], Sequence[bool]]
"""The gate's answer for half-hours by their starts; all have so many minutes."""


_CLOCK = Sort._fields.index("lead")
"""How many fields of a sort decide when it is open; they come first."""


class Opened(NamedTuple):
    """When a case may be called today: ``allowed``, and of that what they like; or why not.

    ``slots`` are the half-hours of the desk that lie wholly within ``open``.
    """

    state: Literal["open", "closed", "blocked"]
    allowed: Spans
    liked: Spans
    slots: tuple[int, ...]

    @property
    def open(self) -> Spans:
        """Return when it is called: when they like it, if that is possible."""
        return self.liked or self.allowed


class Day:
    """The desk's day from ``now`` on; remembers what the cases of a sort have in common.

    ``minute`` is that of ``now``, ``spans`` when the desk works, ``halves`` its half-hours.
    ``kept`` is what the gate said of the clock on that day, which is the same all day: the minutes
    that it closes, and, from which minute until which, when a sort that is blocked is free again.
    """

    def __init__(
        self,
        now: datetime,
        spans: Spans,
        rules: Rules,
        kept: Kept | None = None,
    ) -> None:
        """Make a day; nothing is asked of the rules yet."""
        self.now = now
        self.minute = minute_of(now)
        self.spans = spans
        self.halves = half_hours(spans)
        self.packs_of = rules.packs
        self.kept = {} if kept is None else kept
        self._rules = rules
        self._lengths: dict[int, list[int]] = {}
        for n, (start, end) in enumerate(self.halves):
            self._lengths.setdefault(int((end - start).total_seconds()) // 60, []).append(n)
        self._starts = {
            minutes: tuple(self.halves[n][0] for n in some)
            for minutes, some in self._lengths.items()
        }
        self._minutes = [
            (minute_of(start), minute_of(start) + max(minutes, 1))
            for minutes, some in self._lengths.items()
            for start, _ in (self.halves[n] for n in some)
        ]
        self._minutes.sort()
        self._last = max((end for _, end in self._minutes), default=0)
        self._opened: dict[tuple[str, Minutes], Opened] = {}
        self._alike: dict[object, Opened] = {}
        self._theirs: dict[object, Spans] = {}
        self._free: dict[object, list[bool]] = {}
        self._back: dict[tuple[str, Minutes, str], date | None] = {}
        self._days: dict[tzinfo, date] = {}
        self._midnight = self.begin(now.toordinal())

    def today(self, zone: tzinfo) -> date:
        """Return the day that it is in a zone."""
        if zone not in self._days:
            self._days[zone] = self.now.astimezone(zone).date()
        return self._days[zone]

    def opened(self, key: str, barred: Minutes) -> Opened:
        """Return when a case of a sort may be called whose journal bars spans of minutes."""
        spans = tuple(s for s in barred if s[0] < self._last and s[1] > self.minute)
        found = self._opened.get((key, spans))
        if found is None:
            sort = sort_of(key)
            alike = sort[:_CLOCK], spans
            found = self._alike.get(alike) or self.open_if(sort, lambda: self._left(key, spans))
            self._opened[key, spans] = self._alike[alike] = found
        return found

    def _left(self, key: str, spans: Minutes) -> list[bool]:
        """Return which half-hours the clock and the spans that are barred leave free."""
        sort = sort_of(key)
        clock = sort.kind, sort.country, sort.subdivision, sort.zones, sort.habits
        free = self._free.get(clock)
        if free is None:
            closed = self._closed(sort, json.dumps(clock))
            free = [not overlap(closed, begin, end) for begin, end in self._minutes]
            self._free[clock] = free
        if not spans:
            return free
        return [
            is_free and not overlap(spans, begin, end)
            for is_free, (begin, end) in zip(free, self._minutes, strict=True)
        ]

    def _closed(self, sort: Sort, clock: str) -> Minutes:
        """Return the minutes of the day, and of the night after it, that the clock closes."""
        if clock not in self.kept:
            from dunctl.steps.guard import closed_by_the_clock

            first = self._midnight
            spans = closed_by_the_clock(self._ruled(sort), first, first + 2 * DAY)
            self.kept[clock] = [list(span) for span in spans]
        return [(start, end) for start, end in self.kept[clock]]

    def asked(self, free: Free) -> list[bool]:
        """Return the gate's answer for each half-hour of the day."""
        found = [False] * len(self.halves)
        for minutes, some in self._lengths.items():
            answers = free(self._starts[minutes], minutes)
            for n, is_free in zip(some, answers, strict=True):
                found[n] = is_free
        return found

    def open_if(self, sort: Sort, free_of: Callable[[], Sequence[bool]]) -> Opened:
        """Return when a case may be called; ``free_of`` asks the gate about the half-hours."""
        theirs = self._theirs.get((sort.opening, sort.zones))
        zones = [dates.zone(name) for name in sort.zones]
        if theirs is None:
            theirs = open_spans(sort.opening, zones, self.spans)
            self._theirs[sort.opening, sort.zones] = theirs
        if not theirs:
            return Opened("closed", [], [], ())
        free = free_of()
        left: Spans = []
        for (start, end), is_free in zip(self.halves, free, strict=True):
            if is_free and left and left[-1][1] == start:
                left[-1] = left[-1][0], end
            elif is_free:
                left.append((start, end))
        allowed = dates.intersect(theirs, left)
        if not allowed:
            blocked = any(not any(free[n] for n in some) for some in self._lengths.values())
            return Opened("blocked" if blocked else "closed", [], [], ())
        liked = preferred_spans(sort.habits.prefer, zones[0], allowed)
        return Opened("open", allowed, liked, self._within(liked or allowed))

    def _within(self, spans: Spans) -> tuple[int, ...]:
        found: list[int] = []
        for first, last in spans:
            found += [
                n for n, (start, end) in enumerate(self.halves) if first <= start <= end <= last
            ]
        return tuple(found)

    def back(self, key: str, barred: Minutes, state: str) -> date | None:
        """Return when a case of a sort that is not open comes back: the first day, if any.

        Days are the desk's. Closed, it waits for the next day on which they work while the desk
        does, ``None`` if their hours never meet; blocked, until neither the clock nor the spans
        that its journal bars stand in the way.
        """
        if (key, barred, state) not in self._back:
            sort = sort_of(key)
            if state == "blocked":
                minute = self._next_open(key, sort, barred)
                day = None if minute is None else self.day_of(instant(minute))
            else:
                day = self._next_met(sort)
            self._back[key, barred, state] = day
        return self._back[key, barred, state]

    def day_of(self, moment: datetime) -> date:
        """Return the day of an instant on the desk's clock."""
        return moment.astimezone(self.now.tzinfo).date()

    def begin(self, day: int) -> int:
        """Return the minute in which a day (ordinal) begins on the desk's clock."""
        return minute_of(datetime.combine(date.fromordinal(day), time(), self.now.tzinfo))

    def _next_met(self, sort: Sort) -> date | None:
        """Return the desk's next day on which a sort is open within its hours, if there is one."""
        zones = [dates.zone(name) for name in sort.zones]
        here = self._rules.calendars(sort.country, sort.subdivision).here
        met = False
        for ahead in range(1, _FAR + 1):
            day = self.now.date() + timedelta(days=ahead)
            desk = desk_spans(self._rules.hours, datetime.combine(day, time(), self.now.tzinfo))
            spans = open_spans(sort.opening, zones, desk)
            if any(here.working(start.astimezone(zones[0]).date()) for start, _ in spans):
                return day
            met = met or bool(spans)
            if ahead == _WEEK and not met:
                break
        return None

    def _next_open(self, key: str, sort: Sort, barred: Minutes) -> int | None:
        """Return the first minute from which a sort is free; until then the answer is the same."""
        name = json.dumps([key, barred])
        for since, until in self.kept.get(name, ()):
            if since <= self.minute <= until:
                return until
        from dunctl.steps.guard import next_open

        minute = next_open(self._ruled(sort), barred, self.now, LEAST)
        if minute is not None:
            self.kept[name] = [[self.minute, minute]]
        return minute

    def _ruled(self, sort: Sort) -> Ruled:
        from dunctl.steps.guard_sort import Sort as Ruled

        where = sort.country, sort.subdivision
        packs, calendars = self._rules.packs(sort.kind, *where), self._rules.calendars(*where)
        return Ruled(packs, sort.habits, calendars, sort.zones)


def call_span(
    opened: Opened, moment: datetime | None, asked: bool, lead: int
) -> tuple[datetime, datetime]:
    """Return when a case is to be called: at once, or at a clock time that was agreed.

    At the time that they ``asked`` for, or ``lead`` minutes before a promised one (practice A22);
    where that is closed, the last open time before it; where that is over, the next one.
    """
    if moment is None:
        return opened.open[0]
    half = timedelta(minutes=lead)
    first = moment if asked else moment - half
    last = moment + half if asked else moment
    for start, end in opened.allowed:
        if start < last and first < end:
            return max(start, first), min(end, last)
    before = [span for span in opened.allowed if span[1] <= first]
    if before:
        start, end = before[-1]
        return max(start, end - half), end
    return opened.allowed[0]
