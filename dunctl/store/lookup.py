"""Find the case that a person's words name."""

from __future__ import annotations

from dunctl.case.toml import loads
from dunctl.errors import Refused
from dunctl.store import files
from dunctl.store.store import Store, cases_folder, ids
from dunctl.words import t


def resolve(store: Store, words: str) -> str:
    """Return the id of the case that ``words`` name: id, unique prefix, or part of the name.

    Raises ``Refused`` listing the candidates, or saying that there is none.
    """
    if files.is_case(cases_folder(store), words):
        return words
    known, _ = ids(store)
    folded = files.folded(words)
    if not folded.strip():
        raise Refused(t("name a case: an id, the start of one, or a part of the debtor's name"))
    for matches in (
        [i for i in known if files.folded(i) == folded],
        [i for i in known if files.folded(i).startswith(folded)],
        [i for i in known if folded in files.folded(debtor_name(store, i))],
    ):
        if len(matches) == 1:
            return matches[0]
        if matches:
            shown = ", ".join(matches[:8]) + (", …" if len(matches) > 8 else "")
            raise Refused(t("{words} could be {cases}: say which", words=words, cases=shown))
    from difflib import get_close_matches

    near = get_close_matches(folded, known, n=1)
    hint = " " + t("(did you mean {word}?)", word=near[0]) if near else ""
    raise Refused(t("there is no case {words}", words=words) + hint)


def debtor_name(store: Store, case_id: str) -> str:
    """Return the debtor's name of a case, without checking the rest; empty if unreadable."""
    try:
        data = loads(files.read_text(cases_folder(store) / f"{case_id}.toml"))
    except (ValueError, OSError):
        return ""
    debtor = data.get("debtor")
    name = debtor.get("name", "") if isinstance(debtor, dict) else ""
    return name if isinstance(name, str) else ""
