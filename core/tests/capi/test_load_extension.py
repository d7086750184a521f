"""Extensions built against sqlite3ext.h: one program loads one, on real SQLite's library and on ours, line by line."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from capi_support import BUILD, ROOT

PROGRAMS = Path(__file__).parent / "programs"
INCLUDE = ROOT / "bindings/c/include/keelback"


def built(folder: Path, name: str, *options: str) -> Path:
    """A program or library of programs/."""
    made = folder / name
    command = ["gcc", "-Wall", "-Wextra", f"-I{INCLUDE}", PROGRAMS / f"{name}.c", "-o", made, *options]
    subprocess.check_call(command)
    return made


def lines_of(program: Path, extension: Path, environment: dict[str, str]) -> list[str]:
    """What the program prints."""
    done = subprocess.run(
        [program, extension], env={**os.environ, **environment}, capture_output=True, text=True, timeout=120, check=True
    )
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("extension")
    return built(folder, "load_extension", "-l:libsqlite3.so.0"), built(folder, "extension", "-shared", "-fPIC")


@pytest.mark.parametrize("engine", ["reference", "kernel", "mirror"])
def test_an_extension_is_loaded_and_works_as_on_sqlite(pair: tuple[Path, Path], engine: str) -> None:
    expected = lines_of(*pair, {"LD_LIBRARY_PATH": ""})
    assert "loaded: 0 - | not an error" in expected
    found = lines_of(*pair, {"LD_LIBRARY_PATH": str(BUILD / "compat"), "KEELBACK_ENGINE": engine})
    assert found == expected
