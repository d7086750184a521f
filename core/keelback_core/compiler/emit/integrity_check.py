"""PRAGMA integrity_check and quick_check: the trees, then every row of every table against its rules and indexes.

1. The trees are checked by one storage opcode; rows and index entries by the code emitted here.
2. Messages and their order are SQLite's; after `limit` of them the check ends; without any the answer is "ok".

Source: https://sqlite.org/pragma.html#pragma_integrity_check
"""

from __future__ import annotations

from keelback_core.compiler.bind.table_rules import bind_table_rules
from keelback_core.compiler.catalog.listed_tables import listed_tables
from keelback_core.compiler.catalog.virtual import virtual_key
from keelback_core.compiler.emit.analyze import TEMPORARY
from keelback_core.compiler.emit.expression import emit_expression, emit_jump_if_false, emit_jump_if_true
from keelback_core.compiler.emit.table_writer import TableWriter
from keelback_core.program.opcodes import (
    OP_ADD_IMM,
    OP_AFFINITY,
    OP_COLUMN,
    OP_CONCAT,
    OP_COUNT,
    OP_DECR_JUMP_ZERO,
    OP_EQ,
    OP_FOUND,
    OP_FUNCTION,
    OP_GE,
    OP_GOTO,
    OP_IDX_GT,
    OP_IF_POS,
    OP_INTEGER,
    OP_INTEGRITY_CK,
    OP_IS_NULL,
    OP_LT,
    OP_NE,
    OP_NEXT,
    OP_NOT_NULL,
    OP_NULL,
    OP_RESULT_ROW,
    OP_REWIND,
    OP_STRING8,
    OP_TRANSACTION,
    OP_V_CHECK,
)
from keelback_core.program.program import COMPARE_JUMP_IF_NULL, FunctionReference
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.catalog.model import Schema, Table
    from keelback_core.compiler.emit.statement_context import StatementContext

DEFAULT_LIMIT: Final = 100
STRICT_KINDS: Final = {
    "INT": ("integer",),
    "INTEGER": ("integer",),
    "REAL": ("real", "integer"),
    "TEXT": ("text",),
    "BLOB": ("blob",),
}


def emit_integrity_check(
    context: StatementContext,
    is_quick: bool,
    argument: str | None,
    database: int,
    is_qualified: bool,
    number: int | None,
) -> None:
    """The check of one database, or of all; of one table if the argument is no number."""
    catalog = context.catalog
    limit = DEFAULT_LIMIT
    only: Table | None = None
    if argument is not None:
        if number is not None:
            limit = number if number > 0 else DEFAULT_LIMIT
        else:
            schema_name = catalog.schema_name(database) if is_qualified else None
            only = catalog.find_usable(argument, schema_name)
            if only is None:
                raise SqlError(ERROR, "no such table: " + catalog.shown_name(argument, schema_name))
    numbers = [database] if is_qualified else [schema.database for schema in catalog.schemas if schema is not None]
    if not is_qualified:
        # SQLite opens temp for it.
        context.builder.emit(OP_TRANSACTION, TEMPORARY, 0)
    check = _Check(context, is_quick, limit)
    for number in numbers:
        # All are read, as in SQLite, even where only one table is looked at.
        context.need_read(number)
        if only is not None and number != only.database:
            continue
        check.emit_database(catalog.schema(number), only)
    check.emit_end()


class _Check:
    """left: register of the messages still allowed; text: the message; part: a scratch register beside it."""

    __slots__ = ("context", "builder", "is_quick", "limit", "left", "text", "part", "end")

    def __init__(self, context: StatementContext, is_quick: bool, limit: int) -> None:
        self.context = context
        self.builder = context.builder
        self.is_quick = is_quick
        self.limit = limit
        self.left = self.builder.register()
        self.text = self.builder.register()
        self.part = self.builder.register()
        self.end = self.builder.label()
        self.builder.emit(OP_INTEGER, limit, self.left)

    def emit_end(self) -> None:
        """ok, if nothing was found."""
        builder = self.builder
        builder.emit(OP_INTEGER, self.limit, self.part)
        builder.emit(OP_NE, self.part, self.end, self.left, None, 0)
        builder.emit(OP_STRING8, 0, self.text, 0, "ok")
        builder.emit(OP_RESULT_ROW, self.text, 1)
        builder.place(self.end)

    def _message(self) -> None:
        """Hand out the message in the text register; end when that was the last one allowed."""
        self.builder.emit(OP_RESULT_ROW, self.text, 1)
        self.builder.emit(OP_DECR_JUMP_ZERO, self.left, self.end)

    def _fixed_message(self, text: str) -> None:
        self.builder.emit(OP_STRING8, 0, self.text, 0, text)
        self._message()

    def emit_database(self, schema: Schema, only: Table | None) -> None:
        """The trees of a database, then the rows of its tables."""
        builder = self.builder
        tables = [table for table in listed_tables(schema) if table.kind == "table"]
        roots: list[int] = [0] if only is not None else []
        for table in [only] if only is not None else tables:
            roots.append(table.root)
            roots += [index.root for index in table.indexes if index.root != table.root]
        sound = builder.label()
        builder.emit(OP_INTEGRITY_CK, self.part, 0, self.left, tuple(roots), schema.database)
        builder.emit(OP_IS_NULL, self.part, sound)
        builder.emit(OP_STRING8, 0, self.text, 0, f"*** in database {schema.name} ***\n")
        builder.emit(OP_CONCAT, self.part, self.text, self.text)
        builder.emit(OP_RESULT_ROW, self.text, 1)
        # At least one message was allowed, so a zero means that all were used up.
        more = builder.label()
        builder.emit(OP_IF_POS, self.left, more, 0)
        builder.emit(OP_GOTO, 0, self.end)
        builder.place(more)
        builder.place(sound)
        writers = []
        for table in [only] if only is not None else tables:
            if table.kind == "table" and table.root > 1:
                writers.append(self._emit_counts(table))
        for writer in writers:
            self._emit_rows(writer)
        for table in [only] if only is not None else listed_tables(schema):
            if table.kind == "virtual":
                self._emit_virtual(table)

    def _emit_virtual(self, table: Table) -> None:
        """Ask a virtual table what is wrong with it."""
        builder = self.builder
        sound = builder.label()
        self.context.catalog.connected(table)
        builder.emit(OP_V_CHECK, 0, self.text, 1 if self.is_quick else 0, virtual_key(table))
        builder.emit(OP_IS_NULL, self.text, sound)
        self._message()
        builder.place(sound)

    def _emit_counts(self, table: Table) -> TableWriter:
        """Open the table and its indexes, and hold their numbers of entries against each other."""
        context, builder = self.context, self.builder
        writer = TableWriter(context, bind_table_rules(context.catalog, table, True))
        writer.open(writable=False)
        if table.indexes:
            rows = builder.register()
            entries = builder.register()
            builder.emit(OP_COUNT, writer.table_cursor, rows)
        for position, index in enumerate(table.indexes):
            if index.where is None and not index.is_table:
                same = builder.label()
                builder.emit(OP_COUNT, writer.index_cursors[position], entries)
                builder.emit(OP_EQ, entries, same, rows, None, 0)
                self._fixed_message(f"wrong # of entries in index {index.name}")
                builder.place(same)
        return writer

    def _emit_rows(self, writer: TableWriter) -> None:
        """Every row of a table."""
        context, builder = self.context, self.builder
        table = writer.table
        rows = builder.register()
        builder.emit(OP_INTEGER, 0, rows)
        done = builder.label()
        before = builder.registers(writer.key.width)
        if table.key_index is not None:
            builder.emit(OP_NULL, 0, before, before + writer.key.width - 1)
        builder.emit(OP_REWIND, writer.table_cursor, done)
        context.loop_depth += 1
        top = builder.address
        builder.emit(OP_ADD_IMM, rows, 1)
        if table.key_index is not None and not self.is_quick:
            self._emit_key_order(writer, before)
        for number, column in enumerate(table.columns):
            if number != table.rowid_column and not column.generated:
                self._emit_column(writer, number)
        self._emit_checks(writer)
        if not self.is_quick and not any(column.generated for column in table.columns):
            for position, index in enumerate(table.indexes):
                if not index.is_table:
                    self._emit_entry(writer, position, rows)
        builder.emit(OP_NEXT, writer.table_cursor, top)
        context.loop_depth -= 1
        builder.place(done)

    def _emit_key_order(self, writer: TableWriter, before: int) -> None:
        """Rows of a table WITHOUT ROWID stand in the order of their keys; `before` has that of the row before."""
        builder = self.builder
        fine = builder.label()
        builder.emit(OP_IS_NULL, before, fine)
        builder.emit(OP_IDX_GT, writer.table_cursor, fine, before, writer.key.width)
        self._fixed_message(f"row not in PRIMARY KEY order for {writer.table.name}")
        builder.place(fine)
        for place in range(writer.key.width):
            builder.emit(OP_COLUMN, writer.table_cursor, place, before + place)

    def _emit_column(self, writer: TableWriter, number: int) -> None:
        """NOT NULL, and the storage classes that the declared type leaves over."""
        table = writer.table
        column = table.columns[number]
        builder = self.builder
        name = f"{table.name}.{column.name}"
        is_text = column.affinity == "B" and not table.is_strict
        is_numeric = column.affinity >= "C" and not table.is_strict
        if column.not_null is None and not is_text and not is_numeric and not table.is_strict:
            return
        value = builder.register()
        emit_expression(self.context, writer.stored.column(number), value)
        if column.not_null is not None:
            fine = builder.label()
            builder.emit(OP_NOT_NULL, value, fine)
            self._fixed_message(f"NULL value in {name}")
            builder.place(fine)
        # Numbers, and only they, are smaller than the empty text.
        empty = self.context.constant("")
        right = builder.label()
        if is_text:
            builder.emit(OP_GE, empty, right, value, "BINARY", COMPARE_JUMP_IF_NULL)
            self._fixed_message(f"NUMERIC value in {name}")
        elif is_numeric:
            builder.emit(OP_LT, empty, right, value, "BINARY", COMPARE_JUMP_IF_NULL)
            builder.emit(OP_AFFINITY, value, 1, 0, "C")
            builder.emit(OP_GE, empty, right, value, "BINARY", 0)
            self._fixed_message(f"TEXT value in {name}")
        elif table.is_strict and column.declared_type != "ANY":
            kind = builder.register()
            builder.emit(OP_IS_NULL, value, right)
            builder.emit(OP_FUNCTION, 0, value, kind, FunctionReference("typeof", 1), 1)
            for allowed in STRICT_KINDS[column.declared_type]:
                builder.emit(OP_EQ, self.context.constant(allowed), right, kind, "BINARY", 0)
            self._fixed_message(f"non-{column.declared_type} value in {name}")
        builder.place(right)

    def _emit_checks(self, writer: TableWriter) -> None:
        """One message a row for any number of failing CHECKs."""
        builder = self.builder
        checks = writer.stored.checks
        if not checks or self.context.catalog.settings.ignore_check_constraints:
            return
        failed = builder.label()
        passed = builder.label()
        for _, expression in checks[:-1]:
            emit_jump_if_false(self.context, expression, failed, False)
        emit_jump_if_true(self.context, checks[-1][1], passed, True)
        builder.place(failed)
        self._fixed_message(f"CHECK constraint failed in {writer.table.name}")
        builder.place(passed)

    def _emit_entry(self, writer: TableWriter, position: int, rows: int) -> None:
        """The row's entry is in the index, and no other entry has its key if the index is unique."""
        context, builder = self.context, self.builder
        index = writer.table.indexes[position]
        cursor = writer.index_cursors[position]
        skip = builder.label()
        condition = writer.stored.index_conditions[position]
        if condition is not None:
            emit_jump_if_false(context, condition, skip, True)
        width = len(index.columns)
        count = len(index.entry_columns)
        first = builder.registers(count)
        writer.emit_key(writer.stored, position, first)
        affinities = writer.key_affinities(writer.stored, position)
        if affinities is not None:
            builder.emit(OP_AFFINITY, first, count, 0, affinities)
        found = builder.label()
        builder.emit(OP_FOUND, cursor, found, first, count)
        builder.emit(OP_STRING8, 0, self.text, 0, "row ")
        builder.emit(OP_CONCAT, rows, self.text, self.text)
        builder.emit(OP_STRING8, 0, self.part, 0, f" missing from index {index.name}")
        builder.emit(OP_CONCAT, self.part, self.text, self.text)
        self._message()
        builder.emit(OP_GOTO, 0, skip)
        builder.place(found)
        if index.is_unique:
            unique = builder.label()
            for number in range(width):
                builder.emit(OP_IS_NULL, first + number, unique)
            differs = builder.label()
            following = builder.label()
            builder.emit(OP_NEXT, cursor, following)
            builder.emit(OP_GOTO, 0, unique)
            builder.place(following)
            builder.emit(OP_IDX_GT, cursor, differs, first, width)
            self._fixed_message(f"non-unique entry in index {index.name}")
            builder.place(differs)
            builder.place(unique)
        builder.place(skip)
