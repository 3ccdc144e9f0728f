"""An entry in the words of a person: for commit messages, lists and reviews."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from dunctl import dates, money
from dunctl.case.records import (
    Acknowledgement,
    Approval,
    Claim,
    Confirmation,
    Contact,
    Credit,
    Dispute,
    Document,
    Fee,
    Hold,
    Invoice,
    Letter,
    Payment,
    Plan,
    Promise,
    Record,
    Refund,
    Release,
    Reversal,
    Sending,
    Settlement,
    Step,
    Void,
    Waiver,
)


def describe(record: Record, currency: str, today: date) -> str:
    """Return one phrase for an entry, such as ``promise of £2,000.00 by Fri 27 Nov``.

    ``currency`` is the case's; ``today`` decides whether a year has to be named. The phrases are
    English in every language, because they become history that everybody shares.
    """
    own = getattr(record, "currency", None) or currency
    return _PHRASES[type(record)](record, lambda amount: money.show(amount, own), today)


def _for(number: str | None) -> str:
    return f" for invoice {number}" if number else ""


def _tail(text: str | None, sign: str = ": ") -> str:
    return f"{sign}{text}" if text else ""


Amount = Callable[[Decimal], str]


def _invoice(r: Invoice, amount: Amount, today: date) -> str:
    return f"invoice {r.number} of {amount(r.amount)}, due {dates.say(r.due, today=today)}"


def _payment(r: Payment, amount: Amount, today: date) -> str:
    day = dates.say(r.on, today=today)
    to = f" to {r.to}" if r.to else ""
    return f"payment of {amount(r.amount)} on {day}{_for(r.invoice)}{to}{_tail(r.ref, ', ')}"


def _reversal(r: Reversal, amount: Amount, today: date) -> str:
    return f"payment {r.payment} taken back on {dates.say(r.on, today=today)}{_tail(r.why)}"


def _refund(r: Refund, amount: Amount, today: date) -> str:
    return f"refund of {amount(r.amount)} on {dates.say(r.on, today=today)}{_tail(r.ref, ', ')}"


def _credit(r: Credit, amount: Amount, today: date) -> str:
    return f"credit of {amount(r.amount)}{_for(r.invoice)}{_tail(r.why)}"


def _contact(r: Contact, amount: Amount, today: date) -> str:
    way = f"{r.channel} from" if r.direction == "in" else r.channel
    text = f"{way}{' ' + r.whom if r.whom else ''}: {r.outcome.replace('_', ' ')}"
    if r.amount:
        text += f" {amount(r.amount)}"
    if r.phone:
        text += f" {r.phone}"
    said = r.theirs or r.note or r.result
    if r.call_back:
        text += f", call back {dates.say(r.call_back, today=today)}"
    return text + _tail(said, " - ")


def _promise(r: Promise, amount: Amount, today: date) -> str:
    return f"promise of {amount(r.amount)} by {dates.say(r.due, today=today)}{_for(r.invoice)}"


def _confirmation(r: Confirmation, amount: Amount, today: date) -> str:
    return f"promise {r.promise} confirmed by {r.channel}"


def _plan(r: Plan, amount: Amount, today: date) -> str:
    total = sum((part for _, part in r.instalments), Decimal(0))
    return f"plan of {len(r.instalments)} instalments, {amount(total)}"


def _settlement(r: Settlement, amount: Amount, today: date) -> str:
    until = dates.say(r.until, today=today)
    return f"settlement for {amount(r.amount)} by {until}{_tail(r.why)}"


def _approval(r: Approval, amount: Amount, today: date) -> str:
    return f"approval of {r.entry} by {r.by}"


def _dispute(r: Dispute, amount: Amount, today: date) -> str:
    return f"dispute of {amount(r.amount)}{_for(r.invoice)} ({r.about})"


def _hold(r: Hold, amount: Amount, today: date) -> str:
    until = f" until {dates.say(r.until, today=today)}" if r.until else ""
    return f"hold: {r.kind.replace('_', ' ')}{until}{_tail(r.why)}"


def _release(r: Release, amount: Amount, today: date) -> str:
    return f"release of {r.what.replace('_', ' ')}{_tail(r.why)}"


def _letter(r: Letter, amount: Amount, today: date) -> str:
    sum_of = f" for {amount(r.amount)}" if r.amount else ""
    if r.sums:
        sum_of = " for " + " and ".join(money.show(one.amount, one.currency) for one in r.sums)
    until = f" by {dates.say(r.deadline, today=today)}" if r.deadline else ""
    return f"{r.template} ({r.language or '-'}){sum_of}{until}"


def _sending(r: Sending, amount: Amount, today: date) -> str:
    how = {"sent": "sent", "failed": "not sent", "unknown": "perhaps sent"}[r.state]
    to, number = _tail(r.to, " to "), _tail(r.tracking, ", tracking number ")
    return f"letter {r.letter} {how} by {r.channel}{to}{number}{_tail(r.answer)}"


def _document(r: Document, amount: Amount, today: date) -> str:
    return f"document: {r.kind}{_tail(r.ref, ' ')}{_tail(r.proves, ', proves ')}"


def _acknowledgement(r: Acknowledgement, amount: Amount, today: date) -> str:
    sum_of = f" of {amount(r.amount)}" if r.amount else ""
    return f"{r.form} acknowledgement{sum_of}{_tail(r.how)}"


def _fee(r: Fee, amount: Amount, today: date) -> str:
    return f"fee of {amount(r.amount)} ({r.basis})"


def _claim(r: Claim, amount: Amount, today: date) -> str:
    day = dates.say(r.on, today=today)
    return f"interest claimed from {day}{_for(r.invoice)}{_tail(r.profile, ', ')}"


def _waiver(r: Waiver, amount: Amount, today: date) -> str:
    sum_of = f"{amount(r.amount)} of " if r.amount else ""
    what = r.what if r.what == "interest" else f"fee {r.what}"
    return f"waiver of {sum_of}{what}{_for(r.invoice)}: {r.why}"


def _step(r: Step, amount: Amount, today: date) -> str:
    return f"stage {r.to}{_tail(r.why)}"


def _void(r: Void, amount: Amount, today: date) -> str:
    return f"void {r.entry}{_tail(r.why)}"


_PHRASES: Mapping[type[Any], Callable[[Any, Amount, date], str]] = {
    Invoice: _invoice,
    Payment: _payment,
    Reversal: _reversal,
    Refund: _refund,
    Credit: _credit,
    Contact: _contact,
    Promise: _promise,
    Confirmation: _confirmation,
    Plan: _plan,
    Settlement: _settlement,
    Approval: _approval,
    Dispute: _dispute,
    Hold: _hold,
    Release: _release,
    Letter: _letter,
    Sending: _sending,
    Document: _document,
    Acknowledgement: _acknowledgement,
    Fee: _fee,
    Claim: _claim,
    Waiver: _waiver,
    Step: _step,
    Void: _void,
}
