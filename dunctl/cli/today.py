"""``dunctl today``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, timedelta
from typing import TYPE_CHECKING, Any, cast

import click

from dunctl import dates
from dunctl.calling.desk import Day, Kept, Rules
from dunctl.calling.glance import resting
from dunctl.calling.plan import Ask, Plan, Practice, Shift, plan
from dunctl.calling.windows import desk_spans
from dunctl.cli.book import Cards, model_of, whole_book
from dunctl.cli.remembered import steadily
from dunctl.cli.verb import Seat, complain, instant, verb
from dunctl.errors import Problem
from dunctl.show import today as shown
from dunctl.show.text import as_json, lines_of
from dunctl.steps.calendar import kind
from dunctl.store.calendars import calendar_for
from dunctl.tuples import NamedTuple

if TYPE_CHECKING:
    from dunctl.case.records import Case
    from dunctl.owed.limitation_alarms import Alarm
    from dunctl.steps.guard_sort import Calendars
    from dunctl.steps.packs import Pack
    from dunctl.steps.standing import Standing

    Soon = Sequence[tuple[Case, Alarm]]


@verb("today", reads=True)
@click.option("--at", metavar="WHEN", help="As if it were this time of the day.")
@click.option("--owner", help="Only the cases of this colleague.")
@click.option("--minutes", type=click.IntRange(1), metavar="N", help="What fits into N minutes.")
@click.option(
    "--round", "round_", type=click.IntRange(1, 3), metavar="N", help="Only round 1, 2 or 3."
)
@click.option("--slots", is_flag=True, help="Show the desk's half-hours and what they are worth.")
@click.option("--all", "whole", is_flag=True, help="Show everybody who is held back, too.")
@click.option("--json", "json_", is_flag=True, help="As JSON, with every factor of every row.")
@click.option("--csv", "csv_", is_flag=True, help="The calls as CSV.")
def command(
    seat: Seat,
    at: str | None,
    owner: str | None,
    minutes: int | None,
    round_: int | None,
    slots: bool,
    whole: bool,
    json_: bool,
    csv_: bool,
) -> int:
    """Print today's calls in calling order.

    Promises due or broken and call-backs come first; the other calls are put into the desk's
    half-hours so that the expected money is greatest. Below them, who is held back and until when,
    and what may soon be time-barred.
    On a public holiday of the desk's country the head says so; nobody is left out for that.
    A window is on the desk's clock, and on the debtor's where that differs. The second round of the
    day begins at 14:30, the third at 16:00.

    Example: dunctl today --as-of 2026-11-24
    """
    if at:
        seat = seat._replace(now=instant(seat, at, "--at", seat.store.config.zone, coming=True))
    config = seat.store.config

    def answer() -> tuple[str, list[Problem]]:
        found = day_plan(seat, owner, minutes)
        calls = found.plan.rows
        if round_:
            calls = tuple(row for row in calls if shown.round_of(row.start, seat.now) == round_)
        chosen = found.plan._replace(rows=calls)
        held, soon = found.plan.held, found.soon
        if json_:
            data = shown.data(
                seat.now, chosen, held, found.problems, config.currency, found.holiday
            )
            text = as_json({**data, "limitation": _limits_data(soon)})
        elif csv_:
            text = shown.csv(seat.now, chosen.rows)
        elif slots:
            text = lines_of(shown.slots_page(seat.now, found.plan, config.currency))
        elif round_:
            head = seat.now, config.zone_name, found.holiday
            text = lines_of(shown.round_page(*head, round_, found.plan, calls))
        else:
            limits = _limits(soon, seat.today)
            head = seat.now, config.zone_name, found.holiday
            text = lines_of(shown.page(*head, found.plan, held, whole=whole, notes=limits))
        found.remember()
        return text, found.problems

    text, problems = steadily(answer)
    click.echo(text)
    return complain(problems)


class Found(NamedTuple):
    """The day's plan, what is wrong with the files, and which debts run out of time soon.

    ``holiday`` is the name of today's, where the desk is. ``remember`` keeps the words and what
    the clock allows, when all is said.
    """

    plan: Plan
    problems: list[Problem]
    soon: Soon
    holiday: str | None
    remember: Callable[[], None]


def day_plan(seat: Seat, owner: str | None, minutes: int | None = None) -> Found:
    """Return the plan of the desk's day, or of its next ``minutes``, from all the cases.

    Raises ``Moved`` if the cases are changed meanwhile.
    """
    config, book = seat.store.config, whole_book(seat)
    seen = book.seen
    mine = [owner in (None, other) for other in seen.owner]
    called = (
        state in ("pinned", "free") and one for state, one in zip(seen.state, mine, strict=True)
    )
    cards = Cards(book)
    kept = book.known.fact("clock", str(seat.today)) or {}
    day = day_of(seat, minutes, dict(kept))
    found = plan(
        book.closer(seen.where(called)),
        Shift(day, config.callers, config.calls_per_half_hour),
        model_of(book),
        cast("Practice", config.practice),
        Ask(cards.card, cards.standing),
        resting(seen, mine),
    )
    tomorrow = seat.today.toordinal() + 1
    watched = seen.where(
        0 < first <= tomorrow and one for first, one in zip(seen.watch, mine, strict=True)
    )
    soon = _alarms(seat, map(cards.standing, watched))
    told = book.known.fact("holiday", str(seat.today))
    holiday = _holiday(seat) if told is None else told

    def remember() -> None:
        cards.remember()
        if told is None:
            book.known.remember("holiday", str(seat.today), holiday)
        if day.kept != kept:
            book.known.remember("clock", str(seat.today), day.kept)

    return Found(found, book.known.problems, soon, holiday or None, remember)


def _holiday(seat: Seat) -> str:
    """Return the name of the desk's own public holiday today, "" if there is none.

    The desk is where new cases are by default.
    """
    here = calendar_for(seat.store.root, seat.store.config.country, None)
    what, name = kind(here, seat.today)
    return (name or "") if what == "holiday" else ""


def _alarms(seat: Seat, standings: Iterable[Standing]) -> Soon:
    watched = list(standings)
    if not watched:
        return []
    from dunctl.cli.limitation import alarms

    return alarms(seat, watched)


def _limits(soon: Soon, today: date) -> list[str]:
    if not soon:
        return []
    from dunctl.show.limitation import notes

    return notes(soon, today)


def _limits_data(soon: Soon) -> list[dict[str, Any]]:
    if not soon:
        return []
    from dunctl.show.limitation import notes_data

    return notes_data(soon)


def day_of(seat: Seat, minutes: int | None = None, kept: Kept | None = None) -> Day:
    """Return what is left of the desk's day, or its next ``minutes``, and its rules.

    ``kept`` is what is remembered of that day.
    """
    config = seat.store.config
    spans = desk_spans(config.hours, seat.now)
    if minutes:
        end = seat.now.astimezone(UTC) + timedelta(minutes=minutes)
        spans = dates.intersect(spans, [(seat.now.astimezone(UTC), end)])

    def packs(kind: str, country: str | None, subdivision: str | None) -> tuple[Pack, ...]:
        from dunctl.store.packs import packs_for_kind

        return packs_for_kind(seat.store, kind, country, subdivision)

    def calendars(country: str | None, subdivision: str | None) -> Calendars:
        from dunctl.steps.guard_sort import Calendars

        root = seat.store.root
        return Calendars(
            calendar_for(root, country, subdivision), calendar_for(root, country, None)
        )

    return Day(seat.now, spans, Rules(packs, calendars, config.hours), kept)
