"""PRAGMA foreign_key_check: the rows whose parent is missing.

Source: https://sqlite.org/pragma.html#pragma_foreign_key_check
"""

from __future__ import annotations

from keelback_core.compiler.bind.foreign_keys import BoundForeignKey, bind_key, child_numbers, find_parent
from keelback_core.compiler.bind.from_clause import bind_table_expressions, table_item
from keelback_core.compiler.bind.scope import column_of
from keelback_core.compiler.catalog.listed_tables import listed_tables
from keelback_core.compiler.emit.expression import emit_expression
from keelback_core.compiler.emit.foreign_keys import emit_find_parent
from keelback_core.compiler.emit.row_key import open_table_cursor
from keelback_core.program.opcodes import (
    OP_CLOSE,
    OP_GOTO,
    OP_INTEGER,
    OP_IS_NULL,
    OP_MUST_BE_INT,
    OP_NEXT,
    OP_NULL,
    OP_RESULT_ROW,
    OP_REWIND,
    OP_ROWID,
    OP_STRING8,
)
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from keelback_core.compiler.catalog.catalog import Catalog
    from keelback_core.compiler.catalog.model import Table
    from keelback_core.compiler.emit.statement_context import StatementContext
    from keelback_core.compiler.sql.ast import AstForeignKey


def emit_foreign_key_check(context: StatementContext, name: str | None, database: int) -> None:
    """Check one table, or all tables of one database (-1: a table of any database, or the tables of main)."""
    catalog = context.catalog
    if name is not None:
        schema_name = None if database < 0 else catalog.schema_name(database)
        table = catalog.find_usable(name, schema_name)
        if table is None:
            raise SqlError(ERROR, "no such table: " + catalog.shown_name(name, schema_name))
        if table.kind == "table":
            _emit_table(context, table)
        return
    for listed in listed_tables(catalog.schema(max(database, 0))):
        if listed.kind == "table":
            _emit_table(context, listed)


def _emit_table(context: StatementContext, table: Table) -> None:
    """A row of the answer for each missing parent of the rows of a table."""
    builder = context.builder
    row = builder.registers(4)
    builder.emit(OP_STRING8, 0, row, 0, table.name)

    def show(cursor: int, key: AstForeignKey, number: int) -> None:
        if table.is_without_rowid:
            builder.emit(OP_NULL, 0, row + 1)
        else:
            builder.emit(OP_ROWID, cursor, row + 1)
        builder.emit(OP_STRING8, 0, row + 2, 0, key.parent_table)
        builder.emit(OP_INTEGER, number, row + 3)
        builder.emit(OP_RESULT_ROW, row, 4)

    keys = list(reversed(table.foreign_keys))
    if keys:
        emit_violations(context, context.catalog, table, keys, show)


def emit_violations(
    context: StatementContext,
    catalog: Catalog,
    table: Table,
    keys: list[AstForeignKey],
    on_violation: Callable[[int, AstForeignKey, int], None],
) -> None:
    """Go through the rows of a table, and emit `on_violation` (cursor, key, number of the key) for missing parents."""
    builder = context.builder
    bound: list[BoundForeignKey | None] = []
    for key in keys:
        parent = find_parent(catalog, table, key)
        bound.append(None if parent is None else bind_key(table, key, parent))
    context.need_read(table.database)
    item = table_item(table, None, "", catalog.schema_name(table.database))
    bind_table_expressions(context.bind_context, item)
    cursor = builder.cursor()
    context.bind_cursor(item.source, cursor)
    done = builder.label()
    open_table_cursor(builder, table, cursor)
    builder.emit(OP_REWIND, cursor, done)
    top = builder.address
    for number, key in enumerate(keys):
        sound = builder.label()
        found = bound[number]
        columns = child_numbers(table, key) if found is None else found.child_columns
        first = builder.registers(len(columns))
        for place, column in enumerate(columns):
            emit_expression(context, column_of(item.source, column), first + place)
            builder.emit(OP_IS_NULL, first + place, sound)
        if found is not None:
            missing = builder.label()
            parent_cursor = builder.cursor()
            if found.index is None:
                builder.emit(OP_MUST_BE_INT, first, missing)
            emit_find_parent(builder, found, parent_cursor, first, missing)
            builder.emit(OP_CLOSE, parent_cursor)
            builder.emit(OP_GOTO, 0, sound)
            builder.place(missing)
        on_violation(cursor, key, number)
        builder.place(sound)
    builder.emit(OP_NEXT, cursor, top)
    builder.place(done)
    builder.emit(OP_CLOSE, cursor)
