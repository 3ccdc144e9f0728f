"""A quick way through TOML that is plainly written, as dunctl itself writes it.

It takes a third of the time of ``tomli``, and never decides what is TOML: each line must be whole
by itself and of a form that has one meaning, or else nothing is said.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

_CONTROL = r"\x00-\x08\x0a-\x1f\x7f"
_KEY = "[A-Za-z0-9_-]++"
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_FLAGS = {"true": True, "false": False}
FEW = 10
"""So many texts ``tomli`` reads in the time that it takes to compile the pattern of a line."""


def loads(text: str, parse: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """Return what ``parse``, a parser of any TOML, would return, and ask it about odd values alone.

    ``ValueError`` for a text that is not plainly written, which may be good TOML all the same.
    """
    found = _line().findall(text.replace("\r\n", "\n").rstrip("\n") + "\n")
    if found and found[-1][-1]:
        raise ValueError("not plain")
    data: dict[str, Any] = {}
    table = data
    lists: dict[str, list[dict[str, Any]]] = {}
    odd: list[tuple[dict[str, Any], str, str]] = []
    for key, words, day, number, other, repeated, single, _ in found:
        if key:
            if key in table:
                raise ValueError("a key is there twice")
            if day:
                table[key] = (
                    date.fromisoformat(day) if len(day) == 10 else datetime.fromisoformat(day)
                )
            elif number:
                table[key] = Decimal(number) if "." in number else int(number)
            elif not other:
                table[key] = words
            elif other in _FLAGS:
                table[key] = _FLAGS[other]
            else:
                table[key] = None
                odd.append((table, key, other))
        elif repeated:
            table = {}
            if repeated in lists:
                lists[repeated].append(table)
            elif repeated in data:
                raise ValueError("a table is written in two ways")
            else:
                data[repeated] = lists[repeated] = [table]
        elif single:
            if single in data:
                raise ValueError("a table is there twice")
            data[single] = table = {}
    if odd:
        # A line that is not whole by itself would take the next header with it.
        read = parse("".join(f"[[x]]\nx = {value}\n" for _, _, value in odd))["x"]
        for (table, key, _), one in zip(odd, read, strict=True):
            table[key] = one["x"]
    return data


@cache
def _line() -> re.Pattern[str]:
    """Return the pattern of a line, and of all the rest from one that is not plain; see ``FEW``."""
    return re.compile(
        rf"""\n*+(?:
        ({_KEY})[ ]*+=[ ]*+(?:
            "([^"\\{_CONTROL}]*+)"
          | ({_DAY}(?:T{_CLOCK}:[0-5][0-9](?:Z|[+-]{_CLOCK}))?+)
          | ((?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+)
          | ([^\r\n]++)
        )\n
      | \[\[({_KEY})\]\]\n
      | \[({_KEY})\]\n
      | \#[^{_CONTROL}]*+\n
      | ([\s\S]++)
        )""",
        re.VERBOSE,
    )
