"""``dunctl plan``."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import click

from dunctl import dates, money
from dunctl.case.checks import day_of
from dunctl.case.records import Case, Plan, Record
from dunctl.cli.concede import at_once, authority_of, beyond_me, then, told_waiting
from dunctl.cli.verb import (
    Seat,
    amount,
    case_of,
    day,
    instant,
    standing_of,
    verb,
    warn,
    write,
    zone,
)
from dunctl.errors import Refused, WrongUsage
from dunctl.owed.claims import owed
from dunctl.owed.ledger import ZERO
from dunctl.show.agreed import instalment_table
from dunctl.show.text import lines_of
from dunctl.steps import authority, calendar, plans
from dunctl.steps.plans import Every
from dunctl.steps.standing import Standing
from dunctl.store.store import Read, user
from dunctl.words import in_days, t


@verb("plan")
@click.argument("case")
@click.option("--instalments", "count", type=click.IntRange(1, 120), metavar="N", help="How many.")
@click.option("--each", metavar="AMOUNT", help="Of so much each; without N as many as it takes.")
@click.option("--first", metavar="AMOUNT", help="The first one, where it is not like the others.")
@click.option("--every", metavar="TIME", help="month (the default), week, 2w, 10 days.")
@click.option("--from", "start", metavar="DATE", help="When the first one is due.")
@click.option(
    "--on", "listed", nargs=2, multiple=True, metavar="DATE AMOUNT", help="One by one instead."
)
@click.option("--rest", metavar="DATE", help="A last instalment with what is left then.")
@click.option("--partial", is_flag=True, help="What is left stays due as it is; say --why.")
@click.option("--why", metavar="TEXT", help="The reason.")
@click.option(
    "--accelerate", metavar="CLAUSE", help="The clause by which a missed one makes the rest due."
)
@click.option("--with", "whom", metavar="NAME", help="With whom it was agreed.")
@click.option("--currency", metavar="CUR", help="If it is not the case's.")
@click.option("--at", metavar="WHEN", help="When it was agreed; now by default.")
@click.option("-m", "--note", metavar="TEXT")
def command(
    seat: Seat,
    case: str,
    count: int | None,
    each: str | None,
    first: str | None,
    every: str | None,
    start: str | None,
    listed: tuple[tuple[str, str], ...],
    rest: str | None,
    partial: bool,
    why: str | None,
    accelerate: str | None,
    whom: str | None,
    currency: str | None,
    at: str | None,
    note: str | None,
) -> int:
    """Agree on a plan of instalments for what is open and undisputed.

    Equal instalments, of which the first ones bear the odd cents, or each with its day and amount;
    written out like that they may also come to what is owed with interest and fees. While the plan
    is kept, it holds the case; a missed instalment is asked for on its own. A new plan replaces the
    one before, dunctl release CASE plan gives it up.

    Example: dunctl plan acme --instalments 3 --from "1 Dec" --first 500
    """
    if bool(listed) == bool(count or each):
        raise WrongUsage(t("say how many: --instalments N --from DATE, or --on DATE AMOUNT each"))
    if listed and (first or every or start):
        raise WrongUsage(t("--first, --every and --from go with --instalments or --each"))
    if not listed and not start:
        raise WrongUsage(t("say --from DATE: when the first instalment is due"))
    if partial and not why:
        raise WrongUsage(t("--partial needs --why: what becomes of what is left"))
    if rest and partial:
        raise WrongUsage(t("--rest and --partial say two things about what is left: choose one"))
    made: list[tuple[Standing, Plan]] = []

    def make(_: Read, known: Case) -> list[Record]:
        own = currency.upper() if currency else None
        code = own or known.head.currency
        stamp = instant(seat, at, "--at", zone(seat, known))
        words = "; ".join(filter(None, (why, note))) or None
        plan = Plan(stamp, (), own, whom, accelerate, user(seat.store), None, words)
        here = then(seat, known, plan)
        open_ = _open(here, code)
        if open_ <= 0:
            raise Refused(t("{id}: nothing is open that is not disputed", id=known.id))
        if listed:
            found = [
                (day(seat, when, "--on", "future"), amount(sum_of, code, "--on"))
                for when, sum_of in listed
            ]
        else:
            parts = plans.parts(
                open_,
                code,
                count,
                amount(first, code, "--first") if first else None,
                amount(each, code, "--each") if each else None,
            )
            begin = day(seat, start, "--from", "future")
            found = list(zip(plans.due_days(begin, len(parts), _rhythm(every)), parts, strict=True))
        left = open_ - sum((part for _, part in found), ZERO)
        if rest:
            if left <= 0:
                raise Refused(t("the instalments come to all that is open: leave --rest out"))
            found.append((day(seat, rest, "--rest", "future"), left))
        elif left < 0 or (left and not partial):
            _compare(seat, here, code, open_, left)
        today = min(day_of(stamp), stamp.astimezone(seat.store.config.zone).date())
        _in_order(found, today, here.today)
        plan = plan._replace(instalments=tuple(found))
        beyond = authority.plan_beyond(plan, code, at_once(here))
        plan = plan._replace(pending=beyond_me(seat, known, beyond))
        made.append((here, plan))
        return [plan]

    was, code = write(seat, case, make)
    now = case_of(seat, was.id).case
    if now is not None:
        _tell(seat, now, *made[-1])
    return code


_EVERY = re.compile(r"(\d{1,3})?\s*(d|days?|w|weeks?|m|months?)")


def _rhythm(words: str | None) -> Every:
    """Read a rhythm: ``month``, ``2w``, ``10 days``."""
    found = _EVERY.fullmatch((words or "month").strip().lower())
    number = int(found[1] or 1) if found else 0
    if found is None or not number:
        raise WrongUsage(
            t("--every is such as month, week, 2w or 10 days, not {words}", words=words)
        )
    if found[2][0] == "m":
        return Every(months=number)
    return Every(days=number * (7 if found[2][0] == "w" else 1))


def _open(here: Standing, currency: str) -> Decimal:
    """Return what is open and undisputed, less credit of theirs."""
    total = sum((r.undisputed for r in here.ledger.receivables if r.currency == currency), ZERO)
    return total - here.ledger.unallocated.get(currency, ZERO)


def _compare(seat: Seat, here: Standing, currency: str, open_: Decimal, left: Decimal) -> None:
    """Refuse a plan that does not sum.

    But not one of exactly what is overdue, nor one with exactly the fees and the interest, all of
    it or the claimed part.
    """
    total = money.show(open_ - left, currency)
    if left < 0:
        found = owed(here.case, here.today, seat.law(), here.money_day)
        owed_now = found.totals.get(currency)
        if owed_now and -left in {
            owed_now.fees + interest for interest in (ZERO, owed_now.claimed, owed_now.interest)
        }:
            return
        raise Refused(
            t(
                "the instalments come to {total}, but {open} is open and undisputed",
                total=total,
                open=money.show(open_, currency),
            )
        )
    coming = sum(
        (
            r.undisputed
            for r in here.ledger.receivables
            if r.currency == currency and r.due >= here.today
        ),
        ZERO,
    )
    if left == coming:
        warn(t("{left} is not due yet and keeps its day", left=money.show(left, currency)))
        return
    raise Refused(
        t(
            "the instalments come to {total} of {open}: say what becomes of {left}, "
            "--rest DATE or --partial --why …",
            total=total,
            open=money.show(open_, currency),
            left=money.show(left, currency),
        )
    )


def _in_order(found: list[tuple[date, Decimal]], made: date, today: date) -> None:
    last: date | None = None
    for due, _ in found:
        if due < made:
            raise Refused(
                t("an instalment cannot be in the past: {day}", day=dates.say(due, today=today))
            )
        if last is not None and due <= last:
            raise Refused(
                t(
                    "instalments go from day to day: {day} does not come after {last}",
                    day=dates.say(due, today=today),
                    last=dates.say(last, today=today),
                )
            )
        last = due


def _tell(seat: Seat, now: Case, before: Standing, plan: Plan) -> None:
    """Show the plan, and say what to think of."""
    at = standing_of(seat, now)
    waiting = next((e for e in at.pending if e.record == plan), None)
    currency = plan.currency or now.head.currency
    click.echo(lines_of(instalment_table(plan, currency, at.today)))
    closed = [
        dates.say(due, today=at.today) + (f" ({name})" if name else "")
        for due, _ in plan.instalments
        for what, name in [calendar.kind(at.calendar, due)]
        if what in ("holiday", "weekend")
    ]
    if closed:
        warn(t("no working day there: {days}; due all the same", days=", ".join(closed)))
    wait = (plan.instalments[0][0] - before.today).days
    if wait > authority_of(seat, now).anybody.extension_days:
        warn(t("the first instalment is {days} off", days=in_days(wait)))
    if waiting:
        told_waiting(seat, now, waiting)
    else:
        if before.schedule is not None and before.schedule.status != "paid":
            warn(t("the plan before is replaced"))
        limits = authority_of(seat, now)
        if not limits.users:
            for words in authority.unusual(plan, currency, at_once(before), limits.anybody):
                warn(t("more than is usual: {what}", what=words))
