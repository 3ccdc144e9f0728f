"""``dunctl dossier``: a case for a lawyer, an agency or a court, with its originals."""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pypdfium2
import pytest
import tomli
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from dunctl import money
from dunctl.case.handles import handles
from dunctl.case.records import ENTRY_CLASSES, Case, Journal, keys
from dunctl.cli import main
from dunctl.owed.claims import owed
from dunctl.show.redact import GONE, PARTIES, redacted, scrubber
from tests.casefile import START, case, entry, invoice, read, text
from tests.moneycase import AGREED, LAW, books
from tests.pdfpage import not_archival

ROOT = Path(__file__).parent.parent
SAMPLES = sorted(path.stem for path in (ROOT / "cases").glob("*.toml"))
KNOWN = ("tarnbeck", "waldmoos", "wexcombe", "pascall", "murrabeen")  # all rates are known


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the sample book, not in git, and stand in it."""
    root = tmp_path / "desk"
    root.mkdir()
    shutil.copytree(ROOT / "cases", root / "cases")
    shutil.copy(ROOT / "dunctl.toml", root)
    monkeypatch.setenv("DUNCTL_NOW", "2026-11-24T09:30:00+00:00")
    monkeypatch.setenv("DUNCTL_USER", "jo.marsh")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(root)
    return root


def dunctl(*words: str) -> Result:
    result = CliRunner().invoke(main, words)
    assert result.exit_code in (0, 1, 2), result.output
    return result


def bundle(case_id: str, *words: str, out: str = "../out.html") -> str:
    """Make a dossier and return the text of its page."""
    result = dunctl("dossier", case_id, "--out", out, *words)
    assert result.exit_code == 0, result.output
    page = next(Path(out).resolve().with_suffix(end) for end in (".pdf", ".html") if end in out)
    return seen(page.read_bytes())


def seen(page: bytes) -> str:
    """Return the words of a dossier on one line, cells apart."""
    if page.startswith(b"%PDF"):
        document = pypdfium2.PdfDocument(page)
        words = " ".join(one.get_textpage().get_text_range() for one in document)
        document.close()
    else:
        words = re.sub("<style>.*?</style>", "", page.decode(), flags=re.DOTALL)
        words = unescape(re.sub("<[^>]*>", " ", words))
    return " ".join(words.split())


def zipped(name: str = "../out.zip") -> dict[str, bytes]:
    with ZipFile(name) as archive:
        return {one: archive.read(one) for one in archive.namelist()}


def append(case_id: str, *entries: str) -> None:
    path = Path("cases") / f"{case_id}.toml"
    path.write_text("\n".join([path.read_text(encoding="utf-8"), *entries]), encoding="utf-8")


def data_of(case_id: str) -> dict[str, Any]:
    found: dict[str, Any] = tomli.loads(
        (Path("cases") / f"{case_id}.toml").read_text(encoding="utf-8"), parse_float=Decimal
    )
    return found


@pytest.mark.parametrize("case_id", KNOWN)
@pytest.mark.parametrize("redact", [False, True], ids=["whole", "redacted"])
def test_the_totals_are_those_of_owed(desk: Path, case_id: str, redact: bool) -> None:
    shown = bundle(case_id, *(["--redact"] if redact else []))
    claim = shown[shown.rindex("What is owed") : shown.rindex("Statement of account")]
    for currency, total in json.loads(dunctl("owed", case_id, "--json").stdout)[
        "currencies"
    ].items():
        mine = claim[claim.index(f"Claim {currency}") :]
        assert f"principal {Decimal(total['principal']):,f}" in mine
        assert f"total {Decimal(total['total']):,f}" in mine
        if Decimal(total["interest"]):
            assert f"interest {Decimal(total['interest']):,f}" in mine


def test_the_pdf_says_the_same_as_the_page_for_the_browser(desk: Path) -> None:
    page, printed = bundle("waldmoos"), bundle("waldmoos", out="../out.pdf")
    figures = re.compile(r"\d[\d,]*\.\d\d")
    assert sorted(figures.findall(page)) == sorted(figures.findall(printed))
    assert printed.startswith("Dossier: Waldmoos Hotelbedarf GmbH")
    assert "Page 1 of " in printed
    assert not_archival(Path("../out.pdf").read_bytes()) == []
    contents = printed[: printed.index("Page 1 of ")]
    for title in ("Parties", "What is owed", "Interest", "Disputes", "Letters", "Chronology"):
        assert title in contents


@pytest.mark.parametrize("case_id", SAMPLES)
def test_every_entry_is_in_the_chronology_and_what_is_void_is_marked(
    desk: Path, case_id: str
) -> None:
    result = dunctl("dossier", case_id, "--out", "../out.html")
    assert result.exit_code in (0, 1)
    shown = seen(Path("../out.html").read_bytes())
    shown = shown[shown.rindex("Chronology") :]
    known = json.loads(dunctl("show", case_id, "--json").stdout)["entries"]
    assert [one["handle"] for one in known if one["handle"] not in shown] == []
    for one in known:
        if one["void"]:
            assert f"{one['handle']} void: " in shown


def test_what_came_after_the_day_is_not_in_it_and_counted(desk: Path) -> None:
    shown = bundle("tarnbeck", "--as-of", "2026-09-30")
    assert "as of 2026-09-30" in shown
    assert "total 8,046.92" not in shown
    assert "2026-11-12" not in shown
    later = sum(
        str(one.get("at", one.get("on", "")))[:10] > "2026-09-30"
        for kind, rows in data_of("tarnbeck").items()
        if kind in ENTRY_CLASSES
        for one in rows
    )
    assert f"Entries after that day, which are not here: {later}." in shown


def test_interest_is_shown_period_by_period_with_its_source(desk: Path) -> None:
    shown = bundle("tarnbeck")
    assert "2026-09-12 2026-09-24 13 9,375.00 11.75 Bank of England Bank Rate" in shown
    assert "2026-09-25 2026-11-24 61 7,875.00 11.75" in shown


def test_promises_plans_and_letters_are_told_as_they_went(desk: Path) -> None:
    shown = bundle("pascall")
    assert "Plan of instalments" in shown
    assert re.search(r"\d 2026-11-02 250\.00 250\.00 paid", shown) or "paid" in shown
    tarnbeck = bundle("tarnbeck")
    assert "3,000.00 2026-09-25 1,500.00 kept in part" in tarnbeck
    assert "broken, in writing" in tarnbeck
    assert "ZZ 0000 1002 GB" in tarnbeck


@pytest.mark.parametrize("case_id", SAMPLES)
def test_limitation_is_no_verdict(desk: Path, case_id: str) -> None:
    dunctl("dossier", case_id, "--out", "../out.html")
    shown = seen(Path("../out.html").read_bytes())
    for found in re.finditer("time-barred", shown):
        assert shown[: found.start()].endswith("may be ")


def test_how_a_letter_was_sent_is_beside_it(desk: Path) -> None:
    assert dunctl("letter", "tarnbeck", "reminder", "--lang", "en").exit_code == 0
    letter = handles(data_of("tarnbeck"))["letter", 1]
    append(
        "tarnbeck",
        entry(
            "sending",
            at="2026-11-24T09:20:00+00:00",
            letter=letter,
            state="failed",
            channel="email",
            to="ledger@tarnbeck.example",
            answer="451 try later",
        ),
    )
    shown = bundle("tarnbeck")
    assert (
        f"{letter} 2026-11-24 09:20 email ledger@tarnbeck.example not sent 451 try later" in shown
    )
    shown = bundle("tarnbeck", "--redact")
    assert "@" not in shown
    assert "not sent" in shown


# The zip


def test_the_zip_has_the_originals_and_a_manifest_that_verifies(desk: Path) -> None:
    for format_ in ("text", "pdf"):
        assert dunctl("letter", "tarnbeck", "reminder", "--format", format_).exit_code == 0
    paper = desk / "papers" / "delivery note 7.txt"
    paper.parent.mkdir()
    paper.write_bytes(b"signed\r\n")
    words = ("--on", "2026-08-12", "--file", str(paper))
    assert dunctl("document", "tarnbeck", "delivery_note", *words).exit_code == 0
    shown = bundle("tarnbeck")
    files = zipped()
    listed = files.pop("MANIFEST")
    assert set(files) == {
        "cases/tarnbeck.toml",
        "letters/tarnbeck/2026-11-24-reminder-en.txt",
        "letters/tarnbeck/2026-11-24-reminder-en.pdf",
        "papers/delivery note 7.txt",
    }
    assert all((desk / name).read_bytes() == content for name, content in files.items())
    lines = [line.split("  ", 1) for line in listed.decode().splitlines()]
    assert {name: digest for digest, name in lines} == {
        name: hashlib.sha256(content).hexdigest() for name, content in files.items()
    }
    assert hashlib.sha256(listed).hexdigest() in shown
    for name, content in files.items():
        if name != "cases/tarnbeck.toml":
            assert f"{hashlib.sha256(content).hexdigest()} {name}" in shown


def test_the_same_case_gives_the_same_bytes(desk: Path, tmp_path: Path) -> None:
    assert dunctl("letter", "waldmoos", "reminder", "--format", "text").exit_code == 0
    for out in ("one", "two"):
        bundle("waldmoos", out=f"../{out}.pdf")
    for end in (".pdf", ".zip"):
        one, two = (tmp_path / f"{out}{end}" for out in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()
    with ZipFile(tmp_path / "one.zip") as archive:
        assert {one.date_time for one in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.testzip() is None


@pytest.mark.parametrize(
    "file",
    [
        *("/etc/passwd", "../../etc/passwd", "../secret.txt", "dunctl.toml", "cases/pascall.toml"),
        *(".git/config", ".dunctl/lock", ".env", "link.txt", "papers", "no such file", "a\nb"),
        *("papers/../../secret.txt", "inside/secret.txt", "x" * 5000),
    ],
)
def test_nothing_but_papers_of_the_store_can_get_into_the_zip(desk: Path, file: str) -> None:
    (desk.parent / "secret.txt").write_text("secret")
    (desk / "link.txt").symlink_to(desk.parent / "secret.txt")
    (desk / "inside").symlink_to(desk.parent)
    (desk / "papers").mkdir()
    for name in (".env", ".git/config", ".dunctl/lock"):
        (desk / name).parent.mkdir(exist_ok=True)
        (desk / name).write_text("secret")
    append("tarnbeck", entry("document", on="2026-11-01", kind="other", file=file))
    result = dunctl("dossier", "tarnbeck", "--out", "../out.html")
    assert result.exit_code == 0
    assert set(zipped()) == {"MANIFEST", "cases/tarnbeck.toml"}
    assert "not in the store, and so not in the zip" in result.stderr
    assert "not in the store" in seen(Path("../out.html").read_bytes())


def test_a_paper_that_is_not_as_it_was_recorded_is_said(desk: Path) -> None:
    (desk / "note.txt").write_text("as it was")
    dunctl("document", "tarnbeck", "delivery_note", "--file", "note.txt")
    (desk / "note.txt").write_text("as it is")
    result = dunctl("dossier", "tarnbeck", "--out", "../out.html")
    assert result.exit_code == 1
    assert "not as they were recorded (sha256)" in result.stderr
    shown = seen(Path("../out.html").read_bytes())
    assert "note.txt; it is not the file that was recorded" in shown
    assert zipped()["note.txt"] == b"as it is"


def test_a_copy_of_an_identity_card_goes_to_nobody(desk: Path) -> None:
    (desk / "card.txt").write_text("the card")
    dunctl("document", "tarnbeck", "id_copy", "--file", "card.txt")
    shown = bundle("tarnbeck")
    assert "card.txt" not in zipped()
    assert "withheld" in shown


# Where it goes, and from what


@pytest.mark.parametrize(
    ("out", "page"),
    [
        ("b", "b.pdf"),
        ("b.pdf", "b.pdf"),
        ("b.html", "b.html"),
        ("b.zip", "b.pdf"),
        ("b.1", "b.1.pdf"),
    ],
)
def test_out_names_both_files(desk: Path, tmp_path: Path, out: str, page: str) -> None:
    result = dunctl("dossier", "pascall", "--out", str(tmp_path / "deep" / out))
    assert result.exit_code == 0
    stem = page.rpartition(".")[0]
    assert {one.name for one in (tmp_path / "deep").iterdir()} == {page, f"{stem}.zip"}
    assert f"{page}: the dossier, as of 2026-11-24" in result.stdout


def test_what_no_font_can_print_becomes_a_page_for_the_browser(desk: Path) -> None:
    append("tarnbeck", entry("step", at="2026-11-23T10:00:00Z", to="prelegal", why="runes ᚠᚢᚦ"))
    result = dunctl("dossier", "tarnbeck", "--out", "../out.pdf")
    assert result.exit_code == 0
    assert "no PDF, but a page for the browser: no font has the character" in result.stderr
    assert not Path("../out.pdf").exists()
    assert "runes ᚠᚢᚦ" in seen(Path("../out.html").read_bytes())


def test_without_the_extra_it_is_a_page_for_the_browser(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    result = dunctl("dossier", "tarnbeck", "--out", "../out.pdf")
    assert result.exit_code == 0
    assert 'no PDF, but a page for the browser: PDF needs the extra "pdf"' in result.stderr
    assert Path("../out.html").exists()


def test_it_says_from_which_commit_it_is(desk: Path) -> None:
    assert "the files are not in git" in bundle("tarnbeck")
    for words in (
        ("init", "-q"),
        ("add", "--all"),
        ("-c", "user.name=a", "-c", "user.email=a@b.example", "commit", "-qm", "book"),
    ):
        subprocess.run(["git", *words], check=True)
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"], check=True, capture_output=True, text=True
    ).stdout.strip()
    assert f"Commit {head} Program" in bundle("tarnbeck")
    append("tarnbeck", entry("step", at="2026-11-23T10:00:00Z", to="prelegal"))
    assert f"Commit {head}, and changes that are not in it" in bundle("tarnbeck")


def test_a_case_that_is_not_sound_gets_none_and_nothing_else_is_touched(desk: Path) -> None:
    def files() -> dict[Path, bytes]:
        every = (path for path in desk.rglob("*") if path.is_file())
        return {path: path.read_bytes() for path in every if ".dunctl" not in path.parts}

    before = files()
    bundle("tarnbeck")
    assert dunctl("dossier", "tarnbeck", "--out", "../x", "--as-known-at", "HEAD").exit_code == 2
    assert files() == before
    append("tarnbeck", "[[payment]]\non = 2026-11-01\namount = -5\n")
    result = dunctl("dossier", "tarnbeck", "--out", "../bad")
    assert result.exit_code == 1
    assert "cases/tarnbeck.toml:" in result.stderr
    assert not Path("../bad.pdf").exists()


def test_interest_that_is_not_known_is_said_and_left_out_of_the_total(desk: Path) -> None:
    result = dunctl("dossier", "chengdu-jinzhanlou", "--out", "../out.html")
    assert result.exit_code == 1
    assert "is not known" in result.stderr
    shown = seen(Path("../out.html").read_bytes())
    assert "The total is without the interest that is not known." in shown


HOSTILE = "Acme <script>alert(1)</script> #panic() {{ 7*7 }} $x$ \\u001b[31m \\u202e*b* Ltd"


def test_hostile_names_and_notes_are_text(desk: Path, tmp_path: Path) -> None:
    path = desk / "cases" / "tarnbeck.toml"
    source = path.read_text(encoding="utf-8").replace("Tarnbeck Inns Ltd", HOSTILE)
    path.write_text(source, encoding="utf-8")
    append(
        "tarnbeck",
        entry(
            "contact",
            at="2026-11-23T10:00:00Z",
            channel="phone",
            outcome="refused",
            theirs="</td></table><img src=x onerror=alert(1)> ]#text[ " + "y" * 9000,
        ),
    )
    for out in ("../out.html", "../out.pdf"):
        shown = bundle("tarnbeck", out=out)
        assert "<script>alert(1)</script> #panic() {{ 7*7 }} $x$" in shown
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        assert shown.count("y") > 9000
    page = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "<img" not in page
    assert "http" not in page.replace('http-equiv="Content-Security-Policy"', "")


# Redacted


def _private(case_id: str) -> Iterator[str]:
    """Yield every text of a case that is nobody else's business."""
    data = data_of(case_id)
    party = [data["debtor"]["name"]]
    party += [one["name"] for one in data.get("person", []) if one.get("role") in PARTIES]
    for table in (data, data["debtor"], data.get("terms", {}), *data.get("person", [])):
        for key in ("phone", "email", "note", "owner", "payment_procedure"):
            value = table.get(key, [])
            yield from [value] if isinstance(value, str) else value
    for person in data.get("person", []):
        if not any(person["name"] in name for name in party):
            yield person["name"]
    for kind in ENTRY_CLASSES:
        for one in data.get(kind, []):
            for key in ("note", "why", "ours", "theirs", "result", "refusal", "by", "place", "how"):
                if isinstance(one.get(key), str):
                    yield one[key]


@pytest.mark.parametrize("case_id", SAMPLES)
def test_redacted_it_has_no_remark_no_person_no_phone_and_no_address(
    desk: Path, case_id: str
) -> None:
    result = dunctl("dossier", case_id, "--redact", "--out", "../out.html")
    assert result.exit_code in (0, 1), result.output
    shown = seen(Path("../out.html").read_bytes())
    assert [text for text in _private(case_id) if len(text) > 2 and text in shown] == []
    assert "@" not in shown
    assert not re.search(r"\+\d", shown)
    assert "Jo Marsh" not in shown
    assert "jo.marsh" not in shown
    assert "Redacted: " in shown
    files = zipped()
    assert set(files) == {"MANIFEST"}
    hashes = hashlib.sha256((desk / "cases" / f"{case_id}.toml").read_bytes()).hexdigest()
    assert f"# {hashes} withheld" in files["MANIFEST"].decode()


def test_redacted_it_keeps_the_parties_the_figures_and_the_handles(desk: Path) -> None:
    append("tarnbeck", '[[person]]\nname = "Rosa Guarant"\nrole = "guarantor"\nphone = "0117 1"\n')
    shown = bundle("tarnbeck", "--redact")
    for kept in ("Tarnbeck Inns Ltd", "Rosa Guarant", "TB-2024-08", "KW-26-0559", "9,375.00"):
        assert kept in shown
    for handle in handles(data_of("tarnbeck")).values():
        assert handle in shown


def _of_figures(known: Case, day: date) -> list[object]:
    found = owed(known, day, LAW)
    return [
        found.totals,
        found.problems,
        [(one.number, one.open, one.paid, one.interest.periods) for one in found.invoices],
        [fee.open for fee in found.fees],
    ]


@settings(max_examples=25)
@given(books(), st.integers(0, 200))
def test_what_is_left_out_changes_no_figure(journal: list[str], days: int) -> None:
    known, day = read(text(*journal, debtor=AGREED)), START + timedelta(days=days)
    assert _of_figures(redacted(known), day) == _of_figures(known, day)


def test_what_waits_for_an_approval_waits_when_redacted_too() -> None:
    known = case(
        invoice("1", "2026-01-31", "500.00"),
        entry(
            "waiver",
            on="2026-02-10",
            what="interest",
            why="a friend of Tom's",
            pending="Tom may let go of 10",
        ),
        debtor=AGREED,
    )
    (one,) = [entry.record for entry in redacted(known).journal if entry.kind == "waiver"]
    assert one.pending == one.why == GONE  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", sorted(ENTRY_CLASSES))
def test_a_text_is_only_kept_where_it_is_known_to_be_harmless(kind: str) -> None:
    """What this list does not have was looked at; a new key of texts has to be looked at too."""
    harmless = {
        *("invoice", "number", "ref", "accelerate", "template", "language", "file", "sha256"),
        *("text_sha256", "template_sha256", "known", "made_with", "tracking", "profile"),
        *("basis", "what", "kind"),
    }
    cls = ENTRY_CLASSES[kind]
    texts = [name for name, key in keys(cls).values() if key.kind.title == "text"]
    known = case(invoice("1", "2026-01-31", "500.00"))
    record = dict.fromkeys(texts, "told in confidence")
    made = known.journal[0]._replace(
        kind=kind,
        record=cls(**{**dict.fromkeys(cls._fields), **record}),  # type: ignore[arg-type]
    )
    (after,) = redacted(known._replace(journal=Journal((made,)))).journal
    kept = {name for name in texts if getattr(after.record, name) == "told in confidence"}
    assert kept <= harmless


@pytest.mark.parametrize(
    ("told", "left"),
    [
        ("write to tom@x.example now", f"write to {GONE} now"),
        ("call +44 117 496 0110.", f"call {GONE}."),
        ("call 0117 496 0110 or (0117) 4960110", f"call {GONE} or {GONE}"),
        ("13812345678", GONE),
        ("139 1234 5678", GONE),
        ("(585) 555-0140", GONE),
        ("Tom Hale said so", f"{GONE} said so"),
        ("signed T. Hale", f"signed T. {GONE}"),
        ("call 4711", f"call {GONE}"),
        ("invoice 2026-0412, 2026-11-24, 1,250.50", "invoice 2026-0412, 2026-11-24, 1,250.50"),
        ("RR123456785CN, ZZ 0000 1002 GB", "RR123456785CN, ZZ 0000 1002 GB"),
        ("invoice 0800-1234567 was sent", "invoice 0800-1234567 was sent"),
        ("§ 288 Abs. 2 BGB, 10.52 %", "§ 288 Abs. 2 BGB, 10.52 %"),
        ("Tomas Halesworth", "Tomas Halesworth"),
    ],
)
def test_numbers_addresses_and_names_are_found_in_any_text(told: str, left: str) -> None:
    known = case(
        '[[person]]\nname = "Tom Hale"\nrole = "finance"\nphone = "4711"\n',
        invoice("0800-1234567", "2026-01-31", "5.00"),
        entry("letter", at=f"{START}T10:00:00Z", template="x", tracking="ZZ 0000 1002 GB"),
    )
    assert scrubber(known, ["+44 20 7946 0000"])(told) == left


def test_amounts_of_any_currency_have_its_digits(desk: Path) -> None:
    append("tarnbeck", invoice("J-1", "2026-10-01", "120000", currency="JPY"))
    shown = bundle("tarnbeck")
    assert "Claim JPY principal 120,000" in shown
    assert money.exponent("JPY") == 0


def test_the_zip_opens_from_memory(desk: Path) -> None:
    bundle("tarnbeck")
    with ZipFile(io.BytesIO(Path("../out.zip").read_bytes())) as archive:
        assert archive.namelist() == ["MANIFEST", "cases/tarnbeck.toml"]
