"""PointerNull: the NULL of a program that carries a pointer of the C API (sqlite3_bind_pointer), by its number.

To SQL it is NULL: registers hold None, and beside it that number (reference/vm/pointer_registers.py). It crosses the
border to libkeelback.so and reaches functions and virtual tables of the user, nobody else.

Twin: Value::of_pointer in core/kernel/value/value.hpp.
"""

from __future__ import annotations


class PointerNull:
    """number: under which the C API keeps the pointer."""

    __slots__ = ("number",)

    def __init__(self, number: int) -> None:
        self.number = number
