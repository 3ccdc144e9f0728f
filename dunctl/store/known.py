"""A store as it was in a commit: its files of then, in a folder of their own, only to read."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from dunctl.errors import Refused
from dunctl.store import config, git
from dunctl.words import t

PARTS = (config.NAME, "cases", "policies", "templates")
"""What answers are made from."""


@contextmanager
def known_at(root: Path, commit: str, parts: Sequence[str] = PARTS) -> Iterator[Path]:
    """Give the root of the store as it was in ``commit``; the folder is gone afterwards.

    Of it there are ``parts``. The content is git's, byte for byte. Raises ``Refused`` where there
    is no such commit, or no store in it.
    """
    from tempfile import TemporaryDirectory

    if not git.is_repository(root):
        raise Refused(
            t("--as-known-at needs git's history, and this store is not in git (git init)")
        )
    commit_id = git.commit_named(root, commit)
    if commit_id is None:
        raise Refused(t("there is no commit {commit}: see git log --oneline", commit=commit))
    with TemporaryDirectory(prefix="dunctl-") as folder:
        then = Path(folder).resolve()
        try:
            for name, link, content in git.snapshot(root, commit_id, parts):
                _put(then, name, link, content)
        except git.GitFailed as error:
            raise Refused(t("git cannot show {commit}: {why}", commit=commit, why=error)) from error
        if not (then / config.NAME).is_file():
            raise Refused(
                t(
                    "there was no store in {commit}: it has no {file}",
                    commit=commit,
                    file=config.NAME,
                )
            )
        _keep_calendars(root, then)
        yield then


def _put(then: Path, name: str, link: bool, content: bytes) -> None:
    parts = PurePosixPath(name).parts
    if ".." in parts:
        return
    path = then.joinpath(*parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    if link and len(parts) == 1:
        raise git.GitFailed(f"{name} is a link out of it")
    if link:
        path.symlink_to(os.fsdecode(content))
    else:
        path.write_bytes(content)


def _keep_calendars(root: Path, then: Path) -> None:
    """Take along what is known of calendars, which no commit changes: it takes long to work out."""
    from dunctl.store.calendars import NAME

    try:
        known = (root / ".dunctl" / NAME).read_bytes()
    except OSError:
        return
    (then / ".dunctl").mkdir()
    (then / ".dunctl" / NAME).write_bytes(known)
