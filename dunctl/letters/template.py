"""A template: what it is for, in TOML between two ``+++`` lines, and the text of the letter."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import PurePath
from typing import Any, NamedTuple

from dunctl.case import fields, lines
from dunctl.case.fields import TEXT, Kind, choice
from dunctl.case.parse import loads, syntax_problem
from dunctl.case.records import CHANNELS, STAGES
from dunctl.errors import Refused
from dunctl.steps.policy import LetterTerms
from dunctl.words import t

FENCE = "+++"
LARGEST = 100_000
"""Characters in a template; with loops two deep at most, this bounds the work to fill it in."""


class Template(NamedTuple):
    """A template of a letter; lines count from 1 at the top of its file.

    ``deadline`` names the key of the policy's ``[letter]`` with the days until the deadline.
    """

    path: str
    name: str
    language: str
    stages: tuple[str, ...]
    channel: str
    tone: str
    subject: str
    deadline: str
    body: str
    body_line: int
    subject_line: int


def parse_template(text: str, path: str) -> Template:
    """Read the text of a template, whose folder is its language and whose file is its name.

    Raises ``Refused`` with ``path:line`` for anything missing, unknown or unreadable.
    """
    if len(text) > LARGEST:
        raise Refused(t("{path}:1: a template has {n} characters at most", path=path, n=LARGEST))
    rows = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    fences = [nth for nth, row in enumerate(rows) if row.rstrip() == FENCE][:2]
    if len(fences) < 2 or fences[0] != 0:
        raise Refused(
            t(
                "{path}:1: a template starts with a line {fence}, the keys {keys}, and another "
                "line {fence}",
                path=path,
                fence=FENCE,
                keys=", ".join(_KEYS),
            )
        )
    end = fences[1]
    head = "\n" + "\n".join(rows[1:end]) + "\n"
    values, where = _front_matter(head, path, end + 1)
    return Template(
        path=path,
        **values,
        body="\n".join(rows[end + 1 :]),
        body_line=end + 2,
        subject_line=where["subject"],
    )


def choose_language(
    wanted: str | None, debtor: str | None, default: str, available: Collection[str]
) -> str:
    """Return the folder of templates: of the language asked for, else the debtor's, else our own.

    Languages are BCP 47: ``zh-CN`` is served by ``zh-CN``, or else by ``zh``. Raises ``Refused``
    with what there is when none of ``available`` serves it.
    """
    folders = {folder.replace("_", "-").casefold(): folder for folder in available}
    language = wanted or default
    for reader in (wanted,) if wanted else (debtor, default):
        tag = (reader or "").replace("_", "-").casefold()
        while tag:
            if tag in folders:
                return folders[tag]
            tag = tag.rpartition("-")[0]
    raise Refused(
        t(
            "there are no letters in {language}, only in {available}: choose one of these",
            language=language,
            available=", ".join(sorted(available)) or "-",
        )
    )


def _front_matter(head: str, path: str, end: int) -> tuple[dict[str, Any], dict[str, int]]:
    """Return the values of the front matter and the line of each key."""
    try:
        table = loads(head)
    except ValueError as error:
        raise Refused(str(syntax_problem(error, head, path))) from error
    located = lines.locate(head)
    where = {key: lines.line_of(located, (key,)) for key in table}
    values = {}
    for key, value in table.items():
        at = f"{path}:{where[key]}: "
        if key not in _KEYS:
            hint = fields.closest(key, list(_KEYS))
            raise Refused(at + t("unknown key {key}; delete the line", key=key) + hint)
        try:
            values[key] = _KEYS[key].read(value)
        except ValueError as error:
            raise Refused(f"{at}{key} {error}") from error
    for key, kind in _KEYS.items():
        if key not in table:
            message = t("the key {key} is missing ({kind})", key=key, kind=kind.title)
            raise Refused(f"{path}:{end}: {message}")
    place = PurePath(path)
    for key, is_so in (("name", place.stem), ("language", place.parent.name)):
        if is_so and values[key] != is_so:
            message = t("{key} must be {word}, as the path says", key=key, word=is_so)
            raise Refused(f"{path}:{where[key]}: {message}")
    return values, where


def _stages(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise ValueError(t('must be a list of stages such as ["remind", "firm"]'))
    named = {_STAGE.read(stage) for stage in value}
    return tuple(stage for stage in STAGES if stage in named)


def _name(value: object) -> str:
    text: str = TEXT.read(value)
    if not re.fullmatch("[A-Za-z][A-Za-z0-9_-]*", text):
        raise ValueError(t("must be one word of letters, digits and hyphens"))
    return text


_STAGE = choice(*STAGES)
_KEYS: Mapping[str, Kind] = {
    "name": Kind("the name of the file", _name, {}),
    "language": Kind("the name of the folder", _name, {}),
    "stages": Kind("list of stages", _stages, {}),
    "channel": choice(*CHANNELS),
    "tone": TEXT,
    "subject": TEXT,
    "deadline": choice(*(f for f in LetterTerms._fields if f.endswith("deadline_days"))),
}
