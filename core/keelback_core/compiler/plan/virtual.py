"""Candidates of a virtual table: what the table itself answers when it is asked (xBestIndex).

1. It is asked once with every constraint usable, then, if its answer needs other sources outside or walks an IN, again
   with fewer of them, down to none but those that read nothing of this FROM. An answer that takes a LIMIT which it
   cannot keep is forgotten, and the table asked again without it.
2. A constraint whose value is an argument and that the table does not see to alone is tested again as a filter.
3. An order is offered only if all its terms are columns of this table in their own collation.

Source: https://sqlite.org/vtab.html#xbestindex. Must not know: modules.
"""

from __future__ import annotations

from math import log2

from keelback_core.compiler.bind.nodes import BoundCollate, BoundColumn, BoundIn, BoundLiteral, BoundParameter
from keelback_core.compiler.catalog.model import ROWID
from keelback_core.compiler.plan.candidate import KeyColumn, PlanCandidate
from keelback_core.compiler.plan.nodes import PlanMembers, PlanStored, PlanVirtual
from keelback_core.compiler.plan.virtual_terms import VirtualTerm, VirtualTerms, stated_value
from keelback_core.module.index_query import LIMIT, OFFSET, ORDERED, IndexConstraint, IndexQuery
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundExpression, BoundOrderTerm, BoundSource
    from keelback_core.compiler.catalog.model import Table
    from keelback_core.compiler.plan.wish import PlanWish

EVERYTHING: Final = -1
HIGHEST_COLUMN_BIT: Final = 63
# Constraints from this one on are tested again whatever the table says.
MOST_OMITTED: Final = 16


class VirtualFinder:
    """Collects the candidates of one virtual table. purpose: what the wanted order is for. is_retried: the last answer
    took a LIMIT that it cannot keep. used_in: it walks an IN."""

    __slots__ = (
        "source",
        "position",
        "bit",
        "prerequisite",
        "table",
        "terms",
        "order",
        "purpose",
        "found",
        "constraints",
        "used_in",
        "is_retried",
        "offset_register",
    )

    def __init__(
        self,
        source: BoundSource,
        position: int,
        terms: VirtualTerms,
        prerequisite: int,
        wish: PlanWish | None,
        forgets_order: bool = False,
    ) -> None:
        self.source = source
        self.position = position
        self.bit = 1 << position
        self.prerequisite = prerequisite
        assert source.table is not None
        self.table: Table = source.table
        self.terms = terms
        self.used_in = False
        self.is_retried = False
        self.found: list[PlanCandidate] = []
        self.constraints = list(terms.found)
        own = None if wish is None or forgets_order else self._own_order(wish.order)
        self.order: list[tuple[int, bool]] = own or []
        self.purpose = ORDERED
        self.offset_register = 0
        if wish is not None and wish.order and own is not None:
            self.purpose = wish.purpose
        if wish is not None and wish.limits is not None and terms.says_all and self._is_order_plain(wish.order):
            self.offset_register = wish.limits.offset_register
            self._add_limit(OFFSET, wish.limits.offset)
            self._add_limit(LIMIT, wish.limits.limit)

    def find(self) -> list[PlanCandidate]:
        """Ask as often as it takes."""
        outside = ~self.prerequisite & ~self.bit
        needs = self._ask(EVERYTHING, False, True)
        if self.is_retried:
            needs = self._ask(EVERYTHING, False)
        best = needs & outside
        if not best and not self.used_in:
            return self.found
        has_plain = False
        has_plain_without_in = False
        without_in = 0
        if self.used_in:
            without_in = self._ask(EVERYTHING, True) & outside
            has_plain = has_plain_without_in = not without_in
        previous = 0
        while True:
            masks = [constraint.value_reads & outside for constraint in self.constraints]
            following = min([mask for mask in masks if mask > previous], default=0)
            if not following:
                break
            previous = following
            if following in (best, without_in):
                continue
            needs = self._ask(following | self.prerequisite, False)
            if not needs & outside:
                has_plain = True
                has_plain_without_in = has_plain_without_in or not self.used_in
        if not has_plain:
            self._ask(self.prerequisite, False)
            has_plain_without_in = has_plain_without_in or not self.used_in
        if not has_plain_without_in:
            self._ask(self.prerequisite, True)
        return self.found

    # What is offered.

    def _own_order(self, order: Sequence[BoundOrderTerm]) -> list[tuple[int, bool]] | None:
        """The wanted order, None if not all of it is this table's."""
        found: list[tuple[int, bool]] = []
        for term in order:
            if isinstance(term.expression, (BoundLiteral, BoundParameter)):
                continue
            column = self.terms.own_column(term.expression)
            if column is None or term.nulls_first == term.is_descending:
                return None
            if isinstance(term.expression, BoundCollate) and column != ROWID:
                if term.expression.collation.upper() != self.table.columns[column].collation.upper():
                    return None
            found.append((column, term.is_descending))
        return found

    def _is_order_plain(self, order: Sequence[BoundOrderTerm]) -> bool:
        """Whether the order is one that a LIMIT may rely on."""
        for term in order:
            if not isinstance(term.expression, BoundColumn) or term.nulls_first == term.is_descending:
                return False
        return True

    def _add_limit(self, operator: int, value: BoundExpression | PlanStored | None) -> None:
        if value is not None:
            self.constraints.append(VirtualTerm(0, operator, value, 0, "BINARY", None))

    def _columns_used(self) -> int:
        if self.source.is_row_needed:
            return (1 << HIGHEST_COLUMN_BIT + 1) - 1
        mask = 0
        for column in self.source.used_columns:
            if column >= 0:
                mask |= 1 << min(column, HIGHEST_COLUMN_BIT)
        if self.table.is_without_rowid:
            for position, declared in enumerate(self.table.columns):
                if declared.primary_key_position:
                    mask |= 1 << min(position, HIGHEST_COLUMN_BIT)
        return mask

    # Asking.

    def _offer(self, constraint: VirtualTerm, usable: int, excludes_in: bool, offers_limit: bool) -> IndexConstraint:
        is_usable = usable == EVERYTHING or not constraint.value_reads & ~usable
        if (excludes_in and constraint.is_in) or (constraint.term is None and not offers_limit):
            is_usable = False
        stated = None
        if not constraint.is_value_hidden and not isinstance(constraint.value, PlanStored):
            stated = stated_value(constraint.value)
        return IndexConstraint(
            constraint.column,
            constraint.operator,
            is_usable,
            constraint.collation,
            constraint.is_in and constraint.field < 0,
            None if stated is None else stated.value,
            stated is not None,
        )

    def _ask(self, usable: int, excludes_in: bool, offers_limit: bool = False) -> int:
        """Ask with what reads only `usable`; the mask that the answer needs."""
        self.used_in = False
        self.is_retried = False
        offered = [self._offer(constraint, usable, excludes_in, offers_limit) for constraint in self.constraints]
        query = IndexQuery(offered, list(self.order), self.purpose, self._columns_used())
        assert self.table.module is not None
        if not self.table.module.best_index(query):
            return self.prerequisite
        return self._take(query)

    def _take(self, query: IndexQuery) -> int:
        """Make a candidate of an answer."""
        used = [place for place, constraint in enumerate(query.constraints) if constraint.argument > 0]
        if self._breaks_limit(query, used):
            self.is_retried = True
            return self.prerequisite
        used.sort(key=lambda place: query.constraints[place].argument)
        numbers = [query.constraints[place].argument for place in used]
        if numbers != list(range(1, len(used) + 1)) or any(not query.constraints[place].is_usable for place in used):
            raise SqlError(ERROR, f"{self.table.name}.xBestIndex malfunction")
        needs = self.prerequisite
        access = PlanVirtual(query.number, query.text, (), query.shows_hexadecimal)
        values: list[BoundExpression | PlanMembers | PlanStored] = []
        terms = []
        tested = []
        order_is_consumed = query.order_is_consumed
        is_unique = query.is_unique
        for place in used:
            constraint = self.constraints[place]
            answer = query.constraints[place]
            needs |= constraint.value_reads
            is_omitted = answer.is_omitted and constraint.may_be_omitted and place < MOST_OMITTED
            if is_omitted and constraint.term is not None:
                terms.append(constraint.term)
            if answer.is_omitted and constraint.operator == OFFSET:
                access.offset_register = self.offset_register
            if not constraint.is_in:
                values.append(constraint.value)
                continue
            assert isinstance(constraint.value, BoundIn)
            if answer.as_set:
                access.lists |= 1 << len(values)
            else:
                if not is_omitted:
                    tested.append(len(values))
                self.used_in = True
                order_is_consumed = is_unique = False
            values.append(PlanMembers(constraint.value, constraint.field))
        access.values = tuple(values)
        access.tested = tuple(tested)
        keys: tuple[KeyColumn, ...] = ()
        if order_is_consumed and self.order:
            keys = tuple([self._key(column, is_descending) for column, is_descending in self.order])
        rows = log_of(float(query.rows))
        candidate = PlanCandidate(self.position, access, needs & ~self.bit, 0, log_of(query.cost), rows)
        candidate.terms = tuple(terms)
        candidate.keys = keys
        candidate.is_once = is_unique
        self.found.append(candidate)
        return needs

    def _breaks_limit(self, query: IndexQuery, used: list[int]) -> bool:
        """Whether the answer takes a LIMIT though rows are left out or come in several walks."""
        walks = any(self.constraints[place].is_in and not query.constraints[place].as_set for place in used)
        for place in used:
            if self.constraints[place].term is None and (
                walks or any(constraint.argument <= 0 for constraint in query.constraints[:place])
            ):
                return True
        return False

    def _key(self, column: int, is_descending: bool) -> KeyColumn:
        collation = "BINARY" if column == ROWID else self.table.columns[column].collation
        return KeyColumn(column, None, collation, is_descending, "", False)


def log_of(figure: float) -> int:
    """The estimate of a count or a cost."""
    return 0 if figure <= 1 else round(10 * log2(figure))
