"""emit_select: a whole SELECT into a destination.

Must not know: what the destination does with the rows.
"""

from __future__ import annotations

from keelback_core.compiler.bind.exists_join import join_exists
from keelback_core.compiler.bind.union_flatten import split_select
from keelback_core.compiler.catalog.actions import ACTION_SELECT
from keelback_core.compiler.emit.compound import emit_compound
from keelback_core.compiler.emit.limit import emit_limit
from keelback_core.compiler.emit.recursion import emit_recursive
from keelback_core.compiler.emit.select_core import authorize_core, emit_core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.nodes import BoundSelect
    from keelback_core.compiler.emit.context import EmitContext
    from keelback_core.compiler.emit.destination import Destination


def emit_select(context: EmitContext, select: BoundSelect, destination: Destination) -> None:
    """Emit the SELECT; its rows go to the destination, and control comes out at the end."""
    if context.catalog.authorizer is not None and not select.is_asked:
        select.is_asked = True
        context.catalog.authorize(ACTION_SELECT, None, None, None)
    if select.recursion is not None:
        emit_recursive(context, select, destination)
        return
    if len(select.cores) > 1:
        emit_compound(context, select, destination)
        return
    split = split_select(select)
    if split is not None:
        emit_compound(context, split, destination)
        return
    end_label = context.builder.label()
    if context.catalog.authorizer is not None:
        if select.offset is None:
            join_exists(select.cores[0])
        authorize_core(context, select.cores[0])
    limit = emit_limit(context, select, destination.row_limit, end_label)
    emit_core(context, select.cores[0], select.order_by, limit, destination, end_label)
    context.builder.place(end_label)
