"""What the verbs that look at every case share: notes of the cases, as remembered or made anew."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

import click

from dunctl import dates
from dunctl.cli.verb import Seat, warn
from dunctl.errors import Refused
from dunctl.steps.guard_clock import day_start
from dunctl.store.index import LEAST, Moved, Recalled, Step, recall
from dunctl.store.store import Read
from dunctl.words import t

if TYPE_CHECKING:
    from dunctl.case.records import Case

T = TypeVar("T")
_TRIES = 3


def steadily(answer: Callable[[], T]) -> T:
    """Return an answer; if cases are changed while it is worked out, it is worked out anew."""
    for _ in range(_TRIES):
        try:
            return answer()
        except Moved:
            continue
    raise Refused(t("the cases are being changed all the time: try again when that is over"))


def noted(seat: Seat, kind: str, moment: int, *steps: Step, keeps: bool = True) -> Recalled:
    """Return the notes of all cases as of a moment (seconds of UTC); none need be kept."""
    known = recall(seat.store, kind, moment, *steps, least=LEAST if keeps else sys.maxsize)
    if known.trouble:
        _warn_once(known.trouble)
    return known


def _warn_once(sentence: str) -> None:
    """Say something once in a command, however often it is worked out anew."""
    said = click.get_current_context().meta.setdefault(__name__, set())
    if sentence not in said:
        said.add(sentence)
        warn(sentence)


def today_in(seat: Seat, zone: str | None) -> int:
    """Return which day (ordinal) it is in a zone, or for the desk where none is known."""
    return _today_in(seat.now, zone)


@lru_cache(maxsize=1024)
def _today_in(now: datetime, zone: str | None) -> int:
    return (now.astimezone(dates.zone(zone)) if zone else now).toordinal()


def begins(seat: Seat, day: date) -> int:
    """Return the second (of UTC) in which a day begins for the desk."""
    return 60 * day_start(seat.store.config.zone, day.toordinal())


def case_in(read: Read) -> Case:
    """Return the case that a sound file has."""
    if read.case is None:
        raise Moved
    return read.case


def texts(amounts: Mapping[str, Decimal]) -> dict[str, str]:
    """Return amounts by currency so that JSON can hold them."""
    return {code: str(amount) for code, amount in amounts.items()}


def amounts_of(texts: Mapping[str, str]) -> dict[str, Decimal]:
    """Return what ``texts`` was given."""
    return {code: Decimal(text) for code, text in texts.items()}
