"""Emission of scalar function calls.

1. coalesce, ifnull, iif and if compute only the arguments they need.
2. A call whose arguments are all constant is computed once, when it is first reached; one that cannot fail either has
   been computed before the first row (dispatch.py), so that loops need not ask.

Must not know: statements, plans, what a function does.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundColumn
from keelback_core.compiler.bind.types import expression_collation
from keelback_core.compiler.bind.walk import is_constant
from keelback_core.compiler.emit.dispatch import emit_expression, emit_jump
from keelback_core.compiler.emit.subtypes import emit_arguments
from keelback_core.program.opcodes import OP_CAST, OP_COPY, OP_FUNCTION, OP_GOTO, OP_NOT_NULL, OP_NULL, OP_ONCE
from keelback_core.program.program import MODULE_FUNCTION_MARK, FunctionReference
from keelback_core.value.affinity import BLOB

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.nodes import BoundExpression, BoundFunction
    from keelback_core.compiler.emit.context import EmitContext


def emit_function(context: EmitContext, e: BoundFunction, target: int) -> None:
    """A scalar function call."""
    name = e.signature.name.lower()
    if name in ("coalesce", "ifnull") and len(e.arguments) >= 2:
        _emit_coalesce(context, e, target)
    elif name in ("iif", "if") and len(e.arguments) >= 2:
        _emit_iif(context, e, target)
    elif context.loop_depth > 0 and is_constant(e):
        _emit_once(context, e, target)
    else:
        _emit_call(context, e, target)


def _emit_once(context: EmitContext, e: BoundFunction, target: int) -> None:
    """Compute the call the first time only; its value stays in a register of its own."""
    builder = context.builder
    kept = builder.register()
    known = builder.label()
    builder.emit(OP_ONCE, 0, known)
    depth = context.loop_depth
    context.loop_depth = 0
    _emit_call(context, e, kept)
    context.loop_depth = depth
    builder.place(known)
    _copy(context, kept, target)


def _copy(context: EmitContext, source: int, target: int) -> None:
    context.builder.emit(OP_COPY, source, target)


def _emit_call(context: EmitContext, e: BoundFunction, target: int) -> None:
    builder = context.builder
    count = len(e.arguments)
    first = builder.registers(count) if count else 0
    emit_arguments(context, e.signature.name, e.arguments, first)
    if e.signature.is_built_in and e.signature.name in ("hex", "octet_length"):
        # These look at the bytes of a text.
        encoding = context.catalog.text_encoding
        if encoding > 1:
            only_text = 4 if e.signature.name == "hex" else 0
            builder.emit(OP_CAST, first, ord(BLOB), 0, None, encoding | only_text)
    constant_mask = 0
    for position, argument in enumerate(e.arguments[:31]):
        if is_constant(argument):
            constant_mask |= 1 << position
    collation = call_collation(context, e.arguments, e.signature.needs_collation)
    name = e.signature.name
    own = _own_function(e)
    if own:
        name = MODULE_FUNCTION_MARK + str(own)
    elif e.signature.pure_place:
        name = f"{name} in {e.signature.pure_place}"
    reference = FunctionReference(name, count, collation)
    builder.emit(OP_FUNCTION, constant_mask, first, target, reference, count)


def _own_function(e: BoundFunction) -> int:
    """The number of the function that a virtual table has for calls on its columns, 0 if there is none."""
    if not e.arguments:
        return 0
    column = e.arguments[1] if e.is_infix and len(e.arguments) > 1 else e.arguments[0]
    if not isinstance(column, BoundColumn) or column.source.table is None:
        return 0
    module = column.source.table.module
    return 0 if module is None else module.find_function(e.signature.name, len(e.arguments))[1]


def call_collation(context: EmitContext, arguments: tuple[BoundExpression, ...], is_needed: bool) -> str:
    """The collation a function compares by: of its first argument that has one."""
    if is_needed:
        for argument in arguments:
            name = expression_collation(argument)[0]
            if name is not None:
                return context.collation(name)
    return "BINARY"


def _emit_coalesce(context: EmitContext, e: BoundFunction, target: int) -> None:
    builder = context.builder
    done = builder.label()
    for argument in e.arguments[:-1]:
        emit_expression(context, argument, target)
        builder.emit(OP_NOT_NULL, target, done)
    emit_expression(context, e.arguments[-1], target)
    builder.place(done)


def _emit_iif(context: EmitContext, e: BoundFunction, target: int) -> None:
    """iif(condition, value, condition, value, ..., otherwise)."""
    builder = context.builder
    done = builder.label()
    arguments = e.arguments
    position = 0
    while position + 1 < len(arguments):
        following = builder.label()
        emit_jump(context, arguments[position], following, False, True)
        emit_expression(context, arguments[position + 1], target)
        builder.emit(OP_GOTO, 0, done)
        builder.place(following)
        position += 2
    if position < len(arguments):
        emit_expression(context, arguments[position], target)
    else:
        builder.emit(OP_NULL, 0, target)
    builder.place(done)
