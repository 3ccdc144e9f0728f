"""The shipped data that the rooms below work with: countries, phrases, the calling model."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomli

if TYPE_CHECKING:
    from dunctl.calling import odds, value
    from dunctl.steps import expected, next_step

DATA = Path(__file__).parent.parent / "policies"


@cache
def countries() -> Mapping[str, Any]:
    """Return what is known of each country: time zone, language, hours."""
    return tomli.loads(_countries())


@cache
def country(code: str) -> Mapping[str, Any]:
    """Return what is known of one country, which is a line of the file."""
    _, begin, rest = _countries().partition(f"\n{code} = ")
    line, _, _ = rest.partition("\n")
    return tomli.loads(f"country = {line}")["country"] if begin else {}


@cache
def _countries() -> str:
    return (DATA / "countries.toml").read_text("utf-8")


@cache
def states() -> Mapping[str, Any]:
    """Return the states of countries with several time zones, with theirs."""
    return _data("states")


@cache
def phrases(language: str) -> Mapping[str, Any]:
    """Return what is said on the telephone in a language, English where it has none."""
    known = _data("phrases")
    found: Mapping[str, Any] = known.get(language.split("-", 1)[0].lower(), known["en"])
    return found


@cache
def answer_model() -> odds.Parameters:
    """Return the parameters of the chance of an answer."""
    from dunctl.calling import odds

    return odds.read(_data("answers"))


@cache
def value_model() -> value.Terms:
    """Return the parameters of what a call is worth."""
    from dunctl.calling import value

    return value.read(_data("value"))


@cache
def expected_model(curve: str | None = None) -> expected.Model:
    """Return the parameters of expected money, by the curve that is selected or the one named."""
    from dunctl.steps import expected

    return expected.read(_data("value"), curve)


@cache
def next_step_model(curve: str | None = None) -> next_step.Model:
    """Return the parameters that the next step is weighed by."""
    from dunctl.steps import next_step

    return next_step.read(_data("value"), curve)


def _data(name: str) -> dict[str, Any]:
    """Read shipped data; its fractions are shares and odds, never amounts."""
    return tomli.loads((DATA / f"{name}.toml").read_text("utf-8"))
