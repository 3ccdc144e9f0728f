"""The JSON Schema and the page of keys say what the program itself holds to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dunctl.case import records
from dunctl.case.parse import parse
from dunctl.case.records import ENTRY_CLASSES, FACT_CLASSES, Head
from dunctl.case.schema import as_json_schema, as_markdown
from dunctl.case.toml import loads
from dunctl.case.vocabulary import REASONS

TESTS = Path(__file__).parent
SCHEMA = as_json_schema()
TABLES: dict[str, type[Any]] = {**FACT_CLASSES, **ENTRY_CLASSES}
SINGLE = ("debtor", "terms", "supply")
CLASSES: dict[str, type[Any]] = {"": Head, **TABLES}
KEYS = [
    (table, name, key)
    for table, cls in CLASSES.items()
    for name, (_, key) in records.keys(cls).items()
]
WORDS = {
    "$schema": str,
    "title": str,
    "description": str,
    "type": str,
    "const": int,
    "enum": list,
    "pattern": str,
    "format": str,
    "minimum": int,
    "maximum": int,
    "exclusiveMinimum": int,
    "exclusiveMaximum": int,
    "minItems": int,
    "required": list,
    "additionalProperties": bool,
    "items": dict,
    "properties": dict,
    "anyOf": list,
}
TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, Decimal),
    "array": list,
    "object": dict,
}
FORMATS = {
    "date": r"\d{4}-\d\d-\d\d",
    "date-time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([+-]\d\d:\d\d)",
}


def below(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield a schema and every schema inside it."""
    yield schema
    inner = [*schema.get("properties", {}).values(), *schema.get("anyOf", [])]
    for one in inner + [schema[word] for word in ("items",) if word in schema]:
        yield from below(one)


def table_schema(table: str) -> Mapping[str, Any]:
    if not table:
        return SCHEMA
    found: Mapping[str, Any] = SCHEMA["properties"][table]
    return found if table in SINGLE else found["items"]


def complaints(value: Any, schema: Mapping[str, Any], where: str = "") -> list[str]:
    """Return what a schema has against a value: the few words of JSON Schema that ours uses."""
    found: list[str] = []
    if isinstance(value, date):
        value = value.isoformat()
    wanted = schema.get("type")
    if wanted and (
        not isinstance(value, TYPES[wanted])
        or (isinstance(value, bool) and wanted in ("integer", "number"))
    ):
        return [f"{where}: {value!r} is no {wanted}"]
    for word, limit in schema.items():
        match word:
            case "const":
                refused = value != limit or isinstance(value, bool)
            case "enum":
                refused = value not in limit
            case "pattern":
                refused = not re.search(limit, value)
            case "format":
                refused = not re.fullmatch(FORMATS[limit], value)
            case "minimum":
                refused = value < limit
            case "maximum":
                refused = value > limit
            case "exclusiveMinimum":
                refused = value <= limit
            case "exclusiveMaximum":
                refused = value >= limit
            case "minItems":
                refused = len(value) < limit
            case "required":
                refused = not set(limit) <= set(value)
            case "anyOf":
                refused = all(complaints(value, one) for one in limit)
            case _:
                refused = False
        if refused:
            found.append(f"{where}: {word}")
    if schema.get("additionalProperties") is False:
        found += [f"{where}.{name}" for name in value if name not in schema["properties"]]
    for name, one in schema.get("properties", {}).items():
        if name in value:
            found += complaints(value[name], one, f"{where}.{name}")
    if "items" in schema:
        for nth, item in enumerate(value):
            found += complaints(item, schema["items"], f"{where}.{nth}")
    return found


def test_the_schema_is_json() -> None:
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA


def test_the_schema_is_made_of_words_that_json_schema_has() -> None:
    for one in below(SCHEMA):
        for word, value in one.items():
            assert word in WORDS, word
            assert isinstance(value, WORDS[word]), (word, value)
        assert one.get("type", "string") in TYPES
        assert one.get("format", "date") in FORMATS
        assert set(one.get("required", [])) <= set(one.get("properties", {}))
        assert len(set(one.get("required", []))) == len(one.get("required", []))
        assert len(set(one.get("enum", []))) == len(one.get("enum", []))
        re.compile(one.get("pattern", ""))


def test_unknown_keys_are_allowed_in_every_table() -> None:
    for table in ("", *TABLES):
        assert "additionalProperties" not in table_schema(table)


@pytest.mark.parametrize("table", ["", *TABLES])
def test_every_key_of_every_table_is_in_the_schema_with_its_meaning(table: str) -> None:
    schema = table_schema(table)
    known = records.keys(CLASSES[table])
    described = {name: one.get("description") for name, one in schema["properties"].items()}
    assert {name: key.meaning for name, (_, key) in known.items()}.items() <= described.items()
    assert all(described[name] for name in known)
    required = [name for name, (_, key) in known.items() if key.required]
    assert schema["required"] == required + ["debtor"] * (not table)
    if table:
        assert set(described) == set(known)
        assert schema["description"]
    else:
        assert set(described) == {*known, *TABLES}


@pytest.mark.parametrize(
    ("table", "name", "key"),
    [one for one in KEYS if "enum" in one[2].kind.schema],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_the_words_in_the_schema_are_the_words_that_are_accepted(
    table: str, name: str, key: Any
) -> None:
    allowed = table_schema(table)["properties"][name]["enum"]
    assert [key.kind.read(word) for word in allowed] == allowed
    for word in ("", "nonsense", allowed[0].swapcase(), f"{allowed[0]}.", f" {allowed[0]}"):
        with pytest.raises(ValueError, match=r"must not be empty|is none of"):
            key.kind.read(word)


def test_every_reason_and_its_sub_codes_are_in_the_schema_and_on_the_page() -> None:
    page = as_markdown()
    for family, inner in REASONS.items():
        assert family in SCHEMA["properties"]["reason"]["enum"]
        assert f"- `{family}`" in page
        for code in inner:
            assert f"{family}.{code}" in SCHEMA["properties"]["reason"]["enum"]
            assert code in page


VALUES: list[Any] = [
    *("", " ", "x", "GBP", "gbp", "CN", "Chn", "Asia/Shanghai", "mon-fri 09:00-18:00", "abcdef0"),
    *("abcdef0~2", "abcdef0~0", "abcdef", "ABCDEF0", "owner", "2026", [], ["x"], [""], ["x", 1]),
    *(True, 0, 1, 2, -1, 31, 32, 366, 367, 1000, 1001, 10**15, 10**15 - 1),
    *(Decimal("0.01"), Decimal("-0.01"), Decimal("1000.5"), date(2026, 11, 27)),
    datetime.fromisoformat("2026-11-27T15:00:00+08:00"),
    [{"due": date(2026, 12, 1), "amount": 100}],
    [{"due": date(2026, 12, 1)}],
    [{"due": date(2026, 12, 1), "amount": 0}],
    [{"due": date(2026, 12, 1), "amount": 1, "x": 1}],
    {"percent": 8, "per": "year", "clause": "9"},
    {"percent": 8, "per": "week", "clause": "9"},
    {"percent": 8, "per": "year"},
    {"percent": 8, "per": "year", "clause": "9", "x": 1},
]


@pytest.mark.parametrize(
    ("table", "name", "key"), KEYS, ids=lambda part: part if isinstance(part, str) else ""
)
def test_what_the_program_accepts_the_schema_accepts(table: str, name: str, key: Any) -> None:
    """Of texts the schema knows less (a time zone is any text to it); all else it knows as well."""
    schema = table_schema(table)["properties"][name]
    exact = schema.get("type", "string") != "string" or not {"const", "enum"}.isdisjoint(schema)
    for value in VALUES:
        try:
            key.kind.read(value)
        except ValueError:
            if exact:
                assert complaints(value, schema), value
        else:
            assert complaints(value, schema) == []


@pytest.mark.parametrize(
    "path", sorted((TESTS.parent / "cases").glob("*.toml")), ids=lambda path: path.stem
)
def test_the_sample_book_follows_the_schema(path: Path) -> None:
    assert complaints(loads(path.read_text(encoding="utf-8")), SCHEMA) == []


@pytest.mark.parametrize(
    "name",
    [
        "currency-missing",
        "debtor-missing",
        "format-2",
        "payment-without-amount",
        "outcome-unknown",
        "reason-unknown",
        "amount-text",
        "amount-zero",
        "table-single",
        "interest-per-week",
        "interest-without-clause",
        "instalments-without-amount",
        "whole-number",
        "flag-text",
        "country-name",
        "void-handle-bad",
        "text-empty",
    ],
)
def test_an_editor_sees_the_mistake_before_check_does(name: str) -> None:
    text = (TESTS / "errors" / f"{name}.toml").read_text(encoding="utf-8")
    assert parse(text)[1]
    assert complaints(loads(text), SCHEMA)


@pytest.mark.parametrize("table", ["", *TABLES])
def test_the_page_names_every_key_with_its_kind_and_meaning(table: str) -> None:
    sections = {part.split("\n", 1)[0]: part for part in as_markdown().split("\n## ")[1:]}
    header = f"`[{table}]`" if table in SINGLE else f"`[[{table}]]`"
    section = sections[header if table else "Before the first table"]
    rows = [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in section.split("\n")
        if line.startswith("| `")
    ]
    known = records.keys(CLASSES[table])
    assert [row[0] for row in rows] == [f"`{name}`" for name in known]
    for row, (_, key) in zip(rows, known.values(), strict=True):
        assert len(row) == 3
        assert key.meaning in row[2]
        assert ("(required)" in row[2]) == key.required
        assert row[1]
