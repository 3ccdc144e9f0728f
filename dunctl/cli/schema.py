"""``dunctl schema``."""

from __future__ import annotations

import click

from dunctl.case.schema import as_json_schema
from dunctl.show.text import as_json


@click.command("schema")
def command() -> None:
    """Print the JSON Schema of case files.

    Editors complete and check TOML with it.

    Example: dunctl schema > case.schema.json
    """
    click.echo(as_json(as_json_schema()))
