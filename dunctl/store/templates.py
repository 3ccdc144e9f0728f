"""Where templates of letters are: the shipped ones, and the store's own over them."""

from __future__ import annotations

from pathlib import Path

from dunctl.case.fields import closest
from dunctl.errors import Refused
from dunctl.store import files
from dunctl.store.store import Store
from dunctl.words import t

_PACKAGE = Path(__file__).parent.parent


def shipped() -> Path:
    """Return the folder of the shipped templates: in the package, or beside it in a checkout."""
    inside = _PACKAGE / "templates"
    return inside if inside.is_dir() else _PACKAGE.parent / "templates"


def languages(store: Store) -> list[str]:
    """Return the languages in which there is any template."""
    return sorted(
        {
            folder.name
            for base in (shipped(), store.root / "templates")
            if base.is_dir()
            for folder in base.iterdir()
            if folder.is_dir()
        }
    )


def names(store: Store, language: str) -> list[str]:
    """Return the names of the templates of a language."""
    return sorted(
        {
            file.stem
            for base in (shipped(), store.root / "templates")
            for file in (base / language).glob("*.md")
        }
    )


def own(store: Store, language: str, name: str) -> bool:
    """Tell whether the store has a template of its own by this name."""
    folder = store.root / "templates"
    return folder != shipped() and (folder / language / f"{name}.md").is_file()


def read(store: Store, language: str, name: str) -> tuple[str, str]:
    """Return a template's text and the path that messages name; a unique start of the name serves.

    The store's own comes before the shipped one. Raises ``Refused`` listing what there is.
    """
    known = names(store, language)
    wanted = name.replace("_", "-").replace(" ", "-").casefold()
    found = [k for k in known if k == wanted] or [k for k in known if k.startswith(wanted)]
    if len(found) != 1:
        raise Refused(
            t(
                "there is no template {name} in {language}: there are {known}",
                name=name,
                language=language,
                known=", ".join(known) or "-",
            )
            + closest(name, known)
        )
    base = store.root / "templates" if own(store, language, found[0]) else shipped()
    shown = f"templates/{language}/{found[0]}.md"
    return _text(base / language / f"{found[0]}.md", shown), shown


def to_copy(store: Store, language: str, name: str) -> str:
    """Return a template's text to begin one's own with.

    ``show NAME > templates/LANGUAGE/NAME.md`` empties that file first: then it is the shipped one.
    """
    text, shown = read(store, language, name)
    file = shipped().parent / shown
    return _text(file, shown) if not text and file.is_file() else text


def words(store: Store, language: str) -> list[tuple[str, str]]:
    """Return the files with the words of a language, the shipped one first: text and path."""
    shown = f"templates/{language}/words.toml"
    bases = dict.fromkeys((shipped(), store.root / "templates"))
    files_of = [base / language / "words.toml" for base in bases]
    return [(_text(file, shown), shown) for file in files_of if file.is_file()]


def _text(file: Path, shown: str) -> str:
    try:
        return files.read_text(file)
    except files.Unreadable as error:
        raise Refused(f"{shown}:{error.line}: {error}") from error
