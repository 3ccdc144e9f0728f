"""What the list has of a case: it is called, when and why, or held, why and until when."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from dunctl import dates
from dunctl.calling.desk import Day, Opened, call_span
from dunctl.calling.docket import sort_of
from dunctl.tuples import NamedTuple
from dunctl.words import t

if TYPE_CHECKING:
    from dunctl.calling.card import Card
    from dunctl.calling.people import Callee


class Call(NamedTuple):
    """A case to be called today: when (the first and last instant), whom, and why.

    ``opened`` is all the time at which it may be called, ``moment`` the clock time it is tied to.
    """

    card: Card
    callee: Callee
    start: datetime
    end: datetime
    why: tuple[str, ...]
    opened: Opened

    @property
    def pinned(self) -> bool:
        """Return whether it comes before all that is only worth a call."""
        return self.card.state == "pinned"


class Held(NamedTuple):
    """A case that owes but is not called today, why, and the first day without that reason.

    ``rule`` names the rule of a pack that blocks it, such as ``house/holidays``.
    """

    card: Card
    why: str
    until: date | None
    rule: str | None = None


def held_of(card: Card, day: Day, until: date | None) -> Held:
    """Return why a case is held that no rule blocks: its journal, the desk, or its own hours."""
    if card.state == "held":
        return Held(card, "; ".join(card.why), until)
    if not day.spans:
        return Held(card, t("the desk is closed"), None)
    if until is None:
        return Held(card, t("their hours do not meet ours: see [desk] hours in dunctl.toml"), None)
    return Held(card, card.closed, until)


def call_of(card: Card, opened: Opened, key: str) -> Call:
    """Return the call of a case of which it is known already that it is open, and when.

    Raises ValueError if its journal says that it is not to be called.
    """
    if card.state not in ("pinned", "free"):
        raise ValueError(f"{card.id} is not to be called: {card.state}")
    start, end = call_span(opened, card.at, card.asked, sort_of(key).lead)
    likes = (t("likes to be called then"),) if dates.intersect(opened.liked, [(start, end)]) else ()
    return Call(card, card.callee, start, end, (*card.why, *likes), opened)
