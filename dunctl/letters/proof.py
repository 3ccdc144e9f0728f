"""Is a letter still right? What was recorded and kept of it, beside what the case gives.

A letter is proved twice: by what was known when it was written, and by what the case says of that
day now. What was recorded later and is not about that day changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from difflib import SequenceMatcher
from html import unescape
from typing import Any

from dunctl import dates, money
from dunctl.case.checks import currency_of
from dunctl.case.describe import describe
from dunctl.case.handles import handles
from dunctl.case.lines import Path, line_of
from dunctl.case.records import Case, Entry, Journal, Letter, Sum, moment
from dunctl.letters.sheet import Pairs, Sheet, Table, Text
from dunctl.tuples import NamedTuple
from dunctl.words import t

MOST = 4
"""Lines that differ, and entries that came since, which are said one by one."""

_LONGEST = 120
_GAP = "  "


class Difference(NamedTuple):
    """Something of a letter that the case gives otherwise, each in words."""

    what: str
    letter: str
    case: str


def differences(letter: Letter, figures: Mapping[str, Any], home: str) -> list[Difference]:
    """Return which figures of an entry are not those of a letter that was written again.

    ``figures`` are its ``compose.figures``, ``home`` is the currency of the case.
    """
    again = {"sums": (), **dict.fromkeys(_FIGURES), **figures}
    found = []
    for key, words in _names().items():
        recorded, made = getattr(letter, key), again[key]
        if recorded == made:
            continue
        shown = (
            _shown(recorded, letter.currency or home),
            _shown(made, again["currency"] or home),
        )
        if shown[0] != shown[1]:
            found.append(Difference(words, *shown))
    return found


_FIGURES = ("amount", "interest", "fees", "currency", "deadline", "whom")


def _names() -> dict[str, str]:
    return {
        "amount": t("amount"),
        "interest": t("interest"),
        "fees": t("fees"),
        "currency": t("currency"),
        "sums": t("amounts"),
        "deadline": t("deadline"),
        "whom": t("addressee"),
    }


def _shown(value: object, currency: str) -> str:
    if isinstance(value, Decimal):
        return money.show(value, currency)
    if isinstance(value, tuple):
        return " + ".join(map(_sum, value)) or t("none")
    return t("none") if value is None else str(value)


def _sum(one: Sum) -> str:
    parts = [(t("interest"), one.interest), (t("fees"), one.fees)]
    inner = ", ".join(f"{name} {money.show(part, one.currency)}" for name, part in parts if part)
    return money.show(one.amount, one.currency) + (f" ({inner})" if inner else "")


def other_lines(one: Sequence[str], other: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the lines in which two texts differ, each beside what the other text has there."""
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    for tag, start, end, begin, stop in matcher.get_opcodes():
        if tag == "equal":
            continue
        left, right = one[start:end], other[begin:stop]
        for nth in range(max(len(left), len(right))):
            yield (
                left[nth] if nth < len(left) else "",
                right[nth] if nth < len(right) else "",
            )


def shortened(line: str) -> str:
    """Return a line as a sentence quotes it: without its gaps, and not too long."""
    text = " ".join(line.split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def rows(sheet: Sheet) -> list[str]:
    """Return what stands on a letter, a line each; the cells of a table with a gap between them."""
    found = [*sheet.sender, *sheet.recipient, sheet.place_date, sheet.subject]
    found += [f"{label}: {value}" for label, value in sheet.references]
    found.append(sheet.salutation)
    for block in sheet.blocks:
        if isinstance(block, Table):
            found += [block.title, *map(_GAP.join, block.rows), *map(_GAP.join, block.feet)]
        elif isinstance(block, Pairs):
            found += [f"{label}: {value}" for label, value in block.rows]
        else:
            found += [block.text] if isinstance(block, Text) else block.lines
    return [line for line in (*found, sheet.closing, *sheet.signature) if line]


def readable(content: bytes, format_: str) -> list[str] | None:
    """Return the lines that a person reads in a kept letter; ``None`` for a PDF."""
    if format_ == "pdf":
        return None
    if format_ == "eml":
        return _message(content)
    text = content.decode("utf-8", "replace")
    if format_ == "html":
        text = re.sub(r"<(style|svg)\b.*?</\1>", "", text, flags=re.DOTALL)
        text = unescape(re.sub(r"<[^>]*>", "\n", text))
    return [line.rstrip() for line in text.split("\n") if line.strip(" \r-")]


def _message(content: bytes) -> list[str]:
    from email import message_from_bytes
    from email.policy import default

    message = message_from_bytes(content, policy=default)
    lines = [f"{name}: {value}" for name, value in message.items() if name != "Content-Type"]
    body = message.get_body(("plain",))
    text = str(body.get_content()) if body is not None else ""
    return [*lines, *(line.rstrip() for line in text.splitlines() if line.strip())]


def before(
    case: Case,
    letter: Entry,
    located: Mapping[Path, int],
    known: Collection[str] | None = None,
) -> Case:
    """Return a case as it was when a letter was written, but with what is known now of before.

    Out of it are the letter, and what came after it on its day: what the commit of then does not
    have (``known``, the handles), or else what stands below it in the file. A void counts on every
    day.
    """
    names = handles(case.data)
    record = letter.record
    if not isinstance(record, Letter):
        raise AssertionError("only a letter is written")
    day, line = day_of(record), line_of(located, (letter.kind, letter.nth))

    def came_later(entry: Entry) -> bool:
        place = (entry.kind, entry.nth)
        if place == (letter.kind, letter.nth):
            return True
        when = moment(entry.record)
        if isinstance(when, datetime) and when < record.at.replace(microsecond=0):
            return False
        if not isinstance(when, datetime) and when != day:
            return False
        if known is not None:
            return names[place] not in known
        return line_of(located, place) > line

    return case._replace(journal=Journal(one for one in case.journal if not came_later(one)))


def day_of(letter: Letter) -> date:
    """Return the day of a letter's figures."""
    return letter.as_of or letter.at.date()


def since(then: Case, now: Case, day: date, today: date) -> list[str]:
    """Return what was recorded, changed or taken back about a day since the case was ``then``."""
    old, new = _standing(then), _standing(now)
    place = {(entry.kind, entry.nth): handle for handle, entry in new.items() if handle not in old}
    void = {handles(now.data)[entry.kind, entry.nth] for entry in now.voided}
    found = []
    for handle, entry in old.items():
        if handle in new or _on(entry) > day:
            continue
        said, became = _said(then, handle, entry, today), place.get((entry.kind, entry.nth))
        if handle in void or became is None:
            found.append(t("taken back since: {entry}", entry=said))
            continue
        after = _said(now, became, new.pop(became), today)
        found.append(t("changed since: {entry}; now {after}", entry=said, after=after))
    found += [
        t("recorded since: {entry}", entry=_said(now, handle, entry, today))
        for handle, entry in new.items()
        if handle not in old and _on(entry) <= day and entry.kind != "void"
    ]
    return found


def _standing(case: Case) -> dict[str, Entry]:
    names = handles(case.data)
    return {names[entry.kind, entry.nth]: entry for entry in case.journal}


def _on(entry: Entry) -> date:
    when = moment(entry.record)
    return when.date() if isinstance(when, datetime) else when


def _said(case: Case, handle: str, entry: Entry, today: date) -> str:
    words = describe(entry.record, currency_of(case, entry.record), today)
    return f"{handle} {dates.say(_on(entry), today=today)}, {words}"
