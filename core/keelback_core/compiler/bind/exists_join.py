"""EXISTS as a join: `WHERE EXISTS (SELECT ... FROM t WHERE c)` reads t in a loop that is left at its first row.

1. Only where EXISTS is a term of WHERE by itself, over one table, without aggregates, LIMIT and compounds.
2. The table becomes a source of the query, with the join type EXISTS; its conditions join WHERE.
3. It is done when the query is about to be planned, from the outside in: an EXISTS inside of an EXISTS stays as it is.

Must not know: plans, registers. Source: https://sqlite.org/optoverview.html (the EXISTS-to-JOIN optimization).
"""

from __future__ import annotations

from keelback_core.compiler.bind.flatten import without_flattened
from keelback_core.compiler.bind.nodes import BoundBinary, BoundExists, BoundLiteral
from keelback_core.compiler.bind.walk import column_references

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.nodes import (
        BoundColumn,
        BoundExpression,
        BoundSelect,
        BoundSelectCore,
        BoundSource,
    )

EXISTS_JOIN: Final = "EXISTS"
LARGEST_JOIN: Final = 64


def join_exists(core: BoundSelectCore) -> None:
    """Turn what EXISTS terms of WHERE can be turned into sources."""
    where = core.where
    if where is None or not _has_exists(where) or core.values is not None:
        return
    if any(source.join_type in ("RIGHT", "FULL") for source in core.sources) or not core.sources:
        return
    sources = list(core.sources)
    added: list[BoundExpression] = []
    rest = _replaced(where, sources, added)
    for condition in added:
        # Subqueries still name the subqueries of FROM that have been flattened; terms of WHERE do not.
        rest = BoundBinary("AND", rest, without_flattened(core, condition))
    core.where = rest
    core.sources = tuple(sources)


def _has_exists(where: BoundExpression) -> bool:
    while isinstance(where, BoundBinary) and where.operator == "AND":
        if isinstance(where.right, BoundExists) or (isinstance(where.right, BoundBinary) and _has_exists(where.right)):
            return True
        where = where.left
    return isinstance(where, BoundExists)


def _replaced(where: BoundExpression, sources: list[BoundSource], added: list[BoundExpression]) -> BoundExpression:
    """The tree of ANDs with 1 for every EXISTS that becomes a source."""
    spine: list[BoundBinary] = []
    while isinstance(where, BoundBinary) and where.operator == "AND":
        spine.append(where)
        where = where.left
    left = _replaced_term(where, sources, added)
    while spine:
        node = spine.pop()
        if isinstance(node.right, BoundBinary) and node.right.operator == "AND":
            right = _replaced(node.right, sources, added)
        else:
            right = _replaced_term(node.right, sources, added)
        left = node if left is node.left and right is node.right else BoundBinary("AND", left, right, node.offset)
    return left


def _replaced_term(term: BoundExpression, sources: list[BoundSource], added: list[BoundExpression]) -> BoundExpression:
    if not isinstance(term, BoundExists) or len(sources) >= LARGEST_JOIN or not _may_join(term.select):
        return term
    core = term.select.cores[0]
    source = core.sources[0]
    source.join_type = EXISTS_JOIN
    sources.append(source)
    read: list[BoundColumn] = []
    if core.where is not None:
        added.append(core.where)
        read = column_references(core.where)
    if not source.generated:
        source.used_columns = {column.column for column in read if column.source is source}
    return BoundLiteral(1)


def _may_join(select: BoundSelect) -> bool:
    """Whether the SELECT is plain enough."""
    if len(select.cores) != 1 or select.limit is not None or select.recursion is not None:
        return False
    core = select.cores[0]
    if len(core.sources) != 1 or core.is_aggregate or core.windows or core.flattened or core.values is not None:
        return False
    source = core.sources[0]
    return source.table is not None and source.on is None and source.recursion is None
