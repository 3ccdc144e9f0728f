"""The guard of words at the command: what ``letter`` refuses to write, and who overrules it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import tomli
from click.testing import CliRunner

from dunctl.cli import main
from tests.casefile import entry, step

ROOT = Path(__file__).parent.parent
NOW = "2026-11-20T10:00:00+00:00"
CASE = """
format = 1
currency = "{currency}"
[debtor]
name = "Rosa Diaz"
kind = "{kind}"
country = "{country}"
timezone = "{zone}"
[[invoice]]
number = "A-1"
issued = 2026-10-01
due = 2026-11-16
amount = 1200
"""
BRITISH = {"currency": "GBP", "kind": "company", "country": "GB", "zone": "Europe/London"}
AMERICAN = {"currency": "USD", "kind": "consumer", "country": "US", "zone": "America/Chicago"}
THREAT = "We will take you to court."


def store(root: Path, sentence: str = "", **case: str) -> Path:
    """Make a store with one case, and a template of its own in which a sentence was added."""
    assert run(root, "init", ".", "--name", "Print Ltd", "--currency", "GBP")[0] == 0
    (root / "cases" / "rosa.toml").write_text(CASE.format(**(case or BRITISH)), encoding="utf-8")
    if sentence:
        own = root / "templates" / "en" / "reminder.md"
        own.parent.mkdir(parents=True, exist_ok=True)
        text = (ROOT / "templates" / "en" / "reminder.md").read_text(encoding="utf-8")
        own.write_text(text + f"\n{sentence}\n", encoding="utf-8")
    return root


def run(root: Path, *words: str) -> tuple[int, str]:
    where = [str(root), *words[2:]] if words[0] == "init" else [*words[1:], "--store", str(root)]
    env = {"DUNCTL_NOW": NOW, "COLUMNS": "300", "HOME": str(root.parent)}
    done = CliRunner().invoke(main, [words[0], *where], env=env)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


def letters(root: Path) -> list[dict[str, object]]:
    text = (root / "cases" / "rosa.toml").read_text(encoding="utf-8")
    return list(tomli.loads(text).get("letter", []))


@pytest.fixture
def threatening(tmp_path: Path) -> Path:
    return store(tmp_path, THREAT)


def test_a_letter_with_an_undecided_step_is_refused_with_sentence_rule_and_remedy(
    threatening: Path,
) -> None:
    code, said = run(threatening, "letter", "rosa", "reminder")
    assert code == 1
    for part in (THREAT, "not decided", "practice N05", "dunctl document rosa decision", "--why"):
        assert part in said
    assert letters(threatening) == []
    assert list((threatening / "letters").rglob("*.txt")) == []


def test_an_override_is_recorded_with_who_and_why(threatening: Path) -> None:
    why = "agreed with counsel on the telephone"
    code, _ = run(threatening, "letter", "rosa", "reminder", "--override", "--why", why)
    assert code == 0
    (letter,) = letters(threatening)
    assert str(letter["note"]).startswith("override of court by ")
    assert str(letter["note"]).endswith(why)
    assert str(letter["by"]) in str(letter["note"])


@pytest.mark.parametrize("words", [("--override",), ("--why", "so"), ("--override", "--why", " ")])
def test_an_override_without_a_reason_is_none(threatening: Path, words: tuple[str, ...]) -> None:
    code, said = run(threatening, "letter", "rosa", "reminder", *words)
    assert code == 2
    assert "--override and --why TEXT go together" in said
    assert letters(threatening) == []


def test_a_rule_pack_that_blocks_is_not_overruled(tmp_path: Path) -> None:
    root = store(tmp_path, THREAT, **AMERICAN)
    settings = root / "dunctl.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace('"own_debt"', '"third_party"'), encoding="utf-8")
    code, said = run(root, "letter", "rosa", "reminder", "--override", "--why", "I mean it")
    assert code == 1
    assert "us-regf/false-threats" in said
    assert "12 CFR 1006.18" in said
    assert letters(root) == []


def test_what_is_lawful_needs_no_override_and_leaves_no_note(tmp_path: Path) -> None:
    root = store(tmp_path, "We have not decided to go to court.")
    code, said = run(root, "letter", "rosa", "reminder")
    assert code == 0, said
    assert "note" not in letters(root)[0]


def test_a_batch_leaves_out_what_is_refused_and_says_why(tmp_path: Path) -> None:
    root = store(tmp_path, "You liar.")
    with (root / "cases" / "rosa.toml").open("a", encoding="utf-8") as case:
        case.write(step("2026-11-18T10:00:00Z", "courtesy"))
    own = root / "templates" / "en"
    (own / "reminder.md").rename(own / "courtesy.md")
    text = (own / "courtesy.md").read_text(encoding="utf-8")
    (own / "courtesy.md").write_text(text.replace('"reminder"', '"courtesy"'), encoding="utf-8")
    code, said = run(root, "letters", "--due", "--yes", "--format", "html")
    assert code == 1
    assert "You liar." in said
    assert letters(root) == []


def test_templates_check_reads_the_words_too(threatening: Path) -> None:
    code, said = run(threatening, "templates", "check", "reminder")
    assert code == 1
    assert "templates/en/reminder.md" in said
    assert THREAT in said


def test_an_override_is_still_proved_by_letter_verify(threatening: Path) -> None:
    subprocess.run(["git", "add", "-A"], cwd=threatening, check=True)
    subprocess.run(["git", "commit", "-qm", "start"], cwd=threatening, check=True)
    run(threatening, "letter", "rosa", "reminder", "--override", "--why", "agreed")
    (file,) = (threatening / "letters").rglob("*.txt")
    code, said = run(threatening, "letter", "verify", str(file))
    assert code == 0, said


MAIL = """
[mail]
server = "127.0.0.1"
port = 9
from = "accounts@print.example"
"""
DECISION = entry("document", on="2026-11-17", kind="decision", ref="court")
PRELEGAL = step("2026-11-18T10:00:00Z", "prelegal")


def mailed(root: Path, *words: str) -> None:
    """Let a store send e-mails, and write one that is not sent yet."""
    settings, case = root / "dunctl.toml", root / "cases" / "rosa.toml"
    settings.write_text(settings.read_text(encoding="utf-8") + MAIL, encoding="utf-8")
    text = case.read_text(encoding="utf-8").replace(
        '"Rosa Diaz"', '"Rosa Diaz"\nemail = "rosa@diaz.example"'
    )
    case.write_text(text + PRELEGAL, encoding="utf-8")
    code, said = run(root, "letter", "rosa", "reminder", "--format", "eml", *words)
    assert code == 0, said
    assert run(root, "send", "--agree")[0] == 0


def test_what_was_decided_when_it_was_written_must_be_so_when_it_is_sent(threatening: Path) -> None:
    case = threatening / "cases" / "rosa.toml"
    case.write_text(case.read_text(encoding="utf-8") + DECISION, encoding="utf-8")
    mailed(threatening)
    assert "nothing was sent; --yes sends it" in run(threatening, "send", "rosa")[1]
    case.write_text(case.read_text(encoding="utf-8").replace(DECISION, ""), encoding="utf-8")
    code, said = run(threatening, "send", "rosa", "--yes")
    assert code == 1
    for part in ("must not go out any more, write it anew", THREAT, "not decided"):
        assert part in said


def test_what_was_overruled_when_it_was_written_is_so_when_it_is_sent(threatening: Path) -> None:
    mailed(threatening, "--override", "--why", "agreed with counsel")
    code, said = run(threatening, "send", "rosa")
    assert code == 1
    assert "nothing was sent; --yes sends it" in said


def test_a_pack_that_blocks_since_stops_what_was_overruled(tmp_path: Path) -> None:
    root = store(tmp_path, THREAT, **AMERICAN)
    mailed(root, "--override", "--why", "agreed with counsel")
    settings = root / "dunctl.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace('"own_debt"', '"third_party"'), encoding="utf-8")
    code, said = run(root, "send", "rosa", "--yes")
    assert code == 1
    assert "us-regf/false-threats" in said


def test_a_letter_that_was_edited_by_hand_is_not_sent(tmp_path: Path) -> None:
    root = store(tmp_path)
    mailed(root)
    (file,) = (root / "letters").rglob("*.eml")
    file.write_bytes(file.read_bytes().replace(b"Dear", b"You liar,"))
    code, said = run(root, "send", "rosa", "--yes")
    assert code == 1
    assert "was changed since it was recorded: write the letter anew" in said


@pytest.mark.parametrize("name", ["{{ACME}}", "{acme} Ltd", "Court & Lawyer XXX GmbH"])
def test_a_name_is_a_name_whatever_it_looks_like(tmp_path: Path, name: str) -> None:
    root = store(tmp_path)
    case = root / "cases" / "rosa.toml"
    text = case.read_text(encoding="utf-8")
    case.write_text(text.replace("Rosa Diaz", name), encoding="utf-8")
    code, said = run(root, "letter", "rosa", "reminder")
    assert code == 0, said
    assert name in said


def test_an_insult_in_a_template_is_found_before_it_is_used(tmp_path: Path) -> None:
    root = store(tmp_path, "\nYou liar, {{ debtor.name }}.")
    own = root / "templates" / "en" / "reminder.md"
    line = own.read_text(encoding="utf-8").splitlines().index("You liar, {{ debtor.name }}.") + 1
    code, said = run(root, "templates", "check", "reminder", "--lang", "en")
    assert code == 1
    assert f"templates/en/reminder.md:{line}: “You liar" in said
    assert "practice O01" in said
