"""Replay transcripts: tests/transcripts/*.test, the console blocks of README.md and interest.md.

A transcript is what a user types and sees, in a fresh folder:

    # now: 2026-11-24T09:00:00+00:00
    $ printf 'hello\\n' > greeting.txt; cat greeting.txt
    hello

    $ cat <<'END' > case.toml
    > format = 1
    > END

    $ cat nothing
    cat: nothing: No such file or directory
    >= 1

- `$ ` is a line for bash, with dunctl on its PATH; `> ` lines right below go on with it, and so
  does a line after a backslash. Below stands what appears, stdout and stderr as they come. A `cd`
  stays in force; a variable does not. In a transcript that is not README.md, dunctl with nothing
  but words behind it is called in the process of the tests, which is quicker.
- `>= N` is the exit code when it is not 0. `...` alone on a line stands for any number of lines.
- Spaces at the end of a line, and empty lines before the next command, do not count.
- Lines beginning with # before a command are comments. `# now: ` sets the clock (DUNCTL_NOW) from
  there on. Lines beginning with # at the very end of an output are therefore not compared.

In README.md the blocks are fenced as ```console and go on in one folder. An HTML comment on a line
of its own before the fence changes that: `<!-- not replayed -->` leaves the next block out,
`<!-- replayed in: . -->` runs it in the project's root, `<!-- now: ... -->` sets the clock.

`pytest --update-transcripts` writes what appears into the files.
"""

from __future__ import annotations

import difflib
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import pytest
from click.testing import CliRunner

from dunctl.cli import main

ROOT = Path(__file__).parent.parent
NOW = "2026-11-24T09:00:00+00:00"
LIMIT = 60  # seconds for one command

CODE = re.compile(r">= (\d+)")
CLOCK = re.compile(r"# now: (\S+)")
NOTE = re.compile(r"<!-- (not replayed|replayed in: \S+|now: \S+) -->")


class Shell:
    """Run bash lines one after another in a folder, as one person at one terminal would."""

    def __init__(self, scratch: Path, *, quick: bool = False) -> None:
        self.quick = quick
        self.home = scratch / "home"
        self.folder = scratch / "work"
        self.home.mkdir()
        self.folder.mkdir()
        git = self.home / ".gitconfig"
        git.write_text(
            "[user]\n\tname = Li Na\n\temail = li.na@example.com\n[init]\n\tdefaultBranch = main\n",
            encoding="utf-8",
        )
        self.environment = {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "HOME": str(self.home),
            "TZ": "UTC",
            "LANG": "C.UTF-8",
            "COLUMNS": "80",
            "DUNCTL_NOW": NOW,
            "DUNCTL_USER": "li.na",
            "GIT_AUTHOR_NAME": "Li Na",
            "GIT_AUTHOR_EMAIL": "li.na@example.com",
            "GIT_COMMITTER_NAME": "Li Na",
            "GIT_COMMITTER_EMAIL": "li.na@example.com",
            "GIT_CONFIG_GLOBAL": str(git),
            "GIT_CONFIG_NOSYSTEM": "1",
            **{name: value for name, value in os.environ.items() if name.startswith("GIT_CONFIG_")},
        }

    def run(self, command: str) -> tuple[list[str], int]:
        """Return what a command shows, line by line, and its exit code."""
        if self.quick and (words := plain(command)) and words[0] == "dunctl":
            forget()
            with chdir(self.folder):
                result = CliRunner().invoke(
                    main, words[1:], env=self.environment, prog_name="dunctl"
                )
            return [line.rstrip() for line in result.output.split("\n")], result.exit_code
        place = self.home / "place"
        done = subprocess.run(
            ["bash", "-c", f"trap 'pwd > \"{place}\"' EXIT; {command}\n"],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=LIMIT,
            check=False,
        )
        if place.exists():
            self.folder = Path(place.read_text(encoding="utf-8").removesuffix("\n"))
        shown = done.stdout.decode("utf-8", "backslashreplace").split("\n")
        return [line.rstrip() for line in shown], done.returncode


def forget() -> None:
    """Empty the caches of the program: a new process has read nothing yet."""
    for name, module in list(sys.modules.items()):
        if name.startswith("dunctl."):
            for value in vars(module).values():
                if hasattr(value, "cache_clear"):
                    value.cache_clear()


def plain(command: str) -> list[str]:
    """Return the words of a command line that asks nothing else of bash, or an empty list."""
    if re.search(r"[$`*?\[!\\{\n]|(^|\s)[~#]", command):
        return []
    lexer = shlex.shlex(command, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words = list(lexer)
    return [] if any(set(word) <= set("();<>|&") for word in words) else words


def commands(lines: list[str]) -> Iterator[tuple[int, int, int]]:
    """Yield where each command begins, where its output begins, and where that ends."""
    starts = [n for n, line in enumerate(lines) if line.startswith("$ ")]
    begins = 0
    for start in starts:
        if start < begins:
            continue
        begins = start + 1
        while begins < len(lines) and (
            lines[begins - 1].endswith("\\") or re.match(r">( |$)", lines[begins])
        ):
            begins += 1
        end = next((n for n in starts if n >= begins), len(lines))
        yield start, begins, begins + len(output(lines[begins:end]))


def output(lines: list[str]) -> list[str]:
    """Return the lines without the empty ones and the comments at their end."""
    end = len(lines)
    while end and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
        end -= 1
    return lines[:end]


def typed(lines: list[str]) -> str:
    return "\n".join([lines[0][2:], *(re.sub(r"^>( |$)", "", line) for line in lines[1:])])


def fits(expected: list[str], shown: list[str]) -> bool:
    """Tell whether the output is the expected one, `...` standing for any lines."""
    pattern = "".join(
        r"(?:.*\n)*" if line.rstrip() == "..." else re.escape(line.rstrip()) + r"\n"
        for line in expected
    )
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in shown)) is not None


def replay(lines: list[str], shell: Shell) -> list[str]:
    """Run a transcript and return it with the outputs that were really seen."""
    result: list[str] = []
    last = 0
    for start, begins, end in commands(lines):
        for line in lines[last:start]:
            if clock := CLOCK.fullmatch(line.rstrip()):
                shell.environment["DUNCTL_NOW"] = clock[1]
        expected = lines[begins:end]
        codes = [int(found[1]) for line in expected if (found := CODE.fullmatch(line.rstrip()))]
        wanted = [line for line in expected if not CODE.fullmatch(line.rstrip())]
        shown, code = shell.run(typed(lines[start:begins]))
        shown = output(shown)
        result += lines[last:begins]
        if fits(wanted, shown) and (codes or [0]) == [code]:
            result += expected
        else:
            result += [*shown, *([f">= {code}"] if code else [])]
        last = end
    return result + lines[last:]


def replay_page(lines: list[str], shell: Shell) -> list[str]:
    """Replay the console blocks of a Markdown page."""
    result: list[str] = []
    notes: list[str] = []
    rest = iter(lines)
    for line in rest:
        result.append(line)
        if note := NOTE.fullmatch(line.strip()):
            notes.append(note[1])
        elif line.startswith("```"):
            block = []
            close = ""
            for inner in rest:
                if inner.rstrip() == "```":
                    close = inner
                    break
                block.append(inner)
            console = line.rstrip() == "```console"
            result += replay_block(block, notes, shell) if console else block
            result.append(close)
            notes = []
        elif line.strip():
            notes = []
    return result


def replay_block(block: list[str], notes: list[str], shell: Shell) -> list[str]:
    for note in notes:
        if note.startswith("now: "):
            shell.environment["DUNCTL_NOW"] = note.removeprefix("now: ")
    if "not replayed" in notes:
        return block
    elsewhere = [note.removeprefix("replayed in: ") for note in notes if "replayed in" in note]
    if not elsewhere:
        return replay(block, shell)
    home = shell.folder
    shell.folder = ROOT / elsewhere[-1]
    block = replay(block, shell)
    shell.folder = home
    return block


needs_bash = pytest.mark.skipif(not shutil.which("bash"), reason="bash is not installed")


@needs_bash
@pytest.mark.parametrize(
    "path",
    [
        *sorted((ROOT / "tests" / "transcripts").glob("*.test")),
        *(ROOT / "README.md", ROOT / "docs" / "interest.md"),
    ],
    ids=lambda path: path.name,
)
def test_what_is_typed_shows_what_is_written(
    path: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    text = path.read_text(encoding="utf-8")
    page = path.suffix == ".md"
    run = replay_page if page else replay
    seen = "\n".join(run(text.split("\n"), Shell(tmp_path, quick=path.name != "README.md")))
    if request.config.getoption("--update-transcripts"):
        path.write_text(seen, encoding="utf-8")
        return
    difference = difflib.unified_diff(
        text.split("\n"), seen.split("\n"), f"{path.name} (written)", f"{path.name} (seen)", "", "",
        lineterm="",
    )  # fmt: skip
    if report := "\n".join(difference):
        pytest.fail(f"{report}\n\nif this is right: pytest --update-transcripts", pytrace=False)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@needs_bash
@pytest.mark.parametrize(
    "transcript",
    [
        "$ echo one; echo two >&2\none\ntwo",
        "# a comment\n\n$ echo one\none\n\n\n# another\n$ true\n# the last",
        "$ printf 'one\\n\\ntwo  \\n\\n'\none\n\ntwo\n",
        "$ seq 9\n1\n...\n9",
        "$ seq 2\n...\n1\n2\n...",
        "$ echo no; exit 3\nno\n>= 3",
        "$ false\n>= 1\n$ true",
        "$ cat <<'END'\n> a $HOME\n>\n> b\n> END\na $HOME\n\nb",
        "$ echo a \\\n     b\na b",
        "$ nonesuch\nbash: line 1: nonesuch: command not found\n>= 127",
        "$ if\n...\n>= 2\n$ pwd | grep -o '[^/]*$'\nwork",
        "$ mkdir a; cd a\n$ pwd | grep -o '[^/]*/a$'\nwork/a",
        "$ echo one > a\n$ cat a\none",
        "$ date +%Z; echo $DUNCTL_USER $COLUMNS; git config user.name; ls -a | wc -l\n"
        "UTC\nli.na 80\nLi Na\n2",
        f"$ echo $DUNCTL_NOW\n{NOW}\n# now: 2026-12-01T08:00:00+08:00\n$ echo $DUNCTL_NOW\n"
        "2026-12-01T08:00:00+08:00",
    ],
)
def test_a_true_transcript_stays_as_it_is(transcript: str, shell: Shell) -> None:
    lines = transcript.split("\n")
    assert replay(lines, shell) == lines


@needs_bash
@pytest.mark.parametrize(
    ("transcript", "seen"),
    [
        ("$ echo one\ntwo", "$ echo one\none"),
        ("$ echo one", "$ echo one\none"),
        ("$ true\none\n\n# why\n$ true", "$ true\n\n# why\n$ true"),
        ("$ false", "$ false\n>= 1"),
        ("$ true\n>= 1", "$ true"),
        ("$ exit 2\n>= 1", "$ exit 2\n>= 2"),
        ("$ seq 3\n1\n...\n2", "$ seq 3\n1\n2\n3"),
        ("$ echo a.c\nabc", "$ echo a.c\na.c"),
    ],
)
def test_an_untrue_transcript_is_mended(transcript: str, seen: str, shell: Shell) -> None:
    assert "\n".join(replay(transcript.split("\n"), shell)) == seen


@needs_bash
def test_a_page_is_replayed_block_by_block(shell: Shell) -> None:
    page = """\
```console
$ echo one > a
```
```sh
$ not a transcript
```
<!-- not replayed -->
```console
$ sudo rm -r /
nothing left
```
<!-- replayed in: . -->
```console
$ ls pyproject.toml
pyproject.toml
```

<!-- now: 2026-12-01 -->

```console
$ cat a; echo $DUNCTL_NOW
one
2026-12-01
```
The end.
"""
    assert replay_page(page.split("\n"), shell) == page.split("\n")
    wrong = page.replace("one\n2026", "two\n2026")
    assert replay_page(wrong.split("\n"), shell) == page.split("\n")
