"""What a kept letter can be proved by: the commit it was written from, and its entry in a case."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dunctl.case.records import Entry, Letter
from dunctl.errors import Problem
from dunctl.store import config, git, letters
from dunctl.store import store as stores
from dunctl.store.fonts import FOLDER as FONTS
from dunctl.store.known import known_at
from dunctl.store.store import Read, Store
from dunctl.tuples import NamedTuple

_PARTS = (config.NAME, "policies", "templates", FONTS)


class Knowledge(NamedTuple):
    """What git has of a store: its commit, and the files whose content it has not."""

    commit: str | None
    beside: tuple[str, ...]

    def of(self, case_id: str) -> str | None:
        """Return the commit that has all that a letter of a case is made from, if there is one."""
        mine = f"cases/{case_id}.toml"
        for path in self.beside:
            of_a_case = re.fullmatch(r"(?:.*/)?(cases/[^/]+\.toml)", path)
            if of_a_case is None or of_a_case[1] == mine:
                return None
        return self.commit


def knowledge(store: Store, case_id: str | None = None) -> Knowledge:
    """Return what git has now of a store, or as far as letters of one case are made from it."""
    if not git.is_repository(store.root):
        return Knowledge(None, ())
    mine = "cases" if case_id is None else f"cases/{case_id}.toml"
    try:
        commit, beside = git.state(store.root, [mine, *_parts(store)])
    except git.GitFailed:
        return Knowledge(None, ())
    return Knowledge(commit, tuple(beside))


def _parts(store: Store) -> list[str]:
    """Return what letters are made from, besides a case."""
    logo = store.config.creditor.get("logo")
    return [*_PARTS, *([str(logo)] if logo and not Path(str(logo)).is_absolute() else [])]


@contextmanager
def as_written(store: Store, commit: str, case_id: str) -> Iterator[Store]:
    """Give a store as it was in a commit, with one case alone. Raises ``Refused`` as ``known_at``.

    It is gone afterwards.
    """
    parts = (f"cases/{case_id}.toml", *_parts(store))
    text = git.content(store.root, commit, config.NAME)
    if text is not None:
        then = store._replace(config=config.read(text, config.NAME))
        parts = (*parts, *_parts(then))
    with known_at(store.root, commit, tuple(dict.fromkeys(parts))) as root:
        yield stores.open_store(root)


class Kept(NamedTuple):
    """The entry of a kept letter in its case; ``void`` if it was taken back."""

    read: Read
    entry: Entry
    letter: Letter
    void: bool


def find(store: Store, file: Path, digest: str) -> tuple[Kept | None, list[Problem]]:
    """Return the entry of a letter, by where its file is kept, or else by its SHA-256.

    The file may be a copy, in another folder ``letters/<case>/`` too. With it come the errors of
    the case, for which an entry may be missing.
    """
    problems: list[Problem] = []
    place = file.absolute().parts[-3:]
    known, _ = stores.ids(store)
    if len(place) == 3 and place[0] == letters.FOLDER and place[1] in known:
        read = stores.read(store, place[1])
        found, problems = _in_case(read, "/".join(place), digest), _errors(read)
        if found:
            return found, problems
    wanted = digest.encode()
    for case_id in known:
        path = stores.cases_folder(store) / f"{case_id}.toml"
        if wanted in path.read_bytes():
            read = stores.read(store, case_id)
            found = _in_case(read, None, digest)
            if found:
                return found, _errors(read)
    return None, problems


def _errors(read: Read) -> list[Problem]:
    return [problem for problem in read.problems if problem.level == "error"]


def _in_case(read: Read, file: str | None, digest: str) -> Kept | None:
    if read.case is None:
        return None
    every = [
        Kept(read, entry, entry.record, void)
        for entries, void in ((read.case.journal, False), (read.case.voided, True))
        for entry in entries
        if isinstance(entry.record, Letter)
    ]
    here = [one for one in every if file is not None and one.letter.file == file]
    same = [one for one in every if one.letter.sha256 == digest]
    both = [one for one in here if one in same]
    return next(iter([*both, *here, *same]), None)
