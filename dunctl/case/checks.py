"""What a case file can say that cannot be: rules over a whole case, each a function."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from dunctl import money
from dunctl.case import fields
from dunctl.case.handles import handles
from dunctl.case.lines import Finding
from dunctl.case.records import (
    ENTRY_CLASSES,
    Approval,
    Case,
    Confirmation,
    Contact,
    Document,
    Entry,
    Fee,
    Hold,
    Invoice,
    Letter,
    Payment,
    Plan,
    Promise,
    Release,
    Reversal,
    Sending,
    Void,
    Waiver,
)
from dunctl.case.vocabulary import HOLDS
from dunctl.words import t

Rule = Callable[[Case], Iterator[Finding]]


def check(case: Case) -> list[Finding]:
    """Return everything that is wrong between the entries of a case."""
    return [finding for rule in RULES for finding in rule(case)]


def currency_of(case: Case, record: object) -> str:
    """Return the currency of an entry: its own, or else the case's."""
    return getattr(record, "currency", None) or case.head.currency


def day_of(value: date | datetime) -> date:
    """Return the day of a day or of an instant, in the instant's own offset."""
    return value.date() if isinstance(value, datetime) else value


def _digits(case: Case) -> Iterator[Finding]:
    """Amounts have no more digits than their currency."""
    main, there = case.head.currency, case.journal.by_class
    for cls, place in _places("amount"):
        for entry in there.get(cls, ()):
            record = entry.record
            amount = record[place]
            if amount is not None and not money.fits(amount, record.currency or main):
                yield _too_fine(entry, "amount", amount, record.currency or main)
    for entry in there.get(Plan, ()):
        for _, part in entry.record.instalments:
            if not money.fits(part, entry.record.currency or main):
                yield _too_fine(entry, "instalments", part, entry.record.currency or main)
    for entry in there.get(Letter, ()):
        for one in entry.record.sums:
            for part in one[1:]:
                if part is not None and not money.fits(part, one.currency):
                    yield _too_fine(entry, "sums", part, one.currency)


def _too_fine(entry: Entry, key: str, amount: Decimal, currency: str) -> Finding:
    message = t(
        "{key} {amount} has too many decimals: {currency} has {digits}",
        key=key,
        amount=amount,
        currency=currency,
        digits=money.exponent(currency),
    )
    return Finding((entry.kind, entry.nth, key), message)


def _with(case: Case, key: str) -> list[tuple[Entry, Any]]:
    """Return the entries that say something under a key of theirs, and what."""
    there = case.journal.by_class
    return [
        (entry, value)
        for cls, place in _places(key)
        if cls in there
        for entry in there[cls]
        if (value := entry.record[place]) is not None
    ]


def _said(case: Case, key: str) -> set[Any]:
    """Return all that entries say under a key of theirs, ``None`` among it."""
    there = case.journal.by_class
    return {
        entry.record[place] for cls, place in _places(key) if cls in there for entry in there[cls]
    }


@cache
def _places(key: str) -> list[tuple[type, int]]:
    """Return the classes of entries that have a key, and its place in their records."""
    return [(c, c._fields.index(key)) for c in ENTRY_CLASSES.values() if key in c._fields]


def _numbers(case: Case) -> Iterator[Finding]:
    """An invoice number stands for one invoice."""
    invoices = case.journal.by_class.get(Invoice, ())
    if len({entry.record.number for entry in invoices}) == len(invoices):
        return
    seen = set()
    for entry in sorted(invoices, key=lambda entry: entry.nth):
        number = entry.record.number
        if number in seen:
            message = t("invoice {number} is already there; void one of the two", number=number)
            yield Finding((entry.kind, entry.nth, "number"), message)
        seen.add(number)


def _named_invoices(case: Case) -> Iterator[Finding]:
    """What names an invoice names one that there is, in its own currency."""
    main = case.head.currency
    currencies = {
        entry.record.number: entry.record.currency or main
        for entry in case.journal.by_class.get(Invoice, ())
    }
    why: Callable[[str], str] | None = None
    for entry, number in _with(case, "invoice"):
        currency = currencies.get(number)
        if currency is None:
            why = why or _lacking(case, list(currencies))
            message = why(number)
        elif (getattr(entry.record, "currency", currency) or main) != currency:
            message = t(
                "invoice {number} is in {currency}: give this entry the same currency",
                number=number,
                currency=currency,
            )
        else:
            continue
        if message:
            yield Finding((entry.kind, entry.nth, "invoice"), message)


def _lacking(case: Case, known: list[str]) -> Callable[[str], str]:
    """Return what says why an invoice is not there; nothing of one whose own entry is wrong."""
    void = {one.record.number for one in case.voided if isinstance(one.record, Invoice)}
    written = set(_named(case, "invoice", "number"))
    guess = fields.guesser(known)

    def why(number: str) -> str:
        if number in void:
            return t("invoice {number} is void: name another one", number=number)
        if number in written:
            return ""
        return t("there is no invoice {number}", number=number) + guess(number)

    return why


def _people(case: Case) -> Iterator[Finding]:
    """Whoever is named in ``with`` is a person of the case or outside; nobody is there twice."""
    sound = {person.name for person in case.people}
    known = {*sound, case.debtor.name, None}
    if len(sound) == len(case.people) and known.issuperset(_said(case, "whom")):
        return
    first: dict[str, int] = {}
    for nth, name in enumerate(_named(case, "person", "name")):
        if name and first.setdefault(name, nth) != nth:
            message = t("{name} is already a person of this case", name=name)
            yield Finding(("person", nth, "name"), message)
    guess = fields.guesser(list(first))
    for entry, whom in _with(case, "whom"):
        if whom not in first and whom != case.debtor.name and not _outside(entry):
            message = t("{name} is no person of this case: add a [[person]]", name=whom)
            yield Finding((entry.kind, entry.nth, "with"), message + guess(whom), "notice")


def _outside(entry: Entry) -> bool:
    """Return whether an entry is with somebody who is nobody to the debt, such as a reception."""
    return isinstance(entry.record, Contact) and entry.record.outcome == "third_party"


def _named(case: Case, kind: str, key: str) -> list[str]:
    """Return what the file calls the tables of a kind, those with an error too; "" for no name."""
    tables = case.data.get(kind, [])
    rows = tables if isinstance(tables, list) else []
    names = [row.get(key) if isinstance(row, dict) else None for row in rows]
    return [name if isinstance(name, str) else "" for name in names]


def _dates(case: Case) -> Iterator[Finding]:
    """Nothing is due before it was made."""
    there = case.journal.by_class
    for entry in there.get(Invoice, ()):
        invoice = entry.record
        if invoice.issued and invoice.due < invoice.issued:
            message = t(
                "due {due} is before it was issued ({issued})",
                due=invoice.due,
                issued=invoice.issued,
            )
            yield Finding((entry.kind, entry.nth, "due"), message)
    for entry in there.get(Promise, ()):
        promise = entry.record
        if _before(promise.due, promise.at):
            message = t(
                "due {due} is before the promise was made ({at})",
                due=_minutes(promise.due),
                at=_minutes(promise.at),
            )
            yield Finding((entry.kind, entry.nth, "due"), message)
    for entry in there.get(Hold, ()):
        hold = entry.record
        if hold.until and hold.until < hold.at.date():
            message = t(
                "until {until} is before the hold began ({at})",
                until=hold.until,
                at=hold.at.date(),
            )
            yield Finding((entry.kind, entry.nth, "until"), message)
    for entry in there.get(Plan, ()):
        days = [day for day, _ in entry.record.instalments]
        if days != sorted(set(days)):
            message = t("instalments must be in the order of their due days, one for each day")
            yield Finding((entry.kind, entry.nth, "instalments"), message)


def _minutes(value: date | datetime) -> str:
    return value.isoformat(" ", "minutes") if isinstance(value, datetime) else str(value)


def _before(due: date | datetime, made: datetime) -> bool:
    return due < made if isinstance(due, datetime) else due < made.date()


_REFERRING = (Void, Confirmation, Release, Reversal, Approval, Waiver, Sending, Document)
_TABLES_REFERRING = {kind for kind, cls in ENTRY_CLASSES.items() if cls in _REFERRING}


def _references(case: Case) -> Iterator[Finding]:
    """A handle names an entry that there is, of the kind that is meant."""
    if _TABLES_REFERRING.isdisjoint(case.data):
        return
    referring = [
        entry
        for journal in (case.journal, case.voided)
        for cls in _REFERRING
        for entry in journal.by_class.get(cls, ())
        if not isinstance(entry.record, Document) or entry.record.proves
    ]
    if not referring:
        return
    known = {handle: kind for (kind, _), handle in handles(case.data).items()}
    for entry in referring:
        record = entry.record
        if isinstance(record, Void):
            if record.entry not in known:
                message = t("there is no entry {handle} to void", handle=record.entry)
                yield Finding((entry.kind, entry.nth, "entry"), message)
        elif isinstance(record, Confirmation):
            if known.get(record.promise) != "promise":
                message = t("there is no promise {handle}", handle=record.promise)
                yield Finding((entry.kind, entry.nth, "promise"), message)
        elif isinstance(record, Reversal):
            if known.get(record.payment) != "payment":
                message = t("there is no payment {handle}", handle=record.payment)
                yield Finding((entry.kind, entry.nth, "payment"), message)
        elif isinstance(record, Sending):
            if known.get(record.letter) != "letter":
                message = t("there is no letter {handle}", handle=record.letter)
                yield Finding((entry.kind, entry.nth, "letter"), message)
        elif isinstance(record, Approval):
            if known.get(record.entry) not in ("plan", "settlement", "waiver"):
                message = t("there is no plan, settlement or waiver {handle}", handle=record.entry)
                yield Finding((entry.kind, entry.nth, "entry"), message)
        elif isinstance(record, Document):
            if record.proves not in known:
                message = t("there is no entry {handle} to prove", handle=record.proves)
                yield Finding((entry.kind, entry.nth, "proves"), message)
        elif isinstance(record, Waiver):
            if record.what != "interest" and known.get(record.what) != "fee":
                message = t("there is no fee {what}; write a handle or interest", what=record.what)
                yield Finding((entry.kind, entry.nth, "what"), message)
        elif (
            isinstance(record, Release)
            and record.what not in HOLDS
            and known.get(record.what) not in ("hold", "dispute", "plan")
        ):
            message = t("there is no hold, dispute or plan {what}", what=record.what)
            yield Finding((entry.kind, entry.nth, "what"), message)


def _currencies(case: Case) -> Iterator[Finding]:
    """Money comes in a currency in which something is billed."""
    there, main = case.journal.by_class, case.head.currency
    payments = there.get(Payment, ())
    billed = {entry.record.currency or main for cls in _BILLS for entry in there.get(cls, ())}
    if not billed or billed.issuperset([entry.record.currency or main for entry in payments]):
        return
    billed |= {currency or main for currency in _named(case, "invoice", "currency")}
    for entry in payments:
        currency = entry.record.currency or main
        if currency not in billed and entry.record.invoice is None:
            message = t("no invoice is in {currency}: this pays for none", currency=currency)
            yield Finding((entry.kind, entry.nth, "currency"), message, "notice")


_BILLS = (Invoice, Fee)


def _pauses(case: Case) -> Iterator[Finding]:
    """A pause ends some day."""
    for entry in case.journal.by_class.get(Hold, ()):
        hold = entry.record
        if hold.kind == "pause" and hold.until is None:
            yield Finding((entry.kind, entry.nth), t("a pause needs its last day: add until"))


RULES: tuple[Rule, ...] = (
    _digits,
    _numbers,
    _named_invoices,
    _people,
    _dates,
    _references,
    _pauses,
    _currencies,
)
