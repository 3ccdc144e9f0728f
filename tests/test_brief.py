"""What the page for a call allows to be said, and what it forbids."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from dunctl.case.handles import handles
from dunctl.case.toml import loads
from dunctl.cli import main

HEAD = """\
format = 1
currency = "{currency}"
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
    root: Path, country: str, kind: str = "company", more: str = "", currency: str = "GBP"
) -> str:
    """Return the page of a case as one line."""
    (root / "cases").mkdir()
    settings = '[desk]\ntimezone = "UTC"\n[defaults]\ncurrency = "GBP"\ncountry = "GB"\n'
    (root / "dunctl.toml").write_text(settings)
    text = HEAD.format(country=country, kind=kind, more=more, currency=currency)
    (root / "cases" / "acme.toml").write_text(text)
    words = ["brief", "acme", "--store", str(root), "--as-of", "2026-11-23T09:00Z"]
    done = CliRunner().invoke(main, words)
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
        loads(HEAD.format(country="GB", kind="company", more="", currency="GBP") + PAID)
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
