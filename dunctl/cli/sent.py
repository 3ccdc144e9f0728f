"""``dunctl sent``."""

from __future__ import annotations

import click

from dunctl import dates
from dunctl.cli.limitation import said_of
from dunctl.cli.sending import letter_of, record, sending_of, sound_read
from dunctl.cli.verb import Seat, instant, verb, zone
from dunctl.errors import Refused, WrongUsage
from dunctl.store import outbox
from dunctl.words import t


@verb("sent")
@click.argument("case")
@click.argument("letter", required=False)
@click.option("--tracking", metavar="NO", help="The number by which the post proves it.")
@click.option("--on", metavar="WHEN", help="When; now by default.")
@click.option("--to", metavar="TEXT", help="To which address.")
def command(
    seat: Seat,
    case: str,
    letter: str | None,
    tracking: str | None,
    on: str | None,
    to: str | None,
) -> int:
    """Record that a letter was posted, or sent by another program.

    LETTER is its handle or its file; by default the last that is not sent. With its tracking number
    it is a demand that can be proved, which can start the time again in which the debt can be
    claimed. Nothing is sent.

    Example: dunctl sent acme --tracking RR123456785GB
    """
    found, known = sound_read(seat, case)
    posted = letter_of(known, letter)
    with outbox.held(seat.store, found.id, posted.handle):
        known = sound_read(seat, found.id)[1]
        posted = letter_of(known, posted.handle)
        if posted.sent and tracking in (None, *(one.tracking for one in posted.tried)):
            day = dates.say(posted.sent.at.astimezone(seat.now.tzinfo), today=seat.today)
            raise Refused(
                t("letter {handle} was sent {day} already", handle=posted.handle, day=day)
            )
        at = instant(seat, on, "--on", zone(seat, known))
        if at.date() < posted.letter.at.astimezone(at.tzinfo).date():
            raise WrongUsage(t("--on: the letter was not written yet"))
        sending = sending_of(seat, posted, at, "sent")._replace(to=to, tracking=tracking)
        code = record(seat, posted, sending._replace(channel="letter") if tracking else sending)
        item = outbox.load(seat.store, found.id, posted.handle)
        if item is not None:
            outbox.save(seat.store, item._replace(state="done"))
    if tracking:
        said_of(seat, found, "letter")
    return code
