"""``dunctl init``."""

from __future__ import annotations

from pathlib import Path

import click

from dunctl import money
from dunctl.case.schema import as_json_schema
from dunctl.cli.new import SCHEMA
from dunctl.cli.verb import only_read, warn
from dunctl.errors import Refused, WrongUsage
from dunctl.show.text import as_json
from dunctl.store import config, drivers, files, git
from dunctl.store import store as stores
from dunctl.words import t


@click.command("init")
@click.argument("directory", metavar="[DIR]", default=".")
@click.option("--name", help="Your firm's name, as letters print it.")
@click.option("--currency", default="USD", show_default=True, help="The currency you count in.")
@click.option("--country", metavar="XX", help="Where you are, as two letters.")
@click.option("--timezone", metavar="ZONE", help="The desk's time zone; this machine's by default.")
def command(
    directory: str, name: str | None, currency: str, country: str | None, timezone: str | None
) -> None:
    """Make a store: a folder for cases, under git.

    It gets dunctl.toml, cases/, letters/ and, where there is none, a git repository. What is there
    already is left alone; where git is not installed the store works without it.

    Example: dunctl init desk --name "Harbour Goods Ltd" --currency GBP --country GB
    """
    if (click.get_current_context().find_root().obj or {}).get("as_known_at") is not None:
        raise only_read("init")
    root = Path(directory)
    settings = root / config.NAME
    if settings.exists():
        raise Refused(t("{path} is there already: this is a store", path=settings))
    if not money.is_currency(currency.upper()):
        raise WrongUsage(
            t("--currency is an ISO 4217 code, such as EUR, not {code}", code=currency)
        )
    text = config.new(
        name or root.resolve().name,
        timezone or stores.local_zone(),
        currency.upper(),
        country and country.upper(),
    )
    config.read(text, "dunctl init")
    for folder in ("cases", "letters"):
        (root / folder).mkdir(parents=True, exist_ok=True)
        (root / folder / ".gitkeep").touch()
    written = [root / "cases" / ".gitkeep", root / "letters" / ".gitkeep", *_other_files(root)]
    unknown = ""
    try:
        if not git.is_repository(root.resolve()) or (root / ".git").is_dir():
            git.run(root, "init", "--quiet")
        drivers.register(root)
        written += drivers.assign(root)
        unknown = git.stand_in(root)
    except git.GitFailed as error:
        warn(str(error))
    files.replace(settings, None, text)
    stores.record(stores.open_store(root), [settings, *written], "a new store for dunctl")
    click.echo(t("{path}: a store; put your name and bank account into dunctl.toml", path=root))
    if unknown:
        warn(
            t(
                "git does not know who you are, so commits are by {name}: "
                'git config --global user.name "Your Name", and user.email likewise',
                name=unknown,
            )
        )


def _other_files(root: Path) -> list[Path]:
    """Write what is not there yet; returns what is ours, also if a killed init has left it."""
    wanted = {
        ".gitignore": ".dunctl/\n.*.tmp\n.merge_file_*\n",
        ".gitattributes": "\n".join(drivers.ATTRIBUTES) + "\n",
        SCHEMA: as_json(as_json_schema()) + "\n",
    }
    ours = []
    for name, text in wanted.items():
        path = root / name
        if not path.exists():
            files.replace(path, None, text)
        if path.read_bytes() == text.encode():
            ours.append(path)
    return ours
