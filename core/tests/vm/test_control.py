"""Jumps, subroutines, coroutines, sub-programs, halting."""

from __future__ import annotations

import pytest
from keelback_core.program.program import FunctionReference, Program
from keelback_core.reference.vm.machine import Machine
from keelback_core.reference.vm.session import Session
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import (
    CONSTRAINT_CHECK,
    CONSTRAINT_FOREIGNKEY,
    CONSTRAINT_NOTNULL,
    CONSTRAINT_UNIQUE,
    ERROR,
    INTERRUPT,
)
from vm_support import PlainHost, assemble, file_session, machine_of, make_table, memory_session, run, scan


def test_init_jumps_to_the_set_up_and_goto_comes_back() -> None:
    text = "Init 0 setup\nback: ResultRow 1 1\nHalt\nsetup: Integer 7 1\nGoto 0 back"
    assert run(memory_session(), text) == [[7]]


def test_gosub_and_return_run_a_subroutine_twice() -> None:
    text = """
        Integer 0 1
        Gosub 5 sub
        Gosub 5 sub
        Halt
        sub: AddImm 1 1
        ResultRow 1 1
        Return 5 0 0
    """
    assert run(memory_session(), text) == [[1], [2]]


def test_an_inline_subroutine_falls_through_its_return() -> None:
    text = """
        BeginSubroutine 0 5
        Integer 3 1
        Return 5 0 1
        ResultRow 1 1
        Halt
    """
    assert run(memory_session(), text) == [[3]]


def test_a_coroutine_yields_rows_until_it_ends() -> None:
    text = """
        InitCoroutine 1 consumer body
        body: Integer 10 2
        Yield 1 0
        Integer 20 2
        Yield 1 0
        EndCoroutine 1
        consumer: Yield 1 done
        ResultRow 2 1
        Goto 0 consumer
        done: Halt
    """
    assert run(memory_session(), text) == [[10], [20]]


def test_a_coroutine_that_has_ended_ends_again_when_it_is_resumed() -> None:
    text = """
        InitCoroutine 1 consumer body
        body: Integer 10 2
        EndCoroutine 1
        consumer: AddImm 3 1
        Yield 1 done
        ResultRow 2 1
        done: Integer 2 4
        Lt 4 consumer 3
        ResultRow 3 1
        Halt
    """
    assert run(memory_session(), text) == [[2]]


def test_once_falls_through_once_in_each_run() -> None:
    text = """
        Integer 3 1
        loop: Once 0 skip
        AddImm 2 1
        skip: AddImm 3 1
        DecrJumpZero 1 end
        Goto 0 loop
        end: ResultRow 2 2
        Halt
    """
    machine = machine_of(memory_session(), text)
    for _ in range(2):
        assert machine.step()
        assert machine.row == [1, 3]
        assert not machine.step()
        assert not machine.is_running


@pytest.mark.parametrize(
    ("halt", "code", "message"),
    [
        ("Halt $code 2 0 't.a' 1", CONSTRAINT_NOTNULL, "NOT NULL constraint failed: t.a"),
        ("Halt $code 2 0 't.a,t.b' 2", CONSTRAINT_UNIQUE, "UNIQUE constraint failed: t.a,t.b"),
        ("Halt $code 2 0 'x>0' 3", CONSTRAINT_CHECK, "CHECK constraint failed: x>0"),
        ("Halt $code 2 0 - 4", CONSTRAINT_FOREIGNKEY, "FOREIGN KEY constraint failed"),
        ("Halt $code 2 0 'plain' 0", ERROR, "plain"),
        ("Halt $code 2 0 - 0", ERROR, "SQL logic error"),
    ],
)
def test_halt_fails_with_the_message_of_its_kind(halt: str, code: int, message: str) -> None:
    machine = machine_of(memory_session(), halt, {"code": code})
    with pytest.raises(SqlError) as caught:
        machine.step()
    assert (caught.value.code, caught.value.message) == (code, message)
    assert not machine.is_running


def test_halt_if_null_halts_only_for_null() -> None:
    text = "Integer 1 1\nHaltIfNull $code 2 1 't.a' 1\nNull 0 1\nHaltIfNull $code 2 1 't.b' 1\nHalt"
    with pytest.raises(SqlError, match="NOT NULL constraint failed: t.b"):
        run(memory_session(), text, {"code": CONSTRAINT_NOTNULL})


def test_a_machine_runs_again_after_its_end_with_fresh_registers() -> None:
    machine = machine_of(memory_session(), "AddImm 1 1\nResultRow 1 1\nHalt")
    for _ in range(3):
        assert machine.step() and machine.row == [1]
        assert not machine.step()


def test_reset_ends_a_run_in_the_middle() -> None:
    session = memory_session()
    machine = machine_of(session, "Integer 1 1\nloop: ResultRow 1 1\nAddImm 1 1\nGoto 0 loop")
    assert machine.step() and machine.step()
    machine.reset()
    assert not machine.is_running and session.running == []
    assert machine.step() and machine.row == [1]
    machine.reset()
    machine.reset()


def counting_loop(session: Session) -> Machine:
    return machine_of(session, "loop: Noop\nGoto 0 loop")


def test_an_interrupt_ends_an_endless_loop() -> None:
    host = PlainHost()
    session = memory_session(host)

    def interrupt() -> bool:
        host.is_interrupted = True
        return False

    host.progress_period = 10
    host.progress = interrupt  # type: ignore[method-assign]
    with pytest.raises(SqlError) as caught:
        counting_loop(session).step()
    assert (caught.value.code, caught.value.message) == (INTERRUPT, "interrupted")
    # With no statement running any more the next one is not interrupted.
    assert run(session, "Integer 1 1\nResultRow 1 1\nHalt") == [[1]]


def test_the_progress_handler_is_called_every_so_many_instructions_and_can_interrupt() -> None:
    host = PlainHost()
    host.progress_period = 10
    session = memory_session(host)
    run(session, "Integer 30 1\nloop: Noop\nDecrJumpZero 1 end\nGoto 0 loop\nend: Halt")
    assert host.progress_calls == 9
    host.progress_answer = True
    with pytest.raises(SqlError, match="interrupted"):
        counting_loop(session).step()


def test_the_progress_handler_counts_across_rows() -> None:
    host = PlainHost()
    host.progress_period = 10
    run(memory_session(host), "Integer 30 1\nloop: ResultRow 1 1\nDecrJumpZero 1 end\nGoto 0 loop\nend: Halt")
    assert host.progress_calls == 9


def test_a_sub_program_has_registers_of_its_own_and_reads_its_callers_by_param() -> None:
    sub = assemble("Param 0 1\nParam 1 2\nAdd 1 2 3\nAddImm 3 100\nMakeRecord 3 1 4\nInteger 5 20\nHalt")
    text = """
        Integer 1 20
        Integer 2 21
        Program 20 end 30 $sub 1
        ResultRow 20 2
        end: Halt
    """
    assert run(memory_session(), text, {"sub": sub}) == [[1, 2]]


def test_a_sub_program_writes_and_its_changes_are_counted_apart() -> None:
    host = PlainHost()
    session = memory_session(host)
    root = make_table(session, {})
    host.changes = host.total_changes = host.last_insert_rowid = 0
    sub = assemble(
        "OpenWrite 0 $root 0 1\nNewRowid 0 1\nParam 0 2\nMakeRecord 2 1 3\nInsert 0 3 1 - 17\nClose 0\nHalt",
        {"root": root},
    )
    text = """
        Transaction 0 1
        Integer 5 1
        Program 1 end 2 $sub 1
        Program 1 end 2 $sub 1
        OpenWrite 0 $root 0 1
        Integer 100 2
        MakeRecord 1 1 3
        Insert 0 3 2 - 17
        end: Halt
    """
    run(session, text, {"sub": sub, "root": root}, counts_changes=True)
    assert scan(session, root, 1) == [[1, 5], [2, 5], [100, 5]]
    assert (host.changes, host.total_changes, host.last_insert_rowid) == (1, 3, 100)


def test_a_statement_reports_its_own_changes_and_rowid_after_its_sub_program() -> None:
    host = PlainHost()
    session = memory_session(host)
    root = make_table(session, {})
    host.changes = host.total_changes = 0
    sub = assemble("OpenWrite 0 $root 0 1\nInteger 500 1\nMakeRecord 1 1 2\nInsert 0 2 1 - 17\nHalt", {"root": root})
    text = "Transaction 0 1\nOpenWrite 0 $root 0 1\nInteger 7 1\nMakeRecord 1 1 2\nInsert 0 2 1 - 17\n"
    text += "Program 1 end 3 $sub 1\nend: Halt"
    run(session, text, {"sub": sub, "root": root}, counts_changes=True)
    assert (host.changes, host.total_changes, host.last_insert_rowid) == (1, 2, 7)


def test_raise_ignore_jumps_to_the_address_of_its_program_instruction() -> None:
    for halt in ("Halt 0 4", "Halt 0 0 1"):
        sub = assemble(halt)
        text = "Program 1 ignored 2 $sub 1\nInteger 1 1\nGoto 0 out\nignored: Integer 2 1\nout: ResultRow 1 1\nHalt"
        assert run(memory_session(), text, {"sub": sub}) == [[2]]


def test_once_is_per_frame() -> None:
    sub = assemble("Once 0 end\nAddImm 1 1\nend: Param 0 2\nHalt")
    text = "Integer 9 1\nProgram 1 end 2 $sub 1\nProgram 1 end 2 $sub 1\nend: ResultRow 1 1\nHalt"
    assert run(memory_session(), text, {"sub": sub}) == [[9]]


def recursive_program(allows_recursion: int, depth: int) -> Program:
    """A sub-program that counts its parameter down and calls itself until it is zero."""
    sub = assemble("Param 0 1\nAddImm 1 -1\nIfNot 1 end\nProgram 1 end 2 - 1\nend: Halt")
    sub.instructions[3].p4 = sub
    sub.instructions[3].p5 = allows_recursion
    return assemble("Integer $n 1\nProgram 1 end 2 $sub 1\nend: ResultRow 1 1\nHalt", {"sub": sub, "n": depth})


def test_recursion_is_limited_to_a_thousand_levels() -> None:
    assert run(memory_session(), recursive_program(1, 1000)) == [[1000]]
    with pytest.raises(SqlError) as caught:
        run(memory_session(), recursive_program(1, 1001))
    assert (caught.value.code, caught.value.message) == (ERROR, "triggers nested too deep")


def test_a_sub_program_that_may_not_recurse_is_skipped_inside_itself() -> None:
    assert run(memory_session(), recursive_program(0, 5000)) == [[5000]]


def test_an_error_in_a_sub_program_undoes_the_whole_statement(tmp_path: object) -> None:
    session = file_session(f"{tmp_path}/sub.db")
    root = make_table(session, {1: ["kept"]})
    sub = assemble(
        "OpenWrite 3 $root 0 1\nInteger 8 1\nMakeRecord 1 1 2\nInsert 3 2 1\nHalt 1 2 0 'inner'", {"root": root}
    )
    with pytest.raises(SqlError, match="inner"):
        run(session, "Transaction 0 1\nProgram 1 end 2 $sub 1\nend: Halt", {"sub": sub})
    assert scan(session, root, 1) == [[1, "kept"]]


def test_a_foreign_exception_of_a_users_function_ends_the_run(tmp_path: object) -> None:
    host = PlainHost()
    session = file_session(f"{tmp_path}/t.db", host)
    root = make_table(session, {})

    def broken(arguments: object) -> object:
        raise ZeroDivisionError

    host.scalars["broken"] = broken
    text = (
        f"Transaction 0 1\nOpenWrite 0 {root} 0 1\nInteger 1 1\nMakeRecord 1 1 2\n"
        "Insert 0 2 1\nFunction 0 1 3 $f 0\nHalt"
    )
    with pytest.raises(ZeroDivisionError):
        run(session, text, {"f": FunctionReference("broken", 0)})
    assert session.running == [] and session.database(0).transaction_state == 0
    assert scan(session, root, 1) == []
