"""The same work on very many things, on all cores of the machine."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")

MANY, PART = 400, 50
"""From so many things on all cores work, in parts of so many; for fewer it is not worth it."""


def each(work: Callable[[T], R], things: Sequence[T]) -> Iterator[R]:
    """Yield what ``work`` makes of each thing, in order; it must change nothing that counts here.

    Of many things it is done in copies of this process, where the system can fork one.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    if len(things) < MANY or cores < 2:
        yield from map(work, things)
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    parts = [things[n : n + PART] for n in range(0, len(things), PART)]
    with ProcessPoolExecutor(cores, get_context("fork"), _begin, (work,)) as pool:
        for done in pool.map(_done, parts):
            yield from done


_WORK: list[Callable[[Any], Any]] = []
"""What a copy does; it has it from the process that it is a copy of."""


def _begin(work: Callable[[T], R]) -> None:
    _WORK.append(work)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the command itself


def _done(things: Sequence[T]) -> list[Any]:
    return [_WORK[-1](thing) for thing in things]
