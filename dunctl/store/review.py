"""The commits of a span, read for a review: both versions of each case, who wrote what, by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

from dunctl.case.changes import changes, lost
from dunctl.case.handles import digest
from dunctl.case.parse import parse
from dunctl.case.records import Case
from dunctl.case.toml import loads
from dunctl.errors import Problem
from dunctl.owed.review import CaseReview, review_case
from dunctl.store import git
from dunctl.store.history import Span, Version, versions
from dunctl.tuples import NamedTuple

_UNKNOWN = datetime.fromtimestamp(0, UTC)


class Rewritten(NamedTuple):
    """An earlier entry that a commit edited or lost: what it said, and what it says now if any."""

    version: Version
    currency: str
    kind: str
    old: Mapping[str, Any]
    new: Mapping[str, Any] | None


class Review(NamedTuple):
    """A span of commits: who made how many, the cases, who wrote which entry, what was rewritten.

    ``writers`` are by the mark of the entry. ``problems`` name the versions that are no case.
    """

    span: Span
    commits: Mapping[str, int]
    cases: tuple[CaseReview, ...]
    writers: Mapping[str, str]
    rewritten: tuple[Rewritten, ...]
    problems: tuple[Problem, ...]


def review(root: Path, span: Span, zone: tzinfo) -> Review:
    """Compare the case files of two commits, and look at each commit between them."""
    steps = list(mended(versions(root, span, "cases", zone)))
    authors = {step.commit: step.author for step in steps if len(step.before) < 2}
    writers: dict[str, str] = {}
    for step in steps:
        for mark in _added(step):
            writers.setdefault(mark, step.author)
    problems: list[Problem] = []
    cases = []
    for name, old, new in git.pairs(root, span.start, span.end, "cases"):
        if not name.endswith(".toml"):
            continue
        case_id = Path(name).stem
        one, two = (
            _case(text, case_id, f"{commit[:7]}:{name}", problems)
            for text, commit in ((old, span.start), (new, span.end))
        )
        cases.append(review_case(case_id, one, two))
    rewritten = tuple(one for step in steps for one in rewriting(step))
    found = Counter(authors.values())
    return Review(span, dict(found), tuple(cases), writers, rewritten, tuple(problems))


def mended(steps: Iterable[Version]) -> Iterator[Version]:
    """Yield versions; one that was made of what is no TOML is one of what was there before that."""
    instead: dict[str | None, str | None] = {}
    for step in steps:
        before = tuple(instead.get(text, text) for text in step.before)
        if step.text is not None and not data_of(step.text):
            instead[step.text] = before[0]
        yield step._replace(before=before, base=instead.get(step.base, step.base))


def _case(text: str | None, case_id: str, path: str, problems: list[Problem]) -> Case | None:
    if text is None:
        return None
    case, found = parse(text, case_id, path)
    problems += [problem for problem in found if problem.level == "error"]
    return case


def data_of(text: str | None) -> dict[str, Any]:
    """Return the data of a version; nothing of one that is not there, or no TOML."""
    try:
        return loads(text) if text is not None else {}
    except ValueError:
        return {}


def _added(step: Version) -> list[str]:
    new = data_of(step.text)
    known = [data_of(text) for text in step.before]
    found = [set(changes(old, new).added) for old in known] or [set()]
    return [digest(kind, new[kind][nth]) for kind, nth in set.intersection(*found)]


def rewriting(step: Version) -> list[Rewritten]:
    """Return the earlier entries that a commit edited or took out; a merge: what it lost.

    A version that is no TOML is passed over: it is compared when it is mended (``mended``).
    """
    sides = [data_of(text) for text in step.before]
    new = data_of(step.text)
    if step.text is not None and not new:
        return []
    if len(sides) > 1:
        gone = lost(data_of(step.base), sides, new)
        return [
            Rewritten(step, _currency(sides[n]), kind, sides[n][kind][nth], None)
            for n, (kind, nth) in gone
        ]
    old = sides[0] if sides else {}
    found = changes(old, new)
    rows = [
        Rewritten(step, _currency(old), kind, old[kind][nth], new[to_kind][to])
        for (kind, nth), (to_kind, to) in found.edited
    ]
    rows += [
        Rewritten(step, _currency(old), kind, old[kind][nth], None) for kind, nth in found.gone
    ]
    return rows


def _currency(data: Mapping[str, Any]) -> str:
    return str(data.get("currency", ""))


def against(root: Path, commit: str) -> list[Rewritten]:
    """Return what the files now have edited or lost of the entries that a commit has."""
    found: list[Rewritten] = []
    for name, _, content in git.snapshot(root, commit, ["cases"]):
        if not name.endswith(".toml"):
            continue
        path = root / name
        text = path.read_bytes().decode("utf-8", "replace") if path.is_file() else None
        old = content.decode("utf-8", "replace")
        if text != old:
            found += rewriting(Version("", "", _UNKNOWN, "", name, (old,), None, text))
    return found
