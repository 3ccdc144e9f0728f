"""The quick way through plain TOML: it says what tomli says, or nothing."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from dunctl.case import plain
from tests.test_corpus import DOCUMENTS

CASES = sorted((Path(__file__).parent.parent / "cases").glob("*.toml"))
KEYS = ("a", "b", "note", "text_sha256", "7", "-", "a.b", '"a"', "é", "")
HEADERS = ("[a]", "[b]", "[[a]]", "[[b]]", "[[note]]", "[a.b]", "[ a ]", '["a"]', "[[a]] # x", "[a")
VALUES = (
    *('""', '"x"', '"é 杭州 \U0001f4de"', '"a\tb"', '"a\x00"', '"a\x7f"', '"a\x85"', '"\ud800"'),
    *(r'"a\nb"', r'"\q"', r'"\\"', '"a" # b', '"a"b', "'x'", '"""x"""', '"""', "'''", '"', '""""'),
    *("0", "7", "30", "007", "-1", "+1", "1_0", "0x1f", "9" * 5000, "１", "1 # x", "1.", ".1"),
    *("1.50", "00.5", "1.5e3", "-0.0", "1__0.5", "inf", "nan", "true", "false", "True", "true # x"),
    *("2026-11-02", "2026-02-30", "0000-01-01", "2026-W01-1", "20261102", "2026-11-02 # x"),
    *("2026-11-02T09:00:00Z", "2026-11-02T09:00:00+08:00", "2026-11-02T09:00:00-00:00"),
    *("2026-11-02T09:00:00", "2026-11-02 09:00:00Z", "2026-11-02T09:00Z", "2026-11-02t09:00:00z"),
    *("2026-11-02T09:00:00.5Z", "2026-11-02T24:00:00Z", "2026-11-02T09:00:60Z", "12:00:00"),
    *("2026-11-02T09:00:00+24:00", "2026-11-02T09:00:00+08:60", "2026-11-02T09:00:00+0800"),
    *("9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "٢٠٢٦-11-02"),
    *('["x", "y"]', "[", "]", "[[", "[1, [2, { a = 3 }]]", "{ a = 1 }", "{", "}", "{ a.b = 1 }"),
    *('["x"', '"x",', "", " ", "# x", "[[x]]", "x = 1"),
)
LINES = st.one_of(
    st.sampled_from(HEADERS),
    st.builds("{} = {}".format, st.sampled_from(KEYS), st.sampled_from(VALUES)),
    st.builds("{}{}=\t{} ".format, *(st.sampled_from(s) for s in (KEYS, ("", " "), VALUES))),
    st.sampled_from(("", "", "# x", "#\ta\x00", "  ", "\t", "\r", "a", "\ufeff", *VALUES)),
)
TEXTS = st.lists(LINES, max_size=8).flatmap(
    lambda lines: st.sampled_from(("\n", "\n", "\r\n")).flatmap(
        lambda end: st.sampled_from(("", end, end * 2, "\r")).map(
            lambda last: end.join(lines) + last
        )
    )
)


def whole(text: str) -> dict[str, Any]:
    return tomli.loads(text, parse_float=Decimal)


def said(text: str) -> str | None:
    """Return what the quick way says, to the digit, the order and the offset, if it does."""
    try:
        return repr(plain.loads(text, whole))
    except (ValueError, RecursionError):
        return None


@given(TEXTS)
def test_whatever_the_quick_way_says_tomli_says_too(text: str) -> None:
    if (quick := said(text)) is not None:
        assert quick == repr(whole(text))


@given(st.lists(st.sampled_from(VALUES), min_size=1, max_size=3))
def test_a_value_is_never_completed_by_the_next_one(values: list[str]) -> None:
    text = "".join(f"{key} = {value}\n" for key, value in zip("abc", values, strict=False))
    if (quick := said(text)) is not None:
        assert quick == repr(whole(text))


def test_of_the_documents_of_toml_it_takes_none_that_is_wrong_and_reads_none_otherwise() -> None:
    taken = 0
    for name, data in DOCUMENTS.items():
        try:
            text = data.decode()
        except UnicodeDecodeError:
            continue
        if (quick := said(text)) is not None:
            taken += 1
            assert name.startswith("valid/"), name
            assert quick == repr(whole(text)), name
    assert taken


def test_the_sample_book_is_nearly_all_written_plainly() -> None:
    taken = 0
    for path in CASES:
        text = path.read_text(encoding="utf-8")
        if (quick := said(text)) is not None:
            taken += 1
            assert quick == repr(whole(text)), path.stem
    assert taken >= len(CASES) - 1


@pytest.mark.parametrize("text", ["\n" * 10**6, " " * 10**6, "a = " + "[" * 10**6, "#\n" * 10**5])
def test_a_long_text_is_soon_told(text: str) -> None:
    assert said(text) in (None, "{}")
