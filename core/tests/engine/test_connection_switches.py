"""The switches of sqlite3_db_config that change what statements mean: as in real SQLite, on the reference and through
the library."""

from __future__ import annotations

import ctypes
from pathlib import Path

import apsw
import pytest
from keelback_core.engine.connection import Connection
from keelback_core.value.errors import SqlError
from sql_process import LibraryConnection, SqlFailed

TRIGGER, VIEW = apsw.SQLITE_DBCONFIG_ENABLE_TRIGGER, apsw.SQLITE_DBCONFIG_ENABLE_VIEW
DQS_DML, DQS_DDL = apsw.SQLITE_DBCONFIG_DQS_DML, apsw.SQLITE_DBCONFIG_DQS_DDL
COMMENTS = apsw.SQLITE_DBCONFIG_ENABLE_COMMENTS
DEFENSIVE, RESET = apsw.SQLITE_DBCONFIG_DEFENSIVE, apsw.SQLITE_DBCONFIG_RESET_DATABASE
ATTACH_CREATE, ATTACH_WRITE = apsw.SQLITE_DBCONFIG_ENABLE_ATTACH_CREATE, apsw.SQLITE_DBCONFIG_ENABLE_ATTACH_WRITE

SETUP = (
    "CREATE TABLE t(a, b)",
    "CREATE TABLE log(x)",
    "CREATE VIEW v AS SELECT a, b FROM t",
    "CREATE VIEW vv AS SELECT a FROM v",
    "CREATE TEMP VIEW tv AS SELECT a FROM t",
    "CREATE TRIGGER r1 AFTER INSERT ON t BEGIN INSERT INTO log VALUES ('main ' || new.a); END",
    "CREATE TEMP TRIGGER r2 AFTER INSERT ON t BEGIN INSERT INTO log VALUES ('temp ' || new.a); END",
    "CREATE TRIGGER r3 BEFORE DELETE ON t BEGIN SELECT RAISE(ABORT, 'kept'); END",
    "CREATE TRIGGER r4 INSTEAD OF INSERT ON v BEGIN INSERT INTO t VALUES (new.a, new.b); END",
    "CREATE TABLE p(id INTEGER PRIMARY KEY)",
    "CREATE TABLE c(p REFERENCES p ON DELETE CASCADE)",
    "PRAGMA foreign_keys = 1",
    "INSERT INTO p VALUES (1)",
    "INSERT INTO c VALUES (1)",
)
CASES = [
    (
        TRIGGER,
        0,
        (
            "INSERT INTO t VALUES (1, 2)",
            "SELECT * FROM log",
            "DELETE FROM t",
            "INSERT INTO v VALUES (5, 6)",
            "DELETE FROM p",
            "SELECT * FROM c",
            "INSERT INTO t VALUES (3, 4) RETURNING a",
            "CREATE TRIGGER r5 AFTER UPDATE ON t BEGIN INSERT INTO log VALUES ('up'); END",
            "UPDATE t SET a = 9",
            "SELECT * FROM log",
            "SELECT a, b FROM t",
        ),
    ),
    (
        VIEW,
        0,
        (
            "SELECT * FROM v",
            "SELECT * FROM vv",
            "SELECT * FROM tv",
            "SELECT 1 FROM t WHERE a IN (SELECT a FROM v)",
            "INSERT INTO v VALUES (1, 2)",
            "UPDATE v SET a = 1",
            "DELETE FROM v",
            "CREATE VIEW w AS SELECT a FROM v",
            "SELECT * FROM w",
            "WITH v AS (SELECT 1) SELECT * FROM v",
            "PRAGMA table_info(v)",
            "DROP VIEW v",
        ),
    ),
    (
        DQS_DML,
        0,
        (
            'SELECT "nope"',
            'SELECT "a" FROM t',
            'SELECT * FROM t WHERE a = "x"',
            'INSERT INTO t VALUES ("x", 1)',
            'UPDATE t SET a = "x"',
            'CREATE TABLE d(a DEFAULT "x", CHECK (a <> "y"))',
            "SELECT sql FROM sqlite_schema WHERE name = 'd'",
            'CREATE VIEW dv AS SELECT "zz"',
            "SELECT * FROM dv",
            'CREATE INDEX di ON t("zz")',
            'CREATE TRIGGER dt AFTER UPDATE ON t BEGIN SELECT "zz"; END',
            "UPDATE t SET a = 1",
            'SELECT "a" "b" FROM t AS "a"',
        ),
    ),
    (
        DQS_DDL,
        0,
        (
            'SELECT "nope"',
            'CREATE TABLE d(a DEFAULT "x", CHECK (a <> "y"))',
            'CREATE TABLE d(a DEFAULT "x")',
            'CREATE TABLE d(a, b AS ("x"))',
            'CREATE INDEX di ON t("zz")',
            'CREATE INDEX di ON t(a) WHERE b = "zz"',
            'CREATE VIEW dv AS SELECT "zz"',
            "SELECT * FROM dv",
            'CREATE TRIGGER dt AFTER UPDATE ON t BEGIN SELECT "zz"; END',
            "ALTER TABLE t RENAME COLUMN b TO bb",
            'ALTER TABLE t ADD COLUMN z DEFAULT "q"',
            "SELECT name FROM sqlite_schema",
        ),
    ),
    (
        DEFENSIVE,
        1,
        (
            "PRAGMA writable_schema = 1",
            "PRAGMA writable_schema",
            "UPDATE sqlite_schema SET name = 'x'",
            "DELETE FROM sqlite_schema",
            "PRAGMA journal_mode = off",
            "PRAGMA schema_version = 77",
            "PRAGMA schema_version",
            "PRAGMA user_version = 77",
            "PRAGMA user_version",
            "DELETE FROM sqlite_stat1",
            "CREATE TABLE sqlite_x(a)",
            "PRAGMA temp.journal_mode = off",
            "PRAGMA application_id = 5",
            "SELECT printf('%d', 1)",
        ),
    ),
]


class LibrarySide:
    """The library, with the methods of a Connection that are used here."""

    def __init__(self, path: str) -> None:
        self.connection = LibraryConnection(path)

    def execute(self, sql: str) -> list[list[object]]:
        return self.connection.run(sql)

    def limit(self, switch: int, value: int) -> None:
        configure = self.connection.library.sqlite3_db_config
        now = ctypes.c_int(-7)
        assert configure(self.connection.handle, switch, ctypes.c_int(value), ctypes.byref(now)) == 0
        assert now.value == value


Side = Connection | LibrarySide | apsw.Connection
OURS = [Connection, LibrarySide]


def answer(connection: Side, sql: str) -> object:
    try:
        return [tuple(row) for row in connection.execute(sql)]
    except SqlError as error:
        return error.code, error.message
    except SqlFailed as error:
        return error.code, error.message
    except apsw.Error as error:
        return error.extendedresult, str(error)


def set_switch(connection: Side, switch: int, value: int) -> None:
    if isinstance(connection, apsw.Connection):
        connection.config(switch, value)
    else:
        connection.limit(switch, value)


@pytest.mark.parametrize("connect", OURS)
@pytest.mark.parametrize(("switch", "value", "statements"), CASES)
def test_a_switch_has_the_effect_that_it_has_in_sqlite(
    switch: int, value: int, statements: tuple[str, ...], connect: type[Connection] | type[LibrarySide]
) -> None:
    own, other = connect(":memory:"), apsw.Connection(":memory:")
    for connection in (own, other):
        for sql in SETUP:
            list(connection.execute(sql))
        set_switch(connection, switch, value)
    for sql in statements:
        assert (sql, answer(own, sql)) == (sql, answer(other, sql))
    for connection in (own, other):
        set_switch(connection, switch, 1 - value)
    for sql in statements:
        assert (sql, answer(own, sql)) == (sql, answer(other, sql))


@pytest.mark.parametrize("connect", OURS)
@pytest.mark.parametrize("switch", [ATTACH_CREATE, ATTACH_WRITE])
def test_what_attach_may_do(switch: int, tmp_path: Path, connect: type[Connection] | type[LibrarySide]) -> None:
    there = tmp_path / "there.db"
    made = apsw.Connection(str(there))
    made.execute("CREATE TABLE t(a); INSERT INTO t VALUES (1)")
    made.close()
    found = []
    for side, connection in (("own", connect(":memory:")), ("other", apsw.Connection(":memory:"))):
        set_switch(connection, switch, 0)
        found.append(
            [
                answer(connection, sql.replace(side, "SIDE"))
                for sql in (
                    f"ATTACH '{tmp_path / side}.db' AS n",
                    "CREATE TABLE n.x(a)",
                    f"ATTACH '{there}' AS o",
                    "SELECT * FROM o.t",
                    "DELETE FROM o.t WHERE 0",
                )
            ]
        )
    assert found[0] == found[1]


@pytest.mark.parametrize("connect", OURS)
def test_pages_are_read_only_where_the_connection_is_defensive(connect: type[Connection] | type[LibrarySide]) -> None:
    own = connect(":memory:")
    list(own.execute("CREATE TABLE t(a)"))
    own.limit(DEFENSIVE, 1)
    sql = "UPDATE sqlite_dbpage SET data = zeroblob(4096) WHERE pgno = 1"
    assert answer(own, sql) == (1, "read-only")
    own.limit(DEFENSIVE, 0)
    assert answer(own, sql) == []


def test_comments_are_unrecognized_where_they_are_switched_off() -> None:
    own, other = LibrarySide(":memory:"), apsw.Connection(":memory:")
    for value in (0, 1):
        for connection in (own, other):
            set_switch(connection, COMMENTS, value)
        for sql in (
            "SELECT 1",
            "SELECT 1 -- one",
            "SELECT /* two */ 1",
            "-- only\nSELECT 3",
            "SELECT '--', \"--\", '/*', 5 - -5, 6 / 3",
            "SELECT 'it''s' -- quoted",
            "SELECT 1 /* without an end",
        ):
            assert (sql, answer(own, sql)) == (sql, answer(other, sql))


@pytest.mark.parametrize("own", OURS)
def test_a_vacuum_resets_a_database_that_is_to_be_reset(
    tmp_path: Path, own: type[Connection] | type[LibrarySide]
) -> None:
    found = []
    for name, connect in (("own.db", own), ("other.db", apsw.Connection)):
        connection = connect(str(tmp_path / name))
        for sql in SETUP:
            list(connection.execute(sql))
        set_switch(connection, RESET, 1)
        rows = [answer(connection, "VACUUM")]
        set_switch(connection, RESET, 0)
        asked = (
            "SELECT count(*) FROM sqlite_schema",
            "PRAGMA page_count",
            "CREATE TABLE n(a)",
            "INSERT INTO n VALUES (1)",
        )
        found.append(rows + [answer(connection, sql) for sql in (*asked, "SELECT * FROM n", "PRAGMA integrity_check")])
    assert found[0] == found[1]
