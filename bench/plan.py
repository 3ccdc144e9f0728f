"""How long the morning takes: from what is kept of each case to the list.

python -m bench.plan [CASES …]      prints seconds and peak memory for each number of cases

The dockets are made on the evening before. "Gate to list" is everything that a call of ``today``
does with them: gate, plan, and the rows with their words; not the reading of the files of those.
"""

from __future__ import annotations

import gc
import random
import resource
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache, partial
from time import perf_counter, process_time
from zoneinfo import ZoneInfo

import tomli

from dunctl.calling.card import Card
from dunctl.calling.desk import Day, Rules
from dunctl.calling.docket import Docket
from dunctl.calling.filing import card_of, docket
from dunctl.calling.learning import learn
from dunctl.calling.plan import Ask, Shift, plan, sift
from dunctl.calling.weigh import model
from dunctl.calling.windows import desk_spans
from dunctl.case.records import (
    Case,
    Contact,
    Debtor,
    Dispute,
    Entry,
    Head,
    Hold,
    Income,
    Invoice,
    Journal,
    Payment,
    Person,
    Promise,
    Step,
    Terms,
)
from dunctl.steps import policy as policies
from dunctl.steps.calendar import Calendar, Year, load
from dunctl.steps.guard_sort import Calendars
from dunctl.steps.packs import Pack, applying
from dunctl.steps.standing import Standing, standing
from dunctl.store.packs import shipped
from dunctl.store.parameters import DATA, answer_model, value_model

EVENING = datetime(2026, 11, 23, 18, tzinfo=ZoneInfo("Europe/London"))
MORNING = datetime(2026, 11, 24, 9, tzinfo=ZoneInfo("Europe/London"))
DESK = "mon-fri 09:00-17:30"
RATES = {"EUR": Decimal("0.86"), "USD": Decimal("0.75"), "CNY": Decimal("0.105")}
PLACES = (
    *(("GB", None, "Europe/London", "GBP"),) * 5,
    ("DE", "DE-BY", "Europe/Berlin", "EUR"),
    ("FR", None, "Europe/Paris", "EUR"),
    ("US", "US-MA", "America/New_York", "USD"),
    ("IN", None, "Asia/Kolkata", "GBP"),
    ("CN", None, "Asia/Shanghai", "CNY"),
)
KINDS = ("company", "company", "sole_trader", "consumer", "public")
ROLES = ("finance", "finance", "owner", "purchasing")
HOURS = (*(None,) * 12, "mon-fri 08:00-16:00", "mon-sat 10:00-19:00", "mon-thu 09:00-12:00")
AVOID = (*((),) * 24, ("wed",), ("mon 09:00-12:00",), ("16:00-21:00",))
PREFER = (*((),) * 24, ("tue 10:00-11:30",), ("14:00-16:00",))
"""A third of the debtors keep times of their own, or asked for some."""
OUTCOMES = ("no_answer",) * 6 + ("left_message", "rejected", "refused", "hardship", "complaint")
STAGES = ("courtesy", "remind", "firm", "final", "formal")


def case_of(n: int) -> Case:
    """Return a made-up case, the same for the same number: some are settled, held, or resting."""
    dice = random.Random(n)  # noqa: S311 - a made-up book, not a secret
    country, part, zone, currency = dice.choice(PLACES)
    debtor = Debtor(
        f"Debtor {n}",
        kind=dice.choice(KINDS),
        size=dice.choice((None, None, "large")),
        country=country,
        subdivision=part,
        timezone=(zone,),
        hours=dice.choice(HOURS),
    )
    role, avoid, prefer = dice.choice(ROLES), dice.choice(AVOID), dice.choice(PREFER)
    person = Person("Jane Roe", role, ("020 7946 0000",), avoid=avoid, prefer=prefer)
    records = list(_happened(dice))
    count: Counter[str] = Counter()
    entries = []
    for record in sorted(records, key=_moment):
        kind = type(record).__name__.lower()
        entries.append(Entry(kind, count[kind], record))
        count[kind] += 1
    income = (Income(day_of_month=dice.randrange(1, 32)),) if dice.random() < 0.2 else ()
    return Case(
        *(f"case-{n:06}", "", Head(1, currency), debtor, Terms(), (person,), income),
        *(Journal(entries), Journal(), {}),
    )


Record = Invoice | Contact | Promise | Payment | Dispute | Hold | Step


def _moment(record: Record) -> str:
    match record:
        case Invoice():
            return str(record.issued)
        case Payment():
            return str(record.on)
    return record.at.isoformat()


def _happened(dice: random.Random) -> Iterator[Record]:
    """Yield what happened to a case until the evening, a dozen calls among it."""
    evening = EVENING.astimezone(UTC)
    owed = Decimal(dice.randrange(50, 20000))
    for number in range(dice.choice((1, 1, 2, 3))):
        due = date(2026, 11, 20) - timedelta(days=dice.randrange(-10, 120))
        issued = due - timedelta(days=30)
        yield Invoice(str(number), due, owed, issued=issued)
    for _ in range(12):
        back = dice.randrange(310) if dice.random() < 0.97 else dice.randrange(7)
        hour = timedelta(hours=back * 24 + 9, minutes=30 * dice.randrange(16))
        yield Contact(evening - hour, "phone", dice.choice(OUTCOMES), whom="Jane Roe")
    luck = dice.random()
    made = evening - timedelta(days=dice.randrange(1, 12), hours=3)
    if luck < 0.1:
        due = made.date() + timedelta(days=dice.randrange(2, 14))
        yield Promise(made, owed / 2, due, whom="Jane Roe")
        if due <= MORNING.date() + timedelta(days=1) and dice.random() < 0.98:
            yield Payment(min(due, evening.date()), owed / 2)
    elif luck < 0.2:
        yield Payment(made.date(), owed * dice.choice((1, 3)) / 2)
    elif luck < 0.23:
        yield Dispute(made, owed * dice.choice((1, 6)) / 2)
    elif luck < 0.26:
        yield Hold(made, dice.choice(("represented", "insolvent", "stop_contact")))
    elif luck < 0.28:
        yield Hold(made, "pause", until=made.date() + timedelta(days=dice.randrange(20)))
    elif luck < 0.281:
        called = made + timedelta(days=dice.randrange(12), hours=dice.randrange(8))
        yield Contact(made, "phone", "inconvenient", whom="Jane Roe", call_back=called)
    if dice.random() < 0.6:
        yield Step(made - timedelta(days=20), dice.choice(STAGES))


@cache
def _policy() -> policies.Policy:
    return policies.read("default", tomli.loads((DATA / "default.toml").read_text("utf-8")))


@lru_cache
def _calendar(country: str | None, part: str | None) -> Calendar:
    return Calendar(country, part, cache(partial(_year, country, part)))


def _year(country: str | None, part: str | None, year: int) -> Year | None:
    return load(country, part, year) if country else None


@cache
def _packs(kind: str, country: str | None, part: str | None) -> tuple[Pack, ...]:
    return tuple(applying(shipped(), "own_debt", kind, country, part))


def _calendars(country: str | None, part: str | None) -> Calendars:
    return Calendars(_calendar(country, part), _calendar(country, None))


RULES = Rules(_packs, _calendars, DESK)
"""Packs and calendars of a sort of debtor, as the command finds them."""


def holds(known: Docket, now: datetime) -> bool:
    """Return whether a docket is true at ``now``, if nothing was written since it was made."""
    return known.since <= now.timestamp() < known.wakes


def standing_of(case: Case, now: datetime) -> Standing:
    """Return where a case stands."""
    country, part = case.debtor.country, case.debtor.subdivision
    return standing(case, _policy(), now, _calendar(country, part), _calendar(country, None))


def packs_of(at: Standing) -> tuple[Pack, ...]:
    """Return the rule packs that apply to a case."""
    debtor = at.case.debtor
    return _packs(debtor.kind, debtor.country, debtor.subdivision)


def _docket(at: Standing) -> Docket:
    return docket(at, packs_of(at), value_model().paid_within_days)


def main() -> None:
    """Measure each number of cases once, in one process; the smaller first."""
    gc.disable()
    for cases in [int(word) for word in sys.argv[1:]] or [1000, 10_000, 100_000]:
        _measure(cases, sys.stdout.write)


def _clocks() -> tuple[float, float]:
    return perf_counter(), process_time()


def _since(clocks: tuple[float, float]) -> tuple[float, float]:
    return perf_counter() - clocks[0], process_time() - clocks[1]


def _measure(cases: int, say: Callable[[str], object]) -> None:
    made = 0.0
    dockets = []
    for n in range(cases):
        at = standing_of(case_of(n), EVENING)
        began = perf_counter()
        dockets.append(_docket(at))
        made += perf_counter() - began
    began = perf_counter()
    asleep = [holds(known, MORNING) for known in dockets]
    for n, still in enumerate(asleep):
        if not still:
            dockets[n] = _docket(standing_of(case_of(n), MORNING))
    woken = perf_counter() - began
    began = perf_counter()
    book = learn(dockets, answer_model(), MORNING.toordinal())
    learned = perf_counter() - began
    day = Day(MORNING, desk_spans(DESK, MORNING), RULES)
    reading = [0.0, 0.0]

    def read(case_id: str) -> Standing:
        clocks = _clocks()
        at = standing_of(case_of(int(case_id.removeprefix("case-"))), MORNING)
        reading[:] = [was + now for was, now in zip(reading, _since(clocks), strict=True)]
        return at

    def card(case_id: str) -> Card:
        at = read(case_id)
        return card_of(at, packs_of(at))

    ask = Ask(card, read)
    clocks = _clocks()
    held, paid = sum(one.held for one in dockets), sum(one.paid for one in dockets)
    known = model(held, paid, book, answer_model(), value_model(), "GBP", RATES)
    found = plan(dockets, Shift(day, 2, 8), known, "bounded", ask)
    shown = [*found.held[:20], *found.unfitted[:20]]
    wall, core = (whole - part for whole, part in zip(_since(clocks), reading, strict=True))
    began = perf_counter()
    sift(dockets, Day(MORNING, day.spans, RULES), ask)
    gated = perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    states = Counter(one.state for one in dockets)
    say(
        f"{cases:>7} cases: {len(found.rows)} calls ({sum(r.call.pinned for r in found.rows)} "
        f"pinned), {len(found.unfitted)} without room, {len(found.held)} held, "
        f"{states['nothing']} settled; {asleep.count(False)} woke\n"
        f"        dockets {1e6 * made / cases:.0f} us each, once a change; "
        f"woken again {woken:.2f} s; learn {learned:.2f} s, once a day\n"
        f"        gate to list {wall:.3f} s ({core:.3f} s of a core), "
        f"the gate again {gated:.3f} s; peak {peak} MB; "
        f"{len(shown)} others in words; certificate "
        f"{'holds' if found.primal == found.dual else 'FAILS'}\n"
    )


if __name__ == "__main__":
    main()
