"""SeekSearch: the candidates that search an index, or the tree of the rowids: equalities on its first columns, then a
range on the next, and skip-scans where nothing is said of the first columns.

1. A prefix is grown column by column; every way to grow it is a candidate and is grown in turn.
2. An IN counts as an equality that runs the loop once for each member.
3. A range ends the prefix: nothing behind it can be searched for.

Source: https://sqlite.org/optoverview.html sections 2, 6 and 13. Must not know: the order of loops.
"""

from __future__ import annotations

from keelback_core.compiler.bind.exists_join import EXISTS_JOIN
from keelback_core.compiler.bind.nodes import BoundIn
from keelback_core.compiler.bind.types import expression_affinity
from keelback_core.compiler.catalog.model import EXPRESSION, ROWID, IndexColumn
from keelback_core.compiler.plan.candidate import KeyColumn, PlanCandidate
from keelback_core.compiler.plan.estimate import (
    FEWEST_REPEATS_FOR_SKIP_SCAN,
    NULL_PENALTY,
    ROW_VISIT_COST,
    SKIP_SCAN_PENALTY,
    log_add,
    log_estimate,
    search_cost,
)
from keelback_core.compiler.plan.likeliness import UNKNOWN
from keelback_core.compiler.plan.nodes import (
    PlanBound,
    PlanIndexSeek,
    PlanMembers,
    PlanNull,
    PlanRowidEqual,
    PlanRowidRange,
    PlanSkip,
)
from keelback_core.compiler.plan.row_bound import row_bound
from keelback_core.compiler.plan.sample_estimate import NotKnown, estimator_of
from keelback_core.compiler.plan.seek_prefix import SeekPrefix, as_sibling, bound_of, key_value, member_rows, range_rows
from keelback_core.compiler.plan.table_sizes import index_width, is_low_quality, prefix_rows, table_rows
from keelback_core.compiler.plan.term import (
    EQUALITIES,
    FORM_EQUAL,
    FORM_HIGH,
    FORM_IN,
    FORM_IS,
    FORM_IS_NULL,
    FORM_LOW,
    NUMERIC_AFFINITIES,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundExpression
    from keelback_core.compiler.catalog.model import Index, Table
    from keelback_core.compiler.plan.access import AccessFinder
    from keelback_core.compiler.plan.sample_estimate import SampleEstimator
    from keelback_core.compiler.plan.term import TermForm

    SeekKey = BoundExpression | PlanMembers | PlanNull | PlanSkip

RANGES: Final = FORM_LOW | FORM_HIGH
KEYS: Final = FORM_EQUAL | FORM_IS | FORM_IN
HALF_OF_ROWS: Final = 10
NO_COLUMNS: Final[frozenset[int]] = frozenset()
ROWID_COLUMN: Final = IndexColumn(ROWID, None, "BINARY", False)


class SeekSearch:
    """See the module. index: None for the tree of the rowids. group: the sort group of its candidates."""

    __slots__ = (
        "finder",
        "table",
        "index",
        "group",
        "columns",
        "key_count",
        "all_rows",
        "search",
        "width",
        "is_covering",
        "is_told_covering",
        "read_keys",
        "estimator",
    )

    def __init__(self, finder: AccessFinder, table: Table, index: Index | None, group: int) -> None:
        self.finder = finder
        self.table = table
        self.index = index
        self.group = group
        self.width = 0
        self.is_covering = True
        self.is_told_covering = False
        self.read_keys: tuple[int, ...] = ()
        if index is None:
            self.columns: tuple[IndexColumn, ...] = (ROWID_COLUMN,)
            self.key_count = 1
            self.all_rows = table_rows(table)
        else:
            is_table = index is table.key_index
            self.columns = index.columns if is_table else index.entry_columns
            self.key_count = len(index.columns)
            self.all_rows = prefix_rows(table, index, 0)
        self.search = search_cost(self.all_rows)
        self.estimator: SampleEstimator | None = None
        if index is not None and index.samples is not None:
            affinities = [self._affinity(key, self._expression(number)) for number, key in enumerate(self.columns)]
            self.estimator = estimator_of(index, self.columns, affinities)

    def find(self, is_self_culling: bool = False) -> None:
        """Add every candidate. is_self_culling: what was found of the scan of the same tree."""
        forms = self._forms(0, self.columns[0])
        if not forms and not self._may_skip(SeekPrefix(0)):
            return
        if self.index is not None:
            self.width = index_width(self.table, self.index)
            self.is_covering = self.finder.covers(self.table, self.index)
            if not self.is_covering and self.finder.source.bound_indexes:
                self.read_keys = self.finder.read_keys(self.table, self.index)
                self.is_covering = bool(self.read_keys)
                self.is_told_covering = not self.is_covering and self.finder.nearly_covers(self.table, self.index)
        prefix = SeekPrefix(self.all_rows)
        prefix.is_self_culling = is_self_culling
        self._grow(prefix, forms)

    def _forms(self, number: int, column: IndexColumn) -> list[TermForm]:
        """What may be searched for in a column of the index."""
        finder = self.finder
        expression = self._expression(number)
        found = finder.forms_of(finder.bound_column(column.column), expression)
        if not found:
            return found
        affinity = self._affinity(column, expression)
        return [form for form in found if self._fits(form, column, affinity)]

    def _expression(self, number: int) -> BoundExpression | None:
        """The expression that a column of the index is, if it is none of the table's."""
        if self.columns[number].column == EXPRESSION and self.index is not None:
            return self.finder.key_expression(self.index, number)
        return None

    def _affinity(self, column: IndexColumn, expression: BoundExpression | None) -> str:
        if column.column >= 0:
            return self.table.columns[column.column].affinity
        return "D" if expression is None else expression_affinity(expression)

    def _fits(self, form: TermForm, column: IndexColumn, affinity: str) -> bool:
        if form.bit == FORM_IS_NULL or (form.bit == FORM_LOW and form.operator == "NOTNULL"):
            return not self.finder.is_not_null(column.column)
        if self.index is not None:
            if not form.bit & KEYS:
                if self.index.is_unordered:
                    return False
            elif self.index.statistics and self.finder.source.indexed_by is None and is_low_quality(self.index):
                return False
        if form.affinity == "B" and affinity != "B":
            return False
        if form.affinity in NUMERIC_AFFINITIES and affinity not in NUMERIC_AFFINITIES:
            return False
        return column.column == ROWID or form.collation == column.collation

    def _grow(self, prefix: SeekPrefix, forms: list[TermForm] | None = None) -> None:
        """Add every candidate that goes one key column further than `prefix`, and theirs in turn. forms: what may be
        searched for there, if that is known."""
        number = len(prefix.equals)
        if number >= len(self.columns):
            return
        for form in self._forms(number, self.columns[number]) if forms is None else forms:
            if form.bit & RANGES:
                self._add_range(prefix, form)
            else:
                self._add_equality(prefix, form, number)
        if self._may_skip(prefix):
            self._skip(prefix, number)

    # Equalities.

    def _add_equality(self, prefix: SeekPrefix, form: TermForm, number: int) -> None:
        is_null = form.bit == FORM_IS_NULL
        members = 0
        is_sibling = False
        if form.bit == FORM_IN:
            if form.term in prefix.terms:
                return
            members = member_rows(form)
            is_sibling = form.field >= 0 and any(term.parent is form.term.parent for term in prefix.terms)
            if is_sibling:
                # The rows of one subquery fix several columns together.
                members = 0
            if prefix.runs >= 2 and not self._is_seek_worth_it(number, members):
                return
        longer = prefix.copy()
        key: SeekKey = PlanNull() if is_null else key_value(form)
        if number == 0:
            longer.equals = (key,)
            longer.terms = (form.term,)
            longer.kinds = ((form.operator, form.term),)
        else:
            longer.equals = (*prefix.equals, key)
            longer.terms = (*prefix.terms, form.term)
            longer.kinds = (*prefix.kinds, (form.operator, form.term))
        longer.bits |= form.bit
        if is_sibling:
            longer.kinds = tuple([as_sibling(kind, form.term) for kind in longer.kinds])
        longer.needs = prefix.needs | form.value_reads
        if form.bit == FORM_IS:
            longer.null_equal = (*prefix.null_equal, number)
        if form.term.probability != UNKNOWN and self.columns[number].column >= 0:
            longer.rows += form.term.probability - members
        else:
            sampled = self._sampled_rows(prefix, longer, form, number)
            if sampled > 0:
                longer.rows = min(log_estimate(sampled), prefix.rows) - members
            else:
                longer.rows += self._prefix_rows(number + 1) - self._prefix_rows(number)
                if is_null:
                    longer.rows += NULL_PENALTY
        is_once = form.bit & EQUALITIES != 0 and self._is_one_row(prefix, form.operator, number)
        longer.is_self_culling = self._add(longer, longer.rows, None, None, prefix.runs + members, is_once)
        longer.runs = prefix.runs + members
        self._grow(longer)

    def _sampled_rows(self, prefix: SeekPrefix, longer: SeekPrefix, form: TermForm, number: int) -> int:
        """How many entries have the longer prefix, by the samples; 0 if they do not tell."""
        estimator = self.estimator
        if estimator is None or prefix.runs or number >= estimator.samples.width or len(prefix.known) < number:
            return 0
        if form.operator == "IN":
            assert isinstance(form.value, BoundIn)
            if form.value.items is None:
                return 0
            found = estimator.member_rows(prefix.known, form.value)
        else:
            try:
                longer.known, found = estimator.equal_rows(
                    prefix.known, None if form.operator == "ISNULL" else form.value
                )
            except NotKnown:
                return 0
        if number == 0 and found and log_estimate(found) + HALF_OF_ROWS > self._prefix_rows(0):
            form.term.is_often_true = True
        return found

    def _is_seek_worth_it(self, number: int, members: int) -> bool:
        """Whether looking up each member costs less than testing all rows of the prefix, as far as ANALYZE knows."""
        index = self.index
        if index is None or not index.statistics or self.search < 10:
            return True
        return self._prefix_rows(number) + search_cost(members) + 10 >= members + self.search

    def _is_one_row(self, prefix: SeekPrefix, operator: str, number: int) -> bool:
        """Whether at most one row has the key that an equality now completes."""
        column = self.columns[number].column
        if self.index is None or column == ROWID:
            return True
        if not self.index.is_unique or number != self.key_count - 1 or prefix.runs or column < 0:
            return False
        if self.key_count == 1 and operator == "=":
            return True
        return all(self._is_key_not_null(key.column) for key in self.index.columns)

    def _is_key_not_null(self, column: int) -> bool:
        return self.index is self.table.key_index or self.finder.is_not_null(column)

    def _prefix_rows(self, columns: int) -> int:
        if self.index is None:
            return self.all_rows if columns == 0 else 0
        return prefix_rows(self.table, self.index, columns)

    # Ranges.

    def _add_range(self, prefix: SeekPrefix, form: TermForm) -> None:
        partner = form.term.partner
        if form.bit == FORM_HIGH:
            if partner is None:
                self._add_bounds(prefix, None, form)
            return
        if partner is not None:
            self._add_bounds(prefix, form, partner.forms[0])
            return
        bounded = prefix.copy()
        bounded.is_self_culling = self._add_bounds(prefix, form, None)
        prefix = bounded
        number = len(prefix.equals)
        for high in self._forms(number, self.columns[number]):
            if high.bit == FORM_HIGH and high.term.partner is None:
                self._add_bounds(prefix, form, high)

    def _add_bounds(self, prefix: SeekPrefix, low: TermForm | None, high: TermForm | None) -> bool:
        rows = prefix.rows
        number = len(prefix.equals)
        unknown_low, unknown_high = low, high
        is_final = False
        if self.estimator is not None and number < self.estimator.samples.width:
            if len(prefix.known) == number:
                found = self.estimator.range_rows(prefix.known, rows, low, high)
            else:
                found = self.estimator.loose_range_rows(number, rows, low, high)
            rows, unknown_low, unknown_high, is_final = found.rows, found.low, found.high, found.is_final
        if not is_final:
            rows = range_rows(rows, unknown_low, unknown_high)
        return self._add(prefix, rows, low, high, prefix.runs, False)

    # Skip-scans.

    def _may_skip(self, prefix: SeekPrefix) -> bool:
        """Whether each value of the next column has so many rows that going through the values may be worth it."""
        index = self.index
        number = len(prefix.equals)
        return (
            index is not None
            and self.finder.source.join_type != EXISTS_JOIN
            and bool(index.statistics)
            and not index.is_no_skip_scan
            and number == prefix.skips
            and number + 1 < self.key_count
            and self._prefix_rows(number + 1) >= FEWEST_REPEATS_FOR_SKIP_SCAN
        )

    def _skip(self, prefix: SeekPrefix, number: int) -> None:
        longer = prefix.copy()
        longer.equals = (*prefix.equals, PlanSkip())
        longer.kinds = (*prefix.kinds, ("SKIP", None))
        longer.skips += 1
        values = self._prefix_rows(number) - self._prefix_rows(number + 1)
        longer.rows -= values
        longer.runs += values + SKIP_SCAN_PENALTY
        self._grow(longer)

    # Candidates.

    def _add(
        self,
        prefix: SeekPrefix,
        rows: int,
        low: TermForm | None,
        high: TermForm | None,
        runs: int,
        is_once: bool,
    ) -> bool:
        """Add one candidate; whether it is self-culling."""
        finder = self.finder
        index = self.index
        if index is None:
            run = log_add(self.search, rows + ROW_VISIT_COST)
        else:
            width = max(1, finder.table_width)
            run = log_add(self.search, rows + 1 + (15 * self.width) // width)
            if not self.is_covering and not self.is_told_covering:
                run = log_add(run, rows + ROW_VISIT_COST)
        candidate = PlanCandidate(
            finder.position, self._access(prefix, low, high), prefix.needs, 0, run + runs, rows + runs
        )
        candidate.terms = prefix.terms
        candidate.kinds = prefix.bits
        if low is not None:
            candidate.needs |= low.value_reads
            candidate.terms = (*candidate.terms, low.term)
            candidate.kinds |= low.bit
        if high is not None:
            candidate.needs |= high.value_reads
            candidate.terms = (*candidate.terms, high.term)
            candidate.kinds |= high.bit
        candidate.is_once = is_once
        candidate.skips = prefix.skips
        candidate.is_self_culling = prefix.is_self_culling
        candidate.sort_group = self.group
        if index is not None:
            candidate.index_width = self.width
            candidate.is_covering = self.is_covering or self.is_told_covering
            finder.set_order(candidate, self.table, index, prefix.kinds)
        else:
            kind, term = prefix.kinds[0] if prefix.kinds else ("", None)
            candidate.keys = (KeyColumn(ROWID, None, "BINARY", False, kind, True, term),)
        finder.add(candidate, self.all_rows)
        return candidate.is_self_culling

    def _access(
        self, prefix: SeekPrefix, low: TermForm | None, high: TermForm | None
    ) -> PlanRowidEqual | PlanRowidRange | PlanIndexSeek:
        if self.index is not None:
            access = PlanIndexSeek(
                self.index,
                prefix.equals,
                self._index_bound(prefix, low),
                self._index_bound(prefix, high),
                self.is_covering,
                frozenset(prefix.null_equal) if prefix.null_equal else NO_COLUMNS,
            )
            access.read_keys = self.read_keys
            access.is_told_covering = self.is_told_covering
            return access
        if prefix.equals:
            value = prefix.equals[0]
            assert not isinstance(value, (PlanNull, PlanSkip))
            return PlanRowidEqual(value)
        return PlanRowidRange(bound_of(low), bound_of(high))

    def _index_bound(self, prefix: SeekPrefix, form: TermForm | None) -> PlanBound | None:
        if form is None or form.term.row is None or self.index is None:
            return bound_of(form)
        return row_bound(self.finder, self.table, self.index, len(prefix.equals), form)
