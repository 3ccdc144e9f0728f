"""What to think of before a letter goes out; none of it forbids the letter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dunctl import dates, money
from dunctl.case.vocabulary import STAGES
from dunctl.letters.template import Template
from dunctl.owed.charging import leniency
from dunctl.owed.law import NO_LAW, Law
from dunctl.owed.limitation import clocks
from dunctl.owed.limitation_alarms import over
from dunctl.steps.promises import due_instant
from dunctl.steps.standing import Standing
from dunctl.words import t

INDIVIDUALS = ("consumer", "sole_trader")


def warnings(
    at: Standing, template: Template, form: str = "letter", law: Law = NO_LAW
) -> list[str]:
    """Return what to think of before this letter goes out; none of it forbids the letter.

    Without ``law`` nothing is said of debts that may be time-barred.
    """
    found = []
    debtor = at.case.debtor
    if template.stages and at.stage not in template.stages:
        words = t(
            "{id} is at stage {stage}; {template} is written for {stages}",
            id=at.case.id,
            stage=at.stage,
            template=template.name,
            stages=", ".join(template.stages),
        )
        if all(STAGES.index(stage) > STAGES.index(at.stage) for stage in template.stages):
            words += t(": dunctl escalate {id} first", id=at.case.id)
        found.append(words)
    for person in at.case.people:
        if person.role in ("agent", "lawyer"):
            found.append(t("{name} stands for the debtor: write to them?", name=person.name))
    if template.asks and not set(template.needs) & {"promise", "broken_promise"}:
        for state in at.promises:
            if state.missing and due_instant(state.promise.due, at.zone) > at.now:
                found.append(
                    t(
                        "{amount} is promised for {day}: the letter asks for the whole "
                        "nevertheless",
                        amount=money.show(state.missing, state.currency),
                        day=dates.say(state.promise.due, today=at.today),
                    )
                )
    found += _offered(at) if template.asks and "settlement" not in template.needs else []
    language = debtor.language
    if language and language.split("-")[0] != template.language.split("-")[0]:
        found.append(
            t(
                "{id} reads {language}, the letter is in {ours}",
                id=at.case.id,
                language=language,
                ours=template.language,
            )
        )
    if template.claims and (caution := leniency(at.case)):
        found.append(caution)
    if "decision" in template.needs and protocol(at):
        found.append(
            t(
                "{id}: enclose the information sheet, the reply form and the financial statement "
                "of the Pre-Action Protocol for Debt Claims",
                id=at.case.id,
            )
        )
    barred = over(clocks(at.case, at.ledger, law.limitations, at.today), at.today)
    if barred and (template.asks or "account" in template.needs or "plan" in template.needs):
        found.append(
            t(
                "{numbers} may be time-barred: ask a lawyer before you ask for a payment or an "
                "acknowledgement",
                numbers=", ".join(clock.invoice for clock in barred),
            )
        )
    if form == "letter" and not debtor.address:
        found.append(t("{id} has no address: add it under [debtor]", id=at.case.id))
    return found


def _offered(at: Standing) -> list[str]:
    return [
        t(
            "{id}: {amount} would do until {day} (settlement): the letter asks for the whole "
            "nevertheless",
            id=at.case.id,
            amount=money.show(offer.settlement.amount, offer.currency),
            day=dates.say(offer.settlement.until, today=at.today),
        )
        for offer in at.offers
        if offer.status == "open"
    ]


def missing(creditor: Mapping[str, Any]) -> list[str]:
    """Return what dunctl.toml lacks for a letter that can be paid and answered."""
    found = []
    bank = creditor.get("bank")
    if not bank:
        found.append(
            t(
                "dunctl.toml has no bank under [creditor]: "
                "letters refer to the account on the invoices"
            )
        )
    elif not bank.get("iban") and not bank.get("account"):
        found.append(
            t("dunctl.toml has neither iban nor account under [creditor.bank]: nobody can pay")
        )
    if not creditor.get("contact"):
        found.append(t("dunctl.toml has no contact under [creditor]: letters do not say who signs"))
    if not creditor.get("phone") and not creditor.get("email"):
        found.append(t("dunctl.toml has no phone and no email under [creditor]: nobody can answer"))
    return found


def protocol(at: Standing) -> bool:
    """Tell whether the Pre-Action Protocol for Debt Claims is for this debtor (law: S27)."""
    debtor = at.case.debtor
    place = at.case.terms.law or debtor.subdivision or debtor.country or ""
    british = place == "GB" or place.startswith(("GB-ENG", "GB-WLS", "GB-EAW"))
    return british and debtor.kind in INDIVIDUALS
