"""How an outcome is had and called: by letter, by a visit, in the words that people type."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dunctl.cli import main
from tests.casefile import invoice, text


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "acme.toml").write_text(text(invoice("1", "2026-10-30", "10.00")))
    (tmp_path / "dunctl.toml").write_text('[defaults]\ncurrency = "GBP"\ncountry = "GB"\n')
    return tmp_path


def log(desk: Path, *words: str) -> Result:
    options = ["--store", str(desk), "--as-of", "2026-11-24T10:00Z"]
    return CliRunner().invoke(main, ["log", "acme", *words, *options])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["letter_sent"], "acme: letter: letter sent"),
        (["visit_done"], "acme: visit: visit done"),
        (["no_answer"], "acme: phone: no answer"),
        (["letter_sent", "--channel", "fax"], "acme: fax: letter sent"),
    ],
)
def test_an_outcome_is_had_by_its_own_channel(desk: Path, words: list[str], said: str) -> None:
    assert log(desk, *words).stdout.splitlines()[0] == said


def test_a_letter_that_was_sent_is_no_conversation(desk: Path) -> None:
    log(desk, "letter_sent")
    found = CliRunner().invoke(
        main, ["today", "--store", str(desk), "--as-of", "2026-11-25T09:00Z"]
    )
    assert "1 to call" in found.output


@pytest.mark.parametrize(
    ("word", "meant"),
    [("busy", "no_answer"), ("voicemail", "left_message"), ("solicitor", "represented")],
)
def test_a_word_that_people_type_is_answered_with_the_outcome(
    desk: Path, word: str, meant: str
) -> None:
    refused = log(desk, word)
    assert refused.exit_code == 2
    assert refused.output.startswith(
        f"dunctl: there is no outcome {word} (did you mean {meant}?); one of paid_claimed, "
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("promise acme 5 yesterday", "due 2026-11-23 is before the promise was made"),
        ("log acme promise --amount 5 --due 2026-11-20", "due 2026-11-20 is before the promise"),
        ("hold acme pause --until 2026-11-20", "until 2026-11-20 is before the hold began"),
        (
            "invoice acme 2 5 --issued 2026-11-20 --due 2026-11-10",
            "cannot be due before it is issued",
        ),
    ],
)
def test_an_entry_that_cannot_be_is_refused(desk: Path, words: str, said: str) -> None:
    """Written, it would be an error in the case, which nobody would be called for any more."""
    before = (desk / "cases" / "acme.toml").read_bytes()
    options = ["--store", str(desk), "--as-of", "2026-11-24T10:00Z"]
    refused = CliRunner().invoke(main, [*words.split(), *options])
    assert refused.exit_code in (1, 2)
    assert said in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert (desk / "cases" / "acme.toml").read_bytes() == before


def run(desk: Path, words: str, day: str) -> Result:
    options = ["--store", str(desk), "--as-of", f"{day}T10:00Z"]
    return CliRunner().invoke(main, [*words.split(), *options])


@pytest.mark.parametrize("outcome", ["deceased", "represented", "insolvent"])
def test_nobody_is_called_as_before_after_what_holds_the_case(desk: Path, outcome: str) -> None:
    """Practice R2, B29, B38, E38: a week later too, until it is released; said twice, held once."""
    assert log(desk, outcome).stdout == f"acme: phone: {outcome}; hold: {outcome}\n"
    assert log(desk, outcome).stdout == f"acme: phone: {outcome}\n"
    later = run(desk, "today", "2026-12-08").output
    assert "0 to call, 1 held back" in later
    assert f"on hold: {outcome}" in " ".join(later.split())
    assert f"house/{outcome} blocks" in run(desk, "may acme", "2026-12-08").output
    assert run(desk, f"release acme {outcome}", "2026-12-08").exit_code == 0
    assert "1 to call" in run(desk, "today", "2026-12-08").output


def test_what_is_contested_in_a_call_is_to_be_recorded_until_it_is(desk: Path) -> None:
    at = ["--store", str(desk), "--as-of", "2026-11-24T10:05Z"]
    typed = "dunctl dispute acme AMOUNT --about WHAT"
    assert typed in log(desk, "dispute").stderr
    assert typed in CliRunner().invoke(main, ["brief", "acme", *at]).stdout
    assert typed in log(desk, "complaint").stderr
    assert CliRunner().invoke(main, ["dispute", "acme", "4", *at]).exit_code == 0
    assert typed not in log(desk, "dispute").stderr
    assert typed not in CliRunner().invoke(main, ["brief", "acme", *at]).stdout


@pytest.mark.parametrize(
    "again", ["promise acme 5 fri", "log acme promise --amount 5 --due fri", "promise acme 4 sat"]
)
def test_a_promise_beside_another_one_is_told_how_to_take_that_back(desk: Path, again: str) -> None:
    at = ["--store", str(desk), "--as-of", "2026-11-24T10:00Z"]
    first = CliRunner().invoke(main, ["promise", "acme", "5", "fri", *at])
    assert "stands beside" not in first.stderr
    told = CliRunner().invoke(main, [*again.split(), *at]).stderr
    assert told.count("stands beside it; if this one replaces it: dunctl void acme ") == 1


def test_whoever_else_answered_is_not_to_be_put_on_file(desk: Path) -> None:
    assert "is no person of acme" in log(desk, "refused", "--with", "Bo").stderr
    assert "is no person of acme" not in log(desk, "third_party", "--with", "reception").stderr


def test_what_a_release_by_handle_ended_is_named(desk: Path) -> None:
    at = ["--store", str(desk), "--as-of", "2026-11-24T10:00Z"]
    CliRunner().invoke(main, ["hold", "acme", "stop_contact", *at])
    assert "ended: stop_contact\n" in CliRunner().invoke(main, ["release", "acme", *at]).stdout


def test_what_was_released_where_it_is_tomorrow_already_is_not_released_again(desk: Path) -> None:
    at = ["--store", str(desk), "--as-of", "2026-11-24T22:00Z"]
    for words in (
        ["set", "acme", "debtor.timezone", "Australia/Sydney"],
        ["hold", "acme", "stop_contact"],
        ["release", "acme", "stop_contact"],
    ):
        assert CliRunner().invoke(main, [*words, *at]).exit_code == 0
    again = CliRunner().invoke(main, ["release", "acme", *at])
    assert (again.exit_code, "no hold, dispute or plan to release" in again.stderr) == (1, True)


@pytest.mark.parametrize(
    ("key", "words", "kept"),
    [
        ("supply.stopped", "today", "2026-11-24"),
        ("supply.limit", "1,000", "1000.00"),
        ("supply.limit", "£２,０００.50", "2000.50"),
        ("terms.margin", "1.5", "1.5"),
        ("debtor.settle_day", "31", "31"),
        ("debtor.key_account", "yes", "yes"),
        ("note", "tomorrow", "tomorrow"),
    ],
)
def test_what_was_set_is_told_as_it_is_kept(desk: Path, key: str, words: str, kept: str) -> None:
    at = ["--store", str(desk), "--as-of", "2026-11-24T10:00Z"]
    told = CliRunner().invoke(main, ["set", "acme", key, words, *at]).stdout
    assert told == f"acme: {key} = {kept}\n"


@pytest.mark.parametrize(
    ("key", "words", "said"),
    [
        ("supply.limit", "1500,50", "has a decimal comma; write 1500.50"),
        ("supply.limit", "10.000,50", "has a decimal comma; write 10000.50"),
        ("supply.limit", "1500.555", "more decimals than GBP has"),
        ("supply.limit", "€1500", "is in EUR, but GBP is wanted here"),
        ("terms.margin", "1,5", "must be a number with a decimal point, such as 1.5"),
        ("policy", "strickt", "there is no policy strickt"),
        ("person", "Jane Roe;finance;020 7946 0009", "is already a person of this case"),
    ],
)
def test_what_would_be_another_number_or_break_the_case_is_not_set(
    desk: Path, key: str, words: str, said: str
) -> None:
    file = desk / "cases" / "acme.toml"
    with file.open("a", encoding="utf-8") as end:
        end.write('\n[[person]]\nname = "Jane Roe"\n')
    before = file.read_bytes()
    at = ["--store", str(desk), "--as-of", "2026-11-24T10:00Z"]
    refused = CliRunner().invoke(main, ["set", "acme", key, words, *at])
    assert refused.exit_code in (1, 2)
    assert said in refused.stderr
    assert file.read_bytes() == before


def test_a_fact_of_a_case_that_has_an_error_can_be_set_also_above_it(desk: Path) -> None:
    file = desk / "cases" / "acme.toml"
    twice = '\n[[person]]\nname = "Jane Roe"\n' * 2
    file.write_text(file.read_text(encoding="utf-8") + twice, encoding="utf-8")
    at = ["--store", str(desk), "--as-of", "2026-11-24T10:00Z"]
    for value in ("li.na", ""):
        assert CliRunner().invoke(main, ["set", "acme", "owner", value, *at]).exit_code == 0


def test_a_wrong_number_is_told_its_remedy(desk: Path) -> None:
    log(desk, "wrong_number")
    asked = ["may", "acme", "--store", str(desk), "--as-of", "2026-11-25T10:00Z"]
    told = CliRunner().invoke(main, asked).stdout
    assert 'record whom to call: dunctl set acme person "NAME;ROLE;PHONE"' in told
