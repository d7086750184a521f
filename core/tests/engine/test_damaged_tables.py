"""integrity_check and quick_check on tables whose rows and indexes do not fit, and UTF-16 databases."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest
from keelback_core.engine import Connection
from keelback_core.value.errors import SqlError

RULES = "CREATE TABLE t(a, b NOT NULL, c CHECK(c > 0), d TEXT, e INT)"


def make_damaged(path: str) -> None:
    """Rows written while the schema knew neither the indexes nor the constraints."""
    judge = apsw.Connection(path)
    judge.execute("CREATE TABLE t(a, b, c, d, e); CREATE INDEX i1 ON t(a); CREATE UNIQUE INDEX i2 ON t(b)")
    judge.execute("CREATE INDEX i3 ON t(a + 1) WHERE c > 5")
    for number in range(10):
        judge.execute(f"INSERT INTO t VALUES({number}, {number}, {number + 1}, 'x', 5)")
    saved = list(judge.execute("SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema WHERE type = 'index'"))
    judge.execute(
        "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE type = 'index'; PRAGMA schema_version = 90"
    )
    judge.close()
    judge = apsw.Connection(path)
    judge.execute(
        "INSERT INTO t VALUES(99, 98, 97, 'x', 1), (1, NULL, 5, 'x', 2), (1, 7, -5, 'x', 3), (1, 2, 3, 4, 'abc')"
    )
    judge.execute("DELETE FROM t WHERE a = 3; UPDATE t SET a = a + 100 WHERE a = 5; PRAGMA writable_schema = ON")
    for row in saved:
        judge.execute("INSERT INTO sqlite_schema VALUES(?, ?, ?, ?, ?)", row)
    judge.execute("UPDATE sqlite_schema SET sql = ? WHERE name = 't'", (RULES,))
    judge.execute("PRAGMA schema_version = 91")
    judge.close()


@pytest.mark.parametrize("argument", ["", "(3)", "(1)", "(t)", "(200)", "(nope)"])
@pytest.mark.parametrize("pragma", ["integrity_check", "quick_check"])
def test_damage_is_told_in_the_words_of_sqlite(tmp_path: Path, pragma: str, argument: str) -> None:
    path = str(tmp_path / "damaged.db")
    make_damaged(path)
    sql = f"PRAGMA {pragma}{argument}"
    judge = apsw.Connection(path)
    try:
        expected: object = [list(row) for row in judge.execute(sql)]
    except apsw.Error as error:
        expected = str(error)
    connection = Connection(path)
    try:
        own: object = connection.execute(sql)
    except Exception as error:
        own = str(error)
    assert own == expected
    assert argument != "" or len(own) > 3  # type: ignore[arg-type]


@pytest.mark.parametrize("encoding", ["UTF-16le", "UTF-16be"])
def test_a_utf16_database_can_be_made_and_shared(tmp_path: Path, encoding: str) -> None:
    path = str(tmp_path / "wide.db")
    connection = Connection(path)
    connection.execute(f"PRAGMA encoding = '{encoding}'; CREATE TABLE t(a TEXT PRIMARY KEY, b)")
    connection.execute("INSERT INTO t VALUES('h\u00e9llo\u20ac\U0001f600', x'00'), ('b', 2); CREATE INDEX i ON t(b)")
    connection.close()
    judge = apsw.Connection(path)
    assert list(judge.execute("PRAGMA integrity_check")) == [("ok",)]
    assert list(judge.execute("PRAGMA encoding")) == [(encoding,)]
    judge.execute("INSERT INTO t VALUES('z\u00df', 3)")
    rows = [list(row) for row in judge.execute("SELECT * FROM t ORDER BY a")]
    judge.close()
    connection = Connection(path)
    assert connection.execute("SELECT * FROM t ORDER BY a") == rows
    assert connection.execute("PRAGMA integrity_check") == [["ok"]]


@pytest.mark.parametrize("test", ["x >= 'b'", "x >= 'd'", "x < 'd'", "x = 'c'", "x > 'a' AND y = 1"])
def test_an_entry_whose_overflow_pages_are_lost_is_no_entry(tmp_path: Path, test: str) -> None:
    """It ends where a comparison wants it, even if what is left in the page would do for one."""
    path = tmp_path / "chain.db"
    judge = apsw.Connection(str(path))
    judge.execute("PRAGMA page_size = 512; CREATE TABLE w(x TEXT PRIMARY KEY, y) WITHOUT ROWID")
    judge.execute("INSERT INTO w VALUES('c', printf('%.*c', 2000, 'x'))")
    judge.close()
    content = bytearray(path.read_bytes())
    assert content[1020:1024] == bytes((0, 0, 0, 3))
    content[1020:1024] = bytes((0, 0, 255, 255))
    path.write_bytes(content)
    sql = f"SELECT x FROM w WHERE {test} ORDER BY x DESC"
    with pytest.raises(apsw.CorruptError):
        list(apsw.Connection(str(path)).execute(sql))
    with pytest.raises(SqlError, match="database disk image is malformed"):
        Connection(str(path)).execute(sql)
