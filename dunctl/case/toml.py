"""TOML with exact decimals."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from decimal import Decimal
from typing import Any

import tomli

from dunctl.case import plain
from dunctl.words import t

_DEEPEST = 64
_NESTED = (dict, list)
_NAN = Decimal("NaN")


def loads(text: str) -> dict[str, Any]:
    """Parse TOML with exact decimals; any failure is a ``ValueError``."""
    text = text.removeprefix("\ufeff")
    with suppress(ValueError):
        return plain.loads(text, whole)
    return whole(text)


def whole(text: str) -> dict[str, Any]:
    """Parse TOML of any form, also if it is plainly written; any failure is a ``ValueError``."""
    try:
        data = tomli.loads(text, parse_float=_decimal)
    except tomli.TOMLDecodeError:
        raise
    except RecursionError as error:
        raise ValueError(t("brackets are nested too deeply")) from error
    except ValueError as error:
        raise ValueError(t("a number has more digits than can be read")) from error
    if not _within(_DEEPEST, data.values()):
        raise ValueError(t("brackets are nested too deeply"))
    return data


def _within(levels: int, values: Iterable[object]) -> bool:
    """Return whether nothing among values is nested in more than so many levels."""
    for value in values:
        if isinstance(value, _NESTED):
            inside = value.values() if isinstance(value, dict) else value
            if levels == 1 or not _within(levels - 1, inside):
                return False
    return True


def _decimal(digits: str) -> Decimal:
    """Return a decimal; one that is none, or that no computer holds, is always the same NaN."""
    try:
        number = Decimal(digits)
    except ArithmeticError:
        return _NAN
    return _NAN if number.is_nan() else number
