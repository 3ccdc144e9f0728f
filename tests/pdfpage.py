"""What can be seen of a PDF: words, where they are, and the codes on it. In millimetres."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import NamedTuple

import pypdfium2
import zxingcpp

from dunctl.letters import typst
from dunctl.letters.sheet import Sheet
from dunctl.letters.typst import Letterhead
from dunctl.store import pdf
from tests.lettercase import NOW

INCH = 25.4


class Box(NamedTuple):
    """Where something is, from the upper left corner of its page."""

    left: float
    top: float
    right: float
    bottom: float


class Seen(NamedTuple):
    """A page: its size, its text, and every visible character with its place."""

    width: float
    height: float
    text: str
    characters: tuple[tuple[str, Box], ...]


def printed(sheet: Sheet, head: Letterhead | None = None, root: Path | None = None) -> bytes:
    """Return a sheet as a PDF of the day of the tests."""
    day = NOW.date()
    values = typst.values(sheet, day, head or Letterhead())
    return pdf.press((root or Path()).absolute(), typst.PAGE, values, day)


def pages(data: bytes) -> list[Seen]:
    document = pypdfium2.PdfDocument(data)
    try:
        return [_seen(page) for page in document]
    finally:
        document.close()


def _seen(page: pypdfium2.PdfPage) -> Seen:
    width, height = (points / 72 * INCH for points in page.get_size())
    words = page.get_textpage()
    characters = []
    for nth in range(words.count_chars()):
        character = words.get_text_range(nth, 1)
        if character.strip():
            left, bottom, right, top = (points / 72 * INCH for points in words.get_charbox(nth))
            characters.append((character, Box(left, height - top, right, height - bottom)))
    return Seen(width, height, words.get_text_range(), tuple(characters))


def place(page: Seen, text: str) -> Box:
    """Return where a text stands that is on one line."""
    wanted = flat(text)
    whole = "".join(flat(character) for character, _ in page.characters)
    start = whole.index(wanted)
    at, boxes = 0, []
    for character, box in page.characters:
        if start <= at < start + len(wanted):
            boxes.append(box)
        at += len(flat(character))
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return Box(min(lefts), min(tops), max(rights), max(bottoms))


def flat(text: str) -> str:
    """Return a text without spaces, line ends and what only helps to break lines."""
    plain = unicodedata.normalize("NFKC", text)
    return re.sub(r"[\s\u200b\u00ad\ufffe\x02]+", "", plain)


def inside(page: Seen, area: Box) -> str:
    """Return what can be read in an area, if only by a corner."""
    found = [
        character
        for character, box in page.characters
        if box.left < area.right
        and box.right > area.left
        and box.top < area.bottom
        and box.bottom > area.top
    ]
    return "".join(found)


def codes(data: bytes) -> list[str]:
    """Return what a camera reads from the pages."""
    document = pypdfium2.PdfDocument(data)
    try:
        return [
            code.text
            for page in document
            for code in zxingcpp.read_barcodes(page.render(scale=3).to_numpy())
        ]
    finally:
        document.close()
