"""Where letters are kept: ``letters/<case>/``, a file each, never one over another."""

from __future__ import annotations

from pathlib import Path

from dunctl.errors import Refused
from dunctl.store import files
from dunctl.store.store import Store
from dunctl.words import t

FOLDER = "letters"


def place(store: Store, case_id: str, stem: str, suffix: str, content: bytes) -> Path:
    """Return the file for a letter: the one that has this very content, or one that is free.

    Another letter of the day by the same template gets ``-2``, ``-3`` after its name.
    """
    folder = store.root / FOLDER / case_id
    files.keeps_within(store.root / FOLDER, [case_id])
    nth = 1
    while True:
        file = folder / f"{stem}{f'-{nth}' if nth > 1 else ''}.{suffix}"
        if not file.exists() or (file.is_file() and file.read_bytes() == content):
            return file
        nth += 1


def put(file: Path, content: bytes) -> None:
    """Write a letter in one move, over whatever was there."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refused(
            t("{path} cannot be written: {why}", path=file, why=error.strerror or error)
        ) from error
    files.put(file, content)
