"""Where in a text each key and each table stands, checked on documents whose lines are known."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from dunctl.case.lines import Path, line_of, locate, scan

VALUES = (
    "1",
    "-0.5",
    "true",
    "2026-11-27",
    "2026-11-02 09:00:00+00:00",
    '""',
    "''",
    '"a # b = [c]"',
    "'a \"b\" # c'",
    r'"she said \"soon\" \\"',
    '"""one"""',
    '"""""two quotes""  """',
    '"""ends in quotes"""""',
    r'"""' + '\n[[no]]\nx = 1 \\""" \\\n  y\n' + '"""',
    "'''\n# no comment\n[no.table]\n'''",
    "[]",
    "{}",
    "[1, # one ]\n  2, # two\n]",
    '["]", \'[\', """\n]\n"""]',
    '{ a = "}", b = [{ c = 1 }], "d}" = 2 }',
    "[\n  { a = 1 },\n  # { not\n  { b = 2 },\n]",
)
KEYS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("k{n}", ("k{n}",)),
    ("  k-{n}  ", ("k-{n}",)),
    ('"k{n} # = ["', ("k{n} # = [",)),
    ("'k{n} \"\\u0041\"'", ('k{n} "\\u0041"',)),
    (r'"k{n}\u00e9\U0001F4DE\t\x41\e\"\\"', ('k{n}é📞\tA\x1b"\\',)),
    ("k{n} . \"a.b\" . 'c'", ("k{n}", "a.b", "c")),
)


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, list[tuple[Path, int]]]:
    """Draw a TOML text and where its headers and keys are: (path, line), in the text's order."""
    text, known = "", []
    table: Path = ()
    lists: dict[str, int] = {}
    for n in range(draw(st.integers(0, 12))):
        line = text.count("\n") + 1
        kind = draw(st.sampled_from(("key", "key", "key", "table", "list", "below", "blank")))
        if kind == "key":
            key, names = draw(st.sampled_from(KEYS))
            known.append(((*table, *(name.format(n=n) for name in names)), line))
            tail = draw(st.sampled_from(("", " ", " # = [", "\t#")))
            text += f"{key.format(n=n)}= {draw(st.sampled_from(VALUES))}{tail}\n"
        elif kind == "blank":
            text += draw(st.sampled_from(("\n", "# [[no]]\n", "  \n", "\n\n", "#\n")))
        else:
            name = draw(st.sampled_from(("one", "two")))
            if kind == "table" or (kind == "below" and name not in lists):
                table = (f"t{n}", "part.s")
                header = f"[ t{n} . 'part.s' ]"
            elif kind == "list":
                lists[name] = lists.get(name, -1) + 1
                table = (name, lists[name])
                header = f"[[{name}]]"
            else:
                table = (name, lists[name], f"b{n}")
                header = f'[{name}."b{n}"]'
            known.append((table, line))
            text += f"{header}{draw(st.sampled_from(('', ' # ]]', '  ')))}\n"
    if draw(st.booleans()):
        text = text.removesuffix("\n")
    text = text.replace("\n", draw(st.sampled_from(("\n", "\r\n"))))
    return draw(st.sampled_from(("", "\ufeff"))) + text, known


def data_of(text: str) -> dict[str, Any]:
    return tomli.loads(text.removeprefix("\ufeff"), parse_float=Decimal)


@given(documents())
def test_every_header_and_key_is_found_on_its_line(drawn: tuple[str, list[Any]]) -> None:
    text, known = drawn
    data_of(text)
    assert [(mark.path, mark.line) for mark in scan(text)] == known


@given(documents())
def test_the_span_of_a_value_is_the_value_alone(drawn: tuple[str, list[Any]]) -> None:
    text, _ = drawn
    data = data_of(text)
    for mark in scan(text):
        if not mark.header:
            alone = text[slice(*mark.value)]
            assert alone == alone.strip()
            value: Any = data
            for name in mark.path:
                value = value[name]
            assert data_of(f"x = {alone}")["x"] == value


@given(documents())
def test_a_mark_covers_whole_lines_and_no_line_twice(drawn: tuple[str, list[Any]]) -> None:
    text, _ = drawn
    last = 0
    for mark in scan(text):
        before = text[: mark.start]
        assert before in ("", "\ufeff") or before.endswith("\n")
        assert before.count("\n") + 1 == mark.line
        assert text[: mark.end].endswith("\n") or mark.end == len(text)
        assert last <= mark.start < mark.end
        last = mark.end


TEXT = """\
format = 1
[debtor]
name = "Acme"
address = [
  "1 Quay",
]

[[person]]
name = "Jane Roe"
[[person]]
name = "John Doe"
[person.more]
colour = "red"
[terms.interest]
percent = 8
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("format",), 1),
        (("debtor",), 2),
        (("debtor", "address"), 4),
        (("debtor", "address", 0), 4),
        (("debtor", "hours"), 2),
        (("person",), 8),
        (("person", 1), 10),
        (("person", 1, "name"), 11),
        (("person", 1, "phone"), 10),
        (("person", 1, "more", "colour"), 13),
        (("terms",), 14),
        (("terms", "days"), 14),
        (("currency",), 1),
        ((), 1),
    ],
)
def test_what_has_no_line_of_its_own_is_looked_for_around_it(path: Path, line: int) -> None:
    assert line_of(locate(TEXT), path) == line
