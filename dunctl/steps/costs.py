"""What a policy says in money: what steps cost us, and how much may be open by grade.

All of it is the user's own to set; no number is shipped. Amounts are by currency.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import TypeGuard

from dunctl import money
from dunctl.case.fields import closest
from dunctl.tuples import NamedTuple
from dunctl.words import t

Amounts = Mapping[str, Decimal]
NONE: Amounts = MappingProxyType({})


class Costs(NamedTuple):
    """What steps cost us (practice K10, N04, N05); a percentage is ``None`` where it is not set.

    ``agency_percent`` is of what the agency collects, ``court_percent`` of what is claimed,
    ``margin_percent`` what is left to us of a sale (practice K07).
    """

    call: Amounts = NONE
    letter: Amounts = NONE
    agency: Amounts = NONE
    court: Amounts = NONE
    agency_percent: Decimal | None = None
    court_percent: Decimal | None = None
    margin_percent: Decimal | None = None


Limits = Mapping[str, Amounts]
"""By currency and then by grade: how much may be open at most (practice L05, L07)."""

GRADES = ("A", "B", "C", "D", "new")
"""The grades a limit can be set for; ``new`` is for who has none yet (practice L05)."""

NO_LIMITS: Limits = MappingProxyType({})


def read_costs(table: object) -> Costs:
    """Return ``[costs]`` of a policy. ``ValueError`` says what is wrong with a key."""
    if not isinstance(table, Mapping):
        raise ValueError(t("[{table}] must be a table", table="costs"))
    for key in table:
        if key not in Costs._fields:
            raise ValueError(
                t("unknown key {key}", key=f"costs.{key}") + closest(key, list(Costs._fields))
            )
    call, letter, agency, court = (
        _amounts(f"costs.{key}", table.get(key, {}), money.is_currency)
        for key in ("call", "letter", "agency", "court")
    )
    percents = (
        _percent(f"costs.{key}", table.get(key))
        for key in ("agency_percent", "court_percent", "margin_percent")
    )
    return Costs(call, letter, agency, court, *percents)


def read_limits(table: object) -> Limits:
    """Return ``[credit]`` of a policy. ``ValueError`` says what is wrong with a key."""
    if not isinstance(table, Mapping) or set(table) - {"limits"}:
        raise ValueError(t("[{table}] must be a table", table="credit") + " (limits)")
    limits = table.get("limits", {})
    example = "GBP = { A = 20000, D = 0, new = 500 }"
    if not isinstance(limits, Mapping) or not all(
        money.is_currency(code) and isinstance(rows, Mapping) for code, rows in limits.items()
    ):
        raise ValueError(t("{key} must be such as {example}", key="credit.limits", example=example))
    return {
        code: _amounts(f"credit.limits.{code}", rows, GRADES.__contains__)
        for code, rows in limits.items()
    }


def _amounts(key: str, value: object, known: Callable[[str], bool]) -> Amounts:
    if isinstance(value, Mapping):
        found = {name: Decimal(n) for name, n in value.items() if known(name) and _number(n)}
        if len(found) == len(value):
            return found
    example = "{ GBP = 4.00 }" if key.startswith("costs") else "{ A = 20000, new = 500 }"
    raise ValueError(t("{key} must be such as {example}", key=key, example=example))


def _percent(key: str, value: object) -> Decimal | None:
    if value is None:
        return None
    if not _number(value) or value > 100:
        raise ValueError(t("{key} must be per cent from 0 to 100", key=key))
    return Decimal(value)


def _number(value: object) -> TypeGuard[int | Decimal]:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return False
    return Decimal(value).is_finite() and value >= 0
