"""What can be seen of a PDF: words, where they are, and the codes on it. In millimetres."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pypdfium2
import zxingcpp
from pypdf import PdfReader
from pypdf.generic import DictionaryObject, StreamObject

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
        character = chr(pypdfium2.raw.FPDFText_GetUnicode(words, nth))
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


_FORBIDDEN = {"/JavaScript", "/JS", "/AA", "/OpenAction", "/AcroForm", "/EmbeddedFiles", "/TR",
              "/Alternates", "/OPI", "/PS", "/Ref", "/FFilter", "/FDecodeParms"}  # fmt: skip


def not_archival(data: bytes) -> list[str]:
    """Return what of a file is against PDF/A-2b (ISO 19005-2), as far as can be seen without a
    validator: clauses 6.1 (structure), 6.2.3 (output intent), 6.2.11 (fonts), 6.6 (metadata)."""
    reader = PdfReader(io.BytesIO(data))
    root: Any = reader.trailer["/Root"]
    found = []
    if not re.match(rb"%PDF-1\.[0-7]\r?\n%[\x80-\xff]{4}", data):
        found.append("6.1.2 header")
    if "/ID" not in reader.trailer or "/Encrypt" in reader.trailer:
        found.append("6.1.3 trailer")
    for thing in _dictionaries(reader):
        filters = thing.get("/Filter", [])
        for name in filters if isinstance(filters, list) else [filters]:
            if name in ("/LZWDecode", "/Crypt"):
                found.append(f"6.1.7 filter {name}")
        found += [f"6.4-6.9 {key}" for key in _FORBIDDEN & set(thing)]
        if isinstance(thing, StreamObject) and "/F" in thing:
            found.append("6.1.7 external stream")
        if thing.get("/Interpolate"):
            found.append("6.2.8 interpolated image")
        if thing.get("/Type") == "/FontDescriptor" and not {"/FontFile2", "/FontFile3"} & set(
            thing
        ):
            found.append(f"6.2.11.4 font {thing['/FontName']} is not embedded")
        if thing.get("/Type") == "/Font" and not {"/FontDescriptor", "/DescendantFonts"} & set(
            thing
        ):
            found.append(f"6.2.11.4 font {thing['/BaseFont']} is not embedded")
    intents = [one.get_object() for one in root.get("/OutputIntents", [])]
    profiles = [one["/DestOutputProfile"] for one in intents if one["/S"] == "/GTS_PDFA1"]
    if [one["/N"] for one in profiles] != [3] or profiles[0].get_data()[36:40] != b"acsp":
        found.append("6.2.3 output intent")
    metadata = root.get("/Metadata", DictionaryObject()).get_object()
    if "/Filter" in metadata or not isinstance(metadata, StreamObject):
        return [*found, "6.6.2 metadata"]
    said = re.findall(rb"<pdfaid:(?:part|conformance)>(.*?)</", metadata.get_data())
    if said != [b"2", b"B"]:
        found.append("6.6.4 identification")
    return found


def _dictionaries(reader: PdfReader) -> Iterator[DictionaryObject]:
    """Yield every dictionary of a file, also those inside others."""
    waiting: list[Any] = [
        reader.get_object(nth) for nth in range(1, int(str(reader.trailer["/Size"])))
    ]
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, DictionaryObject):
            yield thing
            waiting += [value for value in thing.values() if isinstance(value, list | dict)]
        elif isinstance(thing, list):
            waiting += [value for value in thing if isinstance(value, list | dict)]
