"""The same work on very many things, on all cores of the machine."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

T = TypeVar("T")
R = TypeVar("R")

MANY = 400
"""From so many things on all cores work; for fewer it is not worth it."""
_PART = 25
"""Work is done on so many things at a time."""


def parts(things: Sequence[T]) -> list[Sequence[T]]:
    """Return things in parts, in order.

    A step of some work should be done to all of a part before the next step: what the processor has
    at hand is used again then.
    """
    return [things[n : n + _PART] for n in range(0, len(things), _PART)]


def each(work: Callable[[Sequence[T]], Sequence[R]], things: Sequence[T]) -> Iterator[R]:
    """Yield what ``work`` makes of each of some things, in order; it must change nothing here.

    Of many things copies of this process do their share, where the system can fork one. What a copy
    that dies leaves undone is done here.
    """
    some = parts(things)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    copies = cores - 1 if len(things) >= MANY else 0
    made: dict[int, Sequence[R]] = {}
    with ExitStack() as at_end:
        turns, told = _begun(work, some, copies, at_end)
        for nth in range(len(some)):
            while nth not in made and (turn := next(turns, None)) is not None:
                made[turn] = work(some[turn])
                for one in told:
                    made.update(_heard(one))
            for one in told:
                if nth not in made:
                    made.update(_heard(one, wait=True))
            yield from made.pop(nth) if nth in made else work(some[nth])


def _begun(
    work: Callable[[Sequence[T]], Sequence[R]],
    some: Sequence[Sequence[T]],
    copies: int,
    at_end: ExitStack,
) -> tuple[Iterator[int], list[Connection]]:
    """Begin copies that take turns; return the turns that are left, and what each copy tells."""
    turns: Iterator[int] = iter(range(len(some)))
    told: list[Connection] = []
    if not copies:
        return turns, told
    from multiprocessing import get_context
    from tempfile import TemporaryFile

    fork = get_context("fork")
    with suppress(OSError):
        counter = at_end.enter_context(TemporaryFile())  # noqa: SIM115 - closed there
        turns = _turns(counter.fileno(), len(some))
        for _ in range(copies):
            here, there = fork.Pipe()
            copy = fork.Process(target=_copy, args=(work, some, turns, here, there), daemon=True)
            copy.start()
            there.close()
            told.append(here)
            for end in (here.close, copy.join, copy.kill):
                at_end.callback(end)
    return turns, told


def _turns(counter: int, count: int) -> Iterator[int]:
    """Yield the turns that nobody has taken: they are counted by the place in an open file.

    All copies share that place, and the system moves it for one at a time.
    """
    while (turn := os.lseek(counter, 1, os.SEEK_CUR) - 1) < count:
        yield turn


def _copy(
    work: Callable[[Sequence[T]], Sequence[R]],
    some: Sequence[Sequence[T]],
    turns: Iterator[int],
    here: Connection,
    there: Connection,
) -> None:
    """Do the work of some turns; what goes wrong is left to be done, and to be told, elsewhere."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the command itself
    here.close()
    with suppress(Exception):
        for turn in turns:
            there.send((turn, work(some[turn])))


def _heard(told: Connection, *, wait: bool = False) -> Iterator[tuple[int, Sequence[Any]]]:
    """Yield what a copy has made by now, or else all that it makes, each with its turn."""
    with suppress(EOFError, OSError):
        while wait or told.poll():
            yield told.recv()
