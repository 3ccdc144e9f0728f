"""The commands under fault, each with the world that it is called in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.faults.worlds import git, look, make, must, run

_DESK = """\
format = 1

[creditor]
name = "Kettle Ltd"
email = "accounts@kettle.example"
contact = "Jo Marsh"

[creditor.bank]
iban = "GB33BUKB20201555555555"

[desk]
timezone = "Europe/London"

[defaults]
currency = "GBP"
country = "GB"

[sms]
command = ["sh", "../post/take", "{number}"]
"""
_CASE = """\
format = 1
currency = "GBP"

[debtor]
name = "Debtor %(n)d"
country = "GB"
timezone = "Europe/London"
language = "en"
phone = "+44 117 496 010%(n)d"

[[invoice]]
number = "A%(n)d"
issued = 2026-09-30
due = 2026-10-30
amount = 5000.00
"""
_ROWS = """\
Customer,Invoice No,Due,Amount
Debtor 0,B0,2026-12-01,10.00
Debtor 1,B1,2026-12-01,10.00
Debtor 2,B2,2026-12-01,10.00
Newcomer,B3,2026-12-01,10.00
"""


class Act(NamedTuple):
    """A command, and what is done before it, without a fault."""

    words: str
    ready: Callable[[Path], object] = lambda _: None
    folder: str = "desk"


def base(world: Path) -> None:
    """Make a world with three cases in a desk, all committed."""
    make(world)
    must(world, "init . --country GB --currency GBP")
    desk = world / "desk"
    (desk / "dunctl.toml").write_text(_DESK)
    for n in range(3):
        (desk / "cases" / f"case-{n}.toml").write_text(_CASE % {"n": n})
    (world / "fresh").mkdir()
    (world / "post").mkdir()
    (world / "post" / "take").write_text('echo "$1" >> ../post/sent\n')
    (world / "rows.csv").write_text(_ROWS)
    must(world, "send --agree")
    git(world, "add", ".")
    git(world, "commit", "--quiet", "--message", "the book")


def _before(*commands: str) -> Callable[[Path], None]:
    """Return what calls these commands."""

    def ready(world: Path) -> None:
        for words in commands:
            must(world, words)

    return ready


def _ungoverned(world: Path) -> None:
    """Take away what ``check --fix`` puts right."""
    for section in ("merge.dunctl", "diff.dunctl"):
        git(world, "config", "--remove-section", section)
    (world / "desk" / ".gitattributes").write_text("*.pdf binary\n")
    git(world, "commit", "--quiet", "--all", "--message", "by hand")


def _apart(world: Path) -> None:
    """Let another machine have written into the same cases, and this one too."""
    git(world, "init", "--quiet", "--bare", "shared.git", folder=".")
    git(world, "remote", "add", "origin", "../shared.git")
    (world / "desk" / "cases" / "gone.toml").write_text(_CASE % {"n": 3})
    git(world, "add", "cases")
    git(world, "commit", "--quiet", "--message", "by hand")
    must(world, "sync")
    git(world, "clone", "--quiet", "shared.git", "other", folder=".")
    git(world, "remote", "set-url", "origin", "../shared.git", folder="other")
    for words in ("log case-0 no_answer -m theirs", "pay case-2 7 --ref theirs", "new theirs"):
        must(world, words, folder="other")
    git(world, "rm", "--quiet", "cases/gone.toml", folder="other")
    git(world, "commit", "--quiet", "--message", "by hand", folder="other")
    must(world, "sync", folder="other")
    for words in ("log case-0 no_answer -m ours", "pay case-1 5 --ref ours"):
        must(world, words)


def _taken_back(world: Path) -> None:
    """Let a letter wait that was taken back meanwhile."""
    must(world, "letter case-0 --format sms")
    (world / "post" / "take").rename(world / "post" / "away")
    run(world, "send case-0 --yes")
    (world / "post" / "away").rename(world / "post" / "take")
    for _ in ("the attempt", "the letter"):
        must(world, "undo")


ACTS = {
    "log": Act("log case-0 no_answer -m one"),
    "pay": Act("pay case-0 10 --ref one"),
    "promise": Act('promise case-0 10 "27 Nov"'),
    "invoice": Act('invoice case-0 B0 10 --due "1 Dec"'),
    "new": Act('new fresh --person "Jane Roe;owner;1"'),
    "set": Act("set case-0 reason dispute.quality"),
    "escalate": Act("escalate --due --yes"),
    "import": Act("import invoices ../rows.csv --yes"),
    "undo": Act("undo", _before("import invoices ../rows.csv --yes")),
    "letter": Act("letter case-0 --format sms"),
    "letters": Act("letters --due --format text --yes", _before("escalate --due --yes")),
    "send": Act("send case-0 --yes", _before("letter case-0 --format sms")),
    "queue": Act("send --queue", _taken_back),
    "sent": Act("sent case-0", _before("letter case-0 --format sms")),
    "sync": Act("sync", _apart),
    "init": Act("init . --country GB --currency GBP", folder="fresh"),
    "check --fix": Act("check --fix", _ungoverned),
    "check --hook": Act("check --hook"),
    "rates": Act("rates add boe-bank-rate 2026-11-05 3.50 --until 2026-12-16 --source BoE"),
    "calendar": Act("calendar export --out calendar.ics"),
    "agree": Act("send --agree", lambda world: (world / "desk/.dunctl/agreed").unlink()),
    "no git": Act(
        "log case-0 no_answer -m one", lambda world: (world / "desk/.git").rename(world / "aside")
    ),
}


def again(world: Path, act: Act) -> tuple[int, str]:
    """Call a command until it works, doing what it says should be done; returns what it said."""
    words, code, said = act.words, 1, ""
    for _ in range(4):
        code, said = run(world, words, folder=act.folder)
        if code == 0:
            break
        if "may have been sent" in said:
            arrived = any(item.path == "post" for item in look(world).items)
            words = "send case-0 --mark-sent" if arrived else f"{act.words} --again"
        elif ".lock" in said or "could not lock" in said:
            unlock(world, act.folder)
        elif "has changes that git does not have" in said:
            unlock(world, act.folder)
            git(world, "add", "--all", folder=act.folder)
            git(world, "commit", "--quiet", "--message", "by hand", folder=act.folder)
        else:
            break
    return code, said


def unlock(world: Path, folder: str = "desk") -> None:
    """Take away the locks of a git that was killed, as git tells a person to."""
    for where in (world / folder / ".git", world / "shared.git"):
        for lock in where.rglob("*.lock"):
            lock.unlink()
