"""What ``send`` and ``sent`` share: which letter, to whom, and what the case says of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from dunctl.case.handles import handles
from dunctl.case.records import Case, Letter, Person, Record, Sending, pairs
from dunctl.case.sendings import sendings
from dunctl.cli.outgoing import Written, pdf_of, words_of
from dunctl.cli.verb import Seat, case_of, warn, write, zone
from dunctl.cli.void import named
from dunctl.errors import Refused
from dunctl.letters import mail, render
from dunctl.letters.mail import Mailbox
from dunctl.store.store import Read, user
from dunctl.tuples import NamedTuple
from dunctl.words import t

WRITTEN = ("email", "sms")
"""Channels of letters that can be sent from here."""

_NUMBER = re.compile(r"\+?[0-9]{5,17}")


class Posted(NamedTuple):
    """A letter of a case: its entry, its handle, and what is recorded of its sending."""

    case: Case
    nth: int
    letter: Letter
    handle: str
    tried: tuple[Sending, ...]

    @property
    def sent(self) -> Sending | None:
        """Return the entry that says that it went out."""
        return next((one for one in self.tried if one.state == "sent"), None)


def sound_read(seat: Seat, words: str) -> tuple[Read, Case]:
    """Return a case to act upon; one with an error is refused with its problems."""
    found = case_of(seat, words)
    if found.case is None or not found.sound:
        raise Refused("\n".join(map(str, found.problems)))
    return found, found.case


def letters_of(case: Case) -> list[Posted]:
    """Return the letters of a case that count, the last one last."""
    names, tried = handles(case.data), sendings(case)
    found = [
        Posted(case, e.nth, letter, names[e.kind, e.nth], tuple(tried.get(e.nth, ())))
        for e, letter in pairs(case, Letter)
    ]
    return sorted(found, key=lambda one: (one.letter.at, one.nth))


def letter_of(case: Case, words: str | None, channels: Iterable[str] | None = None) -> Posted:
    """Return the letter of a handle or a file, else the last of ``channels`` that is not sent.

    Raises ``Refused`` where there is none.
    """
    known = letters_of(case)
    if words is None:
        left = [one for one in known if not one.sent]
        fits = [one for one in left if channels is None or one.letter.channel in channels]
        if fits:
            return fits[-1]
        if left:
            raise Refused(
                t(
                    "what {id} has not sent is on paper: dunctl letter {id} --format eml makes an "
                    "e-mail, dunctl sent {id} says that it was posted",
                    id=case.id,
                )
            )
        raise Refused(t("{id} has no letter that is not sent: dunctl letter {id}", id=case.id))
    if not re.search(r"[./]", words):
        entry = named(case, words, case.id)
        found = [one for one in known if (entry.kind, entry.nth) == ("letter", one.nth)]
        if not found:
            raise Refused(t("{handle} is no letter of {id}", handle=words, id=case.id))
        return found[0]
    name = Path(words).as_posix()
    found = [
        one
        for one in known
        if one.letter.file and (name == one.letter.file or name.endswith(f"/{one.letter.file}"))
    ] or [one for one in known if one.letter.file and Path(one.letter.file).name == name]
    if not found:
        raise Refused(
            t("{id} has no letter {words}: see dunctl show {id}", id=case.id, words=words)
        )
    return found[-1]


def file_bytes(seat: Seat, posted: Posted) -> bytes:
    """Return the letter as it was recorded. Raises ``Refused`` if the file is gone or differs."""
    root, letter = seat.store.root.resolve(), posted.letter
    if not letter.file or not letter.sha256:
        raise Refused(t("letter {handle} has no file: write it anew", handle=posted.handle))
    path = (root / letter.file).resolve()
    if not path.is_relative_to(root):
        raise Refused(t("{file} is outside the store: write the letter anew", file=letter.file))
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Refused(
            t("{file} cannot be read: {why}", file=letter.file, why=error.strerror or error)
        ) from error
    if sha256(data).hexdigest() != letter.sha256:
        raise Refused(
            t("{file} was changed since it was recorded: write the letter anew", file=letter.file)
        )
    return data


class To(NamedTuple):
    """To whom a letter goes: the person (``None``: the debtor), and the address or number."""

    person: Person | None
    name: str
    address: str


def recipient(case: Case, letter: Letter, wanted: str | None) -> To:
    """Return to whom an e-mail or a text message goes; only where the case says that they are.

    Without ``wanted`` it is whoever the letter is written to, else the debtor. Nobody else is told
    of the debt (practice B10, O11).
    """
    sms = letter.channel == "sms"
    known: list[To] = []
    for person, text in _numbers(case) if sms else mail.reachable(case):
        name = person.name if person else case.debtor.name
        try:
            known.append(To(person, name, number(text) if sms else mail.mailbox(text).address))
        except ValueError as error:
            if wanted is None and (person is None or person.name == letter.whom):
                raise Refused(f"{case.id}: {name} {error}") from error
    if wanted is None:
        mine = [to for to in known if to.person and to.person.name == letter.whom]
        found = mine or [to for to in known if to.person is None]
        key = "phone" if sms else "email"
        lacking = t(
            "{id} has nowhere to send it: dunctl set {id} debtor.{key} …", id=case.id, key=key
        )
    else:
        try:
            meant = number(wanted) if sms else mail.mailbox(wanted).address
        except ValueError as error:
            raise Refused(f"--to {error}") from error
        found = [to for to in known if to.address.casefold() == meant.casefold()]
        lacking = t(
            "{to} is nobody in {id}, and nobody else is told of the debt: record it first, as with "
            "dunctl set {id} debtor.{key} {to}",
            to=meant,
            id=case.id,
            key="phone" if sms else "email",
        )
    if not found:
        raise Refused(lacking)
    return found[0]


def number(text: str) -> str:
    """Return a telephone number as digits, with its +. Raises ``ValueError`` for anything else."""
    found = re.sub(r"\(0\)|[\s()./\u2010-\u2015-]", "", text)
    if not _NUMBER.fullmatch(found) or not found.isascii():
        raise ValueError(t("is no telephone number: {text}", text=text))
    return found


def _numbers(case: Case) -> list[tuple[Person | None, str]]:
    own: list[tuple[Person | None, str]] = [(None, text) for text in case.debtor.phone]
    return own + [(person, text) for person in case.people for text in person.phone]


def record(seat: Seat, posted: Posted, sending: Sending) -> int:
    """Write into the case what became of a letter; the same failure again is not written again."""
    last = posted.tried[-1] if posted.tried else None
    if last and sending.state != "sent" and last._replace(at=sending.at) == sending:
        return 0

    def make(_: Read, case: Case) -> list[Record]:
        stamp = sending.at.astimezone(zone(seat, case)).replace(microsecond=0)
        return [sending._replace(at=stamp)]

    return write(seat, posted.case.id, make)[1]


def sending_of(seat: Seat, posted: Posted, at: datetime, state: str) -> Sending:
    """Return the entry that says what became of a letter, as far as it is always the same."""
    stamp = at.astimezone(zone(seat, posted.case)).replace(microsecond=0)
    channel = posted.letter.channel
    return Sending(stamp, posted.handle, state, channel, by=user(seat.store))


def sender(seat: Seat) -> Mailbox | None:
    """Return as whom we write e-mails: ``from`` under ``[mail]``, else as the creditor."""
    config = seat.store.config
    text = config.mail.sender if config.mail else None
    text = text or config.creditor.get("email")
    if not text:
        return None
    try:
        return mail.mailbox(str(text), str(config.creditor.get("name") or ""))
    except ValueError as error:
        raise Refused(t("dunctl.toml: our own address {error}", error=error)) from error


def eml_of(seat: Seat, made: Written) -> bytes:
    """Return a letter as a message to open in a mail program or to send, its PDF attached.

    Its date is the beginning of the letter's day, so that the same letter of a day is the same.
    """
    case, at = made.at.case, made.at
    try:
        to = mail.recipient(case, made.context["figures"].get("whom"))
    except ValueError as error:
        raise Refused(f"{case.id}: {error}") from error
    ours = sender(seat)
    return mail.as_eml(
        made.sheet,
        ours,
        to,
        _attached(seat, made),
        mail.message_id(case.id, made.sheet, ours),
        mail.earlier(case),
        datetime(at.today.year, at.today.month, at.today.day, tzinfo=at.zone),
    )


def _attached(seat: Seat, made: Written) -> bytes | None:
    """Return the letter on paper, if the template has one and the extra is there."""
    if "letter" not in made.template.forms:
        return None
    if find_spec("typst") is None:
        warn(t('no PDF is attached: that needs pip install "dunctl[pdf]"'))
        return None
    words = words_of(seat.store, made.template.language)
    sheet = render.make_sheet(made.template, words, {**made.context, "form": "letter"})
    return pdf_of(seat, sheet, made.at.today)
