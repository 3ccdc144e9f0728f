"""``review`` balances to the cent and names who rewrote history; ``history`` who did what."""

from __future__ import annotations

import json
import re
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from dunctl.case import lines
from dunctl.case.changes import changes
from dunctl.case.toml import loads
from dunctl.cli import main
from dunctl.owed.movements import balance
from dunctl.owed.review import accounts, review_case
from tests.casefile import called, invoice, journals, paid, read, text

NOW = "2026-11-24T09:00:00+00:00"
BOOK = Path(__file__).parent.parent / "cases"


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
def desk(tmp_path: Path) -> Path:
    root = tmp_path / "desk"
    assert CliRunner().invoke(main, ["init", str(root), "--country", "GB"]).exit_code == 0
    return root


def put(root: Path, name: str, source: str, message: str = "by hand") -> None:
    (root / "cases" / f"{name}.toml").write_text(source)
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message", message)


def by_entries(source: str) -> list[str]:
    """Return the texts a case file had on the way: the facts, then one more entry each time."""
    starts = [m.start for m in lines.scan(source) if m.header and len(m.path) == 2]
    return [source[:start] for start in (*starts[1:], len(source))]


def told(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_the_sample_books_history_balances_and_a_planted_rewrite_is_found(desk: Path) -> None:
    closing: dict[str, Decimal] = {}
    for path in sorted(BOOK.glob("*.toml")):
        *_, before, last = by_entries(path.read_text("utf-8"))
        put(desk, path.stem, before)
        put(desk, path.stem, last)
        for currency, amount in balance(read(last, path.stem)).items():
            closing[currency] = closing.get(currency, Decimal(0)) + amount
    found = dunctl(desk, "review", "--json")
    assert found.exit_code == 0, found.output
    currencies = told(found)["currencies"]
    assert {c: Decimal(one["closing"]) for c, one in currencies.items()} == closing
    for one in currencies.values():
        moved = sum(Decimal(move["amount"]) for move in one["movements"].values())
        assert Decimal(one["opening"]) + moved == Decimal(one["closing"])

    victim = next(p for p in sorted(BOOK.glob("*.toml")) if "[[payment]]" in p.read_text("utf-8"))
    source = victim.read_text("utf-8")
    place = next(m for m in lines.scan(source) if m.path == ("payment", 0, "amount"))
    planted = f"{source[: place.value[0]]}1.00{source[place.value[1] :]}"
    put(desk, victim.stem, planted, "typo")
    found = dunctl(desk, "review", "HEAD~1..")
    assert found.exit_code == 1
    assert "Earlier entries that were rewritten:" in found.output
    assert f"cases/{victim.name}: edited: " in found.output
    assert "-> 1.00" in found.output
    (row,) = told(dunctl(desk, "review", "--json"))["rewritten"]
    assert (row["author"], row["kind"], row["gone"]) == ("Li Na", "payment", False)
    assert dunctl(desk, "history", victim.stem).exit_code == 1


def test_a_rewrite_that_was_put_right_again_is_still_named(desk: Path) -> None:
    source = text(invoice("1", "2026-10-30", "100.00"), paid("2026-11-02", "60.00"))
    put(desk, "acme", source)
    start = git(desk, "rev-parse", "HEAD").strip()
    put(desk, "acme", source.replace("60.00", "6.00"))
    put(desk, "acme", source)
    found = told(dunctl(desk, "review", f"{start}..HEAD", "--json"))
    assert found["currencies"] == {}
    assert len(found["rewritten"]) == 2


def test_an_entry_lost_in_a_merge_is_named(desk: Path) -> None:
    source = text(invoice("1", "2026-10-30", "100.00"))
    put(desk, "acme", source)
    git(desk, "switch", "--quiet", "--create", "other")
    put(desk, "acme", source + "\n" + paid("2026-11-02", "60.00"))
    git(desk, "switch", "--quiet", "main")
    put(desk, "acme", source + "\n" + called("2026-11-03T09:00:00Z"))
    git(desk, "merge", "--quiet", "--no-commit", "other")
    put(desk, "acme", source + "\n" + called("2026-11-03T09:00:00Z"), "merge")
    (row,) = told(dunctl(desk, "review", "--json"))["rewritten"]
    assert (row["kind"], row["gone"]) == ("payment", True)


def test_of_two_equal_entries_a_merge_may_lose_none(desk: Path) -> None:
    source = text(invoice("1", "2026-10-30", "100.00"), paid("2026-11-02", "6.00"))
    put(desk, "acme", source + "\n" + paid("2026-11-02", "6.00"))
    git(desk, "switch", "--quiet", "--create", "other")
    assert dunctl(desk, "log", "acme", "no_answer").exit_code == 0
    git(desk, "switch", "--quiet", "main")
    assert dunctl(desk, "log", "acme", "left_message").exit_code == 0
    git(desk, "merge", "--quiet", "--no-commit", "other")
    merged = (desk / "cases" / "acme.toml").read_text()
    put(desk, "acme", merged.replace(paid("2026-11-02", "6.00"), "", 1), "merge")
    found = dunctl(desk, "review", "HEAD~1..HEAD", "--json")
    (row,) = told(found)["rewritten"]
    assert (row["kind"], row["gone"], found.exit_code) == ("payment", True, 1)


def test_a_rewrite_is_named_though_the_file_was_no_toml_in_between(desk: Path) -> None:
    source = text(invoice("1", "2026-10-30", "100.00"), paid("2026-11-02", "60.00"))
    put(desk, "acme", source)
    start = git(desk, "rev-parse", "HEAD").strip()
    put(desk, "acme", source + "= broken\n")
    put(desk, "acme", source + "= broken again\n")
    put(desk, "acme", source.replace("60.00", "6.00"), "mended")
    found = dunctl(desk, "review", f"{start}..HEAD", "--json")
    (row,) = told(found)["rewritten"]
    assert (row["kind"], row["gone"], found.exit_code) == ("payment", False, 1)
    history = dunctl(desk, "history", "acme")
    assert "amount 60.00 -> 6.00" in " ".join(history.output.split())
    assert history.exit_code == 1


def test_a_file_that_was_broken_and_mended_as_it_was_has_no_rewrite(desk: Path) -> None:
    source = text(invoice("1", "2026-10-30", "100.00"), paid("2026-11-02", "60.00"))
    put(desk, "acme", source)
    put(desk, "acme", source + "= broken\n")
    put(desk, "acme", source + "\n" + called("2026-11-03T09:00:00Z"))
    found = dunctl(desk, "review", "--json")
    assert told(found)["rewritten"] == []
    assert found.exit_code == 0


def test_another_currency_of_a_case_balances_in_both(desk: Path) -> None:
    source = text(invoice("1", "2026-10-30", "100.00"), paid("2026-11-02", "60.00"))
    put(desk, "acme", source)
    put(desk, "acme", source.replace("GBP", "EUR"))
    found = dunctl(desk, "review", "HEAD~1..HEAD", "--json")
    assert told(found)["currencies"] == {
        "EUR": {
            "opening": "0.00",
            "movements": {"by hand": {"count": 2, "amount": "40.00"}},
            "closing": "40.00",
        },
        "GBP": {
            "opening": "40.00",
            "movements": {"by hand": {"count": 2, "amount": "-40.00"}},
            "closing": "0.00",
        },
    }


@pytest.mark.parametrize(
    "setting", ["log.follow true", "log.diffMerges first-parent", "i18n.logOutputEncoding latin1"]
)
def test_a_users_own_settings_of_git_hide_nothing(setting: str, desk: Path) -> None:
    git(desk, "config", "user.name", "Änne")
    source = text(invoice("1", "2026-10-30", "100.00"), paid("2026-11-02", "60.00"))
    put(desk, "bolt", source)
    git(desk, "mv", "cases/bolt.toml", "cases/acme.toml")
    put(desk, "acme", source, "another name")
    put(desk, "acme", source.replace("60.00", "6.00"))
    git(desk, "switch", "--quiet", "--create", "other")
    put(desk, "acme", source.replace("60.00", "7.00"))
    git(desk, "switch", "--quiet", "main")
    git(desk, "merge", "--quiet", "--no-ff", "--no-commit", "other")
    put(desk, "acme", source.replace("60.00", "8.00"), "merge")
    expected = [dunctl(desk, *words).output for words in (["review"], ["history", "acme"])]
    git(desk, "config", *setting.split())
    assert [dunctl(desk, *words).output for words in (["review"], ["history", "acme"])] == expected
    assert "Änne" in expected[0]


def test_the_day_of_a_commit_is_that_of_the_desk(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = desk / "dunctl.toml"
    there = re.sub('timezone = ".*"', 'timezone = "Asia/Shanghai"', settings.read_text())
    settings.write_text(there)
    monkeypatch.setenv("GIT_AUTHOR_DATE", "2026-11-20T23:30:00Z")
    put(desk, "acme", text(invoice("1", "2026-10-30", "100.00")))
    assert dunctl(desk, "history", "acme").output.startswith("2026-11-21 ")


def test_a_repository_of_longer_hashes_is_reviewed_from_its_beginning(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--object-format=sha256", "desk")
    root = tmp_path / "desk"
    assert CliRunner().invoke(main, ["init", str(root), "--country", "GB"]).exit_code == 0
    put(root, "acme", text(invoice("1", "2026-10-30", "100.00")))
    assert told(dunctl(root, "review", "--json"))["currencies"]["GBP"]["closing"] == "100.00"


def test_a_void_shows_what_it_takes_back(desk: Path) -> None:
    put(desk, "acme", text(invoice("1", "2026-10-30", "100.00"), paid("2026-11-02", "60.00")))
    start = git(desk, "rev-parse", "HEAD").strip()
    handle = told(dunctl(desk, "show", "acme", "--json"))["entries"][-1]["handle"]
    assert dunctl(desk, "void", "acme", handle, "--why", "twice").exit_code == 0
    found = dunctl(desk, "review", f"{start}..HEAD", "--json")
    assert told(found)["currencies"]["GBP"] == {
        "opening": "40.00",
        "movements": {"void": {"count": 1, "amount": "60.00"}},
        "closing": "100.00",
    }
    assert found.exit_code == 0
    page = dunctl(desk, "review", f"{start}..HEAD").stdout
    assert "void: payment of £60.00 on Mon 2 Nov (+£60.00)" in page
    assert f"  void {handle}: twice" in page


def test_check_refuses_rewritten_history_and_so_does_the_hook(desk: Path) -> None:
    source = text(invoice("1", "2026-10-30", "100.00"), paid("2026-11-02", "60.00"))
    put(desk, "acme", source)
    assert dunctl(desk, "check", "--against", "HEAD", "--hook").exit_code == 0
    (desk / "cases" / "acme.toml").write_text(source.replace("60.00", "6.00"))
    refused = dunctl(desk, "check", "--against", "HEAD")
    assert refused.exit_code == 1
    assert "cases/acme.toml:1: edited: 2026-11-02 payment of £60.00" in refused.output
    done = subprocess.run(
        ["git", "commit", "-qam", "x"], cwd=desk, capture_output=True, check=False
    )
    assert done.returncode == 1
    git(desk, "checkout", "--quiet", "cases")
    assert dunctl(desk, "log", "acme", "no_answer").exit_code == 0
    assert git(desk, "status", "--porcelain") == ""


def test_a_foreign_hook_is_left_alone(desk: Path) -> None:
    hook = desk / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\n")
    refused = dunctl(desk, "check", "--hook")
    assert refused.exit_code == 1
    assert "add to it: dunctl check --against HEAD" in refused.output
    assert hook.read_text() == "#!/bin/sh\n"


def test_the_hook_checks_the_files_that_are_committed_wherever_they_are(
    desk: Path, tmp_path: Path
) -> None:
    """Linked worktrees have one hook together, and a store may be moved."""
    source = text(invoice("1", "2026-10-30", "100.00"), paid("2026-11-02", "60.00"))
    put(desk, "acme", source)
    git(desk, "worktree", "add", "--quiet", "-b", "other", str(tmp_path / "linked"))
    assert dunctl(tmp_path / "linked", "check", "--hook").exit_code == 0
    moved = desk.rename(tmp_path / "moved desk")
    assert dunctl(moved, "check", "--hook").exit_code == 0
    commit = ["git", "commit", "--quiet", "--all", "--message", "x"]
    (moved / "cases" / "acme.toml").write_text(source + "# as agreed\n")
    assert subprocess.run(commit, cwd=moved, capture_output=True, check=False).returncode == 0
    (moved / "cases" / "acme.toml").write_text(source.replace("60.00", "6.00"))
    assert subprocess.run(commit, cwd=moved, capture_output=True, check=False).returncode == 1


def test_no_hook_is_put_where_other_repositories_have_theirs(desk: Path, tmp_path: Path) -> None:
    git(desk, "config", "--global", "core.hooksPath", str(tmp_path / "hooks"))
    refused = dunctl(desk, "check", "--hook")
    assert refused.exit_code == 1
    assert "would be a hook of other repositories too (core.hooksPath)" in refused.output
    assert not (tmp_path / "hooks").exists()
    git(desk, "config", "core.hooksPath", ".git/hooks")
    assert dunctl(desk, "check", "--hook").exit_code == 0
    assert (desk / ".git" / "hooks" / "pre-commit").is_file()


def test_a_span_that_git_does_not_know_is_refused(desk: Path) -> None:
    refused = dunctl(desk, "review", "nonsense..HEAD")
    assert refused.output == ("dunctl: there is no commit nonsense: see git log --oneline\n")


@given(journals(), st.data())
def test_opening_and_movements_are_closing_whatever_was_done_between(
    entries: list[str], data: st.DataObject
) -> None:
    cut = st.integers(0, len(entries))
    first, last = data.draw(cut), data.draw(cut)
    old = read(text(*entries[:first])) if _sound(entries[:first]) else None
    new = read(text(*entries[last:])) if _sound(entries[last:]) else None
    for one in accounts([review_case("acme", old, new)]):
        assert one.opening + sum(total for _, total in one.moves.values()) == one.closing
        assert one.closing == balance(new).get(one.currency, Decimal(0))


def _sound(entries: list[str]) -> bool:
    data = loads(text(*entries))
    numbers = {table["number"] for table in data.get("invoice", ())}
    kinds = ("payment", "credit", "dispute")
    return all(t.get("invoice", "N0") in numbers for kind in kinds for t in data.get(kind, ()))


@given(journals())
def test_order_comments_and_line_ends_are_no_change(entries: list[str]) -> None:
    one = loads(text(*entries))
    two = loads("# a comment\n" + text(*reversed(entries)).replace("\n", "\r\n"))
    assert changes(one, two) == ((), (), (), ())
