"""What stops a text from being TOML, for somebody who has never heard of TOML."""

from __future__ import annotations

import re
import unicodedata

import tomli

from dunctl.errors import Problem
from dunctl.words import t

_QUOTES = "“”„‟«»「」『』"
_SPACES = "\u00a0\u2007\u202f\u3000"
_SIGNS = "£$€¥￥%"
_MEANT = {"、": ",", "。": ".", "‘": "'", "’": "'", "–": "-", "—": "-", "\u2212": "-"}
_MARKS = ("<" * 7, "=" * 7, "|" * 7, ">" * 7)
_VALUE = ("Invalid value", "Invalid date", "Expected newline")
_KEY = ("Invalid statement", "Invalid initial character", "Expected '='")
_CUT_SHORT = ("Unterminated string", "Expected \"'")
_STRING = (*_CUT_SHORT, "Illegal character '\\n'", "Found invalid character '\\n'")


def syntax_problem(error: ValueError, text: str, path: str) -> Problem:
    """Say where a text stops being TOML, and what usually is the matter."""
    written = text.rstrip().split("\n")
    if isinstance(error, tomli.TOMLDecodeError):
        line, what = explain(error)
        return Problem(path, min(line, len(written)), t("is not TOML: {error}", error=what))
    longest = max(range(len(written)), key=lambda n: len(written[n]))
    return Problem(path, longest + 1, t("cannot be read: {error}", error=error))


def _repeated() -> tuple[str, ...]:
    from dunctl.case.records import ENTRY_CLASSES

    return ("person", "income", *ENTRY_CLASSES)


def explain(error: tomli.TOMLDecodeError) -> tuple[int, str]:
    """Return the line on which TOML breaks off, and what is wrong and what to write instead."""
    text, said = error.doc, error.msg
    at = _opened(text, said) if said.startswith(_CUT_SHORT) else error.pos
    start = text.rfind("\n", 0, at) + 1
    line = text[start : (text + "\n").index("\n", start)]
    what = (
        _conflict(line)
        or _escape(said)
        or _character(said, line, text[at : at + 1])
        or (_value(line) if said.startswith(_VALUE) else "")
        or _structure(said, line)
    )
    return text.count("\n", 0, at) + 1, what


def _opened(text: str, said: str) -> int:
    """Return where a text begins that runs on to the end of the file."""
    quote = re.sub("[^']", "", said) or '"""'
    if quote == '"""' and text.count(quote) % 2 == 0:
        quote = '"'
    return max(text.rfind(quote), 0)


def _conflict(line: str) -> str:
    if line.startswith(_MARKS):
        return t("both sides of a merge changed this: keep one of the two, delete the marks")
    return ""


def _escape(said: str) -> str:
    if said.startswith(("Unescaped", "Invalid hex value", "Escaped character")):
        return t("write a backslash twice, or the text in single quotes: 'C:\\letters'")
    return ""


def _character(said: str, line: str, char: str) -> str:
    open_text = said.startswith(_STRING)
    if (char and char in _QUOTES) or (open_text and any(quote in line for quote in _QUOTES)):
        return t('write straight quotes: "')
    if open_text:
        return t("a quote is not closed")
    if not char or char in "\n\"'\\":
        return ""
    if char in _SPACES:
        return t("a space here is no ordinary one: type it anew")
    right = _MEANT.get(char) or unicodedata.normalize("NFKC", char)
    if not char.isascii() and len(right) == 1 and right.isascii():
        return t("write {right} in place of {wrong}", right=right, wrong=char)
    if char == "\r":
        return t("a line ends in CR alone: save the file with LF line ends")
    if unicodedata.category(char).startswith("C"):
        return t("there is a control character in the line: delete it")
    if said.startswith(_KEY):
        return "" if char.isascii() else t("keys are English words: see docs/case-file.md")
    return t("write amounts in digits alone, such as 1234.50") if char in _SIGNS else ""


def _value(line: str) -> str:
    if re.match(r"\s*\[", line):
        return t("start a new line after ]")
    if not line.strip():
        return ""
    key, equals, value = (part.strip() for part in line.partition("="))
    if not equals:
        value = key
    if not value or value.startswith("#"):
        return t("there is no value after =")
    if re.match(r"\d{4}-\d\d-\d\d[ Tt]\s*\d", value):
        return t("write times as 2026-11-27T15:00:00+08:00, and only times that exist")
    if re.match(r"\d{1,4}([-./年])\d{1,2}[-./月]\d{1,4}\b", value):
        return t("write days as 2026-11-27, and only days that exist")
    if key in ("amount", "percent") or re.match(r"\d{1,3}(,\d{3})+", value):
        return t("write amounts in digits alone, such as 1234.50")
    if re.match(r"(true|false|yes|no|on|off)\b", value, re.IGNORECASE):
        return t("write true or false, in small letters")
    if value.startswith(('"', "'", "[", "{")):
        return t('something is left over after the value; a quote inside text is written \\"')
    if re.match(r"[+-]?\d", value):
        return t('text needs quotes: key = "value"; a number stands alone')
    return t('text needs quotes: key = "value"')


def _structure(said: str, line: str) -> str:
    header = re.match(r"\s*\[+\s*([\w-]*)", line)
    name = header[1] if header else line.partition("=")[0].strip()
    if said.startswith(("Cannot", "Duplicate")):
        if header and name in _repeated():
            return t("write each [[{name}]] in double brackets", name=name)
        inner = re.match("Duplicate inline table key '(.*)'", said)
        what = inner[1] if inner else f"[{name}]" if header else name
        return t("{key:.60} is already there: keep one of the two", key=what)
    if said.startswith(("Unclosed", "Invalid value")):
        return t("a bracket is not closed, or a comma is missing, here or above")
    if header:
        return t("a table is [name] or [[name]], alone on its line")
    if said.startswith(_KEY):
        return t("write key = value, or # before a comment")
    return said[0].lower() + said[1:]
