"""What is wrong with packs of contact rules, beyond what could not be read."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from dunctl.case.fields import closest
from dunctl.steps.packs import Pack, Rule, reason
from dunctl.steps.packs_kinds import (
    LEVELS,
    AttemptsCap,
    Cooldown,
    Holding,
    Holidays,
    Hours,
    LeadLetter,
    Lunch,
    Number,
    Place,
    Spacing,
    ThirdParty,
    Visit,
    Weekday,
    What,
    Wording,
    inside,
)
from dunctl.words import t


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


def _stricter(a: What, b: What) -> bool:
    """Return whether ``a`` forbids whatever ``b`` forbids; both are of one kind."""
    match a, b:
        case Hours() as x, Hours() as y:
            return inside(x.open, y.open)
        case (Lunch() | Weekday()) as x, (Lunch() | Weekday()) as y:
            return inside(y.closed, x.closed)
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
            fewer = x.open is None or (y.open is not None and inside(x.open, y.open))
            return x.where == y.where and x.if_asked <= y.if_asked and fewer
        case ThirdParty() as x, ThirdParty() as y:
            rarer = y.at_most is None or (x.at_most is not None and x.at_most <= y.at_most)
            nothing = x.at_most == 0
            less = not y.purposes or (bool(x.purposes) and set(x.purposes) <= set(y.purposes))
            return set(x.roles) >= set(y.roles) and (nothing or (rarer and less))
        case Wording() as x, Wording() as y:
            return set(x.about) >= set(y.about)
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
