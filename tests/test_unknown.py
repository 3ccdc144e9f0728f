"""What cannot be computed of what is owed: ``check`` names it, and nothing else is asked long."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from dunctl.cli import main
from dunctl.owed.claims import owed
from dunctl.owed.law import Law
from dunctl.owed.unknown import may_be_unknown
from tests.casefile import DAYS, entry, invoice, journals, paid, read, text
from tests.moneycase import LAW, books

BRITISH, CHINESE = 'country = "GB"', 'country = "CN"'
AGREED = '[terms]\nsigned = 2026-01-02\ninterest = { percent = 12, per = "year", clause = "9" }'
DEBTORS = (
    *(BRITISH, 'country = "DE"', 'country = "DE"\nkind = "consumer"', CHINESE, ""),
    *(f"{BRITISH}\n{AGREED}", f"{CHINESE}\n{AGREED}"),
    f'{CHINESE}\n[terms]\nprofile = "cn-loan"\nmargin = 1.5\nsigned = 2026-01-02',
    f'{CHINESE}\n[terms]\nprofile = "cn-sme"\nsigned = 2026-01-02',
)


def known(spans: dict[str, tuple[date, date]]) -> Law:
    """Return the shipped law with series that are known from one day to another."""
    series = {}
    for name, (first, last) in spans.items():
        one = LAW.series[name]
        rates = tuple((day, rate) for day, rate in one.changes if day > first)
        changes = ((first, one.changes[-1][1]), *rates)
        series[name] = one._replace(changes=changes, published_until=last)
    return LAW._replace(series=series)


SPANS = st.fixed_dictionaries(
    {
        name: st.tuples(DAYS, DAYS, st.sampled_from((0, 200, 4000))).map(
            lambda drawn: (min(drawn[:2]) - timedelta(days=drawn[2]), max(drawn[:2]))
        )
        for name in LAW.series
    }
)
ENTRIES = st.one_of(
    books(),
    st.builds(
        lambda entries, currency: [one.replace("GBP", currency) for one in entries],
        journals(),
        st.sampled_from(("EUR", "CNY")),
    ),
)


@given(ENTRIES, st.sampled_from(DEBTORS), SPANS, DAYS)
def test_whoever_is_not_asked_has_no_problem(
    entries: list[str], debtor: str, spans: dict[str, tuple[date, date]], day: date
) -> None:
    case, law = read(text(*entries, debtor=debtor)), known(spans)
    if not may_be_unknown(law, day)(case):
        assert owed(case, day, law).problems == ()


GERMAN = 'country = "DE"'
DUE = "2026-03-30"
LETTER = entry("letter", at="2026-04-20T10:00:00Z", template="final-demand", interest="1.00")


@pytest.mark.parametrize(
    ("debtor", "currency", "first", "last", "more", "asked"),
    [
        pytest.param(BRITISH, "GBP", "2025-12-31", "2025-12-31", "", False, id="rate-of-the-start"),
        pytest.param(BRITISH, "GBP", "2025-01-01", "2025-12-30", "", True, id="start-not-known"),
        pytest.param(
            *(BRITISH, "GBP", "2025-12-31", "2026-12-31"),
            invoice("0", "2025-12-30", "10.00"),
            *(True,),
            id="start-of-the-older-not-known",
        ),
        pytest.param(
            *(BRITISH, "GBP", "2025-01-01", "2025-12-31"),
            invoice("0", "2026-07-30", "10.00"),
            *(True,),
            id="start-of-the-newer-not-known",
        ),
        pytest.param(
            *(BRITISH, "GBP", "2025-01-01", "2025-12-31"),
            invoice("0", "2026-09-02", "10.00"),
            *(False,),
            id="the-newer-not-begun",
        ),
        pytest.param(GERMAN, "EUR", "2026-01-01", "2026-07-01", "", False, id="half-years"),
        pytest.param(GERMAN, "EUR", "2026-01-01", "2026-06-30", "", True, id="this-half-year-not"),
        pytest.param(GERMAN, "EUR", "2026-01-02", "2026-07-01", "", True, id="first-half-year-not"),
        pytest.param("", "GBP", "2030-01-01", "2030-01-01", "", False, id="no-ground"),
        pytest.param(
            "", "GBP", "2030-01-01", "2030-01-01", LETTER, True, id="no-ground-but-claimed"
        ),
    ],
)
def test_only_those_whose_rate_is_not_known_are_asked(
    debtor: str, currency: str, first: str, last: str, more: str, *, asked: bool
) -> None:
    """As of 1 September."""
    case = read(text(invoice("1", DUE, "10.00"), more, debtor=debtor, currency=currency))
    law = known(dict.fromkeys(LAW.series, (date.fromisoformat(first), date.fromisoformat(last))))
    day = date(2026, 9, 1)
    assert may_be_unknown(law, day)(case) is asked
    assert bool(owed(case, day, law).problems) is asked


CASE = text(
    invoice("1", "2026-08-30", "10.00"),
    invoice("2", "2026-10-30", "10.00"),
    debtor=CHINESE,
    currency="CNY",
)
UNKNOWN = (
    "cases/acme.toml:15: the interest on 2 is not known: lpr-1y is known until 2026-09-20 and not "
    "for 2026-10-31: add what was published since to policies/rates/lpr-1y.toml (dunctl rates add "
    "lpr-1y DATE RATE --source TEXT)\n"
)


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    (tmp_path / "cases").mkdir()
    (tmp_path / "dunctl.toml").write_text(
        '[desk]\ntimezone = "UTC"\n[defaults]\ncurrency = "GBP"\ncountry = "GB"\n'
    )
    return tmp_path


def check(root: Path, source: str, *words: str, day: str = "2026-11-24") -> str:
    (root / "cases" / "acme.toml").write_text(source)
    arguments = ["check", *words, "--store", str(root), "--as-of", day]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    return done.output


def test_check_names_interest_that_is_not_known_at_its_invoice(desk: Path) -> None:
    assert check(desk, CASE) == f"{UNKNOWN}1 case, no problem\n"
    (one,) = json.loads(check(desk, CASE, "--json"))
    assert one["line"] == 15


@pytest.mark.parametrize(
    ("more", "day"),
    [
        (paid("2026-11-20", "10.00", invoice="2"), "2026-11-24"),
        ("", "2026-10-29"),
    ],
)
def test_what_is_paid_or_not_due_yet_is_not_named(desk: Path, more: str, day: str) -> None:
    assert check(desk, CASE + more, day=day) == "1 case, no problem\n"


def test_a_rate_of_the_store_s_own_is_the_remedy(desk: Path) -> None:
    assert UNKNOWN in check(desk, CASE)
    words = [
        "rates",
        "add",
        "lpr-1y",
        "2026-10-20",
        "3.00",
        "--source",
        "PBoC",
        "--store",
        str(desk),
    ]
    assert CliRunner().invoke(main, words).exit_code == 0
    assert "2026-10-31" in check(desk, CASE)
    words[3] = "2026-11-20"
    assert CliRunner().invoke(main, words).exit_code == 0
    assert check(desk, CASE) == "1 case, no problem\n"


def test_a_claim_without_a_ground_and_a_refund_of_too_much_are_named(desk: Path) -> None:
    claim = entry("claim", on="2026-11-20")
    said = check(desk, text(invoice("1", "2026-10-30", "10.00"), claim))
    assert "cases/acme.toml:10: the interest on 1 is not known: it is claimed, but " in said
    refund = entry("refund", on="2026-11-20", amount="5.00")
    said = check(desk, text(invoice("1", "2026-10-30", "10.00"), refund))
    assert "£5.00 more was refunded than there was credit of theirs" in said
