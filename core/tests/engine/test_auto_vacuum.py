"""Auto-vacuum: what PRAGMA auto_vacuum, incremental_vacuum, DROP and VACUUM leave, beside real SQLite on the same file.

KEELBACK_SEED=n repeats a run.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import apsw
import pytest
from keelback_core.engine import Connection
from keelback_core.value.errors import SqlError


def random_statement(source: random.Random, number: int, names: list[str], size: int) -> str:
    kind = source.random()
    if kind < 0.2 or not names:
        names.append(f"t{number}")
        return f"CREATE TABLE t{number}(a INTEGER PRIMARY KEY, b UNIQUE, c)" + source.choice(("", " WITHOUT ROWID"))
    if kind < 0.25:
        return f"CREATE INDEX i{number} ON {source.choice(names)}(c)"
    if kind < 0.35:
        return f"DROP TABLE {names.pop(source.randrange(len(names)))}"
    if kind < 0.4:
        return f"DROP INDEX IF EXISTS i{source.randrange(number + 1)}"
    name = source.choice(names)
    if kind < 0.7:
        first = source.randrange(200)
        blob = f"zeroblob({source.choice((0, 20, 300, size, 5 * size))})"
        return (
            f"WITH RECURSIVE n(x) AS (VALUES ({first}) UNION ALL SELECT x + 1 FROM n WHERE x < {first + 40}) "
            f"INSERT OR REPLACE INTO {name} SELECT x, x * 7, {blob} FROM n"
        )
    if kind < 0.9:
        return f"DELETE FROM {name} WHERE a % {source.randrange(1, 5)} = 0"
    return source.choice(
        (f"PRAGMA incremental_vacuum({source.randrange(1, 20)})", "PRAGMA incremental_vacuum", "VACUUM")
    )


@pytest.mark.parametrize("page_size, mode", [(512, 1), (512, 2), (1024, 1), (4096, 2), (4096, 0)])
def test_files_stay_whole_and_short(tmp_path: Path, page_size: int, mode: int) -> None:
    seed = int(os.environ.get("KEELBACK_SEED") or random.randrange(2**32))
    print("seed", seed)
    source = random.Random(seed)
    path = str(tmp_path / "a.db")
    ours = Connection(path)
    real = apsw.Connection(":memory:")
    names: list[str] = []
    for sql in (f"PRAGMA page_size = {page_size}", f"PRAGMA auto_vacuum = {mode}"):
        ours.execute(sql)
        real.execute(sql)
    for number in range(60):
        sql = random_statement(source, number, names, page_size)
        ours.execute(sql)
        list(real.execute(sql))
        if mode == 1:
            assert ours.execute("PRAGMA freelist_count") == [[0]], sql
        if number % 15 == 14:
            assert ours.execute("PRAGMA integrity_check") == [["ok"]], sql
            checker = apsw.Connection(path)
            assert list(checker.execute("PRAGMA integrity_check")) == [("ok",)], sql
            checker.close()
    for name in names:
        query = f"SELECT a, b, length(c) FROM {name} ORDER BY a"
        assert [tuple(row) for row in ours.execute(query)] == list(real.execute(query))
    assert ours.execute("PRAGMA auto_vacuum") == [[mode]]
    ours.close()


def test_the_settings_of_the_pragma(tmp_path: Path) -> None:
    """Step by step the same answers as real SQLite's."""
    script = """PRAGMA auto_vacuum
    PRAGMA auto_vacuum = incremental
    PRAGMA auto_vacuum
    PRAGMA auto_vacuum = 'full'
    PRAGMA auto_vacuum
    PRAGMA auto_vacuum = 7
    PRAGMA auto_vacuum
    PRAGMA auto_vacuum = 2
    CREATE TABLE t(a)
    WITH n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 200) INSERT INTO t SELECT zeroblob(3000) FROM n
    DELETE FROM t
    PRAGMA freelist_count
    PRAGMA incremental_vacuum(3)
    PRAGMA page_count
    PRAGMA auto_vacuum = 1
    PRAGMA page_count
    PRAGMA auto_vacuum = 0
    PRAGMA auto_vacuum
    VACUUM
    PRAGMA auto_vacuum
    PRAGMA auto_vacuum = 2
    PRAGMA auto_vacuum
    VACUUM
    PRAGMA auto_vacuum
    PRAGMA incremental_vacuum
    PRAGMA incremental_vacuum(x)
    PRAGMA page_count"""
    real = apsw.Connection(str(tmp_path / "real.db"))
    ours = Connection(str(tmp_path / "ours.db"))
    for line in script.split("\n"):
        sql = line.strip()
        assert [tuple(row) for row in ours.execute(sql)] == list(real.execute(sql)), sql


def test_a_rollback_brings_back_what_was_given_away(tmp_path: Path) -> None:
    path = str(tmp_path / "a.db")
    ours = Connection(path)
    for sql in (
        "PRAGMA auto_vacuum = 2",
        "CREATE TABLE t(a, b)",
        "CREATE TABLE u(a)",
        "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 300) "
        "INSERT INTO t SELECT i, zeroblob(2000) FROM n",
        "DELETE FROM t WHERE a > 150",
        "BEGIN",
        "PRAGMA incremental_vacuum(40)",
        "SAVEPOINT s",
        "PRAGMA incremental_vacuum",
        "DROP TABLE u",
        "ROLLBACK TO s",
    ):
        ours.execute(sql)
    assert ours.execute("SELECT count(*) FROM t, u") == [[0]]
    assert ours.execute("PRAGMA integrity_check") == [["ok"]]
    count = ours.execute("PRAGMA page_count")
    ours.execute("ROLLBACK")
    assert ours.execute("PRAGMA page_count") != count
    assert ours.execute("SELECT count(*), sum(length(b)) FROM t") == [[150, 300000]]
    ours.close()
    assert list(apsw.Connection(path).execute("PRAGMA integrity_check")) == [("ok",)]


def test_a_moved_root_is_found_again(tmp_path: Path) -> None:
    ours = Connection(str(tmp_path / "a.db"))
    for sql in ("PRAGMA auto_vacuum = 1", "CREATE TABLE a(x)", "CREATE TABLE b(x UNIQUE)", "CREATE TABLE c(x)"):
        ours.execute(sql)
    ours.execute("INSERT INTO b VALUES (1), (2)")
    ours.execute("INSERT INTO c VALUES (3)")
    other = apsw.Connection(str(tmp_path / "a.db"))
    list(other.execute("SELECT * FROM c"))
    ours.execute("DROP TABLE a")
    assert ours.execute("SELECT name, rootpage FROM sqlite_schema") == [["b", 4], ["sqlite_autoindex_b_1", 5], ["c", 3]]
    assert list(other.execute("SELECT b.x, c.x FROM b, c WHERE b.x = 2")) == [(2, 3)]
    with pytest.raises(SqlError, match="no such table: a"):
        ours.execute("SELECT * FROM a")
