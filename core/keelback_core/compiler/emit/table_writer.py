"""TableWriter: the cursors through which a statement changes one table, and the instructions to change a row.

1. One cursor for the table and one for each of its indexes, in the order of `Table.indexes`.
2. A row's index keys are computed from a BoundSource: the row under the table's cursor (`stored`) or the new one in
   registers (`new`); BoundTableRules has the indexed expressions bound to each.

Must not know: where new values come from, which statement it serves.
"""

from __future__ import annotations

from keelback_core.compiler.bind.types import expression_affinity
from keelback_core.compiler.catalog.model import EXPRESSION, ROWID
from keelback_core.compiler.emit.expression import emit_expression, emit_jump_if_false
from keelback_core.compiler.emit.preupdate import is_watched, show_delete, show_insert
from keelback_core.compiler.emit.row_key import RowKey, index_key_info, open_table_cursor
from keelback_core.compiler.emit.type_check import emit_column_check, emit_row_check
from keelback_core.program.opcodes import (
    OP_AFFINITY,
    OP_COPY,
    OP_DELETE,
    OP_IDX_DELETE,
    OP_IDX_INSERT,
    OP_INSERT,
    OP_IS_NULL,
    OP_MAKE_RECORD,
    OP_NULL,
    OP_OPEN_READ,
    OP_OPEN_WRITE,
    OP_SOFT_NULL,
)
from keelback_core.program.program import WRITE_COUNT_CHANGE, WRITE_IS_UPDATE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundSource
    from keelback_core.compiler.bind.table_rules import BoundTableRules
    from keelback_core.compiler.catalog.model import Table
    from keelback_core.compiler.emit.context import EmitContext

NUMERIC: Final = "C"


def table_affinities(table: Table) -> str:
    """The affinities of a table's columns, for Affinity and MakeRecord."""
    return table.column_facts.affinities


def emit_generated(context: EmitContext, rules: BoundTableRules, first_column: int) -> None:
    """Compute the generated columns of the row whose columns are in the registers from `first_column`."""
    if not rules.generated:
        return
    table = rules.table
    columns = table.columns
    if table.is_strict:
        emit_row_check(context.builder, table, first_column, True)
    else:
        codes = "".join("A" if column.generated else column.affinity for column in columns)
        if codes.strip("A"):
            context.builder.emit(OP_AFFINITY, first_column, len(codes), 0, codes)
    for number, expression in rules.generated:
        emit_expression(context, expression, first_column + number)
        if table.is_strict and columns[number].generated == "VIRTUAL":
            emit_column_check(context.builder, table, columns[number], first_column + number)
        elif columns[number].affinity != "A":
            context.builder.emit(OP_AFFINITY, first_column + number, 1, 0, columns[number].affinity)


class TableWriter:
    """See the module. key: how rows are found. index_cursors: -1 for an index that is not open; a key index is read
    through the cursor of the table, which it is."""

    __slots__ = ("context", "builder", "table", "key", "stored", "new", "table_cursor", "index_cursors")

    def __init__(self, context: EmitContext, stored: BoundTableRules, new: BoundTableRules | None = None) -> None:
        self.context = context
        self.builder = context.builder
        self.table = stored.table
        self.key = RowKey(stored.table)
        self.stored = stored
        self.new = new
        self.table_cursor = -1
        self.index_cursors: list[int] = []

    def open(self, only: set[int] | None = None, writable: bool = True) -> None:
        """Open the table and its indexes (those at the positions `only`, or all)."""
        builder = self.builder
        opcode = OP_OPEN_WRITE if writable else OP_OPEN_READ
        database = self.table.database
        self.table_cursor = builder.cursor()
        open_table_cursor(builder, self.table, self.table_cursor, writable)
        for position, index in enumerate(self.table.indexes):
            if index.is_table:
                self.index_cursors.append(self.table_cursor)
                continue
            if only is not None and position not in only:
                self.index_cursors.append(-1)
                continue
            cursor = builder.cursor()
            self.index_cursors.append(cursor)
            builder.emit(opcode, cursor, index.root, database, index_key_info(index), 0, index.name)
        self.context.bind_cursor(self.stored.source, self.table_cursor)

    def sharing(self, stored_source: BoundSource, new: BoundTableRules) -> TableWriter:
        """A writer through the same cursors for another new row; `stored_source` reads the stored one too."""
        writer = TableWriter(self.context, self.stored, new)
        writer.table_cursor = self.table_cursor
        writer.index_cursors = self.index_cursors
        self.context.bind_cursor(stored_source, self.table_cursor)
        return writer

    def emit_key(self, rules: BoundTableRules, position: int, first: int) -> None:
        """Compute the entry of an index for the row of `rules` into the registers from `first`."""
        index = self.table.indexes[position]
        for number, column in enumerate(index.entry_columns):
            if column.column == EXPRESSION:
                expression = rules.index_expressions[position][number]
                assert expression is not None
            else:
                expression = rules.column(column.column)
            emit_expression(self.context, expression, first + number)

    def key_affinities(self, rules: BoundTableRules, position: int) -> str | None:
        """Affinities of an index record; None when the columns have theirs already."""
        index = self.table.indexes[position]
        if all(column.column != EXPRESSION for column in index.columns):
            return None
        codes = ""
        for number, column in enumerate(index.entry_columns):
            if column.column == EXPRESSION:
                expression = rules.index_expressions[position][number]
                assert expression is not None
                code = expression_affinity(expression)
                codes += "A" if code < "A" else NUMERIC if code > NUMERIC else code
            elif column.column == ROWID:
                codes += "D"
            else:
                codes += self.table.columns[column.column].affinity
        return codes

    def stored_affinities(self) -> str | None:
        """Affinities that MakeRecord needs to store whole numbers of REAL columns as integers.

        None without such columns, and for a table with indexes or checks: there SQLite stores them as reals, since
        its Affinity instruction has made reals of them.
        """
        table = self.table
        codes = table.column_facts.stored_affinities
        return codes if "E" in codes and not table.indexes and not table.checks else None

    def may_be_late(self) -> bool:
        """Whether, as far as the table goes, nobody asks for the affinities of a new row's columns before its record is
        made."""
        table = self.table
        if table.is_strict or table.indexes or table.checks or not self.key.is_rowid or is_watched(self):
            return False
        return not table.column_facts.has_rules or not any(column.generated for column in table.columns)

    def emit_entry(self, rules: BoundTableRules, position: int) -> tuple[int, int]:
        """The entry of an index for the row of `rules`: (register of the record, first register of the key). Where a
        partial index leaves the row out the record is NULL."""
        builder = self.builder
        index = self.table.indexes[position]
        count = len(index.entry_columns)
        record = builder.register()
        first = builder.registers(count)
        condition = rules.index_conditions[position]
        done = builder.label()
        if condition is not None:
            builder.emit(OP_NULL, 0, record)
            emit_jump_if_false(self.context, condition, done, True)
        self.emit_key(rules, position, first)
        affinities = self.key_affinities(rules, position)
        if affinities is not None:
            builder.emit(OP_AFFINITY, first, count, 0, affinities)
        builder.emit(OP_MAKE_RECORD, first, count, record, None, 0, "entry of " + index.name)
        builder.place(done)
        return record, first

    def emit_delete_entries(self, only: set[int] | None = None) -> None:
        """Delete the index entries of the row under the table's cursor."""
        builder = self.builder
        for position, index in enumerate(self.table.indexes):
            if index.is_table or (only is not None and position not in only):
                continue
            count = len(index.entry_columns)
            first = builder.registers(count)
            done = builder.label()
            condition = self.stored.index_conditions[position]
            if condition is not None:
                emit_jump_if_false(self.context, condition, done, True)
            self.emit_key(self.stored, position, first)
            affinities = self.key_affinities(self.stored, position)
            if affinities is not None:
                builder.emit(OP_AFFINITY, first, count, 0, affinities)
            builder.emit(OP_IDX_DELETE, self.index_cursors[position], first, count, None, 1)
            builder.place(done)

    def emit_delete_row(
        self, counted: bool, is_hooked: bool, keep_place: bool = False, is_update: bool = False
    ) -> None:
        """Delete the row under the table's cursor (its index entries are gone already)."""
        if not is_update:
            show_delete(self)
        flags = (2 if keep_place else 0) | (4 if is_update else 0)
        name = self.table.name if is_hooked else None
        self.builder.emit(OP_DELETE, self.table_cursor, 1 if counted else 0, 0, name, flags)

    def emit_insert_entries(self, records: list[tuple[int, int]]) -> None:
        """Insert the entries that `emit_entry` made; (0, 0) where an index is not concerned. That of a key index is the
        row, which counts for changes()."""
        builder = self.builder
        for position, (record, first) in enumerate(records):
            if record == 0:
                continue
            done = builder.label()
            index = self.table.indexes[position]
            if index.where is not None:
                builder.emit(OP_IS_NULL, record, done)
            flags = WRITE_COUNT_CHANGE if index.is_table else 0
            count = len(index.columns if index.is_table else index.entry_columns)
            builder.emit(OP_IDX_INSERT, self.index_cursors[position], record, first, count, flags)
            builder.place(done)

    def emit_insert_row(self, first_column: int, rowid: int, flags: int, has_late_affinities: bool = False) -> None:
        """Write the row whose columns are in the registers from `first_column`; the entry of a key index was one.

        has_late_affinities: the columns have not got their affinities yet.
        """
        if not flags & WRITE_IS_UPDATE:
            show_insert(self, rowid, first_column)
        if not self.key.is_rowid:
            return
        builder = self.builder
        record = builder.register()
        if self.table.rowid_column >= 0 and not has_late_affinities:
            builder.emit(OP_SOFT_NULL, first_column + self.table.rowid_column)
        kept_count = len(self.table.column_facts.stored_affinities)
        if kept_count < len(self.table.columns):
            kept = [number for number, column in enumerate(self.table.columns) if column.generated != "VIRTUAL"]
            first = builder.registers(kept_count)
            for place, number in enumerate(kept):
                builder.emit(OP_COPY, first_column + number, first + place)
            first_column = first
        affinities = table_affinities(self.table) if has_late_affinities else self.stored_affinities()
        if affinities is not None and not affinities.strip("A"):
            affinities = None
        builder.emit(OP_MAKE_RECORD, first_column, kept_count, record, affinities)
        builder.emit(OP_INSERT, self.table_cursor, record, rowid, self.table.name, flags)
