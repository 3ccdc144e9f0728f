"""What share of a debt still comes in, by its age: curves from the data, each with its source."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from dunctl.errors import Refused
from dunctl.tuples import NamedTuple
from dunctl.words import t

Points = tuple[tuple[int, float], ...]


class Curve(NamedTuple):
    """Shares by days, straight between the points and level outside them.

    ``clock`` says which days: ``past_due``, or ``credit_age`` since the issue of the invoice.
    """

    points: Points
    clock: str = "past_due"
    name: str = ""
    basis: str = ""


def read(data: Mapping[str, Any], name: str | None = None) -> Curve:
    """Return a curve of recovery from the TOML data, by default the one that it selects.

    Raises ``Refused`` for a name that no curve has, with those that there are.
    """
    table = data["recovery"]
    name = table["curve"] if name is None else name
    known = [key for key, rows in table.items() if isinstance(rows, Mapping)]
    if name not in known:
        raise Refused(
            t(
                "there is no curve of recovery {name}: there are {known}",
                name=name,
                known=", ".join(known),
            )
        )
    found = table[name]
    return Curve(points(found["points"]), found["clock"], name, found["basis"])


def points(rows: Sequence[Sequence[Any]]) -> Points:
    """Return the points of a curve as numbers."""
    return tuple((int(days), float(share)) for days, share in rows)


def share(curve: Curve, days: int) -> float:
    """Return the share at an age in days."""
    known = curve.points
    after = bisect_right(known, (days, 2.0))
    if after == 0:
        return known[0][1]
    if after == len(known):
        return known[-1][1]
    (low, at_low), (high, at_high) = known[after - 1], known[after]
    return at_low + (at_high - at_low) * (days - low) / (high - low)
