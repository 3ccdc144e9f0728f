"""``dunctl letters``."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from dunctl import dates, money
from dunctl.cli import outgoing
from dunctl.cli.outgoing import Written
from dunctl.cli.verb import Seat, complain, standing_of, verb, warn
from dunctl.errors import Refused, WrongUsage
from dunctl.letters import compose
from dunctl.letters.needs import NotYet
from dunctl.show.text import as_json, lines_of, table
from dunctl.steps.ladder import suggest
from dunctl.steps.letter_due import letter_due
from dunctl.steps.standing import Standing
from dunctl.store import kept
from dunctl.store import letters as files
from dunctl.store import store as stores
from dunctl.store.store import Read
from dunctl.tuples import NamedTuple
from dunctl.words import t

ON_PAPER = ("pdf", "html", "text")
MOST_NAMED = 5
PRINT = ".dunctl/print"
"""Where the file for the printer is: it can be made again from the letters."""


class Ready(NamedTuple):
    """A letter of the batch: the case as it was read, what is written, and its file's content."""

    found: Read
    made: Written
    content: bytes


@verb("letters")
@click.option("--due", is_flag=True, help="What the ladder calls for today.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(ON_PAPER),
    help="All of them on paper, in this format; by default as each stage suggests, paper as pdf.",
)
@click.option(
    "--out",
    metavar="DIR",
    help="Put copies there; the letters themselves are kept under letters/CASE/.",
)
@click.option("--yes", is_flag=True, help="Write and record them.")
@click.option("--json", "json_", is_flag=True, help="As JSON.")
def command(
    seat: Seat, due: bool, format_: str | None, out: str | None, yes: bool, json_: bool
) -> int:
    """Write the letters that are due today.

    A case gets the letter of its stage once, and before the due day one as each of the days of
    remind_ahead has come; never two at a time, however many days were missed. Nothing is written
    before --yes: then each letter has its file and its entry, in one commit, and all PDFs together
    are one more file, for the printer. Nothing is sent. Safe to run twice.

    Example: dunctl letters --due --yes
    """
    if not due:
        raise WrongUsage(t("say --due: the letters that are due today"))
    reads, odd = stores.read_all(seat.store)
    code = complain([*odd, *(p for r in reads for p in r.problems if p.level == "error")])
    ready, refused, waiting = _prepared(
        seat, [read for read in reads if read.sound], format_, full=yes
    )
    for error in refused:
        warn(str(error))
        code = max(code, 0 if isinstance(error, NotYet) else 1)
    _warn_of_steps(waiting)
    if json_:
        click.echo(as_json([_as_data(one) for one in ready]))
    elif ready:
        headers = (t("Case"), t("Template"), t("Total"), t("By"), t("Channel"))
        rows = [_row(seat, one) for one in ready]
        click.echo(lines_of(table(headers, rows, right=(2,))))
    else:
        click.echo(t("no letter is due"))
    if yes and ready:
        code = max(code, _write(seat, ready, Path(out).absolute() if out else None, quiet=json_))
    elif ready and not json_:
        click.echo(t("to be written: {n} (dunctl letters --due --yes)", n=len(ready)))
    return code


def _stepless(at: Standing) -> bool:
    """Return whether a case gets no letter because it is overdue and no step was taken yet."""
    found = suggest(at)
    late = at.stage == "upcoming" and bool(at.ledger.overdue())
    return late and found.to is not None and not found.frozen


def _warn_of_steps(waiting: Sequence[str]) -> None:
    if waiting:
        warn(
            t(
                "overdue, and without a letter until a step is taken: {n} ({cases}); "
                "for each: dunctl escalate CASE",
                n=len(waiting),
                cases=", ".join(waiting[:MOST_NAMED]) + (", …" * (len(waiting) > MOST_NAMED)),
            )
        )


def _prepared(
    seat: Seat, reads: Sequence[Read], format_: str | None, *, full: bool
) -> tuple[list[Ready], list[Refused], list[str]]:
    """Write every letter that is due, and return why others cannot be; ``full`` makes files.

    The third part names the cases that wait for their first step.
    """
    ready: list[Ready] = []
    waiting: list[str] = []
    refused: list[Refused] = []
    with click.progressbar(
        reads, label=t("Letters"), file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as bar:
        for read in bar:
            try:
                ready += _letter(seat, read, format_, waiting, full=full)
            except Refused as error:
                named = re.search(rf"\b{re.escape(read.id)}\b", str(error))
                refused.append(error if named else Refused(f"{read.id}: {error}"))
    return ready, refused, waiting


def _letter(
    seat: Seat, read: Read, format_: str | None, waiting: list[str], *, full: bool
) -> Iterator[Ready]:
    if read.case is None:
        return
    at = standing_of(seat, read.case)
    due = letter_due(at)
    if due is None:
        if _stepless(at):
            waiting.append(read.id)
        return
    made = outgoing.written(
        seat, read.case, due.template, format_=format_, paper=format_ or ON_PAPER[0]
    )
    made = outgoing.passed(seat, made)
    yield Ready(read, made, outgoing.content(seat, made) if full else b"")


def _row(seat: Seat, one: Ready) -> tuple[str, ...]:
    figures = compose.figures(one.made.context)
    amount, deadline = figures.get("amount"), figures.get("deadline")
    currency = figures.get("currency") or one.made.at.case.head.currency
    total = money.show(amount, currency) if amount is not None else one.made.context["total"]
    return (
        one.found.id,
        f"{one.made.template.name} ({one.made.template.language})",
        str(total or ""),
        dates.say(deadline, today=seat.today) if deadline else "",
        one.made.sheet.form,
    )


def _as_data(one: Ready) -> dict[str, object]:
    figures = compose.figures(one.made.context)
    amount, deadline = figures.get("amount"), figures.get("deadline")
    return {
        "case": one.found.id,
        "template": one.made.template.name,
        "language": one.made.template.language,
        "amount": None if amount is None else str(amount),
        "currency": figures.get("currency") or one.made.at.case.head.currency,
        "deadline": deadline.isoformat() if deadline else None,
        "channel": one.made.sheet.form,
        "format": one.made.format,
    }


def _write(seat: Seat, ready: Sequence[Ready], folder: Path | None, *, quiet: bool) -> int:
    """Write each letter's file and entry, all in one commit, and the PDFs once more as one file."""
    by_case = {one.found.id: one for one in ready}
    knowledge, by = kept.knowledge(seat.store), stores.user(seat.store)
    written: list[Path] = []
    done: list[Ready] = []

    def edit(now: Read) -> tuple[str, str]:
        one = by_case[now.id]
        file = outgoing.file_of(seat, one.made, one.content)
        text, message = outgoing.recorded(
            seat, now, one.found, one.made, one.content, file, knowledge, by
        )
        files.put(file, one.content)
        written.append(file)
        done.append(one)
        return text, message

    from dunctl.store.pdf import join

    code = stores.change_all(
        seat.store,
        by_case,
        edit,
        lambda lines: f"letters written: {len(lines)}\n\n" + "\n".join(lines),
        also=written,
    )
    said = [t("written and recorded: {n}", n=len(done))]
    if folder:
        for file, one in zip(written, done, strict=True):
            files.put(folder / f"{one.found.id}-{file.name}", one.content)
    paper = [one.content for one in done if one.made.format == "pdf"]
    if paper:
        name = f"{seat.today}-all.pdf"
        file = (folder or seat.store.root / PRINT) / name
        files.put(file, join(paper))
        shown = file.relative_to(seat.store.root) if outgoing.inside(seat, file) else file
        said.append(t("all on paper in one file, for the printer: {file}", file=shown))
    if not quiet:
        click.echo(lines_of(said))
    return code
