"""What `check` says of days that are still to come, and of keys that no letter prints."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dunctl.cli import main
from tests.casefile import called, entry, invoice, paid, step, text

NOW = "2026-11-22T10:00Z"
SETTINGS = '[desk]\ntimezone = "Europe/London"\n'


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    (tmp_path / "cases").mkdir()
    (tmp_path / "dunctl.toml").write_text(SETTINGS)
    return tmp_path


def run(desk: Path, *words: str) -> Result:
    return CliRunner().invoke(main, [*words, "--store", str(desk), "--as-of", NOW])


def write(desk: Path, *entries: str) -> None:
    bill = invoice("1", "2026-10-01", "500.00")
    (desk / "cases/acme.toml").write_text(text(bill, *entries))


@pytest.mark.parametrize(
    ("far", "said"),
    [
        (paid("2062-11-20", "10.00"), "2062-11-20 is far ahead"),
        (entry("credit", on="2027-11-20", amount="10.00"), "2027-11-20 is far ahead"),
        (called("2027-11-20T10:00:00+00:00"), "2027-11-20 is far ahead"),
        (step("2027-11-20T10:00:00+00:00", "remind"), "2027-11-20 is far ahead"),
        (paid("2026-12-20", "10.00"), ""),
        (paid("2026-11-20", "10.00"), ""),
    ],
)
def test_check_names_what_is_said_to_have_happened_in_the_future(
    desk: Path, far: str, said: str
) -> None:
    write(desk, paid("2026-11-01", "5.00"), far)
    found = run(desk, "check")
    assert (found.exit_code, said in found.stdout) == (1 if said else 0, True)
    if said:
        line = int(found.stdout.split(":")[1])
        written = (desk / "cases/acme.toml").read_text().splitlines()[line - 1]
        assert written.startswith(("on = ", "at = "))
        assert said[:10] in written


def test_an_invoice_may_be_written_long_before_its_day(desk: Path) -> None:
    write(desk, invoice("2", "2028-10-01", "5.00", issued="2028-09-01"))
    assert run(desk, "check").exit_code == 0


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ('[creditor]\nname = "Us"\nnmae = "Us"\n', "dunctl.toml:5: unknown key nmae: no letter"),
        ('[creditor]\nadress = ["1"]\n', "(did you mean address?)"),
        ('[creditor.bank]\nibna = "GB33"\n', "dunctl.toml:4: unknown key ibna: no letter"),
        ('[creditor.bank]\nkonto = "1"\n', "unknown key konto"),
        ('[creditor.assignee.bank]\nibna = "1"\n', "(did you mean iban?)"),
        ('[creditor]\nlogo = "l.svg"\npaper = "a4"\nupi = "us@bank"\n', ""),
        ('[creditor.bank]\nholder = "Us"\nbank = "B"\naccount = "1"\nbic = "X"\n', ""),
        ('[creditor.assignee]\nname = "They"\naddress = ["1"]\nbank = { iban = "1" }\n', ""),
    ],
)
def test_check_names_a_key_of_ours_that_no_letter_prints(
    desk: Path, settings: str, said: str
) -> None:
    (desk / "dunctl.toml").write_text(SETTINGS + settings)
    found = run(desk, "check")
    assert (found.exit_code, said in found.stdout) == (1 if said else 0, True)


def test_a_key_that_an_own_template_prints_is_known(desk: Path) -> None:
    (desk / "dunctl.toml").write_text(SETTINGS + '[creditor]\nvat = "GB 1"\n')
    assert "unknown key vat" in run(desk, "check").stdout
    (desk / "templates/en").mkdir(parents=True)
    (desk / "templates/en/ours.md").write_text("{{ creditor.vat }}\n")
    assert run(desk, "check").exit_code == 0


def test_nothing_is_logged_for_a_day_that_is_still_to_come(desk: Path) -> None:
    write(desk)
    before = (desk / "cases/acme.toml").read_text()
    for words in (["log", "acme", "no_answer"], ["promise", "acme", "5", "2026-12-20"]):
        found = run(desk, *words, "--at", "tomorrow")
        assert (found.exit_code, "Mon 23 Nov is still to come" in found.output) == (2, True)
    assert (desk / "cases/acme.toml").read_text() == before
    assert run(desk, "today", "--at", "tomorrow").exit_code == 0
