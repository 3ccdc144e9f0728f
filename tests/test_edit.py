"""Changes to the text of a case file: exactly what was asked for, and not a byte beside."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dunctl import dates, money
from dunctl.case import edit, lines, records
from dunctl.case.fields import Kind
from dunctl.case.parse import parse
from dunctl.case.records import (
    ENTRY_CLASSES,
    FACT_CLASSES,
    Case,
    Debtor,
    Head,
    Interest,
    Payment,
    Person,
    Step,
    Sum,
    Terms,
)
from dunctl.case.toml import loads
from dunctl.errors import Refused

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)
NAMES = st.sampled_from(["Jane Roe", "王芳", 'Ann "Bee" Cee', "O'Neill # 1", "a\\b\n[x]\r\ny = 1"])
WORDS = TEXTS | NAMES
DAYS = st.dates(date(1970, 1, 1), date(2199, 12, 31))
INSTANTS = st.builds(
    lambda moment, minutes: moment.replace(
        microsecond=0, tzinfo=timezone(timedelta(minutes=minutes))
    ),
    st.datetimes(datetime(1970, 1, 2), datetime(2199, 12, 30)),  # noqa: DTZ001 - an offset follows
    st.integers(-23 * 60 - 59, 23 * 60 + 59),
)
AMOUNTS = st.decimals("0.0001", "999999999999.9999", places=4) | st.integers(1, 10**14).map(Decimal)
HOURS = st.sampled_from(
    ["mon-fri 09:00-18:00; sat 10:00-14:00", "wed", "11:30-14:00", "周一至周五"]
)
SHARES = st.decimals(0, 1000, places=3)
KINDS: dict[str, st.SearchStrategy[Any]] = {
    "text": WORDS,
    "text, or a list of texts": st.lists(WORDS, max_size=3).map(tuple),
    "true or false": st.booleans(),
    "amount, more than 0": AMOUNTS,
    "number": SHARES,
    "day": DAYS,
    "time with offset": INSTANTS,
    "day, or time with offset": DAYS | INSTANTS,
    "code of ISO 4217, such as EUR": st.sampled_from(["GBP", "JPY", "KWD", "CNY"]),
    "country, ISO 3166": st.sampled_from(["GB", "CN"]),
    "time zone (IANA), or a list of candidates": st.lists(
        st.sampled_from(["Asia/Shanghai", "Europe/London", "UTC"]), max_size=2
    ).map(tuple),
    "hours, such as `mon-fri 09:00-18:00`": HOURS,
    "hours, or a list of them": st.lists(HOURS, max_size=3).map(tuple),
    "handle of an entry": st.from_regex(r"\A[0-9a-f]{7}(~[1-9][0-9]?)?\Z"),
    "list of `{ due, amount }`": st.lists(st.tuples(DAYS, AMOUNTS), min_size=1).map(tuple),
    "list of `{ currency, amount, interest, fees }`": st.lists(
        st.builds(
            Sum,
            st.sampled_from(["EUR", "JPY"]),
            AMOUNTS,
            interest=st.none() | AMOUNTS,
            fees=st.none() | AMOUNTS,
        ),
        min_size=1,
    ).map(tuple),
    "always 1": st.just(1),
    "`{ percent, per, clause }`": st.builds(
        Interest, SHARES, st.sampled_from(["day", "month", "year"]), WORDS
    ),
}


def values(kind: Kind) -> st.SearchStrategy[Any]:
    """Return what a key of a kind can have for its value."""
    if "enum" in kind.schema:
        return st.sampled_from(kind.schema["enum"])  # type: ignore[call-overload, no-any-return]
    if kind.schema.get("type") == "integer":
        return st.integers(kind.schema["minimum"], kind.schema["maximum"])  # type: ignore[arg-type]
    return KINDS[kind.title]


def made(cls: type[Any]) -> st.SearchStrategy[Any]:
    """Return any records of a class, each optional key there or not."""
    given_ = {}
    for attribute, key in records.keys(cls).values():
        able = values(key.kind)
        default = cls._field_defaults.get(attribute)
        given_[attribute] = able if key.required else st.just(default) | able
    return st.builds(cls, **given_)


ENTRIES = st.one_of(
    [st.tuples(st.just(kind), made(cls)) for kind, cls in ENTRY_CLASSES.items()]
).map(lambda pair: (pair[0], pair[1]))
MANY = {**ENTRY_CLASSES, "person": Person, "income": FACT_CLASSES["income"]}

BASE = """\
#:schema ../docs/case.schema.json
# 杭州: ask for Mr "Li" first
format = 1
currency = "GBP"  # pounds

[debtor]
name = "Acme"

[[person]]   # who decides
name = "Jane Roe"

[[payment]]
on = 2026-11-01
amount = 5.00
colour = "red"
"""
ENDS = ("", "\n", "\n\n", "\n\n\n", "\n# the end", "\n# the end\n", "\n  ", "  # 1", "\n\t\n")


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Draw a case file as editors leave them: line ends, a byte order mark, any last lines."""
    text = draw(st.sampled_from((BASE, HEAD_ONLY))).removesuffix("\n") + draw(st.sampled_from(ENDS))
    text = text.replace("\n", draw(st.sampled_from(("\n", "\r\n"))))
    return draw(st.sampled_from(("", "\ufeff"))) + text


HEAD_ONLY = 'format = 1\ncurrency = "GBP"\ndebtor = { name = "Acme" }\n'


def read(text: str) -> Case:
    case, problems = parse(text)
    assert case is not None, problems
    return case


def newline_of(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


@given(texts(), st.lists(ENTRIES, min_size=1, max_size=3))
def test_an_entry_is_added_at_the_end_and_no_byte_before_it_changes(
    text: str, entries: list[tuple[str, Any]]
) -> None:
    tables = [(kind, edit.to_table(record)) for kind, record in entries]
    new = edit.append(text, tables)
    assert new.startswith(text)
    added, newline = new.removeprefix(text), newline_of(text)
    blocks = newline.join(edit.block(kind, table, newline) for kind, table in tables)
    assert added in (gap + blocks for gap in ("", newline, newline * 2))
    assert added.count("\n") == added.count(newline)
    one_by_one = text
    for table in tables:
        one_by_one = edit.append(one_by_one, [table])
    assert one_by_one == new


@given(texts())
def test_nothing_to_add_changes_nothing(text: str) -> None:
    assert edit.append(text, []) == text


@pytest.mark.parametrize("kind", MANY)
def test_what_was_added_reads_back_as_the_record_it_was(kind: str) -> None:
    @settings(max_examples=30)
    @given(texts(), made(MANY[kind]))
    def check(text: str, record: Any) -> None:
        before, after = read(text), read(edit.append(text, [(kind, edit.to_table(record))]))
        known = before.people + before.incomes + tuple(e.record for e in before.journal)
        found = after.people + after.incomes + tuple(e.record for e in after.journal)
        left = list(found)
        for one in known:
            left.remove(one)
        assert left == [record]

    check()


@given(made(Head), made(Debtor), made(Terms), st.lists(made(Person), max_size=2))
@settings(max_examples=30)
def test_a_new_case_reads_back_as_its_facts(
    head: Head, debtor: Debtor, terms: Terms, people: list[Person]
) -> None:
    tables = [("debtor", debtor), ("terms", terms), *(("person", person) for person in people)]
    text = edit.new_case(
        edit.to_table(head), [(name, edit.to_table(fact)) for name, fact in tables], "x.json"
    )
    case = read(text)
    assert (case.head, case.debtor, case.terms, case.people) == (head, debtor, terms, tuple(people))
    assert text.startswith("#:schema x.json\n")


@pytest.mark.parametrize("fold", [0, 1])
@pytest.mark.parametrize(
    ("moment", "zone"),
    [
        ("2026-10-25T01:30", "Europe/London"),
        ("2026-11-01T01:30", "America/New_York"),
        ("2026-04-05T01:45", "Australia/Lord_Howe"),
    ],
)
def test_the_hour_that_clocks_show_twice_can_be_written(moment: str, zone: str, fold: int) -> None:
    at = datetime.fromisoformat(moment).replace(tzinfo=dates.zone(zone), fold=fold)
    entry = read(edit.append(HEAD_ONLY, [("step", edit.to_table(Step(at, "firm")))])).journal[-1]
    assert entry.record == Step(at.astimezone(UTC), "firm")


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        (BASE + "[void]\nwhy = 1\n", "void", "write [[void]] in double brackets"),
        ("payment = []\n" + BASE.replace("[[payment]]", "[x]"), "payment", "not written as [["),
        ("payment = 5\n", "payment", "write [[payment]] in double brackets"),
        ("[[payment]\n", "payment", "the file cannot be read"),
        ("a = 1\r", "payment", "the file cannot be read"),
    ],
)
def test_what_cannot_be_added_is_refused(text: str, kind: str, message: str) -> None:
    with pytest.raises(Refused, match=re.escape(message)):
        edit.append(text, [(kind, {"on": date(2026, 11, 1), "amount": Decimal("5.00")})])


# One fact at a time.

FACTS = """\
#:schema ../docs/case.schema.json

format = 1
# what they owe in
currency = "GBP"  # pounds
reason = 'oversight.forgot'
colour = "red"    # not known to the program

# who they are
[debtor]
name = "Acme"
address = [  # as printed
  "1 Quay",  # by the "river"
  "Leeds",
]
  hours = "mon-fri 09:00-17:00" # lunch?
shade.of = "blue"

# the one who pays
[[person]]
name = "Jane Roe" # Mrs
phone = "0161 496 0300"

# her boss
[[person]]
name = "John Doe"
# nothing known of him

[extra]
note = "kept"

[[payment]]
on = 2026-11-01
amount = 5.00
# the end
"""
AGREED = "\n[terms]  # signed\ndays = 30\n"


@st.composite
def facts(draw: st.DrawFn) -> str:
    text = FACTS
    if draw(st.booleans()):
        text = text.replace("\n# the one", AGREED + "\n# the one")
    if draw(st.booleans()):
        text = text.removesuffix("\n")
    text = text.replace("\n", draw(st.sampled_from(("\n", "\r\n"))))
    return draw(st.sampled_from(("", "\ufeff"))) + text


@st.composite
def settings_of_facts(draw: st.DrawFn) -> tuple[lines.Path, Any]:
    """Draw the path of a fact and a value for it."""
    table, cls = draw(
        st.sampled_from([((), Head), (("debtor",), Debtor), (("terms",), Terms), *PERSONS])
    )
    values = edit.to_table(draw(made(cls)))
    key = draw(st.sampled_from(sorted(values) or ["note"]))
    return (*table, key), values.get(key, "x")


PERSONS: list[tuple[lines.Path, type[Any]]] = [(("person", 0), Person), (("person", 1), Person)]


def with_(data: dict[str, Any], path: lines.Path, value: Any) -> dict[str, Any]:
    data = deepcopy(data)
    table: Any = data
    for name in path[:-1]:
        table = table.setdefault(name, {}) if isinstance(table, dict) else table[name]
    table[path[-1]] = value
    return data


def shared(one: str, other: str) -> int:
    """Return how many letters two texts share from their start."""
    letters = enumerate(zip(one, other, strict=False))
    return next((nth for nth, (a, b) in letters if a != b), min(len(one), len(other)))


def difference(old: str, new: str) -> tuple[str, str]:
    """Return the part of each text that is not in the other, between what they share."""
    start = shared(old, new)
    end = shared(old[start:][::-1], new[start:][::-1])
    return old[start : len(old) - end], new[start : len(new) - end]


def present(text: str, path: lines.Path) -> bool:
    return any(mark.path == path for mark in lines.scan(text))


@given(facts(), settings_of_facts())
def test_setting_a_fact_changes_that_value_alone(text: str, fact: tuple[lines.Path, Any]) -> None:
    path, value = fact
    new = edit.set_key(text, path, value)
    assert loads(new) == with_(loads(text), path, value)
    lost, _ = difference(text, new)
    if not present(text, path):
        assert lost == ""
    elif path[-1] != "address":
        assert "\n" not in lost
        assert "#" not in lost
    assert new.count("\n") == new.count(newline_of(text))
    assert edit.set_key(new, path, value) == new


@given(facts(), settings_of_facts())
def test_a_fact_that_is_taken_away_again_leaves_the_file_as_it_was(
    text: str, fact: tuple[lines.Path, Any]
) -> None:
    path, value = fact
    without = edit.set_key(text, path, None)
    if present(text, path):
        assert not present(without, path)
        assert difference(text, without)[1] == ""
    else:
        assert without == text
        added = edit.set_key(text, path, value)
        if path[0] == "terms" and not present(text, ("terms",)):
            assert edit.drop_table(added, ("terms",)) == text
        else:
            assert edit.set_key(added, path, None) == text


@pytest.mark.parametrize(
    ("path", "value", "was", "becomes"),
    [
        (("reason",), "dispute.price", "reason = 'oversight.forgot'", 'reason = "dispute.price"'),
        (("currency",), "EUR", '"GBP"  # pounds', '"EUR"  # pounds'),
        (("owner",), "li.na", "the program\n", 'the program\nowner = "li.na"\n'),
        (("debtor", "hours"), "sat", '  hours = "mon-fri 09:00-17:00" # l', '  hours = "sat" # l'),
        (
            ("debtor", "address"),
            "1 Mill",
            FACTS[FACTS.index("[  #") : FACTS.index("  hours")],
            '"1 Mill"\n',
        ),
        (("person", 1, "name"), "王芳", '"John Doe"', '"王芳"'),
        (("person", 1, "role"), "owner", '"John Doe"\n', '"John Doe"\nrole = "owner"\n'),
        (("terms", "days"), 14, '"blue"\n\n', '"blue"\n\n[terms]\ndays = 14\n\n'),
    ],
)
def test_a_fact_is_set_where_a_person_would_set_it(
    path: lines.Path, value: Any, was: str, becomes: str
) -> None:
    assert edit.set_key(FACTS, path, value) == FACTS.replace(was, becomes)


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        (HEAD_ONLY, ("debtor", "hours"), "sat"),
        (FACTS, ("debtor",), "Acme"),
        (FACTS, ("debtor", "shade"), "red"),
        (FACTS, ("debtor", "shade"), None),
        (FACTS, ("person", 7, "name"), "x"),
        (FACTS, ("person", 7, "name"), None),
        (FACTS, ("currency", "x"), "y"),
    ],
)
def test_a_fact_that_cannot_be_set_alone_is_refused(
    text: str, path: lines.Path, value: Any
) -> None:
    with pytest.raises(Refused, match=r"edit the file by hand"):
        edit.set_key(text, path, value)


@pytest.mark.parametrize(
    ("path", "gone"),
    [
        (("person", 0), '[[person]]\nname = "Jane Roe" # Mrs\nphone = "0161 496 0300"\n\n'),
        (("person", 1), '[[person]]\nname = "John Doe"\n'),
        (("terms",), "[terms]  # signed\ndays = 30\n\n"),
        (("extra",), '[extra]\nnote = "kept"\n\n'),
        (("reason",), "reason = 'oversight.forgot'\n"),
    ],
)
def test_a_table_is_dropped_and_the_comment_on_the_next_one_stays(
    path: lines.Path, gone: str
) -> None:
    text = FACTS.replace("\n# the one", AGREED + "\n# the one")
    assert edit.drop_table(text, path) == text.replace(gone, "")


def test_the_last_person_takes_the_list_along() -> None:
    text = FACTS
    for _ in range(2):
        text = edit.drop_table(text, ("person", 0))
    assert "person" not in loads(text)
    assert "# her boss" in text


@pytest.mark.parametrize("path", [("terms",), ("person", 2), ("nothing",)])
def test_a_table_that_is_not_there_cannot_be_dropped(path: lines.Path) -> None:
    with pytest.raises(Refused, match=r"edit the file by hand"):
        edit.drop_table(FACTS, path)


def test_a_table_in_two_places_is_not_dropped_with_what_stands_between() -> None:
    text = FACTS + "[terms]\ndays = 30\n[more]\na = 1\n[terms.interest]\npercent = 8\n"
    with pytest.raises(Refused, match=r"edit the file by hand"):
        edit.drop_table(text, ("terms",))


@pytest.mark.parametrize("number", ["nan", "inf", "1e9999999999999999999", "0.1e-3"])
def test_an_unknown_number_that_is_none_stands_in_nobodys_way(number: str) -> None:
    text = FACTS.replace('"red"', number)
    assert edit.set_key(text, ("owner",), "x").replace('owner = "x"\n', "") == text
    assert edit.append(text, [("payment", edit.to_table(Payment(date(2026, 1, 1), Decimal(5))))])


@given(AMOUNTS, st.sampled_from(["GBP", "JPY", "KWD"]))
def test_an_amount_is_written_with_the_digits_it_has(amount: Decimal, currency: str) -> None:
    exact = money.quantize(amount, currency)
    assert edit.literal(exact) == money.plain(exact, currency)
    assert "e" not in edit.literal(amount).lower()


@given(WORDS)
def test_text_is_written_on_one_line(text: str) -> None:
    written = edit.literal(text)
    assert not re.search(r"[\r\n]", written)
    assert loads(f"x = {written}") == {"x": text}
