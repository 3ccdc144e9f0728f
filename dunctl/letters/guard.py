"""The guard of words over a finished letter, and over the fixed text of a template."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from dunctl.errors import Refused
from dunctl.letters.sheet import Block, Pairs, Sheet, Sign, Table, Text
from dunctl.letters.template import Template
from dunctl.steps.guard_terms import GATES, Lexicon
from dunctl.steps.guard_text import ANY, Facts, Finding, check, unfinished
from dunctl.words import t

MESSAGES = ("call-back",)
"""Templates of messages that anybody may read: name and number, nothing else (practice H22)."""

_ASKED = {
    **dict.fromkeys(("court", "lawyer", "agency", "credit_bureau", "termination"), ("decision",)),
    "supply_stop": ("supply_stop", "suspend_clause"),
    "visit": ("",),
    "assignment": ("assignment",),
    "handover": ("handover",),
    "acceleration": (r"plan\.clause", r"plan\.accelerated"),
    "interest": ("interest", "accrual"),
    "late_charge": ("interest", "accrual", "fees"),
    "fee": ("fees", "fee_clause"),
    "setoff": ("setoff_clause",),
}
"""By which values or needs a template asks whether something is true."""

_VALUE = "\u25ef"
_MARKUP = re.compile(r"\{#.*?#\}|\{%.*?%\}", re.DOTALL)
_PRINTED = re.compile(r"\{\{.*?\}\}", re.DOTALL)


def check_sheet(sheet: Sheet, template: Template, facts: Facts, lexicon: Lexicon) -> list[Finding]:
    """Return what of a finished letter should not go out; blocks come first.

    What is not filled in is looked for in the fixed text of its template: a value is what it is.
    """
    fixed = unfinished(_fixed(template, sheet.form == "sms"), facts, lexicon)
    return fixed + check(_texts(sheet), facts, lexicon)


def check_text(text: str, facts: Facts, lexicon: Lexicon) -> list[Finding]:
    """Return what of a letter in plain text should not go out; blocks come first."""
    parts = [" ".join(part.split()) for part in re.split(r"\n\s*\n", text)]
    return check(((t("text"), part) for part in parts), facts, lexicon)


def check_template(template: Template, lexicon: Lexicon) -> list[Finding]:
    """Return what of the fixed text of a template should not go out, each with ``path:line``.

    What a case must support may be said only where the template needs it, or asks for it by a
    value of the letter.
    """
    asked = " ".join(re.findall(r"\{[{%].*?[%}]\}", template.body + template.subject, re.DOTALL))
    asked += f" {template.sms} {' '.join(template.needs)}"
    closed = {gate: t("the template does not ask for it") for gate in GATES}
    for gate, names in _ASKED.items():
        if any(re.search(rf"\b{name}\b", asked) for name in names):
            del closed[gate]
    facts = ANY._replace(
        true=frozenset(GATES) - set(closed), closed=closed, message=template.name in MESSAGES
    )
    parts = [*_fixed(template, sms=False), *_fixed(template, sms=True)]
    return unfinished(parts, facts, lexicon) + check(parts, facts, lexicon)


def refuse(findings: Sequence[Finding], why: str | None, by: str | None) -> str | None:
    """Refuse a letter with what blocks it; where somebody says why, return the note of that.

    ``by`` is who overrules. What the rule of a pack blocks nobody can overrule.
    """
    blocks = [finding for finding in findings if finding.level == "block"]
    if not blocks:
        return None
    fast = [finding for finding in blocks if finding.bound]
    if fast:
        raise Refused(
            t("this letter must not go out, and --override does not help:")
            + "".join(f"\n  {finding}" for finding in fast)
        )
    if not why:
        raise Refused(
            t("this letter must not go out (--override --why TEXT if you answer for it):")
            + "".join(f"\n  {finding}" for finding in blocks)
        )
    reasons = ", ".join(dict.fromkeys(finding.reason for finding in blocks))
    return t("override of {reasons} by {by}: {why}", reasons=reasons, by=by or "-", why=why)


def refuse_again(findings: Sequence[Finding], note: str | None) -> None:
    """Refuse a letter that is to be sent with what blocks it now; ``note`` is of its override.

    What was overruled when it was written stays so, unless the rule of a pack blocks it since.
    """
    overruled = re.findall(r"[\w-]+", note or "")
    blocks = [
        one
        for one in findings
        if one.level == "block" and (one.bound or one.reason not in overruled)
    ]
    if blocks:
        raise Refused(
            t("this letter must not go out any more, write it anew:")
            + "".join(f"\n  {finding}" for finding in blocks)
        )


def _texts(sheet: Sheet) -> Iterator[tuple[str, str]]:
    for where, text in (
        (t("subject"), sheet.subject),
        (t("salutation"), sheet.salutation),
        (t("closing"), sheet.closing),
    ):
        if text:
            yield where, text
    for nth, block in enumerate(sheet.blocks, 1):
        for text in _block(block):
            if text:
                yield t("part {n}", n=nth), text


def _block(block: Block) -> Iterable[str]:
    match block:
        case Text(text):
            return [text]
        case Table(title, headers, _, rows, feet):
            cells = [cell for row in rows for cell in row]
            return [title, *headers, *cells, *(label for label, _ in feet)]
        case Pairs(rows):
            return [label for label, _ in rows]
        case Sign(lines):
            return lines


def _fixed(template: Template, sms: bool) -> Iterator[tuple[str, str]]:
    """Yield the fixed text of a template by paragraphs, each with ``path:line``.

    Values are a sign in it, and nothing is there of what chooses.
    """
    parts = [("sms", template.sms or "")] if sms else [("subject", template.subject)]
    for key, text in parts:
        yield f"{template.path}:{template.line(key)}", _bare(text)
    rows = [] if sms else _bare(template.body).split("\n")
    lines = enumerate(rows, template.body_line)
    for filled, paragraph in groupby(lines, lambda line: bool(line[1].strip())):
        if filled:
            found = list(paragraph)
            yield f"{template.path}:{found[0][0]}", " ".join(row.strip() for _, row in found)


def _bare(text: str) -> str:
    text = _PRINTED.sub(lambda found: _VALUE + _lines(found), text)
    return _MARKUP.sub(lambda found: " " + _lines(found), text)


def _lines(found: re.Match[str]) -> str:
    return "\n" * found[0].count("\n")
