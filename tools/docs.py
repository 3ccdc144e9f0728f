"""Write the generated pages of docs/, or say with --check which are stale and what else is wrong.

python tools/docs.py            write docs/cli.md, docs/case-file.md, docs/case.schema.json
                                and docs/rules.md
python tools/docs.py --check    write nothing; exit 1 when a page is stale, a command shows no
                                example, docs/practice.md misses a row, or a link leads nowhere
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import click

ROOT = Path(__file__).parent.parent
WIDTH = 80

GROUPS = re.compile(r"<!-- groups: (.*?) -->")
RANGE = re.compile(r"([A-Z])(\d\d)-\1(\d\d)")
ROW = re.compile(r"^\s*[|*-]\s*[`*\[]*([A-Z]\d\d)\b")
CODE = re.compile(r"^(```+|~~~+).*?^\1\s*$|`[^`\n]*`", re.DOTALL | re.MULTILINE)
LINK = re.compile(
    r"""\]\(\s*<?([^\s()<>]+)|^\[[^\]^]+\]:\s*<?([^\s<>]+)|\b(?:src|href)="([^"]+)\"""",
    re.MULTILINE,
)


def tree(
    command: click.Command, name: str, above: click.Context | None = None
) -> Iterator[tuple[click.Context, click.Command]]:
    """Yield a command and all that are below it, hidden ones left out, in the order of the help."""
    context = command.context_class(
        command, info_name=name, parent=above, terminal_width=WIDTH, max_content_width=WIDTH
    )
    yield context, command
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            if found is None:
                raise LookupError(f"{context.command_path} lists {below} but does not have it")
            if not found.hidden:
                yield from tree(found, below, context)
    for below, found in getattr(command, "below", {}).items():
        yield from tree(found, below, context)


def command_page(main: click.Command) -> str:
    """Return docs/cli.md: what `--help` prints for each command."""
    parts = [
        "# Commands",
        "What `dunctl COMMAND --help` prints, for every command. "
        "This page is made from the program by `make docs`.",
    ]
    for context, command in tree(main, "dunctl"):
        parts += [
            f"## {context.command_path}",
            f"```text\n{command.get_help(context).rstrip()}\n```",
        ]
    return "\n\n".join(parts) + "\n"


def without_example(main: click.Command) -> list[str]:
    """Return a problem for each command whose help shows no example."""
    return [
        f"{context.command_path}: its help has no 'Example'; add one to the command's docstring"
        for context, command in tree(main, "dunctl")
        if not isinstance(command, click.Group) and "Example" not in command.get_help(context)
    ]


def pages() -> dict[str, str]:
    """Return the generated pages by their paths."""
    import dunctl.case.schema as schema
    from dunctl.cli import main
    from dunctl.steps.packs_page import as_markdown
    from dunctl.store.packs import shipped

    as_json = json.dumps(schema.as_json_schema(), indent=2, ensure_ascii=False)
    return {
        "docs/cli.md": command_page(main),
        "docs/case-file.md": schema.as_markdown().rstrip("\n") + "\n",
        "docs/case.schema.json": as_json + "\n",
        "docs/rules.md": as_markdown(shipped()),
    }


def stale(root: Path, wanted: dict[str, str]) -> list[str]:
    """Return a problem for each page that is not what it should be."""
    found = []
    for path, text in wanted.items():
        page = root / path
        if not page.is_file() or page.read_bytes() != text.encode():
            found.append(f"{path}: {'stale' if page.is_file() else 'missing'}; run `make docs`")
    return found


def practice_rows(path: str, text: str) -> list[str]:
    """Return what is wrong with a page that claims to cover groups of practice rows.

    The claim is a line like ``<!-- groups: A01-A25 C01-C26 -->``; a row begins with its id, in the
    first cell of a table or in a list.
    """
    claim = GROUPS.search(text)
    if not claim:
        return [f"{path}:1: no line like <!-- groups: A01-A25 C01-C26 --> says what it covers"]
    claimed = []
    for group in claim[1].split():
        span = RANGE.fullmatch(group)
        if not span:
            return [f"{path}: group {group!r} is not like A01-A25"]
        claimed += [f"{span[1]}{n:02}" for n in range(int(span[2]), int(span[3]) + 1)]
    rows = Counter(row[1] for line in text.splitlines() if (row := ROW.match(line)))
    found = [
        f"{path}: {row} has {rows[row]} rows instead of 1" for row in claimed if rows[row] != 1
    ]
    extra = sorted(set(rows) - set(claimed))
    return found + [f"{path}: {row} is in none of the groups {claim[1]}" for row in extra]


def dead_links(root: Path, page: Path) -> list[str]:
    """Return a problem for each relative link of a Markdown page to what is not in the project."""
    text = page.read_text(encoding="utf-8")
    prose = CODE.sub(lambda code: re.sub(r"[^\n]", " ", code[0]), text)
    found = []
    for link in LINK.finditer(prose):
        target = link[1] or link[2] or link[3]
        place = unquote(target.partition("#")[0])
        if not place or re.match(r"[a-z][a-z0-9+.-]*:", target):
            continue
        goal = (page.parent / place).resolve()
        if not goal.is_relative_to(root.resolve()) or not goal.exists():
            line = prose.count("\n", 0, link.start()) + 1
            found.append(f"{page.relative_to(root)}:{line}: the link to {target} leads nowhere")
    return found


def problems(root: Path) -> list[str]:
    """Return everything that --check finds."""
    from dunctl.cli import main

    found = stale(root, pages()) + without_example(main)
    practice = root / "docs" / "practice.md"
    if practice.is_file():
        found += practice_rows("docs/practice.md", practice.read_text(encoding="utf-8"))
    else:
        found.append("docs/practice.md: missing")
    for page in [root / "README.md", *sorted((root / "docs").rglob("*.md"))]:
        found += dead_links(root, page)
    return found


def run(arguments: list[str]) -> int:
    """Do what the command line asks and return the exit code."""
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    if arguments:
        found = problems(ROOT)
        print("\n".join(found) or "docs: nothing to do", file=sys.stderr if found else sys.stdout)
        return 1 if found else 0
    for path, text in pages().items():
        (ROOT / path).parent.mkdir(exist_ok=True)
        (ROOT / path).write_text(text, encoding="utf-8", newline="\n")
        print(f"wrote {path}")
    return 0


if __name__ == "__main__":
    os.environ.update(LANG="C.UTF-8", DUNCTL_LANGUAGE="en")
    sys.exit(run(sys.argv[1:]))
