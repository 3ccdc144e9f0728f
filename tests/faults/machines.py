"""Two machines that write into the same cases and meet through one remote, in any order."""

from __future__ import annotations

import random
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.faults.acts import base, unlock
from tests.faults.worlds import Item, Verdict, between, copy, ended, forked, git, look, must, run

MACHINES = ("desk", "other")
_STEPS = 4
_MARKS = re.compile("<<<<<<< .*?\n(.*?)=======\n(.*?)>>>>>>> [^\n]*\n", re.DOTALL)
_ROWS = (
    "Customer,Invoice No,Due,Amount\nDebtor 0,{mark},2026-12-01,10\nDebtor 2,{mark},2026-12-01,10\n"
)


def pair(world: Path) -> Path:
    """Make a world in which two machines share a remote."""
    base(world)
    git(world, "init", "--quiet", "--bare", "shared.git", folder=".")
    git(world, "remote", "add", "origin", "../shared.git")
    must(world, "sync")
    git(world, "clone", "--quiet", "shared.git", "other", folder=".")
    git(world, "remote", "set-url", "origin", "../shared.git", folder="other")
    must(world, "sync", folder="other")
    return world


class _History:
    """What was done in a world so far, and what both machines have to have in the end."""

    def __init__(self, world: Path, seed: int) -> None:
        self.world, self.dice = world, random.Random(seed)  # noqa: S311 - no secrets
        self.acknowledged: Counter[Item] = Counter()
        self.acts = 0

    def step(self) -> None:
        """Let a machine do something: write, mostly; or sync, or both sync at once."""
        machine = self.dice.choice(MACHINES)
        match self.dice.choices(("write", "set", "sync", "both"), (6, 1, 3, 1))[0]:
            case "write":
                self._write(machine)
            case "set":
                self._run(machine, f"set case-0 owner {machine}-{self.dice.random()}")
            case "sync":
                self._run(machine, "sync")
            case "both":
                for child in [forked(self.world, "sync", folder=one) for one in MACHINES]:
                    ended(child)

    def _run(self, machine: str, words: str) -> int:
        return run(self.world, words, folder=machine)[0]

    def _write(self, machine: str) -> None:
        """Write an entry that nobody else writes; what came with exit 0 is acknowledged."""
        self.acts += 1
        mark = f"{machine}{self.acts}"
        (self.world / "rows.csv").write_text(_ROWS.format(mark=mark))
        words = self.dice.choice(
            (
                f"log case-0 no_answer -m {mark}",
                f"pay case-1 1 --ref {mark}",
                f"promise case-0 1 '27 Nov' -m {mark}",
                f"invoice case-2 {mark} 10 --due '1 Dec'",
                f"new {mark}",
                "import invoices ../rows.csv --yes",
                "undo",
            )
        )
        if words == "undo":
            # So that it takes back an entry, and no case that the other machine may have by now.
            self._write_one(machine, f"log case-0 no_answer -m {mark}")
        self._write_one(machine, words)

    def _write_one(self, machine: str, words: str) -> None:
        before = _entries(self.world, machine)
        if self._run(machine, words) == 0:
            self.acknowledged += _entries(self.world, machine) - before

    def met(self) -> Verdict:
        """Sync both until they have the same: all that either acknowledged, once."""
        stuck = [why for one in (*MACHINES, MACHINES[0]) if (why := _synced(self.world, one))]
        found = Verdict()
        texts = []
        for machine in MACHINES:
            seen = look(self.world, machine)
            entries = _entries(self.world, machine)
            once = Counter(dict.fromkeys(entries, 1))
            found += between(self.acknowledged, seen._replace(items=entries), once)
            cases = sorted((self.world / machine / "cases").glob("*.toml"))
            texts.append({path.name: path.read_bytes() for path in cases})
        if texts[0] != texts[1]:
            names = sorted({name for name, _ in texts[0].items() ^ texts[1].items()})
            stuck.append(f"the machines differ in {names}")
        return found + Verdict(stuck=tuple(stuck))


def _entries(world: Path, machine: str) -> Counter[Item]:
    """Return the entries of all cases of a machine, without their facts."""
    seen = look(world, machine).items
    return Counter(
        {
            item: n
            for item, n in seen.items()
            if item.path.startswith("cases/") and "." not in item.kind
        }
    )


def _synced(world: Path, machine: str) -> str:
    """Call ``dunctl sync`` until it works, doing what it says; returns why it does not."""
    said = ""
    for _ in range(4):
        code, said = run(world, "sync", folder=machine)
        if code == 0:
            return ""
        unlock(world, machine)
        if "has changes that git does not have" in said:
            git(world, "add", "--all", folder=machine)
            git(world, "commit", "--quiet", "--message", "by hand", folder=machine)
        elif "both sides" in said:
            for path in (world / machine / "cases").glob("*.toml"):
                path.write_bytes(_MARKS.sub(r"\1", path.read_bytes().decode()).encode())
    return f"{machine}: {said}"


def histories(folder: Path, seeds: range) -> Iterator[Verdict]:
    """Play random histories, each in a world of its own; yield what is wrong when they met."""
    first = folder / "pair"
    if not first.exists():
        pair(first)
    for seed in seeds:
        world = copy(first, folder / f"pair-{seed}")
        history = _History(world, seed)
        for _ in range(_STEPS):
            history.step()
        yield history.met().named(f"history {seed}")
        shutil.rmtree(world)
