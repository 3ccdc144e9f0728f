"""``dunctl letter``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from dunctl.cli.outgoing import SUFFIXES, content, keep, passed, written
from dunctl.cli.verb import Seat, case_of, verb, warn
from dunctl.errors import Refused, WrongUsage
from dunctl.letters import remarks, sms
from dunctl.letters.sheet import Sheet, as_sms, as_text
from dunctl.words import t


class _Letter(click.Command):
    """``letter``, of which ``letter verify`` is a command of its own."""

    @property
    def below(self) -> Mapping[str, click.Command]:
        """Return the commands that begin with its name."""
        from dunctl.cli import letter_verify

        return {"verify": letter_verify.command}

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Parse the words of the command that is meant."""
        if args[:1] != ["verify"]:
            return super().make_context(info_name, args, parent, **extra)
        verify = self.below["verify"]
        return verify.make_context(f"{info_name} verify", args[1:], parent, **extra)


@verb("letter", cls=_Letter)
@click.argument("case")
@click.argument("template", required=False)
@click.option(
    "--format",
    "format_",
    type=click.Choice(tuple(SUFFIXES)),
    help="What to make of it; by default what the stage suggests.",
)
@click.option("--lang", metavar="TAG", help="The language; the debtor's by default.")
@click.option("--currency", metavar="CUR", help="Only claims in this currency.")
@click.option(
    "--out", metavar="FILE", help="Put a copy there; the letter itself is kept under letters/CASE/."
)
@click.option("--open", "open_", is_flag=True, help="Open the file with its program.")
@click.option("--override", is_flag=True, help="Write it in spite of its words; you answer for it.")
@click.option("--why", metavar="TEXT", help="Why, for the record; with --override.")
def command(
    seat: Seat,
    case: str,
    template: str | None,
    format_: str | None,
    lang: str | None,
    currency: str | None,
    out: str | None,
    open_: bool,
    override: bool,
    why: str | None,
) -> int:
    """Write a letter, an e-mail or a text message, and record it in the case.

    TEMPLATE is one of dunctl templates list; by default the one that the stage suggests, as a text
    message, an e-mail or a letter in the order of the stage's channels. The text is printed, the
    file in its format kept. The same letter on the same day is recorded once. Nothing is sent.
    A letter is refused whose words threaten, name a step that is not decided, or claim what has no
    clause; --override --why TEXT records who sends it all the same, unless a rule pack blocks it.
    dunctl letter verify FILE... proves kept letters.

    Example: dunctl letter acme final-demand --format pdf --lang zh
    """
    found = case_of(seat, case)
    if found.case is None or not found.sound:
        raise Refused("\n".join(map(str, found.problems)))
    if override != bool((why or "").strip()):
        raise WrongUsage(t("--override and --why TEXT go together"))
    own = currency.upper() if currency else None
    made = written(seat, found.case, template, lang=lang, format_=format_, currency=own)
    made = passed(seat, made, why)
    data = content(seat, made)
    file = keep(seat, found, made, data, out)
    click.echo(as_text(made.sheet), nl=False)
    creditor = seat.store.config.creditor
    for sentence in (
        *remarks.warnings(made.at, made.template, made.sheet.form, seat.law()),
        *remarks.missing(creditor),
        *_length(made.sheet),
    ):
        warn(sentence)
    if open_:
        click.launch(str(file))
    return 0


def _length(sheet: Sheet) -> list[str]:
    """Say in how many parts a text message goes, and that it is too long (practice J20)."""
    if sheet.form != "sms":
        return []
    counted = sms.parts(as_sms(sheet))
    said = t(
        "{n} characters ({code}): {parts} part(s)",
        n=counted.length,
        code=counted.code,
        parts=counted.number,
    )
    if counted.number > sms.MOST:
        said += "; " + t("a text message should have {n} at most", n=sms.MOST)
    return [said]
