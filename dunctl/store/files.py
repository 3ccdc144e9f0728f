"""Case files on the disk: safe names, reading, the lock, and replacing a file in one move."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dunctl.errors import Refused, WrongUsage
from dunctl.words import t

WAIT_SECONDS = 60
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def safe_id(case_id: str) -> str:
    """Return ``case_id`` as the name of a file, or refuse what cannot be one everywhere.

    Letters of any script and digits, with ``-``, ``_`` and ``.`` between them.
    """
    if not is_safe(case_id):
        raise WrongUsage(
            t("{id!r} cannot name a case: use letters, digits and - between them", id=case_id)
        )
    return unicodedata.normalize("NFC", case_id)


def is_safe(case_id: str) -> bool:
    """Return whether ``case_id`` can be the name of a file everywhere."""
    name = unicodedata.normalize("NFC", case_id)
    letters = [c.isalnum() or unicodedata.category(c) in ("Mn", "Mc") for c in name]
    inner = all(letter or c in "-_." for c, letter in zip(name, letters, strict=True))
    sound = inner and name[:1].isalnum() and letters[-1] and ".." not in name
    return sound and not _RESERVED.fullmatch(name) and len(name.encode()) <= 200


def folded(name: str) -> str:
    """Return a name as it is compared: case and ways to write an accent make no difference."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def case_ids(cases: Path) -> tuple[list[str], list[str]]:
    """Return the ids of the case files in a folder, and the names that are no plain file."""
    ids, odd = [], []
    with os.scandir(cases) as entries:
        for entry in entries:
            if entry.name.endswith(".toml") and not entry.name.startswith("."):
                if entry.is_file(follow_symlinks=False):
                    ids.append(entry.name.removesuffix(".toml"))
                else:
                    odd.append(entry.name)
    return sorted(ids), sorted(odd)


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file as it is, its line ends included.

    Raises ``NotUtf8`` for other encodings.
    """
    data = path.read_bytes()
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise NotUtf8(line) from error


class NotUtf8(ValueError):
    """A file that is not UTF-8, with the line of the first byte that is not."""

    def __init__(self, line: int) -> None:
        super().__init__(t("is not UTF-8: save it as UTF-8 in your editor"))
        self.line = line


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    from hashlib import file_digest

    with path.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """Hold the store's lock for writing; waits for another command, and says so if it is long."""
    from filelock import FileLock, Timeout

    folder = root / ".dunctl"
    try:
        folder.mkdir(exist_ok=True)
        ignore = folder / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n")
        lock = FileLock(str(folder / "lock"), timeout=WAIT_SECONDS)
        with lock:
            yield
    except Timeout as error:
        raise Refused(
            t("another dunctl has been writing here for {n} seconds: try again", n=WAIT_SECONDS)
        ) from error


def replace(path: Path, old: str | None, new: str) -> None:
    """Put ``new`` in the place of a file in one move, if it still says ``old``.

    ``old`` is ``None`` for a file that must not exist yet. Raises ``Refused`` and leaves everything
    as it was when somebody else changed the file meanwhile, or when the disk refuses.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        data = new.encode("utf-8")
    except UnicodeEncodeError as error:
        raise Refused(t("what was typed is not text in UTF-8: nothing was written")) from error
    try:
        temporary.unlink(missing_ok=True)
        with open(temporary, "xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if path.exists():
            os.chmod(temporary, path.stat().st_mode & 0o777)
        moved = os.path.lexists(path) if old is None else path.read_bytes() != old.encode("utf-8")
        if moved:
            raise Refused(
                t(
                    "{path} was changed by somebody else meanwhile: nothing was written, try again",
                    path=path,
                )
            )
        os.replace(temporary, path)
        _sync_folder(path.parent)
    except OSError as error:
        raise Refused(
            t("{path} cannot be written: {why}", path=path, why=error.strerror or error)
        ) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Make the move last; where a file system cannot, the file is in its place all the same."""
    if os.name != "posix":
        return
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
