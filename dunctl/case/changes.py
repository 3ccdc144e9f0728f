"""What became of a case between two versions of its file: entries added, edited, gone; facts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from dunctl.case.handles import digest
from dunctl.case.records import ENTRY_CLASSES
from dunctl.tuples import NamedTuple

Said = tuple[str, Mapping[str, Any]]
"""An entry as the file has it: the kind of its table, and the table."""


class Changes(NamedTuple):
    """What a new version has that the old one has not; numbers are places within their kind.

    ``edited`` and ``gone`` rewrite history: a mistake is taken back by a ``void``.
    """

    added: tuple[tuple[str, int], ...]
    edited: tuple[tuple[tuple[str, int], tuple[str, int]], ...]
    gone: tuple[tuple[str, int], ...]
    facts: tuple[tuple[str, Any, Any], ...]


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Changes:
    """Compare the data of two versions of a case; order and comments do not matter."""
    before, after = _entries(old), _entries(new)
    followed = follow([entry for _, entry in before], [entry for _, entry in after])
    same = set(followed.values())
    edited = [
        (before[a][0], after[b][0]) for a, b in followed.items() if before[a][1] != after[b][1]
    ]
    return Changes(
        tuple(place for nth, (place, _) in enumerate(after) if nth not in same),
        tuple(edited),
        tuple(place for nth, (place, _) in enumerate(before) if nth not in followed),
        tuple(_facts(old, new)),
    )


def _entries(data: Mapping[str, Any]) -> list[tuple[tuple[str, int], Said]]:
    found = []
    for kind in ENTRY_CLASSES:
        tables = data.get(kind, [])
        for nth, table in enumerate(tables if isinstance(tables, list) else []):
            if isinstance(table, Mapping):
                found.append(((kind, nth), (kind, table)))
    return found


def _facts(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    flat_old, flat_new = _flat(old), _flat(new)
    keys = [*flat_old, *(key for key in flat_new if key not in flat_old)]
    return [
        (key, flat_old.get(key), flat_new.get(key))
        for key in keys
        if flat_old.get(key) != flat_new.get(key)
    ]


def _flat(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts by their dotted names; a person by its name, an income by its place."""
    found: dict[str, Any] = {}
    for key, value in data.items():
        if key in ENTRY_CLASSES:
            continue
        tables = [(key, value)] if isinstance(value, Mapping) else []
        if isinstance(value, list) and value and all(isinstance(v, Mapping) for v in value):
            tables = [(f"{key}.{v.get('name', nth + 1)}", v) for nth, v in enumerate(value)]
        for name, table in tables:
            found |= {f"{name}.{inner}": item for inner, item in table.items()}
        if not tables:
            found[key] = value
    return found


def follow(old: Sequence[Said], new: Sequence[Said]) -> dict[int, int]:
    """Return what became of old entries: old place -> new place; those taken out are not there.

    Equal entries are matched first. An entry was edited if one that is new still says at least half
    of what it said.
    """
    found: dict[int, int] = {}
    places: dict[str, list[int]] = {}
    for nth, entry in enumerate(old):
        places.setdefault(digest(*entry), []).append(nth)
    left = Counter({mark: len(nths) for mark, nths in places.items()})
    unknown = []
    for nth, entry in enumerate(new):
        mark = digest(*entry)
        if left[mark]:
            found[places[mark][len(places[mark]) - left[mark]]] = nth
            left[mark] -= 1
        else:
            unknown.append(nth)
    gone = [nth for nth in range(len(old)) if nth not in found]
    for nth in unknown:
        match = next((one for one in gone if _edited(old[one], new[nth])), None)
        if match is not None:
            gone.remove(match)
            found[match] = nth
    return found


def _edited(old: Said, new: Said) -> bool:
    if old[0] != new[0]:
        return False
    same = sum(new[1].get(key) == value for key, value in old[1].items())
    return bool(2 * same >= max(len(old[1]), len(new[1])))


def lost(
    base: Mapping[str, Any], sides: Sequence[Mapping[str, Any]], merged: Mapping[str, Any]
) -> list[tuple[int, tuple[str, int]]]:
    """Return what a merge lost: (side, place) of entries that a side had and nobody took out.

    An entry that was in ``base`` and that another side edited or took out is not lost. Of equal
    entries each counts.
    """
    there, known = _counted(merged), _counted(base)
    counts = [_counted(side) for side in sides]
    found = []
    for nth, side in enumerate(sides):
        for place, entry in _entries(side):
            mark = digest(*entry)
            have = [one[mark] for one in counts]
            due = max(have) if min(have) >= known[mark] else min(have)
            if there[mark] < due and have[nth] == max(have):
                there[mark] += 1
                found.append((nth, place))
    return found


def _counted(data: Mapping[str, Any]) -> Counter[str]:
    return Counter(digest(*entry) for _, entry in _entries(data))
