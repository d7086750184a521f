"""PointerRegisters: registers some of which hold a NULL that carries a pointer of the C API.

1. A register reads as None; `marks` has its pointer until anything is written to it.
2. A machine has a plain list until the first such NULL is put into a register (`put_given`): none of the opcodes that
   know nothing of pointers pays for them.
3. What moves values between registers (`copy_mark`) and what calls the user (`given_values`) look at the marks. Rows,
   records, keys and all else read None.

Twin: Value::pointer_number in core/kernel/value/value.hpp.
"""

from __future__ import annotations

from keelback_core.value.pointer import PointerNull

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from keelback_core.reference.vm.machine import Machine


class PointerRegisters(list):  # type: ignore[type-arg]
    """See the module. marks: by number of the register."""

    __slots__ = ("marks",)

    def __init__(self, registers: list[Any]) -> None:
        super().__init__(registers)
        self.marks: dict[int, PointerNull] = {}

    def __setitem__(self, place: Any, value: Any) -> None:
        if isinstance(place, slice):
            for register in range(*place.indices(len(self))):
                self.marks.pop(register, None)
        else:
            self.marks.pop(place, None)
        super().__setitem__(place, value)


def put_given(machine: Machine, register: int, value: Any) -> None:
    """Put a value that came from the user into a register."""
    if type(value) is not PointerNull:
        machine.registers[register] = value
        return
    registers = machine.registers
    if type(registers) is not PointerRegisters:
        registers = machine.registers = PointerRegisters(registers)
    registers[register] = None
    registers.marks[register] = value


def copy_mark(registers: list[Any], source: int, target: int) -> None:
    """What a register carries beside the value that was just copied."""
    if type(registers) is PointerRegisters and source in registers.marks:
        registers.marks[target] = registers.marks[source]


def given_values(registers: list[Any], first: int, count: int) -> list[Any]:
    """The values of registers as the user is given them."""
    values = registers[first : first + count]
    if type(registers) is PointerRegisters:
        for place in range(count):
            if first + place in registers.marks:
                values[place] = registers.marks[first + place]
    return values
