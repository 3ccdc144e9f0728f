"""What the list says of a case on a day: put into words once, and the same all day long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dunctl.calling.people import Callee
from dunctl.tuples import NamedTuple

if TYPE_CHECKING:
    from dunctl.calling.journal import State

Amounts = Mapping[str, Decimal]


class Card(NamedTuple):
    """A case as the list shows it on a day of the debtor's, ``day`` (ordinal) in ``zone``.

    It holds while the docket does, until that day is over. ``owed`` is what to ask for, or to be
    reminded of; ``who``, ``role`` and ``phone`` are of whom to ask for. ``state`` and ``until`` are
    what the journal answers, ``why`` says it, with all that speaks for a call; ``moment`` is the
    clock time that it is tied to (in seconds of UTC), which they ``asked`` for, or promised.
    ``closed`` says why their office is closed, if it is.
    """

    id: str
    debtor: str
    zone: str | None
    day: int
    stage: str
    days_past_due: int
    owed: Amounts
    chasable: Amounts
    balance: Amounts
    who: str
    role: str | None
    phone: str | None
    state: State
    until: int
    why: tuple[str, ...]
    moment: int | None
    asked: bool
    closed: str

    @property
    def callee(self) -> Callee:
        """Return whom to ask for, as far as the list knows."""
        return Callee(None, self.who, self.phone, self.role)

    @property
    def at(self) -> datetime | None:
        """Return the moment."""
        return None if self.moment is None else datetime.fromtimestamp(self.moment, UTC)

    @property
    def back(self) -> date | None:
        """Return the first day without what the journal says against a call."""
        return date.fromordinal(self.until) if self.until else None


def plain(card: Card) -> list[Any]:
    """Return a card so that JSON can hold it."""
    return [
        {code: str(amount) for code, amount in part.items()} if isinstance(part, Mapping) else part
        for part in card
    ]


def card_from(data: Sequence[Any]) -> Card:
    """Return a card from what JSON made of ``plain``."""
    parts: list[Any] = [
        {code: Decimal(text) for code, text in part.items()} if isinstance(part, dict) else part
        for part in data
    ]
    return Card(*parts)._replace(why=tuple(data[Card._fields.index("why")]))
