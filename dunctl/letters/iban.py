"""Numbers of accounts and of payments whose check digits can be proved (ISO 13616, ISO 11649)."""

from __future__ import annotations

import re

from dunctl.words import t

_LENGTHS = """
AD24 AL28 AT20 BE16 BG22 CH21 CY28 CZ24 DE22 DK18 EE20 ES24 FI18 FR27 GB22 GI23 GR27 HR21 HU28
IE22 IS26 IT27 LI21 LT20 LU20 LV21 MC27 MD24 ME22 MK19 MT31 NL18 NO15 PL28 PT25 RO24 RS22 SE24
SI19 SK24 SM27 VA22
"""
SEPA = {item[:2]: int(item[2:]) for item in _LENGTHS.split()}
"""The countries in which euro transfers are SEPA's, and how long an IBAN is there."""


def compact(number: str) -> str:
    """Return a number as machines write it: no spaces or hyphens, upper case."""
    return re.sub(r"[\s\u00a0-]", "", number).upper()


def checked(number: str) -> str:
    """Return an IBAN, compact; raises ``ValueError`` with a sentence if it cannot be one."""
    iban = compact(number)
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", iban, re.ASCII):
        raise ValueError(t("must be an IBAN such as GB33 BUKB 2020 1555 5555 55"))
    length = SEPA.get(iban[:2])
    if length and len(iban) != length:
        raise ValueError(
            t(
                "has {n} characters; an IBAN of {country} has {length}",
                n=len(iban),
                country=iban[:2],
                length=length,
            )
        )
    if _remainder(iban) != 1:
        raise ValueError(t("has wrong check digits: a character is mistyped"))
    return iban


def is_creditor_reference(number: str) -> bool:
    """Return whether a reference is a creditor reference of ISO 11649 (``RF18 …``)."""
    reference = compact(number)
    shape = re.fullmatch(r"RF\d{2}[A-Z0-9]{1,21}", reference, re.ASCII)
    return shape is not None and _remainder(reference) == 1


def _remainder(number: str) -> int:
    """Return a number modulo 97, its first four characters moved to the end, A as 10 (ISO 7064)."""
    return int("".join(str(int(c, 36)) for c in number[4:] + number[:4])) % 97
