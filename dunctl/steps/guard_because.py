"""Where in the case's file that stands which a rule goes by: key paths, as of ``case/lines``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from dunctl.case.lines import Path
from dunctl.case.records import Dispute, pairs
from dunctl.steps.guard_clock import day_start
from dunctl.steps.guard_facts import Facts, Row
from dunctl.steps.guard_rules import (
    first_letter,
    first_talk,
    hold_end,
    talks_with,
    wrong_number,
)
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
    Zones,
)


def because(what: What, facts: Facts, minute: int) -> Path | None:
    """Return the key of the case by which a rule forbids a contact at ``minute``, if there is one.

    A path ends where the file has the key, so that a default of the country leads to the country.
    """
    return _WHY[type(what)](what, facts, minute)


def _debtor(facts: Facts, *names: str) -> Path:
    """Return the first of these keys that the file has."""
    table = facts.at.case.data.get("debtor", {})
    return next((("debtor", name) for name in names if name in table), ("debtor",))


def _person(facts: Facts, name: str) -> Path:
    """Return a key of the person asked about, or of the debtor."""
    person = facts.asked.person
    tables = facts.at.case.data.get("person", [])
    for nth, table in enumerate(tables):
        if person is not None and table.get("name") == person.name:
            return ("person", nth, name) if name in table else ("person", nth)
    return _debtor(facts, name)


def _entry(facts: Facts, record: object) -> Path | None:
    for entry in facts.at.case.journal:
        if entry.record is record:
            return entry.kind, entry.nth
    return None


def _clock(what: What, facts: Facts, minute: int) -> Path:
    return _debtor(facts, "timezone", "country")


def _lunch(what: Lunch, facts: Facts, minute: int) -> Path:
    person = facts.asked.person
    if person is not None and person.lunch:
        return _person(facts, "lunch")
    return _debtor(facts, "lunch", "timezone", "country")


def _holidays(what: Holidays, facts: Facts, minute: int) -> Path:
    return _debtor(facts, *(("subdivision",) if what.calendar == "regional" else ()), "country")


def _quiet(what: QuietHours, facts: Facts, minute: int) -> Path:
    return _person(facts, "avoid")


def _place(what: Place, facts: Facts, minute: int) -> Path:
    return _person(facts, "no_work_calls")


def _row(facts: Facts, rows: Iterable[Row], minute: int) -> Path | None:
    """Return the newest of rows on the day of ``minute`` or before."""
    end = day_start(facts.zone, facts.day(minute) + 1)
    newest = next((row for row in rows if row.minute < end), None)
    return _entry(facts, newest.record) if newest else None


def _cap(what: AttemptsCap, facts: Facts, minute: int) -> Path | None:
    person = "person" in what.per
    rows = facts.counted(what.counts, what.consent_days, person)
    since = first_talk(facts, person) if what.once_spoken else 0
    return _row(facts, (row for row in rows if row.minute >= since), minute)


def _rest(what: Cooldown | Spacing, facts: Facts, minute: int) -> Path | None:
    days = what.consent_days if isinstance(what, Cooldown) else None
    rows = facts.counted(what.after, days, "person" in what.per)
    return _row(facts, rows, minute)


def _holding(what: Holding, facts: Facts, minute: int) -> Path | None:
    at = facts.at
    holds = [
        hold for hold in at.holds if hold.kind in what.holds and hold_end(facts, hold) > minute
    ]
    if holds:
        return _entry(facts, max(holds, key=lambda hold: hold_end(facts, hold)))
    if "plan" in what.holds and at.plan is not None:
        return _entry(facts, at.plan)
    if "dispute" in what.holds and everything_disputed(at):
        disputes = [entry for entry, dispute in pairs(at.case, Dispute) if dispute.at <= at.now]
        return (disputes[-1].kind, disputes[-1].nth) if disputes else None
    return None


def _promise(what: PromiseRunning, facts: Facts, minute: int) -> Path | None:
    nth = max(facts.promised, key=lambda one: one[1])[0]
    entry = facts.at.awaited[nth].entry
    return entry.kind, entry.nth


def _third_party(what: ThirdParty, facts: Facts, minute: int) -> Path | None:
    talks = talks_with(facts, facts.asked.person.name) if facts.asked.person else []
    return _entry(facts, talks[-1]) if what.at_most and talks else _person(facts, "role")


def _visit(what: Visit, facts: Facts, minute: int) -> Path | None:
    hostile = facts.at.case.debtor.manner in what.manners
    return _debtor(facts, "manner") if hostile else None


def _consent(what: Consent, facts: Facts, minute: int) -> Path | None:
    return _debtor(facts, "kind")


def _number(what: Number, facts: Facts, minute: int) -> Path | None:
    wrong = wrong_number(facts) if what.after_wrong else None
    return _entry(facts, wrong) if wrong else _person(facts, "phone")


def _lead_letter(what: LeadLetter, facts: Facts, minute: int) -> Path | None:
    letter = first_letter(facts)
    return _entry(facts, letter) if letter else None


_WHY: Mapping[type[Any], Callable[[Any, Facts, int], Path | None]] = {
    Zones: _clock,
    Hours: _clock,
    Weekday: _clock,
    Lunch: _lunch,
    Holidays: _holidays,
    QuietHours: _quiet,
    Place: _place,
    AttemptsCap: _cap,
    Cooldown: _rest,
    Spacing: _rest,
    Holding: _holding,
    PromiseRunning: _promise,
    ThirdParty: _third_party,
    Visit: _visit,
    Consent: _consent,
    Number: _number,
    LeadLetter: _lead_letter,
}
