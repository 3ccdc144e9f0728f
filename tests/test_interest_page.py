"""The page on interest knows every switch of a profile and every word of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dunctl.owed import profiles

PAGE = Path(__file__).parent.parent / "docs" / "interest.md"
SWITCHES = PAGE.read_text("utf-8").partition("## The switches")[2]
WORDS = (
    *profiles.INTEREST_KEYS,
    *(*profiles.RATE_MODES, *profiles.REFERENCES, *profiles.FIRST_DAYS, *profiles.LAST_DAYS),
    *(*profiles.DAY_COUNTS, *profiles.ROUNDINGS, *profiles.COMPOUNDS, *profiles.AMONGS),
)


@pytest.mark.parametrize("word", WORDS)
def test_the_page_on_interest_explains(word: str) -> None:
    assert f"`{word}`" in SWITCHES
