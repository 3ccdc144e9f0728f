"""Where a case stands at an instant: the one derived view that every answer starts from."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dunctl import dates
from dunctl.case.records import (
    UNANSWERED,
    Case,
    Contact,
    Hold,
    Letter,
    Plan,
    Step,
    of,
)
from dunctl.owed.holds import standing as standing_holds
from dunctl.owed.ledger import Ledger, ledger
from dunctl.steps.calendar import UNKNOWN, Calendar
from dunctl.steps.policy import Policy
from dunctl.steps.promises import PromiseState, plan_up_to_date, promise_states


class Standing(NamedTuple):
    """A case at ``now``; ``today`` and all days are the debtor's (``zone``).

    ``calendar`` is that of the debtor's country and subdivision, ``nationwide`` the country's own.
    """

    case: Case
    policy: Policy
    now: datetime
    zone: tzinfo
    today: date
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

    @property
    def settled(self) -> bool:
        """Return whether there was something to pay and nothing is left."""
        return bool(self.ledger.receivables) and not any(
            r.open > 0 for r in self.ledger.receivables
        )


def zone_of(case: Case) -> ZoneInfo | None:
    """Return the debtor's (first) time zone, if any is known."""
    return dates.zone(case.debtor.timezone[0]) if case.debtor.timezone else None


def standing(
    case: Case,
    policy: Policy,
    now: datetime,
    calendar: Calendar = UNKNOWN,
    nationwide: Calendar = UNKNOWN,
) -> Standing:
    """Return where ``case`` stands at ``now``; days are the debtor's, or else the clock's own.

    Working days are counted by ``calendar``; the default one knows weekends only.
    """
    zone = zone_of(case) or now.tzinfo or UTC
    today = now.astimezone(zone).date()
    steps = [step for step in of(case, Step) if step.at <= now]
    return Standing(
        case,
        policy,
        now,
        zone,
        today,
        ledger(case, today),
        steps[-1].to if steps else "upcoming",
        steps[-1] if steps else None,
        tuple(promise_states(case, now, zone, policy.promise, calendar.working)),
        tuple(standing_holds(case, today)),
        plan_up_to_date(case, now, zone, policy.promise, calendar.working),
        tuple(contact for contact in of(case, Contact) if contact.at <= now),
        tuple(letter for letter in of(case, Letter) if letter.at <= now),
        calendar,
        nationwide,
    )


def conversations(at: Standing) -> list[datetime]:
    """Return when somebody was spoken to: contacts that were answered, and promises."""
    spoken = [c.at for c in at.contacts if c.outcome not in UNANSWERED and c.channel in _LIVE]
    spoken += [state.promise.at for state in at.promises]
    return sorted(spoken)


def attempts(at: Standing) -> list[datetime]:
    """Return when we tried to reach the debtor by a call or a visit (practice A44, G25)."""
    tried = {
        c.at
        for c in at.contacts
        if c.direction == "out" and c.channel in _LIVE and c.purpose == "collect"
    }
    return sorted(tried | {state.promise.at for state in at.promises})


_LIVE = frozenset({"phone", "visit", "chat"})
