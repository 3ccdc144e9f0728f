"""A letter as PDF: in its window, on its paper, the same everywhere, and nothing left out."""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from dunctl.errors import Refused
from dunctl.letters import qr, typst
from dunctl.letters.sheet import Pairs, Sheet, Table, Text
from dunctl.store import pdf
from tests.lettercase import FILES, PRINTER, fitting, one, sheet, shipped
from tests.pdfpage import INCH, Box, codes, flat, inside, not_archival, pages, place, printed
from tests.sheetcase import (
    AMERICAN,
    BERLIN,
    CHINESE,
    ENGLISH,
    GERMAN,
    HOSTILE,
    SHEETS,
    ZURICH,
    claims,
    with_name,
)

LETTERS = [name for name in FILES if "letter" in shipped(name).forms]
FONTS = {"LibertinusSerif", "NotoSansCJK", "DejaVuSansMono"}
HEAD = typst.letterhead(BERLIN)


def texts(found: Sheet) -> list[str]:
    """Return every text of a sheet that is to be read on paper."""
    parts: list[str] = [
        *(*found.sender, *found.recipient, found.place_date, found.subject, found.salutation),
        *(*found.signature, found.closing),
        *(word for row in found.references for word in row),
    ]
    for block in found.blocks:
        if isinstance(block, Text):
            parts.append(block.text.removeprefix("- "))
        elif isinstance(block, Table):
            parts += [block.title, *block.headers, *(cell for row in block.rows for cell in row)]
            parts += [word for foot in block.feet for word in foot]
        elif isinstance(block, Pairs):
            parts += [word for row in block.rows for word in row]
        else:
            parts += block.lines
    return parts


@pytest.mark.parametrize("name", LETTERS)
def test_every_template_is_printed_with_every_word(name: str) -> None:
    language, template = name.split("/")
    found = fitting(template, language, "letter")
    seen = flat(" ".join(page.text for page in pages(printed(found))))
    missing = [text for text in texts(found) if flat(text) not in seen]
    assert missing == []


@pytest.fixture(scope="module")
def printed_elsewhere(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the hash of each sheet as another process prints it, in another folder."""
    program = (
        "import hashlib\n"
        "from tests.pdfpage import printed\n"
        "from tests.sheetcase import BERLIN, SHEETS\n"
        "from dunctl.letters.typst import letterhead\n"
        "from pathlib import Path\n"
        f"root = Path({str(tmp_path_factory.mktemp('elsewhere'))!r})\n"
        "for name, sheet in SHEETS.items():\n"
        "    data = printed(sheet, letterhead(BERLIN), root)\n"
        "    print(name, hashlib.sha256(data).hexdigest())"
    )
    root = Path(__file__).parent.parent
    theirs = subprocess.run(
        [sys.executable, "-c", program], cwd=root, check=True, capture_output=True, text=True
    )
    return dict(line.rsplit(" ", 1) for line in theirs.stdout.splitlines())


@pytest.mark.parametrize("name", SHEETS)
def test_the_same_letter_has_the_same_bytes_in_every_process(
    name: str, printed_elsewhere: dict[str, str]
) -> None:
    ours = hashlib.sha256(printed(SHEETS[name], HEAD)).hexdigest()
    assert printed_elsewhere[name] == ours


def test_it_says_that_it_is_for_the_archive_and_when_it_was_written() -> None:
    data = printed(ENGLISH)
    said = PdfReader(io.BytesIO(data)).metadata
    assert said is not None
    assert (said.title, said.author) == (ENGLISH.subject, ENGLISH.sender[0])
    assert said.creation_date is not None
    assert said.creation_date.date().isoformat() == "2026-12-01"


@pytest.mark.parametrize("name", SHEETS)
def test_it_is_what_the_standard_for_archives_wants(name: str) -> None:
    assert not_archival(printed(SHEETS[name], HEAD)) == []


def test_a_payment_part_and_a_logo_are_for_the_archive_too(tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_text(LOGO, encoding="utf-8")
    swiss = qr.payload(ZURICH, "CHF", Decimal(5), "A-1")
    head = typst.Letterhead("", "/logo.svg")
    assert not_archival(printed(ENGLISH._replace(qr=swiss), head, tmp_path)) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"GTS_PDFA1", b"GTS_PDFX1", "6.2.3 output intent"),
        (b"conformance>B<", b"conformance>A<", "6.6.4 identification"),
        (b"/FontFile3", b"/FontFile9", "is not embedded"),
        (b"/Lang", b"/AA  ", "6.4-6.9 /AA"),
        (b"%PDF-1.7", b"%PDF-2.0", "6.1.2 header"),
    ],
)
def test_what_is_not_for_the_archive_is_seen(old: bytes, new: bytes, said: str) -> None:
    assert said in " ".join(not_archival(printed(ENGLISH).replace(old, new)))


@pytest.mark.parametrize("name", SHEETS)
def test_only_fonts_that_came_along_are_used_and_all_are_embedded(name: str) -> None:
    used = set()
    for page in PdfReader(io.BytesIO(printed(SHEETS[name]))).pages:
        resources: Any = page["/Resources"]
        for font in resources["/Font"].values():
            inner = font["/DescendantFonts"][0]
            assert {"/FontFile3", "/FontFile2"} & set(inner["/FontDescriptor"])
            used.add(str(inner["/BaseFont"]).split("+")[1])
    assert {name for name in used if not name.startswith(tuple(FONTS))} == set()


@pytest.mark.parametrize(
    ("tag", "font"), [("zh", "sc"), ("zh-TW", "tc"), ("zh-HK", "hk"), ("ja", "jp"), ("ko", "kr")]
)
def test_han_characters_are_those_of_the_language(tag: str, font: str) -> None:
    data = printed(CHINESE._replace(language=tag))
    assert f"NotoSansCJK{font}".encode() in data


def test_a_chinese_name_in_an_english_letter_is_in_simplified_characters() -> None:
    assert b"NotoSansCJKsc" in printed(ENGLISH._replace(recipient=("杭州云帆贸易有限公司",)))


# The window


@pytest.mark.parametrize("found", [ENGLISH, CHINESE, GERMAN])
def test_the_address_is_in_the_window_of_din_5008_form_b(found: Sheet) -> None:
    (page, *_) = pages(printed(found, HEAD))
    assert (round(page.width), round(page.height)) == (210, 297)
    for line in found.recipient:
        at = place(page, line)
        assert at.left == pytest.approx(25, abs=0.6)
        assert at.right < 20 + 85
        assert 45 + 17.7 <= at.top < at.bottom < 90
    window = inside(page, Box(20, 45, 105, 90))
    assert flat(window) == flat(HEAD.address + "".join(found.recipient))


def test_the_address_shows_however_the_letter_lies_in_a_number_10_envelope() -> None:
    page = pages(printed(AMERICAN, HEAD))[0]
    assert (round(page.width / INCH, 2), round(page.height / INCH, 2)) == (8.5, 11)
    for line in AMERICAN.recipient:
        at = place(page, line)
        assert at.left > 0.875 * INCH
        assert at.right < 4.375 * INCH
        assert 2.5 * INCH < at.top < at.bottom < 3.167 * INCH
    shown = inside(page, Box(0, 2.042 * INCH, 5.375 * INCH, 3.625 * INCH))
    assert flat(shown) == flat("".join(AMERICAN.recipient))


def test_a_line_too_long_for_an_envelope_is_cut() -> None:
    long = ENGLISH._replace(recipient=("Kurfürstendamm " * 700, "10711 Berlin"))
    page = pages(printed(long, HEAD))[0]
    assert place(page, "10711 Berlin").bottom < 90
    assert "…" in inside(page, Box(20, 45, 105, 90))


# Pages


def test_a_long_table_goes_on_with_its_header_and_loses_no_row() -> None:
    seen = pages(printed(AMERICAN))
    assert len(seen) > 2
    tables = [page for page in seen if re.search(r"2026-\d{4}", page.text)]
    assert len(tables) > 1
    assert all("Paid or" in page.text for page in tables)
    rows = [n for page in seen for n in re.findall(r"2026-(\d{4})", page.text)]
    assert rows == [f"{nth:04}" for nth in range(1, 91)]


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (AMERICAN, "Page {n} of {m}"),
        (AMERICAN._replace(page="第{n}页，共{m}页"), "第{n}页，共{m}页"),
        (GERMAN, "Seite {n} von {m}"),
    ],
)
def test_pages_are_numbered_in_the_letters_language(found: Sheet, words: str) -> None:
    seen = pages(printed(found))
    for nth, page in enumerate(seen, 1):
        assert flat(words.format(n=nth, m=len(seen))) in flat(page.text)


def test_further_pages_say_whose_letter_they_belong_to() -> None:
    for page in pages(printed(AMERICAN))[1:]:
        assert AMERICAN.sender[0] in page.text
        assert AMERICAN.place_date in page.text


@pytest.mark.parametrize("rows", range(8, 40))
def test_a_signature_is_never_alone_on_a_page(rows: int) -> None:
    last = Text("If you dispute a part, please tell us which.")
    seen = pages(printed(ENGLISH._replace(blocks=(claims(rows), last), qr=None)))
    assert last.text in seen[-1].text
    assert ENGLISH.signature[0] in seen[-1].text


def test_amounts_stand_one_below_the_other() -> None:
    page = pages(printed(ENGLISH))[0]
    ends = [box.right for character, box in page.characters if character == "0"]
    wanted = place(page, "8,200.00Total to pay8,200.00")
    assert any(end == pytest.approx(wanted.right, abs=0.3) for end in ends)
    heads = [place(page, text).right for text in ("To pay", "Sum8,200.00", "Total to pay8,200.00")]
    assert heads == pytest.approx([heads[0]] * 3, abs=0.4)


@pytest.mark.parametrize(
    ("name", "head", "next_head"),
    [("reconciliation", "Movement", "Amount"), ("interest-notice", "Basis", "Invoice")],
)
def test_the_column_of_words_has_the_room(name: str, head: str, next_head: str) -> None:
    page = pages(printed(fitting(name, "en", "letter")))[0]
    assert place(page, head).left < 60
    assert place(page, f"{head}{next_head}").right > 150


# What others wrote


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_values_are_printed_as_they_stand(text: str) -> None:
    seen = flat(" ".join(page.text for page in pages(printed(with_name(text)))))
    plain = flat(" ".join(page.text for page in pages(printed(with_name("Acme")))))
    assert seen.count(flat(text)) >= plain.count("Acme") - 1


@pytest.mark.parametrize("text", ["x" * 10_000, "账" * 10_000, "1,2;" * 2_500])
def test_ten_thousand_characters_stay_on_their_pages(text: str) -> None:
    found = ENGLISH._replace(
        sender=(text, text),
        recipient=(text, text),
        subject=text,
        references=(("Contract", text),),
        salutation=text,
        blocks=(
            Text(text),
            Table("", ("Invoice", "To pay"), (False, True), ((text, "1.00"),)),
            Pairs((("Reference", text),)),
            Text(f"- {text}"),
        ),
        signature=(text,),
    )
    seen = pages(printed(found, HEAD))
    assert len(seen) > 2
    whole = 6  # subject, salutation, paragraph, pair, item, signature; the rest may be cut
    printed_ones = sum(page.text.count(text[0]) for page in seen)
    assert printed_ones >= whole * text.count(text[0])
    for page in seen:
        paper = Box(0, 0, page.width - 15, page.height)
        beyond = [
            (character, box)
            for character, box in page.characters
            if box.left < paper.left or box.right > paper.right or box.bottom > paper.bottom
        ]
        assert beyond == []


@pytest.mark.parametrize(
    "text", ["שלום עולם", "Ελλάδα", "Россия", "Łódź", "Nguyễn", "日本", "한국"]
)
def test_names_of_many_scripts_are_printed(text: str) -> None:
    assert pages(printed(ENGLISH._replace(recipient=(text,))))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Smile 😀 Ltd", r"\"😀\" (U+1F600, GRINNING FACE)"),
        ("ภาษา", r"\"ภ\" (U+0E20, THAI CHARACTER PHO SAMPHAO)"),
        ("a\U00010300", r"(U+10300, OLD ITALIC LETTER A)"),
    ],
)
def test_a_character_that_no_font_has_is_named(text: str, named: str) -> None:
    with pytest.raises(Refused) as refused:
        printed(ENGLISH._replace(recipient=(text,)))
    said = str(refused.value)
    assert named.replace("\\", "") in said
    assert "folder fonts" in said
    assert "\n" not in said


# The letterhead


LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 10">'
    '<rect width="40" height="10" fill="#246"/></svg>'
)


def test_a_logo_is_printed_in_place_of_the_large_name(tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_text(LOGO, encoding="utf-8")
    named = pdf.logo(tmp_path, {"logo": "logo.svg"})
    page = pages(printed(ENGLISH, typst.letterhead(BERLIN, named), tmp_path))[0]
    assert place(page, ENGLISH.sender[0]).left > 120
    assert place(pages(printed(ENGLISH))[0], ENGLISH.sender[0]).left < 30


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("none.png", "there is no creditor.logo none.png"),
        ("../logo.svg", "must lie in the folder of the store"),
        ("/etc/passwd.png", "must lie in the folder of the store"),
        ("letter.typ", "must end in .svg, .png"),
    ],
)
def test_a_logo_is_a_picture_of_the_store(tmp_path: Path, named: str, said: str) -> None:
    root = tmp_path / "store"
    root.mkdir()
    (tmp_path / "logo.svg").write_text(LOGO, encoding="utf-8")
    with pytest.raises(Refused, match=said):
        pdf.logo(root, {"logo": named})


def test_a_broken_picture_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(b"not a picture")
    with pytest.raises(Refused, match="the PDF cannot be made: ") as refused:
        printed(ENGLISH, typst.Letterhead("", "/logo.png"), tmp_path)
    assert "\n" not in str(refused.value)


# Payment codes


def euro(creditor: dict[str, Any]) -> Sheet:
    return sheet(one(currency="EUR"), "en/reminder", creditor={**PRINTER, **creditor})


def test_the_code_on_paper_pays_the_right_one_the_right_sum() -> None:
    (found,) = codes(printed(euro(dict(BERLIN))))
    lines = found.split("\n")
    assert lines[:2] == ["BCD", "002"]
    assert lines[5:8] == ["Müller & Söhne GmbH", "DE89370400440532013000", "EUR1200.00"]
    assert lines[-1] == "A-1"


def test_the_code_on_paper_pays_rupees_by_upi() -> None:
    ours = {**PRINTER, "upi": "thornbury@okbank"}
    (found,) = codes(printed(sheet(one(currency="INR"), "en/reminder", creditor=ours)))
    assert found == (
        "upi://pay?pa=thornbury@okbank&pn=Thornbury%20Print%20Ltd&am=1200.00&cu=INR&tn=A-1"
    )


def test_the_code_on_paper_is_the_creditors_page_where_there_is_no_other_way() -> None:
    (found,) = codes(printed(sheet(one(currency="USD"), "en/reminder")))
    assert found == "https://pay.thornbury.example"


def test_a_letter_in_two_currencies_has_no_code() -> None:
    both = one() + "[[invoice]]\nnumber = 'E'\ndue = 2026-11-01\namount = 5\ncurrency = 'EUR'\n"
    assert codes(printed(sheet(both, "en/reminder"))) == []


def test_a_letter_that_asks_for_nothing_has_no_code() -> None:
    assert codes(printed(fitting("thank-you", "en", "letter"))) == []


@pytest.mark.parametrize(("language", "title"), [("de", "Zahlteil"), ("en", "Payment part")])
def test_a_swiss_account_gets_the_payment_part_with_its_cross(language: str, title: str) -> None:
    text = qr.payload(ZURICH, "CHF", Decimal("1949.75"), "RF18 5390 0754 7034")
    data = printed(ENGLISH._replace(language=language, qr=text))
    assert codes(data) == [text]
    last = pages(data)[-1]
    assert 297 - 105 < place(last, title).top < 297 - 95
    for words in ("CH93 0076 2011 6238 5295 7", "1 949.75", "RF18 5390 0754 7034"):
        assert flat(words) in flat(last.text)


# Without the extra, and for the printer


def test_without_the_extra_one_sentence_says_how_to_get_it(tmp_path: Path) -> None:
    program = (
        "import sys\nsys.modules['typst'] = None\n"
        "from dunctl.store.fonts import fonts\nfrom pathlib import Path\nfonts(Path())"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    said = ran.stderr.strip().splitlines()[-1]
    assert said == 'dunctl.errors.Refused: PDF needs the extra "pdf": pip install "dunctl[pdf]"'


def test_letters_are_joined_page_by_page() -> None:
    joined = pages(pdf.join([printed(AMERICAN), printed(CHINESE), printed(ENGLISH)]))
    apart = [page.text for found in (AMERICAN, CHINESE, ENGLISH) for page in pages(printed(found))]
    assert [page.text for page in joined] == apart
