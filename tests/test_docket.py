"""What is kept of a case for the morning: it says what the case says, until it wakes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bench.plan import EVENING, RULES, case_of, holds, packs_of, standing_of
from dunctl import dates
from dunctl.calling.assign import assign, certify
from dunctl.calling.book import Attempt
from dunctl.calling.card import Card
from dunctl.calling.desk import Day
from dunctl.calling.docket import Docket, calls_of, sort_of, thawed
from dunctl.calling.filing import card_of, docket
from dunctl.calling.gated import gated, verdict
from dunctl.calling.people import callee
from dunctl.calling.plan import Ask, Plan, Shift, plan, sift, slots_of
from dunctl.calling.today import Call, Held
from dunctl.calling.weigh import Weigher
from dunctl.calling.windows import desk_spans
from dunctl.case.records import Case
from dunctl.steps.guard_clock import FOREVER
from dunctl.steps.packs import Pack
from dunctl.steps.standing import Standing, standing
from tests.casefile import (
    LONDON,
    POLICY,
    at,
    called,
    case,
    clock,
    disputed,
    entry,
    invoice,
    paid,
    promise,
    step,
)
from tests.deskday import day_of, dockets_of, model_of, plan_of
from tests.guardcase import FAKE, questions, rules

WITHIN = 14
DESK = "mon-sun 06:00-22:00"


def made(here: Standing, packs: Sequence[Pack] = ()) -> Docket:
    return docket(here, packs, WITHIN)


def stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


ZONES = ("Europe/London", "Asia/Kathmandu", "America/New_York", "Pacific/Apia", "Australia/Sydney")
OUTCOMES = (
    *("no_answer", "refused", "left_message", "hardship", "inconvenient", "wrong_number"),
    *("ended_early", "abusive"),
)
PEOPLE = (
    entry("person", name="Ann", role="finance", phone='["+44 201", "+44 202"]'),
    entry("person", name="Bob", role="owner", phone="+44 301", avoid='["tue"]'),
)
START = datetime(2026, 3, 20, 11, tzinfo=UTC)


@st.composite
def entries(draw: st.DrawFn, now: datetime) -> str:
    """Draw something that happened lately, or is still to come; much of it ends by itself."""
    when = now + timedelta(minutes=draw(st.integers(-12 * 1440, 1440)))
    moment, day = stamp(when), when.date()
    soon = day + timedelta(days=draw(st.integers(0, 9)))
    later = stamp(when + timedelta(minutes=draw(st.integers(1, 5 * 1440))))
    amount = draw(st.sampled_from(("100.00", "400.00", "5000.00")))
    match draw(st.integers(0, 13)):
        case 0 | 1:
            outcome = draw(st.sampled_from(OUTCOMES))
            keys = {"call_back": later} if outcome == "inconvenient" else {}
            if draw(st.booleans()):
                keys["with_"] = "Ann"
            if draw(st.booleans()):
                keys["direction"] = "in"
            return called(moment, outcome, **keys)
        case 2:
            return promise(moment, amount, str(soon + timedelta(days=1)))
        case 3:
            return promise(moment, amount, later)
        case 4:
            return paid(str(soon), amount)
        case 5:
            return disputed(moment, amount)
        case 6:
            return entry("hold", at=moment, kind="pause", until=str(soon))
        case 7:
            return entry("release", at=moment, what="dispute")
        case 8:
            days = day + timedelta(days=draw(st.integers(1, 5)))
            dues = days, days + timedelta(days=draw(st.integers(1, 9)))
            parts = [f"{{ due = {due}, amount = 300.00 }}" for due in dues]
            return entry("plan", at=moment, instalments=f"[{', '.join(parts)}]")
        case 9:
            return entry("settlement", at=moment, amount=amount, until=str(soon))
        case 10:
            return entry("credit", on=str(soon), amount=amount)
        case 11:
            return entry("claim", on=str(soon))
        case 12:
            return entry("fee", on=str(soon), amount="40.00", basis="§ 288 (5) BGB")
        case _:
            return step(moment, draw(st.sampled_from(("remind", "formal", "legal", "closed"))))


@st.composite
def cases(draw: st.DrawFn, name: str = "acme") -> Case:
    now = START.replace(tzinfo=None)
    invoices = []
    for nth in range(draw(st.integers(1, 3))):
        due = now.date() - timedelta(days=draw(st.integers(-9, 40)))
        issued = {"issued": str(due - timedelta(days=draw(st.integers(0, 14))))}
        keys = issued if draw(st.booleans()) else {}
        invoices.append(invoice(str(nth), str(due), "1000.00", **keys))
    found = draw(st.lists(entries(START), max_size=5))
    count = draw(st.sampled_from((1, 1, 1, 1, 2, 0)))
    zones = draw(st.lists(st.sampled_from(ZONES), min_size=count, max_size=count, unique=True))
    zone = "[" + ", ".join(f'"{one}"' for one in zones) + "]" if zones else None
    kind = draw(st.sampled_from(("company", "consumer")))
    debtor = f'kind = "{kind}"'
    if draw(st.booleans()):
        found += PEOPLE
        debtor += '\nsize = "large"'
    if draw(st.booleans()):
        debtor += f"\nsettle_day = {draw(st.sampled_from((19, 20, 21, 22, 23, 28)))}"
    return case(*invoices, *found, case_id=name, zone=zone, debtor=debtor)


def house(here: Standing) -> tuple[Pack, ...]:
    return rules(kind=here.case.debtor.kind)


SAME = (
    *("id", "owner", "state", "reason", "until", "moment", "key", "owed", "due", "issued"),
    *("held", "paid", "answered", "calls", "profile", "incomes"),
)
"""What of a docket is the same as long as it holds."""


def says(known: Docket) -> dict[str, object]:
    return {name: getattr(known, name) for name in SAME}


def at_once_or_before_it_wakes(known: Docket, now: datetime, later: timedelta) -> datetime:
    """Return a moment of up to so much later at which a docket is still true."""
    last = datetime.fromtimestamp(min(known.wakes - 1, int((now + later).timestamp())), UTC)
    return max(now, last.astimezone(now.tzinfo))


def check(here: Standing, packs: Sequence[Pack], later: timedelta) -> None:
    """Compare a docket with the case itself at a later time, and with the gate."""
    known = made(here, packs)
    assert known.wakes > here.now.timestamp()
    then = at_once_or_before_it_wakes(known, here.now, later)
    assert holds(known, then)
    there = standing(here.case, here.policy, then, here.calendar, here.nationwide)
    assert says(known) == says(made(there, packs))
    found = verdict(there, day_of([there], desk_spans(DESK, then), then, lambda _: packs))
    states = {"nothing": None, "held": Held}
    if known.state in states:
        assert type(found) is (states[known.state] or type(None))
        return
    person = found.callee.person if isinstance(found, Call) else callee(here.case).person
    day = day_of([there], desk_spans(DESK, then), then, lambda _: packs)
    if not day.spans or known.asks:
        return
    opened = day.opened(known.key, known.barred)
    if isinstance(found, Call):
        assert found.pinned == (known.state == "pinned")
        assert opened == gated(there, person, known.key, day, packs)[0]
    else:
        assert opened.state != "open"
        if opened.state == "closed" or known.exact == FOREVER:
            assert found is not None
            assert found.until == day.back(known.key, known.barred, opened.state)


@given(
    cases(),
    st.integers(0, 12 * 1440),
    st.integers(0, 15 * 1440),
    st.sampled_from((LONDON, "Asia/Shanghai", "America/New_York")),
)
def test_a_docket_says_what_the_case_says_until_it_wakes(
    known: Case, first: int, later: int, desk: str
) -> None:
    """On each day before, whatever is due, breaks, ends or is counted meanwhile."""
    now = (START + timedelta(minutes=first - 3 * 1440)).astimezone(dates.zone(desk))
    here = standing(known, POLICY, now, FAKE, FAKE)
    check(here, house(here), timedelta(minutes=later))


@given(questions(), st.integers(0, 15 * 1440))
def test_a_docket_says_what_the_gate_says_whatever_the_rules(
    question: tuple[Standing, tuple[Pack, ...], object], later: int
) -> None:
    here, packs, _ = question
    check(here, packs, timedelta(minutes=later))


@given(questions())
def test_a_docket_can_be_kept_as_json(
    question: tuple[Standing, tuple[Pack, ...], object],
) -> None:
    here, packs, _ = question
    known = made(here, packs)
    (again,) = thawed([[value] for value in json.loads(json.dumps(known))])
    assert again == known
    assert hash(again) == hash(known)
    if known.key:
        assert sort_of(known.key).zones == here.case.debtor.timezone


def test_calls_and_conversations_count_on_the_debtors_own_clock() -> None:
    """Our telephone calls, answered or not; and each day of a conversation, whoever began it."""
    known = case(
        called("2026-11-23T23:30:00+00:00", "refused"),
        called("2026-11-24T02:00:00+00:00"),
        called("2026-11-24T03:00:00+00:00", "third_party"),
        called("2026-11-24T17:00:00+00:00", "refused", direction="in"),
        called("2026-11-24T18:00:00+00:00", "letter_sent", channel="letter"),
        promise("2026-11-26T03:00:00+00:00", "9.00", "2026-12-04"),
        zone="Asia/Shanghai",
    )
    found = made(at(known, "2026-11-27T09:00", "Asia/Shanghai"))
    today = date(2026, 11, 24).toordinal()
    assert calls_of(found) == (
        Attempt(today, 7 * 60 + 30, True),
        Attempt(today, 10 * 60, False),
        Attempt(today, 11 * 60, False),
    )
    assert (found.answered, found.held) == (1, 3)


@pytest.mark.parametrize(
    ("payments", "count"),
    [
        (("2026-11-01",), 0),
        (("2026-11-02",), 1),
        (("2026-11-09", "2026-11-10", "2026-11-12"), 2),
        (("2026-11-24",), 1),
        (("2026-11-25",), 0),
    ],
)
def test_a_payment_counts_for_the_conversation_before_it(
    payments: tuple[str, ...], count: int
) -> None:
    """If it came within the days of the model, and has come."""
    talks = called("2026-11-02T09:00:00Z", "refused"), called("2026-11-10T09:00:00Z", "refused")
    money = [paid(day, "9.00") for day in payments]
    known = case(invoice("A", "2026-10-20", "1000.00"), *talks, *money)
    assert made(at(known, "2026-11-24T09:00")).paid == count
    assert made(at(known, "2026-11-24T09:00")).held == 2


NOW = "2026-11-24T09:00"


@pytest.mark.parametrize(
    ("entries", "state", "wakes"),
    [
        ((), "free", None),
        ((called("2026-11-23T09:00:00Z"),), "free", None),
        ((called("2026-11-23T09:00:00Z", "refused"),), "held spoke", "2026-11-25T00:00"),
        ((promise("2026-11-16T09:00:00Z", "9.00", "2026-12-04"),), "held promised", "12-03T00:00"),
        (
            (promise("2026-11-16T09:00:00Z", "9.00", "2026-11-24"),),
            "pinned due_today",
            "11-25T00:00",
        ),
        (
            (promise("2026-11-16T09:00:00Z", "9.00", "2026-11-24T15:00:00Z"),),
            "pinned due",
            "11-24T15:00",
        ),
        ((promise("2026-11-16T09:00:00Z", "9.00", "2026-11-18"),), "pinned missed", None),
        (
            (called("2026-11-23T09:00:00Z", "inconvenient", call_back="2026-11-27T15:00:00Z"),),
            "held call_back",
            "11-27T00:00",
        ),
        (
            (entry("hold", at="2026-11-20T09:00:00Z", kind="pause", until="2026-11-30"),),
            "held frozen",
            "11-30T00:00",
        ),
        ((entry("hold", at="2026-11-20T09:00:00Z", kind="fraud"),), "held frozen", None),
        ((invoice("B", "2026-11-26", "9.00"),), "free", "11-27T00:00"),
        ((paid("2026-11-20", "1000.00"), invoice("B", "2026-12-01", "9.00")), "nothing", "12-02"),
        ((paid("2026-11-20", "1000.00"),), "nothing", None),
        ((step("2026-11-20T09:00:00Z", "legal"),), "held legal", None),
    ],
)
def test_a_docket_sleeps_until_something_can_change(
    entries: tuple[str, ...], state: str, wakes: str | None
) -> None:
    """Nothing is opened in the morning without a reason."""
    known = made(at(case(invoice("A", "2026-11-16", "1000.00"), *entries), NOW))
    assert f"{known.state} {known.reason}".strip() == state
    if wakes is None:
        assert known.wakes > clock("2027-11-24T09:00").timestamp() or known.state == "pinned"
    else:
        when = datetime.fromtimestamp(known.wakes, dates.zone(LONDON))
        assert wakes in when.isoformat()


def test_a_docket_that_cannot_be_sure_wakes_tomorrow() -> None:
    """A missed promise lets a rest give way: as long as that lasts, it is looked at each day."""
    known = case(
        invoice("A", "2026-11-16", "1000.00"), promise("2026-11-16T09:00:00Z", "9.00", "2026-11-18")
    )
    here = at(known, NOW)
    found = made(here, house(here))
    assert found.wakes - here.now.timestamp() == 24 * 3600


# The plan from dockets


def numbers(found: Plan) -> dict[str, object]:
    return {
        "rows": [(r.call.card.id, r.slot, r.start, r.score, r.why) for r in found.rows],
        "unfitted": [(w.call.card.id, w.at_most) for w in found.unfitted],
        "held": [(h.card.id, h.why, h.until, h.rule) for h in found.held],
        "proof": (found.prices, found.primal, found.dual),
    }


@st.composite
def books(draw: st.DrawFn) -> list[Case]:
    return [draw(cases(f"c{nth}")) for nth in range(draw(st.integers(1, 6)))]


@given(books(), st.integers(0, 3 * 1440), st.integers(0, 3 * 1440), st.integers(1, 3))
def test_dockets_of_yesterday_give_the_plan_of_today(
    book: list[Case], first: int, later: int, most: int
) -> None:
    """Those that have woken are made anew; the rest is as good as new."""
    before = (START + timedelta(minutes=first - 2 * 1440)).astimezone(dates.zone(LONDON))
    now = before + timedelta(minutes=later)
    then = [standing(known, POLICY, now, FAKE, FAKE) for known in book]
    old = dockets_of((standing(known, POLICY, before, FAKE, FAKE) for known in book), house)
    new = dockets_of(then, house)
    mixed = [was if holds(was, now) else is_ for was, is_ in zip(old, new, strict=True)]
    spans = desk_spans("mon-sun 08:00-18:00", now)
    assume(spans)
    kept = plan_of(then, spans, now, most=most, packs_of=house, dockets=mixed)
    fresh = plan_of(then, spans, now, most=most, packs_of=house)
    assert numbers(kept) == numbers(fresh)
    assert kept.primal == kept.dual


def test_the_plan_of_a_large_book_is_proved_against_every_case_of_it() -> None:
    """Most are never weighed; the certificate is worked out from all of them."""
    now = EVENING - timedelta(hours=9)
    standings = {n: standing_of(case_of(n), now) for n in range(1500)}
    known = [docket(here, packs_of(here), WITHIN) for here in standings.values()]
    day = Day(now, desk_spans("mon-fri 09:00-17:30", now), RULES)
    asked: list[str] = []

    def read(case_id: str) -> Standing:
        asked.append(case_id)
        return standings[int(case_id.removeprefix("case-"))]

    shift, learned = Shift(day, 1, 8), model_of(known)

    def card(case_id: str) -> Card:
        at = read(case_id)
        return card_of(at, packs_of(at))

    ask = Ask(card, read)
    found = plan(known, shift, learned, "bounded", ask)
    assert len(asked) < 2 * len(found.rows)  # nobody else's file is opened
    weigher = Weigher(learned, day)
    sifted = sift(known, day, ask)
    everybody = [
        one
        for group in sifted.free
        for one in weigher.candidates(
            group, list(zip(weigher.bounds(group), group.dockets, strict=True))
        )
    ]
    assert len(everybody) > 700
    for one in everybody:
        assert max(one.weigh().values(), default=0) <= (one.closer or 0) <= one.bound
    room = [slot.capacity for slot in slots_of(shift)]
    for row in found.rows:
        room[row.slot] -= row.call.pinned
    whole = assign(room, everybody)
    placed = {r.call.card.id: r.slot for r in found.rows if not r.call.pinned}
    assert placed == whole.placed
    assert (found.primal, found.prices, found.dual) == whole[1:]
    assert certify(room, everybody, whole) == (found.primal, found.dual)
    assert len(found.unfitted) == len(everybody) - len(placed)
    bounds = [one.at_most for one in found.unfitted]
    assert bounds == sorted(bounds, reverse=True)
