"""A library and a Python package that do not belong together say so, instead of misunderstanding each other."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from capi_support import BUILD, ROOT, run_python

STATEMENT = """
import ctypes, sys
library = ctypes.CDLL(sys.argv[1] if len(sys.argv) > 1 else {library!r})
library.sqlite3_errmsg.restype = ctypes.c_char_p
handle = ctypes.c_void_p()
assert library.sqlite3_open(b":memory:", ctypes.byref(handle)) == 0
code = library.sqlite3_exec(handle, b"SELECT 41 + 1", None, None, None)
print(code, library.sqlite3_errmsg(handle).decode())
assert library.sqlite3_close(handle) == 0
"""


@pytest.fixture(scope="module")
def other_core(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, as it would be if something that crosses the border had changed."""
    folder = tmp_path_factory.mktemp("other") / "core"
    shutil.copytree(ROOT / "core" / "keelback_core", folder / "keelback_core", ignore=shutil.ignore_patterns("*.pyc"))
    key = folder / "keelback_core" / "engine" / "border_key.py"
    text = key.read_text(encoding="utf-8")
    before, _, number = text.rpartition(" ")
    key.write_text(f"{before} {int(number) ^ 1}\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize("engine", ["kernel", "reference", "mirror"])
def test_a_package_of_other_sources_is_refused(engine: str, other_core: Path) -> None:
    program = STATEMENT.format(library=str(BUILD / "libkeelback.so.0"))
    settings = {"KEELBACK_ENGINE": engine, "KEELBACK_COMPILER": "python", "PYTHONPATH": ""}
    run = run_python(program, KEELBACK_CORE_PATH=str(other_core), **settings)
    assert "the library was not built from the sources in" in run.stdout + run.stderr
    assert "build it anew" in run.stdout + run.stderr
    run = run_python(program, **settings)
    assert (run.returncode, run.stdout) == (0, "0 not an error\n")
