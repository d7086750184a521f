"""The bound tree: what a statement means once every name is resolved.

1. Nodes are set once. A column is known by its BoundSource object and number, never by name.
2. `rows`: an expression is scalar unless it is a BoundRow, or a BoundSubquery of more than one column.
3. Affinity and collation of an expression are functions over it (bind/types.py), not fields.
4. AND trees stay trees here; the planner splits them.

Must not know: plans, cursors, registers.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.nodes.query import BoundOrderTerm, BoundSelect, BoundSource
    from keelback_core.compiler.catalog.model import Column, FunctionSignature
    from keelback_core.compiler.sql.ast import AstLiteral
    from keelback_core.value import Value


class BoundExpression:
    """Base of all bound expressions; `offset` is the character offset in the text, or -1."""

    __slots__ = ("offset",)

    def __init__(self, offset: int = -1) -> None:
        self.offset = offset


class BoundLiteral(BoundExpression):
    """A constant. `literal`: the literal of the text that it stands for, None for what has none; then `is_negated`
    tells that a minus before it is part of the value. Reading `value` is noted there: see AstLiteral.is_examined."""

    __slots__ = ("value_to_load", "literal", "is_negated")

    def __init__(
        self, value: Value, offset: int = -1, literal: AstLiteral | None = None, is_negated: bool = False
    ) -> None:
        super().__init__(offset)
        self.value_to_load = value
        self.literal = literal
        self.is_negated = is_negated

    @property
    def value(self) -> Value:
        """The value, for whoever decides by it. Who only hands it on takes `value_to_load`."""
        if self.literal is not None:
            self.literal.is_examined = True
        return self.value_to_load

    @property
    def value_type(self) -> type:
        """The type of the value, which is no secret: it shows in the spelling."""
        return type(self.value_to_load)

    @property
    def is_null(self) -> bool:
        return self.value_to_load is None

    @property
    def is_small(self) -> bool:
        """Whether it is one of the numbers -1, 0 and 1, which estimates take for more frequent."""
        if self.literal is not None:
            self.literal.is_size_examined = True
        return self.value_to_load in (-1, 0, 1)


class BoundParameter(BoundExpression):
    """Bound parameter `index` (from 1)."""

    __slots__ = ("index",)

    def __init__(self, index: int, offset: int = -1) -> None:
        super().__init__(offset)
        self.index = index


class BoundColumn(BoundExpression):
    """Column `column` of `source` (ROWID = -1 for the rowid; an INTEGER PRIMARY KEY column is bound as ROWID too,
    with `declared` the table's Column so that its type and name are known)."""

    __slots__ = ("source", "column", "declared")

    def __init__(self, source: BoundSource, column: int, declared: Column | None = None, offset: int = -1) -> None:
        super().__init__(offset)
        self.source = source
        self.column = column
        self.declared = declared


class BoundAlias(BoundExpression):
    """What a column of a flattened subquery stands for: `expression`, with affinity and collation of `column`."""

    __slots__ = ("expression", "column")

    def __init__(self, expression: BoundExpression, column: BoundColumn) -> None:
        super().__init__(column.offset)
        self.expression = expression
        self.column = column


class BoundFixed(BoundAlias):
    """A column that an equation of WHERE fixes: the constant `expression`, with the affinity of `column` applied."""

    __slots__ = ()


class BoundUnary(BoundExpression):
    """operator: `-`, `+`, `~`, `NOT`."""

    __slots__ = ("operator", "operand")

    def __init__(self, operator: str, operand: BoundExpression, offset: int = -1) -> None:
        super().__init__(offset)
        self.operator = operator
        self.operand = operand


class BoundBinary(BoundExpression):
    """operator: `OR AND = <> < <= > >= IS`, `IS NOT`, `& | << >> + - * / % ||` (`->`, `->>` are functions).
    Comparisons may have rows on both sides."""

    __slots__ = ("operator", "left", "right")

    def __init__(self, operator: str, left: BoundExpression, right: BoundExpression, offset: int = -1) -> None:
        super().__init__(offset)
        self.operator = operator
        self.left = left
        self.right = right


class BoundIsNull(BoundExpression):
    """operand IS NULL, or IS NOT NULL when negated."""

    __slots__ = ("operand", "is_negated")

    def __init__(self, operand: BoundExpression, is_negated: bool, offset: int = -1) -> None:
        super().__init__(offset)
        self.operand = operand
        self.is_negated = is_negated


class BoundIsTruth(BoundExpression):
    """operand IS [NOT] TRUE / FALSE."""

    __slots__ = ("operand", "truth", "is_negated")

    def __init__(self, operand: BoundExpression, truth: bool, is_negated: bool, offset: int = -1) -> None:
        super().__init__(offset)
        self.operand = operand
        self.truth = truth
        self.is_negated = is_negated


class BoundBetween(BoundExpression):
    """operand [NOT] BETWEEN low AND high; the operand is computed once."""

    __slots__ = ("operand", "low", "high", "is_negated")

    def __init__(
        self, operand: BoundExpression, low: BoundExpression, high: BoundExpression, is_negated: bool, offset: int = -1
    ) -> None:
        super().__init__(offset)
        self.operand = operand
        self.low = low
        self.high = high
        self.is_negated = is_negated


class BoundIn(BoundExpression):
    """operand [NOT] IN (items) or IN (select): exactly one of `items` and `select` is set."""

    __slots__ = ("operand", "items", "select", "is_negated")

    def __init__(
        self,
        operand: BoundExpression,
        items: tuple[BoundExpression, ...] | None,
        select: BoundSelect | None,
        is_negated: bool,
        offset: int = -1,
    ) -> None:
        super().__init__(offset)
        self.operand = operand
        self.items = items
        self.select = select
        self.is_negated = is_negated


class BoundExists(BoundExpression):
    __slots__ = ("select",)

    def __init__(self, select: BoundSelect, offset: int = -1) -> None:
        super().__init__(offset)
        self.select = select


class BoundSubquery(BoundExpression):
    """A SELECT as a value: the first row, NULLs if there is none."""

    __slots__ = ("select",)

    def __init__(self, select: BoundSelect, offset: int = -1) -> None:
        super().__init__(offset)
        self.select = select


class BoundFieldRow(BoundSubquery):
    """A SELECT of several columns in a comparison that the planner takes apart: computed where the first of its fields
    is wanted. One comparison has it for itself."""

    __slots__ = ()


class BoundField(BoundExpression):
    """One column of such a row. It gives its comparisons no collation."""

    __slots__ = ("row", "field")

    def __init__(self, row: BoundFieldRow, field: int, offset: int = -1) -> None:
        super().__init__(offset)
        self.row = row
        self.field = field


class BoundRaise(BoundExpression):
    """RAISE in a trigger. action: IGNORE (without message), ROLLBACK, ABORT or FAIL."""

    __slots__ = ("action", "message")

    def __init__(self, action: str, message: BoundExpression | None, offset: int = -1) -> None:
        super().__init__(offset)
        self.action = action
        self.message = message


class BoundRow(BoundExpression):
    """A row value of two or more expressions."""

    __slots__ = ("items",)

    def __init__(self, items: tuple[BoundExpression, ...], offset: int = -1) -> None:
        super().__init__(offset)
        self.items = items


class BoundCase(BoundExpression):
    """branches: (condition, result) pairs; with `operand` the conditions are compared to it."""

    __slots__ = ("operand", "branches", "otherwise")

    def __init__(
        self,
        operand: BoundExpression | None,
        branches: tuple[tuple[BoundExpression, BoundExpression], ...],
        otherwise: BoundExpression | None,
        offset: int = -1,
    ) -> None:
        super().__init__(offset)
        self.operand = operand
        self.branches = branches
        self.otherwise = otherwise


class BoundCast(BoundExpression):
    """CAST to the affinity code `affinity`."""

    __slots__ = ("operand", "affinity", "type_text")

    def __init__(self, operand: BoundExpression, affinity: str, type_text: str, offset: int = -1) -> None:
        super().__init__(offset)
        self.operand = operand
        self.affinity = affinity
        self.type_text = type_text


class BoundCollate(BoundExpression):
    """An explicit COLLATE; the name in upper case for a built-in collation."""

    __slots__ = ("operand", "collation")

    def __init__(self, operand: BoundExpression, collation: str, offset: int = -1) -> None:
        super().__init__(offset)
        self.operand = operand
        self.collation = collation


class BoundFunction(BoundExpression):
    """A scalar function call; LIKE, GLOB, REGEXP and MATCH are calls of like(pattern, text[, escape]) and so on.
    spelling: the function's name as the text has it; is_infix: it is the operator LIKE, GLOB, REGEXP or MATCH."""

    __slots__ = ("signature", "arguments", "spelling", "is_infix")

    def __init__(
        self,
        signature: FunctionSignature,
        arguments: tuple[BoundExpression, ...],
        offset: int = -1,
        spelling: str = "",
    ) -> None:
        super().__init__(offset)
        self.spelling = spelling or signature.name
        self.is_infix = False
        self.signature = signature
        self.arguments = arguments


class BoundLevel:
    """Which core an aggregate or a window belongs to: it tells cores apart and holds nothing, for a core holds its
    aggregates, and a circle would outlive the compilation until the garbage is collected."""

    __slots__ = ()


class BoundAggregate(BoundExpression):
    """An aggregate function call. `level`: that of the core it aggregates over (it may be an outer one); equal
    calls of one core are one object. spelling: the function's name as the text has it."""

    __slots__ = ("signature", "arguments", "is_distinct", "is_star", "filter", "order_by", "level", "spelling")

    def __init__(
        self,
        signature: FunctionSignature,
        arguments: tuple[BoundExpression, ...],
        is_distinct: bool,
        is_star: bool,
        filter: BoundExpression | None,
        order_by: tuple[BoundOrderTerm, ...],
        level: BoundLevel,
        offset: int = -1,
        spelling: str = "",
    ) -> None:
        super().__init__(offset)
        self.signature = signature
        self.arguments = arguments
        self.is_distinct = is_distinct
        self.is_star = is_star
        self.filter = filter
        self.order_by = order_by
        self.level = level
        self.spelling = spelling


class BoundFrame:
    """A window's frame. unit: ROWS, RANGE, GROUPS. start, end: `UNBOUNDED PRECEDING`, `PRECEDING`, `CURRENT ROW`,
    `FOLLOWING`, `UNBOUNDED FOLLOWING`; the offsets go with PRECEDING and FOLLOWING. exclude: "", `NO OTHERS`,
    `CURRENT ROW`, `GROUP`, `TIES`."""

    __slots__ = ("unit", "start", "start_offset", "end", "end_offset", "exclude")

    def __init__(
        self,
        unit: str,
        start: str,
        start_offset: BoundExpression | None,
        end: str,
        end_offset: BoundExpression | None,
        exclude: str = "",
    ) -> None:
        self.unit = unit
        self.start = start
        self.start_offset = start_offset
        self.end = end
        self.end_offset = end_offset
        self.exclude = exclude


class BoundWindow(BoundExpression):
    """A call of a window function, or of an aggregate with OVER; `level` is that of the core whose rows it sees."""

    __slots__ = ("signature", "arguments", "filter", "partition_by", "order_by", "frame", "level", "spelling")

    def __init__(
        self,
        signature: FunctionSignature,
        arguments: tuple[BoundExpression, ...],
        filter: BoundExpression | None,
        partition_by: tuple[BoundExpression, ...],
        order_by: tuple[BoundOrderTerm, ...],
        frame: BoundFrame,
        level: BoundLevel,
        offset: int = -1,
        spelling: str = "",
    ) -> None:
        super().__init__(offset)
        self.signature = signature
        self.arguments = arguments
        self.filter = filter
        self.partition_by = partition_by
        self.order_by = order_by
        self.frame = frame
        self.level = level
        self.spelling = spelling
