"""What of ``dunctl.toml`` this machine has agreed to run.

A repository may not bring commands along: whoever can push to it could have every desk run them, or
have the password sent to another server. So ``[mail]`` and ``[sms]`` are used only as they were
when somebody at this machine agreed; the agreement is not in git.
"""

from __future__ import annotations

import json
from hashlib import sha256

from dunctl.store import files
from dunctl.store.config import Mail, Sms
from dunctl.store.store import Store


def agreed(store: Store, way: Mail | Sms) -> bool:
    """Tell whether this machine has agreed to a table as it is now."""
    return _digest(way) in _known(store)


def agree(store: Store, way: Mail | Sms) -> None:
    """Remember the agreement to a table as it is now."""
    with files.locked(store.root):
        path = store.root / ".dunctl" / "agreed"
        old = files.read_text(path) if path.exists() else None
        files.replace(path, old, f"{old or ''}{_digest(way)}\n")


def _known(store: Store) -> list[str]:
    path = store.root / ".dunctl" / "agreed"
    return files.read_text(path).split() if path.exists() else []


def _digest(way: Mail | Sms) -> str:
    said = json.dumps([type(way).__name__, way])
    return sha256(said.encode()).hexdigest()
