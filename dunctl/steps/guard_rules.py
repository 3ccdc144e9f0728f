"""When each kind of rule forbids a contact, as closed spans of time, exceptions apart.

Rules of the clock and the calendar depend on the debtor's wall clock and day alone (``wall_closed``
in minutes of that day); rules of the journal on what has happened (``closed`` in minutes of UTC,
exact within the piece of time that is asked about and true beyond it).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from dunctl import dates
from dunctl.case.phones import same_number
from dunctl.case.records import Contact, Hold, Letter
from dunctl.steps.calendar import kind
from dunctl.steps.dialling import dialling_order
from dunctl.steps.guard_clock import DAY, FOREVER, Piece, Spans, day_start, minute_of, on
from dunctl.steps.guard_facts import Facts, spoken
from dunctl.steps.guard_sort import Calendars, Habits
from dunctl.steps.ladder import everything_disputed
from dunctl.steps.packs_kinds import (
    AttemptsCap,
    Consent,
    Cooldown,
    Holding,
    Holidays,
    Hours,
    LeadLetter,
    Lunch,
    Number,
    Place,
    PromiseRunning,
    QuietHours,
    Spacing,
    ThirdParty,
    Visit,
    Weekday,
    What,
    days_of_year,
)

WHOLE: Spans = ((0, DAY),)
NEVER: Spans = ()


def wall_closed(
    what: What, unless: tuple[str, ...], habits: Habits, calendars: Calendars, day: int
) -> Spans:
    """Return the minutes of a day that a rule of the clock or the calendar closes."""
    weekday = (day - 1) % 7
    closed = CLOCK[type(what)](what, habits, calendars, day, weekday)
    return dates.subtract(closed, wall_opens(unless, habits, calendars, day)) if closed else NEVER


def wall_opens(
    unless: tuple[str, ...], habits: Habits, calendars: Calendars, day: int
) -> list[tuple[int, int]]:
    """Return the minutes of a day that the exceptions of the clock and the calendar give free."""
    weekday = (day - 1) % 7
    found: list[tuple[int, int]] = []
    for word in unless:
        if word == "prefer":
            found += (span for text in habits.prefer for span in on(text, weekday))
        elif word == "own_hours" and habits.hours:
            found += on(habits.hours, weekday)
        elif word == "working_day":
            there = kind(calendars.here, date.fromordinal(day))[0]
            found += WHOLE if there == "working" else NEVER
    return found


STATIC = frozenset({"prefer", "own_hours", "working_day"})
"""Exceptions that depend on the wall clock and the day alone."""


def _hours(what: Hours, habits: Habits, calendars: Calendars, day: int, weekday: int) -> Spans:
    return dates.subtract(WHOLE, on(what.open, weekday))


def _lunch(what: Lunch, habits: Habits, calendars: Calendars, day: int, weekday: int) -> Spans:
    return on(habits.lunch or what.closed, weekday)


def _weekday(what: Weekday, habits: Habits, calendars: Calendars, day: int, weekday: int) -> Spans:
    return on(what.closed, weekday)


def _holidays(
    what: Holidays, habits: Habits, calendars: Calendars, day: int, weekday: int
) -> Spans:
    there = date.fromordinal(day)
    if what.calendar == "listed":
        return WHOLE if there in _listed(what.days, there.year) else NEVER
    calendar = calendars.here if what.calendar == "regional" else calendars.nationwide
    return WHOLE if kind(calendar, there)[0] == "holiday" else NEVER


@lru_cache(maxsize=256)
def _listed(days: tuple[str, ...], year: int) -> frozenset[date]:
    return days_of_year(days, year)


def _quiet(what: QuietHours, habits: Habits, calendars: Calendars, day: int, weekday: int) -> Spans:
    return dates.merge(span for text in habits.avoid for span in on(text, weekday))


def _place(what: Place, habits: Habits, calendars: Calendars, day: int, weekday: int) -> Spans:
    """What a number is for is not recorded: only who said "not at work" is asked after."""
    if not habits.no_work_calls:
        return NEVER
    return dates.subtract(WHOLE, on(what.open, weekday)) if what.open else WHOLE


CLOCK: Mapping[type[Any], Callable[[Any, Habits, Calendars, int, int], Spans]] = {
    Hours: _hours,
    Lunch: _lunch,
    Weekday: _weekday,
    Holidays: _holidays,
    QuietHours: _quiet,
    Place: _place,
}


def _until(piece: Piece, end: int) -> Spans:
    return ((piece.start, end),) if end > piece.start else NEVER


def _cap(what: AttemptsCap, facts: Facts, piece: Piece) -> Spans:
    """Full: until the oldest of the newest ``at_most`` leaves the window."""
    days = what.days or date.fromordinal(piece.day).day
    first = day_start(facts.zone, piece.day - days + 1)
    if not facts.rows or facts.rows[0].minute < first:
        return NEVER
    last = day_start(facts.zone, piece.day + 1)
    since = first_talk(facts, "person" in what.per) if what.once_spoken else 0
    left = what.at_most
    for row in facts.counted(what.counts, what.consent_days, "person" in what.per):
        if first <= row.minute < last and row.minute >= since:
            left -= 1
            if not left:
                if what.days:
                    return _until(piece, day_start(facts.zone, facts.day(row.minute) + what.days))
                month = dates.month_end(date.fromordinal(piece.day))
                return _until(piece, day_start(facts.zone, month.toordinal() + 1))
    return NEVER


def first_talk(facts: Facts, person: bool) -> int:
    """Return the minute of the first conversation; a cap ``once_spoken`` counts from it on."""
    for contact in facts.at.contacts:
        if spoken(contact.channel, contact.outcome) and (
            not person or facts.concerns(facts.name(contact.whom))
        ):
            return minute_of(contact.at)
    return FOREVER


def _cooldown(what: Cooldown, facts: Facts, piece: Piece) -> Spans:
    for row in facts.counted(what.after, what.consent_days, "person" in what.per):
        if row.minute < piece.end:
            day = facts.day(row.minute)
            end = day + what.days
            if what.working:
                first = date.fromordinal(day)
                working = facts.at.calendar.working
                end = dates.add_working_days(first, what.days, working).toordinal()
            return _until(piece, day_start(facts.zone, end)) if end > piece.day else NEVER
    return NEVER


def _spacing(what: Spacing, facts: Facts, piece: Piece) -> Spans:
    for row in facts.counted(what.after, None, "person" in what.per):
        if row.minute < piece.end:
            end = row.minute + what.minutes
            return ((max(row.minute, piece.start), end),) if end > piece.start else NEVER
    return NEVER


def _holding(what: Holding, facts: Facts, piece: Piece) -> Spans:
    at, person = facts.at, facts.asked.person
    if person is not None and person.role in what.roles:
        return NEVER
    end = 0
    for hold in at.holds:
        if hold.kind in what.holds and not (what.roles and person and person.name == hold.whom):
            end = max(end, hold_end(facts, hold))
    if "plan" in what.holds and at.plan is not None and not at.settled:
        end = max(end, facts.plan_end())
    if "dispute" in what.holds and everything_disputed(at):
        end = FOREVER
    return _until(piece, end)


def hold_end(facts: Facts, hold: Hold) -> int:
    """Return the minute in which a hold ends; one for a plan ends with the plan."""
    end = day_start(facts.zone, hold.until.toordinal() + 1) if hold.until else FOREVER
    if hold.kind == "plan" and facts.at.planned:
        end = min(end, facts.plan_end() if facts.at.plan is not None else 0)
    return end


def _promise(what: PromiseRunning, facts: Facts, piece: Piece) -> Spans:
    return _until(piece, max((due for _, due, _ in facts.promised), default=0))


def _third_party(what: ThirdParty, facts: Facts, piece: Piece) -> Spans:
    person = facts.asked.person
    if person is None or person.role not in what.roles:
        return NEVER
    if what.purposes and facts.asked.purpose not in what.purposes:
        return _until(piece, FOREVER)
    if what.at_most is None or len(talks_with(facts, person.name)) < what.at_most:
        return NEVER
    return _until(piece, FOREVER)


def talks_with(facts: Facts, name: str) -> list[Contact]:
    """Return the contacts in which somebody outside was spoken with, by exactly this name."""
    return [
        contact
        for contact in facts.at.contacts
        if contact.whom == name
        and (contact.outcome == "third_party" or spoken(contact.channel, contact.outcome))
    ]


def _visit(what: Visit, facts: Facts, piece: Piece) -> Spans:
    at = facts.at
    if at.case.debtor.manner in what.manners:
        return _until(piece, FOREVER)
    tried = at.letters or any(
        c.direction == "out" and c.channel != "visit" and c.outcome != "visit_done"
        for c in at.contacts
    )
    return _until(piece, FOREVER) if what.last_resort and not tried else NEVER


def _consent(what: Consent, facts: Facts, piece: Piece) -> Spans:
    channel = facts.asked.channel
    given = any(
        contact.channel == channel
        and (contact.direction == "in" or contact.call_back)
        and facts.concerns(facts.name(contact.whom))
        for contact in facts.at.contacts
    )
    return NEVER if given else _until(piece, FOREVER)


def _number(what: Number, facts: Facts, piece: Piece) -> Spans:
    if what.after_wrong and wrong_number(facts) is not None:
        return _until(piece, FOREVER)
    if what.unverified and not _proved(facts):
        return _until(piece, FOREVER)
    return NEVER


def wrong_number(facts: Facts) -> Contact | None:
    """Return the call that met somebody else, at the number that would be called.

    Only if it was neither answered nor verified since. A call of which the number is not known may
    have been to any of theirs; a message may go to any.
    """
    if "wrong_number" not in [contact.outcome for contact in facts.at.contacts]:
        return None
    found = None
    numbers = dialling_order(facts.at, facts.asked.person)
    if facts.asked.channel == "phone":
        numbers = numbers[:1]
    for contact in facts.at.contacts:
        concerns = facts.concerns(facts.name(contact.whom))
        if contact.outcome == "wrong_number":
            if contact.phone is not None:
                concerns = any(same_number(contact.phone, number) for number in numbers)
            found = contact if concerns else found
        elif not concerns:
            continue
        elif contact.channel == "phone" and spoken(contact.channel, contact.outcome):
            found = None
    person = facts.asked.person
    if found is None or person is None or person.verified is None:
        return found
    return found if person.verified < found.at.astimezone(facts.zone).date() else None


def _proved(facts: Facts) -> bool:
    person = facts.asked.person
    return (person is not None and person.verified is not None) or any(
        contact.channel == "phone"
        and spoken(contact.channel, contact.outcome)
        and facts.concerns(facts.name(contact.whom))
        for contact in facts.at.contacts
    )


def _lead_letter(what: LeadLetter, facts: Facts, piece: Piece) -> Spans:
    first = first_letter(facts)
    if first is None:
        return _until(piece, FOREVER)
    day = first.at.astimezone(facts.zone).toordinal()
    return _until(piece, day_start(facts.zone, day + what.wait_days + 1))


def first_letter(facts: Facts) -> Letter | Contact | None:
    """Return the first letter of ours, by post, fax or e-mail, or the contact that says so."""
    letters: list[Letter | Contact] = [
        letter for letter in facts.at.letters if letter.channel in ("letter", "fax", "email")
    ]
    letters += [
        contact
        for contact in facts.at.contacts
        if contact.direction == "out"
        and (contact.channel == "letter" or contact.outcome == "letter_sent")
    ]
    return min(letters, key=lambda one: one.at, default=None)


def pointless(facts: Facts) -> tuple[type[Any], ...]:
    """Return kinds of rules of the journal that close nothing, whatever they say."""
    at = facts.at
    disputed = [r for r in at.ledger.receivables if r.disputed > 0]
    held = at.holds or at.plan is not None or disputed
    return (
        *(() if held else (Holding,)),
        *(() if facts.promised else (PromiseRunning,)),
        *(() if facts.rows else (AttemptsCap, Cooldown, Spacing)),
    )


JOURNAL: Mapping[type[Any], Callable[[Any, Facts, Piece], Spans]] = {
    AttemptsCap: _cap,
    Cooldown: _cooldown,
    Spacing: _spacing,
    Holding: _holding,
    PromiseRunning: _promise,
    ThirdParty: _third_party,
    Visit: _visit,
    Consent: _consent,
    Number: _number,
    LeadLetter: _lead_letter,
}
