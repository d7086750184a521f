"""DELETE: rows deleted as they are found, or found first; without WHERE the trees are cleared.

Rows are found first where deleting one may change what else is found: with triggers, foreign keys, RETURNING and
subqueries, and where an index leads to them.

Must not know: how rows are found. Source: https://sqlite.org/lang_delete.html
"""

from __future__ import annotations

from keelback_core.compiler.bind.delete import BoundDelete, bind_delete
from keelback_core.compiler.bind.walk import has_subquery
from keelback_core.compiler.emit.instead_of import emit_delete_from_view
from keelback_core.compiler.emit.kept_code import DELETING, CodeStart, KeptCode, keep_code, kept_since, key_of_code
from keelback_core.compiler.emit.loops import LoopEmitter
from keelback_core.compiler.emit.one_pass import tell_of_the_table, walks_table
from keelback_core.compiler.emit.plain_table import is_plain
from keelback_core.compiler.emit.preupdate import is_watched
from keelback_core.compiler.emit.returning import ReturningRows
from keelback_core.compiler.emit.row_delete import RowDeleter
from keelback_core.compiler.emit.table_writer import TableWriter
from keelback_core.compiler.emit.virtual_write import emit_virtual_delete
from keelback_core.compiler.plan.planner import plan_loops
from keelback_core.program.opcodes import (
    OP_CLEAR,
    OP_COLUMN,
    OP_GOTO,
    OP_HALT,
    OP_IDX_INSERT,
    OP_MAKE_RECORD,
    OP_NEXT,
    OP_NULL,
    OP_OPEN_EPHEMERAL,
    OP_REWIND,
    OP_ROW_SET_ADD,
    OP_ROW_SET_READ,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.emit.row_key import RowKey
    from keelback_core.compiler.emit.statement_context import StatementContext
    from keelback_core.compiler.sql.ast import AstDelete


def emit_delete(context: StatementContext, ast: AstDelete) -> None:
    """The program of a DELETE."""
    returning = emit_delete_step(context, ast)
    context.end_statement()
    returning.emit_output()
    context.builder.emit(OP_HALT)


def emit_delete_step(context: StatementContext, ast: AstDelete) -> ReturningRows:
    """A DELETE without the end of its program, as in the body of a trigger."""
    bound = bind_delete(context.bind_context, ast)
    context.bind_context.raise_late_error()
    context.need_write(bound.table.database)
    context.counts_changes = True
    returning = ReturningRows(context, bound.returning, "deleted")
    returning.emit_open()
    if bound.table.kind == "view":
        emit_delete_from_view(context, bound, returning)
        return returning
    if bound.table.kind == "virtual":
        emit_virtual_delete(context, bound, returning)
        return returning
    writer = TableWriter(context, bound.stored)
    is_table_plain = is_plain(context, bound.table)
    # What a DELETE fires does not inherit the OR clause that counts in the trigger around it. Of a plain table nobody
    # else hears of the rows.
    deleter = None if is_table_plain else RowDeleter(context, writer, "")
    is_complex = deleter is not None and deleter.is_complex
    is_whole = bound.where is None and not bound.returning and not is_complex
    if is_whole and bound.is_allowed and not is_watched(writer):
        _emit_clear(context, bound, returning)
        return returning
    plan = plan_loops((bound.source,), bound.where, is_write=True)
    is_simple = writer.key.is_rowid and not bound.returning and not is_complex
    changes_at_once = is_simple and not has_subquery(bound.where)
    if writer.key.is_rowid and plan.loops:
        tell_of_the_table(plan, changes_at_once)
    if changes_at_once and walks_table(plan):
        _emit_one_pass(context, is_table_plain, writer, returning, LoopEmitter(context, plan))
    else:
        if deleter is None:
            deleter = RowDeleter(context, writer, "")
        _emit_two_passes(context, bound, writer, deleter, returning, LoopEmitter(context, plan))
    return returning


def _emit_clear(context: StatementContext, bound: BoundDelete, returning: ReturningRows) -> None:
    """Everything goes: clear the table and its indexes, counting the rows of the table."""
    table = bound.table
    context.builder.emit(OP_CLEAR, table.root, table.database, returning.counter or -1, None, 0, table.name)
    for index in table.indexes:
        if not index.is_table:
            context.builder.emit(OP_CLEAR, index.root, table.database, 0, None, 0, index.name)


def _emit_one_pass(
    context: StatementContext,
    is_table_plain: bool,
    writer: TableWriter,
    returning: ReturningRows,
    loops: LoopEmitter,
) -> None:
    """Delete each row as it is found."""
    context.is_multi_write = True
    writer.open()
    loops.walk_by(writer.table_cursor)
    loops.begin()
    returning.emit_count()
    if is_table_plain:
        _emit_plainly(context, writer)
    else:
        _emit_row(writer)
    loops.end()


def _emit_row(writer: TableWriter) -> None:
    """Delete the row that is found, with its entries."""
    writer.emit_delete_entries()
    writer.emit_delete_row(True, True, keep_place=True)


def _emit_plainly(context: StatementContext, writer: TableWriter) -> None:
    """The same for a plain table, by the code that is kept for it."""
    key = key_of_code(DELETING, "", 0)
    known = writer.table.kept_code.get(key)
    if isinstance(known, KeptCode):
        known.repeat(context, 0, writer.table_cursor, 0)
        return
    start = CodeStart(context, 0, 0, writer.table_cursor, 0)
    _emit_row(writer)
    made = kept_since(context, start)
    if made is not None:
        keep_code(writer.table, key, made)


def _emit_two_passes(
    context: StatementContext,
    bound: BoundDelete,
    writer: TableWriter,
    deleter: RowDeleter,
    returning: ReturningRows,
    loops: LoopEmitter,
) -> None:
    """Collect the keys of the rows, then delete the rows in the order of their keys."""
    builder = context.builder
    rows: _RowidSet | _KeySet = _RowidSet(context) if writer.key.is_rowid else _KeySet(context, writer.key)
    key = builder.registers(writer.key.width)
    rows.emit_open()
    loops.begin()
    writer.key.emit_read(context, bound.source, key)
    rows.emit_add(key)
    returning.emit_count()
    loops.end()
    writer.open()
    context.is_multi_write = True
    done = builder.label()
    following = builder.label()
    rows.emit_begin(key, done)
    writer.key.emit_seek(context, writer.table_cursor, following, key)
    context.loop_depth += 1
    deleter.emit(key, returning if returning.columns else None)
    context.loop_depth -= 1
    builder.place(following)
    rows.emit_end()
    builder.place(done)


class _RowidSet:
    """The rowids of the rows to delete."""

    __slots__ = ("builder", "rows", "top")

    def __init__(self, context: StatementContext) -> None:
        self.builder = context.builder
        self.rows = self.builder.register()
        self.top = 0

    def emit_open(self) -> None:
        self.builder.emit(OP_NULL, 0, self.rows)

    def emit_add(self, key: int) -> None:
        self.builder.emit(OP_ROW_SET_ADD, self.rows, key)

    def emit_begin(self, key: int, done: int) -> None:
        self.top = self.builder.address
        self.builder.emit(OP_ROW_SET_READ, self.rows, done, key)

    def emit_end(self) -> None:
        self.builder.emit(OP_GOTO, 0, self.top)


class _KeySet:
    """The primary keys of the rows to delete."""

    __slots__ = ("builder", "key", "cursor", "top")

    def __init__(self, context: StatementContext, key: RowKey) -> None:
        self.builder = context.builder
        self.key = key
        self.cursor = self.builder.cursor()
        self.top = 0

    def emit_open(self) -> None:
        self.builder.emit(OP_OPEN_EPHEMERAL, self.cursor, self.key.width, 0, self.key.info())

    def emit_add(self, key: int) -> None:
        record = self.builder.register()
        self.builder.emit(OP_MAKE_RECORD, key, self.key.width, record)
        self.builder.emit(OP_IDX_INSERT, self.cursor, record, key, self.key.width)

    def emit_begin(self, key: int, done: int) -> None:
        self.builder.emit(OP_REWIND, self.cursor, done)
        self.top = self.builder.address
        for place in range(self.key.width):
            self.builder.emit(OP_COLUMN, self.cursor, place, key + place)

    def emit_end(self) -> None:
        self.builder.emit(OP_NEXT, self.cursor, self.top)
