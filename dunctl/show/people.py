"""People in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dunctl.words import t

if TYPE_CHECKING:
    from dunctl.calling.people import Callee


def who_line(who: Callee) -> str:
    """Return whom to ask for, what they are, and the number."""
    role = f" ({who.role.replace('_', ' ')})" if who.role and who.role != "other" else ""
    return f"{who.name}{role} {who.phone or t('(no number)')}"
