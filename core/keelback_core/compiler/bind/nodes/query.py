"""Bound SELECTs: their sources, result columns, terms of ORDER BY, and what they are together.

1. A node knows what it reads, not how it is found: that is the planner's.

Must not know: plans, registers.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes.expressions import BoundLevel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.nodes.expressions import BoundAggregate, BoundColumn, BoundExpression, BoundWindow
    from keelback_core.compiler.bind.union_flatten import BoundArm
    from keelback_core.compiler.catalog.model import Index, Table


class BoundOrderTerm:
    """expression, direction, NULLs; `nulls_first` is resolved (SQLite: NULLs first for ASC). `result_column`: the
    number (from 0) of the result column it stands for, or -1."""

    __slots__ = ("expression", "is_descending", "nulls_first", "result_column")

    def __init__(
        self, expression: BoundExpression, is_descending: bool, nulls_first: bool, result_column: int = -1
    ) -> None:
        self.expression = expression
        self.is_descending = is_descending
        self.nulls_first = nulls_first
        self.result_column = result_column


class BoundSource:
    """One table or subquery of FROM.

    name: what error messages and EXPLAIN QUERY PLAN call it (alias or table name). Exactly one of `table` and
    `select` is set. join_type: "" for the first, then "INNER" (also `,`), "CROSS", "LEFT", "RIGHT", "FULL";
    "EXISTS" for one whose first row decides (exists_join.py).
    on: the ON condition with those that USING and NATURAL make; for INNER and CROSS the planner treats it as part
    of WHERE. indexed_by: the Index demanded; is_not_indexed: no index allowed. used_columns: the column numbers
    that any expression of the statement reads (filled by the binder; for covering indexes). bound_indexes: for
    each expression or partial index of the table, by its name, its BoundIndex; one without is not used in plans.
    column_names: of a subquery, the names under which its columns are known outside. generated: of a table, the
    expressions of its virtual generated columns by column number. recursion: the source is the row at hand of this
    recursive common table, and `select` is what makes its first rows. is_row_needed: a virtual table whose rows are
    read to be written again. argument_count: of a table function, how many equations in `on` are its arguments.
    """

    __slots__ = (
        "name",
        "alias",
        "table",
        "select",
        "join_type",
        "on",
        "indexed_by",
        "is_not_indexed",
        "used_columns",
        "bound_indexes",
        "column_names",
        "generated",
        "recursion",
        "schema",
        "is_row_needed",
        "argument_count",
        "reading",
        "shown",
        "reads_first",
    )

    def __init__(
        self,
        name: str,
        alias: str | None,
        table: Table | None,
        select: BoundSelect | None,
        join_type: str,
        on: BoundExpression | None,
        indexed_by: Index | None = None,
        is_not_indexed: bool = False,
    ) -> None:
        self.name = name
        self.alias = alias
        self.table = table
        self.select = select
        self.join_type = join_type
        self.on = on
        self.indexed_by = indexed_by
        self.is_not_indexed = is_not_indexed
        self.used_columns: set[int] = set()
        self.column_names: tuple[str, ...] = ()
        self.generated: dict[int, BoundExpression] = {}
        self.bound_indexes: dict[str, BoundIndex] = {}
        self.recursion: BoundRecursion | None = None
        # The schema that the text names, or that the object which the text is of is bound to.
        self.schema: str | None = None
        self.is_row_needed = False
        self.argument_count = 0
        # The emitter's: how the columns are read now (emit/context.py).
        self.reading: object | None = None
        # The same: registers that hold columns already, by their numbers; 0 for one that is no longer there.
        self.shown: dict[int, int] | None = None
        # Of those that read one common table the planner comes to this one first.
        self.reads_first = False


class BoundIndex:
    """The expressions of an index over one source: per key column a bound expression, and the condition of a partial
    index or None."""

    __slots__ = ("expressions", "where")

    def __init__(self, expressions: tuple[BoundExpression, ...], where: BoundExpression | None) -> None:
        self.expressions = expressions
        self.where = where


class BoundResultColumn:
    """expression, name, and the declared type and origin of a plain column (as sqlite3_column_decltype...).
    written_name: its name when the SELECT is a table of FROM: as the text has it, not as the schema spells it.
    has_alias: it was named by AS, or by the expansion of `*`, so that ORDER BY may use the name. table_name: its name
    where the query becomes a view or a table."""

    __slots__ = (
        "expression",
        "name",
        "declared_type",
        "database",
        "table",
        "origin",
        "written_name",
        "has_alias",
        "table_name",
    )

    def __init__(
        self,
        expression: BoundExpression,
        name: str,
        declared_type: str | None = None,
        database: str | None = None,
        table: str | None = None,
        origin: str | None = None,
        written_name: str | None = None,
        has_alias: bool = False,
    ) -> None:
        self.expression = expression
        self.name = name
        self.declared_type = declared_type
        self.database = database
        self.table = table
        self.origin = origin
        self.written_name = name if written_name is None else written_name
        self.has_alias = has_alias
        self.table_name = name

    def with_expression(self, expression: BoundExpression) -> BoundResultColumn:
        """The column with another expression, under its names."""
        found = BoundResultColumn(
            expression,
            self.name,
            self.declared_type,
            self.database,
            self.table,
            self.origin,
            self.written_name,
            self.has_alias,
        )
        found.table_name = self.table_name
        return found


class BoundSelectCore:
    """One SELECT without ORDER BY. `group_by` is empty without one; it `is_aggregate` with GROUP BY or any aggregate.
    `aggregates`: those evaluated at this level. `flattened`: subqueries of FROM whose own sources stand in `sources`
    in their place; where a column of theirs is still read, its expression is computed instead. `windows`: the calls
    with OVER, in the order of the text; `level` tells the core from others; `select_count`: how many SELECTs the
    statement has. `split`: the compound of arms that a subquery with UNION ALL has made of it, `arm`: that it is one
    of these (union_flatten.py).
    The binder fills it in; afterwards it does not change."""

    __slots__ = (
        "columns",
        "sources",
        "where",
        "group_by",
        "having",
        "is_distinct",
        "is_aggregate",
        "aggregates",
        "values",
        "flattened",
        "windows",
        "level",
        "select_count",
        "is_taken_as_is",
        "is_asked",
        "split",
        "arm",
    )

    def __init__(self) -> None:
        self.columns: tuple[BoundResultColumn, ...] = ()
        self.sources: tuple[BoundSource, ...] = ()
        self.where: BoundExpression | None = None
        self.group_by: tuple[BoundExpression, ...] = ()
        self.having: BoundExpression | None = None
        self.is_distinct = False
        self.is_aggregate = False
        self.aggregates: list[BoundAggregate] = []
        # Rows of VALUES, or None for a SELECT.
        self.values: tuple[tuple[BoundExpression, ...], ...] | None = None
        self.flattened: tuple[BoundSource, ...] = ()
        self.windows: list[BoundWindow] = []
        self.level = BoundLevel()
        self.select_count = 0
        # VALUES of constant rows, which SQLite has computed before it comes to the SELECT around them.
        self.is_taken_as_is = False
        self.is_asked = False
        self.split: BoundSelect | None = None
        self.arm: BoundArm | None = None


class BoundSelect:
    """A whole SELECT: `operators[i]` stands between `cores[i]` and `cores[i+1]` (associates to the left).

    outer_references: the columns (BoundColumn) and aggregates of enclosing queries that it reads; empty means
    uncorrelated, so it can be computed once. number: what EXPLAIN QUERY PLAN calls it, 0 if it has none.
    recursion: set for a recursive common table. common_table: the name of the common table that it is, else "";
    materialized: the hint given there; uses: how many sources read it. is_pushed: conditions from outside have been
    pushed into it. row_estimate: what the planner takes for the logarithm of its rows, -1 before it has looked.
    slice_number: on the right of IN behind a row value, what it is called where only some of its columns are read.
    takes_one_row: what it is computed for looks at one row at most. is_shared: of a common table, several sources may
    read it, so that no use can change it; has_reader: the planner has come to one of them, the one that `reads_first`.
    """

    __slots__ = (
        "cores",
        "operators",
        "order_by",
        "limit",
        "offset",
        "outer_references",
        "number",
        "recursion",
        "common_table",
        "materialized",
        "uses",
        "is_pushed",
        "row_estimate",
        "slice_number",
        "reader",
        "view",
        "is_asked",
        "takes_one_row",
        "is_shared",
        "has_reader",
    )

    def __init__(self) -> None:
        # The view or common table that it is, for the authorizer; and whether that has heard of it.
        self.reader: str | None = None
        self.view: Table | None = None
        self.is_asked = False
        self.takes_one_row = False
        self.is_shared = False
        self.has_reader = False
        self.cores: tuple[BoundSelectCore, ...] = ()
        self.operators: tuple[str, ...] = ()
        self.order_by: tuple[BoundOrderTerm, ...] = ()
        self.limit: BoundExpression | None = None
        self.offset: BoundExpression | None = None
        self.outer_references: list[BoundColumn | BoundAggregate] = []
        self.number = 0
        self.recursion: BoundRecursion | None = None
        self.common_table = ""
        self.materialized = ""
        self.uses = 0
        self.is_pushed = False
        self.row_estimate = -1
        self.slice_number = 0

    @property
    def columns(self) -> tuple[BoundResultColumn, ...]:
        """Names and types of the result: those of the first core."""
        return self.cores[0].columns


class BoundRecursion:
    """What makes a common table recursive: from `first_step` on its cores read the table's row at hand.

    setup: the SELECT of the cores before; whole: that of all. is_distinct: rows that were there before are left out
    (UNION). affinities: those of its columns that are known (bind/types.py finds them).
    """

    __slots__ = ("setup", "whole", "first_step", "is_distinct", "affinities")

    def __init__(self, setup: BoundSelect, whole: BoundSelect, first_step: int, is_distinct: bool) -> None:
        self.setup = setup
        self.whole = whole
        self.affinities: dict[int, str] = {}
        self.first_step = first_step
        self.is_distinct = is_distinct
