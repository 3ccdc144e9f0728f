"""The table of keys as a JSON Schema for editors and as a page for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dunctl.case import records
from dunctl.case.records import ENTRY_CLASSES, FACT_CLASSES, Head
from dunctl.case.vocabulary import REASONS

_REPEATED = ("person", "income")


def as_json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a case file; it allows unknown keys."""
    head = _properties(Head)
    tables: dict[str, Any] = {}
    for name, cls in (*FACT_CLASSES.items(), *ENTRY_CLASSES.items()):
        one = {"type": "object", "description": _about(cls), **_properties(cls)}
        several = name in ENTRY_CLASSES or name in _REPEATED
        tables[name] = {"type": "array", "items": one} if several else one
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "dunctl case file, format 1",
        "type": "object",
        "properties": {**head["properties"], **tables},
        "required": [*head["required"], "debtor"],
    }


def as_markdown() -> str:
    """Return the page that explains every key of a case file."""
    parts = [
        "# The case file\n\n"
        "One debtor, one file: `cases/<id>.toml`. First the facts, then the journal, entry by\n"
        "entry as things happened. Edit it by hand if you like, and run `dunctl check` then;\n"
        "comments, order and keys that dunctl does not know are never touched. Amounts are\n"
        "numbers with the digits of their currency, days are `2026-11-27`, times carry their\n"
        "offset: `2026-11-27T15:00:00+08:00`. An entry is never changed: `void` says that it was\n"
        "wrong.\n",
        _section("Before the first table", Head),
        *(_section(_header(name), cls) for name, cls in FACT_CLASSES.items()),
        *(_section(_header(name), cls) for name, cls in ENTRY_CLASSES.items()),
        "## Reason codes\n\nA code, or a code with a sub-code: `dispute.quality`.\n\n"
        + "\n".join(
            f"- `{code}`" + (f": {', '.join(subs)}" if subs else "")
            for code, subs in REASONS.items()
        )
        + "\n",
    ]
    return "\n".join(parts)


def _header(name: str) -> str:
    return f"`[[{name}]]`" if name in ENTRY_CLASSES or name in _REPEATED else f"`[{name}]`"


def _about(cls: type[Any]) -> str:
    return (cls.__doc__ or "").split("\n")[0]


def _properties(cls: type[Any]) -> Mapping[str, Any]:
    table = records.keys(cls)
    return {
        "properties": {
            name: {**key.kind.schema, "description": key.meaning}
            for name, (_, key) in table.items()
        },
        "required": [name for name, (_, key) in table.items() if key.required],
    }


def _section(title: str, cls: type[Any]) -> str:
    rows = [
        f"| `{name}` | {key.kind.title} | {key.meaning}{' (required)' if key.required else ''} |"
        for name, (_, key) in records.keys(cls).items()
    ]
    return (
        f"## {title}\n\n{_about(cls)}\n\n| key | value | meaning |\n| --- | --- | --- |\n"
        + "\n".join(rows)
        + "\n"
    )
