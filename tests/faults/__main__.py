"""``make faults``: every kind of fault in every command, counted; exit 1 if anything is wrong.

``HISTORIES=100`` plays fewer histories of two machines than the thousand that it plays otherwise.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import click

from tests.faults import kinds, machines, sites, traced
from tests.faults.acts import ACTS
from tests.faults.kinds import Stage
from tests.faults.worlds import Verdict

HISTORIES = int(os.environ.get("HISTORIES", "1000"))
_PER_JOB = 20
_WIDTH = 40

Kind = Callable[[Stage], Iterator[Verdict]]

KINDS: dict[str, Kind] = {
    "kill -9 at a call that writes": kinds.killed,
    "EIO at a call that writes": partial(kinds.failing, step=3),
    "ENOSPC from a call on": partial(kinds.full, first=2, step=3),
    "read-only": kinds.read_only,
    "the lock is held, its holder killed": kinds.lock_held,
    "git is not installed": kinds.without_git,
    "git's hooks refuse": kinds.hooks_refuse,
    "the clock goes back": kinds.clock_back,
}
BY_STRACE: dict[str, Kind] = {
    "kill -9 at a system call, git's too": partial(traced.killed, step=6),
    "ENOSPC at a system call, git's too": partial(traced.failing, first=5, step=18),
}
BY_MOUNT: dict[str, Kind] = {
    "a small disk is full, for git too": partial(kinds.small_disk, step=4),
}
OF_SOME: dict[str, tuple[str, Kind]] = {
    "log": ("twelve at once", kinds.crowd),
    "send": (".dunctl deleted, cut, emptied, garbled", kinds.kept_aside),
}
MACHINES = "two machines, one remote"


class Done(NamedTuple):
    """What a job did: the kind of each fault and what was wrong after it, and calls that write."""

    faults: list[tuple[str, Verdict]]
    calls: tuple[str, ...] = ()


def _break(name: str, some: dict[str, Kind], folder: Path) -> Done:
    """Break one command in every way."""
    on = kinds.stage(name, folder)
    own = dict([OF_SOME[name]]) if name in OF_SOME else {}
    faults = [(title, found) for title, kind in (some | own).items() for found in kind(on)]
    return Done(faults, on.calls)


def _play(seeds: range, folder: Path) -> Done:
    """Play some histories of two machines."""
    return Done([(MACHINES, found) for found in machines.histories(folder, seeds)])


def _in_a_folder(job: Callable[[Path], Done]) -> Done:
    with tempfile.TemporaryDirectory(dir=_fast(), ignore_cleanup_errors=True) as folder:
        return job(Path(folder))


def _fast() -> str | None:
    """Return a folder in memory, where there is one: thousands of commits wait for no disk."""
    memory = "/dev/shm"  # noqa: S108 - each job has a folder of its own in it
    return memory if os.access(memory, os.W_OK) else None


def _here() -> dict[str, Kind]:
    """Return the kinds of fault that can be made here; says what cannot, and why."""
    found = dict(KINDS)
    why = traced.lacking()
    if why:
        click.echo(f"no faults at system calls, only inside the process: {why}")
    else:
        found |= BY_STRACE
    with tempfile.TemporaryDirectory() as folder:
        if kinds.may_mount(Path(folder)):
            found |= BY_MOUNT
        else:
            click.echo("no small disk, which only root may mount: ENOSPC is injected only")
    return found


def _table(faults: list[tuple[str, Verdict]]) -> Iterator[str]:
    rows = {title: [0] * (1 + len(Verdict._fields)) for title in [*dict(faults), "total"]}
    for title, found in faults:
        for row in (rows[title], rows["total"]):
            row[0] += 1
            for nth, part in enumerate(found, 1):
                row[nth] += len(part)
    yield f"{'fault':{_WIDTH}}" + "".join(f"{n:>11}" for n in ("injected", *Verdict._fields))
    for title, row in rows.items():
        yield f"{title:{_WIDTH}}" + "".join(f"{n:>11,}" for n in row)


def run() -> int:
    """Inject everything, print the table; returns the exit code."""
    started = time.monotonic()
    some = _here()
    jobs: list[Callable[[Path], Done]] = [partial(_break, name, some) for name in ACTS]
    jobs += [
        partial(_play, range(seed, min(seed + _PER_JOB, HISTORIES)))
        for seed in range(0, HISTORIES, _PER_JOB)
    ]
    with get_context("fork").Pool(os.cpu_count()) as pool:
        done = pool.map(_in_a_folder, jobs, chunksize=1)
    faults = [fault for one in done for fault in one.faults]
    calls = [call for one in done for call in one.calls]
    wrong = list(chain.from_iterable(chain.from_iterable(found for _, found in faults)))
    wrong += [f"dunctl/{line} writes, and no fault comes to it" for line in sites.missed(calls)]
    for sentence in wrong[:40]:
        click.echo(sentence[:600])
    click.echo("\n".join(_table(faults)))
    took = time.monotonic() - started
    click.echo(f"{len(ACTS)} commands, {len(calls)} calls that write; {took:,.0f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(run())
