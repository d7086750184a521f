"""Pointer values and the table carray: C programs on each engine, beside what SQLite 3.54.1 printed (..._recorded.txt).

The records were made by the same programs on the amalgamation 3.54.1 with -DSQLITE_ENABLE_CARRAY
-DSQLITE_STRICT_SUBTYPE.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from capi_support import BUILD, ROOT

PROGRAMS = Path(__file__).parent / "programs"


def compiled(source: Path, folder: Path) -> Path:
    """Against our library: the system's may be older than the functions."""
    built = folder / source.stem
    include = ROOT / "bindings/c/include/keelback"
    flags = ["-Wall", "-Wextra", f"-I{include}", f"-L{BUILD}", f"-Wl,-rpath,{BUILD}"]
    subprocess.check_call(["gcc", source, "-o", built, *flags, "-lkeelback"])
    return built


def printed(program: Path, engine: str) -> list[str]:
    done = subprocess.run(
        [program],
        env={**os.environ, "KEELBACK_ENGINE": engine},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return [*done.stdout.splitlines(), f"exit {done.returncode}", *done.stderr.splitlines()]


@pytest.mark.parametrize("engine", ["kernel", "reference", "mirror"])
@pytest.mark.parametrize("name", ["pointers", "carray"])
def test_pointers_travel_through_sql_as_in_sqlite(tmp_path: Path, name: str, engine: str) -> None:
    program = compiled(PROGRAMS / f"{name}.c", tmp_path)
    recorded = (PROGRAMS / f"{name}_recorded.txt").read_text().splitlines()
    assert printed(program, engine) == [*recorded, "exit 0"]


def test_a_scan_that_makes_pointers_lets_each_go_when_the_next_is_made(tmp_path: Path) -> None:
    """A million of them would be kept otherwise."""
    source = tmp_path / "many.c"
    source.write_text("""
#include <stdio.h>
#include "sqlite3.h"
static int alive, most;
static void gone(void *pointer) { (void)pointer; --alive; }
static void made(sqlite3_context *context, int count, sqlite3_value **values) {
  (void)count; (void)values;
  if (++alive > most) most = alive;
  sqlite3_result_pointer(context, &alive, "number", gone);
}
static void seen(sqlite3_context *context, int count, sqlite3_value **values) {
  (void)count;
  sqlite3_result_int(context, sqlite3_value_pointer(values[0], "number") != NULL);
}
int main(void) {
  sqlite3 *db;
  sqlite3_open(":memory:", &db);
  sqlite3_create_function(db, "made", 1, SQLITE_UTF8, NULL, made, NULL, NULL);
  sqlite3_create_function(db, "seen", 1, SQLITE_UTF8, NULL, seen, NULL, NULL);
  sqlite3_stmt *statement;
  sqlite3_prepare_v2(db, "SELECT sum(seen(made(value))) FROM generate_series(1, 5000)", -1, &statement, NULL);
  sqlite3_step(statement);
  printf("%d", sqlite3_column_int(statement, 0));
  sqlite3_finalize(statement);
  printf(" %d %d\\n", most < 10, alive);
  return sqlite3_close(db);
}
""")
    program = compiled(source, tmp_path)
    assert printed(program, "kernel") == ["5000 1 0", "exit 0"]
