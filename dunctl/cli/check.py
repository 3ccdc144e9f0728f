"""``dunctl check``."""

from __future__ import annotations

from pathlib import Path

import click

from dunctl.cli.verb import Seat, verb
from dunctl.errors import Problem, Refused
from dunctl.show.text import as_json, clean, problem_list
from dunctl.store import store as stores
from dunctl.words import t


@verb("check")
@click.argument("paths", nargs=-1, metavar="[PATH…]")
@click.option("--json", "json_", is_flag=True, help="As JSON.")
def command(seat: Seat, paths: tuple[str, ...], json_: bool) -> int:
    """Report every problem of every case file.

    A line each, path:line: message; exit 1 if there is any. PATH is a case file or a folder of
    them; all of the store by default.

    Example: dunctl check cases/acme.toml
    """
    problems, count = _found(seat, paths)
    problems.sort(key=lambda p: (p.path, p.line, p.message))
    if json_:
        click.echo(as_json(problem_list(problems)))
    else:
        for problem in problems:
            click.echo(clean(problem))
        if not problems:
            click.echo(t("{n} cases, no problem", n=count))
    return 1 if problems else 0


def _found(seat: Seat, paths: tuple[str, ...]) -> tuple[list[Problem], int]:
    store = seat.store
    if not paths:
        reads, odd = stores.read_all(store)
        stores.policy(store, store.config.policy)
        return [*odd, *(p for r in reads for p in r.problems)], len(reads)
    problems: list[Problem] = []
    count = 0
    for words in paths:
        path = Path(words)
        if path.is_dir():
            inner = sorted(path.glob("*.toml"))
        elif path.is_file():
            inner = [path]
        elif words in stores.ids(store)[0]:
            inner = [stores.cases_folder(store) / f"{words}.toml"]
        else:
            raise Refused(t("there is no file or case {path}", path=words))
        for file in inner:
            problems += stores.read_path(store, file, str(file)).problems
            count += 1
    return problems, count
