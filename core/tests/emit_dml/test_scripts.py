"""Scripts of statements, one a line in scripts/*.sql, on Keelback and on real SQLite: rows, errors, counters, files."""

from __future__ import annotations

from pathlib import Path

import pytest
from engine_pair import check_script, check_script_on_files

SCRIPTS = sorted((Path(__file__).parent / "scripts").glob("*.sql"))
# Pragmas whose answers depend on the kind of file.
FILE_DEPENDENT = ("journal_mode", "mmap_size", "locking_mode", "database_list")


def statements_of(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("--")]


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_gives_the_same_in_memory(path: Path) -> None:
    check_script(statements_of(path))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_leaves_a_file_that_sqlite_accepts(path: Path, tmp_path: Path) -> None:
    chosen = [sql for sql in statements_of(path) if not any(word in sql for word in FILE_DEPENDENT)]
    check_script_on_files(chosen, tmp_path)
