"""Plain text for terminals: safe cells, tables whose columns stand, wrapped lines."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Any

from dunctl import money
from dunctl.errors import Problem
from dunctl.words import one_line, steers


def clean(text: object) -> str:
    """Return text that came out of a file as one line that cannot steer a terminal."""
    return one_line(str(text))


def escaped(text: str) -> str:
    """Return lines of JSON or TOML, what could steer a terminal written as they escape it."""
    return re.sub(_NOT_PLAIN, lambda found: _escape(found[0]), text)


def _escape(char: str) -> str:
    if char == "\r\n" or not steers(char):
        return char
    return re.sub("(....)", r"\\u\1", char.encode("utf-16-be", "surrogatepass").hex())


_NOT_PLAIN = r"\r\n|[^\n\t -~]"


def lines_of(lines: Iterable[str]) -> str:
    """Return lines as one text for a terminal, each of them cleaned."""
    return "\n".join(map(clean, lines))


def width() -> int:
    """Return the columns of the terminal, 80 where there is none; never under 60."""
    if not sys.stdout.isatty() and "COLUMNS" not in os.environ:
        return 80
    from shutil import get_terminal_size

    return max(60, get_terminal_size((80, 24)).columns)


def table(
    headers: Sequence[str], rows: Iterable[Sequence[object]], right: Iterable[int] = ()
) -> list[str]:
    """Return a table as lines, the header first; Chinese stands in its columns too.

    ``right`` names the columns that are set to the right. Cells are cleaned.
    """
    from tabulate import tabulate

    ends = set(right)
    cells = [[clean(cell) for cell in row] for row in rows]
    text: str = tabulate(
        cells,
        list(headers),
        tablefmt="plain",
        disable_numparse=True,
        colalign=["right" if n in ends else "left" for n in range(len(headers))] if cells else None,
    )
    return [line.rstrip() for line in text.split("\n")]


def listing(
    headers: Sequence[str], rows: Sequence[Sequence[object]], right: Iterable[int] = ()
) -> list[str]:
    """Return a table whose last column is wrapped, so that it fits the terminal."""
    first, *body = table(headers, [[*row[:-1], ""] for row in rows], right)
    indent = columns(first) - columns(headers[-1])
    lines = [first]
    for line, row in zip(body, rows, strict=True):
        pad = " " * (indent - columns(line))
        lines += wrap(str(row[-1]), indent, line + pad)
    return lines


def fitted(
    headers: Sequence[str],
    rows: Iterable[Sequence[object]],
    right: Iterable[int] = (),
    wrapped: int = 0,
) -> list[str]:
    """Return a table that fits the terminal, the cells of one column in as many lines as needed."""
    cells = [[clean(cell) for cell in row] for row in rows]
    room = width() - 2 * (len(headers) - 1)
    for nth, header in enumerate(headers):
        if nth != wrapped:
            widths = [columns(row[nth]) for row in cells]
            room -= max([columns(header) + 2, *widths])
    lines: list[list[str]] = []
    for row in cells:
        for n, part in enumerate(_parts(row[wrapped], max(room, 20))):
            blank = row if n == 0 else [""] * len(row)
            lines.append([*blank[:wrapped], part, *blank[wrapped + 1 :]])
    return table(headers, lines, right)


_COMBINING = "\u0300"
"""The first character that takes no column; before it all that can be printed takes one."""


@lru_cache(maxsize=4096)
def columns(text: str) -> int:
    """Return how many columns of a terminal a clean text takes."""
    if text.isascii() or (max(text) < _COMBINING and text.isprintable()):
        return len(text)
    from wcwidth import wcswidth

    return int(wcswidth(text))


def wrap(text: str, indent: int, first: str = "") -> list[str]:
    """Return text in lines that fit the terminal, each with ``indent`` spaces before it.

    ``first`` stands in place of the first line's spaces. Chinese breaks between any two characters,
    but no line begins with a mark that ends something.
    """
    lines = _parts(clean(text), width() - indent)
    return [(first if first and n == 0 else " " * indent) + part for n, part in enumerate(lines)]


def _parts(text: str, limit: int) -> list[str]:
    lines, line, taken = [], "", 0
    for piece in _pieces(text):
        if line and taken + columns(piece.rstrip()) > limit:
            lines.append(line.rstrip())
            line, taken = "", 0
        added = piece if line else piece.lstrip() if lines else piece
        line += added
        taken += columns(added)
    return [*lines, line.rstrip()]


def _pieces(text: str) -> list[str]:
    """Return the pieces between which a line may end, each with the spaces after it."""
    if max(text, default="") < _CHINESE[0]:
        return re.findall(r"\S+\s*|\s+", text)
    starts = [
        nth
        for nth, (before, char) in enumerate(pairwise(text), 1)
        if not char.isspace()
        and (
            before.isspace() or (char not in _ENDING and (_is_chinese(before) or _is_chinese(char)))
        )
    ]
    return [text[first:last] for first, last in pairwise([0, *starts, len(text)])]


def _is_chinese(char: str) -> bool:
    return _CHINESE[0] <= char <= _CHINESE[1]


_ENDING = "。，、；：？！）》」』】”’…"
"""What no line of Chinese begins with."""
_CHINESE = "\u2e80", "\uffef"
"""The first and the last character of scripts that break anywhere; re takes 5 ms for them."""


def amounts(by_currency: Mapping[str, Decimal]) -> str:
    """Return amounts of several currencies side by side, never added."""
    parts = [money.show(amount, currency) for currency, amount in sorted(by_currency.items())]
    return " + ".join(parts) or "-"


def score_words(score: int, currency: str) -> str:
    """Return a score, in thousandths of the smallest unit, as money of its currency."""
    amount = Decimal(score).scaleb(-3 - money.exponent(currency))
    return money.show(money.quantize(amount, currency), currency)


def amount_list(by_currency: Mapping[str, Decimal]) -> list[dict[str, str]]:
    """Return amounts as the JSON contract has them."""
    return [
        {"currency": currency, "amount": money.plain(amount, currency)}
        for currency, amount in sorted(by_currency.items())
    ]


def amount_map(by_currency: Mapping[str, Decimal]) -> dict[str, str]:
    """Return amounts by currency as the JSON contract has them."""
    return {
        currency: money.plain(amount, currency) for currency, amount in sorted(by_currency.items())
    }


def problem_list(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """Return problems as the JSON contract has them."""
    return [{"path": p.path, "line": p.line, "message": p.message} for p in problems]


def as_json(value: object) -> str:
    """Return a value as JSON for people and programs."""
    return escaped(json.dumps(value, ensure_ascii=False, indent=2))


def as_csv(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return rows as CSV; what a spreadsheet would take for a formula is made text by a ``'``.

    A negative number is none. Where the list separator is ``;``, one may begin behind each ``;``.
    """
    import csv
    import io

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(headers)
    for row in rows:
        writer.writerow([_cell(clean(cell)) for cell in row])
    return out.getvalue().rstrip("\n")


def _cell(text: str) -> str:
    return text if re.fullmatch(_NEGATIVE, text) else re.sub(_FORMULA, r"\1'", text)


_FORMULA = r"(^|;)(?=\s*[=+@\uff1d\uff0b\uff20\uff0d-])"
_NEGATIVE = r"-[0-9]+(\.[0-9]+)?"
