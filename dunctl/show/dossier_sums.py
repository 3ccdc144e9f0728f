"""The figures of a dossier: what is owed, the account, each period of interest, each fee."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from dunctl.case.records import Case
from dunctl.letters.sheet import Block, Text
from dunctl.owed.claims import FeeOwed, InvoiceOwed, Owed, Total
from dunctl.owed.interest import line
from dunctl.owed.law import Law
from dunctl.owed.statement import statement
from dunctl.show.dossier_blocks import exactly, figure, of_table
from dunctl.show.owed import FINER, counts, remarks
from dunctl.show.statement import words
from dunctl.words import t


def claim(found: Owed) -> list[Block]:
    """Return the totals by currency, and what has to be said beside them."""
    blocks: list[Block] = []
    for _, total in sorted(found.totals.items()):
        blocks += [_total(total), *map(Text, remarks(total))]
        mine = [one for one in found.invoices if one.currency == total.currency]
        if any(one.interest.profile and one.interest.unknown for one in mine if counts(one)):
            blocks.append(Text(t("The total is without the interest that is not known.")))
    return [*(blocks or [Text(t("Nothing is owed."))]), *map(Text, found.problems)]


def _total(total: Total) -> Block:
    currency = total.currency
    rows = [
        (t("principal"), exactly(total.principal, currency)),
        (t("interest"), figure(total.interest, currency)),
        (t("fees and costs"), figure(total.fees, currency)),
        (t("less credit that is not allocated"), figure(-total.unallocated, currency)),
    ]
    return of_table(
        (t("Claim"), currency),
        [row for row in rows if row[1]],
        (1,),
        feet=[(t("total"), exactly(total.total, currency))],
    )


def account(case: Case, day: date, law: Law, money_day: date) -> list[Block]:
    """Return the account from its beginning, with money up to its own day, a table a currency."""
    found = statement(case, None, day, law, money_day)
    headers = (t("Day"), t("What"), t("Reference"), t("Amount"), t("Balance"))
    return [
        of_table(
            headers,
            [
                (
                    one.on or "-",
                    words(one),
                    one.ref,
                    exactly(one.amount, account.currency),
                    exactly(one.balance, account.currency),
                )
                for one in account.lines
            ],
            (3, 4),
            title=account.currency,
            feet=[(t("balance on {day}", day=day), exactly(account.closing, account.currency))],
        )
        for account in found.accounts
    ] or [Text(t("Nothing moved on the account."))]


def invoices(found: Owed) -> list[Block]:
    """Return every invoice and what became of it."""
    headers = (
        *(t("Invoice"), t("Reference"), t("Issued"), t("Due"), t("Amount"), t("Paid")),
        *(t("Credited"), t("Let go"), t("Disputed"), t("Open")),
    )
    return [
        of_table(
            headers,
            [
                (
                    one.number,
                    one.ref,
                    one.issued,
                    one.due,
                    *(
                        figure(amount, currency)
                        for amount in (one.amount, one.paid, one.credited, one.settled)
                    ),
                    figure(one.disputed, currency),
                    exactly(one.open, currency),
                )
                for one in mine
            ],
            range(4, 10),
            title=currency,
            feet=[(t("total"), exactly(found.totals[currency].principal, currency))],
        )
        for currency in sorted(found.totals)
        if (mine := [one for one in found.invoices if one.currency == currency])
    ]


def interest(found: Owed) -> list[Block]:
    """Return how the interest on each invoice comes about: days, rate, balance, source."""
    blocks = [block for one in found.invoices for block in _interest(one)]
    return blocks or [Text(t("No interest has accrued."))]


def _interest(one: InvoiceOwed) -> Iterator[Block]:
    interest, currency = one.interest, one.currency
    profile = interest.profile
    if interest.unknown and (one.open > 0 or interest.claimed):
        yield Text(t("{number}: not known: {why}", number=one.number, why=interest.unknown))
    if not interest.periods or profile is None:
        return
    claimed = (
        t("claimed from {day}", day=interest.claimed)
        if interest.claimed
        else t("accrued, and not claimed")
    )
    finer = FINER if profile.rounding == "end" else 0
    sums = (
        (t("accrued"), interest.accrued),
        (t("let go"), -interest.waived),
        (t("paid"), -interest.paid),
    )
    yield of_table(
        (t("From"), t("To"), t("Days"), t("On"), "%", t("Source"), t("Interest")),
        [
            (
                period.start,
                period.end,
                period.days,
                exactly(period.on, currency),
                f"{period.rate.normalize():f}",
                period.source,
                exactly(line(period, profile, currency), currency, finer),
            )
            for period in interest.periods
        ],
        (2, 3, 4, 6),
        title=f"{one.number}, {currency}, {claimed}: {interest.basis}",
        feet=[
            *((label, figure(amount, currency)) for label, amount in sums if amount),
            (t("open"), exactly(interest.open, currency)),
        ],
    )
    if interest.suspended:
        amount = f"{currency} {exactly(interest.suspended, currency)}"
        yield Text(t("Not in it: interest of {amount} on what is disputed.", amount=amount))


def fees(found: Owed) -> list[Block]:
    """Return every fee with its clause or statute, and what became of it."""
    every = [fee for one in found.invoices for fee in one.fees] + list(found.fees)
    every.sort(key=lambda fee: (fee.on, fee.handle))
    headers = (
        *(t("Day"), t("Handle"), t("What"), t("Basis"), t("Invoice"), t("Amount")),
        *(t("Counted already"), t("Let go"), t("Paid"), t("Open")),
    )
    kinds = {"contract": t("fee"), "fixed_sum": t("fixed sum"), "costs": t("costs")}

    def rows(mine: Iterable[FeeOwed]) -> Iterator[tuple[object, ...]]:
        for fee in mine:
            amounts = (fee.amount, fee.credited, fee.waived, fee.paid)
            yield (
                *(fee.on, fee.handle, kinds[fee.kind], fee.basis, fee.invoice),
                *(figure(amount, fee.currency) for amount in amounts),
                exactly(fee.open, fee.currency),
            )

    return [
        of_table(
            headers,
            rows(fee for fee in every if fee.currency == currency),
            range(5, 10),
            title=currency,
            feet=[(t("total"), exactly(found.totals[currency].fees, currency))],
        )
        for currency in sorted({fee.currency for fee in every})
    ]
