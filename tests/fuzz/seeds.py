"""Inputs to begin from: the sample book, broken files, exports and words of the tests."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from dunctl.case.edit import append, set_key
from tests.fuzz.properties import BETWEEN, ENTRIES

TESTS = Path(__file__).parent.parent
CASES = [path.read_bytes() for path in sorted((TESTS.parent / "cases").glob("*.toml"))]
SHORT = sorted(CASES, key=len)[:3]
BROKEN = [
    path.read_bytes()
    for path in sorted((TESTS / "errors").glob("*.toml"))
    if path.stat().st_size < 4000
]
CORPUS = json.loads((TESTS / "corpus" / "toml-test.json").read_text(encoding="utf-8"))["files"]
DOCUMENTS = [text.encode("latin-1") for text in CORPUS.values()]
EXPORTS = [
    text.encode(encoding)
    for encoding, text in {
        "utf-8": "Customer,Invoice No,Issued,Due,Amount\nAcme,1,2026-10-01,2026-10-31,5.00\n",
        "cp1252": "Kunde;Rechnungsnr;Rechnungsdatum;Fällig am;Betrag\n"
        "Müller & Söhne;0017;13.09.2026;01.10.2026;1.234,56\n",
        "gb18030": "客户,发票号,开票日期,到期日,金额\n"
        "杭州云帆贸易有限公司,0412,2026年8月1日,2026年8月31日,128000.00\n",
        "utf-16": "Customer\tInvoice\tDue\tOutstanding\tCurrency\n"
        '"A, ""B""\nC"\t7\t10/31/2026\t$1,000\tUSD\n',
        "ascii": "Customer no,Name,Invoice,Issued,Terms,Amount,Paid on,Disputed\n"
        "7,A,1,1 Sep 2026,net 30,5,,yes\n7,A,2,2 Sep 2026,net 14,6,3 Oct 2026,\n",
    }.items()
]
WORDS = [
    word.encode()
    for word in re.findall(r'"([^"\n]{1,40})"', (TESTS / "test_dates.py").read_text("utf-8"))
]


def seeds(name: str) -> list[bytes]:
    """Return the inputs from which a property is tried."""
    if name == "import":
        return EXPORTS
    if name == "words":
        return [*WORDS, b"1,250.00", b"mon-fri 09:00-18:00; sat 10:00-14:00", "¥ 1.5万".encode()]
    if name == "merge":
        every = (three for case in SHORT for three in sides(case.decode()))
        return [BETWEEN.join(side.encode() for side in three) for three in every]
    return [*CASES, *BROKEN, *DOCUMENTS]


def sides(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield a case with what two people made of it: additions, edits, contradictions."""
    ours, theirs = append(text, ENTRIES[:1]), append(text, ENTRIES[1:])
    yield text, ours, theirs
    yield text, set_key(ours, ("reason",), "oversight"), set_key(theirs, ("debtor", "name"), "B")
    yield text, set_key(ours, ("debtor", "name"), "A"), set_key(theirs, ("debtor", "name"), "B")
    yield text, ours.replace("amount = ", "amount = 1"), theirs.replace('"phone"', '"sms"')
    yield text, text[: text.rindex("[[")], theirs
    yield "", ours, theirs
