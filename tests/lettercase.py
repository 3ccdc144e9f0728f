"""Cases and helpers for tests of letters: a fitting case for every template."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from dunctl.case.parse import parse
from dunctl.case.records import Case
from dunctl.letters import compose, render, words
from dunctl.letters.sheet import Sheet, as_text
from dunctl.letters.template import Template, parse_template
from dunctl.letters.words import Words
from dunctl.owed.law import Law
from dunctl.steps.policy import Policy
from dunctl.steps.standing import Standing, standing
from dunctl.store import law as laws
from tests.casefile import policy

ROOT = Path(__file__).parent.parent
LANGUAGES = sorted(folder.name for folder in (ROOT / "templates").iterdir() if folder.is_dir())
FILES = {
    f"{folder}/{file.stem}": file
    for folder in LANGUAGES
    for file in sorted((ROOT / "templates" / folder).glob("*.md"))
}
NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
LAW = laws.shipped()
POLICY = policy()
HEAD_OFFICE = policy('[letter]\nnext_unit = "our head office"\ncourt = "the County Court"\n')

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
FACTORED: Mapping[str, Any] = {
    **PRINTER,
    "assignee": {
        "name": "Severn Factors plc",
        "address": ["1 Example Square", "Bristol BS2 0AA"],
        "bank": {"bank": "Example Bank plc", "iban": "GB65EXMP00000000123456"},
    },
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
country = "GB"
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
_ONE = """
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


def one(
    due: str = "2026-11-27",
    *,
    kind: str = "company",
    name: str = "Bell & Sons",
    currency: str = "GBP",
    zone: str = "Europe/London",
) -> str:
    return _ONE.format(due=due, kind=kind, name=name, currency=currency, zone=zone)


PAYS_LATE = """
format = 1
currency = "GBP"
[debtor]
name = "Quayside Books Ltd"
number = "10517"
country = "GB"
subdivision = "GB-ENG"
timezone = "Europe/London"
address = ["7 Harbour Row", "Bristol BS1 5AB"]
[terms]
contract = "QB-2026-1"
signed = 2026-01-12
suspend_clause = "8"
ends = 2026-12-31
[supply]
stopped = 2026-12-07
[[person]]
name = "Ellen Frost"
role = "owner"
[[invoice]]
number = "2026-0311"
issued = 2026-05-11
due = 2026-06-10
amount = 3000.00
[[invoice]]
number = "2026-0398"
ref = "PO 88"
issued = 2026-07-20
due = 2026-08-19
amount = 1450.00
[[invoice]]
number = "2026-0540"
issued = 2026-11-16
due = 2026-12-16
amount = 900.00
[[document]]
on = 2026-05-09
kind = "delivery_note"
ref = "DN-26-0311"
[[letter]]
at = 2026-07-01T10:00:00+01:00
template = "reminder"
[[fee]]
on = 2026-10-01
amount = 70.00
basis = "Late Payment of Commercial Debts (Interest) Act 1998, s. 5A"
kind = "fixed_sum"
invoice = "2026-0311"
[[payment]]
on = 2026-09-14
amount = 1000.00
ref = "QB SEPT"
[[letter]]
at = 2026-10-01T10:00:00+01:00
template = "final-demand"
"""
DISPUTED = (
    one(kind="sole_trader", name="Rosa Diaz")
    + """
[[invoice]]
number = "A-2"
issued = 2026-09-28
due = 2026-10-28
amount = 800
[[dispute]]
at = 2026-11-20T10:00:00+00:00
amount = 300
invoice = "A-2"
about = "quality"
[[document]]
on = 2026-09-30
kind = "delivery_note"
ref = "DN 771"
[[document]]
on = 2026-11-21
kind = "licence_copy"
ref = "in the safe"
"""
)
PROMISED = (
    one("2026-11-13")
    + """
[[promise]]
at = 2026-11-30T10:00:00+00:00
amount = 700
due = 2026-12-04T15:00:00+00:00
via = "transfer"
invoice = "A-1"
"""
)
BROKEN = (
    one("2026-11-13")
    + """
[[person]]
name = "Mia Bell"
role = "owner"
[[promise]]
at = 2026-11-20T10:00:00+00:00
with = "Mia Bell"
amount = 700
due = 2026-11-25
[[payment]]
on = 2026-11-25
amount = 250
"""
)
PLANNED = (
    one("2026-11-13", kind="consumer", name="Rosa Diaz")
    + """
[[plan]]
at = 2026-11-20T10:00:00+00:00
instalments = [
  { due = 2026-11-27, amount = 400 },
  { due = 2026-12-28, amount = 400 },
  { due = 2027-01-27, amount = 400 },
]
accelerate = "clause 4 of the agreement of 20 November 2026"
[[payment]]
on = 2026-11-26
amount = 400
"""
)
PAID = one("2026-11-13") + "[[payment]]\non = 2026-11-26\namount = 1200\n"
DECIDED = (
    PAYS_LATE
    + """
[[promise]]
at = 2026-09-01T10:00:00+01:00
with = "Ellen Frost"
amount = 2000.00
due = 2026-09-15
[[document]]
on = 2026-11-27
kind = "decision"
ref = "minutes of 27 November 2026"
"""
)
ASSIGNED = PAYS_LATE + '[[document]]\non = 2026-11-27\nkind = "assignment"\nref = "F-209"\n'


class Fitting(NamedTuple):
    """A case for a template, and who writes by which policy."""

    case: str
    creditor: Mapping[str, Any] = PRINTER
    policy: Policy = POLICY
    law: Law = LAW


FITTING: Mapping[str, Fitting] = {
    "upcoming": Fitting(one("2026-12-08") + "[[payment]]\non=2026-11-20\namount=80\n"
                        "[[invoice]]\nnumber='A-0'\nissued=2026-10-20\ndue=2026-11-19\namount=80\n"),
    "courtesy": Fitting(one("2026-11-27")),
    "reminder": Fitting(CAFE),
    "promise-confirmation": Fitting(PROMISED),
    "broken-promise": Fitting(BROKEN),
    "final-demand": Fitting(CAFE),
    "supply-stop": Fitting(PAYS_LATE),
    "interest-notice": Fitting(PAYS_LATE),
    "instalment-offer": Fitting(PLANNED),
    "dispute-answer": Fitting(DISPUTED),
    "reconciliation": Fitting(PAYS_LATE),
    "thank-you": Fitting(PAYS_LATE),
    "call-back": Fitting(one()),
    "hand-over": Fitting(CAFE, policy=HEAD_OFFICE),
    "before-action": Fitting(DECIDED, policy=HEAD_OFFICE),
    "assignment": Fitting(ASSIGNED, FACTORED),
    "contract-end": Fitting(PAYS_LATE),
}  # fmt: skip
"""For every template the case that its approved letter is about."""


@lru_cache(maxsize=128)
def _case(text: str) -> Case:
    case, problems = parse(text, "acme", "cases/acme.toml")
    assert case, problems
    assert not [problem for problem in problems if problem.level == "error"]
    return case


def at(text: str, now: datetime = NOW, rules: Policy = POLICY, law: Law = LAW) -> Standing:
    return standing(_case(text), rules, now, law=law)


@cache
def shipped(name: str) -> Template:
    file = FILES[name]
    path = file.relative_to(ROOT).as_posix()
    return parse_template(file.read_text(encoding="utf-8"), path)


@cache
def words_of(language: str) -> Words:
    file = ROOT / "templates" / language / "words.toml"
    return words.read(language, [(file.read_text(encoding="utf-8"), "words.toml")])


def values(
    text: str,
    template: Template | str = "en/reminder",
    now: datetime = NOW,
    creditor: Mapping[str, Any] = PRINTER,
    *,
    form: str = "letter",
    rules: Policy = POLICY,
    law: Law = LAW,
    currency: str | None = None,
) -> dict[str, Any]:
    chosen = shipped(template) if isinstance(template, str) else template
    return compose.context(
        at(text, now, rules, law),
        law,
        creditor,
        chosen,
        words_of(chosen.language),
        form,
        currency=currency,
    )


def sheet(text: str, template: Template | str = "en/reminder", **more: Any) -> Sheet:
    chosen = shipped(template) if isinstance(template, str) else template
    if chosen.forms == ("sms",):
        more["form"] = "sms"
    return render.make_sheet(chosen, words_of(chosen.language), values(text, chosen, **more))


def letter(text: str, template: Template | str = "en/reminder", **more: Any) -> str:
    return as_text(sheet(text, template, **more))


@cache
def fitting(name: str, language: str, form: str | None = None) -> Sheet:
    """Return the sheet of a template for its fitting case, in its first form or another."""
    template = shipped(f"{language}/{name}")
    case, creditor, rules, law = FITTING[name]
    ours = STATIONER if language == "zh" and creditor is PRINTER else creditor
    return sheet(
        case, template, creditor=ours, rules=rules, law=law, form=form or template.forms[0]
    )


class Approved(NamedTuple):
    """A letter that was read and approved: its template, its form, and what writes it."""

    template: str
    form: str
    write: Callable[[], Sheet]


def template(body: str, **keys: str) -> Template:
    """Return a template of eleven lines of front matter, its body at line 12."""
    front = {
        "name": '"note"',
        "language": '"en"',
        "stages": '["upcoming", "remind"]',
        "channel": '"email"',
        "tone": '"plain"',
        "subject": '"A note"',
        "forms": '["letter"]',
        "needs": '["due"]',
        "deadline": '"deadline_days"',
    } | keys
    lines = [f"{key} = {value}" for key, value in front.items()]
    return parse_template("\n".join(["+++", *lines, "+++", body]), "templates/en/note.md")


def note(body: str, text: str = CAFE, creditor: Mapping[str, Any] = PRINTER) -> str:
    """Return what stands between salutation and closing of a letter with this body."""
    made = template(body)
    found = sheet(text, made, creditor=creditor)
    blank = found._replace(
        sender=(), recipient=(), place_date="", subject="", references=(), salutation=""
    )
    return as_text(blank._replace(closing="", signature=()))
