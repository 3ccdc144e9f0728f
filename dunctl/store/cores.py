"""The same work on very many things, on all cores of the machine."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")

MANY = 400
"""From so many things on all cores work; for fewer it is not worth it."""
_PART = 25
"""Work is done on so many things at a time."""
_PARTS = 4
"""A copy is handed so many parts at once: to hand over one alone takes longer than to send it."""


def parts(things: Sequence[T]) -> list[Sequence[T]]:
    """Return things in parts, in order.

    A step of some work should be done to all of a part before the next step: what the processor has
    at hand is used again then.
    """
    return [things[n : n + _PART] for n in range(0, len(things), _PART)]


def each(work: Callable[[Sequence[T]], Sequence[R]], things: Sequence[T]) -> Iterator[R]:
    """Yield what ``work`` makes of each of some things, in order; it must change nothing here.

    Of many things it is done in copies of this process, where the system can fork one. What a copy
    that dies leaves undone is done here.
    """
    some = parts(things)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    done = 0
    if len(things) >= MANY and cores > 1:
        from concurrent.futures import ProcessPoolExecutor
        from concurrent.futures.process import BrokenProcessPool
        from multiprocessing import get_context

        with (
            suppress(BrokenProcessPool),
            ProcessPoolExecutor(cores, get_context("fork"), _begin, (work,)) as pool,
        ):
            for made in pool.map(_done, some, chunksize=_PARTS):
                done += 1
                yield from made
    for part in some[done:]:
        yield from work(part)


_WORK: list[Callable[[Sequence[Any]], Sequence[Any]]] = []
"""What a copy does; it has it from the process that it is a copy of."""


def _begin(work: Callable[[Sequence[T]], Sequence[R]]) -> None:
    _WORK.append(work)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the command itself


def _done(things: Sequence[T]) -> Sequence[Any]:
    return _WORK[-1](things)
