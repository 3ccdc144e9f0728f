"""The proof of a verdict: every rule and every factor, with its number and where it comes from."""

from __future__ import annotations

from datetime import tzinfo
from typing import Any

from dunctl import dates, money
from dunctl.calling.today import Call, Held
from dunctl.calling.weigh import Row
from dunctl.show.people import who_line
from dunctl.show.text import amounts, listing, score_words, wrap
from dunctl.show.today import factor_list
from dunctl.steps.ladder import suggest
from dunctl.steps.standing import Standing
from dunctl.words import t


def page(
    at: Standing, found: Call | Held | None, row: Row | None, gate: list[str], currency: str
) -> list[str]:
    """Return the proof as lines: what the list says, the gate, the ladder, the score's factors.

    ``gate`` is the gate's answer in words, ``currency`` that of the score.
    """
    lines = [f"{at.case.id} · {at.case.debtor.name}", "", *_list_says(at, found), ""]
    lines += [*gate, "", *_ladder(at)]
    return [*lines, "", *_score(row, at.zone, currency)] if row else lines


def data(
    at: Standing, found: Call | Held | None, row: Row | None, gate: dict[str, Any]
) -> dict[str, Any]:
    """Return the proof for programs: the verdict of the list, the gate's, and every factor."""
    suggestion = suggest(at)
    return {
        "case": at.case.id,
        "list": "call" if isinstance(found, Call) else "held" if found else "nothing",
        "why": list(found.why) if isinstance(found, Call) else [found.why] if found else [],
        "until": str(found.until) if isinstance(found, Held) and found.until else None,
        "gate": gate,
        "stage": at.stage,
        "next": suggestion.to,
        "obstacle": suggestion.obstacle,
        "score": row.score if row else None,
        "chance": round(row.chance, 6) if row else None,
        "factors": factor_list(row) if row else [],
    }


def _list_says(at: Standing, found: Call | Held | None) -> list[str]:
    if isinstance(found, Call):
        start, end = (moment.astimezone(at.zone) for moment in (found.start, found.end))
        words = t("Called today, {start:%H:%M}-{end:%H:%M} there", start=start, end=end)
        whom = t("Ask for {whom}", whom=who_line(found.callee, at.case.id))
        return [*wrap(f"{words}: {'; '.join(found.why)}", 0), *wrap(whom, 0)]
    if isinstance(found, Held):
        text = t("Held back today: {why}", why=found.why)
        if found.until:
            text += "; " + t("until {day}", day=dates.say(found.until, today=at.today))
        return wrap(text, 0)
    balance = amounts(at.ledger.balance())
    return [t("Not on the list: nothing is overdue (balance {balance})", balance=balance)]


def _ladder(at: Standing) -> list[str]:
    suggestion = suggest(at)
    if suggestion.to is None:
        return wrap(t("Stage {stage}: {why}", stage=at.stage, why=suggestion.why), 0)
    words = t(
        "Stage {stage}, next {to}: {why}", stage=at.stage, to=suggestion.to, why=suggestion.why
    )
    if suggestion.obstacle:
        words += "; " + t("not yet: {why}", why=suggestion.obstacle)
    if suggestion.until:
        words += ", " + t("from {day}", day=dates.say(suggestion.until, today=at.today))
    return wrap(words, 0)


def _score(row: Row, zone: tzinfo, currency: str) -> list[str]:
    rows: list[tuple[str, str, str]] = []
    for factor in row.factors:
        counts = ""
        if factor.learned:
            counts = t(
                "{answered} of {tried} answered, {usual:.2f} would be usual",
                answered=factor.learned.answered,
                tried=factor.learned.tried,
                usual=factor.learned.usual,
            )
        rows.append((factor.name.replace("_", " "), f"{factor.value:.4f}", counts))
    odds = row.chance / (1.0 - row.chance)
    rows.append((t("chance of an answer"), f"{row.chance:.4f}", t("odds {odds:.4f}", odds=odds)))
    worth = row.worth
    rows.append((t("to ask for"), money.show(worth.balance, currency), ""))
    rows.append((t("recovery at this age"), f"{worth.recovery:.4f}", ""))
    rows.append((t("pays after a talk"), f"{worth.propensity:.4f}", ""))
    rows.append((t("pays without a call"), f"{worth.self_cure:.4f}", ""))
    rows.append((t("income near"), f"{worth.income:.2f}", ""))
    head = t(
        "Expected from a call at {clock:%H:%M} there: {money}",
        clock=row.start.astimezone(zone),
        money=score_words(row.score, currency),
    )
    return [head, *listing((t("Factor"), t("Value"), t("Behind it")), rows, (1,))]
