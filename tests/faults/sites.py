"""The lines of the product that write to the disk, and whether the faults come to all of them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from tests.faults.worlds import ROOT

_METHODS = {"write_text", "write_bytes", "touch", "mkdir", "unlink", "chmod", "symlink_to", "rmdir"}
_ELSEWHERE = {"cli/__init__.py", "store/known.py", "store/index_file.py"}
"""What writes into folders of its own, outside any store, or throws a garbled cache away."""


def missed(calls: Iterable[str]) -> list[str]:
    """Return the lines that write and that none of these calls came from."""
    hit = {call.partition(" ")[2] for call in calls}
    return sorted(set(_sites()) - hit)


def _sites() -> Iterator[str]:
    product = ROOT / "dunctl"
    for path in product.rglob("*.py"):
        name = path.relative_to(product).as_posix()
        if name in _ELSEWHERE:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and _writes(node):
                yield f"{name}:{node.lineno}"


def _writes(call: ast.Call) -> bool:
    match call.func:
        case ast.Attribute(ast.Name("os"), "replace" | "fsync" | "rename" | "mkdir" | "unlink"):
            return True
        case ast.Attribute(_, name):
            return name in _METHODS
        case ast.Name("open"):
            return any(set(ast.literal_eval(one)) & set("wxa") for one in call.args[1:2])
    return False
