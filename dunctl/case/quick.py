"""The quick way from the text of a case to its records, where nothing is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache, partial
from operator import itemgetter
from typing import Any, TypeVar

from dunctl.case import plain
from dunctl.case.handles import Content
from dunctl.case.shape import CLASSES, REPEATED, Made, shape_of
from dunctl.case.toml import loads, whole
from dunctl.tuples import NamedTuple

_MOST_MET = 200
"""So many lines of a kind of table are remembered, and as many ends: what is close at hand."""

_K = TypeVar("_K")
_V = TypeVar("_V")
_Order = Callable[[Sequence[Any]], tuple[Any, ...]]
_Pairs = tuple[tuple[str, ...], tuple[Any, ...]]


def quickly(text: str) -> tuple[Content, Made] | None:
    """Return data and records of a text that is plainly written and in which nothing is wrong."""
    names: list[str] = []
    made: dict[str, list[Any]] = {}
    try:
        for header, lines in plain.tables(text):
            name, again, read, ends, order, blank, make = _table(header)
            line, _, end = lines.partition("\n")
            key, value = read(line)
            keys, values = ends[end]
            record = make(order[key, *keys]((value, *values, *blank)))
            if name not in made:
                names += [name] if name else filter(None, (key, *keys))
                made[name] = [record]
            elif again:
                made[name].append(record)
            else:
                return None
    except (KeyError, ValueError):
        return None
    return (Content(names, partial(loads, text)), made) if "debtor" in made else None


class _Met(dict[_K, _V]):
    """What was met first, and what was made of it; of what is met later, nothing is remembered."""

    def __init__(self, make: Callable[[_K], _V]) -> None:
        """Make one in which nothing was met."""
        self._make = make

    def __missing__(self, what: _K) -> _V:
        """Make something of what was not met before."""
        made = self._make(what)
        if len(self) < _MOST_MET:
            self[what] = made
        return made


class _Table(NamedTuple):
    """How a table of the file is read, and how a record is made of it.

    ``read`` gives key and value of a line. ``ends`` are those of all lines but the first, in which
    there is nearly always something new: mostly a time. ``order`` is what puts the values of such
    keys, and ``blank`` behind them, into the order of a record.
    """

    name: str
    again: bool
    read: Callable[[str], tuple[str, Any]]
    ends: Mapping[str, _Pairs]
    order: Mapping[tuple[str, ...], _Order]
    blank: tuple[Any, ...]
    make: Callable[[Sequence[Any]], Any]


@lru_cache(maxsize=len(CLASSES))
def _table(header: str) -> _Table:
    """Return the table with a header; ``KeyError`` or ``ValueError`` of one that no case has."""
    name, again = plain.header(header) if header else ("", False)
    cls: Any = CLASSES[name]
    if again != (name in REPEATED):
        raise ValueError("in the wrong brackets")
    keys, required, blank, make = shape_of(cls)
    kinds: dict[str, Callable[[object], Any]] = {key: read for key, (_, read) in keys.items()}
    read = partial(_said, {"": bool, **kinds})
    ends = _Met(partial(_end, _Met(read)))
    return _Table(name, again, read, ends, _Met(partial(_order, keys, required)), blank, make)


def _said(kinds: Mapping[str, Callable[[object], Any]], line: str) -> tuple[str, Any]:
    """Return key and value of a line, no key if it says nothing.

    ``KeyError`` or ``ValueError`` if it is none of such a table, or not plain.
    """
    key, _, words = line.partition(" = ")
    if words and key in kinds:
        return key, kinds[key](plain.value(words, whole))
    key, value = plain.pair(line, whole)
    return key, kinds[key](value)


def _end(said: Mapping[str, tuple[str, Any]], text: str) -> _Pairs:
    """Return the keys and the values of lines."""
    keys, values = zip(*map(said.__getitem__, text.split("\n")), strict=True)
    return keys, values


def _order(keys: Collection[str], required: Collection[str], said: Sequence[str]) -> _Order:
    """Return what puts values into the order of a record's keys: those of the keys that are said.

    Behind them are those of a record without any. ``ValueError`` if a key is there twice or is
    missing.
    """
    there = [key for key in said if key]
    if len(set(there)) < len(there) or not set(there).issuperset(required):
        raise ValueError("not what such a table has")
    places = {key: nth for nth, key in enumerate(keys, len(said))}
    places |= {key: nth for nth, key in enumerate(said)}
    return itemgetter(*map(places.__getitem__, keys))
