"""A template and its values to the text of a letter, in a sandbox that can only print.

Of Jinja there is what a letter needs and nothing that computes, calls or loads: values, filters,
``if``, ``for`` (two deep at most) and ``set`` to a fixed text. So the time and the paper that a
template can use are bounded by its own length and the number of invoices.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from traceback import walk_tb
from typing import TYPE_CHECKING, Any

from dunctl.case.fields import closest
from dunctl.errors import Refused
from dunctl.letters.layout import plain, table, tidy
from dunctl.letters.template import Template
from dunctl.words import t

if TYPE_CHECKING:
    from jinja2 import nodes
    from jinja2.sandbox import ImmutableSandboxedEnvironment

LONGEST = 200_000
"""Characters in a letter."""

_NODES = {
    "Template", "Output", "TemplateData", "If", "For", "Assign", "Name", "Const", "Getattr",
    "Getitem", "Filter", "Test", "Compare", "Operand", "And", "Or", "Not", "CondExpr", "Concat",
    "List", "Dict", "Pair", "Keyword",
}  # fmt: skip
_FILTERS = ("default", "first", "join", "last", "length", "lower", "upper")
_TESTS = ("defined", "undefined")
_LOOPS = 2
_BROKEN = (ArithmeticError, AttributeError, LookupError, RecursionError, SyntaxError, TypeError,
           ValueError)  # fmt: skip


class Fields(dict[str, Any]):
    """A table of values that knows its own dotted name, so that a message can say it."""

    _where = ""


def render(template: Template, context: Mapping[str, Any]) -> str:
    """Fill a template in and return the letter.

    Values are text, whatever they look like; ``None`` and empty ones count as not there. Raises
    ``Refused`` with ``path:line`` for a value that is missing, and for what a template may not do.
    """
    values = _values(context)
    values["subject"] = _subject(template, values)
    return tidy(_filled(template.path, template.body, template.body_line, values))


def subject(template: Template, context: Mapping[str, Any]) -> str:
    """Return the subject of the letter alone, on one line; raises as ``render`` does."""
    return _subject(template, _values(context)).replace("\u00a0", " ")


def _subject(template: Template, values: Mapping[str, Any]) -> str:
    return plain(_filled(template.path, template.subject, template.subject_line, values))


def _values(table: Mapping[str, Any], where: str = "") -> Fields:
    """Return a table as templates may see it; whatever is empty is left out on the way."""
    named = Fields()
    named._where = where
    for key, item in table.items():
        inner = _value(item, f"{where}.{key}" if where else str(key))
        if not _empty(inner):
            named[str(key)] = inner
    return named


def _value(value: Any, where: str) -> Any:
    if isinstance(value, Mapping):
        return _values(value, where)
    if isinstance(value, list | tuple):
        return [inner for item in value if not _empty(inner := _value(item, where))]
    if value is None or isinstance(value, bool | int):
        return value
    return plain(str(value))


def _empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _filled(path: str, text: str, line: int, values: Mapping[str, Any]) -> str:
    """Fill in a text that begins at ``line`` of ``path``."""
    from jinja2 import TemplateError, TemplateSyntaxError, UndefinedError

    environment = _environment()
    try:
        tree = environment.parse("\n" * (line - 1) + text, path, path)
        _check(tree, path)
        code = environment.compile(tree, path, path)
        made = environment.template_class.from_code(environment, code, {})
        parts: list[str] = []
        length = 0
        for part in made.generate(values):
            length += len(part)
            if length > LONGEST:
                raise Refused(
                    t("{path}: the letter is longer than {n} characters", path=path, n=LONGEST)
                )
            parts.append(part)
    except TemplateSyntaxError as error:
        raise Refused(_at(path, error.lineno, error.message or "")) from error
    except UndefinedError as error:
        sentence = _missing(error.message or "", values)
        raise Refused(_at(path, _line(error, path, line), sentence)) from error
    except (TemplateError, *_BROKEN) as error:
        what = str(error) or type(error).__name__
        sentence = t("the letter cannot be filled in: {error}", error=what)
        raise Refused(_at(path, _line(error, path, line), sentence)) from error
    return "".join(parts).lstrip("\n")


def _at(path: str, line: int, sentence: str) -> str:
    return f"{path}:{line}: {sentence.rstrip('.')}"


def _line(error: BaseException, path: str, default: int) -> int:
    """Return the innermost line of the template that an error came through."""
    found = default
    for frame, line in walk_tb(error.__traceback__):
        if frame.f_code.co_filename == path:
            found = line
    return found


def _missing(field: str, values: Mapping[str, Any]) -> str:
    """Say what is missing and where to add it; ``field`` is its dotted name, or a sentence."""
    if not re.fullmatch(r"[\w.]+", field):
        return field
    *tables, name = field.split(".")
    siblings: Any = values
    for part in tables:
        siblings = siblings.get(part) if isinstance(siblings, Mapping) else None
    near = closest(name, list(siblings)) if isinstance(siblings, Mapping) else ""
    root = field.partition(".")[0]
    place = ".".join(tables) or root
    if root == "creditor":
        message = t(
            "{field} is not set: add it to dunctl.toml under [{table}]", field=field, table=place
        )
    elif root in ("debtor", "terms", "person"):
        file = values.get("case_file", t("the case file"))
        message = t(
            "{field} is not set: add it to {file} under {table}",
            field=field,
            file=file,
            table=f"[[{place}]]" if root == "person" else f"[{place}]",
        )
    else:
        test = "{% if " + field + " is defined %}"
        message = t("this letter has no {field}: ask for it with {test}", field=field, test=test)
    return message + near


def _check(tree: nodes.Template, path: str) -> None:
    """Refuse what is not for letters, at the first line where it stands."""
    from jinja2 import nodes

    def fixed(node: nodes.Node | None) -> bool:
        if isinstance(node, nodes.CondExpr):
            return fixed(node.expr1) and fixed(node.expr2)
        return isinstance(node, nodes.Const)

    def look(node: nodes.Node, loops: int) -> None:
        kind = type(node).__name__
        loops += kind == "For"
        if kind not in _NODES or (isinstance(node, nodes.Assign) and not fixed(node.node)):
            raise Refused(
                _at(
                    path,
                    node.lineno,
                    t(
                        '"{what}" is not for letters; they have values, filters, if, for, and set '
                        "to fixed texts",
                        what="set" if kind == "Assign" else kind.lower(),
                    ),
                )
            )
        if loops > _LOOPS:
            sentence = t("a loop in a loop in a loop is not for letters; two deep are enough")
            raise Refused(_at(path, node.lineno, sentence))
        for child in node.iter_child_nodes():
            look(child, loops)

    look(tree, 0)


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    from jinja2 import StrictUndefined
    from jinja2.filters import FILTERS
    from jinja2.sandbox import ImmutableSandboxedEnvironment
    from jinja2.tests import TESTS
    from jinja2.utils import missing

    class Missing(StrictUndefined):
        """Something that is not there, known by its dotted name."""

        __slots__ = ()

        @property
        def _undefined_message(self) -> str:
            if self._undefined_hint or not isinstance(self._undefined_name, str):
                return super()._undefined_message
            if self._undefined_obj is missing:
                return self._undefined_name
            if isinstance(self._undefined_obj, Fields):
                where = self._undefined_obj._where
                return f"{where}.{self._undefined_name}" if where else self._undefined_name
            return super()._undefined_message

    class Sandbox(ImmutableSandboxedEnvironment):
        """A sandbox in which a table has its values and nothing else.

        What would be inside something that is missing is missing with it, under the outer name.
        """

        def getattr(self, obj: Any, attribute: str) -> Any:
            if isinstance(obj, Missing):
                return obj
            if isinstance(obj, Fields):
                return obj[attribute] if attribute in obj else self.undefined(None, obj, attribute)
            return super().getattr(obj, attribute)

        def getitem(self, obj: Any, argument: Any) -> Any:
            if isinstance(obj, Fields | Missing) and isinstance(argument, str):
                return self.getattr(obj, argument)
            return super().getitem(obj, argument)

    environment = Sandbox(
        undefined=Missing, autoescape=False, trim_blocks=True, lstrip_blocks=True, cache_size=0
    )  # plain text: there is nothing to escape
    environment.globals.clear()
    environment.filters = {name: FILTERS[name] for name in _FILTERS} | {"table": table}
    environment.tests = {name: TESTS[name] for name in _TESTS}
    return environment
