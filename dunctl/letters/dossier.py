"""A dossier as data, and its pages: for a lawyer, an agency or a court.

What stands in it is gathered by ``show.dossier``; here is only how it becomes HTML, or the values
of the page ``typst/dossier.typ``. Every text is text, never markup.
"""

from __future__ import annotations

import json
from datetime import date
from html import escape
from pathlib import Path
from typing import Any

from dunctl.letters import html, typst
from dunctl.letters.layout import plain
from dunctl.letters.sheet import Block, Pairs, Sign, Table, Text
from dunctl.tuples import NamedTuple

PAGE = Path(__file__).parent / "typst" / "dossier.typ"
"""The pages of a dossier, in the language of typst."""

_WIDE, _WIDEST = 18, 80


class Section(NamedTuple):
    """A part of a dossier with its heading, which the contents list."""

    title: str
    blocks: tuple[Block, ...]


class Dossier(NamedTuple):
    """A dossier: a title, lines below it, and sections. ``page`` has ``{n}`` and ``{m}``."""

    title: str
    lines: tuple[str, ...]
    sections: tuple[Section, ...]
    contents: str
    page: str
    language: str = "en"
    paper: str = "a4"


def cleaned(dossier: Dossier) -> Dossier:
    """Return a dossier whose texts are one line each, without control characters."""
    return dossier._replace(
        title=plain(dossier.title),
        lines=tuple(map(plain, dossier.lines)),
        sections=tuple(
            Section(plain(one.title), tuple(map(_cleaned, one.blocks))) for one in dossier.sections
        ),
    )


def _cleaned(block: Block) -> Block:
    if isinstance(block, Text):
        return Text(plain(block.text))
    if isinstance(block, Table):
        rows = tuple(tuple(map(plain, row)) for row in block.rows)
        feet = tuple((plain(label), plain(value)) for label, value in block.feet)
        return block._replace(title=plain(block.title), rows=rows, feet=feet)
    if isinstance(block, Pairs):
        return Pairs(tuple((plain(label), plain(value)) for label, value in block.rows))
    return Sign(tuple(map(plain, block.lines)))


def as_html(dossier: Dossier) -> str:
    """Return a dossier as one file, to read on a screen and to print from any browser."""
    style = _STYLE % {
        "paper": "letter" if dossier.paper == "us-letter" else "A4",
        "page": html.page_number(dossier.page),
    }
    contents = "".join(
        f'<li><a href="#s{nth}">{escape(one.title)}</a></li>\n'
        for nth, one in enumerate(dossier.sections, 1)
    )
    sections = "".join(
        f'<section>\n<h2 id="s{nth}">{nth} {escape(one.title)}</h2>\n'
        + "".join(map(html.block, one.blocks))
        + "</section>\n"
        for nth, one in enumerate(dossier.sections, 1)
    )
    lines = "".join(f"<p>{escape(line)}</p>\n" for line in dossier.lines)
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(dossier.language)}">\n<head>\n'
        '<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(dossier.title)}</title>\n<style>{style}</style>\n</head>\n<body>\n"
        f"<h1>{escape(dossier.title)}</h1>\n<header>\n{lines}</header>\n"
        f"<nav>\n<h2>{escape(dossier.contents)}</h2>\n<ol>\n{contents}</ol>\n</nav>\n"
        f"<main>\n{sections}</main>\n</body>\n</html>\n"
    )


def values(dossier: Dossier, day: date) -> dict[str, str]:
    """Return what the page asks for, as JSON."""
    language, region, han = typst.script(dossier.language)
    found = {
        "name": dossier.title,
        "title": typst.breakable(dossier.title),
        "lines": [typst.breakable(one) for one in dossier.lines],
        "contents": dossier.contents,
        "page": dossier.page,
        "paper": dossier.paper,
        "lang": language,
        "region": region,
        "script": han,
        "script-first": language in ("zh", "ja", "ko"),
        "date": [day.year, day.month, day.day],
        "sections": [
            {"title": one.title, "blocks": [_block(block) for block in one.blocks]}
            for one in dossier.sections
        ],
    }
    return {"dossier": json.dumps(found, ensure_ascii=False)}


def _block(block: Block) -> dict[str, Any]:
    """Return a part as the page reads it; nothing is shortened, as it is on a letter."""
    if isinstance(block, Text):
        return {"kind": "text", "text": typst.breakable(block.text)}
    made = typst.block(block)
    if isinstance(block, Table):
        made["widths"] = _widths(block)
        made["rows"] = [
            [typst.breakable(cell, typst.LONG_CELL) for cell in row] for row in block.rows
        ]
    return made


def _widths(table: Table) -> list[int]:
    """Return the shares of the width for columns of words; 0 for one that takes what it needs."""
    longest = [
        0 if aside else max((len(row[nth]) for row in table.rows), default=0)
        for nth, aside in enumerate(table.right)
    ]
    if max(longest, default=0) <= _WIDE:
        return [int(nth == longest.index(max(longest))) for nth in range(len(longest))]
    return [min(size, _WIDEST) if size > _WIDE else 0 for size in longest]


_STYLE = """
@page { size: %(paper)s; margin: 20mm 18mm 22mm;
  @bottom-right { content: %(page)s; font: 8.5pt serif; color: #666; } }
:root { color-scheme: light; }
* { box-sizing: border-box; overflow-wrap: anywhere; }
body { margin: 2rem auto; max-width: 56rem; padding: 0 1.5rem; color: #111; background: #fff;
  font: 10.5pt/1.4 "Libertinus Serif", "Source Serif 4", Cambria, Georgia, "Noto Serif CJK SC",
  "Songti SC", SimSun, serif; }
h1 { font-size: 1.7em; line-height: 1.2; margin: 0 0 .6em; }
h2 { font-size: 1.2em; margin: 1.8em 0 .6em; break-after: avoid; }
header { color: #444; }
p { margin: 0 0 .5em; }
nav a { color: inherit; }
table { width: 100%%; border-collapse: collapse; margin: .4em 0 1.2em; font-size: .88em;
  line-height: 1.3; font-variant-numeric: lining-nums tabular-nums; }
caption { text-align: left; font-weight: 600; padding-bottom: .3em; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
th, td { padding: .22em .5em; text-align: left; vertical-align: top; }
th { vertical-align: bottom; border-bottom: 1px solid #111; white-space: pre-line; }
td { border-bottom: 1px solid #ccc; }
tr > :first-child { padding-left: 0; }
tr > :last-child { padding-right: 0; }
.right { text-align: right; white-space: nowrap; }
tbody.sum td { border: 0; text-align: right; }
tbody.sum tr:first-child td { border-top: 1px solid #111; }
tbody.sum tr:last-child td { font-weight: 600; }
dl { display: grid; grid-template-columns: minmax(8rem, max-content) 1fr; gap: .25em 1.5em;
  margin: .4em 0 1.2em; }
dt { color: #555; }
dd { margin: 0; }
@media print { body { margin: 0; max-width: none; padding: 0; font-size: 9.5pt; } }
"""
