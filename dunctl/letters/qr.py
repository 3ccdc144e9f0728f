"""Payment codes: what a banking app scans, and the picture of it.

For a euro account the code of the European Payments Council (EPC069-12), for a Swiss one the code
of the QR-bill, for rupees UPI, and otherwise the page on which the creditor takes payments.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from dunctl import money
from dunctl.errors import Refused
from dunctl.letters import iban
from dunctl.letters.layout import plain
from dunctl.tuples import NamedTuple
from dunctl.words import t

if TYPE_CHECKING:
    from dunctl.letters.sheet import Sheet

_NAME = 70
_TEXT = 140
_MOST = Decimal("999999999.99")
_EPC_BYTES = 331
_OUTSIDE_EEA = ("AD", "AL", "CH", "GB", "MC", "MD", "ME", "MK", "RS", "SM", "VA")
_SWISS_TOWN = r"(?:(?:CH|LI)[- ])?(\d{4}) (\S.*)"
_SPC = "SPC\n"
_SHORT = 12  # of account numbers and links, which are longer than names of places and references


def payload(
    creditor: Mapping[str, Any], currency: str, amount: Decimal, reference: str
) -> str | None:
    """Return what a code for paying ``amount`` contains; ``None`` where there is no way by code.

    ``creditor`` is the table of dunctl.toml. Raises ``Refused`` for an IBAN, a BIC, a UPI address
    or a payment page that cannot be right, ``ValueError`` for parts of the smallest coin.
    """
    exact = money.quantize(amount, currency)
    if exact != amount:
        raise ValueError(f"{amount} is no amount in {currency}")
    if exact <= 0:
        return None
    note = _cut(plain(reference).replace("\u00a0", " "), _TEXT)
    bank = creditor.get("bank")
    bank = bank if isinstance(bank, Mapping) else {}
    account = _account(bank)
    holder = str(bank.get("holder") or creditor.get("name") or "")
    payee = plain(holder).replace("\u00a0", " ")[:_NAME].rstrip()
    found = None
    if account[:2] in ("CH", "LI") and currency in ("CHF", "EUR") and payee:
        found = _swiss(account, payee, creditor, currency, exact, note)
    if found is None and currency == "EUR" and account[:2] in iban.SEPA and payee:
        found = _epc(account, _bic(bank), payee, exact, note)
    if found is None and currency == "INR" and creditor.get("upi"):
        found = _upi(str(creditor["upi"]), payee, exact, note)
    return found or _link(creditor)


def _account(bank: Mapping[str, Any]) -> str:
    if not bank.get("iban"):
        return ""
    try:
        return iban.checked(str(bank["iban"]))
    except ValueError as error:
        message = t("dunctl.toml: creditor.bank.iban {what}", what=str(error))
        raise Refused(message) from error


def _bic(bank: Mapping[str, Any]) -> str:
    code = iban.compact(str(bank.get("bic") or ""))
    if code and not re.fullmatch("[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?", code, re.ASCII):
        raise Refused(t("dunctl.toml: creditor.bank.bic must have 8 or 11 characters: {x}", x=code))
    return code


def _epc(account: str, bic: str, payee: str, amount: Decimal, note: str) -> str | None:
    """Return the lines of EPC069-12, version 002: the BIC may be missing inside the EEA."""
    if amount > _MOST or (not bic and account[:2] in _OUTSIDE_EEA):
        return None
    structured = iban.compact(note) if iban.is_creditor_reference(note) else ""
    lines = [
        *("BCD", "002", "1", "SCT", bic, payee, account, f"EUR{amount}", ""),
        *(structured, "" if structured else note),
    ]
    text = "\n".join(lines).rstrip("\n")
    return text if len(text.encode()) <= _EPC_BYTES else None


def _swiss(
    account: str,
    payee: str,
    creditor: Mapping[str, Any],
    currency: str,
    amount: Decimal,
    note: str,
) -> str | None:
    """Return the lines of the Swiss QR code, version 0200, with a structured address.

    ``None`` without a postcode and town in ``creditor.address``, and for a QR-IBAN, which wants a
    reference that the bank gave out.
    """
    place = _place(creditor)
    if place is None or amount > _MOST or "30000" <= account[4:9] <= "31999":
        return None
    street, code, town = place
    structured = iban.compact(note) if iban.is_creditor_reference(note) else ""
    lines = [
        *("SPC", "0200", "1", account),
        *("S", payee, street, "", code, town, account[:2]),
        *([""] * 7),
        *(f"{amount}", currency),
        *([""] * 7),
        *("SCOR" if structured else "NON", structured, "" if structured else note),
        "EPD",
    ]
    return "\n".join(lines)


def _place(creditor: Mapping[str, Any]) -> tuple[str, str, str] | None:
    """Return street, postcode and town, as far as the lines of a Swiss address tell."""
    address = creditor.get("address") or []
    rows = [address] if isinstance(address, str) else [str(row) for row in address]
    rows = [plain(part) for row in rows for part in row.split(",")]
    for nth, row in enumerate(rows):
        town = re.fullmatch(_SWISS_TOWN, row)
        if town:
            return (rows[nth - 1] if nth else "")[:_NAME], town[1], town[2][:35]
    return None


def _upi(address: str, payee: str, amount: Decimal, note: str) -> str:
    from urllib.parse import quote, urlencode

    if not re.fullmatch(r"[A-Za-z0-9._-]{2,256}@[A-Za-z][A-Za-z0-9]{1,63}", address):
        raise Refused(
            t("dunctl.toml: creditor.upi must be such as shop@bank, not {text}", text=address)
        )
    fields = {"pa": address, "pn": payee, "am": f"{amount}", "cu": "INR", "tn": note[:80].rstrip()}
    return "upi://pay?" + urlencode(fields, safe="@", quote_via=quote)


def _link(creditor: Mapping[str, Any]) -> str | None:
    page = creditor.get("payment_url")
    if not page:
        return None
    if not re.fullmatch(r"https://[^\s/?#]+\.[^\s]+", str(page), re.ASCII):
        raise Refused(
            t("dunctl.toml: creditor.payment_url must begin with https://, not {text}", text=page)
        )
    return str(page)


def _cut(reference: str, most: int) -> str:
    """Shorten a list of numbers to what fits, by whole numbers."""
    if len(reference) <= most:
        return reference
    short = reference[:most]
    return (short.rpartition(", ")[0] or short).rstrip(" ,")


class SwissBill(NamedTuple):
    """What the slip of a QR-bill prints beside its code."""

    account: str
    payee: tuple[str, ...]
    currency: str
    amount: str
    reference: str
    message: str


def swiss_bill(text: str | None) -> SwissBill | None:
    """Return what a Swiss code says, for its slip; ``None`` for any other code."""
    if text is None or not text.startswith(_SPC):
        return None
    row = text.split("\n")
    return SwissBill(
        account=row[3],
        payee=tuple(line for line in (row[5], row[6], f"{row[8]} {row[9]}") if line),
        currency=row[19],
        amount=row[18],
        reference=row[28],
        message=row[29],
    )


@lru_cache(maxsize=1024)
def svg(text: str) -> str:
    """Return the code as an SVG picture, with its white edge; the same text gives the same bytes.

    The level of error correction is M, as both the EPC and the Swiss rules want it. A Swiss code
    has its cross.
    """
    import segno

    swiss = text.startswith(_SPC)
    code = segno.make_qr(text, error="m", boost_error=False, encoding="utf-8")
    edge = 0 if swiss else 4
    side = code.symbol_size(border=edge)[0]
    path = "".join(_strokes([bytes(row) for row in code.matrix_iter(border=edge)]))
    cross = _CROSS.format(move=side / 2 - 3.5 * side / 46, scale=side / 46) if swiss else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" '
        f'shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{side}v{side}H0z"/>'
        f'<path d="{path}"/>{cross}</svg>'
    )


_CROSS = (
    '<g transform="translate({move:.3f} {move:.3f}) scale({scale:.4f})" '
    'shape-rendering="auto"><path fill="#fff" d="M0 0h7v7H0z"/><path d="M.5 .5h6v6h-6z"/>'
    '<path fill="#fff" d="M2.92 1.55h1.16v1.37h1.37v1.16H4.08v1.37H2.92V4.08H1.55V2.92h1.37z"/></g>'
)
"""The Swiss cross, 7 by 7 mm of a code of 46."""


def _strokes(matrix: list[bytes]) -> list[str]:
    """Return the dark parts of each row as rectangles of a path."""
    found = []
    for y, row in enumerate(matrix):
        x = 0
        while x < len(row):
            run = 1
            while x + run < len(row) and row[x + run] == row[x]:
                run += 1
            if row[x]:
                found.append(f"M{x} {y}h{run}v1h-{run}z")
            x += run
    return found


def beside(sheet: Sheet) -> int | None:
    """Return beside which block the code stands: the details of payment that it has too."""
    from dunctl.letters.sheet import Pairs

    if not sheet.qr:
        return None
    coded = iban.compact(sheet.qr)
    places = [nth for nth, block in enumerate(sheet.blocks) if isinstance(block, Pairs)]
    for nth in places:
        values = [iban.compact(value) for _, value in getattr(sheet.blocks[nth], "rows", ())]
        if any(len(value) > _SHORT and value in coded for value in values):
            return nth
    return places[-1] if places else None
