"""What the page for a call allows to be said, and what it forbids."""

from __future__ import annotations

import json
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tomli
from click.testing import CliRunner

from dunctl.case.handles import handles
from dunctl.case.toml import loads
from dunctl.case.vocabulary import OUTCOMES, REASONS
from dunctl.cli import main
from dunctl.steps.guard_text import Facts, check
from dunctl.store import wording
from dunctl.store.parameters import DATA

HEAD = """\
format = 1
currency = "{currency}"
{reason}
[debtor]
name = "Acme"
country = "{country}"
kind = "{kind}"
{more}
[[invoice]]
number = "1"
issued = 2026-09-30
due = 2026-10-30
amount = 5000.00
"""
CLAUSE = '[terms.interest]\npercent = 1\nper = "month"\nclause = "7"\n[[person]]\nname = "Jo"'


def brief(
    root: Path,
    country: str = "GB",
    kind: str = "company",
    more: str = "",
    currency: str = "GBP",
    *,
    reason: str = "",
    policy: str = "",
    settings: str = "",
) -> str:
    """Return the page of a case as one line."""
    (root / "cases").mkdir()
    (root / "policies").mkdir()
    (root / "policies" / "default.toml").write_text(policy)
    desk = '[desk]\ntimezone = "UTC"\n[defaults]\ncurrency = "GBP"\ncountry = "GB"\n'
    (root / "dunctl.toml").write_text(desk + settings)
    code = f'reason = "{reason}"' if reason else ""
    text = HEAD.format(country=country, kind=kind, more=more, currency=currency, reason=code)
    (root / "cases" / "acme.toml").write_text(text)
    words = ["brief", "acme", "--store", str(root), "--as-of", "2026-11-23T09:00Z"]
    done = CliRunner().invoke(main, words, env={"DUNCTL_USER": "jo.marsh"})
    assert done.exit_code == 0, done.output
    return " ".join(done.output.split())


@pytest.mark.parametrize(
    ("country", "more", "said"),
    [
        ("GB", "", "Interest £38.63 so far, not claimed: gb-late-payment: Late Payment of "),
        ("US", CLAUSE, "Interest £39.45 so far, not claimed: contract: "),
        (
            "GB",
            "[[claim]]\non = 2026-11-20\n",
            "Interest £38.63 so far, £38.63 of it claimed: gb-late-payment: ",
        ),
    ],
)
def test_interest_may_be_said_where_a_clause_or_a_statute_gives_it(
    tmp_path: Path, country: str, more: str, said: str
) -> None:
    page = brief(tmp_path, country, more=more)
    assert said in page
    assert "no word of interest" not in page


def test_interest_whose_rate_is_not_known_has_its_ground_and_the_remedy(tmp_path: Path) -> None:
    page = brief(tmp_path, "CN", currency="CNY")
    assert "Interest: cn-sale: " in page
    assert "not known: lpr-1y is known until " in page


@pytest.mark.parametrize(
    ("country", "kind", "why"),
    [
        ("GB", "consumer", "gb-late-payment does not cover a consumer"),
        ("US", "company", "no statute that we know covers a company under the law of US"),
    ],
)
def test_where_nothing_gives_interest_the_page_says_why(
    tmp_path: Path, country: str, kind: str, why: str
) -> None:
    page = brief(tmp_path, country, kind)
    assert f"- no word of interest: {why}; without a clause (terms.interest)" in page
    assert "- no word of fees: neither a clause nor a statute gives any" in page


@pytest.mark.parametrize(
    ("country", "more"),
    [
        ("GB", ""),
        ("US", '[terms]\nfee_clause = "clause 8"'),
        (
            "US",
            '[[fee]]\non = 2026-11-20\namount = 10.00\nbasis = "clause 8"\nkind = "contract"\n',
        ),
    ],
)
def test_fees_may_be_said_where_something_gives_them(
    tmp_path: Path, country: str, more: str
) -> None:
    assert "no word of fees" not in brief(tmp_path, country, more=more)


PAID = """[[payment]]
on = 2026-11-10
amount = 500
ref = "T-1"
"""
BOUNCED = PAID + "[[reversal]]\non = 2026-11-12\npayment = '{handle}'\n"


def test_the_last_payment_is_one_that_still_counts(tmp_path: Path) -> None:
    handle = handles(
        loads(HEAD.format(country="GB", kind="company", more="", currency="GBP", reason="") + PAID)
    )
    text = BOUNCED.format(handle=handle["payment", 0])
    assert "Last payment of £500.00" not in brief(tmp_path, "GB", more=text)


def test_what_they_say_they_paid_has_its_day_and_place(tmp_path: Path) -> None:
    said = (
        "[[contact]]\nat = 2026-11-20T09:00:00Z\nchannel = 'phone'\noutcome = 'paid_claimed'\n"
        "by = 'li.na'\namount = 500\non = 2026-11-18\nplace = 'Barclays, High Street'\n"
    )
    page = brief(tmp_path, "GB", more=said)
    assert "paid claimed £500.00 paid, they say: Wed 18 Nov, Barclays, High Street" in page


def test_what_is_said_has_the_digits_and_the_full_stops_of_its_language(tmp_path: Path) -> None:
    page = brief(tmp_path, "DE", currency="EUR")
    assert "Es geht um €5.000,00, seit Freitag, den 30.10. fällig. Ist bei" in page


def test_what_has_no_end_is_not_called_off_until_further_notice(tmp_path: Path) -> None:
    held = "[[hold]]\nat = 2026-11-20T09:00:00Z\nkind = 'stop_contact'\nby = 'li.na'\n"
    page = brief(tmp_path, "GB", more=held)
    assert "To ask for now: nothing (on hold: " in page
    assert "Not today: on hold: " in page
    assert "further notice" not in page


# What the stage means


def stepped(to: str) -> str:
    return f'[[step]]\nat = 2026-11-20T09:00:00Z\nto = "{to}"\n'


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("", "Stage upcoming, next remind: sms, email; tone: service; who: payer contact Supply"),
        (
            stepped("courtesy"),
            "Stage courtesy (days 1-5): sms, phone; tone: warm, no blame; who: the debtor only",
        ),
        (
            stepped("final"),
            "Stage final (days 19-30): letter, phone, visit; tone: last deadline of ours; "
            "who: the head of the company",
        ),
        (
            stepped("legal"),
            "Stage legal (from day 181): no channel of ours; tone: through the lawyer; "
            "who: the lawyer",
        ),
    ],
    ids=["upcoming", "courtesy", "final", "legal"],
)
def test_the_page_says_what_the_policy_says_of_the_stage(
    tmp_path: Path, more: str, said: str
) -> None:
    assert said in brief(tmp_path, more=more)


def test_a_stage_of_the_stores_own_is_shown_in_its_own_words(tmp_path: Path) -> None:
    own = '[[stage]]\nname = "upcoming"\nchannels = ["fax"]\ntone = "curt"\nwho = ""\n'
    page = brief(tmp_path, policy=own)
    assert "Stage upcoming, next remind: fax; tone: curt Supply" in page


@pytest.mark.parametrize(
    "more",
    [stepped("closed"), "[[payment]]\non = 2026-11-20\namount = 5000.00\n"],
    ids=["closed", "paid"],
)
def test_there_is_no_stage_where_nothing_is_to_be_asked_for(tmp_path: Path, more: str) -> None:
    assert "Stage " not in brief(tmp_path, more=more)


# Who pays, and who may be asked


JANE = '[[person]]\nname = "Jane Roe"\nrole = "owner"\nphone = ["020 7946 0001"]\n'
WANG = '[[person]]\nname = "Wang"\nrole = "finance"\nphone = ["020 7946 0002"]\n'
PROCEDURE = 'payment_procedure = "on the 15th, two signatures"\n'


@pytest.mark.parametrize(
    ("more", "kind", "asks"),
    [
        ("", "company", "- who pays out, and how: dunctl set acme debtor.payment_procedure TEXT"),
        (
            JANE,
            "company",
            "- who pays out? Ask Jane Roe for finance, because of the invoice: "
            'dunctl set acme person "NAME;finance;PHONE"',
        ),
        (JANE + WANG, "company", None),
        (PROCEDURE + JANE, "company", None),
        (JANE, "consumer", None),
    ],
    ids=["nobody", "the boss is known", "finance is known", "the procedure is known", "consumer"],
)
def test_who_carries_the_payment_out_is_asked_where_nobody_knows(
    tmp_path: Path, more: str, kind: str, asks: str | None
) -> None:
    page = brief(tmp_path, kind=kind, more=more)
    assert asks in page if asks else "who pays out" not in page


def test_how_they_pay_stands_with_the_people(tmp_path: Path) -> None:
    page = brief(tmp_path, more=PROCEDURE + JANE)
    assert "020 7946 0001 How they pay: on the 15th, two signatures Invoice" in page


def promised(whom: str, due: str = "2026-11-12") -> str:
    return (
        f'[[promise]]\nat = 2026-11-10T09:00:00Z\namount = 1000.00\ndue = {due}\nwith = "{whom}"\n'
    )


@pytest.mark.parametrize(
    ("more", "both"),
    [
        (JANE + WANG + promised("Wang"), True),
        (JANE + WANG + promised("Wang", "2026-12-12"), False),
        (JANE + WANG + promised("Jane Roe"), False),
        (WANG + promised("Wang"), False),
    ],
    ids=["broken", "open", "the boss broke it", "no boss is known"],
)
def test_a_promise_that_finance_broke_is_a_matter_for_the_boss_too(
    tmp_path: Path, more: str, both: bool
) -> None:
    page = brief(tmp_path, more='size = "large"\n' + more)
    assert ("then Jane Roe too: Wang of finance did not keep the promise" in page) is both


def test_what_is_judged_of_the_debtor_is_shown_where_it_is_known(tmp_path: Path) -> None:
    judged = 'ability = "partly"\nwillingness = "reluctant"\nmanner = "plain_talk"\n'
    page = brief(tmp_path, more=judged)
    assert "Judged: ability partly, willingness reluctant, manner plain talk" in page


def test_what_is_not_judged_takes_no_line(tmp_path: Path) -> None:
    assert "Judged" not in brief(tmp_path, more='ability = "unknown"\n')


def proved(day: str, more: str = "") -> str:
    return JANE + f"verified = {day}\n" + more


TALK = (
    "[[contact]]\nat = 2026-10-20T09:00:00Z\nchannel = 'phone'\n"
    "outcome = 'refused'\nwith = 'Jane Roe'\n"
)
MISSED = TALK.replace("refused", "no_answer")


@pytest.mark.parametrize(
    ("more", "policy", "asked"),
    [
        (proved("2026-05-26"), "", True),
        (proved("2026-05-27"), "", False),
        (proved("2026-05-26", TALK), "", False),
        (proved("2026-05-26", MISSED), "", True),
        (JANE, "", False),
        (proved("2026-05-27"), "[numbers]\nprove_again_days = 30\n", True),
    ],
    ids=["181 days", "180 days", "spoken since", "tried since", "never", "sooner by policy"],
)
def test_a_number_that_was_proved_long_ago_is_asked_about(
    tmp_path: Path, more: str, policy: str, asked: bool
) -> None:
    page = brief(tmp_path, more=more, policy=policy)
    assert ("- is this still the number of Jane Roe, last proved " in page) is asked
    assert ('dunctl set acme "person.Jane Roe.verified" today' in page) is asked


# What the caller may grant


LIMITS = '[authority]\nusers."{name}" = {own}\nusers."ann.lee" = "unlimited"\n'


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ("", None),
        (
            LIMITS.format(name="kim", own="{ instalments = 6 }"),
            "You (jo.marsh) may grant alone: 3 instalments, the last within 62 days, 50% at once "
            "where there are two or fewer, no discount, no waiver; more: ask ann.lee",
        ),
        (
            LIMITS.format(
                name="jo.marsh", own="{ instalments = 1, discount_percent = 5, waive_percent = 20 }"
            ),
            "You (jo.marsh) may grant alone: 1 instalment, the last within 62 days, 50% at once "
            "where there are two or fewer, 5% off, 20% of interest or a fee; more: ask ann.lee",
        ),
        (
            '[authority]\nusers."kim" = { instalments = 6 }\n',
            "no discount, no waiver; more waits for an approval",
        ),
        (
            '[authority]\nusers."jo.marsh" = "unlimited"\n',
            "You (jo.marsh) may grant everything alone",
        ),
    ],
    ids=["nobody is named", "not named", "named", "nobody without limits", "without limits"],
)
def test_the_page_says_what_the_caller_may_grant_alone(
    tmp_path: Path, policy: str, said: str | None
) -> None:
    page = brief(tmp_path, policy=policy)
    assert said in page if said else "may grant" not in page


# Papers


def paper(day: int, kind: str, ref: str = "") -> str:
    number = f'ref = "{ref}"\n' if ref else ""
    return f'[[document]]\non = 2026-10-{day:02}\nkind = "{kind}"\n{number}'


def signed(form: str) -> str:
    return f'[[acknowledgement]]\non = 2026-10-01\nform = "{form}"\n'


NONE = "contract, delivery note, statement or IOU"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("", f"Papers missing: {NONE} "),
        (
            '[terms]\ncontract = "C-12"\n',
            "Papers missing: delivery note, statement or IOU ",
        ),
        (
            paper(1, "contract", "C-12")
            + paper(2, "delivery_note", "D-1")
            + paper(3, "delivery_note", "D-2")
            + paper(4, "delivery_note"),
            "Papers: contract C-12, delivery note D-2; missing: statement or IOU ",
        ),
        (paper(1, "correspondence", "3"), f"Papers: correspondence 3; missing: {NONE} "),
        (
            paper(1, "order") + paper(2, "acceptance") + paper(3, "reconciliation"),
            "Papers: order, acceptance, reconciliation Interest",
        ),
        (
            paper(1, "order") + signed("signed"),
            "Papers: order, signed acknowledgement; missing: delivery note ",
        ),
        (signed("oral"), f"Papers missing: {NONE} "),
        (paper(1, "contract").replace("2026-10", "2026-12"), f"Papers missing: {NONE} "),
    ],
    ids=["none", "terms", "some", "others", "all", "owned up to", "only said", "still to come"],
)
def test_the_papers_that_prove_the_debt_are_named_and_those_that_lack(
    tmp_path: Path, more: str, said: str
) -> None:
    assert said in brief(tmp_path, more=more)


# Our hours


def test_who_asks_hears_between_which_hours_we_call(tmp_path: Path) -> None:
    page = brief(tmp_path)
    assert "if asked: We call between 08:00 and 21:00, your time. Which hours suit you?" in page


@pytest.mark.parametrize(
    "more",
    ['hours = "mon-fri 10:00-16:00"\n', JANE + 'prefer = ["tue 10:00-11:00"]\n'],
    ids=["debtor", "person"],
)
def test_whose_hours_are_known_is_not_asked_for_them(tmp_path: Path, more: str) -> None:
    assert "if asked: " not in brief(tmp_path, more=more)


def test_the_hours_are_those_that_the_policy_and_every_rule_allow(tmp_path: Path) -> None:
    page = brief(
        tmp_path,
        "CA",
        "consumer",
        'subdivision = "CA-QC"\n',
        policy='[window]\nearliest = "09:00"\n',
        settings='[guard]\nrole = "third_party"\n',
    )
    assert "We call between 09:00 and 20:00, your time." in page


# Answers


def told(outcome: str) -> str:
    return (
        "[[contact]]\nat = 2026-11-17T09:00:00Z\nchannel = 'phone'\n"
        f"outcome = '{outcome}'\nwith = 'Jane Roe'\n"
    )


LETTER = told("letter_sent").replace("2026-11-17", "2026-11-18")


@pytest.mark.parametrize(
    ("reason", "more", "answer"),
    [
        ("admin.approval", "", "on admin.approval: Who else can sign, and on which day"),
        ("admin.bank", "", "on admin: At which step is it: order, invoice, approval,"),
        ("unwilling.strategic", "", "on unwilling: What is your reason?"),
        ("admin", told("no_answer"), "on admin: At which step"),
        ("admin", told("paid_claimed"), "on paid_claimed: When did you pay, how much, and"),
        ("", told("dispute"), "on dispute: What exactly is wrong, and on which invoice?"),
        ("admin", told("dispute"), "on dispute: What exactly is wrong"),
        ("dispute.fraud_claim", told("dispute"), "on dispute.fraud_claim: We take that"),
        ("admin", told("paid_claimed") + LETTER, "on paid_claimed: "),
        ("admin", told("paid_claimed") + promised("Jane Roe"), "on paid_claimed: "),
        (
            "admin",
            told("paid_claimed") + promised("Jane Roe", "2026-11-19").replace("11-10", "11-18"),
            "on admin: ",
        ),
        (
            "admin",
            told("paid_claimed") + "[[payment]]\non = 2026-11-18\namount = 5.00\n",
            "on admin: ",
        ),
    ],
    ids=[
        *("part of a reason", "its group", "another group", "nobody answered"),
        *("said last", "without a reason", "against the reason", "more exactly", "written since"),
        *("promised before", "promised since", "paid since"),
    ],
)
def test_one_answer_fits_what_they_said_last_or_else_the_reason(
    tmp_path: Path, reason: str, more: str, answer: str
) -> None:
    page = brief(tmp_path, more=JANE + more, reason=reason)
    assert answer in page
    assert page.count(" on " + answer.split()[1]) == 1


HELD = "[[hold]]\nat = 2026-11-20T09:00:00Z\nkind = 'insolvent'\n"
RECEPTION = '[[person]]\nname = "Pat"\nrole = "reception"\nphone = ["020 7946 0009"]\n'


@pytest.mark.parametrize(
    ("reason", "more"),
    [
        ("unknown", ""),
        ("unreachable.lost", ""),
        ("unwilling", HELD),
        ("unwilling", RECEPTION),
        ("unwilling", "[[payment]]\non = 2026-11-20\namount = 5000.00\n"),
    ],
    ids=["no reason", "nobody to answer", "frozen", "told nothing", "paid"],
)
def test_no_answer_is_made_up_where_none_fits_or_none_is_to_be_given(
    tmp_path: Path, reason: str, more: str
) -> None:
    page = brief(tmp_path, more=more, reason=reason)
    assert f" on {reason.partition('.')[0]}" not in page


def test_the_answer_is_in_their_language_and_the_program_reads_it_too(tmp_path: Path) -> None:
    page = brief(tmp_path, "DE", currency="EUR", reason="unwilling")
    assert "on unwilling: Was ist der Grund?" in page
    assert "Fällig ist es seit Freitag, den 30.10.: Können Sie heute zahlen?" in page
    words = ["brief", "acme", "--json", "--store", str(tmp_path), "--as-of", "2026-11-23T09:00Z"]
    lines = json.loads(CliRunner().invoke(main, words).stdout)["page"]
    assert any(line.startswith("  on unwilling: ") for line in lines)


PHRASES: dict[str, dict[str, Any]] = tomli.loads((DATA / "phrases.toml").read_text("utf-8"))
SENTENCES = ("opening", "opening_firm", "recap", "message", "hours")
VALUES = {
    "caller": "Li Na",
    "creditor": "Harbour Goods Ltd",
    "person": "Jane Roe",
    "phone": "020",
    "amount": "5,000.00",
    "due": "30",
    "via": "",
    "earliest": "08:00",
    "latest": "21:00",
}


@pytest.mark.parametrize("kind", ["deceased", "represented", "stop_contact"])
def test_nobody_is_to_be_called_whom_a_hold_protects(tmp_path: Path, kind: str) -> None:
    """Practice B29, B38: only whoever stands for the debtor is spoken with."""
    hold = f'[[hold]]\nat = 2026-11-02T09:00:00+00:00\nkind = "{kind}"\n'
    jo = '[[person]]\nname = "Jo"\nrole = "owner"\nphone = "020 7946 0001"\n'
    for name in ("alone", "estate"):
        (tmp_path / name).mkdir()
    page = brief(tmp_path / "alone", more=jo + hold)
    assert "Nobody to call; known are Jo (owner)" in page
    assert not [words for words in ("To say", "To find out", "> Jo") if words in page]
    heir = jo.replace("Jo", "Ada").replace("owner", "agent")
    assert "> Ada (agent)" in brief(tmp_path / "estate", more=jo + heir + hold)


def spoken() -> Iterator[tuple[str, str]]:
    for language, phrases in PHRASES.items():
        yield from ((f"{language} {key}", phrases[key]) for key in SENTENCES)
        yield from ((f"{language} {code}", words) for code, words in phrases["answers"].items())


@pytest.mark.parametrize(
    ("name", "words"), [pytest.param(name, words, id=name) for name, words in spoken()]
)
def test_nothing_is_said_on_the_telephone_that_no_letter_may_say(name: str, words: str) -> None:
    """No case has to support it: no clause, no decision, nobody to be told but the debtor."""
    assert {field for _, field, _, _ in string.Formatter().parse(words) if field} <= set(VALUES)
    message = Facts(consumer=True, letters=0, message=name.endswith(" message"))
    found = check([(name, words.format(**VALUES))], message, wording.lexicon())
    assert [str(finding) for finding in found] == []


@pytest.mark.parametrize("language", PHRASES)
def test_every_code_that_an_answer_names_is_one_of_a_case(language: str) -> None:
    codes = {f"{top}.{part}" for top, parts in REASONS.items() for part in parts}
    assert set(PHRASES[language]["answers"]) <= codes | set(REASONS) | set(OUTCOMES)


def test_every_language_has_the_same_answers() -> None:
    first, *others = [list(phrases["answers"]) for phrases in PHRASES.values()]
    assert all(other == first for other in others)
