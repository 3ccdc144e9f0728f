"""Where each key and table of a TOML text stands; for messages with line numbers and for edits.

The text must already have parsed, so the scanner only has to tell strings, comments and brackets
apart. It runs when a line is wanted, never on the way to an answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from dunctl.errors import Level
from dunctl.tuples import NamedTuple

Path = tuple[str | int, ...]


class Mark(NamedTuple):
    """A key or a table header: where it stands (offsets into the text, line from 1).

    ``start`` is the start of its line, ``end`` the end of its last line, line break included;
    ``value`` is the span of the value alone (empty for a header).
    """

    path: Path
    line: int
    start: int
    end: int
    value: tuple[int, int]
    header: bool


class Finding(NamedTuple):
    """A problem that knows the key path it is about, but not yet its line."""

    where: Path
    message: str
    level: Level = "error"


_BARE = re.compile(r"[A-Za-z0-9_-]+")
_BLANK = re.compile(r"[ \t]*")
_TO_EOL = re.compile(r"[^\n]*\n?")
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))")
_NAMED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b", '"': '"', "\\": "\\"}


def scan(text: str) -> Iterator[Mark]:
    """Yield every header and every key of a valid TOML text, in the order of the text."""
    table: Path = ()
    counts: dict[Path, int] = {}
    position, line = 1 if text.startswith("\ufeff") else 0, 1
    while position < len(text):
        start = position
        position = _skip(_BLANK, text, position)
        if text.startswith("[", position):
            repeated = text.startswith("[[", position)
            names, position = _keys(text, position + (2 if repeated else 1))
            table = _resolve(names, counts)
            if repeated:
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
            end = _skip(_TO_EOL, text, position)
            yield Mark(table, line, start, end, (end, end), True)
        elif position < len(text) and text[position] not in "#\r\n":
            names, position = _keys(text, position)
            begin = _skip(_BLANK, text, text.index("=", position) + 1)
            stop = _value_end(text, begin)
            end = _skip(_TO_EOL, text, stop)
            yield Mark((*table, *names), line, start, end, (begin, stop), False)
        else:
            end = _skip(_TO_EOL, text, position)
        line += text.count("\n", start, end)
        position = max(end, start + 1)


def locate(text: str) -> Mapping[Path, int]:
    """Return the line of every key and table: path -> line, counting from 1.

    What has no line of its own, such as a list of tables, is where its first part is.
    """
    marks = list(scan(text))
    found: dict[Path, int] = {}
    for mark in marks:
        for length in range(1, len(mark.path)):
            found.setdefault(mark.path[:length], mark.line)
    return found | {mark.path: mark.line for mark in reversed(marks)}


def line_of(lines: Mapping[Path, int], path: Path) -> int:
    """Return the line of ``path`` or of the nearest thing around it."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def line_of_table(text: str, path: Path) -> int:
    """Return the line of the header of a table; what comes after it is not looked at."""
    return next((mark.line for mark in scan(text) if mark.header and mark.path == path), 1)


def _skip(pattern: re.Pattern[str], text: str, position: int) -> int:
    match = pattern.match(text, position)
    return match.end() if match else position


def _resolve(names: Path, counts: Mapping[Path, int]) -> Path:
    """Put the running index behind each array of tables that ``names`` passes through."""
    path: Path = ()
    for depth, name in enumerate(names):
        path = (*path, name)
        if depth < len(names) - 1 and path in counts:
            path = (*path, counts[path])
    return path


def _keys(text: str, position: int) -> tuple[Path, int]:
    names: list[str] = []
    while True:
        position = _skip(_BLANK, text, position)
        if text[position] in "\"'":
            stop = _string_end(text, position)
            raw = text[position + 1 : stop - 1]
            names.append(_unescape(raw) if text[position] == '"' else raw)
        else:
            stop = _skip(_BARE, text, position)
            if stop == position:
                raise ValueError(f"no key at offset {position}")
            names.append(text[position:stop])
        position = _skip(_BLANK, text, stop)
        if not text.startswith(".", position):
            return tuple(names), position
        position += 1


def _unescape(raw: str) -> str:
    def one(match: re.Match[str]) -> str:
        digits = match[1] or match[2] or match[3]
        return chr(int(digits, 16)) if digits else _NAMED.get(match[4], match[4])

    return _ESCAPE.sub(one, raw)


def _string_end(text: str, position: int) -> int:
    quote = text[position]
    if text.startswith(quote * 3, position):
        position += 3
        while True:
            if quote == '"' and text[position] == "\\":
                position += 2
            elif text.startswith(quote * 3, position):
                while text.startswith(quote, position):
                    position += 1
                return position
            else:
                position += 1
    position += 1
    while text[position] != quote:
        position += 2 if quote == '"' and text[position] == "\\" else 1
    return position + 1


def _value_end(text: str, position: int) -> int:
    depth = 0
    end = position
    while position < len(text):
        char = text[position]
        if char in "\"'":
            position = end = _string_end(text, position)
            continue
        if char == "#":
            if not depth:
                return end
            position = text.index("\n", position)
        elif char == "\n" and not depth:
            return end
        depth += (char in "[{") - (char in "]}")
        position += 1
        if char not in " \t\r\n":
            end = position
    return end
