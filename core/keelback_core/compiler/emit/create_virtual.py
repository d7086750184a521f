"""CREATE VIRTUAL TABLE: a row of the schema table, then the module makes the table.

Source: https://sqlite.org/lang_createvtab.html
"""

from __future__ import annotations

from keelback_core.compiler.bind.object_names import check_reserved, target_database
from keelback_core.compiler.catalog.actions import ACTION_CREATE_VTABLE, ACTION_INSERT, ACTION_UPDATE
from keelback_core.compiler.catalog.catalog import SCHEMA_COLUMNS
from keelback_core.compiler.emit.create_table import emit_first_table, is_name_free
from keelback_core.compiler.emit.schema_rows import emit_close, emit_new_cookie, emit_schema_row, open_schema_table
from keelback_core.compiler.sql.token_error import at_head
from keelback_core.program.opcodes import OP_HALT, OP_V_CREATE
from keelback_core.value.errors import SqlError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.emit.statement_context import StatementContext
    from keelback_core.compiler.sql.ast import AstCreateVirtualTable


def begin_create_virtual(context: StatementContext, ast: AstCreateVirtualTable) -> int | None:
    """Check the names of a CREATE VIRTUAL TABLE; its database, None if the table exists and may."""
    catalog = context.catalog
    database = target_database(catalog, ast.schema, False, "temporary table")
    check_reserved(catalog, ast.name)
    if catalog.authorizer is not None:
        catalog.authorize(ACTION_INSERT, "sqlite_master", None, catalog.schema_name(database))
    return database if is_name_free(context, database, ast.name, ast.if_not_exists) else None


def emit_create_virtual(context: StatementContext, ast: AstCreateVirtualTable) -> None:
    """The program of a CREATE VIRTUAL TABLE."""
    catalog, builder = context.catalog, context.builder
    try:
        database = begin_create_virtual(context, ast)
    except SqlError as error:
        raise at_head(error, ast) from None
    if database is None:
        return
    schema = catalog.schema_name(database)
    catalog.authorize(ACTION_CREATE_VTABLE, ast.name, ast.module, schema)
    if catalog.authorizer is not None:
        # SQLite writes the row by an UPDATE of its own.
        rows = "sqlite_temp_master" if database == 1 else "sqlite_master"
        for column in SCHEMA_COLUMNS:
            catalog.authorize(ACTION_UPDATE, rows, column.name, schema)
        catalog.authorize_read(rows, "ROWID", schema)
    context.need_write(database)
    context.is_multi_write = True
    emit_first_table(builder, catalog, database)
    cursor = open_schema_table(builder, database)
    emit_schema_row(builder, cursor, "table", ast.name, ast.name, 0, ast.stored_text)
    emit_close(builder, cursor)
    emit_new_cookie(builder, catalog, database)
    builder.emit(OP_V_CREATE, database, 0, 0, ast.stored_text)
    builder.emit(OP_HALT)
