from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Mapping, Sequence
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunctl.calling.assign import Assignment, Candidate, assign, certify

Day = tuple[list[int], list[Candidate]]


def case(name: str, weights: Mapping[int, int], above: int = 0) -> Candidate:
    return Candidate(name, max([0, *weights.values()]) + above, weights)


def random_day(dice: random.Random) -> Day:
    """Return a day with many ties: few different weights, closed slots, forbidden slots."""
    slots = dice.choice((0, 1, 1, 2, 3, 5, 8, 20))
    top = dice.choice((1, 2, 5, 1000))
    allowed = dice.choice((0.3, 0.8, 1.0))
    cases = []
    for n in range(dice.choice((0, 1, 2, 5, 10, 30, 60))):
        weights = {s: dice.randint(0, top) for s in range(slots) if dice.random() < allowed}
        fits = tuple(weights) if dice.random() < 0.5 else None
        bound = max([0, *weights.values()]) + dice.choice((0, 0, 1, 50))
        lazy = weights.copy if dice.random() < 0.5 else weights
        cases.append(Candidate(f"case-{n}", bound, lazy, fits))
    return [dice.choice((0, 1, 1, 2, 3, 9)) for _ in range(slots)], cases


def best_value(capacities: Sequence[int], cases: Sequence[Candidate]) -> int:
    """Return the value of the best plan by scipy: a column for each call of each slot."""
    from scipy.optimize import linear_sum_assignment

    columns = [slot for slot, calls in enumerate(capacities) for _ in range(calls)]
    rows = [[one.weigh().get(slot, 0) for slot in columns] for one in cases]
    if not rows or not columns:
        return 0
    chosen = zip(
        *(side.tolist() for side in linear_sum_assignment(rows, maximize=True)), strict=True
    )
    return sum(rows[row][column] for row, column in chosen)


def is_proved(capacities: Sequence[int], cases: Sequence[Candidate], plan: Assignment) -> bool:
    return certify(capacities, cases, plan) == (plan.value, plan.dual) == (plan.value, plan.value)


@st.composite
def days(draw: st.DrawFn) -> Day:
    capacities = draw(st.lists(st.integers(0, 3), max_size=6))
    weights = st.integers(-1, 4) | st.integers(0, 10**30)
    rows = draw(
        st.dictionaries(
            st.text("aAzé0-", min_size=1, max_size=4),
            st.fixed_dictionaries({}, optional=dict.fromkeys(range(len(capacities)), weights)),
            max_size=14,
        )
    )
    return capacities, [case(name, row, draw(st.integers(0, 2))) for name, row in rows.items()]


def test_no_plan_is_worth_more_and_the_prices_prove_it() -> None:
    dice = random.Random(20)  # noqa: S311 - days, no secrets
    for nth in range(1500):
        capacities, cases = random_day(dice)
        plan = assign(capacities, cases)
        assert plan.value == best_value(capacities, cases), f"day {nth}"
        assert is_proved(capacities, cases, plan), f"day {nth}"


@given(days())
def test_the_prices_prove_every_plan_to_the_last_unit(day: Day) -> None:
    capacities, cases = day
    assert is_proved(capacities, cases, assign(capacities, cases))


@given(days(), st.randoms(use_true_random=False))
def test_the_order_of_the_cases_and_of_their_slots_changes_nothing(
    day: Day, dice: random.Random
) -> None:
    capacities, cases = day
    shuffled = []
    for one in dice.sample(cases, len(cases)):
        weights = one.weigh()
        slots = dice.sample(sorted(weights), len(weights))
        shuffled.append(one._replace(weights={slot: weights[slot] for slot in slots}))
    assert repr(assign(capacities, shuffled)) == repr(assign(capacities, cases))


def test_the_hash_seed_changes_nothing() -> None:
    program = """if True:
        from dunctl.calling.assign import Candidate, assign
        def weights(n):
            return {s: 1 + n * (s + 3) % 4 for s in {hash(str(s)): s for s in range(12)}.values()}
        names = {f"case-{n}": n for n in range(300)}
        cases = {Candidate(name, 4, lambda n=names[name]: weights(n)) for name in set(names)}
        print([c.id for c in cases])
        print(assign([3, 0, 9, 1, 5, 2, 2, 7, 1, 1, 1, 4], cases))
    """
    orders, plans = set(), set()
    for seed in ("0", "1", "4242"):
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        )
        order, plan = done.stdout.splitlines()
        orders.add(order)
        plans.add(plan)
    assert len(orders) == 3, "the seeds did not change the order of the cases"
    assert len(plans) == 1


def test_among_equal_plans_the_first_ids_are_called() -> None:
    dice = random.Random(6)  # noqa: S311 - days, no secrets
    for nth in range(150):
        slots = dice.randint(1, 3)
        capacities = [dice.randint(0, 2) for _ in range(slots)]
        rows = [
            {s: dice.randint(1, 2) for s in range(slots) if dice.random() < 0.8} for _ in range(5)
        ]
        best: tuple[int, tuple[bool, ...]] = (0, (False,) * 5)
        for choice in product((*range(slots), None), repeat=5):
            calls = [(n, slot) for n, slot in enumerate(choice) if slot is not None]
            if all(choice.count(s) <= capacities[s] for s in range(slots)) and all(
                slot in rows[n] for n, slot in calls
            ):
                value = sum(rows[n][slot] for n, slot in calls)
                best = max(best, (value, tuple(slot is not None for slot in choice)))
        cases = [case(f"case-{n}", row, dice.choice((0, 0, 7))) for n, row in enumerate(rows)]
        plan = assign(capacities, cases)
        called = tuple(one.id in plan.placed for one in cases)
        assert (plan.value, called) == best, f"day {nth}: {capacities} {rows}"


@given(days())
def test_the_price_is_what_one_call_less_loses_and_one_more_gains_no_more(day: Day) -> None:
    capacities, cases = day
    plan = assign(capacities, cases)
    for slot, calls in enumerate(capacities):
        fewer, more = list(capacities), list(capacities)
        more[slot] += 1
        assert assign(more, cases).value - plan.value <= plan.prices[slot]
        if calls:
            fewer[slot] -= 1
            assert plan.value - assign(fewer, cases).value == plan.prices[slot]


@pytest.mark.parametrize(
    ("capacities", "rows", "placed", "value", "prices"),
    [
        ([], {}, {}, 0, ()),
        ([], {"a": {}}, {}, 0, ()),
        ([2, 2], {}, {}, 0, (0, 0)),
        ([2, 2], {"a": {}}, {}, 0, (0, 0)),
        ([0, 0], {"a": {0: 5, 1: 7}}, {}, 0, (7, 7)),
        ([1], {"a": {0: 5}, "b": {0: 9}}, {"b": 0}, 9, (9,)),
        ([1], {"b": {0: 5}, "a": {0: 5}}, {"a": 0}, 5, (5,)),
        ([3, 3], {"b": {0: 5, 1: 5}, "a": {0: 4, 1: 6}}, {"b": 0, "a": 1}, 11, (0, 0)),
        ([1, 1], {"a": {0: 9, 1: 8}, "b": {0: 9}}, {"b": 0, "a": 1}, 17, (9, 8)),
        ([1, 1], {"a": {0: 9, 1: 3}, "b": {0: 7}, "c": {1: 8}}, {"a": 0, "c": 1}, 17, (9, 8)),
        ([0, 1], {"a": {0: 9, 1: 3}, "b": {0: 7}}, {"a": 1}, 3, (9, 3)),
        ([1, 1], {"a": {0: 0, 1: -4}}, {}, 0, (0, 0)),
    ],
)
def test_small_days(
    capacities: list[int],
    rows: dict[str, dict[int, int]],
    placed: dict[str, int],
    value: int,
    prices: tuple[int, ...],
) -> None:
    plan = assign(capacities, [case(name, row) for name, row in rows.items()])
    assert list(plan.placed.items()) == list(placed.items())
    assert plan == Assignment(placed, value, prices, value)


def test_a_case_that_cannot_get_in_is_never_weighed() -> None:
    weighed = []

    def lazy(n: int) -> Candidate:
        def weights() -> dict[int, int]:
            weighed.append(n)
            return {0: n, 1: n}

        return Candidate(f"case-{n:04}", n, weights, slots=(0, 1))

    cases = [lazy(n) for n in range(1, 1001)]
    plan = assign([3, 2, 8], cases)  # nobody may be called in the third slot
    assert sorted(plan.placed) == ["case-0996", "case-0997", "case-0998", "case-0999", "case-1000"]
    assert sorted(weighed) == list(range(996, 1001))
    assert is_proved([3, 2, 8], cases, plan)


@pytest.mark.parametrize(
    ("capacities", "cases", "message"),
    [
        ([1, -1], [], "negative capacity"),
        ([2], [case("a", {0: 1}), case("a", {0: 1})], "an id comes twice"),
        ([2], [Candidate("a", 4, {0: 5})], "a: a weight is above the bound 4"),
    ],
)
def test_an_impossible_day_is_refused(
    capacities: list[int], cases: list[Candidate], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        assign(capacities, cases)


CASES = [case("a", {0: 9, 1: 8}), case("b", {0: 9}), case("c", {1: 5})]


@pytest.mark.parametrize(
    ("placed", "prices", "message"),
    [
        ({"a": 0, "b": 0}, (9, 8), "slot 0 has 2 calls and room for 1"),
        ({"b": 1}, (9, 8), "b may not be called in slot 1"),
        ({"d": 0}, (9, 8), "once among the candidates"),
        ({"b": 0, "a": 1}, (9, -1), "a price of 0 or more"),
        ({"b": 0, "a": 1}, (9,), "a price of 0 or more"),
    ],
)
def test_what_is_no_plan_is_not_certified(
    placed: dict[str, int], prices: tuple[int, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        certify([1, 1], CASES, Assignment(placed, 17, prices, 17))


@pytest.mark.parametrize(
    ("placed", "prices", "ends"),
    [
        ({"b": 0, "a": 1}, (9, 8), (17, 17)),
        ({"a": 0, "c": 1}, (9, 8), (14, 17)),  # a worse plan
        ({"b": 0, "a": 1}, (9, 9), (17, 18)),  # prices that prove nothing
        ({}, (0, 0), (0, 23)),
    ],
)
def test_the_certificate_does_not_believe_what_the_plan_says(
    placed: dict[str, int], prices: tuple[int, ...], ends: tuple[int, int]
) -> None:
    assert certify([1, 1], CASES, Assignment(placed, 17, prices, 17)) == ends
