"""``dunctl sync`` brings two machines together; where it cannot, it says so and loses nothing."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dunctl.cli import main
from dunctl.store import drivers
from tests.casefile import called, invoice, paid, text

NOW = "2026-11-24T09:00:00+00:00"


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
    monkeypatch.setenv("DUNCTL_NOW", NOW)


def git(root: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (words, done.stderr)
    return done.stdout


def dunctl(root: Path, *words: str) -> Result:
    return CliRunner().invoke(main, [*words, "--store", str(root)])


@pytest.fixture
def desks(tmp_path: Path) -> tuple[Path, Path]:
    """Return two stores that share a remote, with the case acme."""
    git(tmp_path, "init", "--quiet", "--bare", "shared.git")
    one, two = tmp_path / "one", tmp_path / "two"
    assert CliRunner().invoke(main, ["init", str(one), "--country", "GB"]).exit_code == 0
    git(one, "remote", "add", "origin", "../shared.git")
    add(one, text(invoice("1", "2026-10-30", "1000.00")))
    assert dunctl(one, "sync").exit_code == 0
    git(tmp_path, "clone", "--quiet", "shared.git", "two")
    return one, two


def add(root: Path, source: str, name: str = "acme") -> None:
    path = root / "cases" / f"{name}.toml"
    path.write_text((path.read_text() + "\n" if path.exists() else "") + source)
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message", "by hand")


def test_what_two_machines_logged_is_on_both(desks: tuple[Path, Path]) -> None:
    one, two = desks
    add(one, called("2026-11-20T09:00:00Z"))
    add(two, paid("2026-11-19", "10.00"))
    assert dunctl(one, "sync").output == "origin: 0 commits fetched; 1 pushed\n"
    assert dunctl(two, "sync").output == "origin: 1 commit fetched; 2 pushed; changed: acme\n"
    assert dunctl(one, "sync").output == "origin: 2 commits fetched; 0 pushed; changed: acme\n"
    assert dunctl(one, "sync").output == "origin: 0 commits fetched; 0 pushed\n"
    cases = [(root / "cases" / "acme.toml").read_text() for root in desks]
    assert cases[0] == cases[1]
    assert cases[0].index("[[payment]]") < cases[0].index("[[contact]]")


def test_changes_that_git_does_not_have_stop_it(desks: tuple[Path, Path]) -> None:
    one, _ = desks
    path = one / "cases" / "acme.toml"
    path.write_text(path.read_text() + "# mine\n")
    refused = dunctl(one, "sync")
    assert refused.exit_code == 1
    assert "cases/acme.toml has changes that git does not have" in refused.output
    assert path.read_text().endswith("# mine\n")


def test_a_remote_that_is_gone_is_named(desks: tuple[Path, Path]) -> None:
    one, _ = desks
    git(one, "remote", "set-url", "origin", "../nowhere.git")
    refused = dunctl(one, "sync")
    assert refused.exit_code == 1
    assert refused.output.startswith("dunctl: origin cannot be reached: ")


@pytest.mark.parametrize("url", ["../nowhere.git", "ssh://nobody@127.0.0.1:1/x"])
def test_why_a_remote_cannot_be_reached_is_said(url: str, desks: tuple[Path, Path]) -> None:
    one, _ = desks
    git(one, "remote", "set-url", "origin", url)
    said = dunctl(one, "sync").output
    assert "nowhere.git" in said or "127.0.0.1" in said or "ssh" in said
    assert "and the repository exists" not in said


def test_the_words_of_a_server_that_takes_nothing_are_passed_on(desks: tuple[Path, Path]) -> None:
    one, _ = desks
    hook = one.parent / "shared.git" / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho the books are closed\nexit 1\n")
    hook.chmod(0o755)
    add(one, called("2026-11-20T09:00:00Z"))
    refused = dunctl(one, "sync")
    assert refused.exit_code == 1
    assert refused.output.startswith(
        "dunctl: origin does not take it: remote: the books are closed; ! [remote rejected] "
    )


def test_a_tag_with_the_name_of_the_branch_is_no_branch(desks: tuple[Path, Path]) -> None:
    one, two = desks
    git(one, "tag", "main")
    add(one, called("2026-11-20T09:00:00Z"))
    assert dunctl(one, "sync").output == "origin: 0 commits fetched; 1 pushed\n"
    assert dunctl(two, "sync").output == "origin: 1 commit fetched; 0 pushed; changed: acme\n"


def test_off_every_branch_it_says_how_to_bring_along_what_was_written(
    desks: tuple[Path, Path],
) -> None:
    one, _ = desks
    git(one, "checkout", "--quiet", "--detach")
    add(one, called("2026-11-20T09:00:00Z"))
    here = git(one, "rev-parse", "HEAD")[:7]
    refused = dunctl(one, "sync")
    assert refused.exit_code == 1
    assert f"git switch main, then git merge {here}" in refused.output


def test_a_contradiction_in_a_store_within_a_larger_repository_can_be_settled(
    tmp_path: Path,
) -> None:
    git(tmp_path, "init", "--quiet", "--bare", "shared.git")
    git(tmp_path, "init", "--quiet", "one")
    one, two = (tmp_path / name / "books" / "desk" for name in ("one", "two"))
    assert CliRunner().invoke(main, ["init", str(one), "--country", "GB"]).exit_code == 0
    (tmp_path / "one" / "README").write_text("ours\n")
    add(one, text(invoice("1", "2026-10-30", "1000.00")))
    git(one, "remote", "add", "origin", "../shared.git")
    git(one, "add", ":/")
    git(one, "commit", "--quiet", "--message", "all")
    assert dunctl(one, "sync").exit_code == 0
    git(tmp_path, "clone", "--quiet", "shared.git", "two")
    for root, name in ((one, "Acme Ltd"), (two, "Acme plc")):
        assert dunctl(root, "set", "acme", "debtor.name", name).exit_code == 0
    (tmp_path / "one" / "README").write_text("theirs\n")
    git(one, "commit", "--quiet", "--all", "--message", "by hand")
    assert dunctl(one, "sync").exit_code == 0
    (tmp_path / "two" / "README").write_text("ours too\n")
    git(two, "commit", "--quiet", "--all", "--message", "by hand")

    refused = dunctl(two, "sync")
    assert "both sides changed the same in README, cases/acme.toml: " in refused.output
    assert git(two, "status", "--porcelain").splitlines() == [
        "UU README",
        "UU books/desk/cases/acme.toml",
    ]
    assert dunctl(two, "sync").exit_code == 1
    path = two / "cases" / "acme.toml"
    kept = path.read_text().split("<<<<<<< ours\n")
    path.write_text(kept[0] + kept[1].split("=======\n")[0] + kept[1].split(">>>>>>> theirs\n")[1])
    assert dunctl(two, "sync").exit_code == 1, "what is not settled beside is not pushed"
    (tmp_path / "two" / "README").write_text("both\n")
    git(two, "add", ":/README")
    assert dunctl(two, "sync").exit_code == 0
    assert dunctl(one, "sync").exit_code == 0
    assert 'name = "Acme plc"' in (one / "cases" / "acme.toml").read_text()


@pytest.mark.parametrize("stays", [True, False])
def test_a_case_taken_away_here_and_changed_there_is_chosen(
    stays: bool, desks: tuple[Path, Path]
) -> None:
    one, two = desks
    git(one, "rm", "--quiet", "cases/acme.toml")
    git(one, "commit", "--quiet", "--message", "by hand")
    assert dunctl(one, "sync").exit_code == 0
    add(two, paid("2026-11-19", "10.00"))
    refused = dunctl(two, "sync")
    assert refused.exit_code == 1
    assert refused.output.startswith(
        "dunctl: one side took away or renamed cases/acme.toml, the other changed it: git rm what "
        "is to go, and call dunctl sync again; what is there then stays ("
    )
    if not stays:
        git(two, "rm", "--quiet", "cases/acme.toml")
    assert dunctl(two, "sync").exit_code == 0
    assert dunctl(one, "sync").exit_code == 0
    assert (one / "cases" / "acme.toml").exists() == stays


def test_a_store_without_a_remote_is_told_how_to_get_one(tmp_path: Path) -> None:
    CliRunner().invoke(main, ["init", str(tmp_path / "one")])
    refused = dunctl(tmp_path / "one", "sync")
    assert refused.output == (
        "dunctl: there is no remote to sync with: git remote add origin URL\n"
    )


def test_a_case_with_an_error_is_not_pushed(desks: tuple[Path, Path]) -> None:
    one, two = desks
    add(one, "[[payment]]\non = 2026-11-20\n")
    refused = dunctl(one, "sync")
    assert refused.exit_code == 1
    assert "cases/acme.toml:" in refused.output
    assert "nothing was pushed" in refused.output
    assert dunctl(two, "sync").output == "origin: 0 commits fetched; 0 pushed\n"


def test_it_never_takes_away_what_somebody_else_pushed(desks: tuple[Path, Path]) -> None:
    one, two = desks
    add(two, called("2026-11-20T09:00:00Z"))
    git(two, "push", "--quiet")
    git(one, "commit", "--quiet", "--amend", "--message", "another history")
    assert dunctl(one, "sync").exit_code == 0
    assert "2026-11-20" in git(one, "show", "origin/main:cases/acme.toml")


def test_a_clone_merges_by_entries_without_being_told(desks: tuple[Path, Path]) -> None:
    _, two = desks
    assert git_setting(two, "merge.dunctl.driver") == ""
    dunctl(two, "sync")
    assert "merge-file %O %A %B %P" in git_setting(two, "merge.dunctl.driver")
    assert git_setting(two, "diff.dunctl.textconv").endswith(" in-words")


@pytest.mark.parametrize("own", ["", "*.pdf binary\n"])
def test_a_store_without_our_attributes_gets_them_in_a_commit_of_their_own(
    desks: tuple[Path, Path], own: str
) -> None:
    one, _ = desks
    without_ours(one, own)
    assert dunctl(one, "sync").output == (
        f"{drivers.SUBJECT}\norigin: 0 commits fetched; 2 pushed\n"
    )
    assert git(one, "show", "--name-only", "--format=%s", "HEAD").split("\n\n") == [
        drivers.SUBJECT,
        ".gitattributes\n",
    ]
    assert git(one, "show", "HEAD:.gitattributes") == own + "\n".join(drivers.ATTRIBUTES) + "\n"
    assert dunctl(one, "sync").output == "origin: 0 commits fetched; 0 pushed\n"


@pytest.mark.parametrize("words", [["sync"], ["check", "--fix"]])
def test_somebody_s_own_changes_of_the_attributes_are_left_to_them(
    desks: tuple[Path, Path], words: list[str]
) -> None:
    one, _ = desks
    without_ours(one, "*.pdf binary\n")
    (one / ".gitattributes").write_text("*.pdf binary\n*.png binary\n")
    refused = dunctl(one, *words)
    assert refused.exit_code == 1
    assert refused.output == (
        "dunctl: .gitattributes has changes that git does not have, and lacks what gives case "
        "files to dunctl: git add .gitattributes and git commit, then try again\n"
    )
    assert (one / ".gitattributes").read_text() == "*.pdf binary\n*.png binary\n"
    git(one, "commit", "--quiet", "--all", "--message", "by hand")
    assert dunctl(one, *words).exit_code == 0


def test_attributes_that_a_killed_sync_wrote_are_committed_by_the_next(
    desks: tuple[Path, Path],
) -> None:
    one, _ = desks
    without_ours(one, "*.pdf binary\n")
    drivers.assign(one)
    assert dunctl(one, "sync").output.startswith(f"{drivers.SUBJECT}\n")
    assert git(one, "status", "--porcelain") == ""


def without_ours(root: Path, own: str) -> None:
    path = root / ".gitattributes"
    path.write_text(own) if own else path.unlink()
    git(root, "commit", "--quiet", "--all", "--message", "by hand")


def git_setting(root: Path, name: str) -> str:
    done = subprocess.run(["git", "config", name], cwd=root, capture_output=True, check=False)
    return done.stdout.decode().strip()


def test_a_diff_says_in_words_what_changed(desks: tuple[Path, Path]) -> None:
    one, _ = desks
    add(one, paid("2026-11-19", "10.00"))
    assert "+2026-11-19  payment of £10.00 on Thu 19 Nov 2026  (" in git(one, "log", "-p", "-1")


def test_a_case_that_is_gone_and_another_like_it_are_two_debtors(desks: tuple[Path, Path]) -> None:
    """git takes that for a new name, and would bring what happened in one into the other."""
    one, two = desks
    source = (two / "cases" / "acme.toml").read_text()
    git(two, "rm", "--quiet", "cases/acme.toml")
    add(two, source.replace("Acme", "Bolt"), "bolt")
    assert dunctl(two, "sync").exit_code == 0
    add(one, paid("2026-11-19", "10.00"))
    dunctl(one, "sync")
    assert "payment" not in (one / "cases" / "bolt.toml").read_text()
    assert "[[payment]]" in (one / "cases" / "acme.toml").read_text()
