"""The day's plan: which case is called in which half-hour, and the proof that no plan is better.

First the book is sifted: what the dockets and the day's hours hold back is laid aside. Pinned calls
come next: promises due or broken and call-backs take their place in the desk's half-hours before
anything is weighed. The rest is the assignment of greatest expected money (``assign``), where a
call is worth its chance of an answer times what it may bring (``weigh``). Words are made only for
what is placed, and for what is looked at of the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from heapq import nlargest
from math import inf
from operator import itemgetter
from typing import TYPE_CHECKING, Literal

from dunctl import dates
from dunctl.calling.assign import Assignment, assign
from dunctl.calling.desk import LEAST, Day, call_span
from dunctl.calling.docket import Docket, sort_of
from dunctl.calling.today import Call, Held, call_of, held_of
from dunctl.calling.told import Told
from dunctl.calling.weigh import Group, Model, Row, Weigher
from dunctl.steps.guard_clock import FOREVER
from dunctl.tuples import NamedTuple

if TYPE_CHECKING:
    from dunctl.calling.card import Card
    from dunctl.calling.journal import State
    from dunctl.steps.standing import Standing

Practice = Literal["bounded", "strict"]


class Ask(NamedTuple):
    """Where to learn more of a case, by its id: its card, and where it stands now."""

    card: Callable[[str], Card]
    standing: Callable[[str], Standing]


Resting = Mapping[int, Sequence[str]]
"""The ids of cases that their journals hold, by the day (ordinal) until which; 0 for none."""
_NOBODY: Resting = {}
_FIRST, _ROOMS = 500, 4
"""How many cases are let into the assignment at first: so many, or so many times the room."""


class Shift(NamedTuple):
    """What the desk can do today: how many calls a half-hour it makes."""

    day: Day
    callers: int
    calls_per_half_hour: int


class Slot(NamedTuple):
    """A half-hour of the desk, or what is left of it: ``capacity`` calls fit into it."""

    start: datetime
    end: datetime
    capacity: int


class Waiting(NamedTuple):
    """A call for which there is no room; ``at_most`` bounds its score in any slot."""

    call: Call
    at_most: int


class Plan(NamedTuple):
    """The plan: rows in calling order, what did not fit (best first), and who is held, by day.

    A price of a slot is what the plan would lose with one call less in it. ``primal`` and ``dual``
    are the value of the weighed part and the bound that the prices set on any plan; equal, they
    prove it. ``unrated`` are currencies without a rate.
    """

    rows: tuple[Row, ...]
    unfitted: Sequence[Waiting]
    held: Sequence[Held]
    slots: tuple[Slot, ...]
    prices: tuple[int, ...]
    primal: int
    dual: int
    unrated: tuple[str, ...]


class Sifted(NamedTuple):
    """The book on a day: who is to be called, by sort, and who is held until when (ordinals).

    Of those in ``gated`` only the gate can say why they are held.
    """

    pinned: list[Group]
    free: list[Group]
    held: dict[int, list[str]]
    gated: set[str]


_Bounded = tuple[Group, list[int]]
"""A group, and the bound of each of its cases."""


class _Ranked(NamedTuple):
    """A case, its group and its bound."""

    bound: int
    known: Docket
    group: Group


def slots_of(shift: Shift) -> tuple[Slot, ...]:
    """Return the half-hours of the desk's day, on the clock's half-hours.

    A half-hour that has begun has room for what is left of it (practice A18-A20: run at any time).
    """
    whole = shift.callers * shift.calls_per_half_hour
    return tuple(
        Slot(start, end, whole * int((end - start).total_seconds()) // 1800)
        for start, end in shift.day.halves
    )


def sift(dockets: Iterable[Docket], day: Day, ask: Ask, resting: Resting = _NOBODY) -> Sifted:
    """Return who may be called on a day, and who is held; the dockets must be true now.

    The ``resting`` are held too; more need not be known of them. The few cases of which only the
    gate itself can tell are asked about one by one.
    """
    groups: dict[tuple[State, str, tuple[tuple[int, int], ...]], tuple[Group, int]] = {}
    held = {until: list(ids) for until, ids in resting.items()}
    by_gate: set[str] = set()
    found: dict[State, list[Group]] = {"pinned": [], "free": []}
    for known in dockets:
        state, barred = known.state, known.barred
        if state == "nothing":
            continue
        if state == "held" or not day.spans:
            held.setdefault(known.until, []).append(known.id)
            continue
        if barred and barred[-1][1] <= day.minute:
            barred = ()
        like = state, known.key, barred
        place = groups.get(like)
        if place is None:
            opened = day.opened(known.key, barred)
            back = None if opened.state == "open" else day.back(known.key, barred, opened.state)
            place = Group(known.key, sort_of(known.key), opened, []), _ordinal(back)
            groups[like] = place
        group, until = place
        there = group.opened.state
        if known.asks or (there == "blocked" and not _exact(known, day, until)):
            from dunctl.calling.gated import verdict

            said = verdict(ask.standing(known.id), day)
            if isinstance(said, Call):
                found[state].append(group._replace(opened=said.opened, dockets=[known]))
            elif said:
                held.setdefault(_ordinal(said.until), []).append(known.id)
                by_gate.add(known.id)
        elif there == "open":
            group.dockets.append(known)
        else:
            held.setdefault(until, []).append(known.id)
            if there == "blocked":
                by_gate.add(known.id)
    for (state, _, _), (group, _) in groups.items():
        if group.dockets:
            found[state].append(group)
    return Sifted(found["pinned"], found["free"], held, by_gate)


def _exact(known: Docket, day: Day, until: int) -> bool:
    """Return whether the spans that a docket bars are exact as long as they keep it back."""
    if known.exact == FOREVER or not until:
        return known.exact == FOREVER
    return day.begin(until + 1) + LEAST <= known.exact


def _ordinal(day: date | None) -> int:
    return day.toordinal() if day else 0


def plan(
    dockets: Iterable[Docket],
    shift: Shift,
    model: Model,
    practice: Practice,
    ask: Ask,
    resting: Resting = _NOBODY,
) -> Plan:
    """Return the day's plan for what may be called; the order of ``dockets`` does not matter.

    ``strict`` is the practitioners' own order instead of the assignment: the better weekday, then
    the earliest open half-hour, the larger sum first (practice A05-A07).
    """
    slots = slots_of(shift)
    room = [slot.capacity for slot in slots]
    day = shift.day
    sifted = sift(dockets, day, ask, resting)
    weigher = Weigher(model, day)
    pinned = _pinned(sifted.pinned, weigher, room)
    bounds = [(group, weigher.bounds(group)) for group in sifted.free]
    if practice == "strict":
        weighed = best = list(_ranked(bounds))
        placed = _strictly(sifted.free, list(room), weigher)
        prices, primal, dual = (0,) * len(room), 0, 0
    else:
        best, weighed, (placed, primal, prices, dual) = _assigned(bounds, room, weigher)

    def call(one: _Ranked) -> Call:
        return call_of(ask.card(one.known.id), one.group.opened, one.group.key)

    taken = [(one, slot) for one, slot in pinned if slot is not None]
    taken += [(one, placed[one.known.id]) for one in weighed if one.known.id in placed]
    rows = [weigher.row(one.known, one.group.sort, call(one), slot) for one, slot in taken]
    rows.sort(key=lambda r: (r.start, not r.call.pinned, -r.score, r.call.card.id))
    late = [one for one, slot in pinned if slot is None]

    def left(among: Iterable[_Ranked]) -> list[_Ranked]:
        rest = [one for one in among if one.known.id not in placed]
        return sorted(late, key=_best_first) + sorted(rest, key=_best_first)

    return Plan(
        tuple(rows),
        Told(
            sum(len(each) for _, each in bounds) - len(placed) + len(late),
            left(best),
            lambda: left(_ranked(bounds)),
            lambda one: Waiting(call(one), one.bound),
        ),
        _held(sifted, day, ask),
        slots,
        prices,
        primal,
        dual,
        tuple(sorted(weigher.unrated)),
    )


def _best_first(one: _Ranked) -> tuple[int, str]:
    return -one.bound, one.known.id


def _held(sifted: Sifted, day: Day, ask: Ask) -> Told[tuple[str, int], Held]:
    def tell(key: tuple[str, int]) -> Held:
        case_id, until = key
        if case_id not in sifted.gated:
            return held_of(ask.card(case_id), day, date.fromordinal(until) if until else None)
        from dunctl.calling.gated import verdict

        found = verdict(ask.standing(case_id), day)
        if not isinstance(found, Held):
            raise TypeError(f"{case_id}: its docket says that it is held, and it is not")
        return found

    keys = [
        (one, until)
        for until in sorted(sifted.held, key=_last_if_never)
        for one in sorted(sifted.held[until])
    ]
    return Told(len(keys), keys, lambda: keys, tell)


def _last_if_never(until: int) -> tuple[bool, int]:
    return until == 0, until


def _ranked(bounds: Iterable[_Bounded]) -> Iterator[_Ranked]:
    for group, each in bounds:
        for known, bound in zip(group.dockets, each, strict=True):
            yield _Ranked(bound, known, group)


def _between(
    bounds: Iterable[_Bounded], low: Callable[[Group], int], below: float
) -> list[tuple[Group, list[tuple[int, Docket]]]]:
    """Return the cases with a bound of at least ``low`` and ``below`` another, by group."""
    found = []
    for group, each in bounds:
        least = low(group)
        some = [
            (bound, known)
            for bound, known in zip(each, group.dockets, strict=True)
            if least <= bound < below
        ]
        if some:
            found.append((group, some))
    return found


def _pinned(
    groups: Iterable[Group], weigher: Weigher, room: list[int]
) -> list[tuple[_Ranked, int | None]]:
    """Give each pinned call its slot, so far as there is room: at its time, else the nearest.

    Those that are tied to a time come first; one for a clock time has no other slot.
    """
    order = []
    for one in _ranked((group, weigher.bounds(group)) for group in groups):
        known = one.known
        at = None if known.moment is None else datetime.fromtimestamp(known.moment, UTC)
        asked = known.reason == "call_back"
        sort = one.group.sort
        start, _ = call_span(one.group.opened, at, asked, sort.lead)
        today = weigher.day.today(dates.zone(sort.zones[0])).toordinal()
        loose = at is None or known.reason == "due_today"
        days = known.due - today if known.due else 0
        order.append((at is None, start, loose, days, known.id, one))
    order.sort(key=itemgetter(0, 1, 2, 3, 4))
    found = []
    for _, start, loose, _, _, one in order:
        slots = [n for n, (first, end) in enumerate(weigher.day.halves) if first <= start < end]
        if loose:
            slots += sorted(one.group.opened.slots, key=_nearest_to(slots[0]))
        slot = next((n for n in slots if room[n] > 0), None)
        if slot is not None:
            room[slot] -= 1
        found.append((one, slot))
    return found


def _nearest_to(slot: int) -> Callable[[int], tuple[int, int]]:
    """Return the order of slots by how far they are from one, the earlier of two first."""
    return lambda n: (abs(n - slot), n)


def _assigned(
    bounds: Sequence[_Bounded], room: Sequence[int], weigher: Weigher
) -> tuple[list[_Ranked], list[_Ranked], Assignment]:
    """Return the cases of the greatest bounds, all that are weighed, and the best assignment.

    At first only those of the greatest bounds join. Prices only rise when more do, so of the others
    only those can matter whose bounds, and whose weight, reach the price of a slot; mostly nobody.
    """
    most = max(_FIRST, _ROOMS * sum(room))
    every = [bound for _, each in bounds for bound in each]
    least = min(nlargest(most, every)) if len(every) > most else 0
    best = _between(bounds, lambda _: least, inf)
    candidates = [one for group, some in best for one in weigher.candidates(group, some)]
    found = assign(room, candidates)

    def lowest(group: Group) -> int:
        return min((found.prices[n] for n in group.opened.slots), default=least)

    first, more = _all_of(best), []
    for group, some in _between(bounds, lowest, least) if least else ():
        for one, (bound, known) in zip(weigher.candidates(group, some), some, strict=True):
            if (one.closer or 0) >= lowest(group) and any(
                weight >= found.prices[n] for n, weight in one.weigh().items()
            ):
                candidates.append(one)
                more.append(_Ranked(bound, known, group))
    return first, first + more, assign(room, candidates) if more else found


def _all_of(some: Iterable[tuple[Group, list[tuple[int, Docket]]]]) -> list[_Ranked]:
    return [_Ranked(bound, known, group) for group, each in some for bound, known in each]


def _strictly(groups: Iterable[Group], room: list[int], weigher: Weigher) -> dict[str, int]:
    order = []
    for _, sort, opened, dockets in groups:
        local = opened.open[0][0].astimezone(dates.zone(sort.zones[0]))
        weight = sort.weekdays[local.weekday()]
        for known in dockets:
            order.append((-weight, -weigher.worth(known, sort).balance, known.id, opened.slots))
    placed = {}
    for _, _, case_id, slots in sorted(order):
        slot = next((n for n in slots if room[n] > 0), None)
        if slot is not None:
            room[slot] -= 1
            placed[case_id] = slot
    return placed
