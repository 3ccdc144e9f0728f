"""Journals with everything that moves money: what the tests of ledger and claims draw from."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from dunctl.case.handles import handles
from dunctl.case.records import Case
from dunctl.owed.law import Law
from dunctl.store import law as laws
from tests.casefile import (
    CURRENCIES,
    DAYS,
    LARGE,
    SMALL,
    entry,
    journals,
    minor,
    read,
    text,
)

LAW: Law = laws.shipped()
CLAUSE = '[terms]\ninterest = { percent = 12, per = "year", clause = "9" }'
BRITISH = 'country = "GB"'
AGREED = f"{BRITISH}\n{CLAUSE}"
AMOUNTS = SMALL | LARGE


def handle(source: str, kind: str, nth: int = 0) -> str:
    """Return the handle of the nth entry of a kind in the text of a case."""
    return handles(read(source).data)[kind, nth]


@st.composite
def books(draw: st.DrawFn) -> list[str]:
    """Draw a journal of invoices, money of every kind, fees, claims, waivers and reversals.

    No two entries are equal. Interest is by the clause of ``AGREED``.
    """
    entries = draw(journals())
    known = read(text(*entries, debtor=AGREED))
    invoices = [(table["number"], table["currency"]) for table in known.data["invoice"]]
    for _ in range(draw(st.integers(0, 4))):
        kind = draw(st.sampled_from(("payment", "fee", "claim", "refund", "waiver", "letter")))
        number, currency = draw(st.sampled_from(invoices))
        named = draw(st.booleans())
        keys = {"currency": currency, "amount": minor(draw(AMOUNTS), currency)}
        day = str(draw(DAYS))
        if kind == "payment":
            keys["to"] = draw(st.sampled_from(("principal", "interest", "costs")))
        elif kind == "fee":
            keys |= {
                "basis": "clause 9",
                "kind": draw(st.sampled_from(("contract", "fixed_sum", "costs"))),
            }
        elif kind == "claim":
            keys = {}
        elif kind == "waiver":
            keys |= {"what": "interest", "why": "goodwill"}
            if draw(st.booleans()):
                del keys["amount"]
        elif kind == "letter":
            whole = Decimal(keys["amount"])
            keys |= {"interest": str(whole), "template": "final-demand"}
        if named and kind not in ("refund", "letter"):
            keys["invoice"] = number
        when = {"at": f"{day}T10:00:00Z"} if kind == "letter" else {"on": day}
        entries.append(entry(kind, **when, **keys))
    entries = list(dict.fromkeys(entries))
    source = text(*entries, debtor=AGREED)
    names = handles(read(source).data)
    for (kind, nth), name in names.items():
        if kind == "payment" and draw(st.integers(0, 3)) == 0:
            came = read(source).data["payment"][nth]["on"]
            back = came + timedelta(days=draw(st.integers(0, 40)))
            entries.append(entry("reversal", on=str(back), payment=name))
        if kind == "fee" and draw(st.integers(0, 2)) == 0:
            fee = read(source).data["fee"][nth]
            part = minor(draw(SMALL), fee["currency"])
            entries.append(
                entry(
                    "waiver",
                    on=str(draw(DAYS)),
                    what=name,
                    why="goodwill",
                    amount=part,
                    currency=fee["currency"],
                )
            )
    return list(dict.fromkeys(entries))


def book(*entries: str) -> Case:
    """Return a case in which interest is agreed."""
    return read(text(*entries, debtor=AGREED))


def came(known: Case, day: date) -> dict[str, Decimal]:
    """Add up payments less what bounced and was refunded, plus credits, from the file's tables."""
    names = handles(known.data)
    voided = {(e.kind, e.nth) for e in known.voided}
    back = {
        table["payment"]
        for nth, table in enumerate(known.data.get("reversal", []))
        if table["on"] <= day and ("reversal", nth) not in voided
    }
    total: defaultdict[str, Decimal] = defaultdict(Decimal)
    for kind, sign in (("payment", 1), ("credit", 1), ("refund", -1)):
        for nth, table in enumerate(known.data.get(kind, [])):
            if (kind, nth) in voided or table["on"] > day or names[kind, nth] in back:
                continue
            total[table.get("currency", known.head.currency)] += sign * Decimal(table["amount"])
    return {currency: amount for currency, amount in total.items() if amount}


__all__ = ["AGREED", "BRITISH", "CURRENCIES", "LAW", "book", "books", "came", "handle"]
