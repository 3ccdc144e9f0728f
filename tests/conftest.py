from __future__ import annotations

import gc
import os

import pytest
from hypothesis import settings

# Neither the settings of whoever runs the tests nor a surrounding git hook reach the program.
for name in [name for name in os.environ if name.startswith(("DUNCTL_", "GIT_", "PYTHONDONT"))]:
    del os.environ[name]

# After each commit git would start one more process, to see whether there is something to tidy up.
os.environ["GIT_CONFIG_COUNT"] = "1"
os.environ["GIT_CONFIG_KEY_0"] = "maintenance.auto"
os.environ["GIT_CONFIG_VALUE_0"] = "false"


def _has_room(folder: str) -> bool:
    """Return whether a folder takes the stores of the tests, and programs that can be run there."""
    if not os.access(folder, os.W_OK):
        return False
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize > 1 << 30 and not disk.f_flag & os.ST_NOEXEC


# Thousands of stores are made and removed: in memory nobody waits for a disk.
MEMORY = "/dev/shm"  # noqa: S108 - pytest makes a folder of its own in it
if _has_room(MEMORY):
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", MEMORY)

EXAMPLES = os.environ.get("EXAMPLES")
"""How many examples each property is tried with, other ones each time; else the same few."""
settings.register_profile(
    "dunctl",
    derandomize=EXAMPLES is None,
    max_examples=int(EXAMPLES or 40),
    database=None,
    deadline=None,
    print_blob=False,
)
settings.load_profile("dunctl")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-transcripts",
        action="store_true",
        help="write what the commands print into tests/transcripts/*.test and README.md",
    )


def pytest_collection_finish() -> None:
    """Have the garbage collector leave alone the thousands of tests, which stay to the end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)
