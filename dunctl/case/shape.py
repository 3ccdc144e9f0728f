"""How each table of a case file becomes a record."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any

from dunctl.case import records
from dunctl.tuples import NamedTuple

CLASSES: Mapping[str, type[Any]] = {
    "": records.Head,
    **records.FACT_CLASSES,
    **records.ENTRY_CLASSES,
}
"""The tables of a case file, and under no name what is before the first of them."""
REPEATED = frozenset(("person", "income", *records.ENTRY_CLASSES))
"""Those that may be there several times."""

Made = Mapping[str, Sequence[Any]]
"""The records of a case by the name of their table; ``None`` in the place of a wrong one."""


class Shape(NamedTuple):
    """How a record is made of a table.

    ``keys`` are the place of each key in it and its reader, ``blank`` is a record without any; the
    ``required`` keys have the first places.
    """

    keys: Mapping[str, tuple[int, Callable[[object], Any]]]
    required: Mapping[str, str]
    blank: tuple[Any, ...]
    make: Callable[[Sequence[Any]], Any]


@cache
def shape_of(cls: Any) -> Shape:
    """Return the shape of a class of records."""
    table = records.keys(cls)
    return Shape(
        {name: (nth, key.kind.read) for nth, (name, (_, key)) in enumerate(table.items())},
        {name: key.kind.title.replace("`", "") for name, (_, key) in table.items() if key.required},
        tuple([cls._field_defaults.get(attribute) for attribute in cls._fields]),
        partial(tuple.__new__, cls),
    )
