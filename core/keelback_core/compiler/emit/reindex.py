"""REINDEX: the trees of indexes, emptied and filled again from their tables.

Source: https://sqlite.org/lang_reindex.html
"""

from __future__ import annotations

from keelback_core.compiler.bind.table_rules import BoundTableRules, RuleBinder, table_source
from keelback_core.compiler.catalog.actions import ACTION_REINDEX
from keelback_core.compiler.catalog.listed_tables import listed_tables
from keelback_core.compiler.catalog.load_index import fold_collation, replace_indexes
from keelback_core.compiler.catalog.model import fold_name
from keelback_core.compiler.emit.create_index import emit_fill_index
from keelback_core.compiler.sql.token_error import TokenError
from keelback_core.program.opcodes import OP_CLEAR, OP_HALT
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.catalog.catalog import Catalog
    from keelback_core.compiler.catalog.model import Index, Table
    from keelback_core.compiler.emit.statement_context import StatementContext
    from keelback_core.compiler.sql.ast import AstReindex


def emit_reindex(context: StatementContext, ast: AstReindex) -> None:
    """The program of a REINDEX."""
    for table, index in _wanted(context.catalog, ast):
        _emit_index(context, table, index)
    context.builder.emit(OP_HALT)


def _all_indexes(catalog: Catalog) -> list[tuple[Table, Index]]:
    found = []
    for schema in catalog.schemas:
        if schema is not None:
            for table in listed_tables(schema):
                found += [(table, index) for index in table.indexes]
    return found


def _wanted(catalog: Catalog, ast: AstReindex) -> list[tuple[Table, Index]]:
    """The indexes that the statement names."""
    if ast.name is None:
        return _all_indexes(catalog)
    if ast.schema is None and catalog.has_collation(fold_collation(ast.name)):
        wanted = fold_collation(ast.name)
        return [
            (table, index)
            for table, index in _all_indexes(catalog)
            if any(fold_collation(column.collation) == wanted for column in index.columns)
        ]
    if ast.schema is not None and catalog.database_number(ast.schema) is None:
        raise TokenError("unknown database ", "schema", ast.schema)
    table = catalog.find_table(ast.name, ast.schema)
    if table is not None:
        return [(table, index) for index in table.indexes]
    found = catalog.find_index(ast.name, ast.schema)
    if found is None:
        raise SqlError(ERROR, "unable to identify the object to be reindexed")
    index, database = found
    return [(catalog.schema(database).tables[fold_name(index.table_name)], index)]


def _emit_index(context: StatementContext, table: Table, index: Index) -> None:
    catalog = context.catalog
    catalog.authorize(ACTION_REINDEX, index.name, None, catalog.schema_name(table.database))
    if not index.is_table:
        emit_rebuild(context, catalog, table, index)


def emit_rebuild(context: StatementContext, catalog: Catalog, table: Table, index: Index) -> None:
    """Fill an index anew; the catalog is the one that table and index are of."""
    binder = RuleBinder(catalog, table_source(table), index.sql or "")
    binder.bind_generated(forgives_loops=True)
    expressions, condition = binder.bind_index(index)
    rules = BoundTableRules(
        replace_indexes(table, (index,)), binder.source, (), (None,) * len(table.columns), (expressions,), (condition,)
    )
    context.need_write(table.database)
    context.builder.emit(OP_CLEAR, index.root, table.database, 0, None, 0, index.name)
    emit_fill_index(context, rules, index.root, 0)
