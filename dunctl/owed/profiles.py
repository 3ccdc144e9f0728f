"""Interest profiles: by which rule a debt bears interest, and which rule a case falls under.

A profile is a TOML file of switches (a closed set each) with its scope, source and day. The clause
of a contract comes before the statute; where neither covers the debtor there is no interest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dunctl.case.fields import AMOUNT, CURRENCY, DAY, FLAG, TEXT, Key, Kind, choice, closest, whole
from dunctl.case.records import Case
from dunctl.case.vocabulary import CREDITOR_ROLES
from dunctl.owed.law import PARTS
from dunctl.owed.rates import RateUnknown, Series, rate_on
from dunctl.owed.sourced import CURRENCIES, DEBTOR_KINDS, PLACES, number, several, values
from dunctl.tuples import NamedTuple
from dunctl.words import t

if TYPE_CHECKING:
    from dunctl.owed.law import Law

ZERO = Decimal(0)
ONE = Decimal(1)
FOLDER = "policies/interest"

RATE_MODES: Mapping[str, str] = {
    "fixed_at_start": "the rate of the day from which interest runs, for as long as it runs",
    "floating_half_year": "each half-year at its own rate",
    "floating_daily": "each day at its own rate",
}
REFERENCES: Mapping[str, str] = {
    "same_day": "the rate on that day",
    "half_year": "the rate on 1 January or 1 July before it",
    "half_year_eve": "the rate on 31 December or 30 June before it",
    "contract": "the rate on the day of the contract, `terms.signed`",
}
FIRST_DAYS: Mapping[str, str] = {
    "after_due": "the day after the due day",
    "after_30_days": "the day after 30 days from the due day or, if later, the receipt",
}
LAST_DAYS: Mapping[str, str] = {
    "inclusive": "the day asked about bears interest",
    "exclusive": "the day asked about bears none: the first day counts, the last does not",
}
DAY_COUNTS: Mapping[str, str] = {
    "act/365": "days over 365",
    "act/act": "days over 365, or over 366 in a leap year",
    "act/360": "days over 360",
    "30/360": "months of 30 days over 360",
}
ROUNDINGS: Mapping[str, str] = {
    "end": "once, at the end, half up",
    "per_segment": "each period for itself, half up",
    "daily_rate_rounded": "the amount of one day, half up, times the days",
}
COMPOUNDS: Mapping[str, str] = {
    "never": "interest bears no interest",
    "yearly": "what is unpaid after each year bears interest",
    "monthly": "what is unpaid after each month bears interest",
}

AMONGS: Mapping[str, str] = {
    "oldest": "the oldest due, and of one due day the lowest number",
    "de366": "BGB 366: the oldest due, and in proportion where several are due on one day",
    "cn560": "民法典 560: the earliest due, and in proportion where several are due on one day",
}


class Bound(NamedTuple):
    """A limit to the rate: ``factor`` times a series, on the day that ``reference`` says.

    For a contract made before ``changed_on``, the limit is ``before_percent`` until the day before,
    and from that day on the limit of the day that ``then`` says: ``contract``, or ``suing``, for
    which the day asked about stands.
    """

    series: str
    factor: Decimal = ONE
    reference: str = "contract"
    changed_on: date | None = None
    before_percent: Decimal | None = None
    then: str = "contract"


class Gap(NamedTuple):
    """Places that the rule reaches but our sources do not, and why."""

    laws: tuple[str, ...]
    why: str


class Profile(NamedTuple):
    """A rule of interest; the switches are words of the tables above.

    The rate is ``percent`` a year (``percent_says`` has it as it is written), or ``factor`` times
    the rate of ``series`` plus ``margin``; ``factor_most`` or ``margin_most`` leaves that open up
    to there, for ``terms.margin``.
    ``agreed`` says whether the clause of ``terms.interest`` gives the rate: ``never``, ``always``,
    or ``first`` (the rest only if there is none). Of a case (``profile_of``) the rate is filled in,
    ``contract_on`` is the day of its contract and ``basis`` the clause or the statute.

    ``fixed_sums`` are (below which debt, how much), the last without a limit; ``costs_credited``
    says that costs of recovery are owed only as far as they are more than the fixed sum.
    ``unverified`` names the switches that no source verifies.
    """

    id: str
    title: str
    basis: str
    source: str
    as_of: date | None
    confidence: str
    default: bool
    laws: tuple[str, ...]
    kinds: tuple[str, ...]
    roles: tuple[str, ...]
    currencies: tuple[str, ...]
    gaps: tuple[Gap, ...] = ()
    agreed: str = "never"
    series: str | None = None
    percent: Decimal | None = None
    percent_says: str = ""
    margin: Decimal = ZERO
    margin_most: Decimal | None = None
    factor: Decimal = ONE
    factor_most: Decimal | None = None
    rate_mode: str = "fixed_at_start"
    reference: str = "same_day"
    first_day: str = "after_due"
    last_day: str = "inclusive"
    day_count: str = "act/365"
    rounding: str = "end"
    compound: str = "never"
    order: tuple[str, ...] = PARTS
    among: str = "oldest"
    fixed_sums: tuple[tuple[Decimal | None, Decimal], ...] = ()
    fixed_sum_currency: str | None = None
    costs_credited: bool = True
    cap: Bound | None = None
    floor: Bound | None = None
    contract_on: date | None = None
    unverified: tuple[str, ...] = ()
    note: str | None = None
    problems: tuple[str, ...] = ()


def _order(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or sorted(map(str, value)) != sorted(PARTS):
        raise ValueError(
            t("must have each of {words} once, in their order", words=", ".join(PARTS))
        )
    return tuple(value)


_PERCENT = number(-10, 100)
_POSITIVE = number(0, 100)
_CONFIDENCE = choice("verified", "unverified")
_ORDER = Kind("order of `costs`, `interest`, `principal`", _order, {"type": "array"})
_PERS = ("day", "month", "year")

PROFILE_KEYS: Mapping[str, Key] = {
    "format": Key(whole(1, 1), "the format of the file, 1", required=True),
    "title": Key(TEXT, "what it is", required=True),
    "basis": Key(TEXT, "the statute, as a claim cites it", required=True),
    "source": Key(TEXT, "where its switches are written", required=True),
    "as_of": Key(DAY, "the day of the last comparison with the source", required=True),
    "confidence": Key(_CONFIDENCE, "whether the source was seen to say so", required=True),
    "default": Key(FLAG, "whether it applies by its scope, without being chosen", required=True),
    "note": Key(TEXT, "anything worth knowing"),
}
SCOPE_KEYS: Mapping[str, Key] = {
    "laws": Key(PLACES, "under which laws; without it, any"),
    "kinds": Key(several(DEBTOR_KINDS), "what the debtor is; without it, anything"),
    "roles": Key(several(CREDITOR_ROLES), "what we are, where it is not chosen; else anything"),
    "currencies": Key(CURRENCIES, "currencies of the debt; without it, any"),
}
INTEREST_KEYS: Mapping[str, Key] = {
    "agreed": Key(choice("never", "always", "first"), "whether terms.interest gives the rate"),
    "series": Key(TEXT, "the rate series"),
    "percent": Key(_POSITIVE, "a rate without a series"),
    "per": Key(choice(*_PERS), "of what time the percent are; a year by default"),
    "margin": Key(_PERCENT, "added to the rate of the series"),
    "margin_most": Key(_PERCENT, "up to which terms.margin may set it"),
    "factor": Key(_POSITIVE, "times the rate of the series"),
    "factor_most": Key(_POSITIVE, "up to which terms.margin may set it"),
    "rate_mode": Key(choice(*RATE_MODES), "whether and when the rate moves", required=True),
    "reference": Key(choice(*REFERENCES), "the rate of which day", required=True),
    "first_day": Key(choice(*FIRST_DAYS), "the first day that bears interest", required=True),
    "last_day": Key(choice(*LAST_DAYS), "the last day that bears interest", required=True),
    "day_count": Key(choice(*DAY_COUNTS), "how days are counted", required=True),
    "rounding": Key(choice(*ROUNDINGS), "when it is rounded", required=True),
    "compound": Key(choice(*COMPOUNDS), "whether interest bears interest", required=True),
    "order": Key(_ORDER, "to what money goes first within a debt", required=True),
    "among": Key(choice(*AMONGS), "to which debt money goes first; the oldest due by default"),
}
FIXED_KEYS: Mapping[str, Key] = {
    "currency": Key(CURRENCY, "its currency", required=True),
    "credited": Key(FLAG, "whether costs are owed only above it", required=True),
}
BAND_KEYS: Mapping[str, Key] = {
    "below": Key(AMOUNT, "for debts below this; without it, for all others"),
    "amount": Key(AMOUNT, "how much", required=True),
}
BOUND_KEYS: Mapping[str, Key] = {
    "series": Key(TEXT, "the rate series", required=True),
    "factor": Key(_POSITIVE, "times its rate"),
    "reference": Key(choice(*REFERENCES), "the rate of which day"),
    "changed_on": Key(DAY, "contracts made before this day have another limit until then"),
    "before_percent": Key(_POSITIVE, "that limit"),
    "then": Key(choice("contract", "suing"), "the rate of which day limits them afterwards"),
}
GAP_KEYS: Mapping[str, Key] = {
    "laws": Key(PLACES, "where", required=True),
    "why": Key(TEXT, "what is missing", required=True),
}
SWITCHES = (*INTEREST_KEYS, "fixed_sum", "cap", "floor")
_TABLES = {"scope", "interest", "fixed_sum", "cap", "floor", "gap", "unverified"}


def read(data: Mapping[str, Any], name: str) -> Profile:
    """Turn the TOML data of a profile into the record; ``name`` is the stem of its file.

    Never raises: what is wrong is a sentence in ``problems``, and ``profile_of`` does not work with
    such a profile.
    """
    problems: list[str] = []
    head = values(PROFILE_KEYS, data, name, problems, _TABLES)
    scope = values(SCOPE_KEYS, _table(data, "scope", name, problems), f"{name} [scope]", problems)
    switches = values(
        INTEREST_KEYS, _table(data, "interest", name, problems), f"{name} [interest]", problems
    )
    per = switches.pop("per", "year")
    written = switches.pop("percent", None)
    sums, currency, credited = _fixed(data, name, problems)
    gaps = []
    for table in _list(data, "gap", name, problems):
        gap = values(GAP_KEYS, table, f"{name} [[gap]]", problems)
        if set(GAP_KEYS) <= set(gap):
            gaps.append(Gap(gap["laws"], gap["why"]))
    unverified = data.get("unverified", [])
    if not isinstance(unverified, list) or not set(unverified) <= set(SWITCHES):
        problems.append(t("{where}: unverified must be a list of its switches", where=name))
        unverified = []
    profile = Profile(
        name,
        head.get("title", name),
        head.get("basis", name),
        head.get("source", ""),
        head.get("as_of"),
        head.get("confidence", "unverified"),
        head.get("default", False),
        scope.get("laws", ()),
        scope.get("kinds", DEBTOR_KINDS),
        scope.get("roles", tuple(CREDITOR_ROLES)),
        scope.get("currencies", ()),
        tuple(gaps),
        **switches,
        fixed_sums=sums,
        fixed_sum_currency=currency,
        costs_credited=credited,
        cap=_bound(data, "cap", name, problems),
        floor=_bound(data, "floor", name, problems),
        unverified=tuple(unverified),
        note=head.get("note"),
    )
    if written is not None and profile.series is not None:
        problems.append(t("{where}: series and percent exclude each other", where=name))
    elif written is not None:
        profile = at_percent(profile, written, per)
    problems += [f"{name}: {what}" for what in _faults(profile)]
    return profile._replace(problems=tuple(problems))


def _table(data: Mapping[str, Any], key: str, name: str, problems: list[str]) -> Mapping[str, Any]:
    table = data.get(key, {})
    if isinstance(table, Mapping):
        return table
    problems.append(t("{where}: {key} must be a table, [{key}]", where=name, key=key))
    return {}


def _list(
    data: Mapping[str, Any], key: str, name: str, problems: list[str]
) -> list[Mapping[str, Any]]:
    tables = data.get(key, [])
    if isinstance(tables, list) and all(isinstance(table, Mapping) for table in tables):
        return tables
    problems.append(t("{where}: {key} must be a list of tables", where=name, key=key))
    return []


def _fixed(
    data: Mapping[str, Any], name: str, problems: list[str]
) -> tuple[tuple[tuple[Decimal | None, Decimal], ...], str | None, bool]:
    if "fixed_sum" not in data:
        return (), None, True
    where = f"{name} [fixed_sum]"
    table = _table(data, "fixed_sum", name, problems)
    found = values(FIXED_KEYS, table, where, problems, {"bands"})
    bands = []
    for band in _list(table, "bands", where, problems):
        read_band = values(BAND_KEYS, band, where, problems)
        if "amount" in read_band:
            bands.append((read_band.get("below"), read_band["amount"]))
    edges = [below for below, _ in bands]
    limits = [below for below in edges[:-1] if below is not None]
    if not bands or edges[-1] is not None or sorted(set(limits)) != edges[:-1]:
        problems.append(t("{where}: bands must rise, and the last one have no below", where=where))
    return tuple(bands), found.get("currency"), found.get("credited", True)


def _bound(data: Mapping[str, Any], key: str, name: str, problems: list[str]) -> Bound | None:
    if key not in data:
        return None
    where = f"{name} [{key}]"
    found = values(BOUND_KEYS, _table(data, key, name, problems), where, problems)
    if ("changed_on" in found) != ("before_percent" in found):
        problems.append(t("{where}: changed_on and before_percent go together", where=where))
    return Bound(**found) if "series" in found else None


def at_percent(profile: Profile, percent: Decimal, per: str, clause: str = "") -> Profile:
    """Return a profile with a rate of its own, given in per cent of a day, a month or a year.

    A rate of a day is one of calendar days: 365 of them are its year.
    """
    each = {"day": t("a day"), "month": t("a month"), "year": t("a year")}[per]
    says = t("{percent} % {each}", percent=f"{percent:f}", each=each)
    return profile._replace(
        series=None,
        percent=percent * {"day": 365, "month": 12, "year": 1}[per],
        percent_says=says + (f" ({clause})" if clause else ""),
        factor=ONE,
        margin=ZERO,
        day_count="act/365" if per == "day" else profile.day_count,
    )


def _faults(profile: Profile) -> list[str]:
    """Return what is wrong with switches that are each right by themselves."""
    found = []
    rates = (profile.series is not None) + (profile.percent is not None)
    if rates != (0 if profile.agreed == "always" else 1):
        found.append(t("either series or percent must be given, or agreed be always"))
    if profile.rate_mode == "floating_half_year" and profile.reference == "contract":
        found.append(t("a rate that floats cannot be that of the contract's day"))
    if profile.rate_mode == "floating_daily" and profile.reference != "same_day":
        found.append(t("a rate that floats daily is that of the same day"))
    if profile.factor_most is not None and profile.factor_most < profile.factor:
        found.append(t("factor_most is below factor"))
    if profile.margin_most is not None and profile.margin_most < profile.margin:
        found.append(t("margin_most is below margin"))
    return found


def place_of(case: Case) -> str | None:
    """Return the law of a case as country or subdivision: that of the terms, or the debtor's."""
    if case.terms.law:
        return case.terms.law.strip().upper()
    country, part = case.debtor.country, case.debtor.subdivision
    if part and country and not part.startswith(f"{country}-"):
        return f"{country}-{part}"
    return part or country


def profile_of(case: Case, law: Law, currency: str | None = None) -> tuple[Profile | None, str]:
    """Return the profile by which a case bears interest, and why; or ``None``, and why not.

    What ``terms.profile`` names; else the clause of ``terms.interest``; else the statute of the law
    for this kind of debtor. ``currency`` is that of the debt, by default the case's. The profile is
    bound to the case: clause, margin and day of the contract are filled in.
    """
    currency = currency or case.head.currency
    place = place_of(case)
    terms = case.terms
    if terms.profile:
        chosen = law.profiles.get(terms.profile)
        if chosen is None:
            hint = closest(terms.profile, sorted(law.profiles))
            return None, t("there is no interest profile {name}", name=terms.profile) + hint
        why_not = _why_not(chosen, case, place, currency)
        if why_not:
            return None, why_not
        return _bind(chosen, case, law, t("chosen by terms.profile"))
    if terms.interest:
        clauses = [p for p in law.profiles.values() if p.agreed == "always" and p.default]
        by_clause = _best(clauses, case, place, currency)
        if by_clause is None:
            return None, t("no profile says how interest by a clause is counted")
        return _bind(by_clause, case, law, "")
    if place is None:
        return None, t(
            "no clause on interest (terms.interest), and no country by which a statute could apply "
            "(debtor.country, terms.law)"
        )
    statutes = [p for p in law.profiles.values() if p.default and p.agreed != "always"]
    fitting = [p for p in statutes if law.role in p.roles and p.confidence == "verified"]
    found = _best(fitting, case, place, currency)
    if found is None:
        return None, _why_none(case, law.role, statutes, place, currency)
    return _bind(
        found,
        case,
        law,
        t(
            "{who} under the law of {law}",
            who=_who(case.debtor.kind),
            law=_named(found.laws, place),
        ),
    )


def _why_none(case: Case, role: str, statutes: Sequence[Profile], place: str, currency: str) -> str:
    """Return why no statute gives interest, by the one that comes closest."""
    kind = case.debtor.kind
    why = t(
        "no statute that we know covers {who} under the law of {law}", who=_who(kind), law=place[:2]
    )
    here = [p for p in statutes if p.laws and _is_there(p.laws, place)]
    if here:
        near = min(here, key=lambda p: (kind not in p.kinds, role not in p.roles, p.id))
        why = _why_not(near, case, place, currency) or (
            t("{id} is unverified, so it must be chosen", id=near.id)
            if role in near.roles
            else t("{id} applies by itself only to our own debts: choose it", id=near.id)
        )
    else:
        for profile in statutes:
            for gap in profile.gaps:
                if _is_there(gap.laws, place):
                    why = f"{place}: {gap.why}"
    return f"{why}; " + t("without a clause (terms.interest) there is no interest")


def _who(kind: str) -> str:
    return {
        "company": t("a company"),
        "sole_trader": t("a sole trader"),
        "consumer": t("a consumer"),
        "public": t("a public body"),
    }[kind]


def _is_there(laws: Sequence[str], place: str | None) -> bool:
    return not laws or bool(place and {place, place[:2]} & set(laws))


def _named(laws: Sequence[str], place: str) -> str:
    return place if place in laws else place[:2]


def _best(
    profiles: Sequence[Profile], case: Case, place: str | None, currency: str
) -> Profile | None:
    """Return the profile that covers the case, the one that is for the narrowest place."""

    def narrow(profile: Profile) -> tuple[int, str]:
        return (2 if not profile.laws else int(place not in profile.laws)), profile.id

    covering = [p for p in profiles if not _uncovered(p, case, place, currency)]
    return min(covering, key=narrow, default=None)


def _why_not(profile: Profile, case: Case, place: str | None, currency: str) -> str:
    if profile.problems:
        return profile.problems[0] + "; " + t("see `dunctl policy check`")
    return _uncovered(profile, case, place, currency)


def _uncovered(profile: Profile, case: Case, place: str | None, currency: str) -> str:
    """Return why a case is not in the scope of a profile, or nothing."""
    if not _is_there(profile.laws, place):
        laws = ", ".join(profile.laws)
        law = place or t("unknown")
        return t("{id} is of the law of {laws}, not {law}", id=profile.id, laws=laws, law=law)
    if case.debtor.kind not in profile.kinds:
        return t("{id} does not cover {who}", id=profile.id, who=_who(case.debtor.kind))
    if profile.currencies and currency not in profile.currencies:
        return t(
            "{id} is known for debts in {currencies}, not {currency}",
            id=profile.id,
            currencies=", ".join(profile.currencies),
            currency=currency,
        )
    return ""


def _bind(profile: Profile, case: Case, law: Law, why: str) -> tuple[Profile | None, str]:
    """Fill in what the case decides: clause, margin, day of the contract."""
    if profile.problems:
        return None, _why_not(profile, case, None, "")
    terms = case.terms
    clause = terms.interest if profile.agreed != "never" else None
    if profile.agreed == "always" and clause is None:
        return None, t(
            "{id} counts interest by a clause, and there is none: dunctl set {case} terms.interest",
            id=profile.id,
            case=case.id,
        )
    limits = _bounds(profile) if clause else [profile.cap] if profile.cap else []
    by_contract = "contract" in (profile.reference, *(limit.reference for limit in limits))
    if by_contract and terms.signed is None:
        return None, t(
            "{id} goes by the day of the contract: dunctl set {case} terms.signed DAY",
            id=profile.id,
            case=case.id,
        )
    if terms.margin is not None:
        profile, refusal = _opened(profile, terms.margin)
        if refusal:
            return None, refusal
    bound = profile._replace(contract_on=terms.signed)
    if clause:
        named = t("clause {clause}", clause=clause.clause)
        agreed = at_percent(bound, clause.percent, clause.per, named)
        too_low = _below_floor(agreed, law)
        if too_low is None:
            contract = f"{terms.contract}, {named}" if terms.contract else named
            basis = contract if profile.agreed == "always" else f"{contract}; {profile.basis}"
            bound = agreed._replace(basis=basis)
        elif isinstance(too_low, RateUnknown):
            return None, str(too_low)
        else:
            why = f"{why}, {too_low}"
    doubtful = [name for name in bound.unverified if name != "order"]
    if doubtful:
        why += "; " + t("not verified: {switches}", switches=", ".join(doubtful))
    return bound, f"{bound.id}: {bound.basis}" + (f" ({why})" if why else "")


def _bounds(profile: Profile) -> list[Bound]:
    return [bound for bound in (profile.cap, profile.floor) if bound]


def _opened(profile: Profile, margin: Decimal) -> tuple[Profile, str]:
    """Set what the profile leaves open to ``terms.margin``; the second part is a refusal."""
    if profile.factor_most is not None:
        least, most = profile.factor, profile.factor_most
        opened = profile._replace(factor=margin)
    elif profile.margin_most is not None:
        least, most = profile.margin, profile.margin_most
        opened = profile._replace(margin=margin)
    else:
        return profile, t("{id} leaves no margin open: take terms.margin away", id=profile.id)
    if least <= margin <= most:
        return opened, ""
    return profile, t(
        "terms.margin is {margin}, and {id} leaves it open from {least} to {most}",
        margin=margin,
        id=profile.id,
        least=least,
        most=most,
    )


def _below_floor(agreed: Profile, law: Law) -> str | RateUnknown | None:
    """Return whether an agreed rate is too low to count, in words, or why that is not known."""
    floor, day = agreed.floor, agreed.contract_on
    if floor is None or day is None or agreed.percent is None:
        return None
    try:
        least = floor.factor * rate_on(series_of(law, floor.series), day)
    except RateUnknown as error:
        return error
    if agreed.percent >= least:
        return None
    return t(
        "the agreed {rate} % is below {series} at signing, {least} %",
        rate=agreed.percent,
        series=floor.series,
        least=least,
    )


def series_of(law: Law, name: str) -> Series:
    """Return a series by its id. Raises ``RateUnknown`` where there is none."""
    if name not in law.series:
        raise RateUnknown(t("there is no rate series {name}", name=name))
    return law.series[name]


def prove(profiles: Sequence[Profile], series: Mapping[str, Series]) -> list[str]:
    """Return what is wrong between profiles: series that are not there, and two for one case."""
    found = []
    for profile in profiles:
        names = [profile.series, *(bound.series for bound in _bounds(profile))]
        for name in names:
            if name is not None and name not in series:
                found.append(
                    t("{id}: there is no rate series {name}", id=profile.id, name=name)
                    + closest(name, sorted(series))
                )
    default = [p for p in profiles if p.default and p.confidence == "verified"]
    for nth, one in enumerate(default):
        for other in default[:nth]:
            if (one.agreed == "always") == (other.agreed == "always") and _both(one, other):
                found.append(
                    t(
                        "{id} and {other} apply to the same debts: set default = false in one",
                        id=one.id,
                        other=other.id,
                    )
                )
    return found


def _both(one: Profile, other: Profile) -> bool:
    """Return whether two profiles apply by themselves to one debt, and neither is the narrower."""
    same_place = bool(set(one.laws) & set(other.laws)) or not (one.laws or other.laws)
    currencies = not (one.currencies and other.currencies) or bool(
        set(one.currencies) & set(other.currencies)
    )
    return (
        same_place
        and currencies
        and bool(set(one.kinds) & set(other.kinds))
        and bool(set(one.roles) & set(other.roles))
    )
