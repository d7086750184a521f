"""The engine that test headers print is the one that the library uses."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.engine_name import ROOT, compiler_form, engine_name

LIBRARY = ROOT / "build" / "libkeelback.so"


@pytest.mark.skipif(not LIBRARY.exists(), reason="the library is not built")
@pytest.mark.parametrize("engine", ["kernel", "reference", "mirror"])
def test_the_name_is_what_the_environment_chose(engine):
    tool = Path(__file__).resolve().parents[1] / "engine_name.py"
    environment = {**os.environ, "KEELBACK_ENGINE": engine}
    result = subprocess.run([sys.executable, str(tool)], env=environment, capture_output=True, text=True)
    assert result.stdout.strip() == engine


def test_a_library_that_is_not_there_has_no_engine(tmp_path):
    assert engine_name(str(tmp_path / "none.so")) == "no library"


def test_the_form_of_the_compiler_is_what_the_environment_chose(monkeypatch):
    monkeypatch.setenv("KEELBACK_COMPILER", "python")
    assert compiler_form() == "python"
    monkeypatch.setenv("KEELBACK_COMPILER", "cobol")
    assert compiler_form() == "ImportError: KEELBACK_COMPILER is cobol, not python or mypyc"
    monkeypatch.delenv("KEELBACK_COMPILER")
    assert compiler_form() in ("python", "mypyc")
