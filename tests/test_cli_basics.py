"""What every command promises: exit codes, where the store is, which day it is, who is told."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from dunctl import __version__
from dunctl.cli import VERBS, main
from dunctl.cli import ls as ls_verb

NOW = "2026-11-24T09:00:00+00:00"
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
READING = ("ls", "today", "ageing", "check")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a store outside of git with the case acme, and stand in it."""
    root = tmp_path / "desk"
    make_store(root)
    monkeypatch.chdir(root)
    monkeypatch.setenv("DUNCTL_NOW", NOW)
    monkeypatch.setenv("DUNCTL_USER", "li.na")
    return root


def make_store(root: Path, settings: str = "") -> None:
    (root / "cases").mkdir(parents=True)
    (root / "dunctl.toml").write_text(settings)
    (root / "cases" / "acme.toml").write_text(ACME)
    (root / ".dunctl").mkdir()
    (root / ".dunctl" / "no-git-told").touch()


def dunctl(*words: str) -> Result:
    result = CliRunner().invoke(main, words, color=True)
    assert "Traceback" not in result.output
    return result


def command_lines(
    group: click.Group, names: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    ctx = click.Context(group)
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from command_lines(command, (*names, name))
        else:
            yield (*names, name), command


COMMANDS = dict(command_lines(main))


# Exit codes


def test_done_is_0_with_data_on_stdout_and_nothing_beside(desk: Path) -> None:
    result = dunctl("ls")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "acme" in result.stdout


def test_refused_is_1_with_one_sentence_on_stderr(desk: Path) -> None:
    result = dunctl("show", "nobody")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "dunctl: there is no case nobody\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["lgo", "acme", "no_answer"], "(did you mean log?)"),
        (["agening"], "(did you mean ageing?)"),
        (["xyzzy"], "There is no command 'xyzzy'."),
        (["import", "invoice"], "invoices"),
        (["log"], "Missing argument 'CASE'"),
        (["log", "acme"], "Missing argument 'OUTCOME'"),
        (["pay", "acme"], "Missing argument 'AMOUNT'"),
        (["log", "acme", "no_anser"], "(did you mean no_answer?)"),
        (["pay", "acme", "lots"], "AMOUNT: "),
        (["pay", "acme", "5", "--on", "someday"], "--on: "),
        (["promise", "acme", "5", "someday"], "DUE: "),
        (["ls", "--stage", "nowhere"], "nowhere"),
        (["ls", "--jsn"], "--jsn"),
        (["ls", "acme"], "acme"),
        (["set", "acme", "ownr", "x"], "(did you mean owner?)"),
    ],
    ids=" ".join,
)
def test_words_that_are_not_understood_are_2_and_say_what_may_have_been_meant(
    desk: Path, words: list[str], said: str
) -> None:
    before = (desk / "cases" / "acme.toml").read_bytes()
    result = dunctl(*words)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert said in result.stderr
    assert result.stderr.startswith("dunctl: ")
    assert (desk / "cases" / "acme.toml").read_bytes() == before


def test_without_a_command_the_help_is_shown(desk: Path) -> None:
    result = dunctl()
    assert result.exit_code == 2
    assert "Example: dunctl today" in result.output


def test_a_bug_is_3_with_a_report_and_no_traceback_on_the_screen(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("the cat walked over it")

    monkeypatch.setattr(ls_verb, "listing", broken)
    monkeypatch.setattr(tempfile, "tempdir", str(desk))
    result = dunctl("ls")
    assert (result.exit_code, result.stdout) == (3, "")
    said = re.fullmatch(r"dunctl: this is a bug of dunctl; please send (.+)\n", result.stderr)
    assert said, result.stderr
    report = Path(said[1]).read_text()
    assert "ZeroDivisionError: the cat walked over it" in report
    assert __version__ in report
    assert sys.version in report


def test_a_bug_where_no_report_can_be_written_is_shown_instead(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("the cat walked over it")

    monkeypatch.setattr(ls_verb, "listing", broken)
    monkeypatch.setattr(tempfile, "tempdir", str(desk / "nowhere"))
    result = CliRunner().invoke(main, ["ls"])
    assert result.exit_code == 3
    assert "the cat walked over it" in result.stderr


def test_who_mends_dunctl_can_have_the_traceback(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(ls_verb, "listing", broken)
    monkeypatch.setenv("DUNCTL_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        CliRunner().invoke(main, ["ls"], catch_exceptions=False)


def test_who_presses_ctrl_c_is_told_that_nothing_is_half_done(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ls_verb, "listing", interrupted)
    result = dunctl("ls")
    assert (result.exit_code, result.stdout) == (130, "")
    assert result.stderr.strip() == "dunctl: stopped; nothing half done is left behind"


# Help and version


def test_the_version_is_told() -> None:
    result = dunctl("--version")
    assert (result.exit_code, result.stdout) == (0, f"dunctl, version {__version__}\n")


@pytest.mark.parametrize("names", COMMANDS, ids=" ".join)
def test_every_command_says_in_a_line_what_it_does_and_shows_an_example(
    names: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for flag in ("--help", "-h"):
        result = dunctl(*names, flag)
        assert result.exit_code == 0, result.output
    assert f"Example: dunctl {' '.join(names)}" in result.stdout
    summary = COMMANDS[names].get_short_help_str(200)
    assert summary.endswith("."), f"the first paragraph is one sentence: {summary!r}"
    assert "Example" not in summary


def test_the_help_lists_every_command() -> None:
    shown = dunctl("--help").stdout
    assert all(re.search(rf"^  {verb} ", shown, re.MULTILINE) for verb in VERBS), shown


# Where the store is


def test_the_store_is_found_upwards_from_here(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = desk / "letters" / "acme"
    deep.mkdir(parents=True)
    for folder in (desk / "cases", deep):
        monkeypatch.chdir(folder)
        assert "acme" in dunctl("ls").stdout


def test_the_store_can_be_named_before_and_after_the_command_and_by_the_environment(
    desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    make_store(other)
    (other / "cases" / "acme.toml").rename(other / "cases" / "elsewhere.toml")
    for words in (["--store", str(other), "ls"], ["ls", "--store", "../other"]):
        assert "elsewhere" in dunctl(*words).stdout, words
    monkeypatch.setenv("DUNCTL_STORE", str(other))
    assert "elsewhere" in dunctl("ls").stdout
    assert "acme" in dunctl("ls", "--store", str(desk)).stdout, "what is typed comes first"
    assert "acme" in dunctl("--store", str(other), "ls", "--store", str(desk)).stdout
    monkeypatch.chdir(tmp_path)
    assert dunctl("new", "fresh").exit_code == 0
    assert (other / "cases" / "fresh.toml").is_file()


@pytest.mark.parametrize("verb", ["ls", "today", "show", "log"])
def test_where_there_is_no_store_it_is_said_how_to_make_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    monkeypatch.chdir(tmp_path)
    words = {"show": ["show", "acme"], "log": ["log", "acme", "no_answer"]}.get(verb, [verb])
    result = dunctl(*words)
    assert (result.exit_code, result.stderr) == (
        1,
        "dunctl: there is no dunctl.toml here or above: make a store with dunctl init\n",
    )
    for place in ("nowhere", "."):
        result = dunctl(*words, "--store", place)
        assert (result.exit_code, result.stderr) == (
            1,
            f"dunctl: {place} is no store: there is no dunctl.toml (dunctl init {place})\n",
        )
    assert list(tmp_path.iterdir()) == []


def test_what_needs_no_store_works_without_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert json.loads(dunctl("schema").stdout)["type"] == "object"
    assert dunctl("ls", "--help").exit_code == 0


# Settings

BROKEN_SETTINGS = {
    "no TOML": ("[desk\n", "1: is not TOML"),
    "text without quotes": ("[desk]\ntimezone = Europe/London\n", "2: is not TOML"),
    "curly quotes": ("[creditor]\nname = “Us”\n", "2: is not TOML"),
    "a table that is a value": ("desk = 1\n", "1: [desk] must be a table"),
    "a table that is a list": ("rates = [1]\n", "1: [rates] must be a table"),
    "an unknown table": ("[desks]\ncallers = 1\n", "1: unknown key desks (did you mean desk?)"),
    "an unknown key": ("[desk]\ntimezon = 1\n", "2: unknown key timezon (did you mean timezone?)"),
    "a format to come": ("format = 2\n", "1: format must be 1"),
    "no zone": ("[desk]\ntimezone = 'Mars'\n", "2: "),
    "no hours": ("\n[desk]\nhours = 'always'\n", "3: hours "),
    "hours that end before they begin": ("[desk]\nhours = 'mon 17:00-09:00'\n", "2: hours "),
    "callers in words": ("[desk]\ncallers = 'two'\n", "2: callers must be a whole number"),
    "callers below nothing": ("[desk]\ncallers = -1\n", "2: callers must be a whole number"),
    "half a caller": ("[desk]\ncallers = 0.5\n", "2: callers must be a whole number"),
    "no currency": ("[defaults]\ncurrency = 'gbp'\n", "2: currency "),
    "no country": ("[defaults]\ncountry = 'England'\n", "2: country "),
    "language as number": ("[defaults]\nlanguage = 3\n", "2: language must be text"),
    "days in words": ("[defaults]\ndays = '30'\n", "2: days must be a whole number"),
    "no policy": ("[defaults]\npolicy = 'nope'\n", "2: there is no policy nope"),
    "policy elsewhere": ("[defaults]\npolicy = '../x'\n", "2: there is no policy ../x"),
    "a rate of no currency": ("[rates]\nEUX = 1\n", "2: a rate is such as EUR = 0.86"),
    "a rate of nothing": ("[rates]\nEUR = 0\n", "2: a rate is such as EUR = 0.86"),
    "a rate in words": ("[rates]\nEUR = 'one'\n", "2: a rate is such as EUR = 0.86"),
    "a rate that is true": ("[rates]\nEUR = true\n", "2: a rate is such as EUR = 0.86"),
    "a rate that is no number": ("[rates]\nEUR = nan\n", "2: a rate is such as EUR = 0.86"),
    "a rate without end": ("[rates]\nEUR = inf\n", "2: a rate is such as EUR = 0.86"),
}


@pytest.mark.parametrize("name", BROKEN_SETTINGS)
def test_settings_that_cannot_be_are_named_with_their_line(desk: Path, name: str) -> None:
    text, said = BROKEN_SETTINGS[name]
    (desk / "dunctl.toml").write_text(text)
    for words in (["ls"], ["log", "acme", "no_answer"]):
        result = dunctl(*words)
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.startswith(f"dunctl: dunctl.toml:{said}"), result.stderr
    assert (desk / "cases" / "acme.toml").read_text() == ACME


def test_settings_that_are_not_utf_8_are_named_with_their_line(desk: Path) -> None:
    (desk / "dunctl.toml").write_bytes(b"[creditor]\nname = 'M\xfcller'\n")
    result = dunctl("ls")
    assert (result.exit_code, result.stderr) == (
        1,
        "dunctl: dunctl.toml:2: is not UTF-8: save it as UTF-8 in your editor\n",
    )


def test_settings_may_be_empty(desk: Path) -> None:
    assert dunctl("today").exit_code == 0


# Which day it is


@pytest.mark.parametrize(
    "now",
    [
        "yesterday",
        "2026-13-01T00:00:00Z",
        "24/11/2026",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:00:00-12:00",
        "1969-12-31",
    ],
)
def test_a_clock_that_cannot_be_is_2(desk: Path, monkeypatch: pytest.MonkeyPatch, now: str) -> None:
    monkeypatch.setenv("DUNCTL_NOW", now)
    result = dunctl("ls")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        f"dunctl: DUNCTL_NOW must be an instant such as 2026-11-24T09:00:00+00:00, not {now}\n"
    )


@pytest.mark.parametrize("now", ["2026-11-24T09:00:00Z", "2026-11-24T09:00", "2026-11-24"])
def test_a_clock_without_offset_is_the_desks(
    desk: Path, monkeypatch: pytest.MonkeyPatch, now: str
) -> None:
    monkeypatch.setenv("DUNCTL_NOW", now)
    assert days_past_due() == 25


def days_past_due(*words: str) -> int:
    result = dunctl(*(words or ("ls",)), "--json")
    assert result.exit_code == 0, result.output
    days: int = json.loads(result.stdout)[0]["days_past_due"]
    return days


def test_as_of_can_stand_before_and_after_the_command(desk: Path) -> None:
    assert days_past_due() == 25
    assert days_past_due("ls", "--as-of", "2026-11-09") == 10
    assert days_past_due("--as-of", "2026-11-09", "ls") == 10
    assert days_past_due("--as-of", "2026-11-09", "ls", "--as-of", "2026-10-31") == 1
    assert days_past_due("ls", "--as-of", "yesterday") == 24
    shown = dunctl("--as-of", "2026-11-09", "today").stdout
    assert shown.startswith("Mon 9 Nov 09:00"), shown


@pytest.mark.parametrize("when", ["", "someday", "2026-02-30", "0001-01-01", "31/31/2026"])
@pytest.mark.parametrize("place", ["before", "after"])
def test_an_as_of_that_is_no_day_is_2(desk: Path, when: str, place: str) -> None:
    words = ["--as-of", when, "ls"] if place == "before" else ["ls", "--as-of", when]
    result = dunctl(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("dunctl: --as-of: "), result.stderr


# One bad file never hides the others, and is never passed over in silence

HEAD = ACME.partition("\n[[")[0]
BROKEN_CASES: dict[str, tuple[bytes, int]] = {
    "no TOML": (b"format = 1\ncurrency = GBP\n", 2),
    "empty": (b"", 1),
    "not UTF-8": (ACME.replace("Acme", "M\xfcller").encode("latin-1"), 5),
    "UTF-16": (ACME.encode("utf-16"), 1),
    "zero bytes": (b"\0" * 500, 1),
    "no debtor": (b'format = 1\ncurrency = "GBP"\n', 1),
    "a debtor that is a word": (b'format = 1\ncurrency = "GBP"\ndebtor = "Acme"\n', 3),
    "no currency": (ACME.replace('"GBP"', '"GBX"').encode(), 2),
    "a format to come": (ACME.replace("format = 1", "format = 2").encode(), 1),
    "an amount in quotes": (ACME.replace("5000.00", '"5000.00"').encode(), 14),
    "an amount that is no number": (ACME.replace("5000.00", "nan").encode(), 14),
    "an amount without end": (ACME.replace("5000.00", "1e999999").encode(), 14),
    "a day that does not exist": (ACME.replace("2026-10-30", "2026-02-30").encode(), 13),
    "no such zone": (ACME.replace("Europe/London", "Mars/Phobos").encode(), 7),
    "no such policy": (f'policy = "nope"\n{ACME}'.encode(), 1),
    "a policy elsewhere": (f'policy = "../../x"\n{ACME}'.encode(), 1),
    "one bracket too few": (ACME.replace("[[invoice]]", "[invoice]").encode(), 10),
    "an unknown outcome": (
        (ACME + "[[contact]]\nat = 2026-11-20T10:00:00Z\n").encode()
        + b'channel = "phone"\noutcome = "shrug"\n',
        18,
    ),
    "deep brackets": (b"x = " + b"[" * 5000 + b"]" * 5000, 1),
    "a conflict of git": (f"<<<<<<< HEAD\n{ACME}=======\n{ACME}>>>>>>> hers\n".encode(), 1),
}


@pytest.mark.parametrize("name", BROKEN_CASES)
def test_a_broken_file_is_named_with_its_line_and_the_others_are_shown(
    desk: Path, name: str
) -> None:
    data, line = BROKEN_CASES[name]
    (desk / "cases" / "broken.toml").write_bytes(data)
    for verb in READING:
        result = dunctl(verb)
        assert result.exit_code == 1, (verb, result.output)
        told = result.stdout if verb == "check" else result.stderr
        assert f"cases/broken.toml:{line}: " in told, (verb, told)
        if verb in ("ls", "today"):
            assert "acme" in result.stdout
    assert "5,000.00" in dunctl("ageing").stdout
    for words in (["ls"], ["today"], ["ageing"], ["check"]):
        result = dunctl(*words, "--json")
        assert result.exit_code == 1
        json.loads(result.stdout)
    shown = dunctl("show", "broken")
    assert shown.exit_code == 1
    assert f"cases/broken.toml:{line}: " in shown.stderr
    logged = dunctl("log", "acme", "refused")
    assert logged.exit_code == 0, "the other case is none of its business"
    assert (desk / "cases" / "broken.toml").read_bytes() == data


UNREADABLE = (
    *("no TOML", "empty", "not UTF-8", "UTF-16", "zero bytes", "no debtor"),
    *("a debtor that is a word", "no currency", "a format to come", "deep brackets"),
    *("a day that does not exist", "no such zone", "a conflict of git"),
)


@pytest.mark.parametrize("name", [name for name in BROKEN_CASES if name not in UNREADABLE])
def test_what_happened_is_recorded_in_a_case_with_problems_too(desk: Path, name: str) -> None:
    data, line = BROKEN_CASES[name]
    path = desk / "cases" / "broken.toml"
    path.write_bytes(data)
    result = dunctl("log", "broken", "refused", "-m", "not today")
    assert result.exit_code == 1
    assert result.stdout == "broken: phone: refused - not today\n"
    assert f"cases/broken.toml:{line}: " in result.stderr
    assert path.read_bytes().startswith(data)
    assert path.read_text().count('note = "not today"') == 1


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_is_no_case_is_not_written_to(desk: Path, name: str) -> None:
    data, line = BROKEN_CASES[name]
    path = desk / "cases" / "broken.toml"
    path.write_bytes(data)
    for words in (["log", "broken", "refused"], ["set", "broken", "owner", "x"]):
        result = dunctl(*words)
        assert (result.exit_code, result.stdout) == (1, "")
        assert f"cases/broken.toml:{line}: " in result.stderr
    assert path.read_bytes() == data


def test_a_policy_of_the_house_that_is_broken_hides_nothing(desk: Path) -> None:
    (desk / "policies").mkdir()
    (desk / "policies" / "mine.toml").write_text("[ladder\n")
    (desk / "cases" / "mine.toml").write_text(f'policy = "mine"\n{ACME}')
    for verb in READING:
        result = dunctl(verb)
        assert result.exit_code == 1
        assert "cases/mine.toml:1: mine.toml: " in result.output
    assert "acme" in dunctl("ls").stdout
    assert "promise" not in dunctl("log", "mine", "refused").stdout
    assert "[[contact]]" in (desk / "cases" / "mine.toml").read_text()


# What reaches the terminal

EVIL = "Evil\x1b[2J\x1b]0;owned\x07\x9b31m\u202eltd\u2028\r"


def printable(result: Result) -> bool:
    return all(c.isprintable() or c == "\n" for c in result.output)


def test_control_characters_in_a_file_never_reach_the_terminal(desk: Path) -> None:
    write_evil_cases(desk)
    for verb in READING:
        result = dunctl(verb)
        assert result.exit_code == 1
        assert printable(result), (verb, ascii(result.output))
    for case_id in ("evil", "worse", "worst", "policy"):
        for words in (
            ["log", case_id, "refused", "--with", EVIL],
            ["pay", case_id, "1"],
            ["promise", case_id, "1", "fri"],
            ["escalate", case_id],
            ["void", case_id, "0000000"],
            ["set", case_id, "owner", "x"],
        ):
            result = dunctl(*words)
            assert result.exit_code in (0, 1), (words, result.output)
            assert printable(result), (words, ascii(result.output))


@pytest.mark.parametrize("verb", ["show", "brief"])
def test_control_characters_in_a_file_are_not_shown_with_the_case(desk: Path, verb: str) -> None:
    write_evil_cases(desk)
    for case_id in ("worse", "worst", "policy", "evil"):
        result = dunctl(verb, case_id)
        assert result.exit_code in (0, 1), result.output
        assert printable(result), ascii(result.output)


def test_a_day_that_is_asked_for_is_that_day_wherever_the_debtor_is(desk: Path) -> None:
    for zone in ("Asia/Shanghai", "America/Los_Angeles", "Pacific/Auckland"):
        name = zone.split("/")[1].lower().replace("_", "-")
        assert dunctl("new", name, "--country", "GB", "--timezone", zone).exit_code == 0
        made = dunctl("invoice", name, "1", "10", "--issued", "2026-10-01", "--due", "2026-10-31")
        assert made.exit_code == 0, made.output
        shown = json.loads(dunctl("show", name, "--json", "--as-of", "2026-11-10").stdout)
        assert (shown["as_of"], shown["days_past_due"]) == ("2026-11-10", 10)


def test_what_has_not_happened_yet_is_not_logged_but_may_be_asked_about(desk: Path) -> None:
    later = dunctl("log", "acme", "no_answer", "--at", "2099-01-01T10:00:00+00:00")
    assert later.exit_code == 2
    assert "is still to come" in later.output
    assert dunctl("today", "--at", "23:00").exit_code == 0
    assert dunctl("why", "acme", "--at", "23:00").exit_code == 0


def test_bytes_that_are_no_text_are_refused_and_nothing_is_written(desk: Path) -> None:
    before = (desk / "cases" / "acme.toml").read_bytes()
    result = dunctl("log", "acme", "no_answer", "-m", "a\udcff")
    assert result.exit_code == 1
    assert "is not text in UTF-8" in result.output
    assert (desk / "cases" / "acme.toml").read_bytes() == before


def write_evil_cases(desk: Path) -> None:
    evil = json.dumps(EVIL)
    for name, text in {
        "evil": ACME.replace('"Acme Ltd"', evil).replace('number = "1"', f"number = {evil}")
        + f'note = {evil}\n\n[[person]]\nname = {evil}\nphone = {evil}\nrole = "owner"\n'
        + f"\n[[contact]]\nat = 2026-11-20T10:00:00Z\nwith = {evil}\ntheirs = {evil}\n"
        + 'channel = "phone"\noutcome = "refused"\n',
        "worse": ACME.replace('"GBP"', evil),
        "worst": ACME.replace('"1"', evil) + f"outcome = {evil}\n{evil} = 1\n[[hold]]\nkind={evil}",
        "policy": f"policy = {evil}\n{ACME}",
    }.items():
        (desk / "cases" / f"{name}.toml").write_text(text, encoding="utf-8")


def test_control_characters_in_the_name_of_a_file_never_reach_the_terminal(desk: Path) -> None:
    for name in ("a\x1b[31mb", "a\u202ec", "a\nb"):
        (desk / "cases" / f"{name}.toml").write_text(ACME)
        (desk / "cases" / f"{name}x.toml").write_text("x")
    for words in (["ls"], ["today"], ["check"], ["show", "a"], ["log", "a", "refused"]):
        result = dunctl(*words)
        assert result.exit_code == 1
        assert printable(result), (words, ascii(result.output))


def test_control_characters_in_settings_never_reach_the_terminal(desk: Path) -> None:
    (desk / "dunctl.toml").write_text(f"[desk]\ntimezone = {json.dumps(EVIL)}\n")
    result = dunctl("ls")
    assert result.exit_code == 1
    assert printable(result), ascii(result.output)


def test_names_that_the_terminal_cannot_show_do_not_stop_the_list(desk: Path) -> None:
    (desk / "cases" / "yunfan.toml").write_text(ACME.replace("Acme Ltd", "杭州云帆"), "utf-8")
    (desk / "cases" / "\udcff.toml").write_text(ACME)
    for encoding, words in (("ascii", ["ls"]), ("utf-8:strict", ["ls", "--json"])):
        done = subprocess.run(
            [sys.executable, "-X", "utf8=0", "-m", "dunctl", *words],
            env={"PYTHONIOENCODING": encoding, "DUNCTL_NOW": NOW, "LC_ALL": "C"},
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, (encoding, words, done.stderr)
        assert b"acme" in done.stdout


def test_streams_that_are_closed_are_no_bug_and_no_file_takes_their_place(desk: Path) -> None:
    command = f"exec {sys.executable} -m dunctl log acme no_answer <&- >&- 2>&-"
    done = subprocess.run(["sh", "-c", command], env={"DUNCTL_NOW": NOW}, check=False)
    assert done.returncode == 0
    assert "no_answer" in (desk / "cases" / "acme.toml").read_text()
    assert dunctl("check").exit_code == 0


def test_a_file_that_its_name_keeps_from_being_read_is_named(desk: Path) -> None:
    for name in ("bolt.TOML", "bolt.toml.txt", "bolt.toml~", ".bolt.toml", "README.md"):
        (desk / "cases" / name).write_text(ACME)
    assert [line for line in dunctl("check").output.splitlines() if "is not read" in line] == [
        f"cases/{name}:1: is not read: the name of a case file ends in .toml"
        for name in ("bolt.TOML", "bolt.toml.txt")
    ]


def test_a_copy_of_a_case_is_named(desk: Path) -> None:
    (desk / "cases" / "copy of acme.toml").write_text(ACME)
    found = dunctl("check")
    assert found.exit_code == 1
    assert (
        "cases/copy of acme.toml:1: has the debtor and the invoices of cases/acme.toml: "
        "delete one of the two\n"
    ) in found.output


# Start-up


def test_the_version_is_told_without_loading_more_than_click(tmp_path: Path) -> None:
    code = (
        "import sys, click; before = set(sys.modules)\n"
        "sys.argv = ['dunctl', '--version']\n"
        "import dunctl.__main__\n"
        "try:\n    dunctl.__main__.main()\n"
        "except SystemExit as end:\n    assert not end.code\n"
        "print(*sorted(set(sys.modules) - before))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    version, loaded = done.stdout.splitlines()
    assert __version__ in version
    rooms = {name for name in loaded.split() if name.startswith("dunctl")}
    assert rooms == {f"dunctl{part}" for part in ("", ".__main__", ".cli", ".errors", ".tuples")}
    others = {name.partition(".")[0] for name in loaded.split()} - {"dunctl"}
    assert others <= sys.stdlib_module_names, others
    heavy = {"decimal", "_decimal", "sqlite3", "subprocess", "tempfile", "zoneinfo", "json"}
    assert not others & heavy, others & heavy


@pytest.mark.parametrize(
    ("words", "never"),
    [
        (["today"], {"babel", "jinja2", "sqlite3", "filelock"}),
        (["log", "acme", "no_answer"], {"babel", "filelock", "jinja2", "sqlite3", "tabulate"}),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_command_loads_only_what_it_needs(desk: Path, words: list[str], never: set[str]) -> None:
    code = (
        "import sys; from dunctl.cli import main\n"
        f"try:\n    main({words!r})\n"
        "except SystemExit as end:\n    assert not end.code\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not never & set(done.stdout.splitlines()[-1].split())
