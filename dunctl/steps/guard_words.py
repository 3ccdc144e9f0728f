"""What a rule that stands against a contact says of the case, and what would help."""

from __future__ import annotations

from dunctl.case.records import Case, Contact, Person, pairs
from dunctl.steps.guard_question import Finding
from dunctl.steps.packs_kinds import Number, PromiseRunning
from dunctl.words import t


def demand(finding: Finding) -> str:
    """Return what a rule demands: its title, or what is open if that is no promise."""
    if isinstance(finding.rule.what, PromiseRunning) and finding.because:
        if finding.because[0] == "settlement":
            return t("a settlement is open")
        if finding.because[0] == "plan":
            return t("an instalment is not due yet")
    return t(finding.rule.title)


def number_remedy(case: Case, finding: Finding, person: Person | None) -> str | None:
    """Return what to do about the number of somebody, if that is what a rule is about.

    Another number helps where it is known which one was wrong; else it has to be proved.
    """
    if not isinstance(finding.rule.what, Number):
        return None
    if person is None:
        return t('record whom to call: dunctl set {id} person "NAME;ROLE;PHONE"', id=case.id)
    wrong = _wrong(case, finding)
    if wrong is not None and wrong.phone is not None:
        return t(
            'another number: dunctl set {id} "person.{name}.phone" NUMBER; or if {number} is '
            'proved: dunctl set {id} "person.{name}.verified" today',
            id=case.id,
            name=person.name,
            number=wrong.phone,
        )
    return t(
        'once the number is proved: dunctl set {id} "person.{name}.verified" today',
        id=case.id,
        name=person.name,
    )


def _wrong(case: Case, finding: Finding) -> Contact | None:
    for entry, contact in pairs(case, Contact):
        if (entry.kind, entry.nth) == finding.because:
            return contact
    return None
