"""What git keeps of case files: each commit that touched one, with the texts before and after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from pathlib import Path

from dunctl.errors import Refused
from dunctl.store import git
from dunctl.tuples import NamedTuple
from dunctl.words import t


class Version(NamedTuple):
    """A case file in a commit. ``before`` has its text in each parent, ``base`` that of a merge.

    ``None`` stands for a file that is not there.
    """

    commit: str
    author: str
    at: datetime
    subject: str
    path: str
    before: tuple[str | None, ...]
    base: str | None
    text: str | None


class Span(NamedTuple):
    """From one commit (not included; a tree for the very beginning) to another."""

    start: str
    end: str


def span(root: Path, words: str | None, since: datetime) -> Span:
    """Return the commits that ``A..B`` names, or those since an instant. Raises ``Refused``."""
    if not git.is_repository(root):
        raise Refused(t("this store is not in git, so it has no history (git init)"))
    if words is None:
        before = git.run(root, "rev-list", "-1", f"--before={since.isoformat()}", "HEAD").strip()
        return Span(before or git.empty_tree(root), _commit(root, "HEAD"))
    start, dots, end = words.partition("..")
    if not dots:
        return Span(_commit(root, start), _commit(root, "HEAD"))
    return Span(_commit(root, start or "HEAD"), _commit(root, end.removeprefix(".") or "HEAD"))


def _commit(root: Path, words: str) -> str:
    found = git.commit_named(root, words)
    if found is None:
        raise Refused(t("there is no commit {commit}: see git log --oneline", commit=words))
    return found


def versions(root: Path, within: Span | None, path: str, zone: tzinfo) -> Iterator[Version]:
    """Yield what commits did to case files below ``path``, oldest first; days are of ``zone``."""
    limits = [within.end] if within else ["HEAD"]
    if within and within.start != git.empty_tree(root):
        limits.append(f"^{within.start}")
    form = "--format=%x01%H%x00%P%x00%an%x00%at%x00%s"
    options = ("--raw", "-z", "--no-abbrev", "--no-renames", "-m", "--relative", "--topo-order")
    out = git.run(root, "log", "--reverse", *options, form, *limits, "--", path)
    records = [_record(part, zone) for part in out.split("\x01")[1:]]
    wanted = {blob for _, files in records for _, old, new in files for blob in (old, new)}
    texts = git.texts(root, sorted(wanted))
    nth = 0
    while nth < len(records):
        head = records[nth][0]
        group = []
        while nth < len(records) and records[nth][0].commit == head.commit:
            group.append(records[nth][1])
            nth += 1
        for name in dict.fromkeys(name for files in group for name, _, _ in files):
            if name.endswith(".toml"):
                yield _version(root, head, name, group, texts)


class _Head(NamedTuple):
    commit: str
    parents: tuple[str, ...]
    author: str
    at: datetime
    subject: str


_File = tuple[str, str, str]


def _record(part: str, zone: tzinfo) -> tuple[_Head, list[_File]]:
    commit, parents, author, at, subject, *rest = part.split("\0")
    when = datetime.fromtimestamp(int(at), zone)
    head = _Head(commit, tuple(parents.split()), author, when, subject)
    fields = [field for field in (one.strip("\n") for one in rest) if field]
    files = []
    for about, name in zip(fields[::2], fields[1::2], strict=False):
        _, _, old, new, _ = about.split(" ")
        files.append((name, old, new))
    return head, files


def _version(
    root: Path, head: _Head, name: str, group: Sequence[list[_File]], texts: dict[str, str]
) -> Version:
    known = [(old, new) for files in group for file, old, new in files if file == name]
    text = texts.get(known[0][1])
    before = [texts.get(old) for old, _ in known]
    merge = len(head.parents) > 1
    base = None
    if merge:
        before += [text] * (len(head.parents) - len(before))
        base = git.content(root, git.fork(root, head.parents), name)
    return Version(head.commit, head.author, head.at, head.subject, name, tuple(before), base, text)
