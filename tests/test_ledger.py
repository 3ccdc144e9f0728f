"""What is owed on a day (practice E05, E41, R2, K02; allocation is the project's own answer)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunctl.case.handles import handles
from dunctl.case.records import Case
from dunctl.owed.ledger import Ledger, ledger
from tests.casefile import (
    DAYS,
    START,
    amounts,
    case,
    disputed,
    entry,
    invoice,
    journals,
    minor,
    paid,
    read,
    text,
)
from tests.moneycase import AGREED, AMOUNTS, LAW, book, books, came, handle


def opens(found: Ledger) -> dict[str, str]:
    return {r.number: str(r.open) for r in found.receivables}


THREE = (
    invoice("C", due="2026-03-31", amount="300.00", issued="2026-03-01"),
    invoice("A", due="2026-01-31", amount="100.00", issued="2026-01-01"),
    invoice("B", due="2026-02-28", amount="200.00", issued="2026-02-01"),
)


def test_a_payment_goes_to_the_invoice_it_names() -> None:
    found = ledger(case(*THREE, paid("2026-04-01", "150.00", invoice="B")), date(2026, 4, 1))
    assert opens(found) == {"A": "100.00", "B": "50.00", "C": "300.00"}


def test_a_payment_that_names_none_goes_to_the_oldest_due_first() -> None:
    found = ledger(case(*THREE, paid("2026-04-01", "150.00")), date(2026, 4, 1))
    assert opens(found) == {"A": "0.00", "B": "150.00", "C": "300.00"}


def test_a_credit_note_lowers_the_debt_like_a_payment_but_is_shown_apart() -> None:
    known = case(*THREE, entry("credit", on="2026-04-01", amount="80.00", invoice="C"))
    third = ledger(known, date(2026, 4, 1)).receivables[-1]
    assert (third.open, third.paid, third.credited) == (Decimal(220), Decimal(0), Decimal(80))


def test_what_is_overpaid_on_a_named_invoice_stays_as_credit_of_theirs() -> None:
    found = ledger(case(*THREE, paid("2026-04-01", "115.00", invoice="A")), date(2026, 4, 1))
    assert opens(found) == {"A": "0.00", "B": "200.00", "C": "300.00"}
    assert amounts(found.unallocated) == {"GBP": "15.00"}
    assert amounts(found.balance()) == {"GBP": "485.00"}
    assert amounts(found.chasable()) == {"GBP": "485.00"}


def test_money_that_came_before_an_invoice_pays_it_on_the_day_it_is_issued() -> None:
    known = case(*THREE, paid("2026-01-10", "250.00"))
    january, february = ledger(known, date(2026, 1, 31)), ledger(known, date(2026, 2, 1))
    assert amounts(january.unallocated) == {"GBP": "150.00"}
    assert opens(february) == {"A": "0.00", "B": "50.00"}
    assert amounts(february.unallocated) == {}


@pytest.mark.parametrize("kind", ["payment", "credit"])
@pytest.mark.parametrize("day", ["2026-01-10", "2026-02-01", "2026-02-02"])
def test_of_invoices_of_one_day_the_one_due_first_is_paid_first(kind: str, day: str) -> None:
    """Before, on and after the day on which both were issued, whatever they are called."""
    for numbers in ("AB", "BA", "CD", "DC"):
        early, late = numbers
        known = case(
            invoice(late, due="2026-03-31", amount="100.00", issued="2026-02-01"),
            invoice(early, due="2026-02-28", amount="100.00", issued="2026-02-01"),
            entry(kind, on=day, amount="100.00"),
        )
        found = ledger(known, date(2026, 2, 2))
        assert opens(found) == {early: "0.00", late: "100.00"}


def test_a_currency_never_pays_another() -> None:
    known = case(
        invoice("A", due="2026-01-31", amount="100.00"),
        invoice("B", due="2026-01-31", amount="9000", currency="JPY"),
        paid("2026-02-05", "150.00"),
        paid("2026-02-05", "4000", currency="JPY"),
    )
    found = ledger(known, date(2026, 2, 5))
    assert opens(found) == {"A": "0.00", "B": "5000"}
    assert amounts(found.balance()) == {"GBP": "-50.00", "JPY": "5000"}
    assert amounts(found.chasable()) == {"JPY": "5000"}


def test_a_disputed_part_is_owed_but_only_the_rest_is_asked_for() -> None:
    """Practice E05, E41: the undisputed part is to be paid at once."""
    known = case(*THREE, disputed("2026-04-02T10:00:00Z", "120.00", invoice="B"))
    before, after = ledger(known, date(2026, 4, 1)), ledger(known, date(2026, 4, 2))
    assert amounts(before.chasable()) == {"GBP": "600.00"}
    assert amounts(after.balance()) == {"GBP": "600.00"}
    assert amounts(after.disputed()) == {"GBP": "120.00"}
    assert amounts(after.chasable()) == {"GBP": "480.00"}


def test_a_dispute_ends_when_it_is_released_and_is_never_more_than_what_is_open() -> None:
    known = case(
        *THREE,
        disputed("2026-04-02T10:00:00Z", "120.00", invoice="B"),
        paid("2026-04-05", "150.00", invoice="B"),
        entry("release", at="2026-04-09T10:00:00Z", what="dispute"),
    )
    assert amounts(ledger(known, date(2026, 4, 5)).disputed()) == {"GBP": "50.00"}
    assert amounts(ledger(known, date(2026, 4, 9)).disputed()) == {}
    assert amounts(ledger(known, date(2026, 4, 9)).chasable()) == {"GBP": "450.00"}


def test_a_dispute_raised_anew_after_the_release_of_another_counts() -> None:
    known = case(
        *THREE,
        disputed("2026-04-02T10:00:00Z", "120.00", invoice="B"),
        entry("release", at="2026-04-09T10:00:00Z", what="dispute"),
        disputed("2026-04-10T10:00:00Z", "70.00", invoice="C"),
    )
    assert amounts(ledger(known, date(2026, 4, 10)).disputed()) == {"GBP": "70.00"}


def test_two_disputes_of_one_invoice_add_up_to_no_more_than_the_invoice() -> None:
    known = case(
        *THREE,
        disputed("2026-04-02T10:00:00Z", "80.00", invoice="A"),
        disputed("2026-04-03T10:00:00Z", "80.00", invoice="A"),
    )
    found = ledger(known, date(2026, 4, 3))
    assert found.receivables[0].disputed == Decimal("100.00")
    assert found.receivables[0].undisputed == 0


def test_the_clock_is_the_oldest_undisputed_open_invoice() -> None:
    """Practice R2: days past due of the oldest undisputed open invoice."""
    known = case(
        *THREE,
        disputed("2026-04-02T10:00:00Z", "100.00", invoice="A"),
        paid("2026-04-06", "200.00", invoice="B"),
    )
    days = {
        day: ledger(known, date(2026, 4, day)).days_past_due()
        for day in (1, 2, 6)  # A; A is disputed, so B; B is paid, so C
    }
    assert days == {1: 60, 2: 33, 6: 6}


def test_credit_age_counts_from_the_issue_of_what_is_open() -> None:
    """Practice K02, D27: the age of credit runs from the sale, not from the due day."""
    known = case(*THREE, paid("2026-03-05", "100.00"))
    assert ledger(known, date(2026, 3, 4)).credit_age() == 62
    assert ledger(known, date(2026, 3, 5)).credit_age() == 32
    undated = case(invoice("A", due="2026-01-31", amount="100.00"))
    assert ledger(undated, date(2026, 3, 5)).credit_age() is None


@pytest.mark.parametrize(("day", "days"), [(30, 0), (31, 0), (32, 1), (33, 2)])
def test_an_invoice_is_chased_from_the_day_after_its_due_day(day: int, days: int) -> None:
    """Practice A30: from the first day after ``due``, not on it."""
    found = ledger(case(*THREE), date(2026, 1, 1) + timedelta(days=day - 1))
    assert found.days_past_due() == days
    assert bool(found.chasable()) is bool(days)


def test_an_invoice_is_not_owed_before_it_is_issued() -> None:
    assert opens(ledger(case(*THREE), date(2026, 2, 28))) == {"A": "100.00", "B": "200.00"}


def test_an_invoice_paid_to_the_last_pound_but_one_asks_for_that_pound() -> None:
    """Lago sums gross amounts: a 99 % paid invoice still counts in full there."""
    found = ledger(case(*THREE, paid("2026-02-03", "99.00")), date(2026, 2, 3))
    assert amounts(found.chasable()) == {"GBP": "1.00"}


def test_credit_of_theirs_is_taken_off_what_is_asked_for() -> None:
    known = case(*THREE, paid("2026-02-03", "190.00", invoice="B"))
    covered = case(*THREE, paid("2026-02-03", "300.00", invoice="B"))
    assert amounts(ledger(known, date(2026, 2, 3)).chasable()) == {"GBP": "100.00"}
    assert amounts(ledger(covered, date(2026, 2, 3)).chasable()) == {}


def test_a_void_takes_an_entry_back_on_every_day_and_a_second_void_restores_it() -> None:
    wrong = text(*THREE, paid("2026-02-03", "100.00"))
    once = voiding(wrong, "payment", 0)
    twice = voiding(once, "void", 0)
    for day in (date(2026, 2, 3), date(2026, 6, 1)):
        assert ledger(read(once), day) == ledger(case(*THREE), day)
        assert ledger(read(twice), day) == ledger(read(wrong), day)


def voiding(source: str, kind: str, nth: int) -> str:
    """Add a void of an entry, long after it."""
    handle = handles(read(source).data)[kind, nth]
    at = f"2026-12-0{1 + source.count('[[void]]')}T10:00:00Z"
    return source + "\n" + entry("void", at=at, entry=handle, why="entered twice")


def arrived(known: Case, kinds: tuple[str, ...], day: date) -> dict[str, Decimal]:
    """Add up the amounts of entries up to a day straight from the file's own tables."""
    total: defaultdict[str, Decimal] = defaultdict(Decimal)
    for kind in kinds:
        for table in known.data.get(kind, []):
            # An invoice without a day of issue has always been there.
            if table.get("on", table.get("issued", date.min)) <= day:
                total[table["currency"]] += Decimal(table["amount"])
    return dict(total)


def without_zero(found: Mapping[str, Decimal]) -> dict[str, Decimal]:
    return {currency: amount for currency, amount in found.items() if amount}


@given(journals(), DAYS)
def test_the_last_cent_is_conserved(entries: list[str], day: date) -> None:
    """Per currency, payments and credits are the allocated part plus the unallocated one."""
    known = case(*entries)
    found = ledger(known, day)
    placed: defaultdict[str, Decimal] = defaultdict(Decimal)
    for receivable in found.receivables:
        placed[receivable.currency] += receivable.paid + receivable.credited
    for currency, amount in found.unallocated.items():
        assert amount > 0
        placed[currency] += amount
    came = arrived(known, ("payment", "credit"), day)
    assert without_zero(placed) == came
    owed = defaultdict(Decimal, arrived(known, ("invoice",), day))
    for currency, amount in came.items():
        owed[currency] -= amount
    assert without_zero(found.balance()) == without_zero(owed)


@given(journals(), DAYS)
def test_no_balance_is_negative_and_no_dispute_is_more_than_what_is_open(
    entries: list[str], day: date
) -> None:
    found = ledger(case(*entries), day)
    for receivable in found.receivables:
        assert 0 <= receivable.disputed <= receivable.open <= receivable.amount, receivable
    assert all(amount > 0 for amount in found.chasable().values())
    for currency, amount in found.chasable().items():
        overdue = sum(r.open for r in found.receivables if r.currency == currency and r.due < day)
        assert amount <= overdue


@given(journals(), DAYS, st.data())
def test_the_order_of_the_file_means_nothing(
    entries: list[str], day: date, data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(entries))
    assert ledger(case(*shuffled), day) == ledger(case(*entries), day)


@given(journals(), DAYS, DAYS)
def test_a_later_day_never_takes_back_what_was_paid(
    entries: list[str], one: date, other: date
) -> None:
    known = case(*entries)
    early, late = ledger(known, min(one, other)), ledger(known, max(one, other))
    then = {receivable.number: receivable for receivable in late.receivables}
    for receivable in early.receivables:
        assert then[receivable.number].open <= receivable.open
        assert then[receivable.number].paid >= receivable.paid
        assert then[receivable.number].credited >= receivable.credited


@given(books(), DAYS)
def test_the_last_cent_is_conserved_through_everything_that_moves_money(
    entries: list[str], day: date
) -> None:
    """Payments less reversals and refunds, plus credits: principal, interest, fees, unallocated."""
    known = book(*entries)
    found = ledger(known, day, LAW)
    placed: defaultdict[str, Decimal] = defaultdict(Decimal)
    for receivable in found.receivables:
        placed[receivable.currency] += receivable.paid + receivable.credited + receivable.interest
        assert 0 <= receivable.disputed <= receivable.open <= receivable.amount, receivable
        assert min(receivable.paid, receivable.credited, receivable.interest) >= 0, receivable
    for currency, amount in found.fees.items():
        placed[currency] += amount
    for currency, amount in found.unallocated.items():
        placed[currency] += amount
    assert without_zero(placed) == came(known, day)


@given(books(), DAYS, st.data())
def test_the_order_of_the_file_means_nothing_to_fees_and_interest_either(
    entries: list[str], day: date, data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(entries))
    assert ledger(book(*shuffled), day, LAW) == ledger(book(*entries), day, LAW)


@given(books(), AMOUNTS, st.data())
def test_a_payment_that_bounces_leaves_what_was_there_without_it(
    entries: list[str], cents: int, data: st.DataObject
) -> None:
    """It counts until the day before, and then nothing of it is left."""
    table = data.draw(st.sampled_from(book(*entries).data["invoice"]))
    keys = {"currency": table["currency"], "invoice": table["number"]}
    if data.draw(st.booleans()):
        del keys["invoice"]
    amount = minor(cents, table["currency"])
    last = entry("payment", on="2026-09-01", amount=amount, ref="the last", **keys)
    nth = sum(other.startswith("[[payment]]") for other in entries)
    name = handle(text(*entries, last, debtor=AGREED), "payment", nth)
    reversed_ = book(*entries, last, entry("reversal", on="2026-09-20", payment=name))
    for day in (date(2026, 9, 20), date(2027, 1, 1)):
        assert ledger(reversed_, day, LAW) == ledger(book(*entries), day, LAW)
    day = date(2026, 9, 19)
    assert ledger(reversed_, day, LAW) == ledger(book(*entries, last), day, LAW)


def test_a_bounced_payment_opens_again_what_it_closed_and_nothing_else() -> None:
    """The money of April stays where it went, although the older invoice is open again."""
    source = text(*THREE, paid("2026-03-05", "100.00"), paid("2026-04-01", "200.00"))
    first = handle(source, "payment", 0)
    known = read(source + entry("reversal", on="2026-04-10", payment=first, why="no funds"))
    before, after = ledger(known, date(2026, 4, 9)), ledger(known, date(2026, 4, 10))
    assert opens(before) == {"A": "0.00", "B": "0.00", "C": "300.00"}
    assert opens(after) == {"A": "100.00", "B": "0.00", "C": "300.00"}
    assert (before.days_past_due(), after.days_past_due()) == (9, 69)


def test_credit_that_waits_is_put_to_what_a_bounced_payment_opens_again() -> None:
    source = text(THREE[1], paid("2026-02-05", "100.00"), paid("2026-02-06", "30.00"))
    first = handle(source, "payment", 0)
    known = read(source + entry("reversal", on="2026-02-10", payment=first))
    assert amounts(ledger(known, date(2026, 2, 9)).unallocated) == {"GBP": "30.00"}
    after = ledger(known, date(2026, 2, 10))
    assert (opens(after), amounts(after.unallocated)) == ({"A": "70.00"}, {})


def test_a_payment_that_bounced_before_it_came_never_counts() -> None:
    source = text(THREE[1], paid("2026-02-05", "100.00"))
    back = entry("reversal", on="2026-02-01", payment=handle(source, "payment"))
    for day in (date(2026, 2, 4), date(2026, 2, 5), date(2026, 3, 1)):
        assert opens(ledger(read(source + back), day)) == {"A": "100.00"}


def test_a_voided_reversal_lets_the_payment_count_again() -> None:
    source = text(*THREE, paid("2026-03-05", "100.00"))
    back = source + entry("reversal", on="2026-03-10", payment=handle(source, "payment"))
    day = date(2026, 4, 1)
    assert ledger(read(voiding(back, "reversal", 0)), day) == ledger(read(source), day)


def test_a_refund_takes_credit_of_theirs_the_oldest_first() -> None:
    known = case(
        THREE[1],
        paid("2026-02-03", "115.00", invoice="A"),
        paid("2026-02-04", "20.00"),
        entry("refund", on="2026-02-10", amount="18.00"),
        invoice("D", due="2026-03-20", amount="50.00", issued="2026-02-20"),
    )
    assert amounts(ledger(known, date(2026, 2, 9)).unallocated) == {"GBP": "35.00"}
    assert amounts(ledger(known, date(2026, 2, 10)).unallocated) == {"GBP": "17.00"}
    assert opens(ledger(known, date(2026, 2, 20))) == {"A": "0.00", "D": "33.00"}


def test_what_was_refunded_beyond_their_credit_is_owed_to_us_and_said() -> None:
    """Overpaid by a cheque, refunded, and then the cheque bounces."""
    source = text(THREE[1], paid("2026-02-03", "150.00"))
    back = entry("reversal", on="2026-02-20", payment=handle(source, "payment"))
    known = read(source + entry("refund", on="2026-02-10", amount="50.00") + back)
    assert ledger(known, date(2026, 2, 19)).problems == ()
    found = ledger(known, date(2026, 2, 20))
    assert opens(found) == {"A": "100.00"}
    assert amounts(found.unallocated) == {"GBP": "-50.00"}
    assert amounts(found.balance()) == {"GBP": "150.00"}
    assert found.problems == ("£50.00 more was refunded than there was credit of theirs",)
    repaid = read(
        source
        + entry("refund", on="2026-02-10", amount="50.00")
        + back
        + paid("2026-03-01", "160.00")
    )
    later = ledger(repaid, date(2026, 3, 1))
    assert (opens(later), amounts(later.unallocated), later.problems) == (
        {"A": "0.00"},
        {"GBP": "10.00"},
        (),
    )


@given(journals(), st.data())
def test_a_void_restores_every_figure(entries: list[str], data: st.DataObject) -> None:
    """A journal with a voided entry is the journal without that entry, on every day."""
    nth = data.draw(st.integers(0, len(entries) - 1))
    kind = entries[nth][2:].partition("]")[0]
    place = sum(other.startswith(f"[[{kind}]]") for other in entries[:nth])
    names = [table["number"] for table in case(*entries).data["invoice"]]
    gone = [*entries[:nth], *entries[nth + 1 :]]
    if kind == "invoice":  # what named it would name nothing
        name = f'invoice = "{names[place]}"'
        gone = [other for other in gone if name not in other]
        entries = [entries[nth], *gone]
        place = 0
    known, restored = read(voiding(text(*entries), kind, place)), case(*gone)
    for day in (START, data.draw(DAYS), date(2027, 1, 1)):
        assert ledger(known, day) == ledger(restored, day)
