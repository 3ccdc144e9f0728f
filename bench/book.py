"""A made-up book: cases of about 3 KB, a year of history: python -m bench.book CASES FOLDER."""

from __future__ import annotations

import random
import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from dunctl.case.edit import literal
from dunctl.store import config

TODAY = date(2026, 11, 24)
PLACES = (
    ("GB", "Europe/London", "GBP", "en"),
    ("DE", "Europe/Berlin", "EUR", "de"),
    ("US", "America/New_York", "USD", "en-US"),
    ("CN", "Asia/Shanghai", "CNY", "zh-CN"),
)
STAGES = ("courtesy", "remind", "firm", "final")


def write(cases: int, folder: Path) -> None:
    """Write a store with so many cases, under git; the same number gives the same files."""
    (folder / "cases").mkdir(parents=True)
    text = config.new("Bench Ltd", "Europe/London", "GBP", "GB")
    rates = "[rates]\nEUR = 0.86\nUSD = 0.75\nCNY = 0.105\n"
    (folder / "dunctl.toml").write_text(text.partition("[rates]")[0] + rates, "utf-8")
    (folder / ".gitignore").write_text(".dunctl/\n", "utf-8")
    for n in range(cases):
        (folder / "cases" / f"debtor-{n:06}.toml").write_text(case(n), "utf-8")
    for words in (("init", "--quiet"), ("add", "."), ("commit", "--quiet", "-m", "a made-up book")):
        subprocess.run(["git", *words], cwd=folder, check=True)


def case(n: int) -> str:
    """Return the text of a case: overdue, promised, resting, paid up, in dispute or not yet due."""
    dice = random.Random(n)  # noqa: S311 - a made-up book, not a secret
    country, zone, currency, language = PLACES[n % len(PLACES)]
    state = dice.choices(
        ("overdue", "promised", "resting", "paid", "disputed", "soon"), (55, 8, 10, 15, 5, 7)
    )[0]
    tz = ZoneInfo(zone)
    oldest = dice.randrange(8, 150)
    parts = [
        f'format = 1\ncurrency = "{currency}"\nowner = "{dice.choice(("jo", "li"))}"\n',
        _table(
            "[debtor]",
            name=f"Debtor {n} Trading",
            kind="company",
            country=country,
            timezone=zone,
            language=language,
            address=["1 Example Street", f"Town {n % 97}"],
            number=f"C-{n:06}",
        ),
        _table("[terms]", contract=f"K-{n}", days=30),
        _table("[[person]]", name="Jane Roe", role="finance", phone=f"+44 20 7946 {n % 10000:04}"),
    ]
    journal: list[tuple[date, str]] = []
    for nth in range(4):
        due = TODAY - timedelta(days=oldest + 80 * nth)
        if nth == 0 and state == "soon":
            due = TODAY + timedelta(days=dice.randrange(1, 25))
        amount = f"{dice.randrange(5000, 2000000) / 100:.2f}"
        issued = due - timedelta(days=30)
        keys = {"number": f"{n}-{nth}", "issued": issued, "due": due, "amount": amount}
        journal.append((issued, _table("[[invoice]]", **keys)))
        if nth or state == "paid":
            paid = min(due + timedelta(days=dice.randrange(3, 40)), TODAY)
            keys = {"on": paid, "amount": amount, "invoice": f"{n}-{nth}", "ref": f"T{n}{nth}"}
            journal.append((paid, _table("[[payment]]", **keys)))
    quiet = 12 if state == "resting" else 20
    days = sorted(dice.sample(range(3 if state == "resting" else quiet, 330), 12), reverse=True)
    if state == "resting":
        days[-1] = 1
    for ago in days:
        on = TODAY - timedelta(days=ago)
        on -= timedelta(days=max(0, on.weekday() - 4))
        at = datetime(
            on.year, on.month, on.day, 9 + dice.randrange(8), 30 * dice.randrange(2), tzinfo=tz
        )
        outcome = dice.choice(("no_answer", "no_answer", "refused", "left_message", "hardship"))
        if state == "resting" and ago == 1:
            outcome = "refused"
        said = {"theirs": "money is expected next month"} if outcome == "hardship" else {}
        keys = {"at": at, "by": "jo", "channel": "phone", "with": "Jane Roe", "outcome": outcome}
        journal.append((on, _table("[[contact]]", **keys, **said)))
    if state == "promised":
        at = datetime(2026, 11, 18, 10, tzinfo=tz)
        due = TODAY + timedelta(days=dice.randrange(1, 9))
        journal.append((at.date(), _table("[[promise]]", at=at, amount="50.00", due=due, by="jo")))
    if state == "disputed":
        at = datetime(2026, 11, 18, 10, tzinfo=tz)
        journal.append(
            (at.date(), _table("[[dispute]]", at=at, amount="900000.00", about="quality", by="jo"))
        )
    late = min(oldest, 25)
    for nth, stage in enumerate(STAGES[: late // 7]):
        on = TODAY - timedelta(days=late - 1 - 6 * nth)
        at = datetime(on.year, on.month, on.day, 17, tzinfo=tz)
        journal.append((on, _table("[[step]]", at=at, to=stage, by="jo", why=f"day {nth * 6}")))
    journal.sort(key=lambda pair: pair[0])
    return "\n".join([*parts, *(text for _, text in journal)])


def _table(header: str, **keys: object) -> str:
    """Write a table; amounts are digits."""
    lines = [
        f"{key} = {value if key == 'amount' else literal(value)}" for key, value in keys.items()
    ]
    return "\n".join([header, *lines]) + "\n"


if __name__ == "__main__":
    write(int(sys.argv[1]), Path(sys.argv[2]))
