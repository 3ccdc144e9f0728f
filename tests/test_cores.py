"""Work on many things: the same in order as for few, and an error comes through."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner

from dunctl.cli import main
from dunctl.store import cores
from dunctl.store.cores import each


def plus(more: int, n: int) -> tuple[int, int]:
    return n + more, os.getpid()


def refuse(n: int) -> int:
    if n == 700:
        raise ValueError(f"not {n}")
    return n


def leave(n: int) -> int:
    if n == 700:
        os._exit(9)
    return n


@pytest.mark.parametrize("count", [0, 1, 399, 400, 1234])
def test_the_answers_come_in_the_order_of_the_things(count: int) -> None:
    assert [n for n, _ in each(partial(plus, 5), range(count))] == list(range(5, count + 5))


def test_few_things_need_no_other_process() -> None:
    assert {process for _, process in each(partial(plus, 0), range(20))} == {os.getpid()}


def test_an_error_in_a_copy_is_an_error_of_the_command() -> None:
    with pytest.raises(ValueError, match="not 700"):
        list(each(refuse, range(1000)))


@pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity") or len(os.sched_getaffinity(0)) < 2, reason="one core"
)
def test_a_copy_that_is_killed_does_not_keep_the_command_waiting() -> None:
    with pytest.raises(RuntimeError):
        list(each(leave, range(1000)))


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
