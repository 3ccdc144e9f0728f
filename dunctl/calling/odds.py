"""The odds that a call is answered as published figures and practice have them, before any journal.

Floats are only added, subtracted, multiplied and divided, so that every machine gets the same bits;
the built-in sum() rounds differently from one Python to the next and is not used on them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from dunctl import dates
from dunctl.errors import Refused
from dunctl.tuples import NamedTuple
from dunctl.words import t

if TYPE_CHECKING:
    from dunctl.case.records import Debtor, Person

Segment: TypeAlias = Literal["business", "consumer"]
Run: TypeAlias = Literal["owner", "staffed", "unknown"]
"""Who starts the day at the debtor's: its owner, somebody employed, or nobody knows (CF01)."""
SEGMENTS: tuple[Segment, ...] = ("business", "consumer")
HALF_HOURS = 48
DAYS = tuple(name.lower() for name in dates.WEEKDAYS)
"""The weekdays as files name them."""

Table: TypeAlias = tuple[tuple[float, ...], ...]
"""A number for each weekday and each half-hour of it."""


class Parameters(NamedTuple):
    """The numbers of the model, as ``policies/answers.toml`` has them.

    ``strength`` are the k of ``T = (k + A) / (k + N)``, ``decay`` the weight per day of age;
    ``practice`` is a table of factors, ``band`` the band of each half-hour of a day.
    """

    odds: Mapping[str, float]
    hour: Mapping[str, tuple[float, ...]]
    practice: Table
    bound: float
    first_half_hour: Mapping[str, float]
    settled: Table
    weekdays: tuple[float, ...]
    starts: tuple[int, ...]
    band: tuple[int, ...]
    strength: Mapping[str, float]
    decay: Mapping[str, float]
    retry_factor: float
    retry_minutes: int
    repeat_factor: float
    repeat_days: int
    attempts: int


class Profile(NamedTuple):
    """What the odds of a debtor's day depend on: ``opening`` in minutes, if its hours are known."""

    segment: Segment = "business"
    opening: int | None = None
    run: Run = "unknown"


class Learned(NamedTuple):
    """A multiplier of the odds, and the calls behind it.

    ``usual`` is how many of the ``tried`` calls would have been answered without it.
    """

    value: float = 1.0
    answered: int = 0
    tried: int = 0
    usual: float = 0.0


class Factor(NamedTuple):
    """A multiplier of the odds of one half-hour; ``when`` words its hours or its weekday."""

    name: str
    value: float
    learned: Learned | None = None
    when: str = ""


class Prior(NamedTuple):
    """The factors of a half-hour before anything was learned."""

    base: float
    hour: float
    practice: float
    weekday: float


def profile(debtor: Debtor, person: Person | None) -> Profile:
    """Return the profile of a debtor whose ``person`` is called.

    The opening is the earliest start of the hours that the case itself gives; a house default says
    nothing about this debtor. A consumer has no working day of which we know.
    """
    if debtor.kind == "consumer":
        return CONSUMER
    if person is None:
        return _business(debtor.hours, debtor.kind, debtor.size, None)
    return _business(person.hours or debtor.hours, debtor.kind, debtor.size, person.role)


CONSUMER = Profile("consumer")


@lru_cache(maxsize=1 << 12)
def _business(hours: str | None, kind: str, size: str | None, role: str | None) -> Profile:
    opening = min(start for _, start, _ in dates.parse_hours(hours)) if hours else None
    run: Run = "unknown"
    if kind == "sole_trader" or role == "owner":
        run = "owner"
    elif role in ("finance", "dept_head", "purchasing") or size == "large":
        run = "staffed"
    return Profile("business", opening, run)


def band_of(parameters: Parameters, who: Profile, half_hour: int) -> int:
    """Return the band of a half-hour: by the clock; the last one is the first hour of their day."""
    if who.opening is not None and 0 <= half_hour - who.opening // 30 < 2:
        return len(parameters.starts) + 1
    return parameters.band[half_hour]


def bands(parameters: Parameters) -> int:
    """Return how many bands there are, the first hour of a known working day included."""
    return len(parameters.starts) + 2


def say_band(parameters: Parameters, band: int) -> str:
    """Write when a band is, such as "between 10:00 and 11:30"."""
    starts = [f"{minute // 60:02}:{minute % 60:02}" for minute in parameters.starts]
    if band > len(starts):
        return t("in the first hour of their day")
    if band == 0:
        return t("before {end}", end=starts[0])
    if band == len(starts):
        return t("after {start}", start=starts[-1])
    return t("between {start} and {end}", start=starts[band - 1], end=starts[band])


def prior(parameters: Parameters, who: Profile, weekday: int, half_hour: int) -> Prior:
    """Return the factors of a half-hour on a weekday (Monday 0) of the debtor's own clock."""
    return Prior(
        parameters.odds[who.segment],
        parameters.hour[who.segment][half_hour],
        _practice(parameters, who, weekday, half_hour),
        parameters.weekdays[weekday],
    )


def priors(parameters: Parameters, who: Profile) -> Table:
    """Return the product of the factors of each half-hour of each weekday."""
    base, hours = parameters.odds[who.segment], parameters.hour[who.segment]
    return tuple(
        tuple(
            base * hour * _practice(parameters, who, weekday, half) * of_day
            for half, hour in enumerate(hours)
        )
        for weekday, of_day in enumerate(parameters.weekdays)
    )


def _practice(parameters: Parameters, who: Profile, weekday: int, half_hour: int) -> float:
    """Return what practice holds of a half-hour.

    It is kept within its bound, the first half-hour of a known working day included (A01, A02,
    CF01): published figures contradict it as often as not.
    """
    practice = parameters.practice[weekday][half_hour]
    if who.run == "staffed":
        practice *= parameters.settled[weekday][half_hour]
    if who.opening is not None and half_hour == who.opening // 30:
        practice *= parameters.first_half_hour[who.run]
    return min(max(practice, 1.0 - parameters.bound), 1.0 + parameters.bound)


def words(found: Sequence[Factor]) -> str:
    """Write the one or two factors of a half-hour that are furthest from 1, with their counts.

    What is the same for every debtor and hour, the base and the level of the book, is no reason.
    """
    odds = 1.0
    for factor in found:
        odds *= factor.value
    reasons = [factor for factor in _one_habit(found) if _away(factor) >= 1.02]
    reasons.sort(key=_away, reverse=True)
    said = [_say(factor, odds) for factor in reasons if factor.name not in ("base", "book")][:2]
    return "; ".join(said) or t("nothing is known for or against this hour")


def _one_habit(found: Sequence[Factor]) -> list[Factor]:
    """Make one factor of a debtor and its band where both say the same of mostly the same calls."""
    by_name = {factor.name: factor for factor in found}
    own, band = by_name["debtor"], by_name["debtor_band"]
    same_side = (own.value - 1.0) * (band.value - 1.0) > 0.0
    if not (same_side and own.learned and band.learned):
        return list(found)
    if band.learned.tried * 2 < own.learned.tried and _away(band) < _away(own):
        return list(found)
    both = band._replace(name="habit", value=own.value * band.value)
    return [both if factor is band else factor for factor in found if factor is not own]


def _away(factor: Factor) -> float:
    return max(factor.value, 1.0 / factor.value)


def _say(factor: Factor, odds: float) -> str:
    often = _often(odds, odds / factor.value)
    when = factor.when
    counts = ""
    if factor.learned:
        counts = t(
            "{answered} of {tried}; {usual} would be usual",
            answered=factor.learned.answered,
            tried=factor.learned.tried,
            usual=f"{factor.learned.usual:.1f}",
        )
    match factor.name:
        case "debtor":
            return t("answers you {often} ({counts})", often=often, counts=counts)
        case "habit":
            return t("answers you {often} {when} ({counts})", often=often, when=when, counts=counts)
        case "debtor_band" if factor.value > 1.0:
            return t("more often {when} than at other hours ({counts})", when=when, counts=counts)
        case "debtor_band":
            return t("less often {when} than at other hours ({counts})", when=when, counts=counts)
        case "book_band" | "book_weekday" | "book_repeat" if counts:
            return t(
                "your calls {when} are answered {often} ({counts})",
                when=when,
                often=often,
                counts=counts,
            )
        case "retry":
            return t("tried in vain a short while ago: answers {often}", often=often)
        case "hour" | "book_repeat":
            return t("calls {when} are answered {often} (published)", when=when, often=often)
        case _:
            return t("calls {when} are answered {often} (in practice)", when=when, often=often)


def _often(odds: float, without: float) -> str:
    """Word how the chance at some odds compares with that at others: "twice as often as usual"."""
    times = odds / (1.0 + odds) * (1.0 + without) / without
    if 1.9 <= times < 2.1:
        return t("twice as often as usual")
    if times >= 1.15:
        return t("{times} times as often as usual", times=f"{times:.1f}")
    if 0.45 <= times < 0.55:
        return t("half as often as usual")
    percent = round(100.0 * abs(times - 1.0))
    if times > 1.0:
        return t("{percent} % more often than usual", percent=percent)
    return t("{percent} % less often than usual", percent=percent)


def read(data: Mapping[str, Any]) -> Parameters:
    """Turn the TOML data of ``policies/answers.toml`` into the record.

    Raises ``Refused`` naming the key that is missing, unknown or out of its range.
    """
    top = ("format", "odds", "hours", "practice", "weekdays", "bands", "strength", "decay")
    tables = _table(data, "", (*top, "repeat", "retry", "learning"))
    if tables["format"] != 1:
        raise Refused(t("answers.toml: format must be 1"))
    hours = _table(tables["hours"], "hours", ("first", "power", "rate", *SEGMENTS))
    held = _table(
        tables["practice"],
        "practice",
        (
            *("bound", "owner_run_first_half_hour", "staffed_first_half_hour"),
            *("staffed_settled", "window"),
        ),
    )
    bound = _number(held["bound"], "practice.bound", 0.0, 0.5)
    low, high = 1.0 - bound, 1.0 + bound
    weekdays = _numbers(tables["weekdays"], "weekdays", DAYS, low, high)
    starts = _starts(_table(tables["bands"], "bands", ("starts",))["starts"])
    retry = _table(tables["retry"], "retry", ("factor", "minutes"))
    repeat = _table(tables["repeat"], "repeat", ("factor", "days"))
    levels = ("book", "band", "weekday", "repeat", "usual_band", "debtor", "debtor_band")
    learning = _table(tables["learning"], "learning", ("attempts",))
    return Parameters(
        odds=_numbers(tables["odds"], "odds", SEGMENTS, 0.01, 100.0),
        hour={segment: _by_half_hour(hours, segment) for segment in SEGMENTS},
        practice=_windows(held["window"], "practice.window", low, high),
        bound=bound,
        first_half_hour={
            "owner": _number(
                held["owner_run_first_half_hour"], "practice.owner_run_first_half_hour", low, high
            ),
            "staffed": _number(
                held["staffed_first_half_hour"], "practice.staffed_first_half_hour", low, high
            ),
            "unknown": 1.0,
        },
        settled=_windows([held["staffed_settled"]], "practice.staffed_settled", low, high),
        weekdays=tuple(weekdays[day] for day in DAYS),
        starts=starts,
        band=tuple(
            len([start for start in starts if start <= 30 * half]) for half in range(HALF_HOURS)
        ),
        strength=_numbers(tables["strength"], "strength", levels, 0.01, 10000.0),
        decay=_numbers(tables["decay"], "decay", ("debtor", "book"), 0.5, 1.0),
        retry_factor=_number(retry["factor"], "retry.factor", 0.01, 1.0),
        retry_minutes=_whole(retry["minutes"], "retry.minutes", 0),
        repeat_factor=_number(repeat["factor"], "repeat.factor", 0.01, 1.0),
        repeat_days=_whole(repeat["days"], "repeat.days", 1),
        attempts=_whole(learning["attempts"], "learning.attempts", 1),
    )


def _table(value: object, path: str, keys: Sequence[str]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Refused(t("answers.toml: [{table}] must be a table", table=path))
    odd = sorted(set(value) ^ set(keys))
    if odd:
        raise Refused(
            t(
                "answers.toml: [{table}] lacks or does not know {keys}",
                table=path,
                keys=", ".join(odd),
            )
        )
    return value


def _number(value: object, path: str, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise Refused(
            t(
                "answers.toml: {key} must be a number from {low} to {high}",
                key=path,
                low=low,
                high=high,
            )
        )
    return float(value)


def _numbers(
    value: object, path: str, keys: Sequence[str], low: float, high: float
) -> dict[str, float]:
    table = _table(value, path, keys)
    return {key: _number(table[key], f"{path}.{key}", low, high) for key in keys}


def _whole(value: object, path: str, low: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < low:
        raise Refused(t("answers.toml: {key} must be a whole number from {low}", key=path, low=low))
    return value


def _by_half_hour(hours: Mapping[str, Any], segment: str) -> tuple[float, ...]:
    path = f"hours.{segment}"
    first = _whole(hours["first"], "hours.first", 0)
    table = _table(hours[segment], path, ("index", "odds"))
    given = table["odds"]
    index = table["index"]
    if not (isinstance(given, list) and isinstance(index, list) and 0 < len(given) == len(index)):
        raise Refused(t("answers.toml: {key} must be as long as its index", key=f"{path}.odds"))
    odds = [_number(number, f"{path}.odds", 0.1, 10.0) for number in given]
    last = len(odds) - 1
    return tuple(odds[min(max(half // 2 - first, 0), last)] for half in range(HALF_HOURS))


def _windows(windows: object, path: str, low: float, high: float) -> Table:
    if not isinstance(windows, list):
        raise Refused(t("answers.toml: [[{table}]] must be a list of tables", table=path))
    table = [[1.0] * HALF_HOURS for _ in DAYS]
    for window in windows:
        given = _table(window, path, ("hours", "factor"))
        factor = _number(given["factor"], f"{path}.factor", low, high)
        for weekday, half in _half_hours(given["hours"], f"{path}.hours"):
            table[weekday][half] *= factor
    return tuple(tuple(day) for day in table)


def _half_hours(hours: object, path: str) -> Iterator[tuple[int, int]]:
    try:
        spans = dates.parse_hours(str(hours))
    except ValueError as error:
        raise Refused(f"answers.toml: {path}: {error}") from error
    for weekday, start, end in spans:
        if start % 30 or end % 30:
            raise Refused(t("answers.toml: {key} must be whole half-hours", key=path))
        yield from ((weekday, half) for half in range(start // 30, end // 30))


def _starts(value: object) -> tuple[int, ...]:
    given = value if isinstance(value, list) else []
    try:
        spans = [dates.parse_hours(f"mon {start}-24:00")[0] for start in given]
    except ValueError as error:
        raise Refused(f"answers.toml: bands.starts: {error}") from error
    starts = [start for _, start, _ in spans]
    if not starts or starts != sorted(set(starts)) or any(start % 30 for start in starts):
        raise Refused(t("answers.toml: bands.starts must be half-hours in rising order"))
    return tuple(starts)
