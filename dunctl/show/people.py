"""People in words."""

from __future__ import annotations

from dunctl.case.records import Person
from dunctl.words import t


def who_line(person: Person | None, name: str, phone: str | None) -> str:
    """Return whom to ask for, what they are, and the number."""
    role = f" ({person.role.replace('_', ' ')})" if person and person.role != "other" else ""
    return f"{name}{role} {phone or t('(no number)')}"
