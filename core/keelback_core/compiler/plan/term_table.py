"""TermTable: the terms of one FROM ... WHERE, found by the column that they say something of.

1. What is said of a column is said of every column that must equal it (transitive closure): the forms that come from
   there are derived; their terms are virtual, and nothing becomes superfluous when they are used.
2. Columns must be equal if an equation of WHERE says so under an affinity and a collation that both share.

Source: https://sqlite.org/optoverview.html#transitive_constraints. Must not know: indexes, costs.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundBinary, BoundColumn
from keelback_core.compiler.bind.types import (
    BLOB_AFFINITY,
    NUMERIC_AFFINITY,
    expression_affinity,
    expression_collation,
)
from keelback_core.compiler.plan.term import EQUALITIES, PlanTerm, TermForm, forget_forms
from keelback_core.compiler.plan.terms import analyse_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSource
    from keelback_core.compiler.plan.term import SourceMasks

MOST_EQUAL_COLUMNS: Final = 11


class ColumnForms:
    """What is said of one column. has_equations: something makes another column equal; has_derived: something may be
    said of an equal one that is not said of this."""

    __slots__ = ("source", "column", "forms", "has_equations", "has_derived")

    def __init__(self, source: BoundSource, column: int) -> None:
        self.source = source
        self.column = column
        self.forms: list[TermForm] = []
        self.has_equations = False
        self.has_derived = True


class TermTable:
    """See the module. terms: the conjuncts; virtual: what is made of them; masks: the bits of the sources; columns:
    what is said of columns, of which there are few."""

    __slots__ = ("terms", "virtual", "masks", "forms", "expression_forms", "columns")

    def __init__(self, expressions: Sequence[tuple[BoundExpression, int]], masks: SourceMasks) -> None:
        self.terms, self.virtual = analyse_all(expressions, masks)
        self.masks = masks
        # In the order in which SQLite comes to them, which decides between equals.
        self.forms: list[TermForm] = []
        self.expression_forms: list[TermForm] = []
        self.columns: list[ColumnForms] = []
        has_swapped = False
        for term in self.terms:
            for form in term.forms:
                if form.is_swapped:
                    has_swapped = True
                else:
                    self._file(form)
        if has_swapped:
            for term in reversed(self.terms):
                for form in term.forms:
                    if form.is_swapped:
                        self._file(form)
        for term in self.virtual:
            for form in term.forms:
                self._file(form)

    def _file(self, form: TermForm) -> None:
        self.forms.append(form)
        operand = form.operand
        if not isinstance(operand, BoundColumn):
            self.expression_forms.append(form)
            return
        said = self.of_column(operand.source, operand.column)
        if said is None:
            said = ColumnForms(operand.source, operand.column)
            self.columns.append(said)
        said.forms.append(form)
        if not said.has_equations and isinstance(form.value, BoundColumn) and is_equivalence(form):
            said.has_equations = True

    def of_column(self, source: BoundSource, column: int) -> ColumnForms | None:
        """What is said of the column itself."""
        for said in self.columns:
            if said.column == column and said.source is source:
                return said
        return None

    def forget_forms(self) -> None:
        """Part terms and forms when the plan is made."""
        forget_forms(self.terms)
        forget_forms(self.virtual)

    def said_of(self, source: BoundSource, column: int) -> list[TermForm]:
        """What is said of the column, and of its equals."""
        said = self.of_column(source, column)
        if said is None:
            return []
        if not said.has_equations or not said.has_derived:
            return said.forms
        derived = self._derived(said)
        if not derived:
            said.has_derived = False
            return said.forms
        return said.forms + derived

    def _derived(self, first: ColumnForms) -> list[TermForm]:
        equal = [first]
        found: list[TermForm] = []
        position = 0
        while position < len(equal):
            said = equal[position]
            position += 1
            for form in said.forms:
                if form.term.owner and position > 1:
                    continue
                value = form.value
                other = self.of_column(value.source, value.column) if isinstance(value, BoundColumn) else None
                if (
                    other is not None
                    and len(equal) < MOST_EQUAL_COLUMNS
                    and not _has(equal, other)
                    and is_equivalence(form)
                ):
                    equal.append(other)
                if position > 1 and other is not first and form.operator != "NOTNULL" and form.field < 0:
                    found.append(_derive(form, first))
        return found


def _has(equal: list[ColumnForms], wanted: ColumnForms) -> bool:
    for one in equal:
        if one is wanted:
            return True
    return False


def _derive(form: TermForm, said: ColumnForms) -> TermForm:
    """The same said of another column."""
    operand = BoundColumn(said.source, said.column, None, form.operand.offset)
    term = PlanTerm(form.term.expression, form.term.reads, 0)
    term.is_virtual = True
    term.probability = form.term.probability
    return TermForm(operand, form.operator, form.value, form.value_reads, form.collation, form.affinity, term)


def is_equivalence(form: TermForm) -> bool:
    """Whether the form says that two columns are equal wherever one stands for the other."""
    if not form.bit & EQUALITIES or form.term.owner:
        return False
    expression = form.term.expression
    if not isinstance(expression, BoundBinary):
        return False
    left, right = expression.left, expression.right
    if not isinstance(left, BoundColumn) or not isinstance(right, BoundColumn):
        return False
    one, other = expression_affinity(left), expression_affinity(right)
    if one != other and (one < NUMERIC_AFFINITY or other < NUMERIC_AFFINITY):
        return False
    if one == BLOB_AFFINITY and other != one:
        return False
    if form.collation == "BINARY":
        return True
    return (expression_collation(left)[0] or "BINARY") == (expression_collation(right)[0] or "BINARY")
