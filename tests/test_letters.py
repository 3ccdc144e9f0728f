from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dunctl import money
from dunctl.case.parse import parse
from dunctl.case.records import STAGES, Letter
from dunctl.errors import Refused
from dunctl.letters import compose, layout, localise
from dunctl.letters.render import LONGEST, render, subject
from dunctl.letters.template import LARGEST, Template, choose_language, parse_template
from dunctl.steps import policy
from dunctl.steps.standing import Standing, standing

ROOT = Path(__file__).parent.parent
SNAPSHOTS = Path(__file__).parent / "snapshots" / "letters"
POLICY = policy.read(
    "default",
    tomllib.loads((ROOT / "dunctl" / "policies" / "default.toml").read_text(encoding="utf-8")),
)
NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
FILES = {
    f"{folder.name}/{file.stem}": file
    for folder in sorted((ROOT / "templates").iterdir())
    for file in sorted(folder.glob("*.md"))
}

PRINTER: Mapping[str, Any] = {
    "name": "Thornbury Print Ltd",
    "department": "Accounts Receivable",
    "contact": "Anna Ward",
    "role": "Credit Controller",
    "phone": "+44 117 496 0101",
    "email": "accounts@thornbury.example",
    "address": ["12 Mill Lane", "Bristol BS1 4QT"],
    "payment_url": "https://pay.thornbury.example",
    "bank": {"bank": "Barclays Bank", "iban": "gb33BUKB20201555555555", "bic": "BUKBGB22"},
}
STATIONER: Mapping[str, Any] = {
    "name": "上海明拓文具有限公司",
    "contact": "李娜",
    "role": "应收账款主管",
    "phone": "+86 21 5555 0101",
    "email": "ar@mingtuo.example",
    "address": "上海市徐汇区漕溪北路 88 号",
    "bank": {"bank": "中国工商银行上海徐汇支行", "account": "1001 2345 6789 0123 456"},
}

CAFE = """
format = 1
currency = "GBP"
[debtor]
name = "Harbour Café Ltd"
number = "10482"
timezone = "Europe/London"
address = ["4 Quay Street", "Cardiff CF10 1AA"]
note = "the brother-in-law is difficult"
[terms]
contract = "HC-2026-3"
[[person]]
name = "Tom Hale"
role = "finance"
[[person]]
name = "Jane Smith"
role = "owner"
[[invoice]]
number = "2026-0412"
issued = 2026-08-01
due = 2026-08-31
amount = 5000.00
[[invoice]]
number = "2026-0455"
ref = "PO 7731"
issued = 2026-09-15
due = 2026-10-15
amount = 1250.50
[[invoice]]
number = "2026-0502"
issued = 2026-11-20
due = 2026-12-20
amount = 880.00
[[invoice]]
number = "E-17"
issued = 2026-09-20
due = 2026-10-20
amount = 300.00
currency = "EUR"
[[credit]]
on = 2026-10-01
amount = 100.00
invoice = "2026-0455"
[[dispute]]
at = 2026-10-05T10:00:00+01:00
amount = 400.00
invoice = "2026-0455"
about = "quality"
[[payment]]
on = 2026-10-26
amount = 60.00
invoice = "2026-0455"
[[letter]]
at = 2026-11-02T10:00:00+00:00
template = "reminder"
[[letter]]
at = 2026-11-12T10:00:00+00:00
template = "reminder"
[[promise]]
at = 2026-11-20T10:00:00+00:00
with = "Tom Hale"
amount = 2000.00
due = 2026-11-27
[[payment]]
on = 2026-11-26
amount = 500.00
invoice = "2026-0412"
[[step]]
at = 2026-11-25T10:00:00+00:00
to = "final"
"""
ONE = """
format = 1
currency = "{currency}"
[debtor]
name = "{name}"
kind = "{kind}"
timezone = "{zone}"
[[invoice]]
number = "A-1"
issued = 2026-10-28
due = {due}
amount = 1200
"""
YUNFAN = """
format = 1
currency = "CNY"
[debtor]
name = "杭州云帆贸易有限公司"
number = "YF-17"
timezone = "Asia/Shanghai"
address = ["浙江省杭州市西湖区", "文三路 100 号"]
size = "large"
[terms]
contract = "YF-2026-17"
[[person]]
name = "王芳"
role = "finance"
[[person]]
name = "陈总"
role = "legal_rep"
[[invoice]]
number = "2026-0412"
issued = 2026-08-01
due = 2026-08-31
amount = 128000.00
[[invoice]]
number = "2026-0490"
issued = 2026-09-10
due = 2026-10-10
amount = 36500.00
[[dispute]]
at = 2026-10-12T10:00:00+08:00
amount = 6500.00
invoice = "2026-0490"
about = "amount"
[[letter]]
at = 2026-10-20T10:00:00+08:00
template = "reminder"
[[promise]]
at = 2026-11-02T09:05:00+08:00
with = "王芳"
amount = 50000.00
due = 2026-11-08T15:00:00+08:00
[[payment]]
on = 2026-11-08
amount = 20000.00
invoice = "2026-0412"
[[promise]]
at = 2026-11-16T09:05:00+08:00
amount = 30000.00
due = 2026-11-20
[[step]]
at = 2026-11-25T10:00:00+08:00
to = "final"
"""


def one(
    due: str = "2026-11-27",
    *,
    kind: str = "company",
    name: str = "Bell & Sons",
    currency: str = "GBP",
    zone: str = "Europe/London",
) -> str:
    return ONE.format(due=due, kind=kind, name=name, currency=currency, zone=zone)


def at(text: str, now: datetime = NOW) -> Standing:
    case, problems = parse(text, "acme", "cases/acme.toml")
    assert case, problems
    assert not problems
    return standing(case, POLICY, now)


def shipped(name: str) -> Template:
    file = FILES[name]
    path = file.relative_to(ROOT).as_posix()
    return parse_template(file.read_text(encoding="utf-8"), path)


def values(
    text: str,
    template: Template | str = "en/reminder",
    now: datetime = NOW,
    creditor: Mapping[str, Any] = PRINTER,
) -> dict[str, Any]:
    chosen = shipped(template) if isinstance(template, str) else template
    return compose.context(at(text, now), creditor, POLICY.letter, chosen, now.date())


def letter(
    text: str,
    name: str = "en/reminder",
    now: datetime = NOW,
    creditor: Mapping[str, Any] = PRINTER,
) -> str:
    return render(shipped(name), values(text, name, now, creditor))


def template(body: str, **keys: str) -> Template:
    """Return a template of eight lines of front matter, its body at line 10."""
    front = {
        "name": '"note"',
        "language": '"en"',
        "stages": '["upcoming", "remind"]',
        "channel": '"email"',
        "tone": '"plain"',
        "subject": '"A note"',
        "deadline": '"deadline_days"',
    } | keys
    lines = [f"{key} = {value}" for key, value in front.items()]
    return parse_template("\n".join(["+++", *lines, "+++", body]), "templates/en/note.md")


def refusal(text: str, name: str = "en/reminder", now: datetime = NOW) -> str:
    with pytest.raises(Refused) as caught:
        letter(text, name, now)
    return str(caught.value)


# Letters, whole. UPDATE_SNAPSHOTS=1 writes them; read each before it is committed.

LETTERS = {
    "en-final-demand": ("en/final-demand", CAFE, PRINTER),
    "en-reminder": ("en/reminder", CAFE, PRINTER),
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


@pytest.mark.parametrize("name", LETTERS)
def test_the_letters_read_as_they_were_approved(name: str) -> None:
    kind, text, creditor = LETTERS[name]
    seen = letter(text, kind, creditor=creditor)
    file = SNAPSHOTS / f"{name}.txt"
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(seen, encoding="utf-8", newline="\n")
    assert seen == file.read_text(encoding="utf-8")


def test_there_is_no_approved_letter_that_nobody_writes() -> None:
    assert {file.stem for file in SNAPSHOTS.iterdir()} == set(LETTERS)


def test_every_language_has_the_same_letters() -> None:
    assert set(FILES) == {
        f"{language}/{name}" for language in ("en", "zh") for name in ("final-demand", "reminder")
    }


def test_every_letter_of_the_policy_is_there() -> None:
    names = {stage.letter for stage in POLICY.stages.values() if stage.letter}
    assert names <= {name.partition("/")[2] for name in FILES}


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_is_finished_text(name: str) -> None:
    kind, text, creditor = LETTERS[name]
    seen = letter(text, kind, creditor=creditor)
    lines = seen.split("\n")
    assert all(line == line.rstrip() for line in lines)
    assert all(layout.width(line) <= 80 for line in lines)
    assert "\n\n\n" not in seen
    assert seen == seen.strip("\n") + "\n"
    assert not re.search("[\u00a0\u202f\u200e\u200f{}\t\r]", seen)


@pytest.mark.parametrize("file", FILES.values(), ids=FILES)
def test_no_letter_threatens_or_names_a_step_that_is_not_decided(file: Path) -> None:
    words = (
        "court|legal|law|sue|solicitor|agency|credit record|consequence|interest|police|"
        "法院|起诉|诉讼|律师|法律|征信|失信|后果|责任|罚息|利息|公安|曝光|上门"
    )
    body = file.read_text(encoding="utf-8").split("+++")[2]
    assert not re.search(rf"\b({words})", body, re.IGNORECASE)
    assert not re.search(words.split("police|")[1], body)


@pytest.mark.parametrize("name", FILES)
def test_every_letter_says_who_writes_and_how_to_answer(name: str) -> None:
    seen = letter(CAFE, name)
    for word in ("Thornbury Print Ltd", "Anna Ward", "Credit Controller", "10482", "HC-2026-3"):
        assert word in seen
    assert "GB33 BUKB 2020 1555 5555 55" in seen
    assert "+44 117 496 0101" in seen
    assert ("dispute" in seen) if name.startswith("en") else ("异议" in seen)


# Figures.


def shown(text: str) -> Decimal:
    return Decimal(text.replace(",", "") or "0")


def test_currencies_are_never_added() -> None:
    found = values(CAFE)
    totals = {claim["currency"]: claim["totals"]["total"] for claim in found["claims"]}
    assert totals == {"GBP": "5,190.50", "EUR": "300.00"}
    assert found["total"] == "£5,190.50 and €300.00"
    assert compose.figures(found) == {"deadline": date(2026, 12, 4), "whom": "Jane Smith"}


def test_what_is_recorded_fits_the_record() -> None:
    found = compose.figures(values(one(kind="consumer")))
    assert found == {
        "deadline": date(2026, 12, 4),
        "whom": None,
        "amount": Decimal("1200.00"),
        "currency": None,
    }
    assert Letter(NOW, "reminder", **found).amount == Decimal("1200.00")


def test_a_currency_that_is_not_the_case_s_own_is_recorded() -> None:
    text = one().replace("amount = 1200", 'amount = 1200\ncurrency = "USD"')
    assert compose.figures(values(text))["currency"] == "USD"


CURRENCIES = ("GBP", "JPY", "KWD", "RSD")
entries = st.lists(
    st.tuples(
        st.sampled_from(["invoice", "invoice", "payment", "credit", "dispute"]),
        st.sampled_from(CURRENCIES),
        st.integers(1, 400_000),
        st.integers(0, 120),
    ),
    min_size=1,
    max_size=12,
)


@given(entries)
def test_each_total_is_the_sum_of_its_rows_less_credit(
    drawn: list[tuple[str, str, int, int]],
) -> None:
    tables = []
    for nth, (kind, currency, units, ago) in enumerate(drawn):
        amount = Decimal(units).scaleb(-money.exponent(currency))
        day = date(2026, 12, 1) - timedelta(days=ago)
        when = {
            "invoice": f"number = 'R{nth}'\nissued = {day - timedelta(days=30)}\ndue = {day}",
            "payment": f"on = {day}",
            "credit": f"on = {day}",
            "dispute": f"at = {day}T10:00:00+00:00",
        }[kind]
        tables.append(f"[[{kind}]]\n{when}\namount = {amount}\ncurrency = '{currency}'\n")
    text = "format = 1\ncurrency = 'GBP'\n[debtor]\nname = 'Acme'\n" + "\n".join(tables)
    here = at(text)
    try:
        found = values(text)
    except Refused:
        late = {r.currency: Decimal(0) for r in here.ledger.receivables}
        for r in here.ledger.receivables:
            late[r.currency] += r.undisputed if r.due < here.today + timedelta(days=11) else 0
        assert all(late[c] <= here.ledger.unallocated.get(c, 0) for c in late) or not late
        assume(False)
    asked = {}
    for claim in found["claims"]:
        rows, totals = claim["rows"], claim["totals"]
        for row in rows:
            parts = [shown(row[key] or "") for key in ("settled", "disputed", "asked")]
            assert shown(row["amount"]) == sum(parts)
            assert shown(row["paid"] or "") + shown(row["credited"] or "") == parts[0]
        sum_of_rows = sum(shown(row["asked"]) for row in rows)
        assert sum_of_rows + shown(totals.get("credit", "")) == shown(totals["total"])
        assert shown(totals["total"]) > 0
        asked[claim["currency"]] = shown(totals["total"])
        assert money.fits(shown(totals["total"]), claim["currency"])
    assert len(asked) == len(found["claims"])
    if found["overdue"]:
        assert asked == here.ledger.chasable()
    if len(asked) == 1:
        assert [found["figures"]["amount"]] == list(asked.values())
    assert render(shipped("en/reminder"), found)


@pytest.mark.parametrize(
    ("name", "days", "said"),
    [("en/reminder", 3, "4 December 2026"), ("en/final-demand", 7, "8 December 2026")],
)
def test_the_deadline_is_computed(name: str, days: int, said: str) -> None:
    found = values(CAFE, name)
    assert found["figures"]["deadline"] == NOW.date() + timedelta(days=days)
    assert said in letter(CAFE, name)


def test_before_the_due_day_the_deadline_is_the_due_day() -> None:
    found = values(one("2026-12-10"))
    assert found["figures"]["deadline"] == date(2026, 12, 10)
    assert not found["overdue"]
    assert found["days_past_due"] == 0


def test_what_is_not_due_yet_is_not_in_a_demand() -> None:
    assert "2026-0502" not in letter(CAFE, "en/final-demand")
    assert "2026-0502" not in letter(CAFE, "en/reminder")


def test_disputed_parts_stand_apart() -> None:
    text = CAFE + "[[dispute]]\nat = 2026-11-01T09:00:00+00:00\namount = 300\ncurrency = 'EUR'\n"
    found = values(text)
    assert [part["number"] for part in found["disputed"]] == ["2026-0455", "E-17"]
    assert [claim["currency"] for claim in found["claims"]] == ["GBP"]
    assert "not part of this request" in layout_free(letter(text))


def layout_free(text: str) -> str:
    return " ".join(text.split())


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
    seen = layout_free(letter(one() + entry, "en/final-demand"))
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


def test_our_notes_cannot_be_printed() -> None:
    with pytest.raises(Refused, match=r"templates/en/note\.md:10: debtor\.note is not set"):
        render(template("{{ debtor.note }}"), values(CAFE))


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
            "acme: a plan is up to date: no letter",
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


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    "kind", ["represented", "insolvent", "deceased", "stop_contact", "fraud", "agency", "dispute"]
)
def test_a_case_on_hold_gets_no_letter(kind: str, name: str) -> None:
    hold = f"[[hold]]\nat = 2026-11-29T10:00:00+00:00\nkind = '{kind}'\nwhy = 'their letter'\n"
    assert refusal(one() + hold, name).startswith("acme: on hold: ")
    assert "(their letter): no letter while that stands" in refusal(one() + hold, name)
    ended = f"[[release]]\nat = 2026-11-30T10:00:00+00:00\nwhat = '{kind}'\n"
    assert letter(one() + hold + ended, name)


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


def test_a_demand_before_its_stage_is_a_warning() -> None:
    assert compose.warnings(at(CAFE), shipped("en/final-demand")) == []
    early = compose.warnings(at(one()), shipped("en/final-demand"))
    assert early[0] == (
        "acme is at stage upcoming; final-demand is written for final, formal, prelegal"
    )
    assert early[1] == "acme has no address: add it under [debtor]"
    assert letter(one(), "en/final-demand")


def test_a_promise_that_is_running_is_a_warning() -> None:
    text = CAFE + promise("2026-11-30", "2026-12-03")
    assert compose.warnings(at(text), shipped("en/final-demand")) == [
        "£500.00 is promised for Thu 3 Dec: the letter asks for the whole nevertheless"
    ]


def test_somebody_who_stands_for_the_debtor_is_a_warning() -> None:
    text = CAFE + "[[person]]\nname = 'Flo Field'\nrole = 'lawyer'\n"
    assert compose.warnings(at(text), shipped("en/final-demand")) == [
        "Flo Field stands for the debtor: write to them?"
    ]


# Values are text.

HOSTILE = {
    "{{ 7*7 }}": "{{ 7*7 }}",
    "{% for x in y %}": "{% for x in y %}",
    "{# gone #}": "{# gone #}",
    "<b>&amp;</b>": "<b>&amp;</b>",
    "\\u001b[31mRed\\u0007": "[31mRed",
    "A\\r\\nDear all,\\n\\n\\nB\\tC": "A Dear all, B C",
    "\\u202egnp.exe": "gnp.exe",
    "A\\u2028B\\u0085C": "A B C",
    "a\\u00a0 b": "a  b",
    "=1+1": "=1+1",
    "%s {0} $HOME": "%s {0} $HOME",
}


@pytest.mark.parametrize(("name", "seen"), HOSTILE.items())
def test_a_hostile_name_comes_out_as_text(name: str, seen: str) -> None:
    text = one(name=name)
    assert f"\n{seen}\n" in letter(text)
    assert f"\n致：{seen}\n" in letter(text, "zh/reminder")
    assert seen in subject(template("", subject='"To {{ debtor.name }}"'), values(text))


def test_a_subject_is_one_line() -> None:
    two = template("", subject='"""A\n\n{{ total }}"""')
    assert subject(two, values(one(currency="CHF"))) == "A CHF 1,200.00"


# Templates: what is missing, and what they may not do.


def missing(body: str, text: str = CAFE, **creditor: Any) -> str:
    ours = {**PRINTER, **creditor}
    made = template(body)
    with pytest.raises(Refused) as caught:
        render(made, values(text, made, creditor=ours))
    return str(caught.value)


@pytest.mark.parametrize("empty", [None, "", {}, []])
def test_what_is_missing_is_named_with_its_place(empty: object) -> None:
    assert missing("one\n\n{{ creditor.bank }}", bank=empty) == (
        "templates/en/note.md:12: creditor.bank is not set: add it to dunctl.toml under [creditor]"
    )
    assert missing("{{ creditor.contact }}", contact="\u200b \n").startswith(
        "templates/en/note.md:10: creditor.contact is not set"
    )


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{{ creditor.bank.account }}", "add it to dunctl.toml under [creditor.bank]"),
        ("{% if creditor.fax == 'x' %}y{% endif %}", "creditor.fax is not set: add it to dunctl"),
        ("{{ creditor.fone }}", "under [creditor] (did you mean phone?)"),
        ("{{ debtor.email }}", "debtor.email is not set: add it to cases/acme.toml under [debtor]"),
        ("{{ terms.days }}", "terms.days is not set: add it to cases/acme.toml under [terms]"),
        ("{{ dedline }}", "this letter has no dedline: ask for it with {% if dedline is defined"),
        ("{{ dedline }}", "(did you mean deadline?)"),
        ("{{ claims[9].rows }}", "has no element 9"),
        ("{% for c in claims %}{{ c.sum }}{% endfor %}", "this letter has no claims.sum"),
        ("{{ creditor.items }}", "creditor.items is not set"),
        ("{{ creditor['fax'] }}", "creditor.fax is not set"),
    ],
)
def test_each_missing_value_has_its_remedy(body: str, said: str) -> None:
    seen = missing("\n" + body)
    assert seen.startswith("templates/en/note.md:11: ")
    assert said in seen


def test_a_person_who_is_missing_is_added_to_the_case() -> None:
    assert missing("{{ person.name }}", one()).endswith(
        "person is not set: add it to cases/acme.toml under [[person]]"
    )


def test_the_line_of_a_subject_is_its_line_in_the_front_matter() -> None:
    with pytest.raises(Refused, match=r"^templates/en/note\.md:7: creditor\.fax is not set"):
        render(template("", subject='"{{ creditor.fax }}"'), values(CAFE))


def test_no_letter_goes_out_without_who_writes() -> None:
    for name in FILES:
        with pytest.raises(Refused, match=rf"templates/{name}\.md:\d+: creditor\.name is not"):
            letter(CAFE, name, creditor={k: v for k, v in PRINTER.items() if k != "name"})


def test_a_desk_that_has_only_its_name_writes_a_whole_letter_and_is_told_what_to_add() -> None:
    only = {"name": "Harbour Goods Ltd"}
    for name in FILES:
        text = letter(CAFE, name, creditor=only)
        assert "IBAN" not in text
        assert text.rstrip().splitlines()[-1 if name.startswith("en") else -2] == only["name"]
        assert compose.missing(only) == [
            "dunctl.toml has no bank under [creditor]: "
            "letters refer to the account on the invoices",
            "dunctl.toml has no contact under [creditor]: letters do not say who signs",
            "dunctl.toml has no phone and no email under [creditor]: nobody can answer",
        ]
    assert compose.missing(PRINTER) == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{{ ().__class__ }}", '"tuple" is not for letters'),
        ("{{ [].__class__ }}", "access to attribute '__class__' of 'list' object is unsafe"),
        ("{{ ().__class__.__bases__[0].__subclasses__() }}", '"call" is not for letters'),
        ("{{ total.__class__ }}", "unsafe"),
        ("{{ creditor.__class__ }}", "creditor.__class__ is not set"),
        ("{{ creditor._where }}", "creditor._where is not set"),
        ("{{ claims['__class__'] }}", "unsafe"),
        ("{{ self._TemplateReference__context }}", "unsafe"),
        ("{{ range(10) }}", '"call" is not for letters'),
        ("{{ lipsum }}", "this letter has no lipsum"),
        ("{{ cycler }}", "this letter has no cycler"),
        ("{{ namespace }}", "this letter has no namespace"),
        ("{{ 'x' * 999999999 }}", '"mul" is not for letters'),
        ("{{ 9 ** 9 ** 9 }}", '"pow" is not for letters'),
        ("{{ '%99999999d' % 1 }}", '"mod" is not for letters'),
        ("{{ '%99999999d' | format(1) }}", "No filter named 'format'"),
        ("{{ 'x' | center(99999999) }}", "No filter named 'center'"),
        ("{{ claims | attr('append') }}", "No filter named 'attr'"),
        ("{% set x = total ~ total %}", '"set" is not for letters'),
        ("{% include 'secret' %}", '"include" is not for letters'),
        ("{% import 'os' as os %}", '"import" is not for letters'),
        ("{% extends 'base' %}", '"extends" is not for letters'),
        ("{% macro m() %}{{ m() }}{% endmacro %}", '"macro" is not for letters'),
        ("{% block b %}{% endblock %}", '"block" is not for letters'),
        (
            "{% for a in claims %}{% for b in claims %}{% for c in claims %}"
            "{% endfor %}{% endfor %}{% endfor %}",
            "a loop in a loop in a loop",
        ),
        ("{% if %}", "Expected an expression"),
        ("{% nonsense %}", "Encountered unknown tag 'nonsense'"),
        ("{{ total", "unexpected end of template"),
        ("{{ total < 5 }}", "cannot be filled in"),
        ("{% for x in 5 %}{% endfor %}", "cannot be filled in"),
        ("{{ claims[0] | table({}, {}) }}", "table has no words for the total"),
        ("{{ debtor | table({}, {}) }}", "cannot be filled in"),
    ],
)
def test_a_template_can_only_print(body: str, said: str) -> None:
    seen = missing("one\n" + body)
    assert seen.startswith("templates/en/note.md:11: ")
    assert said in seen


@pytest.mark.parametrize(
    "body", ["{{ " + "(" * 4000 + "1" + ")" * 4000 + " }}", "{{ 1" + "0" * 5000 + " }}"]
)
def test_what_python_cannot_read_is_refused_too(body: str) -> None:
    assert missing(body).startswith("templates/en/note.md:10: the letter cannot be filled in: ")


def test_what_can_be_printed_is_bounded() -> None:
    body = "{% for a in n %}{% for b in n %}{{ b }}{% endfor %}{% endfor %}"
    with pytest.raises(Refused, match=f"longer than {LONGEST} characters"):
        render(template(body), {"n": ["x" * 10] * 1000})


def test_what_a_template_may_do() -> None:
    body = """{% set you = "you" if count == 1 else "all of you" %}
{# a comment #}
{% for claim in claims if claim.currency != "EUR" %}
{{ loop.index }} {{ you | upper }} {{ claim.rows | length }} {{ claim.rows[0].number ~ "!" }}
{% else %}
none
{% endfor %}
{% if letters is not defined and not overdue %}never{% endif %}
{{ creditor.fax | default("no fax") }}


{{ debtor.address | join(", ") }}   """
    assert render(template(body), values(CAFE)) == (
        "1 ALL OF YOU 2 2026-0412!\nno fax\n\n4 Quay Street, Cardiff CF10 1AA\n"
    )


# Template files.


def read(*lines: str, path: str = "templates/en/note.md") -> Template:
    return parse_template("\n".join(lines), path)


FRONT = (
    *("+++", 'name = "note"', 'language = "en"', 'stages = ["firm", "remind"]'),
    *('channel = "email"', 'tone = "plain"', 'subject = "S"', 'deadline = "deadline_days"', "+++"),
)


def test_a_template_is_read() -> None:
    assert read(*FRONT, "", "Hello", "") == Template(
        "templates/en/note.md",
        *("note", "en", ("remind", "firm"), "email", "plain", "S", "deadline_days"),
        *("\nHello\n", 10, 7),
    )


def test_a_template_of_windows_is_the_same() -> None:
    text = "\n".join((*FRONT, "", "Hello", ""))
    windows = "\ufeff" + text.replace("\n", "\r\n")
    assert parse_template(windows, "templates/en/note.md") == read(text)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("+++", "---", "1: a template starts with a line +++, the keys name, language, stages"),
        ('tone = "plain"', "", "9: the key tone is missing (text)"),
        ('tone = "plain"', 'tune = "plain"', "6: unknown key tune; delete the line (did you mean "),
        ('tone = "plain"', "tone = 5", "6: tone must be text in quotes"),
        ('tone = "plain"', "tone = plain", "6: is not TOML: "),
        ('tone = "plain"', "tone = “plain”", "write straight quotes"),
        ('"note"', '"notice"', "2: name must be note, as the path says"),
        ('"note"', '"a note"', "2: name must be one word"),
        ('"en"', '"zh"', "3: language must be en, as the path says"),
        ('["firm", "remind"]', '"firm"', "4: stages must be a list of stages"),
        ('["firm", "remind"]', '["frm"]', "4: stages is none of upcoming, "),
        ('"email"', '"pigeon"', "5: channel is none of phone, "),
        ('"deadline_days"', '"soon"', "8: deadline is none of deadline_days, final_deadline_days"),
    ],
)
def test_what_is_wrong_with_a_template_is_named(old: str, new: str, said: str) -> None:
    with pytest.raises(Refused) as caught:
        read(*"\n".join(FRONT).replace(old, new, 1).split("\n"), "Hello")
    assert str(caught.value).startswith("templates/en/note.md:")
    assert said in str(caught.value)


@pytest.mark.parametrize("text", ["", "+++", "Hello", "+++\nname = 'note'\n", "x" * (LARGEST + 1)])
def test_what_is_no_template_is_refused(text: str) -> None:
    with pytest.raises(Refused, match=r"^templates/en/note\.md:1: a template "):
        parse_template(text, "templates/en/note.md")


@pytest.mark.parametrize("name", FILES)
def test_the_stages_of_the_policy_use_templates_written_for_them(name: str) -> None:
    made = shipped(name)
    used = [s.name for s in POLICY.stages.values() if s.letter == made.name]
    assert list(made.stages) == used
    assert set(made.stages) <= set(STAGES)


# Languages.


@pytest.mark.parametrize(
    ("wanted", "debtor", "default", "folder"),
    [
        ("zh", "en", "en", "zh"),
        (None, "zh-CN", "en", "zh"),
        (None, "zh-Hans-CN", "en", "zh"),
        (None, "EN_gb", "zh", "en"),
        (None, None, "en", "en"),
        (None, "pt-BR", "en", "pt-br"),
        (None, "fr", "en", "en"),
    ],
)
def test_the_language_of_a_letter(
    wanted: str | None, debtor: str | None, default: str, folder: str
) -> None:
    assert choose_language(wanted, debtor, default, ["en", "pt-br", "zh"]) == folder


@pytest.mark.parametrize(("wanted", "debtor"), [("fr", "en"), ("x" * 99, None)])
def test_a_language_without_letters_is_refused(wanted: str | None, debtor: str | None) -> None:
    with pytest.raises(Refused, match="only in en, zh: choose one of these"):
        choose_language(wanted, debtor, "en", ["zh", "en"])


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


def test_days_and_lists() -> None:
    day = date(2026, 9, 7)
    assert localise.day(day, "en") == "7\u00a0September\u00a02026"
    assert localise.day(day, "en", short=True) == "7\u00a0Sep\u00a02026"
    assert localise.day(day, "zh") == "2026年9月7日"
    assert localise.day(day, "zh", short=True) == "2026-09-07"
    assert localise.listing(["a", "b", "c"], "en") == "a, b and c"
    assert localise.listing(["a", "b", "c"], "zh") == "a、b和c"


# Paper.

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
    claim = {
        "rows": [{"a": a, "b": b, "c": c} for a, b, c in rows],
        "totals": {"total": total},
    }
    text = layout.table(claim, {"a": "数量", "b": ">Two\nlines", "c": ">C"}, {"total": words})
    assert len({layout.width(line) for line in text.split("\n") if line}) <= 1


def test_an_empty_column_is_left_out() -> None:
    rows = [{"a": "1"}, {"a": "2", "b": "x"}]
    assert layout.table({"rows": rows}, {"a": "A", "b": "B", "c": "C"}, {}) == (
        "A  B\n----\n1   \n2  x"
    )
