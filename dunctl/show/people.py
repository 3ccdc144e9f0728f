"""People in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dunctl.words import t

if TYPE_CHECKING:
    from dunctl.calling.people import Callee


def who_line(who: Callee, case_id: str) -> str:
    """Return whom to ask for, what they are, and the number, or how to record one."""
    role = f" ({who.role.replace('_', ' ')})" if who.role and who.role != "other" else ""
    if who.phone:
        return f"{who.name}{role} {who.phone}"
    key = f'"person.{who.name}.phone"' if who.role else "debtor.phone"
    lacking = t("no number is known: dunctl set {id} {key} NUMBER", id=case_id, key=key)
    return f"{who.name}{role}; {lacking}"
