"""``pay --to``, ``bounce``, ``refund``, ``charge``, ``waive``: what they write and refuse.

Today is Tuesday, 24 November 2026.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dunctl.case.handles import handles
from dunctl.case.toml import loads
from dunctl.cli import main
from tests.casefile import entry, invoice, paid, promise

NOW = "2026-11-24T09:00:00+00:00"
ACME = """\
format = 1
currency = "GBP"

[debtor]
name = "Acme Ltd"
country = "GB"
timezone = "Europe/London"
language = "en"
phone = ["020 7946 0001"]
"""
LATE = invoice("L", due="2026-09-30", amount="1000.00", issued="2026-08-31")
LATER = invoice("M", due="2026-10-31", amount="500.00", issued="2026-09-30")
NEW = invoice("N", due="2026-12-31", amount="300.00", issued="2026-11-20")
DUE = ACME + LATE + LATER + NEW
EUROS = DUE.replace("GBP", "EUR").replace('"GB"', '"DE"')
CONSUMER = EUROS.replace('language = "en"', 'language = "en"\nkind = "consumer"')


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a store outside of git, and stand in it."""
    (tmp_path / "cases").mkdir()
    (tmp_path / "dunctl.toml").write_text(
        '[creditor]\nname = "Us Ltd"\n[defaults]\ncurrency = "GBP"\ncountry = "GB"\n'
        '[desk]\ntimezone = "Europe/London"\nhours = "mon-sun 09:00-17:00"\n'
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DUNCTL_NOW", NOW)
    monkeypatch.setenv("DUNCTL_USER", "li.na")
    write(tmp_path, DUE)
    (tmp_path / ".dunctl").mkdir()
    (tmp_path / ".dunctl" / "no-git-told").touch()
    return tmp_path


def write(desk: Path, *parts: str) -> None:
    (desk / "cases" / "acme.toml").write_text("\n".join(parts))


def run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def done(*words: str) -> str:
    found = run(*words)
    assert found.exit_code == 0, found.output
    return found.output


def entries(desk: Path, kind: str) -> list[dict[str, Any]]:
    data = loads((desk / "cases" / "acme.toml").read_text())
    rows: list[dict[str, Any]] = data.get(kind, [])
    return rows


def name_of(desk: Path, kind: str, nth: int = 0) -> str:
    data = loads((desk / "cases" / "acme.toml").read_text())
    return handles(data)[kind, nth]


def told(*words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(*words, "--json").stdout)
    return found


# --- what they write -----------------------------------------------------------------------------


def test_the_only_payment_bounces_without_being_named(desk: Path) -> None:
    write(desk, DUE, paid("2026-11-02", "1000.00", invoice="L"))
    said = done("bounce", "acme", "--on", "yesterday", "--why", "no funds")
    (row,) = entries(desk, "reversal")
    assert (row["on"], row["payment"], row["why"], row["by"]) == (
        date(2026, 11, 23),
        name_of(desk, "payment"),
        "no funds",
        "li.na",
    )
    assert "£1,800.00 left to pay" in said


def test_a_promise_of_more_than_is_open_is_kept_and_doubted(desk: Path) -> None:
    said = done("promise", "acme", "20000", "fri")
    assert "£1,800.00 is open, less than was promised; if an invoice is missing: " in said
    assert entries(desk, "promise")[0]["amount"] == Decimal("20000.00")
    assert "is open, less than" not in done("promise", "acme", "1800", "fri")


def test_a_payment_that_bounces_breaks_the_promise_that_it_kept(desk: Path) -> None:
    write(
        desk,
        DUE,
        promise("2026-11-02T10:00:00Z", "1000.00", "2026-11-06"),
        paid("2026-11-05", "1000.00"),
    )
    assert told("show", "acme")["promises"][0]["status"] == "kept"
    said = done("bounce", "acme", name_of(desk, "payment")[:5])
    assert "promise of £1,000.00: broken" in said
    assert told("show", "acme", "--as-of", "yesterday")["promises"][0]["status"] == "kept"


def test_credit_of_theirs_is_paid_back_up_to_what_there_is(desk: Path) -> None:
    write(desk, DUE, paid("2026-11-02", "1100.00", invoice="L"))
    said = done("refund", "acme", "60", "--why", "paid twice", "--ref", "R-1")
    assert "£40.00 of credit of theirs" in said
    (row,) = entries(desk, "refund")
    assert (str(row["amount"]), row["why"], row["ref"]) == ("60.00", "paid twice", "R-1")


def test_interest_is_claimed_on_what_is_overdue_and_money_counts_towards_it(desk: Path) -> None:
    said = done("charge", "acme", "--interest", "--why", "third time")
    assert "£1,800.00 left to pay; £21.57 of interest" in said
    (row,) = entries(desk, "claim")
    assert (row["on"], row["why"], "invoice" in row) == (date(2026, 11, 24), "third time", False)
    # 54 days on L before today, 17.38, and 23 on M, 3.70
    assert "£798.92 left to pay" in done("pay", "acme", "1022.16")


def test_interest_is_claimed_only_on_what_has_a_clause_or_a_statute(desk: Path) -> None:
    """What is owed in euros by a firm in London has none: nobody could compute the claim."""
    write(desk, DUE, invoice("E", due="2026-09-30", amount="80.00", currency="EUR"))
    done("charge", "acme", "--interest", "--why", "third time")
    assert [claim["invoice"] for claim in entries(desk, "claim")] == ["L", "M"]
    assert run("owed", "acme").exit_code == 0
    assert "Total to pay" in done("letter", "acme", "reminder", "--format", "text")
    again = run("charge", "acme", "--interest")
    assert (again.exit_code, "claimed already" in again.stderr) == (1, True)


@pytest.mark.parametrize(
    "words", [("bounce", "acme"), ("credit", "acme", "10", "--invoice", "L"), ("pay", "acme", "1")]
)
def test_what_is_still_to_come_is_told(desk: Path, words: tuple[str, ...]) -> None:
    done("pay", "acme", "5")
    assert "2026-11-25 is still to come" in run(*words, "--on", "tomorrow").stderr
    assert "still to come" not in run(*words, "--on", "today").stderr


def test_the_statutory_sum_is_charged_once_for_each_overdue_invoice(desk: Path) -> None:
    """peers 10, invoiceninja#2330: run twice, and the fee was there twice."""
    done("charge", "acme", "--fixed-sum")
    rows = entries(desk, "fee")
    assert [(row["invoice"], str(row["amount"]), row["kind"]) for row in rows] == [
        ("L", "70.00", "fixed_sum"),
        ("M", "40.00", "fixed_sum"),
    ]
    assert {row["basis"] for row in rows} == {
        "Late Payment of Commercial Debts (Interest) Act 1998"
    }
    again = run("charge", "acme", "--fixed-sum")
    assert (again.exit_code, entries(desk, "fee")) == (1, rows)
    done("waive", "acme", name_of(desk, "fee", 1), "--why", "goodwill")
    assert run("charge", "acme", "--fixed-sum", "--invoice", "M").exit_code == 1


def test_an_invoice_that_was_paid_late_can_be_charged_by_its_number(desk: Path) -> None:
    write(desk, DUE, paid("2026-10-20", "1000.00", invoice="L"))
    done("charge", "acme", "--fixed-sum", "--invoice", "L")
    done("charge", "acme", "--interest", "--invoice", "L")
    assert told("owed", "acme")["currencies"]["GBP"]["fees"] == "70.00"
    assert entries(desk, "claim")[0]["invoice"] == "L"
    assert entries(desk, "fee")[0]["invoice"] == "L"


def test_what_bounced_this_morning_can_be_claimed_on_in_the_afternoon(desk: Path) -> None:
    write(desk, DUE, paid("2026-11-02", "1000.00", invoice="L"))
    done("bounce", "acme")
    assert "£21.57 of interest" in done("charge", "acme", "--interest")
    assert run("charge", "acme", "--interest").exit_code == 1


def test_a_fee_is_charged_by_its_clause_or_by_that_of_the_contract(desk: Path) -> None:
    done("charge", "acme", "--fee", "25", "--basis", "clause 12", "--invoice", "L")
    done("charge", "acme", "--fee", "90", "--basis", "court fees", "--kind", "costs")
    write(desk, DUE, entry("fee", on="2026-11-01", amount="1.00", basis="x"))
    done("set", "acme", "terms.fee_clause", "clause 14")
    done("charge", "acme", "--fee", "10")
    row = entries(desk, "fee")[1]
    assert (row["basis"], str(row["amount"])) == ("clause 14", "10.00")


def test_claiming_interest_from_somebody_in_need_is_warned_about(desk: Path) -> None:
    """Practice N02."""
    write(desk, DUE.replace("\n\n[debtor]", '\nreason = "hardship_long"\n\n[debtor]', 1))
    found = run("charge", "acme", "--interest", "--why", "asked by the board")
    assert found.exit_code == 0
    assert "usually not claimed" in found.output
    assert entries(desk, "claim")[0]["why"] == "asked by the board"


def test_interest_is_waived_so_far_and_a_fee_in_part(desk: Path) -> None:
    done("charge", "acme", "--interest")
    said = done("waive", "acme", "interest", "--why", "paid at once")
    assert said.endswith("£1,800.00 left to pay\n")
    done("charge", "acme", "--fee", "25", "--basis", "clause 12")
    said = done("waive", "acme", name_of(desk, "fee"), "10", "--why", "half of it")
    assert "£15.00 of fees" in said
    assert [str(row["why"]) for row in entries(desk, "waiver")] == ["paid at once", "half of it"]


def test_money_goes_where_they_said(desk: Path) -> None:
    done("charge", "acme", "--interest")
    said = done("pay", "acme", "10", "--to", "interest")
    assert "£1,800.00 left to pay; £11.57 of interest" in said
    assert entries(desk, "payment")[0]["to"] == "interest"


# --- what they refuse ----------------------------------------------------------------------------

REFUSED: dict[str, tuple[str, tuple[str, ...], str]] = {
    "no payment": (DUE, ("bounce", "acme"), "no payment that could bounce"),
    "several payments": (
        DUE + paid("2026-11-02", "10.00") + paid("2026-11-03", "20.00"),
        ("bounce", "acme"),
        "say which",
    ),
    "not a payment": (DUE, ("bounce", "acme", "<invoice>"), "not a payment"),
    "bounced before it came": (
        DUE + paid("2026-11-02", "10.00"),
        ("bounce", "acme", "--on", "2026-11-01"),
        "cannot bounce before",
    ),
    "no credit": (DUE, ("refund", "acme", "10"), "£0.00 of credit"),
    "more than the credit": (
        DUE + paid("2026-11-02", "1010.00", invoice="L"),
        ("refund", "acme", "10.01"),
        "£10.00 of credit",
    ),
    "credit that came later": (
        DUE + paid("2026-11-10", "1010.00", invoice="L"),
        ("refund", "acme", "10", "--on", "2026-11-09"),
        "£0.00 of credit",
    ),
    "nothing overdue": (ACME + NEW, ("charge", "acme", "--interest"), "nothing undisputed is"),
    "no interest yet": (DUE, ("charge", "acme", "--interest", "--invoice", "N"), "yet"),
    "no such invoice": (DUE, ("charge", "acme", "--fixed-sum", "--invoice", "X"), "no invoice X"),
    "interest on a consumer without a clause": (
        DUE.replace('language = "en"', 'language = "en"\nkind = "consumer"'),
        ("charge", "acme", "--interest"),
        "no interest",
    ),
    "a profile that is not there": (
        DUE,
        ("charge", "acme", "--interest", "--profile", "gb-late"),
        "gb-late-payment",
    ),
    "a consumer charged the lump sum": (
        CONSUMER,
        ("charge", "acme", "--fixed-sum"),
        "a consumer owes no fixed sum",
    ),
    "the lump sum on what is not late": (
        DUE,
        ("charge", "acme", "--fixed-sum", "--invoice", "N"),
        "was not late",
    ),
    "a fee without a clause": (DUE, ("charge", "acme", "--fee", "25"), "needs a clause"),
    "the same fee twice": (
        DUE + entry("fee", on="2026-11-24", amount="25.00", basis="clause 12"),
        ("charge", "acme", "--fee", "25", "--basis", "clause 12"),
        "already",
    ),
    "interest at a rate nobody knows": (
        EUROS,
        ("charge", "acme", "--interest", "--on", "2027-03-01"),
        "dunctl rates add",
    ),
    "interest that is claimed": (
        DUE + entry("claim", on="2026-11-20"),
        ("charge", "acme", "--interest"),
        "claimed already",
    ),
    "no interest to waive": (
        ACME + NEW,
        ("waive", "acme", "interest", "--why", "x"),
        "no interest",
    ),
    "more interest than there is": (
        DUE,
        ("waive", "acme", "interest", "50", "--why", "x"),
        "only £21.57 is open",
    ),
    "a fee that is paid": (
        DUE
        + entry("fee", on="2026-11-01", amount="25.00", basis="clause 12")
        + paid("2026-11-02", "25.00", to="costs"),
        ("waive", "acme", "<fee>", "--why", "x"),
        "nothing of fee",
    ),
    "what is no fee": (DUE, ("waive", "acme", "<invoice>", "--why", "x"), "not a fee"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_refused_in_one_sentence_and_nothing_is_written(
    desk: Path, case: str
) -> None:
    text, words, sentence = REFUSED[case]
    write(desk, text)
    file = desk / "cases" / "acme.toml"
    named = {f"<{kind}>": name_of(desk, kind) for kind in ("invoice", "fee") if entries(desk, kind)}
    before = file.read_bytes()
    found = run(*(named.get(word, word) for word in words))
    assert found.exit_code == 1, found.output
    assert found.stdout == ""
    assert sentence in found.stderr
    assert found.stderr.count("\n") == 1
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    "words",
    [
        ("charge", "acme"),
        ("charge", "acme", "--interest", "--fixed-sum"),
        ("charge", "acme", "--interest", "--basis", "x"),
        ("charge", "acme", "--fixed-sum", "--why", "x"),
        ("charge", "acme", "--fee", "2.505", "--basis", "x"),
        ("waive", "acme", "interest"),
        ("pay", "acme", "10", "--to", "the taxman"),
    ],
)
def test_words_that_do_not_go_together_are_wrong_usage(desk: Path, words: tuple[str, ...]) -> None:
    before = (desk / "cases" / "acme.toml").read_bytes()
    assert run(*words).exit_code == 2
    assert (desk / "cases" / "acme.toml").read_bytes() == before


def test_a_payment_bounces_once(desk: Path) -> None:
    write(desk, DUE, paid("2026-11-02", "10.00"))
    done("bounce", "acme")
    again = run("bounce", "acme", name_of(desk, "payment"))
    assert (again.exit_code, "already" in again.stderr) == (1, True)
    assert run("bounce", "acme").exit_code == 1
    assert len(entries(desk, "reversal")) == 1


# --- one figure everywhere -----------------------------------------------------------------------


BUSINESS: tuple[tuple[str, Callable[[Path], tuple[str, ...]]], ...] = (
    ("2026-10-10", lambda _: ("charge", "acme", "--interest")),
    ("2026-10-12", lambda _: ("charge", "acme", "--fixed-sum")),
    ("2026-10-20", lambda _: ("pay", "acme", "400")),
    ("2026-10-27", lambda desk: ("bounce", "acme", name_of(desk, "payment", 0))),
    ("2026-11-02", lambda _: ("waive", "acme", "interest", "--why", "goodwill")),
    ("2026-11-06", lambda _: ("pay", "acme", "700", "--ref", "by transfer")),
    ("2026-11-09", lambda _: ("charge", "acme", "--fee", "25", "--basis", "clause 12")),
    ("2026-11-12", lambda _: ("credit", "acme", "50", "--invoice", "M")),
)


def do_business(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for when, words in BUSINESS:
        monkeypatch.setenv("DUNCTL_NOW", f"{when}T09:30:00+00:00")
        done(*words(desk))
    monkeypatch.setenv("DUNCTL_NOW", NOW)


def test_every_command_tells_the_same_principal_on_every_day(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    do_business(desk, monkeypatch)
    seen, calls = set(), 0
    day = date(2026, 10, 1)
    while day <= date(2026, 11, 24):
        asked = ("--as-of", str(day))
        shown = told("show", "acme", *asked)
        (aged,) = told("ageing", *asked)["currencies"].values()
        (listed,) = json.loads(run("ls", "--json", *asked).stdout)
        called = [one for one in told("today", *asked)["calls"] if one["case"] == "acme"]
        balance = shown["balance"]["GBP"]
        assert listed["balance"]["GBP"] == balance, day
        assert _less(aged["total"], aged["unallocated"]) == balance, day
        assert sum(Decimal(one["open"]) for one in shown["invoices"]) == Decimal(aged["total"]), day
        calls += len(called)
        for one in called:
            assert one["balance"][0]["amount"] == balance, day
        assert told("owed", "acme", *asked)["currencies"]["GBP"]["principal"] == aged["total"], day
        seen.add(balance)
        day += timedelta(days=1)
    assert len(seen) > 4
    assert calls > 4


def _less(total: str, credit: str) -> str:
    return f"{Decimal(total) - Decimal(credit):.2f}"


def test_as_of_today_is_now(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    do_business(desk, monkeypatch)
    for verb in (("show", "acme"), ("owed", "acme"), ("ageing",), ("statement", "acme")):
        assert run(*verb).output == run(*verb, "--as-of", "2026-11-24").output


def test_undo_takes_back_each_of_them(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "HOME": str(desk),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Li Na",
        "GIT_AUTHOR_EMAIL": "li.na@example.com",
        "GIT_COMMITTER_NAME": "Li Na",
        "GIT_COMMITTER_EMAIL": "li.na@example.com",
    }.items():
        monkeypatch.setenv(name, value)
    write(desk, DUE, paid("2026-11-02", "1100.00", invoice="L"))
    (desk / ".gitignore").write_text(".dunctl/\n")
    for git in (("init", "--quiet"), ("add", "--all"), ("commit", "--quiet", "-m", "the book")):
        subprocess.run(["git", *git], check=True, cwd=desk)
    several: list[tuple[str, ...]] = [
        ("charge", "acme", "--interest"),
        ("charge", "acme", "--fixed-sum"),
        ("refund", "acme", "30"),
        ("bounce", "acme"),
        ("waive", "acme", "interest", "--why", "x"),
        ("pay", "acme", "30", "--to", "costs"),
    ]
    for words in several:
        before = told("owed", "acme")
        done(*words)
        assert told("owed", "acme") != before, words
        done("undo")
        assert told("owed", "acme") == before, words
        done(*words)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("pay acme 5 --invoice E", "payment"),
        ("credit acme 5 --invoice E", "credit"),
        ("dispute acme 5 --invoice E", "dispute"),
        ("promise acme 5 fri --invoice E", "promise"),
        ("charge acme --fee 5 --basis §7 --invoice E", "fee"),
    ],
)
def test_what_names_an_invoice_is_in_its_currency(desk: Path, words: str, kind: str) -> None:
    write(desk, DUE, invoice("E", "2026-10-30", "90.00", currency="EUR"))
    assert "€5.00" in done(*words.split())
    assert entries(desk, kind)[-1]["currency"] == "EUR"


@pytest.mark.parametrize("words", ["credit acme 5 --why damage", "dispute acme 5 --invoice L"])
def test_the_same_again_is_written_and_told(desk: Path, words: str) -> None:
    for told in (False, True):
        found = run(*words.split())
        assert found.exit_code == 0
        assert ("void one of the two" in found.stderr) is told


def test_a_dispute_of_more_than_is_open_is_told(desk: Path) -> None:
    assert (
        "no more than £1,000.00 of it is open"
        in run("dispute", "acme", "1000.01", "--invoice", "L").stderr
    )
    assert "is open" not in run("dispute", "acme", "500", "--invoice", "M").stderr


def test_the_currency_of_a_case_changes_only_while_no_amount_is_in_it(desk: Path) -> None:
    refused = run("set", "acme", "currency", "EUR")
    assert refused.exit_code == 1
    assert refused.stderr == (
        "dunctl: acme has amounts in GBP: void them first, or open another case\n"
    )
    write(desk, ACME, LATE.replace("[[invoice]]", '[[invoice]]\ncurrency = "USD"'))
    assert done("set", "acme", "currency", "EUR") == "acme: currency = EUR\n"


def test_terms_of_no_days_are_terms(desk: Path) -> None:
    done("set", "acme", "terms.days", "0")
    assert "due Tue 24 Nov" in done("invoice", "acme", "P", "10")


def test_an_invoice_without_its_day_of_issue_says_which_is_taken(desk: Path) -> None:
    words = "issued Sun 25 Oct, 30 days before: if it was not, dunctl undo and say --issued"
    assert words in done("invoice", "acme", "P", "10", "--due", "24 Nov")
    assert "issued" not in done(
        "invoice", "acme", "Q", "10", "--due", "24 Nov", "--issued", "1 Nov"
    )
