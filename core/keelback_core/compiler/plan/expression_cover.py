"""Whether an index over expressions holds all that a query reads of a table: as its columns, or as its expressions.

1. Only in a SELECT, which is known as a whole, and not for the right side of an outer join: of its row of NULLs the
   expressions may be something else than NULL.
2. A REAL is stored as an integer where it is whole, so expressions of REAL affinity are computed.
3. What may carry a subtype is computed where a function that may look at subtypes is called.
4. Behind a GROUP BY only columns are known, so nothing of this holds there.

Source: behaviour of SQLite 3.54. Must not know: costs, cursors.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundAggregate, BoundColumn, BoundFunction, BoundWindow
from keelback_core.compiler.bind.types import bare, expression_affinity
from keelback_core.compiler.bind.walk import children, equal_expressions, subquery_of
from keelback_core.compiler.catalog.model import EXPRESSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundExpression, BoundIndex, BoundSelectCore, BoundSource
    from keelback_core.compiler.catalog.model import Index
    from keelback_core.compiler.plan.wish import PlanWish

REAL_AFFINITY: Final = "E"


class _Reader:
    """A walk through the expressions of a query with one index in view."""

    __slots__ = ("source", "available", "keys", "looks_at_subtypes", "core")

    def __init__(
        self, source: BoundSource, available: set[int], keys: Sequence[BoundExpression], core: BoundSelectCore
    ) -> None:
        self.source = source
        self.available = available
        self.keys = keys
        self.looks_at_subtypes = False
        self.core = core

    def has_all(self, expression: BoundExpression, matches: bool) -> bool:
        """Whether all that the expression reads of the source is at hand; matches: keys stand for themselves."""
        stack = [(expression, matches)]
        while stack:
            node, may_match = stack.pop()
            if isinstance(node, BoundColumn):
                if node.source is self.source and node.column not in self.available:
                    return False
                continue
            if may_match and any(type(node) is type(key) and equal_expressions(node, key) for key in self.keys):
                continue
            if isinstance(node, BoundFunction):
                self._note_call(node.signature.name, node.signature.is_built_in)
            elif isinstance(node, BoundAggregate):
                if node.level is not self.core.level:
                    return False
                may_match = True
                self._note_call(node.signature.name, node.signature.is_built_in)
            elif isinstance(node, BoundWindow):
                return False
            select = subquery_of(node)
            if select is not None:
                for outer in select.outer_references:
                    if not isinstance(outer, BoundColumn):
                        return False
                    if outer.source is self.source and outer.column not in self.available:
                        return False
            stack.extend([(below, may_match) for below in children(node)])
        return True

    def _note_call(self, name: str, is_built_in: bool) -> None:
        if not is_built_in or may_have_subtype(name):
            self.looks_at_subtypes = True


def may_have_subtype(name: str) -> bool:
    """Whether the function is one of those that give and look at subtypes."""
    lower = name.lower()
    return lower.startswith("json") or lower in ("->", "->>", "subtype")


def read_keys(
    source: BoundSource, index: Index, bound: BoundIndex, available: set[int], wish: PlanWish
) -> tuple[int, ...]:
    """The key columns of the index whose expressions are to be read from it, if it covers the query; else ()."""
    core = wish.core
    if core is None or core.flattened or core.group_by or core.windows:
        return ()
    places = [number for number, key in enumerate(index.columns) if key.column == EXPRESSION]
    places = [number for number in places if expression_affinity(bound.expressions[number]) != REAL_AFFINITY]
    keys = [bare(bound.expressions[number]) for number in places]
    reader = _Reader(source, available, keys, core)
    is_plain = not core.is_aggregate
    if not all(reader.has_all(column.expression, is_plain) for column in core.columns):
        return ()
    if not all(reader.has_all(term.expression, True) for term in wish.order):
        return ()
    if core.having is not None and not reader.has_all(core.having, False):
        return ()
    if not all(reader.has_all(aggregate, False) for aggregate in core.aggregates):
        return ()
    if not all(reader.has_all(condition, True) for condition in _conditions(core)):
        return ()
    if reader.looks_at_subtypes and any(isinstance(key, BoundFunction) and _gives_subtype(key) for key in keys):
        return ()
    return tuple(places)


def _gives_subtype(key: BoundFunction) -> bool:
    name = key.signature.name.lower()
    return not key.signature.is_built_in or (may_have_subtype(name) and name != "->>")


def _conditions(core: BoundSelectCore) -> list[BoundExpression]:
    found = [] if core.where is None else [core.where]
    found += [source.on for source in core.sources if source.on is not None]
    return found
