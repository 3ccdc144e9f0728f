"""What is remembered of the cases from one command to the next, in ``.dunctl/index`` (SQLite).

A note is what one kind of answer needs of a case, worked out when its file has changed. It is taken
at its word only while the file is the very same (times, size, inode), while settings, law and
program are, and until its own time runs out. A file that was touched just before it was read is not
remembered yet: a second change in the same tick of the clock would not show. Nothing is ever
written to a case from here, and deleting the file costs only time: whatever is missing, broken or
in doubt is worked out from the cases again.

The heads of all notes are kept once more, on one sheet: on most mornings it says everything, and no
note is looked up but those whose rest is wanted. What has changed since is laid over it, until that
is so much that a new one is worth while.
"""

from __future__ import annotations

import json
import os
import sys
import zoneinfo
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any
from zlib import crc32

from dunctl import __version__
from dunctl.errors import Problem
from dunctl.store import files, sheet
from dunctl.store import store as stores
from dunctl.store.calendars import installed
from dunctl.store.files import Stamp, Stamps
from dunctl.store.parameters import DATA
from dunctl.store.sheet import BLANK, Head, Sheet
from dunctl.store.store import Read, Store
from dunctl.tuples import NamedTuple

LEAST = 50
"""With fewer cases it is quicker to read them all."""
LAID_OVER = 100
"""So many cases, but no more than half of all, are laid over a sheet before there is a new one."""

_TICK, _COARSE = 20_000_000, 2_000_000_000
"""Nanoseconds in which two changes may look alike, by a fine clock and by one of seconds."""
_ALWAYS = (-(1 << 62), 1 << 62)
_UNKNOWN: Stamp = (0, 0, 0, 0)
"""The stamp of no file."""


class Note(NamedTuple):
    """What a kind of answer needs of a case, true from ``since`` until before ``wakes``.

    Both are seconds of UTC. The ``head`` is looked at for all cases, and has as many fields in all
    of a kind; the ``rest`` is for a few. JSON must be able to hold both.
    """

    since: int
    wakes: int
    head: Sequence[Any]
    rest: Sequence[Any]


Step = Callable[[Any], Any]
"""A step of the way from a case as it was read (``Read``) to its ``Note``."""


class Moved(Exception):
    """A case is no longer what is remembered of it: ask again."""


class _Row(NamedTuple):
    """A note as it is made: its head, the same as JSON, its rest as JSON, and the checksum."""

    id: str
    stamp: Stamp
    head: Head
    told: bytes
    rest: bytes
    sum: int


class Recalled:
    """What is known of all cases, and what is wrong with the other files.

    ``trouble`` says why nothing could be remembered, if that is so.
    """

    def __init__(
        self, store: Store, kind: str, stamps: Stamps, salt: int, steps: Sequence[Step]
    ) -> None:
        """Make one that knows nothing yet but the files; without a salt nothing is kept."""
        self.problems: list[Problem] = []
        self.trouble = ""
        self._store = store
        self._kind = kind
        self._stamps = stamps
        self._salt = salt
        self._steps = steps
        self._sheet = BLANK
        self._reads: dict[str, Read] = {}
        self._rests: dict[str, bytes] = {}
        self._fleeting: Collection[str] = ()

    @property
    def ids(self) -> list[str]:
        """Return the ids of all sound cases, in order."""
        return self._sheet.ids

    @property
    def columns(self) -> list[list[Any]]:
        """Return the fields of the heads, each a list in the order of the ids."""
        return self._sheet.columns

    @property
    def heads(self) -> dict[str, tuple[Any, ...]]:
        """Return the head of each sound case, by id, in order."""
        return dict(zip(self.ids, zip(*self.columns, strict=True), strict=True))

    def rests(self, ids: Iterable[str]) -> dict[str, list[Any]]:
        """Return the rest of the notes of cases, by id; what cannot be had is made anew.

        Raises ``Moved`` if the file of such a case is another one by now.
        """
        wanted = list(ids)
        missing = [case_id for case_id in wanted if case_id not in self._rests]
        if missing:
            self._rests |= self._remembered(missing)
        lost = self.rows([self.read(i) for i in sorted(missing) if i not in self._rests])
        if lost:
            self._rests |= {row.id: row.rest for row in lost}
            _put(self._store, self._kind, lost)
        found = [self._rests[case_id] for case_id in wanted]
        parts: list[list[Any]] = json.loads(b"[%b]" % b",".join(found))
        return dict(zip(wanted, parts, strict=True))

    def _remembered(self, ids: Sequence[str]) -> dict[str, bytes]:
        if not self._salt:
            return {}
        from dunctl.store import index_file

        sums = self.sums
        rows = index_file.rests(self._store.root, self._kind, ids)
        return {i: rest for i, rest, total in rows if i in sums and _sum(rest, sums[i]) == total}

    @cached_property
    def sums(self) -> dict[str, int]:
        """Return what tells a note from every other one of the same case; 0 if it is not kept."""
        found = dict(zip(self.ids, self._sheet.sums, strict=True))
        return found | {case_id: 0 for case_id in self._fleeting if case_id in found}

    def rows(self, reads: Sequence[Read]) -> list[_Row]:
        """Return the rows of cases as they were read: each step is done to all before the next."""
        made: Sequence[Any] = [read for read in reads if read.sound]
        for step in self._steps:
            made = list(map(step, made))
        notes = iter(made)
        return [self._row(read, next(notes) if read.sound else _wrong(read)) for read in reads]

    def _row(self, read: Read, note: Note) -> _Row:
        """Return the row of a case.

        What could not be read is not kept: that may be for want of rights that others have.
        """
        since, wakes, fields, rest = note
        known = read.text or read.case is not None
        stamp = self._stamps[read.id] if known else _UNKNOWN
        told, kept = _json([read.id, since, wakes, fields]), _json(rest)
        total = crc32(told, _seed(self._salt, stamp[1])) if read.sound else 0
        head = Head(since, wakes, read.sound, tuple(fields), total)
        return _Row(read.id, stamp, head, told, kept, crc32(kept, total))

    def made(self, ids: Sequence[str]) -> list[_Row]:
        """Return the rows of cases as their files are now; few are held for ``read``."""
        if len(ids) > LAID_OVER:
            from dunctl.store.cores import each

            return list(each(self._of_part, ids))
        reads = stores.read_each(self._store, ids)
        self._reads = {read.id: read for read in reads}
        return self.rows(reads)

    def _of_part(self, ids: Sequence[str]) -> list[_Row]:
        return self.rows(stores.read_each(self._store, ids))

    def read(self, case_id: str) -> Read:
        """Read a case. Raises ``Moved`` if its file is not the one that is remembered."""
        if case_id in self._reads:
            return self._reads[case_id]
        found = stores.read(self._store, case_id)
        path = stores.cases_folder(self._store) / f"{case_id}.toml"
        with suppress(OSError, KeyError):
            if files.stamp(path.stat(follow_symlinks=False)) == self._stamps[case_id]:
                return found
        raise Moved

    def mark(self, case_id: str) -> list[int]:
        """Return what tells a note from a later one of the same case; nothing if it is not kept."""
        if not self._salt or case_id in self._fleeting:
            return []
        since = self._sheet.since[bisect_left(self.ids, case_id)]
        return [since, *self._stamps[case_id]]

    def fact(self, name: str, key: str) -> Any:
        """Return what was remembered under a name if it was for this key, else ``None``."""
        was, found = json.loads(self.piece(name) or b"[null,null]")
        return found if was == key else None

    def remember(self, name: str, key: str, value: object) -> None:
        """Put something under a name, in place of what was there; if it cannot be, it is not."""
        self.keep(name, _json([key, value]))

    def piece(self, name: str) -> bytes | None:
        """Return the bytes that were kept under a name."""
        if not self._salt:
            return None
        from dunctl.store import index_file

        value, total = index_file.fact(self._store.root, name)
        return value if value is not None and _sum(value, self._salt) == total else None

    def keep(self, name: str, value: bytes) -> None:
        """Put bytes under a name, in place of what was there; if it cannot be, they are not."""
        if self._salt:
            from dunctl.store import index_file

            index_file.put_fact(self._store.root, name, value, crc32(value, self._salt))

    def fill(self, heads: Sheet, rows: Iterable[_Row], fleeting: Collection[str]) -> None:
        """Take in all heads, and the rests of what was made now; the fleeting were not kept."""
        self._sheet = heads
        self._rests = {row.id: row.rest for row in rows}
        self._fleeting = fleeting
        for _, problems in sorted(heads.unsound.items()):
            self.problems += [Problem(*one) for one in problems]


def recall(store: Store, kind: str, moment: int, *steps: Step, least: int = LEAST) -> Recalled:
    """Return the notes of all cases as of ``moment`` (seconds of UTC), as remembered or made anew.

    The ``steps`` lead from a sound case as it was read to its note. Of fewer than ``least`` cases
    nothing is kept. What is looked at for a moment that is over takes no place from what is true
    now.
    """
    stamps, odd = stores.stamps(store)
    keeps = len(stamps.ids) >= least
    salt = _salt(store) if keeps else 0
    now, was, trouble = _sheet(store, kind, salt) if keeps else (0, BLANK, "")
    found = Recalled(store, kind, stamps, salt if now else 0, steps)

    gone, changed = sheet.changes(was, stamps)
    untimely = sheet.untimely(was, moment)
    over = changed | (untimely.keys() - gone)
    kept = _kept(store, kind, over, stamps, salt) if was is not BLANK and over else {}
    fresh = {i: head for i, head in kept.items() if head.since <= moment < head.wakes}
    rows = found.made(sorted(over - fresh.keys()))
    fresh |= {row.id: row.head for row in rows}
    heads, fleeting = sheet.laid_over(was, gone, fresh), set[str]()
    if now:
        later = {**untimely, **{i: head.since for i, head in kept.items()}}
        stay = {i for i, since in later.items() if moment < since <= now // 10**9}
        due = [row for row in rows if row.id not in stay and _keepable(row, now)]
        fleeting = {row.id for row in rows} - {row.id for row in due}
        much = len(over) + len(gone) > min(LAID_OVER, len(stamps.ids) // 2)
        new = sheet.written(heads, stamps, fleeting) if much and not stay else None
        sheets = [(kind, *new, _total(new, salt))] if new else []
        trouble = _put(store, kind, due, gone, sheets)
    found.fill(heads, rows, fleeting)
    found.problems[:0] = odd
    found.trouble = trouble
    return found


def _sheet(store: Store, kind: str, salt: int) -> tuple[int, Sheet, str]:
    """Return the clock of the file system (ns), the sheet of a kind, and the trouble with it."""
    from dunctl.store import index_file

    now, parts, trouble = index_file.sheet(store.root, kind)
    if parts is None or _total(parts[:3], salt) != parts[3]:
        return now, BLANK, trouble
    return now, sheet.read(*parts[:3]), trouble


def _total(parts: Iterable[object], salt: int) -> int | None:
    """Return the checksum of the parts of a sheet; in a broken file anything may be there."""
    total: int | None = salt
    for part in parts:
        total = None if total is None else _sum(part, total)
    return total


def _kept(
    store: Store, kind: str, ids: Collection[str], stamps: Stamps, salt: int
) -> dict[str, Head]:
    """Return the heads of those cases whose notes are of the files that are there."""
    from dunctl.store import index_file

    found = {}
    for case_id, *stamp, head, total in index_file.heads(store.root, kind, ids):
        if tuple(stamp) == stamps[case_id] and _sum(head, _seed(salt, stamp[1])) == total:
            told, since, wakes, fields = json.loads(head)
            if told == case_id:
                found[case_id] = Head(since, wakes, True, fields, total)
    return found


def _put(
    store: Store,
    kind: str,
    rows: Iterable[_Row],
    gone: Collection[str] = (),
    sheets: Sequence[Sequence[object]] = (),
) -> str:
    """Keep the notes of sound cases and a sheet, forget what is gone; return what is in the way."""
    notes = [
        (kind, row.id, *row.stamp, row.told, row.head.sum, row.rest, row.sum)
        for row in rows
        if row.head.sound
    ]
    if not notes and not gone and not sheets:
        return ""
    from dunctl.store import index_file

    return index_file.put(store.root, notes, [(kind, i) for i in gone], sheets)


def _wrong(read: Read) -> Note:
    return Note(*_ALWAYS, [one for one in read.problems if one.level == "error"], ())


_ENCODER = json.JSONEncoder(separators=(",", ":"), check_circular=False)


def _json(value: object) -> bytes:
    return _ENCODER.encode(value).encode()


def _keepable(row: _Row, now: int) -> bool:
    """Return whether a row can be kept: its name is text, and any later change shows in its stamp.

    ``now`` and the stamp are times of the file system; a clock that has only seconds is known by
    its round numbers.
    """
    if not row.id.isascii() and any("\ud800" <= char <= "\udfff" for char in row.id):
        return False
    stamp = row.stamp
    coarse = stamp[0] % 10**9 == 0 and stamp[1] % 10**9 == 0
    return stamp != _UNKNOWN and max(stamp[:2]) < now - (_COARSE if coarse else _TICK)


def _seed(salt: int, changed: int) -> int:
    """Return what the checksum of a note begins with, so that it is of this change of the file."""
    return salt ^ changed & 0xFFFFFFFF


def _sum(data: object, seed: int) -> int | None:
    """Return the checksum of bytes; in a broken file anything may be in their place."""
    return crc32(data, seed) if isinstance(data, bytes) else None


def _salt(store: Store) -> int:
    """Return a number for everything that a note depends on, other than its case.

    What was read before now counts as it was read; what is read later can only be newer.
    """
    own = store.root / "policies"
    marks: list[object] = [
        __version__,
        sys.version,
        sys.byteorder,
        installed("holidays"),
        installed("tzdata"),
    ]
    marks += [store.config, stores.policy(store, store.config.policy)]
    marks += [
        (str(file.relative_to(own)), _content(file))
        for pattern in ("*.toml", "*/*.toml")
        for file in sorted(own.glob(pattern))
    ]
    marks += [
        (str(file), os.stat(file).st_mtime_ns) for file in zoneinfo.TZPATH if os.path.isdir(file)
    ]
    marks += _program(DATA.parent)
    return crc32(repr(marks).encode())


def _content(file: Path) -> str:
    try:
        return files.read_text(file)
    except (OSError, files.Unreadable) as error:
        return repr(error)


def _program(folder: str | Path) -> Iterator[tuple[str, int, int]]:
    """Yield name, time and size of each file of the program."""
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda one: one.name):
            if entry.is_dir():
                if entry.name != "__pycache__":
                    yield from _program(entry.path)
            elif entry.name.endswith((".py", ".toml")):
                found = entry.stat()
                yield entry.name, found.st_mtime_ns, found.st_size
