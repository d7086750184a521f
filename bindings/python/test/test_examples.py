"""The examples and the README's first lines run, and print what is expected."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"

EXPECTED = {
    "quickstart": "1 Ada\n2 Grace\n",
    "parameters": "a-b\nbab\nLR\n",
    "typed_values": "NoneType int float str bytes\nNone 9223372036854775807 1.0 text b'\\x00\\xff'\n",
    "transaction": "ok\nCHECK constraint failed: amount >= 0\n[(40,), (60,)]\n",
    "errors": 'OperationalError 1 SQLITE_ERROR near "FORM": syntax error\n'
    "IntegrityError 2067 SQLITE_CONSTRAINT_UNIQUE UNIQUE constraint failed: t.a\n",
}


@pytest.mark.parametrize("name", EXPECTED)
def test_example_prints_what_is_expected(name: str) -> None:
    command = [sys.executable, str(EXAMPLES / f"{name}.py")]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == EXPECTED[name]


def test_the_readme_runs(tmp_path: Path) -> None:
    code = (EXAMPLES.parent / "README.md").read_text().split("```python\n")[1].split("```")[0]
    setup = (
        "import keelback\nkeelback.connect('file.db').execute('CREATE TABLE person(id INTEGER PRIMARY KEY, name)')\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(EXAMPLES.parent / "src")}
    result = subprocess.run(
        [sys.executable, "-c", setup + code], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
    )
    assert (result.returncode, result.stderr, result.stdout) == (0, "", "(1, 'Ada')\n")


def test_every_example_is_expected() -> None:
    others = {"demo", "find_keelback"}
    assert {path.stem for path in EXAMPLES.glob("*.py")} - others == set(EXPECTED)
