"""INSERT: rows from VALUES, a SELECT or the defaults, each checked and written.

1. One row of VALUES is computed in line; other sources are coroutines that yield rows. A SELECT that reads the table
   it fills is first collected in an ephemeral table.
2. Columns are computed in the order of the table, then the rowid, then the constraints.
3. What a plain table asks of a row is the same for every INSERT under a conflict action, and kept (kept_code.py).

Must not know: what happens to a row (insert_row.py). Source: https://sqlite.org/lang_insert.html
"""

from __future__ import annotations

from keelback_core.compiler.bind.insert import BoundInsert, bind_insert
from keelback_core.compiler.bind.nodes import BoundLiteral, BoundParameter
from keelback_core.compiler.catalog.virtual import virtual_key
from keelback_core.compiler.emit.destination import CoroutineOutput
from keelback_core.compiler.emit.expression import emit_expression
from keelback_core.compiler.emit.insert_row import RowInserter
from keelback_core.compiler.emit.kept_code import (
    INSERTING,
    NOT_KEPT,
    CodeStart,
    KeptCode,
    keep_code,
    kept_since,
    key_of_code,
)
from keelback_core.compiler.emit.plain_table import is_plain
from keelback_core.compiler.emit.returning import ReturningRows
from keelback_core.compiler.emit.select import emit_select
from keelback_core.program.opcodes import (
    OP_CLOSE,
    OP_COLUMN,
    OP_COPY,
    OP_END_COROUTINE,
    OP_GOTO,
    OP_HALT,
    OP_INIT_COROUTINE,
    OP_INSERT,
    OP_MAKE_RECORD,
    OP_NEW_ROWID,
    OP_NEXT,
    OP_NULL,
    OP_OPEN_EPHEMERAL,
    OP_OPEN_READ,
    OP_OPEN_WRITE,
    OP_REWIND,
    OP_SOFT_NULL,
    OP_V_OPEN,
    OP_VARIABLE,
    OP_YIELD,
)
from keelback_core.program.program import WRITE_APPEND

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundExpression
    from keelback_core.compiler.catalog.model import Table
    from keelback_core.compiler.emit.statement_context import StatementContext
    from keelback_core.compiler.sql.ast import AstInsert

GIVEN_ROWID: Final = 1


def emit_insert(context: StatementContext, ast: AstInsert) -> None:
    """The program of an INSERT or REPLACE."""
    returning = emit_insert_step(context, ast)
    context.end_statement()
    returning.emit_output()
    context.builder.emit(OP_HALT)


def emit_insert_step(context: StatementContext, ast: AstInsert) -> ReturningRows:
    """An INSERT without the end of its program, as in the body of a trigger."""
    bound = bind_insert(context.bind_context, ast)
    context.bind_context.raise_late_error()
    emitter = InsertEmitter(context, bound)
    emitter.emit()
    return emitter.returning


class InsertCode:
    """What all INSERTs into a plain table have alike under a conflict action: `head` opens it, `tail` writes a row."""

    __slots__ = ("head", "tail")

    def __init__(self, head: KeptCode, tail: KeptCode) -> None:
        self.head = head
        self.tail = tail


class InsertEmitter:
    """See the module. rowid: register of the rowid of a row; the columns follow it. inserter: what happens to rows,
    None where `code` says all of it. cursor: the first one of the table. key: under which the code is kept, -1 where it
    is not."""

    __slots__ = (
        "context",
        "builder",
        "bound",
        "rowid",
        "first_column",
        "returning",
        "inserter",
        "code",
        "head",
        "cursor",
        "key",
    )

    def __init__(self, context: StatementContext, bound: BoundInsert) -> None:
        self.context = context
        self.builder = context.builder
        self.bound = bound
        self.rowid = 0
        self.first_column = 0
        self.returning = ReturningRows(context, bound.returning, "inserted")
        self.inserter: RowInserter | None = None
        self.code: InsertCode | None = None
        self.head: KeptCode | None = None
        self.cursor = -1
        self.key = NOT_KEPT

    def emit(self) -> None:
        """The whole statement but for its end."""
        context, builder, bound = self.context, self.builder, self.bound
        table = bound.table
        context.need_write(table.database)
        context.counts_changes = True
        conflict = context.conflict or bound.conflict
        if not bound.upserts and not self.returning.is_wanted and is_plain(context, table):
            self.key = key_of_code(INSERTING, conflict, GIVEN_ROWID if bound.rowid_place >= 0 else 0)
            known = table.kept_code.get(self.key)
            if isinstance(known, InsertCode):
                self.code = known
        if self.code is None:
            self.inserter = RowInserter(context, bound, conflict, self.returning)
        self.returning.emit_open()
        if bound.returning or (self.inserter is not None and self.inserter.triggers.any):
            # RETURNING counts as a trigger, as in SQLite.
            context.is_multi_write = True
        width = len(table.columns) + 1
        self.rowid = builder.registers(2 * width) + width
        self.first_column = self.rowid + 1
        if self.inserter is not None:
            self.inserter.expect_row(self.rowid)
        if bound.select is None:
            self._open()
            done = builder.label()
            self._row_from_expressions()
            self._write(done)
            builder.place(done)
        else:
            context.is_multi_write = True
            self._rows_from_select()

    def _open(self) -> None:
        """Open the table."""
        self.cursor = self.builder.cursor_count
        if self.code is not None:
            self.code.head.repeat(self.context, 0, 0, 0)
        elif self.inserter is not None:
            start = CodeStart(self.context, 0, 0, 0, 0)
            self.inserter.open()
            if self.key != NOT_KEPT:
                self.head = kept_since(self.context, start)

    def _write(self, ignore_label: int) -> None:
        """What happens to the row that has been computed."""
        if self.code is not None:
            self.code.tail.repeat(self.context, self.rowid, self.cursor, ignore_label)
        elif self.inserter is not None:
            width = len(self.bound.table.columns) + 1
            start = CodeStart(self.context, self.rowid, width, self.cursor, ignore_label)
            self.inserter.emit_row(ignore_label)
            tail = kept_since(self.context, start) if self.head is not None else None
            if self.head is not None and tail is not None:
                keep_code(self.bound.table, self.key, InsertCode(self.head, tail))

    # Where rows come from.

    def _row_from_expressions(self) -> None:
        """The values of VALUES with one row, or the defaults."""
        values = self.bound.single_row
        for number, place in enumerate(self.bound.places):
            register = self.first_column + number
            if number == self.bound.table.rowid_column:
                self.builder.emit(OP_SOFT_NULL, register)
            elif place < 0 or values is None:
                self._default(number, register)
            else:
                self._value(values[place], register)
        if values is not None and self.bound.rowid_place >= 0:
            self._value(values[self.bound.rowid_place], self.rowid)

    def _value(self, e: BoundExpression, register: int) -> None:
        """Compute a value of the only row; what is known at once goes straight to its place."""
        if isinstance(e, BoundLiteral):
            self.context.emit_literal(e, register)
        elif isinstance(e, BoundParameter):
            self.builder.emit(OP_VARIABLE, e.index, register)
        else:
            emit_expression(self.context, e, register)

    def _default(self, number: int, register: int) -> None:
        has_rules = self.bound.table.column_facts.has_rules
        default = self.bound.new.default(number) if has_rules else None
        if default is None:
            self.builder.emit(OP_NULL, 0, register)
        else:
            emit_expression(self.context, default, register)

    def _rows_from_select(self) -> None:
        """Rows of a coroutine, by way of an ephemeral table where the SELECT reads what is being changed."""
        builder, bound = self.builder, self.bound
        select = bound.select
        assert select is not None
        count = len(select.columns)
        yield_register = builder.register()
        first = builder.registers(count)
        after = builder.label()
        entry = builder.emit(OP_INIT_COROUTINE, yield_register, after, 0)
        builder.instructions[entry].p3 = builder.address
        start = builder.address
        emit_select(self.context, select, CoroutineOutput(yield_register, first))
        builder.emit(OP_END_COROUTINE, yield_register)
        builder.place(after)
        done = builder.label()
        following = builder.label()
        self.context.loop_depth += 1
        if self._reads_target(start):
            buffer = self._collect(yield_register, first, count)
            self._open()
            builder.emit(OP_REWIND, buffer, done)
            top = builder.address
            self._row_from_buffer(buffer)
            self._write(following)
            builder.place(following)
            builder.emit(OP_NEXT, buffer, top)
            builder.place(done)
            builder.emit(OP_CLOSE, buffer)
            self.context.loop_depth -= 1
            return
        self._open()
        top = builder.address
        builder.emit(OP_YIELD, yield_register, done)
        self._row_from_registers(first)
        self._write(following)
        builder.place(following)
        builder.emit(OP_GOTO, 0, top)
        builder.place(done)
        self.context.loop_depth -= 1

    def _reads_target(self, start: int) -> bool:
        """Whether the instructions from `start` on open the table or one of its indexes, or triggers might."""
        if self.bound.returning or (self.inserter is not None and self.inserter.triggers.any):
            # RETURNING counts as a trigger here too.
            return True
        table = self.bound.table
        instructions = self.builder.instructions
        for place in range(start, len(instructions)):
            instruction = instructions[place]
            opcode = instruction.opcode
            if opcode == OP_OPEN_READ or opcode == OP_OPEN_WRITE:
                if instruction.p3 == table.database and _has_root(table, instruction.p2):
                    return True
            elif opcode == OP_V_OPEN and instruction.p4 == virtual_key(table):
                return True
        return False

    def _collect(self, yield_register: int, first: int, count: int) -> int:
        """Put all rows of the coroutine into an ephemeral table; its cursor."""
        builder = self.builder
        buffer = builder.cursor()
        record = builder.register()
        key = builder.register()
        builder.emit(OP_OPEN_EPHEMERAL, buffer, count)
        top = builder.address
        end = builder.label()
        builder.emit(OP_YIELD, yield_register, end)
        builder.emit(OP_MAKE_RECORD, first, count, record)
        builder.emit(OP_NEW_ROWID, buffer, key)
        builder.emit(OP_INSERT, buffer, record, key, None, WRITE_APPEND)
        builder.emit(OP_GOTO, 0, top)
        builder.place(end)
        return buffer

    def _row_from_buffer(self, buffer: int) -> None:
        for number, place in enumerate(self.bound.places):
            register = self.first_column + number
            if number == self.bound.table.rowid_column:
                self.builder.emit(OP_SOFT_NULL, register)
            elif place < 0:
                self._default(number, register)
            else:
                self.builder.emit(OP_COLUMN, buffer, place, register)
        if self.bound.rowid_place >= 0:
            self.builder.emit(OP_COLUMN, buffer, self.bound.rowid_place, self.rowid)

    def _row_from_registers(self, first: int) -> None:
        for number, place in enumerate(self.bound.places):
            register = self.first_column + number
            if number == self.bound.table.rowid_column:
                self.builder.emit(OP_SOFT_NULL, register)
            elif place < 0:
                self._default(number, register)
            else:
                self.builder.emit(OP_COPY, first + place, register, 0)
        if self.bound.rowid_place >= 0:
            self.builder.emit(OP_COPY, first + self.bound.rowid_place, self.rowid, 0)


def _has_root(table: Table, root: int) -> bool:
    """Whether the tree of this root is the table's, or one of its indexes'."""
    if table.root == root:
        return True
    for index in table.indexes:
        if index.root == root:
            return True
    return False
