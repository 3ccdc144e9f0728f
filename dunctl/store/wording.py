"""The words that a letter must not have: the shipped lists, and the store's own beside them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import tomli

from dunctl.case.syntax import syntax_problem
from dunctl.case.toml import loads
from dunctl.errors import Refused
from dunctl.steps import guard_terms
from dunctl.steps.guard_terms import Files, Lexicon
from dunctl.store import files
from dunctl.store.parameters import DATA

FOLDER = "policies/text"
REASONS = "reasons"


@cache
def lexicon(root: Path | None = None) -> Lexicon:
    """Return the reasons and their terms; a store at ``root`` adds to them, and takes none away.

    ``policies/text/reasons.toml`` may have reasons of its own, ``policies/text/en.toml`` further
    terms. Raises ``Refused`` with the file for what is wrong there.
    """
    shipped = {file.stem: file.read_text("utf-8") for file in _files(DATA / "text")}
    own = {file.stem: _read(file) for file in _files(root / FOLDER)} if root else {}
    reasons = tomli.loads(shipped.pop(REASONS))["reason"] + own.pop(REASONS, {}).get("reason", [])

    def language(code: str) -> tuple[bool, Files]:
        text, beside = shipped.get(code), [own[code]] if code in own else []
        wide = any(data.get("wide") is True for data in beside)
        if text is None:
            return wide, lambda: [_SPARE, *beside]
        return wide or _WIDE.search(text) is not None, lambda: [tomli.loads(text), *beside]

    languages = {code: language(code) for code in {**shipped, **own}}
    try:
        return guard_terms.read({"reason": reasons}, languages, sound=not own)
    except ValueError as error:
        raise Refused(f"{FOLDER}: {error}") from error


_WIDE = re.compile(r"^wide = true$", re.MULTILINE)
_SPARE = {"negation": {"words": [], "breaks": [], "hollow": [], "before": 0, "after": 0}}


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.toml"))


def _read(file: Path) -> dict[str, Any]:
    shown = f"{FOLDER}/{file.name}"
    try:
        text = files.read_text(file)
    except files.Unreadable as error:
        raise Refused(f"{shown}:{error.line}: {error}") from error
    try:
        return loads(text)
    except ValueError as error:
        raise Refused(str(syntax_problem(error, text, shown))) from error
