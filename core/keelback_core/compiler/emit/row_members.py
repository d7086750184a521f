"""The members of `(a, b, c) IN (SELECT ...)` for an access that uses some of the items: the subquery with these columns
alone, as the right side of an IN of its own.

1. The rows of that IN are a set of the columns in the order in which the access has them, so that none comes twice.
2. Without a LIMIT the order of its rows does not matter; with one it stays.

Must not know: how the set is built or walked. Twin of the terms made in plan/terms.py.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import (
    BoundIn,
    BoundOrderTerm,
    BoundRow,
    BoundSelect,
    BoundSelectCore,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from keelback_core.compiler.bind.nodes import BoundExpression


def members_of_fields(membership: BoundIn, fields: Sequence[int]) -> BoundIn:
    """The IN of these items of the row value, in this order."""
    row = membership.operand
    select = membership.select
    assert isinstance(row, BoundRow)
    assert select is not None
    items = tuple([row.items[field] for field in fields])
    operand: BoundExpression = items[0] if len(items) == 1 else BoundRow(items, row.offset)
    return BoundIn(operand, None, _with_columns(select, fields), False, membership.offset)


def _with_columns(select: BoundSelect, fields: Sequence[int]) -> BoundSelect:
    if list(fields) == list(range(len(select.columns))):
        return _called(select, select.slice_number)
    core = select.cores[0]
    own = BoundSelectCore()
    own.columns = tuple([core.columns[field] for field in fields])
    own.sources = core.sources
    own.where = core.where
    own.is_distinct = core.is_distinct
    own.is_taken_as_is = core.is_taken_as_is
    own.flattened = core.flattened
    if core.values is not None:
        own.values = tuple([tuple([row[field] for field in fields]) for row in core.values])
    found = BoundSelect()
    found.cores = (own,)
    if select.limit is not None:
        found.order_by = tuple([_moved(term, fields) for term in select.order_by])
        found.limit = select.limit
        found.offset = select.offset
    found.outer_references = select.outer_references
    found.number = select.slice_number
    return found


def _called(select: BoundSelect, number: int) -> BoundSelect:
    """The same SELECT under another number."""
    found = BoundSelect()
    found.cores = select.cores
    found.order_by = select.order_by
    found.limit = select.limit
    found.offset = select.offset
    found.outer_references = select.outer_references
    found.number = number
    return found


def _moved(term: BoundOrderTerm, fields: Sequence[int]) -> BoundOrderTerm:
    """The term of ORDER BY with the new place of its result column."""
    place = fields.index(term.result_column) if term.result_column in fields else -1
    return BoundOrderTerm(term.expression, term.is_descending, term.nulls_first, place)
