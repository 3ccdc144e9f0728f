"""What a call in a half-hour is worth: its chance of an answer times what it may bring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import NamedTuple

from dunctl.calling import answers, value
from dunctl.calling.assign import Candidate
from dunctl.calling.odds import Factor, Parameters, Profile, profile, words
from dunctl.calling.people import callee
from dunctl.calling.today import Call
from dunctl.steps.standing import Standing


class Slot(NamedTuple):
    """A half-hour of the desk, or what is left of it: ``capacity`` calls fit into it."""

    start: datetime
    end: datetime
    capacity: int


class Model(NamedTuple):
    """What calls are weighed by: both sets of parameters, and what the journals teach.

    ``histories`` are the calls to each debtor and ``talks`` its conversations, by case id; amounts
    are compared in ``currency``, by ``rates``.
    """

    answers: Parameters
    book: answers.Book
    value: value.Terms
    propensity: float
    histories: Mapping[str, answers.History]
    talks: Mapping[str, value.Talks]
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


def learn(
    standings: Sequence[Standing],
    parameters: Parameters,
    terms: value.Terms,
    today: int,
    currency: str,
    rates: Mapping[str, Decimal],
) -> Model:
    """Return what the journals of all cases teach for the calls of ``today`` (ordinal)."""
    histories = {
        at.case.id: answers.History(
            profile(at.case.debtor, callee(at.case).person),
            answers.attempts_of(at.contacts, at.zone),
        )
        for at in standings
        if at.contacts
    }
    talks = {at.case.id: value.talks(at, terms.paid_within_days) for at in standings}
    return Model(
        parameters,
        answers.book_state(histories, parameters, today),
        terms,
        value.book_propensity(talks.values(), terms),
        histories,
        talks,
        currency,
        rates,
    )


def open_slots(call: Call, slots: Sequence[Slot]) -> tuple[int, ...]:
    """Return the slots that lie wholly within the time at which a case may be called."""
    return tuple(
        n
        for n, slot in enumerate(slots)
        if any(start <= slot.start and slot.end <= end for start, end in call.open)
    )


class Weigher:
    """Weighs calls against the slots of a day; remembers what many calls have in common."""

    def __init__(self, model: Model, slots: Sequence[Slot]) -> None:
        """Make a weigher for one day; ``unrated`` collects the currencies without a rate."""
        self.model = model
        self.slots = slots
        self.unrated: set[str] = set()
        self._usual: dict[Profile, answers.Usual] = {}
        self._open: dict[object, tuple[int, ...]] = {}
        self._minutes: dict[tuple[tzinfo, int], tuple[int, int]] = {}

    def where(self, call: Call) -> tuple[int, ...]:
        """Return the slots in which a case may be called."""
        key = tuple(call.open)
        if key not in self._open:
            self._open[key] = open_slots(call, self.slots)
        return self._open[key]

    def worth(self, call: Call) -> value.Worth:
        """Return what a conversation about this case may bring."""
        balance, unrated = value.in_currency(call.owed, self.model.currency, self.model.rates)
        self.unrated.update(unrated)
        return value.worth(
            balance,
            self.model.currency,
            call.at.ledger.days_past_due(),
            call.at.ledger.credit_age(),
            self.model.talks.get(call.at.case.id, value.SILENT),
            self.model.propensity,
            call.near_income,
            self.model.value,
        )

    def candidate(self, call: Call) -> Candidate:
        """Return a call for the assignment; its slots are weighed only if that is asked for."""
        score = self.worth(call).score
        where = self.where(call)
        answered = sum(attempt.answered for attempt in self._attempts(call))
        usual = self._usually(call)
        weekdays = {(self._local(call, n)[0] - 1) % 7 for n in where}
        top = max(
            (answers.p_max(answered, day, usual, self.model.answers) for day in weekdays),
            default=0.0,
        )

        def weights() -> dict[int, int]:
            return {n: int(p * score) for n, p in zip(where, self._chances(call), strict=True)}

        return Candidate(call.at.case.id, int(top * score) + 1, weights, where)

    def row(self, call: Call, slot: int) -> Row:
        """Return a call in a slot, with everything that its score is made of."""
        worth = self.worth(call)
        day, minute = self._local(call, slot)
        who = profile(call.at.case.debtor, call.callee.person)
        state = self._state(call)
        found = answers.factors(state, who, self.model.book, self.model.answers, day, minute)
        (chance,) = answers.odds_row(state, self._usually(call), self.model.answers, day, [minute])
        start, end = self.slots[slot].start, self.slots[slot].end
        if call.moment is not None:
            start, end = call.start, call.end
        score = int(chance * worth.score)
        return Row(call, start, end, slot, score, chance, worth, found, _why(call, found))

    def _attempts(self, call: Call) -> Sequence[answers.Attempt]:
        history = self.model.histories.get(call.at.case.id)
        return history.attempts if history else ()

    def _usually(self, call: Call) -> answers.Usual:
        who = profile(call.at.case.debtor, call.callee.person)
        if who not in self._usual:
            self._usual[who] = answers.usual_odds(who, self.model.book, self.model.answers)
        return self._usual[who]

    def _state(self, call: Call) -> answers.Debtor:
        return answers.debtor_state(
            self._attempts(call),
            self._usually(call),
            self.model.answers,
            call.at.today.toordinal(),
        )

    def _chances(self, call: Call) -> list[float]:
        state, usual = self._state(call), self._usually(call)
        return [
            answers.odds_row(state, usual, self.model.answers, day, [minute])[0]
            for day, minute in (self._local(call, n) for n in self.where(call))
        ]

    def _local(self, call: Call, slot: int) -> tuple[int, int]:
        """Return the day (ordinal) and the minute on the debtor's clock at which a slot starts."""
        key = (call.at.zone, slot)
        if key not in self._minutes:
            local = self.slots[slot].start.astimezone(call.at.zone)
            self._minutes[key] = (local.toordinal(), 60 * local.hour + local.minute)
        return self._minutes[key]


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
