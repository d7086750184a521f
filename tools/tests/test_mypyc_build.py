"""The compiled compile tower: built by tools/mypyc_build.py, it passes the suite and the compiler's own tests.

Part of make test-long: a whole build takes minutes; what has not changed is kept in build/mypyc. In make test the
drivers of the suite run on it as programs of users do; here the rooms' own tests do too.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("parser", "catalog", "bind", "plan", "emit_select", "emit_dml", "emit_lifting")

pytestmark = pytest.mark.skipif(not os.environ.get("KEELBACK_LONG"), reason="part of make test-long")


@pytest.fixture(scope="module")
def compiled() -> dict[str, str]:
    """The environment that chooses the compiled tower, which has been built."""
    build = subprocess.run([sys.executable, "tools/mypyc_build.py"], cwd=ROOT, capture_output=True, text=True)
    assert build.returncode == 0, build.stdout[-3000:] + build.stderr[-3000:]
    return {**os.environ, "KEELBACK_COMPILER": "mypyc", "KEELBACK_LONG": "", "PYTHONPATH": str(ROOT / "core")}


def test_the_suite_passes_on_the_compiled_tower(compiled: dict[str, str]) -> None:
    for driver in ("reference", "kernel"):
        run = subprocess.run(
            [sys.executable, "-m", "runner", "run", "--driver", driver, "suite"],
            cwd=ROOT / "compat-tests",
            env=compiled,
            capture_output=True,
            text=True,
        )
        assert run.returncode == 0, run.stdout[-5000:] + run.stderr[-2000:]


def test_the_compilers_own_tests_pass_on_the_compiled_tower(compiled: dict[str, str]) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", *(f"core/tests/{room}" for room in ROOMS)],
        cwd=ROOT,
        env=compiled,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout[-5000:]
