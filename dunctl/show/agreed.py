"""Plans, settlements and what waits for an approval, as pages and JSON have them."""

from __future__ import annotations

from datetime import date
from typing import Any

from dunctl import dates, money
from dunctl.case.checks import currency_of
from dunctl.case.describe import describe
from dunctl.case.handles import handles
from dunctl.case.records import Plan
from dunctl.owed.ledger import ZERO
from dunctl.show.text import table, wrap
from dunctl.steps.plans import Instalment, Offer, waits
from dunctl.steps.standing import Standing
from dunctl.words import t


def instalment_table(plan: Plan, currency: str, today: date) -> list[str]:
    """Return a plan as it was agreed, a line an instalment."""
    rows = [
        (dates.say(due, today=today), money.show(amount, currency))
        for due, amount in plan.instalments
    ]
    return ["  " + line for line in table((t("Due"), t("Amount")), rows, (1,))]


def plan_lines(at: Standing) -> list[str]:
    """Return the plan in force and how each instalment stands."""
    state = at.schedule
    if state is None:
        return []
    words = {"paid": t("paid"), "up_to_date": t("up to date"), "late": t("late")}
    head = t(
        "Plan, {state}: {missing} of {whole} to come",
        state=words[state.status],
        missing=money.show(state.missing, state.currency),
        whole=money.show(sum((i.amount for i in state.instalments), ZERO), state.currency),
    )
    rows = [
        (
            dates.say(one.due, today=at.today),
            money.show(one.amount, state.currency),
            _words(at, one),
        )
        for one in state.instalments
    ]
    lines = [head, *("  " + line for line in table((t("Due"), t("Amount"), ""), rows, (1,)))]
    if state.accelerated and state.status == "late":
        lines += wrap(
            t(
                "The whole rest is due since {day} ({clause})",
                day=dates.say(state.accelerated, today=at.today),
                clause=state.plan.accelerate,
            ),
            2,
        )
    elif state.status == "late":
        lines += wrap(
            t(
                "Only the late part is asked for; for the whole give the plan up: "
                "dunctl release {id} plan",
                id=at.case.id,
            ),
            2,
        )
    return lines


def _words(at: Standing, one: Instalment) -> str:
    words = {"paid": t("paid"), "open": "", "due": t("due"), "late": t("late")}[one.status]
    if one.status == "paid" and one.fallen == one.amount:
        return t("nothing is left of it to pay")
    if one.missing and one.paid and at.schedule:
        missing = money.show(one.missing, at.schedule.currency)
        return ", ".join(filter(None, (words, t("{amount} is missing", amount=missing))))
    return words


def offer_lines(at: Standing) -> list[str]:
    """Return the newest settlement and how it stands."""
    return [line for offer in at.offers[-1:] for line in wrap(_offer(at, offer), 0)]


def _offer(at: Standing, offer: Offer) -> str:
    what = describe(offer.settlement, offer.currency, at.today)
    what = what[:1].upper() + what[1:]
    if offer.met:
        return t("{what}: met on {day}, the rest is let go", what=what, day=_day(at, offer.met))
    if offer.status == "expired":
        return t("{what}: expired", what=what)
    came = money.show(offer.paid, offer.currency)
    return t("{what}: open, {amount} came", what=what, amount=came)


def _day(at: Standing, day: date) -> str:
    return dates.say(day, today=at.today)


def agreed_parts(at: Standing) -> list[str]:
    """Say in short how the plan and the newest settlement stand, for after a payment."""
    parts = []
    state = at.schedule
    if state is not None and not at.settled:
        paid = sum(one.status == "paid" for one in state.instalments)
        text = t("{paid} of {n} instalments paid", paid=paid, n=len(state.instalments))
        late = [one for one in state.instalments if one.status == "late"]
        if late:
            missing = sum((one.missing for one in late), ZERO)
            text += ", " + t("{amount} is late", amount=money.show(missing, state.currency))
        elif state.next:
            text += ", " + t(
                "next {amount} {day}",
                amount=money.show(state.next.missing, state.currency),
                day=_day(at, state.next.due),
            )
        parts.append(text)
    if at.offers:
        offer = at.offers[-1]
        amount = money.show(offer.settlement.amount, offer.currency)
        words = {
            "met": t("settlement for {amount}: met, the rest is let go", amount=amount),
            "open": t("settlement for {amount}: open", amount=amount),
        }
        parts += [words[offer.status]] if offer.status in words else []
    return parts


def waiting_lines(at: Standing) -> list[str]:
    """Return what waits for an approval, with the command that gives it."""
    names = handles(at.case.data)
    lines = []
    for entry in at.pending:
        words = waits(at.case, entry, at.today)
        command = f"dunctl approve {at.case.id} {names[entry.kind, entry.nth]}"
        lines += wrap(words[:1].upper() + words[1:] + f": {command}", 0)
    return lines


def data(at: Standing) -> dict[str, Any]:
    """Return the plan in force, the settlements and what waits, as the JSON contract has them."""
    names = handles(at.case.data)
    state = at.schedule
    plan = None
    if state is not None:
        plan = {
            "handle": names[state.entry.kind, state.entry.nth],
            "currency": state.currency,
            "status": state.status,
            "missing": money.plain(state.missing, state.currency),
            "accelerated": str(state.accelerated) if state.accelerated else None,
            "instalments": [
                {
                    "due": str(one.due),
                    "amount": money.plain(one.amount, state.currency),
                    "paid": money.plain(one.paid, state.currency),
                    "missing": money.plain(one.missing, state.currency),
                    "status": one.status,
                }
                for one in state.instalments
            ],
        }
    return {
        "plan": plan,
        "settlements": [
            {
                "handle": names[offer.entry.kind, offer.entry.nth],
                "amount": money.plain(offer.settlement.amount, offer.currency),
                "currency": offer.currency,
                "until": str(offer.settlement.until),
                "status": offer.status,
                "paid": money.plain(offer.paid, offer.currency),
                "met": str(offer.met) if offer.met else None,
            }
            for offer in at.offers
        ],
        "pending": [
            {
                "handle": names[entry.kind, entry.nth],
                "kind": entry.kind,
                "why": getattr(entry.record, "pending", None),
                "currency": currency_of(at.case, entry.record),
            }
            for entry in at.pending
        ],
    }
