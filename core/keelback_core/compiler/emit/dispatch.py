"""The one door to the emitters of expressions: value into a register, or jump on truth.

1. With no target (0) the register given back may be a constant or a source's own register: read it, never write it.
2. A jump form is used where the context has one for the type of node; any other expression is computed and tested.

Must not know: what a node means.
"""

from __future__ import annotations

from keelback_core.compiler.bind.harmless_calls import is_early_call
from keelback_core.compiler.bind.nodes import (
    BoundAggregate,
    BoundAlias,
    BoundCollate,
    BoundColumn,
    BoundFixed,
    BoundFunction,
    BoundLiteral,
    BoundParameter,
    BoundSubquery,
    BoundWindow,
)
from keelback_core.compiler.bind.types import is_likeliness_call
from keelback_core.compiler.bind.walk import children, equal_expressions
from keelback_core.compiler.catalog.model import ROWID
from keelback_core.compiler.emit.context import SourceReading
from keelback_core.program.opcodes import OP_COLUMN, OP_COPY, OP_IF, OP_IF_NOT
from keelback_core.program.program import COPY_CLEARS_SUBTYPE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from keelback_core.compiler.bind.nodes import BoundExpression
    from keelback_core.compiler.emit.context import EmitContext


def without_wrappers(e: BoundExpression) -> BoundExpression:
    """The expression inside COLLATE, likely() and aliases, which have no code of their own."""
    while True:
        if isinstance(e, BoundCollate):
            e = e.operand
        elif isinstance(e, BoundAlias) and not isinstance(e, BoundFixed):
            e = e.expression
        elif is_likeliness_call(e):
            e = children(e)[0]
        else:
            return e


def known_register(context: EmitContext, e: BoundExpression) -> int:
    """The register that holds the value already, 0 if it must be computed."""
    if isinstance(e, BoundLiteral):
        return context.literal(e)
    if isinstance(e, BoundParameter):
        return context.parameter(e.index)
    if isinstance(e, BoundColumn):
        source = e.source
        if source.shown is not None:
            register = source.shown.get(e.column, 0)
            if register:
                return register
        reading = source.reading
        if isinstance(reading, SourceReading) and reading.first_register:
            return reading.rowid_register if e.column == ROWID else reading.first_register + e.column
        return 0
    if isinstance(e, BoundAggregate):
        return context.aggregate_registers.get(e, 0)
    if isinstance(e, BoundWindow):
        return context.window_registers.get(e, 0)
    if isinstance(e, BoundFunction) and context.loop_depth > 0 and is_early_call(e):
        return _early_register(context, e)
    return 0


def _early_register(context: EmitContext, e: BoundFunction) -> int:
    """The register of a call that is made in the initial part of the program, which has no jumps."""
    if context.early_calls is None:
        context.early_calls = {}
    if context.early_instructions is None:
        context.early_instructions = []
    register = context.early_calls.get(e)
    if register is None:
        builder = context.builder
        register = context.early_calls[e] = builder.register()
        here, depth = builder.instructions, context.loop_depth
        builder.instructions, context.loop_depth = context.early_instructions, 0
        context.emit_node(e, register)
        builder.instructions, context.loop_depth = here, depth
    return register


def emit_expression(context: EmitContext, e: BoundExpression, target: int = 0) -> int:
    """Compute `e`; the register that holds it: `target` if one is given."""
    if context.subtype_readers and _comes_from_a_query(e):
        return _emit_without_subtype(context, e, target)
    if not isinstance(e, (BoundColumn, BoundLiteral, BoundParameter)):
        e = without_wrappers(e)
    register = known_register(context, e)
    if register == 0:
        if target == 0:
            target = context.builder.register()
        if context.index_expressions and _emit_indexed(context, e, target):
            return target
        context.emit_node(e, target)
        return target
    if target == 0 or target == register:
        return register
    context.builder.emit(OP_COPY, register, target)
    return target


def _comes_from_a_query(e: BoundExpression) -> bool:
    while isinstance(e, BoundCollate):
        e = e.operand
    if isinstance(e, BoundColumn):
        return e.source.select is not None
    return isinstance(e, (BoundAlias, BoundSubquery))


def _emit_without_subtype(context: EmitContext, e: BoundExpression, target: int) -> int:
    """Compute what another query made; subtypes end there."""
    if target == 0:
        target = context.builder.register()
    readers, context.subtype_readers = context.subtype_readers, 0
    emit_expression(context, e, target)
    context.subtype_readers = readers
    context.builder.emit(OP_COPY, target, target, 0, None, COPY_CLEARS_SUBTYPE)
    return target


def _is_indexed(context: EmitContext, e: BoundExpression) -> bool:
    known = context.index_expressions or ()
    return any(type(one[0]) is type(e) and equal_expressions(one[0], e) for one in known)


def _emit_indexed(context: EmitContext, e: BoundExpression, target: int) -> bool:
    """Read the expression from an index that has it, if one is at hand."""
    for expression, _, cursor, place in context.index_expressions or ():
        if type(expression) is type(e) and equal_expressions(expression, e):
            context.builder.emit(OP_COLUMN, cursor, place, target)
            return True
    return False


def emit_expressions(context: EmitContext, items: Sequence[BoundExpression], first_register: int) -> None:
    """Compute the expressions into consecutive registers."""
    # mypyc reads the items of a list or a tuple without asking what it is.
    if isinstance(items, list):
        for item in items:
            emit_expression(context, item, first_register)
            first_register += 1
    else:
        assert isinstance(items, tuple)
        for item in items:
            emit_expression(context, item, first_register)
            first_register += 1


def emit_jump(context: EmitContext, e: BoundExpression, label: int, when: bool, null_jumps: bool) -> None:
    """Jump to `label` if the truth of `e` is `when`; if it is NULL, only if `null_jumps`."""
    e = without_wrappers(e)
    is_indexed = bool(context.index_expressions) and _is_indexed(context, e)
    if not is_indexed and context.jump_node(e, label, when, null_jumps):
        return
    register = emit_expression(context, e)
    context.builder.emit(OP_IF if when else OP_IF_NOT, register, label, 1 if null_jumps else 0)


def emit_jump_if_true(context: EmitContext, e: BoundExpression, label: int, null_jumps: bool) -> None:
    """Jump to `label` if `e` is true, and if it is NULL when `null_jumps`."""
    emit_jump(context, e, label, True, null_jumps)


def emit_jump_if_false(context: EmitContext, e: BoundExpression, label: int, null_jumps: bool) -> None:
    """Jump to `label` if `e` is false, and if it is NULL when `null_jumps`."""
    emit_jump(context, e, label, False, null_jumps)
