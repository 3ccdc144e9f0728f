"""The one door through which sentences for people pass, so that a language is one catalogue."""

from __future__ import annotations

import os
import unicodedata
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gettext import NullTranslations

_STEERING = ("Cc", "Cf", "Zl", "Zp", "Cs")
_CATALOGUES = Path(__file__).parent / "locale"


def one_line(text: str) -> str:
    """Return text as one line that cannot steer a terminal.

    Control and escape characters and marks that turn the direction of writing become ``·``.
    """
    return text if text.isprintable() else "".join("·" if steers(c) else c for c in text)


def steers(char: str) -> bool:
    """Return whether a terminal may obey a character, or break its line or turn it around."""
    return unicodedata.category(char) in _STEERING


@cache
def _catalogue() -> NullTranslations | None:
    if not _CATALOGUES.is_dir():
        return None
    wanted = os.environ.get("DUNCTL_LANGUAGE") or os.environ.get("LANG", "")
    import gettext

    return gettext.translation(
        "dunctl", str(_CATALOGUES), [wanted.split(".")[0]] if wanted else None, fallback=True
    )


def counted(number: int, one: str, several: str) -> str:
    """Return the sentence for a number of things, filled in as ``{n}``: ``1 day``, ``2 days``."""
    catalogue = _catalogue()
    if catalogue:
        text = catalogue.ngettext(one, several, number)
    else:
        text = one if number == 1 else several
    return text.format(n=number)


def in_days(number: int) -> str:
    """Return a number of days in words."""
    return counted(number, "{n} day", "{n} days")


def t(message: str, **values: object) -> str:
    """Translate ``message`` into the reader's language and fill in its ``{names}``."""
    catalogue = _catalogue()
    text = catalogue.gettext(message) if catalogue else message
    return text.format(**values) if values else text
