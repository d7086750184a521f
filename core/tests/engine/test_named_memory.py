"""file:NAME?mode=memory&cache=shared: one database in memory for all connections of the process, on both engines.

SQLite's shared cache locks tables and answers SQLITE_LOCKED; here it is locked like a file, and SQLITE_BUSY is what
waits (docs/differences.md). The oracle is built without the shared cache.
"""

from __future__ import annotations

import pytest
from sql_process import LibraryConnection, ReferenceConnection, fails

BUSY = 5


@pytest.fixture(params=[LibraryConnection, ReferenceConnection], ids=["library", "reference"])
def connect(request):
    """Opens connections and closes those that are still in `opened` at the end."""
    opened = []

    def connect(path: str):
        opened.append(request.param(path))
        return opened[-1]

    connect.opened = opened
    yield connect
    for connection in opened:
        connection.close()


@pytest.mark.parametrize("uri", ["file:pair?mode=memory&cache=shared", "file::memory:?cache=shared"])
def test_two_connections_see_one_database(connect, uri):
    first, second = connect(uri), connect(uri)
    first.run("CREATE TABLE t(a)")
    second.run("INSERT INTO t VALUES (1)")
    assert first.run("SELECT a FROM t") == [[1]]
    assert first.run("PRAGMA database_list") == [[0, "main", ""]]
    assert [second.run(f"PRAGMA journal_mode = {mode}") for mode in ("wal", "delete")] == [[["memory"]]] * 2


def test_a_transaction_is_seen_when_it_is_committed_and_excludes_other_writers(connect):
    uri = "file:transaction?mode=memory&cache=shared"
    first, second = connect(uri), connect(uri)
    first.run("CREATE TABLE t(a)")
    first.run("BEGIN")
    first.run("INSERT INTO t VALUES (1)")
    assert second.run("SELECT a FROM t") == []
    assert fails(second, "INSERT INTO t VALUES (2)") == BUSY
    first.run("ROLLBACK")
    second.run("INSERT INTO t VALUES (3)")
    assert first.run("SELECT a FROM t") == [[3]]
    assert first.run("PRAGMA integrity_check") == [["ok"]]


def test_names_tell_databases_apart_and_the_content_goes_with_the_last_connection(connect):
    first, other = connect("file:one?mode=memory&cache=shared"), connect("file:two?mode=memory&cache=shared")
    first.run("CREATE TABLE t(a)")
    assert other.run("SELECT count(*) FROM sqlite_schema") == [[0]]
    connect.opened.remove(first)
    first.close()
    again = connect("file:one?mode=memory&cache=shared")
    assert again.run("SELECT count(*) FROM sqlite_schema") == [[0]]


def test_without_a_shared_cache_memory_is_private(connect):
    for uri in ("file:alone?mode=memory", "file:alone?mode=memory&cache=private", ":memory:"):
        first, second = connect(uri), connect(uri)
        first.run("CREATE TABLE t(a)")
        assert second.run("SELECT count(*) FROM sqlite_schema") == [[0]]


def test_it_can_be_attached_and_takes_part_in_the_transaction(connect, tmp_path):
    file = connect(f"file:{tmp_path}/t.db")
    memory = connect("file:attached?mode=memory&cache=shared")
    memory.run("CREATE TABLE t(a)")
    file.run("CREATE TABLE t(a)")
    file.run("ATTACH 'file:attached?mode=memory&cache=shared' AS m")
    file.run("BEGIN")
    file.run("INSERT INTO m.t VALUES (1)")
    file.run("INSERT INTO main.t VALUES (2)")
    assert memory.run("SELECT a FROM t") == []
    file.run("COMMIT")
    assert memory.run("SELECT a FROM t") == [[1]]
    assert file.run("SELECT (SELECT a FROM main.t), (SELECT a FROM m.t)") == [[2, 1]]


def test_a_database_of_a_file_in_wal_mode_is_vacuumed_into_it(connect, tmp_path):
    file = connect(f"file:{tmp_path}/t.db")
    file.run("PRAGMA journal_mode = wal")
    file.run("CREATE TABLE t AS SELECT 7 AS a")
    memory = connect("file:copy?mode=memory&cache=shared")
    file.run("VACUUM INTO 'file:copy?mode=memory&cache=shared'")
    assert memory.run("SELECT a FROM t") == [[7]]
    assert memory.run("PRAGMA journal_mode") == [["memory"]]
