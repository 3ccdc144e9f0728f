"""What the law says, as data: rate series, interest and limitation profiles, and our role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from dunctl.tuples import NamedTuple

if TYPE_CHECKING:
    from dunctl.owed.limitation_profiles import Limitation
    from dunctl.owed.profiles import Profile
    from dunctl.owed.rates import Series

PARTS = ("costs", "interest", "principal")
"""What money goes to, in the order of the law where no other one is said."""


class Law(NamedTuple):
    """All that ``owed`` needs besides a case and a day; each mapping is by id.

    ``role`` is what we are to the debts (``[guard] role`` in dunctl.toml).
    """

    series: Mapping[str, Series]
    profiles: Mapping[str, Profile]
    limitations: Mapping[str, Limitation]
    role: str = "own_debt"


NO_LAW = Law({}, {}, {})
"""No statute and no series: principal and fees only."""
