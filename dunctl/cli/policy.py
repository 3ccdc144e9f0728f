"""``dunctl policy``."""

from __future__ import annotations

import click

from dunctl.cli.verb import Seat, verb
from dunctl.show.text import as_json, clean, lines_of, listing
from dunctl.store import packs as store_packs
from dunctl.words import t


@click.group("policy")
def command() -> None:
    """Prove the rules that the desk works by."""


@verb("check")
@click.option("--json", "json_", is_flag=True, help="As JSON.")
def check(seat: Seat, json_: bool) -> int:
    """Prove that policies, packs of contact rules, rates and profiles are well-formed.

    The shipped ones and the store's own, in policies/ and its folders packs, rates, interest and
    limitation, and the choice in dunctl.toml. Names everything wrong, and rules that can never
    matter; exit 1 if there is any.

    Example: dunctl policy check
    """
    packs = store_packs.all_packs(seat.store.root)
    policies = store_packs.policy_names(seat.store.root)
    problems = store_packs.problems(seat.store)
    if json_:
        shown = [{"id": pack.id, "title": pack.title, "rules": len(pack.rules)} for pack in packs]
        click.echo(as_json({"packs": shown, "policies": policies, "problems": problems}))
        return int(bool(problems))
    if problems:
        click.echo("\n".join(map(clean, problems)))
        return 1
    headers = (t("Pack"), t("Rules"), t("Block"), t("What it is"))
    rows = [
        (pack.id, len(pack.rules), sum(r.level == "block" for r in pack.rules), pack.title)
        for pack in packs
    ]
    click.echo(lines_of(listing(headers, rows, (1, 2))))
    click.echo()
    click.echo(
        t(
            "{packs} packs with {rules} rules, {policies} policies: no problem",
            packs=len(packs),
            rules=sum(len(pack.rules) for pack in packs),
            policies=len(policies),
        )
    )
    return 0


command.add_command(check)
