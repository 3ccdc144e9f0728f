"""Until when can a debt be claimed? A clock for each invoice, never a verdict.

The last day is the earliest that could be defended: an event that is in doubt, or whose rule nobody
verified, does not move it; it only gives a later day, with its reason, beside it. After the last
day the debt may be time-barred; whether it is, is for a court.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from dunctl import dates
from dunctl.case.records import Case, Entry, Invoice, pairs
from dunctl.owed.ledger import Ledger, Receivable
from dunctl.owed.limitation_events import Event, events, judgment
from dunctl.owed.limitation_profiles import Limitation, profile_for
from dunctl.tuples import NamedTuple
from dunctl.words import t

SUSPENDED_MONTHS = 6
"""How long a suspension outlasts the last step of the proceedings (BGB 204(2))."""


class Fact(NamedTuple):
    """What an event did to a clock, and why; ``last`` is the last day that it gave, if any."""

    entry: Entry
    day: date
    effect: str
    why: str
    last: date | None = None


class Clock(NamedTuple):
    """Until when an invoice can be claimed: its debt may be time-barred after ``last``.

    The time is counted from ``since``, which ``set_by`` is the reason for. ``later`` is the day if
    what is in doubt counts, ``later_why`` what that is. ``sued`` is the day of a claim in court
    that stopped the time.
    """

    invoice: str
    currency: str
    open: Decimal
    due: date
    profile: Limitation
    since: date
    set_by: Entry
    last: date
    facts: tuple[Fact, ...]
    later: date | None
    later_why: str
    long_stop: date | None
    sued: date | None

    def left(self, day: date) -> int:
        """Return the days from ``day`` to the last one; below zero when it is over."""
        return (self.last - day).days


class Clocks(NamedTuple):
    """The clocks of a case's open invoices, the soonest first; ``why`` there is no other profile.

    Without a profile there is no date, and ``why`` says what is not known.
    """

    profile: Limitation | None
    why: str
    clocks: tuple[Clock, ...]
    without: tuple[Receivable, ...] = ()


def clocks(case: Case, book: Ledger, limitations: Mapping[str, Limitation], day: date) -> Clocks:
    """Return the clock of every invoice open in ``book``, by what happened until ``day``."""
    rest = tuple(book.unpaid())
    profile, why = profile_for(case, limitations)
    decided = judgment(case, day)
    if decided:
        why = t(
            "there is a judgment of {day}, which has times of its own: ask a lawyer", day=decided
        )
        profile = None
    if profile is None or not rest:
        return Clocks(profile, why, (), rest)
    happened, papers = events(case, profile, day), _papers(case)
    found = [_clock(case, one, papers[one.number], profile, happened) for one in rest]
    found.sort(key=lambda clock: (clock.last, clock.due, clock.invoice))
    return Clocks(profile, why, tuple(found))


def limitation(case: Case, receivable: Receivable, profile: Limitation, day: date) -> Clock:
    """Return the clock of one invoice by a profile and what happened until ``day``."""
    own = _papers(case)[receivable.number]
    return _clock(case, receivable, own, profile, events(case, profile, day))


def _papers(case: Case) -> dict[str, Entry]:
    """Return the entry of each invoice by its number."""
    return {invoice.number: entry for entry, invoice in pairs(case, Invoice)}


def last_day(profile: Limitation, arisen: date, known: date | None = None) -> date:
    """Return the last day of a claim to which nothing happened.

    It has ``arisen`` on its due day; where the time starts at the end of a year, that is the year
    in which it was ``known`` too.
    """
    return _end(profile, _origin(profile, max(arisen, known or arisen)))


def _origin(profile: Limitation, day: date) -> date:
    """Return the day from which the first time is counted."""
    return day.replace(month=12, day=31) if profile.start == "year_end" else day


def _end(profile: Limitation, base: date) -> date:
    """Return the last day of a time counted from ``base``, by the law of then."""
    earlier = profile.earlier
    if earlier:
        short = dates.add_months(base, 12 * earlier.years)
        if short < earlier.over_before:
            return short
    return dates.add_months(base, 12 * profile.years)


def _clock(
    case: Case,
    receivable: Receivable,
    own: Entry,
    profile: Limitation,
    happened: Sequence[Event],
) -> Clock:
    number, issued, due = receivable.number, receivable.issued, receivable.due
    mine = [
        event
        for event in happened
        if event.invoice in (None, number)
        and event.currency in (None, receivable.currency)
        and (issued is None or event.day >= issued)
        and (event.kind != "demand" or event.day > due)
    ]
    unagreed = profile.agreed_terms_only and case.terms.days is None and not case.terms.contract
    arisen = issued if unagreed and issued and issued < due else due
    cautious = _walk(profile, _origin(profile, arisen), mine, hopeful=False)
    hopeful = _walk(profile, _origin(profile, due), mine, hopeful=True)
    later, why = None, ""
    if hopeful.last > cautious.last:
        later = hopeful.last
        why = _later_why(case, cautious, hopeful, due)
    return Clock(
        number,
        receivable.currency,
        receivable.open,
        due,
        profile,
        cautious.since,
        cautious.set_by or own,
        cautious.last,
        cautious.facts,
        later,
        why,
        _stop(profile, _origin(profile, arisen)),
        cautious.sued,
    )


class _Walked(NamedTuple):
    since: date
    set_by: Entry | None
    last: date
    facts: tuple[Fact, ...]
    sued: date | None


def _walk(
    profile: Limitation, origin: date, happened: Iterable[Event], *, hopeful: bool
) -> _Walked:
    """Run a clock through the events; ``hopeful`` counts what is in doubt too.

    No event makes the last day earlier.
    """
    stop = _stop(profile, origin) or date.max
    since, set_by, sued = origin, None, None
    last = min(_end(profile, origin), stop)
    facts = []
    for event in happened:
        effect, why = _effect(profile, event, origin, over=event.day > last)
        if hopeful and effect == "doubtful":
            suspends = profile.rules[event.kind].effect == "suspends"
            effect = "suspends" if suspends else "restarts"
        given = None
        if effect == "restarts":
            given = min(_end(profile, event.base), stop)
        elif effect == "suspends":
            resumed = dates.add_months(event.base, SUSPENDED_MONTHS)
            given = min(last + (resumed - max(event.day, origin)), stop)
        elif effect == "stops":
            sued = sued or event.day
        facts.append(Fact(event.entry, event.day, effect, why, given))
        if given and given > last:
            last, set_by = given, event.entry
            since = event.base if effect == "restarts" else since
    return _Walked(since, set_by, last, tuple(facts), sued)


def _stop(profile: Limitation, origin: date) -> date | None:
    years = profile.long_stop
    return dates.add_months(origin, 12 * years) if years else None


def _effect(profile: Limitation, event: Event, origin: date, *, over: bool) -> tuple[str, str]:
    """Return what an event does to a clock that runs, or is ``over``, and why."""
    rule = profile.rules[event.kind]
    effect = rule.after_expiry if over else rule.effect
    why = "" if effect == "restarts" else rule.why
    if over and rule.effect != "none":
        why = t("the time may have been over by then")
        if effect == "doubtful":
            why += f": {rule.why}"
    if effect in ("restarts", "suspends", "doubtful") and not _began(event, effect, origin):
        return "none", t("the time had not begun")
    if effect in ("restarts", "suspends"):
        if event.doubt:
            return "doubtful", event.doubt
        if not rule.verified:
            return "doubtful", t(
                "nobody compared this rule with its source, {source}", source=rule.source
            )
    return effect, why


def _began(event: Event, effect: str, origin: date) -> bool:
    if effect == "suspends":
        return dates.add_months(event.base, SUSPENDED_MONTHS) > origin
    return event.base > origin


def _later_why(case: Case, cautious: _Walked, hopeful: _Walked, due: date) -> str:
    """Return what would have to count for the later day."""
    doubts = {fact.entry: fact.why for fact in cautious.facts if fact.effect == "doubtful"}
    if hopeful.set_by in doubts:
        return doubts[hopeful.set_by]
    if hopeful.set_by is None:
        return t(
            "if it was agreed that it is due on {due}: dunctl set {id} terms.days N",
            due=due,
            id=case.id,
        )
    return next(iter(doubts.values()), "")
