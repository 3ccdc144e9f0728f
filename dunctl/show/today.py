"""The morning list: as a page of 80 columns, as JSON and as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Any

from dunctl import dates
from dunctl.calling.plan import Plan, Waiting
from dunctl.calling.today import Call, Held
from dunctl.calling.weigh import Row
from dunctl.errors import Problem
from dunctl.show.people import who_line
from dunctl.show.text import (
    amount_list,
    amounts,
    as_csv,
    listing,
    problem_list,
    score_words,
    table,
    wrap,
)
from dunctl.words import t

MOST_HELD = 20
"""Cases held back that a page lists; the rest is counted."""
ROUNDS = ("10:00", "14:30", "16:00")
"""When the rounds of a day begin, on the desk's clock (practice A18-A20)."""


def round_of(start: datetime, now: datetime) -> int:
    """Return in which round of the day a call begins; the first has what is before it, too."""
    clock = f"{start.astimezone(now.tzinfo):%H:%M}"
    return max(1, sum(begin <= clock for begin in ROUNDS))


def round_page(
    now: datetime, zone: str, holiday: str | None, nth: int, plan: Plan, calls: Sequence[Row]
) -> list[str]:
    """Return the calls of one round for people, as ``page`` has them."""
    head = t(
        "{day}, {zone}: round {round}, {calls} of {all} to call",
        day=dates.say(now, today=now.date()),
        zone=zone,
        round=nth,
        calls=len(calls),
        all=len(plan.rows),
    )
    top = [head, *_holiday(holiday)]
    return [*top, "", *_calls(now, calls)] if calls else top


def page(
    now: datetime,
    zone: str,
    holiday: str | None,
    plan: Plan,
    held: Sequence[Held],
    *,
    whole: bool,
    notes: Sequence[str] = (),
) -> list[str]:
    """Return the list for people: a row a call, below it whom to ask for and why now.

    ``holiday`` is the name of the desk's own today. ``notes`` are lines on what runs out of time,
    whether it is called or not.
    """
    head = t(
        "{day}, {zone}: {calls} to call, {held} held back",
        day=dates.say(now, today=now.date()),
        zone=zone,
        calls=len(plan.rows),
        held=len(held),
    )
    lines = [head, *_holiday(holiday), ""]
    if plan.rows:
        lines += [*_calls(now, plan.rows), ""]
    if plan.unfitted:
        lines += [*_unfitted(plan, whole), ""]
    if held:
        lines += [*_held_back(now, held, whole), ""]
    if notes:
        lines += [*notes, ""]
    if plan.unrated:
        currencies = ", ".join(plan.unrated)
        lines += wrap(
            t("no rate for {currencies} in dunctl.toml: counted one to one", currencies=currencies),
            0,
        )
        lines.append("")
    return lines[:-1]


def _holiday(name: str | None) -> list[str]:
    return wrap(t("Today is a public holiday here: {name}", name=name), 0) if name else []


def _calls(now: datetime, rows: Sequence[Row]) -> list[str]:
    headers = (t("Call"), t("Case"), t("Owed"), t("Days"), t("Stage"))
    cells = [
        (
            _span(row.start, row.end, now),
            row.call.card.id,
            amounts(row.call.card.owed),
            row.call.card.days_past_due,
            row.call.card.stage,
        )
        for row in rows
    ]
    first, *body = table(headers, cells, (2, 3))
    lines = [first]
    for line, row in zip(body, rows, strict=True):
        lines += [line, *wrap(_whom(row, now), 4), *wrap("; ".join(row.why), 4)]
    return lines


def _unfitted(plan: Plan, whole: bool) -> list[str]:
    shown = plan.unfitted if whole else plan.unfitted[:MOST_HELD]
    rows = [
        (
            row.call.card.id,
            amounts(row.call.card.owed),
            row.call.card.days_past_due,
            "; ".join(row.call.why),
        )
        for row in shown
    ]
    headers = (t("No room today"), t("Owed"), t("Days"), t("Why"))
    lines = listing(headers, rows, (1, 2))
    if len(shown) < len(plan.unfitted):
        lines.append(t("… and {n} more (--all)", n=len(plan.unfitted) - len(shown)))
    return lines


def _held_back(now: datetime, held: Sequence[Held], whole: bool) -> list[str]:
    shown = held if whole else held[:MOST_HELD]
    titles = (t("Held back"), t("Until"), t("Why"))
    lines = listing(titles, [(h.card.id, _until(h, now), h.why) for h in shown])
    if len(shown) < len(held):
        lines.append(t("… and {n} more (--all)", n=len(held) - len(shown)))
    return lines


def slots_page(now: datetime, plan: Plan, currency: str) -> list[str]:
    """Return the desk's half-hours: room, calls, and what the last call in each is worth."""
    taken = [sum(row.slot == n for row in plan.rows) for n in range(len(plan.slots))]
    rows = [
        (_span(slot.start, slot.end, now), slot.capacity, used, score_words(price, currency))
        for slot, used, price in zip(plan.slots, taken, plan.prices, strict=True)
    ]
    headers = (t("Half-hour"), t("Room"), t("Calls"), t("The last call is worth"))
    return table(headers, rows, (1, 2, 3))


def _span(start: datetime, end: datetime, now: datetime) -> str:
    first, last = start.astimezone(now.tzinfo), end.astimezone(now.tzinfo)
    return f"{first:%H:%M}-{last:%H:%M}"


def _whom(row: Row, now: datetime) -> str:
    call = row.call
    text = who_line(call.callee, call.card.id)
    name = call.card.debtor
    if name != call.callee.name:
        text = f"{name}: {text}"
    zone = _zone(call, now)
    there = [moment.astimezone(zone) for moment in (row.start, row.end)]
    if there[0].utcoffset() != row.start.astimezone(now.tzinfo).utcoffset():
        day = dates.WEEKDAYS[there[0].weekday()]
        text += " · " + t(
            "{day} {start:%H:%M}-{end:%H:%M} there", day=day, start=there[0], end=there[1]
        )
    return text


def _zone(call: Call, now: datetime) -> tzinfo | None:
    return dates.zone(call.card.zone) if call.card.zone else now.tzinfo


def _until(held: Held, now: datetime) -> str:
    return dates.say(held.until, today=now.date()) if held.until else "-"


def data(
    now: datetime,
    plan: Plan,
    held: Sequence[Held],
    problems: Sequence[Problem],
    currency: str,
    holiday: str | None,
) -> dict[str, Any]:
    """Return the list as the JSON contract has it; keys are only ever added.

    ``score``, ``price`` and the certificate are in thousandths of the smallest unit of the desk's
    currency.
    """
    return {
        "now": now.isoformat(timespec="seconds"),
        "calls": [_row(row, now) for row in plan.rows],
        "holiday": holiday,
        "held": [_held(one) for one in held],
        "blocked": [{**_held(one), "rule": one.rule} for one in held if one.rule is not None],
        "unfitted": [_waiting(one) for one in plan.unfitted],
        "slots": [
            {
                **_window(slot.start.astimezone(now.tzinfo), slot.end.astimezone(now.tzinfo)),
                "capacity": slot.capacity,
                "price": price,
            }
            for slot, price in zip(plan.slots, plan.prices, strict=True)
        ],
        "certificate": {"primal": plan.primal, "dual": plan.dual},
        "currency": currency,
        "problems": problem_list(problems),
    }


def _row(row: Row, now: datetime) -> dict[str, Any]:
    call = row.call
    card, zone = call.card, _zone(call, now)
    return {
        "case": card.id,
        "debtor": card.debtor,
        "person": call.callee.name,
        "role": call.callee.role,
        "phone": call.callee.phone,
        "window": _window(row.start.astimezone(now.tzinfo), row.end.astimezone(now.tzinfo)),
        "local": _window(row.start.astimezone(zone), row.end.astimezone(zone)),
        "owed": amount_list(call.card.owed),
        "balance": amount_list(call.card.balance),
        "days_past_due": call.card.days_past_due,
        "stage": call.card.stage,
        "pinned": call.pinned,
        "score": row.score,
        "chance": round(row.chance, 6),
        "factors": factor_list(row),
        "why": list(row.why),
    }


def _waiting(waiting: Waiting) -> dict[str, Any]:
    call = waiting.call
    return {
        "case": call.card.id,
        "debtor": call.card.debtor,
        "owed": amount_list(call.card.owed),
        "days_past_due": call.card.days_past_due,
        "stage": call.card.stage,
        "pinned": call.pinned,
        "score_at_most": waiting.at_most,
        "why": list(call.why),
    }


def factor_list(row: Row) -> list[dict[str, Any]]:
    """Return every factor of a row's score, those of the answer first."""
    return [*_answer_factors(row), *_value_factors(row)]


def _answer_factors(row: Row) -> list[dict[str, Any]]:
    return [
        {
            "name": factor.name,
            "value": round(factor.value, 6),
            **(
                {
                    "answered": factor.learned.answered,
                    "tried": factor.learned.tried,
                    "usual": round(factor.learned.usual, 6),
                }
                if factor.learned
                else {}
            ),
        }
        for factor in row.factors
    ]


def _value_factors(row: Row) -> list[dict[str, Any]]:
    worth = row.worth
    return [
        {"name": "balance", "value": str(worth.balance)},
        {"name": "recovery", "value": round(worth.recovery, 6)},
        {"name": "propensity", "value": round(worth.propensity, 6)},
        {"name": "self_cure", "value": round(worth.self_cure, 6)},
        {"name": "income", "value": worth.income},
    ]


def _window(start: datetime, end: datetime) -> dict[str, str]:
    return {"from": start.isoformat(timespec="seconds"), "to": end.isoformat(timespec="seconds")}


def _held(held: Held) -> dict[str, Any]:
    return {
        "case": held.card.id,
        "debtor": held.card.debtor,
        "why": held.why,
        "until": held.until.isoformat() if held.until else None,
        "owed": amount_list(held.card.chasable),
        "stage": held.card.stage,
    }


def csv(now: datetime, rows: Sequence[Row]) -> str:
    """Return the calls as CSV, one row for each currency owed."""
    headers = (
        *("from", "to", "case", "debtor", "person", "phone", "owed", "currency"),
        *("days_past_due", "stage", "why"),
    )
    cells = []
    for row in rows:
        call: Call = row.call
        for owed in amount_list(call.card.owed):
            cells.append(
                (
                    row.start.astimezone(now.tzinfo).isoformat(timespec="minutes"),
                    row.end.astimezone(now.tzinfo).isoformat(timespec="minutes"),
                    call.card.id,
                    call.card.debtor,
                    call.callee.name,
                    call.callee.phone or "",
                    owed["amount"],
                    owed["currency"],
                    call.card.days_past_due,
                    call.card.stage,
                    "; ".join(row.why),
                )
            )
    return as_csv(headers, cells)
