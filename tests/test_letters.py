"""What letters say, ask for and refuse, in whole letters and in their figures."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dunctl import money
from dunctl.case.edit import append, to_table
from dunctl.case.records import Letter
from dunctl.errors import Refused
from dunctl.letters import compose, layout, localise, remarks
from dunctl.letters.capitals import capitals
from dunctl.letters.render import make_sheet
from dunctl.letters.sheet import Pairs, Sheet, Sign, Table, as_sms, as_text
from dunctl.letters.sms import MOST, parts
from dunctl.owed.claims import owed
from dunctl.owed.law import NO_LAW
from tests.casefile import policy
from tests.guardcase import calendar
from tests.lettercase import (
    ASSIGNED,
    CAFE,
    DECIDED,
    DISPUTED,
    FACTORED,
    FILES,
    FITTING,
    HEAD_OFFICE,
    LAW,
    NOW,
    PAID,
    PAYS_LATE,
    PLANNED,
    POLICY,
    PRINTER,
    PROMISED,
    STATIONER,
    YUNFAN,
    Approved,
    at,
    fitting,
    letter,
    one,
    sheet,
    shipped,
    values,
    words_of,
)

SNAPSHOTS = Path(__file__).parent / "snapshots" / "letters"
ENGLISH = [name for name in FILES if name.startswith("en/")]
DEMANDS = [name for name in ENGLISH if shipped(name).asks]


def refusal(text: str, name: str = "en/reminder", now: datetime = NOW, **more: Any) -> str:
    with pytest.raises(Refused) as caught:
        letter(text, name, now=now, **more)
    return str(caught.value)


def flat(text: str) -> str:
    return " ".join(text.split())


# Letters, whole. UPDATE_SNAPSHOTS=1 writes them; read each before it is committed.

MORE: Mapping[str, tuple[str, str, Mapping[str, Any]]] = {
    "en-reminder-credit": (
        "en/reminder",
        one() + "[[payment]]\non = 2026-10-01\namount = 150\ninvoice = 'A-0'\n"
        "[[invoice]]\nnumber = 'A-0'\nissued = 2026-08-01\ndue = 2026-09-01\namount = 100\n",
        PRINTER,
    ),
    "en-reminder-before-due": ("en/reminder", one("2026-12-04"), PRINTER),
    "en-final-demand-consumer": (
        "en/final-demand",
        one("2026-11-30", kind="consumer", name="Rosa Diaz"),
        PRINTER,
    ),
    "en-before-action-individual": (
        "en/before-action",
        DECIDED.replace("[terms]", 'kind = "sole_trader"\n[terms]'),
        PRINTER,
    ),
    "en-thank-you-settled": ("en/thank-you", PAID, PRINTER),
    "zh-final-demand": ("zh/final-demand", YUNFAN, STATIONER),
    "zh-reminder": ("zh/reminder", YUNFAN, STATIONER),
    "zh-reminder-consumer": (
        "zh/reminder",
        one(kind="consumer", name="张伟", currency="CNY", zone="Asia/Shanghai"),
        STATIONER,
    ),
    "zh-reminder-public-before-due": (
        "zh/reminder",
        one("2026-12-04", kind="public", name="杭州市第一中学", currency="CNY"),
        STATIONER,
    ),
}
"""Letters beside those of each English template for its fitting case, in each of its forms."""


def approved() -> dict[str, Approved]:
    found = {
        name: Approved(kind, "letter", partial(sheet, text, kind, creditor=ours))
        for name, (kind, text, ours) in MORE.items()
    }
    for name in ENGLISH:
        for form in shipped(name).forms:
            stem = name.replace("/", "-") + ("" if form == "letter" else f"-{form}")
            write = partial(fitting, name.partition("/")[2], "en", form)
            found[stem] = Approved(name, form, write)
    return found


SHEETS = approved()


@cache
def written(name: str) -> Sheet:
    return SHEETS[name].write()


@pytest.mark.parametrize("name", SHEETS)
def test_the_letters_read_as_they_were_approved(name: str) -> None:
    seen = as_text(written(name))
    file = SNAPSHOTS / f"{name}.txt"
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(seen, encoding="utf-8", newline="\n")
    assert seen == file.read_text(encoding="utf-8")


def test_there_is_no_approved_letter_that_nobody_writes() -> None:
    assert {file.stem for file in SNAPSHOTS.glob("en-*")} == {n for n in SHEETS if n[:2] == "en"}


def test_every_letter_of_the_policy_is_there() -> None:
    names = {stage.letter for stage in POLICY.stages.values() if stage.letter}
    assert names <= {name.partition("/")[2] for name in ENGLISH}


@pytest.mark.parametrize("name", SHEETS)
def test_a_letter_is_finished_text(name: str) -> None:
    seen = as_text(written(name))
    lines = seen.split("\n")
    assert all(line == line.rstrip() for line in lines)
    assert all(layout.width(line) <= layout.PAPER for line in lines) or SHEETS[name].form == "sms"
    assert "\n\n\n" not in seen
    assert seen == seen.strip("\n") + "\n"
    assert not re.search("[\u00a0\u202f\u200e\u200f\x00-\x08{}\t\r]", seen)


THREATS = (
    "sue|solicitor|agency|credit record|consequence|police|bailiff|blacklist|publish|enforce|"
    "unfortunately|ignore|refuse|fail"
)


@pytest.mark.parametrize("name", ENGLISH)
def test_no_letter_threatens_or_blames(name: str) -> None:
    text = FILES[name].read_text(encoding="utf-8")
    assert not re.search(rf"\b({THREATS})", text, re.IGNORECASE)
    legal = re.search(r"\b(court|legal|lawyer|proceedings)\b", text.split("+++")[2])
    assert bool(legal) is (name == "en/before-action")


@pytest.mark.parametrize("name", [n for n in SHEETS if SHEETS[n].form == "letter"])
def test_every_letter_says_who_writes_and_how_to_answer(name: str) -> None:
    seen = written(name)
    ours = STATIONER if seen.language == "zh" else PRINTER
    text = as_text(seen)
    for word in (ours["name"], ours["contact"], ours["role"], ours["phone"], ours["email"]):
        assert word in text


@pytest.mark.parametrize("name", [n for n in SHEETS if n[:2] == "en" and n[3:9] != "assign"])
def test_every_demand_has_sum_day_account_reference_and_what_to_do_otherwise(name: str) -> None:
    seen = written(name)
    if not shipped(f"en/{seen.template}").asks:
        return
    text = flat(as_text(seen))
    assert re.search(r"\d \w+ 2026", text)
    assert re.search(r"£[\d,]+\.\d\d", text)
    assert re.search(r"Reference \S|reference \S", text)
    assert re.search(r"(have|has) (already )?(paid|arranged)", text)
    assert re.search(r"dispute|not right|disagree|Questions", text)
    if seen.form != "sms":
        assert "GB33 BUKB 2020 1555 5555 55" in text


@pytest.mark.parametrize("name", [n for n in SHEETS if SHEETS[n].form == "sms"])
def test_a_text_message_is_short(name: str) -> None:
    text = as_sms(written(name))
    assert parts(text).number <= MOST
    assert "\n" not in text


def test_a_call_back_message_has_a_name_and_a_number_and_nothing_else() -> None:
    assert as_sms(written("en-call-back-sms")) == (
        "This is Anna Ward, +44 117 496 0101. Please call back."
    )


def test_an_email_has_no_window_and_ends_with_who_wrote_it() -> None:
    seen = as_text(written("en-courtesy-email"))
    assert seen.startswith("Dear Sir or Madam,\n")
    assert seen.endswith("E-mail: accounts@thornbury.example\n")


# Figures: each total is the sum of its rows, and what is owed.


def shown(text: str) -> Decimal:
    return Decimal(text.replace(",", "") or "0")


def tables(seen: Sheet, title: str) -> list[Table]:
    return [b for b in seen.blocks if isinstance(b, Table) and b.title.startswith(title)]


def total(table: Table) -> Decimal:
    """Return the last sum of a table, after proving that its rows and other sums come to it."""
    last = sum(shown(row[-1]) for row in table.rows)
    less = sum(shown(amount) for label, amount in table.feet[:-1] if label != "Sum")
    found = shown(table.feet[-1][1])
    assert last + less == found, table
    return found


def claimed(text: str, name: str, **more: Any) -> dict[str, Decimal]:
    """Return what a letter asks for by currency, from the rows of its tables."""
    seen = sheet(text, name, **more)
    return {table.title[-3:]: total(table) for table in tables(seen, "Amounts in")}


@pytest.mark.parametrize("name", DEMANDS)
def test_the_total_is_the_sum_of_the_rows_and_what_is_recorded(name: str) -> None:
    text, creditor, rules, law = FITTING[name.partition("/")[2]]
    context = values(text, name, creditor=creditor, rules=rules, law=law)
    seen = make_sheet(shipped(name), words_of("en"), context)
    totals = [total(table) for table in tables(seen, "Amounts in")]
    figures = compose.figures(context)
    assert totals
    assert figures.get("amount") == (totals[0] if len(totals) == 1 else None)
    for one_total in totals:
        assert f"{one_total:,.2f}" in context["total"]


@pytest.mark.parametrize("kind", ["Interest in", "Fees in"])
def test_interest_and_fees_in_the_total_are_those_of_their_tables(kind: str) -> None:
    seen = sheet(PAYS_LATE, "en/interest-notice")
    (details,), (asked,) = tables(seen, kind), tables(seen, "Amounts in")
    row = next(row for row in asked.rows if row[0] == kind.split(maxsplit=1)[0])
    assert shown(row[-1]) == shown(details.feet[-1][1]) > 0


def test_the_computation_of_interest_adds_up() -> None:
    (table,) = tables(sheet(PAYS_LATE, "en/interest-notice"), "Interest in")
    exact: dict[str, Decimal] = {}
    for number, _, _, days, on, rate, interest in table.rows:
        amount = shown(on) * shown(rate.rstrip("%")) * int(days) / 36500
        assert abs(amount - shown(interest)) < Decimal("0.00005")
        exact[number] = exact.get(number, Decimal(0)) + amount
    *parts_, (_, last) = table.feet
    assert [shown(amount) for _, amount in parts_] == [
        money.quantize(amount, "GBP") for amount in exact.values()
    ]
    assert shown(last) == sum(shown(amount) for _, amount in parts_)


def recorded(text: str, name: str, **more: Any) -> str:
    """Return the case with the entry of the letter, as the command writes it."""
    figures = compose.figures(values(text, name, **more))
    entry = Letter(NOW, name.partition("/")[2])._replace(**figures)
    return append(text, [("letter", to_table(entry))])


@pytest.mark.parametrize("name", ["en/interest-notice", "en/before-action"])
def test_a_letter_that_claims_interest_makes_it_owed_to_the_cent(name: str) -> None:
    asked = claimed(DECIDED, name)
    before, after = (
        owed(at(text).case, NOW.date(), LAW).totals["GBP"]
        for text in (DECIDED, recorded(DECIDED, name))
    )
    due = after.principal - 900  # not yet due
    assert before.claimed == 0
    assert asked == {"GBP": due + after.claimed + after.fees - after.unallocated}
    assert after.claimed > 0
    assert values(DECIDED, name)["figures"]["interest"] == after.claimed
    assert values(DECIDED, name)["figures"]["fees"] == after.fees == 70


def test_interest_that_nobody_claimed_is_in_no_other_letter() -> None:
    assert claimed(PAYS_LATE, "en/final-demand") == {"GBP": Decimal("3520.00")}
    text = flat(letter(PAYS_LATE, "en/final-demand"))
    assert "Interest runs on late payment (Late Payment of Commercial Debts" in text
    assert "It is not part of this sum." in text
    after = recorded(PAYS_LATE, "en/interest-notice")
    later = datetime(2026, 12, 9, 9, 0, tzinfo=UTC)
    whole = owed(at(after, later).case, later.date(), LAW).totals["GBP"]
    assert claimed(after, "en/final-demand", now=later) == {
        "GBP": whole.principal - 900 + whole.claimed + whole.fees
    }
    assert "The sum includes interest that we have claimed" in letter(
        after, "en/final-demand", now=later
    )
    assert "interest" not in compose.figures(values(after, "en/final-demand", now=later))


def test_nobody_in_difficulty_is_told_of_interest_that_is_not_claimed() -> None:
    text = PAYS_LATE.replace("[debtor]", 'reason = "hardship_long.business_decline"\n[debtor]')
    assert "Interest runs" not in letter(text, "en/final-demand")
    assert "interest is usually not claimed" in " ".join(
        remarks.warnings(at(text), shipped("en/interest-notice"))
    )


def test_without_clause_and_statute_there_is_no_interest_notice() -> None:
    assert "no interest: " in refusal(one(), "en/interest-notice", law=NO_LAW)
    assert "owes no interest: no interest-notice" in refusal(PAID, "en/interest-notice")


def test_a_letter_before_action_without_interest_claims_none() -> None:
    decided = one() + "[[document]]\non = 2026-11-30\nkind = 'decision'\n"
    assert "nterest" not in letter(decided, "en/before-action", law=NO_LAW)


def test_currencies_are_never_added() -> None:
    assert claimed(CAFE, "en/reminder") == {"GBP": Decimal("5190.50"), "EUR": Decimal("300.00")}
    found = values(CAFE)
    assert found["total"] == "£5,190.50 and €300.00"
    figures = compose.figures(found)
    assert (figures["deadline"], figures["whom"]) == (date(2026, 12, 4), "Jane Smith")
    assert "amount" not in figures
    assert [str(one.amount) for one in figures["sums"]] == ["5190.50", "300.00"]


def test_a_letter_can_be_about_one_currency() -> None:
    assert claimed(CAFE, "en/reminder", currency="EUR") == {"EUR": Decimal("300.00")}
    assert "2026-0412" not in letter(CAFE, currency="EUR")
    assert refusal(CAFE, currency="USD") == (
        "Harbour Café Ltd owes nothing that is overdue or due within 7 working days in USD: "
        "no reminder"
    )


def test_interest_is_claimed_in_one_currency_at_a_time() -> None:
    said = refusal(CAFE, "en/interest-notice")
    assert said.endswith("one for each of GBP, EUR, with --currency")
    found = compose.figures(values(CAFE, "en/interest-notice", currency="GBP"))
    assert found["interest"] > 0
    assert found["amount"] == Decimal("5190.50") + found["interest"]


def test_what_is_recorded_fits_the_record() -> None:
    found = compose.figures(values(one(kind="consumer")))
    assert found == {
        "deadline": date(2026, 12, 4),
        "whom": None,
        "amount": Decimal("1200.00"),
        "currency": None,
    }
    assert Letter(NOW, "reminder", **found).amount == Decimal("1200.00")


@pytest.mark.parametrize(
    "name", ["thank-you", "reconciliation", "promise-confirmation", "instalment-offer", "call-back"]
)
def test_a_letter_that_asks_for_nothing_records_no_sum(name: str) -> None:
    text, creditor, rules, law = FITTING[name]
    found = values(text, f"en/{name}", creditor=creditor, rules=rules, law=law)
    assert "amount" not in compose.figures(found)


def test_a_currency_that_is_not_the_case_s_own_is_recorded() -> None:
    text = one().replace("amount = 1200", 'amount = 1200\ncurrency = "USD"')
    assert compose.figures(values(text))["currency"] == "USD"


CURRENCIES = ("GBP", "JPY", "KWD", "RSD")
entries = st.lists(
    st.tuples(
        st.sampled_from(["invoice", "invoice", "payment", "credit", "dispute", "fee"]),
        st.sampled_from(CURRENCIES),
        st.integers(1, 400_000),
        st.integers(0, 120),
    ),
    min_size=1,
    max_size=12,
)


def book(drawn: list[tuple[str, str, int, int]]) -> str:
    """Write a case of drawn entries: kind, currency, smallest coins, days ago."""
    found = ["format = 1\ncurrency = 'GBP'\n[debtor]\nname = 'Acme'\ncountry = 'GB'\n"]
    for nth, (kind, currency, units, ago) in enumerate(drawn):
        amount = Decimal(units).scaleb(-money.exponent(currency))
        day = date(2026, 12, 1) - timedelta(days=ago)
        when = {
            "invoice": f"number = 'R{nth}'\nissued = {day - timedelta(days=30)}\ndue = {day}",
            "payment": f"on = {day}",
            "credit": f"on = {day}",
            "dispute": f"at = {day}T10:00:00+00:00",
            "fee": f"on = {day}\nbasis = 'clause {nth}'",
        }[kind]
        found.append(f"[[{kind}]]\n{when}\namount = {amount}\ncurrency = '{currency}'\n")
    return "\n".join(found)


@given(entries)
def test_each_total_is_the_sum_of_its_rows_and_what_is_owed(
    drawn: list[tuple[str, str, int, int]],
) -> None:
    text = book(drawn)
    here = at(text)
    try:
        found = claimed(text, "en/reminder")
    except Refused:
        late = {r.currency: Decimal(0) for r in here.ledger.receivables}
        for r in here.ledger.receivables:
            late[r.currency] += r.undisputed if r.due < here.today + timedelta(days=11) else 0
        assert all(late[c] <= here.ledger.unallocated.get(c, 0) for c in late) or not late
        assume(False)
    if not values(text)["overdue"]:
        return
    book_ = owed(here.case, here.today, LAW)
    fees = {code: one_total.fees for code, one_total in book_.totals.items()}
    asked = {r.currency: Decimal(0) for r in here.ledger.receivables} | dict.fromkeys(fees, 0)
    for r in here.ledger.overdue():
        asked[r.currency] += r.undisputed
    for currency in asked:
        asked[currency] += fees.get(currency, Decimal(0))
        asked[currency] -= here.ledger.unallocated.get(currency, Decimal(0)) * bool(asked[currency])
    assert found == {currency: amount for currency, amount in asked.items() if amount > 0}
    for currency, amount in found.items():
        assert money.fits(amount, currency)


@given(entries)
def test_the_account_in_a_letter_adds_up(drawn: list[tuple[str, str, int, int]]) -> None:
    text = book(drawn)
    try:
        seen = sheet(text, "en/reconciliation")
    except Refused:
        assume(False)
    for table in tables(seen, "Account in"):
        balance = Decimal(0)
        for row in table.rows:
            balance += shown(row[-2])
            assert balance == shown(row[-1])
        assert balance == shown(table.feet[0][1])


def test_the_account_begins_after_the_balance_that_was_acknowledged() -> None:
    text = PAYS_LATE + "[[acknowledgement]]\non = 2026-09-30\namount = 3450.00\n"
    (table,) = tables(sheet(text, "en/reconciliation"), "Account in GBP")
    assert table.rows[0] == ("1\u00a0Oct\u00a02026", "Opening balance", "", "3,450.00")
    assert len(table.rows) == 3


@pytest.mark.parametrize("name", ["en/assignment", "en/contract-end"])
def test_the_open_items_are_the_whole_account(name: str) -> None:
    seen = sheet(ASSIGNED, name, creditor=FACTORED)
    whole = owed(at(ASSIGNED).case, NOW.date(), LAW).totals["GBP"]
    assert [total(table) for table in tables(seen, "Amounts in")] == [whole.principal + whole.fees]


def test_an_assignment_says_where_to_pay_now_and_not_where_before() -> None:
    text = letter(ASSIGNED, "en/assignment", creditor=FACTORED)
    assert "GB65 EXMP 0000 0000 1234 56" in text
    assert "GB33" not in text
    assert sheet(ASSIGNED, "en/assignment", creditor=FACTORED).qr is None


def test_a_payment_code_is_for_what_is_asked() -> None:
    euro = one(currency="EUR")
    ours = {**PRINTER, "bank": {"iban": "DE89370400440532013000", "bic": "COBADEFFXXX"}}
    code = sheet(euro, creditor=ours).qr
    assert code is not None
    assert {"EUR1200.00", "DE89370400440532013000", "A-1"} <= set(code.split("\n"))
    assert sheet(PAID.replace("GBP", "EUR"), "en/thank-you", creditor=ours).qr is None


# Days.


@pytest.mark.parametrize(
    ("name", "text", "day", "said"),
    [
        ("en/reminder", CAFE, date(2026, 12, 4), "4 December 2026"),
        ("en/courtesy", CAFE, date(2026, 12, 4), "4 December 2026"),
        ("en/final-demand", CAFE, date(2026, 12, 8), "8 December 2026"),
        ("en/reconciliation", CAFE, date(2026, 12, 15), "15 December 2026"),
        ("en/before-action", DECIDED, date(2026, 12, 15), "15 December 2026"),
        (
            "en/before-action",
            DECIDED.replace("[terms]", 'kind = "consumer"\n[terms]'),
            date(2026, 12, 31),
            "31 December 2026",
        ),
        (
            "en/before-action",
            DECIDED.replace("[terms]", 'kind = "sole_trader"\n[terms]'),
            date(2026, 12, 31),
            "31 December 2026",
        ),
    ],
)
def test_the_deadline_is_computed(name: str, text: str, day: date, said: str) -> None:
    assert values(text, name)["figures"]["deadline"] == day
    assert said in flat(letter(text, name))


@pytest.mark.parametrize(
    ("name", "written", "day"),
    [
        ("en/reminder", "2026-11-25", date(2026, 11, 30)),
        ("en/final-demand", "2026-12-18", date(2026, 12, 29)),
        ("en/reconciliation", "2026-12-18", date(2027, 1, 4)),
        ("en/reminder", "2026-11-24", date(2026, 11, 27)),
    ],
)
def test_a_day_that_a_letter_sets_is_a_working_day_there(
    name: str, written: str, day: date
) -> None:
    now = datetime.fromisoformat(f"{written}T10:00:00+00:00")
    where = at(CAFE, now)._replace(calendar=calendar("GB", "GB-ENG"))
    found = compose.context(where, LAW, PRINTER, shipped(name), words_of("en"))
    assert found["figures"]["deadline"] == day


def test_nobody_takes_over_on_a_day_off() -> None:
    friday = datetime(2026, 12, 18, 10, tzinfo=UTC)
    late = letter(CAFE, "en/hand-over", now=friday, rules=HEAD_OFFICE)
    assert "our head office on 28 December 2026" in flat(late)


def test_the_policy_sets_the_days() -> None:
    rules = policy("[letter]\ndeadline_days = 10\nremind_ahead = [2]\n")
    assert values(CAFE, rules=rules)["figures"]["deadline"] == date(2026, 12, 11)
    assert "due within 2 working days" in refusal(one("2026-12-04"), "en/upcoming", rules=rules)


def test_before_the_due_day_the_deadline_is_the_due_day() -> None:
    for name in ("en/reminder", "en/upcoming"):
        found = values(one("2026-12-10"), name)
        assert found["figures"]["deadline"] == date(2026, 12, 10)
        assert not found["overdue"]
        assert found["days_past_due"] == 0
        assert found["due_in"].replace("\u00a0", " ") == "9 days"


def test_on_the_due_day_it_is_due_today_and_nothing_is_late() -> None:
    assert "is due today" in letter(one("2026-12-01"), "en/upcoming")
    assert "in 1 day." in flat(letter(one("2026-12-02"), "en/upcoming"))


def test_a_notice_before_due_is_about_what_is_due_and_not_about_what_is_late() -> None:
    text = (
        one() + "[[invoice]]\nnumber = 'A-2'\nissued = 2026-11-08\ndue = 2026-12-08\namount = 9\n"
    )
    seen = letter(text, "en/upcoming")
    assert "A-2" in seen
    assert "A-1" not in seen


def test_thanks_for_the_last_payment_only_if_it_was_lately() -> None:
    for day, thanked in (("2026-11-02", True), ("2026-10-20", False)):
        text = one("2026-12-08") + f"[[payment]]\non = {day}\namount = 80\n"
        assert ("Thank you for your payment" in letter(text, "en/upcoming")) is thanked


def test_a_hand_over_comes_after_the_deadline_and_not_before_its_stage() -> None:
    late = letter(CAFE, "en/hand-over", rules=HEAD_OFFICE)
    assert "our head office on 9 December 2026" in flat(late)
    early = flat(letter(one("2026-11-20"), "en/hand-over", rules=HEAD_OFFICE))
    assert "on 21 December 2026" in early


def test_what_is_not_due_yet_is_not_in_a_demand() -> None:
    for name in ("en/final-demand", "en/reminder", "en/courtesy"):
        assert "2026-0502" not in letter(CAFE, name)


def test_disputed_parts_stand_apart() -> None:
    text = CAFE + "[[dispute]]\nat = 2026-11-01T09:00:00+00:00\namount = 300\ncurrency = 'EUR'\n"
    seen = sheet(text)
    contested = next(b for b in seen.blocks if isinstance(b, Pairs))
    assert [label for label, _ in contested.rows] == ["Invoice 2026-0455", "Invoice E-17"]
    assert [table.title for table in tables(seen, "Amounts in")] == ["Amounts in GBP"]
    assert "not part of this request" in flat(as_text(seen))


def test_the_answer_to_a_dispute_asks_for_the_rest_and_names_no_private_paper() -> None:
    seen = flat(letter(DISPUTED, "en/dispute-answer"))
    assert "Please pay £1,700.00" in seen
    assert "Delivery note DN 771" in seen
    assert "in the safe" not in seen


def test_a_wholly_disputed_case_is_answered_and_not_asked() -> None:
    text = one() + "[[dispute]]\nat=2026-11-29T10:00:00+00:00\namount=1200\nabout='price'\n"
    seen = flat(letter(text, "en/dispute-answer"))
    assert "It is about the price." in seen
    assert "Please pay" not in seen


def test_a_plan_is_written_out_while_it_holds_the_case() -> None:
    seen = sheet(PLANNED, "en/instalment-offer")
    (table,) = tables(seen, "Instalments in")
    assert [row[2] for row in table.rows] == ["400.00", "400.00", "400.00"]
    assert sum(shown(row[-1]) for row in table.rows) == shown(table.feet[0][1]) == 800
    assert any(isinstance(block, Sign) for block in seen.blocks)


def test_an_open_offer_to_settle_is_repeated() -> None:
    offer = "[[settlement]]\nat = 2026-11-30T10:00:00+00:00\namount = 900\nuntil = 2026-12-20\n"
    assert "if £900.00 has reached us by 20 December 2026" in flat(
        letter(one() + offer, "en/final-demand")
    )
    pending = offer + 'pending = "discount"\n'
    assert "900.00" not in letter(one() + pending, "en/final-demand")


# Promises and earlier letters: only what is true, and about these invoices.


def promise(made: str, due: str, extra: str = "") -> str:
    return f"[[promise]]\nat = {made}T10:00:00+00:00\namount = 500\ndue = {due}\n{extra}"


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (promise("2026-11-05", "2026-11-12"), "It has not arrived."),
        (
            promise("2026-11-05", "2026-11-12") + "[[payment]]\non=2026-11-13\namount=100\n",
            "Of that, £100.00 has arrived.",
        ),
        (promise("2026-11-05", "2026-11-12") + "[[payment]]\non=2026-11-20\namount=500\n", ""),
        (promise("2026-11-05", "2026-11-12") + "[[payment]]\non=2026-11-12\namount=500\n", ""),
        (promise("2026-11-05", "2026-12-12"), ""),
        (promise("2026-09-05", "2026-09-12"), ""),
        (promise("2026-11-05", "2026-11-12", "currency = 'EUR'\n"), ""),
    ],
    ids=["broken", "in part", "late", "kept", "open", "before these invoices", "other currency"],
)
def test_a_promise_is_held_against_them_only_if_money_is_missing(entry: str, said: str) -> None:
    seen = flat(letter(one() + entry, "en/final-demand"))
    assert (
        ("you promised £500.00 for 12 November 2026. " + said in seen)
        if said
        else ("promised" not in seen)
    )


def test_letters_before_these_invoices_and_of_today_are_not_counted() -> None:
    stamps = ("2026-09-01", "2026-11-02", "2026-11-20", "2026-12-01")
    text = one() + "".join(
        f"[[letter]]\nat = {day}T08:00:00+00:00\ntemplate = 'reminder'\n" for day in stamps
    )
    assert (
        localise.listing(["2\u00a0November\u00a02026", "20\u00a0November\u00a02026"], "en")
        == (values(text)["letters"])
    )


# Whom to.


@pytest.mark.parametrize(
    ("name", "size", "people", "whom"),
    [
        ("en/reminder", "large", {"Ann": "owner", "Bob": "finance"}, "Bob"),
        ("en/reminder", "small", {"Ann": "owner", "Bob": "finance"}, "Ann"),
        ("en/final-demand", "large", {"Ann": "owner", "Bob": "finance"}, "Ann"),
        ("en/final-demand", "large", {"Bob": "finance"}, "Bob"),
        ("en/reminder", "large", {"Cyd": "reception", "Dee": "other", "Eve": "guarantor"}, None),
        ("en/reminder", "large", {"Flo": "lawyer", "Bob": "finance"}, "Bob"),
    ],
)
def test_the_addressee(name: str, size: str, people: dict[str, str], whom: str | None) -> None:
    text = one().replace("[[invoice]]", f'size = "{size}"\n[[invoice]]')
    text += "".join(f"[[person]]\nname = '{n}'\nrole = '{role}'\n" for n, role in people.items())
    assert values(text, name)["figures"]["whom"] == whom
    assert (f"Dear {whom}," if whom else "Dear Sir or Madam,") in letter(text, name)


def test_a_consumer_is_written_to_alone() -> None:
    text = one(kind="consumer", name="Rosa Diaz") + "[[person]]\nname = 'Ann'\nrole = 'owner'\n"
    seen = letter(text)
    assert "Dear Rosa Diaz," in seen
    assert "Ann\n" not in seen


# What may not go out.


@pytest.mark.parametrize(
    ("text", "name", "why"),
    [
        (one("2026-12-11"), "en/reminder", "due within 7 working days: no reminder"),
        (one("2026-12-02"), "en/final-demand", "nothing that is overdue: no final-demand"),
        (one() + "[[payment]]\non = 2026-11-30\namount = 1200\n", "en/reminder", "owes nothing"),
        (
            one() + "[[invoice]]\nnumber='B'\nissued=2026-01-01\ndue=2026-01-31\namount=2000\n"
            "[[payment]]\non=2026-02-01\namount=4000\ninvoice='B'\n",
            "en/reminder",
            "credit that is not allocated covers everything",
        ),
        (
            one() + "[[dispute]]\nat=2026-11-29T10:00:00+00:00\namount=1200\n",
            "en/reminder",
            "acme: everything open is disputed: no letter",
        ),
        (
            one() + "[[plan]]\nat=2026-11-29T10:00:00+00:00\n"
            "instalments=[{due=2026-12-15,amount=600},{due=2027-01-15,amount=600}]\n",
            "en/reminder",
            "acme: a plan is up to date, £600.00 is due Tue 15 Dec: no letter",
        ),
        (
            one() + "[[step]]\nat=2026-11-29T10:00:00+00:00\nto='closed'\n",
            "en/reminder",
            "acme is closed: no letter",
        ),
    ],
    ids=["not due", "not overdue", "paid", "credit", "disputed", "plan", "closed"],
)
def test_where_nothing_may_be_asked_for_there_is_no_letter(text: str, name: str, why: str) -> None:
    assert why in refusal(text, name)


QUIET = {
    *("thank-you", "reconciliation", "promise-confirmation", "instalment-offer"),
    *("dispute-answer", "assignment"),
}
"""Letters that confirm, answer or thank: a dispute, a plan or a pause is no reason against them."""


@pytest.mark.parametrize("name", FITTING)
@pytest.mark.parametrize(
    "kind", ["represented", "insolvent", "deceased", "stop_contact", "fraud", "agency", "dispute"]
)
def test_a_case_on_hold_gets_no_letter(kind: str, name: str) -> None:
    text, creditor, rules, law = FITTING[name]
    hold = f"[[hold]]\nat = 2026-11-29T10:00:00+00:00\nkind = '{kind}'\nwhy = 'their letter'\n"
    more: dict[str, Any] = {"creditor": creditor, "rules": rules, "law": law}
    ended = f"[[release]]\nat = 2026-11-30T10:00:00+00:00\nwhat = '{kind}'\n"
    if (kind, name) != ("dispute", "dispute-answer"):
        assert letter(text + hold + ended, f"en/{name}", **more)
    if kind == "dispute" and name in QUIET:
        assert letter(text + hold, f"en/{name}", **more)
        return
    said = refusal(text + hold, f"en/{name}", **more)
    assert said.startswith("acme: on hold: ")
    assert "(their letter): no letter while that stands" in said


@pytest.mark.parametrize("name", FITTING)
def test_a_closed_case_is_asked_for_nothing(name: str) -> None:
    text, creditor, rules, law = FITTING[name]
    closed = text + "[[step]]\nat=2026-11-29T10:00:00+00:00\nto='closed'\nwhy='x'\n"
    more: dict[str, Any] = {"creditor": creditor, "rules": rules, "law": law}
    if name in QUIET:
        assert letter(closed, f"en/{name}", **more)
    else:
        assert refusal(closed, f"en/{name}", **more) == "acme is closed: no letter"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("promise-confirmation", one(), "acme has no open promise: no promise-confirmation"),
        ("broken-promise", PROMISED, "acme has no broken promise about what is overdue: no "),
        ("instalment-offer", one(), "acme has no plan of instalments in force (dunctl plan acme"),
        ("dispute-answer", one(), "nothing of acme is in dispute: no dispute-answer"),
        ("thank-you", one(), "no payment of acme has arrived: no thank-you"),
        ("reconciliation", "format = 1\ncurrency = 'GBP'\n[debtor]\nname = 'A'\n",
         "nothing moved on the account of acme: no reconciliation"),
        ("supply-stop", one(), "acme has no clause that lets us stop supply (dunctl set acme te"),
        ("supply-stop", PAYS_LATE.replace("stopped = 2026-12-07", ""),
         "no stop of supply is decided in acme (dunctl set acme supply.stopped DAY): no supply"),
        ("hand-over", one(), "policy test names nobody who takes over (next_unit under [lette"),
        ("before-action", PAYS_LATE, "going to court is not decided in acme (dunctl document ac"),
        ("assignment", PAYS_LATE, "acme has no document of kind assignment, or dunctl.toml no"),
        ("assignment", ASSIGNED, "acme has no document of kind assignment, or dunctl.toml no"),
        ("contract-end", one(), "acme does not say when its contract ends (dunctl set acme ter"),
        ("courtesy", PAID, "Bell & Sons owes nothing that is overdue: no courtesy"),
        ("upcoming", one(), "Bell & Sons owes nothing that is due within 7 working days: no "),
    ],
)  # fmt: skip
def test_what_a_letter_needs_and_is_not_there_is_said_in_one_sentence(
    name: str, text: str, said: str
) -> None:
    seen = refusal(text, f"en/{name}")
    assert seen.startswith(said)
    assert seen.endswith(f": no {name}")
    assert "\n" not in seen


def test_going_to_court_is_decided_by_a_paper_or_by_the_step() -> None:
    step = "[[step]]\nat = 2026-11-30T10:00:00+00:00\nto = 'legal'\nwhy = 'decided'\n"
    assert "On 30 November 2026 we decided" in flat(letter(PAYS_LATE + step, "en/before-action"))
    assert "On 27 November 2026 we decided" in flat(letter(DECIDED, "en/before-action"))


def test_the_protocol_is_for_individuals_in_england_and_wales() -> None:
    def enclosed(kind: str, place: str) -> bool:
        facts = f'kind = "{kind}"\n[terms]'
        text = DECIDED.replace("[terms]", facts).replace("GB-ENG", place)
        told = remarks.warnings(at(text), shipped("en/before-action"))
        seen = "Pre-Action Protocol" in letter(text, "en/before-action")
        assert seen is any("information sheet" in sentence for sentence in told)
        return seen

    assert enclosed("sole_trader", "GB-ENG")
    assert enclosed("consumer", "GB-WLS")
    assert not enclosed("company", "GB-ENG")
    assert not enclosed("consumer", "GB-SCT")


def test_a_pause_says_when_it_ends() -> None:
    hold = "[[hold]]\nat=2026-11-29T10:00:00+00:00\nkind='pause'\nuntil=2026-12-04\n"
    assert refusal(one() + hold) == "acme: on hold: paused: no letter before Sat 5 Dec"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"payment_url": "http://pay.example"}, "payment_url under [creditor] must begin with"),
        ({"bank": {"iban": "GB33BUKB20201555555556"}}, "is mistyped: GB33BUKB20201555555556"),
        ({"bank": {"iban": "Barclays 2020"}}, "is mistyped"),
        ({"bank": "Barclays 2020"}, "a table [creditor.bank]"),
    ],
)
def test_money_is_not_sent_astray(change: dict[str, Any], why: str) -> None:
    with pytest.raises(Refused, match=re.escape(why)):
        values(one(), creditor={**PRINTER, **change})


# What to think of.


def test_a_letter_that_asks_for_more_than_was_offered_is_a_warning() -> None:
    offer = "[[settlement]]\nat = 2026-11-30T09:00:00Z\namount = 900\nuntil = 2026-12-11\n"
    told = remarks.warnings(at(one() + offer), shipped("en/courtesy"))
    assert (
        "acme: £900.00 would do until Fri 11 Dec (settlement): "
        "the letter asks for the whole nevertheless"
    ) in told


@pytest.mark.parametrize(
    ("bank", "told"), [({"holder": "X", "number": "7"}, True), ({"account": "7"}, False)]
)
def test_a_bank_without_an_account_is_a_warning(bank: dict[str, str], told: bool) -> None:
    said = remarks.missing({**PRINTER, "bank": bank})
    assert any("neither iban nor account under [creditor.bank]" in one for one in said) is told


def test_a_demand_before_its_stage_is_a_warning() -> None:
    assert remarks.warnings(at(CAFE), shipped("en/final-demand")) == []
    early = remarks.warnings(at(one()), shipped("en/final-demand"))
    assert early[0] == (
        "acme is at stage upcoming; final-demand is written for final, formal, prelegal: "
        "dunctl escalate acme first"
    )
    assert early[1] == "acme has no address: add it under [debtor]"
    assert letter(one(), "en/final-demand")


def test_a_promise_that_is_running_is_a_warning() -> None:
    text = CAFE + promise("2026-11-30", "2026-12-03")
    assert remarks.warnings(at(text), shipped("en/final-demand")) == [
        "£500.00 is promised for Thu 3 Dec: the letter asks for the whole nevertheless"
    ]


def test_a_debt_that_may_be_time_barred_is_a_warning() -> None:
    old = PAYS_LATE.replace("2026-05-11", "2019-05-11").replace("2026-06-10", "2019-06-10")
    for name in ("final-demand", "reconciliation"):
        told = remarks.warnings(at(old), shipped(f"en/{name}"), law=LAW)
        assert any("2026-0311 may be time-barred: ask a lawyer" in one for one in told)
    assert not any(
        "barred" in s for s in remarks.warnings(at(old), shipped("en/call-back"), law=LAW)
    )
    today = remarks.warnings(at(PAYS_LATE), shipped("en/final-demand"), law=LAW)
    assert not any("barred" in one for one in today)


def test_somebody_who_stands_for_the_debtor_is_a_warning() -> None:
    text = CAFE + "[[person]]\nname = 'Flo Field'\nrole = 'lawyer'\n"
    assert remarks.warnings(at(text), shipped("en/final-demand")) == [
        "Flo Field stands for the debtor: write to them?"
    ]


# Languages.


@pytest.mark.parametrize(
    ("value", "currency", "english", "chinese"),
    [
        ("2000", "GBP", "£2,000.00", "2,000.00英镑"),
        ("128000.5", "CNY", "CN¥128,000.50", "人民币128,000.50元"),
        ("1234567", "JPY", "JP¥1,234,567", "1,234,567日元"),
        ("7.5", "CHF", "CHF 7.50", "7.50瑞士法郎"),
        ("7.505", "KWD", "KWD 7.505", "7.505科威特第纳尔"),
        ("100.50", "RSD", "RSD 100.50", "100.50塞尔维亚第纳尔"),
        ("9999999999999.99", "USD", "US$9,999,999,999,999.99", "9,999,999,999,999.99美元"),
    ],
)
def test_amounts_have_all_their_digits(
    value: str, currency: str, english: str, chinese: str
) -> None:
    amount = Decimal(value)
    assert localise.amount(amount, currency, "en").replace("\u00a0", " ") == english
    assert localise.amount(amount, currency, "zh") == chinese


def test_other_languages_are_those_of_babel() -> None:
    assert localise.amount(Decimal("1234.5"), "EUR", "de") == "1.234,50\u00a0€"
    assert localise.amount(Decimal("1234.5"), "EUR", "fr") == "1\u00a0234,50\u00a0€"
    assert localise.day(date(2026, 11, 27), "de") == "27.\u00a0November\u00a02026"
    with pytest.raises(Refused, match="tlh is no language"):
        localise.day(date(2026, 11, 27), "tlh")


@pytest.mark.parametrize(
    ("reader", "name", "said"),
    [
        ("en-US", "en/reminder", ("Payment reminder: $1,200.00", "by December 4, 2026")),
        ("en-AU", "en/reminder", ("Payment reminder: US$1,200.00", "by 4 December 2026")),
        ("de-CH", "de/reminder", ("Zahlungserinnerung: $ 1’200.00", "4. Dezember 2026")),
        ("de-CH", "en/reminder", ("Payment reminder: US$1,200.00", "by 4 December 2026")),
        ("zh-TW", "zh/reminder", ("付款提醒函（1,200.00美元）", "2026年12月4日前")),
    ],
)
def test_days_and_amounts_are_written_as_in_the_country_of_the_reader(
    reader: str, name: str, said: tuple[str, ...]
) -> None:
    text = one(currency="USD").replace("[debtor]", f'[debtor]\nlanguage = "{reader}"')
    seen = flat(letter(text, name))
    assert [part for part in said if part not in seen] == []


def test_credit_that_the_open_sum_has_already_is_not_told_again() -> None:
    text = one() + (
        "[[payment]]\non = 2026-10-01\namount = 115\ninvoice = 'A-0'\n"
        "[[invoice]]\nnumber = 'A-0'\nissued = 2026-08-01\ndue = 2026-09-01\namount = 100\n"
    )
    part = flat(letter(text, "en/thank-you"))
    assert "£1,185.00 is still open" in part
    assert "to your credit" not in part
    rest = "[[payment]]\non = 2026-11-27\namount = 1200\ninvoice = 'A-1'\n"
    over = flat(letter(text + rest, "en/thank-you"))
    assert "everything that we have invoiced is paid. £15.00 stands to your credit." in over


def test_days_and_lists() -> None:
    day = date(2026, 9, 7)
    assert localise.day(day, "en") == "7\u00a0September\u00a02026"
    assert localise.day(day, "en", short=True) == "7\u00a0Sep\u00a02026"
    assert localise.day(day, "zh") == "2026年9月7日"
    assert localise.day(day, "zh", short=True) == "2026-09-07"
    assert localise.listing(["a", "b", "c"], "en") == "a, b and c"
    assert localise.listing(["a", "b", "c"], "zh") == "a、b和c"


# Paper.


@given(st.text(st.characters(max_codepoint=0x3FF, exclude_categories=["C"])))
def test_the_width_of_a_text_is_that_of_a_terminal(text: str) -> None:
    from wcwidth import wcswidth

    assert layout.width(text) == wcswidth(text)


prose = st.text(st.sampled_from("ab 0.，。（）年元催款 ,1"), max_size=300)


@given(prose)
def test_wrapping_moves_nothing_but_line_ends(text: str) -> None:
    seen = layout.wrapped(text)
    assert seen.replace("\n", "").replace(" ", "") == text.replace(" ", "")
    for line in seen.split("\n")[1:]:
        assert line[:1] not in "，。）" or len(line) > 1


@given(st.lists(st.text("Wörd字，", min_size=1, max_size=12), min_size=1, max_size=60))
def test_wrapped_lines_fit_the_paper(words: list[str]) -> None:
    for line in layout.wrapped(" ".join(words)).split("\n"):
        assert layout.width(line) <= layout.PAPER


cells = st.text("ab字é 1,", max_size=8).map(layout.plain)


@given(st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=5), cells, cells)
def test_columns_line_up_whatever_the_script(
    rows: list[tuple[str, str, str]], words: str, total: str
) -> None:
    lines = layout.table(("数量", "Two\nlines", "C"), (False, True, True), rows, [(words, total)])
    assert len({layout.width(line) for line in lines}) <= 1


long = st.text("ab字é 1,-", max_size=120).map(layout.plain)


@given(st.lists(st.tuples(long, long, cells), min_size=1, max_size=3), long)
def test_a_table_that_is_too_wide_is_broken_within_its_columns(
    rows: list[tuple[str, str, str]], words: str
) -> None:
    lines = layout.table(
        ("Invoice", "What it is", "Sum"), (False, False, True), rows, [(words, "1")]
    )
    assert all(layout.width(line) <= layout.PAPER for line in lines)
    seen = "".join(lines).replace(" ", "").replace("-", "")
    for char in "字éab":
        whole = "".join("".join(row) for row in rows) + words + "InvoiceWhatitisSum"
        assert seen.count(char) == whole.count(char)


@given(st.lists(st.tuples(cells, long), min_size=1, max_size=4))
def test_labels_and_values_fit_the_paper(rows: list[tuple[str, str]]) -> None:
    assert all(layout.width(line) <= layout.PAPER for line in layout.pairs(rows))


def test_an_empty_column_is_left_out() -> None:
    (table,) = tables(sheet(one()), "Amounts in")
    assert table.headers == ("Invoice", "Issued", "Due", "Amount", "To pay")


# Text messages and Chinese capitals.


@pytest.mark.parametrize(
    ("text", "code", "length", "number"),
    [
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("€" * 80, "GSM-7", 160, 1),
        ("€" * 81, "GSM-7", 162, 2),
        ("a" * 152 + "€" * 77, "GSM-7", 306, 3),
        ("£Ä@ñ", "GSM-7", 4, 1),
        ("’", "UCS-2", 1, 1),
        ("中" * 70, "UCS-2", 70, 1),
        ("中" * 71, "UCS-2", 71, 2),
        ("中" * 134, "UCS-2", 134, 2),
        ("中" * 135, "UCS-2", 135, 3),
        ("😀" * 35, "UCS-2", 70, 1),
        ("中" * 66 + "😀" * 34, "UCS-2", 134, 3),
    ],
)
def test_the_parts_of_a_text_message(text: str, code: str, length: int, number: int) -> None:
    assert tuple(parts(text)) == (code, length, number)


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("0", "零元整"),
        ("0.05", "伍分"),
        ("1.05", "壹元零伍分"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("107000.53", "壹拾万柒仟元伍角叁分"),
        ("1680.32", "壹仟陆佰捌拾元叁角贰分"),
        ("128000", "壹拾贰万捌仟元整"),
        ("-10.5", "负壹拾元伍角整"),
    ],
)
def test_amounts_in_capitals(amount: str, said: str) -> None:
    assert capitals(Decimal(amount), "CNY") == said


@given(st.integers(0, 10**15))
def test_capitals_agree_with_another_program(cents: int) -> None:
    import cn2an

    ours = capitals(Decimal(cents).scaleb(-2), "CNY") or ""
    theirs = cn2an.an2cn(str(Decimal(cents).scaleb(-2)), "rmb")
    assert re.sub("[零整]", "", ours) == re.sub("[零整]", "", theirs)


def test_a_chinese_letter_has_the_sum_in_capitals_too() -> None:
    text = letter(YUNFAN, "zh/final-demand", creditor=STATIONER)
    assert "人民币138,000.00元（大写：人民币壹拾叁万捌仟元整）" in text.replace("\n", "")
    assert capitals(Decimal("1.234"), "KWD") is None
    assert "大写" not in letter(one(currency="KWD"), "zh/reminder", creditor=STATIONER)
    assert "大写：欧元壹仟贰佰元整" in letter(
        one(currency="EUR"), "zh/reminder", creditor=STATIONER
    )
