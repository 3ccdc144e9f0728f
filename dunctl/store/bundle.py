"""The originals of a case in a zip, with a list of their hashes; the same files, the same bytes."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Mapping
from pathlib import Path

from dunctl.case.handles import handles
from dunctl.case.records import Case, Document, Letter
from dunctl.store import config
from dunctl.store.store import Store
from dunctl.tuples import NamedTuple

MANIFEST = "MANIFEST"
PRIVATE = ("id_copy",)
"""Kinds of documents that go to nobody: copies of an identity card."""

_CLOSED = (".git", ".dunctl", "cases", config.NAME)


class Original(NamedTuple):
    """The file of an entry: its place in the store and its content, or neither of them.

    ``recorded`` is the hash that the entry has; ``private`` that it is not to be passed on.
    """

    recorded: str | None
    place: str | None
    content: bytes | None
    private: bool

    @property
    def sha256(self) -> str | None:
        """Return the hash of what is there."""
        return None if self.content is None else hashlib.sha256(self.content).hexdigest()


def originals(store: Store, case: Case) -> dict[str, Original]:
    """Return the file of every letter and document of a case that names one, by its handle."""
    names = handles(case.data)
    found = {}
    for entry in (*case.journal, *case.voided):
        record = entry.record
        if not isinstance(record, Letter | Document) or not (record.file or record.sha256):
            continue
        private = isinstance(record, Document) and record.kind in PRIVATE
        place = _place(store.root, record.file) if record.file else None
        content = None if place is None or private else (store.root / place).read_bytes()
        found[names[entry.kind, entry.nth]] = Original(record.sha256, place, content, private)
    return found


def _place(root: Path, file: str) -> str | None:
    """Return where a named file is inside the store; ``None`` for what is not to go out of it.

    That is what lies outside, what git and the program keep for themselves, and other cases.
    """
    if not file.isprintable():
        return None
    try:
        place = (root / file).resolve().relative_to(root.resolve())
        there = (root / place).is_file()
    except (OSError, ValueError):
        return None
    hidden = any(part.startswith(".") for part in place.parts)
    return place.as_posix() if there and not hidden and place.parts[0] not in _CLOSED else None


def manifest(files: Mapping[str, bytes], remarks: Iterable[str] = ()) -> bytes:
    """Return the list of files and their SHA-256, as ``sha256sum -c`` reads it."""
    lines = [f"# {remark}" for remark in remarks]
    lines += [f"{hashlib.sha256(files[name]).hexdigest()}  {name}" for name in sorted(files)]
    return "".join(f"{line}\n" for line in lines).encode()


def packed(files: Mapping[str, bytes], listed: bytes) -> bytes:
    """Return a zip of files with their manifest, without compression and without times."""
    from zipfile import ZIP_STORED, ZipFile, ZipInfo

    buffer = io.BytesIO()
    with ZipFile(buffer, "w", ZIP_STORED) as archive:
        for name, content in ((MANIFEST, listed), *sorted(files.items())):
            about = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            about.create_system = 3
            about.external_attr = 0o644 << 16
            archive.writestr(about, content)
    return buffer.getvalue()
