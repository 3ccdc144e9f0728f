"""What the verbs that concede something share: who may, and what waits for an approval."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from dunctl import dates
from dunctl.case.checks import currency_of
from dunctl.case.handles import handles
from dunctl.case.records import Case, Entry, Fee, Plan, Settlement, Waiver, pairs
from dunctl.cli.verb import Seat, say, standing_of, warn
from dunctl.errors import Refused
from dunctl.owed.claims import owed
from dunctl.steps import authority
from dunctl.steps.authority import Authority, Beyond
from dunctl.steps.standing import Standing
from dunctl.store import store as stores
from dunctl.store.store import user
from dunctl.words import t


def authority_of(seat: Seat, case: Case) -> Authority:
    """Return the limits for a case: its policy's if that names anybody, else the store's own."""
    own = stores.policy_of(seat.store, case).authority
    if own.users:
        return own
    return stores.policy(seat.store, seat.store.config.policy).authority


def beyond_me(seat: Seat, case: Case, beyond: Beyond) -> str | None:
    """Return in words what is beyond whoever is at the keyboard, or ``None``."""
    return authority.exceeded(authority_of(seat, case), user(seat.store), beyond)


def beyond_of(seat: Seat, case: Case, entry: Entry) -> Beyond:
    """Return what is beyond somebody of a plan, settlement or waiver, by what was owed then."""
    record = entry.record
    if isinstance(record, Plan):
        at = then(seat, case, record)
        return authority.plan_beyond(record, currency_of(case, record), at_once(at))
    if isinstance(record, Settlement):
        at = then(seat, case, record)
        currency = currency_of(case, record)
        owed = at.ledger.balance().get(currency, record.amount)
        return authority.settlement_beyond(record.amount, owed, currency)
    if not isinstance(record, Waiver):
        raise AssertionError("only what is conceded can be beyond somebody")
    names = handles(case.data)
    fee = next((f for e, f in pairs(case, Fee) if names[e.kind, e.nth] == record.what), None)
    currency = currency_of(case, fee or record)
    whole = fee.amount if fee else _interest(seat, case, record, currency)
    if not whole:
        return lambda own: [] if own.waive_percent == 100 else [t("a waiver of all interest")]
    return authority.waiver_beyond(record.amount or whole, whole, currency)


def _interest(seat: Seat, case: Case, waiver: Waiver, currency: str) -> Decimal:
    """Return the interest that a waiver is about, as it was on its day."""
    return sum(
        (
            one.interest.open
            for one in owed(case, waiver.on, seat.law()).invoices
            if one.currency == currency and waiver.invoice in (None, one.number)
        ),
        Decimal(0),
    )


def then(seat: Seat, case: Case, record: Plan | Settlement) -> Standing:
    """Return where a case stood when something was agreed."""
    return standing_of(seat._replace(now=record.at, whole_day=False), case)


def at_once(at: Standing) -> date:
    """Return the last day that still is at once: the next working day."""
    return dates.add_working_days(at.today, 1, at.calendar.working)


def told_waiting(seat: Seat, case: Case, entry: Entry) -> None:
    """Say that an entry waits for an approval, and whose."""
    found = authority.able(authority_of(seat, case), beyond_of(seat, case, entry))
    warn(
        t(
            "waits for the approval of {names}, and counts for nothing before: {what}; "
            "dunctl approve {id} {handle}",
            names=", ".join(found) or t("somebody with the authority"),
            what=getattr(entry.record, "pending", None) or say(seat, case, entry.record),
            id=case.id,
            handle=handles(case.data)[entry.kind, entry.nth],
        )
    )


def permit_stop(seat: Seat, case: Case) -> None:
    """Refuse to stop supply to whoever the policy does not let (practice N26)."""
    limits = authority_of(seat, case)
    if authority.may_stop_supply(limits, user(seat.store)):
        return
    able = [name for name in limits.users if authority.may_stop_supply(limits, name)]
    raise Refused(
        t(
            "{user} may not stop supply (authority.stop_supply): ask {names}",
            user=user(seat.store),
            names=", ".join(able) or t("somebody with the authority"),
        )
    )
