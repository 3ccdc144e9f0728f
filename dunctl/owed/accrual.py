"""The interest that a debt bears, by what was open of it and what went to interest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from dunctl.owed.debts import ZERO, Debt, Rules, interest_paid, steps
from dunctl.owed.interest import Period, first_day, periods, rounded
from dunctl.owed.law import Law
from dunctl.owed.profiles import Profile

_DAY = timedelta(days=1)


def bears(debt: Debt, first: date) -> bool:
    """Tell whether anything was open on the first day that bears interest, or later."""
    return any(amount > 0 for amount in _from(steps(debt), first))


def _from(found: list[tuple[date, Decimal]], first: date) -> Iterator[Decimal]:
    before = [amount for day, amount in found if day <= first]
    yield from before[-1:]
    yield from (amount for day, amount in found if day > first)


def running(
    debt: Debt, until: date, rules: Rules, *, less: Decimal = ZERO, before: bool = False
) -> tuple[Period, ...]:
    """Return the periods of interest on a debt to ``until``, as the profile counts that day.

    With ``before`` only what ran before that day, which nothing that happens on it can change.
    Raises ``RateUnknown``.
    """
    profile, _ = rules.of(debt)
    if profile is None or debt.invoice is None:
        return ()
    first = first_day(debt.invoice, profile)
    if until < first or not bears(debt, first):
        return ()
    if before and profile.last_day == "inclusive":
        until -= _DAY
    balance = steps(debt, less)
    settled = _settled(debt, balance, first, profile, rules.law)
    return periods(balance, first, until, profile, rules.law, settled=settled)


def _settled(
    debt: Debt, balance: list[tuple[date, Decimal]], first: date, profile: Profile, law: Law
) -> list[tuple[date, Decimal]]:
    """Return (day, interest that was paid or waived), which matters where interest compounds."""
    if profile.compound == "never":
        return []
    found = [(day, amount) for day, amount, _ in debt.interest]
    for on, named in debt.waivers:
        amount = named
        if amount is None:
            ran = periods(balance, first, on, profile, law, settled=found)
            gone = sum((part for day, part in found if day < on), ZERO)
            amount = rounded(ran, profile, debt.currency) - gone
        found.append((on, amount))
    return found


def accrued(
    debt: Debt, until: date, rules: Rules, *, less: Decimal = ZERO, before: bool = False
) -> Decimal:
    """Return the interest that ran on a debt, rounded as its profile says."""
    profile, _ = rules.of(debt)
    found = running(debt, until, rules, less=less, before=before)
    return rounded(found, profile, debt.currency) if profile and found else ZERO


def waived(debt: Debt, rules: Rules) -> Decimal:
    """Return how much interest was let go; what ran by the day of a waiver, or the part it names.

    Raises ``RateUnknown``.
    """
    total = ZERO
    for day, amount in debt.waivers:
        if amount is None:
            total = max(total, accrued(debt, day, rules) - interest_paid(debt, day))
        else:
            total += amount
    return total


def interest_open(
    debt: Debt, day: date, rules: Rules, *, less: Decimal = ZERO, before: bool = False
) -> Decimal:
    """Return the interest that is accrued and neither paid nor waived. Raises ``RateUnknown``."""
    ran = accrued(debt, day, rules, less=less, before=before)
    return max(ZERO, ran - waived(debt, rules) - interest_paid(debt)) if ran else ZERO
