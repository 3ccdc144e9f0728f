"""How long the commands take on books of many cases, beside other programs with as many items.

python -m bench.commands [--write] [--runs N] [--books FOLDER] [CASES …]

Whole processes, in turn with those of todoman, taskwarrior and hledger where these are installed.
The page goes to standard output, with ``--write`` into docs/performance.md. Books are made once and
kept in the folder.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain, repeat
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import NamedTuple

from bench import page
from bench.peers import CACHE, INSTALL, Peer, peers
from bench.timing import LONGEST, Runs, TooLong, run

CASES = (1_000, 10_000, 100_000)
FEWER, MANY = 2, 100_000
"""Counted runs from so many cases on, where they take long."""
TODAY, NEXT = "2026-11-24T09:00:00+00:00", "2026-11-25T09:00:00+00:00"
ROOT = Path(__file__).parent.parent
ENTRY = """
[[contact]]
at = {at}:{minute:02}:00+00:00
channel = "phone"
outcome = "no_answer"
by = "jo"
with = "Jane Roe"
"""


class Book(NamedTuple):
    """A made-up store and how many cases it has."""

    folder: Path
    cases: int

    def case(self, nth: int) -> str:
        """Return the id of a case, another one for each of many numbers."""
        return f"debtor-{nth * 7919 % self.cases:06}"


class Step(NamedTuple):
    """A command to measure; ``before`` comes before each run, after one run that does not count.

    ``primed`` says that the very same command was run just before, so that nothing is new to it but
    what ``before`` has changed.
    """

    name: str
    argv: Callable[[Book, int], Sequence[str]]
    now: str = NEXT
    before: Callable[[Book, int], None] = lambda _book, _nth: None
    primed: bool = False


def _says(*words: str) -> Callable[[Book, int], Sequence[str]]:
    return lambda _book, _nth: (program(), *words)


def program() -> str:
    """Return the ``dunctl`` of this environment."""
    return str(Path(sys.executable).with_name("dunctl"))


def forget(book: Book, _nth: int) -> None:
    """Delete the index."""
    for path in (book.folder / ".dunctl").glob("index*"):
        path.unlink()


def called(at: str, first: int) -> Callable[[Book, int], None]:
    """Return what writes a call of that hour at the end of a case, as an editor would."""

    def edit(book: Book, nth: int) -> None:
        path = book.folder / "cases" / f"{book.case(nth + first)}.toml"
        with path.open("a", encoding="utf-8") as stream:
            stream.write(ENTRY.format(at=at, minute=nth % 60))

    return edit


STEPS = (
    Step(page.COLD, _says("today"), TODAY, forget),
    Step(page.NEXT_DAY, _says("today")),
    Step(page.WARM, _says("today"), primed=True),
    Step(page.CHANGED, _says("today"), before=called("2026-11-25T08", 0), primed=True),
    Step(page.LEARNED, _says("today"), before=called("2026-11-24T17", 1000), primed=True),
    Step(page.LS, _says("ls"), primed=True),
    Step(page.AGEING, _says("ageing"), primed=True),
    Step(page.CHECK, _says("check")),
    Step(page.LOG, lambda book, nth: (program(), "log", book.case(nth + 500), "no_answer")),
)


def environment(now: str) -> Mapping[str, str]:
    """Return the environment of a command: its clock, and no settings but the book's."""
    ours = ("DUNCTL_", "PYTHON")
    rest = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
    apart = {"DUNCTL_NOW": now, "GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C.UTF-8"}
    return {**rest, **apart}


def book_of(folder: Path, cases: int) -> Book:
    """Return a book of so many cases, made if it is not there."""
    made = folder.with_suffix(".made")
    if not made.exists():
        say(f"making a book of {cases:,} cases")
        rmtree(folder, ignore_errors=True)
        _python("bench.book", str(cases), str(folder))
        made.touch()
    return Book(folder, cases)


def first_run(peer: Peer, book: Book) -> float:
    """Make the data of another program if it is not there; returns how long it takes at first.

    Its cache, if it has one, is made by that run. Raises ``TooLong``.
    """
    made = peer.folder.with_suffix(".made")
    if not made.exists():
        say(f"making the same for {peer.program}")
        rmtree(peer.folder, ignore_errors=True)
        _python("bench.peers", str(book.folder), str(peer.folder.parent), peer.program)
        made.touch()
    (peer.folder / CACHE).unlink(missing_ok=True)
    return run((peer.program, *peer.argv), peer.folder, peer.env).clock


def _python(module: str, *words: str) -> None:
    subprocess.run([sys.executable, "-m", module, *words], cwd=ROOT, check=True)


def restored(book: Book) -> None:
    """Put the book back to its first commit."""
    for words in (("reset", "--quiet", "--hard", _first(book.folder)), ("clean", "-fdq", "cases")):
        subprocess.run(["git", *words], cwd=book.folder, check=True)


@cache
def _first(folder: Path) -> str:
    words = ["git", "rev-list", "--max-parents=0", "HEAD"]
    return subprocess.run(words, cwd=folder, check=True, capture_output=True, text=True).stdout[:40]


def measured(book: Book, others: Sequence[Peer], runs: int) -> Iterator[tuple[str, Runs]]:
    """Yield the name of each command and its runs, those of dunctl and of others in turn.

    One round comes first and does not count but for the memory. Another program that takes too long
    has no runs.
    """
    found = {name: Runs() for name in (*(s.name for s in STEPS), *(p.name for p in others))}
    slow: set[str] = set()
    for nth in range(runs + 1):
        say(f"{book.cases:,} cases: round {nth} of {runs}")
        for step, peer in zip(STEPS, chain(others, repeat(None)), strict=False):
            argv, env = step.argv(book, nth), environment(step.now)
            primed = run(argv, book.folder, env).clock if step.primed else 0.0
            step.before(book, nth)
            made = run(argv, book.folder, env, watch=not nth)
            found[step.name].append(made._replace(primed=primed))
            if peer and peer.name not in slow:
                try:
                    argv = (peer.program, *peer.argv)
                    found[peer.name].append(run(argv, peer.folder, peer.env, watch=not nth))
                except TooLong:
                    slow.add(peer.name)
        restored(book)
    for name, all_runs in found.items():
        yield name, Runs() if name in slow else _counted(all_runs)


def _counted(runs: Runs) -> Runs:
    """Take the first run away, but for its memory."""
    return Runs(one._replace(memory=max(one.memory, runs[0].memory)) for one in runs[1:])


def floor(folder: Path, runs: int) -> dict[str, Runs]:
    """Measure what a command costs before there are many cases: Python, imports, one case, git."""
    with TemporaryDirectory() as apart:
        one, bare = book_of(folder / "1", 1), book_of(Path(apart) / "bare", 1)
        rmtree(bare.folder / ".git")
        log = (program(), "log", one.case(0), "no_answer")
        commands = {
            page.PYTHON: ((sys.executable, "-c", "pass"), one),
            page.VERSION: ((program(), "--version"), one),
            page.ONE_TODAY: ((program(), "today"), one),
            page.ONE_BARE: (log, bare),
            page.ONE_LOG: (log, one),
        }
        found = {name: Runs() for name in commands}
        for _ in range(runs + 1):
            for name, (argv, book) in commands.items():
                found[name].append(run(argv, book.folder, environment(NEXT)))
        restored(one)
    return {name: _counted(each) for name, each in found.items()}


def say(words: str) -> None:
    """Tell what is being done."""
    sys.stderr.write(words + "\n")


def main() -> None:
    """Measure, and write the page; fail where a limit is not held."""
    options = argparse.ArgumentParser(prog="bench.commands")
    options.add_argument("cases", nargs="*", type=int, default=CASES)
    options.add_argument("--write", action="store_true")
    options.add_argument("--runs", type=int, default=9)
    options.add_argument("--books", type=Path, default=ROOT / "build" / "books")
    given = options.parse_args()
    books: Path = given.books.resolve()
    books.mkdir(parents=True, exist_ok=True)
    about = page.machine(books)
    here = peers(books)
    for name, how in INSTALL.items():
        if name not in {peer.program for peer in here}:
            say(f"not here and left out: {how}")
    tables = []
    for cases in sorted(given.cases or CASES):
        book = book_of(books / str(cases), cases)
        others = peers(books / f"{cases}-others")
        first = {}
        for peer in list(others):
            try:
                first[peer.name] = first_run(peer, book)
            except TooLong:
                say(f"{peer.name} takes more than {LONGEST:.0f} s and is left out")
                others.remove(peer)
        runs = given.runs if cases < MANY else min(given.runs, FEWER)
        found = dict(measured(book, others, runs))
        tables.append(page.Table(book.folder, cases, runs, found, others, first))
    text, held = page.page(about, tables, floor(books, given.runs))
    if given.write:
        (ROOT / "docs" / "performance.md").write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    sys.exit(0 if held else 1)


if __name__ == "__main__":
    main()
