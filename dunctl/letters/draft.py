"""What every part of a letter starts from, and how it writes days and amounts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from dunctl.letters import localise
from dunctl.letters.layout import plain
from dunctl.letters.sheet import Pairs, Table
from dunctl.letters.template import Template
from dunctl.letters.words import Words
from dunctl.owed.claims import Owed
from dunctl.owed.law import Law
from dunctl.steps.standing import Standing
from dunctl.tuples import NamedTuple

ZERO = Decimal(0)


class Draft(NamedTuple):
    """A letter before it is written: the case today, what it owes, and in which words.

    With ``currency`` only claims in it are in the letter.
    """

    at: Standing
    owed: Owed
    law: Law
    template: Template
    words: Words
    form: str
    currency: str | None = None

    @property
    def today(self) -> date:
        """Return the date of the letter: the debtor's day."""
        return self.at.today

    @property
    def home(self) -> str:
        """Return the currency of the case."""
        return self.at.case.head.currency

    @property
    def language(self) -> str:
        """Return the language of days and amounts: the letter's, as the debtor's country has it."""
        return localise.regional(self.words.language, self.at.case.debtor.language)

    def needs(self, *names: str) -> bool:
        """Tell whether the template needs one of these."""
        return any(name in self.template.needs for name in names)

    def meant(self, currency: str) -> bool:
        """Tell whether claims in a currency are in the letter."""
        return self.currency in (None, currency)

    def ordered(self, currencies: Iterable[str]) -> list[str]:
        """Return currencies in the order of the letter: the case's own first."""
        return sorted(set(currencies), key=lambda code: (code != self.home, code))

    def say(self, key: str, **values: str) -> str:
        """Return words around the letter."""
        return self.words.say(key, **values)

    def day(self, value: date | datetime) -> str:
        """Write a day in full, on the debtor's clock."""
        return localise.day(self.local(value), self.language)

    def short(self, value: date | None) -> str:
        """Write a day as tables have it."""
        return localise.day(value, self.language, short=True) if value else ""

    def moment(self, value: date | datetime) -> str:
        """Write a day, with its clock time if it has one."""
        if not isinstance(value, datetime):
            return self.day(value)
        local = value.astimezone(self.at.zone)
        return self.say("frame.moment", day=self.day(value), time=f"{local:%H:%M}")

    def local(self, value: date | datetime) -> date:
        """Return the day of an instant on the debtor's clock."""
        return value.astimezone(self.at.zone).date() if isinstance(value, datetime) else value

    def amount(self, value: Decimal, currency: str) -> str:
        """Write an amount with its currency."""
        return localise.amount(value, currency, self.language)

    def figure(self, value: Decimal, currency: str) -> str:
        """Write an amount for a table; nothing for 0."""
        return localise.number(value, currency, self.language) if value else ""

    def exactly(self, value: Decimal, currency: str) -> str:
        """Write an amount for an account, 0 too."""
        return localise.number(value, currency, self.language)

    def unit(self, currency: str) -> str:
        """Write the currency of a table."""
        return localise.unit(currency, self.language)

    def sums(self, amounts: Mapping[str, Decimal]) -> str | None:
        """Write amounts by currency, each with its own; ``None`` where there is none."""
        parts = [
            self.amount(amounts[currency], currency)
            for currency in self.ordered(amounts)
            if amounts[currency]
        ]
        return localise.listing(parts, self.language) if parts else None

    def listing(self, words: Sequence[str]) -> str | None:
        """Join words; ``None`` where there is none."""
        return localise.listing(words, self.language) if words else None


class Column(NamedTuple):
    """A column of a table: the key of its heading, if it has amounts, if it has the long texts."""

    key: str
    right: bool = False
    wide: bool = False


def table(
    draft: Draft,
    title: str,
    columns: Sequence[Column],
    rows: Sequence[Mapping[str, str]],
    feet: Sequence[tuple[str, str]] = (),
) -> Table:
    """Return a table whose cells are known by their column; an empty column is left out."""
    used = [column for column in columns if any(row.get(column.key) for row in rows)]
    return Table(
        title,
        tuple(draft.words.texts[column.key] for column in used),
        tuple(column.right for column in used),
        tuple(tuple(plain(row.get(column.key, "")) for column in used) for row in rows),
        tuple((plain(label), amount) for label, amount in feet),
        next((nth for nth, column in enumerate(used) if column.wide), 0),
    )


def pairs(rows: Iterable[tuple[str, str | None]]) -> Pairs | None:
    """Return labels and values without those that have none; ``None`` where nothing is left."""
    found = tuple((label, plain(value)) for label, value in rows if value and plain(value))
    return Pairs(found) if found else None
