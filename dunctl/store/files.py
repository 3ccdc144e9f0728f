"""Case files on the disk: safe names, reading, the lock, and replacing a file in one move."""

from __future__ import annotations

import os
import re
import stat
import sys
import unicodedata
from array import array
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property, partial
from pathlib import Path
from time import monotonic, sleep

from dunctl.errors import Refused, WrongUsage
from dunctl.words import t

WAIT_SECONDS = 60
_AGAIN_SECONDS = 0.05
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


class Stamps:
    """The case files of a folder as they are found in it: their ids, and the stamp of each.

    ``ids`` are in the order of the folder, ``numbers`` those of the stamps in that order, ``odd``
    the names of what is no plain file.
    """

    def __init__(self, ids: list[str], numbers: array[int], odd: list[str]) -> None:
        self.ids = ids
        self.numbers = numbers
        self.odd = odd

    def __getitem__(self, case_id: str) -> Stamp:
        """Return the stamp of a case. Raises ``KeyError`` if there is no such file."""
        first = 4 * self.place(case_id)
        one, two, three, four = self.numbers[first : first + 4]
        return one, two, three, four

    def place(self, case_id: str) -> int:
        """Return the place of a case among the ids. Raises ``KeyError`` if it is not there."""
        return self._places[case_id]

    @cached_property
    def _places(self) -> dict[str, int]:
        return dict(zip(self.ids, range(len(self.ids)), strict=True))


def stamps(cases: Path) -> Stamps:
    """Return the stamp of each case file in a folder, if there is one."""
    ids: list[str] = []
    odd: list[str] = []
    numbers: list[int] = []
    with suppress(FileNotFoundError, NotADirectoryError), _looked_into(cases) as (names, status):
        for name in filter(_is_named_case, names):
            try:
                at = status(name)
            except FileNotFoundError:
                continue
            if stat.S_ISREG(at.st_mode):
                ids.append(name[:-5])
                numbers += (at.st_mtime_ns, at.st_ctime_ns, at.st_size, at.st_ino & _63_BITS)
            else:
                odd.append(name)
    return Stamps(ids, array("q", numbers), sorted(odd))


@contextmanager
def _looked_into(folder: Path) -> Iterator[tuple[list[str], Callable[[str], os.stat_result]]]:
    """Give the names in a folder, and what tells the status of one; links are not followed."""
    if os.stat not in os.supports_dir_fd:
        yield os.listdir(folder), lambda name: os.lstat(folder / name)
        return
    inside = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield os.listdir(inside), lambda name: os.lstat(name, dir_fd=inside)
    finally:
        os.close(inside)


def _is_named_case(name: str) -> bool:
    return name.endswith(".toml") and not name.startswith(".")


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file as it is, its line ends included.

    Raises ``Unreadable`` for other encodings, for a pipe, and for more than any case needs.
    """
    with open(path, "rb", buffering=0, opener=_at_once) as stream:
        found = os.fstat(stream.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise Unreadable(1, t("is a pipe or a device: put a plain file in its place"))
        if found.st_size > MOST_BYTES:
            most = MOST_BYTES // 1_000_000
            raise Unreadable(1, t("is larger than {n} MB: move it out of the store", n=most))
        data = stream.readall()
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
    let_go = _taken(path, seconds)
    try:
        yield let_go is not None
    finally:
        if let_go is not None:
            with suppress(OSError):
                let_go()


def _taken(path: Path, seconds: float) -> Callable[[], object] | None:
    """Take a lock and return what lets go of it, or nothing where it stays taken for so long."""
    if sys.platform == "win32":
        from filelock import FileLock, Timeout

        lock = FileLock(str(path), timeout=seconds)
        try:
            lock.acquire()
        except Timeout:
            return None
        return lock.release
    from fcntl import LOCK_EX, LOCK_NB, flock

    until = monotonic() + seconds
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o644)
        try:
            flock(handle, LOCK_EX | LOCK_NB)
            if os.fstat(handle).st_nlink:  # nobody deleted the file meanwhile
                return partial(_let_go, handle)
        except (BlockingIOError, PermissionError):
            pass
        os.close(handle)
        if monotonic() >= until:
            return None
        sleep(_AGAIN_SECONDS)


def _let_go(handle: int) -> None:
    from fcntl import LOCK_UN, flock

    flock(handle, LOCK_UN)
    os.close(handle)


def replace(path: Path, old: str | None, new: str) -> None:
    """Put ``new`` in the place of a file in one move, if it still says ``old``.

    ``old`` is ``None`` for a file that must not exist yet. Raises ``Refused`` and leaves everything
    as it was when the file would be too large to be read, when somebody else changed it meanwhile,
    or when the disk refuses.
    """
    try:
        data = new.encode("utf-8")
    except UnicodeEncodeError as error:
        raise Refused(t("what was typed is not text in UTF-8: nothing was written")) from error
    if len(data) > MOST_BYTES:
        raise Refused(
            t(
                "{path} would be larger than {n} MB, which is not read: nothing was written; "
                "open another case for what is new (dunctl new)",
                path=path,
                n=MOST_BYTES // 1_000_000,
            )
        )

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


def bring(path: Path, data: bytes | None) -> None:
    """Have a file be just that, in one move; ``None`` is no file."""
    if data is None:
        path.unlink(missing_ok=True)
    else:
        path.parent.mkdir(exist_ok=True)
        put(path, data)


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
