"""Whether loops deliver rows in a wanted order by themselves, wholly or for its first terms.

1. Going through the loops from the outside: as long as all loops so far tell their rows apart by columns of the wanted
   order, the next loop may add its own order.
2. A term is settled if its value cannot change: it is fixed by an equality with what stands outside (of its own
   affinity or of none, for SQLite takes no other), reads only loops whose rows are told apart already, or has been
   matched.

Must not know: costs. Source: https://sqlite.org/optoverview.html, the order of rows.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundColumn
from keelback_core.compiler.bind.types import NO_AFFINITY, bare, expression_affinity, expression_collation
from keelback_core.compiler.bind.walk import equal_expressions, is_constant
from keelback_core.compiler.catalog.model import EXPRESSION, ROWID
from keelback_core.compiler.plan.candidate import ROW_MEMBERS
from keelback_core.compiler.plan.term import FORM_EQUAL, FORM_IN, FORM_IS, FORM_IS_NULL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundExpression, BoundOrderTerm, BoundSource
    from keelback_core.compiler.plan.candidate import KeyColumn, PlanCandidate
    from keelback_core.compiler.plan.term_table import TermTable

UNDECIDED: Final = -1
MOST_TERMS: Final = 63
FIXING_FORMS: Final = FORM_EQUAL | FORM_IS | FORM_IS_NULL
FIXING: Final = frozenset(("=", "IS", "ISNULL"))


class OrderMatcher:
    """Checks sequences of candidates against one wanted order. is_set: any order will do that brings equal rows
    together; is_distinct: it is for DISTINCT, where SQLite still looks at the directions. allows_members: the members
    of an IN do not count as different values (for the order of the innermost loop alone)."""

    __slots__ = (
        "order",
        "is_set",
        "is_distinct",
        "allows_members",
        "sources",
        "terms",
        "operands",
        "collations",
        "reads",
    )

    def __init__(
        self,
        order: tuple[BoundOrderTerm, ...],
        is_set: bool,
        sources: tuple[BoundSource, ...],
        terms: TermTable,
        allows_members: bool = False,
        is_distinct: bool = False,
    ) -> None:
        self.order = order
        self.is_set = is_set
        self.is_distinct = is_distinct
        self.allows_members = allows_members
        self.sources = sources
        self.terms = terms
        self.operands = [bare(term.expression) for term in order]
        self.collations = [expression_collation(term.expression)[0] or "BINARY" for term in order]
        self.reads = [terms.masks.of(term.expression) for term in order]

    def match(self, path: tuple[PlanCandidate, ...]) -> tuple[int, int]:
        """(how many first terms are delivered, the mask of the loops that must run backward, by their numbers);
        UNDECIDED if loops that are still to come may complete the order."""
        count = len(self.order)
        if count > MOST_TERMS:
            return 0, 0
        whole = (1 << count) - 1
        # A bit a term.
        settled = 0
        reverses = 0
        outside = 0
        told_apart = 0
        is_open = True
        for number in range(len(path)):
            candidate = path[number]
            bit = 1 << candidate.position
            if is_open and settled != whole:
                settled = self._settle_fixed(candidate, settled, outside)
                if not candidate.is_once:
                    if not candidate.keys:
                        return 0, 0
                    is_open, is_reverse, settled = self._match_keys(candidate, settled)
                    if is_reverse:
                        reverses |= 1 << number
                if is_open:
                    told_apart |= bit
                    settled = self._settle_known(settled, told_apart)
            outside |= bit
        if settled == whole:
            return count, reverses
        if is_open:
            return UNDECIDED, reverses
        ordered = 0
        while settled >> ordered & 1:
            ordered += 1
        return ordered, reverses

    def match_last(self, path: tuple[PlanCandidate, ...]) -> tuple[int, bool]:
        """(how many terms the last loop delivers by itself, whether it must run backward): all that stands outside is
        taken for one row."""
        count = len(self.order)
        whole = (1 << count) - 1
        last = path[-1]
        outside = 0
        for candidate in path[:-1]:
            outside |= 1 << candidate.position
        settled = self._settle_fixed(last, 0, outside)
        is_reverse = False
        if settled != whole:
            if not last.keys:
                return 0, False
            is_open, is_reverse, settled = self._match_keys(last, settled)
            if is_open:
                settled = self._settle_known(settled, 1 << last.position)
        return (count if settled == whole else 0), is_reverse

    def _settle_fixed(self, candidate: PlanCandidate, settled: int, outside: int) -> int:
        """Settle the columns of this loop that an equality with what stands outside fixes; the terms settled then."""
        source = self.sources[candidate.position]
        for number, operand in enumerate(self.operands):
            if settled >> number & 1 or not isinstance(operand, BoundColumn) or operand.source is not source:
                continue
            for form in self.terms.said_of(source, operand.column):
                if form.value_reads & ~outside or form.term.owner:
                    continue
                if form.bit == FORM_IN and self.allows_members:
                    if form.field < 0 and form.term in candidate.terms:
                        settled |= 1 << number
                elif form.bit & FIXING_FORMS:
                    if (
                        operand.column == ROWID
                        or form.bit == FORM_IS_NULL
                        or (
                            form.collation == self.collations[number]
                            and expression_affinity(form.value) in (NO_AFFINITY, expression_affinity(operand))
                        )
                    ):
                        settled |= 1 << number
        return settled

    def _settle_known(self, settled: int, told_apart: int) -> int:
        """Settle the terms that read only loops whose rows are told apart, and constants; the terms settled then."""
        for number, reads in enumerate(self.reads):
            if settled >> number & 1 or reads & ~told_apart:
                continue
            if reads or is_constant(self.operands[number]):
                settled |= 1 << number
        return settled

    def _match_keys(self, candidate: PlanCandidate, settled: int) -> tuple[bool, bool, int]:
        """Match the keys of one loop; (whether its rows are now told apart, whether it must run backward, the terms
        settled then)."""
        tells_apart = candidate.is_unique and not candidate.skips
        has_rowid = False
        is_reverse: bool | None = None
        for place in range(len(candidate.keys)):
            key = candidate.keys[place]
            if key.kind != "":
                if key.kind in FIXING or (key.kind == "IN" and self.allows_members):
                    tells_apart = tells_apart and key.kind == "="
                    continue
            elif not key.is_not_null or key.column == EXPRESSION:
                tells_apart = False
            number = -1 if key.kind == ROW_MEMBERS else self._find(candidate.position, key, settled)
            if number >= 0 and (not self.is_set or self.is_distinct):
                term = self.order[number]
                needs_reverse = term.is_descending != key.is_descending
                if is_reverse is None:
                    is_reverse = needs_reverse
                elif is_reverse != needs_reverse:
                    number = -1
                if needs_reverse and candidate.is_forward_only:
                    number = -1
                if term.nulls_first == term.is_descending:
                    number = -1
            if number < 0:
                if place == 0 or place < candidate.key_count:
                    tells_apart = False
                break
            has_rowid = has_rowid or key.column == ROWID
            settled |= 1 << number
        return tells_apart or has_rowid, bool(is_reverse), settled

    def _find(self, position: int, key: KeyColumn, settled: int) -> int:
        """The first unsettled term, if it is this key; of a set any unsettled term that is; else -1."""
        for number, operand in enumerate(self.operands):
            if settled >> number & 1:
                continue
            if self._is_key(position, key, operand) and (
                key.column == ROWID or self.collations[number] == key.collation
            ):
                return number
            if not self.is_set:
                return -1
        return -1

    def _is_key(self, position: int, key: KeyColumn, operand: BoundExpression) -> bool:
        if key.column == EXPRESSION:
            return key.expression is not None and equal_expressions(key.expression, operand)
        source = self.sources[position]
        return isinstance(operand, BoundColumn) and operand.source is source and operand.column == key.column
