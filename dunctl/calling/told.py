"""Lists of which only what is looked at is put into words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar, overload

K = TypeVar("K")
T_co = TypeVar("T_co", covariant=True)


class Told(Sequence[T_co], Generic[K, T_co]):
    """A list of ``count`` items: ``tell`` makes one of its key.

    ``first`` are the keys that are known already, ``every`` finds out all of them, in order.
    """

    def __init__(
        self,
        count: int,
        first: Sequence[K],
        every: Callable[[], Sequence[K]],
        tell: Callable[[K], T_co],
    ) -> None:
        """Make a list; nothing is told yet."""
        self._count = count
        self._keys = first
        self._every = every
        self._tell = tell

    def __len__(self) -> int:
        """Return how many there are."""
        return self._count

    @overload
    def __getitem__(self, at: int) -> T_co: ...

    @overload
    def __getitem__(self, at: slice) -> list[T_co]: ...

    def __getitem__(self, at: int | slice) -> T_co | list[T_co]:
        """Return an item, or some."""
        if isinstance(at, slice):
            return [self[n] for n in range(*at.indices(self._count))]
        nth = range(self._count)[at]
        if nth >= len(self._keys):
            self._keys = self._every()
        return self._tell(self._keys[nth])
