"""Names for entries that have none: a hash of what they say, as in git."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any

from dunctl.case.records import ENTRY_CLASSES


class Content(Mapping[str, Any]):
    """A case's data, which nobody changes any more; it is read, and its handles made, when asked.

    The names of its tables and of the keys before them are known before.
    """

    def __init__(self, names: Iterable[str], read: Callable[[], Mapping[str, Any]]) -> None:
        """Make one of all names in it, and of what reads it."""
        self._names = dict.fromkeys(names)
        self._read = read

    def __getitem__(self, name: str) -> Any:
        """Return what the file says under a name."""
        if name not in self._names:
            raise KeyError(name)
        return self._data[name]

    def __contains__(self, name: object) -> bool:
        """Return whether the file says anything under a name."""
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        """Return the names in the order of the file."""
        return iter(self._names)

    def __len__(self) -> int:
        """Return how many names there are."""
        return len(self._names)

    @cached_property
    def _data(self) -> Mapping[str, Any]:
        return self._read()

    @cached_property
    def handles(self) -> Mapping[tuple[str, int], str]:
        """The handle of every entry."""
        return _computed(self._data)


def handles(data: Mapping[str, Any]) -> Mapping[tuple[str, int], str]:
    """Return the handle of every entry of a case's data: (kind, nth) -> seven hex digits.

    A handle depends on what the entry says and not on the order of its keys or its place; equal
    entries are told apart by ``~2``, ``~3`` in the order of the file.
    """
    return data.handles if isinstance(data, Content) else _computed(data)


def _computed(data: Mapping[str, Any]) -> dict[tuple[str, int], str]:
    found: dict[tuple[str, int], str] = {}
    seen: dict[str, int] = {}
    for kind in ENTRY_CLASSES:
        tables = data.get(kind, [])
        for nth, table in enumerate(tables if isinstance(tables, list) else []):
            short = digest(kind, table)[:7]
            seen[short] = seen.get(short, 0) + 1
            found[kind, nth] = short if seen[short] == 1 else f"{short}~{seen[short]}"
    return found


def digest(kind: str, table: object) -> str:
    """Return a hash of what an entry says, whatever the order of its keys."""
    from hashlib import sha256

    said = f"{kind}\n{_canonical(table)}"
    return sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def _canonical(value: object) -> str:
    if isinstance(value, Mapping):
        return (
            "{" + ",".join(f"{_quoted(k)}:{_canonical(v)}" for k, v in sorted(value.items())) + "}"
        )
    if isinstance(value, list):
        return "[" + ",".join(map(_canonical, value)) + "]"
    if isinstance(value, str):
        return _quoted(value)
    return str(Decimal(value) if type(value) is int else value)


def _quoted(text: str) -> str:
    """Quote a text; not as ``repr`` does, which depends on the Unicode version of Python."""
    text = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{text}'"
