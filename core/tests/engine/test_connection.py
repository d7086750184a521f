"""Connection and Statement: opening, closing, counters, limits, functions, hooks, bindings."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest
from keelback_core.engine import Connection
from keelback_core.value.errors import SqlError

READONLY, READWRITE, CREATE, URI, MEMORY = 1, 2, 4, 0x40, 0x80


def error_of(call: object, *arguments: object) -> tuple[int, str]:
    with pytest.raises(SqlError) as caught:
        call(*arguments)  # type: ignore[operator]
    return caught.value.code, caught.value.message


def test_a_file_that_is_not_there_cannot_be_opened_without_create(tmp_path: Path) -> None:
    path = str(tmp_path / "missing.db")
    assert error_of(Connection, path, READWRITE) == (14, "unable to open database file")
    assert error_of(Connection, path, READONLY) == (14, "unable to open database file")
    assert error_of(Connection, str(tmp_path / "no" / "folder.db")) == (14, "unable to open database file")


def test_flags_that_make_no_sense_are_misuse() -> None:
    assert error_of(Connection, ":memory:", 0)[0] == 21
    assert error_of(Connection, ":memory:", READONLY | READWRITE)[0] == 21


def test_uris_choose_mode_and_memory(tmp_path: Path) -> None:
    path = tmp_path / "a b.db"
    Connection(str(path)).execute("CREATE TABLE t(a)")
    name = f"file:{tmp_path}/a%20b.db?mode=ro"
    connection = Connection(name, READWRITE | CREATE | URI)
    assert connection.is_readonly("main") == 1
    assert error_of(connection.execute, "INSERT INTO t VALUES(1)") == (8, "attempt to write a readonly database")
    memory = Connection("file:x?mode=memory", READWRITE | CREATE | URI)
    assert memory.database_filename("main") == ""
    assert error_of(Connection, "file:x?mode=zz", READWRITE | CREATE | URI) == (1, "no such access mode: zz")
    assert error_of(Connection, "file://host/x", READWRITE | CREATE | URI) == (1, "invalid uri authority: host")


def test_a_connection_with_statements_does_not_close() -> None:
    connection = Connection(":memory:")
    statement, _ = connection.prepare("SELECT 1")
    assert error_of(connection.close) == (5, "unable to close due to unfinalized statements or unfinished backups")
    assert statement is not None
    statement.finalize()
    connection.close()
    assert error_of(connection.prepare, "SELECT 1")[0] == 21


def test_blank_text_gives_no_statement_and_the_tail_begins_after_the_semicolon() -> None:
    connection = Connection(":memory:")
    assert connection.prepare("  -- nothing\n ; ") == (None, 16)
    statement, tail = connection.prepare("SELECT 1; SELECT 2")
    assert statement is not None and statement.sql == "SELECT 1;" and tail == 9


def test_offsets_of_errors_count_bytes() -> None:
    connection = Connection(":memory:")
    sql = "SELECT 'äöü', nope"
    with pytest.raises(SqlError) as caught:
        connection.prepare(sql)
    judge = apsw.Connection(":memory:")
    with pytest.raises(apsw.SQLError) as expected:
        judge.execute(sql)
    assert caught.value.offset == expected.value.error_offset


def test_parameters_keep_their_values_over_reset() -> None:
    connection = Connection(":memory:")
    statement, _ = connection.prepare("SELECT ?1, :name, @other, ?, ?7")
    assert statement is not None
    assert statement.parameter_count == 7
    assert statement.parameter_names == ("?1", ":name", "@other", None, None, None, "?7")
    for index, value in enumerate([1, "x", b"y", 2.5, None, None, 7]):
        statement.bind(index + 1, value)
    for _ in range(2):
        assert statement.step() and statement.row == [1, "x", b"y", 2.5, 7]
        assert statement.is_busy
        assert error_of(statement.bind, 1, 2)[0] == 21
        statement.reset()
    assert error_of(statement.bind, 8, 2) == (25, "column index out of range")
    assert statement.expanded_sql() == "SELECT 1, 'x', x'79', 2.5, 7"
    statement.clear_bindings()
    assert statement.step() and statement.row == [None] * 5


def test_a_parameter_may_begin_with_a_number_sign() -> None:
    connection = Connection(":memory:")
    statement, _ = connection.prepare("SELECT #WHERE, #a, #WHERE")
    assert statement is not None and statement.parameter_names == ("#WHERE", "#a")
    statement.bind(1, 5)
    assert statement.step() and statement.row == [5, None, 5]
    assert error_of(connection.prepare, "SELECT #1") == (1, 'near "#1": syntax error')


def test_a_statement_is_compiled_again_when_the_schema_changes(tmp_path: Path) -> None:
    path = str(tmp_path / "a.db")
    connection = Connection(path)
    connection.execute("CREATE TABLE t(a); INSERT INTO t VALUES(1)")
    statement, _ = connection.prepare("SELECT * FROM t")
    assert statement is not None and statement.column_count == 1
    other = apsw.Connection(path)
    other.execute("ALTER TABLE t ADD COLUMN b DEFAULT 5")
    other.close()
    assert statement.step() and statement.row == [1, 5]
    assert statement.column_names == ("a", "b")
    statement.reset()
    connection.execute("DROP TABLE t")
    assert error_of(statement.step) == (1, "no such table: t")
    statement.finalize()


def test_limits_are_kept() -> None:
    connection = Connection(":memory:")
    judge = apsw.Connection(":memory:")
    for number in range(14):
        assert connection.limit(number, -1) == judge.limit(number, -1), number
        connection.limit(number, 2_000_000_000)
        judge.limit(number, 2_000_000_000)
        assert connection.limit(number, -1) == judge.limit(number, -1), number
    assert connection.limit(99, 1) == -1
    connection.limit(1, 20)
    assert error_of(connection.prepare, "SELECT " + "1" * 20)[0] == 18
    connection.limit(1, 1000)
    connection.limit(9, 2)
    assert error_of(connection.prepare, "SELECT ?, ?, ?") == (1, "too many SQL variables")


def test_user_functions_and_collations_are_called_and_can_be_removed() -> None:
    connection = Connection(":memory:")
    connection.create_function("twice", 1, 0, lambda values: values[0] * 2)

    class Longest:
        def __init__(self) -> None:
            self.value = ""

        def step(self, values: list[str]) -> None:
            self.value = max(self.value, values[0], key=len)

        def final(self) -> str:
            return self.value

    connection.create_function("longest", 1, 0, None, Longest)  # type: ignore[arg-type]
    connection.create_collation("backward", lambda left, right: (left < right) - (left > right))
    connection.execute("CREATE TABLE t(a TEXT COLLATE backward); INSERT INTO t VALUES('a'), ('ccc'), ('bb')")
    assert connection.execute("SELECT twice(21), longest(a) FROM t") == [[42, "ccc"]]
    assert connection.execute("SELECT a FROM t ORDER BY a") == [["ccc"], ["bb"], ["a"]]
    connection.create_function("twice", 1, 0)
    assert error_of(connection.execute, "SELECT twice(1)") == (1, "no such function: twice")
    connection.create_collation("backward", None)
    assert error_of(connection.execute, "SELECT a FROM t ORDER BY a")[1] == "no such collation sequence: backward"


def test_hooks_see_changes_commits_and_rollbacks() -> None:
    connection = Connection(":memory:")
    seen: list[object] = []
    connection.update_hook = lambda *facts: seen.append(facts)
    connection.rollback_hook = lambda: seen.append("rollback")
    connection.execute("CREATE TABLE t(a)")
    connection.execute("INSERT INTO t VALUES(1); UPDATE t SET a=2; DELETE FROM t WHERE a=2")
    assert seen == [(18, "main", "t", 1), (23, "main", "t", 1), (9, "main", "t", 1)]
    seen.clear()
    connection.execute("BEGIN; INSERT INTO t VALUES(1); ROLLBACK")
    assert seen == [(18, "main", "t", 1), "rollback"]
    connection.commit_hook = lambda: True
    assert error_of(connection.execute, "INSERT INTO t VALUES(2)")[0] == 531
    assert connection.execute("SELECT count(*) FROM t") == [[0]]


def test_the_authorizer_denies_and_ignores() -> None:
    connection = Connection(":memory:")
    connection.execute("CREATE TABLE t(a, b); INSERT INTO t VALUES(1, 2)")
    judge = apsw.Connection(":memory:")
    judge.execute("CREATE TABLE t(a, b); INSERT INTO t VALUES(1, 2)")

    def compare(callback: object, sql: str) -> None:
        connection.authorizer = callback  # type: ignore[assignment]
        judge.authorizer = callback  # type: ignore[assignment]
        try:
            expected: object = [list(row) for row in judge.execute(sql)]
        except apsw.Error as error:
            expected = (error.extendedresult, str(error))
        try:
            own: object = connection.execute(sql)
        except SqlError as error:
            own = (error.code, error.message)
        assert own == expected, sql

    def deny(wanted: int, first: str | None = None) -> object:
        return lambda code, one, two, *rest: 1 if code == wanted and first in (None, one, two) else 0

    def ignore(wanted: int, name: str) -> object:
        return lambda code, one, two, *rest: 2 if code == wanted and two == name else 0

    compare(deny(20, "a"), "SELECT a FROM t")
    compare(ignore(20, "a"), "SELECT a, b FROM t")
    compare(deny(21), "SELECT 1")
    compare(deny(18, "t"), "INSERT INTO t VALUES(1, 2)")
    compare(deny(23, "b"), "UPDATE t SET b=1")
    compare(ignore(23, "b"), "UPDATE t SET a=5, b=1")
    compare(deny(9, "t"), "DELETE FROM t")
    compare(deny(2), "CREATE TABLE u(a)")
    compare(deny(1), "CREATE INDEX i ON t(a)")
    compare(deny(11), "DROP TABLE t")
    compare(deny(19), "PRAGMA user_version")
    compare(deny(22), "BEGIN")
    compare(deny(31, "abs"), "SELECT abs(1)")
    compare(None, "SELECT * FROM t")


def test_the_progress_handler_interrupts() -> None:
    connection = Connection(":memory:")
    connection.execute("CREATE TABLE t(a); INSERT INTO t VALUES(1), (2), (3), (4), (5), (6), (7), (8)")
    calls: list[int] = []

    def progress() -> bool:
        calls.append(1)
        return len(calls) > 3

    connection.progress_handler = (50, progress)
    assert error_of(connection.execute, "SELECT count(*) FROM t, t, t, t, t") == (9, "interrupted")
    assert len(calls) == 4


def test_transaction_state_is_that_of_the_file(tmp_path: Path) -> None:
    connection = Connection(str(tmp_path / "a.db"))
    connection.execute("CREATE TABLE t(a); INSERT INTO t VALUES(1)")
    assert connection.transaction_state(None) == 0
    connection.execute("BEGIN; SELECT * FROM t")
    assert connection.transaction_state("main") == 1 and not connection.autocommit
    connection.execute("INSERT INTO t VALUES(2)")
    assert connection.transaction_state("main") == 2
    connection.execute("COMMIT")
    assert connection.transaction_state("main") == 0 and connection.transaction_state("zz") == -1


def test_a_lock_of_another_process_is_waited_for(tmp_path: Path) -> None:
    path = str(tmp_path / "a.db")
    connection = Connection(path)
    connection.execute("CREATE TABLE t(a)")
    other = Connection(path)
    other.execute("BEGIN IMMEDIATE")
    assert error_of(connection.execute, "INSERT INTO t VALUES(1)") == (5, "database is locked")
    calls: list[int] = []

    def wait(count: int) -> bool:
        calls.append(count)
        if count == 2:
            other.execute("COMMIT")
        return True

    connection.busy_handler = wait
    connection.execute("INSERT INTO t VALUES(1)")
    assert calls == [0, 1, 2]


def test_temporary_tables_belong_to_the_connection(tmp_path: Path) -> None:
    path = str(tmp_path / "a.db")
    one, two = Connection(path), Connection(path)
    one.execute("CREATE TEMP TABLE t(a); INSERT INTO t VALUES(1)")
    assert one.execute("SELECT * FROM temp.t") == [[1]]
    assert error_of(two.execute, "SELECT * FROM t") == (1, "no such table: t")
    two.execute("CREATE TABLE t(a)")
    assert one.execute("SELECT count(*) FROM t") == [[1]]
    assert one.execute("SELECT count(*) FROM main.t") == [[0]]


def test_like_can_be_made_case_sensitive_and_back() -> None:
    connection = Connection(":memory:")
    assert connection.execute("SELECT 'A' LIKE 'a'") == [[1]]
    connection.execute("PRAGMA case_sensitive_like = ON")
    assert connection.execute("SELECT 'A' LIKE 'a', 'a' LIKE 'a', 'ab' LIKE 'A_' ESCAPE 'x'") == [[0, 1, 0]]
    connection.execute("PRAGMA case_sensitive_like = OFF")
    assert connection.execute("SELECT 'A' LIKE 'a'") == [[1]]
