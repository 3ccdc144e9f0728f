"""Seconds to plan n cases into 20 half-hours: .venv/bin/python bench/assign.py [--certify].

The best of five runs each. The book is made up and always the same: few large balances and many
small ones, three time zones, a learned habit per case. "weighed" is how many cases had their 20
weights worked out. "no 18:00" is the same day with a slot in which nobody may be called.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import count

from dunctl.calling.assign import Assignment, Candidate, assign, certify

SLOTS = 20
RUNS = 5


def chances() -> Iterator[int]:
    """Yield the same numbers from 0 to 999,999 every time, in no order to speak of."""
    state = 12345
    while True:
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        yield (state >> 32) % 1_000_000


class Book:
    """Cases whose weights are value times answer chance, worked out when asked for."""

    def __init__(self, cases: int, closed: Sequence[int] = ()) -> None:
        chance = chances()
        zones = [
            tuple(s for s in range(SLOTS) if first <= s < last and s not in closed)
            for first, last in ((0, 20), (0, 16), (4, 20))
        ]
        self.weighed = count()
        self.cases = []
        for n in range(cases):
            value = 50_000_000_000 // (next(chance) + 20_000)
            slots = zones[next(chance) % 3]
            curve = [200 + next(chance) % 7 * 30 for _ in range(5)]
            self.cases.append(self.case(f"c-{n * 7919 % cases:06}", value, slots, curve))

    def case(self, name: str, value: int, slots: tuple[int, ...], curve: list[int]) -> Candidate:
        """Return one case; its answer chance is in per mille, by band of four slots."""

        def weights() -> dict[int, int]:
            next(self.weighed)
            return {s: value * curve[s // 4] for s in slots}

        return Candidate(name, value * max(curve), weights, slots)


def measure(book: Book, capacities: Sequence[int]) -> tuple[float, int, Assignment]:
    """Return seconds of the best run, cases weighed in a run, and the plan."""
    best = float("inf")
    for _ in range(RUNS):
        book.weighed = count()
        gc.collect()
        start = time.perf_counter()
        plan = assign(capacities, book.cases)
        best = min(best, time.perf_counter() - start)
    return best, next(book.weighed), plan


def main() -> None:
    """Print a line per size of book and day."""
    say = sys.stdout.write
    say("  cases      K  seconds  weighed  no 18:00  weighed  called  value = dual\n")
    for cases in (1_000, 10_000, 100_000):
        books = Book(cases), Book(cases, closed=(SLOTS - 1,))
        for calls in (8, 24, 80):
            capacities = [calls] * SLOTS
            seconds, weighed, plan = measure(books[0], capacities)
            late, late_weighed, _ = measure(books[1], capacities)
            ends = (plan.value, plan.dual)
            if "--certify" in sys.argv:
                ends = certify(capacities, books[0].cases, plan)
            say(
                f"{cases:7} {calls * SLOTS:6} {seconds:8.3f} {weighed:8} {late:9.3f} "
                f"{late_weighed:8} {len(plan.placed):7}  {ends[0] == ends[1]}\n"
            )


if __name__ == "__main__":
    main()
