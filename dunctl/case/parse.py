"""Text to record: every problem as a value with its line, never an exception."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, TypeVar

from dunctl.case import fields, lines, records
from dunctl.case.checks import check
from dunctl.case.handles import Content, digest, handles
from dunctl.case.lines import Finding
from dunctl.case.quick import quickly
from dunctl.case.records import (
    ENTRY_CLASSES,
    Case,
    Entry,
    Head,
    Journal,
    Record,
    Supply,
    Terms,
    Void,
)
from dunctl.case.shape import CLASSES, REPEATED, Made, shape_of
from dunctl.case.syntax import syntax_problem
from dunctl.case.toml import loads
from dunctl.errors import Problem
from dunctl.words import t

_T = TypeVar("_T", bound=tuple[Any, ...])
_KNOWN = dict.fromkeys((*records.keys(Head), *records.FACT_CLASSES, *ENTRY_CLASSES))
_SURELY = 0.85
"""How alike a table's name is to one of ours that was meant: ``payments``, but not ``holder``."""
_EPOCH_DAY, _EPOCH = date(1970, 1, 1), datetime(1970, 1, 1, tzinfo=UTC)


def parse(
    text: str, case_id: str = "case", path: str = "case.toml"
) -> tuple[Case | None, list[Problem]]:
    """Read the text of a case file.

    Returns the case and every problem found, in the order of lines. An entry with an error is left
    out of the case; a text that is no TOML, or that lacks what every case needs, gives ``None``.
    """
    return parse_each([(text, case_id, path)])[0]


def parse_each(
    files: Sequence[tuple[str, str, str]],
) -> list[tuple[Case | None, list[Problem]]]:
    """Read texts of case files (text, id, path) as ``parse`` does: step by step all of them."""
    known = [quickly(text) for text, _, _ in files]
    cases = [
        made and _case(case_id, path, *made)
        for made, (_, case_id, path) in zip(known, files, strict=True)
    ]
    found = [check(case) if case else [] for case in cases]
    return [
        (case, _placed(wrong, file[0], file[2])) if case else _slowly(*file)
        for case, wrong, file in zip(cases, found, files, strict=True)
    ]


def _slowly(text: str, case_id: str, path: str) -> tuple[Case | None, list[Problem]]:
    """Read a text that is not plainly written, or in which something is wrong."""
    found: list[Finding] = []
    try:
        data, made = _fully(loads(text), found)
    except ValueError as error:
        return None, [syntax_problem(error, text, path)]
    case = _case(case_id, path, data, made)
    if case is not None:
        found += check(case)
    return case, _placed(found, text, path)


def _case(case_id: str, path: str, data: Content, made: Made) -> Case | None:
    """Return a case of its records; ``None`` if it lacks what every case needs."""
    (head,), (debtor,) = made[""], made.get("debtor", (None,))
    if head is None or debtor is None:
        return None
    terms, supply = (made.get(name, (None,))[0] for name in ("terms", "supply"))
    people, incomes = (tuple(filter(None, made.get(name, ()))) for name in ("person", "income"))
    journal, voided = _without_voided(_ordered(made, data), data)
    return Case(
        *(case_id, path, head, debtor, terms or Terms(), people, incomes),
        *(journal, voided, data, supply or Supply()),
    )


def _fully(data: Mapping[str, Any], found: list[Finding]) -> tuple[Content, Made]:
    """Return the records of a case's data, and find everything that is wrong with them."""
    keys = shape_of(Head).keys
    made: dict[str, Sequence[Any]] = {
        "": [_build(Head, {key: data[key] for key in data if key in keys}, (), found)]
    }
    _unknown_tables(data, found)
    if "debtor" not in data:
        found.append(Finding((), t("the file needs a table [{name}]", name="debtor")))
    for name, cls in CLASSES.items():
        if name in REPEATED and name in data:
            made[name] = _many(cls, data, name, found)
        elif name and name in data:
            made[name] = [_build(cls, data[name], (name,), found)]
    return Content(data, lambda: data), made


def parse_entry(kind: str, table: Mapping[str, Any]) -> Record | None:
    """Return one entry of the data of a file; ``None`` if something is wrong with it."""
    found: list[Finding] = []
    record = _build(ENTRY_CLASSES[kind], table, (kind, 0), found)
    return None if any(one.level == "error" for one in found) else record


def _build(cls: type[_T], table: object, where: lines.Path, found: list[Finding]) -> _T | None:
    """Make a record of a table; say everything that is wrong, and leave unknown keys alone."""
    record: _T
    if not isinstance(table, Mapping):
        header = _header(where)
        wrong = t("must be a table: {header} on a line of its own, its keys below", header=header)
        found.append(Finding(where, f"{where[0]} {wrong}"))
        return None
    keys, required, blank, make = shape_of(cls)
    values = list(blank)
    sound = True
    for name, value in table.items():
        known = keys.get(name)
        if known is None:
            hint = _guess(name, keys, found)
            if where and name in shape_of(Head).keys:
                hint = " " + t("(it belongs before the first table)")
            message = t("unknown key {key}, left alone", key=name) + hint
            found.append(Finding((*where, name), message, "notice"))
            continue
        try:
            place, read = known
            values[place] = read(value)
        except ValueError as error:
            sound = False
            found.append(Finding((*where, name), f"{name} {error}"))
    for name, title in required.items():
        if name not in table:
            sound = False
            if where:
                message = t(
                    "{header} needs {key} ({kind})", header=_header(where), key=name, kind=title
                )
            else:
                message = t(
                    "the file needs {key} ({kind}) before the first table", key=name, kind=title
                )
            found.append(Finding(where, message))
    record = make(values)
    return record if sound else None


def _guess(
    name: str, known: Iterable[str], found: list[Finding], least: float = fields.LIKELY
) -> str:
    """Return what was meant by a name; nothing once very much is wrong with a file."""
    return fields.closest(name, list(known), least) if len(found) < fields.MOST_GUESSES else ""


def _header(where: lines.Path) -> str:
    return f"[[{where[0]}]]" if len(where) > 1 else f"[{where[0]}]"


def _unknown_tables(data: Mapping[str, Any], found: list[Finding]) -> None:
    """Find what has an unknown name; a table that is meant to be one of ours is an error."""
    for name in data:
        if name in _KNOWN:
            continue
        if not isinstance(data[name], dict | list):
            hint = _guess(name, _KNOWN, found)
            message = t("unknown key {key}, left alone", key=name) + hint
            found.append(Finding((name,), message, "notice"))
        elif meant := _guess(name, CLASSES, found, _SURELY):
            message = t("nothing in table {name} counts", name=name) + meant
            found.append(Finding((name,), message))
        else:
            message = t("unknown table {name}, left alone", name=name)
            found.append(Finding((name,), message, "notice"))


def _many(
    cls: type[_T], data: Mapping[str, Any], name: str, found: list[Finding]
) -> list[_T | None]:
    """Make a record of each table of a name; ``None`` of one with an error, in its place."""
    tables = data.get(name, [])
    if not isinstance(tables, list):
        found.append(Finding((name,), t("write [[{name}]] in double brackets", name=name)))
        return []
    return [_build(cls, table, (name, nth), found) for nth, table in enumerate(tables)]


def instant(value: date | datetime) -> datetime:
    """Return a sortable instant; a day stands for its first moment in UTC."""
    if isinstance(value, datetime):
        return value
    return datetime.combine(value, time.min, UTC)


def _ordered(made: Made, data: Mapping[str, Any]) -> list[Entry]:
    """Return the entries by moment, then kind, then handle, whatever the order in the file."""
    entries: list[Entry] = []
    since: list[timedelta] = []
    for kind in sorted(made.keys() & ENTRY_CLASSES.keys()):
        for nth, record in enumerate(made[kind]):
            if record is not None:
                entries.append(Entry(kind, nth, record))
                at = records.moment(record)
                since.append(at - _EPOCH if isinstance(at, datetime) else at - _EPOCH_DAY)
    order = sorted(range(len(entries)), key=since.__getitem__)
    there = [(since[n], entries[n].kind) for n in order]
    tied = {both for both, other in pairwise(there) if both == other}
    if tied:

        def turn(n: int) -> tuple[timedelta, str, str, int]:
            _, nth, _ = entry = entries[n]
            both = since[n], entry.kind
            return *both, digest(entry.kind, data[entry.kind][nth]) if both in tied else "", nth

        order.sort(key=turn)
    return [entries[n] for n in order]


def _without_voided(entries: list[Entry], data: Mapping[str, Any]) -> tuple[Journal, Journal]:
    """Split into the entries that count and those taken back; a void can be voided in its turn."""
    if "void" not in data:
        return Journal(entries), Journal()
    names = handles(data)
    takes_back = {
        names[entry.kind, entry.nth]: entry.record.entry
        for entry in entries
        if isinstance(entry.record, Void)
    }
    waits_for = Counter(takes_back.values())
    gone: set[str] = set()
    settled = [handle for handle in takes_back if not waits_for[handle]]
    for handle in settled:
        target = takes_back[handle]
        if handle not in gone:
            gone.add(target)
        waits_for[target] -= 1
        if target in takes_back and not waits_for[target]:
            settled.append(target)
    return (
        Journal(e for e in entries if names[e.kind, e.nth] not in gone),
        Journal(e for e in entries if names[e.kind, e.nth] in gone),
    )


def _placed(found: list[Finding], text: str, path: str) -> list[Problem]:
    if not found:
        return []
    where = lines.locate(text)
    problems = {Problem(path, lines.line_of(where, f.where), f.message, f.level) for f in found}
    return sorted(problems, key=lambda p: (p.line, p.message))
