"""The day's plan: which case is called in which half-hour, and the proof that no plan is better.

Pinned calls come first: promises due or broken and call-backs take their place in the desk's
half-hours before anything is weighed. The rest is the assignment of greatest expected money
(``assign``), where a call is worth its chance of an answer times what it may bring.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal, NamedTuple

from dunctl import dates
from dunctl.calling import answers, value
from dunctl.calling.assign import Candidate, assign
from dunctl.calling.odds import Factor, Parameters, profile, words
from dunctl.calling.people import callee
from dunctl.calling.today import Call
from dunctl.calling.windows import Spans
from dunctl.steps.standing import Standing

HALF_HOUR = timedelta(minutes=30)
Practice = Literal["bounded", "strict"]


class Shift(NamedTuple):
    """What the desk can do today: its hours left, and how many calls a half-hour it makes."""

    spans: Spans
    callers: int
    calls_per_half_hour: int


class Slot(NamedTuple):
    """A half-hour of the desk, or what is left of it: ``capacity`` calls fit into it."""

    start: datetime
    end: datetime
    capacity: int


class Model(NamedTuple):
    """What calls are weighed by: both sets of parameters, the learned book, and rates."""

    answers: Parameters
    book: answers.Book
    value: value.Terms
    propensity: float
    currency: str
    rates: Mapping[str, Decimal]


class Row(NamedTuple):
    """A call in its slot: ``score`` is expected money, in thousandths of the smallest unit."""

    call: Call
    start: datetime
    end: datetime
    slot: int
    score: int
    chance: float
    worth: value.Worth
    factors: tuple[Factor, ...]
    why: tuple[str, ...]


class Plan(NamedTuple):
    """The plan: rows in calling order, what did not fit (best first), the slots and their prices.

    A price is what the plan would lose with one call less in the slot. ``primal`` and ``dual`` are
    the value of the weighed part and the bound that the prices set on any plan; equal, they prove
    it. ``unrated`` are currencies without a rate.
    """

    rows: tuple[Row, ...]
    unfitted: tuple[Row, ...]
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
    found = []
    for first, last in shift.spans:
        start = first
        while start < last:
            since = timedelta(minutes=start.minute % 30, seconds=start.second)
            end = min(start - since + HALF_HOUR, last)
            found.append(Slot(start, end, whole * int((end - start).total_seconds()) // 1800))
            start = end
    return tuple(found)


def learn(
    standings: Sequence[Standing],
    parameters: Parameters,
    terms: value.Terms,
    today: int,
    currency: str,
    rates: Mapping[str, Decimal],
) -> Model:
    """Return what the journals of all cases teach for the calls of ``today`` (ordinal)."""
    histories = histories_of(standings)
    all_talks = (value.talks(at, terms.paid_within_days) for at in standings)
    return Model(
        parameters,
        answers.book_state(histories, parameters, today)
        if histories
        else answers.new_book(parameters),
        terms,
        value.book_propensity(all_talks, terms),
        currency,
        rates,
    )


def histories_of(standings: Sequence[Standing]) -> dict[str, answers.History]:
    """Return the calls to each debtor that was ever called, by case id."""
    return {
        at.case.id: answers.History(
            profile(at.case.debtor, callee(at.case).person),
            answers.attempts_of(at.contacts, at.zone),
        )
        for at in standings
        if at.contacts
    }


def plan(calls: Sequence[Call], shift: Shift, model: Model, practice: Practice) -> Plan:
    """Return the day's plan for what may be called; the order of ``calls`` does not matter.

    ``strict`` is the practitioners' own order instead of the assignment: the better weekday, then
    the earliest open half-hour, the larger sum first (practice A05-A07).
    """
    slots = slots_of(shift)
    room = [slot.capacity for slot in slots]
    weigh = _Weigher(model, slots)
    rows: list[Row] = []
    left: list[Call] = []
    for call in sorted(calls, key=_pin_order):
        where = _pinned_slot(call, slots, room) if call.pinned else None
        if where is not None:
            room[where] -= 1
            rows.append(weigh.row(call, where))
        else:
            left.append(call)
    placed, prices, primal, dual = _place(left, room, weigh, practice)
    unfitted = []
    for call in left:
        if call.at.case.id in placed:
            rows.append(weigh.row(call, placed[call.at.case.id]))
        else:
            unfitted.append(weigh.row(call, weigh.best(call)))
    rows.sort(key=lambda r: (r.start, not r.call.pinned, -r.score, r.call.at.case.id))
    unfitted.sort(key=lambda r: (not r.call.pinned, -r.score, r.call.at.case.id))
    return Plan(
        tuple(rows), tuple(unfitted), slots, prices, primal, dual, tuple(sorted(weigh.unrated))
    )


def _pin_order(call: Call) -> tuple[object, ...]:
    return (call.start, call.moment is None, -call.at.ledger.days_past_due(), call.at.case.id)


def _pinned_slot(call: Call, slots: Sequence[Slot], room: Sequence[int]) -> int | None:
    """Return the slot of a pinned call: at its time, else the first open one with room."""
    nearest = [n for n, s in enumerate(slots) if s.start <= call.start < s.end]
    later = [n for n in open_slots(call, slots) if call.moment is None]
    return next((n for n in (*nearest, *later) if room[n] > 0), None)


def open_slots(call: Call, slots: Sequence[Slot]) -> list[int]:
    """Return the slots that lie wholly within the time at which a case may be called."""
    return [
        n
        for n, slot in enumerate(slots)
        if any(start <= slot.start and slot.end <= end for start, end in call.open)
    ]


class _Weigher:
    """Weighs calls, each debtor's profile once; the state is only what was worked out already."""

    def __init__(self, model: Model, slots: Sequence[Slot]) -> None:
        self.model = model
        self.slots = slots
        self.unrated: set[str] = set()
        self._usual: dict[object, answers.Usual] = {}

    def usual(self, call: Call) -> answers.Usual:
        who = profile(call.at.case.debtor, call.callee.person)
        if who not in self._usual:
            self._usual[who] = answers.usual_odds(who, self.model.book, self.model.answers)
        return self._usual[who]

    def worth(self, call: Call) -> value.Worth:
        balance, unrated = value.in_currency(call.owed, self.model.currency, self.model.rates)
        self.unrated.update(unrated)
        return value.worth(
            balance,
            self.model.currency,
            call.at.ledger.days_past_due(),
            call.at.ledger.credit_age(),
            value.talks(call.at, self.model.value.paid_within_days),
            self.model.propensity,
            call.near_income,
            self.model.value,
        )

    def chances(self, call: Call, where: Sequence[int]) -> list[float]:
        state = answers.debtor_state(
            answers.attempts_of(call.at.contacts, call.at.zone),
            self.usual(call),
            self.model.answers,
            call.at.today.toordinal(),
        )
        return [
            answers.odds_row(state, self.usual(call), self.model.answers, day, [minute])[0]
            for day, minute in (self.local(call, n) for n in where)
        ]

    def local(self, call: Call, slot: int) -> tuple[int, int]:
        there = max(self.slots[slot].start, call.start if call.moment else self.slots[slot].start)
        local = there.astimezone(call.at.zone)
        return local.toordinal(), 60 * local.hour + local.minute

    def weights(self, call: Call, score: int) -> Callable[[], dict[int, int]]:
        def weights() -> dict[int, int]:
            where = open_slots(call, self.slots)
            return {
                n: int(p * score) for n, p in zip(where, self.chances(call, where), strict=True)
            }

        return weights

    def best(self, call: Call) -> int:
        where = open_slots(call, self.slots)
        if not where:
            return next((n for n, s in enumerate(self.slots) if call.start < s.end), 0)
        chances = self.chances(call, where)
        return where[chances.index(max(chances))]

    def bound(self, call: Call, score: int) -> int:
        answered = sum(a.answered for a in answers.attempts_of(call.at.contacts, call.at.zone))
        days = {self.local(call, n)[0] for n in open_slots(call, self.slots)}
        top = max(
            (
                answers.p_max(answered, (d - 1) % 7, self.usual(call), self.model.answers)
                for d in days
            ),
            default=0.0,
        )
        return int(top * score) + 1

    def row(self, call: Call, slot: int) -> Row:
        """Return a call in a slot, with everything that its score is made of."""
        worth = self.worth(call)
        day, minute = self.local(call, slot)
        who = profile(call.at.case.debtor, call.callee.person)
        state = answers.debtor_state(
            answers.attempts_of(call.at.contacts, call.at.zone),
            self.usual(call),
            self.model.answers,
            call.at.today.toordinal(),
        )
        found = answers.factors(state, who, self.model.book, self.model.answers, day, minute)
        chance = answers.odds_row(state, self.usual(call), self.model.answers, day, [minute])[0]
        start, end = self.slots[slot].start, self.slots[slot].end
        if call.moment is not None:
            start, end = call.start, call.end
        return Row(
            call,
            start,
            end,
            slot,
            int(chance * worth.score),
            chance,
            worth,
            found,
            _why(call, found),
        )


def _why(call: Call, found: tuple[Factor, ...]) -> tuple[str, ...]:
    """Return the reasons that matter: what pins the call, then what the debtor's own calls show.

    What is so for everybody at that hour is no reason for this case; it is among the factors.
    """
    own = {f.name for f in found if f.name.startswith("debtor") and _enough(f)}
    if not own:
        return call.why
    kept = own | {"base", "retry"}
    return (*call.why, words([f if f.name in kept else f._replace(value=1.0) for f in found]))


def _enough(factor: Factor) -> bool:
    return factor.learned is not None and factor.learned.tried >= 2


def _place(
    calls: Sequence[Call], room: Sequence[int], weigh: _Weigher, practice: Practice
) -> tuple[dict[str, int], tuple[int, ...], int, int]:
    free = [call for call in calls if not call.pinned]
    if practice == "strict":
        return _strictly(free, list(room), weigh), (0,) * len(room), 0, 0
    candidates = []
    for call in free:
        score = weigh.worth(call).score
        candidates.append(
            Candidate(
                call.at.case.id,
                weigh.bound(call, score),
                weigh.weights(call, score),
                tuple(open_slots(call, weigh.slots)),
            )
        )
    found = assign(room, candidates)
    return found.placed, found.prices, found.value, found.dual


def _strictly(calls: Sequence[Call], room: list[int], weigh: _Weigher) -> dict[str, int]:
    def order(call: Call) -> tuple[object, ...]:
        local = call.start.astimezone(call.at.zone)
        weekday = dates.WEEKDAYS[local.weekday()].lower()
        weight = call.at.policy.window.weekdays.get(weekday, -1)
        return (-weight, -weigh.worth(call).balance, call.at.case.id)

    placed = {}
    for call in sorted(calls, key=order):
        where = next((n for n in open_slots(call, weigh.slots) if room[n] > 0), None)
        if where is not None:
            room[where] -= 1
            placed[call.at.case.id] = where
    return placed
