"""What is known of each debtor's calendar, kept in the store so that it is worked out only once.

The file ``.dunctl/calendars`` is a cache: deleting it costs a second, once. Its first line says who
wrote it and the checksum of the second; a file of another version, or one that does not add up, is
as good as none and is written anew. Where nothing can be written, nothing is kept.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from dunctl import __version__
from dunctl.errors import Refused
from dunctl.steps.calendar import Calendar, Year, load
from dunctl.store import files

NAME = "calendars"


@cache
def calendar_for(root: Path, country: str | None, subdivision: str | None) -> Calendar:
    """Return the calendar of a debtor's country and subdivision, from the cache of the store.

    Nothing is read before the first day is asked for; only a year that is not there is worked out.
    """
    known: dict[int, Year | None] = {}

    def years(year: int) -> Year | None:
        if year not in known:
            known[year] = _kept_or_new(root, country, subdivision, year) if country else None
        return known[year]

    return Calendar(country, subdivision, years)


def _kept_or_new(root: Path, country: str, subdivision: str | None, year: int) -> Year | None:
    key = f"{country}/{subdivision or ''}/{year}"
    kept = _kept(root)
    if key in kept:
        return _thaw(country, subdivision, year, kept[key])
    found = load(country, subdivision, year)
    kept[key] = _freeze(found)
    _write(root, kept)
    return found


@cache
def _kept(root: Path) -> dict[str, Any]:
    """Return the years that this process knows as JSON, at first those in the file."""
    return _read(root)


def _read(root: Path) -> dict[str, Any]:
    try:
        head, _, body = (root / ".dunctl" / NAME).read_bytes().partition(b"\n")
        if head == _head(body):
            years: dict[str, Any] = json.loads(body)
            return years
    except OSError:
        pass
    return {}


def _write(root: Path, years: Mapping[str, Any]) -> None:
    """Put the years into the file together with those that another process has put there."""
    body = json.dumps({**_read(root), **years}, ensure_ascii=False, sort_keys=True).encode()
    with suppress(OSError, Refused):
        files.put(files.aside(root) / NAME, _head(body) + b"\n" + body)


def _head(body: bytes) -> bytes:
    version = installed("holidays")
    return f"dunctl {__version__}, holidays {version}, crc32 {zlib.crc32(body):08x}".encode()


@cache
def installed(library: str) -> str:
    """Return a library's version; importing it may cost 0.1 s, ``importlib.metadata`` 30 ms."""
    from importlib.machinery import PathFinder

    spec = PathFinder.find_spec(library)
    if spec and spec.origin:
        beside = Path(spec.origin).parent.parent
        with suppress(OSError):
            found = [name for name in os.listdir(beside) if name.startswith(f"{library}-")]
            if len(found) == 1:
                return found[0]
    from importlib.metadata import version

    return version(library)


def _freeze(year: Year | None) -> dict[str, Any] | None:
    if year is None:
        return None
    return {
        "holidays": _named(year.holidays),
        "half_days": _named(year.half_days),
        "working_weekends": sorted(map(str, year.working_weekends)),
        "doubtful": _named(year.doubtful),
        "weekend": sorted(year.weekend),
        "gap": year.gap,
    }


def _thaw(country: str, subdivision: str | None, year: int, data: Any) -> Year | None:
    if data is None:
        return None
    return Year(
        country,
        subdivision,
        year,
        _days(data["holidays"]),
        _days(data["half_days"]),
        frozenset(map(date.fromisoformat, data["working_weekends"])),
        _days(data["doubtful"]),
        frozenset(data["weekend"]),
        data["gap"],
    )


def _named(days: Mapping[date, str]) -> dict[str, str]:
    return {str(day): name for day, name in days.items()}


def _days(data: Mapping[str, str]) -> dict[date, str]:
    return {date.fromisoformat(day): name for day, name in data.items()}
