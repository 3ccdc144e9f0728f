"""``review`` balances to the cent and names who rewrote history; ``history`` who did what."""

from __future__ import annotations

import json
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
