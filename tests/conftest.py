from __future__ import annotations

import os

import pytest
from hypothesis import settings

# Neither the settings of whoever runs the tests nor a surrounding git hook reach the program.
for name in [name for name in os.environ if name.startswith(("DUNCTL_", "GIT_", "PYTHONDONT"))]:
    del os.environ[name]

settings.register_profile(
    "dunctl", derandomize=True, database=None, deadline=None, max_examples=40, print_blob=False
)
settings.load_profile("dunctl")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-transcripts",
        action="store_true",
        help="write what the commands print into tests/transcripts/*.test and README.md",
    )
