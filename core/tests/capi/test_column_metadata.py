"""sqlite3_table_column_metadata: what it says of columns, rowids and what does not exist, beside real SQLite."""

from __future__ import annotations

import ctypes

from capi_support import Database

SCHEMA = (
    "CREATE TABLE t1(x, y TEXT COLLATE NOCASE, z INT NOT NULL, UNIQUE(y))",
    "CREATE TABLE t2(id INTEGER PRIMARY KEY AUTOINCREMENT, b TEXT COLLATE RTRIM)",
    "CREATE TABLE t3(a TEXT, b, PRIMARY KEY(a COLLATE NOCASE, b)) WITHOUT ROWID",
    "CREATE VIEW v AS SELECT * FROM t1",
    "CREATE TEMP TABLE tt(q PRIMARY KEY)",
    "CREATE TABLE t4(id INTEGER PRIMARY KEY DESC, oid TEXT, g INT GENERATED ALWAYS AS (1))",
    "CREATE TABLE t5(rowid VARCHAR(10) NOT NULL)",
)
TABLES = ("t1", "T1", "t2", "t3", "v", "tt", "t4", "t5", "nope", "sqlite_master")
COLUMNS = ("x", "Y", "z", "id", "b", "a", "rowid", "oid", "_rowid_", "q", "g", "sql", None)


def metadata(side: ctypes.CDLL, database: Database, *names: str | None) -> tuple[object, ...]:
    texts = [ctypes.c_char_p(), ctypes.c_char_p()]
    numbers = [ctypes.c_int(-7) for _ in range(3)]
    asked = [None if name is None else name.encode() for name in names]
    code = side.sqlite3_table_column_metadata(
        database.handle, *asked, *(ctypes.byref(part) for part in (*texts, *numbers))
    )
    message = database.message()
    return (code, message) if code else (*(part.value for part in texts), *(part.value for part in numbers))


def test_what_is_told_is_what_sqlite_tells(library, real) -> None:
    databases = [(side, Database(side)) for side in (library, real)]
    for _, database in databases:
        for sql in SCHEMA:
            assert database.run(sql) == 0
    for table in TABLES:
        for column in COLUMNS:
            for schema in (None, "main", "temp", "elsewhere"):
                ours, theirs = (metadata(side, database, schema, table, column) for side, database in databases)
                assert ours == theirs, (schema, table, column)
    for _, database in databases:
        database.close()
