"""What the morning needs to know of a case: worked out when the case changes, read every day.

A docket is the standing of a case boiled down to plain words and numbers, so that it can be kept
beside the files. It holds from ``since`` until before ``wakes`` as long as nothing is written.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from math import ceil
from struct import pack, unpack
from typing import Any

from dunctl import dates, money
from dunctl.calling import answers, value
from dunctl.calling.answers import Attempt, History
from dunctl.calling.journal import State, answer, wakes
from dunctl.calling.learning import Called
from dunctl.calling.odds import Profile, profile
from dunctl.calling.people import callee
from dunctl.calling.windows import Opening, opening
from dunctl.case.records import Debtor, Person
from dunctl.steps import guard
from dunctl.steps.guard_clock import DAY, FOREVER
from dunctl.steps.packs import Pack
from dunctl.steps.standing import Standing
from dunctl.tuples import NamedTuple


class Sort(NamedTuple):
    """What the clock asks of a case, the same for very many: where it is and when it is open.

    ``lead`` is by how many minutes a call comes before a promised time, ``weekdays`` how good each
    day of the week is; ``profile`` is of who is called.
    """

    kind: str
    country: str | None
    subdivision: str | None
    zones: tuple[str, ...]
    opening: Opening
    habits: guard.Habits
    lead: int
    weekdays: tuple[int, ...]
    profile: Profile


class Docket(NamedTuple):
    """A case for the morning; everything in it is plain, so that JSON can hold it.

    ``since`` and ``wakes`` are seconds of UTC, ``until``, ``due`` (of the oldest overdue) and
    ``issued`` (of the oldest open) ordinals of days, 0 for none. What ``journal.answer`` says is in
    ``state``, ``reason``, ``until`` and ``moment`` (in seconds). A case that may be called has its
    sort as JSON (``key``), what of ``owed`` may be asked for in the smallest units, and when rules
    of the journal bar a call, in minutes: exactly until the minute ``exact``; with ``asks`` only
    the gate itself can tell. For learning there are conversations ``held`` and ``paid``, and
    ``calls`` in eight hexadecimal digits each; for weighing the ``answered`` ones of them and the
    ``incomes`` (day of the month, day).
    """

    id: str
    owner: str | None
    since: int
    wakes: int
    state: State
    reason: str
    until: int
    moment: int | None
    key: str
    barred: tuple[tuple[int, int], ...]
    exact: int
    asks: bool
    owed: tuple[tuple[str, int], ...]
    due: int
    issued: int
    held: int
    paid: int
    answered: int
    calls: str
    profile: Profile
    incomes: tuple[tuple[int | None, int | None], ...]


def docket(at: Standing, packs: Sequence[Pack], paid_within_days: int) -> Docket:
    """Return the docket of a case as it stands; ``packs`` are those that apply to it.

    A payment counts for a conversation at most ``paid_within_days`` before it.
    """
    said = answer(at)
    own = at.ledger
    since = ceil(at.now.timestamp())
    wakes_at = wakes(at, said)
    key, bars = "", guard.Barred((), 0, False)
    owed: tuple[tuple[str, int], ...] = ()
    due = issued = 0
    if said.state in ("pinned", "free"):
        person = callee(at.case, said.person).person
        key = sort_key(at, person)
        bars = guard.barred(at, packs, guard.Asked(person))
        owed = tuple((c, int(a.scaleb(money.exponent(c)))) for c, a in at.asked.items())
        days = own.days_past_due()
        due = own.day.toordinal() - days if days else 0
        age = own.credit_age()
        issued = own.day.toordinal() - age if age is not None else 0
        if bars.asks or bars.exact < FOREVER:
            wakes_at = min(wakes_at, since + 60 * DAY)
    calls = answers.attempts_of(at.contacts, at.zone)
    talks = value.talks(at, paid_within_days)
    return Docket(
        id=at.case.id,
        owner=at.case.head.owner,
        since=since,
        wakes=wakes_at,
        state=said.state,
        reason=said.reason,
        until=said.until.toordinal() if said.until else 0,
        moment=int(said.moment.timestamp()) if said.moment else None,
        key=key,
        barred=tuple(bars.spans),
        exact=bars.exact,
        asks=bars.asks,
        owed=owed,
        due=due,
        issued=issued,
        held=talks.held,
        paid=talks.paid,
        answered=sum(call.answered for call in calls),
        calls=packed(calls),
        profile=_profile(at.case.debtor, callee(at.case).person) if calls else NOBODY,
        incomes=tuple(
            (one.day_of_month, one.on.toordinal() if one.on else None) for one in at.case.incomes
        ),
    )


def thawed(data: Sequence[Any]) -> Docket:
    """Return a docket from what JSON made of it."""
    plain = dict(zip(Docket._fields, data, strict=True))
    plain["barred"] = tuple(map(tuple, plain["barred"]))
    plain["owed"] = tuple(map(tuple, plain["owed"]))
    plain["incomes"] = tuple(map(tuple, plain["incomes"]))
    plain["profile"] = Profile(*plain["profile"])
    return Docket(**plain)


def holds(known: Docket, now: datetime) -> bool:
    """Return whether a docket is true at ``now``, if nothing was written since it was made."""
    return known.since <= now.timestamp() < known.wakes


def sort_key(at: Standing, person: Person | None) -> str:
    """Return what the clock asks of a case when this person of it is called, as JSON."""
    debtor, policy = at.case.debtor, at.policy
    weights = tuple(policy.window.weekdays.get(day.lower(), -1) for day in dates.WEEKDAYS)
    return _key(
        Sort(
            debtor.kind,
            debtor.country,
            debtor.subdivision,
            debtor.timezone,
            opening(at.case, person, policy),
            guard.habits_of(debtor, person),
            policy.window.remind_before_minutes,
            weights,
            _profile(debtor, person),
        )
    )


@lru_cache(maxsize=1 << 14)
def _key(sort: Sort) -> str:
    return json.dumps(sort, ensure_ascii=False)


@lru_cache(maxsize=1 << 14)
def sort_of(key: str) -> Sort:
    """Return what ``sort_key`` wrote."""
    kind, country, subdivision, zones, when, habits, lead, weekdays, who = json.loads(key)
    hours, bounds, closed = when
    lunch, theirs, prefer, avoid, no_work_calls = habits
    return Sort(
        kind,
        country,
        subdivision,
        tuple(zones),
        Opening(hours, bounds, tuple(closed)),
        guard.Habits(lunch, theirs, tuple(prefer), tuple(avoid), no_work_calls),
        lead,
        tuple(weekdays),
        Profile(*who),
    )


NOBODY = Profile()
_PROFILES: dict[Profile, Profile] = {}


def _profile(debtor: Debtor, person: Person | None) -> Profile:
    found = profile(debtor, person)
    return _PROFILES.setdefault(found, found)


def packed(calls: Sequence[Attempt]) -> str:
    """Write calls down in order, in eight hexadecimal digits each."""
    numbers = sorted((call.day * DAY + call.minute) * 2 + call.answered for call in calls)
    return pack(f">{len(numbers)}I", *numbers).hex()


def calls_of(known: Docket) -> tuple[Attempt, ...]:
    """Return the calls to a debtor."""
    return tuple([Attempt(n // 2 // DAY, n // 2 % DAY, n % 2 == 1) for n in _numbers(known)])


def days_of(known: Docket) -> list[tuple[int, int]]:
    """Return the day (ordinal) of each call, and 1 if it was answered."""
    return [(n // (2 * DAY), n % 2) for n in _numbers(known)]


def _numbers(known: Docket) -> tuple[int, ...]:
    return unpack(f">{len(known.calls) // 8}I", bytes.fromhex(known.calls))


def called(known: Docket, before: int) -> Called:
    """Return how many calls there were ``before`` a day (ordinal), and the day of the last."""
    last = int(known.calls[-8:] or "0", 16) // (2 * DAY)
    if last < before:
        return Called(len(known.calls) // 8, last)
    days = [day for day, _ in days_of(known) if day < before]
    return Called(len(days), max(days, default=0))


def histories(dockets: Iterable[Docket], before: int) -> dict[str, History]:
    """Return who was called when ``before`` a day (ordinal), by case id."""
    found = {}
    for one in dockets:
        calls = [call for call in calls_of(one) if call.day < before]
        if calls:
            found[one.id] = History(one.profile, calls)
    return found
