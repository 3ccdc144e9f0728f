"""The day's plan: which case is called in which half-hour, and the proof that no plan is better.

Pinned calls come first: promises due or broken and call-backs take their place in the desk's
half-hours before anything is weighed. The rest is the assignment of greatest expected money
(``assign``), where a call is worth its chance of an answer times what it may bring (``weigh``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from dunctl import dates
from dunctl.calling.assign import assign
from dunctl.calling.today import Call
from dunctl.calling.weigh import Model, Row, Slot, Weigher
from dunctl.calling.windows import Spans, half_hours

Practice = Literal["bounded", "strict"]


class Shift(NamedTuple):
    """What the desk can do today: its hours left, and how many calls a half-hour it makes."""

    spans: Spans
    callers: int
    calls_per_half_hour: int


class Waiting(NamedTuple):
    """A call for which there is no room; ``at_most`` bounds its score in any slot."""

    call: Call
    at_most: int


class Plan(NamedTuple):
    """The plan: rows in calling order, what did not fit (best first), the slots and their prices.

    A price is what the plan would lose with one call less in the slot. ``primal`` and ``dual`` are
    the value of the weighed part and the bound that the prices set on any plan; equal, they prove
    it. ``unrated`` are currencies without a rate.
    """

    rows: tuple[Row, ...]
    unfitted: tuple[Waiting, ...]
    slots: tuple[Slot, ...]
    prices: tuple[int, ...]
    primal: int
    dual: int
    unrated: tuple[str, ...]


def slots_of(shift: Shift) -> tuple[Slot, ...]:
    """Return the half-hours of the desk's day, on the clock's half-hours.

    A half-hour that has begun has room for what is left of it (practice A18-A20: run at any time).
    """
    whole = shift.callers * shift.calls_per_half_hour
    return tuple(
        Slot(start, end, whole * int((end - start).total_seconds()) // 1800)
        for start, end in half_hours(shift.spans)
    )


def plan(calls: Sequence[Call], shift: Shift, model: Model, practice: Practice) -> Plan:
    """Return the day's plan for what may be called; the order of ``calls`` does not matter.

    ``strict`` is the practitioners' own order instead of the assignment: the better weekday, then
    the earliest open half-hour, the larger sum first (practice A05-A07).
    """
    slots = slots_of(shift)
    room = [slot.capacity for slot in slots]
    weigher = Weigher(model, slots)
    rows: list[Row] = []
    waiting: list[Waiting] = []
    for call in sorted((call for call in calls if call.pinned), key=_pin_order):
        slot = _pinned_slot(call, weigher, room)
        if slot is None:
            waiting.append(Waiting(call, weigher.candidate(call).bound))
        else:
            room[slot] -= 1
            rows.append(weigher.row(call, slot))
    free = {call.at.case.id: call for call in calls if not call.pinned}
    candidates = [weigher.candidate(call) for call in free.values()]
    if practice == "strict":
        placed = _strictly(list(free.values()), list(room), weigher)
        prices, primal, dual = (0,) * len(room), 0, 0
    else:
        placed, primal, prices, dual = assign(room, candidates)
    rows += [weigher.row(free[case_id], slot) for case_id, slot in placed.items()]
    waiting += [Waiting(free[c.id], c.bound) for c in candidates if c.id not in placed]
    rows.sort(key=lambda r: (r.start, not r.call.pinned, -r.score, r.call.at.case.id))
    waiting.sort(key=lambda w: (not w.call.pinned, -w.at_most, w.call.at.case.id))
    unrated = tuple(sorted(weigher.unrated))
    return Plan(tuple(rows), tuple(waiting), slots, prices, primal, dual, unrated)


def _pin_order(call: Call) -> tuple[object, ...]:
    return (call.start, call.moment is None, -call.at.ledger.days_past_due(), call.at.case.id)


def _pinned_slot(call: Call, weigher: Weigher, room: Sequence[int]) -> int | None:
    """Return the slot of a pinned call: at its time, else the first open one with room."""
    nearest = [n for n, s in enumerate(weigher.slots) if s.start <= call.start < s.end]
    later = weigher.where(call) if call.moment is None else ()
    return next((n for n in (*nearest, *later) if room[n] > 0), None)


def _strictly(calls: Sequence[Call], room: list[int], weigher: Weigher) -> dict[str, int]:
    def order(call: Call) -> tuple[object, ...]:
        local = call.start.astimezone(call.at.zone)
        weekday = dates.WEEKDAYS[local.weekday()].lower()
        weight = call.at.policy.window.weekdays.get(weekday, -1)
        return (-weight, -weigher.worth(call).balance, call.at.case.id)

    placed = {}
    for call in sorted(calls, key=order):
        slot = next((n for n in weigher.where(call) if room[n] > 0), None)
        if slot is not None:
            room[slot] -= 1
            placed[call.at.case.id] = slot
    return placed
