"""What is sent, what waits, and what may have been sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dunctl import dates
from dunctl.case.records import Letter
from dunctl.letters import sms
from dunctl.show.text import listing, wrap
from dunctl.store.config import Mail, Sms
from dunctl.store.outbox import Item
from dunctl.words import t


def queue(items: Sequence[Item], now: datetime) -> list[str]:
    """Return the letters with which something is still to do; ``now`` is on the desk's clock."""
    if not items:
        return [t("nothing waits, and nothing is in doubt")]
    headers = (t("Case"), t("Letter"), t("Tried"), t("State"), t("To, and the answer"))
    rows = [
        (item.case, item.letter, _when(item, now), _state(item.state), _told(item))
        for item in items
    ]
    return listing(headers, rows)


def _when(item: Item, now: datetime) -> str:
    moment = datetime.fromisoformat(item.at).astimezone(now.tzinfo)
    return dates.say(moment, today=now.date())


def _state(state: str) -> str:
    return {
        "queued": t("waits"),
        "refused": t("refused"),
        "sending": t("on its way"),
        "unknown": t("in doubt"),
        "sent": t("sent, not recorded"),
    }[state]


def _told(item: Item) -> str:
    return f"{item.to}: {item.answer}" if item.answer else item.to


def preview(
    case_id: str, handle: str, letter: Letter, to: str, subject: str, text: str, now: datetime
) -> list[str]:
    """Return what is about to be sent: which letter, to whom, its subject or the text message."""
    lines = wrap(
        t(
            "{id}: {template} of {day} ({handle}) by {channel} to {to}",
            id=case_id,
            template=letter.template,
            day=dates.say(letter.at.astimezone(now.tzinfo).date(), today=now.date()),
            handle=handle,
            channel=letter.channel,
            to=to,
        ),
        0,
    )
    if letter.channel != "sms":
        return lines + wrap(subject, 2)
    parts = sms.parts(text)
    for line in text.split("\n"):
        lines += wrap(line, 2)
    return [*lines, "  " + t("{n} part(s) ({code})", n=parts.number, code=parts.code)]


def advice(case_id: str, handle: str, state: str) -> str:
    """Say what to do with a letter that was not sent, or perhaps."""
    if state == "queued":
        return t("it waits: dunctl send --retry")
    if state == "refused":
        return t(
            "that is for good: mend it, then dunctl send {id} {handle}", id=case_id, handle=handle
        )
    return t(
        "it may have been sent: find out, then dunctl send {id} {handle} --mark-sent or --again",
        id=case_id,
        handle=handle,
    )


def way(way: Mail | Sms) -> str:
    """Say what a table of ``dunctl.toml`` would have this machine do."""
    if isinstance(way, Sms):
        return t("text messages: runs {command}", command=" ".join(way.command))
    text = t("e-mail: {server}:{port} ({tls})", server=way.server, port=way.port, tls=way.tls)
    if way.user:
        text += t(", as {user}", user=way.user)
    if way.password_command:
        text += t(", password: runs {command}", command=" ".join(way.password_command))
    return text
