"""Look-ups of single rows by a hash table: where a loop is expected to look up more rows than the table has, its rows
are read once, those that fail conditions on the table alone are left out, and the others are found by their key.

1. Only what finds one row at most: a rowid, or all columns of a unique index. So rows come as SQLite's look-ups bring
   them, in the order of the loops around.
2. Only tables of which ANALYZE has told the rows, and statements that change nothing; schemas without statistics plan
   as SQLite plans them. Where a LIMIT may end the loops early nothing is read ahead.
3. Look-ups in the order of the keys, one beside the other, are left as they are: they hardly cost more than a scan.
   Of conditions whose rows nobody knows more are taken to fail than the search for the order of loops says, for a
   table that was read in vain costs more than look-ups.
4. Conditions are tested for all rows of the table, so they may not fail (bind/harmless_calls.py); others stay behind.

Must not know: opcodes. It takes the place of a Bloom filter: plan/bloom.py.
"""

from __future__ import annotations

from keelback_core.compiler.bind.exists_join import EXISTS_JOIN
from keelback_core.compiler.bind.harmless_calls import is_harmless
from keelback_core.compiler.bind.nodes import BoundBinary, BoundColumn, BoundExpression, BoundFunction
from keelback_core.compiler.bind.types import bare
from keelback_core.compiler.catalog.model import EXPRESSION, ROWID
from keelback_core.compiler.plan.automatic import is_local
from keelback_core.compiler.plan.estimate import ROW_VISIT_COST
from keelback_core.compiler.plan.likeliness import UNKNOWN
from keelback_core.compiler.plan.nodes import PlanAutomaticIndex, PlanIndexSeek, PlanRowidEqual
from keelback_core.compiler.plan.table_sizes import table_rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundSource
    from keelback_core.compiler.catalog.model import Table
    from keelback_core.compiler.plan.candidate import PlanCandidate
    from keelback_core.compiler.plan.term import PlanTerm
    from keelback_core.compiler.plan.term_table import TermTable

FEWEST_LOOKUPS: Final = 99
# As estimates: reading a row ahead costs a third of looking one up.
READING_AHEAD: Final = -16
MOST_ROWS: Final = 2_000_000
FILLING_COST: Final = 10
MATCH_SAVING: Final = 30
BOUND_SAVING: Final = 10
BOUNDS: Final = ("<", "<=", ">", ">=")
JUMPING_COST: Final = 10
FEW_ROWS: Final = 66
REPEATED_READING_COST: Final = 33
# An equality leaves a tenth of the rows rather than a quarter, an OR or a LIKE a fifth rather than nearly all.
DOUBT_OF_EQUALITY: Final = 13
DOUBT_OF_CHOICE: Final = 22


def set_hash_costs(candidates: list[PlanCandidate], sources: tuple[BoundSource, ...], terms: TermTable) -> None:
    """Let the search for the order of loops know which look-ups could be made by a hash table, and what that costs.

    A LIKE is taken to leave a tenth of the rows, where the search takes a half, as SQLite does, and a bound a half; and
    all rows in the order of an index are dearer than there, for only rows that are read in their own order go by pages.
    With rows taken to be so few, what reads a whole table for each of them must be much the cheapest.
    """
    matching = [term.reads for term in terms.terms if not term.owner and _is_match(term.expression)]
    bounds = [term.reads for term in terms.terms if not term.owner and _is_bound(term)]
    for candidate in candidates:
        bit = 1 << candidate.position
        candidate.rows -= MATCH_SAVING * matching.count(bit) + BOUND_SAVING * bounds.count(bit)
        if not candidate.terms and not candidate.is_automatic:
            if isinstance(candidate.access, PlanIndexSeek) and not candidate.is_covering:
                candidate.run += JUMPING_COST
            if candidate.rows > FEW_ROWS:
                candidate.inner_penalty = REPEATED_READING_COST
        source = sources[candidate.position]
        table = source.table
        if table is None or table.row_count is None or table.row_count > MOST_ROWS or table.kind != "table":
            continue
        if source.join_type != EXISTS_JOIN and _hash_access(candidate, source, table) is not None:
            candidate.hash_setup = table_rows(table) + ROW_VISIT_COST + FILLING_COST


def hash_lookups(
    path: tuple[PlanCandidate, ...], sources: tuple[BoundSource, ...], terms: TermTable, lookups: int
) -> list[PlanTerm]:
    """Give the loops of a path that pay for it a hash table. lookups: the estimate of how often all of it runs. The
    terms that need not be tested any more."""
    gone: list[PlanTerm] = []
    ascending = KeysInOrder()
    for number, candidate in enumerate(path):
        source = sources[candidate.position]
        table = source.table
        is_next = ascending.follow(candidate, source, number)
        if number and table is not None and _is_worth_it(table, lookups) and source.join_type != EXISTS_JOIN:
            access = None if is_next else _hash_access(candidate, source, table)
            if access is not None:
                bit = 1 << candidate.position
                local = [
                    term
                    for term in terms.terms
                    if term.reads == bit
                    and not term.owner
                    and term not in candidate.terms
                    and is_local(term.expression, source)
                    and is_harmless(term.expression)
                ]
                access.filters = tuple([term.expression for term in local])
                access.is_partial = bool(local)
                access.is_complete = True
                candidate.access = access
                gone += local
        lookups += candidate.rows - _doubt(candidate, terms)
    return gone


class KeysInOrder:
    """The columns whose values ascend, or descend, from row to row of the loops so far."""

    __slots__ = ("columns",)

    def __init__(self) -> None:
        self.columns: list[tuple[BoundSource, int]] = []

    def follow(self, candidate: PlanCandidate, source: BoundSource, number: int) -> bool:
        """Go on with the next loop; whether it looks its rows up in their own order."""
        if number == 0:
            keys = candidate.keys
            if keys and keys[0].kind == "" and keys[0].column != EXPRESSION:
                self.columns.append((source, keys[0].column))
            return False
        access = candidate.access
        value: object = None
        column = ROWID
        if isinstance(access, PlanRowidEqual):
            value = access.value
        elif isinstance(access, PlanIndexSeek) and access.equals:
            value = access.equals[0]
            column = candidate.keys[0].column if candidate.keys else EXPRESSION
        if not isinstance(value, BoundColumn) or (value.source, value.column) not in self.columns:
            return False
        self.columns.append((source, column))
        return True


def _doubt(candidate: PlanCandidate, terms: TermTable) -> int:
    """By how much the rows of a loop may be fewer than estimated, for conditions that nothing is known of."""
    found = 0
    bit = 1 << candidate.position
    for term in terms.terms:
        if term.reads != bit or term.owner or term in candidate.terms or term.probability != UNKNOWN:
            continue
        expression = bare(term.expression)
        if term.is_equation:
            found += DOUBT_OF_EQUALITY
        elif _is_match(expression) or (isinstance(expression, BoundBinary) and expression.operator == "OR"):
            found += DOUBT_OF_CHOICE
    return found


def _is_match(expression: BoundExpression) -> bool:
    """Whether it is x LIKE y, or x GLOB y."""
    return isinstance(expression, BoundFunction) and expression.signature.name.lower() in ("like", "glob")


def _is_bound(term: PlanTerm) -> bool:
    """Whether it is a bound for a column."""
    return any(form.operator in BOUNDS and isinstance(form.operand, BoundColumn) for form in term.forms)


def _is_worth_it(table: Table, lookups: int) -> bool:
    if table.kind != "table" or table.row_count is None or table.row_count > MOST_ROWS:
        return False
    return lookups >= FEWEST_LOOKUPS and lookups >= table_rows(table) + READING_AHEAD


def _hash_access(candidate: PlanCandidate, source: BoundSource, table: Table) -> PlanAutomaticIndex | None:
    """The same look-up by a hash table, if it finds one row at most by equalities."""
    access = candidate.access
    if source.generated:
        return None
    if isinstance(access, PlanRowidEqual):
        value = access.value
        if not isinstance(value, BoundExpression):
            return None
        made = PlanAutomaticIndex((ROWID,), (value,), ("BINARY",))
    elif isinstance(access, PlanIndexSeek):
        if (
            not access.index.is_unique
            or access.index.where is not None
            or access.low is not None
            or access.high is not None
        ):
            return None
        keys = access.index.columns
        values = [value for value in access.equals if isinstance(value, BoundExpression)]
        if len(values) != len(keys) or access.null_equal or any(key.column == EXPRESSION for key in keys):
            return None
        columns = [ROWID if key.column == table.rowid_column else key.column for key in keys]
        made = PlanAutomaticIndex(tuple(columns), tuple(values), tuple([key.collation for key in keys]))
    else:
        return None
    made.keeps_order = True
    return made
