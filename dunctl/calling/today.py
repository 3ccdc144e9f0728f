"""The day's list: is a case called today, whom, when and why, or why is it held and until when."""

from __future__ import annotations

from datetime import date, datetime

from dunctl import dates
from dunctl.calling.card import Card, card_of
from dunctl.calling.desk import Day, Opened, call_span
from dunctl.calling.docket import sort_key, sort_of
from dunctl.calling.gated import back, gated, in_words
from dunctl.calling.journal import answer
from dunctl.calling.people import Callee, callee
from dunctl.steps import guard
from dunctl.steps.guard_clock import FOREVER
from dunctl.steps.standing import Standing
from dunctl.tuples import NamedTuple
from dunctl.words import t


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


def verdict(at: Standing, day: Day) -> Call | Held | None:
    """Return whether a case is called on what is left of a day; ``None``: nothing to ask.

    First the journal is asked, then the desk, the hours of the debtor, and the gate.
    """
    said = answer(at)
    if said.state == "nothing":
        return None
    card = card_of(at)
    if said.state == "held" or not day.spans:
        return held_of(card, day, card.back)
    who = callee(at.case, said.person)
    debtor = at.case.debtor
    packs = day.rules_of(debtor.kind, debtor.country, debtor.subdivision).packs
    key = sort_key(at, who.person)
    bars = guard.barred(at, packs, guard.Asked(who.person))
    opened = day.opened(key, bars.spans)
    finding = None
    if bars.asks or opened.state == "blocked":
        opened, finding = gated(at, who.person, key, day, packs)
    if opened.state == "open":
        return call_of(card, opened, key)._replace(callee=who)
    if finding is None:
        return held_of(card, day, day.back(key, (), "closed"))
    sure = bars.exact == FOREVER and not bars.asks
    until = day.back(key, bars.spans, "blocked") if sure else back(at, who.person, packs)
    return Held(card, in_words(finding), until, finding.reason)


def held_of(card: Card, day: Day, until: date | None) -> Held:
    """Return why a case is held that no rule blocks: its journal, the desk, or its own hours."""
    if card.state == "held":
        return Held(card, "; ".join(card.why), until)
    if not day.spans:
        return Held(card, t("the desk is closed"), None)
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
