"""Compounds: UNION ALL in sequence; UNION, EXCEPT and INTERSECT through ephemeral indexes.

1. What the last set operator and all before it make is a set, and comes out sorted by its columns; UNION ALL parts
   behind it follow in sequence.
2. Of rows that compare equal but differ, UNION keeps the right SELECT's, the others the left one's, the first each.
3. ORDER BY sorts the whole; LIMIT counts over the whole.

Must not know: how one SELECT is emitted.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundOrderTerm
from keelback_core.compiler.bind.types import compound_collation
from keelback_core.compiler.bind.union_flatten import split_core
from keelback_core.compiler.catalog.actions import ACTION_SELECT
from keelback_core.compiler.emit.destination import RemovalOutput, SetOutput
from keelback_core.compiler.emit.limit import NO_LIMIT, LimitedOutput, emit_limit
from keelback_core.compiler.emit.select_core import emit_core
from keelback_core.compiler.emit.sort import ResultSorter, SorterOutput
from keelback_core.program.opcodes import (
    OP_COLUMN,
    OP_GOTO,
    OP_NEXT,
    OP_NOT_FOUND,
    OP_OPEN_EPHEMERAL,
    OP_REWIND,
)
from keelback_core.value.key import KeyInfo

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.nodes import BoundSelect, BoundSelectCore
    from keelback_core.compiler.emit.context import EmitContext
    from keelback_core.compiler.emit.destination import Destination


def emit_compound(context: EmitContext, select: BoundSelect, destination: Destination) -> None:
    """A SELECT of several cores."""
    CompoundEmitter(context, select).emit(destination)


class CompoundEmitter:
    """One compound."""

    __slots__ = ("context", "builder", "select", "count", "key")

    def __init__(self, context: EmitContext, select: BoundSelect) -> None:
        self.context = context
        self.builder = context.builder
        self.select = select
        self.count = len(select.columns)
        collations = tuple(context.collation(compound_collation(select, i)) for i in range(self.count))
        self.key = KeyInfo(collations, (0,) * self.count, self.count)

    def emit(self, destination: Destination) -> None:
        """The whole compound."""
        builder = self.builder
        select = self.select
        end_label = builder.label()
        for _ in select.operators:
            self.context.catalog.authorize(ACTION_SELECT, None, None, None)
        limit = emit_limit(self.context, select, destination.row_limit, end_label)
        if not select.order_by:
            self._emit_parts(LimitedOutput(limit, destination, end_label))
        else:
            sorter = ResultSorter(self.context, select.order_by, self.count)
            sorter.open(limit.wanted)
            self._emit_parts(SorterOutput(sorter))
            sorter.emit_sorted(limit, destination, end_label)
        builder.place(end_label)

    def _emit_parts(self, output: Destination) -> None:
        """The leading set, then the parts that UNION ALL adds."""
        operators = self.select.operators
        last_set = max((i for i, operator in enumerate(operators) if operator != "UNION ALL"), default=-1)
        following = 0
        is_noted = False
        if last_set >= 0:
            following = last_set + 2
            added = len(self.select.cores) - following if self.select.order_by else 0
            for _ in range(added):
                self.builder.push_note("MERGE (UNION ALL)")
                self.builder.push_note("LEFT")
            cursor = self._open_set()
            self._emit_set(last_set + 1, cursor, output)
            for position in range(following, following + added):
                self.builder.pop_note()
                self.builder.push_note("RIGHT")
                self._emit_one(position, output)
                self.builder.pop_note()
                self.builder.pop_note()
            following += added
        elif self.select.order_by:
            self._emit_merged(len(self.select.cores) - 1, output)
            return
        else:
            self.builder.push_note("COMPOUND QUERY")
            is_noted = True
        for position in range(following, len(self.select.cores)):
            self.builder.push_note("LEFT-MOST SUBQUERY" if position == 0 else "UNION ALL")
            self._emit_one(position, output, bool(self.select.order_by))
            self.builder.pop_note()
        if is_noted:
            self.builder.pop_note()

    def _emit_merged(self, last: int, output: Destination) -> None:
        """UNION ALL with ORDER BY: SQLite tells of a tree of merges."""
        if last == 0:
            self._emit_one(0, output)
            return
        builder = self.builder
        builder.push_note("MERGE (UNION ALL)")
        builder.push_note("LEFT")
        self._emit_merged(last - 1, output)
        builder.pop_note()
        builder.push_note("RIGHT")
        self._emit_one(last, output)
        builder.pop_note()
        builder.pop_note()

    def _emit_one(self, position: int, output: Destination, is_merged: bool = True) -> None:
        """One SELECT of the compound; is_merged: its rows are put in order with those of others."""
        core = self.select.cores[position]
        if position:
            self.context.catalog.authorize(ACTION_SELECT, None, None, None)
        if core.arm is not None:
            core.arm.enter()
        order = self._merge_order(core) if is_merged else ()
        split = split_core(core, None, order)
        if split is not None:
            # Who merges the rows sorts them: the arms are only told of in the plan.
            split.order_by = order
            CompoundEmitter(self.context, split)._emit_arms(output, is_merged)
            return
        end_label = self.builder.label()
        emit_core(self.context, core, (), NO_LIMIT, output, end_label, order)
        self.builder.place(end_label)

    def _emit_arms(self, output: Destination, is_merged: bool) -> None:
        """The SELECTs of a compound that is one of the SELECTs of another."""
        if is_merged:
            self._emit_merged(len(self.select.cores) - 1, output)
        else:
            self._emit_parts(output)

    def _merge_order(self, core: BoundSelectCore) -> tuple[BoundOrderTerm, ...]:
        """ORDER BY, and for sets all other columns, in terms of one SELECT."""
        terms = []
        columns = core.columns
        for term in self.select.order_by:
            expression = columns[term.result_column].expression
            terms.append(BoundOrderTerm(expression, term.is_descending, term.nulls_first, term.result_column))
        known = {term.result_column for term in terms}
        if any(operator != "UNION ALL" for operator in self.select.operators):
            for number in range(self.count):
                if number not in known:
                    terms.append(BoundOrderTerm(columns[number].expression, False, True, number))
        return tuple(terms)

    def _open_set(self) -> int:
        cursor = self.builder.cursor()
        self.builder.emit(OP_OPEN_EPHEMERAL, cursor, self.count, 0, self.key)
        return cursor

    def _emit_set(self, last: int, cursor: int, output: Destination | None = None) -> None:
        """Add what cores 0 ... last make to the set; rows that it has already stay. output: where the set then goes."""
        if last == 0:
            self._emit_one(0, SetOutput(cursor, None))
            return
        operator = self.select.operators[last - 1]
        builder = self.builder
        builder.push_note(f"MERGE ({operator})")
        if operator == "UNION ALL":
            builder.push_note("LEFT")
            self._emit_set(last - 1, cursor)
            builder.pop_note()
            builder.push_note("RIGHT")
            self._emit_one(last, SetOutput(cursor, None))
            builder.pop_note()
        elif operator == "UNION":
            self._emit_union(last, cursor)
        else:
            self._emit_difference(last, cursor, operator)
        if output is not None:
            if operator in ("UNION", "UNION ALL"):
                # SQLite hands rows on from two places.
                output.note_rows(self.context)
            self._emit_scan(cursor, output)
        builder.pop_note()

    def _emit_union(self, last: int, cursor: int) -> None:
        """The right SELECT's rows run first, so that they stay; its code stands second, as the plan is told."""
        builder = self.builder
        left = builder.label()
        right = builder.label()
        done = builder.label()
        builder.emit(OP_GOTO, 0, right)
        builder.place(left)
        builder.push_note("LEFT")
        self._emit_set(last - 1, cursor)
        builder.pop_note()
        builder.emit(OP_GOTO, 0, done)
        builder.place(right)
        builder.push_note("RIGHT")
        self._emit_one(last, SetOutput(cursor, None))
        builder.pop_note()
        builder.emit(OP_GOTO, 0, left)
        builder.place(done)

    def _emit_difference(self, last: int, cursor: int, operator: str) -> None:
        """EXCEPT and INTERSECT: the left set is made apart, reduced, and added."""
        builder = self.builder
        left = self._open_set()
        builder.push_note("LEFT")
        self._emit_set(last - 1, left)
        builder.pop_note()
        builder.push_note("RIGHT")
        if operator == "EXCEPT":
            self._emit_one(last, RemovalOutput(left))
            builder.pop_note()
            self._emit_scan(left, SetOutput(cursor, None))
            return
        right = self._open_set()
        self._emit_one(last, SetOutput(right, None))
        builder.pop_note()
        self._emit_scan(left, SetOutput(cursor, None), right)

    def _emit_scan(self, cursor: int, output: Destination, filter_cursor: int = -1) -> None:
        """Hand on the rows of a set, in order; only those also in the set of `filter_cursor`, if given."""
        builder = self.builder
        done = builder.label()
        following = builder.label()
        first = output.row_registers(self.context, self.count)
        builder.emit(OP_REWIND, cursor, done)
        top = builder.address
        for column in range(self.count):
            builder.emit(OP_COLUMN, cursor, column, first + column)
        if filter_cursor >= 0:
            builder.emit(OP_NOT_FOUND, filter_cursor, following, first, self.count)
        output.emit_row(self.context, first, self.count, done)
        builder.place(following)
        builder.emit(OP_NEXT, cursor, top)
        builder.place(done)
