"""git around a store: one commit a command, just its own path, and never in the way of a write."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dunctl.cli import main
from dunctl.store import store as stores

NOW = "2026-11-24T09:00:00+00:00"
FACTS = """\
format = 1
currency = "GBP"

[debtor]
name = "{name}"
country = "GB"
timezone = "Europe/London"
language = "en"

[[invoice]]
number = "1"
due = 2026-10-30
amount = 5000.00
"""


@pytest.fixture(autouse=True)
def _person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(
        "[user]\n\tname = Li Na\n\temail = li.na@example.com\n[init]\n\tdefaultBranch = main\n"
    )
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("DUNCTL_NOW", NOW)


def fill(root: Path) -> Path:
    """Make a store with the cases acme and beta in a folder."""
    (root / "cases").mkdir(parents=True)
    (root / "dunctl.toml").write_text('[defaults]\ncurrency = "GBP"\ncountry = "GB"\n')
    (root / ".gitignore").write_text(".dunctl/\n")
    for name in ("acme", "beta"):
        (root / "cases" / f"{name}.toml").write_text(FACTS.format(name=name.title()))
    return root


def git(root: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (words, done.stderr)
    return done.stdout


def commit_all(root: Path, message: str = "the book") -> None:
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", message)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a store that is a git repository, and stand in it."""
    root = fill(tmp_path / "desk")
    git(root, "init", "--quiet")
    commit_all(root)
    monkeypatch.chdir(root)
    return root


def dunctl(*words: str) -> Result:
    result = CliRunner().invoke(main, words)
    assert "Traceback" not in result.output
    return result


def written(result: Result, path: Path) -> bool:
    """Return whether a log was written, and that the command says it is done."""
    assert result.exit_code == 0, result.output
    return "[[contact]]" in path.read_text()


def last(root: Path) -> tuple[str, list[str]]:
    """Return subject and paths of the newest commit."""
    subject, _, paths = git(root, "log", "-1", "--format=%s", "--name-only").partition("\n")
    return subject, paths.split()


def test_a_command_is_one_commit_of_just_its_file_with_a_message_as_a_person_writes_it(
    desk: Path,
) -> None:
    for words, subject in [
        (
            ["log", "acme", "no_answer", "--with", "Jane Roe"],
            "acme: phone Jane Roe: no answer",
        ),
        (
            ["promise", "acme", "2000", "fri 15:00", "--with", "Jane Roe"],
            "acme: promise of £2,000.00 by Fri 27 Nov 15:00",
        ),
        (["confirm", "acme"], "acme: promise "),
        (
            ["pay", "acme", "500", "--on", "yesterday", "--ref", "0908-7731"],
            "acme: payment of £500.00 on Mon 23 Nov, 0908-7731",
        ),
        (
            ["invoice", "beta", "2", "10", "--due", "1 Dec"],
            "beta: invoice 2 of £10.00, due Tue 1 Dec",
        ),
        (["set", "beta", "owner", "Li Na"], "beta: owner = Li Na"),
    ]:
        before = git(desk, "rev-parse", "HEAD")
        assert dunctl(*words).exit_code == 0
        assert git(desk, "rev-parse", "HEAD~1") == before, "one commit"
        got, paths = last(desk)
        assert got.startswith(subject)
        assert paths == [f"cases/{words[1]}.toml"]
        assert git(desk, "status", "--porcelain") == ""
    assert git(desk, "log", "-1", "--format=%an <%ae>") == "Li Na <li.na@example.com>\n"


def test_a_new_case_is_one_commit(desk: Path) -> None:
    assert dunctl("new", "杭州云帆", "--name", "杭州云帆贸易有限公司").exit_code == 0
    assert git(desk, "status", "--porcelain") == ""
    subject, _, paths = git(
        desk, "-c", "core.quotepath=off", "log", "-1", "--format=%s", "--name-only"
    ).partition("\n")
    assert (subject, paths.strip()) == (
        "杭州云帆: a case for 杭州云帆贸易有限公司",
        "cases/杭州云帆.toml",
    )


def test_what_the_user_has_staged_or_only_edited_is_left_as_it_is(desk: Path) -> None:
    beta, notes, fresh = desk / "cases" / "beta.toml", desk / "notes.txt", desk / "fresh.txt"
    notes.write_text("one\n")
    commit_all(desk)
    beta.write_text(beta.read_text() + "# staged\n")
    git(desk, "add", "cases/beta.toml")
    beta.write_text(beta.read_text() + "# and edited\n")
    notes.write_text("two\n")
    fresh.write_text("untracked\n")
    state = git(desk, "status", "--porcelain")
    staged, edited = git(desk, "diff", "--cached"), git(desk, "diff")
    assert written(dunctl("log", "acme", "no_answer"), desk / "cases" / "acme.toml")
    assert last(desk)[1] == ["cases/acme.toml"]
    assert git(desk, "status", "--porcelain") == state
    assert git(desk, "diff", "--cached") == staged
    assert git(desk, "diff") == edited


def test_a_file_whose_name_looks_like_a_pattern_does_not_take_others_along(desk: Path) -> None:
    odd = desk / "cases" / "[a-z]*.toml"
    odd.write_text(FACTS.format(name="Odd"))
    commit_all(desk)
    beta = desk / "cases" / "beta.toml"
    beta.write_text(beta.read_text() + "# mine\n")
    assert written(dunctl("log", "[a", "no_answer"), odd)
    assert last(desk)[1] == ["cases/[a-z]*.toml"]
    assert git(desk, "status", "--porcelain") == " M cases/beta.toml\n"


def test_a_case_that_git_did_not_know_is_committed_with_its_first_entry(desk: Path) -> None:
    (desk / "cases" / "gamma.toml").write_text(FACTS.format(name="Gamma"))
    assert written(dunctl("log", "gamma", "no_answer"), desk / "cases" / "gamma.toml")
    assert last(desk) == ("gamma: phone: no answer", ["cases/gamma.toml"])


@pytest.mark.parametrize(
    "note",
    [
        "# not a comment",
        "line one\nline two",
        "-m --amend",
        "\u2028odd\u0085breaks\x0b",
        "'\"$(id)",
    ],
    ids=ascii,
)
def test_what_was_said_reaches_the_message_whatever_it_is(desk: Path, note: str) -> None:
    assert written(dunctl("log", "acme", "no_answer", "-m", note), desk / "cases" / "acme.toml")
    assert git(desk, "status", "--porcelain") == ""
    assert git(desk, "rev-list", "--count", "HEAD") == "2\n"
    assert dunctl("undo").exit_code == 0, "and undo still finds it"


def test_a_very_long_note_is_written_whole_and_its_commit_is_made(desk: Path) -> None:
    note = "帳" * 30_000
    store = stores.open_store(desk)
    stores.change(store, "acme", lambda found: (found.text + f"# {note}\n", f"acme: {note}"))
    assert note in (desk / "cases" / "acme.toml").read_text()
    assert git(desk, "status", "--porcelain") == ""


def test_hundreds_of_files_are_one_commit(desk: Path) -> None:
    store = stores.open_store(desk)
    fresh = [(f"shop-{n:04}", FACTS.format(name=f"Shop {n}")) for n in range(300)]
    (desk / "notes.txt").write_text("mine")
    stores.create(store, fresh, "import of shops.csv")
    assert git(desk, "status", "--porcelain") == "?? notes.txt\n"
    assert len(last(desk)[1]) == 300


# Where the repository is


def test_a_store_in_a_folder_of_a_larger_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    top = tmp_path / "office"
    root = fill(top / "money" / "desk")
    (top / "readme").write_text("one\n")
    git(top, "init", "--quiet")
    commit_all(top)
    (top / "readme").write_text("two\n")
    (top / "cases").mkdir()
    monkeypatch.chdir(root / "cases")
    assert written(dunctl("log", "acme", "no_answer"), root / "cases" / "acme.toml")
    assert last(top) == ("acme: phone: no answer", ["money/desk/cases/acme.toml"])
    assert git(top, "status", "--porcelain") == " M readme\n"
    assert dunctl("undo").stdout == "undo: acme: phone: no answer\n"
    assert last(top) == ("undo: acme: phone: no answer", ["money/desk/cases/acme.toml"])
    assert git(top, "status", "--porcelain") == " M readme\n"
    elsewhere = root / "cases" / "beta.toml"
    elsewhere.write_text(elsewhere.read_text() + "# mine\n")
    assert "cases/beta.toml has changes" in dunctl("undo").stderr


def test_a_store_in_a_linked_worktree(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = desk.parent / "other"
    git(desk, "worktree", "add", "--quiet", "-b", "side", str(other))
    assert (other / ".git").is_file()
    monkeypatch.chdir(other)
    assert written(dunctl("log", "acme", "no_answer"), other / "cases" / "acme.toml")
    assert git(other, "log", "-1", "--format=%s") == "acme: phone: no answer\n"
    assert git(other, "status", "--porcelain") == ""
    assert dunctl("undo").exit_code == 0
    assert git(desk, "log", "--format=%s") == "the book\n"
    assert "[[contact]]" not in (desk / "cases" / "acme.toml").read_text()


@pytest.mark.parametrize("name", ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"])
def test_inside_a_hook_of_another_repository_the_stores_own_is_used(
    desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "--quiet")
    git(other, "commit", "--quiet", "--allow-empty", "--message", "theirs")
    value = {"GIT_DIR": other / ".git", "GIT_INDEX_FILE": other / ".git" / "index"}.get(name, other)
    with monkeypatch.context() as hook:
        hook.setenv(name, str(value))
        assert written(dunctl("log", "acme", "no_answer"), desk / "cases" / "acme.toml")
        assert dunctl("undo").exit_code == 0
    assert git(desk, "log", "-2", "--format=%s") == (
        "undo: acme: phone: no answer\nacme: phone: no answer\n"
    )
    assert git(desk, "status", "--porcelain") == ""
    assert git(other, "log", "--format=%s") == "theirs\n"
    assert git(other, "status", "--porcelain") == ""


# Where git is not, or does not want


def without_git(folder: Path) -> dict[str, str]:
    """Return an environment whose PATH has no git."""
    empty = folder / "no programs"
    empty.mkdir(exist_ok=True)
    return {**os.environ, "PATH": str(empty)}


def test_a_store_outside_of_git_says_so_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = fill(tmp_path / "plain")
    monkeypatch.chdir(root)
    first = dunctl("log", "acme", "no_answer")
    assert written(first, root / "cases" / "acme.toml")
    sentence = "dunctl: this store is not in git: changes are kept, but not their history"
    assert sentence in first.stderr
    again = dunctl("log", "acme", "no_answer")
    assert again.exit_code == 0
    assert "git" not in again.stderr
    undo = dunctl("undo")
    assert undo.exit_code == 1
    assert undo.stderr.startswith("dunctl: undo needs git's history; take an entry back with ")


def test_where_git_is_not_installed_everything_is_written_all_the_same(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", without_git(desk.parent)["PATH"])
    for words in (["log", "acme", "no_answer"], ["new", "gamma"]):
        result = dunctl(*words)
        assert result.exit_code == 0
        assert result.stderr.splitlines()[0] == (
            "dunctl: written, but git did not commit it: git is not installed"
        )
    assert "[[contact]]" in (desk / "cases" / "acme.toml").read_text()
    undo = dunctl("undo")
    assert (undo.exit_code, undo.stderr) == (1, "dunctl: git is not installed\n")


def test_a_store_can_be_made_where_git_is_not_installed(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "dunctl"]
    done = subprocess.run(
        [*command, "init", "desk"],
        cwd=tmp_path,
        env=without_git(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("git is not installed") == 1
    assert (tmp_path / "desk" / "dunctl.toml").is_file()
    assert (tmp_path / "desk" / "cases").is_dir()


def hook(root: Path, text: str) -> None:
    path = root / ".git" / "hooks" / "pre-commit"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_a_commit_hook_that_fails_is_said_and_nothing_is_lost(desk: Path) -> None:
    hook(desk, "printf 'no commits on \\033[31mTuesday\\n' >&2; exit 1")
    result = dunctl("log", "acme", "no_answer")
    assert written(result, desk / "cases" / "acme.toml")
    assert result.stderr == (
        "dunctl: written, but git did not commit it: no commits on ·[31mTuesday\n"
    )
    assert git(desk, "rev-list", "--count", "HEAD") == "1\n"
    hook(desk, "exit 0")
    assert dunctl("pay", "acme", "1").exit_code == 0
    assert git(desk, "status", "--porcelain") == "", "the next commit of this file has both"


def test_without_an_identity_a_commit_is_by_whoever_is_at_the_keyboard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a machine where git was never set up; on some it finds a name of its own."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("DUNCTL_USER", "jo")
    monkeypatch.chdir(tmp_path)
    knows = subprocess.run(["git", "var", "GIT_COMMITTER_IDENT"], capture_output=True, check=False)
    made = dunctl("init", "desk", "--currency", "GBP")
    assert made.exit_code == 0
    monkeypatch.chdir("desk")
    assert dunctl("new", "acme").exit_code == 0
    assert git(tmp_path / "desk", "status", "--porcelain") == ""
    by = git(tmp_path / "desk", "log", "--format=%an").split("\n")[0]
    assert (
        ("commits are by jo: git config" in made.stderr) == (by == "jo") == bool(knows.returncode)
    )


def test_who_wants_no_identity_but_its_own_is_told_that_git_did_not_commit(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    git(desk, "config", "user.useConfigOnly", "true")
    result = dunctl("log", "acme", "no_answer")
    assert written(result, desk / "cases" / "acme.toml")
    assert "dunctl: written, but git did not commit it: " in result.stderr
    assert "user.email" in result.stderr, "git's own remedy is shown"


def test_a_store_that_the_larger_repository_ignores_is_written_and_said(
    desk: Path,
) -> None:
    (desk / ".gitignore").write_text(".dunctl/\ncases/gamma.toml\n")
    result = dunctl("new", "gamma")
    assert result.exit_code == 0
    assert "dunctl: written, but git did not commit it: " in result.stderr
    assert (desk / "cases" / "gamma.toml").is_file()


def test_in_the_middle_of_a_merge_it_is_written_and_said(desk: Path) -> None:
    acme = desk / "cases" / "acme.toml"
    git(desk, "checkout", "--quiet", "-b", "side")
    (desk / "notes.txt").write_text("theirs\n")
    commit_all(desk)
    git(desk, "checkout", "--quiet", "main")
    (desk / "notes.txt").write_text("ours\n")
    commit_all(desk)
    merge = subprocess.run(["git", "merge", "side"], cwd=desk, capture_output=True, check=False)
    assert merge.returncode
    result = dunctl("log", "acme", "no_answer")
    assert written(result, acme)
    said = "dunctl: written; git commits it with the merge that is under way: dunctl sync\n"
    assert said in result.stderr


def test_a_repository_without_a_commit_gets_its_first_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = fill(tmp_path / "fresh")
    git(root, "init", "--quiet")
    monkeypatch.chdir(root)
    undo = dunctl("undo")
    assert undo.exit_code == 1
    assert written(dunctl("log", "acme", "no_answer"), root / "cases" / "acme.toml")
    assert last(root)[1] == ["cases/acme.toml"]


def test_init_makes_a_repository_around_the_store_but_none_within_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert dunctl("init", "alone").exit_code == 0
    assert git(tmp_path / "alone", "log", "--format=%s") == "a new store for dunctl\n"
    assert git(tmp_path / "alone", "status", "--porcelain") == ""
    office = tmp_path / "office"
    office.mkdir()
    git(office, "init", "--quiet")
    (office / "mine.txt").write_text("mine")
    assert dunctl("init", "office/desk").exit_code == 0
    assert not (office / "desk" / ".git").exists()
    assert git(office, "status", "--porcelain") == "?? mine.txt\n"


def test_git_never_asks_and_never_waits_for_a_person(desk: Path) -> None:
    hook(desk, "read answer && exit 1; exit 0")
    assert written(dunctl("log", "acme", "no_answer"), desk / "cases" / "acme.toml")
    assert git(desk, "rev-list", "--count", "HEAD") == "2\n"
