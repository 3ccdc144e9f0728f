"""``dunctl templates``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from functools import cache

import click

from dunctl.cli.outgoing import words_of
from dunctl.cli.verb import Seat, standing_of, verb
from dunctl.errors import Refused
from dunctl.letters import check as checking
from dunctl.letters import compose, guard, render
from dunctl.letters.fields import BLOCKS, FIELDS
from dunctl.letters.template import Template, choose_language, parse_template
from dunctl.letters.words import Words
from dunctl.show.text import as_json, clean, escaped, lines_of, listing
from dunctl.steps.standing import Standing
from dunctl.store import store as stores
from dunctl.store import templates
from dunctl.store.wording import lexicon
from dunctl.words import t


@click.group("templates")
def command() -> None:
    """Look at the templates of letters, and prove them.

    A file templates/LANGUAGE/NAME.md in the store takes the place of the shipped one of that name;
    templates/LANGUAGE/words.toml lays its words over the shipped ones.
    """


@verb("list", reads=True)
@click.option("--lang", metavar="TAG", help="Only this language.")
@click.option("--json", "json_", is_flag=True, help="As JSON.")
def list_(seat: Seat, lang: str | None, json_: bool) -> int:
    """List the templates: for which stages, in which forms, what each needs.

    Example: dunctl templates list --lang en
    """
    rows = []
    problems = []
    for language in _languages(seat, lang):
        for name in templates.names(seat.store, language):
            try:
                template = parse_template(*templates.read(seat.store, language, name))
            except Refused as error:
                problems.append(str(error))
                continue
            rows.append((template, templates.own(seat.store, language, name)))
    if json_:
        data = [
            {
                "name": template.name,
                "language": template.language,
                "stages": template.stages,
                "forms": template.forms,
                "needs": template.needs,
                "deadline": template.deadline,
                "tone": template.tone,
                "own": own,
            }
            for template, own in rows
        ]
        click.echo(as_json({"templates": data, "problems": problems}))
    else:
        headers = (t("Template"), "", t("Forms"), t("Stages"), t("Needs"))
        cells = [
            (
                template.name,
                template.language + (" *" if own else ""),
                ", ".join(template.forms),
                ", ".join(template.stages) or t("any"),
                ", ".join(template.needs) or "-",
            )
            for template, own in rows
        ]
        click.echo(lines_of(listing(headers, cells, ())))
        if any(own for _, own in rows):
            click.echo("\n" + t("* of this store"))
    return _named(problems)


@verb("show", reads=True)
@click.argument("name")
@click.option("--lang", metavar="TAG", help="The language; that of dunctl.toml by default.")
def show(seat: Seat, name: str, lang: str | None) -> int:
    """Print a template as it is: save it under templates/ to make it your own.

    Example: dunctl templates show reminder > templates/en/reminder.md
    """
    known = templates.languages(seat.store)
    language = choose_language(lang, None, seat.store.config.language, known)
    text = templates.to_copy(seat.store, language, name)
    click.echo(escaped(text) if sys.stdout.isatty() else text, nl=False)
    return 0


@verb("check")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--lang", metavar="TAG", help="Only this language.")
def check(seat: Seat, names: tuple[str, ...], lang: str | None) -> int:
    """Prove templates and words: front matter, fields, words, and a try with every fitting case.

    Names everything wrong with its file and line; exit 1 if there is any. What must not be said to
    anybody is named with its sentence, the rule and the remedy.

    Example: dunctl templates check reminder
    """
    proven = _Proof(seat)
    for language in _languages(seat, lang):
        chosen = templates.names(seat.store, language)
        chosen = [n for n in chosen if not names or any(n.startswith(word) for word in names)]
        proven.add(language, chosen)
    if proven.problems:
        return _named(proven.problems)
    if not proven.count:
        raise Refused(t("there is no template {name}", name=", ".join(names) or "-"))
    click.echo(
        t(
            "{n} templates, tried {letters} times with {cases} cases: no problem",
            n=proven.count,
            letters=proven.tried,
            cases=len(proven.cases()),
        )
    )
    return 0


class _Proof:
    """Templates as they are proved: what is wrong, and how often each was tried."""

    def __init__(self, seat: Seat) -> None:
        self.seat = seat
        self.problems: list[str] = []
        self.count = 0
        self.tried = 0
        self.cases = cache(lambda: list(_standings(seat)))

    def add(self, language: str, names: Iterable[str]) -> None:
        try:
            words = words_of(self.seat.store, language)
        except Refused as error:
            self.problems.append(str(error))
            return
        for name in names:
            self.count += 1
            try:
                template = parse_template(*templates.read(self.seat.store, language, name))
            except Refused as error:
                self.problems.append(str(error))
                continue
            found = checking.problems(template, self.seat.store.config.creditor)
            found += map(str, guard.check_template(template, lexicon(self.seat.store.root)))
            self.problems += found or self._try(template, words)

    def _try(self, template: Template, words: Words) -> list[str]:
        """Fill a template in for every case that it fits; each complaint once, with its case."""
        found: dict[str, str] = {}
        config = self.seat.store.config
        for at in self.cases():
            for form in template.forms:
                try:
                    context = compose.context(
                        at,
                        self.seat.law(),
                        config.creditor,
                        template,
                        words,
                        form,
                        country=config.country,
                    )
                except Refused:
                    continue  # this case is not one for this template
                self.tried += 1
                try:
                    render.make_sheet(template, words, context)
                except Refused as error:
                    found.setdefault(str(error), at.case.id)
        return [f"{sentence} ({case_id})" for sentence, case_id in found.items()]


def _standings(seat: Seat) -> Iterator[Standing]:
    for case in stores.sound(stores.read_all(seat.store)[0]):
        yield standing_of(seat, case)


def _languages(seat: Seat, lang: str | None) -> list[str]:
    known = templates.languages(seat.store)
    return [choose_language(lang, None, "en", known)] if lang else known


def _named(problems: Iterable[str]) -> int:
    found = list(problems)
    for problem in found:
        click.echo(clean(problem))
    return 1 if found else 0


@verb("fields", reads=True)
@click.option("--json", "json_", is_flag=True, help="As JSON.")
def fields(seat: Seat, json_: bool) -> int:
    """List what a template may print, and what each value is.

    Tables of a letter, such as claims, stand alone on their line; all others are text. Of a list,
    written with [], each is reached by a loop.

    Example: dunctl templates fields
    """
    if json_:
        click.echo(as_json({"fields": FIELDS, "tables": BLOCKS}))
        return 0
    click.echo(lines_of(listing((t("Value"), t("What it is")), list(FIELDS.items()), ())))
    click.echo()
    click.echo(lines_of(listing((t("Table"), t("What it is")), list(BLOCKS.items()), ())))
    return 0


for _verb in (list_, show, check, fields):
    command.add_command(_verb)
