"""A letter as HTML is one file that any browser prints, and in which values are text."""

from __future__ import annotations

import os
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from dunctl.letters.html import as_html
from dunctl.letters.sheet import Sheet
from tests.lettercase import FILES, fitting, shipped
from tests.sheetcase import AMERICAN, CHINESE, ENGLISH, HOSTILE, SHEETS, with_name

SNAPSHOTS = Path(__file__).parent / "snapshots" / "html"
VOID = {"meta", "link", "img", "br", "hr", "input"}


class Page(HTMLParser):
    """A page as a browser sees it: its elements, and its visible text."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(source)
        self.close()
        assert self._open == [], "every element is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self._open:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(self.texts)


@pytest.mark.parametrize("name", SHEETS)
def test_letters_look_as_they_were_approved(name: str) -> None:
    seen = as_html(SHEETS[name])
    file = SNAPSHOTS / f"{name}.html"
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(seen, encoding="utf-8", newline="\n")
    assert seen == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [n for n in FILES if "letter" in shipped(n).forms])
def test_every_letter_is_one_whole_page_without_anything_from_elsewhere(name: str) -> None:
    language, template = name.split("/")
    source = as_html(fitting(template, language, "letter"))
    page = Page(source)
    assert ("html", "lang", language) in page.attributes
    assert {"script", "img", "link", "iframe", "object", "form", "a"}.isdisjoint(page.tags)
    outside = [(t, n, v) for t, n, v in page.attributes if n in ("src", "href", "style")]
    assert outside == []
    assert "url(" not in source
    assert "@import" not in source


def test_the_browser_is_told_to_fetch_nothing() -> None:
    policy = [v for t, n, v in Page(as_html(ENGLISH)).attributes if "default-src" in v]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_values_are_printed_as_they_stand(text: str) -> None:
    page, plain = Page(as_html(with_name(text))), Page(as_html(with_name("Acme")))
    assert page.tags == plain.tags
    assert page.text.count(text) == plain.text.count("Acme")


def test_no_words_of_a_page_number_end_the_style() -> None:
    words = "</style><script>alert(1)</script>{n}\"; } body { color: red } /* \\ '{m}"
    page = Page(as_html(ENGLISH._replace(page=words)))
    assert "script" not in page.tags
    assert "alert" not in page.text


def size(sheet: Sheet) -> str:
    found = re.search(r"@page \{ size: (\S+);", as_html(sheet))
    assert found
    return found[1]


def test_paper_is_that_of_the_sheet() -> None:
    assert (size(ENGLISH), size(AMERICAN)) == ("A4", "letter")


def test_page_numbers_are_in_the_letters_language() -> None:
    assert 'content: "Page\\20 " counter(page) "\\20 of\\20 " counter(pages);' in as_html(ENGLISH)
    assert 'content: "第" counter(page) "页\\ff0c 共" counter(pages) "页";' in as_html(CHINESE)


def test_the_payment_code_is_in_the_page_beside_the_account() -> None:
    source = as_html(ENGLISH)
    assert source.count("<svg") == 1
    account = source.index("DE89 3704 0044 0532 0130 00")
    assert account < source.index("<svg") < source.index("We hold these papers")
    assert "<svg" not in as_html(ENGLISH._replace(qr=None))


def test_ten_thousand_characters_are_all_there() -> None:
    assert "x" * 10_000 in Page(as_html(with_name("x" * 10_000))).text
