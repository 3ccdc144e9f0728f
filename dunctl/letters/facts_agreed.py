"""What was agreed, and how it went: promises, a plan of instalments, an offer to settle.

Only what is true and about what the letter asks for; a promise is held against nobody whose money
came, however late.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from dunctl.letters.draft import ZERO, Column, Draft, table
from dunctl.letters.facts_claims import Claims
from dunctl.letters.sheet import Table
from dunctl.steps.plans import PlanState
from dunctl.steps.promises import PromiseState

_EARLIER = 5  # letters that are named


def broken(draft: Draft, claims: Claims, whom: str) -> list[dict[str, Any]]:
    """Return the promises about what is asked for that did not come or came in part (H09, H25).

    ``by`` is missing where the letter itself is addressed to ``whom``, who promised.
    """
    since = asked_since(claims)
    if since is None:
        return []
    currencies = {row.currency for row in claims.rows}
    numbers = {row.number for row in claims.rows}

    def about_these(state: PromiseState) -> bool:
        promise = state.promise
        made = draft.local(promise.at)
        return (
            state.status in ("broken", "partial")
            and state.missing > 0
            and state.currency in currencies
            and (promise.invoice in numbers if promise.invoice else made >= since)
        )

    return [
        {
            "made": draft.day(state.promise.at),
            "by": state.promise.whom if state.promise.whom != whom else None,
            "amount": draft.amount(state.promise.amount, state.currency),
            "due": draft.day(state.promise.due),
            "arrived": draft.sums({state.currency: state.paid + state.later}),
            "missing": draft.amount(state.missing, state.currency),
            "instalment": state.entry.kind == "plan",
        }
        for state in filter(about_these, draft.at.awaited)
    ]


def promise(draft: Draft, claims: Claims, whom: str) -> dict[str, Any] | None:
    """Return the newest promise that is open, and what stays beside it (practice H18, F01)."""
    states = [
        state
        for state in draft.at.promises
        if state.status == "open" and state.missing and draft.meant(state.currency)
    ]
    if not states:
        return None
    state = states[-1]
    made = state.promise
    rest = claims.totals().get(state.currency, ZERO) - state.missing
    return {
        "made": draft.day(made.at),
        "by": made.whom if made.whom != whom else None,
        "amount": draft.amount(made.amount, state.currency),
        "due": draft.moment(made.due),
        "via": draft.say(f"via.{made.via}") if made.via else None,
        "invoice": made.invoice,
        "arrived": draft.sums({state.currency: state.paid + state.later}),
        "rest": draft.sums({state.currency: max(ZERO, rest)}),
    }


def plan(draft: Draft, claims: Claims) -> dict[str, Any] | None:
    """Return how the plan in force stands, and what it puts off of what is asked for."""
    state = draft.at.schedule
    if state is None or state.status == "paid" or not draft.meant(state.currency):
        return None
    deferred = sum((r.deferred for r in claims.rows if r.currency == state.currency), ZERO)
    late = sum((one.missing for one in state.instalments if one.status == "late"), ZERO)
    coming = state.next
    return {
        "made": draft.day(state.plan.at),
        "by": state.plan.whom,
        "count": len(_parts(state)),
        "total": draft.amount(
            sum((amount for amount in _parts(state).values()), ZERO), state.currency
        ),
        "missing": draft.amount(state.missing, state.currency),
        "deferred": draft.sums({state.currency: deferred}),
        "late": draft.sums({state.currency: late}),
        "clause": state.plan.accelerate,
        "accelerated": state.accelerated is not None,
        "next_day": coming and draft.day(coming.due),
        "next_amount": coming and draft.amount(coming.missing, state.currency),
    }


def _parts(state: PlanState) -> dict[int, Decimal]:
    """Return the amount of each instalment that has not fallen away, by its number."""
    found = {one.nth: one.amount - one.fallen for one in state.instalments}
    return {nth: amount for nth, amount in found.items() if amount}


def schedule(draft: Draft) -> Table | None:
    """Return the instalments of the plan in force, what came for them and what is to come."""
    state = draft.at.schedule
    if state is None or not draft.meant(state.currency):
        return None
    amounts = _parts(state)

    def figure(value: Decimal) -> str:
        return draft.figure(value, state.currency)

    lines = [
        {
            "schedule.number": str(one.nth),
            "schedule.due": draft.short(one.due),
            "schedule.amount": figure(amounts[one.nth]),
            "schedule.paid": figure(one.paid),
            "schedule.open": figure(one.missing) if any(p.paid for p in state.instalments) else "",
        }
        for one in state.instalments
        if one.nth in amounts
    ]
    total = figure(state.missing)
    title = draft.say("schedule.title", unit=draft.unit(state.currency))
    return table(draft, title, _SCHEDULE, lines, [(draft.say("schedule.total"), total)])


_SCHEDULE = (
    *(Column(f"schedule.{key}") for key in ("number", "due")),
    *(Column(f"schedule.{key}", right=True) for key in ("amount", "paid", "open")),
)


def settlement(draft: Draft) -> dict[str, Any] | None:
    """Return the newest offer to settle while it is open: with how much we are content by when."""
    offers = [o for o in draft.at.offers if o.status == "open" and draft.meant(o.currency)]
    if not offers:
        return None
    offer = offers[-1]
    return {
        "made": draft.day(offer.settlement.at),
        "amount": draft.amount(offer.settlement.amount, offer.currency),
        "until": draft.day(offer.settlement.until),
        "paid": draft.sums({offer.currency: offer.paid}),
        "missing": draft.amount(max(ZERO, offer.settlement.amount - offer.paid), offer.currency),
    }


def asked_since(claims: Claims) -> date | None:
    """Return since when there is something of what is asked for."""
    return min((row.issued or row.due for row in claims.rows), default=None)


def earlier(draft: Draft, claims: Claims) -> list[str]:
    """Return the days on which we wrote before about what is still unpaid (practice N16)."""
    since = asked_since(claims)
    if since is None:
        return []
    days = {draft.local(letter.at) for letter in draft.at.letters if letter.template != "call-back"}
    return [draft.day(day) for day in _last(sorted(d for d in days if since <= d < draft.today))]


def _last(days: Sequence[date]) -> Sequence[date]:
    return days[-_EARLIER:]
