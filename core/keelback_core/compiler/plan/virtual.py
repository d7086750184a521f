"""Candidates of a virtual table: what the table itself answers when it is asked (xBestIndex).

1. It is asked once with every constraint usable, then, if its answer needs other sources outside or walks an IN, again
   with fewer of them, down to none but those that read nothing of this FROM.
2. A constraint whose value is an argument and that the table does not see to alone is tested again as a filter.
3. An order is offered only if all its terms are columns of this table in their own collation.

Source: https://sqlite.org/vtab.html#xbestindex. Must not know: modules.
"""

from __future__ import annotations

from math import log2

from keelback_core.compiler.bind.nodes import (
    BoundBinary,
    BoundCollate,
    BoundColumn,
    BoundFunction,
    BoundIn,
    BoundIsNull,
    BoundLiteral,
    BoundUnary,
)
from keelback_core.compiler.bind.types import comparison_collation
from keelback_core.compiler.catalog.model import ROWID
from keelback_core.compiler.plan.candidate import KeyColumn, PlanCandidate
from keelback_core.compiler.plan.nodes import PlanMembers, PlanVirtual
from keelback_core.module.index_query import (
    EQUAL,
    GLOB,
    GREATER,
    GREATER_EQUAL,
    GROUPED,
    IS,
    IS_NOT,
    IS_NOT_NULL,
    IS_NULL,
    LESS,
    LESS_EQUAL,
    LIKE,
    MATCH,
    NOT_EQUAL,
    ORDERED,
    REGEXP,
    IndexConstraint,
    IndexQuery,
)
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundExpression, BoundOrderTerm, BoundSource
    from keelback_core.compiler.catalog.model import Table
    from keelback_core.compiler.plan.term_table import TermTable
    from keelback_core.compiler.plan.terms import PlanTerm

OPERATORS: Final = {
    "=": EQUAL,
    "IN": EQUAL,
    "<": LESS,
    "<=": LESS_EQUAL,
    ">": GREATER,
    ">=": GREATER_EQUAL,
    "IS": IS,
    "ISNULL": IS_NULL,
}
FUNCTIONS: Final = {"like": LIKE, "glob": GLOB, "regexp": REGEXP, "match": MATCH}
EVERYTHING: Final = -1
HIGHEST_COLUMN_BIT: Final = 63


class VirtualTerm:
    """A constraint that may be offered: column (ROWID for the rowid), its operator, its value, the mask of what the
    value reads, and the conjunct that it stands for."""

    __slots__ = ("column", "operator", "value", "value_reads", "collation", "is_in", "term")

    def __init__(
        self,
        column: int,
        operator: int,
        value: BoundExpression,
        value_reads: int,
        collation: str,
        is_in: bool,
        term: PlanTerm,
    ) -> None:
        self.column = column
        self.operator = operator
        self.value = value
        self.value_reads = value_reads
        self.collation = collation
        self.is_in = is_in
        self.term = term


class VirtualFinder:
    """Collects the candidates of one virtual table. owner: the owner of the terms that may be used; order: the wanted
    order, is_set: any that brings equal rows together will do. used_in: the last answer walks an IN."""

    __slots__ = (
        "source",
        "position",
        "bit",
        "prerequisite",
        "masks",
        "table",
        "order",
        "is_set",
        "found",
        "constraints",
        "used_in",
    )

    def __init__(
        self,
        source: BoundSource,
        position: int,
        terms: TermTable,
        owner: int,
        prerequisite: int,
        order: tuple[BoundOrderTerm, ...],
        is_set: bool,
    ) -> None:
        self.source = source
        self.position = position
        self.bit = 1 << position
        self.prerequisite = prerequisite
        self.masks = terms.masks
        assert source.table is not None
        self.table: Table = source.table
        self.order = self._own_order(order)
        self.is_set = is_set
        self.used_in = False
        self.found: list[PlanCandidate] = []
        self.constraints: list[VirtualTerm] = []
        for term in terms.terms + terms.virtual:
            if term.owner == owner and term.partner is None:
                self._add_constraints(term)

    def find(self) -> list[PlanCandidate]:
        """Ask as often as it takes."""
        outside = ~self.prerequisite & ~self.bit
        best = self._ask(EVERYTHING, False)
        has_in = self.used_in
        if best is not None and not best & outside and not has_in:
            return self.found
        has_plain = False
        has_plain_without_in = False
        without_in: int | None = None
        if has_in:
            without_in = self._ask(EVERYTHING, True)
            has_plain = has_plain_without_in = without_in is not None and not without_in & outside
        previous = 0
        while True:
            masks = [c.value_reads & outside for c in self.constraints]
            following = min((mask for mask in masks if mask > previous), default=0)
            if not following:
                break
            previous = following
            if any(known is not None and known & outside == following for known in (best, without_in)):
                continue
            needs = self._ask(following | self.prerequisite, False)
            if needs is not None and not needs & outside:
                has_plain = True
                has_plain_without_in = has_plain_without_in or not self.used_in
        if not has_plain:
            self._ask(self.prerequisite, False)
            has_plain_without_in = has_plain_without_in or not self.used_in
        if not has_plain_without_in:
            self._ask(self.prerequisite, True)
        return self.found

    # What is offered.

    def _own_column(self, expression: BoundExpression) -> int | None:
        """The column of this table that an expression is."""
        if isinstance(expression, BoundCollate):
            expression = expression.operand
        if isinstance(expression, BoundColumn) and expression.source is self.source:
            return expression.column
        return None

    def _own_order(self, order: tuple[BoundOrderTerm, ...]) -> list[tuple[int, bool]]:
        """The wanted order, if all of it is this table's."""
        found: list[tuple[int, bool]] = []
        for term in order:
            if isinstance(term.expression, BoundLiteral):
                continue
            column = self._own_column(term.expression)
            if column is None or term.nulls_first == term.is_descending:
                return []
            if isinstance(term.expression, BoundCollate):
                own = "BINARY" if column == ROWID else self.table.columns[column].collation
                if term.expression.collation.upper() != own.upper():
                    return []
            found.append((column, term.is_descending))
        return found

    def _add_constraints(self, term: PlanTerm) -> None:
        """Every way in which a conjunct compares a column of the table."""
        before = len(self.constraints)
        for form in term.forms:
            column = self._own_column(form.operand)
            operator = OPERATORS.get(form.operator)
            if column is None or operator is None or form.value_reads & self.bit or form.field >= 0:
                continue
            is_in = form.operator == "IN"
            value: BoundExpression = BoundLiteral(None) if form.operator == "ISNULL" else form.value
            if isinstance(value, BoundUnary) and value.operator == "+":
                value = value.operand
            self.constraints.append(
                VirtualTerm(column, operator, value, form.value_reads, form.collation or "BINARY", is_in, term)
            )
        if len(self.constraints) > before:
            return
        expression = term.expression
        if isinstance(expression, BoundFunction) and len(expression.arguments) == 2:
            operator = FUNCTIONS.get(expression.signature.name.lower())
            if operator is not None:
                self._add(term, expression.arguments[1], operator, expression.arguments[0])
        elif isinstance(expression, BoundBinary) and expression.operator in ("<>", "IS NOT"):
            operator = NOT_EQUAL if expression.operator == "<>" else IS_NOT
            self._add(term, expression.left, operator, expression.right)
            self._add(term, expression.right, operator, expression.left)
        elif isinstance(expression, BoundIsNull) and expression.is_negated:
            self._add(term, expression.operand, IS_NOT_NULL, BoundLiteral(None))

    def _add(self, term: PlanTerm, operand: BoundExpression, operator: int, value: BoundExpression) -> None:
        column = self._own_column(operand)
        reads = self.masks.of(value)
        if column is not None and not reads & self.bit:
            collation = comparison_collation(operand, value)
            self.constraints.append(VirtualTerm(column, operator, value, reads, collation, False, term))

    def _columns_used(self) -> int:
        mask = 0
        for column in self.source.used_columns:
            if column >= 0:
                mask |= 1 << min(column, HIGHEST_COLUMN_BIT)
        return mask

    # Asking.

    def _ask(self, usable: int, excludes_in: bool) -> int | None:
        """Ask with what reads only `usable`; the mask that the answer needs, None if there is no plan."""
        self.used_in = False
        offered = [
            IndexConstraint(
                constraint.column,
                constraint.operator,
                (usable == EVERYTHING or not constraint.value_reads & ~usable)
                and not (excludes_in and constraint.is_in),
                constraint.collation,
                constraint.is_in,
                constraint.value.value if isinstance(constraint.value, BoundLiteral) else None,
                isinstance(constraint.value, BoundLiteral) and constraint.operator not in (IS_NULL, IS_NOT_NULL),
            )
            for constraint in self.constraints
        ]
        query = IndexQuery(offered, list(self.order), GROUPED if self.is_set else ORDERED, self._columns_used())
        assert self.table.module is not None
        if not self.table.module.best_index(query):
            return None
        return self._take(query)

    def _take(self, query: IndexQuery) -> int:
        """Make a candidate of an answer."""
        used = [place for place, constraint in enumerate(query.constraints) if constraint.argument > 0]
        used.sort(key=lambda place: query.constraints[place].argument)
        numbers = [query.constraints[place].argument for place in used]
        if numbers != list(range(1, len(used) + 1)) or any(not query.constraints[place].is_usable for place in used):
            raise SqlError(ERROR, f"{self.table.name}.xBestIndex malfunction")
        needs = self.prerequisite
        values: list[BoundExpression | PlanMembers] = []
        terms = []
        tested = []
        order_is_consumed = query.order_is_consumed
        is_unique = query.is_unique
        for place in used:
            constraint = self.constraints[place]
            needs |= constraint.value_reads
            if query.constraints[place].is_omitted:
                terms.append(constraint.term)
            if constraint.is_in:
                assert isinstance(constraint.value, BoundIn)
                if not query.constraints[place].is_omitted:
                    tested.append(len(values))
                values.append(PlanMembers(constraint.value))
                self.used_in = True
                order_is_consumed = is_unique = False
            else:
                values.append(constraint.value)
        access = PlanVirtual(query.number, query.text, tuple(values), query.shows_hexadecimal, tuple(tested))
        keys: tuple[KeyColumn, ...] = ()
        if order_is_consumed and self.order:
            keys = tuple(self._key(column, is_descending) for column, is_descending in self.order)
        rows = log_of(float(query.rows))
        candidate = PlanCandidate(self.position, access, needs & ~self.bit, 0, log_of(query.cost), rows)
        candidate.terms = tuple(terms)
        candidate.keys = keys
        candidate.is_once = is_unique
        self.found.append(candidate)
        return needs

    def _key(self, column: int, is_descending: bool) -> KeyColumn:
        collation = "BINARY" if column == ROWID else self.table.columns[column].collation
        return KeyColumn(column, None, collation, is_descending, "", False)


def log_of(figure: float) -> int:
    """The estimate of a count or a cost."""
    return 0 if figure <= 1 else round(10 * log2(figure))
