"""What a rule of contact can demand: the closed set of its kinds, and the words they are made of.

Nothing here applies a rule: ``guard_rules`` does. What a key of a pack's file may hold is declared
in the annotations of these records; ``packs`` reads files by them and ``packs_page`` explains them.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from dunctl import dates
from dunctl.case.fields import FLAG, HOURS, Key, Kind, choice, whole
from dunctl.case.records import Contact, Debtor
from dunctl.case.vocabulary import HOLDS, ROLES
from dunctl.owed.sourced import several, words_of
from dunctl.steps.guard_families import FAMILIES
from dunctl.tuples import Annotated, NamedTuple
from dunctl.words import t

MANNERS = words_of(Debtor, "manner")
PURPOSES = words_of(Contact, "purpose")
LEVELS = ("warn", "block")

AUTHORITIES: Mapping[str, str] = {
    "statute": "a statute, a regulation, or a binding rule of a supervisor",
    "guideline": "guidance of an authority, or a code of a trade body",
    "draft": "a draft; not in force as far as known",
    "practice": "good practice of the field, by its row, or our own decision where it says so",
}
"""What stands behind a rule."""

COUNTS: Mapping[str, str] = {
    "unanswered": "a call of ours that nobody took, or that was rejected",
    "voicemail": "a message left for them",
    "third_party": "a call of ours that somebody else took",
    "wrong_number": "a call of ours to a number that is not theirs",
    "conversation": "a contact of ours in which they were spoken with, by phone, chat or visit",
    "incoming": "one that they began and in which they were spoken with",
    "asked": "also those for which they had asked; without this word they are not counted",
    "locate": "also those made only to find the debtor; without this word they are not counted",
    "visit": "a visit, met or not",
    "letter": "a letter of ours",
    "sms": "a text message of ours",
    "email": "an e-mail of ours",
    "fax": "a fax of ours",
    "chat": "a chat message of ours",
}
"""What a cap can count or a rest can follow; never what was for service or to verify (G25).

A cap, a rest or a pause does not stand in the way of what is for service or to verify either, nor a
cap of a contact that it would not count.
"""

EXCEPTIONS: Mapping[str, str] = {
    "call_back": "they asked to be contacted then, and were not tried since: from half an hour "
    "before, by hours and calendars for 90 minutes, otherwise for the rest of the day",
    "prefer": "it is a time that the person is known to like",
    "own_hours": "the hours recorded for the person or the debtor are open then",
    "working_day": "it is a working day there, such as a make-up day at a weekend",
    "promise_due": "a promise is due that day, and they were not tried that day; if it is due at a "
    "clock time, not since it was made",
    "promise_missed": "a promise was missed and not spoken about yet",
    "reminder": "it is the reminder of a promise or of an instalment, which the policy provides: "
    "from so many days before until the due day",
    "settle_day": "it is the day on which they pay suppliers, and they were not spoken to on it",
    "reply": "it is the one answer, by the same channel, to a contact of theirs: by hours and "
    "calendars on the same day, otherwise until the end of the next working day",
    "service": "it is not about getting paid: the purpose is service or verify",
    "remedy_notice": "it is a letter that ends our efforts or announces a certain legal step",
}
"""When a rule does not stand in the way."""


def _listed(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise ValueError(t("must be a list of days of the year in quotes"))
    days_of_year(value, 2001)
    return tuple(value)


def _name(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", value):
        raise ValueError(t("must be a name of small letters, digits and single dashes"))
    return value


def days_of_year(days: Iterable[str], year: int) -> frozenset[date]:
    """Return the dates that a list of days stands for in a year.

    ``12-25``; ``07-01 sun+1``, the day after if it is a Sunday; ``easter-2``; ``mon>=09-01``, the
    first Monday from then on; ``mon<=05-24``, the last one until then. ``ValueError`` otherwise.
    """
    return frozenset(_day_of_year(text, year) for text in days)


def _day_of_year(text: str, year: int) -> date:
    if fixed := re.fullmatch(r"(\d\d)-(\d\d)( sun\+1)?", text):
        day = date(year, int(fixed[1]), int(fixed[2]))
        return day + timedelta(days=1) if fixed[3] and day.weekday() == 6 else day
    if moving := re.fullmatch(r"easter([+-]\d{1,2})?", text):
        from dateutil.easter import easter

        return easter(year) + timedelta(days=int(moving[1] or 0))
    near = re.fullmatch(r"([a-z]{3})([<>])=(\d\d)-(\d\d)", text)
    weekday = dates.weekday_number(near[1]) if near else None
    if near is None or weekday is None:
        raise ValueError(
            t(
                '"{text:.20}" is no day of the year: write 12-25, easter-2 or mon>=09-01',
                text=text,
            )
        )
    day = date(year, int(near[3]), int(near[4]))
    if near[2] == ">":
        return day + timedelta(days=(weekday - day.weekday()) % 7)
    return day - timedelta(days=(day.weekday() - weekday) % 7)


NAME = Kind("name", _name, {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"})
DAYS_OF_YEAR = Kind(
    "list of days of the year, such as `12-25`, `07-01 sun+1`, `easter-2`, `mon>=09-01`",
    _listed,
    {"type": "array", "items": {"type": "string"}},
)
_COUNTED = Key(several(COUNTS), "what is counted, see below", required=True)
_AFTER = Key(several(COUNTS), "after what, see below", required=True)
_PER = Key(
    several(("person", "debt")),
    "counted for each person, for each debt (the case), or for each person and debt",
    required=True,
)
_CONSENT = Key(
    whole(1, 366),
    "for so many days, the day of asking first, a contact they asked for is free of this rule; "
    "talking with them ends that",
)


class Hours(NamedTuple):
    """Contact only within these hours of the debtor's local time."""

    open: Annotated[str, Key(HOURS, "when contact is allowed", required=True)]


class Lunch(NamedTuple):
    """No contact in the lunch break: the recorded one, or else this."""

    closed: Annotated[str, Key(HOURS, "where no lunch is recorded", required=True)]


class Weekday(NamedTuple):
    """No contact on these days of the debtor's week."""

    closed: Annotated[str, Key(HOURS, "the days, such as `sat-sun`", required=True)]


class Holidays(NamedTuple):
    """No contact on public holidays where the debtor is."""

    calendar: Annotated[
        str,
        Key(
            choice("national", "regional", "listed"),
            "those of the country, also those of its subdivision, or only `days`",
            required=True,
        ),
    ]
    days: Annotated[tuple[str, ...], Key(DAYS_OF_YEAR, "which, if they are listed")] = ()


class Zones(NamedTuple):
    """Where several time zones are possible, the hours must be open in all of them."""


class QuietHours(NamedTuple):
    """No contact at times that the person asked us to avoid."""


class AttemptsCap(NamedTuple):
    """No more than so many attempts within a time; this contact would be one of them."""

    at_most: Annotated[int, Key(whole(1, 1000), "how many", required=True)]
    counts: Annotated[tuple[str, ...], _COUNTED]
    per: Annotated[tuple[str, ...], _PER]
    days: Annotated[int | None, Key(whole(1, 366), "in so many days, the day itself last")] = None
    calendar_month: Annotated[bool, Key(FLAG, "in the calendar month, instead of days")] = False
    once_spoken: Annotated[bool, Key(FLAG, "only after a first conversation")] = False
    consent_days: Annotated[int | None, _CONSENT] = None


class Cooldown(NamedTuple):
    """A rest after something: next contact so many days later, the day itself being the first."""

    days: Annotated[int, Key(whole(1, 366), "how many", required=True)]
    after: Annotated[tuple[str, ...], _AFTER]
    per: Annotated[tuple[str, ...], _PER]
    working: Annotated[bool, Key(FLAG, "working days")] = False
    consent_days: Annotated[int | None, _CONSENT] = None


class Spacing(NamedTuple):
    """A pause between two attempts of one day."""

    minutes: Annotated[int, Key(whole(1, 1440), "at least", required=True)]
    after: Annotated[tuple[str, ...], _AFTER]
    per: Annotated[tuple[str, ...], _PER]


class Holding(NamedTuple):
    """No contact while something freezes the case."""

    holds: Annotated[
        tuple[str, ...],
        Key(
            several(HOLDS),
            "kinds of hold; `plan` also while a plan is up to date, `dispute` also while "
            "everything open is disputed",
            required=True,
        ),
    ]
    roles: Annotated[
        tuple[str, ...], Key(several(ROLES), "people who may be contacted all the same")
    ] = ()


class PromiseRunning(NamedTuple):
    """No contact while a promise to pay is not yet due."""


class Place(NamedTuple):
    """No contact at a place."""

    where: Annotated[str, Key(choice("work"), "the person's place of work", required=True)]
    if_asked: Annotated[bool, Key(FLAG, "only if they do not want it (`no_work_calls`)")] = False
    open: Annotated[str | None, Key(HOURS, "hours in which it is allowed there")] = None


class ThirdParty(NamedTuple):
    """People who are not to hear of the debt."""

    roles: Annotated[tuple[str, ...], Key(several(ROLES), "who they are", required=True)]
    at_most: Annotated[
        int | None, Key(whole(0, 100), "how often one of them may be spoken with at all")
    ] = None
    purposes: Annotated[
        tuple[str, ...], Key(several(PURPOSES), "for what; without it, for anything")
    ] = ()


class Visit(NamedTuple):
    """Limits to visits."""

    manners: Annotated[
        tuple[str, ...], Key(several(MANNERS), "none where the debtor's manner is one of these")
    ] = ()
    last_resort: Annotated[bool, Key(FLAG, "only when another channel was tried before")] = False


class Consent(NamedTuple):
    """Only if they asked for contact in this way, or used it themselves."""


class Number(NamedTuple):
    """Only to numbers that are theirs."""

    after_wrong: Annotated[
        bool, Key(FLAG, "not at a number that was somebody else's, until it is verified anew")
    ] = False
    unverified: Annotated[bool, Key(FLAG, "not before the person's number is verified")] = False


class LeadLetter(NamedTuple):
    """A letter goes first, and then so many whole days pass."""

    wait_days: Annotated[int, Key(whole(1, 366), "days after the day of the letter", required=True)]


class Wording(NamedTuple):
    """No letter or message with such words; where it blocks, nobody can overrule it."""

    about: Annotated[
        tuple[str, ...], Key(several(FAMILIES), "which words, see below", required=True)
    ]


What = (
    Hours
    | Lunch
    | Weekday
    | Holidays
    | Zones
    | QuietHours
    | AttemptsCap
    | Cooldown
    | Spacing
    | Holding
    | PromiseRunning
    | Place
    | ThirdParty
    | Visit
    | Consent
    | Number
    | LeadLetter
    | Wording
)

KINDS: Mapping[str, type[What]] = {
    "hours": Hours,
    "lunch": Lunch,
    "weekday": Weekday,
    "holidays": Holidays,
    "zones": Zones,
    "quiet_hours": QuietHours,
    "attempts_cap": AttemptsCap,
    "cooldown": Cooldown,
    "spacing": Spacing,
    "hold": Holding,
    "promise": PromiseRunning,
    "place": Place,
    "third_party": ThirdParty,
    "visit": Visit,
    "consent": Consent,
    "number": Number,
    "lead_letter": LeadLetter,
    "wording": Wording,
}
"""The closed set of what a rule can demand; a kind without keys is an empty, hence false, tuple."""


def inside(inner: str, outer: str) -> bool:
    """Return whether all of ``inner``, in hours of the week, is within ``outer``."""
    return not dates.subtract(
        [(day * 1440 + start, day * 1440 + end) for day, start, end in dates.parse_hours(inner)],
        [(day * 1440 + start, day * 1440 + end) for day, start, end in dates.parse_hours(outer)],
    )
