"""CREATE TRIGGER and DROP TRIGGER: a row of the schema table. What the body names is looked up when it first fires.

Source: https://sqlite.org/lang_createtrigger.html
"""

from __future__ import annotations

from keelback_core.compiler.bind.object_names import check_reserved, shown_name
from keelback_core.compiler.catalog.actions import (
    ACTION_CREATE_TEMP_TRIGGER,
    ACTION_CREATE_TRIGGER,
    ACTION_DELETE,
    ACTION_DROP_TEMP_TRIGGER,
    ACTION_DROP_TRIGGER,
    ACTION_INSERT,
)
from keelback_core.compiler.catalog.model import fold_name
from keelback_core.compiler.emit.schema_rows import (
    COLUMN_NAME,
    emit_close,
    emit_delete_rows,
    emit_new_cookie,
    emit_schema_row,
    open_schema_table,
    read_searched_schemas,
)
from keelback_core.compiler.sql.ast import AstInTable, AstParameter, AstTableSource, AstTarget, walk
from keelback_core.compiler.sql.token_error import TokenError, at_head
from keelback_core.program.opcodes import OP_HALT
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.catalog.catalog import Catalog
    from keelback_core.compiler.catalog.model import Table, Trigger
    from keelback_core.compiler.emit.statement_context import StatementContext
    from keelback_core.compiler.sql.ast import AstCreateTrigger, AstDrop


def begin_create_trigger(context: StatementContext, ast: AstCreateTrigger) -> tuple[Table, int] | None:
    """Check what stands before the body; the table and the trigger's database, None if the trigger exists and may."""
    catalog = context.catalog
    database = _target_database(catalog, ast)
    table = _find_table(catalog, ast, database)
    check_reserved(catalog, ast.name)
    if fold_name(ast.name) in catalog.schema(database).triggers:
        if not ast.if_not_exists:
            raise TokenError("trigger ", "name", ast.name, " already exists")
        context.need_read(database)
        context.builder.emit(OP_HALT)
        return None
    _check_kind(ast, table)
    _authorize(catalog, ast, table, database)
    return table, database


def emit_create_trigger(context: StatementContext, ast: AstCreateTrigger) -> None:
    """The program of a CREATE TRIGGER."""
    catalog, builder = context.catalog, context.builder
    try:
        begun = begin_create_trigger(context, ast)
    except SqlError as error:
        raise at_head(error, ast) from None
    if begun is None:
        return
    table, database = begun
    _check_body(catalog, ast, database)
    context.need_write(database)
    cursor = open_schema_table(builder, database)
    # The table as it is written here, which may be in other letters than its own.
    emit_schema_row(builder, cursor, "trigger", ast.name, ast.table, 0, ast.stored_text)
    emit_close(builder, cursor)
    emit_new_cookie(builder, catalog, database)
    builder.emit(OP_HALT)


def _target_database(catalog: Catalog, ast: AstCreateTrigger) -> int:
    """The schema of the trigger: a table of temp draws it there."""
    if ast.schema is not None:
        if ast.is_temporary:
            raise SqlError(ERROR, "temporary trigger may not have qualified name")
        number = catalog.database_number(ast.schema)
        if number is None:
            raise TokenError("unknown database ", "schema", ast.schema)
        return number
    if ast.is_temporary:
        return 1
    table = catalog.find_table(ast.table, ast.table_schema)
    return 1 if table is not None and table.database == 1 else 0


def _find_table(catalog: Catalog, ast: AstCreateTrigger, database: int) -> Table:
    schema = ast.table_schema
    name = catalog.schema_name(database)
    if database != 1:
        if schema is not None and catalog.database_number(schema) != database:
            raise _foreign_object(ast, schema)
        schema = name
    table = catalog.find_usable(ast.table, schema)
    if table is None:
        raise SqlError(ERROR, "no such table: " + shown_name(schema, ast.table))
    if table.kind == "virtual":
        raise SqlError(ERROR, "cannot create triggers on virtual tables")
    if catalog.protects(table.name, catalog.schema_name(table.database)):
        raise SqlError(ERROR, "cannot create triggers on shadow tables")
    return table


def _foreign_object(ast: AstCreateTrigger, schema: str) -> SqlError:
    return TokenError("trigger ", "name", ast.name, f" cannot reference objects in database {schema}")


def _check_kind(ast: AstCreateTrigger, table: Table) -> None:
    if fold_name(table.name).startswith("sqlite_"):
        raise SqlError(ERROR, "cannot create trigger on system table")
    shown = shown_name(ast.table_schema, ast.table)
    if table.kind == "view" and ast.time != "INSTEAD OF":
        raise SqlError(ERROR, f"cannot create {ast.time or 'BEFORE'} trigger on view: {shown}")
    if table.kind != "view" and ast.time == "INSTEAD OF":
        raise SqlError(ERROR, f"cannot create INSTEAD OF trigger on table: {shown}")


def _authorize(catalog: Catalog, ast: AstCreateTrigger, table: Table, database: int) -> None:
    if catalog.authorizer is None:
        return
    is_temporary = ast.is_temporary or table.database == 1
    action = ACTION_CREATE_TEMP_TRIGGER if is_temporary else ACTION_CREATE_TRIGGER
    schema = catalog.schema_name(table.database)
    catalog.authorize(action, ast.name, table.name, catalog.schema_name(1) if is_temporary else schema)
    catalog.authorize(ACTION_INSERT, "sqlite_temp_master" if table.database == 1 else "sqlite_master", None, schema)
    own = "sqlite_temp_master" if database == 1 else "sqlite_master"
    catalog.authorize(ACTION_INSERT, own, None, catalog.schema_name(database))


def _check_body(catalog: Catalog, ast: AstCreateTrigger, database: int) -> None:
    """A stored trigger may read only its own schema, and no parameters; only one of temp may change another."""
    for node in walk(ast):
        if isinstance(node, AstTarget) and node.schema is not None and database != 1:
            message = "qualified table names are not allowed on INSERT, UPDATE, and DELETE statements within triggers"
            raise SqlError(ERROR, message)
        if isinstance(node, AstParameter):
            raise SqlError(ERROR, "trigger cannot use variables")
        if isinstance(node, (AstTableSource, AstInTable)) and node.schema is not None and database != 1:
            if catalog.database_number(node.schema) != database:
                raise SqlError(ERROR, _foreign_object(ast, node.schema).message)


def emit_drop_trigger(context: StatementContext, ast: AstDrop) -> None:
    """The program of a DROP TRIGGER."""
    catalog, builder = context.catalog, context.builder
    for schema in catalog.search_order():
        trigger = schema.triggers.get(fold_name(ast.name))
        if trigger is None or (ast.schema is not None and catalog.database_number(ast.schema) != schema.database):
            continue
        emit_forget_trigger(context, trigger)
        builder.emit(OP_HALT)
        return
    if not ast.if_exists:
        raise SqlError(ERROR, "no such trigger: " + shown_name(ast.schema, ast.name))
    read_searched_schemas(context, ast.schema)
    builder.emit(OP_HALT)


def emit_forget_trigger(context: StatementContext, trigger: Trigger) -> None:
    """Delete the row of a trigger."""
    catalog, builder = context.catalog, context.builder
    database = trigger.database
    if catalog.authorizer is not None:
        schema = catalog.schema_name(database)
        action = ACTION_DROP_TEMP_TRIGGER if database == 1 else ACTION_DROP_TRIGGER
        catalog.authorize(action, trigger.name, trigger.ast.table, schema)
        rows = "sqlite_temp_master" if database == 1 else "sqlite_master"
        catalog.authorize(ACTION_DELETE, rows, None, schema)
        catalog.authorize(ACTION_DELETE, rows, None, schema)
        catalog.authorize_read(rows, "name", schema)
        catalog.authorize_read(rows, "type", schema)
    context.need_write(database)
    cursor = open_schema_table(builder, database)
    emit_delete_rows(builder, cursor, COLUMN_NAME, trigger.name, "trigger")
    emit_close(builder, cursor)
    emit_new_cookie(builder, catalog, database)
