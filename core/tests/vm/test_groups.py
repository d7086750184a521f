"""Tables of groups through the opcodes."""

from __future__ import annotations

from typing import Any

import pytest
from keelback_core.value.key_info import KeyInfo
from vm_support import machine_of, memory_session, run

# Groups the parameters by value; a group counts its rows in r[11].
COUNTING = """
    GroupOpen 0 11 1 $key
    {rows}
    GroupSort 0 end
    loop: ResultRow 11 1
    GroupNext 0 loop
    end: Halt
"""
ROW = """
    Variable {number} 5
    GroupFind 0 known{number} 5 1
    Integer 0 11
    known{number}: AddImm 11 1
"""


def counts(values: list[Any], collation: str = "BINARY", flags: int = 0) -> list[list[Any]]:
    """The number of rows of each group, as the groups leave."""
    rows = "".join(ROW.format(number=number) for number in range(1, len(values) + 1))
    text = COUNTING.format(rows=rows)
    key = {"key": KeyInfo((collation,), (flags,), 1)}
    machine = machine_of(memory_session(), text, key, parameters=tuple(None for _ in values))
    machine.parameters = list(values)
    found = []
    while machine.step():
        found.append(list(machine.row))
    return found


@pytest.mark.parametrize(
    ("values", "collation", "flags", "expected"),
    [
        ([3, 1, 3.0, None, 3], "BINARY", 0, [1, 1, 3]),
        ([3, 1, 3.0, None, 3], "BINARY", 1, [3, 1, 1]),
        (["a", "A", "b", b"a", 5], "NOCASE", 0, [1, 2, 1, 1]),
        (["a ", "a", "a  b"], "RTRIM", 0, [2, 1]),
        ([2**53, 2.0**53, 2**53 + 1], "BINARY", 0, [2, 1]),
        ([], "BINARY", 0, []),
    ],
)
def test_what_compares_equal_is_one_group_and_groups_leave_in_order(
    values: list[Any], collation: str, flags: int, expected: list[int]
) -> None:
    assert counts(values, collation, flags) == [[count] for count in expected]


def test_a_new_group_begins_with_nulls_and_a_known_one_with_what_it_had() -> None:
    text = """
        GroupOpen 0 11 2 $key
        Integer 7 5
        GroupFind 0 wrong 5 1
        Integer 70 11
        Integer 8 5
        GroupFind 0 wrong 5 1
        Copy 11 1 1
        Integer 80 12
        Integer 7 5
        GroupFind 0 known 5 1
        wrong: Halt
        known: Copy 11 3 1
        ResultRow 1 4
        Halt
    """
    assert run(memory_session(), text, {"key": KeyInfo(("BINARY",), (0,), 1)}) == [[None, None, 70, None]]


def test_where_there_is_room_no_row_is_deferred() -> None:
    text = """
        GroupOpen 0 11 1 $key
        Integer 7 5
        GroupFind 0 known 5 1
        GroupRoom 0 room
        MakeRecord 5 1 6
        GroupDefer 0 6
        Goto 0 next
        room: Integer 0 11
        known: AddImm 11 1
        next: GroupSort 0 end
        loop: GroupRow 0 out
        Column 0 0 5
        AddImm 11 100
        Goto 0 loop
        out: ResultRow 11 1
        GroupNext 0 loop
        end: Halt
    """
    assert run(memory_session(), text, {"key": KeyInfo(("BINARY",), (0,), 1)}) == [[1]]


def test_rows_that_come_one_by_one_are_not_taken_at_once() -> None:
    text = """
        OpenEphemeral 0 1
        Integer 7 1
        MakeRecord 1 1 2
        NewRowid 0 3
        Insert 0 2 3
        NewRowid 0 3
        Insert 0 2 3
        Integer 0 4
        Rewind 0 end
        loop: GroupTake 0 next
        AddImm 4 1
        next: Next 0 loop
        end: ResultRow 4 1
        Halt
    """
    assert run(memory_session(), text, {}) == [[2]]
