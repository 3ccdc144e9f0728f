"""A store: a folder with ``dunctl.toml`` and ``cases/``; reading cases, and writing them safely.

A write is always: lock; read; edit; check the new text; replace the file if nobody moved it; commit
just that path. The file comes first and git second: a commit that fails loses nothing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from dunctl import dates
from dunctl.case.toml import loads
from dunctl.errors import DunctlError, Problem, Refused
from dunctl.steps import policy as policies
from dunctl.steps.policy import Policy
from dunctl.store import config, files
from dunctl.store.parameters import DATA, country
from dunctl.tuples import NamedTuple
from dunctl.words import one_line, t

if TYPE_CHECKING:
    from dunctl.case.records import Case

FOLDERS = ("cases", "letters", ".dunctl")
"""What is written to in a store."""


class Store(NamedTuple):
    """An open store."""

    root: Path
    config: config.Config


class Read(NamedTuple):
    """A case file as it was read: its text, the case if it is one, and what is wrong with it."""

    id: str
    path: str
    text: str
    case: Case | None
    problems: list[Problem]

    @property
    def sound(self) -> bool:
        """Return whether the case can be relied on: nothing in it had to be left out."""
        return self.case is not None and all(p.level != "error" for p in self.problems)


def find(wanted: str | None) -> Path:
    """Return the root of the store: ``wanted``, else ``DUNCTL_STORE``, else upwards from here."""
    named = wanted or os.environ.get("DUNCTL_STORE")
    if named:
        root = Path(named).resolve()
        if not (root / config.NAME).is_file():
            raise Refused(
                t("{path} is no store: there is no dunctl.toml (dunctl init {path})", path=named)
            )
        return root
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / config.NAME).is_file():
            return folder
    raise Refused(t("there is no dunctl.toml here or above: make a store with dunctl init"))


def open_store(root: Path) -> Store:
    """Open the store at ``root``. Raises ``Refused`` when its settings cannot be read."""
    files.keeps_within(root, FOLDERS)
    try:
        text = files.read_text(root / config.NAME)
    except files.Unreadable as error:
        raise Refused(f"{config.NAME}:{error.line}: {error}") from error
    store = Store(root, config.read(text))
    why = _policy_problem(root, store.config.policy)
    if why:
        line = _line(text, "defaults", "policy")
        raise Refused(f"{config.NAME}:{line}: {why}")
    return store


def cases_folder(store: Store) -> Path:
    """Return the folder of the case files."""
    return store.root / "cases"


def ids(store: Store) -> tuple[list[str], list[Problem]]:
    """Return the ids of all cases, sorted, and a problem for each name that is no plain file."""
    folder = cases_folder(store)
    return ids_in(folder, "cases") if folder.is_dir() else ([], [])


def ids_in(folder: Path, shown: str) -> tuple[list[str], list[Problem]]:
    """Return the ids of the case files in any folder, and a problem for each other ``.toml``."""
    found, odd = files.case_ids(folder)
    return found, _no_cases(odd, shown)


def stamps(store: Store) -> tuple[files.Stamps, list[Problem]]:
    """Return the stamp of each case file, and a problem for each other ``.toml``."""
    found = files.stamps(cases_folder(store))
    return found, _no_cases(found.odd, "cases")


def _no_cases(odd: Iterable[str], shown: str) -> list[Problem]:
    message = t("is a link, a folder or a pipe: a case is a plain file")
    return [Problem(f"{shown}/{name}", 1, message) for name in odd]


def read(store: Store, case_id: str) -> Read:
    """Read one case file; whatever is wrong with it comes back as problems."""
    return read_each(store, [case_id])[0]


def read_each(store: Store, some: Iterable[str]) -> list[Read]:
    """Read the files of some cases, by id, as ``read`` does; of many it takes less than in turn."""
    folder = cases_folder(store)
    return read_paths(store, [(folder / f"{i}.toml", f"cases/{i}.toml") for i in some])


def read_paths(store: Store, paths: Sequence[tuple[Path, str]]) -> list[Read]:
    """Read any files as case files; with each comes the path that messages name."""
    from dunctl.case.parse import parse_each

    found = [_text(file, shown) for file, shown in paths]
    texts = [
        (text, file.name.removesuffix(".toml"), shown)
        for (text, _), (file, shown) in zip(found, paths, strict=True)
    ]
    reads = [
        Read(case_id, shown, text, *made)
        for (text, case_id, shown), made in zip(texts, parse_each(texts), strict=True)
    ]
    return [
        Read(read.id, read.path, "", None, [unread]) if unread else _with_ours(store, read)
        for read, (_, unread) in zip(reads, found, strict=True)
    ]


def _text(file: Path, shown: str) -> tuple[str, Problem | None]:
    """Return the text of a file, or why there is none."""
    try:
        return files.read_text(file), None
    except files.Unreadable as error:
        return "", Problem(shown, error.line, str(error))
    except OSError as error:
        message = t("cannot be read: {error}", error=error.strerror or error)
        return "", Problem(shown, 1, message)


def _with_ours(store: Store, read: Read) -> Read:
    """Return a file as it was read, with what settings and country say about its case."""
    if read.case is None:
        return read
    name, problems = read.case.head.policy, read.problems
    if name and (why := _policy_problem(store.root, name)):
        problems = [*problems, Problem(read.path, _line(read.text, "policy"), why)]
    return Read(read.id, read.path, read.text, with_defaults(store, read.case), problems)


def read_all(store: Store) -> tuple[list[Read], list[Problem]]:
    """Read every case file, by id; the second part is what is no case file at all."""
    from dunctl.store.cores import parts

    found, odd = ids(store)
    return [one for part in parts(found) for one in read_each(store, part)], odd


def _line(text: str, *key: str) -> int:
    from dunctl.case.lines import line_of, locate

    return line_of(locate(text), key)


def with_defaults(store: Store, case: Case) -> Case:
    """Return the case with what its country implies, where the file does not say it."""
    debtor = case.debtor
    if (debtor.timezone and debtor.language and debtor.hours) or not debtor.country:
        return case
    known = country(debtor.country)
    return case._replace(
        debtor=debtor._replace(
            timezone=debtor.timezone or ((known["timezone"],) if "timezone" in known else ()),
            language=debtor.language or known.get("language"),
            hours=debtor.hours or known.get("hours"),
            lunch=debtor.lunch or known.get("lunch"),
        )
    )


def policy_of(store: Store, case: Case) -> Policy:
    """Return the policy of a case, or the store's default one, also where its own is no policy."""
    own = case.head.policy
    usable = own and not _policy_problem(store.root, own)
    return policy(store, own if own and usable else store.config.policy)


def policy(store: Store, name: str) -> Policy:
    """Return a policy by its name: the house policy with the named one laid over it."""
    return _policy(store.root, name)


@cache
def _policy(root: Path, name: str) -> Policy:
    data = loads((DATA / "default.toml").read_text("utf-8"))
    found = False
    for folder in (DATA, root / "policies"):
        file = folder / f"{name}.toml"
        if files.is_safe(name) and file.is_file():
            found = True
            try:
                data = policies.merged(data, loads(files.read_text(file)))
            except ValueError as error:
                raise Refused(t("{path}: {error}", path=file.name, error=error)) from error
    if not found:
        raise Refused(t("there is no policy {name}", name=name))
    return policies.read(name, data)


@cache
def _policy_problem(root: Path, name: str) -> str:
    try:
        _policy(root, name)
    except DunctlError as error:
        return str(error)
    return ""


Edit = Callable[[Read], tuple[str, str]]
"""From a case as it was read to the new text and the message of the commit."""


def change(store: Store, case_id: str, edit: Edit, also: Iterable[Path] = ()) -> str:
    """Change one case file and commit it, with ``also`` other files; returns the message.

    Raises ``Refused``, and nothing is written, when the file cannot be read as TOML, when the edit
    refuses, or when somebody else wrote meanwhile.
    """
    with files.locked(store.root):
        was = read(store, case_id)
        if was.case is None:
            raise Refused("\n".join(map(str, was.problems)))
        text, message = edit(was)
        message = _subject(message)
        if text != was.text:
            path = cases_folder(store) / f"{case_id}.toml"
            files.replace(path, was.text, text)
            record(store, [path, *also], message)
    return message


def rewrite(
    store: Store, make: Callable[[list[Read]], list[tuple[str, str | None, str]]], message: str
) -> None:
    """Write many case files under one lock and one commit.

    ``make`` gets every case as it is read under the lock and returns (id, old text or ``None`` for
    a new case, new text).
    """
    with files.locked(store.root):
        cases_folder(store).mkdir(exist_ok=True)
        replace_all(
            store,
            [
                (cases_folder(store) / f"{files.safe_id(case_id)}.toml", old, new)
                for case_id, old, new in make(read_all(store)[0])
            ],
            message,
        )


def replace_all(
    store: Store, edits: Iterable[tuple[Path, str | None, str | None]], message: str
) -> None:
    """Put (path, old text, new text) in place and commit them together; ``None`` is no file.

    To be called under the lock. What was written before one is refused is committed all the same,
    with the first line of the message only: what the rest says of the whole is not true yet.
    """
    edits = list(edits)
    done: list[Path] = []
    try:
        for path, old, new in edits:
            if new is None:
                path.unlink()
            else:
                files.replace(path, old, new)
            done.append(path)
    finally:
        if done:
            record(store, done, message if len(done) == len(edits) else message.partition("\n")[0])


def change_all(
    store: Store,
    case_ids: Iterable[str],
    edit: Edit,
    message: Callable[[list[str]], str],
    also: Sequence[Path] = (),
) -> int:
    """Change several case files under one lock and commit them together.

    With them go ``also`` other files, to which ``edit`` may add what it wrote. A file that cannot
    be read, or whose edit is refused, is named and passed over. Returns the exit code: 1 where that
    happened.
    """
    done: list[str] = []
    paths: list[Path] = []
    code = 0
    with files.locked(store.root):
        for case_id in case_ids:
            was = read(store, case_id)
            path = cases_folder(store) / f"{case_id}.toml"
            try:
                if was.case is None:
                    raise Refused("\n".join(map(str, was.problems)))
                text, line = edit(was)
                files.replace(path, was.text, text)
            except Refused as error:
                _say(str(error))
                code = 1
                continue
            done.append(_subject(line))
            paths.append(path)
        if paths:
            record(store, [*paths, *also], message(done))
    return code


def create(store: Store, new: Iterable[tuple[str, str]], message: str) -> None:
    """Write new case files (id, text) and commit them together; refuses what exists."""
    with files.locked(store.root):
        cases_folder(store).mkdir(exist_ok=True)
        plain, odd = files.case_ids(cases_folder(store))
        known = {files.folded(i): i for i in (*plain, *(n.removesuffix(".toml") for n in odd))}
        new = list(new)
        for case_id, _ in new:
            there = known.get(files.folded(files.safe_id(case_id)))
            if there:
                raise Refused(t("there is a case {id} already", id=there))
            known[files.folded(case_id)] = case_id
        folder = cases_folder(store)
        replace_all(
            store,
            [(folder / f"{files.safe_id(case_id)}.toml", None, text) for case_id, text in new],
            message,
        )


def record(store: Store, paths: list[Path], message: str) -> None:
    """Commit paths of the store, if it lies in git; a commit that fails is said, no more."""
    from dunctl.store import git

    if not git.is_repository(store.root):
        told = store.root / ".dunctl" / "no-git-told"
        if not told.exists():
            _say(t("this store is not in git: changes are kept, but not their history (git init)"))
            with suppress(OSError, Refused):
                files.aside(store.root)
                told.touch()
        return
    try:
        git.commit(store.root, paths, message)
    except git.NoAnswer as error:
        _say(t("written, but git did not commit it: {why}", why=error))
    except git.GitFailed as error:
        if git.commit_named(store.root, "MERGE_HEAD"):
            _say(t("written; git commits it with the merge that is under way: dunctl sync"))
        else:
            _say(t("written, but git did not commit it: {why}", why=error))


def _say(sentence: str) -> None:
    shown = "\n".join(map(one_line, sentence.split("\n")))
    sys.stderr.write(f"dunctl: {shown}\n")


def _subject(message: str) -> str:
    """Return a message as one line: a break in somebody's words must not begin the body."""
    return one_line(" ".join(message.split("\n")))


def user(store: Store) -> str:
    """Return who is at the keyboard, as ``git.user`` does."""
    from dunctl.store import git

    return git.user(store.root)


def local_zone() -> str:
    """Return the name of this machine's time zone, or ``UTC``."""
    for name in (os.environ.get("TZ", "").removeprefix(":"), _linked_zone()):
        if name:
            try:
                dates.zone(name)
            except ValueError:
                continue
            return name
    return "UTC"


def _linked_zone() -> str:
    target = os.path.realpath("/etc/localtime")
    return target.partition("/zoneinfo/")[2]


def sound(reads: Iterable[Read]) -> Iterator[Case]:
    """Return the cases that can be relied on."""
    for one in reads:
        if one.case is not None and one.sound:
            yield one.case
