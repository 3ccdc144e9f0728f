"""The answer of the gate: in words, as JSON, and as the warning to what was done all the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from dunctl import dates
from dunctl.case import lines
from dunctl.case.describe import describe
from dunctl.case.records import Case
from dunctl.show.text import wrap
from dunctl.steps.calendar import kind
from dunctl.steps.guard import HORIZON, Asked, Finding, Verdict
from dunctl.steps.guard_words import demand, number_remedy
from dunctl.steps.packs import Pack
from dunctl.steps.packs_kinds import Holidays, Hours, LeadLetter, ThirdParty, Zones
from dunctl.steps.standing import Standing
from dunctl.words import t


def page(
    at: Standing,
    found: Verdict,
    asked: Asked,
    moment: datetime,
    desk: datetime,
    packs: Sequence[Pack],
    source: tuple[str, str],
) -> list[str]:
    """Return the verdict for people; ``source`` is the path and the text of the case's file.

    ``desk`` is now on the desk's clock, which tells its zone.
    """
    answer = {"allow": t("yes"), "warn": t("yes, but"), "block": t("no")}[found.verdict]
    head = wrap(f"{answer}: {_question(at, asked)}, {_clocks(at, moment, desk)}", 0)
    return [*head, *reasons(at, found, asked, desk, packs, source, moment)]


def reasons(
    at: Standing,
    found: Verdict,
    asked: Asked,
    desk: datetime,
    packs: Sequence[Pack],
    source: tuple[str, str],
    moment: datetime | None = None,
) -> list[str]:
    """Return each rule that stands against a contact (at ``moment``), and when it is allowed."""
    out: list[str] = []
    lines_of = lines.locate(source[1]) if found.findings else {}
    for finding in found.findings:
        out += _finding(at, finding, asked, packs, source, lines_of, moment or at.now)
    if found.verdict == "block":
        out += wrap(_next(at, found.next_allowed, desk), 0)
    return out


def _question(at: Standing, asked: Asked) -> str:
    who = asked.person.name if asked.person else at.case.debtor.name
    text = t("{who} by {channel}", who=who, channel=asked.channel)
    return text if asked.purpose == "collect" else f"{text} ({asked.purpose})"


def _clocks(at: Standing, moment: datetime, desk: datetime) -> str:
    """Return a moment on the debtor's clock, and on the desk's where that shows another time."""
    here = moment.astimezone(desk.tzinfo)
    if not at.case.debtor.timezone:
        return t("{when} here", when=dates.say(here, today=desk.date()))
    there = moment.astimezone(at.zone)
    text = t("{when} there", when=dates.say(there, today=desk.date()))
    if there.replace(tzinfo=None) == here.replace(tzinfo=None):
        return text
    shown = f"{here:%H:%M}" if here.date() == there.date() else dates.say(here, today=desk.date())
    return text + " (" + t("{when} here", when=shown) + ")"


def _finding(
    at: Standing,
    finding: Finding,
    asked: Asked,
    packs: Sequence[Pack],
    source: tuple[str, str],
    lines_of: Mapping[lines.Path, int],
    moment: datetime,
) -> list[str]:
    rule = finding.rule
    pack = next((pack for pack in packs if pack.id == finding.pack), None)
    about = {"block": t("blocks"), "warn": t("warns")}[finding.level]
    out = wrap(f"{finding.reason} {about}: {_demand(at, finding, moment)}", 2)
    if finding.because:
        path, text = source
        line = lines.line_of(lines_of, finding.because)
        what = _said(at, finding.because) or text.split("\n")[line - 1].strip()
        out += wrap(f"{path}:{line}: {what}", 4)
    told = rule.source
    if rule.confidence != "verified":
        told += "; " + t("not verified")
    if pack is not None:
        told = f"{pack.title}: {told}"
        if pack.advisory:
            told += "; " + t("advice only: the pack does not bind this case")
    out += wrap(told, 4)
    remedy = _remedy(at.case, finding, asked)
    return out + (wrap(remedy, 4) if remedy else [])


def _demand(at: Standing, finding: Finding, moment: datetime) -> str:
    """Return what a rule demands, with what cannot be read in the case."""
    what, title = finding.rule.what, demand(finding)
    if isinstance(what, Zones) and not at.case.debtor.timezone:
        return t("no time zone is known, so it may be night there")
    if isinstance(what, Holidays):
        _, name = kind(at.calendar, moment.astimezone(at.zone).date())
        return f"{title}: {name}" if name else title
    return title


def _said(at: Standing, path: lines.Path) -> str | None:
    """Return what an entry of the journal says, with its day."""
    for entry in at.case.journal:
        if (entry.kind, entry.nth) == path:
            record = entry.record
            moment = getattr(record, "at", None)
            text = describe(record, at.case.head.currency, at.today)
            if not isinstance(moment, datetime):
                return text
            return f"{dates.say(moment.astimezone(at.zone), today=at.today)} {text}"
    return None


def _remedy(case: Case, finding: Finding, asked: Asked) -> str | None:
    what, person = finding.rule.what, asked.person
    if isinstance(what, Zones) and not case.debtor.timezone:
        return t("dunctl set {id} debtor.timezone ZONE", id=case.id)
    if isinstance(what, ThirdParty) and person and person.role == "other":
        return t(
            'if they are of the debtor, record it: dunctl set {id} "person.{name}.role" ROLE',
            id=case.id,
            name=person.name,
        )
    if isinstance(what, LeadLetter) and not finding.because:
        return t("no letter is recorded: dunctl letter {id}", id=case.id)
    return number_remedy(case, finding, person)


def _next(at: Standing, moment: datetime | None, desk: datetime) -> str:
    if moment is None:
        return t("Next: not in the next {days} days, unless the case changes", days=HORIZON)
    return t("Next: {when}", when=_clocks(at, moment, desk))


def sentence(at: Standing, finding: Finding, moment: datetime) -> str:
    """Return the warning to a contact that went against a rule: ``at`` and when it was."""
    title = _demand(at, finding, moment)
    text = t("against {reason}: {title}", reason=finding.reason, title=title)
    if isinstance(finding.rule.what, Hours | Zones) and at.case.debtor.timezone:
        local = moment.astimezone(at.zone)
        text += (
            " ("
            + t(
                "it was {day} {time} there",
                day=dates.WEEKDAYS[local.weekday()],
                time=f"{local:%H:%M}",
            )
            + ")"
        )
    return text


def data(
    at: Standing, found: Verdict, asked: Asked, moment: datetime, source: tuple[str, str]
) -> dict[str, Any]:
    """Return the verdict as the JSON contract has it; ``reason`` to ``because``: the worst rule."""
    lines_of = lines.locate(source[1])
    findings = [_as_data(finding, source[0], lines_of) for finding in found.findings]
    worst: dict[str, Any] = dict.fromkeys(("reason", "rule", "pack", "source", "because"))
    worst |= {key: findings[0][key] for key in worst} if findings else {}
    return {
        "case": at.case.id,
        "person": asked.person.name if asked.person else None,
        "channel": asked.channel,
        "purpose": asked.purpose,
        "at": _iso(at, moment),
        "verdict": found.verdict,
        **worst,
        "next_allowed": _iso(at, found.next_allowed) if found.next_allowed else None,
        "findings": findings,
    }


def _iso(at: Standing, moment: datetime) -> str:
    return moment.astimezone(at.zone).isoformat(timespec="seconds")


def _as_data(finding: Finding, path: str, lines_of: Mapping[lines.Path, int]) -> dict[str, Any]:
    because = None
    if finding.because:
        because = {"path": path, "line": lines.line_of(lines_of, finding.because)}
    return {
        "level": finding.level,
        "reason": finding.reason,
        "rule": finding.rule.title,
        "pack": finding.pack,
        "source": finding.rule.source,
        "confidence": finding.rule.confidence,
        "because": because,
    }
