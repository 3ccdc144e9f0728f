"""The fonts of printed letters: those of the extra, of the typesetter, and of the store."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from dunctl.errors import Refused
from dunctl.words import t

if TYPE_CHECKING:
    import typst

FOLDER = "fonts"
"""Where a store keeps fonts of its own, for what the shipped ones do not have."""


def needs_extra() -> Refused:
    """Return the refusal of what the extra is needed for and missing."""
    return Refused(t('PDF needs the extra "pdf": pip install "dunctl[pdf]"'))


def fonts(root: Path) -> typst.Fonts:
    """Return the fonts that letters of a store are printed with; none of the machine's own.

    So the same letter looks the same everywhere. Raises ``Refused`` without the extra.
    """
    try:
        import noto_cjk_sans_otc
        import typst  # noqa: F401 - needed as much
    except ImportError as error:
        raise needs_extra() from error
    folders = Path(str(noto_cjk_sans_otc.FONT_PATH)).parent, root / FOLDER
    return _known(tuple(folder for folder in folders if folder.is_dir()))


@cache
def _known(folders: tuple[Path, ...]) -> typst.Fonts:
    """Return the fonts of some folders, which most stores have in common."""
    import typst

    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=True, font_paths=list(folders)
    )
