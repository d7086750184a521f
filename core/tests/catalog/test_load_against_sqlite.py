"""What the catalog reads out of CREATE statements, compared with what real SQLite's pragmas tell."""

from __future__ import annotations

import apsw
import pytest
from keelback_core.compiler.catalog.load import load_table
from keelback_core.compiler.catalog.model import ROWID
from keelback_core.compiler.sql.parser import parse_statement
from keelback_core.value.errors import SqlError

TABLES = [
    "CREATE TABLE t(a, b INT, c TEXT NOT NULL, d DEFAULT 5)",
    "CREATE TABLE t(id INTEGER PRIMARY KEY, a UNIQUE, b UNIQUE)",
    "CREATE TABLE t(id integer primary key desc, a)",
    "CREATE TABLE t(id INTEGER, a, PRIMARY KEY(id DESC))",
    "CREATE TABLE t(id INT PRIMARY KEY, a)",
    "CREATE TABLE t(a, b, PRIMARY KEY(b, a), UNIQUE(a, b), UNIQUE(b))",
    "CREATE TABLE t(a UNIQUE ON CONFLICT REPLACE, b UNIQUE, c UNIQUE ON CONFLICT IGNORE)",
    "CREATE TABLE t(a PRIMARY KEY, UNIQUE(a), UNIQUE(a COLLATE NOCASE))",
    "CREATE TABLE t(a COLLATE nocase UNIQUE, b)",
    "CREATE TABLE t(a NOT NULL NOT NULL UNIQUE UNIQUE PRIMARY KEY)",
    'CREATE TABLE t(a varchar (30), b "my type", c unsigned   big int, d double precision, e blob, f, g Integer)',
    "CREATE TABLE t(a DEFAULT -1, b DEFAULT +1, c DEFAULT NULL, d DEFAULT 'x''y', e DEFAULT (1 + 2), f DEFAULT hello)",
    "CREATE TABLE t('a' PRIMARY KEY, \"b c\" UNIQUE, [d])",
    "CREATE TABLE t(a, b AS (a + 1), c AS (a * 2) STORED)",
    "CREATE TABLE t(a TEXT PRIMARY KEY, b) WITHOUT ROWID",
    "CREATE TABLE t(a INTEGER PRIMARY KEY AUTOINCREMENT, b REFERENCES u(x) ON DELETE CASCADE,"
    " FOREIGN KEY(a) REFERENCES u)",
]
WRONG_TABLES = [
    "CREATE TABLE t(a, A)",
    "CREATE TABLE t(a PRIMARY KEY, b PRIMARY KEY)",
    "CREATE TABLE t(a PRIMARY KEY, PRIMARY KEY(a))",
    "CREATE TABLE t(a TEXT PRIMARY KEY AUTOINCREMENT)",
    "CREATE TABLE t(a, PRIMARY KEY(z))",
    "CREATE TABLE t(a, UNIQUE(z))",
    "CREATE TABLE t(a, UNIQUE(a + 1))",
    "CREATE TABLE t(a DEFAULT (b))",
    "CREATE TABLE t(a DEFAULT (?))",
    "CREATE TABLE t(a) WITHOUT ROWID",
    "CREATE TABLE t(a INTEGER PRIMARY KEY AUTOINCREMENT) WITHOUT ROWID",
    "CREATE TABLE t(a AS (1))",
    "CREATE TABLE t(a REFERENCES u(x, y))",
    "CREATE TABLE t(a, FOREIGN KEY(a) REFERENCES u(x, y))",
    "CREATE TABLE t(a, FOREIGN KEY(z) REFERENCES u(x))",
    "CREATE TABLE t(a AS (1) PRIMARY KEY, b)",
    "CREATE TABLE t(a UNIQUE ON CONFLICT FAIL, UNIQUE(a) ON CONFLICT IGNORE)",
    "CREATE TABLE t(a) STRICT",
    "CREATE TABLE t(a varchar) STRICT",
]


@pytest.mark.parametrize("sql", TABLES)
def test_columns_and_indexes_are_those_that_sqlite_sees(sql: str) -> None:
    judge = apsw.Connection(":memory:")
    judge.execute(sql)
    ast, _ = parse_statement(sql)
    table = load_table(ast, 0, 2, sql)  # type: ignore[arg-type]
    hidden = {"": 0, "VIRTUAL": 2, "STORED": 3}
    own = [
        (
            number,
            c.name,
            c.declared_type,
            int(c.not_null is not None),
            c.default_text,
            c.primary_key_position,
            hidden[c.generated],
        )
        for number, c in enumerate(table.columns)
    ]
    assert own == list(judge.execute("PRAGMA table_xinfo(t)"))
    indexes = [(number, i.name, int(i.is_unique), i.origin, 0) for number, i in enumerate(table.indexes)]
    assert indexes == list(judge.execute("PRAGMA index_list(t)"))
    for index in table.indexes:
        columns = [
            (position, table.rowid_column if c.column == ROWID else c.column, int(c.is_descending), c.collation)
            for position, c in enumerate(index.columns)
        ]
        expected = [
            (seq, cid, desc, coll.upper())
            for seq, cid, _, desc, coll, key in judge.execute(f'PRAGMA index_xinfo("{index.name}")')
            if key
        ]
        assert columns == expected, index.name
    assert (table.rowid_column >= 0) == (not table.is_without_rowid and _has_rowid_alias(judge))


def _has_rowid_alias(judge: apsw.Connection) -> bool:
    """Whether one column is the rowid: a primary key without an index."""
    keys = [row for row in judge.execute("PRAGMA table_xinfo(t)") if row[5]]
    return len(keys) == 1 and not any(row[3] == "pk" for row in judge.execute("PRAGMA index_list(t)"))


@pytest.mark.parametrize("sql", WRONG_TABLES)
def test_a_wrong_table_gives_the_error_of_sqlite(sql: str) -> None:
    judge = apsw.Connection(":memory:")
    with pytest.raises(apsw.Error) as expected:
        judge.execute(sql)
    with pytest.raises(SqlError) as own:
        load_table(parse_statement(sql)[0], 0, 2, sql)  # type: ignore[arg-type]
    assert (own.value.code, own.value.message) == (expected.value.extendedresult, str(expected.value))
