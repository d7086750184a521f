"""IndexQuery: what the planner asks a virtual table (xBestIndex), and what the table answers.

1. The planner fills in the constraints, the wanted order and the columns; the table sets the rest and the `argument`
   and `is_omitted` of constraints. The numbers of `argument` are 1, 2, 3 ... without gaps, on usable constraints only.
2. A query may be asked several times for one statement, with other constraints usable.

Must not know: bound trees, plans, the VM. Source: https://sqlite.org/vtab.html#xbestindex
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.value import Value

# Operators of constraints, as SQLITE_INDEX_CONSTRAINT_*.
EQUAL: Final = 2
GREATER: Final = 4
LESS_EQUAL: Final = 8
LESS: Final = 16
GREATER_EQUAL: Final = 32
MATCH: Final = 64
LIKE: Final = 65
GLOB: Final = 66
REGEXP: Final = 67
NOT_EQUAL: Final = 68
IS_NOT: Final = 69
IS_NOT_NULL: Final = 70
IS_NULL: Final = 71
IS: Final = 72
LIMIT: Final = 73
OFFSET: Final = 74
FUNCTION: Final = 150

# What the wanted order is for, as sqlite3_vtab_distinct() tells.
ORDERED: Final = 0
GROUPED: Final = 1
DISTINCT: Final = 2
DISTINCT_ORDERED: Final = 3

UNKNOWN_COST = 5e98
UNKNOWN_ROWS: Final = 25


class IndexConstraint:
    """`column operator value`, column -1 the rowid.

    is_usable: the value is known when the table is asked for rows. is_in: the value is each member of an IN in turn.
    value, is_value_known: the value where the text of the statement tells it. Answers: argument (from 1; 0: not
    wanted) of filter; is_omitted: the table sees to it alone, it is not tested again; as_set: of an IN: the argument
    is a list of all members.
    """

    __slots__ = (
        "column",
        "operator",
        "is_usable",
        "collation",
        "is_in",
        "value",
        "is_value_known",
        "argument",
        "is_omitted",
        "as_set",
    )

    def __init__(
        self,
        column: int,
        operator: int,
        is_usable: bool,
        collation: str = "BINARY",
        is_in: bool = False,
        value: Value = None,
        is_value_known: bool = False,
    ) -> None:
        self.column = column
        self.operator = operator
        self.is_usable = is_usable
        self.collation = collation
        self.is_in = is_in
        self.value = value
        self.is_value_known = is_value_known
        self.argument = 0
        self.is_omitted = False
        self.as_set = False


class IndexQuery:
    """See the module. order: (column, is it descending). columns_used: bit i for column i, bit 63 for all from 63 on.

    Answers: number, text: handed to `filter` as they are. order_is_consumed: rows come in the wanted order. cost, rows:
    estimates. is_unique: at most one row. shows_hexadecimal: EXPLAIN QUERY PLAN shows the number so.
    """

    __slots__ = (
        "constraints",
        "order",
        "purpose",
        "columns_used",
        "number",
        "text",
        "order_is_consumed",
        "cost",
        "rows",
        "is_unique",
        "shows_hexadecimal",
    )

    def __init__(
        self, constraints: list[IndexConstraint], order: list[tuple[int, bool]], purpose: int, columns_used: int
    ) -> None:
        self.constraints = constraints
        self.order = order
        self.purpose = purpose
        self.columns_used = columns_used
        self.number = 0
        self.text: str | None = None
        self.order_is_consumed = False
        self.cost = UNKNOWN_COST
        self.rows = UNKNOWN_ROWS
        self.is_unique = False
        self.shows_hexadecimal = False

    def take(self, constraint: IndexConstraint, argument: int, is_omitted: bool = True) -> None:
        """Have the value of a constraint as that argument of `filter`."""
        constraint.argument = argument
        constraint.is_omitted = is_omitted
