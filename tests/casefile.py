"""Case files for tests, written as text, so that every test also goes through the parser."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import tomli
from hypothesis import strategies as st

from dunctl import dates, money
from dunctl.case.edit import literal
from dunctl.case.parse import parse
from dunctl.case.records import Case
from dunctl.steps import policy as policies
from dunctl.steps.policy import Policy
from dunctl.steps.standing import Standing, standing

LONDON = "Europe/London"
_POLICIES = Path(policies.__file__).parent.parent / "policies"
_NAMES = ("number", "invoice", "entry", "promise", "payment", "what")
_BARE = re.compile(r"\d{4}-\d\d-\d\d(T\S+)?|\d+(\.\d+)?|true|false|\[.*\]|\{.*\}")


def entry(kind: str, /, **keys: str) -> str:
    """Write an entry; days, instants, amounts and lists stay bare, all else is quoted."""
    lines = [
        f"{key.rstrip('_')} = {value if bare(key, value) else literal(value)}"
        for key, value in keys.items()
    ]
    return "\n".join([f"[[{kind}]]", *lines]) + "\n"


def bare(key: str, value: str) -> bool:
    return key not in _NAMES and _BARE.fullmatch(value) is not None


def invoice(number: str, due: str, amount: str, **keys: str) -> str:
    return entry("invoice", number=number, due=due, amount=amount, **keys)


def paid(on: str, amount: str, **keys: str) -> str:
    return entry("payment", on=on, amount=amount, **keys)


def disputed(at: str, amount: str, **keys: str) -> str:
    return entry("dispute", at=at, amount=amount, **keys)


def promise(at: str, amount: str, due: str, **keys: str) -> str:
    return entry("promise", at=at, amount=amount, due=due, **keys)


def called(at: str, outcome: str = "no_answer", **keys: str) -> str:
    return entry("contact", at=at, **{"channel": "phone", **keys}, outcome=outcome)


def step(at: str, to: str, **keys: str) -> str:
    return entry("step", at=at, to=to, **keys)


def text(
    *entries: str,
    zone: str | None = LONDON,
    currency: str = "GBP",
    head: str = "",
    debtor: str = "",
) -> str:
    """Write a case; ``head`` and ``debtor`` are further lines of theirs."""
    clock = f"timezone = {zone if (zone or '').startswith('[') else literal(zone)}" if zone else ""
    facts = f'[debtor]\nname = "Acme"\n{clock}\n{debtor}\n'
    return "\n".join([f'format = 1\ncurrency = "{currency}"\n{head}\n', facts, *entries])


def read(source: str, case_id: str = "acme") -> Case:
    """Parse a case that must be without an error."""
    case, problems = parse(source, case_id, f"cases/{case_id}.toml")
    assert [str(p) for p in problems if p.level == "error"] == []
    assert case is not None
    return case


def case(
    *entries: str,
    case_id: str = "acme",
    zone: str | None = LONDON,
    currency: str = "GBP",
    head: str = "",
    debtor: str = "",
) -> Case:
    return read(
        text(*entries, zone=zone, currency=currency, head=head, debtor=debtor), case_id=case_id
    )


def house() -> dict[str, Any]:
    """Return the data of the house policy, fresh."""
    return toml((_POLICIES / "default.toml").read_text(encoding="utf-8"))


def toml(source: str) -> dict[str, Any]:
    return tomli.loads(source, parse_float=Decimal)


def policy(over: str = "") -> Policy:
    """Return the house policy with some TOML laid over it."""
    return policies.read("test", policies.merged(house(), toml(over)))


POLICY = policy()


def clock(words: str, zone: str = LONDON) -> datetime:
    """Return the instant at which the clocks of ``zone`` show ``words``."""
    return datetime.fromisoformat(words).replace(tzinfo=dates.zone(zone))


def at(known: Case, words: str, zone: str = LONDON, rules: Policy = POLICY) -> Standing:
    """Return where a case stands when the clocks of ``zone`` show ``words``."""
    return standing(known, rules, clock(words, zone))


def amounts(found: Mapping[str, Decimal]) -> dict[str, str]:
    """Return amounts as text, so that a failing comparison can be read."""
    return {currency: str(amount) for currency, amount in sorted(found.items())}


START = date(2026, 1, 1)
DAYS = st.integers(0, 150).map(lambda n: START + timedelta(days=n))
CURRENCIES = ("GBP", "JPY", "KWD")
SMALL, LARGE = st.integers(1, 9), st.integers(1, 10**7)


def minor(amount: int, currency: str) -> str:
    return f"{Decimal(amount).scaleb(-money.exponent(currency)):f}"


@st.composite
def journals(draw: st.DrawFn) -> list[str]:
    """Draw invoices, payments, credits and disputes in several currencies, in any order."""
    entries, known = [], []
    for nth in range(draw(st.integers(1, 6))):
        currency, issued = draw(st.sampled_from(CURRENCIES)), draw(DAYS)
        due = issued + timedelta(days=draw(st.integers(0, 60)))
        known.append((f"N{nth}", currency))
        dated = {"issued": str(issued)} if draw(st.booleans()) else {}
        amount = minor(draw(SMALL | LARGE), currency)
        entries.append(invoice(f"N{nth}", str(due), amount, currency=currency, **dated))
    for kind in draw(st.lists(st.sampled_from(("payment", "payment", "credit")), max_size=8)):
        named = draw(st.none() | st.sampled_from(known))
        currency = named[1] if named else draw(st.sampled_from(CURRENCIES))
        keys = {"invoice": named[0]} if named else {}
        amount = minor(draw(SMALL | LARGE), currency)
        day = str(draw(DAYS))
        entries.append(entry(kind, on=day, amount=amount, currency=currency, **keys))
    for _ in range(draw(st.integers(0, 3))):
        named = draw(st.none() | st.sampled_from(known))
        currency = named[1] if named else draw(st.sampled_from(CURRENCIES))
        keys = {"invoice": named[0]} if named else {}
        amount = minor(draw(SMALL | LARGE), currency)
        entries.append(
            disputed(f"{draw(DAYS)}T12:00:00Z", amount, about="price", currency=currency, **keys)
        )
    if draw(st.booleans()):
        entries.append(entry("release", at=f"{draw(DAYS)}T15:00:00Z", what="dispute"))
    draw(st.randoms(use_true_random=False)).shuffle(entries)
    return entries
