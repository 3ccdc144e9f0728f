"""A template and its values to a sheet, in a sandbox that can only print.

Of Jinja there is what a letter needs and nothing that computes, calls or loads: values, filters,
``if``, ``for`` (two deep at most) and ``set`` to a fixed text. So the time and the paper that a
template can use are bounded by its own length and the number of invoices.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from dunctl.case.fields import closest
from dunctl.errors import Refused
from dunctl.letters.layout import plain
from dunctl.letters.sheet import ITEM, Block, Sheet, Text
from dunctl.letters.template import Template
from dunctl.letters.words import Words, fill
from dunctl.words import t

if TYPE_CHECKING:
    from jinja2 import Template as CompiledTemplate
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
_MARK = "\x02"  # around the name of a block; no value has it, and no text of a template
_TAGS_ALONE = r"[ \t]*(?:\{[%#](?:(?![%#]\}).)*[%#]\}[ \t]*)+$"
_TAG_ENDS_TEXT = rf"^(?!{_TAGS_ALONE}).*[%#]\}}(?=\n[ \t]*$)"
KEPT = ("blocks", "currency", "figures", "paper")
"""What of a context is not for templates."""


class Fields(dict[str, Any]):
    """A table of values that knows its own dotted name, so that a message can say it."""

    _where = ""


def make_sheet(template: Template, words: Words, context: Mapping[str, Any]) -> Sheet:
    """Fill a template in and put it into the frame of its language.

    Values are text, whatever they look like; ``None`` and empty ones count as not there. Raises
    ``Refused`` with ``path:line`` for a value that is missing, and for what a template may not do.
    """
    values = _values({key: context[key] for key in context if key not in KEPT})
    blocks: Mapping[str, tuple[Block, ...]] = context.get("blocks", {})
    values.update({name: f"{_MARK}{name}{_MARK}" for name in blocks})
    form = context.get("form", "letter")
    if form == "sms":
        text = _filled(template.path, template.sms or "", template.line("sms"), values)
        return _framed(template, words, values, (Text(plain(text)),), context)
    subject = _subject(template, values)
    values["subject"] = subject
    body = _filled(template.path, template.body, template.body_line, values)
    found = tuple(_blocks(body, blocks, template))
    return _framed(template, words, values, found, context, subject)


def subject(template: Template, context: Mapping[str, Any]) -> str:
    """Return the subject of the letter alone, on one line; raises as ``make_sheet`` does."""
    values = _values({key: context[key] for key in context if key not in KEPT})
    return _subject(template, values).replace("\u00a0", " ")


def _subject(template: Template, values: Mapping[str, Any]) -> str:
    return plain(_filled(template.path, template.subject, template.line("subject"), values))


def _blocks(
    body: str, blocks: Mapping[str, tuple[Block, ...]], template: Template
) -> Iterator[Block]:
    """Yield the parts of a body: paragraphs between blank lines, items, and what was marked."""
    paragraph = ""
    for raw in [*body.split("\n"), ""]:
        marked = re.fullmatch(rf"\s*{_MARK}(\w+){_MARK}\s*", raw)
        if _MARK in raw and not (marked and marked[1] in blocks):
            raise Refused(_crowded(raw, template))
        line = "" if marked else plain(raw)
        if paragraph and (not line or line.startswith(ITEM)):
            yield Text(paragraph)
            paragraph = ""
        if marked:
            yield from blocks[marked[1]]
        paragraph = _joined(paragraph, line)


def _joined(one: str, other: str) -> str:
    """Join the lines of a paragraph: with a space, but between Chinese characters without."""
    if not (one and other):
        return one + other
    wide = any("\u2e80" <= char <= "\uffef" for char in (one[-1], other[0]))
    return one + ("" if wide else " ") + other


def _crowded(line: str, template: Template) -> str:
    """Say that a block does not stand alone on its line, and where."""
    found = re.search(rf"{_MARK}(\w+){_MARK}", line, re.IGNORECASE)
    name = found[1].lower() if found else "claims"
    rows = template.body.split("\n")
    nth = next((n for n, row in enumerate(rows) if re.search(rf"\b{name}\b", row)), 0)
    alone = "{{ " + name + " }}"
    return _at(
        template.path,
        template.body_line + nth,
        t("{block} is a table: it stands alone on its line", block=alone),
    )


def _framed(
    template: Template,
    words: Words,
    values: Mapping[str, Any],
    blocks: tuple[Block, ...],
    context: Mapping[str, Any],
    subject: str = "",
) -> Sheet:
    """Return the sheet: what stands between salutation and closing, and everything around it."""
    creditor, debtor = values.get("creditor", {}), values.get("debtor", {})
    person, terms = values.get("person"), values.get("terms", {})
    form, name = str(values.get("form", "letter")), str(debtor.get("name", ""))
    if not creditor.get("name"):
        message = _missing("creditor.name", {**values, "creditor": creditor})
        raise Refused(_at(template.path, template.body_line, message))
    greeted = "person" if person else "consumer" if debtor.get("kind") == "consumer" else "nobody"
    greeting = {"name": person["name"] if person else name}
    sent, signing = form != "sms", {"creditor": creditor["name"], "date": values.get("today", "")}
    signing["contact"] = creditor.get("contact", "")
    signing["role"] = creditor.get("role") or (
        words.say("frame.role") if signing["contact"] else ""
    )
    references = {"customer": debtor.get("number"), "contract": terms.get("contract")}
    payable = any(block in blocks for block in context.get("blocks", {}).get("payment", ()))
    return Sheet(
        template=template.name,
        language=template.language,
        form=form,
        sender=tuple(_sender(words, creditor)),
        recipient=tuple(_recipient(words, debtor, person)),
        place_date=words.say("frame.date", date=values.get("today", "")),
        subject=subject,
        references=tuple(
            (words.say(f"frame.{key}"), value) for key, value in references.items() if value
        ),
        salutation=words.say(f"salutation.{greeted}", **greeting) if sent else "",
        blocks=blocks,
        closing=words.say(f"closing.{greeted}") if sent else "",
        signature=tuple(_signature(words, signing)) if sent else (),
        page=words.say("frame.page"),
        qr=_code(context) if payable else None,
        qr_caption=words.say("frame.qr"),
        paper=context.get("paper", "a4"),
        country=debtor.get("country"),
    )


def _sender(words: Words, creditor: Mapping[str, Any]) -> Iterator[str]:
    yield creditor["name"]
    if creditor.get("department"):
        yield creditor["department"]
    yield from creditor.get("address", ())
    for key in ("phone", "email"):
        if creditor.get(key):
            yield words.say(f"frame.{key}", **{key: str(creditor[key])})


def _recipient(words: Words, debtor: Mapping[str, Any], person: Any) -> Iterator[str]:
    yield words.say("frame.to", name=str(debtor.get("name", "")))
    if person:
        yield words.say("frame.attention", name=person["name"])
    yield from debtor.get("address", ())


def _signature(words: Words, values: Mapping[str, str]) -> Iterator[str]:
    for line in words.signature:
        if all(values.get(place) for place in re.findall(r"\{(\w+)\}", line)):
            yield fill(line, values)


def _code(context: Mapping[str, Any]) -> str | None:
    """Return the payload of a payment code for what is asked for, if there can be one."""
    from dunctl.letters import qr

    amount = context["figures"].get("amount")
    if amount is None:
        return None
    reference = str(context["reference"] or "")
    return qr.payload(context["creditor"], context["currency"], amount, reference)


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
    from jinja2 import TemplateError, UndefinedError

    try:
        parts: list[str] = []
        length = 0
        for part in _made(path, text, line).generate(values):
            length += len(part)
            if length > LONGEST:
                raise Refused(
                    t("{path}: the letter is longer than {n} characters", path=path, n=LONGEST)
                )
            parts.append(part)
    except UndefinedError as error:
        sentence = _missing(error.message or "", values)
        raise Refused(_at(path, _line(error, path, line), sentence)) from error
    except (TemplateError, *_BROKEN) as error:
        raise Refused(_at(path, _line(error, path, line), _unreadable(error))) from error
    return "".join(parts).lstrip("\n")


@lru_cache(maxsize=256)
def _made(path: str, text: str, line: int) -> CompiledTemplate:
    environment = _environment()
    code = environment.compile(_tree(path, text, line), path, path)
    return environment.template_class.from_code(environment, code, {})


def parsed(path: str, text: str, line: int) -> nodes.Template:
    """Return the tree of a text that begins at ``line`` of ``path``.

    Raises ``Refused`` with ``path:line`` for what is no template, and for what none may do.
    """
    try:
        return _tree(path, text, line)
    except _BROKEN as error:
        raise Refused(_at(path, line, _unreadable(error))) from error


def _tree(path: str, text: str, line: int) -> nodes.Template:
    from jinja2 import TemplateSyntaxError

    try:
        tree = _environment().parse("\n" * (line - 1) + _ended(text), path, path)
    except TemplateSyntaxError as error:
        raise Refused(_at(path, error.lineno, error.message or "")) from error
    _check(tree, path)
    return tree


def _ended(text: str) -> str:
    """Keep the blank line after a line of text that a tag ends; Jinja takes its line end away."""
    return re.sub(_TAG_ENDS_TEXT, r"\g<0> ", text.replace(_MARK, ""), flags=re.MULTILINE)


def _unreadable(error: Exception) -> str:
    what = str(error) or type(error).__name__
    return t("the letter cannot be filled in: {error}", error=what)


def _at(path: str, line: int, sentence: str) -> str:
    return f"{path}:{line}: {sentence.rstrip('.')}"


def _line(error: BaseException, path: str, default: int) -> int:
    """Return the innermost line of the template that an error came through."""
    from traceback import walk_tb

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
    environment.filters = {name: FILTERS[name] for name in _FILTERS}
    environment.tests = {name: TESTS[name] for name in _TESTS}
    return environment
