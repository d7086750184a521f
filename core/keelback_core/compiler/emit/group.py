"""GROUP BY: rows brought into groups by the plan's order, by a table of groups or by a sorter, one result row a group.

1. Groups come out in the order of the terms, or of ORDER BY when it has the same terms.
2. With a sorter, all columns that anything reads travel in its records behind the keys, but for those that are keys;
   from there they are read.
3. Two subroutines do the work of a group's end and of a new group's beginning.
4. With a table of groups no row travels: each is taken into its group as it comes, and the groups are sorted at the
   end, so that they leave as from a sorter. An aggregate with DISTINCT or ORDER BY keeps a tree of its own for one
   group at a time, and a collation of the user may say anything: these take the sorter.

Must not know: DISTINCT, ORDER BY, LIMIT of the result (ResultStage does).
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundColumn, BoundOrderTerm
from keelback_core.compiler.bind.types import sort_collation
from keelback_core.compiler.emit.aggregate import (
    AggregateEmitter,
    argument_columns,
    emit_having,
    output_expressions,
    unique_columns,
)
from keelback_core.compiler.emit.dispatch import emit_expressions
from keelback_core.compiler.emit.group_terms import columns_beside_keys, group_terms, key_columns
from keelback_core.compiler.emit.loops import LoopEmitter
from keelback_core.compiler.emit.order_free import is_order_free
from keelback_core.compiler.emit.result_stage import note_sort
from keelback_core.compiler.emit.sort import sort_flags
from keelback_core.compiler.emit.sorted_distinct import only_distinct, sorted_distinct
from keelback_core.compiler.emit.window import WindowStage, innermost_terms, make_stage
from keelback_core.compiler.plan.nodes import DISTINCT_ORDERED as IN_ORDER
from keelback_core.compiler.plan.nodes import DISTINCT_REDUNDANT
from keelback_core.compiler.plan.planner import plan_wish
from keelback_core.compiler.plan.wish import PlanWish
from keelback_core.module.index_query import DISTINCT_ORDERED, GROUPED, ORDERED
from keelback_core.program.opcodes import (
    OP_COLUMN,
    OP_COMPARE,
    OP_COPY,
    OP_GOSUB,
    OP_GOTO,
    OP_GROUP_DEFER,
    OP_GROUP_FIND,
    OP_GROUP_NEXT,
    OP_GROUP_OPEN,
    OP_GROUP_ROOM,
    OP_GROUP_ROW,
    OP_GROUP_SORT,
    OP_GROUP_TAKE,
    OP_IF,
    OP_IF_POS,
    OP_JUMP,
    OP_MAKE_RECORD,
    OP_NULL,
    OP_OPEN_PSEUDO,
    OP_RETURN,
    OP_SORTER_DATA,
    OP_SORTER_INSERT,
    OP_SORTER_NEXT,
    OP_SORTER_OPEN,
    OP_SORTER_SORT,
)
from keelback_core.value.key_info import KeyInfo

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from keelback_core.compiler.bind.nodes import BoundSelectCore
    from keelback_core.compiler.emit.context import EmitContext
    from keelback_core.compiler.emit.destination import Destination
    from keelback_core.compiler.emit.limit import RowLimit


class GroupEmitter:
    """One grouped query."""

    __slots__ = (
        "context",
        "builder",
        "core",
        "terms",
        "is_sorted",
        "plan",
        "stage",
        "aggregates",
        "end_label",
        "current",
        "previous",
        "finish_return",
        "reset_return",
        "finish_label",
        "reset_label",
        "sorters",
        "word",
        "notes_order",
    )

    def __init__(
        self,
        context: EmitContext,
        core: BoundSelectCore,
        order_by: tuple[BoundOrderTerm, ...],
        limit: RowLimit,
        destination: Destination,
        end_label: int,
        is_distinct: bool = False,
    ) -> None:
        """is_distinct: the groups are the results of a SELECT DISTINCT."""
        self.word = "DISTINCT" if is_distinct else "GROUP BY"
        # SQLite, which does not take the one for the other in a MERGE, sorts the distinct rows.
        self.notes_order = False
        builder = context.builder
        self.context = context
        self.builder = builder
        self.core = core
        # Windows above want the groups in an order of theirs, whose directions ties show.
        self.terms, self.is_sorted = group_terms(core, innermost_terms(core) if core.windows else order_by)
        wish = PlanWish(self.terms, True, False, False, len(core.columns), rows_around=context.rows_around)
        wish.wants_sorted = self.is_sorted
        if is_distinct and self.is_sorted:
            wish.purpose = DISTINCT_ORDERED
        else:
            wish.purpose = ORDERED if self.is_sorted else GROUPED
        wish.keeps_copies = context.reads_only
        wish.allows_automatic = context.catalog.settings.automatic_index
        # Where the first groups may be enough, they are not all to be made.
        may_stop = (limit.limit > 0 or limit.wanted > 0) and (self.is_sorted or not order_by)
        wish.is_order_free = not may_stop and is_order_free(core, output_expressions(core, order_by))
        wish.distinct_beside = only_distinct(core)
        self.plan = plan_wish(core.sources, core.where, wish)
        if self.plan.ordered_terms >= len(self.terms) and not self.plan.is_sorted:
            self.is_sorted = False
        is_result = self.is_sorted and not core.windows
        self.stage = make_stage(context, core, () if is_result else order_by, limit, destination, end_label)
        if self.is_sorted and isinstance(self.stage, WindowStage):
            self.stage.expect_order()
        self.aggregates = AggregateEmitter(context, core, output_expressions(core, order_by))
        if wish.distinct_beside is not None:
            if self.plan.distinct == DISTINCT_REDUNDANT:
                self.aggregates.expect_distinct()
            elif self.plan.distinct == IN_ORDER and self.plan.ordered_terms >= len(self.terms):
                self.aggregates.expect_order()
        self.end_label = end_label
        count = len(self.terms)
        self.current = builder.registers(count)
        self.previous = builder.registers(count)
        self.finish_return = builder.register()
        self.reset_return = builder.register()
        self.finish_label = builder.label()
        self.reset_label = builder.label()
        self.sorters: list[int] = []

    def emit(self) -> None:
        """The whole query."""
        builder = self.builder
        plan = self.plan
        done = builder.label()
        self.stage.open()
        if plan.ordered_terms < len(self.terms) and self._can_keep_groups():
            self._emit_by_table(LoopEmitter(self.context, plan), done)
            self._note_order()
            builder.place(done)
            self.stage.finish()
            return
        self.sorters = self.aggregates.open_sorters()
        # Whether there are trees is known behind the loops.
        trees = builder.label()
        may_have_trees = max(self.aggregates.trees, default=-1) >= 0
        if may_have_trees:
            builder.emit(OP_GOSUB, self.reset_return, trees)
        builder.emit(OP_NULL, 0, self.previous, self.previous + len(self.terms) - 1)
        builder.emit(OP_GOSUB, self.reset_return, self.reset_label)
        loops = LoopEmitter(self.context, plan)
        if plan.ordered_terms >= len(self.terms):
            self._emit_in_order(loops)
        else:
            self._emit_sorted(loops)
        self.aggregates.note()
        self.stage.note()
        self._note_order()
        builder.emit(OP_GOSUB, self.finish_return, self.finish_label)
        builder.emit(OP_GOTO, 0, done)
        self._emit_finish()
        self._emit_reset()
        if may_have_trees:
            builder.place(trees)
            self.aggregates.open_trees()
            builder.emit(OP_RETURN, self.reset_return)
        builder.place(done)
        self.stage.finish()

    def _note_order(self) -> None:
        if self.notes_order:
            note_sort(self.context, len(self.terms), self.plan.ordered_terms)

    def _emit_in_order(self, loops: LoopEmitter) -> None:
        """The loops deliver the rows of a group one after the other."""
        loops.begin()
        emit_expressions(self.context, [term.expression for term in self.terms], self.current)
        cursor = loops.only_cursor()
        if cursor >= 0 and self.aggregates.takes_rows_at_once():
            self._emit_rows(cursor)
        else:
            self._emit_row()
        loops.end()

    def _emit_sorted(self, loops: LoopEmitter) -> None:
        """The rows go through a sorter."""
        builder = self.builder
        context = self.context
        keys = [term.expression for term in self.terms]
        has_tree = max(self.aggregates.trees, default=-1) >= 0
        distinct = sorted_distinct(self.core, keys, self.aggregates.bare) if has_tree else None
        columns = columns_beside_keys(self.terms, self._travelling_columns(), distinct)
        cursor = builder.cursor()
        count = len(keys) + len(columns)
        collations = tuple(context.collation(sort_collation(key)) for key in keys)
        flags = tuple(sort_flags(term) for term in self.terms)
        if distinct is not None:
            self.aggregates.expect_order()
            self.aggregates.is_sorted_for = True
            if columns:
                collations += (context.collation(sort_collation(distinct)),)
                flags += (0,)
        builder.emit(OP_SORTER_OPEN, cursor, count, 0, KeyInfo(collations, flags, count))
        loops.begin()
        first = builder.registers(count)
        emit_expressions(context, keys, first)
        emit_expressions(context, columns, first + len(keys))
        record = builder.register()
        builder.emit(OP_MAKE_RECORD, first, count, record)
        builder.emit(OP_SORTER_INSERT, cursor, record)
        # Before what a RIGHT JOIN does at the end.
        builder.note(f"USE TEMP B-TREE FOR {self.word}")
        loops.end()
        self._emit_sorter_loop(cursor, columns, count)

    def _can_keep_groups(self) -> bool:
        if any(one.is_distinct or one.order_by for one in self.core.aggregates):
            return False
        names = [self.context.collation(sort_collation(term.expression)) for term in self.terms]
        return all(name in ("BINARY", "NOCASE", "RTRIM") for name in names)

    def _key_info(self) -> KeyInfo:
        collations = tuple(self.context.collation(sort_collation(term.expression)) for term in self.terms)
        return KeyInfo(collations, tuple(sort_flags(term) for term in self.terms), len(self.terms))

    def _emit_by_table(self, loops: LoopEmitter, done: int) -> None:
        """Each row goes into its group, wherever that was begun."""
        builder = self.builder
        cursor = builder.cursor()
        known = builder.label()
        room = builder.label()
        past = builder.label()
        first, count = self.aggregates.kept_registers()
        sorters = [-1] * len(self.core.aggregates)
        columns = self._travelling_columns()
        builder.emit(OP_GROUP_OPEN, cursor, first, count, self._key_info())
        loops.begin()
        emit_expressions(self.context, [term.expression for term in self.terms], self.current)
        builder.emit(OP_GROUP_FIND, cursor, known, self.current, len(self.terms))
        builder.emit(OP_GROUP_ROOM, cursor, room)
        self._emit_defer(cursor, columns)
        builder.emit(OP_GOTO, 0, past)
        builder.place(room)
        self.aggregates.begin()
        builder.place(known)
        self.aggregates.step(sorters, True)
        builder.place(past)
        # Before what a RIGHT JOIN does at the end.
        builder.note(f"USE TEMP B-TREE FOR {self.word}")
        loops.end()
        self.stage.note()
        builder.emit(OP_GROUP_SORT, cursor, done)
        top = builder.address
        self._emit_deferred(cursor, columns)
        self._emit_output(sorters)
        builder.emit(OP_GROUP_NEXT, cursor, top)

    def _emit_defer(self, cursor: int, columns: Sequence[BoundColumn]) -> None:
        """Keep the row for the end: its key, and the columns that taking it into its group reads."""
        builder = self.builder
        keys = len(self.terms)
        count = keys + len(columns)
        first = builder.registers(count)
        record = builder.register()
        builder.emit(OP_COPY, self.current, first, keys - 1)
        emit_expressions(self.context, columns, first + keys)
        builder.emit(OP_MAKE_RECORD, first, count, record)
        builder.emit(OP_GROUP_DEFER, cursor, record)

    def _emit_deferred(self, cursor: int, columns: Sequence[BoundColumn]) -> None:
        """Take the deferred rows of the group at hand into it, which may have no other ones."""
        builder = self.builder
        keys = len(self.terms)
        known = builder.label()
        complete = builder.label()
        first = builder.registers(len(columns)) if columns else 0
        top = builder.address
        builder.emit(OP_GROUP_ROW, cursor, complete)
        for position in range(keys):
            builder.emit(OP_COLUMN, cursor, position, self.current + position)
        for position in range(len(columns)):
            builder.emit(OP_COLUMN, cursor, keys + position, first + position)
        self._show(columns, first)
        builder.emit(OP_GROUP_FIND, cursor, known, self.current, keys)
        self.aggregates.begin()
        builder.place(known)
        self.aggregates.step([-1] * len(self.core.aggregates), True)
        self._hide(columns)
        builder.emit(OP_GOTO, 0, top)
        builder.place(complete)

    def _show(self, columns: Sequence[BoundColumn], first: int) -> None:
        """From here on the columns are read from registers."""
        for position, column in enumerate(columns):
            self.context.show_column(column.source, column.column, first + position)
        self.context.loop_depth += 1

    def _hide(self, columns: Sequence[BoundColumn]) -> None:
        self.context.loop_depth -= 1
        for column in columns:
            self.context.hide_column(column.source, column.column)

    def _emit_output(self, sorters: Sequence[int]) -> None:
        """Hand out the group whose registers are at hand."""
        skip = self.builder.label()
        self.context.loop_depth += 1
        self.aggregates.finish(sorters)
        self.aggregates.show()
        emit_having(self.context, self.core, skip)
        self.stage.emit_row(skip)
        self.aggregates.hide()
        self.context.loop_depth -= 1
        self.builder.place(skip)

    def _travelling_columns(self) -> list[BoundColumn]:
        """The columns that must be at hand after sorting."""
        wanted = [*self.aggregates.bare, *argument_columns(self.core)]
        return unique_columns(wanted, self.core)

    def _emit_sorter_loop(self, cursor: int, columns: list[BoundColumn], count: int) -> None:
        builder = self.builder
        keys = len(self.terms)
        pseudo = builder.cursor()
        record = builder.register()
        empty = builder.label()
        first = builder.registers(len(columns)) if columns else 0
        builder.emit(OP_OPEN_PSEUDO, pseudo, record, count)
        builder.emit(OP_SORTER_SORT, cursor, empty)
        top = builder.address
        builder.emit(OP_SORTER_DATA, cursor, record, pseudo)
        for position in range(keys):
            builder.emit(OP_COLUMN, pseudo, position, self.current + position)
        for position in range(len(columns)):
            builder.emit(OP_COLUMN, pseudo, keys + position, first + position)
        self._show(columns, first)
        shown = key_columns(self.terms)
        for (source, column), position in shown.items():
            self.context.show_column(source, column, self.current + position)
        self._emit_row()
        self._hide(columns)
        for source, column in shown:
            self.context.hide_column(source, column)
        builder.emit(OP_SORTER_NEXT, cursor, top)
        builder.place(empty)

    def _emit_rows(self, cursor: int) -> None:
        """As _emit_row, for the row under the cursor and perhaps others behind it."""
        builder = self.builder
        self._emit_change()
        has_begun = builder.label()
        past = builder.label()
        builder.emit(OP_IF, self.aggregates.used, has_begun, 0)
        self.aggregates.begin()
        builder.place(has_begun)
        builder.emit(OP_GROUP_TAKE, cursor, past)
        self.aggregates.step(self.sorters, True)
        builder.place(past)

    def _emit_row(self) -> None:
        """Begin a new group if the keys have changed; take the row in."""
        self._emit_change()
        self.aggregates.step(self.sorters)

    def _emit_change(self) -> None:
        builder = self.builder
        count = len(self.terms)
        collations = tuple(self.context.collation(sort_collation(term.expression)) for term in self.terms)
        builder.emit(OP_COMPARE, self.previous, self.current, count, KeyInfo(collations, (0,) * count, count))
        changed = builder.label()
        same = builder.label()
        builder.emit(OP_JUMP, changed, same, changed)
        builder.place(changed)
        builder.emit(OP_GOSUB, self.finish_return, self.finish_label)
        builder.emit(OP_COPY, self.current, self.previous, count - 1)
        builder.emit(OP_GOSUB, self.reset_return, self.reset_label)
        builder.place(same)

    def _emit_finish(self) -> None:
        """Subroutine: hand out the group, if it has any row."""
        builder = self.builder
        go_on = builder.label()
        builder.place(self.finish_label)
        builder.emit(OP_IF_POS, self.aggregates.used, go_on, 0)
        builder.emit(OP_RETURN, self.finish_return)
        builder.place(go_on)
        self._emit_output(self.sorters)
        builder.emit(OP_RETURN, self.finish_return)

    def _emit_reset(self) -> None:
        """Subroutine: empty accumulators for a new group."""
        self.builder.place(self.reset_label)
        self.aggregates.reset()
        self.aggregates.empty(self.sorters)
        self.builder.emit(OP_RETURN, self.reset_return)
