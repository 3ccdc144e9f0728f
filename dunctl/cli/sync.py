"""``dunctl sync``."""

from __future__ import annotations

import click

from dunctl.cli.verb import Seat, verb
from dunctl.show.text import clean
from dunctl.words import counted, t


@verb("sync")
def command(seat: Seat) -> None:
    """Bring this store and its git remote together: fetch, merge, check, push.

    What two people wrote into one case is put together entry by entry. Where both changed one fact
    differently, that key is marked and named, and nothing is pushed until you chose. Never forces.

    Example: dunctl sync
    """
    from dunctl.store.sync import sync

    found = sync(seat.store, click.echo)
    parts = [
        counted(found.fetched, "{n} commit fetched", "{n} commits fetched"),
        t("{n} pushed", n=found.pushed),
    ]
    if found.cases:
        parts.append(t("changed: {cases}", cases=", ".join(found.cases)))
    click.echo(clean(f"{found.remote}: " + "; ".join(parts)))
