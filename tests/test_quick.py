"""The quick way to the records of a case: it says what the full way says, or nothing."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from dunctl.case import parse, quick
from dunctl.case.lines import Finding
from dunctl.case.toml import whole

SAMPLES = [
    path.read_text("utf-8")
    for path in sorted((Path(__file__).parent.parent / "cases").glob("*.toml"))
]
ODD = (
    *("", "# x", "by", "colour = 1", 'by = "jo"', "amount = 0", "amount = 5", "on = 2026-02-30"),
    *("[", "[]", "[[]]", "[debtor]", "[contact]", "[[contact]]", "[[debtor]]", "[colour]", "[[a]]"),
    *('name = """', '"""', "format = 1", "at = 2026-11-02", "days = 30 # x", "\ufeff", "\t", "\r"),
)


def fully(text: str) -> str:
    found: list[Finding] = []
    data, made = parse._fully(whole(text), found)
    return repr((found, sorted(made.items()), list(data.items()), data.handles))


def said(text: str) -> str | None:
    """Return what the quick way says of a text, if it does."""
    known = quick.quickly(text)
    if known is None:
        return None
    data, made = known
    return repr(([], sorted(made.items()), list(data.items()), data.handles))


@given(st.data())
def test_whatever_the_quick_way_says_the_full_way_says_too(data: st.DataObject) -> None:
    lines = data.draw(st.sampled_from(SAMPLES)).split("\n")
    for _ in range(data.draw(st.integers(0, 3))):
        place = data.draw(st.integers(0, len(lines)))
        taken = data.draw(st.integers(0, 3))
        there = st.sampled_from(lines or [""])
        lines[place : place + taken] = data.draw(st.lists(st.sampled_from(ODD) | there, max_size=3))
    text = data.draw(st.sampled_from(("\n", "\n", "\r\n"))).join(lines)
    if (known := said(text)) is not None:
        assert known == fully(text)


def test_the_sample_book_is_nearly_all_read_the_quick_way() -> None:
    quickly = [text for text in SAMPLES if said(text) is not None]
    assert len(quickly) >= len(SAMPLES) - 1


def test_what_is_remembered_of_a_large_book_is_little() -> None:
    met = quick._Met(str.upper)
    for nth in range(10_000):
        assert met[f"x{nth}"] == f"X{nth}"
        assert met[f"x{nth}"] == f"X{nth}"
    assert len(met) < 1_000
