"""AggregateEmitter: the registers of a query's aggregates and bare columns, reset, stepped and finished.

1. A bare column takes the value of the group's first row; beside min() or max(), of the row that has the extreme (of
   the last such function, if there are several).
2. DISTINCT keeps an ephemeral index, ORDER BY a sorter, for each aggregate that asks for it.
3. Between `show` and `hide` the query's expressions read aggregates and columns from the registers.

Must not know: groups, loops. Source: https://sqlite.org/lang_aggfunc.html, lang_select.html#bareagg
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundAggregate, BoundColumn
from keelback_core.compiler.bind.types import sort_collation
from keelback_core.compiler.bind.walk import column_references, equal_expressions, push_children, subquery_of
from keelback_core.compiler.emit.calls import call_collation
from keelback_core.compiler.emit.dispatch import emit_expressions, emit_jump_if_false, known_register, without_wrappers
from keelback_core.compiler.emit.sort import sort_flags
from keelback_core.compiler.emit.subtypes import emit_arguments, reads_subtypes
from keelback_core.program.opcodes import (
    OP_AGG_FINAL,
    OP_AGG_STEP,
    OP_COLUMN,
    OP_COPY,
    OP_EQ,
    OP_FOUND,
    OP_GE,
    OP_GOTO,
    OP_IDX_INSERT,
    OP_IF,
    OP_IF_NOT,
    OP_INTEGER,
    OP_IS_NULL,
    OP_LE,
    OP_MAKE_RECORD,
    OP_NOT,
    OP_NOT_NULL,
    OP_NULL,
    OP_OPEN_EPHEMERAL,
    OP_OPEN_PSEUDO,
    OP_RESET_SORTER,
    OP_SORTER_DATA,
    OP_SORTER_INSERT,
    OP_SORTER_NEXT,
    OP_SORTER_OPEN,
    OP_SORTER_SORT,
)
from keelback_core.program.program import COMPARE_NULL_EQUAL, RECORD_KEEPS_SUBTYPES, FunctionReference
from keelback_core.value.key_info import KeyInfo

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundExpression, BoundOrderTerm, BoundSelectCore
    from keelback_core.compiler.emit.context import EmitContext

# Among so few to look at each costs less than a set.
FEW_COLUMNS: Final = 16


def is_extreme(aggregate: BoundAggregate) -> bool:
    """Whether the aggregate is min() or max()."""
    return len(aggregate.arguments) == 1 and aggregate.signature.name.lower() in ("min", "max")


def unique_columns(columns: list[BoundColumn], core: BoundSelectCore) -> list[BoundColumn]:
    """Those of the core's own sources, each once."""
    found: list[BoundColumn] = []
    known: set[tuple[object, int]] | None = None if len(columns) <= FEW_COLUMNS else set()
    for column in columns:
        if not is_own(column, core):
            continue
        if known is None:
            if not _has_column(found, column):
                found.append(column)
        elif (column.source, column.column) not in known:
            known.add((column.source, column.column))
            found.append(column)
    return found


def is_own(column: BoundColumn, core: BoundSelectCore) -> bool:
    """Whether the column is of one of the core's own sources."""
    for source in core.sources:
        if source is column.source:
            return True
    for source in core.flattened:
        if source is column.source:
            return True
    return False


def _has_column(columns: list[BoundColumn], wanted: BoundColumn) -> bool:
    for column in columns:
        if column.column == wanted.column and column.source is wanted.source:
            return True
    return False


def bare_columns(expressions: list[BoundExpression], core: BoundSelectCore) -> list[BoundColumn]:
    """The columns that the expressions read outside the core's aggregates."""
    found: list[BoundColumn] = []
    stack: list[BoundExpression] = []
    for expression in expressions:
        stack.append(expression)
        while stack:
            node = stack.pop()
            if isinstance(node, BoundColumn):
                found.append(node)
            elif isinstance(node, BoundAggregate) and node.level is core.level:
                continue
            else:
                select = subquery_of(node)
                if select is not None:
                    found.extend([outer for outer in select.outer_references if isinstance(outer, BoundColumn)])
                push_children(stack, node)
    return unique_columns(found, core)


def argument_columns(core: BoundSelectCore) -> list[BoundColumn]:
    """The columns that the core's aggregates read."""
    found: list[BoundColumn] = []
    for one in core.aggregates:
        if one.arguments or one.filter is not None or one.order_by:
            found += column_references(one)
    return unique_columns(found, core)


class AggregateEmitter:
    """See the module. expressions: all that is computed once a group is complete."""

    __slots__ = (
        "context",
        "core",
        "bare",
        "first_bare",
        "states",
        "trees",
        "used",
        "best",
        "extreme",
        "previous",
        "is_sorted_for",
    )

    def __init__(self, context: EmitContext, core: BoundSelectCore, expressions: list[BoundExpression]) -> None:
        builder = context.builder
        self.context = context
        self.core = core
        self.bare = bare_columns(expressions, core)
        self.first_bare = builder.registers(len(self.bare))
        self.states = [builder.register() for _ in core.aggregates]
        self.trees = [builder.cursor() if one.is_distinct else -1 for one in core.aggregates]
        self.used = builder.register()
        self.best = builder.register()
        self.extreme: BoundAggregate | None = None
        # For one DISTINCT aggregate over ordered rows: the register with the value before.
        self.previous = 0
        # Their order costs a sort that is told of where the tree would be.
        self.is_sorted_for = False
        if self.bare:
            for one in core.aggregates:
                if is_extreme(one):
                    self.extreme = one

    def kept_registers(self) -> tuple[int, int]:
        """The first and the number of the registers in which a group's rows come together."""
        first = self.first_bare if self.bare else self.states[0] if self.states else self.used
        last = self.best if self.extreme is not None else self.used
        return first, last - first + 1

    def expect_order(self) -> None:
        """The rows come in the order of the one DISTINCT argument: no tree is needed, only the value before."""
        self.trees[0] = -1
        self.previous = self.context.builder.register()

    def expect_distinct(self) -> None:
        """No group has a value of the one DISTINCT argument twice."""
        self.trees[0] = -1

    def open_trees(self) -> None:
        """Open the trees of the values of DISTINCT aggregates."""
        for one, cursor in zip(self.core.aggregates, self.trees, strict=True):
            if cursor >= 0:
                collation = self.context.collation(sort_collation(one.arguments[0]))
                key = KeyInfo((collation,), (0,), 1)
                self.context.builder.emit(OP_OPEN_EPHEMERAL, cursor, 1, 0, key)

    def reset(self) -> None:
        """Begin a new group."""
        builder = self.context.builder
        builder.emit(OP_INTEGER, 0, self.used)
        for register in self.states:
            builder.emit(OP_NULL, 0, register)
        builder.emit(OP_NULL, 0, self.best)
        if self.bare:
            builder.emit(OP_NULL, 0, self.first_bare, self.first_bare + len(self.bare) - 1)
        if self.previous:
            builder.emit(OP_NULL, 1, self.previous)

    def takes_rows_at_once(self) -> bool:
        """Whether a row does nothing but step aggregates, once its group has begun."""
        return self.extreme is None and not any(one.is_distinct or one.order_by for one in self.core.aggregates)

    def open_sorters(self) -> list[int]:
        """Open the sorters of aggregates with ORDER BY; a cursor per aggregate, -1 where none is needed."""
        builder = self.context.builder
        cursors = []
        for one in self.core.aggregates:
            if not one.order_by:
                cursors.append(-1)
                continue
            cursor = builder.cursor()
            self._open_sorter(one, cursor)
            cursors.append(cursor)
        return cursors

    def _open_sorter(self, one: BoundAggregate, cursor: int) -> None:
        terms = one.order_by
        collations = tuple(self.context.collation(sort_collation(term.expression)) for term in terms)
        flags = tuple(sort_flags(term) for term in terms)
        count = len(terms) + len(one.arguments)
        self.context.builder.emit(OP_SORTER_OPEN, cursor, count, 0, KeyInfo(collations, flags, count))

    def empty(self, sorters: Sequence[int]) -> None:
        """Empty trees and sorters for a new group."""
        for cursor in (*self.trees, *sorters):
            if cursor >= 0:
                self.context.builder.emit(OP_RESET_SORTER, cursor)

    def begin(self) -> None:
        """Begin a new group with the row at hand, its registers being NULL."""
        builder = self.context.builder
        if self.extreme is not None:
            builder.emit(OP_INTEGER, 0, self.used)
            return
        if self.bare:
            emit_expressions(self.context, self.bare, self.first_bare)
        builder.emit(OP_INTEGER, 1, self.used)

    def step(self, sorters: Sequence[int], has_begun: bool = False) -> None:
        """Take the row at hand into every aggregate, and its bare columns where they are wanted.

        has_begun: `begin` has seen the group's first row.
        """
        builder = self.context.builder
        load = 0
        if self.extreme is not None:
            load = builder.register()
            builder.emit(OP_NOT, self.used, load)
        for position, one in enumerate(self.core.aggregates):
            self._step_one(one, self.states[position], self.trees[position], sorters[position], load)
        if has_begun and self.extreme is None:
            return
        if self.bare:
            past = builder.label()
            if load:
                builder.emit(OP_IF_NOT, load, past, 1)
            else:
                builder.emit(OP_IF, self.used, past, 0)
            emit_expressions(self.context, self.bare, self.first_bare)
            builder.place(past)
        builder.emit(OP_INTEGER, 1, self.used)

    def _step_one(self, one: BoundAggregate, state: int, tree: int, sorter: int, load: int) -> None:
        builder = self.context.builder
        past = builder.label()
        if one.filter is not None:
            emit_jump_if_false(self.context, one.filter, past, True)
        count = len(one.arguments)
        keys = len(one.order_by) if sorter >= 0 else 0
        known = 0 if keys or self.previous or tree >= 0 else self._known_argument(one)
        if known == 0:
            first = builder.registers(keys + count) if keys + count else 0
            if keys:
                emit_expressions(self.context, [term.expression for term in one.order_by], first)
            arguments = first + keys
            emit_arguments(self.context, one.signature.name, one.arguments, arguments)
        else:
            first = arguments = known
        if self.previous:
            collation = self.context.collation(sort_collation(one.arguments[0]))
            builder.emit(OP_EQ, arguments, past, self.previous, collation, COMPARE_NULL_EQUAL)
            builder.emit(OP_COPY, arguments, self.previous)
        elif tree >= 0 and (sorter < 0 or not is_ordered_set(one)):
            record = builder.register()
            builder.emit(OP_FOUND, tree, past, arguments, 1)
            builder.emit(OP_MAKE_RECORD, arguments, 1, record)
            builder.emit(OP_IDX_INSERT, tree, record, arguments, 1)
        if one is self.extreme:
            self._note_extreme(one, arguments, load)
        if keys:
            record = builder.register()
            builder.emit(OP_MAKE_RECORD, first, keys + count, record, None, RECORD_KEEPS_SUBTYPES)
            builder.emit(OP_SORTER_INSERT, sorter, record)
        else:
            builder.emit(OP_AGG_STEP, 0, arguments, state, self._reference(one), count)
        builder.place(past)

    def _known_argument(self, one: BoundAggregate) -> int:
        """The register that holds the only argument already, 0 if none does."""
        if len(one.arguments) != 1 or reads_subtypes(one.signature.name):
            return 0
        return known_register(self.context, without_wrappers(one.arguments[0]))

    def _note_extreme(self, one: BoundAggregate, argument: int, load: int) -> None:
        """r[load] = 1 if this row has the smallest or largest value so far."""
        builder = self.context.builder
        is_null = builder.label()
        hit = builder.label()
        done = builder.label()
        builder.emit(OP_IS_NULL, argument, is_null)
        builder.emit(OP_IS_NULL, self.best, hit)
        # Kept out: a best value that is at least as good as the new one.
        opcode = OP_LE if one.signature.name.lower() == "min" else OP_GE
        collation = call_collation(self.context, one.arguments, True)
        builder.emit(opcode, argument, done, self.best, collation)
        builder.place(hit)
        builder.emit(OP_COPY, argument, self.best)
        builder.emit(OP_INTEGER, 1, load)
        builder.emit(OP_GOTO, 0, done)
        builder.place(is_null)
        builder.emit(OP_NOT_NULL, self.best, done)
        builder.emit(OP_INTEGER, 1, load)
        builder.place(done)

    def _reference(self, one: BoundAggregate) -> FunctionReference:
        collation = call_collation(self.context, one.arguments, one.signature.needs_collation)
        return FunctionReference(one.signature.name, len(one.arguments), collation)

    def finish(self, sorters: Sequence[int]) -> None:
        """Turn the states into results."""
        for position, one in enumerate(self.core.aggregates):
            if sorters[position] >= 0:
                self._step_sorted(one, self.states[position], sorters[position])
            count = len(one.arguments)
            self.context.builder.emit(OP_AGG_FINAL, self.states[position], count, 0, self._reference(one))

    def _step_sorted(self, one: BoundAggregate, state: int, sorter: int) -> None:
        """Step an aggregate with ORDER BY through its rows in order."""
        builder = self.context.builder
        count = len(one.arguments)
        keys = len(one.order_by)
        record = builder.register()
        first = builder.registers(count) if count else 0
        pseudo = builder.cursor()
        done = builder.label()
        builder.emit(OP_OPEN_PSEUDO, pseudo, record, keys + count)
        builder.emit(OP_SORTER_SORT, sorter, done)
        if is_ordered_set(one):
            self._step_set(one, state, sorter, pseudo, record)
            builder.place(done)
            return
        top = builder.address
        builder.emit(OP_SORTER_DATA, sorter, record, pseudo)
        for position in range(count):
            builder.emit(OP_COLUMN, pseudo, keys + position, first + position)
        builder.emit(OP_AGG_STEP, 0, first, state, self._reference(one), count)
        builder.emit(OP_SORTER_NEXT, sorter, top)
        builder.place(done)

    def _step_set(self, one: BoundAggregate, state: int, sorter: int, pseudo: int, record: int) -> None:
        """Step through sorted rows that are the values themselves: of equal ones the last stands for all."""
        builder = self.context.builder
        last, value = builder.registers(1), builder.registers(1)
        begin, equal = builder.label(), builder.label()
        reference = self._reference(one)
        collation = self.context.collation(sort_collation(one.arguments[0]))
        builder.emit(OP_SORTER_DATA, sorter, record, pseudo)
        builder.emit(OP_COLUMN, pseudo, 1, last)
        builder.emit(OP_GOTO, 0, begin)
        top = builder.address
        builder.emit(OP_SORTER_DATA, sorter, record, pseudo)
        builder.emit(OP_COLUMN, pseudo, 1, value)
        builder.emit(OP_EQ, value, equal, last, collation, COMPARE_NULL_EQUAL)
        builder.emit(OP_AGG_STEP, 0, last, state, reference, 1)
        builder.place(equal)
        builder.emit(OP_COPY, value, last)
        builder.place(begin)
        builder.emit(OP_SORTER_NEXT, sorter, top)
        builder.emit(OP_AGG_STEP, 0, last, state, reference, 1)

    def show(self) -> None:
        """From here on the query's aggregates and bare columns are read from the registers."""
        registers = self.context.aggregate_registers
        for one, register in zip(self.core.aggregates, self.states, strict=True):
            registers[one] = register
        for position, column in enumerate(self.bare):
            self.context.show_column(column.source, column.column, self.first_bare + position)

    def hide(self) -> None:
        """Columns are read from their sources again."""
        registers = self.context.aggregate_registers
        for one in self.core.aggregates:
            if one in registers:
                del registers[one]
        for column in self.bare:
            self.context.hide_column(column.source, column.column)

    def note(self) -> None:
        """Add the temporary trees to EXPLAIN QUERY PLAN."""
        for one, tree in zip(self.core.aggregates, self.trees, strict=True):
            has_tree = tree >= 0 or (one.is_distinct and self.is_sorted_for)
            if has_tree and not is_ordered_set(one):
                self.context.builder.note(f"USE TEMP B-TREE FOR {one.signature.name}(DISTINCT)")
            elif one.order_by:
                self.context.builder.note(f"USE TEMP B-TREE FOR {one.signature.name}(ORDER BY)")


def is_ordered_set(one: BoundAggregate) -> bool:
    """Whether the call is `f(DISTINCT x ORDER BY x)`, which needs no tree of the values but the sorted one."""
    if not one.is_distinct or len(one.order_by) != 1 or len(one.arguments) != 1 or one.signature.needs_collation:
        return False
    return equal_expressions(one.order_by[0].expression, one.arguments[0])


def emit_having(context: EmitContext, core: BoundSelectCore, skip_label: int) -> None:
    """Leave out a group that HAVING rejects."""
    if core.having is not None:
        emit_jump_if_false(context, core.having, skip_label, True)


def output_expressions(core: BoundSelectCore, order_by: tuple[BoundOrderTerm, ...]) -> list[BoundExpression]:
    """All that is computed from complete groups."""
    found = [column.expression for column in core.columns]
    if core.having is not None:
        found.append(core.having)
    for term in order_by:
        found.append(term.expression)
    return found
