"""``dunctl letter``: what it prints, keeps and records."""

from __future__ import annotations

from pathlib import Path

import pytest
import tomli
from click.testing import CliRunner, Result

from dunctl.cli import main
from tests.lettercase import BROKEN, CAFE, DECIDED, PAYS_LATE, one

REACHED = 'email = "ap@bell.example"\nphone = "+44 117 496 0199"\n'


@pytest.fixture
def store(tmp_path: Path) -> Path:
    (tmp_path / "dunctl.toml").write_text(
        'format = 1\n[creditor]\nname = "Thornbury Print Ltd"\ncontact = "Anna Ward"\n'
        'phone = "+44 117 496 0101"\nemail = "accounts@thornbury.example"\n'
        '[creditor.bank]\niban = "GB33BUKB20201555555555"\n[defaults]\ncountry = "GB"\n',
        encoding="utf-8",
    )
    (tmp_path / "cases").mkdir()
    return tmp_path


def case(store: Path, text: str, stage: str = "") -> None:
    text = text.replace("[debtor]\n", "[debtor]\n" + REACHED, 1)
    if stage:
        text += f'[[step]]\nat = 2026-11-30T10:00:00+00:00\nto = "{stage}"\nwhy = "x"\n'
    (store / "cases" / "acme.toml").write_text(text, encoding="utf-8")


def run(store: Path, *args: str) -> Result:
    return CliRunner().invoke(
        main,
        ["letter", "acme", *args],
        env={"DUNCTL_NOW": "2026-12-01T09:00:00+00:00", "DUNCTL_STORE": str(store)},
    )


def last(store: Path) -> dict[str, object]:
    """Return the last letter that the case has."""
    text = (store / "cases" / "acme.toml").read_text(encoding="utf-8")
    found: dict[str, object] = tomli.loads(text)["letter"][-1]
    return found


@pytest.mark.parametrize(
    ("stage", "template", "channel"),
    [
        ("", "courtesy", "sms"),
        ("courtesy", "courtesy", "sms"),
        ("remind", "reminder", "sms"),
        ("firm", "reminder", "email"),
        ("final", "final-demand", "letter"),
        ("formal", "final-demand", "letter"),
    ],
)
def test_the_stage_suggests_the_template_and_its_form(
    store: Path, stage: str, template: str, channel: str
) -> None:
    case(store, one(), stage)
    done = run(store)
    assert done.exit_code == 0, done.stderr
    assert (last(store)["template"], last(store).get("channel", "letter")) == (template, channel)


def test_before_due_the_stage_suggests_a_notice(store: Path) -> None:
    case(store, one("2026-12-08"))
    assert "is due on 8 December 2026, in 7 days" in run(store).stdout.replace("\u00a0", " ")


def test_a_stage_without_a_letter_wants_a_name(store: Path) -> None:
    case(store, one(), "legal")
    assert "stage legal suggests no letter: name a template" in run(store).stderr


@pytest.mark.parametrize(
    ("format_", "suffix", "begins"),
    [
        ("text", "txt", b"Thornbury Print Ltd"),
        ("sms", "txt", b"Thornbury Print Ltd: we have not received"),
        ("html", "html", b"<!"),
    ],
)
def test_a_letter_is_kept_in_its_format_and_its_text_is_printed(
    store: Path, format_: str, suffix: str, begins: bytes
) -> None:
    case(store, one(), "remind")
    done = run(store, "reminder", "--format", format_)
    assert done.exit_code == 0, done.stderr
    file = store / str(last(store)["file"])
    assert file.suffix == f".{suffix}"
    assert file.read_bytes().startswith(begins)
    assert "£1,200.00" in done.stdout


def test_a_form_that_a_template_is_not_made_for_is_refused(store: Path) -> None:
    case(store, DECIDED)
    said = run(store, "before-action", "--format", "sms").stderr
    assert said == "dunctl: before-action is not made for sms, only for letter\n"
    said = run(store, "call-back", "--format", "text").stderr
    assert said == "dunctl: call-back is not made for text, only for sms\n"
    assert not (store / "letters").exists()


def test_a_text_message_says_its_parts(store: Path) -> None:
    case(store, one(), "remind")
    assert "characters (GSM-7): 2 part(s)\n" in run(store, "--format", "sms").stderr
    name = one().replace("Bell & Sons", "贝尔" * 90)
    case(store, name, "remind")
    own = store / "templates" / "en" / "call-back.md"
    own.parent.mkdir(parents=True)
    own.write_text(
        '+++\nname = "call-back"\nlanguage = "en"\nstages = []\nchannel = "sms"\ntone = "x"\n'
        'subject = "x"\nforms = ["sms"]\nsms = "{{ debtor.name }}"\n+++\n',
        encoding="utf-8",
    )
    said = run(store, "call-back").stderr
    assert "180 characters (UCS-2): 3 part(s); a text message should have 2 at most" in said


def test_the_same_letter_is_recorded_once_and_another_one_beside_it(store: Path) -> None:
    case(store, one(), "final")
    for _ in range(2):
        assert run(store, "final-demand", "--format", "text").exit_code == 0
    text = (store / "cases" / "acme.toml").read_text(encoding="utf-8")
    assert text.count("[[letter]]") == 1
    (store / "cases" / "acme.toml").write_text(
        text + "[[payment]]\non = 2026-11-30\namount = 200\n", encoding="utf-8"
    )
    assert run(store, "final-demand", "--format", "text").exit_code == 0
    names = sorted(file.name for file in (store / "letters" / "acme").glob("*.txt"))
    assert names == ["2026-12-01-final-demand-en-2.txt", "2026-12-01-final-demand-en.txt"]


def test_an_interest_notice_makes_the_interest_claimed(store: Path) -> None:
    case(store, PAYS_LATE)
    assert run(store, "interest-notice", "--format", "text").exit_code == 0
    recorded = last(store)
    assert (str(recorded["interest"]), str(recorded["fees"])) == ("191.16", "70.0")
    owed = CliRunner().invoke(
        main,
        ["owed", "acme", "--as-of", "2026-12-01", "--json", "--store", str(store)],
    )
    assert '"claimed": "191.16"' in owed.stdout


def test_a_letter_can_be_about_one_currency(store: Path) -> None:
    case(store, CAFE)
    said = run(store, "interest-notice").stderr
    assert "one for each of GBP, EUR, with --currency" in said
    assert run(store, "interest-notice", "--currency", "gbp", "--format", "text").exit_code == 0
    assert last(store)["interest"]


def test_what_a_letter_needs_and_is_not_there_leaves_nothing_behind(store: Path) -> None:
    case(store, BROKEN)
    before = (store / "cases" / "acme.toml").read_text(encoding="utf-8")
    done = run(store, "instalment-offer")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.endswith("no plan of instalments in force (dunctl plan acme …): no "
                                "instalment-offer\n")  # fmt: skip
    assert (store / "cases" / "acme.toml").read_text(encoding="utf-8") == before
    assert not (store / "letters").exists()
