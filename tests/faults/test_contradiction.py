"""Both sides changed one fact, and the sync that finds it is killed: the next one begins anew."""

from __future__ import annotations

import os
import re
from functools import partial
from pathlib import Path

import pytest

from tests.faults import shim
from tests.faults.acts import ACTS, base, unlock
from tests.faults.worlds import Seen, copy, git, look, must, run, warm

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="fork and kill -9 are POSIX's")

STEP = int(os.environ.get("CONTRADICTION_STEP", "30"))
"""At each how many-th call that writes it is killed; 1 for all of them, as ``make faults`` does."""
_TO_SETTLE = (
    "both sides changed the same in cases/case-0.toml: keep one of the two there, delete the marks",
    "cases/case-0.toml still has both sides of a key: keep one, delete the marks",
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a world in which two machines called one debtor otherwise, and logged calls.

    To be copied.
    """
    made = tmp_path_factory.mktemp("contradiction") / "world"
    base(made)
    ACTS["sync"].ready(made)
    must(made, 'set case-0 debtor.name "Theirs"', folder="other")
    must(made, "log case-1 no_answer -m 'theirs too'", folder="other")
    must(made, "sync", folder="other")
    must(made, 'set case-0 debtor.name "Ours"')
    warm(copy(made, made.with_name("warm")), "sync", "desk")
    return made


@pytest.fixture(scope="module")
def calm(world: Path) -> Path:
    """Return a copy after a sync that nothing happened to, with its calls that write."""
    there = copy(world, world.with_name("calm"))
    assert run(there, "sync", lambda: shim.put(shim.nothing, there / "calls"))[0] == 1
    return there


def settled(world: Path) -> Seen:
    """Choose our side and sync; returns what is there then."""
    path = world / "desk" / "cases" / "case-0.toml"
    text = path.read_text()
    assert 'name = "Theirs"' in text
    path.write_text(re.sub(r"<<<<<<<.*\n([^>]*)=======\n[^>]*>>>>>>>.*\n", r"\1", text))
    must(world, "sync")
    assert git(world, "status", "--porcelain") == ""
    return look(world)


def in_the_end(world: Path) -> str:
    """Sync until there is something to choose, deleting locks of git by hand; returns all said."""
    told = []
    for _ in range(4):
        code, said = run(world, "sync")
        told.append(said)
        if code == 1 and any(sentence in said for sentence in _TO_SETTLE):
            return "".join(told)
        assert "lock" in said, told
        unlock(world)
    raise AssertionError(told)


def test_a_sync_that_is_killed_within_a_contradiction_is_begun_anew(
    world: Path, calm: Path, tmp_path: Path
) -> None:
    """Whatever was in place by then, no file but the contradicted one is unreadable meanwhile."""
    calls = (calm / "calls").read_text().splitlines()
    expected = settled(copy(calm, tmp_path / "calm"))
    for nth in range(STEP, len(calls) + 1, STEP):
        there = copy(world, tmp_path / f"at-{nth}")
        where = f"call {nth}, {calls[nth - 1]}"
        run(there, "sync", partial(shim.put, shim.killed(nth), there / "calls"))
        for name in ("case-1", "case-2", "theirs", "gone"):
            path = there / "desk" / "cases" / f"{name}.toml"
            assert not path.exists() or not run(there, f"show {name}")[0], where
        in_the_end(there)
        assert settled(there).items == expected.items, where


def test_what_is_logged_after_the_kill_stays(world: Path, calm: Path, tmp_path: Path) -> None:
    calls = (calm / "calls").read_text().splitlines()
    last = max(n for n, call in enumerate(calls, 1) if call.startswith("replace store/files"))
    for nth in (last - 12, len(calls)):
        there = copy(world, tmp_path / f"at-{nth}")
        run(there, "sync", partial(shim.put, shim.killed(nth), there / "calls"))
        unlock(there)
        code, said = run(there, "log case-1 promise -m mine")
        assert code == 0, said
        assert "fatal" not in said
        code, said = run(there, "sync")
        assert code == 1
        assert any(sentence in said for sentence in _TO_SETTLE), said
        texts = [item.text for item in settled(there).items if item.path == "cases/case-1.toml"]
        assert sum("mine" in text for text in texts) == 1
        assert sum("theirs too" in text for text in texts) == 1
