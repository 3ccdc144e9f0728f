"""Ageing: every open amount is in one bucket, and the buckets add up to the total."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunctl.owed.ageing import ageing
from dunctl.owed.ledger import ledger
from tests.casefile import DAYS, amounts, case, disputed, invoice, journals, paid

DUE = date(2026, 3, 31)


def bucket_on(day: date) -> tuple[int | None, int | None]:
    found = ageing([ledger(case(invoice("A", str(DUE), "100.00")), day)], day)
    (only,) = found
    (place,) = [b for b in only.buckets if b.total]
    assert (only.total, only.invoices) == (Decimal("100.00"), 1)
    return place.from_day, place.to_day


@pytest.mark.parametrize(
    ("days", "bucket"),
    [
        (-40, (None, 0)),
        (-1, (None, 0)),
        (0, (None, 0)),
        (1, (1, 30)),
        (30, (1, 30)),
        (31, (31, 60)),
        (60, (31, 60)),
        (61, (61, 90)),
        (90, (61, 90)),
        (91, (91, 180)),
        (180, (91, 180)),
        (181, (181, 365)),
        (365, (181, 365)),
        (366, (366, None)),
        (4000, (366, None)),
    ],
)
def test_an_invoice_is_in_the_bucket_of_its_days_past_due(
    days: int, bucket: tuple[int | None, int | None]
) -> None:
    assert bucket_on(DUE + timedelta(days=days)) == bucket


def test_what_is_not_yet_due_has_a_bucket_of_its_own_and_keeps_its_sign() -> None:
    """Invoice Ninja: "Current" never holds a future due day, and ages lose their sign."""
    known = case(
        invoice("PAST", "2026-03-01", "10.00"),
        invoice("FUTURE", "2026-05-10", "20.00"),
        invoice("TODAY", "2026-03-31", "40.00"),
    )
    (found,) = ageing([ledger(known, DUE)], DUE)
    assert [str(bucket.total) for bucket in found.buckets[:2]] == ["60.00", "10.00"]
    assert found.total == Decimal("70.00")


def test_what_is_disputed_is_open_and_credit_of_theirs_is_shown_apart() -> None:
    known = case(
        invoice("A", "2026-03-01", "100.00"),
        invoice("B", "2026-03-01", "50.00"),
        disputed("2026-03-05T10:00:00Z", "30.00", invoice="A"),
        paid("2026-03-06", "65.00", invoice="B"),
    )
    (found,) = ageing([ledger(known, DUE)], DUE)
    assert (str(found.total), found.invoices, str(found.unallocated)) == ("100.00", 1, "15.00")


def test_currencies_are_aged_apart_and_cases_together() -> None:
    first = case(
        invoice("A", "2026-03-01", "100.00"), invoice("B", "2026-03-01", "9000", currency="JPY")
    )
    second = case(invoice("A", "2026-03-20", "1.00"), case_id="other")
    found = ageing([ledger(first, DUE), ledger(second, DUE)], DUE)
    assert [(a.currency, str(a.total), a.invoices) for a in found] == [
        ("GBP", "101.00", 2),
        ("JPY", "9000", 1),
    ]


def test_nothing_owed_is_nothing_aged() -> None:
    assert ageing([ledger(case(), DUE)], DUE) == []


@given(st.lists(journals(), min_size=1, max_size=3), DAYS)
def test_the_buckets_add_up_to_what_is_open_on_any_day(books: list[list[str]], day: date) -> None:
    ledgers = [ledger(case(*entries), day) for entries in books]
    owed: defaultdict[str, Decimal] = defaultdict(Decimal)
    for one in ledgers:
        for currency, amount in one.balance().items():
            owed[currency] += amount
    found = ageing(ledgers, day)
    for row in found:
        assert sum(bucket.total for bucket in row.buckets) == row.total
        assert sum(bucket.invoices for bucket in row.buckets) == row.invoices
    left = {row.currency: row.total - row.unallocated for row in found}
    assert amounts({c: a for c, a in left.items() if a}) == amounts(
        {c: a for c, a in owed.items() if a}
    )
