"""Modules of sqlite3_create_module: one C program, run on the system's SQLite and on ours, line by line."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from capi_support import BUILD, ROOT

SOURCE = Path(__file__).parent / "programs" / "virtual_table.c"
# When tables are disconnected and connected again is each library's own affair.
LEFT_OUT = ("  disconnect", "  connect first [pairs] [main] [u]")


def lines_of(program: Path, environment: dict[str, str]) -> list[str]:
    """What the program prints."""
    done = subprocess.run(
        [program], env={**os.environ, **environment}, capture_output=True, text=True, timeout=120, check=True
    )
    return [line for line in done.stdout.splitlines() if not line.startswith(LEFT_OUT)]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    built = tmp_path_factory.mktemp("module") / "virtual_table"
    include = ROOT / "bindings/c/include/keelback"
    subprocess.check_call(["gcc", "-Wall", "-Wextra", f"-I{include}", SOURCE, "-o", built, "-l:libsqlite3.so.0"])
    return built


@pytest.mark.parametrize("engine", ["reference", "kernel"])
def test_a_module_in_c_is_asked_and_told_as_by_sqlite(program: Path, engine: str) -> None:
    expected = lines_of(program, {"LD_LIBRARY_PATH": ""})
    found = lines_of(program, {"LD_LIBRARY_PATH": str(BUILD / "compat"), "KEELBACK_ENGINE": engine})
    assert found == expected


def blocks_of(text: str) -> list[list[str]]:
    """What a trace has for each statement, which is the first line."""
    found: list[list[str]] = []
    for line in text.splitlines():
        if line.startswith("  ") and found:
            found[-1].append(line)
        else:
            found.append([line])
    return found


@pytest.mark.parametrize("engine", ["reference", "kernel"])
def test_every_call_of_a_module_comes_as_sqlite_makes_it(trace: Path, engine: str) -> None:
    """virtual_table_trace.txt is what the program printed with SQLite 3.54.1; what is not equal is listed with its
    reason, and the list only shrinks."""
    programs = SOURCE.parent
    lines = (programs / "virtual_table_trace_differences.txt").read_text().splitlines()
    excused = {line for line in lines if line and not line.startswith("#")}
    environment = {**os.environ, "LD_LIBRARY_PATH": str(BUILD / "compat"), "KEELBACK_ENGINE": engine}
    statements = (programs / "virtual_table_trace.sql").read_text()
    done = subprocess.run(
        [trace], env=environment, input=statements, capture_output=True, text=True, timeout=300, check=True
    )
    found = blocks_of(done.stdout)
    expected = blocks_of((programs / "virtual_table_trace.txt").read_text())
    assert [block[0] for block in found] == [block[0] for block in expected]
    different = [one[0] for one, other in zip(found, expected, strict=True) if one != other]
    for one, other in zip(found, expected, strict=True):
        assert one[0] in excused or one == other
    assert set(different) == excused


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    built = tmp_path_factory.mktemp("trace") / "virtual_table_trace"
    include = ROOT / "bindings/c/include/keelback"
    source = SOURCE.parent / "virtual_table_trace.c"
    subprocess.check_call(["gcc", "-Wall", "-Wextra", f"-I{include}", source, "-o", built, "-l:libsqlite3.so.0"])
    return built
