"""A made-up book: cases of about 3 KB, a year of history: python -m bench.book CASES FOLDER.

It is as a real one on the morning of ``TODAY``: half of the debtors owe nothing that is late, some
have promised, are spoken with, dispute or are held, and a quarter can be called.
"""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dunctl.case.edit import block, new_case, to_table
from dunctl.case.records import (
    Contact,
    Debtor,
    Dispute,
    Head,
    Hold,
    Invoice,
    Payment,
    Person,
    Plan,
    Promise,
    Step,
    Terms,
)
from dunctl.store import config, drivers

TODAY = date(2026, 11, 24)
YEAR = 365
TERMS = 30
PLACES = (
    *(("GB", "Europe/London", "GBP", "en", "+44 20 7946 0"),) * 4,
    *(("DE", "Europe/Berlin", "EUR", "de", "+49 30 90182 "),) * 2,
    ("FR", "Europe/Paris", "EUR", "fr", "+33 1 99 00 5"),
    ("US", "America/New_York", "USD", "en-US", "+1 212 555 0"),
    ("CN", "Asia/Shanghai", "CNY", "zh-CN", "+86 571 0000 0"),
)
NAMES = {"GB": "Oakfield Supplies", "DE": "Gasthaus Müller", "FR": "Café Lumière"}
NAMES |= {"US": "Prairie Outfitters", "CN": "杭州云帆贸易有限公司"}
STATES = {"quiet": 52, "callable": 25, "spoken": 7, "promised": 7, "disputed": 4, "plan": 2}
STATES |= {"held": 2, "missed": 1}
"""Per cent of the cases: what they are like today."""
UNMET = ("no_answer", "no_answer", "no_answer", "left_message", "rejected")
SPOKEN = (
    ("hardship", "their own customers pay late; money is expected next month"),
    ("refused", "says that the invoice is not approved yet"),
    ("data_updated", "invoices go to accounts from now on"),
)
STAGES = ((3, "remind"), (11, "firm"), (19, "final"))

Record = Invoice | Contact | Promise | Payment | Dispute | Hold | Plan | Step


def write(cases: int, folder: Path) -> None:
    """Write a store with so many cases, under git; the same number gives the same files."""
    (folder / "cases").mkdir(parents=True)
    text = config.new("Bench Ltd", "Europe/London", "GBP", "GB")
    rates = "[rates]\nEUR = 0.86\nUSD = 0.75\nCNY = 0.105\n"
    (folder / config.NAME).write_text(text.partition("[rates]")[0] + rates, "utf-8")
    (folder / ".gitignore").write_text(".dunctl/\ncases/.*.tmp\n", "utf-8")
    with ProcessPoolExecutor() as pool:
        for _ in pool.map(partial(_put, folder / "cases"), range(cases), chunksize=500):
            pass
    _git(folder, "init", "--quiet")
    for key, value in (("user.name", "jo"), ("user.email", "jo@bench.example")):
        _git(folder, "config", key, value)
    drivers.register(folder)
    drivers.assign(folder)
    _git(folder, "add", ".")
    _git(folder, "-c", "gc.auto=0", "commit", "--quiet", "--message", "a made-up book")
    _git(folder, "gc", "--quiet")


def _put(folder: Path, n: int) -> None:
    (folder / f"{name(n)}.toml").write_text(case(n), "utf-8")


def _git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, check=True)


def name(n: int) -> str:
    """Return the id of a case."""
    return f"debtor-{n:06}"


class Debt(NamedTuple):
    """One invoice, the day on which it was paid in full, and until when somebody asked for it."""

    invoice: Invoice
    paid: date | None
    asked: date | None


def case(n: int) -> str:
    """Return the text of a case; the same number gives the same text."""
    dice = random.Random(n)  # noqa: S311 - a made-up book, not a secret
    country, zone, currency, language, prefix = dice.choice(PLACES)
    people = (
        Person("Jane Roe", "finance", (f"{prefix}{n % 1000:03}",), "jane.roe@debtor.example"),
        Person("Sam Gray", "owner", (f"{prefix}{(n + 1) % 1000:03}",), decides=True),
    )
    debtor = Debtor(
        f"{NAMES[country]} {n}",
        dice.choice(("company", "company", "company", "sole_trader", "public")),
        f"C-{n:06}",
        country=country,
        timezone=(zone,),
        language=language,
        address=(f"{n % 211} Example Street", f"Town {n % 97}"),
        email="accounts@debtor.example",
        payment_procedure="approved by the owner, paid on Thursdays",
    )
    head = to_table(Head(1, currency, owner=dice.choice(("jo", "li")), reason="cashflow_short"))
    facts = [("debtor", to_table(debtor)), ("terms", to_table(Terms(f"K-{n}", days=TERMS)))]
    facts += [("person", to_table(person)) for person in people]
    state = dice.choices(tuple(STATES), tuple(STATES.values()))[0]
    journal = sorted(_journal(dice, n, state, ZoneInfo(zone)), key=lambda pair: pair[0])
    parts = [new_case(head, facts, "../case.schema.json")]
    parts += [block(type(entry).__name__.lower(), to_table(entry)) for _, entry in journal]
    return "\n".join(parts)


def _journal(
    dice: random.Random, n: int, state: str, zone: ZoneInfo
) -> Iterator[tuple[datetime, Record]]:
    """Yield what happened to a debtor within a year, each with the moment by which it is sorted."""
    last = dice.randrange(1, 25) if state == "quiet" else -dice.randrange(8, 60)
    due = TODAY + timedelta(days=last)
    debts: list[Debt] = []
    while due > TODAY - timedelta(days=YEAR - TERMS):
        amount = Decimal(dice.randrange(5_000, 2_000_000)).scaleb(-2)
        issued = due - timedelta(days=TERMS)
        invoice = Invoice(f"{n}-{len(debts)}", due, amount, issued)
        debts.append(_debt(dice, invoice, open_now=not debts))
        due -= timedelta(days=dice.randrange(84, 112))
    for debt in debts:
        yield _morning(debt.invoice.issued or debt.invoice.due, zone), debt.invoice
        if debt.paid:
            number, ref = debt.invoice.number, f"T-{debt.invoice.number}"
            paid = Payment(debt.paid, debt.invoice.amount, invoice=number, ref=ref, via="transfer")
            yield _morning(debt.paid, zone), paid
        if debt.asked:
            yield from _asked(dice, debt.invoice, debt.asked, zone, paid=debt.paid)
    yield from _now(dice, state, debts[0].invoice, zone)


def _debt(dice: random.Random, invoice: Invoice, *, open_now: bool) -> Debt:
    """Return what became of an invoice: the newest is open, the older ones were paid by now."""
    late = dice.choice((-2, 4, 9, 16, 23, 34))
    until = invoice.due + timedelta(days=late)
    if open_now or until >= TODAY:
        until = min(until, TODAY - timedelta(days=6))
        return Debt(invoice, None, until if until > invoice.due else None)
    return Debt(invoice, until, until if late > 0 else None)


def _asked(
    dice: random.Random, invoice: Invoice, until: date, zone: ZoneInfo, *, paid: date | None
) -> Iterator[tuple[datetime, Record]]:
    """Yield the calls and the steps of a ladder until a day; the last call brings a promise."""
    days = (until - invoice.due).days
    for from_day, stage in STAGES:
        if from_day < days:
            at = _at(invoice.due + timedelta(days=from_day), 17, zone)
            yield at, Step(at, stage, f"day {from_day}, nothing came", by="jo")
    day = 2
    while day < days - 1:
        at = _at(invoice.due + timedelta(days=day), dice.randrange(9, 17), zone)
        day += dice.randrange(4, 9)
        if paid and day >= days - 1:
            at = at.replace(minute=20)
            yield at, Contact(at, "phone", "promise", "jo", "Jane Roe", theirs="paid by Thursday")
            yield at, Promise(at, invoice.amount, paid, whom="Jane Roe", via="transfer", by="jo")
        elif dice.random() < 0.3:
            outcome, theirs = dice.choice(SPOKEN)
            yield at, Contact(at, "phone", outcome, "jo", "Jane Roe", theirs=theirs)
        else:
            yield at, Contact(at, "phone", dice.choice(UNMET), "jo", "Jane Roe")


def _now(
    dice: random.Random, state: str, invoice: Invoice, zone: ZoneInfo
) -> Iterator[tuple[datetime, Record]]:
    """Yield the newest entries, which make the state of today."""
    at = _at(TODAY - timedelta(days=4 if state in ("promised", "missed") else 1), 16, zone)
    half = (invoice.amount / 2).quantize(Decimal("0.01"))
    if state == "spoken":
        theirs = "will look into it"
        yield at, Contact(at, "phone", "refused", "jo", "Jane Roe", theirs=theirs)
    elif state in ("promised", "missed"):
        due = TODAY + timedelta(days=-2 if state == "missed" else dice.randrange(0, 12))
        yield at, Contact(at, "phone", "promise", "jo", "Jane Roe", theirs="a half of it for now")
        yield at, Promise(at, half, due, whom="Jane Roe", via="transfer", by="jo")
    elif state == "disputed":
        number = invoice.number
        yield at, Dispute(at, invoice.amount, "quality", invoice=number, whom="Sam Gray", by="jo")
    elif state == "plan":
        days = (TODAY + timedelta(days=10), TODAY + timedelta(days=40))
        parts = ((days[0], half), (days[1], invoice.amount - half))
        yield at, Plan(at, parts, whom="Sam Gray", by="jo")
    elif state == "held":
        kind = dice.choice(("represented", "insolvent", "pause"))
        until = TODAY + timedelta(days=20) if kind == "pause" else None
        yield at, Hold(at, kind, until, why="their letter of this week", by="jo")


def _morning(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(0), zone)


def _at(day: date, hour: int, zone: ZoneInfo) -> datetime:
    """Return an hour of a day, of the Friday before it where that is at the weekend."""
    day -= timedelta(days=max(0, day.weekday() - 4))
    return datetime.combine(day, time(hour), zone)


if __name__ == "__main__":
    write(int(sys.argv[1]), Path(sys.argv[2]))
