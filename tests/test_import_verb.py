"""What ``dunctl import`` says of a file with very much to say of."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from dunctl.cli import main
from dunctl.store.parameters import countries, states


def test_notices_are_counted_and_every_refused_row_is_named(tmp_path: Path) -> None:
    (tmp_path / "cases").mkdir()
    (tmp_path / "dunctl.toml").write_text('[defaults]\ncurrency = "GBP"\ncountry = "GB"\n')
    rows = [f"Acme,A{n},2026-10-31,5.00,2027-01-15" for n in range(50)]
    rows += [f"Acme,,2026-10-31,5.00,{n}" for n in range(30)]
    file = tmp_path / "rows.csv"
    file.write_text("\n".join(["Customer,Invoice,Due,Amount,Paid on", *rows]) + "\n")
    options = ["--store", str(tmp_path), "--as-of", "2026-11-24", "--yes"]
    done = CliRunner().invoke(main, ["import", "invoices", str(file), *options])
    assert done.exit_code == 1
    assert done.stderr.count("is still to come") == 20
    assert "… and 30 more like these\n" in done.stderr
    assert done.stderr.count("the invoice number is missing") == 30


def imported(desk: Path, home: str, header: str, *rows: str) -> tuple[str, dict[str, str]]:
    (desk / "cases").mkdir()
    (desk / "dunctl.toml").write_text(
        f'[desk]\ntimezone = "Asia/Shanghai"\n[defaults]\ncurrency = "USD"\n{home}\n'
    )
    file = desk / "rows.csv"
    lines = [f"A{n},2026-10-31,5.00,{row}" for n, row in enumerate(rows)]
    file.write_text("\n".join([f"Invoice,Due,Amount,Customer,{header}", *lines]) + "\n")
    options = ["--store", str(desk), "--as-of", "2026-11-24", "--yes"]
    done = CliRunner().invoke(main, ["import", "invoices", str(file), *options])
    assert done.exit_code in (0, 1)
    return done.stderr, {path.stem: path.read_text() for path in (desk / "cases").iterdir()}


@pytest.mark.parametrize(
    ("where", "clocks"),
    [
        ("US,NY", '"America/New_York"'),
        ("USA,california", '"America/Los_Angeles"'),
        ("United States,US-TX", '["America/Chicago", "America/Denver"]'),
        ("Kanada,Quebec", '["America/Toronto", "America/Blanc-Sablon", "America/Halifax"]'),
        ("Spanien,Madrid", '["Europe/Madrid", "Atlantic/Canary"]'),
        ("香港,", '"Asia/Hong_Kong"'),
        ("UK,Kent", '"Europe/London"'),
        ("D,", '"Europe/Berlin"'),
        (",", '"Asia/Shanghai"'),
    ],
)
def test_a_new_case_gets_every_clock_that_its_place_keeps(
    tmp_path: Path, where: str, clocks: str
) -> None:
    said, cases = imported(tmp_path, 'country = "CN"', "Country,State", f"Acme,{where}")
    assert f"timezone = {clocks}\n" in cases["acme"]
    assert "time zone" not in said


@pytest.mark.parametrize("where", ["US,", "US,ON", "US,Paid", "Atlantis,NY", "Russland,"])
def test_a_clock_is_never_guessed_and_that_is_said_once(tmp_path: Path, where: str) -> None:
    rows = [f"Acme,{where}", f"Bolt,{where}", "Kent,GB,"]
    said, cases = imported(tmp_path, 'country = "CN"', "Country,State", *rows)
    assert "timezone" not in cases["acme"] + cases["bolt"]
    assert said.count("2 (acme, bolt); for each: dunctl set ID debtor.country XX") == 1


def test_a_country_that_is_not_understood_is_named_and_not_taken_for_ours(tmp_path: Path) -> None:
    said, cases = imported(
        tmp_path, 'country = "CN"', "Country", "Acme,Atlantis", "Bolt,DE", "Bolt,US"
    )
    assert "country" not in cases["acme"] + cases["bolt"]
    assert "rows.csv:2: Acme: the country Atlantis is not clear; write its two letters" in said
    assert "rows.csv:3: Bolt: the country DE / US is not clear" in said


def test_a_number_of_a_country_is_not_read(tmp_path: Path) -> None:
    """Programs number countries in their own way: 818 is Egypt for ISO 3166 alone."""
    said, cases = imported(tmp_path, 'country = "CN"', "Country", "Acme,818")
    assert "country" not in cases["acme"]
    assert "rows.csv:2: Acme: the country 818 is not clear" in said


def test_a_desk_without_a_country_takes_its_own_clock(tmp_path: Path) -> None:
    _, cases = imported(tmp_path, "", "Phone", "Acme,+86 755 5550 1234")
    assert 'timezone = "Asia/Shanghai"\n' in cases["acme"]


@pytest.mark.parametrize("country", sorted(states()))
def test_the_zones_of_the_states_are_those_of_their_country(country: str) -> None:
    found = {zone for state in states()[country].values() for zone in state["timezones"]}
    assert found == set(countries()[country]["timezones"])


def test_without_a_word_only_who_owes_in_our_currency_is_taken_to_be_at_home(
    tmp_path: Path,
) -> None:
    said, cases = imported(
        tmp_path, 'country = "CN"', "Currency", "Acme,GBP", "Bolt,USD", "Cass,", "Dale,EUR"
    )
    assert {name for name, text in cases.items() if 'country = "CN"' in text} == {"bolt", "cass"}
    assert "country" not in cases["acme"] + cases["dale"]
    assert "2 (acme, dale)" in said


def test_exports_of_other_programs_say_where_a_customer_is(tmp_path: Path) -> None:
    for header in (
        "POCountry,PORegion",
        "Billing Country,Billing State",
        "Country/Region,Province",
    ):
        folder = tmp_path / header[:3]
        folder.mkdir()
        _, cases = imported(folder, 'country = "CN"', header, "Acme,United States,OH")
        assert 'subdivision = "US-OH"\n' in cases["acme"], header


def test_columns_that_mean_nothing_are_named(tmp_path: Path) -> None:
    (tmp_path / "dunctl.toml").write_text("")
    (tmp_path / "cases").mkdir()
    file = tmp_path / "rows.csv"
    file.write_text("Invoice,Due,Amount,Customer,Colour,Size\nA1,2026-10-31,5,Acme,red,9\n")
    options = ["--store", str(tmp_path), "--currency", "GBP"]
    done = CliRunner().invoke(main, ["import", "invoices", str(file), *options])
    assert "Not used: Colour, Size\n" in done.stdout
