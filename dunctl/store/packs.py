"""The packs of contact rules: the shipped ones, and the store's own in ``policies/packs/``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import tomli

from dunctl.case.records import Case
from dunctl.case.syntax import syntax_problem
from dunctl.case.toml import loads
from dunctl.case.vocabulary import CREDITOR_ROLES
from dunctl.errors import DunctlError, Refused
from dunctl.owed.sourced import DEBTOR_KINDS
from dunctl.steps import packs
from dunctl.steps.packs import Pack, Scope
from dunctl.store import config, files
from dunctl.store import store as stores
from dunctl.store.parameters import DATA, countries
from dunctl.store.store import Store
from dunctl.words import t

FOLDER = "policies/packs"


@cache
def shipped() -> tuple[Pack, ...]:
    """Return the packs of the package, in the order of their names."""
    return tuple(_read(*file) for file in _shipped())


@cache
def all_packs(root: Path) -> tuple[Pack, ...]:
    """Return the shipped packs and those of the store at ``root``."""
    return (*shipped(), *(_read(*file) for file in _own(root)))


def _shipped() -> list[tuple[Path, str]]:
    return [(file, file.name) for file in sorted((DATA / "packs").glob("*.toml"))]


def _own(root: Path) -> list[tuple[Path, str]]:
    return [(file, f"{FOLDER}/{file.name}") for file in sorted((root / FOLDER).glob("*.toml"))]


@cache
def _read(file: Path, shown: str) -> Pack:
    """Read a pack; a file that is none is a pack for everybody that says what is wrong with it."""
    data = _data(file, shown)
    if isinstance(data, str):
        scope = packs.Scope(tuple(CREDITOR_ROLES), DEBTOR_KINDS, ())
        return Pack(file.stem, file.stem, scope, True, None, (), (data,))
    pack = packs.read(data, file.stem)
    return pack._replace(problems=tuple(f"{shown}: {what}" for what in pack.problems))


def _data(file: Path, shown: str) -> Mapping[str, Any] | str:
    """Return the data of a pack, or what is wrong with its file."""
    text = ""
    try:
        text = files.read_text(file)
        return loads(text)
    except files.Unreadable as error:
        return f"{shown}:{error.line}: {error}"
    except ValueError as error:
        return str(syntax_problem(error, text, shown))
    except OSError as error:
        return f"{shown}: {error.strerror or error}"


@cache
def _scope(file: Path) -> Scope:
    """Return whom a shipped pack is about; that stands above its rules, and is quickly read."""
    head, _, _ = files.read_text(file).partition("[[rule]]")
    return packs.scope_of(tomli.loads(head), file.stem, [])


def packs_for(store: Store, case: Case) -> tuple[Pack, ...]:
    """Return the packs that apply to a case, each with just the rules that do."""
    debtor = case.debtor
    return packs_for_kind(store, debtor.kind, debtor.country, debtor.subdivision)


def packs_for_kind(
    store: Store, kind: str, country: str | None, subdivision: str | None
) -> tuple[Pack, ...]:
    """Return the packs that apply to a kind of debtor in a place; the same tuple each time.

    Raises ``Refused`` for a pack that could not be read and for a choice in ``dunctl.toml`` that
    names none.
    """
    config = store.config
    return _applying(store.root, config.role, kind, country, subdivision, config.packs)


@cache
def _applying(
    root: Path,
    role: str,
    kind: str,
    country: str | None,
    subdivision: str | None,
    chosen: tuple[str, ...] | None,
) -> tuple[Pack, ...]:
    if chosen:
        known = all_packs(root)
    else:
        binding = _binding(role, kind, country, subdivision)
        known = tuple(_read(*file) for file in (*binding, *_own(root)))
    return tuple(packs.applying(known, role, kind, country, subdivision, chosen))


def _binding(
    role: str, kind: str, country: str | None, subdivision: str | None
) -> Iterator[tuple[Path, str]]:
    """Yield the shipped packs that bind by their scope: without a choice no other one does."""
    for file, shown in _shipped():
        scope = _scope(file)
        if packs.binds(scope, role, kind) and packs.is_there(scope, country, subdivision):
            yield file, shown


def policy_names(root: Path) -> list[str]:
    """Return the names of the shipped policies and of the store's own."""
    known = set(loads((DATA / "default.toml").read_text(encoding="utf-8")))
    found = {
        file.stem
        for file in DATA.glob("*.toml")
        if set(loads(file.read_text(encoding="utf-8"))) <= known
    }
    return sorted(found | {file.stem for file in (root / "policies").glob("*.toml")})


def problems(store: Store) -> list[str]:
    """Return a sentence for everything wrong with packs, their choice, policies, and the law."""
    from dunctl.steps.packs_prove import prove
    from dunctl.store import law

    known = all_packs(store.root)
    found = prove(known, countries())
    found += _refusals(store, known)
    found += law.problems(store)
    for name in policy_names(store.root):
        try:
            stores.policy(store, name)
        except DunctlError as error:
            found.append(str(error))
    return found


def _refusals(store: Store, known: Sequence[Pack]) -> list[str]:
    """Return what is wrong with the choice of packs in the settings."""
    sound = [pack._replace(problems=()) for pack in known]
    try:
        packs.applying(sound, store.config.role, "company", None, None, store.config.packs)
    except Refused as error:
        return [t("{file}: [guard] packs: {why}", file=config.NAME, why=error)]
    return []
