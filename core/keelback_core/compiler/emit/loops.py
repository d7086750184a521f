"""LoopEmitter: the nested loops of a plan, from the opening of the cursors to the last unmatched row.

After `begin` the code stands inside the innermost loop with every filter passed; there the caller emits what is to be
done with the row, jumping to `continue_label` to go on and to `break_label` to stop; then `end`.

1. The rows of a LEFT JOIN without match come when the inner loop is over: NULLs, then once more through the body.
2. The loop of an EXISTS is left as soon as a row has gone through its body.
3. The body of a RIGHT JOIN's loop is a subroutine, called again at the very end for each right row without match.

Must not know: what is done with the rows. Plans: plan/nodes.py.
"""

from __future__ import annotations

from keelback_core.compiler.emit.dispatch import emit_jump_if_false
from keelback_core.compiler.emit.loop_access import begin_access, begin_unmatched
from keelback_core.compiler.emit.loop_automatic import prepare_automatic
from keelback_core.compiler.emit.loop_filter import begin_filters
from keelback_core.compiler.emit.loop_level import LoopLevel
from keelback_core.compiler.emit.loop_source import open_source
from keelback_core.compiler.plan.describe import access_text
from keelback_core.compiler.plan.nodes import PlanIndexSeek, PlanScan
from keelback_core.program.opcodes import (
    OP_BEGIN_SUBROUTINE,
    OP_FOUND,
    OP_GOSUB,
    OP_GOTO,
    OP_IDX_INSERT,
    OP_IF_NOT,
    OP_IF_POS,
    OP_INTEGER,
    OP_MAKE_RECORD,
    OP_OPEN_EPHEMERAL,
    OP_RETURN,
    OP_ROWID,
)
from keelback_core.value.key_info import KeyInfo

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.emit.context import EmitContext
    from keelback_core.compiler.plan.nodes import PlanLoops

ROWID_KEY: Final = KeyInfo(("BINARY",), (0,), 1)


class LoopEmitter:
    """See the module. levels: outermost first; `levels[i].cursor` reads the source's rows, -1 if an index covers it."""

    __slots__ = ("context", "builder", "plan", "levels", "break_label", "continue_label")

    def __init__(self, context: EmitContext, loops: PlanLoops, is_search: bool = False) -> None:
        """is_search: what EXPLAIN QUERY PLAN calls a scan is a search for one extreme row."""
        self.context = context
        self.builder = context.builder
        self.plan = loops
        self.levels = [LoopLevel(context, loop) for loop in loops.loops]
        if is_search:
            for level in self.levels:
                level.is_extreme = True
        self.break_label = self.builder.label()
        self.continue_label = self.levels[-1].row_end if self.levels else self.break_label

    def walk_by(self, cursor: int) -> None:
        """Read the rows of the only source by a cursor that is open on its table: that which changes them."""
        self.levels[0].cursor = cursor

    def only_cursor(self) -> int:
        """The cursor that goes through the only source in one pass, from its first row on; -1 where there is none."""
        if len(self.levels) != 1:
            return -1
        level = self.levels[0]
        access = level.loop.access
        if not isinstance(access, (PlanScan, PlanIndexSeek)) or access.is_reverse or level.yield_register:
            return -1
        return level.index_cursors[0] if level.index_cursors else level.cursor

    def begin(self) -> None:
        """Open the sources and emit the loops down to the innermost body."""
        context = self.context
        for condition in self.plan.constant_filters:
            emit_jump_if_false(context, condition, self.break_label, True)
        has_right = any(level.loop.is_right for level in self.levels)
        for position, level in enumerate(self.levels):
            open_source(context, level, position == 0 and not level.loop.is_right, has_right)
        for level in self.levels:
            if has_right:
                prepare_automatic(context, level)
            if level.loop.is_right:
                key = level.row_key
                info = ROWID_KEY if key is None else key.info()
                self.builder.emit(OP_OPEN_EPHEMERAL, level.seen_cursor, info.all_column_count, 0, info)
        context.loop_depth += 1
        context.rows_around += self.plan.rows
        for position in range(len(self.levels)):
            self._begin_level(position)

    def _begin_level(self, position: int) -> None:
        builder = self.builder
        level = self.levels[position]
        loop = level.loop
        if loop.is_outer:
            builder.emit(OP_INTEGER, 0, level.matched)
        begin_filters(self.context, self.levels, position)
        begin_access(self.context, level)
        for condition in loop.join_filters:
            emit_jump_if_false(self.context, condition, level.continue_label, True)
        if loop.is_right:
            self._mark_seen(level)
        if loop.is_outer:
            builder.emit(OP_INTEGER, 1, level.matched)
            builder.place(level.first_label)
        if loop.is_right:
            builder.emit(OP_BEGIN_SUBROUTINE, 0, level.return_register)
            builder.place(level.body_label)
        for condition in loop.filters:
            emit_jump_if_false(self.context, condition, level.body_end, True)

    def _mark_seen(self, level: LoopLevel) -> None:
        """Note the key of a right row that has a match."""
        builder = self.builder
        first, width = self._key_of_row(level)
        record = builder.register()
        known = builder.label()
        builder.emit(OP_FOUND, level.seen_cursor, known, first, width)
        builder.emit(OP_MAKE_RECORD, first, width, record)
        builder.emit(OP_IDX_INSERT, level.seen_cursor, record, first, width)
        builder.place(known)

    def _key_of_row(self, level: LoopLevel) -> tuple[int, int]:
        """The registers of the key of the row under the level's cursor: rowid or primary key."""
        key = level.row_key
        if key is None:
            rowid = self.builder.register()
            self.builder.emit(OP_ROWID, level.cursor, rowid)
            return rowid, 1
        first = self.builder.registers(key.width)
        key.emit_read(self.context, level.source, first)
        return first, key.width

    def end(self) -> None:
        """Close the loops, innermost first, then call the bodies for unmatched right rows."""
        self.context.rows_around -= self.plan.rows
        for position in range(len(self.levels) - 1, -1, -1):
            self._leave_exists(position)
            self._end_level(self.levels[position])
        for position, level in enumerate(self.levels):
            if level.loop.is_right:
                self._emit_unmatched_right(position, level)
        self.context.loop_depth -= 1
        self.builder.place(self.break_label)

    def _leave_exists(self, position: int) -> None:
        """A row has gone through the loops: all that an EXISTS, and those directly around it, wanted to know."""
        level = self.levels[position]
        if not level.loop.is_exists:
            return
        self.builder.place(level.row_end)
        if position + 1 < len(self.levels) and self.levels[position + 1].loop.is_exists:
            return
        outermost = position
        while outermost > 0 and self.levels[outermost - 1].loop.is_exists:
            outermost -= 1
        self.builder.emit(OP_GOTO, 0, self.levels[outermost].exit_label)

    def _end_level(self, level: LoopLevel) -> None:
        builder = self.builder
        done = builder.label()
        if level.body_end != level.continue_label:
            builder.place(level.body_end)
        if level.loop.is_right:
            builder.emit(OP_RETURN, level.return_register, level.body_label, 1)
        if level.loop.is_outer:
            # Only the row of NULLs comes here while nothing has matched; no access can be asked for the row after it.
            builder.emit(OP_IF_NOT, level.matched, done)
        builder.place(level.continue_label)
        level.end_access(builder)
        builder.place(level.exit_label)
        if level.loop.is_outer:
            builder.emit(OP_IF_POS, level.matched, done, 0)
            level.emit_null_row(self.context)
            builder.emit(OP_GOTO, 0, level.first_label)
        builder.place(done)

    def _emit_unmatched_right(self, position: int, level: LoopLevel) -> None:
        """Scan the right table again for rows that were never matched."""
        builder = self.builder
        source = level.source
        # SQLite calls it by the name of the table.
        name = source.name
        if source.select is not None:
            view = source.select.view
            name = source.select.common_table or (name if view is None else view.name)
        builder.push_note(f"RIGHT-JOIN {name if source.table is None else source.table.name}")
        access = level.loop.unmatched
        builder.note(level.loop.unmatched_text or access_text(level.source, PlanScan() if access is None else access))
        builder.pop_note()
        for left in self.levels[:position]:
            left.emit_null_row(self.context)
        done = builder.label()
        following = builder.label()
        level.exit_label = done
        begin_unmatched(self.context, level, PlanScan() if access is None else access)
        for condition in level.loop.unmatched_filters:
            emit_jump_if_false(self.context, condition, following, True)
        first, width = self._key_of_row(level)
        builder.emit(OP_FOUND, level.seen_cursor, following, first, width)
        builder.emit(OP_GOSUB, level.return_register, level.body_label)
        builder.place(following)
        level.end_access(builder)
        builder.place(done)
