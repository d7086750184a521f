"""Whether loops deliver rows in a wanted order by themselves.

1. Going through the loops from the outside: as long as all loops so far tell their rows apart by columns of the wanted
   order, the next loop may add its own order.
2. A term is settled if its value cannot change: it is pinned by an equality with a constant, reads only loops of at
   most one row, or has been matched.

Must not know: costs.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundCollate, BoundColumn
from keelback_core.compiler.bind.types import expression_collation
from keelback_core.compiler.bind.walk import equal_expressions
from keelback_core.compiler.catalog.model import EXPRESSION, ROWID

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from keelback_core.compiler.bind.nodes import BoundExpression, BoundOrderTerm, BoundSource
    from keelback_core.compiler.plan.candidate import KeyColumn, PlanCandidate
    from keelback_core.compiler.plan.terms import PlanTerm, SourceMasks

UNDECIDED = -1


def bare(expression: BoundExpression) -> BoundExpression:
    """The expression without COLLATE around it."""
    while isinstance(expression, BoundCollate):
        expression = expression.operand
    return expression


class OrderMatcher:
    """Checks sequences of candidates against one wanted order."""

    def __init__(
        self,
        order: Sequence[BoundOrderTerm],
        is_set: bool,
        sources: Sequence[BoundSource],
        masks: SourceMasks,
        terms: list[PlanTerm],
    ) -> None:
        self.order = order
        self.is_set = is_set
        self.sources = sources
        self.operands = [bare(term.expression) for term in order]
        self.collations = [expression_collation(term.expression)[0] or "BINARY" for term in order]
        self.reads = [masks.of(term.expression) for term in order]
        self.pinned = [self._is_pinned(number, terms) for number in range(len(order))]

    def _is_pinned(self, number: int, terms: list[PlanTerm]) -> bool:
        for term in terms:
            for form in term.forms:
                if (
                    form.operator == "="
                    and term.owner == 0
                    and not form.value_reads
                    and form.collation == self.collations[number]
                    and equal_expressions(form.operand, self.operands[number])
                ):
                    return True
        return False

    def match(self, path: Sequence[PlanCandidate]) -> tuple[int, tuple[bool, ...]]:
        """(how many terms are delivered, which loops must run backward); all terms or 0, or UNDECIDED if more loops
        may still complete the order."""
        settled = list(self.pinned)
        reverses: list[bool] = []
        once_mask = 0
        is_open = True
        for candidate in path:
            is_reverse = False
            if candidate.is_once:
                once_mask |= 1 << candidate.position
            elif is_open and not all(settled):
                is_open, is_reverse = self._match_keys(candidate, settled, once_mask)
            reverses.append(is_reverse)
            self._settle_single_rows(settled, once_mask)
        if all(settled):
            return len(self.order), tuple(reverses)
        if is_open and len(path) < len(self.sources):
            return UNDECIDED, tuple(reverses)
        return 0, (False,) * len(path)

    def _settle_single_rows(self, settled: list[bool], once_mask: int) -> None:
        for number, reads in enumerate(self.reads):
            if not reads & ~once_mask and (self.is_set or all(settled[:number])):
                settled[number] = True

    def _match_keys(self, candidate: PlanCandidate, settled: list[bool], once_mask: int) -> tuple[bool, bool]:
        """Match the keys of one loop; (whether its rows are now told apart, whether it must run backward)."""
        is_reverse: bool | None = None
        if not candidate.keys:
            return False, False
        self._settle_single_rows(settled, once_mask)
        for key in candidate.keys:
            number = self._find(candidate.position, key, settled)
            if key.is_fixed:
                if number >= 0:
                    settled[number] = True
                continue
            if key.is_member or number < 0:
                return False, bool(is_reverse)
            if not self.is_set:
                term = self.order[number]
                if not all(settled[:number]) or term.nulls_first == term.is_descending:
                    return False, bool(is_reverse)
                needs_reverse = term.is_descending != key.is_descending
                if is_reverse is None:
                    is_reverse = needs_reverse
                elif is_reverse != needs_reverse:
                    return False, is_reverse
            settled[number] = True
        return True, bool(is_reverse)

    def _find(self, position: int, key: KeyColumn, settled: list[bool]) -> int:
        """The first unsettled term that is this key, or -1; a settled one if there is no other."""
        fallback = -1
        for number, operand in enumerate(self.operands):
            if self._is_key(position, key, operand) and (
                key.column == ROWID or self.collations[number] == key.collation
            ):
                if not settled[number]:
                    return number
                fallback = number
        return fallback

    def _is_key(self, position: int, key: KeyColumn, operand: BoundExpression) -> bool:
        if key.column == EXPRESSION:
            return key.expression is not None and equal_expressions(key.expression, operand)
        source = self.sources[position]
        if not isinstance(operand, BoundColumn) or operand.source is not source:
            return False
        if operand.column == key.column:
            return True
        table = source.table
        return operand.column == ROWID and table is not None and key.column >= 0 and table.rowid_column == key.column
