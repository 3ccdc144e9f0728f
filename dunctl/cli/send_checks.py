"""Whether a letter may be sent now, and everything that it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from dunctl import dates
from dunctl.case.records import Case, Journal
from dunctl.cli.outgoing import sayable, written
from dunctl.cli.sending import WRITTEN, Posted, To, file_bytes, recipient, sender
from dunctl.cli.verb import Seat, packs_of, standing_of, warn
from dunctl.errors import Refused
from dunctl.letters import compose, guard, mail
from dunctl.letters.mail import Mailbox
from dunctl.show import sending as shown
from dunctl.show import verdict as reasons
from dunctl.steps.guard import Asked, verdict
from dunctl.steps.standing import Standing
from dunctl.store import trust
from dunctl.store.config import Mail, Sms
from dunctl.store.store import Read
from dunctl.store.wording import lexicon
from dunctl.tuples import NamedTuple
from dunctl.words import t

ZERO = Decimal(0)
NOBODY = Mailbox("", "")


class Job(NamedTuple):
    """What goes out, by which way, to whom; as whom, of an e-mail, and its subject.

    ``data`` is the letter's file; ``text`` the text of a text message.
    """

    way: Mail | Sms
    to: To
    data: bytes
    ours: Mailbox = NOBODY
    subject: str = ""
    message_id: str | None = None
    text: str = ""


def job_of(seat: Seat, posted: Posted, wanted: str | None) -> Job:
    """Gather what goes out, to ``wanted`` or whoever it is written to; refuses what cannot."""
    letter, config = posted.letter, seat.store.config
    if letter.channel not in WRITTEN:
        raise Refused(_on_paper(posted))
    data = file_bytes(seat, posted)
    if letter.channel == "sms":
        if config.sms is None:
            raise Refused(t("dunctl.toml has no [sms]: see docs/sending.md"))
        text = data.decode("utf-8", "replace").rstrip("\n")
        return Job(config.sms, recipient(posted.case, letter, wanted), data, text=text)
    if config.mail is None:
        raise Refused(t("dunctl.toml has no [mail]: see docs/sending.md"))
    message_id = mail.header(data, "Message-ID")
    if not message_id or b"\r\n\r\n" not in data:
        raise Refused(_on_paper(posted))
    ours = sender(seat)
    if ours is None:
        raise Refused(t("dunctl.toml does not say as whom we write: set from under [mail]"))
    to = recipient(posted.case, letter, wanted)
    return Job(config.mail, to, data, ours, mail.header(data, "Subject"), message_id)


def _on_paper(posted: Posted) -> str:
    return t(
        "letter {handle} is no e-mail: dunctl letter {id} {template} --format eml makes one, "
        "dunctl sent {id} {handle} records that it was posted",
        handle=posted.handle,
        id=posted.case.id,
        template=posted.letter.template,
    )


def agreed(seat: Seat, way: Mail | Sms, ask: Callable[[str], bool]) -> None:
    """Refuse a table of ``dunctl.toml`` that this machine has not agreed to, unless it does now."""
    if trust.agreed(seat.store, way):
        return
    warn(shown.way(way))
    if not ask(t("Use that on this machine?")):
        raise Refused(
            t("this machine has not agreed to that, or it was changed since: dunctl send --agree")
        )
    trust.agree(seat.store, way)


def allowed(seat: Seat, found: Read, posted: Posted, job: Job) -> None:
    """Refuse a letter that may not go out now: by what it says, then by the rules of contact."""
    case, to = _without(posted), job.to
    at = standing_of(seat, case)
    demands = _true_still(seat, at, posted)
    says = job.text or mail.said(job.data)
    known = sayable(seat, at, posted.letter.template)
    guard.refuse_again(guard.check_text(says, known, lexicon(seat.store.root)), posted.letter.note)
    purpose = "collect" if demands else "service"
    asked = Asked(to.person, posted.letter.channel, purpose)
    packs = packs_of(seat, case)
    answer = verdict(at, packs, asked, seat.now)
    if answer.verdict == "block":
        source = (found.path, found.text)
        lines = reasons.page(at, answer, asked, seat.now, seat.now, packs, source)
        raise Refused("\n".join(lines))
    for finding in answer.findings:
        warn(reasons.sentence(at, finding, seat.now))


def _without(posted: Posted) -> Case:
    """Return the case without the letter itself, which is no contact before it is sent.

    A text message that may have been sent is one.
    """
    if posted.letter.channel == "sms" and any(one.state == "unknown" for one in posted.tried):
        return posted.case
    own = ("letter", posted.nth)
    kept = Journal(entry for entry in posted.case.journal if (entry.kind, entry.nth) != own)
    return posted.case._replace(journal=kept)


def _true_still(seat: Seat, at: Standing, posted: Posted) -> bool:
    """Refuse a letter that would not be written any more: held, paid meanwhile, too late.

    Returns whether it demands something.
    """
    letter, case = posted.letter, at.case
    written_on = letter.as_of or letter.at.astimezone(at.zone).date()
    if letter.deadline is not None and letter.deadline <= at.today != written_on:
        raise Refused(
            t(
                "letter {handle} is too late, its deadline is {day}: write it anew",
                handle=posted.handle,
                day=dates.say(letter.deadline, today=at.today),
            )
        )
    made = written(
        seat,
        case,
        letter.template,
        lang=letter.language,
        format_=letter.format or ("sms" if letter.channel == "sms" else "eml"),
        currency=letter.only,
    )
    home = case.head.currency
    if _principal(letter._asdict(), home) != _principal(compose.figures(made.context), home):
        raise Refused(
            t(
                "letter {handle} asks for what is not owed any more: write it anew",
                handle=posted.handle,
            )
        )
    return made.template.demands


def _principal(figures: Mapping[str, Any], home: str) -> dict[str, Decimal]:
    """Return what a letter asks for apart from interest and fees, which grow, by currency."""
    rows = [one._asdict() for one in figures.get("sums") or ()]
    rows += [figures] if figures.get("amount") is not None else []
    return {
        row.get("currency") or home: row["amount"]
        - (row.get("interest") or ZERO)
        - (row.get("fees") or ZERO)
        for row in rows
    }
