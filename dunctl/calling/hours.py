"""When debtors answer, as the journals show it: never raw rates, which only show who was called.

Each row compares the calls that were answered with those that would usually have been, given whom
they went to and when; the ratio says what the hour or the weekday itself does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt

from dunctl import dates
from dunctl.calling import answers
from dunctl.calling.odds import SEGMENTS, Learned, Parameters, say_band
from dunctl.tuples import NamedTuple
from dunctl.words import t

ENOUGH = 20
"""Calls under which a row says nothing; its 95 % interval would be wider than a factor of two."""
RECENT = 2000
"""Calls that the calibration looks back on."""


class Ratio(NamedTuple):
    """Answered against usually answered calls, with a 95 % interval; ``None`` if too few."""

    name: str
    learned: Learned
    low: float | None
    high: float | None


class Bin(NamedTuple):
    """Calls with about the same predicted chance: the mean prediction, and what was answered."""

    predicted: float
    answered: int
    tried: int


def ratio(name: str, learned: Learned) -> Ratio:
    """Return a row; the interval is that of a sum of answers with the usual chances."""
    if learned.tried < ENOUGH or learned.usual <= 0.0:
        return Ratio(name, learned, None, None)
    usual = learned.usual
    spread = 1.96 * sqrt(usual * (1.0 - usual / learned.tried))
    low, high = learned.answered - spread, learned.answered + spread
    return Ratio(name, learned, max(0.0, low) / usual, high / usual)


def report(book: answers.Book, parameters: Parameters) -> list[tuple[str, list[Ratio]]]:
    """Return the tables of the report: by weekday, and by time of the day for each segment."""
    weekdays = [
        ratio(dates.WEEKDAYS[n], learned)
        for n, learned in enumerate(book.weekdays)
        if learned.tried
    ]
    tables = [(t("weekday"), weekdays)]
    for segment in SEGMENTS:
        rows = [
            ratio(say_band(parameters, band), learned)
            for band, learned in enumerate(book.bands[segment])
            if learned.tried
        ]
        tables.append((t("{segment}, time of their day", segment=t(segment)), rows))
    return [(title, rows) for title, rows in tables if rows]


def calibration(
    histories: Mapping[str, answers.History], book: answers.Book, parameters: Parameters
) -> list[Bin]:
    """Return predicted against observed answers of the latest calls, in fifths of the chance.

    Each call is predicted from the debtor's calls before it.
    """
    found: list[tuple[float, bool]] = []
    for one in _latest(histories):
        usual = answers.usual_odds(one.profile, book, parameters)
        calls = sorted(one.attempts)
        for nth, call in enumerate(calls):
            state = answers.debtor_state(calls[:nth], usual, parameters, call.day)
            chance = answers.odds_row(state, usual, parameters, call.day, [call.minute])[0]
            found.append((chance, call.answered))
    bins = []
    for low in range(5):
        part = [pair for pair in found if low <= min(int(pair[0] * 5), 4) < low + 1]
        if part:
            mean = sum(chance for chance, _ in part) / len(part)
            bins.append(Bin(mean, sum(answered for _, answered in part), len(part)))
    return bins


def _latest(histories: Mapping[str, answers.History]) -> Sequence[answers.History]:
    ordered = sorted(
        (one for _, one in sorted(histories.items()) if one.attempts),
        key=lambda one: -max(call.day for call in one.attempts),
    )
    count, kept = 0, []
    for one in ordered:
        kept.append(one)
        count += len(one.attempts)
        if count >= RECENT:
            break
    return kept
