"""The properties of tests/fuzz on bytes that Hypothesis draws, and on all that was ever found."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dunctl.case.merge import merge
from tests.fuzz.properties import BETWEEN, PROPERTIES, toml_tokens
from tests.fuzz.seeds import SHORT, seeds, sides

TOKENS = st.sampled_from([token.encode() for token in toml_tokens()])
EMPTY = b'format = 1\ncurrency = "GBP"\n[""]\n[debtor]\nname = "Acme"\n'
JANE = b'[[person]]\nname = "Jane Roe"\n'
FOUND = (
    ("merge", BETWEEN.join((EMPTY, EMPTY + b"[[a]]\n", EMPTY + b"[[b]]\n"))),
    ("merge", BETWEEN.join((JANE, b"x = 1\n" + JANE, JANE + JANE + b"decides = true\n"))),
    ("merge", BETWEEN.join((b"[[person]]\nname = [1]\n", JANE, b"x = 1\n" + JANE))),
    ("parse", b'format = 1\ncurrency = "GBP"\n[debtor]\nname = "Acme"\nkind = "company "\n'),
    ("import", b"\xbfz\xc9\xbb\xa7\xbf\xc9\xbb\xa7Kunde;Renugc,hKunde;Renugc,hns"),
)
"""What failed once, by its property."""


@st.composite
def changed(draw: st.DrawFn, name: str) -> bytes:
    """Draw a seed with some of its lines or bytes lost, doubled, moved or put in from elsewhere."""
    known = seeds(name)
    data = draw(st.sampled_from(known))
    for _ in range(draw(st.integers(0, 4))):
        lines = data.split(b"\n")
        start, end = sorted(draw(st.tuples(*[st.integers(0, len(lines))] * 2)))
        piece = b"\n".join(lines[start:end])
        match draw(st.sampled_from(("bytes", "token", "lose", "double", "move", "other"))):
            case "bytes":
                at = draw(st.integers(0, len(data)))
                data = (
                    data[:at] + draw(st.binary(max_size=6)) + data[at + draw(st.integers(0, 3)) :]
                )
            case "token":
                at = draw(st.integers(0, len(data)))
                data = data[:at] + draw(TOKENS) + data[at:]
            case "lose":
                data = b"\n".join([*lines[:start], *lines[end:]])
            case "double":
                data = b"\n".join([*lines[:end], piece, *lines[end:]])
            case "move":
                data = b"\n".join([piece, *lines[:start], *lines[end:]])
            case _:
                data = b"\n".join([*lines[:start], draw(st.sampled_from(known)), *lines[start:]])
    return data


@pytest.mark.parametrize("name", PROPERTIES)
def test_it_holds_for_any_bytes(name: str) -> None:
    @given(st.one_of(st.binary(), st.text().map(str.encode), changed(name), changed(name)))
    def check(data: bytes) -> None:
        PROPERTIES[name](data)

    check()


def test_it_holds_for_any_three_sides_of_a_merge() -> None:
    one = changed("parse")

    @settings(max_examples=30)
    @given(one, st.tuples(one, one) | st.none())
    def check(base: bytes, sides: tuple[bytes, bytes] | None) -> None:
        ours, theirs = sides or (base + b"\n[[a]]\n", base)
        PROPERTIES["merge"](BETWEEN.join((base, ours, theirs)))

    check()


def test_the_seeds_of_a_merge_can_be_merged() -> None:
    found = [merge(*three) for case in SHORT for three in sides(case.decode())]
    assert {len(one.conflicts) for one in found} >= {0, 1}


@pytest.mark.parametrize("name", PROPERTIES)
def test_it_holds_for_every_seed(name: str) -> None:
    for data in seeds(name):
        PROPERTIES[name](data)


@pytest.mark.parametrize(("name", "data"), FOUND)
def test_what_was_found_once_holds_now(name: str, data: bytes) -> None:
    PROPERTIES[name](data)
