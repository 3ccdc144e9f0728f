"""What the list says for people: holidays of ours, who has no number, how often was tried."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from dunctl.cli import main
from tests.casefile import called, entry, invoice, promise, text

SETTINGS = '[desk]\ntimezone = "Europe/London"\n[defaults]\ncountry = "GB"\n'
DUE = promise("2026-12-21T10:00:00+00:00", "100.00", "2026-12-25")


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    (tmp_path / "cases").mkdir()
    (tmp_path / "dunctl.toml").write_text(SETTINGS)
    write(tmp_path)
    return tmp_path


def write(desk: Path, *entries: str, debtor: str = "") -> None:
    bill = invoice("1", "2026-10-01", "500.00")
    (desk / "cases/acme.toml").write_text(text(bill, *entries, debtor=debtor))


def today(desk: Path, *words: str, now: str = "2026-11-24T09:00Z") -> str:
    return CliRunner().invoke(main, ["today", "--store", str(desk), "--as-of", now, *words]).stdout


@pytest.mark.parametrize("words", [[], ["--round", "1"], ["--owner", "nobody"]])
def test_on_our_own_public_holiday_the_list_says_so(desk: Path, words: list[str]) -> None:
    head = today(desk, *words, now="2026-12-25T09:00Z").splitlines()
    assert head[1] == "Today is a public holiday here: Christmas Day"
    for day in ("2026-12-24", "2026-12-29"):
        assert "holiday" not in today(desk, *words, now=f"{day}T09:00Z")


def test_on_our_own_holiday_nobody_is_left_out(desk: Path) -> None:
    write(desk, DUE)
    data = json.loads(today(desk, "--json", now="2026-12-25T09:00Z"))
    assert data["holiday"] == "Christmas Day"
    assert [call["case"] for call in data["calls"]] == ["acme"]
    assert json.loads(today(desk, "--json"))["holiday"] is None


def test_where_our_country_is_not_known_no_day_is_a_holiday_here(desk: Path) -> None:
    (desk / "dunctl.toml").write_text('[desk]\ntimezone = "Europe/London"\n')
    assert "holiday" not in today(desk, now="2026-12-25T09:00Z")


def test_a_known_holiday_is_not_looked_up_again(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = today(desk, now="2026-12-25T09:00Z")
    monkeypatch.setitem(sys.modules, "holidays", None)
    assert today(desk, now="2026-12-25T09:00Z") == first


@pytest.mark.parametrize(
    ("entries", "debtor", "said"),
    [
        ((), "", "Acme; no number is known: dunctl set acme debtor.phone NUMBER"),
        (
            (entry("person", name="Ann", role="finance"),),
            "",
            'Ann (finance); no number is known: dunctl set acme "person.Ann.phone" NUMBER',
        ),
        ((), 'phone = "+44 1"', "Acme +44 1"),
    ],
)
def test_a_call_says_the_number_or_how_to_record_it(
    desk: Path, entries: tuple[str, ...], debtor: str, said: str
) -> None:
    write(desk, *entries, debtor=debtor)
    assert said in " ".join(today(desk).split())


@pytest.mark.parametrize(
    ("times", "said"),
    [(0, "nobody has been called yet"), (1, "tried once, nobody"), (2, "tried 2 times, nobody")],
)
def test_the_list_says_how_often_was_tried(desk: Path, times: int, said: str) -> None:
    write(desk, *(called(f"2026-11-{10 + 3 * n}T10:00:00+00:00") for n in range(times)))
    assert said in today(desk)


def test_check_wants_no_person_for_somebody_outside(desk: Path) -> None:
    keys = {"purpose": "locate"}
    for outcome, found in (("third_party", 0), ("no_answer", 1)):
        contact = called("2026-11-10T10:00:00+00:00", outcome, **keys)
        write(desk, contact.replace("channel", 'with = "reception"\nchannel', 1))
        done = CliRunner().invoke(main, ["check", "--store", str(desk)])
        assert done.output.count("reception is no person") == found


def test_the_number_to_dial_is_the_same_wherever_it_is_said(desk: Path) -> None:
    """Practice B21: the list, the proof and the page before the call; a wrong one is that one."""
    ann = entry("person", name="Ann", role="owner", phone='["+44 201", "+44 202"]')
    write(desk, ann, called("2026-11-20T10:00:00+00:00"))

    def said(*words: str) -> str:
        known = [*words, "--store", str(desk), "--as-of", "2026-11-24T09:00Z"]
        return CliRunner().invoke(main, known).stdout

    assert "Ann (owner) +44 202\n" in today(desk)
    assert "Ask for Ann (owner) +44 202\n" in said("why", "acme")
    assert "> Ann (owner) +44 202, +44 201\n" in said("brief", "acme")
    logged = CliRunner().invoke(main, ["log", "acme", "wrong_number", "--store", str(desk)])
    assert "wrong number +44 202" in logged.output
