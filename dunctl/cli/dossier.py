"""``dunctl dossier``."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import click

from dunctl import __version__
from dunctl.cli.verb import Seat, case_of, standing_of, verb, warn
from dunctl.errors import Refused
from dunctl.letters import dossier as pages
from dunctl.letters.dossier import Dossier
from dunctl.letters.facts_parties import paper
from dunctl.owed.claims import owed
from dunctl.show.dossier import Origin, dossier
from dunctl.show.dossier_story import Paper
from dunctl.show.text import clean
from dunctl.store import bundle, kept, letters
from dunctl.store.bundle import Original
from dunctl.words import t

ENDINGS = (".pdf", ".html", ".zip")


@verb("dossier", evening=True, reads=False)
@click.argument("case")
@click.option(
    "--out",
    metavar="FILE",
    required=True,
    help="Where to put it: FILE.pdf (or FILE.html) and FILE.zip.",
)
@click.option("--redact", is_flag=True, help="Leave out remarks, people, telephones, e-mail.")
def command(seat: Seat, case: str, out: str, redact: bool) -> int:
    """Bundle a case for a lawyer, an agency or a court.

    FILE.pdf has what is owed, the account, each period of interest, promises and how they went,
    letters, documents with their hashes, a note on limitation and every entry by the day. Without
    the extra "pdf", and for FILE.html, it is a page for the browser. FILE.zip has the originals
    that are in the store, and their hashes in MANIFEST. With --redact, to share it: no notes, no
    people but the parties, no telephone numbers and e-mail addresses; no original is in the zip.

    Example: dunctl dossier acme --out acme.pdf
    """
    found = case_of(seat, case)
    if found.case is None or not found.sound:
        raise Refused("\n".join(map(str, found.problems)))
    store = seat.store
    originals = bundle.originals(store, found.case)
    inside, remarks = _inside(seat, found.path, originals, redact=redact)
    listed = bundle.manifest(inside, remarks)
    knowledge = kept.knowledge(store, found.id)
    origin = Origin(
        f"dunctl {__version__}",
        knowledge.commit,
        bool(knowledge.beside),
        hashlib.sha256(listed).hexdigest(),
        len(inside),
    )
    papers = {handle: _paper(one, redact=redact) for handle, one in originals.items()}
    creditor = store.config.creditor
    at = standing_of(seat, found.case)
    size = paper(creditor, store.config.country)
    made = dossier(at, seat.law(), creditor, papers, origin, paper=size, redact=redact)
    base = Path(out).absolute()
    stem = base.with_suffix("") if base.suffix.lower() in ENDINGS else base
    page = _page(seat, made, stem, wanted=base.suffix.lower())
    zipped = stem.with_name(f"{stem.name}.zip")
    letters.put(zipped, bundle.packed(inside, listed))
    click.echo(clean(t("{file}: the dossier, as of {day}", file=page.name, day=at.today)))
    click.echo(
        clean(t("{file}: originals and their MANIFEST: {n}", file=zipped.name, n=len(inside)))
    )
    problems = owed(found.case, at.today, seat.law(), at.money_day).problems
    for problem in problems:
        warn(problem)
    return max(_warned(papers), 1 if problems else 0)


def _inside(
    seat: Seat, case_file: str, originals: Mapping[str, Original], *, redact: bool
) -> tuple[dict[str, bytes], list[str]]:
    """Return what goes into the zip by its name there, and what is said of what does not."""
    own = (seat.store.root / case_file).read_bytes()
    there = {one.place: one.content for one in originals.values() if one.place}
    every = {case_file: own, **{name: data for name, data in there.items() if data is not None}}
    if not redact:
        return every, []
    hashes = sorted({hashlib.sha256(data).hexdigest() for data in every.values()})
    return {}, [f"{digest} withheld" for digest in hashes]


def _paper(one: Original, *, redact: bool) -> Paper:
    digest = one.sha256
    changed = None not in (digest, one.recorded) and digest != one.recorded
    if one.private or (redact and digest):
        return Paper(one.recorded or digest, None, t("withheld"), changed)
    if digest is None:
        return Paper(one.recorded, None, t("not in the store"))
    return Paper(digest, one.place, changed=changed)


def _page(seat: Seat, made: Dossier, stem: Path, wanted: str) -> Path:
    """Write the dossier as a PDF, or else for the browser, and say why."""
    if wanted != ".html":
        from dunctl.store import pdf

        day = seat.today
        try:
            data = pdf.press(seat.store.root, pages.PAGE, pages.values(made, day), day)
        except Refused as error:
            warn(t("no PDF, but a page for the browser: {why}", why=error))
        else:
            page = stem.with_name(f"{stem.name}.pdf")
            letters.put(page, data)
            return page
    page = stem.with_name(f"{stem.name}.html")
    letters.put(page, pages.as_html(made).encode())
    return page


def _warned(papers: Mapping[str, Paper]) -> int:
    """Say which papers are not in the zip, or are not as recorded; returns the exit code."""
    missing = [handle for handle, one in papers.items() if one.why == t("not in the store")]
    if missing:
        warn(t("not in the store, and so not in the zip: {handles}", handles=", ".join(missing)))
    changed = [handle for handle, one in papers.items() if one.changed]
    if changed:
        warn(t("not as they were recorded (sha256): {handles}", handles=", ".join(changed)))
    return 1 if changed else 0
