"""``dunctl import``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

import click

from dunctl.case import edit
from dunctl.cli.new import schema_line
from dunctl.cli.verb import Seat, complain, verb, warn
from dunctl.errors import Refused
from dunctl.intake import invoices as intake
from dunctl.intake.places import Places
from dunctl.intake.table import read_table
from dunctl.show import intake as shown
from dunctl.show.text import clean, lines_of
from dunctl.store import store as stores
from dunctl.store.parameters import countries, states
from dunctl.store.store import Read, user
from dunctl.words import counted, t

MOST_BYTES = 20_000_000
"""Some 400,000 invoices."""
MOST_NOTICES = 20
"""So many are shown; what is refused is named row by row."""
MOST_NAMED = 5


@click.group("import")
def command() -> None:
    """Take over data from other programs."""


@verb("invoices")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("--currency", metavar="CUR", help="Of every amount; default in dunctl.toml.")
@click.option("--date-order", type=click.Choice(("dmy", "mdy", "ymd")), help="If it is ambiguous.")
@click.option("--decimal", type=click.Choice(("comma", "dot")), help="If it is ambiguous.")
@click.option("--yes", is_flag=True, help="Do it; without it only shows what would be done.")
def invoices(
    seat: Seat,
    file: str,
    currency: str | None,
    date_order: Literal["dmy", "mdy", "ymd"] | None,
    decimal: Literal["comma", "dot"] | None,
    yes: bool,
) -> int:
    """Import a CSV of receivables: one case a customer, nothing twice.

    Header, delimiter, encoding, order of dates and decimal mark are found from the whole file; what
    is ambiguous is asked for. A day of settlement becomes the payment. Rows that cannot be are
    named with their line, and the totals tie. Where a customer is, columns of country and state
    say; without them, and if it owes in our currency, it is where we are. No time zone is guessed.

    Example: dunctl import invoices receivables.csv --currency USD --yes
    """
    table = read_table(_bytes(file))
    config = seat.store.config
    places = Places(countries(), states(), config.country, config.zone_name, config.currency)

    def plan(reads: list[Read]) -> intake.Plan:
        broken = [str(p) for read in reads for p in read.problems if p.level == "error"]
        if broken:
            raise Refused(
                t("mend these files first, or their invoices might be added twice:")
                + "\n"
                + "\n".join(broken)
            )
        return intake.plan(
            table,
            [read.case for read in reads if read.case is not None],
            now=seat.now.replace(microsecond=0),
            currency=(currency or config.currency).upper(),
            date_order=date_order,
            decimal=decimal,
            by=user(seat.store),
            path=file,
            law=seat.law(),
            places=places,
        )

    preview = plan(stores.read_all(seat.store)[0])
    click.echo(lines_of(shown.page(preview)))
    complain(preview.notices[:MOST_NOTICES])
    if len(preview.notices) > MOST_NOTICES:
        click.echo(t("… and {n} more like these", n=len(preview.notices) - MOST_NOTICES), err=True)
    code = complain(preview.refused)
    if not preview.cases:
        click.echo(t("nothing to add"))
        return code
    if not yes and not (sys.stdin.isatty() and click.confirm(t("Do it?"))):
        click.echo(t("nothing was written; --yes does it"))
        return code

    def make(reads: list[Read]) -> list[tuple[str, str | None, str]]:
        texts = {read.id: read.text for read in reads}
        return [
            (
                case.case_id,
                None if case.new else texts[case.case_id],
                edit.append(
                    edit.new_case(case.head, case.facts, schema_line(seat))
                    if case.new
                    else texts[case.case_id],
                    case.entries,
                ),
            )
            for case in plan(reads).cases
        ]

    name = clean(Path(file).name)
    invoices = counted(preview.new, "{n:,} invoice", "{n:,} invoices")
    cases = counted(len(preview.cases), "{n:,} case", "{n:,} cases")
    message = f"import of {name}: {invoices}, {cases}"
    stores.rewrite(seat.store, make, message)
    click.echo(message)
    _warn_of_clocks(preview)
    return code


command.add_command(invoices)


def _bytes(file: str) -> bytes:
    with open(file, "rb") as stream:
        data = stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        most = MOST_BYTES // 1_000_000
        raise Refused(t("{path} is larger than {n} MB: import it in parts", path=file, n=most))
    return data


def _warn_of_clocks(plan: intake.Plan) -> None:
    """Say once which new cases have no time zone, and what to type."""
    without = [c.case_id for c in plan.cases if c.new and "timezone" not in dict(c.facts)["debtor"]]
    if without:
        more = "" if len(without) <= MOST_NAMED else ", …"
        warn(
            t(
                "new cases without a time zone, which cannot be called: {n} ({cases}); for each: "
                "dunctl set ID debtor.country XX, or debtor.timezone ZONE where it keeps several",
                n=len(without),
                cases=", ".join(without[:MOST_NAMED]) + more,
            )
        )
