"""``dunctl new``."""

from __future__ import annotations

from typing import Any

import click

from dunctl import dates, money
from dunctl.case import edit
from dunctl.case.fields import COUNTRY
from dunctl.case.parse import parse
from dunctl.case.records import Debtor, Head, Terms
from dunctl.cli.verb import Seat, person, verb, warn
from dunctl.errors import Refused, WrongUsage
from dunctl.intake.places import zones
from dunctl.show.text import clean
from dunctl.store import files
from dunctl.store import store as stores
from dunctl.store.parameters import countries
from dunctl.words import t

SCHEMA = "case.schema.json"
KINDS = ("company", "sole_trader", "consumer", "public")


@verb("new")
@click.argument("case_id", metavar="ID")
@click.option("--name", help="The debtor's name, as letters address it; the id by default.")
@click.option("--kind", type=click.Choice(KINDS), default="company", show_default=True)
@click.option("--size", type=click.Choice(("small", "large")), help="Whom to ask for first.")
@click.option("--country", metavar="XX", help="Two letters, such as CN; default in dunctl.toml.")
@click.option("--currency", metavar="CUR", help="Of the debt; default in dunctl.toml.")
@click.option("--timezone", metavar="ZONE", help="The debtor's; the country's by default.")
@click.option("--language", metavar="TAG", help="Of letters; the country's by default.")
@click.option("--person", "people", metavar='"NAME;ROLE;PHONE"', multiple=True)
@click.option("--number", help="Your customer number.")
@click.option("--policy", help="A ladder of your own; default in dunctl.toml.")
def command(
    seat: Seat,
    case_id: str,
    name: str | None,
    kind: str,
    size: str | None,
    country: str | None,
    currency: str | None,
    timezone: str | None,
    language: str | None,
    people: tuple[str, ...],
    number: str | None,
    policy: str | None,
) -> None:
    """Open a case for a debtor: a file cases/ID.toml with the facts.

    Where a country has several time zones, give --timezone; without one nobody can be called.

    Example: dunctl new acme --name "Acme Ltd" --country GB --person "Jane Roe;owner;020 7946 0001"
    """
    config = seat.store.config
    country = (country or config.country or "").upper() or None
    known = _country(country)
    desk = () if country else (config.zone_name,)
    clocks = (timezone,) if timezone else zones(known, seat.now) or desk
    code = (currency or config.currency).upper()
    if not money.is_currency(code):
        near = money.closest(code)
        raise WrongUsage(
            t("{code} is no currency", code=code) + (f" (did you mean {near}?)" if near else "")
        )
    if timezone:
        try:
            dates.zone(timezone)
        except ValueError as error:
            raise WrongUsage(f"--timezone: {error}") from error
    debtor = Debtor(
        name or case_id,
        kind,
        number,
        size,
        country,
        timezone=clocks,
        language=language or known.get("language") or config.language,
    )
    head = edit.to_table(Head(1, code, policy))
    tables = [("debtor", {"name": debtor.name, "kind": kind, **edit.to_table(debtor)})]
    tables.append(("terms", edit.to_table(Terms(days=config.days))))
    tables += [("person", edit.to_table(person(words))) for words in people]
    text = edit.new_case(head, tables, schema_line(seat))
    safe = files.safe_id(case_id)
    _, problems = parse(text, safe, f"cases/{safe}.toml")
    if problems:
        raise Refused("; ".join(problem.message for problem in problems))
    if policy:
        stores.policy(seat.store, policy)
    message = f"{safe}: a case for {clean(debtor.name)}"
    stores.create(seat.store, [(safe, text)], message)
    click.echo(message)
    if not clocks:
        warn(
            t(
                "{id} has no time zone and cannot be called: "
                "dunctl set {id} debtor.timezone ZONE ({zones}, …)",
                id=safe,
                zones=", ".join(known.get("timezones", [])[:6]),
            )
        )


def _country(code: str | None) -> dict[str, Any]:
    if code is None:
        return {}
    try:
        COUNTRY.read(code)
    except ValueError as error:
        raise WrongUsage(f"--country {error}") from error
    return dict(countries().get(code, {}))


def schema_line(seat: Seat) -> str:
    """Return where editors find the schema of case files: the copy that ``init`` wrote."""
    docs = seat.store.root / "docs" / SCHEMA
    return f"../docs/{SCHEMA}" if docs.is_file() else f"../{SCHEMA}"
