"""A sheet as one HTML file, to read on a screen and to print from any browser.

It needs nothing beside itself: no script, no font, no picture of elsewhere, and its own rules for
the browser forbid all of them. Every value is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from dunctl.letters import qr
from dunctl.letters.sheet import ITEM, Block, Pairs, Sheet, Table, Text

_PAPER = {
    "a4": ("A4", "42.7mm", "36mm", "flex-start", "0"),
    "us-letter": ("letter", "31mm", "45mm", "flex-end", "16mm"),
}
"""Paper; heights of the letterhead and of what is beside the window; where in that the address is,
and how far from its end. For DIN 5008 form B and a #10 envelope."""

_STYLE = """
@page { size: %(paper)s; margin: 20mm 20mm 22mm 25mm;
  @bottom-right { content: %(page)s; font: 8.5pt serif; color: #666; } }
:root { color-scheme: light; }
* { box-sizing: border-box; overflow-wrap: anywhere; }
body { margin: 2rem auto; max-width: 44rem; padding: 0 1.5rem; color: #111; background: #fff;
  font: 11pt/1.4 "Libertinus Serif", "Source Serif 4", Cambria, Georgia, "Noto Serif CJK SC",
  "Songti SC", SimSun, serif; }
body:lang(zh) { font-family: "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei",
  "Noto Sans SC", sans-serif; font-size: 10.5pt; line-height: 1.65; }
.line { display: block; }
header { display: flex; justify-content: space-between; gap: 2rem; margin-bottom: 2.2rem; }
header strong { font-size: 1.35em; font-weight: 600; }
.small { font-size: .82em; line-height: 1.3; color: #555; }
.front { display: flex; justify-content: space-between; gap: 2rem; margin-bottom: 2.2rem; }
address { font-style: normal; line-height: 1.3; }
aside { min-width: 14rem; font-size: .88em; }
h1 { font-size: 1.1em; margin: 0 0 1.1em; }
p { margin: 0 0 .8em; }
p:lang(zh) { text-indent: 2em; text-align: justify; }
p.to:lang(zh) { text-indent: 0; }
p.item, p.item:lang(zh) { padding-left: 1.2em; text-indent: 0; position: relative; }
p.item::before { content: "\\2013"; position: absolute; left: 0; }
table { width: 100%%; border-collapse: collapse; margin: 0 0 1.1em; font-size: .92em;
  line-height: 1.3; font-variant-numeric: lining-nums tabular-nums; }
caption { text-align: left; font-weight: 600; padding-bottom: .3em; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
th, td { padding: .22em .5em; text-align: left; vertical-align: top; }
th { vertical-align: bottom; border-bottom: 1px solid #111; white-space: pre-line; }
td { border-bottom: 1px solid #ccc; }
tr > :first-child { padding-left: 0; }
tr > :last-child { padding-right: 0; }
.right { text-align: right; }
tbody.sum td { border: 0; text-align: right; }
tbody.sum tr:first-child td { border-top: 1px solid #111; }
tbody.sum tr:last-child td { font-weight: 600; }
.pay { display: flex; justify-content: space-between; align-items: center; gap: 2rem;
  margin: 0 0 1.1em; break-inside: avoid; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25em 1.5em; margin: 0; }
.pay dl { border-left: 2px solid #bbb; padding-left: 1em; }
dt { color: #555; }
dd { margin: 0; }
figure { margin: 0; width: 34mm; flex: none; font-size: .8em; line-height: 1.2;
  text-align: center; }
figure svg { display: block; width: 34mm; height: 34mm; }
.sign { display: grid; grid-template-columns: 1fr 1fr; gap: 0 2rem; break-inside: avoid;
  margin-bottom: 1.5em; }
.sign span { border-top: 1px solid #111; margin-top: 14mm; font-size: .85em; color: #555; }
footer { break-inside: avoid; }
footer .names { margin-top: 11mm; }
footer .names:lang(zh) { margin-top: 1em; text-align: right; }
@media print {
  body, body:lang(zh) { margin: 0; max-width: none; padding: 0; font-size: 10pt;
    line-height: 1.3; }
  body:lang(zh) { line-height: 1.5; }
  header { min-height: %(head)s; margin: 0; }
  .front { min-height: %(window)s; margin: 0; }
  address { align-self: %(place)s; padding-bottom: %(below)s; }
}
"""


def as_html(sheet: Sheet) -> str:
    """Return a letter as one file; it prints on the paper of the sheet."""
    fit = dict(zip(("paper", "head", "window", "place", "below"), _PAPER[sheet.paper], strict=True))
    style = _STYLE % {**fit, "page": page_number(sheet.page)}
    name, *details = sheet.sender or ("",)
    beside = qr.beside(sheet)
    body = [
        block(part, _code(sheet) if nth == beside else "") for nth, part in enumerate(sheet.blocks)
    ]
    if beside is None and sheet.qr:
        body.append(f'<div class="pay">{_code(sheet)}</div>\n')
    references = _pairs(sheet.references) if sheet.references else ""
    date = f"<p>{escape(sheet.place_date)}</p>\n" if sheet.place_date else ""
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(sheet.language)}">\n<head>\n'
        '<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(sheet.subject)}</title>\n<style>{style}</style>\n</head>\n<body>\n"
        f"<header>\n<strong>{escape(name)}</strong>\n"
        f'<div class="small">{_lines(details)}</div>\n</header>\n'
        f'<div class="front">\n<address>{_lines(sheet.recipient)}</address>\n'
        f"<aside>\n{date}{references}</aside>\n</div>\n"
        f"<main>\n<h1>{escape(sheet.subject)}</h1>\n"
        f'<p class="to">{escape(sheet.salutation)}</p>\n{"".join(body)}</main>\n'
        f"<footer>\n<p>{escape(sheet.closing)}</p>\n"
        f'<div class="names">{_lines(sheet.signature)}</div>\n</footer>\n</body>\n</html>\n'
    )


def _lines(texts: Iterable[str]) -> str:
    return "".join(f'<span class="line">{escape(text)}</span>' for text in texts)


def block(part: Block, code: str = "") -> str:
    """Return a part of a letter, with a payment ``code`` beside it."""
    if isinstance(part, Text):
        if part.text.startswith(ITEM):
            return f'<p class="item">{escape(part.text.removeprefix(ITEM))}</p>\n'
        return f"<p>{escape(part.text)}</p>\n"
    if isinstance(part, Table):
        return _table(part)
    if isinstance(part, Pairs):
        return f'<div class="pay">\n{_pairs(part.rows)}{code}</div>\n'
    rules = "".join(f"<span>{escape(label)}</span>" for label in part.lines)
    return f'<div class="sign">{rules}</div>\n'


def _pairs(rows: tuple[tuple[str, str], ...]) -> str:
    parts = (f"<dt>{escape(label)}</dt><dd>{escape(value)}</dd>\n" for label, value in rows)
    return f"<dl>\n{''.join(parts)}</dl>\n"


def _table(table: Table) -> str:
    def cell(tag: str, nth: int, text: str) -> str:
        side = ' class="right"' if table.right[nth] else ""
        return f"<{tag}{side}>{escape(text)}</{tag}>"

    def row(tag: str, cells: tuple[str, ...]) -> str:
        return "<tr>" + "".join(cell(tag, nth, text) for nth, text in enumerate(cells)) + "</tr>\n"

    title = f"<caption>{escape(table.title)}</caption>\n" if table.title else ""
    body = "".join(row("td", cells) for cells in table.rows)
    span = len(table.headers) - 1
    feet = "".join(
        f'<tr><td colspan="{span}">{escape(label)}</td><td>{escape(value)}</td></tr>\n'
        for label, value in table.feet
    )
    sums = f'<tbody class="sum">\n{feet}</tbody>\n' if feet else ""
    return (
        f"<table>\n{title}<thead>\n{row('th', table.headers)}</thead>\n"
        f"<tbody>\n{body}</tbody>\n{sums}</table>\n"
    )


def _code(sheet: Sheet) -> str:
    if not sheet.qr:
        return ""
    caption = escape(sheet.qr_caption)
    return f"<figure>{qr.svg(sheet.qr)}<figcaption>{caption}</figcaption></figure>\n"


def page_number(words: str) -> str:
    """Return ``Page {n} of {m}`` as the CSS of a page's edge."""
    counters = {"{n}": "counter(page)", "{m}": "counter(pages)"}
    parts = [part for part in re.split(r"(\{[nm]\})", words) if part]
    return " ".join(counters.get(part) or _css(part) for part in parts) or '""'


def _css(text: str) -> str:
    """Return a string of CSS in which nothing can end it."""
    safe = "".join(c if c.isalnum() else f"\\{ord(c):x} " for c in text)
    return f'"{safe}"'
