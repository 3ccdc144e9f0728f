"""Imports run downwards only, and pure rooms open no file, run no program, read no clock."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "dunctl"

RANK = {
    "tuples": 0,
    "errors": 1,
    "words": 2,
    "money": 3,
    "dates": 3,
    "case": 4,
    "owed": 5,
    "steps": 6,
    "calling": 7,
    "store": 8,
    "letters": 8,
    "intake": 8,
    "show": 9,
    "cli": 10,
    "__main__": 11,
}
PARTS = {"datewords": "dates"}  # one leaf in two modules
PURE = {"case", "owed", "steps", "calling", "intake"}

IMPURE_IMPORTS = {
    "click", "fileinput", "filelock", "glob", "http", "os", "random", "secrets", "shutil",
    "socket", "sqlite3", "subprocess", "tempfile", "time", "urllib.request",
}  # fmt: skip
IMPURE_NAMES = {
    "datetime.date.today", "datetime.datetime.now", "datetime.datetime.today",
    "datetime.datetime.utcnow", "io.open", "io.open_code",
}  # fmt: skip
IMPURE_BUILTINS = {"breakpoint", "input", "open", "print"}
IMPURE_METHODS = {
    "iterdir", "mkdir", "read_bytes", "read_text", "rglob", "touch", "unlink", "write_bytes",
    "write_text",
}  # fmt: skip


def imports(tree: ast.Module, package: str) -> Iterator[tuple[int, str]]:
    """Yield line and full name of each thing imported, lazily and for types only as well."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, alias.name) for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                parts = package.split(".")[: -(level - 1) or None] if level else []
                base = ".".join([*parts, *([module] if module else [])])
                yield from ((node.lineno, f"{base}.{alias.name}") for alias in names)
            case ast.Call(func=function, args=[ast.Constant(value=str(name)), *_]):
                if ast.unparse(function).endswith(("import_module", "__import__")):
                    yield node.lineno, name


def bindings(tree: ast.Module) -> dict[str, str]:
    """Return what each imported name of a module stands for: ``{"dt": "datetime.datetime"}``."""
    bound = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            bound.update({a.asname: a.name for a in node.names if a.asname})
        elif isinstance(node, ast.ImportFrom) and node.module:
            bound.update({a.asname or a.name: f"{node.module}.{a.name}" for a in node.names})
    return bound


def dotted(node: ast.expr, bound: dict[str, str]) -> str:
    """Return the full dotted name of an expression, or "" when it is not a plain name."""
    if isinstance(node, ast.Name):
        return bound.get(node.id, node.id)
    if isinstance(node, ast.Attribute) and (base := dotted(node.value, bound)):
        return f"{base}.{node.attr}"
    return ""


def wrong_direction(room: str, tree: ast.Module, package: str) -> Iterator[tuple[int, str]]:
    for line, name in imports(tree, package):
        top, _, rest = name.partition(".")
        other = rest.split(".")[0]
        other = PARTS.get(other, other)
        if top != "dunctl" or other in {"", "__version__", room}:
            continue
        if other not in RANK:
            yield line, f"imports {name}, which is in no room"
        elif not room:
            yield line, f"imports {name}; dunctl itself imports nothing of its own"
        elif RANK[other] >= RANK[room]:
            yield line, f"imports {name}; {room} may import only what is below it"


def impure(tree: ast.Module, package: str) -> Iterator[tuple[int, str]]:
    bound = bindings(tree)
    for line, name in imports(tree, package):
        if any(name == bad or name.startswith(f"{bad}.") for bad in IMPURE_IMPORTS):
            yield line, f"imports {name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and dotted(node, bound) in IMPURE_NAMES:
            yield node.lineno, f"uses {dotted(node, bound)}"
        if not isinstance(node, ast.Call):
            continue
        match node.func:
            case ast.Name(id=name) if name in IMPURE_BUILTINS or bound.get(name) in IMPURE_NAMES:
                yield node.lineno, f"calls {name}()"
            case ast.Attribute(attr=name) if name in IMPURE_METHODS:
                yield node.lineno, f"calls .{name}()"
            case ast.Attribute(attr="open", value=ast.Call(func=maker)) if dotted(
                maker, bound
            ).endswith("Path"):
                yield node.lineno, "calls Path(...).open()"


def violations(path: str, source: str) -> list[str]:
    """Return ``path:line: what is wrong`` for a module, given by its path inside the project."""
    names = path.removesuffix(".py").split("/")
    package = ".".join(names[:-1])
    if names[-1] == "__init__":
        names.pop()
    room = names[1] if len(names) > 1 else ""
    room = PARTS.get(room, room)
    if room == "policies":
        return [f"{path}:1: policies are data, not code"]
    if room and room not in RANK:
        return [f"{path}:1: {room} is in no room; give it a rank in tests/test_layers.py"]
    tree = ast.parse(source)
    found = list(wrong_direction(room, tree, package))
    if room in PURE:
        found += impure(tree, package)
    return [f"{path}:{line}: {what}" for line, what in sorted(found)]


def test_imports_run_downwards_and_pure_rooms_are_pure() -> None:
    root = PACKAGE.parent
    modules = sorted(PACKAGE.rglob("*.py"))
    assert modules
    found = [
        violation
        for module in modules
        for violation in violations(
            module.relative_to(root).as_posix(), module.read_text(encoding="utf-8")
        )
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("dunctl/owed/ledger.py", "from dunctl.steps import ladder"),
        ("dunctl/owed/ledger.py", "def f():\n    from dunctl.steps.ladder import rung"),
        ("dunctl/owed/ledger.py", "from dunctl import calling"),
        ("dunctl/owed/ledger.py", "import dunctl.cli"),
        ("dunctl/owed/ledger.py", "from ..steps import ladder"),
        ("dunctl/owed/__init__.py", "from ..steps import ladder"),
        ("dunctl/owed/ledger.py", "if TYPE_CHECKING:\n    from dunctl.show import table"),
        ("dunctl/owed/ledger.py", "import_module('dunctl.show.table')"),
        ("dunctl/letters/render.py", "from dunctl.store import git"),
        ("dunctl/store/read.py", "from dunctl.intake import camt"),
        ("dunctl/intake/camt.py", "from dunctl import letters"),
        ("dunctl/show/table.py", "from dunctl.cli import main"),
        ("dunctl/cli/today.py", "from dunctl.__main__ import main"),
        ("dunctl/money.py", "from dunctl.dates import day"),
        ("dunctl/money.py", "from dunctl.datewords import understand"),
        ("dunctl/errors.py", "from dunctl.words import t"),
        ("dunctl/__init__.py", "from dunctl.errors import Refused"),
        ("dunctl/cli/today.py", "from dunctl.policies import cn_trade"),
        ("dunctl/policies/cn_trade.py", ""),
        ("dunctl/helpers.py", ""),
        ("dunctl/case/parse.py", "import click"),
        ("dunctl/case/parse.py", "from subprocess import run"),
        ("dunctl/owed/ledger.py", "def f():\n    import sqlite3"),
        ("dunctl/steps/guard.py", "import urllib.request"),
        ("dunctl/steps/guard.py", "open('x')"),
        ("dunctl/steps/guard.py", "from io import open as fopen\nfopen('x')"),
        ("dunctl/intake/camt.py", "Path(name).read_text()"),
        ("dunctl/intake/camt.py", "path.write_bytes(b'')"),
        ("dunctl/intake/camt.py", "import pathlib\npathlib.Path(name).open()"),
        ("dunctl/calling/gate.py", "from datetime import datetime\ndatetime.now(UTC)"),
        ("dunctl/calling/gate.py", "from datetime import datetime as dt\ndt.now(UTC)"),
        ("dunctl/calling/gate.py", "import datetime as d\nfield(default_factory=d.date.today)"),
        ("dunctl/calling/gate.py", "from datetime import date\ndate.today()"),
        ("dunctl/calling/gate.py", "import time\ntime.time()"),
        ("dunctl/calling/gate.py", "from time import time\ntime()"),
        ("dunctl/calling/gate.py", "from os import environ"),
    ],
)
def test_a_planted_violation_is_found(path: str, source: str) -> None:
    assert violations(path, source)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("dunctl/__init__.py", '__version__ = "1"'),
        ("dunctl/__main__.py", "from dunctl.cli import main"),
        ("dunctl/cli/version.py", "from dunctl import __version__"),
        ("dunctl/cli/__init__.py", "import click\nfrom dunctl.store import git"),
        ("dunctl/letters/compose.py", "from dunctl import money, steps\nopen('x')"),
        ("dunctl/store/read.py", "import subprocess\nimport time\ntime.time()"),
        ("dunctl/owed/ledger.py", "from .accounts import Account\nfrom dunctl.case import records"),
        ("dunctl/owed/__init__.py", "from .ledger import Ledger\nfrom dunctl.owed import ageing"),
        ("dunctl/calling/gate.py", "from datetime import date, time\nopen_ = [i.open for i in x]"),
        (
            "dunctl/calling/gate.py",
            "def ask(now):\n    return now.date() - due.date(), time(9, 30)",
        ),
        ("dunctl/intake/einvoice.py", "from zipfile import ZipFile\nZipFile(data).open('a.xml')"),
        ("dunctl/dates.py", "from dunctl.datewords import understand"),
        ("dunctl/dates.py", "from dunctl.errors import Refused\nfrom dunctl.words import t"),
    ],
)
def test_an_allowed_module_passes(path: str, source: str) -> None:
    assert violations(path, source) == []
