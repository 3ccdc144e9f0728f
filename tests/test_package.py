"""What is installed from a wheel has everything that the checkout has."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from pathlib import Path
from zipfile import ZipFile

ROOT = Path(__file__).parent.parent


def build(source: Path, target: str, out: Path) -> Path:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(out)],
        cwd=source,
        check=True,
        capture_output=True,
    )
    (built,) = out.iterdir()
    return built


def shipped(folder: str, under: str) -> set[str]:
    return {
        f"{under}/{path.relative_to(ROOT / folder).as_posix()}"
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_a_wheel_built_from_the_source_package_has_every_module_policy_and_template(
    tmp_path: Path,
) -> None:
    with tarfile.open(build(ROOT, "sdist", tmp_path / "sdist")) as source:
        source.extractall(tmp_path / "source", filter="data")
    (unpacked,) = (tmp_path / "source").iterdir()
    with ZipFile(build(unpacked, "wheel", tmp_path / "wheel")) as wheel:
        names = {name for name in wheel.namelist() if name.startswith("dunctl/")}
    templates = shipped("templates", "dunctl/templates")
    assert templates
    assert any(name.startswith("dunctl/policies/") for name in names)
    assert names == shipped("dunctl", "dunctl") | templates
