"""Our ``NamedTuple`` does what that of ``typing`` does."""

from __future__ import annotations

import copy
import pickle
import typing
from collections.abc import Callable
from typing import Any

import pytest

from dunctl import tuples


class Ours(tuples.NamedTuple):
    """Of ours."""

    number: str
    days: int = 14
    paid: bool = False

    @property
    def late(self) -> bool:
        """Tell whether it is late."""
        return self.days > 0 and not self.paid


class Theirs(typing.NamedTuple):
    """Of theirs."""

    number: str
    days: int = 14
    paid: bool = False

    @property
    def late(self) -> bool:
        """Tell whether it is late."""
        return self.days > 0 and not self.paid


class Empty(tuples.NamedTuple):
    """Of nothing."""


USES: dict[str, Callable[[Any], Any]] = {
    "make": lambda cls: cls("1"),
    "by name": lambda cls: cls(paid=True, number="2"),
    "replace": lambda cls: cls("1")._replace(days=0, paid=True),
    "from a list": lambda cls: cls._make(["1", 2, True]),
    "as a table": lambda cls: cls("1", 3)._asdict(),
    "fields": lambda cls: (cls._fields, cls._field_defaults, cls.__match_args__),
    "parts": lambda cls: (cls("1")[0], cls("1").days, [*cls("1")], len(cls("1"))),
    "property": lambda cls: cls("1").late,
    "equal": lambda cls: (cls("1") == ("1", 14, False), hash(cls("1")) == hash(cls("1"))),
    "order": lambda cls: sorted([cls("2"), cls("1")]),
    "copy": lambda cls: (copy.copy(cls("1")), copy.deepcopy(cls("1"))),
    "pickle": lambda cls: pickle.loads(pickle.dumps(cls("1"))),  # noqa: S301 - our own
}
WRONG: dict[str, Callable[[Any], Any]] = {
    "one is missing": lambda cls: cls(),
    "one too many": lambda cls: cls("1", 2, True, 4),
    "an unknown one": lambda cls: cls("1", due=3),
    "one twice": lambda cls: cls("1", number="1"),
    "a list too short": lambda cls: cls._make(["1"]),
    "replace what is not there": lambda cls: cls("1")._replace(due=3),
    "set": lambda cls: setattr(cls("1"), "days", 3),
    "set another": lambda cls: setattr(cls("1"), "due", 3),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_ours_does_what_theirs_does(use: Callable[[Any], Any]) -> None:
    ours, theirs = use(Ours), use(Theirs)
    assert ours == theirs
    assert str(ours) == str(theirs).replace("Theirs", "Ours")


@pytest.mark.parametrize("use", WRONG.values(), ids=WRONG)
def test_ours_refuses_what_theirs_refuses(use: Callable[[Any], Any]) -> None:
    with pytest.raises((TypeError, ValueError, AttributeError)) as theirs:
        use(Theirs)
    with pytest.raises(theirs.type):
        use(Ours)


def test_an_error_names_the_class() -> None:
    make: Callable[..., object] = Ours
    with pytest.raises(TypeError, match=r"Ours.*number"):
        make()


def test_one_without_fields_is_one_all_the_same() -> None:
    assert Empty() == ()
    assert str(Empty()) == "Empty()"


def test_the_first_ones_are_made_as_all_others_are() -> None:
    class Fresh(tuples.NamedTuple):
        number: str
        days: int = 14

    for _ in range(9):
        assert [Fresh("1"), Fresh("2", 3), Fresh(days=4, number="5")] == [
            ("1", 14),
            ("2", 3),
            ("5", 4),
        ]


@pytest.mark.parametrize("use", list(WRONG.values())[:4], ids=list(WRONG)[:4])
def test_the_first_one_is_refused_as_all_others_are(use: Callable[[Any], Any]) -> None:
    class Fresh(tuples.NamedTuple):
        number: str
        days: int = 14
        paid: bool = False

    for _ in range(9):
        with pytest.raises(TypeError, match=r"Fresh"):
            use(Fresh)
