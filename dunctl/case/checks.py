"""What a case file can say that cannot be: rules over a whole case, each a function."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal

from dunctl import money
from dunctl.case import fields
from dunctl.case.handles import handles
from dunctl.case.lines import Finding
from dunctl.case.records import (
    HOLDS,
    Approval,
    Case,
    Confirmation,
    Document,
    Entry,
    Hold,
    Invoice,
    Letter,
    Plan,
    Promise,
    Release,
    Reversal,
    Sending,
    Void,
    Waiver,
    of,
    pairs,
)
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
    for entry in case.journal:
        own = currency_of(case, entry.record)
        amounts = [("amount", own, getattr(entry.record, "amount", None))]
        if isinstance(entry.record, Plan):
            amounts = [("instalments", own, amount) for _, amount in entry.record.instalments]
        if isinstance(entry.record, Letter):
            amounts += [
                ("sums", one.currency, part) for one in entry.record.sums for part in one[1:]
            ]
        for key, currency, amount in amounts:
            if isinstance(amount, Decimal) and not money.fits(amount, currency):
                message = t(
                    "{key} {amount} has too many decimals: {currency} has {digits}",
                    key=key,
                    amount=amount,
                    currency=currency,
                    digits=money.exponent(currency),
                )
                yield Finding((entry.kind, entry.nth, key), message)


def _numbers(case: Case) -> Iterator[Finding]:
    """An invoice number stands for one invoice."""
    seen: dict[str, Entry] = {}
    for entry, invoice in sorted(pairs(case, Invoice), key=lambda pair: pair[0].nth):
        number = invoice.number
        if number in seen:
            message = t("invoice {number} is already there; void one of the two", number=number)
            yield Finding((entry.kind, entry.nth, "number"), message)
        seen[number] = entry


def _named_invoices(case: Case) -> Iterator[Finding]:
    """What names an invoice names one that there is, in its own currency."""
    invoices = {invoice.number: invoice for invoice in of(case, Invoice)}
    void = [e.record.number for e in case.voided if isinstance(e.record, Invoice)]
    written = _named(case, "invoice", "number")
    for entry in case.journal:
        number = getattr(entry.record, "invoice", None)
        if number is None:
            continue
        if number not in invoices:
            if number in void:
                message = t("invoice {number} is void: name another one", number=number)
            elif number in written:
                continue
            else:
                hint = fields.closest(number, list(invoices))
                message = t("there is no invoice {number}", number=number) + hint
            yield Finding((entry.kind, entry.nth, "invoice"), message)
        elif hasattr(entry.record, "currency") and currency_of(case, entry.record) != currency_of(
            case, invoices[number]
        ):
            message = t(
                "invoice {number} is in {currency}: give this entry the same currency",
                number=number,
                currency=currency_of(case, invoices[number]),
            )
            yield Finding((entry.kind, entry.nth, "invoice"), message)


def _people(case: Case) -> Iterator[Finding]:
    """Whoever is named in ``with`` is a person of the case; nobody is there twice."""
    names = _named(case, "person", "name")
    for nth, name in enumerate(names):
        if name and name in names[:nth]:
            message = t("{name} is already a person of this case", name=name)
            yield Finding(("person", nth, "name"), message)
    for entry in case.journal:
        whom = getattr(entry.record, "whom", None)
        if whom is not None and whom not in names and whom != case.debtor.name:
            message = t("{name} is no person of this case: add a [[person]]", name=whom)
            hint = fields.closest(whom, [name for name in names if name])
            yield Finding((entry.kind, entry.nth, "with"), message + hint, "notice")


def _named(case: Case, kind: str, key: str) -> list[str]:
    """Return what the file calls the tables of a kind, those with an error too; "" for no name."""
    tables = case.data.get(kind, [])
    rows = tables if isinstance(tables, list) else []
    names = [row.get(key) if isinstance(row, dict) else None for row in rows]
    return [name if isinstance(name, str) else "" for name in names]


def _dates(case: Case) -> Iterator[Finding]:
    """Nothing is due before it was made."""
    for entry in case.journal:
        record = entry.record
        if isinstance(record, Invoice) and record.issued and record.due < record.issued:
            message = t(
                "due {due} is before it was issued ({issued})",
                due=record.due,
                issued=record.issued,
            )
            yield Finding((entry.kind, entry.nth, "due"), message)
        if isinstance(record, Promise) and _before(record.due, record.at):
            message = t(
                "due {due} is before the promise was made ({at})",
                due=_minutes(record.due),
                at=_minutes(record.at),
            )
            yield Finding((entry.kind, entry.nth, "due"), message)
        if isinstance(record, Hold) and record.until and record.until < record.at.date():
            message = t(
                "until {until} is before the hold began ({at})",
                until=record.until,
                at=record.at.date(),
            )
            yield Finding((entry.kind, entry.nth, "until"), message)
        if isinstance(record, Plan):
            days = [day for day, _ in record.instalments]
            if days != sorted(set(days)):
                message = t("instalments must be in the order of their due days, one for each day")
                yield Finding((entry.kind, entry.nth, "instalments"), message)


def _minutes(value: date | datetime) -> str:
    return value.isoformat(" ", "minutes") if isinstance(value, datetime) else str(value)


def _before(due: date | datetime, made: datetime) -> bool:
    return due < made if isinstance(due, datetime) else due < made.date()


def _references(case: Case) -> Iterator[Finding]:
    """A handle names an entry that there is, of the kind that is meant."""
    referring = [
        e
        for e in (*case.journal, *case.voided)
        if isinstance(
            e.record, Void | Confirmation | Release | Reversal | Approval | Waiver | Sending
        )
        or (isinstance(e.record, Document) and e.record.proves)
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


def _pauses(case: Case) -> Iterator[Finding]:
    """A pause ends some day."""
    for entry, hold in pairs(case, Hold):
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
)
