"""A sheet with changes laid over it says what all notes say; its changes are those of the files."""

from __future__ import annotations

from array import array
from collections.abc import Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunctl.store import sheet
from dunctl.store.columns import packed, unpacked
from dunctl.store.files import Stamp, Stamps
from dunctl.store.sheet import BLANK, Head, Sheet

IDS = st.sampled_from([f"{letter}{n}" for letter in "abcdefgh" for n in range(20)])
NUMBERS = st.integers(1, 9)
HEADS = st.builds(
    lambda since, sound, word, total: Head(since, since + 5, sound, [word, total], total),
    *(NUMBERS, st.sampled_from((True, True, True, False)), st.text(max_size=2), NUMBERS),
)
STAMPS = st.dictionaries(IDS, st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS))


def stamps_of(files: dict[str, Stamp]) -> Stamps:
    """Return what a folder gives that has files in this order."""
    return Stamps(list(files), array("q", [n for one in files.values() for n in one]), [])


def told(found: Sheet) -> dict[str, tuple[object, ...]]:
    """Return what a sheet says of each sound case."""
    rows = zip(found.since, found.wakes, found.sums, *found.columns, strict=True)
    return dict(zip(found.ids, rows, strict=True))


@given(st.lists(st.tuples(st.dictionaries(IDS, HEADS), st.sets(IDS)), max_size=4))
def test_heads_come_to_their_places_in_whatever_order_and_number_they_come(
    steps: list[tuple[dict[str, Head], set[str]]],
) -> None:
    """One by one where they are few, anew where they are many: at most 160 cases there are."""
    found, heads = BLANK, dict[str, Head]()
    for fresh, gone in steps:
        left = gone - fresh.keys()
        found = sheet.laid_over(found, left, fresh)
        heads = {i: head for i, head in (heads | fresh).items() if i not in left}
        sound = {
            i: (head.since, head.wakes, head.sum, *head.fields)
            for i, head in heads.items()
            if head.sound
        }
        assert told(found) == sound
        assert found.ids == sorted(sound)
        unsound = {i: list(head.fields) for i, head in heads.items() if not head.sound}
        assert found.unsound == unsound


@given(st.dictionaries(IDS, HEADS, min_size=1), st.data())
def test_a_sheet_comes_back_as_it_was_written_without_what_is_fleeting(
    heads: dict[str, Head], data: st.DataObject
) -> None:
    fleeting = data.draw(st.sets(st.sampled_from(sorted(heads))))
    stamps = stamps_of(dict.fromkeys(heads, (1, 2, 3, 4)))
    whole = sheet.laid_over(BLANK, (), heads)
    back = sheet.read(*sheet.written(whole, stamps, fleeting))
    rest = {case_id: head for case_id, head in heads.items() if case_id not in fleeting}
    assert told(back) == told(sheet.laid_over(BLANK, (), rest))
    assert sheet.changes(back, stamps) == (set(), fleeting)


@given(STAMPS, STAMPS)
def test_changes_are_what_differs_between_two_looks_at_a_folder(
    before: dict[str, Stamp], after: dict[str, Stamp]
) -> None:
    """Also where the folder has the same files in another order, or all in the same one."""
    for now in (after, {i: after.get(i, stamp) for i, stamp in before.items()}):
        was = sheet.read(*sheet.written(BLANK, stamps_of(before), ()))
        assert sheet.changes(was, stamps_of(now)) == (
            before.keys() - now.keys(),
            {case_id for case_id, stamp in now.items() if before.get(case_id) != stamp},
        )


@pytest.mark.parametrize("changed", [(0,), (99,), (100,), (199, 200), (249,), range(250), ()])
def test_what_changed_is_found_among_many(changed: Collection[int]) -> None:
    before = {f"c{n:03}": (n, 2, 3, 4) for n in range(250)}
    after = {i: (n, 2, 3, 4 + (n in changed)) for n, i in enumerate(before)}
    was = sheet.read(*sheet.written(BLANK, stamps_of(before), ()))
    assert sheet.changes(was, stamps_of(after)) == (set(), {f"c{n:03}" for n in changed})


@given(st.dictionaries(IDS, HEADS), st.integers(0, 16))
def test_a_note_is_untimely_before_it_begins_and_when_it_wakes(
    heads: dict[str, Head], moment: int
) -> None:
    found = sheet.laid_over(BLANK, (), heads)
    assert sheet.untimely(found, moment) == {
        case_id: head.since
        for case_id, head in heads.items()
        if head.sound and not head.since <= moment < head.wakes
    }


VALUES = st.one_of(
    st.none(), st.booleans(), st.text(max_size=3), st.lists(st.integers(0, 9), max_size=2)
)
WHOLE = st.integers(-(1 << 64), 1 << 64) | st.integers(0, 99)


def columns_of(count: int) -> st.SearchStrategy[list[object]]:
    """Return columns of so many values: of whole numbers, of others, of both."""
    kinds: list[st.SearchStrategy[object]] = [WHOLE, VALUES, WHOLE | VALUES]
    return st.one_of([st.lists(kind, min_size=count, max_size=count) for kind in kinds])


@given(st.integers(0, 5).flatmap(lambda n: st.lists(columns_of(n), min_size=1, max_size=5)))
def test_columns_come_back_as_they_were(columns: list[list[object]]) -> None:
    """Numbers of any size; ``True`` is no number."""
    back = unpacked(packed(columns))
    assert repr(back) == repr(columns)
