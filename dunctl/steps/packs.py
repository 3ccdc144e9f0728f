"""Packs of contact rules: when, how often and by which way somebody may be asked for money.

A pack is a TOML file of rules that share a scope: whose debt, who owes, where they are. A rule has
a kind with its parameters (``KINDS``, a closed set), a level, its source and a date. Nothing here
applies a rule: this reads packs, proves them well-formed and picks those that bind.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Annotated, Any, NamedTuple

from dunctl import dates
from dunctl.case.fields import DAY, FLAG, HOURS, TEXT, Key, Kind, choice, closest, whole
from dunctl.case.records import CHANNELS, HOLDS, ROLES, Contact, Debtor, keys
from dunctl.errors import Refused
from dunctl.words import t


def _words(cls: type[Any], key: str) -> tuple[str, ...]:
    """Return the words that a key of a case file may have."""
    enum = keys(cls)[key][1].kind.schema["enum"]
    return tuple(enum) if isinstance(enum, list) else ()


DEBTOR_KINDS = _words(Debtor, "kind")
MANNERS = _words(Debtor, "manner")
PURPOSES = _words(Contact, "purpose")
LEVELS = ("warn", "block")

CREDITOR_ROLES: Mapping[str, str] = {
    "own_debt": "collects what is owed to itself",
    "third_party": "collects for others, such as an agency",
    "debt_buyer": "bought the debt when it was already in default",
    "regulated_lender": "lends under financial supervision, or collects for such a lender",
}
"""Who we are to the debt."""

AUTHORITIES: Mapping[str, str] = {
    "statute": "a statute, a regulation, or a binding rule of a supervisor",
    "guideline": "guidance of an authority, or a code of a trade body",
    "draft": "a draft; not in force as far as known",
    "practice": "good practice of the field, by its row, or our own decision where it says so",
}
"""What stands behind a rule."""

COUNTS: Mapping[str, str] = {
    "unanswered": "a call of ours that nobody took, or that was rejected",
    "voicemail": "a message left for them",
    "third_party": "a call of ours that somebody else took",
    "wrong_number": "a call of ours to a number that is not theirs",
    "conversation": "a contact of ours in which they were spoken with, by phone, chat or visit",
    "incoming": "one that they began and in which they were spoken with",
    "asked": "also those for which they had asked; without this word they are not counted",
    "locate": "also those made only to find the debtor; without this word they are not counted",
    "visit": "a visit, met or not",
    "letter": "a letter of ours",
    "sms": "a text message of ours",
    "email": "an e-mail of ours",
    "fax": "a fax of ours",
    "chat": "a chat message of ours",
}
"""What a cap can count or a rest can follow; never what was for service or to verify (G25)."""

EXCEPTIONS: Mapping[str, str] = {
    "call_back": "they asked to be contacted then",
    "prefer": "it is a time that the person is known to like",
    "own_hours": "the hours recorded for the person or the debtor are open then",
    "promise_due": "a promise is due that day",
    "promise_missed": "a promise was missed and not spoken about yet",
    "reminder": "it is the reminder of a promise or of an instalment, which the policy provides",
    "reply": "it is the one answer, by the same channel, to a contact of theirs",
    "service": "it is not about getting paid: the purpose is service or verify",
    "remedy_notice": "it is a letter that ends our efforts or announces a certain legal step",
}
"""When a rule does not stand in the way."""


def several(words: Iterable[str]) -> Kind:
    """Return the kind that is a list of ``words``, without repetition."""
    known = list(words)
    one = choice(*known)

    def read_list(value: object) -> tuple[str, ...]:
        if not isinstance(value, list):
            raise ValueError(t("must be a list of words in quotes"))
        if not value:
            raise ValueError(t("must not be empty: that would never match; leave the key out"))
        return tuple(dict.fromkeys(one.read(item) for item in value))

    items = {"type": "array", "minItems": 1, "items": one.schema}
    return Kind("list of " + ", ".join(f"`{word}`" for word in known), read_list, items)


def _places(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise ValueError(t("must be a list such as {example}", example='["AU", "US-MA"]'))
    for place in value:
        if not isinstance(place, str) or not re.fullmatch("[A-Z]{2}(-[A-Z0-9]{1,3})?", place):
            raise ValueError(
                t(
                    "must be countries or subdivisions of ISO 3166, such as {example}: {place}",
                    example='["AU", "US-MA"]',
                    place=place,
                )
            )
    return tuple(dict.fromkeys(value))


def _listed(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise ValueError(t("must be a list of days of the year in quotes"))
    days_of_year(value, 2001)
    return tuple(value)


def _name(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", value):
        raise ValueError(t("must be a name of small letters, digits and single dashes"))
    return value


def days_of_year(days: Iterable[str], year: int) -> frozenset[date]:
    """Return the dates that a list of days stands for in a year.

    ``12-25``; ``07-01 sun+1``, the day after if it is a Sunday; ``easter-2``; ``mon>=09-01``, the
    first Monday from then on; ``mon<=05-24``, the last one until then. ``ValueError`` otherwise.
    """
    return frozenset(_day_of_year(text, year) for text in days)


def _day_of_year(text: str, year: int) -> date:
    if fixed := re.fullmatch(r"(\d\d)-(\d\d)( sun\+1)?", text):
        day = date(year, int(fixed[1]), int(fixed[2]))
        return day + timedelta(days=1) if fixed[3] and day.weekday() == 6 else day
    if moving := re.fullmatch(r"easter([+-]\d{1,2})?", text):
        from dateutil.easter import easter

        return easter(year) + timedelta(days=int(moving[1] or 0))
    near = re.fullmatch(r"([a-z]{3})([<>])=(\d\d)-(\d\d)", text)
    weekday = dates.weekday_number(near[1]) if near else None
    if near is None or weekday is None:
        raise ValueError(
            t(
                '"{text:.20}" is no day of the year: write 12-25, easter-2 or mon>=09-01',
                text=text,
            )
        )
    day = date(year, int(near[3]), int(near[4]))
    if near[2] == ">":
        return day + timedelta(days=(weekday - day.weekday()) % 7)
    return day - timedelta(days=(day.weekday() - weekday) % 7)


NAME = Kind("name", _name, {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"})
PLACES = Kind(
    "list of countries or subdivisions, ISO 3166",
    _places,
    {"type": "array", "minItems": 1, "items": {"type": "string"}},
)
DAYS_OF_YEAR = Kind(
    "list of days of the year, such as `12-25`, `07-01 sun+1`, `easter-2`, `mon>=09-01`",
    _listed,
    {"type": "array", "items": {"type": "string"}},
)
_COUNTED = Key(several(COUNTS), "what is counted, see below", required=True)
_AFTER = Key(several(COUNTS), "after what, see below", required=True)
_PER = Key(
    several(("person", "debt")),
    "counted for each person, for each debt (the case), or for each person and debt",
    required=True,
)
_CONSENT = Key(
    whole(1, 366),
    "for so many days, the day of asking first, a contact they asked for is free of this rule; "
    "talking with them ends that",
)


class Hours(NamedTuple):
    """Contact only within these hours of the debtor's local time."""

    open: Annotated[str, Key(HOURS, "when contact is allowed", required=True)]


class Lunch(NamedTuple):
    """No contact in the lunch break: the recorded one, or else this."""

    closed: Annotated[str, Key(HOURS, "where no lunch is recorded", required=True)]


class Weekday(NamedTuple):
    """No contact on these days of the debtor's week."""

    closed: Annotated[str, Key(HOURS, "the days, such as `sat-sun`", required=True)]


class Holidays(NamedTuple):
    """No contact on public holidays where the debtor is."""

    calendar: Annotated[
        str,
        Key(
            choice("national", "regional", "listed"),
            "those of the country, also those of its subdivision, or only `days`",
            required=True,
        ),
    ]
    days: Annotated[tuple[str, ...], Key(DAYS_OF_YEAR, "which, if they are listed")] = ()


class Zones(NamedTuple):
    """Where several time zones are possible, the hours must be open in all of them."""


class QuietHours(NamedTuple):
    """No contact at times that the person asked us to avoid."""


class AttemptsCap(NamedTuple):
    """No more than so many attempts within a time; this contact would be one of them."""

    at_most: Annotated[int, Key(whole(1, 1000), "how many", required=True)]
    counts: Annotated[tuple[str, ...], _COUNTED]
    per: Annotated[tuple[str, ...], _PER]
    days: Annotated[int | None, Key(whole(1, 366), "in so many days, the day itself last")] = None
    calendar_month: Annotated[bool, Key(FLAG, "in the calendar month, instead of days")] = False
    once_spoken: Annotated[bool, Key(FLAG, "only after a first conversation")] = False
    consent_days: Annotated[int | None, _CONSENT] = None


class Cooldown(NamedTuple):
    """A rest after something: next contact so many days later, the day itself being the first."""

    days: Annotated[int, Key(whole(1, 366), "how many", required=True)]
    after: Annotated[tuple[str, ...], _AFTER]
    per: Annotated[tuple[str, ...], _PER]
    working: Annotated[bool, Key(FLAG, "working days")] = False
    consent_days: Annotated[int | None, _CONSENT] = None


class Spacing(NamedTuple):
    """A pause between two attempts of one day."""

    minutes: Annotated[int, Key(whole(1, 1440), "at least", required=True)]
    after: Annotated[tuple[str, ...], _AFTER]
    per: Annotated[tuple[str, ...], _PER]


class Holding(NamedTuple):
    """No contact while something freezes the case."""

    holds: Annotated[
        tuple[str, ...],
        Key(
            several(HOLDS),
            "kinds of hold; `plan` also while a plan is up to date, `dispute` also while "
            "everything open is disputed",
            required=True,
        ),
    ]
    roles: Annotated[
        tuple[str, ...], Key(several(ROLES), "people who may be contacted all the same")
    ] = ()


class PromiseRunning(NamedTuple):
    """No contact while a promise to pay is not yet due."""


class Place(NamedTuple):
    """No contact at a place."""

    where: Annotated[str, Key(choice("work"), "the person's place of work", required=True)]
    if_asked: Annotated[bool, Key(FLAG, "only if they do not want it (`no_work_calls`)")] = False
    open: Annotated[str | None, Key(HOURS, "hours in which it is allowed there")] = None


class ThirdParty(NamedTuple):
    """People who are not to hear of the debt."""

    roles: Annotated[tuple[str, ...], Key(several(ROLES), "who they are", required=True)]
    at_most: Annotated[
        int | None, Key(whole(0, 100), "how often one of them may be spoken with at all")
    ] = None
    purposes: Annotated[
        tuple[str, ...], Key(several(PURPOSES), "for what; without it, anything but the debt")
    ] = ()


class Visit(NamedTuple):
    """Limits to visits."""

    manners: Annotated[
        tuple[str, ...], Key(several(MANNERS), "none where the debtor's manner is one of these")
    ] = ()
    last_resort: Annotated[bool, Key(FLAG, "only when another channel was tried before")] = False


class Consent(NamedTuple):
    """Only if they asked for contact in this way, or used it themselves."""


class Number(NamedTuple):
    """Only to numbers that are theirs."""

    after_wrong: Annotated[
        bool, Key(FLAG, "not after a wrong number, until the person's number is verified anew")
    ] = False
    unverified: Annotated[bool, Key(FLAG, "not before the person's number is verified")] = False


class LeadLetter(NamedTuple):
    """A letter goes first, and then so many whole days pass."""

    wait_days: Annotated[int, Key(whole(1, 366), "days after the day of the letter", required=True)]


What = (
    Hours
    | Lunch
    | Weekday
    | Holidays
    | Zones
    | QuietHours
    | AttemptsCap
    | Cooldown
    | Spacing
    | Holding
    | PromiseRunning
    | Place
    | ThirdParty
    | Visit
    | Consent
    | Number
    | LeadLetter
)

KINDS: Mapping[str, type[What]] = {
    "hours": Hours,
    "lunch": Lunch,
    "weekday": Weekday,
    "holidays": Holidays,
    "zones": Zones,
    "quiet_hours": QuietHours,
    "attempts_cap": AttemptsCap,
    "cooldown": Cooldown,
    "spacing": Spacing,
    "hold": Holding,
    "promise": PromiseRunning,
    "place": Place,
    "third_party": ThirdParty,
    "visit": Visit,
    "consent": Consent,
    "number": Number,
    "lead_letter": LeadLetter,
}
"""The closed set of what a rule can demand; a kind without keys is an empty, hence false, tuple."""


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


_PACK: Mapping[str, Key] = {
    "format": Key(whole(1, 1), "the format of the file, 1", required=True),
    "title": Key(TEXT, "what it is", required=True),
    "as_of": Key(DAY, "the day of the last comparison with the sources"),
    "default": Key(FLAG, "whether it binds by its scope, without being chosen", required=True),
    "note": Key(TEXT, "anything worth knowing"),
}
_SCOPE: Mapping[str, Key] = {
    "roles": Key(several(CREDITOR_ROLES), "what we are; without it, anything"),
    "kinds": Key(several(DEBTOR_KINDS), "what the debtor is; without it, anything"),
    "places": Key(PLACES, "where the debtor is; without it, anywhere"),
}
_RULE: Mapping[str, Key] = {
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
    head = _values(_PACK, data, name, problems, {"scope", "rule"})
    scope_data = data.get("scope", {})
    if not isinstance(scope_data, Mapping):
        problems.append(t("{where}: scope must be a table, [scope]", where=name))
        scope_data = {}
    limits = _values(_SCOPE, scope_data, f"{name} [scope]", problems)
    scope = Scope(
        limits.get("roles", tuple(CREDITOR_ROLES)),
        limits.get("kinds", DEBTOR_KINDS),
        limits.get("places", ()),
    )
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
    common = _values(_RULE, data, where, problems, set(demanded) if cls else set(data))
    params = _values(demanded, data, where, problems, set(data))
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


def _values(
    known: Mapping[str, Key],
    data: Mapping[str, Any],
    where: str,
    problems: list[str],
    others: Collection[str] = (),
) -> dict[str, Any]:
    """Read the known keys of a table; a problem for each that is missing, wrong or neither's."""
    values = {}
    for name, key in known.items():
        if name not in data:
            if key.required:
                problems.append(
                    t(
                        "{where}: {key} is missing: {meaning}",
                        where=where,
                        key=name,
                        meaning=key.meaning,
                    )
                )
            continue
        try:
            values[name] = key.kind.read(data[name])
        except ValueError as error:
            problems.append(f"{where}: {name} {error}")
    for name in data:
        if name not in known and name not in others:
            near = closest(name, [*known, *others])
            problems.append(t("{where}: there is no key {key}", where=where, key=name) + near)
    return values


def _fault(what: What) -> str | None:
    """Return what is wrong with parameters that are each right by themselves."""
    match what:
        case Hours() if _inside(_WEEK, what.open):
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


def prove(packs: Sequence[Pack], countries: Collection[str] = ()) -> list[str]:
    """Return a sentence for each thing wrong with ``packs``, in their order.

    What could not be read; ids used twice; rules that can never matter, because another of the same
    pack and kind is at least as strict wherever they apply, or because the pack is about others;
    unverified rules that block; packs for a country that is not among ``countries`` (if given).
    """
    found: list[str] = []
    for nth, pack in enumerate(packs):
        found += pack.problems
        if pack.id in {other.id for other in packs[:nth]}:
            found.append(t("{where}: there are two packs of this name", where=pack.id))
        for place in pack.scope.places:
            if countries and place[:2] not in countries:
                found.append(
                    t(
                        "{where}: its scope never matches: there is no country {place}",
                        where=pack.id,
                        place=place[:2],
                    )
                    + closest(place[:2], sorted(countries))
                )
        for index, rule in enumerate(pack.rules):
            found += [f"{reason(pack, rule)}: {what}" for what in _doubts(pack, rule, index)]
    return found


def _doubts(pack: Pack, rule: Rule, index: int) -> list[str]:
    found = []
    if rule.id in {other.id for other in pack.rules[:index]}:
        found.append(t("two rules of the pack have this id"))
    if rule.level == "block" and rule.confidence == "unverified":
        found.append(t("an unverified rule must not block: write level = warn"))
    if not set(rule.debtors) & set(pack.scope.kinds):
        kinds = ", ".join(rule.debtors)
        found.append(t("never applies: the pack is not about {kinds}", kinds=kinds))
    for other_index, other in enumerate(pack.rules):
        if other_index == index or not _shadows(other, rule):
            continue
        if other_index < index or not _shadows(rule, other):
            found.append(
                t(
                    "never matters: {other} is at least as strict wherever it applies",
                    other=other.id,
                )
            )
            break
    return found


def _shadows(other: Rule, rule: Rule) -> bool:
    return (
        other.kind == rule.kind
        and set(other.channels) >= set(rule.channels)
        and set(other.debtors) >= set(rule.debtors)
        and set(other.unless) <= set(rule.unless)
        and LEVELS.index(other.level) >= LEVELS.index(rule.level)
        and (other.confidence == "verified" or rule.confidence == "unverified")
        and _stricter(other.what, rule.what)
    )


_WEEK = "mon-sun"


def _inside(inner: str, outer: str) -> bool:
    """Return whether all of ``inner``, in hours of the week, is within ``outer``."""
    return not dates.subtract(
        [(day * 1440 + start, day * 1440 + end) for day, start, end in dates.parse_hours(inner)],
        [(day * 1440 + start, day * 1440 + end) for day, start, end in dates.parse_hours(outer)],
    )


def _stricter(a: What, b: What) -> bool:
    """Return whether ``a`` forbids whatever ``b`` forbids; both are of one kind."""
    match a, b:
        case Hours() as x, Hours() as y:
            return _inside(x.open, y.open)
        case (Lunch() | Weekday()) as x, (Lunch() | Weekday()) as y:
            return _inside(y.closed, x.closed)
        case Holidays() as x, Holidays() as y:
            wider = (x.calendar, y.calendar) == ("regional", "national")
            return wider or (x.calendar == y.calendar and set(x.days) >= set(y.days))
        case AttemptsCap() as x, AttemptsCap() as y:
            return x.at_most <= y.at_most and _counts_all(x, y)
        case Cooldown() as x, Cooldown() as y:
            return (
                x.days >= y.days
                and x.working >= y.working
                and set(x.after) >= set(y.after)
                and set(x.per) <= set(y.per)
                and _no_freer(x.consent_days, y.consent_days)
            )
        case Spacing() as x, Spacing() as y:
            return (
                x.minutes >= y.minutes and set(x.after) >= set(y.after) and set(x.per) <= set(y.per)
            )
        case Holding() as x, Holding() as y:
            return set(x.holds) >= set(y.holds) and set(x.roles) <= set(y.roles)
        case Place() as x, Place() as y:
            fewer = x.open is None or (y.open is not None and _inside(x.open, y.open))
            return x.where == y.where and x.if_asked <= y.if_asked and fewer
        case ThirdParty() as x, ThirdParty() as y:
            rarer = y.at_most is None or (x.at_most is not None and x.at_most <= y.at_most)
            nothing = x.at_most == 0
            less = not y.purposes or (bool(x.purposes) and set(x.purposes) <= set(y.purposes))
            return set(x.roles) >= set(y.roles) and (nothing or (rarer and less))
        case Visit() as x, Visit() as y:
            return set(x.manners) >= set(y.manners) and x.last_resort >= y.last_resort
        case Number() as x, Number() as y:
            return x.after_wrong >= y.after_wrong and x.unverified >= y.unverified
        case LeadLetter() as x, LeadLetter() as y:
            return x.wait_days >= y.wait_days
    return True


def _counts_all(x: AttemptsCap, y: AttemptsCap) -> bool:
    """Return whether ``x`` counts, in one of its windows, all that ``y`` counts in one of its."""
    if y.days is None:
        longer = x.calendar_month or (x.days or 0) >= 31
    else:
        longer = x.days is not None and x.days >= y.days
        longer = longer or (x.calendar_month and y.days == 1)
    return (
        longer
        and set(x.counts) >= set(y.counts)
        and set(x.per) <= set(y.per)
        and x.once_spoken <= y.once_spoken
        and _no_freer(x.consent_days, y.consent_days)
    )


def _no_freer(x: int | None, y: int | None) -> bool:
    return x is None or (y is not None and x <= y)


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


def as_markdown(packs: Sequence[Pack]) -> str:
    """Return the page that shows every pack and rule, and explains the words they are made of."""
    parts = [
        "# The contact rules\n\n"
        "Before somebody is asked for money, the packs of rules that apply to the case are gone\n"
        "through: some rules only **warn**, others **block**. `house` is for everybody; the\n"
        "others apply by their scope: what we are to the debt, what the debtor is, where it is.\n"
        "This is not legal advice.\n\n"
        "A rule is *verified* when its source was seen to say so on the day given. An\n"
        "*unverified* one only warns, and only if you choose it. The choice is a list of words:\n"
        "`auto` is what applies by scope, `us-regf` a whole pack, `us-regf/seven-calls` one rule\n"
        "of it, `-house/lunch` takes one away. A pack chosen for a case that it does not bind\n"
        "only warns.\n\n"
        "This page is made from `dunctl/policies/packs/` by `make docs`.\n"
    ]
    parts += [_pack_section(pack) for pack in packs]
    parts += ["## What a rule is made of\n", _keys_section("A pack", _PACK)]
    parts += [_keys_section("`[scope]`", _SCOPE), _keys_section("`[[rule]]`", _RULE)]
    for kind, cls in KINDS.items():
        known = {name: pair[1] for name, pair in keys(cls).items()}
        parts.append(_keys_section(f'`kind = "{kind}"`', known, cls.__doc__ or ""))
    for title, words in (
        ("`roles` of a scope", CREDITOR_ROLES),
        ("`authority`", AUTHORITIES),
        ("`counts` and `after`", COUNTS),
        ("`unless`", EXCEPTIONS),
    ):
        rows = "\n".join(f"- `{word}`: {meaning}" for word, meaning in words.items())
        parts.append(f"### {title}\n\n{rows}\n")
    return "\n".join(parts)


def _pack_section(pack: Pack) -> str:
    what_we_are = _all_or(pack.scope.roles, CREDITOR_ROLES, "of any role")
    who_owes = _all_or(pack.scope.kinds, DEBTOR_KINDS, "of any kind")
    where = ", ".join(pack.scope.places) or "anywhere"
    scope = f"Creditor: {what_we_are}. Debtor: {who_owes}, {where}."
    if not pack.default:
        scope += " Only if chosen."
    rows = "\n".join(_rule_row(pack, rule) for rule in pack.rules)
    return (
        f"## {pack.id}\n\n{pack.title}\n\n{scope}\n\n"
        "| rule | level | what | channels | source | confidence | as of |\n"
        "|---|---|---|---|---|---|---|\n"
        f"{rows}\n"
    )


def _all_or(words: Sequence[str], known: Collection[str], otherwise: str) -> str:
    return otherwise if len(words) == len(known) else ", ".join(words)


def _rule_row(pack: Pack, rule: Rule) -> str:
    what = f"{rule.title}; `{rule.kind}`"
    for name, value in rule.what._asdict().items():
        if value is True:
            what += f", {name}"
        elif value:
            shown = ", ".join(value) if isinstance(value, tuple) else str(value)
            what += f", {name}: {shown}"
        elif value == 0 and value is not False:
            what += f", {name}: 0"
    if rule.unless:
        what += f"; unless {', '.join(rule.unless)}"
    if rule.debtors != pack.scope.kinds:
        what += f"; only {', '.join(rule.debtors)}"
    if rule.note:
        what += f" ({rule.note})"
    cells = (
        f"`{rule.id}`",
        rule.level,
        what,
        _all_or(rule.channels, CHANNELS, "all"),
        rule.source if rule.authority == "practice" else f"{rule.authority}: {rule.source}",
        rule.confidence,
        rule.as_of.isoformat(),
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _keys_section(title: str, known: Mapping[str, Key], meaning: str = "") -> str:
    text = f"### {title}\n"
    if meaning:
        text += f"\n{' '.join(meaning.split())}\n"
    if known:
        text += "\n| key | value | meaning |\n|---|---|---|\n"
    for name, key in known.items():
        needed = " (required)" if key.required else ""
        text += f"| `{name}` | {key.kind.title} | {key.meaning}{needed} |\n"
    return text
