"""The whole book at a glance, with dockets and cards: what the morning works with."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from dunctl.calling.card import Card, card_from, plain
from dunctl.calling.docket import KEY, Called, Docket, called, thawed
from dunctl.calling.glance import Glances, book_of, called_since, glance, glances, lesson
from dunctl.calling.weigh import Model, model
from dunctl.cli.remembered import case_in, noted, today_in
from dunctl.cli.verb import Seat, packs_of, standing_of
from dunctl.store.columns import packed, unpacked
from dunctl.store.index import Note, Recalled
from dunctl.store.parameters import answer_model, value_model
from dunctl.store.store import Read
from dunctl.tuples import NamedTuple

if TYPE_CHECKING:
    from dunctl.calling import book as books
    from dunctl.steps.standing import Standing


class Book(NamedTuple):
    """All sound cases at a glance, and the way to the rest."""

    seat: Seat
    known: Recalled
    seen: Glances

    def dockets(self, ids: Iterable[str]) -> dict[str, Docket]:
        """Return the dockets of cases by id."""
        rests = self.known.rests(ids)
        found = thawed(zip(*rests.values(), strict=True)) if rests else ()
        return dict(zip(rests, found, strict=True))

    def closer(self, ids: Sequence[str]) -> list[Docket]:
        """Return the dockets of those that the list looks closer at: nearly the same every time.

        They are kept in one piece, in which a sort that very many share is written down once.
        """
        sums = self.known.sums
        found = {i: one for i, was, one in self._kept() if sums.get(i) == was}
        others = self.dockets(i for i in ids if i not in found)
        dockets = [found[i] if i in found else others[i] for i in ids]
        if _MOST * len(others) > len(ids):
            rows = [(i, sums[i], *one) for i, one in zip(ids, dockets, strict=True) if sums[i]]
            self._keep(list(map(list, zip(*rows, strict=True))))
        return dockets

    def _kept(self) -> Iterable[tuple[str, int, Docket]]:
        """Return the dockets in the piece, with id and sum of the note."""
        piece = self.known.piece(_CLOSER)
        if not piece:
            return ()
        keys, _, columns = piece.partition(b"\n")
        ids, sums, *fields = unpacked(columns)
        sorts = json.loads(keys)
        fields[KEY] = [sorts[nth] for nth in fields[KEY]]
        return zip(ids, sums, thawed(fields), strict=True)

    def _keep(self, columns: list[list[Any]]) -> None:
        if columns:
            places: dict[str, int] = {}
            columns[KEY + 2] = [places.setdefault(key, len(places)) for key in columns[KEY + 2]]
            self.known.keep(_CLOSER, json.dumps(list(places)).encode() + b"\n" + packed(columns))


_CLOSER, _MOST = "closer", 10
"""What is kept in one piece, and as a tenth of it what may be missing."""


def whole_book(seat: Seat) -> Book:
    """Return what the morning needs to know of all cases. Raises ``Moved``."""

    def stand(read: Read) -> Standing:
        return standing_of(seat, case_in(read))

    def file(at: Standing) -> tuple[Standing, Docket]:
        from dunctl.calling.filing import docket

        return at, docket(at, packs_of(seat, at.case), value_model().paid_within_days)

    def note(filed: tuple[Standing, Docket]) -> Note:
        from dunctl.steps.watch import watched_from

        at, found = filed
        watch, until = watched_from(at, seat.law)
        return Note(found.since, min(found.wakes, until), glance(found, watch), found)

    known = noted(
        *(seat, "docket", int(seat.now.timestamp()), stand, file, note),
        # A whole day does not end everywhere at the same time.
        keeps=not seat.whole_day,
    )
    return Book(seat, known, glances(known.ids, known.columns))


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
        from dunctl.calling.filing import card_of

        at = self.standing(case_id)
        card = card_of(at, packs_of(self._book.seat, at.case))
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
    before = book.seat.today.toordinal() + evening
    name = "evening" if evening else "book"
    late = book.dockets(called_since(book.seen, before))
    key = lesson(book.seen, before, late)
    kept = book.known.fact(name, key)
    found = book_of(kept) if kept is not None else _learned(book, late, evening=evening)
    if kept is None:
        book.known.remember(name, key, found)
    terms = value_model()
    held, paid = sum(book.seen.held), sum(book.seen.paid)
    return model(held, paid, found, parameters, terms, config.currency, config.rates)


def _learned(book: Book, late: dict[str, Docket], *, evening: bool) -> books.Book:
    """Return what the journals teach; of those who were called since, ``late`` has the dockets."""
    from dunctl.calling.learning import learn_by

    today = book.seat.today.toordinal()
    before = today + evening
    seen = book.seen
    counts = {
        case_id: called(late[case_id], before) if case_id in late else Called(calls, last)
        for case_id, calls, last in zip(seen.ids, seen.calls, seen.last, strict=True)
        if calls
    }
    return learn_by(counts, book.dockets, answer_model(), today, evening=evening)
