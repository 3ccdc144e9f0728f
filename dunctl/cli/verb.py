"""What every verb shares: the open store, the clock, words that become values."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from functools import cache, update_wrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from dunctl import dates, money
from dunctl.errors import Problem, Refused, WrongUsage
from dunctl.show.text import clean
from dunctl.store import store as stores
from dunctl.store.calendars import calendar_for
from dunctl.store.lookup import resolve
from dunctl.store.store import Read, Store
from dunctl.tuples import NamedTuple
from dunctl.words import t

if TYPE_CHECKING:
    from dunctl.case.records import Case, Person, Record
    from dunctl.owed.law import Law
    from dunctl.steps.packs import Pack
    from dunctl.steps.standing import Standing

F = TypeVar("F", bound=Callable[..., int | None])


class Seat(NamedTuple):
    """Where a verb is run: the store, and the instant on the desk's clock.

    ``whole_day`` says that all of that day is meant, on the clock of whoever is looked at. ``law``
    reads the law of the store, once.
    """

    store: Store
    now: datetime
    whole_day: bool
    law: Callable[[], Law]

    @property
    def today(self) -> date:
        """Return the desk's day."""
        return self.now.date()


def verb(
    name: str,
    *,
    evening: bool = False,
    reads: bool | None = None,
    cls: type[click.Command] = click.Command,
) -> Callable[[F], click.Command]:
    """Make a command of a function ``f(seat, ...) -> exit code``.

    An ``--as-of`` that is only a day means its opening hour, or with ``evening`` all of it, so that
    what is read includes everything of that day. What ``reads``, as everything with ``evening``
    does by default, writes nothing and can answer ``--as-known-at`` a commit.
    """
    then = evening if reads is None else reads

    def decorate(function: F) -> click.Command:
        @click.pass_context
        def run(
            ctx: click.Context,
            /,
            *args: Any,
            store: str | None,
            as_of: str | None,
            as_known_at: str | None,
            **kwargs: Any,
        ) -> None:
            outer = ctx.find_root().obj or {}
            as_of = outer.get("as_of") if as_of is None else as_of
            commit = outer.get("as_known_at") if as_known_at is None else as_known_at
            if commit is not None and not then:
                raise only_read(ctx.command_path.partition(" ")[2])
            with _then(stores.find(store or outer.get("store")), commit) as root:
                opened = stores.open_store(root)
                seat = Seat(opened, *clock(opened, as_of, evening=evening), _once(opened))
                code = function(seat, *args, **kwargs)
            ctx.exit(code or 0)

        update_wrapper(run, function)
        run = click.option(
            "--as-known-at",
            metavar="COMMIT",
            hidden=not then,
            help="Answer from the files as they were in this commit.",
        )(run)
        run = click.option("--as-of", metavar="WHEN", help="Answer as of this day or instant.")(run)
        run = click.option("--store", metavar="DIR", help="The folder with dunctl.toml.")(run)
        return click.command(name, cls=cls)(run)

    return decorate


def _once(store: Store) -> Callable[[], Law]:
    @cache
    def law() -> Law:
        from dunctl.store.law import law_of

        return law_of(store)

    return law


def _then(root: Path, commit: str | None) -> AbstractContextManager[Path]:
    """Give the root of the store as it is, or as it was in a commit."""
    if commit is None:
        return nullcontext(root)
    from dunctl.store.known import known_at

    return known_at(root, commit)


def only_read(name: str) -> WrongUsage:
    """Return the refusal of a verb that cannot answer ``--as-known-at`` a commit."""
    return WrongUsage(
        t(
            "{verb} does not answer from a commit: "
            "--as-known-at is for what only reads, such as show or ageing",
            verb=name,
        )
    )


def clock(store: Store, as_of: str | None, *, evening: bool) -> tuple[datetime, bool]:
    """Return now, in the desk's zone: ``--as-of``, else ``DUNCTL_NOW``, else the real time.

    The second part says whether a whole day is meant. The only place that reads the clock.
    """
    zone = store.config.zone
    now = _instant(os.environ["DUNCTL_NOW"], zone) if os.environ.get("DUNCTL_NOW") else None
    now = now or datetime.now(zone)
    if as_of is None:
        return now, False
    try:
        meant = dates.understand(as_of, now=now, zone=zone, prefer="near")
    except ValueError as error:
        raise WrongUsage(f"--as-of: {error}") from error
    if isinstance(meant, datetime):
        return meant.astimezone(zone), False
    if evening:
        return datetime.combine(meant, time(23, 59, 59), zone), True
    opening = [s for w, s, _ in dates.parse_hours(store.config.hours) if w == meant.weekday()]
    minute = min(opening, default=9 * 60)
    return datetime.combine(meant, time(minute // 60, minute % 60), zone), False


def _instant(text: str, zone: tzinfo) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        if not 1970 <= moment.year <= 2199:
            raise ValueError(text)
    except ValueError as error:
        raise WrongUsage(
            t(
                "DUNCTL_NOW must be an instant such as 2026-11-24T09:00:00+00:00, not {text}",
                text=text,
            )
        ) from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(zone)


def day(seat: Seat, words: str | None, option: str, prefer: dates.Prefer) -> date:
    """Return a day in the desk's zone; without words today. A clock time is refused."""
    if words is None:
        return seat.today
    meant = moment(seat, words, option, prefer, seat.store.config.zone)
    if isinstance(meant, datetime):
        raise WrongUsage(
            t("{option} is a day, without a clock time: {words}", option=option, words=words)
        )
    return meant


def moment(
    seat: Seat, words: str, option: str, prefer: dates.Prefer, zone: tzinfo
) -> date | datetime:
    """Return a day or an instant in ``zone`` as people say it."""
    try:
        return dates.understand(words, now=seat.now, zone=zone, prefer=prefer)
    except ValueError as error:
        raise WrongUsage(f"{option}: {error}") from error


def instant(
    seat: Seat, words: str | None, option: str, zone: tzinfo, *, coming: bool = False
) -> datetime:
    """Return an instant that has been, now without words; a day alone means its noon.

    With ``coming`` it may also be still to come.
    """
    if words is None:
        return seat.now.astimezone(zone).replace(microsecond=0)
    meant = moment(seat, words, option, "past", zone)
    if isinstance(meant, datetime):
        if meant > seat.now and not coming:
            when = dates.say(meant, today=seat.today)
            raise WrongUsage(
                t("{option}: {when} is still to come; say the day too", option=option, when=when)
            )
        return meant
    today = seat.now.astimezone(zone)
    if meant > today.date() and not coming:
        when = dates.say(meant, today=today.date())
        raise WrongUsage(t("{option}: {when} is still to come", option=option, when=when))
    if meant == today.date():
        return today.replace(microsecond=0)
    return datetime.combine(meant, time(12), zone)


def amount(words: str, currency: str, option: str = "AMOUNT") -> Decimal:
    """Return an amount as a person types it."""
    try:
        return money.parse(words, currency)
    except ValueError as error:
        raise WrongUsage(f"{option}: {error}") from error


def zone(seat: Seat, case: Case) -> tzinfo:
    """Return the debtor's zone, or the desk's where none is known."""
    from dunctl.steps.standing import zone_of

    return zone_of(case) or seat.store.config.zone


def case_of(seat: Seat, words: str) -> Read:
    """Return the case that ``words`` name; a file that is no case is refused with its problems."""
    found = stores.read(seat.store, resolve(seat.store, words))
    if found.case is None:
        from dunctl.errors import Refused

        raise Refused("\n".join(map(str, found.problems)))
    return found


def sound_case(seat: Seat, words: str) -> tuple[Case, int]:
    """Return a case to answer from, and the exit code that its problems ask for, named already."""
    found = case_of(seat, words)
    code = complain(p for p in found.problems if p.level == "error")
    if found.case is None:
        raise AssertionError("case_of refuses a file that is no case")
    return found.case, code


def standing_of(seat: Seat, case: Case) -> Standing:
    """Return where a case stands now, with the holidays of where the debtor is.

    Where a whole day is meant, it is that day on the debtor's clock, up to its end.
    """
    from dunctl.steps.standing import standing

    root, debtor = seat.store.root, case.debtor
    now = seat.now.astimezone(seat.store.config.zone)
    if seat.whole_day:
        now = datetime.combine(seat.today, time(23, 59, 59), zone(seat, case))
    return standing(
        case,
        stores.policy_of(seat.store, case),
        now,
        calendar_for(root, debtor.country, debtor.subdivision),
        calendar_for(root, debtor.country, None),
        seat.law(),
    )


def days_there(seat: Seat, case: Case) -> tuple[date, date]:
    """Return the day that is meant, on the debtor's clock, and up to which day money counts.

    Those of ``standing_of``.
    """
    from dunctl.owed.movements import money_day

    today = seat.today if seat.whole_day else seat.now.astimezone(zone(seat, case)).date()
    return today, money_day(case, today, seat.today)


def packs_of(seat: Seat, case: Case) -> tuple[Pack, ...]:
    """Return the packs of contact rules that apply to a case."""
    from dunctl.store.packs import packs_for

    return packs_for(seat.store, case)


def complain(problems: Iterable[Problem]) -> int:
    """Name problems on stderr; returns the exit code, 1 if there was any."""
    found = list(problems)
    for problem in found:
        click.echo(clean(problem), err=True)
    return 1 if found else 0


def warn(sentence: str) -> None:
    """Say something beside the data."""
    click.echo(f"dunctl: {clean(sentence)}", err=True)


Make = Callable[["Read", "Case"], "list[Record]"]


def write(seat: Seat, words: str, make: Make) -> tuple[Read, int]:
    """Append entries to a case and say what was written, as the commit says it.

    ``make`` gets the case as it was read under the lock. Returns the case as it was, and the exit
    code: 1 where the file has problems beside.
    """
    from dunctl.case.edit import append, to_table

    was: list[Read] = []

    def edit(found: Read) -> tuple[str, str]:
        if found.case is None:
            raise AssertionError("change refuses a file that is no case")
        was.append(found)
        records = make(found, found.case)
        text = append(found.text, [(kind_of(record), to_table(record)) for record in records])
        refuse_new_errors(found, text)
        return text, f"{found.id}: " + "; ".join(say(seat, found.case, r) for r in records)

    message = stores.change(seat.store, resolve(seat.store, words), edit)
    click.echo(clean(message))
    return was[0], complain(p for p in was[0].problems if p.level == "error")


def refuse_new_errors(was: Read, text: str) -> None:
    """Refuse a new text that has errors: with them the case could not be relied on any more."""
    from dunctl.case.parse import parse

    known = [problem.message for problem in was.problems]
    for problem in parse(text, was.id, was.path)[1]:
        if problem.message in known:
            known.remove(problem.message)
        elif problem.level == "error":
            raise Refused(t("{why}: nothing was written", why=problem.message))


def say(seat: Seat, case: Case, record: Record) -> str:
    """Return an entry in words, as of today."""
    from dunctl.case.describe import describe

    return describe(record, case.head.currency, seat.today)


def kind_of(record: Record) -> str:
    """Return the name of an entry's table."""
    return type(record).__name__.lower()


def person(words: str) -> Person:
    """Return a person from ``NAME;ROLE;PHONE``; role and phone may be left out."""
    from dunctl.case.fields import closest
    from dunctl.case.records import Person
    from dunctl.case.vocabulary import ROLES

    parts = [part.strip() for part in words.replace("\uff1b", ";").split(";")]
    name, role, phone = (*parts, "", "")[:3]
    if not name or len(parts) > 3:
        raise WrongUsage(t('--person is "NAME;ROLE;PHONE", not {words}', words=words))
    if role and role not in ROLES:
        raise WrongUsage(
            t("--person: the role is one of {roles}, not {role}", roles=", ".join(ROLES), role=role)
            + closest(role, list(ROLES))
        )
    return Person(name, role or "other", (phone,) if phone else ())


def invoice_of(case: Case, number: str | None) -> None:
    """Refuse the number of an invoice that the case does not have."""
    from dunctl.case.records import Invoice, of

    numbers = [invoice.number for invoice in of(case, Invoice)]
    if number is not None and number not in numbers:
        from dunctl.case.fields import closest

        hint = closest(number, numbers)
        raise Refused(t("{id} has no invoice {number}", id=case.id, number=number) + hint)
