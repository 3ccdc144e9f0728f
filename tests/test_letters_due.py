"""The day's letters: each once, as the ladder says, previewed first and recorded together."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dunctl.case.records import Case, Letter, of
from dunctl.cli import main
from dunctl.steps.letter_due import letter_due
from tests import casefile
from tests.casefile import entry, invoice, paid, promise, read, step
from tests.pdfpage import pages

# Which letter is due (December 2026: the 1st is a Tuesday)


def written(at: str, template: str, **keys: str) -> str:
    return entry("letter", at=at, template=template, **keys)


def due(*entries: str, day: str, clock: str = "09:00") -> str | None:
    """Return the template of the letter that is due in London on a day."""
    found = letter_due(casefile.at(casefile.case(*entries), f"{day}T{clock}"))
    return found.template if found else None


COMING = invoice("1", "2026-12-15", "100")
LATE = invoice("1", "2026-10-30", "100")
FIRM = step("2026-12-01T08:00:00Z", "firm")


@pytest.mark.parametrize(
    ("day", "template"),
    [
        ("2026-12-03", None),
        ("2026-12-04", "upcoming"),
        ("2026-12-08", "upcoming"),
        ("2026-12-15", "upcoming"),
        ("2026-12-16", None),
    ],
)
def test_before_the_due_day_one_is_reminded_from_seven_working_days_on(
    day: str, template: str | None
) -> None:
    assert due(COMING, day=day) == template


def test_before_the_due_day_there_is_one_letter_for_each_of_the_days_to_remind_on() -> None:
    entries, days = [COMING], []
    for nth in range(1, 20):
        day = f"2026-12-{nth:02}"
        if due(*entries, day=day):
            entries.append(written(f"{day}T09:00:00Z", "upcoming"))
            days.append(day)
    assert days == ["2026-12-04", "2026-12-08", "2026-12-14"]


def test_what_was_missed_is_caught_up_by_one_letter() -> None:
    assert due(COMING, day="2026-12-10") == "upcoming"
    late = written("2026-12-10T09:00:00Z", "upcoming")
    assert due(COMING, late, day="2026-12-11") is None
    assert due(COMING, late, day="2026-12-14") == "upcoming"


def test_a_stage_has_its_letter_once() -> None:
    assert due(LATE, FIRM, day="2026-12-01") == "reminder"
    assert due(LATE, FIRM, day="2026-12-24") == "reminder"
    once = written("2026-12-02T09:00:00Z", "reminder")
    for day in ("2026-12-02", "2026-12-04", "2026-12-24"):
        assert due(LATE, FIRM, once, day=day) is None


def test_the_next_stage_has_its_own() -> None:
    once = written("2026-12-02T09:00:00Z", "reminder")
    final = step("2026-12-04T09:00:00Z", "final")
    assert due(LATE, FIRM, once, final, day="2026-12-04") is None
    assert due(LATE, FIRM, once, final, day="2026-12-07") == "final-demand"


def test_who_comes_to_a_stage_again_gets_its_letter_again() -> None:
    once = written("2026-12-02T09:00:00Z", "reminder")
    again = step("2026-12-10T09:00:00Z", "firm", why="a new invoice")
    assert due(LATE, FIRM, once, again, day="2026-12-10") == "reminder"


def test_a_letter_of_another_kind_keeps_the_cadence_too() -> None:
    other = written("2026-12-02T09:00:00Z", "thank-you")
    assert due(LATE, FIRM, other, day="2026-12-03") is None
    assert due(LATE, FIRM, other, day="2026-12-04") == "reminder"


@pytest.mark.parametrize(
    "entries",
    [
        (entry("hold", at="2026-12-01T09:00:00Z", kind="insolvent"),),
        (promise("2026-12-01T09:00:00Z", "100", "2026-12-09"),),
        (entry("dispute", at="2026-12-01T09:00:00Z", amount="100", about="quality"),),
        (paid("2026-11-30", "100"),),
        (step("2026-12-01T09:00:00Z", "closed", why="paid"),),
        (step("2026-12-01T09:00:00Z", "legal", why="decided"),),
    ],
    ids=["hold", "promise", "dispute", "paid", "closed", "without a letter"],
)
def test_no_letter_is_due_while_something_speaks_against_it(entries: tuple[str, ...]) -> None:
    assert due(LATE, FIRM, day="2026-12-03") == "reminder"
    assert due(LATE, FIRM, *entries, day="2026-12-03") is None


def test_a_broken_promise_no_longer_holds_the_letter_back() -> None:
    broken = promise("2026-12-01T09:00:00Z", "100", "2026-12-09")
    assert due(LATE, FIRM, broken, day="2026-12-11") == "reminder"


def test_a_letter_waits_for_the_step_and_not_for_an_overdue_invoice_alone() -> None:
    assert due(LATE, day="2026-12-03") is None


# The command

STORE = """
format = 1
[creditor]
name = "Müller & Söhne GmbH"
contact = "Anna Ward"
phone = "+49 30 23125 000"
email = "ar@example.com"
address = ["Beispielgasse 7", "10115 Berlin"]
[creditor.bank]
iban = "DE89 3704 0044 0532 0130 00"
[desk]
timezone = "Europe/London"
"""
DEBTOR = """
format = 1
currency = "GBP"
reason = "unknown"
[debtor]
name = "{name} Ltd"
timezone = "Europe/London"
address = ["1 Quay Street", "Cardiff"]
{more}
[[person]]
name = "Jane Smith"
role = "owner"
[[invoice]]
number = "{name}-1"
issued = 2026-09-30
due = 2026-10-30
amount = {amount}.00
[[step]]
at = 2026-12-01T08:00:00Z
to = "{stage}"
"""


def case(name: str, stage: str = "final", amount: int = 100, more: str = "") -> str:
    return DEBTOR.format(name=name, stage=stage, amount=amount, more=more)


class Desk:
    """A store in git, and the commands run on it."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.clock = monkeypatch
        self.now("2026-12-01T09:00:00+00:00")
        (root / "cases").mkdir()
        (root / "dunctl.toml").write_text(STORE, encoding="utf-8")
        for name in ("acme", "beta", "gamma"):
            self.put(name, case(name.title(), amount=100 * len(name)))
        self.git("init", "--quiet")
        self.commit()

    def now(self, instant: str) -> None:
        self.clock.setenv("DUNCTL_NOW", instant)

    def put(self, name: str, text: str) -> None:
        (self.root / "cases" / f"{name}.toml").write_text(text, encoding="utf-8")

    def git(self, *words: str) -> str:
        done = subprocess.run(
            ["git", *words], cwd=self.root, capture_output=True, text=True, check=True
        )
        return done.stdout

    def commit(self) -> None:
        self.git("add", ".")
        self.git("commit", "--quiet", "-m", "by hand")

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(main, ["--store", str(self.root), *words])

    def letters(self, name: str) -> list[Letter]:
        return of(self.case(name), Letter)

    def case(self, name: str) -> Case:
        return read((self.root / "cases" / f"{name}.toml").read_text(encoding="utf-8"), name)

    def files(self) -> list[str]:
        return sorted(
            file.relative_to(self.root).as_posix() for file in self.root.glob("letters/*/*")
        )


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    for name, value in {
        "HOME": str(tmp_path),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Li Na",
        "GIT_AUTHOR_EMAIL": "li.na@example.com",
        "GIT_COMMITTER_NAME": "Li Na",
        "GIT_COMMITTER_EMAIL": "li.na@example.com",
        "DUNCTL_USER": "li.na",
    }.items():
        monkeypatch.setenv(name, value)
    root = tmp_path / "desk"
    root.mkdir()
    return Desk(root, monkeypatch)


def test_the_preview_shows_each_letter_and_writes_nothing(desk: Desk) -> None:
    done = desk.run("letters", "--due")
    assert done.exit_code == 0, done.output
    assert [line.split() for line in done.stdout.splitlines()] == [
        ["Case", "Template", "Total", "By", "Channel"],
        ["acme", "final-demand", "(en)", "£400.00", "Tue", "8", "Dec", "letter"],
        ["beta", "final-demand", "(en)", "£400.00", "Tue", "8", "Dec", "letter"],
        ["gamma", "final-demand", "(en)", "£500.00", "Tue", "8", "Dec", "letter"],
        ["to", "be", "written:", "3", "(dunctl", "letters", "--due", "--yes)"],
    ]
    assert desk.files() == []
    assert desk.git("status", "--porcelain", "--untracked-files=all", "--", "cases") == ""


def test_what_is_overdue_and_waits_for_its_first_step_is_named(desk: Desk) -> None:
    text = case("Late").partition("[[step]]")[0]
    desk.put("late", text)
    desk.put("soon", text.replace("2026-10-30", "2026-12-20"))
    hold = "[[hold]]\nat = 2026-11-20T09:00:00Z\nkind = 'stop_contact'\n"
    desk.put("still", text + hold)
    assert "without a letter until a step is taken: 1 (late); for each: dunctl escalate CASE" in (
        desk.run("letters", "--due").stderr
    )
    desk.run("escalate", "late")
    assert "until a step" not in desk.run("letters", "--due").stderr


def test_with_yes_every_letter_is_a_file_and_an_entry_in_one_commit(desk: Desk) -> None:
    before = desk.git("rev-parse", "HEAD")
    done = desk.run("letters", "--due", "--yes")
    assert done.exit_code == 0, done.output
    assert "written and recorded: 3" in done.stdout
    assert desk.git("rev-parse", "HEAD~1") == before
    assert desk.git("show", "--format=%s", "--name-only").split("\n") == [
        "letters written: 3",
        "",
        *(f"cases/{name}.toml" for name in ("acme", "beta", "gamma")),
        *(f"letters/{name}/2026-12-01-final-demand-en.pdf" for name in ("acme", "beta", "gamma")),
        "",
    ]
    (letter,) = desk.letters("gamma")
    assert (letter.template, str(letter.amount), letter.channel) == (
        "final-demand",
        "500.00",
        "letter",
    )
    assert desk.git("status", "--porcelain") == ""


def test_all_letters_are_one_file_for_the_printer(desk: Desk) -> None:
    done = desk.run("letters", "--due", "--yes")
    joined = desk.root / ".dunctl/print/2026-12-01-all.pdf"
    assert str(joined.relative_to(desk.root)) in done.stdout
    apart = [page.text for file in desk.files() for page in pages((desk.root / file).read_bytes())]
    assert [page.text for page in pages(joined.read_bytes())] == apart


def test_a_second_run_the_same_day_writes_nothing(desk: Desk) -> None:
    desk.run("letters", "--due", "--yes")
    before, head = desk.files(), desk.git("rev-parse", "HEAD")
    done = desk.run("letters", "--due", "--yes")
    assert (done.exit_code, done.stdout) == (0, "no letter is due\n")
    assert (desk.files(), desk.git("rev-parse", "HEAD")) == (before, head)


def test_missed_days_are_caught_up_by_one_letter_to_each(desk: Desk) -> None:
    desk.now("2026-12-24T09:00:00+00:00")
    desk.run("letters", "--due", "--yes")
    desk.run("letters", "--due", "--yes")
    assert [len(desk.letters(name)) for name in ("acme", "beta", "gamma")] == [1, 1, 1]


def test_a_case_that_cannot_be_written_to_is_named_and_the_others_go_on(desk: Desk) -> None:
    desk.put("beta", case("Smile \N{GRINNING FACE}"))
    desk.put("delta", case("Delta").replace("amount = 100.00", "amount = 1O0.00"))
    desk.commit()
    done = desk.run("letters", "--due", "--yes")
    assert done.exit_code == 1
    assert "beta: no font has the character" in done.stderr
    assert "cases/delta.toml:" in done.stderr
    assert "written and recorded: 2" in done.stdout
    assert [len(desk.letters(name)) for name in ("acme", "beta", "gamma")] == [1, 0, 1]


def test_what_waits_for_a_decision_is_named_and_is_no_failure(desk: Desk) -> None:
    desk.put("beta", case("Beta", stage="prelegal"))
    desk.commit()
    done = desk.run("letters", "--due")
    assert done.exit_code == 0
    assert "going to court is not decided in beta" in done.stderr
    assert "to be written: 2" in done.stdout


@pytest.mark.parametrize("more", [(), ("--yes",)])
def test_each_letter_is_doubted_as_alone_and_by_the_name_of_its_case(
    desk: Desk, more: tuple[str, ...]
) -> None:
    agent = '[[person]]\nname = "Ada Roe"\nrole = "agent"\n'
    desk.put("acme", case("Acme", more='language = "ar"\n' + agent))
    desk.commit()
    said = desk.run("letters", "--due", *more).stderr.splitlines()
    assert [line for line in said if "acme" in line] == [
        "dunctl: acme: Ada Roe stands for the debtor: write to them?",
        "dunctl: acme reads ar, the letter is in en",
    ]


def test_a_channel_needs_an_address_of_the_debtor(desk: Desk) -> None:
    desk.put("acme", case("Acme", "remind", more='email = "acme@example.com"'))
    desk.put("beta", case("Beta", "remind", more='phone = ["+44 117 496 0000"]'))
    desk.put("gamma", case("Gamma", "remind"))
    desk.commit()
    rows = [line.split() for line in desk.run("letters", "--due").stdout.splitlines()[1:4]]
    assert [(row[0], row[-1]) for row in rows] == [
        ("acme", "email"),
        ("beta", "sms"),
        ("gamma", "letter"),
    ]


@pytest.mark.parametrize(
    ("format_", "suffix", "start"),
    [("text", "txt", "Müller & Söhne GmbH"), ("html", "html", "<!DOCTYPE html>")],
)
def test_a_format_puts_all_of_them_on_paper(
    desk: Desk, format_: str, suffix: str, start: str
) -> None:
    desk.put("acme", case("Acme", "remind", more='phone = ["+44 117 496 0000"]'))
    desk.commit()
    desk.run("letters", "--due", "--yes", "--format", format_)
    assert [file.rpartition(".")[2] for file in desk.files()] == [suffix] * 3
    assert (desk.root / desk.files()[0]).read_text(encoding="utf-8").startswith(start)


def test_copies_go_to_a_folder_with_the_file_for_the_printer(desk: Desk, tmp_path: Path) -> None:
    out = tmp_path / "out"
    desk.run("letters", "--due", "--yes", "--out", str(out))
    assert sorted(file.name for file in out.iterdir()) == [
        "2026-12-01-all.pdf",
        "acme-2026-12-01-final-demand-en.pdf",
        "beta-2026-12-01-final-demand-en.pdf",
        "gamma-2026-12-01-final-demand-en.pdf",
    ]
    assert len(desk.files()) == 3


def test_undo_takes_the_whole_batch_back(desk: Desk) -> None:
    desk.run("letters", "--due", "--yes")
    done = desk.run("undo")
    assert done.exit_code == 0, done.output
    assert [desk.letters(name) for name in ("acme", "beta", "gamma")] == [[], [], []]


def test_programs_get_the_batch_as_json(desk: Desk) -> None:
    done = desk.run("letters", "--due", "--yes", "--json")
    found = json.loads(done.stdout)
    assert [(row["case"], row["amount"], row["deadline"]) for row in found] == [
        ("acme", "400.00", "2026-12-08"),
        ("beta", "400.00", "2026-12-08"),
        ("gamma", "500.00", "2026-12-08"),
    ]
    assert len(desk.files()) == 3


def test_without_due_nothing_is_guessed(desk: Desk) -> None:
    done = desk.run("letters")
    assert done.exit_code == 2
    assert "--due" in done.stderr
