"""ALTER TABLE ... RENAME TO and RENAME COLUMN: the new name in every stored text that mentions the old one.

Source: https://sqlite.org/lang_altertable.html#alter_table_rename
"""

from __future__ import annotations

from keelback_core.compiler.bind.object_names import check_reserved
from keelback_core.compiler.catalog.altered import stored_catalog
from keelback_core.compiler.catalog.model import ROWID_NAMES, fold_name
from keelback_core.compiler.catalog.virtual import virtual_key
from keelback_core.compiler.emit.alter_authority import authorize_rename, authorize_rename_column
from keelback_core.compiler.emit.alter_names import mark_column, mark_table
from keelback_core.compiler.emit.alter_schema import (
    AFTER_RENAME,
    SchemaAlteration,
    authorize_alter,
    check_alterable,
    find_alterable,
)
from keelback_core.compiler.emit.autoincrement import SEQUENCE_TABLE
from keelback_core.compiler.sql.ast import AstCreateTable, AstCreateVirtualTable
from keelback_core.compiler.sql.stored_text import QUOTES, StoredText
from keelback_core.compiler.sql.token_error import TokenError
from keelback_core.program.opcodes import (
    OP_CLOSE,
    OP_COLUMN,
    OP_GOTO,
    OP_HALT,
    OP_INSERT,
    OP_MAKE_RECORD,
    OP_NE,
    OP_NEXT,
    OP_OPEN_WRITE,
    OP_REWIND,
    OP_ROWID,
    OP_STRING8,
    OP_V_RENAME,
)
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.catalog.altered import StoredObject
    from keelback_core.compiler.catalog.model import Table
    from keelback_core.compiler.emit.statement_context import StatementContext
    from keelback_core.compiler.sql.ast import AstRenameColumn, AstRenameTable

AUTOMATIC_PREFIX: Final = "sqlite_autoindex_"


def emit_rename_table(context: StatementContext, ast: AstRenameTable) -> None:
    """The program of ALTER TABLE ... RENAME TO."""
    catalog = context.catalog
    table = find_alterable(context, ast.schema, ast.table)
    schema = catalog.schema(table.database)
    key = fold_name(ast.new_name)
    if key in schema.tables or key in schema.indexes:
        raise SqlError(ERROR, f"there is already another table or index with this name: {ast.new_name}")
    check_alterable(context.catalog, table)
    check_reserved(catalog, ast.new_name)
    if table.kind == "view":
        raise SqlError(ERROR, f"view {table.name} may not be altered")
    authorize_alter(catalog, table)
    authorize_rename(catalog, table)
    alteration = SchemaAlteration(context, table)
    alteration.open_temporary()
    is_legacy = catalog.settings.legacy_alter_table
    for database, objects in alteration.objects.items():
        names = stored_catalog(catalog, database)
        for stored in objects:
            if _is_elsewhere(table, database, stored):
                continue
            is_own = database == table.database and fold_name(stored.table_name) == fold_name(table.name)
            tree = stored.parse()
            if stored.sql is not None and tree is not None:
                mentions = None if is_legacy else alteration.mentions(database, stored, tree)
                text = StoredText(stored.sql)
                if is_legacy or mentions is not None:
                    mark_table(text, tree, mentions, table, names)
                if is_own and isinstance(tree, AstCreateTable):
                    text.mark(2)
                elif is_own and isinstance(tree, AstCreateVirtualTable):
                    text.mark(3)
                stored.set_text(text.replaced(ast.new_name, True))
            if is_own or (stored.kind == "trigger" and _is_on(context, database, stored.old_name, table)):
                stored.table_name = ast.new_name
                stored.is_changed = True
                if stored.kind == "table":
                    stored.name = ast.new_name
                elif fold_name(stored.name).startswith(AUTOMATIC_PREFIX):
                    stored.name = AUTOMATIC_PREFIX + ast.new_name + "_" + stored.name.rpartition("_")[2]
    if not is_legacy:
        alteration.check_after(AFTER_RENAME)
    if table.kind == "virtual":
        name = context.builder.register()
        context.need_write(table.database)
        context.builder.emit(OP_STRING8, 0, name, 0, ast.new_name)
        context.builder.emit(OP_V_RENAME, name, 0, 0, virtual_key(table))
    alteration.emit_rows()
    _emit_sequence(context, table, ast.new_name)
    context.builder.emit(OP_HALT)


def _is_on(context: StatementContext, database: int, trigger: str, table: Table) -> bool:
    """Whether a trigger of another database stands on the table."""
    found = context.catalog.schema(database).triggers[fold_name(trigger)].ast
    on = stored_catalog(context.catalog, database).find_table(found.table, found.table_schema)
    return on is not None and on.database == table.database and on.name == table.name


def _emit_sequence(context: StatementContext, table: Table, new_name: str) -> None:
    """Rename the table's row of sqlite_sequence."""
    sequence = context.catalog.schema(table.database).tables.get(SEQUENCE_TABLE)
    if sequence is None:
        return
    builder = context.builder
    cursor = builder.cursor()
    first = builder.registers(2)
    old_name, value, rowid, record = (builder.register() for _ in range(4))
    done = builder.label()
    skip = builder.label()
    builder.emit(OP_OPEN_WRITE, cursor, sequence.root, table.database, 2)
    builder.emit(OP_STRING8, 0, old_name, 0, table.name)
    builder.emit(OP_REWIND, cursor, done)
    top = builder.address
    builder.emit(OP_COLUMN, cursor, 0, value)
    builder.emit(OP_NE, old_name, skip, value, "BINARY", 0x10)
    builder.emit(OP_STRING8, 0, first, 0, new_name)
    builder.emit(OP_COLUMN, cursor, 1, first + 1)
    builder.emit(OP_ROWID, cursor, rowid)
    builder.emit(OP_MAKE_RECORD, first, 2, record)
    builder.emit(OP_INSERT, cursor, record, rowid)
    builder.emit(OP_GOTO, 0, done)
    builder.place(skip)
    builder.emit(OP_NEXT, cursor, top)
    builder.place(done)
    builder.emit(OP_CLOSE, cursor)


def emit_rename_column(context: StatementContext, ast: AstRenameColumn) -> None:
    """The program of ALTER TABLE ... RENAME COLUMN."""
    catalog = context.catalog
    table = find_alterable(context, ast.schema, ast.table)
    check_alterable(context.catalog, table)
    if table.kind != "table":
        kind = "view" if table.kind == "view" else "virtual table"
        raise SqlError(ERROR, f'cannot rename columns of {kind} "{table.name}"')
    authorize_alter(catalog, table)
    number = table.column_number(ast.column)
    if number is None:
        raise TokenError('no such column: "', "column", ast.column, '"')
    authorize_rename_column(catalog, table)
    alteration = SchemaAlteration(context, table)
    alteration.open_temporary()
    is_quoted = context.bind_context.sql[ast.end - 1] in QUOTES + "]"
    rename_in_texts(alteration, number, ast.new_name, is_quoted)
    alteration.check_after(AFTER_RENAME)
    alteration.emit_rows()
    context.builder.emit(OP_HALT)


def _is_elsewhere(table: Table, database: int, stored: StoredObject) -> bool:
    """Whether the object is a table or an index of another database, which means its own database's table of the
    name."""
    return database != table.database and stored.kind in ("table", "index")


def rename_in_texts(alteration: SchemaAlteration, number: int, new_name: str, is_quoted: bool) -> None:
    """Give a column its new name in every text."""
    table = alteration.table
    if fold_name(new_name) in ROWID_NAMES and not table.is_without_rowid:
        raise SqlError(ERROR, "cannot rename to rowid alias: " + new_name)
    alteration.check_before()
    alteration.unquote_strings()
    for database, objects in alteration.objects.items():
        names = stored_catalog(alteration.context.catalog, database)
        for stored in objects:
            tree = stored.parse()
            if stored.sql is None or tree is None or _is_elsewhere(table, database, stored):
                continue
            mentions = alteration.mentions(database, stored, tree)
            if mentions is not None:
                text = StoredText(stored.sql)
                mark_column(text, tree, mentions, table, number, names)
                stored.set_text(text.replaced(new_name, is_quoted))
