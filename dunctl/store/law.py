"""The law as data: what is shipped, with the store's own in ``policies/rates`` and its like.

A file of the store extends the shipped rate series of its name, lays its keys over the shipped
interest profile of its name, and takes the place of a shipped limitation profile.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence, ValuesView
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from dunctl.case.fields import closest
from dunctl.case.syntax import syntax_problem
from dunctl.case.toml import loads
from dunctl.errors import Refused, WrongUsage
from dunctl.owed import profiles, rates
from dunctl.owed.law import Law
from dunctl.owed.profiles import Profile
from dunctl.owed.rates import Series
from dunctl.store import files
from dunctl.store import store as stores
from dunctl.store.parameters import DATA
from dunctl.store.store import Store
from dunctl.tuples import NamedTuple
from dunctl.words import t

if TYPE_CHECKING:
    from dunctl.owed.limitation_profiles import Limitation

LIMITATION = "policies/limitation"
_FOLDERS = (rates.FOLDER, profiles.FOLDER, LIMITATION)

Data = Mapping[str, Any]
V = TypeVar("V")


class _Later(Mapping[str, V]):
    """A table that is read when it is asked for first: most commands do without."""

    def __init__(self, read: Callable[[], Mapping[str, V]]) -> None:
        self._read = cache(read)

    def __getitem__(self, key: str) -> V:
        return self._read()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())

    def values(self) -> ValuesView[V]:
        return self._read().values()


class _Loaded(NamedTuple):
    """What is in the files; ``limits`` gives the profiles of limitation and what is wrong there."""

    series: Mapping[str, Series]
    profiles: Mapping[str, Profile]
    limits: Callable[[], tuple[Mapping[str, Limitation], tuple[str, ...]]]

    def law(self, role: str) -> Law:
        """Return it as the law for those whose role is this."""
        return Law(self.series, self.profiles, _Later(lambda: self.limits()[0]), role)


class _File(NamedTuple):
    """A file of data, or the sentence why it is none; ``shown`` is its path as messages name it."""

    id: str
    shown: str
    data: Data
    problem: str


def law_of(store: Store) -> Law:
    """Return the law of a store: the shipped data with the store's own laid over it."""
    return _of(store.root).law(store.config.role)


def shipped(role: str = "own_debt") -> Law:
    """Return the law as it is shipped, without a store."""
    return _shipped().law(role)


def problems(store: Store) -> list[str]:
    """Return a sentence for everything wrong with series and profiles, shipped and own."""
    loaded = _of(store.root)
    found = [what for series in loaded.series.values() for what in series.problems]
    found += [what for profile in loaded.profiles.values() for what in profile.problems]
    sound = [profile for profile in loaded.profiles.values() if not profile.problems]
    return [*found, *loaded.limits()[1], *profiles.prove(sound, loaded.series)]


def _of(root: Path) -> _Loaded:
    own = [file for folder in _FOLDERS for file in sorted((root / folder).glob("*.toml"))]
    stamps = tuple((str(file), file.stat().st_mtime_ns, file.stat().st_size) for file in own)
    return _load(root, stamps) if own else _shipped()


@cache
def _shipped() -> _Loaded:
    return _Loaded(
        _Later(lambda: {file.id: _series(file, None) for file in _files(DATA / "rates", "rates")}),
        _Later(lambda: {f.id: _profile(f, None) for f in _files(DATA / "interest", "interest")}),
        cache(lambda: _limitations(_files(DATA / "limitation", "limitation"))),
    )


@cache
def _load(root: Path, stamps: Sequence[tuple[str, int, int]]) -> _Loaded:
    """Lay the files of a store over the shipped ones; ``stamps`` tell whether they changed."""
    base = _shipped()

    def series() -> dict[str, Series]:
        own = _files(root / rates.FOLDER, rates.FOLDER)
        return {**base.series, **{f.id: _series(f, base.series.get(f.id)) for f in own}}

    def statutes() -> dict[str, Profile]:
        data = {file.id: file.data for file in _files(DATA / "interest", "interest")}
        own = _files(root / profiles.FOLDER, profiles.FOLDER)
        return {**base.profiles, **{f.id: _profile(f, data.get(f.id)) for f in own}}

    def limits() -> tuple[Mapping[str, Limitation], tuple[str, ...]]:
        shipped, wrong = base.limits()
        own, odd = _limitations(_files(root / LIMITATION, LIMITATION))
        return {**shipped, **own}, (*wrong, *odd)

    return _Loaded(_Later(series), _Later(statutes), cache(limits))


def _files(folder: Path, shown: str) -> Iterator[_File]:
    for file in sorted(folder.glob("*.toml")):
        name, text, problem = f"{shown}/{file.name}", "", ""
        data: Data = {}
        try:
            text = files.read_text(file)
            data = loads(text)
        except files.Unreadable as error:
            problem = f"{name}:{error.line}: {error}"
        except ValueError as error:
            problem = str(syntax_problem(error, text, name))
        except OSError as error:
            problem = f"{name}: {error.strerror or error}"
        yield _File(file.stem, name, data, problem)


def _series(file: _File, base: Series | None) -> Series:
    """Read a series; later rates of a shipped one go into the store's file of the same name."""
    path = f"{rates.FOLDER}/{file.id}.toml"
    series = rates.read(
        {"format": 1, "change": []} if file.problem else file.data, file.id, path, base
    )
    wrong = (
        (file.problem,) if file.problem else tuple(f"{file.shown}: {p}" for p in series.problems)
    )
    return series._replace(problems=wrong)


def _profile(file: _File, base: Data | None) -> Profile:
    data = merged(base or {}, file.data)
    profile = profiles.read(data, file.id)
    wrong = (
        (file.problem,) if file.problem else tuple(f"{file.shown}: {p}" for p in profile.problems)
    )
    return profile._replace(problems=wrong)


def merged(base: Data, over: Data) -> dict[str, Any]:
    """Lay keys over others; tables are laid over tables, key by key."""
    both = dict(base)
    for key, value in over.items():
        under = base.get(key)
        tables = isinstance(value, Mapping) and isinstance(under, Mapping)
        both[key] = {**under, **value} if tables and isinstance(under, Mapping) else value
    return both


def _limitations(found: Iterator[_File]) -> tuple[dict[str, Limitation], tuple[str, ...]]:
    from dunctl.owed import limitation_profiles

    limits, wrong = {}, []
    for file in found:
        profile, what = limitation_profiles.read(file.data, file.id)
        wrong += [file.problem] if file.problem else [f"{file.shown}: {p}" for p in what]
        if profile is not None and not file.problem:
            limits[file.id] = profile
    return limits, tuple(wrong)


def add_rate(
    store: Store,
    name: str,
    on: date,
    percent: Decimal,
    source: str,
    until: date | None = None,
    title: str | None = None,
) -> str:
    """Write a rate into the store's file of a series and commit it; returns what was done.

    Raises ``Refused``, and nothing is written, for a rate that is not later than all others or
    contradicts one, and for a series that is not there, unless a ``title`` founds it.
    """
    from dunctl.case import edit

    path = store.root / rates.FOLDER / f"{name}.toml"
    with files.locked(store.root):
        known = _of(store.root).series.get(name)
        if known is None:
            _may_found(store, name, title)
        elif known.problems:
            raise Refused(known.problems[0])
        elif title is not None:
            raise Refused(t("there is a series {id} already: leave --title out", id=name))
        refusal = rates.refusal(known, on, percent, until) if known else ""
        if refusal:
            raise Refused(refusal)
        old = files.read_text(path) if path.exists() else None
        text = _head(name, title) if old is None else old
        row = {"on": on, "percent": percent, "until": until, "source": source}
        row = {key: value for key, value in row.items() if value is not None}
        new = edit.append(text, [("change", row)])
        shown = f"{rates.FOLDER}/{path.name}"
        series = _series(_File(name, shown, loads(new), ""), _shipped().series.get(name))
        if series.problems:
            raise Refused(series.problems[0].removeprefix(f"{shown}: "))
        path.parent.mkdir(parents=True, exist_ok=True)
        files.replace(path, old, new)
        message = f"rates: {name} {percent:f} % from {on}, known until {series.published_until}"
        stores.record(store, [path], message)
    return message


def _may_found(store: Store, name: str, title: str | None) -> None:
    if title is None:
        hint = closest(name, sorted(_of(store.root).series))
        raise Refused(t("there is no rate series {name}; --title TEXT founds it", name=name) + hint)
    if not re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", name):
        raise WrongUsage(
            t("{name} cannot name a series: use small letters, digits and dashes", name=name)
        )


def _head(name: str, title: str | None) -> str:
    from dunctl.case.edit import literal

    lines = ["# Rates of our own book, each with its source.", "format = 1"]
    lines.append(f"id = {literal(name)}")
    if title:
        lines.append(f"title = {literal(title)}")
    return "\n".join(lines) + "\n"
