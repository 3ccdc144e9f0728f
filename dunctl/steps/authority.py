"""Who of us may grant what alone (practice F20-F23, N26): limits by user, and what exceeds them.

Limits bind once a policy names its people under ``[authority.users]``; in a firm of one, whatever
is agreed counts at once. Whoever is not named may grant what ``[authority]`` says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dunctl import money
from dunctl.case.fields import closest
from dunctl.tuples import NamedTuple
from dunctl.words import counted, in_days, t

if TYPE_CHECKING:
    from dunctl.case.records import Plan

ZERO = Decimal(0)

Beyond = Callable[["Powers"], list[str]]
"""What of a concession is beyond somebody's powers, in words."""


class Powers(NamedTuple):
    """What somebody may grant alone; per cents of what is owed, days from today.

    ``min_down_percent`` is the least that must come at once where the rest of the debt only waits,
    without a plan of three instalments or more (practice F20).
    """

    discount_percent: int
    instalments: int
    min_down_percent: int
    extension_days: int
    waive_percent: int
    stop_supply: bool


class Authority(NamedTuple):
    """The powers of anybody, and those of who is named; ``None`` is without limit."""

    anybody: Powers
    users: Mapping[str, Powers | None]


def read(data: object) -> Authority:
    """Return the limits from their TOML data; ``ValueError`` says what is wrong with them."""
    if not isinstance(data, Mapping):
        raise ValueError(t("[{table}] must be a table", table="authority"))
    own = {key: value for key, value in data.items() if key != "users"}
    odd = sorted(set(own) ^ set(Powers._fields))
    if odd:
        raise ValueError(
            t("[{table}] lacks or does not know {keys}", table="authority", keys=", ".join(odd))
        )
    anybody = Powers(**{key: _limit(f"authority.{key}", key, own[key]) for key in own})
    users = data.get("users", {})
    if not isinstance(users, Mapping):
        raise ValueError(t("[{table}] must be a table", table="authority.users"))
    return Authority(anybody, {name: _user(name, row, anybody) for name, row in users.items()})


def _user(name: str, row: object, anybody: Powers) -> Powers | None:
    where = f"authority.users.{name}"
    if row == "unlimited":
        return None
    if not isinstance(row, Mapping):
        raise ValueError(
            t(
                "{key} must be a table such as {example}, or {word}",
                key=where,
                example="{ instalments = 6 }",
                word='"unlimited"',
            )
        )
    for key in row:
        if key not in Powers._fields:
            known = list(Powers._fields)
            raise ValueError(t("unknown key {key}", key=f"{where}.{key}") + closest(key, known))
    return anybody._replace(**{key: _limit(f"{where}.{key}", key, row[key]) for key in row})


def _limit(where: str, key: str, value: object) -> Any:
    if key == "stop_supply":
        if not isinstance(value, bool):
            raise ValueError(t("{key} must be true or false", key=where))
        return value
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(t("{key} must be a whole number", key=where))
    if key.endswith("percent") and value > 100:
        raise ValueError(t("{key} must be at most 100", key=where))
    return value


def powers(authority: Authority, user: str) -> Powers | None:
    """Return what a user may grant alone; ``None``: everything."""
    if not authority.users:
        return None
    return authority.users.get(user, authority.anybody)


def unlimited(authority: Authority) -> list[str]:
    """Return who of those named may grant everything alone."""
    return [name for name, own in authority.users.items() if own is None]


def exceeded(authority: Authority, user: str, beyond: Beyond) -> str | None:
    """Return in words what of a concession is beyond a user, or ``None``."""
    own = powers(authority, user)
    return ("; ".join(beyond(own)) or None) if own is not None else None


def able(authority: Authority, beyond: Beyond) -> list[str]:
    """Return who of those named may grant a concession alone."""
    return [name for name in authority.users if exceeded(authority, name, beyond) is None]


def plan_beyond(plan: Plan, currency: str, at_once: date) -> Beyond:
    """Say what of a plan is beyond somebody: the number, the first part, the time.

    What is due by ``at_once``, the next working day, counts as paid down.
    """
    from dunctl.case.checks import day_of

    def beyond(own: Powers) -> list[str]:
        last = max(due for due, _ in plan.instalments)
        days = (last - day_of(plan.at)).days
        found = unusual(plan, currency, at_once, own)
        if days > own.extension_days:
            found.append(
                t(
                    "the last instalment is {days} days off, {most} at most",
                    days=days,
                    most=own.extension_days,
                )
            )
        return found

    return beyond


def unusual(plan: Plan, currency: str, at_once: date, own: Powers) -> list[str]:
    """Say where a plan goes beyond the number of instalments and the part to come at once.

    Half at once and the rest later, or else a plan of at most three (practice F16, F20, CF10).
    """
    found = []
    count = len(plan.instalments)
    if count > own.instalments:
        found.append(t("{n} instalments, {most} at most", n=count, most=own.instalments))
    whole = sum((amount for _, amount in plan.instalments), ZERO)
    down = sum((amount for due, amount in plan.instalments if due <= at_once), ZERO)
    if count <= _EXTENSION and down * 100 < whole * own.min_down_percent:
        found.append(
            t(
                "{down} of {whole} at once, {least}% at least",
                down=money.show(down, currency),
                whole=money.show(whole, currency),
                least=own.min_down_percent,
            )
        )
    return found


def in_words(own: Powers) -> list[str]:
    """Say what somebody may grant alone, but for supply (practice C10)."""
    discount, waived = own.discount_percent, own.waive_percent
    return [
        counted(own.instalments, "{n} instalment", "{n} instalments"),
        t("the last within {days}", days=in_days(own.extension_days)),
        t("{percent}% at once where there are two or fewer", percent=own.min_down_percent),
        t("{percent}% off", percent=discount) if discount else t("no discount"),
        t("{percent}% of interest or a fee", percent=waived) if waived else t("no waiver"),
    ]


def settlement_beyond(amount: Decimal, owed: Decimal, currency: str) -> Beyond:
    """Say how far a settlement for ``amount`` of what is ``owed`` is beyond somebody."""

    def beyond(own: Powers) -> list[str]:
        let_go = owed - amount
        if let_go * 100 <= owed * own.discount_percent:
            return []
        return [_share(let_go, owed, currency, own.discount_percent)]

    return beyond


def waiver_beyond(amount: Decimal, of: Decimal, currency: str) -> Beyond:
    """Say how far a waiver of ``amount`` of interest or of a fee is beyond somebody."""

    def beyond(own: Powers) -> list[str]:
        if amount * 100 <= of * own.waive_percent:
            return []
        return [_share(amount, of, currency, own.waive_percent)]

    return beyond


def may_stop_supply(authority: Authority, user: str) -> bool:
    """Return whether a user may stop supply without asking (practice N26)."""
    own = powers(authority, user)
    return own is None or own.stop_supply


def _share(part: Decimal, whole: Decimal, currency: str, most: int) -> str:
    return t(
        "{part} of {whole} let go, {most}% at most",
        part=money.show(part, currency),
        whole=money.show(whole, currency),
        most=most,
    )


_EXTENSION = 2
"""Up to so many instalments it is an extension and no plan: a part at once, the rest later."""
