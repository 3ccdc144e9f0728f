"""What a letter may say about a case on a day: only what the case file and the contract support.

Asked for is what ``facts_claims`` says, by a computed day (practice F31, F32). Nothing is
threatened, and no step is named that is not decided (O08-O10).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from dunctl import dates, money
from dunctl.case.records import Invoice, Person, Sum, of
from dunctl.errors import Refused
from dunctl.letters import (
    facts_account,
    facts_agreed,
    facts_claims,
    facts_parties,
    facts_tables,
    localise,
    needs,
)
from dunctl.letters.capitals import capitals
from dunctl.letters.draft import Draft
from dunctl.letters.facts_claims import Claims
from dunctl.letters.remarks import INDIVIDUALS, protocol
from dunctl.letters.sheet import Block
from dunctl.letters.template import Template
from dunctl.letters.words import Words
from dunctl.owed.claims import owed
from dunctl.owed.law import Law
from dunctl.steps.ladder import freeze
from dunctl.steps.standing import Standing
from dunctl.words import t

_SHOWN = ("name", "kind", "number", "address", "email", "phone", "country")
_QUIET = ("promise", "plan", "settlement", "dispute", "payment", "account", "assignment")
_CALM = ("dispute", "plan", "pause")


def context(
    at: Standing,
    law: Law,
    creditor: Mapping[str, Any],
    template: Template,
    words: Words,
    form: str = "letter",
    *,
    country: str | None = None,
    currency: str | None = None,
) -> dict[str, Any]:
    """Return the values of a letter in its language, its ``blocks``, and ``figures`` to record.

    ``creditor`` is the table of dunctl.toml, ``country`` our own; with ``currency`` only claims in
    it are meant. Raises ``Refused`` where no letter may go out (practice O13, O14, D16), and where
    what the template needs is not there.
    """
    permit(at, template)
    draft = Draft(
        at, owed(at.case, at.today, law, at.money_day), law, template, words, form, currency
    )
    claims = facts_claims.asked(draft)
    person = facts_parties.addressee(at.case, template)
    ours = facts_parties.creditor(creditor)
    numbers = [row.number for row in claims.rows]
    numbers = numbers or [i.number for i in draft.owed.invoices if i.open > 0]
    reference = at.case.debtor.number or ", ".join(numbers) or at.case.terms.contract
    deadline = _deadline(draft, claims)
    blocks, balance = _blocks(draft, claims, ours, reference)
    assigned = _assignment(draft, creditor)
    if assigned:
        blocks["assignee_account"] = _all(facts_parties.account(draft, assigned, reference or None))
    found = {
        "language": template.language,
        "form": form,
        "today": draft.day(at.today),
        "you": words.say(f"you.{at.case.debtor.kind}"),
        "creditor": ours,
        "case_file": at.case.path,
        "debtor": {key: getattr(at.case.debtor, key) for key in _SHOWN},
        "person": person and {"name": person.name, "role": person.role},
        "terms": _terms(draft),
        "reference": reference,
        "deadline": deadline and draft.day(deadline),
        **_asked(draft, claims),
        **_told(draft, claims, person),
        "balance": balance,
        "handover": _handover(draft, claims, deadline),
        "assignment": assigned
        and {key: assigned[key] for key in ("name", "address", "day", "ref")},
        "blocks": {name: found for name, found in blocks.items() if found},
        "currency": next(iter(claims.sums), at.case.head.currency),
        "paper": facts_parties.paper(ours, country),
        "figures": _figures(draft, claims, deadline, person),
    }
    needs.check(draft, {**found, **found["blocks"]})
    return found


def figures(context: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the ``Letter`` record keeps of it: deadline, whom, amount and currency.

    The currency only if it is not the case's; with several, ``sums`` has what is asked for in each.
    Interest beside ``amount`` only where the letter is itself the claim of it: that is what makes
    it claimed.
    """
    return dict(context["figures"])


def permit(at: Standing, template: Template) -> None:
    """Refuse what may not go out: a hold stands, the case is closed, a plan is kept.

    A letter that only confirms, answers or thanks is not stopped by a dispute, a plan or a pause
    (practice H33, O13); one that is written for any stage may also go to a closed case.
    """
    case_id = at.case.id
    quiet = bool(set(template.needs) & set(_QUIET)) and not template.demands
    calm = quiet and all(hold.kind in _CALM for hold in at.holds)
    frozen = None if calm else freeze(at)
    if frozen:
        why, until = frozen
        if until:
            day = dates.say(until, today=at.today)
            raise Refused(t("{id}: {why}: no letter before {day}", id=case_id, why=why, day=day))
        raise Refused(t("{id}: {why}: no letter while that stands", id=case_id, why=why))
    if at.stage == "closed" and not quiet:
        raise Refused(t("{id} is closed: no letter", id=case_id))


def _deadline(draft: Draft, claims: Claims) -> date | None:
    """Return the day that the letter sets: computed, or the due day of what is not due yet.

    A computed day that is no working day there is the next one (Civil Code of the PRC 203, BGB
    193).
    """
    key = draft.template.deadline
    if key is None:
        return None
    if claims.rows and not claims.late:
        return max(row.payable for row in claims.rows)
    if key == "before_action_days" and draft.at.case.debtor.kind in INDIVIDUALS:
        key = "before_action_individual_days"
    days: int = getattr(draft.at.policy.letter, key)
    return _working(draft, draft.today + timedelta(days))


def _working(draft: Draft, day: date) -> date:
    """Return the first working day on or after ``day``, where the debtor is."""
    return dates.add_working_days(day - timedelta(1), 1, draft.at.calendar.working)


def _blocks(
    draft: Draft, claims: Claims, ours: Mapping[str, Any], reference: str | None
) -> tuple[dict[str, tuple[Block, ...]], str | None]:
    """Return the parts of the letter that are no text, and the balance of its account."""
    account: tuple[Block, ...] = ()
    balance = None
    if draft.needs("account"):
        account, closing = facts_account.account(draft)
        balance = facts_account.balance(draft, closing)
    return {
        "claims": facts_tables.tables(draft, claims),
        "payment": _all(facts_parties.account(draft, ours, reference)),
        "interest": facts_tables.interest_tables(draft, claims.interest),
        "fees": facts_tables.fee_tables(draft, claims.fees),
        "contested": _all(facts_tables.contested(draft, claims)),
        "open_items": facts_tables.open_tables(draft),
        "schedule": _all(facts_agreed.schedule(draft)),
        "statement": account,
        "signature_lines": (facts_account.signature_lines(draft),),
    }, balance


def _all(block: Block | None) -> tuple[Block, ...]:
    return (block,) if block else ()


def _terms(draft: Draft) -> dict[str, Any]:
    terms = draft.at.case.terms
    return {
        "contract": terms.contract,
        "signed": terms.signed and draft.day(terms.signed),
        "days": terms.days,
        "interest_clause": terms.interest and terms.interest.clause,
        "fee_clause": terms.fee_clause,
        "setoff_clause": terms.setoff_clause,
        "suspend_clause": terms.suspend_clause,
    }


def _asked(draft: Draft, claims: Claims) -> dict[str, Any]:
    """Return the values of what is asked for."""
    rows, language = claims.rows, draft.language
    parts = {
        part: draft.sums({code: getattr(one, part) for code, one in claims.sums.items()})
        for part in ("principal", "interest", "fees")
    }
    totals = claims.totals()
    own = {invoice.number: invoice for invoice in of(draft.at.case, Invoice)}
    return {
        "overdue": claims.late,
        "count": len(rows),
        "numbers": draft.listing([row.number for row in rows]),
        "invoices": [
            {
                "number": row.number,
                "ref": own[row.number].ref,
                "issued": row.issued and draft.day(row.issued),
                "due": draft.day(row.due),
                "amount": draft.amount(row.amount, row.currency),
                "asked": draft.amount(row.asked, row.currency),
            }
            for row in rows
        ],
        "oldest": draft.day(rows[0].payable) if rows else None,
        "days_past_due": max(0, (draft.today - rows[0].payable).days) if rows else 0,
        "late_for": localise.days((draft.today - rows[0].payable).days, language)
        if claims.late
        else None,
        "days_to_due": (rows[0].payable - draft.today).days if rows and not claims.late else None,
        "due_in": localise.days((rows[0].payable - draft.today).days, language)
        if rows and not claims.late
        else None,
        "total": draft.sums(totals),
        "capitals": _capitals(draft, totals),
        "principal_total": parts["principal"],
        "interest_total": parts["interest"],
        "fees_total": parts["fees"],
        "accrual": facts_tables.accrual(draft, claims),
    }


def _capitals(draft: Draft, totals: Mapping[str, Decimal]) -> str | None:
    """Write the total in capitals, in a Chinese letter: ``人民币壹仟贰佰元整``."""
    if draft.words.language.split("-")[0] != "zh":
        return None
    parts = []
    for currency, total in totals.items():
        text = capitals(total, currency)
        if text is None:
            return None
        name = "人民币" if currency == "CNY" else draft.unit(currency)
        parts.append(name + text)
    return draft.listing(parts)


def _told(draft: Draft, claims: Claims, person: Person | None) -> dict[str, Any]:
    """Return the values of what happened: promises, plan, money, disputes, papers, decisions."""
    case, terms = draft.at.case, draft.at.policy.letter
    whom = person.name if person else case.debtor.name
    promises = facts_agreed.broken(draft, claims, whom)
    stopped = case.supply.stopped
    earlier = facts_agreed.earlier(draft, claims)
    return {
        "promises": promises,
        "broken": promises[-1] if promises else None,
        "promise": facts_agreed.promise(draft, claims, whom),
        "plan": facts_agreed.plan(draft, claims),
        "settlement": facts_agreed.settlement(draft),
        "letters": draft.listing(earlier),
        "demands": len(earlier),
        "received": facts_account.received(draft),
        "disputes": facts_account.disputes(draft),
        "documents": facts_account.documents(draft),
        "supply_stop": stopped and {"day": draft.day(stopped), "past": stopped <= draft.today},
        "decision": facts_account.decision(draft),
        "court": terms.court or None,
        "protocol": protocol(draft.at) or None,
        "contract_end": case.terms.ends
        and {"day": draft.day(case.terms.ends), "past": case.terms.ends < draft.today},
        "open_total": draft.sums(facts_account.open_totals(draft)),
    }


def _handover(draft: Draft, claims: Claims, deadline: date | None) -> dict[str, Any] | None:
    """Return who takes over and from when: after the deadline, at the pace of the ladder (H24)."""
    unit = draft.at.policy.letter.next_unit
    if not unit or not claims.rows:
        return None
    first = (deadline or draft.today) + timedelta(days=1)
    formal = draft.at.policy.stages["formal"].from_day or 0
    day = _working(draft, max(first, claims.rows[0].payable + timedelta(formal)))
    return {"unit": unit, "day": draft.day(day)}


def _assignment(draft: Draft, creditor: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return to whom the claim was assigned and by which paper (practice H20)."""
    paper, theirs = facts_account.assigned(draft), facts_parties.assignee(creditor)
    if paper is None or theirs is None:
        return None
    return {"address": None, **theirs, "day": draft.day(paper.on), "ref": paper.ref}


def _figures(
    draft: Draft, claims: Claims, deadline: date | None, person: Person | None
) -> dict[str, Any]:
    found: dict[str, Any] = {"deadline": deadline, "whom": person.name if person else None}
    if not claims.sums or not draft.template.asks:
        return found
    if len(claims.sums) > 1:
        found["sums"] = tuple(
            Sum(
                code,
                money.quantize(one.total, code),
                money.quantize(one.interest, code) or None,
                money.quantize(one.fees, code) or None,
            )
            for code, one in claims.sums.items()
        )
        return found
    ((currency, one),) = claims.sums.items()
    own = currency if currency != draft.home else None
    found |= {"amount": money.quantize(one.total, currency), "currency": own}
    if draft.template.claims:
        found["interest"] = money.quantize(one.interest, currency) if one.interest else None
    if one.fees:
        found["fees"] = money.quantize(one.fees, currency)
    return found
