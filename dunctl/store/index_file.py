"""The file of the index, ``.dunctl/index``: an SQLite database that may be broken or gone any time.

Whatever fails here costs time and nothing else: a broken file is thrown away, and where the disk or
its rights are in the way, that is told in a sentence.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from dunctl.errors import Refused
from dunctl.store import files
from dunctl.words import t

NAME = "index"

_VERSION = 0x64756E01
_TABLES = (
    "CREATE TABLE note (kind TEXT, id TEXT, mtime INT, ctime INT, size INT, inode INT, "
    "head BLOB, head_sum INT, rest BLOB, rest_sum INT, PRIMARY KEY (kind, id)) WITHOUT ROWID",
    "CREATE TABLE fact (name TEXT PRIMARY KEY, value BLOB, sum INT) WITHOUT ROWID",
    f"PRAGMA user_version = {_VERSION}",
)
_WAIT = 1.0
"""Seconds to wait for another process before going without."""
_TRIES = 2
"""What goes wrong because another process deletes the file does not go wrong again."""
_FAILURES = (sqlite3.Error, UnicodeDecodeError)
"""What SQLite raises; the second when it names a thing by bytes that are no text."""


def rows(root: Path, kind: str) -> tuple[int, list[tuple[Any, ...]], str]:
    """Return the clock of the file system (ns), all rows of a kind, and the trouble with it.

    A file that is no index, or a broken one, is thrown away. Without a clock nothing can be kept.
    """
    query = "SELECT id, mtime, ctime, size, inode, head, head_sum FROM note WHERE kind = ?"
    why = ""
    for _ in range(_TRIES):
        try:
            if (files.aside(root) / NAME).is_symlink():
                _thrown_away(root)
            with closing(_connected(root)) as index:
                _prepare(index)
                return _clock(root), index.execute(query, [kind]).fetchall(), ""
        except (*_FAILURES, OSError, Refused) as error:
            if _busy(error):
                return 0, [], ""
            _mended(root, error)
            why = t("nothing can be remembered in .dunctl: {why}", why=error)
    return 0, [], why


def rests(root: Path, kind: str, ids: Iterable[str] | None) -> list[tuple[Any, ...]]:
    """Return id, rest and checksum of the notes of a kind: of some cases, or of all."""
    query = "SELECT id, rest, rest_sum FROM note WHERE kind = ?"
    try:
        with closing(_connected(root)) as index:
            if ids is None:
                return index.execute(query, [kind]).fetchall()
            one = f"{query} AND id = ?"
            return [row for i in ids for row in index.execute(one, [kind, i])]
    except _FAILURES as error:
        _mended(root, error)
        return []


def put(root: Path, notes: Iterable[Sequence[object]], gone: Sequence[tuple[str, str]]) -> str:
    """Keep notes and forget those that are gone (kind, id); return what stood in the way."""
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
