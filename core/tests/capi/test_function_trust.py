"""Functions that are DIRECTONLY, and in a schema that is not trusted all that are not INNOCUOUS, do not run from texts
that are stored in a schema. Messages are real SQLite's; temporary objects are the program's own.
"""

from __future__ import annotations

import ctypes

import pytest
from capi_support import Database

DETERMINISTIC, DIRECTONLY, INNOCUOUS, UTF8 = 0x800, 0x80000, 0x200000, 1
CALL = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
STATEMENTS = (
    "CREATE TABLE t(x)",
    "INSERT INTO t VALUES(5)",
    "CREATE TABLE u(y)",
    "SELECT f(x) FROM t",
    "CREATE VIEW v AS SELECT f(x) AS q FROM t",
    "SELECT q FROM v",
    "SELECT count(*) FROM v",
    "CREATE TEMP VIEW tv AS SELECT f(x) AS q FROM main.t",
    "SELECT * FROM tv",
    "CREATE TRIGGER tr AFTER INSERT ON u BEGIN UPDATE t SET x = f(x); END",
    "INSERT INTO u VALUES(1)",
    "DROP TRIGGER tr",
    "CREATE TRIGGER tw AFTER INSERT ON u WHEN f(new.y) BEGIN SELECT 1; END",
    "INSERT INTO u VALUES(1)",
    "DROP TRIGGER tw",
    "CREATE TEMP TRIGGER tt AFTER INSERT ON main.u BEGIN UPDATE t SET x = (SELECT f(x) FROM t); END",
    "INSERT INTO u VALUES(1)",
    "CREATE TABLE c(x CHECK (f(x)))",
    "INSERT INTO c VALUES(1)",
    "CREATE TABLE d(x DEFAULT (f(1)))",
    "INSERT INTO d DEFAULT VALUES",
    "CREATE TABLE g(x, y AS (f(x)))",
    "CREATE INDEX i ON t(f(x))",
    "CREATE INDEX p ON t(x) WHERE f(x)",
    "CREATE TEMP TABLE ct(x CHECK (f(x)))",
    "INSERT INTO ct VALUES(1)",
)


@pytest.mark.parametrize("is_trusted", [True, False])
@pytest.mark.parametrize("flags", [0, DIRECTONLY, INNOCUOUS])
def test_stored_texts_call_what_sqlite_lets_them_call(library, real, flags: int, is_trusted: bool) -> None:
    answer = CALL(lambda context, count, values: None)
    seen = []
    for side in (library, real):
        database = Database(side)
        every = UTF8 | DETERMINISTIC | flags
        assert side.sqlite3_create_function(database.handle, b"f", 1, every, None, answer, None, None) == 0
        if not is_trusted:
            database.run("PRAGMA trusted_schema = OFF")
        seen.append([(sql, database.run(sql), database.message()) for sql in STATEMENTS])
        database.close()
    assert seen[0] == seen[1]
    assert any("unsafe use of f()" in message for _, _, message in seen[0]) == (
        flags == DIRECTONLY or (flags == 0 and not is_trusted)
    )
