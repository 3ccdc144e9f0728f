"""The rules of packs, put together once for a channel and a purpose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dunctl.steps.guard_rules import CLOCK, JOURNAL, STATIC
from dunctl.steps.packs import Pack, Rule
from dunctl.steps.packs_kinds import (
    AttemptsCap,
    Consent,
    Cooldown,
    Holding,
    Holidays,
    Hours,
    LeadLetter,
    Lunch,
    Number,
    Place,
    PromiseRunning,
    QuietHours,
    Spacing,
    ThirdParty,
    Visit,
    Weekday,
    Wording,
    Zones,
)
from dunctl.tuples import NamedTuple

_RANK = (
    *(Zones, Holding, Visit, Consent, ThirdParty, Number, LeadLetter, PromiseRunning),
    *(AttemptsCap, Cooldown, Holidays, Weekday, QuietHours, Hours, Lunch, Spacing, Place),
)
"""Kinds of rules, that first which explains a refusal best."""

_WORDS: Mapping[str, frozenset[str]] = {
    "phone": frozenset({"unanswered", "voicemail", "third_party", "wrong_number", "conversation"}),
    "visit": frozenset({"visit", "conversation"}),
    "chat": frozenset({"chat", "conversation"}),
}
"""As what a contact by a channel may come to count; by any other channel as that."""

_MOST = 500


class Ruled(NamedTuple):
    """A rule and its pack; its exceptions are ``static`` (the clock's) or the journal's."""

    rule: Rule
    pack: Pack
    level: str
    static: tuple[str, ...]
    dynamic: frozenset[str]
    consent_days: int


class Blocking:
    """Rules of the journal that block: all, best explanation first, and by what they demand.

    ``walled`` says whether an exception of one depends on the wall clock.
    """

    __slots__ = ("by_kind", "rules", "walled")

    def __init__(self, rules: Sequence[Ruled]) -> None:
        self.rules = rules
        self.by_kind: dict[type[Any], list[Ruled]] = {}
        for one in rules:
            self.by_kind.setdefault(type(one.rule.what), []).append(one)
        self.walled = any(one.static for one in rules)


class Gate:
    """The rules for one channel and purpose, best explanation first; compared by identity.

    ``blocking`` are those of the journal that block anybody, ``known_outsider`` also those about
    people outside: whether somebody is one, only a recorded role can tell.
    """

    __slots__ = ("blocking", "clock", "journal", "known_outsider", "lookback", "zones")

    def __init__(self, packs: Sequence[Pack], channel: str, purpose: str) -> None:
        found = [
            _ruled(pack, rule)
            for pack in packs
            for rule in pack.rules
            if _matters(rule, channel, purpose)
        ]
        found.sort(key=lambda one: _RANK.index(type(one.rule.what)))
        self.zones = [one for one in found if isinstance(one.rule.what, Zones)]
        self.clock = [one for one in found if type(one.rule.what) in CLOCK]
        self.journal = [one for one in found if type(one.rule.what) in JOURNAL]
        strict = [one for one in self.journal if one.level == "block"]
        anybody = [one for one in strict if not isinstance(one.rule.what, ThirdParty)]
        self.known_outsider, self.blocking = Blocking(strict), Blocking(anybody)
        self.lookback = max((_reach(one.rule) for one in found), default=0)

    def blocking_zones(self) -> Ruled | None:
        """Return the rule by which all time zones count, if it blocks."""
        return next((one for one in self.zones if one.level == "block"), None)


def _matters(rule: Rule, channel: str, purpose: str) -> bool:
    """Return whether a rule can stand in the way of a contact by this channel, for this purpose."""
    what = rule.what
    if channel not in rule.channels or isinstance(what, Wording):
        return False
    if purpose in ("service", "verify"):
        limit = isinstance(what, AttemptsCap | Cooldown | Spacing)
        return "service" not in rule.unless and not limit
    if isinstance(what, AttemptsCap):
        if purpose == "locate" and "locate" not in what.counts:
            return False
        return bool(_WORDS.get(channel, {channel}) & set(what.counts))
    return True


def _ruled(pack: Pack, rule: Rule) -> Ruled:
    """Prepare a rule. One about a place never blocks: what a number is for is not recorded."""
    return Ruled(
        rule,
        pack,
        "warn" if isinstance(rule.what, Place) else rule.level,
        tuple(word for word in rule.unless if word in STATIC),
        frozenset(_dynamic(rule)),
        getattr(rule.what, "consent_days", None) or 0,
    )


def _dynamic(rule: Rule) -> Iterator[str]:
    """Yield the exceptions of a rule that depend on the journal.

    With ``consent_days`` also ``consent``; without them, what they asked for is not among what a
    cap counts unless it says so, so that such a contact goes free of it.
    """
    yield from (word for word in rule.unless if word not in STATIC and word != "service")
    what = rule.what
    if isinstance(what, AttemptsCap | Cooldown) and what.consent_days:
        yield "consent"
    elif isinstance(what, AttemptsCap) and "asked" not in what.counts:
        yield "call_back"


def _reach(rule: Rule) -> int:
    """Return how many days back a rule counts, at most; working days with their holidays."""
    what = rule.what
    if isinstance(what, AttemptsCap):
        return (what.days or 31) + 2
    if isinstance(what, Cooldown):
        return what.days * (3 if what.working else 1) + 30
    return 3


_KNOWN: dict[tuple[int, str, str], tuple[Sequence[Pack], Gate]] = {}


def gate_of(packs: Sequence[Pack], channel: str, purpose: str) -> Gate:
    """Return the gate of packs; that of one tuple is put together once."""
    key = id(packs), channel, purpose
    known = _KNOWN.get(key)
    if known is not None and known[0] is packs:
        return known[1]
    gate = Gate(packs, channel, purpose)
    if isinstance(packs, tuple):
        if len(_KNOWN) > _MOST:
            _KNOWN.clear()
        _KNOWN[key] = packs, gate
    return gate
