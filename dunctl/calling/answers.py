"""How likely a debtor answers at a half-hour, learned from the calls in the journals.

One rule on every level, of the ``book`` and of a debtor: ``T = (k + A) / (k + N)`` multiplies the
odds. An answered call adds 1 - p to A, one in vain adds p to N, where p is the prediction without
this level. If the true odds are T times the predicted ones, E[A] = T E[N] whatever hours were
tried: a debtor is not taken for a good one because it was called at good hours. Like ``odds``, only
+ - * / on floats.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from dunctl import dates
from dunctl.calling.book import (
    TEN_YEARS,
    UNKNOWN,
    Attempt,
    Book,
    History,
    Usual,
    fading,
    new_book,
    powers,
    repeated,
    usual_odds,
)
from dunctl.calling.odds import Factor, Learned, Parameters, Profile, band_of, prior, say_band
from dunctl.tuples import NamedTuple
from dunctl.words import t

__all__ = ["Attempt", "Book", "History", "Usual", "new_book", "usual_odds"]


class Debtor(NamedTuple):
    """What a debtor's own calls show: in all, by band, and when the last one in vain was.

    ``vain`` are the days, in order, on which a band was tried in vain a short while ago.
    """

    own: Learned
    bands: Mapping[int, Learned]
    missed: int | None
    vain: Mapping[int, Sequence[int]]


STRANGER = Debtor(UNKNOWN, {}, None, {})


def debtor_state(
    attempts: Iterable[Attempt], usual: Usual, parameters: Parameters, today: int
) -> Debtor:
    """Return what a debtor's calls up to ``today`` (ordinal) show against the usual odds.

    First the debtor in all, then each band against that.
    """
    weights, days = fading(parameters.decay["debtor"]), parameters.repeat_days
    rows = []
    vain: dict[int, list[int]] = {}
    up = down = expected = 0.0
    answers = 0
    missed = None
    for day, minute, answered in sorted(attempts):
        if day > today:
            break
        half = minute // 30
        band, odds = usual.band[half], usual.odds[(day - 1) % 7][half]
        if missed is not None and day * 1440 + minute - missed < parameters.retry_minutes:
            odds *= parameters.retry_factor
        if band in vain:
            odds *= usual.repeats[repeated(vain[band], day, days)]
        weight = weights[min(today - day, TEN_YEARS)]
        chance = odds / (1.0 + odds)
        expected += chance
        if answered:
            answers += 1
            up += weight * (1.0 - chance)
        else:
            down += weight * chance
            missed = day * 1440 + minute
            vain.setdefault(band, []).append(day)
        rows.append((band, odds, chance, weight, answered))
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
        {band: [day for day in of if today - day <= days] for band, of in vain.items()},
    )


def odds_row(
    state: Debtor, usual: Usual, parameters: Parameters, day: int, minutes: Iterable[int]
) -> list[float]:
    """Return the probability of an answer at each minute of a day (ordinal, the debtor's clock)."""
    odds = usual.odds[(day - 1) % 7]
    own = state.own.value
    row = []
    for minute in minutes:
        band = usual.band[minute // 30]
        value = odds[minute // 30] * own * state.bands.get(band, UNKNOWN).value
        value *= usual.repeats[_repeats(state, parameters, day, band)]
        value *= _retry(state, parameters, day, minute)
        row.append(value / (1.0 + value))
    return row


def p_max(
    answered: float, weekday: int, usual: Usual, parameters: Parameters, vain: float = 0.0
) -> float:
    """Return a probability that no half-hour of a weekday exceeds, from the answered calls alone.

    It holds whatever their hours and age were and however many were in ``vain``. Both may be faded
    by age.
    """
    least = usual.least * parameters.retry_factor * usual.repeats[-1]
    k, k_band = parameters.strength["debtor"], parameters.strength["debtor_band"]
    own = (k + answered / (1.0 + least)) / (k + vain * least / (1.0 + least))
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
        _worn(state, book, parameters, day, band, when),
        Factor("retry", _retry(state, parameters, day, minute)),
    )


def _learned(name: str, learned: Learned, when: str = "") -> Factor:
    return Factor(name, learned.value, learned, when)


def _repeats(state: Debtor, parameters: Parameters, day: int, band: int) -> int:
    return repeated(state.vain.get(band, ()), day, parameters.repeat_days)


def _worn(
    state: Debtor, book: Book, parameters: Parameters, day: int, band: int, when: str
) -> Factor:
    count = _repeats(state, parameters, day, band)
    if not count:
        return Factor("book_repeat", 1.0)
    when = t(
        "after {count} in vain {when} within {days} days",
        count=count,
        when=when,
        days=parameters.repeat_days,
    )
    learned = book.repeat if book.repeat.tried else None
    return Factor("book_repeat", powers(book.repeat.value)[count], learned, when)


def _retry(state: Debtor, parameters: Parameters, day: int, minute: int) -> float:
    if state.missed is None:
        return 1.0
    since = day * 1440 + minute - state.missed
    return parameters.retry_factor if 0 <= since < parameters.retry_minutes else 1.0
