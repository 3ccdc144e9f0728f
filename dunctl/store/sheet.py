"""The heads of all notes on one sheet, so that a morning on which little has changed reads little.

What has changed since the sheet was written is laid over it.
"""

from __future__ import annotations

import json
import os
from array import array
from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from operator import itemgetter
from typing import Any

from dunctl.store.columns import packed, unpacked
from dunctl.store.files import Stamps
from dunctl.tuples import NamedTuple

_STAMP = 32
"""Bytes of a stamp."""
_MANY = 100 * _STAMP
"""Bytes of stamps that are compared at once."""
_BETWEEN = "/"
"""What no name of a file has in it."""
_END = b"\n"
"""What is nowhere in JSON."""
_FEW = 100
"""So many heads are put in their places one by one; of more the sheet is made again."""


class Head(NamedTuple):
    """The head of a note with the checksum that it is kept with; unsound, it has the problems."""

    since: int
    wakes: int
    sound: bool
    fields: Sequence[Any]
    sum: int


class Sheet(NamedTuple):
    """The heads of sound cases in order of their ids, field by field; unsound ones with problems.

    ``names`` and ``stamps`` are those of all files, in the order of the folder. ``since``,
    ``wakes`` and ``sums`` are those of the notes.
    """

    names: bytes
    stamps: bytes
    ids: list[str]
    since: list[int]
    wakes: list[int]
    sums: list[int]
    columns: list[list[Any]]
    unsound: dict[str, list[Any]]


BLANK = Sheet(b"", b"", [], [], [], [], [], {})


def read(names: bytes, stamps: bytes, body: bytes) -> Sheet:
    """Return a sheet from what ``written`` made of it."""
    unsound, _, columns = body.partition(_END)
    ids, since, wakes, sums, *fields = unpacked(columns)
    return Sheet(names, stamps, ids, since, wakes, sums, fields, json.loads(unsound))


def written(sheet: Sheet, stamps: Stamps, fleeting: Collection[str]) -> tuple[bytes, bytes, bytes]:
    """Return the names, the stamps and the rest of a sheet, without what is fleeting."""
    numbers = array("q", stamps.numbers)
    for case_id in fleeting:
        place = 4 * stamps.place(case_id)
        numbers[place : place + 4] = array("q", [0, 0, 0, 0])
    kept = laid_over(sheet, fleeting, {})
    columns = packed([kept.ids, kept.since, kept.wakes, kept.sums, *kept.columns])
    body = json.dumps(kept.unsound).encode() + _END + columns
    return _names(stamps), numbers.tobytes(), body


def _names(stamps: Stamps) -> bytes:
    return os.fsencode(_BETWEEN.join(stamps.ids))


def changes(sheet: Sheet, stamps: Stamps) -> tuple[set[str], set[str]]:
    """Return the cases that are gone since a sheet was written, and the changed or new ones."""
    now = stamps.numbers.tobytes()
    if _names(stamps) == sheet.names:
        return set(), {stamps.ids[nth] for nth in _differing(now, sheet.stamps)}
    names = os.fsdecode(sheet.names).split(_BETWEEN) if sheet.stamps else []
    was = dict(zip(names, _each(sheet.stamps), strict=True))
    changed = {i for i, one in zip(stamps.ids, _each(now), strict=True) if was.get(i) != one}
    return was.keys() - set(stamps.ids), changed


def _differing(now: bytes, was: bytes) -> list[int]:
    """Return the places of the stamps that differ; mostly they are few or none."""
    found = []
    for first in range(0, len(now), _MANY):
        one, other = now[first : first + _MANY], was[first : first + _MANY]
        if one != other:
            both = zip(_each(one), _each(other), strict=True)
            found += [first // _STAMP + n for n, (a, b) in enumerate(both) if a != b]
    return found


def _each(stamps: bytes) -> list[bytes]:
    return [stamps[n : n + _STAMP] for n in range(0, len(stamps), _STAMP)]


def untimely(sheet: Sheet, moment: int) -> dict[str, int]:
    """Return the cases whose notes do not hold at a moment, with the second since when they do."""
    if not sheet.ids or max(sheet.since) <= moment < min(sheet.wakes):
        return {}
    return {
        case_id: since
        for case_id, since, wakes in zip(sheet.ids, sheet.since, sheet.wakes, strict=True)
        if not since <= moment < wakes
    }


def laid_over(sheet: Sheet, gone: Collection[str], fresh: Mapping[str, Head]) -> Sheet:
    """Return a sheet without the cases that are gone, and with fresh heads in their places."""
    if not gone and not fresh:
        return sheet
    unsound = {i: what for i, what in sheet.unsound.items() if i not in gone and i not in fresh}
    unsound |= {i: list(head.fields) for i, head in fresh.items() if not head.sound}
    lay = _placed if len(gone) + len(fresh) <= _FEW and sheet.columns else _sorted
    return lay(sheet, gone, fresh)._replace(unsound=unsound)


def _placed(sheet: Sheet, gone: Collection[str], fresh: Mapping[str, Head]) -> Sheet:
    columns: list[list[Any]] = [sheet.ids, sheet.since, sheet.wakes, sheet.sums, *sheet.columns]
    lists = [one.copy() for one in columns]
    ids = lists[0]
    for case_id in {*gone, *fresh}:
        nth = bisect_left(ids, case_id)
        there = slice(nth, nth + 1) if ids[nth : nth + 1] == [case_id] else slice(nth, nth)
        head = fresh.get(case_id)
        if head and head.sound:
            for column, value in zip(lists, _line(case_id, head), strict=True):
                column[there] = [value]
        else:
            for column in lists:
                del column[there]
    return _sheet(sheet, lists)


def _sorted(sheet: Sheet, gone: Collection[str], fresh: Mapping[str, Head]) -> Sheet:
    over = {*gone, *fresh}
    was = zip(sheet.ids, sheet.since, sheet.wakes, sheet.sums, *sheet.columns, strict=True)
    lines = [line for line in was if line[0] not in over]
    lines += [_line(i, head) for i, head in fresh.items() if head.sound]
    lines.sort(key=itemgetter(0))
    return _sheet(sheet, list(map(list, zip(*lines, strict=True))) or [[], [], [], []])


def _line(case_id: str, head: Head) -> tuple[Any, ...]:
    return case_id, head.since, head.wakes, head.sum, *head.fields


def _sheet(sheet: Sheet, lists: list[list[Any]]) -> Sheet:
    ids, since, wakes, sums, *columns = lists
    return Sheet(sheet.names, sheet.stamps, ids, since, wakes, sums, columns, sheet.unsound)
