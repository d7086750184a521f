"""Sessions: commit, rollback, savepoints, statement journals, counters, and statements that run side by side."""

from __future__ import annotations

import random
from typing import Any

import apsw
import pytest
from keelback_core.reference.vm.machine import Machine
from keelback_core.reference.vm.session import Session
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import (
    ABORT_ROLLBACK,
    BUSY,
    CONSTRAINT_COMMITHOOK,
    CONSTRAINT_FOREIGNKEY,
    CONSTRAINT_UNIQUE,
    ERROR,
    INTERRUPT,
    LOCKED,
    READONLY,
    SCHEMA,
)
from vm_support import PlainHost, file_session, machine_of, make_table, memory_session, run, scan, scan_text

BEGIN = "AutoCommit 0 0"
COMMIT = "AutoCommit 1 0"
ROLLBACK = "AutoCommit 1 1"


def savepoint(session: Session, name: str) -> None:
    run(session, "Savepoint 0 0 0 $name\nHalt", {"name": name})


def release(session: Session, name: str) -> None:
    run(session, "Savepoint 1 0 0 $name\nHalt", {"name": name})


def rollback_to(session: Session, name: str) -> None:
    run(session, "Savepoint 2 0 0 $name\nHalt", {"name": name})


def insert_text(*rowids: Any, end: str = "Halt") -> str:
    rows = "\n".join(f"Integer {rowid} 1\nMakeRecord 1 1 2\nInsert 0 2 1 - 17" for rowid in rowids)
    return f"Transaction 0 1\nOpenWrite 0 $root 0 1\n{rows}\n{end}"


def insert(session: Session, root: int, *rowids: Any, end: str = "Halt", **settings: Any) -> None:
    settings.setdefault("counts_changes", True)
    run(session, insert_text(*rowids, end=end), {"root": root}, **settings)


def failing(action: int) -> str:
    return f"Halt {CONSTRAINT_UNIQUE} {action} 0 't.a' 2"


def rowids_of(session: Session, root: int) -> list[int]:
    return [row[0] for row in scan(session, root, 0)]


def expect(code: int, message: str, session: Session, text: str, **values: Any) -> None:
    with pytest.raises(SqlError) as caught:
        run(session, text, values)
    assert (caught.value.code, caught.value.message) == (code, message)
    assert session.running == []


def test_autocommit_commits_a_statement_that_succeeds_and_undoes_one_that_fails(tmp_path: Any) -> None:
    session = file_session(tmp_path / "t.db")
    other = file_session(tmp_path / "t.db")
    root = make_table(session, {})
    insert(session, root, 1, 2)
    assert rowids_of(other, root) == [1, 2]
    expect(CONSTRAINT_UNIQUE, "UNIQUE constraint failed: t.a", session, insert_text(3, 4, end=failing(2)), root=root)
    assert rowids_of(session, root) == [1, 2]
    for database in session.open_databases():
        assert database.transaction_state == 0


def test_fail_keeps_what_was_done_and_rollback_ends_the_transaction() -> None:
    host = PlainHost()
    session = memory_session(host)
    root = make_table(session, {})
    with pytest.raises(SqlError):
        insert(session, root, 1, 2, end=failing(3))
    assert rowids_of(session, root) == [1, 2] and host.changes == 2
    run(session, BEGIN)
    insert(session, root, 3)
    with pytest.raises(SqlError):
        insert(session, root, 4, end=failing(3), needs_statement_journal=True)
    assert not session.autocommit and rowids_of(session, root) == [1, 2, 3, 4]
    with pytest.raises(SqlError):
        insert(session, root, 5, end=failing(1), needs_statement_journal=True)
    assert session.autocommit and rowids_of(session, root) == [1, 2] and host.changes == 0


def test_abort_in_a_transaction_undoes_only_the_statement() -> None:
    host = PlainHost()
    session = memory_session(host)
    root = make_table(session, {})
    run(session, BEGIN)
    insert(session, root, 1, needs_statement_journal=True)
    assert (host.changes, host.total_changes) == (1, 1)
    with pytest.raises(SqlError):
        insert(session, root, 2, 3, end=failing(2), needs_statement_journal=True)
    assert (host.changes, host.total_changes) == (0, 1)
    assert rowids_of(session, root) == [1]
    insert(session, root, 4, needs_statement_journal=True)
    run(session, COMMIT)
    assert rowids_of(session, root) == [1, 4]


def test_changes_are_those_of_sqlite_through_successes_and_failures() -> None:
    oracle = apsw.Connection(":memory:")
    oracle.execute("CREATE TABLE t(a INTEGER PRIMARY KEY)")
    host = PlainHost()
    session = memory_session(host)
    root = make_table(session, {})
    host.changes = host.total_changes = 0
    steps = [
        ("INSERT INTO t VALUES(1),(2)", (1, 2), "Halt"),
        ("INSERT INTO t VALUES(3),(1)", (3,), failing(2)),
        ("BEGIN", BEGIN, ""),
        ("INSERT INTO t VALUES(3),(4)", (3, 4), "Halt"),
        ("INSERT INTO t VALUES(5),(1)", (5,), failing(2)),
        ("INSERT OR FAIL INTO t VALUES(5),(1)", (5,), failing(3)),
        ("INSERT OR ROLLBACK INTO t VALUES(7),(1)", (7,), failing(1)),
    ]
    for sql, rows, end in steps:
        try:
            oracle.execute(sql)
        except apsw.ConstraintError:
            pass
        try:
            if isinstance(rows, str):
                run(session, rows)
            else:
                insert(session, root, *rows, end=end, needs_statement_journal=True)
        except SqlError:
            pass
        mine = (host.changes, host.total_changes, session.autocommit)
        assert mine == (oracle.changes(), oracle.total_changes(), oracle.get_autocommit()), sql
        assert rowids_of(session, root) == [row[0] for row in oracle.execute("SELECT a FROM t")], sql


def test_a_statement_that_rolls_everything_back_leaves_no_statement_journal() -> None:
    session = memory_session()
    root = make_table(session, {1: ["x"]})
    run(session, BEGIN)
    with pytest.raises(SqlError):
        insert(session, root, 2, end=failing(1), needs_statement_journal=True)
    run(session, BEGIN)
    insert(session, root, 3)
    savepoint(session, "a")
    insert(session, root, 4, needs_statement_journal=True)
    savepoint(session, "b")
    insert(session, root, 5)
    rollback_to(session, "b")
    assert session.statement_count == 0 and rowids_of(session, root) == [1, 3, 4]


def test_wrong_transaction_statements_have_sqlites_messages() -> None:
    session = memory_session()
    expect(ERROR, "cannot commit - no transaction is active", session, COMMIT)
    expect(ERROR, "cannot rollback - no transaction is active", session, ROLLBACK)
    run(session, BEGIN)
    expect(ERROR, "cannot start a transaction within a transaction", session, BEGIN)
    expect(ERROR, "no such savepoint: x", session, "Savepoint 1 0 0 'x'\nHalt")
    expect(ERROR, "no such savepoint: Y", session, "Savepoint 2 0 0 'Y'\nHalt")
    assert not session.autocommit
    run(session, ROLLBACK)
    assert session.autocommit


def test_rollback_undoes_and_calls_the_hook() -> None:
    host = PlainHost()
    session = memory_session(host)
    root = make_table(session, {1: ["x"]})
    run(session, BEGIN)
    insert(session, root, 2)
    host.log.clear()
    run(session, ROLLBACK)
    assert host.log == [("rollback",)]
    assert rowids_of(session, root) == [1]


def test_a_commit_hook_can_turn_a_commit_into_a_rollback() -> None:
    host = PlainHost()
    session = memory_session(host)
    root = make_table(session, {})
    host.log.clear()
    host.refuses_commit = True
    expect(CONSTRAINT_COMMITHOOK, "constraint failed", session, insert_text(1), root=root)
    assert host.log == [("commit",), ("rollback",)] and rowids_of(session, root) == []
    run(session, BEGIN)
    insert(session, root, 1)
    expect(CONSTRAINT_COMMITHOOK, "constraint failed", session, COMMIT)
    assert session.autocommit and rowids_of(session, root) == []


def test_savepoints_nest_and_names_ignore_case() -> None:
    session = memory_session()
    root = make_table(session, {})
    savepoint(session, "Outer")
    assert not session.autocommit
    insert(session, root, 1)
    savepoint(session, "inner")
    insert(session, root, 2)
    rollback_to(session, "INNER")
    assert rowids_of(session, root) == [1]
    insert(session, root, 3)
    release(session, "inner")
    assert rowids_of(session, root) == [1, 3]
    rollback_to(session, "outer")
    assert rowids_of(session, root) == [] and not session.autocommit
    insert(session, root, 4)
    release(session, "OUTER")
    assert session.autocommit and rowids_of(session, root) == [4]


def test_a_savepoint_inside_begin_does_not_end_the_transaction() -> None:
    session = memory_session()
    root = make_table(session, {})
    run(session, BEGIN)
    insert(session, root, 1)
    savepoint(session, "a")
    savepoint(session, "a")
    insert(session, root, 2)
    rollback_to(session, "a")
    release(session, "a")
    insert(session, root, 3)
    rollback_to(session, "a")
    release(session, "a")
    assert not session.autocommit
    run(session, COMMIT)
    assert rowids_of(session, root) == [1]


def test_savepoints_against_sqlite_in_random_order() -> None:
    seed = 7
    print("seed", seed)
    chooser = random.Random(seed)
    oracle = apsw.Connection(":memory:")
    oracle.execute("CREATE TABLE t(a INTEGER PRIMARY KEY)")
    session = memory_session()
    root = make_table(session, {})
    number = 0
    for step in range(400):
        kind = chooser.choice(
            ["insert", "insert", "fail", "savepoint", "release", "rollback to", "begin", "commit", "rollback"]
        )
        name = chooser.choice(["a", "b", "c"])
        number += 1
        sql = {
            "insert": f"INSERT INTO t VALUES({number})",
            "fail": f"INSERT INTO t SELECT {number} UNION ALL SELECT {number}",
            "savepoint": f"SAVEPOINT {name}",
            "release": f"RELEASE {name}",
            "rollback to": f"ROLLBACK TO {name}",
        }.get(kind, kind.upper())
        failed = theirs = ""
        try:
            oracle.execute(sql)
        except apsw.Error as error:
            theirs = str(error)
        try:
            if kind == "insert":
                insert(session, root, number, needs_statement_journal=True)
            elif kind == "fail":
                insert(session, root, number, end=failing(2), needs_statement_journal=True)
            elif kind in ("savepoint", "release", "rollback to"):
                {"savepoint": savepoint, "release": release, "rollback to": rollback_to}[kind](session, name)
            else:
                run(session, {"begin": BEGIN, "commit": COMMIT, "rollback": ROLLBACK}[kind])
        except SqlError as error:
            failed = error.message
        assert failed == theirs, (step, sql)
        assert session.autocommit == oracle.get_autocommit(), (step, sql)
        assert rowids_of(session, root) == [row[0] for row in oracle.execute("SELECT a FROM t")], (step, sql)


# Statements side by side in one session


def reading(session: Session, root: int) -> Machine:
    machine = machine_of(session, scan_text(root, 0))
    assert machine.step()
    return machine


def rest_of(machine: Machine) -> list[Any]:
    rows = []
    while machine.step():
        rows.append(machine.row[0])
    return rows


def test_a_reader_sees_rows_that_another_statement_inserts_before_it() -> None:
    session = memory_session()
    root = make_table(session, {1: ["x"], 2: ["x"]})
    reader = reading(session, root)
    insert(session, root, 5)
    assert rest_of(reader) == [2, 5]


def test_a_reader_goes_on_when_its_row_is_deleted_by_another_statement() -> None:
    session = memory_session()
    root = make_table(session, {1: ["x"], 2: ["y"], 3: ["z"]})
    text = f"Transaction 0 0\nOpenRead 0 {root} 0 1\nRewind 0 end\nloop: Column 0 0 1\nResultRow 1 1\nColumn 0 0 1\n"
    reader = machine_of(session, text + "ResultRow 1 1\nNext 0 loop\nend: Halt")
    assert reader.step() and reader.row == ["x"]
    run(session, f"Transaction 0 1\nOpenWrite 0 {root} 0 1\nInteger 1 1\nNotExists 0 0 1\nDelete 0\nHalt")
    assert reader.step() and reader.row == [None]
    assert reader.step() and reader.row == ["y"]
    run(session, f"Transaction 0 1\nClear {root} 0 0\nHalt")
    assert reader.step() and reader.row == [None]
    assert not reader.step()


@pytest.mark.parametrize("ending", [COMMIT, ROLLBACK])
def test_a_reader_survives_the_end_of_the_transaction(tmp_path: Any, ending: str) -> None:
    session = file_session(tmp_path / "t.db")
    root = make_table(session, {1: ["x"], 2: ["x"], 3: ["x"]})
    run(session, BEGIN)
    insert(session, root, 4)
    reader = reading(session, root)
    run(session, ending)
    assert session.autocommit
    assert session.database(0).transaction_state == 1
    assert rest_of(reader) == ([2, 3, 4] if ending == COMMIT else [2, 3])
    assert session.database(0).transaction_state == 0


def test_a_reader_fails_after_a_rollback_that_undoes_a_schema_change() -> None:
    host = PlainHost()
    session = memory_session(host)
    root = make_table(session, {1: ["x"], 2: ["x"], 3: ["x"]})
    run(session, BEGIN)
    run(session, "Transaction 0 1\nSetCookie 0 1 5 - 1\nHalt")
    reader = reading(session, root)
    host.log.clear()
    run(session, ROLLBACK)
    assert ("schema", 0) in host.log
    with pytest.raises(SqlError) as caught:
        reader.step()
    assert (caught.value.code, caught.value.message) == (ABORT_ROLLBACK, "abort due to ROLLBACK")
    assert session.running == []


def test_a_writer_that_pauses_fails_after_a_rollback_when_it_writes_on() -> None:
    session = memory_session()
    root = make_table(session, {})
    text = insert_text(1, end="ResultRow 1 1\nInteger 2 1\nInsert 0 2 1\nHalt")
    writer = machine_of(session, text, {"root": root})
    assert writer.step()
    run(session, BEGIN)
    run(session, ROLLBACK)
    with pytest.raises(SqlError, match="abort due to ROLLBACK"):
        writer.step()
    assert rowids_of(session, root) == []
    # One that has nothing more to write goes on.
    writer = machine_of(session, insert_text(1, end="ResultRow 1 1\nResultRow 1 1\nHalt"), {"root": root})
    assert writer.step()
    run(session, BEGIN)
    run(session, ROLLBACK)
    assert writer.step() and not writer.step()


def test_a_paused_writer_forbids_commit_and_savepoints() -> None:
    session = memory_session()
    root = make_table(session, {})
    run(session, BEGIN)
    savepoint(session, "old")
    writer = machine_of(session, insert_text(1, end="ResultRow 1 1\nHalt"), {"root": root})
    assert writer.step()
    for text, message in (
        (COMMIT, "cannot commit transaction - SQL statements in progress"),
        ("Savepoint 0 0 0 'a'\nHalt", "cannot open savepoint - SQL statements in progress"),
        ("Savepoint 1 0 0 'old'\nHalt", "cannot release savepoint - SQL statements in progress"),
    ):
        with pytest.raises(SqlError) as caught:
            run(session, text)
        assert (caught.value.code, caught.value.message) == (BUSY, message)
    writer.reset()
    release(session, "old")
    run(session, COMMIT)
    assert rowids_of(session, root) == [1]


def test_the_last_writer_to_end_commits(tmp_path: Any) -> None:
    session = file_session(tmp_path / "t.db")
    other = file_session(tmp_path / "t.db")
    root = make_table(session, {})
    writer = machine_of(session, insert_text(1, end="ResultRow 1 1\nHalt"), {"root": root})
    assert writer.step()
    insert(session, root, 2)
    assert rowids_of(other, root) == []
    assert not writer.step()
    assert rowids_of(other, root) == [1, 2]


def test_resetting_a_paused_writer_commits_what_it_did() -> None:
    host = PlainHost()
    session = memory_session(host)
    root = make_table(session, {})
    writer = machine_of(session, insert_text(1, end="ResultRow 1 1\nInteger 2 1\nInsert 0 2 1\nHalt"), {"root": root})
    assert writer.step()
    writer.reset()
    assert rowids_of(session, root) == [1]


def test_a_statement_journal_serves_a_writer_beside_a_reader() -> None:
    session = memory_session()
    root = make_table(session, {1: ["x"], 2: ["x"]})
    reader = reading(session, root)
    with pytest.raises(SqlError, match="UNIQUE"):
        insert(session, root, 7, end=failing(2), needs_statement_journal=True)
    insert(session, root, 8, needs_statement_journal=True)
    assert rest_of(reader) == [2, 8]
    assert rowids_of(session, root) == [1, 2, 8]
    assert session.statement_count == 0


def test_destroy_is_refused_while_another_statement_reads() -> None:
    session = memory_session()
    root = make_table(session, {1: ["x"], 2: ["x"]})
    victim = make_table(session, {})
    reader = reading(session, root)
    with pytest.raises(SqlError) as caught:
        run(session, f"Transaction 0 1\nDestroy {victim} 1 0\nHalt")
    assert (caught.value.code, caught.value.message) == (LOCKED, "database table is locked")
    assert rest_of(reader) == [2]
    assert run(session, f"Transaction 0 1\nDestroy {victim} 1 0\nResultRow 1 1\nHalt") == [[0]]


def test_an_interrupted_writer_undoes_the_transaction_but_a_reader_does_not() -> None:
    host = PlainHost()
    session = memory_session(host)
    root = make_table(session, {1: ["x"], 2: ["x"]})
    run(session, BEGIN)
    insert(session, root, 3)
    reader = reading(session, root)
    host.is_interrupted = True
    with pytest.raises(SqlError) as caught:
        reader.step()
    assert caught.value.code == INTERRUPT and not session.autocommit
    writer = machine_of(session, insert_text(4, end="ResultRow 1 1\nHalt"), {"root": root})
    assert writer.step()
    host.is_interrupted = True
    with pytest.raises(SqlError):
        writer.step()
    assert session.autocommit and rowids_of(session, root) == [1, 2]


# Two sessions on one file


def test_a_second_writer_is_busy_and_a_reader_blocks_the_commit(tmp_path: Any) -> None:
    first = file_session(tmp_path / "t.db")
    second = file_session(tmp_path / "t.db")
    root = make_table(first, {1: ["x"], 2: ["x"]})
    run(first, BEGIN)
    insert(first, root, 3)
    with pytest.raises(SqlError) as caught:
        insert(second, root, 4)
    assert (caught.value.code, caught.value.message) == (BUSY, "database is locked")
    reader = reading(second, root)
    with pytest.raises(SqlError) as caught:
        run(first, COMMIT)
    assert (caught.value.code, caught.value.message) == (BUSY, "database is locked")
    assert not first.autocommit and first.running == []
    assert rest_of(reader) == [2]
    run(first, COMMIT)
    assert rowids_of(second, root) == [1, 2, 3]


def test_a_busy_release_of_the_outermost_savepoint_keeps_it(tmp_path: Any) -> None:
    first = file_session(tmp_path / "t.db")
    second = file_session(tmp_path / "t.db")
    root = make_table(first, {1: ["x"], 2: ["x"]})
    savepoint(first, "a")
    insert(first, root, 3)
    reader = reading(second, root)
    with pytest.raises(SqlError, match="database is locked"):
        release(first, "a")
    assert not first.autocommit
    reader.reset()
    release(first, "a")
    assert first.autocommit and rowids_of(second, root) == [1, 2, 3]


def test_an_autocommit_write_that_cannot_be_committed_is_undone(tmp_path: Any) -> None:
    first = file_session(tmp_path / "t.db")
    second = file_session(tmp_path / "t.db")
    root = make_table(first, {1: ["x"], 2: ["x"]})
    reader = reading(second, root)
    with pytest.raises(SqlError, match="database is locked"):
        insert(first, root, 3)
    assert rest_of(reader) == [2]
    assert rowids_of(first, root) == [1, 2]


def test_begin_immediate_and_exclusive_take_their_locks_at_once(tmp_path: Any) -> None:
    first = file_session(tmp_path / "t.db")
    second = file_session(tmp_path / "t.db")
    root = make_table(first, {1: ["x"]})
    run(first, f"Transaction 0 1\n{BEGIN}")
    assert rowids_of(second, root) == [1]
    with pytest.raises(SqlError, match="database is locked"):
        run(second, f"Transaction 0 1\n{BEGIN}")
    assert second.autocommit
    run(first, COMMIT)
    run(first, f"Transaction 0 2\n{BEGIN}")
    with pytest.raises(SqlError, match="database is locked"):
        rowids_of(second, root)
    run(first, ROLLBACK)
    assert rowids_of(second, root) == [1]


def test_a_changed_schema_cookie_is_reported(tmp_path: Any) -> None:
    host = PlainHost()
    session = file_session(tmp_path / "t.db", host)
    make_table(session, {})
    run(session, "Transaction 0 1\nSetCookie 0 1 5 - 1\nHalt")
    host.log.clear()
    host.changes = 3
    run(session, "Transaction 0 0 5 - 1\nHalt")
    with pytest.raises(SqlError) as caught:
        run(session, "Transaction 0 0 4 - 1\nHalt", counts_changes=True)
    assert (caught.value.code, caught.value.message) == (SCHEMA, "database schema has changed")
    assert host.log == [("schema", 0)] and host.changes == 3


def test_query_only_refuses_writing() -> None:
    session = memory_session()
    session.is_query_only = True
    expect(READONLY, "attempt to write a readonly database", session, "Transaction 0 1\nHalt")


def test_foreign_key_counters_fail_the_statement_or_the_commit() -> None:
    session = memory_session()
    root = make_table(session, {})
    message = "FOREIGN KEY constraint failed"
    expect(CONSTRAINT_FOREIGNKEY, message, session, insert_text(1, end="FkCounter 0 1\nHalt"), root=root)
    expect(CONSTRAINT_FOREIGNKEY, message, session, insert_text(1, end="FkCounter 1 1\nHalt"), root=root)
    assert rowids_of(session, root) == [] and session.deferred_constraints == 0
    run(session, BEGIN)
    insert(session, root, 1, end="FkCounter 1 1\nHalt", needs_statement_journal=True)
    expect(CONSTRAINT_FOREIGNKEY, message, session, COMMIT)
    assert not session.autocommit
    with pytest.raises(SqlError):
        insert(session, root, 2, end="FkCounter 1 5\n" + failing(2), needs_statement_journal=True)
    assert session.deferred_constraints == 1
    jump = "FkIfZero {0} yes\nInteger 0 1\nGoto 0 out\nyes: Integer 1 1\nout: ResultRow 1 1\nHalt"
    assert run(session, jump.format(1)) == [[0]]
    assert run(session, jump.format(0)) == [[1]]
    insert(session, root, 3, end="FkCounter 1 -1\nHalt")
    run(session, COMMIT)
    assert rowids_of(session, root) == [1, 3]


def test_deferred_foreign_keys_count_immediate_ones_until_the_commit() -> None:
    session = memory_session()
    root = make_table(session, {})
    run(session, BEGIN)
    session.defer_foreign_keys(True)
    insert(session, root, 1, end="FkCounter 0 1\nHalt")
    expect(CONSTRAINT_FOREIGNKEY, "FOREIGN KEY constraint failed", session, COMMIT)
    run(session, ROLLBACK)
    assert not session.defers_foreign_keys and rowids_of(session, root) == []


def test_temporary_and_attached_databases_take_part() -> None:
    session = memory_session()
    assert session.databases[1] is None
    root = run(session, "Transaction 1 1\nCreateBtree 1 1 1\nResultRow 1 1\nHalt")[0][0]
    assert session.databases[1] is not None
    index = session.attach(memory_session().database(0))
    assert index == 2
    assert run(session, "Transaction 2 1\nCreateBtree 2 1 1\nResultRow 1 1\nHalt") == [[root]]
    run(session, BEGIN)
    text = "Transaction {0} 1\nOpenWrite 0 {1} {0} 1\nInteger 1 1\nMakeRecord 1 1 2\nInsert 0 2 1\nHalt"
    for database in (1, 2):
        run(session, text.format(database, root))
    run(session, ROLLBACK)
    for database in (1, 2):
        assert run(
            session, f"Transaction {database} 0\nOpenRead 0 {root} {database} 1\nCount 0 1\nResultRow 1 1\nHalt"
        ) == [[0]]
    session.detach(2)
    assert session.attach(memory_session().database(0)) == 2


def test_schema_instructions() -> None:
    host = PlainHost()
    session = memory_session(host)
    text = """
        Transaction 0 1
        CreateBtree 0 1 1
        CreateBtree 0 2 2
        SetCookie 0 6 -7
        Integer 9 10
        SetCookie 0 8 10 - 2
        ReadCookie 0 3 6
        ReadCookie 0 4 8
        PageCount 0 5
        SchemaChanged 0
        ResultRow 1 5
        Halt
    """
    assert run(session, text) == [[2, 3, -7, 9, 3]]
    assert ("schema", 0) in host.log
    run(session, "Transaction 0 1\nOpenWrite 0 2 0 1\nInteger 1 1\nMakeRecord 1 1 2\nInsert 0 2 1\nHalt")
    cleared = "Transaction 0 1\nInteger 5 4\nClear 2 0 4\nResultRow 4 1\nHalt"
    assert run(session, cleared, counts_changes=True) == [[6]] and host.changes == 1


def test_integrity_check_counts_errors_down() -> None:
    session = memory_session()
    root = make_table(session, {1: ["x"]})
    text = "Transaction 0 0\nInteger 100 3\nIntegrityCk 1 0 3 $roots 0\nResultRow 1 3\nHalt"
    assert run(session, text, {"roots": (1, root)}) == [[None, None, 100]]
    message, _, left = run(session, text, {"roots": (1,)})[0]
    assert left == 99 and "never used" in message


def test_pragma_call_asks_the_host() -> None:
    text = "Integer 7 1\nString8 0 2 0 'x'\nPragmaCall 2 1 3 'cache_size' 2\nResultRow 3 1\nHalt"
    assert run(memory_session(), text) == [["2:cache_size:[7, 'x']"]]


def test_reset_count_hands_the_counter_over() -> None:
    host = PlainHost()
    session = memory_session(host)
    root = make_table(session, {})
    host.total_changes = 0
    insert(session, root, 1, end="ResetCount\nInteger 2 1\nInsert 0 2 1 - 1\nHalt")
    assert (host.changes, host.total_changes) == (1, 2)
