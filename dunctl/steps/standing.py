"""Where a case stands at an instant: the one derived view that every answer starts from."""

from __future__ import annotations

from collections.abc import Container, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from dunctl import dates
from dunctl.case.records import (
    Case,
    Contact,
    Entry,
    Hold,
    Letter,
    Plan,
    Promise,
    Settlement,
    Step,
)
from dunctl.case.sendings import gone_out
from dunctl.case.vocabulary import STAGES, UNANSWERED
from dunctl.owed.approvals import counting, waiting
from dunctl.owed.holds import standing as standing_holds
from dunctl.owed.law import NO_LAW, Law
from dunctl.owed.ledger import Ledger, ledger
from dunctl.owed.movements import money_day
from dunctl.steps import plans
from dunctl.steps.calendar import UNKNOWN, Calendar
from dunctl.steps.policy import Policy
from dunctl.steps.promises import PromiseState, entries_by, promise_states
from dunctl.tuples import NamedTuple


class Standing(NamedTuple):
    """A case at ``now``; ``today`` and all days are the debtor's (``zone``).

    Money counts up to ``money_day``, which is the desk's day where that is ahead: it is here.
    In ``ledger`` a plan in force has put off what is not due by it. ``plan`` is there only while it
    holds the case: it is up to date, and nothing outside it is overdue; ``schedule`` is how the
    plan in force stands in any case, ``offers`` how each settlement does. ``awaited`` is what was
    promised, the late instalments and the open settlement among it. ``agreements`` is all that was
    agreed by now, ``pending`` what waits for an approval. A letter that
    could not be sent is not among ``letters``. ``calendar`` is that of the debtor's
    country and subdivision, ``nationwide`` the country's own.
    """

    case: Case
    policy: Policy
    now: datetime
    zone: tzinfo
    today: date
    money_day: date
    ledger: Ledger
    stage: str
    stepped: Step | None
    promises: tuple[PromiseState, ...]
    holds: tuple[Hold, ...]
    plan: Plan | None
    contacts: tuple[Contact, ...]
    letters: tuple[Letter, ...]
    calendar: Calendar = UNKNOWN
    nationwide: Calendar = UNKNOWN
    schedule: plans.PlanState | None = None
    offers: tuple[plans.Offer, ...] = ()
    awaited: tuple[PromiseState, ...] = ()
    agreements: tuple[Promise | Plan | Settlement, ...] = ()
    pending: tuple[Entry, ...] = ()

    @property
    def settled(self) -> bool:
        """Return whether there was something to pay and nothing is left."""
        return bool(self.ledger.receivables) and not self.ledger.unpaid()

    @property
    def closed_on(self) -> date | None:
        """Return the day on which the case was closed, if it is: what was open then was let go."""
        if self.stage != "closed" or self.stepped is None:
            return None
        return self.stepped.at.astimezone(self.zone).date()

    @property
    def planned(self) -> bool:
        """Return whether a plan was ever agreed: a hold for one lasts as long as it is kept."""
        return bool(counting(self.case, Plan, self.now))

    @property
    def asked(self) -> dict[str, Decimal]:
        """Return what to speak about, by currency: what may be asked for, or be reminded of."""
        remind = reminder(self)
        if remind is None or self.schedule is None:
            return self.ledger.chasable()
        return {self.schedule.currency: remind.missing}


def zone_of(case: Case) -> ZoneInfo | None:
    """Return the debtor's (first) time zone, if any is known."""
    return dates.zone(case.debtor.timezone[0]) if case.debtor.timezone else None


def standing(
    case: Case,
    policy: Policy,
    now: datetime,
    calendar: Calendar = UNKNOWN,
    nationwide: Calendar = UNKNOWN,
    law: Law = NO_LAW,
) -> Standing:
    """Return where ``case`` stands at ``now``; days are the debtor's, or else the clock's own.

    The clock is the desk's: money that came in on its day counts, whatever the debtor's day.
    Working days are counted by ``calendar``; the default one knows weekends only. By ``law`` money
    goes to interest where that is claimed.
    """
    zone = zone_of(case) or now.tzinfo or UTC
    today = now.astimezone(zone).date()
    steps = entries_by(case, Step, now)
    stepped = _last_step(steps)
    last = money_day(case, today, now.date())
    whole = ledger(case, today, law, last)

    def owed(known: Case, day: date) -> Ledger:
        return whole if known is case and day == last else ledger(known, day, law)

    promises = promise_states(case, now, zone, policy.promise, calendar.working, owed, last)
    schedule = plans.plan_state(case, owed, now, zone, policy.promise, calendar.working, last)
    book = plans.under_plan(whole, schedule) if schedule else whole
    holds = schedule is not None and schedule.status == "up_to_date" and not book.chasable()
    offers = plans.offers(case, now, zone, last)
    return Standing(
        case,
        policy,
        now,
        zone,
        today,
        last,
        book,
        stepped.to if stepped else "upcoming",
        stepped,
        tuple(promises),
        tuple(standing_holds(case, today)),
        schedule.plan if schedule and holds else None,
        tuple([entry.record for entry in entries_by(case, Contact, now)]),
        tuple(gone_out(case, now)),
        calendar,
        nationwide,
        schedule,
        tuple(offers),
        (*promises, *(plans.missed(schedule) if schedule else ()), *plans.offered(offers, zone)),
        (*[state.promise for state in promises], *_granted(case, now)),
        tuple(waiting(case, now)),
    )


def _last_step(steps: Sequence[Any]) -> Step | None:
    """Return the last step; of those of one instant the furthest, so that no order decides."""
    if not steps:
        return None
    last: Step = steps[-1].record
    if len(steps) > 1 and steps[-2].record.at == last.at:
        last = max([s.record for s in steps if s.record.at == last.at], key=_stage)
    return last


def _stage(step: Step) -> int:
    return STAGES.index(step.to)


def _granted(case: Case, now: datetime) -> list[Plan | Settlement]:
    return [entry.record for cls in (Plan, Settlement) for entry in entries_by(case, cls, now)]


def conversations(at: Standing) -> list[datetime]:
    """Return when somebody was spoken to: contacts that were answered, and agreements."""
    return sorted(_spoken(at))


def last_conversation(at: Standing, without: Container[str] = UNANSWERED) -> datetime | None:
    """Return when somebody was last spoken to, if ever; what is ``without`` was no conversation."""
    spoken = [agreed.at for agreed in at.agreements]
    talk = last_talk(at, without)
    if talk is not None:
        spoken.append(talk.at)
    return max(spoken, default=None)


def last_talk(at: Standing, without: Container[str] = UNANSWERED) -> Contact | None:
    """Return the last contact in which somebody was spoken to, if there was one."""
    for contact in reversed(at.contacts):
        if contact.outcome not in without and contact.channel in _LIVE:
            return contact
    return None


def in_vain(at: Standing) -> list[Contact]:
    """Return our calls since they were last spoken to: those that reached nobody who may decide."""
    spoken = last_conversation(at)
    return [
        contact
        for contact in at.contacts
        if contact.outcome in UNANSWERED
        and contact.channel == "phone"
        and contact.direction == "out"
        and contact.purpose == "collect"
        and (spoken is None or contact.at > spoken)
    ]


def _spoken(at: Standing) -> list[datetime]:
    spoken = [c.at for c in at.contacts if c.outcome not in UNANSWERED and c.channel in _LIVE]
    spoken += [agreed.at for agreed in at.agreements]
    return spoken


def attempts(at: Standing) -> list[datetime]:
    """Return when we tried to reach the debtor by a call or a visit (practice A44, G25)."""
    tried = {
        c.at
        for c in at.contacts
        if c.direction == "out" and c.channel in _LIVE and c.purpose == "collect"
    }
    return sorted(tried | {agreed.at for agreed in at.agreements})


def reminder(at: Standing) -> plans.Instalment | None:
    """Return the instalment to be reminded of today, while the plan holds the case.

    From so many days before until its day, as for a promise, unless they were just spoken to
    (practice F10, F14, A41).
    """
    if at.plan is None or at.schedule is None or at.holds:
        return None
    coming = at.schedule.next
    if coming is None:
        return None
    first = coming.due - timedelta(days=at.policy.promise.remind_days_before)
    if not first <= at.today <= coming.due:
        return None
    spoken = last_conversation(at)
    if spoken is not None:
        last = spoken.astimezone(at.zone).date()
        rest = at.policy.frequency.after_conversation_working_days
        if at.today < dates.add_working_days(last, rest, at.calendar.working):
            return None
    return coming


_LIVE = frozenset({"phone", "visit", "chat"})
