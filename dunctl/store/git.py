"""The one place that runs git."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from posixpath import normpath
from typing import TYPE_CHECKING

from dunctl.errors import DunctlError
from dunctl.store import files
from dunctl.tuples import NamedTuple

if TYPE_CHECKING:
    from subprocess import CompletedProcess

MANY, MOST = 200, 20_000
"""Paths, and characters of a message, that every system takes as arguments of a command."""

_LOCAL = (
    *("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR"),
    *("GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_NAMESPACE"),
    *("GIT_GRAFT_FILE", "GIT_SHALLOW_FILE", "GIT_IMPLICIT_WORK_TREE", "GIT_REPLACE_REF_BASE"),
)
"""Variables that would make git look at another repository, as in a hook."""
_SET = (
    *("core.quotepath=off", "i18n.commitEncoding=UTF-8", "i18n.logOutputEncoding=UTF-8"),
    *("log.follow=false", "log.showSignature=false", "log.diffMerges=separate"),
)
"""Settings of a user's own that would change what git tells us, or how it keeps what we tell it."""
_SIGNED = ("commit", "commit-tree", "merge")
"""Commands that say by whom a commit is."""


class GitFailed(DunctlError):
    """A git command that did not work; the text is git's own."""


class NoAnswer(GitFailed):
    """A git that did not run, or was killed: it says neither yes nor no."""


def run(root: Path, *arguments: str) -> str:
    """Run git in ``root`` and return what it prints. Raises ``GitFailed``."""
    return _run(root, arguments).decode("utf-8", "replace")


def _run(root: Path, arguments: Sequence[str], given: bytes = b"") -> bytes:
    done = _done(root, arguments, given)
    if done.returncode > 0 and arguments[0] in _SIGNED and (name := stand_in(root)):
        done = _done(root, (*_by(name), *arguments), given)
    if done.returncode:
        said = (done.stderr or done.stdout).decode("utf-8", "replace").strip()
        kind = NoAnswer if done.returncode < 0 else GitFailed
        raise kind(said or f"git {arguments[0]} failed")
    return done.stdout


def _done(root: Path, arguments: Sequence[str], given: bytes) -> CompletedProcess[bytes]:
    import subprocess

    environment = {k: v for k, v in os.environ.items() if k not in _LOCAL}
    environment["DUNCTL_COMMITS"] = "1"
    try:
        return subprocess.run(
            ["git", "--literal-pathspecs", *(w for one in _SET for w in ("-c", one)), *arguments],
            cwd=root,
            env=environment,
            capture_output=True,
            check=False,
            input=given,
        )
    except FileNotFoundError as error:
        raise NoAnswer("git is not installed") from error
    except OSError as error:
        raise NoAnswer(f"git does not run: {error.strerror or error}") from error


def stand_in(root: Path) -> str:
    """Return by whom commits are where git does not know who is at the keyboard, else nothing.

    Nothing either where git was told not to go by anything else (``user.useConfigOnly``).
    """
    if not _done(root, ("var", "GIT_COMMITTER_IDENT"), b"").returncode:
        return ""
    strict = _asked(root, "config", "--type=bool", "user.useConfigOnly")
    return "" if strict == "true\n" else user(root)


def me(root: Path) -> str:
    """Return by whom commits are, ``NAME <EMAIL>``; nothing if git has to do without anybody."""
    ident = _asked(root, *_by(stand_in(root)), "var", "GIT_AUTHOR_IDENT") or ""
    name, end, _ = ident.rpartition(">")
    return name + end


def _by(name: str) -> tuple[str, ...]:
    """Return the settings of git for commits of somebody whom it does not know."""
    return ("-c", f"user.name={name}", "-c", "user.email=") if name else ()


def user(root: Path) -> str:
    """Return who is at the keyboard: ``DUNCTL_USER``, git's user.name, or the login name."""
    if os.environ.get("DUNCTL_USER"):
        return os.environ["DUNCTL_USER"]
    with suppress(NoAnswer):
        if name := (_asked(root, "config", "user.name") or "").strip():
            return name
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def _asked(root: Path, *arguments: str) -> str | None:
    """Return what git prints, or ``None`` where it says no. Raises ``NoAnswer``."""
    try:
        return run(root, *arguments)
    except NoAnswer:
        raise
    except GitFailed:
        return None


def is_repository(root: Path) -> bool:
    """Return whether ``root`` lies in a git work tree."""
    return any((folder / ".git").exists() for folder in (root, *root.parents))


def commit(root: Path, paths: Sequence[Path], message: str) -> None:
    """Commit exactly these paths, whatever else is staged. Raises ``GitFailed``."""
    names = [str(path.relative_to(root)) for path in paths]
    these, given = ["--", *names], b""
    if len(names) > MANY:
        these = ["--pathspec-from-file=-", "--pathspec-file-nul"]
        given = b"\0".join(map(os.fsencode, names))
    alone = len(names) == 1  # with a case that is there already goes what is new
    if not alone or _asked(root, "ls-files", "--error-unmatch", *these) is None:
        _run(root, ("add", "--all", *these), given)
    _run(root, ("commit", "--quiet", "--only", "--message", message[:MOST], *these), given)


def commits(root: Path, folder: str, most: int) -> list[tuple[str, str, str]]:
    """Return the newest commits that touched ``folder``: (hash, subject, body), newest first.

    Only commits of whoever is at the keyboard, whichever side of a merge they are on.
    """
    mine = ("--no-merges", "--no-mailmap", "--fixed-strings", f"--author={me(root)}")
    form = "--format=%H%x00%s%x00%b"
    out = run(root, "log", "-z", *mine, f"--max-count={most}", form, "--", folder)
    parts = out.removesuffix("\0").split("\0")
    return list(zip(parts[::3], parts[1::3], parts[2::3], strict=False))


def uncommitted(root: Path, folder: str) -> list[str]:
    """Return the files of ``folder`` whose content git does not have, as paths below ``root``."""
    out = run(
        root, "status", "--porcelain", "--no-renames", "--untracked-files=all", "-z", "--", folder
    )
    inside = prefix(root)
    names = [entry[3:].removeprefix(inside) for entry in out.split("\0") if entry]
    return [name for name in names if not files.is_temporary(name.rpartition("/")[2])]


def prefix(root: Path) -> str:
    """Return where ``root`` lies in its repository, with a slash behind it; nothing at the top."""
    return run(root, "rev-parse", "--show-prefix").strip("\n")


def unmerged(root: Path) -> dict[str, set[int]]:
    """Return the paths that a merge has left to settle, with their stages: 2 ours, 3 theirs."""
    found: dict[str, set[int]] = {}
    for entry in run(root, "ls-files", "--unmerged", "-z").split("\0")[:-1]:
        about, _, name = entry.partition("\t")
        found.setdefault(name, set()).add(int(about.rpartition(" ")[2]))
    return found


class Both(NamedTuple):
    """What a merge gives: the tree, what is left to settle in it, and what git said.

    What is ``left`` is by path as git's index has it: lines of mode, hash and stage, 2 for ours and
    3 for theirs.
    """

    tree: str
    left: dict[str, list[str]]
    said: str


def merged(root: Path, here: str, there: str) -> Both | None:
    """Merge two commits without touching a file; ``None`` from a git that cannot (before 2.38)."""
    done = _done(root, ("merge-tree", "--write-tree", "-z", here, there), b"")
    if done.returncode not in (0, 1):
        return None
    tree, *rest = os.fsdecode(done.stdout).split("\0")
    left: dict[str, list[str]] = {}
    inside = prefix(root)
    for line in rest[: rest.index("")]:
        about, _, path = line.partition("\t")
        left.setdefault(normpath(inside + path), []).append(about)
    conflicts = "\n".join(part.strip() for part in rest if part.startswith("CONFLICT"))
    return Both(tree, left, done.stderr.decode("utf-8", "replace").strip() or conflicts)


def await_merge(root: Path, both: Both, there: str, message: str) -> None:
    """Have git wait for the commit that ends a merge, with what is left to settle in it."""
    none = "0" * len(both.tree)
    lines = [f"0 {none}\t{path}\0" for path in both.left]
    lines += [f"{about}\t{path}\0" for path, found in both.left.items() for about in found]
    _run(root, ("update-index", "-z", "--index-info"), os.fsencode("".join(lines)))
    for name, text in (("MERGE_MSG", message), ("MERGE_HEAD", there)):
        path = root / run(root, "rev-parse", "--git-path", name).strip()
        files.put(path, f"{text}\n".encode())


def stage(root: Path, commit_id: str, names: Sequence[str]) -> None:
    """Have git take these files as they are in a commit for what is to be committed."""
    listed = b"\0".join(map(os.fsencode, names))
    options = ("--quiet", "--pathspec-from-file=-", "--pathspec-file-nul")
    _run(root, ("reset", *options, commit_id), listed)


def state(root: Path, paths: Sequence[str]) -> tuple[str | None, list[str]]:
    """Return the commit that is checked out, and which files below ``paths`` differ from it.

    These are paths in the repository. There is no commit before the first one.
    """
    options = ("--porcelain=v2", "--branch", "-z", "--no-renames", "--untracked-files=all")
    commit, beside = None, []
    for entry in run(root, "status", *options, "--", *paths).split("\0"):
        head, _, rest = entry.partition(" ")
        if head == "#":
            name, _, value = rest.partition(" ")
            commit = value if name == "branch.oid" and value != "(initial)" else commit
        elif head:
            beside.append(rest if head == "?" else rest.split(" ", 9 if head == "u" else 7)[-1])
    return commit, beside


def changed(root: Path, commit_id: str, folder: str) -> list[tuple[str, str]]:
    """Return what a commit did to files of ``folder``: (status letter, path below ``root``)."""
    out = run(
        root,
        "show",
        "--no-renames",
        "--name-status",
        "--format=",
        "--relative",
        "-z",
        commit_id,
        "--",
        folder,
    )
    parts = [part for part in out.split("\0") if part]
    return [(parts[n].strip(), parts[n + 1]) for n in range(0, len(parts) - 1, 2)]


def content(root: Path, commit_id: str, path: str) -> str | None:
    """Return the text of a file in a commit, or ``None`` if it was not there."""
    return _asked(root, "show", f"{commit_id}:./{path}")


def commit_named(root: Path, words: str) -> str | None:
    """Return the hash of the commit that ``words`` name as git does, or ``None``."""
    name = f"{words}^{{commit}}"
    found = _asked(root, "rev-parse", "--verify", "--quiet", "--end-of-options", name)
    return None if found is None else found.strip()


def snapshot(root: Path, commit_id: str, paths: Sequence[str]) -> Iterator[tuple[str, bool, bytes]]:
    """Yield what a commit has under ``paths`` of ``root``: (path, is it a link, content).

    The content is what git keeps, byte for byte; of a link it is where that leads. Raises
    ``GitFailed`` also where a part of it is not in this repository.
    """
    listed = os.fsdecode(_run(root, ("ls-tree", "-r", "-z", commit_id, "--", *paths)))
    blobs = []
    for line in listed.split("\0")[:-1]:
        about, _, path = line.partition("\t")
        mode, kind, blob = about.split(" ")
        if kind != "blob":
            raise GitFailed(f"{path} is a repository of its own")
        blobs.append((path, mode == "120000", blob))
    wanted = "".join(f"{blob}\n" for _, _, blob in blobs)
    kept = _run(root, ("cat-file", "--batch"), wanted.encode())
    start = 0
    for path, link, _ in blobs:
        head = kept.index(b"\n", start)
        size = kept[start:head].rpartition(b" ")[2]
        if not size.isdigit():
            raise GitFailed(f"{path} is not in this copy of the repository")
        start = head + 1 + int(size)
        yield path, link, kept[head + 1 : start]
        start += 1


def branch(root: Path) -> str:
    """Return the branch that is checked out, or nothing."""
    found = _asked(root, "symbolic-ref", "--quiet", "HEAD") or ""
    return found.strip().removeprefix("refs/heads/")


def count(root: Path, span: str) -> int:
    """Return how many commits a span such as ``A..B`` has."""
    return int(run(root, "rev-list", "--count", span, "--"))


def setting(root: Path, name: str) -> str:
    """Return a setting of this repository, or nothing."""
    return (_asked(root, "config", "--local", "--get", name) or "").strip("\n")


def merge_as_text(base: Path, ours: Path, theirs: Path) -> int:
    """Merge line by line into ``ours``, as git would; returns the number of conflicts."""
    names = [str(path.absolute()) for path in (ours, base, theirs)]
    try:
        run(ours.absolute().parent, "merge-file", "--quiet", *names)
    except GitFailed:
        return 1
    return 0


def texts(root: Path, blobs: Sequence[str]) -> dict[str, str]:
    """Return what git keeps under these hashes, as text; one that it has not is left out."""
    kept = _run(root, ("cat-file", "--batch"), "".join(f"{blob}\n" for blob in blobs).encode())
    found = {}
    start = 0
    for blob in blobs:
        head = kept.index(b"\n", start)
        size = kept[start:head].rpartition(b" ")[2]
        start = head + 1
        if size.isdigit():
            found[blob] = kept[start : start + int(size)].decode("utf-8", "replace")
            start += int(size) + 1
    return found


def empty_tree(root: Path) -> str:
    """Return the hash of the tree of a repository before its first commit."""
    return run(root, "hash-object", "-t", "tree", "--stdin").strip()


def fork(root: Path, parents: Sequence[str]) -> str:
    """Return the commit from which the parents of a merge went apart; nothing if there is none."""
    return (_asked(root, "merge-base", "--octopus", *parents) or "").strip()


def pairs(root: Path, old: str, new: str, folder: str) -> list[tuple[str, str | None, str | None]]:
    """Return the files of ``folder`` that differ between two commits: (path, old, new text)."""
    options = ("--raw", "-z", "--no-abbrev", "--no-renames", "--relative")
    parts = run(root, "diff", *options, old, new, "--", folder).split("\0")
    changed = []
    for about, name in zip(parts[::2], parts[1::2], strict=False):
        _, _, before, after, _ = about.split(" ")
        changed.append((name, before, after))
    kept = texts(root, sorted({blob for _, *both in changed for blob in both}))
    return [(name, kept.get(before), kept.get(after)) for name, before, after in changed]
