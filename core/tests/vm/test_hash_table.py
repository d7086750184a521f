"""Hash tables of joins through the opcodes."""

from __future__ import annotations

from typing import Any

import pytest
from keelback_core.value.key_info import KeyInfo
from vm_support import machine_of, memory_session

# Rows of a key and two more columns are added; then every row of one key comes out.
ROW = """
    Variable {first} 1
    Variable {second} 2
    Variable {third} 3
    HashInsert 0 0 1 3
"""
FINDING = """
    HashOpen 0 3 1 $key
    {rows}
    Variable {wanted} 5
    HashFind 0 end 5 1
    loop: Column 0 0 6
    Column 0 1 7
    Column 0 2 8
    ResultRow 6 3
    HashNext 0 loop
    NullRow 0
    Column 0 1 7
    ResultRow 7 1
    end: Halt
"""


def rows_of(rows: list[tuple[Any, Any, Any]], wanted: Any, names: tuple[str, ...]) -> list[list[Any]]:
    """The rows that have the key, and NULL from the row of NULLs behind them."""
    text = ""
    for number in range(len(rows)):
        text += ROW.format(first=3 * number + 1, second=3 * number + 2, third=3 * number + 3)
    parameters = [value for row in rows for value in row] + [wanted]
    text = FINDING.format(rows=text, wanted=len(parameters))
    key = {"key": KeyInfo(names, (0,) * len(names), 3)}
    machine = machine_of(memory_session(), text, key, parameters=tuple(None for _ in parameters))
    machine.parameters = parameters
    found = []
    while machine.step():
        found.append(list(machine.row))
    return found


ROWS = [
    (1, "b", 1),
    (1.0, "a", 2),
    ("1", "a", 3),
    (1, "a", 4),
    (None, "a", 5),
    ("x", None, 6),
    ("X", 2, 7),
    (b"x", 0, 8),
]


@pytest.mark.parametrize(
    ("wanted", "names", "expected"),
    [
        (1, ("BINARY",), [1, 2, 4]),
        (1.0, ("BINARY", "BINARY"), [2, 4, 1]),
        (1, ("BINARY", "BINARY", "BINARY"), [2, 4, 1]),
        ("1", ("BINARY",), [3]),
        (None, ("BINARY",), []),
        ("x", ("NOCASE", "BINARY"), [6, 7]),
        ("X", ("BINARY",), [7]),
        (b"x", ("NOCASE",), [8]),
        (2, ("BINARY",), []),
    ],
)
def test_the_rows_of_a_key_come_in_the_order_of_the_key_info_and_then_as_they_were_added(
    wanted: Any, names: tuple[str, ...], expected: list[int]
) -> None:
    found = rows_of(ROWS, wanted, names)
    assert [row[-1] for row in found] == (expected + [None] if expected else [])


def test_integers_beyond_doubles_are_keys_of_their_own() -> None:
    rows = [(2**53, 0, 1), (2.0**53, 0, 2), (2**53 + 1, 0, 3), (2.5, 0, 4), (1e300, 0, 5), (-0.0, 0, 6)]
    assert [row[-1] for row in rows_of(rows, 2**53, ("BINARY",))] == [1, 2, None]
    assert [row[-1] for row in rows_of(rows, 2**53 + 1, ("BINARY",))] == [3, None]
    assert [row[-1] for row in rows_of(rows, 1e300, ("BINARY",))] == [5, None]
    assert [row[-1] for row in rows_of(rows, 0, ("BINARY",))] == [6, None]
