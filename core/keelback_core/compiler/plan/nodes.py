"""The plan of one FROM ... WHERE: nested loops, outermost first, each with its way of access and its filters.

1. Every conjunct of WHERE and ON is in exactly one place: a loop's access (then `consumed`), a loop's `filters` or
   `join_filters`, or `constant_filters`.
2. A conjunct runs in the first loop where all that it reads is known.
3. Loops of a LEFT JOIN never move before the sources to their left.

Must not know: cursors, registers, opcodes.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundLiteral

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundExpression, BoundIn, BoundSource
    from keelback_core.compiler.catalog.model import Index


DISTINCT_NEEDED: Final = 0
DISTINCT_ORDERED: Final = 1
DISTINCT_REDUNDANT: Final = 2


class PlanBound:
    """One end of a range: value, whether the value itself belongs to it. more: of a row value, what the columns of the
    index behind are compared with, where the first ones are equal."""

    __slots__ = ("value", "is_inclusive", "more")

    def __init__(self, value: BoundExpression, is_inclusive: bool, more: tuple[BoundExpression, ...] = ()) -> None:
        self.value = value
        self.is_inclusive = is_inclusive
        self.more = more


# The lower end of a range from which only NULLs are left out.
NOT_NULL_BOUND: Final = PlanBound(BoundLiteral(None), False)


class PlanMembers:
    """A key that takes the value of each member of an IN in turn; field: of a row value the item, else -1. Keys with
    fields of one IN take the values of one member together."""

    __slots__ = ("membership", "field")

    def __init__(self, membership: BoundIn, field: int = -1) -> None:
        self.membership = membership
        self.field = field


class PlanStored:
    """A value that stands in a register already."""

    __slots__ = ("register",)

    def __init__(self, register: int) -> None:
        self.register = register


class PlanNull:
    """A key that is NULL: from IS NULL."""

    __slots__ = ()


class PlanSkip:
    """A key of a skip-scan: every value that the index has there, in turn."""

    __slots__ = ()


class PlanAccess:
    """Base of the ways to reach the rows of a source. is_reverse: walk backward."""

    __slots__ = ("is_reverse",)

    def __init__(self, is_reverse: bool = False) -> None:
        self.is_reverse = is_reverse


class PlanScan(PlanAccess):
    """All rows: of the table, or of a covering `index` in its order. read_keys: its columns that are expressions and
    cover the query because these are read from it."""

    __slots__ = ("index", "read_keys")

    def __init__(self, index: Index | None = None, is_reverse: bool = False) -> None:
        super().__init__(is_reverse)
        self.index = index
        self.read_keys: tuple[int, ...] = ()


class PlanVirtual(PlanAccess):
    """The rows that a virtual table gives for what it chose when it was asked: number, text, and the values of the
    constraints it took. shows_hexadecimal: EXPLAIN QUERY PLAN shows the number so. tested: the places of the values
    that are members of an IN and that each row is still to be compared with. lists: bit i for a value i that is all
    members of an IN at once. offset_register: the count of OFFSET, if the table skips these rows itself, else 0."""

    __slots__ = ("number", "text", "values", "shows_hexadecimal", "tested", "lists", "offset_register")

    def __init__(
        self,
        number: int,
        text: str | None,
        values: tuple[BoundExpression | PlanMembers | PlanStored, ...],
        shows_hexadecimal: bool = False,
        tested: tuple[int, ...] = (),
    ) -> None:
        super().__init__(False)
        self.number = number
        self.text = text
        self.values = values
        self.shows_hexadecimal = shows_hexadecimal
        self.tested = tested
        self.lists = 0
        self.offset_register = 0


class PlanRowidEqual(PlanAccess):
    """The one row of this rowid, or each rowid of a list or subquery."""

    __slots__ = ("value",)

    def __init__(self, value: BoundExpression | PlanMembers, is_reverse: bool = False) -> None:
        super().__init__(is_reverse)
        self.value = value


class PlanRowidRange(PlanAccess):
    """Rowids from `low` to `high` (None: open)."""

    __slots__ = ("low", "high")

    def __init__(self, low: PlanBound | None, high: PlanBound | None, is_reverse: bool = False) -> None:
        super().__init__(is_reverse)
        self.low = low
        self.high = high


class PlanIndexSeek(PlanAccess):
    """Entries of `index` whose first columns equal `equals`, and whose next lies between `low` and `high`.

    equals: per leading index column the key wanted. low and high are in terms of values, whatever the direction of
    the index column. is_covering: the table need not be read. null_equal: positions of `equals` that come from IS,
    where NULL matches. read_keys: as of a scan. is_told_covering: plans call it covering, for all else that is read of
    the table is fixed by the condition of a partial index; the row is fetched where somebody asks for it after all.
    """

    __slots__ = ("index", "equals", "low", "high", "is_covering", "null_equal", "read_keys", "is_told_covering")

    def __init__(
        self,
        index: Index,
        equals: tuple[BoundExpression | PlanMembers | PlanNull | PlanSkip, ...],
        low: PlanBound | None,
        high: PlanBound | None,
        is_covering: bool,
        null_equal: frozenset[int] = frozenset(),
        is_reverse: bool = False,
    ) -> None:
        super().__init__(is_reverse)
        self.index = index
        self.equals = equals
        self.low = low
        self.high = high
        self.is_covering = is_covering
        self.null_equal = null_equal
        self.read_keys: tuple[int, ...] = ()
        self.is_told_covering = False


class PlanAutomaticIndex(PlanAccess):
    """A temporary index over the source, built at the first use: key columns `columns` equal `values`; `collations`
    by position. `filters`: conjuncts on this source alone that limit what is put into it. is_partial: EXPLAIN QUERY
    PLAN says that there are such, or constant ones. keeps_order: entries of equal keys are in the table's order.
    is_complete: nothing more is to be put into it when the order of loops is known."""

    __slots__ = ("columns", "values", "collations", "filters", "is_partial", "keeps_order", "is_complete")

    def __init__(
        self,
        columns: tuple[int, ...],
        values: tuple[BoundExpression, ...],
        collations: tuple[str, ...],
        filters: tuple[BoundExpression, ...] = (),
    ) -> None:
        super().__init__(False)
        self.columns = columns
        self.values = values
        self.collations = collations
        self.filters = filters
        self.is_partial = bool(filters)
        self.keeps_order = False
        self.is_complete = False


class PlanFilter:
    """A Bloom filter before the look-up of a loop. conditions: rows of the table that fail one are not in it;
    description: its line of EXPLAIN QUERY PLAN; needs: mask of the sources that the key reads; first_loop: the number
    of the loop before which it is filled, and asked: the outermost with a filter in which the key is known."""

    __slots__ = ("conditions", "description", "needs", "first_loop")

    def __init__(self, conditions: tuple[BoundExpression, ...], description: str, needs: int) -> None:
        self.conditions = conditions
        self.description = description
        self.needs = needs
        self.first_loop = 0


class PlanUnion(PlanAccess):
    """Rows reached by any of `branches` (an OR), each row once; `filters` has a branch's own remaining conjuncts."""

    __slots__ = ("branches", "filters")

    def __init__(self, branches: tuple[PlanAccess, ...], filters: tuple[tuple[BoundExpression, ...], ...]) -> None:
        super().__init__(False)
        self.branches = branches
        self.filters = filters


class PlanLoop:
    """One loop. join_filters: conjuncts of ON of an outer join, tested before the row counts as matched; filters: the
    others. is_outer: the right side of a LEFT (or FULL) JOIN; is_right: of a RIGHT (or FULL) JOIN, whose rows
    without a match come out at the end. is_once: at most one row can come (a unique key is fixed). rows: the estimate
    of its rows for one run. is_exists: it is left when a row has gone through all. bloom: a filter before its look-up.
    may_be_coroutine: a subquery whose rows need not be kept if they are read once. hides_covering: its line of EXPLAIN
    QUERY PLAN (describe.py) does not tell that an index covers the query. unmatched: how the rows of a right side
    without a match are looked for (None: by a scan), its line of EXPLAIN QUERY PLAN, and what is tested of the rows."""

    __slots__ = (
        "source",
        "access",
        "join_filters",
        "filters",
        "is_outer",
        "is_right",
        "is_once",
        "hides_covering",
        "rows",
        "is_exists",
        "bloom",
        "may_be_coroutine",
        "unmatched",
        "unmatched_text",
        "unmatched_filters",
    )

    def __init__(
        self,
        source: BoundSource,
        access: PlanAccess,
        join_filters: tuple[BoundExpression, ...],
        filters: tuple[BoundExpression, ...],
        is_outer: bool,
        is_right: bool,
        is_once: bool,
        rows: int = 0,
        is_exists: bool = False,
    ) -> None:
        self.rows = rows
        self.is_exists = is_exists
        self.bloom: PlanFilter | None = None
        self.may_be_coroutine = False
        self.unmatched: PlanAccess | None = None
        self.unmatched_text = ""
        self.unmatched_filters: tuple[BoundExpression, ...] = ()
        self.source = source
        self.access = access
        self.join_filters = join_filters
        self.filters = filters
        self.is_outer = is_outer
        self.is_right = is_right
        self.is_once = is_once
        self.hides_covering = False


class PlanLoops:
    """The loops of a SELECT core, UPDATE or DELETE.

    constant_filters: conjuncts that read no source, tested once before the loops. ordered_terms: how many leading
    terms of the wanted order the loops deliver by themselves (all of them: no sort is needed). rows: the estimate of
    the rows that come out. is_inner_ordered: the innermost loop by itself delivers the whole order, so that a loop
    whose row comes too late for a LIMIT can be left. distinct: what must be done for DISTINCT: DISTINCT_NEEDED,
    DISTINCT_ORDERED (equal rows are neighbours) or DISTINCT_REDUNDANT (no two rows are equal). is_sorted: where any
    order was allowed that brings equal rows together, the rows have the order as it is written.
    """

    __slots__ = ("loops", "constant_filters", "ordered_terms", "rows", "is_inner_ordered", "distinct", "is_sorted")

    def __init__(
        self,
        loops: tuple[PlanLoop, ...],
        constant_filters: tuple[BoundExpression, ...],
        ordered_terms: int,
        rows: int = 0,
    ) -> None:
        self.loops = loops
        self.constant_filters = constant_filters
        self.ordered_terms = ordered_terms
        self.rows = rows
        self.is_inner_ordered = False
        self.is_sorted = False
        self.distinct = DISTINCT_NEEDED
