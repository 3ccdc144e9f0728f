"""Plans of instalments and settlements: how they stand, derived from what was paid (practice F14).

Each instalment is its own promise with its own day. While a plan is in force, only what is overdue
of it is asked for, and the days past due are those of its oldest unpaid instalment; a clause of
acceleration makes the whole rest due once an instalment was missed. A plan is in force until a
newer one replaces it, a release ends it or a void takes it back: then everything is due again as
the invoices say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Literal

from dunctl import dates, money
from dunctl.case.checks import currency_of, day_of
from dunctl.case.describe import describe
from dunctl.case.handles import handles
from dunctl.case.records import Case, Entry, Plan, Promise, Release, Settlement, of
from dunctl.errors import Refused
from dunctl.owed.approvals import counting
from dunctl.owed.ledger import ZERO, Ledger, Receivable
from dunctl.owed.settlement import arrived, met, towards
from dunctl.steps.policy import PromiseTerms
from dunctl.steps.promises import Owed, PromiseState, breaks_at, due_instant
from dunctl.tuples import NamedTuple
from dunctl.words import t

Status = Literal["paid", "open", "due", "late"]
"""Of an instalment: paid, not due yet, due and within its days of grace, or late."""


class Instalment(NamedTuple):
    """A part of a plan: what came for it, and what of it has ``fallen`` away.

    The last instalments fall away when less is left to pay than the plan has, after a credit note
    or while a part is disputed. ``breaks_at`` is the instant from which it is late.
    """

    nth: int
    due: date
    amount: Decimal
    paid: Decimal
    fallen: Decimal
    breaks_at: datetime
    status: Status

    @property
    def missing(self) -> Decimal:
        """Return what is still to come of it."""
        return self.amount - self.paid - self.fallen


class PlanState(NamedTuple):
    """How the plan in force stands; ``covered`` is what of each invoice it is about now.

    ``accelerated`` is the day from which the whole rest is due by the plan's clause.
    """

    entry: Entry
    plan: Plan
    currency: str
    status: Literal["paid", "up_to_date", "late"]
    instalments: tuple[Instalment, ...]
    covered: Mapping[str, Decimal]
    accelerated: date | None

    @property
    def missing(self) -> Decimal:
        """Return what is still to come of the whole plan."""
        return sum((one.missing for one in self.instalments), ZERO)

    @property
    def next(self) -> Instalment | None:
        """Return the first instalment that is unpaid and not late."""
        return next((i for i in self.instalments if i.status in ("open", "due")), None)


class Offer(NamedTuple):
    """How a settlement stands: ``paid`` came for it; ``met`` has the day on which it was met."""

    entry: Entry
    settlement: Settlement
    currency: str
    status: Literal["open", "met", "expired"]
    paid: Decimal
    met: date | None


def in_force(case: Case, now: datetime) -> tuple[Entry, Plan] | None:
    """Return the newest plan that counts at ``now``, unless a release ended it."""
    plans = counting(case, Plan, now)
    if not plans:
        return None
    entry, plan = plans[-1]
    for release in of(case, Release):
        if plan.at <= release.at <= now and (
            release.what == "plan" or release.what == handles(case.data)[entry.kind, entry.nth]
        ):
            return None
    return entry, plan


def plan_state(
    case: Case,
    owed: Owed,
    now: datetime,
    zone: tzinfo,
    terms: PromiseTerms,
    working: dates.Working = dates.weekday,
    money_day: date | None = None,
) -> PlanState | None:
    """Return how the plan in force stands at ``now``, if there is one.

    Money that came since counts first in, first out over the instalments; a payment that was taken
    back counts for none. Of the money of the plan's own day counts what was still owed when it was
    made, so that it does not matter which of the two was written down first. Money counts up to
    ``money_day``, without it to today.
    """
    found = in_force(case, now)
    if found is None:
        return None
    entry, plan = found
    currency = currency_of(case, plan)
    today, made = now.astimezone(zone).date(), day_of(plan.at)
    last = money_day or today
    whole = sum((amount for _, amount in plan.instalments), ZERO)
    before, book = owed(case, made), owed(case, last)
    credit = before.unallocated.get(currency, ZERO)
    then = sum((r.undisputed for r in before.receivables if r.currency == currency), -credit)
    covered = _covered(before, book, currency, whole + credit)
    first_day = max(whole - then, sum((a for due, a in plan.instalments if due <= made), ZERO))
    money_in = _money(case, plan, last, set(covered), first_day)
    same_day = sum((amount for day, amount in money_in if day == made), ZERO)
    paid, full = _allocated(plan, money_in)
    left = [amount - part for (_, amount), part in zip(plan.instalments, paid, strict=True)]
    here = sum(covered.values(), ZERO) - book.unallocated.get(currency, ZERO)
    beside = max(ZERO, whole - then - same_day) if _open(book, currency) else ZERO
    fallen = _fallen(left, sum(left, ZERO) - max(ZERO, here) - beside)
    ends = [breaks_at(due, zone, terms, working) for due, _ in plan.instalments]
    parts = tuple(
        Instalment(nth + 1, due, amount, paid[nth], fallen[nth], ends[nth], status)
        for nth, (due, amount) in enumerate(plan.instalments)
        for status in [_status(left[nth] - fallen[nth], due, ends[nth], now, today)]
    )
    breach = next(
        (
            one
            for one, on in zip(parts, full, strict=True)
            if one.breaks_at <= now
            and (one.missing if on is None else on > _last_day(one.breaks_at, zone))
        ),
        None,
    )
    accelerated = None
    if plan.accelerate and breach is not None:
        accelerated = _last_day(breach.breaks_at, zone)
    if not any(one.missing for one in parts):
        return PlanState(entry, plan, currency, "paid", parts, covered, None)
    late = accelerated or any(one.status == "late" for one in parts)
    return PlanState(
        entry, plan, currency, "late" if late else "up_to_date", parts, covered, accelerated
    )


def _open(book: Ledger, currency: str) -> bool:
    """Tell whether anything is left to pay; a case without invoices may have been kept by hand."""
    mine = [r for r in book.receivables if r.currency == currency]
    return not mine or any(r.open > 0 for r in mine)


def _last_day(ends: datetime, zone: tzinfo) -> date:
    return (ends.astimezone(zone) - timedelta(microseconds=1)).date()


def _covered(before: Ledger, book: Ledger, currency: str, amount: Decimal) -> dict[str, Decimal]:
    """Return by invoice what a plan of ``amount`` is about now: oldest due first, as of then.

    What an invoice had beyond the plan, or in dispute, stays outside it.
    """
    now = {r.number: r for r in book.receivables}
    found: dict[str, Decimal] = {}
    for then in before.receivables:
        if then.currency != currency or then.undisputed <= 0 or then.number not in now:
            continue
        part = min(amount, then.undisputed)
        amount -= part
        if part:
            receivable = now[then.number]
            rest = part - max(ZERO, then.open - receivable.open)
            found[then.number] = max(ZERO, min(rest, receivable.undisputed))
    return found


def _money(
    case: Case, plan: Plan, last: date, covered: set[str], first_day: Decimal
) -> list[tuple[date, Decimal]]:
    """Return the money for a plan: since it was made, at most ``first_day`` of its own day."""
    found = []
    made = day_of(plan.at)
    for payment in arrived(case, last):
        if (
            payment.on < made
            or currency_of(case, payment) != currency_of(case, plan)
            or (payment.invoice and payment.invoice not in covered)
        ):
            continue
        amount = payment.amount
        if payment.on == made:
            amount = max(ZERO, min(amount, first_day))
            first_day -= amount
        found.append((payment.on, amount))
    return found


def _allocated(
    plan: Plan, money_in: Iterable[tuple[date, Decimal]]
) -> tuple[list[Decimal], list[date | None]]:
    """Return of each instalment what came for it, and the day on which it was complete."""
    paid = [ZERO] * len(plan.instalments)
    full: list[date | None] = [None] * len(plan.instalments)
    for day, came in money_in:
        rest = came
        for nth, (_, amount) in enumerate(plan.instalments):
            part = min(rest, amount - paid[nth])
            paid[nth] += part
            rest -= part
            if part and paid[nth] == amount:
                full[nth] = day
    return paid, full


def _fallen(left: Sequence[Decimal], excess: Decimal) -> list[Decimal]:
    """Spread what is no longer owed over the instalments, from the last one back."""
    fallen = [ZERO] * len(left)
    for nth in reversed(range(len(left))):
        fallen[nth] = max(ZERO, min(excess, left[nth]))
        excess -= fallen[nth]
    return fallen


def _status(missing: Decimal, due: date, ends: datetime, now: datetime, today: date) -> Status:
    if not missing:
        return "paid"
    if now >= ends:
        return "late"
    return "due" if due <= today else "open"


def under_plan(book: Ledger, state: PlanState) -> Ledger:
    """Return what is owed with the days that a plan gave: what it put off is ``deferred``.

    The late instalments take the oldest debt, those to come the rest. What an invoice has outside
    the plan keeps its own day.
    """
    if state.status == "paid":
        return book
    queue = _queue(state, book.unallocated.get(state.currency, ZERO))
    receivables = []
    for receivable in book.receivables:
        covered = state.covered.get(receivable.number, ZERO)
        if covered <= 0 or receivable.currency != state.currency:
            receivables.append(receivable)
            continue
        receivables.append(_put_off(receivable, covered, queue, book.day))
    return book._replace(receivables=tuple(receivables))


class _Part(NamedTuple):
    due: date
    late: bool
    amount: Decimal | None


def _queue(state: PlanState, credit: Decimal) -> list[_Part]:
    """Return what is to come, oldest first; the last part takes whatever is left.

    Credit of theirs was taken off when the plan was made, and is taken off again from what is
    overdue: so it is put to that.
    """
    gone = state.accelerated
    queue = [
        _Part(min(one.due, gone) if gone else one.due, bool(gone) or one.status == "late", missing)
        for one in state.instalments
        if (missing := one.missing)
    ]
    if queue[0].late:
        queue[0] = queue[0]._replace(amount=(queue[0].amount or ZERO) + credit)
    return [*queue, queue[-1]._replace(amount=None)]


def _put_off(receivable: Receivable, covered: Decimal, queue: list[_Part], day: date) -> Receivable:
    """Return a receivable with the day that the plan gives it; takes what it needs off the queue.

    The last part of the queue has no amount and never ends.
    """
    outside = receivable.undisputed - covered
    taken: list[_Part] = []
    while covered > 0:
        due, late, amount = queue[0]
        part = covered if amount is None else min(covered, amount)
        taken.append(_Part(due, late, part))
        covered -= part
        if amount is not None:
            queue[0] = _Part(due, late, amount - part)
            if amount == part:
                del queue[0]
    deferred = sum((part.amount or ZERO for part in taken if not part.late), ZERO)
    asked = [part.due for part in taken if part.late]
    if asked and outside > 0 and receivable.due < day:
        asked.append(receivable.due)
    elif asked:
        deferred += outside
    elif outside > 0:
        return receivable._replace(deferred=deferred)
    return receivable._replace(deferred=deferred, agreed=min(asked or [part.due for part in taken]))


def missed(state: PlanState) -> list[PromiseState]:
    """Return the late instalments as promises that were not kept."""
    return [
        _as_promise(
            state.entry,
            state.plan,
            state.currency,
            (one.due, one.amount - one.fallen, one.paid),
            one.breaks_at,
            "partial" if one.paid else "broken",
        )
        for one in state.instalments
        if one.status == "late"
    ]


def offers(case: Case, now: datetime, zone: tzinfo, money_day: date | None = None) -> list[Offer]:
    """Return how each settlement that counts stands; it is open up to the end of its last day.

    Money counts up to ``money_day``, without it to today.
    """
    if Settlement not in case.journal.by_class:
        return []
    today = now.astimezone(zone).date()
    last = money_day or today
    full = {(one.entry.kind, one.entry.nth): one.day for one in met(case, today, last)}
    found = []
    for entry, settlement in counting(case, Settlement, now):
        day = full.get((entry.kind, entry.nth))
        over = now >= due_instant(settlement.until, zone)
        status: Literal["open", "met", "expired"] = "met" if day else "expired" if over else "open"
        paid = sum((payment.amount for payment in towards(case, settlement, last)), ZERO)
        found.append(Offer(entry, settlement, currency_of(case, settlement), status, paid, day))
    return found


def offered(found: Sequence[Offer], zone: tzinfo) -> list[PromiseState]:
    """Return the newest settlement as a promise of its amount, while it is open."""
    if not found or found[-1].status != "open":
        return []
    entry, settlement, currency, _, paid, _ = found[-1]
    return [
        _as_promise(
            entry,
            settlement,
            currency,
            (settlement.until, settlement.amount, paid),
            due_instant(settlement.until, zone),
            "open",
        )
    ]


def _as_promise(
    entry: Entry,
    record: Plan | Settlement,
    currency: str,
    part: tuple[date, Decimal, Decimal],
    ends: datetime,
    status: Literal["open", "partial", "broken"],
) -> PromiseState:
    due, amount, paid = part
    promise = Promise(record.at, amount, due, record.currency, record.whom, by=record.by)
    return PromiseState(entry, promise, currency, status, paid, ZERO, ends, True)


def say(state: PromiseState) -> str:
    """Say what was agreed: a promise, an instalment or a settlement, and its amount."""
    amount = money.show(state.promise.amount, state.currency)
    words = {
        "plan": t("instalment of {amount}", amount=amount),
        "settlement": t("settlement for {amount}", amount=amount),
    }
    return words.get(state.entry.kind) or t("promise of {amount}", amount=amount)


def waits(case: Case, entry: Entry, today: date) -> str:
    """Say of a pending entry that it waits for an approval, and what is beyond its writer."""
    return t(
        "{what} waits for approval ({why})",
        what=describe(entry.record, case.head.currency, today),
        why=getattr(entry.record, "pending", None) or "-",
    )


class Every(NamedTuple):
    """A rhythm: so many days, or so many months, from one instalment to the next."""

    days: int = 0
    months: int = 0


def due_days(first: date, count: int, every: Every) -> list[date]:
    """Return ``count`` due days, each counted from the first and not from the one before.

    So 31 January and a month is the last of February, and then 31 March.
    """
    return [
        dates.add_months(first, nth * every.months)
        if every.months
        else date.fromordinal(first.toordinal() + nth * every.days)
        for nth in range(count)
    ]


def parts(
    total: Decimal,
    currency: str,
    count: int | None,
    first: Decimal | None = None,
    each: Decimal | None = None,
) -> list[Decimal]:
    """Return the amounts of instalments that come to ``total``.

    ``count`` equal ones, of which the earlier bear the odd cents, after a ``first`` of its own; or
    as many of ``each`` as it takes, the last one smaller; or ``count`` of ``each``, whatever they
    come to. Raises ``Refused`` where nothing is left for the others.
    """
    lead = [] if first is None else [first]
    rest = total - sum(lead, ZERO)
    number = None if count is None else count - len(lead)
    if each is not None and number is not None:
        return lead + [each] * number
    if rest <= 0 or (number is not None and number < 1):
        raise Refused(
            t(
                "a first instalment of {first} leaves nothing of {total} for the others",
                first=money.show(first or ZERO, currency),
                total=money.show(total, currency),
            )
        )
    if each is not None:
        whole, last = divmod(rest, each)
        return lead + [each] * int(whole) + ([last] if last else [])
    split = money.split(rest, number or 1, currency)
    if not all(split):
        raise Refused(
            t(
                "{total} cannot be paid in {count} parts",
                total=money.show(rest, currency),
                count=number,
            )
        )
    return lead + split
