"""What an OR over several sources implies: conditions that all branches share, and for each source what they say of it
alone.

    (a.x = b.y AND a.k = 1 AND b.m > 5) OR (a.x = b.y AND a.k = 2 AND b.m > 7)
    implies  a.x = b.y,  (a.k = 1 OR a.k = 2),  (b.m > 5 OR b.m > 7)

1. The OR itself stays and is tested; what it implies lets joins be looked up and rows be left out early.
2. Only where every table has been analysed, for SQLite does not look for this; and only what cannot fail, for it is
   computed for more rows.

Must not know: accesses, costs.
"""

from __future__ import annotations

from keelback_core.compiler.bind.harmless_calls import is_harmless
from keelback_core.compiler.bind.nodes import BoundBinary
from keelback_core.compiler.bind.types import comparison_collation
from keelback_core.compiler.bind.walk import equal_expressions, terms_of
from keelback_core.compiler.plan.terms import conjuncts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSource
    from keelback_core.compiler.plan.term import SourceMasks

MOST_BRANCHES: Final = 16


def are_analysed(sources: tuple[BoundSource, ...]) -> bool:
    """Whether ANALYZE has told the rows of every source."""
    return all(source.table is not None and source.table.row_count is not None for source in sources)


def implied_parts(
    parts: Sequence[tuple[BoundExpression, int]], masks: SourceMasks
) -> list[tuple[BoundExpression, int]]:
    """The conjuncts that the ORs among the conjuncts, given with their owners, imply."""
    found: list[tuple[BoundExpression, int]] = []
    for part, owner in parts:
        if owner or not isinstance(part, BoundBinary) or part.operator != "OR":
            continue
        reads = masks.of(part)
        if not reads & (reads - 1):
            continue
        branches = [[one for one in conjuncts(branch) if is_harmless(one)] for branch in terms_of(part, "OR")]
        if len(branches) > MOST_BRANCHES:
            continue
        shared = [one for one in branches[0] if all(_has(branch, one) for branch in branches[1:])]
        found += [(one, 0) for one in shared]
        own = [[one for one in branch if not _has(shared, one)] for branch in branches]
        found += [(one, 0) for one in _said_of_each(own, masks)]
    return found


def _has(conditions: Sequence[BoundExpression], wanted: BoundExpression) -> bool:
    return any(_says_the_same(one, wanted) for one in conditions)


def _says_the_same(one: BoundExpression, other: BoundExpression) -> bool:
    if equal_expressions(one, other):
        return True
    if not isinstance(one, BoundBinary) or not isinstance(other, BoundBinary):
        return False
    if one.operator != "=" or other.operator != "=" or comparison_collation(one.left, one.right) != "BINARY":
        return False
    return equal_expressions(one.left, other.right) and equal_expressions(one.right, other.left)


def _said_of_each(branches: Sequence[Sequence[BoundExpression]], masks: SourceMasks) -> list[BoundExpression]:
    """For each source of which every branch says something by itself, the OR of that."""
    found: list[BoundExpression] = []
    for source in masks.sources:
        bit = masks.bit(source)
        said: list[BoundExpression] = []
        for branch in branches:
            own = [one for one in branch if masks.of(one) == bit]
            if not own:
                break
            whole = own[0]
            for one in own[1:]:
                whole = BoundBinary("AND", whole, one)
            said.append(whole)
        if len(said) == len(branches):
            result = said[0]
            for one in said[1:]:
                result = BoundBinary("OR", result, one)
            found.append(result)
    return found
