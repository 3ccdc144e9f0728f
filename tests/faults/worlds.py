"""A world to break: made, copied, worked in, and looked at when something went wrong in it."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import tomli
from click.testing import CliRunner

from dunctl.case.parse import parse
from dunctl.cli import main, remembered
from dunctl.store import git as product_git
from dunctl.store.files import is_temporary

NOW = "2026-11-24T11:00:00+00:00"
"""A Tuesday morning, in office hours."""

DAY = "2026-11-24T11:00:00Z"
ROOT = Path(__file__).parents[2]

_SETTINGS = """\
[user]
	name = Li Na
	email = li.na@example.com
[init]
	defaultBranch = main
	templateDir =
[gc]
	auto = 0
[maintenance]
	auto = false
"""


def environment(world: Path) -> dict[str, str]:
    """Return the variables of a command: nothing of whoever runs this, and a clock that stands."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DUNCTL_", "GIT_", "XDG_"))}
    fixed = {
        "HOME": str(world / "home"),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_DATE": DAY,
        "GIT_COMMITTER_DATE": DAY,
        "DUNCTL_NOW": NOW,
        "DUNCTL_USER": "li.na",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(ROOT),
    }
    return kept | fixed


def make(world: Path) -> None:
    """Make a world with an empty desk, and a person who has a git."""
    (world / "home").mkdir(parents=True)
    (world / "desk").mkdir()
    (world / "home" / ".gitconfig").write_text(_SETTINGS)


def copy(world: Path, there: Path) -> Path:
    """Copy a world to where it can be broken."""
    shutil.copytree(world, there, symlinks=True)
    return there


# Work


def forked(
    world: Path,
    words: str,
    before: Callable[[], object] = lambda: None,
    folder: str = "desk",
    variables: Mapping[str, str] | None = None,
) -> int:
    """Start ``dunctl WORDS`` in a process that has everything imported; returns its id.

    ``before`` is called in it at the last moment.
    """
    child = os.fork()
    if child:
        return child
    code = 70
    try:
        os.setsid()
        said = os.open(_said(os.getpid()), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(said, 1)
        os.dup2(said, 2)
        sys.stdin = os.fdopen(0, closefd=False)
        sys.stdout, sys.stderr = (os.fdopen(n, "w", closefd=False) for n in (1, 2))
        os.environ.clear()
        os.environ.update(environment(world) | dict(variables or {}))
        os.chdir(world / folder)
        # What is done only in large stores is done in this small one.
        product_git.MANY, vars(remembered)["LEAST"] = 2, 0
        before()
        main(shlex.split(words))
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0
    finally:
        with suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _said(process: int) -> Path:
    """Return where a process says what it says: not in its world, whose disk may be full."""
    return Path(tempfile.gettempdir(), f"dunctl-fault-{process}.txt")


def ended(child: int) -> tuple[int, str]:
    """Wait for a process; returns its exit code (a signal is negative) and all that it said."""
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    said = _said(child)
    text = said.read_text("utf-8", "replace") if said.exists() else ""
    said.unlink(missing_ok=True)
    return code, text


def run(
    world: Path,
    words: str,
    before: Callable[[], object] = lambda: None,
    folder: str = "desk",
    **variables: str,
) -> tuple[int, str]:
    """Run ``dunctl WORDS``; returns its exit code and all that it said."""
    return ended(forked(world, words, before, folder, variables))


def warm(world: Path, words: str, folder: str) -> None:
    """Run ``dunctl WORDS`` in this process, so that those forked from it have all it imports."""
    before, here = dict(os.environ), Path.cwd()
    os.environ.clear()
    os.environ.update(environment(world))
    os.chdir(world / folder)
    try:
        CliRunner().invoke(main, shlex.split(words))
    finally:
        os.chdir(here)
        os.environ.clear()
        os.environ.update(before)


def must(world: Path, words: str, folder: str = "desk") -> None:
    """Run ``dunctl WORDS``, which has to work."""
    code, said = run(world, words, folder=folder)
    if code:
        raise AssertionError(f"dunctl {words}: exit {code}: {said}")


def git(world: Path, *words: str, folder: str = "desk") -> str:
    """Run git by hand, as a person would; it has to work."""
    done = subprocess.run(
        ["git", *words],
        cwd=world / folder,
        env=environment(world),
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise AssertionError(f"git {words}: {done.stderr.decode()}")
    return done.stdout.decode("utf-8", "replace")


# Look


class Item(NamedTuple):
    """Something that must not be lost: an entry or a fact of a case, or another file."""

    path: str
    kind: str
    text: str


class Seen(NamedTuple):
    """What is in a world, and a sentence for each file that is no case any more."""

    items: Counter[Item]
    unreadable: tuple[str, ...] = ()


def look(world: Path, folder: str = "desk") -> Seen:
    """Return all that a world has: its files, the post that left, git's settings, the remote."""
    root = world / folder
    items: Counter[Item] = Counter()
    unreadable = []
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if name.startswith((".git/", ".dunctl/")) or not path.is_file() or is_temporary(path.name):
            continue
        if not name.startswith("cases/") or path.suffix != ".toml":
            items[Item(name, "file", sha256(path.read_bytes()).hexdigest())] += 1
            continue
        try:
            items.update(_case(name, path.read_bytes().decode()))
        except ValueError as error:
            unreadable.append(f"{name}: {error}")
    lines = {name: root / name for name in (".git/config", ".git/hooks/pre-commit")}
    lines |= {".dunctl/agreed": root / ".dunctl" / "agreed", "post": world / "post" / "sent"}
    for name, path in lines.items():
        if path.exists():
            text = re.sub(f"{world.parent}/[^/]+", "", path.read_text("utf-8", "replace"))
            items.update(Item(name, "line", line) for line in text.splitlines())
            items[Item(name, "may run", str(os.access(path, os.X_OK)))] += 1
    if (world / "shared.git").exists():
        tree = git(world, "rev-parse", "main^{tree}", folder="shared.git").strip()
        items[Item("shared.git", "tree", tree)] += 1
    return Seen(items, tuple(unreadable))


def _case(name: str, text: str) -> Iterator[Item]:
    """Yield the entries and facts of a case file. Raises ``ValueError`` if it is none.

    Of a letter's sending only that it went out is an item: what was tried before may differ.
    """
    data = tomli.loads(text)
    case, problems = parse(text, Path(name).stem, name)
    errors = [str(problem) for problem in problems if problem.level == "error"]
    if case is None or errors:
        raise ValueError(errors)
    for kind, value in data.items():
        if not isinstance(value, list):
            facts = value if isinstance(value, dict) else {"": value}
            yield from (Item(name, f"{kind}.{key}", repr(fact)) for key, fact in facts.items())
            continue
        for entry in value:
            if kind == "sending":
                if entry["state"] == "sent":
                    yield Item(name, kind, entry["letter"])
                continue
            # The commit that a letter was written from differs, or is not known without git.
            same = {key: value for key, value in entry.items() if key != "known"}
            yield Item(name, kind, repr(sorted(same.items())))


class Verdict(NamedTuple):
    """What is wrong after a fault, a sentence each."""

    lost: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    stuck: tuple[str, ...] = ()

    @property
    def fine(self) -> bool:
        """Return whether nothing is wrong."""
        return not any(self)

    def named(self, name: str) -> Verdict:
        """Return it with the name of its fault before each sentence."""
        return Verdict(*(tuple(f"{name}: {what}" for what in part) for part in self))

    def __add__(self, other: object) -> Verdict:
        """Return what is wrong in either."""
        if not isinstance(other, Verdict):
            return NotImplemented
        return Verdict(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


def between(least: Counter[Item], seen: Seen, most: Counter[Item]) -> Verdict:
    """Compare what is there with what has to be, and with what may be."""
    lost = tuple(map(str, (least - seen.items).elements()))
    doubled = tuple(map(str, (seen.items - most).elements()))
    return Verdict(lost, doubled, seen.unreadable)
