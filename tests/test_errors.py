"""The catalogue of errors: one broken case file for each kind of problem, and what is said of it.

tests/errors/NAME.toml is the file, tests/errors/NAME.txt what `dunctl check NAME.toml` prints.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dunctl.cli import main

CATALOGUE = Path(__file__).parent / "errors"
CASE = Path(__file__).parent.parent / "dunctl" / "case"
NAMES = sorted(path.stem for path in CATALOGUE.glob("*.toml"))
SPEAKING = ("parse", "toml", "syntax", "fields", "records", "checks", "lines")
LINE = re.compile(r"(?P<path>[^:]+):(?P<line>\d+): (?P<message>.+)")


def check(folder: Path, name: str, monkeypatch: pytest.MonkeyPatch, store: Path) -> Result:
    """Run `dunctl check` on one file, from the folder it is in."""
    (store / "dunctl.toml").write_text("format = 1\n", encoding="utf-8")
    monkeypatch.chdir(folder)
    return CliRunner().invoke(main, ["check", "--store", str(store), name])


def said(name: str) -> str:
    return (CATALOGUE / f"{name}.txt").read_bytes().decode()


def templates(module: str) -> Iterator[tuple[int, str]]:
    """Yield line and pattern of each sentence for people in a module of dunctl/case."""
    for node in ast.walk(ast.parse((CASE / f"{module}.py").read_text(encoding="utf-8"))):
        match node:
            case ast.Call(
                func=ast.Name("t"), args=[ast.Constant(value=str(text))], keywords=filled
            ):
                parts = re.split(r"\{[^{}]*\}", text) if filled else [text]
                yield node.lineno, ".+".join(map(re.escape, parts))


@pytest.mark.parametrize("name", NAMES)
def test_a_broken_file_is_named_with_its_line_and_the_remedy(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = check(CATALOGUE, f"{name}.toml", monkeypatch, tmp_path)
    assert result.stdout == said(name)
    assert (result.exit_code, result.stderr) == (1, "")


@pytest.mark.parametrize("module", SPEAKING)
def test_every_message_about_a_case_file_has_its_broken_file_in_the_catalogue(module: str) -> None:
    spoken = "".join(map(said, NAMES))
    missing = [
        f"dunctl/case/{module}.py:{line}: no file in tests/errors makes it say {pattern}"
        for line, pattern in templates(module)
        if not re.search(pattern, spoken)
    ]
    assert not missing, "\n".join(missing)


def test_every_module_of_the_case_that_speaks_of_files_is_in_the_catalogue() -> None:
    others = {"edit", "merge"}  # they refuse changes; what is in a file is not their matter
    found = {path.stem for path in CASE.glob("*.py") if any(templates(path.stem))}
    assert found <= {*SPEAKING, *others}


def test_every_file_of_the_catalogue_has_its_pair() -> None:
    assert sorted(path.stem for path in CATALOGUE.glob("*.txt")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_message_is_one_sentence_in_the_words_of_its_reader(name: str) -> None:
    lines = len((CATALOGUE / f"{name}.toml").read_bytes().split(b"\n"))
    for line in said(name).splitlines():
        shown = LINE.fullmatch(line)
        assert shown, line
        assert shown["path"] == f"{name}.toml"
        assert 1 <= int(shown["line"]) <= lines
        assert not shown["message"].endswith((".", " "))
        assert not re.search(r"None|Decimal|datetime|Traceback|<class|\('|0x|\bstr\b", line), line


PLAIN = 'format = 1\ncurrency = "GBP"\n\n[debtor]\nname = "Acme"\n\n'
FINE = {
    "plain": PLAIN,
    "a byte order mark": "\ufeff" + PLAIN,
    "no line break at the end": PLAIN.rstrip(),
    "Windows line ends": PLAIN.replace("\n", "\r\n"),
    "keys in quotes": PLAIN + "[[payment]]\n\"on\" = 2026-11-01\n'amount' = 5\n",
    "amounts without decimals": PLAIN + "[[payment]]\non = 2026-11-01\namount = 1_250\n",
    "a time in UTC": PLAIN + '[[step]]\nat = 2026-11-02 09:00:00Z\nto = "firm"\n',
    "a time without seconds": PLAIN + '[[step]]\nat = 2026-11-02T09:00+08:00\nto = "firm"\n',
    "two telephones": PLAIN + '[[person]]\nname = "王芳"\nphone = ["+86 571 0000 0101", "1"]\n',
    "a note over two lines": PLAIN + '[terms]\nnote = """\nOne.\nTwo."""\n',
    "interest in a line": PLAIN
    + '[terms]\ninterest = { percent = 0.05, per = "day", clause = "9.2" }\n',
    "interest as a table": PLAIN + '[terms.interest]\npercent = 8\nper = "year"\nclause = "9"\n',
    "a letter to the debtor in person": PLAIN
    + '[[letter]]\nat = 2026-11-02T09:00:00Z\ntemplate = "reminder"\nwith = "Acme"\n',
}


@pytest.mark.parametrize("text", FINE.values(), ids=FINE)
def test_what_is_fine_is_left_in_peace(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "case.toml").write_bytes(text.encode())
    result = check(tmp_path, "case.toml", monkeypatch, tmp_path)
    assert (result.stdout, result.exit_code) == ("1 case, no problem\n", 0)
