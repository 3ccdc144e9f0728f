"""What the list says of a case on a day: put into words once, and the same all day long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from dunctl import dates
from dunctl.calling.income import income_near
from dunctl.calling.journal import Answer, State, answer, missed
from dunctl.calling.people import Callee, callee
from dunctl.case.records import Person
from dunctl.steps.plans import waits
from dunctl.steps.standing import Standing, attempts, conversations
from dunctl.tuples import NamedTuple
from dunctl.words import t

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
        person = Person(self.who, self.role) if self.role else None
        return Callee(person, self.who, self.phone)

    @property
    def at(self) -> datetime | None:
        """Return the moment."""
        return None if self.moment is None else datetime.fromtimestamp(self.moment, UTC)

    @property
    def back(self) -> date | None:
        """Return the first day without what the journal says against a call."""
        return date.fromordinal(self.until) if self.until else None


def card_of(at: Standing) -> Card:
    """Return the card of a case as it stands."""
    said = answer(at)
    who = callee(at.case, said.person)
    return Card(
        at.case.id,
        at.case.debtor.name,
        at.case.debtor.timezone[0] if at.case.debtor.timezone else None,
        at.today.toordinal(),
        at.stage,
        at.ledger.days_past_due(),
        at.asked,
        at.ledger.chasable(),
        at.ledger.balance(),
        who.name,
        who.person.role if who.person else None,
        who.phone,
        said.state,
        said.until.toordinal() if said.until else 0,
        tuple(_reasons(at, said)),
        int(said.moment.timestamp()) if said.moment else None,
        said.reason == "call_back",
        _closed(at),
    )


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


def _reasons(at: Standing, said: Answer) -> list[str]:
    waiting = [waits(at.case, entry, at.today) for entry in at.pending]
    if said.state == "nothing":
        return []
    if said.state == "held":
        return [said.words(), *waiting]
    pinned = said.state == "pinned"
    why = [said.words()] if pinned else []
    spoken, tried = conversations(at), attempts(at)
    if not tried and not spoken:
        why.append(t("nobody has been called yet"))
    elif not spoken:
        why.append(t("tried {count} times, nobody reached", count=len(tried)))
    elif not pinned:
        last = spoken[-1].astimezone(at.zone).date()
        why.append(t("last spoken on {day}", day=dates.say(last, today=at.today)))
    broken = [s for s in at.awaited if s.missing and s.status in ("broken", "partial")]
    if broken and not pinned:
        why.insert(0, missed(at, broken[-1]))
    why += waiting
    income = income_near(at.case.incomes, at.today)
    if income:
        why.append(t("money comes in on {day}", day=dates.say(income, today=at.today)))
    days, last_day = at.ledger.days_past_due(), at.policy.stages["prelegal"].to_day or 0
    if at.policy.ladder.decision_alarm_day <= days <= last_day:
        why.append(t("decide on the legal step before day {day}", day=last_day + 1))
    elif days > last_day:
        why.append(t("the legal step is to be decided since day {day}", day=last_day))
    return why


def _closed(at: Standing) -> str:
    if at.today.weekday() > 4:
        return t("weekend there")
    return t("closed there for the rest of our day")
