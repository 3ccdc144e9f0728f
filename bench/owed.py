"""How long it takes to say what a whole book owes, with interest: principal, periods, fees.

python -m bench.owed [INVOICES …]     prints seconds of the processor for each number of invoices

There are 25 invoices a debtor.
"""

from __future__ import annotations

import random
import sys
import time
from datetime import date, timedelta
from decimal import Decimal

from dunctl.case.parse import parse
from dunctl.case.records import Case
from dunctl.owed.claims import owed
from dunctl.store.law import shipped

DAY = date(2026, 11, 24)
COUNTRIES = (("GB", "GBP"), ("DE", "EUR"), ("FR", "EUR"))
EACH = 25


def book(invoices: int) -> list[Case]:
    """Return made-up cases in three laws: most invoices paid late, some in parts, some not."""
    dice = random.Random(1)  # noqa: S311 - a made-up book, not a secret
    found = []
    for nth in range(0, invoices, EACH):
        country, currency = COUNTRIES[nth // EACH % len(COUNTRIES)]
        text = f'format = 1\ncurrency = "{currency}"\n[debtor]\nname = "{nth}"\n'
        text += f'country = "{country}"\n'
        for n in range(nth, min(nth + EACH, invoices)):
            issued = DAY - timedelta(days=dice.randrange(30, 1200))
            due = issued + timedelta(days=30)
            half = Decimal(dice.randrange(1000, 1_000_000)).scaleb(-2)
            text += f'[[invoice]]\nnumber = "{n}"\ndue = {due}\namount = {half * 2}\n'
            for _ in range(dice.choice((0, 1, 1, 1, 2))):
                on = due + timedelta(days=dice.randrange(1, 90))
                text += f'[[payment]]\non = {on}\namount = {half}\ninvoice = "{n}"\n'
        since = DAY - timedelta(days=400)
        text += f"[[claim]]\non = {since}\n"
        text += f'[[fee]]\non = {since}\namount = 40.00\nbasis = "statute"\n'
        case, problems = parse(text, f"c{nth}", "")
        if case is None or problems:
            raise AssertionError(problems)
        found.append(case)
    return found


def main() -> None:
    """Measure each number of invoices once, in one process; the smaller first."""
    law = shipped()
    for invoices in [int(word) for word in sys.argv[1:]] or [2_466, 25_000]:
        cases = book(invoices)
        began = time.process_time()
        found = [owed(case, DAY, law) for case in cases]
        seconds = time.process_time() - began
        periods = sum(len(one.interest.periods) for each in found for one in each.invoices)
        sys.stdout.write(
            f"{invoices:>7} invoices of {len(cases)} debtors: {periods} periods of interest in "
            f"{seconds:.2f} s\n"
        )


if __name__ == "__main__":
    main()
