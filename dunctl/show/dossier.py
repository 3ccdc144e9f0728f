"""What stands in a dossier: a case for a lawyer, an agency or a court, from its first page on.

Everything is computed from the case as of a day. The totals are those of ``owed``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dunctl.case.records import Case
from dunctl.letters.dossier import Dossier, Section, cleaned
from dunctl.letters.sheet import Block, Pairs, Table, Text
from dunctl.owed.claims import owed
from dunctl.owed.law import Law
from dunctl.owed.limitation import clocks
from dunctl.show import dossier_story as story
from dunctl.show import dossier_sums as sums
from dunctl.show import limitation
from dunctl.show.dossier_blocks import of_pairs, of_table
from dunctl.show.dossier_story import Paper
from dunctl.show.redact import GONE, redacted, scrubber
from dunctl.steps.standing import Standing
from dunctl.tuples import NamedTuple
from dunctl.words import t


class Origin(NamedTuple):
    """Where a dossier comes from: the program, the commit, and the zip of the originals.

    ``beside`` says that not everything is in the commit; ``manifest`` is the SHA-256 of the zip's
    list of files, ``files`` how many there are in it.
    """

    program: str
    commit: str | None
    beside: bool
    manifest: str
    files: int


def dossier(
    at: Standing,
    law: Law,
    creditor: Mapping[str, Any],
    papers: Mapping[str, Paper],
    origin: Origin,
    *,
    paper: str = "a4",
    redact: bool = False,
) -> Dossier:
    """Return the dossier of a case whose standing is ``at`` the end of the day it is made for.

    ``papers`` says by the handle of an entry what became of its file; ``paper`` is the size of a
    page. With ``redact`` it is without remarks, people other than the parties, telephone numbers
    and e-mail addresses.
    """
    scrub = None
    if redact:
        ours = (str(creditor.get(key) or "") for key in ("phone", "email", "contact"))
        scrub = scrubber(at.case, ours)
        at = _redacted(at)
        creditor = {key: creditor[key] for key in ("name", "address") if key in creditor}
    case = at.case
    found = owed(case, at.today, law, at.money_day)
    sections = [
        (t("Parties"), _parties(case, creditor)),
        (t("Contract"), _contract(case)),
        (t("What is owed"), sums.claim(found)),
        (t("Statement of account"), sums.account(case, at.today, law, at.money_day)),
        (t("Invoices"), sums.invoices(found)),
        (t("Interest"), sums.interest(found)),
        (t("Fees and costs"), sums.fees(found)),
        (t("Promises"), story.promises(at)),
        (t("Plan of instalments"), story.plan(at)),
        (t("Offers to settle"), story.offers(at)),
        (t("Disputes"), story.disputes(at)),
        (t("Letters"), story.letters(at, papers)),
        (t("Documents"), story.documents(at, papers)),
        (t("Limitation"), _limitation(at, law)),
        (t("Chronology"), story.chronology(at)),
        (t("How this was made"), _made(at, origin)),
    ]
    made = Dossier(
        t("Dossier: {debtor}", debtor=case.debtor.name),
        tuple(_lines(at, creditor, redact=redact)),
        tuple(Section(title, tuple(blocks)) for title, blocks in sections if blocks),
        t("Contents"),
        t("Page {n} of {m}"),
        paper=paper,
    )
    return cleaned(_scrubbed(made, scrub) if scrub else made)


def _lines(at: Standing, creditor: Mapping[str, Any], *, redact: bool) -> list[str]:
    lines = [
        t(
            "{creditor} against {debtor}",
            creditor=creditor.get("name", "-"),
            debtor=at.case.debtor.name,
        ),
        t("Case {id}, as of {day}", id=at.case.id, day=at.today),
    ]
    if redact:
        lines.append(
            t(
                "Redacted: notes, remarks, people other than the parties, telephone numbers and "
                "e-mail addresses are left out. {gone} stands where something was.",
                gone=GONE,
            )
        )
    return lines


def _redacted(at: Standing) -> Standing:
    """Return a standing in which every entry is redacted, and every figure is the same."""
    case = redacted(at.case)
    kept = {(one.kind, one.nth): one for one in (*case.journal, *case.voided)}

    def clean(state: Any, name: str) -> Any:
        entry = kept[state.entry.kind, state.entry.nth]
        return state._replace(entry=entry, **{name: entry.record})

    return at._replace(
        case=case,
        promises=tuple(clean(one, "promise") for one in at.promises),
        schedule=clean(at.schedule, "plan") if at.schedule else None,
        offers=tuple(clean(one, "settlement") for one in at.offers),
    )


def _scrubbed(made: Dossier, scrub: Callable[[str], str]) -> Dossier:
    def block(one: Block) -> Block:
        if isinstance(one, Text):
            return Text(scrub(one.text))
        if isinstance(one, Pairs):
            return Pairs(tuple((label, scrub(value)) for label, value in one.rows))
        if isinstance(one, Table):
            rows = tuple(tuple(map(scrub, row)) for row in one.rows)
            return one._replace(title=scrub(one.title), rows=rows)
        return one

    return made._replace(
        title=scrub(made.title),
        lines=tuple(map(scrub, made.lines)),
        sections=tuple(Section(one.title, tuple(map(block, one.blocks))) for one in made.sections),
    )


def _address(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value or "")


def _parties(case: Case, creditor: Mapping[str, Any]) -> list[Block]:
    debtor = case.debtor
    kinds = {
        "company": t("company"),
        "sole_trader": t("sole trader"),
        "consumer": t("consumer"),
        "public": t("public body"),
    }
    ours = [
        (t("Creditor"), creditor.get("name")),
        (t("Address"), _address(creditor.get("address"))),
        (t("Contact"), creditor.get("contact")),
        (t("Telephone"), creditor.get("phone")),
        (t("E-mail"), creditor.get("email")),
    ]
    theirs = [
        (t("Debtor"), debtor.name),
        (t("Is a"), kinds[debtor.kind]),
        (t("Customer number"), debtor.number),
        (t("Address"), _address(debtor.address)),
        (t("Country"), debtor.subdivision or debtor.country),
        (t("Telephone"), ", ".join(debtor.phone)),
        (t("E-mail"), debtor.email),
    ]
    blocks = [*of_pairs(ours), *of_pairs(theirs)]
    if case.people:
        headers = (t("Person"), t("Role"), t("Telephone"), t("E-mail"))
        rows = [
            (one.name, one.role.replace("_", " "), ", ".join(one.phone), one.email)
            for one in case.people
        ]
        blocks.append(of_table(headers, rows))
    return blocks


def _contract(case: Case) -> list[Block]:
    terms, agreed = case.terms, ""
    if terms.interest:
        agreed = t(
            "{percent} % a {per}, clause {clause}",
            percent=terms.interest.percent,
            per=terms.interest.per,
            clause=terms.interest.clause,
        )
    return of_pairs(
        [
            (t("Contract"), terms.contract),
            (t("Signed"), terms.signed),
            (t("Days to pay"), terms.days),
            (t("Default interest"), agreed),
            (t("Clause on fees"), terms.fee_clause),
            (t("Clause on set-off"), terms.setoff_clause),
            (t("Clause on stopping supply"), terms.suspend_clause),
            (t("Law"), terms.law),
            (t("Ends"), terms.ends),
        ]
    )


def _limitation(at: Standing, law: Law) -> list[Block]:
    found = limitation.Found(
        at.case, clocks(at.case, at.ledger, law.limitations, at.today), at.stage, ()
    )
    return [Text(sentence) for sentence in limitation.sentences(found, at.today)]


def _made(at: Standing, origin: Origin) -> list[Block]:
    commit = origin.commit or t("the files are not in git")
    if origin.commit and origin.beside:
        commit = t("{commit}, and changes that are not in it", commit=commit)
    return of_pairs(
        [
            (t("As of"), at.today),
            (t("Case file"), at.case.path),
            (t("Commit"), commit),
            (t("Program"), origin.program),
            (t("Files in the zip"), origin.files or t("none")),
            (t("SHA-256 of its MANIFEST"), origin.manifest),
            (
                t("How to check"),
                t(
                    "A letter: dunctl letter verify FILE. The figures: dunctl owed {id} --as-of "
                    "{day} --explain. The files: sha256sum -c MANIFEST, in the folder of the zip.",
                    id=at.case.id,
                    day=at.today,
                ),
            ),
        ]
    )
