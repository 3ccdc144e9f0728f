"""Plain text on paper: harmless values, columns that line up in any script, wrapped paragraphs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from dunctl.words import t

PAPER = 78
_GAP = "  "
_JOINERS = "\u200c\u200d"
_OPENING = "（《「『“‘【"
_CLOSING = "。，、；：！？）》」』”’】—…"


def plain(text: str) -> str:
    """Make a value one line of text: no control or invisible characters, no runs of spaces."""
    kept = (
        c
        for c in text
        if c.isspace() or c in _JOINERS or unicodedata.category(c) not in ("Cc", "Cf", "Cs")
    )
    return re.sub(r"[^\S\u00a0]+", " ", "".join(kept)).strip()


def width(text: str) -> int:
    """Return the columns a text takes; Chinese characters take two."""
    from wcwidth import wcswidth

    return max(0, wcswidth(text))


def table(claim: Mapping[str, Any], columns: Mapping[str, str], totals: Mapping[str, str]) -> str:
    """Lay out ``claim.rows`` in columns and ``claim.totals`` below the last of them.

    ``columns`` and ``totals`` give the heading of each key in the letter's language; a heading that
    begins with ``>`` sets its column to the right, one with a line break takes two lines. A column
    in which no row has anything is left out. ``ValueError`` for a total without its words.
    """
    rows = claim["rows"]
    sums = claim.get("totals", {})
    if odd := [key for key in sums if key not in totals]:
        raise ValueError(t("table has no words for the total {key}", key=", ".join(odd)))
    used = [key for key in columns if any(key in row for row in rows)]
    heads = [columns[key].removeprefix(">").split("\n") for key in used]
    deep = max(map(len, heads), default=0)
    heads = [[""] * (deep - len(head)) + head for head in heads]
    cells = [[str(row.get(key, "")) for key in used] for row in rows]
    grid = [[head[nth] for head in heads] for nth in range(deep)] + cells
    widths = [max(width(line[nth]) for line in grid) for nth in range(len(used))]
    across = sum(widths) + len(_GAP) * (len(widths) - 1)
    feet = [(totals[key], str(value)) for key, value in sums.items()]
    widest = max([across, *(width(a) + len(_GAP) + width(b) for a, b in feet)])
    widths[-1] += widest - across
    lines = [
        _GAP.join(
            _padded(cell, size, right=columns[key].startswith(">"))
            for cell, size, key in zip(line, widths, used, strict=True)
        )
        for line in grid
    ]
    rule = "-" * widest
    lines.insert(deep, rule)
    if feet:
        lines.append(rule)
        lines += [a + " " * (widest - width(a) - width(b)) + b for a, b in feet]
    return "\n".join(lines)


def _padded(cell: str, size: int, *, right: bool) -> str:
    space = " " * (size - width(cell))
    return space + cell if right else cell + space


def tidy(text: str) -> str:
    """Finish a letter: paragraphs wrapped, no spaces at line ends, single blank lines between."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").split("\n")]
    paper = "\n".join(wrapped(line) for line in lines)
    paper = paper.replace("\u00a0", " ")
    return re.sub(r"\n{3,}", "\n\n", paper).strip("\n") + "\n"


def wrapped(line: str) -> str:
    """Break a long line of prose at spaces and between Chinese characters.

    What is indented or has columns, set apart by two spaces or more, stays as it is.
    """
    if width(line) <= PAPER or re.search("^ | {2}", line):
        return line
    lines = [""]
    for piece in _pieces(line):
        if lines[-1] and width(lines[-1] + piece.rstrip()) > PAPER:
            lines.append("")
        lines[-1] += piece
    return "\n".join(part.rstrip(" ") for part in lines)


def _pieces(line: str) -> Sequence[str]:
    """Cut a line where it may be broken: no sign of punctuation comes to stand alone."""
    pieces = [""]
    for char in line:
        before = pieces[-1][-1:]
        cut = (before == " " and char != " ") or (
            (width(char) == 2 or width(before) == 2)
            and char not in _CLOSING + " "
            and before not in _OPENING
            and not (before.isdigit() and width(char) == 2)
        )
        if cut and before:
            pieces.append("")
        pieces[-1] += char
    return pieces
