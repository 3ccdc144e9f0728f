"""How git is told to put case files together and to show what changed in them in words.

``.gitattributes`` goes with the repository; the two commands that it names are a setting of each
clone, because a repository may not bring commands along.
"""

from __future__ import annotations

import sys
from pathlib import Path
from shlex import quote

from dunctl.errors import Refused
from dunctl.store import files, git
from dunctl.words import t

ATTRIBUTES = ("cases/*.toml -text merge=dunctl diff=dunctl", "letters/** -text")
"""Case files are put together entry by entry; neither they nor letters get other line ends."""

_NAME = ".gitattributes"
SUBJECT = f"{_NAME}: git has dunctl put case files together, entry by entry"
_OLDER = ("cases/*.toml -text", *ATTRIBUTES)

HOOK = """\
#!/bin/sh
# No case file with an error, and no earlier entry rewritten; dunctl proves its own commits itself.
[ -n "$DUNCTL_COMMITS" ] && exit 0
git rev-parse --quiet --verify HEAD >/dev/null || exit 0
exec {program} --store {store} check --against HEAD
"""


def _program() -> str:
    return f"{quote(Path(sys.executable).as_posix())} -m dunctl"


def wanted() -> dict[str, str]:
    """Return the settings of a clone, with the Python that runs now."""
    program = _program()
    return {
        "merge.dunctl.name": "case files, entry by entry",
        "merge.dunctl.driver": f"{program} merge-file %O %A %B %P",
        "diff.dunctl.textconv": f"{program} in-words",
    }


def register(root: Path) -> None:
    """Make the settings of this clone right."""
    for name, value in wanted().items():
        if git.setting(root, name) != value:
            git.run(root, "config", "--local", name, value)


def assign(root: Path) -> list[Path]:
    """Have ``.gitattributes`` give case files to the drivers; returns it if it is to be committed.

    Raises ``Refused``, and nothing is written, where somebody's changes in it are not committed.
    """
    path = root / _NAME
    plain = path.exists() and not path.is_symlink()
    text = path.read_text("utf-8", "surrogateescape") if plain else ""
    new = _with_ours(text)
    if git.uncommitted(root, _NAME):
        kept = git.content(root, "HEAD", _NAME) or ""
        if new == text == kept:
            git.stage(root, "HEAD", [_NAME])
            return []
        if new == text == _with_ours(kept):
            return [path]
        if new != text:
            raise Refused(
                t(
                    "{path} has changes that git does not have, and lacks what gives case files "
                    "to dunctl: git add {path} and git commit, then try again",
                    path=_NAME,
                )
            )
    if new == text:
        return []
    files.put(path, new.encode("utf-8", "surrogateescape"))
    return [path]


def settled(root: Path) -> bool:
    """Commit ``.gitattributes`` if it had to be written; returns whether it had.

    Raises ``Refused`` as ``assign`` does, and where git does not commit.
    """
    written = assign(root)
    if written:
        try:
            git.commit(root, written, SUBJECT)
        except git.GitFailed as error:
            raise Refused(t("git did not commit {path}: {why}", path=_NAME, why=error)) from error
    return bool(written)


def _with_ours(text: str) -> str:
    lines = text.splitlines()
    if set(ATTRIBUTES) <= set(lines):
        return text
    kept = [line for line in lines if line.strip() not in _OLDER]
    return "\n".join([*kept, *ATTRIBUTES]) + "\n"


def install_hook(root: Path) -> None:
    """Have git call ``check --against HEAD`` before each commit that is made by hand.

    Raises ``Refused`` where there is another hook already, and where it would be one of other
    repositories too.
    """
    if not git.is_repository(root):
        raise Refused(t("this store is not in git, so it has no hooks (git init)"))
    path = (root / git.run(root, "rev-parse", "--git-path", "hooks/pre-commit").strip()).resolve()
    own = git.run(root, "rev-parse", "--git-common-dir", "--show-toplevel").splitlines()
    if not any(path.is_relative_to((root / folder).resolve()) for folder in own):
        raise Refused(
            t(
                "{path} would be a hook of other repositories too (core.hooksPath): "
                "git config core.hooksPath .git/hooks, then try again",
                path=path,
            )
        )
    text = HOOK.format(program=_program(), store=quote(f"./{git.prefix(root)}"))
    if path.exists() and not _is_ours(path.read_bytes().decode("utf-8", "replace")):
        raise Refused(
            t("{path} is there already: add to it: dunctl check --against HEAD", path=path)
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    files.put(path, text.encode(), mode=0o755)


def _is_ours(hook: str) -> bool:
    """Return whether a hook is the one that we write, perhaps for another Python or folder."""
    before, command, _ = HOOK.partition("exec ")
    return hook.startswith(before + command) and hook.count("\n") == HOOK.count("\n")
