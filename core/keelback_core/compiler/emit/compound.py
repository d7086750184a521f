"""Compounds: UNION ALL in sequence; all else is merged from SELECTs that come in order.

1. What the last set operator and all before it make is a set, and comes out sorted by its columns; UNION ALL parts
   behind it follow in sequence.
2. With ORDER BY all SELECTs come in that order and are merged (emit/merge.py), so that a LIMIT stops them early; a set
   that is wanted in the order of another collation than its own is sorted again.
3. LIMIT counts over the whole.

Must not know: how one SELECT is emitted.
"""

from __future__ import annotations

from keelback_core.compiler.bind.types import compound_collation, sort_collation
from keelback_core.compiler.bind.union_flatten import split_core
from keelback_core.compiler.catalog.actions import ACTION_SELECT
from keelback_core.compiler.emit.limit import NO_LIMIT, LimitedOutput, RowLimit, emit_limit
from keelback_core.compiler.emit.merge import MergeEmitter, MergeOrder
from keelback_core.compiler.emit.select_core import emit_core
from keelback_core.compiler.emit.sort import ResultSorter, SorterOutput
from keelback_core.program.opcodes import OP_IF_NOT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.nodes import BoundSelect
    from keelback_core.compiler.emit.context import EmitContext
    from keelback_core.compiler.emit.destination import Destination


def emit_compound(context: EmitContext, select: BoundSelect, destination: Destination) -> None:
    """A SELECT of several cores."""
    CompoundEmitter(context, select).emit(destination)


class CompoundEmitter:
    """One compound."""

    __slots__ = ("context", "builder", "select", "count")

    def __init__(self, context: EmitContext, select: BoundSelect) -> None:
        self.context = context
        self.builder = context.builder
        self.select = select
        self.count = len(select.columns)

    def emit(self, destination: Destination) -> None:
        """The whole compound."""
        builder = self.builder
        select = self.select
        end_label = builder.label()
        for _ in select.operators:
            self.context.catalog.authorize(ACTION_SELECT, None, None, None)
        limit = emit_limit(self.context, select, destination.row_limit, end_label)
        last = len(select.cores) - 1
        if not select.order_by:
            self.emit_parts(LimitedOutput(limit, destination, end_label))
        elif self._has_own_order():
            output = LimitedOutput(limit, destination, end_label)
            MergeEmitter(self.context, select).emit(last, self._order(), output, limit.wanted)
        else:
            sorter = ResultSorter(self.context, select.order_by, self.count)
            sorter.open(limit.wanted)
            MergeEmitter(self.context, select).emit(last, [], SorterOutput(sorter))
            sorter.emit_sorted(limit, destination, end_label)
        builder.place(end_label)

    def emit_parts(self, output: Destination) -> None:
        """Rows in any order: the leading set, then the parts that UNION ALL adds."""
        operators = self.select.operators
        last_set = max((i for i, operator in enumerate(operators) if operator != "UNION ALL"), default=-1)
        following = 0
        if last_set >= 0:
            following = last_set + 2
            MergeEmitter(self.context, self.select).emit(last_set + 1, [], output)
        else:
            self.builder.push_note("COMPOUND QUERY")
        for position in range(following, len(self.select.cores)):
            self.builder.push_note("LEFT-MOST SUBQUERY" if position == 0 else "UNION ALL")
            self._emit_one(position, output)
            self.builder.pop_note()
        if last_set < 0:
            self.builder.pop_note()

    def _emit_one(self, position: int, output: Destination) -> None:
        """One SELECT of the compound, its rows in any order."""
        core = self.select.cores[position]
        if position:
            self.context.catalog.authorize(ACTION_SELECT, None, None, None)
        if core.arm is not None:
            core.arm.enter()
        split = split_core(core, None, ())
        if split is not None:
            CompoundEmitter(self.context, split).emit_parts(output)
            return
        end_label = self.builder.label()
        if isinstance(output, LimitedOutput) and output.limit.offset:
            # The rows that OFFSET skips are not computed.
            limit = output.limit
            if position:
                self.builder.emit(OP_IF_NOT, limit.limit, output.end_label)
            shared = RowLimit(limit.limit, limit.offset, 0, -1, None, 0)
            # A row that is enough for the destination ends all parts, not this one.
            inner = LimitedOutput(NO_LIMIT, output.inner, output.end_label)
            emit_core(self.context, core, (), shared, inner, end_label)
        else:
            emit_core(self.context, core, (), NO_LIMIT, output, end_label)
        self.builder.place(end_label)

    def _has_own_order(self) -> bool:
        """Whether rows that ORDER BY takes for equal are equal to the set operators, too."""
        if all(operator == "UNION ALL" for operator in self.select.operators):
            return True
        return all(
            sort_collation(term.expression) == compound_collation(self.select, term.result_column)
            for term in self.select.order_by
        )

    def _order(self) -> list[MergeOrder]:
        return [
            MergeOrder(term.result_column, term.is_descending, term.nulls_first, sort_collation(term.expression))
            for term in self.select.order_by
        ]
