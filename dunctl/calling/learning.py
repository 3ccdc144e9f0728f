"""How the book is learned from the calls to all debtors.

The rule of ``answers`` on every level of the book. What a debtor had shown before a call is in the
prediction of that call, just as ``answers.debtor_state`` would have had it, so that the book is
what makes its predictions of the past come true. Like ``odds``, only + - * / on floats.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from zlib import crc32

from dunctl.calling.book import (
    REPEATS,
    TEN_YEARS,
    Book,
    History,
    Usual,
    fading,
    new_book,
    powers,
    repeated,
    usual_odds,
)
from dunctl.calling.docket import Called, Docket, called, calls_of
from dunctl.calling.odds import SEGMENTS, Learned, Parameters, Profile, bands

_YEAR, _FIRST, _LATEST = 365, 20, 40
_CHECKSUMS = 1 << 32
_SWEEPS, _ROUNDS, _FURTHER = 3, 4, 0.4
_LEVELS = ("book", "band", "weekday", "repeat", "usual_band")
_SEGMENT, _BAND, _WEEKDAY, _REPEAT, _USUAL = range(len(_LEVELS))

_Row = tuple[float, int, int, bool, float]
"""A call: odds before the book, cell, band, answered, weight for its debtor."""
_Mark = tuple[int, bool, float]
"""The same call for the book: cell, answered, weight."""
_Keys = Sequence[Sequence[int]]
"""Level by level, which multiplier each cell has."""
_Values = list[list[float]]
"""The multipliers of each level."""


def learn(
    dockets: Iterable[Docket], parameters: Parameters, today: int, *, evening: bool = False
) -> Book:
    """Return what all calls before ``today`` (ordinal) show; in the ``evening`` its own, too.

    So it stays the same all day, whatever is logged.
    """
    known = {one.id: one for one in dockets if one.calls}
    counts = {case_id: called(one, today + evening) for case_id, one in known.items()}

    def dockets_of(ids: Iterable[str]) -> Mapping[str, Docket]:
        return {case_id: known[case_id] for case_id in ids}

    return learn_by(counts, dockets_of, parameters, today, evening=evening)


def learn_by(
    counts: Mapping[str, Called],
    dockets_of: Callable[[Iterable[str]], Mapping[str, Docket]],
    parameters: Parameters,
    today: int,
    *,
    evening: bool = False,
) -> Book:
    """Return what ``learn`` does; ``dockets_of`` is asked only for those who teach something."""
    some, first = pupils(counts, parameters.attempts, today)
    known = dockets_of(some)
    taught = histories((known[case_id] for case_id in some), today + evening)
    return learn_from(taught.values(), parameters, today, first=first)


def histories(dockets: Iterable[Docket], before: int) -> dict[str, History]:
    """Return who was called when ``before`` a day (ordinal), by case id."""
    found = {}
    for one in dockets:
        calls = [call for call in calls_of(one) if call.day < before]
        if calls:
            found[one.id] = History(one.profile, calls)
    return found


def pupils(called: Mapping[str, Called], limit: int, today: int) -> tuple[list[str], bool]:
    """Return from whose calls to learn, by case id, and if only the first ones of a year count.

    From all or, if there are more than ``limit`` calls, from some debtors who were called in the
    last year. Who is among them depends on the id alone. The first calls count, and not the last:
    to leave out old calls to those who are still being called would be to leave out answers.
    """
    if _count(called.values(), limit + 1) <= limit:
        return sorted(called), False
    recent = {case: one for case, one in called.items() if one.last >= today - _YEAR}
    share = limit * _CHECKSUMS // max(_count(recent.values(), _FIRST), limit)
    return sorted(case for case in recent if crc32(case.encode()) < share), True


def _count(called: Iterable[Called], most: int) -> int:
    count = 0
    for calls, _ in called:
        count += min(calls, most)
    return count


def book_state(histories: Mapping[str, History], parameters: Parameters, today: int) -> Book:
    """Return what all debtors' calls up to ``today`` show, by case id; the order is no matter."""
    called = {
        case: Called(len(one.attempts), max(call.day for call in one.attempts))
        for case, one in histories.items()
        if one.attempts
    }
    some, first = pupils(called, parameters.attempts, today)
    return learn_from([histories[case] for case in some], parameters, today, first=first)


def learn_from(
    histories: Iterable[History], parameters: Parameters, today: int, *, first: bool
) -> Book:
    """Return what the calls to ``pupils``, in their order, show; all or the ``first`` of a year.

    Debtors who are usually called in the same band are compared with each other, so that a habit of
    calling the good ones at ten is not taken for a good hour (``usual_band``). A prediction knows
    nothing of that level, so the level of a segment is learned without it.
    """
    cases, marks = _read(histories, parameters, today, first=first)
    if not cases:
        return new_book(parameters)
    count = bands(parameters)
    cells = sorted({cell for cell, _, _ in marks})
    keys: _Keys = list(zip(*(_levels(cell, count) for cell in cells), strict=True))
    values = [[1.0] * size for size in (2, 2 * count, 7, 0, 2 * count)]
    values[_REPEAT] = powers(parameters.repeat_factor)
    for _ in range(_SWEEPS):
        sums = {cell: [0.0, 0.0] for cell in cells}
        book = dict(zip(cells, _products(keys, values), strict=True))
        for (cell, answered, weight), odds in zip(
            marks, _predicted(cases, book, parameters), strict=True
        ):
            if answered:
                sums[cell][0] += weight / (1.0 + odds)
            else:
                sums[cell][1] += weight * odds / (1.0 + odds)
        _solve(list(sums.values()), keys, values, parameters)
    book = dict(zip(cells, _products(keys, values), strict=True))
    seen = _seen(marks, _predicted(cases, book, parameters), book, keys, values)

    def learned(level: int, key: int) -> Learned:
        return Learned(values[level][key], *seen.get((level, key), ()))

    return Book(
        {segment: learned(_SEGMENT, n) for n, segment in enumerate(SEGMENTS)},
        {
            segment: tuple(learned(_BAND, n * count + band) for band in range(count))
            for n, segment in enumerate(SEGMENTS)
        },
        tuple(learned(_WEEKDAY, weekday) for weekday in range(7)),
        learned(_REPEAT, 1),
    )


def _read(
    histories: Iterable[History], parameters: Parameters, today: int, *, first: bool
) -> tuple[list[list[_Row]], list[_Mark]]:
    """Return the calls in order, for each debtor and for the book."""
    old, fresh = fading(parameters.decay["book"]), fading(parameters.decay["debtor"])
    new, count = new_book(parameters), bands(parameters)
    retry, factor = parameters.retry_minutes, parameters.retry_factor
    days = parameters.repeat_days
    tables: dict[Profile, Usual] = {}
    since, most = (today - _YEAR, _FIRST) if first else (today - TEN_YEARS + 1, None)
    cases: list[list[_Row]] = []
    marks: list[_Mark] = []
    for who, attempts in histories:
        calls = sorted([call for call in attempts if since <= call[0] <= today])[:most]
        if not calls:
            continue
        table = tables.get(who)
        if table is None:
            table = tables[who] = usual_odds(who, new, parameters)
        band_of, odds_of = table.band, table.odds
        tried = [band_of[minute // 30] for _, minute, _ in calls]
        usual = max(sorted(set(tried)), key=tried.count)
        start = (SEGMENTS.index(who.segment) * count + usual) * count
        rows: list[_Row] = []
        missed = -retry
        vain: dict[int, list[int]] = {}
        for (day, minute, answered), band in zip(calls, tried, strict=True):
            weekday, now = (day - 1) % 7, day * 1440 + minute
            odds = odds_of[weekday][minute // 30]
            if now - missed < retry:
                odds *= factor
            before = vain.get(band)
            repeats = repeated(before, day, days) if before else 0
            cell = ((start + band) * 7 + weekday) * (REPEATS + 1) + repeats
            age = today - day
            rows.append((odds, cell, band, answered, fresh[age]))
            marks.append((cell, answered, old[age]))
            if not answered:
                missed = now
                if before:
                    before.append(day)
                else:
                    vain[band] = [day]
        cases.append(rows)
    return cases, marks


def _levels(cell: int, count: int) -> tuple[int, ...]:
    rest, repeats = divmod(cell, REPEATS + 1)
    rest, weekday = divmod(rest, 7)
    rest, band = divmod(rest, count)
    segment, usual = divmod(rest, count)
    return segment, segment * count + band, weekday, repeats, segment * count + usual


def _products(keys: _Keys, values: _Values) -> list[float]:
    """Return by what the book multiplies the odds of the calls of each cell."""
    by_segment, by_band, by_weekday, by_repeat, _ = values
    return [
        by_segment[segment] * by_band[band] * by_weekday[weekday] * by_repeat[repeats]
        for segment, band, weekday, repeats in zip(*keys[:_USUAL], strict=True)
    ]


def _predicted(
    cases: Iterable[Iterable[_Row]], book: Mapping[int, float], parameters: Parameters
) -> list[float]:
    """Return the odds of each call but for the book.

    They know what its debtor had shown before it, as ``answers.debtor_state`` has it. The weights
    as of the call are those as of today divided by its own; here k is multiplied by that instead.
    """
    k, k_band = parameters.strength["debtor"], parameters.strength["debtor_band"]
    found: list[float] = []
    for rows in cases:
        up = down = 0.0
        by_band: dict[int, list[tuple[float, bool, float]]] = {}
        for odds, cell, band, answered, weight in rows:
            faded = k * weight
            own = (faded + up) / (faded + down)
            usual = odds * book[cell]
            before = by_band.get(band)
            if before is None:
                by_band[band] = [(usual, answered, weight)]
            else:
                above = below = k_band * weight
                for was, well, left in before[-_LATEST:]:
                    theirs = was * own
                    if well:
                        above += left / (1.0 + theirs)
                    else:
                        below += left * theirs / (1.0 + theirs)
                own *= above / below
                before.append((usual, answered, weight))
            found.append(odds * own)
            if answered:
                up += weight / (1.0 + usual)
            else:
                down += weight * usual / (1.0 + usual)
    return found


def _solve(
    sums: Sequence[Sequence[float]], keys: _Keys, values: _Values, parameters: Parameters
) -> None:
    """Move each level's multipliers, given the other levels', until they hardly move.

    An hour is never the better for having been tried in vain (Kulka and Weeks 1988). The level of a
    segment, learned last, goes further than it says, as it would in more sweeps: a lower one makes
    debtors look better, and then it has to be lower still. ``usual_band`` makes up for the change.
    """
    before = values[_SEGMENT]
    by_usual = values[_USUAL]
    odds = [
        one * by_usual[key] for one, key in zip(_products(keys, values), keys[_USUAL], strict=True)
    ]
    groups = [*keys]
    groups[_REPEAT] = [min(n, 1) for n in keys[_REPEAT]]
    for _ in range(_ROUNDS):
        for level, name in enumerate(_LEVELS):
            old = values[level]
            others = [one / old[key] for one, key in zip(odds, groups[level], strict=True)]
            first = parameters.repeat_factor if level == _REPEAT else 1.0
            k = parameters.strength[name]
            new = _multipliers(sums, groups[level], others, [first] * len(old), k)
            if level == _REPEAT:
                new = powers(min(new[1], 1.0))
            odds = [one * new[key] / old[key] for one, key in zip(odds, keys[level], strict=True)]
            values[level] = new
    own, usual = values[_SEGMENT], values[_USUAL]
    others = [
        one / (own[segment] * usual[band])
        for one, segment, band in zip(odds, keys[_SEGMENT], keys[_USUAL], strict=True)
    ]
    k = parameters.strength["book"]
    alone = _multipliers(sums, keys[_SEGMENT], others, [1.0] * len(own), k)
    values[_SEGMENT] = [
        new * (1.0 - _FURTHER + _FURTHER * new / old)
        for new, old in zip(alone, before, strict=True)
    ]
    size = len(usual) // len(own)
    values[_USUAL] = [
        value * own[n // size] / values[_SEGMENT][n // size] for n, value in enumerate(usual)
    ]


def _multipliers(
    sums: Iterable[Sequence[float]],
    which: Iterable[int],
    others: Iterable[float],
    first: Sequence[float],
    k: float,
) -> list[float]:
    """Return the multipliers of a level from A and N of cells and the other levels' odds.

    ``first`` are those before any call. A and N were added up with the odds without any level;
    given the others they count 1 / (1 + o) and o / (1 + o), doubled so that they are what they were
    where the others are 1.
    """
    up, down = [k * one for one in first], [k] * len(first)
    for (a, n), key, other in zip(sums, which, others, strict=True):
        share = 2.0 / (1.0 + other)
        up[key] += a * share
        down[key] += n * share * other
    return [a / n for a, n in zip(up, down, strict=True)]


def _seen(
    marks: Iterable[_Mark],
    predicted: Iterable[float],
    book: Mapping[int, float],
    keys: _Keys,
    values: _Values,
) -> dict[tuple[int, int], tuple[int, int, float]]:
    """Return answered, tried and usually answered calls of each multiplier of the book."""
    hits = dict.fromkeys(book, 0)
    odds: dict[int, list[float]] = {cell: [] for cell in book}
    for (cell, answered, _), one in zip(marks, predicted, strict=True):
        hits[cell] += answered
        odds[cell].append(one)
    seen: dict[tuple[int, int], tuple[int, int, float]] = {}
    for cell, own in zip(book, zip(*keys, strict=True), strict=True):
        among = book[cell] * values[_USUAL][own[_USUAL]]
        for level, key in enumerate(own[:_USUAL]):
            part = (book[cell] if level == _SEGMENT else among) / values[level][key]
            usual = 0.0
            for one in odds[cell]:
                without = one * part
                usual += without / (1.0 + without)
            place = level, min(key, 1) if level == _REPEAT else key
            was_hits, was_tried, was_usual = seen.get(place, (0, 0, 0.0))
            seen[place] = was_hits + hits[cell], was_tried + len(odds[cell]), was_usual + usual
    return seen
