"""``dunctl letter verify``."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import click

from dunctl import dates
from dunctl.case.handles import handles
from dunctl.case.lines import locate
from dunctl.case.records import Case, Letter
from dunctl.cli import outgoing
from dunctl.cli.verb import Seat, say, verb
from dunctl.errors import Refused
from dunctl.letters import compose, proof
from dunctl.show.text import as_json, clean, wrap
from dunctl.store import git, kept
from dunctl.store import store as stores
from dunctl.store.kept import Kept
from dunctl.store.law import law_of
from dunctl.store.store import Store
from dunctl.tuples import NamedTuple
from dunctl.words import t


class Findings(NamedTuple):
    """What there is to say of a letter: ``wrong`` are differences, ``notes`` are not."""

    kept: Kept | None
    wrong: list[str]
    notes: list[str]


@verb("verify")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option("--json", "json_", is_flag=True, help="As JSON.")
def command(seat: Seat, files: tuple[str, ...], json_: bool) -> int:
    """Prove kept letters: write each again from its case, and say what differs.

    By the entry of the letter everything is computed anew: from the files of the commit it was
    written from, where git has that, and from the case of today as of that day. The exit code is 1
    if a file, a figure or a word is not the same. A letter of a case that is called verify is
    written with dunctl letter -- verify.

    Example: dunctl letter verify letters/acme/2026-11-24-reminder-en.txt
    """
    found = {name: _examined(seat, Path(name)) for name in files}
    if json_:
        click.echo(as_json([_data(seat, name, one) for name, one in found.items()]))
    else:
        for name, one in found.items():
            _tell(seat, name, one)
    return 1 if any(one.wrong for one in found.values()) else 0


def _tell(seat: Seat, name: str, one: Findings) -> None:
    verdict = t("not proved") if one.wrong else t("proved")
    click.echo(clean(f"{name}: {verdict}"))
    about = []
    if one.kept and one.kept.read.case:
        words = say(seat, one.kept.read.case, one.kept.letter)
        day = dates.say(one.kept.letter.at.date(), today=seat.today)
        about = [f"{one.kept.read.id}, {day}: {words}"]
    for sentence in (*about, *one.wrong, *one.notes):
        for line in wrap(sentence, 4, "  "):
            click.echo(line)


def _data(seat: Seat, name: str, one: Findings) -> dict[str, Any]:
    case = one.kept.read.case if one.kept else None
    entry = one.kept.entry if one.kept else None
    return {
        "file": name,
        "proved": not one.wrong,
        "case": case.id if case else None,
        "letter": handles(case.data)[entry.kind, entry.nth] if case and entry else None,
        "known": one.kept.letter.known if one.kept else None,
        "differences": one.wrong,
        "notes": one.notes,
    }


def _examined(seat: Seat, file: Path) -> Findings:
    try:
        content = file.read_bytes()
    except OSError as error:
        sentence = t("it cannot be read: {why}", why=error.strerror or error)
        return Findings(None, [sentence], [])
    digest = hashlib.sha256(content).hexdigest()
    found, problems = kept.find(seat.store, file, digest)
    errors = [str(problem) for problem in problems]
    if found is None or found.read.case is None:
        return Findings(None, [*errors, t("this letter is not recorded")], [])
    result = Findings(found, errors, [])
    if found.void:
        result.wrong.append(t("its entry was taken back: it is void"))
    if found.letter.sha256 != digest:
        result.wrong.append(t("the file was changed after it was written (sha256)"))
    with ExitStack() as stack:
        store = _store_of_then(seat, found, result, stack)
        _prove(seat, store, result, found.read.case, content)
    return result._replace(wrong=list(dict.fromkeys(result.wrong)))


def _store_of_then(seat: Seat, found: Kept, result: Findings, stack: ExitStack) -> Store | None:
    """Return the store as the letter was written from it, where git has that."""
    commit, root = found.letter.known, seat.store.root
    if commit is None:
        return None
    if not git.is_repository(root) or git.commit_named(root, commit) is None:
        result.notes.append(
            t(
                "git does not have commit {commit} here: computed from the files of today",
                commit=commit[:7],
            )
        )
        return None
    try:
        return stack.enter_context(kept.as_written(seat.store, commit, found.read.id))
    except Refused as error:
        result.notes.append(
            t(
                "commit {commit} does not serve: {why}: computed from the files of today",
                commit=commit[:7],
                why=error,
            )
        )
        return None


def _prove(seat: Seat, then: Store | None, result: Findings, case: Case, content: bytes) -> None:
    """Write a letter again from what was known then, and from what is known now of then."""
    found = result.kept
    if found is None:
        raise AssertionError("there is nothing to prove")
    located = locate(found.read.text)
    own = stores.read(then, found.read.id).case if then else None
    if then is None or own is None:
        then, own = None, proof.before(case, found.entry, located)
    try:
        made = _again(then or seat.store, own, found.letter)
    except Refused as error:
        result.wrong.append(t("it cannot be written again: {why}", why=error))
        return
    _template(seat, made, result)
    figures = _figures(result, made, own, t("from the case"))
    _words(seat, then or seat.store, made, result, content)
    if then is None:
        return
    known = set(handles(own.data).values())
    today = proof.before(case, found.entry, located, known)
    shown = ("name", "number", "address", "email", "phone", "language", "timezone")
    facts = {key: getattr(own.debtor, key) for key in shown}
    today = today._replace(debtor=today.debtor._replace(**facts), people=own.people)
    before = len(result.wrong)
    try:
        anew = _again(then, today, found.letter)
    except Refused as error:
        result.wrong.append(t("from the case of today it cannot be written: {why}", why=error))
    else:
        of_today = t("from the case of today")
        _figures(result, anew, today, of_today, figures)
        rows = proof.rows(made.sheet), proof.rows(anew.sheet)
        _lines(result, *rows, t("in the letter"), of_today)
    if len(result.wrong) > before:
        since = proof.since(own, today, proof.day_of(found.letter), seat.today)
        result.notes.extend(since[: proof.MOST])
        if len(since) > proof.MOST:
            result.notes.append(t("and {n} more", n=len(since) - proof.MOST))


def _again(store: Store, case: Case, letter: Letter) -> outgoing.Written:
    """Write a letter as its entry says it was written."""
    now = letter.at.astimezone(store.config.zone)
    return outgoing.written(
        Seat(store, now, False, cache(lambda: law_of(store))),
        case,
        letter.template,
        lang=letter.language,
        format_=letter.format or ("sms" if letter.channel == "sms" else "text"),
        currency=letter.only,
    )


def _template(seat: Seat, made: outgoing.Written, result: Findings) -> None:
    """Say whether the template is still the one of then."""
    letter = result.kept.letter if result.kept else None
    if letter is None or letter.template_sha256 is None:
        return
    name = f"{made.template.name} ({made.template.language})"
    if made.template.sha256 != letter.template_sha256:
        result.wrong.append(t("the template {name} was changed since (sha256)", name=name))
        return
    try:
        now = outgoing.template_of(seat.store, made.template.language, made.template.name)
    except Refused:
        now = None
    if now is None or now.sha256 != letter.template_sha256:
        commit = (letter.known or "")[:7]
        result.notes.append(
            t(
                "the template {name} was changed since: used is the one of commit {commit}",
                name=name,
                commit=commit,
            )
        )


def _figures(
    result: Findings,
    made: outgoing.Written,
    case: Case,
    source: str,
    said: Sequence[proof.Difference] = (),
) -> list[proof.Difference]:
    """Name the figures of the entry that are not those of the letter written again."""
    if result.kept is None:
        return []
    letter = result.kept.letter
    found = proof.differences(letter, compose.figures(made.context), case.head.currency)
    if letter.as_of not in (None, made.at.today):
        found.append(proof.Difference(t("day"), str(letter.as_of), str(made.at.today)))
    result.wrong.extend(
        t(
            "{what}: {letter} in the letter, {case} {source}",
            what=one.what,
            letter=one.letter,
            case=one.case,
            source=source,
        )
        for one in found
        if one not in said
    )
    return found


def _words(
    seat: Seat, store: Store, made: outgoing.Written, result: Findings, content: bytes
) -> None:
    """Compare the kept file with the one that is written again: its words, then its bytes."""
    if result.kept is None:
        return
    letter = result.kept.letter
    untouched = letter.sha256 == hashlib.sha256(content).hexdigest()
    reworded = letter.text_sha256 not in (None, outgoing.text_sha256(made.sheet))
    other_program = letter.made_with not in (None, outgoing.made_with(made))
    try:
        again = outgoing.content(seat._replace(store=store, now=made.at.now), made)
    except Refused as error:
        result.notes.append(t("not compared byte by byte: {why}", why=error))
        again = None
    before = len(result.wrong)
    if again is not None and again != content:
        one, other = (proof.readable(data, made.format) for data in (content, again))
        if one is not None and other is not None:
            _lines(result, one, other, t("in the file"), t("from the case"))
    if reworded and len(result.wrong) == before:
        result.wrong.append(t("its words are not those that the case gives (text_sha256)"))
    elif untouched and again not in (None, content) and len(result.wrong) == before:
        sentence = t("its bytes are not those that the case gives, its words are")
        (result.notes if other_program else result.wrong).append(sentence)
    if other_program and (reworded or again not in (None, content)):
        result.notes.append(
            t(
                "it was written with {then}, and here is {now}",
                then=letter.made_with,
                now=outgoing.made_with(made),
            )
        )


def _lines(
    result: Findings, one: Sequence[str], other: Sequence[str], here: str, there: str
) -> None:
    """Name the lines in which two texts differ."""
    pairs = list(proof.other_lines(one, other))
    for mine, theirs in pairs[: proof.MOST]:
        result.wrong.append(f"{_quoted(mine)} {here}, {_quoted(theirs)} {there}")
    if len(pairs) > proof.MOST:
        result.wrong.append(t("and {n} more lines", n=len(pairs) - proof.MOST))


def _quoted(line: str) -> str:
    return f'"{proof.shortened(line)}"' if line.strip() else t("nothing")
