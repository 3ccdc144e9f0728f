"""The desk's day for tests: verdicts, dockets and plans of a book of cases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from dunctl.calling.desk import Day, Rules
from dunctl.calling.docket import Docket
from dunctl.calling.filing import card_of, docket
from dunctl.calling.gated import verdict
from dunctl.calling.learning import learn
from dunctl.calling.plan import Ask, Plan, Practice, Shift, plan
from dunctl.calling.today import Call, Held
from dunctl.calling.weigh import Model, model
from dunctl.calling.windows import Spans
from dunctl.steps.guard_sort import Calendars
from dunctl.steps.packs import Pack
from dunctl.steps.standing import Standing
from dunctl.store.parameters import answer_model, value_model

PacksOf = Callable[[Standing], Sequence[Pack]]
RATES = {"EUR": Decimal("0.86")}


def no_packs(_: Standing) -> Sequence[Pack]:
    return ()


ALWAYS = "mon-sun 00:00-24:00"


def day_of(
    standings: Iterable[Standing],
    spans: Spans,
    now: datetime,
    packs_of: PacksOf,
    hours: str = ALWAYS,
) -> Day:
    """Return a day whose rules are those of the standings; cases of one kind and place share."""
    packs, calendars = {}, {}
    for at in standings:
        debtor = at.case.debtor
        packs[debtor.kind, debtor.country, debtor.subdivision] = packs_of(at)
        calendars[debtor.country, debtor.subdivision] = Calendars(at.calendar, at.nationwide)
    return Day(now, spans, Rules(lambda *one: packs[one], lambda *one: calendars[one], hours))


def dockets_of(standings: Iterable[Standing], packs_of: PacksOf = no_packs) -> list[Docket]:
    return [docket(at, packs_of(at), value_model().paid_within_days) for at in standings]


def model_of(dockets: Sequence[Docket], rates: Mapping[str, Decimal] = RATES) -> Model:
    book = learn(dockets, answer_model(), date(2026, 11, 24).toordinal())
    held, paid = sum(one.held for one in dockets), sum(one.paid for one in dockets)
    return model(held, paid, book, answer_model(), value_model(), "GBP", rates)


def day_list(
    standings: Sequence[Standing],
    spans: Spans,
    packs_of: PacksOf = no_packs,
    hours: str = ALWAYS,
) -> tuple[list[Call], list[Held]]:
    """Return the calls by id, and who is held by day and id."""
    calls: list[Call] = []
    held: list[Held] = []
    for at in standings:
        found = verdict(at, day_of([at], spans, at.now, packs_of, hours))
        if isinstance(found, Call):
            calls.append(found)
        elif found:
            held.append(found)
    calls.sort(key=lambda call: call.card.id)
    held.sort(key=lambda one: (one.until is None, one.until or date.max, one.card.id))
    return calls, held


def plan_of(
    standings: Sequence[Standing],
    spans: Spans,
    now: datetime,
    *,
    callers: int = 1,
    most: int = 8,
    practice: Practice = "bounded",
    packs_of: PacksOf = no_packs,
    dockets: Sequence[Docket] | None = None,
) -> Plan:
    """Return the plan of a book, by dockets made now or by others."""
    by_id = {at.case.id: at for at in standings}
    day = day_of(standings, spans, now, packs_of)
    known = dockets_of(standings, packs_of) if dockets is None else dockets
    return plan(
        known,
        Shift(day, callers, most),
        model_of(known),
        practice,
        Ask(lambda case_id: card_of(by_id[case_id], packs_of(by_id[case_id])), by_id.__getitem__),
    )
