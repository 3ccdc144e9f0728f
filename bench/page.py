"""The page of docs/performance.md, from what was measured and nothing else."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from timeit import repeat
from typing import NamedTuple

from bench.peers import INSTALL, Peer, version
from bench.timing import Runs

COLD = "`dunctl today`, no index"
NEXT_DAY = "`dunctl today`, the first of a day"
WARM = "`dunctl today`"
CHANGED = "`dunctl today`, one file changed"
LEARNED = "`dunctl today`, one file changed, by a call of yesterday"
LS = "`dunctl ls`"
AGEING = "`dunctl ageing`"
CHECK = "`dunctl check`"
LOG = "`dunctl log`, with its commit"
PYTHON = "`python -c pass`"
VERSION = "`dunctl --version`"
ONE_TODAY = "`dunctl today`, a book of one case"
ONE_BARE = "`dunctl log`, a book of one case without git"
ONE_LOG = "`dunctl log`, a book of one case"

SECONDS: Mapping[tuple[str, int], float] = {
    (WARM, 10_000): 0.25,
    (WARM, 100_000): 1.2,
    (COLD, 10_000): 2.0,
    (LOG, 10_000): 0.25,
    (CHECK, 10_000): 3.0,
}
"""The most that a median may be, by command and cases."""
CHANGED_SHARE = 1.1
"""How much of a warm list a list after one changed file may take."""
MEMORY, MEMORY_CASES = 300.0, 100_000
"""MB that no command may need on so many cases."""


class Table(NamedTuple):
    """What was measured on one book, beside other programs; ``first`` are their first runs."""

    folder: Path
    cases: int
    runs: int
    found: Mapping[str, Runs]
    peers: Sequence[Peer]
    first: Mapping[str, float]


class Limit(NamedTuple):
    """Something that was asked, what was measured, and whether it is held."""

    asked: str
    got: str
    held: bool


def page(
    about: Sequence[str], tables: Sequence[Table], floor: Mapping[str, Runs]
) -> tuple[str, bool]:
    """Return the page, and whether every limit on it is held."""
    limits = [limit for table in tables for limit in _limits(table)]
    parts = [_HEAD, *_machine(about, tables), *_asked(limits)]
    for table in tables:
        parts += _measured(table)
    parts += [*_going(tables, floor), *_unfair(tables)]
    return "\n".join(parts) + "\n", all(limit.held for limit in limits)


_HEAD = """\
# How fast it is

This page is written by `python -m bench.commands --write`; every figure on it is of one run.
"""


def _machine(about: Sequence[str], tables: Sequence[Table]) -> list[str]:
    lines = [f"- {line}" for line in about]
    for table in tables:
        sizes = [path.stat().st_size for path in (table.folder / "cases").glob("*.toml")]
        lines.append(
            f"- A book of {table.cases:,} cases: {sum(sizes) / 1e6:,.1f} MB, "
            f"{sum(sizes) / len(sizes) / 1000:.1f} KB a case; {table.runs} counted runs of each "
            "command, after one that does not count."
        )
    return [
        *lines,
        "",
        "The books are made up (`python -m bench.book CASES FOLDER`): a year of invoices, calls,",
        "promises, payments and steps of each debtor, in five countries and four currencies. Half",
        "of the debtors owe nothing that is late, a quarter can be called; the others were just",
        "spoken with, have promised, dispute, pay by a plan or are held. They are in git, packed.",
        "",
        "A figure is the median of whole processes, from the start of Python to its end, with what",
        "they print thrown away. The commands are run in turn, dunctl and another program, so that",
        "whatever else the machine does hits all. Files are in the memory of the system (a warm",
        "page cache), also where there is no index. *Processor* is the time of all cores together.",
        "*Memory* is the peak of all processes of a command together; what they share counts once.",
        "One changed file has a new call of this morning, as `log` leaves it, since the list was",
        "printed; after a call of yesterday, what the calls to all debtors teach is learned anew.",
        "Its share of `dunctl today` is the median of the ratios to that list, run right before.",
        "",
    ]


def _limits(table: Table) -> list[Limit]:
    cases, found = table.cases, table.found
    limits = []
    for (name, size), most in SECONDS.items():
        if size == cases:
            got = found[name].clock
            asked = f"{name}, {cases:,} cases: at most {most} s"
            limits.append(Limit(asked, f"{got:.2f} s", got <= most))
    if any(size == cases for _, size in SECONDS):
        share = found[CHANGED].share
        asked = f"{CHANGED}, {cases:,} cases: at most {CHANGED_SHARE:.0%} of `dunctl today`"
        limits.append(Limit(asked, f"{share:.0%}", share <= CHANGED_SHARE))
    if cases == MEMORY_CASES:
        name, most = max(((n, r.memory) for n, r in _own(table)), key=lambda pair: pair[1])
        asked = f"any command, {cases:,} cases: less than {MEMORY:.0f} MB"
        limits.append(Limit(asked, f"{most:.0f} MB ({name})", most < MEMORY))
    return limits


def _asked(limits: Sequence[Limit]) -> list[str]:
    if not limits:
        return []
    return [
        "## What was asked",
        "",
        "| | measured | |",
        "| --- | --: | --- |",
        *(f"| {one.asked} | {one.got} | {_held(one.held)} |" for one in limits),
        "",
    ]


def _held(held: bool) -> str:
    return "held" if held else "**not held**"


def _own(table: Table) -> list[tuple[str, Runs]]:
    others = {peer.name for peer in table.peers}
    return [(name, runs) for name, runs in table.found.items() if name not in others]


def _measured(table: Table) -> list[str]:
    lines = [
        f"## {table.cases:,} cases",
        "",
        "| | median | quickest and slowest | processor | memory |",
        "| --- | --: | --: | --: | --: |",
    ]
    lines += [_row(name, runs) for name, runs in _own(table)]
    if not table.peers:
        return [*lines, ""]
    lines += [_row(f"`{peer.name}`", table.found[peer.name]) for peer in table.peers]
    against = (WARM, COLD, AGEING)
    lines += [
        "",
        "How many times as long as a command of dunctl the other programs take:",
        "",
        f"| | {' | '.join(against)} |",
        f"| --- |{' --: |' * len(against)}",
    ]
    for peer in table.peers:
        runs = table.found[peer.name]
        shares = [
            f"{runs.clock / table.found[name].clock:.1f}" if runs else "-" for name in against
        ]
        lines.append(f"| `{peer.name}` | {' | '.join(shares)} |")
    firsts = [
        f"the first `{peer.program}` took {table.first[peer.name]:.1f} s"
        for peer in table.peers
        if peer.name == "todo list"
    ]
    lines += [f"\nIts cache is warm above; {one}, which made it." for one in firsts]
    return [*lines, ""]


def _row(name: str, runs: Runs) -> str:
    if not runs:
        return f"| {name} | took too long | | | |"
    figures = (f"{runs.clock:.2f} s", runs.span, f"{runs.worked:.2f} s", f"{runs.memory:.0f} MB")
    return f"| {name} | {' | '.join(figures)} |"


def _going(tables: Sequence[Table], floor: Mapping[str, Runs]) -> list[str]:
    """Say where the time goes, by how much longer each command takes than a simpler one."""
    start = floor[PYTHON].worked
    morning = [("Python starts", start), ("click and the table of verbs", floor[VERSION].worked)]
    morning.append(("what the list needs before any case", floor[ONE_TODAY].worked))
    writing = [*morning[:2], ("what a call needs, and one case", floor[ONE_BARE].worked)]
    writing.append(("git commits", floor[ONE_LOG].worked))
    for table in tables:
        words = f"{table.cases:,} cases in place of the smaller book"
        morning.append((words, table.found[WARM].worked))
        writing.append((words, table.found[LOG].worked))
    return [
        "## Where the time goes",
        "",
        "Each line is a command that does a little more than the one above, and what that adds: in",
        "time of the processor, which other work on the machine does not stretch as much.",
        "",
        *_steps(WARM, morning),
        *_steps(LOG, writing),
        "What `dunctl log` pays for many cases is git's: it keeps one folder of all cases in its",
        "tree and in its index, and writes both anew with each commit.",
        "",
    ]


def _steps(name: str, steps: Sequence[tuple[str, float]]) -> list[str]:
    before = [0.0, *(seconds for _, seconds in steps)]
    lines = [f"| {name} | adds | in all |", "| --- | --: | --: |"]
    for (words, seconds), was in zip(steps, before, strict=False):
        lines.append(f"| {words} | {max(0.0, seconds - was):.3f} s | {seconds:.3f} s |")
    return [*lines, ""]


def _unfair(tables: Sequence[Table]) -> list[str]:
    here = {peer.program: peer for table in tables for peer in table.peers}
    missing = [how for name, how in INSTALL.items() if name not in here]
    lines = [
        "## What is compared, and how unfair it is",
        "",
        "None of the others does what dunctl does; they are what people keep such a list in.",
        "",
    ]
    lines += [f"- {_COMPARED[name]} ({version(name)})." for name in INSTALL if name in here]
    if missing:
        lines += ["", "Not installed, so left out:", "", *(f"- {how}" for how in missing)]
    return lines


_COMPARED = {
    "todo": "todoman reads a task a case from an `.ics` file each, with a due day, a priority and "
    "the calls as its text. It has a cache of its own, as dunctl has, and looks at every file each "
    "time. `todo list` prints every task, `--due 24` only those that are late or due within a day, "
    "which is nearer to `dunctl today`; it ranks nothing and knows no hours",
    "task": "taskwarrior reads one file of all tasks, each with a due day, a priority, its calls "
    "as annotations, and sorts them by an urgency of five or six factors. It runs without clean-up "
    "(`gc=off`), hooks, recurrence and words, and prints 25 tasks; it is written in C++ and keeps "
    "no cache",
    "hledger": "hledger reads a journal of all invoices and payments, an account a customer, and "
    "prints every balance. It is the nearest to `dunctl ageing`, without the buckets; it knows no "
    "calls, keeps no cache, and parses its one file anew each time, so that `dunctl today` without "
    "an index is the fairer match",
}


def machine(folder: Path) -> list[str]:
    """Return what is known of the machine; no names of hosts or folders."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    git = subprocess.run(["git", "--version"], capture_output=True, text=True, check=False).stdout
    load = f"; load {os.getloadavg()[0]:.1f} at the beginning" if hasattr(os, "getloadavg") else ""
    return [
        f"{datetime.now(UTC):%Y-%m-%d}, {cores} cores ({_processor()}){load}.",
        f"{platform.system()}, Python {platform.python_version()}, {git.strip()}; {_disk(folder)}.",
        f"A yardstick for other machines, and for another build of this Python: a million times "
        f"`str.partition` takes {_yardstick():.3f} s here.",
    ]


def _yardstick() -> float:
    return min(repeat("line.partition(' = ')", "line = 'days = 30'", number=10**6, repeat=5))


def _processor() -> str:
    for line in _lines(Path("/proc/cpuinfo")):
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _disk(folder: Path) -> str:
    device = folder.stat().st_dev
    where = Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}").resolve()
    turning = [*_lines(where / "queue/rotational"), *_lines(where.parent / "queue/rotational")]
    mounts = [line.split() for line in _lines(Path("/proc/mounts"))]
    within = [parts for parts in mounts if folder.is_relative_to(parts[1])]
    kind = max(within, key=lambda parts: len(parts[1]))[2] if within else "unknown file system"
    disk = {"0": "a disk without moving parts", "1": "a disk that says it turns"}
    virtual = "virtual, " if where.name.startswith("vd") else ""
    return f"{virtual}{disk.get((turning or [''])[0].strip(), 'disk of unknown kind')}, {kind}"


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8").splitlines()
    except OSError:
        return []
