"""The currency of an entry that names an invoice."""

from __future__ import annotations

from dunctl.case.records import Case, Invoice, of


def own_currency(case: Case, said: str | None, number: str | None) -> str | None:
    """Return the currency of an entry where it is not the case's: as said, or the invoice's."""
    if said:
        return said.upper()
    return next((one.currency for one in of(case, Invoice) if one.number == number), None)
