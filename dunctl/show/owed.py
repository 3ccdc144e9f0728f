"""What is owed, to the cent: as a page that a pocket calculator can follow, as JSON and as CSV."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from dunctl import money
from dunctl.case.records import Case
from dunctl.owed.claims import FeeOwed, InterestOwed, InvoiceOwed, Owed, Total
from dunctl.owed.interest import Period, line
from dunctl.show.text import as_csv, table, wrap
from dunctl.words import in_days, t

ZERO = Decimal(0)
FINER = 2
"""Decimals more than the currency has, in which interest is shown before it is rounded."""
FINEST = 4
"""The same for programs, so that the periods add up to the rounded sum."""


def page(case: Case, found: Owed, *, explain: bool) -> list[str]:
    """Return what is owed for people: a table a currency, then how the interest comes about."""
    lines = [f"{case.id} · {case.debtor.name}", t("Owed as of {day}", day=found.day)]
    if not found.totals:
        lines += ["", t("nothing is owed")]
    for currency, total in sorted(found.totals.items()):
        invoices = [i for i in found.invoices if i.currency == currency and counts(i)]
        lines += ["", *_summary(found, total, invoices)]
        for invoice in invoices:
            if explain or invoice.interest.periods or not _runs(invoice):
                lines += ["", *(_explained if explain else _brief)(invoice)]
        fees = [*(f for i in invoices for f in i.fees), *_unnamed(found, currency)]
        if explain and fees:
            lines += ["", *(line for fee in fees for line in _fee(fee))]
    return lines


def _runs(invoice: InvoiceOwed) -> bool:
    """Return whether an invoice bears interest, or will once it is due."""
    return invoice.interest.profile is not None and not invoice.interest.unknown


def _unknown(invoice: InvoiceOwed, day: date) -> bool:
    """Return whether an invoice bears interest and it cannot be told how much."""
    interest = invoice.interest
    return bool(
        interest.unknown and interest.profile and not interest.periods and invoice.due < day
    )


def counts(invoice: InvoiceOwed) -> bool:
    """Return whether there is anything left of an invoice that is owed, and not let rest."""
    interest = invoice.interest
    return bool(invoice.open or (interest.claimed and (interest.open or interest.unknown))) or any(
        fee.open for fee in invoice.fees
    )


def _unnamed(found: Owed, currency: str) -> list[FeeOwed]:
    return [fee for fee in found.fees if fee.currency == currency and fee.open]


def _summary(found: Owed, total: Total, invoices: Sequence[InvoiceOwed]) -> list[str]:
    currency = total.currency
    rows = []
    for one in invoices:
        parts = (one.open, one.demanded, _fees(one.fees))
        cells = _shown((*parts, sum(parts, ZERO)), currency)
        if _unknown(one, found.day):
            cells[1] = t("not known")
        rows.append((one.number, one.due, *cells))
    loose = _fees(_unnamed(found, currency))
    if loose:
        rows.append((t("for no invoice"), "", *_shown((ZERO, ZERO, loose, loose), currency)))
    if total.unallocated:
        credit = money.show(-total.unallocated, currency)
        rows.append((_credit(total), "", "", "", "", credit))
    lines = []
    unknown = any(_unknown(one, found.day) for one in invoices)
    cells = _shown((total.principal, total.interest, total.fees, total.total), currency)
    if unknown:
        cells[1] = t("not known")
    rows.append((t("total"), "", *cells))
    headers = (currency, t("Due"), t("Principal"), t("Interest"), t("Fees"), t("Total"))
    if rows[1:]:
        lines += table(headers, rows, (2, 3, 4, 5))
    else:
        lines.append(t("{currency}: nothing is owed", currency=currency))
    if unknown:
        lines += wrap(t("The total is without the interest that is not known."), 0)
    for sentence in remarks(total):
        lines += wrap(sentence, 0)
    return lines


def _credit(total: Total) -> str:
    if total.unallocated < 0:
        return t("refunded beyond their credit")
    return t("credit not allocated")


def _shown(amounts: Sequence[Decimal], currency: str) -> list[str]:
    return [money.show(amount, currency) for amount in amounts]


def _fees(fees: Sequence[FeeOwed]) -> Decimal:
    return sum((fee.open for fee in fees), ZERO)


def remarks(total: Total) -> Iterator[str]:
    """Yield what has to be said beside a total: what is claimed of it, what runs, what rests."""
    currency = total.currency
    if total.interest and not total.claimed:
        yield t("The interest is not claimed: no money counts towards it.")
    elif total.interest != total.claimed:
        claimed = money.show(total.claimed, currency)
        yield t("Of the interest {amount} is claimed.", amount=claimed)
    if total.daily:
        yield t("From tomorrow {amount} a day.", amount=money.show(total.daily, currency))
    if total.suspended:
        amount = money.show(total.suspended, currency)
        yield t("Not in it: interest of {amount} on what is disputed.", amount=amount)
    if total.unclaimed:
        amount = money.show(total.unclaimed, currency)
        yield t(
            "Not in it: interest of {amount} on invoices that were paid late and on which none was "
            "claimed.",
            amount=amount,
        )


def _brief(invoice: InvoiceOwed) -> list[str]:
    interest, currency = invoice.interest, invoice.currency
    lines = wrap(f"{invoice.number}: {_basis(interest)}", 0)
    if not interest.periods or interest.profile is None:
        return lines
    finer = _finer(interest)
    rows = [
        (
            period.start,
            period.end,
            period.days,
            _rate(period),
            f"{period.on:,f}",
            f"{money.quantize(amount, currency, finer):,f}",
            f"{money.quantize(running, currency, finer):,f}",
        )
        for period, amount, running in _running(interest, currency)
    ]
    headers = (t("From"), t("To"), t("Days"), "%", t("On"), t("Interest"), t("So far"))
    lines += table(headers, rows, (2, 3, 4, 5, 6))
    return lines + _left(interest, currency)


def _basis(interest: InterestOwed) -> str:
    if interest.profile is None:
        return t("no interest: {why}", why=interest.unknown or interest.basis)
    if interest.unknown and not interest.periods:
        return t("interest not known: {why}", why=interest.unknown)
    if not interest.periods and not interest.claimed:
        return t("no interest so far: {basis}", basis=interest.basis)
    if interest.claimed:
        return t("interest, claimed on {day}: {basis}", day=interest.claimed, basis=interest.basis)
    return t("interest, not claimed: {basis}", basis=interest.basis)


def _rate(period: Period) -> str:
    return f"{period.rate.normalize():f}"


def _finer(interest: InterestOwed) -> int:
    return FINER if interest.profile and interest.profile.rounding == "end" else 0


def _running(interest: InterestOwed, currency: str) -> Iterator[tuple[Period, Decimal, Decimal]]:
    """Yield each period, what it counts for, and the sum so far."""
    running = ZERO
    for period in interest.periods:
        amount = line(period, interest.profile, currency) if interest.profile else period.interest
        running += amount
        yield period, amount, running


def _left(interest: InterestOwed, currency: str) -> list[str]:
    """Say how the sum of the periods becomes what is left."""
    words = []
    if interest.periods and _finer(interest):
        amount = money.show(interest.accrued, currency)
        words.append(t("rounded once, half up: {amount}", amount=amount))
    if interest.waived:
        words.append(t("less {amount} let go", amount=money.show(interest.waived, currency)))
    if interest.paid:
        words.append(t("less {amount} paid", amount=money.show(interest.paid, currency)))
    if interest.open != interest.accrued:
        words.append(t("left {amount}", amount=money.show(interest.open, currency)))
    return wrap("; ".join(words), 0) if words else []


def _explained(invoice: InvoiceOwed) -> list[str]:
    """Return every step from the invoice to what is owed on it."""
    interest, currency = invoice.interest, invoice.currency
    lines = wrap(
        t(
            "{number}, due {due}: {principal}",
            number=invoice.number,
            due=invoice.due,
            principal=_principal(invoice),
        ),
        0,
    )
    lines += wrap(_basis(interest), 2)
    for nth, (period, amount, running) in enumerate(_running(interest, currency)):
        lines += _worked(period, amount, interest, currency)
        if nth:
            so_far = money.show(running, currency, _finer(interest))
            lines.append("    " + t("so far {amount}", amount=so_far))
    lines += [f"  {words}" for words in _left(interest, currency)]
    if interest.unknown and interest.periods:
        lines += wrap(interest.unknown, 2)
    if interest.daily:
        daily = money.show(interest.daily, currency, FINER)
        lines.append("  " + t("from tomorrow {amount} a day", amount=daily))
    if interest.suspended:
        suspended = money.show(interest.suspended, currency)
        disputed = money.show(invoice.disputed, currency)
        lines += wrap(
            t(
                "on {disputed} that is disputed {amount} more, if the dispute ends in our favour",
                disputed=disputed,
                amount=suspended,
            ),
            2,
        )
    return lines


def _principal(invoice: InvoiceOwed) -> str:
    """Return how the amount of an invoice becomes what is open: ``£9.00 - £2.00 paid = £7.00``."""
    text = money.show(invoice.amount, invoice.currency)
    for word, amount in (
        (t("paid"), invoice.paid),
        (t("credited"), invoice.credited),
        (t("let go"), invoice.settled),
    ):
        if amount:
            text += f" - {money.show(amount, invoice.currency)} {word}"
    opened = money.show(invoice.open, invoice.currency)
    return f"{text} = {opened}" if invoice.open != invoice.amount else text


def _worked(period: Period, amount: Decimal, interest: InterestOwed, currency: str) -> list[str]:
    """Return a period with its sum as it is typed into a calculator."""
    days = in_days(period.days)
    lines = wrap(
        t(
            "{start} to {end}, {days}: {source}",
            start=period.start,
            end=period.end,
            days=days,
            source=period.source,
        ),
        2,
    )
    on, rate = money.show(period.on, currency), _rate(period)
    if interest.profile and interest.profile.rounding == "daily_rate_rounded":
        day = money.show(amount / period.days, currency)
        work = f"{on} x {rate} % / {period.year_days} = {day}, {day} x {period.days}"
    else:
        work = f"{on} x {rate} % x {period.days} / {period.year_days}"
    return [*lines, f"    {work} = {money.show(amount, currency, _finer(interest))}"]


def _fee(fee: FeeOwed) -> list[str]:
    """Return a fee with its basis and what became of it."""
    text = money.show(fee.amount, fee.currency)
    for word, amount in (
        (t("counted already"), fee.credited),
        (t("let go"), fee.waived),
        (t("paid"), fee.paid),
    ):
        if amount:
            text += f" - {money.show(amount, fee.currency)} {word}"
    if fee.open != fee.amount:
        text += f" = {money.show(fee.open, fee.currency)}"
    whose = t(" for {number}", number=fee.invoice) if fee.invoice else ""
    words = {
        "contract": t("fee"),
        "fixed_sum": t("fixed sum"),
        "costs": t("costs"),
    }[fee.kind]
    return wrap(f"{words}{whose}, {fee.on}: {text} ({fee.basis})", 0)


def data(case: Case, found: Owed) -> dict[str, Any]:
    """Return what is owed as the JSON contract has it; keys are only ever added.

    Where a rate is not known, ``interest``, ``total`` and ``daily`` are null.
    """
    return {
        "case": case.id,
        "debtor": case.debtor.name,
        "as_of": found.day.isoformat(),
        "currencies": {
            currency: _currency(found, total) for currency, total in sorted(found.totals.items())
        },
        "invoices": [_invoice(one) for one in found.invoices],
        "fees": [_fee_data(fee) for fee in found.fees],
        "problems": list(found.problems),
    }


def _currency(found: Owed, total: Total) -> dict[str, Any]:
    currency = total.currency
    mine = [i for i in found.invoices if i.currency == currency and counts(i)]
    unknown = any(_unknown(one, found.day) for one in mine)
    later = any(one.interest.profile and one.interest.unknown for one in mine)
    return {
        "principal": money.plain(total.principal, currency),
        "interest": None if unknown else money.plain(total.interest, currency),
        "fees": money.plain(total.fees, currency),
        "unallocated": money.plain(total.unallocated, currency),
        "total": None if unknown else money.plain(total.total, currency),
        "daily": None if later else money.plain(total.daily, currency),
        "claimed": money.plain(total.claimed, currency),
        "suspended": money.plain(total.suspended, currency),
        "unclaimed": money.plain(total.unclaimed, currency),
        "basis": sorted({i.interest.basis for i in mine}),
        "periods": [
            {"invoice": i.number, **period}
            for i in mine
            for period in _periods(i.interest, currency)
        ],
    }


def _periods(interest: InterestOwed, currency: str) -> list[dict[str, Any]]:
    return [
        {
            "from": period.start.isoformat(),
            "to": period.end.isoformat(),
            "days": period.days,
            "rate": _rate(period),
            "on": money.plain(period.on, currency),
            "year_days": period.year_days,
            "interest": money.plain(amount, currency, FINEST),
            "running": money.plain(running, currency, FINEST),
            "source": period.source,
        }
        for period, amount, running in _running(interest, currency)
    ]


def _invoice(one: InvoiceOwed) -> dict[str, Any]:
    interest, currency = one.interest, one.currency
    return {
        "number": one.number,
        "ref": one.ref,
        "issued": one.issued.isoformat() if one.issued else None,
        "due": one.due.isoformat(),
        "currency": currency,
        "amount": money.plain(one.amount, currency),
        "paid": money.plain(one.paid, currency),
        "credited": money.plain(one.credited, currency),
        "settled": money.plain(one.settled, currency),
        "open": money.plain(one.open, currency),
        "disputed": money.plain(one.disputed, currency),
        "interest": {
            "profile": interest.profile.id if interest.profile else None,
            "basis": interest.basis,
            "claimed": interest.claimed.isoformat() if interest.claimed else None,
            "accrued": money.plain(interest.accrued, currency),
            "waived": money.plain(interest.waived, currency),
            "paid": money.plain(interest.paid, currency),
            "open": money.plain(interest.open, currency),
            "suspended": money.plain(interest.suspended, currency),
            "daily": money.plain(interest.daily, currency, FINEST),
            "rounding": interest.profile.rounding if interest.profile else None,
            "unknown": interest.unknown,
            "periods": _periods(interest, currency),
        },
        "fees": [_fee_data(fee) for fee in one.fees],
    }


def _fee_data(fee: FeeOwed) -> dict[str, Any]:
    return {
        "handle": fee.handle,
        "on": fee.on.isoformat(),
        "kind": fee.kind,
        "basis": fee.basis,
        "invoice": fee.invoice,
        "currency": fee.currency,
        "amount": money.plain(fee.amount, fee.currency),
        "credited": money.plain(fee.credited, fee.currency),
        "waived": money.plain(fee.waived, fee.currency),
        "paid": money.plain(fee.paid, fee.currency),
        "open": money.plain(fee.open, fee.currency),
    }


def csv(found: Owed) -> str:
    """Return what is owed as CSV; the column ``amount`` adds up to the total of a currency.

    Below the interest on an invoice, its periods stand with what each comes to (``exact``).
    """
    headers = (
        *("currency", "invoice", "what", "from", "to", "days", "rate", "on", "exact"),
        *("amount", "claimed", "basis"),
    )
    rows = [row for currency in sorted(found.totals) for row in _rows(found, currency)]
    return as_csv(headers, rows)


def _rows(found: Owed, currency: str) -> Iterator[Sequence[object]]:
    blank = ("",) * 6
    for one in found.invoices:
        if one.currency != currency or not counts(one):
            continue
        opened = money.plain(one.open, currency)
        yield currency, one.number, "principal", *blank, opened, "", ""
        interest = one.interest
        amount = "" if _unknown(one, found.day) else money.plain(one.demanded, currency)
        yield (
            *(currency, one.number, "interest", *blank, amount),
            *(interest.claimed or "", interest.basis),
        )
        for period in _periods(interest, currency):
            cells = [period[key] for key in ("from", "to", "days", "rate", "on", "interest")]
            yield currency, one.number, "period", *cells, "", "", period["source"]
        for fee in one.fees:
            yield _fee_row(fee, blank)
    for fee in _unnamed(found, currency):
        yield _fee_row(fee, blank)
    total = found.totals[currency]
    if total.unallocated:
        yield currency, "", "credit", *blank, money.plain(-total.unallocated, currency), "", ""


def _fee_row(fee: FeeOwed, blank: Sequence[str]) -> Sequence[object]:
    amount = money.plain(fee.open, fee.currency)
    return (fee.currency, fee.invoice or "", "fee", *blank, amount, fee.on, fee.basis)
