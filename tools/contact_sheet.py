"""Draw docs/letters.png: six letters as they come out of the printer, two by three.

``python -m tools.contact_sheet`` from the root of the checkout; the letters are those of the tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image

from dunctl.letters import qr, typst
from dunctl.letters.sheet import Sheet
from dunctl.store import pdf
from tests.lettercase import (
    CAFE,
    DECIDED,
    HEAD_OFFICE,
    PAYS_LATE,
    PRINTER,
    STATIONER,
    YUNFAN,
    one,
    sheet,
)

ROOT = Path(__file__).parent.parent
DAY = date(2026, 12, 1)
WIDE, GAP, ACROSS = 440, 14, 3
POTTER: Mapping[str, Any] = {
    **PRINTER,
    "name": "Lindwurm Porzellan GmbH",
    "department": "",
    "contact": "Sabine Kraft",
    "role": "Forderungen",
    "address": ["Beispielgasse 7", "95100 Selb"],
    "phone": "+49 9287 555 010",
    "email": "rechnung@lindwurm.example",
    "payment_url": None,
    "bank": {"bank": "Beispielbank", "iban": "DE89370400440532013000"},
}
GERMAN = one(currency="EUR", name="Gastronomiebedarf Waldmoos GmbH").replace(
    "[[invoice]]",
    'number = "70012"\naddress = ["Straße des Siebzehnten Juni 135", "10623 Berlin"]\n'
    '[[person]]\nname = "Annegret Müller-Lüdenscheidt"\nrole = "owner"\n[[invoice]]',
    1,
)


def letters() -> list[tuple[Sheet, Mapping[str, Any]]]:
    """Return the six, each with its sender."""
    swiss = {**POTTER, "bank": {"iban": "CH93 0076 2011 6238 5295 7"}}
    swiss["address"] = ["Bahnhofstrasse 1", "8001 Zürich"]
    account = sheet(PAYS_LATE, "en/reconciliation", creditor=PRINTER)
    owed = sheet(GERMAN.replace('"EUR"', '"CHF"'), "de/courtesy", creditor=swiss)
    return [
        (sheet(GERMAN, "de/final-demand", creditor=POTTER), POTTER),
        (sheet(YUNFAN, "zh/final-demand", creditor=STATIONER), STATIONER),
        (sheet(CAFE, "en/reminder", creditor=PRINTER), PRINTER),
        (sheet(DECIDED, "en/before-action", creditor=PRINTER, rules=HEAD_OFFICE), PRINTER),
        (account._replace(paper="us-letter"), PRINTER),
        (owed._replace(qr=qr.payload(swiss, "CHF", Decimal(1200), "70012")), swiss),
    ]


def picture(found: Sheet, creditor: Mapping[str, Any]) -> Image.Image:
    """Return a letter's first page, or its last where that is the one to pay with."""
    values = typst.values(found, DAY, typst.letterhead(creditor))
    document = pypdfium2.PdfDocument(pdf.press(ROOT, typst.PAGE, values, DAY))
    page = document[len(document) - 1 if qr.swiss_bill(found.qr) else 0]
    image: Image.Image = page.render(scale=2.5).to_pil().convert("L")
    size = (WIDE, round(image.height * WIDE / image.width))
    return image.resize(size, Image.Resampling.LANCZOS)


def main() -> None:
    """Draw them all and write the file."""
    pictures = [picture(*one) for one in letters()]
    high = max(image.height for image in pictures)
    rows = -(-len(pictures) // ACROSS)
    paper = Image.new("L", (ACROSS * (WIDE + GAP) + GAP, rows * (high + GAP) + GAP), 205)
    for nth, image in enumerate(pictures):
        row, column = divmod(nth, ACROSS)
        paper.paste(image, (GAP + column * (WIDE + GAP), GAP + row * (high + GAP)))
    paper.quantize(16).save(ROOT / "docs" / "letters.png", optimize=True)


if __name__ == "__main__":
    main()
