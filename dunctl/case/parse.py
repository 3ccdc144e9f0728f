"""Text to record: every problem as a value with its line, never an exception."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, partial
from typing import Any, TypeVar

from dunctl.case import fields, lines, records
from dunctl.case.checks import check
from dunctl.case.handles import Content, handles
from dunctl.case.lines import Finding
from dunctl.case.records import (
    ENTRY_CLASSES,
    Case,
    Debtor,
    Entry,
    Head,
    Income,
    Journal,
    Person,
    Record,
    Supply,
    Terms,
    Void,
)
from dunctl.case.syntax import syntax_problem
from dunctl.case.toml import loads
from dunctl.errors import Problem
from dunctl.tuples import NamedTuple
from dunctl.words import t

_T = TypeVar("_T", bound=tuple[Any, ...])
_KNOWN = dict.fromkeys((*records.keys(Head), *records.FACT_CLASSES, *ENTRY_CLASSES))
_EPOCH_DAY, _EPOCH = date(1970, 1, 1), datetime(1970, 1, 1, tzinfo=UTC)


def parse(
    text: str, case_id: str = "case", path: str = "case.toml"
) -> tuple[Case | None, list[Problem]]:
    """Read the text of a case file.

    Returns the case and every problem found, in the order of lines. An entry with an error is left
    out of the case; a text that is no TOML, or that lacks what every case needs, gives ``None``.
    """
    try:
        data = loads(text)
    except ValueError as error:
        return None, [syntax_problem(error, text, path)]
    case, found = read(data, case_id, path)
    if case is not None:
        found += check(case)
    return case, _placed(found, text, path)


def read(data: Mapping[str, Any], case_id: str, path: str) -> tuple[Case | None, list[Finding]]:
    """Turn parsed TOML into a case; returns it with what is wrong with the values."""
    found: list[Finding] = []
    data = Content(data)
    head = _build(Head, {k: v for k, v in data.items() if k in _shape(Head).keys}, (), found)
    _unknown_tables(data, found)
    debtor = _one(Debtor, data, "debtor", found, required=True)
    terms = _one(Terms, data, "terms", found, required=False) or Terms()
    supply = _one(Supply, data, "supply", found, required=False) or Supply()
    people = tuple(filter(None, _many(Person, data, "person", found)))
    incomes = tuple(filter(None, _many(Income, data, "income", found)))
    entries: list[Entry] = []
    for kind, cls in ENTRY_CLASSES.items():
        if kind in data:
            made = enumerate(_many(cls, data, kind, found))
            entries += [Entry(kind, nth, record) for nth, record in made if record]
    if head is None or debtor is None:
        return None, found
    journal, voided = _without_voided(_ordered(entries, data), data)
    case = Case(case_id, path, head, debtor, terms, people, incomes, journal, voided, data, supply)
    return case, found


def parse_entry(kind: str, table: Mapping[str, Any]) -> Record | None:
    """Return one entry of the data of a file; ``None`` if something is wrong with it."""
    found: list[Finding] = []
    record = _build(ENTRY_CLASSES[kind], table, (kind, 0), found)
    return None if any(one.level == "error" for one in found) else record


class _Shape(NamedTuple):
    """How a record is made of a table.

    ``keys`` are the place of each key in it and its reader, ``blank`` are its places without any;
    the ``required`` keys have the first ones.
    """

    keys: Mapping[str, tuple[int, Callable[[object], Any]]]
    required: Mapping[str, str]
    blank: list[Any]
    make: Callable[[list[Any]], Any]


@cache
def _shape(cls: type[Any]) -> _Shape:
    table = records.keys(cls)
    return _Shape(
        {name: (nth, key.kind.read) for nth, (name, (_, key)) in enumerate(table.items())},
        {name: key.kind.title.replace("`", "") for name, (_, key) in table.items() if key.required},
        [cls._field_defaults.get(attribute) for attribute in cls._fields],
        partial(tuple.__new__, cls),
    )


def _build(cls: type[_T], table: object, where: lines.Path, found: list[Finding]) -> _T | None:
    """Make a record of a table, or say why not; unknown keys are noticed and left alone."""
    shape = _shape(cls)
    record: _T | None = _sound(shape, table) or _explained(shape, table, where, found)
    return record


def _sound(shape: _Shape, table: object) -> Any:
    """Return the record of a table in which nothing is wrong or unknown; ``None`` of others."""
    if not isinstance(table, dict):
        return None
    keys, required, blank, make = shape
    values = blank.copy()
    try:
        for name, value in table.items():
            place, read = keys[name]
            values[place] = read(value)
    except (KeyError, ValueError):
        return None
    for value in values[: len(required)]:
        if value is None:
            return None
    return make(values)


def _explained(shape: _Shape, table: object, where: lines.Path, found: list[Finding]) -> Any:
    """Say everything that is wrong with a table; a record of it if that is unknown keys alone."""
    if not isinstance(table, Mapping):
        header = _header(where)
        wrong = t("must be a table: {header} on a line of its own, its keys below", header=header)
        found.append(Finding(where, f"{where[0]} {wrong}"))
        return None
    values = shape.blank.copy()
    sound = True
    for name, value in table.items():
        known = shape.keys.get(name)
        if known is None:
            hint = _guess(name, shape.keys, found)
            if where and name in _shape(Head).keys:
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
    for name, title in shape.required.items():
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
    return shape.make(values) if sound else None


def _guess(name: str, known: Iterable[str], found: list[Finding]) -> str:
    """Return what was meant by a name; nothing once very much is wrong with a file."""
    return fields.closest(name, list(known)) if len(found) < fields.MOST_GUESSES else ""


def _header(where: lines.Path) -> str:
    return f"[[{where[0]}]]" if len(where) > 1 else f"[{where[0]}]"


def _unknown_tables(data: Mapping[str, Any], found: list[Finding]) -> None:
    for name in data:
        if name not in _KNOWN:
            hint = _guess(name, _KNOWN, found)
            if isinstance(data[name], dict | list):
                message = t("unknown table {name}, left alone", name=name) + hint
            else:
                message = t("unknown key {key}, left alone", key=name) + hint
            found.append(Finding((name,), message, "notice"))


def _one(
    cls: type[_T],
    data: Mapping[str, Any],
    name: str,
    found: list[Finding],
    *,
    required: bool,
) -> _T | None:
    if name in data:
        return _build(cls, data[name], (name,), found)
    if required:
        message = t("the file needs a table [{name}]", name=name)
        found.append(Finding((), message))
    return None


def _many(
    cls: type[_T], data: Mapping[str, Any], name: str, found: list[Finding]
) -> list[_T | None]:
    """Make a record of each table of a name; ``None`` of one with an error, in its place."""
    tables = data.get(name, [])
    if not isinstance(tables, list):
        found.append(Finding((name,), t("write [[{name}]] in double brackets", name=name)))
        return []
    shape = _shape(cls)
    return [
        _sound(shape, table) or _explained(shape, table, (name, nth), found)
        for nth, table in enumerate(tables)
    ]


def instant(value: date | datetime) -> datetime:
    """Return a sortable instant; a day stands for its first moment in UTC."""
    if isinstance(value, datetime):
        return value
    return datetime.combine(value, time.min, UTC)


def _since(value: date | datetime) -> timedelta:
    """Return what sorts as the ``instant`` does, and is sooner compared."""
    return value - _EPOCH if isinstance(value, datetime) else value - _EPOCH_DAY


def _ordered(entries: list[Entry], data: Mapping[str, Any]) -> list[Entry]:
    """Sort by moment, then kind, then handle, whatever the order in the file."""
    if len(entries) < 2:
        return entries
    moments = [(_since(records.moment(e.record)), e.kind) for e in entries]
    order = sorted(range(len(entries)), key=moments.__getitem__)
    if len(set(moments)) < len(moments):
        names = handles(data)
        order.sort(key=lambda n: (moments[n], names[entries[n].kind, entries[n].nth]))
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
