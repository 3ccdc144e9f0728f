"""What a call in a half-hour is worth: its chance of an answer times what it may bring."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, tzinfo
from decimal import Decimal
from functools import lru_cache, partial
from itertools import groupby
from math import lcm
from operator import itemgetter

from dunctl import dates, money
from dunctl.calling import answers, value
from dunctl.calling.assign import Candidate
from dunctl.calling.book import TEN_YEARS, fading
from dunctl.calling.desk import Day, Opened
from dunctl.calling.docket import Docket, Sort, calls_of, days_of
from dunctl.calling.income import income_near
from dunctl.calling.odds import Factor, Parameters, Profile, words
from dunctl.calling.today import Call
from dunctl.tuples import NamedTuple


class Model(NamedTuple):
    """What calls are weighed by: both sets of parameters, and what the journals teach.

    ``book`` is what all calls show, ``propensity`` what all conversations brought; amounts are
    compared in ``currency``, by ``rates``.
    """

    answers: Parameters
    book: answers.Book
    value: value.Terms
    propensity: float
    currency: str
    rates: Mapping[str, Decimal]


class Group(NamedTuple):
    """Cases of one sort that may be called at the same times."""

    key: str
    sort: Sort
    opened: Opened
    dockets: list[Docket]


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


def model(
    held: int,
    paid: int,
    book: answers.Book,
    parameters: Parameters,
    terms: value.Terms,
    currency: str,
    rates: Mapping[str, Decimal],
) -> Model:
    """Return what calls are weighed by.

    ``held`` are the conversations of all cases, ``paid`` those of them that brought money.
    """
    likely = value.propensity(held, paid, terms)
    return Model(parameters, book, terms, likely, currency, rates)


_Factors = tuple[dict[object, tuple[float, float]], dict[object, float], dict[object, float]]
"""What ``value.factors`` gives by age, by conversations and by incomes."""
_CLOSE = 1.000001
"""More than rounding errors can take away from a bound."""


class Weigher:
    """Weighs cases against the half-hours of a day; remembers what many have in common."""

    def __init__(self, model: Model, day: Day) -> None:
        """Make a weigher for one day; ``unrated`` collects the currencies without a rate."""
        self.model = model
        self.day = day
        self.unrated: set[str] = set()
        self._usual: dict[Profile, answers.Usual] = {}
        self._states: dict[str, answers.Debtor] = {}
        self._weighed: dict[str, dict[int, int]] = {}
        self._local: dict[tzinfo, list[tuple[int, int]]] = {}
        self._factors: dict[date, _Factors] = {}
        self._weights: dict[str, int] = {}
        known = (value.unit(code, model.currency, model.rates) for code in model.rates)
        self._parts = lcm(10_000, *(one.denominator for one in known))

    def bounds(self, group: Group) -> list[int]:
        """Return for each case of a group a score that no call of today exceeds."""
        best = self._best(group)
        tops: dict[int, float] = {}
        found = []
        for known, score in zip(
            group.dockets, self._scores(group.dockets, group.sort), strict=True
        ):
            top = tops.get(known.answered)
            if top is None:
                top = tops[known.answered] = best(known.answered)
            found.append(int(top * score) + 1)
        return found

    def _best(self, group: Group) -> Callable[..., float]:
        """Return how likely an answer is at most in a group, by the calls so far (``p_max``)."""
        usual, parameters = self._usually(group.sort), self.model.answers
        times = self._times(group.sort)
        weekdays = sorted({(times[n][0] - 1) % 7 for n in group.opened.slots})

        def best(answered: float, vain: float = 0.0) -> float:
            odds = (answers.p_max(answered, day, usual, parameters, vain) for day in weekdays)
            return max(odds, default=0.0)

        return best

    def _scores(self, dockets: Iterable[Docket], sort: Sort) -> list[int]:
        """Return what a conversation about each case may bring: ``worth(…).score``."""
        day = self._today(sort)
        ages, talks, near = self._factors.setdefault(day, ({}, {}, {}))
        by_issue = self.model.value.recovery.clock == "credit_age"
        weights, parts = self._weights, self._parts
        found = []
        for known in dockets:
            units = 0
            for code, amount in known.owed:
                weight = weights.get(code)
                units += amount * (weight if weight is not None else self._weight(code))
            age = known.due, by_issue and known.issued
            talked = known.held, known.paid
            try:
                (recovery, cured), likely, tilt = ages[age], talks[talked], near[known.incomes]
            except KeyError:
                recovery, likely, cured, tilt = value.factors(*self._facts(known, day))
                ages[age], talks[talked] = (recovery, cured), likely
                near[known.incomes] = tilt
            found.append(int(units // parts * value.product((recovery, likely, cured, tilt))))
        return found

    def _weight(self, code: str) -> int:
        model = self.model
        if code != model.currency and code not in model.rates:
            self.unrated.add(code)
        self._weights[code] = int(value.unit(code, model.currency, model.rates) * self._parts)
        return self._weights[code]

    def _facts(
        self, known: Docket, today: date
    ) -> tuple[int, int | None, value.Talks, float, bool, value.Terms]:
        day = today.toordinal()
        return (
            day - known.due if known.due else 0,
            day - known.issued if known.issued else None,
            value.Talks(known.held, known.paid),
            self.model.propensity,
            _near(known.incomes, today),
            self.model.value,
        )

    def worth(self, known: Docket, sort: Sort) -> value.Worth:
        """Return what a conversation about a case may bring, with its factors."""
        currency = self.model.currency
        owed = {c: Decimal(amount).scaleb(-money.exponent(c)) for c, amount in known.owed}
        balance, unrated = value.in_currency(owed, currency, self.model.rates)
        self.unrated.update(unrated)
        days, age, talks, book, near, terms = self._facts(known, self._today(sort))
        return value.worth(balance, currency, days, age, talks, book, near, terms)

    def candidates(self, group: Group, some: Sequence[tuple[int, Docket]]) -> list[Candidate]:
        """Return cases of a group, each with its bound, for the assignment.

        Their slots are weighed only if that is asked for. A closer bound than that of ``bounds``
        knows how old the calls are, and how many were in vain.
        """
        best, slots = self._best(group), group.opened.slots
        scores = self._scores([known for _, known in some], group.sort)
        found = []
        for (bound, known), score in zip(some, scores, strict=True):
            top = _CLOSE * best(*self._faded(known, group.sort))
            weights = partial(self._by_slot, known, group, score)
            found.append(Candidate(known.id, bound, weights, slots, int(top * score) + 1))
        return found

    def _by_slot(self, known: Docket, group: Group, score: int) -> dict[int, int]:
        if known.id in self._weighed:
            return self._weighed[known.id]
        state, usual = self._state(known, group.sort), self._usually(group.sort)
        slots, times = group.opened.slots, self._times(group.sort)
        chances = [
            chance
            for day, some in groupby([times[n] for n in slots], itemgetter(0))
            for chance in answers.odds_row(
                state, usual, self.model.answers, day, [minute for _, minute in some]
            )
        ]
        found = {n: int(p * score) for n, p in zip(slots, chances, strict=True)}
        self._weighed[known.id] = found
        return found

    def _faded(self, known: Docket, sort: Sort) -> tuple[float, float]:
        """Return how many calls were answered, and how many in vain, each faded by its age."""
        today, fade = self._today(sort).toordinal(), fading(self.model.answers.decay["debtor"])
        faded = [0.0, 0.0]
        for day, answered in days_of(known):
            faded[answered] += fade[min(max(today - day, 0), TEN_YEARS)]
        return faded[1], faded[0]

    def row(self, known: Docket, sort: Sort, call: Call, slot: int) -> Row:
        """Return a call in a slot, with everything that its score is made of."""
        worth = self.worth(known, sort)
        day, minute = self._times(sort)[slot]
        state, parameters = self._state(known, sort), self.model.answers
        found = answers.factors(state, sort.profile, self.model.book, parameters, day, minute)
        (chance,) = answers.odds_row(state, self._usually(sort), parameters, day, [minute])
        start, end = self.day.halves[slot]
        if call.card.moment is not None and start <= call.start < end:
            start, end = call.start, call.end
        score = int(chance * worth.score)
        return Row(call, start, end, slot, score, chance, worth, found, _why(call, found))

    def _usually(self, sort: Sort) -> answers.Usual:
        who = sort.profile
        if who not in self._usual:
            self._usual[who] = answers.usual_odds(who, self.model.book, self.model.answers)
        return self._usual[who]

    def _state(self, known: Docket, sort: Sort) -> answers.Debtor:
        if known.id not in self._states:
            today = self._today(sort).toordinal()
            self._states[known.id] = answers.debtor_state(
                calls_of(known), self._usually(sort), self.model.answers, today
            )
        return self._states[known.id]

    def _today(self, sort: Sort) -> date:
        return self.day.today(dates.zone(sort.zones[0]))

    def _times(self, sort: Sort) -> list[tuple[int, int]]:
        """Return the day (ordinal) and the minute at which each slot starts on their clock."""
        zone = dates.zone(sort.zones[0])
        if zone not in self._local:
            local = [start.astimezone(zone) for start, _ in self.day.halves]
            self._local[zone] = [(one.toordinal(), 60 * one.hour + one.minute) for one in local]
        return self._local[zone]


@lru_cache(maxsize=4096)
def _near(incomes: tuple[tuple[int | None, int | None], ...], today: date) -> bool:
    if not incomes:
        return False
    from dunctl.case.records import Income

    facts = [Income(monthly, date.fromordinal(on) if on else None) for monthly, on in incomes]
    return income_near(facts, today) is not None


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
