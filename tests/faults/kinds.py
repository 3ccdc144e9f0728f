"""The kinds of fault. Each breaks one command in copies of its world and says what became of it."""

from __future__ import annotations

import errno
import os
import shlex
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from itertools import count, product
from pathlib import Path
from typing import NamedTuple

from dunctl.store import files
from tests.faults import shim
from tests.faults.acts import ACTS, Act, again, base, unlock
from tests.faults.worlds import (
    Item,
    Seen,
    Verdict,
    between,
    copy,
    ended,
    forked,
    git,
    look,
    run,
    warm,
)

_SAID = (0, 1, 2)
"""The exit codes of a command that worked, or that says in a sentence why it did not."""


class Stage(NamedTuple):
    """A command with its world, all that is there before, and after it without a fault.

    ``calls`` are its calls that write: name and place in the product.
    """

    name: str
    act: Act
    world: Path
    before: Counter[Item]
    after: Counter[Item]
    calls: tuple[str, ...]

    @property
    def words(self) -> list[str]:
        """Return the words of the command."""
        return shlex.split(self.act.words)

    @property
    def least(self) -> Counter[Item]:
        """Return what has to be there after it: of a new store not what git makes of it."""
        own = {k: n for k, n in self.after.items() if not k.path.startswith(".git/")}
        return Counter(own) if self.act.folder == "fresh" else self.after

    @property
    def copies(self) -> Generator[Path, None, None]:
        """Yield copies of the world, to break; each is gone when the next one is asked for."""
        for nth in count():
            there = copy(self.world, self.world.with_name(f"{self.world.name}-{nth}"))
            try:
                yield there
            finally:
                shutil.rmtree(there)


def stage(name: str, folder: Path) -> Stage:
    """Make the world of a command, and see what the command does without a fault."""
    act = ACTS[name]
    if not (folder / "base").exists():
        base(folder / "base")
    world = copy(folder / "base", folder / name.replace(" ", ""))
    act.ready(world)
    tried = copy(world, folder / "warmed")
    warm(tried, act.words, act.folder)
    shutil.rmtree(tried)
    tried = copy(world, folder / "tried")
    code, said = run(tried, act.words, lambda: shim.put(shim.nothing, tried / "calls"), act.folder)
    after = look(tried, act.folder)
    if code or after.unreadable:
        raise AssertionError(f"dunctl {act.words}: exit {code}: {said} {after.unreadable}")
    calls = (tried / "calls").read_text().splitlines()
    shutil.rmtree(tried)
    return Stage(name, act, world, look(world, act.folder).items, after.items, tuple(calls))


# What became of it


def judged(on: Stage, world: Path, code: int, said: str = "") -> Verdict:
    """Say what is wrong in a world after a command was struck, and what is when one goes on.

    Nothing of before may be lost, after exit 0 nothing at all; nothing may be there twice. Another
    command works as it is; this one works when it is called again by who was told that it failed,
    or by who finds that it did nothing, and then all is there once.
    """
    act, seen = on.act, look(world, on.act.folder)
    found = between(on.least if code == 0 else on.before & on.after, seen, on.before | on.after)
    if code not in (*_SAID, -signal.SIGKILL):
        found += Verdict(stuck=(f"exit {code}: {said}",))
    found += _another(world, act, seen)
    if code > 0 or (code < 0 and seen.items != on.after):
        try:
            last, said = again(world, act)
        except AssertionError as error:
            last, said = 1, str(error)
        if last:
            found += Verdict(stuck=(f"again: exit {last}: {said}",))
        found += between(on.least, look(world, act.folder), on.after)
    try:
        return found + _rest(world, act)
    except AssertionError as error:
        return found + Verdict(stuck=(str(error),))


def _another(world: Path, act: Act, seen: Seen) -> Verdict:
    """Log a call, in a copy of the world."""
    if not (world / act.folder / "dunctl.toml").exists():
        return Verdict()
    there = copy(world, world.with_name(f"{world.name}-another"))
    words = "new another" if act.folder == "fresh" else "log case-1 no_answer -m another"
    code, said = run(there, words, folder=act.folder)
    now = look(there, act.folder)
    shutil.rmtree(there)
    new = now.items - seen.items
    lost = tuple(map(str, (seen.items - now.items).elements()))
    fine = code == 0 and any("another" in item.path + item.text for item in new)
    return Verdict(lost, stuck=() if fine else (f"dunctl {words}: exit {code}: {said}",))


def _rest(world: Path, act: Act) -> Verdict:
    """Look for what git would take along by mistake, and for holes in what git has."""
    if not (world / act.folder / ".git").exists():
        return Verdict()
    if act.folder == "fresh":
        unlock(world, act.folder)
        git(world, "init", "--quiet", folder=act.folder)
    shown = git(world, "status", "--porcelain", "--untracked-files=all", folder=act.folder)
    left = tuple(
        f"left behind: {line}" for line in shown.splitlines() if ".tmp" in line or ".merge_" in line
    )
    git(world, "fsck", "--no-dangling", folder=act.folder)
    return Verdict(stuck=left)


# Struck at a call that writes

Strikes = Callable[[int], shim.Strike]


def _struck(on: Stage, world: Path, strike: shim.Strike) -> tuple[int, str]:
    log = world / "calls"
    return run(world, on.act.words, lambda: shim.put(strike, log), on.act.folder)


def _at_each_call(on: Stage, strikes: Strikes, first: int, step: int) -> Iterator[Verdict]:
    for nth, world in zip(range(first, len(on.calls) + 1, step), on.copies, strict=False):
        code, said = _struck(on, world, strikes(nth))
        yield judged(on, world, code, said).named(f"{on.name}, call {nth}, {on.calls[nth - 1]}")


def killed(on: Stage, first: int = 1, step: int = 1) -> Iterator[Verdict]:
    """Kill it, with the git that runs, before each call that writes; in the middle of a file."""
    return _at_each_call(on, shim.killed, first, step)


def failing(on: Stage, first: int = 1, step: int = 1) -> Iterator[Verdict]:
    """Let each call that writes fail once."""
    return _at_each_call(on, lambda nth: shim.failing(nth, errno.EIO), first, step)


def full(on: Stage, first: int = 1, step: int = 1) -> Iterator[Verdict]:
    """Let the disk be full from each call on."""
    return _at_each_call(on, lambda nth: shim.full(nth, errno.ENOSPC), first, step)


# Something else is wrong


def read_only(on: Stage) -> Iterator[Verdict]:
    """Let nothing be written at all."""
    for world in _one(on):
        code, said = _struck(on, world, shim.read_only(errno.EROFS))
        yield judged(on, world, code, said).named(on.name)


def _one(on: Stage) -> Iterator[Path]:
    for _, world in zip(range(1), on.copies, strict=False):
        yield world


def lock_held(on: Stage) -> Iterator[Verdict]:
    """Let another process hold the lock: the command gives up. Then that one is killed."""
    for world in _one(on):
        root = world / on.act.folder
        with _holder(root) as holder:
            code, said = run(world, on.act.words, _impatient, on.act.folder)
            os.kill(holder, signal.SIGKILL)
        yield judged(on, world, code, said).named(on.name)


def _impatient() -> None:
    files.WAIT_SECONDS = 0  # in the child alone


@contextmanager
def _holder(root: Path) -> Iterator[int]:
    """Give the id of a process that holds the lock of a store."""
    held, told = os.pipe()
    child = os.fork()
    if not child:
        with files.locked(root):
            os.write(told, b".")
            signal.pause()
    os.read(held, 1)
    try:
        yield child
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(held)
        os.close(told)


def without_git(on: Stage) -> Iterator[Verdict]:
    """Let git not be installed."""
    for world in _one(on):
        (world / "bin").mkdir()
        for name in ("sh",):
            (world / "bin" / name).symlink_to(shutil.which(name) or name)
        code, said = run(world, on.act.words, folder=on.act.folder, PATH=str(world / "bin"))
        yield judged(on, world, code, said).named(on.name)


def hooks_refuse(on: Stage) -> Iterator[Verdict]:
    """Let every hook of git refuse, here and at the remote."""
    for world in _one(on):
        hooks = [
            world / folder / "hooks" / name
            for folder, name in (
                *(("desk/.git", name) for name in ("pre-commit", "pre-merge-commit", "commit-msg")),
                *(("shared.git", name) for name in ("pre-receive", "update")),
            )
            if (world / folder).exists()
        ]
        for hook in hooks:
            hook.parent.mkdir(exist_ok=True)
            hook.write_text("#!/bin/sh\necho no >&2\nexit 1\n")
            hook.chmod(0o755)
        code, said = run(world, on.act.words, folder=on.act.folder)
        for hook in hooks:
            if hook.read_text().endswith("exit 1\n"):
                hook.unlink()
        yield judged(on, world, code, said).named(on.name)


CLOCKS = ("2026-11-24T10:30:00+00:00", "2026-11-23T11:00:00+00:00", "2026-03-29T01:30:00+00:00")


def clock_back(on: Stage) -> Iterator[Verdict]:
    """Let the clock show an earlier time than what is written: as many entries come, none goes."""
    for now, world in zip(CLOCKS, on.copies, strict=False):
        code, said = run(world, on.act.words, folder=on.act.folder, DUNCTL_NOW=now)
        seen = look(world, on.act.folder)
        found = Verdict(tuple(map(str, (on.before & on.after - seen.items).elements())))
        found += Verdict(unreadable=seen.unreadable)
        new, wanted = (_shapes(items - on.before) for items in (seen.items, on.after))
        if new:
            lost, more = (wanted - new).elements(), (new - wanted).elements()
            found += Verdict(tuple(map(str, lost)), tuple(map(str, more)))
        if code not in _SAID:
            found += Verdict(stuck=(f"exit {code}: {said}",))
        found += _another(world, on.act, seen)
        yield found.named(f"{on.name} at {now}")


def _shapes(items: Counter[Item]) -> Counter[tuple[str, str]]:
    """Return what kinds of items these are, whatever time they carry."""
    return Counter((item.path.split("/2026-")[0], item.kind) for item in items.elements())


def kept_aside(on: Stage, step: int = 1) -> Iterator[Verdict]:
    """Delete, cut, empty or garble a file of ``.dunctl``: the list stays the same."""
    damages: tuple[Callable[[Path], object], ...] = (
        lambda path: path.unlink(),
        lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"\xff\x00garbage\n" * 400),
    )
    first = next(worlds := on.copies)
    run(first, on.act.words)
    wanted = run(first, "today")
    if wanted[0] not in _SAID:
        raise AssertionError(wanted)
    aside = sorted((first / "desk" / ".dunctl").rglob("*"))
    kept = [path for path in aside if path.is_file() and not path.name.endswith("lock")]
    for path, damage in list(product(kept, damages))[::step]:
        world = copy(first, first.with_name("damaged"))
        damage(world / path.relative_to(first))
        got = run(world, "today")
        found = _another(world, on.act, look(world))
        if got != wanted:
            found += Verdict(stuck=(f"today: {got}, not {wanted}",))
        for words in (on.act.words, "send --queue", "check"):
            code, said = run(world, words)
            if code not in _SAID:
                found += Verdict(stuck=(f"{words}: exit {code}: {said}",))
        shutil.rmtree(world)
        yield found.named(f"{on.name}: {path.name}")
    worlds.close()


def small_disk(on: Stage, step: int = 1) -> Iterator[Verdict]:
    """Run it, git and all, on a disk with no page free, then with a few more, until it works."""
    for free in count(0, step):
        with _disk(on.world.with_name("disk")) as disk:
            world = copy(on.world, disk / "world")
            filler = disk / "filler"
            _fill(filler, free)
            code, said = run(world, on.act.words, folder=on.act.folder)
            filler.unlink()
            found = judged(on, world, code, said)
        yield found.named(f"{on.name}, {free} pages free")
        if code == 0 and "No space" not in said:
            return


def may_mount(folder: Path) -> bool:
    """Return whether small disks can be made here."""
    try:
        with _disk(folder / "tried"):
            return True
    except OSError:
        return False


@contextmanager
def _disk(folder: Path) -> Iterator[Path]:
    """Give a file system of its own, of 8 MB. Raises ``OSError`` where it may not be mounted."""
    folder.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        raise PermissionError(folder)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def _fill(file: Path, free: int) -> None:
    """Fill a disk with a file, but for so many pages."""
    page = os.sysconf("SC_PAGE_SIZE")
    left = os.statvfs(file.parent).f_bavail * os.statvfs(file.parent).f_frsize // page
    file.write_bytes(bytes((left - free) * page))


def crowd(on: Stage, people: int = 12) -> Iterator[Verdict]:
    """Let many write at once, into one case and into several: each entry is there once."""
    for world in _one(on):
        words = [f"log case-{n % 2} no_answer -m crowd-{n}" for n in range(people)]
        children = [forked(world, one) for one in words]
        ends = [ended(child) for child in children]
        seen = look(world)
        notes = Counter(
            item.text.partition("crowd-")[2].partition("'")[0]
            for item in seen.items.elements()
            if "crowd-" in item.text
        )
        lost = tuple(str(n) for n in range(people) if ends[n][0] == 0 and not notes[str(n)])
        doubled = tuple(note for note, times in notes.items() if times > 1)
        stuck = tuple(f"exit {code}: {said}" for code, said in ends if code or "git" in said)
        yield Verdict(lost, doubled, seen.unreadable, stuck) + _rest(world, on.act)
