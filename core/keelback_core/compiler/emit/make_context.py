"""make_emit_context: an EmitContext with every emitter in its tables.

The tables are here, above all emitters, so that no emitter needs to import the one that emits its parts.
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
    from typing import Final

    from keelback_core.compiler.catalog.catalog import Catalog
    from keelback_core.compiler.emit.context import Emitter, Jumper

EMITTERS: Final[dict[type, Emitter]] = {
    BoundColumn: emit_column,
    BoundFixed: emit_fixed,
    BoundAggregate: emit_aggregate,
    BoundWindow: emit_window,
    BoundUnary: emit_unary,
    BoundBinary: emit_binary,
    BoundIsNull: emit_is_null,
    BoundIsTruth: emit_is_truth,
    BoundBetween: emit_between,
    BoundIn: emit_in,
    BoundExists: emit_exists,
    BoundField: emit_field,
    BoundSubquery: emit_subquery,
    BoundCase: emit_case,
    BoundCast: emit_cast,
    BoundFunction: emit_function,
    BoundRaise: emit_raise,
}

JUMPERS: Final[dict[type, Jumper]] = {
    BoundUnary: jump_unary,
    BoundBinary: jump_binary,
    BoundIsNull: jump_is_null,
    BoundIsTruth: jump_is_truth,
    BoundBetween: jump_between,
    BoundIn: jump_in,
}


def make_emit_context(catalog: Catalog) -> EmitContext:
    """A context for one Program."""
    return EmitContext(catalog, EMITTERS, JUMPERS, emit_select)
