"""Emission of a column: from a cursor, an index, registers, or, for a virtual generated column, its expression.

A REAL column gets RealAffinity, because whole numbers are stored as integers; a column that was added after the row was
written has its default.

Must not know: statements, plans.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundAggregate, BoundLiteral, BoundWindow
from keelback_core.compiler.bind.types import expression_affinity, subquery_column_affinity
from keelback_core.compiler.catalog.model import ROWID
from keelback_core.compiler.emit.context import reading_of
from keelback_core.compiler.emit.dispatch import emit_expression
from keelback_core.compiler.emit.type_check import emit_column_check
from keelback_core.compiler.sql.ast import AstColumnRef, AstLiteral, AstUnary
from keelback_core.program.opcodes import (
    OP_AFFINITY,
    OP_COLUMN,
    OP_IDX_ROWID,
    OP_IS_NULL,
    OP_NULL,
    OP_REAL_AFFINITY,
    OP_ROWID,
    OP_V_COLUMN,
)
from keelback_core.value.affinity import apply_affinity
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.nodes import BoundColumn, BoundFixed, BoundSource
    from keelback_core.compiler.catalog.model import Column, Table
    from keelback_core.compiler.emit.context import EmitContext
    from keelback_core.compiler.sql.ast import AstExpression
    from keelback_core.value import Value

# Stands for the expression of a column that is just being emitted: ALTER TABLE ADD COLUMN lets one read itself.
_BEING_EMITTED = BoundLiteral(None)


def emit_column(context: EmitContext, e: BoundColumn, target: int) -> None:
    """Read a column that is in no register."""
    source = e.source
    if context.flattened is not None and source in context.flattened:
        assert source.select is not None
        emit_expression(context, source.select.columns[e.column].expression, target)
        return
    reading = reading_of(source)
    builder = context.builder
    column = e.column
    table = source.table
    place = reading.index_positions.get(column, -1) if reading.index_positions else -1
    if place >= 0:
        if column == ROWID and not reading.rowid_is_column:
            builder.emit(OP_IDX_ROWID, reading.index_cursor, target)
        else:
            builder.emit(OP_COLUMN, reading.index_cursor, place, target)
    elif column == ROWID:
        builder.emit(OP_ROWID, reading.cursor, target)
    elif table is None:
        builder.emit(OP_COLUMN, reading.cursor, column, target)
    elif table.kind == "virtual":
        builder.emit(OP_V_COLUMN, reading.cursor, column, target)
        return
    elif column in source.generated:
        _emit_generated(context, source, table, column, target)
        return
    else:
        builder.emit(OP_COLUMN, reading.cursor, reading.positions[column], target, default_value(table.columns[column]))
    if column == ROWID:
        return
    if subquery_is_real(source, column) if table is None else table.columns[column].affinity == "E":
        builder.emit(OP_REAL_AFFINITY, target)


def _emit_generated(context: EmitContext, source: BoundSource, table: Table, column: int, target: int) -> None:
    """A virtual column from its expression; of the row that an outer join makes up it is NULL, whatever that says."""
    builder = context.builder
    expression = source.generated[column]
    if expression is _BEING_EMITTED:
        raise SqlError(ERROR, f'generated column loop on "{table.columns[column].name}"')
    done = builder.label()
    if context.reading_count > 1:
        test = builder.register()
        _emit_key(context, source, table, test)
        builder.emit(OP_NULL, 0, target)
        builder.emit(OP_IS_NULL, test, done)
    source.generated[column] = _BEING_EMITTED
    emit_expression(context, expression, target)
    source.generated[column] = expression
    if table.is_strict:
        emit_column_check(builder, table, table.columns[column], target)
    else:
        builder.emit(OP_AFFINITY, target, 1, 0, table.columns[column].affinity)
    builder.place(done)


def _emit_key(context: EmitContext, source: BoundSource, table: Table, target: int) -> None:
    """What is NULL in no stored row: the rowid, or the first column of the primary key."""
    reading = reading_of(source)
    key = ROWID if table.key_index is None else table.key_index.columns[0].column
    if key in reading.index_positions:
        if key == ROWID and not reading.rowid_is_column:
            context.builder.emit(OP_IDX_ROWID, reading.index_cursor, target)
        else:
            context.builder.emit(OP_COLUMN, reading.index_cursor, reading.index_positions[key], target)
    elif key == ROWID:
        context.builder.emit(OP_ROWID, reading.cursor, target)
    else:
        context.builder.emit(OP_COLUMN, reading.cursor, reading.positions[key], target)


def emit_fixed(context: EmitContext, e: BoundFixed, target: int) -> None:
    """The constant that a column is known to equal, as the column would hold it."""
    emit_expression(context, e.expression, target)
    affinity = expression_affinity(e.column)
    if affinity > "A":
        context.builder.emit(OP_AFFINITY, target, 1, 0, affinity)


def subquery_is_real(source: BoundSource, column: int) -> bool:
    """Whether whole numbers of a subquery's column turn into reals: a compound may give integers in a REAL column."""
    select = source.select if source.recursion is None else source.recursion.whole
    return select is not None and len(select.cores) > 1 and subquery_column_affinity(select, column) == "E"


def default_value(column: Column) -> Value:
    """The value that rows have which were written before the column was added."""
    if column.default is None:
        return None
    return apply_affinity(_literal_value(column.default), column.affinity)


def _literal_value(ast: AstExpression) -> Value:
    """The value of a literal with signs, or of TRUE and FALSE; None for any other expression."""
    if isinstance(ast, AstLiteral):
        return ast.value
    if isinstance(ast, AstUnary) and ast.operator in ("-", "+"):
        value = _literal_value(ast.operand)
        if ast.operator == "-" and isinstance(value, (int, float)):
            return -value
        return value
    if isinstance(ast, AstColumnRef):
        return 1 if ast.column.lower() == "true" else 0
    return None


def emit_window(context: EmitContext, e: BoundWindow, target: int) -> None:
    """A call with OVER that is in no register stands where it cannot be computed."""
    raise SqlError(ERROR, f"misuse of window function {e.spelling}()", e.offset)


def emit_aggregate(context: EmitContext, e: BoundAggregate, target: int) -> None:
    """An aggregate that is in no register stands where it cannot be computed."""
    raise SqlError(ERROR, f"misuse of aggregate: {e.spelling}()", e.offset)
