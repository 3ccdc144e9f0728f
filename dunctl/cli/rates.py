"""``dunctl rates``."""

from __future__ import annotations

import re
from decimal import Decimal

import click

from dunctl.case.fields import closest
from dunctl.cli.verb import Seat, day, verb, warn
from dunctl.errors import Refused, WrongUsage
from dunctl.owed.rates import LEAST, MOST
from dunctl.show.rates import as_data, as_list, as_page
from dunctl.show.text import clean
from dunctl.store import law
from dunctl.words import t


@click.group("rates")
def command() -> None:
    """Keep the published rates from which interest is counted."""


@verb("show", reads=True)
@click.argument("series", required=False)
@click.option("--json", "json_", is_flag=True, help="As JSON, with all rates.")
def show(seat: Seat, series: str | None, json_: bool) -> int:
    """Show the last rate of each series, or all rates of SERIES, with their sources.

    Interest for days after "known until" is refused until a later rate is added.

    Example: dunctl rates show boe-bank-rate
    """
    known = law.law_of(seat.store).series
    if series is not None and series not in known:
        hint = closest(series, sorted(known))
        raise Refused(t("there is no rate series {name}", name=series) + hint)
    found = [known[series]] if series is not None else list(known.values())
    if json_:
        click.echo(as_data(found))
    else:
        click.echo(as_page(found[0]) if series is not None else as_list(found))
    problems = [what for one in found for what in one.problems]
    for problem in problems:
        warn(problem)
    return int(bool(problems))


@verb("add")
@click.argument("series")
@click.argument("date")
@click.argument("rate")
@click.option("--source", required=True, help="Where it is published, as one would cite it.")
@click.option("--until", metavar="DATE", help="The last day that the source speaks for.")
@click.option("--title", help="What it is, for a series that is not there yet.")
def add(
    seat: Seat,
    series: str,
    date: str,
    rate: str,
    source: str,
    until: str | None,
    title: str | None,
) -> None:
    """Add a RATE, in per cent a year, that stands from DATE on.

    Without --until it is known for that day only, a rate that changes by half-years until the end
    of its half-year. The same rate again says that it still stands. Add the rates in their order:
    between two of them the earlier one counts. They go into policies/rates/SERIES.toml.

    Example: dunctl rates add boe-bank-rate 2026-11-05 3.50 --until 2026-12-16 --source "BoE, 5 Nov"
    """
    if not source.strip():
        raise WrongUsage(t("--source must say where the rate is published"))
    message = law.add_rate(
        seat.store,
        series,
        day(seat, date, "DATE", "near"),
        _percent(rate),
        source.strip(),
        None if until is None else day(seat, until, "--until", "future"),
        title,
    )
    click.echo(clean(message))


def _percent(words: str) -> Decimal:
    number = words.strip().removesuffix("%").rstrip()
    if not re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{1,6})?", number):
        raise WrongUsage(t("RATE is per cent a year such as 3.75, not {words}", words=words))
    percent = Decimal(number)
    if not LEAST <= percent <= MOST:
        raise WrongUsage(
            t(
                "RATE must be from {least} to {most}, not {rate}",
                least=LEAST,
                most=MOST,
                rate=percent,
            )
        )
    return percent


add.context_settings["ignore_unknown_options"] = True  # a rate may be below zero
command.add_command(show)
command.add_command(add)
