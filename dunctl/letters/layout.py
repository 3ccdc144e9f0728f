"""Plain text on paper: harmless values, columns that line up in any script, wrapped paragraphs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

PAPER = 78
_GAP = "  "
_NARROW = 8
_JOINERS = "\u200c\u200d"
_LATIN = re.compile("[ -~\u00a0-\u00ac\u00ae-\u02ff]*")
_OPENING = "（《「『“‘【"
_CLOSING = "。，、；：！？）》」』”’】—…"


def plain(text: str) -> str:
    """Make a value one line of text: no control or invisible characters, no runs of spaces."""
    if text.isprintable() and "  " not in text:
        return text.strip()
    kept = (
        c
        for c in text
        if c.isspace() or c in _JOINERS or unicodedata.category(c) not in ("Cc", "Cf", "Cs")
    )
    return re.sub(r"[^\S\u00a0]+", " ", "".join(kept)).strip()


def width(text: str) -> int:
    """Return the columns a text takes; Chinese characters take two."""
    if _LATIN.fullmatch(text):
        return len(text)
    from wcwidth import wcswidth

    columns: int = wcswidth(text)
    return max(0, columns)


def table(
    headers: Sequence[str],
    right: Sequence[bool],
    rows: Sequence[Sequence[str]],
    feet: Sequence[tuple[str, str]] = (),
) -> list[str]:
    """Lay out rows in columns, with sums below the last of them, in the lines of the paper.

    A heading with a line break takes two lines. What is too wide is broken within its column.
    """
    heads = [head.split("\n") for head in headers]
    deep = max(map(len, heads), default=0)
    widths = _widths([*_from_below(heads, deep), *rows], right)
    heads = [
        [part for line in head for part in _cut(line, size)]
        for head, size in zip(heads, widths, strict=True)
    ]
    top = _from_below(heads, max(map(len, heads), default=0))
    body = [line for row in rows for line in _broken(row, widths)]
    across = sum(widths) + len(_GAP) * (len(widths) - 1)
    low = [line for a, b in feet for line in _foot(a, b)]
    widest = max([across, *(width(a) + len(_GAP) * bool(b) + width(b) for a, b in low)])
    if widths:
        widths[-1] += widest - across

    def line(cells: Sequence[str]) -> str:
        return _GAP.join(
            _padded(cell, size, right=aside)
            for cell, size, aside in zip(cells, widths, right, strict=True)
        )

    rule = "-" * widest
    lines = [*map(line, top), rule, *map(line, body)]
    if feet:
        lines.append(rule)
        lines += [a + " " * (widest - width(a) - width(b)) + b for a, b in low]
    return lines


def _from_below(heads: Sequence[Sequence[str]], deep: int) -> list[list[str]]:
    """Return the lines of headings, each heading down on the last of them."""
    filled = [[""] * (deep - len(head)) + list(head) for head in heads]
    return [[head[nth] for head in filled] for nth in range(deep)]


def _foot(label: str, amount: str) -> list[tuple[str, str]]:
    """Return the lines of a sum: a long label takes several, the amount stands on the last."""
    *before, last = _cut(label, max(_NARROW, PAPER - len(_GAP) - width(amount)))
    return [*((line, "") for line in before), (last, amount)]


def pairs(rows: Sequence[tuple[str, str]]) -> list[str]:
    """Lay out labels and values in two columns, a little to the right."""
    size = max((width(label) for label, _ in rows), default=0) + len(_GAP) + 1
    return [
        "    " + (_padded(label, size, right=False) if nth == 0 else " " * size) + part
        for label, value in rows
        for nth, part in enumerate(_cut(value, max(_NARROW, PAPER - size - 4)))
    ]


def _widths(grid: Sequence[Sequence[str]], right: Sequence[bool]) -> list[int]:
    """Return the widths of columns; those of words give way where all are too wide.

    They are broken between words first, and within them only where that is not enough.
    """
    columns = range(len(right))
    widths = [max((width(row[nth]) for row in grid), default=0) for nth in columns]
    over = sum(widths) + len(_GAP) * (len(widths) - 1) - PAPER
    if over <= 0:
        return widths
    least = [max(width(p.rstrip()) for row in grid for p in _pieces(row[nth])) for nth in columns]
    for bounds in (least, [_NARROW] * len(widths)):
        for aside in (False, True):
            mine = [nth for nth in columns if right[nth] is aside]
            while over > 0:
                room = {nth: widths[nth] for nth in mine if widths[nth] > bounds[nth]}
                if not room:
                    break
                widths[max(room, key=lambda nth: room[nth])] -= 1
                over -= 1
    return widths


def _broken(row: Sequence[str], widths: Sequence[int]) -> list[list[str]]:
    cells = [_cut(cell, size) for cell, size in zip(row, widths, strict=True)]
    deep = max(map(len, cells), default=0)
    return [[cell[nth] if nth < len(cell) else "" for cell in cells] for nth in range(deep)]


def _cut(text: str, most: int) -> list[str]:
    """Break a text into lines of at most so many columns, within a word if need be."""
    lines, used = [""], 0
    for piece in _pieces(text):
        size = width(piece.rstrip())
        if lines[-1] and used + size > most:
            lines.append("")
            used = 0
        if size <= most:
            lines[-1] += piece
            used += width(piece)
            continue
        for char in piece:
            wide = width(char)
            if used + wide > most:
                lines.append("")
                used = 0
            lines[-1] += char
            used += wide
    return [line.rstrip(" ") for line in lines]


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
    return "\n".join(_cut(line, PAPER))


def _pieces(line: str) -> Sequence[str]:
    """Cut a line where it may be broken: no sign of punctuation comes to stand alone."""
    if _LATIN.fullmatch(line):
        return re.findall("^ +|[^ ]+ *", line) or [""]
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
