"""The day's list: is a case called today, whom, when and why, or why is it held and until when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from dunctl import dates
from dunctl.calling.desk import Day, Opened, call_span
from dunctl.calling.docket import sort_key, sort_of
from dunctl.calling.gated import back, gated, in_words
from dunctl.calling.journal import Answer, answer, missed
from dunctl.calling.people import Callee, callee
from dunctl.case.records import Income
from dunctl.steps import guard
from dunctl.steps.guard_clock import FOREVER
from dunctl.steps.plans import waits
from dunctl.steps.standing import Standing, attempts, conversations
from dunctl.words import t

LEAD_DAYS, AFTER_DAYS = 3, 1
"""Days before and after money comes in that are good for asking (practice A10, A11)."""


class Call(NamedTuple):
    """A case to be called today: when (the first and last instant), whom, for what, and why.

    ``opened`` is all the time at which it may be called, ``moment`` the clock time it is tied to.
    """

    at: Standing
    callee: Callee
    start: datetime
    end: datetime
    owed: Mapping[str, Decimal]
    pinned: bool
    why: tuple[str, ...]
    opened: Opened
    moment: datetime | None = None


class Held(NamedTuple):
    """A case that owes but is not called today, why, and the first day without that reason.

    ``rule`` names the rule of a pack that blocks it, such as ``house/holidays``.
    """

    at: Standing
    why: str
    until: date | None
    rule: str | None = None


def verdict(at: Standing, day: Day) -> Call | Held | None:
    """Return whether a case is called on what is left of a day; ``None``: nothing to ask.

    First the journal is asked, then the desk, the hours of the debtor, and the gate.
    """
    said = answer(at)
    if said.state == "nothing":
        return None
    if said.state == "held":
        return Held(at, "; ".join([said.words(), *_waiting(at)]), said.until)
    if not day.spans:
        return Held(at, t("the desk is closed"), None)
    who = callee(at.case, said.person)
    debtor = at.case.debtor
    packs = day.rules_of(debtor.kind, debtor.country, debtor.subdivision).packs
    key = sort_key(at, who.person)
    bars = guard.barred(at, packs, guard.Asked(who.person))
    opened = day.opened(key, bars.spans)
    finding = None
    if bars.asks or opened.state == "blocked":
        opened, finding = gated(at, who.person, key, day, packs)
    if opened.state == "open":
        return _call(at, said, opened, key)
    if finding is None:
        return Held(at, _closed(at), day.back(key, (), "closed"))
    sure = bars.exact == FOREVER and not bars.asks
    until = day.back(key, bars.spans, "blocked") if sure else back(at, who.person, packs)
    return Held(at, in_words(finding), until, finding.reason)


def _closed(at: Standing) -> str:
    if at.today.weekday() > 4:
        return t("weekend there")
    return t("closed there for the rest of our day")


def call_of(at: Standing, opened: Opened, key: str) -> Call:
    """Return the call of a case of which it is known already that it is open, and when.

    Raises ValueError if its journal says that it is not to be called.
    """
    said = answer(at)
    if said.state not in ("pinned", "free"):
        raise ValueError(f"{at.case.id} is not to be called: {said.state} {said.reason}")
    return _call(at, said, opened, key)


def _call(at: Standing, said: Answer, opened: Opened, key: str) -> Call:
    lead = sort_of(key).lead
    start, end = call_span(opened, said.moment, said.reason == "call_back", lead)
    likes = bool(dates.intersect(opened.liked, [(start, end)]))
    return Call(
        at,
        callee(at.case, said.person),
        start,
        end,
        at.asked,
        said.state == "pinned",
        tuple(_reasons(at, said, likes)),
        opened,
        said.moment,
    )


def _reasons(at: Standing, said: Answer, liked: bool) -> list[str]:
    pinned = said.state == "pinned"
    why = [said.words()] if pinned else []
    spoken, tried = conversations(at), attempts(at)
    if not tried and not spoken:
        why.append(t("nobody has been called yet"))
    elif not spoken:
        why.append(t("tried {count} times, nobody reached", count=len(tried)))
    elif not pinned:
        last = spoken[-1].astimezone(at.zone).date()
        why.append(t("last spoken on {day}", day=dates.say(last, today=at.today)))
    broken = [s for s in at.awaited if s.missing and s.status in ("broken", "partial")]
    if broken and not pinned:
        why.insert(0, missed(at, broken[-1]))
    why += _waiting(at)
    income = income_near(at.case.incomes, at.today)
    if income:
        why.append(t("money comes in on {day}", day=dates.say(income, today=at.today)))
    days, last_day = at.ledger.days_past_due(), at.policy.stages["prelegal"].to_day or 0
    if at.policy.ladder.decision_alarm_day <= days <= last_day:
        why.append(t("decide on the legal step before day {day}", day=last_day + 1))
    elif days > last_day:
        why.append(t("the legal step is to be decided since day {day}", day=last_day))
    if liked:
        why.append(t("likes to be called then"))
    return why


def _waiting(at: Standing) -> list[str]:
    return [waits(at.case, entry, at.today) for entry in at.pending]


def income_near(incomes: Iterable[Income], today: date) -> date | None:
    """Return a day on which money reaches the debtor, if today is near it (practice A10, A11)."""
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
