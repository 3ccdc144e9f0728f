"""How many parts a text message takes: 3GPP TS 23.038 and 23.040."""

from __future__ import annotations

from dunctl.tuples import NamedTuple

MOST = 2
"""Parts of a text message that is still concise (practice J20)."""

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€\f")
_GSM7 = (160, 153)
_UCS2 = (70, 67)


class Parts(NamedTuple):
    """The code a message is sent in (``GSM-7`` or ``UCS-2``), its length in it, and its parts."""

    code: str
    length: int
    number: int


def parts(text: str) -> Parts:
    """Count a message: one part of 160 or 70 characters, or parts of 153 or 67.

    Characters of the GSM-7 extension count twice; no character is cut in two.
    """
    if set(text) <= _BASIC | _EXTENDED:
        sizes = [2 if char in _EXTENDED else 1 for char in text]
        return Parts("GSM-7", sum(sizes), _filled(sizes, *_GSM7))
    sizes = [len(char.encode("utf-16-be")) // 2 for char in text]
    return Parts("UCS-2", sum(sizes), _filled(sizes, *_UCS2))


def _filled(sizes: list[int], single: int, each: int) -> int:
    if sum(sizes) <= single:
        return 1
    count, room = 1, each
    for size in sizes:
        if size > room:
            count, room = count + 1, each
        room -= size
    return count
