"""AccessFinder: all candidates for one source, from the scans to the seeks.

1. A term may be used for a source only if that cannot change which rows of an outer join are kept: terms of the
   join's own ON for the right side of an outer join, terms without an owner for all others.
2. A candidate's terms are used up by its access; everything else stays a filter.
3. The tree of the rowid is treated as an index whose one key column is the rowid.

Source: https://sqlite.org/queryplanner.html and https://sqlite.org/optoverview.html sections 2 to 4, 9.
Must not know: the order of loops.
"""

from __future__ import annotations

from keelback_core.compiler.bind.exists_join import EXISTS_JOIN
from keelback_core.compiler.bind.nodes import BoundColumn
from keelback_core.compiler.bind.types import bare, compound_collation, expression_affinity, expression_collation
from keelback_core.compiler.bind.walk import column_references, equal_expressions
from keelback_core.compiler.catalog.model import EXPRESSION, ROWID, IndexColumn
from keelback_core.compiler.plan.candidate import KeyColumn, PlanCandidate
from keelback_core.compiler.plan.candidate_list import CandidateList
from keelback_core.compiler.plan.estimate import (
    AUTOMATIC_INDEX_ROWS,
    AUTOMATIC_INDEX_SETUP,
    AUTOMATIC_INDEX_SUBQUERY_SAVING,
    EQUAL_FILTER_SAVING,
    EQUAL_LOOKUP_SAVING,
    EQUAL_SMALL_INTEGER_SAVING,
    ROW_VISIT_COST,
    SAMPLED_SCAN_SAVING,
    log_add,
    search_cost,
)
from keelback_core.compiler.plan.expression_cover import read_keys
from keelback_core.compiler.plan.implication import fixed_columns, implies
from keelback_core.compiler.plan.likeliness import UNKNOWN
from keelback_core.compiler.plan.nodes import PlanAutomaticIndex, PlanIndexSeek, PlanScan
from keelback_core.compiler.plan.seek import SeekSearch
from keelback_core.compiler.plan.table_sizes import index_width, is_covered, prefix_rows, table_rows, table_width
from keelback_core.compiler.plan.term import EQUALITIES, FORM_EQUAL, affinity_fits, equates_small_integer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSource
    from keelback_core.compiler.catalog.model import Index, Table
    from keelback_core.compiler.plan.nodes import PlanAccess
    from keelback_core.compiler.plan.term import PlanTerm, TermForm
    from keelback_core.compiler.plan.term_table import TermTable
    from keelback_core.compiler.plan.wish import PlanWish

MOST_ROWS_OF_A_VALUE: Final = 20
COMPARISONS: Final = frozenset(("=", "<", "<=", ">", ">=", "IN"))
ROWID_KEY: Final = (KeyColumn(ROWID, None, "BINARY", False, "", True),)


class AccessFinder:
    """Collects the candidates of one source.

    table: all terms. prerequisite: mask of the sources that must stand outside whatever the access. wanted: the
    expressions of the wanted order, which an index may save sorting by. is_owner: only terms that belong to this
    source's ON may be used (the right side of an outer join). is_branch: for one branch of an OR: nothing but searches.
    is_write: the rows are about to be changed, so nothing is copied.
    """

    def __init__(
        self,
        source: BoundSource,
        position: int,
        terms: TermTable,
        prerequisite: int,
        wanted: tuple[BoundExpression, ...],
        is_owner: bool,
        is_write: bool = False,
        is_branch: bool = False,
    ) -> None:
        self.source = source
        self.position = position
        self.bit = 1 << position
        self.terms = terms
        self.prerequisite = prerequisite
        self.wanted = wanted
        self.owner = self.bit if is_owner else 0
        self.is_write = is_write
        self.is_branch = is_branch
        self.found = CandidateList()
        self.table_rows = table_rows(source.table)
        select = source.select
        if select is not None and source.recursion is None and select.row_estimate >= 0:
            if not select.has_reader:
                select.has_reader = True
                source.reads_first = True
            # Of rows that are kept already SQLite knows no number.
            if source.reads_first or select.uses < 2 or not select.is_shared:
                self.table_rows = select.row_estimate
        self.table_width = 0
        # An automatic index is made when its loop is first reached.
        self.allows_automatic = True
        # Where it is all that is wanted of the rows, an index of expressions may cover it.
        self.wish: PlanWish | None = None

    def find(self) -> list[PlanCandidate]:
        """The candidates, in the order in which they were found."""
        source = self.source
        table = source.table
        self._add_automatic_indexes()
        if table is None or table.kind != "table":
            self._add_scan(ROWID_KEY if source.recursion is None else (), subquery_order(source))
            return self.found.found
        self.table_width = table_width(table)
        if source.indexed_by is None and not table.is_without_rowid:
            is_self_culling = self._add_scan(ROWID_KEY)
            if self.terms.of_column(source, ROWID) is not None:
                SeekSearch(self, table, None, 0).find(is_self_culling)
        for number, index in enumerate(table.indexes):
            if self._is_usable(index):
                group = number + 1 if self.wanted and self._may_help_order(index) else 0
                is_self_culling = self._add_index_scan(table, index, group)
                if self._may_search(index):
                    SeekSearch(self, table, index, group).find(is_self_culling)
        return self.found.found

    def _may_search(self, index: Index) -> bool:
        """Whether something may be said of the first column of the index, or its values be gone through."""
        column = index.columns[0].column
        if index.statistics or column == EXPRESSION:
            return True
        return self.terms.of_column(self.source, self.bound_column(column)) is not None

    def find_scan(self) -> list[PlanCandidate]:
        """The scan of all rows, and nothing else."""
        self._add_scan(())
        return self.found.found

    # What terms say.

    def forms_of(self, column: int, expression: BoundExpression | None) -> list[TermForm]:
        """The forms that may be used for a column, or for an indexed expression."""
        if column == EXPRESSION:
            if expression is None:
                return []
            found = [form for form in self.terms.expression_forms if equal_expressions(bare(expression), form.operand)]
        else:
            found = self.terms.said_of(self.source, column)
        if not found:
            return found
        return [form for form in found if form.term.owner == self.owner and not form.value_reads & self.bit]

    def add(self, candidate: PlanCandidate, whole_rows: int) -> None:
        """Put in a candidate after counting the terms that it leaves to be tested. whole_rows: without any term."""
        candidate.needs = (candidate.needs | self.prerequisite) & ~self.bit
        known = candidate.needs | self.bit
        used = candidate.terms
        strongest = 0
        for term in self.terms.terms:
            if not term.reads & self.bit or term.reads & ~known or _is_used(term, used):
                continue
            if term.reads == self.bit and (not self.owner or _is_comparison(term)):
                candidate.is_self_culling = True
            if term.probability != UNKNOWN:
                candidate.rows += term.probability
                continue
            candidate.rows -= 1
            if not term.is_often_true and (term.is_equation or self._equates_indexed_expression(term)):
                saving = EQUAL_SMALL_INTEGER_SAVING if equates_small_integer(term) else EQUAL_FILTER_SAVING
                if saving > strongest:
                    strongest = saving
                    term.was_selective = True
        candidate.rows = 0 if self.source.join_type == EXISTS_JOIN else min(candidate.rows, whole_rows - strongest)
        self.found.add(candidate)

    def _equates_indexed_expression(self, term: PlanTerm) -> bool:
        if not self.source.bound_indexes:
            return False
        for form in term.forms:
            if form.bit & EQUALITIES:
                for bound in self.source.bound_indexes.values():
                    if any(equal_expressions(form.operand, one) for one in bound.expressions):
                        return True
        return False

    # Scans.

    def _candidate(self, access: PlanAccess, setup: int, run: int, rows: int) -> PlanCandidate:
        return PlanCandidate(self.position, access, 0, setup, run, rows)

    def _add_scan(self, keys: tuple[KeyColumn, ...], order: tuple[KeyColumn, ...] = ()) -> bool:
        """Add the scan; whether it is self-culling, which SQLite then takes the searches of the same tree to be too."""
        if self.is_branch:
            return False
        run = self.table_rows + ROW_VISIT_COST
        if self.source.table is not None:
            for index in self.source.table.indexes:
                if index.samples is not None:
                    run -= SAMPLED_SCAN_SAVING
                    break
        candidate = self._candidate(PlanScan(None), 0, run, self.table_rows)
        candidate.keys = keys
        if order:
            candidate.keys = order
            candidate.key_count = len(order)
            candidate.is_forward_only = True
        for operand in self.wanted:
            if isinstance(operand, BoundColumn) and operand.source is self.source and operand.column == ROWID:
                candidate.sort_group = -1
        self.add(candidate, self.table_rows)
        return candidate.is_self_culling

    def _add_index_scan(self, table: Table, index: Index, group: int) -> bool:
        """The whole index in its order: worth it when it covers the query or may save a sort."""
        if self.is_branch:
            return False
        covers = self.covers(table, index)
        read = () if covers else self.read_keys(table, index)
        is_told = not covers and not read and self.nearly_covers(table, index)
        covers = covers or bool(read) or is_told
        width = index_width(table, index)
        is_narrow = covers and not index.is_unordered and width < self.table_width and not self.is_write
        is_forced = table.is_without_rowid or index.where is not None or self.source.indexed_by is not None
        if not (group or is_narrow or is_forced):
            return False
        rows = prefix_rows(table, index, 0)
        run = rows + 1 + (15 * width) // max(1, self.table_width)
        if not covers:
            run = log_add(run, self._lookup_cost(table, index, rows))
        is_table = index is table.key_index
        access: PlanAccess
        if is_table:
            access = PlanScan(None)
        elif is_told:
            access = PlanIndexSeek(index, (), None, None, False)
            access.is_told_covering = True
        elif covers:
            access = PlanScan(index)
            access.read_keys = read
        else:
            access = PlanIndexSeek(index, (), None, None, False)
        candidate = self._candidate(access, 0, run, rows)
        candidate.index_width = width
        candidate.is_covering = covers
        candidate.sort_group = group
        self.set_order(candidate, table, index, ())
        self.add(candidate, rows)
        return candidate.is_self_culling

    def _lookup_cost(self, table: Table, index: Index, rows: int) -> int:
        """The cost of going to the table from a scan of the index, for rows that the index alone does not rule out."""
        cost = rows + ROW_VISIT_COST
        for term in self.terms.terms + self.terms.virtual:
            if not self._is_in_index(table, index, term):
                break
            if term.probability != UNKNOWN:
                cost += term.probability
            else:
                cost -= 1
                if term.is_equation:
                    cost -= EQUAL_LOOKUP_SAVING
        return cost

    def _is_in_index(self, table: Table, index: Index, term: PlanTerm) -> bool:
        """Whether the term can be tested with the index alone."""
        available = set(index.held_columns)
        if ROWID in available and table.rowid_column >= 0:
            available.add(table.rowid_column)
        return all(c.source is not self.source or c.column in available for c in column_references(term.expression))

    # Automatic indexes.

    def _add_automatic_indexes(self) -> None:
        """A temporary index for each equality with something outside."""
        source = self.source
        if (
            self.is_branch
            or self.is_write
            or not self.allows_automatic
            or source.indexed_by is not None
            or source.is_not_indexed
        ):
            return
        if source.join_type in ("RIGHT", "FULL") or source.recursion is not None:
            return
        if source.select is not None and source.select.outer_references:
            return
        for form in self.terms.forms:
            if form.bit == FORM_EQUAL and form.term.owner == self.owner:
                self._add_automatic_index(form)

    def _add_automatic_index(self, form: TermForm) -> None:
        operand = form.operand
        if not isinstance(operand, BoundColumn) or operand.source is not self.source:
            return
        if operand.column < 0 or form.value_reads & self.bit:
            return
        if not affinity_fits(form, expression_affinity(operand)) or not is_worth_an_index(self.source, operand.column):
            return
        search = search_cost(self.table_rows)
        setup = search + self.table_rows
        if self.source.table is not None:
            setup += AUTOMATIC_INDEX_SETUP
        else:
            setup = max(0, setup - AUTOMATIC_INDEX_SUBQUERY_SAVING)
        access = PlanAutomaticIndex((operand.column,), (form.value,), (form.collation,))
        candidate = self._candidate(access, setup, log_add(search, AUTOMATIC_INDEX_ROWS), AUTOMATIC_INDEX_ROWS)
        candidate.needs = (form.value_reads | self.prerequisite) & ~self.bit
        candidate.terms = (form.term,)
        candidate.is_automatic = True
        self.found.add(candidate)

    # Indexes.

    def _is_usable(self, index: Index) -> bool:
        source = self.source
        if index is not source.indexed_by and source.indexed_by is not None:
            return False
        table = source.table
        # As in SQLite NOT INDEXED means nothing for a table WITHOUT ROWID.
        if source.is_not_indexed and (table is None or table.key_index is None):
            return False
        needs_binding = index.where is not None or any(key.column == EXPRESSION for key in index.columns)
        if not needs_binding:
            return True
        bound = source.bound_indexes.get(index.name)
        if bound is None:
            return False
        if bound.where is None:
            return True
        # What terms are made into counts too: the bounds of BETWEEN and LIKE, what both branches of an OR say.
        said = [term.expression for term in self.terms.terms if term.owner == self.owner]
        said += [term.expression for term in self.terms.virtual if term.owner == self.owner and term.row is None]
        return implies(said, bound.where)

    def covers(self, table: Table, index: Index) -> bool:
        """Whether all columns read of the table are in the index."""
        return is_covered(self.source, table, index)

    def nearly_covers(self, table: Table, index: Index) -> bool:
        """Whether all columns read of the table are in the partial index, or fixed by its condition."""
        if index.where is None or table.is_without_rowid:
            return False
        available = {key.column for key in index.entry_columns}
        available.add(table.rowid_column)
        missing = self.source.used_columns - available - {ROWID}
        return bool(missing) and missing <= fixed_columns(self.source, index)

    def read_keys(self, table: Table, index: Index) -> tuple[int, ...]:
        """The expressions of the index that are to be read from it, where it covers the query only with them."""
        wish = self.wish
        if wish is None or wish.core is None or not self.source.bound_indexes:
            return ()
        bound = self.source.bound_indexes.get(index.name)
        if bound is None or table.is_without_rowid:
            return ()
        available = set(index.held_columns)
        if ROWID in available:
            available.add(table.rowid_column)
        return read_keys(self.source, index, bound, available, wish)

    def _may_help_order(self, index: Index) -> bool:
        """Whether some wanted term is a column of the index."""
        if index.is_unordered:
            return False
        for wanted in self.wanted:
            if isinstance(wanted, BoundColumn) and wanted.source is self.source and wanted.column == ROWID:
                return True
            for number in range(len(index.columns)):
                if self.is_key(index, number, wanted):
                    return True
        return False

    def is_key(self, index: Index, number: int, operand: BoundExpression) -> bool:
        """Whether the operand is key column `number` of the index."""
        key = index.columns[number]
        if key.column == EXPRESSION:
            expression = self.key_expression(index, number)
            return expression is not None and equal_expressions(expression, operand)
        if not isinstance(operand, BoundColumn) or operand.source is not self.source:
            return False
        return operand.column == self.bound_column(key.column)

    def bound_column(self, column: int) -> int:
        """The number under which expressions name a column of an index."""
        table = self.source.table
        return ROWID if table is not None and column == table.rowid_column and column >= 0 else column

    def key_expression(self, index: Index, number: int) -> BoundExpression | None:
        """The expression that is key column `number`, if it is none of the columns."""
        bound = self.source.bound_indexes.get(index.name)
        return None if bound is None else bare(bound.expressions[number])

    def is_not_null(self, column: int) -> bool:
        """Whether no NULL is stored in the column."""
        table = self.source.table
        if column == ROWID:
            return True
        return table is not None and column >= 0 and table.columns[column].not_null is not None

    def set_order(
        self, candidate: PlanCandidate, table: Table, index: Index, kinds: tuple[tuple[str, PlanTerm | None], ...]
    ) -> None:
        """Tell in which order the entries of the index come. kinds: how its first columns are fixed, and by which
        term."""
        if index.is_unordered:
            return
        keys = []
        for number, key in enumerate(_columns_in_order(table, index)):
            is_own = number < len(index.columns)
            expression = self.key_expression(index, number) if is_own and key.column == EXPRESSION else None
            column = self.bound_column(key.column)
            kind, term = kinds[number] if number < len(kinds) else ("", None)
            is_not_null = self.is_not_null(key.column) or (is_own and index is table.key_index)
            keys.append(KeyColumn(column, expression, key.collation, key.is_descending, kind, is_not_null, term))
        candidate.keys = tuple(keys)
        candidate.key_count = len(index.columns)
        candidate.is_unique = index.is_unique


def _is_used(wanted: PlanTerm, used: tuple[PlanTerm, ...]) -> bool:
    """Whether the term, or one that was made of it, is among those that are used."""
    for term in used:
        if term is wanted or term.parent is wanted:
            return True
    return False


def _columns_in_order(table: Table, index: Index) -> tuple[IndexColumn, ...]:
    """The columns of an entry. Behind the key of the tree of a table WITHOUT ROWID SQLite looks at the first of the
    others: where it may be NULL, rows are not taken to be told apart by the key."""
    if index is not table.key_index:
        return index.entry_columns
    known = [key.column for key in index.columns]
    for number, column in enumerate(table.columns):
        if number not in known and column.generated != "VIRTUAL":
            return (*index.columns, IndexColumn(number, None, column.collation, False))
    return index.columns


def subquery_order(source: BoundSource) -> tuple[KeyColumn, ...]:
    """The columns in whose order the rows of a subquery come, from the first one on."""
    select = source.select
    found: list[KeyColumn] = []
    if select is None or select.recursion is not None:
        return ()
    if not select.order_by and select.operators and select.operators[-1] != "UNION ALL":
        # A set comes in the order of its columns.
        for number in range(len(select.columns)):
            found.append(KeyColumn(number, None, compound_collation(select, number), False, "", False))
        return tuple(found)
    for term in select.order_by:
        if term.result_column < 0 or term.nulls_first == term.is_descending:
            break
        collation = expression_collation(term.expression)[0] or "BINARY"
        found.append(KeyColumn(term.result_column, None, collation, term.is_descending, "", False))
    return tuple(found)


def _is_comparison(term: PlanTerm) -> bool:
    """Whether the term cannot be true of a NULL, as far as its operator tells."""
    return any(form.operator in COMPARISONS for form in term.forms)


def is_worth_an_index(source: BoundSource, column: int) -> bool:
    """Whether an automatic index on the column may be better than the indexes that there are: none begins with it, and
    none with statistics says that its values are many rows' each."""
    table = source.table
    if table is None:
        return True
    for index in table.indexes:
        for number, key in enumerate(index.columns):
            if key.column == column:
                if number == 0:
                    return False
                if index.statistics and prefix_rows(table, index, number + 1) > MOST_ROWS_OF_A_VALUE:
                    return False
                break
    return True
