"""Columns of values as bytes that are soon read again: whole numbers as they are, others as JSON.

JSON takes ten times as long to read a number.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

_END = b"\n"
"""What is nowhere in JSON."""


def packed(columns: Sequence[Sequence[Any]]) -> bytes:
    """Return columns, each of as many values, as bytes of this machine."""
    numbers, others = array("q"), list[list[Any] | None]()
    for column in columns:
        whole = _whole(column)
        if whole is None:
            others.append(list(column))
        else:
            numbers += whole
            others.append(None)
    count = len(columns[0]) if columns else 0
    head = json.dumps([count, others], separators=(",", ":")).encode()
    return head + _END + numbers.tobytes()


def _whole(column: Sequence[Any]) -> array[int] | None:
    """Return a column of whole numbers, if it is one and none of them is too large."""
    with suppress(OverflowError):
        return array("q", column) if set(map(type, column)) <= {int} else None
    return None


def unpacked(data: bytes) -> list[list[Any]]:
    """Return what ``packed`` was given, as lists."""
    head, _, numbers = data.partition(_END)
    columns: list[Any]
    count, columns = json.loads(head)
    whole = array("q", numbers)
    first = 0
    for nth, column in enumerate(columns):
        if column is None:
            columns[nth] = whole[first : first + count].tolist()
            first += count
    return columns
