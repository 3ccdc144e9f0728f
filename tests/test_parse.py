"""Text to case: what is read never raises, and what it means hangs on nothing but what it says."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunctl.case.handles import handles
from dunctl.case.parse import parse
from dunctl.case.records import Case, Person
from dunctl.case.syntax import explain
from dunctl.case.toml import loads

TESTS = Path(__file__).parent
HEAD = 'format = 1\ncurrency = "GBP"\n\n[debtor]\nname = "Acme"\n'
SAMPLES = [
    *(path.read_text(encoding="utf-8") for path in sorted((TESTS.parent / "cases").glob("*.toml"))),
    *(
        path.read_bytes().decode("utf-8", "replace")
        for path in sorted((TESTS / "errors").glob("*.toml"))
        if path.stat().st_size < 4000
    ),
]
PIECES = (
    *('"', "'", '"""', "'''", "[", "]", "[[", "]]", "{", "}", "=", " = ", ".", ",", "#", "\\"),
    *("\n", "\r\n", "\r", "\t", "\x00", "\u00a0", "\ufeff", "“", "＝", "é", "杭州", "\U0001f4de"),
    *("[debtor]\n", "[[void]]\n", "[[person]]\n", "[person]\n", "[terms.interest]\n", "x.y = 1\n"),
    *("format = 1\n", 'currency = "GBP"\n', 'name = "Acme"\n', "person = []\n", "amount = "),
    *("nan", "-inf", "1e3", "1e-99999999", "1e9999999999999999999", "0x" + "f" * 5000, "-0", "1_0"),
    *("2026-02-30", "0001-01-01", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59"),
    *("2026-11-02T09:00:00", "12:00:00", "true", "[[1], [2]]", "{ a.b = 1 }", '"x"', '""', '"  "'),
    *('"Asia"', '"../x"', '"a/.b/c"', '["mon", "tue 9:00"]', '"abcdef0~2"', r'"\u0000"', r'"\q"'),
    *("[{ due = 2026-01-01, amount = nan }]", "[{ due = [], amount = {} }]"),
    *('{ percent = nan, per = "day", clause = "x" }', "9" * 4999),
)


@st.composite
def mutations(draw: st.DrawFn) -> str:
    """Draw a case file with some lines or letters lost, doubled, or grown into something else."""
    lines = draw(st.sampled_from(SAMPLES)).split("\n")
    for _ in range(draw(st.integers(1, 4))):
        nth = draw(st.integers(0, len(lines) - 1))
        line = lines[nth]
        match draw(st.sampled_from(("value", "value", "value", "insert", "lose", "double", "cut"))):
            case "value":
                key, equals, _ = line.partition("=")
                lines[nth] = key + equals + draw(st.sampled_from(PIECES))
            case "insert":
                at = draw(st.integers(0, len(line)))
                lines[nth] = line[:at] + draw(st.sampled_from(PIECES)) + line[at:]
            case "lose":
                lines[nth] = ""
            case "double":
                lines.insert(nth, draw(st.sampled_from(lines)))
            case _:
                lines[nth] = line[: draw(st.integers(0, len(line)))]
    return draw(st.sampled_from(("\n", "\r\n"))).join(lines)


def read(text: str) -> Case:
    case, problems = parse(text)
    assert case is not None, problems
    return case


@pytest.mark.parametrize(
    "texts",
    [
        st.text(),
        st.text().map(lambda text: HEAD + text),
        st.lists(st.sampled_from(PIECES), max_size=12).map("".join),
        st.lists(st.sampled_from(PIECES), max_size=6).map(lambda pieces: HEAD + "".join(pieces)),
        mutations(),
    ],
    ids=["any", "any after facts", "pieces", "pieces after facts", "changed"],
)
def test_whatever_stands_in_a_file_is_answered_by_problems_with_lines(
    texts: st.SearchStrategy[str],
) -> None:
    @given(texts)
    def check(text: str) -> None:
        case, problems = parse(text, "acme", "cases/acme.toml")
        assert case is not None or problems
        for problem in problems:
            assert problem.path == "cases/acme.toml"
            assert 1 <= problem.line <= text.count("\n") + 1
            assert problem.message == problem.message.strip() != ""

    check()


@pytest.mark.parametrize("depth", [63, 64, 65, 400, 401, 999, 5000, 50_000])
@pytest.mark.parametrize(
    ("before", "opening", "inside", "closing"),
    [
        ("number = ", "[", "", "]"),
        ("number = ", "{ a = ", "1", " }"),
        ("number = ", "[{ a = ", "1", " }]"),
        ("number = ", "[\n", "", "]\n"),
        ("x", ".x", " = 1", ""),
        ("[[contact]]\nx", ".x", " = 1", ""),
        ("[x", ".x", "]", ""),
        ("[[x", ".x", "]]", ""),
        ("", "[", "", ""),
    ],
)
def test_brackets_in_brackets_are_read_or_refused_but_never_bring_it_down(
    before: str, opening: str, inside: str, closing: str, depth: int
) -> None:
    text = HEAD + before + opening * depth + inside + closing * depth + '\n[[void]]\nentry = "x"\n'
    case, problems = parse(text)
    assert problems
    assert all(1 <= problem.line <= text.count("\n") for problem in problems)
    if case is not None:
        assert handles(case.data)


def test_a_number_that_no_computer_holds_is_wrong_where_it_stands() -> None:
    text = HEAD + "\n[[payment]]\non = 2026-11-01\namount = 1e-9999999999999999999\n"
    assert [problem.line for problem in parse(text)[1]] == [9]


def test_a_number_of_many_digits_in_another_base_has_a_handle_too() -> None:
    case = read(HEAD + f'[[step]]\nat = 2026-11-02T09:00:00Z\nto = "firm"\nx = 0x{"f" * 5000}\n')
    assert re.fullmatch("[0-9a-f]{7}", handles(case.data)["step", 0])


def test_an_entry_with_an_error_is_left_out_and_hides_no_other() -> None:
    text = HEAD + "".join(
        f"\n[[payment]]\non = 2026-11-{day:02}\namount = {amount}\n"
        for day, amount in ((1, "5.00"), (2, "0"), (3, "7.00"))
    )
    case, problems = parse(text)
    assert case is not None
    assert [(entry.kind, entry.nth) for entry in case.journal] == [("payment", 0), ("payment", 2)]
    assert [problem.line for problem in problems] == [13]


def test_what_names_a_broken_entry_or_person_is_not_complained_about_as_well() -> None:
    text = (
        HEAD + '\n[[person]]\nname = "Jane Roe"\nrole = "boss"\n'
        '\n[[invoice]]\nnumber = "1"\ndue = 2026-10-31\namount = 0\n'
        '\n[[payment]]\non = 2026-11-01\namount = 5.00\ninvoice = "1"\n'
        '\n[[step]]\nat = 2026-11-02T09:00:00Z\nto = "firm"\n'
        '\n[[contact]]\nat = 2026-11-02T09:00:00Z\nchannel = "phone"\nwith = "Jane Roe"\n'
        'outcome = "no_answer"\n'
    )
    assert [problem.line for problem in parse(text)[1]] == [9, 14]


def test_keys_that_the_program_does_not_know_are_kept_and_noticed() -> None:
    case, problems = parse(HEAD + 'colour = "red"\n\n[extra]\na = [1, 2]\n')
    assert case is not None
    assert case.data["debtor"]["colour"] == "red"
    assert case.data["extra"] == {"a": [1, 2]}
    assert [(problem.line, problem.level) for problem in problems] == [(6, "notice"), (8, "notice")]


# What the order in the file means: nothing.

ENTRIES = (
    '[[invoice]]\nnumber = "1"\ndue = 2026-10-31\namount = 100.00\n',
    '[[invoice]]\nnumber = "2"\nissued = 2026-10-01\ndue = 2026-10-31\namount = 5.00\n',
    "[[payment]]\non = 2026-11-01\namount = 5.00\n",
    "[[payment]]\non = 2026-11-01\namount = 6.00\n",
    "[[credit]]\non = 2026-11-01\namount = 6.00\n",
    '[[step]]\nat = 2026-11-01T00:00:00Z\nto = "firm"\n',
    '[[step]]\nat = 2026-11-01T08:00:00+08:00\nto = "firm"\n',
    '[[step]]\nat = 2026-11-01T08:00:00+08:00\nto = "final"\nwhy = "客户\'s"\n',
    '[[contact]]\nat = 2026-10-31T20:00:00-04:00\nchannel = "phone"\noutcome = "no_answer"\n',
    "[[plan]]\nat = 2026-11-05T00:00:00Z\ninstalments = [{ due = 2026-12-01, amount = 2.50 }]\n",
)


@given(st.lists(st.sampled_from(ENTRIES), max_size=14), st.randoms(use_true_random=False))
def test_the_order_of_tables_in_a_file_changes_nothing(blocks: list[str], random: Random) -> None:
    one = read(HEAD + "\n".join(blocks))
    shuffled = sorted(blocks, key=lambda _: random.random())
    other = read(HEAD + "\n".join(shuffled))
    assert [(e.kind, e.record) for e in one.journal] == [(e.kind, e.record) for e in other.journal]
    assert named(one) == named(other)


def named(case: Case) -> Counter[tuple[str, str]]:
    """Return each entry's kind and content with its handle."""
    return Counter(
        (handle, f"{kind} {sorted(case.data[kind][nth].items())}")
        for (kind, nth), handle in handles(case.data).items()
    )


def test_facts_may_stand_behind_entries() -> None:
    entry = ENTRIES[0]
    person = '[[person]]\nname = "Jane Roe"\n'
    first, last = read(HEAD + person + entry), read(HEAD + entry + person)
    assert first.people == last.people == (Person("Jane Roe"),)
    assert first.journal == last.journal


@given(
    st.permutations(["at = 2026-11-01T09:00:00Z", 'to = "firm"', 'why = "x"', "y.a = 1", "y.b = 2"])
)
def test_a_handle_does_not_hang_on_the_order_of_keys(keys: list[str]) -> None:
    case = read(HEAD + "[[step]]\n" + "\n".join(keys))
    table = '[[step]]\nto = "firm"\nat = 2026-11-01T09:00:00Z\nwhy = "x"\ny = { b = 2, a = 1 }\n'
    assert handles(case.data) == handles(read(HEAD + table).data)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('why = "a"', 'why = "b"'),
        ('why = "a"', 'note = "a"'),
        ('why = "a', 'why = "a\\n'),
        ("y = 1", 'y = "1"'),
        ("y = true", 'y = "True"'),
        ("y = [1, 2]", "y = [12]"),
        ("y = ['a,b']", "y = ['a', 'b']"),
        ("y = \"a', 'b\"", "y = \"a', \\\\'b\""),
        ("y = 2026-11-01", "y = 2026-11-01T00:00:00"),
    ],
)
def test_entries_that_say_different_things_have_different_handles(one: str, other: str) -> None:
    step = '[[step]]\nat = 2026-11-01T09:00:00Z\nto = "firm"\n'
    closed = [text + '"' if text.count('"') == 1 else text for text in (one, other)]
    case = read(HEAD + "".join(f"{step}{text}\n" for text in closed))
    assert len({handle[:7] for handle in handles(case.data).values()}) == 2


def test_equal_entries_are_told_apart_by_their_number() -> None:
    payment = "[[payment]]\non = 2026-11-01\namount = 5.00\n"
    names = [*handles(read(HEAD + payment * 3 + ENTRIES[0]).data).values()]
    invoice, first, second, third = names
    assert (second, third) == (f"{first}~2", f"{first}~3")
    assert "~" not in invoice


def test_a_handle_stays_the_same_from_one_version_to_the_next() -> None:
    """Cases refer to entries by handles, so what they are made of can never change."""
    text = (
        '[[contact]]\nat = 2026-11-02T09:00:00+08:00\nchannel = "phone"\noutcome = "promise"\n'
        'theirs = "the customer\'s \\"word\\" \\\\ 客户 \\U0001f4de"\nseconds = 90\nrate = 0.50\n'
        "asked = true\nlist = [{ b = 2, a = 1 }, { c = 2026-11-27 }]\n"
    )
    assert handles(loads(text)) == {("contact", 0): "3b80bb6"}


# What a void does.


def voided(text: str, target: str, minute: int = 0) -> tuple[str, str]:
    """Return the text with a void of ``target`` below, and the handle of that void."""
    entry = (
        f'[[void]]\nat = 2026-11-03T{minute // 60:02}:{minute % 60:02}:00Z\nentry = "{target}"\n'
    )
    return f"{text}\n{entry}", handles(loads(entry))["void", 0]


@pytest.mark.parametrize("voids", [0, 1, 2, 3, 4, 1000])
def test_a_void_of_a_void_brings_the_entry_back(voids: int) -> None:
    text, handle = HEAD + ENTRIES[2], handles(loads(ENTRIES[2]))["payment", 0]
    for nth in range(voids):
        text, handle = voided(text, handle, nth)
    case = read(text)
    counts = [entry.kind == "payment" for entry in case.journal].count(True)
    assert counts == (voids % 2 == 0)
    assert len(case.journal) + len(case.voided) == voids + 1


def test_a_void_takes_back_one_of_equal_entries_and_two_voids_do_not_cancel_out() -> None:
    handle = handles(loads(ENTRIES[2]))["payment", 0]
    text, _ = voided(HEAD + ENTRIES[2] * 3, f"{handle}~2")
    text, _ = voided(text, f"{handle}~2", 1)
    text, _ = voided(text, f"{handle}~2", 1)
    case = read(text)
    assert sorted(e.nth for e in case.journal if e.kind == "payment") == [0, 2]
    assert [(e.kind, e.nth) for e in case.voided] == [("payment", 1)]


def test_a_void_in_front_of_what_it_takes_back_is_a_void_too() -> None:
    handle = handles(loads(ENTRIES[2]))["payment", 0]
    text, _ = voided(HEAD, handle)
    assert [e.kind for e in read(text + ENTRIES[2]).voided] == ["payment"]


def test_what_the_parser_may_say_is_all_put_into_words() -> None:
    """What TOML's parser says in its own words would end up before people as it is."""
    found = set()
    for text in (*SAMPLES, *(f"x = {piece}" for piece in PIECES), *PIECES):
        try:
            loads(text)
        except ValueError as error:
            if hasattr(error, "msg"):
                _, said = explain(error)  # type: ignore[arg-type]
                if said.casefold() == error.msg.casefold():
                    found.add(said)
    assert not found
