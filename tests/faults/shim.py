"""Failures inside a process: at its nth call that writes it is killed, or the call fails.

It is put into a process that was forked to be broken, and stays there.
"""

from __future__ import annotations

import builtins
import fcntl
import io
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from tests.faults.worlds import ROOT

_CALLS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (os, ("replace", "rename", "unlink", "mkdir", "rmdir", "chmod", "fsync", "symlink", "link")),
    (fcntl, ("flock",)),
    (subprocess, ("Popen",)),
    (socket.socket, ("sendall",)),
)
_NEEDS_SPACE = {"open", "write", "mkdir", "replace", "rename", "fsync", "symlink", "link"}
_WRITES = _NEEDS_SPACE | {"unlink", "rmdir", "chmod"}
_WRITABLE = os.O_WRONLY | os.O_RDWR | os.O_CREAT

Strike = Callable[[int, str], None]
"""Gets the number of a call and its name, just before it happens; may kill, or raise."""


def put(strike: Strike, log: Path) -> None:
    """Have ``strike`` called before each call of this process that writes; all go to ``log``.

    A line of the log is the name of the call and the line of the product that it comes from.
    """
    handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    nth = 0

    def hit(name: str) -> None:
        nonlocal nth
        nth += 1
        os.write(handle, f"{name} {_site()}\n".encode())
        strike(nth, name)

    for owner, names in _CALLS:
        for name in names:
            setattr(owner, name, _watched(getattr(owner, name), name, hit))

    class Torn(io.FileIO):
        """A file of which half is written when the fault comes."""

        def write(self, data: Any, /) -> int:
            half = bytes(data)[: len(data) // 2]
            super().write(half)
            hit("write")
            super().write(bytes(data)[len(half) :])
            return len(data)

    real_open, real_os_open = io.open, os.open

    def opened(file: Any, mode: str = "r", *rest: Any, **more: Any) -> Any:
        if not set(mode) & set("wxa+") or isinstance(file, int):
            return real_open(file, mode, *rest, **more)
        hit("open")
        stream = io.BufferedWriter(Torn(file, mode.replace("b", "").replace("t", "")))
        if "b" in mode:
            return stream
        return io.TextIOWrapper(stream, more.get("encoding"), newline=more.get("newline"))

    def os_opened(path: Any, flags: int, *rest: Any, **more: Any) -> int:
        if flags & _WRITABLE:
            hit("open")
        return real_os_open(path, flags, *rest, **more)

    io.open = builtins.open = opened
    os.open = os_opened


def _watched(call: Any, name: str, hit: Callable[[str], None]) -> Any:
    def watched(*given: Any, **more: Any) -> Any:
        hit(name)
        return call(*given, **more)

    return watched


def _site() -> str:
    """Return the file and line of the product that is at work."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(ROOT / "dunctl"):
            return f"{path.relative_to(ROOT / 'dunctl').as_posix()}:{frame.f_lineno}"
        frame = frame.f_back
    return "-"


def nothing(_nth: int, _name: str) -> None:
    """Let every call be."""


def killed(at: int) -> Strike:
    """Kill the process, with the git that it may have started, before its call number ``at``."""

    def strike(nth: int, _name: str) -> None:
        if nth == at:
            os.killpg(0, signal.SIGKILL)

    return strike


def failing(at: int, number: int) -> Strike:
    """Let call number ``at`` fail with an error number of the system, once."""

    def strike(nth: int, _name: str) -> None:
        if nth == at:
            raise OSError(number, os.strerror(number))

    return strike


def full(at: int, number: int) -> Strike:
    """Let every call that needs space fail from number ``at`` on."""

    def strike(nth: int, name: str) -> None:
        if nth >= at and name in _NEEDS_SPACE:
            raise OSError(number, os.strerror(number))

    return strike


def read_only(number: int) -> Strike:
    """Let every call that changes the disk fail."""

    def strike(_nth: int, name: str) -> None:
        if name in _WRITES:
            raise OSError(number, os.strerror(number))

    return strike
