"""file:NAME?immutable=1: the file is read without locks, and no journal or WAL beside it is looked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from sql_process import LibraryConnection, OracleConnection, ReferenceConnection, SqlFailed, SqlProcess, fails

ENGINES = [OracleConnection, LibraryConnection, ReferenceConnection]
READONLY = 8


def outcome(connection, sql: str) -> object:
    try:
        return connection.run(sql)
    except SqlFailed as failure:
        return (failure.code, failure.message)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("value", ["1", "true", "YES", "on", "7"])
def test_a_file_that_another_process_has_locked_is_read(engine, value: str, tmp_path: Path) -> None:
    path = tmp_path / "t.db"
    writer = SqlProcess("sqlite", str(path))
    writer.run("CREATE TABLE t(a); INSERT INTO t VALUES (1); BEGIN EXCLUSIVE; INSERT INTO t VALUES (2)")
    reader = engine(f"file:{path}?immutable={value}")
    assert reader.run("SELECT a FROM t") == [[1]]
    # The reader holds no lock that keeps the writer from committing.
    reader.run("BEGIN; SELECT a FROM t")
    writer.run("COMMIT")
    writer.close()
    assert reader.run("SELECT a FROM t") == [[1]]
    reader.run("COMMIT")
    assert fails(reader, "INSERT INTO t VALUES (3)") == READONLY
    reader.close()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_value_that_says_no_locks_as_ever(engine, tmp_path: Path) -> None:
    path = tmp_path / "t.db"
    writer = SqlProcess("sqlite", str(path))
    writer.run("CREATE TABLE t(a); BEGIN EXCLUSIVE; INSERT INTO t VALUES (2)")
    reader = engine(f"file:{path}?immutable=0")
    assert fails(reader, "SELECT a FROM t") == 5
    reader.close()
    writer.close()


@pytest.mark.parametrize("engine", ENGINES)
def test_neither_a_wal_nor_a_hot_journal_is_looked_for(engine, tmp_path: Path) -> None:
    path = tmp_path / "t.db"
    writer = OracleConnection(str(path))
    writer.run("CREATE TABLE t(a); INSERT INTO t VALUES (1); PRAGMA journal_mode = WAL; INSERT INTO t VALUES (2)")
    assert Path(f"{path}-wal").exists()
    copy = tmp_path / "copy.db"
    copy.write_bytes(path.read_bytes())
    Path(f"{copy}-wal").write_bytes(Path(f"{path}-wal").read_bytes())
    Path(f"{copy}-journal").write_bytes(bytes.fromhex("d9d505f920a163d7") + bytes(504))
    writer.close()
    files = sorted(found.name for found in tmp_path.iterdir())
    reader = engine(f"file:{copy}?immutable=1")
    assert reader.run("SELECT a FROM t") == [[1]]
    assert reader.run("PRAGMA database_list") == [[0, "main", str(copy)]]
    reader.close()
    assert sorted(found.name for found in tmp_path.iterdir()) == files


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_attached_is_immutable_for_itself(engine, tmp_path: Path) -> None:
    for name in ("one", "two"):
        maker = OracleConnection(str(tmp_path / f"{name}.db"))
        maker.run("CREATE TABLE t(a); INSERT INTO t VALUES (1)")
        maker.close()
    first = engine(f"file:{tmp_path}/one.db?immutable=1")
    first.run(f"ATTACH '{tmp_path}/two.db' AS two; INSERT INTO two.t VALUES (2)")
    assert fails(first, "INSERT INTO main.t VALUES (2)") == READONLY
    first.close()
    second = engine(str(tmp_path / "one.db"))
    second.run(f"ATTACH 'file:{tmp_path}/two.db?immutable=1' AS two; INSERT INTO main.t VALUES (3)")
    assert fails(second, "INSERT INTO two.t VALUES (3)") == READONLY
    assert second.run("SELECT a FROM two.t") == [[1], [2]]
    second.close()
