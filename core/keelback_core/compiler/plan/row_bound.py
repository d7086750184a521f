"""A bound by a row value: (a, b, c) > (1, 2, 3) on an index over a, b, c begins its walk at 1, 2, 3.

As many items are used as are columns of the index in their order, all ascending or all descending, compared as it
orders them. The comparison itself stays and is tested: NULLs and further items are its business.

Source: https://sqlite.org/rowvalue.html#row_value_comparisons. Must not know: costs, opcodes.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundColumn, BoundRow
from keelback_core.compiler.bind.types import comparison_affinity, comparison_collation, without_collate
from keelback_core.compiler.plan.nodes import PlanBound
from keelback_core.compiler.plan.term import TermForm, affinity_fits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.nodes import BoundExpression
    from keelback_core.compiler.catalog.model import Index, Table
    from keelback_core.compiler.plan.access import AccessFinder


def row_bound(finder: AccessFinder, table: Table, index: Index, number: int, form: TermForm) -> PlanBound:
    """The bound that the form sets for column `number` of the index, and what its row sets for the next ones."""
    row = form.term.row
    loose = PlanBound(form.value, form.operator in (">=", "<="))
    if row is None or not isinstance(row.left, BoundRow) or not isinstance(row.right, BoundRow):
        return loose
    operands, values = row.left.items, row.right.items
    if form.operand is not without_collate(operands[0]):
        operands, values = values, operands
    more: list[BoundExpression] = []
    for operand, value in zip(operands[1:], values[1:], strict=True):
        if not _is_next(finder, table, index, number, len(more) + 1, operand, value, form):
            break
        more.append(value)
    if not more:
        return loose
    is_whole = len(more) == len(operands) - 1
    return PlanBound(form.value, row.operator.endswith("=") or not is_whole, tuple(more))


def item_fits(form: TermForm, key_affinity: str) -> bool:
    """Whether an item may bound a column of the index: if the comparison changes none of its keys. SQLite asks for the
    very affinity of the column, which two columns of integers do not have when they are compared."""
    return affinity_fits(form, key_affinity)


def _is_next(
    finder: AccessFinder,
    table: Table,
    index: Index,
    number: int,
    offset: int,
    operand: BoundExpression,
    value: BoundExpression,
    form: TermForm,
) -> bool:
    place = number + offset
    columns = index.columns if index is table.key_index else index.entry_columns
    if place >= len(columns):
        return False
    key = columns[place]
    if key.is_descending != columns[number].is_descending or key.column < 0:
        return False
    operand = without_collate(operand)
    if not isinstance(operand, BoundColumn) or operand.source is not finder.source:
        return False
    if operand.column != finder.bound_column(key.column):
        return False
    reads = finder.terms.masks.of(value)
    collation = comparison_collation(operand, value)
    if reads & ~form.value_reads or collation != key.collation:
        return False
    affinity = comparison_affinity(operand, value)
    item = TermForm(operand, form.operator, value, reads, collation, affinity, form.term)
    return item_fits(item, table.columns[key.column].affinity)
