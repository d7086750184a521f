"""FullContext: an EmitContext that knows every emitter of expressions.

It stands above all emitters, so that no emitter needs to import the one that emits its parts. What is met most is asked
for first.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import (
    BoundAggregate,
    BoundBetween,
    BoundBinary,
    BoundCase,
    BoundCast,
    BoundColumn,
    BoundExists,
    BoundField,
    BoundFixed,
    BoundFunction,
    BoundIn,
    BoundIsNull,
    BoundIsTruth,
    BoundRaise,
    BoundSubquery,
    BoundUnary,
    BoundWindow,
)
from keelback_core.compiler.emit.calls import emit_function
from keelback_core.compiler.emit.column import emit_aggregate, emit_column, emit_fixed, emit_window
from keelback_core.compiler.emit.comparison import (
    emit_between,
    emit_is_null,
    jump_between,
    jump_is_null,
    jump_is_truth,
)
from keelback_core.compiler.emit.context import EmitContext
from keelback_core.compiler.emit.membership import emit_in, jump_in
from keelback_core.compiler.emit.operators import (
    emit_binary,
    emit_case,
    emit_cast,
    emit_is_truth,
    emit_unary,
    jump_binary,
    jump_unary,
)
from keelback_core.compiler.emit.raise_error import emit_raise
from keelback_core.compiler.emit.select import emit_select
from keelback_core.compiler.emit.subquery import emit_exists, emit_field, emit_subquery

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSelect
    from keelback_core.compiler.emit.destination import Destination


class FullContext(EmitContext):
    """See the module."""

    __slots__ = ()

    def emit_node(self, e: BoundExpression, target: int) -> None:
        if isinstance(e, BoundColumn):
            emit_column(self, e, target)
        elif isinstance(e, BoundBinary):
            emit_binary(self, e, target)
        elif isinstance(e, BoundFunction):
            emit_function(self, e, target)
        elif isinstance(e, BoundUnary):
            emit_unary(self, e, target)
        elif isinstance(e, BoundCase):
            emit_case(self, e, target)
        elif isinstance(e, BoundCast):
            emit_cast(self, e, target)
        elif isinstance(e, BoundSubquery):
            emit_subquery(self, e, target)
        elif isinstance(e, BoundIn):
            emit_in(self, e, target)
        elif isinstance(e, BoundIsNull):
            emit_is_null(self, e, target)
        elif isinstance(e, BoundBetween):
            emit_between(self, e, target)
        elif isinstance(e, BoundExists):
            emit_exists(self, e, target)
        elif isinstance(e, BoundField):
            emit_field(self, e, target)
        elif isinstance(e, BoundFixed):
            emit_fixed(self, e, target)
        elif isinstance(e, BoundIsTruth):
            emit_is_truth(self, e, target)
        elif isinstance(e, BoundAggregate):
            emit_aggregate(self, e, target)
        elif isinstance(e, BoundWindow):
            emit_window(self, e, target)
        elif isinstance(e, BoundRaise):
            emit_raise(self, e, target)
        else:
            raise AssertionError(f"no emitter for {type(e).__name__}")

    def jump_node(self, e: BoundExpression, label: int, when: bool, null_jumps: bool) -> bool:
        if isinstance(e, BoundBinary):
            jump_binary(self, e, label, when, null_jumps)
        elif isinstance(e, BoundIsNull):
            jump_is_null(self, e, label, when, null_jumps)
        elif isinstance(e, BoundIn):
            jump_in(self, e, label, when, null_jumps)
        elif isinstance(e, BoundBetween):
            jump_between(self, e, label, when, null_jumps)
        elif isinstance(e, BoundUnary):
            jump_unary(self, e, label, when, null_jumps)
        elif isinstance(e, BoundIsTruth):
            jump_is_truth(self, e, label, when, null_jumps)
        else:
            return False
        return True

    def emit_select(self, select: BoundSelect, destination: Destination) -> None:
        emit_select(self, select, destination)
