"""The ladder of stages: which one fits, what stands in the way, and the step itself.

The program suggests, a person decides: nothing here moves a stage, it only says what a step would
be. Steps go one at a time and keep the cadence of the stage, however late the command runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from dunctl import dates, money
from dunctl.case.records import Hold
from dunctl.case.vocabulary import STAGES
from dunctl.errors import Refused
from dunctl.steps.promises import due_instant
from dunctl.steps.standing import Standing
from dunctl.tuples import NamedTuple
from dunctl.words import in_days, t


class Suggestion(NamedTuple):
    """The next step: ``to`` (``None``: stay), why, and what keeps it from being taken today.

    ``until`` is the day from which the obstacle is gone, where that is known. A ``frozen`` case
    takes no step at all; other obstacles can be overruled by a person who says why.
    """

    to: str | None
    why: str
    obstacle: str | None = None
    until: date | None = None
    frozen: bool = False


def freeze(at: Standing) -> tuple[str, date | None] | None:
    """Return what freezes the case and the first day without it, if anything does.

    Practice R2: dispute (of the whole), plan up to date, represented, insolvent, deceased, fraud,
    agency placed, stop-contact; O13 for the plan.
    """
    held = on_hold(at)
    if held:
        return held
    if at.plan is not None and not at.settled:
        return t("a plan is up to date") + _coming(at), None
    if everything_disputed(at):
        return t("everything open is disputed"), None
    return None


def on_hold(at: Standing) -> tuple[str, date | None] | None:
    """Return the hold that freezes the case longest, and the first day without it."""
    holds = [hold for hold in at.holds if hold.kind != "plan" or at.plan or not at.planned]
    if not holds:
        return None
    last = max(holds, key=lambda hold: hold.until or date.max)
    return hold_words(last), last.until + timedelta(days=1) if last.until else None


def everything_disputed(at: Standing) -> bool:
    """Return whether something is open, and all of that disputed."""
    receivables = at.ledger.receivables
    disputed = [r for r in receivables if r.disputed > 0]
    return bool(disputed) and all(r.undisputed <= 0 for r in receivables)


def _coming(at: Standing) -> str:
    coming = at.schedule.next if at.schedule else None
    if coming is None or at.schedule is None:
        return ""
    return t(
        ", {amount} is due {day}",
        amount=money.show(coming.missing, at.schedule.currency),
        day=dates.say(coming.due, today=at.today),
    )


def hold_words(hold: Hold) -> str:
    """Say what a hold is about."""
    words = {
        "dispute": t("on hold: disputed"),
        "plan": t("on hold: a plan is agreed"),
        "represented": t("on hold: represented"),
        "insolvent": t("on hold: insolvent, file the claim"),
        "deceased": t("on hold: deceased, claim from the estate only"),
        "fraud": t("on hold: suspected fraud"),
        "agency": t("on hold: placed with an agency"),
        "stop_contact": t("on hold: asked us to stop contact"),
        "pause": t("on hold: paused"),
    }
    text = words[hold.kind]
    if hold.whom and hold.kind == "represented":
        text += " " + t("by {name}", name=hold.whom)
    elif hold.whom:
        text += ", " + t("speak with {name}", name=hold.whom)
    return f"{text} ({hold.why})" if hold.why else text


def fitting_stage(at: Standing) -> tuple[str, str]:
    """Return the stage that the days past due point to, and why.

    The clock is the oldest undisputed open invoice (practice R2); habitual late payers and those
    who broke three promises are one stage further (D02, F26).
    """
    days = at.ledger.days_past_due()
    if days == 0:
        return "upcoming", t("nothing undisputed is overdue")
    bands = [s for s in at.policy.stages.values() if s.from_day is not None and s.from_day <= days]
    nth = STAGES.index(bands[-1].name if bands else "upcoming")
    why = t("{days} past due", days=in_days(days))
    shift = 0
    if (at.case.head.reason or "").split(".")[0] == "habitual":
        shift = at.policy.ladder.habitual_shift
        why += ", " + t("habitually late")
    broken = sum(state.status in ("broken", "partial") for state in at.promises)
    if broken >= at.policy.promise.breaks_for_escalate:
        shift = max(shift, 1)
        why += ", " + t("{count} promises broken", count=broken)
    return STAGES[min(nth + shift, STAGES.index("legal"))], why


def suggest(at: Standing) -> Suggestion:
    """Return the next step for a case, one stage at most, and what keeps it from being taken."""
    if at.stage == "closed":
        owed = bool(at.ledger.chasable())
        return Suggestion(None, t("closed, but money is overdue again") if owed else t("closed"))
    if at.settled:
        return Suggestion("closed", _paid(at))
    fitting, why = fitting_stage(at)
    here, there = STAGES.index(at.stage), STAGES.index(fitting)
    if there <= here:
        if there < here:
            why += "; " + t("the stage is ahead of that")
        return Suggestion(None, why)
    to = STAGES[_reach(at, there)]
    frozen = freeze(at)
    if frozen:
        return Suggestion(to, why, frozen[0], frozen[1], frozen=True)
    ready = next_step_day(at)
    if ready and at.stepped and at.today < ready:
        day = at.stepped.at.astimezone(at.zone).date()
        obstacle = t("the last step was on {day}", day=dates.say(day, today=at.today))
        return Suggestion(to, why, obstacle, ready)
    obstacle_now = unmet(at, to)
    return Suggestion(to, why, obstacle_now)


def _paid(at: Standing) -> str:
    if any(offer.status == "met" for offer in at.offers):
        return t("everything is paid or let go")
    return t("everything is paid")


def _reach(at: Standing, there: int) -> int:
    """Return how far one step may go: one stage, or from the start up to ``start_at_most``."""
    here = STAGES.index(at.stage)
    if at.stepped is None:
        return min(there, STAGES.index(at.policy.ladder.start_at_most))
    return min(there, here + 1)


def next_step_day(at: Standing) -> date | None:
    """Return the first day on which the cadence allows another step (practice A34, A41)."""
    if at.stepped is None:
        return None
    cadence = at.policy.stages[at.stage].cadence_working_days
    stepped = at.stepped.at.astimezone(at.zone).date()
    return dates.add_working_days(stepped, cadence, at.calendar.working)


def unmet(at: Standing, to: str) -> str | None:
    """Return what must still be true before stage ``to``, or that a promise is running."""
    running = [
        state
        for state in at.awaited
        if state.missing and due_instant(state.promise.due, at.zone) > at.now
    ]
    if running:
        due = dates.say(running[0].promise.due, today=at.today)
        if running[0].entry.kind == "settlement":
            return t("a settlement is open until {day}", day=due)
        return t("a promise is not due before {day}", day=due)
    if at.case.debtor.key_account:
        return t("a key account: say --why")
    for need in at.policy.stages[to].needs:
        missing = NEEDS[need](at)
        if missing:
            return missing
    return None


def _reason(at: Standing) -> str | None:
    if at.case.head.reason:
        return None
    return t("no reason is known: dunctl set {id} reason CODE (or unknown)", id=at.case.id)


def _contact(at: Standing) -> str | None:
    if at.contacts or at.agreements:
        return None
    return t("nobody has been spoken to yet: dunctl log {id} OUTCOME", id=at.case.id)


def _final_demand(at: Standing) -> str | None:
    if any(letter.template == "final-demand" for letter in at.letters):
        return None
    return t("no final demand was written: dunctl letter {id} final-demand", id=at.case.id)


def _decision(at: Standing) -> str | None:
    return t(
        "legal steps are a decision: dunctl escalate {id} --to legal --why … "
        "(dunctl next-step {id} weighs it)",
        id=at.case.id,
    )


NEEDS: Mapping[str, Callable[[Standing], str | None]] = {
    "reason": _reason,
    "contact": _contact,
    "final_demand": _final_demand,
    "decision": _decision,
}
"""What a stage can ask for before it is reached; a policy names them in ``needs``."""


def step(at: Standing, to: str | None, why: str | None) -> tuple[str, str | None] | None:
    """Return the step (stage, why) that the command may record; ``None``: it is there already.

    Without ``to`` it is the suggested step. Raises ``Refused`` with the reason and the remedy: what
    a hold forbids is refused always, anything else without ``why``.
    """
    case_id = at.case.id
    if to is None:
        suggestion = suggest(at)
        if suggestion.to is None:
            raise Refused(
                t("{id} stays at {stage}: {why}", id=case_id, stage=at.stage, why=suggestion.why)
            )
        if suggestion.obstacle and (suggestion.frozen or suggestion.until or not why):
            raise Refused(_refusal(at, suggestion))
        return suggestion.to, why or suggestion.why
    if to == at.stage:
        return None
    here, there = STAGES.index(at.stage), STAGES.index(to)
    if to == "closed":
        if not at.settled and not why:
            raise Refused(t("{id} still owes money: say --why it is closed", id=case_id))
        return to, why or _paid(at)
    frozen = freeze(at)
    if frozen:
        raise Refused(_refusal(at, Suggestion(to, "", frozen[0], frozen[1])))
    if why:
        return to, why
    if there < here:
        raise Refused(t("{id} is at {stage}: say --why it goes back", id=case_id, stage=at.stage))
    if there > _reach(at, there):
        raise Refused(
            t(
                "{id} is at {stage}: {to} skips a stage; say --why",
                id=case_id,
                stage=at.stage,
                to=to,
            )
        )
    suggestion = suggest(at)
    if suggestion.to is None or suggestion.to == "closed" or there > STAGES.index(suggestion.to):
        raise Refused(t("{id} is not there yet: {why}; say --why", id=case_id, why=suggestion.why))
    if suggestion.obstacle:
        raise Refused(_refusal(at, suggestion))
    return to, suggestion.why


def _refusal(at: Standing, suggestion: Suggestion) -> str:
    text = t(
        "{id} cannot go to {to}: {why}", id=at.case.id, to=suggestion.to, why=suggestion.obstacle
    )
    if suggestion.until:
        text += "; " + t("from {day}", day=dates.say(suggestion.until, today=at.today))
    return text
