"""The gate before the list, asked about one case: is it called today, or what holds it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from dunctl.calling.desk import LEAST, Day, Opened
from dunctl.calling.docket import sort_of
from dunctl.calling.filing import card_of, sort_key
from dunctl.calling.journal import answer
from dunctl.calling.people import asked_for
from dunctl.calling.today import Call, Held, call_of, held_of
from dunctl.case.records import Case, Person
from dunctl.steps import guard
from dunctl.steps.guard import Asked, Finding, open_slots
from dunctl.steps.guard_clock import FOREVER
from dunctl.steps.guard_words import demand, number_remedy
from dunctl.steps.packs import Pack
from dunctl.steps.standing import Standing


def verdict(at: Standing, day: Day) -> Call | Held | None:
    """Return whether a case is called on what is left of a day; ``None``: nothing to ask.

    First the journal is asked, then the desk, the hours of the debtor, and the gate.
    """
    said = answer(at)
    if said.state == "nothing":
        return None
    debtor = at.case.debtor
    packs = day.packs_of(debtor.kind, debtor.country, debtor.subdivision)
    card = card_of(at, packs)
    if said.state == "held" or not day.spans:
        return held_of(card, day, card.back)
    who = asked_for(at, said.person)
    key = sort_key(at, who.person)
    bars = guard.barred(at, packs, guard.Asked(who.person))
    opened = day.opened(key, bars.spans)
    finding = None
    if bars.asks or opened.state == "blocked":
        opened, finding = gated(at, who.person, key, day, packs)
    if opened.state == "open":
        return call_of(card, opened, key)._replace(callee=who)
    if finding is None:
        return held_of(card, day, day.back(key, (), "closed"))
    sure = bars.exact == FOREVER and not bars.asks
    until = day.back(key, bars.spans, "blocked") if sure else back(at, who.person, packs, day)
    return Held(card, in_words(at.case, finding, who.person), until, finding.reason)


def gated(
    at: Standing, person: Person | None, key: str, day: Day, packs: Sequence[Pack]
) -> tuple[Opened, Finding | None]:
    """Return when the gate itself lets a case be called, and if it does not, why."""
    worst: list[Finding] = []

    def free(starts: tuple[datetime, ...], minutes: int) -> list[bool]:
        opened, finding = open_slots(at, packs, Asked(person, minutes=minutes), starts, minutes)
        worst[:] = [finding] if finding else worst
        return opened

    opened = day.open_if(sort_of(key), lambda: day.asked(free))
    return opened, worst[0] if worst and opened.state == "blocked" else None


def in_words(case: Case, finding: Finding, person: Person | None) -> str:
    """Say what blocks a call to a person, and what helps if nothing but that does."""
    words = f"{demand(finding)} ({finding.reason})"
    remedy = number_remedy(case, finding, person)
    return f"{words}; {remedy}" if remedy else words


def back(at: Standing, person: Person | None, packs: Sequence[Pack], day: Day) -> date | None:
    """Return the desk's first day on which nothing blocks a case, from the gate itself."""
    found = guard.verdict(at, packs, Asked(person, minutes=LEAST), at.now)
    return day.day_of(found.next_allowed) if found.next_allowed else None
