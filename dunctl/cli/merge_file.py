"""``dunctl merge-file``: what git calls to put two versions of a case together."""

from __future__ import annotations

from pathlib import Path

import click

from dunctl.case.merge import merge
from dunctl.errors import Refused
from dunctl.show.text import clean
from dunctl.store import files
from dunctl.store.git import merge_as_text
from dunctl.words import t


@click.command("merge-file")
@click.argument("base", type=click.Path(path_type=Path))
@click.argument("ours", type=click.Path(path_type=Path))
@click.argument("theirs", type=click.Path(path_type=Path))
@click.argument("name")
@click.pass_context
def command(ctx: click.Context, base: Path, ours: Path, theirs: Path, name: str) -> None:
    """Put two versions of a case file together, into OURS; git calls it when it merges.

    The journal is the union of both journals, the facts are merged key by key. Exit 1 if both sides
    changed one key differently: just that key is marked, and named.

    Example: dunctl merge-file base.toml ours.toml theirs.toml cases/acme.toml
    """
    try:
        found = merge(*map(files.read_text, (base, ours, theirs)))
    except (Refused, files.Unreadable) as error:
        click.echo(clean(t("{path}: {why}: merged line by line", path=name, why=error)), err=True)
        ctx.exit(merge_as_text(base, ours, theirs))
    files.put(ours, found.text.encode("utf-8"))
    for key in found.conflicts:
        click.echo(clean(t("{path}: both sides changed {key}", path=name, key=key)), err=True)
    ctx.exit(1 if found.conflicts else 0)
