"""Paths, and machines that know hidden parameters."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(Path(__file__).resolve().parent), str(ROOT), str(ROOT / "core"), str(ROOT / "compat-tests")]

from keelback_core.engine import statement  # noqa: E402
from lifted_engine import LiftedMachine  # noqa: E402


@pytest.fixture(autouse=True)
def _hidden_parameters(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(statement, "Machine", LiftedMachine)
    yield
    LiftedMachine.hidden.clear()
