"""``dunctl undo`` takes back what the last command wrote, nothing later and nothing by hand."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import tomli
from click.testing import CliRunner, Result

from dunctl.case.parse import parse
from dunctl.case.records import ENTRY_CLASSES
from dunctl.cli import main

NOW = "2026-11-24T09:00:00+00:00"
ACME = """\
#:schema ../case.schema.json
format = 1
currency = "GBP"
owner = "jo"                       # who works it
# a line of mine

[debtor]
name = "Acme Ltd"
country = "GB"
timezone = "Europe/London"
language = "en"
mine = "kept"

[[person]]
name = "Jane Roe"
role = "owner"
phone = "020 7946 0001"

[[invoice]]
number = "1"
issued = 2026-09-30
due = 2026-10-30
amount = 5000.00

[[promise]]
at = 2026-11-10T09:00:00+00:00
amount = 200.00
due = 2026-11-12
"""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a store in git with the cases acme and beta, and stand in it."""
    root = tmp_path / "desk"
    (root / "cases").mkdir(parents=True)
    (root / "dunctl.toml").write_text(
        '[creditor]\nname = "Us Ltd"\n[defaults]\ncurrency = "GBP"\ncountry = "GB"\n'
    )
    (root / ".gitignore").write_text(".dunctl/\n")
    (root / "cases" / "acme.toml").write_text(ACME)
    (root / "cases" / "beta.toml").write_text(ACME.replace("Acme", "Beta"))
    for name, value in {
        "HOME": str(tmp_path),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Li Na",
        "GIT_AUTHOR_EMAIL": "li.na@example.com",
        "GIT_COMMITTER_NAME": "Li Na",
        "GIT_COMMITTER_EMAIL": "li.na@example.com",
        "DUNCTL_USER": "li.na",
        "DUNCTL_NOW": NOW,
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(root)
    git("init", "--quiet", "--initial-branch=main")
    commit_all("the book")
    return root


def git(*words: str) -> str:
    done = subprocess.run(["git", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, (words, done.stderr)
    return done.stdout


def commit_all(message: str) -> None:
    git("add", "--all")
    git("commit", "--quiet", "--message", message)


def dunctl(*words: str) -> Result:
    result = CliRunner().invoke(main, words)
    assert "Traceback" not in result.output
    return result


def done(*words: str) -> str:
    result = dunctl(*words)
    assert result.exit_code == 0, (words, result.output)
    return result.stdout


def figures(case_id: str = "acme") -> dict[str, Any]:
    """Return what show says of a case, without the entries that are void."""
    shown: dict[str, Any] = json.loads(done("show", case_id, "--json"))
    shown["entries"] = [e for e in shown["entries"] if not e["void"] and e["kind"] != "void"]
    return shown


def facts(case_id: str = "acme") -> dict[str, Any]:
    """Return the facts of a case as they stand in the file."""
    data = tomli.loads(Path(f"cases/{case_id}.toml").read_text())
    return {k: v for k, v in data.items() if k not in ENTRY_CLASSES}


COMMANDS: dict[str, list[str]] = {
    "log": ["log", "acme", "no_answer", "-m", "rang out"],
    "log of a promise": ["log", "acme", "promise", "--amount", "100", "--due", "fri"],
    "promise": ["promise", "acme", "2000", "fri 15:00"],
    "pay": ["pay", "acme", "500"],
    "pay all": ["pay", "acme", "5000"],
    "credit": ["credit", "acme", "10", "--why", "broken crates"],
    "invoice": ["invoice", "acme", "2", "70", "--due", "1 Nov"],
    "confirm": ["confirm", "acme"],
    "dispute": ["dispute", "acme", "800"],
    "hold": ["hold", "acme", "represented", "--with", "Smith & Co"],
    "escalate": ["escalate", "acme"],
    "escalate with a reason": ["escalate", "acme", "--to", "firm", "--why", "told so"],
    "set": ["set", "acme", "reason", "dispute.quality"],
    "set over": ["set", "acme", "owner", "li.na"],
    "set away": ["set", "acme", "owner", ""],
    "set debtor": ["set", "acme", "debtor.hours", "mon-fri 08:00-12:00"],
    "set person": ["set", "acme", "person", "John Doe;finance;020 7946 0002"],
    "set person's phone": ["set", "acme", "person.Jane Roe.phone", "020 7946 0003"],
    "set income": ["set", "acme", "income", "25"],
    "set terms": ["set", "acme", "terms.days", "14"],
    "set interest": [
        *("set", "acme", "terms.interest"),
        '{ percent = 0.05, per = "day", clause = "9.2" }',
    ],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_undo_takes_a_command_back_and_every_figure_is_as_before(desk: Path, command: str) -> None:
    text = Path("cases/acme.toml").read_text()
    before, known = figures(), facts()
    done(*COMMANDS[command])
    assert (figures(), facts()) != (before, known), "it did something"
    subject = git("log", "-1", "--format=%s").strip()
    assert done("undo") == f"undo: {subject}\n"
    assert figures() == before
    assert facts() == known
    if command != "set away":
        assert set(text.splitlines()) <= set(Path("cases/acme.toml").read_text().splitlines())
    assert parse(Path("cases/acme.toml").read_text())[1] == parse(text)[1]
    assert git("log", "-1", "--format=%s").strip() == f"undo: {subject}"
    assert git("status", "--porcelain") == ""
    nothing = dunctl("undo")
    assert (nothing.exit_code, nothing.stderr) == (1, "dunctl: there is nothing to undo\n")


@pytest.mark.parametrize("command", ["log", "pay", "set person", "set income", "set interest"])
def test_what_is_undone_can_be_done_again_and_undone_again(desk: Path, command: str) -> None:
    before = figures()
    for _ in range(3):
        done(*COMMANDS[command])
        done("undo")
    assert figures() == before
    assert dunctl("undo").exit_code == 1


def test_called_again_undo_goes_one_command_further_back(desk: Path) -> None:
    states = []
    for name in ("log", "promise", "set", "pay", "set person", "hold"):
        states.append((figures(), facts()))
        done(*COMMANDS[name])
    subjects = git("log", "-6", "--format=%s").splitlines()
    for state, subject in zip(reversed(states), subjects, strict=True):
        assert done("undo") == f"undo: {subject}\n"
        assert (figures(), facts()) == state
    assert dunctl("undo").exit_code == 1


def test_undo_and_new_commands_in_turn_keep_apart_what_stands(desk: Path) -> None:
    done("pay", "acme", "1")
    done("pay", "acme", "2")
    done("undo")
    done("pay", "acme", "3")
    assert balance() == "4996.00"
    assert done("undo").endswith("£3.00 on Tue 24 Nov\n")
    assert done("undo").endswith("£1.00 on Tue 24 Nov\n")
    assert balance() == "5000.00"


def balance(case_id: str = "acme") -> str:
    amount: str
    (amount,) = figures(case_id)["balance"].values()
    return amount


def test_the_same_payment_twice_is_taken_back_once_a_time(desk: Path) -> None:
    done("pay", "acme", "10")
    done("pay", "acme", "10")
    assert balance() == "4980.00"
    done("undo")
    assert balance() == "4990.00"
    done("undo")
    assert balance() == "5000.00"


def test_a_fact_that_was_set_again_since_goes_back_step_by_step(desk: Path) -> None:
    for value in ("a", "b", "a"):
        done("set", "acme", "owner", value)
    owners = []
    for _ in range(3):
        done("undo")
        owners.append(facts()["owner"])
    assert owners == ["b", "a", "jo"]


def test_a_case_may_be_called_undo(desk: Path) -> None:
    done("new", "undo")
    done("invoice", "undo", "1", "10")
    assert done("undo") == "undo: undo: invoice 1 of £10.00, due Thu 24 Dec\n"
    assert done("undo") == "undo: undo: a case for undo\n"
    assert dunctl("undo").exit_code == 1


def test_a_fact_that_somebody_changed_by_hand_since_is_theirs(desk: Path) -> None:
    done("set", "acme", "owner", "li.na")
    path = Path("cases/acme.toml")
    path.write_text(path.read_text().replace('"li.na"', '"mine"'))
    commit_all("owner by hand")
    assert dunctl("undo").exit_code == 1
    assert facts()["owner"] == "mine"


def test_undo_works_on_the_case_of_the_last_command_alone(desk: Path) -> None:
    done("pay", "acme", "1")
    done("pay", "beta", "2")
    text = Path("cases/acme.toml").read_text()
    done("undo")
    assert Path("cases/acme.toml").read_text() == text
    assert (balance("acme"), balance("beta")) == ("4999.00", "5000.00")
    done("undo")
    assert (balance("acme"), balance("beta")) == ("5000.00", "5000.00")


def test_a_case_that_was_just_opened_goes_away_and_git_keeps_it(desk: Path) -> None:
    done("new", "gamma", "--name", "Gamma Ltd")
    done("undo")
    assert not Path("cases/gamma.toml").exists()
    assert "Gamma Ltd" in git("show", "HEAD~1:cases/gamma.toml")
    assert git("status", "--porcelain") == ""
    done("new", "gamma")
    assert Path("cases/gamma.toml").exists()


def test_a_new_case_goes_away_after_what_was_written_in_it_is_undone(desk: Path) -> None:
    done("pay", "acme", "1")
    done("new", "gamma")
    done("invoice", "gamma", "1", "10")
    done("set", "gamma", "owner", "li.na")
    for _ in range(2):
        done("undo")
        assert Path("cases/gamma.toml").exists()
    assert done("undo") == "undo: gamma: a case for gamma\n"
    assert not Path("cases/gamma.toml").exists()
    assert balance() == "4999.00"


def test_a_new_case_with_something_that_stands_stays(desk: Path) -> None:
    done("new", "gamma")
    path = Path("cases/gamma.toml")
    path.write_text(path.read_text().replace('name = "gamma"', 'name = "Gamma Ltd"'))
    commit_all("its proper name")
    assert dunctl("undo").exit_code == 1
    assert path.exists()


def test_an_import_of_several_cases_is_taken_back_in_all_of_them(desk: Path) -> None:
    Path("due.csv").write_text(
        "customer,invoice,date,due,amount\n"
        "Acme Ltd,A-7,2026-10-01,2026-10-31,100.00\n"
        "Gamma Ltd,G-1,2026-10-01,2026-10-31,200.00\n"
        "Delta Ltd,D-1,2026-10-01,2026-10-31,300.00\n"
    )
    before = figures()
    listed = json.loads(done("ls", "--json"))
    done("import", "invoices", "due.csv", "--currency", "GBP", "--date-order", "ymd", "--yes")
    assert len(json.loads(done("ls", "--json"))) == 4
    assert balance() == "5100.00"
    assert done("undo").startswith("undo: import of due.csv")
    assert figures() == before
    assert json.loads(done("ls", "--json")) == listed
    assert git("status", "--porcelain", "--", "cases") == ""


def test_an_import_is_taken_back_around_what_came_later(desk: Path) -> None:
    Path("due.csv").write_text(
        "customer,invoice,date,due,amount\n"
        "Gamma Ltd,G-1,2026-10-01,2026-10-31,200.00\n"
        "Delta Ltd,D-1,2026-10-01,2026-10-31,300.00\n"
    )
    done("import", "invoices", "due.csv", "--currency", "GBP", "--date-order", "ymd", "--yes")
    gamma = next(Path("cases").glob("gamma*.toml"))
    text = gamma.read_text()
    gamma.write_text(text + '\n[[document]]\non = 2026-11-01\nkind = "contract"\n')
    commit_all("the contract")
    done("undo")
    assert not list(Path("cases").glob("delta*.toml"))
    assert gamma.exists(), "somebody wrote in it by hand"
    assert figures(gamma.stem)["balance"] == {}
    assert [e["kind"] for e in figures(gamma.stem)["entries"]] == ["document"]


def test_steps_of_many_cases_are_taken_back_together(desk: Path) -> None:
    done("escalate", "--due", "--yes")
    assert "upcoming" not in (figures("acme")["stage"], figures("beta")["stage"])
    assert done("undo") == "undo: 2 steps on the ladder\n"
    assert figures("acme")["stage"] == figures("beta")["stage"] == "upcoming"


def test_undo_of_a_void_brings_the_entry_back(desk: Path) -> None:
    done("pay", "acme", "500")
    payment = next(e for e in figures()["entries"] if e["kind"] == "payment")
    done("void", "acme", payment["handle"], "--why", "typed twice")
    assert balance() == "5000.00"
    assert done("undo").startswith("undo: acme: void")
    assert balance() == "4500.00"
    assert done("undo") == "undo: acme: payment of £500.00 on Tue 24 Nov\n"
    assert balance() == "5000.00"


def test_what_was_voided_already_is_not_undone_a_second_time(desk: Path) -> None:
    done("promise", "acme", "300", "fri")
    done("pay", "acme", "500")
    payment = next(e for e in figures()["entries"] if e["kind"] == "payment")
    done("void", "acme", payment["handle"])
    done("undo")
    done("void", "acme", payment["handle"])
    done("log", "acme", "no_answer")
    for subject in ("acme: phone: no answer", "acme: void", "acme: payment", "acme: promise"):
        assert done("undo").startswith(f"undo: {subject}")
    assert balance() == "5000.00"
    assert len(figures()["promises"]) == 1


def test_a_letter_is_taken_back_but_stays_in_its_folder(desk: Path) -> None:
    done("letter", "acme", "reminder", "--lang", "en")
    before = sorted(Path("letters").rglob("*.txt"))
    assert before
    done("undo")
    assert [e["kind"] for e in figures()["entries"]] == ["invoice", "promise"]
    assert sorted(Path("letters").rglob("*.txt")) == before


# What others did


def test_what_was_committed_by_hand_is_not_taken_back(desk: Path) -> None:
    path = Path("cases/acme.toml")
    done("pay", "acme", "1")
    path.write_text(path.read_text() + "\n[[payment]]\non = 2026-11-20\namount = 7.00\n")
    commit_all("a payment that I typed")
    path.write_text(path.read_text().replace("5000.00", "4000.00"))
    commit_all("mistyped")
    Path("cases/hand.toml").write_text(ACME)
    commit_all("a case of mine")
    assert done("undo") == "undo: acme: payment of £1.00 on Tue 24 Nov\n"
    assert balance() == "3993.00"
    assert dunctl("undo").exit_code == 1
    assert Path("cases/hand.toml").exists()


def test_a_file_that_a_commit_by_hand_broke_and_mended_does_not_matter(desk: Path) -> None:
    path = Path("cases/acme.toml")
    done("pay", "acme", "1")
    text = path.read_text()
    path.write_text("[broken\n")
    commit_all("acme: oops")
    path.write_text(text)
    commit_all("acme: mended")
    assert done("undo") == "undo: acme: payment of £1.00 on Tue 24 Nov\n"


def test_a_file_that_is_broken_now_is_named(desk: Path) -> None:
    path = Path("cases/acme.toml")
    done("pay", "acme", "1")
    path.write_text(path.read_text() + "[broken\n")
    commit_all("oops")
    result = dunctl("undo")
    assert result.exit_code == 1
    assert result.stderr == "dunctl: cases/acme.toml cannot be read: mend it first (dunctl check)\n"


def test_what_git_does_not_have_yet_stands_in_the_way_and_is_named(desk: Path) -> None:
    done("pay", "acme", "1")
    path = Path("cases/beta.toml")
    path.write_text(path.read_text() + "# mine\n")
    state = Path("cases/acme.toml").read_text()
    result = dunctl("undo")
    assert result.exit_code == 1
    assert result.stderr == (
        "dunctl: cases/beta.toml has changes that git does not have: commit them first\n"
    )
    assert Path("cases/acme.toml").read_text() == state
    Path("notes.txt").write_text("files beside the cases do not matter")
    git("checkout", "--quiet", "cases/beta.toml")
    done("undo")


def hers(monkeypatch: pytest.MonkeyPatch, *words: str) -> None:
    """Let a colleague do something."""
    with monkeypatch.context() as her:
        her.setenv("GIT_AUTHOR_NAME", "Anna")
        done(*words)


def test_what_a_colleague_wrote_comes_by_merge_and_stays(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git("checkout", "--quiet", "-b", "hers")
    hers(monkeypatch, "pay", "beta", "20")
    git("checkout", "--quiet", "main")
    done("pay", "acme", "1")
    git("merge", "--quiet", "--no-edit", "hers")
    assert (balance("acme"), balance("beta")) == ("4999.00", "4980.00")
    assert done("undo") == "undo: acme: payment of £1.00 on Tue 24 Nov\n"
    assert (balance("acme"), balance("beta")) == ("5000.00", "4980.00")
    assert dunctl("undo").exit_code == 1


def test_what_a_colleague_wrote_stays_also_where_it_comes_without_a_merge(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done("pay", "acme", "1")
    git("checkout", "--quiet", "-b", "hers")
    hers(monkeypatch, "pay", "beta", "20")
    git("checkout", "--quiet", "main")
    git("merge", "--quiet", "--ff-only", "hers")
    assert done("undo") == "undo: acme: payment of £1.00 on Tue 24 Nov\n"
    assert (balance("acme"), balance("beta")) == ("5000.00", "4980.00")
    assert dunctl("undo").exit_code == 1


def test_what_one_wrote_is_taken_back_also_where_a_colleague_merged_it(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done("pay", "acme", "1")
    git("checkout", "--quiet", "-b", "hers")
    hers(monkeypatch, "pay", "beta", "20")
    git("checkout", "--quiet", "main")
    done("pay", "acme", "2")
    git("checkout", "--quiet", "hers")
    git("merge", "--quiet", "--no-edit", "main")
    git("checkout", "--quiet", "main")
    git("merge", "--quiet", "--ff-only", "hers")
    assert done("undo") == "undo: acme: payment of £2.00 on Tue 24 Nov\n"
    assert done("undo") == "undo: acme: payment of £1.00 on Tue 24 Nov\n"
    assert (balance("acme"), balance("beta")) == ("5000.00", "4980.00")


@pytest.mark.parametrize("name", ["li.na", "Sam Jr.", "李娜"])
def test_whom_git_does_not_know_takes_back_what_is_theirs(
    name: str, desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{role}_NAME")
        monkeypatch.delenv(f"GIT_{role}_EMAIL")
    git("config", "user.name", "")
    monkeypatch.setenv("DUNCTL_USER", name)
    done("pay", "acme", "1")
    monkeypatch.setenv("DUNCTL_USER", "somebody else")
    assert dunctl("undo").exit_code == 1
    monkeypatch.setenv("DUNCTL_USER", name)
    assert done("undo") == "undo: acme: payment of £1.00 on Tue 24 Nov\n"


def test_signatures_that_git_shows_do_not_disturb(desk: Path, tmp_path: Path) -> None:
    if not shutil.which("ssh-keygen"):
        pytest.skip("nothing to sign with")
    key = str(tmp_path / "key")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    (tmp_path / "allowed").write_text(f"* {Path(key + '.pub').read_text()}")
    for name, value in (
        ("gpg.format", "ssh"),
        ("gpg.ssh.allowedSignersFile", str(tmp_path / "allowed")),
        ("user.signingKey", f"{key}.pub"),
        ("commit.gpgSign", "true"),
        ("log.showSignature", "true"),
    ):
        git("config", name, value)
    done("pay", "acme", "1")
    assert done("undo") == "undo: acme: payment of £1.00 on Tue 24 Nov\n"


def test_a_merge_within_one_file_is_nobodys_command(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path("cases/acme.toml")
    git("checkout", "--quiet", "-b", "hers")
    hers(monkeypatch, "pay", "acme", "20")
    theirs = path.read_text().removeprefix(ACME)
    git("checkout", "--quiet", "main")
    done("pay", "acme", "1")
    subprocess.run(["git", "merge", "hers"], capture_output=True, check=False)
    path.write_text(git("show", "main:cases/acme.toml") + theirs)
    commit_all("acme: both")
    assert balance() == "4979.00"
    assert done("undo") == "undo: acme: payment of £1.00 on Tue 24 Nov\n"
    assert balance() == "4980.00"


def test_a_case_that_became_a_link_is_not_followed(desk: Path, tmp_path: Path) -> None:
    done("pay", "acme", "1")
    outside = tmp_path / "outside.toml"
    Path("cases/acme.toml").rename(outside)
    text = outside.read_text()
    Path("cases/acme.toml").symlink_to(outside)
    commit_all("moved away")
    assert dunctl("undo").exit_code == 1
    assert outside.read_text() == text
    assert Path("cases/acme.toml").is_symlink()


# What a day looks like afterwards


def test_the_patches_of_a_day_with_undo_show_additions_only(desk: Path) -> None:
    start = git("rev-parse", "HEAD").strip()
    for name in ("log", "promise", "confirm", "pay", "dispute", "escalate with a reason"):
        done(*COMMANDS[name])
        done("undo")
        done(*COMMANDS[name])
    patch = git("log", "-p", "--format=", f"{start}..", "--", "cases")
    lines = patch.splitlines()
    assert len([line for line in lines if line.startswith("+[[void]]")]) == 6
    assert [line for line in lines if line.startswith("-") and line[:3] != "---"] == []


def test_a_file_with_windows_line_ends_keeps_them(desk: Path) -> None:
    path = Path("cases/acme.toml")
    path.write_bytes(ACME.replace("\n", "\r\n").encode())
    commit_all("from a PC")
    for name in ("pay", "set person", "set"):
        done(*COMMANDS[name])
    for _ in range(3):
        done("undo")
    text = path.read_bytes().decode()
    assert "\n" not in text.replace("\r\n", "")
    assert text.startswith(ACME.replace("\n", "\r\n"))
    assert balance() == "5000.00"
