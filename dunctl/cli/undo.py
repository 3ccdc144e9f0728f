"""``dunctl undo``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click

from dunctl.case import edit
from dunctl.case.handles import handles
from dunctl.case.parse import parse
from dunctl.case.records import ENTRY_CLASSES, Case, Head, Void, keys
from dunctl.case.toml import loads
from dunctl.cli.verb import Seat, verb, zone
from dunctl.errors import Refused
from dunctl.show.text import clean
from dunctl.store import files, git
from dunctl.store import store as stores
from dunctl.words import t

FAR = 200
"""How many commits undo looks back for one that still stands."""

_TAKES_BACK = "This takes back commit {}."
_Edit = tuple[Path, str, str | None]
_OF_MANY = r"import of |\d+ steps on the ladder|letters written: "


@verb("undo")
def command(seat: Seat) -> None:
    """Take back what your last command wrote.

    In every case it touched, entries are voided, facts get their old value again, and a case that
    was just opened goes away; git keeps it all. Called again, it takes back the command before.
    What a colleague wrote stays.

    Example: dunctl undo
    """
    store = seat.store
    if not git.is_repository(store.root):
        raise Refused(
            t("undo needs git's history; take an entry back with dunctl void CASE HANDLE")
        )
    with files.locked(store.root):
        for name in git.uncommitted(store.root, "cases"):
            if name.endswith(".toml"):
                raise Refused(
                    t("{path} has changes that git does not have: commit them first", path=name)
                )
        gone: set[str] = set()
        for commit_id, subject, body in git.commits(store.root, "cases", FAR):
            taken = re.match(_TAKES_BACK.format("([0-9a-f]+)"), body)
            if taken:
                gone.add(taken[1])
            elif commit_id not in gone:
                edits = _edits(seat, commit_id, subject)
                if edits:
                    reason = _TAKES_BACK.format(commit_id)
                    stores.replace_all(store, edits, f"undo: {subject}\n\n{reason}")
                    click.echo(clean(f"undo: {subject}"))
                    return
    raise Refused(t("there is nothing to undo"))


def _edits(seat: Seat, commit_id: str, subject: str) -> list[_Edit]:
    """Return what takes a commit back, as far as it still stands: path, text now, text then.

    Nothing for a commit that somebody made by hand: a command says which case it is about.
    """
    found: list[_Edit] = []
    root = seat.store.root
    changed = git.changed(root, commit_id, "cases")
    if not _by_a_command(subject, [Path(name).stem for _, name in changed]):
        return []
    for status, name in changed:
        path = root / name
        if not name.endswith(".toml") or status not in ("A", "M") or _is_odd(path):
            continue
        try:
            text = files.read_text(path)
        except files.Unreadable as error:
            raise Refused(f"{name}:{error.line}: {error}") from error
        try:
            before = loads(_then(root, f"{commit_id}~1", name)) if status == "M" else {}
            after = loads(_then(root, commit_id, name))
        except ValueError:
            continue
        case, _ = parse(text, path.stem, name)
        if case is None:
            raise Refused(t("{path} cannot be read: mend it first (dunctl check)", path=name))
        new: str | None
        if status == "A" and _still(case, after):
            new = None
        else:
            if status == "A":
                before = {k: v for k, v in after.items() if k not in ENTRY_CLASSES}
            new = _taken_back(seat, case, text, before, after)
        if new != text:
            found.append((path, text, new))
    return found


def _then(root: Path, commit_id: str, name: str) -> str:
    """Return what a commit has of a case; without it everything would seem to be new."""
    text = git.content(root, commit_id, name)
    if text is None:
        raise Refused(t("git cannot show {path} as it was: see git fsck", path=name))
    return text


def _by_a_command(subject: str, case_ids: list[str]) -> bool:
    of_one = tuple(f"{case_id}: " for case_id in case_ids)
    return subject.startswith(of_one) or re.match(_OF_MANY, subject) is not None


def _is_odd(path: Path) -> bool:
    return path.is_symlink() or not path.is_file()


def _still(case: Case, opened: dict[str, Any]) -> bool:
    """Return whether a case is as it was opened: the same facts, and nothing counts beside."""
    names = handles(case.data)
    counting = {names[e.kind, e.nth] for e in case.journal if not isinstance(e.record, Void)}
    facts = {k: v for k, v in case.data.items() if k not in ENTRY_CLASSES}
    return counting <= set(handles(opened).values()) and facts == {
        k: v for k, v in opened.items() if k not in ENTRY_CLASSES
    }


def _taken_back(
    seat: Seat, case: Case, text: str, before: dict[str, Any], after: dict[str, Any]
) -> str:
    """Return the text with the entries of a commit voided and its facts set back.

    A commit that changed or took away entries or people was made by hand: it is left alone.
    """
    now = handles(case.data)
    counting = {now[e.kind, e.nth] for e in case.journal}
    added = set(handles(after).values()) - set(handles(before).values())
    if set(handles(before).values()) - set(handles(after).values()) or any(
        len(before.get(rows, ())) > len(after.get(rows, ())) for rows in _ROWS
    ):
        return text
    stamp = seat.now.astimezone(zone(seat, case)).replace(microsecond=0)
    by = stores.user(seat.store)
    voids = [
        ("void", edit.to_table(Void(stamp, handle, "undone", by)))
        for handle in sorted(added & counting)
    ]
    text = edit.append(text, voids) if voids else text
    for path, was, became in _changed_facts(before, after):
        if _at(case.data, path) == became:
            added_table = path in _fact_tables(after)
            text = edit.drop_table(text, path) if added_table else edit.set_key(text, path, was)
    return text


_Path = tuple[str | int, ...]
_ROWS = ("person", "income")


def _changed_facts(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[_Path, Any, Any]]:
    """Return what a commit changed in the facts: (path, old value, new value); last first."""
    changes: list[tuple[_Path, Any, Any]] = []
    earlier = _fact_tables(before)
    for path, table in reversed(_fact_tables(after).items()):
        was = earlier.get(path)
        if was is None:
            changes.append((path, None, table))
            continue
        changes += [
            ((*path, name), was.get(name), table.get(name))
            for name in {**was, **table}
            if was.get(name) != table.get(name)
        ]
    return changes


def _fact_tables(data: dict[str, Any]) -> dict[_Path, dict[str, Any]]:
    """Return the facts table by table: the head, [debtor], [terms], each person and income."""
    found: dict[_Path, Any] = {(): {k: v for k, v in data.items() if k in keys(Head)}}
    found |= {(name,): data.get(name) for name in ("debtor", "terms", "supply")}
    for name in _ROWS:
        found |= {(name, nth): row for nth, row in enumerate(data.get(name, ()))}
    return {path: table for path, table in found.items() if isinstance(table, dict)}


def _at(data: Any, path: _Path) -> Any:
    for key in path:
        try:
            data = data[key]
        except (KeyError, IndexError, TypeError):
            return None
    return data
