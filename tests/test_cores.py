"""Work on many things: the same in order as for few, and an error comes through."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from functools import partial
from multiprocessing import active_children
from pathlib import Path
from time import sleep

import pytest
from click.testing import CliRunner

from dunctl.cli import main
from dunctl.store import cores
from dunctl.store.cores import each


def plus(more: int, some: Sequence[int]) -> list[tuple[int, int]]:
    return [(n + more, os.getpid()) for n in some]


def doze(some: Sequence[int]) -> list[int]:
    sleep(0.01)
    return [os.getpid() for _ in some]


def refuse(some: Sequence[int]) -> Sequence[int]:
    if 700 in some:
        raise ValueError("not 700")
    return some


def leave(command: int, some: Sequence[int]) -> Sequence[int]:
    if 700 in some and os.getpid() != command:
        os.kill(os.getpid(), signal.SIGKILL)
    return some


@pytest.mark.parametrize("count", [0, 1, 399, 400, 1234])
def test_the_answers_come_in_the_order_of_the_things(count: int) -> None:
    assert [n for n, _ in each(partial(plus, 5), range(count))] == list(range(5, count + 5))


def test_few_things_need_no_other_process() -> None:
    assert {process for _, process in each(partial(plus, 0), range(20))} == {os.getpid()}


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one core")
def test_many_things_are_done_here_and_in_copies() -> None:
    who = list(each(doze, range(1000)))
    assert os.getpid() in who
    assert len({*who}) == len(os.sched_getaffinity(0))


def test_whoever_wants_no_more_leaves_nobody_working() -> None:
    wanted = each(doze, range(10_000))
    next(wanted)
    wanted.close()  # type: ignore[attr-defined]
    assert not active_children()


def test_an_error_in_a_copy_is_an_error_of_the_command() -> None:
    with pytest.raises(ValueError, match="not 700"):
        list(each(refuse, range(1000)))


def test_what_a_copy_that_is_killed_leaves_undone_is_done_nevertheless() -> None:
    assert list(each(partial(leave, os.getpid()), range(1000))) == list(range(1000))


def test_many_files_are_checked_as_few_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dunctl.toml").write_text('[defaults]\ncurrency = "GBP"\ncountry = "GB"\n')
    (tmp_path / "cases").mkdir()
    for n in range(430):
        wrong = "colour = 1\n" if n % 50 == 7 else ""
        text = f'format = 1\ncurrency = "GBP"\n{wrong}[debtor]\nname = "{n}"\n'
        (tmp_path / "cases" / f"c{n:03}.toml").write_text(text)
    found = [CliRunner().invoke(main, ["--store", str(tmp_path), "check"])]
    monkeypatch.setattr(cores, "MANY", 1000)
    found.append(CliRunner().invoke(main, ["--store", str(tmp_path), "check"]))
    assert found[0].output == found[1].output
    assert [line.partition(":")[0] for line in found[0].output.splitlines()] == [
        f"cases/c{n:03}.toml" for n in range(7, 430, 50)
    ]
