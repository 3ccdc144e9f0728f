"""``python -m tests.fuzz.run``: atheris on each property for FUZZ_SECONDS, 60 by default.

What it finds is kept in .fuzz/: in corpus/ inputs that went new ways, in found/ those that failed.
Every input that failed becomes a plain test in tests/fuzz/test_properties.py.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from tests.fuzz.properties import PROPERTIES, is_word, toml_tokens
from tests.fuzz.seeds import seeds

WORK = Path(__file__).parent.parent.parent / ".fuzz"
LONGEST = 20_000
SLOW_SECONDS = 30


def main() -> int:
    """Try every property, or those that are named; 1 if anything was found."""
    if find_spec("atheris") is None:
        say("atheris is not here: it has wheels for Linux and macOS (pip install atheris)")
        return 1
    seconds = int(os.environ.get("FUZZ_SECONDS", "60"))
    return max(tried(name, seconds) for name in sys.argv[1:] or PROPERTIES)


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def tried(name: str, seconds: int) -> int:
    """Try one property in a process of its own and print what came of it."""
    corpus, found = WORK / "corpus" / name, WORK / "found" / name
    start, words = WORK / "seeds" / name, WORK / "words"
    for folder in (corpus, found, start):
        folder.mkdir(parents=True, exist_ok=True)
    for nth, data in enumerate(seeds(name)):
        (start / f"{nth:04}").write_bytes(data)
    tokens = [token.strip("\n") for token in toml_tokens()]
    words.write_text("".join(f"{_quoted(token)}\n" for token in tokens if is_word(token)))
    options = [
        f"-max_total_time={seconds}",
        f"-timeout={SLOW_SECONDS}",
        f"-max_len={LONGEST}",
        f"-artifact_prefix={found}/",
        *([f"-dict={words}"] if name not in ("import", "words") else []),
        "-rss_limit_mb=2000",
    ]
    known = {path.name for path in found.iterdir()}
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.one", name, *options, str(corpus), str(start)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    counts = re.findall(r"^#(\d+)", done.stdout, re.MULTILINE)
    new = sorted(path for path in found.iterdir() if path.name not in known)
    say(f"{name:8} {int(counts[-1]) if counts else 0:>10,} executions, {len(new)} findings")
    for path in new:
        say(f"  {path}")
    if done.returncode:
        _, raised, said = done.stdout.partition("=== Uncaught Python exception: ===")
        say(raised + said if raised else done.stdout[-2000:])
    return int(bool(done.returncode or new))


def _quoted(token: str) -> str:
    return '"' + token.replace("\\", "\\\\").replace('"', '\\"') + '"'


if __name__ == "__main__":
    sys.exit(main())
