"""The words that a case file has for what happens, practice's own."""

from __future__ import annotations

from collections.abc import Mapping

REASONS: Mapping[str, tuple[str, ...]] = {
    "unknown": (),
    "oversight": ("forgot", "not_understood", "small_sum", "careless", "bill_missing"),
    "admin": ("order", "invoice", "approval", "finance", "bank", "signer_away", "wrong_person"),
    "dispute": ("quality", "price", "amount", "terms", "service", "liability", "fraud_claim"),
    "cashflow_short": ("waiting_wages", "temporary"),
    "cashflow_downstream": ("unpaid_by_customer", "unsold_stock", "triangular"),
    "hardship_long": ("unemployed", "business_decline"),
    "overcommitted": ("owes_many",),
    "habitual": ("procrastinator", "pays_only_late", "strategic_small"),
    "unwilling": ("able_refuses", "rogue", "strategic", "retaliating"),
    "unreachable": ("no_answer", "refusing", "moved", "partial", "lost"),
    "insolvent": ("closure", "active", "passive"),
    "deceased": (),
    "fraud": ("false_identity", "false_address", "no_intent", "evasion"),
}
"""Why the money is not here (practice R1, axis 1)."""

CHANNELS = ("phone", "sms", "email", "letter", "visit", "fax", "chat")
ROLES = (
    *("owner", "legal_rep", "dept_head", "finance", "purchasing", "initial_contact", "reception"),
    *("agent", "lawyer", "guarantor", "co_obligor", "payer_by_consent", "other"),
)
"""Who a person is to the debt (practice B01-B05, B17, B29, B39)."""
AGENTS = ("agent", "lawyer")
"""Who stands for the debtor (practice B29)."""

OUTCOMES = (
    *("paid_claimed", "promise", "partial_offer", "dispute", "complaint", "hardship", "refused"),
    *("inconvenient", "no_answer", "rejected", "wrong_number", "left_message", "third_party"),
    *("referred", "represented", "deceased", "insolvent", "abusive", "ended_early"),
    *("payment_confirmed", "data_updated", "letter_sent", "visit_done"),
)
"""What a contact came to (practice G20)."""

UNANSWERED = frozenset({"no_answer", "rejected", "wrong_number", "left_message", "third_party"})
"""Outcomes in which nobody who may decide was spoken to."""
UNFINISHED = UNANSWERED | {"ended_early"}
"""Outcomes after which what there was to say is still to be said (practice F28)."""

HOLDS = (
    *("dispute", "plan", "represented", "insolvent", "deceased", "fraud", "agency"),
    *("stop_contact", "pause"),
)
"""What freezes a case (practice R2); ``pause`` is for everything else and wants its ``until``."""

VIA = ("transfer", "cheque", "cash", "card", "direct_debit", "setoff", "other")
STAGES = (
    *("upcoming", "courtesy", "remind", "firm", "final", "formal", "prelegal", "legal"),
    "closed",
)
"""The dunning levels, in order (practice R2)."""

SENT = ("sent", "failed", "unknown")
"""What became of a letter that was sent."""

CREDITOR_ROLES: Mapping[str, str] = {
    "own_debt": "collects what is owed to itself",
    "third_party": "collects for others, such as an agency",
    "debt_buyer": "bought the debt when it was already in default",
    "regulated_lender": "lends under financial supervision, or collects for such a lender",
}
"""Who we are to the debt."""
