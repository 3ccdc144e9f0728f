"""``dunctl history``."""

from __future__ import annotations

import click

from dunctl.cli.verb import Seat, verb
from dunctl.errors import Refused
from dunctl.show.text import lines_of
from dunctl.store import git
from dunctl.store.lookup import resolve
from dunctl.words import t


@verb("history")
@click.argument("case")
def command(seat: Seat, case: str) -> int:
    """Print what happened to the file of a case: who changed what, commit by commit.

    An earlier entry that was edited or taken out is named; the exit code is 1 then.

    Example: dunctl history acme
    """
    from dunctl.case.parse import parse
    from dunctl.owed.review import review_case
    from dunctl.show.review import history_lines
    from dunctl.store.history import versions
    from dunctl.store.review import mended, rewriting

    root = seat.store.root
    if not git.is_repository(root):
        raise Refused(t("this store is not in git, so it has no history (git init)"))
    case_id = resolve(seat.store, case)
    steps = []
    zone = seat.store.config.zone
    for step in mended(versions(root, None, f"cases/{case_id}.toml", zone)):
        old, new = (
            parse(text, case_id, step.path)[0] if text is not None else None
            for text in (step.before[0], step.text)
        )
        steps.append((step, review_case(case_id, old, new), rewriting(step)))
    click.echo(lines_of(history_lines(steps, seat.today)))
    return 1 if any(rewritten for _, _, rewritten in steps) else 0
