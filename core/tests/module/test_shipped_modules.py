"""Modules that the oracle's build has not: generate_series, csv, sqlite_dbpage, bytecode, tables_used.

Expected answers are those of SQLite's documentation of each.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from keelback_core.engine.connection import Connection
from keelback_core.value.errors import SqlError

Run = Callable[[str], Any]


@pytest.fixture()
def run() -> Iterator[Run]:
    connection = Connection(":memory:")

    def execute(sql: str) -> Any:
        try:
            return [tuple(row) for row in connection.execute(sql)]
        except SqlError as error:
            return error.message

    yield execute
    connection.close(finalizes=True)


SERIES: list[tuple[str, Any]] = [
    ("generate_series(1,5)", [1, 2, 3, 4, 5]),
    ("generate_series(10,1,-3)", [10, 7, 4, 1]),
    ("generate_series(1,3,0)", [1, 2, 3]),
    ("generate_series(5,1)", []),
    ("generate_series(1,5) ORDER BY value DESC", [5, 4, 3, 2, 1]),
    ("generate_series(5,1,-2) ORDER BY value", [1, 3, 5]),
    ("generate_series(1,100,7) WHERE value BETWEEN 20 AND 40", [22, 29, 36]),
    ("generate_series(1,100,7) WHERE value > 20.5 AND value <= 43 ORDER BY value DESC", [43, 36, 29, 22]),
    ("generate_series(1) LIMIT 3", [1, 2, 3]),
    ("generate_series(0,99,3) WHERE value = 9", [9]),
    ("generate_series(0,99,3) WHERE value = 9.5", []),
    ("generate_series(0,99,3) WHERE value = '9'", []),
    ("generate_series(0,99,3) WHERE value IN (6, 7, 9)", [6, 9]),
    ("generate_series(0,9) WHERE value > 1e300", []),
    ("generate_series(0,3) WHERE value < 1e300", [0, 1, 2, 3]),
    ("generate_series(NULL,5)", []),
    ("generate_series(1.9,'4')", [1, 2, 3, 4]),
    ("generate_series(9223372036854775805,9223372036854775807)", [2**63 - 3, 2**63 - 2, 2**63 - 1]),
    ("generate_series(-9223372036854775808,9223372036854775807,4611686018427387904)", [-(2**63), -(2**62), 0, 2**62]),
    (
        "generate_series(9223372036854775807,-9223372036854775808,-4611686018427387904)",
        [2**63 - 1, 2**62 - 1, -1, -(2**62) - 1],
    ),
    ("generate_series WHERE start = 3 AND stop = 5", [3, 4, 5]),
]


@pytest.mark.parametrize(("source", "expected"), SERIES, ids=[source for source, _ in SERIES])
def test_a_series_has_these_members(run: Run, source: str, expected: list[int]) -> None:
    assert run("SELECT value FROM " + source) == [(value,) for value in expected]


def test_a_series_needs_a_start(run: Run) -> None:
    message = 'first argument to "generate_series()" missing or unusable'
    assert run("SELECT * FROM generate_series") == message
    assert run("SELECT * FROM generate_series()") == message
    assert run("SELECT * FROM generate_series(1,2,3,4)") == "too many arguments on generate_series() - max 3"


def test_a_series_in_joins_and_in_IN(run: Run) -> None:
    found = run("SELECT a.value, b.value FROM generate_series(1,3) a, generate_series(1,a.value) b")
    assert found == [(1, 1), (2, 1), (2, 2), (3, 1), (3, 2), (3, 3)]
    assert run("SELECT 3 IN generate_series(1,5), 7 IN generate_series(1,5)") == [(1, 0)]
    assert run("SELECT rowid, start, stop, step FROM generate_series(10,1,-9)") == [(10, 10, 1, -9), (1, 10, 1, -9)]
    assert run("CREATE VIRTUAL TABLE s USING generate_series") == "no such module: generate_series"


def test_a_csv_file_is_a_table(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    path.write_bytes(b'\xef\xbb\xbfa,b\n1,"x ""y"", z"\r\n2\n3,4,5\n"two\nlines",\n')
    run(f"CREATE VIRTUAL TABLE temp.plain USING csv(filename='{path}')")
    rows = [("1", 'x "y", z'), ("2", None), ("3", "4"), ("two\nlines", "")]
    assert run("SELECT c0, c1 FROM plain") == [("a", "b"), *rows]
    run(f"CREATE VIRTUAL TABLE temp.named USING csv(filename='{path}', header)")
    assert run("SELECT a, b FROM named") == rows
    assert run("SELECT rowid FROM named WHERE a = '3'") == [(3,)]
    run(f"CREATE VIRTUAL TABLE temp.wide USING csv(filename='{path}', header=yes, columns=3)")
    assert run("SELECT c2 FROM wide") == [(None,), (None,), ("5",), (None,)]
    path.write_text("q,r\nnew,row\n")
    assert run("SELECT a, b FROM named") == [("new", "row")]
    path.unlink()
    assert run("SELECT * FROM named") == f"cannot open '{path}' for reading"


def test_a_csv_text_with_a_schema(run: Run) -> None:
    run("CREATE VIRTUAL TABLE s USING csv(data='1,2', schema='CREATE TABLE x(i INTEGER, j)')")
    assert run("SELECT i, j FROM s WHERE j = '2'") == [("1", "2")]
    assert run("INSERT INTO s VALUES (1, 2)") == "table s may not be modified"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("", "must specify either filename= or data= but not both"),
        ("data='x', filename='y'", "must specify either filename= or data= but not both"),
        ("foo=1", "bad parameter: 'foo=1'"),
        ("data='x', header=maybe", "bad parameter: 'header=maybe'"),
        ("data='x', columns=0", "column= value must be positive"),
        ("data='x', data='y'", "more than one 'data' parameter"),
        ("data='\"cd'", 'line 1: unterminated "-quoted field'),
        ("data='\"c\"d'", 'line 1: unescaped " character'),
    ],
)
def test_wrong_arguments_of_csv(run: Run, arguments: str, message: str) -> None:
    assert run(f"CREATE VIRTUAL TABLE s USING csv({arguments})") == message
    assert run("SELECT count(*) FROM sqlite_schema") == [(0,)]


def test_pages_are_read_and_written(tmp_path: Path) -> None:
    path = tmp_path / "pages.db"
    with sqlite3.connect(path) as theirs:
        theirs.execute("CREATE TABLE t(x)")
        theirs.execute("INSERT INTO t VALUES ('before')")
        theirs.commit()
    connection = Connection(str(path))
    pages = [tuple(row) for row in connection.execute("SELECT pgno, data FROM sqlite_dbpage")]
    content = path.read_bytes()
    assert [data for _, data in pages] == [content[i : i + 4096] for i in range(0, len(content), 4096)]
    page = pages[1][1].replace(b"before", b"behind")
    connection.execute("UPDATE sqlite_dbpage SET data = ? WHERE pgno = 2", [page])
    connection.execute("BEGIN")
    connection.execute("UPDATE sqlite_dbpage SET data = zeroblob(4096) WHERE pgno = 2")
    connection.execute("ROLLBACK")
    assert connection.execute("SELECT x FROM t") == [["behind"]]
    connection.close()
    with sqlite3.connect(path) as theirs:
        assert theirs.execute("SELECT x FROM t").fetchall() == [("behind",)]
        assert theirs.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_what_pages_cannot_become(run: Run) -> None:
    run("CREATE TABLE t(x)")
    assert run("UPDATE sqlite_dbpage SET data = zeroblob(10) WHERE pgno = 1") == "bad page value"
    assert run("INSERT INTO sqlite_dbpage VALUES (99, zeroblob(4096))") == "bad page number"
    assert run("UPDATE sqlite_dbpage SET pgno = 7 WHERE pgno = 1") == "cannot insert"
    assert run("DELETE FROM sqlite_dbpage") == "cannot delete"
    assert run("SELECT pgno FROM sqlite_dbpage('nowhere')") == []
    assert run("SELECT pgno FROM sqlite_dbpage WHERE pgno = 99") == []
    assert run("CREATE VIEW v AS SELECT pgno FROM sqlite_dbpage") == []
    assert run("SELECT * FROM v") == 'unsafe use of virtual table "sqlite_dbpage"'


def test_a_program_as_rows(run: Run) -> None:
    run("CREATE TABLE t(a, b)")
    run("CREATE INDEX ti ON t(b)")
    run("CREATE TRIGGER tr AFTER INSERT ON t BEGIN DELETE FROM t WHERE b = 5; END")
    listed = run("EXPLAIN SELECT a FROM t WHERE b = 1")
    shown = run("SELECT addr, opcode, p1, p2, p3, p4, p5, comment FROM bytecode('SELECT a FROM t WHERE b = 1')")
    assert shown == listed
    found = run(
        "SELECT subprog, min(addr), max(opcode = 'Program') FROM bytecode('INSERT INTO t VALUES (1,2)') GROUP BY 1"
    )
    assert found == [(None, 0, 1), ("-1", 0, 0)]
    assert run("SELECT stmt, nexec FROM bytecode('BEGIN') LIMIT 1") == [("BEGIN", 0)]


def test_the_trees_of_a_program(run: Run) -> None:
    run("CREATE TABLE t(a, b)")
    run("CREATE INDEX ti ON t(b)")
    used = run("SELECT type, schema, name, wr FROM tables_used('SELECT a FROM t WHERE b = 1')")
    assert used == [("table", "main", "t", 0), ("index", "main", "ti", 0)]
    used = run("SELECT DISTINCT type, name, wr FROM tables_used('INSERT INTO t VALUES (1, 2)')")
    assert used == [("table", "t", 1), ("index", "ti", 1)]
    assert run("SELECT name FROM tables_used('SELECT * FROM sqlite_schema')") == [("sqlite_master",)]


def test_statements_that_have_no_program(run: Run) -> None:
    assert run("SELECT * FROM bytecode") == "no query solution"
    assert run("SELECT * FROM bytecode(5)") == "argument to bytecode() is not a valid SQL statement"
    assert run("SELECT * FROM tables_used(NULL)") == "argument to tables_used() is not a valid SQL statement"
    assert run("SELECT * FROM bytecode('SELECT * FROM nowhere')") == "no such table: nowhere"
    assert run("SELECT * FROM tables_used('SELEC')") == 'near "SELEC": syntax error'
