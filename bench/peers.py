"""The same made-up book for programs that people use instead, and the commands to ask them.

todoman and taskwarrior get a task for each case: whom to call, due when the open invoice is, with
a priority by its amount and a line for each call. hledger gets every invoice and payment.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, NamedTuple

import tomli


class Peer(NamedTuple):
    """A program to compare with: what it is asked, where, and how to make that from a book."""

    name: str
    program: str
    argv: tuple[str, ...]
    folder: Path
    make: Callable[[Path, Path], None]
    how: str

    @property
    def env(self) -> dict[str, str]:
        """Return what it finds in its environment: no settings but those of the bench."""
        settings = {"TASKRC": "taskrc", "TODOMAN_CONFIG": "config.py", "LC_ALL": "C.UTF-8"}
        return {**os.environ, **settings}


INSTALL = {
    "todo": "todoman: `pip install todoman` into an environment of its own, its `bin` on PATH",
    "task": "taskwarrior: `apt-get install taskwarrior`",
    "hledger": "hledger: `apt-get install hledger`",
}
CACHE = "cache"
"""What a program remembers between two runs is in this file of its folder, if it does."""
_PAGE = "a page of the most urgent, as `dunctl today` prints"


def peers(folder: Path) -> list[Peer]:
    """Return what there is to compare with, with its data in ``folder``."""
    todo, task, hledger = (folder / name for name in INSTALL)
    every = [
        Peer("todo list", "todo", ("list",), todo, todoman, "every task, a line each"),
        Peer(
            *("todo list --due 24", "todo", ("list", "--due", "24"), todo, todoman),
            "what is late or due within a day",
        ),
        Peer("task next", "task", ("next", "limit:25"), task, taskwarrior, _PAGE),
        Peer(
            "hledger balance",
            "hledger",
            ("balance", "--file", "book.journal"),
            hledger,
            ledger,
            "a line a customer",
        ),
    ]
    return [peer for peer in every if version(peer.program)]


def version(program: str) -> str:
    """Return the first line in which a program names itself; empty if it is not here."""
    path = shutil.which(program)
    if path is None:
        return ""
    done = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    words = (done.stdout.splitlines() or [""])[0].replace(", linux-x86_64", "").strip()
    if program == "todo":
        return words.replace(", version", "") if words.startswith("todoman") else ""
    return f"taskwarrior {words}" if program == "task" else words


class _Case(NamedTuple):
    id: str
    name: str
    currency: str
    invoices: list[dict[str, Any]]
    payments: list[dict[str, Any]]
    calls: list[dict[str, Any]]

    @property
    def due(self) -> datetime:
        """Return when the newest invoice, the one that is open, is due."""
        return datetime.combine(max(one["due"] for one in self.invoices), time(9), UTC)

    @property
    def task(self) -> str:
        """Return what is to be done."""
        return f"call Jane Roe of {self.name} about {self.invoices[-1]['number']}"

    @property
    def urgent(self) -> int:
        """Return how much is at stake, in three steps."""
        return sum(self.invoices[-1]["amount"] > edge for edge in (5000, 12500))


def _cases(book: Path) -> Iterator[_Case]:
    for path in sorted((book / "cases").glob("*.toml")):
        data = tomli.loads(path.read_text("utf-8"))
        tables = (data.get(kind, []) for kind in ("invoice", "payment", "contact"))
        yield _Case(path.stem, data["debtor"]["name"], data["currency"], *tables)


def todoman(book: Path, folder: Path) -> None:
    """Write a list of tasks as .ics files, and settings with a cache in the folder."""
    (folder / "ics" / "desk").mkdir(parents=True)
    settings = f'path = "{folder.resolve()}/ics/*"\ncache_path = "{folder.resolve()}/{CACHE}"\n'
    settings += 'date_format = "%Y-%m-%d"\ntime_format = "%H:%M"\ndefault_list = "desk"\n'
    (folder / "config.py").write_text(settings, "utf-8")
    for case in _cases(book):
        said = "\\n".join(f"{call['at']:%Y-%m-%d} {call['outcome']}" for call in case.calls)
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//bench//EN", "BEGIN:VTODO"]
        lines += [f"UID:{case.id}", "DTSTAMP:20260101T090000Z", "CREATED:20260101T090000Z"]
        lines += [f"SUMMARY:{case.task}", f"DUE:{case.due:%Y%m%dT%H%M%SZ}"]
        lines += [f"PRIORITY:{(9, 5, 1)[case.urgent]}", f"DESCRIPTION:{said}"]
        lines += ["STATUS:NEEDS-ACTION", "END:VTODO", "END:VCALENDAR", ""]
        file = folder / "ics" / "desk" / f"{case.id}.ics"
        file.write_text("\r\n".join(lines), "utf-8", newline="")


def taskwarrior(book: Path, folder: Path) -> None:
    """Import tasks with annotations, and write settings without clean-up, hooks and words."""
    (folder / "data").mkdir(parents=True)
    settings = "data.location=data\ngc=off\nhooks=off\nverbose=nothing\nconfirmation=off\n"
    (folder / "taskrc").write_text(settings + "recurrence=off\nnews.version=9\n", "utf-8")
    tasks = folder / "tasks.json"
    with tasks.open("w", encoding="utf-8") as stream:
        for case in _cases(book):
            calls = [
                {"entry": _stamp(call["at"]), "description": call["outcome"]} for call in case.calls
            ]
            task = {
                "uuid": str(uuid.uuid5(uuid.NAMESPACE_OID, case.id)),
                "description": case.task,
                "entry": "20260101T090000Z",
                "due": _stamp(case.due),
                "priority": "LMH"[case.urgent],
                "status": "pending",
                "annotations": calls,
            }
            stream.write(json.dumps(task, ensure_ascii=False) + "\n")
    subprocess.run(
        ["task", "import", "tasks.json"],
        cwd=folder,
        env={**os.environ, "TASKRC": "taskrc"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    tasks.unlink()


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def ledger(book: Path, folder: Path) -> None:
    """Write a journal in which each customer is an account; it is in order of days."""
    folder.mkdir(parents=True)
    lines: list[tuple[date, str]] = []
    for case in _cases(book):
        account = f"    assets:receivable:{case.id}  "
        for one in case.invoices:
            head = f"{one['issued']} invoice {one['number']} of {case.name}\n"
            body = f"{account}{case.currency} {one['amount']:.2f}\n    income:sales\n\n"
            lines.append((one["issued"], head + body))
        for one in case.payments:
            head = f"{one['on']} payment of {one['invoice']} by {case.name}\n"
            body = f"    assets:bank  {case.currency} {one['amount']:.2f}\n{account}\n\n"
            lines.append((one["on"], head + body))
    lines.sort(key=lambda pair: pair[0])
    with (folder / "book.journal").open("w", encoding="utf-8") as stream:
        stream.writelines(text for _, text in lines)


if __name__ == "__main__":
    made = {peer.program: peer for peer in peers(Path(sys.argv[2]))}[sys.argv[3]]
    made.make(Path(sys.argv[1]), made.folder)
