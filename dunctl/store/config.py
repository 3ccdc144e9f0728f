"""``dunctl.toml``: who we are, how the desk works, and the defaults of new cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import tzinfo
from decimal import Decimal
from typing import Any, NamedTuple

from dunctl import dates, money
from dunctl.case import fields, lines
from dunctl.case.edit import literal
from dunctl.case.parse import loads, syntax_problem
from dunctl.errors import Refused
from dunctl.words import t

NAME = "dunctl.toml"


class Config(NamedTuple):
    """The settings of a store. ``rates`` turn a unit of a currency into the default one.

    ``role`` is what we are to the debts, ``packs`` the choice of rule packs, without one by scope.
    """

    creditor: Mapping[str, Any]
    zone: tzinfo
    zone_name: str
    hours: str
    callers: int
    calls_per_half_hour: int
    practice: str
    currency: str
    country: str | None
    language: str
    policy: str
    days: int
    rates: Mapping[str, Decimal]
    role: str
    packs: tuple[str, ...] | None


def _count(value: object) -> int:
    number: int = fields.whole(0, 1000).read(value)
    return number


def _is_rate(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return False
    return Decimal(value).is_finite() and value > 0


def _role(value: object) -> str:
    from dunctl.steps.packs_kinds import CREDITOR_ROLES

    role: str = fields.choice(*CREDITOR_ROLES).read(value)
    return role


_TOP = ["format", "creditor", "desk", "defaults", "guard", "rates"]
_KEYS: Mapping[tuple[str, str], tuple[Callable[[object], Any], Any]] = {
    ("desk", "timezone"): (fields.TEXT.read, "UTC"),
    ("desk", "hours"): (fields.HOURS.read, "mon-fri 09:00-18:00"),
    ("desk", "callers"): (_count, 1),
    ("desk", "calls_per_half_hour"): (_count, 8),
    ("desk", "practice"): (fields.choice("bounded", "strict").read, "bounded"),
    ("defaults", "currency"): (fields.CURRENCY.read, "USD"),
    ("defaults", "country"): (fields.COUNTRY.read, None),
    ("defaults", "language"): (fields.TEXT.read, "en"),
    ("defaults", "policy"): (fields.TEXT.read, "default"),
    ("defaults", "days"): (_count, 30),
    ("guard", "role"): (_role, "own_debt"),
    ("guard", "packs"): (fields.TEXTS.read, None),
}


def read(text: str, path: str = NAME) -> Config:
    """Turn the text of ``dunctl.toml`` into settings; what is not there has its default.

    Raises ``Refused`` with file and line for what cannot be.
    """
    try:
        data = loads(text)
    except ValueError as error:
        raise Refused(str(syntax_problem(error, text, path))) from error

    def refuse(where: tuple[str, ...], message: str) -> Refused:
        line = lines.line_of(lines.locate(text), where)
        return Refused(f"{path}:{line}: {message}")

    values = {where: default for where, (_, default) in _KEYS.items()}
    for name in data:
        if name not in _TOP:
            raise refuse((name,), t("unknown key {key}", key=name) + fields.closest(name, _TOP))
    if data.get("format", 1) != 1:
        raise refuse(("format",), t("format must be 1: this store may need a newer dunctl"))
    for table in ("desk", "defaults", "guard", "rates", "creditor"):
        if not isinstance(data.get(table, {}), dict):
            raise refuse((table,), t("[{name}] must be a table", name=table))
    for table in ("desk", "defaults", "guard"):
        for key, value in data.get(table, {}).items():
            if (table, key) not in _KEYS:
                known = [k for group, k in _KEYS if group == table]
                hint = fields.closest(key, known)
                raise refuse((table, key), t("unknown key {key}", key=key) + hint)
            try:
                values[table, key] = _KEYS[table, key][0](value)
            except ValueError as error:
                raise refuse((table, key), f"{key} {error}") from error
    try:
        zone = dates.zone(values["desk", "timezone"])
    except ValueError as error:
        raise refuse(("desk", "timezone"), str(error)) from error
    rates: dict[str, Decimal] = {}
    for currency, rate in data.get("rates", {}).items():
        if not money.is_currency(currency) or not _is_rate(rate):
            raise refuse(("rates", currency), t("a rate is such as EUR = 0.86"))
        rates[currency] = Decimal(rate)
    return Config(
        data.get("creditor", {}),
        zone,
        values["desk", "timezone"],
        values["desk", "hours"],
        values["desk", "callers"],
        values["desk", "calls_per_half_hour"],
        values["desk", "practice"],
        values["defaults", "currency"],
        values["defaults", "country"],
        values["defaults", "language"],
        values["defaults", "policy"],
        values["defaults", "days"],
        rates,
        values["guard", "role"],
        values["guard", "packs"],
    )


def new(name: str, zone: str, currency: str, country: str | None) -> str:
    """Return the text of a fresh ``dunctl.toml``."""
    where = f'country = "{country}"\n' if country else '# country = "CN"\n'
    return f"""format = 1

[creditor]                        # who we are; letters print it
name = {literal(name)}
# contact = "Li Na"               # who signs
# role = "Accounts"
# phone = "+44 20 7946 0000"
# email = "accounts@example.com"
# address = ["1 Example Street", "London"]

# [creditor.bank]                 # where to pay; letters need it
# holder = "Example Ltd"
# iban = "GB33BUKB20201555555555"

[desk]                            # when and where we sit
timezone = "{zone}"
hours = "mon-fri 09:00-18:00"
callers = 1
calls_per_half_hour = 8           # of one caller

[defaults]                        # of new cases
currency = "{currency}"
{where}language = "en"
policy = "default"
days = 30

[guard]                           # which contact rules apply: docs/rules.md
role = "own_debt"                 # or third_party, debt_buyer, regulated_lender
# packs = ["auto", "us-regf"]     # auto: by what the debtor is and where

[rates]                           # one unit in the default currency; only to compare cases
# EUR = 0.86
"""
