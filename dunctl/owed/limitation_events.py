"""What happened to a debt that may matter for limitation, and what is doubtful about it.

A demand counts if a paper proves it, a promise if it is in writing, money if it is clear for which
invoice it came. What is not proved is here all the same, with the doubt and its remedy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

from dunctl.case.checks import currency_of, day_of
from dunctl.case.handles import handles
from dunctl.case.records import (
    Acknowledgement,
    Case,
    Confirmation,
    Contact,
    Document,
    Entry,
    Letter,
    Payment,
    Plan,
    Promise,
    Sending,
    of,
    pairs,
)
from dunctl.case.sendings import sendings
from dunctl.case.vocabulary import UNANSWERED
from dunctl.owed.allocation import Book, book_of
from dunctl.owed.approvals import counting
from dunctl.owed.debts import ZERO
from dunctl.owed.law import NO_LAW
from dunctl.owed.limitation_profiles import Limitation
from dunctl.tuples import NamedTuple
from dunctl.words import t

COURT = ("court_claim", "court_paper")
"""Kinds of document: what was filed and served, and every later paper of the proceedings."""

JUDGMENT = "judgment"
SIGNED_PAPERS = ("reconciliation", "iou")
"""Papers that are worth something once the debtor signed them (practice M02)."""


class Event(NamedTuple):
    """Something that may start the time again, counted from ``base``.

    ``kind`` is one of ``EVENTS``; ``doubt`` says why it may not count although its kind does.
    It concerns one ``invoice``, or every one in ``currency``, or everything.
    """

    entry: Entry
    day: date
    kind: str
    base: date
    doubt: str = ""
    invoice: str | None = None
    currency: str | None = None


def events(case: Case, profile: Limitation, day: date) -> list[Event]:
    """Return the events of a case by ``day``, in the order of their days."""
    source = _Source(case, day)
    found = [
        *_demands(source),
        *_acknowledgements(source),
        *_agreements(source, profile),
        *_part_payments(source),
        *_suits(source),
    ]
    return sorted(found, key=lambda event: event.day)


def judgment(case: Case, day: date) -> date | None:
    """Return the day of the first judgment on file by ``day``: it has times of its own."""
    days = [paper.on for paper in of(case, Document) if paper.kind == JUDGMENT and paper.on <= day]
    return min(days, default=None)


class _Source:
    """A case up to a day, with what several questions ask of it."""

    def __init__(self, case: Case, day: date) -> None:
        self.case, self.day = case, day

    @cached_property
    def _names(self) -> Mapping[tuple[str, int], str]:
        return handles(self.case.data)

    @cached_property
    def papers(self) -> list[tuple[Entry, Document]]:
        return [pair for pair in pairs(self.case, Document) if pair[1].on <= self.day]

    @cached_property
    def proved(self) -> frozenset[str]:
        """Return the handles of what a paper proves."""
        return frozenset(paper.proves for _, paper in self.papers if paper.proves)

    def name(self, entry: Entry) -> str:
        return self._names[entry.kind, entry.nth]

    def is_proved(self, entry: Entry) -> bool:
        return bool(self.proved) and self.name(entry) in self.proved

    @cached_property
    def _sendings(self) -> dict[int, list[Sending]]:
        return sendings(self.case)

    def is_tracked(self, letter: Entry) -> bool:
        """Tell whether a letter was posted by the day with a number that proves it."""
        return any(
            sending.state == "sent" and sending.tracking and day_of(sending.at) <= self.day
            for sending in self._sendings.get(letter.nth, ())
        )

    @cached_property
    def book(self) -> Book:
        """Return where all money of the case is; what bounced is nowhere."""
        return book_of(self.case, self.day, NO_LAW)

    def open(self, day: date, currency: str) -> dict[str, Decimal]:
        """Return what was open at the end of a day, by invoice."""
        left = {
            debt.number: debt.invoice.amount
            - sum((part for on, part, _ in debt.principal if on <= day), ZERO)
            for debt in self.book.debts
            if debt.invoice is not None
            and debt.currency == currency
            and (debt.invoice.issued or date.min) <= day
        }
        return {number: rest for number, rest in left.items() if rest > 0}

    def put(self, entry: Entry, day: date) -> list[str]:
        """Return the invoices to which the money of an entry went on a day."""
        money = self.book.money.get((entry.kind, entry.nth))
        return [
            debt.number
            for debt in self.book.debts
            if any(on == day and by is money for on, _, by in (*debt.principal, *debt.interest))
        ]


def _demands(source: _Source) -> Iterator[Event]:
    case = source.case
    for entry, letter in pairs(case, Letter):
        day = day_of(letter.at)
        if day > source.day or letter.amount is None:
            continue
        doubt = ""
        if not (letter.tracking or source.is_tracked(entry) or source.is_proved(entry)):
            doubt = t(
                "nothing proves that it arrived: dunctl document {id} delivery_receipt "
                "--proves {handle}",
                id=case.id,
                handle=source.name(entry),
            )
        yield Event(entry, day, "demand", day, doubt)
    for entry, contact in pairs(case, Contact):
        day = day_of(contact.at)
        asked = contact.direction == "out" and contact.purpose == "collect"
        if day > source.day or not asked or contact.outcome in UNANSWERED:
            continue
        doubt = "" if source.is_proved(entry) else t("no paper proves what was said")
        yield Event(entry, day, "demand", day, doubt)


def _acknowledgements(source: _Source) -> Iterator[Event]:
    case = source.case
    acknowledged = set()
    for entry, said in pairs(case, Acknowledgement):
        if said.on > source.day:
            continue
        acknowledged |= {said.on, said.ref}
        if said.amount is None:
            yield Event(entry, said.on, said.form, said.on)
            continue
        currency = currency_of(case, said)
        doubt = ""
        if said.amount < sum(source.open(said.on, currency).values(), ZERO):
            doubt = t("it is for less than was open: it may not cover this invoice, or all of it")
        yield Event(entry, said.on, said.form, said.on, doubt, currency=currency)
    for entry, paper in source.papers:
        if paper.kind in SIGNED_PAPERS and not {paper.on, paper.ref or paper.on} & acknowledged:
            doubt = t(
                "if they signed it, say so: dunctl acknowledge {id} --form signed --on {day}",
                id=case.id,
                day=paper.on,
            )
            yield Event(entry, paper.on, "signed", paper.on, doubt)


def _agreements(source: _Source, profile: Limitation) -> Iterator[Event]:
    case = source.case
    confirmed = {c.promise for c in of(case, Confirmation) if day_of(c.at) <= source.day}
    for entry, promise in pairs(case, Promise):
        day = day_of(promise.at)
        if day > source.day:
            continue
        currency = currency_of(case, promise)
        doubt = ""
        if source.name(entry) not in confirmed and not source.is_proved(entry):
            doubt = t(
                "it is not in writing: dunctl confirm {id} {handle}",
                id=case.id,
                handle=source.name(entry),
            )
        open_then = source.open(day, currency) if promise.invoice is None else {}
        if not doubt and len(open_then) > 1 and promise.amount < sum(open_then.values(), ZERO):
            doubt = t("it does not say for which invoice, and is for less than was open")
        yield Event(entry, day, "agreement", day, doubt, promise.invoice, currency)
    for entry, plan in counting(case, Plan, source.day):
        day = day_of(plan.at)
        doubt = ""
        if not source.is_proved(entry):
            doubt = t(
                "no paper proves it: dunctl document {id} agreement --proves {handle}",
                id=case.id,
                handle=source.name(entry),
            )
        base = day
        if profile.instalments_from_last and plan.accelerate is None:
            base = max(day, plan.instalments[-1][0])
        yield Event(entry, day, "agreement", base, doubt, currency=currency_of(case, plan))


def _part_payments(source: _Source) -> Iterator[Event]:
    """Yield the payments that did not bounce, each for the invoices that the ledger puts it on.

    What names its invoice counts for it. What names none counts where only one was open; where
    there were several, whether it acknowledges the one it went to is in doubt.
    """
    case = source.case
    for entry, payment in pairs(case, Payment):
        day = payment.on
        if day > source.day or (entry.kind, entry.nth) not in source.book.money:
            continue
        doubt = t("a set-off is no payment of theirs") if payment.via == "setoff" else ""
        if payment.invoice is not None:
            yield Event(entry, day, "part_payment", day, doubt, payment.invoice)
            continue
        currency = currency_of(case, payment)
        were_open = source.open(day - timedelta(days=1), currency) | source.open(day, currency)
        went_to = source.put(entry, day)
        if len(were_open) == 1:
            went_to = list(were_open)
        elif not doubt:
            doubt = t("it names no invoice, and {n} were open", n=len(were_open))
        for number in went_to:
            yield Event(entry, day, "part_payment", day, doubt, number)


def _suits(source: _Source) -> Iterator[Event]:
    """Yield each claim in court, counted from the last paper of its proceedings."""
    court = sorted(
        (one for one in source.papers if one[1].kind in COURT), key=lambda one: one[1].on
    )
    claims = [(entry, paper) for entry, paper in court if paper.kind == COURT[0]]
    for nth, (entry, claim) in enumerate(claims):
        end = claims[nth + 1][1].on if nth + 1 < len(claims) else date.max
        own = [paper.on for _, paper in court if claim.on <= paper.on < end]
        yield Event(entry, claim.on, "suit", max(own, default=claim.on))
