"""Databases whose pages are whole and whose schema is not, and the statements that are asked of them: the material of
`compare_damage.py --kind schema`.

Rows of sqlite_schema are changed, doubled, taken out and put in: root pages out of range or used twice, texts that are
not what the row says, types and names of other objects; and the tables that the engine reads for itself (sqlite_stat1,
sqlite_stat4, sqlite_sequence) get other columns or other rows.

1. What is made depends on the generator that is handed in alone.

Must not know: who reads the files.
"""

from __future__ import annotations

import random
from pathlib import Path

import apsw

MAKE = """
CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT, c);
CREATE INDEX tb ON t(b);
CREATE UNIQUE INDEX tc ON t(c) WHERE a > 2;
CREATE TABLE w(x TEXT PRIMARY KEY, y) WITHOUT ROWID;
CREATE TABLE n(id INTEGER PRIMARY KEY AUTOINCREMENT, v UNIQUE);
CREATE VIEW s AS SELECT a, b FROM t;
CREATE VIEW s2 AS SELECT a, v FROM s, n;
CREATE TRIGGER r AFTER INSERT ON t BEGIN INSERT INTO n(v) VALUES(new.a + 1000); END;
INSERT INTO t VALUES(1, 'one', 10), (2, 'two', 20), (3, 'three', 30), (4, 'four', 40);
INSERT INTO w VALUES('x', 1), ('y', 2);
INSERT INTO n(v) VALUES(7), (8);
ANALYZE;
"""

NAMES = (
    "t",
    "tb",
    "tc",
    "w",
    "n",
    "s",
    "s2",
    "r",
    "sqlite_autoindex_n_1",
    "sqlite_sequence",
    "sqlite_stat1",
    "sqlite_stat4",
)

ROOTS = (
    "0",
    "1",
    "-1",
    "NULL",
    "2",
    "3",
    "4",
    "5",
    "99",
    "'abc'",
    "'2'",
    "2.0",
    "2.5",
    "x'32'",
    "2147483648",
    "4294967298",
    "''",
    "9223372036854775807",
)

TEXTS = (
    "NULL",
    "''",
    "' '",
    "'CREATE'",
    "'CREATE TABLE'",
    "'garbage'",
    "'SELECT 1'",
    "'DROP TABLE t'",
    "'PRAGMA user_version = 5'",
    "'CREATE TABLE t(a)'",
    "'CREATE TABLE t(a, b, c, d, e)'",
    "'CREATE TABLE other(a, b)'",
    "'CREATE TABLE t(a, a)'",
    "'CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT, c) WITHOUT ROWID'",
    "'CREATE TABLE t(a, b, c) WITHOUT ROWID'",
    "'CREATE TABLE t(a INT PRIMARY KEY, b, c)'",
    "'CREATE TABLE t(a INTEGER PRIMARY KEY AUTOINCREMENT, b TEXT, c)'",
    "'CREATE TABLE t(a, b, c) STRICT'",
    "'CREATE TABLE t(a INT, b ANY, c TEXT) STRICT'",
    "'CREATE TABLE t(a, b AS (c + 1), c)'",
    "'CREATE TABLE t(a, b AS (b + 1), c)'",
    "'CREATE TABLE t(a, b CHECK(nothing > 1), c)'",
    "'CREATE TABLE t(a, b DEFAULT (nofunction(1)), c)'",
    "'CREATE TABLE t(a, b COLLATE nosuch, c)'",
    "'CREATE TABLE t AS SELECT 1'",
    "'CREATE TABLE t(a); CREATE TABLE u(b)'",
    "'CREATE TABLE t(a) -- remark'",
    "'CREATE TABLE t(a) garbage'",
    "'CREATE TABLE IF NOT EXISTS t(a, b, c)'",
    "'CREATE TEMP TABLE t(a, b, c)'",
    "'CREATE TABLE main.t(a, b, c)'",
    "'CREATE TABLE aux.t(a, b, c)'",
    "'CREATE TABLE sqlite_zz(a)'",
    "'CREATE TABLE t()'",
    "'CREATE VIRTUAL TABLE t USING nomodule(1)'",
    "'CREATE VIRTUAL TABLE t USING dbstat'",
    "'CREATE INDEX tb ON t(c)'",
    "'CREATE INDEX tb ON t(nothing)'",
    "'CREATE INDEX tb ON nowhere(b)'",
    "'CREATE INDEX tb ON w(y)'",
    "'CREATE INDEX tb ON t(b, c)'",
    "'CREATE UNIQUE INDEX tb ON t(b)'",
    "'CREATE INDEX tb ON t(b) WHERE nothing'",
    "'CREATE INDEX tb ON t(random())'",
    "'CREATE INDEX tb ON t(b COLLATE nosuch)'",
    "'CREATE INDEX tb ON s(a)'",
    "'CREATE INDEX tb ON t((SELECT 1))'",
    "'CREATE VIEW s AS SELECT * FROM s'",
    "'CREATE VIEW s AS SELECT * FROM s2'",
    "'CREATE VIEW s AS SELECT nothing FROM t'",
    "'CREATE VIEW s AS SELECT * FROM nowhere'",
    "'CREATE VIEW s AS SELECT ?1'",
    "'CREATE VIEW s(x, y, z) AS SELECT 1, 2'",
    "'CREATE VIEW s AS'",
    "'CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END'",
    "'CREATE TRIGGER r AFTER INSERT ON nowhere BEGIN SELECT 1; END'",
    "'CREATE TRIGGER r AFTER INSERT ON t BEGIN INSERT INTO nowhere VALUES(1); END'",
    "'CREATE TRIGGER r AFTER INSERT ON s BEGIN SELECT 1; END'",
    "'CREATE TRIGGER r INSTEAD OF INSERT ON t BEGIN SELECT 1; END'",
    "'CREATE TRIGGER r AFTER INSERT ON t BEGIN'",
    "x'435245415445205441424c452074286129'",
    "12",
    "'CREATE TABLE sqlite_stat1(a)'",
    "'CREATE TABLE sqlite_stat1(tbl, idx, stat, more)'",
    "'CREATE TABLE sqlite_stat1(idx, tbl, stat)'",
    "'CREATE VIEW sqlite_stat1 AS SELECT ''t'' AS tbl, ''tb'' AS idx, ''5 1'' AS stat'",
    "'CREATE TABLE sqlite_stat4(a)'",
    "'CREATE TABLE sqlite_sequence(name)'",
    "'CREATE TABLE sqlite_sequence(name, seq, more)'",
    "'CREATE TABLE sqlite_sequence(name PRIMARY KEY, seq) WITHOUT ROWID'",
    "'CREATE TABLE sqlite_sequence(seq, name)'",
)

TYPES = ("'table'", "'index'", "'view'", "'trigger'", "NULL", "'TABLE'", "'xyz'", "''", "1", "x'7461626c65'")

CONTENT = (
    "UPDATE sqlite_stat1 SET stat = {}",
    "UPDATE sqlite_stat1 SET tbl = {}",
    "UPDATE sqlite_stat1 SET idx = {}",
    "UPDATE sqlite_stat4 SET sample = {}",
    "UPDATE sqlite_stat4 SET neq = {}, nlt = {}, ndlt = {}",
    "UPDATE sqlite_stat4 SET idx = {}",
    "UPDATE sqlite_sequence SET seq = {}",
    "UPDATE sqlite_sequence SET name = {}",
    "INSERT INTO sqlite_sequence VALUES({}, {})",
    "INSERT INTO sqlite_stat1 VALUES('t', 'tb', {})",
    "INSERT INTO sqlite_stat1 VALUES({}, {}, {})",
    "DELETE FROM sqlite_sequence",
)
VALUES = (
    "NULL",
    "''",
    "'t'",
    "'n'",
    "'tb'",
    "'w'",
    "'nothing'",
    "0",
    "-5",
    "'4 2 1'",
    "'0 0'",
    "'-1 -2'",
    "'4 x'",
    "'99999999999999999999 1'",
    "'4 1 unordered'",
    "'4 sz=2 noskipscan'",
    "x'00'",
    "x'03'",
    "x'0301'",
    "x'ff01'",
    "x'026162'",
    "9223372036854775807",
    "'9223372036854775807'",
    "'abc'",
    "1.5",
    "zeroblob(100)",
    "'4 4 4 4 4 4'",
    "'1 1'",
)

STATEMENTS = [
    "SELECT * FROM sqlite_schema",
    "SELECT count(*) FROM sqlite_schema",
    "PRAGMA schema_version",
    "PRAGMA table_info(t)",
    "PRAGMA table_xinfo(s)",
    "PRAGMA index_list(t)",
    "PRAGMA index_xinfo(tb)",
    "SELECT * FROM t",
    "SELECT a, b FROM t WHERE b = 'two'",
    "SELECT c FROM t WHERE c > 10 AND a > 2",
    "SELECT * FROM s",
    "SELECT * FROM s2",
    "SELECT * FROM w WHERE x = 'y'",
    "SELECT * FROM n WHERE v = 8",
    "SELECT * FROM sqlite_stat1",
    "SELECT * FROM sqlite_sequence",
    "INSERT INTO t(b, c) VALUES('new', 50)",
    "INSERT INTO n(v) VALUES(99)",
    "INSERT INTO w VALUES('z', 3)",
    "UPDATE t SET b = b || '!' WHERE a = 2",
    "DELETE FROM t WHERE b = 'three'",
    "REPLACE INTO t VALUES(1, 'uno', 11)",
    "CREATE TABLE fresh(p)",
    "CREATE TABLE again(id INTEGER PRIMARY KEY AUTOINCREMENT)",
    "INSERT INTO again DEFAULT VALUES",
    "CREATE INDEX ti ON t(c, b)",
    "DROP INDEX tb",
    "DROP INDEX tc",
    "DROP VIEW s",
    "DROP TRIGGER r",
    "DROP TABLE t",
    "DROP TABLE w",
    "DROP TABLE n",
    "ALTER TABLE t RENAME TO t2",
    "ALTER TABLE t RENAME COLUMN b TO bb",
    "ALTER TABLE t ADD COLUMN extra",
    "ALTER TABLE t DROP COLUMN c",
    "ALTER TABLE w RENAME TO w2",
    "ANALYZE",
    "ANALYZE t",
    "REINDEX",
    "VACUUM",
    "PRAGMA integrity_check",
    "PRAGMA quick_check",
    "PRAGMA foreign_key_check",
    "PRAGMA writable_schema = ON",
    "PRAGMA writable_schema = RESET",
    "PRAGMA writable_schema = OFF",
    "DELETE FROM sqlite_schema WHERE name = 'tb'",
    "UPDATE sqlite_schema SET sql = 'CREATE INDEX tb ON t(b)' WHERE name = 'tb'",
    "BEGIN",
    "COMMIT",
    "ROLLBACK",
]


def change(source: random.Random) -> str:
    """A statement that damages the schema, or a table of the engine's own."""
    name = source.choice(NAMES)
    where = f"WHERE name = '{name}'"
    kind = source.randrange(10)
    if kind < 2:
        return f"UPDATE sqlite_schema SET rootpage = {source.choice(ROOTS)} {where}"
    if kind < 5:
        text = (
            source.choice([one for one in TEXTS if f" {name}" in one] or TEXTS)
            if source.random() < 0.7
            else source.choice(TEXTS)
        )
        return f"UPDATE sqlite_schema SET sql = {text} {where}"
    if kind == 5:
        return f"UPDATE sqlite_schema SET type = {source.choice(TYPES)} {where}"
    if kind == 6:
        column = source.choice(("name", "tbl_name"))
        new = source.choice([f"'{one}'" for one in NAMES] + ["NULL", "''", "'nothing'", "'sqlite_zz'", "'T'", "3"])
        return f"UPDATE sqlite_schema SET {column} = {new} {where}"
    if kind == 7:
        if source.random() < 0.5:
            return f"DELETE FROM sqlite_schema {where}"
        return f"INSERT INTO sqlite_schema SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema {where}"
    statement = source.choice(CONTENT)
    return statement.format(*(source.choice(VALUES) for _ in range(statement.count("{}"))))


def damaged_schema(folder: Path, source: random.Random) -> bytes:
    """A database with one to three such changes."""
    path = folder / "schema.db"
    path.unlink(missing_ok=True)
    connection = apsw.Connection(str(path))
    connection.execute(MAKE)
    connection.execute("PRAGMA writable_schema = ON")
    for _ in range(source.choice((1, 1, 1, 2, 3))):
        try:
            connection.execute(change(source))
        except apsw.Error:
            pass
    connection.close()
    return path.read_bytes()


def statements(source: random.Random) -> list[str]:
    """What is asked of one of them; of half of them with writable_schema."""
    begin = ["PRAGMA writable_schema = ON"] if source.random() < 0.5 else []
    return begin + source.sample(STATEMENTS, 24)
