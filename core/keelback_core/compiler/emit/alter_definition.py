"""ALTER TABLE ... ALTER COLUMN a TO <column definition>: a column gets another name, type, default or constraints.

1. Real SQLite has no such statement. All it changes are the stored texts, rows and indexes; the file stays SQLite's.
2. The new definition takes the place of the old one in the stored text; a new name goes wherever RENAME COLUMN puts it.
3. Values are converted and checked as if the rows were inserted anew. A row that fails is an error, and nothing has
   changed.
4. Keys stay as they are: PRIMARY KEY, UNIQUE and what is the rowid. Rows of a table WITHOUT ROWID whose key may change
   its order are put aside, and the tree is filled again.

Must not know: how names are found in texts. Described in docs/alter-column.md.
"""

from __future__ import annotations

from keelback_core.compiler.bind.foreign_keys import child_numbers, keys_to
from keelback_core.compiler.bind.table_rules import bind_table_rules
from keelback_core.compiler.catalog.load_index import fold_collation
from keelback_core.compiler.catalog.model import ROWID, fold_name
from keelback_core.compiler.emit.alter_schema import SchemaAlteration, authorize_alter, check_alterable, find_alterable
from keelback_core.compiler.emit.constraints import ConstraintEmitter, unique_message
from keelback_core.compiler.emit.expression import emit_expression
from keelback_core.compiler.emit.foreign_key_check import emit_violations
from keelback_core.compiler.emit.foreign_keys import emit_halt
from keelback_core.compiler.emit.reindex import emit_rebuild
from keelback_core.compiler.emit.rename import rename_in_texts
from keelback_core.compiler.emit.row_key import open_table_cursor
from keelback_core.compiler.emit.row_write import RowWrite
from keelback_core.compiler.emit.table_writer import TableWriter, emit_generated
from keelback_core.compiler.sql.stored_text import QUOTES
from keelback_core.compiler.sql.token_error import TokenError
from keelback_core.program.opcodes import (
    OP_CLEAR,
    OP_CLOSE,
    OP_COLUMN,
    OP_COPY,
    OP_HALT,
    OP_IDX_INSERT,
    OP_INSERT,
    OP_MAKE_RECORD,
    OP_NEW_ROWID,
    OP_NEXT,
    OP_NO_CONFLICT,
    OP_OPEN_EPHEMERAL,
    OP_REWIND,
    OP_ROWID,
    OP_SOFT_NULL,
)
from keelback_core.program.program import CONFLICT_ABORT, HALT_UNIQUE, WRITE_APPEND
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import CONSTRAINT_PRIMARYKEY, ERROR, ERROR_MISSING_COLLSEQ

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.catalog.catalog import Catalog
    from keelback_core.compiler.catalog.model import Column, Table
    from keelback_core.compiler.emit.statement_context import StatementContext
    from keelback_core.compiler.sql.ast import AstAlterColumn, AstForeignKey

AFTER_ALTER: Final = "after alter column"


def emit_alter_column(context: StatementContext, ast: AstAlterColumn) -> None:
    """The program of ALTER TABLE ... ALTER COLUMN ... TO."""
    table = find_alterable(context, ast.schema, ast.table)
    check_alterable(context.catalog, table)
    if table.kind != "table":
        kind = "view" if table.kind == "view" else "virtual table"
        raise SqlError(ERROR, f'cannot alter columns of {kind} "{table.name}"')
    authorize_alter(context.catalog, table)
    number = table.column_number(ast.column)
    if number is None:
        raise TokenError('no such column: "', "column", ast.column, '"')
    alteration = SchemaAlteration(context, table)
    _change_texts(context, alteration, ast, number)
    catalog = alteration.check_after(AFTER_ALTER)
    altered = catalog.schema(table.database).tables[fold_name(table.name)]
    collation = altered.columns[number].collation
    if not catalog.has_collation(collation):
        raise SqlError(ERROR_MISSING_COLLSEQ, "no such collation sequence: " + collation)
    _check_keys(table, altered, number)
    context.need_write(table.database)
    context.is_multi_write = True
    _Rewriter(context, catalog, table, altered, number).emit()
    alteration.emit_rows()
    context.builder.emit(OP_HALT)


def _change_texts(context: StatementContext, alteration: SchemaAlteration, ast: AstAlterColumn, number: int) -> None:
    new_name = ast.definition.name
    if fold_name(new_name) != fold_name(ast.column):
        other = alteration.table.column_number(new_name)
        if other is not None:
            raise SqlError(ERROR, "duplicate column name: " + new_name)
        is_quoted = context.bind_context.sql[ast.definition.start] in QUOTES + "["
        rename_in_texts(alteration, number, new_name, is_quoted)
    else:
        alteration.check_before()
    stored, tree, text = alteration.own_tree()
    start = tree.columns[number].start
    end = text.ends[text.last_of(tree.columns[number])]
    stored.set_text(text.text[:start] + ast.definition_text + text.text[end:])


def _check_keys(table: Table, altered: Table, number: int) -> None:
    """Keys that would need other indexes, or other rowids, are refused."""
    name = table.columns[number].name
    before = [(index.origin, tuple(column.column for column in index.columns)) for index in table.indexes]
    after = [(index.origin, tuple(column.column for column in index.columns)) for index in altered.indexes]
    is_rowid_kept = table.rowid_column == altered.rowid_column and table.is_autoincrement == altered.is_autoincrement
    positions = [column.primary_key_position for column in table.columns]
    if not is_rowid_kept or positions != [column.primary_key_position for column in altered.columns]:
        raise SqlError(ERROR, f'cannot change the PRIMARY KEY: "{name}"')
    if before != after:
        raise SqlError(ERROR, f'cannot add or drop UNIQUE: "{name}"')


def _order_of(column: Column) -> tuple[str, str]:
    return column.affinity, fold_collation(column.collation)


class _Rewriter:
    """Converts the rows of `table` into rows of `altered`, which stands in `catalog`."""

    __slots__ = ("context", "builder", "catalog", "table", "altered", "number", "old", "new", "writer", "aside")

    def __init__(self, context: StatementContext, catalog: Catalog, table: Table, altered: Table, number: int) -> None:
        self.context = context
        self.builder = context.builder
        self.catalog = catalog
        self.table = table
        self.altered = altered
        self.number = number
        self.old = bind_table_rules(context.catalog, table, False)
        self.new = bind_table_rules(catalog, altered, True)
        self.writer = TableWriter(context, self.new, self.new)
        before, after = table.columns[number], altered.columns[number]
        is_key = table.key_index is not None and number in table.row_key
        # Where rows of another order are put aside; -1 where they stay in their places.
        self.aside = self.builder.cursor() if is_key and _order_of(before) != _order_of(after) else -1

    def emit(self) -> None:
        """The rows, the indexes, the foreign keys."""
        self._emit_rows()
        if self.aside >= 0:
            self._emit_refill()
        for index in self.altered.indexes:
            if not index.is_table:
                emit_rebuild(self.context, self.catalog, self.altered, index)
        if self.catalog.settings.foreign_keys:
            self._emit_foreign_keys()

    def _emit_rows(self) -> None:
        """Every row: read, converted, checked, written."""
        context, builder, altered = self.context, self.builder, self.altered
        cursor = builder.cursor()
        rowid = builder.registers(len(altered.columns) + 1)
        first = rowid + 1
        context.bind_cursor(self.old.source, cursor)
        context.bind_registers(self.new.source, first, rowid)
        if self.aside >= 0:
            builder.emit(OP_OPEN_EPHEMERAL, self.aside, len(altered.columns))
        open_table_cursor(builder, self.table, cursor, True)
        end = builder.label()
        following = builder.label()
        builder.emit(OP_REWIND, cursor, end)
        top = builder.address
        context.loop_depth += 1
        if self.table.key_index is None:
            builder.emit(OP_ROWID, cursor, rowid)
        for number, column in enumerate(altered.columns):
            if number == altered.rowid_column:
                builder.emit(OP_SOFT_NULL, first + number)
            elif not column.generated:
                emit_expression(context, self.old.column(number), first + number)
        emit_generated(context, self.new, first)
        row = RowWrite(rowid, first, 0, None, True, "ABORT", following)
        ConstraintEmitter(context, self.writer, row).emit_values()
        self._emit_write(cursor, first, rowid)
        context.loop_depth -= 1
        builder.place(following)
        builder.emit(OP_NEXT, cursor, top)
        builder.place(end)
        builder.emit(OP_CLOSE, cursor)

    def _emit_write(self, cursor: int, first: int, rowid: int) -> None:
        """Put the new row in the place of the old one, or aside."""
        builder, altered = self.builder, self.altered
        if altered.key_index is None:
            kept = [number for number, column in enumerate(altered.columns) if column.generated != "VIRTUAL"]
            record = builder.register()
            values = builder.registers(len(kept))
            for place, number in enumerate(kept):
                builder.emit(OP_COPY, first + number, values + place)
            builder.emit(OP_MAKE_RECORD, values, len(kept), record, self.writer.stored_affinities())
            builder.emit(OP_INSERT, cursor, record, rowid)
            return
        record, key = self.writer.emit_entry(self.new, altered.indexes.index(altered.key_index))
        if self.aside < 0:
            builder.emit(OP_IDX_INSERT, cursor, record, key, self.writer.key.width)
            return
        place_register = builder.register()
        builder.emit(OP_NEW_ROWID, self.aside, place_register)
        builder.emit(OP_INSERT, self.aside, record, place_register, None, WRITE_APPEND)

    def _emit_refill(self) -> None:
        """Fill the tree of a table WITHOUT ROWID with the rows that were put aside."""
        builder, altered = self.builder, self.altered
        index = altered.key_index
        assert index is not None
        count = len(index.entry_columns)
        cursor = builder.cursor()
        first = builder.registers(count)
        record = builder.register()
        end = builder.label()
        builder.emit(OP_CLEAR, altered.root, altered.database, 0, None, 0, altered.name)
        open_table_cursor(builder, altered, cursor, True)
        builder.emit(OP_REWIND, self.aside, end)
        top = builder.address
        fresh = builder.label()
        for place in range(count):
            builder.emit(OP_COLUMN, self.aside, place, first + place)
        builder.emit(OP_NO_CONFLICT, cursor, fresh, first, len(index.columns))
        message = unique_message(altered, index)
        builder.emit(OP_HALT, CONSTRAINT_PRIMARYKEY, CONFLICT_ABORT, 0, message, HALT_UNIQUE)
        builder.place(fresh)
        builder.emit(OP_MAKE_RECORD, first, count, record)
        builder.emit(OP_IDX_INSERT, cursor, record, first, len(index.columns))
        builder.emit(OP_NEXT, self.aside, top)
        builder.place(end)
        builder.emit(OP_CLOSE, cursor)
        builder.emit(OP_CLOSE, self.aside)

    def _emit_foreign_keys(self) -> None:
        """Children of the altered column, and the column as a child, have their parents."""

        def refuse(cursor: int, key: AstForeignKey, number: int) -> None:
            emit_halt(self.builder)

        altered, number = self.altered, self.number
        wanted = ROWID if number == altered.rowid_column else number
        own = [key for key in altered.foreign_keys if wanted in child_numbers(altered, key)]
        if own:
            emit_violations(self.context, self.catalog, altered, own, refuse)
        for child, key in keys_to(self.catalog, altered):
            if child.name != altered.name or key not in own:
                emit_violations(self.context, self.catalog, child, [key], refuse)
