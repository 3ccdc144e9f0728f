"""The guard of words over a finished letter, and over the fixed text of a template."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from dunctl.errors import Refused
from dunctl.letters.sheet import Block, Pairs, Sheet, Sign, Table, Text
from dunctl.letters.template import Template
from dunctl.steps.guard_terms import GATES, Lexicon
from dunctl.steps.guard_text import ANY, Facts, Finding, check
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


def check_sheet(sheet: Sheet, facts: Facts, lexicon: Lexicon) -> list[Finding]:
    """Return what of a finished letter should not go out; blocks come first."""
    return check(_texts(sheet), facts, lexicon)


def check_template(template: Template, lexicon: Lexicon) -> list[Finding]:
    """Return what of the fixed text of a template should not go out.

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
    parts = ((t("subject"), template.subject), (t("sms"), template.sms), (t("text"), template.body))
    return check(((where, _bare(text)) for where, text in parts if text), facts, lexicon)


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


def _bare(text: str) -> str:
    """Return the fixed text of a template: values as a sign, and nothing of what chooses."""
    text = _MARKUP.sub(" ", _PRINTED.sub(_VALUE, text))
    return re.sub(r"(?<=\S)[^\S\n]*\n(?=\S)", " ", text)
