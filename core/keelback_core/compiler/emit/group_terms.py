"""The terms of a GROUP BY: their order, and which of the columns that travel with a row they hold already.

Must not know: programs.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundColumn, BoundOrderTerm
from keelback_core.compiler.bind.walk import equal_expressions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from keelback_core.compiler.bind.nodes import BoundSelectCore, BoundSource


def group_terms(core: BoundSelectCore, order_by: tuple[BoundOrderTerm, ...]) -> tuple[tuple[BoundOrderTerm, ...], bool]:
    """The terms to group by, with the directions of as many ORDER BY terms, and whether their order makes ORDER BY
    superfluous."""
    if len(order_by) != len(core.group_by):
        return tuple([BoundOrderTerm(group, False, True) for group in core.group_by]), False
    terms = []
    is_same = True
    for term, group in zip(order_by, core.group_by, strict=True):
        terms.append(BoundOrderTerm(group, term.is_descending, not term.is_descending))
        if term.nulls_first == term.is_descending or not equal_expressions(term.expression, group):
            is_same = False
    return tuple(terms), is_same


def key_columns(terms: Sequence[BoundOrderTerm]) -> dict[tuple[BoundSource, int], int]:
    """The terms that are columns, and where they stand."""
    found: dict[tuple[BoundSource, int], int] = {}
    for position, term in enumerate(terms):
        if isinstance(term.expression, BoundColumn):
            found.setdefault((term.expression.source, term.expression.column), position)
    return found


def columns_beside_keys(
    terms: Sequence[BoundOrderTerm], travelling: Sequence[BoundColumn], distinct: BoundColumn | None
) -> list[BoundColumn]:
    """The columns that are no terms; `distinct`, by which rows are sorted behind the terms, is the first."""
    keys = key_columns(terms)
    columns = [one for one in travelling if (one.source, one.column) not in keys]
    if distinct is None:
        return columns
    first = [one for one in columns if one.source is distinct.source and one.column == distinct.column]
    return first + [one for one in columns if one not in first]
