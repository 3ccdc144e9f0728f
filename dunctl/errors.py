"""Problems as values, refusals as exceptions; nothing here knows a terminal."""

from __future__ import annotations

from typing import Literal

from dunctl.tuples import NamedTuple

Level = Literal["error", "notice"]


class Problem(NamedTuple):
    """Something wrong in a file: where (``line`` counts from 1), what, and what to do.

    An ``error`` makes the entry or the file unusable; a ``notice`` is only worth mending.
    """

    path: str
    line: int
    message: str
    level: Level = "error"

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


class DunctlError(Exception):
    """Something the user can mend; the text is one sentence with the remedy."""

    exit_code = 1


class Refused(DunctlError):
    """A command that would break a rule, or that the data does not allow."""


class WrongUsage(DunctlError):
    """Words on the command line that cannot be understood."""

    exit_code = 2
