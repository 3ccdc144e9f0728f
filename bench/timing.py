"""What a whole process takes: time by the clock, time of the processor, memory."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

LONGEST = 150.0
"""Seconds after which a process is ended and said to take longer."""


class Run(NamedTuple):
    """Seconds by the clock, seconds of the processor, and MB of all its processes at their peak.

    ``primed`` are the seconds of the same command right before, if it was run for that.
    """

    clock: float
    worked: float
    memory: float
    primed: float = 0.0


class Runs(list[Run]):
    """Several runs of one command."""

    @property
    def clock(self) -> float:
        """Return the median by the clock, in seconds."""
        return median(one.clock for one in self)

    @property
    def worked(self) -> float:
        """Return the median of the processor's time, in seconds."""
        return median(one.worked for one in self)

    @property
    def share(self) -> float:
        """Return the median of the ratios to the runs right before."""
        return median(one.clock / one.primed for one in self)

    @property
    def memory(self) -> float:
        """Return the most memory of any run, in MB."""
        return max(one.memory for one in self)

    @property
    def span(self) -> str:
        """Return the quickest and the slowest run."""
        return f"{min(self).clock:.2f} - {max(self).clock:.2f}"


class TooLong(Exception):
    """A process that took longer than ``LONGEST``."""


def run(argv: Sequence[str], folder: Path, env: Mapping[str, str], *, watch: bool = False) -> Run:
    """Run a command to its end, its output thrown away; raises ``SystemExit`` when it fails.

    With ``watch`` the memory of its processes is added up fifty times a second; without, the
    memory is that of the largest of them.
    """
    with tempfile.TemporaryFile() as errors:
        began = time.perf_counter()
        process = subprocess.Popen(
            argv,
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        timer = threading.Timer(LONGEST, process.kill)
        timer.start()
        most = _watched(process.pid) if watch else 0.0
        _, status, usage = os.wait4(process.pid, 0)
        clock = time.perf_counter() - began
        timer.cancel()
        process.returncode = code = os.waitstatus_to_exitcode(status)
        if clock >= LONGEST:
            raise TooLong
        if code:
            errors.seek(0)
            raise SystemExit(f"{' '.join(argv)}: exit {code}\n{errors.read()[-2000:].decode()}")
    largest = usage.ru_maxrss / (1024 if os.uname().sysname == "Linux" else 1024**2)
    return Run(clock, usage.ru_utime + usage.ru_stime, max(most, largest))


def _watched(pid: int) -> float:
    """Return the peak of what a process and those it started hold, in MB; what they share once."""
    most = 0.0
    while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        most = max(most, sum(map(_held, _family(pid))))
        time.sleep(0.02)
    return most


def _family(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    except OSError:
        return [pid]
    return [pid, *(one for child in children for one in _family(int(child)))]


def _held(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
