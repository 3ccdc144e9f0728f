"""What is unusual about a contact that has happened; it is recorded all the same."""

from __future__ import annotations

from dunctl import dates
from dunctl.case.records import Contact
from dunctl.steps.ladder import freeze
from dunctl.steps.standing import Standing, attempts
from dunctl.words import t

NOTE_LENGTH = 280
"""A note longer than this is hard to read before the next call (practice G06)."""


def warnings(at: Standing, contact: Contact) -> list[str]:
    """Return a sentence for each house rule that the contact went against.

    ``at`` is the case as it stood before. Hours: practice A14, A31; caps: A44; holds: O13, O14.
    """
    found = []
    ours = contact.direction == "out"
    local = contact.at.astimezone(at.zone)
    if ours and contact.channel in ("phone", "visit"):
        minute = local.hour * 60 + local.minute
        bounds = dates.parse_hours(f"{at.policy.window.earliest}-{at.policy.window.latest}")
        if not any(start <= minute < end for _, start, end in bounds):
            found.append(
                t(
                    "it was {time} there: calls only from {earliest} to {latest}",
                    time=f"{local:%H:%M}",
                    earliest=at.policy.window.earliest,
                    latest=at.policy.window.latest,
                )
            )
        avoided = [
            text
            for person in at.case.people
            if person.name == contact.whom
            for text in person.avoid
        ]
        if any(_within(text, local.weekday(), minute) for text in avoided):
            found.append(t("{name} asked not to be called then", name=contact.whom))
        tried = [moment.astimezone(at.zone).date() for moment in attempts(at)]
        same = tried.count(local.date())
        if contact.purpose == "collect" and same >= at.policy.frequency.per_day:
            found.append(t("it was the {n}. attempt of the day", n=same + 1))
    frozen = freeze(at)
    if ours and frozen:
        found.append(t("the case is frozen: {why}", why=frozen[0]))
    names = [person.name for person in at.case.people]
    if contact.whom and contact.whom not in (*names, at.case.debtor.name):
        found.append(
            t(
                '{name} is no person of {id}: dunctl set {id} person "{name};ROLE;PHONE"',
                name=contact.whom,
                id=at.case.id,
            )
        )
    if contact.note and len(contact.note) > NOTE_LENGTH:
        found.append(t("the note is longer than {n} characters", n=NOTE_LENGTH))
    return found


def _within(text: str, weekday: int, minute: int) -> bool:
    return any(w == weekday and start <= minute < end for w, start, end in dates.parse_hours(text))
