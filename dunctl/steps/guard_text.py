"""The guard of words: may this text go to a debtor, and if not, which sentence, and why not.

A letter names no step that is not decided, allowed and next on the ladder, claims nothing without
its clause or statute, threatens and insults nobody, tells nobody else and makes nothing up
(practice O, H, N; ``guard_terms`` has the words). It reads what stands there and not what was
meant: a hint in other words passes it, and a person can overrule it, except where a pack blocks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from dunctl.case.records import Case, Claim, Document, Fee, Payment, Promise, of
from dunctl.case.vocabulary import STAGES
from dunctl.owed.claims import Owed
from dunctl.steps.guard_terms import (
    GATES,
    Group,
    Language,
    Lexicon,
    Reason,
    Rule,
    active,
    found_in,
    normal,
    within,
)
from dunctl.steps.ladder import freeze
from dunctl.steps.packs import Pack, reason
from dunctl.steps.packs_kinds import Wording
from dunctl.steps.standing import Standing
from dunctl.tuples import NamedTuple
from dunctl.words import t

DECISION = "decision"
"""The kind of document by which a step is decided; its ``ref`` begins with which, else court."""

_DECIDED = ("court", "lawyer", "agency", "credit_bureau", "termination", "insolvency")
_FROM = {
    "court": "prelegal",
    "lawyer": "formal",
    "agency": "formal",
    "credit_bureau": "formal",
    "termination": "formal",
    "insolvency": "legal",
}
"""The stage from which a step is the next one (practice N01, D27)."""

_INSIDE = ("owner", "legal_rep", "dept_head", "finance", "purchasing", "initial_contact")
_LIABLE = ("agent", "lawyer", "guarantor", "co_obligor", "payer_by_consent")
_SHORT = 3


class Finding(NamedTuple):
    """A sentence that should not go out: ``warn`` or ``block``, why by practice, what to say.

    ``reason`` is its id, ``where`` the part of the letter. ``bound`` is the rule of a pack that
    nothing overrules.
    """

    level: str
    where: str
    sentence: str
    reason: str
    why: str
    rows: str
    remedy: str
    bound: str | None = None

    def __str__(self) -> str:
        source = self.bound or t("practice {rows}", rows=self.rows)
        return f"{self.where}: “{self.sentence}” {self.why} ({source}): {self.remedy}"


class Facts(NamedTuple):
    """What a letter about a case may say.

    ``true`` are the ``GATES`` that are open, ``closed`` says of the others why they are not.
    ``letters`` is how many were written before. ``names`` are those of the parties, in which
    nothing is meant; ``others`` are people whom a letter must not name. A ``message`` may be read
    by anybody. ``bound`` are rules of packs by family, which nothing overrules. ``case`` is its id.
    """

    true: frozenset[str] = frozenset()
    closed: Mapping[str, str] = {}
    consumer: bool = False
    message: bool = False
    letters: int | None = None
    names: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    bound: Mapping[str, str] = {}
    case: str = "CASE"


ANY = Facts(true=frozenset(GATES), consumer=True)
"""What a template may say before it is known for whom: all that its case may support."""


def facts(
    at: Standing,
    owed: Owed,
    packs: Sequence[Pack] = (),
    *,
    ours: Iterable[str] = (),
    message: bool = False,
) -> Facts:
    """Return what a letter of ``at.now`` may say; ``ours`` are the creditor's own names.

    ``owed`` is what is owed that day. A ``message`` is one that others may read (practice B12).
    """
    case, closed = at.case, _closed(at, owed)
    named = [case.debtor.name, *case.debtor.address, *ours, at.policy.letter.next_unit]
    told = [person for person in case.people if _may_be_named(case, person.role)]
    named += [person.name for person in told]
    spoken = {name for agreed in at.agreements if (name := agreed.whom)}
    others = [
        person.name
        for person in case.people
        if person not in told and person.name not in spoken and person.name not in named
    ]
    earlier = {letter.at.astimezone(at.zone).date() for letter in at.letters}
    return Facts(
        frozenset(gate for gate in GATES if gate not in closed),
        closed,
        case.debtor.kind == "consumer",
        message,
        len(earlier - {at.today}),
        tuple(name for name in named if len(name) >= _SHORT),
        tuple(name for name in others if len(name) >= _SHORT - 1),
        bound(packs),
        case.id,
    )


def bound(packs: Iterable[Pack]) -> dict[str, str]:
    """Return by family the rules of packs that block, each with its source."""
    found: dict[str, str] = {}
    for pack in packs:
        for rule in pack.rules:
            if isinstance(rule.what, Wording) and rule.level == "block" and not pack.advisory:
                for family in rule.what.about:
                    found.setdefault(family, f"{reason(pack, rule)}: {rule.source}")
    return found


def _may_be_named(case: Case, role: str) -> bool:
    return role in _LIABLE or (role in _INSIDE and case.debtor.kind != "consumer")


def _closed(at: Standing, owed: Owed) -> dict[str, str]:
    """Return the gates that are closed, and why."""
    case, terms = at.case, at.case.terms
    found = {step: why for step in _DECIDED if (why := _undecided(at, step))}
    found["enforcement"] = t("there is no judgment that could be enforced")
    stage = at.policy.stages.get(at.stage)
    if case.debtor.kind == "consumer":
        found["visit"] = t("private people are visited by invitation only")
    elif case.debtor.manner == "hostile":
        found["visit"] = t("hostile people are not visited")
    elif stage is None or "visit" not in stage.channels:
        found["visit"] = t("stage {stage} has no visits", stage=at.stage)
    if not (case.supply.stopped and case.supply.stopped <= at.today) and not terms.suspend_clause:
        found["supply_stop"] = t("no clause lets us stop supply, and no stop is decided")
    elif case.supply.stopped is None:
        found["supply_stop"] = t(
            "no stop of supply is decided (dunctl set CASE supply.stopped DAY)"
        )
    if not _papers(case, "assignment", at.today):
        found["assignment"] = t("no document says that the claim is assigned")
    if not at.policy.letter.next_unit:
        found["handover"] = t("the policy names nobody who takes over (next_unit)")
    if not (at.schedule and at.schedule.plan.accelerate):
        found["acceleration"] = t("no clause of a plan makes the rest due")
    profiles = [one.interest.profile for one in owed.invoices if one.interest.profile]
    if not profiles and terms.interest is None:
        found["interest"] = t("neither a clause nor a statute gives interest")
    charged = any(one.fees for one in owed.invoices) or bool(owed.fees) or bool(of(case, Fee))
    if not (charged or terms.fee_clause or any(p.fixed_sums for p in profiles)):
        found["fee"] = t("no fee has a clause or a statute")
    ways = {promise.via for promise in of(case, Promise)} | {p.via for p in of(case, Payment)}
    if not (terms.setoff_clause or "setoff" in ways):
        found["setoff"] = t("no clause lets us set off")
    if of(case, Claim):
        found.pop("interest", None)
    if "interest" in found and "fee" in found:
        found["late_charge"] = found["interest"]
    return found


def _papers(case: Case, kind: str, today: date) -> list[Document]:
    return [paper for paper in of(case, Document) if paper.kind == kind and paper.on <= today]


def _undecided(at: Standing, step: str) -> str | None:
    """Return why a step is not decided, allowed and next; ``None`` if it is."""
    named = [
        (paper.ref or "").partition(" ")[0].casefold().replace("-", "_")
        for paper in _papers(at.case, DECISION, at.today)
    ]
    decided = {word if word in _DECIDED else "court" for word in named}
    if at.stage == "legal":
        decided |= {"court", "lawyer"}
    if step not in decided:
        return t("it is not decided")
    frozen = freeze(at)
    if frozen:
        return t("it is not allowed now: {why}", why=frozen[0])
    first = _FROM[step]
    if at.stage not in STAGES[STAGES.index(first) : STAGES.index("closed")]:
        return t("it is decided, but not next: stage {stage}", stage=at.stage)
    return None


def check(texts: Iterable[tuple[str, str]], facts: Facts, lexicon: Lexicon) -> list[Finding]:
    """Return what of these texts, each with where it stands, should not go out; blocks first.

    Each sentence is looked at in all languages; a reason is named once for it.
    """
    parts = [(where, part) for where, text in texts for part in sentences(text)]
    parts = [(where, part) for where, part in dict.fromkeys(parts) if _LETTERS.search(part)]
    spelt = [normal(part) for _, part in parts]
    names = [normal(name) for name in facts.names]
    others = [(name, normal(name)) for name in facts.others]
    languages = active(lexicon, _BETWEEN.join(spelt))
    found: list[Finding] = []
    for (where, part), text in zip(parts, spelt, strict=True):
        shown = part if len(part) <= _LONGEST else part[: _LONGEST - 1] + "…"
        for name, sought in others:
            if "named" in lexicon.reasons and next(_name_in(sought, text), None):
                found.append(_finding(lexicon.reasons["named"], where, shown, facts, name=name))
        bare = _without(text, (here for name in names for here in _name_in(name, text)))
        reasons = (one for language in languages for one in _told(bare, facts, lexicon, language))
        found += [_finding(one, where, shown, facts) for one in dict.fromkeys(reasons)]
    found.sort(key=lambda finding: (finding.level != "block", finding.bound is None))
    return found


def unfinished(texts: Iterable[tuple[str, str]], facts: Facts, lexicon: Lexicon) -> list[Finding]:
    """Return the sentences of the fixed text of a template that are not filled in."""
    reason = lexicon.reasons.get("placeholder")
    if reason is None:
        return []
    parts = [(where, part) for where, text in texts for part in sentences(text)]
    return [
        _finding(reason, where, part, facts)
        for where, part in dict.fromkeys(parts)
        if _UNFINISHED.search(part)
    ]


def sentences(text: str) -> list[str]:
    """Cut a text into sentences; lines are sentences of their own, a quotation is part of one."""
    quoted = [found.span() for found in _QUOTED.finditer(text)]
    parts, begin = [], 0
    for end in _ENDS.finditer(text):
        if not any(first < end.start() < last for first, last in quoted):
            parts.append(text[begin : end.start()])
            begin = end.end()
    parts.append(text[begin:])
    return [part.strip() for part in parts if part.strip()]


_QUOTED = re.compile(
    r"""“[^“”„\n]+”|„[^“”„\n]+[“”]|«[^«»\n]+»|»[^«»\n]+«|"[^"\n]+"|「[^「」\n]+」|『[^『』\n]+』"""
)
_ENDS = re.compile(
    r"""(?<=[。！？；!?])\s*(?=[^\s”』」）)"'])|\n+
    |(?<=[^\s.\d]{2}[.])(?<!\bMr[.])(?<!\bMs[.])(?<!\bMrs[.])(?<!\bDr[.])(?<!\bNr[.])(?<!\bNo[.])
    \s+(?=[“"„«(]?[^\W\d_a-zäöü])""",
    re.VERBOSE,
)
_LETTERS = re.compile(r"[^\W\d_]|[$€£¥]")
_BETWEEN = "\n;\n"  # no term reaches over it
_LONGEST = 160
_UNFINISHED = re.compile(
    r"\{\{|\}\}|\{%|%\}|\{\w*\}|<\w+>|\b(?:TODO|TBD|X{3,})\b|_{3,}|\?{3,}|…{2,}"
)
_CLAUSES = re.compile(r"[;:()\[\]\"“”„«»—–…。!?]|,(?!\d)|(?<!\d),|\s-\s")


def _told(bare: str, facts: Facts, lexicon: Lexicon, language: Language) -> Iterator[Reason]:
    """Yield why a sentence must not go out, by the rules of a language."""
    text = bare.translate(language.fold)
    telling = [
        rule for rule in language.rules if any(within(one[0], text) for one in rule.alternatives)
    ]
    if telling:
        meant = _masked(language.idioms, _ours(language, text))
        yield from (rule.reason for rule in telling if _matches(rule, language, meant, facts))
    for number, terms in language.counts:
        enough = facts.letters is None or facts.letters >= number - 1
        if not enough and within(terms, text):
            yield lexicon.reasons["count"]


def _finding(
    why: Reason, where: str, sentence: str, facts: Facts, *, name: str | None = None
) -> Finding:
    rule = facts.bound.get(why.family)
    said = t(why.title) if name is None else t("names {name}", name=name)
    if why.gate and facts.closed.get(why.gate):
        said += f": {facts.closed[why.gate]}"
    level = "block" if rule else why.level
    remedy = t(why.remedy).replace("CASE", facts.case)
    return Finding(level, where, sentence, why.id, said, why.source, remedy, rule)


def _name_in(name: str, text: str) -> Iterator[re.Match[str]]:
    """Yield where a name is in a text, both in one spelling."""
    if name in text:
        yield from re.finditer(rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])", text)


def _matches(rule: Rule, language: Language, text: str, facts: Facts) -> bool:
    """Tell whether a sentence says what a rule is about, where it must not be said."""
    reason = rule.reason
    if reason.gate in facts.true or (
        (reason.only == "consumer" and not facts.consumer)
        or (reason.only == "message" and not facts.message)
    ):
        return False
    bare = _masked(rule.mask, text)
    if reason.negated:
        bare = _masked(language.negation.undecided, bare)
    for telling, *others in rule.alternatives:
        if not all(within(group, bare) for group in others) or within(rule.whole, bare):
            continue
        for found in found_in(telling, bare):
            start, end = found.span()
            first, last = _clause(bare, start, end)
            if rule.unless and within(rule.unless, bare[first:last]):
                continue
            if reason.negated and _denied(language, bare, (first, start, end, last)):
                continue
            return True
    return False


def _ours(language: Language, text: str) -> str:
    """Blank out what a sentence quotes of the debtor: who said it stands just before or after."""
    return _without(text, (one for one in _QUOTED.finditer(text) if _theirs(language, text, one)))


def _theirs(language: Language, text: str, quoted: re.Match[str]) -> bool:
    before = text[: quoted.start()].rstrip(" ,:")
    after = text[quoted.end() :].lstrip(" ,")
    lead = before[_clause(before, len(before), len(before))[0] :]
    return any(within(language.theirs, part) for part in (lead, after[: _clause(after, 0, 0)[1]]))


def _clause(text: str, start: int, end: int) -> tuple[int, int]:
    """Return where the clause begins and ends in which something stands."""
    first = max((found.end() for found in _CLAUSES.finditer(text, 0, start)), default=0)
    after = _CLAUSES.search(text, end)
    return first, after.start() if after else len(text)


def _denied(language: Language, text: str, at: tuple[int, int, int, int]) -> bool:
    """Tell whether a clause denies what stands in it, and means it."""
    first, start, end, last = at
    negation = language.negation
    if negation.joins and first and within(negation.joins, text[first:last]):
        first = _clause(text, first - 1, first - 1)[0]
    if within(negation.hollow, text[first:last]):
        return False
    before = _last(text[first:start], negation.before, language.wide)
    denial = max((found.end() for found in found_in(negation.words, before)), default=None)
    if denial is not None and not within(negation.breaks, before[denial:]):
        return True
    after = _first(text[end:last], negation.after, language.wide)
    later = min(found_in(negation.words, after), key=lambda found: found.start(), default=None)
    if later is None or within(negation.breaks, after[: later.start()]):
        return False
    beyond = _first(text[end:last], negation.after + 3, language.wide)[later.end() :]
    return not within(negation.breaks, beyond)


def _last(text: str, count: int, wide: bool) -> str:
    return text[-count:] if wide else " ".join(text.split()[-count:])


def _first(text: str, count: int, wide: bool) -> str:
    return text[:count] if wide else " ".join(text.split()[:count])


def _masked(group: Group, text: str) -> str:
    return _without(text, found_in(group, text))


def _without(text: str, parts: Iterable[re.Match[str]]) -> str:
    """Blank out parts of a text, so that no term is found in them or across them."""
    for start, end in [found.span() for found in parts]:
        text = text[:start] + "\u00b7" * (end - start) + text[end:]
    return text
