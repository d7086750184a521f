"""What a WHERE says of the columns of a virtual table, as its xBestIndex hears it.

1. The order is SQLite's, and modules see it: first the conjuncts as they stand, then what is made of them, from the
   last conjunct to the first: the other direction of `a = b`, an OR as an IN, the bounds of BETWEEN and LIKE, the items
   of row values, and what only virtual tables understand (<>, IS NOT, NOT NULL, MATCH, LIKE, GLOB, REGEXP, functions of
   the table's own).
2. A conjunct that compares two columns of the same table says nothing.

Must not know: modules, costs. Source: https://sqlite.org/vtab.html#xbestindex
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import (
    BoundBinary,
    BoundCollate,
    BoundColumn,
    BoundFunction,
    BoundIsNull,
    BoundLiteral,
    BoundUnary,
)
from keelback_core.compiler.bind.walk import terms_of
from keelback_core.compiler.catalog.model import ROWID
from keelback_core.module.index_query import (
    EQUAL,
    FUNCTION,
    GLOB,
    GREATER,
    GREATER_EQUAL,
    IS,
    IS_NOT,
    IS_NOT_NULL,
    IS_NULL,
    LESS,
    LESS_EQUAL,
    LIKE,
    MATCH,
    NOT_EQUAL,
    REGEXP,
)
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSource
    from keelback_core.compiler.catalog.model import Table
    from keelback_core.compiler.plan.nodes import PlanStored
    from keelback_core.compiler.plan.term import PlanTerm, SourceMasks, TermForm
    from keelback_core.compiler.plan.term_table import TermTable

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


class VirtualTerm:
    """A constraint that may be offered: column (ROWID for the rowid), its operator, its value, the mask of what the
    value reads, and the conjunct that it stands for, None for LIMIT and OFFSET. is_in: the value is an IN; field: the
    item of its row value, -1 for a scalar. may_be_omitted: the constraint says all that the conjunct says.
    is_value_hidden: the text does not tell the value by itself."""

    __slots__ = (
        "column",
        "operator",
        "value",
        "value_reads",
        "collation",
        "is_in",
        "field",
        "term",
        "may_be_omitted",
        "is_value_hidden",
    )

    def __init__(
        self,
        column: int,
        operator: int,
        value: BoundExpression | PlanStored,
        value_reads: int,
        collation: str,
        term: PlanTerm | None,
    ) -> None:
        self.column = column
        self.operator = operator
        self.value = value
        self.value_reads = value_reads
        self.collation = collation
        self.is_in = False
        self.field = -1
        self.term = term
        self.may_be_omitted = True
        self.is_value_hidden = False


class VirtualTerms:
    """The constraints of one virtual table. owner: that of the conjuncts which may be used; unusable: the mask of the
    sources that are always inside of this one. says_all: every conjunct is among the constraints and needs no other
    source."""

    __slots__ = ("source", "table", "bit", "masks", "owner", "unusable", "found", "says_all")

    def __init__(self, source: BoundSource, bit: int, masks: SourceMasks, owner: int, unusable: int) -> None:
        assert source.table is not None
        check_argument_count(source)
        self.source = source
        self.table: Table = source.table
        self.bit = bit
        self.masks = masks
        self.owner = owner
        self.unusable = unusable
        self.found: list[VirtualTerm] = []
        self.says_all = True

    def add(self, terms: TermTable) -> None:
        """Collect from conjuncts, behind those that are there already."""
        own = [term for term in terms.terms if term.owner == self.owner]
        direct: list[VirtualTerm] = []
        virtual: list[VirtualTerm] = []
        for term in reversed(own):
            before = len(virtual)
            self._add_made(term, terms, virtual)
            form = self._direct_form(term)
            if form is not None:
                self._add_form(form, direct)
            elif len(virtual) == before:
                self.says_all = False
        direct.reverse()
        for found in direct + virtual:
            self.says_all = self.says_all and not found.value_reads
        if len(own) < len(terms.terms):
            self.says_all = False
        self.found += [found for found in direct + virtual if not found.value_reads & self.unusable]

    # Conjuncts.

    def own_column(self, expression: BoundExpression) -> int | None:
        """The column of this table that an expression is."""
        if isinstance(expression, BoundCollate):
            expression = expression.operand
        return self._plain_column(expression)

    def _plain_column(self, expression: BoundExpression) -> int | None:
        if isinstance(expression, BoundColumn) and expression.source is self.source:
            return expression.column
        return None

    def _forms(self, term: PlanTerm) -> list[TermForm]:
        return [
            form
            for form in term.forms
            if form.operator in OPERATORS
            and self.own_column(form.operand) is not None
            and not form.value_reads & self.bit
        ]

    def _direct_form(self, term: PlanTerm) -> TermForm | None:
        """What the conjunct itself says, as it stands or turned around."""
        for form in self._forms(term):
            if not _is_copy(form):
                return form
        return None

    def _add_made(self, term: PlanTerm, terms: TermTable, found: list[VirtualTerm]) -> None:
        """All that is made of a conjunct."""
        for form in self._forms(term):
            if _is_copy(form):
                self._add_form(form, found)
        for child in terms.virtual:
            if child.parent is not term:
                continue
            direct = self._direct_form(child)
            if direct is not None:
                self._add_form(direct, found)
            self._add_made(child, terms, found)
        self._add_special(term, found)

    def _add_form(self, form: TermForm, found: list[VirtualTerm]) -> None:
        column = self.own_column(form.operand)
        assert column is not None
        operator = OPERATORS[form.operator]
        term = form.term
        value: BoundExpression = BoundLiteral(None) if form.operator == "ISNULL" else form.value
        made = VirtualTerm(column, operator, value, form.value_reads, form.collation or "BINARY", term)
        made.is_in = form.operator == "IN"
        made.field = form.field
        made.is_value_hidden = form.operator == "ISNULL"
        expression = term.expression
        if term.row is not None:
            made.operator = {LESS: LESS_EQUAL, GREATER: GREATER_EQUAL}.get(operator, operator)
            made.may_be_omitted = False
            made.is_value_hidden = True
        elif isinstance(expression, BoundBinary) and (
            isinstance(expression.left, BoundCollate) or isinstance(expression.right, BoundCollate)
        ):
            # The value as it stands has a collation of its own.
            other = expression.left if _is_turned(form) else expression.right
            made.is_value_hidden = made.is_value_hidden or isinstance(other, BoundCollate)
        found.append(made)

    def _add_special(self, term: PlanTerm, found: list[VirtualTerm]) -> None:
        """What no index understands."""
        expression = term.expression
        if isinstance(expression, BoundFunction) and len(expression.arguments) == 2:
            self._add_function(term, expression, found)
        elif isinstance(expression, BoundBinary) and expression.operator in ("<>", "IS NOT"):
            operator = NOT_EQUAL if expression.operator == "<>" else IS_NOT
            self._add(term, expression.left, operator, expression.right, found)
            self._add(term, expression.right, operator, expression.left, found)
        elif isinstance(expression, BoundIsNull) and expression.is_negated:
            if self._plain_column(expression.operand) not in (None, ROWID):
                self._add(term, expression.operand, IS_NOT_NULL, BoundLiteral(None), found)
                found[-1].is_value_hidden = True

    def _add_function(self, term: PlanTerm, call: BoundFunction, found: list[VirtualTerm]) -> None:
        first, second = call.arguments
        operator = FUNCTIONS.get(call.signature.name.lower(), 0)
        if operator and self._add(term, second, operator, first, found):
            return
        if self._plain_column(first) is None or self.table.module is None:
            return
        code = self.table.module.find_function(call.spelling, 2)[0]
        if code >= FUNCTION:
            self._add(term, first, code, second, found)

    def _add(
        self,
        term: PlanTerm,
        operand: BoundExpression,
        operator: int,
        value: BoundExpression,
        found: list[VirtualTerm],
    ) -> bool:
        """Whether the operand is a column of the table; the constraint, if its value does not read the table."""
        column = self._plain_column(operand)
        if column is None:
            return False
        reads = self.masks.of(value)
        if not reads & self.bit:
            found.append(VirtualTerm(column, operator, value, reads, "BINARY", term))
        return True


def check_argument_count(source: BoundSource) -> None:
    """SqlError for a table function with more arguments than it has hidden columns."""
    table = source.table
    if source.argument_count and table is not None:
        most = sum([column.is_hidden for column in table.columns])
        if source.argument_count > most:
            raise SqlError(ERROR, f"too many arguments on {table.name}() - max {most}")


def argument_parts(source: BoundSource) -> list[BoundExpression]:
    """The equations of a table function's hidden columns with its arguments."""
    table = source.table
    assert table is not None
    hidden = [number for number, column in enumerate(table.columns) if column.is_hidden][: source.argument_count]
    found: list[BoundExpression] = []
    for part in terms_of(source.on) if hidden else ():
        if isinstance(part, BoundBinary) and part.operator == "=" and isinstance(part.left, BoundColumn):
            if part.left.source is source and part.left.column in hidden:
                hidden.remove(part.left.column)
                found.append(part)
    return found


def _is_turned(form: TermForm) -> bool:
    """Whether the column stands at the right side of the comparison."""
    expression = form.term.expression
    if not isinstance(expression, BoundBinary):
        return False
    right = expression.right
    while isinstance(right, BoundCollate):
        right = right.operand
    return right is form.operand


def _is_copy(form: TermForm) -> bool:
    """Whether it is one of two ways to read the conjunct, the one that comes second."""
    expression = form.term.expression
    if not isinstance(expression, BoundBinary):
        return False
    if expression.operator == "OR":
        return True
    if not _is_turned(form):
        return False
    left = expression.left
    while isinstance(left, BoundCollate):
        left = left.operand
    return isinstance(left, BoundColumn)


def stated_value(expression: BoundExpression) -> BoundLiteral | None:
    """The literal that an expression is, behind signs that change nothing."""
    while isinstance(expression, BoundUnary) and expression.operator == "+":
        expression = expression.operand
    return expression if isinstance(expression, BoundLiteral) else None
