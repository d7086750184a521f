"""LEFT JOINs that are inner joins in truth: some term of WHERE, or of an inner join's ON, is never true for the row of
NULLs.

What SQLite does not look into is not looked into here, so that both read the rows in the same order: IS, IS NULL,
functions, CASE, and IS NOT NULL but for the first term.
Source: https://sqlite.org/optoverview.html section 13. Must not know: accesses, costs.
"""

from __future__ import annotations

from keelback_core.compiler.bind.exists_join import EXISTS_JOIN
from keelback_core.compiler.bind.nodes import (
    BoundAlias,
    BoundBetween,
    BoundBinary,
    BoundCast,
    BoundCollate,
    BoundColumn,
    BoundIn,
    BoundIsNull,
    BoundUnary,
)
from keelback_core.compiler.bind.types import bare
from keelback_core.compiler.bind.walk import source_references, terms_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSelectCore, BoundSource

UNKNOWING: Final = frozenset(("IS", "IS NOT"))
COMPARISONS: Final = frozenset(("=", "<>", "<", "<=", ">", ">="))


def outer_sources(sources: tuple[BoundSource, ...], where_parts: Sequence[BoundExpression]) -> list[bool]:
    """For each source whether it is still the right side of an outer join. There is no RIGHT or FULL JOIN."""
    if not any(source.join_type == "LEFT" for source in sources):
        return [False] * len(sources)
    # What an EXISTS says does not count: SQLite looks for this before it makes a join of it.
    late = {source for source in sources if source.join_type == EXISTS_JOIN}
    known = [part for part in where_parts if not late or not late & source_references(part)]
    for source in sources:
        if source.on is not None and source.join_type != "LEFT":
            known += terms_of(source.on)
    found = []
    for source in sources:
        is_outer = source.join_type == "LEFT" and not is_rejected(known, source)
        found.append(is_outer)
        if source.join_type == "LEFT" and not is_outer and source.on is not None:
            known += terms_of(source.on)
    return found


def strengthen_joins(core: BoundSelectCore) -> None:
    """Let LEFT JOINs of subqueries that are inner joins in truth be inner joins: then they may be flattened, and
    conditions pushed into them. Tables wait for the planner, which looks once, from left to right, as SQLite does."""
    if core.where is None or not any(source.join_type == "LEFT" and source.select for source in core.sources):
        return
    if any(source.join_type in ("RIGHT", "FULL") for source in core.sources):
        return
    for source, is_outer in zip(core.sources, outer_sources(core.sources, terms_of(core.where)), strict=True):
        if source.join_type == "LEFT" and source.select is not None and not is_outer:
            source.join_type = "INNER"


def is_rejected(parts: Sequence[BoundExpression], source: BoundSource) -> bool:
    """Whether not all the terms can be true of the source's row of NULLs."""
    for number, part in enumerate(parts):
        if number == 0:
            part = bare(part)
            if isinstance(part, BoundIsNull) and part.is_negated:
                part = part.operand
        if rejects_null_row(part, source):
            return True
    return False


def rejects_null_row(expression: BoundExpression, source: BoundSource) -> bool:
    """Whether the expression cannot be true while all columns of the source are NULL."""
    if isinstance(expression, BoundColumn):
        return expression.source is source
    if isinstance(expression, BoundBinary):
        # A virtual table may see to a comparison itself, and mean by it what it likes.
        if expression.operator in COMPARISONS and (_is_virtual(expression.left) or _is_virtual(expression.right)):
            return False
        left = rejects_null_row(expression.left, source)
        if expression.operator in ("AND", "OR"):
            return left and rejects_null_row(expression.right, source)
        if expression.operator in UNKNOWING:
            return False
        return left or rejects_null_row(expression.right, source)
    if isinstance(expression, (BoundUnary, BoundCollate, BoundCast)):
        return rejects_null_row(expression.operand, source)
    if isinstance(expression, BoundAlias):
        return rejects_null_row(expression.expression, source)
    if isinstance(expression, BoundIn):
        return bool(expression.items) and rejects_null_row(expression.operand, source)
    if isinstance(expression, BoundBetween):
        if rejects_null_row(expression.operand, source):
            return True
        return rejects_null_row(expression.low, source) and rejects_null_row(expression.high, source)
    return False


def _is_virtual(expression: BoundExpression) -> bool:
    """Whether it is a column of a virtual table."""
    if not isinstance(expression, BoundColumn):
        return False
    table = expression.source.table
    return table is not None and table.kind == "virtual"
