"""A template: what it is for, in TOML between two ``+++`` lines, and the text of the letter.

The text is what stands between salutation and closing; everything around it is common to all
templates of a language (``words``).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from pathlib import PurePath
from typing import Any

from dunctl.case import fields, lines
from dunctl.case.fields import FLAG, TEXT, Kind, choice
from dunctl.case.syntax import syntax_problem
from dunctl.case.toml import loads
from dunctl.case.vocabulary import CHANNELS, STAGES
from dunctl.errors import Refused
from dunctl.letters.sheet import FORMS
from dunctl.steps.policy import DEADLINES
from dunctl.tuples import NamedTuple
from dunctl.words import t

FENCE = "+++"
LARGEST = 100_000
"""Characters in a template; with loops two deep at most, this bounds the work to fill it in."""

NEEDS: Mapping[str, str] = {
    "overdue": "something overdue that is not disputed",
    "due": "the same, or else something due within the days of `remind_ahead`",
    "upcoming": "something due within the days of `remind_ahead`",
    "interest": "interest that runs or is claimed",
    "fees": "a fee that is not paid",
    "promise": "a promise that is open",
    "broken_promise": "a promise or an instalment that did not come",
    "plan": "a plan of instalments in force",
    "settlement": "an open offer to settle",
    "dispute": "a part in dispute",
    "payment": "a payment that arrived",
    "account": "an account on which something moved",
    "suspend_clause": "the clause that lets us stop supply",
    "supply_stop": "a stop of supply",
    "setoff_clause": "the clause that lets us set off",
    "handover": "who takes over, in the policy",
    "decision": "the decision to go to court",
    "assignment": "a document of kind `assignment`, and the assignee in dunctl.toml",
    "contract_end": "the day on which the contract ends",
}
"""What must be there for a letter; each has a function of ``needs``."""


class Template(NamedTuple):
    """A template of a letter; lines count from 1 at the top of its file.

    ``stages`` may be empty: it fits any. ``deadline`` names the key of the policy's ``[letter]``
    with the days until the deadline. A letter that ``claims`` is itself the claim of the interest
    in it. ``sms`` is the text message, one line; ``sha256`` the hash of the file's text.
    """

    path: str
    name: str
    language: str
    stages: tuple[str, ...]
    channel: str
    tone: str
    subject: str
    forms: tuple[str, ...]
    body: str
    needs: tuple[str, ...] = ()
    deadline: str | None = None
    claims: bool = False
    sms: str | None = None
    body_line: int = 1
    where: Mapping[str, int] = {}
    sha256: str = ""

    @property
    def demands(self) -> bool:
        """Tell whether it is for asking: without something to ask for it is refused."""
        return bool(set(self.needs) & {"overdue", "due", "upcoming", "interest", "fees"})

    @property
    def asks(self) -> bool:
        """Tell whether it asks for money: it demands, or it shows what is asked for."""
        return self.demands or re.search(r"\{\{-?\s*claims\s*-?\}\}", self.body) is not None

    def line(self, key: str) -> int:
        """Return the line of a key of the front matter."""
        return self.where.get(key, 1)


@lru_cache(maxsize=256)
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
                keys=", ".join(_REQUIRED),
            )
        )
    end = fences[1]
    head = "\n" + "\n".join(rows[1:end]) + "\n"
    values, where = _front_matter(head, path, end + 1)
    body = "\n".join(rows[end + 1 :])
    written = [form for form in values["forms"] if form != "sms"]
    if written and not body.strip():
        message = t("there is no text for the {form}", form=written[0])
        raise Refused(f"{path}:{end + 2}: {message}")
    digest = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return Template(path=path, **values, body=body, body_line=end + 2, where=where, sha256=digest)


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
    for key in _REQUIRED:
        if key not in table:
            message = t("the key {key} is missing ({kind})", key=key, kind=_KEYS[key].title)
            raise Refused(f"{path}:{end}: {message}")
    place = PurePath(path)
    for key, is_so in (("name", place.stem), ("language", place.parent.name)):
        if is_so and values[key] != is_so:
            message = t("{key} must be {word}, as the path says", key=key, word=is_so)
            raise Refused(f"{path}:{where[key]}: {message}")
    if ("sms" in values) != ("sms" in values["forms"]):
        message = t('the key sms and "sms" in forms belong together')
        raise Refused(f"{path}:{where.get('sms', where['forms'])}: {message}")
    return values, where


def _list(known: Collection[str], example: str, *, empty: bool = True) -> Kind:
    """Return the kind of a list of known words, in the order in which they are known."""
    word = choice(*known)

    def read(value: object) -> tuple[str, ...]:
        if not isinstance(value, list) or not (value or empty):
            raise ValueError(t("must be a list such as {example}", example=example))
        named = {word.read(one) for one in value}
        return tuple(one for one in known if one in named)

    return Kind(f"list such as {example}", read, {})


def _name(value: object) -> str:
    text: str = TEXT.read(value)
    if not re.fullmatch("[A-Za-z][A-Za-z0-9_-]*", text):
        raise ValueError(t("must be one word of letters, digits and hyphens"))
    return text


_KEYS: Mapping[str, Kind] = {
    "name": Kind("the name of the file", _name, {}),
    "language": Kind("the name of the folder", _name, {}),
    "stages": _list(STAGES, '["remind", "firm"]'),
    "channel": choice(*CHANNELS),
    "tone": TEXT,
    "subject": TEXT,
    "forms": _list(FORMS, '["letter", "email", "sms"]', empty=False),
    "needs": _list(tuple(NEEDS), '["overdue"]'),
    "deadline": choice(*DEADLINES),
    "claims": FLAG,
    "sms": TEXT,
}
_REQUIRED = ("name", "language", "stages", "channel", "tone", "subject", "forms")
