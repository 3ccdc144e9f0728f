"""Which words a letter must not have: the reasons, and their terms in each language.

A term is written as one would say it: ``legal (action|steps)``. ``|`` separates choices in
brackets, ``?`` makes a bracket or a letter optional, ``*`` is the rest of a word, ``..`` are up to
five words (in Chinese eight characters; ``..3``: so many) of the same clause, ``@name`` is a list
of ``[words]``. What a reason needs several of in one sentence is a list of them, the telling one
first.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

from dunctl.case.fields import FLAG, TEXT, TEXTS, Key, choice
from dunctl.owed.sourced import values
from dunctl.steps.guard_families import FAMILIES
from dunctl.tuples import NamedTuple
from dunctl.words import t

GATES: Mapping[str, str] = {
    "court": "going to court",
    "lawyer": "handing it to a lawyer",
    "agency": "handing it to a collection agency",
    "credit_bureau": "a report to a credit bureau",
    "supply_stop": "a stop of supply",
    "visit": "a visit",
    "enforcement": "enforcement",
    "insolvency": "a petition for insolvency",
    "assignment": "an assignment of the claim",
    "handover": "the unit that takes over",
    "termination": "the end of the contract",
    "acceleration": "that everything is due at once",
    "interest": "interest",
    "fee": "a fee",
    "late_charge": "a late charge",
    "setoff": "a set-off",
}
"""What may be said only where the case supports it."""

AUDIENCES = ("consumer", "message")
LEVELS = ("warn", "block")


class Reason(NamedTuple):
    """Why a sentence must not go out: ``rows`` of practice, and what can be said instead.

    ``gate`` is what would have to be true. ``negated`` says that a denial is harmless. ``only`` is
    whom it is about: consumers, or a message that anybody may read; without it, everybody.
    """

    id: str
    family: str
    title: str
    level: str
    source: str
    remedy: str
    gate: str | None = None
    negated: bool = False
    only: str | None = None

    @property
    def rows(self) -> str:
        """Return the rows of practice that it stands on."""
        return self.source


class Term(NamedTuple):
    """A term in one spelling, and whether its language is written without spaces."""

    source: str
    wide: bool


Group = tuple[Term, ...]


class Rule(NamedTuple):
    """The terms of a reason in a language: one of ``alternatives``, each all of its groups.

    Not where ``unless`` stands in the same clause or ``whole`` anywhere in the sentence; ``mask``
    means something else.
    """

    reason: Reason
    alternatives: tuple[tuple[Group, ...], ...]
    unless: Group
    mask: Group
    whole: Group


class Negation(NamedTuple):
    """How a language denies something: so many words (characters) before it and after it.

    ``breaks`` end the reach of a denial, ``hollow`` denials deny nothing. A clause with ``joins``
    is a part of the one before it. What is ``undecided`` is denied as a whole.
    """

    words: Group
    breaks: Group
    hollow: Group
    before: int
    after: int
    joins: Group = ()
    undecided: Group = ()


class Language(NamedTuple):
    """The words of a language; ``fold`` makes one spelling of several.

    ``idioms`` mean something harmless. What a sentence quotes is the debtor's where one of
    ``theirs`` stands beside it. ``counts`` are terms that say how many letters there were.
    """

    code: str
    wide: bool
    fold: Mapping[int, int]
    idioms: Group
    theirs: Group
    negation: Negation
    rules: tuple[Rule, ...]
    counts: tuple[tuple[int, Group], ...]


class Source(NamedTuple):
    """A language that is read when a text of its writing is met first."""

    wide: bool
    load: Callable[[], Language]


class Lexicon(NamedTuple):
    """All reasons, and the languages in which they are known."""

    reasons: Mapping[str, Reason]
    sources: tuple[Source, ...]

    @property
    def languages(self) -> tuple[Language, ...]:
        """Return all languages."""
        return tuple(source.load() for source in self.sources)


Files = Callable[[], Sequence[Mapping[str, Any]]]
"""Read the files of a language, the lists of later ones to be added to those of the first."""


REASON_KEYS: Mapping[str, Key] = {
    "id": Key(TEXT, "its name", required=True),
    "family": Key(choice(*FAMILIES), "of what kind it is", required=True),
    "title": Key(TEXT, "what the sentence does", required=True),
    "level": Key(choice(*LEVELS), "whether it warns or blocks", required=True),
    "source": Key(TEXT, "the rows of practice", required=True),
    "remedy": Key(TEXT, "what can be said instead", required=True),
    "gate": Key(choice(*GATES), "what would have to be true"),
    "negated": Key(FLAG, "whether a denial is harmless"),
    "only": Key(choice(*AUDIENCES), "whom it is about"),
}
_LANGUAGE_KEYS: Mapping[str, Key] = {
    "wide": Key(FLAG, "whether it is written without spaces"),
    "fold_from": Key(TEXT, "other spellings, character by character"),
    "fold_to": Key(TEXT, "what they stand for"),
    "idioms": Key(TEXTS, "what means something else"),
    "theirs": Key(TEXTS, "what says that a quotation is the debtor's"),
}


def read(
    reasons: Mapping[str, Any],
    languages: Mapping[str, tuple[bool, Files]],
    *,
    sound: bool = False,
) -> Lexicon:
    """Return the lexicon from the TOML data: reasons, and each language by its code.

    Of a language it is known whether it is written without spaces; its files are read when they are
    needed, or now, unless all of them are known to be ``sound``. Raises ``ValueError`` for what is
    wrong there.
    """
    problems: list[str] = []
    known: dict[str, Reason] = {}
    for nth, table in enumerate(reasons.get("reason", []), 1):
        name = str(table.get("id", f"#{nth}"))
        found = values(REASON_KEYS, table, f"reasons/{name}", problems)
        if not problems:
            known[found["id"]] = Reason(**found)
    if problems:
        raise ValueError(problems[0])

    def source(code: str, wide: bool, files: Files) -> Source:
        return Source(wide, cache(lambda: _language(code, _merged(files()), known, sound)))

    lexicon = Lexicon(known, tuple(source(code, *about) for code, about in languages.items()))
    if not sound:
        _ = lexicon.languages
    return lexicon


def _merged(files: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the files of a language laid over one another, lists joined."""
    result: dict[str, Any] = {}
    for data in files:
        for key, value in data.items():
            old = result.get(key)
            if isinstance(old, dict) and isinstance(value, Mapping):
                result[key] = _merged([old, value])
            elif isinstance(old, list) and isinstance(value, list):
                result[key] = [*old, *value]
            else:
                result[key] = value
    return result


def _language(
    code: str, data: Mapping[str, Any], reasons: Mapping[str, Reason], sound: bool
) -> Language:
    problems: list[str] = []
    tables = ("words", "negation", "reason", "count")
    head = values(_LANGUAGE_KEYS, data, code, problems, tables)
    odd = [name for name in data.get("reason", {}) if name not in reasons]
    problems += [t("{where}: there is no reason {name}", where=code, name=name) for name in odd]
    if problems:
        raise ValueError(problems[0])
    wide = head.get("wide", False)
    fold = str.maketrans(head.get("fold_from", ""), head.get("fold_to", ""))
    words = data.get("words", {})

    def group(terms: Any, where: str) -> Group:
        if not isinstance(terms, list) or not all(isinstance(term, str) for term in terms):
            raise ValueError(t("{where} must be a list of terms", where=f"{code}: {where}"))
        listed = list(_listed(terms, words, f"{code}: {where}"))
        if not listed:
            return ()
        spelt = _spelt(_NEVER.join(listed)).translate(fold).split(_NEVER)
        if not sound:
            _prove(spelt, f"{code}: {where}")
        return tuple(Term(source, wide) for source in spelt)

    def alternatives(table: Mapping[str, Any], where: str) -> Iterator[tuple[Group, ...]]:
        listed = table.get("any", [])
        yield (group([one for one in listed if isinstance(one, str)], where),)
        for one in listed:
            if isinstance(one, list):
                yield tuple(group([part], where) for part in one)

    rules = [
        Rule(
            reasons[name],
            tuple(one for one in alternatives(table, name) if all(one)),
            group(table.get("unless", []), name),
            group(table.get("mask", []), name),
            group(table.get("whole", []), name),
        )
        for name, table in data.get("reason", {}).items()
    ]
    negation = data["negation"]
    return Language(
        code,
        wide,
        fold,
        group(list(head.get("idioms", ())), "idioms"),
        group(list(head.get("theirs", ())), "theirs"),
        Negation(
            group(negation["words"], "negation"),
            group(negation["breaks"], "negation"),
            group(negation["hollow"], "negation"),
            negation["before"],
            negation["after"],
            group(negation.get("joins", []), "negation"),
            group(negation.get("undecided", []), "negation"),
        ),
        tuple(rules),
        tuple((int(n), group(terms, "count")) for n, terms in data.get("count", {}).items()),
    )


def _listed(terms: Iterable[str], words: Mapping[str, Sequence[str]], where: str) -> Iterator[str]:
    """Yield terms, and in the place of ``@name`` those of that list."""
    for term in terms:
        if not term.startswith("@"):
            yield term
        elif term[1:] in words:
            yield from _listed(words[term[1:]], words, where)
        else:
            raise ValueError(t("{where}: there is no list {term}", where=where, term=term))


def _prove(terms: Iterable[str], where: str) -> None:
    for term in terms:
        if _LOOSE.search(_BRACKETS.sub("", term)):
            raise ValueError(
                t("{where}: choices belong to brackets: {term}", where=where, term=term)
            )


_BRACKETS = re.compile(r"\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)\??")
_LOOSE = re.compile(r"[|()]")

_SIGN = re.compile(r" ?\.\.(\d{0,2}) ?| \?|[()|?* ]|[^()|?*. ]+|\.")


@lru_cache(maxsize=8192)
def compiled(source: str, wide: bool) -> re.Pattern[str]:
    """Return the pattern of a term, compiled when it is first met."""

    def part(found: re.Match[str]) -> str:
        sign = found[0]
        if sign.strip().startswith(".."):
            if wide:
                return r"[^,;:.!?。()]{0,%s}?" % (found[1] or 8)
            return r"\s+(?:[^\s;:.!?()]+\s){0,%s}?" % (found[1] or 5)
        if sign == " ?":
            return r"\s*"
        if sign == "(":
            return "(?:"
        if sign in (")", "|", "?"):
            return sign
        return r"\w*" if sign == "*" else r"\s+" if sign == " " else re.escape(sign)

    pattern = _SIGN.sub(part, source)
    return re.compile(pattern if wide else rf"(?<!\w)(?:{pattern})(?!\w)")


_SPELT = (("’", "'"), ("‘", "'"), ("ʼ", "'"), ("ä", "ae"), ("ö", "oe"), ("ü", "ue"))


def _spelt(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).casefold()
    for sign, spelt in _SPELT:
        text = text.replace(sign, spelt)
    return text


def normal(text: str) -> str:
    """Return a text in one spelling: no case, umlauts written out, one space, no space in Chinese.

    What cannot be seen is left out.
    """
    text = _spelt(text)
    if not text.isprintable():
        text = "".join(c for c in text if unicodedata.category(c) != "Cf")
    first, *others = text.split() or [""]
    for part in others:
        closed = _wide(part[0]) and (_wide(first[-1]) or first[-1] == "。")
        first += part if closed else f" {part}"
    return first


def _wide(char: str) -> bool:
    """Tell whether a character is of a writing without spaces."""
    return "\u2e80" <= char <= "\u9fff"


def found_in(group: Group, text: str) -> Iterator[re.Match[str]]:
    """Yield where the terms of a group are in a text of one spelling."""
    for term in group:
        yield from compiled(term.source, term.wide).finditer(text)


def within(group: Group, text: str) -> bool:
    """Tell whether a group is in a text of one spelling."""
    return next(found_in(group, text), None) is not None


def active(lexicon: Lexicon, text: str) -> list[Language]:
    """Return the languages with only those rules and terms that can be in a text of one spelling.

    To search a short text for a choice is much cheaper than to compile a pattern that has it.
    """
    wide = any(map(_wide, set(text)))
    known = [source.load() for source in lexicon.sources if wide or not source.wide]
    return [_reduced(language, text.translate(language.fold)) for language in known]


def _reduced(language: Language, text: str) -> Language:
    spaced = text if language.wide else f" {_GAPS.sub(' ', text)} "
    here = _Here(text, spaced, frozenset(spaced.split()), frozenset(text))

    def kept(group: Group) -> Group:
        return tuple(
            Term(one, wide)
            for source, wide in group
            if _has_all_needed(here, source)
            for one in _kept(here, source)
        )

    def told(alternative: tuple[Group, ...]) -> tuple[Group, ...]:
        telling, *others = alternative
        first = kept(telling)
        return (first, *map(kept, others)) if first and within(first, text) else ()

    rules = []
    for rule in language.rules:
        found = [told(one) for one in rule.alternatives]
        alternatives = tuple(one for one in found if one and all(one))
        if alternatives:
            parts = (kept(rule.unless), kept(rule.mask), kept(rule.whole))
            rules.append(Rule(rule.reason, alternatives, *parts))
    counts = tuple((number, left) for number, terms in language.counts if (left := kept(terms)))
    if not rules:
        return language._replace(rules=(), counts=counts)
    negation = language.negation
    return language._replace(
        idioms=kept(language.idioms),
        theirs=kept(language.theirs),
        negation=negation._replace(
            words=kept(negation.words),
            breaks=kept(negation.breaks),
            hollow=kept(negation.hollow),
            joins=kept(negation.joins),
            undecided=kept(negation.undecided),
        ),
        rules=tuple(rules),
        counts=counts,
    )


class _Here(NamedTuple):
    """A text in which terms are looked for, its words and its characters.

    ``spaced`` has one space around each word, or is the text itself where words have no spaces.
    """

    text: str
    spaced: str
    words: frozenset[str]
    signs: frozenset[str]


def _has_all_needed(here: _Here, source: str) -> bool:
    """Tell whether of each bracket that a term cannot do without a choice is in a text.

    Few terms get further than that.
    """
    for needed in _NEEDED.findall(source):
        choices = needed.split("|")
        if needed and here.words.isdisjoint(choices) and not _left_of(here, choices, whole=True):
            return False
    return True


def _left_of(here: _Here, choices: list[str], *, whole: bool) -> list[str]:
    """Return the choices that can be in a text, as ``whole`` words or as parts of them."""
    text, spaced, words, signs = here
    if whole and spaced is not text:
        return [
            one
            for one in choices
            if (one in words if one.isalpha() else _possible(here, one, True))
        ]
    return [
        one
        for one in choices
        if (one[0] in signs and one in text if one.isalnum() else _possible(here, one, False))
    ]


def _possible(here: _Here, choice: str, whole: bool) -> bool:
    word = choice.strip("*")
    if whole and word.isalnum():
        start, end = "" if choice[0] == "*" else " ", "" if choice[-1] == "*" else " "
        return f"{start}{word}{end}" in here.spaced
    if choice.replace(" ", "").isalnum():
        return choice in here.text
    return _NEVER not in choice and all(map(here.text.__contains__, _PARTS.split(choice)))


def _kept(here: _Here, source: str) -> list[str]:
    """Return what is left of a term without the choices that are not in a text.

    Nothing, if it cannot be there; else one term, or several where it is a bracket of choices:
    each is then looked for.
    """
    held: list[tuple[list[str], str]] = []

    def inner(found: re.Match[str]) -> str:
        start, end = found.span()
        around = found.string[start - 1 : start], found.string[end : end + 1]
        whole = all(sign in " " for sign in around)
        choices = _left_of(here, found[1].split("|"), whole=whole)
        if not choices:
            return "" if found[2] else _NEVER
        held.append((choices, found[2]))
        return chr(_HELD + len(held) - 1)

    def spelt_out(found: re.Match[str]) -> str:
        choices, sign = held[ord(found[0]) - _HELD]
        return f"({'|'.join(choices)}){sign}"

    while "(" in source:
        source = _INNER.sub(inner, source)
    if not _left_of(here, [source], whole=True):
        return []
    left = [source]
    if _HOLDERS.fullmatch(source) and not held[ord(source) - _HELD][1]:
        left = held[ord(source) - _HELD][0]
    while any(_HOLDERS.search(one) for one in left):
        left = [_HOLDERS.sub(spelt_out, one) for one in left]
    return left


_NEVER = "\x00"
_HELD = 0xE000  # the first of the private characters that stand for a bracket
_HOLDERS = re.compile("[\ue000-\ue7ff]")
_INNER = re.compile(r"\(([^()]*)\)(\??)")
_NEEDED = re.compile(rf"\((?<![^ ]\()([^()]*)\)(?![^ ])|{_BRACKETS.pattern}")
_PARTS = re.compile("[*\ue000-\ue7ff]| ?\\.\\.\\d{0,2} ?|.\\?")
_GAPS = re.compile(r"\W+")
