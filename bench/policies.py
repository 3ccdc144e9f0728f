"""Ways to choose the day's calls: the product's engine, what collectors do, and two bounds.

All call as often as the caps and the half-hours let them. The engine is the product's own code; it
sees the desk's journal and never the truth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import cache

import numpy as np

from bench.world import SLOTS, TIRED, Desk, Dial, Policy, parameters, terms
from dunctl.calling import answers, value
from dunctl.calling.answers import Book, Debtor, History, Usual
from dunctl.calling.assign import Candidate, assign
from dunctl.calling.learning import book_state
from dunctl.calling.odds import Profile
from dunctl.calling.value import Talks

Rank = Callable[[Desk, int], Sequence[int]]
"""The slots of a case, those to be tried first in front."""


def nobody(desk: Desk) -> list[Dial]:
    """Call nobody: what comes in all the same."""
    return []


def chosen_by_lot(seed: int) -> Policy:
    """Return the policy that calls anybody at any hour."""
    dice = np.random.default_rng([seed, 11])

    def policy(desk: Desk) -> list[Dial]:
        cases = dice.permutation(np.array(desk.allowed, dtype=np.int64)).tolist()
        return _fill(desk, cases, lambda _, case: dice.permutation(desk.truth.slots[case]).tolist())

    return policy


def round_robin(desk: Desk) -> list[Dial]:
    """Call whom we have not called for longest, from the first half-hour on."""

    def last(case: int) -> int:
        return desk.attempts[case][-1].day if desk.attempts[case] else 0

    return _fill(desk, sorted(desk.allowed, key=last), _in_order)


def oldest(desk: Desk) -> list[Dial]:
    """Call the oldest debts first, from the first half-hour on."""
    return _fill(desk, sorted(desk.allowed, key=desk.truth.due.__getitem__), _in_order)


def largest(desk: Desk) -> list[Dial]:
    """Call the largest debts first, from the first half-hour on."""
    return _fill(desk, _by_size(desk), _in_order)


def rules(desk: Desk) -> list[Dial]:
    """Call the largest debts first, each in the best window that practice knows (A01-A09)."""
    return _fill(desk, _by_size(desk), _by_practice)


def rules_saving(desk: Desk) -> list[Dial]:
    """Like ``rules``, but the largest wait for Tuesday morning, Thursday and Friday (A06, A07).

    They wait while those days have room for them; the others fill the days between.
    """
    weekday = (desk.today - 1) % 7
    cases = _by_size(desk)
    if weekday in (3, 4):
        return _fill(desk, cases, _by_practice)
    kept = {0: 26, 1: 0, 2: 32}[weekday] * desk.truth.calls
    return _fill(desk, cases[kept:] + cases[:kept], _by_practice)


def value_by_rules(desk: Desk) -> list[Dial]:
    """Call what is worth most by the engine's value, in the best window that practice knows."""
    scores = _scores(desk)
    return _fill(desk, sorted(desk.allowed, key=scores.__getitem__, reverse=True), _by_practice)


def plan_knowing_nobody(desk: Desk) -> list[Dial]:
    """Plan by the engine with what it knows before any call."""
    return _plan(desk, answers.new_book(parameters()), lambda _: answers.STRANGER)


def plan_by_debtor(desk: Desk) -> list[Dial]:
    """Plan by the engine without what it learns about a debtor's hours."""
    return _plan(desk, _book(desk), lambda state: state._replace(bands={}))


def plan(desk: Desk) -> list[Dial]:
    """Plan by the engine."""
    return _plan(desk, _book(desk), lambda state: state)


def oracle(desk: Desk) -> list[Dial]:
    """Plan by the engine's value and the true chances of an answer."""
    truth, scores = desk.truth, _scores(desk)
    habit = np.maximum(truth.habit, 0)
    tired = np.take_along_axis(desk.tired, habit, axis=1)
    chances = 1 / (1 + np.exp(TIRED * tired - truth.logit[desk.day]))

    def candidate(case: int) -> Candidate:
        def weigh() -> dict[int, int]:
            row = chances[case].tolist()
            return {slot: int(row[slot] * scores[case]) for slot in truth.slots[case]}

        highest = int(float(chances[case].max()) * scores[case]) + 1
        return Candidate(f"{case:04}", highest, weigh, truth.slots[case])

    placed = assign([truth.calls] * len(SLOTS), map(candidate, desk.allowed)).placed
    return [Dial(int(name), slot, float(chances[int(name), slot])) for name, slot in placed.items()]


def _plan(desk: Desk, book: Book, known: Callable[[Debtor], Debtor]) -> list[Dial]:
    truth, today, scores = desk.truth, desk.today, _scores(desk)
    weekday = (today - 1) % 7
    settings = parameters()
    chances: dict[int, dict[int, float]] = {}

    @cache
    def usual(who: Profile) -> Usual:
        return answers.usual_odds(who, book, settings)

    @cache
    def highest(who: Profile, answered: int) -> float:
        return answers.p_max(answered, weekday, usual(who), settings)

    def candidate(case: int) -> Candidate:
        who, slots, attempts = truth.profiles[case], truth.slots[case], desk.attempts[case]

        def weigh() -> dict[int, int]:
            state = known(answers.debtor_state(attempts, usual(who), settings, today))
            minutes = [SLOTS[slot] + truth.offsets[case] for slot in slots]
            row = answers.odds_row(state, usual(who), settings, today, minutes)
            chances[case] = dict(zip(slots, row, strict=True))
            return {slot: int(p * scores[case]) for slot, p in chances[case].items()}

        bound = highest(who, len(desk.spoken[case]))
        return Candidate(f"{case:04}", int(bound * scores[case]) + 1, weigh, slots)

    placed = assign([truth.calls] * len(SLOTS), map(candidate, desk.allowed)).placed
    return [Dial(int(name), slot, chances[int(name)][slot]) for name, slot in placed.items()]


def _book(desk: Desk) -> Book:
    histories = {
        f"{case:04}": History(desk.truth.profiles[case], attempts)
        for case, attempts in enumerate(desk.attempts)
        if attempts
    }
    return book_state(histories, parameters(), desk.today)


def _scores(desk: Desk) -> dict[int, int]:
    """Return what a call to each allowed case is worth by the engine."""
    truth, today, settings = desk.truth, desk.today, terms()
    talks = [Talks(len(held), paid) for held, paid in zip(desk.spoken, desk.paid, strict=True)]
    book = value.book_propensity(talks, settings)
    near = truth.near[desk.day].tolist()
    return {
        case: value.worth(
            Decimal(desk.open[case]).scaleb(-2), "EUR", today - truth.due[case], None,
            talks[case], book, near[case], settings,
        ).score
        for case in desk.allowed
    }  # fmt: skip


def _by_size(desk: Desk) -> list[int]:
    return sorted(desk.allowed, key=desk.open.__getitem__, reverse=True)


def _fill(desk: Desk, cases: Iterable[int], rank: Rank) -> list[Dial]:
    """Give each case in turn the first of its slots in which there is room."""
    room = [desk.truth.calls] * len(SLOTS)
    left = sum(room)
    dials = []
    for case in cases:
        for slot in rank(desk, case):
            if room[slot]:
                room[slot] -= 1
                left -= 1
                dials.append(Dial(case, slot))
                break
        if not left:
            break
    return dials


def _in_order(desk: Desk, case: int) -> Sequence[int]:
    return desk.truth.slots[case]


def _by_practice(desk: Desk, case: int) -> Sequence[int]:
    truth = desk.truth
    opening = None if truth.profiles[case].segment == "consumer" else truth.hours[case][0]
    return _ranked(truth.slots[case], truth.offsets[case], opening, (desk.today - 1) % 7)


@cache
def _ranked(
    slots: tuple[int, ...], offset: int, opening: int | None, weekday: int
) -> tuple[int, ...]:
    """Return slots by practice: the day's first minutes, the rounds, the rest, lunch and late."""

    def tier(slot: int) -> tuple[int, int]:
        minute = SLOTS[slot] + offset
        if minute == opening:
            return 0, slot
        if 11 * 60 + 30 <= minute < 14 * 60 or (weekday == 4 and minute >= 16 * 60):
            return 4, slot
        if weekday == 1 and minute >= 12 * 60:
            return 3, slot
        in_round = 10 * 60 <= minute < 11 * 60 or minute in (14 * 60 + 30, 16 * 60)
        return (1 if in_round or (weekday == 4 and minute >= 14 * 60) else 2), slot

    return tuple(sorted(slots, key=tier))
