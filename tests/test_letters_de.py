"""What letters in German say, in whole letters: each was read before it was approved."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from dunctl.letters.sheet import as_sms, as_text
from tests.lettercase import FITTING, fitting, shipped

SNAPSHOTS = Path(__file__).parent / "snapshots" / "letters"
GERMAN = [
    (name, form) for name in FITTING for form in shipped(f"de/{name}").forms if form != "email"
]


@pytest.mark.parametrize(("name", "form"), GERMAN)
def test_the_whole_letter_is_as_it_was_approved(name: str, form: str) -> None:
    seen = fitting(name, "de", form)
    text = as_sms(seen) + "\n" if form == "sms" else as_text(seen)
    file = SNAPSHOTS / f"de-{name}{'-sms' if form == 'sms' else ''}.txt"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [name for name, form in GERMAN if form == "letter"])
def test_after_the_salutation_german_goes_on_in_small_letters(name: str) -> None:
    body = as_text(fitting(name, "de", "letter"))
    begin = re.search(r"^(?:Guten Tag .*|Sehr geehrte .*),\n\n(.)", body, re.MULTILINE)
    assert begin
    assert begin[1].islower()
