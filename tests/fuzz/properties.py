"""What must hold for any bytes: each function takes them and fails by raising.

Texts that belong together, as the three of a merge, stand in one input with ``BETWEEN`` them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from dunctl import dates, money
from dunctl.calling.filing import docket
from dunctl.case import edit, lines
from dunctl.case.edit import append, new_case
from dunctl.case.handles import digest, handles
from dunctl.case.merge import BETWEEN as MIDDLE
from dunctl.case.merge import OURS, THEIRS, merge
from dunctl.case.parse import parse
from dunctl.case.records import ENTRY_CLASSES, Case
from dunctl.case.toml import loads
from dunctl.errors import DunctlError, Refused
from dunctl.intake.invoices import Plan, plan
from dunctl.intake.table import read_table
from dunctl.owed.claims import owed
from dunctl.owed.statement import statement
from dunctl.show import case as case_page
from dunctl.show import credit as credit_page
from dunctl.show import owed as owed_page
from dunctl.show import statement as statement_page
from dunctl.show.in_words import in_words
from dunctl.steps.credit import supply
from dunctl.steps.standing import standing
from dunctl.store import law as laws
from tests.casefile import POLICY

BETWEEN = b"\n%%%%\n"
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=timezone(timedelta(hours=1)))
LAW = laws.shipped()
ENTRIES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("payment", {"on": date(2026, 11, 1), "amount": Decimal("5.00")}),
    ("contact", {"at": NOW, "channel": "phone", "outcome": "refused", "theirs": 'a\n[[b]]\r"""\\'}),
    ("plan", {"at": NOW, "instalments": [{"due": date(2026, 12, 1), "amount": Decimal("2.50")}]}),
)
FACTS: tuple[tuple[lines.Path, Any], ...] = (
    (("owner",), "jo"),
    (("colour",), '"\n\x1b\\'),
    (("debtor", "name"), "王芳 # x"),
    (("terms", "days"), 30),
    (("person", 0, "phone"), ["1", "2"]),
    (("supply", "limit"), Decimal("100.00")),
)


def parsing(data: bytes) -> None:
    """A text gives a case or problems with lines; every key is found where it stands."""
    text = data.decode("utf-8", "ignore")
    case, problems = parse(text, "acme", "cases/acme.toml")
    assert case is not None or problems
    for problem in problems:
        assert problem.path == "cases/acme.toml"
        assert 1 <= problem.line <= text.count("\n") + 1, problem
        assert problem.message.strip()
    read = _loaded(text)
    if read is None:
        return
    names = handles(read)
    assert len(set(names.values())) == len(names)
    for mark in lines.scan(text):
        value = _at(read, mark.path)
        assert mark.line == text.count("\n", 0, mark.start) + 1
        if not mark.header:
            assert loads(f"x = {text[slice(*mark.value)]}") == {"x": value}, mark
    if case is not None:
        _counted(case)
        in_words(text)


def editing(data: bytes) -> None:
    """A change to a text is that change alone, or it is refused."""
    text = data.decode("utf-8", "ignore")
    before = _loaded(text)
    for kind, entry in ENTRIES:
        with suppress(Refused):
            new = append(text, [(kind, entry)])
            assert before is not None
            assert new.startswith(text)
            assert loads(new) == before | {kind: [*before.get(kind, []), entry]}
    if before is None:
        return
    for path, value in FACTS:
        with suppress(Refused):
            new = edit.set_key(text, path, value)
            assert _at(loads(new), path) == value
            assert edit.set_key(new, path, value) == new
            edit.set_key(new, path, None)
    for path in (("debtor",), ("person", 0), ("terms",), ("payment", 0)):
        with suppress(Refused):
            assert len(edit.drop_table(text, path)) < len(text)


def merging(data: bytes) -> None:
    """Two sides are put together, or left to git; what is new or on both is in the result."""
    base, ours, theirs = (part.decode("utf-8", "ignore") for part in _parts(data, 3))
    try:
        found = merge(base, ours, theirs)
    except Refused:
        return
    sides = [_loaded(text) for text in (base, ours, theirs)]
    if found.conflicts:
        _marked(found.text, ours, theirs)
        return
    if None in sides:
        return
    read = _loaded(found.text)
    assert read is not None, "the result is no TOML"
    was, mine, other = ({*_leaves(side or {})} for side in sides)
    kept = (mine & other) | (mine | other) - was
    assert not kept - {*_leaves(read)}, "what is new, or what both have, is lost"
    for side in sides[1:] if base not in (ours, theirs) else ():
        assert not _tally(side or {}) - _tally(read), "an entry is lost"
    with suppress(Refused):
        swapped = merge(base, theirs, ours)
        assert swapped.conflicts == ()
        assert {*_leaves(loads(swapped.text))} == {*_leaves(read)}, "the sides make a difference"
        assert _tally(loads(swapped.text)) == _tally(read)


def importing(data: bytes) -> None:
    """Any bytes are a table that ties, and that a second import finds there, or are refused."""
    try:
        table = read_table(data)
        done = plan(table, [], now=NOW, currency="EUR", law=LAW)
    except Refused:
        return
    assert _ties(done)
    cases = []
    for one in done.cases:
        text = append(new_case(one.head, one.facts, "s.json"), one.entries)
        case, problems = parse(text, one.case_id, f"cases/{one.case_id}.toml")
        assert case is not None
        assert not [problem for problem in problems if problem.level == "error"], problems
        cases.append(case)
    again = plan(table, cases, now=NOW, currency="EUR", law=LAW)
    assert _ties(again)
    assert again.cases == (), "a second import adds something"


def typing(data: bytes) -> None:
    """Words are understood as a day, hours or an amount, or refused in a sentence."""
    text = data.decode("utf-8", "ignore")
    for prefer in ("future", "past", "near"):
        try:
            meant = dates.understand(text, now=NOW, zone=UTC, prefer=prefer)
        except ValueError:
            continue
        said = dates.say(meant, today=NOW.date())
        again = dates.understand(said, now=NOW, zone=UTC, prefer=prefer)
        exact = not isinstance(meant, datetime) or meant.second == meant.microsecond == 0
        assert again == meant or not exact, (meant, said)
    with suppress(ValueError):
        for weekday, start, end in dates.parse_hours(text):
            assert 0 <= weekday <= 6
            assert 0 <= start < end <= 24 * 60
    for currency in ("EUR", "JPY", "KWD"):
        with suppress(ValueError):
            amount = money.parse(text, currency)
            assert amount > 0
            assert money.parse(money.plain(amount, currency), currency) == amount


PROPERTIES: Mapping[str, Callable[[bytes], None]] = {
    "parse": parsing,
    "edit": editing,
    "merge": merging,
    "import": importing,
    "words": typing,
}


def _loaded(text: str) -> dict[str, Any] | None:
    try:
        return loads(text)
    except ValueError:
        return None


def _at(data: Any, path: lines.Path) -> Any:
    for name in path:
        data = data[name]
    return data


def _counted(case: Case) -> None:
    """Work out and show what a case says; only what cannot be counted is refused."""
    at = standing(case, POLICY, NOW, law=LAW)
    case_page.page(at)
    case_page.data(at)
    docket(at, [], 30)
    found = owed(case, NOW.date(), LAW)
    owed_page.page(case, found, explain=True)
    account = statement(case, None, NOW.date(), LAW)
    statement_page.page(case, account)
    with suppress(DunctlError):
        credit_page.page(at, supply(at))


def _parts(data: bytes, n: int) -> list[bytes]:
    parts = data.split(BETWEEN, n - 1)
    return parts + [parts[-1]] * (n - len(parts))


def _marked(text: str, ours: str, theirs: str) -> None:
    """Both values stand between the marks; with either of them the text is TOML again."""
    for kept in (0, 1):
        chosen, side = [], -1
        for line in text.splitlines(keepends=True):
            word = line.rstrip("\r\n")
            if word in (OURS, MIDDLE, THEIRS):
                side = {OURS: 0, MIDDLE: 1, THEIRS: -1}[word]
            elif side in (-1, kept):
                chosen.append(line)
        if not any(mark in each for mark in (OURS, MIDDLE, THEIRS) for each in (ours, theirs)):
            assert _loaded("".join(chosen)) is not None, "a side of the conflict is no TOML"


def _leaves(data: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield (table, key, value) of everything in a file; entries and people have no number."""
    for name, value in data.items():
        if isinstance(value, dict):
            yield from ((name, key, _canon(inner)) for key, inner in value.items())
        elif isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
            for row in value:
                yield from ((name, key, _canon(inner)) for key, inner in row.items())
        else:
            yield "", name, _canon(value)


def _canon(value: object) -> str:
    return digest("", {"x": value})


def _tally(data: Mapping[str, Any]) -> Counter[str]:
    return Counter(
        {kind: len(data[kind]) for kind in ENTRY_CLASSES if isinstance(data.get(kind), list)}
    )


def _ties(done: Plan) -> bool:
    return done.read == done.new + done.there + len(done.refused) and all(
        t.read == t.new + t.there + t.refused for t in done.totals.values()
    )


def toml_tokens() -> list[str]:
    """Return the words of case files, for whoever puts inputs together."""
    from dunctl.case import records

    classes = [records.Head, *records.FACT_CLASSES.values(), *ENTRY_CLASSES.values()]
    keys = {name for cls in classes for name in records.keys(cls)}
    headers = [f"[[{kind}]]\n" for kind in (*ENTRY_CLASSES, "person", "income")]
    signs = [
        '"""',
        "'''",
        "[[",
        "]]",
        " = ",
        "\r\n",
        "\\u0000",
        "2026-11-01",
        "T09:00:00Z",
        "{ ",
        "nan",
    ]
    return [*headers, "[debtor]\n", "[terms]\n", *sorted(f"{key} = " for key in keys), *signs]


def is_word(text: str) -> bool:
    """Return whether atheris can have a text in its dictionary."""
    return re.fullmatch(r"[\x20-\x7e]+", text) is not None
