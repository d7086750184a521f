"""A test file that nobody collects fails the run."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def tracked(*patterns: str) -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return listed.stdout.split()


def test_every_python_test_file_lies_where_pytest_looks():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]["ini_options"]
    places = [place.rstrip("/") + "/" for place in settings["testpaths"]]
    stray = [name for name in tracked("test_*.py", "**/test_*.py") if not any(name.startswith(p) for p in places)]
    assert stray == []


def test_every_file_in_a_tests_folder_is_a_test_or_support():
    # pytest collects test_*.py only: a file with tests under another name would never run.
    stray = []
    for name in tracked("*/tests/*.py", "*/tests/**/*.py"):
        if not Path(name).name.startswith(("test_", "conftest")):
            text = (ROOT / name).read_text(encoding="utf-8")
            if "\ndef test_" in text:
                stray.append(name)
    assert stray == []


def test_every_suite_file_is_a_kbt_file():
    stray = [name for name in tracked("compat-tests/suite/**") if not name.endswith((".kbt", ".test"))]
    assert stray == []
