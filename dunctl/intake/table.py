"""Bytes of a CSV export to rows of text: encoding, delimiter, header, and each row's line.

Nothing is guessed that the bytes do not show: what could be two things is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from dunctl.errors import Refused
from dunctl.intake import columns
from dunctl.tuples import NamedTuple
from dunctl.words import t

DELIMITERS = ",;\t|"
_HEAD = 100
_HANZI = re.compile(rb"[\xb0-\xd7][\xa1-\xfe]")
_OTHERS = {b"PK\x03\x04": "XLSX or ZIP", b"\xd0\xcf\x11\xe0": "XLS", b"%PDF": "PDF"}
_SAVE_AS = "save the file as UTF-8 and import it again"


class Row(NamedTuple):
    """Cells as they stand in the file; ``line`` is where the row begins, counted from 1."""

    line: int
    cells: tuple[str, ...]


class Table(NamedTuple):
    """A file as it was understood; ``rows`` are those after the header, without empty ones."""

    encoding: str
    delimiter: str
    header: tuple[str, ...]
    header_line: int
    rows: tuple[Row, ...]


def read_table(data: bytes) -> Table:
    """Read a CSV export of receivables.

    Encodings: UTF-8, UTF-16, GB18030, cp1252. Delimiters: comma, semicolon, tab, bar. Lines before
    the header are skipped. ``Refused`` when there is no such table in ``data``.
    """
    for mark, kind in _OTHERS.items():
        if data.startswith(mark):
            raise Refused(
                t("the file is {kind}, not CSV; export it as CSV and import that", kind=kind)
            )
    encoding, text = decode(data)
    if not text.replace("\ufeff", "").strip(" \t\r\n\v\f\x1a,;|"):
        raise Refused(t("the file is empty; {needed}", needed=_needed()))
    if "\0" in text:
        raise Refused(t("the file has NUL bytes, so it is not CSV; {needed}", needed=_needed()))
    delimiter, start = _layout(text)
    rows = list(records(text, delimiter))
    header = next(row for row in rows if row.line == start)
    width = max((i for i, cell in enumerate(header.cells, 1) if cell.strip()), default=0)
    body = (row for row in rows if row.line > start)
    return Table(
        encoding,
        delimiter,
        header.cells[:width],
        start,
        tuple(_trimmed(row, width) for row in body if any(map(_filled, row.cells))),
    )


def records(text: str, delimiter: str) -> Iterator[Row]:
    """Split a text into rows, quotes honoured; a quote that is never closed is an ordinary sign."""
    plain, quoted, end = _patterns(delimiter)
    position, line = 0, 1
    while position < len(text):
        stop = end.search(text, position)
        until = stop.start() if stop else len(text)
        if '"' not in text[position:until]:
            yield Row(line, tuple(text[position:until].split(delimiter)))
            position = stop.end() if stop else until
            line += 1
            continue
        cells: list[str] = []
        first = line
        while True:
            if found := quoted.match(text, position):
                cells.append(found[1].replace('""', '"'))
                line += len(end.findall(found[1]))
                position = found.end()
            elif found := plain.match(text, position):
                cells.append(found[0])
                position = found.end()
            if text[position : position + 1] != delimiter:
                break
            position += 1
        stop = end.match(text, position)
        position = stop.end() if stop else position
        line += 1
        yield Row(first, tuple(cells))


def decode(data: bytes) -> tuple[str, str]:
    """Return the name of the encoding and the text; ``Refused`` if it is none or could be two."""
    for mark, name in (
        (b"\xef\xbb\xbf", "utf-8"),
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
        (b"\x84\x31\x95\x33", "gb18030"),
    ):
        if data.startswith(mark):
            return name, _strictly(data[len(mark) :], name)
    if b"\0" in data:
        return _wide(data)
    try:
        return "utf-8", data.decode("utf-8")
    except UnicodeDecodeError:
        return _legacy(data)


def _wide(data: bytes) -> tuple[str, str]:
    """Read UTF-16 without a mark: the NUL bytes stand beside ASCII letters, on one side of them."""
    pairs = [data[i : i + 2] for i in range(0, len(data) - 1, 2)]
    little = sum(pair[1] == 0 and pair[0] < 127 for pair in pairs)
    big = sum(pair[0] == 0 and pair[1] < 127 for pair in pairs)
    name, beside = ("utf-16-le", little) if little > big else ("utf-16-be", big)
    text = _decoded(data, name) if 20 * beside > len(pairs) else None
    if text is None or "\0" in text:
        raise Refused(t("the file has NUL bytes, so it is not CSV; {needed}", needed=_needed()))
    return name, text


def _strictly(data: bytes, name: str) -> str:
    try:
        return data.decode(name)
    except UnicodeDecodeError as error:
        raise Refused(
            t(
                "the file begins as {encoding}, but byte {byte} is not; {remedy}",
                encoding=name.upper(),
                byte=error.start + 1,
                remedy=t(_SAVE_AS),
            )
        ) from error


def _legacy(data: bytes) -> tuple[str, str]:
    """Tell GB18030 from cp1252 by column names that are known, else by how the high bytes come.

    Chinese text is pairs of high bytes, most of them among the 3,755 common characters; western
    text has single high bytes between ASCII letters, and they are letters.
    """
    chinese, western = _decoded(data, "gb18030"), _decoded(data, "cp1252")
    runs = re.findall(rb"[\x80-\xff]+", data)
    high = sum(map(len, runs))
    common = sum(2 * len(_HANZI.findall(run)) for run in runs)
    lone = sum(len(run) for run in runs if len(run) <= 2)
    known = (_names(chinese) if chinese else 0) - (_names(western) if western else 0)
    if chinese and (known > 0 or (known == 0 and common >= 0.6 * high and high >= 4)):
        return "gb18030", chinese
    clear = known < 0 or chinese is None or common <= 0.3 * high
    if western and clear and lone >= 0.9 * high and not _foreign(western):
        return "cp1252", western
    raise Refused(
        t("it is unclear whether the text is GB18030, cp1252 or another encoding; {remedy}",
          remedy=t(_SAVE_AS))
    )  # fmt: skip


def _foreign(text: str) -> bool:
    """Tell whether signs stand where letters should, as in Polish or Czech text read as cp1252."""
    return bool(re.search(r"[^\W\d_][¡¢£¤¥¦¨¬¯±³¶¸¹¼¾¿]+[^\W\d_]", text))


def _decoded(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except UnicodeDecodeError:
        return None


def _names(text: str) -> int:
    """Return how many known column names that are not ASCII a line has at most."""
    lines = (re.split('[,;\t|"]+', line) for line in text.splitlines()[:_HEAD])
    return max((columns.known([c for c in cells if not c.isascii()]) for cells in lines), default=0)


@cache
def _patterns(delimiter: str) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Return how an ordinary cell, a quoted cell and the end of a line look."""
    d = re.escape(delimiter)
    return (
        re.compile(rf"[^{d}\r\n]*"),
        re.compile(rf'"((?:[^"]++|"")*+)"(?={d}|\r|\n|\Z)'),
        re.compile(r"\r\n|\n|\r"),
    )


def _layout(text: str) -> tuple[str, int]:
    """Return the delimiter and the line of the header.

    The delimiter is the one that gives the most known columns, then the one under which most lines
    have as many cells as the header.
    """
    best: tuple[tuple[int, float], str, Row] | None = None
    for delimiter in DELIMITERS:
        head = [row for row, _ in zip(records(text, delimiter), range(_HEAD), strict=False)]
        header = _header(head)
        if header is None:
            continue
        body = [r for r in head if r.line > header.line and any(map(_filled, r.cells))]
        even = sum(len(row.cells) == len(header.cells) for row in body)
        score = (columns.known(header.cells), even / max(len(body), 1))
        if best is None or score > best[0]:
            best = (score, delimiter, header)
    if best is None:
        first = next((line for line in text.splitlines() if line.strip()), "")
        raise Refused(
            t(
                'no header was found; {needed}; the file begins "{line}"',
                needed=_needed(),
                line=columns.clean(first, 100),
            )
        )
    return best[1], best[2].line


def _header(rows: Sequence[Row]) -> Row | None:
    """Return the first row that is a whole header, or else the row that is most of one."""
    rows = [row for row in rows if columns.known(row.cells)]
    whole = next((row for row in rows if not columns.missing(row.cells)), None)
    return whole or max(rows, key=lambda row: columns.known(row.cells), default=None)


def _trimmed(row: Row, width: int) -> Row:
    """Take empty cells beyond the header away."""
    if len(row.cells) <= width or any(map(_filled, row.cells[width:])):
        return row
    return Row(row.line, row.cells[:width])


def _filled(cell: str) -> bool:
    return bool(cell.strip(" \t\r\n\x1a\ufeff\u3000\xa0"))


def _needed() -> str:
    return t(
        "a line with the names of the columns is needed: customer, invoice number, due date, amount"
    )
