"""Columns of values as bytes that are soon read again: whole numbers as they are, others as JSON.

JSON takes ten times as long to read a number.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Sequence
from typing import Any

_END = b"\n"
"""What is nowhere in JSON."""
_MOST = 1 << 63


def packed(columns: Sequence[Sequence[Any]]) -> bytes:
    """Return columns, each of as many values, as bytes of this machine."""
    whole = [column for column in columns if _is_whole(column)]
    others = [None if _is_whole(column) else list(column) for column in columns]
    numbers = array("q", [number for column in whole for number in column])
    count = len(columns[0]) if columns else 0
    head = json.dumps([count, others], separators=(",", ":")).encode()
    return head + _END + numbers.tobytes()


def _is_whole(column: Sequence[Any]) -> bool:
    return all(type(value) is int and -_MOST <= value < _MOST for value in column)


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
