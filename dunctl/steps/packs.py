"""Packs of contact rules: when, how often and by which way somebody may be asked for money.

A pack is a TOML file of rules that share a scope: whose debt, who owes, where they are. A rule has
a kind with its parameters (``packs_kinds.KINDS``, a closed set), a level, its source and a date.
Nothing here applies a rule: this reads packs and picks those that bind.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from dunctl.case.fields import DAY, FLAG, TEXT, Key, choice, closest, whole
from dunctl.case.records import keys
from dunctl.case.vocabulary import CHANNELS, CREDITOR_ROLES
from dunctl.errors import Refused
from dunctl.owed.sourced import DEBTOR_KINDS, PLACES, several, values
from dunctl.steps.packs_kinds import (
    AUTHORITIES,
    EXCEPTIONS,
    KINDS,
    LEVELS,
    NAME,
    AttemptsCap,
    Holidays,
    Hours,
    Number,
    ThirdParty,
    Visit,
    What,
    inside,
)
from dunctl.tuples import NamedTuple
from dunctl.words import t


class Scope(NamedTuple):
    """Whom a pack binds: our role, the kind of debtor, where the debtor is (empty: anywhere)."""

    roles: tuple[str, ...]
    kinds: tuple[str, ...]
    places: tuple[str, ...]


class Rule(NamedTuple):
    """One rule; ``what`` has the parameters of its ``kind``.

    It concerns these ``channels`` and kinds of ``debtors``, and nothing where one of its ``unless``
    (``EXCEPTIONS``) is given; it was last compared with its ``source`` on ``as_of``.
    """

    id: str
    title: str
    kind: str
    what: What
    level: str
    channels: tuple[str, ...]
    unless: tuple[str, ...]
    debtors: tuple[str, ...]
    authority: str
    source: str
    as_of: date
    confidence: str
    note: str | None = None


class Pack(NamedTuple):
    """Rules of one scope; ``default`` packs bind by their scope, others only if chosen.

    ``problems`` says what could not be read. ``advisory`` is set by ``applying``: the pack was
    chosen for a case that it does not bind, so its rules only warn.
    """

    id: str
    title: str
    scope: Scope
    default: bool
    as_of: date | None
    rules: tuple[Rule, ...]
    problems: tuple[str, ...] = ()
    advisory: bool = False


PACK_KEYS: Mapping[str, Key] = {
    "format": Key(whole(1, 1), "the format of the file, 1", required=True),
    "title": Key(TEXT, "what it is", required=True),
    "as_of": Key(DAY, "the day of the last comparison with the sources"),
    "default": Key(FLAG, "whether it binds by its scope, without being chosen", required=True),
    "note": Key(TEXT, "anything worth knowing"),
}
SCOPE_KEYS: Mapping[str, Key] = {
    "roles": Key(several(CREDITOR_ROLES), "what we are; without it, anything"),
    "kinds": Key(several(DEBTOR_KINDS), "what the debtor is; without it, anything"),
    "places": Key(PLACES, "where the debtor is; without it, anywhere"),
}
RULE_KEYS: Mapping[str, Key] = {
    "id": Key(NAME, "its name in the pack", required=True),
    "title": Key(TEXT, "what it demands, in a line", required=True),
    "kind": Key(choice(*KINDS), "what it demands, see below", required=True),
    "level": Key(choice(*LEVELS), "whether it warns or blocks", required=True),
    "channels": Key(several(CHANNELS), "the channels concerned; without it, all"),
    "unless": Key(several(EXCEPTIONS), "when it does not stand in the way, see below"),
    "debtors": Key(several(DEBTOR_KINDS), "kinds of debtors, if not all of the pack's"),
    "authority": Key(choice(*AUTHORITIES), "what stands behind it", required=True),
    "source": Key(TEXT, "where it is written, as one would cite it", required=True),
    "as_of": Key(DAY, "the day of the last comparison with the source; without it, the pack's"),
    "confidence": Key(
        choice("verified", "unverified"), "whether the source was seen to say so", required=True
    ),
    "note": Key(TEXT, "anything worth knowing"),
}


def reason(pack: Pack, rule: Rule) -> str:
    """Return the id by which an answer names a rule, and a choice picks it: ``us-regf/hours``."""
    return f"{pack.id}/{rule.id}"


def read(data: Mapping[str, Any], name: str) -> Pack:
    """Turn a pack's TOML data into the record; ``name`` is the stem of its file.

    Never raises: what cannot be read is a sentence in ``problems``, and a rule that has one is left
    out of ``rules``. ``applying`` refuses to work with such a pack.
    """
    problems: list[str] = []
    head = values(PACK_KEYS, data, name, problems, {"scope", "rule"})
    scope = scope_of(data, name, problems)
    rules = []
    tables = data.get("rule", [])
    if not isinstance(tables, list) or not tables:
        problems.append(t("{where}: has no rules; write [[rule]]", where=name))
        tables = []
    for nth, table in enumerate(tables, 1):
        rule = _rule(table, f"{name}/{_id_of(table) or f'#{nth}'}", scope, head, problems)
        if rule:
            rules.append(rule)
    return Pack(
        name,
        head.get("title", name),
        scope,
        head.get("default", False),
        head.get("as_of"),
        tuple(rules),
        tuple(problems),
    )


def scope_of(data: Mapping[str, Any], name: str, problems: list[str]) -> Scope:
    """Return whom the pack in TOML data is about; what cannot be read joins ``problems``."""
    table = data.get("scope", {})
    if not isinstance(table, Mapping):
        problems.append(t("{where}: scope must be a table, [scope]", where=name))
        table = {}
    limits = values(SCOPE_KEYS, table, f"{name} [scope]", problems)
    return Scope(
        limits.get("roles", tuple(CREDITOR_ROLES)),
        limits.get("kinds", DEBTOR_KINDS),
        limits.get("places", ()),
    )


def _id_of(table: object) -> str:
    return str(table.get("id", "")) if isinstance(table, Mapping) else ""


def _rule(
    data: object, where: str, scope: Scope, head: Mapping[str, Any], problems: list[str]
) -> Rule | None:
    if not isinstance(data, Mapping):
        problems.append(t("{where}: must be a table, [[rule]]", where=where))
        return None
    before = len(problems)
    cls = KINDS.get(str(data.get("kind")))
    demanded = {key: pair[1] for key, pair in keys(cls).items()} if cls else {}
    common = values(RULE_KEYS, data, where, problems, set(demanded) if cls else set(data))
    params = values(demanded, data, where, problems, set(data))
    as_of = common.get("as_of") or head.get("as_of")
    if as_of is None and "as_of" not in data:
        problems.append(t("{where}: as_of is missing, here and in the pack", where=where))
    if cls is None or as_of is None or len(problems) > before:
        return None
    what = cls(**params)
    fault = _fault(what)
    if fault:
        problems.append(f"{where}: {fault}")
        return None
    return Rule(
        common["id"],
        common["title"],
        common["kind"],
        what,
        common["level"],
        common.get("channels", CHANNELS),
        common.get("unless", ()),
        common.get("debtors", scope.kinds),
        common["authority"],
        common["source"],
        as_of,
        common["confidence"],
        common.get("note"),
    )


def _fault(what: What) -> str | None:
    """Return what is wrong with parameters that are each right by themselves."""
    match what:
        case Hours() if inside("mon-sun", what.open):
            return t("open all the week, it forbids nothing")
        case Holidays() if (what.calendar == "listed") != bool(what.days):
            return t("days must be given with calendar = listed, and only then")
        case AttemptsCap() if (what.days is None) != what.calendar_month:
            return t("either days or calendar_month must be given")
        case ThirdParty() if what.at_most is None and not what.purposes:
            return t("either at_most or purposes must be given")
        case Visit() if not what.manners and not what.last_resort:
            return t("either manners or last_resort must be given")
        case Number() if not what.after_wrong and not what.unverified:
            return t("either after_wrong or unverified must be true")
    return None


def binds(scope: Scope, creditor_role: str, debtor_kind: str) -> bool:
    """Return whether a scope is about a creditor of this role and a debtor of this kind."""
    return creditor_role in scope.roles and debtor_kind in scope.kinds


def is_there(scope: Scope, country: str | None, subdivision: str | None) -> bool:
    """Return whether a debtor is in a scope; ``subdivision`` is ``US-MA`` or, in the US, ``MA``."""
    if not scope.places:
        return True
    full = subdivision or ""
    if country and full and not full.startswith(f"{country}-"):
        full = f"{country}-{full}"
    return bool({country or full[:2], full} & set(scope.places))


def applying(
    packs: Sequence[Pack],
    creditor_role: str,
    debtor_kind: str,
    country: str | None,
    subdivision: str | None,
    chosen: Sequence[str] | None = None,
) -> list[Pack]:
    """Return the packs that apply to a debtor, each with just the rules that do.

    Without ``chosen``, or for its word ``auto``, those whose scope fits, without unverified rules.
    ``us-regf`` adds a whole pack and ``us-regf/seven-calls`` a rule of it, unverified or not, where
    the debtor is in its places; ``-au`` or ``-house/lunch`` takes one away (a list of nothing else
    starts from ``auto``). A pack that is there only by choice is ``advisory`` and warns. Raises
    ``Refused`` for names that are not there and for packs that could not be read.
    """
    if creditor_role not in CREDITOR_ROLES:
        raise Refused(
            t(
                "{role} is no role of a creditor: write {roles}",
                role=creditor_role,
                roles=", ".join(CREDITOR_ROLES),
            )
        )
    here = [pack for pack in packs if is_there(pack.scope, country, subdivision)]
    binding = {pack.id for pack in here if binds(pack.scope, creditor_role, debtor_kind)}
    automatic = [pack for pack in here if pack.default and pack.id in binding]
    words = ["auto"] if chosen is None else list(chosen)
    if words and all(word.startswith("-") for word in words):
        words.insert(0, "auto")
    used: set[str] = set()
    picked: set[str] = set()
    for word in words:
        if word == "auto":
            used |= {pack.id for pack in automatic}
            picked |= {
                reason(pack, rule)
                for pack in automatic
                for rule in pack.rules
                if rule.confidence == "verified"
            }
        elif word.startswith("-"):
            used.discard(word[1:])
            picked -= _named(packs, word[1:])
        else:
            used.add(word.partition("/")[0])
            picked |= _named(packs, word)
    found = []
    for pack in here:
        if pack.problems and pack.id in used:
            raise Refused(pack.problems[0] + "; " + t("see `dunctl policy check`"))
        advisory = pack.id not in binding
        rules = [
            rule._replace(level="warn") if advisory else rule
            for rule in pack.rules
            if reason(pack, rule) in picked
            and (debtor_kind in rule.debtors or (advisory and rule.debtors == pack.scope.kinds))
        ]
        if rules:
            found.append(pack._replace(rules=tuple(rules), advisory=advisory))
    return found


def _named(packs: Sequence[Pack], word: str) -> set[str]:
    rules = {reason(pack, rule) for pack in packs for rule in pack.rules}
    names = rules | {pack.id for pack in packs}
    if word not in names:
        raise Refused(
            t("there is no pack or rule {name}", name=word) + closest(word, sorted(names))
        )
    return {name for name in rules if name == word or name.startswith(f"{word}/")}
