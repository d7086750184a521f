"""ANALYZE: rows and distinct prefixes of every index, written to sqlite_stat1 as SQLite writes them.

    tbl, idx, stat      stat: rows of the index, then for each leading part of its key the rows that share a value
    tbl, NULL, rows     a table without a whole index

1. sqlite_stat4 beside it has some entries of each index with what comes before them: emit/analyze_samples.py.
2. An index whose tree is empty has no row, a partial one a row of zeros.
3. With PRAGMA analysis_limit only so many entries are looked at before the next value of the first column is sought;
   there are no samples then, and the rows are those of the whole tree.

Source: https://sqlite.org/lang_analyze.html, https://sqlite.org/fileformat2.html#the_sqlite_stat1_table
"""

from __future__ import annotations

from keelback_core.compiler.catalog.actions import ACTION_ANALYZE, ACTION_DELETE, ACTION_SELECT
from keelback_core.compiler.catalog.listed_tables import listed_tables
from keelback_core.compiler.catalog.model import fold_name
from keelback_core.compiler.emit.analyze_samples import IndexSamples, tested_columns
from keelback_core.compiler.emit.create_table import TREE_TABLE
from keelback_core.compiler.emit.row_key import index_key_info
from keelback_core.compiler.emit.schema_authority import authorize_new_table
from keelback_core.compiler.emit.schema_rows import emit_new_cookie, emit_schema_row, open_schema_table
from keelback_core.compiler.sql.token_error import TokenError
from keelback_core.program.opcodes import (
    OP_ADD,
    OP_ADD_IMM,
    OP_CLEAR,
    OP_CLOSE,
    OP_COLUMN,
    OP_CONCAT,
    OP_COPY,
    OP_COUNT,
    OP_CREATE_BTREE,
    OP_DELETE,
    OP_DIVIDE,
    OP_GOTO,
    OP_GT,
    OP_HALT,
    OP_IF,
    OP_IF_NOT,
    OP_INSERT,
    OP_INTEGER,
    OP_LE,
    OP_MAKE_RECORD,
    OP_MULTIPLY,
    OP_NE,
    OP_NEW_ROWID,
    OP_NEXT,
    OP_NULL,
    OP_OPEN_READ,
    OP_OPEN_WRITE,
    OP_PRE_UPDATE,
    OP_REWIND,
    OP_ROWID,
    OP_SCHEMA_CHANGED,
    OP_SEEK_GT,
    OP_STRING8,
)
from keelback_core.program.program import COMPARE_NULL_EQUAL, WRITE_APPEND
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.catalog.catalog import Catalog
    from keelback_core.compiler.catalog.model import Index, Table
    from keelback_core.compiler.emit.statement_context import StatementContext
    from keelback_core.compiler.sql.ast import AstAnalyze

STATISTICS_TABLES: Final = (("sqlite_stat1", "tbl,idx,stat"), ("sqlite_stat4", "tbl,idx,neq,nlt,ndlt,sample"))
TEMPORARY: Final = 1
_JUMP_IF_NULL: Final = 0x10
_ROOT_IN_REGISTER: Final = 2


def emit_analyze(context: StatementContext, ast: AstAnalyze) -> None:
    """The program of an ANALYZE."""
    catalog = context.catalog
    databases: list[int] = []
    if ast.schema is not None and catalog.database_number(ast.schema) is None:
        raise TokenError("unknown database ", "schema", ast.schema)
    if ast.name is None:
        for schema in catalog.schemas:
            if schema is not None and schema.database != TEMPORARY:
                _emit_database(context, schema.database)
                databases.append(schema.database)
    elif ast.schema is None and catalog.database_number(ast.name) is not None:
        databases.append(catalog.database_number(ast.name) or 0)
        _emit_database(context, databases[0])
    else:
        databases.append(_emit_named(context, ast.name, ast.schema))
    for database in databases:
        _authorize_load(catalog, database)
    context.builder.emit(OP_HALT)


def _authorize_load(catalog: Catalog, database: int) -> None:
    """Ask for what SQLite's own statements read when the statistics are loaded again."""
    if catalog.authorizer is None:
        return
    schema = catalog.schema_name(database)
    catalog.authorize(ACTION_SELECT, None, None, None)
    for column in ("tbl", "idx", "stat"):
        catalog.authorize_read("sqlite_stat1", column, schema)
    catalog.authorize(ACTION_SELECT, None, None, None)
    catalog.authorize_read("sqlite_stat4", "idx", schema)
    catalog.authorize_function("count")
    catalog.authorize_read("sqlite_stat4", "idx", schema)
    catalog.authorize(ACTION_SELECT, None, None, None)
    for column in ("idx", "neq", "nlt", "ndlt", "sample"):
        catalog.authorize_read("sqlite_stat4", column, schema)


def _emit_named(context: StatementContext, name: str, schema: str | None) -> int:
    """ANALYZE of one table, or of one index; its database."""
    catalog = context.catalog
    found = catalog.find_index(name, schema)
    if found is not None:
        index, database = found
        table = catalog.schema(database).tables[fold_name(index.table_name)]
        writer = Analyzer(context, database)
        writer.open("idx", index.name)
        writer.add_table(table, index)
        writer.close()
        return database
    located = catalog.find_usable(name, schema)
    if located is None:
        raise SqlError(ERROR, "no such table: " + (name if schema is None else f"{schema}.{name}"))
    writer = Analyzer(context, located.database)
    writer.open("tbl", located.name)
    writer.add_table(located, None)
    writer.close()
    return located.database


def _emit_database(context: StatementContext, database: int) -> None:
    writer = Analyzer(context, database)
    writer.open("", "")
    for table in listed_tables(context.catalog.schema(database)):
        writer.add_table(table, None)
    writer.close()


class Analyzer:
    """Emits what fills sqlite_stat1 and sqlite_stat4 of one database. limit: of the entries looked at, 0 for none."""

    __slots__ = ("context", "database", "cursor", "samples_cursor", "is_new", "limit")

    def __init__(self, context: StatementContext, database: int) -> None:
        self.limit = context.catalog.settings.analysis_limit
        self.context = context
        self.database = database
        self.cursor = -1
        self.samples_cursor = -1
        self.is_new = False

    def open(self, column: str, name: str | None) -> None:
        """Make the tables of statistics, or remove what is to be counted again: all, rows of one name, or, without a
        name, nothing."""
        context, builder, database = self.context, self.context.builder, self.database
        context.need_write(database)
        context.is_multi_write = True
        tables = context.catalog.schema(database).tables
        places: list[tuple[int, int, int]] = []
        for table_name, columns in STATISTICS_TABLES:
            known = tables.get(table_name)
            if known is None:
                authorize_new_table(context.catalog, database, table_name)
            width = columns.count(",") + 1
            if known is None:
                register = builder.register()
                places.append((register, _ROOT_IN_REGISTER, width))
                builder.emit(OP_CREATE_BTREE, database, register, TREE_TABLE)
                schema_cursor = open_schema_table(builder, database)
                text = f"CREATE TABLE {table_name}({columns})"
                emit_schema_row(builder, schema_cursor, "table", table_name, table_name, register, text)
                builder.emit(OP_CLOSE, schema_cursor)
                self.is_new = True
                continue
            places.append((known.root, 0, width))
            if column and name is not None:
                schema = context.catalog.schema_name(database)
                context.catalog.authorize(ACTION_DELETE, table_name, None, schema)
                context.catalog.authorize_read(table_name, column, schema)
                emit_delete_statistics(context, known, column, name)
            elif name is not None and context.catalog.settings.has_preupdate_hook:
                emit_delete_statistics(context, known, "", "")
            elif name is not None:
                builder.emit(OP_CLEAR, known.root, database)
        cursors = []
        for root, flags, width in places:
            cursors.append(builder.cursor())
            builder.emit(OP_OPEN_WRITE, cursors[-1], root, database, width, flags)
        self.cursor, self.samples_cursor = cursors

    def close(self) -> None:
        """Have the schema read again, with its statistics."""
        builder = self.context.builder
        builder.emit(OP_CLOSE, self.cursor)
        builder.emit(OP_CLOSE, self.samples_cursor)
        if self.is_new:
            emit_new_cookie(builder, self.context.catalog, self.database)
        else:
            builder.emit(OP_SCHEMA_CHANGED, self.database)

    def forget_table(self, table: Table) -> None:
        """Remove what is known of a table."""
        tables = self.context.catalog.schema(self.database).tables
        for table_name, _ in STATISTICS_TABLES:
            if table_name in tables:
                emit_delete_statistics(self.context, tables[table_name], "tbl", table.name)

    def add_table(self, table: Table, only: Index | None) -> None:
        """Count a table, or one of its indexes."""
        if table.kind != "table" or fold_name(table.name).startswith("sqlite_"):
            return
        catalog = self.context.catalog
        catalog.authorize(ACTION_ANALYZE, table.name, None, catalog.schema_name(table.database))
        needs_count = only is None
        for index in table.indexes:
            if index.where is None:
                needs_count = False
            if only is None or only is index:
                self._add_index(table, index)
        if needs_count:
            self._add_count(table)

    def _write(self, table: Table, index: str | None, stat: int) -> None:
        builder = self.context.builder
        first = builder.registers(3)
        rowid, record = builder.register(), builder.register()
        builder.emit(OP_STRING8, 0, first, 0, table.name)
        if index is None:
            builder.emit(OP_NULL, 0, first + 1)
        else:
            builder.emit(OP_STRING8, 0, first + 1, 0, index)
        builder.emit(OP_STRING8, 0, first + 2, 0, "")
        builder.emit(OP_CONCAT, stat, first + 2, first + 2)
        builder.emit(OP_MAKE_RECORD, first, 3, record, "BBB")
        builder.emit(OP_NEW_ROWID, self.cursor, rowid)
        if self.context.catalog.settings.has_preupdate_hook:
            shown = builder.registers(4)
            builder.emit(OP_COPY, rowid, shown)
            builder.emit(OP_COPY, first, shown + 1, 2)
            builder.emit(OP_PRE_UPDATE, self.database, 0, shown, "sqlite_stat1", 3)
        builder.emit(OP_INSERT, self.cursor, record, rowid, None, WRITE_APPEND)

    def _add_count(self, table: Table) -> None:
        builder = self.context.builder
        cursor, count, empty = builder.cursor(), builder.register(), builder.label()
        builder.emit(OP_OPEN_READ, cursor, table.root, table.database, len(table.columns), 0, table.name)
        builder.emit(OP_COUNT, cursor, count)
        builder.emit(OP_CLOSE, cursor)
        builder.emit(OP_IF_NOT, count, empty)
        self._write(table, None, count)
        builder.place(empty)

    def _add_index(self, table: Table, index: Index) -> None:
        builder = self.context.builder
        is_key = table.is_without_rowid and index.origin == "pk"
        name = table.name if is_key else index.name
        width = len(index.columns)
        tested = max(width, tested_columns(table, index))
        cursor = builder.cursor()
        before = builder.registers(tested)
        distinct = builder.registers(width)
        rows, stat, value, same_columns = (builder.register() for _ in range(4))
        end, empty = builder.label(), builder.label()
        builder.emit(OP_OPEN_READ, cursor, index.root, table.database, index_key_info(index), 0, index.name)
        builder.emit(OP_COUNT, cursor, rows)
        samples = None if self.limit else IndexSamples(self.context, table, index, cursor, rows)
        all_rows = rows
        skipped, most = builder.register(), builder.register()
        if self.limit:
            rows = builder.register()
            builder.emit(OP_INTEGER, 0, skipped)
            builder.emit(OP_INTEGER, self.limit, most)
        builder.emit(OP_INTEGER, 0, rows)
        builder.emit(OP_REWIND, cursor, empty)
        for place in range(tested):
            builder.emit(OP_COLUMN, cursor, place, before + place)
            if place < width:
                builder.emit(OP_INTEGER, 1, distinct + place)
        same = builder.label()
        builder.emit(OP_INTEGER, 0, same_columns)
        builder.emit(OP_GOTO, 0, same)
        top = builder.address
        changed = [builder.label() for _ in range(tested)]
        for place, column in enumerate(index.entry_columns[:tested]):
            collation = self.context.collation(column.collation)
            builder.emit(OP_INTEGER, place, same_columns)
            builder.emit(OP_COLUMN, cursor, place, value)
            builder.emit(OP_NE, value, changed[place], before + place, collation, COMPARE_NULL_EQUAL)
        builder.emit(OP_INTEGER, tested, same_columns)
        builder.emit(OP_GOTO, 0, same)
        for place in range(tested):
            builder.place(changed[place])
            if place < width:
                builder.emit(OP_ADD_IMM, distinct + place, 1)
            builder.emit(OP_COLUMN, cursor, place, before + place)
        builder.place(same)
        if samples is not None:
            samples.emit_push(same_columns)
        builder.emit(OP_ADD_IMM, rows, 1)
        stop = builder.label()
        if self.limit:
            self._emit_skip(cursor, rows, most, skipped, distinct, before, stop)
        builder.emit(OP_NEXT, cursor, top)
        builder.place(stop)
        builder.emit(OP_STRING8, 0, stat, 0, "")
        if self.limit:
            told = builder.label()
            builder.emit(OP_IF, skipped, told)
            builder.emit(OP_COPY, rows, all_rows)
            builder.place(told)
        builder.emit(OP_CONCAT, all_rows, stat, stat)
        for place in range(width):
            self._append_average(rows, distinct + place, stat)
        self._write(table, name, stat)
        if samples is not None:
            samples.emit_write(self.samples_cursor, name)
        builder.emit(OP_GOTO, 0, end)
        builder.place(empty)
        if index.where is not None:
            builder.emit(OP_STRING8, 0, stat, 0, " ".join(["0"] * (width + 1)))
            self._write(table, name, stat)
        builder.place(end)
        builder.emit(OP_CLOSE, cursor)

    def _emit_skip(
        self, cursor: int, rows: int, most: int, skipped: int, distinct: int, before: int, stop: int
    ) -> None:
        """Beyond the limit: stop where the first column has had two values, else go to its next one."""
        builder = self.context.builder
        go_on = builder.label()
        builder.emit(OP_LE, most, go_on, rows, "BINARY")
        builder.emit(OP_ADD_IMM, skipped, 1)
        builder.emit(OP_ADD_IMM, most, self.limit)
        builder.emit(OP_NE, self.context.constant(1), stop, distinct, "BINARY")
        builder.emit(OP_SEEK_GT, cursor, stop, before, 1)
        builder.place(go_on)

    def _append_average(self, rows: int, distinct: int, stat: int) -> None:
        """Append the rows a distinct value has, rounded up; just over one counts as one."""
        builder = self.context.builder
        constant = self.context.constant
        average, many, few = (builder.register() for _ in range(3))
        ready = builder.label()
        builder.emit(OP_ADD, rows, distinct, average)
        builder.emit(OP_ADD_IMM, average, -1)
        builder.emit(OP_DIVIDE, distinct, average, average)
        builder.emit(OP_NE, constant(2), ready, average, "BINARY")
        builder.emit(OP_MULTIPLY, rows, constant(10), many)
        builder.emit(OP_MULTIPLY, distinct, constant(11), few)
        builder.emit(OP_GT, few, ready, many, "BINARY")
        builder.emit(OP_INTEGER, 1, average)
        builder.place(ready)
        builder.emit(OP_CONCAT, constant(" "), stat, stat)
        builder.emit(OP_CONCAT, average, stat, stat)


def emit_delete_statistics(context: StatementContext, statistics: Table, column: str, name: str) -> None:
    """Delete the rows of a table of statistics whose `tbl` or `idx` is a name; without a column all of them."""
    builder = context.builder
    number = statistics.column_number(column) if column else 0
    if number is None:
        return
    cursor, wanted, value = builder.cursor(), builder.register(), builder.register()
    end, skip = builder.label(), builder.label()
    builder.emit(OP_OPEN_WRITE, cursor, statistics.root, statistics.database, len(statistics.columns))
    builder.emit(OP_STRING8, 0, wanted, 0, name)
    builder.emit(OP_REWIND, cursor, end)
    top = builder.address
    if column:
        builder.emit(OP_COLUMN, cursor, number, value)
        builder.emit(OP_NE, wanted, skip, value, "BINARY", _JUMP_IF_NULL)
    if context.catalog.settings.has_preupdate_hook:
        width = len(statistics.columns)
        shown = builder.registers(1 + width)
        builder.emit(OP_ROWID, cursor, shown)
        for place in range(width):
            builder.emit(OP_COLUMN, cursor, place, shown + 1 + place)
        builder.emit(OP_PRE_UPDATE, statistics.database, shown, 0, statistics.name, width)
    builder.emit(OP_DELETE, cursor, 0, 0, None, 2)
    builder.place(skip)
    builder.emit(OP_NEXT, cursor, top)
    builder.place(end)
    builder.emit(OP_CLOSE, cursor)


def emit_forget_statistics(context: StatementContext, database: int, column: str, name: str) -> None:
    """Delete what is known of a dropped table ("tbl") or index ("idx")."""
    tables = context.catalog.schema(database).tables
    for table_name, _ in STATISTICS_TABLES:
        if table_name in tables:
            emit_delete_statistics(context, tables[table_name], column, name)
