"""The morning list: as a page of 80 columns, as JSON and as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from dunctl import dates
from dunctl.calling.today import Call, Held
from dunctl.errors import Problem
from dunctl.show.brief import who_line
from dunctl.show.text import amount_list, amounts, as_csv, listing, problem_list, table, wrap
from dunctl.words import t


def page(now: datetime, zone: str, calls: Sequence[Call], held: Sequence[Held]) -> list[str]:
    """Return the list for people: a row a call, below it whom to ask for and why now."""
    head = t(
        "{day}, {zone}: {calls} to call, {held} held back",
        day=dates.say(now, today=now.date()),
        zone=zone,
        calls=len(calls),
        held=len(held),
    )
    lines = [head, ""]
    if calls:
        headers = (t("Call"), t("Case"), t("Owed"), t("Days"), t("Stage"))
        rows = [
            (
                _span(call.start, call.end, now),
                call.at.case.id,
                amounts(call.owed),
                call.at.ledger.days_past_due(),
                call.at.stage,
            )
            for call in calls
        ]
        first, *body = table(headers, rows, (2, 3))
        lines.append(first)
        for line, call in zip(body, calls, strict=True):
            lines += [line, *wrap(_whom(call, now), 4), *wrap("; ".join(call.why), 4)]
        lines.append("")
    if held:
        titles = (t("Held back"), t("Until"), t("Why"))
        lines += listing(titles, [(h.at.case.id, _until(h, now), h.why) for h in held])
        lines.append("")
    return lines[:-1]


def _span(start: datetime, end: datetime, now: datetime) -> str:
    first, last = start.astimezone(now.tzinfo), end.astimezone(now.tzinfo)
    return f"{first:%H:%M}-{last:%H:%M}"


def _whom(call: Call, now: datetime) -> str:
    text = who_line(call.callee.person, call.callee.name, call.callee.phone)
    name = call.at.case.debtor.name
    if name != call.callee.name:
        text = f"{name}: {text}"
    there = [moment.astimezone(call.at.zone) for moment in (call.start, call.end)]
    if there[0].utcoffset() != call.start.astimezone(now.tzinfo).utcoffset():
        day = dates.WEEKDAYS[there[0].weekday()]
        text += " · " + t(
            "{day} {start:%H:%M}-{end:%H:%M} there", day=day, start=there[0], end=there[1]
        )
    return text


def _until(held: Held, now: datetime) -> str:
    return dates.say(held.until, today=now.date()) if held.until else "-"


def data(
    now: datetime, calls: Sequence[Call], held: Sequence[Held], problems: Sequence[Problem]
) -> dict[str, Any]:
    """Return the list as the JSON contract has it; keys are only ever added."""
    return {
        "now": now.isoformat(timespec="seconds"),
        "calls": [_call(call, now) for call in calls],
        "held": [_held(one) for one in held],
        "problems": problem_list(problems),
    }


def _call(call: Call, now: datetime) -> dict[str, Any]:
    case, zone = call.at.case, call.at.zone
    return {
        "case": case.id,
        "debtor": case.debtor.name,
        "person": call.callee.name,
        "role": call.callee.person.role if call.callee.person else None,
        "phone": call.callee.phone,
        "window": _window(call.start.astimezone(now.tzinfo), call.end.astimezone(now.tzinfo)),
        "local": _window(call.start.astimezone(zone), call.end.astimezone(zone)),
        "owed": amount_list(call.owed),
        "balance": amount_list(call.at.ledger.balance()),
        "days_past_due": call.at.ledger.days_past_due(),
        "stage": call.at.stage,
        "pinned": call.pinned,
        "why": list(call.why),
    }


def _window(start: datetime, end: datetime) -> dict[str, str]:
    return {"from": start.isoformat(timespec="seconds"), "to": end.isoformat(timespec="seconds")}


def _held(held: Held) -> dict[str, Any]:
    return {
        "case": held.at.case.id,
        "debtor": held.at.case.debtor.name,
        "why": held.why,
        "until": held.until.isoformat() if held.until else None,
        "owed": amount_list(held.at.ledger.chasable()),
        "stage": held.at.stage,
    }


def csv(now: datetime, calls: Sequence[Call]) -> str:
    """Return the calls as CSV, one row for each currency owed."""
    headers = (
        *("from", "to", "case", "debtor", "person", "phone", "owed", "currency"),
        *("days_past_due", "stage", "why"),
    )
    rows = []
    for call in calls:
        for owed in amount_list(call.owed):
            rows.append(
                (
                    call.start.astimezone(now.tzinfo).isoformat(timespec="minutes"),
                    call.end.astimezone(now.tzinfo).isoformat(timespec="minutes"),
                    call.at.case.id,
                    call.at.case.debtor.name,
                    call.callee.name,
                    call.callee.phone or "",
                    owed["amount"],
                    owed["currency"],
                    call.at.ledger.days_past_due(),
                    call.at.stage,
                    "; ".join(call.why),
                )
            )
    return as_csv(headers, rows)
