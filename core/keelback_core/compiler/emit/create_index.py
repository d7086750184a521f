"""CREATE INDEX: a new tree, a row of the schema table, and the entries of all rows, sorted first.

Source: https://sqlite.org/lang_createindex.html
"""

from __future__ import annotations

from keelback_core.compiler.bind.object_names import check_reserved
from keelback_core.compiler.bind.table_rules import (
    INDEX_CONDITIONS,
    INDEX_EXPRESSIONS,
    BoundTableRules,
    RuleBinder,
    table_source,
)
from keelback_core.compiler.catalog.actions import ACTION_REINDEX
from keelback_core.compiler.catalog.load_index import column_name, load_index, must_be_column, replace_indexes
from keelback_core.compiler.catalog.model import fold_name
from keelback_core.compiler.catalog.settings import LIMIT_COLUMN
from keelback_core.compiler.emit.constraints import unique_message
from keelback_core.compiler.emit.row_key import index_key_info, open_table_cursor
from keelback_core.compiler.emit.schema_authority import authorize_index_row, authorize_new_index
from keelback_core.compiler.emit.schema_rows import emit_close, emit_new_cookie, emit_schema_row, open_schema_table
from keelback_core.compiler.emit.table_writer import TableWriter
from keelback_core.compiler.sql.ast import AstColumnRef, AstFunctionCall, AstParameter, AstSubquery
from keelback_core.compiler.sql.token_error import TokenError
from keelback_core.program.opcodes import (
    OP_CLOSE,
    OP_CREATE_BTREE,
    OP_GOTO,
    OP_HALT,
    OP_IDX_INSERT,
    OP_IS_NULL,
    OP_NEXT,
    OP_OPEN_WRITE,
    OP_REWIND,
    OP_SORTER_COMPARE,
    OP_SORTER_DATA,
    OP_SORTER_INSERT,
    OP_SORTER_NEXT,
    OP_SORTER_OPEN,
    OP_SORTER_SORT,
)
from keelback_core.program.program import CONFLICT_ABORT, HALT_UNIQUE, WRITE_APPEND
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import CONSTRAINT_UNIQUE, ERROR, ERROR_MISSING_COLLSEQ

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.catalog.catalog import Catalog
    from keelback_core.compiler.catalog.model import Index, Table
    from keelback_core.compiler.emit.statement_context import StatementContext
    from keelback_core.compiler.sql.ast import AstCreateIndex, AstExpression

TREE_INDEX: Final = 2


def emit_create_index(context: StatementContext, ast: AstCreateIndex) -> None:
    """The program of a CREATE INDEX."""
    catalog, builder = context.catalog, context.builder
    database, table = _find_table(catalog, ast)
    check_reserved(catalog, ast.name)
    if fold_name(table.name).startswith("sqlite_"):
        raise SqlError(ERROR, f"table {table.name} may not be indexed")
    if table.kind == "view":
        raise SqlError(ERROR, "views may not be indexed")
    if table.kind == "virtual":
        raise SqlError(ERROR, "virtual tables may not be indexed")
    if not _is_name_free(context, ast, database):
        return
    authorize_new_index(catalog, database, ast.name, table.name)
    if ast.where is not None:
        _check_condition(context, ast, table)
    index = load_index(ast, table, 0, ast.stored_text)
    if len(index.columns) > catalog.settings.limits[LIMIT_COLUMN]:
        raise SqlError(ERROR, "too many columns in index")
    _check_collations(context, index)
    binder = RuleBinder(catalog, table_source(table), context.bind_context.sql, True)
    binder.bind_generated(forgives_loops=True)
    expressions, condition = binder.bind_index(index)
    authorize_index_row(catalog, table, index)
    catalog.authorize(ACTION_REINDEX, ast.name, None, catalog.schema_name(database))
    rules = BoundTableRules(
        replace_indexes(table, (index,)), binder.source, (), (None,) * len(table.columns), (expressions,), (condition,)
    )
    context.need_write(database)
    root = builder.register()
    builder.emit(OP_CREATE_BTREE, database, root, TREE_INDEX)
    cursor = open_schema_table(builder, database)
    emit_schema_row(builder, cursor, "index", ast.name, table.name, root, ast.stored_text)
    emit_close(builder, cursor)
    emit_fill_index(context, rules, root, 2)
    emit_new_cookie(builder, catalog, database)
    builder.emit(OP_HALT)


def _check_condition(context: StatementContext, ast: AstCreateIndex, table: Table) -> None:
    """Raise what is wrong with the condition: of several errors SQLite tells its, unless the first term is a column
    that is not there, without COLLATE, or has something else wrong at its head, where SQLite looks still."""
    assert ast.where is not None
    try:
        _binder_before(context, table).bind(ast.where, INDEX_CONDITIONS)
    except SqlError:
        expression = ast.columns[0].expression
        first = column_name(expression)
        if first is None and _is_looked_at(expression):
            _binder_before(context, table).bind(expression, INDEX_EXPRESSIONS)
        # A name between double quotes that no column has is a text, and nothing is wrong with it.
        if not must_be_column(expression) or (first is not None and table.column_number(first) is not None):
            raise


def _binder_before(context: StatementContext, table: Table) -> RuleBinder:
    """A binder that only looks for what is wrong, and asks nobody."""
    binder = RuleBinder(context.catalog, table_source(table), context.bind_context.sql, True)
    binder.context.asks_authorizer = False
    return binder


def _is_looked_at(expression: AstExpression) -> bool:
    """Whether SQLite looks at all parts of an expression after it has found an error elsewhere: not below operators."""
    if isinstance(expression, AstFunctionCall):
        return all(_is_looked_at(argument) for argument in expression.arguments)
    return isinstance(expression, (AstColumnRef, AstParameter, AstSubquery))


def _find_table(catalog: Catalog, ast: AstCreateIndex) -> tuple[int, Table]:
    """The table to be indexed, and its database."""
    if ast.schema is not None:
        number = catalog.database_number(ast.schema)
        if number is None:
            raise TokenError("unknown database ", "schema", ast.schema)
    else:
        number = 0
        # Without a schema name an index follows its table into temp.
        found = catalog.find_usable(ast.table)
        if found is not None and found.database == 1:
            number = 1
    name = catalog.schema_name(number)
    table = catalog.find_usable(ast.table, name)
    if table is None and number == 1 and catalog.find_usable(ast.table) is not None:
        raise SqlError(ERROR, f'cannot create a TEMP index on non-TEMP table "{ast.table}"')
    if table is None:
        raise SqlError(ERROR, "no such table: " + (ast.table if number == 1 else f"{name}.{ast.table}"))
    return number, table


def _is_name_free(context: StatementContext, ast: AstCreateIndex, database: int) -> bool:
    catalog = context.catalog
    name = catalog.schema_name(database)
    if catalog.schema(database).tables.get(fold_name(ast.name)) is not None:
        raise SqlError(ERROR, f"there is already a table named {ast.name}")
    if catalog.find_index(ast.name, name) is not None:
        if not ast.if_not_exists:
            raise SqlError(ERROR, f"index {ast.name} already exists")
        context.need_read(database)
        context.is_readonly = False
        context.builder.emit(OP_HALT)
        return False
    return True


def _check_collations(context: StatementContext, index: Index) -> None:
    for column in index.columns:
        if not context.catalog.has_collation(column.collation):
            raise SqlError(ERROR_MISSING_COLLSEQ, "no such collation sequence: " + column.collation)


def emit_fill_index(context: StatementContext, rules: BoundTableRules, root: int, root_flags: int) -> None:
    """Sort the entries of all rows and append them to the (empty) tree of the one index of `rules`.

    root: its page, or with root_flags 2 the register that holds it.
    """
    builder = context.builder
    table = rules.table
    index = table.indexes[0]
    info = index_key_info(index)
    writer = TableWriter(context, rules)
    writer.table_cursor = builder.cursor()
    context.bind_cursor(rules.source, writer.table_cursor)
    sorter = builder.cursor()
    builder.emit(OP_SORTER_OPEN, sorter, len(index.entry_columns), 0, info)
    open_table_cursor(builder, table, writer.table_cursor)
    filled = builder.label()
    builder.emit(OP_REWIND, writer.table_cursor, filled)
    top = builder.address
    record, _ = writer.emit_entry(rules, 0)
    skip = builder.label()
    if index.where is not None:
        builder.emit(OP_IS_NULL, record, skip)
    builder.emit(OP_SORTER_INSERT, sorter, record)
    builder.place(skip)
    builder.emit(OP_NEXT, writer.table_cursor, top)
    builder.place(filled)
    builder.emit(OP_CLOSE, writer.table_cursor)
    cursor = builder.cursor()
    builder.emit(OP_OPEN_WRITE, cursor, root, table.database, info, root_flags, index.name)
    done = builder.label()
    sorted_record = builder.register()
    builder.emit(OP_SORTER_SORT, sorter, done)
    if index.is_unique:
        insert = builder.label()
        builder.emit(OP_GOTO, 0, insert)
        top = builder.address
        builder.emit(OP_SORTER_COMPARE, sorter, insert, sorted_record, len(index.columns))
        builder.emit(OP_HALT, CONSTRAINT_UNIQUE, CONFLICT_ABORT, 0, unique_message(table, index), HALT_UNIQUE)
        builder.place(insert)
    else:
        top = builder.address
    builder.emit(OP_SORTER_DATA, sorter, sorted_record, sorter)
    builder.emit(OP_IDX_INSERT, cursor, sorted_record, 0, None, WRITE_APPEND)
    builder.emit(OP_SORTER_NEXT, sorter, top)
    builder.place(done)
    builder.emit(OP_CLOSE, cursor)
    builder.emit(OP_CLOSE, sorter)
    context.is_multi_write = True
