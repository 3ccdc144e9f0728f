"""A case as ``show`` prints it, and the rows of ``ls``."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from dunctl import money
from dunctl.case.describe import describe
from dunctl.case.handles import handles
from dunctl.case.records import moment
from dunctl.show import credit, text
from dunctl.show.agreed import data as agreed_data
from dunctl.show.agreed import offer_lines, plan_lines, waiting_lines
from dunctl.show.text import amount_map, amounts, table, wrap
from dunctl.steps.ladder import freeze, suggest
from dunctl.steps.line import Line
from dunctl.steps.standing import Standing
from dunctl.words import in_days, t


def page(at: Standing) -> list[str]:
    """Return a case for people: the facts, what is owed, and the journal with its handles."""
    case = at.case
    lines = [f"{case.id} · {case.debtor.name}"]
    facts = [case.debtor.kind, case.debtor.country, "/".join(case.debtor.timezone)]
    lines += wrap(", ".join(filter(None, [*facts, case.head.reason, case.head.owner])), 2)
    lines.append(
        t(
            "Stage {stage}, balance {balance}, to ask for {due}, {days} past due",
            stage=at.stage,
            balance=amounts(at.ledger.balance()),
            due=amounts(at.ledger.chasable()),
            days=in_days(at.ledger.days_past_due()),
        )
    )
    frozen = freeze(at)
    if frozen:
        lines += wrap(t("Frozen: {why}", why=frozen[0]), 0)
    suggestion = suggest(at)
    if suggestion.to:
        way = f" ({t('not yet: {why}', why=suggestion.obstacle)})" if suggestion.obstacle else ""
        lines += wrap(t("Next: {to}, {why}", to=suggestion.to, why=suggestion.why) + way, 0)
    delivery = credit.line(at)
    if delivery:
        lines += wrap(delivery, 0)
    agreed = [*plan_lines(at), *offer_lines(at), *waiting_lines(at)]
    lines += ["", *agreed] if agreed else []
    if at.ledger.receivables:
        headers = (t("Invoice"), t("Issued"), t("Due"), t("Amount"), t("Open"), t("Disputed"))
        rows = [
            (
                r.number,
                r.issued or "-",
                r.due,
                money.show(r.amount, r.currency),
                money.show(r.open, r.currency),
                money.show(r.disputed, r.currency) if r.disputed else "",
            )
            for r in at.ledger.receivables
        ]
        lines += ["", *table(headers, rows, (3, 4, 5))]
    lines += ["", *_journal(at)]
    return lines


def _journal(at: Standing) -> list[str]:
    names = handles(at.case.data)
    lines = []
    for entry in at.case.journal:
        when = moment(entry.record)
        day = when.astimezone(at.zone).date() if isinstance(when, datetime) else when
        words = describe(entry.record, at.case.head.currency, at.today)
        head = f"{names[entry.kind, entry.nth]:<9} {day}  "
        first, *more = wrap(words, len(head)) or [""]
        lines += [head + first.strip(), *more]
    for entry in at.case.voided:
        words = describe(entry.record, at.case.head.currency, at.today)
        lines += wrap(t("void: {entry}", entry=f"{names[entry.kind, entry.nth]}  {words}"), 0)
    return lines


def data(at: Standing) -> dict[str, Any]:
    """Return a case as the JSON contract has it; keys are only ever added."""
    case = at.case
    names = handles(case.data)
    return {
        "case": case.id,
        "debtor": case.debtor.name,
        "as_of": at.today.isoformat(),
        "stage": at.stage,
        "reason": case.head.reason,
        "balance": amount_map(at.ledger.balance()),
        "due_now": amount_map(at.ledger.chasable()),
        "unallocated": amount_map(at.ledger.unallocated),
        "days_past_due": at.ledger.days_past_due(),
        "credit_age": at.ledger.credit_age(),
        "supply": credit.brief_data(at),
        "invoices": [
            {
                "number": r.number,
                "issued": r.issued.isoformat() if r.issued else None,
                "due": r.due.isoformat(),
                "currency": r.currency,
                "amount": money.plain(r.amount, r.currency),
                "open": money.plain(r.open, r.currency),
                "disputed": money.plain(r.disputed, r.currency),
            }
            for r in at.ledger.receivables
        ],
        "promises": [
            {
                "amount": money.plain(s.promise.amount, s.currency),
                "currency": s.currency,
                "due": _text(s.promise.due),
                "status": s.status,
                "paid": money.plain(s.paid, s.currency),
                "missing": money.plain(s.missing, s.currency),
                "confirmed": s.confirmed,
                "handle": names[s.entry.kind, s.entry.nth],
            }
            for s in at.promises
        ],
        **agreed_data(at),
        "entries": [
            {
                "kind": entry.kind,
                "handle": names[entry.kind, entry.nth],
                "at": _text(moment(entry.record)),
                "void": void,
                "text": describe(entry.record, case.head.currency, at.today),
            }
            for entries, void in ((case.journal, False), (case.voided, True))
            for entry in entries
        ],
    }


def _text(when: date | datetime) -> str:
    return when.isoformat(timespec="seconds") if isinstance(when, datetime) else when.isoformat()


def listing(lines: Iterable[Line]) -> list[str]:
    """Return one row a case."""
    rows = [
        (one.id, one.stage, amounts(one.balance), one.days_past_due or "", one.debtor)
        for one in lines
    ]
    if not rows:
        return [t("no case")]
    headers = (t("Case"), t("Stage"), t("Balance"), t("Days"), t("Debtor"))
    return text.listing(headers, rows, (2, 3))


def listing_data(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """Return one object a case."""
    return [
        {
            "case": one.id,
            "debtor": one.debtor,
            "stage": one.stage,
            "reason": one.reason,
            "owner": one.owner,
            "balance": amount_map(one.balance),
            "due_now": amount_map(one.due_now),
            "days_past_due": one.days_past_due,
        }
        for one in lines
    ]
