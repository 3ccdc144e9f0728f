"""``dunctl send``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import click

from dunctl import dates
from dunctl.cli.send_checks import Job, agreed, allowed, job_of
from dunctl.cli.sending import (
    WRITTEN,
    Posted,
    letter_of,
    letters_of,
    record,
    sending_of,
    sound_read,
)
from dunctl.cli.verb import Seat, clock, verb, warn
from dunctl.errors import DunctlError, Refused, WrongUsage
from dunctl.letters import mail
from dunctl.letters.mail import Mailbox
from dunctl.show import sending as shown
from dunctl.show.text import clean, lines_of
from dunctl.store import outbox, send, trust
from dunctl.store import store as stores
from dunctl.store.config import Sms
from dunctl.store.outbox import Item
from dunctl.words import t

Ask = Callable[[str], bool]
_MINUTE = timedelta(minutes=1)


@verb("send")
@click.argument("case", required=False)
@click.argument("letter", required=False)
@click.option("--to", metavar="ADDRESS", help="Another address or number of the case.")
@click.option("--yes", is_flag=True, help="Do it; without it you are asked.")
@click.option("--again", is_flag=True, help="Send it once more although it may have arrived.")
@click.option("--mark-sent", is_flag=True, help="It did arrive: record it as sent.")
@click.option("--queue", is_flag=True, help="List what waits, and what may have been sent.")
@click.option("--retry", is_flag=True, help="Try everything that waits once more.")
@click.option("--agree", is_flag=True, help="Let this machine use [mail] and [sms] as they are.")
def command(
    seat: Seat,
    case: str | None,
    letter: str | None,
    to: str | None,
    yes: bool,
    again: bool,
    mark_sent: bool,
    queue: bool,
    retry: bool,
    agree: bool,
) -> int:
    """Send a letter by e-mail, or as a text message by your own command.

    LETTER is the handle or the file of a recorded letter: an e-mail (--format eml) or a text
    message (--format sms); by default the last that is not sent. The rules of contact are asked
    first, you are asked last, and the case records what the server answered. What failed waits in
    the queue; what may have been sent is never sent again by itself.

    Example: dunctl send acme --yes
    """
    modes = [queue, retry, agree]
    if sum(modes) > 1 or any(modes) == (case is not None):
        raise WrongUsage(t("name a CASE, or say --queue, --retry or --agree"))
    if (any(modes) and (to or again or mark_sent)) or (again and mark_sent):
        raise WrongUsage(t("--to, and --again or --mark-sent, are for one CASE"))
    context = click.get_current_context()
    if context.params.get("as_of") or (context.find_root().obj or {}).get("as_of"):
        raise WrongUsage(t("what is sent goes out now: --as-of is for questions"))

    def ask(question: str) -> bool:
        return yes or _asked(question)

    if queue:
        click.echo(lines_of(shown.queue(_waiting(seat), seat.now)))
        return 0
    if agree:
        return _agree(seat)
    if case is None:
        return _retry(seat, ask)
    posted = letter_of(sound_read(seat, case)[1], letter, WRITTEN)
    return _mark_sent(seat, posted) if mark_sent else _send(seat, posted, to, ask, again)


def _asked(question: str) -> bool:
    """Ask for the person's word; without a terminal there is none."""
    return sys.stdin.isatty() and click.confirm(question)


def _agree(seat: Seat) -> int:
    ways = [way for way in (seat.store.config.mail, seat.store.config.sms) if way is not None]
    if not ways:
        raise Refused(t("dunctl.toml has neither [mail] nor [sms]: see docs/sending.md"))
    for way in ways:
        click.echo(clean(shown.way(way)))
        trust.agree(seat.store, way)
    return 0


def _send(seat: Seat, posted: Posted, to: str | None, ask: Ask, again: bool) -> int:
    """Send one letter, once it is allowed and agreed to; returns the exit code."""
    case_id, handle = posted.case.id, posted.handle
    with outbox.held(seat.store, case_id, handle):
        found, case = sound_read(seat, case_id)
        posted = letter_of(case, handle)
        item = outbox.load(seat.store, case_id, handle)
        done = _settled(seat, posted, item)
        if done is not None:
            return done
        doubt = _doubt(seat, posted, item)
        if doubt:
            warn(doubt)
            if not again and not _asked(t("Send it once more?")):
                raise Refused(
                    t(
                        "nothing was sent: dunctl send {id} {handle} --again sends it once more, "
                        "--mark-sent records that it arrived",
                        id=case_id,
                        handle=handle,
                    )
                )
        job = job_of(seat, posted, to or (item.to if item else None))
        allowed(seat, found, posted, job)
        to = f"{job.to.name} <{job.to.address}>"
        page = shown.preview(case_id, handle, posted.letter, to, job.subject, job.text, seat.now)
        click.echo(lines_of(page))
        agreed(seat, job.way, _asked)
        if not ask(t("Send it?")):
            warn(t("nothing was sent; --yes sends it"))
            return 1
        now = clock(seat.store, None, evening=False)[0]
        if now - seat.now >= _MINUTE:
            allowed(seat._replace(now=now), found, posted, job)
        seat = seat._replace(now=now)
        return _deliver(seat, posted, job, bool(doubt))


def _settled(seat: Seat, posted: Posted, item: Item | None) -> int | None:
    """Finish or refuse what was sent already; ``None`` if nothing says that it was."""
    if item and item.state == "sent" and not posted.sent:
        return _recorded(seat, posted, item, "sent")
    if posted.sent:
        if item and item.state != "done":
            outbox.save(seat.store, item._replace(state="done"))
        day = dates.say(posted.sent.at.astimezone(seat.now.tzinfo), today=seat.today)
        raise Refused(
            t("letter {handle} was sent {day}: write a new one", handle=posted.handle, day=day)
        )
    if item and item.state == "done":
        raise Refused(
            t(
                "letter {handle} was sent from here, whatever the case says now: write a new one, "
                "or record it (dunctl sent {id} {handle})",
                handle=posted.handle,
                id=posted.case.id,
            )
        )
    return None


def _doubt(seat: Seat, posted: Posted, item: Item | None) -> str:
    """Say that a letter may have been sent, and record it if the case does not know; else ``""``.

    One that failed the second time may still have been sent the first time.
    """
    unknown = item is not None and item.state == "unknown"
    recorded = any(one.state == "unknown" for one in posted.tried)
    if item and unknown and not recorded:
        told = item._replace(answer=item.answer or t("stopped before there was an answer"))
        _recorded(seat, posted, told, "unknown")
    if not (unknown or recorded):
        return ""
    text = t("letter {handle} may have been sent: nobody answered", handle=posted.handle)
    if posted.letter.channel == "email":
        return text + "; " + t("sent again it has the same Message-ID, and mail servers know that")
    return text + "; " + t("sent again it may arrive twice")


def _deliver(seat: Seat, posted: Posted, job: Job, doubt: bool) -> int:
    """Send it, and write down at each step what is known; returns the exit code."""
    store, channel = seat.store, posted.letter.channel
    now = seat.now.isoformat(timespec="seconds")
    resting = "unknown" if doubt else "queued"
    item = Item(
        posted.case.id, posted.handle, channel, job.to.address, resting, now, job.message_id
    )

    def leaving() -> None:
        outbox.save(store, item._replace(state="sending"))

    if isinstance(job.way, Sms):
        outbox.save(store, item)
        outcome = send.by_command(job.way, store.root, job.to.address, job.text, leaving)
    else:
        secret = send.password(job.way, store.root)
        outbox.save(store, item)
        message = mail.to_send(job.data, job.ours, Mailbox(job.to.name, job.to.address), seat.now)
        outcome = send.by_mail(job.way, secret, job.ours.address, job.to.address, message, leaving)
    gone = outcome.state in ("sent", "unknown")
    item = item._replace(state=outcome.state if gone else resting, answer=outcome.answer)
    if outcome.state == "refused" and not doubt:
        item = item._replace(state="refused")
    outbox.save(store, item)
    code = _recorded(seat, posted, item, outcome.state if gone else "failed")
    if outcome.state != "sent":
        warn(shown.advice(posted.case.id, posted.handle, item.state))
    return code


def _recorded(seat: Seat, posted: Posted, item: Item, state: str) -> int:
    """Record in the case what became of a letter; returns the exit code."""
    entry = sending_of(seat, posted, datetime.fromisoformat(item.at), state)._replace(
        to=item.to, answer=item.answer or None, message_id=item.message_id
    )
    code = record(seat, posted, entry)
    if state != "sent":
        return 1
    with suppress(Refused, OSError):  # the case has it; _settled says so once more
        outbox.save(seat.store, item._replace(state="done"))
    return code


def _mark_sent(seat: Seat, posted: Posted) -> int:
    """Record as sent what was in doubt."""
    case_id, handle = posted.case.id, posted.handle
    with outbox.held(seat.store, case_id, handle):
        posted = letter_of(sound_read(seat, case_id)[1], handle)
        item = outbox.load(seat.store, case_id, handle)
        done = _settled(seat, posted, item)
        if done is not None:
            return done
        if not _doubt(seat, posted, item):
            raise Refused(
                t(
                    "letter {handle} is not in doubt; if you sent it yourself: "
                    "dunctl sent {id} {handle}",
                    handle=handle,
                    id=case_id,
                )
            )
        posted = letter_of(sound_read(seat, case_id)[1], handle)
        last = next(one for one in reversed(posted.tried) if one.state == "unknown")
        answer = t("none; it did arrive")
        known = Item(
            case_id, handle, last.channel, last.to or "", "sent", last.at.isoformat(),
            last.message_id, answer,
        )  # fmt: skip
        return _recorded(seat, posted, known, "sent")


def _retry(seat: Seat, ask: Ask) -> int:
    """Try everything that waits once more, each on its own; returns the exit code."""
    waiting = [item for item in _waiting(seat) if item.state in ("queued", "sent")]
    if not waiting:
        click.echo(t("nothing waits"))
        return 0
    click.echo(lines_of(shown.queue(waiting, seat.now)))
    if not ask(t("Send them?")):
        warn(t("nothing was sent; --yes sends it"))
        return 1
    code = 0
    for item in waiting:
        try:
            posted = letter_of(sound_read(seat, item.case)[1], item.letter)
            code = max(code, _send(seat, posted, None, lambda _: True, again=False))
        except DunctlError as error:
            warn(f"{item.case}: {error}")
            code = 1
    return code


def _waiting(seat: Seat) -> list[Item]:
    """Return what is still to do; a letter that was taken back, or sent elsewhere, no longer is."""
    found = []
    for item in outbox.items(seat.store):
        read = stores.read(seat.store, item.case)
        known = letters_of(read.case) if read.case and read.sound else None
        letter = next((one for one in known or () if one.handle == item.letter), None)
        if known is None or (letter and (item.state == "sent" or not letter.sent)):
            found.append(item)
            continue
        with suppress(outbox.Busy), outbox.held(seat.store, item.case, item.letter):
            outbox.drop(seat.store, item)
    return found
