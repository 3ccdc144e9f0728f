"""What is said on the telephone, in the debtor's language: the last part of the page for a call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from dunctl import dates, money
from dunctl.calling.people import Callee
from dunctl.case.checks import currency_of
from dunctl.case.records import Case, Contact, Payment, Promise, of
from dunctl.case.vocabulary import UNANSWERED
from dunctl.show.text import amounts, wrap
from dunctl.steps.guard_clock import on
from dunctl.steps.ladder import freeze
from dunctl.steps.packs import Pack
from dunctl.steps.packs_kinds import Hours
from dunctl.steps.standing import Standing
from dunctl.words import t

UNTOLD = ("reception", "other")
"""Roles that are told nothing of the debt (practice B11)."""

FIRM = ("firm", "final", "formal", "prelegal", "legal")


def recap(promise: Promise, case: Case, phrases: Mapping[str, Any], today: date) -> str:
    """Return the sentence that repeats a promise to whoever made it (practice F09)."""
    text: str = phrases["recap"]
    return text.format(
        amount=_spoken(money.show(promise.amount, currency_of(case, promise)), phrases),
        due=spoken_date(promise.due, phrases, today),
        via=phrases["via"].get(promise.via or "", ""),
    )


def _spoken(amount: str, phrases: Mapping[str, Any]) -> str:
    return amount.translate(str.maketrans(",.", phrases.get("digits", ",.")))


def spoken_date(value: date | datetime, phrases: Mapping[str, Any], today: date) -> str:
    """Return a day for a sentence, in words of the phrases' language where it has its own."""
    pattern = phrases.get("date")
    if not pattern:
        return dates.say(value, today=today)
    clock = f" {value:%H:%M}" if isinstance(value, datetime) else ""
    year = phrases["year"].format(y=value.year) if value.year != today.year else ""
    weekday = phrases["weekdays"][value.weekday()]
    return year + str(pattern).format(m=value.month, d=value.day, weekday=weekday) + clock


def sentences(
    at: Standing,
    who: Callee,
    phrases: Mapping[str, Any],
    creditor: Mapping[str, Any],
    caller: str,
    packs: Sequence[Pack],
) -> list[str]:
    """Return what to say to ``who``, the answer to what they said, and what to say to others."""
    overdue, bounds = at.ledger.overdue(), _bounds(at, who, packs)
    values = {
        "caller": creditor.get("contact") or caller,
        "creditor": creditor.get("name", "…"),
        "phone": creditor.get("phone", "…"),
        "person": who.name,
        "amount": _spoken(amounts(at.ledger.chasable()), phrases),
        "due": spoken_date(overdue[0].payable, phrases, at.today) if overdue else "…",
    }
    lines = [t("To say")]
    if who.person and who.person.role in UNTOLD:
        lines.append("  " + t("whoever answers is not to hear of the debt: name and number only"))
    elif overdue and not freeze(at):
        opening = phrases["opening_firm" if at.stage in FIRM else "opening"].format(**values)
        lines += wrap(t("opening: {words}", words=opening), 4, "  ")
        answer = _answer(at, phrases)
        if answer:
            words = t("on {code}: {words}", code=answer[0], words=answer[1].format(**values))
            lines += wrap(words, 4, "  ")
    if bounds:
        words = phrases["hours"].format(earliest=bounds[0], latest=bounds[1])
        lines += wrap(t("if asked: {words}", words=words), 4, "  ")
    closing = phrases["recap"].format(amount="…", due="…", via="")
    lines += wrap(t("closing: {words}", words=closing), 4, "  ")
    message = phrases["message"].format(**values)
    return lines + wrap(t("to anybody else: {words}", words=message), 4, "  ")


def _answer(at: Standing, phrases: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return what to say to what they said last, or else to the reason, with its code (C11)."""
    said, reason, answers = _last_said(at), at.case.head.reason or "", phrases["answers"]
    group = reason.split(".")[0]
    codes = (reason, group) if said == group else (said, reason, group)
    return next(((code, answers[code]) for code in codes if code in answers), None)


def _last_said(at: Standing) -> str:
    """Return the outcome of the last talk, if nothing was paid or agreed on since."""
    for contact in reversed(at.contacts):
        if contact.outcome not in UNANSWERED and contact.outcome != "letter_sent":
            return "" if _overtaken(at, contact) else contact.outcome
    return ""


def _overtaken(at: Standing, talk: Contact) -> bool:
    day = talk.at.astimezone(at.zone).date()
    return any(agreed.at > talk.at for agreed in at.agreements) or any(
        day <= payment.on <= at.money_day for payment in of(at.case, Payment)
    )


def _bounds(at: Standing, who: Callee, packs: Sequence[Pack]) -> tuple[str, str] | None:
    """Return between which hours we may call that day, where theirs are not known (A15)."""
    person, window = who.person, at.policy.window
    if at.case.debtor.hours or (person and (person.hours or person.prefer)):
        return None
    allowed = [f"{window.earliest}-{window.latest}"]
    for rule in (rule for pack in packs for rule in pack.rules):
        if isinstance(rule.what, Hours) and rule.level == "block" and "phone" in rule.channels:
            allowed.append(rule.what.open)
    spans = [on(hours, at.today.weekday()) for hours in allowed]
    if not all(spans):
        return None
    first, last = max(span[0][0] for span in spans), min(span[-1][1] for span in spans)
    return (_clock(first), _clock(last)) if first < last else None


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
