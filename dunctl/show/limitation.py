"""Limitation as a report, a case's clocks with their reasons, and the lines of other pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from operator import itemgetter
from typing import Any

from dunctl import dates, money
from dunctl.case.describe import describe
from dunctl.case.handles import handles
from dunctl.case.records import Case
from dunctl.owed.ledger import Receivable
from dunctl.owed.limitation import Clock, Clocks, Fact
from dunctl.owed.limitation_alarms import LAST_MONTH, Alarm, remedy
from dunctl.owed.limitation_profiles import Limitation
from dunctl.show.text import amount_list, amounts, as_csv, table, wrap
from dunctl.tuples import NamedTuple
from dunctl.words import in_days, t

AHEAD = 366
"""Days ahead for which the page counts them and says what to do."""

MOST_ALARMS = 10
"""Cases about to run out of time that a page of the day lists; the rest is counted."""


class Found(NamedTuple):
    """A case, its clocks, and what the remedies depend on besides them."""

    case: Case
    clocks: Clocks
    stage: str
    holds: tuple[str, ...]


class Row(NamedTuple):
    """An open invoice in the report, in the order of the rows; ``profile`` is its name."""

    last: date
    case: str
    due: date
    invoice: str
    currency: str
    open: Decimal
    profile: str


def rows(found: Found) -> list[Row]:
    """Return the rows of a case."""
    return [
        Row(
            clock.last,
            found.case.id,
            clock.due,
            clock.invoice,
            clock.currency,
            clock.open,
            _name(clock.profile),
        )
        for clock in found.clocks.clocks
    ]


def report(rows: Iterable[Row], without: Iterable[tuple[str, str]], day: date) -> list[str]:
    """Return every open invoice with its last day, the soonest first, and what has none.

    ``without`` are the cases that have open invoices and no date, each with the reason.
    """
    lines = [t("May be time-barred after, as of {day}", day=day)]
    cells = [
        (
            one.last,
            (one.last - day).days,
            one.case,
            one.invoice,
            money.show(one.open, one.currency),
            one.profile,
        )
        for one in sorted(rows, key=itemgetter(slice(4)))
    ]
    if cells:
        headers = (t("After"), t("Days"), t("Case"), t("Invoice"), t("Open"), t("Profile"))
        lines += ["", *table(headers, cells, (1, 4))]
    reasons: dict[str, list[str]] = {}
    for case_id, why in without:
        reasons.setdefault(why, []).append(case_id)
    if reasons:
        lines.append("")
    for why, cases in sorted(reasons.items()):
        lines += wrap(t("No date for {cases}: {why}", cases=", ".join(cases), why=why), 0)
    if reasons:
        lines += wrap(
            t("Name one with terms.law or terms.limitation, or add it in policies/limitation/."), 0
        )
    if len(lines) == 1:
        return [*lines, "", t("nothing is open")]
    return [*lines, "", *wrap(_caution(), 0)]


def _caution() -> str:
    return t(
        "The earliest day that could be defended from what is on file: no verdict, and no legal "
        "advice. dunctl limitation CASE shows how it is counted."
    )


def _name(profile: Limitation) -> str:
    return profile.id if profile.verified else t("{id} (unverified)", id=profile.id)


def page(found: Found, day: date) -> list[str]:
    """Return a case's clocks for people: what set them, what did not, and what to do."""
    case, profile = found.case, found.clocks.profile
    lines = [f"{case.id} · {case.debtor.name}"]
    if found.clocks.without:
        return [*lines, *wrap(t("No date: {why}", why=found.clocks.why), 0)]
    if profile is None or not found.clocks.clocks:
        return [*lines, t("nothing is open")]
    lines += wrap(f"{_name(profile)}, {found.clocks.why}: {profile.title}", 0)
    if profile.note:
        lines += wrap(t("Note: {note}", note=profile.note), 0)
    for clock in found.clocks.clocks:
        lines += ["", *_clock(found, clock, day)]
    lines += ["", *wrap(_source(profile), 0)]
    return [*lines, *wrap(t("Not a verdict, and no legal advice."), 0)]


def sentences(found: Found, day: date) -> list[str]:
    """Return what a paper for others says: until when each invoice can be claimed, no verdict."""
    case, profile = found.case, found.clocks.profile
    if found.clocks.without:
        return [t("No date: {why}", why=found.clocks.why)]
    if profile is None or not found.clocks.clocks:
        return [t("nothing is open")]
    said = []
    for clock in found.clocks.clocks:
        sentence = f"{clock.invoice}: {_when(clock, day)}; {_since(case, clock, day)}"
        if clock.later:
            later = dates.say(clock.later, today=day)
            sentence += "; " + t("perhaps only after {day}: {why}", day=later, why=clock.later_why)
        said.append(sentence)
    why = f"{_name(profile)}, {found.clocks.why}: {profile.title}"
    return [*said, why, _source(profile), t("Not a verdict, and no legal advice.")]


def _clock(found: Found, clock: Clock, day: date) -> list[str]:
    head = t(
        "Invoice {number}, {open} open, due {due}",
        number=clock.invoice,
        open=money.show(clock.open, clock.currency),
        due=clock.due,
    )
    lines = [*wrap(head, 0), *wrap(f"{_when(clock, day)}; {_since(found.case, clock, day)}", 2)]
    if clock.long_stop == clock.last:
        lines += wrap(t("that is the long stop: nothing makes it later"), 2)
    if clock.later:
        later = dates.say(clock.later, today=day)
        lines += wrap(t("perhaps only after {day}: {why}", day=later, why=clock.later_why), 2)
    for head, what, fact in _facts(found.case, clock.facts, day):
        lines += wrap(f"{what}: {_effect(fact)}", 14, f"  {head}  ")
    if clock.sued is None and clock.left(day) <= AHEAD:
        what = remedy(clock, found.case.id, day, found.stage, found.holds)
        lines += wrap(t("to do: {what}", what=what), 2)
    return lines


def _when(clock: Clock, day: date) -> str:
    """Return until when an invoice can be claimed, in words that are no verdict."""
    last, left = dates.say(clock.last, today=day), clock.left(day)
    if clock.sued:
        return t(
            "claimed in court on {sued}; may be time-barred for any new claim after {day}",
            sued=dates.say(clock.sued, today=day),
            day=last,
        )
    if left < 0:
        return t("may be time-barred since {day}, {days} ago", day=last, days=in_days(-left))
    if left == 0:
        return t("may be time-barred after today, {day}", day=last)
    if left > AHEAD:
        return t("may be time-barred after {day}", day=last)
    return t("may be time-barred after {day}, in {days}", day=last, days=in_days(left))


def _since(case: Case, clock: Clock, day: date) -> str:
    """Return from when the time is counted, and what set it."""
    if clock.set_by.kind != "invoice":
        entry = describe(clock.set_by.record, case.head.currency, day)
        return t("counted from {since}: {entry}", since=clock.since, entry=entry)
    if clock.profile.start == "year_end":
        return t("counted from the end of {year}", year=clock.since.year)
    if clock.since != clock.due:
        return t("counted from {since}, its issue: no term is agreed", since=clock.since)
    return t("counted from {since}, its due day", since=clock.since)


def _facts(case: Case, facts: Iterable[Fact], day: date) -> list[tuple[str, str, Fact]]:
    """Return (day, handle and what, fact); what is alike and changes nothing is put together."""
    names = handles(case.data)
    groups: dict[object, list[Fact]] = {}
    for nth, fact in enumerate(facts):
        quiet = fact.effect in ("none", "doubtful")
        groups.setdefault((fact.entry.kind, fact.why) if quiet else nth, []).append(fact)
    rows = []
    for first, *more in groups.values():
        what = describe(first.entry.record, case.head.currency, day)
        what = f"{names[first.entry.kind, first.entry.nth]}  {what}"
        if more:
            what = t(
                "{n} entries {kind}, the last on {day}",
                n=1 + len(more),
                kind=first.entry.kind,
                day=more[-1].day,
            )
        rows.append((str(first.day), what, first))
    return rows


def _effect(fact: Fact) -> str:
    words = {
        "restarts": t("starts it again, until {last}", last=fact.last),
        "suspends": t("suspends it, until {last}", last=fact.last),
        "stops": t("stops it: {why}", why=fact.why),
        "doubtful": t("in doubt: {why}", why=fact.why),
        "none": t("nothing: {why}", why=fact.why),
    }
    return words[fact.effect]


def _source(profile: Limitation) -> str:
    checked = t("compared on {day}", day=profile.as_of)
    if not profile.verified:
        checked = t("unverified: nobody compared it")
    return t("Source: {source} ({checked}).", source=profile.source, checked=checked)


def moved(was: Clocks, now: Clocks, entry_kind: str, day: date) -> list[str]:
    """Return what an entry that was just written did to the clocks of a case."""
    before = {clock.invoice: clock for clock in was.clocks}
    lines = []
    for clock in now.clocks:
        old = before.get(clock.invoice)
        if old is None:
            continue
        if old.left(day) < 0 and old.sued is None:
            lines.append(
                t(
                    "invoice {number} may be time-barred since {day}: ask a lawyer what an "
                    "acknowledgement is worth now",
                    number=clock.invoice,
                    day=dates.say(old.last, today=day),
                )
            )
        elif clock.last != old.last:
            lines.append(
                t(
                    "invoice {number} may be time-barred after {day}, no longer after {old}",
                    number=clock.invoice,
                    day=dates.say(clock.last, today=day),
                    old=dates.say(old.last, today=day),
                )
            )
        else:
            new = [fact for fact in clock.facts if fact.entry.kind == entry_kind]
            why = new[-1].why if new else ""
            words = t(
                "invoice {number} still may be time-barred after {day}",
                number=clock.invoice,
                day=dates.say(clock.last, today=day),
            )
            lines.append(f"{words}: {why}" if why else words)
    return lines


def notes(alarms: Sequence[tuple[Case, Alarm]], day: date) -> list[str]:
    """Return the lines of the day's list about debts that run out of time, the soonest first."""
    if not alarms:
        return []
    ordered = _ordered(alarms)
    shown = ordered[:MOST_ALARMS]
    cells = [
        (
            case.id,
            dates.say(found.first.last, today=day),
            found.days,
            amounts(found.open()),
            _name(found.first.profile),
        )
        for case, found in shown
    ]
    headers = (t("Soon out of time"), t("After"), t("Days"), t("Open"), t("Profile"))
    first, *body = table(headers, cells, (2, 3))
    lines = [first]
    for line, (_, found) in zip(body, shown, strict=True):
        lines += [line, *wrap(found.remedy, 4)]
    if len(shown) < len(ordered):
        lines.append(t("… and {n} more (dunctl limitation)", n=len(ordered) - len(shown)))
    return lines


def _ordered(alarms: Sequence[tuple[Case, Alarm]]) -> list[tuple[Case, Alarm]]:
    return sorted(alarms, key=lambda pair: (pair[1].first.last, pair[0].id))


def notes_data(alarms: Sequence[tuple[Case, Alarm]]) -> list[dict[str, Any]]:
    """Return the same for programs."""
    return [
        {
            "case": case.id,
            "debtor": case.debtor.name,
            "invoices": [clock.invoice for clock in found.clocks],
            "open": amount_list(found.open()),
            "last": found.first.last.isoformat(),
            "days_left": found.days,
            "within": found.within,
            "profile": found.first.profile.id,
            "verified": found.first.profile.verified,
            "what_to_do": found.remedy,
        }
        for case, found in _ordered(alarms)
    ]


def warnings(found: Found, soon: Sequence[Clock], over: Sequence[Clock], day: date) -> list[str]:
    """Return the lines of a case's own pages: what runs out soon, and what may be over."""
    lines = []
    for clocks in (soon, over):
        if not clocks:
            continue
        first = clocks[0]
        words = t("Limitation: {invoice} {when}", invoice=_invoices(clocks), when=_when(first, day))
        if not first.profile.verified:
            words += f" ({_name(first.profile)})"
        what = remedy(first, found.case.id, day, found.stage, found.holds)
        lines += wrap(f"{words}: {what}", 0)
    return lines


def _invoices(clocks: Sequence[Clock]) -> str:
    if len(clocks) == 1:
        return t("invoice {number}", number=clocks[0].invoice)
    return t("invoice {number} and {n} more", number=clocks[0].invoice, n=len(clocks) - 1)


def notice(found: Alarm, clock: Clock) -> str:
    """Return the sentence of ``check`` at the entry that set a clock."""
    return t(
        "invoice {number} may be time-barred after {day}, in {days} by {profile}, counted from "
        "here: {what}",
        number=clock.invoice,
        day=clock.last,
        days=in_days(found.days + (clock.last - found.first.last).days),
        profile=_name(clock.profile),
        what=found.remedy,
    )


class Told(NamedTuple):
    """What programs are told of a case: its clocks, and its open invoices that have none."""

    case: str
    debtor: str
    why: str
    clocks: Sequence[dict[str, Any]]
    without: Sequence[dict[str, str]]


def told(found: Found, day: date) -> Told:
    """Return what programs are told of a case on a day."""
    return Told(
        found.case.id,
        found.case.debtor.name,
        found.clocks.why,
        [_clock_data(found, clock, day) for clock in found.clocks.clocks],
        [_open(receivable) for receivable in found.clocks.without],
    )


def turns(found: Found, day: date) -> date:
    """Return a day until before which ``told`` differs in the days left only.

    If what happened stays the same: a year is named where it is another one, and what to do depends
    on whether more than a month is left, and anything at all.
    """
    today = day.toordinal()
    days = [date(day.year, 12, 31).toordinal() + 1]
    for clock in found.clocks.clocks:
        last = clock.last.toordinal()
        days += [last - LAST_MONTH, last + 1]
    return date.fromordinal(min(one for one in days if one > today))


def data(found: Iterable[Told], day: date) -> dict[str, Any]:
    """Return the report as the JSON contract has it; keys are only ever added."""
    known = list(found)
    return {
        "as_of": day.isoformat(),
        "clocks": _clocks(known, day),
        "without": [
            {"case": one.case, "why": one.why, "invoices": one.without}
            for one in known
            if one.without
        ],
    }


def _clocks(found: Iterable[Told], day: date) -> list[dict[str, Any]]:
    clocks = [
        {**clock, "days_left": (date.fromisoformat(clock["last"]) - day).days}
        for one in found
        for clock in one.clocks
    ]
    return sorted(clocks, key=itemgetter("last", "case", "due", "invoice"))


def _open(receivable: Receivable) -> dict[str, str]:
    return {
        "invoice": receivable.number,
        "currency": receivable.currency,
        "open": money.plain(receivable.open, receivable.currency),
        "due": receivable.due.isoformat(),
    }


def _clock_data(found: Found, clock: Clock, day: date) -> dict[str, Any]:
    """Return one clock for programs, with every event and what it did."""
    case, names = found.case, handles(found.case.data)
    return {
        "case": case.id,
        "debtor": case.debtor.name,
        "invoice": clock.invoice,
        "currency": clock.currency,
        "open": money.plain(clock.open, clock.currency),
        "due": clock.due.isoformat(),
        "profile": clock.profile.id,
        "because": found.clocks.why,
        "source": clock.profile.source,
        "as_of": clock.profile.as_of.isoformat(),
        "verified": clock.profile.verified,
        "since": clock.since.isoformat(),
        "set_by": {
            "kind": clock.set_by.kind,
            "handle": names[clock.set_by.kind, clock.set_by.nth],
            "text": describe(clock.set_by.record, case.head.currency, day),
        },
        "last": clock.last.isoformat(),
        "days_left": clock.left(day),
        "later": clock.later.isoformat() if clock.later else None,
        "later_why": clock.later_why or None,
        "long_stop": clock.long_stop.isoformat() if clock.long_stop else None,
        "sued": clock.sued.isoformat() if clock.sued else None,
        "events": [
            {
                "day": fact.day.isoformat(),
                "kind": fact.entry.kind,
                "handle": names[fact.entry.kind, fact.entry.nth],
                "effect": fact.effect,
                "why": fact.why or None,
                "last": fact.last.isoformat() if fact.last else None,
            }
            for fact in clock.facts
        ],
        "what_to_do": None if clock.sued else remedy(clock, case.id, day, found.stage, found.holds),
    }


def csv(found: Iterable[Told], day: date) -> str:
    """Return the report as CSV, one row an open invoice; without a profile the date is empty."""
    headers = (
        *("last", "days_left", "case", "debtor", "invoice", "open", "currency", "due"),
        *("profile", "verified", "since", "set_by", "later", "later_why"),
    )
    known = list(found)
    cells: list[tuple[object, ...]] = [
        (
            *(clock[key] for key in headers[:9]),
            "yes" if clock["verified"] else "no",
            clock["since"],
            clock["set_by"]["kind"],
            clock["later"] or "",
            clock["later_why"] or "",
        )
        for clock in _clocks(known, day)
    ]
    for one in known:
        for rest in one.without:
            owed = (rest[key] for key in ("invoice", "open", "currency", "due"))
            cells.append(("", "", one.case, one.debtor, *owed, "", "", "", "", "", ""))
    return as_csv(headers, cells)
