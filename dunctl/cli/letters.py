"""``dunctl letters``."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from functools import partial
from math import ceil
from pathlib import Path

import click

from dunctl import dates, money
from dunctl.calling.journal import NOTHING, wakes
from dunctl.cli import outgoing
from dunctl.cli.outgoing import Written
from dunctl.cli.remembered import case_in, noted, steadily
from dunctl.cli.verb import Seat, complain, standing_of, verb, warn
from dunctl.errors import Problem, Refused, WrongUsage
from dunctl.letters import compose, remarks
from dunctl.letters.needs import NotYet
from dunctl.show.text import as_json, lines_of, table
from dunctl.steps.letter_due import comes_on, letter_due, waits_for_step
from dunctl.store import kept
from dunctl.store import letters as files
from dunctl.store import store as stores
from dunctl.store.cores import each
from dunctl.store.index import Note
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


class Shown(NamedTuple):
    """What is shown of a letter: its cells, the same for programs, and what to warn of."""

    cells: tuple[str, ...]
    data: dict[str, object]
    warnings: list[str]


class Cannot(NamedTuple):
    """Why a letter that is due cannot be written, the exit code for that, and what to warn of."""

    why: str
    code: int
    warnings: list[str]


class Batch(NamedTuple):
    """The letters that are due, those that can be kept, and the cases that wait for a step."""

    letters: list[Shown | Cannot]
    ready: list[Ready]
    waiting: list[str]
    problems: list[Problem]


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
    batch = steadily(lambda: _batch(seat, format_, full=yes))
    code = complain(batch.problems)
    letters = [one for one in batch.letters if isinstance(one, Shown)]
    refused = [one for one in batch.letters if isinstance(one, Cannot)]
    for warning in [words for one in batch.letters for words in one.warnings]:
        warn(warning)
    for one in refused:
        warn(one.why)
        code = max(code, one.code)
    _warn_of_steps(batch.waiting)
    if json_:
        click.echo(as_json([letter.data for letter in letters]))
    elif letters:
        headers = (t("Case"), t("Template"), t("Total"), t("By"), t("Channel"))
        click.echo(lines_of(table(headers, [letter.cells for letter in letters], right=(2,))))
    else:
        click.echo(t("no letter is due"))
    if yes and letters:
        folder = Path(out).absolute() if out else None
        code = max(code, _write(seat, batch.ready, folder, quiet=json_))
    elif letters and not json_:
        click.echo(t("to be written: {n} (dunctl letters --due --yes)", n=len(letters)))
    return code


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


def _batch(seat: Seat, format_: str | None, *, full: bool) -> Batch:
    """Write every letter that is due; ``full`` makes files too. Raises ``Moved``.

    The files are of this process; without them the letters are written on all cores.
    """
    known = noted(seat, "letter", int(seat.now.timestamp()), partial(note, seat))
    heads = known.heads
    due = [case_id for case_id, (template, _) in heads.items() if template]
    ready: list[Ready] = []

    def written(case_id: str) -> Shown | Cannot:
        read, warnings = known.read(case_id), list[str]()
        try:
            made = outgoing.written(
                *(seat, case_in(read), heads[case_id][0]),
                format_=format_,
                paper=format_ or ON_PAPER[0],
            )
            made, warnings = outgoing.judged(seat, made)
            warnings += remarks.warnings(made.at, made.template, made.sheet.form, seat.law())
            if full:
                ready.append(Ready(read, made, outgoing.content(seat, made)))
        except Refused as error:
            code = 0 if isinstance(error, NotYet) else 1
            return Cannot(_of_case(case_id, str(error)), code, _named(case_id, warnings))
        return Shown(_cells(seat, made), _data(made), _named(case_id, warnings))

    def some(ids: Sequence[str]) -> list[Shown | Cannot]:
        return [written(case_id) for case_id in ids]

    with click.progressbar(
        map(written, due) if full else each(some, due),
        length=len(due),
        label=t("Letters"),
        file=sys.stderr,
        hidden=not sys.stderr.isatty(),
    ) as bar:
        letters = list(bar)
    waiting = [case_id for case_id, (_, waits) in heads.items() if waits]
    return Batch(letters, ready, waiting, known.problems)


def _named(case_id: str, sentences: Sequence[str]) -> list[str]:
    return [_of_case(case_id, words) for words in sentences]


def _of_case(case_id: str, words: str) -> str:
    """Return words with the case that they are about, if they do not name it."""
    return words if re.search(rf"\b{re.escape(case_id)}\b", words) else f"{case_id}: {words}"


def note(seat: Seat, read: Read) -> Note:
    """Return by which template a case gets a letter, if any, and whether it waits for a step."""
    at = standing_of(seat, case_in(read))
    due = letter_due(at)
    head = [due.template if due else None, due is None and waits_for_step(at)]
    until = wakes(at, NOTHING._replace(until=comes_on(at)))
    return Note(ceil(at.now.timestamp()), until, head, ())


def _cells(seat: Seat, made: Written) -> tuple[str, ...]:
    figures = compose.figures(made.context)
    amount, deadline = figures.get("amount"), figures.get("deadline")
    currency = figures.get("currency") or made.at.case.head.currency
    total = money.show(amount, currency) if amount is not None else made.context["total"]
    return (
        made.at.case.id,
        f"{made.template.name} ({made.template.language})",
        str(total or ""),
        dates.say(deadline, today=seat.today) if deadline else "",
        made.sheet.form,
    )


def _data(made: Written) -> dict[str, object]:
    figures = compose.figures(made.context)
    amount, deadline = figures.get("amount"), figures.get("deadline")
    return {
        "case": made.at.case.id,
        "template": made.template.name,
        "language": made.template.language,
        "amount": None if amount is None else str(amount),
        "currency": figures.get("currency") or made.at.case.head.currency,
        "deadline": deadline.isoformat() if deadline else None,
        "channel": made.sheet.form,
        "format": made.format,
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
