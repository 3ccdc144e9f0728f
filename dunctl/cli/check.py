"""``dunctl check``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

import click

from dunctl.case.checks import day_of
from dunctl.case.fields import closest
from dunctl.case.lines import line_of, line_of_table, locate
from dunctl.case.records import Case, Invoice, moment, of, pairs
from dunctl.cli.limitation import deadlines, unknown
from dunctl.cli.verb import Seat, verb, warn
from dunctl.errors import Problem, Refused
from dunctl.letters.fields import CREDITOR, unknown_keys
from dunctl.owed.claims import owed
from dunctl.owed.unknown import may_be_unknown
from dunctl.show.text import as_json, clean, problem_list
from dunctl.store import store as stores
from dunctl.store.config import NAME
from dunctl.store.cores import each
from dunctl.store.files import is_case
from dunctl.words import counted, t

_SOON = 300
"""Days from which on a day ahead of us has a wrong year: a clock may be off, not by so much."""
_COPIES = ("~", ".bak", ".orig", ".rej", ".swp", ".tmp")
"""How the copies end that editors and merges leave."""


@verb("check")
@click.argument("paths", nargs=-1, metavar="[PATH…]")
@click.option("--against", metavar="REV", help="Also: nothing that this commit has is rewritten.")
@click.option(
    "--fix", is_flag=True, help="Tell git how to merge and show case files, in this clone."
)
@click.option("--hook", is_flag=True, help="Check before each commit that is made by hand.")
@click.option("--json", "json_", is_flag=True, help="As JSON.")
def command(
    seat: Seat, paths: tuple[str, ...], against: str | None, fix: bool, hook: bool, json_: bool
) -> int:
    """Report every problem of every case file.

    A line each, path:line: message; exit 1 if there is any. PATH is a case file or a folder of
    them; all of the store by default. What may soon be time-barred is named too, at the entry from
    which the time is counted, and what cannot be computed of what is owed today, with what would
    help; those are no faults of the file, and no exit 1.

    Example: dunctl check cases/acme.toml
    """
    if fix or hook:
        _register(seat, hook=hook)
    found, problems = _files(seat, paths)
    problems += () if paths else _unprinted(seat)
    doubtful = may_be_unknown(seat.law(), seat.today)  # read here, so that the copies have the law
    notices: list[Problem] = []
    first: dict[int, str] = {}
    for (_, path), (wrong, soon, debt) in zip(
        found, each(partial(_of_some, seat, doubtful), found), strict=True
    ):
        problems += wrong
        notices += soon
        if debt and not paths and first.setdefault(debt, path) != path:
            problems.append(_copied(path, first[debt]))
    if against:
        problems += _rewritten(seat, against)
    shown = sorted([*problems, *notices], key=lambda p: (p.path, p.line, p.message))
    if json_:
        click.echo(as_json(problem_list(shown)))
    else:
        for problem in shown:
            click.echo(clean(problem))
        if not problems:
            click.echo(counted(len(found), "{n} case, no problem", "{n} cases, no problem"))
    return 1 if problems else 0


def _files(seat: Seat, paths: tuple[str, ...]) -> tuple[list[tuple[Path, str]], list[Problem]]:
    """Return the files to check and what messages call them; and what is no case file at all."""
    store = seat.store
    folder = stores.cases_folder(store)
    if not paths:
        names, odd = stores.ids(store)
        stores.policy(store, store.config.policy)
        files = [(folder / f"{name}.toml", f"cases/{name}.toml") for name in names]
        return files, [*odd, *_astray(folder)]
    found: list[Path] = []
    problems: list[Problem] = []
    for words in paths:
        path = Path(words)
        if path.is_dir():
            names, odd = stores.ids_in(path, str(path))
            problems += odd
            found += [path / f"{name}.toml" for name in names]
        elif path.is_file():
            found.append(path)
        elif is_case(folder, words):
            found.append(folder / f"{words}.toml")
        else:
            raise Refused(t("there is no file or case {path}", path=words))
    return [(file, str(file)) for file in found], problems


def _astray(folder: Path) -> Iterator[Problem]:
    """Yield a problem for each file that looks like a case and is not read, for its name."""
    for file in sorted(folder.glob("*")):
        name = file.name
        meant = ".toml" in name.casefold() and not name.endswith((".toml", *_COPIES))
        if meant and not name.startswith(".") and file.is_file():
            message = t("is not read: the name of a case file ends in .toml")
            yield Problem(f"cases/{name}", 1, message, "notice")


def _copied(path: str, other: str) -> Problem:
    message = t("has the debtor and the invoices of {other}: delete one of the two", other=other)
    return Problem(path, 1, message, "notice")


def _debt(case: Case) -> int | None:
    """Return a hash of what no two cases have in common: the debtor with all its invoices."""
    invoices = frozenset((i.number, i.due) for i in of(case, Invoice))
    return hash((case.debtor.name, invoices)) if invoices else None


_Found = tuple[list[Problem], list[Problem], int | None]


def _of_some(
    seat: Seat, doubtful: Callable[[Case], bool], files: Sequence[tuple[Path, str]]
) -> list[_Found]:
    return [_of_one(seat, doubtful, read) for read in stores.read_paths(seat.store, files)]


def _of_one(seat: Seat, doubtful: Callable[[Case], bool], read: stores.Read) -> _Found:
    """Return what is wrong with a file, what may soon be time-barred or is not known, its debt."""
    notices = deadlines(seat, [read])
    if read.case is not None and read.sound and doubtful(read.case):
        notices += _uncomputed(seat, read, read.case)
    wrong = [*read.problems, *unknown(seat, [read])]
    if read.case is not None:
        wrong += _to_come(seat, read, read.case)
    return wrong, notices, _debt(read.case) if read.case else None


def _to_come(seat: Seat, read: stores.Read, case: Case) -> Iterator[Problem]:
    """Yield a notice for what is said to have happened on a day that is far ahead."""
    last = seat.today + timedelta(days=_SOON)
    for cls, entries in case.journal.by_class.items():
        for entry in reversed(entries if cls is not Invoice else ()):
            day = day_of(moment(entry.record))
            if day <= last:
                break
            key = "at" if "at" in entry.record._fields else "on"
            line = line_of(locate(read.text), (entry.kind, entry.nth, key))
            message = t("{day} is far ahead: this counts for nothing until then", day=day)
            yield Problem(read.path, line, message, "notice")


def _unprinted(seat: Seat) -> Iterator[Problem]:
    """Yield a notice for each key of ours in dunctl.toml that neither we nor a template knows."""
    root = seat.store.root
    own = [file.read_text("utf-8", "replace") for file in root.glob("templates/*/*.md")]
    for path in unknown_keys(seat.store.config.creditor):
        if not any(".".join(path) in template for template in own):
            line = line_of(locate((root / NAME).read_text("utf-8")), path)
            hint = closest(path[-1], sorted(CREDITOR[path[:-1]]))
            message = t("unknown key {key}: no letter prints it", key=path[-1]) + hint
            yield Problem(NAME, line, message, "notice")


def _uncomputed(seat: Seat, read: stores.Read, case: Case) -> Iterator[Problem]:
    """Yield what cannot be computed of what is owed today, at the first invoice concerned."""
    found = owed(case, seat.today, seat.law())
    for sentence in found.problems:
        why = {one.number: one.interest.unknown for one in found.invoices}
        named = {number for number, unknown in why.items() if unknown and unknown in sentence}
        where = next((e for e, invoice in pairs(case, Invoice) if invoice.number in named), None)
        line = line_of_table(read.text, (where.kind, where.nth)) if where else 1
        yield Problem(read.path, line, sentence, "notice")


def _register(seat: Seat, *, hook: bool) -> None:
    from dunctl.store import drivers, git

    if git.is_repository(seat.store.root):
        drivers.register(seat.store.root)
        if drivers.settled(seat.store.root):
            warn(drivers.SUBJECT)
    if hook:
        drivers.install_hook(seat.store.root)


def _rewritten(seat: Seat, commit: str) -> list[Problem]:
    """Return a problem for each entry of a commit that the files have edited or lost."""
    from dunctl.show.review import rewritten_lines
    from dunctl.store import git
    from dunctl.store.review import against

    root = seat.store.root
    known = git.commit_named(root, commit) if git.is_repository(root) else None
    if known is None:
        raise Refused(t("there is no commit {commit}: see git log --oneline", commit=commit))
    rows = against(root, known)
    told = rewritten_lines(rows, seat.today)
    return [
        Problem(row.version.path, 1, text.removeprefix(f"{row.version.path}: "))
        for row, text in zip(rows, told, strict=True)
    ]
