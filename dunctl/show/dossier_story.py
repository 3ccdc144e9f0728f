"""What happened, for a dossier: promises, plans, disputes, letters, papers, and every entry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time

from dunctl import money
from dunctl.case.checks import currency_of
from dunctl.case.describe import describe
from dunctl.case.handles import handles
from dunctl.case.records import Case, Dispute, Document, Entry, Letter, Record, moment, pairs
from dunctl.case.sendings import sendings
from dunctl.letters.sheet import Block, Text
from dunctl.owed.holds import released
from dunctl.show.dossier_blocks import exactly, figure, of_table
from dunctl.steps.standing import Standing
from dunctl.tuples import NamedTuple
from dunctl.words import t

_EVERY_YEAR = date.min  # no day of a case is in that year, so each is written with its own


class Paper(NamedTuple):
    """What became of the file of an entry: ``place`` in the zip, or a sentence why it is not there.

    ``changed`` says that it is not the one that was recorded.
    """

    sha256: str | None
    place: str | None
    why: str = ""
    changed: bool = False


def promises(at: Standing) -> list[Block]:
    """Return each promise and how it went."""
    names = handles(at.case.data)
    kept = {
        "kept": t("kept"),
        "partial": t("kept in part"),
        "broken": t("broken"),
        "open": t("open"),
    }
    rows = [
        (
            _when(at, one.promise.at),
            names[one.entry.kind, one.entry.nth],
            one.promise.whom,
            one.currency,
            exactly(one.promise.amount, one.currency),
            _when(at, one.promise.due),
            figure(one.paid, one.currency),
            figure(one.later, one.currency),
            kept[one.status] + (", " + t("in writing") if one.confirmed else ""),
        )
        for one in at.promises
    ]
    headers = (
        *(t("Made"), t("Handle"), t("By"), "", t("Amount"), t("Due"), t("Paid in time")),
        *(t("Paid later"), t("How it went")),
    )
    return [of_table(headers, rows, (4, 6, 7))] if rows else []


def plan(at: Standing) -> list[Block]:
    """Return the plan in force and how each instalment stands."""
    state = at.schedule
    if state is None:
        return []
    words = {"paid": t("paid"), "open": t("to come"), "due": t("due"), "late": t("late")}
    made = t(
        "Made on {day} ({handle})",
        day=_when(at, state.plan.at),
        handle=handles(at.case.data)[state.entry.kind, state.entry.nth],
    )
    if state.plan.accelerate:
        clause = t(
            "one missed instalment makes the rest due: {clause}", clause=state.plan.accelerate
        )
        made += "; " + clause
    if state.accelerated:
        made += "; " + t("due since {day}", day=state.accelerated)
    rows = [
        (
            one.nth,
            one.due,
            exactly(one.amount, state.currency),
            figure(one.paid, state.currency),
            words[one.status],
            exactly(one.missing, state.currency),
        )
        for one in state.instalments
    ]
    headers = (t("No."), t("Due"), t("Amount"), t("Paid"), t("How it went"), t("Missing"))
    feet = [(t("to come"), exactly(state.missing, state.currency))]
    return [Text(made), of_table(headers, rows, (2, 3, 5), title=state.currency, feet=feet)]


def offers(at: Standing) -> list[Block]:
    """Return each offer to settle and how it stands."""
    names = handles(at.case.data)
    words = {"met": t("met"), "open": t("open"), "expired": t("expired")}
    rows = [
        (
            _when(at, one.settlement.at),
            names[one.entry.kind, one.entry.nth],
            money.show(one.settlement.amount, one.currency),
            one.settlement.until,
            money.show(one.paid, one.currency),
            words[one.status] + (f", {one.met}" if one.met else ""),
        )
        for one in at.offers
    ]
    headers = (t("Made"), t("Handle"), t("Amount"), t("Until"), t("Paid"), t("How it went"))
    return [of_table(headers, rows, (2, 4))] if rows else []


def disputes(at: Standing) -> list[Block]:
    """Return each dispute, and whether it stands."""
    names = handles(at.case.data)
    ended = released(at.case, at.today)
    rows = [
        (
            _when(at, one.at),
            names[entry.kind, entry.nth],
            one.invoice,
            one.about.replace("_", " "),
            money.show(one.amount, currency_of(at.case, one)),
            t("ended") if entry in ended else t("stands"),
        )
        for entry, one in pairs(at.case, Dispute)
        if one.at <= at.now
    ]
    headers = (t("Since"), t("Handle"), t("Invoice"), t("About"), t("Amount"), t("How it went"))
    return [of_table(headers, rows, (4,))] if rows else []


def letters(at: Standing, papers: Mapping[str, Paper]) -> list[Block]:
    """Return each letter, each attempt to send it, and its file."""
    names = handles(at.case.data)
    written = [(entry, one) for entry, one in pairs(at.case, Letter) if one.at <= at.now]
    if not written:
        return [Text(t("No letter is recorded."))]
    rows = [
        (
            _when(at, one.at),
            names[entry.kind, entry.nth],
            f"{one.template} ({one.language or '-'}), {one.channel}",
            one.whom,
            _asked(at.case, one),
            one.deadline,
        )
        for entry, one in written
    ]
    headers = (t("Written"), t("Handle"), t("Letter"), t("To"), t("Asks for"), t("By"))
    blocks: list[Block] = [of_table(headers, rows, (4,))]
    sent = sendings(at.case, at.now)
    states = {"sent": t("sent"), "failed": t("not sent"), "unknown": t("perhaps sent")}
    attempts = [
        (
            names[entry.kind, entry.nth],
            _when(at, one.at),
            one.channel,
            one.to,
            states[one.state],
            one.answer,
            one.tracking,
        )
        for entry, _ in written
        for one in sent.get(entry.nth, ())
    ]
    attempts += [
        (names[entry.kind, entry.nth], "", one.channel, None, "", None, one.tracking)
        for entry, one in written
        if one.tracking
    ]
    if attempts:
        of_sending = (
            *(t("Letter"), t("Sent"), t("How"), t("To"), t("State")),
            *(t("Answer"), t("Tracking number")),
        )
        blocks.append(of_table(of_sending, attempts))
    return [*blocks, *_files(at, [entry for entry, _ in written], papers)]


def _asked(case: Case, one: Letter) -> str:
    if one.sums:
        return " + ".join(money.show(part.amount, part.currency) for part in one.sums)
    return money.show(one.amount, currency_of(case, one)) if one.amount else ""


def documents(at: Standing, papers: Mapping[str, Paper]) -> list[Block]:
    """Return each paper, what it proves, its hash, and where it is."""
    names = handles(at.case.data)
    found = [(entry, one) for entry, one in pairs(at.case, Document) if one.on <= at.today]
    if not found:
        return [Text(t("No document is recorded."))]
    rows = [
        (one.on, names[entry.kind, entry.nth], one.kind.replace("_", " "), one.ref, one.proves)
        for entry, one in found
    ]
    headers = (t("Day"), t("Handle"), t("Document"), t("Reference"), t("Proves"))
    return [of_table(headers, rows), *_files(at, [entry for entry, _ in found], papers)]


def _files(at: Standing, entries: list[Entry], papers: Mapping[str, Paper]) -> list[Block]:
    names = handles(at.case.data)
    rows = []
    for entry in entries:
        handle = names[entry.kind, entry.nth]
        paper = papers.get(handle)
        if paper is None:
            continue
        said = paper.place or paper.why
        if paper.changed:
            said += "; " + t("it is not the file that was recorded")
        rows.append((handle, paper.sha256 or t("not recorded"), said))
    headers = (t("Handle"), "SHA-256", t("In the zip as"))
    return [of_table(headers, rows)] if rows else []


def chronology(at: Standing) -> list[Block]:
    """Return every entry of the case by the day, voided ones marked as such."""
    names = handles(at.case.data)
    every = [(one, False) for one in at.case.journal] + [(one, True) for one in at.case.voided]
    every.sort(key=lambda pair: _instant(at, pair[0]))
    rows = []
    later = 0
    for entry, void in every:
        if _instant(at, entry) > at.now:
            later += 1
            continue
        told = " · ".join(_told(at.case, entry.record))
        mark = t("void: {entry}", entry=told) if void else told
        by = getattr(entry.record, "by", None)
        rows.append((_when(at, moment(entry.record)), names[entry.kind, entry.nth], mark, by))
    headers = (t("When"), t("Handle"), t("What"), t("By"))
    blocks: list[Block] = [Text(t("Times are those of {zone}.", zone=at.zone))]
    blocks.append(of_table(headers, rows))
    if later:
        blocks.append(Text(t("Entries after that day, which are not here: {n}.", n=later)))
    return blocks


def _told(case: Case, record: Record) -> Iterator[str]:
    """Yield an entry in words, and then every text of it that these words do not have."""
    said = describe(record, case.head.currency, _EVERY_YEAR)
    yield said
    labels = {
        "whom": t("with"),
        "ours": t("we said"),
        "theirs": t("they said"),
        "refusal": t("why they disagree"),
        "result": t("result"),
        "referred_to": t("referred to"),
        "place": t("where or how"),
        "phone": t("number"),
        "via": t("by"),
        "ref": t("reference"),
        "how": t("how"),
        "why": t("why"),
        "note": t("note"),
    }
    for key, label in labels.items():
        value = getattr(record, key, None)
        if value and str(value) not in said:
            yield f"{label}: {value}"


def _instant(at: Standing, entry: Entry) -> datetime:
    """Return when an entry counts, a day from its beginning."""
    when = moment(entry.record)
    if not isinstance(when, datetime):
        when = datetime.combine(when, time.min, at.zone)
    return when.astimezone(UTC)


def _when(at: Standing, value: date | datetime) -> str:
    """Write a day, or a time on the debtor's clock."""
    if not isinstance(value, datetime):
        return value.isoformat()
    return f"{value.astimezone(at.zone):%Y-%m-%d %H:%M}"
