"""A made-up book of debtors whose truth is known, and a desk that calls them for some weeks.

Everything that chance decides is drawn here, before anybody is called, by case and day. So two ways
of calling the same book meet the same luck, and what differs is what they did.
"""

from __future__ import annotations

import math
import tomllib
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dunctl.calling import odds, value
from dunctl.calling.answers import Attempt
from dunctl.calling.income import income_near
from dunctl.calling.odds import HALF_HOURS, Parameters, Profile, Run
from dunctl.calling.value import Terms
from dunctl.case.records import Income
from dunctl.steps.recovery import Curve, Points, share

Reals: TypeAlias = NDArray[np.float64]


class Size(NamedTuple):
    """A book: its cases, and how many of them can be called in each half-hour."""

    cases: int
    calls: int


WORLDS = ("published", "practitioner", "contrary", "flat")
SIZES = {"L": Size(2000, 5), "S": Size(300, 1)}
SLOTS = tuple(range(9 * 60, 18 * 60, 30))
"""The desk's half-hours, as minutes of its own clock."""
MONDAY = date(2026, 1, 5)
AFTERWARDS = 14
"""Calendar days after the last call in which promises still come due."""

HABITS = (10 * 60, 12 * 60, 14 * 60, 16 * 60)
"""Where debtors' habits change during the day; the engine's bands are cut elsewhere on purpose."""
LEVEL, HABIT, DRIFT = 1.0, 0.5, 1 / 90
TIRED, RESTED = 0.2, 0.9
"""Log-odds lost to each call in vain at the same hours, and what is left of one after a day."""
ANSWER = {"business": 0.28, "consumer": 0.24}
CURE: Points = ((0, 0.45), (14, 0.40), (30, 0.22), (60, 0.10), (90, 0.03))
"""Share that pays within a week uncalled, by days past due."""
PROMISES, PARTLY, INCOME = 0.6, 0.3, 1.3
"""Conversations that end in a promise; unkept ones that are paid in part; odds near income."""


PER_WEEK, WEEK, REST, GRACE = 3, 5, 5, 1
"""Attempts in so many working days, and working days of rest after a conversation or a promise."""


class Draw(NamedTuple):
    """What a conversation would lead to: uniform numbers, and the days until the promise is due."""

    promises: Reals
    keeps: Reals
    part: Reals
    due: NDArray[np.int64]


class Truth(NamedTuple):
    """A book and all that will happen to it; cases by row, days are ordinals, money in cents.

    ``logit`` is by day, case and slot, for a case that nobody has tired yet; ``habit`` the hours'
    number by case and slot, -1 where the debtor is closed; ``cure`` and ``loss`` are the days on
    which a case pays uncalled or never will any more.
    """

    days: tuple[int, ...]
    calls: int
    profiles: tuple[Profile, ...]
    hours: tuple[tuple[int, int], ...]
    offsets: tuple[int, ...]
    slots: tuple[tuple[int, ...], ...]
    cents: tuple[int, ...]
    due: tuple[int, ...]
    logit: NDArray[np.float32]
    habit: NDArray[np.int64]
    luck: Reals
    near: NDArray[np.bool_]
    honest: Reals
    draw: Draw
    cure: tuple[int, ...]
    loss: tuple[int, ...]


@cache
def parameters() -> Parameters:
    """Return the engine's own numbers, as it is shipped."""
    return odds.read(_policy("answers.toml"))


@cache
def terms(curve: str = "ccaa") -> Terms:
    """Return the engine's own terms of value, or those with another of its curves."""
    data = _policy("value.toml")
    data["recovery"]["curve"] = curve
    return value.read(data)


def _policy(name: str) -> dict[str, dict[str, object]]:
    return tomllib.loads((resources.files("dunctl.policies") / name).read_text(encoding="utf-8"))


def draw(world: str, size: Size, seed: int, working_days: int) -> Truth:
    """Return a book of a world; a seed gives the same debtors in each world, called or not."""
    dice = np.random.default_rng([seed, size.cases])
    count = size.cases
    days = tuple(
        (MONDAY + timedelta(days=7 * (day // 5) + day % 5)).toordinal()
        for day in range(working_days)
    )
    consumer = dice.random(count) < 0.4
    known = ~consumer & (dice.random(count) < 0.5)
    starts = np.where(known, dice.choice((8 * 60, 9 * 60, 10 * 60), count), 9 * 60)
    runs: list[Run] = ["owner" if owner else "staffed" for owner in dice.random(count) < 0.5]
    profiles = tuple(
        Profile("consumer")
        if consumer[n]
        else Profile("business", int(starts[n]), runs[n])
        if known[n]
        else Profile()
        for n in range(count)
    )
    hours = tuple(
        (8 * 60, 21 * 60) if consumer[n] else (int(starts[n]), int(starts[n]) + 510)
        for n in range(count)
    )
    offsets = np.where(dice.random(count) < 0.2, dice.choice((-120, 120), count), 0)
    minutes = np.array(SLOTS)[None, :] + offsets[:, None]
    opens, closes = np.array(hours).T
    is_open = (minutes >= opens[:, None]) & (minutes + 30 <= closes[:, None])
    cents = np.exp(dice.normal(math.log(900), 1.2, count)) * 100
    age = np.clip(np.exp(dice.normal(math.log(45), 0.9, count)), 1, 540).astype(int)
    honest = dice.beta(1.5, 1.5, count)
    left, cured = dice.random(count), dice.exponential(size=count)
    conversations = working_days // 5 + 2
    shape = (count, conversations)
    outcome = Draw(
        dice.random(shape), dice.random(shape), dice.uniform(0.3, 0.7, shape),
        dice.integers(2, 11, shape),
    )  # fmt: skip
    incomes = np.where(dice.random(count) < 0.4, dice.integers(1, 29, count), 0)
    luck = dice.random((working_days, count))
    levels = dice.normal(0, LEVEL, count)
    habit = np.where(is_open, np.searchsorted(HABITS, minutes, side="right"), -1)
    by_hours = np.array([_base(name) for name in ANSWER])[consumer.astype(int)][:, None, None]
    by_hours = by_hours + levels[:, None, None] + _hours(world, seed, consumer, minutes, opens)
    last = days[-1] + AFTERWARDS
    to_loss = _loss_ages(world, left)
    return Truth(
        days,
        size.calls,
        profiles,
        hours,
        tuple(offsets.tolist()),
        tuple(tuple(np.flatnonzero(row).tolist()) for row in is_open),
        tuple(int(amount) for amount in np.maximum(np.round(cents), 2000)),
        tuple((days[0] - age).tolist()),
        _drifting(dice, days, by_hours, np.maximum(habit, 0)),
        habit,
        luck,
        np.stack([_near(day)[incomes] for day in days]),
        honest,
        outcome,
        tuple(_cure_days(days[0], age, cured, last)),
        tuple((days[0] - age + to_loss).tolist()),
    )


def _base(segment: str) -> float:
    """Return the log-odds at which debtors of the usual spread answer as often as they do."""
    spread = math.sqrt(LEVEL**2 + HABIT**2)
    points, weights = np.polynomial.hermite_e.hermegauss(40)
    low, high = -5.0, 5.0
    while high - low > 1e-9:
        middle = (low + high) / 2
        rates = 1 / (1 + np.exp(-middle - spread * points))
        if float(rates @ weights) / math.sqrt(2 * math.pi) < ANSWER[segment]:
            low = middle
        else:
            high = middle
    return low


def _hours(
    world: str, seed: int, consumer: NDArray[np.bool_], minutes: NDArray[np.int64], opens: Reals
) -> Reals:
    """Return what weekday and hour add to the log-odds, by case, weekday and slot."""
    tables = np.log(np.array(timing(world, seed)))
    tables -= tables[:, :, 16:42].mean(axis=(1, 2), keepdims=True)
    first = {"practitioner": math.log(1.25), "contrary": math.log(0.8)}.get(world, 0.0)
    opening = (minutes == opens[:, None]) & ~consumer[:, None]
    weekdays = np.arange(5)[None, :, None]
    found: Reals = tables[consumer.astype(int)[:, None, None], weekdays, minutes[:, None, :] // 30]
    found += first * opening[:, None, :]
    return found


def timing(world: str, seed: int) -> list[list[list[float]]]:
    """Return the true odds multipliers by segment, weekday and half-hour of the debtor's clock.

    ``published`` is the pooled figures with as much noise as there is between the sources;
    ``practitioner`` is practice A01-A09; ``contrary`` is the opposite of both; ``flat`` is nothing.
    """
    dice = np.random.default_rng([seed, 7])
    noise = np.exp(dice.normal(0, 0.18, (2, 24))), np.exp(dice.normal(0, 0.05, (2, 5)))
    given = parameters().hour
    tables = []
    for nth, segment in enumerate(odds.SEGMENTS):
        table = [[1.0] * HALF_HOURS for _ in range(5)]
        for weekday in range(5):
            for half in range(HALF_HOURS):
                minute = half * 30
                if world == "published":
                    usual = (0.98, 1.02, 1.0, 1.01, 0.97)[weekday] * noise[1][nth, weekday]
                    table[weekday][half] = given[segment][half] * noise[0][nth, half // 2] * usual
                elif world == "practitioner":
                    table[weekday][half] = _practice(weekday, minute)
                elif world == "contrary":
                    table[weekday][half] = _contrary(weekday, minute)
        tables.append(table)
    return tables


def _practice(weekday: int, minute: int) -> float:
    factor = (0.85, 1.0, 0.85, 1.15, 1.25)[weekday]
    if weekday == 1 and minute < 12 * 60:
        factor = 1.1
    if weekday == 4 and minute >= 16 * 60:
        factor = 0.75
    if 11 * 60 + 30 <= minute < 14 * 60:
        factor *= 0.6
    if 10 * 60 <= minute < 11 * 60 or minute in (14 * 60 + 30, 16 * 60):
        factor *= 1.1
    return factor


def _contrary(weekday: int, minute: int) -> float:
    factor = (1.25, 1.0, 1.0, 0.9, 0.75)[weekday]
    if minute < 10 * 60:
        factor *= 0.75
    if 11 * 60 + 30 <= minute < 14 * 60:
        factor *= 1.2
    if minute >= 16 * 60 + 30:
        factor *= 1.4
    return factor


def _drifting(
    dice: np.random.Generator, days: tuple[int, ...], base: Reals, habit: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Add the habits of each case, which slowly turn into others, and return all days."""
    count = len(habit)
    rows = np.arange(count)[:, None]
    own = dice.normal(0, HABIT, (count, len(HABITS) + 1))
    found = np.empty((len(days), count, len(SLOTS)), np.float32)
    before = days[0]
    for nth, day in enumerate(days):
        kept = (1 - DRIFT) ** (day - before)
        own = own * kept + dice.normal(0, HABIT, own.shape) * math.sqrt(1 - kept**2)
        found[nth] = base[:, (day - 1) % 7, :] + own[rows, habit]
        before = day
    return found


def _near(day: int) -> NDArray[np.bool_]:
    """Return whether a day is near the income that comes on each day of the month; 0 is unknown."""
    today = date.fromordinal(day)
    near = [income_near([Income(day_of_month=monthly)], today) for monthly in range(1, 29)]
    return np.array([False, *(found is not None for found in near)])


def _loss_ages(world: str, left: Reals) -> NDArray[np.int64]:
    """Return the age in days past due at which each case is lost, by how much would be left then.

    Half of the worlds follow the curve that the engine has, the others the practitioners' one, by
    days since a sale with 30 days to pay.
    """
    if world in ("published", "contrary"):
        curve, credit = terms().recovery, 0
    else:
        curve, credit = terms("practitioners").recovery, 30
    remains = np.array([share(curve, age + credit) for age in range(1000)])
    ages: NDArray[np.int64] = np.searchsorted(-remains, -left)
    return ages


def _cure_days(first: int, age: NDArray[np.int64], cured: Reals, last: int) -> list[int]:
    """Return the day after which each case has paid uncalled; ``last`` + 1 and later is never."""
    weekly = [share(Curve(CURE), days) for days in range(int(age.max()) + last - first + 2)]
    hazard = np.cumsum(-np.log1p(-np.array(weekly)) / 7)
    days = np.searchsorted(hazard, hazard[age] + cured) - age + first
    return [int(day) for day in days]


class Dial(NamedTuple):
    """A call to be made: whom, in which slot, and how likely it is answered, if anybody says so."""

    case: int
    slot: int
    chance: float | None = None


class Called(NamedTuple):
    """A call that was made on a day (by number), and whether it was the third within a week."""

    day: int
    dial: Dial
    answered: bool
    third: bool


@dataclass
class Desk:
    """What a desk knows, and on ``day`` (by number) may do; cases by row, days are ordinals.

    ``open`` is owed in cents, ``spoken`` the days of conversations, ``paid`` how many of these
    money followed. ``tired`` by case and hours is the truth, for the oracle alone.
    """

    truth: Truth
    day: int
    allowed: list[int]
    open: list[int]
    attempts: list[list[Attempt]]
    spoken: list[list[int]]
    paid: list[int]
    tired: Reals

    @property
    def today(self) -> int:
        """Return the ordinal of the day."""
        return self.truth.days[self.day]


Policy: TypeAlias = Callable[[Desk], list[Dial]]


class Outcome(NamedTuple):
    """Where the money went, in cents, and the calls."""

    called_in: int
    came_uncalled: int
    still_open: int
    calls: list[Called]


def run(truth: Truth, policy: Policy) -> Outcome:
    """Return what becomes of a book under a policy.

    ValueError: a call to a case that may not be called, is closed then, or finds no room.
    """
    count = len(truth.cents)
    desk = Desk(
        truth,
        day=0,
        allowed=[],
        open=list(truth.cents),
        attempts=[[] for _ in range(count)],
        spoken=[[] for _ in range(count)],
        paid=[0] * count,
        tired=np.zeros((count, len(HABITS) + 1)),
    )
    ledger = _Ledger(truth, desk)
    calls: list[Called] = []
    tried = np.zeros((len(truth.days), count), np.int64)
    rested = np.zeros(count, np.int64)
    for day, today in enumerate(truth.days):
        ledger.until(today)
        if day:
            desk.tired *= RESTED ** (today - truth.days[day - 1])
        recent = tried[max(0, day - WEEK + 1) : day].sum(axis=0)
        free = (np.array(desk.open) > 0) & (recent < PER_WEEK) & (rested <= day)
        free &= np.array(ledger.blocked) <= today
        desk.day, desk.allowed = day, np.flatnonzero(free).tolist()
        dials = policy(desk)
        _check(desk, dials)
        for dial in dials:
            case, slot = dial.case, dial.slot
            habit = truth.habit[case, slot]
            logit = float(truth.logit[day, case, slot]) - TIRED * float(desk.tired[case, habit])
            answered = bool(truth.luck[day, case] < 1 / (1 + math.exp(-logit)))
            tried[day, case] = 1
            calls.append(Called(day, dial, answered, recent[case] == PER_WEEK - 1))
            minute = SLOTS[slot] + truth.offsets[case]
            desk.attempts[case].append(Attempt(today, minute, answered))
            if answered:
                rested[case] = day + REST
                ledger.talk(case, day)
            else:
                desk.tired[case, habit] += 1
    ledger.until(truth.days[-1] + AFTERWARDS)
    return Outcome(ledger.called_in, ledger.came_uncalled, sum(desk.open), calls)


def _check(desk: Desk, dials: list[Dial]) -> None:
    room = dict.fromkeys(range(len(SLOTS)), desk.truth.calls)
    allowed = set(desk.allowed)
    for case, slot, _ in dials:
        room[slot] -= 1
        if case not in allowed or slot not in desk.truth.slots[case] or room[slot] < 0:
            raise ValueError(f"day {desk.day}: case {case} may not be called in slot {slot}")
        allowed.remove(case)


class _Ledger:
    """Promises and payments, by the truth's own clock; ``blocked`` is until when each is let be."""

    def __init__(self, truth: Truth, desk: Desk) -> None:
        self.truth, self.desk = truth, desk
        self.called_in = self.came_uncalled = 0
        self.blocked = [0] * len(truth.cents)
        self.done = truth.days[0] - 1
        self.due: defaultdict[int, list[tuple[int, float]]] = defaultdict(list)
        self.cures: defaultdict[int, list[int]] = defaultdict(list)
        for case, (cure, loss) in enumerate(zip(truth.cure, truth.loss, strict=True)):
            if cure < loss:
                self.cures[cure].append(case)

    def talk(self, case: int, day: int) -> None:
        """Let a conversation end as it will: in a promise kept, in part, broken, or in none."""
        truth, spoken = self.truth, self.desk.spoken[case]
        nth = len(spoken)
        spoken.append(truth.days[day])
        draw = truth.draw
        if draw.promises[case, nth] >= PROMISES:
            return
        due = truth.days[day] + int(draw.due[case, nth])
        honest = truth.honest[case]
        if truth.near[day, case]:
            honest = honest * INCOME / (1 - honest + honest * INCOME)
        luck = draw.keeps[case, nth]
        kept = 1.0 if luck < honest else 0.0
        if not kept and luck < honest + PARTLY * (1 - honest):
            kept = float(draw.part[case, nth])
        if due >= truth.loss[case]:
            kept = 0.0
        self.due[due].append((case, kept))
        broken = due + GRACE
        while (broken - 1) % 7 > 4:
            broken += 1
        self.blocked[case] = broken + 1

    def until(self, today: int) -> None:
        """Book what is paid up to the morning of a day."""
        for day in range(self.done + 1, today + 1):
            for case, kept in self.due.pop(day, ()):
                self.called_in += self._pay(case, round(self.desk.open[case] * kept), day)
            for case in self.cures.pop(day, ()):
                self.came_uncalled += self._pay(case, self.desk.open[case], day)
        self.done = today

    def _pay(self, case: int, cents: int, day: int) -> int:
        desk, spoken = self.desk, self.desk.spoken[case]
        desk.open[case] -= cents
        if cents and spoken and day - spoken[-1] <= 14 and desk.paid[case] < len(spoken):
            desk.paid[case] += 1
        return cents
