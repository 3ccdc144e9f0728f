"""Who writes to whom, and where the money goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dunctl.calling.people import call_order
from dunctl.case.records import Case, Person
from dunctl.case.vocabulary import STAGES
from dunctl.errors import Refused
from dunctl.letters import iban
from dunctl.letters.draft import Draft, pairs
from dunctl.letters.sheet import Pairs
from dunctl.letters.template import Template
from dunctl.words import t

_ADDRESSEES = ("owner", "legal_rep", "dept_head", "finance", "purchasing", "initial_contact")
_HEADS = ("owner", "legal_rep")
_LETTER_SIZED = ("US", "CA", "MX", "PH")  # where paper is 8.5 by 11 inches


def addressee(case: Case, template: Template) -> Person | None:
    """Return whom a letter is addressed to: whoever pays, the head of the company at the end.

    A consumer is written to alone, and nobody who does not answer for the debt (practice B11, O11).
    """
    if case.debtor.kind == "consumer":
        return None
    people = [p for p in case.people if p.role in _ADDRESSEES]
    if not any(p.role in ("agent", "lawyer") for p in case.people):
        people = [p for p in call_order(case) if p in people]
    if template.stages and STAGES.index(template.stages[0]) >= STAGES.index("final"):
        people.sort(key=lambda p: p.role not in _HEADS)
    return people[0] if people else None


def creditor(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return our own details as a letter prints them; a wrong IBAN or address is refused."""
    ours = {key: value for key, value in table.items() if key != "assignee"}
    if isinstance(ours.get("address"), str):
        ours["address"] = ours["address"].splitlines()
    url = ours.get("payment_url")
    if url and not str(url).startswith("https://"):
        raise Refused(t("dunctl.toml: payment_url under [creditor] must begin with https://"))
    if ours.get("phone"):
        ours["phone"] = str(ours["phone"]).replace(" ", "\u00a0")
    ours["bank"] = _bank(ours.get("bank"), "creditor")
    return ours


def assignee(table: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return whoever the claims are assigned to, from ``[creditor.assignee]``."""
    found = table.get("assignee")
    if not isinstance(found, Mapping) or not found.get("name"):
        return None
    theirs = dict(found)
    if isinstance(theirs.get("address"), str):
        theirs["address"] = theirs["address"].splitlines()
    theirs["bank"] = _bank(theirs.get("bank"), "creditor.assignee")
    return theirs


def _bank(bank: Any, table: str) -> dict[str, Any] | None:
    if not bank:
        return None
    if not isinstance(bank, Mapping):
        raise Refused(t("dunctl.toml: write the bank as a table [{table}.bank]", table=table))
    if not bank.get("iban"):
        return dict(bank)
    try:
        number = iban.checked(str(bank["iban"]))
    except ValueError as error:
        raise Refused(
            t(
                "dunctl.toml: iban under [{table}.bank] is mistyped: {iban}",
                table=table,
                iban=bank["iban"],
            )
        ) from error
    groups = [number[nth : nth + 4] for nth in range(0, len(number), 4)]
    return {**bank, "iban": " ".join(groups)}


def account(draft: Draft, owner: Mapping[str, Any], reference: str | None) -> Pairs | None:
    """Return where to pay: account, reference, and the link for paying online if there is one."""
    bank = owner.get("bank") or {}
    number = "iban" if bank.get("iban") else "account"
    rows = [("payment.holder", bank and (bank.get("holder") or owner.get("name")))]
    rows += [(f"payment.{key}", bank.get(key)) for key in ("bank", number, "bic")]
    rows += [("payment.reference", reference), ("payment.link", owner.get("payment_url"))]
    return pairs((draft.say(key), str(value) if value else None) for key, value in rows)


def paper(ours: Mapping[str, Any], country: str | None) -> str:
    """Return the size of our paper: ``paper`` under ``[creditor]``, else that of our country."""
    chosen = ours.get("paper")
    if chosen in ("a4", "us-letter"):
        return str(chosen)
    if chosen:
        raise Refused(
            t(
                'dunctl.toml: paper under [creditor] is "a4" or "us-letter", not {paper}',
                paper=chosen,
            )
        )
    return "us-letter" if (ours.get("country") or country) in _LETTER_SIZED else "a4"
