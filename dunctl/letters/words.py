"""The words around a letter in one language, from ``templates/<language>/words.toml``.

Labels, salutations, closings and headings are the same for all templates of a language, so they
stand in one file. A store's own file is laid over the shipped one, key by key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from dunctl.case import fields, lines
from dunctl.case.syntax import syntax_problem
from dunctl.case.toml import loads
from dunctl.case.vocabulary import REASONS, VIA
from dunctl.errors import Refused
from dunctl.letters.layout import plain
from dunctl.tuples import NamedTuple
from dunctl.words import t

NAME = "words.toml"
PAPERS = (
    *("contract", "order", "delivery_note", "acceptance", "invoice", "reconciliation", "iou"),
    *("acknowledgement", "correspondence"),
)
"""Kinds of documents that may be named to the debtor; what proves something (practice M01, M03)."""


def _keys(bare: str = "", places: Mapping[str, str] | None = None) -> dict[str, tuple[str, ...]]:
    """Return keys with the values that their texts may print."""
    printing = {key: tuple(names.split()) for key, names in (places or {}).items()}
    return dict.fromkeys(bare.split(), ()) | printing


KEYS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "frame": _keys(
        "customer contract role qr",
        {
            "to": "name",
            "attention": "name",
            "phone": "phone",
            "email": "email",
            "date": "date",
            "moment": "day time",
            "page": "n m",
        },
    ),
    "salutation": _keys("nobody", {"person": "name", "consumer": "name"}),
    "closing": _keys("person consumer nobody"),
    "you": _keys("company sole_trader consumer public"),
    "claims": _keys(
        "invoice issued due amount settled disputed deferred asked "
        "interest fees sum credit refunded total open balance",
        {"title": "unit", "contested": "number"},
    ),
    "payment": _keys("holder bank iban account bic reference link"),
    "interest": _keys(
        "invoice from to days on rate amount total",
        {
            "title": "unit",
            "sum": "number",
            "waived": "number",
            "paid": "number",
            "clause": "clause",
        },
    ),
    "fees": _keys(
        "on what invoice amount settled open total",
        {"title": "unit", "contract": "basis", "fixed_sum": "basis", "costs": "basis"},
    ),
    "schedule": _keys("number due amount paid open total", {"title": "unit"}),
    "statement": _keys(
        "on what amount balance opening payment credit refund settled",
        {
            "title": "unit",
            "closing": "date",
            "invoice": "number",
            "interest": "number",
            "for": "what number",
            "reversal": "day",
            "fee": "basis",
            "fee_less": "basis",
        },
    ),
    "sign": _keys("name position date signature"),
    "via": _keys(" ".join(VIA)),
    "about": _keys(" ".join((*REASONS["dispute"], "other"))),
    "document": _keys(places=dict.fromkeys(PAPERS, "ref date")),
}
"""The tables of the file, their keys, and the values each may print; ``signature`` is apart."""

SIGNED = ("contact", "role", "creditor", "date")
"""What a line of ``signature`` may print; a line whose value is missing is left out."""


class Words(NamedTuple):
    """The words of a language by their dotted key, and the lines of a signature."""

    language: str
    texts: Mapping[str, str]
    signature: tuple[str, ...]

    def say(self, key: str, **values: str) -> str:
        """Return a text with its values; what it has no value for stays as it is."""
        return fill(self.texts[key], values)


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put values in their ``{places}``; nothing in a value is a place."""
    return re.sub(r"\{(\w+)\}", lambda found: values.get(found[1], found[0]), text)


def read(language: str, files: Iterable[tuple[str, str]]) -> Words:
    """Return the words of a language from (text, path) of its files, the shipped one first.

    Raises ``Refused`` with ``path:line`` for what is unknown or no text, and for what is missing.
    """
    texts: dict[str, str] = {}
    signature: tuple[str, ...] | None = None
    shown = f"templates/{language}/{NAME}"
    for text, path in files:
        try:
            data = loads(text)
        except ValueError as error:
            raise Refused(str(syntax_problem(error, text, path))) from error
        at: tuple[str, ...] = ()
        try:
            for table, values in data.items():
                at = (table,)
                if table == "signature":
                    signature = _signature(values)
                    continue
                _known(table, KEYS)
                if not isinstance(values, dict):
                    raise ValueError(t("[{name}] must be a table", name=table))
                for key, value in values.items():
                    at = (table, key)
                    _known(key, KEYS[table])
                    texts[f"{table}.{key}"] = _text(key, value, KEYS[table][key])
        except ValueError as error:
            line = lines.line_of(lines.locate(text), at)
            raise Refused(f"{path}:{line}: {error}") from error
    wanted = [f"{table}.{key}" for table, keys in KEYS.items() for key in keys]
    missing = [key for key in wanted if key not in texts]
    if signature is None:
        missing.append("signature")
    if missing or signature is None:
        some = ", ".join(missing[:5]) + (" …" if len(missing) > 5 else "")
        raise Refused(t("{path}: these words are missing: {keys}", path=shown, keys=some))
    return Words(language, texts, signature)


def _known(key: str, known: Mapping[str, object]) -> None:
    if key not in known:
        hint = fields.closest(key, list(known))
        raise ValueError(t("unknown key {key}; delete the line", key=key) + hint)


def _text(key: str, value: object, places: tuple[str, ...]) -> str:
    if not isinstance(value, str):
        raise ValueError(t("{key} must be text in quotes", key=key))
    odd = [name for name in re.findall(r"\{(\w*)\}", value) if name not in places]
    if odd:
        raise ValueError(
            t(
                "{key} has no {place}: there is {places}",
                key=key,
                place="{" + odd[0] + "}",
                places=", ".join("{" + name + "}" for name in places) or "-",
            )
            + fields.closest(odd[0], list(places))
        )
    return "\n".join(plain(line) for line in value.split("\n"))


def _signature(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise ValueError(t("signature must be a list of lines"))
    return tuple(_text("signature", line, SIGNED) for line in value)
