"""``python -m tests.fuzz.one NAME [options of libFuzzer]``: atheris on one property."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

atheris: Any = import_module("atheris")

with atheris.instrument_imports(include=["dunctl"]):
    from tests.fuzz.properties import PROPERTIES

if __name__ == "__main__":
    atheris.Setup([sys.argv[0], *sys.argv[2:]], PROPERTIES[sys.argv[1]])
    atheris.Fuzz()
