"""Whether a template can work at all: what it asks for is looked up without a case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from dunctl.case.fields import closest
from dunctl.errors import Refused
from dunctl.letters.fields import BLOCKS, FIELDS
from dunctl.letters.render import parsed
from dunctl.letters.template import Template
from dunctl.words import t

if TYPE_CHECKING:
    from jinja2 import nodes

_ANY = "loop"  # Jinja's own, inside a loop


def problems(template: Template, creditor: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a template, each with ``path:line`` and the remedy.

    A field is unknown that no letter has; of ``creditor`` there are those of dunctl.toml too.
    """
    known = {*FIELDS, *BLOCKS, *_paths(creditor, "creditor")}
    texts = [("subject", template.subject), ("sms", template.sms or "")]
    parts = [(text, template.line(key)) for key, text in texts]
    parts.append((template.body, template.body_line))
    found: list[tuple[int, str]] = []
    for text, line in parts:
        try:
            tree = parsed(template.path, text, line)
        except Refused as error:
            return [str(error)]
        found += [
            (at, _unknown(name, known))
            for at, name in _asked(tree, _set(tree))
            if not _is(name, known)
        ]
    return [f"{template.path}:{line}: {what}" for line, what in sorted(set(found))]


def _paths(table: Mapping[str, Any], where: str) -> Iterator[str]:
    """Yield the dotted names of everything in a table."""
    for key, value in table.items():
        name = f"{where}.{key}"
        if isinstance(value, Mapping):
            yield from _paths(value, name)
        else:
            yield f"{name}[]" if isinstance(value, list) else name


def _is(name: str, known: Iterable[str]) -> bool:
    """Tell whether a name is a value, or a table or list of values."""
    return any(one == name or one.startswith((f"{name}.", f"{name}[]")) for one in known)


def _unknown(name: str, known: Iterable[str]) -> str:
    table, _, last = name.rpartition(".")
    inside = f"{table}." if table else ""
    others = {
        one.removeprefix(inside).split(".")[0].removesuffix("[]")
        for one in known
        if one.startswith(inside)
    }
    shown = name.replace("[]", "")
    return t("no letter has {field}", field=shown) + closest(
        last.removesuffix("[]"), sorted(others)
    )


def _set(tree: nodes.Template) -> dict[str, str | None]:
    """Return the names that a template sets itself: they are no values of the letter."""
    from jinja2 import nodes

    targets = [assign.target for assign in tree.find_all(nodes.Assign)]
    return {target.name: None for target in targets if isinstance(target, nodes.Name)}


def _asked(node: nodes.Node, names: Mapping[str, str | None]) -> Iterator[tuple[int, str]]:
    """Yield line and dotted name of every value; ``names`` are those that a template made."""
    from jinja2 import nodes

    if isinstance(node, nodes.For):
        yield from _asked(node.iter, names)
        inner = dict(names)
        inner.update({target.name: None for target in node.target.find_all(nodes.Name)})
        if isinstance(node.target, nodes.Name):
            items = _name(node.iter, names)
            inner[node.target.name] = items and f"{items}[]"
        for child in (*([node.test] if node.test else []), *node.body, *node.else_):
            yield from _asked(child, inner)
        return
    if isinstance(node, nodes.Name | nodes.Getattr | nodes.Getitem):
        name = _name(node, names)
        if name is not None:
            yield node.lineno, name
            return
    for child in node.iter_child_nodes():
        if not (isinstance(node, nodes.Assign) and child is node.target):
            yield from _asked(child, names)


def _name(node: nodes.Node, names: Mapping[str, str | None]) -> str | None:
    """Return the dotted name of a value; ``None`` for what is no plain value of the letter."""
    from jinja2 import nodes

    if isinstance(node, nodes.Name):
        return names.get(node.name, None if node.name == _ANY else node.name)
    if isinstance(node, nodes.Getattr):
        inner = _name(node.node, names)
        return inner and f"{inner}.{node.attr}"
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        inner = _name(node.node, names)
        key = node.arg.value
        return inner and (f"{inner}.{key}" if isinstance(key, str) else f"{inner}[]")
    if isinstance(node, nodes.Filter) and node.node is not None:
        inner = _name(node.node, names)
        if node.name in ("first", "last"):
            return inner and f"{inner}[]"
        return inner if node.name == "default" else None
    return None
