"""Rates are dated data with a source; past the last published day there is no rate, only a command.

Figures: law.md of the project's sources, sections 2 to 4.
"""

from __future__ import annotations

import json
import subprocess
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dunctl.cli import main
from dunctl.owed.rates import RateUnknown, Series, half_year, half_year_eve, rate_on, read
from dunctl.store import law as laws
from dunctl.store import store as stores
from tests.casefile import toml

LAW = laws.shipped()
BASE, ECB = LAW.series["boe-bank-rate"], LAW.series["ecb-main-refinancing"]
GERMAN = LAW.series["de-basiszinssatz"]
HALF_YEARS = [(year, half) for year in range(2015, 2027) for half in (1, 2)]
STORE = 'format = 1\n[desk]\ntimezone = "Europe/London"\n[defaults]\ncurrency = "GBP"\n'


def first_of(year: int, half: int) -> date:
    return date(year, 1 if half == 1 else 7, 1)


def named(table: str) -> dict[tuple[int, int], Decimal]:
    """Read ``2015H1-2016H2 8.50`` and so on: half-year to rate."""
    rates = {}
    for words in table.split("·"):
        span, rate = words.split()
        ends = [(int(end[:4]), int(end[5])) for end in span.split("-")]
        for half in HALF_YEARS:
            if ends[0] <= half <= ends[-1]:
                rates[half] = Decimal(rate)
    return rates


def test_the_statutory_rate_of_the_united_kingdom_is_8_over_the_eve_of_each_half_year() -> None:
    """SI 2002/1675 art. 4; the table of law.md section 2, confirmed at 11.5 and 13.25."""
    table = named(
        "2015H1-2016H2 8.50 · 2017H1-2017H2 8.25 · 2018H1-2018H2 8.50 · 2019H1-2020H1 8.75 · "
        "2020H2-2021H2 8.10 · 2022H1 8.25 · 2022H2 9.25 · 2023H1 11.50 · 2023H2 13.00 · "
        "2024H1-2024H2 13.25 · 2025H1 12.75 · 2025H2 12.25 · 2026H1-2026H2 11.75"
    )
    found = {half: rate_on(BASE, half_year_eve(first_of(*half))) + 8 for half in HALF_YEARS}
    assert found == table


def test_the_rate_of_the_directive_is_8_over_the_first_day_of_each_half_year() -> None:
    """Directive 2011/7/EU art. 2; the table of law.md section 3."""
    table = named(
        "2016H2-2022H2 8.00 · 2023H1 10.50 · 2023H2 12.00 · 2024H1 12.50 · 2024H2 12.25 · "
        "2025H1 11.15 · 2025H2-2026H1 10.15 · 2026H2 10.40"
    )
    assert {half: rate_on(ECB, first_of(*half)) + 8 for half in table} == table


def test_a_rate_that_no_source_verifies_is_there_but_not_used() -> None:
    """The ECB's 0.05 of 2014 is from memory; without it the series begins in 2016."""
    assert ECB.unproved == ((date(2014, 9, 10), Decimal("0.05")),)
    with pytest.raises(RateUnknown, match="known from 2016-03-16 on and not for 2016-01-01"):
        rate_on(ECB, date(2016, 1, 1))


def test_every_step_of_the_base_rate_is_the_step_of_the_central_bank() -> None:
    """BGB section 247, and D8: 1.27 + (2.40 - 2.15) = 1.52."""
    everything = ECB._replace(changes=tuple(sorted((*ECB.unproved, *ECB.changes))))
    days = [first_of(*half) for half in HALF_YEARS if half >= (2016, 1)]
    assert days[-1] == date(2026, 7, 1)
    steps = {
        after: (
            rate_on(GERMAN, after) - rate_on(GERMAN, before),
            rate_on(everything, after) - rate_on(everything, before),
        )
        for before, after in pairwise(days)
    }
    assert {day for day, (ours, theirs) in steps.items() if ours != theirs} == set()
    assert steps[date(2026, 7, 1)] == (Decimal("0.25"), Decimal("0.25"))


@pytest.mark.parametrize(
    ("name", "day", "rate"),
    [
        ("boe-bank-rate", "2020-03-18", "0.25"),
        ("boe-bank-rate", "2020-03-19", "0.10"),
        ("boe-bank-rate", "2026-09-08", "3.75"),
        ("ecb-main-refinancing", "2026-06-16", "2.15"),
        ("ecb-main-refinancing", "2026-09-16", "2.65"),
        ("de-basiszinssatz", "2015-01-01", "-0.83"),
        ("de-basiszinssatz", "2022-12-31", "-0.88"),
        ("de-basiszinssatz", "2026-12-31", "1.52"),
        ("lpr-1y", "2025-05-19", "3.10"),
        ("lpr-1y", "2025-05-20", "3.00"),
        ("lpr-5y", "2020-08-20", "4.65"),
        ("lpr-5y", "2026-09-20", "3.50"),
    ],
)
def test_a_rate_stands_from_its_day_until_the_next(name: str, day: str, rate: str) -> None:
    assert rate_on(LAW.series[name], date.fromisoformat(day)) == Decimal(rate)


@pytest.mark.parametrize("name", sorted(LAW.series))
def test_past_the_last_published_day_a_rate_is_refused_with_the_file_and_the_command(
    name: str,
) -> None:
    series = LAW.series[name]
    after = series.published_until + timedelta(days=1)
    with pytest.raises(RateUnknown) as refused:
        rate_on(series, after)
    assert str(refused.value) == (
        f"{name} is known until {series.published_until} and not for {after}: add what was "
        f"published since to policies/rates/{name}.toml "
        f"(dunctl rates add {name} DATE RATE --source TEXT)"
    )
    assert rate_on(series, series.published_until) == series.changes[-1][1]


@pytest.mark.parametrize("name", sorted(LAW.series))
def test_every_shipped_series_says_where_it_is_from_and_how_far_it_goes(name: str) -> None:
    series = LAW.series[name]
    assert series.source
    assert series.as_of
    assert series.confidence == "verified"
    assert series.changes[-1][0] <= series.published_until
    assert series.problems == ()


def test_only_what_the_law_fixes_is_known_ahead() -> None:
    ahead = {s.id for s in LAW.series.values() if s.as_of and s.published_until > s.as_of}
    assert ahead == {"de-basiszinssatz"}
    assert GERMAN.published_until == half_year(GERMAN.changes[-1][0])[1]


HEAD = 'title = "A"\nsource = "B"\nformat = 1\npublished_until = 2026-06-30\n'


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("format = 1\n[[change]]\non = 2026-01-01\npercent = 1\n", "a: title is missing"),
        ('format = 1\ntitle = "A"\n', "a: has no rates"),
        ('format = 1\ntitle = "A"\nchange = [{ on = 2026-01-01, percent = 1 }]', "a #1: source"),
        (HEAD + "change = [{ on = 2026-01-01, percent = 101 }]", "a #1: percent must be a number"),
        (HEAD + 'change = [{ on = 2026-01-01, percent = "1" }]', "a #1: percent must be a number"),
        (HEAD + "change = [{ on = 2026-01-01, rate = 1 }]", "a #1: percent is missing"),
        (
            HEAD + "change = [{ on = 2026-02-01, percent = 1 }, { on = 2026-01-01, percent = 2 }]",
            "a: 2026-01-01 comes after a later day: sort the rates by day",
        ),
        (
            HEAD + 'only_on = "half_year"\nchange = [{ on = 2026-07-02, percent = 1 }]',
            "a: 2026-07-02: this rate changes on 1 January and 1 July only",  # D8
        ),
        (
            HEAD + "change = [{ on = 2026-01-01, until = 2025-12-31, percent = 1 }]",
            "a: until 2025-12-31 is not within a year of 2026-01-01",
        ),
        (HEAD + 'id = "b"\nchange = [{ on = 2026-01-01, percent = 1 }]', "a: id must be the name"),
    ],
)
def test_what_is_wrong_with_a_series_is_a_sentence_and_the_series_is_not_used(
    source: str, why: str
) -> None:
    series = read(toml(source), "a", "policies/rates/a.toml")
    assert any(problem.startswith(why) for problem in series.problems), series.problems
    with pytest.raises(RateUnknown, match="dunctl policy check"):
        rate_on(series, date(2026, 1, 1))


# --- the store's own rates, and the command ------------------------------------------------------


def a_store(root: Path, **own: str) -> Path:
    (root / "dunctl.toml").write_text(STORE, encoding="utf-8")
    (root / "cases").mkdir()
    for name, text in own.items():
        file = root / "policies" / "rates" / f"{name.replace('_', '-')}.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return root


def run(root: Path, *words: str) -> Result:
    clock = {"DUNCTL_NOW": "2026-11-24T09:00:00+00:00", "COLUMNS": "100"}
    return CliRunner().invoke(main, ["--store", str(root), "rates", *words], env=clock)


def series_of(root: Path, name: str) -> Series:
    return laws.law_of(stores.open_store(root)).series[name]


def own(*changes: str, head: str = 'format = 1\nid = "boe-bank-rate"\n') -> str:
    return head + "".join(f'[[change]]\n{c}\nsource = "x"\n' for c in changes)


def test_a_rate_that_is_added_counts_at_once_and_the_shipped_ones_stay(tmp_path: Path) -> None:
    root = a_store(tmp_path)
    with pytest.raises(RateUnknown):
        rate_on(series_of(root, "boe-bank-rate"), date(2026, 11, 24))
    done = run(
        root,
        *("add", "boe-bank-rate", "2026-11-05", "3.50"),
        *("--until", "2026-12-16", "--source", "Bank of England, 5 November 2026"),
    )
    assert (done.exit_code, done.stdout) == (
        0,
        "rates: boe-bank-rate 3.50 % from 2026-11-05, known until 2026-12-16\n",
    )
    series = series_of(root, "boe-bank-rate")
    assert [str(rate_on(series, date(2026, 11, d))) for d in (4, 5, 24)] == ["3.75", "3.50", "3.50"]
    assert series.changes[:-1] == BASE.changes
    assert series.sources[-1] == "Bank of England, 5 November 2026"
    with pytest.raises(RateUnknown):
        rate_on(series, date(2026, 12, 17))


def test_added_rates_leave_what_somebody_wrote_into_the_file(tmp_path: Path) -> None:
    before = "# asked Ms Hill\n" + own("on = 2026-11-05 # Thursday\npercent = 3.50")
    root = a_store(tmp_path, boe_bank_rate=before)
    assert run(root, "add", "boe-bank-rate", "2026-12-17", "3.25", "--source", "y").exit_code == 0
    text = (root / "policies/rates/boe-bank-rate.toml").read_text(encoding="utf-8")
    assert text == before + '\n[[change]]\non = 2026-12-17\npercent = 3.25\nsource = "y"\n'


def test_the_same_rate_again_says_that_it_still_stands(tmp_path: Path) -> None:
    root = a_store(tmp_path)
    words = ("add", "lpr-1y", "2026-11-20", "3.00", "--source", "NIFC, 20 November")
    assert run(root, *words).exit_code == 0
    series = series_of(root, "lpr-1y")
    assert series.changes == LAW.series["lpr-1y"].changes
    assert series.published_until == date(2026, 11, 20)


def test_the_base_rate_of_a_half_year_is_known_until_its_end(tmp_path: Path) -> None:
    root = a_store(tmp_path)
    words = ("add", "de-basiszinssatz", "2027-01-01", "-0.25", "--source", "Bundesbank")
    assert run(root, *words).exit_code == 0
    assert rate_on(series_of(root, "de-basiszinssatz"), date(2027, 6, 30)) == Decimal("-0.25")


def test_a_new_series_is_founded_with_its_title(tmp_path: Path) -> None:
    root = a_store(tmp_path)
    words = ("add", "euribor-3m", "2026-11-02", "2.6", "--source", "EMMI")
    refused = run(root, *words)
    assert refused.exit_code == 1
    assert "--title TEXT founds it" in refused.stderr
    assert run(root, *words, "--title", "Euribor, 3 months").exit_code == 0
    assert series_of(root, "euribor-3m").title == "Euribor, 3 months"
    again = run(root, *words[:2], "2026-12-01", *words[3:], "--title", "Another")
    assert "leave --title out" in again.stderr


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        ("boe-bank-rate 2025-12-18 3.50", 1, "a new one must come after it"),
        ("boe-bank-rate 2026-08-06 3.50", 1, "contradicts that"),
        ("boe-bank-rate 2026-08-06 3.75", 1, "nothing to add"),
        ("boe-bank 2026-11-05 3.50", 1, "did you mean boe-bank-rate?"),
        ("boe-bank-rate 2026-11-05 3,50", 2, "RATE is per cent a year such as 3.75"),
        ("boe-bank-rate 2026-11-05 350", 2, "RATE must be from -10 to 100"),
        ("boe-bank-rate 2026-11-05 -11", 2, "RATE must be from -10 to 100"),
        ("boe-bank-rate 2026-11-05T10:00 3.50", 2, "DATE is a day"),
        ("boe-bank-rate 2026-11-05 3.50 --until 2026-11-04", 1, "not within a year"),
        ("boe-bank-rate 2026-11-05 3.50 --until 2029-01-01", 1, "not within a year"),
        ("de-basiszinssatz 2027-01-02 1.77", 1, "on 1 January and 1 July only"),
        ("../boe 2026-11-05 3.50 --title X", 2, "cannot name a series"),
    ],
)
def test_a_rate_that_cannot_be_is_refused_in_one_sentence_and_nothing_is_written(
    tmp_path: Path, words: str, code: int, why: str
) -> None:
    root = a_store(tmp_path)
    found = run(root, "add", *words.split(), "--source", "x")
    assert found.exit_code == code, found.output
    assert why in found.stderr
    assert found.stderr.count("\n") == 1
    assert not (root / "policies").exists()


def test_a_rate_without_a_source_is_refused(tmp_path: Path) -> None:
    root = a_store(tmp_path)
    assert run(root, "add", "boe-bank-rate", "2026-11-05", "3.50").exit_code == 2
    assert run(root, "add", "boe-bank-rate", "2026-11-05", "3.50", "--source", " ").exit_code == 2
    assert not (root / "policies").exists()


def test_what_the_store_says_must_not_contradict_what_is_shipped(tmp_path: Path) -> None:
    root = a_store(tmp_path, boe_bank_rate=own("on = 2026-08-06\npercent = 3.50"))
    wrong = (
        "policies/rates/boe-bank-rate.toml: boe-bank-rate: 2026-08-06 is 3.50 here, but 3.75 by "
        "the shipped rates (Bank of England, Bank Rate history)"
    )
    assert laws.problems(stores.open_store(root)) == [wrong]
    with pytest.raises(RateUnknown):
        rate_on(series_of(root, "boe-bank-rate"), date(2026, 6, 30))
    checked = CliRunner().invoke(main, ["--store", str(root), "policy", "check"])
    assert (checked.exit_code, checked.stdout) == (1, wrong + "\n")
    refused = run(root, "add", "boe-bank-rate", "2026-11-05", "3.50", "--source", "x")
    assert (refused.exit_code, refused.stderr) == (1, f"dunctl: {wrong}\n")


def test_a_file_that_is_no_toml_is_named_with_its_line(tmp_path: Path) -> None:
    root = a_store(tmp_path, lpr_1y="format = 1\nchange = [\n")
    (problem,) = laws.problems(stores.open_store(root))
    assert problem.startswith("policies/rates/lpr-1y.toml:")
    shown = run(root, "show")
    assert shown.exit_code == 1
    assert problem in shown.stderr


def test_an_earlier_rate_can_be_written_by_hand_with_its_source(tmp_path: Path) -> None:
    text = own("on = 2014-09-10\npercent = 0.05", head='format = 1\nid = "ecb-main-refinancing"\n')
    root = a_store(tmp_path, ecb_main_refinancing=text)
    series = series_of(root, "ecb-main-refinancing")
    assert series.problems == ()
    assert rate_on(series, date(2015, 7, 1)) == Decimal("0.05")
    assert rate_on(series, date(2016, 3, 16)) == 0


def test_the_list_shows_last_rate_day_reach_and_source(tmp_path: Path) -> None:
    lines = run(a_store(tmp_path), "show").stdout.splitlines()
    assert [line.split()[:4] for line in lines[1:] if line[0] != " "] == [
        ["boe-bank-rate", "3.75", "2025-12-18", "2026-09-08"],
        ["de-basiszinssatz", "1.52", "2026-07-01", "2026-12-31"],
        ["ecb-main-refinancing", "2.65", "2026-09-16", "2026-09-16"],
        ["lpr-1y", "3.00", "2025-05-20", "2026-09-20"],
        ["lpr-5y", "3.50", "2025-05-20", "2026-09-20"],
    ]
    assert "Bundesbank" in "".join(lines)


def test_a_series_is_shown_with_every_rate_and_as_json(tmp_path: Path) -> None:
    root = a_store(tmp_path)
    run(root, "add", "boe-bank-rate", "2026-11-05", "3.5", "--source", "BoE, 5 November")
    page = run(root, "show", "boe-bank-rate").stdout.splitlines()
    rows = [line.split(maxsplit=2) for line in page]
    assert ["2026-11-05", "3.50", "BoE, 5 November"] in rows
    assert ["2009-03-05", "0.50"] in rows
    (found,) = json.loads(run(root, "show", "boe-bank-rate", "--json").stdout)
    assert {key: found[key] for key in ("id", "rate", "since", "published_until", "file")} == {
        "id": "boe-bank-rate",
        "rate": "3.5",
        "since": "2026-11-05",
        "published_until": "2026-11-05",
        "file": "policies/rates/boe-bank-rate.toml",
    }
    assert found["changes"][-1]["source"] == "BoE, 5 November"
    assert run(root, "show", "boe").exit_code == 1


def test_an_added_rate_is_committed_alone(tmp_path: Path) -> None:
    root = a_store(tmp_path)

    def git(*words: str) -> str:
        done = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=True)
        return done.stdout

    git("init", "-q")
    git("config", "user.name", "A")
    git("config", "user.email", "a@example.com")
    (root / "notes").write_text("mine", encoding="utf-8")
    run(root, "add", "lpr-5y", "2026-10-20", "3.50", "--source", "NIFC")
    assert git("log", "--format=%s", "--name-only").split("\n\n") == [
        "rates: lpr-5y 3.50 % from 2026-10-20, known until 2026-10-20",
        "policies/rates/lpr-5y.toml\n",
    ]
