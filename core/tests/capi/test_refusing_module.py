"""A module of virtual tables that refuses its methods one by one: a C program on each engine, beside SQLite."""

from __future__ import annotations

from pathlib import Path

import pytest
from capi_support import compiled_program, outputs_of

PROGRAMS = Path(__file__).parent / "programs"


@pytest.mark.parametrize("engine", ["kernel", "reference", "mirror"])
def test_what_a_module_refuses_is_refused_by_the_statement(tmp_path: Path, engine: str) -> None:
    real, ours = outputs_of(compiled_program(PROGRAMS / "refusing_module.c", tmp_path), engine)
    assert ours == real and real[-1] == "exit 0"
