"""The day's list: who is to be called, in calling order, and who is held back and until when."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from dunctl import dates, money
from dunctl.calling.gated import blocked, gated
from dunctl.calling.people import Callee, callee
from dunctl.calling.windows import Spans, open_spans, preferred_spans
from dunctl.case.records import Income
from dunctl.owed.ledger import ZERO
from dunctl.steps.ladder import freeze
from dunctl.steps.packs import Pack
from dunctl.steps.promises import PromiseState, due_instant
from dunctl.steps.standing import Standing, attempts, conversations
from dunctl.words import t

LEAD_DAYS, AFTER_DAYS = 3, 1
"""Days before and after money comes in that are good for asking (practice A10, A11)."""


class Call(NamedTuple):
    """A case to be called today: when (the first and last instant), whom, for what, and why.

    ``open`` is all the time at which it may be called, ``moment`` the clock time it is tied to.
    """

    at: Standing
    callee: Callee
    start: datetime
    end: datetime
    owed: Mapping[str, Decimal]
    pinned: bool
    why: tuple[str, ...]
    open: Spans
    near_income: bool = False
    moment: datetime | None = None


class Held(NamedTuple):
    """A case that owes but is not called today, why, and the first day without that reason.

    ``rule`` names the rule of a pack that blocks it, such as ``house/holidays``.
    """

    at: Standing
    why: str
    until: date | None
    rule: str | None = None


class Pin(NamedTuple):
    """A reason that comes before everything else; ``moment`` is the clock time it is tied to.

    ``agreed`` marks a time that the debtor named: the caps on attempts do not stand against it.
    """

    why: str
    person: str | None
    moment: datetime | None = None
    agreed: bool = False


def verdict(at: Standing, desk: Spans, packs: Sequence[Pack] = ()) -> Call | Held | None:
    """Return whether a case is called within the desk's spans of today; ``None``: nothing to ask.

    Order of the questions: is there something to ask for, does a hold forbid it, was it promised
    for later, was it tried too often, when are they open, and what does the gate say: no half-hour
    is left that a rule of ``packs`` blocks.
    """
    if at.stage == "closed":
        return _owing_anew(at)
    if at.settled or not at.ledger.receivables:
        return None
    owed = at.ledger.chasable()
    if not owed:
        return _not_chasable(at)
    frozen = freeze(at)
    if frozen:
        return Held(at, *frozen)
    if at.stage == "legal":
        return Held(at, t("in court: through the lawyer only"), None)
    pin = _pin(at)
    if isinstance(pin, Held):
        return pin
    resting = _resting(at, pin)
    if resting:
        return resting
    return _placed(at, desk, owed, pin, packs)


def day_list(
    standings: Iterable[Standing],
    desk: Spans,
    rates: Mapping[str, Decimal],
    packs_of: Callable[[Standing], Sequence[Pack]] = lambda _: (),
) -> tuple[list[Call], list[Held]]:
    """Return the calls in calling order and the cases held back, by day and id.

    Promises due or broken and call-backs come first, then the better weekday of the debtor
    (practice A06), the earlier window, the older debt (D32), the larger amount; ``rates`` turn
    amounts into one currency, only for this comparison.
    """
    calls: list[Call] = []
    held: list[Held] = []
    for at in standings:
        found = verdict(at, desk, packs_of(at))
        if isinstance(found, Call):
            calls.append(found)
        elif found:
            held.append(found)
    calls.sort(key=lambda call: _rank(call, rates))
    held.sort(key=lambda h: (h.until is None, h.until or date.max, h.at.case.id))
    return calls, held


def _rank(call: Call, rates: Mapping[str, Decimal]) -> tuple[object, ...]:
    local = call.start.astimezone(call.at.zone)
    weight = call.at.policy.window.weekdays.get(dates.WEEKDAYS[local.weekday()].lower(), -1)
    worth = sum((a * rates.get(c, Decimal(1)) for c, a in call.owed.items()), ZERO)
    return (
        not call.pinned,
        -weight,
        call.start.astimezone(UTC),
        -call.at.ledger.days_past_due(),
        -worth,
        call.at.case.id,
    )


def _owing_anew(at: Standing) -> Held | None:
    """Return a closed case in which an invoice of later is overdue; the old ones are let go."""
    since = at.stepped.at.astimezone(at.zone).date() if at.stepped else at.today
    if not at.ledger.chasable() or all((r.issued or r.due) < since for r in at.ledger.overdue()):
        return None
    why = t(
        "closed, but money is overdue again: dunctl escalate {id} --to courtesy --why …",
        id=at.case.id,
    )
    return Held(at, why, None)


def _not_chasable(at: Standing) -> Held | None:
    overdue = [r for r in at.ledger.receivables if r.due < at.today and r.open > 0]
    if not overdue:
        return None
    if any(r.undisputed > 0 for r in overdue):
        return Held(at, t("credit of theirs covers it: allocate or refund it"), None)
    return Held(at, t("everything overdue is disputed: answer the dispute"), None)


def _pin(at: Standing) -> Pin | Held | None:
    """Return what puts a case first today, or holds it until a promised or agreed time."""
    spoken = conversations(at)
    asked = [c for c in at.contacts if c.call_back]
    done = any(moment > asked[-1].at for moment in (*spoken, *attempts(at))) if asked else True
    if not done and asked[-1].call_back:
        moment = asked[-1].call_back
        if moment.astimezone(at.zone).date() > at.today:
            when = dates.say(moment.astimezone(at.zone), today=at.today)
            return Held(
                at, t("asked to be called on {when}", when=when), moment.astimezone(at.zone).date()
            )
        when = dates.say(moment.astimezone(at.zone), today=at.today)
        why = t("asked to be called on {when}", when=when)
        return Pin(why, asked[-1].whom, moment, agreed=True)
    for state in at.promises:
        due = due_instant(state.promise.due, at.zone)
        told = any(moment > due for moment in spoken)
        if state.missing and state.status != "kept" and due <= at.now and not told:
            return Pin(_missed(at, state), state.promise.whom)
    running = [s for s in at.promises if s.status == "open" and s.missing]
    running = [s for s in running if due_instant(s.promise.due, at.zone) > at.now]
    return _promised(at, min(running, key=_due_day)) if running else None


def _promised(at: Standing, state: PromiseState) -> Pin | Held:
    promise = state.promise
    sum_of = money.show(promise.amount, state.currency)
    due = promise.due.astimezone(at.zone) if isinstance(promise.due, datetime) else promise.due
    when = dates.say(due, today=at.today)
    if _due_day(state) == at.today:
        moment = due if isinstance(due, datetime) else None
        why = t("promised {amount} for today", amount=sum_of)
        if moment:
            why = t("promised {amount} for {when}", amount=sum_of, when=f"{moment:%H:%M}")
        tried = [m for m in attempts(at) if m.astimezone(at.zone).date() == at.today]
        again = any(m > promise.at or not moment for m in tried)
        return Pin(why, promise.whom, moment, agreed=not again)
    terms = at.policy
    reminder = _due_day(state) - timedelta(days=terms.promise.remind_days_before)
    rested = dates.add_working_days(
        conversations(at)[-1].astimezone(at.zone).date(),
        terms.frequency.after_conversation_working_days,
        at.calendar.working,
    )
    if reminder <= at.today and rested <= at.today:
        return Pin(
            t("remind: promised {amount} for {when}", amount=sum_of, when=when), promise.whom
        )
    words = t("promised {amount} for {when}", amount=sum_of, when=when)
    if not state.confirmed and _unwritten(at, promise.at):
        words += "; " + t("not in writing yet")
    return Held(at, words, _due_day(state))


def _unwritten(at: Standing, made: datetime) -> bool:
    """Return whether a promise of then should be in writing by now (practice F01)."""
    days = at.policy.promise.confirm_within_working_days
    day = made.astimezone(at.zone).date()
    return at.today >= dates.add_working_days(day, days, at.calendar.working)


def _due_day(state: PromiseState) -> date:
    due = state.promise.due
    if isinstance(due, datetime):
        zone = state.breaks_at.tzinfo
        return due.astimezone(zone).date() if zone else due.date()
    return due


def _missed(at: Standing, state: PromiseState) -> str:
    due = state.promise.due
    day = due.astimezone(at.zone) if isinstance(due, datetime) else due
    return t(
        "promise of {amount} for {when}: {missing} has not come",
        amount=money.show(state.promise.amount, state.currency),
        when=dates.say(day, today=at.today),
        missing=money.show(state.missing, state.currency),
    )


def _resting(at: Standing, pin: Pin | None) -> Held | None:
    """Return the rest that the caps and the cadence give the debtor (practice A41, A44)."""
    if pin and pin.agreed:
        return None
    tried = [moment.astimezone(at.zone).date() for moment in attempts(at)]
    caps = at.policy.frequency
    if tried.count(at.today) >= caps.per_day:
        return Held(at, t("already tried today"), at.today + timedelta(days=1))
    week = [day for day in tried if day > at.today - timedelta(days=7)]
    if len(week) >= caps.per_7_days:
        why = t("tried {count} times in seven days", count=len(week))
        return Held(at, why, week[-caps.per_7_days] + timedelta(days=7))
    spoken = conversations(at)
    if pin or not spoken:
        return None
    last = spoken[-1].astimezone(at.zone).date()
    cadence = max(
        caps.after_conversation_working_days, at.policy.stages[at.stage].cadence_working_days
    )
    until = dates.add_working_days(last, cadence, at.calendar.working)
    if at.today < until:
        return Held(at, t("spoke on {day}", day=dates.say(last, today=at.today)), until)
    return None


def _placed(
    at: Standing,
    desk: Spans,
    owed: Mapping[str, Decimal],
    pin: Pin | None,
    packs: Sequence[Pack],
) -> Call | Held:
    who = callee(at.case, pin.person if pin else None)
    zones = [dates.zone(name) for name in at.case.debtor.timezone]
    if not zones:
        return Held(
            at,
            t("no time zone is known: dunctl set {id} debtor.timezone ZONE", id=at.case.id),
            None,
        )
    if not desk:
        return Held(at, t("the desk is closed"), None)
    allowed = open_spans(at.case, who.person, at.policy, zones, desk)
    if not allowed:
        return Held(at, *_closed(at))
    allowed, finding = gated(at, who.person, allowed, desk, packs)
    if not allowed and finding:
        return Held(at, *blocked(at, who.person, finding, packs), finding.reason)
    if not allowed:
        return Held(at, *_closed(at))
    liked = preferred_spans(who.person, zones[0], allowed)
    start, end = (liked or allowed)[0]
    if pin and pin.moment:
        start, end = _near(pin.moment, allowed, at)
    likes = bool(dates.intersect(liked, [(start, end)]))
    return Call(
        at,
        who,
        start,
        end,
        owed,
        pin is not None,
        tuple(_reasons(at, pin, likes)),
        liked or allowed,
        income_near(at.case.incomes, at.today) is not None,
        pin.moment if pin else None,
    )


def _near(moment: datetime, allowed: Spans, at: Standing) -> tuple[datetime, datetime]:
    """Return the part of an allowed span for a clock time: half an hour before a promise (A22).

    Where that is closed, the last open time before it; where that is over, the next open time.
    """
    lead = timedelta(minutes=at.policy.window.remind_before_minutes)
    asked = any(c.call_back == moment for c in at.contacts)
    first = moment if asked else moment - lead
    last = moment + lead if asked else moment
    for start, end in allowed:
        if start < last and first < end:
            return max(start, first), min(end, last)
    before = [span for span in allowed if span[1] <= first]
    if before:
        start, end = before[-1]
        return max(start, end - lead), end
    return allowed[0]


def _closed(at: Standing) -> tuple[str, date | None]:
    tomorrow = dates.add_working_days(at.today, 1, at.calendar.working)
    if at.today.weekday() > 4:
        return t("weekend there"), tomorrow
    return t("closed there for the rest of our day"), tomorrow


def _reasons(at: Standing, pin: Pin | None, liked: bool) -> list[str]:
    why = [pin.why] if pin else []
    spoken, tried = conversations(at), attempts(at)
    if not tried and not spoken:
        why.append(t("nobody has been called yet"))
    elif not spoken:
        why.append(t("tried {count} times, nobody reached", count=len(tried)))
    elif not pin:
        last = spoken[-1].astimezone(at.zone).date()
        why.append(t("last spoken on {day}", day=dates.say(last, today=at.today)))
    missed = [s for s in at.promises if s.missing and s.status in ("broken", "partial")]
    if missed and not pin:
        why.insert(0, _missed(at, missed[-1]))
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
