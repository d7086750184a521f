"""Emission of one SELECT core: plain, aggregate, grouped, VALUES.

Must not know: compounds. Must be told: ORDER BY, LIMIT registers, destination, where to go when LIMIT is reached.
"""

from __future__ import annotations

from keelback_core.compiler.bind.count_union import counted_parts
from keelback_core.compiler.bind.exists_join import join_exists
from keelback_core.compiler.bind.flatten import without_flattened
from keelback_core.compiler.bind.nodes import (
    BoundBinary,
    BoundColumn,
    BoundIsNull,
    BoundLiteral,
    BoundOrderTerm,
    BoundSelectCore,
)
from keelback_core.compiler.bind.push_down import push_down
from keelback_core.compiler.bind.unused_columns import drop_unused_columns
from keelback_core.compiler.bind.walk import equal_expressions
from keelback_core.compiler.catalog.actions import ACTION_READ, ACTION_SELECT
from keelback_core.compiler.emit.aggregate import AggregateEmitter, emit_having, is_extreme, output_expressions
from keelback_core.compiler.emit.destination import CoroutineOutput
from keelback_core.compiler.emit.dispatch import emit_expression
from keelback_core.compiler.emit.group import GroupEmitter
from keelback_core.compiler.emit.limit import NO_LIMIT, wished_limit
from keelback_core.compiler.emit.loop_source import open_index, open_table
from keelback_core.compiler.emit.loops import LoopEmitter
from keelback_core.compiler.emit.order_free import is_order_free
from keelback_core.compiler.emit.result_stage import ResultStage
from keelback_core.compiler.emit.window import WindowStage, innermost_terms, make_stage
from keelback_core.compiler.plan.count import counted_index
from keelback_core.compiler.plan.estimate import log_estimate
from keelback_core.compiler.plan.nodes import DISTINCT_NEEDED, DISTINCT_ORDERED
from keelback_core.compiler.plan.planner import plan_wish
from keelback_core.compiler.plan.select_rows import estimate_sources
from keelback_core.compiler.plan.wish import NO_LIMIT_ROWS, PlanWish
from keelback_core.module.index_query import DISTINCT as FOR_DISTINCT
from keelback_core.module.index_query import DISTINCT_ORDERED as FOR_DISTINCT_ORDERED
from keelback_core.program.opcodes import (
    OP_COUNT,
    OP_END_COROUTINE,
    OP_GOTO,
    OP_INIT_COROUTINE,
    OP_NOT_NULL,
    OP_YIELD,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSource
    from keelback_core.compiler.catalog.catalog import Catalog
    from keelback_core.compiler.catalog.model import Table
    from keelback_core.compiler.emit.context import EmitContext
    from keelback_core.compiler.emit.destination import Destination
    from keelback_core.compiler.emit.limit import RowLimit


def emit_core(
    context: EmitContext,
    core: BoundSelectCore,
    order_by: tuple[BoundOrderTerm, ...],
    limit: RowLimit,
    destination: Destination,
    end_label: int,
    is_merged: bool = False,
) -> None:
    """Emit one SELECT; `end_label` is placed by the caller behind it. is_merged: its rows are one side of a MERGE."""
    for source in core.flattened:
        context.bind_flattened(source)
    authorize_core(context, core)
    if not limit.offset:
        join_exists(core)
    push_down(core)
    drop_unused_columns(core)
    estimate_sources(core.sources)
    if core.values is not None:
        _emit_values(context, core, core.values, order_by, limit, destination, end_label)
    elif core.windows and not core.is_aggregate:
        _emit_windowed(context, core, order_by, limit, destination, end_label)
    elif core.group_by:
        GroupEmitter(context, core, order_by, limit, destination, end_label).emit()
    elif core.is_aggregate:
        parts = counted_parts(core)
        if parts is not None:
            _emit_plain(context, parts, (), limit, destination, end_label)
            return
        _emit_aggregate(context, core, order_by, limit, destination, end_label)
    elif core.is_distinct and core.sources and order_by and _is_result_list(order_by, core):
        groups = GroupEmitter(context, _as_groups(core), order_by, limit, destination, end_label, True)
        groups.notes_order = is_merged
        groups.emit()
    else:
        _emit_plain(context, core, order_by, limit, destination, end_label)


def authorize_core(context: EmitContext, core: BoundSelectCore) -> None:
    """Ask the authorizer about one SELECT, once."""
    if context.catalog.authorizer is not None and not core.is_asked:
        core.is_asked = True
        _authorize(context.catalog, core)


def _is_read(table: Table, column: int) -> bool:
    """Whether the column is one that a reader sees: no rowid, no argument of a table function."""
    return column >= 0 and not table.columns[column].is_hidden


def _authorize(catalog: Catalog, core: BoundSelectCore) -> None:
    """Ask for the subqueries that stand in this one, and for tables of which no column is read: their column is ""."""
    for source in core.flattened:
        if source.select is not None:
            catalog.authorize_select(source.select.reader)
    if core.windows:
        catalog.authorize_select(None)
    if core.is_taken_as_is:
        catalog.authorize(ACTION_SELECT, None, None, None)
    for source in core.sources:
        if source.table is not None and not any(_is_read(source.table, column) for column in source.used_columns):
            catalog.authorize(ACTION_READ, source.table.name, "", source.schema)


def _emit_plain(
    context: EmitContext,
    core: BoundSelectCore,
    order_by: tuple[BoundOrderTerm, ...],
    limit: RowLimit,
    destination: Destination,
    end_label: int,
) -> None:
    result = [column.expression for column in core.columns]
    wanted: tuple[BoundOrderTerm, ...] = order_by
    is_set = core.is_distinct and not order_by
    if is_set:
        wanted = tuple(BoundOrderTerm(expression, False, True, i) for i, expression in enumerate(result))
    wish = core_wish(context, core, wanted, is_set, limit, core.is_distinct, result)
    wish.core = core
    if is_virtual_only(core):
        _tell_virtual(core, order_by, limit, wish)
    plan = plan_wish(core.sources, core.where, wish)
    if context.catalog.settings.reverse_unordered_selects and not wanted:
        for loop in plan.loops:
            loop.access.is_reverse = True
    ordered_terms = plan.ordered_terms
    if ordered_terms >= len(order_by):
        order_by = ()
    stage = ResultStage(context, core, order_by, limit, destination, end_label, ordered_terms if order_by else 0)
    if core.is_distinct and plan.distinct != DISTINCT_NEEDED:
        stage.distinct_cursor = -1
        if plan.distinct == DISTINCT_ORDERED:
            stage.previous_row = context.builder.registers(len(core.columns))
    stage.open()
    loops = LoopEmitter(context, plan)
    if not core.sources:
        context.builder.note("SCAN CONSTANT ROW")
    loops.begin()
    stage.emit_row(loops.continue_label)
    loops.end()
    stage.note()
    stage.finish()


def is_virtual(source: BoundSource) -> bool:
    """Whether the source is a virtual table."""
    return source.table is not None and source.table.kind == "virtual"


def is_virtual_only(core: BoundSelectCore) -> bool:
    """Whether the SELECT reads one virtual table and nothing else."""
    return len(core.sources) == 1 and is_virtual(core.sources[0])


def _tell_virtual(core: BoundSelectCore, order_by: Sequence[BoundOrderTerm], limit: RowLimit, wish: PlanWish) -> None:
    """Have the one virtual table hear what the order is for, and of LIMIT."""
    if not core.is_distinct:
        wish.limits = wished_limit(limit)
    elif order_by:
        wish.purpose = FOR_DISTINCT_ORDERED
    else:
        wish.purpose = FOR_DISTINCT


def core_wish(
    context: EmitContext,
    core: BoundSelectCore,
    order: tuple[BoundOrderTerm, ...],
    is_set: bool,
    limit: RowLimit,
    is_distinct: bool = False,
    result: Sequence[BoundExpression] | None = None,
) -> PlanWish:
    """What a SELECT wants of its loops."""
    has_limit = limit.stated > 0
    limit_rows = log_estimate(limit.stated) if has_limit else NO_LIMIT_ROWS
    width = len(core.columns)
    wish = PlanWish(order, is_set, has_limit, False, width, limit_rows, is_distinct, result, context.rows_around)
    wish.keeps_copies = context.reads_only
    wish.allows_automatic = context.catalog.settings.automatic_index
    return wish


def _as_groups(core: BoundSelectCore) -> BoundSelectCore:
    """SELECT DISTINCT as SELECT ... GROUP BY of all its columns."""
    grouped = BoundSelectCore()
    grouped.columns = core.columns
    grouped.sources = core.sources
    grouped.where = core.where
    grouped.group_by = tuple(column.expression for column in core.columns)
    grouped.is_aggregate = True
    grouped.flattened = core.flattened
    return grouped


def _is_result_list(order_by: tuple[BoundOrderTerm, ...], core: BoundSelectCore) -> bool:
    """Whether ORDER BY names just the result columns, in their order."""
    return [term.result_column for term in order_by] == list(range(len(core.columns))) and all(
        term.nulls_first != term.is_descending and equal_expressions(term.expression, column.expression)
        for term, column in zip(order_by, core.columns, strict=True)
    )


def _emit_windowed(
    context: EmitContext,
    core: BoundSelectCore,
    order_by: tuple[BoundOrderTerm, ...],
    limit: RowLimit,
    destination: Destination,
    end_label: int,
) -> None:
    """A SELECT with window functions and no aggregates of its own."""
    stage = WindowStage(context, core, order_by, limit, destination, end_label)
    terms = tuple(
        BoundOrderTerm(without_flattened(core, term.expression), term.is_descending, term.nulls_first)
        for term in innermost_terms(core)
    )
    plan = plan_wish(core.sources, core.where, core_wish(context, core, terms, False, NO_LIMIT))
    if plan.ordered_terms >= len(terms):
        stage.expect_order()
    stage.open()
    loops = LoopEmitter(context, plan)
    if not core.sources:
        context.builder.note("SCAN CONSTANT ROW")
    loops.begin()
    stage.emit_row(loops.continue_label)
    loops.end()
    stage.note(plan.ordered_terms)
    stage.finish()


def _emit_aggregate(
    context: EmitContext,
    core: BoundSelectCore,
    order_by: tuple[BoundOrderTerm, ...],
    limit: RowLimit,
    destination: Destination,
    end_label: int,
) -> None:
    """Aggregates without GROUP BY: always one row, so its order does not matter."""
    if not core.windows:
        order_by = ()
    stage = make_stage(context, core, order_by, limit, destination, end_label)
    stage.open()
    aggregates = AggregateEmitter(context, core, output_expressions(core, order_by))
    table = _counted_table(core)
    if table is not None:
        _emit_count(context, core, table, aggregates.states[0])
    else:
        sorters = aggregates.open_sorters()
        extreme = _extreme_term(core)
        condition = _extreme_condition(core, extreme, aggregates)
        where = core.where if condition is None else condition
        if condition is not None and core.where is not None:
            where = BoundBinary("AND", core.where, condition)
        distinct = None if is_virtual_only(core) else _distinct_term(core)
        order = tuple([term for term in (extreme, distinct) if term is not None])
        if extreme is not None and not extreme.is_descending and is_virtual_only(core):
            # Where NULLs come first, a virtual table cannot bring the first row that counts.
            order = ()
        wish = core_wish(context, core, order, distinct is not None, NO_LIMIT, distinct is not None)
        wish.is_order_free = not order and is_order_free(core, output_expressions(core, order_by))
        wish.unshown = condition
        if distinct is not None:
            wish.result = [distinct.expression]
        if not core.windows:
            wish.core = core
        plan = plan_wish(core.sources, where, wish)
        if distinct is not None and plan.ordered_terms > 0:
            aggregates.expect_order()
        aggregates.open_trees()
        aggregates.reset()
        aggregates.note()
        loops = LoopEmitter(context, plan, extreme is not None)
        if not core.sources:
            context.builder.note("SCAN CONSTANT ROW")
        loops.begin()
        aggregates.step(sorters)
        if extreme is not None and plan.ordered_terms > 0:
            # Rows come in the order of the argument, so the first that is not NULL decides.
            context.builder.emit(OP_NOT_NULL, emit_expression(context, extreme.expression), loops.break_label)
        loops.end()
        aggregates.finish(sorters)
    skip = context.builder.label()
    aggregates.show()
    emit_having(context, core, skip)
    stage.emit_row(skip)
    aggregates.hide()
    context.builder.place(skip)
    stage.note()
    stage.finish()


def _emit_count(context: EmitContext, core: BoundSelectCore, table: Table, target: int) -> None:
    """Count the entries of the table, or of its narrowest index."""
    index = counted_index(table)
    cursor = open_table(context, table) if index is None else open_index(context, table, index)
    context.builder.note(f"SCAN {table.name}" + (f" USING COVERING INDEX {index.name}" if index is not None else ""))
    context.builder.emit(OP_COUNT, cursor, target)


def _extreme_term(core: BoundSelectCore) -> BoundOrderTerm | None:
    """The order in which the first row has the answer, if all that is asked for is one min() or max()."""
    if len(core.aggregates) != 1 or not core.sources:
        return None
    one = core.aggregates[0]
    if not is_extreme(one) or one.filter is not None or one.order_by:
        return None
    is_max = one.signature.name.lower() == "max"
    return BoundOrderTerm(without_flattened(core, one.arguments[0]), is_max, not is_max)


def _distinct_term(core: BoundSelectCore) -> BoundOrderTerm | None:
    """The argument in whose order equal values are neighbours, if there is one aggregate and it is DISTINCT."""
    if len(core.aggregates) != 1 or not core.sources:
        return None
    one = core.aggregates[0]
    if not one.is_distinct or is_extreme(one) or one.filter is not None or one.order_by:
        return None
    return BoundOrderTerm(without_flattened(core, one.arguments[0]), False, True)


def _extreme_condition(
    core: BoundSelectCore, extreme: BoundOrderTerm | None, aggregates: AggregateEmitter
) -> BoundExpression | None:
    """For min() that its argument is not NULL, where that cannot change anything else."""
    if extreme is None or extreme.is_descending or aggregates.bare or not isinstance(extreme.expression, BoundColumn):
        return None
    return None if is_virtual_only(core) else BoundIsNull(extreme.expression, True)


def _counted_table(core: BoundSelectCore) -> Table | None:
    """The table whose entries `SELECT count(*) FROM table` counts, if the query is that."""
    if len(core.sources) != 1 or core.where is not None or len(core.aggregates) != 1 or core.having is not None:
        return None
    one = core.aggregates[0]
    if one.signature.name.lower() != "count" or one.arguments or one.filter is not None or one.is_distinct:
        return None
    if len(core.columns) != 1 or core.columns[0].expression is not one:
        return None
    table = core.sources[0].table
    return None if table is None or table.kind != "table" else table


def _emit_values(
    context: EmitContext,
    core: BoundSelectCore,
    rows: Sequence[Sequence[BoundExpression]],
    order_by: tuple[BoundOrderTerm, ...],
    limit: RowLimit,
    destination: Destination,
    end_label: int,
) -> None:
    """VALUES: one row in place, many by a co-routine, so that what is done with a row is emitted once."""
    builder = context.builder
    count = len(core.columns)
    stage = ResultStage(context, core, order_by, limit, destination, end_label)
    stage.open()
    skip = builder.label()
    if len(rows) == 1:
        builder.note("SCAN CONSTANT ROW")
        first = destination.row_registers(context, count)
        if destination.reads_row or order_by:
            _emit_value_row(context, rows[0], first)
        stage.pass_row(first, skip)
        builder.place(skip)
    else:
        # SQLite makes a co-routine of rows that it computes while it parses.
        note = f"SCAN {len(rows)}-ROW VALUES CLAUSE" if core.is_taken_as_is else f"SCAN {len(rows)} CONSTANT ROWS"
        if not (isinstance(destination, CoroutineOutput) and destination.is_told):
            builder.note(note)
        first = builder.registers(count)
        routine = builder.register()
        past = builder.label()
        entry = builder.label()
        done = builder.label()
        builder.emit(OP_INIT_COROUTINE, routine, past, entry)
        builder.place(entry)
        for row in rows:
            _emit_value_row(context, row, first)
            builder.emit(OP_YIELD, routine)
        builder.emit(OP_END_COROUTINE, routine)
        builder.place(past)
        builder.place(skip)
        builder.emit(OP_YIELD, routine, done)
        stage.pass_row(first, skip)
        builder.emit(OP_GOTO, 0, skip)
        builder.place(done)
    stage.note()
    stage.finish()


def _emit_value_row(context: EmitContext, row: Sequence[BoundExpression], first: int) -> None:
    """One row of VALUES; literals are loaded in place rather than kept in registers."""
    for position, item in enumerate(row):
        if isinstance(item, BoundLiteral):
            context.emit_literal(item, first + position)
        else:
            emit_expression(context, item, first + position)
