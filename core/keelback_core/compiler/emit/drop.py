"""DROP TABLE, DROP INDEX, DROP VIEW: rows of the schema table go, trees are freed.

Source: https://sqlite.org/lang_droptable.html
"""

from __future__ import annotations

from keelback_core.compiler.bind.foreign_keys import keys_to
from keelback_core.compiler.bind.object_names import shown_name
from keelback_core.compiler.catalog.actions import (
    ACTION_DELETE,
    ACTION_DROP_INDEX,
    ACTION_DROP_TABLE,
    ACTION_DROP_TEMP_INDEX,
    ACTION_DROP_TEMP_TABLE,
    ACTION_DROP_TEMP_VIEW,
    ACTION_DROP_VIEW,
    ACTION_DROP_VTABLE,
    ACTION_UPDATE,
)
from keelback_core.compiler.catalog.model import fold_name
from keelback_core.compiler.catalog.virtual import module_name, virtual_key
from keelback_core.compiler.emit.analyze import emit_forget_statistics
from keelback_core.compiler.emit.autoincrement import SEQUENCE_TABLE
from keelback_core.compiler.emit.create_trigger import emit_drop_trigger, emit_forget_trigger
from keelback_core.compiler.emit.delete import emit_delete_step
from keelback_core.compiler.emit.foreign_keys import emit_halt
from keelback_core.compiler.emit.schema_authority import authorize_index_goes
from keelback_core.compiler.emit.schema_rows import (
    COLUMN_NAME,
    COLUMN_TABLE_NAME,
    emit_close,
    emit_delete_rows,
    emit_moved_root,
    emit_new_cookie,
    open_schema_table,
    read_searched_schemas,
)
from keelback_core.compiler.sql.ast import AstDelete, AstTarget
from keelback_core.program.opcodes import (
    OP_CLOSE,
    OP_COLUMN,
    OP_DELETE,
    OP_DESTROY,
    OP_FK_IF_ZERO,
    OP_HALT,
    OP_NE,
    OP_NEXT,
    OP_OPEN_WRITE,
    OP_REWIND,
    OP_STRING8,
    OP_V_DESTROY,
)
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.catalog.model import Table
    from keelback_core.compiler.emit.statement_context import StatementContext
    from keelback_core.compiler.sql.ast import AstDrop


def emit_drop(context: StatementContext, ast: AstDrop) -> None:
    """The program of a DROP."""
    if ast.kind == "INDEX":
        _emit_drop_index(context, ast)
    elif ast.kind == "TRIGGER":
        emit_drop_trigger(context, ast)
    else:
        _emit_drop_table(context, ast)


def _emit_nothing(context: StatementContext, ast: AstDrop) -> None:
    read_searched_schemas(context, ast.schema)
    context.is_readonly = False
    context.builder.emit(OP_HALT)


def _emit_drop_table(context: StatementContext, ast: AstDrop) -> None:
    catalog, builder = context.catalog, context.builder
    is_view = ast.kind == "VIEW"
    table = catalog.find_usable(ast.name, ast.schema)
    if table is None:
        if ast.if_exists:
            _emit_nothing(context, ast)
            return
        raise SqlError(ERROR, f"no such {'view' if is_view else 'table'}: {shown_name(ast.schema, ast.name)}")
    _authorize_table(context, table, is_view)
    key = fold_name(table.name)
    is_own = key.startswith("sqlite_") and not key.startswith("sqlite_stat")
    if table.is_eponymous or is_own or catalog.protects(table.name, catalog.schema_name(table.database)):
        raise SqlError(ERROR, f"table {table.name} may not be dropped")
    if is_view and table.kind != "view":
        raise SqlError(ERROR, f"use DROP TABLE to delete table {table.name}")
    if not is_view and table.kind == "view":
        raise SqlError(ERROR, f"use DROP VIEW to delete view {table.name}")
    database = table.database
    context.need_write(database)
    context.is_multi_write = True
    if catalog.settings.foreign_keys and table.kind == "table":
        _emit_delete_rows_of(context, table)
    for trigger in catalog.triggers_of(table):
        emit_forget_trigger(context, trigger)
    _authorize_rows(context, table)
    if table.is_autoincrement:
        _emit_forget_sequence(context, table)
    emit_forget_statistics(context, database, "tbl", table.name)
    cursor = open_schema_table(builder, database)
    emit_delete_rows(builder, cursor, COLUMN_TABLE_NAME, table.name, None, "trigger")
    emit_close(builder, cursor)
    freed = builder.register()
    roots = {table.root} | {index.root for index in table.indexes}
    for root in sorted((root for root in roots if root > 0), reverse=True):
        builder.emit(OP_DESTROY, root, freed, database)
        emit_moved_root(builder, database, freed, root)
    if table.kind == "virtual":
        builder.emit(OP_V_DESTROY, 0, 0, 0, virtual_key(table))
    emit_new_cookie(builder, catalog, database)
    builder.emit(OP_HALT)


def _emit_delete_rows_of(context: StatementContext, table: Table) -> None:
    """Foreign keys have the table's rows deleted before it goes; no trigger fires."""
    catalog, builder = context.catalog, context.builder
    done = builder.label()
    defers = catalog.settings.defer_foreign_keys
    if not keys_to(catalog, table):
        # Nobody refers to the table: its rows can only mend what was deferred.
        if not any(defers or key.is_deferred for key in table.foreign_keys):
            builder.place(done)
            return
        builder.emit(OP_FK_IF_ZERO, 1, done)
    context.fires_triggers = False
    target = AstTarget(catalog.schema_name(table.database), table.name, None, None, False)
    first_cursor = builder.cursor_count
    emit_delete_step(context, AstDelete(None, target, None, ()))
    context.end_statement()
    # A tree is only freed when no cursor stands in it.
    for cursor in range(first_cursor, builder.cursor_count):
        builder.emit(OP_CLOSE, cursor)
    if not defers:
        builder.emit(OP_FK_IF_ZERO, 0, builder.address + 2)
        emit_halt(builder)
    builder.place(done)


def _authorize_table(context: StatementContext, table: Table, is_view: bool) -> None:
    catalog = context.catalog
    if catalog.authorizer is None:
        return
    is_temporary = table.database == 1
    schema = catalog.schema_name(table.database)
    catalog.authorize(ACTION_DELETE, "sqlite_temp_master" if is_temporary else "sqlite_master", None, schema)
    if is_view:
        action = ACTION_DROP_TEMP_VIEW if is_temporary else ACTION_DROP_VIEW
    else:
        action = ACTION_DROP_TEMP_TABLE if is_temporary else ACTION_DROP_TABLE
    module = module_name(table)
    if module is not None:
        action = ACTION_DROP_VTABLE
    catalog.authorize(action, table.name, module, schema)
    catalog.authorize(ACTION_DELETE, table.name, None, schema)


def _authorize_rows(context: StatementContext, table: Table) -> None:
    """Ask for what happens to the schema's rows, as SQLite's own statements on them do."""
    catalog = context.catalog
    if catalog.authorizer is None:
        return
    rows = "sqlite_temp_master" if table.database == 1 else "sqlite_master"
    schema = catalog.schema_name(table.database)
    if table.is_autoincrement:
        catalog.authorize(ACTION_DELETE, SEQUENCE_TABLE, None, schema)
        catalog.authorize_read(SEQUENCE_TABLE, "name", schema)
    catalog.authorize(ACTION_DELETE, rows, None, schema)
    catalog.authorize_read(rows, "tbl_name", schema)
    catalog.authorize_read(rows, "type", schema)
    for root in {table.root} | {index.root for index in table.indexes}:
        if root > 0:
            catalog.authorize(ACTION_UPDATE, rows, "rootpage", schema)
            catalog.authorize_read(rows, "rootpage", schema)


def _emit_forget_sequence(context: StatementContext, table: Table) -> None:
    """Delete the table's row of sqlite_sequence."""
    sequence = context.catalog.schema(table.database).tables.get(SEQUENCE_TABLE)
    if sequence is None:
        return
    builder = context.builder
    cursor = builder.cursor()
    value = builder.register()
    name = builder.register()
    done = builder.label()
    skip = builder.label()
    builder.emit(OP_OPEN_WRITE, cursor, sequence.root, table.database, 2)
    builder.emit(OP_STRING8, 0, name, 0, table.name)
    builder.emit(OP_REWIND, cursor, done)
    top = builder.address
    builder.emit(OP_COLUMN, cursor, 0, value)
    builder.emit(OP_NE, name, skip, value, "BINARY", 0x10)
    builder.emit(OP_DELETE, cursor, 0, 0, None, 2)
    builder.place(skip)
    builder.emit(OP_NEXT, cursor, top)
    builder.place(done)
    builder.emit(OP_CLOSE, cursor)


def _emit_drop_index(context: StatementContext, ast: AstDrop) -> None:
    catalog, builder = context.catalog, context.builder
    found = catalog.find_index(ast.name, ast.schema)
    if found is None:
        if ast.if_exists:
            _emit_nothing(context, ast)
            return
        raise SqlError(ERROR, "no such index: " + shown_name(ast.schema, ast.name))
    index, database = found
    if index.origin != "c":
        raise SqlError(ERROR, "index associated with UNIQUE or PRIMARY KEY constraint cannot be dropped")
    if catalog.authorizer is not None:
        schema = catalog.schema_name(database)
        catalog.authorize(ACTION_DELETE, "sqlite_temp_master" if database == 1 else "sqlite_master", None, schema)
        action = ACTION_DROP_TEMP_INDEX if database == 1 else ACTION_DROP_INDEX
        catalog.authorize(action, index.name, index.table_name, schema)
        authorize_index_goes(catalog, database)
    context.need_write(database)
    context.is_multi_write = True
    cursor = open_schema_table(builder, database)
    emit_delete_rows(builder, cursor, COLUMN_NAME, index.name, "index")
    emit_close(builder, cursor)
    emit_forget_statistics(context, database, "idx", index.name)
    emit_new_cookie(builder, catalog, database)
    freed = builder.register()
    builder.emit(OP_DESTROY, index.root, freed, database)
    emit_moved_root(builder, database, freed, index.root)
    builder.emit(OP_HALT)
