"""CREATE TABLE and CREATE VIEW: new trees, new rows of the schema table.

1. The stored text is the statement's own, normalised by the parser; of CREATE TABLE ... AS it is made up here.
2. Roots are allocated as SQLite does: the table, its automatic indexes in order, sqlite_sequence.

Source: https://sqlite.org/lang_createtable.html
"""

from __future__ import annotations

from keelback_core.compiler.bind.object_names import ask_for_shadow, check_reserved, kind_of, target_database
from keelback_core.compiler.bind.result_columns import table_names
from keelback_core.compiler.bind.table_rules import CHECKS, RuleBinder, table_source
from keelback_core.compiler.bind.types import subquery_column_affinity
from keelback_core.compiler.catalog.actions import (
    ACTION_CREATE_TABLE,
    ACTION_CREATE_TEMP_TABLE,
    ACTION_CREATE_TEMP_VIEW,
    ACTION_CREATE_VIEW,
    ACTION_INSERT,
)
from keelback_core.compiler.catalog.load import load_table
from keelback_core.compiler.catalog.model import fold_name
from keelback_core.compiler.emit.autoincrement import SEQUENCE_TABLE
from keelback_core.compiler.emit.destination import CoroutineOutput
from keelback_core.compiler.emit.schema_authority import (
    authorize_index_row,
    authorize_new_index,
    authorize_schema_row,
)
from keelback_core.compiler.emit.schema_rows import emit_close, emit_new_cookie, emit_schema_row, open_schema_table
from keelback_core.compiler.emit.select import emit_select
from keelback_core.compiler.sql.ast import AstInTable, AstParameter, AstTableSource, walk
from keelback_core.compiler.sql.keywords import KEYWORDS
from keelback_core.compiler.sql.token_error import TokenError, at_head
from keelback_core.program.opcodes import (
    OP_CLOSE,
    OP_CREATE_BTREE,
    OP_END_COROUTINE,
    OP_GOTO,
    OP_HALT,
    OP_IF,
    OP_INIT_COROUTINE,
    OP_INSERT,
    OP_MAKE_RECORD,
    OP_NEW_ROWID,
    OP_OPEN_WRITE,
    OP_READ_COOKIE,
    OP_SET_COOKIE,
    OP_YIELD,
)
from keelback_core.program.program import WRITE_APPEND
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import AUTH, ERROR, ERROR_MISSING_COLLSEQ

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundSelect
    from keelback_core.compiler.catalog.catalog import Catalog
    from keelback_core.compiler.catalog.model import Table
    from keelback_core.compiler.emit.builder import ProgramBuilder
    from keelback_core.compiler.emit.statement_context import StatementContext
    from keelback_core.compiler.sql.ast import AstCreateTable, AstCreateView

META_FILE_FORMAT: Final = 2
META_TEXT_ENCODING: Final = 5
# DESC indexes count from this format on.
NEWEST_FILE_FORMAT: Final = 4
TREE_TABLE: Final = 1
TREE_INDEX: Final = 2
NARROW_TEXT: Final = 50
TYPE_NAMES: Final = {"A": "", "B": " TEXT", "C": " NUM", "D": " INT", "E": " REAL", "F": " NUM", "@": ""}
_WORD: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")


def begin_create_table(context: StatementContext, ast: AstCreateTable) -> int | None:
    """Check the names of a CREATE TABLE; its database, None if the table exists and may."""
    catalog = context.catalog
    database = target_database(catalog, ast.schema, ast.is_temporary, "temporary table")
    check_reserved(catalog, ast.name)
    action = ACTION_CREATE_TEMP_TABLE if ast.is_temporary else ACTION_CREATE_TABLE
    _authorize(catalog, database, ast.name, action, ast.is_temporary)
    ask_for_shadow(catalog, ast.name)
    return database if is_name_free(context, database, ast.name, ast.if_not_exists) else None


def emit_create_table(context: StatementContext, ast: AstCreateTable) -> None:
    """The program of a CREATE TABLE."""
    catalog = context.catalog
    try:
        database = begin_create_table(context, ast)
    except SqlError as error:
        raise at_head(error, ast) from None
    if database is None:
        return
    if ast.select is not None:
        _emit_create_as(context, ast, database)
        return
    if len(ast.columns) > catalog.settings.limits[2]:
        raise SqlError(ERROR, f"too many columns on {ast.name}")
    table = load_table(ast, database, 0, ast.stored_text)
    if any(len(index.columns) > catalog.settings.limits[2] for index in table.indexes):
        raise SqlError(ERROR, "too many columns in index")
    _check_rules(context, table)
    builder = context.builder
    context.need_write(database)
    emit_first_table(builder, catalog, database)
    root = builder.register()
    builder.emit(OP_CREATE_BTREE, database, root, TREE_TABLE if table.key_index is None else TREE_INDEX)
    cursor = open_schema_table(builder, database)
    emit_schema_row(builder, cursor, "table", ast.name, ast.name, root, ast.stored_text)
    # Newest first is how constraints are checked; they are made in the order of their numbers.
    for index in sorted(table.indexes, key=_automatic_number):
        if index.is_table:
            authorize_new_index(catalog, database, index.name, ast.name)
            authorize_index_row(catalog, table, index)
            continue
        index_root = builder.register()
        builder.emit(OP_CREATE_BTREE, database, index_root, TREE_INDEX)
        emit_schema_row(builder, cursor, "index", index.name, ast.name, index_root, None)
        authorize_new_index(catalog, database, index.name, ast.name)
        authorize_index_row(catalog, table, index)
    if table.is_autoincrement and SEQUENCE_TABLE not in catalog.schema(database).tables:
        sequence_root = builder.register()
        builder.emit(OP_CREATE_BTREE, database, sequence_root, TREE_TABLE)
        text = f"CREATE TABLE {SEQUENCE_TABLE}(name,seq)"
        emit_schema_row(builder, cursor, "table", SEQUENCE_TABLE, SEQUENCE_TABLE, sequence_root, text)
    emit_close(builder, cursor)
    authorize_schema_row(catalog, database)
    emit_new_cookie(builder, catalog, database)
    builder.emit(OP_HALT)


def _automatic_number(index: object) -> int:
    name: str = index.name  # type: ignore[attr-defined]
    return int(name.rpartition("_")[2])


def _authorize(catalog: Catalog, database: int, name: str, action: int, is_temporary: bool) -> None:
    if catalog.authorizer is None:
        return
    schema = catalog.schema_name(database)
    catalog.authorize(ACTION_INSERT, "sqlite_temp_master" if is_temporary else "sqlite_master", None, schema)
    catalog.authorize(action, name, None, schema)


def is_name_free(context: StatementContext, database: int, name: str, if_not_exists: bool) -> bool:
    """Whether a table or view may have the name; False: it exists and IF NOT EXISTS says so."""
    schema = context.catalog.schema(database)
    key = fold_name(name)
    known = schema.tables.get(key)
    if known is not None:
        if not if_not_exists:
            raise TokenError(kind_of(known) + " ", "name", name, " already exists")
        context.need_read(database)
        context.is_readonly = False
        context.builder.emit(OP_HALT)
        return False
    if key in schema.indexes:
        raise SqlError(ERROR, f"there is already an index named {name}")
    return True


def _check_rules(context: StatementContext, table: Table) -> None:
    """Bind what the definition holds, so that its errors come now."""
    binder = RuleBinder(context.catalog, table_source(table), context.bind_context.sql, True)
    for column in table.columns:
        if not context.catalog.has_collation(column.collation):
            raise SqlError(ERROR_MISSING_COLLSEQ, "no such collation sequence: " + column.collation)
    for index in sorted(table.indexes, key=_automatic_number):
        for key in index.columns:
            if not context.catalog.has_collation(key.collation):
                raise SqlError(ERROR_MISSING_COLLSEQ, "no such collation sequence: " + key.collation)
    for check in table.checks:
        binder.bind(check.expression, CHECKS)
    binder.bind_generated()
    if context.catalog.authorizer is not None:
        _ask_for_defaults(binder, table)


def _ask_for_defaults(binder: RuleBinder, table: Table) -> None:
    """Ask the authorizer for the functions of the DEFAULTs; what else is wrong with them comes when they are used."""
    for column in table.columns:
        if column.default is not None:
            try:
                binder.bind_default(column.default)
            except SqlError as error:
                if error.primary_code == AUTH:
                    raise


def emit_first_table(builder: ProgramBuilder, catalog: Catalog, database: int) -> None:
    """A database's file format and text encoding are settled when it gets its first table or view."""
    known = builder.label()
    file_format = builder.register()
    builder.emit(OP_READ_COOKIE, database, file_format, META_FILE_FORMAT)
    builder.emit(OP_IF, file_format, known)
    builder.emit(OP_SET_COOKIE, database, META_FILE_FORMAT, NEWEST_FILE_FORMAT)
    builder.emit(OP_SET_COOKIE, database, META_TEXT_ENCODING, catalog.text_encoding)
    builder.place(known)


# CREATE TABLE ... AS SELECT


def quoted_name(name: str) -> str:
    """A name as SQLite writes it into a made-up text: quoted where it must be."""
    is_plain = bool(name) and name[0] not in "0123456789" and all(character in _WORD for character in name)
    if is_plain and name.upper() not in KEYWORDS:
        return name
    return '"' + name.replace('"', '""') + '"'


def created_text(name: str, columns: list[tuple[str, str]]) -> str:
    """The stored text of CREATE TABLE ... AS: columns are (name, affinity)."""
    width = sum(_width(column) + 5 for column, _ in columns) + _width(name)
    first, following, end = ("", ",", ")") if width < NARROW_TEXT else ("\n  ", ",\n  ", "\n)")
    parts = [quoted_name(column) + TYPE_NAMES[affinity] for column, affinity in columns]
    return f"CREATE TABLE {quoted_name(name)}({first}{following.join(parts)}{end}"


def _width(name: str) -> int:
    return len(name.encode("utf-8", "surrogateescape")) + name.count('"') + 2


def select_columns(select: BoundSelect) -> list[tuple[str, str]]:
    """Names (made unique) and affinities of a SELECT's columns as those of a table."""
    names = table_names(select.columns)
    return [(name, subquery_column_affinity(select, number)) for number, name in enumerate(names)]


def _emit_create_as(context: StatementContext, ast: AstCreateTable, database: int) -> None:
    builder, catalog = context.builder, context.catalog
    assert ast.select is not None
    select = context.bind_context.bind_select(context.bind_context, ast.select, None)
    context.bind_context.raise_late_error()
    columns = select_columns(select)
    text = created_text(ast.name, columns)
    context.need_write(database)
    context.is_multi_write = True
    emit_first_table(builder, catalog, database)
    root = builder.register()
    builder.emit(OP_CREATE_BTREE, database, root, TREE_TABLE)
    cursor = open_schema_table(builder, database)
    emit_schema_row(builder, cursor, "table", ast.name, ast.name, root, text)
    emit_close(builder, cursor)
    table_cursor = builder.cursor()
    builder.emit(OP_OPEN_WRITE, table_cursor, root, database, len(columns), 2)
    yield_register = builder.register()
    first = builder.registers(len(columns))
    record = builder.register()
    rowid = builder.register()
    after = builder.label()
    entry = builder.emit(OP_INIT_COROUTINE, yield_register, after, 0)
    builder.instructions[entry].p3 = builder.address
    emit_select(context, select, CoroutineOutput(yield_register, first))
    builder.emit(OP_END_COROUTINE, yield_register)
    builder.place(after)
    done = builder.label()
    top = builder.address
    builder.emit(OP_YIELD, yield_register, done)
    affinities = "".join("A" if affinity == "@" else affinity for _, affinity in columns)
    builder.emit(OP_MAKE_RECORD, first, len(columns), record, affinities)
    builder.emit(OP_NEW_ROWID, table_cursor, rowid)
    builder.emit(OP_INSERT, table_cursor, record, rowid, None, WRITE_APPEND)
    builder.emit(OP_GOTO, 0, top)
    builder.place(done)
    builder.emit(OP_CLOSE, table_cursor)
    authorize_schema_row(catalog, database)
    emit_new_cookie(builder, catalog, database)
    builder.emit(OP_HALT)


# Views


def emit_create_view(context: StatementContext, ast: AstCreateView) -> None:
    """The program of a CREATE VIEW; its SELECT is looked at only when the view is used."""
    catalog, builder = context.catalog, context.builder
    database = target_database(catalog, ast.schema, ast.is_temporary, "temporary table")
    check_reserved(catalog, ast.name)
    _authorize(
        catalog,
        database,
        ast.name,
        ACTION_CREATE_TEMP_VIEW if ast.is_temporary else ACTION_CREATE_VIEW,
        ast.is_temporary,
    )
    if any(isinstance(node, AstParameter) for node in walk(ast.select)):
        raise SqlError(ERROR, "parameters are not allowed in views")
    if not is_name_free(context, database, ast.name, ast.if_not_exists):
        return
    _check_schemas(catalog, ast, database)
    context.need_write(database)
    emit_first_table(builder, catalog, database)
    cursor = open_schema_table(builder, database)
    emit_schema_row(builder, cursor, "view", ast.name, ast.name, 0, ast.stored_text)
    emit_close(builder, cursor)
    authorize_schema_row(catalog, database)
    emit_new_cookie(builder, catalog, database)
    builder.emit(OP_HALT)


def _check_schemas(catalog: Catalog, ast: AstCreateView, database: int) -> None:
    """A view may name only what is in its own database, unless it is a temporary one."""
    if database == 1:
        return
    for node in walk(ast.select):
        if isinstance(node, (AstTableSource, AstInTable)) and node.schema is not None:
            if catalog.database_number(node.schema) != database:
                raise TokenError("view ", "name", ast.name, f" cannot reference objects in database {node.schema}")
