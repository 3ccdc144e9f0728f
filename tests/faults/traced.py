"""Failures at any call of the system, of a command and of every git that it starts, by strace."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.faults.kinds import Stage, judged
from tests.faults.worlds import Verdict, environment

WRITES = (
    *("write", "pwrite64", "writev", "fsync", "fdatasync", "ftruncate", "flock"),
    *("rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat"),
    *("mkdir", "mkdirat", "rmdir", "chmod", "fchmod", "fchmodat", "symlink"),
)
"""The calls that change what is on the disk, beside ``openat`` when it makes a file."""


class Point(NamedTuple):
    """A moment of a command: the nth call of this name in one of its processes.

    ``process`` is 0 for the command itself, 1 for the first git that it starts, and so on.
    """

    process: int
    call: str
    nth: int


def lacking() -> str:
    """Return why strace cannot be used here, or nothing."""
    if shutil.which("strace") is None:
        return "strace is not installed"
    tried = subprocess.run(
        ["strace", "-qq", "-e", "trace=none", "true"], capture_output=True, check=False
    )
    return f"strace may not trace: {tried.stderr.decode().strip()}" if tried.returncode else ""


_CALL = re.compile(r"(\w+)\(([^,)]*)(.*)")
_GIT = """\
#!/bin/sh
n=$(cat "$FAULT_COUNT")
n=$((n + 1))
echo $n > "$FAULT_COUNT"
PATH="$FAULT_PATH"
if [ "$FAULT_AT" = "$n" ] || [ "$FAULT_AT" = all ]; then
    exec strace -qq -o "$FAULT_LOG.$n" $FAULT_OPTIONS git "$@"
fi
exec git "$@"
"""


def _traced(on: Stage, world: Path, at: str, options: Sequence[str]) -> tuple[int, str]:
    """Run a command; process ``at`` of it, or ``all``, under strace with these options."""
    shim = world / "shim" / "git"
    shim.parent.mkdir()
    shim.write_text(_GIT)
    shim.chmod(0o755)
    (world / "count").write_text("0")
    plain = environment(world)
    itself = ["strace", "-qq", "-o", str(world / "trace.0"), *options] if at in "0all" else []
    done = subprocess.run(
        [*itself, sys.executable, "-m", "dunctl", *on.words],
        cwd=world / on.act.folder,
        env={
            **plain,
            "FAULT_AT": at,
            "FAULT_COUNT": str(world / "count"),
            "FAULT_LOG": str(world / "trace"),
            "FAULT_OPTIONS": " ".join(options),
            "FAULT_PATH": plain["PATH"],
            "PATH": f"{shim.parent}:{plain['PATH']}",
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace")


def points(on: Stage) -> list[Point]:
    """Return every moment at which a command, or a git that it starts, writes to the disk."""
    found: dict[Point, None] = {}
    world = next(worlds := on.copies)
    _traced(on, world, "all", ["-e", f"trace={','.join((*WRITES, 'openat'))}"])
    for log in sorted(world.glob("trace.*"), key=lambda path: int(path.suffix[1:])):
        seen: Counter[str] = Counter()
        for name, first, rest in _CALL.findall(log.read_text(errors="replace")):
            seen[name] += 1
            said = name == "write" and first in ("1", "2")
            if not said and (name != "openat" or "O_CREAT" in rest):
                found[Point(int(log.suffix[1:]), name, seen[name])] = None
    worlds.close()
    return list(found)


def killed(on: Stage, first: int = 0, step: int = 1) -> Iterator[Verdict]:
    """Kill a process just as it calls the system; ``step`` apart from each other."""
    return _struck(on, points(on)[first::step], "signal=KILL")


def failing(on: Stage, first: int = 0, step: int = 1) -> Iterator[Verdict]:
    """Let a call of the system fail: there is no space."""
    return _struck(on, points(on)[first::step], "error=ENOSPC")


def _struck(on: Stage, chosen: Sequence[Point], what: str) -> Iterator[Verdict]:
    for point, world in zip(chosen, on.copies, strict=False):
        inject = f"inject={point.call}:{what}:when={point.nth}"
        options = ["-e", f"trace={point.call}", "-e", inject]
        code, said = _traced(on, world, str(point.process), options)
        where = " ".join(map(str, point))
        yield judged(on, world, code, said).named(f"{on.name}, {what} at {where}")
