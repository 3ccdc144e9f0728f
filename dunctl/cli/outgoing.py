"""A letter from a case to the file that is kept: what ``letter`` and its like share."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from dunctl import __version__
from dunctl.case.edit import append, to_table
from dunctl.case.records import Case, Letter
from dunctl.cli.verb import Seat, say, standing_of, warn, zone
from dunctl.errors import Refused
from dunctl.letters import compose, guard, render
from dunctl.letters import words as wording
from dunctl.letters.sheet import Sheet, as_sms, as_text
from dunctl.letters.template import Template, choose_language, parse_template
from dunctl.letters.words import Words
from dunctl.owed.claims import owed
from dunctl.steps.guard_text import Facts, facts
from dunctl.steps.standing import Standing
from dunctl.store import kept, letters, templates
from dunctl.store import store as stores
from dunctl.store.kept import Knowledge
from dunctl.store.packs import packs_for
from dunctl.store.store import Read, Store, user
from dunctl.store.wording import lexicon
from dunctl.tuples import NamedTuple
from dunctl.words import t

SUFFIXES = {"text": "txt", "html": "html", "pdf": "pdf", "eml": "eml", "sms": "txt"}
"""The formats, and how their files end."""

_FORMS = {"sms": "sms", "eml": "email"}
_FORMATS = {"sms": "sms", "email": "eml"}


class Written(NamedTuple):
    """A letter that is written and not yet kept; ``only`` is the currency that it is limited to.

    ``note`` says who sends it in spite of its words, and why.
    """

    at: Standing
    template: Template
    format: str
    context: dict[str, Any]
    sheet: Sheet
    only: str | None = None
    note: str | None = None


def written(
    seat: Seat,
    case: Case,
    name: str | None,
    *,
    lang: str | None = None,
    format_: str | None = None,
    currency: str | None = None,
    paper: str = "text",
) -> Written:
    """Write a letter about a case: the named template, or the one that the stage suggests.

    Without ``format_`` it is the first of the channels of the stage that the template is made for
    and by which the debtor can be reached; a letter is in the format ``paper``. Raises ``Refused``
    where no letter may go out.
    """
    at = standing_of(seat, case)
    known = templates.languages(seat.store)
    language = choose_language(lang, case.debtor.language, seat.store.config.language, known)
    wanted = name or _suggested(at)
    if wanted is None:
        raise Refused(t("stage {stage} suggests no letter: name a template", stage=at.stage))
    template = template_of(seat.store, language, wanted)
    format_ = format_ or _format(at, template, paper)
    form = _form(template, format_)
    config = seat.store.config
    context = compose.context(
        at,
        seat.law(),
        config.creditor,
        template,
        words_of(seat.store, language),
        form,
        country=config.country,
        currency=currency,
    )
    sheet = render.make_sheet(template, words_of(seat.store, language), context)
    return Written(at, template, format_, context, sheet, currency)


def passed(seat: Seat, made: Written, why: str | None = None) -> Written:
    """Let a letter through the guard of words, and warn of what it only warns of.

    Raises ``Refused`` with each sentence that must not go out and the rule; ``why`` overrules what
    no pack of rules blocks, and is then in ``note``.
    """
    made, warnings = judged(seat, made, why)
    for one in warnings:
        warn(one)
    return made


def judged(seat: Seat, made: Written, why: str | None = None) -> tuple[Written, list[str]]:
    """Return a letter that ``passed``, and what to warn of."""
    known = sayable(seat, made.at, made.template.name)
    findings = guard.check_sheet(made.sheet, made.template, known, lexicon(seat.store.root))
    note = guard.refuse(findings, why, user(seat.store) if why else None)
    return made._replace(note=note), [str(one) for one in findings if one.level == "warn"]


def sayable(seat: Seat, at: Standing, template: str) -> Facts:
    """Return what a letter of a template may say about a case."""
    creditor = seat.store.config.creditor
    return facts(
        at,
        owed(at.case, at.today, seat.law(), at.money_day),
        packs_for(seat.store, at.case),
        ours=[str(creditor[key]) for key in ("name", "contact", "department") if creditor.get(key)],
        message=template in guard.MESSAGES,
    )


def _suggested(at: Standing) -> str | None:
    """Return the template that the stage suggests; what is late is no longer announced."""
    late = at.stage == "upcoming" and at.ledger.overdue()
    return at.policy.stages["courtesy" if late else at.stage].letter


def template_of(store: Store, language: str, name: str) -> Template:
    """Return a template of a language, the store's own before the shipped one."""
    return parse_template(*templates.read(store, language, name))


def words_of(store: Store, language: str) -> Words:
    """Return the words around letters in a language, the store's own over the shipped ones."""
    return _words(language, tuple(templates.words(store, language)))


@lru_cache(maxsize=16)
def _words(language: str, files: tuple[tuple[str, str], ...]) -> Words:
    return wording.read(language, files)


def _format(at: Standing, template: Template, paper: str) -> str:
    """Return what the stage suggests: its first channel that serves template and debtor."""
    reached = {"letter"}
    debtor, people = at.case.debtor, at.case.people
    reached |= {"email"} if debtor.email or any(one.email for one in people) else set()
    reached |= {"sms"} if debtor.phone or any(one.phone for one in people) else set()
    channels = (*at.policy.stages[at.stage].channels, template.channel, *template.forms)
    forms = [channel for channel in channels if channel in template.forms]
    form = next((form for form in forms if form in reached), forms[0])
    return _FORMATS.get(form, paper)


def _form(template: Template, format_: str) -> str:
    """Return the form that a format shows; refuses one that the template is not made for."""
    form = _FORMS.get(format_)
    if form is None:
        form = next((form for form in template.forms if form != "sms"), None)
    if form is None or form not in template.forms:
        raise Refused(
            t(
                "{template} is not made for {format}, only for {forms}",
                template=template.name,
                format=format_,
                forms=", ".join(template.forms),
            )
        )
    return form


def content(seat: Seat, made: Written) -> bytes:
    """Return a letter as the bytes of its format; refuses one that is not installed."""
    sheet = made.sheet
    if made.format == "text":
        return as_text(sheet).encode()
    if made.format == "sms":
        return (as_sms(sheet) + "\n").encode()
    if made.format == "pdf":
        return pdf_of(seat, made.sheet, made.at.today)
    if made.format == "eml":
        from dunctl.cli.sending import eml_of

        return eml_of(seat, made)
    from dunctl.letters.html import as_html

    return as_html(sheet).encode()


def pdf_of(seat: Seat, sheet: Sheet, day: date) -> bytes:
    """Return a letter as a PDF on our letterhead; refused without the extra."""
    from dunctl.letters import typst
    from dunctl.store import pdf

    creditor, root = seat.store.config.creditor, seat.store.root
    head = typst.letterhead(creditor, pdf.logo(root, creditor))
    return pdf.press(root, typst.PAGE, typst.values(sheet, day, head), day)


def file_of(seat: Seat, made: Written, data: bytes) -> Path:
    """Return where a letter is kept: its place under ``letters/``."""
    form = "-sms" if made.sheet.form == "sms" else ""
    stem = f"{made.at.today}-{made.template.name}-{made.template.language}{form}"
    return letters.place(seat.store, made.at.case.id, stem, SUFFIXES[made.format], data)


def keep(seat: Seat, found: Read, made: Written, data: bytes, out: str | None) -> Path:
    """Write the letter's file, then its entry, unless this very letter is there already.

    With ``out`` a copy goes there. Returns the file to look at: the copy, or else the kept one.
    """
    file = file_of(seat, made, data)
    letters.put(file, data)
    message = stores.change(
        seat.store,
        found.id,
        lambda now: recorded(seat, now, found, made, data, file),
        also=[file],
    )
    warn(t("kept as {file} ({what})", file=_shown(seat, file), what=message))
    if out is None:
        return file
    copy = Path(out).absolute()
    letters.put(copy, data)
    return copy


def recorded(
    seat: Seat,
    now: Read,
    found: Read,
    made: Written,
    data: bytes,
    file: Path,
    knowledge: Knowledge | None = None,
    by: str | None = None,
) -> tuple[str, str]:
    """Return the text of a case with the entry of its letter, and the message of the commit.

    Refuses a case that is not as it was ``found``; a letter that is there already adds nothing.
    ``knowledge`` is what git has and ``by`` who writes, for who asked for many letters already.
    """
    if now.case is None or now.text != found.text:
        raise Refused(t("{id} was changed meanwhile: try again", id=found.id))
    digest = hashlib.sha256(data).hexdigest()
    known = (knowledge or kept.knowledge(seat.store, found.id)).of(found.id)
    by = by or user(seat.store)
    record = _record(seat, now.case, made, _shown(seat, file), digest, known, by)
    again = any(
        e.kind == "letter" and getattr(e.record, "sha256", None) == digest for e in now.case.journal
    )
    new = now.text if again else append(now.text, [("letter", to_table(record))])
    return new, f"{now.id}: letter {say(seat, now.case, record)}"


def inside(seat: Seat, file: Path) -> bool:
    """Tell whether a file lies in the store, and so goes into its history."""
    return file.is_relative_to(seat.store.root)


def _shown(seat: Seat, file: Path) -> str:
    return file.relative_to(seat.store.root).as_posix()


def _record(
    seat: Seat, case: Case, made: Written, file: str, digest: str, known: str | None, by: str
) -> Letter:
    stamp = seat.now.astimezone(zone(seat, case)).replace(microsecond=0)
    words = text_sha256(made.sheet)
    letter = Letter(
        stamp,
        made.template.name,
        made.sheet.form,
        made.template.language,
        file=file,
        sha256=digest,
        by=by,
        only=made.only,
        as_of=made.at.today,
        format=made.format,
        text_sha256=words if words != digest else None,
        template_sha256=made.template.sha256,
        known=known,
        made_with=made_with(made),
        note=made.note,
    )
    return letter._replace(**compose.figures(made.context))


def text_sha256(sheet: Sheet) -> str:
    """Return the hash of a letter's words, whatever the format of its file."""
    return hashlib.sha256(as_text(sheet).encode()).hexdigest()


def made_with(made: Written) -> str:
    """Return the programs on which the bytes of a letter depend, with their versions."""
    import babel

    found = [f"dunctl {__version__}", f"Babel {babel.__version__}"]
    if made.format in ("pdf", "eml"):
        with suppress(ImportError):
            import typst

            found.append(f"typst {getattr(typst, '__version__', '?')}")
    return ", ".join(found)
