"""The made-up book of the benches is sound, of the size it says, and like a real one."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from bench.book import TODAY, case
from dunctl.case.parse import parse
from dunctl.case.records import Case, Invoice, of


def book(count: int) -> list[Case]:
    found = []
    for n in range(count):
        known, problems = parse(case(n), f"debtor-{n:06}", "")
        assert known is not None
        assert not problems, problems
        found.append(known)
    return found


def test_its_cases_have_no_problem_and_come_in_several_currencies() -> None:
    assert {known.head.currency for known in book(60)} == {"GBP", "EUR", "USD", "CNY"}


def test_a_case_is_about_three_kilobytes_and_the_same_each_time() -> None:
    sizes = [len(case(n).encode()) for n in range(300)]
    assert 2_700 < sum(sizes) / len(sizes) < 3_400
    assert case(7) == case(7)


def test_it_has_a_year_of_history_and_nothing_of_the_future() -> None:
    cases = book(60)
    days = [one.issued or one.due for known in cases for one in of(known, Invoice)]
    assert TODAY - min(days) > timedelta(days=300)
    moments = [
        value
        for known in cases
        for entry in known.journal
        for value in (getattr(entry.record, "at", None),)
        if isinstance(value, datetime)
    ]
    assert max(moments).date() < TODAY


def test_half_of_it_owes_nothing_that_is_late() -> None:
    late = Counter(max(one.due for one in of(known, Invoice)) < TODAY for known in book(300))
    assert 0.4 < late[False] / 300 < 0.62
