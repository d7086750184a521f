"""Opcodes of the family text: calls of scalar functions.

A user's function (Host) goes before the built-in one of the same name. What a call resolves to is kept for the run.
"""

from __future__ import annotations

from keelback_core.program.opcodes import OP_FUNCTION
from keelback_core.program.program import FunctionReference
from keelback_core.reference.vm.failure import check_length, failure
from keelback_core.reference.vm.functions import FunctionContext, find_scalar
from keelback_core.reference.vm.functions.conditional import nullif
from keelback_core.reference.vm.functions.subtype import JsonText
from keelback_core.reference.vm.pointer_registers import PointerRegisters, copy_mark, given_values, put_given
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR, INTERRUPT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from keelback_core.program.program import Instruction
    from keelback_core.reference.vm.functions.context import ScalarFunction
    from keelback_core.reference.vm.machine import Handler, Machine
    from keelback_core.value import Value


class _BuiltinCall:
    """A built-in function with the surroundings of this call."""

    __slots__ = ("context", "function")

    def __init__(self, function: ScalarFunction, context: FunctionContext) -> None:
        self.function = function
        self.context = context

    def __call__(self, arguments: list[Value]) -> Value:
        return self.function(self.context, arguments)


def call_function(machine: Machine, instruction: Instruction) -> None:
    function = machine.functions.get(id(instruction))
    if function is None:
        function = _resolve(machine, instruction)
    registers = machine.registers
    first = instruction.p2
    if type(registers) is PointerRegisters and type(function) is not _BuiltinCall:
        result = function(given_values(registers, first, instruction.p5))
    else:
        result = function(registers[first : first + instruction.p5])
    if isinstance(result, (str, bytes)):
        check_length(result, machine.host.limit_length)
        if type(result) is JsonText:
            machine.has_subtypes = True
    put_given(machine, instruction.p3, result)
    if type(function) is _BuiltinCall and function.function is nullif:
        # What it hands on it hands on whole.
        copy_mark(registers, first, instruction.p3)
    if machine.host.is_interrupted:
        # A function may have interrupted its own connection.
        raise failure(INTERRUPT)


def _resolve(machine: Machine, instruction: Instruction) -> Callable[[list[Value]], Value]:
    reference = instruction.p4
    assert isinstance(reference, FunctionReference)
    function = machine.host.find_scalar(reference.name, reference.argument_count)
    if function is None:
        builtin = find_scalar(reference.name, reference.argument_count)
        if builtin is None:
            raise SqlError(ERROR, f"no such function: {reference.name}")
        context = FunctionContext(machine.host, machine.collation(reference.collation_name))
        function = _BuiltinCall(builtin, context)
    machine.functions[id(instruction)] = function
    return function


TEXT_HANDLERS: dict[int, Handler] = {
    OP_FUNCTION: call_function,
}
