"""How long letters take: a day's batch of 200 as PDF, and one as text.

``python -m bench.letters [CASES]`` writes a book of so many cases that are due for a letter, in
three languages where there are that many, runs the commands on it and fails beyond the limits.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

CASES = 200
BATCH_SECONDS = 15.0
"""Of the processor, for 200 letters; in proportion for another number."""
TEXT_SECONDS = 0.3

_STORE = """
format = 1
[creditor]
name = "Kettlewharf Tableware Ltd"
contact = "Jo Marsh"
role = "Credit controller"
phone = "+44 117 496 0110"
email = "accounts@kettlewharf.example"
address = ["1 Example Quay", "Bristol BS1 0KV"]
[creditor.bank]
iban = "GB33BUKB20201555555555"
bic = "BUKBGB22"
[desk]
timezone = "Europe/London"
"""
_DEBTOR = """
format = 1
currency = "{currency}"
reason = "unknown"
[debtor]
name = "{name} {nth}"
number = "C-{nth:04}"
timezone = "Europe/London"
language = "{language}"
address = ["{nth} Example Street", "London"]
[[person]]
name = "Sam Gray"
role = "owner"
"""
_INVOICE = """
[[invoice]]
number = "2026-{nth:04}"
issued = 2026-08-01
due = 2026-08-31
amount = {amount}.50
"""
_FINAL = """
[[step]]
at = 2026-11-20T10:00:00+00:00
to = "final"
"""
_NAMES = {"en": ("Acme Foods Ltd", "GBP"), "zh": ("杭州云帆贸易有限公司", "CNY"),
          "de": ("Gasthaus Müller GmbH", "EUR")}  # fmt: skip


def book(root: Path, cases: int) -> None:
    """Write a store of so many cases in the stage before the last, each with four invoices."""
    (root / "dunctl.toml").write_text(_STORE, encoding="utf-8")
    (root / "cases").mkdir()
    for nth in range(cases):
        language = tuple(_NAMES)[nth % len(_NAMES)]
        name, currency = _NAMES[language]
        parts = [_DEBTOR.format(nth=nth, name=name, currency=currency, language=language)]
        parts += [_INVOICE.format(nth=10 * nth + n, amount=100 + n) for n in range(4)]
        text = "".join([*parts, _FINAL])
        (root / "cases" / f"c{nth:04}.toml").write_text(text, encoding="utf-8")
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "the book"]):
        subprocess.run(
            ["git", "-c", "user.name=b", "-c", "user.email=b@example.org", *command],
            cwd=root,
            check=True,
        )


class Taken(NamedTuple):
    """Seconds of the processor, which other work on the machine does not stretch, and by clock."""

    worked: float
    passed: float


def timed(root: Path, *arguments: str) -> Taken:
    """Run a command on a store; returns what it took."""
    began, before = time.perf_counter(), os.times()
    subprocess.run(
        [sys.executable, "-m", "dunctl", *arguments],
        cwd=root,
        env={**os.environ, "DUNCTL_NOW": "2026-11-27T09:00:00+00:00"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    after = os.times()
    worked = after.children_user - before.children_user
    worked += after.children_system - before.children_system
    return Taken(worked, time.perf_counter() - began)


def main() -> None:
    """Measure, say it, and fail beyond the limits."""
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else CASES
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        book(root, cases)
        timed(root, "letter", "c0000", "reminder")
        text = min(timed(root, "letter", "c0000", "reminder") for _ in range(5))
        batch = timed(root, "letters", "--due", "--format", "pdf", "--yes")
        made = len(list((root / "letters").glob("*/*.pdf")))
    limit = BATCH_SECONDS * cases / CASES
    sys.stdout.write(
        "seconds of the processor (by the clock)\n"
        f"letter as text {text.worked:.2f} ({text.passed:.2f}), limit {TEXT_SECONDS}\n"
        f"{made} letters as PDF and once more in one {batch.worked:.1f} ({batch.passed:.1f}), "
        f"limit {limit:.0f}\n"
    )
    if text.worked > TEXT_SECONDS or batch.worked > limit or made < cases - 1:
        sys.exit(1)


if __name__ == "__main__":
    main()
