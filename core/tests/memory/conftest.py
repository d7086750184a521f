"""The C program `measure.c`, linked to the library."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from memory_support import BUILD, ROOT, Measure


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("memory") / "measure"
    flags = ["-O1", "-Wall", "-Wextra", "-Werror", "-rdynamic", f"-I{ROOT}/bindings/c/include"]
    source = Path(__file__).parent / "measure.c"
    libraries = [f"-L{BUILD}", "-lkeelback", f"-Wl,-rpath,{BUILD}", "-ldl"]
    subprocess.run(["gcc", *flags, source, "-o", made, *libraries], check=True)
    return made


@pytest.fixture
def measure(program: Path, tmp_path: Path) -> Measure:
    return Measure(program, tmp_path)
