"""``dunctl in-words``: what git calls to show a case file in a diff."""

from __future__ import annotations

from pathlib import Path

import click

from dunctl.show.in_words import in_words
from dunctl.show.text import escaped
from dunctl.store import files


@click.command("in-words")
@click.argument("file", type=click.Path(path_type=Path))
def command(file: Path) -> None:
    """Print a case file with a line in words for each entry; git calls it when it shows a diff.

    Example: dunctl in-words cases/acme.toml
    """
    try:
        text = in_words(files.read_text(file))
    except files.Unreadable:
        text = file.read_bytes().decode("utf-8", "replace")
    click.echo(escaped(text), nl=False)
