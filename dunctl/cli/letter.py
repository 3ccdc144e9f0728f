"""``dunctl letter``."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import click

from dunctl.case.edit import append, to_table
from dunctl.case.records import Case, Letter
from dunctl.cli.verb import Seat, case_of, say, standing_of, verb, warn, zone
from dunctl.errors import Refused
from dunctl.letters import compose, render
from dunctl.letters.template import Template, choose_language, parse_template
from dunctl.steps.standing import Standing
from dunctl.store import store as stores
from dunctl.store import templates
from dunctl.store.store import Read, user
from dunctl.words import t


@verb("letter")
@click.argument("case")
@click.argument("template", required=False)
@click.option("--lang", metavar="TAG", help="The language; the debtor's by default.")
@click.option("--out", metavar="FILE", help="Where to put it; letters/CASE/… by default.")
def command(seat: Seat, case: str, template: str | None, lang: str | None, out: str | None) -> int:
    """Write a letter and record it in the case.

    TEMPLATE is reminder or final-demand, or one of your own; by default the one that the stage
    suggests. The same letter on the same day is recorded once. Nothing is sent.

    Example: dunctl letter acme final-demand --lang zh
    """
    found = case_of(seat, case)
    if found.case is None or not found.sound:
        raise Refused("\n".join(map(str, found.problems)))
    at = standing_of(seat, found.case)
    written = _template(seat, at, template, lang)
    context = compose.context(at, seat.store.config.creditor, at.policy.letter, written, at.today)
    text = render.render(written, context)
    file = _file(seat, at, written, out)
    _keep(seat, found, written, compose.figures(context), text, file)
    click.echo(text, nl=False)
    for sentence in (*compose.warnings(at, written), *compose.missing(seat.store.config.creditor)):
        warn(sentence)
    return 0


def _template(seat: Seat, at: Standing, name: str | None, lang: str | None) -> Template:
    known = templates.languages(seat.store)
    language = choose_language(lang, at.case.debtor.language, seat.store.config.language, known)
    wanted = name or at.policy.stages[at.stage].letter
    if wanted is None:
        raise Refused(t("stage {stage} suggests no letter: name a template", stage=at.stage))
    return parse_template(*templates.read(seat.store, language, wanted))


def _file(seat: Seat, at: Standing, template: Template, out: str | None) -> Path:
    if out:
        return Path(out).absolute()
    name = f"{at.today}-{template.name}-{template.language}.txt"
    return seat.store.root / "letters" / at.case.id / name


def _keep(
    seat: Seat,
    found: Read,
    template: Template,
    figures: dict[str, Any],
    text: str,
    file: Path,
) -> None:
    """Write the letter's file, then its entry, unless this very letter is there already."""
    inside = file.is_relative_to(seat.store.root)
    shown = file.relative_to(seat.store.root).as_posix() if inside else file.name
    digest = hashlib.sha256(text.encode()).hexdigest()

    def edit(now: Read) -> tuple[str, str]:
        if now.case is None or now.text != found.text:
            raise Refused(t("{id} was changed meanwhile: try again", id=found.id))
        record = _record(seat, now.case, template, figures, shown, digest)
        again = any(
            e.kind == "letter" and getattr(e.record, "sha256", None) == digest
            for e in now.case.journal
        )
        new = now.text if again else append(now.text, [("letter", to_table(record))])
        return new, f"{now.id}: letter {say(seat, now.case, record)}"

    file.parent.mkdir(parents=True, exist_ok=True)
    stores.put(file, text)
    message = stores.change(seat.store, found.id, edit, also=[file] if inside else [])
    warn(t("kept as {file} ({what})", file=shown if inside else file, what=message))


def _record(
    seat: Seat,
    case: Case,
    template: Template,
    figures: dict[str, Any],
    file: str,
    digest: str,
) -> Letter:
    stamp = seat.now.astimezone(zone(seat, case)).replace(microsecond=0)
    letter = Letter(
        stamp,
        template.name,
        template.channel,
        template.language,
        file=file,
        sha256=digest,
        by=user(seat.store),
    )
    return letter._replace(**figures)
