"""PlanTerm: a conjunct of WHERE or ON, and TermForm: one way in which an access can use it.

1. A `PlanTerm` is one conjunct. `reads` is the bit mask of the sources it reads (correlated subqueries included).
2. A `TermForm` is one way to use the term: `operand operator value`, where the operand may be a column of a source or
   an indexed expression, and the value reads none of that source. `a = b` has two forms.
3. A conjunct may have virtual children (BETWEEN its two bounds, LIKE its range, a row equality its parts): they can be
   used by an access but are never tested by themselves; a conjunct whose children are all used need not be tested.

Must not know: indexes, costs, how forms are found (terms.py).
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import (
    BoundBinary,
    BoundColumn,
    BoundExpression,
    BoundLiteral,
    BoundParameter,
    BoundSource,
    BoundUnary,
)
from keelback_core.compiler.bind.walk import column_references
from keelback_core.compiler.plan.likeliness import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

NUMERIC_AFFINITIES: Final = frozenset(("C", "D", "E", "F"))

# The operators of forms as bits.
FORM_EQUAL: Final = 1
FORM_IS: Final = 2
FORM_IN: Final = 4
FORM_IS_NULL: Final = 8
FORM_LOW: Final = 16
FORM_HIGH: Final = 32
EQUALITIES: Final = 3


def _bit_of(operator: str) -> int:
    if operator == "=":
        return FORM_EQUAL
    if operator == "IS":
        return FORM_IS
    if operator == "IN":
        return FORM_IN
    if operator == "ISNULL":
        return FORM_IS_NULL
    return FORM_HIGH if operator == "<" or operator == "<=" else FORM_LOW


class TermForm:
    """`operand operator value`. operator: `= < <= > >= IS`, `IN` (value is the BoundIn), `ISNULL` (value is the term),
    `NOTNULL` (greater than NULL: the lower end of a range that costs nothing). bit: one of the numbers above for it.
    collation and affinity: those of the comparison. value_reads: mask of the sources that the value reads. field: which
    item of the row value of an IN the operand is, else -1."""

    __slots__ = (
        "operand",
        "operator",
        "bit",
        "value",
        "value_reads",
        "collation",
        "affinity",
        "term",
        "is_swapped",
        "field",
    )

    def __init__(
        self,
        operand: BoundExpression,
        operator: str,
        value: BoundExpression,
        value_reads: int,
        collation: str,
        affinity: str,
        term: PlanTerm,
        is_swapped: bool = False,
    ) -> None:
        self.operand = operand
        self.operator = operator
        self.bit = _bit_of(operator)
        self.value = value
        self.value_reads = value_reads
        self.collation = collation
        self.affinity = affinity
        self.term = term
        self.is_swapped = is_swapped
        self.field = -1


class PlanTerm:
    """One conjunct. owner: mask of the outer-joined source whose ON it belongs to, 0 for a term of WHERE or of an
    inner join's ON. probability: the estimate that it is true, UNKNOWN without likelihood(). parent: of a virtual
    term; child_count: of its parent, how many children must be used to make it superfluous, 0 if it never is.
    partner: of the two bounds of a LIKE, which go together, each the other. is_often_true: samples tell that an
    equation holds for half of the rows or more; was_selective: it was taken for one that few rows fulfil. row: of a
    bound for the first item of a row value, the comparison of the rows. is_sliced: an equation of rows that gave way to
    those of its items."""

    __slots__ = (
        "expression",
        "reads",
        "owner",
        "forms",
        "probability",
        "is_virtual",
        "parent",
        "child_count",
        "partner",
        "is_often_true",
        "was_selective",
        "row",
        "is_sliced",
        "_equation",
    )

    def __init__(self, expression: BoundExpression, reads: int, owner: int) -> None:
        self.expression = expression
        self.reads = reads | owner
        self.owner = owner
        self.forms: list[TermForm] = []
        self.probability = UNKNOWN
        self.is_virtual = False
        self.parent: PlanTerm | None = None
        self.child_count = 0
        self.partner: PlanTerm | None = None
        self.is_often_true = False
        self.was_selective = False
        self.row: BoundBinary | None = None
        self.is_sliced = False
        # Whether it is an equation, -1 until somebody asks.
        self._equation = -1

    @property
    def is_equation(self) -> bool:
        """Whether the term equates a column with something that does not read its source."""
        if self._equation < 0:
            self._equation = int(_equates(self.forms))
        return self._equation > 0


class SourceMasks:
    """The bit of each source of this FROM; sources of enclosing queries have none."""

    __slots__ = ("sources",)

    def __init__(self, sources: tuple[BoundSource, ...]) -> None:
        self.sources = sources

    def bit(self, source: BoundSource) -> int:
        """The bit of a source, 0 if it is of an enclosing query."""
        # Of so few a dictionary costs more.
        bit = 1
        for one in self.sources:
            if one is source:
                return bit
            bit <<= 1
        return 0

    def of(self, expression: BoundExpression) -> int:
        """The mask of the sources that the expression reads."""
        mask = 0
        # Most are a column, or compare one with a value.
        while isinstance(expression, BoundBinary):
            mask |= self._of_operand(expression.right)
            expression = expression.left
        return mask | self._of_operand(expression)

    def _of_operand(self, operand: BoundExpression) -> int:
        if isinstance(operand, BoundColumn):
            return self.bit(operand.source)
        if isinstance(operand, (BoundLiteral, BoundParameter)):
            return 0
        mask = 0
        for column in column_references(operand):
            mask |= self.bit(column.source)
        return mask


def consumed_terms(used: Sequence[PlanTerm]) -> list[PlanTerm]:
    """The terms that need not be tested once `used` are: themselves, and those all of whose children are among them."""
    found: list[PlanTerm] = []
    counts: dict[PlanTerm, int] | None = None
    for term in used:
        found.append(term)
        if term.parent is not None:
            if counts is None:
                counts = {}
            counts[term.parent] = counts.get(term.parent, 0) + 1
    if counts is not None:
        for parent, count in counts.items():
            if parent.child_count == count:
                found.append(parent)
    return found


def forget_forms(terms: list[PlanTerm]) -> None:
    """Part terms and forms, which name each other, when they are of no more use: circles would outlive the compilation
    until the garbage is collected."""
    for term in terms:
        term.forms = []
        term.partner = None


def _equates(forms: list[TermForm]) -> bool:
    for form in forms:
        if form.bit & EQUALITIES and (isinstance(form.operand, BoundColumn) or isinstance(form.value, BoundColumn)):
            return True
    return False


def equates_small_integer(term: PlanTerm) -> bool:
    """Whether the right side of an equation is -1, 0 or 1."""
    for form in term.forms:
        value = form.value
        while isinstance(value, BoundUnary) and value.operator == "+":
            value = value.operand
        if isinstance(value, BoundLiteral) and value.value_type is int and value.is_small:
            return True
    return False


def affinity_fits(form: TermForm, key_affinity: str) -> bool:
    """Whether comparing in the index gives the same as the comparison: its affinity must not change the keys."""
    return fits_key(form.affinity, key_affinity)


def fits_key(affinity: str, key_affinity: str) -> bool:
    """The same of the affinity of a comparison."""
    if affinity == "A" or affinity == "@" or not affinity:
        return True
    if affinity == "B":
        return key_affinity == "B"
    return key_affinity in NUMERIC_AFFINITIES
