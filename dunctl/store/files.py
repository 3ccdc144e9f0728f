"""Case files on the disk: safe names, reading, the lock, and replacing a file in one move."""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dunctl.errors import Refused, WrongUsage
from dunctl.words import t

WAIT_SECONDS = 60
MOST_BYTES = 5_000_000
"""More than a debtor's file grows to; to read one takes up to a hundred times as much memory."""
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
            if _is_named_case(entry.name):
                if entry.is_file(follow_symlinks=False):
                    ids.append(entry.name.removesuffix(".toml"))
                else:
                    odd.append(entry.name)
    return sorted(ids), sorted(odd)


def is_case(cases: Path, case_id: str) -> bool:
    """Return whether a folder has the file of a case by this very id; that is soon told."""
    name = f"{case_id}.toml"
    try:
        there = _is_named_case(name) and name in os.listdir(cases)
        return there and stat.S_ISREG((cases / name).lstat().st_mode)
    except OSError:
        return False


Stamp = tuple[int, int, int, int]
"""What tells that a file is the same: when it and its inode changed (ns), its size, its inode."""


_63_BITS = (1 << 63) - 1
"""As many as a number of a database has; some file systems use one more."""


def stamp(found: os.stat_result) -> Stamp:
    """Return the stamp of a file; each number of it has 63 bits."""
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino & _63_BITS


def stamps(cases: Path) -> tuple[dict[str, Stamp], list[str]]:
    """Return the stamp of each case file in a folder, by id, and the names of no plain file."""
    found, odd = {}, []
    with os.scandir(cases) as entries:
        for entry in entries:
            name = entry.name
            if not _is_named_case(name):
                continue
            if not entry.is_file(follow_symlinks=False):
                odd.append(name)
                continue
            with suppress(FileNotFoundError):
                was = entry.stat(follow_symlinks=False)
                found[name[:-5]] = was.st_mtime_ns, was.st_ctime_ns, was.st_size, was.st_ino
    return found, sorted(odd)


def _is_named_case(name: str) -> bool:
    return name.endswith(".toml") and not name.startswith(".")


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file as it is, its line ends included.

    Raises ``Unreadable`` for other encodings, for a pipe, and for more than any case needs.
    """
    with open(path, "rb", opener=_at_once) as stream:
        found = os.fstat(stream.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise Unreadable(1, t("is a pipe or a device: put a plain file in its place"))
        if found.st_size > MOST_BYTES:
            most = MOST_BYTES // 1_000_000
            raise Unreadable(1, t("is larger than {n} MB: move it out of the store", n=most))
        data = stream.read()
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Unreadable(line, t("is not UTF-8: save it as UTF-8 in your editor")) from error


def _at_once(path: str, flags: int) -> int:
    """Open a file without waiting for anybody at the other end of a pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


class Unreadable(ValueError):
    """A file that cannot be read as text, and the line from which on."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.line = line


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    from hashlib import file_digest

    with path.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()


def keeps_within(root: Path, names: Iterable[str]) -> None:
    """Refuse folders of a store that are links, so that nothing is written elsewhere."""
    for name in names:
        if (root / name).is_symlink():
            raise Refused(
                t("{path} is a link: put the folder itself into the store", path=root / name)
            )


def aside(root: Path) -> Path:
    """Return the folder of what is not shared, ``.dunctl``; it is made, and git passes it over."""
    folder = root / ".dunctl"
    folder.mkdir(exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        put(ignore, b"*\n")
    return folder


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """Hold the store's lock for writing; waits for another command, and says so if it is long."""
    with held(aside(root) / "lock", WAIT_SECONDS) as holds:
        if not holds:
            raise Refused(
                t("another dunctl has been writing here for {n} seconds: try again", n=WAIT_SECONDS)
            )
        yield


@contextmanager
def held(path: Path, seconds: float) -> Iterator[bool]:
    """Hold a lock, and give whether that worked within these seconds; it ends with the process.

    What was done under it stays done, also where the system cannot let go of it.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(str(path), timeout=seconds)
    try:
        lock.acquire()
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        with suppress(OSError):
            lock.release()


def replace(path: Path, old: str | None, new: str) -> None:
    """Put ``new`` in the place of a file in one move, if it still says ``old``.

    ``old`` is ``None`` for a file that must not exist yet. Raises ``Refused`` and leaves everything
    as it was when somebody else changed the file meanwhile, or when the disk refuses.
    """
    try:
        data = new.encode("utf-8")
    except UnicodeEncodeError as error:
        raise Refused(t("what was typed is not text in UTF-8: nothing was written")) from error

    def unmoved() -> None:
        moved = os.path.lexists(path) if old is None else path.read_bytes() != old.encode("utf-8")
        if moved:
            raise Refused(
                t(
                    "{path} was changed by somebody else meanwhile: nothing was written, try again",
                    path=path,
                )
            )

    put(path, data, unmoved)


def put(
    path: Path, data: bytes, may: Callable[[], object] = lambda: None, mode: int | None = None
) -> None:
    """Write a file in one move, over whatever was there; ``may`` is called just before it.

    It has ``mode``, else that of the file before, else what the system gives.

    Raises ``Refused``, and leaves what was there, when the disk refuses.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.unlink(missing_ok=True)
        with open(temporary, "xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if mode is None and path.exists():
            mode = path.stat().st_mode & 0o777
        if mode is not None:
            os.chmod(temporary, mode)
        may()
        os.replace(temporary, path)
        _sync_folder(path.parent)
    except OSError as error:
        raise Refused(
            t("{path} cannot be written: {why}", path=path, why=error.strerror or error)
        ) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def is_temporary(name: str) -> bool:
    """Return whether a file is what ``put``, or git while it merges, leaves behind when killed."""
    return name.startswith(".merge_file_") or (name.startswith(".") and name.endswith(".tmp"))


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
