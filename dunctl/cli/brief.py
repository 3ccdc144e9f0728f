"""``dunctl brief``."""

from __future__ import annotations

import click

from dunctl.calling.gated import verdict
from dunctl.cli.concede import authority_of
from dunctl.cli.limitation import lines_for
from dunctl.cli.today import day_of
from dunctl.cli.verb import Seat, packs_of, sound_case, standing_of, verb
from dunctl.show.brief import page
from dunctl.show.case import data
from dunctl.show.text import as_json, lines_of
from dunctl.store.parameters import phrases
from dunctl.store.store import user


@verb("brief")
@click.argument("case")
@click.option("--json", "json_", is_flag=True, help="As JSON.")
def command(seat: Seat, case: str, json_: bool) -> int:
    """Print the page to have on screen before dialling.

    Amounts first; what the stage means; who decides; invoices and papers; promises and how they
    went; what you may grant; the last contacts; what is open to find out; what must not be done;
    the opening, an answer to what they say, and the closing sentence.

    Example: dunctl brief acme
    """
    known, code = sound_case(seat, case)
    at = standing_of(seat, known)
    config = seat.store.config
    found = verdict(at, day_of(seat))
    language = known.debtor.language or config.language
    limits = lines_for(seat, at)
    caller = user(seat.store)
    lines = page(
        at,
        seat.law(),
        found,
        phrases(language),
        config.creditor,
        caller,
        limits,
        authority_of(seat, known),
        packs_of(seat, known),
    )
    click.echo(as_json({**data(at), "page": lines}) if json_ else lines_of(lines))
    return code
