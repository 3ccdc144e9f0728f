"""May we deliver: the light, the credit line and every reason, and the one line for other pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dunctl import money
from dunctl.show.text import amount_map, amounts, wrap
from dunctl.steps.credit import Answer, Line, supply
from dunctl.steps.standing import Standing
from dunctl.words import t


def page(at: Standing, answer: Answer) -> list[str]:
    """Return the answer for people: light first, then why, then what would change it."""
    case = at.case
    lines = [f"{case.id} · {case.debtor.name}", _head(answer), *wrap(_line(answer.line), 2)]
    for reason in answer.reasons:
        text = t("{why} (practice {row})", why=reason.why, row=reason.row)
        lines += wrap(text, 7, f"{_light(reason.light):<6} ")
    if answer.prepaid:
        return lines
    remedies = list(dict.fromkeys(r.remedy for r in answer.reasons if r.remedy))
    if remedies:
        lines.append(t("What would change it"))
        for remedy in remedies:
            lines += wrap(remedy, 4, "  - ")
    for note in _notes(at, answer):
        lines += wrap(note, 0)
    return lines


def _head(answer: Answer) -> str:
    what = t("Delivery")
    if answer.ship is not None:
        amount = money.show(answer.ship, answer.line.currency)
        what = t("Delivery of {amount}", amount=amount)
    if answer.prepaid:
        words = t("{what}, paid in advance: {light}", what=what, light=_light(answer.light))
        if answer.on_credit != "green":
            words += t(" (on credit: {light})", light=_light(answer.on_credit))
        return words
    return t("{what} on credit: {light}", what=what, light=_light(answer.light))


def _light(light: str) -> str:
    return {"green": t("green"), "amber": t("amber"), "red": t("red")}[light]


def _line(line: Line) -> str:
    words = [t("grade {grade}", grade=line.grade) if line.grade else t("no grade")]
    used = money.show(line.used, line.currency)
    if line.limit is None:
        words.append(t("no limit, {used} open", used=used))
    else:
        limit = money.show(line.limit, line.currency)
        text = t("limit {limit}, {used} used", limit=limit, used=used)
        if line.by_grade:
            text = t("limit {limit} by the policy, {used} used", limit=limit, used=used)
        if line.limit:
            text += f" ({100 * line.used / line.limit:.0f} %)"
        words.append(text)
    if line.ahead:
        words.append(t("{amount} ahead", amount=money.show(line.ahead, line.currency)))
    if line.other:
        words.append(t("{amount} open beside it", amount=amounts(line.other)))
    words.append(
        {
            "period": t("settles by period"),
            "cash": t("cash"),
            "deliver_two_settle_one": t("deliver two, settle one"),
            "one_off": t("one-off"),
        }[line.method]
    )
    return ", ".join(words)


def _notes(at: Standing, answer: Answer) -> Iterator[str]:
    case = at.case
    if answer.ask_first:
        owner = case.head.owner or t("the owner")
        yield t("A key account: ask {owner} before refusing (practice E39)", owner=owner)
    if answer.overdue:
        yield t(
            "No talk of new orders before {amount} is paid (practice L13)",
            amount=amounts(answer.overdue),
        )
    if answer.on_credit == "red":
        yield t("Paid in advance it may go: dunctl supply {id} --prepaid", id=case.id)
    if answer.on_credit == "red" and answer.clause:
        yield t(
            "What a contract promises already may be held back by its clause {clause}, "
            "said in writing (practice L08)",
            clause=answer.clause,
        )
    elif answer.on_credit == "red":
        yield t(
            "What a contract promises already is not held back without a clause or a law that "
            "lets us (practice L08); for a clause: dunctl set {id} terms.suspend_clause CLAUSE",
            id=case.id,
        )


def data(at: Standing, answer: Answer) -> dict[str, Any]:
    """Return the answer as the JSON contract has it; keys are only ever added."""
    line = answer.line

    def plain(amount: Any) -> str | None:
        return None if amount is None else money.plain(amount, line.currency)

    return {
        "case": at.case.id,
        "debtor": at.case.debtor.name,
        "as_of": at.today.isoformat(),
        "light": answer.light,
        "on_credit": answer.on_credit,
        "ship": plain(answer.ship),
        "prepaid": answer.prepaid,
        **_line_data(line),
        "reasons": [reason._asdict() for reason in answer.reasons],
        "suspend_clause": answer.clause,
        "ask_first": answer.ask_first,
        "overdue": amount_map(answer.overdue),
    }


def _line_data(line: Line) -> dict[str, Any]:
    def plain(amount: Any) -> str | None:
        return None if amount is None else money.plain(amount, line.currency)

    return {
        "currency": line.currency,
        "grade": line.grade,
        "limit": plain(line.limit),
        "limit_by_grade": line.by_grade,
        "used": plain(line.used),
        "free": plain(line.free),
        "ahead": plain(line.ahead),
        "other": amount_map(line.other),
        "method": line.method,
        "lots": line.lots,
        "open_lots": line.open_lots,
    }


def brief_data(at: Standing) -> dict[str, Any]:
    """Return the light and the credit line, for the data of a whole case."""
    answer = supply(at)
    return {
        "light": answer.light,
        **_line_data(answer.line),
        "reasons": [reason.why for reason in answer.reasons],
    }


def line(at: Standing) -> str | None:
    """Return the one line for other pages; none where nobody asks for credit and none is stopped.

    A case has it that has ``[supply]``, or whose light is red.
    """
    answer = supply(at)
    if answer.light != "red" and "supply" not in at.case.data:
        return None
    why = [reason.why for reason in answer.reasons if reason.light == answer.light]
    head = t("Supply on credit: {light}", light=_light(answer.light))
    if answer.line.limit is not None:
        used = money.show(answer.line.used, answer.line.currency)
        limit = money.show(answer.line.limit, answer.line.currency)
        head += ", " + t("{used} of {limit} used", used=used, limit=limit)
    return f"{head}; {why[0]}" if why else head
