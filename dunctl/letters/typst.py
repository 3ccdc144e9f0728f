"""A sheet as what the page ``typst/letter.typ`` prints: values in JSON, never markup."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from dunctl.letters import qr
from dunctl.letters.layout import plain
from dunctl.letters.sheet import ITEM, Block, Pairs, Sheet, Table, Text
from dunctl.tuples import NamedTuple

PAGE = Path(__file__).parent / "typst" / "letter.typ"
"""The page of a letter, in the language of typst."""

_HAN = {"zh-tw": "TC", "zh-hant": "TC", "zh-hk": "HK", "zh-mo": "HK", "ja": "JP", "ko": "KR"}
LONG_WORD, LONG_CELL = 40, 24
_FRAMED, _CELL = 160, 300
_SLIP_KEYS = ("payment_part", "account", "reference", "message", "payable_by", "currency",
              "amount", "receipt", "point", "separate")  # fmt: skip
_SLIP = {
    "de": ("Zahlteil", "Konto / Zahlbar an", "Referenz", "Zusätzliche Informationen",
           "Zahlbar durch (Name/Adresse)", "Währung", "Betrag", "Empfangsschein", "Annahmestelle",
           "Vor der Einzahlung abzutrennen"),
    "fr": ("Section paiement", "Compte / Payable à", "Référence", "Informations supplémentaires",
           "Payable par (nom/adresse)", "Monnaie", "Montant", "Récépissé", "Point de dépôt",
           "A détacher avant le versement"),
    "it": ("Sezione pagamento", "Conto / Pagabile a", "Riferimento", "Informazioni supplementari",
           "Pagabile da (nome/indirizzo)", "Valuta", "Importo", "Ricevuta",
           "Punto di accettazione", "Da staccare prima del versamento"),
    "en": ("Payment part", "Account / Payable to", "Reference", "Additional information",
           "Payable by (name/address)", "Currency", "Amount", "Receipt", "Acceptance point",
           "Separate before paying in"),
}  # fmt: skip
"""The words of the Swiss payment part, as its rules give them."""


class Letterhead(NamedTuple):
    """What of a page is not in the sheet.

    The sender's address in one line, for the window, and the path of a logo inside the store.
    """

    address: str = ""
    logo: str | None = None


def letterhead(creditor: Mapping[str, Any], logo: str | None = None) -> Letterhead:
    """Return the letterhead of the table of dunctl.toml: name and four lines of the address."""
    address = creditor.get("address") or ()
    rows: Sequence[Any] = [address] if isinstance(address, str) else address
    parts = [plain(str(row)) for row in (creditor.get("name") or "", *rows)]
    whole = (p.replace(" ", "\u00a0") if len(p) <= LONG_WORD else p for p in parts[:5] if p)
    return Letterhead("\u00a0· ".join(whole), logo)


def values(sheet: Sheet, day: date, head: Letterhead) -> dict[str, str]:
    """Return what the page asks for: the letter of a ``day``, as JSON under ``letter``."""
    language, region, han = script(sheet.language)
    frame, bill = _framed, _slip(sheet)
    data = {
        "lang": language,
        "region": region,
        "script": han,
        "script-first": language in ("zh", "ja", "ko"),
        "date": [day.year, day.month, day.day],
        "paper": sheet.paper,
        "back": frame(head.address),
        "logo": head.logo,
        "name": frame(sheet.sender[0]) if sheet.sender else "",
        "sender": [frame(line) for line in sheet.sender[1:]],
        "recipient": [frame(line) for line in sheet.recipient],
        "place_date": frame(sheet.place_date),
        "references": [[frame(label), frame(value)] for label, value in sheet.references],
        "title": sheet.subject,
        "subject": breakable(sheet.subject),
        "salutation": breakable(sheet.salutation),
        "blocks": [block(part) for part in sheet.blocks],
        "closing": breakable(sheet.closing),
        "signature": [breakable(line) for line in sheet.signature],
        "page": sheet.page,
        "qr": qr.svg(sheet.qr) if sheet.qr else None,
        "qr_caption": sheet.qr_caption,
        "beside": None if bill else qr.beside(sheet),
        "swiss": bill,
    }
    return {"letter": json.dumps(data, ensure_ascii=False)}


def block(part: Block) -> dict[str, Any]:
    """Return a part of a letter as a page of typst reads it."""
    if isinstance(part, Text):
        if part.text.startswith(ITEM):
            return {"kind": "item", "text": breakable(part.text.removeprefix(ITEM))}
        return {"kind": "text", "text": breakable(part.text)}
    if isinstance(part, Table):
        return {
            "kind": "table",
            "title": breakable(part.title),
            "headers": part.headers,
            "right": part.right,
            "rows": [[_celled(cell) for cell in row] for row in part.rows],
            "feet": part.feet,
            "wide": part.wide,
        }
    if isinstance(part, Pairs):
        return {
            "kind": "pairs",
            "rows": [[breakable(label), breakable(value)] for label, value in part.rows],
        }
    return {"kind": "sign", "lines": [breakable(line) for line in part.lines]}


def _slip(sheet: Sheet) -> dict[str, Any] | None:
    """Return what a Swiss payment part prints, in the letter's language if it is one of theirs."""
    bill = qr.swiss_bill(sheet.qr)
    if bill is None:
        return None
    words = _SLIP.get(sheet.language[:2].casefold(), _SLIP["en"])
    whole, _, cents = bill.amount.partition(".")
    return {
        "words": dict(zip(_SLIP_KEYS, words, strict=True)),
        "account": _grouped(bill.account),
        "payee": [_framed(line) for line in bill.payee],
        "currency": bill.currency,
        "amount": f"{int(whole):,}".replace(",", "\u00a0") + f".{cents}",
        "reference": _grouped(bill.reference),
        "message": _framed(bill.message),
    }


def _grouped(number: str) -> str:
    return " ".join(number[nth : nth + 4] for nth in range(0, len(number), 4))


def _celled(text: str) -> str:
    """Return a text for a table, whose widths take time to find where a cell is very long."""
    return breakable(text if len(text) <= _CELL else text[: _CELL - 1] + "…", LONG_CELL)


def _framed(text: str) -> str:
    """Return a text for a place on the page that does not grow: the start of a very long one."""
    return breakable(text if len(text) <= _FRAMED else text[: _FRAMED - 1] + "…")


def breakable(text: str, longest: int = LONG_WORD) -> str:
    """Let a word longer than any line be broken where the line ends."""
    if len(text) <= longest:
        return text
    word = r"[^\s\u00ad\u200b\u2e80-\uffef\U00020000-\U0003ffff]" + f"{{{longest + 1},}}"
    return re.sub(word, lambda found: "\u200b".join(found[0]), text)


def script(tag: str) -> tuple[str, str | None, str]:
    """Return language, country and the kind of Han characters of a BCP 47 tag."""
    low = tag.replace("_", "-").casefold()
    found = re.fullmatch(r"([a-z]{2,3})(?:-[a-z]{4})?(?:-([a-z]{2}))?(?:-.*)?", low)
    han = next((kind for start, kind in _HAN.items() if low.startswith(start)), "SC")
    if found is None:
        return "en", None, han
    return found[1], found[2], han
