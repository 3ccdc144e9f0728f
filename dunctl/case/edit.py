"""Changes to the text of a case file, which keep every byte that they are not about.

After each edit the new text must parse to the old data plus exactly this change, or it is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from decimal import Decimal
from itertools import takewhile
from typing import Any

import tomli_w

from dunctl.case import lines
from dunctl.case.records import keys
from dunctl.case.toml import loads
from dunctl.errors import Refused
from dunctl.words import t

Table = Mapping[str, Any]

_BLANK_LINE = re.compile(r"[ \t]*\r?\n")


def to_table(record: Any) -> dict[str, Any]:
    """Return a record as the table the file has for it; what is at its default is left out."""
    defaults = record._field_defaults
    table = {}
    for name, (attribute, _) in keys(type(record)).items():
        value = getattr(record, attribute)
        if attribute not in defaults or value != defaults[attribute]:
            table[name] = _plain(value)
    return table


def _plain(value: Any) -> Any:
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return to_table(value)
    if isinstance(value, tuple):
        if value and all(hasattr(item, "_fields") for item in value):
            return [to_table(item) for item in value]
        if all(isinstance(item, tuple) for item in value) and value:
            return [{"due": due, "amount": amount} for due, amount in value]
        return value[0] if len(value) == 1 else list(value)
    if isinstance(value, datetime):
        offset = value.utcoffset()
        return value.replace(microsecond=0, tzinfo=timezone(offset) if offset is not None else None)
    return value


def block(kind: str, table: Table, newline: str = "\n") -> str:
    """Write an entry: its header and its keys."""
    body = "".join(f"{name} = {literal(value)}\n" for name, value in table.items())
    return f"[[{kind}]]\n{body}".replace("\n", newline)


def literal(value: Any) -> str:
    """Write a value as TOML on one line."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {literal(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    return tomli_w.dumps({"x": value}).removeprefix("x = ").removesuffix("\n")


def append(text: str, entries: Iterable[tuple[str, Table]]) -> str:
    """Return ``text`` with entries (kind, table) at its end; what stood there stays to the byte.

    Raises ``Refused`` when the file is written so that nothing can be appended.
    """
    entries = list(entries)
    newline = "\r\n" if "\r\n" in text else "\n"
    new = text
    for kind, table in entries:
        if new and not new.endswith("\n"):
            new += newline
        gap = newline if new and not new.endswith(newline * 2) else ""
        new += gap + block(kind, table, newline)
    wanted = _data(text)
    for kind, table in entries:
        tables = wanted.setdefault(kind, [])
        if not isinstance(tables, list):
            raise Refused(t("write [[{name}]] in double brackets", name=kind))
        tables.append(dict(table))
    return _proved(
        new,
        wanted,
        t(
            "nothing can be appended: {kind} is not written as [[{kind}]]",
            kind=entries[0][0] if entries else "",
        ),
    )


def set_key(text: str, path: lines.Path, value: Any) -> str:
    """Return ``text`` with one key of the facts set; ``None`` takes the key away.

    ``path`` is ``("reason",)``, ``("debtor", "hours")`` or ``("person", 0, "phone")``. Comments
    and order stay. Raises ``Refused`` when that cannot be done without touching anything else.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    marks = list(lines.scan(text))
    here = next((m for m in marks if m.path == path and not m.header), None)
    if value is None:
        new = text[: here.start] + text[here.end :] if here else text
    elif here:
        start, end = here.value
        new = text[:start] + literal(value) + text[end:]
    else:
        new = _inserted(text, marks, path, f"{path[-1]} = {literal(value)}", newline)
    refusal = t("{key} cannot be changed here: edit the file by hand", key=_dotted(path))
    try:
        wanted = _with(_data(text), path, value)
    except (LookupError, TypeError) as error:
        raise Refused(refusal) from error
    return _proved(new, wanted, refusal)


def drop_table(text: str, path: lines.Path) -> str:
    """Return ``text`` without one table of the facts, ``("person", 1)`` or ``("terms",)``.

    What is written below its last key, such as a comment on the next table, stays. Raises
    ``Refused`` when there is no such table, or when other things would go with it.
    """
    own = [m for m in lines.scan(text) if m.path[: len(path)] == path]
    refusal = t("{key} cannot be changed here: edit the file by hand", key=_dotted(path))
    if not own:
        raise Refused(refusal)
    if not own[0].header:
        return set_key(text, path, None)
    end = own[-1].end
    while blank := _BLANK_LINE.match(text, end):
        end = blank.end()
    wanted = _data(text)
    around: Any = wanted
    for name in path[:-1]:
        around = around[name]
    del around[path[-1]]
    if around == []:
        del wanted[str(path[0])]
    return _proved(text[: own[0].start] + text[end:], wanted, refusal)


def _dotted(path: lines.Path) -> str:
    return ".".join(map(str, path))


def _inserted(text: str, marks: list[lines.Mark], path: lines.Path, line: str, newline: str) -> str:
    table = path[:-1]
    mates = [m for m in marks if m.path[:-1] == table and not m.header] or [
        m for m in marks if m.path == table and m.header
    ]
    if mates:
        at = mates[-1].end
        return _joined(text, at, line + newline, newline)
    if not table:
        at = next((m.start for m in marks if m.header), len(text))
        return _joined(text, at, line + newline, newline)
    facts = list(takewhile(lambda mark: not isinstance(mark.path[-1], int), marks))
    at = facts[-1].end if facts else len(text)
    gap = "" if not text[at:] or _BLANK_LINE.match(text, at) else newline
    return _joined(text, at, f"{newline}[{table[0]}]{newline}{line}{newline}{gap}", newline)


def _joined(text: str, at: int, piece: str, newline: str) -> str:
    before = text[:at]
    if before and not before.endswith("\n"):
        before += newline
    return before + piece + text[at:]


def _with(data: dict[str, Any], path: lines.Path, value: Any) -> dict[str, Any]:
    table: Any = data
    for name in path[:-1]:
        if value is None and name not in table and isinstance(table, dict):
            return data
        table = table.setdefault(name, {}) if isinstance(table, dict) else table[name]
    if value is None:
        table.pop(path[-1], None)
    else:
        table[path[-1]] = value
    return data


def _data(text: str) -> dict[str, Any]:
    try:
        return loads(text)
    except ValueError as error:
        raise Refused(t("the file cannot be read: {error}", error=error)) from error


def _proved(new: str, wanted: Mapping[str, Any], refusal: str) -> str:
    try:
        found = loads(new)
    except ValueError as error:
        raise Refused(refusal) from error
    if found != wanted:
        raise Refused(refusal)
    return new


def new_case(head: Table, tables: Iterable[tuple[str, Table]], schema: str) -> str:
    """Write a new case file: the facts only, with a line that tells editors its schema."""
    text = f"#:schema {schema}\n" + "".join(f"{k} = {literal(v)}\n" for k, v in head.items())
    for name, table in tables:
        header = f"[[{name}]]" if name in ("person", "income") else f"[{name}]"
        body = "".join(f"{k} = {literal(v)}\n" for k, v in table.items())
        text += f"\n{header}\n{body}"
    return text
