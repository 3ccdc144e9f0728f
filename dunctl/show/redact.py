"""A case without what is nobody else's business: remarks, people, telephone numbers, addresses.

What is left gives the same figures: amounts, days, handles, numbers of invoices, clauses. Left out
is every text that is not known to be harmless, so that a new key cannot tell anything by mistake.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from dunctl.case.fields import TEXT, TEXTS
from dunctl.case.records import (
    Case,
    Credit,
    Debtor,
    Document,
    Entry,
    Invoice,
    Journal,
    Letter,
    Person,
    Sending,
    keys,
)

GONE = "[…]"
"""What stands where something was left out."""

PARTIES = ("guarantor", "co_obligor")
"""Who answers for the debt beside the debtor."""

_KEPT = frozenset(
    {
        *("invoice", "number", "accelerate", "template", "language", "sha256", "text_sha256"),
        *("template_sha256", "known", "made_with", "tracking", "profile", "basis", "what"),
    }
)
_KEPT_OF: dict[type[Any], frozenset[str]] = {
    Invoice: frozenset({"ref"}),
    Credit: frozenset({"ref"}),
    Document: frozenset({"ref", "kind"}),
    Letter: frozenset({"file"}),
}
_NAMED = ("whom",)


def redacted(case: Case) -> Case:
    """Return a case with its private texts replaced by ``GONE``, and only the parties' names."""
    people = tuple(
        Person(person.name, person.role) for person in case.people if person.role in PARTIES
    )
    names = {case.debtor.name, *(person.name for person in people)}
    debtor = case.debtor
    return case._replace(
        head=case.head._replace(owner=None, reason=None, note=None),
        debtor=Debtor(
            debtor.name,
            debtor.kind,
            debtor.number,
            country=debtor.country,
            subdivision=debtor.subdivision,
            timezone=debtor.timezone,
            language=debtor.language,
            address=debtor.address,
        ),
        terms=case.terms._replace(note=None),
        supply=type(case.supply)(),
        people=people,
        incomes=(),
        journal=Journal(_entry(entry, names) for entry in case.journal),
        voided=Journal(_entry(entry, names) for entry in case.voided),
    )


def _entry(entry: Entry, names: set[str]) -> Entry:
    record: Any = entry.record
    kept = _KEPT | _KEPT_OF.get(type(record), frozenset())
    for attribute, key in keys(type(record)).values():
        value = getattr(record, attribute)
        if value is None or key.kind not in (TEXT, TEXTS) or attribute in kept:
            continue
        if attribute in _NAMED and value in names:
            continue
        nobody = attribute == "by" and attribute in record._field_defaults
        record = record._replace(**{attribute: None if nobody else GONE})
    return entry._replace(record=record)


_PATTERNS = (
    r"[^\s<>()\[\],;:]+@[^\s<>()\[\],;:]+",
    r"(?<![\w.,/-])\(?(?:\+|00|0)[ ()]{0,2}\d(?:[ ()/.-]{0,2}\d){6,13}(?!\w)",
    r"(?<![\w.,/-])1[3-9]\d(?:[ -]?\d{4}){2}(?!\w)",
    r"(?<![\w.,/-])\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?!\w)",
)
"""E-mail addresses, and telephone numbers as they are written."""


def scrubber(case: Case, own: Iterable[str]) -> Callable[[str], str]:
    """Return what takes telephone numbers, addresses and names out of any text of a case.

    ``case`` is the whole one; ``own`` are numbers and addresses of ours. Numbers of invoices, of
    contracts and of the post stay, whatever they look like.
    """
    known = {*own, *case.debtor.phone, case.debtor.email or ""}
    parties = [case.debtor.name, *(one.name for one in case.people if one.role in PARTIES)]
    for person in case.people:
        known |= {*person.phone, person.email or ""}
        names = {person.name, *(name for name in person.name.split()[-1:] if len(name) > 3)}
        known |= {name for name in names if not any(name in party for party in parties)}
    kept = {number for number in _numbers(case) if "@" not in number} - known
    pattern = re.compile("|".join((f"(?P<kept>{_any(kept)})", f"(?:{_any(known)})", *_PATTERNS)))
    return lambda text: pattern.sub(lambda m: m[0] if m.lastgroup == "kept" else GONE, text)


def _any(texts: Iterable[str]) -> str:
    """Return the pattern of any of these texts, where it is no part of a longer word."""
    longest_first = sorted(filter(str.strip, texts), key=lambda text: (-len(text), text))
    return f"(?<![0-9A-Za-z])(?:{'|'.join(map(re.escape, longest_first)) or '(?!)'})(?![0-9A-Za-z])"


def _numbers(case: Case) -> Iterator[str]:
    """Yield the numbers by which others know things: of invoices, the contract, the post."""
    yield from filter(None, (case.debtor.number, case.terms.contract))
    for entry in (*case.journal, *case.voided):
        record = entry.record
        found: tuple[str | None, ...] = ()
        if isinstance(record, Invoice):
            found = (record.number, record.ref)
        elif isinstance(record, Credit):
            found = (record.ref,)
        elif isinstance(record, Letter | Sending):
            found = (record.tracking,)
        yield from filter(None, found)
