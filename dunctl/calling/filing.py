"""A case is filed for the morning: its docket and its card, made of where it stands."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from math import ceil

from dunctl import dates, money
from dunctl.calling import value
from dunctl.calling.card import Card
from dunctl.calling.docket import NOBODY, Docket, Sort, packed
from dunctl.calling.income import income_near
from dunctl.calling.journal import Answer, answer, missed, wakes
from dunctl.calling.odds import DAYS, profile
from dunctl.calling.people import callee
from dunctl.calling.windows import opening
from dunctl.case.records import Payment, Person, of
from dunctl.case.vocabulary import UNANSWERED
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
    since = ceil(at.now.timestamp())
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
        days = own.days_past_due()
        due = own.day.toordinal() - days if days else 0
        age = own.credit_age()
        issued = own.day.toordinal() - age if age is not None else 0
        if bars.asks or bars.exact < FOREVER:
            wakes_at = min(wakes_at, since + 60 * DAY)
    calls, held = _heard(at)
    paid = [one.on.toordinal() for one in of(at.case, Payment) if one.on <= at.today]
    talks = value.talks(held, paid, paid_within_days)
    return Docket(
        id=at.case.id,
        owner=at.case.head.owner,
        since=since,
        wakes=wakes_at,
        state=said.state,
        reason=said.reason,
        until=said.until.toordinal() if said.until else 0,
        moment=int(said.moment.timestamp()) if said.moment else None,
        key=key,
        barred=tuple(bars.spans),
        exact=bars.exact,
        asks=bars.asks,
        owed=owed,
        due=due,
        issued=issued,
        held=talks.held,
        paid=talks.paid,
        answered=sum([answered for _, _, answered in calls]),
        calls=packed(calls),
        profile=profile(at.case.debtor, usual) if calls else NOBODY,
        incomes=tuple(
            [(one.day_of_month, one.on.toordinal() if one.on else None) for one in at.case.incomes]
        ),
    )


def _heard(at: Standing) -> tuple[list[tuple[int, int, bool]], list[int]]:
    """Return our telephone calls (day, minute, answered), and the days of all conversations.

    Both in order, on the debtor's own clock; days are ordinals.
    """
    zone = at.zone
    calls, days = [], {agreed.at.astimezone(zone).toordinal() for agreed in at.agreements}
    for contact in at.contacts:
        answered = contact.outcome not in UNANSWERED
        called = contact.channel == "phone" and contact.direction == "out"
        talked = answered and contact.channel in LIVE
        if called or talked:
            local = contact.at.astimezone(zone)
            day = local.toordinal()
            if called:
                calls.append((day, 60 * local.hour + local.minute, answered))
            if talked:
                days.add(day)
    return calls, sorted(days)


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


def card_of(at: Standing) -> Card:
    """Return the card of a case as it stands."""
    said = answer(at)
    who = callee(at.case, said.person)
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
        tuple(_reasons(at, said)),
        int(said.moment.timestamp()) if said.moment else None,
        said.reason == "call_back",
        _closed(at),
    )


def _reasons(at: Standing, said: Answer) -> list[str]:
    waiting = [waits(at.case, entry, at.today) for entry in at.pending]
    if said.state == "nothing":
        return []
    if said.state == "held":
        return [said.words(), *waiting]
    pinned = said.state == "pinned"
    why = [said.words()] if pinned else []
    spoken = last_conversation(at)
    if spoken is None:
        why.append(_tried(len(attempts(at))))
    elif not pinned:
        last = spoken.astimezone(at.zone).date()
        why.append(t("last spoken on {day}", day=dates.say(last, today=at.today)))
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
