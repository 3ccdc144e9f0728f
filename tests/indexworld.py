"""A small store to which anything may happen, its cases, its settings and its index."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from dunctl.store import config
from dunctl.store.index_file import NAME

# A store that something happens to


CASE = """\
format = 1
currency = "GBP"
{head}
[debtor]
name = "{name}"
timezone = "Europe/London"

[[invoice]]
number = "A"
due = 2026-11-16
amount = {amount}.00
"""
IDS = ("ash", "beech", "cedar", "elm", "fir", "oak")


class World:
    """A store, the time, and a journal of what was done to it."""

    def __init__(self, root: Path, seed: int) -> None:
        self.dice = random.Random(seed)  # noqa: S311 - what happens, not a secret
        self.root = root
        self.moment = 5000
        self.done: list[str] = []
        self.kept: list[bytes] = []
        (root / "cases").mkdir(parents=True)
        (root / ".dunctl").mkdir()
        self.settings = root / config.NAME
        self.settings.write_text("[defaults]\ndays = 30\n")
        for case_id in IDS[: self.dice.randint(3, 5)]:
            self.path(case_id).write_text(self.text())

    @property
    def index(self) -> Path:
        return self.root / ".dunctl" / NAME

    def path(self, case_id: str) -> Path:
        return self.root / "cases" / f"{case_id}.toml"

    def text(self) -> str:
        """Return a case; all of them are as long as each other."""
        return CASE.format(head="", name="Acme", amount=self.dice.randint(1000, 9999))

    def one(self) -> Path | None:
        """Return the path of a case that is a plain file, if there is one."""
        found = [p for p in sorted((self.root / "cases").iterdir()) if p.is_file()]
        return self.dice.choice([p for p in found if not p.is_symlink()] or [None])

    def spare(self) -> Path:
        """Return a path at which nothing is."""
        free = [self.path(i) for i in IDS if not os.path.lexists(self.path(i))]
        return self.dice.choice(free or [self.path(f"new-{self.dice.randrange(10**6)}")])


def removed(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def in_place(path: Path, text: str) -> None:
    """Write over a file: it stays the same inode."""
    with open(path, "r+b") as stream:
        stream.write(text.encode())
        stream.truncate()


# What can happen to a case


def rewritten(world: World, path: Path) -> None:
    in_place(path, world.text())


def grown(world: World, path: Path) -> None:
    in_place(path, world.text() + "# so it is\n" * world.dice.randint(1, 3))


def replaced(world: World, path: Path) -> None:
    other = path.with_name(".other.tmp")
    other.write_text(world.text())
    os.replace(other, path)


def backdated(world: World, path: Path) -> None:
    """Change a file and set its time back to what it was."""
    was = path.stat().st_mtime_ns
    in_place(path, world.text())
    os.utime(path, ns=(was, was))


def aged(world: World, path: Path) -> None:
    """Change a file and let it look ten years old, on a clock of whole seconds."""
    in_place(path, world.text())
    os.utime(path, (1_500_000_000, 1_500_000_000))


def ahead(world: World, path: Path) -> None:
    in_place(path, world.text())
    later = time.time() + 3600
    os.utime(path, (later, later))


def broken(world: World, path: Path) -> None:
    in_place(path, world.text() + world.dice.choice(("[[invoice]]\n", "= 1\n", "nobody = 1\n")))


def no_text(world: World, path: Path) -> None:
    path.write_bytes(b"\xff\xfe" * world.dice.randint(1, 20))


def emptied(world: World, path: Path) -> None:
    path.write_bytes(b"")


def named_policy(world: World, path: Path) -> None:
    in_place(path, world.text().replace("\n\n[d", '\npolicy = "own"\n\n[d', 1))


def gone(world: World, path: Path) -> None:
    path.unlink()


def gone_and_back(world: World, path: Path) -> None:
    path.unlink()
    path.write_text(world.text())


def two_names(world: World, path: Path) -> None:
    """Give a case the name of another one, and that one the name of this."""
    other, middle = world.one() or path, path.with_name(".middle.tmp")
    if other != path:
        path.rename(middle)
        other.rename(path)
        middle.rename(other)


def renamed(world: World, path: Path) -> None:
    path.rename(world.spare())


def copied_over(world: World, path: Path) -> None:
    """Put a copy, times and all, in the place of another case."""
    other = world.one() or path
    if not other.samefile(path):
        shutil.copy2(other, path)


def linked_twice(world: World, path: Path) -> None:
    os.link(path, world.spare())


def a_link(world: World, path: Path) -> None:
    world.spare().symlink_to(path)


def a_folder(world: World, path: Path) -> None:
    world.spare().mkdir()


def a_link_instead(world: World, path: Path) -> None:
    away = world.root / f"away-{path.name}"
    path.rename(away)
    path.symlink_to(away)


def other_rights(world: World, path: Path) -> None:
    path.chmod(world.dice.choice((0o600, 0o644)))


CASES: tuple[Callable[[World, Path], None], ...] = (
    *(
        rewritten,
        rewritten,
        rewritten,
        grown,
        replaced,
        replaced,
        backdated,
        backdated,
        aged,
        ahead,
    ),
    *(broken, broken, no_text, emptied, named_policy, gone, gone_and_back, two_names, renamed),
    *(copied_over, linked_twice, a_link, a_folder, a_link_instead, other_rights),
)


# What can happen beside the cases


def new(world: World) -> None:
    world.spare().write_text(world.text())


def tidied(world: World) -> None:
    """Take away what is no case, and mend what is not sound."""
    for path in sorted((world.root / "cases").iterdir()):
        if path.is_symlink() or path.is_dir():
            removed(path)
        elif CASE.splitlines()[-2] not in path.read_text(errors="replace"):
            path.write_text(world.text())


def later(world: World) -> None:
    world.moment += world.dice.choice((1, 100, 1000, 3000))


def earlier(world: World) -> None:
    world.moment -= world.dice.choice((1, 100, 1000, 3000))


def other_settings(world: World) -> None:
    in_place(world.settings, f"[defaults]\ndays = {world.dice.randint(10, 99)}\n")


def own(world: World) -> None:
    """Write, change or remove a file of the store's own policies, packs and law."""
    kind = world.dice.choice((".", ".", "packs", "limitation", "interest", "rates"))
    path = world.root / "policies" / kind / "own.toml"
    if path.exists() and world.dice.random() < 0.5:
        path.unlink()
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# {world.dice.randrange(100):02}\n")


def own_folder_elsewhere(world: World) -> None:
    """Keep packs where a link leads, and change one there."""
    away, here = world.root / "away", world.root / "policies" / "packs"
    away.mkdir(exist_ok=True)
    (away / "far.toml").write_text(f"# {world.dice.randrange(100):02}\n")
    here.parent.mkdir(exist_ok=True)
    if not os.path.lexists(here):
        here.symlink_to(away)


def odd_policy(world: World) -> None:
    """Put something where a policy would be that is no file."""
    path = world.root / "policies" / world.dice.choice(("packs/odd.toml", "odd.toml"))
    path.parent.mkdir(parents=True, exist_ok=True)
    if os.path.lexists(path):
        removed(path)
    elif world.dice.random() < 0.5:
        path.mkdir()
    else:
        path.symlink_to("nowhere")


def moved_house(world: World) -> None:
    """Go on in a copy of the store, made as ``cp -a`` does."""
    there = world.root.with_name(f"{world.root.name}-copy")
    shutil.copytree(world.root, there, symlinks=True)
    shutil.rmtree(world.root)
    world.root = there
    world.settings = there / config.NAME


def nothing(world: World) -> None:
    pass


BESIDE: tuple[Callable[[World], None], ...] = (
    *(new, tidied, tidied, tidied, later, later, earlier, earlier, nothing, nothing),
    *(other_settings, own, own, own_folder_elsewhere, odd_policy, moved_house),
)


# What can happen to the index


def deleted(world: World) -> None:
    removed(world.index)


def flipped(world: World) -> None:
    """Change bytes anywhere in it."""
    data = bytearray(world.index.read_bytes())
    for _ in range(world.dice.choice((1, 1, 3, 30, 300))):
        if data:
            data[world.dice.randrange(len(data))] = world.dice.randrange(256)
    world.index.write_bytes(data)


def scribbled(world: World) -> None:
    """Write over a stretch of it."""
    data = world.index.read_bytes()
    at, some = world.dice.randint(0, len(data)), world.dice.randint(1, 5000)
    world.index.write_bytes(data[:at] + world.dice.randbytes(some) + data[at + some :])


def cut(world: World) -> None:
    world.index.write_bytes(world.index.read_bytes()[: world.dice.randint(0, 20000)])


def blank(world: World) -> None:
    world.index.write_bytes(b"")


def lengthened(world: World) -> None:
    with open(world.index, "ab") as stream:
        stream.write(world.dice.randbytes(world.dice.randint(1, 9000)))


def noise(world: World) -> None:
    world.index.write_bytes(world.dice.randbytes(world.dice.randint(1, 9000)))


def a_text(world: World) -> None:
    world.index.write_text("the index of a book\n" * world.dice.randint(1, 400))


def foreign(world: World) -> None:
    """Put another program's database there."""
    removed(world.index)
    with closing(sqlite3.connect(world.index)) as other:
        other.execute(f"PRAGMA journal_mode = {world.dice.choice(('DELETE', 'WAL'))}")
        other.execute(f"PRAGMA user_version = {world.dice.choice((0, 7))}")
        other.execute(world.dice.choice(("CREATE TABLE note (id)", "CREATE TABLE person (name)")))
        other.commit()


def other_columns(world: World) -> None:
    """Let values have other types than they should."""
    value = world.dice.choice(("NULL", "7", "'x'", "x''", "1.5", "id", "9e999"))
    column = world.dice.choice(("id", "mtime", "size", "head", "head_sum", "rest", "rest_sum"))
    with closing(sqlite3.connect(world.index)) as index:
        try:
            index.execute(f"UPDATE OR IGNORE note SET {column} = {value}")  # noqa: S608
            index.commit()
        except sqlite3.Error:
            pass


def stale_journal(world: World) -> None:
    """Leave a journal beside it: noise, or a page of it from before."""
    beside = world.index.with_name(f"{NAME}-journal")
    data = world.dice.randbytes(3000)
    if world.kept and world.dice.random() < 0.7:
        data = journal_of(world.dice.choice(world.kept), world.dice)
    beside.write_bytes(data)


def journal_of(data: bytes, dice: random.Random) -> bytes:
    """Return the journal of a change to a database that was like this before it."""
    size = 4096
    pages = [data[n : n + size] for n in range(0, len(data) - size + 1, size)]
    some = [n for n in range(len(pages)) if dice.random() < 0.7]
    nonce = 7
    head = b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + b"".join(
        n.to_bytes(4, "big") for n in (len(some), nonce, len(pages), 512, size)
    )
    body = b""
    for n in some:
        total = nonce + sum(pages[n][at] for at in range(size - 200, 0, -200))
        body += (n + 1).to_bytes(4, "big") + pages[n] + (total % 2**32).to_bytes(4, "big")
    return head.ljust(512, b"\0") + body


def from_before(world: World) -> None:
    """Put an index of some steps ago back."""
    if world.kept:
        world.index.write_bytes(world.dice.choice(world.kept))


def a_directory(world: World) -> None:
    removed(world.index)
    world.index.mkdir()


INDEX: tuple[Callable[[World], None], ...] = (
    *(deleted, flipped, flipped, flipped, scribbled, scribbled, cut, blank, lengthened, noise),
    *(a_text, foreign, other_columns, other_columns, stale_journal, stale_journal, from_before),
    a_directory,
)


def happens(world: World, peer: World) -> None:
    """Do something to a world; ``peer`` is another one, to swap with."""
    dice = world.dice
    keep(world)
    for _ in range(dice.choice((1, 1, 2, 3))):
        which = dice.random()
        path = world.one()
        if which < 0.5 and path is not None:
            act = dice.choice(CASES)
            world.done.append(f"{act.__name__} {path.stem}")
            act(world, path)
        elif which < 0.75:
            beside = dice.choice(BESIDE)
            world.done.append(beside.__name__)
            beside(world)
        elif which < 0.78 and peer is not world and peer.index.is_file():
            world.done.append("the index of another store")
            removed(world.index)
            shutil.copy2(peer.index, world.index)
        elif world.index.is_file():
            spoil = dice.choice(INDEX)
            world.done.append(spoil.__name__)
            spoil(world)
        else:
            removed(world.index)


def keep(world: World) -> None:
    if world.index.is_file():
        world.kept.append(world.index.read_bytes())
