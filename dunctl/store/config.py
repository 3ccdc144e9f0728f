"""``dunctl.toml``: who we are, how the desk works, and the defaults of new cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import tzinfo
from decimal import Decimal
from typing import Any

from dunctl import dates, money
from dunctl.case import fields, lines
from dunctl.case.syntax import syntax_problem
from dunctl.case.toml import loads
from dunctl.case.vocabulary import CREDITOR_ROLES
from dunctl.errors import Refused
from dunctl.tuples import NamedTuple
from dunctl.words import t

NAME = "dunctl.toml"


class Mail(NamedTuple):
    """The server that takes our e-mail, and as whom; ``sender`` is the key ``from``.

    ``timeout`` is how many seconds each of its answers is waited for.
    """

    server: str
    port: int
    tls: str
    user: str | None
    password_command: tuple[str, ...]
    sender: str | None
    timeout: int


class Sms(NamedTuple):
    """The command that sends a text message, run as it is and through no shell."""

    command: tuple[str, ...]
    timeout: int


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
    mail: Mail | None = None
    sms: Sms | None = None


def _count(value: object) -> int:
    number: int = fields.whole(0, 1000).read(value)
    return number


def _is_rate(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return False
    return Decimal(value).is_finite() and value > 0


def _role(value: object) -> str:
    role: str = fields.choice(*CREDITOR_ROLES).read(value)
    return role


def _program(value: object) -> tuple[str, ...]:
    """Read a command: a list of its words, or one text that is taken apart as a shell would."""
    import shlex

    words: tuple[str, ...] = fields.TEXTS.read(value)
    try:
        words = tuple(shlex.split(words[0])) if isinstance(value, str) else words
    except ValueError:
        words = ()
    if not words:
        raise ValueError(t("must be a command such as {example}", example='["pass", "show", "it"]'))
    return words


_TOP = ["format", "creditor", "desk", "defaults", "guard", "rates", "mail", "sms"]
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
    ("mail", "server"): (fields.TEXT.read, None),
    ("mail", "port"): (fields.whole(1, 65535).read, None),
    ("mail", "tls"): (fields.choice("starttls", "tls", "none").read, "starttls"),
    ("mail", "user"): (fields.TEXT.read, None),
    ("mail", "password_command"): (_program, ()),
    ("mail", "from"): (fields.TEXT.read, None),
    ("mail", "timeout"): (fields.whole(1, 3600).read, 120),
    ("sms", "command"): (_program, None),
    ("sms", "timeout"): (fields.whole(1, 3600).read, 120),
}
_TABLES = tuple(dict.fromkeys(table for table, _ in _KEYS))
PORTS = {"starttls": 587, "tls": 465, "none": 25}
HERE = ("localhost", "127.0.0.1", "::1")
"""This machine: to itself it may write in the clear."""


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
    for table in (*_TABLES, "rates", "creditor"):
        if not isinstance(data.get(table, {}), dict):
            raise refuse((table,), t("[{name}] must be a table", name=table))
    for table in _TABLES:
        for key, value in data.get(table, {}).items():
            if (table, key) == ("mail", "password"):
                raise refuse(
                    (table, key), t("a password does not belong here: name a password_command")
                )
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
    for table, key, problem in _sending_problems(data, values):
        raise refuse((table, key) if key in data[table] else (table,), problem)
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
        _mail(values) if "mail" in data else None,
        Sms(values["sms", "command"], values["sms", "timeout"]) if "sms" in data else None,
    )


def _sending_problems(
    data: Mapping[str, Any], values: Mapping[tuple[str, str], Any]
) -> Iterator[tuple[str, str, str]]:
    """Yield table, key and problem of what cannot be in ``[mail]`` and ``[sms]``."""
    if "mail" in data:
        if not values["mail", "server"]:
            yield "mail", "server", t("[mail] needs its server")
        if values["mail", "tls"] == "none" and values["mail", "server"] not in HERE:
            yield (
                "mail",
                "tls",
                t('tls = "none" is only for localhost: elsewhere anybody reads along'),
            )
    if "sms" in data:
        if not values["sms", "command"]:
            yield "sms", "command", t("[sms] needs its command")
        elif not any("{number}" in word for word in values["sms", "command"][1:]):
            yield "sms", "command", t("command must say where the {number} goes", number="{number}")


def _mail(values: Mapping[tuple[str, str], Any]) -> Mail:
    tls = values["mail", "tls"]
    return Mail(
        values["mail", "server"],
        values["mail", "port"] or PORTS[tls],
        tls,
        values["mail", "user"],
        values["mail", "password_command"],
        values["mail", "from"],
        values["mail", "timeout"],
    )


def new(name: str, zone: str, currency: str, country: str | None) -> str:
    """Return the text of a fresh ``dunctl.toml``."""
    from dunctl.case.edit import literal

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
# account = "755900012310001"     # where there is no iban
# bank = "Example Bank plc"
# bic = "BUKBGB22"

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

# [mail]                          # to send letters: docs/sending.md
# server = "smtp.example.com"
# user = "accounts@example.com"
# password_command = "pass show smtp"

# [sms]
# command = ["./sms.sh", "{{number}}"]
"""
