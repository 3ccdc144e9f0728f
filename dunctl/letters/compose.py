"""What a letter may say about a case on a day: only what the case file and the contract support.

Asked for is the whole overdue part that nobody disputes, less credit (practice F18, E41), by a
computed day (F31, F32). Nothing is threatened, and no step is named that is not decided (O08-O10).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from dunctl import dates, money
from dunctl.calling.people import call_order
from dunctl.case.records import STAGES, Case, Invoice, Person
from dunctl.errors import Refused
from dunctl.letters import localise
from dunctl.letters.template import Template
from dunctl.owed.ledger import ZERO, Receivable
from dunctl.steps.ladder import freeze
from dunctl.steps.policy import LetterTerms
from dunctl.steps.promises import PromiseState, due_instant
from dunctl.steps.standing import Standing
from dunctl.words import t

REMIND_AHEAD = 7
"""Working days before the due day from which a reminder may go out (practice H01, D13)."""

_EARLIER = 5  # letters that are named
_ADDRESSEES = ("owner", "legal_rep", "dept_head", "finance", "purchasing", "initial_contact")
_HEADS = ("owner", "legal_rep")
_SHOWN = ("name", "kind", "number", "address", "email", "phone", "country")


def context(
    at: Standing,
    creditor: Mapping[str, Any],
    terms: LetterTerms,
    template: Template,
    today: date,
) -> dict[str, Any]:
    """Return the values of a letter: texts in its language, and ``figures`` for the record.

    ``creditor`` is the table of dunctl.toml, ``today`` the date of the letter. Raises ``Refused``
    where no letter may go out (practice O13, O14, D16), or where there is nothing to ask for.
    """
    case, language = at.case, template.language
    _permit(at)
    rows = _asked(at, template, today)
    claims, totals = _claims(at, rows, language)
    rows = [row for row in rows if row.currency in totals]
    late = rows[0].due < today
    deadline = (
        today + timedelta(days=getattr(terms, template.deadline))
        if late
        else max(row.due for row in rows)
    )
    since = min(row.issued or row.due for row in rows)
    person = _addressee(case, template)
    return {
        "language": language,
        "today": localise.day(today, language),
        "creditor": _creditor(creditor),
        "case_file": case.path,
        "debtor": {key: getattr(case.debtor, key) for key in _SHOWN},
        "person": person and {"name": person.name, "role": person.role},
        "terms": {"contract": case.terms.contract, "days": case.terms.days},
        "reference": case.debtor.number or ", ".join(row.number for row in rows),
        "overdue": late,
        "count": len(rows),
        "oldest": localise.day(rows[0].due, language),
        "days_past_due": max(0, (today - rows[0].due).days),
        "claims": claims,
        "total": localise.listing(
            [localise.amount(total, currency, language) for currency, total in totals.items()],
            language,
        ),
        "disputed": _disputed(at, rows, today, language),
        "promises": _promises(at, rows, since, person, language),
        "letters": _letters(at, since, today, language),
        "deadline": localise.day(deadline, language),
        "figures": _figures(case, totals, deadline, person),
    }


def figures(context: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the ``Letter`` record keeps of it: deadline, whom, amount and currency.

    The currency only if it is not the case's. With several currencies no one amount is asked for,
    and none is recorded.
    """
    return dict(context["figures"])


def warnings(at: Standing, template: Template) -> list[str]:
    """Return what to think of before this letter goes out; none of it forbids the letter."""
    found = []
    if at.stage not in template.stages:
        found.append(
            t(
                "{id} is at stage {stage}; {template} is written for {stages}",
                id=at.case.id,
                stage=at.stage,
                template=template.name,
                stages=", ".join(template.stages),
            )
        )
    for person in at.case.people:
        if person.role in ("agent", "lawyer"):
            found.append(t("{name} stands for the debtor: write to them?", name=person.name))
    for state in at.promises:
        if state.missing and due_instant(state.promise.due, at.zone) > at.now:
            found.append(
                t(
                    "{amount} is promised for {day}: the letter asks for the whole nevertheless",
                    amount=money.show(state.missing, state.currency),
                    day=dates.say(state.promise.due, today=at.today),
                )
            )
    language = at.case.debtor.language
    if language and language.split("-")[0] != template.language.split("-")[0]:
        found.append(
            t(
                "{id} reads {language}, the letter is in {ours}",
                id=at.case.id,
                language=language,
                ours=template.language,
            )
        )
    if template.channel == "letter" and not at.case.debtor.address:
        found.append(t("{id} has no address: add it under [debtor]", id=at.case.id))
    return found


def missing(creditor: Mapping[str, Any]) -> list[str]:
    """Return what dunctl.toml lacks for a letter that can be paid and answered."""
    found = []
    if not creditor.get("bank"):
        found.append(
            t(
                "dunctl.toml has no bank under [creditor]: "
                "letters refer to the account on the invoices"
            )
        )
    if not creditor.get("contact"):
        found.append(t("dunctl.toml has no contact under [creditor]: letters do not say who signs"))
    if not creditor.get("phone") and not creditor.get("email"):
        found.append(t("dunctl.toml has no phone and no email under [creditor]: nobody can answer"))
    return found


def _permit(at: Standing) -> None:
    frozen = freeze(at)
    if frozen:
        why, until = frozen
        if until:
            day = dates.say(until, today=at.today)
            raise Refused(t("{id}: {why}: no letter before {day}", id=at.case.id, why=why, day=day))
        raise Refused(t("{id}: {why}: no letter while that stands", id=at.case.id, why=why))
    if at.stage == "closed":
        raise Refused(t("{id} is closed: no letter", id=at.case.id))


def _asked(at: Standing, template: Template, today: date) -> list[Receivable]:
    """Return what is overdue and undisputed; if nothing is, what a reminder may announce."""
    rows = [r for r in at.ledger.receivables if r.undisputed > 0]
    overdue = [r for r in rows if r.due < today]
    if overdue:
        return overdue
    name = at.case.debtor.name
    if "upcoming" not in template.stages:
        raise Refused(
            t(
                "{name} owes nothing that is overdue: no {template}",
                name=name,
                template=template.name,
            )
        )
    soon = [r for r in rows if dates.working_days_between(today, r.due) <= REMIND_AHEAD]
    if not soon:
        raise Refused(
            t(
                "{name} owes nothing that is overdue or due within {n} working days: no {template}",
                name=name,
                n=REMIND_AHEAD,
                template=template.name,
            )
        )
    return soon


def _claims(
    at: Standing, rows: Sequence[Receivable], language: str
) -> tuple[list[dict[str, Any]], dict[str, Decimal]]:
    """Return a table a currency, and its total: the sum of its rows less credit."""
    own = {r.number: r.ref for e in at.case.journal if isinstance(r := e.record, Invoice)}
    home = at.case.head.currency
    claims: list[dict[str, Any]] = []
    totals: dict[str, Decimal] = {}
    for currency in sorted({row.currency for row in rows}, key=lambda c: (c != home, c)):
        mine = [row for row in rows if row.currency == currency]
        gross = sum((row.undisputed for row in mine), ZERO)
        credit = at.ledger.unallocated.get(currency, ZERO)
        if gross <= credit:
            continue

        def figure(amount: Decimal, currency: str = currency) -> str | None:
            return localise.number(amount, currency, language) if amount else None

        totals[currency] = gross - credit
        lines = [
            {
                "number": row.number,
                "ref": own.get(row.number),
                "issued": row.issued and localise.day(row.issued, language, short=True),
                "due": localise.day(row.due, language, short=True),
                "amount": figure(row.amount),
                "paid": figure(row.paid),
                "credited": figure(row.credited),
                "settled": figure(row.paid + row.credited),
                "disputed": figure(row.disputed),
                "asked": figure(row.undisputed),
            }
            for row in mine
        ]
        sums = {"sum": figure(gross), "credit": figure(-credit)} if credit else {}
        claims.append(
            {
                "currency": currency,
                "unit": localise.unit(currency, language),
                "rows": lines,
                "totals": {**sums, "total": figure(gross - credit)},
            }
        )
    if not claims:
        raise Refused(
            t(
                "{id}: credit that is not allocated covers everything that could be asked for: "
                "no letter",
                id=at.case.id,
            )
        )
    return claims, totals


def _disputed(
    at: Standing, rows: Iterable[Receivable], today: date, language: str
) -> list[dict[str, str]]:
    """Return what is contested of the overdue invoices, or of those that the letter lists."""
    listed = {row.number for row in rows}
    return [
        {"number": r.number, "amount": localise.amount(r.disputed, r.currency, language)}
        for r in at.ledger.receivables
        if r.disputed > 0 and (r.due < today or r.number in listed)
    ]


def _promises(
    at: Standing, rows: Sequence[Receivable], since: date, person: Person | None, language: str
) -> list[dict[str, Any]]:
    """Return the promises about these invoices that were broken or kept in part (practice H09).

    ``by`` is missing where the letter itself is addressed to whoever promised.
    """
    addressed = person.name if person else at.case.debtor.name
    currencies = {row.currency for row in rows}
    numbers = {row.number for row in rows}

    def about_these(state: PromiseState) -> bool:
        promise = state.promise
        made = promise.at.astimezone(at.zone).date()
        return (
            state.status in ("broken", "partial")
            and state.missing > 0
            and state.currency in currencies
            and (promise.invoice in numbers if promise.invoice else made >= since)
        )

    def day(value: date | datetime) -> str:
        local = value.astimezone(at.zone).date() if isinstance(value, datetime) else value
        return localise.day(local, language)

    found = []
    for state in filter(about_these, at.promises):
        promise, came = state.promise, state.paid + state.later
        found.append(
            {
                "made": day(promise.at),
                "by": promise.whom if promise.whom != addressed else None,
                "amount": localise.amount(promise.amount, state.currency, language),
                "due": day(promise.due),
                "arrived": localise.amount(came, state.currency, language) if came else None,
            }
        )
    return found


def _letters(at: Standing, since: date, today: date, language: str) -> str | None:
    """Return the days on which we wrote before about what is still unpaid."""
    days = {letter.at.astimezone(at.zone).date() for letter in at.letters}
    earlier = sorted(day for day in days if since <= day < today)[-_EARLIER:]
    if not earlier:
        return None
    return localise.listing([localise.day(day, language) for day in earlier], language)


def _addressee(case: Case, template: Template) -> Person | None:
    """Return whom a letter is addressed to: whoever pays, the head of the company at the end.

    A consumer is written to alone, and nobody who does not answer for the debt (practice B11, O11).
    """
    if case.debtor.kind == "consumer":
        return None
    people = [p for p in case.people if p.role in _ADDRESSEES]
    if not any(p.role in ("agent", "lawyer") for p in case.people):
        people = [p for p in call_order(case) if p in people]
    if STAGES.index(template.stages[0]) >= STAGES.index("final"):
        people.sort(key=lambda p: p.role not in _HEADS)
    return people[0] if people else None


def _creditor(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return our own details as a letter prints them; a wrong IBAN or address is refused."""
    ours = dict(table)
    if isinstance(ours.get("address"), str):
        ours["address"] = ours["address"].splitlines()
    url = ours.get("payment_url")
    if url and not str(url).startswith("https://"):
        raise Refused(t("dunctl.toml: payment_url under [creditor] must begin with https://"))
    bank = ours.get("bank")
    if bank and not isinstance(bank, Mapping):
        raise Refused(t("dunctl.toml: write the bank as a table [creditor.bank]"))
    if bank and bank.get("iban"):
        iban = "".join(str(bank["iban"]).split()).upper()
        if not _sound(iban):
            raise Refused(
                t("dunctl.toml: iban under [creditor.bank] is mistyped: {iban}", iban=bank["iban"])
            )
        groups = [iban[nth : nth + 4] for nth in range(0, len(iban), 4)]
        ours["bank"] = {**bank, "iban": " ".join(groups)}
    return ours


def _sound(iban: str) -> bool:
    """Tell whether the check digits of an IBAN are right (ISO 13616: modulo 97)."""
    if not re.fullmatch("[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", iban):
        return False
    return int("".join(str(int(c, 36)) for c in iban[4:] + iban[:4])) % 97 == 1


def _figures(
    case: Case, totals: Mapping[str, Decimal], deadline: date, person: Person | None
) -> dict[str, Any]:
    found: dict[str, Any] = {"deadline": deadline, "whom": person.name if person else None}
    if len(totals) == 1:
        ((currency, total),) = totals.items()
        own = currency if currency != case.head.currency else None
        found |= {"amount": money.quantize(total, currency), "currency": own}
    return found
