"""A case is filed for the morning: its docket and its card, made of where it stands."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from math import ceil

from dunctl import dates, money
from dunctl.calling import value
from dunctl.calling.card import Card
from dunctl.calling.docket import NOBODY, Docket, Sort, packed
from dunctl.calling.income import income_near
from dunctl.calling.journal import Answer, above_abusive, answer, missed, wakes
from dunctl.calling.odds import DAYS, profile
from dunctl.calling.people import asked_for, callee
from dunctl.calling.windows import opening
from dunctl.calling.writing import suggestion
from dunctl.case.records import Payment, Person, of
from dunctl.case.vocabulary import UNANSWERED, UNFINISHED
from dunctl.steps import guard
from dunctl.steps.guard_clock import DAY, FOREVER
from dunctl.steps.guard_facts import LIVE
from dunctl.steps.packs import Pack
from dunctl.steps.plans import waits
from dunctl.steps.standing import Standing, attempts, last_conversation
from dunctl.words import t


def docket(at: Standing, packs: Sequence[Pack], paid_within_days: int) -> Docket:
    """Return the docket of a case as it stands; ``packs`` are those that apply to it.

    A payment counts for a conversation at most ``paid_within_days`` before it.
    """
    said = answer(at)
    own = at.ledger
    since = _second(at.now)
    wakes_at = wakes(at, said)
    key, bars = "", guard.Barred((), 0, False)
    owed: tuple[tuple[str, int], ...] = ()
    due = issued = 0
    usual = callee(at.case).person
    if said.state in ("pinned", "free"):
        person = callee(at.case, said.person).person if said.person else usual
        key = sort_key(at, person)
        bars = guard.barred(at, packs, guard.Asked(person))
        owed = tuple([(c, int(a.scaleb(money.exponent(c)))) for c, a in at.asked.items()])
        overdue = own.overdue()
        due = overdue[0].payable.toordinal() if overdue else 0
        age = own.credit_age()
        issued = own.day.toordinal() - age if age is not None else 0
        if bars.asks or bars.exact < FOREVER:
            wakes_at = min(wakes_at, since + 60 * DAY)
    calls, answered, held = _heard(at)
    paid = [one.on.toordinal() for one in of(at.case, Payment) if one.on <= at.money_day]
    talks = value.talks(held, paid, paid_within_days)
    return Docket(
        at.case.id,
        at.case.head.owner,
        since,
        wakes_at,
        said.state,
        said.reason,
        said.until.toordinal() if said.until else 0,
        int(said.moment.timestamp()) if said.moment else None,
        key,
        tuple(bars.spans),
        bars.exact,
        bars.asks,
        owed,
        due,
        issued,
        talks.held,
        talks.paid,
        answered,
        packed(calls),
        profile(at.case.debtor, usual) if calls else NOBODY,
        tuple(
            [(one.day_of_month, one.on.toordinal() if one.on else None) for one in at.case.incomes]
        ),
    )


@lru_cache(maxsize=256)
def _second(moment: datetime) -> int:
    """Return the first second of UTC that does not begin before a moment."""
    return ceil(moment.timestamp())


def _heard(at: Standing) -> tuple[list[int], int, list[int]]:
    """Return our telephone calls, how many were answered, and the days of all conversations.

    Calls are as ``packed`` takes them, and days (ordinals) in order, on the debtor's own clock.
    """
    zone = at.zone
    calls, hits, days = [], 0, {one.at.astimezone(zone).toordinal() for one in at.agreements}
    for contact in at.contacts:
        channel = contact.channel
        if channel not in LIVE:
            continue
        answered = contact.outcome not in UNANSWERED
        called = channel == "phone" and contact.direction == "out"
        if called or answered:
            local = contact.at.astimezone(zone)
            day = local.toordinal()
            if called:
                calls.append(2 * (DAY * day + 60 * local.hour + local.minute) + answered)
                hits += answered
            if answered:
                days.add(day)
    return calls, hits, sorted(days)


def sort_key(at: Standing, person: Person | None) -> str:
    """Return what the clock asks of a case when this person of it is called, as JSON."""
    debtor, policy = at.case.debtor, at.policy
    weekdays = policy.window.weekdays
    return _key(
        Sort(
            debtor.kind,
            debtor.country,
            debtor.subdivision,
            debtor.timezone,
            opening(at.case, person, policy),
            guard.habits_of(debtor, person),
            policy.window.remind_before_minutes,
            tuple([weekdays.get(day, -1) for day in DAYS]),
            profile(debtor, person),
        )
    )


@lru_cache(maxsize=1 << 14)
def _key(sort: Sort) -> str:
    return json.dumps(sort, ensure_ascii=False)


def card_of(at: Standing, packs: Sequence[Pack]) -> Card:
    """Return the card of a case as it stands; ``packs`` are those that apply to it."""
    said = answer(at)
    who = asked_for(at, said.person)
    message = suggestion(at, packs, who.person) if said.state in ("pinned", "free") else None
    return Card(
        at.case.id,
        at.case.debtor.name,
        at.case.debtor.timezone[0] if at.case.debtor.timezone else None,
        at.today.toordinal(),
        at.stage,
        at.ledger.days_past_due(),
        at.asked,
        at.ledger.chasable(),
        at.ledger.balance(),
        who.name,
        who.role,
        who.phone,
        said.state,
        said.until.toordinal() if said.until else 0,
        tuple(_reasons(at, said, message)),
        int(said.moment.timestamp()) if said.moment else None,
        said.reason == "call_back",
        _closed(at),
    )


def _reasons(at: Standing, said: Answer, message: str | None) -> list[str]:
    waiting = [waits(at.case, entry, at.today) for entry in at.pending]
    if said.state == "nothing":
        return []
    if said.state == "held":
        return [said.words(), *waiting]
    pinned = said.state == "pinned"
    why = [said.words()] if pinned else []
    spoken, above = last_conversation(at), above_abusive(at)
    last = dates.say(spoken.astimezone(at.zone).date(), today=at.today) if spoken else ""
    if spoken is None:
        why.append(_tried(len(attempts(at))))
    elif above and said.person == above.name:
        why.append(t("they were abusive on {day}: ask for {name}", day=last, name=above.name))
    elif spoken != last_conversation(at, UNFINISHED):
        why.append(t("cut short on {day}", day=last))
    elif not pinned:
        why.append(t("last spoken on {day}", day=last))
    if message:
        why.append(message)
    broken = [s for s in at.awaited if s.missing and s.status in ("broken", "partial")]
    if broken and not pinned:
        why.insert(0, missed(at, broken[-1]))
    why += waiting
    income = income_near(at.case.incomes, at.today)
    if income:
        why.append(t("money comes in on {day}", day=dates.say(income, today=at.today)))
    days, last_day = at.ledger.days_past_due(), at.policy.stages["prelegal"].to_day or 0
    if at.policy.ladder.decision_alarm_day <= days <= last_day:
        why.append(t("decide on the legal step before day {day}", day=last_day + 1))
    elif days > last_day:
        why.append(t("the legal step is to be decided since day {day}", day=last_day))
    return why


def _tried(times: int) -> str:
    if times > 1:
        return t("tried {count} times, nobody reached", count=times)
    return t("tried once, nobody reached") if times else t("nobody has been called yet")


def _closed(at: Standing) -> str:
    if at.today.weekday() > 4:
        return t("weekend there")
    return t("closed there for the rest of our day")
