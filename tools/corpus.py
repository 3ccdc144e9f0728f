"""Write tests/corpus/toml-test.json from a clone of https://github.com/toml-lang/toml-test.

``python tools/corpus.py CLONE``: the documents of TOML 1.1, each byte as the character of its
number, so that those which are not UTF-8 are in it too.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

CORPUS = Path(__file__).parent.parent / "tests" / "corpus"


def main(clone: Path) -> None:
    """Copy the documents and their licence, and note the commit."""
    names = (clone / "tests" / "files-toml-1.1.0").read_text("utf-8").split()
    git = ["git", "-C", str(clone), "rev-parse", "HEAD"]
    found = {
        "source": "https://github.com/toml-lang/toml-test",
        "commit": subprocess.run(git, capture_output=True, text=True, check=True).stdout.strip(),
        "files": {
            name.removesuffix(".toml"): (clone / "tests" / name).read_bytes().decode("latin-1")
            for name in names
            if name.endswith(".toml")
        },
    }
    text = json.dumps(found, indent=1, ensure_ascii=True) + "\n"
    (CORPUS / "toml-test.json").write_text(text, "utf-8")
    (CORPUS / "LICENSE").write_bytes((clone / "LICENSE").read_bytes())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
