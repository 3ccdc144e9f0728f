"""May we still deliver to somebody on credit? A light, with each of its reasons (practice L).

Only what is delivered on credit is asked about: a delivery that is paid in advance adds nothing to
what is owed and always may go, and what is delivered already may always be invoiced.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from dunctl import dates, money
from dunctl.case.records import Invoice, of
from dunctl.case.vocabulary import STAGES
from dunctl.owed.ledger import ZERO
from dunctl.steps.ladder import fitting_stage, hold_words
from dunctl.steps.plans import say
from dunctl.steps.promises import PromiseState, due_instant
from dunctl.steps.standing import Standing
from dunctl.tuples import NamedTuple
from dunctl.words import t

Light = Literal["green", "amber", "red"]
LIGHTS: tuple[Light, ...] = ("green", "amber", "red")
"""From good to bad."""


class Reason(NamedTuple):
    """What stands against a delivery: the row of practice, why, and what would take it away."""

    light: Light
    row: str
    why: str
    remedy: str | None = None


class Line(NamedTuple):
    """The credit line of a case: ``limit`` is ``None`` where none is set.

    ``used`` is the open principal in ``currency``, also what is not due, less credit of theirs, of
    which ``ahead`` is left over; ``other`` is open in other currencies. ``lots`` are the deliveries
    that are not settled.
    """

    currency: str
    grade: str | None
    limit: Decimal | None
    by_grade: bool
    used: Decimal
    ahead: Decimal
    other: Mapping[str, Decimal]
    method: str
    lots: int
    open_lots: int

    @property
    def owes(self) -> Mapping[str, Decimal]:
        """Return everything that is open, by currency."""
        return {**self.other, **({self.currency: self.used} if self.used else {})}

    @property
    def free(self) -> Decimal | None:
        """Return what may still be delivered on credit, as far as the limit goes."""
        return None if self.limit is None else max(ZERO, self.limit + self.ahead - self.used)


class Answer(NamedTuple):
    """May we deliver? ``light`` is for this delivery, ``on_credit`` for one that is not prepaid.

    ``clause`` is what lets us hold back a delivery that a contract promises (practice L08);
    ``ask_first`` says that it is a key account (practice E39); ``overdue`` is what is to be paid
    before new orders are talked about (practice L13).
    """

    light: Light
    on_credit: Light
    line: Line
    ship: Decimal | None
    prepaid: bool
    reasons: tuple[Reason, ...]
    clause: str | None
    ask_first: bool
    overdue: Mapping[str, Decimal]


def supply(at: Standing, ship: Decimal | None = None, *, prepaid: bool = False) -> Answer:
    """Return whether we may still deliver, goods for ``ship`` if that is known.

    ``ship`` is in the case's currency. Rows: L02-L04, L07-L09, L11, F27, N01, E05, E39.
    """
    line = credit_line(at)
    found = [reason for rule in RULES for reason in rule(at, line, ship)]
    reasons = tuple(sorted(found, key=lambda reason: -LIGHTS.index(reason.light)))
    on_credit = reasons[0].light if reasons else "green"
    return Answer(
        "green" if prepaid else on_credit,
        on_credit,
        line,
        ship,
        prepaid,
        reasons,
        at.case.terms.suspend_clause,
        at.case.debtor.key_account and on_credit != "green",
        at.ledger.chasable() if on_credit == "red" else {},
    )


def credit_line(at: Standing) -> Line:
    """Return grade, limit and how much of it is used (practice L07).

    Without a limit of its own a case has that of its grade in the policy, or of who is new.
    """
    supply = at.case.supply
    currency = at.case.head.currency
    by_grade = at.policy.limits.get(currency, {})
    limit = by_grade.get(supply.grade or "new") if supply.limit is None else supply.limit
    balance = at.ledger.balance()
    owed = {code: amount for code, amount in balance.items() if amount > 0}
    return Line(
        currency,
        supply.grade,
        limit,
        supply.limit is None and limit is not None,
        owed.pop(currency, ZERO),
        max(ZERO, -balance.get(currency, ZERO)),
        owed,
        supply.method,
        _lots(at),
        supply.open_lots,
    )


def _lots(at: Standing) -> int:
    """Count the deliveries that are not settled; an advance and a retention are none (L40)."""
    if not any(amount > 0 for amount in at.ledger.balance().values()):
        return 0
    beside = {i.number for i in of(at.case, Invoice) if i.kind in ("advance", "retention")}
    return sum(r.open > 0 and r.number not in beside for r in at.ledger.receivables)


def _held(at: Standing, line: Line, ship: Decimal | None) -> Iterator[Reason]:
    """Holds; those of insolvency, death, fraud and an agency stop supply."""
    for hold in at.holds:
        if hold.kind != "plan":
            row = _STOPPING.get(hold.kind)
            remedy = t("the hold ends: dunctl release {id} {kind}", id=at.case.id, kind=hold.kind)
            yield Reason("red" if row else "amber", row or "R2", hold_words(hold), remedy)


_STOPPING = {"insolvent": "E38", "deceased": "E15", "fraud": "E46", "agency": "N04"}


def _cause(at: Standing, line: Line, ship: Decimal | None) -> Iterator[Reason]:
    """Why the money is not here: who will not pay, or cannot any more, gets nothing on credit."""
    code = at.case.head.reason or ""
    reason = code.split(".")[0]
    why = t("the reason is {reason}", reason=code)
    if reason in _STOPPING and all(hold.kind != reason for hold in at.holds):
        remedy = t("the reason is another one: dunctl set {id} reason CODE", id=at.case.id)
        yield Reason("red", _STOPPING[reason], why, remedy)
    if reason == "unwilling" and line.owes:
        yield Reason("red", "R1", why, _paid(line.owes))


def _stopped(at: Standing, line: Line, ship: Decimal | None) -> Iterator[Reason]:
    """Cash only, as somebody decided, until nothing is owed."""
    since = at.case.supply.stopped
    if since is None or since > at.today:
        return
    why = t("against cash only since {day}", day=dates.say(since, today=at.today))
    lift = t('dunctl set {id} supply.stopped ""', id=at.case.id)
    if line.owes:
        yield Reason("red", "L09", why, _paid(line.owes))
    else:
        yield Reason("amber", "L09", why + ", " + t("and nothing is owed any more"), lift)


def _method(at: Standing, line: Line, ship: Decimal | None) -> Iterator[Reason]:
    """How it was agreed that they settle."""
    owes = line.owes
    if line.method == "cash" and owes:
        why = t("cash terms, and {amount} is open", amount=_sum(owes))
        yield Reason("red", "L03", why, _paid(owes))
    if line.method == "deliver_two_settle_one" and line.lots > line.open_lots:
        why = t(
            "deliver two, settle one: {lots} open, {allowed} may be",
            lots=line.lots,
            allowed=line.open_lots,
        )
        count = line.lots - line.open_lots
        yield Reason("red", "L04", why, t("the {count} oldest lots are settled", count=count))
    if line.method == "one_off" and owes:
        why = t("a one-off deal, and {amount} is open", amount=_sum(owes))
        yield Reason("red", "L02", why, _paid(owes))
    elif line.method == "one_off":
        why = t("a one-off deal: agree on the month and day of payment first")
        remedy = t("other terms: dunctl set {id} supply.method period", id=at.case.id)
        yield Reason("amber", "L02", why, remedy)


def _limit(at: Standing, line: Line, ship: Decimal | None) -> Iterator[Reason]:
    """At the limit the light is red; solve it first, then supply."""
    limit = line.limit
    if limit is None:
        return

    def said(amount: Decimal) -> str:
        return money.show(amount, line.currency)

    over = line.used - line.ahead + (ship or ZERO) - limit
    if not line.free or over > 0:
        why = t("{used} of the limit of {limit} is used", used=said(line.used), limit=said(limit))
        if ship and over > 0:
            why += ", " + t("with this delivery it is {over} over", over=said(over))
        ways = []
        if ship and over <= line.used:
            ways.append(_paid({line.currency: over}))
        elif not ship and line.used:
            more = t("more than {amount} is paid", amount=said(over))
            ways.append(more if over else t("a part of it is paid"))
        if ship and line.free:
            ways.append(t("at most {free} is delivered", free=said(line.free)))
        ways.append(t("the limit is raised: dunctl set {id} supply.limit AMOUNT", id=at.case.id))
        yield Reason("red", "L07", why, ("; " + t("or") + " ").join(ways))
    if line.other:
        why = t(
            "{amount} is open beside the limit, which is in {currency}",
            amount=_sum(line.other),
            currency=line.currency,
        )
        yield Reason("amber", "L07", why, _paid(line.other))


def _promises(at: Standing, line: Line, ship: Decimal | None) -> Iterator[Reason]:
    """Promised, not paid and ordering again; a plan that is kept replaces what was promised."""
    plan = at.schedule if at.schedule and at.schedule.status != "late" else None
    missed = [
        state
        for state in at.awaited
        if state.missing > 0
        and state.currency in line.owes
        and state.entry.kind != "settlement"
        and not (plan and state.promise.at < plan.plan.at)
    ]
    broken = [state for state in missed if state.status in ("broken", "partial")]
    late = [
        state
        for state in missed
        if state.status == "open" and due_instant(state.promise.due, at.zone) <= at.now
    ]
    remedy = t("what was promised is paid")
    if broken:
        why = _missed(at, broken[-1])
        if len(broken) > 1:
            why = t("{count} promises broken; {last}", count=len(broken), last=why)
        yield Reason("red", "F27", why, remedy)
    if late:
        yield Reason("amber", "F27", _missed(at, late[-1]), remedy)


def _missed(at: Standing, state: PromiseState) -> str:
    return t(
        "{what} for {day}: {missing} has not come",
        what=say(state),
        day=dates.say(_local(state.promise.due, at), today=at.today),
        missing=money.show(state.missing, state.currency),
    )


def _local(due: date | datetime, at: Standing) -> date | datetime:
    return due.astimezone(at.zone) if isinstance(due, datetime) else due


def _overdue(at: Standing, line: Line, ship: Decimal | None) -> Iterator[Reason]:
    """From stage firm on, also where nobody has taken the step: cash only (N01, R2)."""
    owed = at.ledger.chasable()
    if not owed:
        return
    here = "upcoming" if at.stage == "closed" else at.stage
    fitting, why = fitting_stage(at)
    if STAGES.index(here) >= _FIRM:
        why += ", " + t("stage {stage}", stage=here)
    elif STAGES.index(fitting) >= _FIRM:
        why += ", " + t("which is stage {stage}", stage=fitting)
    else:
        why += ": " + t("find out the reason before the next delivery")
        yield Reason("amber", "L11", why, _paid(owed))
        return
    yield Reason("red", "N01", why, _paid(owed))


_FIRM = STAGES.index("firm")


def _let_go(at: Standing, line: Line, ship: Decimal | None) -> Iterator[Reason]:
    """A case that was closed with money open: whoever did not pay is a customer no longer."""
    closed = at.closed_on
    if closed is None:
        return
    unpaid: dict[str, Decimal] = {}
    for r in at.ledger.receivables:
        if r.open > 0 and (r.issued or r.due) < closed:
            unpaid[r.currency] = unpaid.get(r.currency, ZERO) + r.open
    if unpaid and line.owes:
        why = t("closed with {amount} unpaid", amount=_sum(unpaid))
        yield Reason("red", "N25", why, _paid(unpaid))


def _disputed(at: Standing, line: Line, ship: Decimal | None) -> Iterator[Reason]:
    """What they contest is looked into first; the rest is to be paid all the same (E41)."""
    disputed = at.ledger.disputed()
    if disputed:
        why = t("{amount} is disputed", amount=_sum(disputed))
        remedy = t("the dispute is settled: dunctl release {id} dispute", id=at.case.id)
        yield Reason("amber", "E05", why, remedy)


def _plan(at: Standing, line: Line, ship: Decimal | None) -> Iterator[Reason]:
    """A plan that is kept is no stop, and no reason to relax either."""
    if at.plan is not None and line.owes:
        yield Reason("amber", "F24", t("a plan is up to date"), t("the plan is paid"))


def _paid(amounts: Mapping[str, Decimal]) -> str:
    return t("{amount} is paid", amount=_sum(amounts))


def _sum(amounts: Mapping[str, Decimal]) -> str:
    return " + ".join(money.show(amount, code) for code, amount in sorted(amounts.items()))


Rule = Callable[[Standing, Line, Decimal | None], Iterator[Reason]]
RULES: tuple[Rule, ...] = (
    _held,
    _cause,
    _stopped,
    _method,
    _limit,
    _promises,
    _overdue,
    _let_go,
    _disputed,
    _plan,
)
"""Everything that can stand against a delivery on credit."""
