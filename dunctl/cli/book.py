"""The whole book at a glance, with dockets and cards: what the morning works with."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from dunctl.calling.card import Card, card_from, card_of, plain
from dunctl.calling.docket import Docket, docket, thawed
from dunctl.calling.glance import Glance, book_of, called_since, glance, lesson
from dunctl.calling.weigh import Model, learn, model
from dunctl.cli.remembered import case_in, noted, today_in
from dunctl.cli.verb import Seat, packs_of, standing_of
from dunctl.steps.standing import Standing
from dunctl.store.index import HEAD, Note, Recalled
from dunctl.store.parameters import answer_model, value_model
from dunctl.store.store import Read
from dunctl.tuples import NamedTuple


class Book(NamedTuple):
    """All sound cases: each at a glance by id, and the way to the rest."""

    seat: Seat
    known: Recalled
    seen: dict[str, Glance]

    def dockets(self, ids: Iterable[str]) -> dict[str, Docket]:
        """Return the dockets of cases by id."""
        return {case_id: thawed(rest) for case_id, rest in self.known.rests(ids).items()}


def whole_book(seat: Seat) -> Book:
    """Return what the morning needs to know of all cases. Raises ``Moved``."""
    days = value_model().paid_within_days

    def make(read: Read) -> Note:
        from dunctl.cli.limitation import watched_from

        at = standing_of(seat, case_in(read))
        found = docket(at, packs_of(seat, at.case), days)
        watch, until = watched_from(seat, at)
        return Note(found.since, min(found.wakes, until), glance(found, watch), found)

    known = noted(
        *(seat, "docket", int(seat.now.timestamp()), make),
        # A whole day does not end everywhere at the same time.
        keeps=not seat.whole_day,
    )
    return Book(seat, known, {i: Glance._make(head[HEAD:]) for i, head in known.heads.items()})


class Cards:
    """The cards of a day's list: those made on that day before are remembered."""

    def __init__(self, book: Book) -> None:
        """Take up what is remembered."""
        self._book = book
        self._day = str(book.seat.today)
        self._kept: dict[str, Any] = book.known.fact("cards", self._day) or {}
        self._new = False
        self.standing = cache(self._standing)
        self.card = cache(self._card)

    def _standing(self, case_id: str) -> Standing:
        """Return where a case stands now. Raises ``Moved`` if its file is another one now."""
        return standing_of(self._book.seat, case_in(self._book.known.read(case_id)))

    def _card(self, case_id: str) -> Card:
        mark = self._book.known.mark(case_id)
        if mark and case_id in self._kept:
            was, data = self._kept[case_id]
            card = card_from(data)
            if was == mark and card.day == today_in(self._book.seat, card.zone):
                return card
        card = card_of(self.standing(case_id))
        if mark:
            self._kept[case_id] = mark, plain(card)
            self._new = True
        return card

    def remember(self) -> None:
        """Remember what was made."""
        if self._new:
            self._book.known.remember("cards", self._day, self._kept)


def model_of(book: Book, *, evening: bool = False) -> Model:
    """Return what the journals teach for the desk's day, or in the evening with that day.

    It is learned once a day, and again when earlier calls change.
    """
    config, parameters = book.seat.store.config, answer_model()
    today = book.seat.today.toordinal()
    before = today + evening
    name = "evening" if evening else "book"
    key = lesson(book.seen, before, book.dockets(called_since(book.seen, before)))
    kept = book.known.fact(name, key)
    if kept is not None:
        found = book_of(kept)
    else:
        dockets = book.dockets(i for i, one in book.seen.items() if one.last)
        found = learn(dockets.values(), parameters, today, evening=evening)
        book.known.remember(name, key, found)
    terms = value_model()
    return model(book.seen.values(), found, parameters, terms, config.currency, config.rates)
