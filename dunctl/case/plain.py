"""TOML that is plainly written, a line for each key, as dunctl itself writes it.

To read it line by line takes a fraction of the time of a parser. It is never decided here what is
TOML: a line must be whole by itself and of a form that has one meaning, or else nothing is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

_FLAGS = {"true": True, "false": False}
_DIGITS = frozenset("0123456789")
_DAY, _INSTANT = len("2026-11-02"), len("2026-11-02T09:00:00+08:00")

Parse = Callable[[str], dict[str, Any]]
"""A parser of any TOML, which raises ``ValueError``."""


def loads(text: str, parse: Parse) -> dict[str, Any]:
    """Return what ``parse`` would return, and ask it about odd values alone.

    ``ValueError`` for a text that is not plainly written, which may be good TOML all the same.
    """
    first, *others = tables(text)
    data = _table(first[1], parse)
    repeated = set()
    for words, below in others:
        name, again = header(words)
        table = _table(below, parse)
        if name in repeated and again:
            data[name].append(table)
        elif name in data:
            raise ValueError("a name is there twice")
        elif again:
            repeated.add(name)
            data[name] = [table]
        else:
            data[name] = table
    return data


def _table(text: str, parse: Parse) -> dict[str, Any]:
    said = [found for line in text.split("\n") if (found := pair(line, parse))[0]]
    table = dict(said)
    if len(table) < len(said):
        raise ValueError("a key is there twice")
    return table


def tables(text: str) -> Iterator[tuple[str, str]]:
    """Yield the words of each ``header``, none for the first one, and the text below it.

    Of a text with strings of several lines this is wrong, but then there is a line that no ``pair``
    can be made of.
    """
    for part in ("\n" + text.replace("\r\n", "\n")).split("\n["):
        words, _, below = part.partition("\n")
        yield words, below


@lru_cache(maxsize=256)
def header(words: str) -> tuple[str, bool]:
    """Return the name of a table from its header less a bracket, and whether it has two."""
    name = words.strip("[]")
    if not _is_key(name) or words not in (f"{name}]", f"[{name}]]"):
        raise ValueError("not plain")
    return name, words.startswith("[")


def pair(line: str, parse: Parse) -> tuple[str, Any]:
    """Return the key and the value of a line; without a key and ``None`` if it says nothing."""
    key, equals, words = line.partition("=")
    key = key.rstrip(" ")
    if equals and _is_key(key):
        return key, value(words.lstrip(" "), parse)
    if not line or (line.startswith("#") and line.isprintable()):
        return "", None
    raise ValueError("not plain")


def _is_key(words: str) -> bool:
    return words.isascii() and words.isidentifier()


def value(words: str, parse: Parse) -> Any:
    """Return the value that words stand for to the end of their line."""
    size, first = len(words), words[:1]
    if first == '"':
        text = words[1:-1]
        if size > 1 and words[-1] == '"' and _is_plain(text):
            return text
    elif size == _DAY and words[4] == "-" == words[7]:
        return date.fromisoformat(words)
    elif size == _INSTANT and _is_instant(words):
        return datetime.fromisoformat(words)
    elif first in _DIGITS and words.isascii() and (first != "0" or words[1:2] in ("", ".")):
        whole, dot, part = words.partition(".")
        if whole.isdecimal():
            if not dot:
                return int(words)
            if part.isdecimal():
                return Decimal(words)
    elif size > 3 and words[:2] == '["' and words[-2:] == '"]':
        texts = words[2:-2].split('", "')
        if all(map(_is_plain, texts)):
            return texts
    return _FLAGS[words] if words in _FLAGS else parse(f"x = {words}")["x"]


def _is_plain(text: str) -> bool:
    return text.isprintable() and '"' not in text and "\\" not in text


def _is_instant(words: str) -> bool:
    """Return whether words are to the second; what they say is for ``datetime`` to judge."""
    return (
        words[4:8:3] == "--"
        and words[10:23:3] in ("T::+:", "T::-:")
        and words[11:13] < "24"
        and words[23:] < "60"
    )
