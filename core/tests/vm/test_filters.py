"""Bloom filters through the opcodes: no key that was added is ever missed, under any way of comparing equal."""

from __future__ import annotations

from typing import Any

import pytest
from vm_support import machine_of, memory_session

ASKING = """
    Variable 1 5
    FilterAdd 3 {size} 5 1
    Variable 2 5
    Filter 3 missing 5 1
    Integer 1 6
    Goto 0 out
    missing: Integer 0 6
    out: ResultRow 6 1
    Halt
"""


def may_hold(added: Any, asked: Any, size: int = 10000) -> bool:
    """Whether a filter to which `added` was added lets `asked` pass."""
    machine = machine_of(memory_session(), ASKING.format(size=size), {}, parameters=(None, None))
    machine.parameters = [added, asked]
    assert machine.step()
    return bool(machine.row[0])


@pytest.mark.parametrize(
    ("added", "asked"),
    [
        (5, 5),
        (5, 5.0),
        (-1, -1.0),
        ("a", "A"),
        ("a", "a "),
        (b"x", b"y"),
        (None, None),
        (2**63 - 1, 9.3e18),
        (-(2**63), -9.3e18),
        (2**53, 2.0**53),
    ],
)
def test_what_may_compare_equal_passes(added: Any, asked: Any) -> None:
    assert may_hold(added, asked)
    assert may_hold(asked, added)


@pytest.mark.parametrize(("added", "asked"), [(5, 6), (5, "a"), ("a", b"a"), (1, 2.5)])
def test_what_is_surely_not_there_is_held_back(added: Any, asked: Any) -> None:
    assert not may_hold(added, asked)


def test_a_small_filter_lets_more_pass() -> None:
    assert may_hold(5, 13, size=1)
    assert not may_hold(5, 13, size=2)


def test_nothing_is_in_a_filter_that_was_never_filled() -> None:
    text = """
        Integer 1 5
        Filter 3 missing 5 1
        ResultRow 5 1
        missing: Halt
    """
    assert not machine_of(memory_session(), text, {}).step()
