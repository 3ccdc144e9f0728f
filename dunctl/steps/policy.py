"""A policy as a record: stages, windows, promises and limits, read from its TOML data.

The annotations of its records are the table of what each key may be.
"""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any, TypeGuard

from dunctl import dates
from dunctl.case.fields import closest
from dunctl.case.vocabulary import CHANNELS, STAGES
from dunctl.errors import Refused
from dunctl.steps import authority
from dunctl.steps.authority import Authority
from dunctl.steps.costs import NO_LIMITS, Costs, Limits, read_costs, read_limits
from dunctl.tuples import NamedTuple
from dunctl.words import t


class Stage(NamedTuple):
    """A dunning level: its band in days past due, and how it works (practice R2, D18)."""

    name: str
    from_day: int | None = None
    to_day: int | None = None
    tone: str = ""
    channels: tuple[str, ...] = ()
    letter: str | None = None
    who: str = ""
    cadence_working_days: int = 0
    needs: tuple[str, ...] = ()


class Window(NamedTuple):
    """When calls are allowed at all, in the debtor's local time (practice A14, A22, A06)."""

    earliest: str
    latest: str
    remind_before_minutes: int
    weekdays: Mapping[str, int]


class PromiseTerms(NamedTuple):
    """How promises are judged (practice F)."""

    grace_working_days: int
    remind_days_before: int
    confirm_within_working_days: int
    breaks_for_written: int
    breaks_for_escalate: int


class Frequency(NamedTuple):
    """How long a debtor rests, and after how many calls in vain we write (A41, A44, J11).

    How often it may be tried is the rule packs' to say.
    """

    after_conversation_working_days: int
    message_after_calls: int


class NumberTerms(NamedTuple):
    """After how many days a telephone number is to be proved right again (practice B41, C02)."""

    prove_again_days: int


class LadderTerms(NamedTuple):
    """How the ladder is climbed (practice D02, D10, D28)."""

    habitual_shift: int
    start_at_most: str
    decision_alarm_day: int


class LetterTerms(NamedTuple):
    """Deadlines that letters set, in calendar days (practice F31), and what they may name.

    ``before_action_individual_days`` is for consumers and sole traders. ``remind_ahead`` are
    working days before the due day; ``next_unit`` and ``court`` may be empty: then no letter names
    them.
    """

    deadline_days: int
    final_deadline_days: int
    reply_days: int
    before_action_days: int
    before_action_individual_days: int
    remind_ahead: tuple[int, ...]
    next_unit: str
    court: str


class LimitationTerms(NamedTuple):
    """How many days before a debt may be time-barred one is warned (practice M02, H21)."""

    warn_days: tuple[int, ...]


class Policy(NamedTuple):
    """Everything a policy says; ``hours`` has a line a kind of debtor, and ``lunch``.

    ``limits`` is what may be open by currency and grade.
    """

    name: str
    window: Window
    hours: Mapping[str, str]
    promise: PromiseTerms
    frequency: Frequency
    numbers: NumberTerms
    ladder: LadderTerms
    letter: LetterTerms
    limitation: LimitationTerms
    stages: Mapping[str, Stage]
    authority: Authority
    costs: Costs = Costs()
    limits: Limits = NO_LIMITS


DEADLINES = ("deadline_days", "final_deadline_days", "reply_days", "before_action_days")
"""The deadlines of ``[letter]`` that a template can name."""

NEEDS = ("reason", "contact", "final_demand", "decision")
"""What a stage can ask for before it is reached; each has a function of the ladder."""

_HOURS = ("company", "sole_trader", "public", "consumer", "lunch")
_SECTIONS: Mapping[str, type[Any]] = {
    "window": Window,
    "promise": PromiseTerms,
    "frequency": Frequency,
    "numbers": NumberTerms,
    "ladder": LadderTerms,
    "letter": LetterTerms,
    "limitation": LimitationTerms,
}


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``base`` with ``over`` laid on it: tables by key, stages by name."""
    result = dict(base)
    for key, value in over.items():
        old = result.get(key)
        if key == "stage" and _tables(old) and _tables(value):
            by_name = {str(stage.get("name")): stage for stage in value}
            result[key] = [merged(stage, by_name.pop(str(stage.get("name")), {})) for stage in old]
            result[key] += by_name.values()
        elif isinstance(old, Mapping) and isinstance(value, Mapping):
            result[key] = merged(old, value)
        else:
            result[key] = value
    return result


def _tables(value: object) -> TypeGuard[list[Mapping[str, Any]]]:
    return isinstance(value, list) and all(isinstance(item, Mapping) for item in value)


def read(name: str, data: Mapping[str, Any]) -> Policy:
    """Turn a policy's TOML data into the record.

    Raises ``Refused`` naming the policy and the key that is missing, unknown or of a wrong kind.
    """
    known = ["format", "hours", "stage", "authority", "costs", "credit", *_SECTIONS]
    for key in data:
        if key not in known:
            raise _bad(name, t("unknown key {key}", key=key) + closest(key, known))
    sections = {key: _section(name, key, cls, data.get(key)) for key, cls in _SECTIONS.items()}
    window: Window = sections["window"]
    _hours(name, "window", f"{window.earliest}-{window.latest}")
    hours = _table(name, "hours", data.get("hours"), _HOURS)
    for kind, text in hours.items():
        _hours(name, f"hours.{kind}", text)
    stages = _stages(name, data.get("stage"))
    if sections["ladder"].start_at_most not in stages:
        raise _bad(name, t("ladder.start_at_most must be a stage"))
    try:
        powers = authority.read(data.get("authority"))
        costs = read_costs(data.get("costs", {}))
        limits = read_limits(data.get("credit", {}))
    except ValueError as error:
        raise _bad(name, str(error)) from error
    return Policy(
        name,
        hours=hours,
        stages=stages,
        authority=powers,
        costs=costs,
        limits=limits,
        **sections,
    )


def _bad(name: str, what: str) -> Refused:
    return Refused(t("policy {name}: {what}", name=name, what=what))


def _table(name: str, key: str, value: object, wanted: Iterable[str]) -> Mapping[str, Any]:
    """Return a table that has exactly the keys that are wanted."""
    if not isinstance(value, Mapping):
        raise _bad(name, t("[{table}] must be a table", table=key))
    odd = sorted(set(wanted) ^ set(value))
    if odd:
        raise _bad(
            name, t("[{table}] lacks or does not know {keys}", table=key, keys=", ".join(odd))
        )
    return value


def _section(name: str, key: str, cls: type[Any], value: object) -> Any:
    kinds = cls.__annotations__
    table = _table(name, key, value, kinds)
    for item, content in table.items():
        _kind(name, f"{key}.{item}", kinds[item], content)
    return cls(**{k: tuple(v) if isinstance(v, list) else v for k, v in table.items()})


def _kind(name: str, key: str, kind: object, value: object) -> None:
    """Refuse a value that is not what its annotation says."""
    if kind in (int, int | None):
        fits = isinstance(value, int) and not isinstance(value, bool) and value >= 0
        what = t("{key} must be a whole number", key=key)
    elif kind == tuple[str, ...]:
        fits = isinstance(value, list) and all(isinstance(item, str) for item in value)
        what = t("{key} must be a list of words", key=key)
    elif kind == tuple[int, ...]:
        fits = isinstance(value, list) and all(
            isinstance(item, int) and not isinstance(item, bool) and item > 0 for item in value
        )
        what = t("{key} must be a list of whole numbers above 0", key=key)
    elif kind == Mapping[str, int]:
        days = [day.lower() for day in dates.WEEKDAYS]
        fits = isinstance(value, Mapping) and all(
            day in days and isinstance(weight, int) for day, weight in value.items()
        )
        what = t("{key} must be such as {example}", key=key, example="{ mon = 0, fri = 3 }")
    else:
        fits = isinstance(value, str)
        what = t("{key} must be text in quotes", key=key)
    if not fits:
        raise _bad(name, what)


def _hours(name: str, key: str, text: object) -> None:
    _kind(name, key, str, text)
    try:
        dates.parse_hours(str(text))
    except ValueError as error:
        raise _bad(name, f"{key}: {error}") from error


def _stages(name: str, tables: object) -> dict[str, Stage]:
    """Return the stages by name; their bands follow each other without a gap."""
    if not _tables(tables):
        raise _bad(name, t("write [[stage]] in double brackets"))
    stages: dict[str, Stage] = {}
    kinds = Stage.__annotations__
    for table in tables:
        stage = table.get("name")
        odd = set(table) - set(Stage._fields)
        if odd or stage not in STAGES:
            raise _bad(
                name,
                t(
                    "stage {stage} is not known, or has the unknown key {keys}",
                    stage=stage,
                    keys=", ".join(sorted(odd)) or "-",
                ),
            )
        for key, value in table.items():
            _kind(name, f"stage {stage}: {key}", kinds[key], value)
        lists = {"channels": CHANNELS, "needs": NEEDS}
        for key, allowed in lists.items():
            for word in table.get(key, ()):
                if word not in allowed:
                    what = t("stage {stage}: unknown {key} {word}", stage=stage, key=key, word=word)
                    raise _bad(name, what + closest(word, list(allowed)))
        stages[stage] = Stage(**{**table, **{key: tuple(table.get(key, ())) for key in lists}})
    if tuple(stages) != STAGES:
        raise _bad(name, t("the stages must be {stages}, in this order", stages=", ".join(STAGES)))
    for before, after in pairwise(list(stages.values())[:-1]):
        day = 1 if before.to_day is None else before.to_day + 1
        if before.to_day is None or after.from_day != day:
            raise _bad(
                name,
                t(
                    "stage {after} must begin on the day after the last one of {before}: {day}",
                    after=after.name,
                    before=before.name,
                    day=day,
                ),
            )
    return stages
