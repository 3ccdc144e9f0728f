"""What is asked for as tables: invoices, interest by period, fees with their basis.

Each table ends with its total, which is the sum of its rows and of the lines before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from dunctl import money
from dunctl.case.records import Invoice, of
from dunctl.letters import localise
from dunctl.letters.draft import ZERO, Column, Draft, pairs, table
from dunctl.letters.facts_claims import Claims
from dunctl.letters.sheet import Pairs, Table
from dunctl.owed.charging import leniency
from dunctl.owed.claims import InterestOwed, InvoiceOwed
from dunctl.owed.debts import FeeOwed
from dunctl.owed.interest import Period
from dunctl.words import t

_FINER = 2  # digits more in the rows of an interest that is rounded at the end


def tables(draft: Draft, claims: Claims) -> tuple[Table, ...]:
    """Return a table a currency: each invoice, interest, fees, and the total."""
    own = {invoice.number: invoice.ref for invoice in of(draft.at.case, Invoice)}
    found = []
    for currency, summed in claims.sums.items():

        def figure(value: Decimal, currency: str = currency) -> str:
            return draft.figure(value, currency)

        lines = [
            {
                "claims.invoice": _named(row.number, own.get(row.number)),
                "claims.issued": draft.short(row.issued),
                "claims.due": draft.short(row.due),
                "claims.amount": figure(row.amount),
                "claims.settled": figure(row.paid + row.credited),
                "claims.disputed": figure(row.disputed),
                "claims.deferred": figure(row.deferred),
                "claims.asked": figure(row.asked),
            }
            for row in claims.rows
            if row.currency == currency
        ]
        lines += [
            {"claims.invoice": draft.say(f"claims.{part}"), "claims.asked": figure(value)}
            for part, value in (("interest", summed.interest), ("fees", summed.fees))
            if value
        ]
        feet = [(draft.say("claims.total"), figure(summed.total))]
        if summed.credit:
            gross = summed.total + summed.credit
            label = "claims.credit" if summed.credit > 0 else "claims.refunded"
            feet.insert(0, (draft.say(label), figure(-summed.credit)))
            feet.insert(0, (draft.say("claims.sum"), figure(gross)))
        title = draft.say("claims.title", unit=draft.unit(currency))
        found.append(table(draft, title, _CLAIMS, lines, feet))
    return tuple(found)


_CLAIMS = (
    *(Column(f"claims.{key}") for key in ("invoice", "issued", "due")),
    *(
        Column(f"claims.{key}", right=True)
        for key in ("amount", "settled", "disputed", "deferred", "asked")
    ),
)


def _named(number: str, ref: str | None) -> str:
    """Return the number of an invoice with their own reference, which they find it by."""
    return f"{number} ({ref})" if ref else number


def contested(draft: Draft, claims: Claims) -> Pairs | None:
    """Return what is disputed of the overdue invoices, or of those that the letter lists."""
    listed = {row.number for row in claims.rows}
    return pairs(
        (
            draft.say("claims.contested", number=row.number),
            draft.amount(row.disputed, row.currency),
        )
        for row in draft.at.ledger.receivables
        if row.disputed > 0
        and draft.meant(row.currency)
        and (row.due < draft.today or row.number in listed)
    )


def open_tables(draft: Draft) -> tuple[Table, ...]:
    """Return a table a currency of all that is on the account, due or not, disputed or not."""
    found = []
    for currency in draft.ordered(draft.owed.totals):
        total = draft.owed.totals[currency]
        balance = total.principal + total.claimed + total.fees - total.unallocated
        if balance <= 0 or not draft.meant(currency):
            continue
        lines = [
            {
                "claims.invoice": _named(one.number, one.ref),
                "claims.issued": draft.short(one.issued),
                "claims.due": draft.short(one.due),
                "claims.amount": draft.figure(one.amount, currency),
                "claims.settled": draft.figure(one.paid + one.credited, currency),
                "claims.disputed": draft.figure(one.disputed, currency),
                "claims.open": draft.figure(one.open, currency),
            }
            for one in draft.owed.invoices
            if one.currency == currency and one.open > 0
        ]
        lines += [
            {
                "claims.invoice": draft.say(f"claims.{part}"),
                "claims.open": draft.figure(value, currency),
            }
            for part, value in (("interest", total.claimed), ("fees", total.fees))
            if value
        ]
        feet = [(draft.say("claims.balance"), draft.figure(balance, currency))]
        if total.unallocated:
            label = "claims.credit" if total.unallocated > 0 else "claims.refunded"
            feet.insert(0, (draft.say(label), draft.figure(-total.unallocated, currency)))
        title = draft.say("claims.title", unit=draft.unit(currency))
        found.append(table(draft, title, _OPEN, lines, feet))
    return tuple(found)


_OPEN = (
    *(Column(f"claims.{key}") for key in ("invoice", "issued", "due")),
    *(Column(f"claims.{key}", right=True) for key in ("amount", "settled", "disputed", "open")),
)


def interest_tables(draft: Draft, invoices: Sequence[InvoiceOwed]) -> tuple[Table, ...]:
    """Return a table a currency: each period at its own rate, and how the sum comes about.

    Where interest is rounded at the end, the periods have two digits more than the currency.
    """
    found = []
    for currency in draft.ordered(one.currency for one in invoices):
        mine = [one for one in invoices if one.currency == currency]
        lines = [_period(draft, one, period) for one in mine for period in one.interest.periods]
        feet = [
            (draft.say(f"interest.{part}", number=one.number), draft.figure(value, currency))
            for one in mine
            for part, value in (
                ("sum", one.interest.accrued),
                ("waived", -one.interest.waived),
                ("paid", -one.interest.paid),
            )
            if value
        ]
        total = sum((one.interest.open for one in mine), ZERO)
        if len(feet) == 1:
            feet = []
        feet.append((draft.say("interest.total"), draft.figure(total, currency)))
        title = draft.say("interest.title", unit=draft.unit(currency))
        found.append(table(draft, title, _INTEREST, lines, feet))
    return tuple(found)


def _period(draft: Draft, one: InvoiceOwed, period: Period) -> dict[str, str]:
    language = draft.language
    finer = one.interest.profile is not None and one.interest.profile.rounding == "end"
    digits = money.exponent(one.currency) + (_FINER if finer else 0)
    return {
        "interest.invoice": one.number,
        "interest.from": draft.short(period.start),
        "interest.to": draft.short(period.end),
        "interest.days": str(period.days),
        "interest.on": localise.decimal(period.on, money.exponent(one.currency), language),
        "interest.rate": localise.percent(period.rate, language),
        "interest.amount": localise.decimal(period.interest, digits, language),
    }


_INTEREST = (
    *(Column(f"interest.{key}") for key in ("invoice", "from", "to")),
    *(Column(f"interest.{key}", right=True) for key in ("days", "on", "rate", "amount")),
)


def fee_tables(draft: Draft, fees: Sequence[FeeOwed]) -> tuple[Table, ...]:
    """Return a table a currency: each fee with its basis, and what of it is left."""
    found = []
    for currency in draft.ordered(fee.currency for fee in fees):
        mine = [fee for fee in fees if fee.currency == currency]
        lines = [
            {
                "fees.on": draft.short(fee.on),
                "fees.what": draft.say(f"fees.{fee.kind}", basis=fee.basis),
                "fees.invoice": fee.invoice or "",
                "fees.amount": draft.figure(fee.amount, currency),
                "fees.settled": draft.figure(fee.amount - fee.open, currency),
                "fees.open": draft.figure(fee.open, currency),
            }
            for fee in mine
        ]
        if not any(line["fees.settled"] for line in lines):
            lines = [{**line, "fees.amount": ""} for line in lines]
        total = draft.figure(sum((fee.open for fee in mine), ZERO), currency)
        title = draft.say("fees.title", unit=draft.unit(currency))
        found.append(table(draft, title, _FEES, lines, [(draft.say("fees.total"), total)]))
    return tuple(found)


_FEES = (
    Column("fees.on"),
    Column("fees.what", wide=True),
    Column("fees.invoice"),
    *(Column(f"fees.{key}", right=True) for key in ("amount", "settled", "open")),
)


def basis(draft: Draft, interest: InterestOwed) -> str | None:
    """Return by which clause or statute interest runs, in the words of the letter."""
    profile, clause = interest.profile, draft.at.case.terms.interest
    if profile is None:
        return None
    if clause and t("clause {clause}", clause=clause.clause) in profile.basis:
        return draft.say("interest.clause", clause=clause.clause)
    return profile.basis


def accrual(draft: Draft, claims: Claims) -> dict[str, Any] | None:
    """Return the interest that runs on what is asked for, claimed or not, with its basis.

    Nothing is said of it to somebody in difficulty (practice N02), nor where it is not known.
    """
    listed = {row.number for row in claims.rows} | {one.number for one in claims.interest}
    running = [
        one
        for one in draft.owed.invoices
        if one.number in listed and one.interest.profile and one.interest.open > 0
    ]
    if not running or any(one.interest.unknown for one in running):
        return None
    if leniency(draft.at.case) and not claims.interest:
        return None
    amounts: dict[str, Decimal] = {}
    each: dict[str, Decimal] = {}
    for one in running:
        amounts[one.currency] = amounts.get(one.currency, ZERO) + one.interest.open
        each[one.currency] = each.get(one.currency, ZERO) + one.interest.daily
    daily = {code: money.quantize(amount, code) for code, amount in each.items()}
    rates = sorted({one.interest.periods[-1].rate for one in running if one.interest.periods})
    years = sorted({period.year_days for one in running for period in one.interest.periods})
    bases = list(dict.fromkeys(filter(None, (basis(draft, one.interest) for one in running))))
    return {
        "basis": draft.listing(bases),
        "amount": draft.sums(amounts),
        "daily": draft.sums(daily),
        "rate": draft.listing([localise.percent(rate, draft.language) for rate in rates]),
        "claimed": all(one in claims.interest for one in running),
        "year": draft.listing([str(days) for days in years]),
        "rounded_once": all(
            one.interest.profile.rounding == "end" for one in running if one.interest.profile
        ),
    }
