"""Which case to call in which half-hour: the plan of greatest value, and the proof that it is.

A plan gives each case at most one slot, and slot ``s`` at most ``capacities[s]`` cases. Its value
is the sum of the weights of its calls.

Prices prove a plan. Whatever the prices >= 0 of the slots are, no plan is worth more than
``sum(capacity * price) + sum(max(0, max over slots(weight - price)) for every case)``. The price
here is what the plan would lose with one call less in the slot, and then the two are equal.

Cases join one at a time, greatest bound first, and after each the plan is optimal for those that
have joined. A case asks for the slot where its weight exceeds the price most. If that is full, the
cheapest chain of moves makes room: a case moves to another slot, one from there moves on, until
there is room or one leaves the plan. (Successive shortest paths; the chains are Dijkstra's, from
their ends backwards, on losses that the old prices keep from being negative.) Prices never fall,
so a case whose bound is not above the lowest price of its slots stays out without being weighed,
and with it all smaller cases of the same slots.

Ties go to the ids. All weights are multiplied by the number of cases + 1, and the case gets its
place from the end of the ids' order on top. Two plans differ by chains, and a chain lets at most
one case in and one out, so this decides between equal plans and never against the better one; and
as no chain is neutral any more, the set of called cases is the only one: among equal plans the one
with the first ids. Which of them gets which of equal slots follows from the order of work.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from heapq import heappop, heappush, merge
from itertools import takewhile
from operator import attrgetter

from dunctl.tuples import NamedTuple

Weights = Mapping[int, int]
Slots = tuple[int, ...] | None


class Candidate(NamedTuple):
    """A case that may be called: its weight by slot, or how to find it out, is never above bound.

    A slot that is missing, or has a weight of 0 or less, is not allowed. ``slots`` may say which
    ones can be allowed at all; then a free slot that is not one of them does not get it weighed.
    Nor does a price that a ``closer`` bound does not reach; it changes nothing else.
    """

    id: str
    bound: int
    weights: Weights | Callable[[], Weights]
    slots: Slots = None
    closer: int | None = None

    def weigh(self) -> Weights:
        """Return the weight of a call in each allowed slot."""
        return self.weights if isinstance(self.weights, Mapping) else self.weights()


class Assignment(NamedTuple):
    """A plan by slot and id, its value, and its proof: the prices and their bound on any plan.

    One call less in a slot loses the price; one more gains that at most. A slot without capacity
    has the price that no case can pay: the highest bound.
    """

    placed: dict[str, int]
    value: int
    prices: tuple[int, ...]
    dual: int


def assign(capacities: Sequence[int], candidates: Iterable[Candidate]) -> Assignment:
    """Return the plan of greatest value; the order of ``candidates`` does not matter.

    ValueError: a negative capacity, a case that would be called twice, a weight above its bound.
    """
    if min(capacities, default=0) < 0:
        raise ValueError("a slot has a negative capacity")
    listed = sorted(candidates, key=attrgetter("id"))
    unit = len(listed) + 1
    groups: defaultdict[Slots, list[int]] = defaultdict(list)
    for tie, (_, bound, _, slots, _) in zip(range(len(listed), 0, -1), listed, strict=True):
        if bound > 0:
            groups[slots].append(bound * unit + tie)
    plan = _Plan(capacities, highest=max(map(max, groups.values()), default=0))
    hopeful = [plan.hopeful(slots, bounds) for slots, bounds in groups.items()]
    for bound in merge(*hopeful, reverse=True):
        tie = bound % unit
        case = listed[-tie]
        closer = bound if case.closer is None else case.closer * unit + tie
        if min(bound, closer) > plan.lowest(case.slots):
            weights = case.weigh()
            row = {s: w * unit + tie for s in plan.slots if (w := weights.get(s, 0)) > 0}
            if max(row.values(), default=0) > min(bound, closer):
                raise ValueError(f"{case.id}: a weight is above the bound {closer // unit}")
            plan.add(tie, row)
    # Rounded down, the prices prove the plan in whole weights: a tie is less than one unit.
    prices = tuple(price // unit for price in plan.prices[:-1])
    value = surplus = 0
    for tie, row in plan.rows.items():
        value += row.get(plan.place[tie], 0) // unit
        surplus += max(0, *(w // unit - prices[s] for s, w in row.items()))
    called = [(slot, -tie) for tie, slot in plan.place.items() if slot < len(capacities)]
    placed = {listed[tie].id: slot for slot, tie in sorted(called)}
    if len(placed) < len(called):
        raise ValueError("an id comes twice")
    rent = sum(c * price for c, price in zip(capacities, prices, strict=True))
    return Assignment(placed, value, prices, rent + surplus)


def certify(
    capacities: Sequence[int], candidates: Iterable[Candidate], assignment: Assignment
) -> tuple[int, int]:
    """Return the value of a plan and the bound that its prices set on any, worked out from scratch.

    They are equal if and only if the prices prove the plan. ValueError: it is not a plan at all.
    """
    placed, prices = assignment.placed, assignment.prices
    if len(prices) != len(capacities) or min(prices, default=0) < 0:
        raise ValueError("each slot needs a price of 0 or more")
    for slot, calls in Counter(placed.values()).items():
        if calls > capacities[slot]:
            raise ValueError(f"slot {slot} has {calls} calls and room for {capacities[slot]}")
    primal, seen = 0, 0
    dual = sum(c * price for c, price in zip(capacities, prices, strict=True))
    for case in candidates:
        weights = case.weigh()
        dual += max([0, *(weights.get(s, 0) - price for s, price in enumerate(prices))])
        if case.id in placed:
            seen += 1
            worth = weights.get(placed[case.id], 0)
            if worth <= 0:
                raise ValueError(f"{case.id} may not be called in slot {placed[case.id]}")
            primal += worth
    if seen != len(placed):
        raise ValueError("the plan does not have each of its cases once among the candidates")
    return primal, dual


class _Plan:
    """The optimal plan of the cases so far, each known by its tie; ``out`` is not being called.

    ``moves[s][t]`` is a heap of what is lost if a case of s moves to t; some may have left s since.
    ``loss[t][s]`` is the least of it, and of equal cases the one with the last id moves.
    ``onward[s]`` is where the cheapest chain that makes room in s leads first.
    """

    def __init__(self, capacities: Sequence[int], highest: int) -> None:
        count = len(capacities)
        self.out = count
        self.slots = [s for s in range(count) if capacities[s]]
        self.room = list(capacities)
        self.prices = [0 if c else highest for c in capacities] + [0]
        self.lowest_by: dict[Slots, int] = {}
        self.rows: dict[int, dict[int, int]] = {}
        self.place: dict[int, int] = {}
        self.never = 2 * highest + 1
        self.moves: list[list[list[tuple[int, int]]]]
        self.moves = [[[] for _ in range(count + 1)] for _ in range(count)]
        self.loss = [[self.never] * count for _ in range(count + 1)]
        self.onward = [self.out] * count

    def lowest(self, slots: Slots) -> int:
        """Return the lowest price among ``slots``, or of all."""
        if slots not in self.lowest_by:
            among = self.prices[:-1] if slots is None else map(self.prices.__getitem__, slots)
            self.lowest_by[slots] = min(among, default=self.never)
        return self.lowest_by[slots]

    def hopeful(self, slots: Slots, bounds: list[int]) -> Iterator[int]:
        """Yield the bounds of cases with the same slots, greatest first, that prices let in yet."""
        bounds.sort(reverse=True)
        return takewhile(lambda bound: bound > self.lowest(slots), bounds)

    def add(self, case: int, row: dict[int, int]) -> None:
        """Let a case join: in the slot that suits it best, if that is worth more than its price."""
        slot = max(row, key=lambda s: row[s] - self.prices[s], default=self.out)
        if slot == self.out or row[slot] <= self.prices[slot]:
            return
        self.rows[case] = row
        full = []
        while slot != self.out and not self.room[slot]:
            full.append(slot)
            onward = self.onward[slot]
            _, leaver = self.moves[slot][onward][0]
            self._put(case, slot)
            case, slot = leaver, onward
        self._put(case, slot)
        if slot != self.out:
            self.room[slot] -= 1
            if not self.room[slot]:
                full.append(slot)
        if full:
            self._forget_the_gone(full)
            self._raise_prices()

    def _put(self, case: int, slot: int) -> None:
        self.place[case] = slot
        if slot != self.out:
            row, moves = self.rows[case], self.moves[slot]
            here = row[slot]
            for other, there in row.items():
                heappush(moves[other], (here - there, case))
            heappush(moves[self.out], (here, case))

    def _forget_the_gone(self, slots: list[int]) -> None:
        place = self.place
        for slot in slots:
            for other, heap in enumerate(self.moves[slot]):
                while heap and place[heap[0][1]] != slot:
                    heappop(heap)
                self.loss[other][slot] = heap[0][0] if heap else self.never

    def _raise_prices(self) -> None:
        """Set the price of each full slot to the cheapest chain that would make room in it."""
        prices = self.prices
        waiting = [s for s in self.slots if not self.room[s]]
        rise = dict.fromkeys(waiting, self.never)
        ends = [s for s in self.slots if self.room[s]] + [self.out]
        while waiting or ends:
            if not ends:
                nearest = min(waiting, key=rise.__getitem__)
                waiting.remove(nearest)
                prices[nearest] += rise[nearest]
                ends.append(nearest)
            end = ends.pop(0)
            price, losses = prices[end], self.loss[end]
            for slot in waiting:
                more = losses[slot] + price - prices[slot]
                if more < rise[slot]:
                    rise[slot] = more
                    self.onward[slot] = end
        self.lowest_by.clear()
