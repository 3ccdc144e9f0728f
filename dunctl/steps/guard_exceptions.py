"""When the exceptions of rules are given, so far as they depend on the journal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from dunctl.steps.calendar import next_working_day, settle_days
from dunctl.steps.guard_clock import FOREVER, Spans, day_start, minute_of
from dunctl.steps.guard_facts import (
    ATTEMPT,
    CALL_BACK_AFTER,
    CALL_BACK_BEFORE,
    CallBack,
    Facts,
    channel_of,
)
from dunctl.steps.promises import due_instant

Opens = list[tuple[int, int]]


def possible(facts: Facts) -> frozenset[str]:
    """Return which exceptions may be given at all, so that the others need not be looked at."""
    at = facts.at
    found: list[str] = []
    if facts.call_backs:
        found += ("call_back", "consent")
    if facts.promised:
        found += ("promise_due", "promise_missed", "reminder")
    if at.plan is not None:
        found.append("reminder")
    if at.case.debtor.settle_day:
        found.append("settle_day")
    if "in" in [contact.direction for contact in at.contacts]:
        found.append("reply")
    return frozenset(found)


def opens(facts: Facts, word: str, clock: bool, days: int = 0) -> Spans:
    """Return when an exception is given, sorted; ``clock`` for rules of hours and calendars.

    Besides the words of ``EXCEPTIONS`` there is ``consent``, of rules with ``consent_days``.
    """
    key = word, clock, days
    if key not in facts.given:
        found = _OPENS[word](facts, clock, days)
        facts.given[key] = sorted(span for span in found if span[0] < span[1])
    return facts.given[key]


def _call_back(facts: Facts, clock: bool, days: int) -> Opens:
    return [
        (
            back.moment - CALL_BACK_BEFORE,
            min(back.moment + CALL_BACK_AFTER, back.day_end) if clock else back.day_end,
        )
        for back in facts.call_backs
        if back.attempt == FOREVER and _theirs(facts, back)
    ]


def _consent(facts: Facts, clock: bool, days: int) -> Opens:
    return [
        (
            back.moment - CALL_BACK_BEFORE,
            min(back.day_end, day_start(facts.zone, back.asked_day + days)),
        )
        for back in facts.call_backs
        if back.talk == FOREVER and _theirs(facts, back)
    ]


def _theirs(facts: Facts, back: CallBack) -> bool:
    return facts.concerns(back.whom) and facts.asked.channel in ("phone", back.channel)


def _promise_due(facts: Facts, clock: bool, days: int) -> Opens:
    """A day on which a promise is due, unless they were tried on it.

    What was promised for a clock time may be reminded of on the day on which it was promised.
    """
    found = []
    for nth, _, day in facts.promised:
        promise = facts.at.awaited[nth].promise
        span = day_start(facts.zone, day), day_start(facts.zone, day + 1)
        since = span[0]
        if isinstance(promise.due, datetime):
            since = max(since, minute_of(promise.at) + 1)
        if not any(since <= row.minute < span[1] and row.words & ATTEMPT for row in facts.rows):
            found.append(span)
    return found


def _promise_missed(facts: Facts, clock: bool, days: int) -> Opens:
    talk = facts.last_talk()
    return [
        (due, FOREVER)
        for nth, due, _ in facts.promised
        if talk is None or talk <= due_instant(facts.at.awaited[nth].promise.due, facts.zone)
    ]


def _reminder(facts: Facts, clock: bool, days: int) -> Opens:
    """The days from the reminder of a promise or of an unpaid instalment to its due day."""
    at = facts.at
    ends = [day for _, _, day in facts.promised]
    if at.plan is not None and at.schedule is not None:
        ends += [one.due.toordinal() for one in at.schedule.instalments if one.missing]
    before = at.policy.promise.remind_days_before
    return [(day_start(facts.zone, day - before), day_start(facts.zone, day + 1)) for day in ends]


def _settle_day(facts: Facts, clock: bool, days: int) -> Opens:
    """The coming days on which they pay suppliers (practice A36)."""
    at, talk, day_of_month = facts.at, facts.last_talk(), facts.at.case.debtor.settle_day
    spoken = talk.astimezone(facts.zone).toordinal() if talk else 0
    coming = settle_days(day_of_month, at.today, at.calendar.working) if day_of_month else []
    return [
        (day_start(facts.zone, day), day_start(facts.zone, day + 1))
        for day in map(date.toordinal, coming)
        if day > spoken
    ]


def _reply(facts: Facts, clock: bool, days: int) -> Opens:
    """From a contact of theirs to the end of its day, or of the next working day, until ours."""
    asked = facts.asked
    for contact in reversed(facts.at.contacts):
        if channel_of(contact.channel, contact.outcome) != asked.channel:
            continue
        if not facts.concerns(facts.name(contact.whom)):
            continue
        if contact.direction == "out":
            return []
        minute = minute_of(contact.at)
        day = facts.day(minute)
        if not clock:
            following = next_working_day(facts.at.calendar, date.fromordinal(day))
            day = following.toordinal()
        return [(minute, day_start(facts.zone, day + 1))]
    return []


_OPENS: Mapping[str, Callable[[Facts, bool, int], Opens]] = {
    "call_back": _call_back,
    "consent": _consent,
    "promise_due": _promise_due,
    "promise_missed": _promise_missed,
    "reminder": _reminder,
    "reply": _reply,
    "settle_day": _settle_day,
}
