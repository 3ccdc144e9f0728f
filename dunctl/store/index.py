"""What is remembered of the cases from one command to the next, in ``.dunctl/index`` (SQLite).

A note is what one kind of answer needs of a case, worked out when its file has changed. It is taken
at its word only while the file is the very same (times, size, inode), while settings, law and
program are, and until its own time runs out. A file that was touched just before it was read is not
remembered yet: a second change in the same tick of the clock would not show. Nothing is ever
written to a case from here, and deleting the file costs only time: whatever is missing, broken or
in doubt is worked out from the cases again.
"""

from __future__ import annotations

import json
import os
import sys
import zoneinfo
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from pathlib import Path
from typing import Any
from zlib import crc32

from dunctl import __version__
from dunctl.errors import Problem
from dunctl.store import files
from dunctl.store import store as stores
from dunctl.store.calendars import installed
from dunctl.store.cores import MANY, each
from dunctl.store.files import Stamp
from dunctl.store.parameters import DATA
from dunctl.store.store import Read, Store
from dunctl.tuples import NamedTuple

LEAST = 50
"""With fewer cases it is quicker to read them all."""

_TICK, _COARSE = 20_000_000, 2_000_000_000
"""Nanoseconds in which two changes may look alike, by a fine clock and by one of seconds."""
_ALWAYS = (-(1 << 62), 1 << 62)
_UNKNOWN: Stamp = (0, 0, 0, 0)
"""The stamp of no file."""
HEAD = 4
"""Where in a head begins what ``make`` gave it: before come id, since, wakes, and a mark."""


class Note(NamedTuple):
    """What a kind of answer needs of a case, true from ``since`` until before ``wakes``.

    Both are seconds of UTC. The ``head`` is looked at for all cases, the ``rest`` for a few; JSON
    must be able to hold both.
    """

    since: int
    wakes: int
    head: Sequence[Any]
    rest: Sequence[Any]


Make = Callable[[Read], Note]


class Moved(Exception):
    """A case is no longer what is remembered of it: ask again."""


class _Row(NamedTuple):
    """A note as it is stored; ``head`` begins with id, since, wakes, and whether the case is sound.

    Of a case that is not sound ``rest`` are its problems.
    """

    id: str
    stamp: Stamp
    head: bytes
    rest: bytes


class Recalled:
    """What is known of all cases: heads by id, in order, and what is wrong with the other files.

    A head has id, since, wakes and a mark before what ``make`` gave it (``HEAD``).
    ``trouble`` says why nothing could be remembered, if that is so; ``reads`` are the cases that
    had to be read, and ``stamps`` what told the files apart.
    """

    def __init__(
        self, store: Store, kind: str, stamps: Mapping[str, Stamp], salt: int, make: Make
    ) -> None:
        """Make one that knows nothing yet but the files."""
        self.heads: dict[str, list[Any]] = {}
        self.problems: list[Problem] = []
        self.trouble = ""
        self.store = store
        self.stamps = stamps
        self.reads: dict[str, Read] = {}
        self._kind = kind
        self._salt = salt
        self._make = make
        self._sums: dict[str, int] = {}
        self._kept: Set[str] = frozenset()
        self._new: dict[str, bytes] = {}

    def rests(self, ids: Iterable[str]) -> dict[str, list[Any]]:
        """Return the rest of the notes of cases, by id; what cannot be had is made anew.

        Raises ``Moved`` if the file of such a case is another one by now.
        """
        wanted = set(ids)
        if not wanted <= self._new.keys():
            self._new |= self._remembered(wanted - self._new.keys())
        lost = [self.row(self.read(i)) for i in sorted(wanted - self._new.keys())]
        if lost:
            self._new |= {row.id: row.rest for row in lost}
            _put(self.store, self._kind, lost, frozenset(), self._salt)
        found = {i: self._new[i] for i in wanted}
        parts: list[list[Any]] = json.loads(b"[%b]" % b",".join(found.values()))
        return dict(zip(found, parts, strict=True))

    def _remembered(self, ids: set[str]) -> dict[str, bytes]:
        from dunctl.store import index_file

        few = len(ids) < len(self._sums) // 20
        rows = index_file.rests(self.store.root, self._kind, ids if few else None)
        return {
            i: rest for i, rest, total in rows if i in ids and _sum(rest, self._sums[i]) == total
        }

    def row(self, read: Read) -> _Row:
        """Return the row of a case as it was read.

        What could not be read is not kept: that may be for want of rights that others have.
        """
        note = self._make(read) if read.sound else _wrong(read)
        head = [read.id, note.since, note.wakes, read.sound, *note.head]
        known = read.text or read.case is not None
        stamp = self.stamps[read.id] if known else _UNKNOWN
        return _Row(read.id, stamp, _json(head), _json(note.rest))

    def made(self, ids: Sequence[str]) -> list[_Row]:
        """Return the rows of cases as their files are now; few are held for ``read``."""
        if len(ids) >= MANY:
            return list(each(lambda case_id: self.row(stores.read(self.store, case_id)), ids))
        self.reads = {case_id: stores.read(self.store, case_id) for case_id in ids}
        return [self.row(read) for read in self.reads.values()]

    def read(self, case_id: str) -> Read:
        """Read a case. Raises ``Moved`` if its file is not the one that is remembered."""
        if case_id in self.reads:
            return self.reads[case_id]
        found = stores.read(self.store, case_id)
        path = stores.cases_folder(self.store) / f"{case_id}.toml"
        with suppress(OSError):
            if files.stamp(path.stat(follow_symlinks=False)) == self.stamps.get(case_id):
                return found
        raise Moved

    def mark(self, case_id: str) -> list[int]:
        """Return what tells a note from a later one of the same case; nothing if it is not kept."""
        return [self.heads[case_id][1], *self.stamps[case_id]] if case_id in self._kept else []

    def fact(self, name: str, key: str) -> Any:
        """Return what was remembered under a name if it was for this key, else ``None``."""
        if not self._salt:
            return None
        from dunctl.store import index_file

        value, total = index_file.fact(self.store.root, name)
        if value is not None and _sum(value, self._salt) == total:
            was, found = json.loads(value)
            return found if was == key else None
        return None

    def remember(self, name: str, key: str, value: object) -> None:
        """Put something under a name, in place of what was there; if it cannot be, it is not."""
        if self._salt:
            from dunctl.store import index_file

            body = _json([key, value])
            index_file.put_fact(self.store.root, name, body, crc32(body, self._salt))

    def fill(self, old: Iterable[_Kept], new: Iterable[_Row], due: Iterable[_Row]) -> None:
        """Take in what is kept and holds, and rows that were made now; those ``due`` are kept."""
        heads = {}
        for one in old:
            heads[one.id] = one.head
            self._sums[one.id] = one.sum
        for row in new:
            heads[row.id] = json.loads(row.head)
            self._new[row.id] = row.rest
        self._kept = self._sums.keys() | {row.id for row in due}
        unsound = [case_id for case_id, head in heads.items() if not head[3]]
        for _, problems in sorted(self.rests(unsound).items()):
            self.problems += [Problem(*one) for one in problems]
        self.heads = {i: heads[i] for i in sorted(heads.keys() - unsound)}


def recall(store: Store, kind: str, moment: int, make: Make, *, least: int = LEAST) -> Recalled:
    """Return the notes of all cases as of ``moment`` (seconds of UTC), as remembered or made anew.

    ``make`` works out the note of a sound case. Of fewer than ``least`` cases nothing is kept. What
    is looked at for a moment that is over takes no place from what is true now.
    """
    stamps, odd = stores.stamps(store)
    keeps = len(stamps) >= least
    salt = _salt(store) if keeps else 0
    now, rows, trouble = _rows(store, kind) if keeps else (0, [], "")
    same = _same(rows, stamps, salt)
    old = [one for one in same if one.head[1] <= moment < one.head[2]]
    found, due = Recalled(store, kind, stamps, salt if now else 0, make), list[_Row]()
    new = found.made(sorted(stamps.keys() - {one.id for one in old}))
    if now:
        stay = {one.id for one in same if moment < one.head[1] <= now // 10**9}
        due = [row for row in new if row.id not in stay and _keepable(row, now)]
        trouble = _put(store, kind, due, {row[0] for row in rows} - stamps.keys(), salt)
    found.fill(old, new, due)
    found.problems[:0] = odd
    found.trouble = trouble
    return found


def _rows(store: Store, kind: str) -> tuple[int, list[tuple[Any, ...]], str]:
    from dunctl.store import index_file

    return index_file.rows(store.root, kind)


def _put(store: Store, kind: str, rows: Sequence[_Row], gone: Set[str], salt: int) -> str:
    """Keep rows, forget those that are gone; return what stood in the way."""
    if not rows and not gone:
        return ""
    from dunctl.store import index_file

    def values(row: _Row) -> tuple[object, ...]:
        total = crc32(row.head, _seed(salt, row.stamp[1]))
        return kind, row.id, *row.stamp, row.head, total, row.rest, crc32(row.rest, total)

    return index_file.put(store.root, map(values, rows), [(kind, i) for i in gone])


class _Kept(NamedTuple):
    id: str
    head: list[Any]
    sum: int


def _same(rows: Iterable[tuple[Any, ...]], stamps: Mapping[str, Stamp], salt: int) -> list[_Kept]:
    """Return what is kept of the files that are still the same."""
    sound = [
        row
        for row in rows
        if stamps.get(row[0]) == row[1:5] and _sum(row[5], _seed(salt, row[2])) == row[6]
    ]
    heads: list[list[Any]] = json.loads(b"[%b]" % b",".join([row[5] for row in sound]))
    return [
        _Kept(row[0], head, row[6])
        for row, head in zip(sound, heads, strict=True)
        if head[0] == row[0]
    ]


def _wrong(read: Read) -> Note:
    return Note(*_ALWAYS, (), [one for one in read.problems if one.level == "error"])


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _keepable(row: _Row, now: int) -> bool:
    """Return whether a row can be kept: its name is text, and any later change shows in its stamp.

    ``now`` and the stamp are times of the file system; a clock that has only seconds is known by
    its round numbers.
    """
    if any("\ud800" <= char <= "\udfff" for char in row.id):
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
    marks: list[object] = [__version__, sys.version, installed("holidays"), installed("tzdata")]
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
