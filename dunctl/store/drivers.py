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


def lacking(root: Path) -> list[str]:
    """Return what is not as it should be: names of settings, and ``.gitattributes``."""
    if not git.is_repository(root):
        return []
    found = [] if _has_attributes(root) else [".gitattributes"]
    return found + [name for name in wanted() if not git.setting(root, name)]


def register(root: Path) -> list[Path]:
    """Make the settings of this clone right; returns the files to commit, if one was changed."""
    if not git.is_repository(root):
        return []
    for name, value in wanted().items():
        if git.setting(root, name) != value:
            git.run(root, "config", "--local", name, value)
    if _has_attributes(root):
        return []
    path = root / ".gitattributes"
    text = path.read_text("utf-8", "surrogateescape") if path.exists() else ""
    older = ("cases/*.toml -text", *ATTRIBUTES)
    kept = [line for line in text.splitlines() if line.strip() not in older]
    new = "\n".join([*kept, *ATTRIBUTES]) + "\n"
    files.put(path, new.encode("utf-8", "surrogateescape"))
    return [path]


def _has_attributes(root: Path) -> bool:
    path = root / ".gitattributes"
    return path.exists() and set(ATTRIBUTES) <= set(path.read_text("utf-8", "replace").splitlines())


def install_hook(root: Path) -> None:
    """Have git call ``check --against HEAD`` before each commit that is made by hand.

    Raises ``Refused`` where there is another hook already.
    """
    if not git.is_repository(root):
        raise Refused(t("this store is not in git, so it has no hooks (git init)"))
    path = (root / git.run(root, "rev-parse", "--git-path", "hooks/pre-commit").strip()).resolve()
    text = HOOK.format(program=_program(), store=quote(root.resolve().as_posix()))
    if path.exists() and path.read_bytes() != text.encode():
        raise Refused(
            t("{path} is there already: add to it: dunctl check --against HEAD", path=path)
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    files.put(path, text.encode(), mode=0o755)
