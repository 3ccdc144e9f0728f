"""A finished letter as data: what stands on it, and nothing about how it looks.

``render.make_sheet`` fills a template in and returns one; every output (text, HTML, PDF, e-mail,
SMS) starts from it and knows no templates. All texts are harmless: one line each, without control
or direction characters. No-break spaces stay in, where a line must not be broken.
"""

from __future__ import annotations

from dunctl.letters import layout
from dunctl.tuples import NamedTuple

FORMS = ("letter", "email", "sms")
PAPERS = ("a4", "us-letter")
ITEM = "- "
"""How a paragraph begins that is an item of a list."""

_LABELLED = {"zh": "："}
_INDENT = {"zh": "\u3000\u3000"}


class Text(NamedTuple):
    """A paragraph, one line."""

    text: str


class Table(NamedTuple):
    """Columns with a heading, ``right`` for those of amounts, and sums below the last of them.

    A heading may have two lines; ``title`` may be empty. A foot is its words and its amount. The
    column ``wide`` takes the width that the others leave.
    """

    title: str
    headers: tuple[str, ...]
    right: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]
    feet: tuple[tuple[str, str], ...] = ()
    wide: int = 0


class Pairs(NamedTuple):
    """Labels and values: payment details, parts in dispute."""

    rows: tuple[tuple[str, str], ...]


class Sign(NamedTuple):
    """Rules to sign on, each with what is to be written there."""

    lines: tuple[str, ...]


Block = Text | Table | Pairs | Sign


class Sheet(NamedTuple):
    """A letter, an e-mail or a text message (``form``), in the order in which it is read.

    ``sender`` and ``recipient`` are lines as on an envelope, the names first. Where a language puts
    the date at the end, ``place_date`` is empty and the date is in ``signature``. ``page`` has
    ``{n}`` and ``{m}``; ``qr`` is the payload of a payment code. ``country`` is the recipient's.
    """

    template: str
    language: str
    form: str
    sender: tuple[str, ...]
    recipient: tuple[str, ...]
    place_date: str
    subject: str
    references: tuple[tuple[str, str], ...]
    salutation: str
    blocks: tuple[Block, ...]
    closing: str
    signature: tuple[str, ...]
    page: str
    qr: str | None
    qr_caption: str
    paper: str
    country: str | None


def as_text(sheet: Sheet) -> str:
    """Return the letter as plain text, ``layout.PAPER`` columns wide; an SMS as ``as_sms``."""
    if sheet.form == "sms":
        return as_sms(sheet) + "\n"
    language = sheet.language.split("-")[0]
    colon, indent = _LABELLED.get(language, ": "), _INDENT.get(language, "")
    references = [f"{label}{colon}{value}" for label, value in sheet.references]
    parts: list[list[str]] = []
    if sheet.form == "letter":
        parts += [
            list(sheet.sender),
            [sheet.place_date],
            list(sheet.recipient),
            [sheet.subject, *references],
        ]
    elif references:
        parts.append(references)
    parts.append([sheet.salutation])
    parts += [_block(block, indent) for block in sheet.blocks]
    parts += [[indent + sheet.closing], list(sheet.signature)]
    if sheet.form == "email":
        parts.append([line for line in sheet.sender if line not in sheet.signature])
    return layout.tidy("\n\n".join("\n".join(lines) for lines in parts if any(lines)))


def as_sms(sheet: Sheet) -> str:
    """Return a text message: its paragraphs one after another, with ordinary spaces."""
    texts = [block.text for block in sheet.blocks if isinstance(block, Text)]
    return "\n".join(texts).replace("\u00a0", " ")


def _block(block: Block, indent: str) -> list[str]:
    if isinstance(block, Text):
        return [indent + block.text]
    if isinstance(block, Table):
        title = [block.title, ""] if block.title else []
        return title + layout.table(block.headers, block.right, block.rows, block.feet)
    if isinstance(block, Pairs):
        return layout.pairs(block.rows)
    return [line for label in block.lines for line in ("", f"    {label}", "    " + "_" * 40)]
