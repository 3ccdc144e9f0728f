"""``dunctl document``."""

from __future__ import annotations

from pathlib import Path

import click

from dunctl.case.fields import closest
from dunctl.case.handles import handles
from dunctl.case.records import Case, Document, Record, of
from dunctl.cli.limitation import said_of
from dunctl.cli.verb import Seat, day, verb, warn, write
from dunctl.cli.void import named
from dunctl.errors import WrongUsage
from dunctl.owed.limitation_events import COURT, JUDGMENT, SIGNED_PAPERS
from dunctl.store import files
from dunctl.store.store import Read, user
from dunctl.words import t

KINDS = (
    *("contract", "order", "delivery_note", "acceptance", "invoice", "agreement", "guarantee"),
    *("correspondence", "delivery_receipt", "remittance_slip", "licence_copy", "id_copy"),
    *("decision", "assignment"),
    *(*SIGNED_PAPERS, *COURT, JUDGMENT, "other"),
)
"""What papers there are (practice M01, M03, M04)."""

PRIVATE = ("id_copy",)
"""Copies that do not belong into a repository which everybody at the desk has."""


@verb("document")
@click.argument("case")
@click.argument("kind")
@click.option("--on", metavar="DATE", help="Its date; today by default.")
@click.option("--ref", metavar="TEXT", help="Its number, or where the paper is.")
@click.option("--file", "file", metavar="FILE", help="The file; its hash is kept, not the file.")
@click.option("--proves", metavar="HANDLE", help="The entry that it proves, such as a letter.")
@click.option("-m", "--note", metavar="TEXT", help="Anything worth keeping.")
def command(
    seat: Seat,
    case: str,
    kind: str,
    on: str | None,
    ref: str | None,
    file: str | None,
    proves: str | None,
    note: str | None,
) -> int:
    """Record a paper that proves something.

    KIND is contract, order, delivery_note, acceptance, invoice, agreement, guarantee,
    correspondence, delivery_receipt, remittance_slip, licence_copy, id_copy, reconciliation, iou,
    court_claim, court_paper, judgment or other. A receipt that proves a demand, or a claim in
    court, can start the time again in which the debt can be claimed.

    Example: dunctl document acme delivery_receipt --ref RR123456785CN --proves 3f9c2ab
    """
    kind = kind.replace("-", "_")
    if kind not in KINDS:
        raise WrongUsage(
            t("there is no kind of document {word}", word=kind)
            + closest(kind, list(KINDS))
            + t("; one of {words}", words=", ".join(KINDS))
        )
    path = Path(file) if file else None
    digest = files.digest(path) if path else None

    def make(found: Read, known: Case) -> list[Record]:
        handle = None
        if proves is not None:
            entry = named(known, proves, found.id)
            handle = handles(known.data)[entry.kind, entry.nth]
        if digest and any(paper.sha256 == digest for paper in of(known, Document)):
            warn(t("the very same file is recorded already"))
        dated = day(seat, on, "--on", "past")
        shown = _shown(seat, path) if path else None
        by = user(seat.store)
        return [Document(dated, kind, ref, handle, shown, digest, by, note)]

    was, code = write(seat, case, make)
    if path and kind in PRIVATE and path.resolve().is_relative_to(seat.store.root):
        warn(t("a copy of an identity card does not belong into the store: keep it elsewhere"))
    if kind in SIGNED_PAPERS:
        warn(t("if they signed it: dunctl acknowledge {id} --form signed --ref …", id=was.id))
    if proves or kind in COURT:
        said_of(seat, was, "document")
    return code


def _shown(seat: Seat, path: Path) -> str:
    """Return where a file is, from the root of the store if it lies in it."""
    full = path.resolve()
    root = seat.store.root
    return full.relative_to(root).as_posix() if full.is_relative_to(root) else path.as_posix()
