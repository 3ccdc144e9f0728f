"""The file of the index, ``.dunctl/index``: an SQLite database that may be broken or gone any time.

Whatever fails here costs time and nothing else: a broken file is thrown away, and where the disk or
its rights are in the way, that is told in a sentence.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from dunctl.errors import Refused
from dunctl.store import files
from dunctl.words import t

NAME = "index"

_VERSION = 0x64756E03
_TABLES = (
    "CREATE TABLE note (kind TEXT, id TEXT, mtime INT, ctime INT, size INT, inode INT, "
    "head BLOB, head_sum INT, rest BLOB, rest_sum INT, PRIMARY KEY (kind, id)) WITHOUT ROWID",
    "CREATE TABLE sheet (kind TEXT PRIMARY KEY, names BLOB, stamps BLOB, body BLOB, sum INT) "
    "WITHOUT ROWID",
    "CREATE TABLE fact (name TEXT PRIMARY KEY, value BLOB, sum INT) WITHOUT ROWID",
    f"PRAGMA user_version = {_VERSION}",
)
_PAGE = 1 << 15
"""Bytes that are read at once: a sheet is long."""
_WAIT = 1.0
"""Seconds to wait for another process before going without."""
_TRIES = 2
"""What goes wrong because another process deletes the file does not go wrong again."""
_FEW = 20
"""So many notes are looked up one by one."""
_FAILURES = (sqlite3.Error, UnicodeDecodeError)
"""What SQLite raises; the second when it names a thing by bytes that are no text."""


def sheet(root: Path, kind: str) -> tuple[int, tuple[Any, ...] | None, str]:
    """Return the clock of the file system (ns), the sheet of a kind, and the trouble with it.

    Of a sheet there are names, stamps, body and checksum. A file that is no index, or a broken one,
    is thrown away. Without a clock nothing can be kept.
    """
    query = "SELECT names, stamps, body, sum FROM sheet WHERE kind = ?"
    why = ""
    for _ in range(_TRIES):
        try:
            if (files.aside(root) / NAME).is_symlink():
                _thrown_away(root)
            with closing(_connected(root)) as index:
                _prepare(index)
                return _clock(root), index.execute(query, [kind]).fetchone(), ""
        except (*_FAILURES, OSError, Refused) as error:
            if _busy(error):
                return 0, None, ""
            _mended(root, error)
            why = t("nothing can be remembered in .dunctl: {why}", why=error)
    return 0, None, why


def heads(root: Path, kind: str, ids: Collection[str]) -> list[tuple[Any, ...]]:
    """Return id, stamp, head and its checksum of the notes of some cases."""
    return _of(root, kind, ids, "id, mtime, ctime, size, inode, head, head_sum")


def rests(root: Path, kind: str, ids: Collection[str]) -> list[tuple[Any, ...]]:
    """Return id, rest and its checksum of the notes of some cases."""
    return _of(root, kind, ids, "id, rest, rest_sum")


def _of(root: Path, kind: str, ids: Collection[str], what: str) -> list[tuple[Any, ...]]:
    """Return what is asked of the notes of some cases; a broken file is thrown away."""
    query = f"SELECT {what} FROM note WHERE kind = ? AND id"  # noqa: S608 - fixed words
    try:
        with closing(_connected(root)) as index:
            if len(ids) <= _FEW:
                one = f"{query} = ?"
                return [row for i in ids for row in index.execute(one, [kind, i])]
            index.execute("CREATE TEMP TABLE wanted (id TEXT PRIMARY KEY) WITHOUT ROWID")
            index.executemany("INSERT INTO wanted VALUES (?)", zip(ids, strict=True))
            return index.execute(f"{query} IN wanted", [kind]).fetchall()
    except _FAILURES as error:
        _mended(root, error)
        return []


def put(
    root: Path,
    notes: Iterable[Sequence[object]],
    gone: Sequence[tuple[str, str]],
    sheets: Sequence[Sequence[object]],
) -> str:
    """Keep notes and sheets, forget what is gone (kind, id); return what stood in the way."""
    notes = list(notes)
    keep = "REPLACE INTO note VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    forget = "DELETE FROM note WHERE kind = ? AND id = ?"
    why = ""
    for _ in range(_TRIES):
        try:
            with closing(_connected(root)) as index:
                _hastily(index)
                index.execute("BEGIN IMMEDIATE")
                index.executemany(keep, notes)
                index.executemany(forget, gone)
                index.executemany("REPLACE INTO sheet VALUES (?, ?, ?, ?, ?)", sheets)
                index.execute("COMMIT")
                return ""
        except _FAILURES as error:
            if _busy(error) or _mended(root, error):
                return ""
            why = t("nothing can be remembered in .dunctl: {why}", why=error)
    return why


def fact(root: Path, name: str) -> tuple[Any, Any]:
    """Return what is kept under a name, and its checksum."""
    with suppress(*_FAILURES), closing(_connected(root)) as index:
        row = index.execute("SELECT value, sum FROM fact WHERE name = ?", [name]).fetchone()
        return row or (None, None)
    return None, None


def put_fact(root: Path, name: str, value: bytes, total: int) -> None:
    """Keep something under a name, in place of what was there; if it cannot be, it is not."""
    with suppress(*_FAILURES), closing(_connected(root)) as index:
        _hastily(index)
        index.execute("REPLACE INTO fact VALUES (?, ?, ?)", [name, value, total])


def _clock(root: Path) -> int:
    """Return what time it is for the file system (ns)."""
    path = root / ".dunctl" / NAME
    os.utime(path)
    return path.stat().st_mtime_ns


def _connected(root: Path) -> sqlite3.Connection:
    return sqlite3.connect(root / ".dunctl" / NAME, timeout=_WAIT, isolation_level=None)


def _hastily(index: sqlite3.Connection) -> None:
    """Let nothing wait for the disk: what a crash leaves half written does not add up."""
    index.execute("PRAGMA synchronous = OFF")
    index.execute("PRAGMA journal_mode = MEMORY")


def _prepare(index: sqlite3.Connection) -> None:
    """Make the tables if the file is new. Raises ``sqlite3.Error`` if it is somebody else's."""
    if _version_of(index) == _VERSION:
        return
    _hastily(index)
    index.execute(f"PRAGMA page_size = {_PAGE}")
    index.execute("BEGIN IMMEDIATE")
    if _version_of(index) != _VERSION:
        for sentence in _TABLES:
            index.execute(sentence)
    index.execute("COMMIT")


def _version_of(index: sqlite3.Connection) -> int:
    version: int = index.execute("PRAGMA user_version").fetchone()[0]
    return version


def _busy(error: Exception) -> bool:
    """Return whether another process is in the way, or has deleted the file."""
    return _named(error).startswith(("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_READONLY_DBMOVED"))


def _mended(root: Path, error: Exception) -> bool:
    """Throw the index away if an error is for what is in it; return whether that is done."""
    return isinstance(error, _FAILURES) and not _barred(error) and _thrown_away(root)


def _barred(error: Exception) -> bool:
    """Return whether the disk or its rights are in the way, and not what is in the file."""
    return _named(error).startswith(
        ("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_PERM")
    )


def _named(error: Exception) -> str:
    return str(getattr(error, "sqlite_errorname", ""))


def _thrown_away(root: Path) -> bool:
    """Delete the index, its journal first, lest it be played into the next one."""
    try:
        for name in (f"{NAME}-journal", f"{NAME}-wal", f"{NAME}-shm", NAME):
            (root / ".dunctl" / name).unlink(missing_ok=True)
    except OSError:
        return False
    return True
