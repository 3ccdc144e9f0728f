"""Every value that a template may print, and what it is; ``[]`` stands for each of a list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_BROKEN = {
    "made": "when a promise was made that did not come",
    "by": "who promised, if not whoever the letter goes to",
    "amount": "how much",
    "due": "for when",
    "arrived": "what of it has come",
    "missing": "what of it has not",
    "instalment": "whether it is an instalment of a plan",
}
_TABLES: Mapping[str, Mapping[str, str]] = {
    "": {
        "language": "the language of the letter",
        "form": "`letter`, `email` or `sms`",
        "subject": "the subject, once it is filled in",
        "today": "the date of the letter, in full",
        "you": "how the letter says you to this kind of debtor",
        "reference": "what to write on the payment",
        "deadline": "the day that the letter sets, in full",
        "overdue": "whether what is asked for is overdue",
        "count": "how many invoices are asked for",
        "numbers": "their numbers",
        "oldest": "the day on which the first of them is payable",
        "days_past_due": "days since then",
        "late_for": "the same in words, where it is overdue",
        "days_to_due": "days until then, where it is not overdue",
        "due_in": "the same in words",
        "total": "what is to be paid, each currency for itself",
        "capitals": "the same in Chinese capitals, in a Chinese letter",
        "principal_total": "of that, invoices",
        "interest_total": "of that, interest",
        "fees_total": "of that, fees",
        "open_total": "what is on the account, due or not",
        "balance": "the closing balance of the account",
        "letters": "the days on which we wrote before about these invoices",
        "demands": "how many days those are",
        "decision": "the day on which going to court was decided",
        "court": "where we would sue, `court` in the policy",
        "protocol": "whether the Pre-Action Protocol for Debt Claims is for this debtor",
        "documents[]": "a paper that proves the claim",
        "case_file": "the path of the case",
    },
    "creditor": {
        **{key: f"`{key}` in dunctl.toml" for key in ("name", "department", "contact", "role")},
        **{key: f"`{key}` in dunctl.toml" for key in ("phone", "email", "payment_url")},
        "address[]": "a line of our address",
    },
    "creditor.bank": {
        key: f"`bank.{key}` in dunctl.toml" for key in ("holder", "bank", "iban", "account", "bic")
    },
    "debtor": {
        **{key: f"`debtor.{key}` of the case" for key in ("name", "kind", "number")},
        **{key: f"`debtor.{key}` of the case" for key in ("email", "country")},
        "address[]": "a line of their address",
        "phone[]": "a number of theirs",
    },
    "person": {"name": "to whom the letter goes", "role": "their role"},
    "terms": {
        "contract": "the reference of the contract",
        "signed": "when it was signed",
        "days": "days from invoice to due day",
        "interest_clause": "the clause on interest, by its number",
        "fee_clause": "the clause on fees",
        "setoff_clause": "the clause on setting off",
        "suspend_clause": "the clause on stopping supply",
    },
    "invoices[]": {
        "number": "the number of an invoice that is asked for",
        "ref": "their reference for it",
        "issued": "its date",
        "due": "its due day",
        "amount": "its amount",
        "asked": "what of it is asked for",
    },
    "accrual": {
        "basis": "the clause or statute by which interest runs",
        "amount": "the interest to today",
        "daily": "what each further day adds",
        "rate": "the yearly rate now",
        "year": "the days of a year, as it is computed",
        "rounded_once": "whether only the sum is rounded",
        "claimed": "whether it is in the total",
    },
    "promises[]": _BROKEN,
    "broken": _BROKEN,
    "promise": {
        "made": "when the open promise was made",
        "by": "who promised, if not whoever the letter goes to",
        "amount": "how much",
        "due": "by when",
        "via": "by which means",
        "invoice": "for which invoice",
        "arrived": "what of it has come",
        "rest": "what stays overdue beside it",
    },
    "plan": {
        "made": "when the plan was agreed",
        "by": "with whom",
        "count": "how many instalments it has",
        "total": "their sum",
        "missing": "what of it is still to come",
        "deferred": "what of these invoices it puts off",
        "late": "what of it is late",
        "clause": "by which clause the rest becomes due at once",
        "accelerated": "whether it has",
        "next_day": "the next day of payment",
        "next_amount": "what is due then",
    },
    "settlement": {
        "made": "when we offered to settle",
        "amount": "with how much we are content",
        "until": "by when",
        "paid": "what of that has come",
        "missing": "what of that is missing",
    },
    "received": {
        "amount": "the money that came last",
        "day": "when",
        "days_ago": "days since then",
        "remaining": "what is on the account after it",
        "overdue": "what of that is overdue",
        "credit": "credit of theirs",
    },
    "disputes[]": {
        "made": "when they disputed",
        "about": "what it is about, in words",
        "amount": "how much",
        "invoice": "which invoice",
    },
    "supply_stop": {"day": "from when we supply in advance only", "past": "whether that was"},
    "handover": {"unit": "who takes over, `next_unit` in the policy", "day": "from when"},
    "assignment": {
        "name": "to whom the claim is assigned",
        "address[]": "a line of their address",
        "day": "when",
        "ref": "the number of the paper",
    },
    "contract_end": {"day": "when the contract ends", "past": "whether that was"},
}
BLOCKS: Mapping[str, str] = {
    "claims": "what is asked for: a table a currency, with its total",
    "payment": "the account to pay to, the reference, the link",
    "interest": "the interest in the total: a table with every period",
    "fees": "the fees in the total, each with its basis",
    "contested": "what is disputed",
    "open_items": "what is on the account, due or not",
    "schedule": "the instalments of the plan",
    "statement": "the account: each movement and the balance",
    "signature_lines": "where they sign",
    "assignee_account": "the account of whom the claim is assigned to",
}
"""Parts of a letter that are no text: each stands alone on its line of a template."""


_PARTY = ("name", "address", "bank")
_BANK = frozenset(_TABLES["creditor.bank"])
CREDITOR: Mapping[tuple[str, ...], frozenset[str]] = {
    ("creditor",): frozenset(
        {key.removesuffix("[]") for key in _TABLES["creditor"]}
        | {*_PARTY, "country", "logo", "paper", "upi", "assignee"}
    ),
    ("creditor", "bank"): _BANK,
    ("creditor", "assignee"): frozenset(_PARTY),
    ("creditor", "assignee", "bank"): _BANK,
}
"""The keys of dunctl.toml that letters and their outputs know of us, by table."""


def unknown_keys(
    creditor: Mapping[str, Any], path: tuple[str, ...] = ("creditor",)
) -> Iterator[tuple[str, ...]]:
    """Yield the path of each key under ``[creditor]`` that is not known."""
    for key, value in creditor.items():
        if key not in CREDITOR[path]:
            yield *path, key
        elif (*path, key) in CREDITOR and isinstance(value, Mapping):
            yield from unknown_keys(value, (*path, key))


FIELDS: Mapping[str, str] = {
    f"{table}.{key}".lstrip("."): meaning
    for table, keys in _TABLES.items()
    for key, meaning in keys.items()
}
"""The values by their dotted name, such as ``promises[].due``."""
