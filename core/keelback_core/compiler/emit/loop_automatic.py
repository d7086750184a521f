"""The automatic index: a hash table over a source, filled when it is first needed, then searched.

1. It holds its key columns, then every other column that is read, and the rowid where that is read; the source itself
   is not read again. Rows of one key come in the order of these columns, then in that of the source, as in SQLite;
   where the order of the table is to be kept only in that.
2. It is filled once, unless the source is a subquery that reads from outside.
3. Where rows must keep a rowid (RIGHT and FULL JOIN) it is not made; the source is scanned and its columns compared.

Must not know: what is done with the rows.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundColumn
from keelback_core.compiler.bind.scope import column_of
from keelback_core.compiler.bind.types import NUMERIC_AFFINITY, comparison_affinity
from keelback_core.compiler.catalog.model import ROWID
from keelback_core.compiler.emit.column import subquery_is_real
from keelback_core.compiler.emit.dispatch import emit_expression, emit_jump_if_false
from keelback_core.compiler.emit.loop_level import LoopStep
from keelback_core.compiler.plan.nodes import PlanAutomaticIndex
from keelback_core.program.opcodes import (
    OP_AFFINITY,
    OP_GOTO,
    OP_HASH_FIND,
    OP_HASH_INSERT,
    OP_HASH_NEXT,
    OP_HASH_OPEN,
    OP_IS_NULL,
    OP_NE,
    OP_NEXT,
    OP_ONCE,
    OP_REAL_AFFINITY,
    OP_REWIND,
    OP_YIELD,
)
from keelback_core.program.program import COMPARE_AFFINITY_MASK, COMPARE_JUMP_IF_NULL, COUNT_AUTOMATIC_INDEX
from keelback_core.value.key_info import KeyInfo
from keelback_core.value.result_codes import WARNING_AUTOINDEX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.nodes import BoundSource
    from keelback_core.compiler.emit.context import EmitContext
    from keelback_core.compiler.emit.loop_level import LoopLevel


def begin_automatic(context: EmitContext, level: LoopLevel, access: PlanAutomaticIndex) -> None:
    """Fill the index if need be, and search it."""
    if level.loop.is_right:
        _begin_compared_scan(context, level, access)
        return
    builder = context.builder
    source = level.source
    columns = _stored_columns(source, access)
    _warn(context, source, access.columns[0])
    cursor = level.index_cursors[0] if level.index_cursors else builder.cursor()
    _emit_fill(context, level, access, cursor, columns)
    positions: dict[int, int] = {}
    for place, column in enumerate(columns):
        positions.setdefault(column, place)
    context.bind_index_positions(source, cursor, positions)
    if not level.index_cursors:
        level.index_cursors.append(cursor)
    count = len(access.columns)
    first = builder.registers(count)
    for place, value in enumerate(access.values):
        emit_expression(context, value, first + place)
        if count > 1:
            builder.emit(OP_IS_NULL, first + place, level.exit_label)
        affinity = comparison_affinity(column_of(source, access.columns[place]), value)
        if affinity > "A":
            # Made a number, never a real: a REAL is compared with an integer exactly.
            builder.emit(OP_AFFINITY, first + place, 1, 0, min(affinity, NUMERIC_AFFINITY))
    builder.emit(OP_HASH_FIND, cursor, level.exit_label, first, count)
    level.steps.append(LoopStep(OP_HASH_NEXT, cursor, builder.address))


def prepare_automatic(context: EmitContext, level: LoopLevel) -> None:
    """Have the empty index at hand before the loop around is entered: a RIGHT JOIN behind it may want its row of NULLs
    before any row of its own."""
    access = level.loop.access
    if not isinstance(access, PlanAutomaticIndex) or level.loop.is_right:
        return
    builder = context.builder
    opened = builder.label()
    level.index_cursors.append(builder.cursor())
    builder.emit(OP_ONCE, 0, opened)
    _emit_open(context, access, level.index_cursors[0], len(_stored_columns(level.source, access)))
    builder.place(opened)


def _warn(context: EmitContext, source: BoundSource, column: int) -> None:
    names = source.column_names
    column_name = names[column] if source.table is None else source.table.columns[column].name
    table_name = source.name if source.table is None else source.table.name
    context.catalog.settings.warn(WARNING_AUTOINDEX, f"automatic index on {table_name}({column_name})")


def _stored_columns(source: BoundSource, access: PlanAutomaticIndex) -> list[int]:
    """The columns that the index holds, its keys first."""
    columns = [*access.columns, *sorted(source.used_columns - {*access.columns, ROWID})]
    wanted = {ROWID} & source.used_columns
    if source.generated and source.table is not None:
        # By the key a generated column tells a row from the NULLs of an outer join.
        wanted.update(source.table.row_key)
    # A rowid is read from the end of a row.
    columns += sorted(wanted.difference(columns), reverse=True)
    return columns


def _emit_open(context: EmitContext, access: PlanAutomaticIndex, cursor: int, count: int) -> None:
    collations = tuple(context.collation(name) for name in access.collations)
    names = collations if access.keeps_order else collations + ("BINARY",) * (count - len(collations))
    key = KeyInfo(names, (0,) * len(names), count)
    context.builder.emit(OP_HASH_OPEN, cursor, count, len(access.columns), key)


def _emit_fill(
    context: EmitContext,
    level: LoopLevel,
    access: PlanAutomaticIndex,
    cursor: int,
    columns: list[int],
) -> None:
    """Copy the rows of the source that may be wanted into the hash table."""
    builder = context.builder
    source = level.source
    built = builder.label()
    done = builder.label()
    following = builder.label()
    if source.select is None or not source.select.outer_references:
        builder.emit(OP_ONCE, 0, built)
    count = len(columns)
    _emit_open(context, access, cursor, count)
    top = _begin_rows(context, level, done)
    for condition in access.filters:
        emit_jump_if_false(context, condition, following, True)
    first = builder.registers(count)
    for place, column in enumerate(columns):
        emit_expression(context, BoundColumn(source, column), first + place)
    builder.emit(OP_HASH_INSERT, cursor, 0, first, count)
    builder.place(following)
    if level.yield_register:
        builder.emit(OP_GOTO, 0, top)
    else:
        builder.emit(OP_NEXT, level.cursor, top, 0, None, COUNT_AUTOMATIC_INDEX)
    builder.place(done)
    builder.place(built)


def _begin_rows(context: EmitContext, level: LoopLevel, done: int) -> int:
    """Begin a loop over the rows of the source, as they come from its co-routine or its cursor; its first address."""
    builder = context.builder
    source = level.source
    if not level.yield_register:
        if source.table is None:
            context.bind_cursor(source, level.cursor)
        builder.emit(OP_REWIND, level.cursor, done)
        return builder.address
    top = builder.address
    builder.emit(OP_YIELD, level.yield_register, done)
    for column in range(level.register_count):
        if subquery_is_real(source, column):
            builder.emit(OP_REAL_AFFINITY, level.first_register + column)
    context.bind_registers(source, level.first_register, 0)
    return top


def _begin_compared_scan(context: EmitContext, level: LoopLevel, access: PlanAutomaticIndex) -> None:
    """Scan the source and compare, instead of searching."""
    builder = context.builder
    following = builder.label()
    builder.emit(OP_REWIND, level.cursor, level.exit_label)
    top = builder.address
    for place, value in enumerate(access.values):
        column = column_of(level.source, access.columns[place])
        left = emit_expression(context, column)
        right = emit_expression(context, value)
        flags = ord(comparison_affinity(column, value)) & COMPARE_AFFINITY_MASK | COMPARE_JUMP_IF_NULL
        builder.emit(OP_NE, right, following, left, context.collation(access.collations[place]), flags)
    for condition in access.filters:
        emit_jump_if_false(context, condition, following, True)
    level.steps.append(LoopStep(OP_NEXT, level.cursor, top, following))
