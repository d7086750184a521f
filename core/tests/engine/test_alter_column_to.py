"""ALTER TABLE ... ALTER COLUMN ... TO: what it leaves is what real SQLite would have made of the rows itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import apsw
import pytest
from keelback_core.engine import Connection
from keelback_core.value.errors import SqlError

SETUP = """
CREATE TABLE t(a TEXT, b INT DEFAULT 3, c, id INTEGER PRIMARY KEY);
CREATE INDEX ta ON t(a);
CREATE INDEX tb ON t(b, upper(a)) WHERE a > '';
CREATE VIEW v AS SELECT a, b FROM t;
CREATE TRIGGER r AFTER UPDATE OF a ON t BEGIN UPDATE t SET b = new.a WHERE id = new.id; END;
INSERT INTO t VALUES ('12', 1, 5, 1), ('x', 2, 6, 2), ('007', 3, NULL, 3);
CREATE TABLE w(a TEXT, b, c, PRIMARY KEY(a, b)) WITHOUT ROWID;
CREATE INDEX wc ON w(c);
INSERT INTO w VALUES ('10', 1, 'x'), ('9', 1, 'y'), ('9.0', 2, 'z')
"""
# The column's definition, and the table that real SQLite is given the same rows in.
SAME_AS = {
    "t ALTER COLUMN a TO a INTEGER": "CREATE TABLE n(a INTEGER, b INT DEFAULT 3, c, id INTEGER PRIMARY KEY)",
    "t ALTER a TO z REAL NOT NULL DEFAULT 1": "CREATE TABLE n(z REAL, b INT, c, id INTEGER PRIMARY KEY)",
    "t ALTER b TO b TEXT COLLATE NOCASE": "CREATE TABLE n(a TEXT, b TEXT COLLATE NOCASE, c, id INTEGER PRIMARY KEY)",
    "t ALTER c TO c BLOB CHECK(c IS NULL OR c > 4)": "CREATE TABLE n(a TEXT, b INT, c BLOB, id INTEGER PRIMARY KEY)",
    "t ALTER id TO key INTEGER PRIMARY KEY": "CREATE TABLE n(a TEXT, b INT, c, key INTEGER PRIMARY KEY)",
    "w ALTER a TO a REAL": "CREATE TABLE n(a REAL, b, c, PRIMARY KEY(a, b)) WITHOUT ROWID",
    "w ALTER a TO a COLLATE NOCASE": "CREATE TABLE n(a COLLATE NOCASE, b, c, PRIMARY KEY(a, b)) WITHOUT ROWID",
    "w ALTER c TO cc NUMERIC": "CREATE TABLE n(a TEXT, b, cc NUMERIC, PRIMARY KEY(a, b)) WITHOUT ROWID",
}
AFTER = "error in table t after alter column: "
REFUSED = {
    "t ALTER c TO c NOT NULL": (1299, "NOT NULL constraint failed: t.c"),
    "t ALTER c TO c NOT NULL ON CONFLICT IGNORE": (1299, "NOT NULL constraint failed: t.c"),
    "t ALTER c TO c CHECK(c < 6)": (275, "CHECK constraint failed: c < 6"),
    "t ALTER c TO c UNIQUE": (1, 'cannot add or drop UNIQUE: "c"'),
    "t ALTER id TO id INTEGER": (1, 'cannot change the PRIMARY KEY: "id"'),
    "t ALTER id TO id TEXT PRIMARY KEY": (1, 'cannot change the PRIMARY KEY: "id"'),
    "t ALTER c TO b": (1, "duplicate column name: b"),
    "t ALTER c TO rowid": (1, "cannot rename to rowid alias: rowid"),
    "t ALTER nope TO c": (1, 'no such column: "nope"'),
    "t ALTER c TO c AS (nope)": (1, AFTER + "no such column: nope"),
    "t ALTER c TO c COLLATE nope": (257, "no such collation sequence: nope"),
    "t ALTER c TO c DEFAULT (a)": (1, AFTER + "default value of column [c] is not constant"),
    "w ALTER a TO a REAL CHECK(b < 2)": (275, "CHECK constraint failed: b < 2"),
    "t ALTER id TO id AS (b) PRIMARY KEY": (1, AFTER + "generated columns cannot be part of the PRIMARY KEY"),
    "v ALTER a TO a": (1, 'cannot alter columns of view "v"'),
    "sqlite_schema ALTER name TO name": (1, "table sqlite_master may not be altered"),
    "missing ALTER a TO a": (1, "no such table: missing"),
    "t ALTER a TO a, b": (1, 'near ",": syntax error'),
    "t ALTER a TO": (1, "incomplete input"),
}  # fmt: skip


def connection(path: Path) -> Connection:
    made = Connection(str(path))
    for sql in SETUP.split(";\n"):
        made.execute(sql)
    return made


def as_typed(rows: Any) -> list[list[tuple[type, Any]]]:
    return [[(type(value), value) for value in row] for row in rows]


@pytest.mark.parametrize("change", SAME_AS)
def test_the_rows_are_those_that_sqlite_would_store(tmp_path: Path, change: str) -> None:
    ours = connection(tmp_path / "a.db")
    table = change.split()[0]
    before = ours.execute(f"SELECT * FROM {table}")
    ours.execute("ALTER TABLE " + change)
    real = apsw.Connection(":memory:")
    real.execute(SAME_AS[change])
    real.executemany("INSERT INTO n VALUES (?, ?, ?, ?)" if table == "t" else "INSERT INTO n VALUES (?, ?, ?)", before)
    order = "ORDER BY 1, 2, 3"
    wanted = as_typed(real.execute(f"SELECT * FROM n {order}"))
    assert as_typed(ours.execute(f"SELECT * FROM {table} {order}")) == wanted
    assert ours.execute("PRAGMA integrity_check") == [["ok"]]
    ours.close()
    checker = apsw.Connection(str(tmp_path / "a.db"))
    assert list(checker.execute("PRAGMA integrity_check")) == [("ok",)]
    assert as_typed(checker.execute(f"SELECT * FROM {table} {order}")) == wanted
    list(checker.execute("SELECT * FROM v"))


@pytest.mark.parametrize("change", REFUSED)
def test_what_cannot_be_is_refused_and_nothing_changes(tmp_path: Path, change: str) -> None:
    ours = connection(tmp_path / "a.db")
    before = [ours.execute(f"SELECT * FROM {name}") for name in ("t", "w", "sqlite_schema")]
    with pytest.raises(SqlError) as caught:
        ours.execute("ALTER TABLE " + change)
    assert (caught.value.code, caught.value.message) == REFUSED[change]
    assert [ours.execute(f"SELECT * FROM {name}") for name in ("t", "w", "sqlite_schema")] == before
    assert ours.execute("PRAGMA integrity_check") == [["ok"]]


def test_a_name_goes_where_rename_column_puts_it(tmp_path: Path) -> None:
    ours = connection(tmp_path / "a.db")
    ours.execute("ALTER TABLE t ALTER a TO \"the a\" TEXT /* kept */ DEFAULT 'q' -- not kept")
    texts = [row[0] for row in ours.execute("SELECT sql FROM sqlite_schema WHERE tbl_name IN ('t', 'v')")]
    assert texts == [
        "CREATE TABLE t(\"the a\" TEXT /* kept */ DEFAULT 'q', b INT DEFAULT 3, c, id INTEGER PRIMARY KEY)",
        'CREATE INDEX ta ON t("the a")',
        'CREATE INDEX tb ON t(b, upper("the a")) WHERE "the a" > \'\'',
        'CREATE VIEW v AS SELECT "the a", b FROM t',
        'CREATE TRIGGER r AFTER UPDATE OF "the a" ON t BEGIN UPDATE t SET b = new."the a" WHERE id = new.id; END',
    ]


def test_a_column_becomes_generated_and_ordinary_again(tmp_path: Path) -> None:
    ours = connection(tmp_path / "a.db")
    for definition in ("c AS (b * 2)", "c AS (b * 3) STORED", "c TEXT"):
        ours.execute("ALTER TABLE t ALTER c TO " + definition)
    assert ours.execute("SELECT c FROM t") == [["3"], ["6"], ["9"]]
    assert ours.execute("PRAGMA integrity_check") == [["ok"]]


def test_rows_from_before_a_column_was_added_keep_its_old_default(tmp_path: Path) -> None:
    ours = connection(tmp_path / "a.db")
    ours.execute("ALTER TABLE t ADD COLUMN d DEFAULT 9")
    ours.execute("ALTER TABLE t ALTER d TO d INT DEFAULT 1")
    ours.execute("INSERT INTO t(id) VALUES (4)")
    assert ours.execute("SELECT d FROM t") == [[9], [9], [9], [1]]


def test_foreign_keys_are_held_against_the_rows(tmp_path: Path) -> None:
    ours = connection(tmp_path / "a.db")
    for sql in (
        "PRAGMA foreign_keys = ON",
        "CREATE TABLE p(k INTEGER PRIMARY KEY, u TEXT UNIQUE)",
        "CREATE TABLE ch(f, g REFERENCES p(u))",
        "INSERT INTO p VALUES (1, '1'), (2, '02')",
        "INSERT INTO ch VALUES (1, 1), (5, '02')",
    ):
        ours.execute(sql)
    for change in ("ch ALTER f TO f REFERENCES p", "p ALTER u TO u INT UNIQUE CHECK(u < 2)"):
        with pytest.raises(SqlError):
            ours.execute("ALTER TABLE " + change)
    ours.execute("DELETE FROM ch WHERE f = 5")
    for change in ("ch ALTER f TO f REFERENCES p", "p ALTER u TO uu INT UNIQUE"):
        ours.execute("ALTER TABLE " + change)
    assert ours.execute("SELECT sql FROM sqlite_schema WHERE name = 'ch'") == [
        ["CREATE TABLE ch(f REFERENCES p, g REFERENCES p(uu))"]
    ]
    with pytest.raises(SqlError, match="FOREIGN KEY"):
        ours.execute("INSERT INTO ch VALUES (3, 1)")


def test_many_rows_whose_key_changes_its_order(tmp_path: Path) -> None:
    ours = connection(tmp_path / "a.db")
    ours.execute(
        "WITH RECURSIVE n(i) AS (VALUES (11) UNION ALL SELECT i + 1 FROM n WHERE i < 1500) "
        "INSERT INTO w SELECT i, i % 7, hex(zeroblob(i % 300)) FROM n"
    )
    before = ours.execute("SELECT count(*), sum(b), sum(length(c)) FROM w")
    for definition in ("a INT", "a BLOB CHECK(a > 1)", "key TEXT", "key INT DEFAULT 4"):
        ours.execute("ALTER TABLE w ALTER " + ("key" if "key INT" in definition else "a") + " TO " + definition)
        assert ours.execute("SELECT count(*), sum(b), sum(length(c)) FROM w") == before
        assert ours.execute("PRAGMA integrity_check") == [["ok"]]
    ours.close()
    assert list(apsw.Connection(str(tmp_path / "a.db")).execute("PRAGMA integrity_check")) == [("ok",)]
