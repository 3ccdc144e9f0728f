"""Killed at any moment, or twenty at once: a case file is as it was or has the entry whole."""

from __future__ import annotations

import io
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
import tomli

from dunctl.cli import main
from dunctl.store import files

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kill -9 is POSIX's")

NOW = "2026-11-24T09:00:00+00:00"
FACTS = """\
format = 1
currency = "GBP"

[debtor]
name = "{name}"
country = "GB"
timezone = "Europe/London"
language = "en"
"""
TOUCHES = {
    *("open", "write", "flush", "fsync", "close", "replace", "chmod", "unlink", "mkdir"),
    *("flock", "fork_exec", "waitpid"),
}
"""What the program asks of the system while it writes."""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a store in a git repository with twenty cases, and stand in it."""
    root = tmp_path / "desk"
    (root / "cases").mkdir(parents=True)
    (root / "dunctl.toml").write_text('[defaults]\ncurrency = "GBP"\n')
    (root / ".gitignore").write_text(".dunctl/\n")
    for n in range(20):
        (root / "cases" / f"case-{n:02}.toml").write_text(FACTS.format(name=f"Debtor {n}"))
    monkeypatch.chdir(root)
    for name, value in {
        "DUNCTL_NOW": NOW,
        "DUNCTL_USER": "li.na",
        "HOME": str(tmp_path),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Li Na",
        "GIT_AUTHOR_EMAIL": "li.na@example.com",
        "GIT_COMMITTER_NAME": "Li Na",
        "GIT_COMMITTER_EMAIL": "li.na@example.com",
    }.items():
        monkeypatch.setenv(name, value)
    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "--message", "the book")
    return root


def git(*words: str) -> str:
    done = subprocess.run(["git", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, (words, done.stderr)
    return done.stdout


def case(root: Path, n: int = 0) -> Path:
    return root / "cases" / f"case-{n:02}.toml"


def notes(path: Path) -> list[str]:
    """Return the notes of the calls in a file, which must be TOML and hold only whole entries."""
    contacts = tomli.loads(path.read_text()).get("contact", [])
    for contact in contacts:
        assert {"at", "channel", "outcome", "by", "note"} == set(contact), contact
    return [contact["note"] for contact in contacts]


def forked(words: list[str], before: Callable[[], object] = lambda: None) -> int:
    """Start ``dunctl WORDS`` in a process of its own, everything imported; returns its id."""
    child = os.fork()
    if child:
        return child
    code = 70
    try:
        null = os.open(os.devnull, os.O_RDWR)
        for handle in (0, 1, 2):
            os.dup2(null, handle)
        sys.stdout, sys.stderr = io.StringIO(), io.StringIO()
        before()
        main(words)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0
    finally:
        os._exit(code)


def ended(child: int) -> int:
    """Wait for a process; returns its exit code, or the number of its signal as a negative."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def die_at(nth: int) -> Callable[[], None]:
    """Return what makes this process kill itself just before its nth call under the lock."""
    left = [nth]

    def watch(_: Any, event: str, called: Any) -> None:
        if event != "c_call" or called.__name__ not in TOUCHES:
            return
        owner = getattr(called, "__self__", None)
        if called.__module__ in ("posix", "fcntl", "_posixsubprocess", "io", "_io") or isinstance(
            owner, io.IOBase
        ):
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def watch_from_the_lock_on() -> None:
        locked = files.locked

        def watched(root: Path) -> AbstractContextManager[None]:
            sys.setprofile(watch)
            return locked(root)

        files.locked = watched  # type: ignore[assignment] # in the child alone

    return watch_from_the_lock_on


def settled(root: Path) -> None:
    """Wait for a git whose caller was killed."""
    quiet = 0
    while quiet < 5:
        quiet = 0 if list((root / ".git").rglob("*.lock")) else quiet + 1
        time.sleep(0.01)


def is_consistent(root: Path) -> None:
    """Check that the history is whole, that it only ever added, and that nothing is left over."""
    git("fsck", "--strict")
    assert git("status", "--porcelain") == ""
    patch = git("log", "-p", "--format=", "--", "cases")
    assert [line for line in patch.splitlines() if line.startswith("-") and line[:3] != "---"] == []
    assert not list(root.rglob("*.lock"))
    assert len(list((root / "cases").glob("*.toml"))) == 20


def test_killed_at_every_single_call_a_log_is_written_whole_or_not_at_all(desk: Path) -> None:
    path = case(desk)
    ended(forked(["log", "case-00", "no_answer", "-m", "warm"]))
    kept = ["warm"]
    nth = killed = lost = 0
    while True:
        nth += 1
        before = path.read_bytes()
        note = f"call {nth}"
        code = ended(forked(["log", "case-00", "no_answer", "-m", note], die_at(nth)))
        after = path.read_bytes()
        assert after.startswith(before), f"killed before call {nth}: what was there is gone"
        assert notes(path) in (kept, [*kept, note]), f"killed before call {nth}"
        lost += after == before
        kept = notes(path)
        assert len(list((desk / "cases").glob("*.toml"))) == 20
        if code != -signal.SIGKILL:
            break
        killed += 1
    assert code == 0
    assert lost >= 5, "it was killed before the file was replaced"
    assert killed - lost >= 10, "and after"
    settled(desk)
    for left in (desk / "cases").glob(".*.tmp"):
        left.unlink()
    assert ended(forked(["log", "case-00", "no_answer", "-m", "last"])) == 0
    assert notes(path) == [*kept, "last"]
    is_consistent(desk)


def test_killed_at_random_with_all_it_started_the_next_command_works(desk: Path) -> None:
    path = case(desk)
    dice = random.Random(24)  # noqa: S311 - moments, no secrets
    command = [sys.executable, "-m", "dunctl", "log", "case-00", "no_answer", "-m"]
    started = time.monotonic()
    assert subprocess.run([*command, "first"], check=False, capture_output=True).returncode == 0
    whole = time.monotonic() - started
    for nth in range(14):
        before = path.read_bytes()
        kept = notes(path)
        child = subprocess.Popen(
            [*command, f"call {nth}"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        time.sleep(whole * dice.uniform(0.4, 1.0))
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        assert path.read_bytes().startswith(before)
        assert notes(path) in (kept, [*kept, f"call {nth}"])
    for lock in (desk / ".git").rglob("*.lock"):
        lock.unlink()
    for left in (desk / "cases").glob(".*.tmp"):
        left.unlink()
    kept = notes(path)
    assert ended(forked(["log", "case-00", "no_answer", "-m", "last"])) == 0
    assert notes(path) == [*kept, "last"]
    is_consistent(desk)


def test_killed_within_git_the_next_command_writes_and_says_that_git_is_locked(desk: Path) -> None:
    (desk / ".git" / "index.lock").touch()
    command = [sys.executable, "-m", "dunctl", "log", "case-00", "no_answer", "-m"]
    done = subprocess.run([*command, "one"], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "dunctl: written, but git did not commit it: " in done.stderr
    assert "index.lock" in done.stderr
    (desk / ".git" / "index.lock").unlink()
    assert ended(forked(["log", "case-00", "no_answer", "-m", "two"])) == 0
    assert notes(case(desk)) == ["one", "two"]
    is_consistent(desk)


def test_killed_while_it_opens_a_case_there_is_a_whole_case_or_none(desk: Path) -> None:
    assert ended(forked(["new", "warm"])) == 0
    nth = 0
    seen = {True: 0, False: 0}
    while True:
        nth += 3
        path = desk / "cases" / f"fresh-{nth}.toml"
        code = ended(forked(["new", path.stem, "--person", "Jane Roe;owner;1"], die_at(nth)))
        seen[path.exists()] += 1
        if path.exists():
            assert tomli.loads(path.read_text())["person"][0]["name"] == "Jane Roe"
        if code != -signal.SIGKILL:
            break
    assert code == 0
    assert min(seen.values()) >= 3, "it was killed before the file was there and after"
    assert ended(forked(["check"])) == 0


def test_killed_while_it_takes_back_every_file_is_whole(desk: Path) -> None:
    path = case(desk)
    assert ended(forked(["log", "case-00", "no_answer", "-m", "one"])) == 0
    nth = 0
    while True:
        nth += 7
        git("checkout", "--quiet", ".")
        before = path.read_bytes()
        code = ended(forked(["undo"], die_at(nth)))
        assert path.read_bytes().startswith(before)
        added = tomli.loads(path.read_text()).get("void", [])
        assert [entry["why"] for entry in added] in ([], ["undone"])
        settled(desk)
        if code != -signal.SIGKILL or added:
            break
    for left in (desk / "cases").glob(".*.tmp"):
        left.unlink()
    git("checkout", "--quiet", ".")
    ended(forked(["undo"]))
    assert len(tomli.loads(path.read_text())["void"]) == 1
    is_consistent(desk)


def test_twenty_processes_that_log_into_one_case_lose_nothing(desk: Path) -> None:
    command = [sys.executable, "-m", "dunctl", "log", "case-00", "no_answer", "-m"]
    children = [
        subprocess.Popen([*command, f"call {n}"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for n in range(20)
    ]
    for child in children:
        _, said = child.communicate()
        assert child.returncode == 0, said
        assert b"git" not in said, said
    assert sorted(notes(case(desk))) == sorted(f"call {n}" for n in range(20))
    assert git("rev-list", "--count", "HEAD") == "21\n"
    is_consistent(desk)


def test_twenty_processes_that_log_into_twenty_cases_lose_nothing(desk: Path) -> None:
    children = [forked(["log", f"case-{n:02}", "no_answer", "-m", f"call {n}"]) for n in range(20)]
    assert [ended(child) for child in children] == [0] * 20
    for n in range(20):
        assert notes(case(desk, n)) == [f"call {n}"]
    assert git("rev-list", "--count", "HEAD") == "21\n"
    touched = git("log", "--name-only", "--format=", "-20").split()
    assert sorted(touched) == sorted(f"cases/case-{n:02}.toml" for n in range(20))
    is_consistent(desk)


def test_one_who_opens_a_case_at_the_same_time_as_another_is_told(desk: Path) -> None:
    children = [forked(["new", word]) for word in ("shop", "Shop", "SHOP", "shop")]
    assert sorted(ended(child) for child in children) == [0, 1, 1, 1]
    assert len([p for p in (desk / "cases").iterdir() if p.stem.lower() == "shop"]) == 1
