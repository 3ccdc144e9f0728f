"""Text for terminals: columns stand in every script, and lines break where the script allows it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dunctl.show.text import columns, table, wrap


def test_columns_stand_in_chinese_too_and_sums_to_the_right() -> None:
    assert table(
        ("Case", "Owed", "Why"), [("中文公司", "£9.00", " late "), ("b", 12, "")], (1,)
    ) == [
        "Case        Owed  Why",
        "中文公司   £9.00  late",
        "b             12",
    ]


def test_a_table_without_rows_is_its_headers() -> None:
    assert table(("Case", "Owed"), [], (1,)) == ["Case    Owed"]


@given(st.text("ab£- 中文，\u3000", min_size=1, max_size=200))
def test_wrapped_lines_fit_and_say_the_same(text: str) -> None:
    lines = wrap(text, 4)
    assert "".join("".join(lines).split()) == "".join(text.split())
    for line in lines:
        assert columns(line) <= 80 or " " not in line.strip()


def test_chinese_breaks_between_any_two_characters_and_words_do_not() -> None:
    first, second = wrap("pay " + "到期" * 20, 0)
    assert columns(first) == 80
    assert second == "到期"
    assert wrap("a" * 70 + " " + "b" * 70, 0) == ["a" * 70, "b" * 70]


def test_no_line_of_chinese_begins_with_a_full_stop() -> None:
    assert wrap("谢谢您" * 13 + "您。", 0) == [("谢谢您" * 13)[:39], "您。"]
