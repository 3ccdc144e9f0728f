"""Where money goes: a case walked through day by day, each payment to costs, interest, principal.

Money that names an invoice goes to its principal first (the payer's direction), what is over to its
costs and claimed interest. Money that names none goes to the oldest due debt first, and within a
debt by the order of its profile; a fee that names no invoice is a debt of its own, due on its day.
``to`` says what the payer meant and comes first. Credit notes lower principal only. What is left
waits as credit of theirs: it is put to the principal of what is issued later or opened again, money
that named an invoice to that one only, and never to fees or interest.

Interest takes part from the day on which it is claimed: by a claim that names the invoice, by one
that names none on what is overdue and open that day, or likewise by a letter that asks for
interest. What was paid before stays where it went.

A payment that bounced counts until the day before: from its day on what it closed is open again,
its interest runs as if that money had never come, and credit that waits is put to it. What other
payments went to stays. What was refunded of it is then owed to us: unallocated credit below zero.

By BGB 366 and 民法典 560 debts that are due come before others, then those with less security, then
the more burdensome, then the older, and equals in proportion. A case file does not know securities:
what is left of it is the oldest due, and in proportion where several are due on one day. Spare
cents go to the largest remainder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any, TypeAlias

from dunctl import money as currencies
from dunctl.case.checks import day_of
from dunctl.case.handles import handles
from dunctl.case.records import (
    Case,
    Claim,
    Credit,
    Dispute,
    Entry,
    Fee,
    Invoice,
    Journal,
    Letter,
    Payment,
    Refund,
    Reversal,
    Waiver,
    of,
    pairs,
)
from dunctl.owed.approvals import counting
from dunctl.owed.debts import ZERO, Charge, Debt, Money, Rules
from dunctl.owed.holds import released
from dunctl.owed.law import PARTS, Law
from dunctl.owed.movements import MONEY
from dunctl.owed.settlement import Met, met
from dunctl.words import t

Key: TypeAlias = tuple[str, int]
"""The kind of an entry, and which of its kind it is in the file."""
_BY_DUE = attrgetter("due", "number")
_BY_DUE_OF_ENTRY = attrgetter("record.due", "record.number")


class Book:
    """A case on a day: its debts, oldest due first, and all money with what is left of it.

    ``bounced`` says from which day payments do not count, ``overdrawn`` what was refunded beyond
    their credit, by currency.
    """

    def __init__(self, rules: Rules, bounced: Mapping[Key, date]) -> None:
        self.rules = rules
        self.currency = rules.case.head.currency
        self.bounced = bounced
        self.debts: list[Debt] = []
        self.charges: list[Charge] = []
        self.waiting: list[Money] = []
        self.overdrawn: dict[str, Decimal] = {}
        self.problems: list[str] = []
        self.money: dict[Key, Money] = {}

    def unallocated(self) -> dict[str, Decimal]:
        """Return the credit of theirs by currency; below zero where too much was refunded."""
        totals: dict[str, Decimal] = {}
        for money in self.waiting:
            totals[money.currency] = totals.get(money.currency, ZERO) + money.rest
        for currency, amount in self.overdrawn.items():
            totals[currency] = totals.get(currency, ZERO) - amount
        return {currency: total for currency, total in totals.items() if total}


def book_of(case: Case, day: date, law: Law, money_day: date | None = None) -> Book:
    """Return where all money of a case is on ``day``, by the entries of that day and before.

    Money up to ``money_day`` counts too, as if it had moved on ``day``. What cannot be computed is
    a sentence in ``problems``: interest at a rate that is not known takes no part.
    """
    last = money_day or day
    bounced = {key: min(on, day) for key, on in _bounced(case, last).items()}
    book = Book(Rules(case, law), bounced)
    for on, move, entry, record in _movements(case, day, last):
        if on > last:
            break
        if on <= day or type(record) in _EARLY:
            move(book, entry, record, min(on, day))
    for currency, amount in book.overdrawn.items():
        if amount:
            shown = currencies.show(amount, currency)
            book.problems.append(
                t("{amount} more was refunded than there was credit of theirs", amount=shown)
            )
    return book


def _bounced(case: Case, day: date) -> dict[Key, date]:
    """Return from which day payments do not count, by their place in the file."""
    if Reversal not in case.journal.by_class:
        return {}
    gone: dict[str, date] = {}
    for reversal in of(case, Reversal):
        if reversal.on <= day:
            gone.setdefault(reversal.payment, reversal.on)
    if not gone:
        return {}
    return {
        key: gone[name]
        for key, name in handles(case.data).items()
        if name in gone and key[0] == "payment"
    }


def without_bounced(case: Case, day: date) -> Case:
    """Return a case as if the payments that were taken back by ``day`` had never come."""
    gone = _bounced(case, day)
    if not gone:
        return case
    kept = (
        entry
        for entry in case.journal
        if (entry.kind, entry.nth) not in gone
        and not (isinstance(entry.record, Reversal) and entry.record.on <= day)
    )
    return case._replace(journal=Journal(kept))


def _movements(case: Case, day: date, last: date) -> list[tuple[date, _Move, Entry, Any]]:
    """Return what moves: its day, what it does, its entry and its record.

    That is the order in which it counts. Invoices come by due day; of one class, what comes first
    in the journal. Some of it may move after ``last``, up to which money counts.
    """
    entries = case.journal.by_class
    found: list[tuple[date, _Move, Entry, Any]] = [
        (entry.record.issued or date.min, _issue, entry, entry.record)
        for entry in sorted(entries.get(Invoice, ()), key=_BY_DUE_OF_ENTRY)
    ]
    for cls, (day_in, move) in _TURNS.items():
        if cls in entries:
            found += [
                (day_in(entry.record), move, entry, entry.record)
                for entry in _moving(case, cls, last)
            ]
    found += [(one.day, _let_go, one.entry, one) for one in met(case, day, last)]
    found.sort(key=itemgetter(0))
    return found


def _moving(case: Case, cls: type[Any], day: date) -> Sequence[Any]:
    """Return the entries of a class that move anything: a letter may, a waiver may be pending."""
    if cls is Letter:
        return [entry for entry, letter in pairs(case, Letter) if letter.interest]
    if cls is Waiver:
        return [entry for entry, _ in counting(case, Waiver, day)]
    return case.journal.by_class[cls]


def _issue(book: Book, _: Entry, invoice: Invoice, day: date) -> None:
    debt = Debt(invoice.number, invoice.due, invoice.currency or book.currency, invoice)
    _add(book, debt)
    if book.charges:
        debt.charges = [c for c in book.charges if c.fee.invoice == invoice.number]
    if book.waiting:
        _draw_waiting(book, [debt], day)


def _add(book: Book, debt: Debt) -> None:
    """Put a debt in its place: the oldest due comes first."""
    debts = book.debts
    debts.append(debt)
    if len(debts) > 1 and debt.due <= debts[-2].due:
        debts.sort(key=_BY_DUE)


def _draw_waiting(book: Book, debts: Sequence[Debt], day: date) -> None:
    """Put credit that waits to principal: what named an invoice first, and to that one only."""
    for named in (True, False):
        for money in book.waiting:
            number = money.record.invoice
            if (number is not None) is named:
                fitting = [
                    debt
                    for debt in debts
                    if debt.currency == money.currency and number in (None, debt.number)
                ]
                _spread(book, money, fitting, ("principal",), day)
    book.waiting = [money for money in book.waiting if money.rest]


def _place(book: Book, entry: Entry, record: Payment | Credit, day: date) -> None:
    """Put money that arrives where it belongs; what is left waits."""
    key = entry.kind, entry.nth
    if key in book.bounced and book.bounced[key] <= day:
        return
    number, currency = record.invoice, record.currency or book.currency
    book.money[key] = money = Money(record, currency)
    debts = [
        debt
        for debt in book.debts
        if (number is None or (debt.number == number and debt.invoice))
        and debt.currency == currency
    ]
    if isinstance(record, Payment) and record.to:
        _spread(book, money, debts, (record.to,), day, directed=True)
    if number is not None or isinstance(record, Credit):
        _spread(book, money, debts, ("principal",), day)
    if money.rest and isinstance(record, Payment):
        _spread(book, money, debts, None, day)
    if money.rest:
        _cover(book, money)
    if money.rest:
        book.waiting.append(money)


def _cover(book: Book, money: Money) -> None:
    """Let what is left of money make good what was refunded beyond their credit."""
    part = min(money.rest, book.overdrawn.get(money.currency, ZERO))
    if part:
        money.rest -= part
        money.refunded += part
        book.overdrawn[money.currency] -= part


def _spread(
    book: Book,
    money: Money,
    debts: Sequence[Debt],
    parts: tuple[str, ...] | None,
    day: date,
    *,
    directed: bool = False,
) -> None:
    """Put money to ``parts`` of debts in its currency (by default all, in the order of each).

    The oldest due comes first. Money that is ``directed`` to interest pays it also where nobody
    claimed it yet.
    """
    if len(debts) == 1:
        _pay(book, money, debts[0], money.rest, parts, day, directed)
        return
    for group in _groups(book, money.currency, debts):
        if not money.rest:
            return
        if len(group) == 1:
            _pay(book, money, group[0], money.rest, parts, day, directed)
            continue
        opens = [_open(book, debt, parts, day, directed) for debt in group]
        for debt, share in zip(group, shares(money.rest, opens, money.currency), strict=True):
            _pay(book, money, debt, share, parts, day, directed)


def _groups(book: Book, currency: str, debts: Sequence[Debt]) -> Iterable[list[Debt]]:
    """Return debts in the order in which money reaches them, equals together."""
    days = [debt.due for debt in debts]
    if len(set(days)) == len(days) or book.rules.among(currency) == "oldest":
        return [[debt] for debt in debts]
    return [list(group) for _, group in groupby(debts, key=lambda debt: debt.due)]


def shares(amount: Decimal, opens: Sequence[Decimal], currency: str) -> list[Decimal]:
    """Divide money over what is open in proportion, none above it, and no cent is lost."""
    whole = sum(opens, ZERO)
    if amount >= whole:
        return list(opens)
    digits = currencies.exponent(currency)
    cents = [int(part.scaleb(digits)) for part in opens]
    total, rest = int(whole.scaleb(digits)), int(amount.scaleb(digits))
    found = [rest * part // total for part in cents]
    spare = rest - sum(found)
    largest = sorted(range(len(cents)), key=lambda n: (-(rest * cents[n] % total), n))
    for nth in largest[:spare]:
        found[nth] += 1
    return [Decimal(part).scaleb(-digits) for part in found]


def _open(
    book: Book, debt: Debt, parts: tuple[str, ...] | None, day: date, directed: bool
) -> Decimal:
    total = ZERO
    for part in parts or PARTS:
        if part == "principal":
            total += debt.open
        elif part == "costs":
            total += sum((charge.open for charge in debt.charges), ZERO)
        elif directed or debt.claimed is not None:
            total += _interest_due(book, debt, day)
    return total


def _pay(
    book: Book,
    money: Money,
    debt: Debt,
    most: Decimal,
    parts: tuple[str, ...] | None,
    day: date,
    directed: bool,
) -> None:
    """Put ``most`` of money to the parts of one debt, in their order."""
    for part in book.rules.order(debt) if parts is None else parts:
        if part == "principal":
            paid = min(most, debt.open)
            if paid:
                debt.open -= paid
                debt.principal.append((day, paid, money))
                if isinstance(money.record, Credit):
                    debt.credited += paid
        elif part == "costs":
            paid = ZERO
            for charge in debt.charges:
                share = min(most - paid, charge.open)
                if share:
                    charge.paid += share
                    money.charges.append((charge, share))
                    paid += share
        elif most and (directed or debt.claimed is not None):
            paid = min(most, _interest_due(book, debt, day))
            if paid:
                debt.interest.append((day, paid, money))
        else:
            paid = ZERO
        most -= paid
        money.rest -= paid


def _interest_due(book: Book, debt: Debt, day: date) -> Decimal:
    """Return the open interest that ran before ``day``, without that on a disputed part."""
    less = disputed(book, day_of(day)).get(id(debt), ZERO)
    return _interest_open(book, debt, day, less, before=True)


def _interest_open(
    book: Book, debt: Debt, day: date, less: Decimal, *, before: bool = False
) -> Decimal:
    """Return the open interest; 0, and a problem that says so, where a rate is not known."""
    from dunctl.owed.accrual import interest_open
    from dunctl.owed.rates import RateUnknown

    try:
        return interest_open(debt, day, book.rules, less=less, before=before)
    except RateUnknown as error:
        sentence = t(
            "interest on {number} takes no part in money of {day}: {why}",
            number=debt.number,
            day=day,
            why=error,
        )
        if sentence not in book.problems:
            book.problems.append(sentence)
        return ZERO


def _bounce(book: Book, _: Entry, __: Reversal, day: date) -> None:
    """Take back the payments that do not count from a day on."""
    for key, gone in book.bounced.items():
        if gone == day and key in book.money:
            _take_back(book, book.money.pop(key), day)


def _take_back(book: Book, money: Money, day: date) -> None:
    """Undo what a payment did, and put credit that waits to what is open again."""
    reopened = []
    for debt in book.debts:
        back = sum((amount for _, amount, paid_by in debt.principal if paid_by is money), ZERO)
        if back:
            debt.open += back
            debt.principal = [row for row in debt.principal if row[2] is not money]
            reopened.append(debt)
        if debt.interest:
            debt.interest = [row for row in debt.interest if row[2] is not money]
    for charge, amount in money.charges:
        charge.paid -= amount
    book.waiting = [other for other in book.waiting if other is not money]
    if money.refunded:
        _refund(book, money.currency, money.refunded)
    _draw_waiting(book, reopened, day)


def _pay_back(book: Book, _: Entry, refund: Refund, __: date) -> None:
    _refund(book, refund.currency or book.currency, refund.amount)


def _refund(book: Book, currency: str, amount: Decimal) -> None:
    """Take a refund out of credit that waits, the oldest first; what is beyond it is overdrawn."""
    for money in book.waiting:
        part = min(amount, money.rest) if money.currency == currency else ZERO
        money.rest -= part
        money.refunded += part
        amount -= part
    book.waiting = [money for money in book.waiting if money.rest]
    if amount:
        book.overdrawn[currency] = book.overdrawn.get(currency, ZERO) + amount


def _claim(book: Book, _: Entry, record: Claim | Letter, day: date) -> None:
    """Claim interest on the named invoice, or on all that are overdue and open that day."""
    number = record.invoice if isinstance(record, Claim) else None
    wanted = (record.currency or book.currency) if isinstance(record, Letter) else None
    for debt in book.debts:
        if debt.invoice is None or wanted not in (None, debt.currency):
            continue
        if number == debt.number or (number is None and debt.due < day and debt.open > 0):
            debt.claimed = debt.claimed or day
            if isinstance(record, Claim) and record.profile:
                debt.profile = record.profile


def _charge(book: Book, entry: Entry, fee: Fee, day: date) -> None:
    charge = Charge(fee, entry[:2], fee.currency or book.currency, book.rules.case.data)
    book.charges.append(charge)
    if fee.invoice is None:
        debt = Debt("", day, charge.currency, None)
        debt.charges.append(charge)
        _add(book, debt)
    for debt in book.debts:
        if debt.invoice and debt.number == fee.invoice:
            debt.charges.append(charge)
    if fee.kind != "contract":
        _match(book)


def _match(book: Book) -> None:
    """Let fixed sums and costs of recovery count once where the law says so (BGB 288 V).

    Costs that name an invoice count against its fixed sum, others against any. What of a fixed sum
    is paid already lowers the costs.
    """
    for costs in (c for c in book.charges if c.fee.kind == "costs"):
        for fixed in (c for c in book.charges if c.fee.kind == "fixed_sum"):
            if costs.currency != fixed.currency:
                continue
            if costs.fee.invoice not in (None, fixed.fee.invoice):
                continue
            profile, _ = book.rules.named(fixed.currency, None)
            if profile is not None and not profile.costs_credited:
                continue
            common = min(
                costs.fee.amount - costs.waived - costs.matched,
                fixed.fee.amount - fixed.waived - fixed.matched,
            )
            if common <= 0:
                continue
            costs.matched += common
            fixed.matched += common
            off = min(common, fixed.open)
            fixed.credited += off
            costs.credited += min(common - off, costs.open)


def _waive(book: Book, _: Entry, waiver: Waiver, day: date) -> None:
    if waiver.what != "interest":
        for charge in book.charges:
            if charge.handle == waiver.what:
                charge.waived += min(charge.open, waiver.amount or charge.open)
        return
    debts = [d for d in book.debts if d.invoice and waiver.invoice in (None, d.number)]
    if waiver.amount is None:
        for debt in debts:
            if waiver.currency in (None, debt.currency):
                debt.waivers.append((day, None))
        return
    rest = waiver.amount
    currency = waiver.currency or book.currency
    without = disputed(book, day)
    for debt in debts:
        if not rest or debt.currency != currency or debt.due >= day:
            continue
        less = without.get(id(debt), ZERO)
        part = min(rest, _interest_open(book, debt, day, less))
        if part:
            debt.waivers.append((day, part))
            rest -= part


def _let_go(book: Book, _: Entry, record: Met, day: date) -> None:
    """Let go what a settlement that was met leaves open of what it was about."""
    for debt in book.debts:
        since = debt.invoice.issued if debt.invoice else debt.due
        if debt.currency != record.currency or (since is not None and since > record.made):
            continue
        if debt.open:
            debt.principal.append((day, debt.open, None))
            debt.settled += debt.open
            debt.credited += debt.open
            debt.open = ZERO
        if debt.invoice:
            debt.waivers.append((day, None))
        for charge in debt.charges:
            charge.waived += charge.open


def disputed(book: Book, day: date) -> dict[int, Decimal]:
    """Return the disputed part of each debt (by ``id``): the named invoice, or oldest due first."""
    case = book.rules.case
    if Dispute not in case.journal.by_class:
        return {}
    ended = released(case, day)
    parts: dict[int, Decimal] = {}
    for entry, dispute in pairs(case, Dispute):
        if day_of(dispute.at) > day or entry in ended:
            continue
        rest = dispute.amount
        for debt in book.debts:
            if debt.currency != (dispute.currency or book.currency) or (
                dispute.invoice and dispute.invoice != debt.number
            ):
                continue
            part = min(rest, debt.open - parts.get(id(debt), ZERO))
            parts[id(debt)] = parts.get(id(debt), ZERO) + part
            rest -= part
    return parts


_Move: TypeAlias = Callable[[Book, Entry, Any, date], None]
_ON = attrgetter("on")
_TURNS: Mapping[type[Any], tuple[Callable[[Any], date], _Move]] = {
    Reversal: (_ON, _bounce),
    Claim: (_ON, _claim),
    Letter: (lambda letter: day_of(letter.at), _claim),
    Fee: (_ON, _charge),
    Waiver: (_ON, _waive),
    Credit: (_ON, _place),
    Payment: (_ON, _place),
    Refund: (_ON, _pay_back),
}
"""What comes in turn on a day, after its invoices: what is claimed and let go, then money."""
_EARLY = MONEY | {Met}
"""What may count before its day has begun where the debtor is."""
