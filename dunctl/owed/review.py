"""What changed between two versions of a book: movements that lead from balance to balance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal

from dunctl.case.changes import changes
from dunctl.case.handles import digest
from dunctl.case.records import Case, Entry
from dunctl.owed.movements import ZERO, balance, effects
from dunctl.tuples import NamedTuple

BY_HAND = "by hand"
"""Movements that no entry explains: an earlier one was edited or taken out."""


class Move(NamedTuple):
    """An entry that is new, or one that counts no longer; ``amount`` is what it adds, if any.

    ``kind`` is the entry's, ``void`` for what was taken back, or ``BY_HAND``.
    """

    kind: str
    entry: Entry
    currency: str | None
    amount: Decimal
    mark: str


class CaseReview(NamedTuple):
    """A case between two versions; ``facts`` are (key, old, new)."""

    id: str
    old: Case | None
    new: Case | None
    moves: tuple[Move, ...]
    facts: tuple[tuple[str, object, object], ...]


class Account(NamedTuple):
    """Opening balance, movements by kind, closing balance, in one currency."""

    currency: str
    opening: Decimal
    moves: Mapping[str, tuple[int, Decimal]]
    closing: Decimal


def review_case(case_id: str, old: Case | None, new: Case | None) -> CaseReview:
    """Compare two versions of a case; either may be missing."""
    found = changes(old.data if old else {}, new.data if new else {})
    added = set(found.added)
    was, now = _effects(old), _effects(new)
    effect = effects(new) if new else {}
    moves, explained = [], Counter[_Said]()
    for entry in (*new.journal, *new.voided) if new else ():
        if new and (entry.kind, entry.nth) in added:
            mark = _mark(new, entry)
            currency, amount = effect.get(entry, (None, ZERO))
            moves.append(Move(entry.kind, entry, currency, amount, mark))
            explained[mark, currency or ""] += amount != 0
    there = Counter(_mark(new, entry) for entry in (*new.journal, *new.voided)) if new else {}
    turned = {mark for mark, _ in was.keys() - now} & {mark for mark, _ in now.keys() - was}
    for said in dict.fromkeys([*was, *now]):
        mark, currency = said
        before, after = was.get(said, []), now.get(said, [])
        change = len(after) - len(before) - explained[said]
        entry, amount = (after or before)[0]
        kept = there.get(mark, 0) >= len(before) if change < 0 else mark in _taken_back(old)
        kind = "void" if kept and mark not in turned else BY_HAND
        moves += [Move(kind, entry, currency, amount.copy_sign(amount * change), mark)] * abs(
            change
        )
    return CaseReview(case_id, old, new, tuple(moves), found.facts)


_Said = tuple[str, str]
"""What an entry says, and the currency: of an entry without one it is that of the case."""


def _effects(case: Case | None) -> dict[_Said, list[tuple[Entry, Decimal]]]:
    """Return the entries with an effect by what they say, because equal ones are all one."""
    found: dict[_Said, list[tuple[Entry, Decimal]]] = {}
    for entry, (currency, amount) in effects(case).items() if case else ():
        if case:
            found.setdefault((_mark(case, entry), currency), []).append((entry, amount))
    return found


def _mark(case: Case, entry: Entry) -> str:
    return digest(entry.kind, case.data[entry.kind][entry.nth])


def _taken_back(case: Case | None) -> set[str]:
    return {_mark(case, entry) for entry in case.voided} if case else set()


def accounts(reviews: list[CaseReview]) -> list[Account]:
    """Return one account a currency; opening and movements are the closing balance."""
    openings, closings = (
        _sums([balance(one) for one in versions])
        for versions in ([r.old for r in reviews], [r.new for r in reviews])
    )
    kinds: dict[str, dict[str, tuple[int, Decimal]]] = {}
    for one in reviews:
        for move in one.moves:
            if move.currency is not None and move.amount:
                of_kind = kinds.setdefault(move.currency, {})
                count, total = of_kind.get(move.kind, (0, ZERO))
                of_kind[move.kind] = count + 1, total + move.amount
    return [
        Account(
            currency,
            openings.get(currency, ZERO),
            kinds.get(currency, {}),
            closings.get(currency, ZERO),
        )
        for currency in sorted({*openings, *closings, *kinds})
    ]


def _sums(parts: list[dict[str, Decimal]]) -> dict[str, Decimal]:
    totals: dict[str, Decimal] = {}
    for part in parts:
        for currency, amount in part.items():
            totals[currency] = totals.get(currency, ZERO) + amount
    return totals
