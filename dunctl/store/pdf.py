"""PDF: a page in the language of typst and its values to the bytes of a file (PDF/A-2b)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dunctl.errors import Refused
from dunctl.store.fonts import FOLDER, fonts, needs_extra
from dunctl.words import t

if TYPE_CHECKING:
    import typst

LOGOS = (".svg", ".png", ".jpg", ".jpeg")
_NO_GLYPH = re.compile(r"the text `\"(.*?)\"` could not be displayed", re.DOTALL)


def press(root: Path, page: Path, values: Mapping[str, str], day: date) -> bytes:
    """Return a page filled in with ``values`` (its ``sys.inputs``), dated ``day``, as a PDF.

    The same input gives the same bytes. Files that the page names are read inside ``root``, and
    nothing else is. Raises ``Refused`` without the extra, and naming a character that no font has.
    """
    compiler = _compiler(root)
    import typst

    stamp = datetime(day.year, day.month, day.day, tzinfo=UTC)
    try:
        made, warnings = compiler.compile_with_warnings(
            _source(page),
            format="pdf",
            sys_inputs=dict(values),
            pdf_standards="a-2b",
            timestamp=stamp,
        )
    except typst.TypstError as error:
        raise _refusal(error) from error
    if warnings or not isinstance(made, bytes):
        said = "; ".join(warning.message for warning in warnings)
        raise Refused(t("the PDF cannot be made: {why}", why=said))
    return made


@cache
def _compiler(root: Path) -> typst.Compiler:
    known = fonts(root)
    import typst

    return typst.Compiler(root=root, font_paths=known, ignore_system_fonts=True)


@cache
def _source(page: Path) -> bytes:
    return page.read_bytes()


def _refusal(error: typst.TypstError) -> Refused:
    missing = _NO_GLYPH.search(error.message)
    if missing is None:
        return Refused(t("the PDF cannot be made: {why}", why=error.message))
    text = re.sub(r"\\u\{([0-9a-f]+)\}", lambda m: chr(int(m[1], 16)), missing[1])
    char = text[0]
    name = unicodedata.name(char, t("unnamed"))
    return Refused(
        t(
            'no font has the character "{char}" (U+{code}, {name}): '
            "put a font that has it into the folder {folder}",
            char=char,
            code=f"{ord(char):04X}",
            name=name,
            folder=FOLDER,
        )
    )


def logo(root: Path, creditor: Mapping[str, Any]) -> str | None:
    """Return the path of ``creditor.logo`` from the root of the store, as pages name it.

    Raises ``Refused`` for a file that is not there, lies outside the store or is no picture.
    """
    named = creditor.get("logo")
    if not named:
        return None
    file = (root / str(named)).resolve()
    if file.suffix.lower() not in LOGOS:
        raise Refused(t("dunctl.toml: creditor.logo must end in {kinds}", kinds=", ".join(LOGOS)))
    if not file.is_relative_to(root.resolve()):
        raise Refused(t("dunctl.toml: creditor.logo must lie in the folder of the store"))
    if not file.is_file():
        raise Refused(t("dunctl.toml: there is no creditor.logo {file}", file=named))
    return "/" + file.relative_to(root.resolve()).as_posix()


def join(parts: Iterable[bytes]) -> bytes:
    """Return the pages of several PDFs in one, for the printer. Raises ``Refused``: no extra."""
    try:
        from pypdf import PdfWriter
    except ImportError as error:
        raise needs_extra() from error
    from io import BytesIO

    joined = PdfWriter()
    for part in parts:
        joined.append(BytesIO(part), import_outline=False)
    file = BytesIO()
    joined.write(file)
    return file.getvalue()
