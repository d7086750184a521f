"""CREATE VIRTUAL TABLE: a row of the schema table, then the module makes the table.

Source: https://sqlite.org/lang_createvtab.html
"""

from __future__ import annotations

from keelback_core.compiler.bind.object_names import check_reserved, target_database
from keelback_core.compiler.catalog.catalog import ACTION_CREATE_VTABLE, ACTION_INSERT, ACTION_UPDATE, SCHEMA_COLUMNS
from keelback_core.compiler.emit.create_table import emit_first_table, is_name_free
from keelback_core.compiler.emit.schema_rows import emit_close, emit_new_cookie, emit_schema_row, open_schema_table
from keelback_core.program.opcodes import OP_HALT, OP_V_CREATE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.emit.statement_context import StatementContext
    from keelback_core.compiler.sql.ast import AstCreateVirtualTable


def emit_create_virtual(context: StatementContext, ast: AstCreateVirtualTable) -> None:
    """The program of a CREATE VIRTUAL TABLE."""
    catalog, builder = context.catalog, context.builder
    database = target_database(catalog, ast.schema, False, "temporary table")
    check_reserved(catalog, ast.name)
    schema = catalog.schema_name(database)
    if catalog.authorizer is not None:
        catalog.authorize(ACTION_INSERT, "sqlite_master", None, schema)
    if not is_name_free(context, database, ast.name, ast.if_not_exists):
        return
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
