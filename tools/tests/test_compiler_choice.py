"""A compiled compiler is taken only while it is that of the sources, byte for byte and by the same Python."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = "compiler/x.py"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package with one source, and a build that says it was made of it."""
    folder = tmp_path / "core" / "keelback_core"
    (folder / "compiler").mkdir(parents=True)
    shutil.copy(ROOT / "core" / "keelback_core" / "__init__.py", folder)
    (folder / "compiler" / "__init__.py").touch()
    (folder / SOURCE).write_text("FORM = 'source'\n")
    compiled = tmp_path / "build" / "mypyc" / "key" / "keelback_core" / "compiler"
    compiled.mkdir(parents=True)
    (compiled / "__init__.py").touch()
    (compiled / "x.py").write_text("FORM = 'compiled'\n")
    write_current(tmp_path, sys.version)
    return folder


def write_current(folder: Path, version: str) -> None:
    facts = (folder / "core" / "keelback_core" / SOURCE).stat()
    text = f"key\n{version}\n{facts.st_size} {facts.st_mtime_ns} {SOURCE}"
    (folder / "build" / "mypyc" / "current").write_text(text)


def form_of(package: Path, choice: str = "") -> str:
    """The form that is used, or the error."""
    run = subprocess.run(
        [sys.executable, "-c", "import keelback_core.compiler.x as x, keelback_core as k; print(k.COMPILER, x.FORM)"],
        env={**os.environ, "PYTHONPATH": str(package.parent), "KEELBACK_COMPILER": choice},
        capture_output=True,
        text=True,
    )
    return run.stdout.strip() or run.stderr.strip().rpartition("\n")[2]


def test_a_fresh_build_is_taken_unless_the_sources_are_asked_for(package: Path) -> None:
    assert form_of(package) == "mypyc compiled"
    assert form_of(package, "mypyc") == "mypyc compiled"
    assert form_of(package, "python") == "python source"


def test_a_build_of_other_sources_is_never_taken(package: Path) -> None:
    before = (package / SOURCE).stat()
    (package / SOURCE).write_text("FORM = 'changed'\n")
    os.utime(package / SOURCE, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert form_of(package) == "python changed"
    assert "run tools/mypyc_build.py" in form_of(package, "mypyc")
    (package / SOURCE).write_text("FORM = 'source'\n")
    os.utime(package / SOURCE, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert form_of(package) == "python source"
    (package / SOURCE).unlink()
    assert "run tools/mypyc_build.py" in form_of(package, "mypyc")


def test_a_build_for_another_python_is_never_taken(package: Path) -> None:
    write_current(package.parents[1], "3.99")
    assert form_of(package) == "python source"
    assert "run tools/mypyc_build.py" in form_of(package, "mypyc")


def test_without_a_build_there_are_the_sources(package: Path) -> None:
    shutil.rmtree(package.parents[1] / "build")
    assert form_of(package) == "python source"
    assert "run tools/mypyc_build.py" in form_of(package, "mypyc")
