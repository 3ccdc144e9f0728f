"""What must be there for a letter: its template says so, and one sentence says what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dunctl.errors import Refused
from dunctl.letters.draft import Draft
from dunctl.words import t

_FIELD = {
    "promise": "promise",
    "broken_promise": "broken",
    "plan": "plan",
    "settlement": "settlement",
    "dispute": "disputes",
    "payment": "received",
    "account": "statement",
    "handover": "handover",
    "decision": "decision",
    "assignment": "assignment",
    "contract_end": "contract_end",
    "suspend_clause": "terms.suspend_clause",
    "setoff_clause": "terms.setoff_clause",
    "supply_stop": "supply_stop",
}
"""The value of the context that a need stands for; what is asked for is refused in ``asked``."""


class NotYet(Refused):
    """What a letter needs is not there: a decision, a promise, a clause."""


def check(draft: Draft, context: Mapping[str, Any]) -> None:
    """Refuse a letter whose template needs something that is not there, saying what and where."""
    for need in draft.template.needs:
        field = _FIELD.get(need)
        if field is not None and not _at(context, field):
            raise NotYet(
                t("{why}: no {template}", why=_why(draft, need), template=draft.template.name)
            )


def _at(context: Mapping[str, Any], field: str) -> Any:
    value: Any = context
    for key in field.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _why(draft: Draft, need: str) -> str:
    case_id, policy = draft.at.case.id, draft.at.policy.name
    return {
        "promise": t("{id} has no open promise", id=case_id),
        "broken_promise": t("{id} has no broken promise about what is overdue", id=case_id),
        "plan": t("{id} has no plan of instalments in force (dunctl plan {id} …)", id=case_id),
        "settlement": t("{id} has no open offer to settle (dunctl settle {id} …)", id=case_id),
        "dispute": t("nothing of {id} is in dispute", id=case_id),
        "payment": t("no payment of {id} has arrived", id=case_id),
        "account": t("nothing moved on the account of {id}", id=case_id),
        "handover": t(
            "policy {policy} names nobody who takes over (next_unit under [letter])", policy=policy
        ),
        "decision": t(
            "going to court is not decided in {id} (dunctl document {id} decision, or dunctl "
            "escalate {id} --to legal --why …)",
            id=case_id,
        ),
        "assignment": t(
            "{id} has no document of kind assignment, or dunctl.toml no [creditor.assignee]",
            id=case_id,
        ),
        "contract_end": t(
            "{id} does not say when its contract ends (dunctl set {id} terms.ends DAY)", id=case_id
        ),
        "suspend_clause": t(
            "{id} has no clause that lets us stop supply (dunctl set {id} terms.suspend_clause N)",
            id=case_id,
        ),
        "setoff_clause": t(
            "{id} has no clause that lets us set off (dunctl set {id} terms.setoff_clause N)",
            id=case_id,
        ),
        "supply_stop": t(
            "no stop of supply is decided in {id} (dunctl set {id} supply.stopped DAY)", id=case_id
        ),
    }[need]
