"""Limitation by law as data: how long, from when, and what starts the time anew.

A profile is a TOML file. It says of every sort of event what that does to the clock, with a source
and whether the source was seen to say so. Nothing here runs a clock: this reads profiles and picks
the one that binds.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from dunctl.case.fields import DAY, FLAG, FORMAT, TEXT, Key, choice, closest, whole
from dunctl.case.records import Case, Debtor
from dunctl.owed.sourced import DEBTOR_KINDS, PLACES, several, values
from dunctl.tuples import NamedTuple
from dunctl.words import t

EVENTS: Mapping[str, str] = {
    "signed": "an acknowledgement signed by them",
    "written": "an acknowledgement in writing without a signature",
    "oral": "an acknowledgement by word of mouth",
    "agreement": "a promise or a plan of instalments that can be proved",
    "part_payment": "a payment of theirs on this very debt",
    "demand": "a demand of ours that can be proved",
    "suit": "a claim in court, an order for payment, arbitration",
}
"""What can happen to a debt; a profile says of each what it does."""

EFFECTS: Mapping[str, str] = {
    "restarts": "the whole time starts again on that day",
    "suspends": "the time stands still while the proceedings last",
    "stops": "the claim is in time, but no new time starts",
    "doubtful": "it may count, so the earliest day does not rely on it",
    "none": "it changes nothing",
}
AFTER: tuple[str, ...] = ("restarts", "doubtful", "none")
CONFIDENCE = choice("verified", "unverified")

_SOURCE = Key(TEXT, "where it is written, as one would cite it", required=True)
_CONFIDENCE = Key(CONFIDENCE, "whether the source was seen to say so", required=True)
_YEARS = Key(whole(1, 99), "for how many years", required=True)

HEAD_KEYS: Mapping[str, Key] = {
    "format": Key(FORMAT, "the format of the file, 1", required=True),
    "title": Key(TEXT, "what it is", required=True),
    "as_of": Key(DAY, "the day of the last comparison with the sources", required=True),
    "note": Key(TEXT, "anything worth knowing"),
}
SCOPE_KEYS: Mapping[str, Key] = {
    "laws": Key(PLACES, "the laws that it belongs to, such as CN or GB-SCT", required=True),
    "kinds": Key(several(DEBTOR_KINDS), "what the debtor is; without it, anything"),
}
PERIOD_KEYS: Mapping[str, Key] = {
    "years": _YEARS,
    "start": Key(
        choice("due_next_day", "year_end"),
        "the day after the due day, or the end of the year of the due day",
        required=True,
    ),
    "agreed_terms_only": Key(
        FLAG, "without an agreed term it counts from the invoice, not from due"
    ),
    "long_stop": Key(whole(1, 99), "years after which nothing helps any more"),
    "source": _SOURCE,
    "confidence": _CONFIDENCE,
}
INSTALMENT_KEYS: Mapping[str, Key] = {
    "from": Key(choice("last"), "a plan counts from its last instalment", required=True),
    "source": _SOURCE,
    "confidence": _CONFIDENCE,
}
EARLIER_KEYS: Mapping[str, Key] = {
    "years": _YEARS,
    "over_before": Key(
        DAY, "these years count where they were over before this day", required=True
    ),
    "source": _SOURCE,
    "confidence": _CONFIDENCE,
}
EVENT_KEYS: Mapping[str, Key] = {
    "on": Key(several(EVENTS), "which events", required=True),
    "effect": Key(choice(*EFFECTS), "what they do", required=True),
    "after_expiry": Key(choice(*AFTER), "what they do when the time is over; nothing by default"),
    "why": Key(TEXT, "the reason, where they do not simply restart the time"),
    "source": _SOURCE,
    "confidence": _CONFIDENCE,
}


class Rule(NamedTuple):
    """What a sort of event does to the clock while it runs, and when it has run out."""

    effect: str
    after_expiry: str
    why: str
    source: str
    verified: bool


class Earlier(NamedTuple):
    """A shorter period of an older law: it holds where it was over before a day."""

    years: int
    over_before: date
    source: str
    verified: bool


class Limitation(NamedTuple):
    """A limitation profile; ``rules`` has every one of ``EVENTS``."""

    id: str
    title: str
    as_of: date
    laws: tuple[str, ...]
    kinds: tuple[str, ...]
    years: int
    start: str
    agreed_terms_only: bool
    long_stop: int | None
    source: str
    verified: bool
    instalments_from_last: bool
    earlier: Earlier | None
    rules: Mapping[str, Rule]
    note: str | None = None

    def shortest(self, day: date) -> int:
        """Return the fewest years of a debt that may still be claimed on ``day``."""
        if self.earlier and day < self.earlier.over_before:
            return min(self.years, self.earlier.years)
        return self.years


def read(data: Mapping[str, Any], name: str) -> tuple[Limitation | None, list[str]]:
    """Turn a profile's TOML data into the record; ``name`` is the stem of its file.

    Never raises: returns ``None`` and a sentence for everything that is wrong with it.
    """
    problems: list[str] = []
    head = values(HEAD_KEYS, data, name, problems, _TABLES)
    parts = {
        table: _table(data, table, known, name, problems, required=table in _REQUIRED)
        for table, known in _TABLES.items()
        if table != "event"
    }
    rules = _rules(data.get("event"), name, problems)
    if problems:
        return None, problems
    scope, period, earlier = parts["scope"], parts["period"], parts["earlier"]
    return (
        Limitation(
            name,
            head["title"],
            head["as_of"],
            scope["laws"],
            scope.get("kinds", DEBTOR_KINDS),
            period["years"],
            period["start"],
            period.get("agreed_terms_only", False),
            period.get("long_stop"),
            period["source"],
            period["confidence"] == "verified",
            bool(parts["instalments"]),
            _earlier(earlier) if earlier else None,
            rules,
            head.get("note"),
        ),
        [],
    )


_TABLES: Mapping[str, Mapping[str, Key]] = {
    "scope": SCOPE_KEYS,
    "period": PERIOD_KEYS,
    "instalments": INSTALMENT_KEYS,
    "earlier": EARLIER_KEYS,
    "event": EVENT_KEYS,
}
_REQUIRED = ("scope", "period")


def _table(
    data: Mapping[str, Any],
    table: str,
    known: Mapping[str, Key],
    name: str,
    problems: list[str],
    *,
    required: bool,
) -> dict[str, Any]:
    found = data.get(table)
    if found is None and not required:
        return {}
    if not isinstance(found, Mapping):
        problems.append(t("{where}: {table} must be a table, [{table}]", where=name, table=table))
        return {}
    return values(known, found, f"{name} [{table}]", problems)


def _earlier(table: Mapping[str, Any]) -> Earlier:
    return Earlier(
        table["years"], table["over_before"], table["source"], table["confidence"] == "verified"
    )


def _rules(tables: object, name: str, problems: list[str]) -> dict[str, Rule]:
    """Return a rule for every event; one that is missing or there twice is a problem."""
    rules: dict[str, Rule] = {}
    if not isinstance(tables, list):
        tables = []
    for nth, table in enumerate(tables, 1):
        where = f"{name} [[event]] {nth}"
        if not isinstance(table, Mapping):
            problems.append(t("{where}: must be a table, [[event]]", where=where))
            continue
        before = len(problems)
        found = values(EVENT_KEYS, table, where, problems)
        if len(problems) > before:
            continue
        fault = _fault(found)
        if fault:
            problems.append(f"{where}: {fault}")
            continue
        for event in found["on"]:
            if event in rules:
                problems.append(t("{where}: {event} is there twice", where=where, event=event))
            rules[event] = Rule(
                found["effect"],
                found.get("after_expiry", "none"),
                found.get("why", ""),
                found["source"],
                found["confidence"] == "verified",
            )
    for event in EVENTS:
        if event not in rules and not problems:
            problems.append(
                t("{where}: does not say what {event} does to the time", where=name, event=event)
            )
    return rules


def _fault(table: Mapping[str, Any]) -> str | None:
    if table["effect"] in ("suspends", "stops") and table["on"] != ("suit",):
        return t("only a suit suspends or stops the time")
    plain = table["effect"] == "restarts" and table.get("after_expiry", "none") != "doubtful"
    if not plain and "why" not in table:
        return t("why is missing: {meaning}", meaning=EVENT_KEYS["why"].meaning)
    return None


def profile_for(case: Case, limitations: Mapping[str, Limitation]) -> tuple[Limitation | None, str]:
    """Return the profile of a case and the sentence why; without one, why there is none.

    It is what ``terms.limitation`` names, else that of ``terms.law``, else that of where the debtor
    is.
    """
    found = binding(case, limitations)
    named, law = case.terms.limitation, case.terms.law
    if named is not None:
        if found:
            return found, t("terms.limitation says so")
        return None, t("there is no limitation profile {name}", name=named) + closest(
            named, list(limitations)
        )
    if law is not None:
        if found:
            return found, t("by terms.law {law}", law=law)
        return None, t("no limitation profile is known for the law {law}", law=law)
    place = _place(case.debtor)
    if place is None:
        return None, t("neither terms.law nor the debtor's country is known")
    if found:
        return found, t("by where the debtor is, {place}", place=place)
    return None, t("no limitation profile is known for {place}", place=place)


def binding(case: Case, limitations: Mapping[str, Limitation]) -> Limitation | None:
    """Return the profile of a case, without a word why."""
    named, law = case.terms.limitation, case.terms.law
    if named is not None:
        return limitations.get(named)
    place = _place(case.debtor) if law is None else law
    return None if place is None else _of_law(place, case.debtor.kind, limitations)


def _place(debtor: Debtor) -> str | None:
    country, part = debtor.country, debtor.subdivision or ""
    if country is None:
        return None
    if part and not part.startswith(f"{country}-"):
        return f"{country}-{part}"
    return part or country


def _of_law(place: str, kind: str, limitations: Mapping[str, Limitation]) -> Limitation | None:
    """Return the profile of a place, of several the shortest.

    That of a country is the law of a part only where no profile tells its parts apart.
    """
    for law in dict.fromkeys((place, place.partition("-")[0])):
        found = [
            one
            for one in limitations.values()
            if law in one.laws and kind in one.kinds and (law == place or not _parts(law, one))
        ]
        if found:
            return min(found, key=lambda one: (one.years, one.id))
    return None


def _parts(country: str, profile: Limitation) -> bool:
    """Return whether a profile names parts of a country, so is not the law of all its parts."""
    return any(law.startswith(f"{country}-") for law in profile.laws)
