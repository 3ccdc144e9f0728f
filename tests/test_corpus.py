"""The test documents of TOML as case files: what is wrong has its line, what is right is kept.

tests/corpus/toml-test.json has those of TOML 1.1 from https://github.com/toml-lang/toml-test, under
the licence beside it; tools/corpus.py writes it.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from dunctl.case import edit, lines
from dunctl.case.merge import merge
from dunctl.case.parse import parse
from dunctl.case.toml import loads
from dunctl.cli import main
from dunctl.errors import Refused

CORPUS = json.loads(
    (Path(__file__).parent / "corpus" / "toml-test.json").read_text(encoding="utf-8")
)
DOCUMENTS = {name: text.encode("latin-1") for name, text in CORPUS["files"].items()}
VALID = {name: data for name, data in DOCUMENTS.items() if name.startswith("valid/")}
GROUPS = sorted({name.split("/")[1] for name in VALID})
BOM = "\ufeff"
ONE, OTHER = (
    {"on": date(2026, 11, day), "amount": Decimal(amount)}
    for day, amount in ((1, "5.00"), (2, "6.00"))
)
IN_PARTS = 13
"""Of the right documents have a table in two places, which is left to git's own merge."""


def store(folder: Path, **files: bytes) -> Path:
    (folder / "dunctl.toml").write_text("format = 1\n", encoding="utf-8")
    (folder / "cases").mkdir()
    for name, data in files.items():
        (folder / "cases" / f"{name}.toml").write_bytes(data)
    return folder


def file_name(document: str) -> str:
    return re.sub("[^a-z0-9]+", "-", document.lower())


def case_with(document: bytes) -> str:
    """Return a case file that has a document before its debtor."""
    text = document.decode()
    mark = BOM if text.startswith(BOM) else ""
    body = text.removeprefix(mark)
    return f'{mark}format = 1\ncurrency = "GBP"\n{body}\n[debtor]\nname = "Acme"\n'


def cases(group: str = "") -> Iterator[tuple[str, str]]:
    for name, data in VALID.items():
        if name.startswith(f"valid/{group}"):
            yield name, case_with(data)


def filled(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def at(data: Any, path: lines.Path) -> Any:
    for name in path:
        data = data[name]
    return data


def test_check_names_every_wrong_document_with_its_line_in_one_sentence(tmp_path: Path) -> None:
    wrong = {file_name(n): data for n, data in DOCUMENTS.items() if n not in VALID}
    result = CliRunner().invoke(main, ["check", "--store", str(store(tmp_path, **wrong))])
    assert result.exit_code == 1
    assert result.stderr == ""
    said = re.findall(r"^cases/(.+)\.toml:(\d+): is not (?:TOML|UTF-8): .+$", result.stdout, re.M)
    assert len(said) == result.stdout.count("\n")
    assert sorted(name for name, _ in said) == sorted(wrong)
    for name, line in said:
        assert 1 <= int(line) <= wrong[name].count(b"\n") + 1, name
    assert all(c.isprintable() or c == "\n" for c in result.stdout)


def test_check_takes_every_right_document_for_toml(tmp_path: Path) -> None:
    right = {file_name(name): data for name, data in VALID.items()}
    result = CliRunner().invoke(main, ["check", "--store", str(store(tmp_path, **right))])
    assert result.exit_code == 1
    assert result.stderr == ""
    assert "is not TOML" not in result.stdout
    said = [re.match(r"cases/(.+?)\.toml:\d+: ", line) for line in result.stdout.splitlines()]
    assert {match[1] for match in said if match} == {*right}
    assert all(said)


@pytest.mark.parametrize("group", GROUPS)
def test_an_entry_is_added_and_no_byte_of_the_document_is_lost(group: str) -> None:
    for name, text in cases(group):
        new = edit.append(text, [("payment", ONE)])
        assert new.startswith(text), name
        assert loads(new) == loads(text) | {"payment": [ONE]}, name


@pytest.mark.parametrize("group", GROUPS)
def test_a_fact_is_set_and_no_byte_of_the_document_is_lost(group: str) -> None:
    for name, text in cases(group):
        for path in (("colour",), ("debtor", "number")):
            new = edit.set_key(text, path, "x")
            assert re.sub(f'{path[-1]} = "x"\r?\n', "", new, count=1) == text, name
            assert at(loads(new), path) == "x", name


@pytest.mark.parametrize("group", GROUPS)
def test_every_key_and_its_value_is_found_where_it_stands(group: str) -> None:
    for name, text in cases(group):
        data = loads(text)
        for mark in lines.scan(text):
            found = at(data, mark.path)
            assert mark.line == text.count("\n", 0, mark.start) + 1, name
            if not mark.header:
                assert loads(f"x = {text[slice(*mark.value)]}") == {"x": found}, (name, mark)


def test_every_problem_of_a_right_document_has_a_line_of_the_file() -> None:
    for name, text in cases():
        for problem in parse(text)[1]:
            assert 1 <= problem.line <= text.count("\n") + 1, name


def test_two_sides_of_a_document_are_merged_or_left_to_git_and_no_line_is_lost() -> None:
    left = 0
    for name, text in cases():
        ours, theirs = (edit.append(text, [("payment", entry)]) for entry in (ONE, OTHER))
        try:
            found = merge(text, ours, theirs)
        except Refused:
            left += 1
            continue
        assert found.conflicts == (), name
        assert loads(found.text) == loads(text) | {"payment": [ONE, OTHER]}, name
        assert found.text.startswith(BOM) == text.startswith(BOM), name
        assert not Counter(filled(text)) - Counter(filled(found.text)), name
    assert left == IN_PARTS


@pytest.mark.parametrize("name", [*VALID][::6])
def test_a_command_that_writes_keeps_every_byte(name: str, tmp_path: Path) -> None:
    text = case_with(VALID[name])
    desk = store(tmp_path, acme=text.encode())
    was_case = parse(text)[0] is not None
    result = CliRunner().invoke(main, ["pay", "acme", "5", "--store", str(desk)])
    assert result.exit_code in (0, 1), result.output
    after = (desk / "cases" / "acme.toml").read_bytes()
    assert after.startswith(text.encode())
    assert len(after) > len(text.encode()) if was_case else after == text.encode()
    assert "bug" not in result.output
