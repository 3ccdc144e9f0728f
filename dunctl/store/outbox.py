"""What became of each letter that was to be sent from here: ``.dunctl/outbox``, a file a letter.

``queued`` is not gone and may be tried again; ``refused`` is not gone, and trying the same again is
useless. ``sending`` is written, and is on the disk, before the message leaves: whoever finds it
when nobody holds the letter's lock knows that the message may be gone or not, ``unknown``. ``sent``
is written with the server's answer, and ``done`` once the case has it too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dunctl.errors import Refused
from dunctl.store import files
from dunctl.store.store import Store
from dunctl.tuples import NamedTuple
from dunctl.words import t

OPEN = ("queued", "refused", "sending", "unknown", "sent")
"""States in which something is still to do."""


class Item(NamedTuple):
    """A letter by its case and handle; ``at`` is when it was first tried, in ISO 8601.

    ``answer`` is what the server or the command said last.
    """

    case: str
    letter: str
    channel: str
    to: str
    state: str
    at: str
    message_id: str | None = None
    answer: str = ""


class Busy(Refused):
    """Another command is about this very letter."""


@contextmanager
def held(store: Store, case_id: str, letter: str) -> Iterator[None]:
    """Hold a letter, so that nobody else sends it. Raises ``Busy`` at once if somebody does."""
    with files.locked(store.root):
        _folder(store).mkdir(exist_ok=True)
    with files.held(_path(store, case_id, letter).with_suffix(".lock"), 0) as holds:
        if not holds:
            raise Busy(
                t("another dunctl is sending letter {letter} of {id}", letter=letter, id=case_id)
            )
        yield


def load(store: Store, case_id: str, letter: str) -> Item | None:
    """Return what is known of a letter here; to be asked while it is held.

    One that says ``sending`` was left by a command that was killed: it is ``unknown``.
    """
    found = _read(_path(store, case_id, letter))
    return found._replace(state="unknown") if found and found.state == "sending" else found


def save(store: Store, item: Item) -> None:
    """Write what is known of a letter, through to the disk; to be called while it is held."""
    path = _path(store, item.case, item.letter)
    old = files.read_text(path) if path.exists() else None
    new = json.dumps(item._asdict(), ensure_ascii=False, indent=1) + "\n"
    if new != old:
        files.replace(path, old, new)


def drop(store: Store, item: Item) -> None:
    """Forget a letter; to be called while it is held."""
    _path(store, item.case, item.letter).unlink(missing_ok=True)


def items(store: Store) -> list[Item]:
    """Return the letters with which something is still to do, the oldest first.

    Only what is being sent at this moment is ``sending``.
    """
    folder = _folder(store)
    paths = sorted(folder.glob("*.json")) if folder.is_dir() else []
    found = [item for item in map(_read, paths) if item is not None and item.state in OPEN]
    found = [_now(store, item) if item.state == "sending" else item for item in found]
    return sorted(found, key=lambda item: (item.at, item.case, item.letter))


def _now(store: Store, item: Item) -> Item:
    try:
        with held(store, item.case, item.letter):
            return load(store, item.case, item.letter) or item
    except Busy:
        return item


def _folder(store: Store) -> Path:
    return store.root / ".dunctl" / "outbox"


def _path(store: Store, case_id: str, letter: str) -> Path:
    return _folder(store) / f"{files.safe_id(case_id)}-{letter}.json"


def _read(path: Path) -> Item | None:
    if not path.exists():
        return None
    try:
        return Item(**json.loads(files.read_text(path)))
    except (TypeError, ValueError) as error:
        raise Refused(
            t("{path} cannot be read: see whether the letter was sent, delete it", path=path)
        ) from error
