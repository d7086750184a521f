"""The short cuts: one table, and an equation for its rowid or for every column of a unique index.

No search can be better, so none is made. Where WHERE is just `rowid = value`, the terms are not even analysed; neither
are they where it is `column = value` or `column BETWEEN value AND value`, and one index begins with the column.

Must not know: joins, costs.
"""

from __future__ import annotations

from keelback_core.compiler.bind.exists_join import EXISTS_JOIN
from keelback_core.compiler.bind.nodes import BoundBetween, BoundBinary, BoundColumn, BoundLiteral, BoundParameter
from keelback_core.compiler.bind.types import comparison_affinity, comparison_collation
from keelback_core.compiler.bind.walk import column_references
from keelback_core.compiler.catalog.model import EXPRESSION, ROWID
from keelback_core.compiler.plan.candidate import PlanCandidate
from keelback_core.compiler.plan.estimate import INDEX_PREFIX_ROWS, RANGE_BOTH_SAVING, RANGE_BOUND_SAVING
from keelback_core.compiler.plan.nodes import (
    DISTINCT_REDUNDANT,
    PlanBound,
    PlanIndexSeek,
    PlanLoop,
    PlanLoops,
    PlanRowidEqual,
)
from keelback_core.compiler.plan.table_sizes import is_covered, prefix_rows
from keelback_core.compiler.plan.term import affinity_fits, fits_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSource
    from keelback_core.compiler.catalog.model import Index, Table
    from keelback_core.compiler.plan.term import PlanTerm, TermForm
    from keelback_core.compiler.plan.term_table import TermTable
    from keelback_core.compiler.plan.wish import PlanWish

ROW_COST: Final = 33
KEY_COST: Final = 39
LONGEST_KEY: Final = 3
# Joins whose right side is not simply one of the sources.
OTHER_JOINS: Final = frozenset(("LEFT", "RIGHT", "FULL", EXISTS_JOIN))
NO_COLUMNS: Final[frozenset[int]] = frozenset()
UNEQUAL: Final = frozenset(("<>", "<", "<=", ">", ">="))


def straight_lookup(source: BoundSource, where: BoundExpression | None, wish: PlanWish) -> PlanLoops | None:
    """The whole plan of the only source, where WHERE is `rowid = value`, with a parameter or a literal for a value; in
    what changes rows one comparison may follow, of which nothing can be used. What `plan_wish` comes to by itself."""
    if not isinstance(where, (BoundBinary, BoundBetween)):
        return None
    table = source.table
    if table is None or table.kind != "table" or table.key_index is not None or source.on is not None:
        return None
    if source.indexed_by is not None or source.is_not_indexed or source.join_type in OTHER_JOINS:
        return None
    if isinstance(where, BoundBetween):
        return _straight_range(source, table, where, wish)
    if where.operator == "=" and isinstance(where.left, BoundColumn) and where.left.column >= 0:
        return _straight_seek(source, table, where.left, where, wish)
    equation: BoundExpression = where
    filters: tuple[BoundExpression, ...] = ()
    if where.operator == "AND":
        # In a query constants are put in the place of columns.
        rest = where.right
        if wish.reads_only or not isinstance(rest, BoundBinary) or rest.operator not in UNEQUAL:
            return None
        if not any(column.source is source for column in column_references(rest)):
            return None
        equation = where.left
        filters = (rest,)
    if not isinstance(equation, BoundBinary) or equation.operator != "=":
        return None
    column, value = equation.left, equation.right
    if not isinstance(column, BoundColumn) or column.source is not source or column.column != ROWID:
        return None
    if not isinstance(value, (BoundParameter, BoundLiteral)):
        return None
    access = PlanRowidEqual(value)
    loop = PlanLoop(source, access, (), filters, False, False, True, 1, False)
    loop.may_be_coroutine = not wish.reads_only
    plan = PlanLoops((loop,), (), len(wish.order), 1)
    plan.distinct = DISTINCT_REDUNDANT
    return plan


def _straight_seek(
    source: BoundSource, table: Table, column: BoundColumn, equation: BoundBinary, wish: PlanWish
) -> PlanLoops | None:
    """The plan where WHERE is `column = value`: the look-up in the one index that begins with the column. As nothing is
    known of how often values occur, no scan and no other index can be cheaper."""
    if wish.order or not isinstance(equation.right, (BoundParameter, BoundLiteral)):
        return None
    found = _only_index(source, table, column, wish)
    if found is None or (found.is_unique and len(found.columns) == 1):
        return None
    if not _serves(found, table, column, equation.right):
        return None
    access = PlanIndexSeek(found, (equation.right,), None, None, is_covered(source, table, found), NO_COLUMNS)
    return _plan_of_seek(source, access, 0, INDEX_PREFIX_ROWS[0], wish)


def _straight_range(source: BoundSource, table: Table, where: BoundBetween, wish: PlanWish) -> PlanLoops | None:
    """The plan of a query where WHERE is `column BETWEEN value AND value`, in no order or in that of the column: the
    walk through the one index that begins with the column, which as far as is known costs less than any scan."""
    column, low, high = where.operand, where.low, where.high
    if where.is_negated or not wish.reads_only or len(wish.order) > 1:
        return None
    if not isinstance(column, BoundColumn) or column.column < 0:
        return None
    if not isinstance(low, (BoundParameter, BoundLiteral)) or not isinstance(high, (BoundParameter, BoundLiteral)):
        return None
    found = _only_index(source, table, column, wish)
    if found is None or not _serves(found, table, column, low) or not _serves(found, table, column, high):
        return None
    access = PlanIndexSeek(
        found, (), PlanBound(low, True), PlanBound(high, True), is_covered(source, table, found), NO_COLUMNS
    )
    for term in wish.order:
        wanted = term.expression
        if not isinstance(wanted, BoundColumn) or wanted.source is not source or wanted.column != column.column:
            return None
        if term.nulls_first == term.is_descending:
            return None
        access.is_reverse = term.is_descending != found.columns[0].is_descending
    rows = prefix_rows(table, found, 0) - 2 * RANGE_BOUND_SAVING - RANGE_BOTH_SAVING
    return _plan_of_seek(source, access, len(wish.order), rows, wish)


def _plan_of_seek(source: BoundSource, access: PlanIndexSeek, ordered: int, rows: int, wish: PlanWish) -> PlanLoops:
    loop = PlanLoop(source, access, (), (), False, False, False, rows, False)
    loop.may_be_coroutine = not wish.reads_only
    plan = PlanLoops((loop,), (), ordered, rows)
    plan.is_sorted = True
    return plan


def _serves(index: Index, table: Table, column: BoundColumn, value: BoundExpression) -> bool:
    """Whether comparing the column with the value is what the index does."""
    if comparison_collation(column, value) != index.columns[0].collation:
        return False
    return fits_key(comparison_affinity(column, value), table.columns[column.column].affinity)


def _only_index(source: BoundSource, table: Table, column: BoundColumn, wish: PlanWish) -> Index | None:
    """The one index that begins with the column, where nothing is known of the table's contents and nothing is wanted
    of its rows that makes them be counted."""
    if wish.is_set or wish.is_distinct or wish.rows_around > 0 or source.bound_indexes:
        return None
    if column.source is not source or table.row_count is not None or wish.distinct_beside is not None:
        return None
    found: Index | None = None
    for index in table.indexes:
        if index.statistics or index.samples is not None:
            return None
        if index.columns[0].column == column.column:
            if found is not None:
                return None
            found = index
    return None if found is None or found.where is not None or found.is_unordered else found


def unique_lookup(source: BoundSource, terms: TermTable) -> PlanCandidate | None:
    """The look-up of the one row, if the terms name it."""
    table = source.table
    if table is None or table.kind != "table" or source.indexed_by is not None or source.is_not_indexed:
        return None
    if table.key_index is None:
        form = _equation(terms.said_of(source, ROWID), "D", "", True)
        if form is not None:
            candidate = PlanCandidate(0, PlanRowidEqual(form.value), 0, 0, ROW_COST, 1)
            candidate.terms = (form.term,)
            candidate.is_once = True
            return candidate
    for index in table.indexes:
        if index.is_unique and index.where is None and len(index.columns) <= LONGEST_KEY:
            found = _index_lookup(source, table, index, terms)
            if found is not None:
                return found
    return None


def _equation(forms: list[TermForm], affinity: str, collation: str, allows_is: bool) -> TermForm | None:
    for form in forms:
        if form.operator == "=" or (form.operator == "IS" and allows_is):
            if not form.value_reads and affinity_fits(form, affinity) and collation in ("", form.collation):
                return form
    return None


def _index_lookup(source: BoundSource, table: Table, index: Index, terms: TermTable) -> PlanCandidate | None:
    values: list[BoundExpression] = []
    used: list[PlanTerm] = []
    null_equal = []
    is_not_null = index is table.key_index or all(
        key.column == ROWID or (key.column >= 0 and table.columns[key.column].not_null is not None)
        for key in index.columns
    )
    for number, key in enumerate(index.columns):
        if key.column == EXPRESSION:
            return None
        column = ROWID if key.column == table.rowid_column else key.column
        affinity = "D" if column == ROWID else table.columns[column].affinity
        form = _equation(terms.said_of(source, column), affinity, key.collation, is_not_null)
        if form is None:
            return None
        if form.operator == "IS":
            null_equal.append(number)
        values.append(form.value)
        used.append(form.term)
    available = set(index.held_columns)
    if ROWID in available:
        available.add(table.rowid_column)
    is_covering = index is table.key_index or source.used_columns <= available
    access = PlanIndexSeek(index, tuple(values), None, None, is_covering, frozenset(null_equal))
    candidate = PlanCandidate(0, access, 0, 0, KEY_COST, 1)
    candidate.terms = tuple(used)
    candidate.is_once = True
    candidate.is_covering = is_covering
    return candidate
