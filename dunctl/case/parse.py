"""Text to record: every problem as a value with its line, never an exception."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple, TypeVar, cast

import tomli

from dunctl.case import fields, lines, records
from dunctl.case.checks import check
from dunctl.case.handles import handles
from dunctl.case.lines import Finding
from dunctl.case.records import (
    ENTRY_CLASSES,
    Case,
    Debtor,
    Entry,
    Head,
    Income,
    Person,
    Record,
    Supply,
    Terms,
    Void,
)
from dunctl.case.syntax import explain
from dunctl.errors import Problem
from dunctl.words import t

_T = TypeVar("_T")
_FACTS = tuple(records.FACT_CLASSES)
_DEEPEST = 64
_NAN = Decimal("NaN")


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


def loads(text: str) -> dict[str, Any]:
    """Parse TOML with exact decimals; any failure is a ``ValueError``."""
    try:
        data = tomli.loads(text.removeprefix("\ufeff"), parse_float=_decimal)
    except tomli.TOMLDecodeError:
        raise
    except RecursionError as error:
        raise ValueError(t("brackets are nested too deeply")) from error
    except ValueError as error:
        raise ValueError(t("a number has more digits than can be read")) from error
    level: list[Any] = [data]
    for _ in range(_DEEPEST):
        values = (v for one in level for v in (one.values() if isinstance(one, dict) else one))
        level = [value for value in values if isinstance(value, dict | list)]
        if not level:
            return data
    raise ValueError(t("brackets are nested too deeply"))


def _decimal(digits: str) -> Decimal:
    """Return a decimal; one that is none, or that no computer holds, is always the same NaN."""
    try:
        number = Decimal(digits)
    except ArithmeticError:
        return _NAN
    return _NAN if number.is_nan() else number


def read(data: Mapping[str, Any], case_id: str, path: str) -> tuple[Case | None, list[Finding]]:
    """Turn parsed TOML into a case; returns it with what is wrong with the values."""
    found: list[Finding] = []
    head = _build(Head, {k: v for k, v in data.items() if k in _shape(Head).keys}, (), found)
    _unknown_tables(data, found)
    debtor = _one(Debtor, data, "debtor", found, required=True)
    terms = _one(Terms, data, "terms", found, required=False) or Terms()
    supply = _one(Supply, data, "supply", found, required=False) or Supply()
    people = tuple(record for _, record in _many(Person, data, "person", found))
    incomes = tuple(record for _, record in _many(Income, data, "income", found))
    entries: list[Entry] = []
    for kind, cls in ENTRY_CLASSES.items():
        if kind in data:
            maker = cast("Callable[..., Record]", cls)
            entries += [Entry(kind, nth, r) for nth, r in _many(maker, data, kind, found)]
    if head is None or debtor is None:
        return None, found
    journal, voided = _without_voided(_ordered(entries, data), data)
    case = Case(case_id, path, head, debtor, terms, people, incomes, journal, voided, data, supply)
    return case, found


def parse_entry(kind: str, table: Mapping[str, Any]) -> Record | None:
    """Return one entry of the data of a file; ``None`` if something is wrong with it."""
    found: list[Finding] = []
    maker = cast("Callable[..., Record]", ENTRY_CLASSES[kind])
    record = _build(maker, table, (kind, 0), found)
    return None if any(one.level == "error" for one in found) else record


def syntax_problem(error: ValueError, text: str, path: str) -> Problem:
    """Say where a text stops being TOML, and what usually is the matter."""
    written = text.rstrip().split("\n")
    if isinstance(error, tomli.TOMLDecodeError):
        line, what = explain(error)
        return Problem(path, min(line, len(written)), t("is not TOML: {error}", error=what))
    longest = max(range(len(written)), key=lambda n: len(written[n]))
    return Problem(path, longest + 1, t("cannot be read: {error}", error=error))


class _Shape(NamedTuple):
    keys: Mapping[str, tuple[str, fields.Kind]]
    required: Mapping[str, str]


@cache
def _shape(cls: type[Any]) -> _Shape:
    table = records.keys(cls)
    return _Shape(
        {name: (attribute, key.kind) for name, (attribute, key) in table.items()},
        {name: key.kind.title.replace("`", "") for name, (_, key) in table.items() if key.required},
    )


def _build(
    cls: Callable[..., _T], table: object, where: lines.Path, found: list[Finding]
) -> _T | None:
    """Make a record of a table, or say why not; unknown keys are noticed and left alone."""
    if not isinstance(table, Mapping):
        header = _header(where)
        wrong = t("must be a table: {header} on a line of its own, its keys below", header=header)
        found.append(Finding(where, f"{where[0]} {wrong}"))
        return None
    shape = _shape(cls)
    values: dict[str, Any] = {}
    sound = True
    for name, value in table.items():
        known = shape.keys.get(name)
        if known is None:
            hint = fields.closest(name, list(shape.keys))
            if where and name in _shape(Head).keys:
                hint = " " + t("(it belongs before the first table)")
            message = t("unknown key {key}, left alone", key=name) + hint
            found.append(Finding((*where, name), message, "notice"))
            continue
        try:
            values[known[0]] = known[1].read(value)
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
    return cls(**values) if sound else None


def _header(where: lines.Path) -> str:
    return f"[[{where[0]}]]" if len(where) > 1 else f"[{where[0]}]"


def _unknown_tables(data: Mapping[str, Any], found: list[Finding]) -> None:
    known = [*_shape(Head).keys, *_FACTS, *ENTRY_CLASSES]
    for name in data:
        if name not in known:
            hint = fields.closest(name, known)
            if isinstance(data[name], dict | list):
                message = t("unknown table {name}, left alone", name=name) + hint
            else:
                message = t("unknown key {key}, left alone", key=name) + hint
            found.append(Finding((name,), message, "notice"))


def _one(
    cls: Callable[..., _T],
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
    cls: Callable[..., _T], data: Mapping[str, Any], name: str, found: list[Finding]
) -> Iterator[tuple[int, _T]]:
    tables = data.get(name, [])
    if not isinstance(tables, list):
        found.append(Finding((name,), t("write [[{name}]] in double brackets", name=name)))
        return
    for nth, table in enumerate(tables):
        record = _build(cls, table, (name, nth), found)
        if record is not None:
            yield nth, record


def instant(value: date | datetime) -> datetime:
    """Return a sortable instant; a day stands for its first moment in UTC."""
    if isinstance(value, datetime):
        return value
    return datetime.combine(value, time.min, UTC)


def _ordered(entries: list[Entry], data: Mapping[str, Any]) -> list[Entry]:
    """Sort by moment, then kind, then handle, whatever the order in the file."""
    if len(entries) < 2:
        return entries
    keyed = [((instant(records.moment(e.record)), e.kind), e) for e in entries]
    keyed.sort(key=lambda pair: pair[0])
    if any(a[0] == b[0] for a, b in pairwise(keyed)):
        names = handles(data)
        keyed.sort(key=lambda pair: (pair[0], names[pair[1].kind, pair[1].nth]))
    return [entry for _, entry in keyed]


def _without_voided(
    entries: list[Entry], data: Mapping[str, Any]
) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
    """Split into the entries that count and those taken back; a void can be voided in its turn."""
    if "void" not in data:
        return tuple(entries), ()
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
        tuple(e for e in entries if names[e.kind, e.nth] not in gone),
        tuple(e for e in entries if names[e.kind, e.nth] in gone),
    )


def _placed(found: list[Finding], text: str, path: str) -> list[Problem]:
    if not found:
        return []
    where = lines.locate(text)
    problems = {Problem(path, lines.line_of(where, f.where), f.message, f.level) for f in found}
    return sorted(problems, key=lambda p: (p.line, p.message))
