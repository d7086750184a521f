"""All candidates for one source: scans, rowid look-ups and ranges, index seeks, automatic indexes.

1. A term may be used for a source only if that cannot change which rows of an outer join are kept: terms of the
   join's own ON for the right side of an outer join, terms without an owner for all others.
2. A candidate's terms are used up by its access; everything else stays a filter.

Source: https://sqlite.org/queryplanner.html and https://sqlite.org/optoverview.html sections 2 to 4, 9.
Must not know: the order of loops.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundColumn, BoundIn, BoundLiteral
from keelback_core.compiler.bind.types import expression_affinity
from keelback_core.compiler.bind.walk import equal_expressions
from keelback_core.compiler.catalog.model import EXPRESSION, ROWID
from keelback_core.compiler.plan import describe
from keelback_core.compiler.plan.candidate import KeyColumn, PlanCandidate
from keelback_core.compiler.plan.estimate import (
    AUTOMATIC_INDEX_ROWS,
    AUTOMATIC_INDEX_SETUP,
    EQUAL_FILTER_SAVING,
    EQUAL_SMALL_INTEGER_SAVING,
    NULL_PENALTY,
    RANGE_BOTH_SAVING,
    RANGE_BOUND_SAVING,
    ROW_VISIT_COST,
    SMALLEST_RANGE_ROWS,
    SUBQUERY_LIST_ROWS,
    log_add,
    log_estimate,
    search_cost,
)
from keelback_core.compiler.plan.implication import implies
from keelback_core.compiler.plan.nodes import (
    PlanAutomaticIndex,
    PlanBound,
    PlanIndexSeek,
    PlanMembers,
    PlanModule,
    PlanNull,
    PlanRowidEqual,
    PlanRowidRange,
    PlanScan,
)
from keelback_core.compiler.plan.table_sizes import index_width, prefix_rows, table_rows, table_width

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSource
    from keelback_core.compiler.catalog.model import Index, Table
    from keelback_core.compiler.plan.nodes import PlanAccess
    from keelback_core.compiler.plan.terms import PlanTerm, TermForm

# Estimates: rows of a module, and the cost of one that is not told what its arguments are.
MODULE_ROWS = 43
MODULE_COST_WITHOUT_ARGUMENTS = 310

EQUALITIES = ("=", "IS", "IN", "ISNULL")
NUMERIC_AFFINITIES = ("C", "D", "E", "F")


class AccessFinder:
    """Collects the candidates of one source.

    terms: all conjuncts. prerequisite: mask of the sources that must stand outside whatever the access. wanted: the
    expressions of the wanted order, which an index may save sorting by. is_owner: only terms that belong to this
    source's ON may be used (the right side of an outer join).
    """

    def __init__(
        self,
        source: BoundSource,
        position: int,
        terms: list[PlanTerm],
        prerequisite: int,
        wanted: tuple[BoundExpression, ...],
        is_owner: bool,
        is_write: bool,
    ) -> None:
        self.source = source
        self.position = position
        self.bit = 1 << position
        self.prerequisite = prerequisite
        self.wanted = wanted
        self.is_write = is_write
        self.terms = terms
        self.owner = self.bit if is_owner else 0
        self.forms = [form for term in terms if term.owner == self.owner for form in term.forms]
        self.found: list[PlanCandidate] = []
        self.table_rows = table_rows(source.table)

    def find(self) -> list[PlanCandidate]:
        """The candidates, cheapest kinds of scan included."""
        table = self.source.table
        if table is not None and table.kind == "module":
            return self._find_module(table)
        if table is None or table.kind != "table":
            if self.source.recursion is None:
                self._add_automatic_indexes(self.table_rows)
            self._add_scan(None, self.table_rows + ROW_VISIT_COST, ())
            return self.found
        if table.key_index is not None:
            self._add_table_scan(table, table.key_index)
        elif self.source.indexed_by is None:
            if not self.source.is_not_indexed:
                self._add_automatic_indexes(self.table_rows)
            rowid_key = (KeyColumn(ROWID, None, "BINARY", False, False),)
            self._add_scan(None, self.table_rows + ROW_VISIT_COST, rowid_key)
            self._add_rowid_accesses()
        for index in table.indexes:
            if self._is_usable(index):
                self._add_index_scan(table, index)
                self._extend_seek(SeekPrefix(index), table, index)
        self._favour_more_terms()
        return self.found

    def _favour_more_terms(self) -> None:
        """A search by more terms is never dearer than one by fewer of them, and gives fewer rows."""
        seeks = [candidate for candidate in self.found if isinstance(candidate.access, PlanIndexSeek)]
        for fewer in seeks:
            for more in seeks:
                is_subset = len(fewer.terms) < len(more.terms) and set(fewer.terms) < set(more.terms)
                if is_subset and not (covers(fewer) and not covers(more)):
                    more.run = min(more.run, fewer.run)
                    more.rows = min(more.rows, fewer.rows - 1)

    def _find_module(self, table: Table) -> list[PlanCandidate]:
        """All rows, for the values that equations give to the hidden columns; without them only if need be."""
        values: list[BoundExpression | None] = []
        used: list[PlanTerm] = []
        needs = 0
        for number, column in enumerate(table.columns):
            if not column.is_hidden:
                continue
            form = self._equation(number)
            values.append(None if form is None else form.value)
            if form is not None:
                used.append(form.term)
                needs |= form.value_reads
        access = PlanModule(tuple(values))
        self._add(access, needs, 0, MODULE_ROWS + ROW_VISIT_COST, MODULE_ROWS, tuple(used), (), False)
        if needs:
            run = MODULE_COST_WITHOUT_ARGUMENTS
            self._add(PlanModule((None,) * len(values)), 0, 0, run, run, (), (), False)
        return self.found

    def _equation(self, number: int) -> TermForm | None:
        """The first equation for a column of the source."""
        for form in self.forms:
            operand = form.operand
            if form.operator == "=" and isinstance(operand, BoundColumn) and operand.column == number:
                if operand.source is self.source and not form.value_reads & self.bit:
                    return form
        return None

    def _add_table_scan(self, table: Table, index: Index) -> None:
        """The whole of a table WITHOUT ROWID, in the order of its key."""
        if self.source.indexed_by is None or self.source.indexed_by is index:
            rows = prefix_rows(index, 0)
            run = rows + 1 + (15 * index_width(table, index)) // max(1, table_width(table))
            self._add(PlanScan(None), 0, 0, run, rows, (), self._key_columns(index, 0, frozenset()), False)

    def _is_usable(self, index: Index) -> bool:
        source = self.source
        if source.indexed_by is not None and source.indexed_by is not index:
            return False
        if source.is_not_indexed:
            return index.is_table
        needs_binding = index.where is not None or any(key.column == EXPRESSION for key in index.columns)
        if not needs_binding:
            return True
        bound = source.bound_indexes.get(index.name)
        if bound is None:
            return False
        if bound.where is None:
            return True
        return implies([term.expression for term in self.terms if term.owner == self.owner], bound.where)

    def _add(
        self,
        access: PlanAccess,
        needs: int,
        setup: int,
        run: int,
        rows: int,
        terms: tuple[PlanTerm, ...],
        keys: tuple[KeyColumn, ...],
        is_once: bool,
        is_automatic: bool = False,
        base_rows: int | None = None,
    ) -> None:
        description = describe.access_text(self.source, access)
        needs = (needs | self.prerequisite) & ~self.bit
        rows = self._reduced_rows(rows, needs, terms, self.table_rows if base_rows is None else base_rows)
        self.found.append(
            PlanCandidate(
                self.position, access, needs, setup, run, rows, terms, keys, is_once, is_automatic, description
            )
        )

    def _reduced_rows(self, rows: int, needs: int, used: tuple[PlanTerm, ...], base_rows: int) -> int:
        """Rows left after the terms that are not used by the access but can be tested in this loop."""
        known = needs | self.bit
        strongest = 0
        for term in self.terms:
            if term in used or not term.reads & self.bit or term.reads & ~known:
                continue
            rows -= 1
            for form in term.forms:
                if form.operator in ("=", "IS"):
                    saving = EQUAL_SMALL_INTEGER_SAVING if _is_small_integer(form.value) else EQUAL_FILTER_SAVING
                    strongest = max(strongest, saving)
        return min(rows, base_rows - strongest)

    def _add_scan(self, index: Index | None, run: int, keys: tuple[KeyColumn, ...]) -> None:
        self._add(PlanScan(index), 0, 0, run, self.table_rows, (), keys, False)

    def _add_automatic_indexes(self, table_rows: int) -> None:
        """A temporary index for each equality with something outside."""
        table = self.source.table
        if (
            self.source.join_type in ("RIGHT", "FULL")
            or self.is_write
            or (table is not None and table.is_without_rowid)
        ):
            return
        search = search_cost(table_rows)
        setup = search + table_rows
        if self.source.table is not None:
            setup += AUTOMATIC_INDEX_SETUP
        else:
            setup = max(0, setup - 25)
        for form in self.forms:
            if form.operator != "=" or not form.value_reads:
                continue
            operand = form.operand
            if not isinstance(operand, BoundColumn) or operand.source is not self.source or operand.column < 0:
                continue
            if not _affinity_fits(form, expression_affinity(operand)):
                continue
            access = PlanAutomaticIndex((operand.column,), (form.value,), (form.collation,))
            run = log_add(search, AUTOMATIC_INDEX_ROWS)
            self._add(access, form.value_reads, setup, run, AUTOMATIC_INDEX_ROWS, (form.term,), (), False, True)

    def _add_rowid_accesses(self) -> None:
        search = search_cost(self.table_rows)
        forms = [form for form in self.forms if self._is_rowid(form.operand)]
        for form in forms:
            if form.operator in ("=", "IN"):
                members = member_rows(form)
                run = log_add(search, ROW_VISIT_COST) + members
                is_equality = form.operator == "="
                keys = (KeyColumn(ROWID, None, "BINARY", False, is_equality, not is_equality),)
                self._add(
                    PlanRowidEqual(key_value(form)), form.value_reads, 0, run, members, (form.term,), keys, members == 0
                )
        lows = [form for form in forms if form.operator in (">", ">=")]
        highs = [form for form in forms if form.operator in ("<", "<=")]
        for low in [None, *lows]:
            for high in [None, *highs]:
                if low is not None or high is not None:
                    self._add_rowid_range(low, high, search)

    def _add_rowid_range(self, low: TermForm | None, high: TermForm | None, search: int) -> None:
        rows = range_rows(self.table_rows, low is not None, high is not None)
        terms = tuple(form.term for form in (low, high) if form is not None)
        needs = (low.value_reads if low is not None else 0) | (high.value_reads if high is not None else 0)
        access = PlanRowidRange(_bound(low), _bound(high))
        keys = (KeyColumn(ROWID, None, "BINARY", False, False),)
        self._add(access, needs, 0, log_add(search, rows + ROW_VISIT_COST), rows, terms, keys, False)

    def _is_rowid(self, operand: BoundExpression) -> bool:
        return isinstance(operand, BoundColumn) and operand.source is self.source and operand.column == ROWID

    def _add_index_scan(self, table: Table, index: Index) -> None:
        """The whole index in its order: worth it when it covers the query or saves a sort."""
        if index.is_table:
            return
        covers = self._covers(table, index)
        helps = self._order_may_profit(index)
        narrow = covers and index_width(table, index) < table_width(table) and not self.is_write
        is_chosen = self.source.indexed_by is index or table.is_without_rowid
        if not (helps or narrow or index.where is not None or is_chosen):
            return
        rows = prefix_rows(index, 0)
        run = rows + 1 + (15 * index_width(table, index)) // max(1, table_width(table))
        if not covers:
            run = log_add(run, rows + ROW_VISIT_COST)
        keys = self._key_columns(index, 0, frozenset())
        if covers:
            self._add(PlanScan(index), 0, 0, run, rows, (), keys, False)
        else:
            access = PlanIndexSeek(index, (), None, None, False)
            self._add(access, 0, 0, run, rows, (), keys, False)

    def _covers(self, table: Table, index: Index) -> bool:
        """Whether all columns read of the table are in the index."""
        if index.is_table:
            return True
        available = {key.column for key in index.entry_columns} | {table.rowid_column}
        return self.source.used_columns <= available

    def _order_may_profit(self, index: Index) -> bool:
        """Whether some wanted order term is a column of the index."""
        for wanted in self.wanted:
            for number in range(len(index.columns)):
                if self._is_key(index, number, wanted):
                    return True
        return False

    def _is_key(self, index: Index, number: int, operand: BoundExpression) -> bool:
        """Whether the operand is key column `number` of the index."""
        key = index.columns[number]
        if key.column == EXPRESSION:
            bound = self.source.bound_indexes.get(index.name)
            return bound is not None and equal_expressions(bound.expressions[number], operand)
        if not isinstance(operand, BoundColumn) or operand.source is not self.source:
            return False
        table = self.source.table
        column = operand.column
        if column == ROWID and table is not None and table.rowid_column >= 0:
            column = table.rowid_column
        return column == key.column

    def _key_affinity(self, index: Index, number: int) -> str:
        key = index.columns[number]
        table = self.source.table
        if key.column >= 0 and table is not None:
            return table.columns[key.column].affinity
        bound = self.source.bound_indexes.get(index.name)
        return expression_affinity(bound.expressions[number]) if bound is not None else "D"

    def _is_key_not_null(self, index: Index, number: int) -> bool:
        key = index.columns[number]
        table = self.source.table
        return table is not None and key.column >= 0 and table.columns[key.column].not_null is not None

    def _extend_seek(self, prefix: SeekPrefix, table: Table, index: Index) -> None:
        """Add every candidate that goes one key column further than `prefix`, and theirs in turn."""
        number = len(prefix.equals)
        if number >= len(index.columns):
            return
        collation = index.columns[number].collation
        affinity = self._key_affinity(index, number)
        lows: list[TermForm] = []
        highs: list[TermForm] = []
        for form in self.forms:
            if not self._is_key(index, number, form.operand):
                continue
            if form.operator == "ISNULL":
                if not self._is_key_not_null(index, number):
                    self._add_equality(prefix, form, table, index)
                continue
            if form.collation != collation or not _affinity_fits(form, affinity):
                continue
            if form.operator in EQUALITIES:
                self._add_equality(prefix, form, table, index)
            elif form.operator in (">", ">="):
                lows.append(form)
            else:
                highs.append(form)
        for low in [None, *lows]:
            for high in [None, *highs]:
                if low is not None or high is not None:
                    self._add_range(prefix, low, high, table, index)

    def _add_equality(self, prefix: SeekPrefix, form: TermForm, table: Table, index: Index) -> None:
        if form.term in prefix.terms:
            return
        longer = prefix.with_equality(form, index)
        is_full_unique = index.is_unique and len(longer.equals) == len(index.columns)
        is_once = is_full_unique and not longer.members and not longer.null_matches
        self._add_seek(longer, None, None, longer.rows, is_once, table, index)
        self._extend_seek(longer, table, index)

    def _add_range(
        self, prefix: SeekPrefix, low: TermForm | None, high: TermForm | None, table: Table, index: Index
    ) -> None:
        rows = range_rows(prefix.rows, low is not None, high is not None)
        self._add_seek(prefix, low, high, rows, False, table, index)

    def _add_seek(
        self,
        prefix: SeekPrefix,
        low: TermForm | None,
        high: TermForm | None,
        rows: int,
        is_once: bool,
        table: Table,
        index: Index,
    ) -> None:
        covers = self._covers(table, index)
        visit = rows + 1 + (15 * index_width(table, index)) // max(1, table_width(table))
        run = log_add(search_cost(prefix_rows(index, 0)), visit)
        if not covers:
            run = log_add(run, rows + ROW_VISIT_COST)
        needs = prefix.needs
        terms = prefix.terms
        for form in (low, high):
            if form is not None:
                needs |= form.value_reads
                terms = (*terms, form.term)
        access = PlanIndexSeek(index, prefix.equals, _bound(low), _bound(high), covers, frozenset(prefix.null_equal))
        keys = self._key_columns(index, len(prefix.equals), prefix.member_columns)
        self._add(access, needs, 0, run + prefix.members, rows + prefix.members, terms, keys, is_once)

    def _key_columns(self, index: Index, equal_count: int, member_columns: frozenset[int]) -> tuple[KeyColumn, ...]:
        """The order of the entries; the suffix at the end where the columns before do not tell entries apart."""
        bound = self.source.bound_indexes.get(index.name)
        keys = []
        for number, key in enumerate(index.columns):
            expression = bound.expressions[number] if bound is not None and key.column == EXPRESSION else None
            is_member = number in member_columns
            is_fixed = number < equal_count and not is_member
            keys.append(KeyColumn(key.column, expression, key.collation, key.is_descending, is_fixed, is_member))
        if not (index.is_unique and all(self._is_key_not_null(index, n) for n in range(len(index.columns)))):
            for key in index.suffix:
                keys.append(KeyColumn(key.column, None, key.collation, key.is_descending, False))
        return tuple(keys)


class SeekPrefix:
    """Equalities on the leading columns of an index, while candidates are being built."""

    __slots__ = ("equals", "terms", "needs", "rows", "members", "member_columns", "null_equal", "null_matches")

    def __init__(self, index: Index) -> None:
        self.equals: tuple[BoundExpression | PlanMembers | PlanNull, ...] = ()
        self.terms: tuple[PlanTerm, ...] = ()
        self.needs = 0
        self.rows = prefix_rows(index, 0)
        self.members = 0
        self.member_columns: frozenset[int] = frozenset()
        self.null_equal: tuple[int, ...] = ()
        self.null_matches = False

    def with_equality(self, form: TermForm, index: Index) -> SeekPrefix:
        """The prefix that is one equality longer."""
        number = len(self.equals)
        longer = SeekPrefix(index)
        longer.equals = (*self.equals, PlanNull() if form.operator == "ISNULL" else key_value(form))
        longer.terms = (*self.terms, form.term)
        longer.needs = self.needs | form.value_reads
        longer.rows = self.rows + prefix_rows(index, number + 1) - prefix_rows(index, number)
        longer.members = self.members + member_rows(form)
        longer.member_columns = self.member_columns
        longer.null_equal = self.null_equal
        longer.null_matches = self.null_matches
        if form.operator == "IN":
            longer.member_columns |= {number}
        elif form.operator == "IS":
            longer.null_equal = (*self.null_equal, number)
            longer.null_matches = True
        elif form.operator == "ISNULL":
            longer.rows += NULL_PENALTY
            longer.null_matches = True
        return longer


def covers(candidate: PlanCandidate) -> bool:
    """Whether a seek reads nothing but the index."""
    return isinstance(candidate.access, PlanIndexSeek) and candidate.access.is_covering


def key_value(form: TermForm) -> BoundExpression | PlanMembers:
    """What an equality or IN wants of a key."""
    if form.operator == "IN":
        assert isinstance(form.value, BoundIn)
        return PlanMembers(form.value)
    return form.value


def member_rows(form: TermForm) -> int:
    """The estimate of the members of an IN, 0 for other forms."""
    if form.operator != "IN":
        return 0
    assert isinstance(form.value, BoundIn)
    if form.value.items is None:
        return SUBQUERY_LIST_ROWS
    return log_estimate(len(form.value.items))


def range_rows(rows: int, has_low: bool, has_high: bool) -> int:
    """The estimate of the rows within a range."""
    saving = RANGE_BOUND_SAVING * (has_low + has_high)
    if has_low and has_high:
        saving += RANGE_BOTH_SAVING
    return min(max(rows - saving, SMALLEST_RANGE_ROWS), rows - has_low - has_high)


def _bound(form: TermForm | None) -> PlanBound | None:
    if form is None:
        return None
    return PlanBound(form.value, form.operator in (">=", "<="))


def _affinity_fits(form: TermForm, key_affinity: str) -> bool:
    """Whether comparing in the index gives the same as the comparison: its affinity must not change the keys."""
    if form.affinity in ("A", "@", ""):
        return True
    if form.affinity == "B":
        return key_affinity == "B"
    return key_affinity in NUMERIC_AFFINITIES


def _is_small_integer(expression: BoundExpression) -> bool:
    return isinstance(expression, BoundLiteral) and expression.is_small
