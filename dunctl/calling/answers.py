"""How likely a debtor answers at a half-hour, learned from the calls in the journals.

One rule on every level: ``T = (k + A) / (k + N)`` multiplies the odds. An answered call adds 1 - p
to A, one in vain adds p to N, where p is the prediction without this level. If the true odds are T
times the predicted ones, E[A] = T E[N] whatever hours were tried: a debtor is not taken for a good
one because it was called at good hours. Like ``odds``, only + - * / on floats.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import tzinfo
from functools import lru_cache
from typing import NamedTuple

from dunctl import dates
from dunctl.calling.odds import (
    HALF_HOURS,
    SEGMENTS,
    Factor,
    Learned,
    Parameters,
    Profile,
    Table,
    band_of,
    bands,
    prior,
    say_band,
)
from dunctl.case.records import UNANSWERED, Contact
from dunctl.words import t

_SWEEPS, _ROUNDS = 3, 10
_TEN_YEARS = 3653


class Attempt(NamedTuple):
    """A call: its day (ordinal) and its minute on the debtor's own clock."""

    day: int
    minute: int
    answered: bool


class History(NamedTuple):
    """The calls to one debtor, in any order."""

    profile: Profile
    attempts: Sequence[Attempt]


class Book(NamedTuple):
    """What all debtors together show: by segment, by segment and band, by weekday."""

    segments: Mapping[str, Learned]
    bands: Mapping[str, tuple[Learned, ...]]
    weekdays: tuple[Learned, ...]


class Usual(NamedTuple):
    """The odds of a debtor of a profile of whom nothing is known, and the band of each half-hour.

    ``best`` are the highest odds of each weekday, ``least`` the lowest of all.
    """

    odds: Table
    band: tuple[int, ...]
    best: tuple[float, ...]
    least: float


class Debtor(NamedTuple):
    """What a debtor's own calls show: in all, by band, and when the last one in vain was."""

    own: Learned
    bands: Mapping[int, Learned]
    missed: int | None


UNKNOWN = Learned()
STRANGER = Debtor(UNKNOWN, {}, None)


def new_book(parameters: Parameters) -> Book:
    """Return the book of a desk that has not called anybody."""
    return Book(
        dict.fromkeys(SEGMENTS, UNKNOWN),
        dict.fromkeys(SEGMENTS, (UNKNOWN,) * bands(parameters)),
        (UNKNOWN,) * 7,
    )


def attempts_of(contacts: Iterable[Contact], zone: tzinfo) -> tuple[Attempt, ...]:
    """Return our telephone calls among the contacts, on the clock of the debtor's ``zone``."""
    return tuple(
        Attempt(
            local.toordinal(), 60 * local.hour + local.minute, contact.outcome not in UNANSWERED
        )
        for contact in contacts
        if contact.channel == "phone" and contact.direction == "out"
        for local in (contact.at.astimezone(zone),)
    )


def usual_odds(who: Profile, book: Book, parameters: Parameters) -> Usual:
    """Return the odds table of a profile; make it once for all debtors who share the profile."""
    band = tuple(band_of(parameters, who, half) for half in range(HALF_HOURS))
    level, by_band = book.segments[who.segment].value, book.bands[who.segment]
    odds = []
    for weekday in range(7):
        day = []
        for half in range(HALF_HOURS):
            known = prior(parameters, who, weekday, half)
            value = known.base * known.hour * known.practice * known.weekday
            day.append(value * level * by_band[band[half]].value * book.weekdays[weekday].value)
        odds.append(tuple(day))
    best = tuple(max(day) for day in odds)
    return Usual(tuple(odds), band, best, min(min(day) for day in odds))


def book_state(histories: Mapping[str, History], parameters: Parameters, today: int) -> Book:
    """Return what all debtors' calls up to ``today`` show, by case id; the order is no matter.

    What each debtor had shown before a call is in the prediction. Debtors who are usually called
    in the same band are compared with each other, so that a habit of calling the good ones at ten
    is not taken for a good hour (``usual_band``, which is then forgotten).
    """
    cases = _rows(histories, parameters, today)
    values: dict[_Key, float] = {}
    for _ in range(_SWEEPS):
        _solve(_cells(cases, values, parameters), values, parameters)
    seen = _seen(cases, values, parameters)

    def learned(*key: _Part) -> Learned:
        return Learned(values[key], *seen[key]) if key in seen else UNKNOWN

    return Book(
        {segment: learned("book", segment) for segment in SEGMENTS},
        {
            segment: tuple(learned("band", segment, band) for band in range(bands(parameters)))
            for segment in SEGMENTS
        },
        tuple(learned("weekday", weekday) for weekday in range(7)),
    )


_Part = str | int
_Key = tuple[_Part, ...]


class _Row(NamedTuple):
    """A call for the book: its prior odds, its levels, its weight and what is left of the last."""

    odds: float
    keys: tuple[_Key, _Key, _Key, _Key]
    answered: bool
    weight: float
    kept: float


def _rows(histories: Mapping[str, History], parameters: Parameters, today: int) -> list[list[_Row]]:
    """Return the calls to learn from by debtor: those of the latest whole days, up to a number."""
    first = _first_day(histories, parameters.attempts, today)
    weights, kept = _fading(parameters.decay["book"]), _fading(parameters.decay["debtor"])
    tables: dict[Profile, Usual] = {}
    cases = []
    for _, (who, attempts) in sorted(histories.items()):
        chosen = sorted(attempt for attempt in attempts if first <= attempt.day <= today)
        if not chosen:
            continue
        if who not in tables:
            tables[who] = usual_odds(who, new_book(parameters), parameters)
        table = tables[who]
        tried = Counter(table.band[minute // 30] for _, minute, _ in chosen)
        usual = max(tried, key=tried.__getitem__)
        rows = []
        last, missed = chosen[0].day, None
        for day, minute, answered in chosen:
            weekday, half = (day - 1) % 7, minute // 30
            odds = table.odds[weekday][half]
            if missed is not None and day * 1440 + minute - missed < parameters.retry_minutes:
                odds *= parameters.retry_factor
            segment = who.segment
            keys: tuple[_Key, _Key, _Key, _Key] = (
                ("book", segment),
                ("usual_band", segment, usual),
                ("band", segment, table.band[half]),
                ("weekday", weekday),
            )
            weight = weights[min(today - day, _TEN_YEARS)]
            rows.append(_Row(odds, keys, answered, weight, kept[min(day - last, _TEN_YEARS)]))
            last = day
            if not answered:
                missed = day * 1440 + minute
        cases.append(rows)
    return cases


def _first_day(histories: Mapping[str, History], limit: int, today: int) -> int:
    """Return the first of the latest days that have at most ``limit`` calls, or the latest."""
    calls = Counter(day for history in histories.values() for day, _, _ in history.attempts)
    left, first = limit, today + 1
    for day in sorted((day for day in calls if day <= today), reverse=True):
        left -= calls[day]
        if left < 0 and first <= today:
            break
        first = day
    return first


def _walk(
    cases: list[list[_Row]], values: Mapping[_Key, float], parameters: Parameters
) -> Iterator[tuple[_Row, float, float]]:
    """Yield each call, its odds by what its debtor had shown before it, and the book's part."""
    k, k_band = parameters.strength["debtor"], parameters.strength["debtor_band"]
    for rows in cases:
        own = [0.0, 0.0]
        by_band: dict[_Key, list[float]] = {}
        for row in rows:
            for sums in (own, *by_band.values()):
                sums[0] *= row.kept
                sums[1] *= row.kept
            band = by_band.setdefault(row.keys[2], [0.0, 0.0])
            theirs = (k + own[0]) / (k + own[1])
            book = 1.0
            for key in row.keys:
                book *= values.get(key, 1.0)
            yield row, row.odds * theirs * (k_band + band[0]) / (k_band + band[1]), book
            usual = row.odds * book
            if row.answered:
                own[0] += 1.0 / (1.0 + usual)
                band[0] += 1.0 / (1.0 + usual * theirs)
            else:
                own[1] += usual / (1.0 + usual)
                band[1] += usual * theirs / (1.0 + usual * theirs)


def _cells(
    cases: list[list[_Row]], values: Mapping[_Key, float], parameters: Parameters
) -> dict[tuple[_Key, ...], list[float]]:
    """Return A and N by the levels of a call, against its odds without any level of the book."""
    cells: dict[tuple[_Key, ...], list[float]] = {}
    for row, odds, _ in _walk(cases, values, parameters):
        sums = cells.setdefault(row.keys, [0.0, 0.0])
        if row.answered:
            sums[0] += row.weight / (1.0 + odds)
        else:
            sums[1] += row.weight * odds / (1.0 + odds)
    return cells


def _solve(
    cells: Mapping[tuple[_Key, ...], Sequence[float]],
    values: dict[_Key, float],
    parameters: Parameters,
) -> None:
    """Move each level's multipliers, given the other levels', until they hardly move."""
    for _ in range(_ROUNDS):
        for level in range(4):
            sums: dict[_Key, list[float]] = {}
            for keys, (up, down) in cells.items():
                others = 1.0
                for other, key in enumerate(keys):
                    if other != level:
                        others *= values.get(key, 1.0)
                share = sums.setdefault(keys[level], [0.0, 0.0])
                share[0] += up * 2.0 / (1.0 + others)
                share[1] += down * 2.0 * others / (1.0 + others)
            for key, (up, down) in sums.items():
                k = parameters.strength[str(key[0])]
                values[key] = (k + up) / (k + down)


def _seen(
    cases: list[list[_Row]], values: Mapping[_Key, float], parameters: Parameters
) -> dict[_Key, tuple[int, int, float]]:
    """Return answered, tried and usually answered calls of each multiplier of the book."""
    seen: dict[_Key, tuple[int, int, float]] = {}
    for row, odds, book in _walk(cases, values, parameters):
        for key in row.keys:
            without = odds * book / values[key]
            answered, tried, usual = seen.get(key, (0, 0, 0.0))
            usual += without / (1.0 + without)
            seen[key] = (answered + row.answered, tried + 1, usual)
    return seen


def debtor_state(
    attempts: Iterable[Attempt], usual: Usual, parameters: Parameters, today: int
) -> Debtor:
    """Return what a debtor's calls up to ``today`` (ordinal) show against the usual odds.

    First the debtor in all, then each band against that.
    """
    fade = _fading(parameters.decay["debtor"])
    rows = []
    up = down = expected = 0.0
    answers = 0
    missed = None
    for day, minute, answered in sorted(attempts):
        if day > today:
            break
        half = minute // 30
        odds = usual.odds[(day - 1) % 7][half]
        if missed is not None and day * 1440 + minute - missed < parameters.retry_minutes:
            odds *= parameters.retry_factor
        weight = fade[min(today - day, _TEN_YEARS)]
        chance = odds / (1.0 + odds)
        expected += chance
        if answered:
            answers += 1
            up += weight * (1.0 - chance)
        else:
            down += weight * chance
            missed = day * 1440 + minute
        rows.append((usual.band[half], odds, chance, weight, answered))
    if not rows:
        return STRANGER
    strength = parameters.strength["debtor"]
    own = (strength + up) / (strength + down)
    by_band: dict[int, list[float]] = {}
    for band, odds, chance, weight, answered in rows:
        sums = by_band.setdefault(band, [0.0, 0.0, 0.0, 0, 0])
        theirs = odds * own / (1.0 + odds * own)
        if answered:
            sums[0] += weight * (1.0 - theirs)
            sums[3] += 1
        else:
            sums[1] += weight * theirs
        sums[2] += chance
        sums[4] += 1
    strength = parameters.strength["debtor_band"]
    return Debtor(
        Learned(own, answers, len(rows), expected),
        {
            band: Learned((strength + a) / (strength + n), int(hits), int(tried), chances)
            for band, (a, n, chances, hits, tried) in sorted(by_band.items())
        },
        missed,
    )


def odds_row(
    state: Debtor, usual: Usual, parameters: Parameters, day: int, minutes: Iterable[int]
) -> list[float]:
    """Return the probability of an answer at each minute of a day (ordinal, the debtor's clock)."""
    odds = usual.odds[(day - 1) % 7]
    own = state.own.value
    row = []
    for minute in minutes:
        band = state.bands.get(usual.band[minute // 30], UNKNOWN)
        value = odds[minute // 30] * own * band.value * _retry(state, parameters, day, minute)
        row.append(value / (1.0 + value))
    return row


def p_max(answered: float, weekday: int, usual: Usual, parameters: Parameters) -> float:
    """Return a probability that no half-hour of a weekday exceeds, from the answered calls alone.

    It holds whatever their hours and age were and however many were in vain.
    """
    least = usual.least * parameters.retry_factor
    k, k_band = parameters.strength["debtor"], parameters.strength["debtor_band"]
    own = (k + answered / (1.0 + least)) / k
    band = (k_band + answered / (1.0 + least * own)) / k_band
    odds = usual.best[weekday] * own * band
    return odds / (1.0 + odds)


def factors(
    state: Debtor,
    who: Profile,
    book: Book,
    parameters: Parameters,
    day: int,
    minute: int,
) -> tuple[Factor, ...]:
    """Return every factor of a half-hour; their product, in this order, is the odds."""
    weekday, half = (day - 1) % 7, minute // 30
    known = prior(parameters, who, weekday, half)
    band = band_of(parameters, who, half)
    hour = t("at {hour}", hour=f"{half // 2:02}:{half % 2 * 30:02}")
    name = t("on {weekday}", weekday=dates.WEEKDAYS[weekday])
    when = say_band(parameters, band)
    return (
        Factor("base", known.base),
        Factor("hour", known.hour, when=hour),
        Factor("practice", known.practice, when=hour),
        Factor("weekday", known.weekday, when=name),
        _learned("book", book.segments[who.segment]),
        _learned("book_band", book.bands[who.segment][band], when),
        _learned("book_weekday", book.weekdays[weekday], name),
        _learned("debtor", state.own),
        _learned("debtor_band", state.bands.get(band, UNKNOWN), when),
        Factor("retry", _retry(state, parameters, day, minute)),
    )


def _learned(name: str, learned: Learned, when: str = "") -> Factor:
    return Factor(name, learned.value, learned, when)


def _retry(state: Debtor, parameters: Parameters, day: int, minute: int) -> float:
    if state.missed is None:
        return 1.0
    since = day * 1440 + minute - state.missed
    return parameters.retry_factor if 0 <= since < parameters.retry_minutes else 1.0


@lru_cache(maxsize=8)
def _fading(daily: float) -> tuple[float, ...]:
    """Return the weight of each age in days; what is ten years old counts no longer."""
    weights = [1.0]
    for _ in range(_TEN_YEARS - 1):
        weights.append(weights[-1] * daily)
    return (*weights, 0.0)
