"""TableWriter: the cursors through which a statement changes one table, and the instructions to change a row.

1. One cursor for the table and one for each of its indexes, in the order of `Table.indexes`.
2. A row's index keys are computed from a BoundSource: the row under the table's cursor (`stored`) or the new one in
   registers (`new`); BoundTableRules has the indexed expressions bound to each.

Must not know: where new values come from, which statement it serves.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundColumn
from keelback_core.compiler.bind.types import expression_affinity
from keelback_core.compiler.catalog.model import EXPRESSION, ROWID
from keelback_core.compiler.emit.expression import emit_expression, emit_jump_if_false
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
from keelback_core.value.key import KeyInfo

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.nodes import BoundSource
    from keelback_core.compiler.bind.table_rules import BoundTableRules
    from keelback_core.compiler.catalog.model import Index, Table
    from keelback_core.compiler.emit.context import EmitContext

NUMERIC = "C"


def index_key_info(index: Index) -> KeyInfo:
    """The order of an index's entries: its columns, then the rowid."""
    names = tuple(column.collation for column in index.columns) + ("BINARY",)
    flags = tuple(1 if column.is_descending else 0 for column in index.columns) + (0,)
    return KeyInfo(names, flags, len(names))


def table_affinities(table: Table) -> str:
    """The affinities of a table's columns, for Affinity and MakeRecord."""
    return "".join(column.affinity for column in table.columns)


def emit_generated(context: EmitContext, rules: BoundTableRules, first_column: int) -> None:
    """Compute the generated columns of the row whose columns are in the registers from `first_column`."""
    if not rules.generated:
        return
    columns = rules.table.columns
    codes = "".join("A" if column.generated else column.affinity for column in columns)
    if codes.strip("A"):
        context.builder.emit(OP_AFFINITY, first_column, len(codes), 0, codes)
    for number, expression in rules.generated:
        emit_expression(context, expression, first_column + number)
        if columns[number].affinity != "A":
            context.builder.emit(OP_AFFINITY, first_column + number, 1, 0, columns[number].affinity)


class TableWriter:
    """See the module. opened: positions of the indexes that have a cursor."""

    __slots__ = ("context", "builder", "table", "stored", "new", "table_cursor", "index_cursors")

    def __init__(self, context: EmitContext, stored: BoundTableRules, new: BoundTableRules | None = None) -> None:
        self.context = context
        self.builder = context.builder
        self.table = stored.table
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
        builder.emit(opcode, self.table_cursor, self.table.root, database, len(self.table.columns), 0, self.table.name)
        for position, index in enumerate(self.table.indexes):
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
        """Compute the key of an index for the row of `rules` into the registers from `first`, the rowid last."""
        index = self.table.indexes[position]
        for number, column in enumerate(index.columns):
            if column.column == EXPRESSION:
                expression = rules.index_expressions[position][number]
                assert expression is not None
            else:
                expression = rules.column(column.column)
            emit_expression(self.context, expression, first + number)
        emit_expression(self.context, BoundColumn(rules.source, ROWID), first + len(index.columns))

    def key_affinities(self, rules: BoundTableRules, position: int) -> str | None:
        """Affinities of an index record; None when the columns have theirs already."""
        index = self.table.indexes[position]
        if all(column.column != EXPRESSION for column in index.columns):
            return None
        codes = ""
        for number, column in enumerate(index.columns):
            if column.column == EXPRESSION:
                expression = rules.index_expressions[position][number]
                assert expression is not None
                code = expression_affinity(expression)
                codes += "A" if code < "A" else NUMERIC if code > NUMERIC else code
            elif column.column == ROWID:
                codes += "D"
            else:
                codes += self.table.columns[column.column].affinity
        return codes + "D"

    def stored_affinities(self) -> str | None:
        """Affinities that MakeRecord needs to store whole numbers of REAL columns as integers.

        None without such columns, and for a table with indexes or checks: there SQLite stores them as reals, since
        its Affinity instruction has made reals of them.
        """
        table = self.table
        codes = "".join(column.affinity for column in table.columns if column.generated != "VIRTUAL")
        return codes if "E" in codes and not table.indexes and not table.checks else None

    def emit_entry(self, rules: BoundTableRules, position: int) -> tuple[int, int]:
        """The entry of an index for the row of `rules`: (register of the record, first register of the key). Where a
        partial index leaves the row out the record is NULL."""
        builder = self.builder
        index = self.table.indexes[position]
        count = len(index.columns) + 1
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
            if only is not None and position not in only:
                continue
            count = len(index.columns) + 1
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
        flags = (2 if keep_place else 0) | (4 if is_update else 0)
        name = self.table.name if is_hooked else None
        self.builder.emit(OP_DELETE, self.table_cursor, 1 if counted else 0, 0, name, flags)

    def emit_insert_entries(self, records: list[tuple[int, int]]) -> None:
        """Insert the entries that `emit_entry` made; (0, 0) where an index is not concerned."""
        builder = self.builder
        for position, (record, first) in enumerate(records):
            if record == 0:
                continue
            done = builder.label()
            index = self.table.indexes[position]
            if index.where is not None:
                builder.emit(OP_IS_NULL, record, done)
            builder.emit(OP_IDX_INSERT, self.index_cursors[position], record, first, len(index.columns) + 1)
            builder.place(done)

    def emit_insert_row(self, first_column: int, rowid: int, flags: int) -> None:
        """Write the row whose columns are in the registers from `first_column`."""
        builder = self.builder
        record = builder.register()
        if self.table.rowid_column >= 0:
            builder.emit(OP_SOFT_NULL, first_column + self.table.rowid_column)
        kept = [number for number, column in enumerate(self.table.columns) if column.generated != "VIRTUAL"]
        if len(kept) < len(self.table.columns):
            first = builder.registers(len(kept))
            for place, number in enumerate(kept):
                builder.emit(OP_COPY, first_column + number, first + place)
            first_column = first
        builder.emit(OP_MAKE_RECORD, first_column, len(kept), record, self.stored_affinities())
        builder.emit(OP_INSERT, self.table_cursor, record, rowid, self.table.name, flags)
