"""SeekPrefix: the equalities on the leading columns of an index, while candidates are being built; and what the terms
that search make of keys, bounds and estimates.

Must not know: how prefixes grow (seek.py).
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundIn
from keelback_core.compiler.plan.candidate import ROW_MEMBERS
from keelback_core.compiler.plan.estimate import (
    RANGE_BOTH_SAVING,
    RANGE_BOUND_SAVING,
    SMALLEST_RANGE_ROWS,
    SUBQUERY_LIST_ROWS,
    log_estimate,
)
from keelback_core.compiler.plan.likeliness import UNKNOWN
from keelback_core.compiler.plan.nodes import NOT_NULL_BOUND, PlanBound, PlanMembers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.nodes import BoundExpression
    from keelback_core.compiler.plan.nodes import PlanNull, PlanSkip
    from keelback_core.compiler.plan.term import PlanTerm, TermForm
    from keelback_core.value import Value

    SeekKey = BoundExpression | PlanMembers | PlanNull | PlanSkip


class SeekPrefix:
    """Equalities on the leading columns of an index, while candidates are being built. rows: of one run; runs: the
    estimate of how often it runs for the members of INs and the values of skipped columns. known: the values of its
    columns, as long as they are known and samples may be asked for them. bits: of the operators. is_self_culling: of
    the scan or search that was considered last on the way here, see PlanCandidate."""

    __slots__ = (
        "equals",
        "terms",
        "kinds",
        "bits",
        "needs",
        "rows",
        "runs",
        "null_equal",
        "skips",
        "known",
        "is_self_culling",
    )

    def __init__(self, rows: int) -> None:
        self.equals: tuple[SeekKey, ...] = ()
        self.terms: tuple[PlanTerm, ...] = ()
        self.kinds: tuple[tuple[str, PlanTerm | None], ...] = ()
        self.bits = 0
        self.needs = 0
        self.rows = rows
        self.runs = 0
        self.null_equal: tuple[int, ...] = ()
        self.skips = 0
        self.known: tuple[Value, ...] = ()
        self.is_self_culling = False

    def copy(self) -> SeekPrefix:
        """The same, to be grown."""
        longer = SeekPrefix(self.rows)
        longer.equals = self.equals
        longer.terms = self.terms
        longer.kinds = self.kinds
        longer.bits = self.bits
        longer.needs = self.needs
        longer.runs = self.runs
        longer.null_equal = self.null_equal
        longer.skips = self.skips
        longer.known = self.known
        longer.is_self_culling = self.is_self_culling
        return longer


def as_sibling(kind: tuple[str, PlanTerm | None], sibling: PlanTerm) -> tuple[str, PlanTerm | None]:
    """How a column is fixed, if several columns may be fixed together with what fixes the sibling's."""
    term = kind[1]
    return (ROW_MEMBERS, term) if term is not None and term.parent is sibling.parent else kind


def key_value(form: TermForm) -> BoundExpression | PlanMembers:
    """What an equality or IN wants of a key."""
    if form.operator == "IN":
        assert isinstance(form.value, BoundIn)
        return PlanMembers(form.value, form.field)
    return form.value


def member_rows(form: TermForm) -> int:
    """The estimate of the members of an IN, 0 for other forms."""
    if form.operator != "IN":
        return 0
    assert isinstance(form.value, BoundIn)
    if form.value.items is None:
        return SUBQUERY_LIST_ROWS
    return log_estimate(len(form.value.items))


def range_rows(rows: int, low: TermForm | None, high: TermForm | None) -> int:
    """The estimate of the rows within a range."""
    narrowed = rows
    unknown = 0
    for form in (low, high):
        if form is None:
            continue
        if form.term.probability != UNKNOWN:
            narrowed += form.term.probability
        else:
            unknown += 1
            if form.operator != "NOTNULL":
                narrowed -= RANGE_BOUND_SAVING
    if unknown == 2:
        narrowed -= RANGE_BOTH_SAVING
    return min(max(narrowed, SMALLEST_RANGE_ROWS), rows - (low is not None) - (high is not None))


def bound_of(form: TermForm | None) -> PlanBound | None:
    if form is None:
        return None
    if form.operator == "NOTNULL":
        return NOT_NULL_BOUND
    return PlanBound(form.value, form.operator in (">=", "<="))
