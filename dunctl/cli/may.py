"""``dunctl may``."""

from __future__ import annotations

from datetime import datetime

import click

from dunctl.calling.people import callee
from dunctl.case.fields import closest
from dunctl.case.records import Case, Person
from dunctl.case.vocabulary import CHANNELS
from dunctl.cli.verb import Seat, case_of, complain, moment, packs_of, standing_of, verb, warn, zone
from dunctl.errors import Refused, WrongUsage
from dunctl.show import verdict as shown
from dunctl.show.text import as_json, lines_of
from dunctl.steps.guard import Asked, verdict
from dunctl.steps.packs_kinds import PURPOSES
from dunctl.store.files import folded
from dunctl.words import t


@verb("may", reads=True)
@click.argument("case")
@click.option("--person", metavar="NAME", help="Whom; by default who is asked for first.")
@click.option("--channel", type=click.Choice(CHANNELS), default="phone", show_default=True)
@click.option("--at", metavar="WHEN", help="When, on the debtor's clock; now by default.")
@click.option("--purpose", type=click.Choice(PURPOSES), default="collect", show_default=True)
@click.option("--json", "json_", is_flag=True, help="As JSON.")
def command(
    seat: Seat,
    case: str,
    person: str | None,
    channel: str,
    at: str | None,
    purpose: str,
    json_: bool,
) -> int:
    """Say whether somebody may be contacted, and if not, why and from when.

    Names each rule that stands against it, with its source and the line of the case that it goes
    by. Exit 0 if nothing does, 1 if a rule warns or blocks. The rules are in docs/rules.md.

    Example: dunctl may acme --at "fri 18:30"
    """
    found = case_of(seat, case)
    code = complain(p for p in found.problems if p.level == "error")
    known = found.case
    if known is None:
        raise AssertionError("case_of refuses a file that is no case")
    when = _when(seat, known, at)
    asked = Asked(_person(known, person) if person else callee(known).person, channel, purpose)
    standing = standing_of(seat._replace(now=min(when, seat.now)), known)
    packs = packs_of(seat, known)
    answer = verdict(standing, packs, asked, when)
    source = found.path, found.text
    if json_:
        click.echo(as_json(shown.data(standing, answer, asked, when, source)))
    else:
        page = shown.page(standing, answer, asked, when, seat.now, packs, source)
        click.echo(lines_of(page))
    if purpose == "collect" and not standing.asked:
        warn(t("there is nothing to ask for: nothing undisputed is overdue"))
    return code or int(answer.verdict != "allow")


def _when(seat: Seat, case: Case, words: str | None) -> datetime:
    if words is None:
        return seat.now
    meant = moment(seat, words, "--at", "future", zone(seat, case))
    if not isinstance(meant, datetime):
        raise WrongUsage(t("--at needs a clock time, such as {words} 10:00", words=words))
    return meant


def _person(case: Case, words: str) -> Person:
    """Return the person of a name, or of a part of it."""
    for fits in (
        [p for p in case.people if p.name == words],
        [p for p in case.people if folded(words) in folded(p.name)],
    ):
        if len(fits) == 1:
            return fits[0]
    names = [person.name for person in case.people]
    raise Refused(
        t(
            "{id} has no person {name}, but {names}",
            id=case.id,
            name=words,
            names=", ".join(names) or t("nobody"),
        )
        + closest(words, names)
    )
