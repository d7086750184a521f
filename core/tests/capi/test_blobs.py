"""What sqlite3_blob_open refuses, beside real SQLite (through apsw)."""

from __future__ import annotations

import ctypes

import apsw
import pytest

SCHEMA = """
CREATE TABLE w(a PRIMARY KEY, b) WITHOUT ROWID;
CREATE TABLE g(a, b AS (a));
CREATE VIEW v AS SELECT 1 AS a;
CREATE TABLE i(a, b UNIQUE, c REFERENCES i(b), id INTEGER PRIMARY KEY);
CREATE TABLE e(a, b);
CREATE INDEX ie ON e(b + 1);
CREATE TABLE p(x, y);
INSERT INTO i VALUES (x'00', x'01', NULL, 1);
INSERT INTO p VALUES (x'00', NULL);
"""
CASES = [("w", "b", 0), ("w", "zz", 0), ("g", "a", 0), ("v", "a", 0), ("i", "b", 1), ("i", "b", 0), ("i", "c", 1),
         ("i", "a", 1), ("i", "a", 0), ("e", "a", 1), ("p", "x", 1), ("p", "y", 0), ("zz", "a", 0), ("p", "zz", 0),
         ("p", "rowid", 0)]  # fmt: skip


@pytest.mark.parametrize("keys", ["OFF", "ON"])
@pytest.mark.parametrize("table, column, writable", CASES)
def test_a_blob_is_refused_in_sqlites_words(library, database, table, column, writable, keys):
    real = apsw.Connection(":memory:")
    script = f"{SCHEMA} PRAGMA foreign_keys = {keys}"
    real.execute(script)
    for sql in script.split(";\n"):
        database.rows(sql)
    try:
        real.blob_open("main", table, column, 1, bool(writable)).close()
        wanted = (0, "not an error")
    except apsw.Error as error:
        wanted = (error.extendedresult, str(error))
    blob = ctypes.c_void_p()
    code = library.sqlite3_blob_open(
        database.handle, b"main", table.encode(), column.encode(), ctypes.c_longlong(1), writable, ctypes.byref(blob)
    )
    assert (code, database.message()) == wanted
    assert library.sqlite3_blob_close(blob) == 0
