"""Which debts are about to run out of time, and the cheapest lawful thing that starts it again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

from dunctl import dates
from dunctl.case.records import Case, Invoice
from dunctl.owed.ledger import ZERO, Ledger, Receivable
from dunctl.owed.limitation import Clock, Clocks, clocks
from dunctl.owed.limitation_profiles import Limitation, binding
from dunctl.tuples import NamedTuple
from dunctl.words import t

STOPPING = ("represented", "insolvent", "deceased", "fraud", "stop_contact")
"""Holds under which nothing is asked of the debtor; what saves the claim is a lawyer's matter."""


LAST_MONTH = 30
"""With so few days left a claim in court is named beside what starts the time again."""


class Watch(NamedTuple):
    """The profiles, and how many days ahead to warn, the fewest first (practice M02, H21)."""

    limitations: Mapping[str, Limitation]
    warn_days: tuple[int, ...]


class Alarm(NamedTuple):
    """Invoices of a case that may soon be time-barred: the soonest clock, and all of them.

    ``days`` are left of the soonest one, fewer than ``within``, the nearest of the days to warn;
    ``remedy`` says what to do.
    """

    clocks: tuple[Clock, ...]
    days: int
    within: int
    remedy: str

    @property
    def first(self) -> Clock:
        """Return the clock that ends first."""
        return self.clocks[0]

    def open(self) -> dict[str, Decimal]:
        """Return what is open on these invoices, by currency."""
        totals: dict[str, Decimal] = {}
        for clock in self.clocks:
            totals[clock.currency] = totals.get(clock.currency, ZERO) + clock.open
        return totals


def watch(limitations: Mapping[str, Limitation], warn_days: Collection[int]) -> Watch:
    """Return what ``alarm`` needs for many cases."""
    return Watch(limitations, tuple(sorted(warn_days)))


def alarm(
    case: Case,
    book: Ledger,
    watched: Watch,
    day: date,
    stage: str = "",
    holds: Collection[str] = (),
) -> Alarm | None:
    """Return what runs out within the days to warn, if anything.

    A case whose open invoices are too young by its profile costs a comparison each.
    """
    if not may_run_out(case, book.unpaid(), watched, day):
        return None
    found = clocks(case, book, watched.limitations, day)
    soon = near(found, day, watched.warn_days[-1])
    if not soon:
        return None
    days = soon[0].left(day)
    within = next(n for n in watched.warn_days if days <= n)
    return Alarm(soon, days, within, remedy(soon[0], case.id, day, stage, holds))


def may_run_out(
    case: Case, debts: Iterable[Receivable | Invoice], watched: Watch, day: date
) -> bool:
    """Return whether one of these is old enough to run out within the days to warn.

    What happened to it can only make the day later.
    """
    profile = binding(case, watched.limitations)
    if profile is None or not watched.warn_days:
        return False
    last = horizon(day, watched.warn_days[-1], profile.shortest(day))
    return any((debt.issued or debt.due) <= last for debt in debts)


@lru_cache(maxsize=256)
def horizon(day: date, ahead: int, years: int) -> date:
    """Return the last day on which a debt can have arisen that runs out within ``ahead`` days.

    A day more, because of 29 February.
    """
    return dates.add_months(day + timedelta(days=ahead), -12 * years) + timedelta(days=1)


def near(found: Clocks, day: date, ahead: int) -> tuple[Clock, ...]:
    """Return the clocks that end within ``ahead`` days and are not stopped by a claim in court."""
    return tuple(c for c in found.clocks if 0 <= c.left(day) <= ahead and c.sued is None)


def over(found: Clocks, day: date) -> tuple[Clock, ...]:
    """Return the clocks that have run out by ``day``: these debts may be time-barred."""
    return tuple(c for c in found.clocks if c.left(day) < 0 and c.sued is None)


def remedy(
    clock: Clock, case_id: str, day: date, stage: str = "", holds: Collection[str] = ()
) -> str:
    """Return the cheapest lawful thing to do about a clock, by its profile.

    Of a debt that may be time-barred already no acknowledgement is asked for without a lawyer
    (practice M07).
    """
    if clock.left(day) < 0:
        return t("ask a lawyer before you ask for an acknowledgement or a payment")
    if stage == "legal":
        return t(
            "if it is in court, record the claim: dunctl document {id} court_claim --on DAY",
            id=case_id,
        )
    held = [kind for kind in STOPPING if kind in holds]
    if held:
        return t("a hold stands ({kind}): ask a lawyer now", kind=held[0].replace("_", " "))
    ways = _ways(clock.profile, case_id)
    words = ways[0] if ways else t("nothing but a claim in court helps: ask a lawyer now")
    if ways and clock.left(day) <= LAST_MONTH:
        words += "; " + t("failing that, a claim in court before then: ask a lawyer now")
    return words


def _ways(profile: Limitation, case_id: str) -> list[str]:
    """Return what starts the time again without a court, the cheapest first."""
    words: Sequence[tuple[str, str]] = (
        (
            "demand",
            t(
                "demand it so that you can prove it: dunctl letter {id}, sent with proof of "
                "delivery, then dunctl document {id} delivery_receipt --proves HANDLE",
                id=case_id,
            ),
        ),
        (
            "written",
            t(
                "have the statement confirmed in writing (dunctl statement {id}), then "
                "dunctl acknowledge {id}",
                id=case_id,
            ),
        ),
        (
            "signed",
            t(
                "have the statement countersigned (dunctl statement {id}), then "
                "dunctl acknowledge {id} --form signed",
                id=case_id,
            ),
        ),
        ("part_payment", t("ask for a payment on it that names the invoice")),
    )
    rules = profile.rules
    for trusted in (True, False):
        found = [
            way
            for event, way in words
            if rules[event].effect == "restarts" and rules[event].verified is trusted
        ]
        if found:
            return found
    return []
