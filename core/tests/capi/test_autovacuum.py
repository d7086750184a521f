"""sqlite3_autovacuum_pages and sqlite3_normalized_sql: a C program on the kernel, beside what SQLite 3.53.2 with
-DSQLITE_ENABLE_NORMALIZE printed (autovacuum_recorded.txt)."""

from __future__ import annotations

from pathlib import Path

from capi_support import compiled_program, outputs_of

PROGRAMS = Path(__file__).parent / "programs"


def test_a_callback_says_how_many_pages_go_and_texts_are_normalized_as_in_sqlite(tmp_path: Path) -> None:
    program = compiled_program(PROGRAMS / "autovacuum.c", tmp_path, "-fPIC")
    recorded = (PROGRAMS / "autovacuum_recorded.txt").read_text().splitlines()
    assert outputs_of(program, "kernel")[1] == [*recorded, "exit 0"]
