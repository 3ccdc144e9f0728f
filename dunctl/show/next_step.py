"""What the next step costs, and what is expected: the debt, the steps, and the least to take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dunctl import dates, money
from dunctl.owed.limitation import Clocks
from dunctl.show.text import table, wrap
from dunctl.steps.next_step import Model, NextStep, Review, Step, Weighed
from dunctl.steps.standing import Standing
from dunctl.words import in_days, t


def page(at: Standing, found: NextStep, clocks: Clocks, model: Model) -> list[str]:
    """Return the answer for people: what is expected, the steps with their cost, then notes."""
    lines = [f"{at.case.id} · {at.case.debtor.name}"]
    if not found.weighed:
        return [*lines, t("nothing is overdue that could be asked for")]
    for one in found.weighed:
        lines += wrap(_debt(one), 0)
        if not found.absent:
            lines += _expected(at, found, one)
    for note in _notes(at, found, clocks, model):
        lines += wrap(note, 0)
    return lines


def _debt(one: Weighed) -> str:
    parts = [t("{amount} principal", amount=money.show(one.principal, one.currency))]
    if one.interest:
        parts.append(t("{amount} interest", amount=money.show(one.interest, one.currency)))
    if one.fees:
        parts.append(t("{amount} fees", amount=money.show(one.fees, one.currency)))
    whole = money.show(one.collectable, one.currency)
    if len(parts) == 1:
        return t("Overdue and undisputed: {amount}", amount=whole)
    return t("Overdue and undisputed: {amount} ({parts})", amount=whole, parts=", ".join(parts))


def _expected(at: Standing, found: NextStep, one: Weighed) -> list[str]:
    waits = [
        t("{amount} in {days}", amount=money.show(amount, one.currency), days=in_days(after))
        for after, amount in one.expected.items()
        if after
    ]
    now = money.show(one.expected[0], one.currency)
    lines = wrap(t("Expected: {now} now, {waits}", now=now, waits=", ".join(waits)), 0)
    if any(step.cost is not None for step in one.steps):
        headers = ("", t("Step"), t("From"), t("Cost"), t("Left"), t("Break-even"))
        rows = [_row(at, found, one, step) for step in one.steps]
        lines += ["", *table(headers, rows, (3, 4, 5)), ""]
    lines += wrap(_floor(found, one), 0)
    for step in one.steps:
        if not step.worth_it and step.cost is not None:
            words = t(
                "Not worth it: the {step} costs {cost}, and {expected} is expected (practice K10)",
                step=_name(step.kind),
                cost=money.show(step.cost, one.currency),
                expected=now,
            )
            lines += wrap(words, 0)
    if one.sales is not None:
        sales = money.show(one.sales, one.currency)
        words = t("To make good what is not expected takes sales of {sales} (K07)", sales=sales)
        lines += wrap(words, 0)
    return [*lines, ""]


def _floor(found: NextStep, one: Weighed) -> str:
    floor = money.show(one.floor, one.currency)
    step = next((s for s in one.steps if s.kind == found.next), None)
    if step is None:
        return t("The least to take now: {floor}, what is expected", floor=floor)
    if step.cost is None:
        return t(
            "The least to take now: {floor}, less what the {step} costs",
            floor=floor,
            step=_name(step.kind),
        )
    return t(
        "The least to take now: {floor}, what is expected less the {step}",
        floor=floor,
        step=_name(step.kind),
    )


def _row(at: Standing, found: NextStep, one: Weighed, step: Step) -> tuple[str, ...]:
    mark = ">" if step.kind == found.next else ""
    day = t("now") if step.on <= at.today else dates.say(step.on, today=at.today)
    if step.cost is None or step.left is None:
        return mark, _name(step.kind), day, t("not set"), "", ""
    return (
        mark,
        _name(step.kind),
        day,
        money.show(step.cost, one.currency),
        money.show(step.left, one.currency),
        f"{step.break_even} %",
    )


def _name(kind: str) -> str:
    return {
        "call": t("call"),
        "letter": t("letter"),
        "agency": t("agency"),
        "court": t("court"),
    }[kind]


def _notes(at: Standing, found: NextStep, clocks: Clocks, model: Model) -> Iterator[str]:
    if found.absent:
        yield t("No curve is about this: {why}", why=found.absent)
    elif found.frozen:
        yield t("No step now: {why}", why=found.frozen)
    steps = [step for one in found.weighed for step in one.steps]
    unset = sorted({step.key for step in steps if step.cost is None})
    if not found.absent:
        yield t("Expected by curve {name}: {basis}", name=model.curve.name, basis=model.curve.basis)
        if any(step.cost is not None for step in steps):
            yield t(
                "What is expected is the same for each step, Left is that less its cost: a step is "
                "worth it if it raises the chance of being paid by more than its break-even"
            )
        if unset:
            yield t(
                "What steps cost is yours to say: set {keys} in policies/{policy}.toml",
                keys=", ".join(unset),
                policy=at.policy.name,
            )
    if found.next == "court":
        yield t("A judgment is not money yet (practice K21, M14)")
    if clocks.clocks:
        first = clocks.clocks[0]
        yield t(
            "Invoice {number} may be time-barred after {day} (dunctl limitation {id})",
            number=first.invoice,
            day=dates.say(first.last, today=at.today),
            id=at.case.id,
        )
    elif clocks.why:
        yield t("No day of limitation: {why}", why=clocks.why)
    for review in found.reviews if not found.absent else ():
        if review.on > at.today or review is found.reviews[-1]:
            yield _review(at, review)
            return


def _review(at: Standing, review: Review) -> str:
    when = dates.say(review.on, today=at.today)
    words = t("Decide anew on {day}, {days} past due", day=when, days=in_days(review.days))
    if review.on <= at.today:
        words = t("Decide anew now: {days} past due and more", days=in_days(review.days))
    return words + t(
        ": {curve:.1f} % is expected then by the curve, {practice:.1f} % by practice K03",
        curve=100 * review.curve,
        practice=100 * review.practice,
    )


def data(at: Standing, found: NextStep, clocks: Clocks, model: Model) -> dict[str, Any]:
    """Return the answer as the JSON contract has it; keys are only ever added."""
    first = clocks.clocks[0] if clocks.clocks else None
    return {
        "case": at.case.id,
        "debtor": at.case.debtor.name,
        "as_of": at.today.isoformat(),
        "stage": at.stage,
        "days_past_due": at.ledger.days_past_due(),
        "next": found.next,
        "frozen": found.frozen,
        "absent": found.absent,
        "curve": {"name": model.curve.name, "clock": model.curve.clock, "basis": model.curve.basis},
        "currencies": {one.currency: _weighed(found, one) for one in found.weighed},
        "limitation": {
            "invoice": first.invoice if first else None,
            "last": first.last.isoformat() if first else None,
            "why": clocks.why,
        },
        "reviews": [
            {
                "days": review.days,
                "on": review.on.isoformat(),
                "curve": review.curve,
                "practice": review.practice,
                "basis": model.basis,
            }
            for review in found.reviews
        ],
    }


def _weighed(found: NextStep, one: Weighed) -> dict[str, Any]:
    def plain(amount: Any) -> str | None:
        return None if amount is None else money.plain(amount, one.currency)

    counted = found.absent is None
    return {
        "collectable": plain(one.collectable),
        "principal": plain(one.principal),
        "interest": plain(one.interest),
        "fees": plain(one.fees),
        "expected": [
            {"days": days, "amount": plain(amount)} for days, amount in one.expected.items()
        ]
        if counted
        else [],
        "steps": [
            {
                "kind": step.kind,
                "from": step.on.isoformat(),
                "cost": plain(step.cost),
                "set": step.key if step.cost is None else None,
                "left": plain(step.left) if counted else None,
                "break_even_percent": None if step.break_even is None else str(step.break_even),
                "worth_it": step.worth_it if counted else None,
            }
            for step in one.steps
        ],
        "floor": plain(one.floor) if counted else None,
        "sales_to_make_good": plain(one.sales) if counted else None,
    }
