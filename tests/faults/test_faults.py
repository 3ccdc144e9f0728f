"""Commands under injected failures: a part of what ``make faults`` does with all of them."""

from __future__ import annotations

import os
from collections import Counter
from itertools import chain
from pathlib import Path

import pytest

from tests.faults import kinds, machines
from tests.faults.acts import base
from tests.faults.kinds import Stage
from tests.faults.worlds import Item, Verdict, copy, ended, forked, git, look, run

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="fork and kill -9 are POSIX's")

ACTS = (
    *("log", "pay", "set", "escalate", "import", "undo", "letter", "send", "sync", "init"),
    "check --fix",
)


@pytest.fixture(scope="session")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a world as all commands find it; to be copied."""
    world = tmp_path_factory.mktemp("faults") / "base"
    base(world)
    return world


@pytest.fixture
def folder(desks: Path, tmp_path: Path) -> Path:
    """Return a folder for the worlds of a test, with the one that they are copied from."""
    copy(desks, tmp_path / "base")
    return tmp_path


@pytest.fixture
def on(request: pytest.FixtureRequest, folder: Path) -> Stage:
    """Return a command with its world: the one that a test names."""
    return kinds.stage(request.param, folder)


@pytest.mark.parametrize("on", ACTS, indirect=True)
def test_whatever_breaks_what_was_acknowledged_is_there_once(on: Stage) -> None:
    calls = len(on.calls)
    middle = calls // 2 + len(on.name) % 3
    found = chain(
        kinds.killed(on, middle, calls),
        kinds.failing(on, calls),
        kinds.full(on, middle - 2, calls),
        kinds.lock_held(on),
    )
    wrong = [verdict for verdict in found if not verdict.fine]
    assert wrong == []


@pytest.mark.parametrize("on", ["pay", "init"], indirect=True)
def test_where_nothing_can_be_written_or_git_refuses_nothing_is_lost(on: Stage) -> None:
    for kind in (kinds.read_only, kinds.without_git, kinds.hooks_refuse, kinds.clock_back):
        for verdict in kind(on):
            assert verdict.fine, verdict


@pytest.mark.parametrize("on", ["log"], indirect=True)
def test_a_list_is_the_same_whatever_became_of_what_is_kept_aside(on: Stage) -> None:
    for verdict in kinds.kept_aside(on, step=3):
        assert verdict.fine, verdict


@pytest.mark.parametrize("on", ["log"], indirect=True)
def test_many_who_write_at_once_lose_nothing(on: Stage) -> None:
    assert list(kinds.crowd(on)) == [Verdict()]


def test_two_machines_that_write_at_once_have_the_same_in_the_end(tmp_path: Path) -> None:
    for verdict in machines.histories(tmp_path, range(2)):
        assert verdict.fine, verdict


# What the faults have found


@pytest.mark.parametrize("on", ["import"], indirect=True)
def test_undo_without_an_answer_of_git_leaves_the_cases_alone(on: Stage) -> None:
    """Without what was there before it, everything would seem to be new."""
    assert run(on.world, on.act.words)[0] == 0
    before = look(on.world)
    for blob in (on.world / "desk" / ".git" / "objects").glob("??/*"):
        if git(on.world, "cat-file", "-t", blob.parent.name + blob.name) == "blob\n":
            blob.unlink()
    code, said = run(on.world, "undo")
    assert code == 1
    assert "git cannot show cases/case-0.toml as it was" in said
    assert look(on.world) == before


@pytest.mark.parametrize("on", ["sync"], indirect=True)
def test_a_merge_driver_that_fails_does_not_drop_the_other_side(on: Stage) -> None:
    """git takes our own text for the merged one then, and nothing in the file shows it."""
    world = copy(on.world, on.world.with_name("broken"))
    (world / "bin").mkdir()
    broken = world / "bin" / "dunctl"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    code, said = run(world, "sync", lambda: _driven_by(broken))
    assert code == 1
    assert "cases/case-0.toml could not be merged: try again" in said
    assert _cases(look(world).items) == _cases(on.before)
    assert run(world, "sync")[0] == 0
    assert look(world).items == on.after


def _cases(items: Counter[Item]) -> dict[Item, int]:
    return {item: n for item, n in items.items() if item.path.startswith("cases/")}


def _driven_by(program: Path) -> None:
    from dunctl.store import drivers

    drivers._program = lambda: f'"{program}"'


def test_killed_within_git_the_next_command_writes_and_says_that_git_is_locked(
    folder: Path,
) -> None:
    on = kinds.stage("log", folder)
    (on.world / "desk" / ".git" / "index.lock").touch()
    code, said = run(on.world, on.act.words)
    assert code == 0
    assert "dunctl: written, but git did not commit it: " in said
    assert "index.lock" in said
    assert look(on.world).items == on.after


def test_one_who_opens_a_case_at_the_same_time_as_another_is_told(folder: Path) -> None:
    on = kinds.stage("new", folder)
    children = [forked(on.world, f"new {word}") for word in ("shop", "Shop", "SHOP", "shop")]
    assert sorted(ended(child)[0] for child in children) == [0, 1, 1, 1]
    names = [path.stem.lower() for path in (on.world / "desk" / "cases").glob("*.toml")]
    assert names.count("shop") == 1
