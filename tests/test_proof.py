"""``dunctl letter verify``: a kept letter is proved by its case, or it is said what differs."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import tomli
from click.testing import CliRunner, Result

from dunctl.cli import main
from dunctl.store import drivers, templates

NOW = "2026-12-01T10:00:00+00:00"
SETTINGS = """\
[creditor]
name = "Thornbury Print Ltd"
contact = "Anna Ward"
phone = "+44 117 496 0101"
email = "accounts@thornbury.example"
address = ["12 Mill Lane", "Bristol BS1 4QT"]
[creditor.bank]
iban = "GB33BUKB20201555555555"
[desk]
timezone = "Europe/London"
[defaults]
currency = "GBP"
country = "GB"
"""
ACME = """\
format = 1
currency = "GBP"

[debtor]
name = "Harbour Café Ltd"
number = "10482"
country = "GB"
language = "en"
address = ["4 Quay Street", "Cardiff CF10 1AA"]
email = "tom@harbour.example"
phone = "029 2018 0102"

[terms]
contract = "HC-3"
interest = { percent = 12, per = "year", clause = "9" }
fee_clause = "11"

[[person]]
name = "Tom Hale"
role = "finance"

[[invoice]]
number = "A-1"
issued = 2026-08-01
due = 2026-08-31
amount = 5000.00

[[invoice]]
number = "A-2"
ref = "PO 7731"
issued = 2026-09-15
due = 2026-10-15
amount = 1250.50

[[payment]]
on = 2026-10-26
amount = 1500.00
invoice = "A-1"

[[fee]]
on = 2026-11-02
amount = 25.00
basis = "clause 11"
invoice = "A-1"

[[step]]
at = 2026-11-25T10:00:00+00:00
to = "prelegal"

[[document]]
on = 2026-11-26
kind = "decision"
"""
EURO = """
[[invoice]]
number = "E-17"
issued = 2026-09-20
due = 2026-10-20
amount = 300.00
currency = "EUR"
"""
FORMATS = ("text", "html", "pdf", "eml", "sms")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a store in git with the case acme, and stand in it."""
    for name, value in {
        "HOME": str(tmp_path),
        "GIT_CONFIG_NOSYSTEM": "1",
        **{f"GIT_{who}_NAME": "Li Na" for who in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{who}_EMAIL": "li.na@example.com" for who in ("AUTHOR", "COMMITTER")},
        "DUNCTL_USER": "li.na",
        "DUNCTL_NOW": NOW,
    }.items():
        monkeypatch.setenv(name, value)
    root = tmp_path / "desk"
    (root / "cases").mkdir(parents=True)
    (root / "dunctl.toml").write_text(SETTINGS, encoding="utf-8")
    (root / "cases" / "acme.toml").write_text(ACME, encoding="utf-8")
    (root / ".gitignore").write_text(".dunctl/\n")
    monkeypatch.chdir(root)
    git("init", "--quiet", "--initial-branch=main")
    commit_all()
    return root


def git(*words: str) -> str:
    done = subprocess.run(["git", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, (words, done.stderr)
    return done.stdout


def commit_all() -> None:
    git("add", "--all")
    git("commit", "--quiet", "--message", "by hand")


def dunctl(*words: str) -> Result:
    result = CliRunner().invoke(main, words)
    assert result.exit_code in (0, 1, 2), result.output
    return result


def do(*words: str) -> str:
    result = dunctl(*words)
    assert result.exit_code == 0, (words, result.output)
    return result.stdout


def written(*words: str) -> Path:
    """Write a letter about acme and return its file, from the root of the store."""
    do("letter", "acme", *words)
    return Path(entries()[-1]["file"])


def entries() -> list[dict[str, Any]]:
    text = case().read_text(encoding="utf-8")
    found: list[dict[str, Any]] = tomli.loads(text, parse_float=Decimal)["letter"]
    return found


def case() -> Path:
    return Path("cases") / "acme.toml"


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1, (old, text)
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def proved(*files: Path) -> str:
    """Verify letters that must be right, and return what is said."""
    result = dunctl("letter", "verify", *map(str, files))
    assert result.exit_code == 0, result.output
    assert result.stdout.count(": proved\n") == len(files)
    return flat(result.stdout)


def refuted(*files: Path) -> str:
    """Verify a letter that must not be right, and return what is said, on one line."""
    result = dunctl("letter", "verify", *map(str, files))
    assert result.exit_code == 1, result.output
    assert ": not proved\n" in result.stdout
    return flat(result.stdout)


def flat(text: str) -> str:
    return " ".join(text.split())


def on(day: str, monkeypatch: pytest.MonkeyPatch, clock: str = "16:00") -> None:
    monkeypatch.setenv("DUNCTL_NOW", f"{day}T{clock}:00+00:00")


@pytest.mark.parametrize(
    ("template", "format_"),
    [
        *(("reminder", format_) for format_ in FORMATS),
        *(("before-action", format_) for format_ in ("text", "html", "pdf")),
        *((name, "text") for name in ("courtesy", "final-demand", "interest-notice")),
        *((name, "text") for name in ("reconciliation", "thank-you")),
        ("final-demand", "eml"),
    ],
)
def test_a_letter_is_proved_as_it_was_written(desk: Path, template: str, format_: str) -> None:
    proved(written(template, "--format", format_))


def test_the_entry_has_what_is_needed_to_compute_the_letter_again(desk: Path) -> None:
    head = git("rev-parse", "HEAD").strip()
    file = written("before-action", "--format", "pdf")
    entry = entries()[0]
    assert file.parent == Path("letters/acme")
    assert entry["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    shipped = (templates.shipped() / "en" / "before-action.md").read_bytes()
    assert entry["template_sha256"] == hashlib.sha256(shipped).hexdigest()
    assert entry["known"] == head
    assert (str(entry["as_of"]), entry["format"]) == ("2026-12-01", "pdf")
    assert re.fullmatch(r"dunctl \S+, Babel \S+, typst \S+", entry["made_with"])
    owed = json.loads(do("owed", "acme", "--json"))["currencies"]["GBP"]
    assert (str(entry["amount"]), str(entry["interest"]), str(entry["fees"])) == (
        owed["total"],
        owed["interest"],
        owed["fees"],
    )


def test_without_git_there_is_no_commit_and_the_letter_is_proved_all_the_same(desk: Path) -> None:
    shutil.rmtree(desk / ".git")
    file = written("reminder", "--format", "text")
    assert "known" not in entries()[0]
    proved(file)
    do("pay", "acme", "100")
    proved(file)


@pytest.mark.parametrize(
    "path", ["cases/acme.toml", "dunctl.toml", "templates/en/reminder.md", "policies/default.toml"]
)
def test_no_commit_is_named_that_does_not_have_what_the_letter_is_made_from(
    desk: Path, path: str
) -> None:
    file = desk / path
    if not file.exists():
        file.parent.mkdir(parents=True)
        source = templates.shipped() / "en" / "reminder.md"
        file.write_bytes(source.read_bytes() if file.suffix == ".md" else b"")
    with file.open("a", encoding="utf-8") as stream:
        stream.write("\n")
    kept = written("reminder", "--format", "text")
    assert "known" not in entries()[0]
    proved(kept)


def test_what_is_not_committed_elsewhere_does_not_matter(desk: Path) -> None:
    (desk / "cases" / "beta.toml").write_text(ACME, encoding="utf-8")
    (desk / "notes.txt").write_text("mine")
    written("reminder")
    assert entries()[0]["known"] == git("rev-parse", "HEAD~1").strip()


@pytest.mark.parametrize("format_", FORMATS)
def test_it_is_proved_in_a_clone_and_in_a_copy_without_git(
    desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format_: str
) -> None:
    (desk / ".gitattributes").write_text("* text=auto eol=lf\n")
    commit_all()
    drivers.register(desk)
    drivers.settled(desk)
    file = written("reminder", "--format", format_)
    git("clone", "--quiet", str(desk), str(tmp_path / "else where"))
    shutil.rmtree(desk)
    monkeypatch.chdir(tmp_path / "else where")
    on("2027-03-01", monkeypatch)
    assert (Path.cwd() / ".git").is_dir()
    proved(file)
    shutil.rmtree(".git")
    assert "git does not have commit" in proved(file)


def test_a_store_below_the_root_of_its_repository_serves_too(
    desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outer = tmp_path / "outer"
    outer.mkdir()
    shutil.rmtree(desk / ".git")
    desk.rename(outer / "desk")
    monkeypatch.chdir(outer)
    git("init", "--quiet")
    commit_all()
    monkeypatch.chdir(outer / "desk")
    file = written("reminder", "--format", "text")
    assert entries()[0]["known"] == git("rev-parse", "HEAD~1").strip()
    edit(Path("dunctl.toml"), "12 Mill Lane", "14 Mill Lane")
    proved(file)


def test_later_entries_change_nothing(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [
        written("reminder", "--format", "text"),
        written("before-action", "--format", "text"),
        written("reconciliation", "--format", "text"),
    ]
    on("2026-12-01", monkeypatch)
    do("pay", "acme", "700")
    do("credit", "acme", "50", "--invoice", "A-2", "--why", "broken")
    do("promise", "acme", "300", "fri")
    do("log", "acme", "no_answer")
    do("charge", "acme", "--fee", "10", "--basis", "clause 12")
    proved(*files)
    on("2026-12-20", monkeypatch)
    do("pay", "acme", "900")
    do("invoice", "acme", "A-3", "400", "--due", "2026-12-19", "--issued", "2026-12-02")
    do("charge", "acme", "--interest", "--why", "late again")
    do("dispute", "acme", "100", "--invoice", "A-2")
    do("set", "acme", "debtor.address", "9 Other Street")
    proved(*files)
    shutil.rmtree(".git")
    edit(case(), 'address = "9 Other Street"', 'address = ["4 Quay Street", "Cardiff CF10 1AA"]')
    proved(*files)


def test_a_void_of_an_earlier_payment_is_a_difference_and_is_named(desk: Path) -> None:
    file = written("reminder", "--format", "text")
    handle = re.search(r"(\w{7}) +2026-10-26 +payment", do("show", "acme"))
    assert handle
    do("void", "acme", handle[1], "--why", "another customer's")
    said = refuted(file)
    assert "amount: £4,775.50 in the letter, £6,275.50 from the case of today" in said
    assert f"taken back since: {handle[1]} Mon 26 Oct, payment of £1,500.00" in said
    do("undo")


def test_a_payment_that_came_before_and_was_recorded_after_is_a_difference(desk: Path) -> None:
    file = written("reminder", "--format", "text")
    do("pay", "acme", "75.50", "--on", "2026-11-30")
    said = refuted(file)
    assert "amount: £4,775.50 in the letter, £4,700.00 from the case of today" in said
    assert "Mon 30 Nov, payment of £75.50 on Mon 30 Nov" in said
    assert said.count("recorded since:") == 1
    do("undo")
    proved(file)


def test_without_git_the_same_payment_is_a_difference_too(desk: Path) -> None:
    shutil.rmtree(desk / ".git")
    file = written("reminder", "--format", "text")
    do("pay", "acme", "75.50", "--on", "2026-11-30")
    assert "amount: £4,775.50 in the letter, £4,700.00 from the case" in refuted(file)


def _digits(text: str, *parts: str) -> Iterator[int]:
    """Yield the places of the digits in the values of some keys."""
    for part in parts:
        for found in re.finditer(rf"(?m)^{part} = (.*)$", text):
            yield from (n for n in range(*found.span(1)) if text[n].isdigit())


BEFORE = list(_digits(ACME, "issued", "due", "amount", "on"))


def test_one_digit_of_the_figures_in_the_case_is_noticed(desk: Path) -> None:
    file = written("before-action", "--format", "text")
    text = case().read_text(encoding="utf-8")
    for place in BEFORE[::3]:
        digit = str((int(text[place]) + 1) % 10)
        changed = text[:place] + digit + text[place + 1 :]
        case().write_text(changed, encoding="utf-8")
        result = dunctl("letter", "verify", str(file))
        line = changed.count("\n", 0, place)
        assert ": not proved\n" in result.stdout, changed.split("\n")[line]
        assert result.exit_code == 1


def test_one_digit_of_any_figure_in_the_entry_is_noticed(desk: Path) -> None:
    file = written("before-action", "--format", "text")
    text = case().read_text(encoding="utf-8")
    start = text.index("[[letter]]")
    keys = ("amount", "interest", "fees", "deadline", "as_of", "sha256", "template_sha256")
    places = [n for n in _digits(text, *keys) if n > start]
    assert len(places) > 40
    for place in [*places[:24], *places[24::12]]:
        digit = str((int(text[place]) + 1) % 10)
        case().write_text(text[:place] + digit + text[place + 1 :], encoding="utf-8")
        said = refuted(file)
        named = ("in the letter", "sha256", "cases/acme.toml:")
        assert any(word in said for word in named), (place, said)
    case().write_text(text, encoding="utf-8")
    proved(file)


@pytest.mark.parametrize(
    ("format_", "old", "new"),
    [
        ("text", b"4,775.50", b"4,775.51"),
        ("text", b"15 Oct 2026", b"16 Oct 2026"),
        ("text", b"Please", b"Kindly"),
        ("sms", b"4,775.50", b"4,775.49"),
        ("html", b"4,775.50", b"4,775.51"),
        ("eml", b"4,775.50", b"4,775.51"),
    ],
)
def test_a_cent_a_day_or_a_word_in_the_file_is_noticed_and_shown(
    desk: Path, format_: str, old: bytes, new: bytes
) -> None:
    file = written("reminder", "--format", format_)
    content = file.read_bytes()
    assert old in content
    file.write_bytes(content.replace(old, new, 1))
    said = refuted(file)
    assert "the file was changed after it was written (sha256)" in said
    assert new.decode() in said
    assert old.decode() in said


def test_a_byte_of_a_pdf_is_noticed(desk: Path) -> None:
    file = written("reminder", "--format", "pdf")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    assert "the file was changed after it was written (sha256)" in refuted(file)


@pytest.mark.parametrize("format_", ["pdf", "html"])
def test_a_file_that_was_made_anew_with_its_hash_is_noticed(desk: Path, format_: str) -> None:
    file = written("reminder", "--format", format_)
    content = file.read_bytes() + b"\n"
    before = entries()[0]["sha256"]
    file.write_bytes(content)
    edit(case(), before, hashlib.sha256(content).hexdigest())
    assert "its bytes are not those that the case gives" in refuted(file)


def test_other_versions_may_print_it_otherwise_but_the_words_must_be_the_same(desk: Path) -> None:
    file = written("reminder", "--format", "html")
    content = file.read_bytes() + b"\n"
    edit(case(), entries()[0]["sha256"], hashlib.sha256(content).hexdigest())
    made_with = entries()[0]["made_with"]
    edit(case(), made_with, "dunctl 0.0.1, Babel 2.0")
    file.write_bytes(content)
    assert f"written with dunctl 0.0.1, Babel 2.0, and here is {made_with}" in proved(file)
    edit(case(), 'text_sha256 = "', 'text_sha256 = "0')
    assert "its words are not those that the case gives" in refuted(file)


def test_without_the_extra_a_pdf_is_proved_by_its_words(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = written("reminder", "--format", "pdf")
    shutil.copytree(desk, desk.parent / "other")
    monkeypatch.chdir(desk.parent / "other")
    monkeypatch.setitem(sys.modules, "typst", None)
    said = proved(file)
    assert 'not compared byte by byte: PDF needs the extra "pdf"' in said
    edit(case(), "amount = 1250.50", "amount = 1250.51")
    assert "amount: £4,775.50 in the letter, £4,775.51 from the case of today" in refuted(file)


def test_a_commit_that_cannot_be_read_any_more_is_said(desk: Path) -> None:
    edit(desk / "dunctl.toml", "[desk]", "[dsk]")
    commit_all()
    broken = git("rev-parse", "HEAD").strip()
    edit(desk / "dunctl.toml", "[dsk]", "[desk]")
    commit_all()
    file = written("reminder", "--format", "text")
    edit(case(), entries()[0]["known"], broken)
    assert f"commit {broken[:7]} does not serve: dunctl.toml:" in proved(file)


def test_a_template_of_the_store_that_was_changed_since_is_taken_from_the_commit(
    desk: Path,
) -> None:
    own = desk / "templates" / "en" / "reminder.md"
    own.parent.mkdir(parents=True)
    source = (templates.shipped() / "en" / "reminder.md").read_text(encoding="utf-8")
    own.write_text(source.replace("\n+++\n", "\n+++\nOurs alone.\n\n", 1), encoding="utf-8")
    commit_all()
    file = written("reminder", "--format", "text")
    assert "Ours alone." in file.read_text(encoding="utf-8")
    edit(own, "Ours alone.", "Ours indeed.")
    known = entries()[0]["known"][:7]
    said = proved(file)
    assert f"reminder (en) was changed since: used is the one of commit {known}" in said
    own.unlink()
    assert "was changed since" in proved(file)
    own.write_text(source.replace("\n+++\n", "\n+++\nOurs indeed.\n\n", 1), encoding="utf-8")
    shutil.rmtree(desk / ".git")
    said = refuted(file)
    assert "the template reminder (en) was changed since (sha256)" in said
    assert '"Ours alone." in the file, "Ours indeed." from the case' in said


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("dunctl.toml", "GB33BUKB20201555555555", "GB82WEST12345698765432"),
        ("dunctl.toml", "Anna Ward", "Bert Cole"),
        ("cases/acme.toml", "4 Quay Street", "5 Quay Street"),
        ("cases/acme.toml", "Tom Hale", "Tim Hale"),
        ("cases/acme.toml", "tom@harbour.example", "tim@harbour.example"),
    ],
)
def test_who_we_are_and_where_they_live_is_as_it_was_known(
    desk: Path, path: str, old: str, new: str
) -> None:
    file = written("reminder", "--format", "eml")
    edit(desk / path, old, new)
    proved(file)
    shutil.rmtree(desk / ".git")
    refuted(file)


def test_claims_in_several_currencies_are_recorded_and_proved_each(desk: Path) -> None:
    edit(case(), "[[payment]]\n", f"{EURO}\n[[payment]]\n")
    commit_all()
    file = written("reminder", "--format", "text")
    sums = [(one["currency"], str(one["amount"])) for one in entries()[0]["sums"]]
    assert sums == [("GBP", "4775.50"), ("EUR", "300.00")]
    assert "amount" not in entries()[0]
    proved(file)
    edit(case(), 'currency = "EUR", amount = 300.00', 'currency = "EUR", amount = 300.01')
    said = refuted(file)
    assert "amounts: £4,775.50 (fees £25.00) + €300.01 in the letter" in said


@pytest.mark.parametrize("currency", ["EUR", "GBP"])
def test_a_letter_about_one_currency_is_proved_with_that_currency(
    desk: Path, currency: str
) -> None:
    edit(case(), "[[payment]]\n", f"{EURO}\n[[payment]]\n")
    commit_all()
    file = written("reminder", "--format", "text", "--currency", currency)
    assert entries()[0]["only"] == currency
    proved(file)


def test_a_letter_of_the_past_is_proved_as_of_its_day(desk: Path) -> None:
    file = written("reminder", "--format", "text", "--as-of", "2026-10-20")
    assert str(entries()[0]["as_of"]) == "2026-10-20"
    assert "£6,250.50" in file.read_text(encoding="utf-8")
    proved(file)


def test_what_is_not_recorded_or_not_there_or_taken_back_is_said(desk: Path) -> None:
    file = written("reminder", "--format", "text")
    other = desk / "letters" / "acme" / "other.txt"
    other.write_bytes(file.read_bytes() + b"x")
    assert "this letter is not recorded" in refuted(other)
    assert "it cannot be read" in refuted(Path("letters/nothing.txt"))
    assert "it cannot be read" in refuted(Path("letters"))
    do("undo")
    assert "its entry was taken back: it is void" in refuted(file)


def test_a_copy_anywhere_is_known_by_its_content_and_in_such_a_folder_by_its_place(
    desk: Path, tmp_path: Path
) -> None:
    file = written("reminder", "--format", "text")
    copy = tmp_path / "as it came.txt"
    copy.write_bytes(file.read_bytes())
    proved(copy)
    there = tmp_path / "unpacked" / file
    there.parent.mkdir(parents=True)
    there.write_bytes(file.read_bytes().replace(b"4,775.50", b"4,775.51"))
    assert "the file was changed" in refuted(there)


def test_each_file_is_judged_by_itself(desk: Path) -> None:
    good = written("reminder", "--format", "text")
    bad = written("final-demand", "--format", "text")
    bad.write_bytes(bad.read_bytes() + b"\n")
    result = dunctl("letter", "verify", "--json", str(good), str(bad))
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert [one["proved"] for one in found] == [True, False]
    assert found[0]["differences"] == []
    assert found[0]["letter"] in do("show", "acme")
    assert found[1]["differences"][0] == "the file was changed after it was written (sha256)"


def test_two_letters_of_a_day_are_kept_apart_and_proved_both(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = written("reminder", "--format", "text")
    on("2026-12-01", monkeypatch)
    do("pay", "acme", "100")
    second = written("reminder", "--format", "text")
    assert first != second
    proved(first, second)


def test_a_copy_goes_where_one_wants_it_and_the_letter_is_kept(desk: Path, tmp_path: Path) -> None:
    copy = tmp_path / "out" / "copy.txt"
    file = written("reminder", "--format", "text", "--out", str(copy))
    assert copy.read_bytes() == file.read_bytes()
    proved(file, copy)


def test_what_a_batch_writes_is_proved(desk: Path) -> None:
    for nth in range(3):
        name = desk / "cases" / f"case{nth}.toml"
        name.write_text(ACME.replace("prelegal", "remind"), encoding="utf-8")
    commit_all()
    do("letters", "--due", "--yes")
    files = sorted(Path("letters").rglob("*.*"))
    assert len(files) >= 3
    proved(*files)


def test_a_letter_from_before_these_keys_is_proved_by_what_it_has(desk: Path) -> None:
    file = written("reminder", "--format", "text")
    lines = case().read_text(encoding="utf-8").split("\n")
    new = ("as_of", "format", "template_sha256", "known", "made_with", "sums", "only")
    kept = [line for line in lines if line.partition(" ")[0] not in new or line == "format = 1"]
    case().write_text("\n".join(kept), encoding="utf-8")
    proved(file)
    edit(case(), "amount = 4775.50", "amount = 4775.51")
    assert "amount: £4,775.51 in the letter, £4,775.50 from the case" in refuted(file)


HOSTILE = [
    "<b>Acme</b> {{ 7 * 7 }} #panic",
    "Acme \\u001b[31m \\u202e Ltd",
    "A" * 3000,
    "'; rm -rf / $(id) `id`",
]


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: name[:12])
def test_hostile_names_are_text_here_too(desk: Path, name: str) -> None:
    edit(case(), "Harbour Café Ltd", name)
    commit_all()
    file = written("reminder", "--format", "text")
    proved(file)
    file.write_bytes(file.read_bytes().replace(b"Please", b"\x1b[2JKindly", 1))
    result = dunctl("letter", "verify", str(file))
    assert result.exit_code == 1
    assert "\x1b" not in result.stdout
    assert "\u202e" not in result.stdout


def test_a_case_called_verify_is_written_to_behind_two_hyphens(desk: Path) -> None:
    (desk / "cases" / "verify.toml").write_text(ACME, encoding="utf-8")
    commit_all()
    do("letter", "--", "verify", "reminder")
    assert list(Path("letters/verify").iterdir())
    assert dunctl("letter", "verify").exit_code == 2


def test_it_writes_nothing(desk: Path) -> None:
    file = written("reminder", "--format", "text")
    before = git("log", "--format=%H"), git("status", "--short")
    proved(file)
    edit(file, "Please", "Kindly")
    refuted(file)
    git("checkout", "--quiet", "--", "letters")
    assert (git("log", "--format=%H"), git("status", "--short")) == before
    assert not [name for name in os.listdir() if name.startswith("dunctl-")]


def test_what_the_sample_book_says_is_proved_too(
    desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = tmp_path / "book"
    book.mkdir()
    for name in ("cases", "dunctl.toml"):
        source = Path(__file__).parent.parent / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, book / name)
    monkeypatch.chdir(book)
    git("init", "--quiet", "--initial-branch=main")
    commit_all()
    on("2026-11-24", monkeypatch, "09:30")
    for path in Path("cases").glob("*.toml"):
        dunctl("letter", path.stem)
    files = sorted(Path("letters").rglob("*.*"))
    assert len(files) > 5
    on("2026-12-08", monkeypatch)
    for file in files[::2]:
        do("log", file.parent.name, "no_answer")
        do("pay", file.parent.name, "10")
    proved(*files)
