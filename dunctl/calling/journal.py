"""What a case's journal says to a call, whatever the hour and the desk, and how long that holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache, partial
from typing import Literal

from dunctl import dates, money
from dunctl.calling.people import superior
from dunctl.case.records import ENTRY_CLASSES, Case, Invoice, Person, Plan, dated, of
from dunctl.case.vocabulary import UNFINISHED
from dunctl.owed.ledger import Receivable
from dunctl.owed.movements import MONEY
from dunctl.steps.calendar import settle_days
from dunctl.steps.guard_clock import FOREVER, day_start
from dunctl.steps.ladder import freeze, on_hold
from dunctl.steps.plans import Instalment, say
from dunctl.steps.promises import PromiseState, breaks_at, due_instant
from dunctl.steps.standing import (
    Standing,
    attempts,
    conversations,
    last_conversation,
    last_talk,
    reminder,
)
from dunctl.tuples import NamedTuple
from dunctl.words import t

State = Literal["nothing", "held", "pinned", "free"]


class Answer(NamedTuple):
    """Whether a case is called: ``nothing`` to ask for, ``held``, ``pinned`` to the top, ``free``.

    ``reason`` names what holds or pins it and ``words`` say it; ``until`` is the first day without
    that reason, ``early`` the first one of a reminder. What pins it may be tied to a ``person`` and
    to a ``moment``.
    """

    state: State
    reason: str = ""
    words: Callable[[], str] = str
    until: date | None = None
    person: str | None = None
    moment: datetime | None = None
    early: date | None = None


NOTHING, FREE = Answer("nothing"), Answer("free")
CHASED = time(16)
"""Before when they are called who promised to pay today, on their clock (practice A20, F12)."""


def answer(at: Standing) -> Answer:
    """Return what the journal says.

    Order of the questions: is there something to ask for, does a hold forbid it, was it promised
    for later, is it the day on which they pay, were they just spoken to, and is it known what time
    it is there. How often somebody may be tried is the gate's to say (``guard.barred``).
    """
    if at.stage == "closed":
        return _owing_anew(at)
    unpaid = at.ledger.unpaid()
    if not unpaid:
        return NOTHING
    if at.plan is not None:
        return _by_plan(at)
    if not at.ledger.chasable():
        return _not_chasable([r for r in unpaid if r.due < at.today])
    frozen = on_hold(at)  # there is no plan, and something that is not disputed
    if frozen:
        return Answer("held", "frozen", partial(str, frozen[0]), frozen[1])
    if at.stage == "legal":
        return Answer("held", "legal", lambda: t("in court: through the lawyer only"))
    lacking = [state for state in at.awaited if state.status != "kept" and state.missing]
    found = (
        _agreed(at)
        or _missed(at, lacking)
        or _promised(at, lacking)
        or _settling(at)
        or _resting(at)
        or FREE
    )
    if found.state == "held":
        return found
    if not at.case.debtor.timezone:
        return Answer("held", "zone", lambda: _no_zone(at))
    above = above_abusive(at)
    return found._replace(person=above.name) if above else found


def above_abusive(at: Standing) -> Person | None:
    """Return who is asked for if whoever was last spoken to was abusive (practice B36, I22)."""
    talk = last_talk(at)
    if talk is None or talk.outcome != "abusive" or talk.at != last_conversation(at):
        return None
    return superior(at.case, talk.whom)


def _no_zone(at: Standing) -> str:
    return t("no time zone is known: dunctl set {id} debtor.timezone ZONE", id=at.case.id)


def _owing_anew(at: Standing) -> Answer:
    """Return a closed case in which an invoice of later is overdue; the old ones are let go."""
    since = at.stepped.at.astimezone(at.zone).date() if at.stepped else at.today
    if not at.ledger.chasable() or all((r.issued or r.due) < since for r in at.ledger.overdue()):
        return NOTHING
    return Answer(
        "held",
        "anew",
        lambda: t(
            "closed, but money is overdue again: dunctl escalate {id} --to courtesy --why …",
            id=at.case.id,
        ),
    )


def _not_chasable(overdue: Sequence[Receivable]) -> Answer:
    if not overdue:
        return NOTHING
    if any(r.undisputed > 0 for r in overdue):
        return Answer(
            "held", "credit", lambda: t("credit of theirs covers it: allocate or refund it")
        )
    return Answer(
        "held", "disputed", lambda: t("everything overdue is disputed: answer the dispute")
    )


def _by_plan(at: Standing) -> Answer:
    """Return that a plan is kept, or the reminder of its next instalment (practice F14, O13)."""
    coming, frozen = reminder(at), freeze(at)
    if coming is not None and at.case.debtor.timezone:
        words = partial(_instalment, at, coming)
        return Answer("pinned", "remind", words, None, at.plan.whom if at.plan else None)
    following = at.schedule.next if at.schedule else None
    early = _reminder(at, following.due) if following else None
    if frozen is None or not any(r.due < at.today for r in at.ledger.unpaid()):
        return NOTHING._replace(early=early)
    return Answer("held", "frozen", partial(str, frozen[0]), frozen[1], early=early)


def _instalment(at: Standing, coming: Instalment) -> str:
    currency = at.schedule.currency if at.schedule else at.case.head.currency
    return t(
        "remind: instalment of {amount} for {when}",
        amount=money.show(coming.missing, currency),
        when=dates.say(coming.due, today=at.today),
    )


def _agreed(at: Standing) -> Answer | None:
    """Return the time at which they asked to be called, until they are."""
    asked = [c for c in at.contacts if c.call_back]
    if not asked or not asked[-1].call_back:
        return None
    last, moment = asked[-1], asked[-1].call_back.astimezone(at.zone)
    if any(made > last.at for made in (*conversations(at), *attempts(at))):
        return None

    def words() -> str:
        return t("asked to be called on {when}", when=dates.say(moment, today=at.today))

    if moment.date() > at.today:
        return Answer("held", "call_back", words, moment.date())
    return Answer("pinned", "call_back", words, None, last.whom, last.call_back)


def _missed(at: Standing, lacking: Sequence[PromiseState]) -> Answer | None:
    """Return the first thing that was promised and has not come, until they are spoken to."""
    for state in lacking:
        due = due_instant(state.promise.due, at.zone)
        if due > at.now:
            continue
        spoken = last_conversation(at, UNFINISHED)
        if spoken is None or spoken <= due:
            return Answer("pinned", "missed", partial(missed, at, state), None, state.promise.whom)
    return None


def missed(at: Standing, state: PromiseState) -> str:
    """Say what of a promise, or of an instalment, has not come."""
    return t(
        "{promise} for {when}: {missing} has not come",
        promise=say(state),
        when=_due(at, state),
        missing=money.show(state.missing, state.currency),
    )


def _promised(at: Standing, lacking: Sequence[PromiseState]) -> Answer | None:
    """Return the next promise: held until its day, but for the reminder (practice F10, A22).

    On its day they are called once: before a clock time, else as late as they can still pay on that
    day (A20, F12).
    """
    running = [
        state
        for state in lacking
        if state.status == "open" and due_instant(state.promise.due, at.zone) > at.now
    ]
    if not running:
        return None
    state = min(running, key=_due_day)
    whom, due = state.promise.whom, state.promise.due
    day = _due_day(state)
    if day == at.today:
        if isinstance(due, datetime):
            moment = due.astimezone(at.zone)
            return Answer("pinned", "due", partial(_for_today, state, moment), None, whom, moment)
        moment = datetime.combine(day, CHASED, at.zone)
        return Answer("pinned", "due_today", partial(_for_today, state, None), None, whom, moment)
    early = _reminder(at, day)
    if early <= at.today:
        return Answer("pinned", "remind", partial(_reminded, at, state), None, whom)
    return Answer("held", "promised", partial(_waiting, at, state), day, early=early)


def _for_today(state: PromiseState, moment: datetime | None) -> str:
    amount = money.show(state.promise.amount, state.currency)
    if moment:
        return t("promised {amount} for {when}", amount=amount, when=f"{moment:%H:%M}")
    return t("promised {amount} for today", amount=amount)


def _reminded(at: Standing, state: PromiseState) -> str:
    amount = money.show(state.promise.amount, state.currency)
    return t("remind: promised {amount} for {when}", amount=amount, when=_due(at, state))


def _waiting(at: Standing, state: PromiseState) -> str:
    if state.entry.kind == "settlement":
        return t("{settlement} is open until {when}", settlement=say(state), when=_due(at, state))
    amount = money.show(state.promise.amount, state.currency)
    words = t("promised {amount} for {when}", amount=amount, when=_due(at, state))
    if not state.confirmed and _unwritten(at, state.promise.at):
        words += "; " + t("not in writing yet")
    return words


def _due(at: Standing, state: PromiseState) -> str:
    due = state.promise.due
    return dates.say(due.astimezone(at.zone) if isinstance(due, datetime) else due, today=at.today)


def _reminder(at: Standing, due: date) -> date:
    """Return the day of a reminder, which is no second talk too soon (practice F10, A41)."""
    first = due - timedelta(days=at.policy.promise.remind_days_before)
    spoken = last_conversation(at)
    if spoken is None:
        return first
    last = spoken.astimezone(at.zone).date()
    rest = at.policy.frequency.after_conversation_working_days
    return max(first, dates.add_working_days(last, rest, at.calendar.working))


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


def _settling(at: Standing) -> Answer | None:
    """Return that today they pay their suppliers, until they are spoken to (practice A36)."""
    if at.today not in _settle_days(at):
        return None
    spoken = last_conversation(at)
    if spoken is not None and spoken.astimezone(at.zone).date() == at.today:
        return None
    return Answer("pinned", "settle_day", lambda: t("today they pay their suppliers"))


def _settle_days(at: Standing) -> list[date]:
    day = at.case.debtor.settle_day
    return settle_days(day, at.today, at.calendar.working) if day else []


def _resting(at: Standing) -> Answer | None:
    """Return the rest after a conversation, the stage's if that is longer (practice A34, A41).

    A call that was cut short gives none (F28): how soon the next one may be is the gate's to say.
    """
    spoken = last_conversation(at, UNFINISHED)
    if spoken is None:
        return None
    last = spoken.astimezone(at.zone).date()
    cadence = max(
        at.policy.frequency.after_conversation_working_days,
        at.policy.stages[at.stage].cadence_working_days,
    )
    until = dates.add_working_days(last, cadence, at.calendar.working)
    if at.today >= until:
        return None
    until = min([until, *(day for day in _settle_days(at) if day > at.today)])
    return Answer(
        "held", "spoke", lambda: t("spoke on {day}", day=dates.say(last, today=at.today)), until
    )


_AGES = 100 * 366
"""Days that are too far ahead to wait for."""
_AWAY = 2
"""Days by which two places may differ in the date."""


def wakes(at: Standing, said: Answer) -> int:
    """Return the first second (of UTC) in which ``answer`` or the ledger may come out differently.

    If nothing is written. Each day and each instant in an entry counts, whatever it means there, so
    that no kind of entry is forgotten; what is counted from them, such as days of grace, is added.
    """
    today = at.today.toordinal()
    days, instants = _written(at.case, today - _AWAY)
    for day in (said.until, said.early):
        if day is not None:
            days.append(day.toordinal())
    for day in _settle_days(at):
        days += (day.toordinal(), day.toordinal() + 1)
    instants += [state.breaks_at for state in at.awaited if state.status != "kept"]
    for plan in of(at.case, Plan):
        for due, _ in plan.instalments:
            days += (due.toordinal(), due.toordinal() + 1)
            instants.append(breaks_at(due, at.zone, at.policy.promise, at.calendar.working))
    moments = [moment for moment in instants if moment > at.now]
    for moment in moments:
        there = moment.astimezone(at.zone).toordinal()
        days += (moment.toordinal() + 1, there, there + 1)
    first = min([day for day in days if day > today], default=today + _AGES)
    seconds = [int(moment.timestamp()) for moment in moments]
    if first < today + _AGES:
        seconds.append(60 * day_start(at.zone, first))
        coming = _coming(at.case, at.now.date())
        if coming and at.now.tzinfo:
            seconds.append(60 * day_start(at.now.tzinfo, coming.toordinal()))
    return min(seconds, default=60 * FOREVER)


def _coming(case: Case, desk: date) -> date | None:
    """Return the first day after the desk's with which money begins to count."""
    there = case.journal.by_class
    days = []
    for cls in MONEY:
        for entry in reversed(there.get(cls, ())):
            if entry.record.on <= desk:
                break
            days.append(entry.record.on)
    return min(days, default=None)


@cache
def _places() -> Mapping[type, tuple[int, tuple[int, ...]]]:
    """Return where records of each class have their first day or instant, and where others."""
    classes: Iterable[type] = ENTRY_CLASSES.values()
    return {cls: (dated(cls)[0], dated(cls)[1:]) for cls in classes}


def _written(case: Case, since: int) -> tuple[list[int], list[datetime]]:
    """Return the days (ordinals) with which something may begin by the entries, and the instants.

    An invoice begins when it is issued, and to be overdue. What is before the day ``since`` is left
    out; entries of a class are in the order of their first day or instant.
    """
    days: list[int] = []
    found: list[date] = []
    places = _places()
    for cls, entries in case.journal.by_class.items():
        if cls is Invoice:
            for entry in entries:
                due, issued = entry.record.due, entry.record.issued
                if due.toordinal() >= since:
                    days.append(due.toordinal() + 1)
                if issued and issued.toordinal() >= since:
                    days.append(issued.toordinal())
            continue
        first, others = places[cls]
        for entry in reversed(entries):
            value = entry.record[first]
            if value.toordinal() < since:
                break
            found.append(value)
        for place in others:
            for entry in entries:
                value = entry.record[place]
                if value is not None and value.toordinal() >= since:
                    found.append(value)
    instants = []
    for value in found:
        day = value.toordinal()
        if isinstance(value, datetime):
            days.append(day)
            instants.append(value)
        else:
            days += (day, day + 1)
    return days, instants
