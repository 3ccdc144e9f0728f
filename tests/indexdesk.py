"""The desk of a made-up book, commands in processes of their own, and sequences of what happens.

More sequences than the tests play: ``python -m tests.indexdesk 30``.
"""

from __future__ import annotations

import os
import random
import re
import shlex
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple, cast

from click.testing import CliRunner

from bench import book
from dunctl.cli import main
from dunctl.store import config
from dunctl.store.index_file import NAME
from dunctl.store.parameters import DATA
from tests.indexworld import INDEX, World, in_place, removed

TICK = 0.03
"""Seconds after which a change shows in the times of a file."""
NOW = "2026-11-24T09:10:00+00:00"
SETTINGS = """\
[desk]
timezone = "Europe/London"

[defaults]
currency = "GBP"

[rates]
EUR = 0.86
USD = 0.75
CNY = 0.105
"""


# The list itself, as processes print it


class Printed(NamedTuple):
    """What a command printed, and its exit code; killed by a signal, that is negative."""

    code: int
    out: str
    err: str


class Running(NamedTuple):
    """A command in a process of its own, and the files that take what it prints."""

    child: int
    out: Path
    err: Path

    def ended(self) -> Printed:
        code = os.waitstatus_to_exitcode(os.waitpid(self.child, 0)[1])
        said = Printed(code, self.out.read_text("utf-8"), self.err.read_text("utf-8"))
        self.out.unlink()
        self.err.unlink()
        return said


def started(
    root: Path, words: str, now: str = NOW, before: Callable[[], object] = lambda: None
) -> Running:
    """Start ``dunctl WORDS`` in a copy of this process; ``before`` is called in it first."""
    handles = [tempfile.mkstemp() for _ in range(2)]
    (out, out_name), (err, err_name) = handles
    child = os.fork()
    if child:
        os.close(out)
        os.close(err)
        return Running(child, Path(out_name), Path(err_name))
    code = 70
    try:
        os.dup2(out, 1)
        os.dup2(err, 2)
        sys.stdout, sys.stderr = (
            open(handle, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - it ends here
            for handle in (1, 2)
        )
        os.environ.update(DUNCTL_NOW=now, DUNCTL_USER="li.na", COLUMNS="100")
        os.chdir(root)
        before()
        main(shlex.split(words))
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def run(
    root: Path, words: str, now: str = NOW, before: Callable[[], object] = lambda: None
) -> Printed:
    return started(root, words, now, before).ended()


def warm(folder: Path) -> None:
    """Print the list in this process, so that those started from it have all it imports."""
    root = desk(folder / "warm" / "store")
    CliRunner().invoke(main, ["--store", str(root), "today"], env={"DUNCTL_NOW": NOW})


case = cache(book.case)


def desk(root: Path, count: int = 52) -> Path:
    """Make a store with so many cases of a year, and own law of every kind."""
    (root / "cases").mkdir(parents=True)
    (root / config.NAME).write_text(SETTINGS)
    for n in range(count):
        (root / "cases" / f"{book.name(n)}.toml").write_text(case(n), "utf-8")
    time.sleep(TICK)
    return root


class Desk:
    """A store of a desk, its clock, and a journal of what was done."""

    def __init__(self, root: Path, seed: int) -> None:
        self.dice = random.Random(seed)  # noqa: S311 - what happens, not a secret
        self.root = desk(root)
        self.now = datetime.fromisoformat(NOW)
        self.done: list[str] = []
        self.kept: list[bytes] = []

    @property
    def index(self) -> Path:
        return self.root / ".dunctl" / NAME

    def case(self) -> Path:
        return self.dice.choice(sorted((self.root / "cases").glob("*.toml")))

    def run(self, words: str) -> Printed:
        return run(self.root, words, self.now.isoformat())


def what_happens(at: Desk, path: Path) -> str:
    """Return something that a person types, so that a case changes."""
    name, dice, today = path.stem, at.dice, at.now.date()
    lately = today - timedelta(days=dice.randint(0, 3))
    soon = today + timedelta(days=dice.randint(1, 9))
    words = (
        f"log {name} no_answer",
        f"log {name} hardship --at '{today - timedelta(days=1)} 11:00'",
        f"log {name} refused",
        f"promise {name} 100 {soon}",
        f"pay {name} {dice.randint(1, 9000)} --on {lately}",
        f"hold {name} pause --until {soon}",
        f"escalate {name} --to legal --why because",
        f"set {name} owner jo.marsh",
        f"set {name} debtor.timezone Asia/Tokyo",
    )
    return dice.choice(words)


def typed(at: Desk) -> None:
    words = what_happens(at, at.case())
    at.done.append(f"{words}: {at.run(words).code}")


def another_case(at: Desk) -> None:
    """Let a file say what another would; sometimes one of the same length."""
    path = at.case()
    text = path.read_text("utf-8")
    other = text.replace("no_answer", "left_note") if at.dice.random() < 0.5 else None
    in_place(path, other or book.case(at.dice.randrange(1000, 2000)))


def old_debt(at: Desk) -> None:
    """Let a case have an invoice whose time runs out about now."""
    path = at.case()
    years = at.dice.choice((3, 5, 6))
    day = date(2026 - years, 11, 24) + timedelta(days=at.dice.randint(-40, 220))
    with open(path, "a", encoding="utf-8") as stream:
        stream.write(f'\n[[invoice]]\nnumber = "OLD"\ndue = {day}\namount = 77.00\n')


def spoiled(at: Desk) -> None:
    with open(at.case(), "a", encoding="utf-8") as stream:
        stream.write("[[promise]]\n")


def mended(at: Desk) -> None:
    for path in (at.root / "cases").glob("*.toml"):
        text = path.read_text("utf-8")
        if text.endswith("[[promise]]\n"):
            path.write_text(text.removesuffix("[[promise]]\n"), "utf-8")


def fewer(at: Desk) -> None:
    at.case().unlink()


def more(at: Desk) -> None:
    n = at.dice.randrange(2000, 3000)
    (at.root / "cases" / f"{book.name(n)}.toml").write_text(case(n), "utf-8")


def own_policy(at: Desk) -> None:
    path = at.root / "policies" / "default.toml"
    path.parent.mkdir(exist_ok=True)
    rest, ahead = at.dice.randint(1, 30), at.dice.choice(([180, 90, 30], [10], []))
    path.write_text(
        f"[frequency]\nafter_conversation_working_days = {rest}\n"
        f"[limitation]\nwarn_days = {ahead}\n"
    )


def own_law(at: Desk) -> None:
    name = at.dice.choice(("gb-ew", "de"))
    path = at.root / "policies" / "limitation" / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = (DATA / "limitation" / path.name).read_text("utf-8")
    years = at.dice.randint(2, 7)
    path.write_text(re.sub(r"(?m)^years = \d+", f"years = {years}", text, count=1), "utf-8")


def own_pack(at: Desk) -> None:
    path = at.root / "policies" / "packs" / "ours.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = (DATA / "packs" / "house.toml").read_text("utf-8")
    opens = at.dice.choice(("10:00-12:00", "08:00-21:00"))
    path.write_text(text.replace("08:00-21:00", opens), "utf-8")


def other_desk(at: Desk) -> None:
    change = at.dice.choice(('hours = "mon-fri 10:00-16:00"', "callers = 2", 'practice = "strict"'))
    (at.root / config.NAME).write_text(SETTINGS.replace("[desk]\n", f"[desk]\n{change}\n"))


def forwards(at: Desk) -> None:
    at.now += timedelta(minutes=at.dice.choice((1, 90, 300, 1440, 2 * 1440, 7 * 1440)))


def backwards(at: Desk) -> None:
    at.now -= timedelta(minutes=at.dice.choice((1, 90, 1440, 3 * 1440)))


def spoilt_index(at: Desk) -> None:
    world = cast(World, at)  # it has what these ask for
    removed(at.index) if at.index.is_dir() else at.dice.choice(INDEX[:-1])(world)


MOVES: tuple[Callable[[Desk], None], ...] = (
    *(typed, typed, typed, typed, another_case, another_case, old_debt, old_debt, spoiled, mended),
    *(fewer, more, own_policy, own_law, own_pack, other_desk, forwards, forwards, forwards),
    *(backwards, spoilt_index, spoilt_index),
)
ASKED = (
    *("today", "today", "today --all", "today --json", "today --csv", "today --slots"),
    *("today --owner jo.marsh", "today --round 2", "today --as-of 2026-11-26"),
    *("today --as-of '2026-11-20 15:00'", "today --at 15:00", "today --minutes 60"),
)


def play(folder: Path, seed: int, steps: int, asked: Sequence[str] = ASKED) -> None:
    """Play a random sequence: each list is the one that there is without an index."""
    at = Desk(folder / f"desk-{seed}" / "store", seed)
    aside = at.root / ".dunctl" / "aside"
    at.run(asked[0])
    for _ in range(steps):
        if at.index.is_file():
            at.kept.append(at.index.read_bytes())
        for _ in range(at.dice.choice((1, 2, 4))):
            if at.index.is_file():
                move = at.dice.choice(MOVES)
                at.done.append(move.__name__)
                move(at)
        words = at.dice.choice(asked)
        at.done.append(f"{words} ({at.now})")
        time.sleep(TICK)
        said = at.run(words)
        if at.index.exists():
            at.index.rename(aside)
        assert said == at.run(words), f"seed {seed}: {'; '.join(at.done)}"
        removed(at.index)
        if aside.exists():
            aside.rename(at.index)
        assert "Traceback" not in said.err
    shutil.rmtree(at.root.parent)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        warm(Path(made))
        for seed in range(1000, 1000 + int(sys.argv[1])):
            play(Path(made), seed, 6)
            sys.stdout.write(f"sequence {seed}: the list is the same\n")
