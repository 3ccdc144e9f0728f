"""What a call now is worth: the extra money it may bring, for ranking only.

``balance * recovery by age * propensity to pay * (1 - self-cure) * income tilt``, as a whole number
of thousandths of the smallest unit of the desk's currency. It is a score, never an amount that is
asked for. Only + - * / are used, so the same everywhere.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from dunctl import money
from dunctl.steps import recovery as curves
from dunctl.steps.recovery import Curve, share
from dunctl.tuples import NamedTuple


class Terms(NamedTuple):
    """The parameters of ``policies/value.toml``."""

    recovery: Curve
    self_cure: Curve
    prior: float
    book_strength: float
    debtor_strength: float
    paid_within_days: int
    income_factor: float


class Talks(NamedTuple):
    """How many conversations there were, and after how many of them money came."""

    held: int
    paid: int


SILENT = Talks(0, 0)


class Worth(NamedTuple):
    """A score with its factors; ``score`` in thousandths of the smallest unit."""

    score: int
    balance: Decimal
    recovery: float
    propensity: float
    self_cure: float
    income: float


def read(data: Mapping[str, Any]) -> Terms:
    """Return the parameters from their TOML data, with the curve that it selects."""
    rule = data["propensity"]
    return Terms(
        curves.read(data),
        Curve(curves.points(data["self_cure"]["points"])),
        float(rule["prior"]),
        float(rule["book_strength"]),
        float(rule["debtor_strength"]),
        int(rule["paid_within_days"]),
        float(data["income"]["factor"]),
    )


def talks(held: Sequence[int], paid: Iterable[int], within_days: int) -> Talks:
    """Return how many days had a conversation, and after how many of them money came.

    ``held`` are those days, in order, and ``paid`` those of payments (all ordinals): a payment
    counts for the last conversation before it, if it came within so many days.
    """
    if not held:
        return SILENT
    followed = set()
    for day in paid:
        nth = bisect_right(held, day) - 1
        if nth >= 0 and day - held[nth] <= within_days:
            followed.add(nth)
    return Talks(len(held), len(followed))


def book_propensity(all_talks: Iterable[Talks], terms: Terms) -> float:
    """Return the payments a conversation of the whole book, drawn towards the prior."""
    held = paid = 0
    for one in all_talks:
        held += one.held
        paid += one.paid
    return propensity(held, paid, terms)


def propensity(held: int, paid: int, terms: Terms) -> float:
    """Return the payments a conversation, of so many of the whole book, towards the prior."""
    return (terms.book_strength * terms.prior + paid) / (terms.book_strength + held)


def worth(
    balance: Decimal,
    currency: str,
    days_past_due: int,
    credit_age: int | None,
    own: Talks,
    book: float,
    near_income: bool,
    terms: Terms,
) -> Worth:
    """Return the score of a call about ``balance`` (in the desk's ``currency``), with its factors.

    ``book`` is what ``book_propensity`` gives.
    """
    recovery, likely, cured, tilt = parts = factors(
        days_past_due, credit_age, own, book, near_income, terms
    )
    units = int(balance.scaleb(money.exponent(currency) + 3))
    return Worth(int(units * product(parts)), balance, recovery, likely, cured, tilt)


Factors = tuple[float, float, float, float]


def factors(
    days_past_due: int,
    credit_age: int | None,
    own: Talks,
    book: float,
    near_income: bool,
    terms: Terms,
) -> Factors:
    """Return by what an amount is multiplied: recovery, propensity, self-cure, income tilt."""
    age = credit_age if terms.recovery.clock == "credit_age" and credit_age else days_past_due
    strength = terms.debtor_strength
    return (
        share(terms.recovery, age),
        (strength * book + own.paid) / (strength + own.held),
        share(terms.self_cure, days_past_due),
        terms.income_factor if near_income else 1.0,
    )


def product(parts: Factors) -> float:
    """Return the factors in one."""
    recovery, likely, cured, tilt = parts
    return recovery * likely * (1.0 - cured) * tilt


def unit(code: str, currency: str, rates: Mapping[str, Decimal]) -> Fraction:
    """Return how many thousandths of the smallest unit of ``currency`` one of ``code`` is worth."""
    rate = Fraction(1) if code == currency else Fraction(rates.get(code, Decimal(1)))
    return rate * Fraction(10) ** (money.exponent(currency) + 3 - money.exponent(code))


def in_currency(
    amounts: Mapping[str, Decimal], currency: str, rates: Mapping[str, Decimal]
) -> tuple[Decimal, list[str]]:
    """Return what amounts are worth in one currency, for comparing only, and what has no rate.

    What has no rate is counted one to one, so that it still has its place within its currency.
    """
    total, missing = Decimal(0), []
    for code, amount in sorted(amounts.items()):
        if code != currency and code not in rates:
            missing.append(code)
        total += amount * (Decimal(1) if code == currency else rates.get(code, Decimal(1)))
    return total, missing
