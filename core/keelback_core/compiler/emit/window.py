"""WindowStage: calls with OVER, between the rows of a query and its result.

1. Calls that see the same partitions, order and frames make one level. Levels lie inside each other: the innermost gets
   the query's rows, the outermost, that of the first call in the text, hands rows to the result stage.
2. A level sorts its rows by partition and order (unless they come so), collects one partition at a time and hands its
   rows on in order, each with the values of the level's calls; columns, aggregates and the values of inner levels that
   are wanted later travel along in registers.
3. A level whose calls need no row but the one at hand keeps no partition (window_stream).
4. The stage stands in for a ResultStage: `open`, `emit_row`, `note`, `finish`.

Must not know: how rows come (loops, groups), how a frame is walked (window_frame).
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundAggregate, BoundColumn, BoundOrderTerm, BoundWindow
from keelback_core.compiler.bind.walk import children, equal_expressions, same_window, subquery_of, walk
from keelback_core.compiler.emit.result_stage import ResultStage, note_sort
from keelback_core.compiler.emit.window_level import WindowLevel, window_terms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSelectCore
    from keelback_core.compiler.emit.context import EmitContext
    from keelback_core.compiler.emit.destination import Destination
    from keelback_core.compiler.emit.limit import RowLimit


def make_stage(
    context: EmitContext,
    core: BoundSelectCore,
    order_by: tuple[BoundOrderTerm, ...],
    limit: RowLimit,
    destination: Destination,
    end_label: int,
) -> ResultStage | WindowStage:
    """What the rows of a core go through: its windows, if it has any, and the result stage."""
    if core.windows:
        return WindowStage(context, core, order_by, limit, destination, end_label)
    return ResultStage(context, core, order_by, limit, destination, end_label)


def window_groups(windows: Sequence[BoundWindow]) -> list[list[BoundWindow]]:
    """The calls by level, outermost first."""
    groups: list[list[BoundWindow]] = []
    for window in windows:
        for group in groups:
            if same_window(group[0], window):
                group.append(window)
                break
        else:
            groups.append([window])
    return groups


def innermost_terms(core: BoundSelectCore) -> tuple[BoundOrderTerm, ...]:
    """The order that the first level to get rows wants them in."""
    return window_terms(window_groups(core.windows)[-1][0])


def wanted_of(
    expressions: Sequence[BoundExpression], core: BoundSelectCore, inner: set[BoundWindow], own: set[BoundWindow]
) -> list[BoundExpression]:
    """What a level must carry so that `expressions` can be computed behind it: columns, aggregates and calls of inner
    levels, each once."""
    sources = {*core.sources, *core.flattened}
    found: dict[object, BoundExpression] = {}
    stack = list(reversed(expressions))
    while stack:
        node = stack.pop()
        if isinstance(node, BoundColumn):
            if node.source in sources:
                found.setdefault((node.source, node.column), node)
            continue
        if isinstance(node, BoundAggregate) and node.level is core.level:
            found.setdefault(node, node)
            continue
        if isinstance(node, BoundWindow) and node in own:
            continue
        if isinstance(node, BoundWindow) and node in inner:
            found.setdefault(node, node)
            continue
        select = subquery_of(node)
        if select is not None:
            stack.extend(select.outer_references)
        stack.extend(reversed(children(node)))
    return list(found.values())


class WindowStage:
    """See the module."""

    __slots__ = ("context", "core", "result", "levels", "numbers", "is_told_twice")

    def __init__(
        self,
        context: EmitContext,
        core: BoundSelectCore,
        order_by: tuple[BoundOrderTerm, ...],
        limit: RowLimit,
        destination: Destination,
        end_label: int,
    ) -> None:
        self.context = context
        self.core = core
        groups = window_groups(core.windows)
        expressions = [column.expression for column in core.columns]
        expressions.extend(term.expression for term in order_by)
        self.levels: list[WindowLevel] = []
        inner: set[BoundWindow] = set()
        for calls in reversed(groups):
            self.levels.append(WindowLevel(context, core, calls, wanted_of(expressions, core, inner, set(calls))))
            inner.update(calls)
        for within, level in zip(self.levels, self.levels[1:], strict=False):
            # Rows leave a level in its order.
            level.is_sorted = _is_prefix(level.terms, within.terms)
        # A call of the outermost level that ORDER BY names once more has a level of its own in SQLite, and in plans.
        self.is_told_twice = _names_one_of(order_by, groups[0])
        if _is_prefix(order_by, window_terms(groups[0][0])):
            order_by = ()
        self.result = ResultStage(context, core, order_by, limit, destination, end_label)
        self.numbers: list[int] = []

    def expect_order(self) -> None:
        """The rows come in the order of the innermost level."""
        self.levels[0].is_sorted = True

    def open(self) -> None:
        """Open the temporary trees."""
        self.result.open()
        for level in self.levels:
            level.open()
            self.context.window_count += 1
            self.numbers.append(self.core.select_count + self.context.window_count)
        if self.is_told_twice:
            self.context.window_count += 1
            self.numbers.append(self.core.select_count + self.context.window_count)
        for number in self.numbers:
            self.context.builder.push_note(f"CO-ROUTINE (subquery-{number})")

    def emit_row(self, skip_label: int) -> None:
        """Take the row at hand in."""
        self.levels[0].take_row()

    def note(self, ordered_terms: int = 0) -> None:
        """Add sorters and subqueries to EXPLAIN QUERY PLAN. ordered_terms: of the innermost level, by which its rows
        come in order."""
        builder = self.context.builder
        numbers = self.numbers[::-1]
        sorted_levels = [level for level in self.levels if level.terms and not level.is_sorted]
        if self.is_told_twice:
            self._note_sort(self.levels[-1], sorted_levels, ordered_terms)
            last = self.levels[-1]
            sorted_levels = [level for level in sorted_levels if level is not last]
            builder.pop_note()
            builder.note(f"SCAN (subquery-{numbers.pop(0)})")
        for level, number in zip(self.levels, numbers, strict=True):
            self._note_sort(level, sorted_levels, ordered_terms)
            builder.pop_note()
            builder.note(f"SCAN (subquery-{number})")
        self.result.note()

    def _note_sort(self, level: WindowLevel, sorted_levels: list[WindowLevel], ordered_terms: int) -> None:
        first = self.levels[0]
        if level in sorted_levels:
            note_sort(self.context, len(level.terms), ordered_terms if level is first else 0)

    def finish(self) -> None:
        """Let every level hand on what it has, innermost first."""
        for position, level in enumerate(self.levels):
            if position + 1 < len(self.levels):
                following = self.levels[position + 1]
                level.finish(lambda _skip, following=following: following.take_row())  # type: ignore[misc]
            else:
                level.finish(self.result.emit_row)
        self.result.finish()


def _names_one_of(order_by: tuple[BoundOrderTerm, ...], calls: Sequence[BoundWindow]) -> bool:
    return any(node in calls for term in order_by for node in walk(term.expression))


def _is_prefix(order_by: tuple[BoundOrderTerm, ...], terms: tuple[BoundOrderTerm, ...]) -> bool:
    """Whether rows in the order of `terms` are in the wanted order."""
    if len(order_by) > len(terms):
        return False
    return all(
        one.is_descending == other.is_descending
        and one.nulls_first == other.nulls_first
        and equal_expressions(one.expression, other.expression)
        for one, other in zip(order_by, terms, strict=False)
    )
