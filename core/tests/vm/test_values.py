"""Constants, moves, arithmetic, comparisons, logic and functions, the last three against real SQLite."""

from __future__ import annotations

import itertools
from typing import Any

import apsw
import pytest
from keelback_core.program.program import FunctionReference
from keelback_core.value.errors import SqlError
from keelback_core.value.key_info import KeyInfo
from keelback_core.value.result_codes import MISMATCH, TOOBIG
from vm_support import PlainHost, ascending, evaluate, machine_of, memory_session, run

VALUES: list[Any] = [None, 0, 1, -3, 7.5, 1.0, "1", "1.0", " 7.5 ", "abc", "ABC", "", b"abc", b"", 2**62, -(2**63)]
ORACLE = apsw.Connection(":memory:")


def ask(sql: str, *parameters: Any) -> Any:
    return ORACLE.execute(sql, parameters).fetchall()[0][0]


def evaluate_pair(operator: str, left: Any, right: Any) -> Any:
    machine = machine_of(
        memory_session(), f"Variable 1 1\nVariable 2 2\n{operator} 2 1 9\nResultRow 9 1\nHalt", parameters=(None, None)
    )
    machine.parameters = [left, right]
    assert machine.step()
    return machine.row[0]


@pytest.mark.parametrize(
    ("opcode", "operator"),
    [
        ("Add", "+"),
        ("Subtract", "-"),
        ("Multiply", "*"),
        ("Divide", "/"),
        ("Remainder", "%"),
        ("Concat", "||"),
        ("BitAnd", "&"),
        ("BitOr", "|"),
        ("ShiftLeft", "<<"),
        ("ShiftRight", ">>"),
        ("And", "AND"),
        ("Or", "OR"),
    ],
)
def test_operators_give_what_sqlite_gives(opcode: str, operator: str) -> None:
    for left, right in itertools.product(VALUES, VALUES):
        mine = evaluate_pair(opcode, left, right)
        theirs = ask(f"SELECT ? {operator} ?", left, right)
        assert (type(mine), mine) == (type(theirs), theirs), (left, operator, right)


@pytest.mark.parametrize(
    ("opcode", "operator"), [("Eq", "="), ("Ne", "<>"), ("Lt", "<"), ("Le", "<="), ("Gt", ">"), ("Ge", ">=")]
)
@pytest.mark.parametrize(("affinity", "declared"), [("@", None), ("A", "BLOB"), ("B", "TEXT"), ("C", "NUMERIC")])
@pytest.mark.parametrize("collation", ["BINARY", "NOCASE"])
def test_comparisons_give_what_sqlite_gives(
    opcode: str, operator: str, affinity: str, declared: str | None, collation: str
) -> None:
    text = (
        f"Variable 1 1\nVariable 2 2\n{opcode} 2 yes 1 '{collation}' $flags\nInteger 0 9\n"
        f"Goto 0 out\nyes: Integer 1 9\n"
    )
    text += "out: ResultRow 9 1\nHalt"
    machine = machine_of(memory_session(), text, {"flags": ord(affinity)}, parameters=(None, None))
    for left, right in itertools.product(VALUES, VALUES):
        machine.parameters = [left, right]
        assert machine.step()
        # CAST gives the affinity to an expression but also converts; a column only lends its affinity.
        left_sql = "?" if declared is None else "a"
        source = "" if declared is None else " FROM one"
        if declared is not None:
            ORACLE.execute(f"CREATE TEMP TABLE IF NOT EXISTS one(a {declared})")
            ORACLE.execute("DELETE FROM one")
            ORACLE.execute("INSERT INTO one VALUES(?)", (left,))
            stored = ask("SELECT a FROM one")
            machine.reset()
            machine.parameters = [stored, right]
            assert machine.step()
            theirs = ask(f"SELECT a {operator} ? COLLATE {collation}{source}", right)
        else:
            theirs = ask(f"SELECT {left_sql} {operator} ? COLLATE {collation}", left, right)
        assert machine.row[0] == (theirs or 0), (left, operator, right)
        machine.reset()
    if declared is not None:
        ORACLE.execute("DROP TABLE one")


def jumps(opcode: str, left: str, right: str, flags: int) -> Any:
    return evaluate(f"{right}\n{left}\n{opcode} 2 yes 1 - {flags}\nGoto 0 out\nyes: Integer 1 9\nout: Noop")


def test_nulls_jump_by_the_flags() -> None:
    null1, null2, one2, cleared1 = "Null 0 1", "Null 0 2", "Integer 1 2", "Null 1 1"
    assert jumps("Eq", null1, null2, 0) is None
    assert jumps("Eq", null1, null2, 0x80) == 1
    assert jumps("Eq", null1, one2, 0x80) is None
    assert jumps("Ne", null1, one2, 0x80) == 1
    assert jumps("Ne", null1, null2, 0x80) is None
    assert jumps("Eq", null1, one2, 0x10) == 1
    assert jumps("Lt", null1, one2, 0x10) == 1
    assert jumps("Lt", null1, one2, 0) is None
    assert jumps("Ne", cleared1, null2, 0x80) == 1
    assert jumps("Eq", cleared1, null2, 0x80) is None


def test_comparing_leaves_the_registers_alone() -> None:
    text = "String8 0 1 0 '12'\nInteger 12 2\nEq 1 yes 2 - 0x43\nHalt\nyes: ResultRow 1 2\nHalt"
    assert run(memory_session(), text) == [["12", 12]]


def test_else_eq_jumps_if_the_comparison_before_found_equality() -> None:
    text = (
        "Integer {0} 1\nInteger 5 2\nLt 2 less 1\nElseEq 0 equal\nInteger 3 9\nGoto 0 out\n"
        "less: Integer 1 9\nGoto 0 out\n"
    )
    text += "equal: Integer 2 9\nout: Noop"
    assert [evaluate(text.format(value)) for value in (4, 5, 6)] == [1, 2, 3]


def test_compare_and_jump_take_direction_and_permutation_into_account() -> None:
    key = KeyInfo(("BINARY", "NOCASE"), (1, 0), 2)
    text = """
        Integer {0} 1
        String8 0 2 0 '{1}'
        Integer 5 3
        String8 0 4 0 'b'
        Compare 1 3 2 $key
        Jump less equal greater
        less: Integer -1 9
        Goto 0 out
        equal: Integer 0 9
        Goto 0 out
        greater: Integer 1 9
        out: Noop
    """
    cases = {(4, "b"): 1, (6, "b"): -1, (5, "a"): -1, (5, "B"): 0, (5, "C"): 1}
    for (number, word), expected in cases.items():
        assert evaluate(text.format(number, word), {"key": key}) == expected
    permuted = "Integer 1 1\nInteger 9 2\nInteger 2 3\nInteger 8 4\nPermutation 0 0 0 $order\nCompare 1 3 2 $key 1\n"
    permuted += "Jump less less greater\nless: Integer -1 9\nGoto 0 out\ngreater: Integer 1 9\nout: Noop"
    assert evaluate(permuted, {"key": ascending(2), "order": (1, 0)}) == 1
    assert evaluate(permuted, {"key": ascending(2), "order": (0, 1)}) == -1


def test_truth_tests_give_what_sqlite_gives() -> None:
    forms = {"IS TRUE": (0, 0), "IS FALSE": (1, 1), "IS NOT TRUE": (0, 1), "IS NOT FALSE": (1, 0)}
    for value in VALUES:
        for form, (for_null, flip) in forms.items():
            machine = machine_of(
                memory_session(), f"Variable 1 1\nIsTrue 1 2 {for_null} {flip}\nResultRow 2 1\nHalt", parameters=(None,)
            )
            machine.parameters = [value]
            assert machine.step()
            assert machine.row[0] == ask(f"SELECT ? {form}", value), (value, form)


@pytest.mark.parametrize(("constant", "if_jumps", "if_not_jumps"), [("Integer 1 1", 1, 0), ("Integer 0 1", 0, 1)])
def test_if_and_if_not(constant: str, if_jumps: int, if_not_jumps: int) -> None:
    text = "{0}\nInteger 0 9\n{1} 1 yes\nGoto 0 out\nyes: Integer 1 9\nout: Noop"
    assert evaluate(text.format(constant, "If")) == if_jumps
    assert evaluate(text.format(constant, "IfNot")) == if_not_jumps


def test_null_tests_jump_and_p3_decides_for_null() -> None:
    text = "{0}\nInteger 0 9\n{1} 1 yes {2}\nGoto 0 out\nyes: Integer 1 9\nout: Noop"
    for opcode in ("If", "IfNot"):
        assert evaluate(text.format("Null 0 1", opcode, 1)) == 1
        assert evaluate(text.format("Null 0 1", opcode, 0)) == 0
    for constant, is_null in (("Null 0 1", 1), ("Null 1 1", 1), ("Integer 3 1", 0)):
        assert evaluate(text.format(constant, "IsNull", 0)) == is_null
        assert evaluate(text.format(constant, "NotNull", 0)) == 1 - is_null


def test_counters_of_limit_and_offset() -> None:
    text = "Integer {1} 1\n{0} 1 yes {2}\nInteger 0 8\nGoto 0 out\nyes: Integer 1 8\nout: Copy 1 9"
    program = text + "\nResultRow 8 2\nHalt"
    cases = [
        ("IfPos", 3, 2, [1, 1]),
        ("IfPos", 0, 2, [0, 0]),
        ("IfPos", -1, 2, [0, -1]),
        ("IfNotZero", 3, 0, [1, 2]),
        ("IfNotZero", -3, 0, [1, -3]),
        ("IfNotZero", 0, 0, [0, 0]),
        ("DecrJumpZero", 1, 0, [1, 0]),
        ("DecrJumpZero", 2, 0, [0, 1]),
    ]
    for opcode, start, amount, expected in cases:
        assert run(memory_session(), program.format(opcode, start, amount)) == [expected]
    offset = "Int64 0 1 0 $limit\nInteger {0} 2\nOffsetLimit 1 9 2"
    assert evaluate(offset.format(5), {"limit": 10}) == 15
    assert evaluate(offset.format(-5), {"limit": 10}) == 10
    assert evaluate(offset.format(5), {"limit": -1}) == -1
    assert evaluate(offset.format(5), {"limit": 2**63 - 1}) == -1


def test_constants_and_moves() -> None:
    text = """
        Integer 1 1
        Int64 0 2 0 $big
        Real 0 3 0 $real
        String8 0 4 0 'text'
        Blob 0 5 0 $blob
        Null 0 6 8
        SCopy 1 9
        IntCopy 1 10
        Copy 1 11 1
        Move 1 21 5
        SoftNull 9
        ResultRow 1 30
        Halt
    """
    row = run(memory_session(), text, {"big": 2**60, "real": 1.5, "blob": b"\0"})[0]
    expected = [None] * 9 + [1, 1, 2**60] + [None] * 8 + [1, 2**60, 1.5, "text", b"\0"] + [None] * 5
    assert row == expected


def test_conversions_of_one_register() -> None:
    assert evaluate("Integer 3 9\nRealAffinity 9") == 3.0
    assert isinstance(evaluate("Integer 3 9\nRealAffinity 9"), float)
    assert evaluate("String8 0 9 0 '12x'\nCast 9 0x44") == 12
    assert evaluate("Integer 12 1\nBitNot 1 9") == -13
    assert evaluate("Int64 0 9 0 $n\nAddImm 9 1", {"n": 2**63 - 1}) == -(2**63)
    assert evaluate("Null 0 1\nNot 1 9") is None
    assert evaluate("Integer 1 1\nZeroOrNull 1 9 1") == 0
    assert evaluate("Integer 1 1\nZeroOrNull 1 9 2") is None


def test_must_be_int_converts_without_loss_or_jumps_or_fails() -> None:
    assert evaluate("String8 0 9 0 '12'\nMustBeInt 9 0") == 12
    assert evaluate("Real 0 9 0 $r\nMustBeInt 9 0", {"r": 12.0}) == 12
    assert evaluate("Real 0 1 0 $r\nMustBeInt 1 no\nGoto 0 out\nno: Integer 1 9\nout: Noop", {"r": 1.5}) == 1
    for value in (1.5, b"1", "x", None):
        with pytest.raises(SqlError) as caught:
            evaluate("Blob 0 9 0 $r\nMustBeInt 9 0", {"r": value})
        assert (caught.value.code, caught.value.message) == (MISMATCH, "datatype mismatch")


def test_functions_are_the_users_before_the_built_in() -> None:
    host = PlainHost()
    session = memory_session(host)
    text = "Integer -5 1\nFunction 0 1 9 $call 1"
    values = {"call": FunctionReference("abs", 1)}
    assert evaluate(text, values, session=session) == 5
    host.scalars["abs"] = lambda arguments: f"mine {arguments}"
    assert evaluate(text, values, session=session) == "mine [-5]"


def test_a_function_sees_its_collation() -> None:
    text = "String8 0 1 0 'a'\nString8 0 2 0 'B'\nFunction 0 1 9 $call 2"
    assert evaluate(text, {"call": FunctionReference("max", 2, "BINARY")}) == "a"
    assert evaluate(text, {"call": FunctionReference("max", 2, "NOCASE")}) == "B"


def test_an_unknown_function_is_an_error_not_a_crash() -> None:
    with pytest.raises(SqlError, match="no such function: nonsense"):
        evaluate("Function 0 1 9 $call 0", {"call": FunctionReference("nonsense", 0)})


def test_results_beyond_the_length_limit_are_refused() -> None:
    host = PlainHost()
    host.limit_length = 10
    host.scalars["long"] = lambda arguments: "x" * arguments[0]
    session = memory_session(host)
    values = {"call": FunctionReference("long", 1)}
    assert evaluate("Integer 10 1\nFunction 0 1 9 $call 1", values, session=session) == "x" * 10
    for text in (
        "Integer 11 1\nFunction 0 1 9 $call 1",
        "String8 0 1 0 '123456'\nConcat 1 1 9",
        "Integer 10 1\nFunction 0 1 2 $call 1\nConcat 2 2 9",
    ):
        with pytest.raises(SqlError) as caught:
            evaluate(text, values, session=session)
        assert (caught.value.code, caught.value.message) == (TOOBIG, "string or blob too big")


def test_a_parameter_beyond_the_length_limit_is_refused() -> None:
    host = PlainHost()
    host.limit_length = 3
    machine = machine_of(memory_session(host), "Variable 1 1\nResultRow 1 1\nHalt", parameters=(None,))
    machine.parameters = ["äö"]
    with pytest.raises(SqlError, match="string or blob too big"):
        machine.step()


def test_aggregates_step_and_finish() -> None:
    host = PlainHost()
    session = memory_session(host)
    text = "Integer 4 1\nAggStep 0 1 9 $call 1\nInteger 5 1\nAggStep 0 1 9 $call 1\nAggFinal 9 1 0 $call"
    assert evaluate(text, {"call": FunctionReference("sum", 1)}, session=session) == 9
    assert evaluate("AggFinal 9 1 0 $call", {"call": FunctionReference("sum", 1)}, session=session) is None
    assert evaluate("AggFinal 9 1 0 $call", {"call": FunctionReference("count", 1)}, session=session) == 0

    class Joined:
        def __init__(self) -> None:
            self.seen: list[Any] = []

        def step(self, arguments: list[Any]) -> None:
            self.seen.extend(arguments)

        def final(self) -> Any:
            return repr(self.seen)

    host.aggregates["sum"] = Joined
    assert evaluate(text, {"call": FunctionReference("sum", 1)}, session=session) == "[4, 5]"


def test_row_sets_sort_and_remember() -> None:
    text = """
        Integer 5 1
        RowSetAdd 10 1
        Integer -2 1
        RowSetAdd 10 1
        Integer 5 1
        RowSetAdd 10 1
        loop: RowSetRead 10 end 2
        ResultRow 2 1
        Goto 0 loop
        end: RowSetTest 11 bad 1
        RowSetTest 11 good 1
        bad: Halt
        good: ResultRow 1 1
        Halt
    """
    assert run(memory_session(), text) == [[-2], [5], [5]]


def test_mem_max_keeps_the_larger() -> None:
    assert evaluate("Integer 4 9\nInteger 7 1\nMemMax 9 1") == 7
    assert evaluate("Integer 9 9\nInteger 7 1\nMemMax 9 1") == 9
