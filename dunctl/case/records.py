"""The records of a case, and in their annotations the one table of every key a case file has.

Checks, the JSON Schema and ``docs/case-file.md`` are read from here; nothing is declared twice.
Each class is one table of the file; a class with a moment (``at``, ``on``, ``issued``) is a journal
entry. Amounts are in the entry's ``currency`` or else the case's.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache, cached_property
from operator import attrgetter
from typing import Any, TypeVar

from dunctl.case.fields import (
    AMOUNT,
    COUNTRY,
    CURRENCY,
    DAY,
    FLAG,
    FORMAT,
    HANDLE,
    HOURS,
    HOURS_LIST,
    INSTALMENTS,
    INSTANT,
    SHARE,
    TEXT,
    TEXTS,
    WHEN,
    ZONES,
    Key,
    Kind,
    choice,
    code,
    inner,
    whole,
)
from dunctl.case.vocabulary import CHANNELS, HOLDS, OUTCOMES, REASONS, ROLES, SENT, STAGES, VIA
from dunctl.tuples import Annotated, NamedTuple
from dunctl.words import t

_AT = Key(INSTANT, "when", required=True)
_BY = Key(TEXT, "who of us")
_WHOM = Key(TEXT, "with whom, a person of the case", name="with")
_NOTE = Key(TEXT, "anything worth keeping; never shown to the debtor")
_CURRENCY = Key(CURRENCY, "if not the case's currency")
_INVOICE = Key(TEXT, "the number of the invoice concerned; without it, oldest due first")
_WHY = Key(TEXT, "the reason")
_PENDING = Key(
    TEXT, "what of it is beyond whoever wrote it; counts for nothing before an `[[approval]]`"
)

Text = Annotated[str | None, _NOTE]


class Head(NamedTuple):
    """The keys before the first table."""

    format: Annotated[int, Key(FORMAT, "the format of the file", required=True)]
    currency: Annotated[str, Key(CURRENCY, "the currency of the debt", required=True)]
    policy: Annotated[str | None, Key(TEXT, "ladder and limits; default in dunctl.toml")] = None
    owner: Annotated[str | None, Key(TEXT, "who works this case (practice G23)")] = None
    reason: Annotated[str | None, Key(code(REASONS), "why the money is not here")] = None
    note: Text = None


class Debtor(NamedTuple):
    """Who owes."""

    name: Annotated[str, Key(TEXT, "name, as letters address it", required=True)]
    kind: Annotated[
        str, Key(choice("company", "sole_trader", "consumer", "public"), "what they are in law")
    ] = "company"
    number: Annotated[str | None, Key(TEXT, "our customer number")] = None
    size: Annotated[
        str | None, Key(choice("small", "large"), "whom to ask for first (practice B01, B02)")
    ] = None
    country: Annotated[str | None, Key(COUNTRY, "where they are")] = None
    subdivision: Annotated[str | None, Key(TEXT, "state or province (ISO 3166-2)")] = None
    timezone: Annotated[
        tuple[str, ...], Key(ZONES, "their clock; a list if phone and address disagree")
    ] = ()
    language: Annotated[str | None, Key(TEXT, "BCP 47, such as zh-CN")] = None
    hours: Annotated[str | None, Key(HOURS, "their working day; default by country")] = None
    lunch: Annotated[str | None, Key(HOURS, "closed to calls; default by country")] = None
    address: Annotated[tuple[str, ...], Key(TEXTS, "for letters, line by line")] = ()
    phone: Annotated[tuple[str, ...], Key(TEXTS, "the switchboard")] = ()
    email: Annotated[str | None, Key(TEXT, "for letters by e-mail")] = None
    key_account: Annotated[bool, Key(FLAG, "ask before each step (practice E39)")] = False
    settle_day: Annotated[
        int | None,
        Key(whole(1, 31), "day of the month on which they pay: they are called (practice A36)"),
    ] = None
    payment_procedure: Annotated[str | None, Key(TEXT, "how they pay (practice B05)")] = None
    ability: Annotated[
        str | None, Key(choice("able", "partly", "unable", "unknown"), "can they? (practice C17)")
    ] = None
    willingness: Annotated[
        str | None,
        Key(choice("willing", "reluctant", "refusing", "unknown"), "will they? (practice C21)"),
    ] = None
    manner: Annotated[
        str | None,
        Key(
            choice(
                *("plain_talk", "nitpicking", "hostile", "cold", "evasive", "pleading"),
                *("hot", "calm", "easy", "vain", "flattering"),
            ),
            "how to speak with them (practice R1, axis 3)",
        ),
    ] = None
    note: Text = None


class Interest(NamedTuple):
    """Agreed default interest, with the clause that says so."""

    percent: Annotated[Decimal, Key(SHARE, "per cent", required=True)]
    per: Annotated[str, Key(choice("day", "month", "year"), "of what time", required=True)]
    clause: Annotated[str, Key(TEXT, "the clause of the contract", required=True)]


def keys(cls: type[Any]) -> dict[str, tuple[str, Key]]:
    """Return the keys of a record class as the file spells them: name -> (attribute, key)."""
    table = {}
    for attribute, annotation in cls.__annotations__.items():
        key: Key = annotation.__metadata__[0]
        table[key.name or attribute] = (attribute, key)
    return table


def _interest(value: object) -> Interest:
    if not isinstance(value, dict) or set(value) != set(Interest._fields):
        raise ValueError(
            t(
                "must be a table such as {example}",
                example='{ percent = 0.05, per = "day", clause = "9" }',
            )
        )
    return Interest(
        **{name: inner(name, key.kind.read, value[name]) for name, (_, key) in _INTEREST_KEYS}
    )


_INTEREST_KEYS = tuple(keys(Interest).items())
_INTEREST = Kind(
    "`{ percent, per, clause }`",
    _interest,
    {
        "type": "object",
        "properties": {name: key.kind.schema for name, (_, key) in _INTEREST_KEYS},
        "required": list(Interest._fields),
        "additionalProperties": False,
    },
)


class Sum(NamedTuple):
    """What a letter asks for in one of its currencies."""

    currency: Annotated[str, Key(CURRENCY, "the currency", required=True)]
    amount: Annotated[Decimal, Key(AMOUNT, "what it asks for in it", required=True)]
    interest: Annotated[Decimal | None, Key(AMOUNT, "of that, interest")] = None
    fees: Annotated[Decimal | None, Key(AMOUNT, "of that, fees")] = None


def _sums(value: object) -> tuple[Sum, ...]:
    if not isinstance(value, list) or not value or not all(map(_is_sum, value)):
        example = '[{ currency = "EUR", amount = 100.00 }]'
        raise ValueError(t("must be a list such as {example}", example=example))
    return tuple(
        Sum(**{name: inner(name, _SUM_KEYS[name].kind.read, part[name]) for name in part})
        for part in value
    )


def _is_sum(part: object) -> bool:
    return isinstance(part, dict) and {"currency", "amount"} <= set(part) <= set(_SUM_KEYS)


_SUM_KEYS = {name: key for name, (_, key) in keys(Sum).items()}
_SUMS = Kind(
    "list of `{ currency, amount, interest, fees }`",
    _sums,
    {
        "type": "array",
        "minItems": 1,
        "items": {
            "type": "object",
            "properties": {name: key.kind.schema for name, key in _SUM_KEYS.items()},
            "required": ["currency", "amount"],
            "additionalProperties": False,
        },
    },
)


class Terms(NamedTuple):
    """What was agreed."""

    contract: Annotated[str | None, Key(TEXT, "reference of the contract (practice C24)")] = None
    signed: Annotated[date | None, Key(DAY, "when it was signed")] = None
    days: Annotated[int | None, Key(whole(0, 366), "days from invoice to due day")] = None
    interest: Annotated[
        Interest | None,
        Key(_INTEREST, "agreed default interest; none without a clause"),
    ] = None
    law: Annotated[
        str | None,
        Key(TEXT, "the law of the contract, such as DE or GB-SCT; the debtor's country by default"),
    ] = None
    profile: Annotated[
        str | None, Key(TEXT, "interest profile, such as cn-sme; by clause or statute by default")
    ] = None
    margin: Annotated[
        Decimal | None, Key(SHARE, "where the profile leaves it open, such as 1.5 times the rate")
    ] = None
    limitation: Annotated[str | None, Key(TEXT, "limitation profile; by the law by default")] = None
    fee_clause: Annotated[str | None, Key(TEXT, "the clause that lets us charge fees")] = None
    setoff_clause: Annotated[str | None, Key(TEXT, "the clause that lets us set off")] = None
    suspend_clause: Annotated[str | None, Key(TEXT, "the clause that lets us stop supply")] = None
    ends: Annotated[date | None, Key(DAY, "when the contract ends (practice H03)")] = None
    note: Text = None


class Supply(NamedTuple):
    """On what terms we still deliver (practice L02, L04, L07)."""

    grade: Annotated[str | None, Key(choice("A", "B", "C", "D"), "how good a risk they are")] = None
    limit: Annotated[Decimal | None, Key(AMOUNT, "the most they may owe us")] = None
    method: Annotated[
        str, Key(choice("period", "cash", "deliver_two_settle_one", "one_off"), "how they settle")
    ] = "period"
    open_lots: Annotated[
        int, Key(whole(0, 9), "unsettled lots at which the next may go, for deliver_two_settle_one")
    ] = 0
    stopped: Annotated[date | None, Key(DAY, "since when we supply against cash only")] = None
    note: Text = None


class Person(NamedTuple):
    """Somebody at the debtor's, or who stands for it."""

    name: Annotated[str, Key(TEXT, "name", required=True)]
    role: Annotated[str, Key(choice(*ROLES), "what they are to this debt")] = "other"
    phone: Annotated[tuple[str, ...], Key(TEXTS, "numbers, best first (practice B21)")] = ()
    email: Annotated[str | None, Key(TEXT, "e-mail address")] = None
    decides: Annotated[bool, Key(FLAG, "decides on payments (practice B05)")] = False
    hours: Annotated[str | None, Key(HOURS, "if not the debtor's")] = None
    lunch: Annotated[str | None, Key(HOURS, "if not the debtor's (practice A04)")] = None
    prefer: Annotated[
        tuple[str, ...], Key(HOURS_LIST, "good times, such as `tue 09:00-11:00` (practice A26)")
    ] = ()
    avoid: Annotated[
        tuple[str, ...], Key(HOURS_LIST, "times they asked us not to call (practice A31)")
    ] = ()
    no_work_calls: Annotated[bool, Key(FLAG, "not to be called at work (practice A40)")] = False
    verified: Annotated[date | None, Key(DAY, "when the number was last proved right")] = None
    note: Text = None


class Income(NamedTuple):
    """When money reaches the debtor (practice A10, A12)."""

    day_of_month: Annotated[int | None, Key(whole(1, 31), "each month; 31 is the last day")] = None
    on: Annotated[date | None, Key(DAY, "once")] = None
    source: Annotated[str | None, Key(TEXT, "how we know (practice B32)")] = None
    note: Text = None


class Invoice(NamedTuple):
    """A receivable: what is to be paid by when."""

    number: Annotated[str, Key(TEXT, "number, as printed", required=True)]
    due: Annotated[date, Key(DAY, "the last day on which it is in time", required=True)]
    amount: Annotated[Decimal, Key(AMOUNT, "gross amount", required=True)]
    issued: Annotated[date | None, Key(DAY, "day of issue; starts the credit age")] = None
    currency: Annotated[str | None, _CURRENCY] = None
    kind: Annotated[
        str,
        Key(choice("normal", "advance", "delivery", "acceptance", "retention"), "practice L40"),
    ] = "normal"
    received: Annotated[date | None, Key(DAY, "when they received it, if it matters")] = None
    ref: Annotated[str | None, Key(TEXT, "the debtor's own reference, such as an order")] = None
    note: Text = None


class Payment(NamedTuple):
    """Money that arrived."""

    on: Annotated[date, Key(DAY, "the day it arrived", required=True)]
    amount: Annotated[Decimal, Key(AMOUNT, "how much", required=True)]
    currency: Annotated[str | None, _CURRENCY] = None
    invoice: Annotated[str | None, _INVOICE] = None
    ref: Annotated[str | None, Key(TEXT, "reference of the transfer")] = None
    via: Annotated[str | None, Key(choice(*VIA), "how it came")] = None
    to: Annotated[
        str | None, Key(choice("principal", "interest", "costs"), "what the payer said it is for")
    ] = None
    by: Annotated[str | None, _BY] = None
    note: Text = None


class Reversal(NamedTuple):
    """A payment that bounced: it counted until then, and no longer."""

    on: Annotated[date, Key(DAY, "the day it was taken back", required=True)]
    payment: Annotated[str, Key(HANDLE, "the payment", required=True)]
    ref: Annotated[str | None, Key(TEXT, "reference of the bank")] = None
    why: Annotated[str | None, _WHY] = None
    by: Annotated[str | None, _BY] = None
    note: Text = None


class Refund(NamedTuple):
    """Credit of theirs that we paid back."""

    on: Annotated[date, Key(DAY, "the day it went out", required=True)]
    amount: Annotated[Decimal, Key(AMOUNT, "how much", required=True)]
    currency: Annotated[str | None, _CURRENCY] = None
    ref: Annotated[str | None, Key(TEXT, "reference of the transfer")] = None
    via: Annotated[str | None, Key(choice(*VIA), "how it went")] = None
    why: Annotated[str | None, _WHY] = None
    by: Annotated[str | None, _BY] = None
    note: Text = None


class Credit(NamedTuple):
    """A credit note: lowers the debt without money (practice C16)."""

    on: Annotated[date, Key(DAY, "the day it counts from", required=True)]
    amount: Annotated[Decimal, Key(AMOUNT, "how much", required=True)]
    currency: Annotated[str | None, _CURRENCY] = None
    invoice: Annotated[str | None, _INVOICE] = None
    ref: Annotated[str | None, Key(TEXT, "number of the credit note")] = None
    why: Annotated[str | None, _WHY] = None
    by: Annotated[str | None, _BY] = None
    note: Text = None


class Contact(NamedTuple):
    """One attempt to reach the debtor, or one of theirs to reach us (practice G01, G02)."""

    at: Annotated[datetime, _AT]
    channel: Annotated[str, Key(choice(*CHANNELS), "by which channel", required=True)]
    outcome: Annotated[str, Key(choice(*OUTCOMES), "what it came to", required=True)]
    by: Annotated[str | None, _BY] = None
    whom: Annotated[str | None, _WHOM] = None
    direction: Annotated[str, Key(choice("out", "in"), "who called whom")] = "out"
    purpose: Annotated[
        str, Key(choice("collect", "locate", "verify", "service"), "why (practice G25)")
    ] = "collect"
    ours: Annotated[str | None, Key(TEXT, "what we said")] = None
    theirs: Annotated[str | None, Key(TEXT, "what they said")] = None
    refusal: Annotated[str | None, Key(TEXT, "why they disagree")] = None
    result: Annotated[str | None, Key(TEXT, "what it came to, in words")] = None
    call_back: Annotated[datetime | None, Key(INSTANT, "when they asked us to call")] = None
    amount: Annotated[Decimal | None, Key(AMOUNT, "paid (claimed) or offered")] = None
    currency: Annotated[str | None, _CURRENCY] = None
    on: Annotated[date | None, Key(DAY, "the day on which they say they paid")] = None
    place: Annotated[str | None, Key(TEXT, "where or how they say they paid")] = None
    referred_to: Annotated[str | None, Key(TEXT, "whom to ask instead")] = None
    phone: Annotated[
        str | None, Key(TEXT, "the number that was called, if it was wrong (practice B45)")
    ] = None
    note: Text = None


class Promise(NamedTuple):
    """A promise to pay: how much, when, by which means (practice F05)."""

    at: Annotated[datetime, _AT]
    amount: Annotated[Decimal, Key(AMOUNT, "how much", required=True)]
    due: Annotated[
        date | datetime,
        Key(WHEN, "by when; a clock time counts in its own offset", required=True),
    ]
    currency: Annotated[str | None, _CURRENCY] = None
    whom: Annotated[str | None, Key(TEXT, "who promised", name="with")] = None
    via: Annotated[str | None, Key(choice(*VIA), "by which means (practice F39)")] = None
    invoice: Annotated[str | None, Key(TEXT, "the invoice it was promised for")] = None
    by: Annotated[str | None, _BY] = None
    note: Text = None


class Confirmation(NamedTuple):
    """A promise put in writing (practice F01)."""

    at: Annotated[datetime, _AT]
    promise: Annotated[str, Key(HANDLE, "the promise", required=True)]
    channel: Annotated[str, Key(choice(*CHANNELS), "how it was written")] = "email"
    ref: Annotated[str | None, Key(TEXT, "where the paper is")] = None
    by: Annotated[str | None, _BY] = None
    note: Text = None


class Plan(NamedTuple):
    """An agreed plan of instalments (practice F14-F16)."""

    at: Annotated[datetime, _AT]
    instalments: Annotated[
        tuple[tuple[date, Decimal], ...], Key(INSTALMENTS, "when how much", required=True)
    ]
    currency: Annotated[str | None, _CURRENCY] = None
    whom: Annotated[str | None, _WHOM] = None
    accelerate: Annotated[
        str | None, Key(TEXT, "the clause by which one missed instalment makes the rest due")
    ] = None
    by: Annotated[str | None, _BY] = None
    pending: Annotated[str | None, _PENDING] = None
    note: Text = None


class Settlement(NamedTuple):
    """We take less, if it comes in time (practice F21)."""

    at: Annotated[datetime, _AT]
    amount: Annotated[Decimal, Key(AMOUNT, "with how much we are content", required=True)]
    until: Annotated[date, Key(DAY, "the last day of the offer", required=True)]
    currency: Annotated[str | None, _CURRENCY] = None
    whom: Annotated[str | None, _WHOM] = None
    why: Annotated[str | None, _WHY] = None
    by: Annotated[str | None, _BY] = None
    pending: Annotated[str | None, _PENDING] = None
    note: Text = None


class Approval(NamedTuple):
    """Somebody with the authority agrees to what one of us conceded (practice F22, N26)."""

    at: Annotated[datetime, _AT]
    entry: Annotated[str, Key(HANDLE, "the plan, settlement or waiver", required=True)]
    by: Annotated[str, Key(TEXT, "who approves", required=True)]
    note: Text = None


class Dispute(NamedTuple):
    """A part of the debt that the debtor contests (practice E05, E41)."""

    at: Annotated[datetime, _AT]
    amount: Annotated[Decimal, Key(AMOUNT, "the contested part", required=True)]
    about: Annotated[
        str,
        Key(choice(*REASONS["dispute"], "other"), "what it is about"),
    ] = "other"
    currency: Annotated[str | None, _CURRENCY] = None
    invoice: Annotated[str | None, _INVOICE] = None
    whom: Annotated[str | None, _WHOM] = None
    by: Annotated[str | None, _BY] = None
    note: Text = None


class Hold(NamedTuple):
    """Something that freezes the case (practice R2)."""

    at: Annotated[datetime, _AT]
    kind: Annotated[str, Key(choice(*HOLDS), "what", required=True)]
    until: Annotated[date | None, Key(DAY, "the last day on which it holds")] = None
    whom: Annotated[str | None, Key(TEXT, "whom to speak with instead", name="with")] = None
    why: Annotated[str | None, _WHY] = None
    by: Annotated[str | None, _BY] = None
    note: Text = None


class Release(NamedTuple):
    """The end of a hold, of a dispute, or of a plan that we give up."""

    at: Annotated[datetime, _AT]
    what: Annotated[
        str,
        Key(TEXT, "the kind of hold, or the handle of a hold, dispute or plan", required=True),
    ]
    why: Annotated[str | None, _WHY] = None
    by: Annotated[str | None, _BY] = None
    note: Text = None


class Letter(NamedTuple):
    """A letter or message that was written (practice G12, H)."""

    at: Annotated[datetime, _AT]
    template: Annotated[str, Key(TEXT, "which template", required=True)]
    channel: Annotated[str, Key(choice(*CHANNELS), "how it goes out")] = "letter"
    language: Annotated[str | None, Key(TEXT, "in which language")] = None
    amount: Annotated[Decimal | None, Key(AMOUNT, "what it asks for")] = None
    interest: Annotated[Decimal | None, Key(AMOUNT, "of that, interest")] = None
    fees: Annotated[Decimal | None, Key(AMOUNT, "of that, fees")] = None
    currency: Annotated[str | None, _CURRENCY] = None
    deadline: Annotated[date | None, Key(DAY, "by when")] = None
    file: Annotated[str | None, Key(TEXT, "where it is kept")] = None
    sha256: Annotated[str | None, Key(TEXT, "hash of that file")] = None
    whom: Annotated[str | None, Key(TEXT, "to whom", name="with")] = None
    tracking: Annotated[str | None, Key(TEXT, "tracking number (practice G12)")] = None
    by: Annotated[str | None, _BY] = None
    note: Text = None
    sums: Annotated[
        tuple[Sum, ...], Key(_SUMS, "what it asks for where it does so in several currencies")
    ] = ()
    only: Annotated[str | None, Key(CURRENCY, "it is about claims in this currency alone")] = None
    as_of: Annotated[date | None, Key(DAY, "the day of its figures")] = None
    format: Annotated[
        str | None, Key(choice("text", "html", "pdf", "eml", "sms"), "what the file is")
    ] = None
    text_sha256: Annotated[str | None, Key(TEXT, "hash of the letter as plain text")] = None
    template_sha256: Annotated[str | None, Key(TEXT, "hash of the template's text")] = None
    known: Annotated[str | None, Key(TEXT, "commit that has what was known then")] = None
    made_with: Annotated[str | None, Key(TEXT, "the programs that wrote it")] = None


class Sending(NamedTuple):
    """A letter that went out, or that was tried to be sent (practice G12)."""

    at: Annotated[datetime, _AT]
    letter: Annotated[str, Key(HANDLE, "the letter", required=True)]
    state: Annotated[
        str,
        Key(
            choice(*SENT),
            "what became of it; `unknown`: the connection broke before the answer",
            required=True,
        ),
    ]
    channel: Annotated[str, Key(choice(*CHANNELS), "how it went")] = "letter"
    to: Annotated[str | None, Key(TEXT, "to which address or number")] = None
    answer: Annotated[str | None, Key(TEXT, "what the server or the command answered")] = None
    tracking: Annotated[str | None, Key(TEXT, "tracking number of the post (practice G12)")] = None
    message_id: Annotated[str | None, Key(TEXT, "Message-ID of the e-mail")] = None
    by: Annotated[str | None, _BY] = None
    note: Text = None


class Document(NamedTuple):
    """A paper that proves something (practice M01)."""

    on: Annotated[date, Key(DAY, "its date", required=True)]
    kind: Annotated[str, Key(TEXT, "what it is: contract, delivery_note, …", required=True)]
    ref: Annotated[str | None, Key(TEXT, "its number")] = None
    proves: Annotated[
        str | None, Key(HANDLE, "the entry that it proves, such as a letter that was delivered")
    ] = None
    file: Annotated[str | None, Key(TEXT, "where it is kept")] = None
    sha256: Annotated[str | None, Key(TEXT, "hash of that file")] = None
    by: Annotated[str | None, _BY] = None
    note: Text = None


class Acknowledgement(NamedTuple):
    """The debtor owned up to the debt (practice M02)."""

    on: Annotated[date, Key(DAY, "its date", required=True)]
    amount: Annotated[Decimal | None, Key(AMOUNT, "of how much")] = None
    currency: Annotated[str | None, _CURRENCY] = None
    form: Annotated[
        str, Key(choice("signed", "written", "oral"), "only some count for limitation")
    ] = "written"
    how: Annotated[str | None, Key(TEXT, "signed statement, e-mail, …")] = None
    ref: Annotated[str | None, Key(TEXT, "where the paper is")] = None
    by: Annotated[str | None, _BY] = None
    note: Text = None


class Fee(NamedTuple):
    """A charge that a clause or a statute allows; claimed, not yet paid (practice D26)."""

    on: Annotated[date, Key(DAY, "the day it counts from", required=True)]
    amount: Annotated[Decimal, Key(AMOUNT, "how much", required=True)]
    basis: Annotated[str, Key(TEXT, "the clause or the statute", required=True)]
    kind: Annotated[
        str, Key(choice("contract", "fixed_sum", "costs"), "costs count against a fixed sum")
    ] = "contract"
    currency: Annotated[str | None, _CURRENCY] = None
    invoice: Annotated[str | None, _INVOICE] = None
    by: Annotated[str | None, _BY] = None
    note: Text = None


class Claim(NamedTuple):
    """Interest is claimed from this day on, and money counts towards it (practice N02)."""

    on: Annotated[date, Key(DAY, "the day it counts from", required=True)]
    profile: Annotated[str | None, Key(TEXT, "interest profile; by the terms by default")] = None
    invoice: Annotated[
        str | None, Key(TEXT, "only on this invoice; else on all that are overdue that day")
    ] = None
    why: Annotated[str | None, _WHY] = None
    by: Annotated[str | None, _BY] = None
    note: Text = None


class Waiver(NamedTuple):
    """Interest or a fee that we let go (practice N02)."""

    on: Annotated[date, Key(DAY, "the day it counts from", required=True)]
    what: Annotated[str, Key(TEXT, "`interest` so far, or the handle of a fee", required=True)]
    why: Annotated[str, Key(TEXT, "the reason", required=True)]
    amount: Annotated[Decimal | None, Key(AMOUNT, "how much of it; all by default")] = None
    currency: Annotated[str | None, _CURRENCY] = None
    invoice: Annotated[str | None, Key(TEXT, "only of this invoice")] = None
    by: Annotated[str | None, _BY] = None
    pending: Annotated[str | None, _PENDING] = None
    note: Text = None


class Step(NamedTuple):
    """A move on the ladder of stages (practice R2)."""

    at: Annotated[datetime, _AT]
    to: Annotated[str, Key(choice(*STAGES), "the stage", required=True)]
    why: Annotated[str | None, _WHY] = None
    by: Annotated[str | None, _BY] = None
    note: Text = None


class Void(NamedTuple):
    """Says that an earlier entry was a mistake and counts for nothing."""

    at: Annotated[datetime, _AT]
    entry: Annotated[str, Key(HANDLE, "the entry", required=True)]
    why: Annotated[str | None, _WHY] = None
    by: Annotated[str | None, _BY] = None
    note: Text = None


Record = (
    Invoice
    | Payment
    | Reversal
    | Refund
    | Credit
    | Contact
    | Promise
    | Confirmation
    | Plan
    | Settlement
    | Approval
    | Dispute
    | Hold
    | Release
    | Letter
    | Sending
    | Document
    | Acknowledgement
    | Fee
    | Claim
    | Waiver
    | Step
    | Void
)

ENTRY_CLASSES: Mapping[str, type[Record]] = {
    "invoice": Invoice,
    "payment": Payment,
    "reversal": Reversal,
    "refund": Refund,
    "credit": Credit,
    "contact": Contact,
    "promise": Promise,
    "confirmation": Confirmation,
    "plan": Plan,
    "settlement": Settlement,
    "approval": Approval,
    "dispute": Dispute,
    "hold": Hold,
    "release": Release,
    "letter": Letter,
    "sending": Sending,
    "document": Document,
    "acknowledgement": Acknowledgement,
    "fee": Fee,
    "claim": Claim,
    "waiver": Waiver,
    "step": Step,
    "void": Void,
}
"""The journal: name of the table in the file, class of its record."""

FACT_CLASSES: Mapping[str, type[Debtor | Terms | Supply | Person | Income]] = {
    "debtor": Debtor,
    "terms": Terms,
    "supply": Supply,
    "person": Person,
    "income": Income,
}
"""The facts before the journal; ``person`` and ``income`` may be there several times."""


class Entry(NamedTuple):
    """An entry of the journal: its kind, which of its kind it is in the file, and what it says."""

    kind: str
    nth: int
    record: Record


class Journal(tuple[Entry, ...]):
    """Entries in the order of meaning."""

    @cached_property
    def by_class(self) -> Mapping[type, Sequence[Any]]:
        """The entries of each class that is there."""
        found: defaultdict[type, list[Entry]] = defaultdict(list)
        for entry in self:
            found[type(entry.record)].append(entry)
        return dict(found)


class Case(NamedTuple):
    """A debtor's case: the facts, and the journal in the order of meaning.

    ``journal`` has the entries that count, ``voided`` those that a void entry took back; ``data``
    is the file's content as TOML gave it, unknown keys included.
    """

    id: str
    path: str
    head: Head
    debtor: Debtor
    terms: Terms
    people: tuple[Person, ...]
    incomes: tuple[Income, ...]
    journal: Journal
    voided: Journal
    data: Mapping[str, Any]
    supply: Supply = Supply()


_R = TypeVar("_R")


def of(case: Case, cls: type[_R]) -> list[_R]:
    """Return the records of one class that count, in the order of meaning."""
    return [entry.record for entry in case.journal.by_class.get(cls, ())]


def pairs(case: Case, cls: type[_R]) -> list[tuple[Entry, _R]]:
    """Return the entries of one class that count, each with its record."""
    return [(entry, entry.record) for entry in case.journal.by_class.get(cls, ())]


@cache
def dated(cls: type[Any]) -> tuple[int, ...]:
    """Return the places in a record of a class that have a day or an instant."""
    kinds = [key.kind for _, key in keys(cls).values()]
    return tuple(nth for nth, kind in enumerate(kinds) if kind in (DAY, INSTANT, WHEN))


_MOMENTS: Mapping[type[Record], Callable[[Any], date | datetime]] = {
    cls: attrgetter("at" if "at" in cls._fields else "on") for cls in ENTRY_CLASSES.values()
} | {Invoice: lambda invoice: invoice.issued or invoice.due}


def moment(record: Record) -> date | datetime:
    """Return when an entry counts: its instant, or else its day."""
    return _MOMENTS[type(record)](record)
