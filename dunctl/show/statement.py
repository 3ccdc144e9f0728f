"""A statement of account: as a page with a table a currency, as JSON and as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from dunctl import money
from dunctl.case.records import Case
from dunctl.owed.statement import Account, Line, Statement
from dunctl.show.text import as_csv, fitted, table, wrap
from dunctl.words import t

ZERO = Decimal(0)


def page(case: Case, found: Statement) -> list[str]:
    """Return the account for people: a table a currency, and below it what of it is open."""
    lines = [f"{case.id} · {case.debtor.name}"]
    if found.first is None:
        lines.append(t("Account to {last}", last=found.last))
    else:
        lines.append(t("Account from {first} to {last}", first=found.first, last=found.last))
    if not found.accounts:
        lines += ["", t("nothing moved")]
    for account in found.accounts:
        lines += ["", *_table(account, found), *_open(account, found)]
    return lines


def _table(account: Account, found: Statement) -> list[str]:
    currency = account.currency
    rows: list[Sequence[object]] = []
    if found.first is not None:
        rows.append((found.first, t("opening"), "", "", money.show(account.opening, currency)))
    rows += [
        (
            line.on or "-",
            words(line),
            line.ref or "",
            money.show(line.amount, currency),
            money.show(line.balance, currency),
        )
        for line in account.lines
    ]
    rows.append((found.last, t("closing"), "", "", money.show(account.closing, currency)))
    headers = (currency, t("What"), t("Reference"), t("Amount"), t("Balance"))
    return fitted(headers, rows, (3, 4), 1)


def words(line: Line) -> str:
    """Return what a line of an account is, in the words of somebody who reads an account."""
    about = line.about
    if line.kind == "invoice":
        return t("invoice {number}", number=about)
    if line.kind == "reversal":
        return t("payment of {day} taken back", day=about)
    if line.kind == "interest":
        return t("interest on {number}", number=about)
    texts = {
        "payment": t("payment"),
        "credit": t("credit note"),
        "refund": t("refund"),
        "settled": t("let go by settlement"),
        "fee": t("fee: {basis}", basis=line.basis),
        "fee_less": t("less of the fee: {basis}", basis=line.basis),
    }
    text = texts[line.kind]
    return t("{what} for {number}", what=text, number=about) if about else text


def _open(account: Account, found: Statement) -> list[str]:
    """Return what the closing balance is made of."""
    currency = account.currency
    rows: list[Sequence[object]] = []
    for item in _items(account, found):
        amount = item["amount"]
        days = (found.last - item["due"]).days if item["due"] else 0
        rows.append(
            (
                item["text"],
                item["ref"] or "",
                item["due"] or "",
                days if days > 0 else "",
                money.show(amount, currency),
            )
        )
    lines = []
    if rows:
        headers = (t("Still open"), t("Reference"), t("Due"), t("Days"), t("Amount"))
        lines = ["", *table(headers, rows, (3, 4))]
    if account.currency in found.owed.totals:
        total = found.owed.totals[account.currency]
        accrued = total.interest - total.claimed
        if accrued:
            lines += wrap(
                t(
                    "not on the account: interest of {amount}, which is not claimed",
                    amount=money.show(accrued, currency),
                ),
                0,
            )
    return lines


def _items(account: Account, found: Statement) -> list[dict[str, Any]]:
    """Return the open parts; together they are the closing balance."""
    items: list[dict[str, Any]] = []

    def add(text: str, amount: Decimal, **more: Any) -> None:
        if amount:
            items.append({"ref": None, "due": None, **more, "text": text, "amount": amount})

    for one in found.owed.invoices:
        if one.currency != account.currency:
            continue
        number = one.number
        add(number, one.open, kind="invoice", number=number, ref=one.ref, due=one.due)
        if one.interest.claimed:
            text = t("interest on {number}", number=number)
            add(text, one.interest.open, kind="interest", number=number)
        for fee in one.fees:
            add(t("fee for {number}", number=number), fee.open, kind="fee", number=number)
    for fee in found.owed.fees:
        if fee.currency == account.currency:
            add(t("fee"), fee.open, kind="fee", number=None)
    if account.currency in found.owed.totals:
        credit = found.owed.totals[account.currency].unallocated
        text = t("credit not allocated") if credit > 0 else t("refunded beyond their credit")
        add(text, -credit, kind="credit", number=None)
    return items


def data(case: Case, found: Statement) -> dict[str, Any]:
    """Return the account as the JSON contract has it; keys are only ever added."""
    return {
        "case": case.id,
        "debtor": case.debtor.name,
        "from": found.first.isoformat() if found.first else None,
        "to": found.last.isoformat(),
        "currencies": {account.currency: _account(account, found) for account in found.accounts},
        "problems": list(found.owed.problems),
    }


def _account(account: Account, found: Statement) -> dict[str, Any]:
    currency = account.currency
    return {
        "opening": money.plain(account.opening, currency),
        "closing": money.plain(account.closing, currency),
        "movements": [
            {
                "on": line.on.isoformat() if line.on else None,
                "kind": line.kind,
                "text": words(line),
                "about": line.about,
                "due": line.due.isoformat() if line.due else None,
                "basis": line.basis,
                "ref": line.ref,
                "amount": money.plain(line.amount, currency),
                "balance": money.plain(line.balance, currency),
            }
            for line in account.lines
        ],
        "open": [
            {
                "kind": item["kind"],
                "number": item["number"],
                "ref": item["ref"],
                "due": item["due"].isoformat() if item["due"] else None,
                "amount": money.plain(item["amount"], currency),
            }
            for item in _items(account, found)
        ],
    }


def csv(found: Statement) -> str:
    """Return the account as CSV; without the row of the closing, amounts add up to its balance."""
    headers = ("currency", "on", "kind", "text", "due", "ref", "amount", "balance")
    rows: list[Sequence[object]] = []
    for account in found.accounts:
        currency = account.currency
        opening, closing = (
            money.plain(amount, currency) for amount in (account.opening, account.closing)
        )
        rows.append(
            (currency, found.first or "", "opening", t("opening"), "", "", opening, opening)
        )
        rows += [
            (
                *(currency, line.on or "", line.kind, words(line)),
                *(line.due or "", line.ref or ""),
                money.plain(line.amount, currency),
                money.plain(line.balance, currency),
            )
            for line in account.lines
        ]
        rows.append((currency, found.last, "closing", t("closing"), "", "", "", closing))
    return as_csv(headers, rows)
