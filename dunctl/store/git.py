"""The one place that runs git."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from dunctl.errors import DunctlError

MANY, MOST = 200, 20_000
"""Paths, and characters of a message, that every system takes as arguments of a command."""

_LOCAL = (
    *("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR"),
    *("GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_NAMESPACE"),
    *("GIT_GRAFT_FILE", "GIT_SHALLOW_FILE", "GIT_IMPLICIT_WORK_TREE", "GIT_REPLACE_REF_BASE"),
)
"""Variables that would make git look at another repository, as in a hook."""


class GitFailed(DunctlError):
    """A git command that did not work; the text is git's own."""


def run(root: Path, *arguments: str) -> str:
    """Run git in ``root`` and return what it prints. Raises ``GitFailed``."""
    environment = {k: v for k, v in os.environ.items() if k not in _LOCAL}
    try:
        done = subprocess.run(
            ["git", "--literal-pathspecs", "-c", "core.quotepath=off", *arguments],
            cwd=root,
            env=environment,
            capture_output=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except FileNotFoundError as error:
        raise GitFailed("git is not installed") from error
    except OSError as error:
        raise GitFailed(f"git does not run: {error.strerror or error}") from error
    if done.returncode:
        said = (done.stderr or done.stdout).decode("utf-8", "replace").strip()
        raise GitFailed(said or f"git {arguments[0]} failed")
    return done.stdout.decode("utf-8", "replace")


def is_repository(root: Path) -> bool:
    """Return whether ``root`` lies in a git work tree."""
    return any((folder / ".git").exists() for folder in (root, *root.parents))


def commit(root: Path, paths: Sequence[Path], message: str) -> None:
    """Commit exactly these paths, whatever else is staged. Raises ``GitFailed``."""
    names = [str(path.relative_to(root)) for path in paths]
    these = ["--", *names]
    if len(names) > MANY:
        listed = root / ".dunctl" / "paths"
        listed.write_bytes(b"\0".join(map(os.fsencode, names)))
        these = [f"--pathspec-from-file={listed}", "--pathspec-file-nul"]
    run(root, "add", "--all", *these)
    run(root, "commit", "--quiet", "--only", "--message", message[:MOST], *these)


def commits(root: Path, folder: str, most: int) -> list[tuple[str, str, str]]:
    """Return the newest commits that touched ``folder``: (hash, subject, body), newest first.

    Only commits made here: what a merge brought in is somebody else's.
    """
    mine = ("--first-parent", "--no-merges")
    form = "--format=%H%x00%s%x00%b"
    out = run(root, "log", "-z", *mine, f"--max-count={most}", form, "--", folder)
    parts = out.removesuffix("\0").split("\0")
    return list(zip(parts[::3], parts[1::3], parts[2::3], strict=False))


def uncommitted(root: Path, folder: str) -> list[str]:
    """Return the files of ``folder`` whose content git does not have, as paths below ``root``."""
    out = run(
        root, "status", "--porcelain", "--no-renames", "--untracked-files=all", "-z", "--", folder
    )
    prefix = run(root, "rev-parse", "--show-prefix").strip("\n")
    return [entry[3:].removeprefix(prefix) for entry in out.split("\0") if entry]


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
    try:
        return run(root, "show", f"{commit_id}:./{path}")
    except GitFailed:
        return None
