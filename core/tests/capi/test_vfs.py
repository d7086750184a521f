"""VFS objects and VFSs of a program's own: C programs, run on the system's SQLite and on ours, line by line."""

from __future__ import annotations

from pathlib import Path

import pytest
from capi_support import BUILD, compiled_program, load, outputs_of, run_child

PROGRAMS = Path(__file__).parent / "programs"


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled_program(PROGRAMS / "vfs_shim.c", tmp_path_factory.mktemp("shim"))


@pytest.mark.parametrize("engine", ["reference", "kernel"])
def test_the_vfs_objects_are_sqlites_and_work_as_its(tmp_path: Path, engine: str) -> None:
    program = compiled_program(PROGRAMS / "vfs.c", tmp_path)
    expected, found = outputs_of(program, engine, folder=tmp_path)
    assert found == expected


def test_databases_are_opened_through_a_vfs_of_the_program_as_by_sqlite(shim: Path, tmp_path: Path) -> None:
    expected, found = outputs_of(shim, "kernel", folder=tmp_path)
    assert found == expected


def test_a_vfs_of_the_program_answers_pragmas_and_gives_temporary_files_and_randomness(tmp_path: Path) -> None:
    """And file controls tell of any database; to the bytes, for randomness follows from what the VFS gave."""
    expected, found = outputs_of(compiled_program(PROGRAMS / "vfs_more.c", tmp_path), "kernel", folder=tmp_path)
    assert found == expected


def test_the_reference_says_that_it_does_not_open_files_through_a_vfs_of_the_program(shim: Path) -> None:
    library = load(BUILD / "libkeelback.so.0")
    assert library.sqlite3_vfs_find(b"unix-none") is not None
    child = run_child(shim, LD_LIBRARY_PATH=str(BUILD / "compat"), KEELBACK_ENGINE="reference")
    assert "open 1\nopened 0" in child.stdout


def test_a_database_in_memdb_has_no_file_name(tmp_path: Path) -> None:
    """Until 3.45 SQLite told its name."""
    source = tmp_path / "name.c"
    source.write_text(
        '#include <stdio.h>\n#include "sqlite3.h"\nint main(void) { sqlite3 *db;'
        ' sqlite3_open_v2("/x", &db, 6, "memdb"); printf("[%s]", sqlite3_db_filename(db, "main"));'
        " return sqlite3_close(db); }\n"
    )
    child = run_child(compiled_program(source, tmp_path), LD_LIBRARY_PATH=str(BUILD / "compat"))
    assert (child.returncode, child.stdout) == (0, "[]")
