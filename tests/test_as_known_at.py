"""``--as-known-at COMMIT``: a report of last month again, bit for bit, and nothing is written."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dunctl.cli import VERBS, main

NOW = "2026-11-24T09:00:00+00:00"
THEN = "2026-10-31"
READING = (
    ("ageing", "--json"),
    ("ageing", "--csv"),
    ("ls", "--json"),
    ("ls",),
    ("show", "acme", "--json"),
    ("show", "acme"),
    ("owed", "acme", "--json"),
    ("owed", "acme", "--explain"),
    ("statement", "acme", "--json"),
    ("expected", "--json"),
    ("limitation", "acme", "--json"),
    ("today", "--json"),
    ("may", "acme"),
    ("hours",),
)
ACME = """\
format = 1
currency = "GBP"
policy = "slow"

[debtor]
name = "Acme Ltd"
country = "GB"
timezone = "Europe/London"
language = "en"

[[person]]
name = "Jane Roe"
role = "owner"
phone = "020 7946 0001"

[[invoice]]
number = "1"
issued = 2026-08-31
due = 2026-09-30
amount = 5000.00
"""
SLOW = "[gaps]\ncalls_days = 3\n"


@pytest.fixture(params=[".", "firm/desk"], ids=["root", "subfolder"])
def desk(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a store in git, at the root of the repository or below it, and stand in it."""
    root: Path = tmp_path / "book" / request.param
    make_store(root)
    git(tmp_path / "book", "init", "--quiet")
    (tmp_path / "book" / "unrelated.txt").write_text("not of the store")
    monkeypatch.chdir(root)
    monkeypatch.setenv("DUNCTL_NOW", NOW)
    monkeypatch.setenv("DUNCTL_USER", "li.na")
    commit(root, "as it was")
    return root


def make_store(root: Path) -> None:
    (root / "cases").mkdir(parents=True)
    (root / "policies").mkdir()
    (root / "dunctl.toml").write_text('[desk]\ntimezone = "Europe/London"\n')
    (root / ".gitignore").write_text(".dunctl/\n")
    (root / "cases" / "acme.toml").write_text(ACME)
    (root / "policies" / "slow.toml").write_text("")


def git(root: Path, *words: str) -> str:
    name = ("-c", "user.name=Li Na", "-c", "user.email=li.na@example.com")
    done = subprocess.run(
        ["git", *name, *words], cwd=root, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def commit(root: Path, message: str) -> str:
    git(root, "add", "--all", ".")
    git(root, "commit", "--quiet", "--message", message)
    return git(root, "rev-parse", "HEAD")


def dunctl(*words: str) -> Result:
    result = CliRunner().invoke(main, words)
    assert "Traceback" not in result.output
    return result


def contents(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".git" not in path.parts and ".dunctl" not in path.parts
    }


def go_on(root: Path) -> None:
    """Let a month of work pass: in the cases, the settings, the policies, some not committed."""
    cases = root / "cases"
    late = '[[payment]]\non = 2026-10-15\namount = 4000.00\nnote = "booked late"\n'
    (cases / "acme.toml").write_text(ACME.replace("5000.00", "5500.00") + "\n" + late)
    (cases / "beta.toml").write_text(ACME.replace("Acme", "Beta"))
    (root / "dunctl.toml").write_text('[desk]\ntimezone = "Asia/Shanghai"\nhours = "sun"\n')
    (root / "policies" / "slow.toml").write_text("[caps]\nnonsense = 1\n")
    commit(root, "a month later")
    (cases / "gamma.toml").write_text(ACME.replace("Acme", "Gamma"))


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_a_report_of_then_is_the_same_byte_for_byte(desk: Path, words: tuple[str, ...]) -> None:
    asked = (*words, "--as-of", THEN)
    was = dunctl(*asked)
    assert was.stdout
    go_on(desk)
    again = dunctl(*asked, "--as-known-at", "HEAD~1")
    assert (again.stdout, again.stderr, again.exit_code) == (was.stdout, was.stderr, was.exit_code)


def test_what_was_found_out_since_makes_the_difference(desk: Path) -> None:
    """hledger and the peers can say what was owed on a day, not what was known on it."""
    go_on(desk)
    then = dunctl("ageing", "--as-of", THEN, "--as-known-at", "HEAD~1").stdout
    assert "£5,000.00" in then
    (desk / "policies" / "slow.toml").write_text("")
    now = dunctl("ageing", "--as-of", THEN).stdout
    assert "£11,500.00" in now


def test_the_files_of_then_come_with_their_problems(desk: Path) -> None:
    broken = desk / "cases" / "acme.toml"
    broken.write_text(ACME + "amount = 1\n")
    was = dunctl("ageing")
    commit(desk, "broken")
    broken.write_text(ACME)
    commit(desk, "mended")
    again = dunctl("ageing", "--as-known-at", "HEAD~1")
    assert was.exit_code == again.exit_code == 1
    assert "cases/acme.toml:21:" in again.stderr
    assert (again.stdout, again.stderr) == (was.stdout, was.stderr)


def test_the_commit_can_be_named_as_git_does_and_before_the_command(desk: Path) -> None:
    first = git(desk, "rev-parse", "HEAD")
    git(desk, "tag", "--annotate", "--message", "end of October", "october")
    asked = ("ls", "--json", "--as-of", THEN)
    was = dunctl(*asked).stdout
    go_on(desk)
    for name in (first, first[:9], "october", "HEAD~1", "main~1", "master~1"):
        if name in ("main~1", "master~1") and git(desk, "branch", "--show-current") not in name:
            continue
        assert dunctl("--as-known-at", name, *asked).stdout == was, name


def test_what_is_in_the_working_copy_and_elsewhere_is_left_alone(desk: Path) -> None:
    go_on(desk)
    before, status = contents(desk), git(desk, "status", "--porcelain")
    for words in READING:
        dunctl(*words, "--as-of", THEN, "--as-known-at", "HEAD~1")
    assert contents(desk) == before
    assert git(desk, "status", "--porcelain") == status


def test_the_files_of_then_are_not_left_lying_about(
    desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    for words in (("ls",), ("show", "nobody"), ("ageing", "--as-of", "someday")):
        dunctl(*words, "--as-known-at", "HEAD")
        assert list(scratch.iterdir()) == [], words


@pytest.mark.skipif(os.name != "posix", reason="links are made by hand")
def test_a_case_that_was_a_link_is_still_no_case(desk: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.toml").write_text(ACME)
    (desk / "cases" / "linked.toml").symlink_to(tmp_path / "elsewhere.toml")
    was = dunctl("ls")
    commit(desk, "a link")
    again = dunctl("ls", "--as-known-at", "HEAD")
    assert "cases/linked.toml:1: is a link" in again.stderr
    assert (again.stdout, again.stderr, again.exit_code) == (was.stdout, was.stderr, 1)


@pytest.mark.skipif(os.name != "posix", reason="links are made by hand")
def test_cases_that_git_does_not_have_are_not_taken_for_none(desk: Path, tmp_path: Path) -> None:
    (desk / "cases").rename(tmp_path / "elsewhere")
    (desk / "cases").symlink_to(tmp_path / "elsewhere")
    commit(desk, "the cases lie elsewhere")
    done = dunctl("ageing", "--as-known-at", "HEAD")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "dunctl: git cannot show HEAD: cases is a link out of it\n"


@pytest.mark.parametrize("name", ["nope", "", "--all", "HEAD~99", "HEAD:cases", "ffffffff"])
def test_a_commit_that_is_none_is_refused_in_a_sentence(desk: Path, name: str) -> None:
    done = dunctl("ageing", "--as-known-at", name)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == f"dunctl: there is no commit {name}: see git log --oneline\n"


def test_a_commit_without_the_store_is_refused_in_a_sentence(desk: Path) -> None:
    git(desk, "checkout", "--quiet", "--orphan", "other")
    git(desk, "rm", "-r", "--quiet", "--cached", ".")
    git(desk, "add", ".gitignore")
    git(desk, "commit", "--quiet", "--message", "no store yet")
    done = dunctl("ageing", "--as-known-at", "HEAD")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "dunctl: there was no store in HEAD: it has no dunctl.toml\n"


def test_a_store_without_git_is_refused_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_store(tmp_path / "plain")
    monkeypatch.chdir(tmp_path / "plain")
    done = dunctl("ageing", "--as-known-at", "HEAD")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == (
        "dunctl: --as-known-at needs git's history, and this store is not in git (git init)\n"
    )


WRITING = {
    "init": (),
    "new": ("beta",),
    "set": ("acme", "owner", "jo"),
    "invoice": ("acme", "2", "10"),
    "pay": ("acme", "10"),
    "credit": ("acme", "10"),
    "bounce": ("acme", "1234567"),
    "refund": ("acme", "10"),
    "charge": ("acme", "--interest"),
    "waive": ("acme", "interest", "--why", "goodwill"),
    "acknowledge": ("acme",),
    "document": ("acme", "contract"),
    "plan": ("acme", "--every", "month"),
    "settle": ("acme", "10", "--until", "fri", "--why", "cash"),
    "approve": ("acme", "1234567"),
    "log": ("acme", "no_answer"),
    "promise": ("acme", "10", "tomorrow"),
    "confirm": ("acme",),
    "dispute": ("acme", "10"),
    "hold": ("acme", "pause"),
    "release": ("acme", "pause"),
    "escalate": ("acme",),
    "void": ("acme", "1234567"),
    "undo": (),
    "letter": ("acme",),
}


@pytest.mark.parametrize("place", ["before", "after"])
def test_what_writes_refuses_it_and_writes_nothing(desk: Path, place: str) -> None:
    option = ("--as-known-at", "HEAD")
    before, log = contents(desk), git(desk, "log", "--format=%H")
    for verb, arguments in WRITING.items():
        words = (*option, verb, *arguments) if place == "before" else (verb, *arguments, *option)
        if verb == "init" and place == "after":
            continue  # it has no such option of its own
        done = dunctl(*words)
        assert (done.exit_code, done.stderr) == (
            2,
            f"dunctl: {verb} does not answer from a commit: "
            "--as-known-at is for what only reads, such as show or ageing\n",
        )
    assert (contents(desk), git(desk, "log", "--format=%H")) == (before, log)


def test_the_help_offers_it_only_where_it_serves() -> None:
    for verb in {*VERBS} - {"import", "policy", "calendar", "rates"}:
        offered = "--as-known-at" in dunctl(verb, "--help").stdout
        assert not (offered and verb in WRITING), verb
        assert offered or verb not in {words[0] for words in READING}, verb
