"""A store on a real file system: names, finding a case, and writes that are whole or not at all."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from dunctl.case.edit import append
from dunctl.cli import main
from dunctl.errors import Refused, WrongUsage
from dunctl.store import files
from dunctl.store import store as stores
from dunctl.store.lookup import resolve

NOW = "2026-11-24T09:00:00+00:00"


def case_text(name: str = "Acme Ltd") -> str:
    return f"""\
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


ACME = case_text()


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a store outside of git with one case, acme, and stand in it."""
    root = tmp_path / "desk"
    (root / "cases").mkdir(parents=True)
    (root / "dunctl.toml").write_text('[defaults]\ncurrency = "GBP"\ncountry = "GB"\n')
    (root / "cases" / "acme.toml").write_text(ACME)
    (root / ".dunctl").mkdir()
    (root / ".dunctl" / "no-git-told").touch()
    monkeypatch.chdir(root)
    monkeypatch.setenv("DUNCTL_NOW", NOW)
    monkeypatch.setenv("DUNCTL_USER", "li.na")
    return root


def dunctl(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def contents(root: Path) -> dict[str, bytes]:
    """Return every file of the store, without the program's own folder."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".dunctl" not in path.parts
    }


def add_case(root: Path, case_id: str, name: str = "Somebody") -> Path:
    path = root / "cases" / f"{case_id}.toml"
    path.write_text(case_text(name), encoding="utf-8")
    return path


# Names


@pytest.mark.parametrize(
    "case_id",
    [
        "harbour",
        "acme-trading_2.co",
        "7up",
        "杭州云帆",
        "müller-söhne",
        "Ωmega",
        "हिंदी",
        "ไทยพาณิชย์",
        "محل",
        "a" * 200,
        "console",
        "com10",
        "auxiliary",
    ],
)
def test_a_name_of_letters_and_digits_of_any_script_can_be_an_id(desk: Path, case_id: str) -> None:
    result = dunctl("new", case_id)
    assert result.exit_code == 0, result.stderr
    written = desk / "cases" / f"{case_id}.toml"
    assert written.is_file(), os.listdir(desk / "cases")
    assert dunctl("show", case_id).exit_code == 0


@pytest.mark.parametrize(
    "case_id",
    [
        "",
        " ",
        ".",
        "..",
        "../x",
        "..\\x",
        "/etc/x",
        "a/b",
        "a\\b",
        ".hidden",
        "-x",
        "_x",
        "a..b",
        "trailing.",
        "trailing ",
        " leading",
        "two words",
        "CON",
        "con",
        "nul.txt",
        "aux.toml",
        "LPT1",
        "com1.x",
        "a" * 300,
        "杭" * 100,
        "a\nb",
        "a\x00b",
        "a\x1b[31mb",
        "a\u202eb",
        "a\u200bb",
        "a:b",
        "a*b",
        "a?b",
        'a"b',
        "a|b",
        "<a>",
        "a%b",
        "\u0301a",
        "\udcff",
    ],
    ids=ascii,
)
def test_what_cannot_name_a_file_everywhere_is_refused(desk: Path, case_id: str) -> None:
    before = contents(desk)
    result = dunctl("new", "--", case_id)
    assert result.exit_code == 2, (case_id, result.output)
    assert "cannot name a case" in result.stderr
    assert not any(c in result.stderr.rstrip("\n") for c in "\n\x00\x1b\u202e"), result.stderr
    assert contents(desk) == before


@given(st.text(max_size=12))
def test_a_safe_id_is_one_plain_part_of_a_path_and_stays_what_it_is(text: str) -> None:
    try:
        name = files.safe_id(text)
    except WrongUsage:
        return
    assert Path(name).name == name
    assert name.isprintable()
    assert not name.startswith((".", "-"))
    assert not name.endswith((".", " "))
    assert files.safe_id(name) == name == unicodedata.normalize("NFC", name)


def test_two_ways_to_write_an_accent_name_the_same_case(desk: Path) -> None:
    composed, apart = "caf\u00e9", "cafe\u0301"
    assert dunctl("new", apart).exit_code == 0
    assert (desk / "cases" / f"{composed}.toml").is_file()
    again = dunctl("new", composed)
    assert again.exit_code == 1
    assert "there is a case" in again.stderr
    for words in (composed, apart, apart.upper()):
        assert dunctl("show", words).exit_code == 0, words


def test_a_name_that_a_file_system_has_taken_apart_is_still_taken(desk: Path) -> None:
    add_case(desk, "cafe\u0301")
    assert dunctl("new", "caf\u00e9").exit_code == 1
    assert dunctl("show", "caf\u00e9").exit_code == 0
    assert dunctl("log", "caf\u00e9", "no_answer").exit_code == 0
    assert len(list((desk / "cases").iterdir())) == 2


@pytest.mark.parametrize("case_id", ["Acme", "ACME", "acme"])
def test_ids_that_are_equal_but_for_case_are_refused(desk: Path, case_id: str) -> None:
    before = contents(desk)
    result = dunctl("new", case_id)
    assert (result.exit_code, result.stderr) == (1, "dunctl: there is a case acme already\n")
    assert contents(desk) == before


def test_two_new_cases_in_one_go_cannot_share_a_file(desk: Path) -> None:
    store = stores.open_store(desk)
    with pytest.raises(Refused, match="there is a case"):
        stores.create(store, [("Beta", ACME), ("beta", ACME)], "two")
    assert list(contents(desk)) == ["cases/acme.toml", "dunctl.toml"]


# What is no plain file


@pytest.mark.parametrize("kind", ["link", "dangling link", "folder", "pipe"])
def test_what_is_no_plain_file_is_a_problem_and_is_never_written_to(
    desk: Path, kind: str, tmp_path: Path
) -> None:
    outside = tmp_path / "outside.toml"
    odd = desk / "cases" / "odd.toml"
    if kind == "folder":
        odd.mkdir()
    elif kind == "pipe":
        os.mkfifo(odd)
    else:
        odd.symlink_to(outside)
        if kind == "link":
            outside.write_text(ACME)
    for verb in ("ls", "today", "ageing", "check"):
        result = dunctl(verb)
        assert result.exit_code == 1, (verb, result.output)
        where = result.stdout if verb == "check" else result.stderr
        assert "cases/odd.toml:1: is a link, a folder or a pipe: a case is a plain file" in where
        assert "Traceback" not in result.output
    for words in (["log", "odd", "no_answer"], ["set", "odd", "owner", "x"], ["new", "odd"]):
        result = dunctl(*words)
        assert result.exit_code == 1, (words, result.output)
    assert dunctl("new", "odd").stderr == "dunctl: there is a case odd already\n"
    assert outside.exists() == (kind == "link")
    if kind == "link":
        assert outside.read_text() == ACME
    assert odd.is_symlink() == kind.endswith("link")


def test_hidden_files_and_other_endings_are_no_cases(desk: Path) -> None:
    for name in (".acme.toml.4711.tmp", ".#acme.toml", ".hidden.toml", "acme.toml~", "note.txt"):
        (desk / "cases" / name).write_text("rubbish")
    result = dunctl("check")
    assert (result.exit_code, result.stdout) == (0, "1 case, no problem\n")


# Finding a case


@pytest.fixture
def book(desk: Path) -> Path:
    add_case(desk, "acme-trading", "Acme Trading Ltd")
    add_case(desk, "yunfan", "杭州云帆贸易有限公司")
    add_case(desk, "luyu", "厦门鹭屿窑瓷器商行")
    add_case(desk, "müller", "Müller & Söhne GmbH")
    return desk


@pytest.mark.parametrize(
    ("words", "case_id"),
    [
        ("acme", "acme"),
        ("ACME", "acme"),
        ("acme-trading", "acme-trading"),
        ("acme-", "acme-trading"),
        ("Trading", "acme-trading"),
        ("y", "yunfan"),
        ("云帆", "yunfan"),
        ("瓷器", "luyu"),
        ("厦门", "luyu"),
        ("MÜL", "müller"),
        ("söhne", "müller"),
        ("so\u0308hne", "müller"),
        ("& s", "müller"),
    ],
)
def test_a_case_is_found_by_id_by_its_start_and_by_a_part_of_the_name(
    book: Path, words: str, case_id: str
) -> None:
    assert resolve(stores.open_store(book), words) == case_id


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("ac", "ac could be acme, acme-trading: say which"),
        ("ltd", "ltd could be acme, acme-trading: say which"),
        ("acme-tradign", "there is no case acme-tradign (did you mean acme-trading?)"),
        ("杭州月帆", "there is no case 杭州月帆"),
        ("zzz", "there is no case zzz"),
        ("../acme", "there is no case ../acme"),
        ("", "name a case: an id, the start of one, or a part of the debtor's name"),
        ("  ", "name a case: an id, the start of one, or a part of the debtor's name"),
    ],
)
def test_words_that_name_no_case_or_several_are_refused(
    book: Path, words: str, sentence: str
) -> None:
    before = contents(book)
    result = dunctl("log", words, "no_answer")
    assert result.exit_code == 1
    assert result.stderr.startswith(f"dunctl: {sentence}"), result.stderr
    assert contents(book) == before


def test_many_candidates_are_listed_up_to_eight(desk: Path) -> None:
    for n in range(12):
        add_case(desk, f"shop-{n:02}")
    result = dunctl("show", "shop")
    listed = ", ".join(f"shop-{n:02}" for n in range(8))
    assert result.stderr == f"dunctl: shop could be {listed}, …: say which\n"


def test_a_broken_file_does_not_stand_in_the_way_of_finding_others(book: Path) -> None:
    (book / "cases" / "broken.toml").write_text("[debtor\n")
    (book / "cases" / "latin.toml").write_bytes(b"name = '\xff'\n")
    assert dunctl("show", "云帆").exit_code == 0


# Writing


def test_a_log_is_appended_and_every_byte_before_it_stays(desk: Path) -> None:
    path = desk / "cases" / "acme.toml"
    odd = "\ufeff# hand-made\r\n" + ACME.replace("\n", "\r\n") + 'mine = "kept"  # 注\r\n'
    path.write_bytes(odd.encode())
    assert dunctl("log", "acme", "no_answer").exit_code == 0
    now = path.read_bytes().decode()
    assert now.startswith(odd)
    assert now.count("[[contact]]") == 1
    assert "\n" not in now.replace("\r\n", "")


def test_a_file_keeps_its_permissions(desk: Path) -> None:
    path = desk / "cases" / "acme.toml"
    path.chmod(0o640)
    assert dunctl("log", "acme", "no_answer").exit_code == 0
    assert path.stat().st_mode & 0o777 == 0o640


def appended(found: stores.Read) -> tuple[str, str]:
    return append(found.text, [("document", {"on": "x", "kind": "y"})]), "acme: a document"


Meddle = Callable[[Path], object]
MEDDLES: dict[str, Meddle] = {
    "an editor saves a line more": lambda path: path.write_text(ACME + "# mine\n"),
    "an editor saves a line less": lambda path: path.write_text(ACME[:-10]),
    "another line end": lambda path: path.write_bytes(ACME.replace("\n", "\r\n").encode()),
    "somebody moves it away": lambda path: path.unlink(),
    "somebody empties it": lambda path: path.write_text(""),
}


@pytest.mark.parametrize("meddle", MEDDLES)
def test_a_file_that_somebody_changed_between_reading_and_writing_is_refused(
    desk: Path, meddle: str
) -> None:
    path = desk / "cases" / "acme.toml"
    theirs: list[dict[str, bytes]] = []

    def edit(found: stores.Read) -> tuple[str, str]:
        MEDDLES[meddle](path)
        theirs.append(contents(desk))
        return appended(found)

    with pytest.raises(Refused) as refusal:
        stores.change(stores.open_store(desk), "acme", edit)
    assert str(path) in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert contents(desk) == theirs[0], "nothing written, nothing left behind"


def test_a_file_that_appeared_meanwhile_is_not_written_over(desk: Path) -> None:
    path = add_case(desk, "new", "by somebody else")
    theirs = path.read_text()
    with pytest.raises(Refused, match=r"new\.toml was changed by somebody else"):
        files.replace(path, None, ACME)
    assert path.read_text() == theirs
    assert len(list(path.parent.iterdir())) == 2


def test_an_edit_that_breaks_off_writes_nothing_and_lets_the_lock_go(desk: Path) -> None:
    before = contents(desk)

    def edit(_: stores.Read) -> tuple[str, str]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stores.change(stores.open_store(desk), "acme", edit)
    assert contents(desk) == before
    assert dunctl("log", "acme", "no_answer").exit_code == 0


def test_what_a_dead_process_left_behind_does_not_matter(desk: Path) -> None:
    folder = desk / "cases"
    (desk / ".dunctl" / "lock").write_text("4711")
    (folder / f".acme.toml.{os.getpid()}.tmp").write_text("half")
    (folder / ".acme.toml.4711.tmp").write_text("half")
    assert dunctl("log", "acme", "no_answer").exit_code == 0
    assert (folder / "acme.toml").read_text().count("[[contact]]") == 1
    assert dunctl("check").exit_code == 0


def test_the_programs_own_folder_can_always_be_deleted(desk: Path) -> None:
    for path in (desk / ".dunctl").iterdir():
        path.unlink()
    (desk / ".dunctl").rmdir()
    assert dunctl("log", "acme", "no_answer").exit_code == 0
    assert (desk / ".dunctl" / ".gitignore").read_text() == "*\n"


def test_who_waits_too_long_for_another_is_told(desk: Path) -> None:
    before = contents(desk)
    with files.locked(desk):
        code = "from dunctl.store import files; files.WAIT_SECONDS = 0.1\n"
        code += "from dunctl.cli import main; main(['log', 'acme', 'no_answer'])"
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )
    assert done.returncode == 1
    assert done.stderr.startswith("dunctl: another dunctl has been writing here"), done.stderr
    assert contents(desk) == before


# A disk that refuses


@contextmanager
def nobody() -> Iterator[None]:
    """Be somebody whom permissions bind, also where the tests run as root."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_desk(desk: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a store in a place that everybody can reach, with everything of it writable."""
    assert dunctl("log", "acme", "no_answer").exit_code == 0, "everything is imported by now"
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        root.chmod(0o777)
        for name, data in {**contents(desk), ".dunctl/no-git-told": b""}.items():
            (root / name).parent.mkdir(exist_ok=True)
            (root / name).parent.chmod(0o777)
            (root / name).write_bytes(data)
            (root / name).chmod(0o666)
        monkeypatch.chdir(root)
        yield root
        for path in (root, *root.iterdir()):
            path.chmod(0o777)


def refused_in_one_sentence(result: Result, named: str) -> None:
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    assert result.stderr.startswith("dunctl: "), result.stderr
    assert result.stderr.count("\n") == 1, result.stderr
    assert named in result.stderr, result.stderr


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's here")
@pytest.mark.parametrize(
    ("place", "mode", "named"),
    [
        ("cases", 0o555, "cases/acme.toml cannot be written: Permission denied"),
        (".dunctl", 0o555, ".dunctl/"),
        ("cases/acme.toml", 0o000, "cases/acme.toml:1: cannot be read: Permission denied"),
        ("dunctl.toml", 0o000, "dunctl.toml: Permission denied"),
    ],
)
def test_what_may_not_be_written_or_read_is_one_sentence_and_loses_nothing(
    open_desk: Path, place: str, mode: int, named: str
) -> None:
    before = contents(open_desk)
    (open_desk / place).chmod(mode)
    with nobody():
        result = dunctl("log", "acme", "refused")
    refused_in_one_sentence(result, named)
    assert contents(open_desk) == before


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's here")
def test_a_case_that_may_not_be_read_does_not_hide_the_others(open_desk: Path) -> None:
    add_case(open_desk, "shut").chmod(0)
    with nobody():
        result = dunctl("ls")
    assert result.exit_code == 1
    assert "acme" in result.stdout
    assert result.stderr == "cases/shut.toml:1: cannot be read: Permission denied\n"


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are POSIX's")
@pytest.mark.parametrize("more", [0, 60])
def test_a_disk_that_is_full_is_one_sentence_and_loses_nothing(desk: Path, more: int) -> None:
    import resource

    assert dunctl("log", "acme", "no_answer").exit_code == 0
    before = contents(desk)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = (desk / "cases" / "acme.toml").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + more, hard))
    try:
        result = dunctl("log", "acme", "refused", "-m", "x" * 100)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    refused_in_one_sentence(result, os.strerror(errno.EFBIG))
    assert "cases/acme.toml cannot be written" in result.stderr
    assert contents(desk) == before
    assert dunctl("log", "acme", "refused").exit_code == 0


def test_without_a_folder_of_cases_there_is_nothing_to_list_and_new_makes_it(desk: Path) -> None:
    (desk / "cases" / "acme.toml").unlink()
    (desk / "cases").rmdir()
    assert dunctl("ls").exit_code == 0
    assert dunctl("check").stdout == "0 cases, no problem\n"
    refused_in_one_sentence(dunctl("log", "acme", "no_answer"), "there is no case acme")
    assert dunctl("new", "acme").exit_code == 0
    assert (desk / "cases" / "acme.toml").is_file()


@pytest.mark.parametrize(
    ("words", "how"), [(["log", "acme", "no_answer"], "log"), (["new", "beta"], "new")]
)
def test_a_file_in_the_place_of_a_folder_is_one_sentence(
    desk: Path, words: list[str], how: str
) -> None:
    (desk / ".dunctl" / "no-git-told").unlink()
    (desk / ".dunctl").rmdir()
    (desk / ".dunctl").write_text("")
    before = contents(desk)
    refused_in_one_sentence(dunctl(*words), ".dunctl")
    assert contents(desk) == before
    if how == "new":
        (desk / ".dunctl").unlink()
        (desk / "cases" / "acme.toml").unlink()
        (desk / "cases").rmdir()
        (desk / "cases").write_text("")
        refused_in_one_sentence(dunctl(*words), "cases")


def test_several_files_one_of_which_moved_keep_what_was_written(desk: Path) -> None:
    add_case(desk, "beta")
    store = stores.open_store(desk)
    texts = {one.id: one.text for one in stores.read_all(store)[0]}

    def make(reads: list[stores.Read]) -> list[tuple[str, str | None, str]]:
        (desk / "cases" / "beta.toml").write_text(texts["beta"] + "# mine\n")
        return [(read.id, read.text, read.text + "# all\n") for read in reads]

    with pytest.raises(Refused, match=r"beta\.toml was changed by somebody else"):
        stores.rewrite(store, make, "import of a.csv")
    assert (desk / "cases" / "acme.toml").read_text() == texts["acme"] + "# all\n"
    assert (desk / "cases" / "beta.toml").read_text() == texts["beta"] + "# mine\n"
