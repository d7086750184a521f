"""What makes a source of FROM ready for its loop: open a table or index, start a co-routine, materialise a subquery.

1. A subquery that is read once, by the outermost loop or into an automatic index, is a co-routine where SQLite makes
   it one; others are materialised, once if they read nothing from outside.
2. A source whose rows may be visited twice (RIGHT and FULL JOIN) is always read through a cursor with rowids.

Must not know: how the rows are visited.
"""

from __future__ import annotations

from keelback_core.compiler.bind.types import bare
from keelback_core.compiler.catalog.virtual import virtual_key
from keelback_core.compiler.emit.column import subquery_is_real
from keelback_core.compiler.emit.destination import CoroutineOutput, TableOutput
from keelback_core.compiler.emit.row_key import index_key_info, open_table_cursor
from keelback_core.compiler.plan.describe import is_value_list
from keelback_core.compiler.plan.nodes import PlanAutomaticIndex, PlanIndexSeek, PlanScan, PlanUnion
from keelback_core.program.opcodes import (
    OP_BEGIN_SUBROUTINE,
    OP_END_COROUTINE,
    OP_GOSUB,
    OP_INIT_COROUTINE,
    OP_ONCE,
    OP_OPEN_DUP,
    OP_OPEN_EPHEMERAL,
    OP_OPEN_READ,
    OP_RETURN,
    OP_V_OPEN,
)
from keelback_core.value.key_info import KeyInfo

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.nodes import BoundRecursion, BoundSelect
    from keelback_core.compiler.catalog.model import Index, Table
    from keelback_core.compiler.emit.context import EmitContext
    from keelback_core.compiler.emit.loop_level import LoopLevel
    from keelback_core.compiler.plan.nodes import PlanAccess


def open_source(context: EmitContext, level: LoopLevel, is_outermost: bool, has_right: bool) -> None:
    """Make the source of a level ready, and say in the context how it is read."""
    source = level.source
    if source.recursion is not None:
        _open_recursive_row(context, level, source.recursion)
        return
    if source.select is not None:
        outer = context.catalog.reader
        context.catalog.reader = source.select.reader
        try:
            _open_select(context, level, source.select, is_outermost, has_right)
        finally:
            context.catalog.reader = outer
        return
    table = source.table
    assert table is not None
    _open_table_source(context, level, table)


def _open_select(
    context: EmitContext, level: LoopLevel, select: BoundSelect, is_outermost: bool, has_right: bool
) -> None:
    source = level.source
    access = level.loop.access
    if is_shared(select):
        level.cursor = _open_shared(context, select)
        context.bind_cursor(source, level.cursor)
    elif level.loop.may_be_coroutine and not has_right and _is_read_once(access, is_outermost):
        _start_coroutine(context, level, select)
    else:
        # Where the rows are wanted more than once SQLite runs its co-routine again; here they are kept.
        word = "CO-ROUTINE" if level.loop.may_be_coroutine and not has_right else "MATERIALIZE"
        level.cursor = materialise(context, select, _stored_name(level), word)
        context.bind_cursor(source, level.cursor)


def _open_table_source(context: EmitContext, level: LoopLevel, table: Table) -> None:
    source = level.source
    if table.kind == "virtual":
        level.cursor = context.builder.cursor()
        is_shipped = table.is_eponymous and table.module is not None and table.module.is_shipped
        context.need_read(table.database)
        if not is_shipped:
            context.note_module()
        context.builder.emit(OP_V_OPEN, level.cursor, 0, 0, virtual_key(table), 1 if is_shipped else 0)
        context.bind_cursor(source, level.cursor)
        return
    if not covering_index(level):
        if level.cursor < 0:
            level.cursor = open_table(context, table)
        context.bind_cursor(source, level.cursor)
    _open_indexes(context, level, table)


def _is_read_once(access: PlanAccess, is_outermost: bool) -> bool:
    """Whether every row of the source is asked for once."""
    return isinstance(access, PlanAutomaticIndex) or (is_outermost and isinstance(access, PlanScan))


def covering_index(level: LoopLevel) -> Index | None:
    """The index that stands for the table, if the access has one."""
    if level.loop.is_right:
        return None
    access = level.loop.access
    if isinstance(access, PlanScan):
        return access.index
    if isinstance(access, PlanIndexSeek) and access.is_covering and not access.index.is_table:
        return access.index
    return None


def open_table(context: EmitContext, table: Table) -> int:
    """Open a table for reading; its cursor."""
    cursor = context.builder.cursor()
    context.need_read(table.database)
    if table.key_index is not None:
        for column in table.key_index.columns:
            context.collation(column.collation)
    open_table_cursor(context.builder, table, cursor)
    return cursor


def index_key(context: EmitContext, index: Index) -> KeyInfo:
    """The order of an index's entries."""
    info = index_key_info(index)
    names = tuple([context.collation(name) for name in info.collation_names])
    return info if names == info.collation_names else KeyInfo(names, info.sort_flags, info.all_column_count)


def open_index(context: EmitContext, table: Table, index: Index) -> int:
    """Open an index for reading; its cursor."""
    cursor = context.builder.cursor()
    context.need_read(table.database)
    key = index_key(context, index)
    context.builder.emit(OP_OPEN_READ, cursor, index.root, table.database, key, 0, index.name)
    return cursor


def _open_indexes(context: EmitContext, level: LoopLevel, table: Table) -> None:
    """Open the indexes that the access walks; a single one also serves for reading columns."""
    for index in _indexes_of(level.loop.access):
        if index.is_table or (level.loop.is_right and isinstance(level.loop.access, PlanScan)):
            continue
        level.index_cursors.append(open_index(context, table, index))
    if len(level.index_cursors) == 1 and not level.loop.is_right and not isinstance(level.loop.access, PlanUnion):
        index = _indexes_of(level.loop.access)[0]
        context.bind_cursor(level.source, level.cursor, level.index_cursors[0], index)
        _bind_expressions(context, level, index)


def _bind_expressions(context: EmitContext, level: LoopLevel, index: Index) -> None:
    """Let the expressions of an index that covers the query with them be read from it."""
    access = level.loop.access
    if isinstance(access, (PlanScan, PlanIndexSeek)) and access.read_keys:
        bound = level.source.bound_indexes[index.name]
        for place in access.read_keys:
            known = (bare(bound.expressions[place]), level.source, level.index_cursors[0], place)
            if context.index_expressions is None:
                context.index_expressions = []
            context.index_expressions.append(known)


def _indexes_of(access: PlanAccess) -> list[Index]:
    """The indexes that an access walks, in the order of its branches."""
    if isinstance(access, PlanScan):
        return [] if access.index is None else [access.index]
    if isinstance(access, PlanIndexSeek):
        return [access.index]
    if isinstance(access, PlanUnion):
        return [index for branch in access.branches for index in _indexes_of(branch)]
    return []


def _open_recursive_row(context: EmitContext, level: LoopLevel, recursion: BoundRecursion) -> None:
    """The row at hand of a recursive table: a copy in registers, or, where rowids are wanted, a table of this row."""
    builder = context.builder
    count = len(recursion.setup.columns)
    row = context.recursive_rows[recursion]
    if level.loop.is_right:
        level.cursor = builder.cursor()
        builder.emit(OP_OPEN_EPHEMERAL, level.cursor, count)
        TableOutput(level.cursor).emit_row(context, row, count, 0)
        context.bind_cursor(level.source, level.cursor)
        return
    # The copy may get values of its own: reals for whole numbers, the NULLs of a row without match.
    is_copied = level.loop.is_outer or any(subquery_is_real(level.source, column) for column in range(count))
    level.first_register = builder.registers(count) if is_copied else row
    level.register_count = count
    level.row_register = row
    context.bind_registers(level.source, level.first_register, 0)


def _stored_name(level: LoopLevel) -> str:
    """What SQLite calls a subquery that is computed: common tables and views by their own names."""
    select = level.source.select
    assert select is not None
    return select.common_table or (level.source.name if select.view is None else select.view.name)


def is_shared(select: BoundSelect) -> bool:
    """Whether the common table is materialised once for all its uses."""
    if select.outer_references or not select.common_table:
        return False
    return select.materialized == "MATERIALIZED" or select.uses > 1


def _open_shared(context: EmitContext, select: BoundSelect) -> int:
    """A cursor on the rows of a common table, which the first use to run computes, in a subroutine."""
    builder = context.builder
    known = context.shared_tables.get(select)
    if known is not None:
        cursor = builder.cursor()
        builder.emit(OP_GOSUB, known[1], known[2])
        builder.emit(OP_OPEN_DUP, cursor, known[0])
        return cursor
    return_register = builder.register()
    entry = builder.label()
    builder.emit(OP_BEGIN_SUBROUTINE, 0, return_register)
    builder.place(entry)
    cursor = materialise(context, select, select.common_table)
    builder.emit(OP_RETURN, return_register, 0, 1)
    context.shared_tables[select] = (cursor, return_register, entry)
    # Every use has a place of its own in the table.
    own = builder.cursor()
    builder.emit(OP_OPEN_DUP, own, cursor)
    return own


def _start_coroutine(context: EmitContext, level: LoopLevel, select: BoundSelect) -> None:
    builder = context.builder
    count = len(select.columns)
    level.yield_register = builder.register()
    level.first_register = builder.registers(count)
    level.register_count = count
    past = builder.label()
    entry = builder.label()
    builder.emit(OP_INIT_COROUTINE, level.yield_register, past, entry)
    builder.place(entry)
    is_told = is_value_list(select)
    output = CoroutineOutput(level.yield_register, level.first_register, is_told)
    if is_told:
        context.emit_select(select, output)
    else:
        builder.push_note(f"CO-ROUTINE {_stored_name(level)}")
        context.emit_select(select, output)
        builder.pop_note()
    builder.emit(OP_END_COROUTINE, level.yield_register)
    builder.place(past)
    context.bind_registers(level.source, level.first_register, 0)


def materialise(context: EmitContext, select: BoundSelect, name: str, word: str = "MATERIALIZE") -> int:
    """Fill an ephemeral table with the rows of a subquery; its cursor. word: what EXPLAIN QUERY PLAN calls that."""
    builder = context.builder
    cursor = builder.cursor()
    filled = builder.label()
    if not select.outer_references:
        builder.emit(OP_ONCE, 0, filled)
    builder.emit(OP_OPEN_EPHEMERAL, cursor, len(select.columns))
    builder.push_note(f"{word} {name}")
    context.emit_select(select, TableOutput(cursor))
    builder.pop_note()
    builder.place(filled)
    return cursor
