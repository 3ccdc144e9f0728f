"""What the next step costs, against what is expected to come (practice K10, C14, M14, N04, N05).

The sources give no success rates by step, so none is made up: what still comes in at this age is
the same for each of them, and the cost is taken off. A step is worth it if it raises the chance of
being paid by more than its cost is of the debt (``break_even``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from dunctl import money
from dunctl.owed.claims import Owed
from dunctl.owed.ledger import ZERO
from dunctl.steps import recovery
from dunctl.steps.costs import Costs
from dunctl.steps.ladder import freeze, suggest
from dunctl.steps.prospect import collectable, why_absent
from dunctl.steps.recovery import Curve, Points
from dunctl.steps.standing import Standing
from dunctl.tuples import NamedTuple

WAITING = (0, 30, 90)
"""Days from now for which it is said what is expected if nothing is done."""

_HUNDRED = Decimal(100)


class Review(NamedTuple):
    """A day on which to decide anew, and what practice and the curve expect of the debt then."""

    days: int
    on: date
    practice: float
    curve: float


class Step(NamedTuple):
    """Something that can be done: ``on`` is the first day on which it fits the ladder.

    ``cost`` is ``None`` where the policy does not say it; ``key`` is then what to set. ``left`` is
    what is expected less the cost, ``break_even`` the cost in per cent of the debt; a step that is
    not ``worth_it`` costs more than is expected.
    """

    kind: str
    on: date
    key: str
    cost: Decimal | None
    left: Decimal | None
    break_even: Decimal | None

    @property
    def worth_it(self) -> bool:
        """Return whether it costs no more than is expected, as far as that is known."""
        return self.left is None or self.left >= 0


class Weighed(NamedTuple):
    """The overdue debt in one currency, and what each step about it costs.

    It is undisputed principal less credit, with claimed ``interest`` and ``fees``. ``expected`` is
    by days from now; ``floor`` the least to take now: what is expected less the cost of the next
    step, if that is known. ``sales`` would make good what is not expected (practice K07).
    """

    currency: str
    principal: Decimal
    interest: Decimal
    fees: Decimal
    expected: Mapping[int, Decimal]
    steps: tuple[Step, ...]
    floor: Decimal
    sales: Decimal | None

    @property
    def collectable(self) -> Decimal:
        """Return all of it."""
        return self.principal + self.interest + self.fees


class NextStep(NamedTuple):
    """What can be done about a case: ``next`` is the step that fits the ladder, if one does.

    ``frozen`` is what stands against any step, ``absent`` why no curve is about this case.
    """

    next: str | None
    frozen: str | None
    absent: str | None
    weighed: tuple[Weighed, ...]
    reviews: tuple[Review, ...]


class Model(NamedTuple):
    """The curve of recovery, and when to review a debt (``[write_off]`` of ``value.toml``)."""

    curve: Curve
    reviews: Points
    basis: str


def read(data: Mapping[str, Any], curve: str | None = None) -> Model:
    """Return the model from the TOML data, by the curve that it selects or the one named."""
    table = data["write_off"]
    return Model(recovery.read(data, curve), recovery.points(table["points"]), table["basis"])


STAGE_OF = {"call": "courtesy", "letter": "final", "agency": "prelegal", "court": "legal"}
"""The steps, and the stage from which each fits (practice R2, N01)."""

_STEP_AT = {
    **dict.fromkeys(("upcoming", "courtesy", "remind", "firm"), "call"),
    **dict.fromkeys(("final", "formal"), "letter"),
    "prelegal": "agency",
    "legal": "court",
}


def next_step(at: Standing, claims: Owed, model: Model) -> NextStep:
    """Return what each step about the overdue debt costs and what is expected.

    ``claims`` is what is owed with interest and fees, of which what is claimed counts.
    """
    debts = _debts(at, claims, model.curve)
    frozen = freeze(at)
    stage = suggest(at).to or at.stage
    kind = None if frozen or not debts else _STEP_AT.get(stage)
    absent = why_absent(at)
    weighed = tuple(
        _weigh(at, currency, debts[currency], model.curve, kind) for currency in sorted(debts)
    )
    oldest = min((debt for rows in debts.values() for debt in rows), default=None)
    reviews = () if oldest is None else tuple(_reviews(oldest, at.today, model))
    return NextStep(kind, frozen[0] if frozen else None, absent, weighed, reviews)


class _Debt(NamedTuple):
    """What is owed on an invoice; ``age`` is by the clock of the curve."""

    due: date
    age: int
    principal: Decimal
    interest: Decimal
    fees: Decimal

    @property
    def total(self) -> Decimal:
        return self.principal + self.interest + self.fees


def _reviews(oldest: _Debt, today: date, model: Model) -> Iterator[Review]:
    for days, share in model.reviews:
        on = oldest.due + timedelta(days=days)
        age = oldest.age + (on - today).days
        yield Review(days, on, share, recovery.share(model.curve, age))


def _debts(at: Standing, claims: Owed, curve: Curve) -> dict[str, list[_Debt]]:
    """Return what is overdue and may be collected, invoice by invoice, by currency."""
    open_ = {r.number: amount for rows in collectable(at).values() for r, amount in rows}
    found: dict[str, list[_Debt]] = {}
    for one in claims.invoices:
        since = one.issued if curve.clock == "credit_age" and one.issued else one.due
        debt = _Debt(
            one.due,
            (at.today - since).days,
            open_.get(one.number, ZERO),
            one.interest.open if one.interest.claimed else ZERO,
            sum((fee.open for fee in one.fees), ZERO),
        )
        if one.due < at.today and debt.total > 0:
            found.setdefault(one.currency, []).append(debt)
    for fee in claims.fees:
        if fee.open > 0 and fee.currency in found:
            oldest = found[fee.currency][0]
            found[fee.currency][0] = oldest._replace(fees=oldest.fees + fee.open)
    return found


def _weigh(
    at: Standing, currency: str, debts: Sequence[_Debt], curve: Curve, kind: str | None
) -> Weighed:
    def part(share: Decimal, amount: Decimal) -> Decimal:
        return money.quantize(share * amount, currency)

    def expected(days: int) -> Decimal:
        return part(Decimal(1), sum((_share(curve, d.age + days) * d.total for d in debts), ZERO))

    whole = sum((debt.total for debt in debts), ZERO)
    now = expected(0)
    oldest = min(debt.due for debt in debts)
    steps = []
    for name, stage in STAGE_OF.items():
        cost, key = _cost(at.policy.costs, name, currency, whole, now, part)
        first = at.policy.stages[stage].from_day or 0
        left = None if cost is None else now - cost
        even = None if cost is None else (_HUNDRED * cost / whole).quantize(Decimal("0.1"))
        day = max(at.today, oldest + timedelta(days=first))
        steps.append(Step(name, day, key, cost, left, even))
    cost = next((step.cost for step in steps if step.kind == kind), None)
    margin = at.policy.costs.margin_percent
    return Weighed(
        currency,
        sum((debt.principal for debt in debts), ZERO),
        sum((debt.interest for debt in debts), ZERO),
        sum((debt.fees for debt in debts), ZERO),
        {days: expected(days) for days in WAITING},
        tuple(steps),
        max(ZERO, now - (cost or ZERO)),
        part(_HUNDRED / margin, whole - now) if margin else None,
    )


def _share(curve: Curve, age: int) -> Decimal:
    """Return the share that still comes in at an age, to a millionth."""
    return Decimal(round(recovery.share(curve, age) * 1_000_000)).scaleb(-6)


def _cost(
    costs: Costs,
    kind: str,
    currency: str,
    whole: Decimal,
    now: Decimal,
    part: Callable[[Decimal, Decimal], Decimal],
) -> tuple[Decimal | None, str]:
    """Return what a step costs, or ``None``, and the key of the policy that says so.

    A cost that is set in other currencies only is not known in this one.
    """
    fixed: Decimal | None = getattr(costs, kind).get(currency)
    percent, of, key = None, ZERO, f"costs.{kind}"
    if kind == "agency":
        percent, of, key = costs.agency_percent, now, "costs.agency_percent"
    elif kind == "court":
        percent, of = costs.court_percent, whole
    elsewhere = bool(getattr(costs, kind)) and fixed is None
    if elsewhere or (fixed is None and percent is None):
        return None, f"costs.{kind}" if elsewhere else key
    return (fixed or ZERO) + part((percent or ZERO) / _HUNDRED, of), key
