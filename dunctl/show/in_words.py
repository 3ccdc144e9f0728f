"""A case file for a diff: the facts as they are written, and each entry in words."""

from __future__ import annotations

from datetime import date

from dunctl.case import lines
from dunctl.case.checks import day_of
from dunctl.case.describe import describe
from dunctl.case.handles import handles
from dunctl.case.parse import parse
from dunctl.case.records import ENTRY_CLASSES, moment
from dunctl.show.text import clean


def in_words(text: str) -> str:
    """Return a line for each entry, with its handle, in the place where it is written.

    A file with a mistake in it, and what is no entry, comes back as it is.
    """
    case, problems = parse(text, "case", "case")
    if case is None or any(problem.level == "error" for problem in problems):
        return text
    names = handles(case.data)
    records = {(e.kind, e.nth): e.record for e in (*case.journal, *case.voided)}
    marks = [m for m in lines.scan(text) if m.header and len(m.path) <= 2]
    shown = text[: marks[0].start] if marks else text
    for mark, end in zip(marks, [*(m.start for m in marks), len(text)][1:], strict=True):
        place = (str(mark.path[0]), mark.path[-1])
        if place[0] in ENTRY_CLASSES and isinstance(place[1], int):
            key = (place[0], place[1])
            words = clean(describe(records[key], case.head.currency, date.min))
            shown += f"{day_of(moment(records[key]))}  {words}  ({names[key]})\n"
            comments = text[mark.start : end].splitlines()
            shown += "".join(f"{line}\n" for line in comments if line.lstrip().startswith("#"))
        else:
            shown += text[mark.start : end]
    return shown
